/* runtime/journal/batches.h - The place of batches and images: a narrow interface with implementations behind it.
 *
 * A batch is appended after the one before it or not at all. An image is durable before a batch names it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/host/host.h"
#include "runtime/journal/keys.h"
#include "base/error.h"

struct batches;

/* How long an append, or the opening, waits for a lock of another process on the journal's file: a backup's, or that of
 * a shell of SQLite. Shorter than what ends a link (silent_s), and than the watchdog of the service. */
enum { BATCHES_WAIT_MS = 8000 };

/* Is told, in a sentence, that such a lock or a database is waited for, and that it is over; on the thread that waits.
 */
struct batches_watch {
    void (*note)(void *self, const char *text);
    void *self;
    void (*beat)(void *self); /* an append waits still, and is bounded; NULL: nobody wants to know */
};

/* In WAL mode with synchronous FULL, asserted. A folder that has keys has its batches and images encrypted. Refused
 * where batches that were acknowledged are missing at its end (end_mark.h). `watch` is copied; NULL: nobody wants to
 * know. */
struct batches *batches_open_sqlite(const char *directory, const struct batches_watch *watch, struct error *);
/* To read only, beside the process that writes: it takes no lock and keeps nobody waiting. batches_append and
 * batches_put_image are not for such a store. */
struct batches *batches_follow_sqlite(const char *directory, struct error *);
/* For a store that is followed: batches_last is how many batches there are now. False: its file was removed or
 * replaced, or cannot be read; all batches that were there can still be. */
bool batches_look(struct batches *, struct error *);
/* Which store a folder has is known above: place.h opens it. */

/* The keys of the folder (keys.h); NULL: nothing is encrypted. */
struct keys *batches_keys(struct batches *);
/* Nothing more is written to it: what comes next could not be written as it must be. */
void batches_fail(struct batches *, const struct error *why);
struct batches *batches_open_memory(void);
void batches_close(struct batches *);

/* Blocks until the batch is durable. `number` follows the last one. A sync that failed is APPEND_UNKNOWN: it is never
 * tried again on the same connection. So is a batch whose file has lost its name, or has given it to another file: the
 * next start would not find it. */
enum append_result batches_append(struct batches *, uint64_t number, struct span batch, struct error *);
/* The batch of that number, valid until the next batches_read; false where there is none. */
bool batches_read(struct batches *, uint64_t number, struct span *batch, struct error *);
uint64_t batches_last(struct batches *);  /* 0: empty */
uint64_t batches_first(struct batches *); /* the oldest one that is there; 0: empty. The earlier ones were pruned */
/* Removes batches below `below`, oldest first, until all are gone or `within_us` have passed; the last batch of all
 * always stays. False: it could not; then as many are there as before, or all are gone and the keys of their secrets
 * may not be: it is to be done again. Pruned batches may be there again after a loss of power. */
bool batches_prune(struct batches *, uint64_t below, uint64_t within_us, struct error *);
/* Gives the space of what was pruned back to the file system: the whole journal is written anew. */
bool batches_shrink(struct batches *, struct error *);
/* A batch had no room, and has taken that of the reserve (reserve.h): the process has to end in order, at once. From
 * any thread. */
bool batches_gave_up(const struct batches *);
/* Another process leads the journal: nothing that this one has not heard of as acknowledged is, and it must end. From
 * any thread. */
bool batches_deposed(const struct batches *);
/* How many servers have each batch that is acknowledged; 0: not known. The store looks anew every few seconds, tells
 * its watch of a change, and finds out whether it was deposed. It asks one thing per call, so that appends come
 * between. `*more`: a look is under way, and goes on with the next call. */
unsigned batches_copies(struct batches *, bool *more);
/* As that look has found: the store's own log cannot be archived, and grows. */
bool batches_archive_fails(struct batches *);
/* Would the next start find what is written now? False: a file of the store was removed, moved away or replaced while
 * it was in use. Keeps nobody waiting. */
bool batches_there(const struct batches *, struct error *);

/* ---- a store that another process leads, and that this one may take ---- */

