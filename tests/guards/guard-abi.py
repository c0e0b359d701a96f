# SPDX-License-Identifier: LGPL-2.1-or-later
"""The ABI still has all that the last release had: abidiff against tests/abi, as `make abi-baseline` wrote it."""

import os

import tap

BASELINE = tap.SRC / "tests/abi/libhotplug-1.0.abi"
LIBRARY = tap.BUILD / ".libs/libhotplug-1.0.so"
NAME = "the ABI is compatible with the last release"


def main():
    report = tap.Tap()
    abidiff = os.environ.get("ABIDIFF", "no")
    if not BASELINE.exists():
        report.skip(NAME, "nothing was released yet")
    elif abidiff == "no":
        report.skip(NAME, "abidiff is not installed")
    elif ".debug_info" not in tap.run("readelf", "-S", "-W", LIBRARY).stdout:
        report.skip(NAME, "the library has no debug information")
    else:
        headers = tap.SRC / "include"
        done = tap.run(
            abidiff, "--no-added-syms", "--headers-dir1", headers, "--headers-dir2", headers, BASELINE, LIBRARY
        )
        for line in (done.stdout + done.stderr).splitlines():
            print(f"# {line}")
        report.check(NAME, [] if done.returncode == 0 else [f"abidiff says {done.returncode}, see above"])
    report.done()


main()
