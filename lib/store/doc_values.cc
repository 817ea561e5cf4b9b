#include "store/doc_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace cmem {
namespace {

constexpr std::int64_t kNothing = std::numeric_limits<std::int64_t>::max();

std::int64_t segment_start(std::int64_t message_id) { return (message_id - 1) / kSegmentMessages * kSegmentMessages + 1; }

SegmentSpan span_of(const SegmentRows& segment) {
  SegmentSpan span{segment.first_id, kNothing, std::numeric_limits<std::int64_t>::min(), true};
  for (const std::int64_t time : segment.time_ms) {
    if (time == kNoTime) continue;
    span.min_ms = std::min(span.min_ms, time);
    span.max_ms = std::max(span.max_ms, time);
  }
  return span;
}

// Appends the rows with ids from `from_id` to before `end_id` to `segment`; ids without a row become forgotten messages.
Status read_rows(sqlite::Connection& db, SegmentRows& segment, std::int64_t from_id, std::int64_t end_id) {
  CMEM_ASSIGN_OR_RETURN(
      auto rows, db.prepare("SELECT id, time_ms, context_id, text_id FROM main.message WHERE id >= ?1 AND id < ?2 ORDER BY id"));
  CMEM_TRY(rows.bind(1, from_id));
  CMEM_TRY(rows.bind(2, end_id));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    while (segment.end_id() < rows.column_int(0)) segment.append(kNoTime, 0, 0);
    segment.append(rows.column_is_null(1) ? kNoTime : rows.column_int(1), rows.column_int(2), rows.column_int(3));
  }
}

Unexpected corrupt(std::int64_t first_id) {
  return Unexpected(Code::kCorrupt, fmt::format("doc_values segment {} is damaged; run `memory rebuild`", first_id));
}

// Appends the bytes of the values in planes, the lowest first.
template <typename Value>
void put_planes(const std::vector<Value>& values, unsigned planes, std::string& out) {
  std::size_t at = out.size();
  out.resize(at + values.size() * planes);
  for (unsigned plane = 0; plane < planes; ++plane)
    for (const Value value : values) out[at++] = static_cast<char>(value >> (8 * plane));
}

template <typename Value>
bool take_planes(VarintReader& reader, unsigned planes, std::vector<Value>& values) {
  const std::string_view bytes = reader.take(values.size() * planes);
  if (!reader.ok()) return false;
  for (unsigned plane = 0; plane < planes; ++plane) {
    const char* const from = bytes.data() + values.size() * plane;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<Value>(values[i] | static_cast<Value>(static_cast<unsigned char>(from[i])) << (8 * plane));
  }
  return true;
}

std::vector<std::uint64_t> encode_times(const Segment& segment) {
  std::vector<std::uint64_t> coded;
  coded.reserve(segment.size());
  std::int64_t last = segment.base_ms;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const std::int64_t time = segment.time_ms(i);
    coded.push_back(time == kNoTime ? 0 : 1 + zigzag(time - last));
    if (time != kNoTime) last = time;
  }
  return coded;
}

// From so many planes of `times.size()` bytes each.
template <unsigned kPlanes>
void decode_times(const char* planes, std::int64_t base_ms, std::vector<std::int64_t>& times) {
  std::int64_t last = base_ms;
  for (std::size_t i = 0; i < times.size(); ++i) {
    std::uint64_t coded = 0;
    for (unsigned plane = 0; plane < kPlanes; ++plane)
      coded |= std::uint64_t{static_cast<unsigned char>(planes[plane * times.size() + i])} << (8 * plane);
    const auto gap = static_cast<std::uint64_t>(unzigzag(coded - 1));
    if (coded != 0) last = static_cast<std::int64_t>(static_cast<std::uint64_t>(last) + gap);
    times[i] = coded == 0 ? kNoTime : last;
  }
}
using DecodeTimes = void (*)(const char*, std::int64_t, std::vector<std::int64_t>&);
constexpr std::array<DecodeTimes, 9> kDecodeTimes{decode_times<0>, decode_times<1>, decode_times<2>,
                                                  decode_times<3>, decode_times<4>, decode_times<5>,
                                                  decode_times<6>, decode_times<7>, decode_times<8>};

