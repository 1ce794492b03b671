/* runtime/journal/postgres_keys.c - Transfers the keys of the state folder through the database to a second machine.
 *
 * Table gcx_key has the head of STATE/keys, wrapped under the site's key, in slot -1, and each slot of a secret key,
 * encrypted with the data key. A slot is committed with the batch that first uses it, so whoever reads the batch has
 * its key. An erased slot stays as a row without bytes: a follower erases it, too. Each change is marked with the
 * number of the next batch, so that a follower only asks for new ones. */
#include <sodium.h>
#include <string.h>

#include "runtime/journal/keys.h"
#include "runtime/journal/postgres_rows.h"
#include "base/memory.h"

enum {
    SHARED_PLACE = 4 + 8, /* slot and id, to which the ciphertext is bound */
    SHARED_SEALED = KEYS_SLOT + KEY_SEALED,
    SHARED_SLOT = SHARED_PLACE + 1 + SHARED_SEALED,
    SHARED_MOST = 4096, /* slots of one statement */
    ERASED_AHEAD = 100000,
};
_Static_assert(SHARED_SLOT == 117, "as SQL_KEYS_PUT of postgres_statements.def has it");

static void slot_place(uint32_t at, uint64_t id, uint8_t out[SHARED_PLACE])
{
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(at >> (24 - 8 * i));
    bytes_put_eight(out + 4, id);
}

/* Adds the slot to the blob in the database's form; `id` 0: the key is gone. */
static void blob_add(struct batches_rows *store, uint32_t at, uint64_t id, const uint8_t slot[KEYS_SLOT])
{
    struct writer *blob = &store->shared.blob;
    uint8_t *to = bytes_room(&blob->bytes, &blob->capacity, blob->length, SHARED_SLOT);
    slot_place(at, id, to);
    to[SHARED_PLACE] = id != 0;
    memset(to + SHARED_PLACE + 1, 0, SHARED_SEALED);
    if (id != 0)
        keys_seal(store->keys, KEYS_KEY, (struct span){to, SHARED_PLACE}, (struct span){slot, KEYS_SLOT},
                  to + SHARED_PLACE + 1);
    blob->length += SHARED_SLOT;
}

static struct span blob_span(const struct batches_rows *store)
{
    return (struct span){store->shared.blob.bytes, (uint32_t)store->shared.blob.length};
}

static void told_room(struct rows_keys *shared, uint32_t count)
{
    if (count <= shared->count) return;
    shared->told = memory_grown(shared->told, count, sizeof *shared->told);
    memset(shared->told + shared->count, 0, (count - shared->count) * sizeof *shared->told);
    shared->count = count;
}

/* Adds the slot to the blob if the database has another key for it. */
static void slot_tell(struct batches_rows *store, uint32_t at)
{
    uint8_t slot[KEYS_SLOT];
    uint64_t id = keys_slot(store->keys, at, slot);
    told_room(&store->shared, at + 1);
    if (store->shared.told[at] != id) {
        blob_add(store, at, id, slot);
        store->shared.told[at] = id;
    }
    sodium_memzero(slot, sizeof slot);
}

struct span rows_keys_new(struct batches_rows *store)
{
    uint32_t slots[64], count;
    writer_clear(&store->shared.blob);
    if (!store->keys) return (struct span){0};
    while ((count = keys_given(store->keys, slots, sizeof slots / sizeof *slots)) > 0)
        for (uint32_t i = 0; i < count; i++) slot_tell(store, slots[i]);
    return blob_span(store);
}

/* Reads the ids that the database has; once per process, and again if it is unknown whether slots that were sent
 * have arrived. */
static bool slots_told_read(struct batches_rows *store, struct error *error)
{
    struct line_values values = rows_values(store);
    if (store->shared.known) return true;
    keys_given(store->keys, NULL, 0); /* slots given are noted from now on */
    if (rows_ask(store, ASK_keys_known, &values, error) != LINE_DONE) return false;
    if (store->shared.count > 0) memset(store->shared.told, 0, store->shared.count * sizeof *store->shared.told);
    for (int i = 0; i < postgres_line_rows(store->line); i++) {
        uint64_t at = postgres_line_number(store->line, i, 0);
        struct span id = postgres_line_bytes(store->line, i, 1);
        if (at >= UINT32_MAX || id.length != 8) continue;
        told_room(&store->shared, (uint32_t)at + 1);
        store->shared.told[at] = bytes_get_eight(id.bytes);
    }
    store->shared.known = true;
    return true;
}

