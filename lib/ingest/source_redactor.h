// Takes secrets out of the bytes of a source before they are parsed, so that nothing that is made of them has one: texts, residues,
// shapes, names, excerpts of rejected lines, files. Lines keep their numbers, and places in the file are given back as they are
// there.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "secrets/redactor.h"
#include "source/parsed_chunk.h"
#include "store/store.h"

namespace cmem {

// For one file after the other, or for single chunks. One thread at a time.
class SourceRedactor {
 public:
  // Null: nothing is redacted.
  explicit SourceRedactor(const Redactor* redactor) : redactor_(redactor) {}

  void begin_file();
  void redact(LineChunk& chunk);
  void redact(std::string& bytes);
  // Of what was parsed from the chunks so far: offsets in the file instead of in the redacted bytes.
  void restore_offsets(ParsedChunk& parsed) const;
  // Since the last call.
  SecretCounts take_counts() { return std::exchange(counts_, {}); }

 private:
  struct Shift {
    std::int64_t from = 0;  // in the redacted bytes
    std::int64_t by = 0;    // what is added to get the place in the file
  };
  [[nodiscard]] std::int64_t in_file(std::int64_t offset) const;
  void redact_rejects(LineChunk& chunk);

  const Redactor* redactor_;
  SecretCounts counts_;
  std::vector<Shift> shifts_;
  std::int64_t lost_ = 0;  // bytes that the file has more than what was redacted, so far
  std::int64_t lost_in_chunk_ = 0;
};

// What the store's policy says, or the caller asked for; null: secrets are kept. Takes the store's read mutex.
Result<std::unique_ptr<Redactor>> redactor_of(Store& store);

}  // namespace cmem
