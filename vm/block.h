/* vm/block.h - The block: all data of an interaction, relocatable, stored in slabs by size class.
 *
 * A slab owns its blocks and identifies them by handles, which stay valid when a block moves to another size class;
 * it knows the images that its blocks run on (borrowed, they must outlive it). Handles are small numbers that are
 * reused: the owner of a block keeps the rest of the interaction in a row with that number. A `struct block *` is
 * borrowed and valid only until the next call that may allocate in a block: every vm_ function, and those block_
 * functions whose comments say so. Words (value.h) from a block stay valid until the block runs again, or text or
 * objects are made in it.
 *
 * Layout (version 3): struct block; `slots` words, one per declared key of its strategy; if there are more than
 * BLOCK_PRESENT, a word whose bit n says that key n is attached; the words of the attributes (attributes.def),
 * BLOCK_SYSTEM of them if the flag `wide` is set, else only the first BLOCK_SYSTEM_USUAL; the heap, up to
 * `used_words`; zeros; the records of parked fibers from `fibers_words` to its end. A text in the heap: u32 length,
 * bytes, zeros up to a multiple of 8. Objects: value.h. Unused bytes are zero. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "vm/image.h"
#include "vm/value.h"

enum {
    BLOCK_VERSION = 3,
    BLOCK_VERSION_READ = 2,  /* the oldest version that a snapshot may have */
    BLOCK_BYTES_MAX = 65536, /* largest size of a block in bytes */
    BLOCK_BYTES_MIN = 128,
    BLOCK_CLASSES = 77,     /* 128, 136, 144, ... size classes: 512, 640, 768, 896, 1024, 1280, ... 65536 */
    BLOCK_SYSTEM = 6,       /* system words of a block: this_dn, ani or from, dnis or to, ced or subject, due, locale */
    BLOCK_SYSTEM_USUAL = 4, /* system words of most blocks: without due and locale, which few interactions have */
    BLOCK_PRESENT = 8,      /* the header has presence bits for so many keys */
    BLOCK_FIBERS_MAX = 64,  /* fibers parked at once: more than any strategy that the core runs can have */
    BLOCK_HANDLE_NONE = 0,  /* no block has it */
    DATA_BYTES_MAX = 32000, /* user data, packed */
};

struct block {
    uint64_t arrived; /* logical time, us */
    int64_t priority;
    uint32_t waits;             /* how many waits the interaction has begun; numbers the tickets */
    uint32_t random;            /* how many random numbers were drawn */
    uint32_t spent;             /* fuel used in the interaction's life, in units of 64 */
    uint32_t live : 13;         /* words of the heap in use after the last compaction */
    uint32_t data : 13;         /* offset of the user data (OBJECT_USER_DATA) in words, or 0 */
    bool handling : 1;          /* a handler has begun */
    bool exhausted : 1;         /* the fuel of the interaction's life is used up */
    bool wide : 1;              /* the block has space for the words of all attributes */
    uint32_t version : 3;       /* BLOCK_VERSION */
    uint32_t used_words : 14;   /* end of the heap, in words of 8 bytes */
    uint32_t fibers_words : 14; /* where the fiber records begin, in words */
    uint32_t call_type : 4;     /* enum call_type */
    uint16_t image;             /* the image's number in the slab */
    uint16_t strategy;
    uint16_t attempt;
    uint8_t class; /* its size class: block_size() */
    uint8_t slots;
    uint8_t
        present; /* bit n: declared key n is attached. 0 if there are more than BLOCK_PRESENT keys: see the layout */
    uint8_t fiber_count;
    uint8_t fiber_next; /* number of the next child fiber */
    uint8_t media;      /* enum media */
};

struct slab;
typedef uint32_t block_handle;

struct slab *slab_new(uint32_t blocks_max);
void slab_free(struct slab *);
uint64_t slab_bytes(const struct slab *); /* bytes used by blocks, each with the size of its class */
uint32_t slab_blocks(const struct slab *);

/* Makes a block for an interaction on a strategy of the image, without attached keys and fibers. BLOCK_HANDLE_NONE:
 * there are already blocks_max blocks. */
block_handle block_new(struct slab *, const struct image *, const struct image_strategy *);
void block_free(struct slab *, block_handle);
/* Gives the block of `other` to the first handle. The block that the first handle had is freed, and so is the handle
 * `other`. */
void block_replace(struct slab *, block_handle, block_handle other);

struct block *block_at(const struct slab *, block_handle);
uint32_t block_size(const struct block *); /* the block's size in bytes: that of its size class */
const struct image *block_image(const struct slab *, const struct block *);
const struct image_strategy *block_strategy(const struct slab *, const struct block *);

/* Read and set the words of declared keys and system attributes. Setting a key attaches it. */
bool block_slot(const struct block *, uint32_t slot, uint64_t *word); /* false: not attached */
void block_slot_set(struct block *, uint32_t slot, uint64_t word);
void block_slot_clear(struct block *, uint32_t slot);
uint64_t block_system(const struct block *, uint32_t number);
/* Sets a system attribute. May move the block. False: the block would exceed 64 KiB; nothing is changed. */
bool block_system_set(struct slab *, block_handle, uint32_t number, uint64_t word);

/* Returns the bytes of a str word; those of an inline word are copied into `inlined` (8 bytes). */
struct text block_text(const struct image *, const struct block *, uint64_t word, char inlined[8]);

