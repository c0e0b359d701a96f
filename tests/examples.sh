# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2153
#
# What tests of example programs share; to be sourced. They report in the Test Anything Protocol.
# A program is called with URI, VMI and IMAGE, plugs the image, prints its target, and takes it out again.
src=${TOP_SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
python=${PYTHON:-python3}
machine=$src/tests/python/machine.py
work=$(mktemp -d)
count=0
failed=0
ROOT=

cleanup ()
{
  [ -z "$ROOT" ] || "$python" "$machine" down "$ROOT"
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP INT TERM

# point VERDICT TEXT
point ()
{
  count=$((count + 1))
  echo "$1 $count - $2"
  [ "$1" = ok ] || failed=1
}

finish ()
{
  echo "1..$count"
  exit $failed
}

# holds TEXT COMMAND…: a test point for a command, which tells what it printed only if it failed
holds ()
{
  text=$1
  shift
  if "$@" > "$work/output" 2>&1; then
    point ok "$text"
  else
    sed 's/^/# /' "$work/output"
    point "not ok" "$text"
    return 1
  fi
}

# Sets ROOT, URI, NAME and SOCKET of a booted guest, or ends the test with a skip
boot ()
{
  "$python" "$machine" up > "$work/machine" 2> "$work/errors"
  case $? in
    0)
      # shellcheck disable=SC1091
      . "$work/machine" ;;
    77)
      point ok "the examples run # SKIP $(cat "$work/errors")"
      finish ;;
    *)
      sed 's/^/# /' "$work/errors"
      point "not ok" "a guest boots"
      finish ;;
  esac
}

prints_target ()
{
  output=$("$@" "$URI" "$NAME" "$ROOT/data.img") || return
  echo "printed: $output"
  [ "$output" = sda ]
}

# plugs NAME COMMAND…: it leaves nothing behind, so the next one finds the machine as this one did
plugs ()
{
  name=$1
  shift
  truncate -s 8M "$ROOT/data.img"
  holds "$name plugs a disk and takes it out" prints_target "$@"
}
