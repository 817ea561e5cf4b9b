// The reports, each in a file of its own.
#pragma once
#include "report/report.h"

namespace cmem {

extern const Report kProjectActivity;
extern const Report kComponentUsage;
extern const Report kErrorAnalysis;
extern const Report kTimeline;
extern const Report kSessionActivity;
extern const Report kExtractionAudit;
extern const Report kSessionReport;

}  // namespace cmem
