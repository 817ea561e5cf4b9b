// Asks a store one question the way a program does: search, exact total, first rows read to the end with their snippets, facets.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "coditect/memory.h"
#include "search/query_file.h"

namespace search_bench {

struct Answer {
  std::int64_t total = 0;  // texts, or messages if every match was asked for
  std::int64_t rows = 0;   // read
  std::int64_t bytes = 0;  // of the snippets read
};

struct AskOptions {
  std::uint64_t rows = 20;
  bool without_snippets = false;
  bool all_matches = false;  // count and list messages instead of texts
  bool exact = false;        // only what has the words as typed
};

// A store handle of its own. One thread at a time. Every failure is a std::runtime_error with the library's text.
class Asker {
 public:
  Asker(const std::string& store, std::uint32_t cache_mib);

  Answer ask(const Query& query, const AskOptions& options);

 private:
  struct CloseStore {
    void operator()(cmem_store* store) const { cmem_store_close(store); }
  };
  std::unique_ptr<cmem_store, CloseStore> store_;
};

}  // namespace search_bench
