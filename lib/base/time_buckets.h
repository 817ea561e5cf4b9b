// Counts of instants by hour, day, week or month, as clocks in a zone show them.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/terms.h"
#include "base/time_expr.h"

namespace cmem {

enum class TimeUnit { kHour, kDay, kWeek, kMonth };

// [from_ms, until_ms): a day of 25 hours is one bucket; so is an hour that clocks show twice, and one that they skip is none. A
// bucket begins when clocks first show its beginning.
struct TimeBucket {
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
  std::int64_t count = 0;
};

// The bucket as an expression that parse_time_range understands: 2025-11-15T10, 2025-11-15, 2025-W46, 2025-11.
[[nodiscard]] std::string bucket_name(std::int64_t from_ms, TimeUnit unit, Zone zone);

// The bucket in which an instant lies, with count 0.
[[nodiscard]] TimeBucket bucket_of(std::int64_t instant_ms, TimeUnit unit, Zone zone);

// Made for many instants: the calendar is asked once for each stretch of 25 days, then an instant costs a look-up.
class TimeCounter {
 public:
  TimeCounter(TimeUnit unit, Zone zone) : unit_(unit), zone_(zone) {}
  TimeCounter(const TimeCounter&) = delete;
  TimeCounter& operator=(const TimeCounter&) = delete;

  // Counts time_of(item) for each of the items.
  template <typename Item, typename TimeOf>
  void add(std::span<const Item> items, TimeOf&& time_of) {
    // Locals, and counts in two lanes, because neighbours mostly count in one bucket: each would wait for the one before.
    std::int64_t number = page_number_;
    const std::uint16_t* first_in_cell = page_->first_in_cell.data();
    const std::int64_t* lasts = page_->lasts.data();
    std::uint32_t* counts = page_->counts.data();
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::int64_t time_ms = time_of(items[i]);
      if (time_ms >> kPageBits != number) {
        number = time_ms >> kPageBits;
        open(number);
        first_in_cell = page_->first_in_cell.data();
        lasts = page_->lasts.data();
        counts = page_->counts.data();
      }
      std::size_t bucket = first_in_cell[static_cast<std::size_t>(time_ms >> kCellBits) % kCells];
      while (time_ms > lasts[bucket]) ++bucket;
      ++counts[bucket * kLanes + i % kLanes];
    }
  }
  // The same where times rise: looks at few of the items.
  template <typename Item, typename TimeOf>
  void add_rising(std::span<const Item> items, TimeOf&& time_of) {
    while (!items.empty()) {
      const std::int64_t time_ms = time_of(items.front());
      if (time_ms >> kPageBits != page_number_) open(time_ms >> kPageBits);
      std::size_t bucket = page_->first_in_cell[static_cast<std::size_t>(time_ms >> kCellBits) % kCells];
      while (time_ms > page_->lasts[bucket]) ++bucket;
      // Those of the bucket that are in the page.
      const std::int64_t last_ms = std::min(page_->lasts[bucket], time_ms | ((std::int64_t{1} << kPageBits) - 1));
      const auto is_within = [&](const Item& item) { return time_of(item) <= last_ms; };
      const std::size_t count =
          is_within(items.back())
              ? items.size()
              : static_cast<std::size_t>(std::partition_point(items.begin(), items.end(), is_within) - items.begin());
      page_->counts[bucket * kLanes] += static_cast<std::uint32_t>(count);
      items = items.subspan(count);
    }
  }
  // Of kNoTime, or outside the years 1 to 9999.
  [[nodiscard]] std::int64_t without_time() const { return timeless_.count(0); }
  // Those that have any, rising.
  [[nodiscard]] std::vector<TimeBucket> buckets() const;
  // The same with the empty ones between them; nothing if there were more than `limit`.
  [[nodiscard]] std::optional<std::vector<TimeBucket>> buckets_without_gaps(std::size_t limit) const;

 private:
  static constexpr int kPageBits = 31;  // milliseconds: 25 days
  static constexpr int kCellBits = 21;  // 35 minutes, so that few cells have the end of a bucket
  static constexpr std::size_t kLanes = 2;
  static constexpr std::size_t kCells = std::size_t{1} << (kPageBits - kCellBits);

  struct Page {
    std::vector<std::int64_t> begins;  // of the buckets that have a part in the page, also outside it
    std::vector<std::int64_t> lasts;
    std::vector<std::uint32_t> counts;  // of each bucket kLanes, to be added
    std::array<std::uint16_t, kCells> first_in_cell{};

    [[nodiscard]] std::int64_t count(std::size_t bucket) const {
      return std::int64_t{counts[bucket * kLanes]} + counts[bucket * kLanes + 1];
    }
  };
  void open(std::int64_t number);
  [[nodiscard]] Page make_page(std::int64_t number) const;
  [[nodiscard]] static Page make_timeless();

  TimeUnit unit_;
  Zone zone_;
  std::unordered_map<std::int64_t, std::unique_ptr<Page>> pages_;
  Page timeless_ = make_timeless();
  Page* page_ = &timeless_;
  std::int64_t page_number_ = kNoTime >> kPageBits;
};

}  // namespace cmem
