# SPDX-License-Identifier: LGPL-2.1-or-later
"""libhotplug as Python would have it: exceptions that carry a code, keywords for flags and properties, attributes for
getters. Everything of the C library stays callable in its own form beside that.

What holds for any type is done by rule for all types of the library, so a new one needs no line here:

- a call that fails raises the HotplugError of its code; a cancelled one raises Gio's GLib.Error, as everywhere;
- get_x(), is_x() and list_xs() without arguments are attributes too: status.target, status.persisted, status.volumes.
"""

import builtins
import concurrent.futures
import functools
import math
import os
import threading

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Gio, GLib, GObject

Hotplug = get_introspection_module("Hotplug")

__all__ = []

_DOMAIN = GLib.quark_to_string(Hotplug.Error.quark())


def _members(enum):
    return [name for name in dir(enum) if name.isupper()]


def _public(item):
    item.__module__ = "gi.repository.Hotplug"
    __all__.append(item.__name__)
    return item


# Exceptions


@_public
class HotplugError(GLib.Error):
    """A call of libhotplug failed.

    `code` is a Hotplug.Error, `message` one line to be shown. Each code has a subclass of its own: Hotplug.Error.EXISTS
    is raised as Hotplug.ExistsError; FAILED, which says nothing more, is HotplugError itself.
    """

    _code = Hotplug.Error.FAILED

    def __init__(self, message="", domain=_DOMAIN, code=None):
        super().__init__(message, domain, self._code if code is None else code)

    def __str__(self):
        return self.message

    def __repr__(self):
        return f"Hotplug.{type(self).__name__}({self.message!r})"


# A code's exception is also the built-in one that means the same, which callers that know nothing of libhotplug catch.
_BUILTINS = {
    "NOT_FOUND": KeyError,
    "INVALID_NAME": ValueError,
    "INVALID_ARGUMENT": ValueError,
    "MANIFEST": ValueError,
    "SERIAL_TOO_LONG": ValueError,
    "SERIAL_INVALID": ValueError,
    "TIMEOUT": builtins.TimeoutError,
    "CONNECTION": builtins.ConnectionError,
    "PERMISSION": builtins.PermissionError,
}


def _define_error(name):
    bases = (HotplugError, _BUILTINS[name]) if name in _BUILTINS else (HotplugError,)
    words = "".join(word.capitalize() for word in name.split("_"))
    kind = type(f"{words}Error", bases, {"__doc__": f"Hotplug.Error.{name}", "_code": getattr(Hotplug.Error, name)})
    globals()[kind.__name__] = _public(kind)
    return kind


_ERRORS = {int(getattr(Hotplug.Error, name)): HotplugError if name == "FAILED" else _define_error(name)
           for name in _members(Hotplug.Error)}


def _error_of(error):
    kind = _ERRORS.get(error.code)
    return kind(error.message) if kind is not None else HotplugError(error.message, code=error.code)


def _raising(call):
    """call, with the library's GLib.Error raised as the HotplugError of its code."""

    @functools.wraps(call)
    def wrapper(*args, **kwargs):
        try:
            return call(*args, **kwargs)
        except GLib.Error as error:
            if error.domain != _DOMAIN or isinstance(error, HotplugError):
                raise
            raised = _error_of(error)
        raise raised

    return wrapper


# The rules for all types


def _wrap_errors(cls, info):
    wrapped = _raising(info)
    if info.is_constructor():
        wrapped = classmethod(wrapped)
    elif not info.is_method():
        wrapped = staticmethod(wrapped)
    setattr(cls, info.__name__, wrapped)


def _add_attribute(cls, info):
    prefix, _, name = info.__name__.partition("_")
    if prefix in ("get", "is", "list") and name and not hasattr(cls, name):
        setattr(cls, name, property(info, doc=f"What {info.__name__}() returns."))


def _apply_rules(cls):
    for info in cls.__info__.get_methods():
        if info.can_throw_gerror():
            _wrap_errors(cls, info)
        elif info.is_method() and not info.get_arguments():
            _add_attribute(cls, info)


