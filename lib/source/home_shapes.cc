#include "source/home_shapes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/utf8.h"
#include "base/varint.h"
#include "source/record_shape.h"

namespace cmem {
namespace {

// How often the content of a line is looked for in it, and how short a string is not worth it.
constexpr std::size_t kMaxCopies = 4;
constexpr std::size_t kMinCopiedBytes = 32;

// %b%c%b%c%b: `copies` times the content, and the bytes around.
Shape make_json_shape(std::size_t copies, JsonStyle style, bool has_newline) {
  std::vector<ShapePiece> pieces;
  if (copies == 0) pieces.push_back({"", SlotRole::kWholeLine, ""});
  if (copies > 0) pieces.push_back({"", SlotRole::kBytes, ""});
  for (std::size_t i = 0; i < copies; ++i) {
    pieces.push_back({"", SlotRole::kContent, ""});
    pieces.push_back({"", SlotRole::kBytes, ""});
  }
  return Shape::make(std::move(pieces), "", style, has_newline);
}

std::vector<Shape> make_json_shapes() {
  std::vector<Shape> shapes;
  for (std::size_t copies = 0; copies <= kMaxCopies; ++copies) {
    for (const JsonStyle style : {JsonStyle::kUtf8, JsonStyle::kAscii}) {
      for (const bool has_newline : {true, false}) shapes.push_back(make_json_shape(copies, style, has_newline));
    }
  }
  return shapes;
}

const Shape& json_shape(std::size_t copies, bool ascii, bool has_newline) {
  static const std::vector<Shape> kShapes = make_json_shapes();
  return kShapes[copies * 4 + (ascii && copies > 0 ? 2U : 0U) + (has_newline ? 0U : 1U)];
}

std::vector<Shape> make_event_shapes() {
  std::vector<Shape> shapes;
  for (const std::string_view mark : {std::string_view(), kByteOrderMark}) {
    for (const char* tail : {"", "\r"}) {
      for (const bool has_newline : {true, false}) {
        shapes.push_back(Shape::make({{std::string(mark), SlotRole::kData, ""}}, tail, JsonStyle::kUtf8, has_newline));
      }
    }
  }
  return shapes;
}

const Shape& event_shape(const EventBytes& event) {
  static const std::vector<Shape> kShapes = make_event_shapes();
  return kShapes[(event.after_bom ? 4U : 0U) + (event.carriage_return ? 2U : 0U) + (event.has_newline ? 0U : 1U)];
}

// Where strings that are equal to `content` begin in the line: values, not keys, and no part of longer ones.
class Copies {
 public:
  Copies(std::string_view line, std::string_view content) : line_(line), content_(content) {
    own_ = static_cast<std::size_t>(content.data() - line.data());
    if (content.size() >= kMinCopiedBytes && occurs_again()) {
      find();
    } else {
      add(own_);
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t operator[](std::size_t i) const noexcept { return begins_[i]; }

 private:
  [[nodiscard]] bool occurs_again() const noexcept {
    return holds(line_.substr(0, own_)) || holds(line_.substr(own_ + content_.size()));
  }
  // By its first bytes: above 256 memmem first makes a table of all that it looks for. Strings do not overlap, so that what is
  // compared then is not more than the line.
  [[nodiscard]] bool holds(std::string_view part) const noexcept {
    constexpr std::size_t kQuickBytes = 256;
    while (const void* const hit = ::memmem(part.data(), part.size(), content_.data(), std::min(content_.size(), kQuickBytes))) {
      part.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(hit) - part.data()));
      if (part.starts_with(content_)) return true;
      part.remove_prefix(1);
    }
    return false;
  }
  void add(std::size_t begin) noexcept { begins_[size_++] = begin; }

  // The content's own place is always among them.
  void find() {
    bool own_found = false;
    for (std::size_t at = line_.find('"'); at != std::string_view::npos; at = line_.find('"', at)) {
      bool escaped = false;
      const std::size_t end = json_skip_string(line_, at, escaped).at;
      const bool full = size_ + (own_found ? 0 : 1) >= kMaxCopies;
      if (at == own_ || (!full && line_.substr(at, end - at) == content_ && !is_key(end))) add(at);
      own_found |= at == own_;
      at = end;
    }
  }
  [[nodiscard]] bool is_key(std::size_t end) const noexcept {
    const std::size_t next = json_skip_space(line_, end);
    return next < line_.size() && line_[next] == ':';
  }

