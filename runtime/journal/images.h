/* runtime/journal/images.h - The images that a process knows, by hash: loaded, verified, never unloaded.
 *
 * Interactions end on the image on which they began, so an image is kept as long as the table. Any thread may ask
 * for known images; only the core's thread may read from the store. */
#pragma once

#include <stddef.h>

#include "runtime/journal/batches.h"

struct image;
struct images;

/* The store is borrowed; NULL: only images passed to images_keep() are known. `loading` is called with each image
 * before it is used, and may refuse it; it may be NULL. */
struct images *images_new(struct batches *, bool (*loading)(void *self, struct image *, struct error *), void *self);
void images_free(struct images *);
/* For core_options: returns the verified image of that hash, from memory or from the store; NULL if neither has it.
 * `images` is a struct images. */
const struct image *images_get(void *images, const uint8_t hash[32]);
/* Takes the image. Returns the image that is known from now on under its hash: the given one, or one that was known
 * before. NULL: the image was refused, for the reason in the error. */
const struct image *images_keep(struct images *, struct image *, struct error *);
/* Loads all images of the store, in the order in which they were stored; a refused one stays unknown until
 * images_get() is asked for it. */
void images_know_stored(struct images *);
/* Gives the reason why the first image was refused that images_get() was asked for; false: none was refused. A
 * replay that asked for a refused image is not valid. */
bool images_refused(const struct images *, struct error *);
/* Returns the images known to the process but for those that are retired, in the order in which they became known; NULL
 * after the last. */
const struct image *images_at(struct images *, size_t index);
/* A retired image is known to the core alone, which may replay what ran on it. images_keep() takes it back. */
void images_retire(struct images *, const uint8_t hash[32]);
/* Returns the hash of the retired image of that index, or NULL after the last. */
const uint8_t *images_retired_at(struct images *, size_t index);
