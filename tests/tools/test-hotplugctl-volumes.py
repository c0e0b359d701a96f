# SPDX-License-Identifier: LGPL-2.1-or-later
"""hotplugctl's data volumes: the user guide's story in its own commands, on a machine of QEMU without a system."""

import json
import pathlib
import sys
import unittest

import ctl
import tapunit

NAME = "example-volume-hotplug"


class DataVolumes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = ctl.missing()
        if reason is not None:
            raise unittest.SkipTest(reason)
        cls.vm = ctl.Idle("vmi-fedora")
        cls.addClassCleanup(cls.vm.down)
        cls.vm.up()

    def ok(self, *arguments):
        code, out, err = self.vm.ctl(*arguments)
        self.assertEqual((code, err), (0, ""))
        return out

    def refused(self, *arguments):
        code, out, err = self.vm.ctl(*arguments)
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, r"\Ahotplugctl: [^\n]+\n\Z")
        return err

    def names(self):
        return [item["metadata"]["name"] for item in json.loads(self.ok("get", "datavolume", "-o", "json"))["items"]]

    def test_story(self):
        self.assertIn("no store of host", self.refused("addvolume", "vmi-fedora", f"--volume-name={NAME}"))
        self.assertIn("5Gi", self.ok("create", "datavolume", NAME, "--size=5Gi"))
        self.assertIn("has one of that name", self.refused("create", "datavolume", NAME, "--size=5Gi"))
        made = json.loads(self.ok("get", "datavolume", NAME, "-o", "json"))
        self.assertEqual((made["kind"], made["status"]["phase"]), ("DataVolume", "Succeeded"))
        self.assertEqual(made["spec"]["storage"]["resources"]["requests"]["storage"], "5Gi")
        self.assertEqual(made["spec"]["source"], {"blank": {}})
        self.assertRegex(self.ok("get", "datavolume"), rf"(?m)^{NAME} +Succeeded +100.0% +5Gi +ReadWriteOnce +Filesystem")

        self.ok("start", "vmi-fedora")
        added = self.ok("addvolume", "vmi-fedora", f"--volume-name={NAME}")
        self.assertIn(f'volume "{NAME}" added to VMI "vmi-fedora": target sda, serial {NAME}', added)
        self.assertIn('used by vmi "vmi-fedora"', self.refused("delete", "datavolume", NAME))
        self.ok("removevolume", "vmi-fedora", f"--volume-name={NAME}")
        self.assertEqual(self.ok("delete", "datavolume", NAME), f'data volume "{NAME}" deleted\n')
        self.assertEqual(self.names(), [])
        self.assertIn(NAME, self.refused("get", "datavolume", NAME))

    def test_copies(self):
        source = pathlib.Path(self.vm.image("source.img"))
        source.write_bytes(b"what was copied".ljust(1 << 20, b"."))
        self.ok("create", "dv", "a", f"--source-file={source}", "--access-mode=ReadOnlyMany")
        self.ok("create", "dv", "b", "--clone=a", "--size=2Mi", "--preallocation")
        paths = [json.loads(self.ok("get", "dv", name, "-o", "json"))["status"]["libhotplug"]["path"] for name in "ab"]
        self.assertEqual(pathlib.Path(paths[0]).read_bytes(), source.read_bytes())
        self.assertEqual(pathlib.Path(paths[1]).read_bytes(), source.read_bytes().ljust(2 << 20, b"\0"))
        self.assertEqual(self.names(), ["a", "b"])
        self.assertIn("2097152 bytes", self.refused("create", "dv", "c", "--clone=b", "--size=1Ki"))
        self.assertIn("no block devices", self.refused("create", "dv", "c", "--size=1Mi", "--volume-mode=Block"))
        self.assertIn('store "fast"', self.refused("create", "dv", "c", "--size=1Mi", "--store=fast"))
        for name in "ab":
            self.ok("delete", "dv", name)


if __name__ == "__main__":
    sys.exit(tapunit.main())
