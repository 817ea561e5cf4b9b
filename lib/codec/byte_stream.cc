#define ZLIB_CONST  // next_in is const
#include "codec/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace cmem {
namespace {

constexpr std::size_t kInputBytes = std::size_t{256} << 10;
// A frame that asks for a larger window would make the reader allocate that much: 2^27 = 128 MiB, the limit of the zstd tool.
constexpr int kMaxWindowLog = 27;

// The stored bytes: reads, counts, hashes. Owns the descriptor unless it is standard input.
class StoredFile {
 public:
  StoredFile(std::string path, int fd, std::int64_t size, bool hash) : path_(std::move(path)), fd_(fd), size_(size) {
    if (hash) sha_.emplace();
  }
  ~StoredFile() {
    if (fd_ > 0) ::close(fd_);
  }
  StoredFile(const StoredFile&) = delete;
  StoredFile& operator=(const StoredFile&) = delete;

  Result<std::size_t> read(char* out, std::size_t size) {
    ssize_t got = 0;
    do {
      got = ::read(fd_, out, size);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      const int error = errno;
      return Unexpected(Code::kIo, path_ + ": cannot read at byte " + std::to_string(bytes_read_) + ": " + std::strerror(error),
                        error);
    }
    const auto count = static_cast<std::size_t>(got);
    if (sha_) sha_->update({out, count});
    bytes_read_ += got;
    if (count == 0) at_end_ = true;
    return count;
  }

  [[nodiscard]] bool can_seek() const noexcept { return !sha_ && size_ >= 0; }
  Status skip(std::int64_t bytes) {
    if (bytes_read_ + bytes > size_)
      return Unexpected(Code::kInvalid, path_ + ": it ends before byte " + std::to_string(bytes_read_ + bytes));
    if (::lseek(fd_, static_cast<off_t>(bytes), SEEK_CUR) < 0) {
      const int error = errno;
      return Unexpected(Code::kIo, path_ + ": cannot seek: " + std::strerror(error), error);
    }
    bytes_read_ += bytes;
    return {};
  }

  std::string sha256_hex() {
    if (!sha_ || !at_end_) return {};
    if (hex_.empty()) hex_ = to_hex(sha_->finish());
    return hex_;
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::int64_t bytes_read() const noexcept { return bytes_read_; }
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }

 private:
  std::string path_;
  int fd_;
  std::int64_t size_;
  std::int64_t bytes_read_ = 0;
  bool at_end_ = false;
  std::optional<Sha256> sha_;
  std::string hex_;
};

// The stored bytes through one buffer, for the decoders.
class Input {
 public:
  explicit Input(StoredFile& file) : file_(file) {}

  // Reads more if the buffer is empty. False at the end of the file.
  Result<bool> fill() {
    if (at_ < end_) return true;
    // Not before it is needed: most files are plain, and small.
    if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kInputBytes);
    bytes_ = buffer_.get();
    CMEM_ASSIGN_OR_RETURN(end_, file_.read(bytes_, kInputBytes));
    at_ = 0;
    return end_ > 0;
  }
  // The first four bytes, if the file has so many: a pipe may give them one by one.
  Status fill_magic() {
    while (end_ < sizeof magic_) {
      CMEM_ASSIGN_OR_RETURN(const std::size_t got, file_.read(magic_ + end_, sizeof magic_ - end_));
      if (got == 0) break;
      end_ += got;
    }
    return {};
  }
  Status drain() {
    at_ = end_;
    for (bool more = true; more; at_ = end_) {
      CMEM_ASSIGN_OR_RETURN(more, fill());
    }
    return {};
  }

  [[nodiscard]] const char* data() const noexcept { return bytes_ + at_; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - at_; }
  void consume(std::size_t count) noexcept { at_ += count; }
  // Offset in the file of the next byte.
  [[nodiscard]] std::int64_t offset() const noexcept { return file_.bytes_read() - static_cast<std::int64_t>(size()); }

