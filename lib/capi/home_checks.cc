// cmem_home_verify, cmem_caveats.
#include <coditect/memory_home.h>

#include <mutex>

#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "capi/table.h"
#include "ingest/home_verify.h"
#include "sqlite/transaction.h"
#include "store/caveats.h"
#include "store/message_filter.h"

using namespace cmem;

static_assert(CMEM_INDEXED_BEGIN_BYTES == kIndexedBegin);

cmem_status cmem_home_verify(cmem_cursor** out, cmem_store* store, const char* home, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(const auto files, verify_homes(*store->store, home ? home : ""));
    auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"agent", CMEM_TYPE_TEXT},
                                                                  {"home", CMEM_TYPE_TEXT},
                                                                  {"path", CMEM_TYPE_TEXT},
                                                                  {"origin", CMEM_TYPE_TEXT},
                                                                  {"state", CMEM_TYPE_TEXT},
                                                                  {"bytes", CMEM_TYPE_INT},
                                                                  {"read_bytes", CMEM_TYPE_INT}});
    for (const VerifiedFile& file : files)
      table->add({Cell::string(file.agent), Cell::string(file.home), Cell::string(file.path), Cell::string(file.origin),
                  Cell::string(std::string(to_string(file.state))),
                  file.size_bytes < 0 ? Cell::null() : Cell::number(file.size_bytes), Cell::number(file.read_bytes)});
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_caveats(cmem_cursor** out, cmem_store* store, const char* session, size_t session_len, uint32_t texts,
                         cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    if (texts > 1) return Unexpected(Code::kInvalid, "cmem_caveats: texts is 0 or 1");
    CMEM_ASSIGN_OR_RETURN(const auto name, read_text(session, session_len, "session"));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
    sqlite::Connection& db = store->store->reader();
    std::int64_t session_id = 0;
    if (!name.empty()) {
      CMEM_ASSIGN_OR_RETURN(session_id, resolve_session(db, std::string(name)));
      if (session_id == 0) return Unexpected(Code::kNotFound, "there is no session \"" + std::string(name) + "\"");
    }
    auto table = std::make_unique<ReadyTable>(
        std::vector<Column>{{"what", CMEM_TYPE_TEXT}, {"count", CMEM_TYPE_INT}, {"note", CMEM_TYPE_TEXT}});
    const auto add = [&](const char* what, std::int64_t count, const char* note) {
      table->add({Cell::string(what), Cell::number(count), Cell::string(note)});
    };
    CMEM_ASSIGN_OR_RETURN(const std::int64_t times, count_approximate_times(db, session_id));
    add("approximate_time", times, "messages whose time is that of a neighbour, or of their file");
    if (texts == 1) {
      CMEM_ASSIGN_OR_RETURN(const IndexedTexts indexed, count_indexed_texts(db));
      add("indexed_in_part", indexed.in_part, "texts of tool input and output that search knows the first 4,096 bytes of");
      add("not_indexed", indexed.not_at_all, "texts of thinking, progress and snapshots, which search does not find");
    }
    return give_cursor(out, std::move(table));
  });
}
