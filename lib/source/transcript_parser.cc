// projects/<project>/<session>.jsonl and the transcripts of subagents: what was said and done in a session, a record a line.
#include <algorithm>
#include <array>
#include <utility>

#include "base/time_text.h"
#include "source/home_parsers.h"
#include "source/json_line_parser.h"
#include "source/line_fields.h"
#include "source/parsed_chunk.h"
#include "source/record_text.h"
#include "source/revealed_paths.h"

namespace cmem {
namespace {

// Where the text of a record is that is no message. A type that is not here has its text where kOther looks for it.
struct TextRule {
  std::string_view type;
  bool only_first;
  std::array<std::string_view, 6> paths;  // of the line; empty ones are none
};

constexpr TextRule kTextRules[] = {
    {"queue-operation", true, {"content", "operation"}},
    {"system", true, {"content", "error.message", "error.error.message", "error", "subtype"}},
    {"attachment",
     false,
     {"attachment.type", "attachment.filename", "attachment.content", "attachment.content.file.content", "attachment.snippet",
      "attachment.prompt"}},
    {"progress", false, {"data.type", "data.hookName", "data.command", "data.output"}},
    {"summary", true, {"summary"}},
    {"ai-title", true, {"aiTitle"}},
    {"custom-title", true, {"customTitle"}},
    {"agent-name", true, {"agentName"}},
    {"last-prompt", true, {"lastPrompt"}},
    {"permission-mode", true, {"permissionMode"}},
};
constexpr TextRule kOther = {"", true, {"message.content", "content", "text"}};

const TextRule& rule_for(std::string_view type) noexcept {
  for (const TextRule& rule : kTextRules) {
    if (rule.type == type) return rule;
  }
  return kOther;
}

// What the blocks of a message are.
struct Blocks {
  bool text = false, thinking = false, call = false, result = false, failed = false;
  JsonValue tool;  // the first call's name
};

class TranscriptParser final : public JsonLineParser {
 public:
  TranscriptParser(const HomeFile& file, HomeParserOptions options) : JsonLineParser(file, std::move(options), true) {}

 protected:
  void read(const ChunkLine& line, const JsonObject& object, ParsedChunk& parsed) override;
  void begin_chunk(ParsedChunk& parsed) override;
  void save(std::string& state) const override {
    project_.save(state);
    first_folder_.save(state);
    session_.save(state);
  }
  void load(VarintReader& state) override {
    project_.load(state);
    first_folder_.load(state);
    session_.load(state);
  }

 private:
  void read_people(const JsonObject& object, Record& record);
  void read_text(const JsonObject& object, std::string_view type, Record& record);
  void read_user(const JsonObject& object, Record& record);
  void read_assistant(const JsonObject& object, Record& record);
  Blocks look_at(JsonValue content) const;
  void add_blocks(JsonValue content, const Blocks& blocks);
  void reveal_saved_paths(JsonValue backups);
  void read_facts(const JsonObject& object, std::string_view type, Record& record);
  const TokenUsage* read_usage(const JsonObject& object);
  void reveal_paths(const JsonObject& object, std::string_view type);

