// What a stream is connected to.
#pragma once
#include <string>
#include <string_view>

namespace cli {

enum class Style { kPlain, kBold, kDim, kRed, kYellow, kGreen };

class Terminal {
 public:
  // `forced_width` 0: the terminal's own width, else COLUMNS, else 100.
  static Terminal of(int fd, bool no_color, int forced_width);

  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  [[nodiscard]] bool has_color() const { return color_; }
  [[nodiscard]] int width() const { return width_; }

  // `text` must be printable already.
  [[nodiscard]] std::string paint(Style style, std::string_view text) const;

 private:
  bool is_terminal_ = false;
  bool color_ = false;
  int width_ = 100;
};

// How a log level or the mark of a check is shown.
Style style_of_level(std::string_view level);

}  // namespace cli