 private:
  StoredFile& file_;
  char magic_[4];
  std::unique_ptr<char[]> buffer_;
  char* bytes_ = magic_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

class Decoder {
 public:
  Decoder() = default;
  virtual ~Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  // Consumes input and writes output, either of which may be none. Nothing = good; else what is wrong with the data.
  virtual const char* step(Input& in, char* out, std::size_t room, std::size_t& written) = 0;
  // True where the compressed data may end.
  [[nodiscard]] virtual bool complete() const noexcept = 0;
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx()) {
    if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  ~ZstdDecoder() override { ZSTD_freeDCtx(context_); }

  // At most one block a call: after an error zstd forgets what the same call had written before.
  const char* step(Input& in, char* out, std::size_t room, std::size_t& written) override {
    if (complete_ && in.size() == 0) return nullptr;
    ZSTD_inBuffer source{in.data(), std::min(in.size(), hint_), 0};
    ZSTD_outBuffer target{out, room, 0};
    const std::size_t result = ZSTD_decompressStream(context_, &target, &source);
    in.consume(source.pos);
    written = target.pos;
    if (ZSTD_isError(result) != 0) return ZSTD_getErrorName(result);
    complete_ = result == 0;
    hint_ = result == 0 ? kFrameHeaderBytes : result;
    return nullptr;
  }
  [[nodiscard]] bool complete() const noexcept override { return complete_; }

 private:
  static constexpr std::size_t kFrameHeaderBytes = 5;
  ZSTD_DCtx* context_;
  std::size_t hint_ = kFrameHeaderBytes;
  bool complete_ = true;
};

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    // 15 = largest window, +16 = gzip header and CRC wanted.
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }

  const char* step(Input& in, char* out, std::size_t room, std::size_t& written) override {
    if (!ready_) return "out of memory";
    if (complete_ && !begin_member(in)) return nullptr;
    stream_.next_in = reinterpret_cast<const Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min(room, std::size_t{1} << 30));
    const uInt room_before = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    in.consume(in.size() - stream_.avail_in);
    written = room_before - stream_.avail_out;
    if (result == Z_STREAM_END) complete_ = true;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return nullptr;
    return stream_.msg != nullptr ? stream_.msg : "damaged data";
  }
  [[nodiscard]] bool complete() const noexcept override { return complete_; }

 private:
  // Members may follow each other, with zero bytes (tape padding) between them. False if only such bytes are there.
  bool begin_member(Input& in) {
    while (!first_ && in.size() > 0 && *in.data() == '\0') in.consume(1);
    if (in.size() == 0) return false;
    first_ = false;
    complete_ = false;
    inflateReset(&stream_);
    return true;
  }

  z_stream stream_{};
  bool ready_ = false;
  bool first_ = true;
  bool complete_ = true;
};

class FileStream final : public ByteStream {
 public:
  FileStream(std::string path, int fd, std::int64_t size, bool hash) : file_(std::move(path), fd, size, hash), input_(file_) {}

  Status detect() {
    CMEM_TRY(input_.fill_magic());
    const std::string_view magic(input_.data(), std::min<std::size_t>(input_.size(), 4));
    if (magic.starts_with("\x1f\x8b")) {
      compression_ = Compression::kGzip;
      decoder_ = std::make_unique<GzipDecoder>();
    } else if (magic == "\x28\xb5\x2f\xfd" ||
               (magic.size() == 4 && (magic[0] & 0xF0) == 0x50 && magic.substr(1) == "\x2a\x4d\x18")) {
      compression_ = Compression::kZstd;
      decoder_ = std::make_unique<ZstdDecoder>();
    }
    return {};
  }

