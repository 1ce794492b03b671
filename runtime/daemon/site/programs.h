/* runtime/daemon/site/programs.h - Images from files and from the journal, ready to run.
 *
 * Owns the images; the store, the pools and the natives are borrowed. Before an image is handed out, its natives are
 * bound and its statements are made known to the pools of sources and endpoints: so no query reaches a pool that has
 * not heard of its statement. */
#pragma once

#include "runtime/journal/batches.h"
#include "runtime/sources/endpoint.h"
#include "runtime/sources/source.h"
#include "base/error.h"
#include "vm/image.h"

struct images;
struct natives;
struct programs;

/* Makes the programs; all arguments are borrowed. Without a store there are images of files only; endpoints may be NULL
 * where nothing is asked; natives have no library where the configuration names none. */
struct programs *programs_new(struct batches *, struct sources *, struct endpoints *, struct natives *);
/* The natives that the configuration allows; the caller frees them. */
struct conf;
struct natives *programs_natives(const struct conf *);
void programs_free(struct programs *);

struct images *programs_images(struct programs *); /* for the core */
/* The names that the configuration's images give to the site's own media, "parcel=1,photo=3"; NULL: none has one. An
 * image that cannot be read is left out: a load tells why. The caller frees the text. */
char *programs_own_media(const struct conf *);
/* Reads and verifies a file; the image is known from now on. NULL with the reason, file first. */
const struct image *programs_read(struct programs *, const char *file, struct error *);
