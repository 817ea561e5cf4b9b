// All messages of a store up to one of them, by text and time (text_messages.h): parts of rising ids, few large ones and ever
// smaller ones, so that a new message is sorted in a few times.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"
#include "store/doc_values.h"
#include "store/text_messages.h"

namespace cmem {

struct NewMessages {
  std::vector<TimedMessage> messages;  // by id
  std::int64_t end_id = 1;
};

// The messages of `spans` from `begin_id` on, as many as a part may have at most, in the caller's read transaction. Ends early when
// `stop` becomes true.
Result<NewMessages> read_messages(sqlite::Connection& db, DocValueReader& doc_values, const std::vector<SegmentSpan>& spans,
                                  std::int64_t begin_id, const std::atomic<bool>& stop);

class LearntMessages {
 public:
  // Whoever throws away what was known starts the next generation.
  explicit LearntMessages(std::uint64_t generation = 0) : generation_(generation) {}

  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  // The id behind the last message.
  [[nodiscard]] std::int64_t end_id() const { return ends_.empty() ? 1 : ends_.back(); }
  [[nodiscard]] const TextMessagesParts& parts() const { return parts_; }
  [[nodiscard]] std::size_t messages() const;
  // The parts that lie before this id.
  [[nodiscard]] LearntMessages until(std::int64_t end_id) const;
  // Whether it has the parts of `other`, and then perhaps more.
  [[nodiscard]] bool begins_with(const LearntMessages& other) const;

  // A new part, which takes in those before it that are not much larger, but not the first `keep` ones, and not if it gets more
  // than `most` messages.
  void append(NewMessages added, std::size_t keep, std::size_t most);
  // The parts of `longer` behind those of `shorter`, with which it begins.
  void append_rest(const LearntMessages& longer, const LearntMessages& shorter);
  // Makes one part of some that are of like size; false if there are none.
  [[nodiscard]] bool can_merge() const;
  void merge();

 private:
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  [[nodiscard]] std::size_t first_of_like_size(std::size_t end, std::size_t messages, std::size_t keep, std::size_t most) const;
  [[nodiscard]] Range of_like_size() const;

  std::uint64_t generation_;
  TextMessagesParts parts_;
  std::vector<std::int64_t> ends_;  // by part: the id behind its messages
};

}  // namespace cmem
