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
    int64_t clock_offset;     /* wall clock less logical time, as the last Clock said */
    uint64_t events;
    uint64_t hidden; /* since where the replay began: keys of secrets that were erased. From then on the core knows less
                        than the one that wrote the journal, and digests say nothing */
    /* About the last leader: the run of the machine that it lived in, and its logical time less the monotonic clock. */
    char boot[NAME_MAX_BYTES + 1];
    int64_t origin;
};

/* The `previous` of batch 1 holds what is the journal's from its birth: seed and bound of interactions. */
void journal_birth(const struct core_options *, uint8_t previous[CORE_HASH]);
/* Puts them into the options; an empty store leaves those as they are. */
bool journal_options(struct batches *, struct core_options *, struct error *);

/* The head before the first batch. */
void journal_begin(const struct core_options *, struct journal_head *);
/* Somebody looks on while a batch is applied. */
struct journal_watch {
    void *self;
    void (*batch)(void *self, const struct batch *); /* it is good, and is applied next */
    struct effect_sink sink;                         /* gets the effects, which nobody performs again */
};
/* Applies the batch that follows the head, which the store has. `watch` NULL: nobody looks on. */
bool journal_next(struct batches *, const struct core_options *, struct core *, struct journal_head *,
                  const struct journal_watch *watch, struct error *);
