// The forms of what stands in a home's files, so that each record gives its bytes back.
#pragma once
#include <string>
#include <string_view>

#include "source/chunk_lines.h"
#include "source/record.h"
#include "source/text_arena.h"

namespace cmem {

// Sets shape and residue of the record of a JSON line. `content` is the string in the line, with its quotes, whose value the
// record's text is; empty if there is none. It is not kept twice, nor where the line has the same string again.
class JsonLineKeeper {
 public:
  void keep(const ChunkLine& line, std::string_view content, TextArena& arena, Record& record);

 private:
  [[nodiscard]] bool choose_style(std::string_view content, std::string_view text);

  std::string scratch_;
  bool ascii_ = false;
};

// The bytes of an event of a log, without the newline behind them.
struct EventBytes {
  std::string_view content;  // without a carriage return at its end
  bool carriage_return = false;
  bool after_bom = false;
  bool has_newline = true;
};

// `is_text`: the content is valid UTF-8 and the record's fields give it; else all of it is kept.
void keep_event(const EventBytes& event, bool is_text, TextArena& arena, Record& record);

// `text` with U+FFFD for each byte that is no part of valid UTF-8. Itself if there is none.
std::string_view repair_utf8(std::string_view text, TextArena& arena);

}  // namespace cmem
