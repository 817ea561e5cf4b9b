#include "source/line_cutter.h"

#include <array>
#include <utility>

#include "source/json_value.h"

namespace cmem {
namespace {

// Literals longer than this belong to no program's regular output.
constexpr std::size_t kMaxLiteralBytes = 4096;

struct CoreKey {
  std::string_view name;
  SlotRole role;
};

constexpr CoreKey kPlainKeys[] = {
    {"content", SlotRole::kContent},     {"source", SlotRole::kSource},      {"file", SlotRole::kFile},
    {"timestamp", SlotRole::kTimestamp}, {"session_id", SlotRole::kSession}, {"project", SlotRole::kProject},
    {"role", SlotRole::kRole},           {"hash", SlotRole::kContentHash},
};
constexpr CoreKey kCheckpointKeys[] = {
    {"checkpoint", SlotRole::kCheckpoint},
    {"session_id", SlotRole::kSession},
    {"project", SlotRole::kProject},
    {"hash", SlotRole::kMessageHash},
};
constexpr CoreKey kMessageKeys[] = {{"content", SlotRole::kContent}, {"role", SlotRole::kRole}};

std::string key_name(const JsonMember& member) {
  return member.key_escaped ? json_decode_string(member.key) : std::string(member.key);
}

LineFault json_fault(JsonEnd end) {
  if (end.fault == JsonFault::kDepth) {
    return {RejectReason::kTooDeep,
            "more than " + std::to_string(kJsonMaxDepth) + " levels of nesting at byte " + std::to_string(end.at)};
  }
  return {RejectReason::kInvalidJson,
          std::string("not valid JSON: ") + to_string(end.fault) + " at byte " + std::to_string(end.at)};
}

class Cutter {
 public:
  Cutter(std::string_view line, CutLine& cut) : line_(line), cut_(cut) {}

  std::optional<LineFault> run() {
    if (auto fault = check_json_object(line_, begin_)) return fault;
    if (auto fault = choose_form()) return fault;
    cut_members();
    return finish();
  }

 private:
  // An object with "checkpoint" and without "content" is a checkpoint record.
  std::optional<LineFault> choose_form() {
    bool has_content = false;
    bool has_checkpoint = false;
    std::string_view type;
    for_each_member(line_, begin_, [&](const JsonMember& member) {
      const std::string name = key_name(member);
      has_content |= name == "content";
      has_checkpoint |= name == "checkpoint";
      if (name == "source_type") type = member.value;
    });
    checkpoint_ = has_checkpoint && !has_content;
    if (checkpoint_) {
      cut_.source_type = SourceType::kCheckpoint;
      return std::nullopt;
    }
    return choose_type(type);
  }

  std::optional<LineFault> choose_type(std::string_view raw) {
    if (raw.empty()) return LineFault{RejectReason::kMissingField, "the field \"source_type\" is missing"};
    if (raw[0] != '"') return LineFault{RejectReason::kWrongType, "the field \"source_type\" is not a string"};
    const std::string name = json_decode_string(raw.substr(1, raw.size() - 2));
    const auto type = source_type_from(name);
    if (!type) return LineFault{RejectReason::kUnknownSourceType, "unknown source_type " + std::string(raw.substr(0, 80))};
    cut_.source_type = *type;
    return std::nullopt;
  }

  void cut_members() {
    for_each_member(line_, begin_, [&](const JsonMember& member) {
      const std::string name = key_name(member);
      cut_.whole_line |= member.key_escaped;
      if (checkpoint_ && name == "message" && member.value[0] == '{') return cut_message(member);
      if (!checkpoint_ && name == "source_type") {
        cut_.whole_line |= std::exchange(type_seen_, true);
        return;
      }
      add(checkpoint_ ? role_of(kCheckpointKeys, name) : role_of(kPlainKeys, name), std::string(member.key), member.value);
    });
  }

  void cut_message(const JsonMember& message) {
    if (std::exchange(message_seen_, true)) forget_message();
    for_each_member(message.value, 0, [&](const JsonMember& member) {
      cut_.whole_line |= member.key_escaped;
      add(role_of(kMessageKeys, key_name(member)), "message." + std::string(member.key), member.value);
    });
  }

