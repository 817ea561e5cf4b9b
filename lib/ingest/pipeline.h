// Reads one source through a pipeline of threads: a reader (bytes, decompression, SHA-256, lines), parsers, and the caller, who
// gets the parsed chunks in file order. The queues between them are bounded, so memory does not grow with the source.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/result.h"
#include "ingest/record_groups.h"
#include "ingest/source_redactor.h"
#include "source/record_parser.h"

namespace cmem {

struct PipelineOptions {
  std::size_t max_line_bytes = std::size_t{16} << 20;
  bool check_hashes = true;
  unsigned parser_threads = 1;
  const Redactor* redactor = nullptr;  // null: secrets are kept
};

// One parser a core, less the one that writes and the one that reads; a few at most, since the writer is what limits a load.
unsigned default_parser_threads();

struct ChunkProgress {
  std::int64_t file_bytes_read = 0;  // stored bytes, compressed or not
};

struct SourceEnd {
  std::string sha256;  // of the stored bytes that were read
  std::int64_t file_bytes = 0;
  std::optional<Error> damage;  // a compressed source that ends too early or is damaged; all lines before were delivered
};

struct PreparedChunk {
  ParsedChunk parsed;
  RecordGroups groups;
  SecretCounts redactions;
};

// Both run on the calling thread. An error of either stops everything and is returned.
struct ChunkConsumer {
  std::function<Status(PreparedChunk& chunk, const ChunkProgress& progress)> consume;  // for each chunk, in file order
  std::function<Status()> idle;  // while the source is slow, a few times a second; may be empty
};
// kNotFound, kIo: the source cannot be read.
Result<SourceEnd> run_pipeline(const std::string& source, const PipelineOptions& options, const ChunkConsumer& consumer);

}  // namespace cmem
