/*
 * CODITECT memory for C++17 and later: RAII over memory.h, memory_admin.h, memory_home.h and memory_report.h, header only.
 *
 *   auto store = coditect::Store::open("memory.db");
 *   for (const coditect::Row& row : store.query(coditect::Filter().project("my-app"), coditect::Page().limit(10)))
 *     std::cout << row["content"].text() << '\n';
 *
 * What holds for everything here:
 *  - A failed status becomes a coditect::Error. Nothing else is thrown but std::bad_alloc and what a callback of yours throws,
 *    which passes through unchanged.
 *  - Objects own their handle and close it; they move but do not copy. A cursor may outlive its store.
 *  - Times are milliseconds since the Unix epoch, UTC. Sizes are bytes. Texts are UTF-8.
 *  - Threads are as in memory.h: any object from any thread, a cursor in one thread at a time.
 */
#ifndef CODITECT_MEMORY_HPP
#define CODITECT_MEMORY_HPP

#include <coditect/memory_report.h>
#include <coditect/memory_rows.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coditect {

/* ------------------------------------------------------------------------------------------------------- questions */

enum class Order : std::uint32_t { newest = CMEM_ORDER_NEWEST, oldest = CMEM_ORDER_OLDEST, relevance = CMEM_ORDER_RELEVANCE };

/* Which messages: every given field must hold; an empty text is not given. Owns its texts.
   Filter().project("my-app").level("ERROR").time(parse_time_range("week")) */
class Filter {
 public:
  /* A full path, or its last component. */
  Filter& project(std::string value) { return set(project_, std::move(value)); }
  /* A full id, or a prefix of at least 4 characters that fits one session. */
  Filter& session(std::string value) { return set(session_, std::move(value)); }
  Filter& component(std::string value) { return set(component_, std::move(value)); }
  /* DEBUG, INFO, WARN, ERROR. */
  Filter& level(std::string value) { return set(level_, std::move(value)); }
  Filter& role(std::string value) { return set(role_, std::move(value)); }
  Filter& source_type(std::string value) { return set(source_type_, std::move(value)); }
  /* Half-open [from_ms, until_ms). */
  Filter& time(const TimeRange& range) {
    range_ = range;
    return *this;
  }
  /* Only messages that this run added. */
  Filter& run(std::int64_t run_id) {
    run_id_ = run_id;
    return *this;
  }

  /* For the C API; borrows from this object. */
  cmem_filter c() const noexcept {
    cmem_filter out = CMEM_FILTER_INIT;
    detail::put(out.project, out.project_len, project_);
    detail::put(out.session, out.session_len, session_);
    detail::put(out.component, out.component_len, component_);
    detail::put(out.level, out.level_len, level_);
    detail::put(out.role, out.role_len, role_);
    detail::put(out.source_type, out.source_type_len, source_type_);
    out.from_ms = range_.from_ms;
    out.until_ms = range_.until_ms;
    out.run_id = run_id_;
    return out;
  }

 private:
  Filter& set(std::string& field, std::string value) {
    field = std::move(value);
    return *this;
  }

  std::string project_, session_, component_, level_, role_, source_type_;
  TimeRange range_{0, 0};
  std::int64_t run_id_ = 0;
};

/* Which part of an answer, in which order. Owns its position. */
class Page {
 public:
  Page& order(Order value) noexcept {
    order_ = value;
    return *this;
  }
  /* 0 = no limit. */
  Page& limit(std::uint64_t value) noexcept {
    limit_ = value;
    return *this;
  }
  /* A Cursor::position(); empty = from the start. */
  Page& after(std::string position) {
    after_ = std::move(position);
    return *this;
  }
  /* Leaves the content column out of the work; its cells are NULL. */
  Page& without_content(bool value = true) noexcept {
    without_content_ = value;
    return *this;
  }
  /* Search only: every message is a hit of its own, not every distinct text. */
  Page& all_matches(bool value = true) noexcept {
    all_matches_ = value;
    return *this;
  }

