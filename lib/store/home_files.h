// What is known of the files of homes: how far each was read, and what tells whether it is still the same file.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

// The last event of a log, which was stored as it stood: more lines of it may come.
struct LastEvent {
  std::int64_t begin_bytes = 0;
  std::int64_t line = 1;
  std::int64_t message_id = 0;  // 0: it was stored before, by another load, and stays whatever comes
};

struct HomeFileState {
  std::string path;    // in the home
  std::string origin;  // of its messages: stays when the file is renamed or compressed
  std::int64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t inode = 0;
  std::int64_t read_bytes = 0;  // uncompressed: where reading goes on
  std::int64_t next_line = 1;
  std::uint64_t first_hash = 0;  // XXH3-64 of the first bytes that were read, kHashedBytes at most
  std::uint64_t last_hash = 0;   // the same of the last ones
  std::string state;             // of its parser, where reading goes on or, if there is one, before the last event
  std::optional<LastEvent> last_event;
  bool was_settled = false;  // when it was read: nothing at its end waits for more
  std::optional<std::int64_t> gone_ms;
};
inline constexpr std::int64_t kHashedBytes = 4096;

// Hashes of the first and of the last bytes of what was read of a file, however they come.
class EdgeHashes {
 public:
  void add(std::string_view bytes);
  [[nodiscard]] std::uint64_t first() const { return xxh3_64(first_); }
  [[nodiscard]] std::uint64_t last() const { return xxh3_64(last_); }

 private:
  std::string first_;
  std::string last_;
};

// In the caller's write transaction, but for reading.
Result<std::int64_t> find_or_add_home(sqlite::Connection& db, std::string_view agent, std::string_view path);
// Of a home that is not known: none. Any transaction will do.
Result<std::vector<HomeFileState>> read_home_files(sqlite::Connection& db, std::string_view agent, std::string_view home);
// The same of the files at these paths alone, as far as they are known.
Result<std::vector<HomeFileState>> read_home_files(sqlite::Connection& db, std::string_view agent, std::string_view home,
                                                   const std::vector<std::string>& paths);
// Of all other homes; the paths are absolute.
Result<std::vector<HomeFileState>> read_other_home_files(sqlite::Connection& db, std::string_view agent, std::string_view home);
Status delete_home_file(sqlite::Connection& db, std::int64_t home_id, std::string_view path);

class HomeFileWriter {
 public:
  // Adds or replaces the row of the path.
  Status write(sqlite::Connection& db, std::int64_t home_id, const HomeFileState& file);

 private:
  std::optional<sqlite::Statement> write_;
};

}  // namespace cmem
