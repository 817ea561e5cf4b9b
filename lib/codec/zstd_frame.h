// One zstd frame in, one out. Frames carry a checksum, so that a flipped bit on disk is an error and never a wrong text.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace cmem {

// Reusable context; one thread at a time.
class FrameCompressor {
 public:
  explicit FrameCompressor(int level);
  ~FrameCompressor();
  FrameCompressor(FrameCompressor&&) noexcept;
  FrameCompressor& operator=(FrameCompressor&&) noexcept;

  // Replaces `out` with the frame of `raw`.
  Status compress(std::string_view raw, std::string& out);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const noexcept;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
};

// Reusable context; one thread at a time.
class FrameDecompressor {
 public:
  FrameDecompressor();
  ~FrameDecompressor();
  FrameDecompressor(FrameDecompressor&&) noexcept;
  FrameDecompressor& operator=(FrameDecompressor&&) noexcept;

  // Replaces `out` with the content of `frame`, which must be exactly `raw_bytes` long: the size comes from the row and is checked
  // against the frame's own claim before anything is allocated. kCorrupt: it is not.
  Status decompress(std::string_view frame, std::size_t raw_bytes, std::string& out);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const noexcept;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
};

}  // namespace cmem
