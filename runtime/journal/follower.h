/* runtime/journal/follower.h - A core that follows the journal of another process, and takes its place.
 *
 * It applies each batch that the leader appends, and compares digests as every replay does. When the leader has given
 * no sign for its lease the follower appends a batch without events as the first row of the next term: who is refused
 * there reads on; who is not leads, and its core stands after all that was ever acknowledged. The lease says when to
 * try, and by the monotonic clock of this machine; the row alone decides. While the database is away nothing is known
 * of the leader, and the lease begins anew when it is there again. A take whose answer was lost is tried again as soon
 * as the store says that it was committed.
 *
 * How long nobody has led, as far as this follower knows, is counted from the leader's last sign on, and no try that
 * fails begins it anew: so people hear of a site that nobody leads, whatever keeps its followers from it.
 *
 * Owns the core, until follower_core_take(); the store is borrowed. */
#pragma once

#include "runtime/journal/partition.h"

struct follower;

struct follower_options {
    struct core_options core; /* options of the core, as for partition_open(); with `image` */
    const char *state;        /* the folder with the snapshots */
    uint64_t lease_us; /* the leader's silence before this one tries to lead, with up to half of it added by chance */
    struct batches_watch told; /* is told which snapshots are passed over */
    const struct host *host;   /* gives clock and entropy; NULL: this machine's */
};

/* Makes a follower whose core has replayed all that the store has now. NULL with the reason. */
struct follower *follower_open(const struct follower_options *, struct batches *, struct error *);
void follower_free(struct follower *);

enum follower_outcome {
    FOLLOWER_ON,
    FOLLOWER_LEADS, /* the journal is this process's now */
    FOLLOWER_AWAY,  /* the database does not answer, `error` says why; the follower goes on */
    FOLLOWER_ENDS,  /* the journal cannot be followed any more: `error` says why */
};
/* Waits for new batches, at most an eighth of the lease, and applies them, for about the same time at most; the rest
 * waits for the next turn. Takes the lead when it is due. */
enum follower_outcome follower_turn(struct follower *, struct error *);

struct follower_row {
    uint64_t events;      /* how many events the journal has up to `batch` */
    uint64_t batch, last; /* the last batch that its core has applied; the last one that the database has, 0 before that
                             has answered */
    uint64_t term, quiet_us; /* quiet: time since the leader's last sign, or since this follower tried to lead */
    uint64_t unled_us;       /* how long nobody has led; 0: somebody leads, or the database does not say */
    bool led;                /* another process has given signs since this one follows */
    const char *why;         /* why this follower has not taken the lead. Valid until the next turn */
};
void follower_read(const struct follower *, struct follower_row *);

/* After FOLLOWER_LEADS: gives the core and its head to the caller, for partition_open(). `options` become the core's.
 */
struct partition_begun follower_core_take(struct follower *, struct core_options *options);
