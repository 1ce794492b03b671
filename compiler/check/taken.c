/* compiler/check/taken.c - Stores the values that earlier arms take: texts by their hash, numbers as ranges.
 *
 *     segment dnis { prefix "18" -> ...; "1800" -> ...; }      the second arm is needless
 *
 * A text is taken where the same text is in the table, or where one of its own beginnings is in it as a prefix: of
 * "1800" the prefixes "", "1", "18", "180" and "1800" are looked up, each by one more step of the same hash. Numbers
 * are stored as ranges that neither touch nor overlap, so that a pattern is needless exactly where a single range
 * holds all of it. */
#include "compiler/check/taken.h"

#include <string.h>

struct arms_taken taken_new(struct arena *arena, size_t patterns)
{
    struct arms_taken taken = {.room = 16};
    while (taken.room < 2 * patterns) taken.room *= 2;
    taken.texts = ARENA_ARRAY(arena, struct pattern_seen *, taken.room);
    taken.patterns = ARENA_ARRAY(arena, struct pattern_seen *, patterns + 1);
    return taken;
}

/* Begins a hash (FNV-1a); texts and prefixes begin differently, so that a text and an equal prefix rarely collide. */
static uint32_t hash_begin(bool prefix)
{
    return prefix ? 2166136261u : 84696351u;
}

static uint32_t hash_more(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 16777619u;
}

static uint32_t taken_hash(const struct pattern_seen *pattern)
{
    uint32_t hash = hash_begin(pattern->kind == REGEX_PREFIX);
    for (size_t i = 0; i < pattern->text.length; i++) hash = hash_more(hash, pattern->text.bytes[i]);
    return hash;
}

static struct pattern_seen *find_text(const struct arms_taken *taken, uint32_t hash, const char *bytes, size_t length,
                                      bool prefix)
{
    struct pattern_seen *seen = taken->texts[hash & (taken->room - 1)];
    while (seen && ((seen->kind == REGEX_PREFIX) != prefix || seen->text.length != length ||
                    memcmp(seen->text.bytes, bytes, length)))
        seen = seen->next;
    return seen;
}

/* Returns the earlier pattern that takes every text that this text or prefix takes, or NULL. */
static struct pattern_seen *text_taken(const struct arms_taken *taken, const struct pattern_seen *pattern)
{
    uint32_t hash = hash_begin(true);
    for (size_t length = 0; length <= pattern->text.length; length++) {
        struct pattern_seen *by = find_text(taken, hash, pattern->text.bytes, length, true);
        if (by) return by;
        if (length < pattern->text.length) hash = hash_more(hash, pattern->text.bytes[length]);
    }
    if (pattern->kind == REGEX_PREFIX) return NULL;
    return find_text(taken, taken_hash(pattern), pattern->text.bytes, pattern->text.length, false);
}

/* ---- Ranges: a treap, so that no order of the arms is a slow one ---- */

const struct pattern_seen *taken_range(const struct ranges *ranges, int64_t first, int64_t last)
{
    const struct pattern_seen *at = ranges->root;
    while (at && (first < at->first || first > at->last)) at = first < at->first ? at->below : at->above;
    return at && at->last >= last ? at : NULL;
}

/* Returns a range's priority in the treap, mixed from its address: no author can write arms in the order of addresses.
 */
static uint64_t taken_priority(const struct pattern_seen *range)
{
    uint64_t mixed = (uint64_t)(uintptr_t)range * UINT64_C(0x9E3779B97F4A7C15);
    return (mixed ^ mixed >> 32) * UINT64_C(0xD6E8FEB86659FD93);
}

/* Splits a treap into the ranges that end before the number and all others. */
static void taken_part(struct pattern_seen *root, int64_t number, struct pattern_seen **below,
                       struct pattern_seen **above)
{
    while (root) {
        if (root->last < number) {
            *below = root;
            below = &root->above;
            root = root->above;
        } else {
            *above = root;
            above = &root->below;
            root = root->below;
        }
    }
    *below = *above = NULL;
}

/* Joins two treaps; all ranges of the first are below all ranges of the second. */
static struct pattern_seen *taken_joined(struct pattern_seen *below, struct pattern_seen *above)
{
    struct pattern_seen *root = NULL, **to = &root;
    while (below && above) {
        struct pattern_seen *next = taken_priority(below) > taken_priority(above) ? below : above;
        *to = next;
        if (next == below) {
            to = &below->above;
            below = below->above;
        } else {
            to = &above->below;
            above = above->below;
        }
    }
    *to = below ? below : above;
    return root;
}

static void take_range(struct arena *arena, struct ranges *ranges, const struct pattern_seen *pattern, int64_t from,
                       int64_t to)
{
    struct pattern_seen *whole = ARENA_NEW(arena, struct pattern_seen), *below, *above;
    *whole = *pattern;
    whole->first = from;
    whole->last = to;
    whole->below = whole->above = NULL;
    taken_part(ranges->root, from == INT64_MIN ? INT64_MIN : from - 1, &below, &above);
    while (above) { /* ranges that touch or overlap the new one are merged into it */
        struct pattern_seen **least = &above;
        while ((*least)->below) least = &(*least)->below;
        if (to != INT64_MAX && (*least)->first > to + 1) break;
        if ((*least)->first < whole->first) whole->first = (*least)->first;
        if ((*least)->last > whole->last) whole->last = (*least)->last;
        *least = (*least)->above;
    }
    ranges->root = taken_joined(taken_joined(below, whole), above);
}

/* Adds a range of numbers; a range that wraps around is added as two. */
const struct pattern_seen *taken_numbers(struct arena *arena, struct ranges *ranges, const struct pattern_seen *pattern)
{
    int64_t first_to = pattern->round ? INT64_MAX : pattern->last;
    const struct pattern_seen *by = taken_range(ranges, pattern->first, first_to);
    if (pattern->round && by && !taken_range(ranges, INT64_MIN, pattern->last)) by = NULL;
    if (by) return by;
    take_range(arena, ranges, pattern, pattern->first, first_to);
    if (pattern->round && pattern->last >= 0) take_range(arena, ranges, pattern, INT64_MIN, pattern->last);
    return NULL;
}

const struct pattern_seen *taken_pattern(struct arena *arena, struct arms_taken *taken, struct pattern_seen *pattern,
                                         bool is_text)
{
    const struct pattern_seen *by = NULL;
    if (pattern->none) {
        by = taken->none;
        taken->none = pattern;
    } else if (is_text) {
        taken->patterns[taken->pattern_count++] = pattern;
        taken->matches = taken->matches || pattern->kind == REGEX_MATCH;
        if (pattern->kind == REGEX_MATCH) return NULL;
        by = text_taken(taken, pattern);
        size_t at = taken_hash(pattern) & (taken->room - 1);
        pattern->next = taken->texts[at];
        taken->texts[at] = pattern;
    } else {
        by = taken_numbers(arena, &taken->views[pattern->view], pattern);
    }
    return by;
}

const struct pattern_seen *taken_text(struct arms_taken *taken, struct pattern_seen *pattern)
{
    const struct pattern_seen *by = text_taken(taken, pattern);
    size_t at = taken_hash(pattern) & (taken->room - 1);
    pattern->next = taken->texts[at];
    taken->texts[at] = pattern;
    return by;
}

const struct pattern_seen *taken_any_text(const struct arms_taken *taken)
{
    return find_text(taken, hash_begin(true), "", 0, true);
}
