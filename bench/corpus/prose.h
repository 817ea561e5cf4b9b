// Prompts and replies: text with the lengths, the word statistics and the repeats of real conversations.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "corpus/rng.h"
#include "corpus/words.h"

namespace cmem::corpus {

enum class Voice : std::uint8_t { kPrompt, kReply };

class Prose {
 public:
  Prose(const Vocabulary& vocabulary, std::uint64_t seed);

  // Replaces `out` with the next message of this voice, UTF-8 without NUL. A third are exact copies of earlier ones; the others
  // keep to the words and names of their topic, any number.
  void next(std::string& out, Voice voice, std::uint64_t topic);

 private:
  // A message is a function of its seed, so a repeat needs 24 bytes of memory, however long the message is.
  struct Recipe {
    std::uint64_t seed;
    std::uint64_t bytes;
    std::uint64_t topic;
  };
  static constexpr std::size_t kLengthClasses = 4;
  using History = std::array<std::vector<Recipe>, kLengthClasses>;  // ring buffers

  [[nodiscard]] Recipe choose_recipe(Voice voice, std::uint64_t topic);
  void write_message(std::string& out, Voice voice, const Recipe& recipe) const;

  const Vocabulary& vocabulary_;
  Rng rng_;
  std::array<History, 2> history_;  // by voice
  std::array<std::array<std::size_t, kLengthClasses>, 2> oldest_{};
};

}  // namespace cmem::corpus
