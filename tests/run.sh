#!/usr/bin/env bash
# Runs every test of the project and ends with one line: N passed, N failed, N skipped. Exit code 0 only if nothing failed.
#
# usage: tests/run.sh [release] [debug] [asan] [tsan] [fuzz]      none = all
#
# Installs what is missing (apt, and Python packages into build/venv); when nothing is, it needs no network.
# Each step's output is in build/logs/. CMEM_JOBS sets how many compilers or test programs run side by side (default: all cores).
set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
root=$PWD
logs=$root/build/logs
. .ci/packages.sh

jobs=${CMEM_JOBS:-$(nproc)}
export CMAKE_BUILD_PARALLEL_LEVEL=$jobs
export CCACHE_SLOPPINESS=pch_defines,time_macros
export PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
# Tests choose their own time zone and store; the user's must not leak in.
unset CMEM_CRASH CODITECT_MEMORY_DB XDG_DATA_HOME NO_COLOR

min_line_coverage=90
fuzz_seconds=7
python=$root/build/venv/bin/python
results=$logs/results  # a line for each step: how many passed, failed and were skipped, and its name

# number_before WORD TEXT: 12 for "12 passed"; nothing if there is none.
number_before() {
  sed -n "s/.*\b\([0-9][0-9]*\) $1.*/\1/p" <<<"$2"
}

# count_catch LOG / count_summary LOG: sets p, f and s from what a runner printed.
count_catch() {
  p=$(sed -n 's/^All tests passed (.* in \([0-9]*\) test cases\?).*/\1/p' "$1" | tail -n 1)
  f=0
  if [ -z "$p" ]; then
    p=$(grep '^test cases:' "$1" | tail -n 1 | sed -n 's/.* \([0-9][0-9]*\) passed.*/\1/p')
    f=$(grep '^test cases:' "$1" | tail -n 1 | sed -n 's/.* \([0-9][0-9]*\) failed.*/\1/p')
  fi
  # Catch2 2.x cannot skip: our cases say "skipped: why" on a line of its own and pass.
  s=$(grep -ci '^skipped\b' "$1")
  p=$((${p:-0} - s))
}

count_summary() {
  local line errors
  line=$(grep -E '[0-9]+ (passed|failed|skipped|errors?)\b' "$1" | tail -n 1)
  p=$(number_before passed "$line") f=$(number_before failed "$line") s=$(number_before skipped "$line")
  errors=$(number_before error "$line")
  f=$((${f:-0} + ${errors:-0}))
}

# step KIND NAME COMMAND...: runs the command, counts its cases. KIND: build (counts only when it fails), catch (no case at all
# is a failure), or summary (pytest, or anything that ends with "N passed, N failed, N skipped"; else the command is one case).
step() {
  local kind=$1 name=$2 log begin code p=0 f=0 s=0
  shift 2
  log=$logs/${name// /-}.log
  begin=$SECONDS
  "$@" >"$log" 2>&1 </dev/null
  code=$?
  case $kind in
    catch) count_catch "$log" ;;
    summary) count_summary "$log" ;;
  esac
  p=${p:-0} f=${f:-0} s=${s:-0}
  [ "$p" -lt 0 ] && p=0
  [ $code -ne 0 ] && [ "$f" -eq 0 ] && f=1
  if [ $((p + f + s)) -eq 0 ]; then
    case $kind in catch) f=1 ;; summary) p=1 ;; esac
  fi
  echo "$p $f $s $name: ${log#"$root"/}" >>"$results"
  # One write, so that the lines of steps side by side do not mix.
  echo "$(report "$kind" "$name" "$log" $((SECONDS - begin)) "$p" "$f" "$s")"
  [ "$f" -eq 0 ]
}

report() {
  local kind=$1 name=$2 log=$3 seconds=$4 p=$5 f=$6 s=$7
  if [ "$f" -ne 0 ]; then
    printf '%-28s FAILED  %4d s  %d passed, %d failed, %d skipped\n' "$name" "$seconds" "$p" "$f" "$s"
    tail -n 40 "$log" | sed 's/^/    | /'
    return
  fi
  printf '%-28s ok      %4d s' "$name" "$seconds"
  [ "$kind" = build ] && echo || printf '  %d passed, %d skipped\n' "$p" "$s"
  grep -hiE '^skipped\b|^SKIPPED ' "$log" | sort -u | sed 's/^/    /' | head -n 20
}

# job KIND NAME COMMAND...: a step beside others, at most as many as there are cores. `wait` waits for all.
job() {
  while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n; done
  step "$@" &
}

