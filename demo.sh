#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo.sh: builds libhotplug, boots a small machine, and plugs volumes and network interfaces into it while it runs, on
# Debian 12 or 13.
#
# As root it installs what is missing first. The build and the guest go to ./build, or to $BUILD_DIR, and are kept for
# the next time; the machine, its images, its QEMU and its bridge are gone at the end, whatever the end is.
# On a terminal it pauses after each step; DEMO_FAST=1 ends that. Exit status 0: the guest showed what it should.
set -euo pipefail

PACKAGES=(
  # to build the library and hotplugctl
  gcc libc6-dev libglib2.0-dev libjson-glib-dev libvirt-dev libxml2-dev libyaml-dev make pkgconf
  # to make the guest
  busybox-static cpio xz-utils
  # to run it
  iproute2 libvirt-clients libvirt-daemon libvirt-daemon-driver-qemu qemu-system-x86
)
# only a git tree needs them: a tarball has its configure
AUTOTOOLS=(
  autoconf autoconf-archive automake gobject-introspection gtk-doc-tools libgirepository1.0-dev libtool
)
# libvirt looks this user up whenever root runs QEMU, as whomever
QEMU_USER=libvirt-qemu
QEMU_USER_PACKAGE=libvirt-daemon-system

SRC=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD_DIR:-$SRC/build}
POLICY=/usr/sbin/policy-rc.d
VMI=vmi-fedora
VOLUME=example-volume-hotplug
NETWORK=new-fancy-net
BOOT_SECONDS=120

ROOT=
JOBS=()
MADE_POLICY=

# ---- the end, whatever it is

# The machines of our root, and of no other
qemu_pids ()
{
  local dir

  for dir in /proc/[0-9]*; do
    case $(readlink "$dir/exe" 2> /dev/null) in
      */qemu-system-*) ;;
      *) continue ;;
    esac
    if tr '\0' '\n' 2> /dev/null < "$dir/cmdline" | grep -qF "$ROOT/"; then
      echo "${dir#/proc/}"
    fi
  done
}

end_machine ()
{
  local pid pids tries

  [ -n "$(qemu_pids)" ] || return 0
  # libvirt knows best what else there is to clear
  timeout -k 5 20 hotplugctl stop "$VMI" --force > /dev/null 2>&1 || true
  pids=$(qemu_pids)
  for pid in $pids; do
    kill -9 "$pid" 2> /dev/null || true
  done
  for ((tries = 0; tries < 50; tries++)); do
    [ -n "$(qemu_pids)" ] || return 0
    sleep 0.1
  done
}

