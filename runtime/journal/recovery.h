/* runtime/journal/recovery.h - A core at the end of a journal: from a snapshot and the batches after it, or from the
 * beginning.
 *
 * A snapshot that is damaged, belongs to another journal, or from which the batches after it do not follow, is passed
 * over for the one before, and that is told. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/journal/crashes.h"
#include "runtime/journal/replay.h"
#include "runtime/journal/batches.h"

struct recovery {
    struct batches *store;
    const char *state;         /* the folder with the snapshots; NULL: there are none */
    struct batches_watch told; /* of what is passed over; may be empty */
    struct crashes *crashes;   /* NULL: nobody counts what crashes */
    struct core_options *core; /* seed, bound of interactions, and the partition where it is 0, are the journal's */
    /* The outcome. */
    uint64_t snapshot; /* the batch of the one that was loaded; 0: from the beginning */
    uint64_t applied;  /* batches after it */
};

/* Which journal is it? Partition, seed and bound into the options, the hash of batch 1 to `first`. False: it is empty
 * (ERROR_UNKNOWN), or nothing good says so. */
bool journal_identity(struct recovery *, uint8_t first[CORE_HASH], struct error *);

/* A core after the newest snapshot at or before batch `last`, or before batch 1, to be taken further by journal_next.
 * NULL: the beginning was pruned, and no snapshot is good. */
struct core *journal_start(struct recovery *, uint64_t last, struct journal_head *, struct error *);

/* A core from which all that the journal still has can be replayed: before batch 1, or after the oldest snapshot; where
 * the journal was taken over from another semantics number, after the snapshot that was the bridge. */
struct core *journal_earliest(struct recovery *, struct journal_head *, struct error *);

/* A core after the last batch of all. */
struct core *journal_recover(struct recovery *, struct journal_head *, struct error *);
