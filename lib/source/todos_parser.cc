// todos/<session>-agent-<agent>.json, a list of items, and tasks/<session>/<n>.json, one task. Each is read whole when it changed.
#include <utility>

#include "base/hash.h"
#include "base/utf8.h"
#include "source/chunk_lines.h"
#include "source/home_parsers.h"
#include "source/home_shapes.h"
#include "source/json_value.h"
#include "source/line_fields.h"
#include "source/parsed_chunk.h"
#include "source/waiting_lines.h"

namespace cmem {
namespace {

// A file that is one JSON value.
class JsonFileParser : public HomeParser {
 public:
  JsonFileParser(const HomeFile& file, HomeParserOptions options) : file_(file), options_(std::move(options)) {}

  ParsedChunk parse(LineChunk source, bool) override {
    ParsedChunk parsed = chunks_.begin(std::move(source), nullptr);
    const std::string_view text = parsed.source().view();
    const std::size_t begin = json_skip_space(text, 0);
    parsed.lines = 1;
    parsed.resume.byte_offset = end_of(parsed.source());
    if (begin == text.size()) return parsed;  // an agent that died before it wrote
    if (auto fault = check(text, begin)) {
      parsed.rejects.push_back(make_reject({text, 1, 0, false, false}, std::move(*fault)));
    } else {
      const std::size_t end = json_skip_value(text, begin).at;
      read(JsonValue(text.substr(begin, end - begin)), parsed);
    }
    return parsed;
  }
  void restore(std::string_view) override {}

 protected:
  virtual void read(JsonValue value, ParsedChunk& parsed) = 0;

  // `identity`: what tells it apart from other records of its file.
  void add_record(std::string_view text, std::string_view identity, ParsedChunk& parsed) {
    Record& record = parsed.records.emplace_back();
    TextArena& arena = parsed.arena();
    record.source_type = SourceType::kTodos;
    record.text = arena.copy(text);
    record.origin = arena.copy(file_.origin);
    record.session = arena.copy(file_.session);
    record.time_ms = options_.mtime_ms;
    record.time_precision = TimePrecision::kFile;
    record.position = fingerprint(identity);
    record.text_hash = xxh3_64(record.text);
    record.line_number = 1;
  }
  [[nodiscard]] const HomeParserOptions& options() const noexcept { return options_; }

 private:
  static std::optional<LineFault> check(std::string_view text, std::size_t begin) {
    if (const std::size_t at = utf8_first_error(text); at != kUtf8Valid) {
      return LineFault{RejectReason::kInvalidUtf8, "invalid UTF-8 at byte " + std::to_string(at)};
    }
    const JsonEnd end = json_skip_value(text, begin);
    const bool whole = end.fault == JsonFault::kNone && json_skip_space(text, end.at) == text.size();
    if (whole) return std::nullopt;
    const char* const what = end.fault == JsonFault::kNone ? "something stands behind the value" : to_string(end.fault);
    return LineFault{RejectReason::kInvalidJson, std::string("not valid JSON: ") + what + " at byte " + std::to_string(end.at)};
  }

  HomeFile file_;
  HomeParserOptions options_;
  ChunkFactory chunks_;
};

std::string decoded(JsonValue value) { return json_decode_string(value.inside()); }

class TodosParser final : public JsonFileParser {
 public:
  using JsonFileParser::JsonFileParser;

 protected:
  void read(JsonValue value, ParsedChunk& parsed) override {
    value.for_each_element([&](JsonValue item) {
      if (item.is_object()) add_item(item, parsed);
    });
  }

 private:
  // The identity is that of the extraction record which a Python script makes of the item (RecordBuilder::set_fingerprint), so that
  // the two are known for the same.
  void add_item(JsonValue item, ParsedChunk& parsed) {
    const std::string title = decoded(item["content"]);
    const std::string text = "Task: " + title;
    std::string metadata = "{\"title\": ";
    json_append_string(metadata, title, JsonStyle::kUtf8);
    metadata += ", \"status\": ";
    json_append_string(metadata, decoded(item["status"]), JsonStyle::kUtf8);
    metadata += ", \"project\": \"\", \"complete_task\": ";
    append_spaced_json(metadata, item);
    metadata += '}';
    std::string identity;
    for (const std::string& part :
         {text, std::string("timestamp"), std::to_string(options().mtime_ms), std::string("metadata"), metadata})
      append_identity(identity, part);
    add_record(text, identity, parsed);
  }
};

class TaskParser final : public JsonFileParser {
 public:
  using JsonFileParser::JsonFileParser;

 protected:
  void read(JsonValue task, ParsedChunk& parsed) override {
    if (!task.is_object()) return;
    std::string text = "Task: " + decoded(task["subject"]);
    const std::string description = decoded(task["description"]);
    if (!description.empty()) text += '\n' + description;
    add_record(text, parsed.source().view(), parsed);
  }
};

}  // namespace

std::unique_ptr<HomeParser> make_todos_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<TodosParser>(file, std::move(options));
}

std::unique_ptr<HomeParser> make_task_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<TaskParser>(file, std::move(options));
}

}  // namespace cmem
