#include "ingest/home_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include "codec/byte_stream.h"
#include "ingest/bounded_queue.h"
#include "source/home_parser.h"
#include "source/line_chunker.h"

namespace cmem {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kMinChunkBytes = std::size_t{4} << 10;
// What is read ahead of the writer, so that reading goes on while it commits. In memory, records take about as much as their lines.
constexpr std::size_t kQueuedBytes = std::size_t{4} << 20;
constexpr auto kIdleInterval = std::chrono::milliseconds(100);
// A file that does not grow is kept in memory as a whole; larger ones are no text that somebody wrote.
constexpr std::size_t kMaxWholeBytes = std::size_t{256} << 20;
// Longer lines than can be read are kept up to this, so that their file is given back.
constexpr std::size_t kMaxKeptLineBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxSiblingBytes = std::size_t{16} << 20;
constexpr std::int64_t kNsPerMs = 1'000'000;

Result<std::unique_ptr<ByteStream>> open_stream(const std::string& path) { return ByteStream::open(path, {.hash_file = false}); }

// Fills `out` from the stream; fewer bytes at its end.
Result<std::size_t> read_fully(ByteStream& stream, std::span<char> out) {
  std::size_t size = 0;
  while (size < out.size()) {
    CMEM_ASSIGN_OR_RETURN(const std::size_t got, stream.read(out.subspan(size)));
    if (got == 0) break;
    size += got;
  }
  return size;
}

Result<std::string> read_whole(const std::string& path, std::size_t max_bytes) {
  CMEM_ASSIGN_OR_RETURN(const auto stream, open_stream(path));
  std::string bytes;
  std::vector<char> buffer(64 * 1024);
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const std::size_t got, stream->read(buffer));
    if (got == 0) return bytes;
    bytes.append(buffer.data(), got);
    if (bytes.size() > max_bytes) return Unexpected(Code::kLimit, fmt::format("{}: it has more than {} bytes", path, max_bytes));
  }
}

// Of the first `size` bytes of a file; nothing if it has fewer. Plain files are not read in between.
std::optional<EdgeHashes> hash_edges(const std::string& path, std::int64_t size) {
  auto stream = open_stream(path);
  if (!stream) return std::nullopt;
  EdgeHashes edges;
  std::vector<char> buffer(64 * 1024);
  for (std::int64_t left = size; left > 0;) {
    if ((*stream)->compression() == Compression::kNone && left > 2 * kHashedBytes && left < size) {
      if (!(*stream)->skip(left - kHashedBytes)) return std::nullopt;
      left = kHashedBytes;
    }
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(left, left == size ? kHashedBytes : std::ssize(buffer)));
    const auto got = read_fully(**stream, {buffer.data(), wanted});
    if (!got || *got < wanted) return std::nullopt;
    edges.add({buffer.data(), *got});
    left -= static_cast<std::int64_t>(*got);
  }
  return edges;
}

class Reader {
 public:
  Reader(const std::vector<HomeReading>& readings, const HomeReaderOptions& options)
      : readings_(readings), options_(options), redactor_(options.redactor), thread_([this] { read(); }) {}
  ~Reader() {
    pieces_.abort();
    thread_.join();
  }

  Status deliver(const std::function<Status(HomePiece&)>& consume, const std::function<Status()>& idle) {
    while (true) {
      std::optional<HomePiece> piece;
      const QueueState state = pieces_.pop_for(kIdleInterval, piece);
      if (state == QueueState::kEnded) return std::move(error_) ? Status(Unexpected(std::move(*error_))) : Status{};
      if (state == QueueState::kItem) {
        CMEM_TRY(consume(*piece));
      } else if (idle) {
        CMEM_TRY(idle());
      }
    }
  }

 private:
  // False: nobody wants more.
  bool give(HomePiece piece) {
    const ParsedChunk& parsed = piece.chunk.parsed;
    piece.chunk.groups = group_records(parsed.records);
    const std::size_t bytes = static_cast<std::size_t>(parsed.bytes) + parsed.records.size() * sizeof(Record) + piece.bytes.size();
    return pieces_.push(std::move(piece), bytes);
  }

  void read() {
    try {
      for (std::size_t i = 0; i < readings_.size(); ++i)
        if (!read_file(i)) break;
    } catch (const std::bad_alloc&) {
      error_.emplace(Code::kNoMemory, "read a home: out of memory");
    }
    pieces_.close();
  }

  [[nodiscard]] std::string path_of(const HomeReading& reading) const { return options_.home + "/" + reading.entry.path; }

