// Asks a store random queries, each bare and under a random filter, and compares the answers with those of a scan of everything:
// totals, and the hits of the first page and of pages behind it, their order, scores and numbers of equal texts, and facets.
//
//   cmem_search_oracle STORE [QUERIES [SEED]]
//
// Prints the seed and what was compared. Exit code 1: an answer differs.
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <random>

#include "oracle/questions.h"
#include "oracle/scan.h"

namespace oracle {
namespace {

constexpr std::uint64_t kEnough = 20;  // exact texts, so that no other tier is tried
constexpr int kMaxPages = 3;

struct Figures {
  std::size_t with_hits = 0;
  std::size_t restricted_with_hits = 0;
  std::size_t hits = 0;
  std::size_t pages = 0;
  std::size_t facet_values = 0;
};

class Comparison {
 public:
  Comparison(const coditect::Store& store, Scan& scan, std::uint64_t seed) : store_(&store), scan_(&scan), questions_(scan, seed) {}

  // A query bare and restricted: what differs; empty if nothing does.
  std::string ask() {
    const Question bare = questions_.next();
    const Scan::Scores scores = scan_->scores(bare.query);
    const std::string difference = compare(bare, scores);
    if (!difference.empty()) return difference;
    const Question restricted = questions_.restricted(bare);
    const bool same_words = restricted.query.parts.front().kind != Query::Kind::kEverything;
    return compare(restricted, same_words ? scores : scan_->scores(restricted.query));
  }
  [[nodiscard]] const Figures& figures() const { return figures_; }

 private:
  std::string compare(const Question& question, const Scan::Scores& scores) {
    const Expected expected =
        scan_->answer(scores, [&](const Message& m) { return question.passes(m); }, question.order, question.all_matches);
    if (!expected.hits.empty()) ++(question.conditions.empty() ? figures_.with_hits : figures_.restricted_with_hits);
    std::string difference = compare_pages(question, expected);
    if (difference.empty() && question.tiers == coditect::Tiers::exact) difference = compare_facets(question, scores);
    return difference.empty() ? difference : difference + "\n" + question.describe();
  }

  std::string compare_pages(const Question& question, const Expected& expected) {
    std::string position;
    std::size_t done = 0;
    for (int page = 0; page < kMaxPages; ++page) {
      const std::size_t limit = page == 0 && questions_.pick(4) != 0 ? 20 : 1 + questions_.pick(100);
      coditect::Page options;
      options.order(question.order).limit(limit).all_matches(question.all_matches).tiers(question.tiers).utc();
      options.without_content(questions_.pick(2) == 0);
      if (!position.empty()) options.after(position);
      coditect::Cursor cursor = store_->search(question.typed, question.filter, options);
      if (std::string totals = compare_totals(question, expected, cursor); !totals.empty()) return totals;
      if (std::string rows = compare_rows(cursor, expected, done, limit); !rows.empty()) return rows;
      ++figures_.pages;
      position = cursor.position();
      if (done == expected.hits.size()) break;
    }
    return {};
  }

  std::string compare_totals(const Question& question, const Expected& expected, const coditect::Cursor& cursor) const {
    const coditect::SearchSummary found = cursor.summary();
    const auto total = static_cast<std::uint64_t>(cursor.total());
    const std::string figures = std::to_string(found.messages) + " messages, " + std::to_string(found.texts) + " texts, total " +
                                std::to_string(total) + "; expected " + std::to_string(expected.messages) + " messages, " +
                                std::to_string(expected.texts) + " texts";
    if (total != (question.all_matches ? found.messages : found.texts)) return figures;
    // Other tiers only add.
    const bool exact = question.tiers == coditect::Tiers::exact || expected.texts >= kEnough;
    const bool same = exact ? found.messages == expected.messages && found.texts == expected.texts
                            : found.messages >= expected.messages && found.texts >= expected.texts;
    return same ? "" : figures;
  }

  // Moves `done` on by the exact hits of the page.
  std::string compare_rows(coditect::Cursor& cursor, const Expected& expected, std::size_t& done, std::size_t limit) {
    const std::size_t end = std::min(expected.hits.size(), done + limit);
    std::size_t rows = 0;
    for (const coditect::Row& row : cursor) {
      ++rows;
      const bool is_exact = row["tier"].text() == "exact";
      if (is_exact != (done < end)) return "hit " + std::to_string(done) + " of tier " + std::string(row["tier"].text()) + " is one too many";
      if (!is_exact) continue;
      const Hit& hit = expected.hits[done++];
      ++figures_.hits;
      if (row["id"].integer() == hit.id && row["score"].real() == hit.score && row["same_text"].integer() == hit.same_text) continue;
      return "hit " + std::to_string(done - 1) + ": message " + std::to_string(row["id"].integer()) + ", score " +
             std::to_string(row["score"].real()) + ", same_text " + std::to_string(row["same_text"].integer()) + "; expected message " +
             std::to_string(hit.id) + ", score " + std::to_string(hit.score) + ", same_text " + std::to_string(hit.same_text);
    }
    if (rows > limit) return std::to_string(rows) + " rows in a page of " + std::to_string(limit);
    return done == end ? "" : "hit " + std::to_string(done) + " is missing";
  }

