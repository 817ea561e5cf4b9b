#include "source/json_value.h"

#include <charconv>
#include <utility>

namespace cmem {

std::optional<std::int64_t> JsonValue::integer() const noexcept {
  std::int64_t number = 0;
  const char* const end = raw_.data() + raw_.size();
  const auto parsed = std::from_chars(raw_.data(), end, number);
  if (raw_.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

std::string_view JsonValue::decode(TextArena& arena) const {
  const std::string_view text = inside();
  if (text.find('\\') == std::string_view::npos) return text;
  char* out = arena.allocate(text.size());
  const JsonDecoded decoded = json_decode_string(text, out);
  arena.shrink(text.size() - decoded.size);
  return {out, decoded.size};
}

JsonValue JsonValue::operator[](std::string_view name) const {
  JsonValue found;
  for_each_member([&](const JsonMember& member) {
    if (member.is(name)) found = JsonValue(member.value);
  });
  return found;
}

JsonValue JsonValue::at(std::string_view path) const {
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return (*this)[path];
  return (*this)[path.substr(0, dot)].at(path.substr(dot + 1));
}

void JsonObject::read(JsonValue value) {
  members_.clear();
  value.for_each_member([&](const JsonMember& member) { members_.push_back(member); });
}

JsonValue JsonObject::operator[](std::string_view name) const {
  for (std::size_t i = members_.size(); i-- > 0;) {
    if (members_[i].is(name)) return JsonValue(members_[i].value);
  }
  return {};
}

JsonValue JsonObject::at(std::string_view path) const {
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return (*this)[path];
  return (*this)[path.substr(0, dot)].at(path.substr(dot + 1));
}

// Recursion is bounded: json_skip_value lets at most kJsonMaxDepth levels pass.
void append_spaced_json(std::string& out, JsonValue value) {
  bool first = true;
  if (value.is_string()) {
    json_append_string(out, json_decode_string(value.inside()), JsonStyle::kUtf8);
  } else if (value.is_array()) {
    out += '[';
    value.for_each_element([&](JsonValue element) {
      if (!std::exchange(first, false)) out += ", ";
      append_spaced_json(out, element);
    });
    out += ']';
  } else if (value.is_object()) {
    out += '{';
    value.for_each_member([&](const JsonMember& member) {
      if (!std::exchange(first, false)) out += ", ";
      json_append_string(out, json_decode_string(member.key), JsonStyle::kUtf8);
      out += ": ";
      append_spaced_json(out, JsonValue(member.value));
    });
    out += '}';
  } else {
    out += value.raw();
  }
}

}  // namespace cmem