  bool read_file(std::size_t index) {
    const HomeReading& reading = readings_[index];
    HomePiece last;
    last.reading = index;
    last.is_last = true;
    last.state = reading.state;
    last.state.size_bytes = reading.entry.stat.size_bytes;
    last.state.mtime_ns = reading.entry.stat.mtime_ns;
    last.state.inode = static_cast<std::int64_t>(reading.entry.stat.inode);
    last.state.was_settled = reading.is_settled || !reading.entry.file.grows;
    redactor_.begin_file();
    const auto parser = make_home_parser(reading.entry.file, parser_options(reading));
    auto status = reading.entry.file.grows ? read_lines(index, *parser, last) : read_as_one(reading, *parser, last);
    if (!status && status.error().code == Code::kCancelled) return false;
    if (!status) last.failure = std::move(status).error();
    return give(std::move(last));
  }

  [[nodiscard]] HomeParserOptions parser_options(const HomeReading& reading) {
    HomeParserOptions options;
    options.mtime_ms = reading.entry.stat.mtime_ns / kNsPerMs;
    options.read_sibling = [this](std::string_view path) { return read_sibling(path); };
    return options;
  }

  [[nodiscard]] std::optional<std::string> read_sibling(std::string_view path) {
    const fs::path sibling = fs::path(options_.home) / path;
    std::error_code error;
    if (fs::is_symlink(sibling, error) || !fs::is_regular_file(sibling, error)) return std::nullopt;
    auto bytes = read_whole(sibling.string(), kMaxSiblingBytes);
    if (!bytes) return std::nullopt;
    redactor_.redact(*bytes);
    return std::move(*bytes);
  }

  // Pieces but the last one go to the caller from here.
  Status read_lines(std::size_t index, HomeParser& parser, HomePiece& last) {
    const HomeReading& reading = readings_[index];
    CMEM_ASSIGN_OR_RETURN(const auto stream, open_stream(path_of(reading)));
    const ResumePoint begin = reading.begin();
    CMEM_TRY(stream->skip(begin.byte_offset));
    if (!begin.state.empty()) parser.restore(begin.state);
    const std::size_t chunk_bytes = chunk_bytes_of(reading, begin);
    LineChunker chunker(*stream, {chunk_bytes, options_.max_line_bytes, kMaxKeptLineBytes, begin.line_number, begin.byte_offset});
    set_resume(begin, last.state);
    std::int64_t end = begin.byte_offset;  // behind the last whole line
    CMEM_ASSIGN_OR_RETURN(auto chunk, chunker.next());
    while (chunk) {
      CMEM_ASSIGN_OR_RETURN(auto next, chunker.next());
      if (chunk->ends_without_newline) drop_torn_line(*chunk);
      end = chunk_end(*chunk);
      HomePiece piece;
      piece.reading = index;
      redactor_.redact(*chunk);
      piece.chunk.parsed = parser.parse(std::move(*chunk), false);
      redactor_.restore_offsets(piece.chunk.parsed);
      piece.chunk.redactions = redactor_.take_counts();
      set_resume(piece.chunk.parsed.resume, last.state);
      if (!give(std::move(piece))) return Unexpected(Code::kCancelled, "");
      chunk = std::move(next);
    }
    if (last.state.read_bytes < end) take_what_waits(reading, parser, last);
    return hash_what_was_read(path_of(reading), last.state);
  }

  // Most files are small, and many of their chunks are in memory at a time.
  static std::size_t chunk_bytes_of(const HomeReading& reading, const ResumePoint& begin) {
    const std::int64_t left = reading.entry.stat.size_bytes - begin.byte_offset;
    if (left < 0 || is_compressed(reading.entry.path)) return kChunkBytes;
    return std::clamp(static_cast<std::size_t>(left) + 1, kMinChunkBytes, kChunkBytes);
  }

  static std::int64_t chunk_end(const LineChunk& chunk) { return chunk.byte_offset + static_cast<std::int64_t>(chunk.size); }

  static void set_resume(const ResumePoint& resume, HomeFileState& state) {
    state.read_bytes = resume.byte_offset;
    state.next_line = resume.line_number;
    state.state = resume.state;
    state.last_event.reset();
  }

  // Lines at the end wait for more of their event. They are taken as they stand when nothing came for a while, and are read again
  // when something does; until then, what was taken of them before holds.
  void take_what_waits(const HomeReading& reading, HomeParser& parser, HomePiece& last) {
    if (reading.is_settled && is_as_listed(reading)) {
      const LastEvent event{last.state.read_bytes, last.state.next_line, 0};
      const std::string before = last.state.state;
      ParsedChunk& parsed = last.chunk.parsed;
      parsed = parser.parse(LineChunk(), true);
      redactor_.restore_offsets(parsed);
      parsed.bytes = 0;  // they were counted
      set_resume(parsed.resume, last.state);
      if (reading.entry.file.kind != HomeFileKind::kDebug) return;
      last.state.state = before;
      last.state.last_event = event;
    } else if (const auto& known = reading.state.last_event;
               !reading.begins_anew && known && known->begin_bytes == last.state.read_bytes) {
      set_resume({reading.state.read_bytes, reading.state.next_line, reading.state.state}, last.state);
      last.state.last_event = known;
    }
  }

