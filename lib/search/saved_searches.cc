#include "search/saved_searches.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "search/query_language.h"

namespace cmem {
namespace {

// Spaces and what does not show: C0, C1, and the blanks and marks of Unicode that a person takes for one or does not see at all.
bool is_unfit(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool blank = c == 0x20 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) || c == 0x3000;
  const bool mark = (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) || c == 0xFEFF;
  return control || blank || mark;
}

Status check_name(std::string_view name) {
  if (name.empty()) return Unexpected(Code::kInvalid, "the name of a saved search is empty; give it one");
  if (name.size() > kMaxSavedNameBytes)
    return Unexpected(Code::kInvalid, fmt::format("the name of a saved search has {} bytes, more than {}; choose a shorter one",
                                                  name.size(), kMaxSavedNameBytes));
  bool fit = utf8_valid(name) && name.front() != '-';
  for (std::size_t at = 0; fit && at < name.size();) fit = !is_unfit(utf8_decode(name, at));
  if (fit) return {};
  return Unexpected(
      Code::kInvalid,
      "the name of a saved search has no spaces or control characters and does not begin with '-'; choose another one");
}

Status check_query(std::string_view query, Tokenizer& tokenizer) {
  if (!utf8_valid(query)) return Unexpected(Code::kInvalid, "the query of a saved search is not valid UTF-8");
  CMEM_ASSIGN_OR_RETURN(const CompiledQuery compiled, compile_query(query, tokenizer));
  if (compiled.nothing_to_search()) return Unexpected(Code::kInvalid, compiled.explanation);
  return {};
}

Result<bool> is_there(sqlite::Connection& db, std::string_view name) {
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT 1 FROM main.saved_search WHERE name = ?1"));
  CMEM_TRY(select.bind_text(1, name));
  return select.step();
}

}  // namespace

Result<bool> add_saved_search(sqlite::Connection& db, const SavedSearch& search, bool replace, Tokenizer& tokenizer) {
  CMEM_TRY(check_name(search.name));
  CMEM_TRY(check_query(search.query, tokenizer));
  CMEM_ASSIGN_OR_RETURN(const bool known, is_there(db, search.name));
  if (known && !replace)
    return Unexpected(Code::kInvalid,
                      fmt::format("there is a saved search '{}' already; replace it, or choose another name", search.name));
  CMEM_ASSIGN_OR_RETURN(const std::int64_t count, db.query_int("SELECT count(*) FROM main.saved_search"));
  if (!known && count >= static_cast<std::int64_t>(kMaxSavedSearches))
    return Unexpected(Code::kLimit,
                      fmt::format("there are {} saved searches, the most a store can have; remove some first", count));
  CMEM_ASSIGN_OR_RETURN(auto insert,
                        db.prepare("INSERT INTO main.saved_search(name, query, created_ms, changed_ms) VALUES(?1, ?2, ?3, ?4) "
                                   "ON CONFLICT(name) DO UPDATE SET query = excluded.query, changed_ms = excluded.changed_ms"));
  CMEM_TRY(insert.bind_text(1, search.name));
  CMEM_TRY(insert.bind_text(2, search.query));
  CMEM_TRY(insert.bind(3, search.created_ms));
  CMEM_TRY(insert.bind(4, search.changed_ms));
  CMEM_TRY(insert.run());
  return known;
}

Result<bool> remove_saved_search(sqlite::Connection& db, std::string_view name) {
  CMEM_ASSIGN_OR_RETURN(auto remove, db.prepare("DELETE FROM main.saved_search WHERE name = ?1"));
  CMEM_TRY(remove.bind_text(1, name));
  CMEM_TRY(remove.run());
  return db.changes() != 0;
}

Result<std::vector<SavedSearch>> list_saved_searches(sqlite::Connection& db, std::string_view name) {
  std::vector<SavedSearch> searches;
  CMEM_ASSIGN_OR_RETURN(const std::int64_t tables,
                        db.query_int("SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name = 'saved_search'"));
  if (tables == 0) return searches;
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT name, query, created_ms, changed_ms FROM main.saved_search "
                                                "WHERE ?1 = '' OR name = ?1 ORDER BY name"));
  CMEM_TRY(select.bind_text(1, name));
  for (;;) {
    CMEM_ASSIGN_OR_RETURN(const bool row, select.step());
    if (!row) return searches;
    searches.push_back(
        {std::string(select.column_text(0)), std::string(select.column_text(1)), select.column_int(2), select.column_int(3)});
  }
}

}  // namespace cmem