struct CodedTimes {
  std::int64_t base_ms;
  std::size_t plane_count;
  std::string_view planes;
};

// What `data` ends with. Nothing: it is damaged.
std::optional<CodedTimes> take_times(VarintReader& reader) {
  CodedTimes times{reader.next_signed(), 0, {}};
  const std::string_view count = reader.take(1);
  if (!reader.ok() || static_cast<unsigned char>(count.front()) >= kDecodeTimes.size()) return std::nullopt;
  times.plane_count = static_cast<std::size_t>(count.front());
  times.planes = reader.take(times.plane_count * kSegmentMessages);
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return times;
}

// Whether no time is 0, which stands for none, in all its planes.
bool all_are_known(const CodedTimes& times) {
  std::string any(kSegmentMessages, '\0');
  for (std::size_t plane = 0; plane < times.plane_count; ++plane)
    for (std::size_t i = 0; i < any.size(); ++i) any[i] = static_cast<char>(any[i] | times.planes[plane * any.size() + i]);
  return any.find('\0') == std::string::npos;
}

// What `data` begins with. False: it is damaged.
bool take_contexts(VarintReader& reader, Segment& segment) {
  const std::uint64_t count = reader.next();
  if (count == 0 || count > kSegmentMessages) return false;
  std::uint64_t context = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    context += reader.next();
    segment.contexts.push_back(static_cast<std::uint32_t>(context));
  }
  segment.context_index.resize(kSegmentMessages);
  if (!take_planes(reader, count <= 256 ? 1 : 2, segment.context_index)) return false;
  if (*std::max_element(segment.context_index.begin(), segment.context_index.end()) >= count) return false;
  segment.set_context_sizes();
  return true;
}

// What the texts' messages are given by; arranged so that decode_order() is one pass.
std::vector<std::uint16_t> encode_order(const Segment& segment) {
  std::vector<std::uint16_t> coded;
  coded.reserve(segment.by_text.size());
  std::uint16_t first = 0;
  for (std::size_t text = 0; text < segment.texts.size(); ++text) {
    std::uint16_t last = first;
    const auto messages = segment.messages_of(text);
    for (const std::uint16_t message : messages) {
      coded.push_back(static_cast<std::uint16_t>(message - last));
      last = message;
    }
    first = messages.front();
  }
  return coded;
}

// From two planes. False if a message is named that is none, or one twice.
bool decode_order(const char* planes, std::size_t messages, Segment& segment) {
  segment.by_text.resize(messages);
  std::vector<bool> seen(messages);
  std::uint16_t first = 0;
  std::size_t at = 0;
  for (std::size_t text = 0; text < segment.texts.size(); ++text) {
    std::uint16_t last = first;
    const std::size_t begin = at;
    for (; at < segment.text_ends[text]; ++at) {
      const unsigned low = static_cast<unsigned char>(planes[at]);
      const unsigned high = static_cast<unsigned char>(planes[messages + at]);
      last = static_cast<std::uint16_t>(last + (low | high << 8));
      if (last >= messages || seen[last]) return false;
      seen[last] = true;
      segment.by_text[at] = last;
    }
    first = segment.by_text[begin];
  }
  return true;
}

}  // namespace

std::size_t Segment::memory_bytes() const {
  return sizeof *this + size() * 2 * sizeof by_text[0] + time_offset.size() * sizeof time_offset[0] +
         wide_time_ms.size() * sizeof wide_time_ms[0] + (2 * contexts.size() + texts.size() + text_ends.size()) * sizeof texts[0];
}

void Segment::set_context_sizes() {
  context_sizes.assign(contexts.size(), 0);
  for (const std::uint16_t context : context_index) ++context_sizes[context];
  messages = static_cast<std::int64_t>(context_index.size());
}

