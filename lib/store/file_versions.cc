#include "store/file_versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "store/file_store.h"

namespace cmem {
namespace {

constexpr std::string_view kFolder = "file-history/";
constexpr std::size_t kNameDigits = 16;

// ?1: a session or 0; ?2: a project or 0. The session's id stands between the first slash (the 13th character) and the second.
constexpr const char* kVersions =
    "SELECT f.id, o.path, f.blob_id, b.raw_bytes, f.mtime_ms FROM main.origin o JOIN main.stored_file f ON f.origin_id = o.id "
    "JOIN main.blob b ON b.id = f.blob_id WHERE o.path >= 'file-history/' AND o.path < 'file-history0' AND ((?1 = 0 AND ?2 = 0) OR "
    "EXISTS(SELECT 1 FROM main.session s WHERE s.external_id = substr(o.path, 14, instr(substr(o.path, 14), '/') - 1) "
    "AND (?1 = 0 OR s.id = ?1) AND (?2 = 0 OR s.project_id = ?2))) ORDER BY f.id";

struct Place {
  std::string_view session, name;
  std::int64_t version = 0;
};

// "file-history/<session>/<name>@v<N>"; a version of -1: it is another file.
Place place_of(std::string_view origin) {
  const std::string_view path = origin.substr(kFolder.size());
  const std::size_t slash = path.find('/');
  const std::size_t mark = path.rfind("@v");
  Place place{path.substr(0, slash), {}, -1};
  if (slash == std::string_view::npos || mark == std::string_view::npos || mark < slash) return place;
  place.name = path.substr(slash + 1, mark - slash - 1);
  const std::string_view digits = path.substr(mark + 2);
  std::from_chars(digits.data(), digits.data() + digits.size(), place.version);
  return place;
}

bool is_name(std::string_view text) {
  return text.size() == kNameDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Result<std::vector<FileVersion>> list_file_versions(sqlite::Connection& db, const FileVersionFilter& filter) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare(kVersions));
  CMEM_TRY(rows.bind(1, filter.session_id));
  CMEM_TRY(rows.bind(2, filter.project_id));
  std::map<std::tuple<std::string, std::int64_t, std::int64_t>, FileVersion> versions;  // by name, number and bytes
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    const std::string origin(rows.column_text(1));
    const Place place = place_of(origin);
    if (place.version < 0 || (!filter.name.empty() && place.name != filter.name)) continue;
    FileVersion& version = versions[{std::string(place.name), place.version, rows.column_int(2)}];
    const std::int64_t time_ms = rows.column_is_null(4) ? kNoTime : rows.column_int(4);
    if (version.id == 0)
      version = {rows.column_int(0), std::string(place.name), place.version, time_ms, rows.column_int(3), rows.column_int(2), {}};
    if (time_ms != kNoTime) version.time_ms = std::min(version.time_ms == kNoTime ? time_ms : version.time_ms, time_ms);
    version.sessions.emplace_back(place.session);
  }
  std::vector<FileVersion> list;
  for (auto& [key, version] : versions) list.push_back(std::move(version));
  for (FileVersion& version : list) std::ranges::sort(version.sessions);
  std::ranges::sort(list, [](const FileVersion& a, const FileVersion& b) {
    return std::tie(a.name, a.time_ms, a.version, a.id) < std::tie(b.name, b.time_ms, b.version, b.id);
  });
  return list;
}

std::string tracked_name_from(std::string_view file) { return is_name(file) ? std::string(file) : tracked_name_of(file); }

Result<std::string> tracked_path_of(sqlite::Connection& db, std::string_view name) {
  CMEM_ASSIGN_OR_RETURN(auto find, db.prepare("SELECT path FROM main.tracked_path WHERE name = ?1"));
  CMEM_TRY(find.bind_text(1, name));
  CMEM_ASSIGN_OR_RETURN(const bool row, find.step());
  return row ? std::string(find.column_text(0)) : std::string();
}

Result<std::string> read_stored_file(sqlite::Connection& db, std::int64_t id) {
  CMEM_ASSIGN_OR_RETURN(auto find, db.prepare("SELECT blob_id FROM main.stored_file WHERE id = ?1"));
  CMEM_TRY(find.bind(1, id));
  CMEM_ASSIGN_OR_RETURN(const bool row, find.step());
  if (!row) return Unexpected(Code::kNotFound, fmt::format("there is no stored file {}", id));
  return read_blob(db, find.column_int(0));
}

}  // namespace cmem
