// The error log: a derived list of the messages whose level is ERROR, each with the template of its text (base/error_template.h),
// so that a report on errors reads neither message rows nor texts.
//
// Rows of error_template: id, level (what the line states itself, 0: nothing), text. Ids rise in the order of first messages.
// Row of error_log: first_id, entries; the errors of a store in the order of their ids, at most kErrorsPerRow to a row; only the
// last row grows. Entry: varint, the message's id less the one before; signed, the context's id less the one before; varint, 0 if
// the time is not known, else 1 + zigzag of the difference to the last known time; varint, the template's id. A row begins from
// first_id, 0 and 0.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error_template.h"
#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

inline constexpr std::size_t kErrorsPerRow = 1024;

struct LoggedError {
  std::int64_t message_id = 0;
  std::int64_t time_ms = kNoTime;
  std::int64_t context_id = 0;
  std::int64_t template_id = 0;  // from 1
  friend bool operator==(const LoggedError&, const LoggedError&) = default;
};

struct ErrorLog {
  std::vector<LoggedError> errors;       // by message
  std::vector<ErrorTemplate> templates;  // of template id i + 1
};

// Of an entry to the next.
struct ErrorLogPlace {
  std::int64_t message_id = 0;
  std::int64_t context_id = 0;
  std::int64_t time_ms = 0;  // the last known one
};

// For a writer, in its transaction. Like its other parts: flush() before the commit, reset() after a rollback, and when another
// process has written.
class ErrorLogWriter {
 public:
  // Messages come in the order of their ids.
  Status add(sqlite::Connection& db, const LoggedError& error, std::int64_t text_id, std::string_view text);
  // A message is gone; there may be no entry of it. Its template stays, like its text.
  Status take_out(sqlite::Connection& db, std::int64_t message_id);
  Status flush(sqlite::Connection& db);
  void reset();

 private:
  Status resume(sqlite::Connection& db);
  Status write_row(sqlite::Connection& db);
  Result<std::int64_t> template_of(sqlite::Connection& db, std::int64_t text_id, std::string_view text);
  Result<std::int64_t> intern(sqlite::Connection& db, const ErrorTemplate& found);

  bool is_resumed_ = false;
  bool is_changed_ = false;
  std::int64_t first_id_ = 0;  // of the row that grows
  std::size_t count_ = 0;      // of its entries
  std::string entries_;
  ErrorLogPlace last_;
  std::unordered_map<std::int64_t, std::int64_t> templates_;  // by text id, of the last texts
  std::optional<sqlite::Statement> find_;
  std::optional<sqlite::Statement> insert_;
};

// kCorrupt: what no writer makes.
Result<ErrorLog> read_error_log(sqlite::Connection& db);
// The same from the rows and texts: for stores of a format without it, and to compare with.
Result<ErrorLog> scan_error_log(sqlite::Connection& db);
// Makes the log from the rows and texts, into the empty tables.
Status fill_error_log(sqlite::Connection& db);
// How many errors differ from the rows and texts.
Result<std::int64_t> count_wrong_errors(sqlite::Connection& db);

}  // namespace cmem
