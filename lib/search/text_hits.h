// The texts that match a query.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "search/hit.h"
#include "search/matcher.h"

namespace cmem {

// Columns by slot: the place of a text among the matching ones, which rise.
struct TextHits {
  std::vector<std::uint32_t> text_id;
  std::vector<Tier> tier;
  std::vector<std::uint32_t> score;  // in units of 1 / kScoreUnits; 0 in an order by time

  bool has_wider = false;  // not all are of the tier kExact

  [[nodiscard]] std::size_t size() const { return text_id.size(); }
  // Its tier and score as one number, which is greater for the better.
  [[nodiscard]] std::uint64_t rank_of(std::size_t slot) const { return static_cast<std::uint64_t>(tier[slot]) << 32 | score[slot]; }
  void add(std::uint32_t id, Tier its_tier, std::uint32_t its_score) {
    text_id.push_back(id);
    tier.push_back(its_tier);
    score.push_back(its_score);
  }
  // The texts of a segment, which follow those that are there.
  void add(std::uint32_t first_id, const std::vector<std::uint32_t>& texts, Tier its_tier,
           const std::vector<std::uint32_t>& scores) {
    const std::size_t before = size();
    text_id.resize(before + texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) text_id[before + i] = first_id + texts[i];
    tier.resize(text_id.size(), its_tier);
    score.insert(score.end(), scores.begin(), scores.end());
  }
};

// The rank of a text with such a hit, which may come from outside.
inline std::uint64_t rank_of(const Hit& hit) {
  constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
  const auto units = hit.score > 0 ? static_cast<std::uint32_t>(std::min(hit.score * kScoreUnits, kMost)) : 0;
  return static_cast<std::uint64_t>(hit.tier) << 32 | units;
}

}  // namespace cmem
