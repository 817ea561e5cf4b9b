#include "privacy/secret_scan.h"

#include <fmt/format.h>

#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/bytes.h"
#include "base/utf8.h"
#include "privacy/residue_text.h"
#include "secrets/redactor.h"
#include "secrets/secret_kinds.h"
#include "store/file_store.h"
#include "store/forgotten.h"

namespace cmem {
namespace {

constexpr std::size_t kShownCharacters = 4;

// Tables whose names come from sources.
constexpr const char* kNames[] = {"SELECT external_id FROM main.session", "SELECT path FROM main.project",
                                  "SELECT path FROM main.origin",         "SELECT name FROM main.component",
                                  "SELECT text FROM main.shape",          "SELECT path FROM main.tracked_path",
                                  "SELECT source FROM main.run",          "SELECT query FROM main.saved_search"};

std::string masked(std::string_view secret) {
  std::size_t shown = std::min(kShownCharacters, secret.size() / 2);
  while (shown > 0 && !utf8_valid(secret.substr(0, shown))) --shown;
  return fmt::format("{}… ({})", secret.substr(0, shown), secret.size());
}

class Scan {
 public:
  Scan(sqlite::Connection& db, const ResolvedFilter& filter, std::string salt)
      : db_(db), filter_(filter), redactor_(std::move(salt)) {}

  Result<std::vector<SecretHit>> run() {
    if (filter_.matches_nothing()) return std::move(hits_);
    CMEM_TRY(scan_texts());
    CMEM_TRY(scan_lines());
    CMEM_TRY(scan_files());
    if (filter_.is_open()) {
      CMEM_TRY(scan_rejected());
      for (const char* sql : kNames) CMEM_TRY(scan_names(sql));
    }
    return std::move(hits_);
  }

 private:
  // A hit for each different secret of the bytes; those that end before `from` are left out.
  template <typename Place>
  void scan(std::string_view bytes, std::string_view place, std::size_t from, Place&& fill) {
    matches_.clear();
    redactor_.finder().find(bytes, matches_);
    std::unordered_set<std::string_view> seen;
    for (const SecretMatch& match : matches_) {
      const std::string_view secret = bytes.substr(match.begin, match.end - match.begin);
      if (match.end <= from || !seen.insert(secret).second) continue;
      SecretHit hit;
      hit.kind = match.kind;
      hit.place = place;
      hit.masked = masked(secret);
      const std::string placeholder = redactor_.placeholder(match.kind, secret);
      hit.tag = placeholder.substr(placeholder.size() - 5, 4);
      fill(hit);
      hits_.push_back(std::move(hit));
    }
  }

  [[nodiscard]] bool passes(std::int64_t id, std::int64_t time_ms, std::int64_t context_id) const {
    return filter_.passes_context(static_cast<std::uint32_t>(context_id)) && filter_.passes_time(time_ms) && filter_.passes_id(id);
  }

  // First which texts have secrets, then which messages have these texts.
  Status scan_texts() {
    std::unordered_map<std::int64_t, std::vector<std::size_t>> by_text;
    CMEM_TRY(for_each_entry(db_, "text_block", [&](std::int64_t id, std::string_view text) -> Status {
      scan(text, "text", 0, [&](SecretHit&) { by_text[id].push_back(hits_.size()); });
      return {};
    }));
    if (by_text.empty()) return {};
    CMEM_ASSIGN_OR_RETURN(auto rows, db_.prepare("SELECT id, text_id, time_ms, context_id, line FROM main.message ORDER BY id"));
    CMEM_ASSIGN_OR_RETURN(
        auto origin, db_.prepare("SELECT o.path FROM main.context c JOIN main.origin o ON o.id = c.origin_id WHERE c.id = ?1"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) break;
      const auto text = by_text.find(rows.column_int(1));
      if (text == by_text.end()) continue;
      const std::int64_t time_ms = rows.column_is_null(2) ? kNoTime : rows.column_int(2);
      if (!passes(rows.column_int(0), time_ms, rows.column_int(3))) continue;
      for (const std::size_t index : text->second) {
        SecretHit& hit = hits_[index];
        if (hit.messages++ > 0) continue;
        hit.message_id = rows.column_int(0);
        hit.line = std::max<std::int64_t>(rows.column_int(4), 0);
        CMEM_ASSIGN_OR_RETURN(hit.source, text_of(origin, rows.column_int(3)));
      }
    }
    std::erase_if(hits_, [](const SecretHit& hit) { return hit.messages == 0; });
    return {};
  }

  static Result<std::string> text_of(sqlite::Statement& statement, std::int64_t id) {
    CMEM_TRY(statement.bind(1, id));
    CMEM_ASSIGN_OR_RETURN(const bool row, statement.step());
    std::string text(row ? statement.column_text(0) : std::string_view());
    statement.reset();
    return text;
  }

