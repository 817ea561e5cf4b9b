// What the fuzz targets share.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "codec/byte_stream.h"

namespace cmem::fuzz {

inline void require(bool condition) {
  if (!condition) std::abort();
}

// The input as an open file.
class Bytes final : public ByteStream {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<char> out) override {
    const std::size_t size = std::min(out.size(), bytes_.size());
    std::memcpy(out.data(), bytes_.data(), size);
    bytes_.remove_prefix(size);
    return size;
  }
  std::string sha256_hex() override { return {}; }
  [[nodiscard]] std::int64_t file_bytes_read() const noexcept override { return 0; }
  [[nodiscard]] std::int64_t file_size() const noexcept override { return -1; }
  [[nodiscard]] Compression compression() const noexcept override { return Compression::kNone; }

 private:
  std::string_view bytes_;
};

}  // namespace cmem::fuzz