  Result<std::size_t> read(std::span<char> out) override {
    if (failure_) return Unexpected(*failure_);
    if (out.empty()) return std::size_t{0};
    return decoder_ == nullptr ? read_plain(out) : read_compressed(out);
  }
  Status skip(std::int64_t bytes) override {
    if (decoder_ || !file_.can_seek()) return ByteStream::skip(bytes);
    const std::size_t buffered = std::min(input_.size(), static_cast<std::size_t>(bytes));
    input_.consume(buffered);
    const std::int64_t left = bytes - static_cast<std::int64_t>(buffered);
    return left == 0 ? Status{} : file_.skip(left);
  }
  std::string sha256_hex() override { return file_.sha256_hex(); }
  [[nodiscard]] std::int64_t file_bytes_read() const noexcept override { return file_.bytes_read(); }
  [[nodiscard]] std::int64_t file_size() const noexcept override { return file_.size(); }
  [[nodiscard]] Compression compression() const noexcept override { return compression_; }

 private:
  Result<std::size_t> read_plain(std::span<char> out) {
    const std::size_t begun = std::min(input_.size(), out.size());
    if (begun == 0) return file_.read(out.data(), out.size());
    std::memcpy(out.data(), input_.data(), begun);
    input_.consume(begun);
    return begun;
  }

  Result<std::size_t> read_compressed(std::span<char> out) {
    std::size_t total = 0;
    while (total < out.size() && !failure_) {
      CMEM_ASSIGN_OR_RETURN(const bool more, input_.fill());
      std::size_t written = 0;
      const std::size_t input_before = input_.size();
      if (const char* fault = decoder_->step(input_, out.data() + total, out.size() - total, written); fault != nullptr)
        damaged(fault);
      total += written;
      if (more || written > 0 || input_.size() != input_before) continue;
      if (!decoder_->complete()) damaged("the data ends in the middle of a frame");
      break;
    }
    if (total == 0 && failure_) return Unexpected(*failure_);
    return total;
  }

  // Reads the rest of the file too, so that its SHA-256 is known.
  void damaged(const char* what) {
    const std::int64_t offset = input_.offset();
    const char* kind = compression_ == Compression::kGzip ? "gzip" : "zstd";
    failure_.emplace(Code::kCorrupt,
                     file_.path() + ": damaged " + kind + " data at compressed byte " + std::to_string(offset) + " (" + what +
                         "); get the file again",
                     offset);
    if (Status drained = input_.drain(); !drained) failure_ = drained.error();
  }

  StoredFile file_;
  Input input_;
  std::unique_ptr<Decoder> decoder_;
  Compression compression_ = Compression::kNone;
  std::optional<Error> failure_;
};

Result<int> open_descriptor(const std::string& path) {
  if (path == "-") return 0;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return fd;
  const int error = errno;
  const Code code = error == ENOENT || error == ENOTDIR ? Code::kNotFound : Code::kIo;
  return Unexpected(code, path + ": cannot open: " + std::strerror(error), error);
}

}  // namespace

Status ByteStream::skip(std::int64_t bytes) {
  std::vector<char> buffer(64 * 1024);
  while (bytes > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(bytes, std::ssize(buffer)));
    CMEM_ASSIGN_OR_RETURN(const std::size_t got, read({buffer.data(), wanted}));
    if (got == 0) return Unexpected(Code::kInvalid, "a source ends before the place where reading goes on");
    bytes -= static_cast<std::int64_t>(got);
  }
  return {};
}

Result<std::unique_ptr<ByteStream>> ByteStream::open(const std::string& path, ByteStreamOptions options) {
  CMEM_ASSIGN_OR_RETURN(const int fd, open_descriptor(path));
  struct stat info {};
  const bool known = ::fstat(fd, &info) == 0;
  if (known && S_ISDIR(info.st_mode)) {
    if (fd > 0) ::close(fd);
    return Unexpected(Code::kInvalid, path + ": is a folder; name a file in it");
  }
  const std::int64_t size = known && S_ISREG(info.st_mode) ? std::int64_t{info.st_size} : -1;
  if (size >= 0) ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  auto stream = std::make_unique<FileStream>(path, fd, size, options.hash_file);
  CMEM_TRY(stream->detect());
  return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace cmem
