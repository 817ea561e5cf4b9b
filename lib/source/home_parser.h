// The files of a coding agent's home to records, one parser a file. The format is of the agent's versions 1.0.90 to 2.1.136, as
// seen in homes; formats of an agent stand in files of their own, and a new one is a line in the table of home_parser.cc.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "source/home_file.h"
#include "source/line_chunker.h"
#include "source/record_parser.h"

namespace cmem {

struct HomeParserOptions {
  std::int64_t mtime_ms = kNoTime;  // of the file; the time of what has no other
  // Another file of the home (a pasted text); nothing: not there. May be called during parse().
  std::function<std::optional<std::string>(std::string_view path)> read_sibling;
};

// One thread at a time, a file's chunks in order. The chunks it returns may be read by any thread and may outlive it.
class HomeParser {
 public:
  virtual ~HomeParser() = default;

  // The next whole lines of a file that grows, or all bytes of one that does not. `last`: an event at the end of the chunk is
  // complete, since nothing follows; else it waits for its next lines and is in the next chunk's records. ParsedChunk::resume says
  // where the records end.
  virtual ParsedChunk parse(LineChunk chunk, bool last) = 0;
  // Goes on where a chunk of an earlier parser for the same file had ended, with ResumePoint::state.
  virtual void restore(std::string_view state) = 0;
};

std::unique_ptr<HomeParser> make_home_parser(const HomeFile& file, HomeParserOptions options);

}  // namespace cmem
