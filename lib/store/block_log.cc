#include "store/block_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "base/varint.h"

namespace cmem {
namespace {

// A longer entry fills a good part of its block, so that it is not much dearer to decode the block.
constexpr std::size_t kMaxCachedEntryBytes = 32 * 1024;
// Of the cache itself, for each entry.
constexpr std::size_t kEntryOverheadBytes = 128;

std::string encode(const DecodedBlock& block) {
  std::string raw;
  raw.reserve(block.bytes.size() + block.ends.size() * 2);
  std::uint32_t begin = block.begin;
  for (const std::uint32_t end : block.ends) {
    put_varint(raw, end - begin);
    begin = end;
  }
  raw.append(block.entries());
  return raw;
}

Result<DecodedBlock> decode(const std::string& table, std::int64_t first_id, std::int64_t entry_count, std::string raw) {
  const auto corrupt = [&] {
    return Unexpected(Code::kCorrupt, fmt::format("{} block {}: its entries do not fill it", table, first_id));
  };
  DecodedBlock block;
  block.first_id = first_id;
  if (entry_count < 0 || static_cast<std::uint64_t>(entry_count) > raw.size()) return corrupt();
  block.ends.reserve(static_cast<std::size_t>(entry_count));
  VarintReader reader(raw);
  std::uint64_t end = 0;
  for (std::int64_t i = 0; i < entry_count; ++i) {
    const std::uint64_t size = reader.next();
    end += size;
    if (size > raw.size() || end > raw.size()) return corrupt();
    block.ends.push_back(static_cast<std::uint32_t>(end));
  }
  if (!reader.ok() || reader.rest().size() != end) return corrupt();
  block.begin = static_cast<std::uint32_t>(raw.size() - end);
  for (std::uint32_t& entry_end : block.ends) entry_end += block.begin;
  block.bytes = std::move(raw);
  return block;
}

// Decodes the current row of a "first_id, entry_count, raw_bytes, data" statement.
Result<DecodedBlock> decode_row(const std::string& table, sqlite::Statement& row, FrameDecompressor& decompressor) {
  const std::int64_t first_id = row.column_int(0);
  const std::int64_t raw_bytes = row.column_int(2);
  std::string raw;
  if (auto status = decompressor.decompress(as_text(row.column_blob(3)), static_cast<std::size_t>(raw_bytes), raw); !status)
    return Unexpected(status.error().code, fmt::format("{} block {}: {}", table, first_id, status.error().text));
  return decode(table, first_id, row.column_int(1), std::move(raw));
}

}  // namespace

BlockReader::BlockReader(std::string table, std::size_t block_cache_bytes, std::size_t entry_cache_bytes)
    : table_(std::move(table)), keeps_entries_(entry_cache_bytes > 0), blocks_(block_cache_bytes), entries_(entry_cache_bytes) {}

const DecodedBlock* BlockReader::find(std::int64_t id) {
  const auto* const block = blocks_.find_up_to(id);
  return block != nullptr && id < (*block)->end_id() ? block->get() : nullptr;
}

Result<std::string_view> BlockReader::read(sqlite::Connection& db, std::int64_t id) {
  // Who reads neighbours has them in the block.
  const std::int64_t before = std::exchange(last_id_, id);
  const bool keep_entry = keeps_entries_ && (before >= id || before + 1 != id);
  if (keeps_entries_) {
    if (const std::string* const known = entries_.find(id)) return std::string_view(*known);
  }
  const DecodedBlock* block = find(id);
  if (!block) {
    CMEM_TRY(load(db, id));
    block = find(id);
  }
  if (!block) return Unexpected(Code::kNotFound, fmt::format("{}: there is no entry {}", table_, id));
  const std::string_view entry = block->entry(id);
  if (keep_entry && entry.size() <= kMaxCachedEntryBytes) entries_.put(id, std::string(entry), entry.size() + kEntryOverheadBytes);
  return entry;
}

Status BlockReader::load(sqlite::Connection& db, std::int64_t id) {
  auto others = shared_ == nullptr ? nullptr : shared_->find_up_to(id);
  // The last block of the table may have been extended since.
  if (others && id < others->end_id()) {
    keep(std::move(others));
    return {};
  }
  if (!select_) {
    CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT first_id, entry_count, raw_bytes, data FROM main." + table_ +
                                                  " WHERE first_id <= ?1 ORDER BY first_id DESC LIMIT 1"));
    select_.emplace(std::move(select));
  }
  CMEM_TRY(select_->bind(1, id));
  CMEM_ASSIGN_OR_RETURN(const bool row, select_->step());
  if (!row) {
    select_->reset();
    return Unexpected(Code::kNotFound, fmt::format("{}: there is no entry {}", table_, id));
  }
  auto block = decode_row(table_, *select_, decompressor_);
  select_->reset();
  if (!block) return Unexpected(std::move(block).error());
  auto decoded = std::make_shared<const DecodedBlock>(std::move(*block));
  if (shared_ != nullptr) shared_->put(decoded->first_id, decoded);
  keep(std::move(decoded));
  return {};
}

