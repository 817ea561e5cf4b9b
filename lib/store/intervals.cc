#include "store/intervals.h"

#include <algorithm>
#include <iterator>

namespace cmem {

Intervals::Intervals(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  parts_.clear();
  for (const Interval& interval : intervals) {
    if (interval.begin >= interval.end) continue;
    if (parts_.empty() || interval.begin > parts_.back().end) {
      parts_.push_back(interval);
    } else {
      parts_.back().end = std::max(parts_.back().end, interval.end);
    }
  }
}

void Intervals::intersect(const Intervals& other) {
  std::vector<Interval> both;
  for (auto a = parts_.cbegin(), b = other.parts_.cbegin(); a != parts_.cend() && b != other.parts_.cend();) {
    const Interval shared{std::max(a->begin, b->begin), std::min(a->end, b->end)};
    if (shared.begin < shared.end) both.push_back(shared);
    if (a->end < b->end) {
      ++a;
    } else {
      ++b;
    }
  }
  parts_ = std::move(both);
}

Intervals Intervals::complement() const {
  std::vector<Interval> gaps;
  Interval gap;
  for (const Interval& part : parts_) {
    gap.end = part.begin;
    gaps.push_back(gap);
    gap.begin = part.end;
  }
  gap.end = Interval().end;
  gaps.push_back(gap);
  return Intervals(std::move(gaps));
}

// The last interval that begins at or before `value` is the only one that may hold it.
bool Intervals::search(std::int64_t value) const {
  const auto after = std::upper_bound(parts_.begin(), parts_.end(), value,
                                      [](std::int64_t number, const Interval& part) { return number < part.begin; });
  return after != parts_.begin() && value < std::prev(after)->end;
}

bool Intervals::covers(std::int64_t first, std::int64_t last) const {
  if (first > last) return true;
  const auto part = std::upper_bound(parts_.begin(), parts_.end(), first,
                                     [](std::int64_t number, const Interval& interval) { return number < interval.end; });
  return part != parts_.end() && part->begin <= first && last < part->end;
}

bool Intervals::meets(std::int64_t first, std::int64_t last) const {
  if (first > last) return false;
  const auto part = std::upper_bound(parts_.begin(), parts_.end(), first,
                                     [](std::int64_t number, const Interval& interval) { return number < interval.end; });
  return part != parts_.end() && part->begin <= last;
}

}  // namespace cmem
