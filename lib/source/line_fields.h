// How the derived slots of a line are written, for the parser (which checks) and for render_line (which writes).
#pragma once
#include <string>
#include <string_view>

#include "source/record_shape.h"

namespace cmem {

// "debug/x.txt" -> "x.txt"
std::string_view last_component(std::string_view origin) noexcept;
// origin, with ":line-N" if position >= 1.
std::string compose_source(std::string_view origin, std::int64_t position);
// Splits what compose_source would compose again to the same bytes; position 0 if there is no line in it.
std::string_view split_source(std::string_view source, std::int64_t& position) noexcept;
// What Python's json.dumps({"content": ..., "role": ...}, sort_keys=True) writes.
void append_message_json(std::string& out, std::string_view content, std::string_view role);

}  // namespace cmem
