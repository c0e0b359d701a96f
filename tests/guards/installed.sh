#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# installed.sh PREFIX: uses what is installed below PREFIX as a stranger would, with no build tree in the environment.
# The examples of README.md are run by tests/test-readme-examples.sh.
set -euo pipefail

prefix=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

libdir=$(dirname "$(find "$prefix" -name 'libhotplug-1.0.so.0' | head -n 1)")
pythondir=$(dirname "$(dirname "$(dirname "$(find "$prefix" -path '*/gi/overrides/Hotplug.py' | head -n 1)")")")

# clean COMMAND…: with nothing in the environment but where the installation is
clean ()
{
  env -i PATH="$prefix/bin:/usr/local/bin:/usr/bin:/bin" HOME="$work" LC_ALL=C.UTF-8 LD_LIBRARY_PATH="$libdir" \
    PKG_CONFIG_PATH="$libdir/pkgconfig" GI_TYPELIB_PATH="$libdir/girepository-1.0" PYTHONPATH="$pythondir" \
    PYTHONDONTWRITEBYTECODE=1 "$@"
}

cat > version.c <<'END'
#include <hotplug/hotplug.h>

int
main (void)
{
  g_print ("%s\n", hotplug_get_runtime_version ());
  return HOTPLUG_CHECK_VERSION (0, 1, 0) ? 0 : 1;
}
END
# shellcheck disable=SC2046
clean cc -Wall -Wextra -Werror version.c -o version $(clean pkg-config --cflags --libs libhotplug-1.0)
echo "C: libhotplug $(clean ./version)"

clean /usr/bin/python3 - <<'END'
import gi

gi.require_version("Hotplug", "1.0")
from gi.repository import Hotplug

volume = Hotplug.Volume.new_for_path("data", "/srv/data.img")
assert volume.get_name() == "data", volume.get_name()
try:
    Hotplug.Volume.new_for_path("Not A Name", "/srv/data.img")
except Exception as error:
    print("Python: libhotplug", Hotplug.get_runtime_version(), "says:", error)
else:
    raise SystemExit("a volume of no legal name was made")
END

if [ -x "$prefix/bin/hotplugctl" ]; then
  clean hotplugctl --version
fi
