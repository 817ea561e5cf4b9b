// The time zone of a test.
#pragma once
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace cmem {

// Sets the process's zone for a test. The rules are spelled out (POSIX), so no zone database is needed.
class ScopedZone {
 public:
  explicit ScopedZone(const char* rule) {
    if (const char* old = std::getenv("TZ")) old_ = old;
    setenv("TZ", rule, 1);
    tzset();
  }
  ScopedZone(const ScopedZone&) = delete;
  ScopedZone& operator=(const ScopedZone&) = delete;
  ~ScopedZone() {
    if (old_) setenv("TZ", old_->c_str(), 1);
    if (!old_) unsetenv("TZ");
    tzset();
  }

 private:
  std::optional<std::string> old_;
};

inline constexpr const char* kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
inline constexpr const char* kNewYork = "EST5EDT,M3.2.0,M11.1.0";
inline constexpr const char* kSaoPaulo = "<-03>3<-02>,M11.1.0/0,M2.3.0/0";        // midnight itself is skipped and repeated
inline constexpr const char* kLordHowe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";  // by half an hour
inline constexpr const char* kKathmandu = "<+0545>-5:45";

}  // namespace cmem
