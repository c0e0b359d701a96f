# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Python module without any hypervisor: construction, errors, words for enumerations, what objects look like."""

import copy
import pathlib
import pickle
import unittest

import gi

gi.require_version("Hotplug", "1.0")
from gi.repository import Gio, GLib, GObject, Hotplug  # noqa: E402

import tapunit  # noqa: E402

# libvirt's own fake driver, inside this process: it has one running machine, "test", with one disk, and plugs nothing.
FAKE = "test:///default"


class EnumerationTest(unittest.TestCase):
    def test_members_are_named_as_in_c(self):
        for member, word in (
            (Hotplug.AccessMode.READ_WRITE_ONCE, "ReadWriteOnce"),
            (Hotplug.AccessMode.READ_WRITE_MANY, "ReadWriteMany"),
            (Hotplug.AccessMode.READ_ONLY_MANY, "ReadOnlyMany"),
            (Hotplug.DataVolumePhase.IMPORT_IN_PROGRESS, "ImportInProgress"),
            (Hotplug.VolumePhase.DETACHING, "Detaching"),
            (Hotplug.VmiState.RUNNING, "Running"),
            (Hotplug.ErrorPolicy.ENOSPACE, "enospace"),
        ):
            self.assertEqual(member.value_nick, word)

    def test_every_member(self):
        """By its C name, whatever KubeVirt's word for it is"""
        for name in dir(Hotplug):
            enum = getattr(Hotplug, name)
            if not (isinstance(enum, type) and issubclass(enum, GObject.GEnum)):
                continue
            prefix = "".join(f"_{c}" if c.isupper() else c.upper() for c in f"Hotplug{name}")[1:]
            members = [member for member in dir(enum) if member.isupper()]
            self.assertTrue(members, name)
            for member in members:
                self.assertEqual(getattr(enum, member).value_name, f"{prefix}_{member}")


class DataVolumeTest(unittest.TestCase):
    def test_sizes(self):
        for size, number in (("5Gi", 5 << 30), ("500M", 500000256), (4096, 4096)):
            self.assertEqual(Hotplug.DataVolume("data", size).size, number)

    def test_keywords(self):
        volume = Hotplug.DataVolume("data", source_path="/srv/a.qcow2", source_format="qcow2", access_mode="ReadOnlyMany")
        self.assertEqual(volume.size, 0)
        self.assertEqual(volume.access_mode.value_nick, "ReadOnlyMany")
        self.assertEqual(volume.source_format, Hotplug.ImageFormat.QCOW2)
        self.assertEqual(volume.phase, Hotplug.DataVolumePhase.PENDING)
        self.assertIn("accessModes:\n    - ReadOnlyMany\n", volume.to_manifest("yaml"))

    def test_refused(self):
        for arguments, error in (
            (("Data", 4096), Hotplug.InvalidNameError),
            (("data",), Hotplug.InvalidArgumentError),
            (("data", "5GB"), Hotplug.InvalidArgumentError),
        ):
            self.assertRaises(error, Hotplug.DataVolume, *arguments)
        self.assertRaises(TypeError, Hotplug.DataVolume, "data", 4096, colour="red")


