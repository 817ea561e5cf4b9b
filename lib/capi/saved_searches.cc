// The searches that users keep under a name.
#include "search/saved_searches.h"

#include <coditect/memory_admin.h>

#include <mutex>

#include "capi/batch.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "sqlite/transaction.h"

using namespace cmem;

cmem_status cmem_saved_search_add(uint32_t* replaced, cmem_store* store, const char* name, size_t name_len, const char* query,
                                  size_t query_len, uint32_t replace, cmem_error* err) {
  return guard(err, [&]() -> Status {
    if (replaced) *replaced = 0;
    CMEM_TRY(require(store, "store"));
    CMEM_ASSIGN_OR_RETURN(const auto name_text, read_text(name, name_len, "name"));
    CMEM_ASSIGN_OR_RETURN(const auto query_text, read_text(query, query_len, "query"));
    if (replace > 1) return Unexpected(Code::kInvalid, "replace is 0 or 1");
    bool was_there = false;
    CMEM_TRY(change_in_batch(*store->store, "memory saved", [&](Writer& writer) -> Result<bool> {
      Tokenizer tokenizer;
      const std::int64_t now_ms = writer.now_ms();
      const SavedSearch search{std::string(name_text), std::string(query_text), now_ms, now_ms};
      CMEM_ASSIGN_OR_RETURN(was_there, add_saved_search(writer.db(), search, replace == 1, tokenizer));
      return true;
    }));
    if (replaced) *replaced = was_there ? 1 : 0;
    return {};
  });
}

cmem_status cmem_saved_search_remove(uint32_t* removed, cmem_store* store, const char* name, size_t name_len, cmem_error* err) {
  return guard(err, [&]() -> Status {
    if (removed) *removed = 0;
    CMEM_TRY(require(store, "store"));
    CMEM_ASSIGN_OR_RETURN(const auto text, read_text(name, name_len, "name"));
    CMEM_ASSIGN_OR_RETURN(const bool was_there, change_in_batch(*store->store, "memory saved", [&](Writer& writer) {
                            return remove_saved_search(writer.db(), text);
                          }));
    if (removed) *removed = was_there ? 1 : 0;
    return {};
  });
}

cmem_status cmem_saved_searches(cmem_cursor** out, cmem_store* store, const char* name, size_t name_len, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(const auto text, read_text(name, name_len, "name"));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
    CMEM_ASSIGN_OR_RETURN(const auto searches, list_saved_searches(store->store->reader(), text));
    auto table = std::make_unique<ReadyTable>(std::vector<Column>{
        {"name", CMEM_TYPE_TEXT}, {"query", CMEM_TYPE_TEXT}, {"created", CMEM_TYPE_TIME}, {"changed", CMEM_TYPE_TIME}});
    for (const SavedSearch& search : searches)
      table->add(
          {Cell::string(search.name), Cell::string(search.query), Cell::time(search.created_ms), Cell::time(search.changed_ms)});
    return give_cursor(out, std::move(table));
  });
}
