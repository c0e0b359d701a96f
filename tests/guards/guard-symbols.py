# SPDX-License-Identifier: LGPL-2.1-or-later
"""The version script, the exported symbols, the introspection data and the reference pages tell of the same functions."""

import hashlib
import re
import sys
import xml.etree.ElementTree as ET

import tap

MAP = "libhotplug/libhotplug-1.0.map"
SECTIONS = "docs/libhotplug-sections.txt"
RELEASED = "tests/abi/released-maps"
GIR = "bindings/Hotplug-1.0.gir"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"


def map_blocks():
    """The blocks of the version script: release -> its text."""
    text = (tap.SRC / MAP).read_text()
    return dict(re.findall(r"^LIBHOTPLUG_(\d+\.\d+) \{(.*?)^\}", text, re.M | re.S))


def map_symbols(blocks):
    return {name: release for release, text in blocks.items() for name in re.findall(r"^\s*(\w+);", text, re.M)}


def exported_symbols():
    listing = tap.run("nm", "-D", "--defined-only", tap.BUILD / ".libs/libhotplug-1.0.so")
    return dict(re.findall(r"^\w+ [A-Z] (\w+)@@LIBHOTPLUG_(\S+)$", listing.stdout, re.M))


def gir_symbols():
    """Each function of the introspection data, and each type's get_type, with its Since:."""
    found = {}
    for node in ET.parse(tap.BUILD / GIR).getroot().iter():
        function = node.get(C + "identifier")
        if function and not node.tag.endswith(("member", "constant")):
            found[function] = node.get("version")
        get_type = node.get(GLIB + "get-type")
        if get_type and get_type.startswith("hotplug_"):
            found[get_type] = node.get("version")
    return found


def documented_symbols():
    return set(re.findall(r"^(hotplug_\w+)$", (tap.SRC / SECTIONS).read_text(), re.M))


def missing(names, there, advice):
    return [f"{name} {advice}" for name in set(names) - set(there)]


def digest(block):
    return hashlib.sha256(block.encode()).hexdigest()


def released():
    """The digests of the map's blocks at their release: release -> digest."""
    lines = (tap.SRC / RELEASED).read_text().splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def print_new(blocks):
    """The lines that a release adds to RELEASED."""
    for release in blocks.keys() - released().keys():
        print(release, digest(blocks[release]))


def changed(blocks):
    """A released block of the map never changes: its digest was written down at the release."""
    for release, written in released().items():
        if digest(blocks.get(release, "")) != written:
            yield f"LIBHOTPLUG_{release} is not as it was released: new symbols go into a new block"


def main():
    report = tap.Tap()
    blocks = map_blocks()
    if sys.argv[1:] == ["--release"]:
        print_new(blocks)
        return
    mapped, documented = map_symbols(blocks), documented_symbols()
    report.check("released blocks of the map are unchanged", changed(blocks))

    exported = exported_symbols()
    report.check("the library exports something", [] if exported else ["nm shows no symbol of libhotplug-1.0.so"])
    report.check("exported symbols are in the map", missing(exported, mapped, f"is exported and not in {MAP}"))
    report.check("symbols of the map are exported", missing(mapped, exported, f"is in {MAP} and not exported: no source defines it"))
    report.check("symbols of the map are documented", missing(mapped, documented, f"is in {MAP} and not in {SECTIONS}"))
    report.check("documented symbols are in the map", missing(documented, mapped, f"is in {SECTIONS} and not in {MAP}"))

    if not (tap.BUILD / GIR).exists():
        report.skip("introspection data matches the map", "configured without introspection")
        report.done()
    known = gir_symbols()
    report.check("symbols of the map are in the introspection data", missing(mapped, known, f"is in {MAP} and not in {GIR}"))
    report.check("symbols of the introspection data are in the map", missing(known, mapped, f"is in {GIR} and not in {MAP}"))
    report.check("each symbol of the introspection data has its Since:", [name for name, since in known.items() if since is None])
    report.check(
        "each symbol is in the map's block of its Since:",
        [
            f"{name} says Since: {since} and is in block LIBHOTPLUG_{mapped[name]}"
            for name, since in known.items()
            if since and name in mapped and mapped[name] != since
        ],
    )
    report.done()


main()
