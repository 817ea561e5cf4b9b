// The Python face of memory.hpp: coditect_memory._core. Thin on purpose: defaults, dates and laziness live in the Python files.
//
// Threads: every call that may take long runs without the GIL; callbacks take it again. A store handle is shared with the calls
// that are running on it, so that close() in one thread cannot pull it away from another.
// clang-format off
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <datetime.h> // needs Python.h, which pybind11 brings
// clang-format on

#include <chrono>
#include <coditect/memory.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The Arrow C stream interface, as its specification prescribes it word for word.
struct ArrowSchema;
struct ArrowArray;
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};

namespace py = pybind11;

namespace {

constexpr const char* kErrorsModule = "coditect_memory.errors";
constexpr const char* kArrowCapsule = "arrow_array_stream";
constexpr std::size_t kBatchBytes = std::size_t{4} << 20U;
constexpr std::size_t kExportBytes = std::size_t{64} << 10U;

// Runs a call of the library without the GIL.
template <typename Call>
auto unlocked(Call&& call) {
  const py::gil_scoped_release release;
  return call();
}

[[noreturn]] void raise_closed() {
  const py::object type = py::module_::import(kErrorsModule).attr("Closed");
  PyErr_SetString(type.ptr(), "the memory is closed; open it again with Memory(path)");
  throw py::error_already_set();
}

// ---------------------------------------------------------------------------------------------------------------- values

// Stored times are in the years 1 to 9999, which is what datetime holds.
py::object to_datetime(std::int64_t time_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(time_ms)};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  PyObject* out = PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()) * 1000, PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
  if (out == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(out);
}

// Texts are UTF-8 by contract; only a cell of a hand-written SQL statement can be something else.
py::object to_str(const char* text, std::size_t size) {
  PyObject* out = PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(size), "replace");
  if (out == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(out);
}

// Rows copied out of a cursor while the GIL was free; the cells point into one string by offset.
class Batch {
 public:
  void add(const coditect::Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) add(row[i].raw());
    ++rows_;
  }
  std::size_t rows() const { return rows_; }
  bool full() const { return texts_.size() >= kBatchBytes; }

  py::list to_list() const {
    py::list out(rows_);
    const std::size_t columns = rows_ == 0 ? 0 : cells_.size() / rows_;
    for (std::size_t r = 0; r < rows_; ++r) {
      py::tuple row(columns);
      for (std::size_t c = 0; c < columns; ++c) row[c] = to_object(cells_[r * columns + c]);
      out[r] = std::move(row);
    }
    return out;
  }

 private:
  struct Cell {
    std::int32_t type;
    std::int64_t i64;
    double f64;
    std::size_t offset, size;
  };

  void add(const cmem_value& value) {
    const bool has_text = value.type == CMEM_TYPE_TEXT || value.type == CMEM_TYPE_BYTES;
    cells_.push_back({value.type, value.i64, value.f64, texts_.size(), has_text ? value.text_len : 0});
    if (has_text) texts_.append(value.text, value.text_len);
  }

  py::object to_object(const Cell& cell) const {
    const char* text = texts_.data() + cell.offset;
    switch (cell.type) {
      case CMEM_TYPE_INT:
        return py::int_(cell.i64);
      case CMEM_TYPE_REAL:
        return py::float_(cell.f64);
      case CMEM_TYPE_TIME:
        return to_datetime(cell.i64);
      case CMEM_TYPE_TEXT:
        return to_str(text, cell.size);
      case CMEM_TYPE_BYTES:
        return py::bytes(text, cell.size);
      default:
        return py::none();
    }
  }

  std::vector<Cell> cells_;
  std::string texts_;
  std::size_t rows_ = 0;
};

// ---------------------------------------------------------------------------------------------------------------- cursor

void release_capsule(PyObject* capsule) {
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule, kArrowCapsule));
  if (stream == nullptr) return;
  if (stream->release != nullptr) unlocked([&] { stream->release(stream); });
  delete stream;
}

// A cursor belongs to one thread at a time: the mutex holds that promise for Python threads that share one.
class PyCursor {
 public:
  // Called without the GIL.
  explicit PyCursor(coditect::Cursor cursor) : cursor_(std::move(cursor)), total_(cursor_.total()) {
    for (std::size_t i = 0; i < cursor_.column_count(); ++i) {
      columns_.emplace_back(cursor_.column_name(i));
      types_.push_back(cursor_.column_type(i));
    }
  }
  PyCursor(const PyCursor&) = delete;
  PyCursor& operator=(const PyCursor&) = delete;
  ~PyCursor() { close(); }

