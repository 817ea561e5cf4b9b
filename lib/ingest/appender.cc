#include "ingest/appender.h"

#include <fmt/format.h>

#include <deque>

#include "base/hash.h"
#include "base/message_text.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "ingest/source_redactor.h"
#include "secrets/secret_kinds.h"

namespace cmem {
namespace {

constexpr std::string_view kDefaultSource = "program";

Result<NewMessage> to_message(const AppendMessage& message, std::int64_t index) {
  const auto invalid = [&](const std::string& what) {
    return Unexpected(Code::kInvalid, fmt::format("append: message {}: {}; nothing was written", index, what), index);
  };
  for (const auto text : {message.content, message.source, message.session, message.project, message.component, message.role})
    if (!utf8_valid(text)) return invalid("its text is not valid UTF-8");
  if (message.line < 0) return invalid(fmt::format("line {} is negative", message.line));
  if (message.time_ms != kNoTime && (message.time_ms < kMinIsoMs || message.time_ms > kMaxIsoMs))
    return invalid(fmt::format("time {} ms is outside the years 1 to 9999", message.time_ms));
  NewMessage out;
  if (!message.level.empty()) {
    const auto level = level_from(message.level);
    if (!level) return invalid(fmt::format("level \"{}\" is none of DEBUG, INFO, WARN, ERROR", message.level));
    out.level = *level;
  }
  if (!message.source_type.empty()) {
    const auto type = source_type_from(message.source_type);
    if (!type) return invalid(fmt::format("there is no source type \"{}\"", message.source_type));
    out.source_type = *type;
  }
  out.text = message.content;
  // A log line that states the same time and level as the message is stored like one from a log file: once for all times.
  const SplitContent split = split_content(message.content);
  const bool same_time = split.prefix == TextPrefix::kLevel || split.time_ms == message.time_ms;
  if (split.prefix != TextPrefix::kNone && same_time && split.level == out.level) {
    out.prefix = split.prefix;
    out.text = split.text;
  }
  out.text_hash = xxh3_64(out.text);
  out.time_ms = message.time_ms;
  out.origin = message.source.empty() ? kDefaultSource : message.source;
  out.position = message.line;
  out.session = message.session;
  out.project = message.project;
  out.component = message.component;
  out.role = message.role;
  return out;
}

// Owns what had to be redacted; the messages' views go on pointing to the rest.
class RedactedMessages {
 public:
  explicit RedactedMessages(const Redactor* redactor) : redactor_(redactor) {}
  AppendMessage redact(AppendMessage message) {
    if (redactor_ == nullptr) return message;
    for (std::string_view* text : {&message.content, &message.source, &message.session, &message.project, &message.component}) {
      std::string redacted;
      if (redactor_->redact(*text, redacted, counts_)) *text = kept_.emplace_back(std::move(redacted));
    }
    return message;
  }
  // Under run 0: no run is theirs.
  [[nodiscard]] Status write_counts(sqlite::Connection& db) const {
    if (counts_.empty()) return {};
    CMEM_ASSIGN_OR_RETURN(auto add,
                          db.prepare("INSERT INTO main.redaction VALUES(0, ?1, ?2) ON CONFLICT(run_id, kind) DO UPDATE SET "
                                     "count = count + excluded.count"));
    for (const auto& [kind, count] : counts_) {
      CMEM_TRY(add.bind_text(1, secret_kinds()[kind].name));
      CMEM_TRY(add.bind(2, count));
      CMEM_TRY(add.run());
    }
    return {};
  }

 private:
  const Redactor* redactor_;
  SecretCounts counts_;
  std::deque<std::string> kept_;
};

}  // namespace

Result<AppendResult> append_messages(Store& store, const std::vector<AppendMessage>& messages) {
  CMEM_ASSIGN_OR_RETURN(const auto redactor, redactor_of(store));
  RedactedMessages redacted(redactor.get());
  std::vector<NewMessage> checked;
  checked.reserve(messages.size());
  for (const AppendMessage& message : messages) {
    CMEM_ASSIGN_OR_RETURN(const auto valid, to_message(redacted.redact(message), static_cast<std::int64_t>(checked.size())));
    checked.push_back(valid);
  }
  const std::lock_guard lock(store.write_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  CMEM_TRY(writer->begin("memory append"));
  AppendResult result;
  SeenRecords seen;
  const std::int64_t first_id = writer->next_message_id();
  for (const NewMessage& message : checked) {
    const auto outcome = writer->add(message, seen);
    if (!outcome) {
      writer->rollback();
      return Unexpected(outcome.error());
    }
    ++(*outcome == AddOutcome::kNew ? result.messages_new : result.duplicates);
  }
  if (auto counted = redacted.write_counts(writer->db()); !counted) {
    writer->rollback();
    return Unexpected(counted.error());
  }
  CMEM_TRY(writer->commit());
  if (result.messages_new > 0) result.first_id = first_id;
  return result;
}

}  // namespace cmem
