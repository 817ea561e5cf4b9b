#include "base/wall_time.h"

#include <algorithm>
#include <ctime>

#include "base/time_text.h"

namespace cmem {
namespace {

constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kDayS = kDayMs / kSecondMs;

// Seconds that local clocks are ahead of UTC at an instant.
std::int64_t local_offset_s(std::int64_t instant_s) {
  const auto when = static_cast<std::time_t>(instant_s);
  std::tm tm{};
  if (localtime_r(&when, &tm) == nullptr) return 0;
  const std::int64_t days = days_from_civil({tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday});
  const std::int64_t wall_s = days * kDayS + tm.tm_hour * 3600 + tm.tm_min * 60 + std::min(tm.tm_sec, 59);
  return wall_s - instant_s;
}

// The instants at which local clocks show a wall second: one, two (put back), or none (put forward: the jump stands for it).
struct Instants {
  std::int64_t first_s;
  std::int64_t last_s;
  bool skipped = false;
};

// The first second in (before_s, after_s] whose offset is that of after_s.
std::int64_t find_jump(std::int64_t before_s, std::int64_t after_s) {
  const std::int64_t offset_after = local_offset_s(after_s);
  while (after_s - before_s > 1) {
    const std::int64_t middle = before_s + (after_s - before_s) / 2;
    (local_offset_s(middle) == offset_after ? after_s : before_s) = middle;
  }
  return after_s;
}

// Zones are at most 14 hours off UTC, so 26 hours on either side are surely before and after a change near this time.
Instants local_instants(std::int64_t wall_s) {
  constexpr std::int64_t kSurelyS = 26 * 3600;
  const std::int64_t early = wall_s - local_offset_s(wall_s - kSurelyS);
  const std::int64_t late = wall_s - local_offset_s(wall_s + kSurelyS);
  const bool early_fits = early + local_offset_s(early) == wall_s;
  const bool late_fits = late + local_offset_s(late) == wall_s;
  if (early_fits && late_fits) return {std::min(early, late), std::max(early, late)};
  if (early_fits) return {early, early};
  if (late_fits) return {late, late};
  const std::int64_t jump = find_jump(wall_s - kSurelyS, wall_s + kSurelyS);
  return {jump, jump, true};
}

}  // namespace

std::int64_t wall_from_instant(std::int64_t instant_ms, Zone zone) {
  if (zone == Zone::kUtc) return instant_ms;
  return instant_ms + local_offset_s(floor_div(instant_ms, kSecondMs)) * kSecondMs;
}

std::int64_t first_instant_of_wall(std::int64_t wall, Zone zone) {
  if (zone == Zone::kUtc) return wall;
  const std::int64_t wall_s = floor_div(wall, kSecondMs);
  const Instants instants = local_instants(wall_s);
  return instants.first_s * kSecondMs + (instants.skipped ? 0 : wall - wall_s * kSecondMs);
}

TimeRange range_of_wall(std::int64_t from_wall, std::int64_t until_wall, Zone zone) {
  if (zone == Zone::kUtc) return {from_wall, until_wall};
  const std::int64_t last_wall = until_wall - 1;
  const std::int64_t last_s = floor_div(last_wall, kSecondMs);
  const Instants last = local_instants(last_s);
  return {first_instant_of_wall(from_wall, zone),
          last.last_s * kSecondMs + (last.skipped ? 0 : last_wall - last_s * kSecondMs + 1)};
}

}  // namespace cmem
