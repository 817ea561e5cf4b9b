// SQL functions of ours, and what is needed to let people run SQL of their own without harm.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem::sqlite {

// From a row id to text, or to NULL. A failure becomes the statement's error.
using IdFunction = std::function<Result<std::optional<std::string>>(std::int64_t id)>;

// Defines name(id) on the connection; a NULL argument gives NULL. The function lives until the connection closes.
Status define_id_function(Connection& db, const char* name, IdFunction function);

// False for a statement that would change a database file.
[[nodiscard]] bool is_read_only(const Statement& statement) noexcept;

// True if nothing but white space, comments and semicolons stands behind the first statement of `sql`.
[[nodiscard]] bool is_one_statement(Connection& db, std::string_view sql) noexcept;

// No other database can be attached from now on.
void forbid_attach(Connection& db) noexcept;

}  // namespace cmem::sqlite
