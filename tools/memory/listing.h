// Rows from a cursor to a printer: limit, position of the next page, and what is said about them.
#pragma once
#include <coditect/memory.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "context.h"
#include "printer.h"

namespace cli {

inline constexpr std::int64_t kDefaultLimit = 20;

struct ListingPlan {
  std::span<const std::string_view> table_columns = {};  // empty = all
  std::string_view nothing = {};                         // what is noted when there is no row
  std::int64_t limit = 0;                                // rows to print, 0 = all
  std::string_view json_members = {};                    // as in Listing
  RowMembers row_members = {};
};

// --limit as given, or `fallback`.
std::int64_t limit_of(const Options& options, std::int64_t fallback = kDefaultLimit);

// The limit to ask the library for: one row more than is printed tells whether there is a next page.
std::uint64_t probe_limit(std::int64_t limit);

// Prints up to plan.limit rows and notes what was left out. Returns kExitOk, or kExitNothingFound when there is no row.
int print_listing(Context& context, coditect::Cursor& cursor, const ListingPlan& plan);
int print_listing(Context& context, coditect::Cursor& cursor, const ListingPlan& plan, Printer& printer);

}  // namespace cli
