// Facets and histograms against a count of every message.
#include <coditect/memory.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "unit/base/scoped_zone.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

template <typename T>
const T& one_of(Rng& rng, const std::vector<T>& values) {
  return values[pick(rng, values.size())];
}

using Text = std::optional<std::string>;
constexpr std::int64_t kUnknown = INT64_MIN;
constexpr std::int64_t kStart = 1'759'300'000'000;  // October 2025: clocks change in it
const std::vector<std::string> kFields{"project", "session", "component", "level", "role", "source", "phase", "day"};

struct Message {
  std::int64_t id = 0;
  std::int64_t time_ms = kUnknown;
  std::set<std::string> words;
  std::string content;
  std::map<std::string, std::string> values;  // by field; none: no value
};

std::string shown_at(std::int64_t time_ms, const char* format, bool utc) {
  const auto seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm tm{};
  utc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &tm)};
}

struct FieldConstraint {
  std::string field;
  std::vector<std::string> values;
  bool negated = false;
};

struct Question {
  std::vector<std::string> words;  // one of them; none: only fields
  std::vector<FieldConstraint> fields;
  std::int64_t from_ms = 0, until_ms = 0;
  std::string not_on;  // a day
  std::int64_t first_id = 0;
  bool utc = false;

  [[nodiscard]] std::string typed() const {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " OR ") + word;
    if (words.size() > 1) out = "(" + out + ")";
    for (const FieldConstraint& constraint : fields)
      for (const std::string& value : constraint.values)
        out += std::string(" ") + (constraint.negated ? "-" : "") + constraint.field + ":\"" + value + "\"";
    if (!not_on.empty()) out += " -on:" + not_on;
    if (first_id > 0) out += " id:" + std::to_string(first_id) + "..";
    return out;
  }
  [[nodiscard]] bool passes(const Message& message, const std::string& without) const {
    const bool has_word =
        std::any_of(words.begin(), words.end(), [&](const std::string& word) { return message.words.contains(word); });
    if (!words.empty() && !has_word) return false;
    for (const FieldConstraint& constraint : fields) {
      if (constraint.field == without) continue;
      const auto value = message.values.find(constraint.field);
      const bool has = value != message.values.end() &&
                       std::find(constraint.values.begin(), constraint.values.end(), value->second) != constraint.values.end();
      if (has == constraint.negated) return false;
    }
    if (message.id < first_id) return false;
    if (without == "day") return true;
    if (until_ms != 0 && (message.time_ms == kUnknown || message.time_ms < from_ms || message.time_ms >= until_ms)) return false;
    return not_on.empty() || message.time_ms == kUnknown || shown_at(message.time_ms, "%Y-%m-%d", utc) != not_on;
  }
  [[nodiscard]] bool restricts(const std::string& field) const {
    if (field == "day") return until_ms != 0 || !not_on.empty();
    return std::any_of(fields.begin(), fields.end(), [&](const FieldConstraint& constraint) { return constraint.field == field; });
  }
};

struct Count {
  Text value;
  std::int64_t messages = 0;
  bool selected = false;
};
bool operator==(const Count& a, const Count& b) {
  return a.value == b.value && a.messages == b.messages && a.selected == b.selected;
}
std::ostream& operator<<(std::ostream& out, const Count& count) {
  return out << count.value.value_or("-") << "=" << count.messages << (count.selected ? "*" : "");
}

