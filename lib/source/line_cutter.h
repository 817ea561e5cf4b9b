// Finds the values of one line: checks it as JSON, names the role of each value, and tells whether the line can be cut into a
// shape. This is the slow, thorough way; a line whose shape is known does not come here.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/record.h"
#include "source/record_shape.h"
#include "source/reject.h"

namespace cmem {

struct RawValue {
  std::string_view text;  // raw JSON
  bool escaped = false;   // it may hold a backslash
};

struct CutLine {
  SourceType source_type = SourceType::kProgram;
  std::vector<ShapePiece> pieces;  // parallel to `values`
  std::vector<RawValue> values;
  std::string tail;
  bool whole_line = false;  // duplicate or escaped keys, too many values or too long literals: no shape but the whole line
  bool overflow = false;    // not every unknown key is in `pieces`
};

struct LineFault {
  RejectReason reason;
  std::string message;
};

// `begin` becomes where the object begins. Spaces around it are allowed, nothing else.
std::optional<LineFault> check_json_object(std::string_view line, std::size_t& begin);

// `line` is valid UTF-8 without its newline.
std::optional<LineFault> cut_line(std::string_view line, CutLine& cut);

}  // namespace cmem
