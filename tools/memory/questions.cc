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

}  // namespace cli
