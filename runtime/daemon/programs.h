/* runtime/daemon/programs.h - The images that are known to this process, by hash: loaded, verified, never unloaded.
 *
 * The core asks for them from its own thread; interactions finish on the image on which they began, so an image stays
 * while the process lives. Statements of data sources are made known to the pool. */
#ifndef DAEMON_PROGRAMS_H
#define DAEMON_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/journal/store.h"
#include "runtime/sources/source.h"
#include "vm/error.h"
#include "vm/image.h"

struct programs;

/* Where a strategy is found. Borrowed. */
struct program {
    const struct image *image;
    const char *file; /* it was read from */
};

struct programs *programs_new(struct store *, struct sources *); /* both borrowed */
void programs_free(struct programs *);

/* The image of that hash, from memory or from the store; NULL where neither has it. Any thread. */
const struct image *programs_image(void *programs, const uint8_t hash[IMAGE_HASH]);

/* Reads and verifies a file; the image is known from now on. NULL with the reason, file first. */
const struct image *programs_read(struct programs *, const char *file, struct error *);

#endif
