/* runtime/core/base/table.h - Tables: numbers for names, and records that are found by a 64-bit key.
 *
 * A `names` table gives every distinct text a number, from 1 on. The words of the site, for example names of queues,
 * keep their number for ever. A text that came in an event, such as a caller's number, keeps its number as long as a
 * row holds it: a sweep frees all other such numbers, which are then given to other texts. A `lookup` finds the slot
 * of a record by its key. The lookup holds only slots and asks the owner of the records for the keys. The core never
 * visits the entries of either table in the order of hashes, so no result depends on that order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "vm/value.h"

enum {
    NAME_BITS = 22,
    NAMES_MAX = 1u << NAME_BITS,
    NAMES_PASSING_MAX = NAMES_MAX / 2,
    NAMES_SWEEP = 1024, /* a sweep is due only after at least this many new names */
    NAME_BYTES_MAX = 64
};
/* Declares a member that holds the number of a name, as a bit-field. */
#define NAME_OF(name) ((name) & (NAMES_MAX - 1u))

struct keeper;

struct names {
    uint8_t *bytes;
    uint32_t length, bytes_capacity;
    struct name_entry {
        uint32_t at, length : 31, passing : 1; /* length of the text; 0: the number is free */
        uint64_t hash;
    } * entries; /* entries; [0] is the empty name */
    uint32_t count, capacity;
    uint32_t used;      /* how many texts have a number now */
    uint32_t passing;   /* how many texts with a number came in events and may be freed by a sweep */
    uint32_t sweep_due; /* the value of `passing` at which the next sweep is due */
    uint32_t free_from; /* number at which the search for a free number begins */
    uint8_t *held;      /* during a sweep: marks the numbers that a row holds; NULL otherwise */
    uint32_t *buckets, bucket_count;
    uint64_t seed;
};

void names_init(struct names *, uint64_t seed);
void names_free(struct names *);
/* Returns the number of a text, and gives a new text a number. 0: the text is empty or too long, or the table is
 * full. */
uint32_t names_intern(struct names *, struct span text);
/* Does the same as names_intern for texts that came in events and that a sweep may free. When the table holds
 * NAMES_PASSING_MAX such names, a new text gets 0; the rest of the room is for the directory and programs. The
 * number is valid until the next sweep, which frees it unless name_keep is called for it. */
uint32_t names_pass(struct names *, struct span text);
/* Returns how many texts have a number. */
uint32_t names_used(const struct names *);
/* The functions of a sweep of names, which runs between two batches: begin; then name_keep for all names that rows
 * hold; then end, which frees the texts that came in events and that no row holds. `rows`: how many rows the sweep
 * has visited. The more rows a sweep visits, the more new names are allowed before the next sweep is due, so that
 * the cost is only a few rows per name. */
void names_sweep_begin(struct names *);
void names_sweep_end(struct names *, uint32_t rows);
/* Returns `name`, or 0 if the sweep that has begun is about to free it. */
uint32_t name_held(const struct names *, uint32_t name);
uint32_t names_find(const struct names *, struct span text); /* Returns the number of the text; 0: the text has none */
/* Returns the text of a name. Borrowed; valid until the next names_intern, names_pass or sweep. */
struct span names_text(const struct names *, uint32_t name);

/* Writes or reads (vm/keep.h) all texts in the order of their numbers. All texts from a snapshot of version 1 may be
 * freed by a sweep, since that version does not tell the two sorts apart; rows hold the texts that the site uses. */
void names_keep(struct names *, struct keeper *);
/* Writes or reads a name in a row: 0, or a number that the table has; else it fails. */
uint32_t name_keep(const struct names *, struct keeper *, uint32_t name);

struct lookup {
    uint32_t *slots; /* entries: slot + 1, or 0 for a free one */
    uint32_t capacity, count;
    uint64_t (*key)(const void *owner, uint32_t slot);
    const void *owner;
    struct filling *filling; /* state of a fast read, between lookup_fill and lookup_filled; else NULL */
};

void lookup_init(struct lookup *, const void *owner, uint64_t (*key)(const void *owner, uint32_t slot));
void lookup_free(struct lookup *);
bool lookup_find(const struct lookup *, uint64_t key, uint32_t *slot);
void lookup_add(struct lookup *, uint32_t slot); /* adds a slot; its key must not be in the lookup yet */
void lookup_remove(struct lookup *, uint64_t key);
/* Does the same as lookup_add for a row that was read from a snapshot; the keeper fails if the key is in the lookup
 * already. Nothing happens while the keeper writes or has failed. */
void lookup_restore(struct lookup *, struct keeper *, uint32_t slot);
/* Prepares the lookup for a snapshot's rows: at most `count` calls of lookup_restore follow; does nothing while the
 * keeper writes. The lookup gets its final size at once, compares keys without asking the owner, and fetches memory
 * ahead. Until lookup_filled is called the lookup finds nothing. */
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

/* Returns the bytes of a text of the VM; borrowed. */
static inline struct span span_of_text(struct text text)
{
    return (struct span){(const uint8_t *)text.bytes, text.length};
}
