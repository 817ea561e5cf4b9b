// The text of a record from strings of its line, one under the other.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "source/json_value.h"
#include "source/text_arena.h"

namespace cmem {

class RecordText {
 public:
  void clear();
  void add(std::string_view text);
  // The value of a JSON string; nothing if it is none.
  void add(JsonValue string);
  // A content: a string, or the texts in a list of blocks. Images and signatures have none.
  void add_content(JsonValue content);
  // "name", and a line "key: value" for each member of the input; an input that is no object as it is.
  void add_call(JsonValue name, JsonValue input);
  // What stands at the paths, up to an empty one; at the first that has something if `only_first`.
  void add_paths(const JsonObject& object, std::span<const std::string_view> paths, bool only_first);

  [[nodiscard]] bool empty() const noexcept { return parts_ == 0; }
  // In the line itself if it is one string without escapes, else in `arena`.
  std::string_view finish(TextArena& arena);
  // The JSON string whose value all of the text is; empty if there is no such.
  [[nodiscard]] std::string_view only_string() const noexcept { return parts_ == 1 ? single_.raw() : std::string_view(); }

 private:
  void begin_part();
  void append_value(JsonValue value);

  std::string joined_;
  JsonValue single_;  // the first part, as long as it is the only one and a JSON string: then it is not in joined_
  std::size_t parts_ = 0;
};

}  // namespace cmem
