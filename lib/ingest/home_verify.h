// Compares what the store has read of homes with the files that are in them now. Reads only.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace cmem {

enum class FileAgainstHome : std::uint8_t {
  kLoaded,      // all of it
  kWaiting,     // all but its last line or event, which is not complete
  kGrown,       // what was read is still its begin
  kChanged,     // what was read is not what is there
  kGone,        // it is not there any more; what was loaded stays
  kNew,         // nothing of it was read
  kUnreadable,  // it is there, and cannot be read
};
std::string_view to_string(FileAgainstHome state);

struct VerifiedFile {
  std::string agent, home, path;
  std::string origin;  // of its messages
  FileAgainstHome state = FileAgainstHome::kLoaded;
  std::int64_t size_bytes = -1;  // now; -1: gone
  std::int64_t read_bytes = 0;   // uncompressed
};

// A file whose size and times are as they were read is not opened; else its first and last bytes are compared. `home`: this home
// alone; empty: all that were loaded. kNotFound: nothing was loaded of it.
Result<std::vector<VerifiedFile>> verify_homes(Store& store, const std::string& home);

}  // namespace cmem
