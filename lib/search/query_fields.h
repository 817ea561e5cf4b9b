// The fields of the query language: what stands before and behind the colon of `level:ERROR`.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_expr.h"
#include "store/intervals.h"
#include "store/message_filter.h"

namespace cmem {

// What "yesterday" means in a query.
struct QueryClock {
  std::int64_t now_ms = 0;
  Zone zone = Zone::kUtc;
};

// A message has one of the values; negated: none of them.
struct QueryField {
  std::string name;
  std::vector<std::string> values;  // as typed; levels in upper case
  std::vector<Interval> intervals;  // of after, before and on in ms, of id; one for each value
  bool negated = false;
};

[[nodiscard]] bool is_field_name(std::string_view name);
// `name` is a field's. kInvalid: the field cannot have this value; the text says why.
[[nodiscard]] Result<QueryField> read_query_field(std::string_view name, std::string_view value, const QueryClock& clock);
// Joins fields that are one and the same: several values of a field are a choice.
void add_field(std::vector<QueryField>& fields, QueryField field);
// All of the fields.
[[nodiscard]] MessageFilter filter_of(const std::vector<QueryField>& fields);
// One line for people: `not level:DEBUG or INFO`.
[[nodiscard]] std::string to_text(const QueryField& field);

}  // namespace cmem
