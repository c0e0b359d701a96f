// SPDX-License-Identifier: LGPL-2.1-or-later
// plug URI VMI IMAGE: plugs an image into a VMI, prints its target, and takes it out again.
int main (string[] args) {
    try {
        var host = Hotplug.Host.open (args[1], null);
        var vmi = host.get_vmi (args[2], null);

        try {
            new Hotplug.Volume.for_path ("no_label", args[3]);
        } catch (Hotplug.Error.INVALID_NAME error) {
            // names are DNS labels
        }

        var volume = new Hotplug.Volume.for_path ("data", args[3]);
        var status = vmi.add_volume (volume, Hotplug.PlugFlags.NONE, null);
        print ("%s\n", status.get_target ());
        vmi.remove_volume (volume.name, Hotplug.PlugFlags.NONE, -1, null);
        host.close ();
        return 0;
    } catch (GLib.Error error) {
        printerr ("plug: %s\n", error.message);
        return 1;
    }
}
