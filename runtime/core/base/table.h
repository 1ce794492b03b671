/* runtime/core/base/table.h - Tables: names as numbers, and records found by a 64-bit key.
 *
 * A `names` gives every distinct text a number, from 1 on. The site's own words keep it for good. A text that only
 * passes by in an event, such as a caller's number, keeps its number as long as a row holds it: a sweep frees the other
 * numbers, and they are given to other texts. A `lookup` finds the slot of a record by its key. It holds only slots and
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
    NAMES_SWEEP = 1024, /* no sweep is due for fewer new names than these */
    NAME_BYTES_MAX = 64
};
/* Declares a name in a bit-field. */
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
    uint32_t used;      /* how many texts have a number */
    uint32_t passing;   /* how many of these only pass by in events */
    uint32_t sweep_due; /* a sweep is due when `passing` has reached this */
    uint32_t free_from; /* the search for a free number begins here */
    uint8_t *held;      /* during a sweep: which numbers a row holds; NULL otherwise */
    uint32_t *buckets, bucket_count;
    uint64_t seed;
};

void names_init(struct names *, uint64_t seed);
void names_free(struct names *);
/* Returns the number of a text, and gives it one if it is new. 0: the text is empty or too long, or the table is full.
 */
uint32_t names_intern(struct names *, struct span text);
/* As names_intern, for texts that only pass by in events. When the table holds NAMES_PASSING_MAX names, a new text of
 * this sort gets 0; the rest of the room is for the directory and programs. The number is good until the next sweep,
 * which frees it unless name_keep is called for it. */
uint32_t names_pass(struct names *, struct span text);
/* How many texts have a number. */
uint32_t names_used(const struct names *);
/* A sweep, between two batches: begin; then name_keep for all that is held, by a keeper that writes; then end, which
 * frees what passes by and is not held. `rows`: how many rows the sweep has walked. The more they were, the more
 * names may pass by before the next sweep is due, so that a sweep costs only a few rows per name. */
void names_sweep_begin(struct names *);
void names_sweep_end(struct names *, uint32_t rows);
/* Returns `name`, or 0 if the sweep that has begun is about to free it. */
uint32_t name_held(const struct names *, uint32_t name);
uint32_t names_find(const struct names *, struct span text); /* 0: the text has no number */
/* Borrowed; valid until the next names_intern, names_pass or sweep. */
struct span names_text(const struct names *, uint32_t name);

/* Writes or reads (vm/keep.h) all texts in the order of their numbers. Texts from a snapshot of version 1 all count as
 * passing by, since that version does not tell them apart; rows hold those that the site uses. */
void names_keep(struct names *, struct keeper *);
/* Writes or reads a name in a row: 0, or a number that the table has; else it fails. */
uint32_t name_keep(const struct names *, struct keeper *, uint32_t name);

struct lookup {
    uint32_t *slots; /* slot + 1, 0: free */
    uint32_t capacity, count;
    uint64_t (*key)(const void *owner, uint32_t slot);
    const void *owner;
    struct filling *filling; /* state between lookup_fill and lookup_filled; else NULL */
};

void lookup_init(struct lookup *, const void *owner, uint64_t (*key)(const void *owner, uint32_t slot));
void lookup_free(struct lookup *);
bool lookup_find(const struct lookup *, uint64_t key, uint32_t *slot);
void lookup_add(struct lookup *, uint32_t slot); /* adds a slot, whose key must not be in the lookup yet */
void lookup_remove(struct lookup *, uint64_t key);
/* As lookup_add, for a row that was read from a snapshot; the keeper fails if the key is in the lookup already. Nothing
 * happens while the keeper writes or has failed. */
void lookup_restore(struct lookup *, struct keeper *, uint32_t slot);
/* Prepares the lookup for at most `count` calls of lookup_restore; does nothing while the keeper writes. The lookup
 * gets its final size at once, compares keys without asking the owner, and prefetches memory. It finds nothing before
 * lookup_filled. */
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
