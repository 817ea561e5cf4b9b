// The texts that match a query.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/widening.h"

namespace cmem {

// Columns by slot: the place of a text among the matching ones, which rise.
struct TextHits {
  std::vector<std::uint32_t> text_id;
  std::vector<Tier> tier;
  std::vector<std::uint32_t> score;  // in units of 1 / kScoreUnits; 0 in an order by time

  bool has_wider = false;  // not all are of the tier kExact

  [[nodiscard]] std::size_t size() const { return text_id.size(); }
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

}  // namespace cmem
