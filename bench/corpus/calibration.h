// Measures the corpus while it is written, so that every report about it can say what it was made of.
#pragma once
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include "corpus/world.h"

namespace cmem::corpus {

// Counts distinct texts by 64-bit hashes. Exact up to 2 million texts announced; beyond that it looks at the texts whose hash falls
// into one eighth of the hash space and multiplies: unbiased, in an eighth of the memory.
class DistinctCounter {
 public:
  explicit DistinctCounter(std::uint64_t texts_expected);

  void add(std::string_view text);
  [[nodiscard]] bool exact() const noexcept { return sample_mask_ == 0; }
  // Distinct texts among all, 0 to 1.
  [[nodiscard]] double share() const noexcept;

 private:
  void insert(std::uint64_t hash);
  void grow();

  std::uint64_t sample_mask_;
  std::uint64_t texts_ = 0;
  std::uint64_t distinct_ = 0;
  std::vector<std::uint64_t> slots_;  // open addressing, 0 is empty, at most half full
};

// Lengths in bytes: exact below 4 KiB, to 256 bytes above.
class LengthHistogram {
 public:
  void add(std::uint64_t bytes) noexcept;
  [[nodiscard]] std::uint64_t percentile(double fraction) const noexcept;
  [[nodiscard]] double share_over(std::uint64_t bytes) const noexcept;

 private:
  std::array<std::uint64_t, 8'192> buckets_{};
  std::uint64_t count_ = 0;
};

class Calibration {
 public:
  Calibration(const Counts& counts, std::size_t templates);

  // `body` is the content without its time and level.
  void add_debug(std::string_view body, char level, std::uint32_t template_id);
  void add_prose(std::string_view text);
  void add_file(std::uint64_t messages, std::uint64_t bytes) noexcept;

  void print(std::FILE* out, const World& world, double seconds) const;

 private:
  void print_debug(std::FILE* out) const;
  void print_prose(std::FILE* out) const;

  Counts counts_;
  std::uint64_t files_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t file_bytes_ = 0;
  DistinctCounter bodies_;
  DistinctCounter prose_;
  LengthHistogram prose_lengths_;
  std::uint64_t prose_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t tokens_ = 0;
  std::uint64_t multi_line_ = 0;
  std::vector<std::uint64_t> templates_;
  std::array<std::uint64_t, 128> levels_{};  // by first letter
};

}  // namespace cmem::corpus
