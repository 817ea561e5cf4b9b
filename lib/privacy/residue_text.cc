#include "privacy/residue_text.h"

#include "base/bytes.h"
#include "base/varint.h"
#include "source/record_shape.h"

namespace cmem {
namespace {

constexpr std::size_t kLiteralBytes = 80;

}  // namespace

Result<const std::vector<std::string>*> ShapeLiterals::of(std::int64_t shape_id) {
  const auto known = literals_.find(shape_id);
  if (known != literals_.end()) return &known->second;
  std::vector<std::string> before;
  CMEM_ASSIGN_OR_RETURN(auto select, db_.prepare("SELECT text FROM main.shape WHERE id = ?1"));
  CMEM_TRY(select.bind(1, shape_id));
  CMEM_ASSIGN_OR_RETURN(const bool row, select.step());
  if (row) {
    // A shape that cannot be read has no literals: its values are looked at alone.
    if (const auto shape = Shape::parse(as_text(select.column_blob(0))))
      for (const ShapePiece& piece : shape->pieces())
        before.push_back(piece.literal.substr(piece.literal.size() - std::min(piece.literal.size(), kLiteralBytes)));
  }
  return &literals_.emplace(shape_id, std::move(before)).first->second;
}

Result<std::string_view> ShapeLiterals::before(std::int64_t shape_id, std::size_t slot) {
  CMEM_ASSIGN_OR_RETURN(const auto* const literals, of(shape_id));
  return slot < literals->size() ? std::string_view((*literals)[slot]) : std::string_view();
}

Result<ShapesById> ShapesById::open(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare("SELECT m.id, c.shape_id FROM main.message m JOIN main.context c ON c.id = m.context_id "
                                   "UNION ALL SELECT id, shape_id FROM main.record_copy ORDER BY 1"));
  return ShapesById(std::move(rows));
}

Result<std::int64_t> ShapesById::of(std::int64_t id) {
  while (!started_ || (at_row_ && rows_.column_int(0) < id)) {
    started_ = true;
    CMEM_ASSIGN_OR_RETURN(at_row_, rows_.step());
  }
  return at_row_ && rows_.column_int(0) == id ? rows_.column_int(1) : 0;
}

Result<std::optional<std::string>> edit_residue(std::string_view residue, std::int64_t shape_id, ShapeLiterals& literals,
                                                const ValueEdit& edit) {
  VarintReader reader(residue);
  const std::uint64_t mask = reader.next();
  std::string edited;
  put_varint(edited, mask);
  bool changed = false;
  for (std::size_t slot = 0; slot < kMaxShapeSlots; ++slot) {
    if ((mask >> slot & 1) == 0) continue;
    const std::string_view value = reader.take(reader.next());
    CMEM_ASSIGN_OR_RETURN(const std::string_view before, literals.before(shape_id, slot));
    const auto put = edit(before, value);
    changed = changed || put;
    const std::string_view bytes = put ? std::string_view(*put) : value;
    put_varint(edited, bytes.size());
    edited.append(bytes);
  }
  if (!reader.ok()) return Unexpected(Code::kCorrupt, "record_block: a residue is cut short; restore a backup");
  return changed ? std::optional(std::move(edited)) : std::nullopt;
}

}  // namespace cmem
