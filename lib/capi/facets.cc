// cmem_search_facets.
#include "capi/facets.h"

#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"

namespace cmem {
namespace {

Result<std::optional<TimeUnit>> read_unit(std::uint32_t histogram) {
  switch (histogram) {
    case CMEM_HISTOGRAM_NONE:
      return std::optional<TimeUnit>();
    case CMEM_HISTOGRAM_HOUR:
      return std::optional(TimeUnit::kHour);
    case CMEM_HISTOGRAM_DAY:
      return std::optional(TimeUnit::kDay);
    case CMEM_HISTOGRAM_WEEK:
      return std::optional(TimeUnit::kWeek);
    case CMEM_HISTOGRAM_MONTH:
      return std::optional(TimeUnit::kMonth);
    default:
      return Unexpected(Code::kInvalid, "histogram is none of CMEM_HISTOGRAM_NONE, _HOUR, _DAY, _WEEK and _MONTH");
  }
}

Result<FacetRequest> read_request(const cmem_facet_options* given) {
  CMEM_ASSIGN_OR_RETURN(const auto options, read_options(given, cmem_facet_options CMEM_FACET_OPTIONS_INIT, "cmem_facet_options"));
  CMEM_ASSIGN_OR_RETURN(const auto fields, read_text(options.fields, options.fields_len, "fields"));
  FacetRequest request;
  CMEM_ASSIGN_OR_RETURN(request.fields, facet_fields_from(fields));
  CMEM_ASSIGN_OR_RETURN(request.histogram, read_unit(options.histogram));
  request.limit = static_cast<std::size_t>(options.limit);
  if (request.fields.empty() && !request.histogram)
    return Unexpected(Code::kInvalid, "neither a facet nor a histogram is asked for; set fields or histogram");
  return request;
}

}  // namespace

Result<std::unique_ptr<Table>> facet_table(Result<std::vector<Facet>> facets) {
  if (!facets) return Unexpected(facets.error());
  auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"facet", CMEM_TYPE_TEXT},
                                                                {"value", CMEM_TYPE_TEXT},
                                                                {"messages", CMEM_TYPE_INT},
                                                                {"selected", CMEM_TYPE_INT},
                                                                {"values", CMEM_TYPE_INT},
                                                                {"from", CMEM_TYPE_TIME},
                                                                {"until", CMEM_TYPE_TIME}});
  for (Facet& facet : *facets)
    for (FacetValue& value : facet.values)
      table->add({Cell::string(facet.name), value.value ? Cell::string(std::move(*value.value)) : Cell::null(),
                  Cell::number(value.messages), Cell::number(value.is_selected ? 1 : 0),
                  Cell::number(static_cast<std::int64_t>(facet.value_count)), Cell::time(value.from_ms),
                  Cell::time(value.until_ms)});
  return std::unique_ptr<Table>(std::move(table));
}

}  // namespace cmem

using namespace cmem;

cmem_status cmem_search_facets(cmem_cursor** out, cmem_cursor* search, const cmem_facet_options* options, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = nullptr;
    CMEM_TRY(require(search, "search"));
    CMEM_ASSIGN_OR_RETURN(const auto request, read_request(options));
    CMEM_ASSIGN_OR_RETURN(auto table, search->table->facets(request));
    return give_cursor(out, std::move(table));
  });
}
