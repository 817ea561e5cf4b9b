// The parsers of the agents' files, by format. home_parser.cc says which kind of file has which.
#pragma once
#include <memory>

#include "source/home_parser.h"

namespace cmem {

std::unique_ptr<HomeParser> make_history_parser(const HomeFile& file, HomeParserOptions options);
std::unique_ptr<HomeParser> make_debug_parser(const HomeFile& file, HomeParserOptions options);
std::unique_ptr<HomeParser> make_transcript_parser(const HomeFile& file, HomeParserOptions options);
std::unique_ptr<HomeParser> make_todos_parser(const HomeFile& file, HomeParserOptions options);
std::unique_ptr<HomeParser> make_task_parser(const HomeFile& file, HomeParserOptions options);
// One record for a whole file: plans, notes, tool results, shell snapshots, folders of session environments, file versions.
std::unique_ptr<HomeParser> make_whole_file_parser(const HomeFile& file, HomeParserOptions options);
std::unique_ptr<HomeParser> make_file_version_parser(const HomeFile& file, HomeParserOptions options);
// No records.
std::unique_ptr<HomeParser> make_silent_parser(const HomeFile& file, HomeParserOptions options);
std::unique_ptr<HomeParser> make_codex_rollout_parser(const HomeFile& file, HomeParserOptions options);
std::unique_ptr<HomeParser> make_codex_history_parser(const HomeFile& file, HomeParserOptions options);

}  // namespace cmem
