#include "base/error_template.h"

#include <algorithm>
#include <array>

#include "base/escape_sequence.h"
#include "base/masked_token.h"
#include "base/utf8.h"

namespace cmem {
namespace {

constexpr std::size_t kHeadBytes = 512;
constexpr std::string_view kCut = "…";

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_space(char byte) { return static_cast<unsigned char>(byte) <= ' ' || byte == 0x7F; }

struct Head {
  std::string text;
  bool is_cut = false;
};

// The first line that is not blank, as it is shown.
Head head_of(std::string_view text) {
  Head head;
  for (std::size_t at = 0; at < text.size();) {
    const char byte = text[at];
    if (byte == '\n' && !head.text.empty()) break;
    if (byte == '\x1b') {
      at = escape_sequence_end(text, at);
      continue;
    }
    if (head.text.size() >= kHeadBytes) {
      head.is_cut = true;
      break;
    }
    ++at;
    if (!is_space(byte)) {
      head.text.push_back(byte);
    } else if (!head.text.empty() && head.text.back() != ' ') {
      head.text.push_back(' ');
    }
  }
  head.text.resize(utf8_truncate(head.text, kHeadBytes).size());
  // A code point that is cut in two; the text is valid up to there.
  if (const std::size_t bad = utf8_first_error(head.text); bad != kUtf8Valid) head.text.resize(bad);
  if (!head.text.empty() && head.text.back() == ' ') head.text.pop_back();
  return head;
}

Level level_named(std::string_view name) {
  struct Name {
    std::string_view name;
    Level level;
  };
  constexpr std::array<Name, 11> kNames{{{"TRACE", Level::kDebug},
                                         {"DEBUG", Level::kDebug},
                                         {"VERBOSE", Level::kDebug},
                                         {"INFO", Level::kInfo},
                                         {"NOTICE", Level::kInfo},
                                         {"WARN", Level::kWarn},
                                         {"WARNING", Level::kWarn},
                                         {"ERROR", Level::kError},
                                         {"CRITICAL", Level::kError},
                                         {"FATAL", Level::kError},
                                         {"SEVERE", Level::kError}}};
  for (const Name& known : kNames)
    if (known.name == name) return known.level;
  return Level::kNone;
}

Level level_named_in_any_case(std::string_view name) {
  std::string upper(name);
  for (char& byte : upper)
    if (byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - 'a' + 'A');
  return level_named(upper);
}

// The numbers of loggers that write JSON: 30 is INFO.
Level level_numbered(std::string_view digits) {
  if (digits.size() != 2 || digits[1] != '0') return Level::kNone;
  constexpr std::string_view kTens = "123456";
  constexpr std::array<Level, 6> kLevels{Level::kDebug, Level::kDebug, Level::kInfo, Level::kWarn, Level::kError, Level::kError};
  const std::size_t ten = kTens.find(digits[0]);
  return ten == std::string_view::npos ? Level::kNone : kLevels[ten];
}

bool is_level_key(std::string_view word) { return word == "level" || word == "lvl" || word == "severity" || word == "levelname"; }

class Masker {
 public:
  explicit Masker(const Head& head) : head_(head.text), is_cut_(head.is_cut) {}

  ErrorTemplate run() {
    while (at_ < head_.size() && out_.text.size() <= kMaxTemplateBytes) {
      kept_ = out_.text.size();
      add_next();
    }
    const bool fits = out_.text.size() <= kMaxTemplateBytes && !is_cut_ && at_ == head_.size();
    if (!fits) cut();
    return std::move(out_);
  }

 private:
  void cut() {
    constexpr std::size_t kRoom = kMaxTemplateBytes - kCut.size();
    std::string& text = out_.text;
    // What was added last goes as a whole, unless hardly anything were left.
    if (text.size() > kRoom && kept_ >= kRoom / 2) text.resize(kept_);
    text.resize(utf8_truncate(text, kRoom).size());
    while (!text.empty() && text.back() == ' ') text.pop_back();
    text += kCut;
  }

  [[nodiscard]] char before() const { return out_.text.empty() ? ' ' : out_.text.back(); }
  [[nodiscard]] char peek() const { return at_ < head_.size() ? head_[at_] : ' '; }

  void add_next() {
    if (const std::size_t bytes = placeholder_bytes(head_, at_)) return copy(bytes);
    const char byte = head_[at_];
    if (byte == '"' || byte == '\'' || byte == '`') {
      if (add_quoted(byte)) return;
    } else if (may_begin_token(byte)) {
      if (const MaskedToken token = masked_token_at(head_, at_); token.bytes > 0) return add_token(token);
    }
    if (is_word_char(byte)) return add_word();
    if (byte == '{' || byte == '[') ++depth_;
    if (byte == '}' || byte == ']') --depth_;
    copy(1);
  }

  // Behind a placeholder, whatever follows is part of the same word.
  [[nodiscard]] bool may_begin_token(char byte) const {
    if (before() == '>') return false;
    if (is_word_char(byte)) return true;
    if (is_word_char(before()) || before() == byte || closed_ == out_.text.size()) return false;
    return byte == '/' ? before() != '<' && before() != '.' && before() != ')'
                       : byte == '~' || byte == '.' || byte == '\\' || byte == ':';
  }

  void copy(std::size_t bytes) {
    out_.text += head_.substr(at_, bytes);
    at_ += bytes;
  }

  void add_token(const MaskedToken& token) {
    out_.text += token.placeholder;
    at_ += token.bytes;
    if (token.placeholder == "<time>") expect_level(kWordsBehindTime, true);
  }

