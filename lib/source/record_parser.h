// Lines to records. One RecordParser per thread; the chunks it returns may be read by any thread and may outlive it.
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
class ShapeSet;
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
  std::int64_t lines = 0;       // records + rejects + blank lines
  std::int64_t blank_lines = 0;
  std::int64_t hash_mismatches = 0;
  std::int64_t bytes = 0;  // of the chunk, uncompressed
  // Of a home's file:
  ResumePoint resume;                            // behind the last record
  std::vector<std::string_view> revealed_paths;  // absolute paths of files that the agent worked on

 private:
  friend class RecordParser;
  LineChunk source_;
  void release() noexcept;
  std::unique_ptr<TextArena> arena_;
  std::shared_ptr<Pool<ChunkMemory>> pool_;  // gets `records` and the arena back
  std::shared_ptr<const ShapeSet> shapes_;
};

struct RecordParserOptions {
  bool check_hashes = true;  // false: a hash is kept as given (in the residue) and never counted as a mismatch
};

class RecordParser {
 public:
  explicit RecordParser(RecordParserOptions options = {});
  ~RecordParser();
  RecordParser(RecordParser&&) noexcept;
  RecordParser& operator=(RecordParser&&) noexcept;

  ParsedChunk parse(LineChunk chunk);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cmem
