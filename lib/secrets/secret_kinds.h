// The kinds of secrets that are known. Their names are stored in placeholders and counts: never rename one.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cmem {

struct SecretKind {
  std::string_view name;       // "github-token"
  std::string_view what;       // for people
  std::string_view reference;  // where its form is documented
};

std::span<const SecretKind> secret_kinds();
std::optional<std::uint8_t> find_secret_kind(std::string_view name);

}  // namespace cmem
