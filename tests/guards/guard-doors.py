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

# A header of the outside, and the folders and single files that may include it. Nothing else of these families is allowed
# anywhere.
WORLDS = [
    (r"libxml/", {"xml"}),
    (r"libvirt/", {"host"}),
    (r"json-glib/", {"manifest", "host/hotplug-libvirt-leftovers.c"}),  # the latter: QEMU's monitor
    (r"yaml\.h$", {"manifest"}),
    (r"(sys/stat|fcntl)\.h$", {"storage", "host"}),
    (r"(sys/ioctl|linux/fs)\.h$", {"storage"}),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.M)


def library_refusal(file, kind, header):
    """Why the file FOLDER/NAME of libhotplug/ must not include HEADER, or None."""
    folder = file.split("/")[0]
    if kind == '"' and header != "config.h":
        if header.startswith("hotplug/"):
            return "public headers are included as <hotplug/…>"
        target = header.split("/")[0]
        if "/" not in header or target not in FOLDERS:
            return "private headers are included as \"FOLDER/hotplug-NOUN-private.h\""
        if target not in FOLDERS[folder]:
            return f"{folder}/ may include {', '.join(sorted(FOLDERS[folder]))} only"
    for pattern, places in WORLDS:
        if kind == "<" and re.match(pattern, header) and folder not in places and file not in places:
            return f"only {' and '.join(sorted(places))} may"
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
        refusal = library_refusal(f"{folder}/{path.name}", kind, header) if folder in FOLDERS else "no layer has this folder"
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
    ("base/hotplug-any.c", '"', "model/hotplug-domain-private.h"),
    ("model/hotplug-any.c", '"', "rules/hotplug-serial-private.h"),
    ("rules/hotplug-any.c", '"', "xml/hotplug-domain-xml-private.h"),
    ("rules/hotplug-any.c", "<", "libxml/tree.h"),
    ("xml/hotplug-any.c", '"', "host/hotplug-connection-private.h"),
    ("xml/hotplug-any.c", "<", "libvirt/libvirt.h"),
    ("host/hotplug-any.c", '"', "model/hotplug-domain-private.h"),
    ("host/hotplug-any.c", "<", "sys/ioctl.h"),
    ("vmi/hotplug-any.c", "<", "json-glib/json-glib.h"),
    ("vmi/hotplug-any.c", "<", "yaml.h"),
    ("host/hotplug-libvirt.c", "<", "json-glib/json-glib.h"),
    ("host/hotplug-libvirt-leftovers.h", "<", "json-glib/json-glib.h"),
    ("vmi/hotplug-libvirt-leftovers.c", "<", "json-glib/json-glib.h"),
    ("manifest/hotplug-any.c", "<", "fcntl.h"),
    ("vmi/hotplug-any.c", '"', "hotplug-vmi-private.h"),
    ("vmi/hotplug-any.c", '"', "hotplug/hotplug-vmi.h"),
]
OPEN = [
    ("vmi/hotplug-any.c", '"', "host/hotplug-connection-private.h"),
    ("host/hotplug-any.c", "<", "fcntl.h"),
    ("host/hotplug-libvirt-leftovers.c", "<", "json-glib/json-glib.h"),
    ("manifest/hotplug-any.c", "<", "json-glib/json-glib.h"),
    ("storage/hotplug-any.c", "<", "linux/fs.h"),
    ("model/hotplug-any.c", '"', "config.h"),
    ("base/hotplug-any.c", "<", "hotplug/hotplug-error.h"),
]


def main():
    report = tap.Tap()
    report.check(
        "the guard sees a planted violation",
        [f"{header} from {file} passes" for file, kind, header in PLANTED if not library_refusal(file, kind, header)]
        + ["tools pass with a private header"] * (not tool_refusal("tools", '"', "base/hotplug-names-private.h"))
        + ["tools pass with libvirt"] * (not tool_refusal("tools", "<", "libvirt/libvirt.h"))
        + ["public headers pass with libvirt"] * (not public_refusal("<", "libvirt/libvirt.h")),
    )
    report.check(
        "the guard lets through what is allowed",
        [f"{header} from {file}" for file, kind, header in OPEN if library_refusal(file, kind, header)],
    )
    seen = sum(1 for _ in includes(tap.SRC / "libhotplug", "*/*.[ch]"))
    report.check(f"the guard reads the sources ({seen} includes)", [] if seen else ["no #include found"])
    report.check("doors open downward only", breaches(tap.SRC))
    report.done()


main()
