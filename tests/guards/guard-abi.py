# SPDX-License-Identifier: LGPL-2.1-or-later
"""The ABI still has all that the last release had, as `make abi-baseline` wrote it down below tests/abi.

Twice, because each sees what the other doesn't: the introspection data knows ownership, enum values, properties and signals;
abidiff reads what the compiler made, but abidiff 2.2 loses functions that other files of the library call too.
"""

import os
import sys
import xml.etree.ElementTree as ET

import tap

INTERFACE = tap.SRC / "tests/abi/interface-1.0"
BASELINE = tap.SRC / "tests/abi/libhotplug-1.0.abi"
LIBRARY = tap.BUILD / ".libs/libhotplug-1.0.so"
GIR = tap.BUILD / "bindings/Hotplug-1.0.gir"

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
CALLABLES = ("function", "method", "constructor")


def attributes(node, *names):
    return [f"{name}={node.get(name)}" for name in names if node.get(name)]


def type_of(node):
    """The C type of a parameter, a return value or a property, with the types of its elements."""
    found = [child for child in node.iter() if child.tag in (CORE + "type", CORE + "array")]
    return " of ".join(child.get(C + "type") or child.get("name") or "array" for child in found)


def value(node):
    return " ".join([type_of(node), *attributes(node, "transfer-ownership", "nullable", "optional", "direction")])


def signature(node):
    parameters = node.findall(f"{CORE}parameters/*")
    result = value(node.find(CORE + "return-value"))
    return " ".join([f"({', '.join(value(parameter) for parameter in parameters)}) -> {result}", *attributes(node, "throws")])


def interface(root):
    """One line for each promise of the interface."""
    for owner in root.iter():
        name = owner.get(C + "type") or owner.get(GLIB + "type-name")
        if owner.get(GLIB + "get-type"):
            yield f"type {name} {owner.tag.removeprefix(CORE)} {' '.join(attributes(owner, 'parent'))}".rstrip()
        for node in owner:
            kind = node.tag.removeprefix(CORE).removeprefix(GLIB)
            if kind in CALLABLES:
                yield f"function {node.get(C + 'identifier')} {signature(node)}"
            elif kind == "member":
                yield f"value {node.get(C + 'identifier')} = {node.get('value')} \"{node.get(GLIB + 'nick')}\""
            elif kind == "property":
                yield f"property {name}:{node.get('name')} {value(node)} {' '.join(attributes(node, 'writable', 'construct-only'))}"
            elif kind == "signal":
                yield f"signal {name}::{node.get('name')} {signature(node)}"


def current():
    return sorted({line.rstrip() for line in interface(ET.parse(GIR).getroot())})


def check_interface(report):
    name = "the interface has all of the last release"
    if not INTERFACE.exists():
        report.skip(name, "nothing was released yet")
    elif not GIR.exists():
        report.skip(name, "configured without introspection")
    else:
        released = [line for line in INTERFACE.read_text().splitlines() if line and not line.startswith("#")]
        report.check(f"{name} ({len(released)} promises)", [f"gone or changed: {line}" for line in set(released) - set(current())])


def check_library(report):
    name = "the library is compatible with the last release"
    abidiff = os.environ.get("ABIDIFF", "no")
    if not BASELINE.exists():
        report.skip(name, "nothing was released yet")
    elif abidiff == "no":
        report.skip(name, "abidiff is not installed")
    elif ".debug_info" not in tap.run("readelf", "-S", "-W", LIBRARY).stdout:
        report.skip(name, "the library has no debug information")
    else:
        headers = tap.SRC / "include"
        done = tap.run(abidiff, "--no-added-syms", "--headers-dir1", headers, "--headers-dir2", headers, BASELINE, LIBRARY)
        for line in (done.stdout + done.stderr).splitlines():
            print(f"# {line}")
        report.check(name, [] if done.returncode == 0 else [f"abidiff says {done.returncode}, see above"])


def main():
    if sys.argv[1:] == ["--release"]:
        print("# SPDX-License-Identifier: LGPL-2.1-or-later")
        print("# The interface of the last release, a line a promise; made by `make abi-baseline`")
        print("\n".join(current()))
        return
    report = tap.Tap()
    check_interface(report)
    check_library(report)
    report.done()


main()
