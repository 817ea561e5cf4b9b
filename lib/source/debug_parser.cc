// debug/<session>.txt: events, each a line that begins with a time and a level (form B), or a level alone (form A, of old
// versions), and the lines behind it that do not. What stands in a line is never looked at: logs quote logs. A file that began with
// form B stays with it; one that began with form A may have been continued by a newer version.
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "base/message_text.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "base/varint.h"
#include "source/chunk_lines.h"
#include "source/component_classifier.h"
#include "source/home_parsers.h"
#include "source/home_shapes.h"
#include "source/parsed_chunk.h"
#include "source/revealed_paths.h"
#include "source/text_arena.h"
#include "source/waiting_lines.h"

namespace cmem {
namespace {

constexpr std::size_t kTypicalEventBytes = 120;
// A longer event is cut before the line that would bring it over this: a file that is no log must not fill the memory.
constexpr std::size_t kMaxEventBytes = std::size_t{16} << 20;
constexpr std::size_t kEpochMsDigits = 13;  // 2001 to 2286

// "<13 digits>" at the front of `text` with `end` behind them; an `end` of 0 stands for anything but a digit.
std::optional<std::int64_t> epoch_ms(std::string_view text, char end) noexcept {
  std::int64_t ms = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits == kEpochMsDigits) return std::nullopt;
    ms = ms * 10 + (text[digits] - '0');
  }
  if (digits != kEpochMsDigits || (end != 0 && (digits == text.size() || text[digits] != end))) return std::nullopt;
  return ms;
}

// The time in "<path>.tmp.<pid>.<ms>" or "snapshot-<shell>-<ms>-": names that the program made when it wrote the line.
std::optional<std::int64_t> embedded_time(std::string_view text) noexcept {
  constexpr std::string_view kTemporary = ".tmp.";
  for (std::size_t at = text.find(kTemporary); at != std::string_view::npos; at = text.find(kTemporary, at)) {
    at += kTemporary.size();
    const std::size_t dot = text.find_first_not_of("0123456789", at);
    if (dot == at || dot == std::string_view::npos || text[dot] != '.') continue;
    if (const auto ms = epoch_ms(text.substr(dot + 1), 0)) return ms;
  }
  for (const std::string_view name : {std::string_view("snapshot-zsh-"), std::string_view("snapshot-bash-")}) {
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
      if (const auto ms = epoch_ms(text.substr(at + name.size()), '-')) return ms;
    }
  }
  return std::nullopt;
}

