# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may include whom. Folders of libhotplug/ form layers; the outside worlds each have one folder that speaks to them."""

import re

import tap

MIDDLE = {"base", "model"}
FOLDERS = {
    "base": {"base"},
    "model": MIDDLE,
    "rules": MIDDLE | {"rules"},
    "xml": MIDDLE | {"xml"},
    "manifest": MIDDLE | {"manifest"},
    "storage": MIDDLE | {"storage"},
    "host": {"base", "host"},
    "vmi": MIDDLE | {"rules", "xml", "manifest", "storage", "host", "vmi"},
}

# A header of the outside, and the folders that may include it. Nothing else of these families is allowed anywhere.
WORLDS = [
    (r"libxml/", {"xml"}),
    (r"libvirt/", {"host"}),
    (r"json-glib/", {"manifest", "host"}),  # host: QEMU's monitor
    (r"yaml\.h$", {"manifest"}),
    (r"(sys/stat|fcntl)\.h$", {"storage", "host"}),
    (r"(sys/ioctl|linux/fs)\.h$", {"storage"}),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.M)


def library_refusal(folder, kind, header):
    """Why a file of libhotplug/FOLDER/ must not include HEADER, or None."""
    if kind == '"' and header != "config.h":
        if header.startswith("hotplug/"):
            return "public headers are included as <hotplug/…>"
        target = header.split("/")[0]
        if "/" not in header or target not in FOLDERS:
            return "private headers are included as \"FOLDER/hotplug-NOUN-private.h\""
        if target not in FOLDERS[folder]:
            return f"{folder}/ may include {', '.join(sorted(FOLDERS[folder]))} only"
    for pattern, folders in WORLDS:
        if kind == "<" and re.match(pattern, header) and folder not in folders:
            return f"only {' and '.join(sorted(folders))} may"
    return None


def public_refusal(kind, header):
    """Why a public header must not include HEADER, or None."""
    if kind == "<" and re.match(r"(hotplug/|glib|gio/|gobject/)", header):
        return None
    return "public headers include GLib and <hotplug/…> only"


def tool_refusal(folder, kind, header):
    """Why a source of hotplugctl must not include HEADER, or None."""
    if "-private.h" in header:
        return "tools use the public headers only"
    if kind == '"' and header != "config.h" and not (tap.SRC / "tools" / header).exists():
        return "tools include their own files and <hotplug/hotplug.h> only"
    if kind == "<" and header.startswith("hotplug/") and header != "hotplug/hotplug.h":
        return "tools include <hotplug/hotplug.h> only"
    if kind == "<" and any(re.match(pattern, header) for pattern, _ in WORLDS[:4]):
        return "tools speak to libhotplug only"
    return None


def includes(root, pattern):
    for path in sorted(root.glob(pattern)):
        for match in INCLUDE.finditer(path.read_text()):
            yield path, match.group(1), match.group(2)


def breaches(source):
    """All includes of a tree that the layers forbid."""
    library = source / "libhotplug"
    for path, kind, header in includes(library, "*/*.[ch]"):
        folder = path.parent.name
        refusal = library_refusal(folder, kind, header) if folder in FOLDERS else "no layer has this folder"
        if refusal:
            yield f"{path.relative_to(source)} includes {header}: {refusal}"
    for path, kind, header in includes(source / "include/hotplug", "*.h*"):
        refusal = public_refusal(kind, header)
        if refusal:
            yield f"{path.relative_to(source)} includes {header}: {refusal}"
    for path, kind, header in includes(source / "tools", "*.[ch]"):
        refusal = tool_refusal("tools", kind, header)
        if refusal:
            yield f"{path.relative_to(source)} includes {header}: {refusal}"


PLANTED = [
    ("base", '"', "model/hotplug-domain-private.h"),
    ("model", '"', "rules/hotplug-serial-private.h"),
    ("rules", '"', "xml/hotplug-domain-xml-private.h"),
    ("rules", "<", "libxml/tree.h"),
    ("xml", '"', "host/hotplug-connection-private.h"),
    ("xml", "<", "libvirt/libvirt.h"),
    ("host", '"', "model/hotplug-domain-private.h"),
    ("host", "<", "sys/ioctl.h"),
    ("vmi", "<", "json-glib/json-glib.h"),
    ("vmi", "<", "yaml.h"),
    ("manifest", "<", "fcntl.h"),
    ("vmi", '"', "hotplug-vmi-private.h"),
    ("vmi", '"', "hotplug/hotplug-vmi.h"),
]
OPEN = [
    ("vmi", '"', "host/hotplug-connection-private.h"),
    ("host", "<", "fcntl.h"),
    ("storage", "<", "linux/fs.h"),
    ("model", '"', "config.h"),
    ("base", "<", "hotplug/hotplug-error.h"),
]


def main():
    report = tap.Tap()
    report.check(
        "the guard sees a planted violation",
        [f"{header} from {folder}/ passes" for folder, kind, header in PLANTED if not library_refusal(folder, kind, header)]
        + ["tools pass with a private header"] * (not tool_refusal("tools", '"', "base/hotplug-names-private.h"))
        + ["tools pass with libvirt"] * (not tool_refusal("tools", "<", "libvirt/libvirt.h"))
        + ["public headers pass with libvirt"] * (not public_refusal("<", "libvirt/libvirt.h")),
    )
    report.check(
        "the guard lets through what is allowed",
        [f"{header} from {folder}/" for folder, kind, header in OPEN if library_refusal(folder, kind, header)],
    )
    seen = sum(1 for _ in includes(tap.SRC / "libhotplug", "*/*.[ch]"))
    report.check(f"the guard reads the sources ({seen} includes)", [] if seen else ["no #include found"])
    report.check("doors open downward only", breaches(tap.SRC))
    report.done()


main()
