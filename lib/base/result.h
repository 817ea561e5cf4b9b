// Result<T>: a value or an Error, with the names of std::expected (C++23), which g++ 12 does not have in C++20.
#pragma once
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace cmem {

struct Unexpected {
  Error error;
  explicit Unexpected(Error e) : error(std::move(e)) {}
  Unexpected(Code code, std::string text, std::int64_t detail = 0) : error(code, std::move(text), detail) {}
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}                     // NOLINT: implicit as in std::expected
  Result(Unexpected failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Unexpected failure) : error_(std::move(failure.error)) {}  // NOLINT: implicit as in std::expected

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace cmem

// CMEM_TRY(expr): returns the error of a failed Result from the enclosing function.
#define CMEM_TRY(expr)                                                                                                     \
  do {                                                                                                                     \
    if (auto cmem_try_result_ = (expr); !cmem_try_result_) return ::cmem::Unexpected(std::move(cmem_try_result_).error()); \
  } while (false)

#define CMEM_CONCAT_INNER(a, b) a##b
#define CMEM_CONCAT(a, b) CMEM_CONCAT_INNER(a, b)
#define CMEM_ASSIGN_IMPL(temp, lhs, expr)                        \
  auto temp = (expr);                                            \
  if (!temp) return ::cmem::Unexpected(std::move(temp).error()); \
  lhs = std::move(temp).value()
// CMEM_ASSIGN_OR_RETURN(auto x, f()): x = value, or returns the error.
#define CMEM_ASSIGN_OR_RETURN(lhs, expr) CMEM_ASSIGN_IMPL(CMEM_CONCAT(cmem_result_, __LINE__), lhs, expr)