  /* Search only: days in the query are those of UTC, not of the local zone. */
  Page& utc(bool value = true) noexcept {
    utc_ = value;
    return *this;
  }
  /* Search only: how far it goes. */
  Page& tiers(Tiers value) noexcept {
    tiers_ = value;
    return *this;
  }
  /* Search only: how many times a prompt or reply counts in the score, against logs and output; up to 10, 0 = 1.5. */
  Page& prose_weight(double value) noexcept {
    prose_weight_ = value;
    return *this;
  }
  /* Search only: what "yesterday" in the query counts from; 0 = the system clock. */
  Page& now(std::int64_t now_ms) noexcept {
    now_ms_ = now_ms;
    return *this;
  }

  /* For the C API; borrows from this object. */
  cmem_page c() const noexcept {
    cmem_page out = CMEM_PAGE_INIT;
    out.order = static_cast<std::uint32_t>(order_);
    out.limit = limit_;
    out.after = detail::given(after_);
    out.without_content = without_content_ ? 1U : 0U;
    out.all_matches = all_matches_ ? 1U : 0U;
    out.utc = utc_ ? 1U : 0U;
    out.tiers = static_cast<std::uint32_t>(tiers_);
    out.now_ms = now_ms_;
    out.prose_weight = prose_weight_;
    return out;
  }

 private:
  Order order_ = Order::newest;
  std::uint64_t limit_ = 0;
  std::string after_;
  bool without_content_ = false;
  bool all_matches_ = false;
  bool utc_ = false;
  Tiers tiers_ = Tiers::automatic;
  std::int64_t now_ms_ = 0;
  double prose_weight_ = 0;
};

/* What a report is about, and how its rows are made; an empty text is not given. Owns its texts. */
struct ReportOptions {
  std::string project{};
  std::string component{};
  std::string session{};               /* the report "session" needs it */
  TimeRange range{0, 0};               /* half-open, at whole quarters of an hour; {0, 0} = all times */
  Histogram by = Histogram::none;      /* none = the report's own */
  bool utc = false;                    /* days and hours of UTC, not of the local zone */
  std::chrono::milliseconds pause{0};  /* a longer gap counts as so much activity; 0 = 15 minutes */
  std::uint64_t limit = 0;             /* rows of a report that ranks; 0 = all */

  /* For the C API; borrows from this object. */
  cmem_report_options c() const noexcept {
    cmem_report_options out = CMEM_REPORT_OPTIONS_INIT;
    out.utc = utc ? 1U : 0U;
    detail::put(out.project, out.project_len, project);
    detail::put(out.component, out.component_len, component);
    detail::put(out.session, out.session_len, session);
    out.from_ms = range.from_ms;
    out.until_ms = range.until_ms;
    out.by = static_cast<std::uint32_t>(by);
    out.pause_ms = pause.count();
    out.limit = limit;
    return out;
  }
};

/* ------------------------------------------------------------------------------------------------------------- store */

enum class Durability : std::uint32_t { full = 0, normal = 1 };
enum class ExportFormat : std::uint32_t { jsonl = CMEM_EXPORT_JSONL, raw = CMEM_EXPORT_RAW };

struct OpenOptions {
  bool read_only = false;
  bool create = false; /* create the store when the file does not exist */
  Durability durability = Durability::full;
  std::uint32_t busy_timeout_ms = 0; /* how long a write waits for other writers; 0 = 10,000 */
  std::uint32_t cache_mib = 0;       /* 0 = 64 */
};

struct LoadOptions {
  bool strict = false;              /* one bad record and nothing is written */
  std::uint64_t max_line_bytes = 0; /* 0 = 16 MiB */
  std::string known_hashes_path;    /* empty = none */
  Progress progress;                /* may be empty */
};

struct HomeOptions {
  std::uint64_t max_line_bytes = 0;       /* 0 = 16 MiB */
  std::chrono::milliseconds settled{1000}; /* a file that was not written for so long is complete */
  Progress progress;                      /* may be empty */
};

/* What became durable since the last report; see cmem_watch_report. */
using WatchReport = cmem_watch_report;
using WatchReporter = std::function<bool(const WatchReport&)>; /* true: stop */

struct WatchedHome {
  std::string agent; /* empty: told by the folders in the home */
  std::string home;
};

struct WatchOptions {
  bool poll = false;                      /* look at everything each second */
  std::uint64_t max_line_bytes = 0;       /* 0 = 16 MiB */
  std::chrono::milliseconds settled{300}; /* a file that was not written for so long is complete */
};

