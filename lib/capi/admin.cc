// cmem_check and cmem_rebuild.
#include <coditect/memory_admin.h>

#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "store/check.h"
#include "store/rebuild.h"

namespace cmem {
namespace {

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
    case Severity::kInfo:
      break;
  }
  return "info";
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_check(cmem_cursor** out, cmem_store* store, uint32_t deep, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(const auto findings, check_store(*store->store, deep != 0));
    auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"check", CMEM_TYPE_TEXT},
                                                                  {"ok", CMEM_TYPE_INT},
                                                                  {"severity", CMEM_TYPE_TEXT},
                                                                  {"detail", CMEM_TYPE_TEXT},
                                                                  {"hint", CMEM_TYPE_TEXT}});
    for (const Finding& finding : findings)
      table->add({Cell::string(finding.check), Cell::number(finding.ok ? 1 : 0), Cell::string(severity_name(finding.severity)),
                  Cell::string(finding.detail), Cell::name(finding.hint)});
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_rebuild(cmem_store* store, cmem_progress_fn progress, void* payload, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(store, "store"));
    RebuildProgress report;
    if (progress)
      report = [&](std::int64_t done, std::int64_t total) { return progress(done, total, "messages", done, payload) != 0; };
    return rebuild_derived(*store->store, report);
  });
}
