#include "export/conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/bytes.h"
#include "export/record_restorer.h"
#include "store/message_scan.h"
#include "store/schema.h"

namespace cmem {
namespace {

using Entries = std::vector<ConversationEntry>;

struct Session {
  std::int64_t id = 0;
  std::string name;
  std::vector<std::int64_t> children;
};

// Codex keeps the prompts of all sessions in one file too, and there are files about subagents beside their transcripts.
bool is_of_transcript(const MessageContext& context) {
  const bool by_agent = context.source_type == SourceType::kTranscript || context.source_type == SourceType::kCodex;
  std::string_view file = context.origin;
  // "#2": there is another file of this name.
  if (const std::size_t mark = file.rfind(".jsonl#"); mark != std::string_view::npos) file = file.substr(0, mark + 6);
  return by_agent && file.ends_with(".jsonl") && !file.ends_with("/history.jsonl");
}

// Calls `visit` with the values of the members "agentId" of a line.
template <typename Visit>
void for_each_agent(std::string_view line, Visit visit) {
  constexpr std::string_view kMember = "\"agentId\"";
  for (std::size_t at = line.find(kMember); at != std::string_view::npos; at = line.find(kMember, at + 1)) {
    const std::size_t begin = line.find_first_not_of(" :", at + kMember.size());
    if (begin == std::string_view::npos || line[begin] != '"') continue;
    visit(line.substr(begin + 1, line.find('"', begin + 1) - begin - 1));
  }
}

// Of "<session>/agent-<id>" the id; of another name nothing.
std::string agent_of(const std::string& session) {
  constexpr std::string_view kMark = "/agent-";
  const std::size_t mark = session.rfind(kMark);
  return mark == std::string::npos ? std::string() : session.substr(mark + kMark.size());
}

class ConversationReader {
 public:
  ConversationReader(Store& store, MessageReader& reader) : store_(store), reader_(reader), restorer_(reader) {}

  Result<Entries> read(std::int64_t session_id) {
    CMEM_TRY(find_sessions(session_id));
    CMEM_TRY(find_messages());
    for (auto& [id, session] : sessions_) CMEM_TRY(add_copies(session));
    for (auto& [id, entries] : entries_) sort_by_file(entries);
    return assemble(session_id, 0);
  }

