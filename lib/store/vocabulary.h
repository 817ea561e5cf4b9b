// The words of the text index in memory, each once with the number of texts that have it: what a search asks that looks for other
// words. To make it takes as long as a few dozen walks over the segments' dictionaries, so it is made when the walks of all handles
// of a process have cost as much, and for all of them. It is kept up by a small table of the segments that came later. Memory: some
// 22 bytes for each word.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"
#include "store/text_index_reader.h"

namespace cmem {

// A set of characters: a bit for each letter, one for all digits, one for what is not ASCII, and one for the rest. Editing one
// character changes two bits at most.
std::uint32_t letters_of(std::string_view word) noexcept;

// One thread at a time.
class Vocabulary {
 public:
  // What handles share. Any thread may use it.
  class Shared;

  Vocabulary();  // for itself
  explicit Vocabulary(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  struct Entry {
    std::string_view word;
    std::uint64_t texts = 0;
  };

  // Words whose letters so many edits may make of these, and that have none of the letters `without`.
  struct Alike {
    std::uint32_t letters = 0;
    unsigned edits = 0;  // 1 to 3
    std::uint32_t without = 0;
  };

  // True if it has the words of just these segments, which are those of the caller's read transaction; it is brought up to them if
  // that is worth while.
  Result<bool> prepare(sqlite::Connection& db, TextIndexReader& index, const std::vector<SegmentInfo>& segments);
  // So many dictionary entries were looked at because it was not there.
  void add_cost(std::uint64_t entries);
  // For all handles.
  void clear();

  // Calls visit(entry) for the words that begin with `begin`, in byte order. Views are valid until the next prepare().
  template <typename Visit>
  void for_each(std::string_view begin, Visit&& visit) const {
    const Words& old = *known_->old;
    const Words& added = *known_->added;
    auto [old_at, old_end] = old.range(begin);
    auto [new_at, new_end] = added.range(begin);
    while (old_at < old_end || new_at < new_end) {
      const int order = new_at == new_end ? -1 : old_at == old_end ? 1 : old.word(old_at).compare(added.word(new_at));
      Entry entry = order <= 0 ? old.entry(old_at) : added.entry(new_at);
      if (order == 0) entry.texts += added.texts[new_at];
      old_at += order <= 0 ? 1 : 0;
      new_at += order >= 0 ? 1 : 0;
      visit(entry);
    }
  }
  // Calls visit(word) for those of them that may be so alike, in any order, for some words twice. Many times faster than to visit
  // all.
  template <typename Visit>
  void for_each_alike(std::string_view begin, const Alike& alike, Visit&& visit) const {
    for (const Words* words : {known_->old.get(), known_->added.get()}) words->for_each_alike(begin, alike, visit);
  }
  [[nodiscard]] std::uint64_t texts_with(std::string_view word) const {
    return known_->old->texts_with(word) + known_->added->texts_with(word);
  }

 private:
  static constexpr std::size_t kAtOnce = 64;

  struct Words {
    std::string bytes;
    std::vector<std::uint32_t> ends;  // by word: where it ends in `bytes`
    std::vector<std::uint32_t> texts;
    std::vector<std::uint32_t> letters;

    [[nodiscard]] std::size_t size() const { return ends.size(); }
    [[nodiscard]] std::string_view word(std::size_t at) const {
      const std::uint32_t begin = at == 0 ? 0 : ends[at - 1];
      return {bytes.data() + begin, ends[at] - begin};
    }
    [[nodiscard]] Entry entry(std::size_t at) const { return {word(at), texts[at]}; }
    void add(std::string_view word, std::uint32_t count);
    [[nodiscard]] std::size_t lower_bound(std::string_view word) const;
    [[nodiscard]] std::pair<std::size_t, std::size_t> range(std::string_view begin) const;
    [[nodiscard]] std::uint64_t texts_with(std::string_view word) const;
    // Which of kAtOnce words from `at` on, and before `end`, are alike: a bit for each.
    template <unsigned edits>
    [[nodiscard]] std::uint64_t find_alike(std::size_t at, std::size_t end, std::uint32_t wanted, std::uint32_t without) const;
    [[nodiscard]] std::uint64_t find_alike(std::size_t at, std::size_t end, const Alike& alike) const;
    template <typename Visit>
    void for_each_alike(std::string_view begin, const Alike& alike, Visit&& visit) const {
      const auto [first, end] = range(begin);
      for (std::size_t at = first; at < end; at += kAtOnce)
        for (std::uint64_t bits = find_alike(at, end, alike); bits != 0; bits &= bits - 1)
          visit(word(at + static_cast<std::size_t>(std::countr_zero(bits))));
    }
  };
  // The words of some segments. Does not change.
  struct Known {
    std::vector<std::int64_t> segment_ids;  // in their order; the first old_segments of them are in `old`, the others in `added`
    std::size_t old_segments = 0;
    std::shared_ptr<const Words> old = std::make_shared<const Words>();
    std::shared_ptr<const Words> added = std::make_shared<const Words>();
  };
  static Result<Words> read(sqlite::Connection& db, TextIndexReader& index, const SegmentInfo& segment);
  static Result<Words> read(sqlite::Connection& db, TextIndexReader& index, const std::vector<SegmentInfo>& segments,
                            std::size_t begin, std::size_t end);
  static Words merge(const Words& a, const Words& b);
  [[nodiscard]] static bool is_of(const Known& known, const std::vector<SegmentInfo>& segments);
  [[nodiscard]] static std::size_t first_to_read(const Known& known, const std::vector<SegmentInfo>& segments);
  [[nodiscard]] bool is_worth_while(const std::vector<SegmentInfo>& segments) const;
  static Result<std::shared_ptr<const Known>> extend(sqlite::Connection& db, TextIndexReader& index, const Known& known,
                                                     const std::vector<SegmentInfo>& segments);

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<const Known> known_ = std::make_shared<const Known>();
};

class Vocabulary::Shared {
 private:
  friend class Vocabulary;
  std::mutex turn_;   // to make it: whoever waits mostly finds it made
  std::mutex mutex_;  // guards what follows, for moments only
  std::shared_ptr<const Known> known_ = std::make_shared<const Known>();
  std::uint64_t cost_entries_ = 0;
};

}  // namespace cmem
