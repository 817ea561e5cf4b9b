// The values in a line of JSON, as spans of it. For text that json_skip_value accepted, and for such text only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_text.h"
#include "source/text_arena.h"

namespace cmem {

struct JsonMember {
  std::string_view key;  // inside of the quotes, raw
  std::string_view value;
  bool key_escaped = false;

  [[nodiscard]] bool is(std::string_view name) const { return key_escaped ? json_decode_string(key) == name : key == name; }
};

// Calls `visit` for each member of the object that begins at text[at].
template <typename Visit>
void for_each_member(std::string_view text, std::size_t at, Visit visit) {
  at = json_skip_space(text, at + 1);
  while (text[at] != '}') {
    JsonMember member;
    const std::size_t key_end = json_skip_string(text, at, member.key_escaped).at;
    member.key = text.substr(at + 1, key_end - at - 2);
    const std::size_t begin = json_skip_space(text, json_skip_space(text, key_end) + 1);
    const std::size_t end = json_skip_value(text, begin).at;
    member.value = text.substr(begin, end - begin);
    visit(member);
    at = json_skip_space(text, end);
    if (text[at] == ',') at = json_skip_space(text, at + 1);
  }
}

class JsonValue {
 public:
  JsonValue() = default;
  explicit JsonValue(std::string_view raw) : raw_(raw) {}

  [[nodiscard]] std::string_view raw() const noexcept { return raw_; }  // empty: not there
  [[nodiscard]] bool exists() const noexcept { return !raw_.empty(); }
  [[nodiscard]] bool is_string() const noexcept { return raw_.starts_with('"'); }
  [[nodiscard]] bool is_object() const noexcept { return raw_.starts_with('{'); }
  [[nodiscard]] bool is_array() const noexcept { return raw_.starts_with('['); }
  [[nodiscard]] bool is_true() const noexcept { return raw_ == "true"; }
  // Of a string, without its quotes; of anything else nothing.
  [[nodiscard]] std::string_view inside() const noexcept {
    return is_string() ? raw_.substr(1, raw_.size() - 2) : std::string_view();
  }
  [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
  // The string's text; empty if it is none. In the line itself if nothing is escaped, else in `arena`.
  std::string_view decode(TextArena& arena) const;

  // Of a name that occurs twice the last one; nothing if this is no object.
  [[nodiscard]] JsonValue operator[](std::string_view name) const;
  // "message.usage": names with dots between.
  [[nodiscard]] JsonValue at(std::string_view path) const;

  template <typename Visit>
  void for_each_element(Visit visit) const {
    if (!is_array()) return;
    std::size_t at = json_skip_space(raw_, 1);
    while (raw_[at] != ']') {
      const std::size_t end = json_skip_value(raw_, at).at;
      visit(JsonValue(raw_.substr(at, end - at)));
      at = json_skip_space(raw_, end);
      if (raw_[at] == ',') at = json_skip_space(raw_, at + 1);
    }
  }
  template <typename Visit>
  void for_each_member(Visit visit) const {
    if (is_object()) cmem::for_each_member(raw_, 0, visit);
  }

 private:
  std::string_view raw_;
};

// The members of an object that several are asked of: it is gone through once.
class JsonObject {
 public:
  // Anything but an object has no members.
  void read(JsonValue value);
  [[nodiscard]] JsonValue operator[](std::string_view name) const;
  [[nodiscard]] JsonValue at(std::string_view path) const;
  [[nodiscard]] const std::vector<JsonMember>& members() const noexcept { return members_; }

 private:
  std::vector<JsonMember> members_;
};

// The value as Python's json.dumps(value, ensure_ascii=False) writes it: one space behind ',' and ':'.
void append_spaced_json(std::string& out, JsonValue value);

}  // namespace cmem
