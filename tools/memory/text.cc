#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cwchar>

namespace cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kJoiner = 0x200D;

struct Decoded {
  char32_t code;
  std::size_t bytes;
};

// Lengths by the first byte; 0 = not a first byte. Overlong forms and surrogates are found by the value afterwards.
std::size_t sequence_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

Decoded decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = sequence_length(first);
  if (length == 1) return {first, 1};
  if (length == 0 || length > text.size()) return {kReplacement, 1};
  char32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80) return {kReplacement, 1};
    code = (code << 6U) | (byte & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool bad = code < kLeast[length] || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF;
  return bad ? Decoded{kReplacement, 1} : Decoded{code, length};
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | (code >> 6U));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12U));
    put(0x80 | ((code >> 6U) & 0x3FU));
  } else {
    put(0xF0 | (code >> 18U));
    put(0x80 | ((code >> 12U) & 0x3FU));
    put(0x80 | ((code >> 6U) & 0x3FU));
  }
  put(0x80 | (code & 0x3FU));
}

bool is_line_break(char32_t code) { return code == '\n' || code == 0x2028 || code == 0x2029 || code == 0x85; }
bool is_space(char32_t code) { return code == ' ' || code == '\t' || code == '\r' || code == '\v' || code == '\f' || code == 0xA0; }
bool is_bidi_control(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

// One column each, as they are: most of what is shown.
constexpr bool is_plain(char32_t code) { return code >= 0x20 && code < 0x7F; }

// What is shown for a code that is no white space; 0 = nothing.
char32_t shown(char32_t code) {
  if (is_plain(code)) return code;
  if (code < 0x20) return 0x2400 + code;  // the block of control pictures
  if (code == 0x7F) return 0x2421;
  if (code >= 0x80 && code < 0xA0) return kReplacement;
  if (is_bidi_control(code) || code == 0xFEFF) return 0;
  return ::wcwidth(static_cast<wchar_t>(code)) < 0 ? kReplacement : code;
}

// Columns of a shown code after `previous`: what a joiner or a skin tone joins to an emoji takes no room of its own.
int columns(char32_t code, char32_t previous) {
  if (previous == kJoiner || (code >= 0x1F3FB && code <= 0x1F3FF)) return 0;
  if (is_plain(code)) return 1;
  return std::max(0, ::wcwidth(static_cast<wchar_t>(code)));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Collects shown characters and knows their width.
struct Line {
  std::string text;
  int width = 0;
  char32_t previous = 0;

  void add(char32_t code) {
    append_utf8(text, code);
    width += columns(code, previous);
    previous = code;
  }
};

// Calls visit(code) for each shown code of one line's worth of text, white space made single spaces; stops when it returns false.
template <typename Visit>
void for_each_shown(std::string_view text, Visit visit) {
  bool pending_space = false;
  bool started = false;
  while (!text.empty()) {
    const Decoded next = decode(text);
    text.remove_prefix(next.bytes);
    if (is_space(next.code) || is_line_break(next.code)) {
      pending_space = started;
      continue;
    }
    const char32_t code = shown(next.code);
    if (code == 0) continue;
    if (pending_space && !visit(U' ')) return;
    if (!visit(code)) return;
    pending_space = false;
    started = true;
  }
}

// One line of wrap(): white space inside stays, a tab counts as two spaces.
std::vector<char32_t> shown_codes(std::string_view& text) {
  std::vector<char32_t> codes;
  while (!text.empty()) {
    const Decoded next = decode(text);
    text.remove_prefix(next.bytes);
    if (is_line_break(next.code)) break;
    if (next.code == '\r') continue;
    if (next.code == '\t')
      codes.insert(codes.end(), 2, U' ');
    else if (is_space(next.code))
      codes.push_back(U' ');
    else if (const char32_t code = shown(next.code); code != 0)
      codes.push_back(code);
  }
  while (!codes.empty() && codes.back() == ' ') codes.pop_back();
  return codes;
}

// The number of codes that fit into `width`, ending at a space if there is one in the later half of the line.
std::size_t break_at(const std::vector<char32_t>& codes, std::size_t begin, int width) {
  int used = 0;
  std::size_t after_space = 0;
  char32_t previous = 0;
  for (std::size_t i = begin; i < codes.size(); ++i) {
    used += columns(codes[i], previous);
    previous = codes[i];
    if (used > width) return after_space > begin ? after_space : std::max(i, begin + 1);
    if (codes[i] == ' ' && used * 2 > width) after_space = i + 1;
  }
  return codes.size();
}

// It is shown as it is.
bool is_one_plain_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char byte) { return is_plain(byte); }) && !text.starts_with(' ') &&
         !text.ends_with(' ') && text.find("  ") == std::string_view::npos;
}

std::string text_of(const std::vector<char32_t>& codes, std::size_t begin, std::size_t end) {
  while (end > begin && codes[end - 1] == ' ') --end;
  std::string out;
  for (std::size_t i = begin; i < end; ++i) append_utf8(out, codes[i]);
  return out;
}

}  // namespace

std::string printable_line(std::string_view text) {
  std::string out;
  for_each_shown(text, [&out](char32_t code) {
    append_utf8(out, code);
    return true;
  });
  return out;
}

