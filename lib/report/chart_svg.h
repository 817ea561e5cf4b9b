// Charts as SVG, without script: bars say their value when a pointer rests on them, and to screen readers. Colours are classes s0 …
// s7 that the page gives.
#pragma once
#include <string>

#include "report/chart.h"

namespace cmem {

// `id` is unlike that of any other chart of the page.
std::string chart_svg(const Chart& chart, const std::string& id);
// 0.0 to what a chart shows: "3 h 12 min", "1,494".
std::string chart_value_text(const Chart& chart, double value);

}  // namespace cmem
