/* vm/block.h - The block: all that an interaction owns, relocatable, in slabs by size class.
 *
 * A slab owns its blocks and names them by handles, which stay valid when a block moves to another size class; it knows
 * the images that its blocks run on (borrowed, they must outlive it). Handles are small numbers, which are given again:
 * the owner of a block keeps the rest of the interaction in a row of that number. A `struct block *` is borrowed and
 * valid only until the next call that may allocate in a block: every vm_ function, and the block_ ones that say so.
 * Words (value.h) taken from a block stay valid until the block is run again, or text or objects are made in it.
 *
 * Layout (version 3): struct block; `slots` words, one per declared key of its strategy; if these are more
 * than BLOCK_PRESENT, a word whose bit n says that key n is attached; the words of the attributes
 * (attributes.def), BLOCK_SYSTEM of them if the flag `wide` is set, else only the first BLOCK_SYSTEM_USUAL; the
 * heap, up to `used_words`; zeros; the records of parked fibers from `fibers_words` to its end.
 * Text in the heap: u32 length, bytes, zeros up to a multiple of 8. Objects: value.h. Unused bytes are zero. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "vm/image.h"
#include "vm/value.h"

enum {
    BLOCK_VERSION = 3,
    BLOCK_VERSION_READ = 2,  /* the oldest that a snapshot may have */
    BLOCK_BYTES_MAX = 65536, /* most bytes of a block */
    BLOCK_BYTES_MIN = 128,
    BLOCK_CLASSES = 77,     /* 128, 136, 144, ... 512, 640, 768, 896, 1024, 1280, ... 65536 */
    BLOCK_SYSTEM = 6,       /* this_dn, ani or from, dnis or to, ced or subject, due, locale */
    BLOCK_SYSTEM_USUAL = 4, /* without due and locale, which few have */
    BLOCK_PRESENT = 8,      /* for how many keys the head has a bit of presence */
    BLOCK_FIBERS_MAX = 64,  /* parked at once: more than any strategy that the core runs can have */
    BLOCK_HANDLE_NONE = 0,  /* no block has it */
    DATA_BYTES_MAX = 32000, /* user data, packed */
};

struct block {
    uint64_t arrived; /* logical time, us */
    int64_t priority;
    uint32_t waits;             /* how many waits the interaction has begun; numbers the tickets */
    uint32_t random;            /* how many random numbers were drawn */
    uint32_t spent;             /* fuel of its life so far, in units of 64 */
    uint32_t live : 13;         /* words of the heap that were live after the last compaction */
    uint32_t data : 13;         /* offset of the user data (OBJECT_USER_DATA) in words, or 0 */
    bool handling : 1;          /* a handler has begun */
    bool exhausted : 1;         /* its life's fuel was used up */
    bool wide : 1;              /* it has room for the words of all attributes */
    uint32_t version : 3;       /* BLOCK_VERSION */
    uint32_t used_words : 14;   /* end of the heap, in words of 8 bytes */
    uint32_t fibers_words : 14; /* begin of the fiber records, in words */
    uint32_t call_type : 4;     /* enum call_type */
    uint16_t image;             /* the image's number in the slab */
    uint16_t strategy;
    uint16_t attempt;
    uint8_t class; /* its size class: block_size() */
    uint8_t slots;
    uint8_t
        present; /* bit n: declared key n is attached. 0 if there are more than BLOCK_PRESENT keys: see the layout */
    uint8_t fiber_count;
    uint8_t fiber_next; /* number of the next child */
    uint8_t media;      /* enum media */
};

struct slab;
typedef uint32_t block_handle;

struct slab *slab_new(uint32_t blocks_max);
void slab_free(struct slab *);
uint64_t slab_bytes(const struct slab *); /* bytes that blocks take, each as its size class has them */
uint32_t slab_blocks(const struct slab *);

/* Makes a block for an interaction on a strategy of the image: no key attached, no fiber. BLOCK_HANDLE_NONE: there are
 * blocks_max already. */
block_handle block_new(struct slab *, const struct image *, const struct image_strategy *);
void block_free(struct slab *, block_handle);
/* Gives the block of `other` to the first handle. The first handle's own block is freed, and so is the handle `other`.
 */
void block_replace(struct slab *, block_handle, block_handle other);

struct block *block_at(const struct slab *, block_handle);
uint32_t block_size(const struct block *); /* in bytes: its size class */
const struct image *block_image(const struct slab *, const struct block *);
const struct image_strategy *block_strategy(const struct slab *, const struct block *);

/* Reading and setting the words of declared keys and system attributes. A key that is set is attached. */
bool block_slot(const struct block *, uint32_t slot, uint64_t *word); /* false: not attached */
void block_slot_set(struct block *, uint32_t slot, uint64_t word);
void block_slot_clear(struct block *, uint32_t slot);
uint64_t block_system(const struct block *, uint32_t number);
/* Sets a system attribute. May move the block. False: the block would pass its 64 KiB; nothing is changed. */
bool block_system_set(struct slab *, block_handle, uint32_t number, uint64_t word);

/* Returns the bytes of a str word; the bytes of an inline word are put into `inlined` (8 bytes). */
struct text block_text(const struct image *, const struct block *, uint64_t word, char inlined[8]);

