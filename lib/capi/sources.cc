// cmem_sources, cmem_source_export.
#include <coditect/memory_home.h>

#include <mutex>

#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "export/home_sources.h"

using namespace cmem;

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

std::vector<Column> source_columns() {
  return {{"origin", CMEM_TYPE_TEXT},  {"kind", CMEM_TYPE_TEXT}, {"agent", CMEM_TYPE_TEXT},    {"home", CMEM_TYPE_TEXT},
          {"messages", CMEM_TYPE_INT}, {"bytes", CMEM_TYPE_INT}, {"modified", CMEM_TYPE_TIME}, {"gone", CMEM_TYPE_TIME}};
}

Row source_row(const HomeSource& source) {
  return {Cell::string(source.file.origin),
          Cell::string(source.has_lines ? "lines" : "file"),
          Cell::string(source.agent),
          Cell::string(source.home),
          Cell::number(source.messages),
          Cell::number(source.file.read_bytes),
          Cell::time(source.file.mtime_ns / kNsPerMs),
          Cell::time(source.file.gone_ms.value_or(kNoTime))};
}

}  // namespace

cmem_status cmem_sources(cmem_cursor** out, cmem_store* store, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
    CMEM_ASSIGN_OR_RETURN(const auto sources, list_home_sources(store->store->reader()));
    auto table = std::make_unique<ReadyTable>(source_columns());
    for (const HomeSource& source : sources) table->add(source_row(source));
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_source_export(uint32_t* out, cmem_store* store, const char* origin, cmem_write_fn write, void* payload,
                               cmem_error* err) {
  return guard(err, [&]() -> Status {
    if (out) *out = 0;
    CMEM_TRY(require(store, "store"));
    CMEM_TRY(require(origin, "origin"));
    if (!write) return Unexpected(Code::kInvalid, "write must not be NULL");
    CMEM_ASSIGN_OR_RETURN(const bool exact, export_home_source(*store->store, origin, [write, payload](std::string_view bytes) {
                            return write(bytes.data(), bytes.size(), payload) == 0;
                          }));
    if (out) *out = exact ? 1 : 0;
    return {};
  });
}
