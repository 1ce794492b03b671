/* runtime/journal/partition.h - One partition at work: input ring, batches, core, journal, release.
 *
 * The ring is the only sequencer and the only place where other threads meet the core. partition_post() may be called
 * from any thread; everything else from the one that drives the core. Effects of a batch leave after it is durable;
 * the core works ahead meanwhile. Owns the core. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/host/host.h"
#include "runtime/journal/crashes.h"
#include "runtime/journal/batches.h"
#include "runtime/journal/replay.h"

struct partition;

struct partition_options {
    /* Without `image`, images come from the store. Seed and interactions_max are the journal's own once it has a batch:
     * they are part of what it decided. */
    struct core_options core;
    uint64_t epoch; /* the epoch of this leader, above all earlier ones; 0: the next one. Its first batch carries the
                       event Epoch */
    /* The journal was put back from a copy, or has lost its end: the second since 1970 now. Epochs and ids go on above
     * all that the lost batches may have given; 0: nothing is lost. */
    uint64_t restored_s;
    size_t ring_bytes, ring_events;
    const char *state;         /* the folder with the snapshots, borrowed; NULL: there are none */
    uint64_t period_us;        /* the retention's period (snapshots.h) */
    struct crashes *crashes;   /* counts what crashes the core (crashes.h); NULL: nobody counts it */
    struct batches_watch told; /* is told which snapshots are passed over */
    /* Says which keys of pairs are secret; NULL: only marked pairs are. */
    struct message_mask (*mask)(const struct core *);
    /* A core that has applied the store's last batch, as follower.h makes one; the partition owns it from then on.
     * Nothing is recovered then, and `core` are the options that it was made with. */
    const struct partition_begun {
        struct core *core;
        struct journal_head head;
        uint64_t snapshot, tail; /* what partition_snapshot() will return */
    } * begun;
    /* For tests: in place of core_apply, where it is not NULL. */
    void (*apply)(struct core *, const struct batch *, const struct effect_sink *);
};

/* Makes a partition, after it has recovered the core from the newest good snapshot and the store: replays the batches
 * with effects muted and compares digests. NULL with the reason where the journal does not belong to this binary, is
 * damaged, or diverges. `host` outlives the partition. */
struct partition *partition_open(const struct partition_options *, struct batches *, const struct host *,
                                 struct error *);
void partition_free(struct partition *);

/* Puts a frame (a well-formed event) into the ring. False where the ring is full: the caller holds the event back, by
 * its class. Events of the host and of admin are numbered here; those of links bear the link's numbers. A thread that
 * posts wakes the one that takes the turns. */
bool partition_post(struct partition *, struct span frame);
/* The same for an event that has happened at that moment of the host's monotonic clock; 0: nobody knows when. An event
 * that is old when it is applied says so (ENVELOPE_ago). */
bool partition_post_of(struct partition *, struct span frame, uint64_t moment_us);

/* Tells how many events wait in the ring, and their bytes; from any thread. */
void partition_waiting(struct partition *, size_t *events, size_t *bytes);

/* Takes what is due: makes at most one batch of what is in the ring and of due timers, applies it, hands it to the
 * host's append where none is under way. True where there is more to do at once. One batch is made ahead of the append
 * under way; what comes later gathers in the ring until that has ended, and is one batch then (group commit). Tells the
 * host when the next timer is due. */
bool partition_turn(struct partition *);

/* Is a timer so overdue that the core must have stood still? The turns that follow apply each event at the time when it
 * happened, with the timers between. Whoever takes the turns first posts all that has come in. */
bool partition_late(const struct partition *);

/* The append under way has ended; never called from within the host's append. Starts the next append, releases the
 * effects and commits of the batch that was appended; a turn is to be taken then. False: the process must end (deposed,
 * or the tail cannot be settled), and nothing more is released. */
bool partition_appended(struct partition *, enum append_result);

struct core *partition_core(struct partition *); /* to read between turns */
uint64_t partition_batches(const struct partition *);
uint64_t partition_events(const struct partition *);
uint64_t partition_epoch(const struct partition *);
uint64_t partition_digest(const struct partition *); /* the digest of the core as it is now */
/* Returns the batch of the snapshot from which the partition recovered, 0: none; `tail`: how many batches were replayed
 * after that one. */
uint64_t partition_snapshot(const struct partition *, uint64_t *tail);
/* Between turns, when all is appended: cuts a snapshot and verifies it. It takes as long as a start from it. */
bool partition_cut(struct partition *, struct error *);
