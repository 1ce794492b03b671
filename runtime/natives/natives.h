/* runtime/natives/natives.h - Libraries of natives: found by name, identified by their hash, opened, and bound to
 * images.
 *
 * No library may be used until somebody allows it by name. A file is read once and hashed, and the bytes that were
 * hashed are opened: the library runs from a copy in memory, so that nobody can change it while it runs. A library
 * stays open until the process ends, because images are bound to it. Any thread may ask. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { NATIVES_LIBRARY_MAX = 64 * 1024 * 1024, NATIVES_HASH = 32 };

struct image;

struct natives;

/* `hint`: how a user allows a library, with % for its name, for the error if none is allowed. `twice`: each native
 * is called twice, and must give the same result. */
struct natives *natives_new(const char *hint, bool twice);
void natives_free(struct natives *); /* bound images stay bound */

/* Sets a function that is called for each library that is opened, in the thread that binds the image. */
void natives_tell(struct natives *,
                  void (*opened)(void *self, const char *library, const char *path, const char *sha256), void *self);

/* Allows the file to be loaded for images that need the library of that name. If several files are allowed for a
 * name, the one with the hash in the image is loaded. */
void natives_allow(struct natives *, const char *library, const char *path);
/* Allows each file NAME.so of the folder to be loaded as the library NAME. */
void natives_allow_folder(struct natives *, const char *folder);

/* The SHA-256 of the first file that is allowed for the library. */
bool natives_hash(struct natives *, const char *library, uint8_t hash[NATIVES_HASH], struct error *);

/* Binds all natives of the image; false with the reason: one cannot be bound, and the image must not run. `self`:
 * the struct natives, which images_new() was given. */
bool natives_bind(void *self, struct image *, struct error *);
