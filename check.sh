#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check.sh [--quick]: builds libhotplug in every way that must work and runs every test, on Debian 12 or 13.
#
# Builds go to ./build, or to $BUILD_DIR; logs to logs/ there. --quick: one build and its tests only. Without it, root also
# does what README says on a fresh Debian of the other release, and builds on Debian's unstable, both in debian/ there.
# As root it installs what is missing first. The last line counts the test points of all stages; a stage that
# runs no tests of its own counts as one. The exit status is 0 if nothing failed.
set -uo pipefail

BUILD_PACKAGES=(
  autoconf autoconf-archive automake gcc g++ git gobject-introspection gtk-doc-tools libgirepository1.0-dev
  libglib2.0-dev libglib2.0-doc libjson-glib-dev libtool libvirt-dev libxml2-dev libyaml-dev make pkgconf xz-utils
)
PACKAGES=(
  "${BUILD_PACKAGES[@]}"
  # to judge
  abigail-tools bash-completion binutils clang clang-tidy debootstrap gjs libclang-rt-dev libvirt-glib-1.0-dev libxml2-utils
  python3-gi valac valgrind
  # to run guests
  busybox-static cpio dnsmasq-base e2fsprogs iproute2 ipxe-qemu iptables kmod libvirt-clients libvirt-daemon
  libvirt-daemon-driver-qemu procps python3-libvirt qemu-block-extra qemu-system-arm qemu-system-misc qemu-system-ppc
  qemu-system-x86 qemu-utils tgt util-linux
)
# Since Debian 13 these parts of libvirt's daemon are packages of their own, and a name that an older apt does not know
# would keep it from installing the rest. Debian's testing and unstable have no number.
DEBIAN=$(. /etc/os-release && echo "${VERSION_ID:-99}")
[ "$DEBIAN" -lt 13 ] || PACKAGES+=(
  libvirt-daemon-driver-interface libvirt-daemon-driver-network libvirt-daemon-driver-nodedev
  libvirt-daemon-driver-nwfilter libvirt-daemon-driver-secret libvirt-daemon-driver-storage
  libvirt-daemon-driver-storage-disk libvirt-daemon-driver-storage-iscsi libvirt-daemon-driver-storage-logical
  libvirt-daemon-driver-storage-scsi
)
# The release that this one is not
[ "$DEBIAN" -lt 13 ] && OTHER=trixie || OTHER=bookworm
# libvirt looks its user up whenever root runs QEMU
getent passwd libvirt-qemu > /dev/null || PACKAGES+=(libvirt-daemon-system)

case "${1-}" in
  '') QUICK= ;;
  --quick) QUICK=yes ;;
  *) echo "usage: check.sh [--quick]" >&2; exit 2 ;;
esac

SRC=$(cd "$(dirname "$0")" && pwd)
B=${BUILD_DIR:-$SRC/build}
mkdir -p "$B/logs" || exit 1
B=$(cd "$B" && pwd)
JOBS=$(nproc)
PREFIX=$B/prefix
RESULTS=$B/logs/results
: > "$RESULTS"
TIMES=$B/logs/times
: > "$TIMES"

# note STAGE RESULT NAME
note () { printf '%s\t%s\t%s\n' "$@" >> "$RESULTS"; }

