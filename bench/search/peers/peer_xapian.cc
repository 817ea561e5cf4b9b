// Peer: Xapian over all messages, compacted. Words are runs of letters and digits in lower case, as everywhere in the comparison.
#include <fmt/format.h>
#include <xapian.h>

#include <filesystem>

#include "search/peers/plan.h"

namespace search_bench {
namespace {

constexpr Xapian::valueno kTimeSlot = 0;
// Xapian takes terms of up to 245 bytes; nobody asks for such words.
constexpr std::size_t kMaxTermBytes = 128;
constexpr const char* kProjectPrefix = "P";
constexpr std::size_t kSnippetBytes = 200;

bool is_word_character(unsigned code_point) {
  switch (Xapian::Unicode::get_category(code_point)) {
    case Xapian::Unicode::UPPERCASE_LETTER:
    case Xapian::Unicode::LOWERCASE_LETTER:
    case Xapian::Unicode::TITLECASE_LETTER:
    case Xapian::Unicode::MODIFIER_LETTER:
    case Xapian::Unicode::OTHER_LETTER:
    case Xapian::Unicode::NON_SPACING_MARK:
    case Xapian::Unicode::DECIMAL_DIGIT_NUMBER:
    case Xapian::Unicode::LETTER_NUMBER:
    case Xapian::Unicode::OTHER_NUMBER:
      return true;
    default:
      return false;
  }
}

Xapian::Document document_of(const PeerRow& row) {
  Xapian::Document document;
  std::string word;
  Xapian::termpos position = 0;
  const auto finish_word = [&] {
    if (!word.empty() && word.size() <= kMaxTermBytes) document.add_posting(word, position);
    position += word.empty() ? 0 : 1;
    word.clear();
  };
  for (Xapian::Utf8Iterator at(row.content); at != Xapian::Utf8Iterator(); ++at) {
    if (is_word_character(*at))
      Xapian::Unicode::append_utf8(word, Xapian::Unicode::tolower(*at));
    else
      finish_word();
  }
  finish_word();
  document.add_boolean_term(kProjectPrefix + row.project);
  document.add_value(kTimeSlot, Xapian::sortable_serialise(static_cast<double>(row.time_ms)));
  document.set_data(row.content);
  return document;
}

Xapian::Query words_query(Xapian::Query::op op, const std::vector<std::string>& words) { return {op, words.begin(), words.end()}; }

Xapian::Query wanted_of(const PlanQuery& query) {
  std::vector<Xapian::Query> parts;
  if (!query.all.empty()) parts.push_back(words_query(Xapian::Query::OP_AND, query.all));
  if (!query.any.empty()) parts.push_back(words_query(Xapian::Query::OP_OR, query.any));
  if (!query.phrase.empty()) parts.push_back(words_query(Xapian::Query::OP_PHRASE, query.phrase));
  if (!query.prefix.empty()) parts.emplace_back(Xapian::Query::OP_WILDCARD, query.prefix);
  return {Xapian::Query::OP_AND, parts.begin(), parts.end()};
}

Xapian::Query query_of(const PlanQuery& query) {
  Xapian::Query out = wanted_of(query);
  if (!query.none.empty()) out = {Xapian::Query::OP_AND_NOT, out, words_query(Xapian::Query::OP_OR, query.none)};
  if (!query.project.empty()) out = {Xapian::Query::OP_FILTER, out, Xapian::Query(kProjectPrefix + query.project)};
  if (query.from_ms && query.until_ms) {
    const auto bound = [](std::int64_t time_ms) { return Xapian::sortable_serialise(static_cast<double>(time_ms)); };
    const Xapian::Query range(Xapian::Query::OP_VALUE_RANGE, kTimeSlot, bound(*query.from_ms), bound(*query.until_ms - 1));
    out = {Xapian::Query::OP_FILTER, out, range};
  }
  return out;
}

class XapianPeer : public Peer {
 public:
  std::int64_t build(const std::string& rows, const std::string& store) override {
    const std::string loose = store + ".loose";
    Xapian::WritableDatabase database(loose, Xapian::DB_CREATE_OR_OVERWRITE);
    const std::int64_t count = for_each_row(rows, [&](const PeerRow& row) { database.add_document(document_of(row)); });
    database.commit();
    std::filesystem::remove_all(store);
    database.compact(store);
    database.close();
    std::filesystem::remove_all(loose);
    return count;
  }

  void open(const std::string& store) override { database_ = Xapian::Database(store); }

  // Checking every document makes the number of hits exact.
  std::int64_t ask(const PlanQuery& query, int rows, bool snippets) override {
    Xapian::Enquire enquire(database_);
    enquire.set_query(query_of(query));
    const Xapian::MSet hits = enquire.get_mset(0, static_cast<Xapian::doccount>(rows), database_.get_doccount());
    for (Xapian::MSetIterator hit = hits.begin(); hit != hits.end() && snippets; ++hit)
      bytes_read_ += hits.snippet(hit.get_document().get_data(), kSnippetBytes).size();
    return hits.get_matches_estimated();
  }

  [[nodiscard]] std::string version() const override { return fmt::format("Xapian {}", Xapian::version_string()); }

 private:
  Xapian::Database database_;
  std::size_t bytes_read_ = 0;
};

}  // namespace
}  // namespace search_bench

int main(int argc, char** argv) {
  search_bench::XapianPeer peer;
  try {
    return search_bench::peer_main(argc, argv, "cmem-search-peer-xapian", peer);
  } catch (const Xapian::Error& error) {  // not a std::exception
    fmt::print(stderr, "cmem-search-peer-xapian: {}\n", error.get_description());
    return 1;
  }
}