 private:
  // The session and those below it, each once, also if a damaged store lets them go in circles.
  Status find_sessions(std::int64_t root) {
    std::unordered_map<std::int64_t, std::vector<std::int64_t>> children;
    CMEM_ASSIGN_OR_RETURN(
        auto rows, reader_.db().prepare("SELECT id, parent_id FROM main.session WHERE parent_id IS NOT NULL ORDER BY external_id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) break;
      children[rows.column_int(1)].push_back(rows.column_int(0));
    }
    CMEM_ASSIGN_OR_RETURN(auto name, reader_.db().prepare("SELECT external_id FROM main.session WHERE id = ?1"));
    std::vector<std::int64_t> waiting{root};
    sessions_[root];
    while (!waiting.empty()) {
      Session& session = sessions_[waiting.back()];
      session.id = waiting.back();
      waiting.pop_back();
      CMEM_TRY(name.bind(1, session.id));
      CMEM_ASSIGN_OR_RETURN(const bool row, name.step());
      if (row) session.name = name.column_text(0);
      name.reset();
      for (const std::int64_t child : children[session.id]) {
        if (!sessions_.try_emplace(child).second) continue;
        session.children.push_back(child);
        waiting.push_back(child);
      }
    }
    return {};
  }

  Status find_messages() {
    MessageFilter filter;
    NameConstraint of_sessions{FilterField::kSession, {}, false};
    for (const auto& [id, session] : sessions_) of_sessions.values.push_back(session.name);
    filter.names.push_back(std::move(of_sessions));
    filter.names.push_back({FilterField::kSource, {"transcript", "codex"}, false});
    CMEM_ASSIGN_OR_RETURN(const auto resolved, ResolvedFilter::resolve(reader_.db(), store_.contexts(), filter));
    CMEM_ASSIGN_OR_RETURN(const auto keys, select_messages(store_, resolved, TimeOrder::kOldest, std::nullopt,
                                                           std::numeric_limits<std::size_t>::max()));
    std::vector<std::int64_t> ids;
    for (const OrderKey& key : keys) ids.push_back(key.id);
    std::sort(ids.begin(), ids.end());
    CMEM_ASSIGN_OR_RETURN(const auto messages, reader_.read_listed(ids));
    for (const MessageRow& message : messages) {
      const MessageContext& context = *message.context;
      if (!is_of_transcript(context)) continue;
      entries_[context.session_id].push_back(
          {message.id, message.id, context.session_id, context.origin_id, message.position, message.time_ms, 0});
      origins_[context.origin_id] = context.origin;
    }
    return {};
  }

  // What the session took from others. A record that stands in its own files twice is shown once.
  Status add_copies(const Session& session) {
    CMEM_ASSIGN_OR_RETURN(auto rows, reader_.db().prepare("SELECT k.id, k.message_id, k.origin_id, k.line, o.path FROM "
                                                          "main.record_copy k JOIN main.origin o ON o.id = k.origin_id WHERE "
                                                          "k.session_id = ?1 AND k.message_id IS NOT NULL ORDER BY k.id"));
    CMEM_TRY(rows.bind(1, session.id));
    std::unordered_set<std::int64_t> known;
    for (const ConversationEntry& entry : entries_[session.id]) known.insert(entry.message_id);
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      const std::int64_t message_id = rows.column_int(1);
      if (!known.insert(message_id).second) continue;
      CMEM_ASSIGN_OR_RETURN(const auto message, reader_.read_listed(message_id));
      const std::int64_t origin_id = rows.column_int(2);
      entries_[session.id].push_back(
          {rows.column_int(0), message_id, session.id, origin_id, rows.column_int(3), message.time_ms, 0});
      origins_[origin_id] = rows.column_text(4);
    }
  }

  // Files by their earliest time, lines as they stand.
  void sort_by_file(Entries& entries) {
    std::unordered_map<std::int64_t, std::int64_t> first_ms;
    for (const ConversationEntry& entry : entries) {
      if (entry.time_ms == kNoTime) continue;
      const auto [first, is_new] = first_ms.try_emplace(entry.origin_id, entry.time_ms);
      if (!is_new) first->second = std::min(first->second, entry.time_ms);
    }
    const auto place = [&](const ConversationEntry& entry) {
      const auto first = first_ms.find(entry.origin_id);
      const std::int64_t file_ms = first == first_ms.end() ? kNoTime : first->second;
      return std::tuple(file_ms, std::string_view(origins_[entry.origin_id]), entry.line, entry.place_id);
    };
    std::sort(entries.begin(), entries.end(),
              [&](const ConversationEntry& a, const ConversationEntry& b) { return place(a) < place(b); });
  }

  // find_sessions() has made the sessions a tree, so that this ends.
  Result<Entries> assemble(std::int64_t session_id, int depth) {
    Entries own = std::move(entries_[session_id]);
    std::multimap<std::size_t, Entries> inserts;  // by the number of own entries before them
    CMEM_ASSIGN_OR_RETURN(const auto calls, find_calls(sessions_[session_id], own));
    for (const std::int64_t child : sessions_[session_id].children) {
      CMEM_ASSIGN_OR_RETURN(auto entries, assemble(child, depth + 1));
      if (entries.empty()) continue;
      const auto call = calls.find(agent_of(sessions_[child].name));
      const std::size_t at = call != calls.end() ? call->second : entries_before(entries, own);
      inserts.emplace(at, std::move(entries));
    }
    Entries out;
    auto insert = inserts.begin();
    for (std::size_t i = 0; i <= own.size(); ++i) {
      for (; insert != inserts.end() && insert->first == i; ++insert)
        out.insert(out.end(), insert->second.begin(), insert->second.end());
      if (i == own.size()) break;
      out.push_back(own[i]);
      out.back().depth = depth;
    }
    return out;
  }

