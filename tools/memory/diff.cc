#include "diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <vector>

namespace cli {
namespace {

constexpr std::size_t kContextLines = 3;
// Bounds time to lines * edits and memory to 4 * edits^2 bytes.
constexpr int kMaxEdits = 3000;
constexpr std::size_t kBinaryProbeBytes = 8000;

using Lines = std::vector<std::string_view>;

// Each with its newline, except perhaps the last.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// Which lines of the two texts have no partner in the other.
struct Edits {
  std::vector<char> removed, added;
};

// E. W. Myers, "An O(ND) difference algorithm and its variations", 1986: the greedy algorithm. Diagonal k holds the points (x, y)
// with x - y = k; after d edits the diagonals -d, -d + 2, ..., d have points, and the furthest of each are kept to find the way
// back.
class Myers {
 public:
  Myers(const std::vector<int>& a, const std::vector<int>& b, std::size_t begin, std::size_t a_end, std::size_t b_end)
      : a_(a.data() + begin), b_(b.data() + begin), n_(static_cast<int>(a_end - begin)), m_(static_cast<int>(b_end - begin)) {}

  // False: there are more than kMaxEdits. The flags are those behind the equal begin.
  bool run(char* removed, char* added) {
    for (int edits = 0; edits <= std::min(n_ + m_, kMaxEdits); ++edits) {
      if (!advance(edits)) continue;
      go_back(edits, removed, added);
      return true;
    }
    return false;
  }

 private:
  // The furthest x on a diagonal after so many edits; diagonals are counted from -edits.
  [[nodiscard]] int furthest(int edits, int diagonal) const {
    return rounds_[static_cast<std::size_t>(edits)][static_cast<std::size_t>(diagonal + edits)];
  }
  // Whether the way to the diagonal comes from the one above, by an added line.
  [[nodiscard]] bool comes_from_above(int edits, int diagonal) const {
    if (diagonal == -edits) return true;
    return diagonal != edits && furthest(edits - 1, diagonal - 1) < furthest(edits - 1, diagonal + 1);
  }

  // True: the end of both is reached.
  bool advance(int edits) {
    std::vector<int> round(2 * static_cast<std::size_t>(edits) + 1);
    bool done = false;
    for (int diagonal = -edits; diagonal <= edits && !done; diagonal += 2) {
      int x = 0;
      if (edits > 0)
        x = comes_from_above(edits, diagonal) ? furthest(edits - 1, diagonal + 1) : furthest(edits - 1, diagonal - 1) + 1;
      while (x < n_ && x - diagonal < m_ && a_[x] == b_[x - diagonal]) ++x;
      round[static_cast<std::size_t>(diagonal + edits)] = x;
      done = x >= n_ && x - diagonal >= m_;
    }
    rounds_.push_back(std::move(round));
    return done;
  }

  void go_back(int edits, char* removed, char* added) const {
    int diagonal = n_ - m_;
    for (; edits > 0; --edits) {
      const bool above = comes_from_above(edits, diagonal);
      diagonal += above ? 1 : -1;
      const int x = furthest(edits - 1, diagonal);
      (above ? added[x - diagonal] : removed[x]) = 1;
    }
  }

  const int* a_;
  const int* b_;
  int n_, m_;
  std::vector<std::vector<int>> rounds_;
};

// Equal lines get equal numbers.
std::vector<int> numbered(const Lines& lines, std::unordered_map<std::string_view, int>& numbers) {
  std::vector<int> out;
  out.reserve(lines.size());
  for (const std::string_view line : lines) out.push_back(numbers.emplace(line, static_cast<int>(numbers.size())).first->second);
  return out;
}

Edits compare(const Lines& before, const Lines& after) {
  std::unordered_map<std::string_view, int> numbers;
  const std::vector<int> a = numbered(before, numbers);
  const std::vector<int> b = numbered(after, numbers);
  const auto begin = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  std::size_t a_end = a.size();
  std::size_t b_end = b.size();
  for (; a_end > begin && b_end > begin && a[a_end - 1] == b[b_end - 1]; --b_end) --a_end;
  Edits edits{std::vector<char>(a.size(), 0), std::vector<char>(b.size(), 0)};
  if (Myers(a, b, begin, a_end, b_end).run(edits.removed.data() + begin, edits.added.data() + begin)) return edits;
  std::fill(edits.removed.begin() + static_cast<std::ptrdiff_t>(begin), edits.removed.begin() + static_cast<std::ptrdiff_t>(a_end),
            1);
  std::fill(edits.added.begin() + static_cast<std::ptrdiff_t>(begin), edits.added.begin() + static_cast<std::ptrdiff_t>(b_end), 1);
  return edits;
}

// Goes through both texts at once; lines without an edit are equal in pairs.
class HunkWriter {
 public:
  HunkWriter(const Lines& before, const Lines& after, const Edits& edits) : before_(before), after_(after), edits_(edits) {}

