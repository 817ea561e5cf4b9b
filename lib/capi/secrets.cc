// Secrets and forgetting.
#include <coditect/memory_home.h>

#include <mutex>

#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "privacy/redact_stored.h"
#include "privacy/secret_scan.h"
#include "secrets/secret_kinds.h"
#include "store/forget.h"
#include "store/secret_policy.h"

namespace cmem {
namespace {

// Rows of integers, times and texts, as the columns say; NULL stays NULL.
Result<std::unique_ptr<ReadyTable>> read_rows(Store& store, const char* sql, std::vector<Column> columns) {
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  CMEM_ASSIGN_OR_RETURN(auto rows, store.reader().prepare(sql));
  auto table = std::make_unique<ReadyTable>(columns);
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool found, rows.step());
    if (!found) return table;
    Row row;
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
      const auto type = columns[static_cast<std::size_t>(i)].type;
      if (rows.column_is_null(i)) {
        row.push_back(Cell::null());
      } else if (type == CMEM_TYPE_TEXT) {
        row.push_back(Cell::string(std::string(rows.column_text(i))));
      } else {
        row.push_back(type == CMEM_TYPE_TIME ? Cell::time(rows.column_int(i)) : Cell::number(rows.column_int(i)));
      }
    }
    table->add(std::move(row));
  }
}

Row to_row(const SecretHit& hit) {
  const auto number = [](std::int64_t value) { return value == 0 ? Cell::null() : Cell::number(value); };
  return {Cell::string(std::string(secret_kinds()[hit.kind].name)),
          Cell::string(hit.masked),
          Cell::string(hit.tag),
          Cell::string(std::string(hit.place)),
          number(hit.message_id),
          number(hit.messages),
          Cell::name(hit.source),
          number(hit.line)};
}

struct ReadForget {
  ForgetRequest request;
  std::string_view secrets;
};

Result<ReadForget> read_forget(const cmem_forget_options* options) {
  CMEM_ASSIGN_OR_RETURN(const auto read,
                        read_options(options, cmem_forget_options CMEM_FORGET_OPTIONS_INIT, "cmem_forget_options"));
  ReadForget out;
  CMEM_ASSIGN_OR_RETURN(out.request.session, read_text(read.session, read.session_len, "session"));
  CMEM_ASSIGN_OR_RETURN(out.request.project, read_text(read.project, read.project_len, "project"));
  CMEM_ASSIGN_OR_RETURN(out.request.reason, read_text(read.reason, read.reason_len, "reason"));
  CMEM_ASSIGN_OR_RETURN(out.secrets, read_text(read.secrets, read.secrets_len, "secrets"));
  if (read.dry_run > 1 || read.message_id < 0)
    return Unexpected(Code::kInvalid, "cmem_forget_options: dry_run is 0 or 1, and message_id not negative");
  if (read.before_ms != INT64_MIN) out.request.before_ms = read.before_ms;
  out.request.message_id = read.message_id;
  out.request.dry_run = read.dry_run != 0;
  return out;
}

std::vector<std::string> kinds_in(std::string_view list) {
  std::vector<std::string> kinds;
  if (list == "all") return kinds;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    kinds.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return kinds;
}

Result<cmem_forget_result> redact(Store& store, const ReadForget& read) {
  const ForgetRequest& request = read.request;
  if (!request.session.empty() || !request.project.empty() || request.before_ms || request.message_id != 0)
    return Unexpected(Code::kInvalid,
                      "forget: secrets are redacted in the whole store; give neither session, project, time nor message with them");
  CMEM_ASSIGN_OR_RETURN(const auto done, redact_stored(store, kinds_in(read.secrets), request.dry_run));
  cmem_forget_result out CMEM_FORGET_RESULT_INIT;
  out.compacted = done.compacted ? 1 : 0;
  out.messages = done.messages;
  out.texts = done.texts;
  out.lines = done.lines;
  out.files = done.files;
  for (const auto& [kind, count] : done.secrets) out.secrets += count;
  return out;
}