  py::list fetch(std::size_t max_rows) {
    const Batch batch = unlocked([&] {
      Batch out;
      const std::lock_guard lock(mutex_);
      const coditect::Row* row = nullptr;
      while (out.rows() < max_rows && !out.full() && (row = next()) != nullptr) out.add(*row);
      return out;
    });
    return batch.to_list();
  }

  std::size_t skip(std::size_t rows) {
    return unlocked([&] {
      const std::lock_guard lock(mutex_);
      std::size_t done = 0;
      while (done < rows && next() != nullptr) ++done;
      return done;
    });
  }

  std::string position() {
    return unlocked([&] {
      const std::lock_guard lock(mutex_);
      return cursor_.empty() ? std::string() : cursor_.position();
    });
  }

  py::capsule arrow_stream() {
    auto stream = std::make_unique<ArrowArrayStream>();
    unlocked([&] {
      const std::lock_guard lock(mutex_);
      if (cursor_.empty()) throw coditect::Error(CMEM_E_INVALID, "the cursor is closed");
      cursor_.to_arrow(stream.get());
    });
    py::capsule out(stream.get(), kArrowCapsule, &release_capsule);
    static_cast<void>(stream.release());
    return out;
  }

  // Closing may wait for a call of another thread, which may wait for the GIL in a callback: so never close with the GIL held.
  void close() {
    unlocked([&] {
      const std::lock_guard lock(mutex_);
      cursor_ = coditect::Cursor();
      done_ = true;
    });
  }

  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<std::int32_t>& types() const { return types_; }
  std::int64_t total() const { return total_; }

 private:
  const coditect::Row* next() {
    const coditect::Row* row = done_ ? nullptr : cursor_.next();
    done_ = row == nullptr;
    return row;
  }

  std::mutex mutex_;
  coditect::Cursor cursor_;
  std::vector<std::string> columns_;
  std::vector<std::int32_t> types_;
  std::int64_t total_;
  bool done_ = false;
};

// ------------------------------------------------------------------------------------------------------------- callbacks

