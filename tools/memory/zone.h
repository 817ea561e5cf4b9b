// The time zone of a run.
#pragma once
#include <string>

#include "options.h"

namespace cli {

// Makes the zone that --tz names the local one of this process; before the store is opened and any thread runs. A zone that the
// system does not know is a Failure: the C library would take it for UTC.
void use_zone(const Options& options);

// "Europe/Berlin", "UTC", or "local time" where it has no name.
std::string zone_name(const Options& options);

}  // namespace cli