// The path in an event about a file that the agent changed; empty: none.
std::string_view path_in(std::string_view text) noexcept {
  struct Words {
    std::string_view before, behind;
  };
  constexpr Words kEvents[] = {{"FileHistory: Tracked file modification for ", ""}, {"File ", " written atomically"}};
  if (!text.starts_with("File")) return {};
  text = text.substr(0, text.find_first_of("\r\n"));
  for (const Words& words : kEvents) {
    if (text.size() <= words.before.size() + words.behind.size()) continue;
    if (text.starts_with(words.before) && text.ends_with(words.behind))
      return text.substr(words.before.size(), text.size() - words.before.size() - words.behind.size());
  }
  return {};
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

class DebugParser final : public HomeParser {
 public:
  DebugParser(const HomeFile& file, HomeParserOptions options) : file_(file), options_(std::move(options)) {}

  ParsedChunk parse(LineChunk chunk, bool last) override;
  void restore(std::string_view state) override;

 private:
  struct Event {
    std::size_t begin = 0;
    std::int64_t line = 0;
    bool open = false;
    SplitContent first;  // of its first line
  };

  [[nodiscard]] bool begins_event(std::string_view line, SplitContent& split) const noexcept;
  void open_event(std::string_view line, std::size_t begin, std::int64_t number, const SplitContent& split);
  void close_event(std::size_t end, bool has_newline, ParsedChunk& parsed);
  void set_time(Record& record);
  void parse_lines(ParsedChunk& parsed);
  [[nodiscard]] std::string state() const;

  HomeFile file_;
  HomeParserOptions options_;
  ChunkFactory chunks_;
  WaitingLines waiting_;
  bool any_ = false;                  // there was an event
  bool timed_ = false;                // the first one was of form B: then "[INFO] ..." is the output of something else
  std::int64_t last_time_ = kNoTime;  // of the events before
  Event event_;
  bool check_utf8_ = false;
  std::int64_t next_line_ = 1;
  std::string_view origin_, session_;  // in the chunk
  RevealedPaths paths_;
};

bool DebugParser::begins_event(std::string_view line, SplitContent& split) const noexcept {
  if (line.empty() || (line[0] == '[' ? timed_ : !is_digit(line[0]))) return false;
  if (line[0] != '[' && (line.size() < 27 || line[4] != '-' || line[24] != ' ' || line[25] != '[')) return false;
  split = split_content(line);
  return split.prefix != TextPrefix::kNone;
}

void DebugParser::open_event(std::string_view line, std::size_t begin, std::int64_t number, const SplitContent& split) {
  event_ = {begin, number, true, split};
  if (split.prefix == TextPrefix::kNone) event_.first = split_content(line);
  // A line of form A in a file of form B, where an event that became too long is cut.
  if (split.prefix == TextPrefix::kNone && event_.first.prefix != TextPrefix::kNone)
    event_.first = {{}, kNoTime, Level::kNone, line};
  if (split.prefix != TextPrefix::kNone && !std::exchange(any_, true)) timed_ = split.prefix == TextPrefix::kTimeLevel;
}

void DebugParser::set_time(Record& record) {
  if (event_.first.time_ms != kNoTime) {
    record.time_ms = last_time_ = event_.first.time_ms;
    return;
  }
  if (const auto embedded = embedded_time(record.text)) last_time_ = *embedded;
  record.time_precision = last_time_ == kNoTime ? TimePrecision::kFile : TimePrecision::kNeighbour;
  record.time_ms = last_time_ == kNoTime ? options_.mtime_ms : last_time_;
}

// `end`: behind the event's last line, without its newline.
void DebugParser::close_event(std::size_t end, bool has_newline, ParsedChunk& parsed) {
  if (!std::exchange(event_.open, false)) return;
  const LineChunk& chunk = parsed.source();
  EventBytes bytes;
  bytes.content = chunk.view().substr(event_.begin, end - event_.begin);
  bytes.carriage_return = bytes.content.ends_with('\r');
  if (bytes.carriage_return) bytes.content.remove_suffix(1);
  bytes.after_bom = event_.begin == 0 && chunk.after_bom;
  bytes.has_newline = has_newline;
  const bool valid = !check_utf8_ || utf8_valid(bytes.content);

  Record& record = parsed.records.emplace_back();
  record.source_type = SourceType::kDebug;
  record.prefix = event_.first.prefix;
  record.level = event_.first.level;
  // The text of the first line goes on to the event's end.
  record.text = bytes.content.substr(static_cast<std::size_t>(event_.first.text.data() - bytes.content.data()));
  if (!valid) record.text = repair_utf8(record.text, parsed.arena());
  record.component = classify_component(record.text.substr(0, record.text.find('\n')));
  record.session = session_;
  record.origin = origin_;
  record.position = record.line_number = event_.line;
  record.byte_offset = chunk.byte_offset + static_cast<std::int64_t>(event_.begin);
  record.text_hash = xxh3_64(record.text);
  set_time(record);
  keep_event(bytes, valid, parsed.arena(), record);
  if (const std::string_view path = path_in(record.text); !path.empty()) paths_.add(path);
}

void DebugParser::parse_lines(ParsedChunk& parsed) {
  const std::int64_t start = parsed.source().byte_offset;
  for_each_line(parsed.source(), [&](const ChunkLine& line) {
    const auto begin = static_cast<std::size_t>(line.offset - start);
    SplitContent split;
    const bool begins = begins_event(line.text, split);
    if (begins || !event_.open || begin + line.text.size() - event_.begin > kMaxEventBytes) {
      if (begin > 0) close_event(begin - 1, true, parsed);
      open_event(line.text, begin, line.number, begins ? split : SplitContent());
    }
    next_line_ = line.number + 1;
  });
}

ParsedChunk DebugParser::parse(LineChunk next, bool last) {
  // Lines that were too long are missing behind this chunk: what stands behind them is no part of its last event.
  const bool closed = last || !next.rejects.empty();
  const auto new_bytes = static_cast<std::int64_t>(next.size);
  ParsedChunk parsed = chunks_.begin(waiting_.join(std::move(next)), nullptr);
  const LineChunk& chunk = parsed.source();
  parsed.bytes = new_bytes;
  parsed.records.reserve(chunk.size / kTypicalEventBytes + 1);
  origin_ = parsed.arena().copy(file_.origin);
  session_ = parsed.arena().copy(file_.session);
  check_utf8_ = !utf8_valid(chunk.view());
  paths_.begin_chunk(parsed);
  event_ = {};
  next_line_ = chunk.first_line_number;
  parse_lines(parsed);
  const bool newline = chunk.view().ends_with('\n');
  if (closed) close_event(newline ? chunk.size - 1 : chunk.size, newline, parsed);

  parsed.lines = (event_.open ? event_.line : next_line_) - chunk.first_line_number;
  const std::size_t used = event_.open ? event_.begin : chunk.size;
  parsed.resume = resume_at(chunk, used, event_.open ? event_.line : next_line_);
  if (event_.open) waiting_.keep(chunk, used, event_.line);
  parsed.resume.state = state();
  resume_behind_rejects(parsed);
  return parsed;
}

std::string DebugParser::state() const {
  std::string state;
  put_varint(state, (any_ ? 1U : 0U) + (timed_ ? 2U : 0U));
  put_signed(state, last_time_);
  return state;
}

void DebugParser::restore(std::string_view state) {
  waiting_.clear();
  VarintReader reader(state);
  const std::uint64_t forms = state.empty() ? 0 : reader.next();
  any_ = (forms & 1U) != 0;
  timed_ = (forms & 2U) != 0;
  last_time_ = state.empty() ? kNoTime : reader.next_signed();
}

}  // namespace

std::unique_ptr<HomeParser> make_debug_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<DebugParser>(file, std::move(options));
}

}  // namespace cmem