for _name in dir(Hotplug):
    _item = getattr(Hotplug, _name)
    if isinstance(_item, type) and issubclass(_item, (GObject.Object, GObject.GBoxed)):
        _apply_rules(_item)
    elif getattr(_item, "can_throw_gerror", bool)():
        globals()[_name] = _raising(_item)
        __all__.append(_name)


# Arguments


def _enum(enum, value):
    """A value of enum, which may be given by its nick: "virtio" is Hotplug.Bus.VIRTIO."""
    if not isinstance(value, str):
        return value
    values = [getattr(enum, name) for name in _members(enum)]
    for candidate in values:
        if candidate.value_nick == value:
            return candidate
    nicks = ", ".join(candidate.value_nick for candidate in sorted(values))
    raise ValueError(f'"{value}" is none of {nicks}')


def _plug_flags(flags, persist, dry_run):
    if persist:
        flags |= Hotplug.PlugFlags.PERSIST
    if dry_run:
        flags |= Hotplug.PlugFlags.DRY_RUN
    return flags


def _msec(msec, seconds, name):
    """The milliseconds of a C call, from its own argument or from one in seconds; -1 is the library's default."""
    if seconds is None:
        return msec
    if msec != -1:
        raise TypeError(f"{name} is given twice, in milliseconds and in seconds")
    if seconds < 0:
        raise ValueError(f"{name} is negative: {seconds}")
    return math.ceil(seconds * 1000)


def _waiting(call, *args, cancellable):
    """Makes a call that waits for a guest. Python can't take Ctrl-C while its main thread is inside C, so another
    thread makes the call; Ctrl-C cancels it, which ends the wait and not what the guest was asked for."""
    if threading.current_thread() is not threading.main_thread():
        return call(*args, cancellable)
    cancellable = cancellable or Gio.Cancellable()
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        try:
            return executor.submit(call, *args, cancellable).result()
        except KeyboardInterrupt:
            cancellable.cancel()
            raise


def _watched(call, *args, cancellable, look, tell):
    """As _waiting(), from any thread; ten times a second tell() is given what look() returns then, and at the end."""
    cancellable = cancellable or Gio.Cancellable()
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        future = executor.submit(call, *args, cancellable)
        try:
            while True:
                done = bool(concurrent.futures.wait([future], 0.1).done)
                status = look()
                if status is not None:
                    tell(status)
                if done:
                    return future.result()
        except BaseException:
            cancellable.cancel()
            raise


# Hosts


@_public
@override
class Host(Hotplug.Host):
    """A host that runs VMIs.

        with Hotplug.Host.open("qemu:///system") as host:
            host["web"].add_volume(Hotplug.Volume("data", "/srv/data.img"))

    Iteration gives its VMIs; `in` takes a name or a Vmi. Both ask the host each time.
    """

    def __init__(self):
        raise TypeError("a host is opened: Hotplug.Host.open(uri)")

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def vmi(self, name):
        """The VMI called name; NotFoundError if there is none."""
        return self.get_vmi(name)

    def __getitem__(self, name):
        return self.get_vmi(name)

    def __iter__(self):
        return iter(self.list_vmis())

    def __contains__(self, item):
        if isinstance(item, Hotplug.Vmi):
            return any(item.uuid == vmi.uuid for vmi in self)
        try:
            self.get_vmi(item)
        except KeyError:
            return False
        return True

    def __repr__(self):
        return f"<Hotplug.Host {self.uri!r}>"


# VMIs


def _some_devices(volumes, interfaces):
    volumes, interfaces = list(volumes), list(interfaces)
    if not volumes and not interfaces:
        raise ValueError("there is no device")
    return volumes or None, interfaces or None


