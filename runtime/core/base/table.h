/* runtime/core/base/table.h - Tables: names as numbers, and records found by a 64-bit key.
 *
 * A `names` gives every distinct text a number, from 1 on. The site's own words keep it for good. A text that only
 * passes by in an event, such as the number of somebody outside, has it as long as a row holds it: a sweep frees the
 * others, and their numbers are given again. A `lookup` finds the slot of a record by its key. It holds only slots and
 * asks the owner for the keys. The core never walks either in the order of hashes, so no result depends on that order.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "vm/value.h"

enum {
    NAME_BITS = 22,
    NAMES_MAX = 1u << NAME_BITS,
    NAMES_PASSING_MAX = NAMES_MAX / 2,
    NAMES_SWEEP = 1024, /* so many new ones are never swept */
    NAME_BYTES_MAX = 64
};
/* A name as it stands in a bit-field. */
#define NAME_OF(name) ((name) & (NAMES_MAX - 1u))

struct keeper;

struct names {
    uint8_t *bytes;
    uint32_t length, bytes_capacity;
    struct name_entry {
        uint32_t at, length : 31, passing : 1; /* length 0: the number is free */
        uint64_t hash;
    } * entries; /* [0] is the empty name */
    uint32_t count, capacity;
    uint32_t used;      /* so many texts have a number */
    uint32_t passing;   /* so many of them only pass by */
    uint32_t sweep_due; /* with so many of those, a sweep is due */
    uint32_t free_from; /* free numbers are looked for from here on */
    uint8_t *held;      /* during a sweep: which numbers a row holds; NULL otherwise */
    uint32_t *buckets, bucket_count;
    uint64_t seed;
};

void names_init(struct names *, uint64_t seed);
void names_free(struct names *);
/* The number of a text, which gets one if it is new. 0: the text is empty or too long, or the table is full. */
uint32_t names_intern(struct names *, struct span text);
/* The same for texts that only pass by in events. When the table holds NAMES_PASSING_MAX names, a new text of this sort
 * gets 0; the rest of the room is for the directory and programs. The number is good until the next sweep, which frees
 * it unless name_keep is called for it. */
uint32_t names_pass(struct names *, struct span text);
/* So many texts have a number. */
uint32_t names_used(const struct names *);
/* A sweep, between two batches: begin; then name_keep for all that is held, by a keeper that writes; then end, which
 * frees what passes by and is not held. `rows`: how many rows were walked; the next sweep is due when as many names may
 * have passed, so that each name pays for a few rows only. */
void names_sweep_begin(struct names *);
void names_sweep_end(struct names *, uint32_t rows);
/* The number, between the begin and the end of a sweep; 0: it is about to be freed. */
uint32_t name_held(const struct names *, uint32_t name);
uint32_t names_find(const struct names *, struct span text); /* 0: the text has no number */
/* Borrowed; valid until the next names_intern, names_pass or sweep. */
struct span names_text(const struct names *, uint32_t name);

/* All texts in the order of their numbers (vm/keep.h); of version 1 all only pass by: it does not tell whose they were,
 * and what the site uses is held. */
void names_keep(struct names *, struct keeper *);
/* A name in a row: 0, or a number that the table has. */
uint32_t name_keep(const struct names *, struct keeper *, uint32_t name);

struct lookup {
    uint32_t *slots; /* slot + 1, 0: free */
    uint32_t capacity, count;
    uint64_t (*key)(const void *owner, uint32_t slot);
    const void *owner;
    struct filling *filling; /* between lookup_fill and lookup_filled */
};

void lookup_init(struct lookup *, const void *owner, uint64_t (*key)(const void *owner, uint32_t slot));
void lookup_free(struct lookup *);
bool lookup_find(const struct lookup *, uint64_t key, uint32_t *slot);
void lookup_add(struct lookup *, uint32_t slot); /* its key must not be there yet */
void lookup_remove(struct lookup *, uint64_t key);
/* The same as lookup_add for a row that was read; here a key that is there already means wrong bytes. Nothing happens
 * while the keeper writes or has failed. */
void lookup_restore(struct lookup *, struct keeper *, uint32_t slot);
/* At most `count` rows are about to be restored, or, while the keeper writes, nothing happens. The lookup has its size
 * at once, compares keys without asking the owner, and has the memory fetched before it needs it. It finds nothing
 * before lookup_filled. */
void lookup_fill(struct lookup *, const struct keeper *, uint32_t count);
void lookup_filled(struct lookup *, struct keeper *);

/* splitmix64's finalizer. */
static inline uint64_t table_mix64(uint64_t word)
{
    word ^= word >> 30;
    word *= UINT64_C(0xbf58476d1ce4e5b9);
    word ^= word >> 27;
    word *= UINT64_C(0x94d049bb133111eb);
    return word ^ word >> 31;
}
uint64_t table_text_hash(const struct names *, struct span text);

/* The bytes of a text of the VM; borrowed. */
static inline struct span span_of_text(struct text text)
{
    return (struct span){(const uint8_t *)text.bytes, text.length};
}
