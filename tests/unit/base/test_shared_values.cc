#include "base/shared_values.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace cmem::test {
namespace {

SharedValues<std::string>::Pointer value_of(std::int64_t key) { return std::make_shared<const std::string>(std::to_string(key)); }

TEST_CASE("a shared value is found as long as somebody keeps it", "[base]") {
  SharedValues<std::string> shared;
  CHECK_FALSE(shared.find(7));
  CHECK_FALSE(shared.find_up_to(7));
  auto seven = value_of(7);
  shared.put(7, seven);
  CHECK(shared.find(7) == seven);
  CHECK_FALSE(shared.find(8));
  CHECK(shared.find_up_to(8) == seven);
  CHECK_FALSE(shared.find_up_to(6));
  seven.reset();
  CHECK_FALSE(shared.find(7));
  seven = value_of(7);
  shared.put(7, seven);
  CHECK(shared.find(7) == seven);
  shared.clear();
  CHECK_FALSE(shared.find(7));
}

TEST_CASE("many shared values that come and go leave those that are kept", "[base]") {
  SharedValues<std::string> shared;
  std::vector<SharedValues<std::string>::Pointer> kept;
  for (std::int64_t key = 0; key < 1'000; ++key) {
    const auto value = value_of(key);
    shared.put(key, value);
    if (key % 3 == 0) kept.push_back(value);
  }
  for (std::int64_t key = 0; key < 1'000; ++key) CHECK((shared.find(key) != nullptr) == (key % 3 == 0));
}

}  // namespace
}  // namespace cmem::test
