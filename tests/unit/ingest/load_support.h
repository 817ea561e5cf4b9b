// A store to load into, and sources for it.
#pragma once
#include <coditect/memory.h>

#include <functional>
#include <string>

#include "unit/store/store_fixture.h"

namespace cmem::test {

inline std::string line(int number, const std::string& content = "") {
  return "{\"content\": \"" + (content.empty() ? "message " + std::to_string(number) : content) +
         "\", \"source\": \"history.jsonl:line-" + std::to_string(number) +
         "\", \"timestamp\": " + std::to_string(1'763'200'800'000 + number) + ", \"source_type\": \"history\"}\n";
}

inline std::string lines(int first, int last) {
  std::string bytes;
  for (int i = first; i <= last; ++i) bytes += line(i);
  return bytes;
}

struct Desk {
  TempFolder folder;
  Memory memory{folder.file("memory.db")};

  std::string source(const std::string& bytes, const std::string& name = "source.jsonl") {
    write_file(folder.file(name), bytes);
    return folder.file(name);
  }
  std::string run_status() { return memory.table(cmem_runs, std::uint64_t{1}).at(0, "status").text; }
  Answer rejected() { return memory.table(cmem_rejected, std::int64_t{0}); }
};

inline int call_function(std::int64_t done, std::int64_t total, const char* unit, std::int64_t rows, void* payload) {
  CHECK(std::string(unit) == "bytes");
  return (*static_cast<std::function<int(std::int64_t, std::int64_t, std::int64_t)>*>(payload))(done, total, rows);
}

inline cmem_load_options with_progress(std::function<int(std::int64_t, std::int64_t, std::int64_t)>& progress) {
  cmem_load_options options CMEM_LOAD_OPTIONS_INIT;
  options.progress = call_function;
  options.progress_payload = &progress;
  return options;
}

}  // namespace cmem::test
