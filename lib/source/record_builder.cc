#include "source/record_builder.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/time_text.h"
#include "base/varint.h"
#include "source/component_classifier.h"
#include "source/line_fields.h"

namespace cmem {
namespace {

LineFault wrong_type(const char* name, const char* wanted) {
  return {RejectReason::kWrongType, std::string("the field \"") + name + "\" is not " + wanted};
}

std::string_view inside(std::string_view quoted) noexcept { return quoted.substr(1, quoted.size() - 2); }

bool equals_hex(const RawValue& raw, const Sha256Digest& digest) noexcept {
  if (raw.text.size() != 66 || raw.text[0] != '"') return false;
  char hex[64];
  to_hex(digest, hex);
  return std::memcmp(hex, raw.text.data() + 1, sizeof hex) == 0;
}

}  // namespace

void RecordBuilder::begin_chunk(TextArena& arena) {
  arena_ = &arena;
  last_residue_ = {};
}

const RawValue* RecordBuilder::value(SlotRole role) const noexcept {
  const int at = line_->index->of(role);
  return at < 0 ? nullptr : &(*line_->values)[static_cast<std::size_t>(at)];
}

std::string_view RecordBuilder::decode(const RawValue& raw) {
  const std::string_view text = inside(raw.text);
  if (!raw.escaped) return text;
  char* out = arena_->allocate(text.size());
  const JsonDecoded decoded = json_decode_string(text, out);
  arena_->shrink(text.size() - decoded.size);
  return {out, decoded.size};
}

// null and a missing field are an empty string.
std::optional<LineFault> RecordBuilder::read_string(SlotRole role, const char* name, std::string_view& out) {
  const RawValue* raw = value(role);
  if (raw == nullptr || raw->text == "null") return std::nullopt;
  if (raw->text[0] != '"') return wrong_type(name, "a string");
  out = decode(*raw);
  return std::nullopt;
}

std::optional<LineFault> RecordBuilder::read_content() {
  const RawValue& raw = *value(SlotRole::kContent);
  if (raw.text[0] != '"')
    return wrong_type(line_->source_type == SourceType::kCheckpoint ? "message.content" : "content", "a string");
  content_ = decode(raw);
  return std::nullopt;
}

std::optional<LineFault> RecordBuilder::read_time() {
  timestamp_.reset();
  const RawValue* raw = value(SlotRole::kTimestamp);
  if (raw == nullptr || raw->text == "null") return std::nullopt;
  const std::string_view text = raw->text;
  const bool number = text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
  std::int64_t time_ms = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), time_ms);
  if (!number || parsed.ptr != text.data() + text.size()) return wrong_type("timestamp", "a whole number of milliseconds");
  if (parsed.ec != std::errc{} || time_ms < kMinIsoMs || time_ms > kMaxIsoMs) {
    return LineFault{RejectReason::kBadTimestamp,
                     "the timestamp " + std::string(text.substr(0, 40)) + " is not in the years 1 to 9999"};
  }
  timestamp_ = time_ms;
  record_->time_ms = time_ms;
  return std::nullopt;
}

std::optional<LineFault> RecordBuilder::read_origin() {
  if (line_->source_type == SourceType::kCheckpoint && value(SlotRole::kSource) == nullptr) {
    const RawValue& raw = *value(SlotRole::kCheckpoint);
    if (raw.text[0] != '"') return wrong_type("checkpoint", "a string");
    record_->origin = decode(raw);
    if (record_->origin.empty()) return LineFault{RejectReason::kMissingField, "the field \"checkpoint\" is empty"};
    return std::nullopt;
  }
  const RawValue& raw = *value(SlotRole::kSource);
  if (raw.text[0] != '"') return wrong_type("source", "a string");
  source_ = decode(raw);
  record_->origin = split_source(source_, record_->position);
  if (record_->origin.empty()) return LineFault{RejectReason::kMissingField, "the field \"source\" is empty"};
  return std::nullopt;
}

