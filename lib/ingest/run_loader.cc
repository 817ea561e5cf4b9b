#include "ingest/run_loader.h"

#include <fmt/format.h>

#include <algorithm>

#include "secrets/secret_kinds.h"
#include "source/component_classifier.h"
#include "source/record_shape.h"
#include "source/saved_versions.h"

namespace cmem {
namespace {

// What a message's usage points to; lives while the message is added.
struct Usage {
  std::string reply;
  NewUsage usage;

  const NewUsage* of(const TokenUsage& stated) {
    // Some records have no request id; the length keeps two ids apart.
    reply = fmt::format("{}:{}{}", stated.api_message_id.size(), stated.api_message_id, stated.request_id);
    usage = {reply, stated.model, stated.input, stated.output, stated.cache_creation, stated.cache_read};
    return &usage;
  }
};

// What a record of an extraction file sums up; lives as long.
using Versions = std::vector<std::pair<std::int64_t, std::string>>;

NewMessage to_message(const Record& record, Usage& usage, Versions& versions) {
  NewMessage message;
  message.source_type = record.source_type;
  message.prefix = record.prefix;
  message.level = record.level;
  message.time_ms = record.time_ms;
  message.text = record.text;
  message.text_hash = record.text_hash;
  message.origin = record.origin;
  message.position = record.position;
  message.session = record.session;
  message.project = record.project;
  message.component = record.component;
  message.role = record.role;
  if (record.shape) message.shape = record.shape->text();
  message.residue = record.residue;
  message.time_precision = record.time_precision;
  if (!record.metadata.empty()) {
    versions = saved_versions(record.origin, record.metadata);
    message.sums_up = &versions;
  }
  if (!record.facts) return message;
  message.uuid = record.facts->uuid;
  message.parent_uuid = record.facts->parent_uuid;
  message.parent_session = record.facts->parent_session;
  if (record.facts->usage) message.usage = usage.of(*record.facts->usage);
  return message;
}

}  // namespace

Status RunLoader::consume(PreparedChunk& prepared, const Consuming& how) {
  const ParsedChunk& chunk = prepared.parsed;
  text_memos_.assign(prepared.groups.text_groups, TextMemo());
  context_memos_.assign(prepared.groups.context_groups, ContextMemo());
  bytes_ += chunk.bytes;
  note_redactions(prepared.redactions);
  for (const Reject& reject : chunk.rejects)
    CMEM_TRY(quarantine({reject.line_number, reject.byte_offset, reject.length_bytes,
                         fmt::format("{}: {}", to_string(reject.reason), reject.message), reject.excerpt}));
  for (std::size_t i = 0; i < chunk.records.size(); ++i) {
    CMEM_TRY(add(chunk.records[i], prepared.groups.text[i], prepared.groups.context[i], i == 0 ? how.replaces : 0));
    if ((++since_check_ & 0xFF) != 0 || how.keeps_batch) continue;
    CMEM_CRASH_POINT("ingest.mid-batch");
    CMEM_TRY(commit_if_due(false));
  }
  batch_.note_bytes(chunk.bytes);
  CMEM_CRASH_POINT("ingest.after-chunk");
  return how.keeps_batch ? Status{} : commit_if_due(false);
}

Status RunLoader::commit_if_due(bool source_is_slow) { return batch_.is_due(source_is_slow) ? commit() : Status{}; }

Status RunLoader::note_damage(const Error& damage) { return quarantine({0, bytes_, 0, "damaged-source: " + damage.text, ""}); }

Status RunLoader::finish() {
  CMEM_TRY(open_batch());
  return write_row();
}

void RunLoader::note_joined(std::int64_t messages) {
  if (run_id_ == 0) return;
  const std::int64_t known = std::min(messages, counts_.messages_new);
  counts_.messages_new -= known;
  counts_.duplicates += known;
}

void RunLoader::take_back() {
  if (batch_.last_committed() == batch_number_) {
    committed_ = written_;
    row_is_durable_ = true;
  }
  counts_ = written_ = committed_;
  redactions_ = committed_redactions_;
  if (!row_is_durable_) run_id_ = 0;
}

void RunLoader::interrupt() {
  if (!batch_.is_open()) take_back();
  const RunEnd end{kRunInterrupted, -1, "", "", batch_.writer().now_ms()};
  const bool marked = open_batch() && write_row() && finish_run(batch_.writer().db(), run_id_, end) && batch_.commit();
  if (!marked) batch_.rollback();
}

// The first batch of a run also writes its row.
Status RunLoader::open_batch() {
  CMEM_TRY(batch_.open());
  if (batch_number_ == batch_.number()) return {};
  batch_number_ = batch_.number();
  first_message_id_ = batch_.writer().next_message_id();
  // What was looked up in an earlier batch may not hold any more.
  std::fill(text_memos_.begin(), text_memos_.end(), TextMemo());
  std::fill(context_memos_.begin(), context_memos_.end(), ContextMemo());
  if (run_id_ != 0) {
    row_is_durable_ = true;
    return {};
  }
  Writer& writer = batch_.writer();
  CMEM_TRY(mark_interrupted_runs(writer.db(), writer.now_ms()));
  CMEM_ASSIGN_OR_RETURN(run_id_, insert_run(writer.db(), source_, kComponentClassifierVersion, writer.now_ms()));
  CMEM_CRASH_POINT("ingest.after-run");
  return {};
}

Status RunLoader::add(const Record& record, std::size_t text_group, std::size_t context_group, std::int64_t replaces) {
  ++counts_.records_read;
  counts_.hash_mismatches += record.hash_mismatch ? 1 : 0;
  if (known_ && known_->contains(record.content_sha256)) {
    ++counts_.known_skipped;
    return {};
  }
  CMEM_TRY(open_batch());
  Usage usage;
  Versions versions;
  NewMessage message = to_message(record, usage, versions);
  message.restores_file = restores_files_ && record.shape != nullptr;
  Writer& writer = batch_.writer();
  TextMemo& text = text_memos_[text_group];
  ContextMemo& context = context_memos_[context_group];
  CMEM_ASSIGN_OR_RETURN(last_outcome_, replaces == 0 ? writer.add(message, seen_, text, context)
                                                     : writer.replace(replaces, message, seen_, text, context));
  if (last_outcome_ == AddOutcome::kKept) {
    --counts_.records_read;  // it was counted when it was stored
    return {};
  }
  batch_.note_message();
  copies_ += last_outcome_ == AddOutcome::kCopy ? 1 : 0;
  ++(last_outcome_ == AddOutcome::kNew ? counts_.messages_new : counts_.duplicates);
  return {};
}

Status RunLoader::quarantine(const RejectedRecord& record) {
  CMEM_TRY(open_batch());
  ++counts_.records_read;
  ++counts_.rejected;
  CMEM_TRY(insert_rejected(batch_.writer().db(), run_id_, counts_.rejected, record));
  CMEM_CRASH_POINT("ingest.after-quarantine");
  return {};
}

void RunLoader::note_redactions(const SecretCounts& counts) {
  for (const auto& [kind, count] : counts) redactions_[kind] += count;
}

Status RunLoader::write_redactions() {
  if (redactions_.empty()) return {};
  CMEM_ASSIGN_OR_RETURN(auto insert, batch_.writer().db().prepare("INSERT OR REPLACE INTO main.redaction VALUES(?1, ?2, ?3)"));
  for (const auto& [kind, count] : redactions_) {
    CMEM_TRY(insert.bind(1, run_id_));
    CMEM_TRY(insert.bind_text(2, secret_kinds()[kind].name));
    CMEM_TRY(insert.bind(3, count));
    CMEM_TRY(insert.run());
  }
  return {};
}

Status RunLoader::write_row() {
  Writer& writer = batch_.writer();
  CMEM_TRY(update_run(writer.db(), run_id_, counts_));
  CMEM_TRY(insert_run_messages(writer.db(), run_id_, first_message_id_, writer.next_message_id() - 1));
  CMEM_TRY(write_redactions());
  first_message_id_ = writer.next_message_id();
  batch_.note_counts(counts_ - written_);
  written_ = counts_;
  return {};
}

Status RunLoader::commit() {
  if (!batch_.is_open()) return {};
  if (run_id_ != 0) CMEM_TRY(write_row());
  CMEM_TRY(batch_.commit());
  committed_ = written_;
  committed_redactions_ = redactions_;
  return {};
}

}  // namespace cmem