  Status scan_lines() {
    const std::size_t first = hits_.size();
    CMEM_ASSIGN_OR_RETURN(auto shapes, ShapesById::open(db_));
    ShapeLiterals literals(db_);
    CMEM_TRY(for_each_entry(db_, "record_block", [&](std::int64_t id, std::string_view residue) -> Status {
      if (residue.empty()) return {};
      CMEM_ASSIGN_OR_RETURN(const std::int64_t shape_id, shapes.of(id));
      const ValueEdit look = [&](std::string_view before, std::string_view value) {
        line_.assign(before).append(value);
        scan(line_, "line", before.size(), [&](SecretHit& hit) { hit.message_id = id; });
        return std::optional<std::string>();
      };
      auto done = edit_residue(residue, shape_id, literals, look);
      return done ? Status{} : Status(Unexpected(std::move(done).error()));
    }));
    return place_lines(first);
  }

  // The place and the message of what was found in residues. Lines that give no message are like files: they pass no filter.
  Status place_lines(std::size_t first) {
    CMEM_ASSIGN_OR_RETURN(auto row,
                          db_.prepare("SELECT o.path, m.line, m.id, m.time_ms, m.context_id FROM main.message m JOIN "
                                      "main.context c ON c.id = m.context_id JOIN "
                                      "main.origin o ON o.id = c.origin_id WHERE m.id = ?1 UNION ALL SELECT o.path, "
                                      "r.line, m.id, m.time_ms, m.context_id FROM "
                                      "main.record_copy r JOIN main.origin o ON o.id = r.origin_id LEFT JOIN main.message "
                                      "m ON m.id = r.message_id WHERE r.id = ?1"));
    for (std::size_t i = first; i < hits_.size(); ++i) {
      SecretHit& hit = hits_[i];
      CMEM_TRY(row.bind(1, hit.message_id));
      CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
      const std::int64_t time_ms = !found || row.column_is_null(3) ? kNoTime : row.column_int(3);
      const bool is_message = found && !row.column_is_null(2);
      if (is_message ? passes(row.column_int(2), time_ms, row.column_int(4)) : found && filter_.is_open()) {
        hit.source = row.column_text(0);
        hit.line = std::max<std::int64_t>(row.column_int(1), 0);
        hit.message_id = row.column_int(2);
        hit.messages = is_message ? 1 : 0;
      }
      row.reset();
    }
    std::erase_if(hits_, [](const SecretHit& hit) { return hit.place == "line" && hit.source.empty(); });
    return {};
  }

  // Files of the sources that have messages that pass; of a file-history version the source is what stands before "@v".
  Status find_passing_sources(std::unordered_set<std::string>& sources) {
    CMEM_ASSIGN_OR_RETURN(auto rows,
                          db_.prepare("SELECT c.id, o.path FROM main.context c JOIN main.origin o ON o.id = c.origin_id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      if (filter_.passes_context(static_cast<std::uint32_t>(rows.column_int(0)))) sources.emplace(rows.column_text(1));
    }
  }

  Status scan_files() {
    std::unordered_set<std::string> sources;
    if (!filter_.is_open()) CMEM_TRY(find_passing_sources(sources));
    CMEM_ASSIGN_OR_RETURN(auto rows,
                          db_.prepare("SELECT f.blob_id, o.path FROM main.stored_file f JOIN main.origin o ON o.id = f.origin_id "
                                      "ORDER BY f.id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      const std::string path(rows.column_text(1));
      if (!filter_.is_open() && !sources.contains(path) && !sources.contains(path.substr(0, path.rfind("@v")))) continue;
      CMEM_ASSIGN_OR_RETURN(const std::string bytes, read_blob(db_, rows.column_int(0)));
      scan(bytes, "file", 0, [&](SecretHit& hit) { hit.source = path; });
    }
  }

  Status scan_rejected() {
    CMEM_ASSIGN_OR_RETURN(
        auto rows,
        db_.prepare("SELECT r.source, q.line, q.excerpt, q.reason FROM main.rejected_record q JOIN main.run r ON r.id = q.run_id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      const auto fill = [&](SecretHit& hit) {
        hit.source = rows.column_text(0);
        hit.line = rows.column_int(1);
      };
      scan(as_text(rows.column_blob(2)), "rejected", 0, fill);
      scan(rows.column_text(3), "rejected", 0, fill);
    }
  }

  Status scan_names(const char* sql) {
    CMEM_ASSIGN_OR_RETURN(auto rows, db_.prepare(sql));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      scan(as_text(rows.column_blob(0)), "name", 0, [](SecretHit&) {});
    }
  }

  sqlite::Connection& db_;
  const ResolvedFilter& filter_;
  Redactor redactor_;
  std::vector<SecretHit> hits_;
  std::vector<SecretMatch> matches_;
  std::string line_;
};

}  // namespace

Result<std::vector<SecretHit>> scan_secrets(Store& store, const MessageFilter& filter) {
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  CMEM_ASSIGN_OR_RETURN(const auto resolved, ResolvedFilter::resolve(store.reader(), store.contexts(), filter));
  CMEM_ASSIGN_OR_RETURN(auto salt, read_salt(store.reader()));
  return Scan(store.reader(), resolved, std::move(salt)).run();
}

}  // namespace cmem
