# SPDX-License-Identifier: LGPL-2.1-or-later
import sys
import gi
gi.require_version("Hotplug", "1.0")
from gi.repository import Hotplug

with Hotplug.Host.open(sys.argv[1]) as host:
    vmi = host[sys.argv[2]]
    print(vmi.add_volume(Hotplug.Volume("data", sys.argv[3])).target)
    vmi.remove_volume("data")
