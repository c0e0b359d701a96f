# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the guards share: where the trees are, and how they report (Test Anything Protocol)."""

import os
import pathlib
import subprocess
import sys

SRC = pathlib.Path(os.environ.get("TOP_SRCDIR") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("TOP_BUILDDIR") or os.getcwd())


def words(name):
    """The words of a variable that the makefile exports."""
    return os.environ.get(name, "").split()


def run(*command, **options):
    """Runs a command and returns it with its output as text, whatever its exit status."""
    return subprocess.run([str(word) for word in command], text=True, capture_output=True, check=False, **options)


def tracked():
    """The files that git tracks, relative to the source tree, or None where there is no git tree."""
    if not (SRC / ".git").exists():
        return None
    try:
        listing = run("git", "-c", "safe.directory=*", "-C", SRC, "ls-files", "-z")
    except FileNotFoundError:
        return None
    if listing.returncode != 0:
        return None
    return [name for name in listing.stdout.split("\0") if name and (SRC / name).is_file()]


class Tap:
    """Counts and prints test points: one for a check that holds, one for each thing that breaks it."""

    def __init__(self):
        self.count = 0

    def _point(self, verdict, text):
        self.count += 1
        print(f"{verdict} {self.count} - {text}", flush=True)

    def check(self, name, problems):
        """One point if there is no problem, else a failing point for each, which names it."""
        problems = sorted(set(problems))
        if not problems:
            self._point("ok", name)
        for problem in problems:
            self._point("not ok", f"{name}: {problem}")

    def skip(self, name, reason):
        self._point("ok", f"{name} # SKIP {reason}")

    def done(self):
        print(f"1..{self.count}")
        sys.exit(0)