// Ctrl-C is noticed here even where the caller gave no callback.
void raise_signals() {
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

coditect::Progress to_progress(const std::optional<py::function>& function) {
  return [&function](std::int64_t done, std::int64_t total, const char* unit, std::int64_t rows) {
    const py::gil_scoped_acquire acquire;
    raise_signals();
    if (!function) return false;
    const py::object known_total = total < 0 ? py::object(py::none()) : py::object(py::int_(total));
    return py::bool_((*function)(done, known_total, unit, rows)).cast<bool>();
  };
}

// Gathers an export into pieces worth taking the GIL for.
class ExportBuffer {
 public:
  explicit ExportBuffer(const py::function& write) : write_(write) {}
  void add(std::string_view piece) {
    buffer_.append(piece);
    if (buffer_.size() >= kExportBytes) flush();
  }
  void flush() {
    const py::gil_scoped_acquire acquire;
    raise_signals();
    if (!buffer_.empty()) write_(py::bytes(buffer_));
    buffer_.clear();
  }

 private:
  const py::function& write_;
  std::string buffer_;
};

// ----------------------------------------------------------------------------------------------------------------- store

py::dict to_dict(const coditect::LoadResult& result) {
  py::dict out;
  out["files"] = result.files;
  out["records_read"] = result.records_read;
  out["messages_new"] = result.messages_new;
  out["duplicates"] = result.duplicates;
  out["known_skipped"] = result.known_skipped;
  out["rejected"] = result.rejected;
  out["hash_mismatches"] = result.hash_mismatches;
  out["bytes_read"] = result.bytes_read;
  out["first_run_id"] = result.first_run_id;
  out["last_run_id"] = result.last_run_id;
  out["sources_changed"] = result.sources_changed;
  out["seconds"] = result.seconds;
  return out;
}

py::dict to_dict(const coditect::HomeResult& result) {
  py::dict out;
  out["files"] = result.files;
  out["files_read"] = result.files_read;
  out["files_unchanged"] = result.files_unchanged;
  out["files_waiting"] = result.files_waiting;
  out["files_gone"] = result.files_gone;
  out["files_failed"] = result.files_failed;
  out["files_skipped"] = result.files_skipped;
  out["records_read"] = result.records_read;
  out["messages_new"] = result.messages_new;
  out["duplicates"] = result.duplicates;
  out["copies"] = result.copies;
  out["rejected"] = result.rejected;
  out["bytes_read"] = result.bytes_read;
  out["run_id"] = result.run_id;
  out["seconds"] = result.seconds;
  return out;
}

py::dict to_dict(const coditect::WatchReport& report) {
  py::dict out;
  out["home"] = report.home;
  out["polls"] = report.polls != 0;
  out["committed"] = report.committed != 0;
  out["files_read"] = report.files_read;
  out["records_read"] = report.records_read;
  out["messages_new"] = report.messages_new;
  out["duplicates"] = report.duplicates;
  out["rejected"] = report.rejected;
  out["bytes_read"] = report.bytes_read;
  return out;
}

py::dict to_dict(const coditect::ForgetResult& result) {
  py::dict out;
  out["compacted"] = result.compacted != 0;
  out["messages"] = result.messages;
  out["copies"] = result.copies;
  out["texts"] = result.texts;
  out["lines"] = result.lines;
  out["files"] = result.files;
  out["secrets"] = result.secrets;
  return out;
}

py::object optional_time(std::int64_t time_ms) {
  return time_ms == coditect::kNoTime ? py::object(py::none()) : to_datetime(time_ms);
}

py::dict to_dict(const coditect::Stats& stats) {
  py::dict out;
  out["schema_version"] = stats.schema_version;
  out["messages"] = stats.messages;
  out["distinct_texts"] = stats.distinct_texts;
  out["sessions"] = stats.sessions;
  out["projects"] = stats.projects;
  out["components"] = stats.components;
  out["sources"] = stats.sources;
  out["runs"] = stats.runs;
  out["rejected"] = stats.rejected;
  out["duplicates"] = stats.duplicates;
  out["without_time"] = stats.without_time;
  out["first"] = optional_time(stats.first_ms);
  out["last"] = optional_time(stats.last_ms);
  out["csn"] = stats.csn;
  out["store_bytes"] = stats.store_bytes;
  out["text_bytes"] = stats.text_bytes;
  out["content_root"] = py::str(stats.content_root);
  return out;
}

class PyStore {
 public:
  PyStore(const std::string& path, const coditect::OpenOptions& options)
      : store_(unlocked([&] { return std::make_shared<coditect::Store>(coditect::Store::open(path, options)); })) {}
  PyStore(const PyStore&) = delete;
  PyStore& operator=(const PyStore&) = delete;
  ~PyStore() { close(); }

  // The handle closes when the last call that is running on it returns.
  void close() {
    std::shared_ptr<coditect::Store> last = std::move(store_);
    unlocked([&] { last.reset(); });
  }
  bool closed() const { return store_ == nullptr; }

  // Runs `call(Store&)` without the GIL.
  template <typename Call>
  auto run(Call&& call) {
    std::shared_ptr<coditect::Store> store = store_;
    if (store == nullptr) raise_closed();
    return unlocked([&] {
      // Moved in, so that a handle which closes here closes without the GIL.
      const std::shared_ptr<coditect::Store> held = std::move(store);
      return call(*held);
    });
  }

  template <typename Ask>
  std::unique_ptr<PyCursor> rows(Ask&& ask) {
    return run([&](coditect::Store& store) { return std::make_unique<PyCursor>(ask(store)); });
  }

  py::dict load(const std::vector<std::string>& paths, bool strict, std::uint64_t max_line_bytes,
                const std::string& known_hashes_path, const std::optional<py::function>& progress) {
    coditect::LoadOptions options;
    options.strict = strict;
    options.max_line_bytes = max_line_bytes;
    options.known_hashes_path = known_hashes_path;
    options.progress = to_progress(progress);
    return to_dict(run([&](coditect::Store& store) { return store.load(paths, options); }));
  }

  py::tuple append(const std::vector<coditect::Message>& messages) {
    const auto result = run([&](coditect::Store& store) { return store.append(messages); });
    return py::make_tuple(result.messages_new, result.duplicates, result.first_id);
  }

  std::uint64_t export_to(const py::function& write, bool raw, const coditect::Filter& filter) {
    ExportBuffer buffer(write);
    const auto format = raw ? coditect::ExportFormat::raw : coditect::ExportFormat::jsonl;
    return run([&](coditect::Store& store) {
      const auto sink = [&](std::string_view piece) {
        buffer.add(piece);
        return false;
      };
      const std::uint64_t count = store.export_to(sink, format, filter);
      buffer.flush();
      return count;
    });
  }

  py::dict load_home(const std::string& agent, const std::string& home, std::uint64_t max_line_bytes, std::int64_t settled_ms,
                     const std::optional<py::function>& progress) {
    coditect::HomeOptions options;
    options.max_line_bytes = max_line_bytes;
    options.settled = std::chrono::milliseconds(settled_ms);
    options.progress = to_progress(progress);
    return to_dict(run([&](coditect::Store& store) { return store.load_home(agent, home, options); }));
  }

  void watch_homes(const std::vector<std::pair<std::string, std::string>>& homes, const py::function& report, bool poll) {
    std::vector<coditect::WatchedHome> watched;
    for (const auto& [agent, home] : homes) watched.push_back({agent, home});
    coditect::WatchOptions options;
    options.poll = poll;
    const auto reporter = [&report](const coditect::WatchReport& counts) {
      const py::gil_scoped_acquire acquire;
      raise_signals();
      return py::bool_(report(to_dict(counts))).cast<bool>();
    };
    run([&](coditect::Store& store) { store.watch_homes(watched, reporter, options); });
  }

  bool export_source(const std::string& origin, const py::function& write) {
    ExportBuffer buffer(write);
    return run([&](coditect::Store& store) {
      const bool exact = store.export_source(origin, [&](std::string_view piece) {
        buffer.add(piece);
        return false;
      });
      buffer.flush();
      return exact;
    });
  }

  py::bytes read_file(std::int64_t id) {
    return py::bytes(run([&](coditect::Store& store) { return store.read_file(id); }));
  }

  py::dict forget(const std::string& session, const std::string& project, std::int64_t before_ms, std::int64_t message_id,
                  const std::string& secrets, const std::string& reason, bool dry_run) {
    cmem_forget_options options = CMEM_FORGET_OPTIONS_INIT;
    options.dry_run = dry_run ? 1U : 0U;
    coditect::detail::put(options.session, options.session_len, session);
    coditect::detail::put(options.project, options.project_len, project);
    coditect::detail::put(options.secrets, options.secrets_len, secrets);
    coditect::detail::put(options.reason, options.reason_len, reason);
    options.before_ms = before_ms;
    options.message_id = message_id;
    return to_dict(run([&](coditect::Store& store) { return store.forget(options); }));
  }

  void rebuild(const std::optional<py::function>& progress) {
    const coditect::Progress callback = to_progress(progress);
    run([&](coditect::Store& store) { store.rebuild(callback); });
  }

 private:
  std::shared_ptr<coditect::Store> store_;
};

// ---------------------------------------------------------------------------------------------------------------- module

// Turns the one exception of memory.hpp into the class of its status; errors.py has the table.
void translate(std::exception_ptr thrown) {
  const auto raise = [](const coditect::Error& error, const py::object& result) {
    const py::object value = py::module_::import(kErrorsModule).attr("from_status")(error.status(), error.what(), error.detail());
    if (!result.is_none()) value.attr("result") = result;
    PyErr_SetObject(py::type::handle_of(value).ptr(), value.ptr());
  };
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const coditect::LoadError& error) {
    raise(error, to_dict(error.result()));
  } catch (const coditect::HomeLoadError& error) {
    raise(error, to_dict(error.result()));
  } catch (const coditect::Error& error) {
    raise(error, py::none());
  }
}

