#include "store/error_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/bytes.h"
#include "base/varint.h"
#include "store/block_log.h"

namespace cmem {
namespace {

constexpr std::size_t kTextCacheBytes = std::size_t{16} << 20;
constexpr std::size_t kKnownTexts = 65'536;

void put_entry(std::string& out, const LoggedError& error, ErrorLogPlace& last) {
  put_varint(out, static_cast<std::uint64_t>(error.message_id - last.message_id));
  put_signed(out, error.context_id - last.context_id);
  put_varint(out, error.time_ms == kNoTime ? 0 : 1 + zigzag(error.time_ms - last.time_ms));
  put_varint(out, static_cast<std::uint64_t>(error.template_id));
  last = {error.message_id, error.context_id, error.time_ms == kNoTime ? last.time_ms : error.time_ms};
}

LoggedError next_entry(VarintReader& reader, ErrorLogPlace& last) {
  LoggedError error;
  error.message_id = last.message_id + static_cast<std::int64_t>(reader.next());
  error.context_id = last.context_id + reader.next_signed();
  const std::uint64_t time = reader.next();
  if (time != 0) error.time_ms = last.time_ms + unzigzag(time - 1);
  error.template_id = static_cast<std::int64_t>(reader.next());
  last = {error.message_id, error.context_id, time == 0 ? last.time_ms : error.time_ms};
  return error;
}

Unexpected corrupt(std::int64_t first_id) {
  return Unexpected(Code::kCorrupt, fmt::format("error_log: the row of message {} is damaged; run `memory rebuild`", first_id));
}

using VisitError = std::function<Status(const LoggedError& error, std::int64_t text_id, std::string_view text)>;

// Calls visit() for each message of the level ERROR, in the order of ids; without a template.
Status for_each_error(sqlite::Connection& db, const VisitError& visit) {
  BlockReader texts("text_block", kTextCacheBytes);
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT id, time_ms, context_id, text_id FROM main.message WHERE context_id IN "
                                              "(SELECT id FROM main.context WHERE level = ?1) ORDER BY id"));
  CMEM_TRY(rows.bind(1, static_cast<std::int64_t>(Level::kError)));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    const LoggedError error{rows.column_int(0), rows.column_is_null(1) ? kNoTime : rows.column_int(1), rows.column_int(2), 0};
    CMEM_ASSIGN_OR_RETURN(const auto text, texts.read(db, rows.column_int(3)));
    CMEM_TRY(visit(error, rows.column_int(3), text));
  }
}

Result<std::vector<ErrorTemplate>> read_templates(sqlite::Connection& db) {
  std::vector<ErrorTemplate> templates;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT id, level, text FROM main.error_template ORDER BY id"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return templates;
    const std::int64_t level = rows.column_int(1);
    if (rows.column_int(0) != static_cast<std::int64_t>(templates.size()) + 1 || level < 0 ||
        level > static_cast<std::int64_t>(Level::kError))
      return Unexpected(Code::kCorrupt, fmt::format("error_template: row {} is damaged; run `memory rebuild`", rows.column_int(0)));
    templates.push_back({std::string(rows.column_text(2)), static_cast<Level>(level)});
  }
}

}  // namespace

Status ErrorLogWriter::add(sqlite::Connection& db, const LoggedError& error, std::int64_t text_id, std::string_view text) {
  if (!is_resumed_) CMEM_TRY(resume(db));
  if (count_ == kErrorsPerRow) {
    CMEM_TRY(write_row(db));
    count_ = 0;
  }
  if (count_ == 0) {
    first_id_ = error.message_id;
    entries_.clear();
    last_ = {first_id_, 0, 0};
  }
  LoggedError logged = error;
  CMEM_ASSIGN_OR_RETURN(logged.template_id, template_of(db, text_id, text));
  put_entry(entries_, logged, last_);
  ++count_;
  is_changed_ = true;
  return {};
}

Status ErrorLogWriter::resume(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto row, db.prepare("SELECT first_id, entries FROM main.error_log ORDER BY first_id DESC LIMIT 1"));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  is_resumed_ = true;
  if (!found) return {};
  first_id_ = row.column_int(0);
  entries_ = as_text(row.column_blob(1));
  last_ = {first_id_, 0, 0};
  VarintReader reader(entries_);
  for (count_ = 0; !reader.at_end(); ++count_) next_entry(reader, last_);
  if (!reader.ok() || count_ > kErrorsPerRow) return corrupt(first_id_);
  return {};
}

Status ErrorLogWriter::write_row(sqlite::Connection& db) {
  if (!is_changed_) return {};
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT OR REPLACE INTO main.error_log VALUES(?1, ?2)"));
  CMEM_TRY(insert.bind(1, first_id_));
  CMEM_TRY(insert.bind_blob(2, as_bytes(entries_)));
  is_changed_ = false;
  return insert.run();
}

Result<std::int64_t> ErrorLogWriter::template_of(sqlite::Connection& db, std::int64_t text_id, std::string_view text) {
  if (const auto known = templates_.find(text_id); known != templates_.end()) return known->second;
  CMEM_ASSIGN_OR_RETURN(const std::int64_t id, intern(db, error_template(text)));
  if (templates_.size() >= kKnownTexts) templates_.clear();
  templates_.emplace(text_id, id);
  return id;
}