@_public
@override
class Vmi(Hotplug.Vmi):
    """A virtual machine: its template and its live side. Times are in seconds, None being the library's default."""

    def __init__(self):
        raise TypeError('a VMI is got from its host: host["name"]')

    def add_volume(self, volume, flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False, dry_run=False):
        return super().add_volume(volume, _plug_flags(flags, persist, dry_run), cancellable)

    def remove_volume(self, name, flags=Hotplug.PlugFlags.NONE, timeout_msec=-1, cancellable=None,
                      *, persist=False, dry_run=False, timeout=None):
        return _waiting(super().remove_volume, name, _plug_flags(flags, persist, dry_run),
                        _msec(timeout_msec, timeout, "timeout"), cancellable=cancellable)

    def add_volumes(self, volumes, flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False, dry_run=False):
        return super().add_volumes(list(volumes), _plug_flags(flags, persist, dry_run), cancellable)

    def remove_volumes(self, names, flags=Hotplug.PlugFlags.NONE, timeout_msec=-1, cancellable=None,
                       *, persist=False, dry_run=False, timeout=None):
        return _waiting(super().remove_volumes, list(names), _plug_flags(flags, persist, dry_run),
                        _msec(timeout_msec, timeout, "timeout"), cancellable=cancellable)

    def add_devices(self, volumes=(), interfaces=(), flags=Hotplug.PlugFlags.NONE, cancellable=None,
                    *, persist=False, dry_run=False):
        """Plugs volumes and interfaces as one: all, or none. Returns the statuses of those, and of these."""
        volumes, interfaces = _some_devices(volumes, interfaces)
        _, *statuses = super().add_devices(volumes, interfaces, _plug_flags(flags, persist, dry_run), cancellable)
        return tuple(statuses)

    def remove_devices(self, volumes=(), interfaces=(), flags=Hotplug.PlugFlags.NONE, timeout_msec=-1, cancellable=None,
                       *, persist=False, dry_run=False, timeout=None):
        """Unplugs volumes and interfaces, by their names, as one."""
        volumes, interfaces = _some_devices(volumes, interfaces)
        return _waiting(super().remove_devices, volumes, interfaces, _plug_flags(flags, persist, dry_run),
                        _msec(timeout_msec, timeout, "timeout"), cancellable=cancellable)

    def insert_media(self, drive, medium, flags=Hotplug.PlugFlags.NONE, cancellable=None,
                     *, persist=False, dry_run=False):
        return _waiting(super().insert_media, drive, medium, _plug_flags(flags, persist, dry_run),
                        cancellable=cancellable)

    def eject_media(self, drive, flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False, dry_run=False):
        return _waiting(super().eject_media, drive, _plug_flags(flags, persist, dry_run), cancellable=cancellable)

    def add_interface(self, interface, flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False, dry_run=False):
        return super().add_interface(interface, _plug_flags(flags, persist, dry_run), cancellable)

    def remove_interface(self, name, flags=Hotplug.PlugFlags.NONE, timeout_msec=-1, cancellable=None,
                         *, persist=False, dry_run=False, timeout=None):
        return _waiting(super().remove_interface, name, _plug_flags(flags, persist, dry_run),
                        _msec(timeout_msec, timeout, "timeout"), cancellable=cancellable)

    def update_interface(self, name, state=Hotplug.InterfaceState.UNCHANGED, attachment=None,
                         flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False, dry_run=False):
        """Sets an interface's link, moves it to another network, or both; None if it is absent now."""
        return _waiting(super().update_interface, name, _enum(Hotplug.InterfaceState, state), attachment,
                        _plug_flags(flags, persist, dry_run), cancellable=cancellable)

    def plan_add_volumes(self, volumes, flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False):
        """What adding all of volumes would do, as a Plan; the error of the real call where it would be refused."""
        return super().plan_add_volumes(volumes, _plug_flags(flags, persist, False), cancellable)

    def plan_remove_volumes(self, names, flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False):
        """What removing all of these volumes would do, as a Plan."""
        return super().plan_remove_volumes(names, _plug_flags(flags, persist, False), cancellable)

    def plan_add_devices(self, volumes=(), interfaces=(), flags=Hotplug.PlugFlags.NONE, cancellable=None,
                         *, persist=False):
        """What adding all of volumes and interfaces would do, as a Plan."""
        volumes, interfaces = _some_devices(volumes, interfaces)
        return super().plan_add_devices(volumes, interfaces, _plug_flags(flags, persist, False), cancellable)

    def plan_remove_devices(self, volumes=(), interfaces=(), flags=Hotplug.PlugFlags.NONE, cancellable=None,
                            *, persist=False):
        """What removing all of these volumes and interfaces would do, as a Plan."""
        volumes, interfaces = _some_devices(volumes, interfaces)
        return super().plan_remove_devices(volumes, interfaces, _plug_flags(flags, persist, False), cancellable)

    def plan_insert_media(self, drive, medium, flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False):
        return super().plan_insert_media(drive, medium, _plug_flags(flags, persist, False), cancellable)

    def plan_eject_media(self, drive, flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False):
        return super().plan_eject_media(drive, _plug_flags(flags, persist, False), cancellable)

    def plan_update_interface(self, name, state=Hotplug.InterfaceState.UNCHANGED, attachment=None,
                              flags=Hotplug.PlugFlags.NONE, cancellable=None, *, persist=False):
        return super().plan_update_interface(name, _enum(Hotplug.InterfaceState, state), attachment,
                                             _plug_flags(flags, persist, False), cancellable)

    def stop(self, grace_msec=-1, cancellable=None, *, grace=None):
        return _waiting(super().stop, _msec(grace_msec, grace, "grace"), cancellable=cancellable)

    def restart(self, grace_msec=-1, cancellable=None, *, grace=None):
        return _waiting(super().restart, _msec(grace_msec, grace, "grace"), cancellable=cancellable)

    @property
    def migration_status(self):
        """How its migration stands, or how the last one ended, as a MigrationStatus; None if there was none."""
        return self.dup_migration_status()

    def migrate(self, destination, flags=Hotplug.MigrateFlags.NONE, bandwidth=0, timeout_msec=-1, cancellable=None,
                *, peer_to_peer=False, timeout=None, progress=None):
        """Moves it to another host while its guest runs; afterwards it is there.

        The bandwidth is bytes a second, or what Kubernetes writes: "64Mi". progress is called meanwhile with a
        MigrationStatus, in the caller's thread; Ctrl-C, or an exception of progress, cancels, and the VMI stays.
        """
        if peer_to_peer:
            flags |= Hotplug.MigrateFlags.PEER_TO_PEER
        number = quantity_parse(bandwidth)[1] if isinstance(bandwidth, str) else bandwidth
        args = destination, flags, number, _msec(timeout_msec, timeout, "timeout")
        if progress is None:
            return _waiting(super().migrate, *args, cancellable=cancellable)

        before = self.migration_status

        def look():
            status = self.migration_status
            return None if before and status.start_time == before.start_time else status

        return _watched(super().migrate, *args, cancellable=cancellable, look=look, tell=progress)

    def __repr__(self):
        return f"<Hotplug.Vmi {self.name!r} on {self.host.uri!r}>"


