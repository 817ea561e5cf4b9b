#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace cli {
namespace {

constexpr int kDefaultWidth = 100;
constexpr int kLeastWidth = 20;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

int find_width(int fd, bool is_terminal) {
  winsize size{};
  if (is_terminal && ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const int columns = std::atoi(std::string(environment("COLUMNS")).c_str());
  return columns > 0 ? columns : kDefaultWidth;
}

std::string_view sequence(Style style) {
  switch (style) {
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kGreen:
      return "\x1b[32m";
    default:
      return "";
  }
}

}  // namespace

Terminal Terminal::of(int fd, bool no_color, int forced_width) {
  Terminal out;
  out.is_terminal_ = ::isatty(fd) == 1;
  out.color_ = out.is_terminal_ && !no_color && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  out.width_ = std::max(kLeastWidth, forced_width > 0 ? forced_width : find_width(fd, out.is_terminal_));
  return out;
}

std::string Terminal::paint(Style style, std::string_view text) const {
  if (!color_ || style == Style::kPlain) return std::string(text);
  std::string out(sequence(style));
  out += text;
  out += "\x1b[0m";
  return out;
}

Style style_of_level(std::string_view level) {
  if (level == "ERROR" || level == "error") return Style::kRed;
  if (level == "WARN" || level == "warning") return Style::kYellow;
  if (level == "ok") return Style::kGreen;
  return level == "DEBUG" ? Style::kDim : Style::kPlain;
}

}  // namespace cli
