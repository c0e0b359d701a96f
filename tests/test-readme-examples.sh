#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# README.md shows docs/examples/plug.c and plug.py word for word, but for their licence line, and both do what it says:
# built and run against the library that is installed below $HOTPLUG_PREFIX, and nothing of the build tree, they plug a
# disk into a booted guest and take it out.
. "${TOP_SRCDIR:-$(dirname "$0")/..}/tests/examples.sh"

# The first block of a language in the README
block ()
{
  awk -v fence="\`\`\`$1" '$0 == fence && !done { inside = 1; next } inside && /^```/ { inside = 0; done = 1 } inside' \
    "$src/README.md"
}

shows ()
{
  block "$1" > "$work/shown" || return
  grep -v SPDX-License-Identifier: "$src/docs/examples/$2" > "$work/file"
  diff "$work/shown" "$work/file"
}

holds "README.md has a \`\`\`c block that is plug.c" shows c plug.c
holds "README.md has a \`\`\`python block that is plug.py" shows python plug.py

if [ -z "${HOTPLUG_PREFIX-}" ]; then
  point ok "the examples run # SKIP HOTPLUG_PREFIX does not say where the library is installed"
  finish
fi

found ()
{
  find "$HOTPLUG_PREFIX" -path "$1" | head -n 1
}

pc=$(found '*/libhotplug-1.0.pc')
typelib=$(found '*/Hotplug-1.0.typelib')
override=$(found '*/gi/overrides/Hotplug.py')
complete ()
{
  [ -n "$pc" ] && [ -n "$typelib" ] && [ -n "$override" ]
}
holds "$HOTPLUG_PREFIX has the .pc file, the typelib and the Python module" complete || finish

PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir libhotplug-1.0)
modules=${override%/gi/overrides/Hotplug.py}

# shellcheck disable=SC2046,SC2086
holds "plug.c compiles with what pkg-config says and nothing else" \
  ${CC:-cc} -Wall -Wextra -Werror -o "$work/plug" "$src/docs/examples/plug.c" \
  $(pkg-config --cflags --libs libhotplug-1.0) || finish

boot
plugs plug.c env -i PATH="$PATH" LD_LIBRARY_PATH="$libdir" "$work/plug"
plugs plug.py env -i PATH="$PATH" LD_LIBRARY_PATH="$libdir" GI_TYPELIB_PATH="$(dirname "$typelib")" \
  PYTHONPATH="$modules" PYTHONDONTWRITEBYTECODE=1 "$python" "$src/docs/examples/plug.py"
finish
