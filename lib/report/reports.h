// The reports, each in a file of its own.
#pragma once
#include "report/report.h"

namespace cmem {

extern const Report kProjectActivity;
extern const Report kComponentUsage;
extern const Report kErrorAnalysis;

}  // namespace cmem