std::optional<LineFault> RecordBuilder::read_people() {
  if (auto fault = read_string(SlotRole::kSession, "session_id", record_->session)) return fault;
  if (auto fault = read_string(SlotRole::kProject, "project", record_->project)) return fault;
  const bool checkpoint = line_->source_type == SourceType::kCheckpoint;
  if (auto fault = read_string(SlotRole::kRole, checkpoint ? "message.role" : "role", record_->role)) return fault;
  if (line_->source_type == SourceType::kHistory && value(SlotRole::kRole) == nullptr) record_->role = "user";
  return std::nullopt;
}

// The time of a checkpoint record is when the text was first seen; a form that we do not know is no time.
void RecordBuilder::read_checkpoint_time() {
  for (std::size_t i = 0; i < line_->pieces->size(); ++i) {
    const RawValue& raw = (*line_->values)[i];
    if ((*line_->pieces)[i].key == "first_seen" && raw.text[0] == '"') {
      record_->time_ms = parse_iso_ms(inside(raw.text)).value_or(kNoTime);
    }
  }
}

void RecordBuilder::read_session_of_origin() {
  const std::string_view origin = record_->origin;
  if (origin != last_origin_) {
    last_origin_ = origin;
    const std::size_t folder = line_->source_type == SourceType::kTodos ? origin.size() - last_component(origin).size() : 0;
    const std::string_view uuid = uuid_in(origin.substr(folder));
    session_begin_ = uuid.empty() ? 0 : static_cast<std::size_t>(uuid.data() - origin.data());
    session_size_ = uuid.size();
  }
  if (session_size_ != 0) record_->session = origin.substr(session_begin_, session_size_);
}

// The record's timestamp is the time of the extraction, never the event's: time and level come from the line.
void RecordBuilder::read_debug_fields() {
  const SplitContent split = split_content(content_);
  record_->prefix = split.prefix;
  record_->time_ms = split.time_ms;
  record_->level = split.level;
  record_->text = split.text;
  record_->component = classify_component(split.text);
}

// UTF-8 wherever it gives the content's bytes again, so that the same line has the same shape whatever was parsed before.
void RecordBuilder::choose_style() {
  const RawValue& raw = *value(SlotRole::kContent);
  style_ = JsonStyle::kUtf8;
  content_derivable_ = !raw.escaped;
  if (content_derivable_) return;
  for (const JsonStyle style : {JsonStyle::kUtf8, JsonStyle::kAscii}) {
    scratch_.clear();
    json_append_string(scratch_, content_, style);
    if (scratch_ != raw.text) continue;
    content_derivable_ = true;
    style_ = style;
    return;
  }
}

void RecordBuilder::check_hash() {
  hash_derivable_ = false;
  if (!check_hashes_) return;
  record_->content_sha256 = sha256(content_);
  if (const RawValue* raw = value(SlotRole::kContentHash)) {
    hash_derivable_ = equals_hex(*raw, record_->content_sha256);
    record_->hash_mismatch = !hash_derivable_ && raw->text != "null";
  }
  if (const RawValue* raw = value(SlotRole::kMessageHash)) {
    scratch_.clear();
    append_message_json(scratch_, content_, record_->role);
    hash_derivable_ = equals_hex(*raw, sha256(scratch_));
    record_->hash_mismatch = !hash_derivable_ && raw->text != "null";
  }
}

// What tells records of one origin apart if the record names no line: for a checkpoint its message, hash and first_seen, else
// its content, metadata and timestamp. The todos of a home have the same (todos_parser.cc).
void RecordBuilder::set_fingerprint() {
  const bool checkpoint = line_->source_type == SourceType::kCheckpoint;
  scratch_.clear();
  append_identity(scratch_, content_);
  for (std::size_t i = 0; i < line_->pieces->size(); ++i) {
    const ShapePiece& piece = (*line_->pieces)[i];
    const bool identity = checkpoint ? piece.role == SlotRole::kMessageHash || piece.role == SlotRole::kRole ||
                                           piece.key == "first_seen" || piece.key.starts_with("message.")
                                     : piece.role == SlotRole::kTimestamp || piece.key == "metadata";
    if (!identity || piece.role == SlotRole::kContent) continue;
    if (line_->source_type == SourceType::kFileHistory && piece.key == "metadata") record_->metadata = (*line_->values)[i].text;
    append_identity(scratch_, piece.key);
    append_identity(scratch_, (*line_->values)[i].text);
  }
  if (line_->overflow) append_identity(scratch_, line_->line);
  record_->position = fingerprint(scratch_);
}

