/* runtime/daemon/directory/import_events.c - Makes events of a directory: of all its rows, or of those that differ
 * from another directory's.
 *
 *     rows that are gone, the last first  ->  rows that are new or changed  ->  commit
 *
 * The core keeps the rows of a load apart until the commit, which puts all of them in force at once. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_site.h"
#include "base/memory.h"

static_assert((int)IMPORT_HASH == (int)crypto_generichash_BYTES, "import_hash fills it");

/* Begins an event of the directory, with the fields that all events have. */
static void import_row_begin(struct writer *writer, const char *actor, uint64_t version, enum table table,
                             const char *key)
{
    writer_clear(writer);
    writer_begin(writer, KIND_DirectoryRow);
    writer_text(writer, ENVELOPE_actor, actor);
    writer_u(writer, DirectoryRow_version, version);
    writer_u(writer, DirectoryRow_table, table);
    writer_text(writer, DirectoryRow_key, key);
}

/* The function that gets the events, and the fields that all events have. */
struct events {
    struct writer writer;
    const char *actor;
    uint64_t version;
    void (*event)(void *self, struct span frame);
    void *self;
};

/* Writes the event of a row; `values` NULL: the row is removed. */
static void row_event(struct events *to, enum table table, const char *key, const struct kv *values)
{
    import_row_begin(&to->writer, to->actor, to->version, table, key);
    if (values) writer_kv(&to->writer, DirectoryRow_row, values);
    to->event(to->self, writer_end(&to->writer));
}

/* Writes a business table in parts, each of which fits into one event; an empty table is one part. */
static void sheet_events(struct events *to, const struct business_sheet *sheet)
{
    struct kv part;
    uint32_t at = 0;
    kv_init(&part);
    for (uint64_t number = 0; number == 0 || at < sheet->rows.length; number++) {
        kv_part(kv_span(&sheet->rows), &at, "value", &part);
        import_row_begin(&to->writer, to->actor, to->version, table_business, sheet->name);
        writer_kv(&to->writer, DirectoryRow_row, &part);
        if (number > 0) writer_u(&to->writer, DirectoryRow_part, number);
        to->event(to->self, writer_end(&to->writer));
    }
    kv_free(&part);
}

/* Writes rows in the order of tables, so that a row comes after the rows it refers to. */
void import_events(const struct directory_import *directory, uint64_t version, const char *actor,
                   void (*event)(void *self, struct span frame), void *self)
{
    assert(actor && event);
    struct events to = {.actor = actor, .version = version, .event = event, .self = self};
    writer_init(&to.writer);
    for (size_t i = 0; i < directory->count; i++)
        row_event(&to, directory->rows[i].table, directory->rows[i].key, &directory->rows[i].values);
    for (size_t i = 0; i < directory->sheet_count; i++) sheet_events(&to, &directory->sheets[i]);
    writer_free(&to.writer);
}

void import_commit(const struct import_commit *commit, void (*event)(void *self, struct span frame), void *self)
{
    struct writer writer;
    assert(commit->actor && event);
    writer_init(&writer);
    writer_begin(&writer, KIND_DirectoryCommit);
    writer_u(&writer, ENVELOPE_req, commit->version); /* the core's reply has the version as its request number, too */
    writer_text(&writer, ENVELOPE_actor, commit->actor);
    writer_u(&writer, DirectoryCommit_version, commit->version);
    if (commit->whole) writer_u(&writer, DirectoryCommit_whole, true);
    writer_text(&writer, DirectoryCommit_why, commit->why);
    writer_bytes(&writer, DirectoryCommit_hash, (struct span){commit->hash, IMPORT_HASH});
    event(self, writer_end(&writer));
    writer_free(&writer);
}

/* Adds the frame to the hash after its length, so that two frames never look like one. */
static void hash_event(void *self, struct span frame)
{
    uint8_t length[4] = {(uint8_t)frame.length, (uint8_t)(frame.length >> 8), (uint8_t)(frame.length >> 16),
                         (uint8_t)(frame.length >> 24)};
    crypto_generichash_update(self, length, sizeof length);
    crypto_generichash_update(self, frame.bytes, frame.length);
}