# collect STAGE FOLDER: the test points of all programs that ran there, and how long each program took
collect ()
{
  local trs name start

  while IFS= read -r trs; do
    name=${trs#"$2"/}
    name=${name%.trs}
    start=${trs%.trs}.log.start
    [ ! -e "$start" ] || awk -v a="$(stat -c %.Y "$start")" -v b="$(stat -c %.Y "$trs")" -v name="$1: $name" \
      'BEGIN { printf "%.1f\t%s\n", b - a, name }' >> "$TIMES"
    # the verdicts are in the .trs, their names in the .log, in the same order
    awk -v stage="$1" -v name="$name" '
      FNR == NR { if (/^(not )?ok/) point[++points] = $0; next }
      /^:test-result:/ { n++; print stage "\t" $2 "\t" name ": " (n in point ? point[n] : "the program itself") }
    ' "${trs%.trs}.log" "$trs" >> "$RESULTS"
  done < <(find "$2" -name '*.trs' -not -path '*/libhotplug-[0-9]*' | sort)
}

# last_words FOLDER: the ends of the logs of the programs that failed, named on standard input
last_words ()
{
  local program
  sed 's/: .*//' | sort -u | while IFS= read -r program; do
    [ ! -e "$1/$program.log" ] || { echo "$program.log ends:"; tail -n 12 "$1/$program.log" | cut -c 1-400; } | sed 's/^/      | /'
  done
}

# beside NAME FUNCTION: begins with it, in the time that the stages before it leave idle. `stage NAME FUNCTION` is where it
# must have ended.
declare -A BESIDE
beside ()
{
  # a group of its own, so that it can be ended with all that it runs
  set -m
  (renice -n 10 -p "$BASHPID" > /dev/null; "$2") > "$B/logs/$1.log" 2>&1 < /dev/null &
  BESIDE[$1]=$!
  set +m
}
trap 'for group in "${BESIDE[@]}"; do kill -- "-$group" 2> /dev/null; done' EXIT

# cpu: sets CPU to the seconds of processor time that all that was waited for has used
cpu ()
{
  # not in a subshell, which has children of its own
  times > "$B/logs/cpu"
  CPU=$(awk 'NR == 2 { gsub ("s", ""); split ($1, u, "m"); split ($2, s, "m"); printf "%d", (u[1] + s[1]) * 60 + u[2] + s[2] }' "$B/logs/cpu")
}

# stage NAME FUNCTION [FOLDER]: runs it, keeps its output, tells its time; test results are read from FOLDER
stage ()
{
  local name=$1 function=$2 folder=${3-} log=$B/logs/$1.log begin=$SECONDS used status=0 failed time

  printf '==> %-12s ' "$name"
  [ -z "$folder" ] || [ ! -d "$folder" ] || find "$folder" \( -name '*.trs' -o -name '*.log.start' \) -delete
  cpu
  used=$CPU
  if [ -n "${BESIDE[$name]-}" ]; then
    wait "${BESIDE[$name]}" || status=$?
    unset "BESIDE[$name]"
  else
    ("$function") > "$log" 2>&1 || status=$?
  fi
  cpu
  time="$((SECONDS - begin)) s, $((CPU - used)) s of processor time"
  printf '%s\tstage %s\n' "$((SECONDS - begin))" "$name" >> "$TIMES"
  [ -z "$folder" ] || [ ! -d "$folder" ] || collect "$name" "$folder"
  failed=$(awk -F'\t' -v s="$name" '$1 == s && $2 ~ /^(FAIL|ERROR|XPASS)$/ { print $3 }' "$RESULTS")

  if [ "$status" = 77 ]; then
    note "$name" SKIP "$(tail -n 1 "$log")"
    printf 'skipped: %s\n' "$(tail -n 1 "$log")"
  elif [ "$status" != 0 ] || [ -n "$failed" ]; then
    [ -n "$failed" ] || note "$name" FAIL "exit status $status"
    printf 'FAILED after %s, see %s\n' "$time" "$log"
    { printf '%s' "$failed" | grep . || grep -E '^(FAIL|ERROR): ' "$log" || tail -n 30 "$log"; } | sed 's/^/      /'
    [ -z "$folder" ] || last_words "$folder" <<< "$failed"
    return 1
  else
    grep -q "^$name"$'\t' "$RESULTS" || note "$name" PASS ""
    printf 'ok, %s\n' "$time"
  fi
}

missing_packages ()
{
  dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${PACKAGES[@]}" 2> /dev/null \
    | awk '$2 == "installed" { print $1 }' | sort -u | comm -13 - <(printf '%s\n' "${PACKAGES[@]}" | sort -u)
}

packages ()
{
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} != 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "missing, and only root can install: ${missing[*]}"
    return 77
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"
}

