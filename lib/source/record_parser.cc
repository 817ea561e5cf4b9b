#include "source/record_parser.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "source/record_builder.h"
#include "source/shape_set.h"
#include "source/text_arena.h"

namespace cmem {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// A guess that makes the record vector grow at most once or twice a chunk.
constexpr std::size_t kTypicalLineBytes = 400;

bool is_blank(std::string_view line) noexcept { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

// What a ParsedChunk leaves behind for the next one.
struct ChunkMemory {
  std::vector<Record> records;
  std::unique_ptr<TextArena> arena;
};

ParsedChunk::ParsedChunk() = default;
ParsedChunk::~ParsedChunk() { release(); }
ParsedChunk::ParsedChunk(ParsedChunk&&) noexcept = default;

ParsedChunk& ParsedChunk::operator=(ParsedChunk&& other) noexcept {
  if (this == &other) return *this;
  release();
  records = std::move(other.records);
  rejects = std::move(other.rejects);
  lines = other.lines;
  blank_lines = other.blank_lines;
  hash_mismatches = other.hash_mismatches;
  bytes = other.bytes;
  source_ = std::move(other.source_);
  arena_ = std::move(other.arena_);
  pool_ = std::move(other.pool_);
  shapes_ = std::move(other.shapes_);
  return *this;
}

void ParsedChunk::release() noexcept {
  if (!pool_ || !arena_) return;
  records.clear();
  arena_->clear();
  pool_->give({std::move(records), std::move(arena_)});
}

class RecordParser::Impl {
 public:
  explicit Impl(RecordParserOptions options) : shapes_(std::make_shared<ShapeSet>()), builder_(*shapes_, options.check_hashes) {}

  ParsedChunk parse(LineChunk chunk);

 private:
  struct Line {
    std::string_view text;
    std::int64_t number = 0;
    std::int64_t offset = 0;
    bool after_bom = false;
    bool has_newline = true;
  };

  void parse_lines(ParsedChunk& parsed);
  void parse_line(const Line& line, ParsedChunk& parsed);
  std::optional<LineFault> read(const Line& line, Record& record);
  std::optional<LineFault> read_unknown_shape(const Line& line, Record& record);

  std::shared_ptr<ShapeSet> shapes_;
  std::shared_ptr<Pool<ChunkMemory>> pool_ = std::make_shared<Pool<ChunkMemory>>();
  RecordBuilder builder_;
  bool check_utf8_ = false;  // the chunk holds bad UTF-8 somewhere: each line is checked
  std::vector<RawValue> values_;
  CutLine cut_;
};

// A line with a mark before it or without its newline has a shape of its own, so it does not take the fast way.
std::optional<LineFault> RecordParser::Impl::read(const Line& line, Record& record) {
  if (check_utf8_) {
    if (const std::size_t at = utf8_first_error(line.text); at != kUtf8Valid) {
      return LineFault{RejectReason::kInvalidUtf8, "invalid UTF-8 at byte " + std::to_string(at)};
    }
  }
  const LearnedShape* learned = line.after_bom || !line.has_newline ? nullptr : shapes_->match(line.text, values_);
  if (learned == nullptr) return read_unknown_shape(line, record);
  LineValues values;
  values.line = line.text;
  values.source_type = learned->source_type;
  values.pieces = &learned->utf8.pieces();
  values.values = &values_;
  values.index = &learned->index;
  values.learned = learned;
  return builder_.build(values, record);
}

std::optional<LineFault> RecordParser::Impl::read_unknown_shape(const Line& line, Record& record) {
  if (auto fault = cut_line(line.text, cut_)) return fault;
  const RoleIndex index(cut_.pieces);
  const std::string_view mark = line.after_bom ? kByteOrderMark : std::string_view();
  LineValues values;
  values.line = line.text;
  values.mark = mark;
  values.has_newline = line.has_newline;
  values.source_type = cut_.source_type;
  values.pieces = &cut_.pieces;
  values.values = &cut_.values;
  values.index = &index;
  values.learned = cut_.whole_line ? nullptr : shapes_->learn(cut_, mark, line.has_newline);
  values.overflow = cut_.overflow;
  return builder_.build(values, record);
}

void RecordParser::Impl::parse_line(const Line& line, ParsedChunk& parsed) {
  Record& record = parsed.records.emplace_back();
  record.line_number = line.number;
  record.byte_offset = line.offset;
  auto fault = read(line, record);
  if (!fault) {
    parsed.hash_mismatches += record.hash_mismatch ? 1 : 0;
    return;
  }
  parsed.records.pop_back();
  Reject reject;
  reject.line_number = line.number;
  reject.byte_offset = line.offset;
  reject.length_bytes = static_cast<std::int64_t>(line.text.size());
  reject.reason = fault->reason;
  reject.message = std::move(fault->message);
  reject.excerpt = line.text.substr(0, kRejectExcerptBytes);
  parsed.rejects.push_back(std::move(reject));
}

void RecordParser::Impl::parse_lines(ParsedChunk& parsed) {
  const LineChunk& chunk = parsed.source_;
  const std::string_view bytes = chunk.view();
  std::int64_t number = chunk.first_line_number;
  for (std::size_t at = 0; at < bytes.size(); ++number) {
    const void* newline = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
    const std::size_t end =
        newline == nullptr ? bytes.size() : static_cast<std::size_t>(static_cast<const char*>(newline) - bytes.data());
    const std::string_view text = bytes.substr(at, end - at);
    ++parsed.lines;
    if (is_blank(text)) {
      ++parsed.blank_lines;
    } else {
      parse_line({text, number, chunk.byte_offset + static_cast<std::int64_t>(at), at == 0 && chunk.after_bom, newline != nullptr},
                 parsed);
    }
    at = end + 1;
  }
}

ParsedChunk RecordParser::Impl::parse(LineChunk chunk) {
  ParsedChunk parsed;
  parsed.source_ = std::move(chunk);
  ChunkMemory memory = pool_->take();
  parsed.records = std::move(memory.records);
  parsed.arena_ = memory.arena ? std::move(memory.arena) : std::make_unique<TextArena>();
  parsed.pool_ = pool_;
  parsed.shapes_ = shapes_;
  parsed.bytes = static_cast<std::int64_t>(parsed.source_.size);
  parsed.records.reserve(parsed.source_.size / kTypicalLineBytes + 1);
  builder_.begin_chunk(*parsed.arena_);
  check_utf8_ = !utf8_valid(parsed.source_.view());
  parse_lines(parsed);
  parsed.lines += static_cast<std::int64_t>(parsed.source_.rejects.size());
  std::move(parsed.source_.rejects.begin(), parsed.source_.rejects.end(), std::back_inserter(parsed.rejects));
  return parsed;
}

RecordParser::RecordParser(RecordParserOptions options) : impl_(std::make_unique<Impl>(options)) {}
RecordParser::~RecordParser() = default;
RecordParser::RecordParser(RecordParser&&) noexcept = default;
RecordParser& RecordParser::operator=(RecordParser&&) noexcept = default;

ParsedChunk RecordParser::parse(LineChunk chunk) { return impl_->parse(std::move(chunk)); }

}  // namespace cmem
