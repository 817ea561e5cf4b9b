// The store against a model of it: plain vectors and the rules of identity, nothing clever.
#include <coditect/memory.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/message_text.h"
#include "base/time_text.h"
#include "source/component_classifier.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kStartMs = 1'763'200'800'000;

bool one_in(Rng& rng, std::size_t count) { return pick(rng, count) == 0; }

struct ModelMessage {
  std::string origin;
  std::int64_t line = 0;     // 0: the origin has no lines
  std::string fingerprint;   // what tells records without a line apart
  std::int64_t time_ms = INT64_MIN;
  std::string content, session, project, role, component, level, source_type;
  std::string raw;           // the source line with its line end; empty: appended
  std::int64_t id = 0;
  std::int64_t run = 0;

  [[nodiscard]] bool same_record(const ModelMessage& other) const {
    return origin == other.origin && line == other.line && fingerprint == other.fingerprint && time_ms == other.time_ms &&
           content == other.content;
  }
};

bool comes_before(const ModelMessage& a, const ModelMessage& b, bool newest) {
  if ((a.time_ms == INT64_MIN) != (b.time_ms == INT64_MIN)) return b.time_ms == INT64_MIN;
  if (a.time_ms != b.time_ms) return newest ? a.time_ms > b.time_ms : a.time_ms < b.time_ms;
  return newest ? a.id > b.id : a.id < b.id;
}

class Model {
 public:
  // One source; returns the number of duplicates.
  std::int64_t load(const std::vector<ModelMessage>& records, std::int64_t run) {
    std::map<std::string, std::int64_t> seen;
    std::int64_t again = 0;
    for (const ModelMessage& record : records) {
      const std::int64_t nth = record.line > 0 ? 1 : ++seen[record.origin + '\n' + record.fingerprint];
      const auto equal = std::count_if(messages_.begin(), messages_.end(), [&](const ModelMessage& other) { return other.same_record(record); });
      if (nth <= equal)
        ++again;
      else
        store(record, run);
    }
    return again;
  }

  bool append(ModelMessage message) {
    if (message.line == 0) {
      for (const ModelMessage& other : messages_)
        if (other.origin == message.origin) message.line = std::max(message.line, other.line);
      ++message.line;
    } else if (std::any_of(messages_.begin(), messages_.end(), [&](const ModelMessage& other) { return other.same_record(message); })) {
      return false;
    }
    store(message, 0);
    return true;
  }

  [[nodiscard]] const std::vector<ModelMessage>& messages() const { return messages_; }

  // What the earliest message of the session states; of two at one time the lesser path.
  [[nodiscard]] std::string project_of(const ModelMessage& message) const {
    if (!message.project.empty() || message.session.empty()) return message.project;
    const ModelMessage* first = nullptr;
    const auto order = [](const ModelMessage& m) { return m.time_ms == INT64_MIN ? INT64_MAX : m.time_ms; };
    for (const ModelMessage& other : messages_) {
      if (other.session != message.session || other.project.empty()) continue;
      if (!first || order(other) < order(*first) || (order(other) == order(*first) && other.project < first->project)) first = &other;
    }
    return first ? first->project : std::string();
  }

  [[nodiscard]] bool passes(const ModelMessage& message, const Where& where) const {
    const auto fits = [](const std::string& wanted, const std::string& value) { return wanted.empty() || wanted == value; };
    const bool by_time = where.from_ms != 0 || where.until_ms != 0;
    return (where.project.empty() || where.project == project_of(message)) && fits(where.session, message.session) &&
           fits(where.component, message.component) && fits(where.level, message.level) && fits(where.role, message.role) &&
           fits(where.source_type, message.source_type) && (where.run_id == 0 || where.run_id == message.run) &&
           (!by_time || (message.time_ms != INT64_MIN && message.time_ms >= where.from_ms && message.time_ms < where.until_ms));
  }