void BlockReader::keep(std::shared_ptr<const DecodedBlock> block) {
  const std::int64_t first_id = block->first_id;
  const std::size_t bytes = block->bytes.size();
  blocks_.put(first_id, std::move(block), bytes);
}

void BlockReader::clear() {
  blocks_.clear();
  entries_.clear();
}

BlockWriter::BlockWriter(std::string table, std::size_t target_bytes, Closed closed, CompressionQueue& queue)
    : table_(std::move(table)), target_bytes_(target_bytes), queue_(&queue), keeps_closed_(closed == Closed::kKept) {}

Status BlockWriter::resume(sqlite::Connection& db, std::int64_t next_id) {
  reset();
  CMEM_ASSIGN_OR_RETURN(auto last, db.prepare("SELECT first_id, entry_count, raw_bytes, data FROM main." + table_ +
                                              " ORDER BY first_id DESC LIMIT 1"));
  CMEM_ASSIGN_OR_RETURN(const bool row, last.step());
  if (row && last.column_int(0) + last.column_int(1) == next_id && last.column_int(2) < static_cast<std::int64_t>(target_bytes_)) {
    FrameDecompressor decompressor;
    CMEM_ASSIGN_OR_RETURN(open_, decode_row(table_, last, decompressor));
  } else {
    open_.first_id = next_id;
  }
  return {};
}

void BlockWriter::append(std::string_view entry) {
  if (!open_.ends.empty() && open_.entries().size() + open_.ends.size() + entry.size() > target_bytes_) close_open_block();
  open_.append(entry);
  dirty_ = true;
}

Result<std::optional<std::string_view>> BlockWriter::pending(std::int64_t id) {
  if (id >= open_.first_id) return id < open_.end_id() ? std::optional(open_.entry(id)) : std::nullopt;
  const auto closed =
      std::find_if(closed_.rbegin(), closed_.rend(), [&](const ClosedBlock& block) { return id >= block.first_id; });
  if (closed == closed_.rend()) return std::optional<std::string_view>();
  if (closed->block) return std::optional(closed->block->entry(id));
  if (looked_at_.first_id != closed->first_id) {
    CMEM_ASSIGN_OR_RETURN(const CompressedBlock* const block, compressed(*closed));
    std::string raw;
    CMEM_TRY(FrameDecompressor().decompress(block->frame, block->raw_bytes, raw));
    CMEM_ASSIGN_OR_RETURN(looked_at_, decode(table_, closed->first_id, closed->entry_count, std::move(raw)));
  }
  return std::optional(looked_at_.entry(id));
}

void BlockWriter::close_open_block() {
  auto block = std::make_shared<const DecodedBlock>(std::move(open_));
  open_ = {};
  open_.first_id = block->end_id();
  open_.bytes.reserve(target_bytes_);
  auto compressing = queue_->submit(block->bytes.size(), [block] { return encode(*block); });
  const std::int64_t first_id = block->first_id;
  if (!keeps_closed_) block.reset();
  closed_.push_back({first_id, open_.first_id - first_id, std::move(block), std::move(compressing), std::nullopt});
}

Result<const CompressedBlock*> BlockWriter::compressed(ClosedBlock& closed) {
  if (!closed.compressed) {
    CMEM_ASSIGN_OR_RETURN(closed.compressed, queue_->take(closed.compressing));
  }
  return &*closed.compressed;
}

