# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stranger's program: the C examples of README.md compile and link against an installation, found by pkg-config alone."""

import os
import pathlib
import re
import shutil
import tempfile

import tap

TARGETS = ["install-libLTLIBRARIES", "install-hotplugincludeHEADERS", "install-nodist_hotplugincludeHEADERS",
           "install-pkgconfigDATA"]
FLAGS = ["-Wall", "-Wextra", "-Werror"]


def install(stage):
    """Installs library, headers and .pc file below STAGE, and points the .pc file there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = tap.run(os.environ.get("MAKE", "make"), "-C", tap.BUILD, *TARGETS, f"DESTDIR={stage}", env=environment)
    prefix = os.environ.get("PREFIX", "/usr/local")
    for pc in pathlib.Path(stage).rglob("libhotplug-1.0.pc"):
        text = pc.read_text()
        pc.write_text(re.sub(rf"(?<==){re.escape(prefix)}(?=/|$)", f"{stage}{prefix}", text, flags=re.M))
        return pc.parent, done
    return None, done


def examples():
    readme = tap.SRC / "README.md"
    text = readme.read_text() if readme.exists() else ""
    return [code for code in re.findall(r"^```c\n(.*?)^```", text, re.M | re.S) if re.search(r"\bmain \(", code)]


def build_problem(code, pcdir, folder):
    """What keeps CODE from being built outside the tree, or nothing."""
    environment = {"PATH": os.environ["PATH"], "PKG_CONFIG_PATH": str(pcdir), "LC_ALL": "C"}
    flags = tap.run(os.environ.get("PKG_CONFIG", "pkg-config"), "--cflags", "--libs", "libhotplug-1.0", env=environment)
    if flags.returncode != 0:
        return flags.stderr.strip()
    source = pathlib.Path(folder, "example.c")
    source.write_text(code)
    words = flags.stdout.split()
    rpath = [f"-Wl,-rpath,{word[2:]}" for word in words if word.startswith("-L")]
    done = tap.run(*os.environ.get("CC", "cc").split(), *FLAGS, source, "-o", source.with_suffix(""), *words, *rpath, env=environment)
    if done.returncode != 0:
        return next((line for line in done.stderr.splitlines() if "error" in line or "undefined" in line), done.stderr)
    needed = tap.run("ldd", source.with_suffix(""), env=environment).stdout
    if not re.search(rf"libhotplug-1\.0\.so\.0 => {re.escape(str(folder))}", needed):
        return "it does not use the installed library"
    return None


def main():
    report = tap.Tap()
    folder = tempfile.mkdtemp(prefix="hotplug-downstream-")
    try:
        pcdir, done = install(folder)
        if pcdir is None:
            print("# " + done.stderr.replace("\n", "\n# "))
        report.check("the library installs with its .pc file", [] if pcdir else ["no libhotplug-1.0.pc"])
        if pcdir:
            smallest = "#include <hotplug/hotplug.h>\n\nint\nmain (void)\n{\n  return hotplug_get_runtime_version () == NULL;\n}\n"
            problem = build_problem(smallest, pcdir, folder)
            report.check("the smallest program builds", [problem] if problem else [])
            found = examples()
            for number, code in enumerate(found, 1):
                problem = build_problem(code, pcdir, folder)
                report.check(f"README.md: C example {number} of {len(found)} builds", [problem] if problem else [])
            if not found:
                report.skip("README.md: C examples build", "README.md has none")
    finally:
        shutil.rmtree(folder)
    report.done()


main()
