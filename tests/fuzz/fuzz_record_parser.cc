// libFuzzer target: any bytes through chunker, parser and back. Every line is a record, a reject or blank, and each record gives
// its line back byte for byte. `tests/run.sh fuzz` builds it (preset `fuzz`) and runs it for some seconds; for longer:
//   build/fuzz/bin/cmem_fuzz_record_parser -max_total_time=3600 build/fuzz/corpus tests/cli/fixtures
// With files in place of folders it replays them.
#include <cstdint>
#include <string>

#include "base/message_text.h"
#include "fuzz/fuzz_bytes.h"
#include "source/record_parser.h"

namespace {

using cmem::fuzz::require;

void check_record(const cmem::Record& r, std::string_view input) {
  const auto shape = cmem::Shape::parse(r.shape->text());
  require(shape.has_value());
  const std::string content = cmem::compose_content(r.prefix, r.time_ms, r.level, r.text);
  const auto line = cmem::render_line(*shape, {content, r.origin, r.position, r.time_ms, r.session, r.project, r.role}, r.residue);
  // A byte order mark belongs to the line that is given back, but its offset is behind the mark.
  const std::size_t mark = r.line_number == 1 && input.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  require(line.has_value());
  require(input.substr(static_cast<std::size_t>(r.byte_offset) - mark, line->size()) == *line);
  require(cmem::render_metadata_json(*shape, r.residue).has_value());
  require(cmem::given_hash(*shape, r.residue).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  cmem::fuzz::Bytes stream(input);
  cmem::LineChunker chunker(stream, {512, 4096});
  cmem::RecordParser parser;
  while (true) {
    auto chunk = chunker.next();
    require(chunk.has_value());
    if (!*chunk) return 0;
    const cmem::ParsedChunk parsed = parser.parse(std::move(**chunk));
    const auto found = static_cast<std::int64_t>(parsed.records.size() + parsed.rejects.size()) + parsed.blank_lines;
    require(found == parsed.lines);
    for (const cmem::Record& record : parsed.records) check_record(record, input);
  }
}