coditect::Filter make_filter(const std::string& project, const std::string& session, const std::string& component,
                             const std::string& level, const std::string& role, const std::string& source_type,
                             std::int64_t from_ms, std::int64_t until_ms, std::int64_t run) {
  return coditect::Filter()
      .project(project)
      .session(session)
      .component(component)
      .level(level)
      .role(role)
      .source_type(source_type)
      .time({from_ms, until_ms})
      .run(run);
}

coditect::Page make_page(std::uint32_t order, std::uint64_t limit, const std::string& after, bool content, bool all_matches,
                         bool utc, std::int64_t now_ms, std::uint32_t tiers, double prose_weight) {
  return coditect::Page()
      .order(static_cast<coditect::Order>(order))
      .limit(limit)
      .after(after)
      .without_content(!content)
      .all_matches(all_matches)
      .utc(utc)
      .tiers(static_cast<coditect::Tiers>(tiers))
      .now(now_ms)
      .prose_weight(prose_weight);
}

coditect::OpenOptions make_open_options(bool read_only, bool create, bool durable, std::uint32_t busy_timeout_ms,
                                        std::uint32_t cache_mib) {
  const auto durability = durable ? coditect::Durability::full : coditect::Durability::normal;
  return {read_only, create, durability, busy_timeout_ms, cache_mib};
}

