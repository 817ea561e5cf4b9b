// Facets as rows.
#pragma once
#include <memory>
#include <vector>

#include "capi/table.h"
#include "search/facets.h"

namespace cmem {

// The columns that cmem_search_facets describes.
Result<std::unique_ptr<Table>> facet_table(Result<std::vector<Facet>> facets);

}  // namespace cmem