/* The life of the leader, as batches_look has seen it last: whatever changes here is a sign of it. */
struct batches_sign {
    uint64_t term, seen, last;
    uint64_t lease_us; /* the leader gives four signs in it; 0: one of an earlier version, which has not said */
    bool left;         /* nobody leads: the one that did has ended in order */
    bool ours;         /* this store leads, though it never had the answer to its batches_take: it is to take again */
    uint64_t first;    /* so many machines that follow it, too, lead fewer journals of that database: they go first */
};
void batches_sign(struct batches *, struct batches_sign *);
/* The follower is at this batch, by a snapshot, and has read none yet. */
void batches_stands(struct batches *, uint64_t number);
/* Waits until the leader may have written something, or the time is over. */
void batches_hear(struct batches *, unsigned within_ms);
/* Appends the batch as the first of the next term: this process leads from then on, and appends. APPEND_DEPOSED:
 * somebody has written meanwhile; APPEND_UNKNOWN: there is no answer. After both the store is followed as before: what
 * became of it, a later batches_look tells (struct batches_sign, `ours`). */
enum append_result batches_take(struct batches *, uint64_t number, struct span batch, struct error *);
/* For the leader, each quarter of the lease. A sign of life, or a part of a file that the next leader needs; it finds
 * out whether it was deposed. False: there are none to be given. */
bool batches_beat(struct batches *);
/* Nothing more is written: the next one may take the journal at once. For who follows: it is gone. */
bool batches_leave(struct batches *, struct error *);

/* The processes that lead or follow, as they have told last. From any thread; it does not wait for an append. */
struct batches_node {
    char name[128]; /* machine and process */
    bool leads;
    uint64_t term, batch, age_us; /* age: since it told */
};
enum { BATCHES_NODES = 16 };
size_t batches_nodes(struct batches *, struct batches_node nodes[BATCHES_NODES]);
/* How long ago the database has answered last; 0: there is none. From any thread; it does not wait. */
uint64_t batches_silent_us(const struct batches *);
/* The monotonic moment until which no other process takes the lead: the lease from the last sign of life that the
 * database has taken. 0: nobody else can lead. From any thread; it does not wait. */
uint64_t batches_led_until_us(const struct batches *);

/* For a store that is followed: copies all of it as it is at one moment, as a journal in that folder, durable, with its
 * mark. */
bool batches_copy(struct batches *, const char *folder, struct error *);
/* Writes all of `from` to `to`, as it is encrypted: that has the same keys, and is empty, or has a beginning of it and
 * goes on from there. False: it has something else, or one of both failed. */
bool batches_pour(struct batches *from, struct batches *to, struct error *);
/* The size of the journal's files, and how much of that is free to be used again; 0: not known. */
void batches_size(struct batches *, uint64_t *bytes, uint64_t *free);

/* Events and timers of batches that every replay passes over, because they have crashed a core twice. A replay is then
 * another one than the run that wrote the batches up to `until`: the digests in those say nothing about it. From there
 * on it is what its leader has made of it. */
struct batches_pass {
    uint64_t batch, until;
    uint32_t place; /* as struct batch.passed has it */
};
enum { BATCHES_PASSES_MAX = 64 };
/* Makes one durable; `until` is the last batch now. A second time changes nothing. */
bool batches_pass(struct batches *, uint64_t batch, uint32_t place, struct error *);
/* The places of the batch; borrowed until the next batches_pass or batches_look. NULL: it has none. */
const uint32_t *batches_passes(struct batches *, uint64_t batch, uint32_t *count);
/* True: the digest in that batch was made by a run that has not passed over what a replay passes over. */
bool batches_digest_unsure(struct batches *, uint64_t batch);

bool batches_put_image(struct batches *, const uint8_t hash[32], struct span bytes, struct error *);
bool batches_get_image(struct batches *, const uint8_t hash[32], struct span *bytes, struct error *);
/* The hash of the image that was put as number `index`, from 0. False: past the last, or it cannot be read. Not for a
 * store that is followed. */
bool batches_image_at(struct batches *, uint64_t index, uint8_t hash[32]);