  [[nodiscard]] std::vector<std::int64_t> ids(const Where& where, bool newest) const {
    std::vector<ModelMessage> found;
    for (const ModelMessage& message : messages_)
      if (passes(message, where)) found.push_back(message);
    std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return comes_before(a, b, newest); });
    std::vector<std::int64_t> ids;
    for (const ModelMessage& message : found) ids.push_back(message.id);
    return ids;
  }

  [[nodiscard]] std::vector<std::int64_t> neighbours(std::int64_t id, std::size_t before, std::size_t after) const {
    const ModelMessage& wanted = messages_[static_cast<std::size_t>(id - 1)];
    std::vector<std::pair<std::int64_t, std::int64_t>> places;
    for (const ModelMessage& message : messages_)
      if (message.origin == wanted.origin && message.session == wanted.session) places.emplace_back(message.line, message.id);
    std::sort(places.begin(), places.end());
    const auto at = static_cast<std::size_t>(std::find(places.begin(), places.end(), std::pair(wanted.line, id)) - places.begin());
    std::vector<std::int64_t> ids;
    for (std::size_t i = at - std::min(at, before); i < std::min(places.size(), at + after + 1); ++i) ids.push_back(places[i].second);
    return ids;
  }

  [[nodiscard]] std::string raw_lines() const {
    std::string bytes;
    for (const ModelMessage& message : messages_) bytes += message.raw;
    return bytes;
  }

  std::int64_t duplicates = 0;
  std::int64_t runs = 0;

 private:
  void store(ModelMessage message, std::int64_t run) {
    message.id = static_cast<std::int64_t>(messages_.size()) + 1;
    message.run = run;
    messages_.push_back(std::move(message));
  }

  std::vector<ModelMessage> messages_;
};

// Makes records of all kinds from small pools, so that they meet again: equal fields of identity give equal records.
class Records {
 public:
  explicit Records(Rng& rng) : rng_(rng) {}

  ModelMessage any() {
    switch (pick(rng_, 5)) {
      case 0: return history();
      case 1: return debug();
      case 2: return todo();
      case 3: return checkpoint();
      default: return snapshot();
    }
  }

  Appended appended() {
    Appended message;
    const std::size_t number = pick(rng_, 6);
    message.content = number % 2 == 0 ? "[WARN] " + kTexts[number] : kTexts[number];
    message.source = one_in(rng_, 2) ? "" : "notes";
    message.line = one_in(rng_, 2) ? 0 : static_cast<std::int64_t>(1 + pick(rng_, 8));
    message.time_ms = number == 1 ? INT64_MIN : kStartMs + static_cast<std::int64_t>(number) * 1000;
    message.level = number % 2 == 0 ? "WARN" : "";
    message.session = number < 3 ? kSessions[number] : "";
    message.project = number == 2 ? kProjects[0] : "";
    message.role = number == 4 ? "assistant" : "";
    message.component = number == 5 ? "Shell" : "";
    return message;
  }

  static ModelMessage model_of(const Appended& message) {
    ModelMessage out;
    out.origin = message.source.empty() ? "program" : message.source;
    out.line = message.line;
    out.time_ms = message.time_ms;
    out.content = message.content;
    out.session = message.session;
    out.project = message.project;
    out.role = message.role;
    out.component = message.component;
    out.level = message.level;
    out.source_type = "program";
    return out;
  }

  inline static const std::vector<std::string> kTexts{
      "", "yes", "Stream started - received first chunk", "naïve café ☕ \"quoted\" \\ and \t tab", "Hooks: Found 0 total hooks in registry",
      "a long prompt about the coast line and the tide tables of last year", "emoji 👩‍🚀 and a NUL \x01 control"};
  inline static const std::vector<std::string> kSessions{"0a11ce00-1111-4222-8333-444455556666", "0b0b0b00-1111-4222-8333-444455556666",
                                                         "cafe0000-1111-4222-8333-444455556666"};
  inline static const std::vector<std::string> kProjects{"/home/ada/work/atlas", "/home/ada/work/tide-tables", "/home/ada/old/atlas"};

 private:
  // The line end is part of the line; the style of its strings is not part of its identity.
  ModelMessage finish(ModelMessage message, const Json& record) {
    message.raw = record.dump(-1, ' ', one_in(rng_, 2)) + '\n';
    return message;
  }

  ModelMessage history() {
    const std::size_t line = 1 + pick(rng_, 12);
    const std::size_t variant = one_in(rng_, 4) ? 1 : 0;
    ModelMessage message;
    message.source_type = "history";
    message.origin = one_in(rng_, 3) ? "old/history.jsonl" : "history.jsonl";
    message.line = static_cast<std::int64_t>(line);
    message.content = kTexts[(line + variant) % kTexts.size()];
    message.role = "user";
    if (line % 5 != 0) message.time_ms = kStartMs + static_cast<std::int64_t>((line * 7919) % 11) * 60'000;
    if (line % 6 != 0) message.session = kSessions[line % 3];
    if (line % 4 != 0) message.project = kProjects[(line * 5 + variant) % 3];
    Json record{{"content", message.content}, {"source", message.origin + ":line-" + std::to_string(line)}};
    if (message.time_ms != INT64_MIN) record["timestamp"] = message.time_ms;
    if (!message.session.empty()) record["session_id"] = message.session;
    if (!message.project.empty()) record["project"] = message.project;
    record["source_type"] = "history";
    return finish(message, record);
  }

