#include "store/occurrences.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/varint.h"

namespace cmem {
namespace {

// Loaded entries cost some 50 bytes each; past this many the loaded origins are let go.
constexpr std::size_t kMaxLoadedEntries = std::size_t{1} << 20;

// Fingerprints and lines use the whole range of 64 bits, so their differences wrap around.
std::int64_t moved(std::int64_t value, std::uint64_t by) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) + by);
}

// Appends the pairs of a row of origin_lines.
Status append_entries(std::string_view entries, std::vector<Occurrence>& occurrences) {
  VarintReader reader(entries);
  Occurrence entry{0, 0};
  while (!reader.at_end()) {
    entry.position = moved(entry.position, static_cast<std::uint64_t>(reader.next_signed()));
    entry.message_id = moved(entry.message_id, reader.next());
    occurrences.push_back(entry);
  }
  if (!reader.ok()) return Unexpected(Code::kCorrupt, "origin_lines: an entry is cut short; run `memory rebuild`");
  return {};
}

// Writes rows of origin_lines.
class RowWriter {
 public:
  static Result<RowWriter> create(sqlite::Connection& db) {
    CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.origin_lines VALUES(?1, ?2, ?3, ?4)"));
    return RowWriter(std::move(insert));
  }

  Status write(std::int64_t origin_id, const std::vector<Occurrence>& entries) {
    bytes_.clear();
    Occurrence last{0, 0};
    std::int64_t max_line = 0;
    for (const Occurrence& entry : entries) {
      put_signed(bytes_, moved(entry.position, 0 - static_cast<std::uint64_t>(last.position)));
      put_varint(bytes_, static_cast<std::uint64_t>(entry.message_id - last.message_id));
      max_line = std::max(max_line, entry.position);
      last = entry;
    }
    CMEM_TRY(insert_.bind(1, origin_id));
    CMEM_TRY(insert_.bind(2, entries.front().message_id));
    CMEM_TRY(insert_.bind(3, max_line));
    CMEM_TRY(insert_.bind_blob_static(4, as_bytes(bytes_)));
    return insert_.run();
  }

 private:
  explicit RowWriter(sqlite::Statement insert) : insert_(std::move(insert)) {}
  sqlite::Statement insert_;
  std::string bytes_;
};

}  // namespace

Result<std::vector<Occurrence>> read_occurrences(sqlite::Connection& db, std::int64_t origin_id) {
  std::vector<Occurrence> occurrences;
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare("SELECT entries FROM main.origin_lines WHERE origin_id = ?1 ORDER BY first_message_id"));
  CMEM_TRY(rows.bind(1, origin_id));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return occurrences;
    CMEM_TRY(append_entries(as_text(rows.column_blob(0)), occurrences));
  }
}

void Occurrences::reset() {
  origins_.clear();
  touched_.clear();
  loaded_entries_ = 0;
  last_ = nullptr;
}

Result<Occurrences::Origin*> Occurrences::open(sqlite::Connection& db, std::int64_t origin_id) {
  if (last_ && origin_id == last_origin_id_) return last_;
  auto [found, is_new] = origins_.try_emplace(origin_id);
  if (is_new) {
    if (!max_line_) {
      CMEM_ASSIGN_OR_RETURN(auto statement, db.prepare("SELECT max(max_line) FROM main.origin_lines WHERE origin_id = ?1"));
      max_line_.emplace(std::move(statement));
    }
    CMEM_TRY(max_line_->bind(1, origin_id));
    CMEM_ASSIGN_OR_RETURN(const bool row, max_line_->step());
    found->second.has_entries = row && !max_line_->column_is_null(0);
    found->second.max_line = max_line_->column_int(0);
    found->second.loaded = !found->second.has_entries;
    max_line_->reset();
  }
  last_origin_id_ = origin_id;
  last_ = &found->second;
  return last_;
}

Status Occurrences::load(sqlite::Connection& db, std::int64_t origin_id, Origin& origin) {
  CMEM_ASSIGN_OR_RETURN(const auto stored, read_occurrences(db, origin_id));
  origin.by_position.clear();
  for (const Occurrence& entry : stored) origin.by_position.emplace(entry.position, entry.message_id);
  for (const Occurrence& entry : origin.unflushed) origin.by_position.emplace(entry.position, entry.message_id);
  origin.loaded = true;
  loaded_entries_ += origin.by_position.size();
  return {};
}

