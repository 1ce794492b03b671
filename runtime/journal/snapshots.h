/* runtime/journal/snapshots.h - The snapshots of a state folder: which there are, a new one, and which are kept.
 *
 * They lie in STATE/snapshots, each under the number of the batch after which it was cut. A file has such a name only
 * once a second core was loaded from it and is the same as the first; until then it is called "new". So whenever the
 * writer is killed, the snapshots are those from before or those from after.
 *
 * The two newest good ones are kept. Batches below a snapshot that is older than the retention's period, and that no
 * reader still needs (readers.h), may go; it and
 * a few between it and the newest are kept too, so that the journal can be replayed from where it begins. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/core/core.h"
#include "runtime/journal/snapshot_file.h"
#include "base/error.h"

#define SNAPSHOTS_FOR_EVER UINT64_MAX /* as a period: no batch may go */

enum { SNAPSHOTS_MAX = 32, SNAPSHOT_PATH = 4096, SNAPSHOTS_WHY = 160 };

struct snapshot_row {
    uint64_t number, bytes;
    char path[SNAPSHOT_PATH];
};

/* Lists the snapshots of the folder, the newest first; returns how many. */
size_t snapshots_list(const char *state, struct snapshot_row rows[SNAPSHOTS_MAX]);

/* The path of the snapshot of that batch, whether it is there or not. */
void snapshots_path(const char *state, uint64_t number, char path[SNAPSHOT_PATH]);

/* Renames the snapshots that were cut after batch `last`, where the journal has lost what came after it, so that they
 * no longer count. Returns how many. */
size_t snapshots_set_aside(const char *state, uint64_t last);

/* Loads a core from the snapshot. The options' seed, bound of interactions, and partition where that is 0, become those
 * of the snapshot. A snapshot of an earlier semantics number is brought to this one's. NULL and why: the snapshot is
 * damaged, or of another partition or version. */
struct core *snapshot_load(const char *path, struct core_options *, struct snapshot_head *, struct error *);

/* A snapshot that is being made. Another process that wants to make one is refused meanwhile. */
struct cutting;
struct cutting *snapshot_cut_begin(const char *state, struct error *);
/* Writes the core, which has applied the batch of the head. */
bool snapshot_cut_write(struct cutting *, struct core *, const struct core_options *, const struct journal_head *,
                        struct error *);
/* Loads a second core from the file that was written and compares both. */
bool snapshot_cut_verify(struct cutting *, const struct core_options *, struct error *);
/* Gives the snapshot its name, so that it counts from now on. Removes the snapshots that nobody needs, by the period of
 * the retention. */
bool snapshot_cut_end(struct cutting *, uint64_t period_us, struct error *);
void snapshot_cut_free(struct cutting *); /* without snapshot_cut_end before, no snapshot has been made */

/* Head and bytes of the file that was written. */
const struct snapshot_head *snapshot_cut_head(const struct cutting *);
uint64_t snapshot_cut_bytes(const struct cutting *);
/* After snapshot_cut_end: returns the batch below which batches may be pruned; 0: none may. */
uint64_t snapshot_cut_below(const struct cutting *);
const char *snapshot_cut_rest(const struct cutting *); /* why the batches from there on stay */

/* Begins, writes, verifies and ends a snapshot at once. */
bool snapshots_cut(const char *state, struct core *, const struct core_options *, const struct journal_head *,
                   uint64_t period_us, struct error *);
/* Removes the snapshots that nobody needs by that period, as snapshot_cut_end does, for a caller that has begun a
 * snapshot and cannot end it. Returns the batch below which batches may be pruned; 0: none may. `rest`, which may be
 * NULL: why the others stay. */
uint64_t snapshots_remove_old(const char *state, uint64_t period_us, char rest[SNAPSHOTS_WHY]);

/* Removes snapshots that were cut at batch `from` or later, since they know somebody who is to be forgotten: but not
 * the two newest good ones, which a start needs, nor those that a replay of the whole journal, which begins at batch
 * `first`, needs. Returns how many were removed; `left`: those that stay. Called while a snapshot is being made. */
size_t snapshots_forget(const char *state, uint64_t from, uint64_t first, struct snapshot_row left[SNAPSHOTS_MAX],
                        size_t *left_count);
