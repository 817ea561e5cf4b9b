// Messages of extraction files that a home's message holds since: the first line of an event, or the sum of a saved file's
// versions. The writer notes them when the home's message comes; drop_extracted() takes them out, so that each event is one
// message. Nothing of their line is lost: it is kept as a further form of the line of the message that holds it.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/message_reader.h"
#include "store/store.h"

namespace cmem {

// In `meta`, until they are dropped or found to be messages of their own.
inline constexpr const char* kNoteExtracted = "INSERT OR IGNORE INTO main.meta VALUES('extracted:' || ?1, NULL)";

// Whether a message's shape is that of a line of an extraction file.
bool is_extraction_shape(std::string_view shape);

struct ExtractedLine {
  std::int64_t message_id = 0;
  std::int64_t holder_id = 0;  // 0: nothing holds it
  std::string origin;
  std::string bytes;
};

// Says which message holds the given one, and the line that it came from. In the writer's batch.
using FindHolder = std::function<Result<ExtractedLine>(Writer& writer, MessageReader& reader, const MessageRow& message)>;

// Drops what is noted and held; returns how many. Makes all derived data anew if there is any, in one transaction. To be called
// with the store's write mutex and outside of a batch; takes its read mutex. When it was cut off, the next call goes on.
Result<std::int64_t> drop_extracted(Store& store, Writer& writer, const FindHolder& find_holder);

}  // namespace cmem
