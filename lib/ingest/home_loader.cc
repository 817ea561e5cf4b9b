#include "ingest/home_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/fault.h"
#include "ingest/extracted_lines.h"
#include "store/home_files.h"

namespace cmem {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr auto kProgressInterval = std::chrono::milliseconds(200);

}  // namespace

HomeLoader::HomeLoader(Store& store, Writer& writer, const Agent& agent, HomeLoadOptions options)
    : store_(store), writer_(writer), agent_(agent), options_(std::move(options)), batch_(writer), run_(batch_, options_.home) {}

Status HomeLoader::load(HomeLoadResult& result) {
  CMEM_ASSIGN_OR_RETURN(const HomeListing listing, list_home(agent_, options_.home));
  return load(listing, nullptr, result);
}

Status HomeLoader::load(const std::vector<std::string>& paths, HomeLoadResult& result) {
  return load(list_home_files(agent_, options_.home, paths), &paths, result);
}

Status HomeLoader::load(const HomeListing& listing, const std::vector<std::string>* paths, HomeLoadResult& result) {
  CMEM_ASSIGN_OR_RETURN(auto known, known_files(listing, paths));
  const HomePlan plan({options_.home, options_.settled_ms, options_.leaves_unsettled, batch_.writer().now_ms()}, listing, paths,
                      std::move(known));
  result.files = std::ssize(listing.entries);
  result.skipped = listing.skipped;
  result.unchanged = plan.unchanged();
  result.unsettled = plan.unsettled();
  const auto gone = plan.gone();
  result.gone = std::ssize(gone);
  const bool is_news = std::ranges::any_of(gone, [](const HomeFileState& state) { return !state.gone_ms; });
  if (plan.readings().empty() && !is_news) return {};
  has_begun_ = true;
  total_bytes_ = run_.bytes();
  for (const HomeReading& reading : plan.readings())
    total_bytes_ += std::max<std::int64_t>(reading.entry.stat.size_bytes - reading.begin().byte_offset, 0);
  run_.forget_seen();
  CMEM_ASSIGN_OR_RETURN(redactor_, redactor_of(store_));
  CMEM_TRY(read(plan, result));
  return keep_track(plan, gone);
}

void HomeLoader::count(HomeLoadResult& result) const {
  result.counts = batch_.committed();
  result.copies = run_.copies();
  result.bytes_read = run_.bytes();
  result.run_id = run_.id();
}

Status HomeLoader::commit() {
  CMEM_TRY(run_.commit());
  CMEM_ASSIGN_OR_RETURN(const std::int64_t joined, join_extracted(store_, writer_));
  run_.note_joined(joined);
  return {};
}

Status HomeLoader::end() {
  CMEM_TRY(commit());
  if (run_.id() == 0) return {};
  CMEM_TRY(run_.finish());
  CMEM_TRY(finish_run(batch_.writer().db(), run_.id(), {kRunComplete, run_.bytes(), "", "", batch_.writer().now_ms()}));
  return run_.commit();
}

void HomeLoader::take_back() {
  batch_.rollback();
  run_.take_back();
}

void HomeLoader::interrupt() {
  if (has_begun_) run_.interrupt();
}

// All states are needed where a listed file is not known by its path: it may have had another one, or another file has its origin.
Result<KnownHomeFiles> HomeLoader::known_files(const HomeListing& listing, const std::vector<std::string>* paths) {
  const std::lock_guard lock(store_.read_mutex());
  sqlite::Connection& db = store_.reader();
  KnownHomeFiles known;
  if (paths) {
    CMEM_ASSIGN_OR_RETURN(known.here, read_home_files(db, agent_.name, options_.home, *paths));
    if (std::ssize(known.here) == std::ssize(listing.entries)) return known;
  }
  CMEM_ASSIGN_OR_RETURN(known.here, read_home_files(db, agent_.name, options_.home));
  CMEM_ASSIGN_OR_RETURN(known.elsewhere, read_other_home_files(db, agent_.name, options_.home));
  return known;
}

Status HomeLoader::read(const HomePlan& plan, HomeLoadResult& result) {
  const HomeReaderOptions options{options_.home, options_.max_line_bytes, redactor_.get()};
  return read_home_files(
      plan.readings(), options, [&](HomePiece& piece) { return consume(plan.readings()[piece.reading], piece, result); },
      [&] { return run_.idle(); });
}

Status HomeLoader::consume(const HomeReading& reading, HomePiece& piece, HomeLoadResult& result) {
  auto status = add(reading, piece, result);
  if (!status) batch_.rollback();  // it may hold half of a message
  if (!status) return status;
  return report();
}

// A bad line that was forgotten is still counted as rejected.
void HomeLoader::drop_forgotten_excerpts(const std::string& origin, ParsedChunk& parsed) {
  const Writer& writer = batch_.writer();
  if (!writer.has_forgotten() || parsed.rejects.empty()) return;
  std::unordered_map<std::int64_t, const KeptLine*> lines;
  for (const KeptLine& line : parsed.kept_lines) lines.emplace(line.number, &line);
  for (Reject& reject : parsed.rejects) {
    const auto line = lines.find(reject.line_number);
    if (line != lines.end() && writer.has_forgotten(origin, reject.line_number, line->second->bytes)) reject.excerpt.clear();
  }
}