  ModelMessage debug() {
    const std::size_t line = 1 + pick(rng_, 12);
    ModelMessage message;
    message.source_type = "debug";
    message.session = kSessions[pick(rng_, 2)];
    message.origin = "debug/" + message.session + ".txt";
    message.line = static_cast<std::int64_t>(line);
    const std::string& text = kTexts[line % kTexts.size()];
    message.component = std::string(classify_component(text));
    message.content = text;
    if (line % 4 != 0) {
      message.level = std::vector<std::string>{"DEBUG", "INFO", "WARN", "ERROR"}[line % 4];
      message.content = "[" + message.level + "] " + text;
      if (line % 3 != 0) {
        message.time_ms = kStartMs + static_cast<std::int64_t>(line % 7) * 86'400'000;
        message.content = compose_content(TextPrefix::kTimeLevel, message.time_ms, *level_from(message.level), text);
      }
    }
    return finish(message, {{"content", message.content},
                            {"source", message.origin + ":line-" + std::to_string(line)},
                            {"file", message.session + ".txt"},
                            {"timestamp", kStartMs},
                            {"source_type", "debug"}});
  }

  ModelMessage todo() {
    const std::size_t number = pick(rng_, 6);
    ModelMessage message;
    message.source_type = "todos";
    message.session = kSessions[number % 2];
    message.origin = "todos/" + message.session + "-agent-" + message.session + ".json";
    message.content = "Task: " + kTexts[number];
    message.time_ms = kStartMs + static_cast<std::int64_t>(number % 3) * 1000;
    const Json metadata{{"status", one_in(rng_, 2) ? "completed" : "pending"}};
    message.fingerprint = message.content + metadata.dump() + std::to_string(message.time_ms);
    return finish(message, {{"content", message.content},
                            {"source", message.origin},
                            {"timestamp", message.time_ms},
                            {"source_type", "todos"},
                            {"metadata", metadata}});
  }

  ModelMessage snapshot() {
    const std::size_t number = pick(rng_, 4);
    ModelMessage message;
    message.source_type = "shell-snapshot";
    message.origin = "shell-snapshots/snapshot-" + std::to_string(number % 2) + ".sh";
    message.content = kTexts[number];
    message.fingerprint = message.content;
    return finish(message, {{"content", message.content}, {"source", message.origin}, {"timestamp", nullptr}, {"source_type", "shell-snapshot"}});
  }

  ModelMessage checkpoint() {
    const std::size_t number = pick(rng_, 6);
    ModelMessage message;
    message.source_type = "checkpoint";
    message.origin = "2025-11-18-EXPORT-ATLAS";
    message.role = number % 2 == 0 ? "user" : "assistant";
    message.content = kTexts[number];
    message.time_ms = kStartMs + static_cast<std::int64_t>(number) * 3'600'000;
    char time[24];
    format_iso_ms(message.time_ms, time);
    const std::string first_seen(time, sizeof time);
    message.fingerprint = message.content + message.role + first_seen;
    return finish(message, {{"message", {{"role", message.role}, {"type", message.role}, {"content", message.content}}},
                            {"first_seen", first_seen},
                            {"checkpoint", message.origin}});
  }

  Rng& rng_;
};

// One random store and its model.
class Trial {
 public:
  explicit Trial(std::uint64_t seed) : rng_(seed), records_(rng_), memory_(Memory(path())) {}

  void run(std::size_t steps) {
    for (std::size_t step = 0; step < steps; ++step) {
      INFO("step " << step);
      change();
      compare();
    }
    compare_with_fresh_store();
  }

 private:
  [[nodiscard]] std::string path() const { return folder_.file("memory.db"); }

  void change() {
    switch (pick(rng_, 8)) {
      case 0: return append();
      case 1: return reopen();
      case 2: return memory_->rebuild();
      case 3: {  // another process's turn
        Memory other(path());
        return load(other);
      }
      default: return load(*memory_);
    }
  }

  void reopen() {
    memory_.reset();
    memory_.emplace(path());
  }

  // A new file, an old one again, or one that begins like an old one.
  std::vector<ModelMessage> source() {
    std::vector<ModelMessage> records;
    if (!sources_.empty() && one_in(rng_, 2)) records = sources_[pick(rng_, sources_.size())];
    if (!records.empty() && one_in(rng_, 3)) std::shuffle(records.begin(), records.end(), rng_);
    const std::size_t more = pick(rng_, 30);
    for (std::size_t i = 0; i < more; ++i) records.push_back(one_in(rng_, 4) && !records.empty() ? records[pick(rng_, records.size())] : records_.any());
    sources_.push_back(records);
    return records;
  }