  // Digits within a word are masked too.
  void add_word() {
    const std::size_t begin = at_;
    while (at_ < head_.size() && is_word_char(head_[at_])) {
      if (!is_digit(head_[at_])) {
        copy(1);
        continue;
      }
      out_.text += "<num>";
      while (is_digit(peek())) ++at_;
    }
    see_word(head_.substr(begin, at_ - begin), begin);
  }

  // Of the quote at at_; npos: it is not closed, or is an apostrophe.
  [[nodiscard]] std::size_t closing_quote(char quote) const {
    if (quote != '"' && (is_word_char(before()) || before() == '>')) return std::string_view::npos;
    for (std::size_t at = at_ + 1; at < head_.size(); ++at) {
      if (head_[at] == '\\' && quote == '"') {
        ++at;
      } else if (head_[at] == quote) {
        const char next = at + 1 < head_.size() ? head_[at + 1] : ' ';
        if (quote == '"' || !(is_word_char(next) || next == '<')) return at;
      }
    }
    return std::string_view::npos;
  }

  bool add_quoted(char quote) {
    const std::size_t end = closing_quote(quote);
    if (end == std::string_view::npos) return false;
    const std::string_view content = head_.substr(at_ + 1, end - at_ - 1);
    const bool is_kept = content.empty() || (quote == '"' && is_in_json() && is_plain_word(content));
    const std::string_view shown = is_kept ? content : placeholder_of(content);
    const bool is_key = is_kept && is_level_key(content);
    out_.text.append(1, quote).append(shown).append(1, quote);
    at_ = end + 1;
    closed_ = out_.text.size();
    if (is_key && peek() == ':') see_value(at_ + 1);
    return true;
  }

  // Names and values of JSON say what kind of error it is: "type":"overloaded_error".
  [[nodiscard]] bool is_in_json() const {
    if (depth_ <= 0) return false;
    const std::size_t last = out_.text.find_last_not_of(' ');
    return last != std::string::npos && std::string_view("{[,:").find(out_.text[last]) != std::string_view::npos;
  }

  static bool is_plain_word(std::string_view content) {
    constexpr std::size_t kMost = 32;
    return content.size() <= kMost && std::all_of(content.begin(), content.end(), [](char byte) {
             return byte == '_' || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
           });
  }

  static std::string_view placeholder_of(std::string_view content) {
    if (placeholder_bytes(content, 0) == content.size()) return content;
    const MaskedToken token = masked_token_at(content, 0);
    // A path may have spaces.
    const bool is_whole = token.bytes == content.size() || token.placeholder == "<path>";
    return token.bytes > 0 && is_whole ? token.placeholder : "<str>";
  }

  // The next few words may be the level of a line that is told.
  void expect_level(int words, bool is_next) {
    words_left_ = words;
    is_next_ = is_next;
  }

  void see_word(std::string_view word, std::size_t begin) {
    if (out_.level_inside != Level::kNone) return;
    if (is_level_key(word) && peek() == '=') return see_value(at_ + 1);
    if ((word == "stderr" || word == "stdout") && peek() == ':') return expect_level(1, true);
    if (words_left_ <= 0) return;
    const bool in_brackets = begin > 0 && head_[begin - 1] == '[' && peek() == ']';
    const Level level = in_brackets ? level_named_in_any_case(word) : level_named(word);
    if (level != Level::kNone && (is_next_ || is_delimited())) out_.level_inside = level;
    is_next_ = false;
    --words_left_;
  }

  // Whether the word before at_ is a field of its own.
  [[nodiscard]] bool is_delimited() const {
    const std::size_t next = head_.find_first_not_of(' ', at_);
    return next != std::string_view::npos && std::string_view("|-:])").find(head_[next]) != std::string_view::npos;
  }

  void see_value(std::size_t at) {
    if (out_.level_inside != Level::kNone) return;
    at = std::min(head_.find_first_not_of(" \"'", at), head_.size());
    std::size_t end = at;
    while (end < head_.size() && is_word_char(head_[end])) ++end;
    const std::string_view value = head_.substr(at, end - at);
    const Level level = level_named_in_any_case(value);
    out_.level_inside = level != Level::kNone ? level : level_numbered(value);
  }

  static constexpr int kWordsBehindTime = 3;  // the logger's name, the thread's …

  std::string_view head_;
  bool is_cut_;
  std::size_t at_ = 0;
  std::size_t kept_ = 0;                    // of out_.text, before what was added last
  std::size_t closed_ = std::string::npos;  // of out_.text, behind the last quote that was closed
  int depth_ = 0;                           // of brackets
  int words_left_ = 1;
  bool is_next_ = false;
  ErrorTemplate out_;
};

ErrorTemplate template_of_head(std::string_view text) {
  const Head head = head_of(text);
  return Masker(head).run();
}

bool is_server_output(std::string_view line) {
  return line.starts_with("MCP server \"") && line.find("\" Server stderr: ") != std::string_view::npos;
}

}  // namespace

ErrorTemplate error_template(std::string_view text) {
  ErrorTemplate found = template_of_head(text);
  std::size_t end = std::min(text.find('\n'), text.size());
  if (!is_server_output(text.substr(0, end))) return found;
  while (end < text.size()) {
    const std::size_t begin = end + 1;
    end = std::min(text.find('\n', begin), text.size());
    found.level_inside = std::max(found.level_inside, template_of_head(text.substr(begin, end - begin)).level_inside);
  }
  return found;
}

}  // namespace cmem
