/* tests/proving/proving_store.c - The simulated place of batches: a disk that loses what was not synced, or a server of
 * which several write.
 *
 * A row's key is its batch's number. A process that appends another batch under a number already written is deposed. A
 * process that repeats its own append succeeds, as long as nobody else has taken the lead. A row that a loss of power
 * has cut off is removed when a process opens the store.
 *
 * The leader's row has its term, session and lease. A process leads while the row has the term that the process knows
 * and the process's session. A take changes the row from the term that was read, together with the first batch of the
 * next term; if the term is another one by then, the take changes nothing.
 *
 * These tables and kinds of answers of the real database are in the model, or not (tests/checks/proving.sh compares):
 *
 *     has: gcx_domain (term, session, lease_ms, seen), gcx_batch, LINE_DONE
 *     has: LINE_LOST, of an append and of a take: the row is there, comes later, or never
 *     has: LINE_WARNED, as an append that waits for copies and is committed, or gone when one of them leads
 *     has: LINE_REFUSED, of an append and a look, which end the process, and of a take, which is tried again
 *     leaves out: gcx_member (for people), gcx_file, gcx_key, gcx_image, gcx_passed (tests/unit/journal_*.c have them)
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/journal/batch.h"
#include "runtime/journal/batches_kind.h"
#include "tests/proving/proving_state.h"
#include "base/memory.h"

struct handle {
    struct proving_store *store;
    struct proving_lead *lead; /* the process's own */
};

static bool store_is_led(const struct proving_store *store, const struct proving_lead *by)
{
    return store->lead.term == by->term && store->lead.session == by->session;
}

/* The next term begins. */
static void store_lead_changes(struct proving_store *store, const struct proving_lead *by)
{
    uint64_t term = store->lead.term + 1;
    store->lead = *by;
    store->lead.term = term;
    store->signed_us = *store->now_us;
}

static bool store_denies(struct proving_store *store, enum proving_denied question, struct error *error)
{
    if (store->denied != question) return false;
    store->denied = DENIED_NOTHING;
    error_set(error, ERROR_UNAVAILABLE, "the database has refused it");
    return true;
}

static void proving_store_put(struct proving_store *store, unsigned writer, struct span batch, uint32_t length)
{
    store->rows = memory_more(store->rows, store->count, sizeof *store->rows);
    struct proving_row *row = &store->rows[store->count++];
    *row = (struct proving_row){.bytes = memory_grown(NULL, batch.length, 1), .length = length, .writer = writer};
    memcpy(row->bytes, batch.bytes, batch.length);
}

unsigned proving_store_writer(const struct proving_store *store, uint64_t number)
{
    return number > 0 && number <= store->count ? store->rows[number - 1].writer : 0;
}

void proving_store_arrives(struct proving_store *store, const struct proving_put *put)
{
    bool may = put->takes ? store->lead.term == put->lead.term : store_is_led(store, &put->lead);
    may = may && put->number == store->count + 1 && !proving_store_stalls(store);
    if (put->takes && (may || store->lie == LIES_ANY_TERM)) store_lead_changes(store, &put->lead);
    if (!may) return;
    proving_store_put(store, put->lead.writer, put->batch, put->batch.length);
    store->synced = store->count;
    store->signed_us = *store->now_us;
}

uint32_t proving_store_keeps(struct proving_store *store, const struct proving_put *put)
{
    uint8_t *bytes = memory_grown(NULL, put->batch.length, 1);
    memcpy(bytes, put->batch.bytes, put->batch.length);
    store->letters = memory_more(store->letters, store->letter_count, sizeof *store->letters);
    store->letters[store->letter_count] = *put;
    store->letters[store->letter_count].batch.bytes = bytes;
    return store->letter_count++;
}

bool proving_store_is_torn(const struct proving_store *store)
{
    return store->count > 0 && proving_store_writer(store, store->count) != store->lead.writer;
}

static enum append_result store_append(void *self, uint64_t number, struct span batch, bool *gave_up,
                                       struct error *error)
{
    struct handle *handle = self;
    struct proving_store *store = handle->store;
    (void)gave_up;
    unsigned writer = handle->lead->writer;
    if (store_denies(store, DENIED_APPEND, error)) return store->lie == LIES_DENIED ? APPEND_OK : APPEND_UNKNOWN;
    bool leads = store_is_led(store, handle->lead);
    if (leads && number <= store->count && proving_store_writer(store, number) == writer) return APPEND_OK;
    if ((!leads || number <= store->count) && store->lie != LIES_UNFENCED) {
        error_set(error, ERROR_STATE, "another has written batch %" PRIu64, number);
        return APPEND_DEPOSED;
    }
    if (number > store->count + 1) {
        error_set(error, ERROR_INPUT, "the database has lost a batch that was acknowledged");
        return APPEND_DEPOSED;
    }
    if (*store->now_us < store->full_until_us) {
        error_set(error, ERROR_SYSTEM, "the disk is full");
        return APPEND_UNKNOWN;
    }
    if (store->tears) {
        store->tears = false;
        proving_store_put(store, writer, batch, (uint32_t)(batch.length / 2 + number % (batch.length / 2)));
        store->synced = store->count;
        return APPEND_UNKNOWN;
    }
    if (store->fate != FATES && store->alone) {
        bool there = store->fate == FATE_THERE;
        store->fate = FATES;
        error_set(error, ERROR_SYSTEM, "the disk has refused it");
        if (!there) return APPEND_UNKNOWN;
        proving_store_put(store, writer, batch, batch.length);
        store->synced = store->count;
        return APPEND_UNKNOWN;
    }
    if (number <= store->count) return APPEND_OK; /* with LIES_UNFENCED: the row of the other process stays */
    proving_store_put(store, writer, batch, batch.length);
    if (store->lie != LIES_SYNCED || number % 8 != 0) store->synced = store->count;
    store->signed_us = *store->now_us;
    return APPEND_OK;
}

