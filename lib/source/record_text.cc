#include "source/record_text.h"

namespace cmem {
namespace {

// What no text has: encoded pictures and documents.
bool is_encoded(JsonValue value) noexcept { return value.raw().find("\"base64\"") != std::string_view::npos; }

}  // namespace

void RecordText::clear() {
  joined_.clear();
  single_ = {};
  parts_ = 0;
}

void RecordText::begin_part() {
  if (parts_ == 1 && single_.exists()) joined_ = json_decode_string(single_.inside());
  if (parts_ > 0) joined_ += '\n';
  ++parts_;
}

void RecordText::add(std::string_view text) {
  begin_part();
  joined_ += text;
}

void RecordText::add(JsonValue string) {
  if (!string.is_string()) return;
  if (parts_ == 0) {
    single_ = string;
    parts_ = 1;
    return;
  }
  begin_part();
  joined_ += json_decode_string(string.inside());
}

void RecordText::add_content(JsonValue content) {
  if (content.is_string()) return add(content);
  if (content.is_object()) return add(content["text"]);
  content.for_each_element([&](JsonValue block) {
    if (block.is_string()) return add(block);
    const JsonValue text = block["text"];
    if (text.is_string()) return add(text);
    if (block["type"].exists() || is_encoded(block)) return;
    begin_part();
    append_value(block);
  });
}

// A string as its text, anything else as JSON.
void RecordText::append_value(JsonValue value) {
  if (value.is_string()) {
    joined_ += json_decode_string(value.inside());
  } else if (!is_encoded(value)) {
    joined_ += value.raw();
  }
}

void RecordText::add_call(JsonValue name, JsonValue input) {
  add(name);
  if (!input.is_object()) return add(input);
  input.for_each_member([&](const JsonMember& member) {
    begin_part();
    joined_ += member.key_escaped ? json_decode_string(member.key) : member.key;
    joined_ += ": ";
    append_value(JsonValue(member.value));
  });
}

void RecordText::add_paths(const JsonObject& object, std::span<const std::string_view> paths, bool only_first) {
  for (const std::string_view path : paths) {
    if (path.empty() || (only_first && !empty())) return;
    add_content(object.at(path));
  }
}

std::string_view RecordText::finish(TextArena& arena) {
  if (parts_ == 1 && single_.exists()) return single_.decode(arena);
  return arena.copy(joined_);
}

}  // namespace cmem
