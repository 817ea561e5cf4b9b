// The bytes of a file, a pipe or standard input, uncompressed on the way: gzip and zstd are known by their magic bytes, never by
// the file name. One thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace cmem {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

struct ByteStreamOptions {
  bool hash_file = true;  // SHA-256 of the stored bytes, about 0.5 ns a byte on the calling thread
};

class ByteStream {
 public:
  // "-" is standard input. kNotFound, kIo; kInvalid for a folder.
  static Result<std::unique_ptr<ByteStream>> open(const std::string& path, ByteStreamOptions options = {});
  virtual ~ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Fills as much of `out` as there is; 0 = end. A truncated or damaged compressed file first delivers every byte that can be
  // had; the next call is kCorrupt (detail = offset in the compressed file), and so is every call after it.
  virtual Result<std::size_t> read(std::span<char> out) = 0;
  // Leaves out the next bytes; a file that is neither compressed nor hashed does so without reading them. Errors of read();
  // kInvalid: it has fewer.
  virtual Status skip(std::int64_t bytes);
  // SHA-256 of the file's bytes as stored (compressed). Valid once read() has returned 0 or kCorrupt, else empty; empty as well
  // if hashing is off. After kCorrupt the rest of the file is read for it.
  virtual std::string sha256_hex() = 0;
  // Stored (compressed) bytes read so far, for progress.
  [[nodiscard]] virtual std::int64_t file_bytes_read() const noexcept = 0;
  // -1 if unknown (pipe).
  [[nodiscard]] virtual std::int64_t file_size() const noexcept = 0;
  [[nodiscard]] virtual Compression compression() const noexcept = 0;

 protected:
  ByteStream() = default;
};

}  // namespace cmem
