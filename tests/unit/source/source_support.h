// Parses text that stands in memory, and gives lines back the way an export does.
#pragma once
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/message_text.h"
#include "source/record_parser.h"

namespace cmem::test {

class MemoryStream final : public ByteStream {
 public:
  // Gives at most `step` bytes a call.
  explicit MemoryStream(std::string text, std::size_t step = 1 << 20) : text_(std::move(text)), step_(step) {}
  // After the text comes this error instead of the end.
  void fail_at_end(Error error) { failure_ = std::move(error); }

  Result<std::size_t> read(std::span<char> out) override {
    const std::size_t size = std::min({out.size(), step_, text_.size() - at_});
    if (size == 0 && failure_.code != Code::kInternal) return Unexpected(failure_);
    std::memcpy(out.data(), text_.data() + at_, size);
    at_ += size;
    return size;
  }
  std::string sha256_hex() override { return {}; }
  [[nodiscard]] std::int64_t file_bytes_read() const noexcept override { return static_cast<std::int64_t>(at_); }
  [[nodiscard]] std::int64_t file_size() const noexcept override { return -1; }
  [[nodiscard]] Compression compression() const noexcept override { return Compression::kNone; }

 private:
  std::string text_;
  std::size_t step_;
  std::size_t at_ = 0;
  Error failure_{Code::kInternal, ""};
};

struct Parsed {
  std::vector<ParsedChunk> chunks;
  std::vector<const Record*> records;
  std::vector<const Reject*> rejects;
  std::int64_t blank_lines = 0;
  std::int64_t lines = 0;
  std::int64_t hash_mismatches = 0;
};

inline Parsed parse_stream(ByteStream& stream, LineChunkerOptions chunker_options = {}, RecordParserOptions parser_options = {}) {
  Parsed parsed;
  LineChunker chunker(stream, chunker_options);
  RecordParser parser(parser_options);
  while (true) {
    auto chunk = chunker.next();
    if (!chunk || !*chunk) break;
    parsed.chunks.push_back(parser.parse(std::move(**chunk)));
  }
  for (const ParsedChunk& chunk : parsed.chunks) {
    for (const Record& record : chunk.records) parsed.records.push_back(&record);
    for (const Reject& reject : chunk.rejects) parsed.rejects.push_back(&reject);
    parsed.blank_lines += chunk.blank_lines;
    parsed.lines += chunk.lines;
    parsed.hash_mismatches += chunk.hash_mismatches;
  }
  return parsed;
}

inline Parsed parse_text(std::string text, LineChunkerOptions options = {}) {
  MemoryStream stream(std::move(text));
  return parse_stream(stream, options);
}

inline std::string content_of(const Record& r) { return compose_content(r.prefix, r.time_ms, r.level, r.text); }

// The line as an export gives it back, its newline included. It goes through the shape's stored text, as a store would do.
inline std::string restored(const Record& r) {
  const auto shape = Shape::parse(r.shape->text());
  if (!shape) return shape.error().text;
  const std::string content = content_of(r);
  const auto line = render_line(*shape, {content, r.origin, r.position, r.time_ms, r.session, r.project, r.role}, r.residue);
  if (!line) return line.error().text;
  return *line + (shape->has_newline() ? "\n" : "");
}

inline std::string restored(const Parsed& parsed) {
  std::string text;
  for (const Record* record : parsed.records) text += restored(*record);
  return text;
}

}  // namespace cmem::test
