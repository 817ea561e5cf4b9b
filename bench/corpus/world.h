// Who wrote the corpus: projects with their files, sessions with their times, and how many messages each session has.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/rng.h"
#include "corpus/words.h"

namespace cmem::corpus {

enum class Mix { kDebug, kMixed };

struct Counts {
  std::uint64_t debug = 0;
  std::uint64_t prompts = 0;
  std::uint64_t replies = 0;
  std::uint64_t file_history = 0;
  std::uint64_t todos = 0;

  [[nodiscard]] std::uint64_t total() const { return debug + prompts + replies + file_history + todos; }
};

// debug: 99.5 % debug lines, the rest prompts, file history and todos. mixed: 90 % debug lines, the rest prompts and replies
// with a trace of file history and todos. Every kind has at least one message when there are at least 1,000.
[[nodiscard]] Counts split_messages(Mix mix, std::uint64_t messages);

struct Project {
  std::string path;
  std::vector<std::string> files;  // absolute
};

struct Session {
  std::string id;
  std::uint32_t project = 0;
  bool in_history = true;  // false: phase 1 does not know it, so its project is unknown
  std::int64_t start_ms = 0;
  Counts counts;
};

struct World {
  std::vector<Project> projects;
  std::vector<Session> sessions;  // by start time
  std::int64_t extraction_ms = 0;
};

[[nodiscard]] World make_world(std::uint64_t seed, const Counts& counts, const Vocabulary& vocabulary);

[[nodiscard]] std::string make_uuid(Rng& rng);
void append_hex(std::string& out, Rng& rng, int digits);

// "2025-11-19T16:34:04.944Z"
void append_utc_ms(std::string& out, std::int64_t ms);
// "2025-11-19T16:34:04.944816", and with "+00:00" where asked
void append_utc_us(std::string& out, std::int64_t us, std::string_view suffix);

}  // namespace cmem::corpus
