#include "ingest/source_redactor.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "store/forgotten.h"
#include "store/secret_policy.h"

namespace cmem {
namespace {

// A secret that the end of an excerpt cuts in two is not known any more.
constexpr std::size_t kLongestTail = 512;

void drop_cut_word(std::string& excerpt) {
  const std::size_t last = excerpt.find_last_of(" \t,;");
  const std::size_t keep = last == std::string::npos ? 0 : last;
  excerpt.resize(std::max(keep, excerpt.size() - std::min(excerpt.size(), kLongestTail)));
}

}  // namespace

void SourceRedactor::begin_file() {
  shifts_.clear();
  lost_ = 0;
}

std::int64_t SourceRedactor::in_file(std::int64_t offset) const {
  const auto behind = std::upper_bound(shifts_.begin(), shifts_.end(), offset,
                                       [](std::int64_t wanted, const Shift& shift) { return wanted < shift.from; });
  return behind == shifts_.begin() ? offset : offset + std::prev(behind)->by;
}

void SourceRedactor::redact_rejects(LineChunk& chunk) {
  for (Reject& reject : chunk.rejects) {
    redact(reject.excerpt);
    if (reject.excerpt.size() >= kRejectExcerptBytes / 2) drop_cut_word(reject.excerpt);
    reject.byte_offset -= lost_;
  }
  for (KeptLine& line : chunk.kept_lines) redact(line.bytes);
}

void SourceRedactor::redact(LineChunk& chunk) {
  if (redactor_ == nullptr) return;
  lost_in_chunk_ = 0;
  std::string redacted;
  std::vector<Redaction> edits;
  const bool changed = redactor_->redact(chunk.view(), redacted, counts_, &edits);
  chunk.byte_offset -= lost_;
  if (changed) {
    const std::int64_t before = lost_;
    for (const Redaction& edit : edits) {
      const std::int64_t in_chunk = static_cast<std::int64_t>(edit.begin + edit.placed) - (lost_ - before);
      lost_ += static_cast<std::int64_t>(edit.end - edit.begin) - static_cast<std::int64_t>(edit.placed);
      shifts_.push_back({chunk.byte_offset + in_chunk, lost_});
    }
    lost_in_chunk_ = lost_ - before;
    chunk.bytes = PooledBytes(redacted.size() + kChunkPaddingBytes, nullptr);
    std::memcpy(chunk.bytes.get(), redacted.data(), redacted.size());
    std::memset(chunk.bytes.get() + redacted.size(), 0, kChunkPaddingBytes);
    chunk.size = redacted.size();
  }
  redact_rejects(chunk);
}

void SourceRedactor::redact(std::string& bytes) {
  if (redactor_ == nullptr) return;
  std::string redacted;
  if (redactor_->redact(bytes, redacted, counts_)) bytes = std::move(redacted);
}

void SourceRedactor::restore_offsets(ParsedChunk& parsed) const {
  if (shifts_.empty()) return;
  parsed.resume.byte_offset = in_file(parsed.resume.byte_offset);
  parsed.bytes += lost_in_chunk_;
  for (Reject& reject : parsed.rejects) reject.byte_offset = in_file(reject.byte_offset);
  for (Record& record : parsed.records) record.byte_offset = in_file(record.byte_offset);
}

Result<std::unique_ptr<Redactor>> redactor_of(Store& store) {
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(const bool redacts, read_redacts(store.reader()));
  if (!redacts && !store.redacts_loads()) return std::unique_ptr<Redactor>();
  CMEM_ASSIGN_OR_RETURN(auto salt, read_salt(store.reader()));
  return std::make_unique<Redactor>(std::move(salt));
}

}  // namespace cmem
