// The absolute paths of files that the agent worked on, as a home's files state them: saved versions are named by a hash of it.
#pragma once
#include <string_view>
#include <unordered_set>

#include "source/json_value.h"
#include "source/parsed_chunk.h"

namespace cmem {

class RevealedPaths {
 public:
  void begin_chunk(ParsedChunk& parsed);
  // Nothing is added twice in a chunk, nor what is no absolute path.
  void add(std::string_view path);
  void add(JsonValue path);
  // A key of a snapshot, which is relative to a folder: added if the saved file's name, "<hash>@v<N>", says that it is this one.
  bool add_relative(std::string_view folder, std::string_view path, std::string_view saved_as);

 private:
  ParsedChunk* parsed_ = nullptr;
  std::unordered_set<std::string_view> known_;  // in the chunk
};

bool is_absolute_path(std::string_view path) noexcept;

}  // namespace cmem
