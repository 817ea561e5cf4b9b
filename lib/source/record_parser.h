// Lines to records. One RecordParser per thread; the chunks it returns may be read by any thread and may outlive it.
#pragma once
#include <memory>

#include "source/line_chunker.h"
#include "source/parsed_chunk.h"

namespace cmem {

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