  std::string_view line_, content_;
  std::size_t own_ = 0;
  std::array<std::size_t, kMaxCopies> begins_{};
  std::size_t size_ = 0;
};

// A residue of known size, written into the arena.
class ResidueWriter {
 public:
  ResidueWriter(TextArena& arena, std::size_t most_bytes) : arena_(arena), room_(most_bytes), begin_(arena.allocate(most_bytes)) {}

  void number(std::uint64_t value) {
    std::string varint;
    put_varint(varint, value);
    bytes(varint);
  }
  void bytes(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(begin_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  std::string_view finish() {
    arena_.shrink(room_ - size_);
    return {begin_, size_};
  }

 private:
  TextArena& arena_;
  std::size_t room_;
  std::size_t size_ = 0;
  char* begin_;
};

constexpr std::size_t kMaxVarintBytes = 10;

std::string_view residue_around(const ChunkLine& line, std::string_view content, const Copies& copies, TextArena& arena) {
  const std::string_view mark = line.after_bom ? kByteOrderMark : std::string_view();
  ResidueWriter out(arena, mark.size() + line.text.size() + kMaxVarintBytes * (kMaxCopies + 2));
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i <= copies.size(); ++i) mask |= std::uint64_t{1} << (2 * i);
  out.number(mask);
  std::size_t at = 0;
  for (std::size_t i = 0; i <= copies.size(); ++i) {
    const std::size_t end = i < copies.size() ? copies[i] : line.text.size();
    out.number(end - at + (i == 0 ? mark.size() : 0));
    if (i == 0) out.bytes(mark);
    out.bytes(line.text.substr(at, end - at));
    at = end + content.size();
  }
  return out.finish();
}

std::string_view residue_of_all(std::string_view mark, std::string_view bytes, TextArena& arena) {
  ResidueWriter out(arena, mark.size() + bytes.size() + 2 * kMaxVarintBytes);
  out.number(1);
  out.number(mark.size() + bytes.size());
  out.bytes(mark);
  out.bytes(bytes);
  return out.finish();
}

}  // namespace

// True if the text as a JSON string of one of the styles is `content`.
bool JsonLineKeeper::choose_style(std::string_view content, std::string_view text) {
  ascii_ = false;
  if (content.size() == text.size() + 2 && content.substr(1, text.size()) == text) return true;
  for (const JsonStyle style : {JsonStyle::kUtf8, JsonStyle::kAscii}) {
    scratch_.clear();
    json_append_string(scratch_, text, style);
    ascii_ = style == JsonStyle::kAscii;
    if (scratch_ == content) return true;
  }
  return false;
}

void JsonLineKeeper::keep(const ChunkLine& line, std::string_view content, TextArena& arena, Record& record) {
  if (content.empty() || !choose_style(content, record.text)) {
    record.shape = &json_shape(0, false, line.has_newline);
    record.residue = residue_of_all(line.after_bom ? kByteOrderMark : std::string_view(), line.text, arena);
    return;
  }
  const Copies copies(line.text, content);
  record.shape = &json_shape(copies.size(), ascii_, line.has_newline);
  record.residue = residue_around(line, content, copies, arena);
}

void keep_event(const EventBytes& event, bool is_text, TextArena& arena, Record& record) {
  record.shape = &event_shape(event);
  if (!is_text) record.residue = residue_of_all({}, event.content, arena);
}

std::string_view repair_utf8(std::string_view text, TextArena& arena) {
  if (utf8_valid(text)) return text;
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  char* const out = arena.allocate(text.size() * kReplacement.size());
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence_length(text, at);
    const std::string_view piece = length == 0 ? kReplacement : text.substr(at, length);
    std::memcpy(out + size, piece.data(), piece.size());
    size += piece.size();
    at += std::max<std::size_t>(length, 1);
  }
  arena.shrink(text.size() * kReplacement.size() - size);
  return {out, size};
}

}  // namespace cmem
