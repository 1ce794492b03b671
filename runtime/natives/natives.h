/* runtime/natives/natives.h - Libraries of natives: found by name, known by their hash, opened, and bound to images.
 *
 * Off until somebody allows a library by name. A file is read once, hashed, and what was hashed is what is opened: the
 * library runs from a copy in memory, so that nobody changes it while it runs. It stays open while the process lives,
 * for images are bound to it. Any thread may ask. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { NATIVES_LIBRARY_MAX = 64 * 1024 * 1024, NATIVES_HASH = 32 };

struct image;

struct natives;

/* `hint`: what its user does to allow a library, with % for its name; for what is said where none is allowed. `twice`:
 * each call is made twice, and must give the same. */
struct natives *natives_new(const char *hint, bool twice);
void natives_free(struct natives *); /* images that are bound stay so */

/* Has `opened` called for each library that is opened, by whichever thread binds an image. */
void natives_tell(struct natives *,
                  void (*opened)(void *self, const char *library, const char *path, const char *sha256), void *self);

/* Allows the file to be loaded where an image wants the library of that name. Of several files, the one with the
 * image's hash is taken. */
void natives_allow(struct natives *, const char *library, const char *path);
/* Allows each file NAME.so of the folder to be loaded as the library NAME. */
void natives_allow_folder(struct natives *, const char *folder);

/* The SHA-256 of the first file that is allowed for the library. */
bool natives_hash(struct natives *, const char *library, uint8_t hash[NATIVES_HASH], struct error *);

/* Binds all natives of the image; false, and why, where one cannot be, and then the image is not to run. `self`: the
 * struct natives, as images_new() hands it. */
bool natives_bind(void *self, struct image *, struct error *);
