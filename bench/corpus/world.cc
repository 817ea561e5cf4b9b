#include "corpus/world.h"

#include <algorithm>
#include <chrono>

namespace cmem::corpus {
namespace {

constexpr std::int64_t kFirstDayMs = 1'758'499'200'000;  // Monday 2025-09-22
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr int kDays = 60;
constexpr std::uint64_t kMaxSessions = 400;
constexpr std::uint64_t kMaxProjects = 16;
constexpr std::size_t kFilesPerProject = 400;
constexpr std::string_view kHome = "/home/sam/work/";
constexpr std::string_view kExtensions[] = {".py", ".ts", ".tsx", ".md", ".json", ".cc", ".h", ".rs", ".go", ".sh", ".yaml"};

enum Stream : std::uint64_t { kProjects = 1, kSessions, kAllotment };

std::string file_path(const Project& project, const Vocabulary& vocabulary, Rng& rng) {
  auto path = project.path;
  for (auto depth = rng.below(4); depth > 0; --depth) path += "/" + vocabulary.name(rng);
  path += "/" + vocabulary.name(rng);
  if (rng.chance(2, 5)) path += "_" + vocabulary.name(rng);
  path += kExtensions[rng.skewed(std::size(kExtensions))];
  return path;
}

std::vector<Project> make_projects(std::uint64_t seed, std::uint64_t count, const Vocabulary& vocabulary) {
  Rng rng(derive_seed(seed, kProjects));
  std::vector<Project> projects(count);
  for (std::size_t i = 0; i < count; ++i) {
    // The number keeps two projects apart that drew the same words.
    projects[i].path =
        std::string(kHome) + vocabulary.name(rng) + "-" + vocabulary.name(rng) + (i < 9 ? "" : "-v" + std::to_string(i));
    for (std::size_t k = 0; k < kFilesPerProject; ++k) projects[i].files.push_back(file_path(projects[i], vocabulary, rng));
  }
  return projects;
}

// A working day between 7 and 23 o'clock, fewer at week-ends; three sessions in five start within three hours of the one before.
std::int64_t next_start(std::int64_t previous_ms, Rng& rng) {
  if (previous_ms != 0 && rng.chance(3, 5)) return previous_ms + rng.between(kMinuteMs, 3 * kHourMs);
  auto day = rng.between(0, kDays - 1);
  if (day % 7 >= 5 && rng.chance(7, 10)) day -= 3;
  return kFirstDayMs + day * kDayMs + rng.between(7 * kHourMs, 23 * kHourMs);
}

std::vector<Session> make_sessions(std::uint64_t seed, std::uint64_t count, std::uint64_t projects) {
  Rng rng(derive_seed(seed, kSessions));
  std::vector<Session> sessions(count);
  std::int64_t start_ms = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto& session = sessions[i];
    session.id = make_uuid(rng);
    session.project = static_cast<std::uint32_t>(i < projects ? i : rng.skewed(projects));
    session.in_history = i < projects || !rng.chance(1, 8);
    session.start_ms = start_ms = next_start(start_ms, rng);
  }
  std::sort(sessions.begin(), sessions.end(), [](const Session& a, const Session& b) { return a.start_ms < b.start_ms; });
  return sessions;
}

// Shares `total` out by weight, exactly and without drift: session i gets the difference of two rounded running sums. Where there
// is enough, everyone with a weight gets one first.
void allot(std::vector<Session>& sessions, const std::vector<std::uint64_t>& weights, std::uint64_t total,
           std::uint64_t Counts::*kind) {
  std::uint64_t sum = 0;
  std::uint64_t takers = 0;
  for (const auto weight : weights) {
    sum += weight;
    takers += weight > 0;
  }
  const std::uint64_t first = total >= takers ? 1 : 0;
  const std::uint64_t rest = total - first * takers;
  std::uint64_t running = 0;
  std::uint64_t given = 0;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    running += weights[i];
    const std::uint64_t due = rest * running / sum;
    sessions[i].counts.*kind = (weights[i] > 0 ? first : 0) + due - given;
    given = due;
  }
}

