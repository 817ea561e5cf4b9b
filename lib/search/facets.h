// Facets of a search: how many of its messages have each value of a field, and how they lie in time. Exact, over all matches.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_buckets.h"
#include "store/message_filter.h"
#include "store/store.h"
#include "store/text_messages.h"

namespace cmem {

// Nothing: the day.
using FacetField = std::optional<FilterField>;

// "project,level,day": the names of FilterField and "day", with spaces around them if need be. kInvalid lists the names.
Result<std::vector<FacetField>> facet_fields_from(std::string_view names);

struct FacetRequest {
  std::vector<FacetField> fields;
  std::optional<TimeUnit> histogram;
  Zone zone = Zone::kLocal;
  std::size_t limit = 0;                      // values of each field that are given; 0: all
  std::int64_t end_id = INT64_MAX;            // messages from here on are not counted
  std::optional<TextMessagesParts> messages;  // all messages of the transaction, if the handle knows them: then it takes less time
};

struct FacetValue {
  std::optional<std::string> value;  // nothing: the messages that have none
  std::int64_t messages = 0;
  bool is_selected = false;        // the filter asks something of the field, and this value passes
  std::int64_t from_ms = kNoTime;  // of a day or a bar
  std::int64_t until_ms = kNoTime;
};

struct Facet {
  std::string name;  // "histogram" for that
  std::vector<FacetValue> values;
  std::size_t value_count = 0;  // without the limit
};

inline constexpr std::size_t kMaxHistogramBars = 100'000;

// Counts the messages that have one of the texts, which rise. A field leaves out what the filter asks of itself and keeps the rest,
// so that what else might be chosen is seen too; for days, that is what it asks of time. The histogram keeps all of it.
// The values with the most messages come first, then by value; days newest first; the histogram's bars, without gaps, oldest first.
// What has no value or no time comes last among its equals, or at the end. The histogram is the last facet.
// Use with the store's read mutex held, in a read transaction. kLimit: a histogram of
// more than kMaxHistogramBars.
Result<std::vector<Facet>> count_facets(Store& store, const std::vector<std::uint32_t>& texts, const ResolvedFilter& filter,
                                        const FacetRequest& request);

}  // namespace cmem