  // How many entries of the parent come before those of a subagent, by their times.
  static std::size_t entries_before(const Entries& entries, const Entries& parent) {
    std::int64_t first_ms = kNoTime;
    for (const ConversationEntry& entry : entries) {
      if (entry.time_ms != kNoTime && (first_ms == kNoTime || entry.time_ms < first_ms)) first_ms = entry.time_ms;
    }
    std::size_t before = 0;
    std::int64_t nearest_ms = kNoTime;
    for (std::size_t i = 0; i < parent.size(); ++i) {
      const std::int64_t time_ms = parent[i].time_ms;
      if (time_ms == kNoTime || time_ms > first_ms || time_ms < nearest_ms) continue;
      nearest_ms = time_ms;
      before = i + 1;
    }
    return before;
  }

  // The result of a call that starts an agent names it, and follows the call: by agent, the number of entries up to its call.
  Result<std::unordered_map<std::string, std::size_t>> find_calls(const Session& session, const Entries& own) {
    std::unordered_map<std::string, std::size_t> calls;
    for (std::size_t i = 0; i < own.size() && !session.children.empty(); ++i) {
      CMEM_ASSIGN_OR_RETURN(const auto message, reader_.read_listed(own[i].message_id));
      if (message.context->role != "tool_result") continue;
      std::vector<std::string> agents;
      CMEM_ASSIGN_OR_RETURN(const auto line, restorer_.line(message));
      for_each_agent(line, [&](std::string_view agent) { agents.emplace_back(agent); });
      if (agents.empty()) continue;
      CMEM_ASSIGN_OR_RETURN(const auto thread, read_thread(reader_.db(), message.id));
      const auto call = std::find_if(own.begin(), own.end(),
                                     [&](const ConversationEntry& entry) { return entry.message_id == thread.parent_id; });
      const std::size_t at = call == own.end() ? i : static_cast<std::size_t>(call - own.begin()) + 1;
      for (std::string& agent : agents) calls.try_emplace(std::move(agent), at);
    }
    return calls;
  }

  Store& store_;
  MessageReader& reader_;
  RecordRestorer restorer_;
  std::map<std::int64_t, Session> sessions_;               // by id
  std::unordered_map<std::int64_t, Entries> entries_;      // by session id
  std::unordered_map<std::int64_t, std::string> origins_;  // their paths
};

// The halves of the number, the lower one first, each with its lowest byte first.
std::string uuid_of(std::string_view bytes) {
  std::string digits;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    digits += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
    if (i == 12 || i == 10 || i == 8 || i == 6) digits += '-';
  }
  return digits;
}

}  // namespace

Result<Entries> read_conversation(Store& store, MessageReader& reader, std::int64_t session_id) {
  CMEM_ASSIGN_OR_RETURN(const bool has_transcripts, knows_homes(reader.db()));
  if (!has_transcripts) return Entries();
  return ConversationReader(store, reader).read(session_id);
}

Result<RecordThread> read_thread(sqlite::Connection& db, std::int64_t message_id) {
  CMEM_ASSIGN_OR_RETURN(auto row, db.prepare("SELECT i.uuid, p.message_id FROM main.record_identity i LEFT JOIN "
                                             "main.record_identity p ON p.uuid = i.parent WHERE i.message_id = ?1"));
  CMEM_TRY(row.bind(1, message_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  RecordThread thread;
  if (!found) return thread;
  const std::string_view uuid = as_text(row.column_blob(0));
  if (uuid.size() == 16) thread.uuid = uuid_of(uuid);
  thread.parent_id = row.column_int(1);
  return thread;
}

}  // namespace cmem
