// The writer's view of the distinct texts: text in, id out, each text stored and indexed once.
//
// Texts are found by a 64-bit hash and then compared byte for byte, so that two texts with one hash stay two texts. The hashes of
// all stored texts are held in memory: 18 to 36 bytes for each distinct text in the store, 54 while the table grows.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"
#include "store/block_log.h"
#include "store/text_index_writer.h"

namespace cmem {

class TextTable {
 public:
  // `queue` outlives the table.
  TextTable(std::size_t cache_bytes, CompressionQueue& queue);

  // Brings the table up to the state of the store, in which the next text gets the id `next_id`. Cheap when nothing changed but
  // this writer's own commits; call at the start of each write transaction.
  Status refresh(sqlite::Connection& db, std::int64_t next_id, std::int64_t next_segment_id);

  // The id of a stored text, or nothing.
  Result<std::optional<std::int64_t>> find(sqlite::Connection& db, std::string_view text, std::uint64_t hash);
  // Valid until the next call.
  Result<std::string_view> read(sqlite::Connection& db, std::int64_t id) { return text_of(db, id); }
  // Adds a text that find() did not find, also to the text index. Returns its id.
  Result<std::int64_t> add(std::string_view text, std::uint64_t hash, Indexing indexing);
  // The text, valid until the next call.
  Result<std::string_view> text_of(sqlite::Connection& db, std::int64_t id);
  // No more texts before flush(): what can be done beside the caller's work begins.
  void seal() { index_.seal(); }
  // Writes what was added since the last flush.
  Status flush(sqlite::Connection& db);
  // Forgets everything in memory, e.g. after a rollback.
  void reset();

  [[nodiscard]] std::int64_t next_id() const { return next_id_; }
  [[nodiscard]] std::int64_t next_segment_id() const { return index_.next_segment_id(); }

 private:
  struct Slots {
    std::vector<std::uint64_t> hashes;
    std::vector<std::uint32_t> ids;  // 0 = free
    std::size_t used = 0;
  };
  void insert_slot(std::uint64_t hash, std::uint32_t id);
  void grow();
  Status load_hashes(sqlite::Connection& db, std::int64_t next_id);

  Slots slots_;
  bool has_empty_ = false;
  std::int64_t next_id_ = 0;  // 0: nothing is loaded
  std::int64_t first_unflushed_id_ = 0;
  std::string unflushed_hashes_;
  BlockWriter blocks_;
  BlockReader stored_;
  TextIndexWriter index_;
};

}  // namespace cmem
