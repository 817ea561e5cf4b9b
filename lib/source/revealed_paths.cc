#include "source/revealed_paths.h"

#include <string>

#include "base/hash.h"

namespace cmem {
namespace {

constexpr std::size_t kNameDigits = 16;

bool has_drive(std::string_view path) noexcept { return path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/'); }

}  // namespace

bool is_absolute_path(std::string_view path) noexcept { return path.starts_with('/') || has_drive(path); }

void RevealedPaths::begin_chunk(ParsedChunk& parsed) {
  parsed_ = &parsed;
  known_.clear();
}

void RevealedPaths::add(std::string_view path) {
  if (!is_absolute_path(path) || known_.contains(path)) return;
  parsed_->revealed_paths.push_back(parsed_->arena().copy(path));
  known_.insert(parsed_->revealed_paths.back());
}

void RevealedPaths::add(JsonValue path) {
  if (path.is_string()) add(path.decode(parsed_->arena()));
}

bool RevealedPaths::add_relative(std::string_view folder, std::string_view path, std::string_view saved_as) {
  if (folder.empty() || saved_as.find("@v") != kNameDigits) return false;
  std::string joined(folder);
  joined += has_drive(folder) ? '\\' : '/';
  joined += path;
  if (!to_hex(sha256(joined)).starts_with(saved_as.substr(0, kNameDigits))) return false;
  add(joined);
  return true;
}

}  // namespace cmem
