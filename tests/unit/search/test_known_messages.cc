// Which texts come first, from the messages that a handle knows, against a sort of all hits.
#include "search/known_messages.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>

#include "unit/support/random.h"

namespace cmem::test {
namespace {

struct Case {
  std::vector<TimedMessage> messages;
  TextMessagesParts parts;
  TextHits texts;
};

Case random_case(Rng& rng) {
  Case made;
  std::int64_t id = 1;
  const std::uint32_t end_text = pick(rng, 3) == 0 ? 200 : 45;
  for (std::size_t part = 1 + pick(rng, 4); part > 0; --part) {
    std::vector<TimedMessage> messages;
    const std::size_t texts = pick(rng, 3) == 0 ? 2 : end_text - 5;
    for (std::size_t n = 1 + pick(rng, 120); n > 0; --n) {
      const std::int64_t time_ms = pick(rng, 12) == 0 ? kNoTime : static_cast<std::int64_t>(pick(rng, 60));
      messages.push_back({time_ms, id++, static_cast<std::uint32_t>(1 + pick(rng, texts)), 1});
    }
    made.messages.insert(made.messages.end(), messages.begin(), messages.end());
    made.parts.push_back(TextMessages::make(std::move(messages)));
  }
  const bool with_wider = pick(rng, 2) == 0;
  for (std::uint32_t text = 1; text < end_text; ++text)
    if (pick(rng, 3) > 0) made.texts.add(text, with_wider && pick(rng, 4) == 0 ? Tier::kFuzzy : Tier::kExact, static_cast<std::uint32_t>(pick(rng, 4)));
  made.texts.has_wider = std::ranges::count(made.texts.tier, Tier::kFuzzy) > 0;
  return made;
}

// All hits in order.
std::vector<Hit> all_hits(const Case& of, HitOrder order, bool all_messages) {
  std::vector<Hit> hits;
  for (std::size_t slot = 0; slot < of.texts.size(); ++slot) {
    std::vector<Hit> of_text;
    for (const TimedMessage& message : of.messages)
      if (message.text_id == of.texts.text_id[slot])
        of_text.push_back({of.texts.tier[slot], of.texts.score[slot] / kScoreUnits, message.time_ms, message.message_id, message.text_id});
    std::sort(of_text.begin(), of_text.end(), [&](const Hit& a, const Hit& b) { return comes_before(a, b, order); });
    if (!all_messages && of_text.size() > 1) of_text.resize(1);
    std::move(of_text.begin(), of_text.end(), std::back_inserter(hits));
  }
  std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) { return comes_before(a, b, order); });
  return hits;
}

std::vector<Hit> page(const Case& of, const KnownMessages& known, HitOrder order, bool all_messages,
                      const std::optional<Hit>& after, std::size_t limit) {
  FirstHits first(limit, order, after);
  const auto slots = after ? known.first_slots(of.texts, after, limit, all_messages) : known.count(of.texts, limit).first_slots;
  REQUIRE(std::is_sorted(slots.begin(), slots.end()));
  REQUIRE(slots.size() <= of.parts.size() * limit);
  for (const std::size_t slot : slots) {
    Hit hit;
    hit.tier = of.texts.tier[slot];
    hit.score = of.texts.score[slot] / kScoreUnits;
    hit.text_id = of.texts.text_id[slot];
    if (all_messages) {
      known.offer_messages(of.texts.text_id[slot], hit, after, first);
      continue;
    }
    const TextTotal total = known.total(of.texts.text_id[slot]);
    hit.time_ms = total.newest_ms;
    hit.message_id = total.newest_id;
    first.offer(hit);
  }
  return first.take();
}

TEST_CASE("pages of what a handle knows are those of a sort of all hits", "[search][known_messages][random]") {
  const std::uint64_t seed = test_seed();
  Rng rng(seed);
  for (int round = 0; round < 400; ++round) {
    INFO("CMEM_TEST_SEED=" << seed << " round " << round);
    Case made = random_case(rng);
    for (const HitOrder order : {HitOrder::kRelevance, HitOrder::kNewest, HitOrder::kOldest}) {
      // As searches have it: an order by time knows no scores.
      if (order == HitOrder::kNewest) std::fill(made.texts.score.begin(), made.texts.score.end(), 0);
      const KnownMessages known(made.parts, ResolvedFilter(), order);
      for (const bool all_messages : {false, true}) {
        const std::vector<Hit> expected = all_hits(made, order, all_messages);
        const auto counted = known.count(made.texts, 1);
        REQUIRE((all_messages ? counted.messages : counted.texts) == static_cast<std::int64_t>(expected.size()));
        const std::size_t limit = 1 + pick(rng, 30);
        std::optional<Hit> after;
        std::vector<std::int64_t> ids;
        while (true) {
          const auto hits = page(made, known, order, all_messages, after, limit);
          for (const Hit& hit : hits) ids.push_back(hit.message_id);
          if (hits.size() < limit) break;
          after = hits.back();
        }
        std::vector<std::int64_t> expected_ids;
        for (const Hit& hit : expected) expected_ids.push_back(hit.message_id);
        REQUIRE(ids == expected_ids);
      }
    }
  }
}

TEST_CASE("a text's total has all its messages of all parts, and the first of them", "[search][known_messages][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 200; ++round) {
    const Case made = random_case(rng);
    for (const HitOrder order : {HitOrder::kRelevance, HitOrder::kNewest, HitOrder::kOldest}) {
      const KnownMessages known(made.parts, ResolvedFilter(), order);
      std::vector<std::uint32_t> with_messages;
      for (std::uint32_t text = 0; text < 200; ++text) {
        std::vector<Hit> hits;
        for (const TimedMessage& message : made.messages)
          if (message.text_id == text) hits.push_back({Tier::kExact, 0, message.time_ms, message.message_id});
        const auto best = std::min_element(hits.begin(), hits.end(),
                                           [&](const Hit& a, const Hit& b) { return comes_before(a, b, order); });
        if (!hits.empty()) with_messages.push_back(text);
        REQUIRE(known.count(text) == hits.size());
        const TextTotal total = known.total(text);
        REQUIRE(total.messages == hits.size());
        REQUIRE(total.newest_id == (best == hits.end() ? 0 : best->message_id));
        if (best != hits.end()) REQUIRE(total.newest_ms == best->time_ms);
      }
      REQUIRE(known.texts() == with_messages);
    }
  }
}

}  // namespace
}  // namespace cmem::test
