#include "progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "interrupt.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::chrono::seconds kLineInterval{10};
constexpr int kBarColumns = 20;

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string bar(double share) {
  const int filled = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kBarColumns));
  std::string out;
  for (int i = 0; i < kBarColumns; ++i) out += i < filled ? "█" : "░";
  return out;
}

}  // namespace

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string progress_text(std::int64_t done, std::int64_t total, std::string_view unit, std::int64_t rows, double seconds) {
  std::string text;
  if (total > 0)
    text += fmt::format("{:3.0f} %  ", 100.0 * static_cast<double>(std::min(done, total)) / static_cast<double>(total));
  text += counted(unit == "bytes" ? rows : done, unit == "bytes" ? "row" : "message");
  if (seconds < 0.05) return text;
  const double speed = static_cast<double>(done) / seconds;
  if (unit == "bytes")
    text += fmt::format("  {:.1f} MB/s", speed / 1e6);
  else
    text += fmt::format("  {}/s", grouped(std::llround(speed)));
  if (total > 0 && speed > 0) text += "  ETA " + clock_time(static_cast<double>(total - done) / speed);
  return text;
}

Progress::Progress(const Context& context, std::string_view action) : context_(context), action_(action) {}

bool Progress::update(std::int64_t done, std::int64_t total, std::string_view unit, std::int64_t rows) {
  if (context_.options.quiet) return pending_interrupt() != 0;
  const Clock::time_point now = Clock::now();
  const std::string text = progress_text(done, total, unit, rows, std::chrono::duration<double>(now - start_).count());
  if (context_.error_terminal.is_terminal()) {
    show_bar(text, total > 0 ? static_cast<double>(done) / static_cast<double>(total) : -1.0);
  } else if (now - last_line_ >= kLineInterval) {
    put(action_ + ": " + text + "\n");
    last_line_ = now;
  }
  return pending_interrupt() != 0;
}

void Progress::show_bar(const std::string& text, double share) {
  const std::string line = action_ + "  " + (share < 0 ? "" : bar(share) + " ") + text;
  put("\r\x1b[K" + cut(line, context_.error_terminal.width() - 1));
  bar_shown_ = true;
}

void Progress::clear() {
  if (bar_shown_) put("\r\x1b[K");
  bar_shown_ = false;
}

}  // namespace cli
