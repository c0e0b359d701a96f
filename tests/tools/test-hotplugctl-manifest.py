# SPDX-License-Identifier: LGPL-2.1-or-later
"""Manifests and the configuration of an embedded host: create -f, delete -f, gates."""

import json
import sys
import unittest

import ctl
import tapunit

VOLUME = """apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata:
  name: {name}
spec:
  source:
    blank: {{}}
  pvc:
    accessModes:
      - ReadWriteOnce
    resources:
      requests:
        storage: {size}
"""


class Manifest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = ctl.missing()
        if reason is not None:
            raise unittest.SkipTest(reason)
        cls.vm = ctl.Idle("web")
        cls.addClassCleanup(cls.vm.down)
        cls.vm.up()
        cls.conf = cls.vm.root / "etc/hotplug.conf"

    def tearDown(self):
        self.conf.unlink(missing_ok=True)

    def ok(self, *arguments, **options):
        code, out, err = self.vm.ctl(*arguments, **options)
        self.assertEqual((code, err), (0, ""), arguments)
        return out

    def refused(self, *arguments, code=1, **options):
        status, out, err = self.vm.ctl(*arguments, **options)
        self.assertEqual((status, out), (code, ""), err)
        self.assertRegex(err, r"\Ahotplugctl: [^\n]+\n\Z")
        return err

    def write(self, *texts):
        path = self.vm.root / "manifest.yaml"
        path.write_text("---\n".join(texts))
        return path

    def volumes(self):
        return [item["metadata"]["name"] for item in json.loads(self.ok("get", "datavolume", "-o", "json"))["items"]]

    def test_create_and_delete(self):
        path = self.write(VOLUME.format(name="example-volume-hotplug", size="5Gi"), VOLUME.format(name="other", size="1Mi"))
        out = self.ok("create", "-f", path)
        self.assertRegex(out, r'\Adata volume "example-volume-hotplug" created: 5Gi, [^\n]+\ndata volume "other" created: 1Mi, ')
        self.assertEqual(self.volumes(), ["example-volume-hotplug", "other"])
        self.assertIn("example-volume-hotplug", self.refused("create", "-f", path))

        self.assertEqual(self.ok("delete", "-f", path).count(" deleted\n"), 2)
        self.assertEqual(self.volumes(), [])
        self.assertIn("example-volume-hotplug", self.refused("delete", f"--filename={path}"))

    def test_standard_input_and_output(self):
        path = self.write(VOLUME.format(name="a", size="1Mi"), VOLUME.format(name="b", size="1Mi"))
        with open(path) as stream:
            made = self.ok("-o", "yaml", "create", "-f", "-", stdin=stream)
        again = self.write(made)
        self.assertEqual(self.ok("delete", "-f", again).count(" deleted\n"), 2)
        self.ok("create", "-f", again)
        self.ok("delete", "-f", again)

    def test_nothing_is_made_of_half_a_manifest(self):
        good = VOLUME.format(name="good", size="1Mi")
        for text, says in [
            (good.replace("DataVolume", "Pod"), 'line 15: nothing is known of kind "Pod"'),
            (good.replace("blank", "s3"), "line 21: spec.source.s3 is not supported"),
            (good.replace("1Mi", "1MB"), 'line 27: spec.pvc.resources.requests.storage: size "1MB"'),
            ("a: &x 1\n", "line 15: anchors (&) and aliases (*) are not read"),
            (good.replace("name: good", "labels: {}"), "line 15: metadata.name is missing"),
        ]:
            with self.subTest(says):
                path = self.write(good, text)
                self.assertIn(f"{path}: {says}", self.refused("create", "-f", path))
                self.assertEqual(self.volumes(), [])
        self.assertIn("nothing is in it", self.refused("create", "-f", self.write("# empty\n")))
        self.assertIn("No such file", self.refused("create", "-f", "nothing.yaml"))

    def test_migrations(self):
        job = (
            "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstanceMigration\n"
            "metadata: {name: job%s}\nspec: {vmiName: web}\n"
        )
        volume = VOLUME.format(name="good", size="1Mi")
        to = ", annotations: {libhotplug/destination: 'qemu+tcp://nowhere.invalid/system'}"
        for text, options, says in [
            (job % "", (), 'line 15: where VMI "web" shall go is not said: by --to=URI, or by the annotation libhotplug/destination'),
            (job.replace("vmiName", "name") % to, (), "unknown field spec.name"),
            (volume.replace("good", "other"), ("--to=qemu:///embed",), "--to is given, and there is no VirtualMachineInstanceMigration"),
        ]:
            with self.subTest(says):
                path = self.write(volume, text)
                self.assertIn(f"{path}: {says}" if says.startswith("line") else says, self.refused("create", "-f", path, *options))
                self.assertEqual(self.volumes(), [])
        path = self.write(job % to)
        self.assertIn("nowhere.invalid", self.refused("create", "-f", path))
        foreign = self.write(job % to.replace("qemu+tcp://nowhere.invalid/system", "qemu+ext://x/system?command=/bin/touch"))
        self.assertIn(f"{foreign}: line 3: the annotation libhotplug/destination is a host, as in", self.refused("create", "-f", foreign))
        self.assertIn(f"{path}: line 1: a VirtualMachineInstanceMigration is not kept", self.refused("delete", "-f", path))

    def test_list(self):
        """What get prints is a List, and may be given to create again."""
        self.ok("create", "-f", self.write(VOLUME.format(name="a", size="1Mi"), VOLUME.format(name="b", size="2Mi")))
        for form in ("yaml", "json"):
            path = self.vm.root / f"list.{form}"
            path.write_text(self.ok("get", "datavolume", "-o", form))
            self.assertEqual(self.ok("delete", "-f", path), 'data volume "a" deleted\ndata volume "b" deleted\n')
            self.assertRegex(self.ok("create", "-f", path), r'\Adata volume "a" created: 1Mi, [^\n]+\ndata volume "b" created: 2Mi, ')
        self.ok("delete", "-f", path)
        path.write_text('{"apiVersion": "v1", "kind": "List", "items": []}')
        self.assertIn("nothing is in it", self.refused("create", "-f", path))
        path.write_text('{"apiVersion": "v1", "kind": "List", "items": [\n{"apiVersion": "v1", "kind": "Pod"}]}')
        self.assertIn(f'{path}: line 2: nothing is known of kind "Pod"', self.refused("create", "-f", path))

    def request(self, name, *, volume=None, disk='{"bus": "scsi"}', more=""):
        return (f'{{"name": "{name}", "disk": {{"disk": {disk}}}, '
                f'"volumeSource": {{"dataVolume": {{"name": "{volume or name}"}}}}{more}}}\n')

    def statuses(self):
        return [status["name"] for status in json.loads(self.ok("get", "vmi", "web", "-o", "json"))["status"]["volumeStatus"]]

    def test_requests(self):
        """KubeVirt's AddVolumeOptions and RemoveVolumeOptions"""
        self.ok("create", "-f", self.write(VOLUME.format(name="a", size="1Mi"), VOLUME.format(name="b", size="2Mi")))
        dry_run = ', "dryRun": ["All"]'
        claim = "name: y\ndisk: {disk: {bus: scsi}, serial: S-y}\nvolumeSource: {persistentVolumeClaim: {claimName: b}}\n"

        out = self.ok("addvolume", "web", "--persist", "-f", self.write(self.request("x", volume="a", more=dry_run)))
        self.assertIn("(dry run: nothing was changed)", out)
        for texts, says in (
            (("name: a\n",), "line 1: AddVolumeOptions requires disk to not be nil"),
            (("name: a\npersist: true\n",), "line 2: unknown field persist; known there: name, disk, volumeSource, dryRun"),
            ((self.request("a", disk='{"bus": "sata"}'),), "requires bus to be 'scsi' or 'virtio'. [sata] is not permitted."),
            ((self.request("a"), self.request("b", more=dry_run)), "1 of 2 requests have dryRun"),
            ((self.request("a"), self.request("none")), "none"),
            (("",), "nothing is in it"),
        ):
            with self.subTest(says):
                path = self.write(*texts)
                err = self.refused("addvolume", "web", "--persist", "-f", path)
                self.assertTrue(err.startswith(f"hotplugctl: {path}: "), err)
                self.assertIn(says, err)
        self.assertEqual(self.statuses(), [])

        path = self.write(self.request("x", volume="a"), claim)
        with open(path) as stream:
            out = self.ok("addvolume", "web", "--persist", "-f", "-", stdin=stream)
        self.assertEqual(out.count(" added to "), 2)
        self.assertIn("serial S-y", out)
        self.assertEqual(self.statuses(), ["x", "y"])
        self.assertIn("x", self.refused("addvolume", "web", "--persist", f"--filename={path}"))

        self.ok("removevolume", "web", "--persist", "-f", self.write('{"name": "x", "dryRun": ["All"]}'))
        self.assertIn("z", self.refused("removevolume", "web", "--persist", "-f", self.write("name: x\n", "name: z\n")))
        self.assertIn("requires name to be set", self.refused("removevolume", "web", "-f", self.write("dryRun: [All]\n")))
        self.assertEqual(self.statuses(), ["x", "y"])
        out = self.ok("removevolume", "web", "--persist", "-f", self.write("name: x\n", "name: y\n"))
        self.assertEqual(out, 'volumes "x", "y" removed from VMI "web"\n')
        self.ok("delete", "datavolume", "a")
        self.ok("delete", "datavolume", "b")

    def test_usage(self):
        path = self.write(VOLUME.format(name="a", size="1Mi"))
        self.assertIn("unexpected argument", self.refused("create", "-f", path, "datavolume", "a", code=2))
        self.assertIn("--filename excludes", self.refused("create", "-f", path, "--size=1Gi", code=2))
        self.assertIn("--filename=FILE", self.refused("delete", "datavolume", code=2))
        for option in ("--volume-name=a", "--boot-order=1", "--bus=scsi", "--shareable"):
            self.assertIn("--filename excludes", self.refused("addvolume", "web", "-f", path, option, code=2))
        self.assertIn("--filename=FILE", self.refused("removevolume", "web", code=2))
        self.assertIn("exclude each other", self.refused("removevolume", "web", "--volume-name=a", "-f", path, code=2))

    def test_gates(self):
        image = self.vm.image("gated.img")
        add = ("addvolume", "web", "--volume-name=gated", f"--source={image}", "--persist")
        self.conf.write_text("[gates]\nHotplugVolumes=false\n")
        says = f"feature gate HotplugVolumes is off; to enable it, write HotplugVolumes=true below [gates] in {self.conf}"
        self.assertIn(says, self.refused(*add))
        self.assertIn(says, self.refused(*add, "--dry-run"))
        self.assertIn(says, self.refused("removevolume", "web", "--volume-name=gated", "--persist"))

        kubevirt = self.vm.root / "kubevirt.yaml"
        kubevirt.write_text("apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: {name: kubevirt}\nspec: {configuration: "
                            "{developerConfiguration: {featureGates: [HotplugNICs]}}}\n")
        self.conf.write_text(f"[gates]\nfrom={kubevirt}\n")
        self.assertIn(f"add it to spec.configuration.developerConfiguration.featureGates in {kubevirt}", self.refused(*add))
        kubevirt.write_text(kubevirt.read_text().replace("HotplugNICs", "HotplugVolumes"))
        self.ok(*add)
        self.ok("removevolume", "web", "--volume-name=gated", "--persist")

        kubevirt.write_text("kind: KubeVirt\n")
        self.assertIn(f"{kubevirt}: line 1: apiVersion is missing", self.refused("get", "vmi"))
        kubevirt.unlink()
        self.assertIn(f"{self.conf}: gates from {kubevirt}: No such file", self.refused("get", "vmi"))

    def test_bad_configuration(self):
        self.conf.write_text("[gates]\nHotplugVolumes=maybe\n")
        self.assertIn(f'{self.conf}:2: HotplugVolumes is true or false, not "maybe"', self.refused("get", "vmi"))

        other = self.vm.root / "other.conf"
        other.write_text("[gatse]\n")
        self.assertIn(f"{other}:1: unknown group", self.refused("get", "vmi", env=ctl.environment(HOTPLUG_CONFIG=str(other))))


if __name__ == "__main__":
    sys.exit(tapunit.main())
