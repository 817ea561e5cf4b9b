#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "export/conversation.h"
#include "export/session_titles.h"
#include "report/reports.h"
#include "report/work_cells.h"
#include "store/file_versions.h"
#include "store/message_scan.h"
#include "store/schema.h"

namespace cmem {
namespace {

constexpr std::size_t kTextCharacters = 200;
constexpr int kDeepest = 100;  // a damaged store may let sessions go in circles

// The header is rows and not notes: it has times and numbers with names, which csv and pandas keep apart from the text, and which
// stand above the events in a table and on a page without a second kind of answer.
constexpr std::array kColumns{
    ReportColumn{"kind", CellType::kText, "", "fact: of the session as a whole, first; event: a message, in order"},
    ReportColumn{"name", CellType::kText, "", "of a fact: title, project, messages …; empty: of an event"},
    ReportColumn{"time", CellType::kTime, "", "empty: not known"},
    ReportColumn{"depth", CellType::kInt, "", "0: of the session itself; 1: of a subagent of it, and so on"},
    ReportColumn{"session", CellType::kText, "", "in which it stands"},
    ReportColumn{"source_type", CellType::kText, "", "history, transcript, debug …"},
    ReportColumn{"role", CellType::kText, "", "as its record states it"},
    ReportColumn{"component", CellType::kText, "", "part of the agent, or tool"},
    ReportColumn{"level", CellType::kText, "", "DEBUG, INFO, WARN or ERROR"},
    ReportColumn{"text", CellType::kText, "", "the first line, at most 200 characters; of a fact its value"},
    ReportColumn{"id", CellType::kInt, "", "of the message"},
};

// The first line that is not empty.
std::string_view first_line(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text.substr(0, std::min(text.find_first_of("\r\n"), text.size()));
}

// The bytes of the first characters.
std::size_t bytes_of_characters(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text.size();
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) at += std::max<std::size_t>(utf8_sequence_length(text, at), 1);
  return std::min(at, text.size());
}

std::string duration(std::int64_t ms) {
  return fmt::format("{} h {:02} min {:02} s", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60);
}

struct Event {
  std::int64_t message_id = 0;
  std::int64_t session_id = 0;
  std::int64_t time_ms = kNoTime;
  std::int64_t order_ms = kNoTime;  // where it stands
  int depth = 0;
};

struct SessionName {
  std::string name;
  int depth = 0;
};
// By id: the session, and those below it.
using Sessions = std::map<std::int64_t, SessionName>;

// The first lines of texts, one after the other.
class Lines {
 public:
  struct Line {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  Line add(std::string_view text) {
    const std::size_t begin = bytes_.size();
    const std::string_view line = first_line(text);
    bytes_ += line.substr(0, bytes_of_characters(line, kTextCharacters));
    if (bytes_.size() - begin < line.size()) bytes_ += "…";
    return {begin, bytes_.size() - begin};
  }
  [[nodiscard]] std::string_view text(Line line) const { return std::string_view(bytes_).substr(line.begin, line.size); }

 private:
  std::string bytes_;
};

class EventRows final : public LaterRows {
 public:
  // `messages`: of the events, by id, and the line of each.
  EventRows(std::vector<Event> events, Sessions sessions, std::vector<MessageRow> messages, std::vector<Lines::Line> line_of,
            Lines lines)
      : events_(std::move(events)),
        sessions_(std::move(sessions)),
        messages_(std::move(messages)),
        line_of_(std::move(line_of)),
        lines_(std::move(lines)) {}

  [[nodiscard]] std::size_t size() const override { return events_.size(); }

  void make(std::size_t index, ReportRow& row) override {
    const Event& event = events_[index];
    const auto message = find(event.message_id);
    const MessageContext& context = *message->context;
    const auto session = sessions_.find(event.session_id != 0 ? event.session_id : context.session_id);
    const bool is_known = session != sessions_.end();
    row.assign(kColumns.size(), ReportCell());
    row[0] = std::string("event");
    row[2] = time_cell(message->time_ms);
    row[3] = std::int64_t{event.session_id != 0 || !is_known ? event.depth : session->second.depth};
    if (is_known) row[4] = name_cell(session->second.name);
    row[5] = std::string(to_string(context.source_type));
    row[6] = name_cell(context.role);
    row[7] = name_cell(context.component);
    row[8] = name_cell(to_string(context.level));
    row[9] = name_cell(lines_.text(line_of_[static_cast<std::size_t>(message - messages_.begin())]));
    row[10] = message->id;
  }

