#include "source/record_shape.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hash.h"
#include "source/json_value.h"
#include "source/line_cutter.h"
#include "source/line_fields.h"

namespace cmem {
namespace {

constexpr std::string_view kRoleLetters = "csftiprkhmxlbd";
constexpr std::size_t kMaxShapeTextBytes = 64 << 10;

void append_literal(std::string& text, std::string_view literal) {
  for (const char c : literal) {
    text += c;
    if (c == '%') text += '%';
  }
}

std::string shape_text(const std::vector<ShapePiece>& pieces, std::string_view tail, JsonStyle style, bool has_newline) {
  std::string text = style == JsonStyle::kAscii ? "%A" : "%U";
  for (const ShapePiece& piece : pieces) {
    append_literal(text, piece.literal);
    text += '%';
    text += static_cast<char>(piece.role);
  }
  append_literal(text, tail);
  if (!has_newline) text += "%$";
  return text;
}

// Reads the literals of a shape as JSON, to know under which key each slot stands.
class KeyPath {
 public:
  void read(std::string_view literal) {
    std::size_t at = 0;
    while (at < literal.size()) {
      const char c = literal[at];
      if (c == '"') {
        at = read_string(literal, at);
        continue;
      }
      if (c == '{') levels_.emplace_back();
      if (c == '}' && !levels_.empty()) levels_.pop_back();
      ++at;
    }
  }
  [[nodiscard]] std::string path() const {
    std::string joined;
    for (const std::string& key : levels_) {
      if (!joined.empty()) joined += '.';
      joined += key;
    }
    return joined;
  }

 private:
  // Every string that a colon follows is a key.
  std::size_t read_string(std::string_view literal, std::size_t at) {
    bool escaped = false;
    const std::size_t end = json_skip_string(literal, at, escaped).at;
    const std::size_t next = json_skip_space(literal, end);
    if (next < literal.size() && literal[next] == ':' && !levels_.empty()) levels_.back() = literal.substr(at + 1, end - at - 2);
    return std::max(end, at + 1);
  }

