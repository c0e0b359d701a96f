#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The samples in JavaScript and Vala do what they say, as far as their languages are installed here.
. "${TOP_SRCDIR:-$(dirname "$0")/..}/tests/examples.sh"
build=${TOP_BUILDDIR:-.}

have ()
{
  command -v "$1" > /dev/null || { point ok "$2 # SKIP there is no $1"; return 1; }
}

vala_api ()
{
  (cd "$work" && vapigen --quiet --library libhotplug-1.0 --pkg gio-2.0 "$build/bindings/Hotplug-1.0.gir")
}

# valac's C code has warnings of its own
vala_compiles ()
{
  valac --vapidir "$work" --pkg gio-2.0 --pkg libhotplug-1.0 -o "$work/plug" "$src/bindings/vala/plug.vala" \
    -X -w -X "-I$src/include" -X "-I$build/include" -X "-L$build/.libs" -X -lhotplug-1.0
}

js=
vala=
have gjs plug.js && js=yes
have valac plug.vala && have vapigen plug.vala && holds "plug.vala: the GIR makes a Vala API" vala_api \
  && holds "plug.vala compiles" vala_compiles && vala=yes
[ -n "$js$vala" ] || finish

boot
[ -z "$js" ] || plugs plug.js gjs "$src/bindings/gjs/plug.js"
[ -z "$vala" ] || plugs plug.vala "$work/plug"
finish
