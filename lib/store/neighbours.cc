#include "store/neighbours.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

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

// Where a message stands among those of a file: between two of them, or at one.
struct Place {
  std::vector<Occurrence> occurrences;  // of the file, in its order
  std::size_t behind = 0;               // what stands in front of the message ends here
  std::size_t at = 0;                   // what stands behind it begins after this one
};

// The file of a pasted text is that of its prompt, "history.jsonl" for "history.jsonl/paste-1"; 0: there is none.
Result<std::int64_t> file_of_paste(sqlite::Connection& db, std::string_view origin) {
  CMEM_ASSIGN_OR_RETURN(auto find, db.prepare("SELECT id FROM main.origin WHERE path = ?1"));
  CMEM_TRY(find.bind_text(1, origin.substr(0, origin.rfind('/'))));
  CMEM_ASSIGN_OR_RETURN(const bool found, find.step());
  return found ? find.column_int(0) : 0;
}

Result<std::vector<Occurrence>> in_file_order(sqlite::Connection& db, std::int64_t origin_id) {
  CMEM_ASSIGN_OR_RETURN(auto occurrences, read_occurrences(db, origin_id));
  std::sort(occurrences.begin(), occurrences.end(),
            [](const Occurrence& a, const Occurrence& b) { return file_place(a) < file_place(b); });
  return occurrences;
}

// A pasted text stands behind the prompt of its line.
Result<std::optional<Place>> place_of_paste(MessageReader& reader, const MessageRow& paste) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t origin_id, file_of_paste(reader.db(), paste.context->origin));
  if (origin_id == 0) return std::optional<Place>();
  CMEM_ASSIGN_OR_RETURN(auto occurrences, in_file_order(reader.db(), origin_id));
  const auto next = std::find_if(occurrences.begin(), occurrences.end(),
                                 [&](const Occurrence& entry) { return entry.position > paste.position; });
  const auto behind = static_cast<std::size_t>(next - occurrences.begin());
  if (behind == 0) return std::optional<Place>();
  return std::optional(Place{std::move(occurrences), behind, behind - 1});
}

Result<Place> place_of(MessageReader& reader, const MessageRow& message) {
  if (message.context->source_type == SourceType::kPaste) {
    CMEM_ASSIGN_OR_RETURN(auto place, place_of_paste(reader, message));
    if (place) return std::move(*place);
  }
  CMEM_ASSIGN_OR_RETURN(auto occurrences, in_file_order(reader.db(), message.context->origin_id));
  const auto found =
      std::find_if(occurrences.begin(), occurrences.end(), [&](const Occurrence& entry) { return entry.message_id == message.id; });
  if (found == occurrences.end()) return Unexpected(Code::kCorrupt, "origin_lines misses a message; run `memory rebuild`");
  const auto at = static_cast<std::size_t>(found - occurrences.begin());
  return Place{std::move(occurrences), at, at};
}

}  // namespace

Result<std::vector<std::int64_t>> neighbours_of(MessageReader& reader, std::int64_t message_id, std::uint32_t before,
                                                std::uint32_t after) {
  CMEM_ASSIGN_OR_RETURN(const auto message, reader.read(message_id));
  if (before == 0 && after == 0) return std::vector<std::int64_t>{message_id};
  CMEM_ASSIGN_OR_RETURN(const Place place, place_of(reader, message));
  const std::int64_t session_id = message.context->session_id;
  CMEM_ASSIGN_OR_RETURN(auto ids, walk(reader, place.occurrences, place.behind, -1, before, session_id));
  std::reverse(ids.begin(), ids.end());
  ids.push_back(message_id);
  CMEM_ASSIGN_OR_RETURN(const auto behind, walk(reader, place.occurrences, place.at, 1, after, session_id));
  ids.insert(ids.end(), behind.begin(), behind.end());
  return ids;
}

}  // namespace cmem
