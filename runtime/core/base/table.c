/* runtime/core/base/table.c - Numbers for names, and a lookup that finds records by a 64-bit key: open addressing
 * with linear probing.
 *
 *     names:   text --hash--> bucket --> number --> {at, length, hash} --> bytes
 *     lookup:  key  --hash--> slot + 1 of a record; the key is read from the record itself
 *
 * A lookup stores no keys, so the key of a record must not change while the record is in a lookup. Number 0 is no
 * name, and 0 in a bucket or slot means that it is empty.
 *
 * Some names stay for ever (names_intern). Other names come from outside and stay only as long as a part keeps them
 * (names_pass): their number is bounded, and a sweep frees those that no part keeps. A sweep runs the code that
 * writes snapshots: name_keep() marks each name that is kept. */
#include "runtime/core/base/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/vocabulary/bytes.h"

void names_init(struct names *names, uint64_t seed)
{
    *names = (struct names){.seed = seed, .bucket_count = 64};
    names->buckets = memory_zeroed(names->bucket_count, sizeof *names->buckets);
    names->entries = memory_grow(NULL, &names->capacity, 8, sizeof *names->entries);
    names->count = 1;
    names->free_from = 1;
    names->sweep_due = NAMES_SWEEP;
}

void names_free(struct names *names)
{
    free(names->bytes);
    free(names->entries);
    free(names->buckets);
}

/* Returns the bucket of the text, or the free bucket in which the text would be stored. */
static uint32_t names_bucket(const struct names *names, struct span text, uint64_t hash)
{
    uint32_t mask = names->bucket_count - 1;
    assert((names->bucket_count & mask) == 0 && names->count <= names->bucket_count);
    uint32_t at = (uint32_t)hash & mask;
    for (;; at = (at + 1) & mask) {
        uint32_t name = names->buckets[at];
        if (name == 0) return at;
        const struct name_entry *entry = &names->entries[name];
        if (entry->hash == hash && entry->length == text.length &&
            memcmp(names->bytes + entry->at, text.bytes, text.length) == 0)
            return at;
    }
}

static void names_rehash(struct names *names, uint32_t bucket_count)
{
    names->bucket_count = bucket_count;
    free(names->buckets);
    names->buckets = memory_zeroed(names->bucket_count, sizeof *names->buckets);
    for (uint32_t name = 1; name < names->count; name++) {
        if (names->entries[name].length == 0) continue;
        uint32_t at = (uint32_t)names->entries[name].hash & (names->bucket_count - 1);
        while (names->buckets[at] != 0) at = (at + 1) & (names->bucket_count - 1);
        names->buckets[at] = name;
    }
}

uint32_t names_find(const struct names *names, struct span text)
{
    if (text.length == 0 || text.length > NAME_BYTES_MAX) return 0;
    return names->buckets[names_bucket(names, text, XXH3_64bits_withSeed(text.bytes, text.length, names->seed))];
}

/* Returns the lowest free number; the table's count if no number is free. */
static uint32_t names_free_number(struct names *names)
{
    while (names->free_from < names->count && names->entries[names->free_from].length != 0) names->free_from++;
    return names->free_from;
}

/* Gives the text, which has no number yet, the number `name`: a free one or the table's count. */
static void names_number(struct names *names, uint32_t name, struct span text, bool passing)
{
    uint64_t hash = XXH3_64bits_withSeed(text.bytes, text.length, names->seed);
    uint32_t at = names_bucket(names, text, hash);
    assert(name != 0 && name <= names->count && name < names->bucket_count && names->buckets[at] == 0);
    names->entries = memory_grow(names->entries, &names->capacity, name + 1, sizeof *names->entries);
    names->bytes = memory_grow(names->bytes, &names->bytes_capacity, names->length + text.length, 1);
    memcpy(names->bytes + names->length, text.bytes, text.length);
    names->entries[name] =
        (struct name_entry){.at = names->length, .length = text.length & 127u, .passing = passing, .hash = hash};
    names->length += text.length;
    names->passing += passing;
    names->used++;
    if (name == names->count) names->count++;
    names->buckets[at] = name;
    /* Half of the buckets stay free, so a search always ends at a free bucket. */
    if (names->count > names->bucket_count / 2) names_rehash(names, names->bucket_count * 2);
}