/* A message from a program. An empty text is "not given"; source and source_type are then "program". */
struct Message {
  std::string content{};
  std::int64_t time_ms = kNoTime;
  std::string session{};
  std::string project{}; /* absolute path */
  std::string role{};
  std::string component{};
  std::string level{}; /* DEBUG, INFO, WARN, ERROR */
  std::string source{};
  std::string source_type{};
  std::int64_t line = 0; /* position in `source`, from 1; 0: the next free one, so that the message is always new */

  /* For the C API; borrows from this object. */
  cmem_message c() const noexcept {
    cmem_message out = CMEM_MESSAGE_INIT;
    out.time_ms = time_ms;
    out.line = line;
    out.content = content.data();
    out.content_len = content.size();
    detail::put(out.source, out.source_len, source);
    detail::put(out.source_type, out.source_type_len, source_type);
    detail::put(out.session, out.session_len, session);
    detail::put(out.project, out.project_len, project);
    detail::put(out.component, out.component_len, component);
    detail::put(out.level, out.level_len, level);
    detail::put(out.role, out.role_len, role);
    return out;
  }
};

/* An open store. Reads wait for each other, writes wait for each other, a load does not block reads; for parallel reads open
   one Store per thread. Every member throws Error with the statuses that its C function documents. */
class Store {
 public:
  /* Opens the store at `path` (UTF-8). Throws CMEM_E_NOT_FOUND (no such file and `create` is false), CMEM_E_NOT_A_STORE,
     CMEM_E_NEWER_FORMAT, CMEM_E_CORRUPT, CMEM_E_IO, CMEM_E_FULL, CMEM_E_BUSY; then nothing was created or changed. */
  static Store open(const std::string& path, const OpenOptions& options = {}) {
    cmem_open_options c_options = CMEM_OPEN_OPTIONS_INIT;
    c_options.read_only = options.read_only ? 1U : 0U;
    c_options.create = options.create ? 1U : 0U;
    c_options.durability = static_cast<std::uint32_t>(options.durability);
    c_options.busy_timeout_ms = options.busy_timeout_ms;
    c_options.cache_mib = options.cache_mib;
    cmem_error error{};
    cmem_store* handle = nullptr;
    detail::check(cmem_store_open(&handle, path.c_str(), &c_options, &error), error);
    return Store(handle);
  }

  /* Takes over a handle of the C API. */
  explicit Store(cmem_store* handle) noexcept : handle_(handle) {}

  /* Closes the store; cursors that are still open stay valid. Closing twice is fine. */
  void close() noexcept { handle_.reset(); }
  cmem_store* raw() const noexcept { return handle_.get(); }

  /* Loads extraction files: each path is a file, a folder, a glob pattern or "-". Loading the same again adds nothing. Bad
     records are counted, not thrown. Throws LoadError, whose result() counts what stays committed: CMEM_E_NOT_FOUND,
     CMEM_E_REJECTED (strict), CMEM_E_CANCELLED (progress said stop), CMEM_E_BUSY, CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY.
     What `progress` throws is thrown on. Progress runs on the calling thread and must not use this store. */
  LoadResult load(const std::vector<std::string>& paths, const LoadOptions& options = {}) {
    std::vector<const char*> c_paths;
    for (const std::string& path : paths) c_paths.push_back(path.c_str());
    detail::Callback<Progress> callback{&options.progress, nullptr};
    cmem_load_options c_options = CMEM_LOAD_OPTIONS_INIT;
    c_options.strict = options.strict ? 1U : 0U;
    c_options.max_line_bytes = options.max_line_bytes;
    c_options.known_hashes_path = options.known_hashes_path.empty() ? nullptr : options.known_hashes_path.c_str();
    c_options.progress = options.progress ? &Store::on_progress : nullptr;
    c_options.progress_payload = &callback;
    LoadResult result = CMEM_LOAD_RESULT_INIT;
    cmem_error error{};
    const cmem_status status = cmem_load(&result, raw(), c_paths.data(), c_paths.size(), &c_options, &error);
    rethrow(callback.thrown);
    if (status < 0) throw LoadError(error, result);
    return result;
  }

