// The versions of a saved file that a record of an extraction file sums up.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cmem {

// The text of the message of one version; `name` is "<hash>@v<number>".
std::string saved_version_text(std::string_view name, std::int64_t size_bytes);

// Number and text of each version in the metadata, which are valid JSON; empty: they state none, or one of them not wholly.
std::vector<std::pair<std::int64_t, std::string>> saved_versions(std::string_view origin, std::string_view metadata);

}  // namespace cmem