# build PRESET [-DOPTION...] -- TARGET...
build() {
  local preset=$1 options=()
  shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  wait  # what compiles needs all cores
  step build "$preset configure" cmake --preset "$preset" "${options[@]}" || return 1
  step build "$preset build" cmake --build --preset "$preset" --target "$@"
}

make_venv() {
  local stamp
  stamp="$(python3 -V) $(cat tests/requirements.txt)"
  [ "$(cat build/venv/.stamp 2>/dev/null)" = "$stamp" ] && return 0
  python3 -m venv --clear build/venv && "$python" -m pip install -q -r tests/requirements.txt && echo "$stamp" >build/venv/.stamp
}

install_python_package() {
  "$python" -m pip install -q --no-build-isolation --no-deps --force-reinstall --config-settings=build-dir=build/python .
}

# Some kernels give addresses that ThreadSanitizer of g++ 12 does not expect; a fixed layout helps where it is allowed.
fixed_layout() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then setarch "$(uname -m)" -R "$@"; else "$@"; fi
}

coverage() {
  local percent
  gcovr --root . --filter lib/ --exclude-unreachable-branches --exclude-throw-branches --txt build/logs/coverage.txt \
        --print-summary build/debug/lib || return 1
  percent=$(sed -n 's/^TOTAL .* \([0-9][0-9]*\)%.*/\1/p' build/logs/coverage.txt)
  echo "line coverage of lib/: ${percent:-0} % (at least $min_line_coverage % is needed)"
  [ "${percent:-0}" -ge $min_line_coverage ]
}

run_release() {
  export CMEM_BUILD_DIR=$root/build/release MEMORY_BIN=$root/build/release/bin/memory CMEM_CORPUS_BIN=$root/build/release/bin/cmem-corpus
  build release -DCMEM_BUILD_TOOLS=ON -DCMEM_BUILD_BENCH=ON -DCMEM_BUILD_EXAMPLES=ON -DCMEM_BUILD_TESTS=ON -- \
        lib/all tools/memory/all bench/all examples/all cmem_capi_test cmem_search_oracle || return
  step build "python package" install_python_package && job summary "python" "$python" -m pytest -q -rs -p no:cacheprovider tests/python
  job summary "architecture" "$python" -m pytest -q -rs -p no:cacheprovider tests/arch
  job summary "C API, release" build/release/bin/cmem_capi_test
  job summary "command line" "$python" -m pytest -q -rs -p no:cacheprovider tests/cli
  job summary "homes" "$python" -m pytest -q -rs -p no:cacheprovider tests/home
  job summary "reports" "$python" -m pytest -q -rs -p no:cacheprovider tests/reports
  job summary "search quality" "$python" -m pytest -q -rs -p no:cacheprovider tests/quality
  job summary "search oracle" "$python" -m pytest -q -rs -p no:cacheprovider tests/oracle
  job build "corpus generator" python3 tests/unit/bench/test_corpus.py build/release/bin/cmem-corpus
  job build "search bench" python3 tests/unit/bench/test_search_bench.py build/release/bin
  job summary "install" "$python" -m pytest -q -rs -p no:cacheprovider tests/install
  job summary "examples" env PATH="$root/build/venv/bin:$PATH" bash tests/examples/run_examples.sh
}

run_debug() {
  build debug -DCMEM_BUILD_BENCH=OFF -DCMEM_BUILD_EXAMPLES=OFF -- cmem_unit_tests cmem_fault_tests cmem_wrapper_tests cmem_capi_test memory || return
  find build/debug -name '*.gcda' -delete
  job catch "unit" build/debug/bin/cmem_unit_tests "~[store]"
  job catch "unit, store" build/debug/bin/cmem_unit_tests "[store]"
  job catch "fault" build/debug/bin/cmem_fault_tests
  job summary "C API" build/debug/bin/cmem_capi_test
  job catch "C++ wrapper" build/debug/bin/cmem_wrapper_tests
  wait
  step summary "coverage" coverage
  grep -h '^line coverage' "$logs/coverage.log"
  [ -x build/release/bin/cmem-corpus ] || return
  export MEMORY_BIN=$root/build/release/bin/memory CMEM_CORPUS_BIN=$root/build/release/bin/cmem-corpus CMEM_HOOKS_BIN=$root/build/debug/bin/memory
  job summary "crash points" "$python" -m pytest -q -rs -p no:cacheprovider tests/fault/test_crash_points.py tests/fault/test_copy.py
  job summary "kills and faults" "$python" -m pytest -q -rs -p no:cacheprovider tests/fault --ignore tests/fault/test_crash_points.py \
      --ignore tests/fault/test_copy.py
  wait  # the next one fills all cores by itself, and measures how long they wait
  step summary "concurrency" "$python" -m pytest -q -rs -p no:cacheprovider tests/concurrency
}

