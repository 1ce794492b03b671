/* runtime/journal/partition.h - Runs one partition: input ring, batches, core, journal, release of effects.
 *
 * The ring alone determines the order of events, and is the only place where other threads meet the core.
 * partition_post() may be called from any thread; all other functions only from the thread that drives the core.
 * Effects of a batch are sent after it is durable; meanwhile the core works on the next batch. Owns the core. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/host/host.h"
#include "runtime/journal/crashes.h"
#include "runtime/journal/batches.h"
#include "runtime/journal/replay.h"

struct partition;

struct partition_options {
    /* Without `image` in the core's options, images come from the store. Seed and interactions_max are taken from
     * the journal once it has a batch, as its decisions depend on them. */
    struct core_options core;
    uint64_t epoch; /* the epoch of this leader, higher than all earlier ones; 0: the last one plus 1. The leader's
                     * first batch has the event Epoch */
    /* Set if the journal was restored from a copy, or has lost its end: the time now in seconds since 1970. Epochs
     * and ids then begin above all that the lost batches may have used; 0: nothing is lost. */
    uint64_t restored_s;
    size_t ring_bytes, ring_events;
    const char *state;         /* the folder with the snapshots, borrowed; NULL: no snapshots */
    uint64_t period_us;        /* the retention's period (snapshots.h) */
    struct crashes *crashes;   /* counts crashes of the core (crashes.h); NULL: they are not counted */
    struct batches_watch told; /* gets messages about snapshots that are passed over */
    /* Returns which keys of pairs are secret; NULL: only marked pairs are. */
    struct message_mask (*mask)(const struct core *);
    /* A core that has applied the store's last batch, as follower.h makes one; the partition owns it from then on.
     * If it is set, nothing is recovered, and `core` has the options with which that core was made. */
    const struct partition_begun {
        struct core *core;
        struct journal_head head;
        uint64_t snapshot, tail; /* what partition_snapshot() will return */
    } * begun;
    /* For tests: called in place of core_apply, unless NULL. */
    void (*apply)(struct core *, const struct batch *, const struct effect_sink *);
};

/* Makes a partition and recovers its core from the newest good snapshot and the store: replays the batches without
 * sending effects, and compares digests. NULL with the reason: the journal does not belong to this binary, is
 * damaged, or the replay diverges. `host` outlives the partition. */
struct partition *partition_open(const struct partition_options *, struct batches *, const struct host *,
                                 struct error *);
void partition_free(struct partition *);

/* Puts a frame (a well-formed event) into the ring. False: the ring is full, and the caller holds the event back, by
 * its class. Events of the host and administrators are numbered here; events of links have the link's numbers. The
 * posting thread also wakes the thread that takes the turns. */
bool partition_post(struct partition *, struct span frame);
/* As partition_post(), for an event that happened at the given time of the host's monotonic clock; 0: unknown. An
 * event that is old when it is applied carries its age (ENVELOPE_ago). */
bool partition_post_of(struct partition *, struct span frame, uint64_t moment_us);

/* Sets how many events wait in the ring, and their bytes; may be called from any thread. */
void partition_waiting(struct partition *, size_t *events, size_t *bytes);

/* Makes at most one batch from the events in the ring and the due timers, applies it, and passes it to the host's
 * append unless an append is running. True: call again at once, there is more to do. One batch is made while an
 * append is running; later events collect in the ring until that append ends, and then make one batch (group
 * commit). Tells the host when the next timer is due. */
bool partition_turn(struct partition *);

/* Is a timer so long overdue that the core must have stood still? If so, the following turns apply each event at the
 * time when it happened, with timers in between. The caller first posts all events that have come in, so that each gets
 * its place in that order. */
bool partition_late(const struct partition *);

/* Called when an append has ended, never from within the host's append. Starts the next append, and releases effects
 * and commits of the appended batch; then the caller takes a turn. False: the process must end (another one leads,
 * or the outcome cannot be found out), and nothing more is released. */
bool partition_appended(struct partition *, enum append_result);

struct core *partition_core(struct partition *); /* to read between turns */
uint64_t partition_batches(const struct partition *);
uint64_t partition_events(const struct partition *);
uint64_t partition_epoch(const struct partition *);
uint64_t partition_digest(const struct partition *); /* the core's present digest */
/* Returns the batch of the snapshot from which the partition recovered, 0: none; `tail`: how many batches were
 * replayed after it. */
uint64_t partition_snapshot(const struct partition *, uint64_t *tail);
/* Cuts a snapshot and verifies it; call it between turns, when all batches are appended. The call takes as long as a
 * start from that snapshot. */
bool partition_cut(struct partition *, struct error *);
