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
    struct core_options core;  /* as of a partition; with `image` */
    const char *state;         /* the folder with the snapshots */
    uint64_t lease_us;         /* at the leader's silence; a random part, up to half of it, comes on top */
    struct batches_watch told; /* of what is passed over */
    const struct host *host;   /* whose clock and entropy count; NULL: this machine's */
};

/* Replays what is there. NULL with the reason. */
struct follower *follower_open(const struct follower_options *, struct batches *, struct error *);
void follower_free(struct follower *);

enum follower_outcome {
    FOLLOWER_ON,
    FOLLOWER_LEADS, /* the journal is this process's now */
    FOLLOWER_AWAY,  /* the database does not answer: `error` says what; it goes on */
    FOLLOWER_ENDS,  /* it cannot be followed: `error` says why */
};
/* Waits for new batches, at most an eighth of the lease, and applies them, for about the same time at most; the rest
 * waits for the next turn. Takes the lead when it is due. */
enum follower_outcome follower_turn(struct follower *, struct error *);

struct follower_row {
    uint64_t events;      /* up to where it stands */
    uint64_t batch, last; /* where it stands; the last one that it has heard of, 0 before the database has answered */
    uint64_t term, quiet_us; /* quiet: since the leader's last sign, or a try of this one */
    uint64_t unled_us;       /* nobody leads since; 0: somebody does, or the database does not say */
    bool led;                /* another process has given signs since this one follows */
    const char *why;         /* why this one has not taken the lead meanwhile. Valid until the next turn */
};
void follower_read(const struct follower *, struct follower_row *);

/* After FOLLOWER_LEADS: for partition_open(). The core is the caller's, and `options` are those of it. */
struct partition_begun follower_core_take(struct follower *, struct core_options *options);
