/*
 * CODITECT memory for C++17 and later: what calls give back, rows above all. Part of memory.hpp, which says the rules.
 */
#ifndef CODITECT_MEMORY_ROWS_HPP
#define CODITECT_MEMORY_ROWS_HPP

#include <coditect/memory.h>
#include <coditect/memory_admin.h>
#include <coditect/memory_home.h>

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

/* The time of a message whose time is not known. */
inline constexpr std::int64_t kNoTime = INT64_MIN;

using TimeRange = cmem_time_range;
using LoadResult = cmem_load_result;
using HomeResult = cmem_home_result;
using ForgetResult = cmem_forget_result;
using AppendResult = cmem_append_result;
using Stats = cmem_stats;

/* A failed call. what() is one line: what happened, where, what to do. */
class Error : public std::runtime_error {
 public:
  Error(cmem_status status, const std::string& text, std::int64_t detail = 0)
      : std::runtime_error(text), status_(status), detail_(detail) {}

  /* One of CMEM_E_…, never 0. */
  cmem_status status() const noexcept { return status_; }
  /* Call-specific: the index of a bad message, errno, an extended SQLite code; 0 if none. */
  std::int64_t detail() const noexcept { return detail_; }
  /* A short stable name such as "busy". Static storage. */
  const char* name() const noexcept { return cmem_status_name(status_); }

 private:
  cmem_status status_;
  std::int64_t detail_;
};

/* A load that failed or was stopped; result() counts what was committed before. */
class LoadError : public Error {
 public:
  LoadError(const cmem_error& error, const LoadResult& result) : Error(error.code, error.text, error.detail), result_(result) {}
  const LoadResult& result() const noexcept { return result_; }

 private:
  LoadResult result_;
};

/* The same of a home. */
class HomeLoadError : public Error {
 public:
  HomeLoadError(const cmem_error& error, const HomeResult& result) : Error(error.code, error.text, error.detail), result_(result) {}
  const HomeResult& result() const noexcept { return result_; }

 private:
  HomeResult result_;
};

namespace detail {

inline void check(cmem_status status, const cmem_error& error) {
  if (status < 0) throw Error(status, error.text, error.detail);
}

/* C reads (NULL, 0) as "not given"; an empty text means the same in Filter and Message. */
inline const char* given(const std::string& text) noexcept { return text.empty() ? nullptr : text.c_str(); }
inline void put(const char*& data, std::size_t& size, const std::string& text) noexcept {
  data = given(text);
  size = text.size();
}

/* Runs a callback under a C function, which no exception may cross: keeps the exception and asks C to stop. */
template <typename Function>
int stop_on_throw(std::exception_ptr& thrown, Function&& function) noexcept {
  try {
    return function() ? 1 : 0;
  } catch (...) {
    thrown = std::current_exception();
    return 1;
  }
}

/* The payload of the C callbacks. */
template <typename Function>
struct Callback {
  const Function* function;
  std::exception_ptr thrown;
};

}  // namespace detail

/* Called a few times a second with (done, total or -1, unit, records read so far). Return true to stop. */
using Progress = std::function<bool(std::int64_t done, std::int64_t total, const char* unit, std::int64_t rows)>;

/* Takes a piece of an export, borrowed for the call. Return true to stop. */
using Sink = std::function<bool(std::string_view piece)>;

/* The library's version, such as "0.1.0". */
inline std::string version() { return cmem_version(); }

/* Understands a time expression such as "week" or "2025-11-15..2025-11-17"; cmem_time_range_parse lists the forms.
   Days are local ones, or those of UTC. now_ms 0 means the system clock. Throws CMEM_E_INVALID. Any thread. */
inline TimeRange parse_time_range(std::string_view text, bool utc = false, std::int64_t now_ms = 0) {
  TimeRange range{};
  cmem_error error{};
  detail::check(cmem_time_range_parse(&range, text.data(), text.size(), now_ms, utc ? 1U : 0U, &error), error);
  return range;
}

/* ------------------------------------------------------------------------------------------------------------- rows */

/* One cell, borrowed: its texts live until the next step of the cursor. The getters throw CMEM_E_INVALID when the cell has
   another type; a NULL cell reads as 0, 0.0, an empty text or kNoTime. */
class Cell {
 public:
  explicit Cell(const cmem_value& value) noexcept : value_(&value) {}

  /* CMEM_TYPE_…; CMEM_TYPE_NULL for a missing value. */
  std::int32_t type() const noexcept { return value_->type; }
  bool is_null() const noexcept { return type() == CMEM_TYPE_NULL; }
  explicit operator bool() const noexcept { return !is_null(); }

