#include "store/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.h"

namespace cmem {
namespace {

// Half of it costs 12 % more space on prose; a hit takes some 80 us to decode.
constexpr std::size_t kBlockTargetBytes = 128 * 1024;
constexpr std::size_t kFirstCapacity = 4096;

// Hashes are stored as little-endian 64-bit integers, one after the other (every supported machine is little-endian).
std::uint64_t stored_hash(std::string_view hashes, std::size_t index) {
  std::uint64_t hash;
  std::memcpy(&hash, hashes.data() + index * sizeof hash, sizeof hash);
  return hash;
}

constexpr std::uint64_t kEmptyHash = 0x2D06800538D394C2;  // xxh3_64 of nothing

}  // namespace

TextTable::TextTable(std::size_t cache_bytes, CompressionQueue& queue)
    : blocks_("text_block", kBlockTargetBytes, BlockWriter::Closed::kKept, queue), stored_("text_block", cache_bytes) {}

void TextTable::reset() {
  slots_ = {};
  has_empty_ = false;
  next_id_ = 0;
  unflushed_hashes_.clear();
  blocks_.reset();
  stored_.clear();
  index_.reset();
}

Status TextTable::refresh(sqlite::Connection& db, std::int64_t next_id, std::int64_t next_segment_id) {
  if (next_id_ == next_id && index_.next_segment_id() == next_segment_id) return {};
  stored_.close_statements();
  CMEM_TRY(load_hashes(db, next_id));
  CMEM_TRY(blocks_.resume(db, next_id));
  CMEM_TRY(index_.resume(db, next_id, next_segment_id));
  next_id_ = next_id;
  first_unflushed_id_ = next_id;
  return {};
}

Status TextTable::load_hashes(sqlite::Connection& db, std::int64_t next_id) {
  // From the row that has the next text or ends before it: a rebuild may have put known texts and new ones into one row.
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT first_id, hashes FROM main.text_lookup WHERE first_id >= coalesce((SELECT "
                                              "max(first_id) FROM main.text_lookup WHERE first_id <= ?1), 0) ORDER BY first_id"));
  std::int64_t id = std::max<std::int64_t>(next_id_, 1);
  CMEM_TRY(rows.bind(1, id));
  for (bool first = true;; first = false) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    const std::int64_t first_id = rows.column_int(0);
    const std::string_view hashes = as_text(rows.column_blob(1));
    if (first_id > id || (first_id < id && !first))
      return Unexpected(Code::kCorrupt,
                        fmt::format("text_lookup: ids do not follow each other at text {}; run `memory rebuild`", id));
    for (auto i = static_cast<std::size_t>(id - first_id); i < hashes.size() / sizeof(std::uint64_t); ++i)
      insert_slot(stored_hash(hashes, i), static_cast<std::uint32_t>(id++));
  }
  if (id != next_id)
    return Unexpected(Code::kCorrupt,
                      fmt::format("text_lookup ends at text {}, the store at {}; run `memory rebuild`", id - 1, next_id - 1));
  return {};
}

void TextTable::insert_slot(std::uint64_t hash, std::uint32_t id) {
  // Texts that were forgotten are empty, perhaps a million of them: the first one stands for all.
  if (hash == kEmptyHash && std::exchange(has_empty_, true)) return;
  if (slots_.used * 3 >= slots_.ids.size() * 2) grow();
  const std::size_t mask = slots_.ids.size() - 1;
  std::size_t at = hash & mask;
  while (slots_.ids[at] != 0) at = (at + 1) & mask;
  slots_.hashes[at] = hash;
  slots_.ids[at] = id;
  ++slots_.used;
}

void TextTable::grow() {
  Slots old = std::move(slots_);
  slots_ = {};
  has_empty_ = false;
  const std::size_t capacity = old.ids.empty() ? kFirstCapacity : old.ids.size() * 2;
  slots_.hashes.resize(capacity);
  slots_.ids.resize(capacity);
  for (std::size_t i = 0; i < old.ids.size(); ++i)
    if (old.ids[i] != 0) insert_slot(old.hashes[i], old.ids[i]);
}

Result<std::string_view> TextTable::text_of(sqlite::Connection& db, std::int64_t id) {
  CMEM_ASSIGN_OR_RETURN(const auto pending, blocks_.pending(id));
  if (pending) return *pending;
  return stored_.read(db, id);
}

Result<std::optional<std::int64_t>> TextTable::find(sqlite::Connection& db, std::string_view text, std::uint64_t hash) {
  if (slots_.used == 0) return std::optional<std::int64_t>();
  const std::size_t mask = slots_.ids.size() - 1;
  for (std::size_t at = hash & mask; slots_.ids[at] != 0; at = (at + 1) & mask) {
    if (slots_.hashes[at] != hash) continue;
    CMEM_ASSIGN_OR_RETURN(const std::string_view candidate, text_of(db, slots_.ids[at]));
    if (candidate == text) return std::optional<std::int64_t>(slots_.ids[at]);
  }
  return std::optional<std::int64_t>();
}

Result<std::int64_t> TextTable::add(std::string_view text, std::uint64_t hash, Indexing indexing) {
  if (next_id_ > std::int64_t{UINT32_MAX}) return Unexpected(Code::kLimit, "a store holds at most 4,294,967,295 distinct texts");
  index_.add(text, indexing);
  blocks_.append(text);
  insert_slot(hash, static_cast<std::uint32_t>(next_id_));
  unflushed_hashes_.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  return next_id_++;
}

Status TextTable::flush(sqlite::Connection& db) {
  if (unflushed_hashes_.empty()) return {};
  CMEM_TRY(blocks_.flush(db, &stored_));
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.text_lookup VALUES(?1, ?2)"));
  CMEM_TRY(insert.bind(1, first_unflushed_id_));
  CMEM_TRY(insert.bind_blob_static(2, as_bytes(unflushed_hashes_)));
  CMEM_TRY(insert.run());
  CMEM_TRY(index_.flush(db));
  unflushed_hashes_.clear();
  first_unflushed_id_ = next_id_;
  return {};
}

}  // namespace cmem
