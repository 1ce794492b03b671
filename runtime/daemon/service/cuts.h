/* runtime/daemon/service/cuts.h - Snapshots of a running gcxvm: when one is made, by which process, and with what
 * result.
 *
 * Owns the process that makes a snapshot (gcxvm --snapshot; keeping.h), one at a time, and the facts about the
 * newest snapshot. Everything runs on the loop's thread. A snapshot is made after a time or a number of events
 * (gcxvm.conf), on request, and at an orderly end, then by this process itself. After each snapshot, batches that no
 * start needs and that are old enough are removed. */
#pragma once

#include "runtime/daemon/service/daemon.h"

struct cuts;

struct cuts *cuts_new(struct daemon *); /* after the engine */
void cuts_free(struct cuts *);          /* a process still making a snapshot is killed: its work does not count */

enum { CUTS_DAYS_OF_CONF = -1 };
struct cuts_task {
    enum { CUTS_SNAPSHOT, CUTS_VERIFY, CUTS_EXPORT, CUTS_BACKUP, CUTS_RECONCILE } what;
    int64_t days;       /* CUTS_SNAPSHOT: batches younger than this stay */
    const char *folder; /* CUTS_EXPORT, CUTS_BACKUP: the new folder */
};
/* Begins a snapshot, or another task on the journal that runs as a process of its own. daemon_tells.cut has this
 * `*number` when the task ends. False with the reason: the task was not begun. */
bool cuts_begin(struct daemon *, const struct cuts_task *, uint64_t *number, struct error *);
/* Returns the lines that the last task has printed; for a snapshot, which batches are removed. */
const char *cuts_said(const struct daemon *);
/* Makes the last snapshot at an orderly end, when the engine has stopped. */
void cuts_last(struct daemon *);

struct cuts_row {
    uint64_t batch; /* batch of the newest snapshot; 0: there is none */
    uint64_t bytes, age_us;
    uint64_t tail_batches, tail_events; /* batches and events after the newest snapshot, which a start would replay */
    uint64_t first, last;               /* first and last batch of the journal */
    unsigned copies;                    /* number of servers that have each batch; 0: not known */
    bool archive_fails;                 /* the database cannot archive its own log */
    uint64_t categories_unknown;        /* bytes of the journal as the engine counts them */
    uint64_t journal_bytes, free_bytes; /* size of the journal's files, and how much of it can be used again */
    uint64_t cut, failed;               /* number of snapshots made, and of failures, since the start */
    bool under_way;
    const char *why; /* why the last snapshot failed; NULL: it did not */
};
void cuts_read(struct daemon *, struct cuts_row *);
