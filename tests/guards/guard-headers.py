# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each public header compiles alone, in C and in C++, without a warning; and each header there is installed."""

import os
import re

import tap

FLAGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]


def compile_problems(compiler, language, standard):
    include = [f"-I{tap.SRC}/include", f"-I{tap.BUILD}/include", *tap.words("GLIB_CFLAGS")]
    for header in tap.words("PUBLIC_HEADERS"):
        name = header.removeprefix("include/")
        source = f"#include <{name}>\nextern int header_test;\n"
        done = tap.run(*compiler, "-x", language, f"-std={standard}", *FLAGS, *include, "-", input=source)
        if done.returncode != 0:
            first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr)
            yield f"{name}: {first}"


def main():
    report = tap.Tap()
    headers = tap.words("PUBLIC_HEADERS")
    there = {f"include/hotplug/{path.name.removesuffix('.in')}" for path in (tap.SRC / "include/hotplug").glob("*.h*")}
    there = {name for name in there if name.endswith(".h")}
    report.check(
        f"every header is in include/Makemodule.am ({len(headers)})",
        [f"{name} is not installed" for name in there - set(headers)] or ([] if headers else ["no header is"]),
    )
    umbrella = set(re.findall(r"^#include <(hotplug/[\w-]+\.h)>", (tap.SRC / "include/hotplug/hotplug.h").read_text(), re.M))
    report.check(
        "hotplug.h includes every header",
        [name for name in (h.removeprefix("include/") for h in headers) if name not in umbrella and name != "hotplug/hotplug.h"],
    )
    report.check("each header compiles alone in C", compile_problems(os.environ.get("CC", "cc").split(), "c", "gnu11"))
    if os.environ.get("CXX"):
        report.check("each header compiles alone in C++", compile_problems(os.environ["CXX"].split(), "c++", "c++17"))
    else:
        report.skip("each header compiles alone in C++", "no C++ compiler")
    report.done()


main()