  TextArena* arena_ = nullptr;  // of the chunk
  RepeatedText project_;        // the last folder that a record states
  RepeatedText first_folder_;   // the first one
  RepeatedText session_;
  JsonObject message_;
  RecordText text_;
  RevealedPaths paths_;
};

void TranscriptParser::begin_chunk(ParsedChunk& parsed) {
  arena_ = &parsed.arena();
  paths_.begin_chunk(parsed);
  if (!file().session.empty()) session_.set(file().session, *arena_);
  project_.begin_chunk(*arena_);
  first_folder_.begin_chunk(*arena_);
  session_.begin_chunk(*arena_);
}

// The records of a subagent state the session of their parent. Where the path does not say which that is, they do.
void TranscriptParser::read_people(const JsonObject& object, Record& record) {
  const JsonValue folder = object["cwd"];
  if (folder.is_string()) project_.set(folder.decode(*arena_), *arena_);
  if (first_folder_.get().empty()) first_folder_.set(project_.get(), *arena_);
  record.project = project_.get();
  if (file().session.empty()) {
    const std::string_view parent = object["sessionId"].decode(*arena_);
    std::string name(last_component(file().origin));
    name.resize(name.size() - std::string_view(".jsonl").size());
    if (!parent.empty()) name.insert(0, std::string(parent) + '/');
    if (!parent.empty() || session_.get().empty()) session_.set(name, *arena_);
  }
  record.session = session_.get();
}

Blocks TranscriptParser::look_at(JsonValue content) const {
  Blocks blocks;
  blocks.text = content.is_string();
  content.for_each_element([&](JsonValue block) {
    const std::string_view type = block["type"].inside();
    if (type == "text") {
      blocks.text = true;
    } else if (type == "thinking" || type == "redacted_thinking") {
      blocks.thinking = true;
    } else if (type.ends_with("tool_result")) {
      blocks.result = true;
      blocks.failed |= block["is_error"].is_true();
    } else if (type.ends_with("tool_use")) {
      if (!std::exchange(blocks.call, true)) blocks.tool = block["name"];
    }
  });
  return blocks;
}

// Thinking is a record's text only if it has no other.
void TranscriptParser::add_blocks(JsonValue content, const Blocks& blocks) {
  if (content.is_string()) return text_.add(content);
  content.for_each_element([&](JsonValue block) {
    const std::string_view type = block["type"].inside();
    if (type == "text") {
      text_.add(block["text"]);
    } else if (type == "thinking") {
      if (!blocks.text && !blocks.call) text_.add(block["thinking"]);
    } else if (type.ends_with("tool_result")) {
      text_.add_content(block["content"]);
    } else if (type.ends_with("tool_use")) {
      text_.add_call(block["name"], block["input"]);
    }
  });
}

void TranscriptParser::read_user(const JsonObject& object, Record& record) {
  const JsonValue content = object["message"]["content"];
  const Blocks blocks = look_at(content);
  add_blocks(content, blocks);
  const bool by_program = object["isMeta"].is_true() || object["isCompactSummary"].is_true();
  record.role = by_program ? "system" : blocks.result ? "tool_result" : "user";
  if (blocks.failed) record.level = Level::kError;
}

void TranscriptParser::read_assistant(const JsonObject& object, Record& record) {
  message_.read(object["message"]);
  const JsonValue content = message_["content"];
  const Blocks blocks = look_at(content);
  add_blocks(content, blocks);
  record.role = blocks.text ? "assistant" : blocks.call ? "tool_use" : blocks.thinking ? "thinking" : "assistant";
  record.component = blocks.tool.decode(*arena_);
}

void TranscriptParser::read_text(const JsonObject& object, std::string_view type, Record& record) {
  text_.clear();
  if (type == "user") {
    read_user(object, record);
  } else if (type == "assistant") {
    read_assistant(object, record);
  } else if (type == "file-history-snapshot") {
    object["snapshot"]["trackedFileBackups"].for_each_member(
        [&](const JsonMember& backup) { text_.add(json_decode_string(backup.key)); });
  } else {
    const TextRule& rule = rule_for(type);
    text_.add_paths(object, rule.paths, rule.only_first);
    if (type == "system" && object["subtype"].inside() == "api_error") record.level = Level::kError;
  }
  if (object["isApiErrorMessage"].is_true()) record.level = Level::kError;
  record.text = text_.finish(*arena_);
}

const TokenUsage* TranscriptParser::read_usage(const JsonObject& object) {
  const JsonValue usage = message_["usage"];
  if (!usage.is_object()) return nullptr;
  TokenUsage& tokens = *arena_->make<TokenUsage>();
  tokens.api_message_id = message_["id"].decode(*arena_);
  tokens.request_id = object["requestId"].decode(*arena_);
  tokens.model = message_["model"].decode(*arena_);
  usage.for_each_member([&](const JsonMember& member) {
    const std::int64_t count = std::max<std::int64_t>(JsonValue(member.value).integer().value_or(0), 0);
    if (member.key == "input_tokens") tokens.input = count;
    if (member.key == "output_tokens") tokens.output = count;
    if (member.key == "cache_creation_input_tokens") tokens.cache_creation = count;
    if (member.key == "cache_read_input_tokens") tokens.cache_read = count;
  });
  return &tokens;
}

void TranscriptParser::read_facts(const JsonObject& object, std::string_view type, Record& record) {
  TranscriptFacts& facts = *arena_->make<TranscriptFacts>();
  facts.uuid = object["uuid"].decode(*arena_);
  facts.parent_uuid = object[type == "summary" ? "leafUuid" : "parentUuid"].decode(*arena_);
  // "<parent>/agent-<id>"
  if (const std::size_t slash = record.session.rfind('/'); slash != std::string_view::npos)
    facts.parent_session = record.session.substr(0, slash);
  if (type == "assistant") facts.usage = read_usage(object);
  record.facts = &facts;
}

// A relative path is in the folder that the session began in, or perhaps in the present one: the name of the saved file tells.
void TranscriptParser::reveal_saved_paths(JsonValue backups) {
  backups.for_each_member([&](const JsonMember& backup) {
    const std::string path = json_decode_string(backup.key);
    if (is_absolute_path(path)) return paths_.add(path);
    const std::string_view saved_as = JsonValue(backup.value)["backupFileName"].inside();
    if (!paths_.add_relative(first_folder_.get(), path, saved_as)) paths_.add_relative(project_.get(), path, saved_as);
  });
}

void TranscriptParser::reveal_paths(const JsonObject& object, std::string_view type) {
  if (type == "file-history-snapshot") {
    reveal_saved_paths(object["snapshot"]["trackedFileBackups"]);
  } else if (type == "user") {
    const JsonValue result = object["toolUseResult"];
    paths_.add(result["filePath"]);
    paths_.add(result["file"]["filePath"]);
  } else if (type == "assistant") {
    message_["content"].for_each_element([&](JsonValue block) {
      const JsonValue input = block["input"];
      paths_.add(input["file_path"]);
      paths_.add(input["notebook_path"]);
    });
  } else if (type == "attachment") {
    paths_.add(object["attachment"]["filename"]);
  }
}

void TranscriptParser::read(const ChunkLine& line, const JsonObject& object, ParsedChunk& parsed) {
  Record& record = add_record(line, SourceType::kTranscript, parsed);
  const std::string_view type = object["type"].decode(*arena_);
  record.role = type;
  read_people(object, record);
  record.time_ms = parse_iso_ms(object["timestamp"].inside()).value_or(kNoTime);
  read_text(object, type, record);
  read_facts(object, type, record);
  keeper().keep(line, text_.only_string(), *arena_, record);
  reveal_paths(object, type);
}

}  // namespace

std::unique_ptr<HomeParser> make_transcript_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<TranscriptParser>(file, std::move(options));
}

}  // namespace cmem
