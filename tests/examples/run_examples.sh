#!/usr/bin/env bash
# Runs every program in examples/ on the bundled sample and compares what it must say. Ends with "N passed, N failed, N skipped".
#
# usage: tests/examples/run_examples.sh [BUILD_FOLDER] [PYTHON]
#   BUILD_FOLDER: where the examples were built (default: $CMEM_BUILD_DIR or build/release)
#   PYTHON: an interpreter with coditect_memory (default: python3)
set -u -o pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd) || exit 1
build=$(cd "${1:-${CMEM_BUILD_DIR:-$root/build/release}}" && pwd) || exit 1
python=${2:-python3}
examples=$root/examples
bin=$build/bin/examples
sample=$examples/data/sample
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

# expect NAME PATTERN COMMAND...: the command must succeed and print a line that fits the pattern (grep -E).
expect() {
  local name=$1 pattern=$2 out
  shift 2
  if out=$("$@" 2>&1 </dev/null) && grep -qE -- "$pattern" <<<"$out"; then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s: %q does not say /%s/:\n%s\n' "$name" "$*" "$pattern" "$out"
  fi
}

# refuse NAME PATTERN COMMAND...: the command must fail with exit code 1 and say why.
refuse() {
  local name=$1 pattern=$2 out code
  shift 2
  out=$("$@" 2>&1 </dev/null)
  code=$?
  if [ $code -eq 1 ] && grep -qE -- "$pattern" <<<"$out"; then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s: exit code %s, %s\n' "$name" "$code" "$out"
  fi
}

skip() {
  skipped=$((skipped + 1))
  echo "skipped: $1"
}

c_db=$work/c.db
expect "C: load" '^614 new messages from 6 files, 4 were there, 0 bad records' "$bin/load_and_query_c" "$c_db" shop-api "$sample"
expect "C: load again" '^0 new messages from 6 files, 618 were there' "$bin/load_and_query_c" "$c_db" shop-api "$sample"
expect "C: search" '\[[Aa]uthentication\] \[setup\]' "$bin/search_c" "$c_db" "authentication setup"
expect "C: search in a time range" '^0 texts match' "$bin/search_c" "$c_db" "authentication setup" 2024-01
expect "C: append" '^2 messages are stored, the first with id 615' "$bin/append_c" "$c_db" "deployed version 2.4" "all checks green"
expect "C: search what was appended" '\[deployed\]' "$bin/search_c" "$c_db" deployed today
refuse "C: no such file" '^error \(not-found\)' "$bin/load_and_query_c" "$c_db" shop-api "$work/absent.jsonl"
refuse "C: no store" '^error \(not-found\)' "$bin/search_c" "$work/absent.db" x
refuse "C: bad time" '^error \(invalid\)' "$bin/search_c" "$c_db" x "when pigs fly"

cc_db=$work/cc.db
expect "C++: load" '^614 new messages, 4 were there' "$bin/load_and_query_cc" "$cc_db" shop-api "$sample"
expect "C++: errors of a project" '^[1-9][0-9]* errors in shop-api' "$bin/load_and_query_cc" "$cc_db" shop-api "$sample"
expect "C++: append and search" 'asked the team about the lighthouse outage' "$bin/search_and_append_cc" "$cc_db"
refuse "C++: no such file" '^error \(not-found\)' "$bin/load_and_query_cc" "$cc_db" shop-api "$work/absent.jsonl"

py_db=$work/py.db
if "$python" -c 'import coditect_memory' 2>/dev/null; then
  expect "Python: ingest and query" '^614 new messages, 4 were there' "$python" "$examples/ingest_and_query.py" "$py_db" "$sample"
  expect "Python: search" '\[[Aa]uthentication\] \[setup\]' "$python" "$examples/search.py" "$py_db" "authentication setup" shop-api
  expect "Python: append" '\[ERROR\] 2 of 340 tests failed' "$python" "$examples/append.py" "$py_db"
  refuse "Python: no store" '^error: ' "$python" "$examples/search.py" "$work/absent.db" x
  if "$python" -c 'import pandas, pyarrow' 2>/dev/null; then
    expect "Python: pandas" '^2025-11-15 ' "$python" "$examples/to_pandas.py" "$py_db"
  else
    skip "to_pandas.py: pandas and pyarrow are not installed"
  fi
else
  skip "the Python examples: $python has no coditect_memory"
fi

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" 2>&1 || cat "$work/install.log"
expect "find_package: configure" 'Generating done' \
       cmake -S "$examples/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release
expect "find_package: build" 'Built target consumer|Linking C executable' cmake --build "$work/consumer"
expect "find_package: run" 'messages, [0-9]+ distinct texts' "$work/consumer/consumer" "$c_db"
pc=$(dirname "$(find "$work/prefix" -name coditect_memory.pc)")
expect "pkg-config: build" '^built$' env PKG_CONFIG_PATH="$pc" sh -c \
       'cc -o "$1/one-liner" "$2/consumer/consumer.c" $(pkg-config --cflags --libs coditect_memory) && echo built' sh "$work" "$examples"
expect "pkg-config: run" 'distinct texts' env LD_LIBRARY_PATH="$(dirname "$pc")" "$work/one-liner" "$c_db"

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
