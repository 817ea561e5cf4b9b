// cmem_session_get, cmem_conversation.
#include "export/conversation.h"

#include <coditect/memory_home.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "capi/filter.h"
#include "capi/options.h"
#include "capi/paged_table.h"
#include "capi/read_table.h"
#include "export/session_titles.h"
#include "store/schema.h"

namespace cmem {
namespace {

constexpr std::size_t kKeysPerPage = 8192;

constexpr const char* kParent = "(SELECT external_id FROM main.session q WHERE q.id = s.parent_id)";
constexpr std::string_view kSession =
    "SELECT s.external_id, p.path, coalesce(sum(c.messages), 0), coalesce(sum(CASE WHEN c.level = 4 THEN c.messages END), 0), "
    "min(c.first_ms), max(c.last_ms), NULL, NULL, {}, NULL "
    "FROM main.session s LEFT JOIN main.project p ON p.id = s.project_id LEFT JOIN main.context c ON c.session_id = s.id "
    "WHERE s.id = ?1 GROUP BY s.id";

std::vector<Column> session_columns() {
  return {{"session", CMEM_TYPE_TEXT}, {"project", CMEM_TYPE_TEXT}, {"messages", CMEM_TYPE_INT}, {"errors", CMEM_TYPE_INT},
          {"first", CMEM_TYPE_TIME},   {"last", CMEM_TYPE_TIME},    {"title", CMEM_TYPE_TEXT},   {"agent", CMEM_TYPE_TEXT},
          {"parent", CMEM_TYPE_TEXT},  {"records", CMEM_TYPE_INT}};
}

Result<std::int64_t> find_session(sqlite::Connection& db, const char* text, std::size_t size) {
  CMEM_ASSIGN_OR_RETURN(const auto name, read_text(text, size, "session"));
  CMEM_ASSIGN_OR_RETURN(const std::int64_t id, resolve_session(db, std::string(name)));
  if (id == 0)
    return Unexpected(Code::kNotFound,
                      fmt::format("there is no session \"{}\"; `session list` shows their ids, of which the first 4 "
                                  "or more characters are enough",
                                  name));
  return id;
}

// Whose transcript it is.
Result<Cell> agent_of(MessageReader& reader, const std::vector<ConversationEntry>& entries) {
  if (entries.empty()) return Cell::null();
  CMEM_ASSIGN_OR_RETURN(const auto message, reader.read_listed(entries.front().message_id));
  return Cell::string(message.context->source_type == SourceType::kCodex ? "codex" : "claude");
}

Result<std::unique_ptr<Table>> read_session(Store& store, std::int64_t session_id) {
  constexpr std::size_t kTitleCell = 6;
  constexpr std::size_t kAgentCell = 7;
  constexpr std::size_t kRecordsCell = 9;
  CMEM_ASSIGN_OR_RETURN(const bool has_parents, knows_homes(store.reader()));
  CMEM_ASSIGN_OR_RETURN(auto statement, store.reader().prepare(fmt::format(kSession, has_parents ? kParent : "NULL")));
  CMEM_TRY(statement.bind(1, session_id));
  CMEM_ASSIGN_OR_RETURN(auto reader, store.message_reader());
  CMEM_ASSIGN_OR_RETURN(const auto entries, read_conversation(store, reader, session_id));
  CMEM_ASSIGN_OR_RETURN(auto titles, find_session_titles(store, reader, {session_id}));
  CMEM_ASSIGN_OR_RETURN(auto agent, agent_of(reader, entries));
  return read_table(statement, session_columns(), [&](Row& row, const sqlite::Statement&) {
    row[kTitleCell] = Cell::name(titles[session_id]);
    row[kAgentCell] = std::move(agent);
    row[kRecordsCell] = Cell::number(static_cast<std::int64_t>(entries.size()));
  });
}

// The order is made once; rows are read as they are asked for.
class ConversationTable final : public PagedTable<ConversationEntry> {
 public:
  ConversationTable(std::shared_ptr<Store> store, const cmem_page& page, std::optional<ConversationEntry> after,
                    std::vector<ConversationEntry> entries)
      : PagedTable(std::move(store), page.limit, kKeysPerPage, after),
        entries_(std::move(entries)),
        with_content_(page.without_content == 0),
        columns_(message_columns("content")) {
    columns_.insert(
        columns_.end(),
        {{"uuid", CMEM_TYPE_TEXT}, {"parent", CMEM_TYPE_INT}, {"depth", CMEM_TYPE_INT}, {"copied_from", CMEM_TYPE_TEXT}});
  }

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  [[nodiscard]] std::int64_t total() const override { return static_cast<std::int64_t>(entries_.size()); }
  [[nodiscard]] std::string position() const override { return after() ? fmt::format("c:{}", after()->place_id) : std::string(); }

