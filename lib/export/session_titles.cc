#include "export/session_titles.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "export/record_restorer.h"
#include "source/json_value.h"
#include "store/record_identities.h"
#include "store/schema.h"

namespace cmem {
namespace {

constexpr std::size_t kTitleCharacters = 120;

// Where a title may come from, the best first.
enum Origin : std::uint8_t { kGiven, kMade, kSummary, kPrompt, kHistoryPrompt };
constexpr std::size_t kOrigins = 5;

// The contexts of the messages that can be titles.
constexpr const char* kCandidates =
    "SELECT c.id, coalesce(c.session_id, 0), r.name, c.source_type, c.first_ms, c.last_ms, c.without_time FROM main.context c "
    "JOIN main.role r ON r.id = c.role_id WHERE r.name IN ('custom-title', 'ai-title', 'summary', 'user') AND c.messages > 0";

Origin origin_of(std::string_view role, SourceType source_type) {
  if (role == "custom-title") return kGiven;
  if (role == "ai-title") return kMade;
  if (role == "summary") return kSummary;
  return source_type == SourceType::kTranscript || source_type == SourceType::kCodex ? kPrompt : kHistoryPrompt;
}

struct CandidateContext {
  std::int64_t session_id = 0;
  Origin origin = kPrompt;
  bool wanted = false;
};

struct Candidates {
  std::array<std::vector<std::int64_t>, kOrigins> messages;  // ids, rising
};

// Programs write these as if the user had: "<command-name>", "<environment_context>", "[Request interrupted by user]".
bool is_by_program(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \n\r\t"), text.size());
  text.remove_prefix(begin);
  if (text.empty() || text.starts_with("[Request interrupted") || text.starts_with("Caveat: The messages below")) return true;
  if (!text.starts_with('<')) return false;
  const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-", 1);
  return end > 1 && end != std::string_view::npos && text[end] == '>';
}

std::string without_space_at_end(std::string text) {
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

// Runs of white space become one space.
std::string title_of(std::string_view text) {
  std::string title;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence_length(text, at), 1);
    const bool space = size == 1 && std::string_view(" \t\r\n\v\f").find(text[at]) != std::string_view::npos;
    if (!space) {
      if (characters == kTitleCharacters) return without_space_at_end(std::move(title)) + "…";
      title += text.substr(at, size);
      ++characters;
    } else if (!title.empty() && title.back() != ' ' && characters < kTitleCharacters) {
      title += ' ';
      ++characters;
    }
    at += size;
  }
  return without_space_at_end(std::move(title));
}

class TitleFinder {
 public:
  TitleFinder(Store& store, MessageReader& reader) : store_(store), reader_(reader), restorer_(reader) {}

  Result<std::unordered_map<std::int64_t, std::string>> find(const std::vector<std::int64_t>& session_ids) {
    for (const std::int64_t id : session_ids) candidates_[id];
    CMEM_TRY(find_contexts());
    CMEM_TRY(find_messages());
    CMEM_TRY(assign_summaries());
    std::unordered_map<std::int64_t, std::string> titles;
    for (const std::int64_t id : in_order_of_texts(session_ids)) {
      CMEM_ASSIGN_OR_RETURN(auto title, choose(candidates_[id]));
      if (!title.empty()) titles[id] = std::move(title);
    }
    return titles;
  }

 private:
  // A summary may stand in the file of another session.
  Status find_contexts() {
    CMEM_ASSIGN_OR_RETURN(auto rows, reader_.db().prepare(kCandidates));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      CandidateContext context;
      context.session_id = rows.column_int(1);
      context.origin = origin_of(rows.column_text(2), static_cast<SourceType>(rows.column_int(3)));
      context.wanted = context.origin == kSummary || candidates_.contains(context.session_id);
      if (!context.wanted) continue;
      const auto id = static_cast<std::size_t>(rows.column_int(0));
      if (contexts_.size() <= id) contexts_.resize(id + 1);
      contexts_[id] = context;
      has_timeless_ |= rows.column_int(6) > 0;
      if (rows.column_is_null(4)) continue;
      first_ms_ = std::min(first_ms_, rows.column_int(4));
      last_ms_ = std::max(last_ms_, rows.column_int(5));
    }
  }

  [[nodiscard]] bool may_have_candidates(const SegmentSpan& span) const {
    if (contexts_.empty()) return false;
    return has_timeless_ || span.is_tail || (span.min_ms <= last_ms_ && span.max_ms >= first_ms_);
  }

  [[nodiscard]] bool is_wanted(std::size_t context_id) const {
    return context_id < contexts_.size() && contexts_[context_id].wanted;
  }

