# SPDX-License-Identifier: LGPL-2.1-or-later
"""hotplugctl without a hypervisor: its words, its exit codes, and how it says that something is wrong."""

import os
import re
import signal
import sys
import unittest

import ctl
import tapunit

COMMANDS = ("addinterface", "addvolume", "budget", "create", "delete", "eject", "get", "insert",
            "removeinterface", "removevolume", "reserve", "restart", "set", "start", "stop", "topology")
NOWHERE = "qemu+unix:///system?socket=/nonexistent/socket"

ADD = ("addvolume", "web", "--volume-name=data", "--source=/srv/data.img")
PLUG = ("addinterface", "web", "--network-attachment-definition-name=net", "--name=nic")

# what is typed, and what the message has
USAGE = (
    ((), "which command"),
    (("--bogus",), "--bogus"),
    (("-o", "xml", "get", "vmi"), '"xml"'),
    (("get", "vmi", "-o"), "-o"),
    (("get",), "vmi|datavolume|network [NAME]"),
    (("get", "pods"), '"pods"'),
    (("get", "vmi", "web", "db"), '"db"'),
    (("addvolume",), "VMI"),
    (("addvolume", "web"), "--volume-name"),
    (("create",), "datavolume NAME"),
    (("create", "datavolume"), "datavolume NAME"),
    (("create", "datavolume", "data"), "--size"),
    (("create", "pod", "data", "--size=1Gi"), '"pod"'),
    (("create", "datavolume", "data", "--size=1Gi", "--access-mode=Any"), "ReadWriteOnce, ReadWriteMany, ReadOnlyMany"),
    (("create", "datavolume", "data", "--size=1Gi", "--volume-mode=File"), "Filesystem, Block"),
    (("create", "datavolume", "data", "--size=1Gi", "--format=vmdk"), "raw, qcow2"),
    (("create", "datavolume", "data", "--size=1Gi", "--source-format=raw"), "--source-file"),
    (("create", "datavolume", "data", "--source-file=a", "--clone=b"), "exclude each other"),
    (("create", "datavolume", "data", "--size=1Gi", "--preallocation=yes"), "takes no value"),
    (("delete",), "datavolume NAME"),
    (("delete", "vmi", "web"), '"vmi"'),
    (("delete", "datavolume", "a", "b"), '"b"'),
    (("addvolume", "web", "--volume-name"), "--volume-name"),
    ((*ADD, "--cache=directsync"), "none, writethrough, writeback"),
    ((*ADD, "--cache=default"), "none, writethrough, writeback"),
    ((*ADD, "--disk-name=a", "--disk-name=b"), "--disk-name is given 2 times for one volume"),
    ((*ADD, "--volume-name=b"), "--source is given 1 time for 2 volumes; it is given for each, in the order of --volume-name"),
    ((*ADD, "--volume-name=b", "--source=b", "--serial=s"), "--serial is given 1 time for 2 volumes"),
    (("addvolume", "web", "--volume-name=a", "--boot-order=1", "--boot-order=2"), "--boot-order is given 2 times"),
    ((*ADD, "--io=default"), "native, threads"),
    ((*ADD, "--discard=on"), "unmap, ignore"),
    ((*ADD, "--error-policy=panic"), "stop, ignore, report, enospace"),
    ((*ADD, "--access-mode=Any"), "ReadWriteOnce, ReadWriteMany, ReadOnlyMany"),
    ((*ADD, "--format=vmdk"), "raw, qcow2"),
    ((*ADD, "--boot-order=0"), '--boot-order is a number from 1, not "0"'),
    ((*ADD, "--boot-order=first"), '"first"'),
    ((*ADD, "--logical-block-size=4Ki"), '--logical-block-size is a number from 1, not "4Ki"'),
    ((*ADD, "--physical-block-size=0"), "--physical-block-size"),
    ((*ADD, "--match-block-size", "--logical-block-size=512"), "--match-block-size excludes"),
    ((*ADD, "--shareable=yes"), "--shareable takes no value"),
    (("addvolume", "web", "--volume-name=a", "--access-mode=ReadOnlyMany"), "a data volume has its own"),
    (("addvolume", "web", "--volume-name=a", "--format=raw"), "a data volume has its own"),
    ((*ADD, "db"), '"db"'),
    ((*ADD, "--persist=false"), "--persist takes no value"),
    ((*ADD, "--dry-run=maybe"), "--dry-run takes no value"),
    (("removevolume", "web"), "--volume-name"),
    (("addinterface",), "VMI"),
    (("addinterface", "web"), "--network-attachment-definition-name=NAME is missing"),
    (("addinterface", "web", "--network-attachment-definition-name=net"), "--name=NAME is missing"),
    (("addinterface", "web", "--name=nic"), "--network-attachment-definition-name=NAME is missing"),
    ((*PLUG, "--state=absent"), '--state is one of up, down, not "absent"'),
    ((*PLUG, "--state=Up"), '--state is one of up, down, not "Up"'),
    ((*PLUG, "--queues=0"), '--queues is a number from 1, not "0"'),
    ((*PLUG, "--boot-order=last"), '--boot-order is a number from 1, not "last"'),
    ((*PLUG, "--name=other"),
     "--network-attachment-definition-name is given 1 time for 2 interfaces; it is given for each, in the order of --name"),
    ((*PLUG, "--mac=02:11:22:33:44:55", "--mac=02:11:22:33:44:56"), "--mac is given 2 times for one interface"),
    ((*PLUG, "--boot-order=1", "--boot-order=2"), "--boot-order is given 2 times for one interface"),
    ((*PLUG, "--persist=yes"), "--persist takes no value"),
    ((*PLUG, "--volume-name=data"), "--volume-name"),
    ((*PLUG, "db"), '"db"'),
    (("removeinterface",), "VMI"),
    (("removeinterface", "web"), "--name=NAME is missing"),
    (("removeinterface", "web", "--name=nic", "--timeout=soon"), '"soon"'),
    (("removeinterface", "web", "--name=nic", "--mac=02:11:22:33:44:55"), "--mac"),
    (("set",), "VMI"),
    (("set", "interface"), "VMI"),
    (("set", "interface", "web", "--state=up"), "--name=NAME is missing"),
    (("set", "interface", "web", "--name=nic"), "--state=up|down|absent"),
    (("set", "interface", "web", "--name=nic", "--state=unchanged"), "--state is one of up, down, absent"),
    (("set", "volume", "web", "--name=nic", "--state=up"), '"volume"'),
    (("insert", "web", "--volume-name=tools"), "--cdrom"),
    (("insert", "web", "--cdrom=sda"), "--volume-name"),
    (("insert", "--cdrom=sda", "--volume-name=tools"), "VMI"),
    (("eject", "web"), "--cdrom"),
    (("eject", "web", "--cdrom=sda", "--volume-name=tools"), "--volume-name"),
    (("removevolume", "web", "--volume-name=data", "--timeout=soon"), '"soon"'),
    (("removevolume", "web", "--volume-name=data", "--timeout=-1"), '"-1"'),
    (("removevolume", "web", "--volume-name=data", "--timeout=2147484"), '"2147484"'),
    (("removevolume", "web", "--volume-name=data", "--timeout=1.5"), '"1.5"'),
    (("budget",), "--xml=FILE"),
    (("budget", "web", "--xml=web.xml"), "exclude each other"),
    (("budget", "--xml=web.xml", "--template"), "--template"),
    (("budget", "web", "db"), '"db"'),
    (("topology",), "--xml=FILE"),
    (("topology", "web", "-o", "json"), "budget -o json"),
    (("topology", "web", "--all=no"), "--all takes no value"),
    (("reserve",), "VMI"),
    (("reserve", "web", "--ports=many"), '"many"'),
    (("reserve", "web", "--ports=-1"), '"-1"'),
    (("reserve", "web", "--keep-free=1.5"), '"1.5"'),
    (("reserve", "web", "--ports=100001"), '"100001"'),
    (("reserve", "web", "8"), '"8"'),
    (("migrate",), "VMI"),
    (("migrate", "web"), "--to=URI is missing"),
    (("migrate", "web", "--to="), "--to is empty"),
    (("migrate", "web", "--to=qemu:///embed", "--timeout=soon"), '"soon"'),
    (("migrate", "web", "--to=qemu:///embed", "--peer-to-peer=yes"), "--peer-to-peer takes no value"),
    (("migrate", "web", "db", "--to=qemu:///embed"), '"db"'),
    (("create", "datavolume", "data", "--size=1Gi", "--to=qemu:///embed"), "--to is for a migration"),
    (("create", "-f", "-", "--to="), "--to is empty"),
    (("start",), "VMI"),
    (("start", "web", "--force"), "--force"),
    (("stop", "web", "--grace-period", "-5"), '"-5"'),
    (("restart", "web", "--grace-period="), '""'),
    (("frobnicate",), 'unknown command "frobnicate" '),
    (("help", "frobnicate"), 'unknown command "frobnicate" '),
    (("addvolum",), 'did you mean "addvolume"?'),
    (("strat",), 'did you mean "start"?'),
    (("removev",), 'did you mean "removevolume"?'),
    (("rem",), 'did you mean "removeinterface"?'),
    (("addinterfaces",), 'did you mean "addinterface"?'),
    (("topo",), 'did you mean "topology"?'),
    (("",), 'unknown command ""'),
)