void Segment::set_times(const std::vector<std::int64_t>& times) {
  std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
  std::int64_t latest = std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t time : times) {
    earliest = std::min(earliest, time == kNoTime ? earliest : time);
    latest = std::max(latest, time);
    all_have_times = all_have_times && time != kNoTime;
  }
  base_ms = latest == kNoTime ? 0 : earliest;
  latest_ms = latest;
  if (latest != kNoTime && static_cast<std::uint64_t>(latest) - static_cast<std::uint64_t>(earliest) >= kNoOffset) {
    wide_time_ms = times;
    return;
  }
  time_offset.resize(times.size());
  for (std::size_t i = 0; i < times.size(); ++i)
    time_offset[i] = times[i] == kNoTime ? kNoOffset : static_cast<std::uint32_t>(times[i] - base_ms);
}

Segment arrange_segment(const SegmentRows& rows) {
  Segment segment;
  segment.first_id = rows.first_id;
  segment.set_times(rows.time_ms);
  segment.contexts = rows.context_id;
  std::sort(segment.contexts.begin(), segment.contexts.end());
  segment.contexts.erase(std::unique(segment.contexts.begin(), segment.contexts.end()), segment.contexts.end());
  segment.context_index.reserve(rows.size());
  for (const std::uint32_t context : rows.context_id)
    segment.context_index.push_back(static_cast<std::uint16_t>(
        std::lower_bound(segment.contexts.begin(), segment.contexts.end(), context) - segment.contexts.begin()));
  segment.set_context_sizes();
  std::vector<std::uint64_t> order;  // text, message
  order.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) order.push_back(std::uint64_t{rows.text_id[i]} << 16 | i);
  std::sort(order.begin(), order.end());
  for (const std::uint64_t entry : order) {
    const auto text = static_cast<std::uint32_t>(entry >> 16);
    const auto message = static_cast<std::uint16_t>(entry);
    if (segment.texts.empty() || segment.texts.back() != text) {
      segment.texts.push_back(text);
      segment.text_ends.push_back(static_cast<std::uint32_t>(segment.by_text.size()));
    }
    segment.by_text.push_back(message);
    segment.text_ends.back() = static_cast<std::uint32_t>(segment.by_text.size());
  }
  return segment;
}

EncodedDocValues encode_segment(const Segment& segment) {
  EncodedDocValues encoded;
  std::uint64_t next_text = 0;
  for (std::size_t text = 0; text < segment.texts.size(); ++text) {
    const std::size_t count = segment.messages_of(text).size();
    put_varint(encoded.texts, (segment.texts[text] - next_text) << 1 | (count > 1 ? 1 : 0));
    if (count > 1) put_varint(encoded.texts, count - 2);
    next_text = std::uint64_t{segment.texts[text]} + 1;
  }
  std::string& data = encoded.data;
  put_varint(data, segment.contexts.size());
  std::uint32_t last_context = 0;
  for (const std::uint32_t context : segment.contexts) {
    put_varint(data, context - last_context);
    last_context = context;
  }
  put_planes(segment.context_index, segment.contexts.size() <= 256 ? 1 : 2, data);
  put_planes(encode_order(segment), 2, data);
  const std::vector<std::uint64_t> times = encode_times(segment);
  std::uint64_t all = 0;
  for (const std::uint64_t time : times) all |= time;
  const auto planes = static_cast<unsigned>((std::bit_width(all) + 7) / 8);
  put_signed(data, segment.base_ms);
  data.push_back(static_cast<char>(planes));
  put_planes(times, planes, data);
  return encoded;
}

Result<SegmentHead> decode_head(const SegmentSpan& span, std::string_view data) {
  VarintReader reader(data);
  Segment segment;
  if (!take_contexts(reader, segment)) return corrupt(span.first_id);
  reader.take(2 * kSegmentMessages);  // the order of the messages
  const auto times = take_times(reader);
  if (!times) return corrupt(span.first_id);
  SegmentHead head = std::move(segment);
  head.first_id = span.first_id;
  const bool has_time = span.min_ms <= span.max_ms;
  head.base_ms = has_time ? span.min_ms : 0;
  head.latest_ms = has_time ? span.max_ms : kNoTime;
  head.all_have_times = all_are_known(*times);
  return head;
}

