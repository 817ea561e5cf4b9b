#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/file.h"

using namespace cmem;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "cmem-file-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("A file's size, time and identity are told", "[base]") {
  Folder folder;
  const std::string path = folder.path / "a";
  std::ofstream(path) << "12345";
  const timespec times[2] = {{1, 0}, {1'700'000'000, 123'456'789}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  fs::create_hard_link(path, folder.path / "b");
  const auto a = stat_file(path);
  const auto b = stat_file(folder.path / "b");
  REQUIRE((a && b));
  CHECK(a->size_bytes == 5);
  CHECK(a->mtime_ns == 1'700'000'000'123'456'789);
  CHECK(a->is_regular);
  CHECK_FALSE(a->is_directory);
  CHECK((a->inode == b->inode && a->device == b->device));
  CHECK(stat_file(folder.path)->is_directory);
}

TEST_CASE("A file that is not there is not found", "[base]") {
  Folder folder;
  const auto missing = stat_file(folder.path / "none");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::kNotFound);
  CHECK(missing.error().text.find("none") != std::string::npos);
  CHECK_FALSE(is_network_filesystem(folder.path / "none"));
  CHECK_FALSE(free_bytes(folder.path / "none"));
}

TEST_CASE("Missing folders are made private, existing ones stay as they are", "[base]") {
  Folder folder;
  REQUIRE(::chmod(folder.path.c_str(), 0755) == 0);
  const std::string deep = folder.path / "one" / "two/";
  REQUIRE(ensure_private_directory(deep));
  REQUIRE(ensure_private_directory(deep));
  CHECK(fs::status(folder.path / "one").permissions() == fs::perms::owner_all);
  CHECK(fs::status(deep).permissions() == fs::perms::owner_all);
  CHECK((fs::status(folder.path).permissions() & fs::perms::others_read) == fs::perms::others_read);
}

TEST_CASE("A file in the place of a folder is an error", "[base]") {
  Folder folder;
  std::ofstream(folder.path / "file") << "x";
  const Status at_end = ensure_private_directory(folder.path / "file");
  REQUIRE_FALSE(at_end);
  CHECK(at_end.error().code == Code::kInvalid);
  CHECK_FALSE(ensure_private_directory(folder.path / "file" / "below"));
}

TEST_CASE("A local disk is not a network file system and has free space", "[base]") {
  REQUIRE(is_network_filesystem("/proc"));
  CHECK_FALSE(*is_network_filesystem("/proc"));
  Folder folder;
  REQUIRE(free_bytes(folder.path));
  CHECK(*free_bytes(folder.path) > 0);
}
