#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "base/lru_cache.h"

namespace cmem {
namespace {

TEST_CASE("a cache drops what was not used for the longest time", "[base][cache]") {
  LruCache<int, std::string> cache(30);
  cache.put(1, "one", 10);
  cache.put(2, "two", 10);
  cache.put(3, "three", 10);
  REQUIRE(cache.find(1) != nullptr);
  cache.put(4, "four", 10);
  CHECK(cache.find(2) == nullptr);
  CHECK(*cache.find(1) == "one");
  CHECK(*cache.find(3) == "three");
  CHECK(*cache.find(4) == "four");
  CHECK(cache.put(5, "five", 20) == "five");
  CHECK(cache.find(1) == nullptr);
  CHECK(cache.find(3) == nullptr);
  CHECK(*cache.find(4) == "four");
}

TEST_CASE("an entry that is put again takes the place of the old one", "[base][cache]") {
  LruCache<int, std::string> cache(20);
  cache.put(1, "one", 10);
  cache.put(1, "uno", 15);
  CHECK(*cache.find(1) == "uno");
  cache.put(2, "two", 5);
  CHECK(*cache.find(1) == "uno");
  cache.clear();
  CHECK(cache.find(1) == nullptr);
}

TEST_CASE("an entry larger than the cache stays until the next one", "[base][cache]") {
  LruCache<int, std::string> cache(20);
  cache.put(1, "one", 10);
  CHECK(cache.put(2, "two", 100) == "two");
  CHECK(cache.find(1) == nullptr);
  CHECK(*cache.find(2) == "two");
  cache.put(3, "three", 1);
  CHECK(cache.find(2) == nullptr);
}

TEST_CASE("what is dropped from a cache makes room", "[base][cache]") {
  LruCache<int, std::string> cache(20);
  cache.put(1, "one", 10);
  cache.put(2, "two", 10);
  cache.erase_if([](int key) { return key == 2; });
  CHECK(cache.find(2) == nullptr);
  cache.put(3, "three", 10);
  CHECK(*cache.find(1) == "one");
}

TEST_CASE("an ordered cache finds the last key that is not after another", "[base][cache]") {
  LruCache<int, std::string, std::map> cache(100);
  CHECK(cache.find_up_to(5) == nullptr);
  cache.put(10, "ten", 1);
  cache.put(20, "twenty", 1);
  CHECK(cache.find_up_to(9) == nullptr);
  CHECK(*cache.find_up_to(10) == "ten");
  CHECK(*cache.find_up_to(19) == "ten");
  CHECK(*cache.find_up_to(99) == "twenty");
}

}  // namespace
}  // namespace cmem