  std::vector<std::string> levels_;
};

Unexpected broken_residue() {
  return Unexpected(Code::kCorrupt, "the stored rest of a line does not fit its shape; run `memory doctor`");
}

void append_hash(std::string& out, const Sha256Digest& digest) {
  out += '"';
  out += to_hex(digest);
  out += '"';
}

Status append_derived(std::string& out, SlotRole role, const LineFields& fields, JsonStyle style) {
  switch (role) {
    case SlotRole::kContent:
      json_append_string(out, fields.content, style);
      return {};
    case SlotRole::kSource:
      json_append_string(out, compose_source(fields.origin, fields.position), style);
      return {};
    case SlotRole::kFile:
      json_append_string(out, last_component(fields.origin), style);
      return {};
    case SlotRole::kTimestamp:
      out += std::to_string(fields.time_ms);
      return {};
    case SlotRole::kSession:
      json_append_string(out, fields.session, style);
      return {};
    case SlotRole::kProject:
      json_append_string(out, fields.project, style);
      return {};
    case SlotRole::kRole:
      json_append_string(out, fields.role, style);
      return {};
    case SlotRole::kCheckpoint:
      json_append_string(out, fields.origin, style);
      return {};
    case SlotRole::kContentHash:
      append_hash(out, sha256(fields.content));
      return {};
    case SlotRole::kMessageHash: {
      std::string message;
      append_message_json(message, fields.content, fields.role);
      append_hash(out, sha256(message));
      return {};
    }
    case SlotRole::kData:
      out += fields.content;
      return {};
    case SlotRole::kExplicit:
    case SlotRole::kWholeLine:
    case SlotRole::kBytes:
      break;
  }
  return broken_residue();
}

void append_member(std::string& json, std::string_view key, std::string_view value) {
  json += json.size() > 1 ? ",\"" : "\"";
  json += key;
  json += "\":";
  json += value;
}

// The explicit values that are no core field of the record.
bool is_metadata(SlotRole role) noexcept {
  return role == SlotRole::kExplicit || role == SlotRole::kTimestamp || role == SlotRole::kFile;
}

// What the record of a home's line says itself.
constexpr std::string_view kStatedMembers[] = {
    "content",     "cwd",          "display",   "message.content", "message.role", "payload.content", "project",
    "payload.cwd", "payload.role", "sessionId", "session_id",      "text",         "timestamp",       "ts"};

bool is_stated(std::string_view key) noexcept {
  return std::find(std::begin(kStatedMembers), std::end(kStatedMembers), key) != std::end(kStatedMembers);
}

// A null is where the content was, or says nothing.
void append_home_member(std::string& json, std::string_view prefix, const JsonMember& member) {
  std::string key(prefix);
  key += member.key;
  if (!is_stated(key) && member.value != "null") append_member(json, key, member.value);
}

std::string metadata_of_home_line(std::string_view line) {
  std::string json = "{";
  std::size_t begin = 0;
  if (check_json_object(line, begin)) return json += '}';
  for_each_member(line, begin, [&](const JsonMember& member) {
    const bool nested = (member.key == "message" || member.key == "payload") && member.value[0] == '{';
    if (!nested) return append_home_member(json, "", member);
    for_each_member(member.value, 0,
                    [&](const JsonMember& inner) { append_home_member(json, std::string(member.key) + '.', inner); });
  });
  return json += '}';
}

// The line with null for its content.
Result<std::string> line_without_content(const Shape& shape, std::string_view residue) {
  ResidueReader reader(residue);
  std::string line;
  for (std::size_t i = 0; i < shape.pieces().size(); ++i) {
    line += shape.pieces()[i].literal;
    if (!reader.is_explicit(i)) {
      line += "null";
      continue;
    }
    CMEM_ASSIGN_OR_RETURN(const std::string_view value, reader.next());
    line += value;
  }
  return line += shape.tail();
}

std::string metadata_of_line(std::string_view line) {
  CutLine cut;
  if (cut_line(line, cut)) return metadata_of_home_line(line);
  std::string json = "{";
  for (std::size_t i = 0; i < cut.pieces.size(); ++i) {
    if (cut.pieces[i].role == SlotRole::kExplicit) append_member(json, cut.pieces[i].key, cut.values[i].text);
  }
  return json += '}';
}

std::string unquoted(std::string_view raw) {
  return raw.size() >= 2 && raw[0] == '"' ? json_decode_string(raw.substr(1, raw.size() - 2)) : std::string();
}

std::string hash_of_line(std::string_view line) {
  CutLine cut;
  if (cut_line(line, cut)) return {};
  std::string content;
  std::string role;
  std::string hash;
  bool of_message = false;
  for (std::size_t i = 0; i < cut.pieces.size(); ++i) {
    const SlotRole slot = cut.pieces[i].role;
    if (slot == SlotRole::kContent) content = unquoted(cut.values[i].text);
    if (slot == SlotRole::kRole) role = unquoted(cut.values[i].text);
    if (slot == SlotRole::kContentHash || slot == SlotRole::kMessageHash) hash = unquoted(cut.values[i].text);
    of_message |= slot == SlotRole::kMessageHash;
  }
  std::string hashed;
  if (of_message) append_message_json(hashed, content, role);
  return hash == to_hex(sha256(of_message ? hashed : content)) ? std::string() : hash;
}

Result<std::string_view> whole_line(std::string_view residue) {
  ResidueReader reader(residue);
  if (!reader.is_explicit(0)) return broken_residue();
  return reader.next();
}

// The line of a whole-line shape without a byte order mark before it.
std::string_view without_mark(std::string_view line) noexcept { return line.starts_with("\xEF\xBB\xBF") ? line.substr(3) : line; }

}  // namespace

ResidueReader::ResidueReader(std::string_view residue) noexcept : rest_(residue) {
  if (!residue.empty()) mask_ = rest_.next();
}

Result<std::string_view> ResidueReader::next() {
  const std::uint64_t size = rest_.next();
  const std::string_view value = rest_.take(size);
  if (!rest_.ok()) return broken_residue();
  return value;
}

Shape Shape::make(std::vector<ShapePiece> pieces, std::string tail, JsonStyle style, bool has_newline) {
  Shape shape;
  shape.pieces_ = std::move(pieces);
  shape.tail_ = std::move(tail);
  shape.style_ = style;
  shape.has_newline_ = has_newline;
  shape.text_ = shape_text(shape.pieces_, shape.tail_, style, has_newline);
  return shape;
}

Result<Shape> Shape::parse(std::string_view text) {
  const auto broken = [](const char* what) { return Unexpected(Code::kCorrupt, std::string("not a line shape: ") + what); };
  if (text.size() > kMaxShapeTextBytes) return broken("too long");
  if (!text.starts_with("%A") && !text.starts_with("%U")) return broken("no style at its start");
  const JsonStyle style = text[1] == 'A' ? JsonStyle::kAscii : JsonStyle::kUtf8;
  std::vector<ShapePiece> pieces;
  std::string literal;
  KeyPath keys;
  bool has_newline = true;
  for (std::size_t at = 2; at < text.size(); ++at) {
    if (text[at] != '%') {
      literal += text[at];
      continue;
    }
    if (++at == text.size()) return broken("a lone % at its end");
    if (text[at] == '%') {
      literal += '%';
    } else if (text[at] == '$' && at + 1 == text.size()) {
      has_newline = false;
    } else if (kRoleLetters.find(text[at]) != std::string_view::npos) {
      keys.read(literal);
      pieces.push_back({std::exchange(literal, {}), static_cast<SlotRole>(text[at]), keys.path()});
    } else {
      return broken("an unknown slot");
    }
  }
  if (pieces.size() > kMaxShapeSlots) return broken("too many slots");
  return make(std::move(pieces), std::move(literal), style, has_newline);
}

Result<std::string> render_line(const Shape& shape, const LineFields& fields, std::string_view residue) {
  ResidueReader reader(residue);
  std::string line;
  for (std::size_t i = 0; i < shape.pieces().size(); ++i) {
    line += shape.pieces()[i].literal;
    if (reader.is_explicit(i)) {
      CMEM_ASSIGN_OR_RETURN(const std::string_view value, reader.next());
      line += value;
    } else {
      CMEM_TRY(append_derived(line, shape.pieces()[i].role, fields, shape.style()));
    }
  }
  if (!reader.done()) return broken_residue();
  return line += shape.tail();
}

Result<std::string> render_metadata_json(const Shape& shape, std::string_view residue) {
  if (shape.is_whole_line()) {
    CMEM_ASSIGN_OR_RETURN(const std::string_view line, whole_line(residue));
    return metadata_of_line(without_mark(line));
  }
  if (!shape.pieces().empty() && shape.pieces()[0].role == SlotRole::kBytes) {
    CMEM_ASSIGN_OR_RETURN(const std::string line, line_without_content(shape, residue));
    return metadata_of_home_line(without_mark(line));
  }
  ResidueReader reader(residue);
  std::string json = "{";
  for (std::size_t i = 0; i < shape.pieces().size(); ++i) {
    if (!reader.is_explicit(i)) continue;
    CMEM_ASSIGN_OR_RETURN(const std::string_view value, reader.next());
    if (is_metadata(shape.pieces()[i].role)) append_member(json, shape.pieces()[i].key, value);
  }
  return json += '}';
}

Result<std::string> given_hash(const Shape& shape, std::string_view residue) {
  if (shape.is_whole_line()) {
    CMEM_ASSIGN_OR_RETURN(const std::string_view line, whole_line(residue));
    return hash_of_line(without_mark(line));
  }
  ResidueReader reader(residue);
  for (std::size_t i = 0; i < shape.pieces().size(); ++i) {
    if (!reader.is_explicit(i)) continue;
    CMEM_ASSIGN_OR_RETURN(const std::string_view value, reader.next());
    const SlotRole role = shape.pieces()[i].role;
    if (role == SlotRole::kContentHash || role == SlotRole::kMessageHash) return unquoted(value);
  }
  return std::string();
}

}  // namespace cmem