/* Returns the number of the text and keeps the text for ever, also if it was one that a sweep may free. */
uint32_t names_intern(struct names *names, struct span text)
{
    if (text.length == 0 || text.length > NAME_BYTES_MAX) return 0;
    uint32_t known = names_find(names, text), name = known != 0 ? known : names_free_number(names);
    if (name >= NAMES_MAX) return 0;
    if (known == 0) names_number(names, name, text, false);
    names->passing -= names->entries[name].passing;
    names->entries[name].passing = false;
    return name;
}

uint32_t names_pass(struct names *names, struct span text)
{
    if (text.length == 0 || text.length > NAME_BYTES_MAX) return 0;
    uint32_t known = names_find(names, text), name = known != 0 ? known : names_free_number(names);
    if (known == 0 && name >= NAMES_PASSING_MAX) return 0;
    if (known == 0) names_number(names, name, text, true);
    return name;
}

uint32_t names_used(const struct names *names)
{
    return names->used;
}

/* Begins a sweep: from here on name_keep() marks the names that parts keep. */
void names_sweep_begin(struct names *names)
{
    assert(!names->held);
    names->held = memory_zeroed(names->count, 1);
}

uint32_t name_held(const struct names *names, uint32_t name)
{
    assert(names->held && name < names->count);
    return names->entries[name].passing && !names->held[name] ? 0 : name;
}

/* The texts move in memory, so spans of names that were borrowed before are no longer valid. */
void names_sweep_end(struct names *names, uint32_t rows)
{
    uint8_t *bytes = memory_zeroed(names->length + 1, 1);
    uint32_t length = 0;
    for (uint32_t name = 1; name < names->count; name++) {
        struct name_entry *entry = &names->entries[name];
        if (name_held(names, name) == 0) {
            *entry = (struct name_entry){0};
            names->passing--;
            names->used--;
        } else if (entry->length != 0) {
            memcpy(bytes + length, names->bytes + entry->at, entry->length);
            entry->at = length;
            length += entry->length;
        }
    }
    /* The bytes of a freed text are nowhere in the table's memory afterwards. */
    if (names->length > 0) {
        memcpy(names->bytes, bytes, length);
        memset(names->bytes + length, 0, names->length - length);
    }
    free(bytes);
    free(names->held);
    names->length = length;
    names->held = NULL;
    names->free_from = 1;
    while (names->count > 1 && names->entries[names->count - 1].length == 0) names->count--;
    names->sweep_due = 2 * names->passing + rows + NAMES_SWEEP;
    names_rehash(names, names->bucket_count);
}

uint64_t table_text_hash(const struct names *names, struct span text)
{
    return XXH3_64bits_withSeed(text.bytes, text.length, names->seed);
}

struct span names_text(const struct names *names, uint32_t name)
{
    assert(name < names->count);
    if (name == 0) return (struct span){(const uint8_t *)"", 0};
    return (struct span){names->bytes + names->entries[name].at, names->entries[name].length};
}

/* Writes or reads which names a sweep may free; snapshots have this since version 2. */
static void names_keep_passing(struct names *names, struct keeper *keeper)
{
    for (uint32_t name = 1; name < names->count && keep_good(keeper); name++) {
        struct name_entry *entry = &names->entries[name];
        if (entry->length == 0) continue;
        bool passing = keep_bool(keeper, entry->passing);
        if (keep_reading(keeper)) names->passing += passing;
        entry->passing = passing;
    }
    names->sweep_due = keep_u32(keeper, names->sweep_due);
    names->free_from = keep_index(keeper, names->free_from, names->count + 1, 1);
    if (names->free_from == 0) keep_fail(keeper, "the empty name is no free number");
}

