#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# README.md shows docs/examples/plug.c and plug.py word for word, but for their licence line, and both do what it says:
# built and run against the library that is installed below $HOTPLUG_PREFIX, and nothing of the build tree, they plug a
# disk into a booted guest and take it out.
src=${TOP_SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
python=${PYTHON:-python3}
here=$src/tests/python
work=$(mktemp -d)
ROOT=

cleanup ()
{
  [ -z "$ROOT" ] || "$python" "$here/machine.py" down "$ROOT"
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP INT TERM

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

skip ()
{
  point ok "the examples run # SKIP $1"
  finish
}

# The first block of a language in the README
block ()
{
  awk -v fence="\`\`\`$1" '$0 == fence && !done { inside = 1; next } inside && /^```/ { inside = 0; done = 1 } inside' \
    "$src/README.md"
}

shown ()
{
  block "$1" > "$work/shown" 2> /dev/null
  grep -v SPDX-License-Identifier: "$src/docs/examples/$2" > "$work/file"
  if [ ! -s "$work/shown" ]; then
    point "not ok" "README.md has a \`\`\`$1 block that is $2"
  elif diff "$work/shown" "$work/file" > "$work/difference"; then
    point ok "README.md has a \`\`\`$1 block that is $2"
  else
    sed 's/^/# /' "$work/difference"
    point "not ok" "README.md has a \`\`\`$1 block that is $2"
  fi
}

# An example prints the disk's target and leaves nothing behind, so the next one finds the machine as this one did.
plugs ()
{
  name=$1
  shift
  truncate -s 8M "$ROOT/data.img"
  if output=$("$@" "$URI" "$NAME" "$ROOT/data.img" 2> "$work/errors") && [ "$output" = sda ]; then
    point ok "$name plugs a disk and takes it out"
  else
    echo "# printed: $output"
    sed 's/^/# /' "$work/errors"
    point "not ok" "$name plugs a disk and takes it out"
  fi
}

count=0
failed=0

shown c plug.c
shown python plug.py

[ -n "${HOTPLUG_PREFIX-}" ] || skip "HOTPLUG_PREFIX does not say where the library is installed"

pc=$(find "$HOTPLUG_PREFIX" -name libhotplug-1.0.pc | head -n 1)
typelib=$(find "$HOTPLUG_PREFIX" -name Hotplug-1.0.typelib | head -n 1)
override=$(find "$HOTPLUG_PREFIX" -path '*/gi/overrides/Hotplug.py' | head -n 1)
if [ -z "$pc" ] || [ -z "$typelib" ] || [ -z "$override" ]; then
  point "not ok" "$HOTPLUG_PREFIX has the .pc file, the typelib and the Python module"
  finish
fi
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir libhotplug-1.0)
modules=${override%/gi/overrides/Hotplug.py}

# shellcheck disable=SC2046
if ${CC:-cc} -o "$work/plug" "$src/docs/examples/plug.c" -Wall -Werror $(pkg-config --cflags --libs libhotplug-1.0) \
  > "$work/errors" 2>&1; then
  point ok "plug.c compiles with what pkg-config says and nothing else"
else
  sed 's/^/# /' "$work/errors"
  point "not ok" "plug.c compiles with what pkg-config says and nothing else"
  finish
fi

"$python" "$here/machine.py" up > "$work/machine" 2> "$work/errors"
case $? in
  0) . "$work/machine" ;;
  77) skip "$(cat "$work/errors")" ;;
  *) sed 's/^/# /' "$work/errors"; point "not ok" "a guest boots"; finish ;;
esac

plugs plug.c env -i PATH="$PATH" LD_LIBRARY_PATH="$libdir" "$work/plug"
plugs plug.py env -i PATH="$PATH" LD_LIBRARY_PATH="$libdir" GI_TYPELIB_PATH="$(dirname "$typelib")" PYTHONPATH="$modules" \
  PYTHONDONTWRITEBYTECODE=1 "$python" "$src/docs/examples/plug.py"
finish
