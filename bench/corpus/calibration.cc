#include "corpus/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace cmem::corpus {
namespace {

constexpr std::uint64_t kExactTexts = 2'100'000;
constexpr std::uint64_t kSampledOfEight = 7;
constexpr std::uint64_t kFineBytes = 4'096;
constexpr std::uint64_t kCoarseBytes = 256;

bool is_token_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::uint64_t count_tokens(std::string_view text) {
  std::uint64_t tokens = 0;
  bool inside = false;
  for (const char c : text) {
    const bool token_byte = is_token_byte(c);
    tokens += token_byte && !inside;
    inside = token_byte;
  }
  return tokens;
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
double percent(std::uint64_t part, std::uint64_t whole) { return 100 * ratio(part, whole); }

}  // namespace

DistinctCounter::DistinctCounter(std::uint64_t texts_expected)
    : sample_mask_(texts_expected <= kExactTexts ? 0 : kSampledOfEight), slots_(1U << 16) {}

void DistinctCounter::add(std::string_view text) {
  const auto hash = mix64(std::hash<std::string_view>{}(text)) | 1;
  ++texts_;
  if (((hash >> 1) & sample_mask_) == 0) insert(hash);
}

double DistinctCounter::share() const noexcept { return ratio(distinct_ * (sample_mask_ + 1), texts_); }

void DistinctCounter::insert(std::uint64_t hash) {
  const auto mask = slots_.size() - 1;
  auto i = (hash >> 8) & mask;
  while (slots_[i] != 0 && slots_[i] != hash) i = (i + 1) & mask;
  if (slots_[i] == hash) return;
  slots_[i] = hash;
  if (++distinct_ * 2 > slots_.size()) grow();
}

void DistinctCounter::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  distinct_ = 0;
  for (const auto hash : old)
    if (hash != 0) insert(hash);
}

void LengthHistogram::add(std::uint64_t bytes) noexcept {
  const auto bucket = bytes < kFineBytes ? bytes : kFineBytes + (bytes - kFineBytes) / kCoarseBytes;
  ++buckets_[std::min<std::uint64_t>(bucket, buckets_.size() - 1)];
  ++count_;
}

std::uint64_t LengthHistogram::percentile(double fraction) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(fraction * static_cast<double>(count_));
  std::uint64_t running = 0;
  for (std::uint64_t i = 0; i < buckets_.size(); ++i) {
    running += buckets_[i];
    if (running > wanted) return i < kFineBytes ? i : kFineBytes + (i - kFineBytes) * kCoarseBytes;
  }
  return 0;
}

double LengthHistogram::share_over(std::uint64_t bytes) const noexcept {
  std::uint64_t over = 0;
  for (auto i = kFineBytes + (bytes - kFineBytes) / kCoarseBytes; i < buckets_.size(); ++i) over += buckets_[i];
  return ratio(over, count_);
}

Calibration::Calibration(const Counts& counts, std::size_t templates)
    : counts_(counts), bodies_(counts.debug), prose_(counts.prompts + counts.replies), templates_(templates) {}

void Calibration::add_debug(std::string_view body, char level, std::uint32_t template_id) {
  bodies_.add(body);
  body_bytes_ += body.size();
  tokens_ += count_tokens(body);
  multi_line_ += body.find('\n') != std::string_view::npos;
  ++templates_[template_id];
  ++levels_[static_cast<unsigned char>(level) & 127U];
}

void Calibration::add_prose(std::string_view text) {
  prose_.add(text);
  prose_lengths_.add(text.size());
  prose_bytes_ += text.size();
}

void Calibration::add_file(std::uint64_t messages, std::uint64_t bytes) noexcept {
  ++files_;
  messages_ += messages;
  file_bytes_ += bytes;
}

void Calibration::print(std::FILE* out, const World& world, double seconds) const {
  fmt::print(out, "messages {} in {} files, {:.1f} MB, {:.1f} s, {:.0f} messages/s\n", messages_, files_,
             static_cast<double>(file_bytes_) / 1e6, seconds, static_cast<double>(messages_) / std::max(seconds, 1e-9));
  fmt::print(out, "  debug {}  prompts {}  replies {}  file-history {}  todos {}\n", counts_.debug, counts_.prompts,
             counts_.replies, counts_.file_history, counts_.todos);
  const auto known =
      std::count_if(world.sessions.begin(), world.sessions.end(), [](const Session& session) { return session.in_history; });
  fmt::print(out, "  projects {}  sessions {}, of them known to phase 1 {}\n", world.projects.size(), world.sessions.size(), known);
  print_debug(out);
  print_prose(out);
}

void Calibration::print_debug(std::FILE* out) const {
  auto counts = templates_;
  std::sort(counts.rbegin(), counts.rend());
  std::uint64_t top20 = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(20, counts.size()); ++i) top20 += counts[i];
  fmt::print(out, "debug lines\n");
  fmt::print(out, "  distinct bodies {:.2f} % ({})\n", 100 * bodies_.share(),
             bodies_.exact() ? "exact" : "estimated from one eighth of the hash space");
  fmt::print(out, "  templates {}: the first {:.1f} %, the first 20 {:.1f} %\n", counts.size(),
             percent(counts.front(), counts_.debug), percent(top20, counts_.debug));
  fmt::print(out, "  body {:.1f} bytes, {:.1f} tokens on average; several lines {:.2f} %\n", ratio(body_bytes_, counts_.debug),
             ratio(tokens_, counts_.debug), percent(multi_line_, counts_.debug));
  fmt::print(out, "  DEBUG {:.2f} %  INFO {:.2f} %  WARN {:.2f} %  ERROR {:.2f} %\n", percent(levels_['D'], counts_.debug),
             percent(levels_['I'], counts_.debug), percent(levels_['W'], counts_.debug), percent(levels_['E'], counts_.debug));
}

void Calibration::print_prose(std::FILE* out) const {
  const auto messages = counts_.prompts + counts_.replies;
  fmt::print(out, "prompts and replies\n");
  fmt::print(out, "  exact repeats {:.1f} % ({})\n", messages == 0 ? 0 : 100 * (1 - prose_.share()),
             prose_.exact() ? "exact" : "estimated");
  fmt::print(out, "  bytes: mean {:.0f}  p50 {}  p90 {}  p99 {}; over 16 KiB {:.2f} %\n", ratio(prose_bytes_, messages),
             prose_lengths_.percentile(0.5), prose_lengths_.percentile(0.9), prose_lengths_.percentile(0.99),
             100 * prose_lengths_.share_over(16'384));
}

}  // namespace cmem::corpus