# what the library refuses before it needs a host
REFUSED = (
    (("addvolume", "web", "--volume-name=Data", "--source=/srv/data.img"), "Data"),
    (("addvolume", "web", "--volume-name=data", "--disk-name=a_b", "--source=/srv/data.img"), "a_b"),
    ((*ADD, "--serial=" + "x" * 37), "36"),
    ((*ADD, "--bus=virtio", "--serial=" + "x" * 21), "the guest sees 20; give it a shorter serial, or bus scsi"),
    ((*ADD, "--serial=a b"), "serial"),
    ((*ADD, "--bus=sata"), '"scsi" and "virtio"'),
    ((*ADD, "--bus=nvme"), '"scsi" and "virtio"'),
    ((*ADD, "--bus=isa"), '"scsi" and "virtio"'),
    ((*ADD, "--disk-type=floppy"), "a floppy can't be hotplugged"),
    ((*ADD, "--disk-type=tape"), 'disk type "tape" can\'t be hotplugged, "disk" and "lun" can'),
    ((*ADD, "--disk-type=lun", "--bus=virtio"), 'bus "virtio" takes no LUN'),
    ((*ADD, "--disk-type=lun", "--serial=s"), "a LUN can't be given serial"),
    ((*ADD, "--dedicated-io-thread"), "has no dedicated IO thread"),
    ((*ADD, "--physical-block-size=1000"), "1000 bytes"),
    ((*ADD, "--logical-block-size=4096", "--physical-block-size=512"), "larger than the physical"),
    ((*ADD, "--access-mode=ReadWriteMany", "--cache=writeback"), "ReadWriteMany needs cache"),
    (("addvolume", "web", "--volume-name=a", "--source=ftp://host/a"), "is of an unknown kind"),
    (("addinterface", "web", "--network-attachment-definition-name=net", "--name=a_b"), "a_b"),
    (("addinterface", "web", "--network-attachment-definition-name=a/b/c", "--name=nic"), 'interface "nic": '),
    ((*PLUG, "--mac=02:11:22:33:44"), "is no MAC address, such as 02:11:22:33:44:55"),
    ((*PLUG, "--mac=01:00:5e:00:00:01"), "is that of a group"),
    ((*PLUG, "--queues=257"), "257 queues can't be, from 1 to 256 can"),
    (("migrate", "web", "--to=qemu:///embed", "--bandwidth=fast"), '"fast" is no quantity'),
    (("create", "datavolume", "data", "--size=5GB"), '"5GB" is no quantity'),
    (("create", "datavolume", "data", "--size=0"), "more than 0 bytes"),
    (("create", "datavolume", "../data", "--size=1Gi"), "lower-case letters"),
    (("create", "datavolume", "data", "--size=1Gi", "--volume-mode=Block", "--format=qcow2"), "a block device is raw"),
)


