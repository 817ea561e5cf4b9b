// What must be true of a home's file whatever its bytes are: each record gives its bytes back, and the same file in two pieces, the
// second read by another parser, has the same records.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/message_text.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "source/home_parser.h"

namespace cmem::fuzz {

inline void require(bool condition) {
  if (!condition) std::abort();
}

inline LineChunk make_chunk(std::string_view bytes, std::int64_t byte_offset, std::int64_t line_number) {
  LineChunk chunk;
  if (byte_offset == 0 && bytes.starts_with("\xEF\xBB\xBF")) {
    chunk.after_bom = true;
    bytes.remove_prefix(3);
    byte_offset = 3;
  }
  chunk.size = bytes.size();
  chunk.bytes = PooledBytes(bytes.size() + kChunkPaddingBytes, nullptr);
  std::memcpy(chunk.bytes.get(), bytes.data(), bytes.size());
  std::memset(chunk.bytes.get() + bytes.size(), 0, kChunkPaddingBytes);
  chunk.first_line_number = line_number;
  chunk.byte_offset = byte_offset;
  chunk.ends_without_newline = !bytes.empty() && !bytes.ends_with('\n');
  return chunk;
}

inline HomeParserOptions options() {
  return {1'000, [](std::string_view path) -> std::optional<std::string> {
            require(path.starts_with("paste-cache/") && path.find("..") == std::string_view::npos);
            return "pasted \xFF";
          }};
}

inline void check_line(const Record& r, std::string_view input) {
  const auto shape = Shape::parse(r.shape->text());
  require(shape.has_value());
  const std::string content = compose_content(r.prefix, r.time_ms, r.level, r.text);
  const auto line = render_line(*shape, {content, r.origin, r.position, r.time_ms, r.session, r.project, r.role}, r.residue);
  const std::size_t mark = r.line_number == 1 && input.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  require(line.has_value());
  require(input.substr(static_cast<std::size_t>(r.byte_offset) - mark, line->size()) == *line);
  const auto metadata = render_metadata_json(*shape, r.residue);
  require(metadata.has_value() && json_skip_value(*metadata, 0).at == metadata->size());
}

inline void check_record(const Record& r, std::string_view input) {
  for (const std::string_view text : {r.text, r.component, r.session, r.project, r.role, r.origin}) require(utf8_valid(text));
  require(r.position != 0 && r.text_hash == xxh3_64(r.text) && !r.origin.empty());
  require(r.time_ms >= kMinIsoMs && r.time_ms <= kMaxIsoMs);
  if (r.shape != nullptr) check_line(r, input);
}

inline void check_same(const Record& a, const Record& b) {
  require(a.text == b.text && a.residue == b.residue && a.position == b.position && a.byte_offset == b.byte_offset);
  require(a.time_ms == b.time_ms && a.time_precision == b.time_precision && a.level == b.level && a.prefix == b.prefix);
  require(a.session == b.session && a.project == b.project && a.role == b.role && a.component == b.component);
  require(a.shape == b.shape || a.shape->text() == b.shape->text());
}

inline void check_file(const HomeFile& file, std::string_view input) {
  const ParsedChunk whole = make_home_parser(file, options())->parse(make_chunk(input, 0, 1), true);
  for (const Record& record : whole.records) check_record(record, input);
  require(input == "\xEF\xBB\xBF" || whole.resume.byte_offset == static_cast<std::int64_t>(input.size()));
  if (!file.grows) return;
  // The cut depends on the bytes alone, and is behind a newline.
  const std::size_t at = input.empty() ? 0 : static_cast<std::size_t>(xxh3_64(input) % (input.size() + 1));
  const std::size_t newline = input.substr(0, at).rfind('\n');
  if (newline == std::string_view::npos) return;
  const ParsedChunk first = make_home_parser(file, options())->parse(make_chunk(input.substr(0, newline + 1), 0, 1), false);
  const auto second_parser = make_home_parser(file, options());
  second_parser->restore(first.resume.state);
  const auto rest = input.substr(static_cast<std::size_t>(first.resume.byte_offset));
  const ParsedChunk second = second_parser->parse(make_chunk(rest, first.resume.byte_offset, first.resume.line_number), true);
  require(first.records.size() + second.records.size() == whole.records.size());
  require(first.rejects.size() + second.rejects.size() == whole.rejects.size());
  for (std::size_t i = 0; i < whole.records.size(); ++i) {
    check_same(whole.records[i], i < first.records.size() ? first.records[i] : second.records[i - first.records.size()]);
  }
}

inline void check_path(std::string_view agent, std::string_view path, std::string_view input) {
  check_file(*find_agent(agent)->classify(path), input);
}

}  // namespace cmem::fuzz
