// The one wall between C++ and C: no exception passes, and the caller's cmem_error is written on every call.
#pragma once
#include <coditect/memory.h>

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace cmem {

// Cuts the text at a UTF-8 boundary if it is too long. NULL is fine.
void write_error(cmem_error* out, const Error& error) noexcept;
void clear_error(cmem_error* out) noexcept;

inline cmem_status fail(cmem_error* out, const Error& error) noexcept {
  write_error(out, error);
  return static_cast<cmem_status>(error.code);
}

// Runs `body`, a callable that returns Status or Result<cmem_status>, as the whole of a C function.
template <typename Body>
cmem_status guard(cmem_error* err, Body&& body) noexcept {
  try {
    clear_error(err);
    auto result = std::forward<Body>(body)();
    if (!result) return fail(err, result.error());
    if constexpr (std::is_same_v<decltype(result), Status>)
      return CMEM_OK;
    else
      return *result;
  } catch (const std::bad_alloc&) {
    if (err) write_error(err, Error(Code::kNoMemory, ""));
    return CMEM_E_NO_MEMORY;
  } catch (const std::exception& exception) {
    try {
      return fail(err, Error(Code::kInternal, std::string("a defect of the library, please report it: ") + exception.what()));
    } catch (...) {
      return CMEM_E_INTERNAL;
    }
  } catch (...) {
    return CMEM_E_INTERNAL;
  }
}

}  // namespace cmem
