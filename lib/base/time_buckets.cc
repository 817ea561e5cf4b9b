#include "base/time_buckets.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/time_text.h"
#include "base/wall_time.h"

namespace cmem {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kMondayMs = 4 * kDayMs;  // 1970-01-05

std::int64_t month_start(std::int64_t wall, int months_later) {
  const CivilDate date = civil_from_days(floor_div(wall, kDayMs));
  const std::int64_t month = std::int64_t{date.year} * 12 + date.month - 1 + months_later;
  const std::int64_t year = floor_div(month, 12);
  return days_from_civil({static_cast<int>(year), static_cast<int>(month - year * 12) + 1, 1}) * kDayMs;
}

// The beginning, in wall time, of the bucket in which a wall time lies.
std::int64_t start_of(std::int64_t wall, TimeUnit unit) {
  if (unit == TimeUnit::kHour) return floor_div(wall, kHourMs) * kHourMs;
  if (unit == TimeUnit::kDay) return floor_div(wall, kDayMs) * kDayMs;
  if (unit == TimeUnit::kWeek) return floor_div(wall - kMondayMs, 7 * kDayMs) * 7 * kDayMs + kMondayMs;
  return month_start(wall, 0);
}

std::int64_t start_of_next(std::int64_t start, TimeUnit unit) {
  if (unit == TimeUnit::kHour) return start + kHourMs;
  if (unit == TimeUnit::kDay) return start + kDayMs;
  return unit == TimeUnit::kWeek ? start + 7 * kDayMs : month_start(start, 1);
}

std::string iso_week(std::int64_t monday) {
  const CivilDate thursday = civil_from_days(floor_div(monday, kDayMs) + 3);  // its year is that of the week
  const std::int64_t days = days_from_civil(thursday) - days_from_civil({thursday.year, 1, 1});
  return fmt::format("{:04}-W{:02}", thursday.year, days / 7 + 1);
}

// Walks over buckets. The borders of hours are taken from their day where it has 24 of them: the zone's rules are asked less.
class Walk {
 public:
  Walk(std::int64_t wall_start, TimeUnit unit, Zone zone)
      : unit_(unit), zone_(zone), wall_(wall_start), begin_(first_instant_of_wall(wall_start, zone)) {
    end_ = end_of_this();
  }

  [[nodiscard]] std::int64_t begin() const { return begin_; }
  [[nodiscard]] std::int64_t end() const { return end_; }
  void go_on() {
    wall_ = start_of_next(wall_, unit_);
    begin_ = end_;
    end_ = end_of_this();
  }

 private:
  std::int64_t end_of_this() {
    const std::int64_t next = start_of_next(wall_, unit_);
    if (unit_ != TimeUnit::kHour || zone_ == Zone::kUtc) return first_instant_of_wall(next, zone_);
    const std::int64_t day = start_of(wall_, TimeUnit::kDay);
    if (day != day_ || !has_day_) {
      has_day_ = true;
      day_ = day;
      day_begin_ = first_instant_of_wall(day, zone_);
      day_is_plain_ = first_instant_of_wall(day + kDayMs, zone_) - day_begin_ == kDayMs;
    }
    return day_is_plain_ ? day_begin_ + (next - day) : first_instant_of_wall(next, zone_);
  }

  TimeUnit unit_;
  Zone zone_;
  std::int64_t wall_;
  std::int64_t begin_;
  std::int64_t end_ = 0;
  bool has_day_ = false;
  std::int64_t day_ = 0;
  std::int64_t day_begin_ = 0;
  bool day_is_plain_ = false;
};

}  // namespace

