# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files of at most 600 lines, functions of at most 80; C of at most 120 columns, but for a string that alone needs more."""

import ast
import pathlib

import tap

FILE_LIMIT = 600
FUNCTION_LIMIT = 80
COLUMN_LIMIT = 120
ROOTS = ("include", "libhotplug", "bindings", "tools", "tests")


def sources():
    names = tap.tracked()
    if names is None:
        names = [path.relative_to(tap.SRC).as_posix() for root in ROOTS for path in (tap.SRC / root).rglob("*")]
    return [tap.SRC / name for name in sorted(names) if pathlib.Path(name).suffix in (".c", ".h", ".py")]


def c_functions(text):
    """Where C functions begin, and their lines from brace to brace: both braces stand in the first column."""
    begin, name = None, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line == "{" and name.endswith(")"):
            begin = number
        elif line.startswith("}") and begin:
            yield f"line {begin}", number - begin + 1
            begin = None
        if line.strip():
            name = line.rstrip()


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{node.name}()", node.end_lineno - node.lineno + 1


def long_functions(path):
    text = path.read_text()
    for where, lines in (python_functions if path.suffix == ".py" else c_functions)(text):
        if lines > FUNCTION_LIMIT:
            yield f"{path.relative_to(tap.SRC)}: {where} has {lines} lines, {FUNCTION_LIMIT} are allowed"


def wide_lines(text):
    for number, line in enumerate(text.splitlines(), 1):
        # what stands in a line of its own can't be broken
        if len(line) > COLUMN_LIMIT and not line.lstrip(" {").startswith('"'):
            yield number


def main():
    report = tap.Tap()
    planted = "int\nf (void)\n{\n" + "  x ();\n" * 79 + "}\n"
    report.check("the guard sees a long function", [] if [n for _, n in c_functions(planted)] == [81] else ["81 lines pass"])
    files = sources()
    lengths = {path: len(path.read_text().splitlines()) for path in files}
    report.check(
        f"no file is longer than {FILE_LIMIT} lines ({len(files)} files)",
        [f"{path.relative_to(tap.SRC)} has {lines}" for path, lines in lengths.items() if lines > FILE_LIMIT],
    )
    report.check(
        f"no function is longer than {FUNCTION_LIMIT} lines", [text for path in files for text in long_functions(path)]
    )
    report.check("the guard sees a wide line", [] if [*wide_lines("x\n" + "x" * 117 + ' "y"')] == [2] else ["121 columns pass"])
    report.check(
        f"no line of C is wider than {COLUMN_LIMIT} columns, but for strings",
        [
            f"{path.relative_to(tap.SRC)}:{number}"
            for path in files
            if path.suffix != ".py"
            for number in wide_lines(path.read_text())
        ],
    )
    report.done()


main()
