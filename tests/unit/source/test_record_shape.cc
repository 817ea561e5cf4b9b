#include <catch2/catch.hpp>
#include <string>

#include "source/record_shape.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;

TEST_CASE("a shape is read from the text that it writes", "[source]") {
  for (const std::string text :
       {"%U{\"content\": %c, \"100%%\": %x}\r", "%A{\"content\":%c}%$", "%U%l", "%U\xEF\xBB\xBF{\"message\": {\"content\": %c}}"}) {
    const auto shape = Shape::parse(text);
    REQUIRE(shape);
    CHECK(shape->text() == text);
  }
  const auto shape = Shape::parse("%A{\"a\": \"c:\", \"message\": {\"index\": %x, \"role\": %r}, \"first_seen\" : %x}%$");
  REQUIRE(shape);
  CHECK(shape->pieces()[0].key == "message.index");
  CHECK(shape->pieces()[1].key == "message.role");
  CHECK(shape->pieces()[2].key == "first_seen");
  CHECK(shape->style() == JsonStyle::kAscii);
  CHECK_FALSE(shape->has_newline());
}

TEST_CASE("what is no shape is refused", "[source]") {
  for (const std::string text : {"", "%", "x", "%B{}", "%U%", "%U%z", "%U%$x"})
    CHECK(Shape::parse(text).error().code == Code::kCorrupt);
  CHECK_FALSE(Shape::parse("%U" + std::string(1 << 20, 'a')));
  std::string many = "%U";
  for (int i = 0; i < 65; ++i) many += "%x";
  CHECK_FALSE(Shape::parse(many));
}

TEST_CASE("a damaged residue is an error, never a wrong line or a crash", "[source][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  const auto shape = Shape::parse("%U{\"content\": %c, \"metadata\": %x, \"hash\": %h}");
  REQUIRE(shape);
  const LineFields fields{"c", "o", 1, 2, "s", "p", "r"};
  const std::string good = std::string("\x02\x02", 2) + "{}";
  CHECK(*render_line(*shape, fields, good) ==
        "{\"content\": \"c\", \"metadata\": {}, \"hash\": \"2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6\"}");
  for (const std::string& bad :
       {std::string(), std::string("\x02"), std::string("\x02\x05{}"), good + "x", std::string("\xFF\xFF")}) {
    CHECK(render_line(*shape, fields, bad).error().code == Code::kCorrupt);
  }
  for (int round = 0; round < 20000; ++round) {
    std::string residue;
    for (auto i = random() % 8; i > 0; --i) residue += static_cast<char>(random() % 256);
    (void)render_line(*shape, fields, residue);
    (void)render_metadata_json(*shape, residue);
    (void)given_hash(*shape, residue);
    (void)render_metadata_json(*Shape::parse("%U%l"), residue);
    (void)given_hash(*Shape::parse("%U%l"), residue);
  }
}
