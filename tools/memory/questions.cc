#include "questions.h"

#include "failure.h"

namespace cli {
namespace {

coditect::TimeRange time_range_of(const Options& options) {
  if (!options.date.empty()) {
    if (!options.since.empty() || !options.until.empty()) {
      throw Failure(CMEM_E_INVALID, "--date and --since/--until are given together",
                    "--date A..B says the same as --since A --until B");
    }
    return coditect::parse_time_range(options.date, options.utc);
  }
  coditect::TimeRange range{0, 0};
  if (options.since.empty() && options.until.empty()) return range;
  range = {INT64_MIN, INT64_MAX};
  if (!options.since.empty()) range.from_ms = coditect::parse_time_range(options.since, options.utc).from_ms;
  if (!options.until.empty()) range.until_ms = coditect::parse_time_range(options.until, options.utc).until_ms;
  if (range.from_ms >= range.until_ms) throw Failure(CMEM_E_INVALID, "--until is before --since", "exchange them");
  return range;
}

// A value that has nothing of the query language in it stands as it is.
std::string field_value(const std::string& option, const std::string& value) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+@";
  if (value.find_first_not_of(kPlain) == std::string::npos) return value;
  if (value.find('"') != std::string::npos)
    throw Failure(CMEM_E_INVALID, option + " has a double quote, which no field of a query can have", "give it without");
  return '"' + value + '"';
}

}  // namespace

coditect::Filter filter_of(const Options& options) {
  coditect::Filter filter;
  filter.project(options.project).session(options.session).component(options.component);
  filter.level(options.level).role(options.role).source_type(options.source_type);
  filter.time(time_range_of(options)).run(options.run);
  return filter;
}

coditect::Order order_of(const Options& options, coditect::Order fallback) {
  if (options.sort == "newest") return coditect::Order::newest;
  if (options.sort == "oldest") return coditect::Order::oldest;
  if (options.sort == "relevance") return coditect::Order::relevance;
  return fallback;
}

std::string query_of(const Options& options) {
  std::string query;
  for (const std::string& word : options.arguments) query += (query.empty() ? "" : " ") + word;
  return query;
}

std::vector<QueryFieldText> query_fields_of(const Options& options) {
  std::vector<QueryFieldText> fields;
  const auto add = [&](const char* option, const char* name, const std::string& value) {
    if (!value.empty()) fields.push_back({option, name, std::string(name) + ":" + field_value(option, value)});
  };
  add("--project", "project", options.project);
  add("--session", "session", options.session);
  add("--component", "component", options.component);
  add("--level", "level", options.level);
  add("--role", "role", options.role);
  add("--source-type", "source", options.source_type);
  add("--since", "after", options.since);
  add("--until", "on", options.until.empty() ? "" : ".." + options.until);
  add("--date", "on", options.date);
  return fields;
}

}  // namespace cli
