// How far long work is, on standard error: a bar on a terminal, else a line every ten seconds.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "context.h"

namespace cli {

class Progress {
 public:
  Progress(const Context& context, std::string_view action);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // For coditect::Progress: true when an interrupt asks to stop.
  bool update(std::int64_t done, std::int64_t total, std::string_view unit, std::int64_t rows);

  // Takes the bar off the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void show_bar(const std::string& text, double share);

  const Context& context_;
  std::string action_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_line_ = start_;
  bool bar_shown_ = false;
};

// What is said about work that stands at `done` of `total` (-1: not known) after `seconds`.
std::string progress_text(std::int64_t done, std::int64_t total, std::string_view unit, std::int64_t rows, double seconds);

// 75 -> "1:15"
std::string clock_time(double seconds);

}  // namespace cli
