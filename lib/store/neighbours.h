// What stood next to a message in its file.
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "store/message_reader.h"

namespace cmem {

// The message with up to `before` messages in front of it and `after` behind it, of the same origin and session, in file order.
// A pasted text stands behind its prompt, among the prompts. Records without lines keep the order in which they were stored. Looks
// at no more than kMaxNeighbourLook messages on either side. kNotFound: no such message.
inline constexpr std::size_t kMaxNeighbourLook = 20'000;
Result<std::vector<std::int64_t>> neighbours_of(MessageReader& reader, std::int64_t message_id, std::uint32_t before,
                                                std::uint32_t after);

}  // namespace cmem
