/* runtime/journal/replay.h - Applies the batches of a journal to a core.
 *
 * Every batch is checked before it is applied: it must be whole and unaltered, the next of the chain, of this
 * semantics number, and made by a core with the same digest as this one. So a divergence is noticed at the batch
 * where it happens. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/journal/batches.h"
#include "runtime/vocabulary/rows.h"

/* A position in the journal, after which the next batch comes. */
struct journal_head {
    uint64_t number, time_us, epoch;
    uint8_t previous[CORE_HASH];
    uint8_t first[CORE_HASH]; /* hash of batch 1, which identifies this journal */
    int64_t clock_offset;     /* wall clock minus logical time, from the last event Clock */
    uint64_t events;
    uint64_t hidden; /* how many erased keys of secrets the replay has met. After the first one the core knows less
                      * than the one that wrote the journal, and digests cannot be compared */
    /* About the last leader: boot id of its machine, and its logical time minus the monotonic clock. */
    char boot[NAME_MAX_BYTES + 1];
    int64_t origin;
};

/* Makes the `previous` of batch 1, which contains what is fixed for the journal: seed and bound of interactions. */
void journal_birth(const struct core_options *, uint8_t previous[CORE_HASH]);
/* Reads seed and bound of interactions from the store into the options; an empty store does not change them. */
bool journal_options(struct batches *, struct core_options *, struct error *);

/* Makes the head of an empty journal, before the first batch. */
void journal_begin(const struct core_options *, struct journal_head *);
/* Callbacks for an observer of the batches being applied. */
struct journal_watch {
    void *self;
    void (*batch)(void *self, const struct batch *); /* called when the batch is checked, before it is applied */
    struct effect_sink sink;                         /* gets the batch's effects, which are not carried out again */
};
/* Applies the batch after the head from the store. `watch` NULL: no observer. */
bool journal_next(struct batches *, const struct core_options *, struct core *, struct journal_head *,
                  const struct journal_watch *watch, struct error *);