void import_hash(const struct directory_import *directory, uint8_t hash[IMPORT_HASH])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IMPORT_HASH);
    import_events(directory, 0, "", hash_event, &state);
    crypto_generichash_final(&state, hash, IMPORT_HASH);
}

/* ---- what differs ---- */

static int by_key(const void *a, const void *b)
{
    const struct entry *one = *(const struct entry *const *)a, *other = *(const struct entry *const *)b;
    if (one->table != other->table) return one->table < other->table ? -1 : 1;
    return strcmp(one->key, other->key);
}

/* Returns the rows ordered by table and key; the caller frees the list. In the directory itself, keys of several
 * columns are in another order. */
static const struct entry **entries_sorted(const struct directory_import *directory)
{
    const struct entry **all = memory_zeroed(directory->count + 1, sizeof *all);
    for (size_t i = 0; i < directory->count; i++) all[i] = &directory->rows[i];
    qsort(all, directory->count, sizeof *all, by_key);
    return all;
}

static const struct entry *entry_same(const struct entry *const *sorted, size_t count, const struct entry *row)
{
    const struct entry *const *found = bsearch(&row, sorted, count, sizeof *sorted, by_key);
    return found ? *found : NULL;
}

/* True: a removed row's key can be taken apart into the names that the core needs to find the row. */
static bool key_clear(const struct entry *row)
{
    const char *slash = strchr(row->key, '/');
    bool two = row->table == table_agent_skill || row->table == table_group_member || row->table == table_group_place ||
               row->table == table_profile || row->table == table_group_lead || row->table == table_queue_lead;
    return !two || !slash || !strchr(slash + 1, '/');
}

static bool keys_clear(const struct directory_import *directory)
{
    const struct entry **sorted = entries_sorted(directory);
    bool clear = true;
    for (size_t i = 0; i < directory->count && clear; i++)
        clear = key_clear(sorted[i]) && (i == 0 || by_key(&sorted[i - 1], &sorted[i]) != 0);
    free(sorted);
    return clear;
}

/* False: all rows have to be loaded, because a key of two names cannot be taken apart again. */
bool import_may_differ(const struct directory_import *before, const struct directory_import *directory)
{
    return keys_clear(before) && keys_clear(directory);
}

static const struct business_sheet *sheet_named(const struct directory_import *directory, const char *name)
{
    for (size_t i = 0; i < directory->sheet_count; i++)
        if (strcmp(directory->sheets[i].name, name) == 0) return &directory->sheets[i];
    return NULL;
}

/* Writes removed rows in reverse order, so that a row is removed before the rows it refers to. */
static void gone_events(struct events *to, const struct directory_import *before,
                        const struct directory_import *directory)
{
    const struct entry **now = entries_sorted(directory);
    for (size_t i = before->sheet_count; i-- > 0;)
        if (!sheet_named(directory, before->sheets[i].name))
            row_event(to, table_business, before->sheets[i].name, NULL);
    for (size_t i = before->count; i-- > 0;)
        if (!entry_same(now, directory->count, &before->rows[i]))
            row_event(to, before->rows[i].table, before->rows[i].key, NULL);
    free(now);
}

void import_differing_events(const struct directory_import *before, const struct directory_import *directory,
                             uint64_t version, const char *actor, void (*event)(void *self, struct span frame),
                             void *self)
{
    assert(actor && event);
    struct events to = {.actor = actor, .version = version, .event = event, .self = self};
    const struct entry **then = entries_sorted(before);
    writer_init(&to.writer);
    gone_events(&to, before, directory);
    for (size_t i = 0; i < directory->count; i++) {
        const struct entry *row = &directory->rows[i], *old = entry_same(then, before->count, row);
        if (!old || !span_equal(kv_span(&old->values), kv_span(&row->values)))
            row_event(&to, row->table, row->key, &row->values);
    }
    for (size_t i = 0; i < directory->sheet_count; i++) {
        const struct business_sheet *sheet = &directory->sheets[i], *old = sheet_named(before, sheet->name);
        if (!old || !span_equal(kv_span(&old->rows), kv_span(&sheet->rows))) sheet_events(&to, sheet);
    }
    writer_free(&to.writer);
    free(then);
}
