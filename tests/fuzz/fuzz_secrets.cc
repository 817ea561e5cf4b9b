// libFuzzer target: any bytes are searched for secrets, and redacted. `tests/run.sh fuzz` builds it (preset `fuzz`) and runs it for some
// seconds; for longer:
//   build/fuzz/bin/cmem_fuzz_secrets --seeds=build/fuzz/planted
//   build/fuzz/bin/cmem_fuzz_secrets -max_len=1024 -entropic=0 -dict=tests/fuzz/secrets.dict -runs=10000000 \
//     build/fuzz/corpus_secrets tests/fuzz/secrets build/fuzz/planted
// The first one writes made-up secrets of each kind into a folder: they do not stand in the repository, where a scan would find them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "fuzz/fuzz_bytes.h"
#include "secrets/redactor.h"
#include "secrets/secret_kinds.h"
#include "unit/secrets/planted.h"

namespace {

using cmem::fuzz::require;

// Of the matches within the text, in order, none over another.
void check_matches(const cmem::SecretFinder& finder, std::string_view text) {
  std::vector<cmem::SecretMatch> matches;
  finder.find(text, matches);
  std::size_t at = 0;
  for (const cmem::SecretMatch& match : matches) {
    require(match.begin >= at && match.begin < match.end && match.end <= text.size());
    require(match.kind < cmem::secret_kinds().size());
    at = match.end;
  }
}

bool is_json(std::string_view text) {
  const cmem::JsonEnd end = cmem::json_skip_value(text, cmem::json_skip_space(text, 0));
  return end.fault == cmem::JsonFault::kNone && cmem::json_skip_space(text, end.at) == text.size();
}

// The bytes beside the edits are those that were there before.
void check_edits(std::string_view before, std::string_view after, const std::vector<cmem::Redaction>& edits) {
  std::size_t at = 0, in_after = 0;
  for (const cmem::Redaction& edit : edits) {
    const std::size_t same = edit.begin - at;
    require(after.substr(in_after, same) == before.substr(at, same));
    in_after += same;
    require(after.substr(in_after, edit.placed).starts_with("[REDACTED:"));
    in_after += edit.placed;
    at = edit.end;
  }
  require(after.substr(in_after) == before.substr(at));
  require(std::count(before.begin(), before.end(), '\n') == std::count(after.begin(), after.end(), '\n'));
}

void check_redacted(const cmem::Redactor& redactor, std::string_view text) {
  std::string redacted, again;
  cmem::SecretCounts counts;
  std::vector<cmem::Redaction> edits;
  if (!redactor.redact(text, redacted, counts, &edits)) return;
  std::int64_t counted = 0;
  for (const auto& [kind, count] : counts) counted += count;
  require(counted == std::ssize(edits) && counted > 0);
  check_edits(text, redacted, edits);
  require(!redactor.redact(redacted, again, counts));
  // A key that stands in several strings becomes one of them.
  const auto joins_strings = [&](const cmem::Redaction& edit) {
    return text.substr(edit.begin, edit.end - edit.begin).find('"') != std::string_view::npos;
  };
  if (is_json(text) && std::none_of(edits.begin(), edits.end(), joins_strings)) require(is_json(redacted));
  if (cmem::utf8_valid(text)) require(cmem::utf8_valid(redacted));
}

void write_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  cmem::testing::SecretMaker maker(1);
  int number = 0;
  for (const cmem::testing::Planted& planted : maker.all()) std::ofstream(folder / std::to_string(++number)) << planted.text;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kOption = "--seeds=";
  for (int i = 1; i < *argc; ++i) {
    const std::string_view argument = (*argv)[i];
    if (!argument.starts_with(kOption)) continue;
    write_seeds(argument.substr(kOption.size()));
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cmem::Redactor redactor("salt");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_matches(redactor.finder(), text);
  const std::size_t cut = cmem::xxh3_64(text) % (size + 1);
  check_matches(redactor.finder(), text.substr(0, cut));
  check_matches(redactor.finder(), text.substr(cut));
  check_redacted(redactor, text);
  return 0;
}
