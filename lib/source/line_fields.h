// How the derived slots of a line are written, for the parser (which checks) and for render_line (which writes).
#pragma once
#include <cstdint>
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
// The first UUID in `text`; empty if there is none.
std::string_view uuid_in(std::string_view text) noexcept;
// A negative number for what tells a record without a line apart, so that it is never taken for a line.
std::int64_t fingerprint(std::string_view identity) noexcept;
// One part of an identity, so that no two lists of parts are the same bytes.
void append_identity(std::string& identity, std::string_view part);
// What Python's json.dumps({"content": ..., "role": ...}, sort_keys=True) writes.
void append_message_json(std::string& out, std::string_view content, std::string_view role);

}  // namespace cmem