# configured FOLDER ARGUMENT…: a build tree, made anew
configured ()
{
  rm -rf "${B:?}/$1"
  mkdir -p "$B/$1"
  cd "$B/$1" && "$SRC/configure" -q "${@:2}"
}

autotools () { cd "$SRC" && autoreconf -fi; }
build () { configured gcc --prefix="$PREFIX" --enable-gtk-doc --enable-introspection --enable-werror && make -j"$JOBS"; }

guest ()
{
  cd "$B/gcc" || return
  if [ "$(id -u)" = 0 ] && ! compgen -G '/var/lib/apt/lists/*_Packages*' > /dev/null; then
    apt-get update
  fi
  # the packages it is made of are kept between runs
  mkdir -p "$B/guest"
  ln -sfn "$B/guest" guest
  make -j"$JOBS" guest
}

# One more than there are processors: tests that wait for a guest, or for a client that was killed, leave theirs idle.
TEST_JOBS=$((JOBS + 1))
tests () { cd "$B/gcc" && make -k -j"$TEST_JOBS" check; }
# What only repeats itself is done in full by the plain run, and less often elsewhere.
FEWER=(HOTPLUG_TEST_KILLS=20 HOTPLUG_TEST_INTERFACE_KILLS=3 HOTPLUG_TEST_MIGRATION_KILLS=3 HOTPLUG_TEST_MACHINES=30
  HOTPLUG_TEST_INTERFACES=20 HOTPLUG_TEST_STRIDE=5)

# With clang, so that the other compiler has warned too; and with the machines: a race or an overflow likes real events
# better than made-up ones.
sanitizers ()
{
  configured sanitizers CC=clang --enable-sanitizers --disable-introspection --enable-werror CFLAGS='-O1 -g' && ln -sfn "$B/guest" guest \
    && env "${FEWER[@]}" make -k -j"$TEST_JOBS" check-c
}

memcheck () { cd "$B/gcc" && env "${FEWER[@]}" make -k -j"$TEST_JOBS" check-memcheck; }
lint () { cd "$B/gcc" && make lint; }
# What README tells first, with what is built already; it says itself where the guest does not show what it should.
demo ()
{
  mkdir -p "$B/as-demo" && ln -sfn ../gcc "$B/as-demo/demo" && ln -sfn ../guest "$B/as-demo/guest" \
    && : > "$B/gcc/configured" && BUILD_DIR=$B/as-demo "$SRC/demo.sh"
}
fuzz () { "$SRC/tests/fuzz/run" --seconds=30 --build="$B/fuzz"; }
# Whether it compiles is the question here, not how fast it is.
distcheck ()
{
  cd "$B/gcc" \
    && env "${FEWER[@]}" make -j"$JOBS" distcheck TESTS='$(tarball_tests)' DISTCHECK_CONFIGURE_FLAGS="CFLAGS='-g -O0'"
}

# ---- another Debian, in a folder

# debian_root SUITE: makes it if it is not there, sets ROOT, and brings the sources to /root/libhotplug in it, which has
# what it has built before
debian_root ()
{
  ROOT=$B/debian/$1

  if [ "$(id -u)" != 0 ]; then
    echo "only root can make the root of a Debian"
    return 77
  fi
  if [ ! -e "$ROOT.made" ]; then
    rm -rf "$ROOT"
    mkdir -p "$ROOT"
    debootstrap --variant=minbase "$1" "$ROOT" || return
    : > "$ROOT.made"
  fi

  mkdir -p "$ROOT/root/libhotplug" || return
  find "$ROOT/root/libhotplug" -mindepth 1 -maxdepth 1 -not -name build -exec rm -rf {} +
  cd "$SRC" && sources | tar --null -T - -c | tar -C "$ROOT/root/libhotplug" -x --no-same-owner
}

