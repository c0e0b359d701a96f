# SPDX-License-Identifier: LGPL-2.1-or-later
"""A booted guest under libvirt's embedded driver, for tests that are no C programs.

    with machine.Machine("web") as web:      web.uri, web.name, web.image("data.img"), web.by_id()

As a program, for shell scripts: `machine.py up` prints ROOT, URI, NAME and SOCKET as shell assignments, and
`machine.py down ROOT` ends it all. virsh defines and starts the machine, and has left the embedded driver's root before
a program under test opens it: libvirt allows one process in it at a time.
"""

import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

GUEST = pathlib.Path(os.environ.get("LAB_GUEST_DIR", "guest"))
RUN = pathlib.Path(os.environ.get("TOP_BUILDDIR", ".")) / "tests/lab/lab-guest"
CAPABILITIES = "qemu/capabilities"
# Without a virtlogd QEMU's own output goes to plain files; a mount namespace can't be had below /dev/shm, and
# libvirt's note of a file's owner outlives a machine that is killed.
QEMU_CONF = 'stdio_handler = "file"\nnamespaces = []\nremember_owner = 0\n'
# As root libvirt runs QEMU as a user of its own, who can't read a guest that was built below root's home.
if os.geteuid() == 0:
    QEMU_CONF += 'user = "root"\ngroup = "root"\n'
IMAGE_SIZE = 8 << 20

DONE = "all-commands-done"

XML = """<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>160</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{guest}/vmlinux</kernel>
    <initrd>{guest}/initrd</initrd>
    <cmdline>console=ttyS0 quiet panic=-1 no_timer_check cryptomgr.notests</cmdline>
  </os>
  <features>
    <acpi/>
  </features>
  <devices>
    <controller type='pci' index='1' model='pcie-root-port'/>
    <controller type='pci' index='2' model='pcie-root-port'/>
    <controller type='pci' index='3' model='pcie-root-port'/>
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <serial type='file'>
      <source path='{root}/{name}.log'/>
      <target port='0'/>
    </serial>
    <serial type='unix'>
      <source mode='bind' path='{socket}'/>
      <target port='1'/>
    </serial>
{agent}  </devices>
</domain>
"""

# A port more, since the channel's controller takes one
AGENT = """    <controller type='pci' index='4' model='pcie-root-port'/>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
"""


def missing():
    """Why there can be no guest here, or None."""
    for program in ("qemu-system-x86_64", "virsh"):
        if shutil.which(program) is None:
            return f"there is no {program}"
    if not (GUEST / "vmlinux").exists():
        return "the guest is not built (make guest)"
    if not RUN.exists():
        return "tests/lab/lab-guest is not built"
    return None


def missing_agent():
    """Why there can be no agent in it, or None."""
    stamp = GUEST / "stamp"
    return None if stamp.exists() and "agent" in stamp.read_text().split() else "the guest has no agent (make guest)"


def _new_root():
    # a socket's path has 108 bytes, and libvirt puts run/qemu/… into it
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
    root = tempfile.mkdtemp(prefix="lh-", dir=parent)
    os.chmod(root, 0o755)
    if "LAB_SCRATCH" in os.environ:
        with open(os.environ["LAB_SCRATCH"], "a") as scratch:
            scratch.write(root + "\n")
    return pathlib.Path(root)


def _copy_capabilities(source, target):
    """What QEMU can is asked once and kept beside the guest, since asking takes seconds."""
    for path in source.glob("*.xml"):
        if not (target / path.name).exists():
            target.mkdir(parents=True, exist_ok=True)
            part = target / f"{path.name}.{os.getpid()}"
            shutil.copyfile(path, part)
            part.rename(target / path.name)


def within(seconds, holds):
    """Whether it holds before the time is up."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class Machine:
    def __init__(self, name="web", root=None, agent=False):
        self.name = name
        self.agent = agent
        self.root = pathlib.Path(root) if root is not None else _new_root()
        self.uri = f"qemu:///embed?root={self.root}"
        self.socket = self.root / f"{name}.sock"

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_exception):
        self.down()

    def up(self):
        (self.root / "etc").mkdir()
        (self.root / "etc/qemu.conf").write_text(QEMU_CONF)
        _copy_capabilities(GUEST / "capabilities-embed", self.root / "cache" / CAPABILITIES)
        definition = self.root / f"{self.name}.xml"
        definition.write_text(XML.format(name=self.name, guest=GUEST.resolve(), root=self.root, socket=self.socket,
                                         agent=AGENT if self.agent else ""))
        self.virsh(f"define {definition}; start {self.name}")
        _copy_capabilities(self.root / "cache" / CAPABILITIES, GUEST / "capabilities-embed")
        self.run("true")

    def down(self):
        for path in (self.root / "run/qemu").glob("*.pid"):
            pid = int(path.read_text())
            # the number may be another program's by now
            if "/qemu-" in os.path.realpath(f"/proc/{pid}/exe"):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)

    def virsh(self, commands):
        """Only while no program has the machine's host open."""
        # A thread of the embedded driver's may still be at the machine when virsh has done its work and ends, and then
        # crash (libvirt 9.0). What counts is that it got to its last command; it goes on after one that failed.
        done = subprocess.run(["stdbuf", "-o0", "virsh", "-q", "-c", self.uri, f"{commands}; echo {DONE}"], text=True,
                              capture_output=True, check=False)
        if not done.stdout.endswith(DONE) or "error:" in done.stderr:
            raise RuntimeError(f"virsh {commands}: status {done.returncode}: {done.stderr.strip()}")
        return done.stdout.removesuffix(DONE)

    def image(self, name):
        path = self.root / name
        with open(path, "wb") as image:
            image.truncate(IMAGE_SIZE)
        return path

    def run(self, command):
        """The output of a shell command in the guest, which has booted then."""
        done = subprocess.run([RUN, self.socket, command], text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"guest: {command}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def by_id(self):
        return set(self.run("udevadm settle; ls /dev/disk/by-id 2> /dev/null || true").split())

    def sees(self, link, seconds=30):
        return within(seconds, lambda: link in self.by_id())

    def misses(self, link, seconds=30):
        return within(seconds, lambda: link not in self.by_id())


def main(arguments):
    if arguments == ["up"]:
        reason = missing()
        if reason is not None:
            print(reason, file=sys.stderr)
            return 77
        web = Machine()
        try:
            web.up()
        except BaseException:
            web.down()
            raise
        for word, value in (("ROOT", web.root), ("URI", web.uri), ("NAME", web.name), ("SOCKET", web.socket)):
            print(f"{word}={shlex.quote(str(value))}")
        return 0
    if len(arguments) == 2 and arguments[0] == "down":
        Machine(root=arguments[1]).down()
        return 0
    print("usage: machine.py up | machine.py down ROOT", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
