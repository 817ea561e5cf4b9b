// The files of Codex CLI: sessions/YYYY/MM/DD/rollout-<time>-<session>.jsonl, whose lines are {timestamp, type, payload}, and
// history.jsonl, the prompts. What the user says stands in a rollout twice: as a message and as an event.
#include <array>
#include <utility>

#include "base/time_text.h"
#include "source/home_parsers.h"
#include "source/json_line_parser.h"
#include "source/parsed_chunk.h"
#include "source/record_text.h"

namespace cmem {
namespace {

// How a payload is read, by its type; by the line's type if it has none.
struct PayloadRule {
  std::string_view type;
  std::string_view role;  // empty: the type itself
  std::array<std::string_view, 3> paths;
};

constexpr PayloadRule kPayloadRules[] = {
    {"reasoning", "thinking", {"summary", "content"}},
    {"agent_reasoning", "thinking", {"text"}},
    {"function_call_output", "tool_result", {"output", "output.content"}},
    {"custom_tool_call_output", "tool_result", {"output", "output.content"}},
    {"user_message", "event", {"message"}},
    {"agent_message", "event", {"message"}},
    {"session_meta", "", {"cwd"}},
    {"turn_context", "", {"cwd", "model"}},
};
constexpr PayloadRule kOther = {"", "", {"message", "text"}};

const PayloadRule& rule_for(std::string_view type) noexcept {
  for (const PayloadRule& rule : kPayloadRules) {
    if (rule.type == type) return rule;
  }
  return kOther;
}

class CodexRolloutParser final : public JsonLineParser {
 public:
  CodexRolloutParser(const HomeFile& file, HomeParserOptions options) : JsonLineParser(file, std::move(options), true) {}

 protected:
  void read(const ChunkLine& line, const JsonObject& object, ParsedChunk& parsed) override;
  void begin_chunk(ParsedChunk& parsed) override {
    arena_ = &parsed.arena();
    project_.begin_chunk(*arena_);
    session_.begin_chunk(*arena_);
    if (session_.get().empty()) session_.set(file().session, *arena_);
  }
  void save(std::string& state) const override {
    project_.save(state);
    session_.save(state);
  }
  void load(VarintReader& state) override {
    project_.load(state);
    session_.load(state);
  }

 private:
  void read_call(Record& record);
  void read_text(std::string_view type, Record& record);

  TextArena* arena_ = nullptr;  // of the chunk
  RepeatedText project_, session_;
  JsonObject payload_;
  RecordText text_;
};

// The arguments are JSON in a string.
void CodexRolloutParser::read_call(Record& record) {
  record.role = "tool_use";
  record.component = payload_["name"].decode(*arena_);
  const JsonValue arguments = payload_["arguments"];
  const std::string_view json = arguments.decode(*arena_);
  const JsonEnd end = json.starts_with('{') ? json_skip_value(json, 0) : JsonEnd{0, JsonFault::kSyntax};
  if (end.fault == JsonFault::kNone && end.at == json.size()) return text_.add_call(payload_["name"], JsonValue(json));
  text_.add_call(payload_["name"], arguments.exists() ? arguments : payload_["input"]);
}

void CodexRolloutParser::read_text(std::string_view type, Record& record) {
  text_.clear();
  if (type == "function_call" || type == "custom_tool_call") {
    read_call(record);
  } else if (type == "message") {
    record.role = payload_["role"].decode(*arena_);
    text_.add_content(payload_["content"]);
  } else {
    const PayloadRule& rule = rule_for(type);
    record.role = rule.role.empty() ? type : rule.role;
    text_.add_paths(payload_, rule.paths, false);
  }
  record.text = text_.finish(*arena_);
}

void CodexRolloutParser::read(const ChunkLine& line, const JsonObject& object, ParsedChunk& parsed) {
  Record& record = add_record(line, SourceType::kCodex, parsed);
  payload_.read(object["payload"]);
  const std::string_view line_type = object["type"].decode(*arena_);
  const JsonValue payload_type = payload_["type"];
  if (line_type == "session_meta" && payload_["id"].is_string()) session_.set(payload_["id"].decode(*arena_), *arena_);
  if ((line_type == "session_meta" || line_type == "turn_context") && payload_["cwd"].is_string()) {
    project_.set(payload_["cwd"].decode(*arena_), *arena_);
  }
  record.project = project_.get();
  record.session = session_.get();
  record.time_ms = parse_iso_ms(object["timestamp"].inside()).value_or(kNoTime);
  read_text(payload_type.is_string() ? payload_type.decode(*arena_) : line_type, record);
  keeper().keep(line, text_.only_string(), *arena_, record);
}

class CodexHistoryParser final : public JsonLineParser {
 public:
  CodexHistoryParser(const HomeFile& file, HomeParserOptions options) : JsonLineParser(file, std::move(options), false) {}

 protected:
  void read(const ChunkLine& line, const JsonObject& object, ParsedChunk& parsed) override {
    TextArena& arena = parsed.arena();
    const JsonValue text = object["text"];
    Record& record = add_record(line, SourceType::kCodex, parsed);
    record.role = "user";
    record.text = text.decode(arena);
    record.session = object["session_id"].decode(arena);
    const auto seconds = object["ts"].integer();
    if (seconds && *seconds >= kMinIsoMs / 1000 && *seconds <= kMaxIsoMs / 1000) record.time_ms = *seconds * 1000;
    keeper().keep(line, text.is_string() ? text.raw() : std::string_view(), arena, record);
  }
  void begin_chunk(ParsedChunk&) override {}
  void save(std::string&) const override {}
  void load(VarintReader&) override {}
};

}  // namespace

std::unique_ptr<HomeParser> make_codex_rollout_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<CodexRolloutParser>(file, std::move(options));
}

std::unique_ptr<HomeParser> make_codex_history_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<CodexHistoryParser>(file, std::move(options));
}

}  // namespace cmem
