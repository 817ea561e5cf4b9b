// Extraction files and the home that they were made from tell of the same events, the home more of them: an event of a log with all
// its lines, and each version of a saved file. So a record of an extraction file counts only if no message of the home holds it.
// One that came first is noted when the home's message comes; extracted_messages.h drops it.
#include <algorithm>

#include "base/message_text.h"
#include "store/extracted_messages.h"
#include "store/writer.h"

namespace cmem {
namespace {

// The text of the event from its line `skipped` on; nothing: it has fewer lines.
std::optional<std::string_view> lines_behind(std::string_view event, std::int64_t skipped) {
  for (; skipped > 0; --skipped) {
    const std::size_t newline = event.find('\n');
    if (newline == std::string_view::npos) return std::nullopt;
    event.remove_prefix(newline + 1);
  }
  return event;
}

bool begins_with_lines(std::string_view event, std::string_view lines) {
  if (!event.starts_with(lines)) return false;
  event.remove_prefix(lines.size());
  return event.empty() || event.starts_with('\n') || event.starts_with("\r\n");
}

// The same below the first line of an event, where the prefix is a part of the text.
bool begins_with_content(std::string_view event, const NewMessage& message) {
  const SplitContent split = split_content(event);
  return split.prefix == message.prefix && split.time_ms == message.time_ms && split.level == message.level &&
         begins_with_lines(split.text, message.text);
}

}  // namespace

bool Writer::is_extracted(const NewMessage& message) {
  return (message.source_type == SourceType::kDebug || message.source_type == SourceType::kFileHistory) &&
         is_extraction_shape(message.shape);
}

Result<std::int64_t> Writer::holder_of(const NewMessage& message) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t origin_id, origins_.intern(db_, message.origin));
  return holder_of(message, origin_id);
}

Result<std::int64_t> Writer::holder_of(const NewMessage& message, std::int64_t origin_id) {
  if (message.source_type == SourceType::kFileHistory) return holder_of_versions(message, origin_id);
  return message.position > 0 ? holder_of_lines(message, origin_id) : 0;
}

// All versions are known: the last one's message stands for them.
Result<std::int64_t> Writer::holder_of_versions(const NewMessage& message, std::int64_t origin_id) {
  if (!message.sums_up) return 0;
  std::int64_t holder = 0;
  for (const auto& [position, text] : *message.sums_up) {
    CMEM_ASSIGN_OR_RETURN(const auto text_id, texts_.find(db_, text, xxh3_64(text)));
    if (!text_id || position <= 0) return 0;
    CMEM_ASSIGN_OR_RETURN(const auto* const candidates, occurrences_.find(db_, origin_id, position));
    CMEM_TRY(prepare_select_row());
    holder = 0;
    for (const std::int64_t id : *candidates) {
      CMEM_ASSIGN_OR_RETURN(const StoredRow row, stored_row(id));
      if (row.text_id == *text_id) holder = id;
    }
    if (holder == 0) return 0;
  }
  return holder;
}

// The event at the record's line, or the one before it that has so many lines.
Result<std::int64_t> Writer::holder_of_lines(const NewMessage& message, std::int64_t origin_id) {
  CMEM_ASSIGN_OR_RETURN(const bool is_of_home, has_home_lines(origin_id));
  if (!is_of_home) return 0;
  constexpr std::int64_t kMostLines = 100'000;
  for (std::int64_t line = message.position; line > 0 && message.position - line < kMostLines; --line) {
    CMEM_ASSIGN_OR_RETURN(const auto* const found, occurrences_.find(db_, origin_id, line));
    const std::vector<std::int64_t> candidates = *found;
    bool is_event = false;
    for (const std::int64_t id : candidates) {
      CMEM_ASSIGN_OR_RETURN(const StoredRow row, stored_row(id));
      CMEM_ASSIGN_OR_RETURN(const bool extracted, is_extraction_shape_id(row.shape_id));
      if (extracted) continue;
      is_event = true;
      CMEM_ASSIGN_OR_RETURN(const std::string_view text, texts_.text_of(db_, row.text_id));
      if (holds(row, text, message, message.position - line)) return id;
    }
    if (is_event && line < message.position) return 0;
  }
  return 0;
}

