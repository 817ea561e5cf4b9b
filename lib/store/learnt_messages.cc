#include "store/learnt_messages.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace cmem {
namespace {

// Parts are of like size unless one is so many times larger.
constexpr std::size_t kPartRatio = 4;

// `text_of` is for the caller to keep.
void append_new(const Segment& segment, std::int64_t begin_id, std::vector<std::uint32_t>& text_of,
                std::vector<TimedMessage>& messages) {
  text_of.resize(segment.size());
  for (std::size_t text = 0; text < segment.texts.size(); ++text)
    for (const std::uint16_t message : segment.messages_of(text)) text_of[message] = segment.texts[text];
  const auto first = static_cast<std::size_t>(std::max<std::int64_t>(begin_id - segment.first_id, 0));
  for (std::size_t i = first; i < segment.size(); ++i)
    if (text_of[i] != 0)  // else it was forgotten
      messages.push_back({segment.time_ms(i), segment.first_id + static_cast<std::int64_t>(i), text_of[i], segment.context_id(i)});
}

void append_messages(const TextMessages& part, std::vector<TimedMessage>& messages) {
  const std::vector<TimedMessage> more = part.messages();
  messages.insert(messages.end(), more.begin(), more.end());
}

}  // namespace

Result<NewMessages> read_messages(sqlite::Connection& db, DocValueReader& doc_values, const std::vector<SegmentSpan>& spans,
                                  std::int64_t begin_id, const std::atomic<bool>& stop) {
  NewMessages found{{}, begin_id};
  std::vector<std::uint32_t> text_of;
  for (const SegmentSpan& span : spans) {
    if (stop || found.messages.size() + kSegmentMessages > TextMessages::kMaxMessages) break;
    if (!span.is_tail && span.first_id + kSegmentMessages <= begin_id) continue;
    CMEM_ASSIGN_OR_RETURN(const auto segment, doc_values.read(db, span));
    append_new(*segment, begin_id, text_of, found.messages);
    found.end_id = std::max(begin_id, segment->first_id + static_cast<std::int64_t>(segment->size()));
  }
  return found;
}

std::size_t LearntMessages::messages() const {
  std::size_t messages = 0;
  for (const auto& part : parts_) messages += part->order().size();
  return messages;
}

LearntMessages LearntMessages::until(std::int64_t end_id) const {
  LearntMessages some(generation_);
  const auto parts = std::upper_bound(ends_.begin(), ends_.end(), end_id) - ends_.begin();
  some.parts_.assign(parts_.begin(), parts_.begin() + parts);
  some.ends_.assign(ends_.begin(), ends_.begin() + parts);
  return some;
}

bool LearntMessages::begins_with(const LearntMessages& other) const {
  return generation_ == other.generation_ && parts_.size() >= other.parts_.size() &&
         std::equal(other.parts_.begin(), other.parts_.end(), parts_.begin()) &&
         std::equal(other.ends_.begin(), other.ends_.end(), ends_.begin());
}

void LearntMessages::append(NewMessages added, std::size_t keep, std::size_t most) {
  const std::size_t first = first_of_like_size(parts_.size(), added.messages.size(), keep, most);
  if (first < parts_.size()) {
    std::vector<TimedMessage> all;
    for (std::size_t part = first; part < parts_.size(); ++part) append_messages(*parts_[part], all);
    all.insert(all.end(), added.messages.begin(), added.messages.end());
    added.messages = std::move(all);
  }
  parts_.resize(first);
  ends_.resize(first);
  parts_.push_back(TextMessages::make(std::move(added.messages)));
  ends_.push_back(added.end_id);
}

void LearntMessages::append_rest(const LearntMessages& longer, const LearntMessages& shorter) {
  const auto from = static_cast<std::ptrdiff_t>(shorter.parts_.size());
  parts_.insert(parts_.end(), longer.parts_.begin() + from, longer.parts_.end());
  ends_.insert(ends_.end(), longer.ends_.begin() + from, longer.ends_.end());
}

// Of the parts before `end`, how far back they can be taken into one that has so many messages by itself.
std::size_t LearntMessages::first_of_like_size(std::size_t end, std::size_t messages, std::size_t keep, std::size_t most) const {
  std::size_t first = end;
  for (; first > keep; --first) {
    const std::size_t before = parts_[first - 1]->order().size();
    if (before / kPartRatio > messages || before + messages > most) break;
    messages += before;
  }
  return first;
}

LearntMessages::Range LearntMessages::of_like_size() const {
  for (std::size_t last = parts_.size(); last-- > 1;) {
    const std::size_t first = first_of_like_size(last, parts_[last]->order().size(), 0, TextMessages::kMaxMessages);
    if (first < last) return {first, last + 1};
  }
  return {};
}

bool LearntMessages::can_merge() const { return of_like_size().end > 0; }

void LearntMessages::merge() {
  const Range range = of_like_size();
  if (range.end == 0) return;
  std::vector<TimedMessage> all;
  for (std::size_t part = range.begin; part < range.end; ++part) append_messages(*parts_[part], all);
  parts_[range.begin] = TextMessages::make(std::move(all));
  ends_[range.begin] = ends_[range.end - 1];
  const auto drop = [&](auto& list) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(range.begin + 1), list.begin() + static_cast<std::ptrdiff_t>(range.end));
  };
  drop(parts_);
  drop(ends_);
}

}  // namespace cmem
