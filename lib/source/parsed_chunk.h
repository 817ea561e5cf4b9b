// What a parser makes of a chunk of a file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "source/line_chunker.h"
#include "source/record.h"
#include "source/record_shape.h"
#include "source/reject.h"

namespace cmem {

class TextArena;
struct ChunkMemory;

// Where reading a file goes on another time.
struct ResumePoint {
  std::int64_t byte_offset = 0;  // in the uncompressed file
  std::int64_t line_number = 1;
  std::string state;  // for HomeParser::restore()
};

// Owns everything its records point to. Moving it keeps the records valid.
class ParsedChunk {
 public:
  ParsedChunk();
  ~ParsedChunk();
  ParsedChunk(ParsedChunk&&) noexcept;
  ParsedChunk& operator=(ParsedChunk&&) noexcept;

  std::vector<Record> records;  // in file order
  std::vector<Reject> rejects;  // in file order, the chunk's over-long lines included
  // Of extraction records: records + rejects + blank lines. An event of a debug log may have several lines, and a prompt's line
  // gives a record for each pasted text too.
  std::int64_t lines = 0;
  std::int64_t blank_lines = 0;
  std::int64_t hash_mismatches = 0;
  std::int64_t bytes = 0;  // of the chunk, uncompressed
  // Of a home's file:
  std::vector<KeptLine> kept_lines;              // that gave no record
  ResumePoint resume;                            // behind the last record
  std::vector<std::string_view> revealed_paths;  // absolute paths of files that the agent worked on

  // For parsers: the bytes, and memory for what the records point to and the bytes do not hold.
  [[nodiscard]] const LineChunk& source() const noexcept { return source_; }
  [[nodiscard]] TextArena& arena() noexcept { return *arena_; }
  // Moves the rejects of the chunk's over-long lines, which stand behind all its lines, to `rejects`.
  void take_source_rejects();

 private:
  friend class ChunkFactory;
  void release() noexcept;

  LineChunk source_;
  std::unique_ptr<TextArena> arena_;
  std::shared_ptr<Pool<ChunkMemory>> pool_;  // gets `records` and the arena back
  std::shared_ptr<const void> shapes_;
};

// Makes the chunks of one parser, each from the memory of one that is gone. One thread at a time.
class ChunkFactory {
 public:
  ChunkFactory();
  // `shapes`: what owns the shapes of the records, or null if they live for ever.
  ParsedChunk begin(LineChunk source, std::shared_ptr<const void> shapes);

 private:
  std::shared_ptr<Pool<ChunkMemory>> pool_;
};

}  // namespace cmem