# All that is not made; of a git tree what git says
sources ()
{
  git ls-files -co --exclude-standard -z 2> /dev/null || find . -mindepth 1 -path ./build -prune -o -not -type d -print0
}

in_debian () { "$SRC/tests/debian/enter" "$ROOT" env -C /root/libhotplug "$@"; }

# What README promises of the other release, as somebody who has just installed it would do it: its demo, and its tests with
# the guests, daemons and machines of that Debian
other_debian ()
{
  local counts=("${FEWER[@]}" HOTPLUG_TEST_MACHINES=50)

  debian_root "$OTHER" && in_debian ./demo.sh && in_debian "${counts[@]}" ./check.sh --quick
}

# Its results count as ours, under its name.
collect_other_debian ()
{
  local logs=$B/debian/$OTHER/root/libhotplug/build/logs

  [ ! -e "$logs/results" ] || awk -F'\t' -v OFS='\t' -v suite="$OTHER" '{ $3 = $1 ": " $3; $1 = suite; print }' "$logs/results" >> "$RESULTS"
  [ ! -e "$logs/times" ] || sed "s/\t/\t$OTHER: /" "$logs/times" >> "$TIMES"
}

# What comes next compiles, without a warning: the library, hotplugctl, and all tests. A mirror that lags behind will do.
unstable ()
{
  debian_root sid \
    && in_debian DEBIAN_FRONTEND=noninteractive sh -ec '
      apt-get -o Acquire::Check-Valid-Until=false update
      apt-get dist-upgrade -y --no-install-recommends
      apt-get install -y --no-install-recommends "$@"
      apt-get clean
      autoreconf -fi
      rm -rf build/unstable
      mkdir -p build/unstable
      cd build/unstable
      ../../configure -q --enable-introspection --enable-werror
      make -j"$(nproc)"
      make -j"$(nproc)" check TESTS=' build "${BUILD_PACKAGES[@]}"
}

# As a stranger has it: installed, with no build tree in the environment.
installed ()
{
  cd "$B/gcc" && rm -rf "$PREFIX" && make install || return
  "$SRC/tests/guards/installed.sh" "$PREFIX" && make check-examples HOTPLUG_PREFIX="$PREFIX"
}

stage packages packages
stage autotools autotools && stage build build && {
  stage guest guest
  [ -n "$QUICK" ] || beside lint lint
  stage tests tests "$B/gcc"
  if [ -z "$QUICK" ]; then
    stage memcheck memcheck "$B/gcc"
    stage lint lint
    stage installed installed "$B/gcc"
    stage demo demo
    beside unstable unstable
    stage "$OTHER" other_debian
    collect_other_debian
    stage unstable unstable
    beside distcheck distcheck
    stage sanitizers sanitizers "$B/sanitizers"
    stage distcheck distcheck
    # last and alone: what it finds in its seconds is what the processors give it
    stage fuzz fuzz
    grep -s executions "$B/logs/fuzz.log" | sed 's/^/      /'
  fi
}

count () { awk -F'\t' -v pattern="$1" '$2 ~ pattern { n++ } END { print n + 0 }' "$RESULTS"; }

echo
echo "Slowest stages and tests, in seconds:"
sort -rn "$TIMES" | head -n 15 | sed 's/^/  /'
[ -n "$QUICK" ] || echo "In full by the stage tests alone; memcheck, sanitizers and distcheck: ${FEWER[*]}"
echo "Skipped:"
awk -F'\t' '$2 == "SKIP" { print "  " $1 ": " $3 }' "$RESULTS"
echo
failed=$(count '^(FAIL|ERROR|XPASS)$')
skipped=$(count '^SKIP$')
printf '%d passed, %d failed%s\n' "$(count '^(PASS|XFAIL)$')" "$failed" "$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
