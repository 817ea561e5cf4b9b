// A private folder that dies with the test, and opening a database in it.
#pragma once
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <utility>

#include "sqlite/connection.h"

namespace cmem::test {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cmem-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The value, or the test fails with the error's text.
template <typename T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().text);
  return std::move(result).value();
}

inline void must(Status status) {
  if (!status) FAIL(status.error().text);
}

inline sqlite::Connection make_database(const std::string& path) {
  sqlite::OpenOptions options;
  options.create = true;
  return must(sqlite::Connection::open(path, options));
}

inline sqlite::Connection open_reader(const std::string& path) {
  sqlite::OpenOptions options;
  options.read_only = true;
  return must(sqlite::Connection::open(path, options));
}

}  // namespace cmem::test