clean_up ()
{
  local status=$? job

  trap - EXIT
  trap '' HUP INT TERM
  set +e
  for job in "${JOBS[@]}"; do
    kill -TERM -- "-$job" 2> /dev/null && wait "$job" 2> /dev/null
  done
  if [ -n "$ROOT" ]; then
    end_machine
    rm -rf "$ROOT"
  fi
  [ -z "$MADE_POLICY" ] || rm -f "$POLICY"
  exit "$status"
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'printf "\n"; exit 130' INT
trap 'exit 143' TERM

die ()
{
  printf 'demo.sh: %s\n' "$*" >&2
  exit 1
}

# ---- how it is told

TERMINAL=
[ ! -t 1 ] || TERMINAL=yes
BOLD='' DIM='' GREEN='' BLUE='' PLAIN=''
if [ -n "$TERMINAL" ] && [ "${TERM:-dumb}" != dumb ] && [ -z "${NO_COLOR-}" ]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' GREEN=$'\e[32m' BLUE=$'\e[34m' PLAIN=$'\e[0m'
fi

pause ()
{
  [ -z "$TERMINAL" ] || [ -n "${DEMO_FAST-}" ] || sleep 1
}

chapter () { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
tell () { printf '%s\n' "$@"; }
step () { printf '  %-34s' "$1"; }
stepped () { printf '%s%s%s\n' "$DIM" "$1" "$PLAIN"; }

OUTPUT=
STATUS=0

# Runs what was just shown, shows what it says, and keeps both for the checks
run ()
{
  STATUS=0
  OUTPUT=$("$@" 2>&1) || STATUS=$?
  [ -z "$OUTPUT" ] || printf '%s\n' "$OUTPUT"
}

# host COMMAND: as typed in a shell of this machine
host ()
{
  printf '\n%s$%s %s%s%s\n' "$GREEN" "$PLAIN" "$BOLD" "$1" "$PLAIN"
  run bash -c "$1"
}

ask_guest () { "$LAB_GUEST" "$ROOT/$VMI.sock" "$1"; }

# guest COMMAND: as typed in a shell of the machine
guest ()
{
  printf '\n%s[root@%s]#%s %s%s%s\n' "$BLUE" "$VMI" "$PLAIN" "$BOLD" "$1" "$PLAIN"
  run ask_guest "$1"
  OUTPUT=$(printf '%s' "$OUTPUT" | tr -d '\r')
}

# ---- what must be so

failed_step ()
{
  printf '\ndemo.sh: %s\n' "$1" >&2
  [ ! -s "$ROOT/$VMI.log" ] || tail -n 15 "$ROOT/$VMI.log" | sed 's/^/demo.sh: console: /' >&2
  exit 1
}

worked () { [ "$STATUS" = 0 ] || failed_step "that should have worked, and exited with $STATUS"; }
says () { grep -qF -e "$1" <<< "$OUTPUT" || failed_step "that should have said \"$1\""; }
says_not () { ! grep -qF -e "$1" <<< "$OUTPUT" || failed_step "that should not have said \"$1\""; }

# refused WORDS…: in one line on standard error, with exit status 1
refused ()
{
  local words

  [ "$STATUS" = 1 ] || failed_step "that should have been refused with exit status 1, and exited with $STATUS"
  [ "$(wc -l <<< "$OUTPUT")" = 1 ] || failed_step "that should have been refused in one line"
  for words in "$@"; do
    says "$words"
  done
  printf '%s(exit status 1)%s\n' "$DIM" "$PLAIN"
}

# in_guest CONDITION: its udev works while nobody waits for it, so a look may come a moment too early
in_guest ()
{
  local tries="i=0; until $1; do i=\$((i + 1)); [ \$i -lt 100 ] || exit 1; sleep 0.1; done"

  ask_guest "$tries" > /dev/null 2>&1 || failed_step "the guest does not show it: $1"
}

# ---- what is needed

# background LOG COMMAND…: in a process group of its own, so that an interrupt ends all of it at once
background ()
{
  local log=$1

  set -m
  "${@:2}" > "$log" 2>&1 < /dev/null &
  set +m
  JOBS+=("$!")
}

# finished JOB LOG WHAT
finished ()
{
  local job status=0 left=()

  wait "$1" || status=$?
  for job in "${JOBS[@]}"; do
    [ "$job" = "$1" ] || left+=("$job")
  done
  JOBS=("${left[@]}")
  [ "$status" = 0 ] || { printf 'failed\n'; tail -n 25 "$2" >&2; die "$3 failed, all of it is in $2"; }
}

# quietly LOG WHAT COMMAND…: what it says is shown only if it fails
quietly ()
{
  background "$1" "${@:3}"
  finished "${JOBS[-1]}" "$1" "$2"
}

wanted_packages ()
{
  printf '%s\n' "${PACKAGES[@]}"
  [ -x "$SRC/configure" ] || printf '%s\n' "${AUTOTOOLS[@]}"
  [ "$(id -u)" != 0 ] || getent passwd "$QEMU_USER" > /dev/null || echo "$QEMU_USER_PACKAGE"
}

missing_packages ()
{
  local wanted

  wanted=$(wanted_packages | sort -u)
  # shellcheck disable=SC2086
  dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2> /dev/null \
    | awk '$2 == "installed" { print $1 }' | sort -u | comm -13 - <(printf '%s\n' "$wanted")
}

install_packages ()
{
  local missing

  command -v dpkg-query > /dev/null || die "this is not Debian: it is tried on Debian 12 and 13 only"
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} != 0 ] || return 0
  [ "$(id -u)" = 0 ] || die "missing, and only root can install: ${missing[*]}"

  step "installing ${#missing[@]} packages …"
  # nothing that is installed here shall start by itself
  if [ ! -e "$POLICY" ]; then
    MADE_POLICY=yes
    printf '#!/bin/sh\nexit 101\n' > "$POLICY"
    chmod 755 "$POLICY"
  fi
  export DEBIAN_FRONTEND=noninteractive
  quietly "$BUILD/demo-packages.log" "apt-get update" apt-get update
  quietly "$BUILD/demo-packages.log" "apt-get install" apt-get install -y --no-install-recommends "${missing[@]}"
  if [ -n "$MADE_POLICY" ]; then
    rm -f "$POLICY"
    MADE_POLICY=
  fi
  stepped "$SECONDS s"
}

build ()
{
  [ -x "$SRC/configure" ] || (cd "$SRC" && autoreconf -fi)
  mkdir -p "$BUILD/demo"
  cd "$BUILD/demo"
  if [ ! -e configured ]; then
    # built once and run a few times, so it is the build that has to be quick
    "$SRC/configure" -q --disable-gtk-doc --disable-introspection --disable-werror CFLAGS=-O0
    : > configured
  fi
  make -j"$(nproc)" libhotplug-1.0.la tools/hotplugctl tests/lab/lab-guest
}

make_guest ()
{
  if [ "$(id -u)" = 0 ] && ! apt-cache show linux-image-cloud-amd64 > /dev/null 2>&1; then
    apt-get update
  fi
  "$SRC/tests/guest/make-guest" "$BUILD/guest"
}

prepare ()
{
  local guest_job begin

  mkdir -p "$BUILD"
  BUILD=$(cd "$BUILD" && pwd)
  install_packages

  begin=$SECONDS
  background "$BUILD/demo-guest.log" make_guest
  guest_job=${JOBS[-1]}
  step "building libhotplug …"
  quietly "$BUILD/demo-build.log" "the build" build
  stepped "$((SECONDS - begin)) s"
  begin=$SECONDS
  step "making a guest …"
  finished "$guest_job" "$BUILD/demo-guest.log" "making the guest"
  stepped "$((SECONDS - begin)) s"

  use_build
}

use_build ()
{
  PATH=$BUILD/demo/tools:$PATH
  LAB_GUEST=$BUILD/demo/tests/lab/lab-guest
}

# ---- the machine

# A stock q35: libvirt gives it a root port for each device, and one more
machine_xml ()
{
  cat <<XML
<domain type='qemu'>
  <name>$VMI</name>
  <memory unit='MiB'>160</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>$BUILD/guest/vmlinux</kernel>
    <initrd>$BUILD/guest/initrd</initrd>
    <cmdline>console=ttyS0 quiet panic=-1 no_timer_check cryptomgr.notests</cmdline>
  </os>
  <features>
    <acpi/>
  </features>
  <devices>
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='$ROOT/images/containerdisk.img'/>
      <target dev='vda' bus='virtio'/>
      <alias name='ua-containerdisk'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='$ROOT/images/cloudinitdisk.img'/>
      <target dev='vdb' bus='virtio'/>
      <alias name='ua-cloudinitdisk'/>
    </disk>
    <serial type='file'>
      <source path='$ROOT/$VMI.log'/>
      <target port='0'/>
    </serial>
    <serial type='unix'>
      <source mode='bind' path='$ROOT/$VMI.sock'/>
      <target port='1'/>
    </serial>
  </devices>
</domain>
XML
}

# A QEMU of our own, with nothing of this machine's daemons, users or profiles
make_machine ()
{
  # not below $TMPDIR, which may be too long for the sockets
  ROOT=$(mktemp -d /tmp/hotplug-demo.XXXXXX)
  mkdir -p "$ROOT/etc" "$ROOT/images"
  {
    # no mount namespaces: in a chroot there is no root of a file system to make them from
    printf '%s\n' 'stdio_handler = "file"' 'security_driver = "none"' 'namespaces = []'
    [ "$(id -u)" != 0 ] || printf '%s\n' 'user = "root"' 'group = "root"' 'remember_owner = 0'
  } > "$ROOT/etc/qemu.conf"
  truncate -s 64M "$ROOT/images/containerdisk.img"
  truncate -s 1M "$ROOT/images/cloudinitdisk.img"
  machine_xml > "$ROOT/machine.xml"

  export HOTPLUG_URI="qemu:///embed?root=$ROOT"
  export LIBVIRT_DEFAULT_URI=$HOTPLUG_URI
  # libvirt's log: errors only, and no warning that QEMU runs as root without a profile
  export LIBVIRT_DEBUG=4
  cd "$ROOT/images"
  quietly "$ROOT/define.log" "virsh define" virsh define "$ROOT/machine.xml"
}

wait_for_guest ()
{
  local begin=$SECONDS

  printf '%sbooting …%s' "$DIM" "$PLAIN"
  quietly "$ROOT/boot.log" "booting the guest" timeout "$BOOT_SECONDS" "$LAB_GUEST" "$ROOT/$VMI.sock" true
  printf '%s up after %d s%s\n' "$DIM" "$((SECONDS - begin))" "$PLAIN"
}

# ---- the story of volumes

LINK=/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_

tell_start ()
{
  chapter "A machine that runs"
  host "hotplugctl start $VMI"
  worked
  wait_for_guest
  guest "ls /dev/disk/by-id"
  says_not "QEMU_HARDDISK"
  tell "" "Its own two disks have no serial, so nothing is listed."
  pause
}

tell_add ()
{
  chapter "A volume is plugged in"
  tell "A blank volume of 5 GiB, which takes no room until somebody writes to it:"
  host "truncate -s 5G example.img"
  worked
  host "hotplugctl addvolume $VMI --volume-name=$VOLUME --source=example.img"
  worked
  in_guest "test -b $LINK$VOLUME"
  guest "ls /dev/disk/by-id"
  worked
  says "scsi-0QEMU_QEMU_HARDDISK_$VOLUME"
  tell "" "The guest has it, and the serial of the disk is the name of the volume."
  pause

  host "hotplugctl get vmi $VMI"
  worked
  says "$VOLUME"
  says "5Gi"
  host "hotplugctl get vmi $VMI -o yaml | sed -n '/volumeStatus:/,\$p'"
  worked
  says "reason: VolumeReady"
  says "target: sda"
  pause
}

tell_serial ()
{
  chapter "Another one, with a serial of its own"
  host "truncate -s 1G second.img"
  worked
  host "hotplugctl addvolume $VMI --volume-name=second-volume --source=second.img --serial=1234567890"
  worked
  in_guest "test -b ${LINK}1234567890"
  guest "ls /dev/disk/by-id"
  worked
  says "scsi-0QEMU_QEMU_HARDDISK_$VOLUME"
  says "scsi-0QEMU_QEMU_HARDDISK_1234567890"
  pause
}

tell_refusals ()
{
  chapter "What is refused"
  tell "A name that is taken, an image that is in use under another name, and a disk that was never plugged in:"
  host "hotplugctl addvolume $VMI --volume-name=$VOLUME --source=example.img"
  refused "$VOLUME" "exists"
  host "ln -s example.img link.img; hotplugctl addvolume $VMI --volume-name=third-volume --source=link.img"
  refused "third-volume" "$VOLUME"
  host "hotplugctl removevolume $VMI --volume-name=containerdisk"
  refused "containerdisk" "not hotplugged"
  pause
}

tell_use ()
{
  chapter "The guest uses it"
  guest "mkfs.ext2 -i 1048576 $LINK$VOLUME > /dev/null"
  worked
  guest "mount -t ext4 $LINK$VOLUME /mnt && df -h | grep /mnt"
  worked
  says "/mnt"
  guest "echo 'written in the guest' > /mnt/note && cat /mnt/note && umount /mnt"
  worked
  says "written in the guest"
  pause
}

tell_remove ()
{
  chapter "And it is unplugged"
  host "hotplugctl removevolume $VMI --volume-name=$VOLUME"
  worked
  in_guest "test ! -e $LINK$VOLUME"
  guest "ls /dev/disk/by-id"
  worked
  says_not "$VOLUME"
  says "scsi-0QEMU_QEMU_HARDDISK_1234567890"
  tell "" "hotplugctl returned when the guest had let go of it. What it wrote is in the image."
  pause
}

tell_persist ()
{
  chapter "Over a restart"
  tell "With --persist the volume becomes part of the machine's template:"
  host "hotplugctl addvolume $VMI --volume-name=$VOLUME --source=example.img --persist"
  worked
  host "virsh dumpxml --inactive $VMI | grep -e '<source file=' -e '<target dev=' -e '<serial>'"
  worked
  says "<serial>$VOLUME</serial>"
  says_not "1234567890"
  host "hotplugctl restart $VMI --force"
  worked
  wait_for_guest
  in_guest "test -b $LINK$VOLUME -a -b ${LINK}1234567890"
  guest "ls /dev/disk/by-id"
  worked
  says "scsi-0QEMU_QEMU_HARDDISK_$VOLUME"
  says "scsi-0QEMU_QEMU_HARDDISK_1234567890"
  guest "mount -t ext4 -o ro $LINK$VOLUME /mnt && cat /mnt/note && umount /mnt"
  worked
  says "written in the guest"
  tell "" "The persisted one is there, and the one that was only plugged in was plugged in again."
  host "hotplugctl get vmi $VMI"
  worked
  says "second-volume"
  pause
}

tell_volumes_gone ()
{
  chapter "All gone"
  host "hotplugctl removevolume $VMI --volume-name=$VOLUME --volume-name=second-volume --persist"
  worked
  in_guest "test ! -e $LINK$VOLUME -a ! -e ${LINK}1234567890"
  guest "ls /dev/disk/by-id"
  says_not "QEMU_HARDDISK"
  pause
}

# ---- the story of interfaces

BRIDGE=br-fancy

nad ()
{
  cat <<YAML
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata:
  name: $NETWORK
spec:
  config: '{
      "cniVersion": "0.3.1",
      "type": "bridge",
      "bridge": "$BRIDGE",
      "mtu": 1300
    }'
YAML
}

tell_network ()
{
  chapter "A network for machines"
  tell "A bridge, in a network namespace of this demo's own, and KubeVirt's manifest that describes it:"
  host "ip link add $BRIDGE type bridge && ip link set $BRIDGE up"
  worked
  nad > nad.yaml
  host "cat nad.yaml"
  host "hotplugctl create -f nad.yaml"
  worked
  host "hotplugctl get network"
  worked
  says "$NETWORK"
  pause
}

tell_addinterface ()
{
  chapter "An interface is plugged in"
  guest "ip link"
  worked
  says_not "mtu 1300"
  host "hotplugctl addinterface $VMI --network-attachment-definition-name $NETWORK --name dyniface1"
  worked
  in_guest "grep -qx 1300 /sys/class/net/e*/mtu"
  guest "ip link"
  worked
  says "mtu 1300"
  tell "" "The guest has it, with the network's MTU."
  host "hotplugctl get vmi $VMI"
  worked
  says "dyniface1"
  host "hotplugctl get vmi $VMI -o yaml | sed -n '/^  interfaces:/,\$p'"
  worked
  says "name: dyniface1"
  pause
}

tell_budget ()
{
  chapter "There is no room for a second one"
  tell "An interface takes a PCI port, and a stock q35 has one to spare:"
  host "hotplugctl addinterface $VMI --network-attachment-definition-name $NETWORK --name dyniface2"
  refused "dyniface2" "PCI"
  host "hotplugctl budget $VMI"
  worked
  host "hotplugctl reserve $VMI --keep-free=3"
  worked
  tell "" "The ports come with the next start. What was only plugged in is plugged in again:"
  host "hotplugctl restart $VMI --force"
  worked
  wait_for_guest
  in_guest "grep -qx 1300 /sys/class/net/e*/mtu"
  host "hotplugctl addinterface $VMI --network-attachment-definition-name $NETWORK --name dyniface2 --persist"
  worked
  in_guest "grep -lx 1300 /sys/class/net/e*/mtu | wc -l | grep -qx 2"
  guest "ip link"
  worked
  pause
}

tell_persisted_interface ()
{
  chapter "What --persist has changed"
  tell "The template has the second one, with its MAC address and its PCI port, and not the first:"
  host "virsh dumpxml --inactive $VMI | sed -n '/<interface/,/<\/interface>/p'"
  worked
  says "ua-hpi-dyniface2"
  says_not "ua-hpi-dyniface1"
  pause
}

tell_removeinterface ()
{
  chapter "And they are unplugged"
  host "hotplugctl removeinterface $VMI --name dyniface1"
  worked
  host "hotplugctl removeinterface $VMI --name dyniface2 --persist"
  worked
  in_guest "! grep -qx 1300 /sys/class/net/*/mtu"
  guest "ip link"
  worked
  says_not "mtu 1300"
  host "ip link show master $BRIDGE; virsh dumpxml --inactive $VMI | grep -c '<interface'"
  says_not "tap"
  tell "" "No tap device is left on the bridge, and no interface in the template."
  host "hotplugctl stop $VMI --force"
  worked
}

tell_volumes ()
{
  tell_start
  tell_add
  tell_serial
  tell_refusals
  tell_use
  tell_remove
  tell_persist
  tell_volumes_gone
}

tell_interfaces ()
{
  tell_network
  tell_addinterface
  tell_budget
  tell_persisted_interface
  tell_removeinterface
}

# ---- both, in a network namespace: its bridge and taps go with the last process in it

missing_network ()
{
  if [ "$(id -u)" != 0 ]; then
    # in a user namespace too: libvirt, which is then root, may not give up its groups
    echo "a bridge needs root"
  elif [ ! -c /dev/net/tun ]; then
    echo "there is no /dev/net/tun"
  elif ! unshare --net ip link add demo-probe type bridge 2> /dev/null; then
    echo "no network namespace with a bridge is allowed here"
  fi
}

case $#:${1-} in
  0:)
    printf '%slibhotplug: devices plugged into running machines, over plain libvirt and QEMU%s\n\n' "$BOLD" "$PLAIN"
    prepare
    NO_NETWORK=$(missing_network)
    [ -n "$NO_NETWORK" ] || exec unshare --net "$SRC/demo.sh" --prepared "$SECONDS" ;;
  2:--prepared)
    # by ourselves
    NO_NETWORK=
    SECONDS=$2
    BUILD=$(cd "$BUILD" && pwd)
    use_build ;;
  *)
    echo "usage: demo.sh" >&2
    exit 2 ;;
esac

make_machine
tell "" "The machine is called $VMI: Debian's kernel, its udev and a shell, in a QEMU of its own." \
  "Lines after \$ are typed on this host, lines after [root@$VMI]# in the machine."
tell_volumes
if [ -z "$NO_NETWORK" ]; then
  tell_interfaces
else
  tell "" "The story of interfaces is left out: $NO_NETWORK."
fi

end_machine
[ -z "$(qemu_pids)" ] || die "the machine still runs"
printf '\n%sAll as it should be, in %d s. The machine and its images are gone.%s\n' "$BOLD" "$SECONDS" "$PLAIN"