  // The lines of a facet: value, messages, and * for those that the question chooses; most messages first, days newest first.
  std::string expected_facet(const Question& question, const Scan::Scores& scores, const std::string& facet) const {
    struct Value {
      std::int64_t messages = 0;
      bool selected = false;
    };
    std::map<std::string, Value> counts;
    for (const Message& message : scan_->messages()) {
      if (!scores[message.text] || !question.passes(message, facet)) continue;
      Value& value = counts[facet_value(facet, message)];
      ++value.messages;
      // A day is chosen if any of its messages is.
      value.selected = value.selected || question.selects(message, facet);
    }
    std::vector<std::pair<std::string, Value>> values(counts.begin(), counts.end());
    std::ranges::stable_sort(values, [&](const auto& a, const auto& b) {
      if (facet == "day") return a.first > b.first;
      if (a.second.messages != b.second.messages) return a.second.messages > b.second.messages;
      return !a.first.empty() && (b.first.empty() || a.first < b.first);
    });
    std::string lines;
    for (const auto& [name, value] : values) lines += line_of(facet, name, value.messages, facet != "day" && value.selected);
    return lines;
  }

  static std::string line_of(const std::string& facet, std::string_view value, std::int64_t messages, bool selected) {
    return facet + " " + std::string(value) + " " + std::to_string(messages) + (selected ? "*\n" : "\n");
  }

  // Some facets of the whole answer. Which days are chosen is left to the unit tests.
  std::string compare_facets(const Question& question, const Scan::Scores& scores) {
    std::string expected;
    coditect::FacetOptions options;
    for (const std::string& facet : kFacets) {
      if (questions_.pick(2) != 0) continue;
      expected += expected_facet(question, scores, facet);
      options.fields += (options.fields.empty() ? "" : ",") + facet;
    }
    if (options.fields.empty()) return {};
    coditect::Page page;
    page.order(question.order).limit(1).all_matches(question.all_matches).tiers(question.tiers).utc();
    coditect::Cursor search = store_->search(question.typed, question.filter, page);
    coditect::Cursor cursor = search.facets(options);
    std::string found;
    for (const coditect::Row& row : cursor) {
      const std::string facet(row["facet"].text());
      const bool selected = facet != "day" && row["selected"].integer() != 0;
      found += line_of(facet, row["value"].is_null() ? "" : row["value"].text(), row["messages"].integer(), selected);
      ++figures_.facet_values;
    }
    return found == expected ? "" : "facets:\n" + found + "expected:\n" + expected;
  }

  const coditect::Store* store_;
  Scan* scan_;
  Questions questions_;
  Figures figures_;
};

int run(const std::string& path, std::size_t queries, std::uint64_t seed) {
  std::cout << "seed " << seed << std::endl;
  coditect::OpenOptions options;
  options.read_only = true;
  const auto store = coditect::Store::open(path, options);
  Scan scan(store);
  const auto stats = store.stats();
  if (static_cast<std::size_t>(stats.distinct_texts) != scan.texts().size()) {
    std::cout << "the store has " << stats.distinct_texts << " texts, the scan " << scan.texts().size() << '\n';
    return 1;
  }
  Comparison comparison(store, scan, seed);
  for (std::size_t i = 1; i <= queries; ++i) {
    const std::string difference = comparison.ask();
    if (difference.empty()) continue;
    std::cout << "query " << i << " of seed " << seed << ": " << difference << '\n';
    return 1;
  }
  const Figures& figures = comparison.figures();
  std::cout << queries << " queries over " << scan.messages().size() << " messages with " << scan.texts().size() << " texts: "
            << figures.with_hits << " had hits, under a filter " << figures.restricted_with_hits << "; " << figures.hits << " hits on "
            << figures.pages << " pages and " << figures.facet_values << " values of facets compared, all equal\n";
  return 0;
}

}  // namespace
}  // namespace oracle

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::cerr << "usage: cmem_search_oracle STORE [QUERIES [SEED]]\n";
    return 2;
  }
  try {
    const std::size_t queries = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2'000;
    return oracle::run(argv[1], queries, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : std::random_device{}());
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
    return 1;
  }
}
