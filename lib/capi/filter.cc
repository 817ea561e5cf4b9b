#include "capi/filter.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>

#include "capi/options.h"
#include "search/matcher.h"

namespace cmem {
namespace {

// Reads a number and the separator behind it; false if there is none.
template <typename Number>
bool take_number(std::string_view& text, Number& number, int base, char separator) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end == text.data()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (separator == '\0') return text.empty();
  if (text.empty() || text.front() != separator) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<MessageFilter> read_filter(const cmem_filter* filter) {
  CMEM_ASSIGN_OR_RETURN(const auto read, read_options(filter, cmem_filter CMEM_FILTER_INIT, "cmem_filter"));
  MessageFilter out;
  const struct {
    FilterField field;
    const char* text;
    std::size_t size;
    const char* name;
  } fields[] = {
      {FilterField::kProject, read.project, read.project_len, "project"},
      {FilterField::kSession, read.session, read.session_len, "session"},
      {FilterField::kComponent, read.component, read.component_len, "component"},
      {FilterField::kLevel, read.level, read.level_len, "level"},
      {FilterField::kRole, read.role, read.role_len, "role"},
      {FilterField::kSource, read.source_type, read.source_type_len, "source_type"},
  };
  for (const auto& field : fields) {
    CMEM_ASSIGN_OR_RETURN(const auto text, read_text(field.text, field.size, field.name));
    if (!text.empty()) out.add(field.field, std::string(text));
  }
  if (read.from_ms != 0 || read.until_ms != 0) out.times.push_back({{{read.from_ms, read.until_ms}}, false});
  if (read.run_id < 0) return Unexpected(Code::kInvalid, "cmem_filter: run_id is negative");
  out.run_id = read.run_id;
  return out;
}

Result<cmem_page> read_page(const cmem_page* page) {
  CMEM_ASSIGN_OR_RETURN(const auto read, read_options(page, cmem_page CMEM_PAGE_INIT, "cmem_page"));
  if (read.order > CMEM_ORDER_RELEVANCE)
    return Unexpected(Code::kInvalid, fmt::format("cmem_page: there is no order {}", read.order));
  if (read.tiers > CMEM_TIERS_FUZZY) return Unexpected(Code::kInvalid, fmt::format("cmem_page: there are no tiers {}", read.tiers));
  if (read.without_content > 1 || read.all_matches > 1 || read.utc > 1)
    return Unexpected(Code::kInvalid, "cmem_page: without_content, all_matches and utc are 0 or 1");
  if (!(read.prose_weight >= 0 && read.prose_weight <= kMaxProseWeight))
    return Unexpected(Code::kInvalid, fmt::format("cmem_page: prose_weight is a number up to {}", kMaxProseWeight));
  return read;
}

std::string to_position(char order, const Hit& hit) {
  return fmt::format("{}{}:{:x}:{}:{}", order, static_cast<int>(hit.tier), std::bit_cast<std::uint64_t>(hit.score), hit.time_ms,
                     hit.message_id);
}

Result<std::optional<Hit>> read_position(const char* text, char order) {
  if (!text || *text == '\0') return std::optional<Hit>();
  std::string_view rest(text);
  Hit hit;
  std::uint64_t score_bits = 0;
  const bool prefixed = rest.size() > 3 && rest[0] == order && rest[1] >= '0' && rest[1] <= '2' && rest[2] == ':';
  if (prefixed) {
    hit.tier = static_cast<Tier>(rest[1] - '0');
    rest.remove_prefix(3);
  }
  if (!prefixed || !take_number(rest, score_bits, 16, ':') || !take_number(rest, hit.time_ms, 10, ':') ||
      !take_number(rest, hit.message_id, 10, '\0'))
    return Unexpected(
        Code::kInvalid,
        fmt::format("\"{}\" is not a position in this order; use the one that came with the page before (cmem_cursor_position)",
                    text));
  hit.score = std::bit_cast<double>(score_bits);
  return std::optional(hit);
}

}  // namespace cmem
