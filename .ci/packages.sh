# Debian packages this project needs, and a function that installs what is missing. Sourced by tests/run.sh and
# examples/quickstart.sh; `bash .ci/packages.sh build` (or `test`, `bench`) prints a list.

cmem_packages_build="g++ cmake ninja-build ccache pkg-config libsqlite3-dev libzstd-dev zlib1g-dev libxxhash-dev libssl-dev
  libsimdjson-dev libutf8proc-dev libstemmer-dev libfmt-dev nlohmann-json3-dev libcli11-dev"
cmem_packages_test="$cmem_packages_build catch2 python3 python3-venv python3-dev sqlite3 zstd gcovr abigail-tools binutils
  clang zsh fish chromium tzdata"
# The peers of bench/search_report.py; a peer that is not installed is left out, and named.
cmem_packages_bench="$cmem_packages_build python3 postgresql libxapian-dev liblucene8-java default-jdk-headless ripgrep"

# Two checkouts of one state share what ccache has: a fresh clone need not compile again what its parent did.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

# cmem_install PACKAGE...: installs the packages that are not there yet; needs no network when all are.
cmem_install() {
  local package missing=() run=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "note: this is not Debian or Ubuntu; please have these ready: $*" >&2
    return 0
  fi
  for package in "$@"; do
    case "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" in
      installed) ;;
      *) missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "error: these packages are missing and neither root nor sudo is at hand: ${missing[*]}" >&2
      echo "       run as root: apt-get install ${missing[*]}" >&2
      return 1
    fi
    run=(sudo)
  fi
  echo "installing: ${missing[*]}"
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null || true
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# Run, not sourced: print a list.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  case "${1:-build}" in
    build) echo $cmem_packages_build ;;
    test) echo $cmem_packages_test ;;
    bench) echo $cmem_packages_bench ;;
    *) echo "usage: bash .ci/packages.sh build|test|bench" >&2; exit 2 ;;
  esac
fi
