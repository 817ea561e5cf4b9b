// A table of compressed blocks that holds one byte string per id, for ids that rise without gaps. Texts (text_block) and the
// explicit parts of records (record_block) are both kept so: neighbours compress 3 to 25 times better together than alone.
//
// Row: first_id, entry_count, raw_bytes, data. `data` is one zstd frame of raw_bytes bytes: entry_count varint lengths, then the
// entries. The last block of a table is rewritten to extend it while it is small; entries change only when something is forgotten.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lru_cache.h"
#include "base/result.h"
#include "base/shared_values.h"
#include "codec/compression_queue.h"
#include "codec/zstd_frame.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

// zstd's level for blocks: 9 gains 8 % of size and costs four times as much.
inline constexpr int kBlockCompressionLevel = 3;

// A block in memory: entry i has the id first_id + i.
struct DecodedBlock {
  std::int64_t first_id = 0;
  std::string bytes;        // the entries; what was read from the table has their lengths before them still
  std::uint32_t begin = 0;  // of the first entry in `bytes`
  std::vector<std::uint32_t> ends;

  [[nodiscard]] std::int64_t end_id() const { return first_id + static_cast<std::int64_t>(ends.size()); }
  [[nodiscard]] std::string_view entry(std::int64_t id) const {
    const auto index = static_cast<std::size_t>(id - first_id);
    const std::uint32_t at = index == 0 ? begin : ends[index - 1];
    return {bytes.data() + at, ends[index] - at};
  }
  // All of them, one after the other.
  [[nodiscard]] std::string_view entries() const { return std::string_view(bytes).substr(begin); }
  void append(std::string_view entry) {
    bytes.append(entry);
    ends.push_back(static_cast<std::uint32_t>(bytes.size()));
  }
};

// Reads entries by id through two caches, bounded in bytes: of decoded blocks, for neighbours, and of single entries, since what is
// asked for again, such as the hits of a search, is spread over more blocks than have room. One thread at a time.
class BlockReader {
 public:
  // The second cache is for searches; who reads neighbours has more of the first alone.
  BlockReader(std::string table, std::size_t block_cache_bytes, std::size_t entry_cache_bytes = 0);

  // From now on takes decoded blocks that other readers of the table have, and gives them its own. Borrows.
  void share(SharedValues<DecodedBlock>& shared) { shared_ = &shared; }
  // The entry, valid until the next call. kNotFound: no such id. kCorrupt: the block is damaged.
  Result<std::string_view> read(sqlite::Connection& db, std::int64_t id);

  // Puts a block into the cache, e.g. one that was just written.
  void remember(std::shared_ptr<const DecodedBlock> block) { keep(std::move(block)); }
  void clear();
  // Lets go of the connection's statement, but not of the cache.
  void close_statements() { select_.reset(); }

 private:
  Status load(sqlite::Connection& db, std::int64_t id);
  const DecodedBlock* find(std::int64_t id);
  void keep(std::shared_ptr<const DecodedBlock> block);

  std::string table_;
  bool keeps_entries_;
  std::int64_t last_id_ = 0;  // that was read
  SharedValues<DecodedBlock>* shared_ = nullptr;
  LruCache<std::int64_t, std::shared_ptr<const DecodedBlock>, std::map> blocks_;
  LruCache<std::int64_t, std::string> entries_;
  std::optional<sqlite::Statement> select_;
  FrameDecompressor decompressor_;
};

// Appends entries. Call resume() at the start of a write transaction whenever another process may have written since; call flush()
// before the commit. After a rollback throw the writer away (reset()). One thread at a time.
class BlockWriter {
 public:
  enum class Closed { kKept, kCompressed };
  // A block is closed when it has `target_bytes`, and compressed by `queue`, which outlives the writer. Small stores and single
  // appends keep extending the last block. Closed blocks are kept in memory for pending(), or only what they are compressed to,
  // which is less and slower to look at.
  BlockWriter(std::string table, std::size_t target_bytes, Closed closed, CompressionQueue& queue);

  // Takes up the last block of the table if it is still small. `next_id` is the id of the next entry.
  Status resume(sqlite::Connection& db, std::int64_t next_id);
  void append(std::string_view entry);
  // The entry if it is in memory (not flushed yet, or in the open block), valid until the next call. kNoMemory.
  Result<std::optional<std::string_view>> pending(std::int64_t id);
  // Writes what is new. Closed blocks go to `cache` if given, else away.
  Status flush(sqlite::Connection& db, BlockReader* cache);
  void reset();

 private:
  // Full and not flushed yet.
  struct ClosedBlock {
    std::int64_t first_id;
    std::int64_t entry_count;
    std::shared_ptr<const DecodedBlock> block;  // null: not kept
    CompressionQueue::Pending compressing;
    std::optional<CompressedBlock> compressed;  // once it was asked for
  };
  void close_open_block();
  Result<const CompressedBlock*> compressed(ClosedBlock& closed);
  Status write(sqlite::Connection& db, std::int64_t first_id, std::int64_t entry_count, const CompressedBlock& compressed);

  std::string table_;
  std::size_t target_bytes_;
  CompressionQueue* queue_;
  bool keeps_closed_;
  std::deque<ClosedBlock> closed_;
  DecodedBlock open_;
  DecodedBlock looked_at_;  // a closed block that is not kept
  bool dirty_ = false;
  std::optional<sqlite::Statement> insert_;
};

// Calls visit(id, entry) for every entry of the table in id order; stops at the first error.
Status for_each_entry(sqlite::Connection& db, const std::string& table,
                      const std::function<Status(std::int64_t id, std::string_view entry)>& visit);

// The same, but where `edit` gives bytes they take the entry's place; blocks of which nothing changes stay as they are.
Status rewrite_entries(sqlite::Connection& db, const std::string& table,
                       const std::function<Result<std::optional<std::string>>(std::int64_t id, std::string_view entry)>& edit);

}  // namespace cmem
