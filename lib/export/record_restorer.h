// What a stored message's record was: its line byte for byte, its hash, its other fields.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "source/record_shape.h"
#include "store/message_reader.h"

namespace cmem {

// One thread at a time. The reader must outlive it.
class RecordRestorer {
 public:
  explicit RecordRestorer(MessageReader& reader) : reader_(&reader) {}

  // The source line with its line end as it was loaded. Empty for a message that did not come from a line. kCorrupt: the parts do
  // not fit.
  Result<std::string> line(const MessageRow& message);
  // Another line that gives the message, of this shape; its residue has an id of its own.
  Result<std::string> line_of_copy(const MessageRow& message, const std::string& shape, std::int64_t copy_id);
  // A line that gives no message.
  Result<std::string> kept_line(const std::string& shape, std::int64_t copy_id);
  // Whether the message's line is one of a home's file; if not, it is one of an extraction file, or there is none.
  Result<bool> is_home_line(const MessageRow& message);
  // The hash that the record gave if it follows no known rule, else the SHA-256 of the content, in hex.
  Result<std::string> hash(const MessageRow& message);
  // JSON object of the record's other fields; "{}" if there are none.
  Result<std::string> metadata(const MessageRow& message);

 private:
  Result<const Shape*> parsed(const std::string& shape);
  Result<const Shape*> shape_of(const MessageRow& message);
  Result<std::string> render(const Shape& shape, const LineFields& fields, std::int64_t residue_id);
  Result<std::string> render_message(const MessageRow& message, const Shape& shape, std::int64_t residue_id);

  MessageReader* reader_;
  std::unordered_map<std::string, std::unique_ptr<Shape>> shapes_;
};

}  // namespace cmem
