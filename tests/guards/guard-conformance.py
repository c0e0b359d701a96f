# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/conformance.md claims what tests carry: no row more, and no row less."""

import sys

import tap

sys.path.insert(0, str(tap.SRC / "tests/conformance"))
import rows  # noqa: E402


def breaches(claimed, carried):
    """Where the table CLAIMED and the tests' rows CARRIED differ."""
    for row, (_, state, programs) in claimed.items():
        if state not in rows.STATES:
            yield f"{row}: the state is one of {', '.join(rows.STATES)}, not \"{state}\""
        elif state == "planned" and row in carried:
            yield f"{row} is called planned, and {', '.join(sorted(carried[row]))} has a test of it"
        elif state != "planned" and row not in carried:
            yield f"{row} is called {state}, and no test carries it"
        elif state != "planned" and not programs:
            yield f"{row} is called {state}, and no program is named"
        for program in programs:
            if program not in carried.get(row, ()):
                yield f"{row}: {program} has no test of it"
    for row in sorted(set(carried) - set(claimed)):
        yield f"{row} is carried by {', '.join(sorted(carried[row]))}, and is no row of the table"


PLANTED = [
    {"V01": ("", "covered", ["test-b"])},
    {"V01": ("", "planned", [])},
    {"V01": ("", "covered", [])},
    {"V01": ("", "sure", ["test-a"])},
    {"V01": ("", "covered", ["test-a"]), "V02": ("", "in part", ["test-a"])},
    {},
]


def main():
    report = tap.Tap()
    carried = {"V01": {"test-a"}}
    report.check(
        "the guard sees a planted difference",
        [f"table {number} passes" for number, table in enumerate(PLANTED) if not list(breaches(table, carried))]
        + list(breaches({"V01": ("", "covered", ["test-a"]), "V02": ("", "planned", [])}, carried)),
    )
    listed = (tap.SRC / "tests/Makemodule.am").read_text().split()
    claimed = rows.claimed((tap.SRC / "docs/conformance.md").read_text())
    report.check(f"the guard reads the table ({len(claimed)} rows)", [] if claimed else ["there is no row"])
    report.check("the table claims what the tests carry", breaches(claimed, rows.carried(tap.SRC / "tests", listed)))
    report.done()


main()
