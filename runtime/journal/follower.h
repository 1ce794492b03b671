/* runtime/journal/follower.h - A core that follows the journal of another process, and takes the lead when that
 * process is gone.
 *
 * A follower applies each batch that the leader appends, and compares digests as every replay does. When the leader has
 * given no sign of life for its lease, the follower appends a batch without events as the first row of the next term:
 * if it is refused, it continues following; if not, it leads, and its core has the state after everything ever
 * acknowledged. The lease, measured by this machine's monotonic clock, only says when to try; the row alone decides.
 * While the database is unreachable nothing is known of the leader, and the lease begins again when it is reachable. A
 * try whose answer was lost is repeated as soon as the store says that it was committed.
 *
 * How long nobody has led, as far as this follower knows, counts from the leader's last sign of life, and failed
 * tries do not restart it: so people are told of a site that nobody leads, whatever keeps its followers from
 * leading.
 *
 * The follower owns the core, until follower_core_take(); the store is borrowed. */
#pragma once

#include "runtime/journal/partition.h"

struct follower;

struct follower_options {
    struct core_options core; /* options of the core for partition_open(); `image` is set */
    const char *state;        /* the folder that contains the snapshots */
    uint64_t lease_us; /* the leader's silence before this follower tries to lead, plus up to half of it at random */
    struct batches_watch told; /* gets messages about snapshots that are passed over */
    const struct host *host;   /* gives clock and entropy; NULL: this machine's */
};

/* Makes a follower whose core has replayed everything that the store has now. NULL with the reason. */
struct follower *follower_open(const struct follower_options *, struct batches *, struct error *);
void follower_free(struct follower *);

enum follower_outcome {
    FOLLOWER_ON,
    FOLLOWER_LEADS, /* this process leads the journal now */
    FOLLOWER_AWAY,  /* the database does not answer, for the reason in `error`; the follower continues */
    FOLLOWER_ENDS,  /* the journal can no longer be followed, for the reason in `error` */
};
/* Waits for new batches, at most an eighth of the lease, and applies them for about the same time at most; further
 * batches are left to the next turn. Takes the lead if it is time to. */
enum follower_outcome follower_turn(struct follower *, struct error *);

struct follower_row {
    uint64_t events;         /* how many events the journal has up to `batch` */
    uint64_t batch, last;    /* the last batch that its core has applied; the last one in the database, 0 before the
                              * database has answered */
    uint64_t term, quiet_us; /* quiet: time since the leader's last sign, or since this follower tried to lead */
    uint64_t unled_us;       /* how long nobody has led; 0: somebody leads, or the database does not say */
    bool led;                /* another process has given signs of life since this one began to follow */
    const char *why;         /* why this follower has not taken the lead. Valid until the next turn */
};
void follower_read(const struct follower *, struct follower_row *);

/* After FOLLOWER_LEADS: passes the core and its head to the caller, for partition_open(). `options` become the
 * core's. */
struct partition_begun follower_core_take(struct follower *, struct core_options *options);
