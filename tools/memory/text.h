// Text for people: what may reach a terminal, how wide it is, and how it is cut. Input is UTF-8 that may be damaged.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

// Stored content must never steer the terminal: control characters become visible symbols (ESC is ␛), bidirectional overrides are
// left out, damaged bytes become U+FFFD, and a line break or run of white space becomes one space.
std::string printable_line(std::string_view text);

// printable_line() cut to `width` terminal columns, with "…" at the end if something is missing.
std::string fit(std::string_view text, int width);

// The same, but with "…" at the begin.
std::string fit_end(std::string_view text, int width);

// fit() for a text that is printable already: its spaces stay.
std::string cut(std::string_view printable, int width);

// The lines of `text`, each at most `width` columns, broken at spaces where there are some. Line breaks and indentation stay.
std::vector<std::string> wrap(std::string_view text, int width);

// Terminal columns of a printable text without escape sequences. Needs LC_CTYPE to be a UTF-8 locale.
int display_width(std::string_view text);

// Pads to `width` columns.
std::string pad_right(std::string_view text, int width);
std::string pad_left(std::string_view text, int width);

// 1494 -> "1,494"
std::string grouped(std::int64_t number);
// "2 messages", "1 message"
std::string counted(std::int64_t number, std::string_view noun);
// 1234567 -> "1.2 MB"
std::string byte_count(std::int64_t bytes);
// 5400000 -> "1 h 30 min"
std::string duration_text(std::int64_t ms);
// The same without days: "27 h 5 min", from 100 hours on whole hours, and from a minute on no seconds.
std::string report_duration(std::int64_t ms);
// A bar, `longest` columns for `most`: in eighths of a column on a terminal, elsewhere of a character that every program shows.
std::string bar_text(double value, double most, int longest, bool is_terminal);
// A line of one column for each value, the greatest as high as the line; a point where there is nothing.
std::string sparkline(const std::vector<double>& values);
// "/home/me/my-app" -> "my-app"
std::string_view last_component(std::string_view path);
// "2025-11-15T10:00:02.000Z [DEBUG] Hooks: found" -> "Hooks: found": for places that show time and level themselves.
std::string_view without_log_prefix(std::string_view content);
// The first characters of a UUID; other ids stay whole.
std::string_view short_session(std::string_view session);

}  // namespace cli
