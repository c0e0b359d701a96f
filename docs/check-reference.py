# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reference is whole: every symbol documented, every page and index in the book. Run where gtk-doc built it.

gtk-doc's own check also wants a sentence above a `Returns:` that says it all; that one is not asked for.
"""

import os
import pathlib
import re

import tap
from headers import Api, docs

MODULE = "libhotplug"
BOOK = tap.SRC / "docs/libhotplug-docs.xml"
HERE = pathlib.Path(os.environ.get("DOCS_BUILDDIR") or ".")


def lines(suffix):
    path = HERE / f"{MODULE}-{suffix}.txt"
    return [line for line in path.read_text().splitlines() if line.strip()] if path.exists() else []


def undocumented():
    """What gtk-doc counts as undocumented, or documented in part; the first lines are its totals."""
    functions, blocks = Api().functions, docs()
    for line in lines("undocumented"):
        name = line.split()[0]
        if not re.match(r"(hotplug_|HOTPLUG_|Hotplug)", name):
            continue
        whole = " " not in line and name in functions and name in blocks and blocks[name].returns
        if not whole:
            yield line


def main():
    report = tap.Tap()
    pages = [path.name for path in (HERE / "xml").glob("*.xml")]
    report.check(f"the reference was built ({len(pages)} pages)", [] if pages else ["docs/xml is empty"])
    report.check("every symbol is documented", undocumented())
    report.check("every symbol of the sections file is declared", lines("undeclared"))
    report.check("every declared symbol is in the sections file", lines("unused"))
    book = BOOK.read_text()
    optional = ("annotation-glossary.xml", "gtkdocentities.ent", "object_index.xml", "tree_index.sgml")
    report.check(
        "every page and index is in libhotplug-docs.xml",
        [page for page in pages if f'"xml/{page}"' not in book and page not in optional],
    )
    report.done()


main()
