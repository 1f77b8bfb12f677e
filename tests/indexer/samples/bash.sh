#!/usr/bin/env bash
# Copyright the authors of the example.
set -euo pipefail

source "$(dirname "$0")/colors.sh"
. ./settings.sh

readonly TARGET="${1:-build}"
declare -A SIZES=([small]=1 [large]=9)

# Prints a message to standard error and stops.
#
# $1: the message
die() {
  echo "error: $1" >&2
  exit 1
}

## Copies a folder to another machine.
function upload_folder() {
  local folder="$1" host="$2"
  retry() {
    for attempt in 1 2 3; do
      "$@" && return 0
    done
    return 1
  }
  retry rsync -a "$folder/" "$host:/srv/"
}

function log::info {
  printf '%s\n' "$*"
}

in_subshell() (
  cd /tmp
  ls
)

is_large() [[ "${SIZES[$1]}" -gt 5 ]]

usage() {
  cat <<EOF
usage: $0 [target]
fake() { not a function; }
EOF
}

main() {
  [ -d "$TARGET" ] || die "no $TARGET"
  upload_folder "$TARGET" example.org
  log::info "done"
} 2>&1

main "$@"
