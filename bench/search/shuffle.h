// The order of the questions in a pass.
#pragma once
#include <cstddef>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace search_bench {

// 0 … count-1 in a random order. std::shuffle leaves it to the standard library how; this is the same everywhere.
inline std::vector<std::size_t> shuffled(std::size_t count, std::mt19937_64& random) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = count; left > 1; --left) std::swap(order[left - 1], order[random() % left]);
  return order;
}

}  // namespace search_bench