 private:
  // Mostly the one behind the last.
  std::vector<MessageRow>::const_iterator find(std::int64_t message_id) {
    if (next_ >= messages_.size() || messages_[next_].id != message_id) {
      const auto before = [](const MessageRow& message, std::int64_t id) { return message.id < id; };
      const auto found = std::lower_bound(messages_.begin(), messages_.end(), message_id, before);
      next_ = static_cast<std::size_t>(found - messages_.begin());
    }
    return messages_.begin() + static_cast<std::ptrdiff_t>(next_++);
  }

  std::vector<Event> events_;
  std::size_t next_ = 0;
  Sessions sessions_;
  std::vector<MessageRow> messages_;
  std::vector<Lines::Line> line_of_;
  Lines lines_;
};

class SessionReport {
 public:
  SessionReport(Store& store, const ReportOptions& options, MessageReader reader)
      : store_(store), options_(options), reader_(std::move(reader)) {
    options_.session.clear();  // sessions_ has it, and those of its subagents
  }

  Result<ReportTable> make(std::int64_t session_id) {
    root_ = session_id;
    CMEM_TRY(find_sessions());
    CMEM_TRY(find_events());
    CMEM_TRY(add_facts());
    CMEM_TRY(add_events());
    table_.notes.push_back(pause_note(options_));
    return std::move(table_);
  }

 private:
  // The session and those below it.
  Status find_sessions() {
    CMEM_ASSIGN_OR_RETURN(const bool has_parents, knows_homes(store_.reader()));
    const std::string below = has_parents ? fmt::format(
                                                " UNION SELECT s.id, b.depth + 1 FROM main.session s JOIN below b ON "
                                                "s.parent_id = b.id WHERE b.depth < {}",
                                                kDeepest)
                                          : std::string();
    CMEM_ASSIGN_OR_RETURN(
        auto rows,
        store_.reader().prepare("WITH RECURSIVE below(id, depth) AS (SELECT ?1, 0" + below +
                                ") SELECT s.id, s.external_id, min(b.depth) FROM below b JOIN main.session s ON s.id = b.id "
                                "GROUP BY s.id"));
    CMEM_TRY(rows.bind(1, root_));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      sessions_[rows.column_int(0)] = {std::string(rows.column_text(1)), static_cast<int>(rows.column_int(2))};
    }
  }

  [[nodiscard]] MessageFilter filter_of_sessions() const {
    MessageFilter filter = options_.filter();
    NameConstraint sessions{FilterField::kSession, {}, false};
    for (const auto& [id, session] : sessions_) sessions.values.push_back(session.name);
    filter.names.push_back(std::move(sessions));
    return filter;
  }

  Result<ResolvedFilter> message_filter() {
    MessageFilter filter = filter_of_sessions();
    if (has_range()) filter.times.push_back({{{options_.from_ms, options_.until_ms}}, false});
    CMEM_TRY(store_.contexts().refresh(store_.reader()));
    return ResolvedFilter::resolve(store_.reader(), store_.contexts(), filter);
  }
  [[nodiscard]] bool has_range() const {
    return options_.from_ms != TimeRange::kOpenFrom || options_.until_ms != TimeRange::kOpenUntil;
  }

  // Transcripts keep the order of their files; each of their records stands at the latest time so far. What other sources say is
  // put between them by its time; what has none comes last.
  Status find_events() {
    CMEM_ASSIGN_OR_RETURN(const auto filter, message_filter());
    CMEM_ASSIGN_OR_RETURN(const auto keys, select_messages(store_, filter, TimeOrder::kOldest, std::nullopt,
                                                           std::numeric_limits<std::size_t>::max()));
    CMEM_ASSIGN_OR_RETURN(const auto conversation, read_conversation(store_, reader_, root_));
    std::unordered_set<std::int64_t> passing;
    if (!conversation.empty())
      for (const OrderKey& key : keys) passing.insert(key.id);
    std::vector<Event> told;
    std::unordered_set<std::int64_t> in_transcript;
    std::int64_t latest_ms = kNoTime;
    for (const ConversationEntry& entry : conversation) {
      if (entry.time_ms != kNoTime) latest_ms = std::max(latest_ms, entry.time_ms);
      in_transcript.insert(entry.message_id);
      if (!passes(entry, passing)) continue;
      told.push_back({entry.message_id, entry.session_id, entry.time_ms, latest_ms, entry.depth});
    }
    std::vector<Event> others;
    for (const OrderKey& key : keys)
      if (!in_transcript.contains(key.id)) others.push_back({key.id, 0, key.time_ms, key.time_ms, 0});
    merge(std::move(told), std::move(others));
    list_messages();
    return {};
  }

  // A copy's message is of another session: only what does not depend on that is asked.
  [[nodiscard]] bool passes(const ConversationEntry& entry, const std::unordered_set<std::int64_t>& passing) const {
    if (!entry.is_copy()) return passing.contains(entry.message_id);
    if (!options_.component.empty()) return false;
    return !has_range() || (entry.time_ms != kNoTime && entry.time_ms >= options_.from_ms && entry.time_ms < options_.until_ms);
  }