  /* Loads the home of a coding agent ("claude", "codex"); again, it reads only what is new. Throws HomeLoadError, whose result()
     counts what stays committed: CMEM_E_NOT_FOUND, CMEM_E_CANCELLED (progress said stop), CMEM_E_BUSY, CMEM_E_FULL, CMEM_E_IO,
     CMEM_E_READ_ONLY. Progress as in load(). */
  HomeResult load_home(const std::string& agent, const std::string& home, const HomeOptions& options = {}) {
    detail::Callback<Progress> callback{&options.progress, nullptr};
    cmem_home_options c_options = CMEM_HOME_OPTIONS_INIT;
    c_options.max_line_bytes = options.max_line_bytes;
    c_options.settled_ms = static_cast<std::uint64_t>(options.settled.count());
    c_options.progress = options.progress ? &Store::on_progress : nullptr;
    c_options.progress_payload = &callback;
    HomeResult result = CMEM_HOME_RESULT_INIT;
    cmem_error error{};
    const cmem_status status = cmem_home_load(&result, raw(), agent.c_str(), home.c_str(), &c_options, &error);
    rethrow(callback.thrown);
    if (status < 0) throw HomeLoadError(error, result);
    return result;
  }

  /* Loads homes, and then what is written in them within a second, until `report` returns true. It is called after each commit, and
     about once a second; it runs on the calling thread and must not use this store; what it throws is thrown on. Throws Error:
     CMEM_E_NOT_FOUND, CMEM_E_INVALID, CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY; what was committed stays. */
  void watch_homes(const std::vector<WatchedHome>& homes, const WatchReporter& report, const WatchOptions& options = {}) {
    std::vector<cmem_watched_home> c_homes;
    for (const WatchedHome& home : homes) c_homes.push_back({home.agent.empty() ? nullptr : home.agent.c_str(), home.home.c_str()});
    detail::Callback<WatchReporter> callback{&report, nullptr};
    cmem_watch_options c_options = CMEM_WATCH_OPTIONS_INIT;
    c_options.poll = options.poll ? 1U : 0U;
    c_options.max_line_bytes = options.max_line_bytes;
    c_options.settled_ms = static_cast<std::uint64_t>(options.settled.count());
    c_options.report = &Store::on_watch;
    c_options.report_payload = &callback;
    cmem_error error{};
    const cmem_status status = cmem_home_watch(raw(), c_homes.data(), c_homes.size(), &c_options, &error);
    rethrow(callback.thrown);
    detail::check(status, error);
  }

  /* Appends messages in one transaction: all or none, durable on return. Throws CMEM_E_INVALID (detail() is the index of the
     bad message), CMEM_E_BUSY, CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY. */
  AppendResult append(const std::vector<Message>& messages) {
    std::vector<cmem_message> c_messages;
    c_messages.reserve(messages.size());
    for (const Message& message : messages) c_messages.push_back(message.c());
    AppendResult result = CMEM_APPEND_RESULT_INIT;
    cmem_error error{};
    detail::check(cmem_append(&result, raw(), c_messages.data(), c_messages.size(), &error), error);
    return result;
  }

