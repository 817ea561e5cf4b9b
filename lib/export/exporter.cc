#include "export/exporter.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time_text.h"
#include "export/record_restorer.h"
#include "sqlite/transaction.h"
#include "store/message_reader.h"

namespace cmem {
namespace {

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

nlohmann::ordered_json time_or_null(std::int64_t time_ms) {
  char text[kIsoMsBytes];
  if (time_ms == kNoTime || !format_iso_ms(time_ms, text)) return {};
  return std::string(text, kIsoMsBytes);
}

Result<std::string> json_line(MessageReader& reader, RecordRestorer& restorer, const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(const std::string content, reader.content(message));
  CMEM_ASSIGN_OR_RETURN(const std::string hash, restorer.hash(message));
  CMEM_ASSIGN_OR_RETURN(const std::string metadata, restorer.metadata(message));
  const MessageContext& context = *message.context;
  nlohmann::ordered_json line;
  line["id"] = message.id;
  line["time"] = time_or_null(message.time_ms);
  line["project"] = text_or_null(context.project);
  line["session"] = text_or_null(context.session);
  line["source_type"] = to_string(context.source_type);
  line["role"] = text_or_null(context.role);
  line["component"] = text_or_null(context.component);
  line["level"] = text_or_null(std::string(to_string(context.level)));
  line["source"] = context.origin;
  line["line"] = message.position > 0 ? nlohmann::ordered_json(message.position) : nlohmann::ordered_json();
  line["content"] = content;
  line["phase"] = phase_of(context.source_type);
  line["hash"] = hash;
  line["metadata"] = nlohmann::ordered_json::parse(metadata, nullptr, false);
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

// The ids of the segment's messages that pass; the segment is not held while lines are written.
std::vector<std::int64_t> passing_ids(const Segment& segment, const ResolvedFilter& filter) {
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < segment.size(); ++i)
    if (filter.matches(segment, i)) ids.push_back(segment.first_id + static_cast<std::int64_t>(i));
  return ids;
}

// Lines of extraction files whose messages became part of a home's, by these. They stand below all lines of their origin.
class ExtractedLines {
 public:
  Status load(sqlite::Connection& db) {
    CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT c.message_id, c.id, s.text FROM main.record_copy c JOIN main.shape s ON "
                                                "s.id = c.shape_id WHERE c.line < 0 ORDER BY c.id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      shape_ = rows.column_text(2);  // the whole line; all have the same
      ids_[rows.column_int(0)].push_back(rows.column_int(1));
    }
  }
  Status append_to(std::string& lines, std::int64_t message_id, RecordRestorer& restorer) const {
    const auto found = ids_.find(message_id);
    if (found == ids_.end()) return {};
    for (const std::int64_t id : found->second) {
      CMEM_ASSIGN_OR_RETURN(const std::string line, restorer.kept_line(shape_, id));
      if (!lines.empty() && lines.back() != '\n') lines += '\n';
      lines += line;
    }
    return {};
  }

 private:
  std::string shape_;
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> ids_;
};

}  // namespace

Result<std::uint64_t> export_messages(Store& store, const MessageFilter& filter, ExportFormat format, const ExportSink& sink) {
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  CMEM_ASSIGN_OR_RETURN(const auto resolved, ResolvedFilter::resolve(store.reader(), store.contexts(), filter));
  CMEM_ASSIGN_OR_RETURN(auto reader, store.message_reader());
  RecordRestorer restorer(reader);
  ExtractedLines extracted;
  if (format == ExportFormat::kRaw) CMEM_TRY(extracted.load(store.reader()));
  std::uint64_t written = 0;
  bool at_line_start = true;
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  for (const SegmentSpan& span : spans) {
    if (!resolved.may_match(span)) continue;
    CMEM_ASSIGN_OR_RETURN(const auto segment, store.doc_values().read(store.reader(), span));
    for (const std::int64_t id : passing_ids(*segment, resolved)) {
      CMEM_ASSIGN_OR_RETURN(const auto message, reader.read_listed(id));
      auto line = format == ExportFormat::kRaw ? restorer.line(message) : json_line(reader, restorer, message);
      if (!line) return Unexpected(std::move(line).error());
      CMEM_TRY(extracted.append_to(*line, id, restorer));
      if (line->empty()) continue;
      // The last line of a source may have no newline; another line behind it stays a line of its own.
      if (!at_line_start) line->insert(0, 1, '\n');
      at_line_start = line->back() == '\n';
      if (!sink(*line)) return Unexpected(Code::kCancelled, fmt::format("the export was stopped after {} messages", written));
      ++written;
    }
  }
  return written;
}

}  // namespace cmem
