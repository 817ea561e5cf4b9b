// Reads the store argv[1] through the C++ header and prints how many messages the word "tigers" finds.
#include <coditect/memory.hpp>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    auto store = coditect::Store::open(argv[1]);
    int hits = 0;
    for (const coditect::Row& row : store.search("tigers")) hits += row["snippet"].text().empty() ? 0 : 1;
    std::cout << hits << '\n';
    return 0;
  } catch (const coditect::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
