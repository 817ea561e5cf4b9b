// Filters against a look at every message: choices, exclusions, times, ids, phases, and what facets need of them.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sqlite/transaction.h"
#include "store/intervals.h"
#include "store/message_filter.h"
#include "store/message_scan.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

const std::vector<std::vector<std::string>> kValues{
    {"/a/atlas", "/b/tide", ""}, {"s-1111", "s-2222", "s-3333", ""}, {"Hooks", "LSP", ""}, {"WARN", "ERROR", "INFO", ""}, {"user", "agent", ""}, {"program"}};

// By FilterField, kPhase left out; as the store names them.
struct Message {
  std::int64_t id;
  std::int64_t time_ms;
  std::vector<std::string> names;
};

bool holds(const NameConstraint& constraint, const Message& message) {
  const auto is_value = [&](const std::string& value) {
    if (constraint.field == FilterField::kPhase) return false;  // programs have none
    const std::string& name = message.names[static_cast<std::size_t>(constraint.field)];
    const bool project = constraint.field == FilterField::kProject;
    return !name.empty() && (value == name || (project && value == last_path_component(name)));
  };
  return std::any_of(constraint.values.begin(), constraint.values.end(), is_value) != constraint.negated;
}

bool holds(const NumberConstraint& constraint, std::int64_t number) {
  const auto has = [&](const Interval& interval) { return number != kNoTime && number >= interval.begin && number < interval.end; };
  return std::any_of(constraint.intervals.begin(), constraint.intervals.end(), has) != constraint.negated;
}

bool passes(const MessageFilter& filter, const Message& message, std::optional<FilterField> without = {}) {
  return std::all_of(filter.names.begin(), filter.names.end(), [&](const auto& c) { return c.field == without || holds(c, message); }) &&
         std::all_of(filter.times.begin(), filter.times.end(), [&](const auto& c) { return holds(c, message.time_ms); }) &&
         std::all_of(filter.ids.begin(), filter.ids.end(), [&](const auto& c) { return holds(c, message.id); });
}

NumberConstraint random_numbers(Rng& rng, std::int64_t begin, std::size_t count) {
  NumberConstraint constraint;
  for (std::size_t n = 1 + pick(rng, 3); n > 0; --n) {
    const auto first = begin + static_cast<std::int64_t>(pick(rng, count));
    constraint.intervals.push_back({first, first + static_cast<std::int64_t>(pick(rng, count / 2))});
  }
  constraint.negated = pick(rng, 3) == 0;
  return constraint;
}

MessageFilter random_filter(Rng& rng, std::size_t messages) {
  MessageFilter filter;
  for (std::size_t n = pick(rng, 4); n > 0; --n) {
    NameConstraint constraint;
    constraint.field = static_cast<FilterField>(pick(rng, kFilterFieldNames.size()));
    const bool phase = constraint.field == FilterField::kPhase;
    for (std::size_t values = 1 + pick(rng, 3); values > 0; --values) {
      const auto& known = kValues[phase ? 0 : static_cast<std::size_t>(constraint.field)];
      std::string value = phase ? "3" : known[pick(rng, std::max<std::size_t>(known.size() - 1, 1))];
      if (constraint.field == FilterField::kProject && pick(rng, 2) == 0) value = last_path_component(value);
      if (constraint.field == FilterField::kRole && pick(rng, 5) == 0) value = "nobody";
      constraint.values.push_back(value);
    }
    constraint.negated = pick(rng, 3) == 0;
    filter.names.push_back(constraint);
  }
  if (pick(rng, 3) == 0) filter.times.push_back(random_numbers(rng, 0, 100));
  if (pick(rng, 4) == 0) filter.times.push_back(random_numbers(rng, 0, 100));
  if (pick(rng, 3) == 0) filter.ids.push_back(random_numbers(rng, 1, messages));
  return filter;
}

TEST_CASE("random filters pass the messages that they describe, also without one of their fields", "[store][filter][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const TempFolder folder;
  std::vector<Message> messages;
  {
    Memory memory(folder.file("memory.db"));
    std::vector<Appended> appended;
    std::map<std::string, std::string> project_of;  // a session has one
    for (std::int64_t id = 1; id <= 400; ++id) {
      Message message{id, pick(rng, 6) == 0 ? kNoTime : static_cast<std::int64_t>(pick(rng, 100)), {}};
      for (const auto& values : kValues) message.names.push_back(values[pick(rng, values.size())]);
      if (!message.names[1].empty()) message.names[0] = project_of.try_emplace(message.names[1], message.names[0]).first->second;
      appended.push_back({.content = "text " + std::to_string(pick(rng, 50)), .session = message.names[1], .project = message.names[0],
                          .component = message.names[2], .level = message.names[3], .role = message.names[4], .time_ms = message.time_ms});
      messages.push_back(message);
    }
    memory.append(appended);
  }
  StoreOptions options;
  options.read_only = true;
  auto store = must(Store::open(folder.file("memory.db"), options));
  auto transaction = must(sqlite::Transaction::begin_read(store->reader()));
  std::map<std::int64_t, std::uint32_t> context_of;
  for (const SegmentSpan& span : must(store->doc_values().spans(store->reader()))) {
    const auto segment = must(store->doc_values().read(store->reader(), span));
    for (std::size_t i = 0; i < segment->size(); ++i)
      context_of[segment->first_id + static_cast<std::int64_t>(i)] = segment->context_id(i);
  }
  REQUIRE(context_of.size() == messages.size());
  for (int round = 0; round < 500; ++round) {
    const MessageFilter filter = random_filter(rng, messages.size());
    const auto resolved = must(ResolvedFilter::resolve(store->reader(), store->contexts(), filter));
    std::set<std::int64_t> found;
    for (const OrderKey& key : must(select_messages(*store, resolved, TimeOrder::kNewest, std::nullopt, SIZE_MAX))) found.insert(key.id);
    std::set<std::int64_t> expected;
    for (const Message& message : messages)
      if (passes(filter, message)) expected.insert(message.id);
    REQUIRE(found == expected);
    REQUIRE(must(count_messages(*store, resolved)) == static_cast<std::int64_t>(expected.size()));
    if (resolved.matches_nothing()) CHECK(expected.empty());
    MessageFilter names;
    names.names = filter.names;
    for (std::size_t field = 0; field < kFilterFieldNames.size(); ++field)
      for (const Message& message : messages)
        REQUIRE(resolved.passes_without(static_cast<FilterField>(field), context_of[message.id]) ==
                passes(names, message, static_cast<FilterField>(field)));
  }
}

