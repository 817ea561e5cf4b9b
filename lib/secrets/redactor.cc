#include "secrets/redactor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "secrets/secret_kinds.h"

namespace cmem {
namespace {

// Where a place in the redacted bytes was before; of one within a placeholder the begin or end of the secret.
std::size_t place_before(std::size_t at, bool is_end, const std::vector<Redaction>& edits) {
  std::size_t before = 0, after = 0;  // behind the last edit
  for (const Redaction& edit : edits) {
    const std::size_t placed_at = after + (edit.begin - before);
    if (at < placed_at || (is_end && at == placed_at)) break;
    if (at < placed_at + edit.placed) return is_end ? edit.end : edit.begin;
    before = edit.end;
    after = placed_at + edit.placed;
  }
  return before + (at - after);
}

// Adds matches in the redacted bytes to those in the bytes before, and drops those that are within one of them. False: none is new.
bool add_matches(const std::vector<SecretMatch>& more, const std::vector<Redaction>& edits, std::vector<SecretMatch>& matches) {
  bool grew = false;
  for (SecretMatch match : more) {
    match.begin = place_before(match.begin, false, edits);
    match.end = place_before(match.end, true, edits);
    const auto is_within = [&](const SecretMatch& old) { return old.begin >= match.begin && old.end <= match.end; };
    const auto is_same = [&](const SecretMatch& old) { return old.begin == match.begin && old.end == match.end; };
    if (std::any_of(matches.begin(), matches.end(), is_same)) continue;
    std::erase_if(matches, is_within);
    matches.push_back(match);
    grew = true;
  }
  if (grew) std::sort(matches.begin(), matches.end(), [](const SecretMatch& a, const SecretMatch& b) { return a.begin < b.begin; });
  return grew;
}

}  // namespace

bool Redactor::wants(std::uint8_t kind) const {
  return kinds_.empty() || std::find(kinds_.begin(), kinds_.end(), kind) != kinds_.end();
}

std::string Redactor::placeholder(std::uint8_t kind, std::string_view secret) const {
  const Sha256Digest digest = sha256(salt_ + std::string(secret));
  return fmt::format("[REDACTED:{}:{:02x}{:02x}]", secret_kinds()[kind].name, digest[0], digest[1]);
}

std::vector<SecretMatch> Redactor::find(std::string_view text) const {
  std::vector<SecretMatch> matches;
  finder_.find(text, matches);
  std::erase_if(matches, [this](const SecretMatch& match) { return !wants(match.kind); });
  return matches;
}

std::string Redactor::replace(std::string_view text, const std::vector<SecretMatch>& matches, std::vector<Redaction>& edits) const {
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
    edits.push_back({match.begin, match.end, put.size()});
  }
  return std::move(redacted.append(text, at));
}

bool Redactor::redact(std::string_view text, std::string& out, SecretCounts& counts, std::vector<Redaction>* edits) const {
  std::vector<SecretMatch> matches = find(text);
  if (matches.empty()) return false;
  std::vector<Redaction> done;
  std::string redacted = replace(text, matches, done);
  // A placeholder is shorter or longer than what it stands for, and it ends a word: now something beside it may look like a secret.
  for (std::vector<SecretMatch> more = find(redacted); !more.empty(); more = find(redacted)) {
    if (!add_matches(more, done, matches)) break;
    done.clear();
    redacted = replace(text, matches, done);
  }
  for (const SecretMatch& match : matches) ++counts[match.kind];
  if (edits) edits->insert(edits->end(), done.begin(), done.end());
  out = std::move(redacted);
  return true;
}

}  // namespace cmem
