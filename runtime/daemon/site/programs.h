/* runtime/daemon/site/programs.h - Images from files and from the journal, ready to run.
 *
 * Owns the images; the store, the pools and the natives are borrowed. Before an image is returned, its natives are
 * bound and its statements are passed to the pools of sources and endpoints: so no query reaches a pool that does
 * not know its statement. */
#pragma once

#include "runtime/journal/batches.h"
#include "runtime/sources/endpoint.h"
#include "runtime/sources/source.h"
#include "base/error.h"
#include "vm/image.h"

struct images;
struct natives;
struct programs;

/* Makes the programs; all arguments are borrowed. Without a store only images of files are known; endpoints may be
 * NULL if no request is sent; natives have no library if the configuration names none. */
struct programs *programs_new(struct batches *, struct sources *, struct endpoints *, struct natives *);
/* Returns the natives that the configuration allows; the caller frees them. */
struct conf;
struct natives *programs_natives(const struct conf *);
void programs_free(struct programs *);

struct images *programs_images(struct programs *); /* for the core */
/* Returns the names that the configuration's images give to the site's own media, "parcel=1,photo=3"; NULL: there
 * are none. An image that cannot be read is left out: a load reports why. The caller frees the text. */
char *programs_own_media(const struct conf *);
/* Reads which images are retired, from the file `retired` of the state folder, where programs_retire() writes them. */
void programs_retired_read(struct programs *, const char *state);
/* Retires an image, durably: nobody can find it any more until its file is read again. False with the reason. */
bool programs_retire(struct programs *, const struct image *, struct error *);
/* Reads and verifies a file; the image is known from now on. NULL with the reason, which begins with the file. */
const struct image *programs_read(struct programs *, const char *file, struct error *);
