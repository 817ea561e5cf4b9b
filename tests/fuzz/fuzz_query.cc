// libFuzzer target: any bytes as a query, over a small store, through the C API. Every query has an answer or is over a limit or
// ambiguous; its hits are as many as it says, and it can say how it was understood. `tests/run.sh fuzz` builds it (preset `fuzz`)
// and runs it for some seconds; for longer:
//   build/fuzz/bin/cmem_fuzz_query -max_len=4100 -entropic=0 -max_total_time=3600 build/fuzz/corpus_query tests/fuzz/queries
// Without -entropic=0 libFuzzer takes more time for its choice of inputs than the queries do.
#include <coditect/memory.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Made once, in a folder that is removed at once: the open store needs its name no more.
cmem_store* make_store() {
  std::string folder = (std::filesystem::temp_directory_path() / "cmem-fuzz-XXXXXX").string();
  require(mkdtemp(folder.data()) != nullptr);
  cmem_open_options options CMEM_OPEN_OPTIONS_INIT;
  options.create = 1;
  options.durability = 1;
  cmem_store* store = nullptr;
  require(cmem_store_open(&store, (folder + "/memory.db").c_str(), &options, nullptr) == CMEM_OK);
  const std::string_view words[] = {"a", "b", "level", "tide", "fooBar", "日本語", "Crème", "near", "x/y.z", "10:30"};
  const std::string_view projects[] = {"/x/app", "/y/app", "/z/atlas"};
  const std::string_view levels[] = {"WARN", "ERROR"};
  std::vector<std::string> contents;
  for (std::size_t i = 0; i < 60; ++i) {
    std::string& content = contents.emplace_back();
    for (std::size_t k = 0; k <= i % 7; ++k) content += std::string(words[(i * 7 + k * (i % 3 + 1)) % 10]) + " ";
  }
  std::vector<cmem_message> messages;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    cmem_message& message = messages.emplace_back(cmem_message CMEM_MESSAGE_INIT);
    message.content = contents[i].data();
    message.content_len = contents[i].size();
    message.project = projects[i % 3].data();
    message.project_len = projects[i % 3].size();
    message.level = levels[i % 2].data();
    message.level_len = levels[i % 2].size();
    if (i % 5 != 0) message.time_ms = static_cast<std::int64_t>(i) * 86'400'000;
  }
  cmem_append_result result CMEM_APPEND_RESULT_INIT;
  require(cmem_append(&result, store, messages.data(), messages.size(), nullptr) == CMEM_OK);
  std::filesystem::remove_all(folder);
  return store;
}

std::int64_t count_rows(cmem_cursor* cursor) {
  const cmem_value* row = nullptr;
  std::int64_t rows = 0;
  cmem_status status = CMEM_OK;
  while ((status = cmem_cursor_next(&row, cursor, nullptr)) == CMEM_OK) ++rows;
  require(status == CMEM_DONE);
  return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static cmem_store* const store = make_store();
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  cmem_page page CMEM_PAGE_INIT;
  page.order = static_cast<std::uint32_t>(size % 3);
  page.all_matches = size / 3 % 2;
  // Most searches go no further than the words as typed, because looking wider takes several times as long.
  constexpr std::uint32_t kTiers[] = {CMEM_TIERS_EXACT, CMEM_TIERS_EXACT, CMEM_TIERS_EXACT, CMEM_TIERS_AUTO, CMEM_TIERS_FUZZY};
  page.tiers = kTiers[size / 6 % std::size(kTiers)];
  page.utc = 1;
  page.now_ms = std::int64_t{40} * 86'400'000;
  cmem_cursor* search = nullptr;
  cmem_error error;
  const cmem_status status = cmem_search(&search, store, query.data(), query.size(), nullptr, &page, &error);
  if (status != CMEM_OK) {
    require(status == CMEM_E_LIMIT || status == CMEM_E_AMBIGUOUS);
    require(error.text[0] != '\0');
    return 0;
  }
  require(count_rows(search) == cmem_cursor_total(search));
  cmem_cursor* explanation = nullptr;
  require(cmem_search_explanation(&explanation, search, &error) == CMEM_OK);
  require(count_rows(explanation) >= 1);
  cmem_cursor_close(explanation);
  cmem_cursor_close(search);
  return 0;
}
