// Wall time: what a clock in a zone shows, counted in milliseconds as if it were UTC. It is plain arithmetic; the zone comes in
// only when a wall time is made an instant.
#pragma once
#include <cstdint>

#include "base/time_expr.h"

namespace cmem {

[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// What clocks in the zone show at an instant.
[[nodiscard]] std::int64_t wall_from_instant(std::int64_t instant_ms, Zone zone);

// The first instant at which clocks show a wall time; the jump if they skip it.
[[nodiscard]] std::int64_t first_instant_of_wall(std::int64_t wall, Zone zone);

// The instants at which clocks show [from_wall, until_wall), which must not be empty: from the first to the last, so a time that is
// shown twice is in it twice. A bound that the clock skips is the instant of the jump; if it skips all, the range is empty.
[[nodiscard]] TimeRange range_of_wall(std::int64_t from_wall, std::int64_t until_wall, Zone zone);

}  // namespace cmem