  // The key "message" occurs twice: nothing of the first one counts.
  void forget_message() {
    cut_.whole_line = true;
    for (std::size_t i = cut_.pieces.size(); i-- > 0;) {
      if (!cut_.pieces[i].key.starts_with("message.")) continue;
      cut_.pieces.erase(cut_.pieces.begin() + static_cast<std::ptrdiff_t>(i));
      cut_.values.erase(cut_.values.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  template <std::size_t size>
  static SlotRole role_of(const CoreKey (&keys)[size], std::string_view name) {
    for (const CoreKey& key : keys) {
      if (key.name == name) return key.role;
    }
    return SlotRole::kExplicit;
  }

  void add(SlotRole role, std::string key, std::string_view value) {
    const bool full = cut_.pieces.size() >= kMaxShapeSlots;
    for (std::size_t i = 0; i < cut_.pieces.size(); ++i) {
      ShapePiece& other = cut_.pieces[i];
      if (role == SlotRole::kExplicit ? other.key != key : other.role != role) continue;
      cut_.whole_line = true;  // a key that occurs twice: the last one counts
      cut_.values[i] = {value, value.find('\\') != std::string_view::npos};
      return;
    }
    if (full) {
      cut_.whole_line = true;
      cut_.overflow |= role == SlotRole::kExplicit;
      if (role == SlotRole::kExplicit) return;
    }
    const auto at = static_cast<std::size_t>(value.data() - line_.data());
    std::string literal;
    if (at >= literal_begin_ && at - literal_begin_ <= kMaxLiteralBytes) {
      literal = line_.substr(literal_begin_, at - literal_begin_);
      literal_bytes_ += literal.size();
    } else {
      cut_.whole_line = true;
    }
    cut_.pieces.push_back({std::move(literal), role, std::move(key)});
    cut_.values.push_back({value, value.find('\\') != std::string_view::npos});
    literal_begin_ = at + value.size();
  }

  [[nodiscard]] bool has(SlotRole role) const {
    for (const ShapePiece& piece : cut_.pieces) {
      if (piece.role == role) return true;
    }
    return false;
  }

  std::optional<LineFault> finish() {
    for (const ShapePiece& piece : cut_.pieces) {
      if (checkpoint_ && piece.key == "message")
        return LineFault{RejectReason::kWrongType, "the field \"message\" is not an object"};
    }
    if (checkpoint_ && !message_seen_) return LineFault{RejectReason::kMissingField, "the field \"message\" is missing"};
    if (!has(SlotRole::kContent)) {
      const char* name = checkpoint_ ? "message.content" : "content";
      return LineFault{RejectReason::kMissingField, std::string("the field \"") + name + "\" is missing"};
    }
    if (!checkpoint_ && !has(SlotRole::kSource)) return LineFault{RejectReason::kMissingField, "the field \"source\" is missing"};
    const std::string_view tail = line_.substr(literal_begin_);
    if (literal_bytes_ + tail.size() > kMaxLiteralBytes) cut_.whole_line = true;
    if (!cut_.whole_line) cut_.tail = tail;
    return std::nullopt;
  }

  std::string_view line_;
  CutLine& cut_;
  std::size_t begin_ = 0;
  std::size_t literal_begin_ = 0;
  std::size_t literal_bytes_ = 0;
  bool checkpoint_ = false;
  bool type_seen_ = false;
  bool message_seen_ = false;
};

}  // namespace

std::optional<LineFault> check_json_object(std::string_view line, std::size_t& begin) {
  begin = json_skip_space(line, 0);
  const JsonEnd end = json_skip_value(line, begin);
  if (end.fault != JsonFault::kNone) return json_fault(end);
  const std::size_t rest = json_skip_space(line, end.at);
  if (rest != line.size()) return json_fault({rest, JsonFault::kSyntax});
  if (line[begin] != '{') return LineFault{RejectReason::kNotAnObject, "the line is JSON but not an object"};
  return std::nullopt;
}

std::optional<LineFault> cut_line(std::string_view line, CutLine& cut) {
  cut = CutLine();
  return Cutter(line, cut).run();
}

}  // namespace cmem
