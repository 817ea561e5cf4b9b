// `memory search --facet … --histogram …`: how the messages of a search are divided.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "context.h"

namespace cli {

struct FacetValue {
  std::optional<std::string> value;  // nothing: none
  std::int64_t messages = 0;
  bool is_selected = false;
  std::int64_t from_ms = INT64_MIN;
  std::int64_t until_ms = INT64_MIN;
};

struct Facet {
  std::string name;
  std::vector<FacetValue> values;
  std::int64_t value_count = 0;  // without --facet-limit
};

struct Facets {
  std::vector<Facet> fields;  // in the order asked for, also those without a value
  std::optional<Facet> histogram;
  std::string unit;  // of the histogram

  [[nodiscard]] bool asked() const { return !fields.empty() || histogram.has_value(); }
};

// A Failure where --format has no place for them.
void check_facets(const Context& context);
// What --facet and --histogram ask for; nothing if they are not given.
Facets read_facets(const Context& context, coditect::Cursor& search);

// Members of the JSON envelope, each with a comma before it.
std::string facets_json(const Facets& facets);
// One object for each value, a line each.
std::string facets_jsonl(const Facets& facets);
// Tables and bars for people.
std::string facets_text(const Facets& facets, const Terminal& terminal);

}  // namespace cli
