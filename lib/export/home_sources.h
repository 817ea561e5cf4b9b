// The files of homes that were loaded, given back byte for byte.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "export/exporter.h"
#include "store/home_files.h"
#include "store/store.h"

namespace cmem {

struct HomeSource {
  std::string agent;
  std::string home;
  HomeFileState file;         // how far it was read, and what tells whether its bytes are the same
  bool has_lines = false;     // else it is kept as a whole
  std::int64_t messages = 0;  // of this origin
};

// In the order of their origins, each once, in the caller's read transaction. Where two homes have a file of one origin, the last
// one that was written and is still there counts. Folders are left out.
Result<std::vector<HomeSource>> list_home_sources(sqlite::Connection& db);

// The file as it was when it was read last, uncompressed; what then was an unfinished last line is not in it. Returns whether the
// bytes are those that were read, as far as their number and the hashes of both ends tell: they are not where something was
// redacted or forgotten, where a line was too long to be kept, or where another home has a file of this origin too. kNotFound:
// there is no such source. kCancelled when the sink stops. Takes the read mutex, in one read transaction.
Result<bool> export_home_source(Store& store, std::string_view origin, const ExportSink& sink);

}  // namespace cmem