/* Returns the bytes of a system attribute of type str; they are in the block or image, even if the text is short. */
struct text block_system_text(const struct image *, const struct block *, uint32_t number);

/* For objects: return how many elements, pairs or fields there are; read one of these. 0 beyond the end. */
uint32_t block_count(const struct image *, const struct block *, uint64_t word);
uint64_t block_element(const struct image *, const struct block *, uint64_t list, uint32_t index);
bool block_pair(const struct image *, const struct block *, uint64_t map, uint32_t index, uint64_t *key,
                uint64_t *value);
bool block_map_find(const struct image *, const struct block *, uint64_t map, const char *key, uint32_t length,
                    uint64_t *value);
uint64_t block_field(const struct image *, const struct block *, uint64_t record, uint32_t field);
/* Returns the tag of a boxed value, and its payload. */
unsigned block_boxed(const struct image *, const struct block *, uint64_t value, uint64_t *payload);

/* Make texts and objects in the block, which may move. False: the block would exceed 64 KiB; nothing is changed.
 * Words passed as elements must belong to this block or its image; they are corrected if the block is compacted. */
bool block_make_text(struct slab *, block_handle, const char *bytes, uint32_t length, uint64_t *word);
bool block_make_list(struct slab *, block_handle, uint16_t type, uint64_t *elements, uint32_t count, uint64_t *word);
bool block_make_map(struct slab *, block_handle, uint16_t type, uint64_t *pairs, uint32_t count, uint64_t *word);
bool block_make_record(struct slab *, block_handle, uint16_t type, uint64_t *fields, uint32_t count, uint64_t *word);
/* Makes a boxed value. Text, binary and list are passed as `bytes`; for others these are NULL, and `payload` is the
 * word. */
bool block_make_value(struct slab *, block_handle, unsigned tag, const char *bytes, uint32_t length, uint64_t payload,
                      uint64_t *word);
/* Reserves so many bytes for text and objects. Until they are used up, making text or objects moves nothing, so
 * words of those just made stay valid. Each text or object takes its length and 8 bytes for its header, rounded up
 * to 8. */
bool block_reserve(struct slab *, block_handle, uint32_t bytes);

/* User data other than the declared keys: ordered pairs, in which keys may be repeated. payload: a word depending on
 * the tag (int, bool, time: the number; float: its bits; text, binary, list: a str word, for a list its packed
 * pairs). */
uint32_t block_data_count(const struct block *);
void block_data_at(const struct block *, uint32_t index, uint64_t *key, unsigned *tag, uint64_t *payload);
int32_t block_data_find(const struct image *, const struct block *, const char *key, uint32_t length); /* first; -1 */
/* Replaces the first pair with that key (or the pair `index`), or appends one. False: over the limit. May move the
 * block. */
bool block_data_set(struct slab *, block_handle, const char *key, uint32_t length, unsigned tag, const void *text,
                    uint32_t text_length, uint64_t payload);
/* Appends a pair, even if others have that key already. */
bool block_data_add(struct slab *, block_handle, const char *key, uint32_t length, unsigned tag, const void *text,
                    uint32_t text_length, uint64_t payload);
void block_data_delete(struct block *, uint32_t index);
/* Copies all pairs into another block, which must have none. False: there is not enough space; nothing is copied.
 * May move both. */
bool block_data_copy(struct slab *, block_handle from, block_handle to);

/* Returns a hash of the block's meaning, not of its layout: moving, compacting and restoring do not change it. `id`
 * and `conn`: those of the interaction, which the block's owner keeps; `conn` may be 0. */
uint64_t block_hash(const struct slab *, const struct block *, uint64_t id, uint64_t conn);

/* Compacts the block and gives it a fitting size class, as the interpreter does by itself at waits. */
void block_compact(struct slab *, block_handle);
/* Compacts the block and gives it a fitting size class only if that saves bytes; for a block that will wait for
 * long. */
void block_fit(struct slab *, block_handle);

/* Writes or reads all blocks with their handles, and free handles in the order in which they will be reused
 * (vm/keep.h). For reading, the slab must have no blocks; `find` returns the image with that hash (NULL: it is
 * missing), and each block is checked. */
struct keeper;
void slab_keep(struct slab *, struct keeper *, const struct image *(*find)(void *self, const uint8_t *hash),
               void *self);
/* Writes or reads a reference to one of the slab's images. For reading, the slab must have been read before; NULL:
 * it has no image with that number, and the keeper has failed. */
const struct image *slab_keep_image(const struct slab *, struct keeper *, const struct image *);
/* slab_handles() returns a number above all handles. slab_next_free() returns the free handle after `handle`, or the
 * first one for BLOCK_HANDLE_NONE; BLOCK_HANDLE_NONE: there are no more. All other handles have blocks. */
uint32_t slab_handles(const struct slab *);
block_handle slab_next_free(const struct slab *, block_handle);
/* Is everything in a block from outside (a snapshot, another node) as the image requires, with all offsets inside
 * the block? `bytes` must be aligned to 8. block_adopt checks the block and copies it into the slab. */
bool block_check(const void *bytes, size_t length, const struct image *, struct error *);
block_handle block_adopt(struct slab *, const struct image *, const void *bytes, size_t length, struct error *);
