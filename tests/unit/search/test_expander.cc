// Forms, corrections and the nearest word, against a scan of all words of all texts.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "search/expander.h"
#include "search/word_distance.h"
#include "store/store.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<std::string> shown(const std::vector<WordForm>& forms) {
  std::vector<std::string> out;
  for (const WordForm& form : forms) {
    const std::string kind = form.kind == FormKind::kStem ? "stem" : form.kind == FormKind::kSynonym ? "synonym" : "prefix";
    out.push_back(joined(form.words) + " " + kind + " " + std::to_string(form.texts));
  }
  return out;
}

std::vector<std::string> shown(const std::vector<Correction>& corrections) {
  std::vector<std::string> out;
  for (const Correction& correction : corrections)
    out.push_back(correction.word + " " + std::to_string(correction.distance) + " " + std::to_string(correction.texts));
  return out;
}

// A store of texts, added in several commits, so that the index has several segments; and how many distinct texts have each word.
class Dictionary {
  // By a walk over the segments, and by the vocabulary: the answers are the same.
  template <typename Question>
  auto ask(Question&& question) {
    auto& index = store_->text_index();
    const auto segments = must(index.segments(store_->reader()));
    Vocabulary none;
    Expander walking = must(Expander::create(index, none, store_->reader(), segments, synonyms_));
    const auto answer = question(walking);
    if (walks_alone_) return answer;
    REQUIRE(must(vocabulary_.prepare(store_->reader(), index, segments)));
    Expander knowing = must(Expander::create(index, vocabulary_, store_->reader(), segments, synonyms_));
    CHECK(shown(question(knowing)) == shown(answer));
    return answer;
  }

