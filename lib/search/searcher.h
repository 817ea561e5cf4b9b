// Full-text search: BM25 over the distinct texts, joined with the messages that have them through the doc values, under a
// filter. Exact: totals, order and the number of messages of a text equal a scan of everything.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/highlighter.h"
#include "search/hit.h"
#include "search/known_messages.h"
#include "search/matcher.h"
#include "search/newest_messages.h"
#include "search/query_language.h"
#include "search/text_hits.h"
#include "store/store.h"

namespace cmem {

struct SearchOptions {
  HitOrder order = HitOrder::kRelevance;
  // The worst tier to look in; a tier is tried when those before it have fewer texts than `wanted`. It does not depend on the page,
  // so that all pages of a question agree.
  Tier worst_tier = Tier::kFuzzy;
  std::size_t wanted = 20;  // SIZE_MAX: all tiers
  double prose_weight = kDefaultProseWeight;
  bool all_messages = false;  // false: one hit a text, its newest message that passes (its oldest for kOldest)
};

// One question; pages are asked for one after the other. Memory: 9 bytes for each matching distinct text, 32 more where the numbers
// of their messages are not known to the store, and a fifth of a byte for each text of the store. Use with the store's read mutex
// held, each call in a read transaction of its own.
class Search {
 public:
  // Finds the matching texts and counts. The query's fields are in `filter` already, which the store has resolved in this
  // transaction.
  static Result<Search> run(Store& store, CompiledQuery query, KnownFilter filter, const SearchOptions& options);

  [[nodiscard]] const CompiledQuery& query() const { return query_; }
  [[nodiscard]] const ResolvedFilter& filter() const { return *filter_; }
  // The worst tier that has hits.
  [[nodiscard]] Tier tier() const { return worst_found_; }
  // What may have been meant, if nothing was found.
  [[nodiscard]] const std::optional<std::string>& suggestion() const { return suggestion_; }
  // The texts that match, rising, also those of which no message passes the filter.
  [[nodiscard]] Result<std::vector<std::uint32_t>> matching_texts(Store& store) const;

  // Whether the store knew all messages, so that it was not looked through for them.
  [[nodiscard]] bool knows_messages() const { return source_ == Source::kKnown; }

  // Messages from here on came later.
  [[nodiscard]] std::int64_t end_id() const { return end_id_; }

  // Hits in all: messages, or texts.
  [[nodiscard]] std::int64_t total() const { return options_.all_messages ? messages_ : texts_; }
  [[nodiscard]] std::int64_t messages() const { return messages_; }
  [[nodiscard]] std::int64_t texts() const { return texts_; }
  // The next hits behind `after`. Pages agree with each other, whatever is added in between.
  Result<std::vector<Hit>> page(Store& store, const std::optional<Hit>& after, std::size_t limit);
  // A passage of a text with its matches marked.
  [[nodiscard]] std::string snippet(std::string_view text);

 private:
  Search(CompiledQuery query, KnownFilter filter, const SearchOptions& options);
  [[nodiscard]] bool is_of_fields_alone() const { return query_.root && query_.root->kind == QueryNode::Kind::kAll; }
  Status find_texts(Store& store, const CompiledQuery& query, Tier tier);
  Status look_wider(Store& store);
  Status count(Store& store);
  Status count_by_text(Store& store);
  Status count_by_message(Store& store);
  [[nodiscard]] TextTotal total_of(std::size_t slot) const;
  [[nodiscard]] bool has_messages(std::size_t slot) const;  // that pass
  [[nodiscard]] Hit hit_of(std::size_t slot, const TextTotal& total) const;
  [[nodiscard]] std::vector<std::size_t> best_slots(const std::optional<Hit>& after, std::size_t limit) const;
  Status find_newest(Store& store, const std::vector<std::size_t>& slots, const std::optional<Hit>& after, std::size_t limit);
  Result<std::vector<Hit>> page_of_messages(Store& store, const std::optional<Hit>& after, std::size_t limit);
  [[nodiscard]] bool has_fewer_than_wanted() const { return static_cast<std::uint64_t>(texts_) < options_.wanted; }

  // Who knows of a text's messages.
  enum class Source {
    kKnown,   // known_
    kOwn,     // own_totals_
    kNumber,  // own_totals_, but for the newest message, which find_newest() looks for
  };

  static constexpr std::size_t kFirstSlots = 64;

  CompiledQuery query_;
  std::shared_ptr<const ResolvedFilter> filter_;
  Highlighter highlighter_;
  SearchOptions options_;
  TextHits hits_;
  std::optional<KnownMessages> known_;
  Source source_ = Source::kOwn;
  std::vector<std::size_t> first_slots_;  // known_: those of the first kFirstSlots hits, which are found while they are counted
  std::vector<TextTotal> own_totals_;     // by slot; for kOldest of the oldest message
  SegmentRanges ranges_;                  // by slot, where find_newest() is for few of them
  Tier worst_found_ = Tier::kExact;
  std::optional<std::string> suggestion_;
  std::int64_t end_id_ = 0;
  std::int64_t messages_ = 0;
  std::int64_t texts_ = 0;
};

}  // namespace cmem
