// Puts placeholders in the place of secrets: [REDACTED:github-token:3f2a]. The four digits are of a salted hash, so that equal
// secrets stay equal within a store. A placeholder stands in JSON strings as it is, and is itself no secret.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "secrets/secret_finder.h"

namespace cmem {

// How many of each kind, by index of secret_kinds().
using SecretCounts = std::map<std::uint8_t, std::int64_t>;

// What was taken out and what was put in, for places in the bytes.
struct Redaction {
  std::size_t begin = 0;  // in the bytes before
  std::size_t end = 0;
  std::size_t placed = 0;  // bytes of the placeholder
};

class Redactor {
 public:
  explicit Redactor(std::string salt) : salt_(std::move(salt)) {}
  // Only these kinds; empty: all.
  void restrict_to(std::vector<std::uint8_t> kinds) { kinds_ = std::move(kinds); }

  // False: there is nothing to redact, and `out` is as it was. Else `out` is `text` with placeholders, in which there is nothing to
  // redact any more, `edits` (may be null) gets what was done, and `counts` goes up.
  bool redact(std::string_view text, std::string& out, SecretCounts& counts, std::vector<Redaction>* edits = nullptr) const;
  [[nodiscard]] std::string placeholder(std::uint8_t kind, std::string_view secret) const;
  [[nodiscard]] const SecretFinder& finder() const { return finder_; }
  // Whether this kind is to be redacted.
  [[nodiscard]] bool wants(std::uint8_t kind) const;

 private:
  [[nodiscard]] std::vector<SecretMatch> find(std::string_view text) const;
  std::string replace(std::string_view text, const std::vector<SecretMatch>& matches, std::vector<Redaction>& edits) const;

  std::string salt_;
  std::vector<std::uint8_t> kinds_;
  SecretFinder finder_;
};

}  // namespace cmem
