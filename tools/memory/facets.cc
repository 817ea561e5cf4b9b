#include "facets.h"

#include <fmt/format.h>

#include <algorithm>
#include <coditect/memory.hpp>

#include "columns.h"
#include "failure.h"
#include "json_text.h"
#include "message_head.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::string_view kNone = "(none)";  // messages without a value
constexpr std::string_view kNoMessage = "    no message\n";
constexpr std::int64_t kDefaultFacetLimit = 20;
constexpr int kLongestBar = 50;
constexpr std::size_t kFewEmptyBars = 3;  // more are shown as one line

std::uint64_t limit_of_facets(const Options& options) {
  if (options.facet_limit == kNotGiven) return kDefaultFacetLimit;
  if (options.facet_limit < 0) throw Failure(CMEM_E_INVALID, "--facet-limit is negative", "--facet-limit 0 shows all values");
  return static_cast<std::uint64_t>(options.facet_limit);
}

coditect::Histogram histogram_of(std::string_view unit) {
  if (unit == "hour") return coditect::Histogram::hour;
  if (unit == "day") return coditect::Histogram::day;
  if (unit == "week") return coditect::Histogram::week;
  return unit == "month" ? coditect::Histogram::month : coditect::Histogram::none;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Facet& facet_named(Facets& facets, std::string_view name) {
  if (facets.histogram && name == facets.histogram->name) return *facets.histogram;
  const auto found =
      std::find_if(facets.fields.begin(), facets.fields.end(), [&](const Facet& facet) { return facet.name == name; });
  return found != facets.fields.end() ? *found : facets.fields.emplace_back(Facet{std::string(name), {}, 0});
}

// ------------------------------------------------------------------------------------------------------------- JSON

std::string value_json(const FacetValue& value) {
  std::string json = "\"value\":";
  if (value.value)
    append_json_string(json, *value.value);
  else
    json += "null";
  return json + fmt::format(",\"messages\":{}", value.messages);
}

std::string facet_value_json(const FacetValue& value) {
  return value_json(value) + (value.is_selected ? ",\"selected\":true" : ",\"selected\":false");
}

std::string bar_json(const FacetValue& bar) {
  const auto time = [](std::int64_t ms) { return ms == INT64_MIN ? std::string("null") : "\"" + rfc3339(ms) + "\""; };
  return value_json(bar) + fmt::format(R"(,"from":{},"until":{})", time(bar.from_ms), time(bar.until_ms));
}

template <typename ToJson>
std::string list_json(const std::vector<FacetValue>& values, ToJson&& to_json) {
  std::string json;
  for (const FacetValue& value : values) json += (json.empty() ? "{" : ",{") + to_json(value) + "}";
  return "[" + json + "]";
}

// ------------------------------------------------------------------------------------------------------------- text

std::string shown(const FacetValue& value) { return value.value ? printable_line(*value.value) : std::string(kNone); }

std::string facet_text(const Facet& facet, const Terminal& terminal) {
  std::string head = facet.name;
  const auto listed = static_cast<std::int64_t>(facet.values.size());
  if (listed < facet.value_count) head += fmt::format(" ({} of {})", grouped(listed), grouped(facet.value_count));
  std::string out = "\n" + terminal.paint(Style::kBold, head) + "\n";
  if (facet.values.empty()) return out + std::string(kNoMessage);
  int number_width = 0;
  for (const FacetValue& value : facet.values) number_width = std::max(number_width, display_width(grouped(value.messages)));
  for (const FacetValue& value : facet.values) {
    const std::string line = pad_left(grouped(value.messages), number_width) + "  ";
    // The end of a path says more than its begin.
    const int left = std::max(terminal.width() - number_width - 6, 1);
    const std::string name = facet.name == "project" ? fit_end(shown(value), left) : fit(shown(value), left);
    out += (value.is_selected ? "  * " : "    ") + line + name + "\n";
  }
  return out;
}

// How many bars from here on have no message.
std::size_t empty_from(const std::vector<FacetValue>& bars, std::size_t at) {
  std::size_t count = 0;
  while (at + count < bars.size() && bars[at + count].messages == 0) ++count;
  return count;
}

std::string histogram_text(const Facets& facets, const Terminal& terminal) {
  const std::vector<FacetValue>& bars = facets.histogram->values;
  std::string out = "\n" + terminal.paint(Style::kBold, "by " + facets.unit) + "\n";
  if (bars.empty()) return out + std::string(kNoMessage);
  int name_width = 0;
  int number_width = 0;
  std::int64_t most = 0;
  for (const FacetValue& bar : bars) {
    name_width = std::max(name_width, display_width(shown(bar)));
    number_width = std::max(number_width, display_width(grouped(bar.messages)));
    most = std::max(most, bar.messages);
  }
  const int longest = std::clamp(terminal.width() - name_width - number_width - 8, 1, kLongestBar);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (const std::size_t empty = empty_from(bars, i); empty > kFewEmptyBars) {
      out += fmt::format("    … {} without a message\n", counted(static_cast<std::int64_t>(empty), facets.unit));
      i += empty - 1;
      continue;
    }
    std::string line = "    " + pad_right(shown(bars[i]), name_width) + "  " + pad_left(grouped(bars[i].messages), number_width);
    if (bars[i].messages > 0)
      line += "  " + bar_text(static_cast<double>(bars[i].messages), static_cast<double>(most), longest, terminal.is_terminal());
    out += line + "\n";
  }
  return out;
}

}  // namespace