Result<Segment> decode_segment(std::int64_t first_id, std::string_view texts, std::string_view data,
                               std::vector<std::int64_t>& scratch) {
  Segment segment;
  segment.first_id = first_id;
  DocValueReader::TextCounts counts(texts);
  std::uint64_t messages = 0;
  while (counts.next()) {
    messages += counts.count();
    segment.texts.push_back(counts.text_id());
    segment.text_ends.push_back(static_cast<std::uint32_t>(messages));
    if (counts.count() > kSegmentMessages || messages > kSegmentMessages) return corrupt(first_id);
  }
  if (!counts.ok() || messages != kSegmentMessages) return corrupt(first_id);
  VarintReader reader(data);
  if (!take_contexts(reader, segment)) return corrupt(first_id);
  const std::string_view order = reader.take(2 * messages);
  if (!reader.ok() || !decode_order(order.data(), messages, segment)) return corrupt(first_id);
  const auto times = take_times(reader);
  if (!times) return corrupt(first_id);
  scratch.resize(messages);
  kDecodeTimes[times->plane_count](times->planes.data(), times->base_ms, scratch);
  segment.set_times(scratch);
  return segment;
}

void DocValueWriter::reset() {
  open_ = {};
  sealed_.clear();
}

Status DocValueWriter::resume(sqlite::Connection& db, std::int64_t next_message_id) {
  reset();
  open_.first_id = segment_start(next_message_id);
  CMEM_TRY(read_rows(db, open_, open_.first_id, next_message_id));
  while (open_.end_id() < next_message_id) open_.append(kNoTime, 0, 0);
  return {};
}

void DocValueWriter::add(std::int64_t time_ms, std::int64_t context_id, std::int64_t text_id) {
  open_.append(time_ms, context_id, text_id);
  if (static_cast<std::int64_t>(open_.size()) < kSegmentMessages) return;
  seal(open_);
  const std::int64_t next_id = open_.first_id + kSegmentMessages;
  open_ = {};
  open_.first_id = next_id;
}

void DocValueWriter::seal(const SegmentRows& rows) {
  EncodedDocValues encoded = encode_segment(arrange_segment(rows));
  const std::size_t bytes = encoded.data.size();
  auto data = queue_->submit(bytes, [data = std::move(encoded.data)]() mutable { return std::move(data); });
  sealed_.push_back({span_of(rows), std::move(encoded.texts), std::move(data)});
}

Status DocValueWriter::take_out(sqlite::Connection& db, std::int64_t message_id) {
  if (message_id >= open_.first_id) {
    const auto at = static_cast<std::size_t>(message_id - open_.first_id);
    open_.time_ms[at] = kNoTime;
    open_.context_id[at] = open_.text_id[at] = 0;
    return {};
  }
  CMEM_TRY(flush(db));
  SegmentRows rows;
  rows.first_id = segment_start(message_id);
  const std::int64_t end_id = rows.first_id + kSegmentMessages;
  CMEM_TRY(read_rows(db, rows, rows.first_id, end_id));
  while (rows.end_id() < end_id) rows.append(kNoTime, 0, 0);
  seal(rows);
  return flush(db);
}

Status DocValueWriter::flush(sqlite::Connection& db) {
  if (sealed_.empty()) return {};
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT OR REPLACE INTO main.doc_values VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  for (Sealed& segment : sealed_) {
    CMEM_ASSIGN_OR_RETURN(const auto data, queue_->take(segment.data));
    CMEM_TRY(insert.bind(1, segment.span.first_id));
    const bool has_time = segment.span.min_ms <= segment.span.max_ms;
    CMEM_TRY(has_time ? insert.bind(2, segment.span.min_ms) : insert.bind_null(2));
    CMEM_TRY(has_time ? insert.bind(3, segment.span.max_ms) : insert.bind_null(3));
    CMEM_TRY(insert.bind_blob_static(4, as_bytes(segment.texts)));
    CMEM_TRY(insert.bind(5, static_cast<std::int64_t>(data.raw_bytes)));
    CMEM_TRY(insert.bind_blob_static(6, as_bytes(data.frame)));
    CMEM_TRY(insert.run());
  }
  sealed_.clear();
  return {};
}

