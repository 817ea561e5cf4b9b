// SHA-256 of a file's stored bytes.
#pragma once
#include <string>

#include "base/result.h"

namespace cmem {

// Hex digest. kNotFound, kIo.
Result<std::string> hash_file(const std::string& path);

}  // namespace cmem
