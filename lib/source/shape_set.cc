#include "source/shape_set.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cmem {
namespace {

Shape make_whole_line(bool has_newline) {
  std::vector<ShapePiece> pieces(1);
  pieces[0].role = SlotRole::kWholeLine;
  return Shape::make(std::move(pieces), "", JsonStyle::kUtf8, has_newline);
}

// The value at the front of line[at...): its end, or npos. A plain string is by far the most frequent.
std::size_t skip_value(std::string_view line, std::size_t at, int max_depth, bool& escaped) {
  if (at >= line.size()) return std::string_view::npos;
  const JsonEnd end = line[at] == '"' ? json_skip_string(line, at, escaped) : json_skip_value(line, at, max_depth);
  if (line[at] != '"') escaped = true;  // not looked at; only strings care
  return end.fault == JsonFault::kNone ? end.at : std::string_view::npos;
}

bool match_shape(const Shape& shape, std::string_view line, std::vector<RawValue>& values) {
  values.clear();
  std::size_t at = 0;
  for (const ShapePiece& piece : shape.pieces()) {
    const std::string& literal = piece.literal;
    if (line.size() - at < literal.size() || std::memcmp(line.data() + at, literal.data(), literal.size()) != 0) return false;
    at += literal.size();
    const int outer_levels = piece.key.starts_with("message.") ? 2 : 1;
    bool escaped = false;
    const std::size_t end = skip_value(line, at, kJsonMaxDepth - outer_levels, escaped);
    if (end == std::string_view::npos) return false;
    values.push_back({line.substr(at, end - at), escaped});
    at = end;
  }
  return line.substr(at) == shape.tail();
}

}  // namespace

RoleIndex::RoleIndex(const std::vector<ShapePiece>& pieces) {
  index_.fill(-1);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    index_[static_cast<unsigned char>(pieces[i].role) & 31U] = static_cast<std::int32_t>(i);
  }
}

LearnedShape::LearnedShape(SourceType type, std::vector<ShapePiece> pieces, std::string tail, bool has_newline)
    : source_type(type),
      utf8(Shape::make(std::move(pieces), std::move(tail), JsonStyle::kUtf8, has_newline)),
      ascii(Shape::make(utf8.pieces(), utf8.tail(), JsonStyle::kAscii, has_newline)),
      index(utf8.pieces()) {}

ShapeSet::ShapeSet() : whole_line_(make_whole_line(true)), last_whole_line_(make_whole_line(false)) {}

const LearnedShape* ShapeSet::match(std::string_view line, std::vector<RawValue>& values) {
  for (std::size_t i = 0; i < recent_.size(); ++i) {
    if (!match_shape(recent_[i]->utf8, line, values)) continue;
    const LearnedShape* found = recent_[i];
    if (i > 0)
      std::rotate(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(i),
                  recent_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return found;
  }
  return nullptr;
}

const LearnedShape* ShapeSet::learn(const CutLine& cut, std::string_view mark, bool has_newline) {
  std::vector<ShapePiece> pieces = cut.pieces;
  pieces[0].literal.insert(0, mark);
  auto learned = std::make_unique<LearnedShape>(cut.source_type, std::move(pieces), cut.tail, has_newline);
  const auto known = by_text_.find(learned->utf8.text());
  const LearnedShape* shape = nullptr;
  if (known != by_text_.end()) {
    shape = known->second.get();
  } else {
    if (by_text_.size() >= kMaxShapes) return nullptr;
    shape = learned.get();
    std::string text = shape->utf8.text();
    by_text_.emplace(std::move(text), std::move(learned));
  }
  // The first line behind a byte order mark and the last without a newline come once: they are not worth a place.
  if (!mark.empty() || !has_newline) return shape;
  if (recent_.size() >= kRecentShapes) recent_.pop_back();
  recent_.insert(recent_.begin(), shape);
  return shape;
}

}  // namespace cmem
