/* runtime/daemon/engine/engine.h - A running partition: one thread drives the core, another makes its batches
 * durable.
 *
 * Owns the partition, the two threads and the numbers of posted events, but not the store. Other threads post events
 * into the core's ring; effects and commits leave by callbacks on the core's thread. Any other thread may call the
 * functions here; the two threads themselves may only post. engine_post() works until engine_free().
 *
 * Invariants: the events of a source are in the ring in the order of their numbers; an effect is sent only after the
 * batch that made it is durable; at most one append is running. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/core.h"
#include "runtime/daemon/base/histogram.h"
#include "runtime/daemon/base/log.h"
#include "runtime/journal/batches.h"
#include "runtime/vocabulary/message.h"

struct crashes;
struct engine;
struct partition_begun;

struct engine_options {
    struct core_options core;
    struct batches *store;
    const struct log *log;
    const char *state;       /* folder of the snapshots; NULL: there are none */
    struct crashes *crashes; /* counts crashes of the core (journal/crashes.h), borrowed; NULL: they are not counted */
    uint64_t restored_s;     /* passed to the partition (journal/partition.h) */
    uint64_t period_us;      /* period of the journal's retention (journal/snapshots.h) */
    const struct partition_begun *begun; /* a core that has followed the journal; NULL: the journal is replayed */
    uint64_t beat_us;                    /* period of the signs of life in the journal's database; 0: none */
    /* The callbacks are called on the core's thread; they must not block, and may call only the engine's posting
     * functions. */
    void (*effect)(void *self, unsigned link, struct span frame);
    void (*committed)(void *self, unsigned source, uint64_t seq); /* events of a link or SOURCE_ADMIN are durable */
    void (*room)(void *self);                                     /* the ring was full and has room again */
    void (*failed)(void *self, const char *why);                  /* the journal cannot go on: the process must end */
    /* True: too many effects wait for the loop. If true, no batch is made until engine_stir(). NULL: never. */
    bool (*crowded)(void *self);
    /* The core has stood still: the loop has to read the events that have come meanwhile, and then to call
     * engine_looked(). NULL: nobody looks. */
    void (*look)(void *self);
    void *self;
};

/* Makes an engine, and replays the journal from the newest good snapshot. NULL with the reason. Nothing runs before
 * engine_start(). */
struct engine *engine_new(const struct engine_options *, struct error *);
void engine_start(struct engine *);
/* Applies the posted events, makes them durable, and ends both threads. */
void engine_stop(struct engine *);
void engine_free(struct engine *);

/* Posts an event of SOURCE_HOST or SOURCE_ADMIN, without source and number. The event is never refused: if the ring
 * is full, it waits. Returns the number that `committed` will report for it (SOURCE_ADMIN). */
uint64_t engine_post(struct engine *, unsigned source, struct span frame);
/* Posts an event of SOURCE_HOST that happens now: a core that has stood still first gets all earlier events. */
void engine_post_now(struct engine *, struct span frame);
/* Sets the name of a link in the log. */
void engine_name_link(struct engine *, unsigned link, const char *name);
/* Posts an event of a link, which already has its number; by its pace the event is gathered with others for some
 * milliseconds, if the core makes batches at all. `moment_us`: when the event happened, by the monotonic clock; 0:
 * not known. False: there is no room now; `room` is called when there is. */
bool engine_post_link(struct engine *, struct span frame, enum event_pace, uint64_t moment_us);
/* Reports that the loop has posted everything that had come in, as far as there was room. */
void engine_looked(struct engine *);

/* engine_ask() asks both threads for a sign of life; engine_hangs() names a thread that has given none since, or
 * returns NULL. Neither waits. */
void engine_ask(struct engine *);
const char *engine_hangs(struct engine *);
/* Called on the journal's thread during an append: notes that the thread waits for its database, and does not hang. */
void engine_journal_waits(struct engine *);

/* Has the core check again whether it can make a batch, since `crowded` may have become false. */
void engine_stir(struct engine *);

struct engine_load {
    uint64_t lag_us;                  /* time that a link's event takes until it is durable, or has taken so far */
    uint64_t ring_events, ring_bytes; /* events that wait in the ring for the core, and their bytes */
    uint64_t backlog_bytes;           /* bytes of events of host and admin for which the ring had no room */
    /* counts after the last round; events are counted since the journal began */
    uint64_t interactions, batches, events;
    uint64_t first;                       /* the oldest batch that the journal has */
    uint64_t journal_bytes, journal_free; /* size of the journal's files, and how much of it can be used again */
    unsigned copies;                      /* number of servers that have each batch; 0: not known */
    bool archive_fails;                   /* the database cannot archive its own log */
    uint64_t categories_unknown;          /* eventlog_unknown_categories() */
    bool gave_up;                         /* a batch has used the reserved space (journal/reserve.h) */
};
void engine_load(struct engine *, struct engine_load *);
/* Returns until when this process leads: batches_led_until_us() (journal/batches.h). */
uint64_t engine_led_until_us(const struct engine *);

/* The costs of the engine's work since its start: `decision`: from the arrival of a batch's first event, which waits
 * longest, until the batch's effects may be sent; `sync`: of an append to the journal. */
struct engine_cost {
    struct histogram decision, sync;
    atomic_uint_fast64_t appended_bytes, append_failures;
};
struct engine_cost *engine_cost(struct engine *);

/* Allows to remove the batches below `below`: the journal's thread does so in portions, while it has no other work. */
void engine_prune(struct engine *, uint64_t below);
/* Reserves so many bytes of the disk for an orderly end (journal/reserve.h); 0: releases them. False with the
 * reason. */
bool engine_reserve(const struct engine *, uint64_t bytes, struct error *);
/* After engine_stop(): makes a snapshot of the core. False with the reason. */
bool engine_cut(struct engine *, struct error *);
/* The batch of the snapshot from which the engine began, 0: none; `tail`: number of batches replayed after it. */
uint64_t engine_began(const struct engine *, uint64_t *tail);

uint64_t engine_epoch(const struct engine *);
struct core *engine_core(struct engine *); /* before engine_start(): else engine_read() */
/* Calls `read` with the core between two batches; returns when `read` has returned. */
void engine_read(struct engine *, void (*read)(void *self, struct core *), void *self);
/* Like engine_read(), for a caller who must not wait for a core that hangs. False: `read` was not called within this
 * time, and will not be. */
bool engine_read_within(struct engine *, uint64_t within_us, void (*read)(void *self, struct core *), void *self);
enum { ENGINE_PATIENCE_US = 1000000 };

/* Notes that calls are served now: engine_put_image() then waits two seconds at most. */
void engine_serves(struct engine *);
/* Makes an image durable on the journal's thread, and waits until it is. False with the reason; if calls are served,
 * this comes after two seconds at most, and the image may still become durable later. */
bool engine_put_image(struct engine *, const uint8_t hash[32], struct span bytes, struct error *);
