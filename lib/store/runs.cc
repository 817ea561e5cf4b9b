#include "store/runs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "base/bytes.h"

namespace cmem {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Field 22 of /proc/PID/stat: start time in clock ticks after boot. Empty when there is no such process.
std::string start_time_of(const std::string& pid) {
  const std::string stat = first_line("/proc/" + pid + "/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  std::size_t at = name_end;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return {};
  return stat.substr(at + 1, stat.find(' ', at + 1) - at - 1);
}

std::string describe_process(const std::string& pid) {
  const std::string start = start_time_of(pid);
  return start.empty() ? std::string() : fmt::format("{} {} {}", pid, start, first_line("/proc/sys/kernel/random/boot_id"));
}

Status bind_text_or_null(sqlite::Statement& statement, int index, std::string_view text) {
  return text.empty() ? statement.bind_null(index) : statement.bind_text(index, text);
}

}  // namespace

RunCounts& RunCounts::operator+=(const RunCounts& other) {
  records_read += other.records_read;
  messages_new += other.messages_new;
  duplicates += other.duplicates;
  known_skipped += other.known_skipped;
  rejected += other.rejected;
  hash_mismatches += other.hash_mismatches;
  return *this;
}

RunCounts operator-(RunCounts a, const RunCounts& b) {
  a.records_read -= b.records_read;
  a.messages_new -= b.messages_new;
  a.duplicates -= b.duplicates;
  a.known_skipped -= b.known_skipped;
  a.rejected -= b.rejected;
  a.hash_mismatches -= b.hash_mismatches;
  return a;
}

std::string this_process() { return describe_process(std::to_string(::getpid())); }

bool is_alive(std::string_view process) {
  const std::string pid(process.substr(0, process.find(' ')));
  return !pid.empty() && describe_process(pid) == process;
}

Result<std::int64_t> insert_run(sqlite::Connection& db, const std::string& source, int classifier_version, std::int64_t now_ms) {
  CMEM_ASSIGN_OR_RETURN(auto insert,
                        db.prepare("INSERT INTO main.run(source, started_ms, status, process, writer_version, classifier_version) "
                                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  CMEM_TRY(insert.bind_text(1, source));
  CMEM_TRY(insert.bind(2, now_ms));
  CMEM_TRY(insert.bind_text(3, kRunRunning));
  CMEM_TRY(insert.bind_text(4, this_process()));
  CMEM_TRY(insert.bind_text(5, CMEM_WRITER_VERSION));
  CMEM_TRY(insert.bind(6, classifier_version));
  CMEM_TRY(insert.run());
  return db.last_insert_rowid();
}

Status update_run(sqlite::Connection& db, std::int64_t run_id, const RunCounts& counts) {
  CMEM_ASSIGN_OR_RETURN(auto update,
                        db.prepare("UPDATE main.run SET records_read = ?2, messages_new = ?3, duplicates = ?4, known_skipped = ?5, "
                                   "rejected = ?6, hash_mismatches = ?7 WHERE id = ?1"));
  CMEM_TRY(update.bind(1, run_id));
  CMEM_TRY(update.bind(2, counts.records_read));
  CMEM_TRY(update.bind(3, counts.messages_new));
  CMEM_TRY(update.bind(4, counts.duplicates));
  CMEM_TRY(update.bind(5, counts.known_skipped));
  CMEM_TRY(update.bind(6, counts.rejected));
  CMEM_TRY(update.bind(7, counts.hash_mismatches));
  return update.run();
}

Status insert_run_messages(sqlite::Connection& db, std::int64_t run_id, std::int64_t first_id, std::int64_t last_id) {
  if (last_id < first_id) return {};
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.run_messages VALUES(?1, ?2, ?3)"));
  CMEM_TRY(insert.bind(1, first_id));
  CMEM_TRY(insert.bind(2, last_id));
  CMEM_TRY(insert.bind(3, run_id));
  return insert.run();
}

Status finish_run(sqlite::Connection& db, std::int64_t run_id, const RunEnd& end) {
  CMEM_ASSIGN_OR_RETURN(auto update,
                        db.prepare("UPDATE main.run SET status = ?2, finished_ms = ?3, source_bytes = ?4, sha256_before = ?5, "
                                   "sha256_after = ?6 WHERE id = ?1"));
  CMEM_TRY(update.bind(1, run_id));
  CMEM_TRY(update.bind_text(2, end.status));
  CMEM_TRY(update.bind(3, end.finished_ms));
  CMEM_TRY(end.source_bytes < 0 ? update.bind_null(4) : update.bind(4, end.source_bytes));
  CMEM_TRY(bind_text_or_null(update, 5, end.sha256_before));
  CMEM_TRY(bind_text_or_null(update, 6, end.sha256_after));
  return update.run();
}

Status insert_rejected(sqlite::Connection& db, std::int64_t run_id, std::int64_t seq, const RejectedRecord& record) {
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.rejected_record VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  CMEM_TRY(insert.bind(1, run_id));
  CMEM_TRY(insert.bind(2, seq));
  CMEM_TRY(insert.bind(3, record.line));
  CMEM_TRY(insert.bind(4, record.byte_offset));
  CMEM_TRY(insert.bind(5, record.byte_length));
  CMEM_TRY(insert.bind_text(6, record.reason));
  CMEM_TRY(insert.bind_blob(7, as_bytes(record.excerpt)));
  return insert.run();
}

Status mark_interrupted_runs(sqlite::Connection& db, std::int64_t now_ms) {
  CMEM_ASSIGN_OR_RETURN(auto running, db.prepare("SELECT id, process FROM main.run WHERE status = 'running'"));
  std::vector<std::int64_t> dead;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, running.step());
    if (!row) break;
    if (!is_alive(running.column_text(1))) dead.push_back(running.column_int(0));
  }
  CMEM_ASSIGN_OR_RETURN(auto update, db.prepare("UPDATE main.run SET status = ?2, finished_ms = ?3 WHERE id = ?1"));
  for (const std::int64_t run_id : dead) {
    CMEM_TRY(update.bind(1, run_id));
    CMEM_TRY(update.bind_text(2, kRunInterrupted));
    CMEM_TRY(update.bind(3, now_ms));
    CMEM_TRY(update.run());
  }
  return {};
}

}  // namespace cmem