bool Writer::holds(const StoredRow& event, std::string_view text, const NewMessage& message, std::int64_t skipped) {
  if (skipped > 0) {
    const auto rest = lines_behind(text, skipped);
    return rest && begins_with_content(*rest, message);
  }
  const bool guessed = event.time_precision != TimePrecision::kExact || message.time_precision != TimePrecision::kExact;
  return event.prefix == message.prefix && (message.prefix == TextPrefix::kNone || event.level == message.level) &&
         (guessed || event.time_ms == message.time_ms) && begins_with_lines(text, message.text);
}

Result<Writer::StoredRow> Writer::stored_row(std::int64_t id) {
  CMEM_TRY(prepare_select_row());
  CMEM_TRY(select_row_->bind(1, id));
  CMEM_ASSIGN_OR_RETURN(const bool found, select_row_->step());
  StoredRow row;
  if (found) {
    row.text_id = select_row_->column_int(0);
    row.time_ms = select_row_->column_is_null(1) ? kNoTime : select_row_->column_int(1);
    row.prefix = static_cast<TextPrefix>(select_row_->column_int(2));
    row.level = static_cast<Level>(select_row_->column_int(3));
    row.time_precision = static_cast<TimePrecision>(select_row_->column_int(5));
    row.shape_id = select_row_->column_int(6);
  }
  select_row_->reset();
  return row;
}

Result<bool> Writer::is_extraction_shape_id(std::int64_t shape_id) {
  const auto [known, is_new] = extraction_shapes_.try_emplace(shape_id);
  if (!is_new) return known->second;
  CMEM_ASSIGN_OR_RETURN(auto select, db_.prepare("SELECT text FROM main.shape WHERE id = ?1"));
  CMEM_TRY(select.bind(1, shape_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, select.step());
  known->second = found && is_extraction_shape(as_text(select.column_blob(0)));
  return known->second;
}

// Most logs are loaded from one kind of source only, and need no look at their messages.
Result<bool> Writer::has_home_lines(std::int64_t origin_id) {
  const auto [known, is_new] = home_origins_.try_emplace(origin_id);
  if (!is_new) return known->second;
  CMEM_ASSIGN_OR_RETURN(auto shapes, db_.prepare("SELECT DISTINCT shape_id FROM main.context WHERE origin_id = ?1"));
  CMEM_TRY(shapes.bind(1, origin_id));
  while (!known->second) {
    CMEM_ASSIGN_OR_RETURN(const bool row, shapes.step());
    if (!row) break;
    CMEM_ASSIGN_OR_RETURN(const bool extracted, is_extraction_shape_id(shapes.column_int(0)));
    known->second = !extracted;
  }
  return known->second;
}

// What an extraction file may have said of the event before.
Status Writer::note_extracted(const NewMessage& message, std::int64_t origin_id) {
  const bool may_hold = message.source_type == SourceType::kFileHistory || message.source_type == SourceType::kDebug;
  if (!may_hold || message.position <= 0) return {};
  std::vector<std::int64_t> ids;
  if (message.source_type == SourceType::kFileHistory) {
    CMEM_ASSIGN_OR_RETURN(ids, occurrences_.without_line(db_, origin_id));
  } else {
    home_origins_[origin_id] = true;
    if (message.text.find('\n') == std::string_view::npos) return {};
    const auto newlines = std::count(message.text.begin(), message.text.end(), '\n');
    for (std::int64_t line = message.position; line <= message.position + newlines; ++line) {
      CMEM_ASSIGN_OR_RETURN(const auto* const found, occurrences_.find(db_, origin_id, line));
      ids.insert(ids.end(), found->begin(), found->end());
    }
  }
  for (const std::int64_t id : ids) {
    CMEM_ASSIGN_OR_RETURN(auto note, db_.prepare(kNoteExtracted));
    CMEM_TRY(note.bind(1, id));
    CMEM_TRY(note.run());
  }
  return {};
}

Status Writer::keep_extracted_line(const ExtractedLine& line) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t origin_id, origins_.intern(db_, line.origin));
  CMEM_ASSIGN_OR_RETURN(const RecordCopy kept, identities_.newest_at(db_, origin_id, -line.message_id));
  if (kept.id != 0) return {};
  return add_line_row({0, line.holder_id, origin_id, -line.message_id, 0, 0}, line.bytes);
}

}  // namespace cmem
