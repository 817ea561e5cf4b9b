#include "capi/guard.h"

#include <algorithm>
#include <cstring>

namespace cmem {

void clear_error(cmem_error* out) noexcept {
  if (!out) return;
  out->code = CMEM_OK;
  out->reserved = 0;
  out->detail = 0;
  out->text[0] = '\0';
}

void write_error(cmem_error* out, const Error& error) noexcept {
  if (!out) return;
  constexpr std::string_view kNoMemory = "out of memory";
  const std::string_view text = error.code == Code::kNoMemory && error.text.empty() ? kNoMemory : std::string_view(error.text);
  out->code = static_cast<cmem_status>(error.code);
  out->reserved = 0;
  out->detail = error.detail;
  std::size_t size = std::min(text.size(), sizeof out->text - 1);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  std::memcpy(out->text, text.data(), size);
  out->text[size] = '\0';
  std::replace(out->text, out->text + size, '\n', ' ');
}

}  // namespace cmem
