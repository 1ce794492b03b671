/* runtime/daemon/keeping_cut.c - Makes a snapshot while a gcxvm may be running. */
#include "runtime/daemon/keeping.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/links/intake.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/host/real.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/place.h"
#include "runtime/journal/snapshots.h"
#include "base/memory.h"
#include "base/shown.h"

/* The digest that the core must have is in the batch after the snapshot. */
static bool digest_confirmed(struct keeping *k, struct error *error)
{
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH];
    if (!batches_read(k->store, k->head.number + 1, &bytes, error) || !batch_decode(&batch, bytes, hash, error))
        return false;
    if (memcmp(batch.previous, k->head.previous, CORE_HASH) == 0 && batch.digest_before == core_digest(k->core))
        return true;
    return error_set(error, ERROR_STATE,
                     "the core after batch %" PRIu64 " is another than the one that wrote the journal", k->head.number);
}

static void report_cut(const struct cutting *cutting, bool report, uint64_t took_us)
{
    const struct snapshot_head *head = snapshot_cut_head(cutting);
    uint64_t below = snapshot_cut_below(cutting);
    if (report)
        shown_print(stdout, "batch %" PRIu64 " events %" PRIu64 " bytes %" PRIu64 " below %" PRIu64 " %s\n",
                    head->journal.number, head->journal.events, snapshot_cut_bytes(cutting), below,
                    snapshot_cut_rest(cutting));
    else
        printf("a snapshot of batch %" PRIu64 " was cut in %.1f s: %" PRIu64 " bytes\n", head->journal.number,
               (double)took_us / 1e6, snapshot_cut_bytes(cutting));
}

static bool keeping_cut_older(struct keeping *k, struct cutting *cutting, uint64_t days, struct error *error)
{
    uint64_t last = batches_last(k->store);
    if (last < 2) return error_set(error, ERROR_STATE, "the journal has too few batches yet");
    if (!keeping_replay(k, last - 1, last - 1, error) || !digest_confirmed(k, error) ||
        !snapshot_cut_write(cutting, k->core, &k->options, &k->head, error))
        return false;
    keeping_drop(k); /* the replayed core is freed: the snapshot is loaded into another one for the check */
    return snapshot_cut_verify(cutting, &k->options, error) &&
           snapshot_cut_end(cutting, keeping_period_us(days), error);
}

/* Refuses a snapshot that could take the last free space from the process that writes the journal. The expected size
 * follows from that of the newest snapshot. */
static bool room_there(const struct conf *conf, struct error *error)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct intake_space space;
    uint64_t bytes = snapshots_list(conf->state, rows) > 0 ? rows[0].bytes / 4 * 5 : 0;
    free(rows);
    intake_space(conf->state, conf->space_mb, 0, &space);
    uint64_t kept = space.all / 1000 * intake_bound(&conf->space[SPACE_STOP], &space);
    if (space.all == 0 || space.left >= kept + bytes) return true;
    return error_set(error, ERROR_STATE,
                     "%" PRIu64 " MB are free, and it may need %" PRIu64
                     " MB: what is left is the journal's (space_stop)",
                     space.left >> 20, (bytes >> 20) + 1);
}

bool keeping_cut(const struct conf *conf, uint64_t days, bool report)
{
    struct keeping k = {0};
    struct error error = {0};
    struct cutting *cutting = NULL;
    uint64_t began_us = host_monotonic_us();
    setpriority(PRIO_PROCESS, 0, KEEPING_NICE);
    bool good = keeping_as_owner(conf, &error) && keeping_open(&k, conf, &error) &&
                (cutting = snapshot_cut_begin(conf->state, &error)) && room_there(conf, &error) &&
                keeping_cut_older(&k, cutting, days, &error);
    /* Snapshots that are older than so many days and not needed are removed even if no new one could be made. */
    uint64_t below = !good && cutting && k.store ? snapshots_remove_old(conf->state, keeping_period_us(days), NULL) : 0;
    struct error unshared = {0};
    if (good && !place_share_snapshot(conf->state, &unshared))
        shown_print(stderr, "gcxvm: the snapshot is not in the database: %s\n", unshared.text);
    if (good)
        report_cut(cutting, report, host_monotonic_us() - began_us);
    else if (report)
        printf("failed below %" PRIu64 " %s\n", below, error.text);
    else
        shown_print(stderr, "gcxvm: no snapshot: %s\n", error.text);
    snapshot_cut_free(cutting);
    keeping_close(&k);
    return good;
}
