#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "search/stemmer.h"
#include "unit/sqlite/temp_store.h"

namespace cmem::test {
namespace {

TEST_CASE("forms of an English word have one stem", "[search]") {
  Stemmer stemmer = must(Stemmer::create());
  for (const char* form : {"hook", "hooks", "hooked", "hooking"}) CHECK(stemmer.stem(form) == "hook");
  CHECK(stemmer.stem("queries") == stemmer.stem("query"));
  CHECK(stemmer.stem("failure") != stemmer.stem("fail"));  // that is the synonyms' work
}

TEST_CASE("words that are not English letters are their own stem", "[search]") {
  Stemmer stemmer = must(Stemmer::create());
  for (const char* word : {"", "as", "utf8s", "größen", "中文", "don's", "HOOKS"}) {
    CHECK(stemmer.stem(word) == word);
    CHECK_FALSE(Stemmer::has_forms(word));
  }
}

// The words that the regular endings make of some roots, by their stem.
std::map<std::string, std::vector<std::string>> make_families(Stemmer& stemmer) {
  const std::vector<std::string> roots{"hook",   "cach",    "query", "quer",    "quickly", "hop",  "hope",    "hopp", "stop",
                                       "stopp",  "creat",   "valid", "try",     "tri",     "fail", "us",      "use",  "config",
                                       "possib", "possibl", "abil",  "rat",     "relat",   "agre", "happy",   "happ", "tok",
                                       "siz",    "size",    "organ", "general", "oper",    "serv", "consist", "sens", "activ"};
  const std::vector<std::string> endings{
      "",      "s",   "es",    "ed",    "ing",   "ings", "er",   "ers",  "ization", "ize",  "izer",    "ational", "ation",
      "ator",  "ly",  "ily",   "ies",   "ied",   "y",    "ying", "ment", "ness",    "able", "ability", "ibility", "ible",
      "ility", "ive", "ively", "ivity", "fully", "ful",  "ency", "ence", "ent",     "e",    "i",       "le"};
  std::map<std::string, std::vector<std::string>> families;
  for (const std::string& root : roots)
    for (const std::string& ending : endings) families[std::string(stemmer.stem(root + ending))].push_back(root + ending);
  return families;
}

TEST_CASE("all forms of a word begin with the common begin", "[search]") {
  Stemmer stemmer = must(Stemmer::create());
  for (const auto& [stem, forms] : make_families(stemmer)) {
    for (const std::string& word : forms) {
      const std::string begin(common_begin(word, stem));
      CHECK_FALSE(begin.empty());
      for (const std::string& form : forms) {
        INFO(word << " and " << form << " have the stem " << stem);
        CHECK(form.starts_with(begin));
      }
    }
  }
}

}  // namespace
}  // namespace cmem::test
