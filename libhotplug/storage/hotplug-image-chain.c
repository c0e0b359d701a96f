/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/hotplug-image-chain-private.h"

/* libvirt's own limit is 200 (src/storage_file/storage_source.c); a ring of images has no end. */
#define DEPTH_MAX 200

/* qcow2's limit of a name (docs/interop/qcow2.txt) */
#define NAME_SIZE_MAX 1023

/* The extensions of a header stand in its first cluster, and few are long. */
#define EXTENSIONS_MAX 65536

#define EXTENSION_BACKING_FORMAT 0xe2792aca
#define EXTENSION_DATA_FILE 0x44415441

static const struct
{
  HotplugHeader header;
  const char *name;
  gsize at;
  const char *magic;
  gsize length;
} headers[] = {
  { HOTPLUG_HEADER_QCOW2, "qcow2", 0, "QFI\xfb\0\0\0\2", 8 },
  { HOTPLUG_HEADER_QCOW2, "qcow2", 0, "QFI\xfb\0\0\0\3", 8 },
  { HOTPLUG_HEADER_QCOW, "qcow", 0, "QFI\xfb\0\0\0\1", 8 },
  { HOTPLUG_HEADER_QED, "qed", 0, "QED\0", 4 },
  { HOTPLUG_HEADER_VMDK, "vmdk", 0, "KDMV", 4 },
  { HOTPLUG_HEADER_VMDK, "vmdk", 0, "COWD", 4 },
  { HOTPLUG_HEADER_VMDK, "vmdk", 0, "# Disk DescriptorFile", 21 },
  { HOTPLUG_HEADER_VHDX, "VHDX", 0, "vhdxfile", 8 },
  { HOTPLUG_HEADER_VHD, "VHD", 0, "conectix", 8 },
  { HOTPLUG_HEADER_VDI, "VDI", 64, "\x7f\x10\xda\xbe", 4 },
  { HOTPLUG_HEADER_LUKS, "LUKS", 0, "LUKS\xba\xbe", 6 },
  { HOTPLUG_HEADER_GZIP, "gzip", 0, "\x1f\x8b\x08", 3 },
  { HOTPLUG_HEADER_XZ, "xz", 0,
    "\xfd"
    "7zXZ\0",
    6 },
  { HOTPLUG_HEADER_ZSTD, "zstd", 0, "\x28\xb5\x2f\xfd", 4 },
  { HOTPLUG_HEADER_BZIP2, "bzip2", 0, "BZh", 3 },
  { HOTPLUG_HEADER_ZIP, "zip", 0, "PK\3\4", 4 },
};

HotplugHeader
_hotplug_header_of (int fd)
{
  guint8 begin[512] = { 0 };
  ssize_t length = pread (fd, begin, sizeof begin, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      gsize end = headers[i].at + headers[i].length;
      if (length >= (ssize_t)end && memcmp (begin + headers[i].at, headers[i].magic, headers[i].length) == 0)
        return headers[i].header;
    }
  return HOTPLUG_HEADER_NONE;
}

const char *
_hotplug_header_name (HotplugHeader self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      if (headers[i].header == self)
        return headers[i].name;
    }
  return NULL;
}

static guint32
read_32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

static guint64
read_64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return GUINT64_FROM_BE (value);
}

/* As QEMU tells a protocol from a path: block.c, path_has_protocol () */
static gboolean
has_protocol (const char *name)
{
  return name[strcspn (name, ":/")] == ':';
}

/* A name in an image is a path from where the image is, or file:PATH, or json:{…} with "filename" in it. NULL: it is of
 * something else, such as nbd://HOST/EXPORT */
static char *
resolve (const char *image, const char *name)
{
  g_autofree char *directory = g_path_get_dirname (image);
  g_autofree char *inside = NULL;

  if (g_str_has_prefix (name, "json:"))
    {
      const char *key = strstr (name, "\"filename\"");
      const char *begin = key != NULL ? strchr (key + strlen ("\"filename\""), '"') : NULL;
      const char *end = begin != NULL ? strchr (begin + 1, '"') : NULL;

      if (end == NULL)
        return NULL;
      inside = g_strndup (begin + 1, (gsize)(end - begin - 1));
      name = inside;
    }
  else if (g_str_has_prefix (name, "file:"))
    name += strlen ("file:");
  else if (has_protocol (name))
    return NULL;
  if (g_str_has_prefix (name, "//"))
    name++;
  return *name != '\0' ? g_canonicalize_filename (name, directory) : NULL;
}

/* What one header says */
typedef struct
{
  char *backing; /* nullable */
  char *data;    /* nullable */
  gboolean raw;  /* of what it stands upon */
} Links;

static void
read_extensions (const guint8 *begin, gsize length, gsize at, const char *image, Links *links)
{
  while (at + 8 <= length)
    {
      guint32 type = read_32 (begin + at);
      guint32 size = read_32 (begin + at + 4);

      at += 8;
      if (type == 0 || size > length - at)
        return;
      g_autofree char *text = g_strndup ((const char *)begin + at, size);
      if (type == EXTENSION_BACKING_FORMAT)
        links->raw = strcmp (text, "raw") == 0;
      else if (type == EXTENSION_DATA_FILE && links->data == NULL)
        links->data = resolve (image, text);
      at += (gsize)(size + 7) / 8 * 8;
    }
}

static void
read_links (int fd, const char *image, Links *links)
{
  g_autofree guint8 *begin = g_malloc0 (EXTENSIONS_MAX);
  ssize_t length = _hotplug_header_of (fd) == HOTPLUG_HEADER_QCOW2 ? pread (fd, begin, EXTENSIONS_MAX, 0) : -1;

  if (length < 72)
    return;

  guint64 at = read_64 (begin + 8);
  guint32 size = read_32 (begin + 16);
  gsize header = read_32 (begin + 4) >= 3 && length >= 104 ? read_32 (begin + 100) : 72;
  if (at != 0 && size > 0 && size <= NAME_SIZE_MAX)
    {
      g_autofree char *name = g_malloc0 (size + 1);
      if (pread (fd, name, size, (off_t)at) == (ssize_t)size)
        links->backing = resolve (image, name);
    }
  read_extensions (begin, (gsize)length, header, image, links);
}

/* -1: what stands there is nothing that could be looked into. It is opened again by what was looked at, so that it is
 * no other thing meanwhile. */
static int
open_image (const char *path)
{
  struct stat st;
  int look = open (path, O_PATH | O_CLOEXEC);

  if (look < 0)
    return -1;

  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", look);
  int fd = fstat (look, &st) == 0 && (S_ISREG (st.st_mode) || S_ISBLK (st.st_mode))
               ? open (link, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
               : -1;
  close (look);
  return fd;
}

GPtrArray *
_hotplug_image_chain (const char *path)
{
  GPtrArray *chain = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *image = g_strdup (path);

  for (guint depth = 0; image != NULL && depth < DEPTH_MAX; depth++)
    {
      Links links = { NULL };
      int fd = open_image (image);

      if (fd < 0)
        break;
      read_links (fd, image, &links);
      close (fd);
      if (links.data != NULL)
        g_ptr_array_add (chain, links.data);
      if (links.backing != NULL)
        g_ptr_array_add (chain, g_strdup (links.backing));
      g_free (image);
      image = links.backing;
      if (links.raw)
        break;
    }
  return chain;
}
