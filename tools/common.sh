# Shared by the scripts beside it: where the project is, how to speak, how to find Python.
# Sourced, not run. Keeps to bash and the Python standard library, so that it works before
# anything is installed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv

say() { printf '%s\n' "iqx: $*"; }

stop() {
  printf '%s\n' "iqx: $*" >&2
  exit 1
}

# Prints the path of a Python 3.11 or newer. PYTHON=path chooses another one.
find_python() {
  local name
  for name in ${PYTHON:-python3.11 python3 python3.12 python3.13}; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

# Stops with a sentence unless the project's file system has $1 megabytes to spare.
need_space() {
  local free_mb
  free_mb=$(df -Pm "$root" | awk 'NR == 2 { print $4 }')
  if [ "$free_mb" -lt "$1" ]; then
    stop "The disk is full: $free_mb MB are free at $root and $1 MB are needed. Free some space and run the command again."
  fi
}

# Says why an installation that wrote to `log` failed, and stops.
explain_failure() {
  tail -n 15 "$log" >&2 || true
  if grep -q -i 'no space left' "$log"; then
    stop "The disk is full. Free about ${need_mb:-800} MB at $root and run the command again."
  fi
  stop "$1 The whole answer is in .run/$(basename "$log")."
}

has_node() {
  command -v npm >/dev/null 2>&1 &&
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' >/dev/null 2>&1
}

# The JavaScript packages of the web app and of the checks; nothing of them runs while installed.
install_javascript() {
  if [ ! -f package-lock.json ]; then return; fi
  local wanted
  wanted=$(sha256sum package-lock.json | cut -d' ' -f1)
  if [ "$(cat node_modules/.stamp 2>/dev/null)" = "$wanted" ]; then return; fi
  if ! has_node; then
    stop "Node 20 or newer with npm is missing: install it (nodejs.org, or your package tool) and run the command again."
  fi
  say "Installing the JavaScript packages locked in package-lock.json."
  npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 ||
    explain_failure "The JavaScript packages could not be installed: check the network connection and run the command again."
  printf '%s\n' "$wanted" >node_modules/.stamp
}

# True when commands can run as root without asking; sets the array `as_root`.
find_root() {
  as_root=()
  if [ "$(id -u)" = 0 ]; then return 0; fi
  if command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; then
    as_root=(sudo -n)
    return 0
  fi
  return 1
}

# need_program PROGRAM PACKAGE...: installs the packages through apt when the program is missing.
need_program() {
  local program=$1
  shift
  if PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null 2>&1; then return 0; fi
  if ! command -v apt-get >/dev/null 2>&1; then
    stop "$program is missing and this system has no apt. Install $* with your package tool and run the command again."
  fi
  if ! find_root; then
    stop "$program is missing. Install it and run the command again: sudo apt-get install -y --no-install-recommends $*"
  fi
  say "Installing $* through apt ($program is missing)."
  # The packages' own services stay stopped: the tests start private instances.
  local policy=/usr/sbin/policy-rc.d held=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
    held=yes
  fi
  local failed=no
  { "${as_root[@]}" apt-get update -q &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends "$@"; } >"$root/.run/apt.log" 2>&1 || failed=yes
  if [ "$held" = yes ]; then "${as_root[@]}" rm -f "$policy"; fi
  if [ "$failed" = yes ]; then
    tail -n 5 "$root/.run/apt.log" >&2
    stop "apt could not install $* (the whole answer is in .run/apt.log). Install it by hand and run the command again."
  fi
}

mkdir -p "$root/.run"