Result<cmem_forget_result> forget(Store& store, const ReadForget& read) {
  if (!read.secrets.empty()) return redact(store, read);
  CMEM_ASSIGN_OR_RETURN(const auto done, forget_messages(store, read.request));
  cmem_forget_result out CMEM_FORGET_RESULT_INIT;
  out.compacted = done.compacted ? 1 : 0;
  out.messages = done.messages;
  out.copies = done.copies;
  out.texts = done.texts;
  out.files = done.files;
  return out;
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_secret_kinds(cmem_cursor** out, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = nullptr;
    auto table = std::make_unique<ReadyTable>(
        std::vector<Column>{{"kind", CMEM_TYPE_TEXT}, {"what", CMEM_TYPE_TEXT}, {"reference", CMEM_TYPE_TEXT}});
    for (const SecretKind& kind : secret_kinds())
      table->add(
          {Cell::string(std::string(kind.name)), Cell::string(std::string(kind.what)), Cell::string(std::string(kind.reference))});
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_secrets_scan(cmem_cursor** out, cmem_store* store, const cmem_filter* filter, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(const auto checked, read_filter(filter));
    CMEM_ASSIGN_OR_RETURN(const auto hits, scan_secrets(*store->store, checked));
    auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"kind", CMEM_TYPE_TEXT},
                                                                  {"secret", CMEM_TYPE_TEXT},
                                                                  {"tag", CMEM_TYPE_TEXT},
                                                                  {"place", CMEM_TYPE_TEXT},
                                                                  {"message", CMEM_TYPE_INT},
                                                                  {"messages", CMEM_TYPE_INT},
                                                                  {"source", CMEM_TYPE_TEXT},
                                                                  {"line", CMEM_TYPE_INT}});
    for (const SecretHit& hit : hits) table->add(to_row(hit));
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_secrets_policy(uint32_t* out, cmem_store* store, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = 0;
    CMEM_TRY(require(store, "store"));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(const bool redacts, read_redacts(store->store->reader()));
    *out = redacts ? 1 : 0;
    return {};
  });
}

cmem_status cmem_secrets_set_policy(cmem_store* store, uint32_t redact, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(store, "store"));
    if (redact > 1) return Unexpected(Code::kInvalid, "cmem_secrets_set_policy: redact is 0 or 1");
    return write_redacts(*store->store, redact != 0);
  });
}

cmem_status cmem_redact_loads(cmem_store* store, uint32_t redact, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(store, "store"));
    if (redact > 1) return Unexpected(Code::kInvalid, "cmem_redact_loads: redact is 0 or 1");
    store->store->redact_loads(redact != 0);
    return {};
  });
}

cmem_status cmem_redactions(cmem_cursor** out, cmem_store* store, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(
        auto table, read_rows(*store->store, "SELECT nullif(run_id, 0), kind, count FROM main.redaction ORDER BY run_id, kind",
                              {{"run", CMEM_TYPE_INT}, {"kind", CMEM_TYPE_TEXT}, {"count", CMEM_TYPE_INT}}));
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_forget(cmem_forget_result* out, cmem_store* store, const cmem_forget_options* options, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_output(out, "out"));
    write_output(out, cmem_forget_result CMEM_FORGET_RESULT_INIT);
    CMEM_TRY(require(store, "store"));
    CMEM_ASSIGN_OR_RETURN(const auto read, read_forget(options));
    CMEM_ASSIGN_OR_RETURN(const auto done, forget(*store->store, read));
    write_output(out, done);
    return {};
  });
}

cmem_status cmem_tombstones(cmem_cursor** out, cmem_store* store, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(
        auto table,
        read_rows(*store->store, "SELECT id, csn, time_ms, reason FROM main.tombstone ORDER BY id",
                  {{"id", CMEM_TYPE_INT}, {"csn", CMEM_TYPE_INT}, {"time", CMEM_TYPE_TIME}, {"reason", CMEM_TYPE_TEXT}}));
    return give_cursor(out, std::move(table));
  });
}
