// The one place that brings in SQLite, so that the same sources build into the library and, with CMEM_SQLITE_EXTENSION,
// into a loadable extension that calls the host's SQLite. Only .cc files of this room and of such an extension include it.
#pragma once
#ifdef CMEM_SQLITE_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif
