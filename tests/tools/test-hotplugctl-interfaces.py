# SPDX-License-Identifier: LGPL-2.1-or-later
"""Interfaces by hotplugctl, on bridges in a network of this test's own: without a system, and in a booted guest."""

import ctypes
import json
import os
import re
import subprocess
import sys
import time
import unittest

import ctl
import machine
import tapunit

CLONE_NEWNET = 0x40000000
BRIDGE = "br-ctl"
SECOND_BRIDGE = "br-ctl-2"
NAD = "--network-attachment-definition-name"
MAC = "02:11:22:33:44:55"

# KubeVirt's user guide, docs/network/hotplug_interfaces.md, on a bridge of ours
NETWORK = """apiVersion: "k8s.cni.cncf.io/v1"
kind: NetworkAttachmentDefinition
metadata:
  name: {name}
spec:
    config: '{{
      "cniVersion": "0.3.1",
      "type": "bridge",
      "bridge": "{bridge}",
      "mtu": 1300
    }}'
"""


def links():
    """Each link with its details. /sys shows those of the host."""
    done = subprocess.run(["ip", "-j", "link"], text=True, capture_output=True, check=True)
    return {link["ifname"]: link for link in json.loads(done.stdout)}


def enter_network():
    """Why there can be no network of one's own, or None: then this process is in one, and all that it starts."""
    if os.geteuid() != 0:
        return "a network namespace of one's own needs root"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return "no network namespace is allowed here"
    for command in (f"link add {BRIDGE} type bridge stp_state 0 forward_delay 0", f"link set {BRIDGE} up",
                    f"link add {SECOND_BRIDGE} type bridge stp_state 0 forward_delay 0", f"link set {SECOND_BRIDGE} up",
                    "link set lo up"):
        if subprocess.run(["ip", *command.split()], check=False, stderr=subprocess.DEVNULL).returncode != 0:
            return "no bridge can be made"
    return None


NO_NETWORK = enter_network()


class Interfaces:
    """A machine, and what is asked of it"""

    @classmethod
    def prepare(cls, vm, reason):
        if reason is not None:
            raise unittest.SkipTest(reason)
        cls.vm = vm()
        cls.addClassCleanup(cls.vm.down)
        cls.vm.up()
        for name, bridge in (("new-fancy-net", BRIDGE), ("nowhere", "no-such-bridge"), ("second-net", SECOND_BRIDGE)):
            path = cls.vm.root / f"{name}.yaml"
            path.write_text(NETWORK.format(name=name, bridge=bridge))
            cls.ok("create", "-f", path)

    @classmethod
    def ok(cls, *arguments):
        code, out, err = run(cls.vm, *arguments)
        if (code, err) != (0, ""):
            raise AssertionError(f"{arguments}: {code}: {err}")
        return out

    def refused(self, *arguments):
        code, out, err = run(self.vm, *arguments)
        self.assertEqual((code, out), (1, ""), err)
        self.assertRegex(err, r"\Ahotplugctl: [^\n]+\n\Z")
        return err

    def add(self, *options, name="dyniface1"):
        return self.ok("addinterface", "web", f"{NAD}=new-fancy-net", f"--name={name}", *options)

    def vmi(self):
        return json.loads(self.ok("get", "vmi", "web", "-o", "json"))

    def statuses(self):
        return self.vmi()["status"].get("interfaces", [])


def run(vm, *arguments):
    return ctl.run("-c", vm.uri, *arguments)


