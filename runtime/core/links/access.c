/* runtime/core/links/access.c - How calls get from one switch to another: few rows, searched one by one.
 *
 *     {from A, to B, code "88", points [7001 7002], types [point, direct]}
 *
 * A call from A to agent 4711 at B is dialled as 88 + a free point, or as 88 + 4711 directly. The rows come from the
 * directory, and the route types of a row are tried in their order. */
#include "runtime/core/links/access.h"

#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/table.h"
#include "runtime/core/links/link.h"
#include "runtime/vocabulary/rows.h"

enum { SECONDS_MOST = 86400 };

static void accesses_init(void *self, const struct parts *parts)
{
    struct accesses *accesses = self;
    accesses->names = parts->names;
    accesses->links = parts->links;
}

static void accesses_free(void *self)
{
    struct accesses *accesses = self;
    free(accesses->all);
}

static uint64_t access_hash(const struct access *access)
{
    if (!access->known) return 0;
    uint64_t hash = table_mix64(table_mix64((uint64_t)access->from << 32 | access->to) + access->code);
    for (unsigned at = 0; at < access->type_count; at++) hash = table_mix64(hash + access->types[at]);
    for (unsigned at = 0; at < access->point_count; at++) hash = table_mix64(hash + access->points[at]);
    return table_mix64(hash + access->arrive_us) | 1;
}

static struct access *access_make(struct accesses *accesses, uint32_t from, uint32_t to, bool add)
{
    for (uint32_t at = 0; at < accesses->count; at++)
        if (accesses->all[at].from == from && accesses->all[at].to == to) return &accesses->all[at];
    if (!add || from == 0 || to == 0 || accesses->count >= ACCESSES_MAX) return NULL;
    accesses->all = memory_grow(accesses->all, &accesses->capacity, accesses->count + 1, sizeof *accesses->all);
    accesses->all[accesses->count] = (struct access){.from = from, .to = to};
    return &accesses->all[accesses->count++];
}

static struct span access_text(struct span row, const char *key)
{
    struct kv_value value;
    return kv_get(row, key, &value) && value.tag == KV_TEXT ? value.span : (struct span){NULL, 0};
}

/* Reads the next word of a list with commas; false at the end of the list. */
static bool access_word(struct span list, uint32_t *at, struct span *word)
{
    uint32_t from = *at;
    if (from >= list.length) return false;
    while (*at < list.length && list.bytes[*at] != ',') (*at)++;
    *word = (struct span){list.bytes + from, *at - from};
    (*at)++;
    return true;
}

/* Sets an access from a row; a row without route types uses external routing points. */
static void access_take(struct accesses *accesses, struct access *access, struct span row)
{
    struct kv_value value;
    struct span word;
    access->code = names_intern(accesses->names, access_text(row, "code"));
    access->point_count = access->type_count = 0;
    for (uint32_t at = 0;
         access->point_count < ACCESS_POINTS_MAX && access_word(access_text(row, "points"), &at, &word);)
        access->points[access->point_count++] = names_intern(accesses->names, word);
    for (uint32_t at = 0;
         access->type_count < ACCESS_TYPES_MAX && access_word(access_text(row, "types"), &at, &word);) {
        int type = enum_value_access_type((const char *)word.bytes, word.length);
        if (type > access_type_other) access->types[access->type_count++] = (uint8_t)type;
    }
    if (access->type_count == 0) access->types[access->type_count++] = access_type_point;
    int64_t seconds = kv_get(row, "arrive_s", &value) && value.tag == KV_INT ? value.word : ACCESS_ARRIVE_S;
    access->arrive_us = UINT64_C(1000000) * (uint64_t)(seconds < 1              ? 1
                                                       : seconds > SECONDS_MOST ? SECONDS_MOST
                                                                                : seconds);
}

void access_row(struct accesses *accesses, uint32_t from, uint32_t to, struct span row)
{
    struct access *access = access_make(accesses, from, to, row.length != 0);
    if (!access) return;
    accesses->content -= access_hash(access);
    access->known = row.length != 0;
    access->seen = true;
    if (access->known) access_take(accesses, access, row);
    accesses->content += access_hash(access);
}

void accesses_unsee(struct accesses *accesses)
{
    for (uint32_t at = 0; at < accesses->count; at++) accesses->all[at].seen = false;
}

void accesses_drop_unseen(struct accesses *accesses)
{
    for (uint32_t at = 0; at < accesses->count; at++)
        if (!accesses->all[at].seen)
            access_row(accesses, accesses->all[at].from, accesses->all[at].to, (struct span){NULL, 0});
}

