/* runtime/journal/recovery.c - Chooses the snapshot from which the core recovers, and replays the batches after it.
 *
 * Recovery begins at the newest snapshot that is good and belongs to this journal, else at an older one, else at the
 * first batch. A snapshot that the next batches do not fit is dropped for an older one (journal_recover), so that a
 * wrong snapshot never costs batches. */
#include "runtime/journal/recovery.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/migration.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/reach.h"
#include "runtime/journal/snapshots.h"
#include "runtime/vocabulary/semantics.h"

static void recovery_tell(const struct recovery *recovery, const char *path, const char *why)
{
    char text[512];
    if (!recovery->told.note) return;
    snprintf(text, sizeof text, "snapshot %.200s is passed over: %s", path, why);
    recovery->told.note(recovery->told.self, text);
}

static size_t recovery_list(const struct recovery *recovery, struct snapshot_row **rows)
{
    *rows = calloc(SNAPSHOTS_MAX, sizeof **rows);
    if (!*rows) abort();
    return recovery->state ? snapshots_list(recovery->state, *rows) : 0;
}

static void recovery_phase(const struct recovery *recovery, enum crash_phase phase, uint64_t snapshot)
{
    if (recovery->crashes) crashes_phase(recovery->crashes, phase, snapshot);
}

/* Renames a snapshot that has crashed twice while loading, so that nobody loads it again. The renamed snapshot stays in
 * the folder for an analysis. */
static bool put_away(const struct recovery *recovery, const struct snapshot_row *row)
{
    char path[SNAPSHOT_PATH + 16];
    if (!recovery->crashes || !crashes_by_loading(recovery->crashes, row->number)) return false;
    snprintf(path, sizeof path, "%s.crashed", row->path);
    recovery_tell(recovery, row->path,
                  rename(row->path, path) == 0
                      ? "to load it has ended gcxvm twice; it has `.crashed` behind its name now"
                      : "to load it has ended gcxvm twice");
    return true;
}

/* Does the snapshot belong to this journal? The batch after which it was cut, or the one after that, must be in the
 * journal. */
static bool of_this_journal(struct batches *store, const struct snapshot_head *head, struct error *error)
{
    uint64_t number = head->journal.number;
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH];
    struct error why = {0};
    if (batches_read(store, number, &bytes, &why) && batch_decode(&batch, bytes, hash, NULL) &&
        memcmp(hash, head->journal.previous, CORE_HASH) == 0)
        return true;
    if (error && why.code != ERROR_NONE && why.code != ERROR_UNKNOWN)
        return error_set(error, why.code, "batch %" PRIu64 " of the journal: %.180s", number, why.text);
    return error_set(error, ERROR_STATE, "batch %" PRIu64 " of the journal is not the one after which it was cut",
                     number);
}

/* Reads seed and bounds of the core from the first batch, which has them in place of the hash of a batch before. */
static bool from_first(struct recovery *recovery, uint8_t first[CORE_HASH], struct error *error)
{
    struct span bytes;
    struct batch batch;
    if (!batches_read(recovery->store, 1, &bytes, error) || !batch_decode(&batch, bytes, first, error)) return false;
    if (recovery->core->partition == 0) recovery->core->partition = batch.partition;
    return journal_options(recovery->store, recovery->core, error);
}

bool journal_identity(struct recovery *recovery, uint8_t first[CORE_HASH], struct error *error)
{
    struct snapshot_row *rows;
    struct snapshot_head head;
    bool found = false;
    if (batches_last(recovery->store) == 0) return error_set(error, ERROR_UNKNOWN, "the journal is empty");
    if (batches_first(recovery->store) == 1) return from_first(recovery, first, error);
    size_t count = recovery_list(recovery, &rows);
    for (size_t i = 0; i < count && !found; i++)
        found = snapshot_head_read(rows[i].path, &head, NULL) && of_this_journal(recovery->store, &head, NULL);
    free(rows);
    if (!found)
        return error_set(error, ERROR_STATE,
                         "the journal begins at batch %" PRIu64 "; those before were pruned, and no snapshot is good",
                         batches_first(recovery->store));
    if (recovery->core->partition == 0) recovery->core->partition = head.partition;
    recovery->core->seed = head.seed;
    recovery->core->interactions_max = (uint32_t)head.interactions_max;
    memcpy(first, head.journal.first, CORE_HASH);
    return true;
}

/* Makes an empty core before batch 1, if no snapshot can be used. `why`: why the newest snapshot was passed over; code
 * ERROR_NONE: there was no snapshot. */
static struct core *from_beginning(struct recovery *recovery, uint64_t last, struct journal_head *head,
                                   const struct error *why, struct error *error)
{
    uint8_t first[CORE_HASH];
    uint64_t begins = batches_first(recovery->store);
    recovery->snapshot = 0;
    if (begins > 1) {
        error_set(error, why->code == ERROR_NONE ? ERROR_STATE : why->code,
                  "the journal begins at batch %" PRIu64 ", and no snapshot at or before batch %" PRIu64
                  " is good%s%.90s; put the snapshots of a backup into the state folder's `snapshots`",
                  begins, last, why->code == ERROR_NONE ? "" : ": ", why->text);
        return NULL;
    }
    if (begins == 1 && !from_first(recovery, first, error)) return NULL;
    journal_begin(recovery->core, head);
    return core_new(recovery->core);
}

