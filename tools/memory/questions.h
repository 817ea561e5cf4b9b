// The shared filter and page options as the library wants them.
#pragma once
#include <coditect/memory.hpp>

#include "options.h"

namespace cli {

coditect::Filter filter_of(const Options& options);
coditect::Order order_of(const Options& options, coditect::Order fallback);

}  // namespace cli