run_asan() {
  build asan -DCMEM_BUILD_TOOLS=OFF -DCMEM_BUILD_BENCH=OFF -DCMEM_BUILD_EXAMPLES=OFF -- \
        cmem_unit_tests cmem_fault_tests cmem_wrapper_tests cmem_capi_test || return
  job catch "asan unit" build/asan/bin/cmem_unit_tests "~[store]"
  job catch "asan unit, store" build/asan/bin/cmem_unit_tests "[store]"
  job catch "asan fault" build/asan/bin/cmem_fault_tests "~[slow]"
  job summary "asan C API" build/asan/bin/cmem_capi_test
  job catch "asan C++ wrapper" build/asan/bin/cmem_wrapper_tests
}

run_tsan() {
  build tsan -DCMEM_BUILD_TOOLS=OFF -DCMEM_BUILD_BENCH=OFF -DCMEM_BUILD_EXAMPLES=OFF -- cmem_unit_tests cmem_wrapper_tests || return
  job catch "tsan unit" fixed_layout build/tsan/bin/cmem_unit_tests "[threads]"
  job catch "tsan C++ wrapper" fixed_layout build/tsan/bin/cmem_wrapper_tests "[threads]"
}

# fuzz CORPUS COMMAND... SEEDS...: what is found new stays in build/fuzz/CORPUS for the next run.
fuzz() {
  local corpus=build/fuzz/$1 program=build/fuzz/bin/$2
  shift 2
  mkdir -p "$corpus" build/fuzz/findings
  "$program" -max_total_time=$fuzz_seconds -timeout=10 -print_final_stats=1 -verbosity=1 -artifact_prefix=build/fuzz/findings/ \
    "$corpus" "$@"
}

fuzz_home() {
  fuzz "corpus_$1" cmem_fuzz_home "--parser=$1" -max_len=1024 -entropic=0 -dict=tests/fuzz/home.dict "tests/fuzz/$1"
}

fuzz_secrets() {
  build/fuzz/bin/cmem_fuzz_secrets --seeds=build/fuzz/planted || return
  fuzz corpus_secrets cmem_fuzz_secrets -max_len=1024 -entropic=0 -dict=tests/fuzz/secrets.dict tests/fuzz/secrets build/fuzz/planted
}

# Longer than a query may be, so that the limit is met too.
fuzz_query() {
  fuzz corpus_query cmem_fuzz_query -max_len=4100 -entropic=0 tests/fuzz/queries
}

have_libfuzzer() {
  clang++ -fsanitize=fuzzer,address,undefined -x c++ - -o /dev/null 2>/dev/null \
    <<<'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
}

run_fuzz() {
  # Debian only recommends libFuzzer's run time to clang, and its name has clang's version.
  have_libfuzzer || cmem_install "libclang-rt-$(clang++ -dumpversion | cut -d . -f 1)-dev"
  if ! have_libfuzzer; then
    step summary "fuzz" printf 'skipped: clang++ with libFuzzer is not here\n0 passed, 0 failed, 1 skipped\n'
    return
  fi
  build fuzz -DCMEM_BUILD_TOOLS=OFF -DCMEM_BUILD_BENCH=OFF -DCMEM_BUILD_EXAMPLES=OFF -- \
    cmem_fuzz_record_parser cmem_fuzz_home cmem_fuzz_secrets cmem_fuzz_query || return
  job summary "fuzz records" fuzz corpus cmem_fuzz_record_parser tests/cli/fixtures
  local parser
  for parser in debug transcript history todos codex whole_file; do job summary "fuzz $parser" fuzz_home $parser; done
  job summary "fuzz secrets" fuzz_secrets
  job summary "fuzz queries" fuzz_query
}

for config in "$@"; do
  case $config in
    release | debug | asan | tsan | fuzz) ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done

mkdir -p "$logs"
: >"$results"
cmem_install $cmem_packages_test || exit 1
step build "python environment" make_venv
for config in "${@:-release debug asan tsan fuzz}"; do
  for each in $config; do "run_$each"; done
done
wait

echo
printf 'took %d min %d s; logs in build/logs\n' $((SECONDS / 60)) $((SECONDS % 60))
sed -nE 's/^[0-9]+ [1-9][0-9]* [0-9]+ /failed: /p' "$results"
awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }' "$results"