@_public
@override
class MigrationStatus(Hotplug.MigrationStatus):
    def to_manifest(self, format=Hotplug.ManifestFormat.JSON, *, name=None):
        """KubeVirt's VirtualMachineInstanceMigration, in "json" or "yaml"; its name is the VMI's if it has none."""
        return super().to_manifest(name, _enum(Hotplug.ManifestFormat, format))

    def __repr__(self):
        return f"<Hotplug.MigrationStatus {self.vmi_name!r} {self.phase.value_nick} {self.fraction:.0%}>"


@_public
@override
class VmiStatus(Hotplug.VmiStatus):
    def to_manifest(self, format=Hotplug.ManifestFormat.JSON):
        """The status as KubeVirt writes it, in "json" or "yaml"."""
        return super().to_manifest(_enum(Hotplug.ManifestFormat, format))

    def __repr__(self):
        volumes = ", ".join(volume.name for volume in self.volumes)
        return f"<Hotplug.VmiStatus {self.name!r} {self.state.value_nick} volumes=[{volumes}]>"


@_public
@override
class Plan(Hotplug.Plan):
    """What a change of a VMI would do: its items are devices, in the order in which they would be changed."""

    def to_manifest(self, format=Hotplug.ManifestFormat.JSON):
        """The plan as hotplugctl prints it, in "json" or "yaml"."""
        return super().to_manifest(_enum(Hotplug.ManifestFormat, format))

    def __repr__(self):
        items = ", ".join(f"{item.action.value_nick} {item.kind.value_nick} {item.name!r}" for item in self.items)
        return f"<Hotplug.Plan {self.vmi_name!r} {items}>"


