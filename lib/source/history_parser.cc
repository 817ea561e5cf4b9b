// history.jsonl: the prompts that were typed, a line each, with what was pasted into them.
#include <utility>

#include "base/time_text.h"
#include "source/home_parsers.h"
#include "source/json_line_parser.h"
#include "source/parsed_chunk.h"

namespace cmem {
namespace {

class HistoryParser final : public JsonLineParser {
 public:
  HistoryParser(const HomeFile& file, HomeParserOptions options) : JsonLineParser(file, std::move(options), false) {}

 protected:
  void read(const ChunkLine& line, const JsonObject& object, ParsedChunk& parsed) override;
  void begin_chunk(ParsedChunk& parsed) override {
    project_.begin_chunk(parsed.arena());
    session_.begin_chunk(parsed.arena());
  }
  // A line says everything itself: the texts are kept only because neighbours repeat them.
  void save(std::string&) const override {}
  void load(VarintReader&) override {}

 private:
  void read_paste(const ChunkLine& line, const JsonMember& pasted, const Record& prompt, ParsedChunk& parsed);
  std::string_view paste_text(const JsonValue& paste, TextArena& arena);

  RepeatedText project_, session_;
};

// Nothing if it is no time that a store can hold.
std::int64_t time_of(JsonValue value) {
  const std::int64_t ms = value.integer().value_or(kNoTime);
  return ms < kMinIsoMs || ms > kMaxIsoMs ? kNoTime : ms;
}

void HistoryParser::read(const ChunkLine& line, const JsonObject& object, ParsedChunk& parsed) {
  TextArena& arena = parsed.arena();
  const JsonValue display = object["display"];
  project_.set(object["project"].decode(arena), arena);
  session_.set(object["sessionId"].decode(arena), arena);
  Record& record = add_record(line, SourceType::kHistory, parsed);
  record.role = "user";
  record.text = display.decode(arena);
  record.project = project_.get();
  record.session = session_.get();
  record.time_ms = time_of(object["timestamp"]);
  keeper().keep(line, display.is_string() ? display.raw() : std::string_view(), arena, record);
  const Record prompt = record;
  object["pastedContents"].for_each_member([&](const JsonMember& pasted) { read_paste(line, pasted, prompt, parsed); });
}

// A short text stands in the line, a longer one in a file of its own.
std::string_view HistoryParser::paste_text(const JsonValue& paste, TextArena& arena) {
  const JsonValue content = paste["content"];
  if (content.is_string()) return content.decode(arena);
  const std::string_view hash = paste["contentHash"].inside();
  const bool is_name = !hash.empty() && hash.size() <= 64 && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!is_name || !options().read_sibling) return {};
  const auto text = options().read_sibling("paste-cache/" + std::string(hash) + ".txt");
  return text ? repair_utf8(arena.copy(*text), arena) : std::string_view();
}

// It has no line to restore: the prompt's line is the prompt's.
void HistoryParser::read_paste(const ChunkLine& line, const JsonMember& pasted, const Record& prompt, ParsedChunk& parsed) {
  TextArena& arena = parsed.arena();
  const JsonValue paste(pasted.value);
  const std::string_view text = paste.at("type").inside() == "image" ? std::string_view() : paste_text(paste, arena);
  if (text.empty()) return;
  Record& record = add_record(line, SourceType::kPaste, parsed);
  record.role = prompt.role;
  record.project = prompt.project;
  record.session = prompt.session;
  record.time_ms = prompt.time_ms;
  record.origin = arena.copy(file().origin + "/paste-" + json_decode_string(pasted.key));
  record.text = text;
}

}  // namespace

std::unique_ptr<HomeParser> make_history_parser(const HomeFile& file, HomeParserOptions options) {
  return std::make_unique<HistoryParser>(file, std::move(options));
}

}  // namespace cmem
