// A file of a home with a JSON object in each line. Knows about chunks, broken lines and the times of records that state none; what
// the objects say is for the formats.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/varint.h"
#include "source/chunk_lines.h"
#include "source/home_parser.h"
#include "source/home_shapes.h"
#include "source/json_value.h"
#include "source/waiting_lines.h"

namespace cmem {

class JsonLineParser : public HomeParser {
 public:
  // `waits`: the first records of a file wait for one with a time, which then is theirs too; else they get that of the file.
  JsonLineParser(const HomeFile& file, HomeParserOptions options, bool waits);

  ParsedChunk parse(LineChunk chunk, bool last) override;
  void restore(std::string_view state) override;

 protected:
  // Adds the records of the line, time_ms being kNoTime where it states none.
  virtual void read(const ChunkLine& line, const JsonObject& object, ParsedChunk& parsed) = 0;
  // Before the first line of a chunk: what the chunk's records point to goes to its arena.
  virtual void begin_chunk(ParsedChunk& parsed) = 0;
  // What the lines so far say about the next ones.
  virtual void save(std::string& state) const = 0;
  virtual void load(VarintReader& state) = 0;

  // A record at this line, with its origin.
  Record& add_record(const ChunkLine& line, SourceType type, ParsedChunk& parsed);
  [[nodiscard]] const HomeFile& file() const noexcept { return file_; }
  [[nodiscard]] const HomeParserOptions& options() const noexcept { return options_; }
  [[nodiscard]] JsonLineKeeper& keeper() noexcept { return keeper_; }

 private:
  struct KnownTime {
    std::int64_t time_ms;
    TimePrecision precision;  // of the records that get it from their neighbour
  };

  void parse_lines(ParsedChunk& parsed);
  void parse_line(const ChunkLine& line, ParsedChunk& parsed);
  std::optional<LineFault> read_object(const ChunkLine& line);
  void set_times(std::size_t first, ParsedChunk& parsed);
  void settle(KnownTime time, ParsedChunk& parsed);
  [[nodiscard]] KnownTime file_time() const noexcept { return {options_.mtime_ms, TimePrecision::kFile}; }
  [[nodiscard]] std::string state() const;
  void load_state(std::string_view state);

  HomeFile file_;
  HomeParserOptions options_;
  bool waits_;
  ChunkFactory chunks_;
  WaitingLines waiting_lines_;
  JsonLineKeeper keeper_;
  JsonObject object_;
  std::optional<KnownTime> known_;
  std::size_t waiting_ = 0;  // the chunk's first records, which have no time yet
  bool check_utf8_ = false;
  std::int64_t next_line_ = 1;
  std::string_view origin_;  // in the chunk
};

// A string that a state holds.
void put_string(std::string& state, std::string_view text);
std::string take_string(VarintReader& state);

// Keeps the last text that was set, and a copy of it in the chunk: the records of a file often say the same.
class RepeatedText {
 public:
  void begin_chunk(TextArena& arena) { in_chunk_ = arena.copy(text_); }
  void set(std::string_view text, TextArena& arena) {
    if (text == text_) return;
    text_ = text;
    in_chunk_ = arena.copy(text);
  }
  [[nodiscard]] std::string_view get() const noexcept { return in_chunk_; }
  void save(std::string& state) const { put_string(state, text_); }
  void load(VarintReader& state) {
    text_ = take_string(state);
    in_chunk_ = {};
  }

 private:
  std::string text_;
  std::string_view in_chunk_;
};

}  // namespace cmem
