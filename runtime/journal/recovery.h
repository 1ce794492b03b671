/* runtime/journal/recovery.h - Makes a core with the state at the end of a journal: from a snapshot and the batches
 * after it, or from the beginning.
 *
 * A snapshot that is damaged, belongs to another journal, or does not fit the batches after it is passed over for an
 * older one, and that is reported. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/journal/crashes.h"
#include "runtime/journal/replay.h"
#include "runtime/journal/batches.h"

struct recovery {
    struct batches *store;
    const char *state;         /* the folder with the snapshots; NULL: no snapshots */
    struct batches_watch told; /* gets messages about snapshots that are passed over; may be empty */
    struct crashes *crashes;   /* NULL: crashes are not counted */
    struct core_options *core; /* seed, bound of interactions, and a partition of 0 are replaced by the journal's */
    /* The outcome. */
    uint64_t snapshot; /* the batch of the snapshot loaded; 0: none */
    uint64_t applied;  /* how many batches were applied after the snapshot */
};

/* Identifies the journal: writes partition, seed and bound into the options, and the hash of batch 1 to `first`.
 * False: the journal is empty (ERROR_UNKNOWN), or neither its first batch nor a good snapshot identifies it. */
bool journal_identity(struct recovery *, uint8_t first[CORE_HASH], struct error *);

/* Makes a core from the newest snapshot at or before batch `last`, or an empty core before batch 1; journal_next
 * then applies batches. NULL: the beginning of the journal was pruned, and no snapshot is good. */
struct core *journal_start(struct recovery *, uint64_t last, struct journal_head *, struct error *);

/* Makes a core from which everything the journal still has can be replayed: before batch 1, or after the oldest
 * snapshot; if the journal was taken over from another semantics number, after the snapshot made at that point. */
struct core *journal_earliest(struct recovery *, struct journal_head *, struct error *);

/* Makes a core that has applied the journal's last batch. */
struct core *journal_recover(struct recovery *, struct journal_head *, struct error *);