void check_facets(const Context& context) {
  const Options& options = context.options;
  if (context.format == Format::kCsv && (!options.facet.empty() || !options.histogram.empty()))
    throw Failure(CMEM_E_INVALID, "--facet and --histogram have no place in csv", "use --format json or jsonl");
}

Facets read_facets(const Context& context, coditect::Cursor& search) {
  Facets facets;
  const Options& options = context.options;
  for (const std::string_view name : split(options.facet, ','))
    if (const std::string_view field = trimmed(name); !field.empty()) facet_named(facets, field);
  facets.unit = options.histogram;
  if (!facets.unit.empty()) facets.histogram = Facet{"histogram", {}, 0};
  if (!facets.asked()) return facets;
  auto cursor = search.facets({options.facet, histogram_of(facets.unit), limit_of_facets(options)});
  const Columns columns = columns_of(cursor);
  while (const coditect::Row* cells = cursor.next()) {
    const RowView row(columns, cells_of(*cells));
    Facet& facet = facet_named(facets, row.text("facet"));
    facet.value_count = row.integer("values");
    FacetValue value{std::nullopt, row.integer("messages"), row.integer("selected") == 1, row.time_ms("from"),
                     row.time_ms("until")};
    if (!(*cells)["value"].is_null()) value.value = row.text("value");
    facet.values.push_back(std::move(value));
  }
  return facets;
}

std::string facets_json(const Facets& facets) {
  std::string lists;
  std::string counts;
  for (const Facet& facet : facets.fields) {
    lists += fmt::format("{}\"{}\":{}", lists.empty() ? "" : ",", facet.name, list_json(facet.values, facet_value_json));
    counts += fmt::format("{}\"{}\":{}", counts.empty() ? "" : ",", facet.name, facet.value_count);
  }
  std::string json;
  if (!facets.fields.empty()) json = fmt::format(R"(,"facets":{{{}}},"facet_values":{{{}}})", lists, counts);
  if (facets.histogram)
    json += fmt::format(R"(,"histogram":{{"unit":"{}","bars":{}}})", facets.unit, list_json(facets.histogram->values, bar_json));
  return json;
}

std::string facets_jsonl(const Facets& facets) {
  std::string lines;
  for (const Facet& facet : facets.fields)
    for (const FacetValue& value : facet.values)
      lines += fmt::format("{{\"facet\":\"{}\",{},\"values\":{}}}\n", facet.name, facet_value_json(value), facet.value_count);
  if (facets.histogram)
    for (const FacetValue& bar : facets.histogram->values)
      lines += fmt::format("{{\"histogram\":\"{}\",{}}}\n", facets.unit, bar_json(bar));
  return lines;
}

std::string facets_text(const Facets& facets, const Terminal& terminal) {
  std::string out;
  for (const Facet& facet : facets.fields) out += facet_text(facet, terminal);
  if (facets.histogram) out += histogram_text(facets, terminal);
  return out;
}

}  // namespace cli
