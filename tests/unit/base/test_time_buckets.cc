// Buckets of time against what the C library's clock shows at each instant.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/time_buckets.h"
#include "base/time_text.h"
#include "unit/base/scoped_zone.h"
#include "unit/support/random.h"

namespace cmem {
namespace {

using namespace test;

constexpr std::array kUnits{TimeUnit::kHour, TimeUnit::kDay, TimeUnit::kWeek, TimeUnit::kMonth};

// The name of the bucket as the C library has it.
std::string shown_at(std::int64_t time_ms, TimeUnit unit, Zone zone) {
  constexpr std::array kFormats{"%Y-%m-%dT%H", "%Y-%m-%d", "%G-W%V", "%Y-%m"};
  const std::int64_t since_epoch = (time_ms - (time_ms % 1000 + 1000) % 1000) / 1000;
  const auto seconds = static_cast<std::time_t>(since_epoch);
  std::tm tm{};
  REQUIRE((zone == Zone::kUtc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm)) != nullptr);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), kFormats[static_cast<std::size_t>(unit)], &tm);
  return {text.data(), size};
}

void compare(const std::vector<std::int64_t>& times, TimeUnit unit, Zone zone) {
  TimeCounter counter(unit, zone);
  std::map<std::string, std::int64_t> expected;
  for (const std::int64_t time : times) ++expected[shown_at(time, unit, zone)];
  counter.add(std::span<const std::int64_t>(times), [](std::int64_t time) { return time; });
  CHECK(counter.without_time() == 0);
  std::map<std::string, std::int64_t> found;
  std::int64_t last_end = INT64_MIN;
  for (const TimeBucket& bucket : counter.buckets()) {
    const std::string name = bucket_name(bucket.from_ms, unit, zone);
    INFO(name);
    CHECK(bucket.from_ms >= last_end);
    last_end = bucket.until_ms;
    CHECK(shown_at(bucket.until_ms - 1, unit, zone) == name);
    CHECK(shown_at(bucket.until_ms, unit, zone) != name);
    CHECK(shown_at(bucket.from_ms, unit, zone) == name);
    CHECK(shown_at(bucket.from_ms - 1, unit, zone) != name);
    CHECK(found.emplace(name, bucket.count).second);
  }
  CHECK(found == expected);

  std::vector<std::int64_t> rising = times;
  std::sort(rising.begin(), rising.end());
  TimeCounter of_rising(unit, zone);
  of_rising.add_rising(std::span<const std::int64_t>(rising), [](std::int64_t time) { return time; });
  std::map<std::string, std::int64_t> found_rising;
  for (const TimeBucket& bucket : of_rising.buckets()) CHECK(found_rising.emplace(bucket_name(bucket.from_ms, unit, zone), bucket.count).second);
  CHECK(found_rising == expected);
}

void compare_gaps(const std::vector<std::int64_t>& times, TimeUnit unit, Zone zone) {
  TimeCounter counter(unit, zone);
  counter.add(std::span<const std::int64_t>(times), [](std::int64_t time) { return time; });
  const auto bars = counter.buckets_without_gaps(100'000);
  REQUIRE(bars);
  const auto filled = counter.buckets();
  std::size_t next = 0;
  for (std::size_t i = 0; i < bars->size(); ++i) {
    const TimeBucket& bar = (*bars)[i];
    if (i > 0) CHECK((*bars)[i - 1].until_ms == bar.from_ms);
    CHECK(bar.until_ms > bar.from_ms);
    if (next < filled.size() && filled[next].from_ms == bar.from_ms)
      CHECK(filled[next++].count == bar.count);
    else
      CHECK(bar.count == 0);
  }
  CHECK(next == filled.size());
  CHECK(counter.buckets_without_gaps(bars->size()));
  if (bars->size() > 1) CHECK_FALSE(counter.buckets_without_gaps(bars->size() - 1));
}

}  // namespace

TEST_CASE("instants are counted under what clocks show, also when they change", "[time][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (const char* rule : {"UTC0", kBerlin, kNewYork, kSaoPaulo, kLordHowe, kKathmandu}) {
    INFO(rule);
    const ScopedZone scope(rule);
    for (const Zone zone : {Zone::kLocal, Zone::kUtc}) {
      for (const TimeUnit unit : kUnits) {
        INFO("unit " << static_cast<int>(unit) << (zone == Zone::kUtc ? " utc" : " local"));
        std::vector<std::int64_t> times;
        // Two years, with crowds around one instant that might be a change.
        for (int i = 0; i < 400; ++i) times.push_back(1'700'000'000'000 + static_cast<std::int64_t>(rng() % (730 * 86'400'000ULL)));
        for (const std::int64_t change : {1'761'440'400'000, 1'743'296'400'000, 1'762'063'200'000, 1'741'503'600'000,
                                          1'739'671'200'000, 1'762'056'000'000, 1'759'591'800'000, 1'743'865'200'000})
          for (int i = 0; i < 20; ++i) times.push_back(change - 7'200'000 + static_cast<std::int64_t>(rng() % 14'400'000));
        compare(times, unit, zone);
        compare_gaps(times, unit, zone);
      }
    }
  }
}

TEST_CASE("times are counted from year 1 to 9999, and others as none", "[time]") {
  TimeCounter counter(TimeUnit::kMonth, Zone::kUtc);
  const std::vector<std::int64_t> times{kMinIsoMs, kMaxIsoMs, -1, 0, kNoTime, INT64_MAX, kNoTime};
  counter.add(std::span<const std::int64_t>(times), [](std::int64_t time) { return time; });
  CHECK(counter.without_time() == 3);
  const auto buckets = counter.buckets();
  std::vector<std::string> names;
  for (const TimeBucket& bucket : buckets) names.push_back(bucket_name(bucket.from_ms, TimeUnit::kMonth, Zone::kUtc));
  CHECK(names == std::vector<std::string>{"0001-01", "1969-12", "1970-01", "9999-12"});
  CHECK_FALSE(counter.buckets_without_gaps(100'000));
  CHECK(counter.buckets_without_gaps(9999 * 12)->size() == 9999 * 12);

  TimeCounter of_rising(TimeUnit::kMonth, Zone::kUtc);
  std::vector<std::int64_t> rising = times;
  std::sort(rising.begin(), rising.end());
  of_rising.add_rising(std::span<const std::int64_t>(rising), [](std::int64_t time) { return time; });
  CHECK(of_rising.without_time() == 3);
  CHECK(of_rising.buckets().size() == names.size());
}

}  // namespace cmem
