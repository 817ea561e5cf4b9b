// The vocabulary against the words of all texts, while segments are added and merged.
#include <bit>
#include <map>
#include <set>
#include <string>

#include "store/store.h"
#include "store/vocabulary.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

Counts words_of(const Vocabulary& vocabulary, std::string_view begin) {
  Counts counts;
  std::string last;
  vocabulary.for_each(begin, [&](const Vocabulary::Entry& entry) {
    CHECK(last < entry.word);
    last = entry.word;
    counts.emplace(last, entry.texts);
  });
  return counts;
}

// Those that for_each_alike() has to visit.
std::set<std::string> alike_words(const Counts& words, std::string_view begin, const Vocabulary::Alike& alike) {
  std::set<std::string> found;
  for (const auto& [word, texts] : words) {
    const std::uint32_t letters = letters_of(word);
    const bool fits = std::popcount(letters ^ alike.letters) <= 2 * static_cast<int>(alike.edits) && (letters & alike.without) == 0;
    if (fits && word.starts_with(begin)) found.insert(word);
  }
  return found;
}

TEST_CASE("the vocabulary has every word with its number of texts, whatever was added since", "[store][vocabulary][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  const auto store = must(Store::open(path, StoreOptions{.read_only = true}));
  Vocabulary vocabulary;
  std::set<std::string> texts;
  Counts expected;
  Tokenizer tokenizer;
  for (int round = 0; round < 30; ++round) {
    std::vector<Appended> messages;
    for (std::size_t n = 1 + rng() % 40; n > 0; --n) {
      std::string text;
      for (std::size_t words = 1 + rng() % 8; words > 0; --words) {
        for (std::size_t letters = 1 + rng() % 3; letters > 0; --letters) text += static_cast<char>('a' + rng() % 6);
        text += rng() % 20 == 0 ? "\u00e9 " : " ";
      }
      messages.push_back({.content = text});
      if (!texts.insert(text).second) continue;
      std::set<std::string> distinct;
      tokenizer.for_each_word(text, [&](const Word& word) { return distinct.emplace(word.folded), true; });
      for (const std::string& word : distinct) ++expected[word];
    }
    memory.append(messages);
    auto& index = store->text_index();
    const auto segments = must(index.segments(store->reader()));
    vocabulary.add_cost(1'000'000);
    REQUIRE(must(vocabulary.prepare(store->reader(), index, segments)));
    CHECK(words_of(vocabulary, "") == expected);
    for (const std::string begin : {"", "a", "ab", "f", "fff", "\xc3", "zz"}) {
      Counts some = expected;
      std::erase_if(some, [&](const auto& word) { return !word.first.starts_with(begin); });
      CHECK(words_of(vocabulary, begin) == some);
      for (const unsigned edits : {1U, 2U, 3U}) {
        const Vocabulary::Alike alike{letters_of(rng() % 2 == 0 ? "b" : "abcdef"), edits, letters_of("\u00e9")};
        std::set<std::string> visited;
        vocabulary.for_each_alike(begin, alike, [&](std::string_view word) { visited.emplace(word); });
        CHECK(visited == alike_words(expected, begin, alike));
      }
      CHECK(vocabulary.texts_with(begin) == (expected.contains(begin) ? expected.at(begin) : 0));
    }
  }
}

TEST_CASE("the vocabulary is made when looking without it has cost as much", "[store][vocabulary]") {
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  memory.append({{.content = "one two three four five"}});
  const auto store = must(Store::open(path, StoreOptions{.read_only = true}));
  auto& index = store->text_index();
  const auto segments = must(index.segments(store->reader()));
  Vocabulary vocabulary;
  CHECK_FALSE(must(vocabulary.prepare(store->reader(), index, segments)));
  vocabulary.add_cost(5);
  CHECK_FALSE(must(vocabulary.prepare(store->reader(), index, segments)));
  vocabulary.add_cost(100);
  CHECK(must(vocabulary.prepare(store->reader(), index, segments)));
  CHECK(vocabulary.texts_with("three") == 1);
}

}  // namespace
}  // namespace cmem::test
