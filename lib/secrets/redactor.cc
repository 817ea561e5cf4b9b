#include "secrets/redactor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "secrets/secret_kinds.h"

namespace cmem {

bool Redactor::wants(std::uint8_t kind) const {
  return kinds_.empty() || std::find(kinds_.begin(), kinds_.end(), kind) != kinds_.end();
}

std::string Redactor::placeholder(std::uint8_t kind, std::string_view secret) const {
  const Sha256Digest digest = sha256(salt_ + std::string(secret));
  return fmt::format("[REDACTED:{}:{:02x}{:02x}]", secret_kinds()[kind].name, digest[0], digest[1]);
}

bool Redactor::redact(std::string_view text, std::string& out, SecretCounts& counts, std::vector<Redaction>* edits) const {
  std::vector<SecretMatch> matches;
  finder_.find(text, matches);
  std::erase_if(matches, [this](const SecretMatch& match) { return !wants(match.kind); });
  if (matches.empty()) return false;
  std::string redacted;
  redacted.reserve(text.size());
  std::size_t at = 0;
  for (const SecretMatch& match : matches) {
    const std::string_view secret = text.substr(match.begin, match.end - match.begin);
    std::string put = placeholder(match.kind, secret);
    // Lines keep their numbers.
    put.append(static_cast<std::size_t>(std::count(secret.begin(), secret.end(), '\n')), '\n');
    redacted.append(text, at, match.begin - at).append(put);
    at = match.end;
    ++counts[match.kind];
    if (edits) edits->push_back({match.begin, match.end, put.size()});
  }
  out = std::move(redacted.append(text, at));
  return true;
}

}  // namespace cmem