class Idle(Interfaces, unittest.TestCase):
    """Without a system nobody lets go of a PCI device; there is a port for one."""

    @classmethod
    def setUpClass(cls):
        cls.prepare(lambda: ctl.Idle("web"), NO_NETWORK or ctl.missing())

    def setUp(self):
        if self.vmi()["status"]["phase"] != "Running":
            self.ok("start", "web")

    def tearDown(self):
        for status in self.statuses():
            self.vm.ctl("removeinterface", "web", f"--name={status['name']}", "--persist", "--timeout=0")
        if self.statuses():
            self.ok("stop", "web", "--force")

    def xml(self, *options):
        """What libvirt says of the only interface"""
        (found,) = re.findall(r"<interface .*?</interface>", self.vm.virsh(" ".join(("dumpxml", "web", *options))), re.S)
        return found

    def test_story(self):
        out = self.add()
        mac = out[:-1].split()[7].rstrip(",")
        self.assertEqual(out, f'interface "dyniface1" added to VMI "web": MAC {mac}, network new-fancy-net\n')
        self.assertRegex(mac, r"\A[0-9a-f][26ae](:[0-9a-f]{2}){5}\Z")
        heading, web, blank, columns, row, end = self.ok("get", "vmi", "web").split("\n")
        self.assertEqual((heading.split()[-1], web.split()[-1], blank, end), ("INTERFACES", "1", "", ""))
        self.assertEqual(columns.split(), ["NAME", "MAC", "STATE", "INTERFACE", "IP", "NETWORK", "PHASE"])
        *cells, network, phase = row.split()
        self.assertEqual((cells, phase), (["dyniface1", mac, "up", "-", "-"], "Ready"))
        self.assertEqual(network, "new-fancy-net")

        vmi = self.vmi()
        self.assertEqual(vmi["spec"]["domain"]["devices"]["interfaces"],
                         [{"name": "dyniface1", "macAddress": mac, "model": "virtio", "bridge": {}}])
        self.assertEqual(vmi["spec"]["networks"], [{"name": "dyniface1", "multus": {"networkName": network}}])
        (status,) = vmi["status"]["interfaces"]
        self.assertEqual((status["mac"], status["infoSource"], status["queueCount"], status["linkState"]),
                         (mac, "domain", 1, "up"))
        tap = links()[status["libhotplug"]["target"]]
        self.assertEqual((tap["master"], tap["mtu"]), (BRIDGE, 1300))

        err = self.refused("addinterface", "web", f"{NAD}=new-fancy-net", "--name=dyniface2")
        self.assertIn("PCI", err)
        self.assertEqual(len(self.statuses()), 1)

        self.assertIn("dyniface1", self.refused("removeinterface", "web", "--name=dyniface1", "--timeout=1"))
        self.assertEqual(self.statuses()[0]["libhotplug"]["phase"], "Detaching")
        self.assertRegex(self.ok("get", "vmi", "web"), r"\n\ndyniface1: [^\n]+\n\Z")
        self.ok("restart", "web", "--force")
        self.assertEqual(self.statuses(), [])
        self.assertEqual(set(links()), {"lo", BRIDGE, SECOND_BRIDGE})

    def test_options(self):
        out = self.add(f"--mac={MAC.upper()}", "--state=down", "--queues=2", "--persist")
        self.assertEqual(out, f'interface "dyniface1" added to VMI "web": MAC {MAC}, network new-fancy-net, link down, '
                              "persisted\n")
        for xml in self.xml(), self.xml("--inactive"):
            for part in (f"<mac address='{MAC}'/>", "<model type='virtio'/>", "<link state='down'/>", "<mtu size='1300'/>",
                         "<alias name='ua-hpi-dyniface1'/>"):
                self.assertIn(part, xml)
            self.assertRegex(xml, "<driver [^>]*queues='2'")
        self.assertEqual(self.vmi()["spec"]["domain"]["devices"]["interfaces"][0]["state"], "down")
        self.assertEqual(self.statuses()[0]["queueCount"], 2)

    def test_manifest(self):
        added = json.loads(self.add("--persist", "-o", "json"))
        self.assertEqual((added["name"], added["linkState"]), ("dyniface1", "up"))
        self.assertEqual((added["libhotplug"]["network"], added["libhotplug"]["persisted"]), ("new-fancy-net", True))
        (status,) = self.statuses()
        self.assertEqual(status["libhotplug"]["network"], "new-fancy-net")
        self.assertEqual(status, added)

    def test_stopped(self):
        self.ok("stop", "web", "--force")
        self.refused("addinterface", "web", f"{NAD}=new-fancy-net", "--name=dyniface1")
        self.assertEqual(self.add("--persist", f"--mac={MAC}"),
                         f'interface "dyniface1" added to VMI "web": MAC {MAC}, network new-fancy-net, persisted\n'
                         "Interface dyniface1 is attached when the VMI starts\n")
        self.assertEqual(len(self.statuses()), 1)
        out = self.ok("removeinterface", "web", "--name=dyniface1", "--persist")
        self.assertEqual(out, 'interface "dyniface1" removed from VMI "web"\n')
        self.assertEqual(self.statuses(), [])

    def set(self, *options):
        return self.ok("set", "interface", "web", "--name=dyniface1", *options)

    def links_say(self):
        return self.vmi()["spec"]["domain"]["devices"]["interfaces"][0].get("state"), self.statuses()[0]["linkState"]

    def test_set(self):
        self.add("--persist", f"--mac={MAC}")
        self.assertEqual(self.set("--state=down"), 'interface "dyniface1" of VMI "web" set: link down\n')
        self.assertEqual(self.links_say()[1], "down")
        self.assertNotIn("<link", self.xml("--inactive"))
        plan = self.set("--state=up", "--dry-run")
        self.assertIn("update   interface   dyniface1", plan)
        self.assertIn("dry run: nothing was changed", plan)
        self.assertEqual(self.links_say(), ("down", "down"))
        out = self.set(f"{NAD}=second-net", "--persist")
        self.assertEqual(out, 'interface "dyniface1" of VMI "web" set: link down, network second-net, persisted\n')
        for xml in self.xml(), self.xml("--inactive"):
            self.assertIn(f"<source bridge='{SECOND_BRIDGE}'/>", xml)
            self.assertIn(f"<mac address='{MAC}'/>", xml)
        self.assertEqual(links()[self.statuses()[0]["libhotplug"]["target"]]["master"], SECOND_BRIDGE)
        status = json.loads(self.set("--state=up", f"{NAD}=new-fancy-net", "--persist", "-o", "json"))
        self.assertEqual((status["linkState"], status["libhotplug"]["network"]), ("up", "new-fancy-net"))
        self.assertEqual(links()[status["libhotplug"]["target"]]["master"], BRIDGE)

    def test_libvirt_killed_while_moving(self):
        """It hangs the tap device back where its definition has it, which a change of an interface counts on."""
        self.add()
        tap = self.statuses()[0]["libhotplug"]["target"]
        for command in (f"link set {tap} master {SECOND_BRIDGE}", f"link set {tap} nomaster"):
            subprocess.run(["ip", *command.split()], check=True)
            self.assertNotEqual(links()[tap].get("master"), BRIDGE)
            self.statuses()
            self.assertEqual(links()[tap].get("master"), BRIDGE)

    def test_set_refused(self):
        self.add()
        new = ("set", "interface", "web", "--name=dyniface1")
        for arguments, says in (
            ((*new, f"{NAD}=no-such-net"), "no-such-net"),
            ((*new, f"{NAD}=nowhere", "--state=down"), "no-such-bridge"),
            ((*new, f"{NAD}=new-fancy-net", "--state=absent"), "absent"),
            (("set", "interface", "web", "--name=dyniface2", "--state=down"), "dyniface2"),
            (("set", "interface", "db", "--name=dyniface1", "--state=down"), '"db"'),
        ):
            with self.subTest(arguments):
                self.assertIn(says, self.refused(*arguments))
        self.assertEqual(self.links_say()[1], "up")

    def test_absent(self):
        """Persisted on a stopped machine, so that no guest is waited for"""
        self.ok("stop", "web", "--force")
        self.add("--persist")
        self.assertEqual(self.set("--state=absent", "--persist"), 'interface "dyniface1" removed from VMI "web"\n')
        self.assertEqual(self.statuses(), [])

    def test_dry_run(self):
        before = self.vmi()
        out = self.add(f"--mac={MAC}", "--persist", "--dry-run")
        first, blank, heading, port, row, rest = out.split("\n", 5)
        self.assertEqual((first, blank), ('VMI "web" would need 1 PCI slot (dry run: nothing was changed)', ""))
        self.assertEqual(heading.split(), ["ACTION", "KIND", "NAME", "TARGET", "ADDRESS", "SLOTS", "LIVE", "TEMPLATE"])
        # with a persisted device goes a port, so that what the template has to spare stays
        self.assertEqual(port.split()[:3] + port.split()[-3:], ["add", "controller", "pci.3", "0", "no", "yes"])
        address = row.split()[4]
        self.assertEqual(row.split(), ["add", "interface", "dyniface1", "-", address, "1", "yes", "yes"])
        self.assertEqual(rest.count(f'<mac address="{MAC}"/>'), 2, rest)
        self.assertIn("The running machine would be given:", rest)
        self.assertIn("The template's devices would change:", rest)
        plan = json.loads(self.add(f"--mac={MAC}", "--persist", "--dry-run", "-o", "json"))
        self.assertEqual((self.vmi(), self.statuses(), set(links())), (before, [], {"lo", BRIDGE, SECOND_BRIDGE}))

        # what was planned is what is done
        (port, item) = plan["items"]
        self.assertEqual(port["kind"], "controller")
        self.assertEqual((item["kind"], item["name"], item["address"]), ("interface", "dyniface1", address))
        added = json.loads(self.add(f"--mac={MAC}", "--persist", "-o", "json"))
        self.assertEqual((added["mac"], added["libhotplug"]["address"]), (MAC, address))

        before = self.vmi()
        out = self.ok("removeinterface", "web", "--name=dyniface1", "--dry-run")
        self.assertRegex(out, r"(?m)^remove +interface +dyniface1 .* yes +no, back at the next start$")
        self.assertNotIn(MAC, out)
        out = self.ok("removeinterface", "web", "--name=dyniface1", "--persist", "--dry-run")
        self.assertTrue(out.startswith('VMI "web" would get back 1 PCI slot (dry run: nothing was changed)\n\nACTION'), out)
        self.assertIn(f"<mac address='{MAC}'/>", out)
        self.assertEqual(self.vmi(), before)
        self.assertEqual(self.statuses()[0]["libhotplug"]["phase"], "Ready")
        for command in (("addinterface", "web", f"{NAD}=new-fancy-net", "--name=dyniface1"),
                        ("addinterface", "web", f"{NAD}=new-fancy-net", "--name=dyniface2"),
                        ("removeinterface", "web", "--name=dyniface2")):
            self.assertEqual(self.refused(*command, "--dry-run"), self.refused(*command))

    def test_refused(self):
        self.add(f"--mac={MAC}")
        new = ("addinterface", "web", f"{NAD}=new-fancy-net")
        for arguments, says in (
            ((*new, "--name=dyniface1"), "dyniface1"),
            ((*new, "--name=dyniface2", f"--mac={MAC}"), MAC),
            (("addinterface", "web", f"{NAD}=no-such-net", "--name=dyniface2"), "no-such-net"),
            (("addinterface", "db", f"{NAD}=new-fancy-net", "--name=dyniface2"), '"db"'),
            (("removeinterface", "web", "--name=dyniface2"), "dyniface2"),
            (("removeinterface", "db", "--name=dyniface1"), '"db"'),
        ):
            with self.subTest(arguments):
                self.assertIn(says, self.refused(*arguments))
        self.assertEqual([status["name"] for status in self.statuses()], ["dyniface1"])

    def test_pending(self):
        """Its bridge is not here: it waits, and is attached by the start that finds it."""
        nowhere = ("addinterface", "web", f"{NAD}=nowhere", "--name=dyniface1", f"--mac={MAC}", "--persist")
        self.assertIn("dyniface1", self.ok(*nowhere))
        self.assertIn("dyniface1", self.refused(*nowhere))
        self.assertRegex(self.ok("get", "vmi", "web"), rf"\ndyniface1 +{MAC} +up .* nowhere +Pending\n")
        vmi = self.vmi()
        self.assertIn({"type": "MigrationRequired", "status": "True", "reason": "AutoMigrationDueToLiveUpdate"},
                      vmi["status"]["conditions"])
        self.assertEqual(vmi["spec"]["networks"], [{"name": "dyniface1", "multus": {"networkName": "nowhere"}}])
        self.assertNotIn(f"<mac address='{MAC}'", self.vm.virsh("dumpxml web"))

        self.ok("restart", "web", "--force")
        self.assertEqual(self.statuses()[0]["libhotplug"]["phase"], "Pending")
        subprocess.run(["ip", "link", "add", "no-such-bridge", "type", "bridge"], check=True)
        try:
            self.ok("restart", "web", "--force")
            (status,) = self.statuses()
            self.assertEqual((status["mac"], status["libhotplug"]["phase"]), (MAC, "Ready"))
            self.assertEqual((status["libhotplug"]["network"], status["libhotplug"]["persisted"]), ("nowhere", True))
            self.assertEqual(links()[status["libhotplug"]["target"]]["master"], "no-such-bridge")
            self.ok("stop", "web", "--force")
            self.ok("removeinterface", "web", "--name=dyniface1", "--persist")
        finally:
            subprocess.run(["ip", "link", "del", "no-such-bridge"], check=True)

    def test_one_of_others(self):
        """It has a status and no phase, and stays."""
        definition = self.vm.root / "foreign.xml"
        definition.write_text(f"""<interface type='bridge'><source bridge='{BRIDGE}'/><mac address='{MAC}'/>
            <model type='virtio'/><alias name='ua-other'/></interface>""")
        self.vm.virsh(f"attach-device web {definition} --live")
        self.assertRegex(self.ok("get", "vmi", "web"), rf"\nother +{MAC} +up +- +- +{BRIDGE} +-\n\Z")
        self.assertIn("other", self.refused("removeinterface", "web", "--name=other"))
        self.assertEqual([status["name"] for status in self.statuses()], ["other"])

    @unittest.skipUnless(os.path.exists(ctl.COMPLETION_LIBRARY), "there is no bash-completion")
    def test_completion(self):
        self.add()
        for words, expected in (
            (["addinterface", "w"], "web"),
            (["addinterface", "web", NAD, ""], "new-fancy-net nowhere second-net"),
            (["removeinterface", "web", "--name", ""], "dyniface1"),
            (["set", "interface", "web", "--name", ""], "dyniface1"),
            (["removevolume", "web", "--volume-name", ""], ""),
            (["eject", "web", "--cdrom", ""], ""),
        ):
            self.assertEqual(ctl.complete(words, HOTPLUG_URI=self.vm.uri), (expected + "\n", ""), words)


