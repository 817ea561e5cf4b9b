// Where "now" comes from, so that code that depends on the time can be tested.
#pragma once
#include <cstdint>

namespace cmem {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since the Unix epoch, UTC.
  [[nodiscard]] virtual std::int64_t now_ms() const = 0;
};

// The system's clock: stateless, lives as long as the process, any thread.
[[nodiscard]] const Clock& system_clock() noexcept;

// A clock that stands still until it is told otherwise. For tests.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(std::int64_t now_ms) : now_ms_(now_ms) {}
  [[nodiscard]] std::int64_t now_ms() const override { return now_ms_; }
  void set_ms(std::int64_t now_ms) { now_ms_ = now_ms; }
  void advance_ms(std::int64_t delta_ms) { now_ms_ += delta_ms; }

 private:
  std::int64_t now_ms_;
};

}  // namespace cmem