 public:
  explicit Dictionary(const std::vector<std::vector<std::string>>& commits) : path_(folder_.file("memory.db")) {
    Memory memory(path_);
    std::set<std::string> distinct;
    for (const auto& texts : commits) {
      std::vector<Appended> messages;
      for (const std::string& text : texts) messages.push_back({.content = text});
      memory.append(messages);
      distinct.insert(texts.begin(), texts.end());
    }
    Tokenizer tokenizer;
    for (const std::string& text : distinct) {
      std::set<std::string> words;
      tokenizer.for_each_word(text, [&](const Word& word) { return words.emplace(word.folded), true; });
      for (const std::string& word : words) ++texts_[word];
    }
    memory.close();
    store_ = must(Store::open(path_, StoreOptions{.read_only = true}));
    vocabulary_.add_cost(1'000'000'000);
  }

  [[nodiscard]] const std::map<std::string, std::uint64_t>& texts() const { return texts_; }
  // For more words than a walk looks at.
  void walk_alone() { walks_alone_ = true; }
  std::size_t segments() { return must(store_->text_index().segments(store_->reader())).size(); }
  std::vector<WordForm> expand(const std::string& word, bool unfinished = false) {
    return ask([&](Expander& expander) { return must(expander.expand(word, unfinished)); });
  }
  std::vector<Correction> correct(const std::string& word) {
    return ask([&](Expander& expander) { return must(expander.correct(word)); });
  }
  std::optional<Correction> nearest(const std::string& word) {
    const auto found = ask([&](Expander& expander) {
      const auto nearest = must(expander.nearest(word));
      return nearest ? std::vector{*nearest} : std::vector<Correction>();
    });
    return found.empty() ? std::nullopt : std::optional(found.front());
  }

 private:
  TempFolder folder_;
  std::string path_;
  std::map<std::string, std::uint64_t> texts_;
  std::unique_ptr<Store> store_;
  Vocabulary vocabulary_;
  bool walks_alone_ = false;
  Synonyms synonyms_;
};

using Lines = std::vector<std::string>;

Dictionary sample() {
  return Dictionary(
      {{"a hook ran", "hooks ran twice", "the hook was hooked", "no hooks"},
       {"two hooks here", "hookworm", "an event came", "language server started", "which language", "the server sevrer"},
       {"hooking up", "initialise", "initialisation", "databases", "database 中文消息", "deadbeef cafe1234 größer"}});
}

TEST_CASE("a word is expanded by its stem and synonyms that occur, the most frequent first", "[search]") {
  Dictionary words = sample();
  REQUIRE(words.segments() > 1);
  CHECK(shown(words.expand("hook")) == Lines{"hooks stem 3", "event synonym 1", "hooked stem 1", "hooking stem 1"});
  CHECK(shown(words.expand("event")) == Lines{"hooks synonym 3", "hook synonym 2"});
  CHECK(shown(words.expand("lsp")) == Lines{"language server synonym 2"});
  CHECK(words.expand("language server").empty());
  CHECK(words.expand("unheard").empty());
  CHECK(words.expand("").empty());
}

TEST_CASE("the last word of a query also stands for those it begins", "[search]") {
  Dictionary words = sample();
  CHECK(shown(words.expand("hoo", true)) ==
        Lines{"hooks prefix 3", "hook prefix 2", "hooked prefix 1", "hooking prefix 1", "hookworm prefix 1"});
  CHECK(shown(words.expand("hook", true)) ==
        Lines{"hooks stem 3", "event synonym 1", "hooked stem 1", "hooking stem 1", "hookworm prefix 1"});
  CHECK(shown(words.expand("größ", true)).empty());
  CHECK(shown(words.expand("gro", true)) == Lines{"grosser prefix 1"});
  CHECK(shown(words.expand("zz", true)).empty());
}

TEST_CASE("a mistyped word is corrected by the nearest and most frequent words", "[search]") {
  Dictionary words = sample();
  CHECK(shown(words.correct("hokos")) == Lines{"hooks 1 3"});
  CHECK(shown(words.correct("serevr")) == Lines{"server 1 2"});
  CHECK(shown(words.correct("server")) == Lines{"sevrer 1 1"});
  CHECK(shown(words.correct("datbaase")) == Lines{"database 1 1"});
  CHECK(shown(words.correct("datebasas")) == Lines{"databases 2 1"});
  CHECK(words.correct("ohoks").empty());  // the first letter is always right
  CHECK(words.correct("hok").empty());
}

TEST_CASE("ids and hashes are never corrected, and are no corrections", "[search]") {
  Dictionary words = sample();
  CHECK(words.correct("deadbeee").empty());
  CHECK(words.correct("cafe1243").empty());
  CHECK(words.correct("deadboef").empty());
  CHECK_FALSE(words.nearest("cafe1243").has_value());
}

TEST_CASE("the nearest word has one typing error more, and any first letter if it must", "[search]") {
  Dictionary words = sample();
  CHECK(words.nearest("hok")->word == "hook");
  CHECK(words.nearest("ohok")->word == "hook");
  CHECK(words.nearest("sevrre")->word == "sevrer");
  CHECK(words.nearest("nitialize")->word == "initialise");
  CHECK(words.nearest("grösser")->word == "grosser");
  CHECK_FALSE(words.nearest("ho").has_value());
  CHECK_FALSE(words.nearest("quux").has_value());
  CHECK_FALSE(words.nearest("中文").has_value());
}

// ------------------------------------------------------------------------------------------------------ random vocabularies

class RandomWords {
 public:
  explicit RandomWords(Rng& rng) : rng_(rng) {
    for (int i = 0; i < 60; ++i) roots_.push_back(letters(2 + rng_() % 8));
  }
  std::string word() {
    static const std::vector<std::string> kEndings{"", "", "s", "ed", "ing", "er", "ation", "ize", "y", "ies", "ly", "e", "ü", "7"};
    return roots_[rng_() % roots_.size()] + kEndings[rng_() % kEndings.size()];
  }
  std::string mistyped() {
    std::string word = this->word();
    for (std::size_t edits = rng_() % 3; edits > 0; --edits) {
      const std::size_t at = rng_() % word.size();
      if (rng_() % 2 == 0)
        word.insert(at, letters(1));
      else if (word.size() > 2)
        word.erase(at, 1);
    }
    return word;
  }
  std::vector<std::vector<std::string>> commits() {
    std::vector<std::vector<std::string>> all(1 + rng_() % 12);
    for (auto& texts : all) {
      for (std::size_t i = 1 + rng_() % 30; i > 0; --i) {
        std::string text = word();
        for (std::size_t more = rng_() % 6; more > 0; --more) text += " " + word();
        texts.push_back(text);
      }
    }
    return all;
  }