class Guest(Interfaces, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prepare(lambda: machine.Machine("web", agent=True), NO_NETWORK or machine.missing())

    def macs(self):
        # its udev may give one another name between the look for names and the read
        return self.vm.run("cat /sys/class/net/*/address 2> /dev/null; true").split()

    def test_story(self):
        self.add(f"--mac={MAC}")
        self.assertTrue(machine.within(30, lambda: MAC in self.macs()))
        self.assertIn("mtu 1300", self.vm.run(f"ip link | grep -B1 {MAC}"))
        self.assertEqual(len(links()), 4)
        self.assertEqual(self.ok("removeinterface", "web", "--name=dyniface1"),
                         'interface "dyniface1" removed from VMI "web"\n')
        self.assertNotIn(MAC, self.macs())
        self.assertEqual((self.statuses(), set(links())), ([], {"lo", BRIDGE, SECOND_BRIDGE}))

    @unittest.skipIf(machine.missing_agent(), machine.missing_agent())
    def test_what_the_guest_tells(self):
        self.add(f"--mac={MAC}")
        self.assertTrue(machine.within(30, lambda: MAC in self.macs()))
        name = self.vm.run(f"grep -slx {MAC} /sys/class/net/*/address | cut -d/ -f5").strip()
        self.vm.run(f"ip addr add 192.0.2.7/24 dev {name}; ip -6 addr add 2001:db8::7/64 dev {name}; modprobe dummy numdummies=0; "
                    "ip link add guest0 type dummy; ip link set guest0 address 02:00:00:00:be:ef")
        told = lambda: any("2001:db8::7" in status.get("ipAddresses", []) for status in self.statuses())  # noqa: E731
        self.assertTrue(machine.within(60, told))

        status, other = self.statuses()
        self.assertEqual((status["name"], status["interfaceName"], status["ipAddress"], status["infoSource"]),
                         ("dyniface1", name, "192.0.2.7", "domain, guest-agent"))
        self.assertIn("192.0.2.7", status["ipAddresses"])
        self.assertEqual(other, {"mac": "02:00:00:00:be:ef", "interfaceName": "guest0", "infoSource": "guest-agent"})
        table = self.ok("get", "vmi", "web")
        self.assertRegex(table, rf"\ndyniface1 +{MAC} +up +{name} +192\.0\.2\.7 ")
        self.assertRegex(table, r"\n- +02:00:00:00:be:ef +- +guest0 +- +- +-\n\Z")
        # it is no interface of the machine
        self.assertRegex(self.ok("get", "vmi"), r"\nweb .* 1\n\Z")
        self.vm.run("ip link del guest0")

        # a program that ends while an agent is asked ends well: libvirt is inside of it
        self.vm.run("kill -STOP $(cat /run/qemu-ga.pid)")
        for _ in range(2):
            begun = time.monotonic()
            (status,) = self.statuses()
            self.assertEqual((status["name"], status["infoSource"]), ("dyniface1", "domain"))
            self.assertLess(time.monotonic() - begun, 10)
        self.vm.run("kill -CONT $(cat /run/qemu-ga.pid)")
        self.ok("removeinterface", "web", "--name=dyniface1")

    def test_several(self):
        """Two go together, and a third has no port: then none of three is added."""
        other, third = MAC[:-1] + "6", MAC[:-1] + "7"
        words = [(f"{NAD}=new-fancy-net", f"--name={name}", f"--mac={mac}")
                 for name, mac in (("one", MAC), ("two", other), ("three", third))]
        self.assertIn('"three"', self.refused("addinterface", "web", *sum(words, ())))
        self.assertEqual(self.statuses(), [])
        self.assertEqual(self.ok("addinterface", "web", *sum(words[:2], ())),
                         f'interface "one" added to VMI "web": MAC {MAC}, network new-fancy-net\n'
                         f'interface "two" added to VMI "web": MAC {other}, network new-fancy-net\n')
        self.assertTrue(machine.within(30, lambda: {MAC, other} <= set(self.macs())))
        plan = json.loads(self.ok("removeinterface", "web", "--name=one", "--name=two", "--dry-run", "-o", "json"))
        self.assertEqual((plan["slots"], [item["name"] for item in plan["items"]]), (-2, ["one", "two"]))
        self.assertEqual(self.ok("removeinterface", "web", "--name=one", "--name=two"),
                         'interfaces "one", "two" removed from VMI "web"\n')
        self.assertEqual((self.statuses(), set(links())), ([], {"lo", BRIDGE, SECOND_BRIDGE}))


if __name__ == "__main__":
    sys.exit(tapunit.main())
