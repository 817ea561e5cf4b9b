// Files that are one record each: plans, notes, large tool results, shell snapshots, folders of session environments, and the saved
// versions of files that the agent changed.
#include <charconv>
#include <utility>

#include "base/hash.h"
#include "source/home_parsers.h"
#include "source/home_shapes.h"
#include "source/line_fields.h"
#include "source/parsed_chunk.h"
#include "source/saved_versions.h"
#include "source/waiting_lines.h"

namespace cmem {
namespace {

struct KindRule {
  HomeFileKind kind;
  SourceType type;
  std::string_view role;
};

constexpr KindRule kRules[] = {
    {HomeFileKind::kToolResult, SourceType::kToolResult, "tool_result"},
    {HomeFileKind::kShellSnapshot, SourceType::kShellSnapshot, ""},
    {HomeFileKind::kSessionEnv, SourceType::kSessionEnv, ""},
    {HomeFileKind::kPlan, SourceType::kPlan, ""},
    {HomeFileKind::kMemoryNote, SourceType::kMemoryNote, ""},
};

// "snapshot-zsh-1762721090165-abc123.sh": the program writes the time into the name.
std::optional<std::int64_t> time_in_name(std::string_view name) {
  constexpr std::size_t kDigits = 13;
  for (std::size_t at = name.find('-'); at != std::string_view::npos; at = name.find('-', at + 1)) {
    const std::string_view rest = name.substr(at + 1);
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    std::int64_t ms = 0;
    if (digits == kDigits && std::from_chars(rest.data(), rest.data() + digits, ms).ec == std::errc{}) return ms;
  }
  return std::nullopt;
}

// One record for all bytes.
class OneRecordParser : public HomeParser {
 public:
  OneRecordParser(const HomeFile& file, HomeParserOptions options) : file_(file), options_(std::move(options)) {}

  ParsedChunk parse(LineChunk source, bool) override {
    ParsedChunk parsed = chunks_.begin(std::move(source), nullptr);
    parsed.lines = 1;
    parsed.resume.byte_offset = end_of(parsed.source());
    Record& record = parsed.records.emplace_back();
    record.origin = parsed.arena().copy(file_.origin);
    record.session = parsed.arena().copy(file_.session);
    record.time_ms = options_.mtime_ms;
    record.time_precision = TimePrecision::kFile;
    record.line_number = 1;
    fill(parsed, record);
    record.text_hash = xxh3_64(record.text);
    return parsed;
  }
  void restore(std::string_view) override {}

 protected:
  virtual void fill(ParsedChunk& parsed, Record& record) = 0;
  [[nodiscard]] const HomeFile& file() const noexcept { return file_; }

 private:
  HomeFile file_;
  HomeParserOptions options_;
  ChunkFactory chunks_;
};

class WholeFileParser final : public OneRecordParser {
 public:
  using OneRecordParser::OneRecordParser;

 protected:
  void fill(ParsedChunk& parsed, Record& record) override {
    const std::string_view bytes = whole_file(parsed);
    for (const KindRule& rule : kRules) {
      if (rule.kind != file().kind) continue;
      record.source_type = rule.type;
      record.role = rule.role;
    }
    record.text = repair_utf8(bytes, parsed.arena());
    record.position = fingerprint(bytes);
    if (file().kind != HomeFileKind::kShellSnapshot) return;
    if (const auto time = time_in_name(last_component(file().origin))) {
      record.time_ms = *time;
      record.time_precision = TimePrecision::kExact;
    }
  }

 private:
  // Of a folder: a word for it, and the names of what is in it, which are the bytes.
  std::string_view whole_file(ParsedChunk& parsed) {
    std::string_view bytes = parsed.source().view();
    const bool mark = parsed.source().after_bom;
    if (file().kind == HomeFileKind::kSessionEnv) {
      if (bytes.ends_with('\n')) bytes.remove_suffix(1);
      return parsed.arena().copy("session-env" + std::string(bytes.empty() ? "" : "\n") + std::string(bytes));
    }
    return mark ? parsed.arena().copy("\xEF\xBB\xBF" + std::string(bytes)) : bytes;
  }
};

class FileVersionParser final : public OneRecordParser {
 public:
  using OneRecordParser::OneRecordParser;

 protected:
  // The origin is the file, its versions are the places in it.
  void fill(ParsedChunk& parsed, Record& record) override {
    const std::string_view name = last_component(record.origin);
    const std::size_t mark = name.find("@v");
    const std::string_view version = name.substr(mark + 2);
    std::from_chars(version.data(), version.data() + version.size(), record.position);
    record.source_type = SourceType::kFileHistory;
    record.origin.remove_suffix(name.size() - mark);
    record.text = parsed.arena().copy(saved_version_text(name, parsed.resume.byte_offset));
  }
};

class SilentParser final : public HomeParser {
 public:
  ParsedChunk parse(LineChunk source, bool) override {
    ParsedChunk parsed = chunks_.begin(std::move(source), nullptr);
    parsed.resume.byte_offset = end_of(parsed.source());
    return parsed;
  }
  void restore(std::string_view) override {}

 private:
  ChunkFactory chunks_;
};

}  // namespace

std::unique_ptr<HomeParser> make_whole_file_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<WholeFileParser>(file, std::move(options));
}

std::unique_ptr<HomeParser> make_file_version_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<FileVersionParser>(file, std::move(options));
}

std::unique_ptr<HomeParser> make_silent_parser(const HomeFile&, HomeParserOptions) { return std::make_unique<SilentParser>(); }

}  // namespace cmem