class VolumeTest(unittest.TestCase):
    def test_name_and_path_are_enough(self):
        volume = Hotplug.Volume("data", "/srv/data.img")
        self.assertEqual(volume.get_name(), "data")
        self.assertEqual(volume.path, "/srv/data.img")
        self.assertEqual(volume.serial, "data")
        self.assertEqual(volume.bus, Hotplug.Bus.SCSI)
        self.assertEqual(volume.cache, Hotplug.Cache.DEFAULT)
        self.assertIs(volume.read_only, False)

    def test_the_rest_are_keywords(self):
        volume = Hotplug.Volume("data", pathlib.Path("/srv/data.img"),
                                serial="WD-1", bus="virtio", cache="none", read_only=True)
        self.assertEqual(volume.serial, "WD-1")
        self.assertEqual(volume.bus, Hotplug.Bus.VIRTIO)
        self.assertEqual(volume.cache, Hotplug.Cache.NONE)
        self.assertIs(volume.read_only, True)

    def test_enumerations_go_by_value_too(self):
        self.assertEqual(Hotplug.Volume("data", "/srv/data.img", bus=Hotplug.Bus.VIRTIO).bus, Hotplug.Bus.VIRTIO)

    def test_all_by_keyword(self):
        self.assertEqual(Hotplug.Volume(path="/srv/data.img", name="data").name, "data")

    def test_the_constructor_of_c(self):
        volume = Hotplug.Volume.new_for_path("data", "/srv/data.img")
        self.assertIsInstance(volume, Hotplug.Volume)
        self.assertEqual(volume.name, "data")

    def test_repr_makes_an_equal_one(self):
        for keywords in ("", ", bus='virtio', serial='WD-1', cache='none', read_only=True"):
            text = f"Hotplug.Volume('data', '/srv/data.img'{keywords})"
            with self.subTest(text):
                self.assertEqual(repr(eval(text)), text)

    def test_what_cannot_be_is_refused_at_once(self):
        rows = [
            ("no-label", ("no_label", "/srv/data.img"), {}, Hotplug.InvalidNameError),
            ("no-name", ("", "/srv/data.img"), {}, Hotplug.InvalidNameError),
            ("relative", ("data", "data.img"), {}, Hotplug.InvalidArgumentError),
            ("long-serial", ("data", "/srv/data.img"), {"serial": "x" * 37}, Hotplug.SerialTooLongError),
            ("bad-serial", ("data", "/srv/data.img"), {"serial": "a/b"}, Hotplug.SerialInvalidError),
            ("bus-not-pluggable", ("data", "/srv/data.img"), {"bus": "ide"}, Hotplug.BusUnsupportedError),
            ("bus-unknown", ("data", "/srv/data.img"), {"bus": "scuzzy"}, ValueError),
            ("property-unknown", ("data", "/srv/data.img"), {"colour": "blue"}, TypeError),
            ("no-path", ("data", None), {}, TypeError),
            ("nothing", (), {}, TypeError),
        ]
        for name, words, keywords, expected in rows:
            with self.subTest(name), self.assertRaises(expected):
                Hotplug.Volume(*words, **keywords)

    def test_a_serial_alone(self):
        words = (Hotplug.Bus.VIRTIO, Hotplug.DiskType.DISK)
        self.assertEqual(Hotplug.serial_get_limit(*words, 0), 20)
        self.assertEqual(tuple(Hotplug.serial_check(*words, "x" * 20, 0)), (True, 20))
        with self.assertRaises(Hotplug.SerialTooLongError):
            Hotplug.serial_check(*words, "x" * 21, 0)
        with self.assertRaises(Hotplug.SerialInvalidError):
            Hotplug.serial_check(*words, "caf\u00e9", 0)
        with self.assertRaisesRegex(Hotplug.SerialInvalidError, "LUN"):
            Hotplug.serial_check(Hotplug.Bus.SCSI, Hotplug.DiskType.LUN, "x", 0)

    def test_the_constructor_of_c_raises_the_same(self):
        with self.assertRaises(Hotplug.InvalidNameError):
            Hotplug.Volume.new_for_path("no_label", "/srv/data.img")

    def test_an_unknown_word_is_answered_with_the_known_ones(self):
        with self.assertRaisesRegex(ValueError, '"scuzzy" is none of scsi, virtio,'):
            Hotplug.Volume("data", "/srv/data.img", bus="scuzzy")

    def test_attributes_are_read_only(self):
        with self.assertRaises(AttributeError):
            Hotplug.Volume("data", "/srv/data.img").name = "other"


