#include "failure.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <iterator>
#include <system_error>

#include "json_text.h"
#include "text.h"

namespace cli {
namespace {

struct StatusRow {
  cmem_status status;
  int exit_code;
  std::string_view hint;
};

constexpr StatusRow kStatuses[] = {
    {CMEM_OK, kExitOk, ""},
    {CMEM_DONE, kExitOk, ""},
    {CMEM_E_INVALID, kExitUsage, "`memory VERB --help` shows what is possible"},
    {CMEM_E_NOT_FOUND, kExitNothingFound, "`memory messages`, `memory session list` and `memory ingest runs` show what there is"},
    {CMEM_E_AMBIGUOUS, kExitUsage, "give the full path or id"},
    {CMEM_E_BUSY, kExitBusy, "try again when the other process is done; `memory doctor` shows the locks"},
    {CMEM_E_CANCELLED, kExitInterrupted, "run the same command again to go on"},
    {CMEM_E_REJECTED, kExitRejected, "mend the line, or load without --strict to keep the rest"},
    {CMEM_E_CORRUPT, kExitCorrupt, "keep the file as it is; `memory doctor --deep` says more; restore from a backup"},
    {CMEM_E_IO, kExitIo, "look at the disk and at the permissions of the file and its folder"},
    {CMEM_E_FULL, kExitIo, "make room, then run the same command again"},
    {CMEM_E_NEWER_FORMAT, kExitNewerFormat, "use a newer version of this program"},
    {CMEM_E_NOT_A_STORE, kExitUsage, "name the right file with --db"},
    {CMEM_E_READ_ONLY, kExitUsage, "`memory sql` only reads; other verbs need write permission on the file and its folder"},
    {CMEM_E_LIMIT, kExitUsage, "ask for less"},
    {CMEM_E_NO_MEMORY, kExitInternal, "close other programs, then try again"},
    {CMEM_E_INTERNAL, kExitInternal, "this is a defect: please report it with the message above"},
};

const StatusRow* find(cmem_status status) {
  for (const StatusRow& row : kStatuses) {
    if (row.status == status) return &row;
  }
  return nullptr;
}

cmem_status status_of_errno(int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
  return full ? CMEM_E_FULL : CMEM_E_IO;
}

std::string as_json_text(const Failure& failure) {
  std::string out = R"({"error":{"code":)";
  fmt::format_to(std::back_inserter(out), R"({},"kind":"{}","message":)", failure.status(), cmem_status_name(failure.status()));
  append_json_string(out, failure.what());
  out += R"(,"hint":)";
  append_json_string(out, failure.hint());
  return out + "}}\n";
}

std::string as_lines(const Failure& failure) {
  std::string out = "memory: " + printable_line(failure.what()) + "\n";
  if (!failure.hint().empty()) out += "hint: " + printable_line(failure.hint()) + "\n";
  return out;
}

}  // namespace

int exit_code_of(cmem_status status) {
  const StatusRow* row = find(status);
  return row == nullptr ? kExitInternal : row->exit_code;
}

std::string_view hint_of(cmem_status status) {
  const StatusRow* row = find(status);
  return row == nullptr ? std::string_view() : row->hint;
}

Failure system_failure(std::string_view what, int error_number) {
  const cmem_status status = status_of_errno(error_number);
  return {status, fmt::format("{}: {}", what, std::generic_category().message(error_number)), std::string(hint_of(status))};
}

void report(const Failure& failure, bool as_json) {
  const std::string text = as_json ? as_json_text(failure) : as_lines(failure);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace cli