/* Writes the blob's slots; if they were written already, the result is the same. */
static bool blob_put(struct batches_rows *store, struct error *error)
{
    static const struct span none = {(const uint8_t *)"", 0};
    struct line_values values = rows_values(store);
    if (store->shared.blob.length == 0) return true;
    line_number(&values, store->last + 1);
    line_number(&values, store->term);
    rows_session(store, &values);
    for (int i = 0; i < 2; i++) line_bytes(&values, none);
    line_bytes(&values, blob_span(store));
    bool good = rows_ask(store, ASK_keys_put_level, &values, error) == LINE_DONE;
    if (!good) store->shared.known = false; /* it is unknown which slots the database has */
    writer_clear(&store->shared.blob);
    return good;
}

static bool head_tell(struct batches_rows *store, struct error *error)
{
    uint8_t head[KEYS_HEAD];
    struct line_values values = rows_values(store);
    if (!keys_head(store->keys, head, error)) return false;
    line_number(&values, store->last + 1);
    line_number(&values, store->term);
    line_bytes(&values, (struct span){head, sizeof head});
    rows_session(store, &values);
    return rows_ask(store, ASK_head_put, &values, error) == LINE_DONE;
}

bool rows_keys_level(struct batches_rows *store, struct error *error)
{
    if (!store->keys) return true;
    if (!head_tell(store, error) || !slots_told_read(store, error)) return false;
    uint32_t count = keys_slots(store->keys);
    if (count < store->shared.count) count = store->shared.count;
    writer_clear(&store->shared.blob);
    for (uint32_t at = 0; at < count; at++) {
        slot_tell(store, at);
        if (store->shared.blob.length >= SHARED_MOST * SHARED_SLOT && !blob_put(store, error)) return false;
    }
    return blob_put(store, error);
}

/* ---- erasing keys while another process leads ---- */

/* Empties a key's row, and marks it with a batch far ahead, so that every follower gets the change with the next batch
 * it reads. A change of term waits for this statement, or makes it fail. The statement does not wait for copies,
 * because a change of term waits for the statement. */
static bool key_row_empty(struct batches_rows *store, uint32_t at, struct error *error)
{
    uint8_t id[8];
    struct line_values values = rows_values(store);
    bytes_put_eight(id, store->shared.told[at]);
    line_number(&values, store->term);
    line_number(&values, at);
    line_bytes(&values, (struct span){id, sizeof id});
    line_number(&values, ERASED_AHEAD);
    return rows_ask(store, ASK_key_empty, &values, error) == LINE_DONE;
}

/* Makes a commit and waits for the copies: when the copies have this commit, they have the earlier ones, too. */
static bool keys_empty_prove(struct batches_rows *store, struct error *error)
{
    struct line_values values = rows_values(store), led = rows_values(store);
    line_number(&led, store->term);
    if (rows_ask(store, ASK_term_is, &led, error) != LINE_DONE) return false;
    if (postgres_line_rows(store->line) != 1 || postgres_line_number(store->line, 0, 0) != 1)
        return error_set(error, ERROR_STATE, "another gcxvm leads the journal since, and has its keys");
    enum line_outcome outcome = rows_ask(store, ASK_head_prove, &values, error);
    return outcome == LINE_DONE ||
           (outcome == LINE_WARNED &&
            error_set(error, ERROR_SYSTEM, "it is not known whether the copies of the database have it"));
}

bool postgres_term(const struct journal_place *place, const uint8_t id[POSTGRES_ID], uint64_t *term, bool *led,
                   struct error *error)
{
    struct batches_rows *store = rows_new(place, true, id, error);
    struct rows_led found = {0};
    struct span node;
    bool good = store && rows_up(store, error) == LINE_DONE && batches_know_domain(store, &node, error) == LINE_DONE &&
                rows_led(store, &found, error) == LINE_DONE;
    if (good) *term = found.term;
    if (good) *led = found.led;
    if (store) postgres_close(store);
    return good;
}

