// Makes a Record from the values of a line, and decides for each slot whether the record's fields give its bytes again.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/line_cutter.h"
#include "source/record.h"
#include "source/record_shape.h"
#include "source/shape_set.h"
#include "source/text_arena.h"

namespace cmem {

// The values of one line, by slot. `learned` is null if only the whole line can be kept.
struct LineValues {
  std::string_view line;  // without its newline and byte order mark
  std::string_view mark;  // the byte order mark before it
  bool has_newline = true;
  SourceType source_type = SourceType::kProgram;
  const std::vector<ShapePiece>* pieces = nullptr;
  const std::vector<RawValue>* values = nullptr;
  const RoleIndex* index = nullptr;
  const LearnedShape* learned = nullptr;
  bool overflow = false;
};

class RecordBuilder {
 public:
  RecordBuilder(const ShapeSet& shapes, bool check_hashes) : shapes_(shapes), check_hashes_(check_hashes) {}

  // Must be called before the first line of a chunk: decoded strings go to `arena`, which outlives the records.
  void begin_chunk(TextArena& arena);
  // Fills all fields but line_number and byte_offset.
  std::optional<LineFault> build(const LineValues& line, Record& record);

 private:
  [[nodiscard]] const RawValue* value(SlotRole role) const noexcept;
  std::optional<LineFault> read_string(SlotRole role, const char* name, std::string_view& out);
  std::string_view decode(const RawValue& raw);
  std::optional<LineFault> read_content();
  std::optional<LineFault> read_time();
  std::optional<LineFault> read_origin();
  std::optional<LineFault> read_people();
  void read_checkpoint_time();
  void read_debug_fields();
  void read_session_of_origin();
  void choose_style();
  void check_hash();
  void set_fingerprint();
  bool same_string(const RawValue& raw, std::string_view text);
  bool derivable(SlotRole role, const RawValue& raw);
  void write_residue();
  void write_whole_line();

  const ShapeSet& shapes_;
  bool check_hashes_;
  TextArena* arena_ = nullptr;
  const LineValues* line_ = nullptr;
  Record* record_ = nullptr;

  std::string_view content_;
  bool content_derivable_ = false;
  JsonStyle style_ = JsonStyle::kUtf8;
  bool hash_derivable_ = false;
  std::string_view source_;
  std::optional<std::int64_t> timestamp_;
  std::string scratch_;
  std::string residue_;
  std::string_view last_residue_;  // in the arena; the lines of one file often have the same
  // Lines of one origin follow each other: the session in it is looked for once.
  std::string last_origin_;
  std::size_t session_begin_ = 0;
  std::size_t session_size_ = 0;
};

}  // namespace cmem
