# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names the members of enumerations as C does.

g-ir-scanner takes the names from the nicks, and the nicks here are KubeVirt's words: bindings would have READONLYMANY,
where C has HOTPLUG_ACCESS_MODE_READ_ONLY_MANY.
"""

import re
import sys
import xml.etree.ElementTree as tree

C = "http://www.gtk.org/introspection/c/1.0"
CORE = "http://www.gtk.org/introspection/core/1.0"


def renamed(text):
    names = {}
    for enumeration in tree.fromstring(text).iter(f"{{{CORE}}}enumeration"):
        words = re.findall("[A-Z][a-z0-9]*", enumeration.get(f"{{{C}}}type"))
        prefix = "_".join(words).upper() + "_"
        for member in enumeration.iter(f"{{{CORE}}}member"):
            identifier = member.get(f"{{{C}}}identifier")
            if not identifier.startswith(prefix):
                sys.exit(f"{identifier} does not begin with {prefix}")
            names[identifier] = identifier[len(prefix):].lower()
    return re.sub(
        r'(<member name=")[^"]*("[^>]*?c:identifier=")([^"]*)',
        lambda found: f"{found[1]}{names[found[3]]}{found[2]}{found[3]}" if found[3] in names else found[0],
        text,
    )


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as scanned, open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write(renamed(scanned.read()))
