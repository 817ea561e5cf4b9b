// What a writer keeps so that files are given back byte for byte: whole files, and lines beside those that messages came from.
#include "base/varint.h"
#include "store/writer.h"

namespace cmem {
namespace {

constexpr std::string_view kWholeLineShape = "%U%l";

// Of the shape above: its one slot is explicit.
std::string whole_line_residue(std::string_view bytes) {
  std::string residue;
  put_varint(residue, 1);
  put_varint(residue, bytes.size());
  residue += bytes;
  return residue;
}

}  // namespace

Status Writer::add_file(std::string_view origin, std::string_view bytes, std::int64_t mtime_ms) {
  if (!forgotten_.empty() && forgotten_.has_file(origin, bytes)) return {};
  const auto add = [&]() -> Status {
    CMEM_ASSIGN_OR_RETURN(const std::int64_t origin_id, origins_.intern(db_, origin));
    return files_.add(db_, origin_id, bytes, mtime_ms);
  };
  auto status = add();
  if (!status) rollback();
  return status;
}

Status Writer::add_tracked_path(std::string_view path) {
  auto status = files_.add_tracked_path(db_, path);
  if (!status) rollback();
  return status;
}

Status Writer::add_line(std::string_view origin, std::int64_t line, std::string_view bytes) {
  auto status = keep_line(origin, line, bytes);
  if (!status) rollback();
  return status;
}

// A line of a file is the newest that was kept for its place, so that a file may be written anew, also as it was before.
Status Writer::keep_line(std::string_view origin, std::int64_t line, std::string_view bytes) {
  if (has_forgotten(origin, line, bytes)) return {};
  CMEM_ASSIGN_OR_RETURN(const std::int64_t origin_id, origins_.intern(db_, origin));
  CMEM_ASSIGN_OR_RETURN(const RecordCopy newest, newest_at(origin_id, line));
  if (newest.id == 0 && bytes.empty()) return {};  // a line that is not known is empty
  const std::string residue = whole_line_residue(bytes);
  if (newest.id != 0 && newest.message_id == 0) {
    CMEM_ASSIGN_OR_RETURN(const bool same, has_residue(newest.id, residue));
    if (same) return {};
  }
  return add_line_row({0, 0, origin_id, line, 0, 0}, bytes);
}

Status Writer::add_line_row(RecordCopy copy, std::string_view bytes) {
  CMEM_ASSIGN_OR_RETURN(copy.shape_id, shapes_.intern(db_, kWholeLineShape));
  return add_copy_row(copy, whole_line_residue(bytes));
}

// The message is known at this place. Keeps its line if the newest one there is another: the file was written anew, or the message
// was loaded from an extraction file before.
Status Writer::keep_form(const NewMessage& message, std::int64_t origin_id, std::int64_t position, std::int64_t message_id) {
  CMEM_ASSIGN_OR_RETURN(const RecordCopy newest, newest_at(origin_id, position));
  CMEM_ASSIGN_OR_RETURN(const std::int64_t shape_id, shapes_.intern(db_, message.shape));
  if (newest.message_id == message_id && newest.shape_id == shape_id) {
    CMEM_ASSIGN_OR_RETURN(const bool same, has_residue(newest.id, message.residue));
    if (same) return {};
  }
  return add_copy_row({0, message_id, origin_id, position, 0, shape_id}, message.residue);
}

// The row of `message` or `record_copy` that was added last for a place; id 0: none.
Result<RecordCopy> Writer::newest_at(std::int64_t origin_id, std::int64_t position) {
  CMEM_ASSIGN_OR_RETURN(const auto* const messages, occurrences_.find(db_, origin_id, position));
  const std::int64_t message_id = messages->empty() ? 0 : messages->back();
  CMEM_ASSIGN_OR_RETURN(RecordCopy newest, identities_.newest_at(db_, origin_id, position));
  if (message_id < newest.id || message_id == 0) return newest;
  CMEM_TRY(prepare_select_row());
  CMEM_TRY(select_row_->bind(1, message_id));
  CMEM_ASSIGN_OR_RETURN(const bool row, select_row_->step());
  newest = {message_id, message_id, origin_id, position, 0, row ? select_row_->column_int(6) : 0};
  select_row_->reset();
  return newest;
}

Result<bool> Writer::has_residue(std::int64_t id, std::string_view residue) {
  CMEM_ASSIGN_OR_RETURN(const auto pending, records_.pending(id));
  if (pending) return *pending == residue;
  CMEM_ASSIGN_OR_RETURN(const std::string_view stored, known_records_.read(db_, id));
  return stored == residue;
}

Status Writer::add_copy_row(RecordCopy copy, std::string_view residue) {
  copy.id = state_.next_message_id++;
  CMEM_TRY(identities_.add_copy(db_, copy));
  records_.append(residue);
  doc_values_.add(kNoTime, 0, 0);
  return {};
}

}  // namespace cmem
