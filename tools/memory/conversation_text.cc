#include "conversation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "text.h"

namespace cli {
namespace {

constexpr std::string_view kTellingArguments[] = {"command",     "cmd",     "file_path", "notebook_path", "pattern",
                                                  "description", "subject", "query",     "url",           "skill"};

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

bool is_telling(std::string_view name) {
  return std::find(std::begin(kTellingArguments), std::end(kTellingArguments), name) != std::end(kTellingArguments);
}

}  // namespace

RecordKind record_kind_of(const RowView& row) {
  const std::string_view role = row.text("role");
  if (role == "user" || role == "assistant") return RecordKind::kSpeech;
  if (role == "tool_use") return RecordKind::kCall;
  if (role == "tool_result") return RecordKind::kResult;
  return role == "thinking" ? RecordKind::kThinking : RecordKind::kBookkeeping;
}

bool is_left_out(const RowView& row) {
  const RecordKind kind = record_kind_of(row);
  if (row.text("level") == "ERROR") return false;
  if (kind == RecordKind::kSpeech) return row.text("content").empty();
  return kind == RecordKind::kThinking || kind == RecordKind::kBookkeeping;
}

SpeechAndCall split_speech(std::string_view content, std::string_view tool) {
  if (tool.empty()) return {content, {}};
  const std::string line = "\n" + std::string(tool) + "\n";
  const std::size_t at = content.rfind(line);
  if (at != std::string_view::npos) return {content.substr(0, at), content.substr(at + 1)};
  // A call without arguments.
  if (content.ends_with("\n" + std::string(tool)))
    return {content.substr(0, content.size() - tool.size() - 1), content.substr(content.size() - tool.size())};
  return {content, {}};
}

FoldedCall fold_call(std::string_view content) {
  FoldedCall call;
  call.tool = take_line(content);
  while (!content.empty()) {
    const std::string_view line = take_line(content);
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) {
      if (call.argument.empty()) call.argument = line;
      continue;
    }
    const std::string_view value = line.substr(colon + 2);
    if (is_telling(line.substr(0, colon))) return {call.tool, value};
    if (call.argument.empty()) call.argument = value;
  }
  return call;
}

std::string_view first_line(std::string_view content) {
  while (!content.empty()) {
    const std::string_view line = take_line(content);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return line;
  }
  return "(nothing)";
}

std::string size_note(std::string_view content) {
  while (content.ends_with('\n')) content.remove_suffix(1);
  const auto lines = std::count(content.begin(), content.end(), '\n') + 1;
  constexpr std::size_t kShortBytes = 400;
  if (lines == 1 && content.size() <= kShortBytes) return {};
  return fmt::format("({}, {})", counted(lines, "line"), byte_count(static_cast<std::int64_t>(content.size())));
}

}  // namespace cli
