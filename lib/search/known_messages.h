// What a search asks of the messages of its texts where the handle knows them (store/text_messages.h): their number, the one that
// stands for the text, and which texts come first in an order by time. Does not read the store, and does not change with it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "search/first_hits.h"
#include "search/hit.h"
#include "search/text_hits.h"
#include "store/message_filter.h"
#include "store/text_messages.h"

namespace cmem {

class KnownMessages {
 public:
  // `messages` pass all that the filter asks but for times.
  KnownMessages(const TextMessagesParts& messages, const ResolvedFilter& filter, HitOrder order);

  [[nodiscard]] std::uint32_t count(std::uint32_t text_id) const {
    std::uint32_t messages = 0;
    for (const TextMessagesView& view : views_) messages += view.count(text_id);
    return messages;
  }
  // With the first message in the order, which is the newest for kRelevance.
  [[nodiscard]] TextTotal total(std::uint32_t text_id) const;

  // How many messages the texts have, how many have any, and the slots of those among which the first `limit` are, rising: what
  // first_slots() gives for a first page, from the same look at each text.
  struct Count {
    std::int64_t messages = 0;
    std::int64_t texts = 0;
    std::vector<std::size_t> first_slots;
  };
  [[nodiscard]] Count count(const TextHits& texts, std::size_t limit) const;

  // The texts that have messages, rising.
  [[nodiscard]] std::vector<std::uint32_t> texts() const;
  // Slots of texts among which those of the next `limit` hits behind `after` are, rising. all_messages: each
  // message is a hit, else the first one of a text.
  [[nodiscard]] std::vector<std::size_t> first_slots(const TextHits& texts, const std::optional<Hit>& after, std::size_t limit,
                                                     bool all_messages) const;
  // Offers all messages of a text. `hit` has all but time and id.
  void offer_messages(std::uint32_t text_id, Hit hit, const std::optional<Hit>& after, FirstHits& first) const;

 private:
  class FirstTexts;
  static std::vector<std::size_t> slots_of(std::vector<FirstTexts>& first);
  [[nodiscard]] std::uint64_t worse_of(Hit hit) const;
  [[nodiscard]] bool was_given(std::uint32_t text_id, Hit hit, const Hit& after) const;
  [[nodiscard]] std::uint32_t positions_until(const TextMessagesView& view, const Hit& after) const;

  HitOrder order_;
  std::vector<TextMessagesView> views_;
};

}  // namespace cmem
