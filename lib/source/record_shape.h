// The form of a line: its literal bytes (key order, spacing, constant parts, carriage return) with a slot for each value. A line
// is given back byte for byte from its shape, the record's fields, and a residue that holds the values the fields do not give.
// Shapes are few: a file written by one program has one or two.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_text.h"
#include "base/result.h"
#include "base/varint.h"

namespace cmem {

// The letter is the slot's name in Shape::text() ("%c"). Stored: never give a letter a second meaning.
enum class SlotRole : char {
  kContent = 'c',      // JSON string of the content
  kSource = 's',       // JSON string of the origin, with ":line-N" if position >= 1
  kFile = 'f',         // JSON string of the origin's last path component
  kTimestamp = 't',    // time_ms in decimal digits
  kSession = 'i',      // JSON string
  kProject = 'p',      // JSON string
  kRole = 'r',         // JSON string
  kCheckpoint = 'k',   // JSON string of the origin
  kContentHash = 'h',  // JSON string of hex SHA-256(content)
  kMessageHash = 'm',  // JSON string of hex SHA-256(json.dumps({"content", "role"}, sort_keys=True))
  kExplicit = 'x',     // raw JSON, always in the residue
  kWholeLine = 'l',    // the whole line, always in the residue
  kBytes = 'b',        // any bytes of the line, always in the residue
  kData = 'd',         // the content as it is, not as JSON
};

struct ShapePiece {
  std::string literal;  // the bytes before the slot
  SlotRole role = SlotRole::kExplicit;
  std::string key;  // "metadata", "message.index": the slot's key path
};

// Everything that a derived slot can be derived from.
struct LineFields {
  std::string_view content;  // with its prefix: compose_content(...)
  std::string_view origin;
  std::int64_t position = 0;
  std::int64_t time_ms = 0;
  std::string_view session, project, role;
};

// Immutable after it is made; safe to read from any thread.
class Shape {
 public:
  // The canonical text: literals with '%' doubled, slots as "%" and the role's letter; first "%A" or "%U" for the style of its
  // strings, last "%$" if the line had no newline. kCorrupt if `text` is none.
  static Result<Shape> parse(std::string_view text);
  static Shape make(std::vector<ShapePiece> pieces, std::string tail, JsonStyle style, bool has_newline);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] const std::vector<ShapePiece>& pieces() const noexcept { return pieces_; }
  [[nodiscard]] const std::string& tail() const noexcept { return tail_; }  // after the last slot
  [[nodiscard]] JsonStyle style() const noexcept { return style_; }
  // False: this was the last line of its file and had no newline.
  [[nodiscard]] bool has_newline() const noexcept { return has_newline_; }
  [[nodiscard]] bool is_whole_line() const noexcept { return pieces_.size() == 1 && pieces_[0].role == SlotRole::kWholeLine; }

 private:
  Shape() = default;
  std::vector<ShapePiece> pieces_;
  std::string tail_;
  std::string text_;
  JsonStyle style_ = JsonStyle::kUtf8;
  bool has_newline_ = true;
};

// The line without its newline (see Shape::has_newline), with its BOM and carriage return. kCorrupt if the residue does not fit.
Result<std::string> render_line(const Shape& shape, const LineFields& fields, std::string_view residue);
// A JSON object of what the line says beyond the record's fields: {"metadata":{...},"message.index":0,...}; "{}" if nothing.
// Of a line of an agent's home (one that is no extraction record): its members, those of "message" and "payload" one by one.
Result<std::string> render_metadata_json(const Shape& shape, std::string_view residue);
// The record's own hash if it follows no known rule, without quotes; else empty.
Result<std::string> given_hash(const Shape& shape, std::string_view residue);

// Residue: varint bit mask of the explicit slots (bit i = i-th slot of the shape), then for each a varint length and its bytes.
// An empty residue means that no slot is explicit.
class ResidueReader {
 public:
  explicit ResidueReader(std::string_view residue) noexcept;
  [[nodiscard]] bool is_explicit(std::size_t slot) const noexcept { return slot < 64 && ((mask_ >> slot) & 1U) != 0; }
  // The next explicit value, in slot order. kCorrupt if the residue is too short.
  Result<std::string_view> next();
  // All values are read and nothing is left over.
  [[nodiscard]] bool done() const noexcept { return rest_.ok() && rest_.at_end(); }

 private:
  VarintReader rest_;
  std::uint64_t mask_ = 0;
};

inline constexpr std::size_t kMaxShapeSlots = 64;

}  // namespace cmem
