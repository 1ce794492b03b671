/* runtime/journal/images.h - The images that are known to a process, by hash: loaded, verified, never unloaded.
 *
 * Interactions finish on the image on which they began, so an image stays while the table lives. Any thread may ask for
 * what is known; the store is asked by the core's thread alone. */
#pragma once

#include <stddef.h>

#include "runtime/journal/batches.h"

struct image;
struct images;

/* The store is borrowed; NULL: only what is kept is known. `loading` is given each image before anybody else sees it,
 * and may refuse it; it may be NULL. */
struct images *images_new(struct batches *, bool (*loading)(void *self, struct image *, struct error *), void *self);
void images_free(struct images *);
/* For core_options: the verified image of that hash, from memory or from the store; NULL where neither has it. `images`
 * is a struct images. */
const struct image *images_get(void *images, const uint8_t hash[32]);
/* Takes it. Returns the one of its hash that is known from now on: this, or an older one. NULL and why: refused. */
const struct image *images_keep(struct images *, struct image *, struct error *);
/* The images of the store are known from now on, in the order in which they were put; one that is refused stays unknown
 * until images_get() is asked for it. */
void images_know_stored(struct images *);
/* Why the first one was refused that images_get() was asked for; false: none was. A replay that has asked for it has
 * not replayed. */
bool images_refused(const struct images *, struct error *);
/* Returns the images that are known to the process, in the order in which they became so; NULL past the last. */
const struct image *images_at(struct images *, size_t index);
