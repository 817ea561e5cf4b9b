// Reads files of a home one after the other on a thread of its own: bytes, lines, records. The caller gets the pieces in order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "ingest/home_scan.h"
#include "ingest/pipeline.h"
#include "source/parsed_chunk.h"
#include "store/home_files.h"

namespace cmem {

struct HomeReading {
  HomeEntry entry;
  HomeFileState state;
  bool begins_anew = false;  // it is not what was read before; of that, `state` says only what was known
  bool is_settled = false;   // it was not written for a while: an event at its end is taken as it stands

  // The last event is read again: it may have gone on.
  [[nodiscard]] ResumePoint begin() const {
    if (begins_anew) return {};
    if (state.last_event) return {state.last_event->begin_bytes, state.last_event->line, state.state};
    return {state.read_bytes, state.next_line, state.state};
  }
};

struct HomePiece {
  std::size_t reading = 0;  // index
  PreparedChunk chunk;
  std::string bytes;  // of a file that does not grow: all of it
  bool is_last = false;
  HomeFileState state;           // with the last piece: how far the file is read now
  std::optional<Error> failure;  // with the last piece: the file could not be read to its end
};

struct HomeReaderOptions {
  std::string home;
  std::size_t max_line_bytes = std::size_t{16} << 20;
  const Redactor* redactor = nullptr;  // null: secrets are kept
};

// Calls consume(piece) on the calling thread for the pieces of all readings in order, at least one for each; its error stops
// everything. idle() as in ChunkConsumer.
Status read_home_files(const std::vector<HomeReading>& readings, const HomeReaderOptions& options,
                       const std::function<Status(HomePiece& piece)>& consume, const std::function<Status()>& idle);

bool is_compressed(std::string_view path);

// The first bytes of the file, uncompressed, kHashedBytes at most; empty if it cannot be read.
std::string first_bytes(const std::string& path);

// Whether the file has this text in its first bytes.
bool contains_text(const std::string& path, std::int64_t bytes, std::string_view text);

// Whether the file still begins with what was read of it: its first and its last bytes are the same. False if it is gone.
bool still_begins_alike(const std::string& path, const HomeFileState& state);

}  // namespace cmem
