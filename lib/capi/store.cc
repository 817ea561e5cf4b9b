// cmem_store_*, and what needs no store.
#include <coditect/memory_admin.h>

#include "base/time_expr.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"

#define CMEM_TEXT_INNER(x) #x
#define CMEM_TEXT(x) CMEM_TEXT_INNER(x)

namespace cmem {
namespace {

struct StatusName {
  cmem_status status;
  const char* name;
};

constexpr StatusName kStatusNames[] = {
    {CMEM_OK, "ok"},
    {CMEM_DONE, "done"},
    {CMEM_E_INVALID, "invalid"},
    {CMEM_E_NOT_FOUND, "not-found"},
    {CMEM_E_AMBIGUOUS, "ambiguous"},
    {CMEM_E_BUSY, "busy"},
    {CMEM_E_CANCELLED, "cancelled"},
    {CMEM_E_REJECTED, "rejected"},
    {CMEM_E_CORRUPT, "corrupt"},
    {CMEM_E_IO, "io"},
    {CMEM_E_FULL, "full"},
    {CMEM_E_NEWER_FORMAT, "newer-format"},
    {CMEM_E_NOT_A_STORE, "not-a-store"},
    {CMEM_E_READ_ONLY, "read-only"},
    {CMEM_E_LIMIT, "limit"},
    {CMEM_E_NO_MEMORY, "no-memory"},
    {CMEM_E_INTERNAL, "internal"},
};

constexpr std::uint32_t kDefaultBusyTimeoutMs = 10'000;
constexpr std::uint32_t kDefaultCacheMib = 64;
constexpr std::uint32_t kMaxCacheMib = 65'536;
constexpr std::uint32_t kMaxBusyTimeoutMs = 24 * 3600 * 1000;

Result<StoreOptions> store_options(const cmem_open_options* options) {
  CMEM_ASSIGN_OR_RETURN(const auto read, read_options(options, cmem_open_options CMEM_OPEN_OPTIONS_INIT, "cmem_open_options"));
  if (read.durability > 1) return Unexpected(Code::kInvalid, "cmem_open_options: durability is 0 (full) or 1 (normal)");
  if (read.read_only > 1 || read.create > 1)
    return Unexpected(Code::kInvalid, "cmem_open_options: read_only and create are 0 or 1");
  if (read.cache_mib > kMaxCacheMib) return Unexpected(Code::kInvalid, "cmem_open_options: cache_mib is at most 65536");
  if (read.busy_timeout_ms > kMaxBusyTimeoutMs)
    return Unexpected(Code::kInvalid, "cmem_open_options: busy_timeout_ms is at most a day");
  StoreOptions out;
  out.read_only = read.read_only == 1;
  out.create = read.create == 1;
  out.full_sync = read.durability == 0;
  out.busy_timeout_ms = static_cast<int>(read.busy_timeout_ms == 0 ? kDefaultBusyTimeoutMs : read.busy_timeout_ms);
  out.cache_bytes = std::size_t{read.cache_mib == 0 ? kDefaultCacheMib : read.cache_mib} << 20;
  return out;
}

}  // namespace
}  // namespace cmem

using namespace cmem;

const char* cmem_status_name(cmem_status status) {
  for (const StatusName& entry : kStatusNames)
    if (entry.status == status) return entry.name;
  return "unknown";
}

const char* cmem_version(void) {
  return CMEM_TEXT(CMEM_VERSION_MAJOR) "." CMEM_TEXT(CMEM_VERSION_MINOR) "." CMEM_TEXT(CMEM_VERSION_PATCH);
}

cmem_status cmem_store_open(cmem_store** out, const char* path, const cmem_open_options* options, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = nullptr;
    CMEM_TRY(require(path, "path"));
    CMEM_ASSIGN_OR_RETURN(const StoreOptions store_options_read, store_options(options));
    CMEM_ASSIGN_OR_RETURN(auto store, Store::open(path, store_options_read));
    *out = new cmem_store{std::shared_ptr<Store>(std::move(store))};
    return {};
  });
}

void cmem_store_close(cmem_store* store) { delete store; }

cmem_status cmem_checkpoint(cmem_store* store, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(store, "store"));
    const std::lock_guard lock(store->store->write_mutex());
    CMEM_ASSIGN_OR_RETURN(Writer* const writer, store->store->writer());
    return writer->checkpoint(sqlite::CheckpointMode::truncate);
  });
}

cmem_status cmem_time_range_parse(cmem_time_range* out, const char* text, size_t text_len, int64_t now_ms, uint32_t utc,
                                  cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    CMEM_ASSIGN_OR_RETURN(const auto view, read_text(text, text_len, "text"));
    const std::int64_t now = now_ms == 0 ? system_clock().now_ms() : now_ms;
    CMEM_ASSIGN_OR_RETURN(const auto range, parse_time_range(view, now, utc ? Zone::kUtc : Zone::kLocal));
    *out = {range.from_ms, range.until_ms};
    return {};
  });
}