std::string bucket_name(std::int64_t from_ms, TimeUnit unit, Zone zone) {
  // Where clocks jump over the beginning they show a later time of the same bucket.
  const std::int64_t start = start_of(wall_from_instant(from_ms, zone), unit);
  if (unit == TimeUnit::kWeek) return iso_week(start);
  const CivilDate date = civil_from_days(floor_div(start, kDayMs));
  std::string name = fmt::format("{:04}-{:02}", date.year, date.month);
  if (unit == TimeUnit::kMonth) return name;
  name += fmt::format("-{:02}", date.day);
  if (unit == TimeUnit::kHour) name += fmt::format("T{:02}", (start - floor_div(start, kDayMs) * kDayMs) / kHourMs);
  return name;
}

TimeBucket bucket_of(std::int64_t instant_ms, TimeUnit unit, Zone zone) {
  Walk walk(start_of(wall_from_instant(instant_ms, zone), unit), unit, zone);
  while (walk.end() <= instant_ms) walk.go_on();  // a wall time that was shown before
  return {walk.begin(), walk.end(), 0};
}

TimeCounter::Page TimeCounter::make_timeless() {
  Page page;
  page.begins = {0};
  page.lasts = {std::numeric_limits<std::int64_t>::max()};
  page.counts.resize(kLanes);
  return page;
}

TimeCounter::Page TimeCounter::make_page(std::int64_t number) const {
  const std::int64_t page_begin = number * (std::int64_t{1} << kPageBits);
  const std::int64_t page_end = page_begin + (std::int64_t{1} << kPageBits);
  Page page;
  for (Walk walk(start_of(wall_from_instant(page_begin, zone_), unit_), unit_, zone_); walk.begin() < page_end; walk.go_on()) {
    if (walk.end() <= page_begin || walk.end() <= walk.begin()) continue;
    page.begins.push_back(walk.begin());
    page.lasts.push_back(walk.end() - 1);
  }
  page.counts.resize(page.lasts.size() * kLanes);
  std::size_t bucket = 0;
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    while (page_begin + (static_cast<std::int64_t>(cell) << kCellBits) > page.lasts[bucket]) ++bucket;
    page.first_in_cell[cell] = static_cast<std::uint16_t>(bucket);
  }
  return page;
}

void TimeCounter::open(std::int64_t number) {
  page_number_ = number;
  if (number < kMinIsoMs >> kPageBits || number > kMaxIsoMs >> kPageBits) {
    page_ = &timeless_;
    return;
  }
  std::unique_ptr<Page>& page = pages_[number];
  if (!page) page = std::make_unique<Page>(make_page(number));
  page_ = page.get();
}

std::vector<TimeBucket> TimeCounter::buckets() const {
  std::vector<TimeBucket> parts;
  for (const auto& [number, page] : pages_)
    for (std::size_t i = 0; i < page->lasts.size(); ++i)
      if (const std::int64_t count = page->count(i); count > 0) parts.push_back({page->begins[i], page->lasts[i] + 1, count});
  std::sort(parts.begin(), parts.end(), [](const TimeBucket& a, const TimeBucket& b) { return a.from_ms < b.from_ms; });
  std::vector<TimeBucket> whole;
  for (const TimeBucket& part : parts) {
    // A bucket may have parts in two pages.
    if (!whole.empty() && whole.back().from_ms == part.from_ms) {
      whole.back().count += part.count;
    } else {
      whole.push_back(part);
    }
  }
  return whole;
}

std::optional<std::vector<TimeBucket>> TimeCounter::buckets_without_gaps(std::size_t limit) const {
  const std::vector<TimeBucket> filled = buckets();
  std::vector<TimeBucket> all;
  if (filled.empty()) return all;
  Walk walk(start_of(wall_from_instant(filled.front().from_ms, zone_), unit_), unit_, zone_);
  for (const TimeBucket& bucket : filled) {
    for (; walk.begin() < bucket.from_ms && all.size() < limit; walk.go_on())
      if (walk.end() > walk.begin()) all.push_back({walk.begin(), walk.end(), 0});
    if (all.size() == limit) return std::nullopt;
    all.push_back(bucket);
    while (walk.begin() < bucket.until_ms) walk.go_on();
  }
  return all;
}

}  // namespace cmem
