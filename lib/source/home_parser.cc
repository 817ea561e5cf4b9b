#include "source/home_parser.h"

#include <array>
#include <utility>

#include "source/home_parsers.h"

namespace cmem {
namespace {

using Maker = std::unique_ptr<HomeParser> (*)(const HomeFile&, HomeParserOptions);

struct Format {
  HomeFileKind kind;
  Maker make;
};

constexpr std::array<Format, 15> kFormats = {{
    {HomeFileKind::kHistory, make_history_parser},
    {HomeFileKind::kDebug, make_debug_parser},
    {HomeFileKind::kTranscript, make_transcript_parser},
    {HomeFileKind::kToolResult, make_whole_file_parser},
    {HomeFileKind::kAgentMeta, make_silent_parser},
    {HomeFileKind::kTodos, make_todos_parser},
    {HomeFileKind::kTask, make_task_parser},
    {HomeFileKind::kFileVersion, make_file_version_parser},
    {HomeFileKind::kShellSnapshot, make_whole_file_parser},
    {HomeFileKind::kSessionEnv, make_whole_file_parser},
    {HomeFileKind::kPlan, make_whole_file_parser},
    {HomeFileKind::kMemoryNote, make_whole_file_parser},
    {HomeFileKind::kPastedText, make_silent_parser},
    {HomeFileKind::kCodexRollout, make_codex_rollout_parser},
    {HomeFileKind::kCodexHistory, make_codex_history_parser},
}};

}  // namespace

std::unique_ptr<HomeParser> make_home_parser(const HomeFile& file, HomeParserOptions options) {
  for (const Format& format : kFormats) {
    if (format.kind == file.kind) return format.make(file, std::move(options));
  }
  return make_silent_parser(file, std::move(options));
}

}  // namespace cmem
