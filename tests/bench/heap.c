/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench/heap.h"

#include "config.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

/* Of one thread only: the bench has no other. */
static gboolean counting = FALSE;
static gssize now = 0; /* what was there before the start may be freed behind it */
static gssize peak = 0;

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define COUNTED TRUE

/* glibc's own, behind the names that a program may take for itself (glibc manual, Replacing malloc) */
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t count, size_t size);
void *__libc_realloc (void *block, size_t size);
void *__libc_memalign (size_t alignment, size_t size);
void __libc_free (void *block);

static void *
gained (void *block)
{
  if (counting && block != NULL)
    {
      now += (gssize)malloc_usable_size (block);
      peak = MAX (peak, now);
    }
  return block;
}

static void
lost (void *block)
{
  if (counting && block != NULL)
    now -= (gssize)malloc_usable_size (block);
}

void *
malloc (size_t size)
{
  return gained (__libc_malloc (size));
}

void *
calloc (size_t count, size_t size)
{
  return gained (__libc_calloc (count, size));
}

void *
realloc (void *block, size_t size)
{
  lost (block);
  return gained (__libc_realloc (block, size));
}

void
free (void *block)
{
  lost (block);
  __libc_free (block);
}

void *
memalign (size_t alignment, size_t size)
{
  return gained (__libc_memalign (alignment, size));
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return memalign (alignment, size);
}

int
posix_memalign (void **block, size_t alignment, size_t size)
{
  *block = memalign (alignment, size);
  return *block != NULL ? 0 : ENOMEM;
}

#else
#define COUNTED FALSE
#endif

gboolean
bench_heap_is_counted (void)
{
  return COUNTED;
}

void
bench_heap_start (void)
{
  now = 0;
  peak = 0;
  counting = TRUE;
}

gsize
bench_heap_now (void)
{
  return (gsize)MAX (now, 0);
}

gsize
bench_heap_peak (void)
{
  return (gsize)peak;
}
