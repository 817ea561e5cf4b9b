#include "store/neighbours.h"

#include <algorithm>

#include "store/occurrences.h"

namespace cmem {
namespace {

std::pair<std::int64_t, std::int64_t> file_place(const Occurrence& occurrence) {
  return {std::max<std::int64_t>(occurrence.position, 0), occurrence.message_id};
}

// Up to `wanted` messages of the session, from `at` in steps of `step`, nearest first.
Result<std::vector<std::int64_t>> walk(MessageReader& reader, const std::vector<Occurrence>& occurrences, std::size_t at,
                                       std::ptrdiff_t step, std::uint32_t wanted, std::int64_t session_id) {
  std::vector<std::int64_t> ids;
  auto place = static_cast<std::ptrdiff_t>(at) + step;
  for (std::size_t looked = 0; ids.size() < wanted && looked < kMaxNeighbourLook; ++looked, place += step) {
    if (place < 0 || place >= static_cast<std::ptrdiff_t>(occurrences.size())) break;
    CMEM_ASSIGN_OR_RETURN(const auto message, reader.read_listed(occurrences[static_cast<std::size_t>(place)].message_id));
    if (message.context->session_id == session_id) ids.push_back(message.id);
  }
  return ids;
}

}  // namespace

Result<std::vector<std::int64_t>> neighbours_of(MessageReader& reader, std::int64_t message_id, std::uint32_t before,
                                                std::uint32_t after) {
  CMEM_ASSIGN_OR_RETURN(const auto message, reader.read(message_id));
  if (before == 0 && after == 0) return std::vector<std::int64_t>{message_id};
  CMEM_ASSIGN_OR_RETURN(auto occurrences, read_occurrences(reader.db(), message.context->origin_id));
  std::sort(occurrences.begin(), occurrences.end(),
            [](const Occurrence& a, const Occurrence& b) { return file_place(a) < file_place(b); });
  const auto found =
      std::find_if(occurrences.begin(), occurrences.end(), [&](const Occurrence& entry) { return entry.message_id == message_id; });
  if (found == occurrences.end()) return Unexpected(Code::kCorrupt, "origin_lines misses a message; run `memory rebuild`");
  const auto at = static_cast<std::size_t>(found - occurrences.begin());
  CMEM_ASSIGN_OR_RETURN(auto ids, walk(reader, occurrences, at, -1, before, message.context->session_id));
  std::reverse(ids.begin(), ids.end());
  ids.push_back(message_id);
  CMEM_ASSIGN_OR_RETURN(const auto behind, walk(reader, occurrences, at, 1, after, message.context->session_id));
  ids.insert(ids.end(), behind.begin(), behind.end());
  return ids;
}

}  // namespace cmem
