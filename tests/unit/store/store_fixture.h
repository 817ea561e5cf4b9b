// A store behind the C API, with verbs for tests. Each verb fails the test if the call fails; try_… give the status instead.
#pragma once
#include <coditect/memory.h>
#include <coditect/memory_admin.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "unit/sqlite/temp_store.h"

namespace cmem::test {

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  REQUIRE(file.flush());
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Value {
  std::int32_t type = CMEM_TYPE_NULL;
  std::int64_t number = 0;
  double real = 0;
  std::string text;
};

struct Answer {
  cmem_status status = CMEM_OK;
  std::string error;
  std::vector<std::string> columns;
  std::vector<std::int32_t> types;
  std::vector<std::vector<Value>> rows;
  std::int64_t total = -1;
  std::string position;

  [[nodiscard]] std::size_t column(const std::string& name) const {
    const auto found = std::find(columns.begin(), columns.end(), name);
    INFO("column " << name);
    REQUIRE(found != columns.end());
    return static_cast<std::size_t>(found - columns.begin());
  }
  [[nodiscard]] const Value& at(std::size_t row, const std::string& name) const {
    REQUIRE(row < rows.size());
    return rows[row][column(name)];
  }
  [[nodiscard]] std::vector<std::int64_t> numbers(const std::string& name) const {
    std::vector<std::int64_t> found;
    const std::size_t at = column(name);
    for (const auto& row : rows) found.push_back(row[at].number);
    return found;
  }
  [[nodiscard]] std::vector<std::string> texts(const std::string& name) const {
    std::vector<std::string> found;
    const std::size_t at = column(name);
    for (const auto& row : rows) found.push_back(row[at].text);
    return found;
  }
};

// Reads a cursor to its end and closes it.
inline Answer read_cursor(cmem_cursor* cursor) {
  Answer answer;
  for (std::uint32_t i = 0; i < cmem_cursor_column_count(cursor); ++i) {
    answer.columns.emplace_back(cmem_cursor_column_name(cursor, i));
    answer.types.push_back(cmem_cursor_column_type(cursor, i));
  }
  answer.total = cmem_cursor_total(cursor);
  const cmem_value* row = nullptr;
  cmem_error error;
  while ((answer.status = cmem_cursor_next(&row, cursor, &error)) == CMEM_OK) {
    auto& values = answer.rows.emplace_back();
    for (std::size_t i = 0; i < answer.columns.size(); ++i)
      values.push_back({row[i].type, row[i].i64, row[i].f64, row[i].text ? std::string(row[i].text, row[i].text_len) : std::string()});
  }
  if (answer.status < 0) answer.error = error.text;
  answer.position = cmem_cursor_position(cursor);
  cmem_cursor_close(cursor);
  return answer;
}

struct Where {
  std::string project{}, session{}, component{}, level{}, role{}, source_type{};
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
  std::int64_t run_id = 0;

  [[nodiscard]] cmem_filter filter() const {
    cmem_filter out CMEM_FILTER_INIT;
    const auto set = [](const char*& text, std::size_t& size, const std::string& value) {
      text = value.empty() ? nullptr : value.data();
      size = value.size();
    };
    set(out.project, out.project_len, project);
    set(out.session, out.session_len, session);
    set(out.component, out.component_len, component);
    set(out.level, out.level_len, level);
    set(out.role, out.role_len, role);
    set(out.source_type, out.source_type_len, source_type);
    out.from_ms = from_ms;
    out.until_ms = until_ms;
    out.run_id = run_id;
    return out;
  }
};

struct Paging {
  std::uint32_t order = CMEM_ORDER_NEWEST;
  std::uint64_t limit = 0;
  std::string after{};
  bool without_content = false;
  bool all_matches = false;
  std::uint32_t tiers = CMEM_TIERS_EXACT;  // what most tests compare with a scan
  double prose_weight = 1;

