# SPDX-License-Identifier: LGPL-2.1-or-later
"""hotplugctl budget and topology of domain XML, without a hypervisor: numbers, trees, pictures, terminals.

UPDATE_GOLDEN=1 draws the pictures of docs/images anew (make docs-images)."""

import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest
import xml.etree.ElementTree as ElementTree

import ctl
import tapunit

try:
    import yaml
except ImportError:
    yaml = None

SOURCE = pathlib.Path(os.environ.get("TOP_SRCDIR", "."))
IMAGES = SOURCE / "docs/images"
EXAMPLES = ("pc", "q35", "nested")
SVG = "{http://www.w3.org/2000/svg}"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

PORT = """<controller type='pci' index='{index}' model='pcie-root-port'><target chassis='{index}' port='{index}'/>
<address type='pci' domain='0' bus='0' slot='{slot}' function='{function}' multifunction='on'/></controller>"""
NIC = """<interface type='user'><model type='virtio'/><alias name='{alias}'/>
<address type='pci' domain='0' bus='{bus}' slot='0' function='0'/></interface>"""


def domain(ports, nics=(), name="web", machine="pc-q35-7.2", memory=256):
    """A q35 that runs, with that many root ports packed into slots from 2 on, and NICs of these aliases in the first"""
    devices = ["<controller type='pci' index='0' model='pcie-root'/>", "<controller type='usb' model='none'/>"]
    for index in range(1, ports + 1):
        devices.append(PORT.format(index=index, slot=2 + (index - 1) // 8, function=(index - 1) % 8))
    devices += [NIC.format(alias=alias, bus=bus) for bus, alias in enumerate(nics, 1)]
    devices.append("<memballoon model='none'/>")
    return f"""<domain type='qemu' id='1'><name>{name}</name><memory unit='MiB'>{memory}</memory><vcpu>8</vcpu>
<os><type arch='x86_64' machine='{machine}'>hvm</type></os><features><acpi/></features>
<devices>{''.join(devices)}</devices></domain>"""


def bridges(depth):
    """A pc that runs, with bridges of which each is behind the one before"""
    one = """<controller type='pci' index='{index}' model='pci-bridge'>
<address type='pci' domain='0' bus='{bus}' slot='9' function='0'/></controller>"""
    devices = "".join(one.format(index=index, bus=index - 1) for index in range(1, depth + 1))
    return domain(0, machine="pc-i440fx-7.2").replace("pcie-root", "pci-root").replace("</devices>", devices + "</devices>")


class Pci(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def file(self, text, name="domain.xml"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def ok(self, *arguments, **options):
        code, out, err = ctl.run(*arguments, **options)
        self.assertEqual((code, err), (0, ""), arguments)
        return out

    def refused(self, *arguments, **options):
        code, out, err = ctl.run(*arguments, **options)
        self.assertEqual((code, out), (1, ""), err)
        self.assertRegex(err, r"\Ahotplugctl: [^\n]+\n\Z")
        return err

    def budget(self, path):
        return json.loads(self.ok("budget", f"--xml={path}", "-o", "json"))

    def svg(self, path):
        return self.ok("topology", f"--xml={path}", "--svg=-")

    def on_terminal(self, *arguments, rows=24, columns=80, **extra):
        """What a terminal of that size gets"""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = ctl.environment(**{"TERM": "xterm", **extra})
        for name in ("NO_COLOR", "COLUMNS"):
            if name not in extra:
                environment.pop(name, None)
        process = ctl.start(*arguments, stdout=slave, env=environment)
        os.close(slave)
        output = b""
        while True:
            try:
                block = os.read(master, 65536)
            except OSError:
                break
            if not block:
                break
            output += block
        os.close(master)
        code, _out, err = ctl.finish(process)
        self.assertEqual((code, err), (0, ""))
        return output.decode().replace("\r\n", "\n")


class Budget(Pci):
    def test_tables(self):
        for example in EXAMPLES:
            with self.subTest(example=example):
                path = IMAGES / f"{example}.xml"
                budget = self.budget(path)
                ports, classes, slots = self.ok("budget", f"--xml={path}").split("\n\n")[:3]
                heading, row = ports.split("\n")
                self.assertEqual(heading.split(), ["MACHINE", "PORTS", "USED", "FREE"])
                counts = [str(budget["ports"][name]) for name in ("total", "used", "free")]
                self.assertEqual(row.split(), [budget["machine"], *counts])

                rows = [line.split() for line in classes.split("\n")]
                self.assertEqual(rows[0], ["CLASS", "HOTPLUGGABLE", "NEXT"])
                for row, (word, nick) in zip(rows[1:], (("virtio", "either"), ("PCIe", "pcie"), ("PCI", "pci"))):
                    expected = budget["classes"][nick]
                    self.assertEqual(row, [word, str(expected["hotpluggable"]), expected["next"] or "-"])

                rows = slots.rstrip("\n").split("\n")
                self.assertEqual(rows[0].split(), ["ADDRESS", "CONTROLLER", "HOTPLUG", "DEVICE", "NAME"])
                self.assertEqual(len(rows) - 1, len(budget["slots"]))
                for row, slot in zip(rows[1:], budget["slots"]):
                    cells = re.split(r" {3,}", row)
                    hotplug = "yes" if slot["hotplug"] else "no"
                    expected = [slot["address"], slot["controller"], hotplug, slot["device"] or "-", slot["name"] or "-"]
                    self.assertEqual(cells, expected)

    def test_numbers(self):
        budget = self.budget(self.file(domain(8, ("ua-hpi-default", "ua-hpi-green"))))
        self.assertEqual(budget["ports"], {"total": 8, "used": 2, "free": 6})
        self.assertEqual((budget["limit"], budget["hotpluggable"]), (32, 6))
        self.assertEqual(budget["classes"]["either"], {"hotpluggable": 6, "next": "0000:03:00.0"})
        self.assertEqual(budget["classes"]["pci"], {"hotpluggable": 0, "next": None})
        ports = [slot for slot in budget["slots"] if slot["controller"] == "pcie-root-port"]
        self.assertEqual([slot["name"] for slot in ports[:3]], ["default", "green", None])
        self.assertEqual([slot["device"] for slot in ports[:3]], ["virtio-net", "virtio-net", None])

    @unittest.skipIf(yaml is None, "there is no PyYAML")
    def test_yaml_says_what_json_says(self):
        for example in EXAMPLES:
            path = IMAGES / f"{example}.xml"
            self.assertEqual(yaml.safe_load(self.ok("budget", f"--xml={path}", "-o", "yaml")), self.budget(path))

    def test_standard_input(self):
        path = IMAGES / "q35.xml"
        for command in ("budget", "topology"):
            with open(path, "rb") as file:
                self.assertEqual(self.ok(command, "--xml=-", stdin=file), self.ok(command, "--xml", path))

    def test_refused(self):
        for name, text in (
            ("empty", ""),
            ("words", "web"),
            ("another", "<network><name>default</name></network>"),
            ("cut", domain(4)[:-20]),
            ("twice", domain(4, ("ua-a",)).replace("</devices>", NIC.format(alias="ua-b", bus=1) + "</devices>")),
            ("binary", b"<domain>\0</domain>"),
        ):
            with self.subTest(name=name):
                path = self.file(text, name)
                for command in ("budget", "topology"):
                    self.assertIn(str(path), self.refused(command, f"--xml={path}"))
                with open(path, "rb") as file:
                    self.assertIn("standard input", self.refused("budget", "--xml=-", stdin=file))
        self.assertIn("/no/domain.xml", self.refused("budget", "--xml=/no/domain.xml"))
        self.assertIn(str(self.folder), self.refused("budget", f"--xml={self.folder}"))

    def test_limits_of_a_file(self):
        whole = "<domain><name>x</name></domain>"
        for size in (8 << 20) + 1, 64 << 20:
            path = self.file(whole.ljust(size))
            self.assertIn(f"{path}: domain XML is longer than 8388608 bytes", self.refused("budget", f"--xml={path}"))
        self.ok("budget", f"--xml={self.file(whole.ljust(8 << 20))}")
        path = self.file(whole + "\0" + whole)
        self.assertIn(f"{path}: no domain XML: it has a zero byte", self.refused("topology", f"--xml={path}"))

    def test_machine_without_pci(self):
        xml = domain(0, machine="s390-ccw-virtio-7.2").replace("x86_64", "s390x")
        xml = re.sub(r"<devices>.*</devices>", "<devices/>", xml)
        path = self.file(xml)
        reason = self.budget(path)["reason"]
        self.assertTrue(reason)
        for command in ("budget", "topology"):
            self.assertIn(f"\n{reason}\n", self.ok(command, f"--xml={path}"))
        self.assertIn("<svg", self.svg(path))

    def test_warning_in_colour(self):
        path = self.file(domain(120).replace("<vcpu>8<", "<vcpu>1<"))
        warning = self.budget(path)["warning"]
        self.assertTrue(warning)
        self.assertTrue(self.ok("budget", f"--xml={path}").endswith(f"\n\n{warning}\n"))
        shown = self.on_terminal("budget", f"--xml={path}")
        self.assertIn("\x1b[33m" + warning.split()[0], shown)
        self.assertTrue(all(len(line) <= 80 for line in ESCAPE.sub("", shown).split("\n\n")[-1].split("\n")))
        self.assertNotIn("\x1b", self.on_terminal("budget", f"--xml={path}", NO_COLOR="1"))


class Tree(Pci):
    def topology(self, path, *options, **environment):
        return self.ok("topology", f"--xml={path}", *options, env=ctl.environment(**environment))

    def test_every_device_is_there(self):
        for example in EXAMPLES:
            path = IMAGES / f"{example}.xml"
            text = self.topology(path)
            whole = self.topology(path, "--all")
            self.assertNotIn("\x1b", text + whole)
            for slot in self.budget(path)["slots"]:
                address = slot["address"].removeprefix("0000:")
                self.assertIn(f" {address}  ", whole)
                # of a run of free ports only the first and the last are named
                if slot["device"] is not None and not slot["device"].endswith("-port"):
                    self.assertIn(f" {address}  ", text)

    def test_shape(self):
        text = self.topology(self.file(domain(12, ("ua-hpi-default",))))
        self.assertIn("web · pc-q35-7.2 · 12 ports: 1 in use, 11 free\n", text)
        self.assertIn("\npcie-root · bus 00 · 11 of 12 ports free\n", text)
        self.assertIn('─ 00:02.0  pcie-root-port ── ■ 01:00.0  virtio-net "default"\n', text)
        self.assertIn("─ 00:02.1  pcie-root-port ── □ 02:00.0  free  ← next virtio device\n", text)
        self.assertIn("─ 00:02.2  pcie-root-port ── □ 03:00.0 … 0c:00.0  10 free ports\n", text)

    def test_nested_buses_are_indented(self):
        lines = self.topology(IMAGES / "nested.xml").split("\n")
        bridge = next(i for i, line in enumerate(lines) if "pcie-to-pci-bridge · bus 05" in line)
        self.assertRegex(lines[bridge], r"\A├─ 00:01\.0  pcie-root-port ── ■ 01:00\.0  pcie-to-pci-bridge · bus 05 · ")
        self.assertRegex(lines[bridge + 1], r"\A│  [├└]─ . 05:")

    def test_runs_are_folded(self):
        path = self.file(domain(120, ("ua-a", "ua-b")))
        self.assertLess(self.topology(path).count("\n"), 20)
        self.assertIn("117 free ports", self.topology(path))
        whole = self.topology(path, "--all")
        self.assertEqual(len(re.findall(r"□ [0-9a-f]{2}:00\.0  free\b", whole)), 118)

    def test_ports_that_take_nothing(self):
        text = self.topology(self.file(domain(3).replace("port='2'/>", "port='2' hotplug='off'/>")))
        self.assertIn("2 ports: 0 in use, 2 free\n", text)
        self.assertIn("─ 00:02.1  pcie-root-port ── · empty  hotplug off\n", text)

    def test_functions_behind_a_port(self):
        second = NIC.format(alias="ua-hpi-b", bus=1).replace("function='0'", "function='1'")
        text = self.topology(self.file(domain(2, ("ua-hpi-a",)).replace("</devices>", second + "</devices>")))
        self.assertIn("2 ports: 1 in use, 1 free\n", text)
        self.assertIn('│  ├─ ■ 01:00.0  virtio-net "a"\n│  └─ ■ 01:00.1  virtio-net "b"\n', text)

    def test_deep(self):
        lines = self.topology(self.file(bridges(40))).split("\n")
        (deepest,) = [line for line in lines if "bus 28 · 31 of 31 " in line]
        self.assertEqual(deepest.index("27:09.0"), len("│  " * 39 + "├─ ■ "))

    def test_ascii(self):
        path = self.file(domain(12, ("ua-hpi-default",), name="caf\u00e9"))
        text = self.topology(path, LC_ALL="C")
        self.assertTrue(text.isascii())
        self.assertIn("caf?, pc-q35-7.2, 12 ports", text)
        self.assertIn('|- 00:02.0  pcie-root-port -- # 01:00.0  virtio-net "default"\n', text)
        self.assertIn("_ 03:00.0 ... 0c:00.0  10 free ports\n", text)

    def test_terminal(self):
        path = self.file(domain(12, ("ua-" + "x" * 60,)))
        plain = self.topology(path)
        shown = self.on_terminal("topology", f"--xml={path}", columns=200)
        self.assertEqual(ESCAPE.sub("", shown), plain)
        self.assertIn("\x1b[1;32m", shown)
        self.assertEqual(self.on_terminal("topology", f"--xml={path}", columns=200, NO_COLOR="1"), plain)
        self.assertEqual(self.on_terminal("topology", f"--xml={path}", columns=200, TERM="dumb"), plain)
        self.assertEqual(ESCAPE.sub("", self.on_terminal("topology", f"--xml={path}", columns=200, NO_COLOR="")), plain)

        for size in ({"columns": 60}, {"columns": 200, "COLUMNS": "60"}):
            lines = ESCAPE.sub("", self.on_terminal("topology", f"--xml={path}", **size)).split("\n")
            self.assertEqual(max(map(len, lines)), 60)
            self.assertTrue(any(line.endswith("xxx…") for line in lines))

    def test_names_move_no_cursor(self):
        path = self.file(domain(2, name="a&#x9;b&#xa;c&#x9b;d"))
        self.assertIn("a?b?c?d · ", self.topology(path))


class Picture(Pci):
    def titles(self, root):
        return [title.text for title in root.iter(f"{SVG}title")]

    def check(self, path):
        """Well-formed, by itself, and with every slot in it"""
        text = self.svg(path)
        root = ElementTree.fromstring(text.encode())
        self.assertEqual(root.tag, f"{SVG}svg")
        for needs in ("<script", "<image", "href", "url(", "@import", "<!DOCTYPE", "<!ENTITY"):
            self.assertNotIn(needs, text)
        self.assertEqual(text.count("http"), 1)
        if shutil.which("xmllint"):
            done = subprocess.run(["xmllint", "--noout", "-"], input=text, text=True, capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

        titles = "\n".join(self.titles(root))
        for slot in self.budget(path)["slots"]:
            self.assertRegex(titles, rf"(?<![0-9a-f]){re.escape(slot['address'])}(?![0-9a-f])")
        boxes = {box for box in (element.get("class") for element in root.iter(f"{SVG}rect")) if box}
        style = root.find(f"{SVG}style").text
        white, dark = style.split("@media (prefers-color-scheme:dark){")
        for word in {word for box in boxes for word in box.split()} - {"dotted"}:
            self.assertIn(f".{word}{{", white)
            self.assertIn(f".{word}{{", dark)
        self.check_frames(root)
        return root

    def check_frames(self, root):
        """No two cells lie on each other, and all are inside."""
        cells = [tuple(int(cell.get(name)) for name in ("x", "y", "width", "height")) for cell in root.iter(f"{SVG}svg")
                 if cell.get("x")]
        for x, y, width, height in cells:
            self.assertLessEqual(x + width, int(root.get("width")))
            self.assertLessEqual(y + height, int(root.get("height")))
        for i, (x, y, width, height) in enumerate(cells):
            for left, top, right, bottom in cells[i + 1:]:
                apart = x + width <= left or left + right <= x or y + height <= top or top + bottom <= y
                self.assertTrue(apart, ((x, y), (left, top)))

    def test_examples_are_up_to_date(self):
        for example in EXAMPLES:
            with self.subTest(example=example):
                self.check(IMAGES / f"{example}.xml")
                drawn = self.svg(IMAGES / f"{example}.xml")
                picture = IMAGES / f"{example}.svg"
                if "UPDATE_GOLDEN" in os.environ:
                    picture.write_text(drawn, encoding="utf-8")
                self.assertEqual(picture.read_text(encoding="utf-8"), drawn)

    def test_page_shows_what_is_printed(self):
        page = (SOURCE / "docs/pci.md").read_text(encoding="utf-8")
        for command in re.findall(r"\$ hotplugctl ([^\n]+)\n", page):
            with self.subTest(command=command):
                shown = page.split(f"$ hotplugctl {command}\n")[1].split("```")[0]
                self.assertEqual(self.ok(*command.split(), cwd=SOURCE), shown)
        readme = SOURCE / "README.md"
        if readme.exists():
            shown = readme.read_text(encoding="utf-8").split("$ hotplugctl topology web\n")[1].split("…\n")[0]
            self.assertTrue(self.ok("topology", f"--xml={IMAGES / 'q35.xml'}").startswith(shown))

    def test_many_ports(self):
        root = self.check(self.file(domain(120, ["ua-hpi-" + "n" * 56] * 1 + [f"ua-hpi-{i}" for i in range(60)])))
        width, height = int(root.get("width")), int(root.get("height"))
        self.assertLess(width, 1200)
        self.assertLess(height, 1600)

    def test_deep_picture(self):
        self.check(self.file(bridges(40)))

    def test_functions_of_a_slot(self):
        second = NIC.format(alias="ua-hpi-b", bus=1).replace("function='0'", "function='1'")
        self.check(self.file(domain(2, ("ua-hpi-a",)).replace("</devices>", second + "</devices>")))

    def test_names_may_be_anything(self):
        name = "a&lt;/text&gt;&lt;script&gt;&amp;&quot;']]&gt;\u2603\U0001f600&#x9;&#x9b;"
        root = self.check(self.file(domain(2, ("ua-x-.",), name=name)))
        text = "".join(root.itertext())
        self.assertIn("a</text><script>&\"']]>\u2603\U0001f600??", text)

    def test_file(self):
        path = IMAGES / "q35.xml"
        picture = self.folder / "web.svg"
        self.assertEqual(self.ok("topology", f"--xml={path}", f"--svg={picture}"), "")
        self.assertEqual(picture.read_text(encoding="utf-8"), self.svg(path))
        self.assertIn("/no/web.svg", self.refused("topology", f"--xml={path}", "--svg=/no/web.svg"))

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_full_disk(self):
        err = self.refused("topology", f"--xml={IMAGES / 'q35.xml'}", "--svg=/dev/full")
        self.assertEqual(err, "hotplugctl: /dev/full: No space left on device\n")
        self.assertTrue(pathlib.Path("/dev/full").is_char_device())


if __name__ == "__main__":
    sys.exit(tapunit.main())
