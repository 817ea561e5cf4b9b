// Which records of a chunk have the same text, and which share everything else but time and line. Found on the parser threads, so
// that the writer looks a text or a context up once a chunk instead of once a record.
#pragma once
#include <cstdint>
#include <vector>

#include "source/record.h"

namespace cmem {

struct RecordGroups {
  // By index of the record: the number of its group. Groups are numbered from 0 in order of first appearance.
  std::vector<std::uint32_t> text;
  std::vector<std::uint32_t> context;
  std::uint32_t text_groups = 0;
  std::uint32_t context_groups = 0;
};

// Exact: texts are compared byte for byte.
RecordGroups group_records(const std::vector<Record>& records);

}  // namespace cmem