// Keeps memory bounded: lets go of loaded entries; they are read again when needed.
void Occurrences::shed() {
  for (auto& [id, origin] : origins_) {
    origin.by_position = {};
    origin.loaded = false;
  }
  loaded_entries_ = 0;
}

Result<const std::vector<std::int64_t>*> Occurrences::find(sqlite::Connection& db, std::int64_t origin_id, std::int64_t position) {
  found_.clear();
  CMEM_ASSIGN_OR_RETURN(Origin* const origin, open(db, origin_id));
  if (!origin->has_entries || position > origin->max_line) return &found_;
  if (!origin->loaded) {
    if (loaded_entries_ > kMaxLoadedEntries) shed();
    CMEM_TRY(load(db, origin_id, *origin));
  }
  const auto [begin, end] = origin->by_position.equal_range(position);
  for (auto entry = begin; entry != end; ++entry) found_.push_back(entry->second);
  std::sort(found_.begin(), found_.end());
  return &found_;
}

Result<std::vector<std::int64_t>> Occurrences::without_line(sqlite::Connection& db, std::int64_t origin_id) {
  std::vector<std::int64_t> ids;
  CMEM_ASSIGN_OR_RETURN(Origin* const origin, open(db, origin_id));
  if (!origin->has_entries) return ids;
  if (!origin->loaded) CMEM_TRY(load(db, origin_id, *origin));
  for (const auto& [position, id] : origin->by_position)
    if (position < 0) ids.push_back(id);
  return ids;
}

Result<std::int64_t> Occurrences::last_line(sqlite::Connection& db, std::int64_t origin_id) {
  CMEM_ASSIGN_OR_RETURN(const Origin* const origin, open(db, origin_id));
  return std::max<std::int64_t>(origin->max_line, 0);
}

Status Occurrences::add(sqlite::Connection& db, std::int64_t origin_id, std::int64_t position, std::int64_t message_id) {
  CMEM_ASSIGN_OR_RETURN(Origin* const origin, open(db, origin_id));
  if (origin->unflushed.empty()) touched_.push_back(origin_id);
  origin->unflushed.push_back({position, message_id});
  // An origin that is read from front to back never needs the map: it is made when a look-up asks for it.
  if (origin->loaded && !origin->by_position.empty()) {
    origin->by_position.emplace(position, message_id);
    ++loaded_entries_;
  } else {
    origin->loaded = false;
  }
  origin->has_entries = true;
  origin->max_line = std::max(origin->max_line, position);
  return {};
}

Status Occurrences::flush(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto rows, RowWriter::create(db));
  for (const std::int64_t origin_id : touched_) {
    Origin& origin = origins_[origin_id];
    CMEM_TRY(rows.write(origin_id, origin.unflushed));
    origin.unflushed = {};  // most origins are read once
  }
  touched_.clear();
  return {};
}

Status Occurrences::remove(sqlite::Connection& db, std::int64_t origin_id, std::int64_t message_id) {
  reset();
  CMEM_ASSIGN_OR_RETURN(auto row, db.prepare("DELETE FROM main.origin_lines WHERE origin_id = ?1 AND first_message_id = (SELECT "
                                             "max(first_message_id) FROM main.origin_lines WHERE origin_id = ?1 AND "
                                             "first_message_id <= ?2) RETURNING entries"));
  CMEM_TRY(row.bind(1, origin_id));
  CMEM_TRY(row.bind(2, message_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found) return {};
  std::vector<Occurrence> entries;
  CMEM_TRY(append_entries(as_text(row.column_blob(0)), entries));
  row.reset();
  std::erase_if(entries, [&](const Occurrence& entry) { return entry.message_id == message_id; });
  if (entries.empty()) return {};
  CMEM_ASSIGN_OR_RETURN(auto rows, RowWriter::create(db));
  return rows.write(origin_id, entries);
}

}  // namespace cmem
