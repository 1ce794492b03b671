/* runtime/twin/replayed.c - Opens a journal, and counts what a rival tells. */
#include "runtime/twin/replayed.h"

#include <stdlib.h>

#include "runtime/core/read/read.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/place.h"
#include "runtime/journal/snapshots.h"
#include "base/memory.h"

bool replayed_open(struct replayed *r, struct batches *store, const char *state, struct natives *natives,
                   struct error *why)
{
    uint8_t first[CORE_HASH];
    r->store = store;
    if (store && batches_last(store) == 0) error_set(why, ERROR_UNKNOWN, "it is empty");
    r->recovery = (struct recovery){.store = store, .state = state, .core = &r->options};
    r->images = images_new(store, natives_bind, natives);
    r->options.image = images_get;
    r->options.self = r->images;
    if (store && why->code == ERROR_NONE) (void)journal_identity(&r->recovery, first, why);
    return why->code == ERROR_NONE;
}

static bool replayed_last_time(const struct replayed *r, uint64_t *us, struct error *error)
{
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH];
    if (!batches_read(r->store, r->last, &bytes, error) || !batch_decode(&batch, bytes, hash, error)) return false;
    *us = batch.time_us;
    return true;
}

struct core *replayed_snapshot(struct replayed *r)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct snapshot_head head;
    struct error ignored = {0};
    struct core *core = NULL;
    for (size_t i = 0, count = snapshots_list(r->recovery.state, rows); i < count && !core; i++) {
        if (rows[i].number > r->last || !snapshot_head_read(rows[i].path, &head, NULL)) continue;
        if (head.journal.time_us >= r->since_us) continue;
        core = journal_start(&r->recovery, rows[i].number, &r->head, &ignored);
    }
    free(rows);
    return core;
}

bool replayed_start(struct replayed *r, const char *state, struct natives *natives, uint64_t back_us,
                    struct error *error)
{
    uint64_t end_us = 0;
    struct error why = {0};
    struct batches *store = place_follow(state, &why);
    if (store) r->last = batches_last(store);
    if (replayed_open(r, store, state, natives, &why)) (void)replayed_last_time(r, &end_us, &why);
    if (why.code == ERROR_NONE) {
        r->since_us = back_us == 0 || back_us > end_us ? 0 : end_us - back_us;
        r->present = r->since_us > 0 ? replayed_snapshot(r) : NULL;
        if (!r->present) r->present = journal_earliest(&r->recovery, &r->head, &why);
    }
    if (r->present) return true;
    return error_set(error, why.code, "the journal in %.200s cannot be read: %.300s", state, why.text);
}

static void replayed_on_outcome(void *self, const struct rival_outcome *outcome)
{
    struct replayed *r = self;
    if (outcome->arrived_us < r->since_us)
        r->before++;
    else
        tally_take(r->tally, outcome, core_wall(r->present) - (int64_t)core_time(r->present));
}

bool replayed_begin(struct replayed *r, struct rival_options options, struct error *error)
{
    options.options = &r->options;
    options.outcome = replayed_on_outcome;
    options.self = r;
    r->rival = rival_new(r->present, &options, error);
    return r->rival != NULL;
}

void replayed_count(struct replayed *r)
{
    r->tally->present_alone = rival_alone(r->rival, false);
    r->tally->candidate_alone = rival_alone(r->rival, true);
}

void replayed_end(struct replayed *r)
{
    if (r->rival) rival_end(r->rival);
}

void replayed_free(struct replayed *r)
{
    rival_free(r->rival);
    core_free(r->present);
    images_free(r->images);
    batches_close(r->store);
}