/* Takes the lead with `batch` as the first row of the next term. */
static enum append_result proving_store_take(void *self, uint64_t number, struct span batch, struct error *error)
{
    struct handle *handle = self;
    struct proving_store *store = handle->store;
    if (number <= store->count) {
        error_set(error, ERROR_STATE, "another has written batch %" PRIu64, number);
        return APPEND_DEPOSED;
    }
    if (proving_store_stalls(store)) {
        error_set(error, ERROR_SYSTEM, "the database waits for its copies");
        return APPEND_UNKNOWN;
    }
    if (store_denies(store, DENIED_TAKE, error)) return APPEND_UNKNOWN;
    enum proving_fate fate = store->fate;
    const struct proving_put put = {.lead = *handle->lead, .takes = true, .number = number, .batch = batch};
    store->fate = FATES;
    if (fate == FATE_LATER) proving_store_keeps(store, &put);
    if (fate == FATES || fate == FATE_THERE) proving_store_arrives(store, &put);
    if (fate == FATES) handle->lead->term++;
    return fate == FATES ? APPEND_OK : APPEND_UNKNOWN;
}

static void proving_store_sign(void *self, struct batches_sign *sign)
{
    const struct proving_store *store = ((struct handle *)self)->store;
    const struct proving_lead *own = ((struct handle *)self)->lead, *lead = &store->lead;
    *sign = (struct batches_sign){.term = lead->term,
                                  .seen = store->beats,
                                  .last = store->count,
                                  .lease_us = store->lie == LIES_LEASELESS ? 0 : lead->lease_us,
                                  .ours = lead->session == own->session && store->lie != LIES_UNOWNED};
}

static void proving_store_hear(void *self, unsigned within_ms)
{
    (void)self, (void)within_ms; /* nothing to wait for: the proving ground calls each follower itself */
}

static bool proving_store_beat(void *self, bool *deposed)
{
    const struct handle *handle = self;
    struct proving_store *store = handle->store;
    if (store->away) return false;
    *deposed = !store_is_led(store, handle->lead) && store->lie != LIES_UNFENCED;
    if (*deposed) return false;
    store->beats++;
    store->signed_us = *store->now_us;
    return true;
}

static bool proving_store_read(void *self, uint64_t number, struct span *batch, struct error *error)
{
    const struct proving_store *store = ((struct handle *)self)->store;
    if (number == 0 || number > store->count) return error_set(error, ERROR_UNKNOWN, "there is no such batch");
    *batch = (struct span){store->rows[number - 1].bytes, store->rows[number - 1].length};
    return true;
}

static bool store_get_image(void *self, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    (void)self, (void)hash, (void)bytes;
    return error_set(error, ERROR_UNKNOWN, "images are not here");
}

static bool proving_store_look(void *self, uint64_t *first, uint64_t *last, struct error *error)
{
    const struct handle *handle = self;
    struct proving_store *store = handle->store;
    if (store->away) return error_set(error, ERROR_SYSTEM, "the network is cut");
    if (store_denies(store, DENIED_LOOK, error)) return false;
    handle->lead->term = store->lead.term;
    *first = store->count > 0;
    *last = store->count;
    return true;
}

static void proving_store_close(void *self)
{
    free(self);
}

/* Removes rows at the end that contain no whole batch, since a loss of power has cut them off. */
static void store_cut(struct proving_store *store)
{
    struct batch batch;
    uint8_t hash[CORE_HASH];
    while (store->count > 0) {
        struct proving_row *last = &store->rows[store->count - 1];
        if (batch_decode(&batch, (struct span){last->bytes, last->length}, hash, NULL)) break;
        free(last->bytes);
        store->count--;
    }
    if (store->synced > store->count) store->synced = store->count;
}

struct batches *proving_store_open(struct proving_store *store, struct proving_lead *lead, bool begins)
{
    static const struct batches_kind kind = {.append = store_append,
                                             .read = proving_store_read,
                                             .get_image = store_get_image,
                                             .look = proving_store_look,
                                             .take = proving_store_take,
                                             .sign = proving_store_sign,
                                             .hear = proving_store_hear,
                                             .beat = proving_store_beat,
                                             .close = proving_store_close};
    struct handle *handle = memory_zeroed(1, sizeof *handle);
    store_cut(store);
    *handle = (struct handle){store, lead};
    lead->term = store->lead.term;
    if (begins) {
        store_lead_changes(store, lead);
        lead->term++;
    }
    return batches_new(&kind, handle, store->count > 0, store->count, NULL);
}

void proving_store_falls(struct proving_store *store)
{
    while (store->count > store->synced) free(store->rows[--store->count].bytes);
}

bool proving_store_stalls(const struct proving_store *store)
{
    return *store->now_us < store->stalled_until_us;
}

void proving_store_copies(struct proving_store *store)
{
    if (proving_store_stalls(store)) return; /* they stall anew */
    if (store->fails_over)
        while (store->count > store->copied) free(store->rows[--store->count].bytes);
    if (store->synced > store->count) store->synced = store->count;
    store->fails_over = false;
}

void proving_store_free(struct proving_store *store)
{
    for (uint64_t i = 0; i < store->count; i++) free(store->rows[i].bytes);
    free(store->rows);
    for (uint32_t i = 0; i < store->letter_count; i++) free((uint8_t *)store->letters[i].batch.bytes);
    free(store->letters);
}