Result<std::vector<SegmentSpan>> DocValueReader::spans(sqlite::Connection& db) {
  std::int64_t next_id = spans_.empty() ? 1 : spans_.back().first_id + kSegmentMessages;
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare("SELECT first_id, min_ms, max_ms FROM main.doc_values WHERE first_id >= ?1 ORDER BY first_id"));
  CMEM_TRY(rows.bind(1, next_id));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    if (rows.column_int(0) != next_id)
      return Unexpected(Code::kCorrupt, fmt::format("doc_values segment {} is missing; run `memory rebuild`", next_id));
    next_id += kSegmentMessages;
    if (rows.column_is_null(1))
      spans_.push_back({rows.column_int(0), kNothing, std::numeric_limits<std::int64_t>::min(), false});
    else
      spans_.push_back({rows.column_int(0), rows.column_int(1), rows.column_int(2), false});
  }
  CMEM_TRY(extend_tail(db, next_id));
  std::vector<SegmentSpan> spans = spans_;
  if (tail_rows_.size() > 0) spans.push_back(span_of(tail_rows_));
  return spans;
}

Status DocValueReader::extend_tail(sqlite::Connection& db, std::int64_t first_id) {
  if (tail_rows_.first_id != first_id) {
    tail_rows_ = {};
    tail_rows_.first_id = first_id;
  }
  const std::size_t known = tail_rows_.size();
  CMEM_TRY(read_rows(db, tail_rows_, tail_rows_.end_id(), kNothing));
  if (known != tail_rows_.size() || !tail_ || tail_->first_id != first_id) tail_.reset();
  return {};
}

Result<sqlite::Statement> DocValueReader::prepare_select(sqlite::Connection& db) {
  return db.prepare("SELECT texts, raw_bytes, data FROM main.doc_values WHERE first_id = ?1");
}

Status DocValueReader::select(sqlite::Statement& row, const SegmentSpan& span) {
  CMEM_TRY(row.bind(1, span.first_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (found) return {};
  return Unexpected(Code::kCorrupt, fmt::format("doc_values segment {} is missing; run `memory rebuild`", span.first_id));
}

Result<std::shared_ptr<const Segment>> DocValueReader::read(sqlite::Connection& db, const SegmentSpan& span) {
  if (span.is_tail) {
    if (!tail_) tail_ = std::make_shared<const Segment>(arrange_segment(tail_rows_));
    return tail_;
  }
  if (const auto cached = find(span)) return cached;
  CMEM_ASSIGN_OR_RETURN(auto row, prepare_select(db));
  CMEM_TRY(select(row, span));
  return decode(row, span);
}

Status DocValueReader::decompress(const sqlite::Statement& row) {
  return decompressor_.decompress(as_text(row.column_blob(2)), static_cast<std::size_t>(row.column_int(1)), data_);
}

Result<std::shared_ptr<const Segment>> DocValueReader::decode_data(sqlite::Statement& row, const SegmentSpan& span) {
  CMEM_ASSIGN_OR_RETURN(auto segment, decode_segment(span.first_id, as_text(row.column_blob(0)), data_, times_));
  ++decoded_;
  auto decoded = std::make_shared<const Segment>(std::move(segment));
  if (shared_ != nullptr) shared_->put(span.first_id, decoded);
  return keep(std::move(decoded));
}

std::shared_ptr<const Segment> DocValueReader::find(const SegmentSpan& span) {
  if (const auto* const cached = segments_.find(span.first_id)) return *cached;
  auto others = shared_ == nullptr ? nullptr : shared_->find(span.first_id);
  return others ? keep(std::move(others)) : nullptr;
}

std::shared_ptr<const Segment> DocValueReader::keep(std::shared_ptr<const Segment> segment) {
  heads_.try_emplace(segment->first_id, *segment);
  const std::size_t bytes = segment->memory_bytes();
  const std::int64_t first_id = segment->first_id;
  return segments_.put(first_id, std::move(segment), bytes);
}

void DocValueReader::clear() {
  segments_.clear();
  heads_.clear();
  spans_.clear();
  tail_rows_ = {};
  tail_.reset();
}

}  // namespace cmem