  void load(Memory& memory) {
    const auto records = source();
    std::string bytes;
    for (const ModelMessage& record : records) bytes += record.raw;
    const std::string file = folder_.file("source-" + std::to_string(++files_) + ".jsonl");
    write_file(file, bytes);
    const cmem_load_result result = memory.load({file});
    const auto before = model_.messages().size();
    const std::int64_t duplicates = model_.load(records, result.first_run_id);
    model_.duplicates += duplicates;
    ++model_.runs;
    CHECK(result.records_read == static_cast<std::int64_t>(records.size()));
    CHECK(result.messages_new == static_cast<std::int64_t>(model_.messages().size() - before));
    CHECK(result.duplicates == duplicates);
    CHECK(result.rejected == 0);
    CHECK(result.sources_changed == 0);
    CHECK(result.bytes_read == static_cast<std::int64_t>(bytes.size()));
  }

  void append() {
    std::vector<Appended> messages;
    const std::size_t count = 1 + pick(rng_, 4);
    for (std::size_t i = 0; i < count; ++i) messages.push_back(records_.appended());
    const auto next_id = static_cast<std::int64_t>(model_.messages().size()) + 1;
    std::int64_t added = 0;
    for (const Appended& message : messages) added += model_.append(Records::model_of(message)) ? 1 : 0;
    const cmem_append_result result = memory_->append(messages);
    CHECK(result.messages_new == added);
    CHECK(result.duplicates == static_cast<std::int64_t>(count) - added);
    CHECK(result.first_id == (added > 0 ? next_id : 0));
  }

  void compare() {
    compare_stats();
    compare_rows();
    for (int i = 0; i < 4; ++i) compare_filter(random_filter());
    compare_neighbours();
    CHECK(memory_->export_raw() == model_.raw_lines());
    CHECK(memory_->faults() == std::vector<std::string>());
  }

  void compare_stats() {
    std::set<std::string> texts, sessions, projects, components, origins;
    std::int64_t without_time = 0, text_bytes = 0, first = INT64_MIN, last = INT64_MIN;
    for (const ModelMessage& message : model_.messages()) {
      const bool split = message.source_type == "debug" || (message.source_type == "program" && !message.level.empty());
      const std::string text(split ? split_content(message.content).text : std::string_view(message.content));
      if (texts.insert(text).second) text_bytes += static_cast<std::int64_t>(text.size());
      sessions.insert(message.session);
      projects.insert(message.project);
      components.insert(message.component);
      origins.insert(message.origin);
      if (message.time_ms == INT64_MIN) {
        ++without_time;
        continue;
      }
      first = first == INT64_MIN ? message.time_ms : std::min(first, message.time_ms);
      last = std::max(last, message.time_ms);
    }
    const auto named = [](std::set<std::string> names) {
      names.erase("");
      return static_cast<std::int64_t>(names.size());
    };
    const cmem_stats stats = memory_->stats();
    CHECK(stats.messages == static_cast<std::int64_t>(model_.messages().size()));
    CHECK(stats.distinct_texts == static_cast<std::int64_t>(texts.size()));
    CHECK(stats.text_bytes == text_bytes);
    CHECK(stats.sessions == named(sessions));
    CHECK(stats.projects == named(projects));
    CHECK(stats.components == named(components));
    CHECK(stats.sources == static_cast<std::int64_t>(origins.size()));
    CHECK(stats.without_time == without_time);
    CHECK(stats.first_ms == first);
    CHECK(stats.last_ms == last);
    CHECK(stats.duplicates == model_.duplicates);
    CHECK(stats.runs == model_.runs);
  }

  // Every field of every message.
  void compare_rows() {
    const Answer rows = memory_->query({}, {.order = CMEM_ORDER_OLDEST});
    REQUIRE(rows.numbers("id") == model_.ids({}, false));
    for (std::size_t i = 0; i < rows.rows.size(); ++i) {
      const ModelMessage& message = model_.messages()[static_cast<std::size_t>(rows.at(i, "id").number - 1)];
      const auto& row = rows.rows[i];
      const bool same = (row[1].type == CMEM_TYPE_NULL ? INT64_MIN : row[1].number) == message.time_ms && row[2].text == model_.project_of(message) &&
                        row[3].text == message.session && row[4].text == message.source_type && row[5].text == message.role &&
                        row[6].text == message.component && row[7].text == message.level && row[8].text == message.origin &&
                        row[9].number == message.line && row[10].text == message.content;
      if (!same) FAIL("message " << message.id << " differs: " << row[10].text << " / " << message.content);
    }
  }