/* Makes a core from the newest snapshot at or before `last` that is good and of this journal. Each snapshot passed
 * over is reported with the reason. */
struct core *journal_start(struct recovery *recovery, uint64_t last, struct journal_head *head, struct error *error)
{
    struct snapshot_row *rows;
    struct snapshot_head found;
    struct error newest = {0};
    struct core *core = NULL;
    size_t count = recovery_list(recovery, &rows);
    /* A snapshot shows how far the journal once reached. A start without all batches up to there would lose
     * acknowledged ones. The snapshot is read before the journal's end, since the journal may grow meanwhile. */
    const struct reach reach = {.snapshot = count > 0 ? reach_snapshot(recovery->state) : 0};
    if (!batches_look(recovery->store, error) || !reach_holds(&reach, batches_last(recovery->store), error)) {
        free(rows);
        return NULL;
    }
    for (size_t i = 0; i < count && !core; i++) {
        struct error why = {0};
        struct core_options options = *recovery->core;
        if (rows[i].number > last || put_away(recovery, &rows[i])) continue;
        recovery_phase(recovery, CRASH_LOADING, rows[i].number);
        if (snapshot_head_read(rows[i].path, &found, &why) && of_this_journal(recovery->store, &found, &why))
            core = snapshot_load(rows[i].path, &options, &found, &why);
        recovery_phase(recovery, CRASH_NOWHERE, 0);
        if (core) {
            *recovery->core = options;
            *head = found.journal;
            recovery->snapshot = head->number;
        } else {
            recovery_tell(recovery, rows[i].path, why.text);
            if (newest.code == ERROR_NONE) newest = why;
        }
    }
    free(rows);
    return core ? core
                : from_beginning(recovery, last == UINT64_MAX ? batches_last(recovery->store) : last, head, &newest,
                                 error);
}

/* Returns the newest snapshot of an earlier semantics number: only the gcxvm that made the batches before it can
 * replay them. 0: there is none. */
static uint64_t last_taken_over(const struct recovery *recovery)
{
    struct snapshot_row *rows;
    struct snapshot_head head;
    uint64_t number = 0;
    size_t count = recovery_list(recovery, &rows);
    for (size_t i = 0; i < count && number == 0; i++)
        if (snapshot_head_read(rows[i].path, &head, NULL) && head.semantics != SEMANTICS_NUMBER &&
            core_takes_over(head.semantics))
            number = rows[i].number;
    free(rows);
    return number;
}

/* Makes a core for replaying as much as possible: from the first batch, or from the oldest usable snapshot. */
struct core *journal_earliest(struct recovery *recovery, struct journal_head *head, struct error *error)
{
    struct recovery begins = *recovery;
    struct snapshot_row *rows;
    uint64_t first;
    if (!batches_look(recovery->store, error)) return NULL;
    first = batches_first(recovery->store);
    size_t count = recovery_list(recovery, &rows);
    while (count > 0 && rows[count - 1].number < first) count--;
    uint64_t last = count > 0 ? rows[count - 1].number : 0;
    free(rows);
    uint64_t taken_over = last_taken_over(recovery);
    if (taken_over > 0)
        last = taken_over;
    else if (first <= 1)
        begins.state = NULL;
    struct core *core = journal_start(&begins, last, head, error);
    recovery->snapshot = begins.snapshot;
    return core;
}

/* Are the keys of all secrets there that the replay needs? A process that continues the journal must know everything
 * its core knew. */
static bool secrets_there(struct batches *store, const struct journal_head *head, struct error *error)
{
    const struct keys *keys = batches_keys(store);
    if (head->hidden == 0) return true;
    return error_set(error, ERROR_DENIED,
                     "journal, batch %" PRIu64 ": the key of its secrets is not in %.140s: put back that of a backup",
                     head->number, keys ? keys_path(keys) : "the state folder, whose file `keys` is missing");
}

/* Makes a core at the journal's end. An attempt that fails is followed by one with an older snapshot, in the end by one
 * without a snapshot. */
struct core *journal_recover(struct recovery *recovery, struct journal_head *head, struct error *error)
{
    assert(recovery->store && recovery->core);
    uint64_t at_most = UINT64_MAX;
    for (;;) {
        struct core *core = journal_start(recovery, at_most, head, error);
        uint64_t from = core ? head->number : 0, end = batches_last(recovery->store);
        bool good = core != NULL;
        recovery_phase(recovery, CRASH_REPLAY, 0);
        while (good && head->number < end)
            good = journal_next(recovery->store, recovery->core, core, head, NULL, error) &&
                   secrets_there(recovery->store, head, error);
        recovery_phase(recovery, CRASH_NOWHERE, 0);
        recovery->applied = good ? head->number - from : 0;
        if (good) return core;
        core_free(core);
        /* The batches after this snapshot do not fit it. */
        if (!core || recovery->snapshot == 0 || error->code != ERROR_STATE) return NULL;
        char path[32];
        snprintf(path, sizeof path, "%" PRIu64, recovery->snapshot);
        recovery_tell(recovery, path, error->text);
        at_most = recovery->snapshot - 1;
    }
}
