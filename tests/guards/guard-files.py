# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every tracked file names its licence, and none names the machine or the tree that it was written in."""

import os
import pathlib
import re

import tap

SPDX = "SPDX-License-Identifier: LGPL-2.1-or-later"

# No comments in these formats, or the text of the licence itself. Golden files are compared whole.
BARE = re.compile(r"(^|/)COPYING$|^tests/data/|\.(json|abi|png|svg|img|txt)$|(^|/)version\.xml\.in$")

# Built from parts, so that this file does not hold what it looks for.
MARKS = re.compile("|".join(["FIX" + "ME", "\\bXX" + "X\\b", "TO" + "DO\\b", "<" * 7 + " ", ">" * 7 + " "]))

# Where anybody may have a source tree, and parents of one, that any text may name.
COMMON = {"/", "/root/libhotplug", "/tmp", "/var/tmp", "/srv", "/home", "/root", "/opt", "/mnt", "/usr/src", "/build", "/src"}


def machine_paths():
    """What only this machine has: the trees, the folder above them if it is a special one, home directories."""
    trees = {os.path.realpath(tap.SRC), os.path.realpath(tap.BUILD)}
    above = {os.path.dirname(os.path.realpath(tap.SRC))} - COMMON
    return re.compile("|".join([re.escape(path) + r"(?=/|\b)" for path in trees - COMMON] + [re.escape(p) + "/" for p in above]
                               + ["/home/" + r"[a-z][-a-z0-9]*/"]))


def lines_with(pattern, name):
    for number, line in enumerate((tap.SRC / name).read_text(errors="replace").splitlines(), 1):
        match = pattern.search(line)
        if match:
            yield f"{name}:{number}: {match.group(0)}"


def is_text(name):
    return b"\0" not in (tap.SRC / name).read_bytes()[:8192]


def main():
    report = tap.Tap()
    names = tap.tracked()
    if names is None:
        report.skip("every tracked file names its licence", "not a git tree")
        report.skip("no file names this machine", "not a git tree")
        report.done()
    names = [name for name in names if is_text(name)]
    report.check(
        f"every tracked file names its licence ({len(names)} files)",
        [name for name in names if not BARE.search(name) and SPDX not in (tap.SRC / name).read_text(errors="replace")[:1024]],
    )
    paths = machine_paths()
    report.check("no file names this machine", [text for name in names for text in lines_with(paths, name)])
    report.check("no file has a mark of unfinished work", [text for name in names for text in lines_with(MARKS, name)])
    blank = re.compile(r"[ \t]+$")
    report.check(
        "no line of code ends in blanks",
        [text.strip() for name in names if pathlib.Path(name).suffix in (".c", ".h", ".py", ".am", ".sh") for text in lines_with(blank, name)],
    )
    report.done()


main()
