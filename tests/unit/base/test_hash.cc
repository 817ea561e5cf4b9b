#include <catch2/catch.hpp>
#include <string>

#include "base/hash.h"

using namespace cmem;

TEST_CASE("SHA-256 gives the digests of FIPS 180-2", "[base]") {
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256(std::string(1000000, 'a'))) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("an incremental SHA-256 does not depend on how the bytes are cut, and starts afresh after finish", "[base]") {
  const std::string text(777, 'x');
  for (std::size_t step = 1; step < 130; step += 7) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += step) hash.update(std::string_view(text).substr(at, step));
    CHECK(hash.finish() == sha256(text));
    hash.update("abc");
    CHECK(hash.finish() == sha256("abc"));
  }
}

TEST_CASE("from_hex reads what to_hex writes, in either case, and refuses all else", "[base]") {
  const Sha256Digest digest = sha256("any");
  std::string hex = to_hex(digest);
  CHECK(from_hex(hex) == digest);
  for (char& c : hex) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  CHECK(from_hex(hex) == digest);
  CHECK_FALSE(from_hex(hex.substr(1)));
  CHECK_FALSE(from_hex(hex + "0"));
  for (const char bad : {'g', 'G', '/', ':', '@', '`', ' ', '\0'}) {
    std::string broken = hex;
    broken[33] = bad;
    CHECK_FALSE(from_hex(broken));
  }
}

TEST_CASE("XXH3 gives the published values for the empty input", "[base]") {
  CHECK(xxh3_64("") == 0x2D06800538D394C2U);
  CHECK(xxh3_128("").low == 0x6001C324468D497FU);
  CHECK(xxh3_128("").high == 0x99AA06D3014798D8U);
  CHECK(xxh3_64("a") != xxh3_64("b"));
}
