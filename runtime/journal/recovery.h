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
    struct batches_watch told; /* is told which snapshots are passed over; may be empty */
    struct crashes *crashes;   /* NULL: nobody counts what crashes */
    struct core_options *core; /* seed and bound of interactions, and a partition of 0, become the journal's */
    /* The outcome. */
    uint64_t snapshot; /* the batch of the snapshot that was loaded; 0: none was */
    uint64_t applied;  /* how many batches were applied after it */
};

/* Finds which journal it is: writes partition, seed and bound into the options, the hash of batch 1 to `first`. False:
 * the journal is empty (ERROR_UNKNOWN), or neither its first batch nor a good snapshot tells. */
bool journal_identity(struct recovery *, uint8_t first[CORE_HASH], struct error *);

/* Makes a core from the newest snapshot at or before batch `last`, or an empty one before batch 1, which journal_next
 * takes further. NULL: the beginning was pruned, and no snapshot is good. */
struct core *journal_start(struct recovery *, uint64_t last, struct journal_head *, struct error *);

/* Makes a core from which all that the journal still has can be replayed: before batch 1, or after the oldest snapshot;
 * where the journal was taken over from another semantics number, after the snapshot that was the bridge. */
struct core *journal_earliest(struct recovery *, struct journal_head *, struct error *);

/* Makes a core that has applied the journal's last batch. */
struct core *journal_recover(struct recovery *, struct journal_head *, struct error *);
