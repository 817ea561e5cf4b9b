// Full-text search: BM25 over the distinct texts, joined with the messages that have them through the doc values, under a
// filter. Exact: totals, order and the number of messages of a text equal a scan of everything.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/highlighter.h"
#include "search/query_language.h"
#include "search/text_hits.h"
#include "store/message_filter.h"
#include "store/store.h"

namespace cmem {

enum class HitOrder { kRelevance, kNewest, kOldest };

// A message that has a matching text. Hits are ordered by these fields, so a hit is also a place in the order.
struct Hit {
  Tier tier = Tier::kExact;
  double score = 0;  // BM25 of the text, greater is better
  std::int64_t time_ms = kNoTime;
  std::int64_t message_id = 0;
  std::int64_t text_id = 0;
  std::int64_t same_text = 0;  // messages that have this text and pass the filter
};

// True when `a` comes before `b`: by tier, then by score (ties: newest first) or by time. Messages without a time come last among
// their equals.
bool comes_before(const Hit& a, const Hit& b, HitOrder order);

struct SearchOptions {
  HitOrder order = HitOrder::kRelevance;
  // The worst tier to look in; a tier is tried when those before it have fewer texts than `wanted`. It does not depend on the page,
  // so that all pages of a question agree.
  Tier worst_tier = Tier::kFuzzy;
  std::size_t wanted = 20;    // SIZE_MAX: all tiers
  bool all_messages = false;  // false: one hit a text, its newest message that passes (its oldest for kOldest)
};

// One question; pages are asked for one after the other. Memory: 29 bytes for each matching distinct text, and a fifth of a byte
// for each text of the store. Use with the store's read mutex held, each call in a read transaction of its own.
class Search {
 public:
  // Finds the matching texts and counts. The query's fields are in `filter` already.
  static Result<Search> run(Store& store, CompiledQuery query, const ResolvedFilter& filter, const SearchOptions& options);

  [[nodiscard]] const CompiledQuery& query() const { return query_; }
  // The worst tier that has hits.
  [[nodiscard]] Tier tier() const { return worst_found_; }
  // What may have been meant, if nothing was found.
  [[nodiscard]] const std::optional<std::string>& suggestion() const { return suggestion_; }

  // Hits in all: messages, or texts.
  [[nodiscard]] std::int64_t total() const { return options_.all_messages ? messages_ : texts_; }
  [[nodiscard]] std::int64_t messages() const { return messages_; }
  [[nodiscard]] std::int64_t texts() const { return texts_; }
  // The texts that match, rising, also those of which no message passes the filter.
  [[nodiscard]] const std::vector<std::uint32_t>& matching_texts() const { return hits_.text_id; }
  // The next hits behind `after`.
  Result<std::vector<Hit>> page(Store& store, const ResolvedFilter& filter, const std::optional<Hit>& after, std::size_t limit);
  // A passage of a text with its matches marked.
  [[nodiscard]] std::string snippet(std::string_view text);

 private:
  Search(CompiledQuery query, const SearchOptions& options);
  Status find_texts(Store& store, const CompiledQuery& query, Tier tier);
  Status look_wider(Store& store, const ResolvedFilter& filter);
  Status count_messages(Store& store, const ResolvedFilter& filter);
  Status count_all_messages(Store& store);
  Status find_newest(Store& store, const std::vector<std::size_t>& candidates, std::size_t limit, const std::optional<Hit>& after);
  Result<std::vector<Hit>> page_of_messages(Store& store, const ResolvedFilter& filter, const std::optional<Hit>& after,
                                            std::size_t limit);
  [[nodiscard]] std::vector<std::size_t> best_slots(const std::optional<Hit>& after, std::size_t limit) const;
  [[nodiscard]] Hit hit_of(std::size_t slot) const;
  [[nodiscard]] bool has_fewer_than_wanted() const { return static_cast<std::uint64_t>(texts_) < options_.wanted; }

  CompiledQuery query_;
  Highlighter highlighter_;
  SearchOptions options_;
  TextHits hits_;
  TextTotals* totals_ = nullptr;  // of the store, if it keeps them by now
  Tier worst_found_ = Tier::kExact;
  std::optional<std::string> suggestion_;
  bool has_messages_ = false;          // hits_ knows the message that stands for each text
  std::int64_t messages_ = 0;
  std::int64_t texts_ = 0;
};

}  // namespace cmem