bool postgres_keys_erase(const char *state, const struct journal_place *place, const uint8_t id[POSTGRES_ID],
                         uint64_t term, struct error *error)
{
    struct span node;
    struct batches_rows *store = rows_new(place, true, id, error);
    if (!store) return false;
    bool good = folder_follow(&store->own, state, error) && rows_up(store, error) == LINE_DONE &&
                batches_know_domain(store, &node, error) == LINE_DONE;
    store->keys = folder_keys(&store->own);
    store->term = term;
    if (store->keys) {
        good = good && slots_told_read(store, error);
        for (uint32_t at = 0; good && at < store->shared.count; at++)
            if (store->shared.told[at] != 0 && keys_erased(store->keys, at, store->shared.told[at]))
                good = key_row_empty(store, at, error);
        good = good && rows_snapshots_forget(store, state, error) && keys_empty_prove(store, error);
    }
    keys_close(store->keys);
    postgres_close(store);
    return good;
}

/* ---- at the follower ---- */

static bool slot_from_row(struct batches_rows *store, int row, struct error *error)
{
    uint64_t at = postgres_line_number(store->line, row, 0);
    struct span id = postgres_line_bytes(store->line, row, 1), sealed = postgres_line_bytes(store->line, row, 2);
    uint8_t place[SHARED_PLACE], slot[KEYS_SLOT], own[KEYS_SLOT];
    bool good = at < UINT32_MAX && id.length == 8 && (sealed.length == 0 || sealed.length == SHARED_SEALED);
    if (good) slot_place((uint32_t)at, bytes_get_eight(id.bytes), place);
    if (!good ||
        (sealed.length > 0 && !keys_unseal(store->keys, KEYS_KEY, (struct span){place, sizeof place}, sealed, slot)))
        return error_set(error, ERROR_INPUT, "a key in the database was altered, or STATE/keys is of another journal");
    /* The local `last` is kept; and a key erased here stays erased, even if the process that erased it ended before
     * the database knew. */
    good = (sealed.length > 0 && (keys_slot(store->keys, (uint32_t)at, own) == bytes_get_eight(id.bytes) ||
                                  keys_erased(store->keys, (uint32_t)at, bytes_get_eight(id.bytes)))) ||
           keys_put(store->keys, (uint32_t)at, sealed.length > 0 ? slot : NULL, error);
    sodium_memzero(slot, sizeof slot);
    sodium_memzero(own, sizeof own);
    return good;
}

bool rows_keys_take(struct batches_rows *store, uint64_t since, struct error *error)
{
    struct line_values values = rows_values(store);
    if (!store->keys) return true;
    line_number(&values, since);
    if (rows_ask(store, ASK_keys_get, &values, error) != LINE_DONE) return false;
    for (int i = 0; i < postgres_line_rows(store->line); i++)
        if (!slot_from_row(store, i, error)) return false;
    return keys_settle(store->keys, error);
}

bool rows_keys_begin(struct batches_rows *store, const char *state, const char *key_file, struct error *error)
{
    bool fresh = !keys_are_there(state), made;
    struct error why = {0};
    struct line_values values = rows_values(store);
    enum line_outcome outcome = rows_ask(store, ASK_head_get, &values, error);
    bool older = outcome == LINE_REFUSED && strcmp(postgres_line_code(store->line), "42P01") == 0;
    if (older || (outcome == LINE_DONE && postgres_line_rows(store->line) == 0))
        return error_set(error, ERROR_STATE,
                         "the keys of the journal are not in the database: no gcxvm leads, or an "
                         "older one does");
    if (outcome != LINE_DONE) return false;
    struct span head = postgres_line_bytes(store->line, 0, 0);
    if (head.length != KEYS_HEAD) return error_set(error, ERROR_INPUT, "the keys in the database were altered");
    if (!keys_make_of(state, head.bytes, error)) return false;
    if (!fresh || !key_file || keys_make(state, key_file, NULL, &made, &why) || why.code != ERROR_DENIED) return true;
    return keys_unmake(state, error) &&
           error_set(error, ERROR_DENIED,
                     "the journal in the database is of another site: name the right database in `journal`, or this "
                     "site's key in `key_file`");
}
