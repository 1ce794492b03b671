/* base/arena.h - Memory of one compilation, freed as a whole.
 *
 * Everything that lives as long as a compilation (source text, names, the syntax tree, types, diagnostics) is
 * allocated here and never freed singly. Names are interned: equal names have equal pointers. */
#pragma once

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *);
/* Frees everything in the arena, interned names too; later allocations reuse the memory. */
void arena_clear(struct arena *);

/* Returns zeroed memory, aligned for any object. Never NULL: without memory the process ends. */
void *arena_alloc(struct arena *, size_t size);

/* Returns a larger array that begins with a copy of the old one; the old array stays in the arena unchanged. */
void *arena_grow(struct arena *, const void *old, size_t old_size, size_t new_size);

char *arena_copy(struct arena *, const char *bytes, size_t length); /* NUL added */
char *arena_printf(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the arena's only copy of this name, so that names can be compared by pointer. */
const char *arena_intern(struct arena *, const char *bytes, size_t length);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))