Status BlockWriter::flush(sqlite::Connection& db, BlockReader* cache) {
  if (!dirty_) return {};
  for (; !closed_.empty(); closed_.pop_front()) {
    ClosedBlock& closed = closed_.front();
    CMEM_ASSIGN_OR_RETURN(const CompressedBlock* const block, compressed(closed));
    CMEM_TRY(write(db, closed.first_id, closed.entry_count, *block));
    if (cache && closed.block) cache->remember(std::move(closed.block));
  }
  CMEM_ASSIGN_OR_RETURN(const CompressedBlock block, queue_->compress(encode(open_)));
  CMEM_TRY(write(db, open_.first_id, std::ssize(open_.ends), block));
  looked_at_ = {};
  dirty_ = false;
  return {};
}

Status BlockWriter::write(sqlite::Connection& db, std::int64_t first_id, std::int64_t entry_count,
                          const CompressedBlock& compressed) {
  if (!insert_) {
    CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT OR REPLACE INTO main." + table_ + " VALUES(?1, ?2, ?3, ?4)"));
    insert_.emplace(std::move(insert));
  }
  CMEM_TRY(insert_->bind(1, first_id));
  CMEM_TRY(insert_->bind(2, entry_count));
  CMEM_TRY(insert_->bind(3, static_cast<std::int64_t>(compressed.raw_bytes)));
  CMEM_TRY(insert_->bind_blob_static(4, as_bytes(compressed.frame)));
  return insert_->run();
}

void BlockWriter::reset() {
  closed_.clear();
  open_ = {};
  looked_at_ = {};
  dirty_ = false;
}

Status for_each_entry(sqlite::Connection& db, const std::string& table,
                      const std::function<Status(std::int64_t id, std::string_view entry)>& visit) {
  CMEM_ASSIGN_OR_RETURN(auto blocks,
                        db.prepare("SELECT first_id, entry_count, raw_bytes, data FROM main." + table + " ORDER BY first_id"));
  FrameDecompressor decompressor;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, blocks.step());
    if (!row) return {};
    CMEM_ASSIGN_OR_RETURN(const auto block, decode_row(table, blocks, decompressor));
    for (std::int64_t id = block.first_id; id < block.end_id(); ++id) CMEM_TRY(visit(id, block.entry(id)));
  }
}

namespace {

using EntryEdit = std::function<Result<std::optional<std::string>>(std::int64_t id, std::string_view entry)>;

// Nothing: no entry of the block changes.
Result<std::optional<DecodedBlock>> edit_block(const DecodedBlock& block, const EntryEdit& edit) {
  DecodedBlock edited;
  edited.first_id = block.first_id;
  bool changed = false;
  for (std::int64_t id = block.first_id; id < block.end_id(); ++id) {
    CMEM_ASSIGN_OR_RETURN(const auto bytes, edit(id, block.entry(id)));
    changed = changed || bytes;
    edited.append(bytes ? std::string_view(*bytes) : block.entry(id));
  }
  return changed ? std::optional(std::move(edited)) : std::nullopt;
}

}  // namespace

Status rewrite_entries(sqlite::Connection& db, const std::string& table, const EntryEdit& edit) {
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT first_id, entry_count, raw_bytes, data FROM main." + table +
                                                " WHERE first_id > ?1 ORDER BY first_id LIMIT 1"));
  CMEM_ASSIGN_OR_RETURN(auto update, db.prepare("UPDATE main." + table + " SET raw_bytes = ?2, data = ?3 WHERE first_id = ?1"));
  FrameDecompressor decompressor;
  FrameCompressor compressor(kBlockCompressionLevel);
  std::string frame;
  for (std::int64_t after = 0;;) {
    CMEM_TRY(select.bind(1, after));
    CMEM_ASSIGN_OR_RETURN(const bool row, select.step());
    if (!row) return {};
    CMEM_ASSIGN_OR_RETURN(const auto block, decode_row(table, select, decompressor));
    select.reset();
    after = block.first_id;
    CMEM_ASSIGN_OR_RETURN(const auto edited, edit_block(block, edit));
    if (!edited) continue;
    const std::string raw = encode(*edited);
    CMEM_TRY(compressor.compress(raw, frame));
    CMEM_TRY(update.bind(1, block.first_id));
    CMEM_TRY(update.bind(2, static_cast<std::int64_t>(raw.size())));
    CMEM_TRY(update.bind_blob_static(3, as_bytes(frame)));
    CMEM_TRY(update.run());
  }
}

}  // namespace cmem
