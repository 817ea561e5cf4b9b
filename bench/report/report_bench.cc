// Times reports in process, through the C API: the first answer of a new handle, and the median and worst of the following ones. The report of
// one session is asked of the one in the middle, by messages, and of that with most. Prints one JSON object.
#include <coditect/memory_report.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct CloseStore {
  void operator()(cmem_store* store) const { cmem_store_close(store); }
};
struct CloseCursor {
  void operator()(cmem_cursor* cursor) const { cmem_cursor_close(cursor); }
};
using Store = std::unique_ptr<cmem_store, CloseStore>;
using Cursor = std::unique_ptr<cmem_cursor, CloseCursor>;

void check(cmem_status status, const cmem_error& error) {
  if (status < 0) throw std::runtime_error(error.text);
}

Store open(const std::string& path) {
  cmem_open_options options CMEM_OPEN_OPTIONS_INIT;
  options.read_only = 1;
  cmem_error error;
  cmem_store* store = nullptr;
  check(cmem_store_open(&store, path.c_str(), &options, &error), error);
  return Store(store);
}

std::vector<std::vector<std::string>> texts(cmem_cursor* cursor) {
  std::vector<std::vector<std::string>> rows;
  cmem_error error;
  const cmem_value* row = nullptr;
  cmem_status status = CMEM_OK;
  while ((status = cmem_cursor_next(&row, cursor, &error)) == CMEM_OK) {
    auto& cells = rows.emplace_back();
    for (std::uint32_t i = 0; i < cmem_cursor_column_count(cursor); ++i) cells.emplace_back(row[i].text ? row[i].text : "");
  }
  check(status, error);
  return rows;
}

std::vector<std::string> report_names() {
  cmem_error error;
  cmem_cursor* cursor = nullptr;
  check(cmem_report_columns(&cursor, &error), error);
  const Cursor owner(cursor);
  std::vector<std::string> names;
  for (const auto& row : texts(cursor))
    if (names.empty() || names.back() != row[0]) names.push_back(row[0]);
  return names;
}

// By messages, fewest first.
std::vector<std::string> sessions(cmem_store* store) {
  cmem_error error;
  cmem_cursor* cursor = nullptr;
  const std::string sql = "SELECT session_id FROM sessions WHERE messages > 0 ORDER BY messages, session_id";
  check(cmem_sql(&cursor, store, sql.data(), sql.size(), 0, &error), error);
  const Cursor owner(cursor);
  std::vector<std::string> ids;
  for (auto& row : texts(cursor)) ids.push_back(std::move(row.front()));
  return ids;
}

struct Asked {
  double ms;
  std::size_t rows;
};

Asked ask(cmem_store* store, const std::string& name, const cmem_report_options& options) {
  cmem_error error;
  cmem_cursor* cursor = nullptr;
  const auto begin = Clock::now();
  check(cmem_report(&cursor, store, name.data(), name.size(), &options, &error), error);
  const Cursor owner(cursor);
  std::size_t count = 0;
  const cmem_value* row = nullptr;
  cmem_status status = CMEM_OK;
  for (; (status = cmem_cursor_next(&row, cursor, &error)) == CMEM_OK;) ++count;
  check(status, error);
  return {std::chrono::duration<double, std::milli>(Clock::now() - begin).count(), count};
}

nlohmann::json time_report(const std::string& path, const std::string& name, const std::string& session, int passes) {
  const Store store = open(path);
  cmem_report_options options CMEM_REPORT_OPTIONS_INIT;
  options.session = session.data();
  options.session_len = session.size();
  options.utc = 1;
  const Asked first = ask(store.get(), name, options);
  std::vector<double> times;
  for (int i = 0; i < passes; ++i) times.push_back(ask(store.get(), name, options).ms);
  std::sort(times.begin(), times.end());
  return {{"report", name}, {"session", session}, {"rows", first.rows}, {"first_ms", first.ms}, {"median_ms", times[times.size() / 2]}, {"max_ms", times.back()}};
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("Times the reports of a store in process");
  std::string path;
  int passes = 20;
  app.add_option("store", path, "a store file; it is only read")->required();
  app.add_option("--passes", passes, "of each report, behind the first")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  nlohmann::json reports = nlohmann::json::array();
  const std::vector<std::string> ids = sessions(open(path).get());
  for (const std::string& name : report_names()) {
    if (name != "session") {
      reports.push_back(time_report(path, name, "", passes));
    } else if (!ids.empty()) {
      reports.push_back(time_report(path, name, ids[ids.size() / 2], passes));
      reports.push_back(time_report(path, name, ids.back(), passes));
    }
  }
  std::cout << nlohmann::json{{"reports", reports}}.dump(1) << "\n";
  return 0;
} catch (const std::exception& error) {
  std::cerr << "cmem-report-bench: " << error.what() << "\n";
  return 1;
}
