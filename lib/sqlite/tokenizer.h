// FTS5's own tokenizers, outside a table: the search needs to know what FTS5 sees as words, and where they stand in a text.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

struct sqlite3;

namespace cmem {

// Holds no reference to the connection it came from except code inside the SQLite library. One thread at a time: the tokenizer
// reuses a buffer of its own.
class Tokenizer {
 public:
  // `name` and `args` as in a table's tokenize option: "unicode61", {"remove_diacritics", "2"}.
  // kInvalid: SQLite has no such tokenizer or refuses the arguments.
  static Result<Tokenizer> create(sqlite3* db, const std::string& name, std::span<const std::string> args);

  // Calls fn(token, start, end) for each token in order: the folded token (borrowed for the call) and the bytes of `text` that
  // it came from. fn returns false to stop early. Text may be invalid UTF-8 and may hold NULs.
  template <typename Fn>
  Status for_each_token(std::string_view text, Fn&& fn) {
    auto call = [](void* context, std::string_view token, std::size_t start, std::size_t end) -> bool {
      return (*static_cast<std::remove_reference_t<Fn>*>(context))(token, start, end);
    };
    return tokenize(text, const_cast<void*>(static_cast<const void*>(std::addressof(fn))), call);
  }

 private:
  using TokenFn = bool (*)(void* context, std::string_view token, std::size_t start, std::size_t end);
  struct Impl;
  struct Deleter {
    void operator()(Impl* impl) const noexcept;
  };

  explicit Tokenizer(std::unique_ptr<Impl, Deleter> impl) : impl_(std::move(impl)) {}
  Status tokenize(std::string_view text, void* context, TokenFn fn);

  std::unique_ptr<Impl, Deleter> impl_;
};

}  // namespace cmem