TEST_CASE("a session's messages are found in all segments in which they lie, and only there", "[store][filter]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  // One session after the other, several to a segment, and one that goes on much later.
  constexpr std::int64_t kSessions = 12;
  constexpr std::int64_t kOfEach = 5'000;
  std::map<std::string, std::int64_t> expected;
  const auto append = [&](const std::string& session, std::int64_t first_ms, std::int64_t count) {
    std::vector<Appended> appended;
    for (std::int64_t i = 0; i < count; ++i)
      appended.push_back({.content = "x", .session = session, .time_ms = first_ms == kNoTime ? kNoTime : first_ms + i});
    memory.append(appended);
    expected[session] += count;
  };
  for (std::int64_t i = 0; i < kSessions; ++i) append("session-" + std::to_string(100 + i), 1'000'000 * (i + 1), kOfEach);
  append("session-103", 900'000'000, 7);
  append("session-105", kNoTime, 3);  // of no time: in whatever segment
  append("session-104", 500, 2);      // before all others
  for (std::int64_t i = 0; i < 4; ++i) append("other", 1'000'000'000, kOfEach);
  StoreOptions options;
  options.read_only = true;
  auto store = must(Store::open(folder.file("memory.db"), options));
  auto transaction = must(sqlite::Transaction::begin_read(store->reader()));
  const auto spans = must(store->doc_values().spans(store->reader()));
  REQUIRE(spans.size() > 4);
  for (const auto& [session, count] : expected) {
    MessageFilter filter;
    filter.add(FilterField::kSession, session);
    const auto resolved = must(ResolvedFilter::resolve(store->reader(), store->contexts(), filter));
    CHECK(must(count_messages(*store, resolved)) == count);
    CHECK(must(select_messages(*store, resolved, TimeOrder::kNewest, std::nullopt, SIZE_MAX)).size() == static_cast<std::size_t>(count));
    const auto looked_at = std::count_if(spans.begin(), spans.end(), [&](const SegmentSpan& span) { return resolved.may_match(span); });
    if (session == "session-100") CHECK(looked_at <= 3);  // its segment, that of the early messages, and the tail
  }
}

TEST_CASE("intervals unite, meet and turn inside out like sets of numbers", "[store][filter][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  constexpr std::int64_t kEnd = 20;
  const auto random_set = [&](std::set<std::int64_t>& numbers) {
    std::vector<Interval> parts;
    for (std::size_t n = pick(rng, 5); n > 0; --n) {
      const Interval part{static_cast<std::int64_t>(pick(rng, kEnd)), static_cast<std::int64_t>(pick(rng, kEnd + 1))};
      for (std::int64_t i = part.begin; i < part.end; ++i) numbers.insert(i);
      parts.push_back(part);
    }
    return Intervals(parts);
  };
  for (int round = 0; round < 2'000; ++round) {
    std::set<std::int64_t> in_a;
    std::set<std::int64_t> in_b;
    const Intervals a = random_set(in_a);
    const Intervals b = random_set(in_b);
    Intervals both = a;
    both.intersect(b);
    const Intervals not_a = a.complement();
    for (std::int64_t i = -1; i <= kEnd; ++i) {
      REQUIRE(a.contains(i) == in_a.contains(i));
      REQUIRE(both.contains(i) == (in_a.contains(i) && in_b.contains(i)));
      REQUIRE(not_a.contains(i) != in_a.contains(i));
      for (std::int64_t k = -1; k <= kEnd; ++k) {
        const auto next = in_a.lower_bound(i);
        REQUIRE(a.meets(i, k) == (next != in_a.end() && *next <= k));
      }
    }
    REQUIRE(a.is_empty() == in_a.empty());
    REQUIRE(not_a.complement().parts() == a.parts());
  }
  CHECK(Intervals().is_everything());
  CHECK(Intervals().complement().is_empty());
  CHECK(Intervals().complement().complement().is_everything());
}

TEST_CASE("a filter's names that are none are refused, and unknown ones pass nothing", "[store][filter]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "a", .project = "/x/app"}, {.content = "b", .project = "/y/app"}});
  CHECK(memory.try_search("a project:app").status == CMEM_E_AMBIGUOUS);
  CHECK(memory.search("a project:/x/app").total == 1);
  CHECK(memory.search("project:/x/app project:/y/app").total == 2);
  CHECK(memory.search("a project:none").total == 0);
  CHECK(memory.search("a -project:none").total == 1);
  CHECK(memory.search("a -project:none", {.project = "/y/app"}).total == 0);
  CHECK(memory.try_query({.level = "LOUD"}).status == CMEM_E_INVALID);
  CHECK(memory.try_query({.source_type = "paper"}).status == CMEM_E_INVALID);
}

}  // namespace
}  // namespace cmem::test
