#!/usr/bin/env bash
# From a fresh checkout to a memory that answers: builds the `memory` command, loads messages into one file, asks it.
#
# usage: examples/quickstart.sh [--db FILE] [PATH]
#   PATH  the home of a coding agent, or an extraction file or folder (JSONL). Without it: your own homes ($CLAUDE_CONFIG_DIR or
#         ~/.claude, $CODEX_HOME or ~/.codex) if there are any, else the small sample in examples/data/sample.
#   --db  the store to load into; without it build/quickstart/memory.db, so that your own store is not touched.
#
# Reads only what it says it reads, asks nothing, and may be run again: loading the same files twice adds nothing.
set -u -o pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
. "$root/.ci/packages.sh"

usage() { sed -n '4,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

db=$root/build/quickstart/memory.db
path=
while [ $# -gt 0 ]; do
  case $1 in
    --db) [ $# -ge 2 ] || { usage >&2; exit 2; }; db=$2; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) path=$1 ;;
  esac
  shift
done
if [ -n "$path" ] && [ "$path" != - ] && [ ! -e "$path" ]; then
  echo "error: there is no $path" >&2
  exit 2
fi

say() { printf '\n== %s\n' "$*"; }

# show EXPLANATION ARGUMENTS...: runs `memory` on the store. Exit code 1 means "nothing found", which is an answer.
show() {
  local code word
  printf '\n-- %s\n' "$1"
  shift
  printf '$ memory'
  for word in "$@"; do
    case $word in
      *[!A-Za-z0-9_./:=-]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  "$memory" --db "$db" "$@" </dev/null
  code=$?
  [ $code -eq 1 ] && echo "(nothing found)"
  [ $code -eq 3 ] && [ "$1" = ingest ] && return  # some records are bad: it said so
  [ $code -le 1 ] || { echo "error: memory $1 ended with exit code $code" >&2; exit $code; }
}

# agent_of FOLDER: whose home it is; nothing if it is none.
agent_of() {
  if [ -d "$1/projects" ] || [ -d "$1/debug" ]; then echo claude; elif [ -d "$1/sessions" ]; then echo codex; fi
}

# load FOLDER_OR_FILE: as what it is.
load() {
  local agent
  agent=$(agent_of "$1")
  if [ -n "$agent" ]; then
    show "$2 ($agent keeps its files there; credentials and settings are not opened)." ingest "$agent" "$1"
  else
    show "$2" ingest load-extraction "$1"
  fi
}

say "1 of 4: what is needed to build"
cmem_install $cmem_packages_build || exit 1
echo "all there"

say "2 of 4: building (a few minutes the first time, seconds after that)"
cd "$root" || exit 1
mkdir -p build/quickstart
log=$root/build/quickstart/build.log
if ! { cmake --preset release && cmake --build --preset release --target memory; } >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "error: the build failed; all of its output is in $log" >&2
  exit 1
fi
memory=$root/build/release/bin/memory
echo "$memory: $("$memory" version | head -n 1)"
cd - >/dev/null || exit 1

say "3 of 4: loading"
sample=$root/examples/data/sample
sources=()
if [ -n "$path" ]; then
  sources=("$path")
  echo "You named it: $path"
else
  for home in "${CLAUDE_CONFIG_DIR:-${HOME:-/nonexistent}/.claude}" "${CODEX_HOME:-${HOME:-/nonexistent}/.codex}"; do
    [ -n "$(agent_of "$home")" ] && sources+=("$home")
  done
  if [ ${#sources[@]} -gt 0 ]; then
    echo "Your coding agents' homes:"
    printf '  %s\n' "${sources[@]}"
  else
    sources=("$sample")
    echo "There is no home of a coding agent, so this loads the sample that comes with the project:"
    echo "  ${sources[0]}"
  fi
fi
echo "Into the store $db"
mkdir -p "$(dirname "$db")"
for source in "${sources[@]}"; do load "$source" "Load the messages"; done
if [ -z "$path" ] && [ "$("$memory" --db "$db" --format csv sql 'SELECT count(*) FROM session_messages' | tail -n 1 | tr -cd '0-9')" = 0 ]; then
  sources=("$sample")
  printf '\n%s\n' "They have no message yet. So that there is something to ask, this loads the sample that comes with the project:" "  $sample"
  load "$sample" "Load the messages"
fi
for source in "${sources[@]}"; do load "$source" "Load them again: a message is known by where it comes from, so nothing is new"; done

say "4 of 4: asking"
show "What is in it?" stats
show "Which projects?" project list
show "Which sessions came last?" session list --limit 5
show "Which parts of the tool logged the most?" component list
show "How many messages a day? Any SQL that reads may be asked." \
     sql 'SELECT substr(timestamp, 1, 10) AS day, count(*) AS messages FROM session_messages GROUP BY day ORDER BY day DESC LIMIT 7'
day=$("$memory" --db "$db" --format csv sql 'SELECT max(substr(timestamp, 1, 10)) FROM session_messages' | tail -n 1 | tr -cd '0-9-')
show "Messages of one day: the last five of it." --utc messages --date "${day:-today}" --limit 5
show "Search in the text of all messages, best first. Matches are marked." search error --limit 5
show "What was done on that day?" day "${day:-today}"
show "How much was worked on which project, week by week?" report project-activity

say "What next"
cat <<END
  alias memory='$memory --db $db'
  memory search '"a phrase" word* -without' --project NAME --date week     search with filters
  memory messages --date 2025-11-15..2025-11-17 --level ERROR              list by time and level
  memory session show ID                                                   a session from start to end
  memory ingest watch                                                      load what your agents write, as they write it
  memory stats --format json                                               for scripts; also jsonl and csv
  memory export --raw > all.jsonl                                          your lines back, byte for byte
  memory --help                                                            everything else
Load something else:  ./examples/quickstart.sh FOLDER
Use it from a program: examples/*.c, examples/*.cc, examples/*.py
END