std::string fit(std::string_view text, int width) {
  if (width < 1) return {};
  if (text.size() <= static_cast<std::size_t>(width) && is_one_plain_line(text)) return std::string(text);
  Line line;
  std::size_t kept_bytes = 0;  // what stays if the text turns out to be too long: one column is the ellipsis
  bool cut = false;
  for_each_shown(text, [&](char32_t code) {
    const int needed = columns(code, line.previous);
    if (line.width + needed > width) {
      cut = true;
      return false;
    }
    line.add(code);
    if (line.width < width) kept_bytes = line.text.size();
    return true;
  });
  return cut ? line.text.substr(0, kept_bytes) + "…" : line.text;
}

std::string fit_end(std::string_view text, int width) {
  std::string line = printable_line(text);
  if (display_width(line) <= width) return line;
  std::string_view rest = line;
  while (!rest.empty() && display_width(rest) > width - 1) rest.remove_prefix(decode(rest).bytes);
  return width < 1 ? std::string() : "…" + std::string(rest);
}

std::string cut(std::string_view printable, int width) {
  if (display_width(printable) <= width) return std::string(printable);
  return wrap(printable, std::max(2, width - 1)).front() + "…";
}

std::vector<std::string> wrap(std::string_view text, int width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::vector<char32_t> codes = shown_codes(text);
    std::size_t begin = 0;
    do {
      const std::size_t end = break_at(codes, begin, std::max(width, 2));
      lines.push_back(text_of(codes, begin, end));
      begin = end;
    } while (begin < codes.size());
  }
  return lines;
}

int display_width(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](unsigned char byte) { return is_plain(byte); }))
    return static_cast<int>(text.size());
  int width = 0;
  char32_t previous = 0;
  while (!text.empty()) {
    const Decoded next = decode(text);
    text.remove_prefix(next.bytes);
    width += columns(next.code, previous);
    previous = next.code;
  }
  return width;
}

std::string pad_right(std::string_view text, int width) {
  const int missing = std::max(0, width - display_width(text));
  return std::string(text) + std::string(static_cast<std::size_t>(missing), ' ');
}

std::string pad_left(std::string_view text, int width) {
  const int missing = std::max(0, width - display_width(text));
  return std::string(static_cast<std::size_t>(missing), ' ') + std::string(text);
}

std::string grouped(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string counted(std::int64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

std::string byte_count(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1000.0;
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < kUnits.size(); ++unit) value /= 1000.0;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string duration_text(std::int64_t ms) {
  struct Unit {
    std::int64_t ms;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1'000, "s"}};
  for (std::size_t i = 0; i < std::size(kUnits); ++i) {
    if (ms < kUnits[i].ms) continue;
    std::string out = fmt::format("{} {}", grouped(ms / kUnits[i].ms), kUnits[i].name);
    if (i + 1 == std::size(kUnits)) return out;
    const std::int64_t rest = ms % kUnits[i].ms / kUnits[i + 1].ms;
    return rest == 0 ? out : out + fmt::format(" {} {}", rest, kUnits[i + 1].name);
  }
  return "0 s";
}

std::string report_duration(std::int64_t ms) {
  constexpr std::int64_t kMinute = 60'000;
  constexpr std::int64_t kHour = 60 * kMinute;
  if (ms == 0) return "0 min";
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < kMinute) return fmt::format("{} s", ms / 1000);
  if (ms < kHour) return fmt::format("{} min", ms / kMinute);
  if (ms >= 100 * kHour) return grouped(ms / kHour) + " h";
  const std::int64_t minutes = ms % kHour / kMinute;
  return minutes == 0 ? fmt::format("{} h", ms / kHour) : fmt::format("{} h {} min", ms / kHour, minutes);
}

std::string bar_text(double value, double most, int longest, bool is_terminal) {
  if (value <= 0) return {};
  const double share = value / std::max(most, 1.0);
  if (!is_terminal) return std::string(static_cast<std::size_t>(std::max(static_cast<int>(share * longest + 0.5), 1)), '#');
  constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = std::max(static_cast<int>(share * longest * 8 + 0.5), 1);
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += "█";
  return bar + std::string(kEighths[eighths % 8]);
}

std::string sparkline(const std::vector<double>& values) {
  constexpr std::array<std::string_view, 8> kLevels{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const double most = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  std::string line;
  for (const double value : values) {
    if (value <= 0) {
      line += "·";
      continue;
    }
    line += kLevels[std::min<std::size_t>(static_cast<std::size_t>(value / most * 8), 7)];
  }
  return line;
}

std::string_view last_component(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

std::string_view without_log_prefix(std::string_view content) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (content.size() < kShape.size()) return content;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '0' ? !is_digit(content[i]) : content[i] != kShape[i]) return content;
  }
  std::size_t at = kShape.size();
  while (at < content.size() && (content[at] == '.' || content[at] == 'Z' || is_digit(content[at]))) ++at;
  if (content.substr(at, 2) != " [") return content;
  const std::size_t close = content.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", at + 2);
  if (close == std::string_view::npos || content.substr(close, 2) != "] ") return content;
  return content.substr(close + 2);
}

std::string_view short_session(std::string_view session) {
  const bool uuid = session.size() == 36 && session[8] == '-' && session[13] == '-' && session[18] == '-' && session[23] == '-';
  return uuid ? session.substr(0, 8) : session;
}

}  // namespace cli
