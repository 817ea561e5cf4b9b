#include "codec/zstd_frame.h"

#include <zstd.h>

#include <new>

namespace cmem {
namespace {

// No block of ours comes near this; a row that claims more is damaged or hostile.
constexpr std::size_t kMaxRawBytes = std::size_t{1} << 30;

}  // namespace

void FrameCompressor::Free::operator()(ZSTD_CCtx_s* context) const noexcept { ZSTD_freeCCtx(context); }

FrameCompressor::FrameCompressor(int level) : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}
FrameCompressor::~FrameCompressor() = default;
FrameCompressor::FrameCompressor(FrameCompressor&&) noexcept = default;
FrameCompressor& FrameCompressor::operator=(FrameCompressor&&) noexcept = default;

Status FrameCompressor::compress(std::string_view raw, std::string& out) {
  out.resize(ZSTD_compressBound(raw.size()));
  const std::size_t size = ZSTD_compress2(context_.get(), out.data(), out.size(), raw.data(), raw.size());
  if (ZSTD_isError(size)) return Unexpected(Code::kNoMemory, std::string("compress a block: ") + ZSTD_getErrorName(size));
  out.resize(size);
  return {};
}

void FrameDecompressor::Free::operator()(ZSTD_DCtx_s* context) const noexcept { ZSTD_freeDCtx(context); }

FrameDecompressor::FrameDecompressor() : context_(ZSTD_createDCtx()) {
  if (!context_) throw std::bad_alloc();
}
FrameDecompressor::~FrameDecompressor() = default;
FrameDecompressor::FrameDecompressor(FrameDecompressor&&) noexcept = default;
FrameDecompressor& FrameDecompressor::operator=(FrameDecompressor&&) noexcept = default;

Status FrameDecompressor::decompress(std::string_view frame, std::size_t raw_bytes, std::string& out) {
  const unsigned long long claim = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (claim != raw_bytes || raw_bytes > kMaxRawBytes)
    return Unexpected(Code::kCorrupt, "decompress a block: its size is not the one its row states");
  out.resize(raw_bytes);
  const std::size_t size = ZSTD_decompressDCtx(context_.get(), out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(size)) return Unexpected(Code::kCorrupt, std::string("decompress a block: ") + ZSTD_getErrorName(size));
  if (size != raw_bytes) return Unexpected(Code::kCorrupt, "decompress a block: it is shorter than its row states");
  return {};
}

}  // namespace cmem