  // `others`: by their times, those without one last.
  void merge(std::vector<Event> told, std::vector<Event> others) {
    std::size_t next = 0;
    for (Event& event : told) {
      for (; next < others.size() && others[next].time_ms != kNoTime && others[next].time_ms <= event.order_ms; ++next)
        events_.push_back(others[next]);
      events_.push_back(event);
    }
    events_.insert(events_.end(), others.begin() + static_cast<std::ptrdiff_t>(next), others.end());
  }

  void fact(std::string name, std::string text, std::int64_t time_ms = kNoTime) {
    if (text.empty() && time_ms == kNoTime) return;
    ReportRow row(kColumns.size());
    row[0] = std::string("fact");
    row[1] = std::move(name);
    row[2] = time_cell(time_ms);
    row[9] = name_cell(text);
    table_.rows.push_back(std::move(row));
  }

  struct Sums : WorkSums {
    std::map<std::uint32_t, std::int64_t> components, sources;
  };

  void add(Sums& sums, const WorkCell& cell) {
    sums.WorkSums::add(cell);
    sums.sources[static_cast<std::uint32_t>(store_.contexts().value(FilterField::kSource, cell.context))] += cell.messages;
    if (cell.component != 0) sums.components[cell.component] += cell.messages;
  }

  Result<Sums> count() {
    CMEM_ASSIGN_OR_RETURN(const Work work, read_work(store_, options_, filter_of_sessions()));
    Sums sums;
    std::vector<SessionPart> parts;
    for (const WorkCell& cell : work.cells) {
      // All as one session: a subagent works while the session waits for it.
      parts.push_back({0, 1, cell.part, cell.first_ms, cell.last_ms});
      if (cell.is_in(options_)) add(sums, cell);
    }
    // They are among the events of a report on all times.
    for (const WorkCell& cell : work.timeless)
      if (!has_range()) add(sums, cell);
    Periods days(TimeUnit::kDay, options_.zone);
    for_each_active_period(find_active_spans(std::move(parts), options_.pause_ms), options_, days,
                           [&](std::uint32_t, const TimeBucket&, std::int64_t active_ms) { sums.active_ms += active_ms; });
    return sums;
  }

  Status add_facts() {
    CMEM_ASSIGN_OR_RETURN(const Sums sums, count());
    fact("session", sessions_[root_].name);
    CMEM_ASSIGN_OR_RETURN(auto titles, find_session_titles(store_, reader_, {root_}));
    fact("title", titles[root_]);
    CMEM_TRY(add_project());
    if (sums.first_ms != kNoTime) {
      fact("first", {}, sums.first_ms);
      fact("last", {}, sums.last_ms);
      fact("duration", duration(sums.last_ms - sums.first_ms));
      fact("active", duration(sums.active_ms));
    }
    fact("messages", fmt::format("{}", events_.size()));
    Names sources;
    for (std::uint32_t type = 0; type < kSourceTypes.size(); ++type) sources.emplace(type, kSourceTypes[type].name);
    fact("sources", counted(sums.sources, sources));
    fact("prompts", fmt::format("{}", sums.prompts));
    fact("errors", fmt::format("{}", sums.errors));
    CMEM_ASSIGN_OR_RETURN(const auto components, read_names(store_.reader(), "component", "name"));
    fact("components", counted(sums.components, components));
    CMEM_TRY(add_home_facts());
    if (sessions_.size() > 1) fact("agents", fmt::format("{}", sessions_.size() - 1));
    return {};
  }