Result<std::int64_t> ErrorLogWriter::intern(sqlite::Connection& db, const ErrorTemplate& found) {
  if (!find_) {
    CMEM_ASSIGN_OR_RETURN(find_, db.prepare("SELECT id FROM main.error_template WHERE text = ?1 AND level = ?2"));
    CMEM_ASSIGN_OR_RETURN(insert_, db.prepare("INSERT INTO main.error_template(text, level) VALUES(?1, ?2) RETURNING id"));
  }
  for (auto* statement : {&*find_, &*insert_}) {
    CMEM_TRY(statement->bind_text(1, found.text));
    CMEM_TRY(statement->bind(2, static_cast<std::int64_t>(found.level_inside)));
    CMEM_ASSIGN_OR_RETURN(const bool row, statement->step());
    const std::int64_t id = row ? statement->column_int(0) : 0;
    statement->reset();
    if (row) return id;
  }
  return Unexpected(Code::kCorrupt, "error_template: a row that was added is not there");
}

Status ErrorLogWriter::take_out(sqlite::Connection& db, std::int64_t message_id) {
  CMEM_TRY(flush(db));
  CMEM_ASSIGN_OR_RETURN(auto row, db.prepare("SELECT first_id, entries FROM main.error_log WHERE first_id <= ?1 ORDER BY first_id "
                                             "DESC LIMIT 1"));
  CMEM_TRY(row.bind(1, message_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found) return {};
  reset();
  first_id_ = row.column_int(0);
  const std::string before(as_text(row.column_blob(1)));
  row.reset();
  ErrorLogPlace read{first_id_, 0, 0};
  ErrorLogPlace written = read;
  VarintReader reader(before);
  while (!reader.at_end()) {
    const LoggedError error = next_entry(reader, read);
    if (!reader.ok()) return corrupt(first_id_);
    if (error.message_id != message_id) put_entry(entries_, error, written);
  }
  is_changed_ = true;
  CMEM_TRY(write_row(db));
  reset();
  return db.exec("DELETE FROM main.error_log WHERE length(entries) = 0");
}

Status ErrorLogWriter::flush(sqlite::Connection& db) { return write_row(db); }

void ErrorLogWriter::reset() {
  is_resumed_ = false;
  is_changed_ = false;
  count_ = 0;
  entries_.clear();
  templates_.clear();
}

Result<ErrorLog> read_error_log(sqlite::Connection& db) {
  ErrorLog log;
  CMEM_ASSIGN_OR_RETURN(log.templates, read_templates(db));
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT first_id, entries FROM main.error_log ORDER BY first_id"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return log;
    ErrorLogPlace last{rows.column_int(0), 0, 0};
    VarintReader reader(as_text(rows.column_blob(1)));
    while (!reader.at_end()) {
      const LoggedError error = next_entry(reader, last);
      if (!reader.ok() || error.template_id < 1 || error.template_id > static_cast<std::int64_t>(log.templates.size()))
        return corrupt(rows.column_int(0));
      log.errors.push_back(error);
    }
  }
}

Result<ErrorLog> scan_error_log(sqlite::Connection& db) {
  ErrorLog log;
  std::unordered_map<std::string, std::int64_t> ids;  // by level and text
  CMEM_TRY(for_each_error(db, [&](const LoggedError& error, std::int64_t /*text_id*/, std::string_view text) -> Status {
    ErrorTemplate found = error_template(text);
    const std::string key = static_cast<char>(found.level_inside) + found.text;
    const auto [at, is_new] = ids.try_emplace(key, static_cast<std::int64_t>(log.templates.size()) + 1);
    if (is_new) log.templates.push_back(std::move(found));
    log.errors.push_back(error);
    log.errors.back().template_id = at->second;
    return {};
  }));
  return log;
}

Status fill_error_log(sqlite::Connection& db) {
  ErrorLogWriter writer;
  CMEM_TRY(for_each_error(db, [&](const LoggedError& error, std::int64_t text_id, std::string_view text) {
    return writer.add(db, error, text_id, text);
  }));
  return writer.flush(db);
}

namespace {
// But for the template's number, which depends on what was taken out.
bool are_same(const LoggedError& a, const LoggedError& b) {
  return a.message_id == b.message_id && a.time_ms == b.time_ms && a.context_id == b.context_id;
}
}  // namespace

Result<std::int64_t> count_wrong_errors(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const ErrorLog stored, read_error_log(db));
  CMEM_ASSIGN_OR_RETURN(const ErrorLog expected, scan_error_log(db));
  const std::size_t both = std::min(stored.errors.size(), expected.errors.size());
  auto wrong = static_cast<std::int64_t>(std::max(stored.errors.size(), expected.errors.size()) - both);
  const auto template_of = [](const ErrorLog& log, const LoggedError& error) -> const ErrorTemplate& {
    return log.templates[static_cast<std::size_t>(error.template_id - 1)];
  };
  for (std::size_t i = 0; i < both; ++i)
    if (!are_same(stored.errors[i], expected.errors[i]) ||
        template_of(stored, stored.errors[i]) != template_of(expected, expected.errors[i]))
      ++wrong;
  return wrong;
}

}  // namespace cmem
