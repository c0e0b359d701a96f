# SPDX-License-Identifier: LGPL-2.1-or-later
"""What stands in the public headers: names, versions and documentation blocks."""

import re

import tap

BLOCK = re.compile(r"/\*\*\n(.*?)\*/", re.S)
NAME = re.compile(r"^ \* ([A-Za-z_]\w*(?:::?[-\w]+)?):", re.M)
SINCE = re.compile(r"^ \* Since: (\d+\.\d+)\s*$", re.M)
PARAMETER = re.compile(r"^ \* @(\w+):[ \t]*(.*(?:\n \* (?![@ ]*\w+:|@).+)*)", re.M)
FUNCTION = re.compile(r"^HOTPLUG_AVAILABLE_IN_(\d+)_(\d+)\n([^;{]*?)\b(hotplug_\w+) \(([^;]*?)\);", re.M)
DECLARED = re.compile(r"^HOTPLUG_AVAILABLE_IN_(\d+)_(\d+)\nG_DECLARE_\w+ \((\w+),\s*(\w+),", re.M)
STRUCT = re.compile(r"^typedef struct _\w+ (\w+);", re.M)
CALLBACK = re.compile(r"^typedef [^;{]*\(\*\s*(\w+)\)", re.M)
ENUM = re.compile(r"^typedef enum[^{]*\{(.*?)\} (\w+);", re.M | re.S)
ENUMERATOR = re.compile(r"^\s*(HOTPLUG_\w+)", re.M)
MACRO = re.compile(r"^#define (HOTPLUG_(?!TYPE_)\w+)", re.M)


class Doc:
    """One documentation block."""

    def __init__(self, text):
        self.text = text
        since = SINCE.search(text)
        self.since = since.group(1) if since else None
        self.parameters = {name: rest for name, rest in PARAMETER.findall(text)}
        self.returns = re.search(r"^ \* Returns:", text, re.M) is not None


def public_headers():
    """The installed headers; those that configure made are in the build tree."""
    for name in tap.words("PUBLIC_HEADERS"):
        path = tap.SRC / name
        yield path if path.exists() else tap.BUILD / name


def docs():
    """All documentation blocks of headers and sources, by the name that they document."""
    found = {}
    for path in [*public_headers(), *(tap.SRC / name for name in tap.words("CORE_SOURCES"))]:
        for text in BLOCK.findall(path.read_text()):
            name = NAME.search(text)
            if name:
                found[name.group(1)] = Doc(text)
    return found


class Api:
    """The names that the public headers declare."""

    def __init__(self):
        self.functions = {}  # name: (version of its mark, whether it returns something, its parameters)
        self.types = set()
        self.enums = {}  # name: its values
        self.macros = set()
        self.unmarked = []
        for path in public_headers():
            self._read(path.name, re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S))

    def _read(self, header, text):
        for major, minor, returned, name, parameters in FUNCTION.findall(DECLARED.sub("", text)):
            names = [re.search(r"(\w+)(?:\[\])?$", part.strip()).group(1) for part in parameters.split(",")]
            names = [] if parameters.strip() == "void" else names
            self.functions[name] = (f"{major}.{minor}", returned.strip() != "void", names)
        for major, minor, name, prefix in DECLARED.findall(text):
            self.types.add(name)
            self.functions[f"{prefix}_get_type"] = (f"{major}.{minor}", True, [])
        self.types.update(STRUCT.findall(text))
        self.types.update(CALLBACK.findall(text))
        for body, name in ENUM.findall(text):
            self.types.add(name)
            self.enums[name] = ENUMERATOR.findall(body)
        self.macros.update(MACRO.findall(text))
        declared = set(re.findall(r"^(?:\w[\w \*]*[ \*])?(hotplug_\w+) \(", text, re.M))
        self.unmarked += [f"{name} in {header}" for name in declared - set(self.functions)]