  // False: it was written to since.
  [[nodiscard]] bool is_as_listed(const HomeReading& reading) const {
    const auto stat = stat_file(path_of(reading));
    return stat && stat->size_bytes == reading.entry.stat.size_bytes && stat->mtime_ns == reading.entry.stat.mtime_ns;
  }

  // The line is still being written.
  static void drop_torn_line(LineChunk& chunk) {
    const std::size_t newline = chunk.view().rfind('\n');
    chunk.size = newline == std::string_view::npos ? 0 : newline + 1;
    chunk.ends_without_newline = false;
    chunk.rejects.clear();  // an over-long line
    chunk.kept_lines.clear();
    std::memset(chunk.bytes.get() + chunk.size, 0, kChunkPaddingBytes);
  }

  Status read_as_one(const HomeReading& reading, HomeParser& parser, HomePiece& last) {
    if (reading.entry.file.kind == HomeFileKind::kSessionEnv) {
      last.bytes = names_in(path_of(reading));
    } else {
      CMEM_ASSIGN_OR_RETURN(last.bytes, read_whole(path_of(reading), kMaxWholeBytes));
    }
    last.state.read_bytes = static_cast<std::int64_t>(last.bytes.size());
    EdgeHashes edges;
    edges.add(last.bytes);
    last.state.first_hash = edges.first();
    last.state.last_hash = edges.last();
    redactor_.redact(last.bytes);
    LineChunk chunk;
    chunk.bytes = PooledBytes(last.bytes.size() + kChunkPaddingBytes, nullptr);
    std::memcpy(chunk.bytes.get(), last.bytes.data(), last.bytes.size());
    std::memset(chunk.bytes.get() + last.bytes.size(), 0, kChunkPaddingBytes);
    chunk.size = last.bytes.size();
    last.chunk.parsed = parser.parse(std::move(chunk), true);
    last.chunk.redactions = redactor_.take_counts();
    return {};
  }

  static std::string names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      names.push_back(at->path().filename().string());
    std::ranges::sort(names);
    std::string text;
    for (const std::string& name : names) text += name + '\n';
    return text;
  }

  static Status hash_what_was_read(const std::string& path, HomeFileState& state) {
    const auto edges = hash_edges(path, state.read_bytes);
    if (!edges)
      return Unexpected(Code::kIo, fmt::format("{}: it became shorter while it was read; it is read again next time", path));
    state.first_hash = edges->first();
    state.last_hash = edges->last();
    return {};
  }

  const std::vector<HomeReading>& readings_;
  const HomeReaderOptions& options_;
  SourceRedactor redactor_;  // of the thread
  BoundedQueue<HomePiece> pieces_{kQueuedBytes};
  std::optional<Error> error_;  // written by the thread before it closes the queue
  std::thread thread_;
};

}  // namespace

Status read_home_files(const std::vector<HomeReading>& readings, const HomeReaderOptions& options,
                       const std::function<Status(HomePiece& piece)>& consume, const std::function<Status()>& idle) {
  return Reader(readings, options).deliver(consume, idle);
}

bool is_compressed(std::string_view path) { return path.ends_with(".gz") || path.ends_with(".zst"); }

std::string first_bytes(const std::string& path) {
  std::string bytes(static_cast<std::size_t>(kHashedBytes), '\0');
  auto stream = open_stream(path);
  const auto size = stream ? read_fully(**stream, bytes) : Result<std::size_t>(std::size_t{0});
  bytes.resize(size ? *size : 0);
  return bytes;
}

bool contains_text(const std::string& path, std::int64_t bytes, std::string_view text) {
  auto stream = open_stream(path);
  std::string window;
  std::vector<char> buffer(kChunkBytes);
  while (stream && bytes > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(bytes, std::ssize(buffer)));
    const auto got = read_fully(**stream, {buffer.data(), wanted});
    if (!got || *got == 0) return false;
    window.append(buffer.data(), *got);
    if (window.find(text) != std::string::npos) return true;
    window.erase(0, window.size() - std::min(window.size(), text.size()));
    bytes -= static_cast<std::int64_t>(*got);
  }
  return false;
}

bool still_begins_alike(const std::string& path, const HomeFileState& state) {
  const auto edges = hash_edges(path, state.read_bytes);
  return edges && edges->first() == state.first_hash && edges->last() == state.last_hash;
}

}  // namespace cmem