coditect::Message make_message(std::string content, std::int64_t time_ms, std::string session, std::string project,
                               std::string role, std::string component, std::string level, std::string source,
                               std::string source_type, std::int64_t line) {
  return {std::move(content),   time_ms,          std::move(session), std::move(project),     std::move(role),
          std::move(component), std::move(level), std::move(source),  std::move(source_type), line};
}

void add_records(py::module_& module) {
  using namespace py::literals;
  py::class_<coditect::Filter>(module, "Filter", "Which messages; an empty text is not given.")
      .def(py::init(&make_filter), py::kw_only(), "project"_a = "", "session"_a = "", "component"_a = "", "level"_a = "",
           "role"_a = "", "source_type"_a = "", "from_ms"_a = 0, "until_ms"_a = 0, "run"_a = 0);
  py::class_<coditect::Page>(module, "Page", "Which part of an answer, in which order (0 newest, 1 oldest, 2 relevance).")
      .def(py::init(&make_page), py::kw_only(), "order"_a = 0, "limit"_a = 0, "after"_a = "", "content"_a = true,
           "all_matches"_a = false, "utc"_a = false, "now_ms"_a = 0, "tiers"_a = 0, "prose_weight"_a = 0.0);
  py::class_<coditect::Message>(module, "Message", "A message from a program.")
      .def(py::init(&make_message), "content"_a, "time_ms"_a, "session"_a, "project"_a, "role"_a, "component"_a, "level"_a,
           "source"_a, "source_type"_a, "line"_a);
}

void add_cursor(py::module_& module) {
  using namespace py::literals;
  py::class_<PyCursor>(module, "Cursor", "The rows of one answer, read once from front to back.")
      .def("fetch", &PyCursor::fetch, "max_rows"_a, "Up to max_rows tuples, fewer when the texts are large; empty at the end.")
      .def("skip", &PyCursor::skip, "rows"_a, "Steps over rows; returns how many there were.")
      .def("position", &PyCursor::position, "The place after the last row read; empty when there are no pages.")
      .def("arrow_stream", &PyCursor::arrow_stream, "Moves the remaining rows into an Arrow C stream capsule.")
      .def("close", &PyCursor::close)
      .def_property_readonly("columns", &PyCursor::columns)
      .def_property_readonly("types", &PyCursor::types)
      .def_property_readonly("total", &PyCursor::total);
}

coditect::ReportOptions make_report_options(const std::string& project, const std::string& component, const std::string& session,
                                            std::int64_t from_ms, std::int64_t until_ms, std::uint32_t by, bool utc,
                                            std::int64_t pause_ms, std::uint64_t limit) {
  coditect::ReportOptions options;
  options.project = project;
  options.component = component;
  options.session = session;
  options.range = {from_ms, until_ms};
  options.by = static_cast<coditect::Histogram>(by);
  options.utc = utc;
  options.pause = std::chrono::milliseconds(pause_ms);
  options.limit = limit;
  return options;
}

// (cursor, title, question, [(name, unit, meaning), …], notes)
py::tuple make_report(PyStore& store, const std::string& name, const coditect::ReportOptions& options) {
  coditect::Report report = store.run([&](coditect::Store& s) { return s.report(name, options); });
  py::list columns;
  for (const coditect::ReportColumn& column : report.columns)
    columns.append(py::make_tuple(column.name, column.unit, column.meaning));
  return py::make_tuple(std::make_unique<PyCursor>(std::move(report.rows)), report.title, report.question, columns, report.notes);
}

void add_reports(py::module_& module, py::class_<PyStore>& store) {
  using namespace py::literals;
  py::class_<coditect::ReportOptions>(module, "ReportOptions", "What a report is about.")
      .def(py::init(&make_report_options), py::kw_only(), "project"_a = "", "component"_a = "", "session"_a = "", "from_ms"_a = 0,
           "until_ms"_a = 0, "by"_a = 0, "utc"_a = false, "pause_ms"_a = 0, "limit"_a = 0);
  store.def("report", &make_report)
      .def("report_html", [](PyStore& s, const std::string& name, const coditect::ReportOptions& options) {
        return s.run([&](coditect::Store& t) { return t.report_html(name, options); });
      });
}

