// Writes messages out: as JSON lines, or as the source lines they came from.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "store/message_filter.h"
#include "store/store.h"

namespace cmem {

enum class ExportFormat { kJsonLines, kRaw };

// Takes a piece of output; false stops the export.
using ExportSink = std::function<bool(std::string_view bytes)>;

// The messages that pass, in id order, that is, as they were loaded. Returns how many were written; raw leaves out messages that
// did not come from a line. kCancelled when the sink stops. One read transaction: the output is one state of the store. Takes the
// read mutex.
Result<std::uint64_t> export_messages(Store& store, const MessageFilter& filter, ExportFormat format, const ExportSink& sink);

}  // namespace cmem