void allot_messages(std::vector<Session>& sessions, std::uint64_t seed, const Counts& counts) {
  Rng rng(derive_seed(seed, kAllotment));
  std::vector<std::uint64_t> all(sessions.size());
  std::vector<std::uint64_t> known(sessions.size());
  for (std::size_t i = 0; i < sessions.size(); ++i) all[i] = 100'000 / (i + 8);
  for (std::size_t i = sessions.size() - 1; i > 0; --i) std::swap(all[i], all[rng.below(i + 1)]);
  for (std::size_t i = 0; i < sessions.size(); ++i) known[i] = sessions[i].in_history ? all[i] : 0;
  allot(sessions, all, counts.debug, &Counts::debug);
  allot(sessions, known, counts.prompts, &Counts::prompts);
  allot(sessions, known, counts.replies, &Counts::replies);
  allot(sessions, known, counts.file_history, &Counts::file_history);
  allot(sessions, all, counts.todos, &Counts::todos);
}

void append_padded(std::string& out, std::int64_t value, int digits) {
  char text[8];
  for (int i = digits - 1; i >= 0; --i, value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text, static_cast<std::size_t>(digits));
}

void append_utc_second(std::string& out, std::int64_t second) {
  const std::chrono::sys_days day{std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{second}})};
  const std::chrono::year_month_day date{day};
  const auto of_day = second % 86'400;
  append_padded(out, int{date.year()}, 4);
  out += '-';
  append_padded(out, unsigned{date.month()}, 2);
  out += '-';
  append_padded(out, unsigned{date.day()}, 2);
  out += 'T';
  append_padded(out, of_day / 3'600, 2);
  out += ':';
  append_padded(out, of_day / 60 % 60, 2);
  out += ':';
  append_padded(out, of_day % 60, 2);
}

}  // namespace

Counts split_messages(Mix mix, std::uint64_t messages) {
  Counts counts;
  if (mix == Mix::kMixed) {
    counts.prompts = messages * 30 / 1'000;
    counts.replies = messages * 69 / 1'000;
    counts.file_history = messages * 7 / 10'000;
    counts.todos = messages * 3 / 10'000;
  } else {
    counts.prompts = messages * 30 / 10'000;
    counts.file_history = messages * 15 / 10'000;
    counts.todos = messages * 5 / 10'000;
  }
  if (messages >= 1'000) {
    counts.file_history = std::max<std::uint64_t>(counts.file_history, 1);
    counts.todos = std::max<std::uint64_t>(counts.todos, 1);
  }
  counts.debug = messages - counts.total();
  return counts;
}

World make_world(std::uint64_t seed, const Counts& counts, const Vocabulary& vocabulary) {
  World world;
  const auto sessions = std::clamp<std::uint64_t>(counts.total() / 1'000, 4, kMaxSessions);
  const auto projects = std::min(kMaxProjects, sessions / 2);
  world.projects = make_projects(seed, projects, vocabulary);
  world.sessions = make_sessions(seed, sessions, projects);
  allot_messages(world.sessions, seed, counts);
  world.extraction_ms = kFirstDayMs + (kDays + 3) * kDayMs + 9 * kHourMs;
  return world;
}

void append_hex(std::string& out, Rng& rng, int digits) {
  std::uint64_t bits = 0;
  for (int i = 0; i < digits; ++i) {
    if (i % 16 == 0) bits = rng.next();
    out += "0123456789abcdef"[bits & 15];
    bits >>= 4;
  }
}

std::string make_uuid(Rng& rng) {
  std::string uuid;
  append_hex(uuid, rng, 8);
  uuid += '-';
  append_hex(uuid, rng, 4);
  uuid += "-4";
  append_hex(uuid, rng, 3);
  uuid += '-';
  uuid += "89ab"[rng.below(4)];
  append_hex(uuid, rng, 3);
  uuid += '-';
  append_hex(uuid, rng, 12);
  return uuid;
}

void append_utc_ms(std::string& out, std::int64_t ms) {
  append_utc_second(out, ms / 1'000);
  out += '.';
  append_padded(out, ms % 1'000, 3);
  out += 'Z';
}

void append_utc_us(std::string& out, std::int64_t us, std::string_view suffix) {
  append_utc_second(out, us / 1'000'000);
  out += '.';
  append_padded(out, us % 1'000'000, 6);
  out += suffix;
}

}  // namespace cmem::corpus
