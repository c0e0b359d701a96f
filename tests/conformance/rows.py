# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of docs/conformance.md, and which test of which program answers them."""

import re

ROW = re.compile(r"F[DMPSLXW]\d\d|[VNPM]\d\d")
STATES = ("covered", "in part", "planned")


def rows_of(path):
    """The rows that a path such as /conformance/V01/V02/file names."""
    match = re.match(r"/conformance/((?:(?:F[DMPSLXW]|[VNPM])\d\d(?:/|$))+)", path)
    return ROW.findall(match.group(1)) if match else []


def claimed(text):
    """What the table says: row → (scenario, state, programs)."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and ROW.fullmatch(cells[0]):
            rows[cells[0]] = (cells[1], cells[2], re.findall(r"`([^`]+)`", cells[3]))
    return rows


def carried(tests, listed):
    """What the sources below the folder TESTS carry: row → programs. Only those of which the makefile LISTED has a word."""
    rows = {}
    for source in sorted(tests.rglob("test-*")):
        program = source.relative_to(tests.parent).with_suffix("") if source.suffix == ".c" else source.relative_to(tests.parent)
        if source.suffix not in (".c", ".py", ".sh") or str(program) not in listed:
            continue
        for path in re.findall(r"/conformance/[-\w/%]*", source.read_text()):
            for row in rows_of(path):
                rows.setdefault(row, set()).add(str(program.relative_to("tests")))
    return rows


def answered(logs):
    """What test logs say: row → [(verdict, path)]; verdict is ok, not ok or skip."""
    rows = {}
    for log in logs:
        for line in log.read_text(errors="replace").splitlines():
            match = re.match(r"(ok|not ok) \d+ (?:- )?(/conformance/\S+)(.*)", line)
            if not match:
                continue
            verdict = "skip" if re.search(r"#\s*SKIP", match.group(3), re.I) else match.group(1)
            for row in rows_of(match.group(2)):
                rows.setdefault(row, []).append((verdict, match.group(2)))
    return rows
