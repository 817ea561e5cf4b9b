#include "index/term_page.h"

#include <algorithm>
#include <cstring>

#include "base/varint.h"

namespace cmem {
namespace {

constexpr std::size_t kRestartBytes = 2;

void put_16(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(value));
  out.push_back(static_cast<char>(value >> 8));
}

std::size_t get_16(std::string_view bytes, std::size_t at) {
  std::uint16_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

Unexpected corrupt() { return Unexpected(Code::kCorrupt, "the text index has a damaged dictionary page; run `memory rebuild`"); }

}  // namespace

void TermPageBuilder::add(std::string_view term, const TermEntry& entry) {
  const bool full = entries_++ % kRestartInterval == 0;
  std::size_t shared = 0;
  if (full) {
    put_16(restarts_, bytes_.size());
    put_varint(bytes_, entry.postings_offset);
    put_varint(bytes_, entry.positions_offset);
  } else {
    const std::size_t most = std::min(term.size(), last_term_.size());
    while (shared < most && term[shared] == last_term_[shared]) ++shared;
  }
  put_varint(bytes_, shared);
  put_varint(bytes_, term.size() - shared);
  bytes_.append(term.substr(shared));
  put_varint(bytes_, entry.texts);
  put_varint(bytes_, entry.postings_bytes);
  put_varint(bytes_, entry.positions_bytes);
  last_term_ = term;
}

std::string TermPageBuilder::finish() {
  std::string page = std::move(bytes_);
  page.append(restarts_);
  put_16(page, restarts_.size() / kRestartBytes);
  bytes_.clear();
  restarts_.clear();
  last_term_.clear();
  entries_ = 0;
  return page;
}

Result<TermPageCursor> TermPageCursor::open(std::string_view page) {
  if (page.size() < kRestartBytes) return corrupt();
  const std::size_t restart_bytes = get_16(page, page.size() - kRestartBytes) * kRestartBytes;
  if (restart_bytes + kRestartBytes > page.size()) return corrupt();
  TermPageCursor cursor;
  const std::size_t entry_bytes = page.size() - kRestartBytes - restart_bytes;
  cursor.entries_ = page.substr(0, entry_bytes);
  cursor.restarts_ = page.substr(entry_bytes, restart_bytes);
  return cursor;
}

std::size_t TermPageCursor::restart(std::size_t index) const { return get_16(restarts_, index * kRestartBytes); }

Result<std::string_view> TermPageCursor::full_term(std::size_t index) const {
  if (restart(index) > entries_.size()) return corrupt();
  VarintReader reader(entries_.substr(restart(index)));
  reader.next();
  reader.next();
  const std::uint64_t shared = reader.next();
  const std::string_view term = reader.take(reader.next());
  if (!reader.ok() || shared != 0) return corrupt();
  return term;
}

Result<bool> TermPageCursor::seek(std::string_view term) {
  std::size_t low = 0;
  std::size_t high = restarts_.size() / kRestartBytes;
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    CMEM_ASSIGN_OR_RETURN(const std::string_view candidate, full_term(middle));
    (candidate <= term ? low : high) = middle;
  }
  if (restarts_.empty()) return false;
  at_ = restart(low);
  next_restart_ = low;
  term_.clear();
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool found, next());
    if (!found || term_ >= term) return found;
  }
}

// Reads the entry at at_, which is not the end, and moves behind it. False if it is damaged.
bool TermPageCursor::read_entry(TermBytes& bytes) {
  VarintReader reader(entries_.substr(at_));
  if (next_restart_ < restarts_.size() / kRestartBytes && restart(next_restart_) == at_) {
    next_postings_ = reader.next();
    next_positions_ = reader.next();
    ++next_restart_;
  }
  bytes.shared = reader.next();
  bytes.rest = reader.take(reader.next());
  const std::uint64_t texts = reader.next();
  entry_ = {static_cast<std::uint32_t>(texts), next_postings_, reader.next(), next_positions_, 0};
  entry_.positions_bytes = reader.next();
  if (!reader.ok() || texts > UINT32_MAX) return false;
  next_postings_ += entry_.postings_bytes;
  next_positions_ += entry_.positions_bytes;
  at_ = entries_.size() - reader.rest().size();
  return true;
}

Result<bool> TermPageCursor::next() {
  if (at_end()) return false;
  TermBytes bytes;
  if (!read_entry(bytes) || bytes.shared > term_.size()) return corrupt();
  term_.resize(bytes.shared + bytes.rest.size());
  std::memcpy(term_.data() + bytes.shared, bytes.rest.data(), bytes.rest.size());
  return true;
}

Result<bool> TermPageCursor::next_with(std::string_view prefix) {
  if (at_end()) return false;
  const std::size_t before = at_;
  TermBytes bytes;
  if (!read_entry(bytes)) return corrupt();
  if (bytes.shared >= prefix.size() || bytes.rest.starts_with(prefix.substr(bytes.shared))) return true;
  at_ = before;
  return false;
}

}  // namespace cmem