  std::int64_t integer() const { return is(CMEM_TYPE_INT, "an integer") ? value_->i64 : 0; }
  double real() const {
    if (type() == CMEM_TYPE_INT) return static_cast<double>(value_->i64);
    return is(CMEM_TYPE_REAL, "a real number") ? value_->f64 : 0.0;
  }
  /* TEXT or BYTES. May hold NULs. */
  std::string_view text() const {
    if (type() != CMEM_TYPE_BYTES && !is(CMEM_TYPE_TEXT, "a text")) return {};
    return {value_->text, value_->text_len};
  }
  std::int64_t time_ms() const { return is(CMEM_TYPE_TIME, "a time") ? value_->i64 : kNoTime; }
  std::chrono::system_clock::time_point time() const {
    if (is_null()) throw Error(CMEM_E_INVALID, "the cell is NULL, not a time; ask is_null() first");
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(time_ms()));
  }
  const cmem_value& raw() const noexcept { return *value_; }

 private:
  bool is(std::int32_t wanted, const char* noun) const {
    if (type() == wanted) return true;
    if (is_null()) return false;
    throw Error(CMEM_E_INVALID, std::string("the cell is not ") + noun + " (its type is " + std::to_string(type()) + ")");
  }

  const cmem_value* value_;
};

class Cursor;

/* How far from what was typed the worst hit of a search is. */
enum class Tier : std::uint32_t { exact = 0, expanded = 1, fuzzy = 2 };

struct SearchSummary {
  Tier tier = Tier::exact;
  std::uint64_t messages = 0;
  std::uint64_t texts = 0;
  std::string suggestion; /* what may have been meant, if nothing was found */
};

/* How far a search goes: see CMEM_TIERS_AUTO. */
enum class Tiers : std::uint32_t { automatic = CMEM_TIERS_AUTO, exact = CMEM_TIERS_EXACT, fuzzy = CMEM_TIERS_FUZZY };

/* The unit of a histogram's bars. */
enum class Histogram : std::uint32_t {
  none = CMEM_HISTOGRAM_NONE,
  hour = CMEM_HISTOGRAM_HOUR,
  day = CMEM_HISTOGRAM_DAY,
  week = CMEM_HISTOGRAM_WEEK,
  month = CMEM_HISTOGRAM_MONTH
};

/* What Cursor::facets() counts. */
struct FacetOptions {
  std::string fields; /* such as "project,level,day"; see cmem_facet_options */
  Histogram histogram = Histogram::none;
  std::uint64_t limit = 0; /* values of each facet; 0 = all */
};

/* One row of a cursor, borrowed: it lives until the next step of the cursor. */
class Row {
 public:
  std::size_t size() const noexcept { return cmem_cursor_column_count(cursor_); }
  /* Throws CMEM_E_INVALID when there is no such column. */
  template <typename Index, std::enable_if_t<std::is_integral_v<Index>, int> = 0>
  Cell operator[](Index index) const {
    const auto i = static_cast<std::size_t>(index);
    if (i >= size()) throw Error(CMEM_E_INVALID, "no column " + std::to_string(index) + " of " + std::to_string(size()));
    return Cell(cells_[i]);
  }
  /* Compares the name with each column's: for hot loops take the index once. Throws CMEM_E_INVALID for an unknown name. */
  Cell operator[](std::string_view name) const { return Cell(cells_[column(name)]); }

  std::size_t column(std::string_view name) const {
    for (std::uint32_t i = 0; i < size(); ++i) {
      if (name == cmem_cursor_column_name(cursor_, i)) return i;
    }
    throw Error(CMEM_E_INVALID, "no column named '" + std::string(name) + "'");
  }

 private:
  friend class Cursor;
  const cmem_cursor* cursor_ = nullptr;
  const cmem_value* cells_ = nullptr;
};

/* The rows of an answer, read as you go: memory does not grow with their number. Owns its handle, may outlive its store, and
   belongs to one thread at a time. After a move or to_arrow() only destruction, assignment and empty() make sense. */