class InterfaceTest(unittest.TestCase):
    def test_name_and_network_are_enough(self):
        attachment = Hotplug.NetworkAttachment.new_for_bridge("new-fancy-net", "br10")
        for network in (attachment, "new-fancy-net"):
            interface = Hotplug.Interface("dyniface1", network)
            self.assertEqual(interface.name, "dyniface1")
            self.assertEqual(interface.network, "new-fancy-net")

    def test_the_rest_are_keywords(self):
        interface = Hotplug.Interface("dyniface1", "net", mac="DE-AD-00-00-BE-AF", state="down", boot_order=2, queues=4)
        self.assertEqual(interface.mac, "de:ad:00:00:be:af")
        self.assertEqual(interface.state, Hotplug.InterfaceState.DOWN)
        self.assertEqual((interface.boot_order, interface.queues), (2, 4))

    def test_what_cannot_be_is_refused_at_once(self):
        rows = [
            ("no-label", ("no_label", "net"), {}, Hotplug.InvalidNameError),
            ("binding", ("a", "net"), {"binding": "masquerade"}, Hotplug.BindingUnsupportedError),
            ("model", ("a", "net"), {"model": "e1000"}, Hotplug.DeviceUnsupportedError),
            ("mac", ("a", "net"), {"mac": "01:00:5e:00:00:01"}, Hotplug.InvalidArgumentError),
            ("property-unknown", ("a", "net"), {"colour": "blue"}, TypeError),
            ("nothing", (), {}, TypeError),
        ]
        for name, words, keywords, expected in rows:
            with self.subTest(name), self.assertRaises(expected):
                Hotplug.Interface(*words, **keywords)

    def test_the_constructors_of_c(self):
        attachment = Hotplug.NetworkAttachment.new_for_bridge("new-fancy-net", "br10")
        interface = Hotplug.Interface.new("dyniface1", attachment)
        self.assertEqual(interface.name, "dyniface1")
        self.assertEqual(interface.network, "new-fancy-net")
        self.assertEqual(interface.get_attachment(), attachment)
        self.assertIsNone(interface.mac)
        self.assertEqual(interface.state, Hotplug.InterfaceState.UP)
        named = Hotplug.Interface.new_for_network("dyniface1", "infra/new-fancy-net")
        self.assertEqual(named.network, "infra/new-fancy-net")
        self.assertIsNone(named.get_attachment())

    def test_refused(self):
        with self.assertRaises(Hotplug.InvalidNameError):
            Hotplug.Interface.new_for_network("no_label", "net")


class ErrorTest(unittest.TestCase):
    def refused(self):
        try:
            Hotplug.Volume("no_label", "/srv/data.img")
        except Hotplug.HotplugError as error:
            return error
        return None

    def test_it_carries_its_code(self):
        error = self.refused()
        self.assertIs(type(error), Hotplug.InvalidNameError)
        self.assertIsInstance(error.code, Hotplug.Error)
        self.assertEqual(error.code, Hotplug.Error.INVALID_NAME)

    def test_it_is_a_glib_error(self):
        error = self.refused()
        self.assertIsInstance(error, GLib.Error)
        self.assertTrue(error.matches(Hotplug.Error.quark(), Hotplug.Error.INVALID_NAME))
        self.assertFalse(error.matches(Hotplug.Error.quark(), Hotplug.Error.EXISTS))

    def test_it_reads_as_its_message(self):
        error = self.refused()
        self.assertIn("no_label", error.message)
        self.assertEqual(str(error), error.message)
        self.assertEqual(repr(error), f"Hotplug.InvalidNameError({error.message!r})")

    def test_no_trace_of_the_error_below(self):
        error = self.refused()
        self.assertIsNone(error.__context__)
        self.assertIsNone(error.__cause__)

    def test_each_code_has_its_class(self):
        codes = [getattr(Hotplug.Error, name) for name in dir(Hotplug.Error) if name.isupper()]
        for code in codes:
            name = "".join(word.capitalize() for word in code.value_nick.split("-")) + "Error"
            kind = Hotplug.HotplugError if code == Hotplug.Error.FAILED else getattr(Hotplug, name)
            with self.subTest(code.value_nick):
                self.assertTrue(issubclass(kind, Hotplug.HotplugError))
                self.assertEqual(kind("x").code, code)
        self.assertGreater(len(codes), 20)

    def test_those_with_a_meaning_in_python_have_it(self):
        rows = [(Hotplug.TimeoutError, TimeoutError), (Hotplug.PermissionError, PermissionError),
                (Hotplug.ConnectionError, ConnectionError), (Hotplug.NotFoundError, KeyError),
                (Hotplug.InvalidArgumentError, ValueError)]
        for kind, builtin in rows:
            with self.subTest(kind.__name__):
                self.assertTrue(issubclass(kind, builtin))
                self.assertEqual(str(kind("one line")), "one line")

    def test_it_survives_copy_and_pickle(self):
        error = self.refused()
        for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            self.assertIs(type(other), type(error))
            self.assertEqual((other.message, other.domain, other.code), (error.message, error.domain, error.code))