  std::string write() {
    while (next_edit()) {
      const std::size_t back = std::min({kContextLines, i_ - written_i_, i_});
      begin_i_ = i_ - back;
      begin_j_ = j_ - back;
      body_.clear();
      for (std::size_t line = begin_i_; line < i_; ++line) add(' ', before_[line]);
      while (add_edits() && add_context()) {
      }
      finish();
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool at_removed() const { return i_ < before_.size() && edits_.removed[i_] != 0; }
  [[nodiscard]] bool at_added() const { return j_ < after_.size() && edits_.added[j_] != 0; }
  [[nodiscard]] bool at_end() const { return i_ == before_.size() && j_ == after_.size(); }

  bool next_edit() {
    for (; !at_end() && !at_removed() && !at_added(); ++i_) ++j_;
    return !at_end();
  }

  bool add_edits() {
    for (; at_removed(); ++i_) add('-', before_[i_]);
    for (; at_added(); ++j_) add('+', after_[j_]);
    return true;
  }

  // The equal lines behind an edit. True: another edit follows so soon that it belongs to the same piece.
  bool add_context() {
    std::size_t equal = 0;
    const auto is_equal = [&](std::size_t ahead) {
      return i_ + ahead < before_.size() && edits_.removed[i_ + ahead] == 0 && j_ + ahead < after_.size() &&
             edits_.added[j_ + ahead] == 0;
    };
    while (equal <= 2 * kContextLines && is_equal(equal)) ++equal;
    const bool ends = i_ + equal == before_.size() && j_ + equal == after_.size();
    const bool goes_on = equal <= 2 * kContextLines && !ends;
    const std::size_t shown = goes_on ? equal : std::min(equal, kContextLines);
    for (std::size_t line = 0; line < shown; ++line, ++i_, ++j_) add(' ', before_[i_]);
    return goes_on;
  }

  void add(char mark, std::string_view line) {
    body_ += mark;
    body_ += line;
    if (!line.ends_with('\n')) body_ += "\n\\ No newline at end of file\n";
  }

  // "7,3"; of no lines the one before.
  static std::string range(std::size_t begin, std::size_t end) {
    if (end - begin == 1) return fmt::format("{}", end);
    return fmt::format("{},{}", end == begin ? begin : begin + 1, end - begin);
  }

  void finish() {
    out_ += fmt::format("@@ -{} +{} @@\n", range(begin_i_, i_), range(begin_j_, j_)) + body_;
    written_i_ = i_;
  }

  const Lines& before_;
  const Lines& after_;
  const Edits& edits_;
  std::size_t i_ = 0, j_ = 0;
  std::size_t begin_i_ = 0, begin_j_ = 0;  // of the piece
  std::size_t written_i_ = 0;
  std::string body_;
  std::string out_;
};

}  // namespace

bool is_binary(std::string_view bytes) { return bytes.substr(0, kBinaryProbeBytes).find('\0') != std::string_view::npos; }

std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name) {
  if (before == after) return {};
  const Lines a = lines_of(before);
  const Lines b = lines_of(after);
  const Edits edits = compare(a, b);
  return fmt::format("--- {}\n+++ {}\n", before_name, after_name) + HunkWriter(a, b, edits).write();
}

}  // namespace cli