class Cursor {
 public:
  Cursor() = default;
  /* Takes over a handle of the C API. */
  explicit Cursor(cmem_cursor* handle) noexcept : handle_(handle) {}
  Cursor(Cursor&& other) noexcept : handle_(std::move(other.handle_)) { forget_row(other); }
  Cursor& operator=(Cursor&& other) noexcept {
    handle_ = std::move(other.handle_);
    forget_row(other);
    return *this;
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  ~Cursor() = default;

  /* The next row, or nullptr after the last. Borrowed until the next step. Throws CMEM_E_CORRUPT, CMEM_E_IO, CMEM_E_BUSY. */
  const Row* next() {
    cmem_error error{};
    const cmem_value* cells = nullptr;
    const cmem_status status = cmem_cursor_next(&cells, handle_.get(), &error);
    detail::check(status, error);
    if (status == CMEM_DONE) return nullptr;
    row_.cursor_ = handle_.get();
    row_.cells_ = cells;
    return &row_;
  }

  std::size_t column_count() const noexcept { return cmem_cursor_column_count(handle_.get()); }
  /* Lives as long as the cursor. Throws CMEM_E_INVALID when out of range. */
  std::string_view column_name(std::size_t index) const {
    const char* name = cmem_cursor_column_name(handle_.get(), static_cast<std::uint32_t>(index));
    if (name == nullptr) throw Error(CMEM_E_INVALID, "no column " + std::to_string(index));
    return name;
  }
  /* CMEM_TYPE_…; CMEM_TYPE_NULL where cells have types of their own (sql). */
  std::int32_t column_type(std::size_t index) const noexcept {
    return cmem_cursor_column_type(handle_.get(), static_cast<std::uint32_t>(index));
  }
  /* The exact number of rows of the whole answer, ignoring limit and position; -1 where it is not known (sql). */
  std::int64_t total() const noexcept { return cmem_cursor_total(handle_.get()); }
  /* The place after the last row, for Page::after; empty when this kind of cursor has no pages. */
  std::string position() const {
    const char* text = cmem_cursor_position(handle_.get());
    return text == nullptr ? std::string() : std::string(text);
  }
  /* Moves the remaining rows into an Arrow C stream, which then owns the handle: the cursor is empty afterwards. On failure
     it is unchanged. Throws CMEM_E_INVALID for columns without a declared type. */
  void to_arrow(::ArrowArrayStream* out) {
    cmem_error error{};
    detail::check(cmem_cursor_to_arrow(out, handle_.get(), &error), error);
    static_cast<void>(handle_.release());
  }

  /* What a search has found. Throws CMEM_E_INVALID for a cursor that is not from search(). */
  SearchSummary summary() const {
    cmem_error error{};
    cmem_search_summary found = CMEM_SEARCH_SUMMARY_INIT;
    detail::check(cmem_search_get_summary(&found, handle_.get(), &error), error);
    return {static_cast<Tier>(found.tier), found.messages, found.texts,
            found.suggestion == nullptr ? std::string() : found.suggestion};
  }

  /* How a search was understood: part, text, texts, from, until (see cmem_search_explanation). This cursor stays as it is. Throws
     CMEM_E_INVALID for a cursor that is not from search(). */
  Cursor explanation() {
    cmem_error error{};
    cmem_cursor* rows = nullptr;
    detail::check(cmem_search_explanation(&rows, handle_.get(), &error), error);
    return Cursor(rows);
  }

  /* How the messages of a search are divided: facet, value, messages, selected, values, from, until (see cmem_search_facets). This
     cursor stays as it is. Throws CMEM_E_INVALID for a cursor that is not from search(), a facet that is none, or nothing asked
     for; CMEM_E_LIMIT for more than 100,000 bars. */
  Cursor facets(const FacetOptions& options) {
    cmem_error error{};
    cmem_cursor* rows = nullptr;
    cmem_facet_options c_options = CMEM_FACET_OPTIONS_INIT;
    c_options.histogram = static_cast<std::uint32_t>(options.histogram);
    c_options.fields = options.fields.data();
    c_options.fields_len = options.fields.size();
    c_options.limit = options.limit;
    detail::check(cmem_search_facets(&rows, handle_.get(), &c_options, &error), error);
    return Cursor(rows);
  }

  bool empty() const noexcept { return handle_ == nullptr; }
  cmem_cursor* raw() const noexcept { return handle_.get(); }

  /* An input iterator; all iterators of a cursor share its place. */
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    using pointer = const Row*;
    using reference = const Row&;

    Iterator() = default;
    explicit Iterator(Cursor& cursor) : cursor_(&cursor), row_(cursor.next()) {}
    reference operator*() const noexcept { return *row_; }
    pointer operator->() const noexcept { return row_; }
    Iterator& operator++() {
      row_ = cursor_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.row_ == b.row_; }
    friend bool operator!=(const Iterator& a, const Iterator& b) noexcept { return a.row_ != b.row_; }

   private:
    Cursor* cursor_ = nullptr;
    const Row* row_ = nullptr; /* nullptr: at the end */
  };

  /* Starts at the next row that was not read yet, so call it once. Throws what next() throws. */
  Iterator begin() { return Iterator(*this); }
  Iterator end() noexcept { return {}; }

 private:
  struct Close {
    void operator()(cmem_cursor* handle) const noexcept { cmem_cursor_close(handle); }
  };
  void forget_row(Cursor& other) noexcept {
    row_ = Row();
    other.row_ = Row();
  }

  std::unique_ptr<cmem_cursor, Close> handle_;
  Row row_;
};

/* A column of a report, in the order of its cells. */
struct ReportColumn {
  std::string name;
  std::string unit; /* "messages", "ms", "%" …; empty: none */
  std::string meaning;
  std::string chart; /* "label", "series" or "value" of the report's chart; empty: not in it */
};

/* An answer of Store::report(). */
struct Report {
  std::string name;
  std::string title;
  std::string question; /* that it answers */
  std::vector<ReportColumn> columns;
  std::vector<std::string> notes; /* what a reader must know */
  Cursor rows;
};

}  // namespace coditect

#endif
