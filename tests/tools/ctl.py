# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs hotplugctl, and gives it a machine of its own: no system in it, for what needs no guest's answer."""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))

import machine  # noqa: E402

PROGRAM = os.environ.get("HOTPLUGCTL", "tools/hotplugctl")
SECONDS = 120

XML = """<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>64</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
  </os>
  <features>
    <acpi/>
  </features>
  <devices>
    <controller type='pci' index='1' model='pcie-root-port'/>
    <controller type='pci' index='2' model='pcie-root-port'/>
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
  </devices>
</domain>
"""


def environment(**extra):
    """Without what the user's own environment says of hosts, and with untranslated messages."""
    keep = {name: value for name, value in os.environ.items() if name not in ("HOTPLUG_URI", "LIBVIRT_DEFAULT_URI")}
    return {**keep, "LC_ALL": "C.UTF-8", **extra}


def start(*arguments, **options):
    options.setdefault("env", environment())
    return subprocess.Popen(
        [PROGRAM, *map(str, arguments)],
        stdin=options.pop("stdin", subprocess.DEVNULL),
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        **options,
    )


def finish(process):
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


def run(*arguments, **options):
    """The exit status, standard output and standard error."""
    return finish(start(*arguments, **options))


COMPLETION_LIBRARY = "/usr/share/bash-completion/bash_completion"


def complete(words, **extra):
    """What bash offers behind these words, and whatever it says on standard error."""
    source = os.path.join(os.environ.get("TOP_SRCDIR", "."), "tools/hotplugctl.bash-completion")
    typed = " ".join(f"'{word}'" for word in ["hotplugctl", *words])
    script = (
        f". {COMPLETION_LIBRARY}; . '{source}'; COMP_WORDS=({typed}); COMP_CWORD={len(words)};"
        ' COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}; _hotplugctl 2>/dev/null; echo "${COMPREPLY[*]}"'
    )
    path = os.path.dirname(os.path.abspath(PROGRAM)) + ":" + os.environ["PATH"]
    env = environment(PATH=path, **extra)
    done = subprocess.run(["bash", "-c", script], env=env, text=True, capture_output=True, check=False)
    return done.stdout, done.stderr


def missing():
    for program in ("qemu-system-x86_64", "virsh"):
        if shutil.which(program) is None:
            return f"there is no {program}"
    return None


class Idle(machine.Machine):
    """A machine that is defined, not started, and has no system."""

    def up(self):
        (self.root / "etc").mkdir()
        (self.root / "etc/qemu.conf").write_text(machine.QEMU_CONF)
        definition = self.root / f"{self.name}.xml"
        definition.write_text(XML.format(name=self.name))
        self.virsh(f"define {definition}")

    def ctl(self, *arguments, **options):
        return run("-c", self.uri, *arguments, **options)
