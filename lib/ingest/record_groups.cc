#include "ingest/record_groups.h"

#include <bit>

#include "base/hash.h"
#include "source/record_shape.h"

namespace cmem {
namespace {

bool same_text(const Record& a, const Record& b) { return a.text_hash == b.text_hash && a.text == b.text; }

// Views of one chunk often are the same view: comparing pointers first spares most comparisons of bytes.
bool same_view(std::string_view a, std::string_view b) { return (a.data() == b.data() && a.size() == b.size()) || a == b; }

bool same_context(const Record& a, const Record& b) {
  return a.source_type == b.source_type && a.level == b.level && a.prefix == b.prefix && a.shape == b.shape &&
         a.time_precision == b.time_precision && same_view(a.component, b.component) && same_view(a.origin, b.origin) &&
         same_view(a.session, b.session) && same_view(a.project, b.project) && same_view(a.role, b.role);
}

std::uint64_t context_hash(const Record& record) {
  std::uint64_t hash = xxh3_64(record.origin);
  for (const auto name : {record.component, record.role}) hash = std::rotl(hash, 21) ^ (name.empty() ? 0 : xxh3_64(name));
  return hash ^ (static_cast<std::uint64_t>(record.level) << 8) ^ static_cast<std::uint64_t>(record.prefix);
}

// Numbers the groups of an equality, by a hash table of the groups' first records.
template <typename HashOf, typename Same>
std::uint32_t number_groups(const std::vector<Record>& records, std::vector<std::uint32_t>& group_of, HashOf&& hash_of,
                            Same&& same) {
  const std::size_t mask = std::bit_ceil(records.size() * 2 + 2) - 1;
  std::vector<std::uint32_t> slots(mask + 1, 0);  // 1 + group, 0 = free
  std::vector<std::uint32_t> first;               // record that opened the group
  group_of.reserve(records.size());
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    std::size_t at = hash_of(records[i]) & mask;
    while (slots[at] != 0 && !same(records[first[slots[at] - 1]], records[i])) at = (at + 1) & mask;
    if (slots[at] == 0) {
      first.push_back(i);
      slots[at] = static_cast<std::uint32_t>(first.size());
    }
    group_of.push_back(slots[at] - 1);
  }
  return static_cast<std::uint32_t>(first.size());
}

}  // namespace

RecordGroups group_records(const std::vector<Record>& records) {
  RecordGroups groups;
  groups.text_groups = number_groups(
      records, groups.text, [](const Record& record) { return record.text_hash; }, same_text);
  groups.context_groups = number_groups(records, groups.context, context_hash, same_context);
  return groups;
}

}  // namespace cmem
