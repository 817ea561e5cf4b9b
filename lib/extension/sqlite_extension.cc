// The loadable SQLite extension: `.load coditect_memory_sqlite` in sqlite3, load_extension() in Datasette. It adds to a store that
// is open there what SQL alone cannot read: cmem_content(id), cmem_hash(id), cmem_metadata(id), cmem_raw(id), and for the
// connection's time a view session_messages with these as columns. Built from the same sources as the library, but against the
// host's SQLite.
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

#include <string>

#include "export/sql_functions.h"

namespace {

int fail(char** message, const std::string& text) {
  if (message) *message = sqlite3_mprintf("%s", text.c_str());
  return SQLITE_ERROR;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int sqlite3_coditectmemorysqlite_init(sqlite3* db, char** message,
                                                                                        const sqlite3_api_routines* api) {
  SQLITE_EXTENSION_INIT2(api);
  try {
    auto connection = cmem::sqlite::Connection::borrow(db);
    if (const auto status = cmem::define_sql_functions(connection); !status) return fail(message, status.error().text);
    // Without a store in the main database the functions are there, but no view: the host may open or attach one later.
    const auto is_store = connection.query_int("SELECT count(*) FROM main.sqlite_schema WHERE name = 'text_block'");
    if (!is_store || *is_store == 0) return SQLITE_OK;
    if (const auto status = cmem::create_full_view(connection); !status) return fail(message, status.error().text);
    return SQLITE_OK;
  } catch (...) {
    return fail(message, "out of memory");
  }
}
