#include "sqlite/tokenizer.h"

#include <sqlite3.h>

#include <exception>
#include <limits>
#include <utility>
#include <vector>

namespace cmem {
namespace {

// The way to FTS5's registry that its documentation gives (https://sqlite.org/fts5.html#extending_fts5).
fts5_api* find_fts5_api(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

// What the C callback needs. An exception must not travel through SQLite's frames, so it waits here.
struct Call {
  void* context;
  bool (*fn)(void* context, std::string_view token, std::size_t start, std::size_t end);
  std::exception_ptr thrown;
};

int on_token(void* opaque, int /*flags*/, const char* token, int token_len, int start, int end) noexcept {
  auto* call = static_cast<Call*>(opaque);
  try {
    const std::string_view folded(token, static_cast<std::size_t>(token_len));
    return call->fn(call->context, folded, static_cast<std::size_t>(start), static_cast<std::size_t>(end)) ? SQLITE_OK
                                                                                                           : SQLITE_DONE;
  } catch (...) {
    call->thrown = std::current_exception();
    return SQLITE_ABORT;
  }
}

}  // namespace

struct Tokenizer::Impl {
  fts5_tokenizer methods{};
  Fts5Tokenizer* handle = nullptr;
};

void Tokenizer::Deleter::operator()(Impl* impl) const noexcept {
  if (impl->handle != nullptr) impl->methods.xDelete(impl->handle);
  delete impl;
}

Result<Tokenizer> Tokenizer::create(sqlite3* db, const std::string& name, std::span<const std::string> args) {
  fts5_api* api = find_fts5_api(db);
  if (api == nullptr) return Unexpected(Code::kInvalid, "this SQLite library has no FTS5; build or install it with FTS5");
  std::unique_ptr<Impl, Deleter> impl(new Impl);
  void* user_data = nullptr;
  if (api->xFindTokenizer(api, name.c_str(), &user_data, &impl->methods) != SQLITE_OK)
    return Unexpected(Code::kInvalid, "FTS5 has no tokenizer named \"" + name + "\"");
  std::vector<const char*> pointers;
  for (const std::string& arg : args) pointers.push_back(arg.c_str());
  const int rc = impl->methods.xCreate(user_data, pointers.data(), static_cast<int>(pointers.size()), &impl->handle);
  if (rc == SQLITE_NOMEM) return Unexpected(Code::kNoMemory, "no memory for a tokenizer");
  if (rc != SQLITE_OK) return Unexpected(Code::kInvalid, "the tokenizer \"" + name + "\" refuses its arguments", rc);
  return Tokenizer(std::move(impl));
}

Status Tokenizer::tokenize(std::string_view text, void* context, TokenFn fn) {
  if (text.empty()) return {};
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return Unexpected(Code::kLimit, "a text over 2 GiB cannot be split into words");
  Call call{context, fn, nullptr};
  const int rc =
      impl_->methods.xTokenize(impl_->handle, &call, FTS5_TOKENIZE_DOCUMENT, text.data(), static_cast<int>(text.size()), on_token);
  if (call.thrown) std::rethrow_exception(call.thrown);
  if (rc == SQLITE_NOMEM) return Unexpected(Code::kNoMemory, "no memory for splitting a text into words");
  if (rc != SQLITE_OK && rc != SQLITE_DONE) return Unexpected(Code::kInternal, "the tokenizer failed", rc);
  return {};
}

}  // namespace cmem
