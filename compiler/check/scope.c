/* compiler/check/scope.c - Names: one hash table with chains; an inner declaration comes before the outer one of the
 * same name.
 *
 * One table holds the names of all depths: leaving a block removes the newest entries, the last one first.
 *
 *     bucket   x (depth 2) -> x (depth 0) -> other      the innermost x is found first
 *     newest   x (depth 2) -> y (depth 1) -> x (depth 0)   what scope_leave() goes along
 *
 * So a lookup searches one chain however deep blocks nest, and leaving a block costs only as much as was declared in
 * it. */
#include "compiler/check/scope.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/near.h"

enum { BUCKETS_FIRST = 1024 };

struct entry {
    struct entry *next;  /* the next entry in the bucket; inner declarations come first */
    struct entry *older; /* declared before it */
    struct symbol *symbol;
    uint32_t hash, depth;
    enum space space;
};

struct scope {
    struct arena *arena;
    struct entry **buckets; /* the number of buckets, a power of two; it grows with the number of entries */
    uint32_t bucket_count, count;
    struct entry *newest;
    uint32_t depth;
};

static void make_buckets(struct scope *scope, uint32_t count)
{
    assert(count && (count & (count - 1)) == 0); /* scope_bucket() masks by it */
    scope->buckets = arena_alloc(scope->arena, count * sizeof *scope->buckets);
    memset(scope->buckets, 0, count * sizeof *scope->buckets);
    scope->bucket_count = count;
}

struct scope *scope_new(struct arena *arena)
{
    struct scope *scope = arena_alloc(arena, sizeof *scope);
    memset(scope, 0, sizeof *scope);
    scope->arena = arena;
    make_buckets(scope, BUCKETS_FIRST);
    return scope;
}

enum space scope_space(enum lang_type kind)
{
    assert(kind >= LANG_SKILL && kind <= LANG_TARGET);
    return (enum space)(SPACE_KIND + (kind - LANG_SKILL));
}

static uint32_t scope_hash(enum space space, const char *name)
{
    uint32_t hash = 2166136261u ^ (uint32_t)space; /* FNV-1a */
    for (const char *p = name; *p; p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
    return hash;
}

static struct entry **scope_bucket(const struct scope *scope, uint32_t hash)
{
    return &scope->buckets[hash & (scope->bucket_count - 1)];
}

/* Entries are put into the new buckets from the oldest to the newest, so that inner declarations come before outer
 * ones again. */
static void scope_grow(struct scope *scope)
{
    struct entry *oldest_first = NULL;
    make_buckets(scope, 4 * scope->bucket_count);
    for (struct entry *entry = scope->newest; entry; entry = entry->older) {
        entry->next = oldest_first;
        oldest_first = entry;
    }
    while (oldest_first) {
        struct entry *entry = oldest_first, **bucket = scope_bucket(scope, entry->hash);
        oldest_first = entry->next;
        entry->next = *bucket;
        *bucket = entry;
    }
}

static struct entry *scope_entry(const struct scope *scope, enum space space, const char *name)
{
    uint32_t hash = scope_hash(space, name);
    for (struct entry *entry = *scope_bucket(scope, hash); entry; entry = entry->next)
        if (entry->hash == hash && entry->space == space && !strcmp(entry->symbol->name, name)) return entry;
    return NULL;
}

struct symbol *scope_declare(struct scope *scope, enum space space, struct symbol *symbol)
{
    assert(symbol->name && space < SPACE_COUNT);
    struct entry *there = scope_entry(scope, space, symbol->name);
    assert(!there || there->depth <= scope->depth); /* a block that was left has removed its names */
    if (there && there->depth == scope->depth) return there->symbol;
    struct entry *entry = arena_alloc(scope->arena, sizeof *entry);
    uint32_t hash = scope_hash(space, symbol->name);
    if (scope->count == scope->bucket_count) scope_grow(scope);
    struct entry **bucket = scope_bucket(scope, hash);
    *entry = (struct entry){
        .next = *bucket, .older = scope->newest, .symbol = symbol, .hash = hash, .depth = scope->depth, .space = space};
    *bucket = entry;
    scope->newest = entry;
    scope->count++;
    return NULL;
}

struct symbol *scope_find(const struct scope *scope, enum space space, const char *name)
{
    struct entry *entry = scope_entry(scope, space, name);
    return entry ? entry->symbol : NULL;
}

void scope_enter(struct scope *scope)
{
    scope->depth++;
}

void scope_leave(struct scope *scope)
{
    assert(scope->depth);
    for (; scope->newest && scope->newest->depth == scope->depth; scope->newest = scope->newest->older) {
        *scope_bucket(scope, scope->newest->hash) = scope->newest->next;
        scope->count--;
    }
    scope->depth--;
}

enum { PASSED_COSTS = 16 }; /* skipping so many names of other spaces takes as long as comparing one */

/* Near names are searched only for a message, but a file of mistakes needs many: `compared` counts the work, and the
 * caller stops searching when it has become too much. */
struct symbol *scope_near(const struct scope *scope, enum space space, const char *name, uint32_t *compared)
{
    struct symbol *nearest = NULL;
    uint32_t least = UINT32_MAX, passed = 0;
    for (const struct entry *entry = scope->newest; entry; entry = entry->older) {
        if (entry->space != space) {
            if (++passed % PASSED_COSTS == 0) ++*compared;
            continue;
        }
        ++*compared;
        if (near_is_nearer(name, entry->symbol->name, &least)) nearest = entry->symbol;
    }
    return nearest;
}