class CommandLine(unittest.TestCase):
    def check_error(self, status, expected, arguments, **options):
        code, out, err = ctl.run(*arguments, **options)
        self.assertEqual((code, out), (status, ""), err)
        self.assertRegex(err, r"\Ahotplugctl: [^\n]+\n\Z")
        self.assertIn(expected, err)
        return err

    def check_help(self, *arguments):
        code, out, err = ctl.run(*arguments)
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(out.startswith("Usage:\n  hotplugctl "), out)
        self.assertTrue(out.endswith("\n") and not out.endswith("\n\n"), out)
        return out

    def test_usage(self):
        for arguments, expected in USAGE:
            with self.subTest(arguments=arguments):
                err = self.check_error(2, expected, arguments)
                self.assertRegex(err, r'\(try "hotplugctl( [a-z]+)? --help"\)\n\Z')

    def test_refused(self):
        for arguments, expected in REFUSED:
            with self.subTest(arguments=arguments):
                self.check_error(1, expected, arguments)

    def test_help(self):
        out = self.check_help("--help")
        for command in COMMANDS:
            self.assertRegex(out, rf"(?m)^  {command} ")
        self.assertEqual(out, self.check_help("-h"))
        self.assertEqual(out, self.check_help("help"))

    def test_help_of_commands(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                out = self.check_help(command, "--help")
                self.assertTrue(out.startswith(f"Usage:\n  hotplugctl {command} [OPTION…] "), out)
                self.assertEqual(out, self.check_help("help", command))
                self.assertEqual(out, self.check_help("-c", NOWHERE, command, "-h"))

    def test_manual_has_all_options(self):
        with open(os.path.join(os.environ.get("TOP_SRCDIR", "."), "docs/hotplugctl.1"), encoding="utf-8") as page:
            manual = page.read().replace("\\-", "-")
        for command in (("--help",), *((name, "--help") for name in COMMANDS)):
            for option in re.findall(r"--[a-z-]+", self.check_help(*command)):
                self.assertIn(option, manual)

    def test_version(self):
        code, out, err = ctl.run("--version")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"\Ahotplugctl \d+\.\d+\.\d+\n\Z")

    def test_connection(self):
        err = self.check_error(1, "", ("-c", NOWHERE, "get", "vmi"))
        self.assertEqual(err, self.check_error(1, "", ("get", "vmi", f"--connect={NOWHERE}")))
        self.assertEqual(err, self.check_error(1, "", ("get", "vmi"), env=ctl.environment(HOTPLUG_URI=NOWHERE)))
        self.assertEqual(err, self.check_error(1, "", ("-c", "bogus:///", "get", "-c", NOWHERE, "vmi")))
        for command in (("start", "web"), ("stop", "web"), ("restart", "web"), ("get", "vmi", "web"), ADD, ("budget", "web"),
                        ("topology", "web", "--template"), ("reserve", "web", "--ports=4")):
            self.check_error(1, "", ("-c", NOWHERE, *command))

    def test_unknown_uri(self):
        self.check_error(1, "bogus", ("-c", "bogus:///", "get", "vmi"))

    def test_option_places(self):
        # all are understood: they fail at the connection, with 1, not with 2
        for arguments in (
            ("addvolume", "--volume-name", "data", "--source", "/srv/data.img", "web"),
            ("addvolume", "--volume-name=data", "web", "--source=/srv/data.img", "--serial", "1", "--persist"),
            ("addvolume", "--volume-name=data", "--source=/srv/data.img", "--", "web"),
            (*ADD, "-o", "json", "--bus=virtio", "--cache=none", "--read-only"),
            ("removevolume", "--timeout", "3", "web", "--volume-name", "data", "--dry-run"),
            ("addinterface", "web", "--network-attachment-definition-name", "green/net", "--name", "nic", "--state", "down"),
            (*PLUG, "--mac=02-11-22-33-44-55", "--queues=4", "--boot-order", "2", "--persist", "--dry-run", "-o", "yaml"),
            ("removeinterface", "--name", "nic", "web", "--persist", "--timeout=0"),
            ("set", "interface", "web", "--name", "nic", "--state", "down", "--persist"),
            ("set", "--name=nic", "interface", "--network-attachment-definition-name=net", "web", "--dry-run"),
            ("stop", "--force", "web"),
            ("restart", "web", "--grace-period=0"),
        ):
            with self.subTest(arguments=arguments):
                self.check_error(1, "", ("-c", NOWHERE, *arguments))

    def test_closed_pipe(self):
        for arguments in (("--help",), ("--version",), ("addvolume", "--help")):
            reader, writer = os.pipe()
            os.close(reader)
            process = ctl.start(*arguments, stdout=writer)
            os.close(writer)
            code, _out, err = ctl.finish(process)
            self.assertEqual((code, err), (-signal.SIGPIPE, ""))

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            code, _out, err = ctl.finish(ctl.start("--help", stdout=full))
        self.assertEqual((code, err), (1, "hotplugctl: standard output: No space left on device\n"))

    def test_completion(self):
        if not os.path.exists(ctl.COMPLETION_LIBRARY):
            self.skipTest("there is no bash-completion")
        for words, expected in (
            (["addv"], "addvolume"),
            (["addvolume", "web", "--bus", "s"], "scsi"),
            (["addvolume", "web", "--vol"], "--volume-name="),
            (["addvolume", "web", "--error-policy", "e"], "enospace"),
            (["addvolume", "--boot-order", "1", "--match"], "--match-block-size"),
            (["addi"], "addinterface"),
            (["addinterface", "web", "--net"], "--network-attachment-definition-name="),
            (["addinterface", "--network-attachment-definition-name", "net", "--state", "d"], "down"),
            (["removei"], "removeinterface"),
            (["removeinterface", "web", "--ti"], "--timeout="),
            (["set", "i"], "interface"),
            (["set", "interface", "web", "--state", "a"], "absent"),
            (["-o", "y"], "yaml"),
            (["topology", "--xml=a.xml", "--s"], "--svg="),
            (["reserve", "web", "--k"], "--keep-free="),
            (["budget", "--tem"], "--template"),
            (["-c", NOWHERE, "get", "vmi", ""], ""),
            (["-c", NOWHERE, "budget", ""], ""),
        ):
            self.assertEqual(ctl.complete(words), (expected + "\n", ""), words)


if __name__ == "__main__":
    sys.exit(tapunit.main())