// True if json_append_string(text, style_) writes exactly the bytes of `raw`. A string without escapes is its own UTF-8 form.
bool RecordBuilder::same_string(const RawValue& raw, std::string_view text) {
  if (!raw.escaped && style_ == JsonStyle::kUtf8) return raw.text.size() == text.size() + 2 && inside(raw.text) == text;
  scratch_.clear();
  json_append_string(scratch_, text, style_);
  return scratch_ == raw.text;
}

bool RecordBuilder::derivable(SlotRole role, const RawValue& raw) {
  if (raw.text[0] != '"' && role != SlotRole::kTimestamp) return false;
  switch (role) {
    case SlotRole::kContent:
      return content_derivable_;
    // A source without escapes is composed to the same bytes; split_source splits only so.
    case SlotRole::kSource:
      return same_string(raw, source_);
    case SlotRole::kFile:
      return same_string(raw, last_component(record_->origin));
    case SlotRole::kTimestamp:
      return timestamp_ && *timestamp_ == record_->time_ms && raw.text != "-0";
    case SlotRole::kSession:
      return same_string(raw, record_->session);
    case SlotRole::kProject:
      return same_string(raw, record_->project);
    case SlotRole::kRole:
      return same_string(raw, record_->role);
    case SlotRole::kCheckpoint:
      return same_string(raw, record_->origin);
    case SlotRole::kContentHash:
    case SlotRole::kMessageHash:
      return hash_derivable_;
    case SlotRole::kExplicit:
    case SlotRole::kWholeLine:
    case SlotRole::kBytes:
    case SlotRole::kData:
      break;
  }
  return false;
}

void RecordBuilder::write_residue() {
  residue_.clear();
  std::uint64_t mask = 0;
  const std::vector<ShapePiece>& pieces = *line_->pieces;
  const std::vector<RawValue>& values = *line_->values;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (!derivable(pieces[i].role, values[i])) mask |= std::uint64_t{1} << i;
  }
  record_->shape = &line_->learned->in(style_);
  if (mask == 0) return;
  put_varint(residue_, mask);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (((mask >> i) & 1U) == 0) continue;
    put_varint(residue_, values[i].text.size());
    residue_ += values[i].text;
  }
  if (residue_ != last_residue_) last_residue_ = arena_->copy(residue_);
  record_->residue = last_residue_;
}

void RecordBuilder::write_whole_line() {
  residue_.assign(1, '\1');
  put_varint(residue_, line_->mark.size() + line_->line.size());
  residue_ += line_->mark;
  residue_ += line_->line;
  record_->shape = &shapes_.whole_line(line_->has_newline);
  record_->residue = arena_->copy(residue_);
}

std::optional<LineFault> RecordBuilder::build(const LineValues& line, Record& record) {
  line_ = &line;
  record_ = &record;
  record.source_type = line.source_type;
  if (auto fault = read_content()) return fault;
  if (auto fault = read_time()) return fault;
  if (auto fault = read_origin()) return fault;
  if (auto fault = read_people()) return fault;
  record.text = content_;
  if (line.source_type == SourceType::kDebug) read_debug_fields();
  if (line.source_type == SourceType::kDebug || line.source_type == SourceType::kTodos) read_session_of_origin();
  if (value(SlotRole::kCheckpoint) != nullptr) read_checkpoint_time();
  const RawValue* hash = value(SlotRole::kContentHash) != nullptr ? value(SlotRole::kContentHash) : value(SlotRole::kMessageHash);
  if (hash != nullptr && hash->text[0] != '"' && hash->text != "null") return wrong_type("hash", "a string");
  record.text_hash = xxh3_64(record.text);
  check_hash();
  if (record.position == 0) set_fingerprint();
  if (line.learned == nullptr) {
    write_whole_line();
  } else {
    choose_style();
    write_residue();
  }
  return std::nullopt;
}

}  // namespace cmem
