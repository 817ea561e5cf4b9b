// What a record of a conversation is, and how its text is folded: the same on terminals and in Markdown.
#pragma once
#include <string>
#include <string_view>

#include "message_head.h"

namespace cli {

enum class RecordKind {
  kSpeech,  // a prompt or a reply
  kCall,
  kResult,
  kThinking,
  kBookkeeping,  // what the agent keeps for itself: titles, snapshots, hooks
};

RecordKind record_kind_of(const RowView& row);
// Without --full these are left out, unless they tell of an error.
bool is_left_out(const RowView& row);

// A reply may end with a call: its text is the reply's, a line with the tool's name, and a line for each argument.
struct SpeechAndCall {
  std::string_view speech;
  std::string_view call;  // empty: none
};
SpeechAndCall split_speech(std::string_view content, std::string_view tool);

// A call as its tool and the argument that says most: "Bash", "git status".
struct FoldedCall {
  std::string_view tool;
  std::string_view argument;
};
FoldedCall fold_call(std::string_view content);

// "(12 lines, 1.2 kB)", empty for one short line.
std::string size_note(std::string_view content);
// The first line that is not empty, "(nothing)" if there is none.
std::string_view first_line(std::string_view content);

}  // namespace cli