  /* Messages: id, time, project, session, source_type, role, component, level, source, line, content.
     Throws CMEM_E_AMBIGUOUS, CMEM_E_INVALID. An unknown project, session or component gives no rows. */
  Cursor query(const Filter& filter = {}, const Page& page = {}) const {
    const cmem_filter c_filter = filter.c();
    const cmem_page c_page = page.c();
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_query(out, raw(), &c_filter, &c_page, error); });
  }

  /* The exact number of messages. */
  std::uint64_t count(const Filter& filter = {}) const {
    const cmem_filter c_filter = filter.c();
    std::uint64_t out = 0;
    cmem_error error{};
    detail::check(cmem_count(&out, raw(), &c_filter, &error), error);
    return out;
  }

  /* One message, with so many neighbours of the same session and source before and after it: the columns of query, then
     phase, hash, metadata, run. Throws CMEM_E_NOT_FOUND. */
  Cursor get(std::int64_t message_id, std::uint32_t before = 0, std::uint32_t after = 0) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_get(out, raw(), message_id, before, after, error); });
  }

  /* Full-text search in the language of include/README.md: words, "a phrase", prefix*, -word, OR, NEAR(a b, 8), and fields such as
     project:atlas level:ERROR after:yesterday; any string is valid. The columns of query with `snippet` in place of
     content (matches between \x02 and \x03), then score and same_text. Best first unless `page` says otherwise. Throws CMEM_E_LIMIT
     (more than 64 terms or 4 KiB), CMEM_E_AMBIGUOUS, CMEM_E_INVALID. */
  Cursor search(std::string_view query, const Filter& filter = {}, const Page& page = Page().order(Order::relevance)) const {
    const cmem_filter c_filter = filter.c();
    const cmem_page c_page = page.c();
    return cursor([&](cmem_cursor** out, cmem_error* error) {
      return cmem_search(out, raw(), query.data(), query.size(), &c_filter, &c_page, error);
    });
  }

  /* Busiest first: project, path, messages, sessions, first, last. */
  Cursor projects() const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_projects(out, raw(), error); });
  }
  /* Newest first: session, project, messages, errors, first, last, title. The filter's project and time count. limit 0 = all. */
  Cursor sessions(const Filter& filter = {}, std::uint64_t limit = 0) const {
    const cmem_filter c_filter = filter.c();
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_sessions(out, raw(), &c_filter, limit, error); });
  }
  /* Busiest first: component, messages, errors, sessions, first, last. */
  Cursor components() const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_components(out, raw(), error); });
  }
  /* Extraction runs, newest first; cmem_runs lists the columns. limit 0 = all. */
  Cursor runs(std::uint64_t limit = 0) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_runs(out, raw(), limit, error); });
  }
  /* The bad records of a run (0 = of all runs), in file order: run, source, line, offset, length, reason, excerpt. */
  Cursor rejected(std::int64_t run_id = 0) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_rejected(out, raw(), run_id, error); });
  }

  Stats stats() const {
    Stats out = CMEM_STATS_INIT;
    cmem_error error{};
    detail::check(cmem_stats_get(&out, raw(), &error), error);
    return out;
  }
  /* Where the bytes are: part, bytes, rows, derived, note. Reads the whole file. */
  Cursor sizes() const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_sizes(out, raw(), error); });
  }

  /* One read-only SQL statement; the cursor holds a read transaction until it is closed. timeout_ms 0 = 30,000.
     Throws CMEM_E_INVALID (the statement has an error), CMEM_E_READ_ONLY (it would write), CMEM_E_LIMIT (timeout). */
  Cursor sql(std::string_view statement, std::uint32_t timeout_ms = 0) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) {
      return cmem_sql(out, raw(), statement.data(), statement.size(), timeout_ms, error);
    });
  }

  /* Writes messages in the order they were loaded, as JSON lines or as the raw source lines, and returns their number.
     Throws CMEM_E_CANCELLED (the sink said stop), CMEM_E_CORRUPT, and what the sink throws. The sink runs on the calling
     thread and must not use this store. */
  std::uint64_t export_to(const Sink& sink, ExportFormat format = ExportFormat::jsonl, const Filter& filter = {}) const {
    const cmem_filter c_filter = filter.c();
    detail::Callback<Sink> callback{&sink, nullptr};
    std::uint64_t out = 0;
    cmem_error error{};
    const cmem_status status =
        cmem_export(&out, raw(), &c_filter, static_cast<std::uint32_t>(format), &Store::on_write, &callback, &error);
    rethrow(callback.thrown);
    detail::check(status, error);
    return out;
  }

  /* Examines the store without changing it: check, ok, severity, detail, hint. A failed check is a row, not an exception. */
  Cursor check(bool deep = false) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_check(out, raw(), deep ? 1U : 0U, error); });
  }
  /* Makes all derived data anew from the rows, in one transaction. Throws CMEM_E_CORRUPT, CMEM_E_CANCELLED; on failure the
     store is unchanged. */
  void rebuild(const Progress& progress = {}) {
    detail::Callback<Progress> callback{&progress, nullptr};
    cmem_error error{};
    const cmem_status status = cmem_rebuild(raw(), progress ? &Store::on_progress : nullptr, &callback, &error);
    rethrow(callback.thrown);
    detail::check(status, error);
  }
  /* Moves the write-ahead log into the database file. Throws CMEM_E_BUSY; nothing is lost. */
  void checkpoint() {
    cmem_error error{};
    detail::check(cmem_checkpoint(raw(), &error), error);
  }

  /* Makes two words or phrases synonyms for the searches of this store; false if they were. Throws CMEM_E_INVALID (no word, more
     than 8, or the same word), CMEM_E_LIMIT, CMEM_E_BUSY, CMEM_E_READ_ONLY. */
  bool add_synonym(std::string_view word, std::string_view other) { return change_synonym(cmem_synonym_add, word, other); }
  /* Takes a pair back, in either order; false if there was none. Built-in synonyms stay. Throws the same but CMEM_E_LIMIT. */
  bool remove_synonym(std::string_view word, std::string_view other) { return change_synonym(cmem_synonym_remove, word, other); }
  /* The pairs that were added, in order: word, other. */
  Cursor synonyms() const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_synonyms(out, raw(), error); });
  }

  /* Keeps a query under a name; true if it took the place of another one. Throws CMEM_E_INVALID (a name or query that cannot be, or
     one of this name is there and `replace` is false), CMEM_E_LIMIT, CMEM_E_BUSY, CMEM_E_READ_ONLY. */
  bool add_saved_search(std::string_view name, std::string_view query, bool replace = false) {
    std::uint32_t replaced = 0;
    cmem_error error{};
    const cmem_status status = cmem_saved_search_add(&replaced, raw(), name.data(), name.size(), query.data(), query.size(),
                                                     replace ? 1 : 0, &error);
    detail::check(status, error);
    return replaced != 0;
  }
  /* False if there was none. Throws CMEM_E_BUSY, CMEM_E_READ_ONLY. */
  bool remove_saved_search(std::string_view name) {
    std::uint32_t removed = 0;
    cmem_error error{};
    detail::check(cmem_saved_search_remove(&removed, raw(), name.data(), name.size(), &error), error);
    return removed != 0;
  }
  /* All by name, or the one that is called `name`: name, query, created, changed. */
  Cursor saved_searches(std::string_view name = {}) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) {
      return cmem_saved_searches(out, raw(), name.data(), name.size(), error);
    });
  }

  /* The files of homes that were loaded: origin, kind, agent, home, messages, bytes, modified, gone. */
  Cursor sources() const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_sources(out, raw(), error); });
  }
  /* Writes such a file as it was when it was last read. True if the bytes are those that were read, as far as their number and the hashes
     of both ends tell. Throws CMEM_E_NOT_FOUND, CMEM_E_CANCELLED (the sink said stop), CMEM_E_CORRUPT, and what the sink throws. The
     sink runs on the calling thread and must not use this store. */
  bool export_source(const std::string& origin, const Sink& sink) const {
    detail::Callback<Sink> callback{&sink, nullptr};
    std::uint32_t exact = 0;
    cmem_error error{};
    const cmem_status status = cmem_source_export(&exact, raw(), origin.c_str(), &Store::on_write, &callback, &error);
    rethrow(callback.thrown);
    detail::check(status, error);
    return exact != 0;
  }

  /* Files of which an agent saved versions, the last changed one first: name, path, versions, sessions, first, last, bytes. The
     filter's project and session count. */
  Cursor files(const Filter& filter = {}) const {
    const cmem_filter c_filter = filter.c();
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_files(out, raw(), &c_filter, error); });
  }
  /* The saved versions of a file (a name or an absolute path), from the first to the last: id, name, path, version, time, bytes,
     sessions. */
  Cursor file_versions(const std::string& file, const Filter& filter = {}) const {
    const cmem_filter c_filter = filter.c();
    return cursor(
        [&](cmem_cursor** out, cmem_error* error) { return cmem_file_versions(out, raw(), file.c_str(), &c_filter, error); });
  }
  /* The bytes of such a version. Throws CMEM_E_NOT_FOUND, CMEM_E_CORRUPT. */
  std::string read_file(std::int64_t id) const {
    std::string bytes;
    const Sink sink = [&bytes](std::string_view piece) {
      bytes = piece;
      return false;
    };
    detail::Callback<Sink> callback{&sink, nullptr};
    cmem_error error{};
    const cmem_status status = cmem_file_read(raw(), id, &Store::on_write, &callback, &error);
    rethrow(callback.thrown);
    detail::check(status, error);
    return bytes;
  }

  /* The secrets of the messages that pass, values masked: kind, secret, tag, place, message, messages, source, line. Reads the whole
     store. Throws CMEM_E_AMBIGUOUS, CMEM_E_INVALID, CMEM_E_CORRUPT. */
  Cursor scan_secrets(const Filter& filter = {}) const {
    const cmem_filter c_filter = filter.c();
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_secrets_scan(out, raw(), &c_filter, error); });
  }
  /* Whether what is loaded into this store is redacted first, by any program. */
  bool redacts() const {
    std::uint32_t out = 0;
    cmem_error error{};
    detail::check(cmem_secrets_policy(&out, raw(), &error), error);
    return out != 0;
  }
  void set_redacts(bool redact) {
    cmem_error error{};
    detail::check(cmem_secrets_set_policy(raw(), redact ? 1U : 0U, &error), error);
  }
  /* The same for what this handle loads, whatever the store says. */
  void redact_loads(bool redact) {
    cmem_error error{};
    detail::check(cmem_redact_loads(raw(), redact ? 1U : 0U, &error), error);
  }
  /* What was redacted: run, kind, count. */
  Cursor redactions() const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_redactions(out, raw(), error); });
  }
  /* Deletes messages for good, or redacts secrets in place; cmem_forget says all. Throws CMEM_E_INVALID, CMEM_E_NOT_FOUND,
     CMEM_E_AMBIGUOUS, CMEM_E_BUSY, CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY. */
  ForgetResult forget(const cmem_forget_options& options) {
    ForgetResult result = CMEM_FORGET_RESULT_INIT;
    cmem_error error{};
    detail::check(cmem_forget(&result, raw(), &options, &error), error);
    return result;
  }
  /* What was deleted: id, csn, time, reason. */
  Cursor tombstones() const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_tombstones(out, raw(), error); });
  }
  /* One session, by its id or the first characters of it: session, project, messages, errors, first, last, title, agent, parent,
     records. Throws CMEM_E_NOT_FOUND, CMEM_E_AMBIGUOUS. */
  Cursor session(std::string_view id) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) { return cmem_session_get(out, raw(), id.data(), id.size(), error); });
  }
  /* What was said and done in a session, in the order of its transcripts, with its subagents: the columns of query, then uuid, parent,
     depth, copied_from (see cmem_conversation). No rows: it has no transcript. Throws CMEM_E_NOT_FOUND, CMEM_E_AMBIGUOUS. */
  Cursor conversation(std::string_view id, const Page& page = {}) const {
    const cmem_page c_page = page.c();
    return cursor([&](cmem_cursor** out, cmem_error* error) {
      return cmem_conversation(out, raw(), id.data(), id.size(), &c_page, error);
    });
  }
  /* Tokens by any of "day,model,project,session" (empty: all in one row), each reply once: those columns, then replies, input, output,
     cache_creation, cache_read, total. The filter's project and time count. Throws CMEM_E_INVALID. */
  Cursor tokens(std::string_view by = {}, const Filter& filter = {}, bool utc = false) const {
    const cmem_filter c_filter = filter.c();
    return cursor([&](cmem_cursor** out, cmem_error* error) {
      return cmem_tokens(out, raw(), by.data(), by.size(), &c_filter, utc ? 1U : 0U, error);
    });
  }
  /* The files of homes compared with what was read of them: agent, home, path, origin, state, bytes, read_bytes. `home`: this home
     alone. Throws CMEM_E_NOT_FOUND. */
  Cursor verify_homes(const std::string& home = {}) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) {
      return cmem_home_verify(out, raw(), home.empty() ? nullptr : home.c_str(), error);
    });
  }
  /* How much is known less well than the rest: what, count, note. Throws CMEM_E_NOT_FOUND. */
  Cursor caveats(std::string_view session = {}, bool texts = false) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) {
      return cmem_caveats(out, raw(), session.data(), session.size(), texts ? 1U : 0U, error);
    });
  }
  /* How many messages have which value of "source,level,component,role,project,session,day": field, value, messages. Throws
     CMEM_E_INVALID. */
  Cursor message_counts(std::string_view fields, bool utc = false) const {
    return cursor([&](cmem_cursor** out, cmem_error* error) {
      return cmem_message_counts(out, raw(), fields.data(), fields.size(), utc ? 1U : 0U, error);
    });
  }

  /* Makes a report: its rows, what its columns mean, and notes. report_columns() lists the reports. Throws CMEM_E_NOT_FOUND (no such
     report, project, component or session), CMEM_E_AMBIGUOUS, CMEM_E_INVALID. */
  Report report(std::string_view name, const ReportOptions& options = {}) const {
    const cmem_report_options c_options = options.c();
    Report out;
    out.rows = cursor([&](cmem_cursor** rows, cmem_error* error) {
      return cmem_report(rows, raw(), name.data(), name.size(), &c_options, error);
    });
    auto notes = cursor([&](cmem_cursor** rows, cmem_error* error) { return cmem_report_notes(rows, out.rows.raw(), error); });
    while (const Row* row = notes.next()) out.notes.emplace_back((*row)[0].text());
    auto columns = report_columns();
    while (const Row* row = columns.next()) {
      if ((*row)["report"].text() != name) continue;
      const auto text = [&](std::string_view column) { return std::string((*row)[column].text()); };
      out.name = text("report");
      out.title = text("title");
      out.question = text("question");
      out.columns.push_back({text("column"), text("unit"), text("meaning"), text("chart")});
    }
    return out;
  }
  /* The same as one page of HTML that loads nothing else; "index" is the page that leads to those of all reports. */
  std::string report_html(std::string_view name, const ReportOptions& options = {}) const {
    std::string page;
    const Sink sink = [&page](std::string_view piece) {
      page += piece;
      return false;
    };
    const cmem_report_options c_options = options.c();
    detail::Callback<Sink> callback{&sink, nullptr};
    cmem_error error{};
    const cmem_status status =
        cmem_report_html(raw(), name.data(), name.size(), &c_options, &Store::on_write, &callback, &error);
    rethrow(callback.thrown);
    detail::check(status, error);
    return page;
  }
  /* The reports and their columns: report, title, question, column, type, unit, meaning, chart. Needs no store. */
  static Cursor report_columns() {
    return cursor([](cmem_cursor** out, cmem_error* error) { return cmem_report_columns(out, error); });
  }

 private:
  struct Close {
    void operator()(cmem_store* handle) const noexcept { cmem_store_close(handle); }
  };

  template <typename Call>
  static Cursor cursor(Call&& call) {
    cmem_cursor* handle = nullptr;
    cmem_error error{};
    const cmem_status status = call(&handle, &error);
    detail::check(status, error);
    return Cursor(handle);
  }
  bool change_synonym(decltype(&cmem_synonym_add) call, std::string_view word, std::string_view other) {
    std::uint32_t changed = 0;
    cmem_error error{};
    detail::check(call(&changed, raw(), word.data(), word.size(), other.data(), other.size(), &error), error);
    return changed != 0;
  }
  static void rethrow(const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  }
  static int on_progress(std::int64_t done, std::int64_t total, const char* unit, std::int64_t rows, void* payload) {
    auto* callback = static_cast<detail::Callback<Progress>*>(payload);
    return detail::stop_on_throw(callback->thrown, [&] { return (*callback->function)(done, total, unit, rows); });
  }
  static int on_watch(const cmem_watch_report* report, void* payload) {
    auto* callback = static_cast<detail::Callback<WatchReporter>*>(payload);
    return detail::stop_on_throw(callback->thrown, [&] { return (*callback->function)(*report); });
  }
  static int on_write(const void* data, std::size_t size, void* payload) {
    auto* callback = static_cast<detail::Callback<Sink>*>(payload);
    return detail::stop_on_throw(callback->thrown,
                                 [&] { return (*callback->function)(std::string_view(static_cast<const char*>(data), size)); });
  }

  std::unique_ptr<cmem_store, Close> handle_;
};

}  // namespace coditect
#endif