  // "Bash 12, Edit 3", most first.
  static std::string counted(const std::map<std::uint32_t, std::int64_t>& counts, const Names& names) {
    std::vector<std::pair<std::uint32_t, std::int64_t>> order(counts.begin(), counts.end());
    std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
      return std::tuple(-a.second, name_of(names, a.first)) < std::tuple(-b.second, name_of(names, b.first));
    });
    std::vector<std::string> parts;
    for (const auto& [id, count] : order) parts.push_back(fmt::format("{} {}", name_of(names, id), count));
    return fmt::format("{}", fmt::join(parts, ", "));
  }

  Status add_project() {
    CMEM_ASSIGN_OR_RETURN(auto row, store_.reader().prepare("SELECT p.path FROM main.session s JOIN main.project p ON p.id = "
                                                            "s.project_id WHERE s.id = ?1"));
    CMEM_TRY(row.bind(1, root_));
    CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
    if (found) fact("project", std::string(row.column_text(0)));
    return {};
  }

  // Of all the sessions.
  Status add_home_facts() {
    CMEM_ASSIGN_OR_RETURN(const bool has_homes, knows_homes(store_.reader()));
    if (!has_homes) return {};
    CMEM_ASSIGN_OR_RETURN(const std::int64_t tokens, sum_tokens());
    if (tokens > 0) fact("tokens", fmt::format("{}", tokens));
    std::map<std::string, std::int64_t> files;
    for (const auto& [id, session] : sessions_) {
      CMEM_ASSIGN_OR_RETURN(const auto versions, list_file_versions(store_.reader(), {{}, id, 0}));
      for (const FileVersion& version : versions) ++files[version.name];
    }
    for (const auto& [name, versions] : files) {
      CMEM_ASSIGN_OR_RETURN(const auto path, tracked_path_of(store_.reader(), name));
      fact("file", path.empty() ? "@" + name : path);
    }
    return {};
  }

  void list_messages() {
    message_ids_.clear();
    message_ids_.reserve(events_.size());
    for (const Event& event : events_) message_ids_.push_back(event.message_id);
    std::sort(message_ids_.begin(), message_ids_.end());
    message_ids_.erase(std::unique(message_ids_.begin(), message_ids_.end()), message_ids_.end());
  }

  // Few messages have a usage: from one to the next, those between are passed by.
  Result<std::int64_t> sum_tokens() {
    CMEM_ASSIGN_OR_RETURN(auto usages,
                          store_.reader().prepare("SELECT message_id, input + output + cache_creation + cache_read FROM "
                                                  "main.token_usage WHERE message_id >= ?1 ORDER BY message_id"));
    std::int64_t sum = 0;
    std::int64_t at = kNoTime;  // the message of the usage that the statement is at
    for (const std::int64_t id : message_ids_) {
      if (at < id) {
        usages.reset();
        CMEM_TRY(usages.bind(1, id));
        CMEM_ASSIGN_OR_RETURN(const bool found, usages.step());
        at = found ? usages.column_int(0) : std::numeric_limits<std::int64_t>::max();
      }
      if (at == id) sum += usages.column_int(1);
    }
    return sum;
  }

  Status add_events() {
    const std::size_t found = events_.size();
    if (options_.limit != 0 && options_.limit < found) {
      table_.notes.push_back(fmt::format("{} of {} events are shown.", options_.limit, found));
      events_.resize(options_.limit);
      list_messages();
    }
    // Rows of neighbours are read together.
    CMEM_ASSIGN_OR_RETURN(auto messages, reader_.read_listed(message_ids_));
    Lines lines;
    CMEM_ASSIGN_OR_RETURN(auto line_of, read_first_lines(messages, lines));
    table_.later = std::make_unique<EventRows>(std::move(events_), std::move(sessions_), std::move(messages), std::move(line_of),
                                               std::move(lines));
    return {};
  }

  // A session's texts are neighbours, and some are said often: in their order each is looked at once, and each block decoded once.
  Result<std::vector<Lines::Line>> read_first_lines(const std::vector<MessageRow>& messages, Lines& lines) {
    std::vector<std::pair<std::int64_t, std::size_t>> texts;  // and whose they are
    texts.reserve(messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) texts.emplace_back(messages[i].text_id, i);
    std::sort(texts.begin(), texts.end());
    std::vector<Lines::Line> line_of(messages.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto [text_id, message] = texts[i];
      if (i > 0 && texts[i - 1].first == text_id) {
        line_of[message] = line_of[texts[i - 1].second];
        continue;
      }
      CMEM_ASSIGN_OR_RETURN(const auto text, reader_.text(messages[message]));
      line_of[message] = lines.add(text);
    }
    return line_of;
  }

  Store& store_;
  ReportOptions options_;
  MessageReader reader_;
  std::int64_t root_ = 0;
  Sessions sessions_;
  std::vector<Event> events_;
  std::vector<std::int64_t> message_ids_;  // of the events, each once, rising
  ReportTable table_{kColumns, {}, {}};
};

Result<ReportTable> make(Store& store, const ReportOptions& options) {
  if (options.session.empty()) return Unexpected(Code::kInvalid, "the report \"session\" needs a session");
  CMEM_ASSIGN_OR_RETURN(const std::int64_t id, resolve_session(store.reader(), options.session));
  if (id == 0) return Unexpected(Code::kNotFound, fmt::format("there is no session \"{}\"", options.session));
  CMEM_ASSIGN_OR_RETURN(auto reader, store.message_reader());
  return SessionReport(store, options, std::move(reader)).make(id);
}

}  // namespace

const Report kSessionReport{"session", "Session", "What happened in this session, from its first message to its last?", kColumns,
                            make};

}  // namespace cmem
