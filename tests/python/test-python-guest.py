# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole way from a Python script to a disk in a guest, with no main loop anywhere."""

import os
import signal
import threading
import time
import unittest

import gi

gi.require_version("Hotplug", "1.0")
from gi.repository import GLib, Hotplug  # noqa: E402

import machine  # noqa: E402
import tapunit  # noqa: E402

SCSI = "scsi-0QEMU_QEMU_HARDDISK_"
VIRTIO = "virtio-"


class GuestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = machine.missing()
        if reason is not None:
            raise unittest.SkipTest(reason)
        cls.web = machine.Machine("web", agent=True)
        cls.addClassCleanup(cls.web.down)
        cls.web.up()
        cls.host = Hotplug.Host.open(cls.web.uri)
        cls.addClassCleanup(cls.host.close)
        cls.vmi = cls.host["web"]

    def tearDown(self):
        for volume in self.vmi.query_status().volumes:
            self.vmi.remove_volume(volume.name, persist=volume.persisted)

    def names(self):
        return [volume.name for volume in self.vmi.list_volume_statuses()]

    def check_plug(self, prefix, persist, **properties):
        volume = Hotplug.Volume("data", self.web.image("data.img"), serial="WD-1234", **properties)
        status = self.vmi.add_volume(volume, persist=persist)

        self.assertEqual((status.name, status.phase), ("data", Hotplug.VolumePhase.READY))
        self.assertEqual((status.hotplugged, status.persisted), (True, persist))
        self.assertEqual((status.bus, status.serial, status.path), (volume.bus, volume.serial, volume.path))
        self.assertRegex(repr(status), r"^<Hotplug.VolumeStatus 'data' at '[sv]d[a-z]' Ready>$")
        self.assertEqual(status.size, machine.IMAGE_SIZE)
        self.assertEqual(self.vmi.query_status().get_volume("data").target, status.target)
        self.assertTrue(self.web.sees(prefix + "WD-1234"), self.web.by_id())

        self.vmi.remove_volume("data", persist=persist, timeout=60)
        self.assertEqual(self.names(), [])
        self.assertTrue(self.web.misses(prefix + "WD-1234"), self.web.by_id())

    def test_scsi(self):
        self.check_plug(SCSI, persist=False)

    def test_scsi_persisted(self):
        self.check_plug(SCSI, persist=True)

    def test_virtio(self):
        self.check_plug(VIRTIO, persist=False, bus="virtio")

    def test_virtio_persisted(self):
        self.check_plug(VIRTIO, persist=True, bus="virtio", cache="writeback")

    def test_read_only(self):
        self.vmi.add_volume(Hotplug.Volume("data", self.web.image("data.img"), read_only=True))
        self.assertTrue(self.web.sees(SCSI + "data"))
        self.assertEqual(self.web.run(f"blockdev --getro /dev/disk/by-id/{SCSI}data").strip(), "1")

    def test_duplicates_are_refused(self):
        data = self.web.image("data.img")
        self.vmi.add_volume(Hotplug.Volume("data", data, serial="WD-1"))
        other = self.web.image("other.img")
        rows = [
            ("name", Hotplug.Volume("data", other, serial="WD-2"), Hotplug.ExistsError),
            ("serial", Hotplug.Volume("other", other, serial="WD-1"), Hotplug.SerialInUseError),
            ("source", Hotplug.Volume("other", data, serial="WD-2"), Hotplug.SourceInUseError),
            ("missing", Hotplug.Volume("other", self.web.root / "none.img"), Hotplug.SourceMissingError),
        ]
        for name, volume, expected in rows:
            with self.subTest(name), self.assertRaises(expected):
                self.vmi.add_volume(volume)
        self.assertEqual(self.names(), ["data"])

    def test_what_is_not_there_is_not_removed(self):
        with self.assertRaises(Hotplug.NotFoundError):
            self.vmi.remove_volume("data")

    def test_a_guest_that_takes_its_time(self):
        self.vmi.add_volume(Hotplug.Volume("data", self.web.image("data.img"), bus="virtio"))
        with self.assertRaises(TimeoutError) as raised:
            self.vmi.remove_volume("data", timeout=0)
        self.assertEqual(raised.exception.code, Hotplug.Error.TIMEOUT)
        # the guest lets go a moment later, and the library hears of it by itself
        self.assertTrue(machine.within(30, lambda: self.names() == []))

    def test_control_c_ends_a_wait(self):
        previous = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, previous)
        # nothing in this guest listens to the power button
        timer = threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        begin = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            self.vmi.stop(grace=300)
        self.assertLess(time.monotonic() - begin, 60)
        self.assertEqual(self.vmi.query_status().state, Hotplug.VmiState.RUNNING)

    def test_dry_run_changes_nothing(self):
        volume = Hotplug.Volume("data", self.web.image("data.img"))
        self.vmi.add_volume(volume, dry_run=True)
        self.assertEqual(self.names(), [])
        self.vmi.add_volume(volume)
        self.vmi.remove_volume("data", dry_run=True)
        self.assertEqual(self.names(), ["data"])

    def test_a_plan_is_what_is_then_done(self):
        volumes = [Hotplug.Volume("data", self.web.image("data.img")),
                   Hotplug.Volume("fast", self.web.image("fast.img"), bus="virtio")]
        plan = self.vmi.plan_add_volumes(volumes, persist=True)
        self.assertEqual(self.names(), [])
        self.assertEqual(repr(plan), "<Hotplug.Plan 'web' add volume 'data', add controller 'pci.5', add volume 'fast'>")
        self.assertEqual((plan.vmi_name, plan.slots, plan.live, plan.persisted), ("web", 1, True, True))
        self.assertEqual(len(plan.template_added), 3)
        self.assertEqual((plan.template_removed, plan.records_added), ([], None))
        self.assertIn('name="ua-hpv-fast"', plan.items[2].device_xml)
        self.assertIn("deviceXML: ", plan.to_manifest("yaml"))

        statuses = self.vmi.add_volumes(volumes, Hotplug.PlugFlags.PERSIST, None)
        self.assertEqual([(status.name, status.target, status.address) for status in statuses],
                         [(item.name, item.target, item.address) for item in plan.items
                          if item.kind == Hotplug.PlanKind.VOLUME])
        with self.assertRaises(Hotplug.ExistsError):
            self.vmi.plan_add_volumes(volumes[:1])
        plan = self.vmi.plan_remove_volumes(["data", "fast"])
        self.assertEqual([(item.persisted, item.returning) for item in plan.items], [(False, True)] * 2)
        self.assertEqual(plan.template_removed, [])
        plan = self.vmi.plan_remove_volumes(["data", "fast"], persist=True)
        self.assertEqual([item.action for item in plan.items], [Hotplug.PlanAction.REMOVE] * 3)
        self.assertEqual([item.returning for item in plan.items], [False] * 3)
        self.assertEqual((plan.slots, len(plan.template_removed)), (-1, 3))
        self.assertEqual(self.names(), ["data", "fast"])

    def test_devices(self):
        volumes = [Hotplug.Volume("data", self.web.image("data.img")), Hotplug.Volume("more", self.web.image("more.img"))]
        plan = self.vmi.plan_add_devices(volumes)
        added, interfaces = self.vmi.add_devices(volumes)
        self.assertEqual([(status.name, status.address) for status in added],
                         [(item.name, item.address) for item in plan.items])
        self.assertEqual((interfaces, self.names()), ([], ["data", "more"]))
        self.vmi.remove_devices(["data", "more"], timeout=20)
        self.assertEqual(self.names(), [])

    @unittest.skipIf(machine.missing_agent(), machine.missing_agent())
    def test_what_only_the_guest_knows(self):
        mac = "02:00:00:00:be:ef"
        self.web.run(f"modprobe dummy numdummies=0; ip link add guest0 type dummy; ip link set guest0 address {mac} up; "
                     "ip addr add 192.0.2.7/24 dev guest0; ip -6 addr add 2001:db8::7/64 dev guest0")
        told = lambda: any("2001:db8::7" in status.ip_addresses  # noqa: E731
                           for status in self.vmi.query_status().interfaces)
        self.assertTrue(machine.within(60, told))

        (status,) = self.vmi.query_status().interfaces
        self.assertEqual((status.name, status.mac, status.interface_name), (None, mac, "guest0"))
        self.assertEqual((status.ip_address, status.info_source), ("192.0.2.7", "guest-agent"))
        self.assertIn("192.0.2.7", status.ip_addresses)
        self.assertEqual((status.hotplugged, status.persisted, status.primary), (False, False, False))
        self.assertEqual((status.queue_count, status.link_state), (1, Hotplug.InterfaceState.UP))
        self.assertEqual(repr(status), f"<Hotplug.InterfaceStatus 'guest0' {mac}>")
        self.assertIn("infoSource: guest-agent", status.to_manifest("yaml"))
        self.web.run("ip link del guest0")

    def test_the_form_of_c(self):
        volume = Hotplug.Volume.new_for_path("data", str(self.web.image("data.img")))
        status = self.vmi.add_volume(volume, Hotplug.PlugFlags.PERSIST, None)
        self.assertTrue(status.is_persisted())
        with self.assertRaises(GLib.Error) as raised:
            self.vmi.add_volume(volume, Hotplug.PlugFlags.NONE, None)
        self.assertTrue(raised.exception.matches(Hotplug.Error.quark(), Hotplug.Error.EXISTS))
        self.vmi.remove_volume("data", Hotplug.PlugFlags.PERSIST, 60000, None)
        self.assertEqual(self.names(), [])

    def test_both_are_back_after_a_restart(self):
        self.vmi.add_volume(Hotplug.Volume("kept", self.web.image("kept.img")), persist=True)
        self.vmi.add_volume(Hotplug.Volume("back", self.web.image("back.img")))
        before = {volume.name: volume.target for volume in self.vmi.list_volume_statuses()}

        self.vmi.restart(grace=0)

        self.assertEqual({volume.name: volume.target for volume in self.vmi.list_volume_statuses()}, before)
        self.assertTrue(self.web.sees(SCSI + "kept"), self.web.by_id())
        self.assertTrue(self.web.sees(SCSI + "back"), self.web.by_id())

    def test_stop_and_start(self):
        self.vmi.stop(grace=0)
        self.assertEqual(self.vmi.query_status().state, Hotplug.VmiState.STOPPED)
        with self.assertRaises(Hotplug.VmiNotRunningError):
            self.vmi.add_volume(Hotplug.Volume("data", self.web.image("data.img")))
        self.vmi.start()
        self.assertEqual(self.vmi.query_status().state, Hotplug.VmiState.RUNNING)
        self.web.run("true")


tapunit.main()
