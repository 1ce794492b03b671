/* runtime/journal/images.h - The images that a partition runs: loaded once from the store, kept while it lives. */
#ifndef JOURNAL_IMAGES_H
#define JOURNAL_IMAGES_H

#include "runtime/journal/store.h"

struct image;
struct images;

struct images *images_new(struct store *);
void images_free(struct images *);
/* For core_options: the verified image of that hash, or NULL. `images` is a struct images. */
const struct image *images_get(void *images, const uint8_t hash[32]);
/* Verifies it, makes it durable, and says its hash. */
bool images_put(struct images *, struct span bytes, uint8_t hash[32], struct error *);

#endif