void add_questions(py::class_<PyStore>& store) {
  using namespace py::literals;
  using coditect::Filter;
  using coditect::Page;
  using coditect::Store;
  store.def("query", [](PyStore& s, const Filter& f, const Page& p) { return s.rows([&](Store& t) { return t.query(f, p); }); })
      .def("search", [](PyStore& s, const std::string& q, const Filter& f,
                        const Page& p) { return s.rows([&](Store& t) { return t.search(q, f, p); }); })
      .def("explain", [](PyStore& s, const std::string& q, const Filter& f,
                         const Page& p) { return s.rows([&](Store& t) { return t.search(q, f, p).explanation(); }); })
      .def("facets",
           [](PyStore& s, const std::string& q, const Filter& f, const Page& p, const std::string& fields, std::uint32_t histogram,
              std::uint64_t limit) {
             const coditect::FacetOptions options{fields, static_cast<coditect::Histogram>(histogram), limit};
             return s.rows([&](Store& t) { return t.search(q, f, p).facets(options); });
           })
      .def("count", [](PyStore& s, const Filter& f) { return s.run([&](Store& t) { return t.count(f); }); })
      .def("get", [](PyStore& s, std::int64_t id, std::uint32_t before,
                     std::uint32_t after) { return s.rows([&](Store& t) { return t.get(id, before, after); }); })
      .def("projects", [](PyStore& s) { return s.rows([](Store& t) { return t.projects(); }); })
      .def("sessions",
           [](PyStore& s, const Filter& f, std::uint64_t limit) { return s.rows([&](Store& t) { return t.sessions(f, limit); }); })
      .def("components", [](PyStore& s) { return s.rows([](Store& t) { return t.components(); }); })
      .def("runs", [](PyStore& s, std::uint64_t limit) { return s.rows([&](Store& t) { return t.runs(limit); }); })
      .def("rejected", [](PyStore& s, std::int64_t run) { return s.rows([&](Store& t) { return t.rejected(run); }); })
      .def("sizes", [](PyStore& s) { return s.rows([](Store& t) { return t.sizes(); }); })
      .def("synonyms", [](PyStore& s) { return s.rows([](Store& t) { return t.synonyms(); }); })
      .def("saved_searches",
           [](PyStore& s, const std::string& name) { return s.rows([&](Store& t) { return t.saved_searches(name); }); })
      .def("check", [](PyStore& s, bool deep) { return s.rows([&](Store& t) { return t.check(deep); }); })
      .def("sql", [](PyStore& s, const std::string& text, std::uint32_t timeout_ms) {
        return s.rows([&](Store& t) { return t.sql(text, timeout_ms); });
      });
}

void add_homes(py::class_<PyStore>& store) {
  using namespace py::literals;
  using coditect::Filter;
  using coditect::Page;
  using coditect::Store;
  store.def("load_home", &PyStore::load_home, "agent"_a, "home"_a, "max_line_bytes"_a, "settled_ms"_a, "progress"_a)
      .def("watch_homes", &PyStore::watch_homes, "homes"_a, "report"_a, "poll"_a)
      .def("sources", [](PyStore& s) { return s.rows([](Store& t) { return t.sources(); }); })
      .def("export_source", &PyStore::export_source, "origin"_a, "write"_a)
      .def("files", [](PyStore& s, const Filter& f) { return s.rows([&](Store& t) { return t.files(f); }); })
      .def("file_versions", [](PyStore& s, const std::string& file,
                               const Filter& f) { return s.rows([&](Store& t) { return t.file_versions(file, f); }); })
      .def("read_file", &PyStore::read_file, "id"_a)
      .def("session", [](PyStore& s, const std::string& id) { return s.rows([&](Store& t) { return t.session(id); }); })
      .def("conversation",
           [](PyStore& s, const std::string& id, const Page& p) { return s.rows([&](Store& t) { return t.conversation(id, p); }); })
      .def("tokens", [](PyStore& s, const std::string& by, const Filter& f,
                        bool utc) { return s.rows([&](Store& t) { return t.tokens(by, f, utc); }); })
      .def("message_counts", [](PyStore& s, const std::string& fields, bool utc) {
        return s.rows([&](Store& t) { return t.message_counts(fields, utc); });
      });
}

