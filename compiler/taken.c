/* compiler/taken.c - Texts by their hash, numbers as ranges. */
#include "compiler/taken.h"

#include <string.h>

struct taken taken_new(struct arena *arena, size_t patterns)
{
    struct taken taken = {.room = 16};
    while (taken.room < 2 * patterns) taken.room *= 2;
    taken.texts = ARENA_ARRAY(arena, struct seen *, taken.room);
    taken.patterns = ARENA_ARRAY(arena, struct seen *, patterns + 1);
    for (int i = 0; i < VIEWS; i++) taken.views[i].rows = ARENA_ARRAY(arena, struct seen *, 2 * patterns + 2);
    return taken;
}

/* FNV-1a: texts and prefixes begin differently, so that equal ones do not meet. */
static uint32_t hash_begin(bool prefix)
{
    return prefix ? 2166136261u : 84696351u;
}

static uint32_t hash_more(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 16777619u;
}

static uint32_t hash_of(const struct seen *pattern)
{
    uint32_t hash = hash_begin(pattern->kind == REGEX_PREFIX);
    for (size_t i = 0; i < pattern->text.length; i++) hash = hash_more(hash, pattern->text.bytes[i]);
    return hash;
}

static struct seen *find_text(const struct taken *taken, uint32_t hash, const char *bytes, size_t length, bool prefix)
{
    struct seen *seen = taken->texts[hash & (taken->room - 1)];
    while (seen && ((seen->kind == REGEX_PREFIX) != prefix || seen->text.length != length ||
                    memcmp(seen->text.bytes, bytes, length)))
        seen = seen->next;
    return seen;
}

/* The pattern that takes all that this text or prefix would. */
static struct seen *text_taken(const struct taken *taken, const struct seen *pattern)
{
    uint32_t hash = hash_begin(true);
    for (size_t length = 0; length <= pattern->text.length; length++) {
        struct seen *by = find_text(taken, hash, pattern->text.bytes, length, true);
        if (by) return by;
        if (length < pattern->text.length) hash = hash_more(hash, pattern->text.bytes[length]);
    }
    if (pattern->kind == REGEX_PREFIX) return NULL;
    return find_text(taken, hash_of(pattern), pattern->text.bytes, pattern->text.length, false);
}

/* The first range that ends behind the number, or count. */
static size_t range_at(const struct ranges *ranges, int64_t number)
{
    size_t low = 0, high = ranges->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges->rows[middle]->last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct seen *range_taken(const struct ranges *ranges, int64_t first, int64_t last)
{
    size_t at = range_at(ranges, first);
    bool within = at < ranges->count && ranges->rows[at]->first <= first && ranges->rows[at]->last >= last;
    return within ? ranges->rows[at] : NULL;
}

static void take_range(struct arena *arena, struct ranges *ranges, const struct seen *pattern, int64_t from, int64_t to)
{
    struct seen *whole = ARENA_NEW(arena, struct seen);
    *whole = *pattern;
    whole->first = from;
    whole->last = to;
    size_t first = range_at(ranges, from == INT64_MIN ? INT64_MIN : from - 1), end = first;
    while (end < ranges->count && (to == INT64_MAX || ranges->rows[end]->first <= to + 1)) end++;
    if (end > first && ranges->rows[first]->first < whole->first) whole->first = ranges->rows[first]->first;
    if (end > first && ranges->rows[end - 1]->last > whole->last) whole->last = ranges->rows[end - 1]->last;
    size_t behind = ranges->count - end;
    memmove(ranges->rows + first + 1, ranges->rows + end, behind * sizeof *ranges->rows);
    ranges->rows[first] = whole;
    ranges->count = first + 1 + behind;
}

/* A range that goes round is two. */
const struct seen *take_numbers(struct arena *arena, struct ranges *ranges, const struct seen *pattern)
{
    int64_t first_to = pattern->round ? INT64_MAX : pattern->last;
    const struct seen *by = range_taken(ranges, pattern->first, first_to);
    if (pattern->round && by && !range_taken(ranges, INT64_MIN, pattern->last)) by = NULL;
    if (by) return by;
    take_range(arena, ranges, pattern, pattern->first, first_to);
    if (pattern->round && pattern->last >= 0) take_range(arena, ranges, pattern, INT64_MIN, pattern->last);
    return NULL;
}

const struct seen *take_pattern(struct arena *arena, struct taken *taken, struct seen *pattern, bool is_text)
{
    const struct seen *by = NULL;
    if (pattern->none) {
        by = taken->none;
        taken->none = pattern;
    } else if (is_text) {
        taken->patterns[taken->pattern_count++] = pattern;
        taken->matches = taken->matches || pattern->kind == REGEX_MATCH;
        if (pattern->kind == REGEX_MATCH) return NULL;
        by = text_taken(taken, pattern);
        size_t at = hash_of(pattern) & (taken->room - 1);
        pattern->next = taken->texts[at];
        taken->texts[at] = pattern;
    } else {
        by = take_numbers(arena, &taken->views[pattern->view], pattern);
    }
    return by;
}

const struct seen *take_text(struct taken *taken, struct seen *pattern)
{
    const struct seen *by = text_taken(taken, pattern);
    size_t at = hash_of(pattern) & (taken->room - 1);
    pattern->next = taken->texts[at];
    taken->texts[at] = pattern;
    return by;
}

const struct seen *any_text_taken(const struct taken *taken)
{
    return find_text(taken, hash_begin(true), "", 0, true);
}
