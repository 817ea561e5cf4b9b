#include "corpus/prose.h"

#include <string_view>

#include "corpus/json_out.h"

namespace cmem::corpus {
namespace {

// Lengths in bytes at per-mille points, linear in between: the median under 130 bytes, 1 % over 16 KiB, about 1.2 KB on average.
struct Quantile {
  std::uint64_t per_mille;
  std::uint64_t bytes;
};
constexpr Quantile kLengths[] = {{0, 3},      {50, 8},      {100, 16},    {200, 36},    {300, 62},    {400, 92},
                                 {500, 106},  {600, 215},   {700, 410},   {800, 880},   {850, 1480},  {900, 2560},
                                 {950, 5150}, {980, 10400}, {990, 15900}, {995, 24000}, {999, 48000}, {1000, 120000}};

// Short messages repeat most ("yes", "go on", "git status"), so a repeat keeps to its class of length.
struct LengthClass {
  std::uint64_t below_bytes;
  std::uint64_t repeats_per_mille;
};
constexpr LengthClass kClasses[] = {{62, 600}, {106, 360}, {880, 160}, {~std::uint64_t{0}, 90}};
constexpr std::size_t kRingMessages = 8'192;

constexpr std::uint32_t kCommonWords = 600;
constexpr std::uint32_t kTopicWords = 400;
constexpr std::uint64_t kTopicNames = 60;

std::uint64_t draw_length(Rng& rng) {
  const auto point = rng.below(1'000'000);
  std::size_t i = 1;
  while (kLengths[i].per_mille * 1'000 <= point) ++i;
  const auto& low = kLengths[i - 1];
  const auto& high = kLengths[i];
  return low.bytes + (high.bytes - low.bytes) * (point - low.per_mille * 1'000) / ((high.per_mille - low.per_mille) * 1'000);
}

std::size_t class_of(std::uint64_t bytes) {
  std::size_t i = 0;
  while (bytes >= kClasses[i].below_bytes) ++i;
  return i;
}

// Writes one message up to its wished length, a word at a time.
class Writer {
 public:
  Writer(std::string& out, const Vocabulary& vocabulary, std::uint64_t seed, std::uint64_t bytes, std::uint64_t topic)
      : out_(out), vocabulary_(vocabulary), rng_(seed), bytes_(bytes), topic_(mix64(topic)) {}

  void write(Voice voice) {
    if (bytes_ < 48) {
      words(~std::uint64_t{0});
      return;
    }
    while (!done()) {
      block(voice);
      if (!done()) out_ += "\n\n";
    }
  }

 private:
  [[nodiscard]] bool done() const { return out_.size() >= bytes_; }

  // Order 2: mostly, a word follows from the one before, a hint of the one before that, and a small choice. No table: their hash
  // picks the word. The head of the vocabulary is everybody's, the rest is mapped to the few hundred words of the topic.
  std::uint32_t next_word() {
    const auto random = rng_.next();
    const auto choice = (random >> 4) & (random >> 8) & 3;
    const auto context =
        (std::uint64_t{before_ & 3} << 40) ^ (std::uint64_t{last_} << 8) ^ choice ^ (last_ < kCommonWords ? 0 : topic_);
    const auto picked = vocabulary_.zipf_index((random & 15) < 13 ? mix64(context) : rng_.next());
    before_ = last_;
    last_ = picked < kCommonWords || (random >> 12 & 15) == 0
                ? picked
                : vocabulary_.tail_index(mix64(topic_ ^ picked % kTopicWords), kCommonWords);
    return last_;
  }

  void words(std::uint64_t count) {
    for (; count > 0 && !done(); --count) {
      token();
      if (count > 1 && !done()) out_ += rng_.chance(1, 14) ? ", " : " ";
    }
  }

  void token() {
    const auto kind = rng_.below(100);
    if (kind < 4) {
      identifier();
    } else if (kind < 6) {
      path();
    } else if (kind == 6) {
      append_number(out_, rng_.between(0, 4'000));
    } else {
      out_ += vocabulary_.word(next_word());
    }
  }

  // The names of a topic: the same few, over and over.
  [[nodiscard]] Rng pooled() { return Rng(topic_ ^ rng_.skewed(kTopicNames)); }

  void identifier() {
    auto name = pooled();
    const bool quoted = name.chance(1, 2);
    if (quoted) out_ += '`';
    out_ += vocabulary_.name(name);
    out_ += '_';
    out_ += vocabulary_.name(name);
    if (name.chance(1, 3)) out_ += "()";
    if (quoted) out_ += '`';
  }

  void path() {
    auto name = pooled();
    for (auto depth = name.below(3); depth > 0; --depth) {
      out_ += vocabulary_.name(name);
      out_ += '/';
    }
    out_ += vocabulary_.name(name);
    out_ += name.chance(1, 2) ? ".py" : ".md";
  }

  void sentence() {
    const auto start = out_.size();
    words(4 + rng_.below(16));
    if (out_[start] >= 'a' && out_[start] <= 'z') out_[start] = static_cast<char>(out_[start] - 'a' + 'A');
    if (!done()) out_ += rng_.chance(1, 10) ? "?" : ".";
  }

  void paragraph() {
    for (auto sentences = 1 + rng_.below(5); sentences > 0 && !done(); --sentences) {
      sentence();
      if (sentences > 1 && !done()) out_ += ' ';
    }
  }

  void bullets(std::string_view mark) {
    for (auto items = 2 + rng_.below(6); items > 0 && !done(); --items) {
      out_ += mark;
      words(3 + rng_.below(10));
      if (items > 1) out_ += '\n';
    }
  }

  void code() {
    out_ += "```python\n";
    for (auto lines = 3 + rng_.skewed(30); lines > 0 && !done(); --lines) {
      out_.append(4 * rng_.below(3), ' ');
      identifier();
      out_ += rng_.chance(1, 2) ? " = " : "(";
      out_ += vocabulary_.name(rng_);
      out_ += '\n';
    }
    out_ += "```";
  }

  void tool_output() {
    out_ += rng_.chance(1, 2) ? "● Read(" : "● Bash(cat ";
    path();
    out_ += ")\n  ⎿  ";
    append_number(out_, rng_.between(1, 900));
    out_ += " lines";
    for (auto lines = rng_.skewed(12); lines > 0 && !done(); --lines) {
      out_ += "\n     ";
      append_number(out_, rng_.between(1, 900));
      out_ += "  ";
      words(2 + rng_.below(8));
    }
  }

  void block(Voice voice) {
    const auto kind = rng_.below(100);
    if (voice == Voice::kReply && kind >= 80) return tool_output();
    if (kind < 58) return paragraph();
    if (kind < 68) return bullets("- ");
    if (kind < 71) return bullets("✅ ");
    if (kind < 74) {
      out_ += "## ";
      return words(2 + rng_.below(5));
    }
    code();
  }

  std::string& out_;
  const Vocabulary& vocabulary_;
  Rng rng_;
  std::uint64_t bytes_;
  std::uint64_t topic_;
  std::uint32_t last_ = 0;
  std::uint32_t before_ = 0;
};

}  // namespace

Prose::Prose(const Vocabulary& vocabulary, std::uint64_t seed) : vocabulary_(vocabulary), rng_(seed) {}

Prose::Recipe Prose::choose_recipe(Voice voice, std::uint64_t topic) {
  const Recipe fresh{rng_.next(), draw_length(rng_), topic};
  const auto length_class = class_of(fresh.bytes);
  auto& ring = history_[static_cast<std::size_t>(voice)][length_class];
  auto& oldest = oldest_[static_cast<std::size_t>(voice)][length_class];
  if (!ring.empty() && rng_.chance(kClasses[length_class].repeats_per_mille, 1'000)) {
    const auto age = rng_.skewed(ring.size());
    return ring[(oldest + ring.size() - 1 - age) % ring.size()];
  }
  if (ring.size() < kRingMessages) {
    ring.push_back(fresh);
  } else {
    ring[oldest] = fresh;
    oldest = (oldest + 1) % kRingMessages;
  }
  return fresh;
}

void Prose::next(std::string& out, Voice voice, std::uint64_t topic) {
  out.clear();
  write_message(out, voice, choose_recipe(voice, topic));
}

void Prose::write_message(std::string& out, Voice voice, const Recipe& recipe) const {
  Writer(out, vocabulary_, recipe.seed, recipe.bytes, recipe.topic).write(voice);
}

}  // namespace cmem::corpus
