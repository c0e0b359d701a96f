#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# LVM's tools as far as libvirt's logical pools call them (9.0.0, src/storage/storage_backend_logical.c), for kernels without a
# device mapper: a logical volume is a file behind a loop device, and begins with what somebody else had there before.
#
#   lvm-tools.sh install STATE GROUP    in the daemon's own mount namespace: the tools take the place of LVM's
#   lvm-tools.sh TOOL STATE GROUP …     one of them
set -e

tool=$1
state=$2
group=$3
shift 3
extent=$((4 * 1024 * 1024))

install_tools ()
{
  sbin=$(readlink -f /sbin)
  mkdir -p "$state/real" "$state/sbin"
  mount --bind "$sbin" "$state/real"
  ln -s "$state/real"/* "$state/sbin/"
  for name in pvs lvs vgs vgchange vgscan lvcreate lvchange lvremove; do
    rm -f "$state/sbin/$name"
    printf '#!/bin/sh\nexec sh "%s" %s "%s" "%s" "$@"\n' "$(readlink -f "$0")" "$name" "$state" "$group" > "$state/sbin/$name"
    chmod 755 "$state/sbin/$name"
  done
  mount --bind "$state/sbin" "$sbin"
}

list_volumes ()
{
  for link in "/dev/$group"/*; do
    [ -b "$link" ] || continue
    size=$(blockdev --getsize64 "$link")
    name=${link##*/}
    echo "  $name##uuid-$name#/dev/loop-backed(0)#linear#1#$size#$extent#$size#-wi-a-----"
  done
}

create_volume ()
{
  while [ $# -gt 0 ]; do
    case $1 in
      --name) name=$2; shift ;;
      -L) size=${2%K}; shift ;;
    esac
    shift
  done
  [ ! -e "/dev/$group/$name" ] || { echo "$name is there already" >&2; exit 5; }
  bytes=$(((size * 1024 + extent - 1) / extent * extent))
  tr '\0' '\252' < /dev/zero | head -c $bytes > "$state/$name.lv"
  device=$(losetup --find --show "$state/$name.lv")
  ln -s "$device" "/dev/$group/$name"
}

remove_volume ()
{
  for path; do :; done
  device=$(readlink "$path")
  rm -f "$path"
  losetup --detach "$device"
  rm -f "$state/${path##*/}.lv"
}

case $tool in
  install) install_tools ;;
  pvs) echo "  /dev/$group/physical $group" ;;
  lvs) list_volumes ;;
  vgs) echo "  1073741824:1073741824" ;;
  lvcreate) create_volume "$@" ;;
  lvremove) remove_volume "$@" ;;
  *) ;;
esac
