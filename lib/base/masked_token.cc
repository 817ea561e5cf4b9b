#include "base/masked_token.h"

#include <algorithm>

namespace cmem {
namespace {

bool is_digit(char byte) noexcept { return byte >= '0' && byte <= '9'; }
bool is_letter(char byte) noexcept { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }
bool is_hex_digit(char byte) noexcept { return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F'); }

// Walks over a text; all that a rule has to say is where its token ends. Each function moves on only if it answers true, or a
// number over 0.
class Walk {
 public:
  Walk(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  [[nodiscard]] bool ends_word() const { return at_ >= text_.size() || !is_word_char(text_[at_]); }
  bool take(char byte) {
    if (at_ >= text_.size() || text_[at_] != byte) return false;
    ++at_;
    return true;
  }
  bool take_any(std::string_view bytes) {
    if (at_ >= text_.size() || bytes.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  template <typename Is>
  std::size_t take_while(Is&& is) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is(text_[at_])) ++at_;
    return at_ - begin;
  }
  // From `least` to `most` digits, and not more that follow.
  bool take_digits(std::size_t least, std::size_t most) {
    const std::size_t begin = at_;
    const std::size_t count = take_while(is_digit);
    if (count >= least && count <= most) return true;
    at_ = begin;
    return false;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void go_to(std::size_t at) { at_ = at; }
  [[nodiscard]] std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

 private:
  std::string_view text_;
  std::size_t at_;
};

bool take_uuid(Walk& walk) {
  for (const std::size_t digits : {8, 4, 4, 4, 12}) {
    if (digits != 8 && !walk.take('-')) return false;
    if (walk.take_while(is_hex_digit) != digits) return false;
  }
  return walk.ends_word();
}

// 12:37:51, 12:37:51.618, 12:37:51,618
bool take_clock(Walk& walk) {
  if (!walk.take_digits(1, 2) || !walk.take(':') || !walk.take_digits(2, 2) || !walk.take(':') || !walk.take_digits(2, 2))
    return false;
  if ((walk.peek() == '.' || walk.peek() == ',') && is_digit(walk.peek(1))) {
    walk.take_any(".,");
    walk.take_while(is_digit);
  }
  const Walk before_zone = walk;
  if (walk.take('Z')) return walk.ends_word();
  if (!walk.take_any("+-")) return walk.ends_word();
  walk.take_digits(2, 2) && walk.take(':') ? walk.take_digits(2, 2) : walk.take_digits(4, 4);
  const bool is_zone = is_digit(walk.since(before_zone.at()).back()) && walk.ends_word();
  if (!is_zone) walk = before_zone;
  return true;
}

bool take_time(Walk& walk) {
  Walk date = walk;
  if (!date.take_digits(4, 4)) return take_clock(walk);
  const char separator = date.peek();
  if (!date.take_any("-/") || !date.take_digits(2, 2) || !date.take(separator) || !date.take_digits(2, 2)) return false;
  walk = date;
  if (date.take_any("T ") && take_clock(date)) walk = date;
  return walk.ends_word();
}

bool take_ip4(Walk& walk) {
  for (int part = 0; part < 4; ++part)
    if ((part != 0 && !walk.take('.')) || !walk.take_digits(1, 3)) return false;
  if (walk.peek() == '.' && is_digit(walk.peek(1))) return false;
  if (walk.peek() == ':' && is_digit(walk.peek(1))) {
    walk.take(':');
    walk.take_while(is_digit);
  }
  return walk.ends_word();
}

bool take_ip6(Walk& walk) {
  const std::size_t begin = walk.at();
  walk.take_while([](char byte) { return is_hex_digit(byte) || byte == ':'; });
  const std::string_view address = walk.since(begin);
  const auto colons = std::count(address.begin(), address.end(), ':');
  const bool has_form = colons == 7 || (colons >= 2 && address.find("::") != std::string_view::npos);
  return has_form && std::any_of(address.begin(), address.end(), is_digit) && walk.ends_word();
}

bool take_ip(Walk& walk) {
  Walk other = walk;
  if (take_ip4(walk)) return true;
  if (!take_ip6(other)) return false;
  walk = other;
  return true;
}

// What closes a sentence is not part of the address in it.
void give_back(Walk& walk, std::size_t begin, std::string_view bytes) {
  std::size_t end = walk.at();
  const std::string_view token = walk.since(begin);
  while (end > begin && bytes.find(token[end - begin - 1]) != std::string_view::npos) --end;
  walk.go_to(end);
}

bool is_url_char(char byte) noexcept {
  return static_cast<unsigned char>(byte) > ' ' && byte != 0x7F &&
         std::string_view("\"'`<>()[]{}|\\,;").find(byte) == std::string_view::npos;
}

bool take_url(Walk& walk) {
  if (!is_letter(walk.peek())) return false;
  walk.take_while([](char byte) { return is_letter(byte) || is_digit(byte) || byte == '+' || byte == '-' || byte == '.'; });
  if (!walk.take_word("://")) return false;
  const std::size_t begin = walk.at();
  walk.take_while(is_url_char);
  give_back(walk, begin, ".:!?");
  return walk.at() > begin;
}

bool take_email(Walk& walk) {
  const auto is_name = [](char byte) { return is_letter(byte) || is_digit(byte) || byte == '-' || byte == '.'; };
  walk.take_while([&](char byte) { return is_name(byte) || byte == '_' || byte == '%' || byte == '+'; });
  const std::size_t at_sign = walk.at();
  if (!walk.take('@') || walk.take_while(is_name) == 0) return false;
  give_back(walk, at_sign + 1, ".-");
  const std::string_view domain = walk.since(at_sign + 1);
  const std::size_t dot = domain.rfind('.');
  return dot != std::string_view::npos && dot > 0 && is_letter(domain.back()) && walk.ends_word();
}

bool is_path_char(char byte) noexcept {
  return static_cast<unsigned char>(byte) > ' ' && byte != 0x7F &&
         std::string_view("\"'`<>()[]{}|,;:*?=\\").find(byte) == std::string_view::npos;
}

bool has_extension(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size() || name.size() - dot > 6) return false;
  return is_letter(name[dot + 1]);
}

// :12 or :12:5, where in the file.
void take_place(Walk& walk) {
  for (int number = 0; number < 2; ++number) {
    Walk place = walk;
    if (!place.take(':') || place.take_while(is_digit) == 0 || !place.ends_word()) return;
    walk = place;
  }
}

// C:\name or \\server\name, with either slash, also where they are doubled.
bool take_windows_path(Walk& walk) {
  const std::size_t begin = walk.at();
  if (is_letter(walk.peek()) && walk.peek(1) == ':' && (walk.peek(2) == '\\' || walk.peek(2) == '/')) {
    walk.go_to(begin + 3);
  } else if (!walk.take_word("\\\\") || !is_word_char(walk.peek())) {
    return false;
  }
  walk.take_while([](char byte) { return is_path_char(byte) || byte == '\\'; });
  give_back(walk, begin + 2, "\\.!");
  take_place(walk);
  return walk.ends_word();
}

bool take_path(Walk& walk) {
  const std::size_t begin = walk.at();
  walk.take_while(is_path_char);
  give_back(walk, begin, ".!");
  const std::string_view path = walk.since(begin);
  const auto slashes = std::count(path.begin(), path.end(), '/');
  if (slashes == 0 || path.find("//") == 0 || path == "/") return false;
  const bool is_rooted =
      path.front() == '/' || path.substr(0, 2) == "~/" || path.substr(0, 2) == "./" || path.substr(0, 3) == "../";
  if (!is_rooted && slashes < 2 && !has_extension(path)) return false;
  take_place(walk);
  return walk.ends_word();
}

bool take_any_path(Walk& walk) {
  Walk other = walk;
  if (take_windows_path(walk)) return true;
  if (!take_path(other)) return false;
  walk = other;
  return true;
}

// Also 1,234.5 and 2.0.33, and with its unit: 6ms, 1m30s, 20MB.
bool take_number(Walk& walk) {
  constexpr std::array<std::string_view, 21> kUnits{"ms", "us", "ns", "min", "s",  "m", "h", "d", "KiB", "MiB", "GiB",
                                                    "kB", "KB", "MB", "GB",  "TB", "k", "K", "M", "G",   "B"};
  if (walk.take_while(is_digit) == 0) return false;
  while (is_digit(walk.peek(1)) && walk.take_any(".,")) walk.take_while(is_digit);
  if (walk.ends_word()) return true;
  for (const std::string_view unit : kUnits)
    if (walk.take_word(unit)) return walk.ends_word() || take_number(walk);
  return false;
}

bool take_hex(Walk& walk) {
  constexpr std::size_t kLeastDigits = 6;
  if (walk.peek() == '0' && (walk.peek(1) == 'x' || walk.peek(1) == 'X')) {
    walk.go_to(walk.at() + 2);
    return walk.take_while(is_hex_digit) > 0 && walk.ends_word();
  }
  const std::size_t begin = walk.at();
  if (walk.take_while(is_hex_digit) < kLeastDigits || !walk.ends_word()) return false;
  const std::string_view digits = walk.since(begin);
  return std::any_of(digits.begin(), digits.end(), is_digit);
}

// A word with digits that nobody would read: req_795a3a3b94e1.
bool take_id(Walk& walk) {
  constexpr std::size_t kLeastBytes = 16;
  constexpr int kLeastRuns = 3;
  const std::size_t begin = walk.at();
  int runs = 0;
  while (walk.take_while([](char byte) { return is_word_char(byte) && !is_digit(byte); }) + walk.take_while(is_digit) > 0)
    if (is_digit(walk.since(begin).back())) ++runs;
  return runs >= kLeastRuns || (runs > 0 && walk.at() - begin >= kLeastBytes);
}

struct Rule {
  bool (*take)(Walk& walk);
  std::string_view placeholder;
};

// The first that fits counts.
constexpr std::array<Rule, 9> kRules{{
    {take_uuid, "<uuid>"},
    {take_time, "<time>"},
    {take_ip, "<ip>"},
    {take_url, "<url>"},
    {take_email, "<email>"},
    {take_any_path, "<path>"},
    {take_number, "<num>"},
    {take_hex, "<hex>"},
    {take_id, "<id>"},
}};

}  // namespace

bool is_word_char(char byte) noexcept {
  return is_letter(byte) || is_digit(byte) || byte == '_' || static_cast<unsigned char>(byte) >= 0x80;
}

MaskedToken masked_token_at(std::string_view text, std::size_t at) noexcept {
  for (const Rule& rule : kRules) {
    Walk walk(text, at);
    // What runs into a placeholder is the rest of something that did not fit when its text was masked.
    if (!rule.take(walk) || walk.at() == at) continue;
    const std::size_t next = std::min(text.find_first_not_of("\\.:!?-", walk.at()), text.size());
    if (placeholder_bytes(text, next) == 0) return {walk.at() - at, rule.placeholder};
  }
  return {};
}

std::size_t placeholder_bytes(std::string_view text, std::size_t at) noexcept {
  for (const std::string_view placeholder : kPlaceholders)
    if (text.substr(at, placeholder.size()) == placeholder) return placeholder.size();
  return 0;
}

}  // namespace cmem