/* Returns the bytes of a system attribute that is a str: in the block or image, even if the text is short. */
struct text block_system_text(const struct image *, const struct block *, uint32_t number);

/* Objects: how many elements, pairs or fields one has; reading one of these. 0 beyond the end. */
uint32_t block_count(const struct image *, const struct block *, uint64_t word);
uint64_t block_element(const struct image *, const struct block *, uint64_t list, uint32_t index);
bool block_pair(const struct image *, const struct block *, uint64_t map, uint32_t index, uint64_t *key,
                uint64_t *value);
bool block_map_find(const struct image *, const struct block *, uint64_t map, const char *key, uint32_t length,
                    uint64_t *value);
uint64_t block_field(const struct image *, const struct block *, uint64_t record, uint32_t field);
/* Returns the tag of a boxed value, and its payload. */
unsigned block_boxed(const struct image *, const struct block *, uint64_t value, uint64_t *payload);

/* Make text and objects in the block, which may move. False: the block would pass its 64 KiB; nothing is changed.
 * Words given as elements belong to this block or its image; they are kept right if the block is compacted. */
bool block_make_text(struct slab *, block_handle, const char *bytes, uint32_t length, uint64_t *word);
bool block_make_list(struct slab *, block_handle, uint16_t type, uint64_t *elements, uint32_t count, uint64_t *word);
bool block_make_map(struct slab *, block_handle, uint16_t type, uint64_t *pairs, uint32_t count, uint64_t *word);
bool block_make_record(struct slab *, block_handle, uint16_t type, uint64_t *fields, uint32_t count, uint64_t *word);
/* Makes a boxed value. Text, binary and list come as `bytes`; else these are NULL, and `payload` is the word. */
bool block_make_value(struct slab *, block_handle, unsigned tag, const char *bytes, uint32_t length, uint64_t payload,
                      uint64_t *word);
/* Makes room for so many bytes of text and objects. Until it is used up, making text or objects moves nothing, so words
 * of those just made stay valid. Each takes its length and 8 bytes for its head, rounded up to 8. */
bool block_reserve(struct slab *, block_handle, uint32_t bytes);

/* User data beside the declared keys: ordered pairs, duplicate keys legal. payload: a word by tag (int, bool, time:
 * the number; float: its bits; text, binary, list: a str word, a list's being its packed pairs). */
uint32_t block_data_count(const struct block *);
void block_data_at(const struct block *, uint32_t index, uint64_t *key, unsigned *tag, uint64_t *payload);
int32_t block_data_find(const struct image *, const struct block *, const char *key, uint32_t length); /* first; -1 */
/* Replaces the first pair of that key (the pair `index`), or appends one. False: over the limit. May move the block. */
bool block_data_set(struct slab *, block_handle, const char *key, uint32_t length, unsigned tag, const void *text,
                    uint32_t text_length, uint64_t payload);
/* Appends a pair, even if others have that key already. */
bool block_data_add(struct slab *, block_handle, const char *key, uint32_t length, unsigned tag, const void *text,
                    uint32_t text_length, uint64_t payload);
void block_data_delete(struct block *, uint32_t index);
/* Copies all pairs into another block, which has none. False: there is no room; nothing is copied. May move both. */
bool block_data_copy(struct slab *, block_handle from, block_handle to);

/* Returns a hash of the block's meaning, not of its layout: equal before and after moving, compaction, restoring. `id`
 * and `conn`: the interaction's, which its owner holds; `conn` may be 0. */
uint64_t block_hash(const struct slab *, const struct block *, uint64_t id, uint64_t conn);

/* Compacts the block and gives it a fitting size class, as the interpreter does by itself at waits. */
void block_compact(struct slab *, block_handle);
/* Does the same only where that frees bytes; for a block that will wait for long. */
void block_fit(struct slab *, block_handle);

/* Writes or reads all blocks with their handles, free ones in the order in which they are given again (vm/keep.h). For
 * reading the slab has no block yet; `find` gives the image with that hash (NULL: it is missing), and each block is
 * checked. */
struct keeper;
void slab_keep(struct slab *, struct keeper *, const struct image *(*find)(void *self, const uint8_t *hash),
               void *self);
/* Writes or reads which of the slab's images somebody else means. For reading, the slab was read before; NULL: it has
 * no image of that number, and the keeper has failed. */
const struct image *slab_keep_image(const struct slab *, struct keeper *, const struct image *);
/* slab_handles() returns the number below which all handles are. slab_next_free() returns the free handle behind
 * `handle`, the first one for BLOCK_HANDLE_NONE; BLOCK_HANDLE_NONE: there are no more. All other handles have blocks.
 */
uint32_t slab_handles(const struct slab *);
block_handle slab_next_free(const struct slab *, block_handle);
/* Is everything in a block from outside (a snapshot, another node) what the image says, all offsets within? `bytes`
 * need be aligned to 8. block_adopt checks it and takes a copy into the slab. */
bool block_check(const void *bytes, size_t length, const struct image *, struct error *);
block_handle block_adopt(struct slab *, const struct image *, const void *bytes, size_t length, struct error *);