void add_privacy(py::class_<PyStore>& store) {
  using namespace py::literals;
  using coditect::Filter;
  using coditect::Store;
  store.def("scan_secrets", [](PyStore& s, const Filter& f) { return s.rows([&](Store& t) { return t.scan_secrets(f); }); })
      .def("redacts", [](PyStore& s) { return s.run([](Store& t) { return t.redacts(); }); })
      .def("set_redacts", [](PyStore& s, bool redact) { s.run([&](Store& t) { t.set_redacts(redact); }); })
      .def("redact_loads", [](PyStore& s, bool redact) { s.run([&](Store& t) { t.redact_loads(redact); }); })
      .def("redactions", [](PyStore& s) { return s.rows([](Store& t) { return t.redactions(); }); })
      .def("forget", &PyStore::forget, py::kw_only(), "session"_a, "project"_a, "before_ms"_a, "message_id"_a, "secrets"_a,
           "reason"_a, "dry_run"_a)
      .def("tombstones", [](PyStore& s) { return s.rows([](Store& t) { return t.tombstones(); }); });
}

// A list that needs no store.
std::unique_ptr<PyCursor> listed(cmem_status (*list)(cmem_cursor**, cmem_error*)) {
  return unlocked([&] {
    cmem_cursor* handle = nullptr;
    cmem_error error{};
    coditect::detail::check(list(&handle, &error), error);
    return std::make_unique<PyCursor>(coditect::Cursor(handle));
  });
}

void add_store(py::module_& module) {
  using namespace py::literals;
  py::class_<PyStore> store(module, "Store", "An open store; any thread may use it.");
  store
      .def(py::init([](const std::string& path, bool read_only, bool create, bool durable, std::uint32_t busy_timeout_ms,
                       std::uint32_t cache_mib) {
             return std::make_unique<PyStore>(path, make_open_options(read_only, create, durable, busy_timeout_ms, cache_mib));
           }),
           "path"_a, "read_only"_a, "create"_a, "durable"_a, "busy_timeout_ms"_a, "cache_mib"_a)
      .def("close", &PyStore::close)
      .def_property_readonly("closed", &PyStore::closed)
      .def("load", &PyStore::load, "paths"_a, "strict"_a, "max_line_bytes"_a, "known_hashes_path"_a, "progress"_a)
      .def("append", &PyStore::append, "messages"_a)
      .def("stats", [](PyStore& s) { return to_dict(s.run([](coditect::Store& t) { return t.stats(); })); })
      .def("export_to", &PyStore::export_to, "write"_a, "raw"_a, "filter"_a)
      .def("rebuild", &PyStore::rebuild, "progress"_a)
      .def("checkpoint", [](PyStore& s) { s.run([](coditect::Store& t) { t.checkpoint(); }); })
      .def("add_synonym",
           [](PyStore& s, const std::string& word, const std::string& other) {
             return s.run([&](coditect::Store& t) { return t.add_synonym(word, other); });
           })
      .def("remove_synonym",
           [](PyStore& s, const std::string& word, const std::string& other) {
             return s.run([&](coditect::Store& t) { return t.remove_synonym(word, other); });
           })
      .def("add_saved_search",
           [](PyStore& s, const std::string& name, const std::string& query, bool replace) {
             return s.run([&](coditect::Store& t) { return t.add_saved_search(name, query, replace); });
           })
      .def("remove_saved_search", [](PyStore& s, const std::string& name) {
        return s.run([&](coditect::Store& t) { return t.remove_saved_search(name); });
      });
  add_questions(store);
  add_homes(store);
  add_privacy(store);
  add_reports(module, store);
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  using namespace py::literals;
  PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
  module.doc() = "The C API of CODITECT memory, one to one; use coditect_memory.Memory.";
  py::register_exception_translator(&translate);
  add_records(module);
  add_cursor(module);
  add_store(module);
  module.def("version", &coditect::version);
  module.def("agents", [] { return listed(&cmem_agents); });
  module.def("secret_kinds", [] { return listed(&cmem_secret_kinds); });
  module.def("status_name", &cmem_status_name, "status"_a);
  module.def(
      "parse_time_range",
      [](const std::string& text, bool utc, std::int64_t now_ms) {
        const coditect::TimeRange range = coditect::parse_time_range(text, utc, now_ms);
        return py::make_tuple(range.from_ms, range.until_ms);
      },
      "text"_a, "utc"_a, "now_ms"_a = 0);
}
