#include "source/json_line_parser.h"

#include <utility>

#include "base/utf8.h"
#include "source/parsed_chunk.h"

namespace cmem {
namespace {

constexpr std::size_t kTypicalLineBytes = 1500;
// So many records at the start of a file wait for one that has a time. It bounds memory, and does not depend on the chunks.
constexpr std::size_t kMaxWaiting = 256;

// Only its file needs it.
void keep_line(const ChunkLine& line, ParsedChunk& parsed) {
  KeptLine& kept = parsed.kept_lines.emplace_back();
  kept.number = line.number;
  kept.bytes = line.after_bom ? kByteOrderMark : std::string_view();
  kept.bytes += line.text;
}

}  // namespace

JsonLineParser::JsonLineParser(const HomeFile& file, HomeParserOptions options, bool waits)
    : file_(file), options_(std::move(options)), waits_(waits) {}

Record& JsonLineParser::add_record(const ChunkLine& line, SourceType type, ParsedChunk& parsed) {
  Record& record = parsed.records.emplace_back();
  record.source_type = type;
  record.origin = origin_;
  record.position = record.line_number = line.number;
  record.byte_offset = line.offset;
  return record;
}

std::optional<LineFault> JsonLineParser::read_object(const ChunkLine& line) {
  if (check_utf8_) {
    if (const std::size_t at = utf8_first_error(line.text); at != kUtf8Valid) {
      return LineFault{RejectReason::kInvalidUtf8, "invalid UTF-8 at byte " + std::to_string(at)};
    }
  }
  std::size_t begin = 0;
  if (auto fault = check_json_object(line.text, begin)) return fault;
  object_.read(JsonValue(line.text.substr(begin)));
  return std::nullopt;
}

// The first records get this time, and those behind that state none too.
void JsonLineParser::settle(KnownTime time, ParsedChunk& parsed) {
  for (std::size_t i = 0; i < waiting_; ++i) {
    parsed.records[i].time_ms = time.time_ms;
    parsed.records[i].time_precision = time.precision;
  }
  waiting_ = 0;
  known_ = time;
}

// The records from `first` on are those of one line.
void JsonLineParser::set_times(std::size_t first, ParsedChunk& parsed) {
  for (std::size_t i = first; i < parsed.records.size(); ++i) {
    Record& record = parsed.records[i];
    if (record.time_ms != kNoTime) {
      if (waiting_ > 0) settle({record.time_ms, TimePrecision::kNeighbour}, parsed);
      known_ = KnownTime{record.time_ms, TimePrecision::kNeighbour};
    } else if (known_) {
      record.time_ms = known_->time_ms;
      record.time_precision = known_->precision;
    } else {
      ++waiting_;
    }
  }
  if (waiting_ >= (waits_ ? kMaxWaiting : 1)) settle(file_time(), parsed);
}

void JsonLineParser::parse_line(const ChunkLine& line, ParsedChunk& parsed) {
  if (auto fault = read_object(line)) {
    parsed.rejects.push_back(make_reject(line, std::move(*fault)));
    return keep_line(line, parsed);
  }
  const std::size_t first = parsed.records.size();
  read(line, object_, parsed);
  if (parsed.records.size() == first) keep_line(line, parsed);
  for (std::size_t i = first; i < parsed.records.size(); ++i) parsed.records[i].text_hash = xxh3_64(parsed.records[i].text);
  set_times(first, parsed);
}

void JsonLineParser::parse_lines(ParsedChunk& parsed) {
  for_each_line(parsed.source(), [&](const ChunkLine& line) {
    ++parsed.lines;
    next_line_ = line.number + 1;
    if (line.is_blank()) {
      ++parsed.blank_lines;
      keep_line(line, parsed);
    } else {
      parse_line(line, parsed);
    }
  });
}

ParsedChunk JsonLineParser::parse(LineChunk next, bool last) {
  const bool closed = last || !next.rejects.empty();
  const std::string before = state();
  const auto new_bytes = static_cast<std::int64_t>(next.size);
  ParsedChunk parsed = chunks_.begin(waiting_lines_.join(std::move(next)), nullptr);
  const LineChunk& chunk = parsed.source();
  parsed.bytes = new_bytes;
  parsed.records.reserve(chunk.size / kTypicalLineBytes + 1);
  origin_ = parsed.arena().copy(file_.origin);
  next_line_ = chunk.first_line_number;
  check_utf8_ = !utf8_valid(chunk.view());
  begin_chunk(parsed);
  parse_lines(parsed);
  if (waiting_ > 0 && closed) settle(file_time(), parsed);
  if (std::exchange(waiting_, 0) > 0) {
    // Read again with the next chunk.
    waiting_lines_.keep(chunk, 0, chunk.first_line_number);
    load_state(before);
    parsed.records.clear();
    parsed.rejects.clear();
    parsed.kept_lines.clear();
    parsed.revealed_paths.clear();
    parsed.lines = parsed.blank_lines = 0;
    parsed.resume = resume_at(chunk, 0, chunk.first_line_number);
  } else {
    parsed.resume = resume_at(chunk, chunk.size, next_line_);
  }
  parsed.resume.state = state();
  resume_behind_rejects(parsed);
  return parsed;
}

std::string JsonLineParser::state() const {
  std::string state;
  put_varint(state, known_ ? 1U + static_cast<unsigned>(known_->precision) : 0U);
  if (known_) put_signed(state, known_->time_ms);
  save(state);
  return state;
}

void JsonLineParser::load_state(std::string_view state) {
  VarintReader reader(state);
  const std::uint64_t precision = state.empty() ? 0 : reader.next();
  known_.reset();
  if (precision > 0) {
    known_ = KnownTime{reader.next_signed(), precision == 3 ? TimePrecision::kFile : TimePrecision::kNeighbour};
  }
  load(reader);
}

void JsonLineParser::restore(std::string_view state) {
  waiting_lines_.clear();
  load_state(state);
}

void put_string(std::string& state, std::string_view text) {
  put_varint(state, text.size());
  state += text;
}

std::string take_string(VarintReader& state) { return std::string(state.take(state.next())); }

}  // namespace cmem
