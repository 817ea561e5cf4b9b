// The messages of each text in the order of time, against scans of a plain list.
#include "store/text_messages.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "unit/support/random.h"

namespace cmem::test {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// Few times, so that many are equal; some messages have none; now and then a gap of months.
std::vector<TimedMessage> random_messages(Rng& rng, std::size_t count, std::int64_t first_id) {
  std::vector<TimedMessage> messages;
  const auto spread = static_cast<std::int64_t>(1 + pick(rng, 200));
  const std::size_t texts = 1 + pick(rng, 30);
  const std::size_t step = pick(rng, 2) == 0 ? 1 : 9;  // many texts, or few of many
  const std::int64_t unit_ms = pick(rng, 2) == 0 ? 1 : kDayMs;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t time_ms = (static_cast<std::int64_t>(pick(rng, 400)) - 200) % spread * unit_ms;
    messages.push_back({pick(rng, 10) == 0 ? kNoTime : time_ms, first_id, static_cast<std::uint32_t>(1 + pick(rng, texts) * step),
                        static_cast<std::uint32_t>(pick(rng, 5))});
    first_id += static_cast<std::int64_t>(1 + pick(rng, 3));
  }
  return messages;
}

bool comes_before(const TimedMessage& a, const TimedMessage& b, bool newest_first) {
  if ((a.time_ms == kNoTime) != (b.time_ms == kNoTime)) return b.time_ms == kNoTime;
  const auto key = [](const TimedMessage& message) { return std::pair(message.time_ms, message.message_id); };
  return newest_first ? key(b) < key(a) : key(a) < key(b);
}

TEST_CASE("a view gives a text's messages of some times in order", "[store][text_messages][random]") {
  const std::uint64_t seed = test_seed();
  Rng rng(seed);
  for (int round = 0; round < 300; ++round) {
    INFO("CMEM_TEST_SEED=" << seed << " round " << round);
    const auto messages = random_messages(rng, pick(rng, 600), 1 + static_cast<std::int64_t>(pick(rng, 1000)));
    const auto is_selected = [](std::uint32_t context_id) { return context_id % 3 != 0; };
    const bool select = pick(rng, 2) == 0;
    const auto all = TextMessages::make(messages);
    const auto part = select ? all->select(is_selected) : all;
    std::vector<Interval> intervals;
    for (std::size_t n = pick(rng, 3); n > 0; --n) {
      const auto begin = static_cast<std::int64_t>(pick(rng, 400)) - 200;
      intervals.push_back({begin * kDayMs, (begin + static_cast<std::int64_t>(pick(rng, 200))) * kDayMs});
    }
    const Intervals times = intervals.empty() ? Intervals() : Intervals(intervals);
    const bool without_time = pick(rng, 2) == 0;
    const bool newest_first = pick(rng, 2) == 0;
    const TextMessagesView view(part, times, without_time, newest_first);
    // Many at once, which need not follow each other.
    std::vector<std::uint32_t> texts;
    for (std::uint32_t text = 0; text < 273 && texts.size() < TextMessagesView::kManyTexts; text += 1 + static_cast<std::uint32_t>(pick(rng, 8)))
      texts.push_back(text);
    std::vector<std::uint32_t> counts(texts.size());
    std::vector<std::uint32_t> firsts(texts.size());
    for (std::uint32_t* const asked : {static_cast<std::uint32_t*>(nullptr), firsts.data()}) {
      view.count(texts, counts.data(), asked);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        REQUIRE(counts[i] == view.count(texts[i]));
        if (asked != nullptr) REQUIRE(firsts[i] == view.first(texts[i]));
      }
    }
    for (std::uint32_t text = 0; text < 273; ++text) {
      std::vector<TimedMessage> expected;
      for (const TimedMessage& message : messages) {
        const bool in_time = message.time_ms == kNoTime ? without_time : times.contains(message.time_ms);
        if (message.text_id == text && in_time && (!select || is_selected(message.context_id))) expected.push_back(message);
      }
      std::sort(expected.begin(), expected.end(),
                [&](const TimedMessage& a, const TimedMessage& b) { return comes_before(a, b, newest_first); });
      REQUIRE(view.count(text) == expected.size());
      std::vector<std::int64_t> ids;
      std::uint32_t middle = 0;
      view.for_each(text, 0, [&](std::uint32_t position) {
        if (ids.empty()) REQUIRE(position == view.first(text));
        if (ids.size() == expected.size() / 2) middle = position;
        REQUIRE(view.time_ms(position) == expected.at(ids.size()).time_ms);
        ids.push_back(view.message_id(position));
        REQUIRE(ids.back() == expected[ids.size() - 1].message_id);
        return true;
      });
      REQUIRE(ids.size() == expected.size());
      if (expected.empty()) {
        REQUIRE(view.first(text) == TextMessagesView::kNone);
        continue;
      }
      const auto is_before = [&](std::uint32_t position) {
        return comes_before({view.time_ms(position), view.message_id(position), 0, 0}, expected[expected.size() / 2], newest_first);
      };
      REQUIRE(view.count_before(is_before) == middle);
      view.for_each(text, middle, [&](std::uint32_t position) {
        REQUIRE(view.message_id(position) == expected[expected.size() / 2].message_id);
        return false;
      });
    }
  }
}

TEST_CASE("a part gives back its messages in the order of time", "[store][text_messages][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 50; ++round) {
    auto messages = random_messages(rng, pick(rng, 3000), 1);
    const auto given = TextMessages::make(messages)->messages();
    std::sort(messages.begin(), messages.end(), [](const TimedMessage& a, const TimedMessage& b) {
      return std::pair(a.time_ms, a.message_id) < std::pair(b.time_ms, b.message_id);
    });
    REQUIRE(given.size() == messages.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
      REQUIRE(given[i].time_ms == messages[i].time_ms);
      REQUIRE(given[i].message_id == messages[i].message_id);
      REQUIRE(given[i].text_id == messages[i].text_id);
      REQUIRE(given[i].context_id == messages[i].context_id);
    }
  }
}

}  // namespace
}  // namespace cmem::test