class HostTest(unittest.TestCase):
    def test_one_that_is_not_there(self):
        with self.assertRaises(Hotplug.ConnectionError) as raised:
            Hotplug.Host.open("qemu+unix:///system?socket=/nonexistent")
        self.assertEqual(raised.exception.code, Hotplug.Error.CONNECTION)

    def test_cancellation_stays_of_gio(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.assertRaises(GLib.Error) as raised:
            Hotplug.Host.open(FAKE, cancellable)
        self.assertNotIsInstance(raised.exception, Hotplug.HotplugError)
        self.assertTrue(raised.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_it_is_opened_and_not_made(self):
        with self.assertRaises(TypeError):
            Hotplug.Host()
        with self.assertRaises(TypeError):
            Hotplug.Vmi()

    def test_with_closes_it(self):
        with Hotplug.Host.open(FAKE) as host:
            self.assertTrue(host.connected)
            self.assertTrue(host.is_connected())
        self.assertFalse(host.connected)

    def test_it_holds_vmis(self):
        with Hotplug.Host.open(FAKE) as host:
            self.assertEqual(host["test"].name, "test")
            self.assertEqual(host.vmi("test").uuid, host.get_vmi("test").get_uuid())
            self.assertEqual([vmi.name for vmi in host], ["test"])
            self.assertIsInstance(host.list_vmis(), list)
            self.assertIn("test", host)
            self.assertIn(host["test"], host)
            self.assertNotIn("other", host)

    def test_a_vmi_that_is_not_there(self):
        with Hotplug.Host.open(FAKE) as host:
            for look in (host.get_vmi, host.vmi, host.__getitem__):
                with self.assertRaises(Hotplug.NotFoundError):
                    look("other")
            with self.assertRaises(KeyError):
                host["other"]

    def test_what_they_look_like(self):
        with Hotplug.Host.open(FAKE) as host:
            self.assertEqual(repr(host), "<Hotplug.Host 'test:///default'>")
            self.assertEqual(repr(host["test"]), "<Hotplug.Vmi 'test' on 'test:///default'>")
            self.assertEqual(repr(host["test"].query_status()), "<Hotplug.VmiStatus 'test' Running volumes=[vda]>")
            self.assertEqual(repr(host["test"].query_status().volumes), "[<Hotplug.VolumeStatus 'vda' at 'vda'>]")

    def test_getters_are_attributes(self):
        with Hotplug.Host.open(FAKE) as host:
            vmi = host["test"]
            status = vmi.query_status()
            self.assertEqual(host.uri, host.get_uri())
            self.assertIs(vmi.host, host)
            self.assertEqual(status.state, Hotplug.VmiState.RUNNING)
            self.assertEqual(status.get_state(), status.state)
            self.assertIs(status.persistent, True)
            self.assertEqual([volume.name for volume in status.volumes], ["vda"])
            self.assertIs(status.volumes[0].hotplugged, False)
            self.assertEqual(status.volumes[0].device, Hotplug.DiskType.DISK)
            self.assertIs(status.volumes[0].read_only, False)
            with self.assertRaises(AttributeError):
                status.state = Hotplug.VmiState.STOPPED


class RequestTest(unittest.TestCase):
    """KubeVirt's AddVolumeOptions and RemoveVolumeOptions"""

    TEXT = '''{"name": "data", "disk": {"disk": {"bus": "scsi"}, "cache": "none"},
               "volumeSource": {"persistentVolumeClaim": {"claimName": "claim"}}, "dryRun": ["All"]}'''

    def test_add(self):
        (request,) = Hotplug.VolumeRequest.parse_add(self.TEXT, -1)
        self.assertEqual((request.name, request.data_volume, request.dry_run), ("data", "claim", True))
        claim = Hotplug.DataVolume("claim", 4096)
        with self.assertRaises(Hotplug.SourceNotReadyError) as raised:
            request.make_volume(claim)
        self.assertEqual(str(raised.exception), 'line 1: data volume "claim" is not ready')

    def test_remove(self):
        requests = Hotplug.VolumeRequest.parse_remove("name: a\n---\nname: b\n", -1)
        self.assertEqual([(request.name, request.line) for request in requests], [("a", 1), ("b", 3)])
        self.assertRaises(Hotplug.ManifestError, Hotplug.VolumeRequest.parse_remove, "dryRun: [All]", -1)


class CallTest(unittest.TestCase):
    def test_several_volumes(self):
        volumes = [Hotplug.Volume(name, "/srv/none.img") for name in ("a", "b")]
        with Hotplug.Host.open(FAKE) as host:
            for call, error in (
                (lambda vmi: vmi.add_volumes(volumes, dry_run=True), Hotplug.SourceMissingError),
                (lambda vmi: vmi.add_volumes(iter(volumes), Hotplug.PlugFlags.DRY_RUN), Hotplug.SourceMissingError),
                (lambda vmi: vmi.remove_volumes(["a", "b"], dry_run=True), Hotplug.NotFoundError),
                (lambda vmi: vmi.remove_volumes(("a", "b"), timeout=0.5), Hotplug.NotFoundError),
            ):
                with self.assertRaises(error):
                    call(host["test"])

    def test_interfaces(self):
        network = Hotplug.NetworkAttachment.new_for_bridge("net", "no-such-bridge")
        absent = Hotplug.Interface("nic", network, state=Hotplug.InterfaceState.ABSENT)
        with Hotplug.Host.open(FAKE) as host:
            for call, error in (
                (lambda vmi: vmi.add_interface(absent, Hotplug.PlugFlags.PERSIST), Hotplug.InvalidArgumentError),
                (lambda vmi: vmi.remove_interface("nic", persist=True, timeout=0.5), Hotplug.NotFoundError),
            ):
                with self.assertRaises(error):
                    call(host["test"])

    def test_devices(self):
        volumes = (Hotplug.Volume("data", "/srv/none.img"),)
        network = Hotplug.NetworkAttachment.new_for_bridge("net", "no-such-bridge")
        absent = Hotplug.Interface("nic", network, state=Hotplug.InterfaceState.ABSENT)
        with Hotplug.Host.open(FAKE) as host:
            for call, error in (
                (lambda vmi: vmi.add_devices(volumes, [absent]), Hotplug.SourceMissingError),
                (lambda vmi: vmi.add_devices(interfaces=iter([absent]), dry_run=True), Hotplug.InvalidArgumentError),
                (lambda vmi: vmi.plan_add_devices(volumes), Hotplug.SourceMissingError),
                (lambda vmi: vmi.plan_add_devices(interfaces=[absent], persist=True), Hotplug.InvalidArgumentError),
                (lambda vmi: vmi.remove_devices(["data"], ["nic"], timeout=0.5), Hotplug.NotFoundError),
                (lambda vmi: vmi.plan_remove_devices(interfaces=("nic",)), Hotplug.NotFoundError),
                (lambda vmi: vmi.add_devices(), ValueError),
                (lambda vmi: vmi.plan_remove_devices([], []), ValueError),
            ):
                with self.assertRaises(error):
                    call(host["test"])

    def test_update_interface(self):
        # what libvirt's test driver has given its machine
        mac = "aa:bb:cc:dd:ee:ff"
        network = Hotplug.NetworkAttachment.new_for_bridge("net", "virbr0")
        with Hotplug.Host.open(FAKE) as host:
            vmi = host["test"]
            status = vmi.update_interface(mac, "down", dry_run=True)
            self.assertEqual((status.name, status.link_state), (mac, Hotplug.InterfaceState.DOWN))
            self.assertEqual(vmi.update_interface(mac, Hotplug.InterfaceState.UP).link_state, Hotplug.InterfaceState.UP)
            (item,) = vmi.plan_update_interface(mac, "down").items
            self.assertEqual((item.action, item.name, item.live), (Hotplug.PlanAction.UPDATE, mac, True))
            for call, error in (
                (lambda: vmi.plan_update_interface("nic", "down"), Hotplug.NotFoundError),
                (lambda: vmi.update_interface("nic", "down", persist=True), Hotplug.NotFoundError),
                (lambda: vmi.update_interface("nic", attachment=network), Hotplug.NotFoundError),
                (lambda: vmi.update_interface(mac, "up", network), Hotplug.NotHotpluggableError),
                (lambda: vmi.update_interface(mac, "absent"), Hotplug.NotHotpluggableError),
                (lambda: vmi.update_interface(mac), Hotplug.InvalidArgumentError),
                (lambda: vmi.update_interface(mac, "sideways"), ValueError),
            ):
                with self.assertRaises(error):
                    call()

    def test_migrate(self):
        told = []
        with Hotplug.Host.open(FAKE) as host, Hotplug.Host.open(FAKE) as other:
            vmi = host["test"]
            self.assertIsNone(vmi.migration_status)
            for call, error in (
                (lambda: vmi.migrate(other), Hotplug.ExistsError),
                (lambda: vmi.migrate(other, peer_to_peer=True, bandwidth="64Mi", timeout=0.5), Hotplug.ExistsError),
                (lambda: vmi.migrate(other, Hotplug.MigrateFlags.PEER_TO_PEER, 1 << 20, 500, None), Hotplug.ExistsError),
                (lambda: vmi.migrate(other, progress=told.append), Hotplug.ExistsError),
                (lambda: vmi.migrate(other, progress=lambda status: 1 / 0), ZeroDivisionError),
                (lambda: vmi.migrate(other, timeout_msec=1000, timeout=1), TypeError),
                (lambda: vmi.migrate(other, timeout=-1), ValueError),
                (lambda: vmi.migrate(other, bandwidth="fast"), ValueError),
                (lambda: vmi.migrate("qemu:///system"), TypeError),
            ):
                with self.assertRaises(error):
                    call()
            self.assertIs(vmi.host, host)
        status = told[-1]
        self.assertEqual((status.vmi_name, status.phase), ("test", Hotplug.MigrationPhase.FAILED))
        self.assertEqual(repr(status), "<Hotplug.MigrationStatus 'test' Failed 0%>")
        self.assertIn("  name: job\n", status.to_manifest("yaml", name="job"))

    def test_seconds_and_milliseconds_exclude_each_other(self):
        with Hotplug.Host.open(FAKE) as host:
            for call in (lambda vmi: vmi.stop(1000, grace=1), lambda vmi: vmi.restart(1000, grace=1),
                         lambda vmi: vmi.remove_volume("data", timeout_msec=1000, timeout=1),
                         lambda vmi: vmi.remove_interface("nic", timeout_msec=1000, timeout=1)):
                with self.assertRaises(TypeError):
                    call(host["test"])

    def test_no_time_is_negative(self):
        with Hotplug.Host.open(FAKE) as host, self.assertRaises(ValueError):
            host["test"].remove_volume("data", timeout=-1)

    def test_a_volume_that_is_not_there(self):
        with Hotplug.Host.open(FAKE) as host:
            for call in (lambda vmi: vmi.remove_volume("data"),
                         lambda vmi: vmi.remove_volume("data", timeout=0.5, dry_run=True),
                         lambda vmi: vmi.remove_volume("data", Hotplug.PlugFlags.DRY_RUN, 500, None)):
                with self.assertRaises(Hotplug.NotFoundError):
                    call(host["test"])

    def test_finish_raises_by_code_too(self):
        loop, caught = GLib.MainLoop(), []

        def finish(host, result):
            try:
                host.get_vmi_finish(result)
            except Hotplug.NotFoundError as error:
                caught.append(error)
            loop.quit()

        with Hotplug.Host.open(FAKE) as host:
            host.get_vmi_async("other", None, finish)
            loop.run()
        self.assertEqual([error.code for error in caught], [Hotplug.Error.NOT_FOUND])

    def test_manifests_take_words(self):
        with Hotplug.Host.open(FAKE) as host:
            status = host["test"].query_status()
            self.assertIn('"VirtualMachineInstance"', status.to_manifest())
            self.assertEqual(status.to_manifest("json"), status.to_manifest(Hotplug.ManifestFormat.JSON))
            self.assertIn("kind: VirtualMachineInstance", status.to_manifest("yaml"))
            with self.assertRaises(ValueError):
                status.to_manifest("toml")


tapunit.main()
