// cmem_home_watch.
#include "ingest/home_watch.h"

#include <coditect/memory_home.h>

#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"

using namespace cmem;

namespace {

constexpr std::uint64_t kDefaultMaxLineBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kMaxMaxLineBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kDefaultSettledMs = 300;
constexpr std::uint64_t kMaxSettledMs = 86'400'000;

cmem_watch_report report_output(const WatchReport& report) {
  cmem_watch_report out CMEM_WATCH_REPORT_INIT;
  out.polls = report.polls ? 1U : 0U;
  out.home = report.home;
  out.committed = report.committed ? 1U : 0U;
  out.files_read = report.files_read;
  out.records_read = report.counts.records_read;
  out.messages_new = report.counts.messages_new;
  out.duplicates = report.counts.duplicates;
  out.rejected = report.counts.rejected;
  out.bytes_read = report.bytes_read;
  return out;
}

Result<HomeWatchOptions> watch_options(const cmem_watch_options& options) {
  if (!options.report) return Unexpected(Code::kInvalid, "cmem_watch_options: report must not be NULL");
  if (options.poll > 1) return Unexpected(Code::kInvalid, "cmem_watch_options: poll is 0 or 1");
  if (options.max_line_bytes > kMaxMaxLineBytes)
    return Unexpected(Code::kInvalid, "cmem_watch_options: max_line_bytes is at most 1 GiB");
  if (options.settled_ms > kMaxSettledMs) return Unexpected(Code::kInvalid, "cmem_watch_options: settled_ms is at most a day");
  HomeWatchOptions out;
  out.load.max_line_bytes = options.max_line_bytes == 0 ? kDefaultMaxLineBytes : options.max_line_bytes;
  out.load.settled_ms = static_cast<std::int64_t>(options.settled_ms == 0 ? kDefaultSettledMs : options.settled_ms);
  out.poll = options.poll == 1;
  out.report = [call = options.report, payload = options.report_payload](const WatchReport& report) {
    const cmem_watch_report c_report = report_output(report);
    return call(&c_report, payload) == 0;
  };
  return out;
}

}  // namespace

cmem_status cmem_home_watch(cmem_store* store, const cmem_watched_home* homes, size_t home_count, const cmem_watch_options* options,
                            cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(store, "store"));
    CMEM_TRY(require(homes, "homes"));
    if (home_count == 0) return Unexpected(Code::kInvalid, "cmem_home_watch: there is no home to watch");
    CMEM_ASSIGN_OR_RETURN(const auto read, read_options(options, cmem_watch_options CMEM_WATCH_OPTIONS_INIT, "cmem_watch_options"));
    CMEM_ASSIGN_OR_RETURN(HomeWatchOptions checked, watch_options(read));
    for (std::size_t i = 0; i < home_count; ++i) {
      CMEM_TRY(require(homes[i].home, "home"));
      checked.homes.push_back({homes[i].agent ? homes[i].agent : "", homes[i].home});
    }
    return watch_homes(*store->store, checked);
  });
}