# Volumes


def _properties(cls, keywords):
    """The keywords as values of the properties of cls."""
    values = {}
    for key, value in keywords.items():
        spec = cls.find_property(key.replace("_", "-"))
        if spec is None:
            raise TypeError(f"Hotplug.{cls.__name__} has no property {key}")
        values[key] = _enum(spec.value_type.pytype, value) if spec.value_type.is_a(GObject.TYPE_ENUM) else value
    return values


@_public
@override
class DataVolume(Hotplug.DataVolume):
    """A volume in a store of a host: Hotplug.DataVolume("data", "5Gi", access_mode="ReadWriteMany").

    The size is a number of bytes or what Kubernetes writes; where something is copied into it, it may be left out. The
    keywords are the properties of HotplugDataVolume, enumerations by value or by nick. What can't be is refused here.
    """

    def __init__(self, name, size=0, **properties):
        number = quantity_parse(size)[1] if isinstance(size, str) else size
        super().__init__(name=name, size=number, **_properties(DataVolume, properties))
        _raising(self.init)(None)

    def to_manifest(self, format=Hotplug.ManifestFormat.JSON):
        """The volume as CDI writes it, in "json" or "yaml"."""
        return super().to_manifest(_enum(Hotplug.ManifestFormat, format))

    def __repr__(self):
        return f"<Hotplug.DataVolume {self.name!r} {self.size} {self.phase.value_nick}>"


@_public
@override
class Volume(Hotplug.Volume):
    """A disk to be plugged: Hotplug.Volume("data", "/srv/data.img", bus="virtio", cache="none", read_only=True).

    The keywords are the properties of HotplugVolume, enumerations by value or by nick. What can't be is refused here.
    """

    def __init__(self, name, path, **properties):
        super().__init__(name=name, path=os.fspath(path),
                         **_properties(Volume, properties))
        _raising(self.init)(None)

    def _keywords(self):
        for spec in self.list_properties():
            default = self.name if spec.name == "serial" else spec.default_value
            value = self.get_property(spec.name)
            if spec.name not in ("name", "path") and value != default:
                yield f", {spec.name.replace('-', '_')}={getattr(value, 'value_nick', value)!r}"

    def __repr__(self):
        return f"Hotplug.Volume({self.name!r}, {self.path!r}{''.join(self._keywords())})"


@_public
@override
class VolumeStatus(Hotplug.VolumeStatus):
    def to_manifest(self, format=Hotplug.ManifestFormat.JSON):
        """The status as an entry of KubeVirt's status.volumeStatus[], in "json" or "yaml"."""
        return super().to_manifest(_enum(Hotplug.ManifestFormat, format))

    def __repr__(self):
        phase = f" {self.phase.value_nick}" if self.hotplugged else ""
        return f"<Hotplug.VolumeStatus {self.name!r} at {self.target!r}{phase}>"


# Interfaces


@_public
@override
class Interface(Hotplug.Interface):
    """An interface to be plugged: Hotplug.Interface("dyniface1", "new-fancy-net", mac="02:11:22:33:44:55").

    The network is a Hotplug.NetworkAttachment, or the name of one that the host has. The keywords are the properties of
    HotplugInterface, enumerations by value or by nick. What can't be is refused here.
    """

    def __init__(self, name, network, **properties):
        where = {"network" if isinstance(network, str) else "attachment": network}
        super().__init__(name=name, **where, **_properties(Interface, properties))
        _raising(self.init)(None)

    def __repr__(self):
        return f"<Hotplug.Interface {self.name!r} {self.network!r} {self.mac}>"


@_public
@override
class InterfaceStatus(Hotplug.InterfaceStatus):
    def to_manifest(self, format=Hotplug.ManifestFormat.JSON):
        """The status as an entry of KubeVirt's status.interfaces[], in "json" or "yaml"."""
        return super().to_manifest(_enum(Hotplug.ManifestFormat, format))

    def __repr__(self):
        phase = f" {self.phase.value_nick}" if self.hotplugged else ""
        return f"<Hotplug.InterfaceStatus {(self.name or self.interface_name)!r} {self.mac}{phase}>"