void names_keep(struct names *names, struct keeper *keeper)
{
    uint32_t count = keep_count(keeper, names->count - 1, NAMES_MAX - 1);
    bool holes = keep_has(keeper, 2);
    if (keep_reading(keeper)) {
        uint64_t seed = names->seed;
        names_free(names);
        names_init(names, seed);
    }
    for (uint32_t name = 1; name <= count && keep_good(keeper); name++) {
        struct span text = keep_reading(keeper) ? (struct span){0} : names_text(names, name);
        keep_bytes(keeper, &text.bytes, &text.length, NAME_BYTES_MAX);
        if (!keep_reading(keeper) || !keep_good(keeper)) continue;
        if (text.length == 0 && holes) {
            names->entries = memory_grow(names->entries, &names->capacity, name + 1, sizeof *names->entries);
            names->entries[names->count++] = (struct name_entry){0};
            if (names->count > names->bucket_count / 2) names_rehash(names, names->bucket_count * 2);
        } else if (!bytes_are_utf8(text)) {
            keep_fail(keeper, "a name is not UTF-8");
        } else if (text.length == 0 || names_find(names, text) != 0) {
            keep_fail(keeper, "a name is empty or comes twice");
        } else {
            names_number(names, name, text, !holes);
        }
    }
    if (holes) names_keep_passing(names, keeper);
}

/* Handles a name in a row, when a snapshot is written, when it is read, and in a sweep. */
uint32_t name_keep(const struct names *names, struct keeper *keeper, uint32_t name)
{
    name = keep_index(keeper, name, names->count, 0);
    if (names->held) names->held[name] = 1;
    if (name == 0 || names->entries[name].length != 0) return name;
    keep_fail(keeper, "it has a name that is free");
    return 0;
}

/* While rows are read, each row waits here until the memory of its place has been fetched. */
enum { LATE = 32 };
struct filling {
    uint64_t *keys; /* beside the slots */
    struct late {
        uint64_t key;
        uint32_t home, slot;
    } late[LATE];
};

static void filling_free(struct filling *filling)
{
    if (filling) free(filling->keys);
    free(filling);
}

void lookup_init(struct lookup *lookup, const void *owner, uint64_t (*key)(const void *owner, uint32_t slot))
{
    *lookup = (struct lookup){.capacity = 16, .owner = owner, .key = key};
    lookup->slots = memory_zeroed(lookup->capacity, sizeof *lookup->slots);
}

void lookup_free(struct lookup *lookup)
{
    free(lookup->slots);
    filling_free(lookup->filling);
}

/* Returns the place where the search for a key begins: its hash, scaled to the capacity. */
static inline uint32_t lookup_home(const struct lookup *lookup, uint64_t key)
{
    return (uint32_t)((table_mix64(key) >> 32) * lookup->capacity >> 32);
}

static inline uint32_t lookup_next(const struct lookup *lookup, uint32_t at)
{
    return at + 1 < lookup->capacity ? at + 1 : 0;
}

static uint32_t lookup_at(const struct lookup *lookup, uint64_t key)
{
    uint32_t at = lookup_home(lookup, key);
    while (lookup->slots[at] != 0 && lookup->key(lookup->owner, lookup->slots[at] - 1) != key)
        at = lookup_next(lookup, at);
    return at;
}

/* Returns early for a lookup without entries, because many lookups are empty at most sites. */
bool lookup_find(const struct lookup *lookup, uint64_t key, uint32_t *slot)
{
    if (lookup->count == 0) return false;
    uint32_t found = lookup->slots[lookup_at(lookup, key)];
    if (found == 0) return false;
    *slot = found - 1;
    return true;
}

/* A small lookup doubles. A large lookup grows by a quarter, so that little memory is unused. */
static void lookup_grow(struct lookup *lookup)
{
    uint32_t *old = lookup->slots, capacity = lookup->capacity;
    assert(capacity <= UINT32_MAX / 2);
    lookup->capacity += capacity < MEMORY_LARGE ? capacity : capacity / 4;
    lookup->slots = memory_zeroed(lookup->capacity, sizeof *lookup->slots);
    for (uint32_t at = 0; at < capacity; at++)
        if (old[at] != 0) lookup->slots[lookup_at(lookup, lookup->key(lookup->owner, old[at] - 1))] = old[at];
    free(old);
}