bool access_has(const struct access *access, unsigned type)
{
    for (unsigned at = 0; at < access->type_count; at++)
        if (access->types[at] == type) return true;
    return false;
}

const struct access *access_between(const struct accesses *accesses, unsigned from, unsigned to)
{
    if (accesses->count == 0 || from < SOURCE_LINKS || to < SOURCE_LINKS || from == to) return NULL;
    uint32_t here = link_at(accesses->links, from)->name, there = link_at(accesses->links, to)->name;
    for (uint32_t at = 0; at < accesses->count; at++) {
        const struct access *access = &accesses->all[at];
        if (access->known && access->from == here && access->to == there) return access;
    }
    return NULL;
}

/* True: the given number, dialled at the given switch, could lead to another switch directly. */
bool accesses_lead(const struct accesses *accesses, unsigned from, struct span number)
{
    for (uint32_t at = 0; from >= SOURCE_LINKS && at < accesses->count; at++) {
        const struct access *access = &accesses->all[at];
        if (!access->known || access->from != link_at(accesses->links, from)->name) continue;
        struct span code = names_text(accesses->names, access->code);
        if (access_has(access, access_type_direct) && number.length > code.length &&
            (code.length == 0 || memcmp(number.bytes, code.bytes, code.length) == 0))
            return true;
    }
    return false;
}

/* Removes the access code from the number. `at` says where to continue: several accesses may have the same code. */
uint32_t accesses_behind(const struct accesses *accesses, unsigned to, uint32_t number, uint32_t *at)
{
    struct span text = names_text(accesses->names, number);
    while (to >= SOURCE_LINKS && *at < accesses->count) {
        const struct access *access = &accesses->all[(*at)++];
        struct span code = names_text(accesses->names, access->code);
        bool leads = access->known && access->to == link_at(accesses->links, to)->name;
        if (!leads || code.length == 0 || text.length <= code.length ||
            memcmp(text.bytes, code.bytes, code.length) != 0)
            continue;
        uint32_t rest = names_find(accesses->names, (struct span){text.bytes + code.length, text.length - code.length});
        if (rest != 0) return rest;
    }
    return 0;
}

static uint64_t accesses_hash(const void *self)
{
    return ((const struct accesses *)self)->content;
}

static bool accesses_check(const void *self)
{
    const struct accesses *accesses = self;
    uint64_t content = 0;
    for (uint32_t at = 0; at < accesses->count; at++) content += access_hash(&accesses->all[at]);
    return content == accesses->content;
}

static void access_keep(struct accesses *accesses, struct keeper *keeper, struct access *access)
{
    access->from = name_keep(accesses->names, keeper, access->from);
    access->to = name_keep(accesses->names, keeper, access->to);
    access->code = name_keep(accesses->names, keeper, access->code);
    access->point_count = (uint8_t)keep_count(keeper, access->point_count, ACCESS_POINTS_MAX);
    for (unsigned at = 0; at < access->point_count; at++)
        access->points[at] = name_keep(accesses->names, keeper, access->points[at]);
    access->type_count = (uint8_t)keep_count(keeper, access->type_count, ACCESS_TYPES_MAX);
    for (unsigned at = 0; at < access->type_count; at++)
        access->types[at] = (uint8_t)keep_index(keeper, access->types[at], access_type_direct + 1, access_type_other);
    access->arrive_us = keep_u64(keeper, access->arrive_us);
    access->known = keep_bool(keeper, access->known);
    access->seen = keep_bool(keeper, access->seen);
}

static void accesses_keep(void *self, struct keeper *keeper)
{
    struct accesses *accesses = self;
    accesses->all =
        keep_rows(keeper, accesses->all, &accesses->count, &accesses->capacity, ACCESSES_MAX, sizeof *accesses->all);
    for (uint32_t at = 0; at < accesses->count && keep_good(keeper); at++)
        access_keep(accesses, keeper, &accesses->all[at]);
    if (keep_reading(keeper))
        for (uint32_t at = 0; at < accesses->count; at++) accesses->content += access_hash(&accesses->all[at]);
}

const struct part_ops part_ops_accesses = {
    .size = sizeof(struct accesses),
    .since = 4,
    .init = accesses_init,
    .free = accesses_free,
    .hash = accesses_hash,
    .check = accesses_check,
    .keep = accesses_keep,
};
