// SPDX-License-Identifier: LGPL-2.1-or-later
// gjs plug.js URI VMI IMAGE: plugs an image into a VMI, prints its target, and takes it out again.
imports.gi.versions.Hotplug = '1.0';
const {Hotplug} = imports.gi;

const [uri, name, image] = ARGV;
const host = Hotplug.Host.open(uri, null);
const vmi = host.get_vmi(name, null);

try {
    vmi.add_volume(Hotplug.Volume.new_for_path('no_label', image), Hotplug.PlugFlags.NONE, null);
} catch (error) {
    if (!error.matches(Hotplug.Error, Hotplug.Error.INVALID_NAME))
        throw error;
}

const volume = Hotplug.Volume.new_for_path('data', image);
const status = vmi.add_volume(volume, Hotplug.PlugFlags.NONE, null);
print(status.get_target());
vmi.remove_volume(volume.name, Hotplug.PlugFlags.NONE, -1, null);
host.close();
