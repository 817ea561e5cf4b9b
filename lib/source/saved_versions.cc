#include "source/saved_versions.h"

#include "source/json_value.h"
#include "source/line_fields.h"

namespace cmem {

std::string saved_version_text(std::string_view name, std::int64_t size_bytes) {
  return "File " + std::string(name) + ", " + std::to_string(size_bytes) + " bytes";
}

std::vector<std::pair<std::int64_t, std::string>> saved_versions(std::string_view origin, std::string_view metadata) {
  std::vector<std::pair<std::int64_t, std::string>> versions;
  const std::string name(last_component(origin));
  bool is_whole = true;
  JsonValue(metadata)["versions"].for_each_element([&](const JsonValue& stated) {
    const auto number = stated["version"].integer();
    const auto size = stated["size"].integer();
    is_whole = is_whole && number && size;
    if (is_whole) versions.emplace_back(*number, saved_version_text(name + "@v" + std::to_string(*number), *size));
  });
  if (!is_whole) versions.clear();
  return versions;
}

}  // namespace cmem
