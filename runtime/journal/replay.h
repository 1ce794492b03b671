/* runtime/journal/replay.h - Reading a journal back into a core.
 *
 * Every batch is checked before it is applied: whole and unaltered, the next of the chain, of this semantics number,
 * and made by a core whose digest was what this one's is now. A divergence is found at the batch where it happens. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/journal/batches.h"
#include "runtime/vocabulary/rows.h"

/* The end of the journal, where the next batch goes on. */
struct journal_head {
    uint64_t number, time_us, epoch;
    uint8_t previous[CORE_HASH];
    uint8_t first[CORE_HASH]; /* hash of batch 1, which tells this journal from others */
    int64_t clock_offset;     /* wall clock less logical time, by the last event Clock */
    uint64_t events;
    uint64_t hidden; /* keys of secrets that the replay has found erased so far. From the first one on the core knows
                        less than the one that wrote the journal, and digests say nothing */
    /* About the last leader: the boot of the machine on which it ran, and its logical time less the monotonic clock. */
    char boot[NAME_MAX_BYTES + 1];
    int64_t origin;
};

/* Makes the `previous` of batch 1, which holds what belongs to the journal from its birth: seed and bound of
 * interactions. */
void journal_birth(const struct core_options *, uint8_t previous[CORE_HASH]);
/* Reads seed and bound of interactions from the store into the options; an empty store leaves these as they are. */
bool journal_options(struct batches *, struct core_options *, struct error *);

/* Makes the head of an empty journal, before the first batch. */
void journal_begin(const struct core_options *, struct journal_head *);
/* The calls of somebody who watches while a batch is applied. */
struct journal_watch {
    void *self;
    void (*batch)(void *self, const struct batch *); /* the batch is good, and is applied next */
    struct effect_sink sink;                         /* gets the batch's effects, which nobody performs again */
};
/* Applies the batch that follows the head, which the store has. `watch` NULL: nobody looks on. */
bool journal_next(struct batches *, const struct core_options *, struct core *, struct journal_head *,
                  const struct journal_watch *watch, struct error *);