 private:
  std::string letters(std::size_t count) {
    std::string out;
    for (; count > 0; --count) out += "abest"[rng_() % 5];
    return out;
  }
  Rng& rng_;
  std::vector<std::string> roots_;
};

// All words that count as a form; the expander keeps the best 32.
Lines scan_forms(const Dictionary& words, const std::string& word, bool unfinished) {
  Stemmer stemmer = must(Stemmer::create());
  const std::string stem(stemmer.stem(word));
  std::vector<WordForm> stems;
  std::vector<WordForm> longer;
  for (const auto& [other, texts] : words.texts()) {
    if (other == word) continue;
    if (Stemmer::has_forms(word) && Stemmer::has_forms(other) && stemmer.stem(other) == stem)
      stems.push_back({{other}, texts, FormKind::kStem});
    else if (unfinished && other.starts_with(word))
      longer.push_back({{other}, texts, FormKind::kPrefix});
  }
  const auto by_texts = [](const WordForm& a, const WordForm& b) {
    return a.texts != b.texts ? a.texts > b.texts : a.words < b.words;
  };
  std::sort(longer.begin(), longer.end(), by_texts);
  longer.resize(std::min(longer.size(), kMaxForms - std::min(kMaxForms, stems.size())));
  stems.insert(stems.end(), longer.begin(), longer.end());
  std::sort(stems.begin(), stems.end(), by_texts);
  return shown(stems);
}

std::vector<Correction> scan_near(const Dictionary& words, const std::string& word, unsigned limit, bool same_first) {
  std::vector<Correction> found;
  const WordDistance distance(word);  // itself compared with the plain table elsewhere
  for (const auto& [other, texts] : words.texts()) {
    const auto typos = distance.within(other, limit);
    if (typos && *typos > 0 && !is_id(other) && (!same_first || other[0] == word[0])) found.push_back({other, *typos, texts});
  }
  std::sort(found.begin(), found.end(), [](const Correction& a, const Correction& b) {
    if (a.distance != b.distance) return a.distance < b.distance;
    return a.texts != b.texts ? a.texts > b.texts : a.word < b.word;
  });
  found.resize(std::min(found.size(), kMaxCorrections));
  return found;
}

TEST_CASE("forms and corrections are those of a scan of the whole vocabulary", "[search][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 6; ++round) {
    RandomWords random(rng);
    Dictionary words(random.commits());
    for (int i = 0; i < 150; ++i) {
      const std::string word = i % 2 == 0 ? random.word() : random.mistyped();
      const bool unfinished = i % 3 == 0;
      INFO("word " << word);
      REQUIRE(shown(words.expand(word, unfinished)) == scan_forms(words, word, unfinished));
      const unsigned limit = allowed_typos(word);
      REQUIRE(shown(words.correct(word)) == shown(limit == 0 ? std::vector<Correction>() : scan_near(words, word, limit, true)));
      std::vector<Correction> near;
      if (count_characters(word) >= 3 && !is_id(word)) {
        near = scan_near(words, word, limit + 1, true);
        if (near.empty()) near = scan_near(words, word, limit + 1, false);
      }
      const auto nearest = words.nearest(word);
      REQUIRE(nearest.has_value() == !near.empty());
      if (nearest) REQUIRE(shown({*nearest}) == shown({near.front()}));
    }
  }
}

TEST_CASE("of the forms and corrections of a word the best are kept", "[search]") {
  std::vector<std::string> texts;
  for (char a = 'a'; a <= 'z'; ++a)
    for (char b = 'a'; b <= 'd'; ++b)
      for (int i = 0; i <= a - 'a'; ++i)
        texts.push_back(std::string("kum") + a + "q" + (b == 'a' ? "" : std::string(1, b)) + " " + std::to_string(i));
  Dictionary words({texts});
  const auto forms = words.expand("kum", true);
  REQUIRE(forms.size() == kMaxForms);
  CHECK(forms.front().words.front() == "kumzq");
  CHECK(forms.front().texts == 26);
  CHECK(forms.back().texts == 19);
  const auto corrections = words.correct("kumqq");
  REQUIRE(corrections.size() == kMaxCorrections);
  CHECK(corrections.front().word == "kumzq");
}

TEST_CASE("a walk over the vocabulary ends after so many words", "[search]") {
  std::vector<std::string> texts(30);
  std::string last;
  for (int i = 0; i < 30'000; ++i) {
    last = "wide";  // five letters follow, so that byte order is the order of the numbers
    for (int rest = i, digit = 0; digit < 5; ++digit, rest /= 10) last.insert(4, 1, static_cast<char>('a' + rest % 10));
    texts[static_cast<std::size_t>(i / 1000)] += last + " ";
  }
  for (int i = 0; i < 5; ++i) texts.push_back(last + " " + std::string(static_cast<std::size_t>(i + 1), 'z'));
  Dictionary words({texts});
  CHECK(words.expand(last.substr(0, 6), true).front().texts == 6);
  words.walk_alone();
  const auto forms = words.expand("wide", true);
  CHECK(forms.size() == kMaxForms);
  CHECK(forms.front().texts == 1);  // the frequent one lies behind the 20,000th
}

}  // namespace
}  // namespace cmem::test
