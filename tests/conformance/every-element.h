/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Devices that between them have every child element that libvirt 9.0.0 takes in a <disk> and in an <interface> of
 * QEMU's, for a machine that has eight root ports, a virtio-scsi controller and an I/O thread */

#include <glib.h>

typedef struct
{
  const char *alias;
  const char *xml;
} EveryElement;

static const EveryElement every_element[] = {
  { "ua-hpv-chain",
    "<disk type='file' device='disk' model='virtio-non-transitional' snapshot='external'>"
    "<driver name='qemu' type='qcow2' cache='none' error_policy='stop' rerror_policy='report'"
    " io='native' ioeventfd='on' event_idx='off' copy_on_read='on' discard='unmap' detect_zeroes='unmap'"
    " iothread='1' queues='4' queue_size='256' packed='on' page_per_vq='on'><metadata_cache>"
    "<max_size unit='bytes'>1048576</max_size></metadata_cache></driver>"
    "<source file='/img/a &amp; &lt;1&gt;.qcow2' startupPolicy='optional' index='7'>"
    "<seclabel model='dac' relabel='no'/><encryption format='luks'>"
    "<secret type='passphrase' uuid='6695eb01-f6a4-8304-79aa-97f2502e193e'/></encryption></source>"
    "<backingStore type='file' index='8'><format type='qcow2'/><source file='/img/base1.qcow2'/>"
    "<backingStore type='network'><format type='raw'/><source protocol='nbd' name='x'>"
    "<host name='h' port='1'/></source><backingStore/></backingStore></backingStore>"
    "<target dev='vdb' bus='virtio'/><iotune><total_bytes_sec>1000000</total_bytes_sec>"
    "<total_iops_sec>500</total_iops_sec><total_bytes_sec_max>2000000</total_bytes_sec_max>"
    "<total_iops_sec_max>900</total_iops_sec_max><group_name>g</group_name>"
    "<total_bytes_sec_max_length>3</total_bytes_sec_max_length><size_iops_sec>5</size_iops_sec></iotune>"
    "<blockio logical_block_size='512' physical_block_size='4096' discard_granularity='4096'/>"
    "<serial>ser</serial><boot order='3' loadparm='2'/><alias name='ua-hpv-chain'/>"
    "<address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></disk>" },
  { "ua-hpv-scsi",
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2' discard='unmap'/>"
    "<source file='/img/s.qcow2'><slices><slice type='storage' offset='4096' size='8192'/></slices>"
    "</source><backingStore type='block'><format type='raw'/><source dev='/dev/x'/><backingStore/>"
    "</backingStore><target dev='sdb' bus='scsi' rotation_rate='1'/>"
    "<geometry cyls='16383' heads='16' secs='63'/><transient/><serial>se r</serial>"
    "<wwn>5000c50015ea71ad</wwn><vendor>VENDOR</vendor><product>PRODUCT</product>"
    "<alias name='ua-hpv-scsi'/><address type='drive' controller='0' bus='0' target='0' unit='1'/></disk>" },
  { "ua-hpv-net",
    "<disk type='network' device='disk'><driver name='qemu' type='raw'/><auth username='u'>"
    "<secret type='ceph' uuid='6695eb01-f6a4-8304-79aa-97f2502e193e'/></auth>"
    "<source protocol='rbd' name='pool/image'><host name='h1' port='6321'/><host name='h2'/>"
    "<snapshot name='snapname'/><config file='/etc/c.conf'/></source><target dev='sdc' bus='scsi'/>"
    "<readonly/><alias name='ua-hpv-net'/>"
    "<address type='drive' controller='0' bus='0' target='0' unit='2'/></disk>" },
  { "ua-hpv-http",
    "<disk type='network' device='cdrom'><driver name='qemu' type='raw'/>"
    "<source protocol='https' name='i.iso' query='foo=bar&amp;baz=1'><host name='h' port='443'/>"
    "<ssl verify='no'/><cookies><cookie name='test'>somevalue</cookie></cookies><readahead size='1'/>"
    "<timeout seconds='4'/></source><target dev='sdd' bus='scsi' tray='open'/><readonly/>"
    "<alias name='ua-hpv-http'/><address type='drive' controller='0' bus='0' target='0' unit='3'/></disk>" },
  { "ua-hpv-iscsi",
    "<disk type='network' device='lun' rawio='no'><driver name='qemu' type='raw'/>"
    "<source protocol='iscsi' name='iqn.2013-07.com.example:iscsi-nopool/1'>"
    "<host name='example.com' port='3260'/><auth username='m'>"
    "<secret type='iscsi' usage='libvirtiscsi'/></auth><initiator>"
    "<iqn name='iqn.2013-07.com.example:client'/></initiator><reservations managed='no'>"
    "<source type='unix' path='/pr.sock' mode='client'/></reservations></source>"
    "<target dev='sde' bus='scsi'/><alias name='ua-hpv-iscsi'/>"
    "<address type='drive' controller='0' bus='0' target='0' unit='4'/></disk>" },
  { "ua-hpv-nvme",
    "<disk type='nvme' device='disk'><driver name='qemu' type='raw'/>"
    "<source type='pci' managed='yes' namespace='1'>"
    "<address domain='0x0000' bus='0x09' slot='0x00' function='0x0'/></source>"
    "<target dev='vdc' bus='virtio'/><alias name='ua-hpv-nvme'/>"
    "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></disk>" },
  { "ua-hpv-pool",
    "<disk type='volume' device='disk'><driver name='qemu' type='raw'/>"
    "<source pool='p' volume='v' mode='host'/><target dev='sdf' bus='scsi'/><shareable/>"
    "<alias name='ua-hpv-pool'/><address type='drive' controller='0' bus='0' target='0' unit='5'/></disk>" },
  { "ua-hpi-bridge",
    "<interface type='bridge' trustGuestRxFilters='yes'>"
    "<mac address='52:54:00:00:00:11' type='static' check='no'/><source bridge='ovs0'/>"
    "<vlan trunk='yes'><tag id='42' nativeMode='untagged'/><tag id='47'/></vlan>"
    "<virtualport type='openvswitch'>"
    "<parameters interfaceid='09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f' profileid='menial'/></virtualport>"
    "<bandwidth><inbound average='1000' peak='5000' burst='1024'/>"
    "<outbound average='128' peak='256' burst='256'/></bandwidth><target dev='t1'/>"
    "<model type='virtio'/>"
    "<driver name='vhost' txmode='iothread' ioeventfd='on' event_idx='off' queues='5'"
    " rx_queue_size='256' tx_queue_size='256' rss='on' rss_hash_report='off'>"
    "<host csum='off' gso='off' tso4='off' tso6='off' ecn='off' ufo='off' mrg_rxbuf='off'/>"
    "<guest csum='off' tso4='off' tso6='off' ecn='off' ufo='off'/></driver>"
    "<backend tap='/dev/net/tun' vhost='/dev/vhost-net'/><filterref filter='clean-traffic'>"
    "<parameter name='IP' value='10.0.0.1'/></filterref><tune><sndbuf>1600</sndbuf></tune>"
    "<link state='down'/><mtu size='1300'/><coalesce><rx><frames max='7'/></rx></coalesce>"
    "<rom bar='off' file='/r'/><acpi index='5'/><boot order='4'/><alias name='ua-hpi-bridge'/>"
    "<address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/></interface>" },
  { "ua-hpi-user",
    "<interface type='user'><mac address='52:54:00:00:00:12'/>"
    "<ip address='172.17.2.0' family='ipv4' prefix='24'/>"
    "<ip address='2001:db8:ac10:fd01::' family='ipv6' prefix='64'/><model type='virtio'/>"
    "<teaming type='persistent'/><alias name='ua-hpi-user'/>"
    "<address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></interface>" },
  { "ua-hpi-network",
    "<interface type='network'><mac address='52:54:00:00:00:13'/>"
    "<source network='default' portgroup='engineering'/><model type='virtio'/><port isolated='yes'/>"
    "<alias name='ua-hpi-network'/>"
    "<address type='pci' domain='0x0000' bus='0x06' slot='0x00' function='0x0'/></interface>" },
  { "ua-hpi-ethernet",
    "<interface type='ethernet'><mac address='52:54:00:00:00:14'/><source>"
    "<ip address='192.168.123.1' family='ipv4' prefix='24'/>"
    "<route family='ipv4' address='192.168.42.0' prefix='24' gateway='192.168.123.4'/></source>"
    "<script path='/etc/q'/><target dev='t9' managed='no'/><guest dev='g0'/><model type='virtio'/>"
    "<alias name='ua-hpi-ethernet'/>"
    "<address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/></interface>" },
  { "ua-hpi-vhostuser",
    "<interface type='vhostuser'><mac address='52:54:00:00:00:15'/>"
    "<source type='unix' path='/tmp/vhost1.sock' mode='client'><reconnect enabled='yes' timeout='10'/>"
    "</source><model type='virtio'/><alias name='ua-hpi-vhostuser'/>"
    "<address type='pci' domain='0x0000' bus='0x08' slot='0x00' function='0x0'/></interface>" },
};
