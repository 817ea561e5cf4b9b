// What must be true of a home's file whatever its bytes are: the records and the lines that are none give back all of it, and read in
// pieces it has the same records.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/message_text.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "fuzz/fuzz_bytes.h"
#include "source/home_parser.h"

namespace cmem::fuzz {

inline constexpr std::string_view kMark = "\xEF\xBB\xBF";
inline constexpr std::int64_t kMtimeMs = 1'000;

inline LineChunk make_chunk(std::string_view bytes, std::int64_t byte_offset, std::int64_t line_number, bool is_begin_of_lines) {
  LineChunk chunk;
  if (is_begin_of_lines && bytes.starts_with(kMark)) {
    chunk.after_bom = true;
    bytes.remove_prefix(kMark.size());
    byte_offset += static_cast<std::int64_t>(kMark.size());
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
  return {kMtimeMs, [](std::string_view path) -> std::optional<std::string> {
            require(path.starts_with("paste-cache/") && path.find("..") == std::string_view::npos);
            return "pasted \xFF";
          }};
}

// The shape as the store would give it. The shapes of a home's lines live for ever, so each is read once.
inline const Shape& stored(const Shape& shape) {
  static std::unordered_map<const Shape*, Shape> known;
  auto found = known.find(&shape);
  if (found == known.end()) {
    auto parsed = Shape::parse(shape.text());
    require(parsed.has_value());
    found = known.emplace(&shape, std::move(*parsed)).first;
  }
  return found->second;
}

// The line or lines of a record, with the newline behind them.
inline std::string restore(const Record& r) {
  const Shape& shape = stored(*r.shape);
  const std::string content = compose_content(r.prefix, r.time_ms, r.level, r.text);
  auto line = render_line(shape, {content, r.origin, r.position, r.time_ms, r.session, r.project, r.role}, r.residue);
  require(line.has_value());
  const auto metadata = render_metadata_json(shape, r.residue);
  require(metadata.has_value() && json_skip_value(*metadata, 0).at == metadata->size());
  if (shape.has_newline()) *line += '\n';
  return std::move(*line);
}

// Puts the pieces of a file together, as an export does, and checks that each byte has its place in one record or one kept line.
class Restorer {
 public:
  explicit Restorer(std::string_view input) : input_(input) {}

  void add(const ParsedChunk& parsed) {
    auto kept = parsed.kept_lines.begin();
    for (const Record& record : parsed.records) {
      if (record.shape == nullptr) continue;  // a pasted text, behind the line of its prompt
      for (; kept != parsed.kept_lines.end() && kept->number < record.line_number; ++kept) add_kept(*kept);
      add_record(record);
    }
    for (; kept != parsed.kept_lines.end(); ++kept) add_kept(*kept);
    require(at_ == parsed.resume.byte_offset || (at_ == 0 && input_ == kMark));
    require(next_line_ == parsed.resume.line_number);
  }
  void finish() const { require(at_ == std::ssize(input_) || input_ == kMark); }

 private:
  void add_kept(const KeptLine& line) {
    const bool is_last = static_cast<std::size_t>(at_) + line.bytes.size() == input_.size();
    add_bytes(line.number, is_last ? line.bytes : line.bytes + '\n');
  }
  void add_record(const Record& record) {
    const bool behind_mark = at_ == 0 && input_.starts_with(kMark);
    require(record.byte_offset == at_ + (behind_mark ? std::ssize(kMark) : 0));
    add_bytes(record.line_number, restore(record));
  }
  void add_bytes(std::int64_t line_number, const std::string& bytes) {
    require(line_number == next_line_ && input_.substr(static_cast<std::size_t>(at_), bytes.size()) == bytes);
    at_ += std::ssize(bytes);
    next_line_ += std::count(bytes.begin(), bytes.end(), '\n') + (bytes.ends_with('\n') ? 0 : 1);
  }

  std::string_view input_;
  std::int64_t at_ = 0;
  std::int64_t next_line_ = 1;
};

inline void check_record(const Record& r) {
  for (const std::string_view text : {r.text, r.component, r.session, r.project, r.role, r.origin}) require(utf8_valid(text));
  require(r.position != 0 && r.text_hash == xxh3_64(r.text) && !r.origin.empty());
  require(r.time_ms >= kMinIsoMs && r.time_ms <= kMaxIsoMs);
  if (r.facts == nullptr) return;
  require(utf8_valid(r.facts->uuid) && utf8_valid(r.facts->parent_uuid) && utf8_valid(r.facts->parent_session));
  if (const TokenUsage* const u = r.facts->usage) require(std::min({u->input, u->output, u->cache_creation, u->cache_read}) >= 0);
}

inline void check_records(const ParsedChunk& parsed) {
  for (const Record& record : parsed.records) check_record(record);
  for (const std::string_view path : parsed.revealed_paths) require(!path.empty() && utf8_valid(path));
  for (const Reject& reject : parsed.rejects) require(!reject.message.empty() && reject.excerpt.size() <= kRejectExcerptBytes);
}

inline void check_same(const Record& a, const Record& b) {
  require(a.text == b.text && a.residue == b.residue && a.position == b.position && a.byte_offset == b.byte_offset);
  require(a.time_ms == b.time_ms && a.time_precision == b.time_precision && a.level == b.level && a.prefix == b.prefix);
  require(a.session == b.session && a.project == b.project && a.role == b.role && a.component == b.component);
  require(a.shape == b.shape && a.line_number == b.line_number && a.origin == b.origin);
}

inline void check_same(const ParsedChunk& whole, const ParsedChunk& first, const ParsedChunk& second) {
  require(first.records.size() + second.records.size() == whole.records.size());
  require(first.rejects.size() + second.rejects.size() == whole.rejects.size());
  for (std::size_t i = 0; i < whole.records.size(); ++i)
    check_same(whole.records[i], i < first.records.size() ? first.records[i] : second.records[i - first.records.size()]);
}

// One kind of file. Its parsers are used again and again, as restore("") makes them new.
class HomeFileCheck {
 public:
  HomeFileCheck(std::string_view agent, std::string_view path)
      : file_(*find_agent(agent)->classify(path)), parser_(make_home_parser(file_, options())), other_(make_home_parser(file_, options())) {}

  // `choice`: of the way that it is read a second time, and of where it is cut.
  void check(std::string_view input, std::uint64_t choice) {
    if (!file_.grows) return check_whole_file(input);
    parser_->restore({});
    const ParsedChunk whole = parser_->parse(make_chunk(input, 0, 1, true), true);
    check_records(whole);
    Restorer restorer(input);
    restorer.add(whole);
    restorer.finish();
    if (choice % 3 == 0) return check_small_chunks(input);
    const std::size_t newline = input.substr(0, choice / 8 % (input.size() + 1)).rfind('\n');
    if (newline == std::string_view::npos) return;
    choice % 3 == 1 ? check_later(whole, input, newline + 1) : check_at_once(whole, input, newline + 1);
  }

 private:
  void check_whole_file(std::string_view input) {
    const ParsedChunk parsed = parser_->parse(make_chunk(input, 0, 1, false), true);
    check_records(parsed);
    require(parsed.resume.byte_offset == std::ssize(input) && parsed.records.size() + parsed.rejects.size() <= input.size() + 1);
    const bool is_text = file_.kind == HomeFileKind::kToolResult || file_.kind == HomeFileKind::kPlan ||
                         file_.kind == HomeFileKind::kMemoryNote || file_.kind == HomeFileKind::kShellSnapshot;
    if (is_text) require(parsed.records.size() == 1 && (!utf8_valid(input) || parsed.records[0].text == input));
  }

  // Another program reads on where the records of the first piece end.
  void check_later(const ParsedChunk& whole, std::string_view input, std::size_t cut) {
    other_->restore({});
    const ParsedChunk first = other_->parse(make_chunk(input.substr(0, cut), 0, 1, true), false);
    other_->restore(first.resume.state);
    const std::int64_t at = first.resume.byte_offset;
    const auto rest = input.substr(static_cast<std::size_t>(at));
    check_same(whole, first, other_->parse(make_chunk(rest, at, first.resume.line_number, at == 0), true));
  }

  // The same program does.
  void check_at_once(const ParsedChunk& whole, std::string_view input, std::size_t cut) {
    other_->restore({});
    const ParsedChunk first = other_->parse(make_chunk(input.substr(0, cut), 0, 1, true), false);
    const std::int64_t line = 1 + std::count(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(cut), '\n');
    const ParsedChunk second = other_->parse(make_chunk(input.substr(cut), static_cast<std::int64_t>(cut), line, false), true);
    check_same(whole, first, second);
    Restorer restorer(input);
    restorer.add(first);
    restorer.add(second);
    restorer.finish();
  }

  // Through the chunker, some lines being too long.
  void check_small_chunks(std::string_view input) {
    Bytes stream(input);
    LineChunker chunker(stream, {96, 128, 4096});
    other_->restore({});
    Restorer restorer(input);
    auto chunk = chunker.next();
    require(chunk.has_value());
    while (*chunk) {
      auto next = chunker.next();
      require(next.has_value());
      const ParsedChunk parsed = other_->parse(std::move(**chunk), !*next);
      check_records(parsed);
      restorer.add(parsed);
      chunk = std::move(next);
    }
    restorer.finish();
  }

  HomeFile file_;
  std::unique_ptr<HomeParser> parser_, other_;
};

}  // namespace cmem::fuzz