void lookup_add(struct lookup *lookup, uint32_t slot)
{
    assert(slot < UINT32_MAX && !lookup->filling);
    if (lookup->count + 1 > lookup->capacity / 4 * 3) lookup_grow(lookup);
    uint32_t at = lookup_at(lookup, lookup->key(lookup->owner, slot));
    assert(lookup->slots[at] == 0);
    lookup->slots[at] = slot + 1;
    lookup->count++;
}

void lookup_remove(struct lookup *lookup, uint64_t key)
{
    uint32_t hole = lookup_at(lookup, key), capacity = lookup->capacity;
    if (lookup->slots[hole] == 0) return;
    assert(lookup->count > 0);
    lookup->count--;
    /* Linear probing has no mark for deleted entries: each entry after the hole moves into the hole unless its
     * search begins after the hole. */
    for (uint32_t at = lookup_next(lookup, hole); lookup->slots[at] != 0; at = lookup_next(lookup, at)) {
        uint32_t home = lookup_home(lookup, lookup->key(lookup->owner, lookup->slots[at] - 1));
        uint32_t from_home = at >= home ? at - home : at + (capacity - home);
        uint32_t from_hole = at >= hole ? at - hole : at + (capacity - hole);
        if (from_home >= from_hole) {
            lookup->slots[hole] = lookup->slots[at];
            hole = at;
        }
    }
    lookup->slots[hole] = 0;
}

/* Makes reading of many rows fast: the memory of each row's place is fetched while other rows are read. */
void lookup_fill(struct lookup *lookup, const struct keeper *keeper, uint32_t count)
{
    if (!keep_reading(keeper)) return;
    assert(lookup->count == 0 && !lookup->filling && count <= UINT32_MAX / 4);
    free(lookup->slots);
    lookup->capacity = count / 2 * 3 + 16; /* room for an eighth more entries before the lookup grows */
    lookup->slots = memory_zeroed(lookup->capacity, sizeof *lookup->slots);
    lookup->filling = memory_zeroed(1, sizeof *lookup->filling);
    lookup->filling->keys = memory_zeroed(lookup->capacity, sizeof *lookup->filling->keys);
}

/* Puts a row that was read into its place. False: the row's key is in the lookup already. */
static bool filling_place(struct lookup *lookup, const struct late *late)
{
    uint64_t *keys = lookup->filling->keys;
    uint32_t at = late->home;
    for (; lookup->slots[at] != 0; at = lookup_next(lookup, at))
        if (keys[at] == late->key) return false;
    lookup->slots[at] = late->slot + 1;
    keys[at] = late->key;
    return true;
}

/* Takes the row, and puts the row that was taken LATE rows before into its place. */
static bool filling_add(struct lookup *lookup, uint32_t slot)
{
    struct filling *filling = lookup->filling;
    struct late *late = &filling->late[lookup->count % LATE];
    bool good = lookup->count < LATE || filling_place(lookup, late);
    assert(lookup->count + 1 < lookup->capacity);
    late->key = lookup->key(lookup->owner, slot);
    late->home = lookup_home(lookup, late->key);
    late->slot = slot;
    lookup->count++;
    __builtin_prefetch(&lookup->slots[late->home], 1);
    __builtin_prefetch(&filling->keys[late->home], 1);
    return good;
}

void lookup_filled(struct lookup *lookup, struct keeper *keeper)
{
    if (!lookup->filling) return;
    for (uint32_t at = 0; at < LATE && at < lookup->count; at++)
        if (!filling_place(lookup, &lookup->filling->late[at])) keep_fail(keeper, "two rows have one key");
    filling_free(lookup->filling);
    lookup->filling = NULL;
}

void lookup_restore(struct lookup *lookup, struct keeper *keeper, uint32_t slot)
{
    uint32_t other;
    if (!keep_reading(keeper) || !keep_good(keeper)) return;
    bool twice =
        lookup->filling ? !filling_add(lookup, slot) : lookup_find(lookup, lookup->key(lookup->owner, slot), &other);
    if (twice)
        keep_fail(keeper, "two rows have one key");
    else if (!lookup->filling)
        lookup_add(lookup, slot);
}
