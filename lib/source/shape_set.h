// The shapes that one parser has learned. Shapes are only added, and never change: readers on other threads are safe.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "source/line_cutter.h"
#include "source/record.h"
#include "source/record_shape.h"

namespace cmem {

// Where the values with a role stand; -1 = none.
class RoleIndex {
 public:
  explicit RoleIndex(const std::vector<ShapePiece>& pieces);
  [[nodiscard]] int of(SlotRole role) const noexcept { return index_[static_cast<unsigned char>(role) & 31U]; }

 private:
  std::array<std::int32_t, 32> index_;  // by the low five bits of the role's letter
};

// A shape in both string styles, with what the parser wants to know of it.
struct LearnedShape {
  LearnedShape(SourceType type, std::vector<ShapePiece> pieces, std::string tail, bool has_newline);

  SourceType source_type;
  Shape utf8;
  Shape ascii;
  RoleIndex index;
  [[nodiscard]] const Shape& in(JsonStyle style) const noexcept { return style == JsonStyle::kAscii ? ascii : utf8; }
};

class ShapeSet {
 public:
  ShapeSet();

  // A learned shape whose literals and values make up exactly `line` (valid UTF-8); `values` gets one raw value per slot.
  const LearnedShape* match(std::string_view line, std::vector<RawValue>& values);
  // Keeps the shape of a line that match() did not know. Null if the set is full: then the line is its own shape.
  const LearnedShape* learn(const CutLine& cut, std::string_view mark, bool has_newline);

  [[nodiscard]] const Shape& whole_line(bool has_newline) const noexcept { return has_newline ? whole_line_ : last_whole_line_; }

 private:
  static constexpr std::size_t kMaxShapes = 256;
  static constexpr std::size_t kRecentShapes = 6;

  Shape whole_line_;
  Shape last_whole_line_;
  std::unordered_map<std::string, std::unique_ptr<LearnedShape>> by_text_;
  std::vector<const LearnedShape*> recent_;  // the last used first
};

}  // namespace cmem