 private:
  Result<std::vector<ConversationEntry>> find_keys(const std::optional<ConversationEntry>& last, std::size_t limit) override {
    auto begin = entries_.begin();
    if (last) begin = std::find_if(begin, entries_.end(), [&](const auto& entry) { return entry.place_id == last->place_id; }) + 1;
    const auto size = std::min(limit, static_cast<std::size_t>(entries_.end() - begin));
    return std::vector<ConversationEntry>(begin, begin + static_cast<std::ptrdiff_t>(size));
  }

  Result<Row> read_row(MessageReader& reader, const ConversationEntry& entry) override {
    CMEM_ASSIGN_OR_RETURN(const auto message, reader.read_listed(entry.message_id));
    Cell content;
    if (with_content_) {
      CMEM_ASSIGN_OR_RETURN(auto text, reader.content(message));
      content = Cell::string(std::move(text));
    }
    Row row = message_row(message, std::move(content));
    CMEM_ASSIGN_OR_RETURN(auto thread, read_thread(reader.db(), message.id));
    row.push_back(thread.uuid ? Cell::string(std::move(*thread.uuid)) : Cell::null());
    row.push_back(thread.parent_id == 0 ? Cell::null() : Cell::number(thread.parent_id));
    row.push_back(Cell::number(entry.depth));
    row.push_back(entry.is_copy() ? Cell::name(message.context->session) : Cell::null());
    if (entry.is_copy()) CMEM_TRY(show_place(reader.db(), entry, row));
    return row;
  }

  // Where the copy stands, instead of where the message does.
  static Status show_place(sqlite::Connection& db, const ConversationEntry& entry, Row& row) {
    constexpr std::size_t kSessionCell = 3;
    constexpr std::size_t kSourceCell = 8;
    constexpr std::size_t kLineCell = 9;
    CMEM_ASSIGN_OR_RETURN(auto place,
                          db.prepare("SELECT s.external_id, o.path FROM main.origin o LEFT JOIN main.session s ON s.id = ?2 "
                                     "WHERE o.id = ?1"));
    CMEM_TRY(place.bind(1, entry.origin_id));
    CMEM_TRY(place.bind(2, entry.session_id));
    CMEM_ASSIGN_OR_RETURN(const bool found, place.step());
    if (!found) return Unexpected(Code::kCorrupt, fmt::format("copy {}: its origin is missing", entry.place_id));
    row[kSessionCell] = Cell::name(std::string(place.column_text(0)));
    row[kSourceCell] = Cell::string(std::string(place.column_text(1)));
    row[kLineCell] = entry.line > 0 ? Cell::number(entry.line) : Cell::null();
    return {};
  }

  std::vector<ConversationEntry> entries_;
  bool with_content_;
  std::vector<Column> columns_;
};

Result<std::optional<ConversationEntry>> read_place(const char* text, const std::vector<ConversationEntry>& entries) {
  if (!text || *text == '\0') return std::optional<ConversationEntry>();
  const std::string_view position(text);
  std::int64_t place_id = 0;
  const char* const end = position.data() + position.size();
  if (position.starts_with("c:") && std::from_chars(position.data() + 2, end, place_id).ptr == end) {
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const auto& known) { return known.place_id == place_id; });
    if (entry != entries.end()) return std::optional(*entry);
  }
  return Unexpected(Code::kInvalid,
                    fmt::format("\"{}\" is not a position in this session; use the one that came with the page before "
                                "(cmem_cursor_position)",
                                text));
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_session_get(cmem_cursor** out, cmem_store* store, const char* session, size_t session_len, cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(const std::int64_t id, find_session(db, session, session_len));
    return read_session(*store->store, id);
  });
}

cmem_status cmem_conversation(cmem_cursor** out, cmem_store* store, const char* session, size_t session_len, const cmem_page* page,
                              cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(const auto read, read_page(page));
    CMEM_ASSIGN_OR_RETURN(const std::int64_t id, find_session(db, session, session_len));
    CMEM_ASSIGN_OR_RETURN(auto reader, store->store->message_reader());
    CMEM_ASSIGN_OR_RETURN(auto entries, read_conversation(*store->store, reader, id));
    CMEM_ASSIGN_OR_RETURN(const auto after, read_place(read.after, entries));
    return std::unique_ptr<Table>(std::make_unique<ConversationTable>(store->store, read, after, std::move(entries)));
  });
}
