#include "source/record_parser.h"

#include <string>
#include <utility>

#include "base/utf8.h"
#include "source/chunk_lines.h"
#include "source/record_builder.h"
#include "source/shape_set.h"

namespace cmem {
namespace {

// A guess that makes the record vector grow at most once or twice a chunk.
constexpr std::size_t kTypicalLineBytes = 400;

}  // namespace

class RecordParser::Impl {
 public:
  explicit Impl(RecordParserOptions options) : shapes_(std::make_shared<ShapeSet>()), builder_(*shapes_, options.check_hashes) {}

  ParsedChunk parse(LineChunk chunk);

 private:
  void parse_line(const ChunkLine& line, ParsedChunk& parsed);
  std::optional<LineFault> read(const ChunkLine& line, Record& record);
  std::optional<LineFault> read_unknown_shape(const ChunkLine& line, Record& record);

  std::shared_ptr<ShapeSet> shapes_;
  ChunkFactory chunks_;
  RecordBuilder builder_;
  bool check_utf8_ = false;  // the chunk holds bad UTF-8 somewhere: each line is checked
  std::vector<RawValue> values_;
  CutLine cut_;
};

// A line with a mark before it or without its newline has a shape of its own, so it does not take the fast way.
std::optional<LineFault> RecordParser::Impl::read(const ChunkLine& line, Record& record) {
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

std::optional<LineFault> RecordParser::Impl::read_unknown_shape(const ChunkLine& line, Record& record) {
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

void RecordParser::Impl::parse_line(const ChunkLine& line, ParsedChunk& parsed) {
  Record& record = parsed.records.emplace_back();
  record.line_number = line.number;
  record.byte_offset = line.offset;
  auto fault = read(line, record);
  if (!fault) {
    parsed.hash_mismatches += record.hash_mismatch ? 1 : 0;
    return;
  }
  parsed.records.pop_back();
  parsed.rejects.push_back(make_reject(line, std::move(*fault)));
}

ParsedChunk RecordParser::Impl::parse(LineChunk chunk) {
  ParsedChunk parsed = chunks_.begin(std::move(chunk), shapes_);
  parsed.records.reserve(parsed.source().size / kTypicalLineBytes + 1);
  builder_.begin_chunk(parsed.arena());
  check_utf8_ = !utf8_valid(parsed.source().view());
  for_each_line(parsed.source(), [&](const ChunkLine& line) {
    ++parsed.lines;
    if (line.is_blank()) {
      ++parsed.blank_lines;
    } else {
      parse_line(line, parsed);
    }
  });
  parsed.take_source_rejects();
  return parsed;
}

RecordParser::RecordParser(RecordParserOptions options) : impl_(std::make_unique<Impl>(options)) {}
RecordParser::~RecordParser() = default;
RecordParser::RecordParser(RecordParser&&) noexcept = default;
RecordParser& RecordParser::operator=(RecordParser&&) noexcept = default;

ParsedChunk RecordParser::parse(LineChunk chunk) { return impl_->parse(std::move(chunk)); }

}  // namespace cmem