  [[nodiscard]] cmem_page page() const {
    cmem_page out CMEM_PAGE_INIT;
    out.order = order;
    out.limit = limit;
    out.after = after.empty() ? nullptr : after.c_str();
    out.without_content = without_content ? 1 : 0;
    out.all_matches = all_matches ? 1 : 0;
    out.tiers = tiers;
    out.prose_weight = prose_weight;
    return out;
  }
};

struct Appended {
  std::string content{};
  std::string source{}, session{}, project{}, component{}, level{}, role{};
  std::int64_t time_ms = INT64_MIN;
  std::int64_t line = 0;
};

class Memory {
 public:
  explicit Memory(const std::string& path, bool read_only = false) {
    cmem_open_options options CMEM_OPEN_OPTIONS_INIT;
    options.create = read_only ? 0 : 1;
    options.read_only = read_only ? 1 : 0;
    options.durability = 1;
    done(cmem_store_open(&store_, path.c_str(), &options, &error_));
  }
  ~Memory() { cmem_store_close(store_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  Memory(Memory&& other) noexcept : store_(std::exchange(other.store_, nullptr)), error_(other.error_) {}
  Memory& operator=(Memory&&) = delete;

  cmem_store* handle() { return store_; }
  [[nodiscard]] const cmem_error& error() const { return error_; }
  void close() { cmem_store_close(std::exchange(store_, nullptr)); }

  cmem_status try_load(const std::vector<std::string>& paths, cmem_load_result& result, const cmem_load_options* options = nullptr) {
    result = cmem_load_result CMEM_LOAD_RESULT_INIT;
    std::vector<const char*> names;
    for (const std::string& path : paths) names.push_back(path.c_str());
    return cmem_load(&result, store_, names.data(), names.size(), options, &error_);
  }
  cmem_load_result load(const std::vector<std::string>& paths) {
    cmem_load_result result;
    done(try_load(paths, result));
    return result;
  }
  cmem_status try_append(const std::vector<Appended>& messages, cmem_append_result& result) {
    std::vector<cmem_message> raw;
    for (const Appended& message : messages) raw.push_back(to_c(message));
    result = cmem_append_result CMEM_APPEND_RESULT_INIT;
    return cmem_append(&result, store_, raw.data(), raw.size(), &error_);
  }
  cmem_append_result append(const std::vector<Appended>& messages) {
    cmem_append_result result;
    done(try_append(messages, result));
    return result;
  }
  Answer try_query(const Where& where = {}, const Paging& paging = {}) {
    const cmem_filter filter = where.filter();
    const cmem_page page = paging.page();
    cmem_cursor* cursor = nullptr;
    return answer(cmem_query(&cursor, store_, &filter, &page, &error_), cursor);
  }
  Answer query(const Where& where = {}, const Paging& paging = {}) { return whole(try_query(where, paging)); }
  Answer try_search(const std::string& query, const Where& where = {}, const Paging& paging = {}) {
    const cmem_filter filter = where.filter();
    const cmem_page page = paging.page();
    cmem_cursor* cursor = nullptr;
    return answer(cmem_search(&cursor, store_, query.data(), query.size(), &filter, &page, &error_), cursor);
  }
  Answer search(const std::string& query, const Where& where = {}, const Paging& paging = {}) {
    return whole(try_search(query, where, paging));
  }
  Answer try_get(std::int64_t id, std::uint32_t before = 0, std::uint32_t after = 0) {
    cmem_cursor* cursor = nullptr;
    return answer(cmem_get(&cursor, store_, id, before, after, &error_), cursor);
  }
  Answer get(std::int64_t id, std::uint32_t before = 0, std::uint32_t after = 0) { return whole(try_get(id, before, after)); }
  Answer try_sql(const std::string& sql, std::uint32_t timeout_ms = 0) {
    cmem_cursor* cursor = nullptr;
    return answer(cmem_sql(&cursor, store_, sql.data(), sql.size(), timeout_ms, &error_), cursor);
  }
  // cmem_projects, cmem_components, cmem_sizes …
  template <typename Call, typename... Arguments>
  Answer table(Call call, Arguments... arguments) {
    cmem_cursor* cursor = nullptr;
    return whole(answer(call(&cursor, store_, arguments..., &error_), cursor));
  }
  std::uint64_t count(const Where& where = {}) {
    const cmem_filter filter = where.filter();
    std::uint64_t number = 0;
    done(cmem_count(&number, store_, &filter, &error_));
    return number;
  }
  cmem_stats stats() {
    cmem_stats out CMEM_STATS_INIT;
    done(cmem_stats_get(&out, store_, &error_));
    return out;
  }
  cmem_status try_export(std::string& bytes, std::uint32_t format, const Where& where = {}) {
    const cmem_filter filter = where.filter();
    const auto write = [](const void* data, std::size_t size, void* payload) {
      static_cast<std::string*>(payload)->append(static_cast<const char*>(data), size);
      return 0;
    };
    return cmem_export(nullptr, store_, &filter, format, write, &bytes, &error_);
  }
  std::string export_raw(const Where& where = {}) {
    std::string bytes;
    done(try_export(bytes, CMEM_EXPORT_RAW, where));
    return bytes;
  }
  void rebuild() { done(cmem_rebuild(store_, nullptr, nullptr, &error_)); }
  // The failed checks that are errors, as "check: detail".
  std::vector<std::string> faults(bool deep = true) {
    cmem_cursor* cursor = nullptr;
    const Answer findings = whole(answer(cmem_check(&cursor, store_, deep ? 1 : 0, &error_), cursor));
    std::vector<std::string> found;
    for (std::size_t i = 0; i < findings.rows.size(); ++i)
      if (findings.at(i, "ok").number == 0 && findings.at(i, "severity").text == "error")
        found.push_back(findings.at(i, "check").text + ": " + findings.at(i, "detail").text);
    return found;
  }
  void done(cmem_status status) {
    if (status != CMEM_OK) FAIL(cmem_status_name(status) << ": " << error_.text);
  }

 private:
  static cmem_message to_c(const Appended& message) {
    cmem_message out CMEM_MESSAGE_INIT;
    const auto set = [](const char*& text, std::size_t& size, const std::string& value) {
      text = value.data();
      size = value.size();
    };
    out.time_ms = message.time_ms;
    out.line = message.line;
    set(out.content, out.content_len, message.content);
    set(out.source, out.source_len, message.source);
    set(out.session, out.session_len, message.session);
    set(out.project, out.project_len, message.project);
    set(out.component, out.component_len, message.component);
    set(out.level, out.level_len, message.level);
    set(out.role, out.role_len, message.role);
    return out;
  }
  // The cursor by reference: the call that sets it is the other argument.
  Answer answer(cmem_status status, cmem_cursor* const& cursor) {
    if (status == CMEM_OK) return read_cursor(cursor);
    CHECK(cursor == nullptr);
    Answer failed;
    failed.status = status;
    failed.error = error_.text;
    return failed;
  }
  static Answer whole(Answer answer) {
    if (answer.status != CMEM_DONE) FAIL(cmem_status_name(answer.status) << ": " << answer.error);
    return answer;
  }

  cmem_store* store_ = nullptr;
  cmem_error error_{};
};

}  // namespace cmem::test
