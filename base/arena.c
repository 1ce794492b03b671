/* base/arena.c - Allocates from chunks of memory, front to back, and keeps the table of interned names.
 *
 *     chunks --> | used .....| free | --> | full | --> | full |
 *
 * Allocations are cut from the first chunk of the list. Chunks grow from CHUNK_SIZE by doubling to HUGE_PAGE.
 * Nothing in an arena is freed alone: arena_free() frees all chunks, arena_clear() all but one. So a pointer is
 * valid until one of these calls; a compilation makes many small objects that end together, and then only a handful
 * of chunks is freed. An interned name has one address: equal names are equal pointers. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Under AddressSanitizer the bytes after each allocation are poisoned, although the chunk has more of them. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
enum { GAP = alignof(max_align_t) };
#else
#define ASAN_POISON_MEMORY_REGION(memory, size)   ((void)(memory), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
enum { GAP = 0 };
#endif

enum {
    CHUNK_SIZE = 64 * 1024,
    HUGE_PAGE = 2 * 1024 * 1024,
    SHORT_TEXT = 256,
    FIRST_NAMES = 256,
    OUT_OF_MEMORY_EXIT = 70
};

struct chunk {
    struct chunk *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

struct interned {
    const char *text;
    size_t length;
};

struct arena {
    struct chunk *chunks;
    struct interned *names; /* hash table, open addressing; size a power of two, at most half used */
    size_t name_slots, name_count;
};

static void *arena_got(void *memory)
{
    if (memory) return memory;
    fputs("gcxc: out of memory\n", stderr);
    exit(OUT_OF_MEMORY_EXIT);
}

static void *arena_cut(size_t size)
{
    return arena_got(calloc(1, size));
}

/* Not zeroed. Allocates a chunk; one of HUGE_PAGE bytes is aligned to a huge page of the system where there are
 * such, so that touching it costs one page fault and not 512. */
static struct chunk *chunk_cut(size_t size)
{
    bool huge = size == HUGE_PAGE;
    struct chunk *chunk = arena_got(huge ? aligned_alloc(HUGE_PAGE, size) : realloc(NULL, size));
    if (huge) madvise(chunk, size, MADV_HUGEPAGE);
    *chunk = (struct chunk){.size = size - sizeof *chunk};
    return chunk;
}

struct arena *arena_new(void)
{
    struct arena *arena = arena_cut(sizeof *arena);
    arena->name_slots = FIRST_NAMES;
    arena->names = arena_cut(FIRST_NAMES * sizeof *arena->names);
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena) return;
    for (struct chunk *chunk = arena->chunks; chunk;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena->names);
    free(arena);
}

/* Frees every chunk but the one that is being filled, which is about the largest, and forgets the interned names. */
void arena_clear(struct arena *arena)
{
    struct chunk *kept = arena->chunks;
    if (kept) {
        while (kept->next) {
            struct chunk *next = kept->next->next;
            free(kept->next);
            kept->next = next;
        }
        ASAN_POISON_MEMORY_REGION(kept->bytes, kept->used);
        kept->used = 0;
    }
    if (arena->name_count) memset(arena->names, 0, arena->name_slots * sizeof *arena->names);
    arena->name_count = 0;
}

/* Returns the size in bytes of the next chunk. */
static size_t chunk_size(const struct chunk *before)
{
    if (!before) return CHUNK_SIZE;
    size_t size = before->size + sizeof *before;
    return size < HUGE_PAGE / 2 ? 2 * size : (size_t)HUGE_PAGE;
}

/* Allocates as arena_alloc() does, without zeroing the memory. */
static void *arena_take(struct arena *arena, size_t size)
{
    assert(size < SIZE_MAX / 2);
    size_t taken = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t) + GAP;
    struct chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < taken) {
        size_t room = chunk_size(chunk);
        if (room < sizeof *chunk + taken) room = sizeof *chunk + taken;
        chunk = chunk_cut(room);
        ASAN_POISON_MEMORY_REGION(chunk->bytes, chunk->size);
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *memory = chunk->bytes + chunk->used;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    chunk->used += taken;
    return memory;
}

/* Returns zeroed memory; zeroing each allocation, not the whole chunk, brings it into the processor's cache just
 * before it is written. */
void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_take(arena, size), 0, size);
}

/* Returns a larger zeroed piece with the old contents copied to its beginning; the old piece stays valid until the
 * arena is freed. */
void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size)
{
    assert(new_size >= old_size);
    char *grown = arena_take(arena, new_size);
    if (old_size) memcpy(grown, old, old_size);
    memset(grown + old_size, 0, new_size - old_size);
    return grown;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_take(arena, length + 1);
    if (length) memcpy(copy, bytes, length);
    copy[length] = 0;
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    char brief[SHORT_TEXT];
    int length = vsnprintf(brief, sizeof brief, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    char *text = arena_take(arena, (size_t)length + 1);
    if ((size_t)length < sizeof brief)
        memcpy(text, brief, (size_t)length + 1);
    else
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

/* Returns the table slot that holds the name, or the free slot where the name belongs. There is always a free one,
 * as the table is at most half full. */
static struct interned *name_slot(struct interned *names, size_t slots, const char *bytes, size_t length)
{
    size_t slot = (size_t)XXH3_64bits(bytes, length) & (slots - 1);
    while (names[slot].text && (names[slot].length != length || memcmp(names[slot].text, bytes, length) != 0))
        slot = (slot + 1) & (slots - 1);
    return &names[slot];
}

static void names_double(struct arena *arena)
{
    size_t slots = arena->name_slots * 2;
    struct interned *names = arena_cut(slots * sizeof *names);
    for (size_t i = 0; i < arena->name_slots; i++) {
        struct interned *old = &arena->names[i];
        if (old->text) *name_slot(names, slots, old->text, old->length) = *old;
    }
    free(arena->names);
    arena->names = names;
    arena->name_slots = slots;
}

const char *arena_intern(struct arena *arena, const char *bytes, size_t length)
{
    struct interned *found = name_slot(arena->names, arena->name_slots, bytes, length);
    if (found->text) return found->text;
    if (arena->name_count * 2 >= arena->name_slots) {
        names_double(arena);
        found = name_slot(arena->names, arena->name_slots, bytes, length);
    }
    found->text = arena_copy(arena, bytes, length);
    found->length = length;
    arena->name_count++;
    return found->text;
}