  Status find_messages() {
    CMEM_ASSIGN_OR_RETURN(const auto spans, store_.doc_values().spans(reader_.db()));
    for (const SegmentSpan& span : spans) {
      if (!may_have_candidates(span)) continue;
      CMEM_ASSIGN_OR_RETURN(
          const auto segment, store_.doc_values().read_if_head(reader_.db(), span, [this](const SegmentHead& head) {
            return std::any_of(head.contexts.begin(), head.contexts.end(), [this](std::uint32_t id) { return is_wanted(id); });
          }));
      for (std::size_t i = 0; segment && i < segment->size(); ++i) {
        const std::size_t context_id = segment->context_id(i);
        if (!is_wanted(context_id)) continue;
        const CandidateContext& context = contexts_[context_id];
        const std::int64_t id = segment->first_id + static_cast<std::int64_t>(i);
        auto& messages = context.origin == kSummary ? summaries_ : candidates_[context.session_id].messages[context.origin];
        messages.push_back(id);
      }
    }
    return {};
  }

  // The session of the message that a summary ends with; 0: it is not here.
  Result<std::int64_t> summarized_session(std::int64_t summary_id) {
    CMEM_ASSIGN_OR_RETURN(const auto summary, reader_.read_listed(summary_id));
    CMEM_ASSIGN_OR_RETURN(const std::string metadata, restorer_.metadata(summary));
    const std::string leaf = json_decode_string(JsonValue(metadata)["leafUuid"].inside());
    if (leaf.empty()) return std::int64_t{0};
    CMEM_ASSIGN_OR_RETURN(const std::int64_t message_id, identities_.find(reader_.db(), identity_of(leaf)));
    if (message_id == 0) return std::int64_t{0};
    CMEM_ASSIGN_OR_RETURN(const auto message, reader_.read_listed(message_id));
    return message.context->session_id;
  }

  Status assign_summaries() {
    CMEM_ASSIGN_OR_RETURN(const bool has_identities, knows_homes(reader_.db()));
    if (!has_identities) return {};
    for (const std::int64_t id : summaries_) {
      CMEM_ASSIGN_OR_RETURN(const std::int64_t session_id, summarized_session(id));
      if (const auto session = candidates_.find(session_id); session != candidates_.end())
        session->second.messages[kSummary].push_back(id);
    }
    return {};
  }

  // Neighbours' texts mostly are in one block, which is decoded once if they are looked at one after the other.
  std::vector<std::int64_t> in_order_of_texts(std::vector<std::int64_t> session_ids) {
    const auto first_choice = [this](std::int64_t session_id) {
      const Candidates& candidates = candidates_[session_id];
      for (const Origin origin : {kGiven, kMade, kSummary})
        if (!candidates.messages[origin].empty()) return candidates.messages[origin].back();
      for (const Origin origin : {kPrompt, kHistoryPrompt})
        if (!candidates.messages[origin].empty()) return candidates.messages[origin].front();
      return std::int64_t{0};
    };
    std::sort(session_ids.begin(), session_ids.end(),
              [&](std::int64_t a, std::int64_t b) { return first_choice(a) < first_choice(b); });
    return session_ids;
  }

  Result<std::string> choose(const Candidates& candidates) {
    for (const Origin origin : {kGiven, kMade, kSummary}) {
      const auto& messages = candidates.messages[origin];
      for (auto id = messages.rbegin(); id != messages.rend(); ++id) {
        CMEM_ASSIGN_OR_RETURN(auto title, text_of(*id));
        title = title_of(title);
        if (!title.empty()) return title;
      }
    }
    for (const Origin origin : {kPrompt, kHistoryPrompt}) {
      for (const std::int64_t id : candidates.messages[origin]) {
        CMEM_ASSIGN_OR_RETURN(const auto prompt, text_of(id));
        if (!is_by_program(prompt)) return title_of(prompt);
      }
    }
    return std::string();
  }

  Result<std::string> text_of(std::int64_t message_id) {
    CMEM_ASSIGN_OR_RETURN(const auto message, reader_.read_listed(message_id));
    return reader_.content(message);
  }

  Store& store_;
  MessageReader& reader_;
  RecordRestorer restorer_;
  RecordIdentities identities_;
  std::unordered_map<std::int64_t, Candidates> candidates_;  // by session id
  std::vector<CandidateContext> contexts_;                   // by context id
  std::vector<std::int64_t> summaries_;
  bool has_timeless_ = false;
  std::int64_t first_ms_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ms_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace

Result<std::unordered_map<std::int64_t, std::string>> find_session_titles(Store& store, MessageReader& reader,
                                                                          const std::vector<std::int64_t>& session_ids) {
  return TitleFinder(store, reader).find(session_ids);
}

}  // namespace cmem
