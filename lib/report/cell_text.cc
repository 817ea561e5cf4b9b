#include "report/cell_text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/time_text.h"
#include "base/wall_time.h"

namespace cmem {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

// The last `count` components of a path.
std::string tail_of(std::string_view path, std::size_t count) {
  std::size_t at = path.size();
  for (; count > 0 && at != std::string_view::npos && at > 0; --count) at = path.rfind('/', at - 1);
  return std::string(at == std::string_view::npos || at == 0 ? path : path.substr(at + 1));
}

class CellText {
 public:
  CellText(const ReportColumn& column, Zone zone) : column_(column), zone_(zone) {}
  std::string operator()(std::monostate) const { return {}; }
  // A number without a unit is a name, such as an id.
  std::string operator()(std::int64_t value) const {
    if (column_.unit.empty()) return fmt::format("{}", value);
    return column_.unit == "ms" ? duration_words(value) : grouped_number(value);
  }
  std::string operator()(double value) const {
    if (column_.unit != "%") return std::abs(value) < 100 ? fmt::format("{:.2f}", value) : grouped_number(std::llround(value));
    return is_change(column_) ? fmt::format("{:+.0f} %", value) : fmt::format("{:.1f} %", value);
  }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(Instant value) const { return minute_text(value.ms, zone_); }

 private:
  const ReportColumn& column_;
  Zone zone_;
};

}  // namespace

std::string grouped_number(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string count_has(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped_number(count), noun, count == 1 ? " has" : "s have");
}

std::string duration_words(std::int64_t ms) {
  if (ms == 0) return "0 min";
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < kMinuteMs) return fmt::format("{} s", ms / 1000);
  if (ms < kHourMs) return fmt::format("{} min", ms / kMinuteMs);
  if (ms >= 100 * kHourMs) return grouped_number(ms / kHourMs) + " h";
  const std::int64_t minutes = ms % kHourMs / kMinuteMs;
  return minutes == 0 ? fmt::format("{} h", ms / kHourMs) : fmt::format("{} h {} min", ms / kHourMs, minutes);
}

std::string minute_text(std::int64_t instant_ms, Zone zone) {
  const std::int64_t wall = wall_from_instant(instant_ms, zone);
  const CivilDate date = civil_from_days(floor_div(wall, kDayMs));
  const std::int64_t of_day = wall - floor_div(wall, kDayMs) * kDayMs;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", date.year, date.month, date.day, of_day / kHourMs,
                     of_day % kHourMs / kMinuteMs);
}

std::string offset_text(std::int64_t instant_ms, Zone zone) {
  const std::int64_t minutes = (wall_from_instant(instant_ms, zone) - instant_ms) / kMinuteMs;
  if (minutes == 0) return "UTC";
  return fmt::format("UTC{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
}

ProjectNames::ProjectNames(std::span<const ReportColumn> columns, const ReportTable& table) {
  for (std::size_t at = 0; at < columns.size(); ++at)
    for (const ReportRow& row : table.rows)
      if (const auto* path = is_project(columns[at]) ? std::get_if<std::string>(&row[at]) : nullptr)
        names_.emplace(*path, last_path_component(*path));
  for (std::size_t count = 2; count < 10; ++count) {
    std::map<std::string, int> uses;
    for (const auto& [path, name] : names_) ++uses[name];
    for (auto& [path, name] : names_)
      if (uses[name] > 1) name = tail_of(path, count);
  }
}

std::string ProjectNames::name(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? std::string(last_path_component(path)) : found->second;
}

std::string cell_text(const ReportColumn& column, const ReportCell& cell, Zone zone) {
  return std::visit(CellText(column, zone), cell);
}

}  // namespace cmem