// The first record may be the event that was the last one before, with more lines. How far the file is read has to say in the same
// transaction whether it still is.
Status HomeLoader::add_records(const HomeReading& reading, HomePiece& piece) {
  const auto& known = reading.state.last_event;
  const auto& records = piece.chunk.parsed.records;
  const bool is_again = known && known->message_id != 0 && !records.empty() && records.front().line_number == known->line;
  const bool replaces = is_again && !reading.begins_anew;
  CMEM_TRY(run_.consume(piece.chunk, {replaces ? known->message_id : 0, replaces || piece.is_last}));
  if (piece.state.last_event && !records.empty()) {
    // What is known may be this very event, of a file that was only touched, or be forgotten.
    const std::int64_t id = batch_.writer().last_message_id();
    const bool is_ours = run_.last_outcome() == AddOutcome::kNew || run_.last_outcome() == AddOutcome::kKept;
    piece.state.last_event->message_id = is_ours ? id : is_again && (id == 0 || id == known->message_id) ? known->message_id : 0;
  }
  if (!replaces || piece.is_last) return {};
  HomeFileState state = reading.state;
  state.last_event->message_id = 0;
  CMEM_ASSIGN_OR_RETURN(const std::int64_t home_id, home());
  return files_.write(batch_.writer().db(), home_id, state);
}

Status HomeLoader::add(const HomeReading& reading, HomePiece& piece, HomeLoadResult& result) {
  const std::string& origin = reading.entry.file.origin;
  // A run has one source, the home.
  for (Reject& reject : piece.chunk.parsed.rejects) reject.message = reading.entry.path + ": " + reject.message;
  if (piece.chunk.parsed.records.empty() && piece.chunk.parsed.rejects.empty()) {
    run_.note_redactions(piece.chunk.redactions);
  } else {
    CMEM_TRY(run_.open_batch());
    drop_forgotten_excerpts(origin, piece.chunk.parsed);
    CMEM_TRY(add_records(reading, piece));
  }
  for (const KeptLine& line : piece.chunk.parsed.kept_lines) {
    CMEM_TRY(run_.open_batch());
    CMEM_TRY(batch_.writer().add_line(origin, line.number, line.bytes));
  }
  for (const std::string_view path : piece.chunk.parsed.revealed_paths) {
    CMEM_TRY(run_.open_batch());
    CMEM_TRY(batch_.writer().add_tracked_path(path));
  }
  if (!piece.is_last) return {};
  CMEM_TRY(run_.open_batch());
  if (!reading.begins_anew && reading.state.last_event)
    run_.discount(reading.state.read_bytes - reading.state.last_event->begin_bytes);
  if (piece.failure) return note_failure(reading, *piece.failure, result);
  if (!reading.entry.file.grows && reading.entry.file.kind != HomeFileKind::kSessionEnv)
    CMEM_TRY(batch_.writer().add_file(origin, piece.bytes, reading.entry.stat.mtime_ns / kNsPerMs));
  if (reading.entry.file.grows && !is_compressed(reading.entry.path) && piece.state.read_bytes < piece.state.size_bytes) {
    ++result.waiting;
    if (!reading.is_settled) result.unsettled.push_back(reading.entry.path);
  }
  ++result.read;
  CMEM_ASSIGN_OR_RETURN(const std::int64_t home_id, home());
  CMEM_CRASH_POINT("ingest.before-home-file");
  return files_.write(batch_.writer().db(), home_id, piece.state);
}

// A file that was removed since it was listed is no failure.
Status HomeLoader::note_failure(const HomeReading& reading, const Error& failure, HomeLoadResult& result) {
  if (const auto stat = stat_file(options_.home + "/" + reading.entry.path); !stat && stat.error().code == Code::kNotFound)
    return {};
  ++result.failed;
  return run_.note_damage(Error(failure.code, failure.text));
}

// Ids of rows hold for one batch only: another process may have written since.
Result<std::int64_t> HomeLoader::home() {
  if (home_batch_ == batch_.number()) return home_id_;
  CMEM_ASSIGN_OR_RETURN(home_id_, find_or_add_home(batch_.writer().db(), agent_.name, options_.home));
  home_batch_ = batch_.number();
  return home_id_;
}

Status HomeLoader::keep_track(const HomePlan& plan, const std::vector<HomeFileState>& gone) {
  CMEM_TRY(run_.finish());
  CMEM_ASSIGN_OR_RETURN(const std::int64_t home_id, home());
  sqlite::Connection& db = batch_.writer().db();
  for (const std::string& path : plan.moved()) CMEM_TRY(delete_home_file(db, home_id, path));
  for (HomeFileState state : gone) {
    if (state.gone_ms) continue;
    state.gone_ms = batch_.writer().now_ms();
    CMEM_TRY(files_.write(db, home_id, state));
  }
  return {};
}

Status HomeLoader::report() {
  if (!options_.progress) return {};
  const auto now = SteadyClock::now();
  if (now - last_report_ < kProgressInterval) return {};
  last_report_ = now;
  if (!options_.progress(run_.bytes(), total_bytes_, run_.records_read())) return {};
  return Unexpected(Code::kCancelled, "the load was cancelled; what was committed stays, and loading again adds the rest");
}

Result<std::string> real_home(const std::string& home) {
  std::error_code error;
  const auto path = std::filesystem::canonical(home, error);
  if (error) return Unexpected(Code::kNotFound, fmt::format("{}: {}", home, error.message()), error.value());
  return path.string();
}

Status load_home(Store& store, const HomeLoadOptions& asked, HomeLoadResult& result) {
  const Agent* const agent = find_agent(asked.agent);
  if (!agent) return Unexpected(Code::kNotFound, fmt::format("there is no agent \"{}\" whose home can be read", asked.agent));
  HomeLoadOptions options = asked;
  CMEM_ASSIGN_OR_RETURN(options.home, real_home(asked.home));
  const std::lock_guard lock(store.write_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  HomeLoader loader(store, *writer, *agent, std::move(options));
  auto status = loader.load(result);
  if (status) status = loader.end();
  if (!status) loader.interrupt();
  loader.count(result);
  CMEM_TRY(std::move(status));
  return writer->checkpoint_after_load();
}

}  // namespace cmem