class Corpus {
 public:
  Corpus(Rng& rng, int messages, std::int64_t span_ms) : rng_(rng), span_ms_(span_ms), memory_(folder_.file("memory.db")) {
    for (int i = 0; i < 5; ++i) session_projects_.push_back(i == 4 ? "" : "/home/ada/p" + std::to_string(i / 2));
    std::vector<Message> batch;
    for (int id = 1; id <= messages; ++id) {
      batch.push_back(random_message(id));
      if (batch.size() == 5'000 || id == messages) add(batch);
    }
  }

  Question random_question() {
    Question question;
    for (std::size_t i = pick(rng_, 4); i > 0; --i) question.words.push_back(one_of(rng_, kWords));
    const std::vector<std::pair<std::string, std::vector<std::string>>> choices{
        {"project", {"/home/ada/p0", "/home/ada/p1", "/home/ada/none"}},
        {"session", {"session-0", "session-1", "session-2"}},
        {"component", {"Hooks", "LSP"}},
        {"level", {"ERROR", "WARN", "INFO"}},
        {"role", {"user", "assistant"}},
        {"source", {"debug", "history"}},
        {"phase", {"1", "2"}}};
    std::set<std::string> used;
    for (std::size_t i = pick(rng_, 4); i > 0 || (question.words.empty() && question.fields.empty()); i -= i > 0 ? 1 : 0) {
      const auto& [field, values] = one_of(rng_, choices);
      if (!used.insert(field).second) continue;
      FieldConstraint constraint{field, {one_of(rng_, values)}, pick(rng_, 3) == 0};
      if (const std::string& other = one_of(rng_, values); other != constraint.values[0]) constraint.values.push_back(other);
      question.fields.push_back(constraint);
    }
    if (pick(rng_, 3) == 0) {
      question.from_ms = kStart + static_cast<std::int64_t>(pick(rng_, static_cast<std::size_t>(span_ms_)));
      question.until_ms = question.from_ms + 1 + static_cast<std::int64_t>(pick(rng_, static_cast<std::size_t>(span_ms_)));
    }
    question.utc = pick(rng_, 3) == 0;
    if (pick(rng_, 4) == 0)
      question.not_on =
          shown_at(kStart + static_cast<std::int64_t>(pick(rng_, static_cast<std::size_t>(span_ms_))), "%Y-%m-%d", question.utc);
    if (pick(rng_, 6) == 0) question.first_id = 1 + static_cast<std::int64_t>(pick(rng_, messages_.size()));
    return question;
  }

  void compare(const Question& question, std::uint32_t histogram) {
    INFO("query " << question.typed() << " from " << question.from_ms << " until " << question.until_ms
                  << (question.utc ? " utc" : ""));
    std::vector<std::string> fields = kFields;
    std::shuffle(fields.begin(), fields.end(), rng_);
    fields.resize(1 + pick(rng_, fields.size()));
    const std::size_t limit = pick(rng_, 3) == 0 ? 1 + pick(rng_, 3) : 0;
    cmem_cursor* const search = open(question);
    cmem_search_summary found CMEM_SEARCH_SUMMARY_INIT;
    memory_.done(cmem_search_get_summary(&found, search, nullptr));
    const Answer answer = facets(search, fields, limit, histogram);
    cmem_cursor_close(search);
    std::map<std::string, std::vector<Count>> rows;
    std::map<std::string, std::int64_t> value_counts;
    std::vector<std::string> order;
    for (std::size_t i = 0; i < answer.rows.size(); ++i) {
      const std::string facet = answer.at(i, "facet").text;
      if (order.empty() || order.back() != facet) order.push_back(facet);
      const Value& value = answer.at(i, "value");
      rows[facet].push_back({value.type == CMEM_TYPE_NULL ? Text() : Text(value.text), answer.at(i, "messages").number,
                             answer.at(i, "selected").number == 1});
      value_counts[facet] = answer.at(i, "values").number;
    }
    std::vector<std::string> wanted = fields;
    wanted.emplace_back("histogram");
    std::erase_if(wanted, [&](const std::string& name) { return !rows.contains(name); });
    CHECK(order == wanted);
    for (const std::string& field : fields) {
      INFO("facet " << field << " limit " << limit);
      std::vector<Count> expected = count(question, field);
      std::int64_t sum = 0;
      for (const Count& value : expected) sum += value.messages;
      if (!question.restricts(field)) CHECK(sum == static_cast<std::int64_t>(found.messages));
      if (!expected.empty()) CHECK(value_counts[field] == static_cast<std::int64_t>(expected.size()));
      if (limit > 0 && expected.size() > limit) expected.resize(limit);
      CHECK(rows[field] == expected);
    }
    INFO("histogram " << histogram);
    CHECK(rows["histogram"] == bars(question, histogram));
  }

 private:
  Message random_message(std::int64_t id) {
    Message message;
    message.id = id;
    if (pick(rng_, 9) != 0) message.time_ms = kStart + static_cast<std::int64_t>(pick(rng_, static_cast<std::size_t>(span_ms_)));
    for (std::size_t i = pick(rng_, 5); i > 0; --i) message.words.insert(one_of(rng_, kWords));
    for (const std::string& word : message.words) message.content += word + " ";
    message.content += std::to_string(pick(rng_, 300));
    const auto set = [&](const char* field, const std::vector<std::string>& values) {
      if (const std::string& value = one_of(rng_, values); !value.empty()) message.values[field] = value;
    };
    const std::size_t session = pick(rng_, 6);
    if (session < 5) message.values["session"] = "session-" + std::to_string(session);
    if (session < 5 && !session_projects_[session].empty()) message.values["project"] = session_projects_[session];
    set("component", {"Hooks", "LSP", "Other", ""});
    set("level", {"DEBUG", "INFO", "WARN", "ERROR", ""});
    set("role", {"user", "assistant", ""});
    set("source", {"debug", "history", "program", "todos"});
    const std::map<std::string, std::string> phases{{"debug", "2"}, {"history", "1"}, {"todos", "4"}};
    if (const auto phase = phases.find(message.values["source"]); phase != phases.end()) message.values["phase"] = phase->second;
    return message;
  }

  void add(std::vector<Message>& batch) {
    std::vector<cmem_message> raw;
    for (const Message& message : batch) {
      cmem_message out CMEM_MESSAGE_INIT;
      const auto set = [&](const char*& text, std::size_t& size, const char* field) {
        const auto value = message.values.find(field);
        if (value == message.values.end()) return;
        text = value->second.data();
        size = value->second.size();
      };
      out.time_ms = message.time_ms;
      out.content = message.content.data();
      out.content_len = message.content.size();
      set(out.session, out.session_len, "session");
      // Only the first ones state the project of their session; later ones have it from there.
      if (message.id % 2 == 0 || message.id < 500) set(out.project, out.project_len, "project");
      set(out.component, out.component_len, "component");
      set(out.level, out.level_len, "level");
      set(out.role, out.role_len, "role");
      set(out.source_type, out.source_type_len, "source");
      raw.push_back(out);
    }
    cmem_append_result result CMEM_APPEND_RESULT_INIT;
    cmem_error error;
    const cmem_status status = cmem_append(&result, memory_.handle(), raw.data(), raw.size(), &error);
    INFO(error.text);
    REQUIRE(status == CMEM_OK);
    REQUIRE(result.first_id == batch.front().id);
    messages_.insert(messages_.end(), batch.begin(), batch.end());
    batch.clear();
  }

  cmem_cursor* open(const Question& question) {
    const std::string query = question.typed();
    cmem_filter filter CMEM_FILTER_INIT;
    filter.from_ms = question.from_ms;
    filter.until_ms = question.until_ms;
    cmem_page page CMEM_PAGE_INIT;
    page.limit = 1;
    page.tiers = CMEM_TIERS_EXACT;
    page.utc = question.utc ? 1 : 0;
    cmem_cursor* search = nullptr;
    cmem_error error;
    const cmem_status status = cmem_search(&search, memory_.handle(), query.data(), query.size(), &filter, &page, &error);
    INFO(error.text);
    REQUIRE(status == CMEM_OK);
    return search;
  }

  static Answer facets(cmem_cursor* search, const std::vector<std::string>& fields, std::size_t limit, std::uint32_t histogram) {
    std::string names;
    for (const std::string& field : fields) names += field + ", ";
    cmem_facet_options options CMEM_FACET_OPTIONS_INIT;
    options.fields = names.data();
    options.fields_len = names.size();
    options.limit = limit;
    options.histogram = histogram;
    cmem_cursor* rows = nullptr;
    cmem_error error;
    const cmem_status status = cmem_search_facets(&rows, search, &options, &error);
    INFO(error.text);
    REQUIRE(status == CMEM_OK);
    return read_cursor(rows);
  }

  [[nodiscard]] std::vector<Count> count(const Question& question, const std::string& field) const {
    std::map<Text, Count> counts;
    for (const Message& message : messages_) {
      if (!question.passes(message, field)) continue;
      Text value;
      if (field == "day") {
        if (message.time_ms != kUnknown) value = shown_at(message.time_ms, "%Y-%m-%d", question.utc);
      } else if (const auto found = message.values.find(field); found != message.values.end()) {
        value = found->second;
      }
      Count& entry = counts[value];
      entry.value = value;
      ++entry.messages;
      if (question.restricts(field) && question.passes(message, "")) entry.selected = true;
    }
    // Of a day some messages may be in the range and none of them match.
    if (field == "day" && question.restricts(field)) {
      for (auto& [value, entry] : counts) entry.selected = day_is_selected(question, value);
    }
    std::vector<Count> sorted;
    for (const auto& [value, entry] : counts) sorted.push_back(entry);
    std::sort(sorted.begin(), sorted.end(), [&](const Count& a, const Count& b) {
      if (field != "day" && a.messages != b.messages) return a.messages > b.messages;
      if (!a.value || !b.value) return a.value.has_value() && !b.value;
      return field == "day" ? *a.value > *b.value : *a.value < *b.value;
    });
    return sorted;
  }

  [[nodiscard]] static bool day_is_selected(const Question& question, const Text& day) {
    if (!day) return question.until_ms == 0;
    if (*day == question.not_on) return false;
    if (question.until_ms == 0) return true;
    // Some instant of the range is on that day.
    for (std::int64_t at = question.from_ms; at < question.until_ms; at += 600'000)
      if (shown_at(at, "%Y-%m-%d", question.utc) == *day) return true;
    return shown_at(question.until_ms - 1, "%Y-%m-%d", question.utc) == *day;
  }

  [[nodiscard]] std::vector<Count> bars(const Question& question, std::uint32_t unit) const {
    constexpr std::array kFormats{"", "%Y-%m-%dT%H", "%Y-%m-%d", "%G-W%V", "%Y-%m"};
    std::map<std::string, std::int64_t> counts;
    std::int64_t without_time = 0, first = INT64_MAX, last = 0;
    for (const Message& message : messages_) {
      if (unit == CMEM_HISTOGRAM_NONE || !question.passes(message, "")) continue;
      if (message.time_ms == kUnknown) {
        ++without_time;
        continue;
      }
      ++counts[shown_at(message.time_ms, kFormats[unit], question.utc)];
      first = std::min(first, message.time_ms);
      last = std::max(last, message.time_ms);
    }
    // What clocks show between the first and the last is a bar too.
    for (std::int64_t at = first; at < last; at += 900'000) counts.emplace(shown_at(at, kFormats[unit], question.utc), 0);
    std::vector<Count> out;
    for (const auto& [name, messages] : counts) out.push_back({name, messages, false});
    if (without_time > 0) out.push_back({Text(), without_time, false});
    return out;
  }

  inline static const std::vector<std::string> kWords{"tide", "map", "coast", "login", "stream", "chart"};
  Rng& rng_;
  std::int64_t span_ms_;
  TempFolder folder_;
  Memory memory_;
  std::vector<std::string> session_projects_;
  std::vector<Message> messages_;
};

cmem_cursor* open_search(Memory& memory, const std::string& query) {
  cmem_cursor* search = nullptr;
  cmem_page page CMEM_PAGE_INIT;
  page.utc = 1;
  memory.done(cmem_search(&search, memory.handle(), query.data(), query.size(), nullptr, &page, nullptr));
  return search;
}

std::pair<cmem_status, std::string> failure_of(cmem_cursor* search, const std::string& fields, std::uint32_t histogram) {
  cmem_facet_options options CMEM_FACET_OPTIONS_INIT;
  options.fields = fields.data();
  options.fields_len = fields.size();
  options.histogram = histogram;
  cmem_cursor* rows = nullptr;
  cmem_error error;
  const cmem_status status = cmem_search_facets(&rows, search, &options, &error);
  CHECK((rows == nullptr) == (status != CMEM_OK));
  cmem_cursor_close(rows);
  return {status, error.text};
}

}  // namespace

TEST_CASE("facets and histograms are what a count of every message says", "[search][facets][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  constexpr std::int64_t kDay = 86'400'000;
  int corpus = 0;
  for (const char* rule : {"UTC0", kBerlin, kNewYork, kLordHowe, kSaoPaulo}) {
    INFO(rule);
    const ScopedZone zone(rule);
    // The second has several segments of doc values, with more than 49 days in each.
    const bool is_large = ++corpus == 2;
    Corpus messages(rng, is_large ? 36'000 : 400, (is_large ? 90 : 50) * kDay);
    for (int i = 0; i < (is_large ? 12 : 60); ++i)
      messages.compare(messages.random_question(), static_cast<std::uint32_t>(pick(rng, 5)));
  }
}

TEST_CASE("messages that come after a search are not in its facets", "[search][facets]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "tide", .level = "WARN"}, {.content = "tide", .level = "WARN"}});
  cmem_cursor* const search = open_search(memory, "tide");
  memory.append({{.content = "tide", .level = "ERROR"}});
  cmem_facet_options options CMEM_FACET_OPTIONS_INIT;
  options.fields = "level";
  options.fields_len = 5;
  const Answer facets = memory.table(
      [&](cmem_cursor** out, cmem_store*, cmem_error* error) { return cmem_search_facets(out, search, &options, error); });
  cmem_cursor_close(search);
  CHECK(facets.texts("value") == std::vector<std::string>{"WARN"});
  CHECK(facets.numbers("messages") == std::vector<std::int64_t>{2});
}

TEST_CASE("facets that cannot be are refused with what to do", "[search][facets]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "tide", .time_ms = 0}, {.content = "tide", .time_ms = 1'700'000'000'000}});
  cmem_cursor* const search = open_search(memory, "tide");
  const auto unknown = failure_of(search, "level,colour", 0);
  CHECK(unknown.first == CMEM_E_INVALID);
  CHECK(unknown.second == "there is no facet \"colour\"; there are project, session, component, level, role, source, phase, day");
  CHECK(failure_of(search, " , ", 0).first == CMEM_E_INVALID);
  CHECK(failure_of(search, "", 5).first == CMEM_E_INVALID);
  CHECK(failure_of(search, "", CMEM_HISTOGRAM_HOUR).first == CMEM_E_LIMIT);
  CHECK(failure_of(search, "", CMEM_HISTOGRAM_DAY).first == CMEM_OK);
  CHECK(failure_of(search, "level", 0).first == CMEM_OK);
  cmem_cursor_close(search);
  cmem_cursor* projects = nullptr;
  memory.done(cmem_projects(&projects, memory.handle(), nullptr));
  CHECK(failure_of(projects, "level", 0).first == CMEM_E_INVALID);
  cmem_cursor_close(projects);
}

TEST_CASE("a search without hits shows what its own fields have left out", "[search][facets]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "tide", .level = "WARN"}, {.content = "other", .level = "ERROR"}});
  for (const char* query : {"tide level:ERROR", "tide level:INFO"}) {
    cmem_cursor* const search = open_search(memory, query);
    CHECK(cmem_cursor_total(search) == 0);
    cmem_facet_options options CMEM_FACET_OPTIONS_INIT;
    options.fields = "level,role";
    options.fields_len = 10;
    const Answer facets = memory.table(
        [&](cmem_cursor** out, cmem_store*, cmem_error* error) { return cmem_search_facets(out, search, &options, error); });
    cmem_cursor_close(search);
    CHECK(facets.texts("facet") == std::vector<std::string>{"level"});
    CHECK(facets.texts("value") == std::vector<std::string>{"WARN"});
    CHECK(facets.numbers("selected") == std::vector<std::int64_t>{0});
  }
}

}  // namespace cmem::test
