# SPDX-License-Identifier: LGPL-2.1-or-later
"""Network attachments of an embedded host: create -f, get network, delete."""

import json
import sys
import unittest

import ctl
import tapunit

# KubeVirt's user guide, docs/network/hotplug_interfaces.md
USER_GUIDE = """apiVersion: "k8s.cni.cncf.io/v1"
kind: NetworkAttachmentDefinition
metadata:
  name: new-fancy-net
spec:
    config: '{
      "cniVersion": "0.3.1",
      "type": "bridge",
      "mtu": 1300,
      "name":"new-fancy-net"
    }'
"""

SPACED = """{"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
 "metadata": {"name": "storage", "namespace": "green"},
 "spec": {"config": "{\\"cniVersion\\":\\"1.0.0\\",\\"type\\":\\"ovs\\",\\"bridge\\":\\"br1\\",\\"vlan\\":100}"}}
"""

TABLE = """NAME            TYPE     BRIDGE   MTU    VLAN   MACSPOOFCHK
new-fancy-net   bridge   cni0     1300   -      no
green/storage   ovs      br1      -      100    no
"""


class Networks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = ctl.missing()
        if reason is not None:
            raise unittest.SkipTest(reason)
        cls.vm = ctl.Idle("web")
        cls.addClassCleanup(cls.vm.down)
        cls.vm.up()
        cls.directory = cls.vm.root / "etc/networks.d"

    def tearDown(self):
        for path in self.directory.iterdir() if self.directory.exists() else ():
            path.unlink()

    def ok(self, *arguments, **options):
        code, out, err = self.vm.ctl(*arguments, **options)
        self.assertEqual((code, err), (0, ""), arguments)
        return out

    def refused(self, *arguments, code=1, **options):
        status, out, err = self.vm.ctl(*arguments, **options)
        self.assertEqual((status, out), (code, ""), err)
        self.assertRegex(err, r"\Ahotplugctl: [^\n]+\n\Z")
        return err

    def write(self, text, name="manifest.yaml"):
        path = self.vm.root / name
        path.write_text(text)
        return path

    def test_life(self):
        guide = self.write(USER_GUIDE)
        spaced = self.write(SPACED, "spaced.json")
        kept = self.directory / "new-fancy-net.yaml"
        self.assertEqual(self.ok("create", "-f", guide), f'network attachment "new-fancy-net" created: {kept}\n')
        self.ok("create", "-f", spaced)
        self.assertTrue((self.directory / "green_storage.yaml").exists())
        self.assertIn("has one of that name", self.refused("create", "-f", guide))

        self.assertEqual(self.ok("get", "network"), TABLE)
        for word in "networks", "nad", "net-attach-def", "network-attachment-definitions":
            self.assertEqual(self.ok("get", word), TABLE)
        self.assertEqual(self.ok("get", "network", "green/storage"), self.ok("get", "network", "storage"))
        self.assertIn("blue/storage", self.refused("get", "network", "blue/storage"))

        nad = json.loads(self.ok("get", "network", "new-fancy-net", "-o", "json"))
        self.assertEqual((nad["apiVersion"], nad["kind"]), ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition"))
        self.assertEqual(nad["metadata"], {"name": "new-fancy-net"})
        config = json.loads(nad["spec"]["config"])
        self.assertEqual((config["type"], config["bridge"], config["mtu"]), ("bridge", "cni0", 1300))

        self.assertEqual(self.ok("delete", "network", "new-fancy-net"), 'network attachment "new-fancy-net" deleted\n')
        self.assertFalse(kept.exists())
        self.assertIn("none of that name", self.refused("delete", "network", "new-fancy-net"))
        self.assertEqual(self.ok("delete", "-f", spaced), 'network attachment "green/storage" deleted\n')
        self.assertEqual(self.ok("get", "network").count("\n"), 1)

    def test_list(self):
        """What get prints may be given to create again, beside objects of another kind."""
        self.ok("create", "-f", self.write(USER_GUIDE))
        self.ok("create", "-f", self.write(SPACED))
        for form in "json", "yaml":
            path = self.write(self.ok("get", "network", "-o", form), f"list.{form}")
            self.assertEqual(self.ok("delete", "-f", path).count(" deleted\n"), 2)
            self.assertEqual(self.ok("create", "-f", path).count(" created: "), 2)
            self.assertEqual(self.ok("get", "network"), TABLE)

    def test_refused(self):
        """All is read before anything is made, and what is wrong is said with both places."""
        for old, new, says in (
            ("bridge", "macvlan", "line 17: spec.config.type macvlan is not supported; bridge, cnv-bridge and ovs are"),
            ("1300,", "1300", 'line 17: spec.config: JSON, line 1, column 56: a , or } is missing'),
            ('"mtu"', '"vlanTrunk": [], "mtu"', "line 17: spec.config.vlanTrunk is not supported"),
            ("k8s.cni.cncf.io/v1", "k8s.cni.cncf.io/v2", "line 12: apiVersion of a NetworkAttachmentDefinition is"),
        ):
            with self.subTest(says):
                path = self.write(SPACED.replace("\n", "") + "\n---\n" + "\n" * 9 + USER_GUIDE.replace(old, new, 1))
                self.assertIn(f"{path}: {says}", self.refused("create", "-f", path))
        self.assertEqual(self.ok("get", "network").count("\n"), 1)
        self.assertIn("made of a manifest", self.refused("create", "network", "a", code=2))
        self.assertIn("name", self.refused("get", "network", "A"))

    def test_files(self):
        """Configurations that people put there; one that says nothing is told, and keeps no other out."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "a.conf").write_text('{"cniVersion": "0.3.1", "type": "bridge", "bridge": "br0", "macspoofchk": true}')
        (self.directory / "b.conflist").write_text('{"cniVersion": "1.0.0", "name": "c", "plugins": [{"type": "cnv-bridge"}]}')
        self.assertRegex(self.ok("get", "network"), r"(?s)\na +bridge +br0 +- +- +yes\nc +bridge +cni0 +- +- +no\n\Z")
        broken = self.directory / "d.conf"
        broken.write_text("{}")
        self.assertIn(f"{broken}: line 1: type is missing", self.refused("get", "network"))
        self.assertIn("br0", self.ok("get", "network", "a"))

    def test_configuration(self):
        """Another directory, and one of CNI's, which is only read."""
        for folder in "elsewhere", "cni":
            (self.vm.root / folder).mkdir(exist_ok=True)
        (self.vm.root / "cni/10-net.conflist").write_text('{"cniVersion": "1.0.0", "name": "net", "plugins": [{"type": "bridge"}]}')
        (self.vm.root / "cni/20-other.conf").write_text('{"cniVersion": "1.0.0", "name": "other", "type": "flannel"}')
        conf = self.write(f"[networks]\ndirectory={self.vm.root}/elsewhere\ncni-directory={self.vm.root}/cni\n", "other.conf")
        environment = ctl.environment(HOTPLUG_CONFIG=str(conf))
        self.ok("create", "-f", self.write(USER_GUIDE), env=environment)
        self.assertTrue((self.vm.root / "elsewhere/new-fancy-net.yaml").exists())
        names = [line.split()[0] for line in self.ok("get", "network", env=environment).splitlines()[1:]]
        self.assertEqual(names, ["net", "new-fancy-net"])
        self.assertIn("only read", self.refused("delete", "network", "net", env=environment))
        self.assertEqual(self.ok("get", "network").count("\n"), 1)


if __name__ == "__main__":
    sys.exit(tapunit.main())
