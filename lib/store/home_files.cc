#include "store/home_files.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/varint.h"

namespace cmem {

void EdgeHashes::add(std::string_view bytes) {
  constexpr auto kWindow = static_cast<std::size_t>(kHashedBytes);
  if (first_.size() < kWindow) first_.append(bytes.substr(0, kWindow - first_.size()));
  last_.append(bytes.substr(bytes.size() - std::min(bytes.size(), kWindow)));
  if (last_.size() > kWindow) last_.erase(0, last_.size() - kWindow);
}

Result<std::int64_t> find_or_add_home(sqlite::Connection& db, std::string_view agent, std::string_view path) {
  CMEM_ASSIGN_OR_RETURN(auto row, db.prepare("INSERT INTO main.home(agent, path) VALUES(?1, ?2) ON CONFLICT DO UPDATE SET "
                                             "path = path RETURNING id"));
  CMEM_TRY(row.bind_text(1, agent));
  CMEM_TRY(row.bind_text(2, path));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found) return Unexpected(Code::kInternal, "add a home: no row came back");
  return row.column_int(0);
}

namespace {

constexpr std::string_view kSelectOthers =
    "SELECT h.path || '/' || f.path, f.origin, f.size, f.mtime_ns, f.inode, f.read_bytes, f.next_line, f.first_hash, f.last_hash, "
    "f.state, f.settled, f.gone_ms FROM main.home_file f JOIN main.home h ON h.id = f.home_id WHERE h.agent <> ?1 OR h.path <> ?2";

constexpr std::string_view kSelectFiles =
    "SELECT path, origin, size, mtime_ns, inode, read_bytes, next_line, first_hash, last_hash, state, settled, gone_ms FROM "
    "main.home_file WHERE home_id = (SELECT id FROM main.home WHERE agent = ?1 AND path = ?2)";

// Before the parser's state, which begins with a number below it.
constexpr char kLastEventMark = 'E';

std::string encode_state(const HomeFileState& file) {
  if (!file.last_event) return file.state;
  std::string bytes(1, kLastEventMark);
  for (const std::int64_t value : {file.last_event->begin_bytes, file.last_event->line, file.last_event->message_id})
    put_varint(bytes, static_cast<std::uint64_t>(value));
  return bytes + file.state;
}

void decode_state(std::string_view bytes, HomeFileState& file) {
  if (bytes.starts_with(kLastEventMark)) {
    VarintReader reader(bytes.substr(1));
    const auto next = [&] { return static_cast<std::int64_t>(reader.next()); };
    LastEvent event;
    event.begin_bytes = next();
    event.line = next();
    event.message_id = next();
    file.last_event = event;
    bytes = reader.rest();
  }
  file.state = bytes;
}

HomeFileState current_file(sqlite::Statement& rows) {
  HomeFileState file;
  file.path = rows.column_text(0);
  file.origin = rows.column_text(1);
  file.size_bytes = rows.column_int(2);
  file.mtime_ns = rows.column_int(3);
  file.inode = rows.column_int(4);
  file.read_bytes = rows.column_int(5);
  file.next_line = rows.column_int(6);
  file.first_hash = static_cast<std::uint64_t>(rows.column_int(7));
  file.last_hash = static_cast<std::uint64_t>(rows.column_int(8));
  decode_state(as_text(rows.column_blob(9)), file);
  file.was_settled = rows.column_int(10) != 0;
  if (!rows.column_is_null(11)) file.gone_ms = rows.column_int(11);
  return file;
}

Result<std::vector<HomeFileState>> read_all(sqlite::Connection& db, std::string_view sql, std::string_view agent,
                                            std::string_view home) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare(sql));
  CMEM_TRY(rows.bind_text(1, agent));
  CMEM_TRY(rows.bind_text(2, home));
  std::vector<HomeFileState> files;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return files;
    files.push_back(current_file(rows));
  }
}

}  // namespace

Result<std::vector<HomeFileState>> read_home_files(sqlite::Connection& db, std::string_view agent, std::string_view home) {
  return read_all(db, kSelectFiles, agent, home);
}

Result<std::vector<HomeFileState>> read_other_home_files(sqlite::Connection& db, std::string_view agent, std::string_view home) {
  return read_all(db, kSelectOthers, agent, home);
}

Result<std::vector<HomeFileState>> read_home_files(sqlite::Connection& db, std::string_view agent, std::string_view home,
                                                   const std::vector<std::string>& paths) {
  CMEM_ASSIGN_OR_RETURN(auto row, db.prepare(std::string(kSelectFiles) + " AND path = ?3"));
  std::vector<HomeFileState> files;
  for (const std::string& path : paths) {
    CMEM_TRY(row.bind_text(1, agent));
    CMEM_TRY(row.bind_text(2, home));
    CMEM_TRY(row.bind_text(3, path));
    CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
    if (found) files.push_back(current_file(row));
    row.reset();
  }
  return files;
}

Status HomeFileWriter::write(sqlite::Connection& db, std::int64_t home_id, const HomeFileState& file) {
  if (!write_) {
    CMEM_ASSIGN_OR_RETURN(write_,
                          db.prepare("INSERT OR REPLACE INTO main.home_file VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                                     "?11, ?12, ?13)"));
  }
  CMEM_TRY(write_->bind(1, home_id));
  CMEM_TRY(write_->bind_text(2, file.path));
  CMEM_TRY(write_->bind_text(3, file.origin));
  CMEM_TRY(write_->bind(4, file.size_bytes));
  CMEM_TRY(write_->bind(5, file.mtime_ns));
  CMEM_TRY(write_->bind(6, file.inode));
  CMEM_TRY(write_->bind(7, file.read_bytes));
  CMEM_TRY(write_->bind(8, file.next_line));
  CMEM_TRY(write_->bind(9, static_cast<std::int64_t>(file.first_hash)));
  CMEM_TRY(write_->bind(10, static_cast<std::int64_t>(file.last_hash)));
  CMEM_TRY(write_->bind_blob(11, as_bytes(encode_state(file))));
  CMEM_TRY(write_->bind(12, std::int64_t{file.was_settled}));
  CMEM_TRY(file.gone_ms ? write_->bind(13, *file.gone_ms) : write_->bind_null(13));
  return write_->run();
}

Status delete_home_file(sqlite::Connection& db, std::int64_t home_id, std::string_view path) {
  CMEM_ASSIGN_OR_RETURN(auto remove, db.prepare("DELETE FROM main.home_file WHERE home_id = ?1 AND path = ?2"));
  CMEM_TRY(remove.bind(1, home_id));
  CMEM_TRY(remove.bind_text(2, path));
  return remove.run();
}

}  // namespace cmem
