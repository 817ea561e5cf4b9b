#include "base/message_text.h"

#include "base/time_text.h"

namespace cmem {
namespace {

constexpr std::size_t kTimeBytes = 24;  // "2025-11-19T16:34:04.944Z"

// The time at the start of `content` if it stands there exactly as format_iso_ms writes it and a space follows.
std::optional<std::int64_t> leading_time(std::string_view content) noexcept {
  if (content.size() <= kTimeBytes || content[kTimeBytes] != ' ' || content[kTimeBytes - 1] != 'Z' || content[19] != '.')
    return std::nullopt;
  return parse_iso_ms(content.substr(0, kTimeBytes));
}

// "[LEVEL] " at the start of `text`: the level, and how many bytes it takes.
Level take_level(std::string_view text, std::size_t& size) noexcept {
  if (text.empty() || text[0] != '[') return Level::kNone;
  const std::size_t close = text.substr(0, 8).find(']');
  if (close == std::string_view::npos || close + 1 >= text.size() || text[close + 1] != ' ') return Level::kNone;
  size = close + 2;
  return level_from(text.substr(1, close - 1)).value_or(Level::kNone);
}

}  // namespace

std::string compose_content(TextPrefix prefix, std::int64_t time_ms, Level level, std::string_view text) {
  if (prefix == TextPrefix::kNone) return std::string(text);
  std::string content;
  content.reserve(text.size() + kTimeBytes + 9);
  if (prefix == TextPrefix::kTimeLevel) {
    char time[kTimeBytes];
    format_iso_ms(time_ms, time);
    content.append(time, kTimeBytes);
    content += ' ';
  }
  content += '[';
  content += to_string(level);
  content += "] ";
  content += text;
  return content;
}

SplitContent split_content(std::string_view content) noexcept {
  SplitContent whole;
  whole.text = content;
  SplitContent split;
  std::size_t at = 0;
  if (const auto time = leading_time(content)) {
    split.time_ms = whole.time_ms = *time;
    at = kTimeBytes + 1;
  }
  std::size_t level_size = 0;
  split.level = take_level(content.substr(at), level_size);
  if (split.level == Level::kNone) return whole;
  split.prefix = at == 0 ? TextPrefix::kLevel : TextPrefix::kTimeLevel;
  split.text = content.substr(at + level_size);
  return split;
}

}  // namespace cmem
