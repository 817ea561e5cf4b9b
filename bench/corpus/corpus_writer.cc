#include "corpus/corpus_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <queue>
#include <stdexcept>
#include <utility>

namespace cmem::corpus {
namespace {

constexpr std::size_t kBufferBytes = 1U << 20;
// A debug phase of millions of lines comes in several files of at most this many records.
constexpr std::uint64_t kRecordsPerDebugFile = 500'000;
constexpr std::uint64_t kRecordsPerExtractionSecond = 40'000;
constexpr std::uint64_t kTodosPerList = 8;

enum Stream : std::uint64_t { kVocabulary = 100, kScenes, kProse, kPromptTimes, kFileHistory, kTodos, kReplyTimes, kSessionLog };

std::string_view level_name(char letter) {
  switch (letter) {
    case 'I':
      return "INFO";
    case 'W':
      return "WARN";
    case 'E':
      return "ERROR";
    default:
      return "DEBUG";
  }
}

// Bursty: most lines follow at once, some after a thought, a few after a break.
std::int64_t gap_ms(Rng& rng) {
  const auto kind = rng.below(10'000);
  if (kind < 8'000) return static_cast<std::int64_t>(rng.skewed(12));
  if (kind < 9'500) return rng.between(15, 300);
  if (kind < 9'997) return rng.between(300, 6'000);
  return rng.between(60'000, 1'200'000);
}

// About how long the log of a session lasts, so that its prompts fall into the same time.
std::int64_t expected_duration_ms(const Session& session) {
  return 600'000 + static_cast<std::int64_t>(session.counts.debug) * 220;
}

// A session keeps to its subject and shares some of it with the other sessions of its project.
std::uint64_t topic_of(const Session& session) { return session.project * 8 + static_cast<std::uint64_t>(session.start_ms) % 8; }

void append_hash(std::string& out, std::string_view hex) {
  out += ", \"hash\": \"";
  out += hex;
  out += "\"}";
}

}  // namespace

OutputFile::OutputFile(std::filesystem::path path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
  if (file_ == nullptr) throw std::runtime_error(fmt::format("cannot create {}: {}", path_.string(), std::strerror(errno)));
  std::setvbuf(file_, nullptr, _IONBF, 0);
  buffer_.reserve(kBufferBytes + kBufferBytes / 2);
}

OutputFile::~OutputFile() {
  if (file_ != nullptr) std::fclose(file_);
}

void OutputFile::end_record() {
  buffer_ += '\n';
  ++records_;
  if (buffer_.size() >= kBufferBytes) flush();
}

void OutputFile::flush() {
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size())
    throw std::runtime_error(fmt::format("cannot write {}: {}; is the disk full?", path_.string(), std::strerror(errno)));
  bytes_ += buffer_.size();
  buffer_.clear();
}

void OutputFile::close() {
  flush();
  if (std::fclose(std::exchange(file_, nullptr)) != 0)
    throw std::runtime_error(fmt::format("cannot close {}: {}", path_.string(), std::strerror(errno)));
}

CorpusWriter::CorpusWriter(std::filesystem::path folder, std::uint64_t seed, const Counts& counts)
    : folder_(std::move(folder)),
      seed_(seed),
      counts_(counts),
      vocabulary_(derive_seed(seed, kVocabulary)),
      world_(make_world(seed, counts, vocabulary_)),
      scenes_(vocabulary_, derive_seed(seed, kScenes)),
      prose_(vocabulary_, derive_seed(seed, kProse)),
      calibration_(counts, scenes_.template_count()) {}

void CorpusWriter::write() {
  std::filesystem::create_directories(folder_);
  write_history();
  write_debug();
  write_file_history();
  write_todos();
  if (counts_.replies > 0) write_checkpoints();
}

void CorpusWriter::finish(OutputFile& file) {
  file.close();
  calibration_.add_file(file.records(), file.bytes());
}

// The history file is in time order over all sessions: the session whose next prompt is earliest writes next.
void CorpusWriter::write_history() {
  using Turn = std::pair<std::int64_t, std::size_t>;  // time, session
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  std::vector<std::uint64_t> left;
  for (std::size_t i = 0; i < world_.sessions.size(); ++i) {
    left.push_back(world_.sessions[i].counts.prompts);
    if (left[i] > 0) turns.emplace(world_.sessions[i].start_ms, i);
  }
  OutputFile file(folder_ / "phase1-history.jsonl");
  Rng rng(derive_seed(seed_, kPromptTimes));
  for (std::uint64_t line = 1; !turns.empty(); ++line) {
    const auto [time_ms, i] = turns.top();
    turns.pop();
    const auto& session = world_.sessions[i];
    write_prompt(file, session, line, time_ms);
    const auto mean_gap_ms = expected_duration_ms(session) / static_cast<std::int64_t>(session.counts.prompts);
    const auto step_ms = 900 + static_cast<std::int64_t>(rng.skewed(static_cast<std::uint64_t>(4 * mean_gap_ms)));
    if (--left[i] > 0) turns.emplace(time_ms + step_ms, i);
  }
  finish(file);
}

void CorpusWriter::write_prompt(OutputFile& file, const Session& session, std::uint64_t line, std::int64_t time_ms) {
  prose_.next(content_, Voice::kPrompt, topic_of(session));
  calibration_.add_prose(content_);
  auto& out = file.buffer();
  out += "{\"content\": ";
  append_json_string(out, content_);
  out += ", \"source\": \"history.jsonl:line-";
  append_number(out, static_cast<std::int64_t>(line));
  out += '"';
  append_number_field(out, "timestamp", time_ms);
  append_text_field(out, "session_id", session.id);
  append_text_field(out, "project", world_.projects[session.project].path);
  out += ", \"source_type\": \"history\"";
  append_hash(out, sha256_.hex(content_));
  file.end_record();
}

void CorpusWriter::write_debug() {
  for (const auto& session : world_.sessions) write_session_log(session);
  if (debug_file_) finish(*debug_file_);
}

void CorpusWriter::write_session_log(const Session& session) {
  Rng rng(derive_seed(seed_ ^ kSessionLog, mix64(static_cast<std::uint64_t>(session.start_ms)) ^ session.counts.debug));
  scenes_.set_stage({&world_.projects[session.project], session.id, rng.next()});
  auto time_ms = session.start_ms;
  std::uint64_t line = 1;
  for (auto left = session.counts.debug; left > 0;) {
    const auto& scene = scenes_.draw_scene(rng);
    time_ms += gap_ms(rng);
    for (std::size_t i = 0; i < scene.lines.size() && left > 0; ++i, --left) {
      line += write_debug_record(session, scene.lines[i], line, time_ms, rng);
      time_ms += static_cast<std::int64_t>(rng.skewed(4));
    }
  }
}

OutputFile& CorpusWriter::debug_file() {
  if (debug_records_ % kRecordsPerDebugFile == 0) {
    if (debug_file_) finish(*debug_file_);
    debug_file_ =
        std::make_unique<OutputFile>(folder_ / fmt::format("phase2-debug-{:03}.jsonl", debug_records_ / kRecordsPerDebugFile));
  }
  ++debug_records_;
  return *debug_file_;
}

std::uint64_t CorpusWriter::make_debug_content(const SceneLine& scene_line, std::int64_t time_ms, Rng& rng) {
  content_.clear();
  append_utc_ms(content_, time_ms);
  content_ += " [";
  content_ += level_name(scene_line.level);
  content_ += "] ";
  const auto body_start = content_.size();
  scenes_.append_body(content_, scene_line, time_ms, rng);
  const auto body = std::string_view(content_).substr(body_start);
  calibration_.add_debug(body, scene_line.level, scene_line.template_id);
  return 1 + static_cast<std::uint64_t>(std::count(body.begin(), body.end(), '\n'));
}

std::uint64_t CorpusWriter::write_debug_record(const Session& session, const SceneLine& scene_line, std::uint64_t line,
                                               std::int64_t time_ms, Rng& rng) {
  const auto lines = make_debug_content(scene_line, time_ms, rng);
  const auto extracted_ms = world_.extraction_ms + static_cast<std::int64_t>(debug_records_ / kRecordsPerExtractionSecond) * 1'000;
  auto& file = debug_file();
  auto& out = file.buffer();
  out += "{\"content\": ";
  append_json_string(out, content_);
  out += ", \"source\": \"debug/";
  out += session.id;
  out += ".txt:line-";
  append_number(out, static_cast<std::int64_t>(line));
  out += "\", \"file\": \"";
  out += session.id;
  out += ".txt\"";
  append_number_field(out, "timestamp", extracted_ms);
  out += ", \"source_type\": \"debug\"";
  append_hash(out, sha256_.hex(content_));
  file.end_record();
  return lines;
}

void CorpusWriter::write_file_history() {
  OutputFile file(folder_ / "phase3-file-history.jsonl");
  Rng rng(derive_seed(seed_, kFileHistory));
  for (const auto& session : world_.sessions)
    for (std::uint64_t i = 0; i < session.counts.file_history; ++i) write_file_history_record(file, session, rng);
  finish(file);
}

void CorpusWriter::write_file_history_record(OutputFile& file, const Session& session, Rng& rng) {
  std::string file_hash;
  append_hex(file_hash, rng, 16);
  const auto versions = 1 + static_cast<std::int64_t>(rng.skewed(8));
  const auto first_version = rng.between(1, 3);
  const auto first_size = 200 + static_cast<std::int64_t>(rng.skewed(60'000));
  auto time_us = session.start_ms * 1'000 + rng.between(0, expected_duration_ms(session)) * 1'000;
  std::int64_t total_bytes = 0;
  std::string list;
  std::string mtime;
  for (std::int64_t i = 0; i < versions; ++i) {
    const auto size = first_size + i * rng.between(0, 400);
    total_bytes += size;
    time_us += rng.between(1'000'000, 600'000'000);
    mtime.clear();
    append_utc_us(mtime, time_us, "");
    const auto version = first_version + i;
    list += fmt::format("{}{{\"version\": {}, \"path\": \"{}/{}@v{}\", \"size\": {}, \"mtime\": \"{}\"}}", i == 0 ? "" : ", ",
                        version, session.id, file_hash, version, size, mtime);
  }
  const auto max_version = first_version + versions - 1;
  content_ = fmt::format("File {}: {} versions (max v{}), {} bytes total", file_hash, versions, max_version, total_bytes);
  file.buffer() += fmt::format(
      "{{\"content\": \"{}\", \"source\": \"file-history/{}/{}\", \"timestamp\": {}, \"session_id\": \"{}\", \"source_type\": "
      "\"file-history\", \"metadata\": {{\"file_hash\": "
      "\"{}\", \"version_count\": {}, \"max_version\": {}, \"total_size\": {}, \"latest_mtime\": \"{}\", \"versions\": [{}]}}",
      content_, session.id, file_hash, time_us / 1'000, session.id, file_hash, versions, max_version, total_bytes, mtime, list);
  append_hash(file.buffer(), sha256_.hex(content_));
  file.end_record();
}

void CorpusWriter::write_todos() {
  OutputFile file(folder_ / "phase4-todos.jsonl");
  Rng rng(derive_seed(seed_, kTodos));
  for (const auto& session : world_.sessions) {
    for (std::uint64_t i = 0; i < session.counts.todos; ++i) {
      if (i % kTodosPerList == 0) {
        source_ = "todos/" + session.id + "-agent-";
        append_hex(source_, rng, 8);
        source_ += ".json";
      }
      write_todo(file, source_, rng);
    }
  }
  finish(file);
}

void CorpusWriter::write_todo(OutputFile& file, std::string_view source, Rng& rng) {
  constexpr std::string_view kVerbs[][2] = {
      {"Review", "Reviewing"}, {"Add", "Adding"}, {"Move", "Moving"}, {"Test", "Testing"}, {"Document", "Documenting"}};
  constexpr std::string_view kStatuses[] = {"pending", "completed", "in_progress"};
  const auto& verb = kVerbs[rng.below(std::size(kVerbs))];
  const auto status = kStatuses[rng.skewed(std::size(kStatuses))];
  std::string object;
  for (auto words = 2 + rng.below(6); words > 0; --words) object += " " + vocabulary_.name(rng);
  const auto title = std::string(verb[0]) + object;
  content_ = "Task: " + title;
  file.buffer() += fmt::format(
      "{{\"content\": \"{}\", \"source\": \"{}\", \"timestamp\": {}, \"source_type\": \"todos\", \"metadata\": {{\"title\": "
      "\"{}\", \"status\": \"{}\", \"project\": \"\", "
      "\"complete_task\": {{\"content\": \"{}\", \"status\": \"{}\", \"activeForm\": \"{}\"}}}}",
      content_, source, world_.extraction_ms, title, status, title, status, std::string(verb[1]) + object);
  append_hash(file.buffer(), sha256_.hex(content_));
  file.end_record();
}

// One export per session, as somebody leaves a checkpoint at the end of one.
void CorpusWriter::write_checkpoints() {
  const auto folder = folder_ / "checkpoints";
  std::filesystem::create_directories(folder);
  Rng rng(derive_seed(seed_, kReplyTimes));
  std::uint64_t number = 0;
  for (const auto& session : world_.sessions) {
    if (session.counts.replies == 0) continue;
    const auto end_ms = session.start_ms + expected_duration_ms(session);
    std::string name;
    append_utc_ms(name, end_ms);
    name = fmt::format("{}-EXPORT-SESSION-{:04}", name.substr(0, 10), number++);
    OutputFile file(folder / (name + ".jsonl"));
    auto first_seen_us = end_ms * 1'000 + rng.between(0, 999);
    for (std::uint64_t index = 0; index < session.counts.replies; ++index) {
      write_reply(file, session, index, first_seen_us, name);
      first_seen_us += rng.between(20, 90);
    }
    finish(file);
  }
}

void CorpusWriter::write_reply(OutputFile& file, const Session& session, std::uint64_t index, std::int64_t first_seen_us,
                               std::string_view checkpoint) {
  prose_.next(content_, Voice::kReply, topic_of(session));
  calibration_.add_prose(content_);
  // The export's hash covers the message as json.dumps({"content", "role"}, sort_keys=True) writes it.
  source_ = "{\"content\": ";
  append_json_string_ascii(source_, content_);
  source_ += ", \"role\": \"assistant\"}";
  auto& out = file.buffer();
  out += "{\"hash\": \"";
  out += sha256_.hex(source_);
  out += "\", \"message\": {\"index\": ";
  append_number(out, static_cast<std::int64_t>(index));
  out += ", \"role\": \"assistant\", \"type\": \"assistant\", \"content\": ";
  append_json_string(out, content_);
  out += "}, \"first_seen\": \"";
  append_utc_us(out, first_seen_us, "+00:00");
  out += "\", \"checkpoint\": \"";
  out += checkpoint;
  out += "\"}";
  file.end_record();
}

}  // namespace cmem::corpus
