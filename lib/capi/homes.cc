// cmem_agents, cmem_home_load.
#include <coditect/memory_home.h>

#include <numeric>

#include "base/clock.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "capi/table.h"
#include "ingest/home_loader.h"
#include "source/home_file.h"

using namespace cmem;

namespace {

constexpr std::uint64_t kDefaultMaxLineBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kMaxMaxLineBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kDefaultSettledMs = 1000;
constexpr std::uint64_t kMaxSettledMs = 86'400'000;

Result<HomeLoadOptions> home_options(const cmem_home_options& options) {
  if (options.max_line_bytes > kMaxMaxLineBytes)
    return Unexpected(Code::kInvalid, "cmem_home_options: max_line_bytes is at most 1 GiB");
  if (options.settled_ms > kMaxSettledMs) return Unexpected(Code::kInvalid, "cmem_home_options: settled_ms is at most a day");
  HomeLoadOptions out;
  out.max_line_bytes = options.max_line_bytes == 0 ? kDefaultMaxLineBytes : options.max_line_bytes;
  out.settled_ms = static_cast<std::int64_t>(options.settled_ms == 0 ? kDefaultSettledMs : options.settled_ms);
  if (options.progress)
    out.progress = [call = options.progress, payload = options.progress_payload](std::int64_t done, std::int64_t total,
                                                                                 std::int64_t rows) {
      return call(done, total, "bytes", rows, payload) != 0;
    };
  return out;
}

cmem_home_result home_output(const HomeLoadResult& result, double seconds) {
  cmem_home_result out CMEM_HOME_RESULT_INIT;
  out.files = result.files;
  out.files_read = result.read;
  out.files_unchanged = result.unchanged;
  out.files_waiting = result.waiting;
  out.files_gone = result.gone;
  out.files_failed = result.failed;
  for (const auto& [why, count] : result.skipped) out.files_skipped += count;
  out.records_read = result.counts.records_read;
  out.messages_new = result.counts.messages_new;
  out.duplicates = result.counts.duplicates;
  out.copies = result.copies;
  out.rejected = result.counts.rejected;
  out.bytes_read = result.bytes_read;
  out.run_id = result.run_id;
  out.seconds = seconds;
  return out;
}

}  // namespace

cmem_status cmem_agents(cmem_cursor** out, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = nullptr;
    auto table = std::make_unique<ReadyTable>(
        std::vector<Column>{{"agent", CMEM_TYPE_TEXT}, {"variable", CMEM_TYPE_TEXT}, {"folder", CMEM_TYPE_TEXT}});
    for (const Agent& agent : agents())
      table->add({Cell::string(std::string(agent.name)), Cell::string(std::string(agent.home_variable)),
                  Cell::string(std::string(agent.home_folder))});
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_home_load(cmem_home_result* out, cmem_store* store, const char* agent, const char* home,
                           const cmem_home_options* options, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_output(out, "out"));
    write_output(out, cmem_home_result CMEM_HOME_RESULT_INIT);
    CMEM_TRY(require(store, "store"));
    CMEM_TRY(require(agent, "agent"));
    CMEM_TRY(require(home, "home"));
    CMEM_ASSIGN_OR_RETURN(const auto read, read_options(options, cmem_home_options CMEM_HOME_OPTIONS_INIT, "cmem_home_options"));
    CMEM_ASSIGN_OR_RETURN(HomeLoadOptions checked, home_options(read));
    checked.agent = agent;
    checked.home = home;
    const std::int64_t start_ms = system_clock().now_ms();
    HomeLoadResult result;
    const Status status = load_home(*store->store, checked, result);
    write_output(out, home_output(result, static_cast<double>(system_clock().now_ms() - start_ms) / 1000.0));
    return status;
  });
}
