/* runtime/journal/snapshots.h - The snapshots of a state folder: lists them, makes a new one, and decides which are
 * kept.
 *
 * Snapshots are in STATE/snapshots, each under the number of the batch after which it was cut. A file gets such a name
 * only when a second core was loaded from it and equals the first; until then it is called "new". So whenever the
 * writing process is killed, the folder has either the old snapshots or the new ones.
 *
 * The two newest good ones are kept. Batches below a snapshot that is older than the retention period, and that no
 * reader still needs (readers.h), may be pruned; that snapshot and a few between it and the newest are kept too, so
 * that the journal can be replayed from its beginning. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/core/core.h"
#include "runtime/journal/snapshot_file.h"
#include "base/error.h"

#define SNAPSHOTS_FOR_EVER UINT64_MAX /* a retention period without end: no batch may be pruned */

enum { SNAPSHOTS_MAX = 32, SNAPSHOT_PATH = 4096, SNAPSHOTS_WHY = 160 };

struct snapshot_row {
    uint64_t number, bytes;
    char path[SNAPSHOT_PATH];
};

/* Lists the snapshots of the folder, the newest first; returns how many. */
size_t snapshots_list(const char *state, struct snapshot_row rows[SNAPSHOTS_MAX]);

/* Writes the path of the snapshot of that batch, whether it exists or not. */
void snapshots_path(const char *state, uint64_t number, char path[SNAPSHOT_PATH]);

/* Renames the snapshots that were cut after batch `last`, when the journal has lost its later batches, so that they
 * are no longer used. Returns how many. */
size_t snapshots_set_aside(const char *state, uint64_t last);

/* Loads a core from the snapshot. Sets the options' seed, bound of interactions, and partition if that is 0, to
 * those of the snapshot. A snapshot of an earlier semantics number is converted to the present one. NULL with the
 * reason: the snapshot is damaged, or of another partition or version. */
struct core *snapshot_load(const char *path, struct core_options *, struct snapshot_head *, struct error *);

/* A snapshot that is being made. While it is being made, no other process can make one. */
struct cutting;
struct cutting *snapshot_cut_begin(const char *state, struct error *);
/* Writes the core's state; the core must have applied the batch of the head. */
bool snapshot_cut_write(struct cutting *, struct core *, const struct core_options *, const struct journal_head *,
                        struct error *);
/* Loads a second core from the written file and compares both cores. */
bool snapshot_cut_verify(struct cutting *, const struct core_options *, struct error *);
/* Gives the snapshot its name, so that it is used from now on. Removes the snapshots that are no longer needed by
 * the retention period. */
bool snapshot_cut_end(struct cutting *, uint64_t period_us, struct error *);
void snapshot_cut_free(struct cutting *); /* ends the cutting; without snapshot_cut_end before, no snapshot is made */

/* Return head and size of the written file. */
const struct snapshot_head *snapshot_cut_head(const struct cutting *);
uint64_t snapshot_cut_bytes(const struct cutting *);
/* After snapshot_cut_end: returns the batch below which batches may be pruned; 0: none may be. */
uint64_t snapshot_cut_below(const struct cutting *);
const char *snapshot_cut_rest(const struct cutting *); /* why the later batches are kept */

/* Makes a snapshot: begins, writes, verifies and ends it. */
bool snapshots_cut(const char *state, struct core *, const struct core_options *, const struct journal_head *,
                   uint64_t period_us, struct error *);
/* Removes the snapshots that are no longer needed by that period, as snapshot_cut_end does, for a caller that has
 * begun a snapshot and cannot end it. Returns the batch below which batches may be pruned; 0: none may be. `rest`,
 * which may be NULL: why later batches are kept. */
uint64_t snapshots_remove_old(const char *state, uint64_t period_us, char rest[SNAPSHOTS_WHY]);

/* Removes snapshots cut at batch `from` or later, because they contain data of a person who is to be forgotten; but
 * not the two newest good ones, which a start needs, nor those needed to replay the whole journal, which begins at
 * batch `first`. Returns how many were removed; `left`: the ones that stay. Call this while a snapshot is being
 * made. */
size_t snapshots_forget(const char *state, uint64_t from, uint64_t first, struct snapshot_row left[SNAPSHOTS_MAX],
                        size_t *left_count);
