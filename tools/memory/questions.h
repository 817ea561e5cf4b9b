// The shared filter and page options as the library wants them.
#pragma once
#include <coditect/memory.hpp>
#include <string>
#include <vector>

#include "options.h"

namespace cli {

coditect::Filter filter_of(const Options& options);
coditect::Order order_of(const Options& options, coditect::Order fallback);

// QUERY…, with a space between.
std::string query_of(const Options& options);

// A filter option as a field of the query language: --date "last week" is `on:"last week"`.
struct QueryFieldText {
  std::string option;  // "--date"
  std::string name;    // "on"
  std::string text;    // name and value, quoted if it has to be
};
// Of all filter options that are given. Times stay as they are typed. A value that the language cannot write is a Failure.
std::vector<QueryFieldText> query_fields_of(const Options& options);

}  // namespace cli
