// Reads cmem_filter and cmem_page.
#pragma once
#include <coditect/memory.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "search/searcher.h"
#include "store/message_filter.h"
#include "store/message_scan.h"

namespace cmem {

// NULL: everything.
Result<MessageFilter> read_filter(const cmem_filter* filter);
Result<cmem_page> read_page(const cmem_page* page);

// cmem_cursor_position as text, "<order><tier>:<score bits>:<time>:<id>", and back. kInvalid: not a position, or of another order.
std::string to_position(char order, const Hit& hit);
Result<std::optional<Hit>> read_position(const char* text, char order);

}  // namespace cmem