  Where random_filter() {
    Where where;
    const auto& messages = model_.messages();
    const ModelMessage message = messages.empty() ? ModelMessage() : messages[pick(rng_, messages.size())];
    if (one_in(rng_, 3)) where.project = one_in(rng_, 6) ? "/nowhere" : model_.project_of(message);
    if (one_in(rng_, 4)) where.session = message.session;
    if (one_in(rng_, 4)) where.component = message.component;
    if (one_in(rng_, 4)) where.level = message.level;
    if (one_in(rng_, 4)) where.role = message.role;
    if (one_in(rng_, 4)) where.source_type = message.source_type;
    if (one_in(rng_, 5)) where.run_id = message.run;
    if (one_in(rng_, 3) && message.time_ms != INT64_MIN) {
      where.from_ms = message.time_ms;
      where.until_ms = message.time_ms + static_cast<std::int64_t>(pick(rng_, 3)) * 60'000;
    }
    return where;
  }

  void compare_filter(const Where& where) {
    const bool newest = one_in(rng_, 2);
    INFO("filter " << where.project << '|' << where.session << '|' << where.component << '|' << where.level << '|' << where.role << '|'
                   << where.source_type << '|' << where.from_ms << '|' << where.until_ms << '|' << where.run_id);
    const auto expected = model_.ids(where, newest);
    CHECK(memory_->count(where) == expected.size());
    std::vector<std::int64_t> found;
    Paging paging{.order = newest ? CMEM_ORDER_NEWEST : CMEM_ORDER_OLDEST, .limit = 1 + pick(rng_, 20), .without_content = true};
    while (true) {
      const Answer page = memory_->query(where, paging);
      CHECK(page.total == static_cast<std::int64_t>(expected.size()));
      const auto ids = page.numbers("id");
      found.insert(found.end(), ids.begin(), ids.end());
      if (ids.size() < paging.limit) break;
      paging.after = page.position;
    }
    CHECK(found == expected);
  }

  void compare_neighbours() {
    if (model_.messages().empty()) return;
    const auto id = static_cast<std::int64_t>(1 + pick(rng_, model_.messages().size()));
    const auto before = static_cast<std::uint32_t>(pick(rng_, 4));
    const auto after = static_cast<std::uint32_t>(pick(rng_, 4));
    INFO("neighbours of " << id);
    CHECK(memory_->get(id, before, after).numbers("id") == model_.neighbours(id, before, after));
  }

  // The exported lines and the appended messages in another order, in one go, give the same set of messages.
  void compare_with_fresh_store() {
    std::vector<std::string> lines;
    std::vector<Appended> appended;
    for (const ModelMessage& message : model_.messages()) {
      if (!message.raw.empty()) lines.push_back(message.raw);
      if (message.raw.empty())
        appended.push_back({message.content, message.origin, message.session, message.project, message.component, message.level, message.role,
                            message.time_ms, message.line});
    }
    std::shuffle(lines.begin(), lines.end(), rng_);
    std::shuffle(appended.begin(), appended.end(), rng_);
    std::string bytes;
    for (const std::string& line : lines) bytes += line;
    write_file(folder_.file("again.jsonl"), bytes);
    Memory fresh(folder_.file("fresh.db"));
    fresh.append(appended);
    fresh.load({folder_.file("again.jsonl")});
    CHECK(std::string(fresh.stats().content_root) == std::string(memory_->stats().content_root));
    CHECK(fresh.stats().text_bytes == memory_->stats().text_bytes);
    for (const std::string& project : Records::kProjects) CHECK(fresh.count({.project = project}) == memory_->count({.project = project}));
  }

  TempFolder folder_;
  Rng rng_;
  Records records_;
  Model model_;
  std::optional<Memory> memory_;
  std::vector<std::vector<ModelMessage>> sources_;
  int files_ = 0;
};

}  // namespace

TEST_CASE("a store answers like its model through any sequence of loads, appends, reopens and rebuilds", "[store][random]") {
  constexpr std::uint64_t kStores = 200;
  const std::uint64_t first_seed = test_seed();
  for (std::uint64_t seed = first_seed; seed < first_seed + kStores; ++seed) {
    INFO("CMEM_TEST_SEED=" << seed);
    Trial(seed).run(5);
  }
}

}  // namespace cmem::test
