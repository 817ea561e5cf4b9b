// Loads extraction files with a progress line, then lists projects and the errors of one of them.
//
// usage: load_and_query STORE PROJECT PATH...
// try:   load_and_query /tmp/memory.db shop-api examples/data/sample
#include <coditect/memory.hpp>
#include <cstdio>
#include <string>
#include <vector>

namespace {

void load(coditect::Store& store, const std::vector<std::string>& paths) {
  coditect::LoadOptions options;
  options.progress = [](std::int64_t done, std::int64_t, const char* unit, std::int64_t rows) {
    std::printf("%lld %s read, %lld records\n", static_cast<long long>(done), unit, static_cast<long long>(rows));
    return false;  // true would stop the load
  };
  const coditect::LoadResult result = store.load(paths, options);
  std::printf("%lld new messages, %lld were there\n", static_cast<long long>(result.messages_new),
              static_cast<long long>(result.duplicates));
}

std::string text(const coditect::Row& row, const char* column) { return std::string(row[column].text()); }

void list(const coditect::Store& store, const std::string& project) {
  for (const coditect::Row& row : store.projects())
    std::printf("%6lld messages  %s\n", static_cast<long long>(row["messages"].integer()), text(row, "path").c_str());

  const auto errors = coditect::Filter().project(project).level("ERROR");
  std::printf("%llu errors in %s:\n", static_cast<unsigned long long>(store.count(errors)), project.c_str());
  for (const coditect::Row& row : store.query(errors, coditect::Page().order(coditect::Order::oldest).limit(3)))
    std::printf("  [%s] %s\n", text(row, "component").c_str(), text(row, "content").c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s STORE PROJECT PATH...\n", argv[0]);
    return 2;
  }
  try {
    coditect::OpenOptions options;
    options.create = true;
    coditect::Store store = coditect::Store::open(argv[1], options);
    load(store, {argv + 3, argv + argc});
    list(store, argv[2]);
  } catch (const coditect::Error& error) {
    std::fprintf(stderr, "error (%s): %s\n", error.name(), error.what());
    return 1;
  }
  return 0;
}
