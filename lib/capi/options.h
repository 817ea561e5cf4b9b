// Option structs across versions: an older caller's struct is shorter than ours, a newer caller's longer.
#pragma once
#include <coditect/memory.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cmem {

inline constexpr std::uint32_t kMaxOptionBytes = 4096;

// Copies what the caller has over `defaults`. A caller's field that we do not know must be zero. NULL: the defaults.
template <typename Options>
Result<Options> read_options(const Options* options, const Options& defaults, std::string_view name) {
  if (!options) return defaults;
  const std::uint32_t size = options->struct_size;
  if (size < sizeof(std::uint32_t) || size > kMaxOptionBytes)
    return Unexpected(Code::kInvalid, std::string(name) + ": struct_size is not set; start from its INIT macro");
  const auto* bytes = reinterpret_cast<const unsigned char*>(options);
  for (std::uint32_t i = sizeof(Options); i < size; ++i)
    if (bytes[i] != 0)
      return Unexpected(Code::kInvalid,
                        std::string(name) + ": a field is set that this version does not know; install a newer version");
  Options copy = defaults;
  std::memcpy(&copy, options, std::min<std::size_t>(size, sizeof(Options)));
  copy.struct_size = sizeof(Options);
  return copy;
}

// Writes a result struct as far as the caller's version of it goes. `out` must have its struct_size set.
template <typename Output>
Status check_output(const Output* out, std::string_view name) {
  if (!out) return Unexpected(Code::kInvalid, std::string(name) + " must not be NULL");
  if (out->struct_size < 2 * sizeof(std::uint32_t) || out->struct_size > kMaxOptionBytes)
    return Unexpected(Code::kInvalid, std::string(name) + ": struct_size is not set; start from its INIT macro");
  return {};
}

template <typename Output>
void write_output(Output* out, Output value) {
  const std::uint32_t size = out->struct_size;
  value.struct_size = size;
  std::memcpy(out, &value, std::min<std::size_t>(size, sizeof(Output)));
}

// Text of a pointer and a length; (NULL, 0) is empty.
inline Result<std::string_view> read_text(const char* text, std::size_t size, std::string_view name) {
  if (!text && size > 0) return Unexpected(Code::kInvalid, std::string(name) + ": the pointer is NULL but the length is not 0");
  return text ? std::string_view(text, size) : std::string_view();
}

inline Status require(const void* pointer, std::string_view name) {
  if (pointer) return {};
  return Unexpected(Code::kInvalid, std::string(name) + " must not be NULL");
}

}  // namespace cmem
