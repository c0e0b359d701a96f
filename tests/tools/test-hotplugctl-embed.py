# SPDX-License-Identifier: LGPL-2.1-or-later
"""hotplugctl on a machine of QEMU without a system: each command, what it prints, and what it refuses."""

import json
import os
import re
import signal
import sys
import time
import unittest

import ctl
import tapunit

try:
    import yaml
except ImportError:
    yaml = None

SIZE = 8 << 20


class Embed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = ctl.missing()
        if reason is not None:
            raise unittest.SkipTest(reason)
        cls.vm = ctl.Idle("web")
        cls.addClassCleanup(cls.vm.down)
        cls.vm.up()
        cls.data = cls.vm.image("data.img")
        cls.other = cls.vm.image("other.img")

    def setUp(self):
        if self.vmi()["status"]["phase"] != "Running":
            self.ok("start", "web")

    def tearDown(self):
        for status in self.statuses():
            self.vm.ctl("removevolume", "web", f"--volume-name={status['name']}", "--persist", "--timeout=1")
        # without a system nobody lets go of a PCI device
        if self.names():
            self.ok("stop", "web", "--force")

    def ok(self, *arguments, **options):
        code, out, err = self.vm.ctl(*arguments, **options)
        if (code, err) != (0, ""):
            raise AssertionError(f"{arguments}: {code}: {err}")
        return out

    def refused(self, *arguments, **options):
        code, out, err = self.vm.ctl(*arguments, **options)
        self.assertEqual((code, out), (1, ""), err)
        self.assertRegex(err, r"\Ahotplugctl: [^\n]+\n\Z")
        return err

    def add(self, *options, name="data", source=None):
        return self.ok("addvolume", "web", f"--volume-name={name}", f"--source={source or self.data}", *options)

    def vmi(self):
        return json.loads(self.ok("get", "vmi", "web", "-o", "json"))

    def statuses(self):
        return self.vmi()["status"]["volumeStatus"]

    def names(self):
        return [status["name"] for status in self.statuses()]

    def test_tables(self):
        self.assertEqual(self.ok("get", "vmi").split("\n")[0].split(), ["NAME", "STATE", "MACHINE", "VOLUMES", "INTERFACES"])
        self.assertRegex(self.ok("get", "vmi"), r"(?m)^web +Running +pc-q35-[0-9.]+ +0 +0$")
        self.assertRegex(self.ok("get", "vmi", "web"), r"\ANAME [^\n]+\nweb [^\n]+\n\Z")

        self.assertEqual(self.add(), 'volume "data" added to VMI "web": target sda, serial data\n')
        heading, web, blank, columns, data, end = self.ok("get", "vmi", "web").split("\n")
        self.assertTrue(heading.startswith("NAME ") and web.split()[3:] == ["1", "0"])
        self.assertEqual((blank, end), ("", ""))
        self.assertEqual(columns.split(), ["NAME", "TARGET", "BUS", "PHASE", "SERIAL", "SIZE", "PERSISTED"])
        self.assertEqual(data.split(), ["data", "sda", "scsi", "Ready", "data", "8Mi", "no"])
        self.assertEqual(columns.index("PERSISTED"), data.rindex("no"))

        self.assertEqual(self.ok("removevolume", "web", "--volume-name=data"), 'volume "data" removed from VMI "web"\n')
        self.assertEqual(self.names(), [])

    def test_manifest(self):
        added = json.loads(self.add("-o", "json"))
        self.assertEqual((added["name"], added["target"], added["phase"]), ("data", "sda", "Ready"))
        self.assertEqual(added["size"], SIZE)
        self.assertTrue(added["hotplugVolume"]["attachPodName"])
        self.assertTrue(added["hotplugVolume"]["attachPodUID"])
        self.assertIs(added["libhotplug"]["persisted"], False)

        vmi = self.vmi()
        self.assertEqual((vmi["apiVersion"], vmi["kind"]), ("kubevirt.io/v1", "VirtualMachineInstance"))
        self.assertEqual(vmi["metadata"]["name"], "web")
        self.assertEqual(vmi["spec"]["domain"]["memory"]["guest"], "64Mi")
        source = {"path": str(self.data), "type": "Disk"}
        self.assertEqual(vmi["spec"]["volumes"], [{"name": "data", "hostDisk": source}])
        self.assertEqual(vmi["status"]["phase"], "Running")
        self.assertEqual(vmi["status"]["volumeStatus"], [added])

        listed = json.loads(self.ok("-o", "json", "get", "vmis"))
        self.assertEqual((listed["kind"], listed["items"]), ("List", [vmi]))

        removed = json.loads(self.ok("removevolume", "web", "--volume-name=data", "-o", "json"))
        self.assertEqual(removed["status"]["volumeStatus"], [])

    @unittest.skipIf(yaml is None, "there is no PyYAML")
    def test_yaml_says_what_json_says(self):
        self.assertEqual(yaml.safe_load(self.add("--serial=0123", "-o", "yaml"))["libhotplug"]["serial"], "0123")
        self.assertEqual(yaml.safe_load(self.ok("get", "vmi", "web", "--output=yaml")), self.vmi())
        listed = json.loads(self.ok("get", "vmi", "-o", "json"))
        self.assertEqual(yaml.safe_load(self.ok("get", "vmi", "-o", "yaml")), listed)

    def test_options(self):
        out = self.add("--disk-name=disk", "--serial=S-1", "--bus=virtio", "--cache=none", "--read-only", "--persist")
        self.assertEqual(out, 'volume "disk" added to VMI "web": target vda, serial S-1, persisted\n')
        self.assertEqual(self.names(), ["disk"])
        (disk,) = self.vmi()["spec"]["domain"]["devices"]["disks"]
        expected = {"name": "disk", "serial": "S-1", "cache": "none", "disk": {"bus": "virtio", "readonly": True}}
        self.assertEqual(disk, expected)
        self.assertIs(self.statuses()[0]["libhotplug"]["persisted"], True)

        # without a system nobody lets go of a PCI device
        err = self.refused("removevolume", "web", "--volume-name=disk", "--persist", "--timeout=1")
        self.assertIn("disk", err)
        self.assertEqual(self.statuses()[0]["phase"], "Detaching")
        self.assertRegex(self.ok("get", "vmi", "web"), r"\n\ndisk: [^\n]+\n\Z")
        self.ok("restart", "web", "--force")
        self.assertEqual(self.names(), [])

    def disks(self):
        return {disk["name"]: disk for disk in self.vmi()["spec"]["domain"]["devices"]["disks"]}

    def xml(self, target):
        """What libvirt says of the disk"""
        dumped = self.vm.virsh("dumpxml web")
        (disk,) = [disk for disk in re.findall(r"<disk .*?</disk>", dumped, re.S) if f"<target dev='{target}'" in disk]
        return disk

    def test_every_option_reaches_libvirt(self):
        self.add("--disk-type=disk", "--cache=none", "--io=threads", "--discard=ignore", "--error-policy=report",
                 "--logical-block-size=512", "--physical-block-size=4096", "--shareable",
                 "--access-mode=ReadWriteMany", "--format=raw", "--serial=S")
        disk = self.xml("sda")
        for attribute in ("cache='none'", "io='threads'", "discard='ignore'", "error_policy='report'", "type='raw'"):
            self.assertRegex(disk, rf"<driver [^>]*{attribute}")
        self.assertIn("<blockio logical_block_size='512' physical_block_size='4096'/>", disk)
        self.assertIn("<shareable/>", disk)
        self.assertIn("<serial>S</serial>", disk)

        self.assertEqual(self.disks()["data"], {
            "name": "data", "serial": "S", "cache": "none", "io": "threads", "errorPolicy": "report",
            "blockSize": {"custom": {"logical": 512, "physical": 4096}}, "shareable": True, "disk": {"bus": "scsi"},
        })

        other = self.add("--match-block-size", "--access-mode=ReadOnlyMany", name="other", source=self.other)
        self.assertIn("target sdb", other)
        self.assertIn("<readonly/>", self.xml("sdb"))
        self.assertRegex(self.xml("sdb"), "<blockio logical_block_size='[0-9]+'")

        more = ("addvolume", "web", "--volume-name=b", f"--source={self.vm.image('b.img')}")
        for options, says in (
            (("--disk-type=lun",), "is no block device, which a LUN needs"),
            (("--disk-type=cdrom",), "a cdrom can't be hotplugged"),
            (("--disk-type=tape",), 'disk type "tape" can\'t be hotplugged, "disk" and "lun" can'),
            (("--dedicated-io-thread",), 'a disk on bus "scsi" has no dedicated IO thread'),
            (("--bus=virtio", "--dedicated-io-thread"), "IO thread"),
            (("--shareable", "--cache=writeback"), 'a shareable disk needs cache "none"'),
            (("--io=native", "--cache=writeback"), 'io "native" needs cache "none"'),
            (("--boot-order=7",), "can't have boot order 7: the VMI's definition has <os><boot/>"),
            (("--logical-block-size=1000",), "a logical block size of 1000 bytes can't be"),
            (("--format=qcow2",), "is no qcow2 image"),
        ):
            with self.subTest(options):
                self.assertIn(says, self.refused(*more, *options))
        self.assertEqual(self.names(), ["data", "other"])

    def test_disk_of_others(self):
        """One that libhotplug did not plug has a disk, a volume and a status too, and no phase."""
        definition = self.vm.root / "foreign.xml"
        definition.write_text(f"""<disk type='file' device='disk'>
            <driver name='qemu' type='raw' cache='writeback' io='threads' error_policy='ignore'/>
            <source file='{self.other}'/><target dev='sdf' bus='scsi'/><readonly/><serial>F</serial>
            <blockio logical_block_size='4096' physical_block_size='4096'/></disk>""")
        self.vm.virsh(f"attach-device web {definition} --live")
        vmi = self.vmi()
        self.assertEqual(vmi["spec"]["domain"]["devices"]["disks"], [{
            "name": "sdf", "serial": "F", "cache": "writeback", "io": "threads", "errorPolicy": "ignore",
            "blockSize": {"custom": {"logical": 4096, "physical": 4096}}, "disk": {"bus": "scsi", "readonly": True},
        }])
        self.assertEqual(vmi["spec"]["volumes"], [{"name": "sdf", "hostDisk": {"path": str(self.other), "type": "Disk"}}])
        (status,) = vmi["status"]["volumeStatus"]
        self.assertEqual((status["name"], status["target"], status["size"]), ("sdf", "sdf", SIZE))
        self.assertFalse({"phase", "reason", "message", "hotplugVolume"} & set(status))

    def test_uri(self):
        add = ("addvolume", "web", "--volume-name=net")
        # nobody listens there: what counts is that QEMU was asked to open it
        self.assertIn("volume \"net\"", self.refused(*add, "--source=nbd://127.0.0.1:1/disk"))
        self.assertIn("127.0.0.1:1", self.statuses()[0]["message"])
        self.assertIn("is of an unknown kind", self.refused(*add, "--source=http://127.0.0.1/disk"))

    def test_add_several(self):
        images = {name: self.vm.image(f"{name}.img") for name in "abc"}
        names = [f"--volume-name={name}" for name in "abc"]
        sources = [f"--source={images[name]}" for name in "abc"]
        serials = [f"--serial=S-{name}" for name in "abc"]
        out = self.ok("addvolume", "web", *names, *sources, *serials, "--cache=writeback", "--persist")
        lines = [f'volume "{name}" added to VMI "web": target sd{name}, serial S-{name}, persisted\n' for name in "abc"]
        self.assertEqual(out, "".join(lines))
        self.assertEqual({(name, disk["serial"], disk["cache"]) for name, disk in self.disks().items()},
                         {(name, f"S-{name}", "writeback") for name in "abc"})
        self.ok("removevolume", "web", *names, "--persist")

        # all or none
        self.assertIn("/no.img", self.refused("addvolume", "web", *names, *sources[:2], "--source=/no.img"))
        self.assertIn('"a"', self.refused("addvolume", "web", *names[:2], "--volume-name=a", *sources))
        self.assertIn(str(images["a"]), self.refused("addvolume", "web", *names, *sources[:2], sources[0]))
        self.assertEqual(self.names(), [])

        out = self.ok("addvolume", "web", *names[:2], *sources[:2], "--disk-name=x", "--disk-name=y", "-o", "json")
        first, end = json.JSONDecoder().raw_decode(out)
        self.assertEqual([first["name"], json.loads(out[end:])["name"]], ["x", "y"])
        self.assertEqual(self.names(), ["x", "y"])

    def test_interrupt(self):
        self.add("--bus=virtio")
        for number in (signal.SIGINT, signal.SIGTERM):
            process = ctl.start("-c", self.vm.uri, "removevolume", "web", "--volume-name=data", "--timeout=60")
            time.sleep(3)
            process.send_signal(number)
            code, out, err = ctl.finish(process)
            self.assertEqual((code, out), (128 + number, ""))
            self.assertRegex(err, r"\Ahotplugctl: [^\n]+\n\Z")
        self.assertEqual(self.statuses()[0]["phase"], "Detaching")

    def test_relative_source(self):
        self.ok("addvolume", "web", "--volume-name=data", "--source=data.img", cwd=self.vm.root)
        self.assertEqual(self.statuses()[0]["libhotplug"]["path"], str(self.data))

    def test_remove_several(self):
        for name in ("a", "b", "c"):
            self.ok("addvolume", "web", f"--volume-name={name}", f"--source={self.vm.image(f'{name}.img')}", "--persist")
        self.refused("removevolume", "web", "--volume-name=a", "--volume-name=nobody", "--volume-name=b")
        out = self.ok("removevolume", "web", "--volume-name=a", "--volume-name=b", "--persist")
        self.assertEqual(out, 'volumes "a", "b" removed from VMI "web"\n')
        self.assertEqual(self.names(), ["c"])

    def test_leaves_the_running_machine(self):
        self.add("--persist")
        out = self.ok("removevolume", "web", "--volume-name=data", "--dry-run")
        self.assertRegex(out, r"(?m)^remove +volume +data +sda +0:0:0:0 +0 +yes +no, back at the next start$")
        self.assertEqual(self.ok("removevolume", "web", "--volume-name=data"),
                         'volume "data" removed from VMI "web"; the template keeps it: back at the next start\n')
        (status,) = self.statuses()
        self.assertEqual(status["phase"], "Pending")
        self.assertIn("back at the next start", status["message"])
        self.assertIn("--persist", self.refused("removevolume", "web", "--volume-name=data"))
        self.assertIn("next start", self.refused("addvolume", "web", "--volume-name=data", f"--source={self.data}"))
        self.assertEqual(self.ok("removevolume", "web", "--volume-name=data", "--persist"),
                         'volume "data" removed from VMI "web"\n')
        self.assertEqual(self.names(), [])

    def test_dry_run(self):
        out = self.add("--dry-run", "--persist").split("\n")
        self.assertEqual(out[0], 'VMI "web" would need no PCI slot (dry run: nothing was changed)')
        self.assertEqual(out[2].split(), ["ACTION", "KIND", "NAME", "TARGET", "ADDRESS", "SLOTS", "LIVE", "TEMPLATE"])
        self.assertEqual(out[3].split(), ["add", "volume", "data", "sda", "0:0:0:0", "0", "yes", "yes"])
        live, template = out.index("The running machine would be given:"), out.index("The template's devices would change:")
        self.assertIn("<alias name=\"ua-hpv-data\"/>", "".join(out[live:template]))
        self.assertEqual({line[:2] for line in out[template + 1:-1]}, {"+ "})
        self.assertEqual(self.names(), [])

        plan = json.loads(self.add("--dry-run", "-o", "json"))
        self.assertEqual((plan["vmi"], plan["slots"], plan["live"], plan["persisted"]), ("web", 0, True, False))
        self.assertEqual([item["target"] for item in plan["items"]], ["sda"])
        self.assertIn('name="data"', plan["template"]["recordsAdded"])
        if yaml is not None:
            self.assertEqual(yaml.safe_load(self.add("--dry-run", "-o", "yaml")), plan)

        self.add()
        out = self.ok("removevolume", "web", "--volume-name=data", "--dry-run")
        self.assertRegex(out, r"(?m)^remove +volume +data +sda +0:0:0:0 +0 +yes +no$")
        self.assertIn("The template's metadata would change:\n- <hotplug>", out)
        self.assertEqual(self.names(), ["data"])

    def test_dry_run_of_several(self):
        both = ("addvolume", "web", "--volume-name=a", f"--source={self.data}", "--volume-name=b", f"--source={self.other}")
        plan = json.loads(self.ok(*both, "--dry-run", "-o", "json"))
        self.assertEqual([(item["name"], item["target"]) for item in plan["items"]], [("a", "sda"), ("b", "sdb")])
        # there is a port for one of them
        self.assertEqual(self.refused(*both, "--bus=virtio", "--dry-run"), self.refused(*both, "--bus=virtio"))
        one = self.add("--bus=virtio", "--dry-run")
        self.assertIn('VMI "web" would need 1 PCI slot (dry run', one)
        self.assertRegex(one, r"(?m)^add +volume +data +vda +0000:02:00.0 +1 +yes +no$")

    def test_dry_run_refused(self):
        add = ("addvolume", "web", "--volume-name=b", "--source=/no.img")
        self.assertEqual(self.refused(*add, "--dry-run"), self.refused(*add))
        remove = ("removevolume", "web", "--volume-name=b")
        self.assertEqual(self.refused(*remove, "--dry-run"), self.refused(*remove))

    def test_refused(self):
        self.add()
        self.assertIn("data", self.refused("addvolume", "web", "--volume-name=data", f"--source={self.other}"))
        self.assertIn(str(self.data), self.refused("addvolume", "web", "--volume-name=b", f"--source={self.data}"))
        self.refused("addvolume", "web", "--volume-name=b", f"--source={self.other}", "--serial=data")
        self.assertIn("/no", self.refused("addvolume", "web", "--volume-name=b", "--source=/no.img"))
        self.assertIn("b", self.refused("removevolume", "web", "--volume-name=b"))
        self.assertEqual(self.names(), ["data"])
        self.assertIn('"db"', self.refused("addvolume", "db", "--volume-name=b", f"--source={self.other}"))
        for command in (("get", "vmi", "db"), ("start", "db"), ("removevolume", "db", "--volume-name=data")):
            self.assertIn('"db"', self.refused(*command))
        self.assertIn('"web"', self.refused("start", "web"))

    def test_life(self):
        self.add()
        self.add("--persist", name="kept", source=self.other)
        self.assertEqual(self.ok("stop", "web", "--force"), 'VMI "web" stopped\n')
        self.assertRegex(self.ok("get", "vmi"), r"(?m)^web +Stopped ")
        self.assertEqual(self.vmi()["status"]["phase"], "Succeeded")
        self.refused("stop", "web")
        self.refused("addvolume", "web", "--volume-name=b", f"--source={self.vm.image('b.img')}")

        self.assertEqual(self.ok("start", "web"), 'VMI "web" started\n')
        self.assertEqual([(s["name"], s["phase"]) for s in self.statuses()], [("data", "Ready"), ("kept", "Ready")])
        self.assertEqual(self.ok("restart", "web", "--grace-period=0"), 'VMI "web" restarted\n')
        self.assertEqual([(s["name"], s["phase"]) for s in self.statuses()], [("data", "Ready"), ("kept", "Ready")])
        started = json.loads(self.ok("restart", "web", "--force", "-o", "json"))
        self.assertEqual(started["status"]["phase"], "Running")

    def budget(self, *options):
        return json.loads(self.ok("budget", "web", "-o", "json", *options))

    def test_budget(self):
        budget = self.budget()
        self.assertEqual((budget["ports"], budget["hotpluggable"]), ({"total": 2, "used": 1, "free": 1}, 1))
        next_address = budget["classes"]["either"]["next"]
        self.assertEqual(json.loads(self.add("--bus=virtio", "-o", "json"))["libhotplug"]["address"], next_address)

        full = self.budget()
        self.assertEqual((full["ports"]["free"], full["classes"]["either"]["next"]), (0, None))
        (slot,) = [slot for slot in full["slots"] if slot["address"] == next_address]
        self.assertEqual((slot["device"], slot["name"], slot["hotplug"]), ("virtio-blk", "data", True))
        # the next start brings it back
        self.assertEqual(self.budget("--template")["ports"], full["ports"])

        self.assertRegex(self.ok("budget", "web"), rf"(?m)^{next_address} +pcie-root-port +yes +virtio-blk +data$")
        tree = self.ok("topology", "web")
        self.assertIn("2 ports: 2 in use, 0 free\n", tree)
        self.assertIn(f'■ {next_address.removeprefix("0000:")}  virtio-blk "data"\n', tree)
        self.assertIn("□ ", self.ok("topology", "web", "--template"))
        self.assertIn('"data"', self.ok("topology", "web", "--svg=-").replace("&quot;", '"'))
        dumped = self.vm.root / "live.xml"
        dumped.write_text(self.vm.virsh("dumpxml web"))
        self.assertEqual(self.ok("topology", f"--xml={dumped}"), tree)

    def test_budget_of_a_stopped_vmi(self):
        self.ok("stop", "web", "--force")
        for command in ("budget", "topology"):
            err = self.refused(command, "web")
            self.assertIn('"web" is not running', err)
            self.assertIn("--template", err)
        self.assertEqual(self.budget("--template")["ports"]["total"], 2)
        self.assertIn('"db"', self.refused("budget", "db"))

    def define_again(self):
        self.vm.ctl("stop", "web", "--force")
        self.vm.virsh(f"undefine web; define {self.vm.root / 'web.xml'}")

    def test_reserve(self):
        self.addCleanup(self.define_again)
        before = self.budget("--template")
        out = self.ok("reserve", "web", "--keep-free=4", "--dry-run")
        self.assertEqual(out, '3 PCI ports can be added to VMI "web" (dry run: nothing was changed)\n')
        self.assertEqual(self.budget("--template"), before)

        there = '"web": the next start has 5, 4 free; restart the VMI to have them\n'
        self.assertEqual(self.ok("reserve", "web", "--keep-free=4"), f"3 PCI ports added to VMI {there}")
        self.assertEqual(self.ok("reserve", "web", "--keep-free=4").partition(":")[0],
                         'VMI "web" needs no further PCI port')
        self.assertEqual(self.budget()["ports"], before["ports"])

        self.ok("restart", "web", "--force")
        self.assertEqual(self.budget()["ports"], {"total": 5, "used": 1, "free": 4})
        out = self.ok("reserve", "web", "--keep-free=4")
        self.assertEqual(out, 'VMI "web" needs no further PCI port: the next start has 5, 4 free\n')

        reserved = json.loads(self.ok("reserve", "web", "--keep-free=5", "-o", "json"))
        self.assertEqual(reserved, self.budget("--template"))
        self.assertEqual(reserved["ports"], {"total": 6, "used": 1, "free": 5})
        self.refused("reserve", "web", "--ports=1000")
        self.assertIn('"db"', self.refused("reserve", "db"))

    def test_two_at_once(self):
        # an embedded hypervisor has one process at a time: who comes second either waits or says so, and nothing breaks
        images = [self.vm.image(f"{name}.img") for name in "ab"]
        running = [
            ctl.start("-c", self.vm.uri, "addvolume", "web", f"--volume-name={image.stem}", f"--source={image}")
            for image in images
        ]
        ended = [ctl.finish(process) for process in running]
        for code, _out, err in ended:
            self.assertIn(code, (0, 1))
            # libvirt itself logs to standard error when both come to its lock at the same moment
            self.assertRegex(err, r"\A(\d{4}-[^\n]+\n)*(hotplugctl: [^\n]+\n)?\Z")
        done = [image.stem for image, (code, _out, _err) in zip(images, ended) if code == 0]
        self.assertTrue(done, ended)
        self.assertEqual(self.names(), done)

    def test_processes_in_turn(self):
        """Each has a libvirt of its own, which must know all that the one before it has done."""
        for _round in range(8):
            self.add()
            self.ok("removevolume", "web", "--volume-name=data")
            for _open in range(3):
                self.refused("get", "vmi", "none")

    def test_closed_pipe(self):
        reader, writer = os.pipe()
        os.close(reader)
        process = ctl.start("-c", self.vm.uri, "get", "vmi", stdout=writer)
        os.close(writer)
        code, _out, err = ctl.finish(process)
        self.assertEqual((code, err), (-signal.SIGPIPE, ""))

    def test_debug_messages_stay_out_of_the_output(self):
        code, out, err = self.vm.ctl("get", "vmi", "-o", "json", env=ctl.environment(G_MESSAGES_DEBUG="all"))
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["kind"], "List")
        self.assertIsNone(re.search(r"DEBUG", out))


if __name__ == "__main__":
    sys.exit(tapunit.main())
