// A set of whole numbers as half-open intervals: the times or message ids that a filter lets pass.
#pragma once
#include <cstdint>
#include <limits>
#include <vector>

namespace cmem {

struct Interval {
  std::int64_t begin = std::numeric_limits<std::int64_t>::min();
  std::int64_t end = std::numeric_limits<std::int64_t>::max();  // exclusive, so the greatest number is in no interval
  friend bool operator==(const Interval&, const Interval&) = default;
};

// Starts as everything.
class Intervals {
 public:
  Intervals() = default;
  // The union of intervals in any order; one that does not begin before its end is empty.
  explicit Intervals(std::vector<Interval> intervals);

  void intersect(const Intervals& other);
  [[nodiscard]] Intervals complement() const;

  [[nodiscard]] bool is_empty() const { return parts_.empty(); }
  [[nodiscard]] bool is_everything() const { return parts_.size() == 1 && parts_.front() == Interval(); }
  [[nodiscard]] bool contains(std::int64_t value) const {
    if (parts_.size() == 1) return value >= parts_.front().begin && value < parts_.front().end;
    return search(value);
  }
  // Whether any number from `first` to `last` is in the set. False if first > last.
  [[nodiscard]] bool meets(std::int64_t first, std::int64_t last) const;
  // Whether all numbers from `first` to `last` are in the set. True if first > last.
  [[nodiscard]] bool covers(std::int64_t first, std::int64_t last) const;
  // Rising, apart from each other, none empty.
  [[nodiscard]] const std::vector<Interval>& parts() const { return parts_; }

 private:
  [[nodiscard]] bool search(std::int64_t value) const;

  std::vector<Interval> parts_ = std::vector<Interval>(1);
};

}  // namespace cmem
