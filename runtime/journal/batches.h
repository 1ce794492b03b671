/* runtime/journal/batches.h - The store of batches and images: one interface with several implementations.
 *
 * A batch is appended after its predecessor or not at all. An image is durable before a batch names it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/host/host.h"
#include "runtime/journal/keys.h"
#include "base/error.h"

struct batches;

/* How long an append, or the opening, waits for a lock that another process has on the journal's file: a backup, or
 * the sqlite3 shell. Shorter than the silence that ends a link (silent_s), and than the watchdog of the service. */
enum { BATCHES_WAIT_MS = 8000 };

/* Callbacks of whoever opens a store: `note` gets a sentence when the store begins or ceases to wait for such a lock
 * or its database, on the thread that waits. */
struct batches_watch {
    void (*note)(void *self, const char *text);
    void *self;
    void (*beat)(void *self); /* called while an append is waiting, for a limited time; NULL: not wanted */
};

/* Opens the folder's own journal in WAL mode with synchronous FULL, which is verified. If the folder has keys, its
 * batches and images are encrypted. Fails if acknowledged batches are missing at the journal's end (end_mark.h).
 * `watch` is copied; NULL: no callbacks. */
struct batches *batches_open_sqlite(const char *directory, const struct batches_watch *watch, struct error *);
/* Opens the journal to read only, while another process writes: takes no lock and delays nobody. batches_append and
 * batches_put_image must not be called for such a store. */
struct batches *batches_follow_sqlite(const char *directory, struct error *);
/* Finds out how far a followed store has come: afterwards batches_last returns the last batch that is there now.
 * False: its file was removed or replaced, or cannot be read; the batches seen before can still be read. */
bool batches_look(struct batches *, struct error *);
/* place_open() finds out whether a folder has its batches in SQLite or in PostgreSQL, and opens them. */

/* Returns the keys of the store's folder (keys.h); NULL: nothing is encrypted. */
struct keys *batches_keys(struct batches *);
/* Refuses all later writes to the store for the reason `why`, as they could not be done correctly. */
void batches_fail(struct batches *, const struct error *why);
struct batches *batches_open_memory(void);
void batches_close(struct batches *);

/* Appends the batch and blocks until it is durable. `number` is the last number plus 1. A failed sync gives
 * APPEND_UNKNOWN and is never tried again on the same connection. APPEND_UNKNOWN is also returned if the file was
 * removed or replaced by another of its name: the next start would not find the batch. */
enum append_result batches_append(struct batches *, uint64_t number, struct span batch, struct error *);
/* Reads the batch of that number, valid until the next batches_read; false: it cannot be read. */
bool batches_read(struct batches *, uint64_t number, struct span *batch, struct error *);
uint64_t batches_last(struct batches *);  /* the number of the last batch; 0: there is none */
uint64_t batches_first(struct batches *); /* the number of the oldest batch not pruned; 0: there is none */
/* Removes batches below `below`, oldest first, until all are gone or `within_us` have passed; the very last batch
 * always stays. False: either no batch was removed, or all were but perhaps not the keys of their secrets: prune
 * again. After a loss of power, pruned batches may be back. */
bool batches_prune(struct batches *, uint64_t below, uint64_t within_us, struct error *);
/* Gives the space of pruned batches back to the file system by rewriting the whole journal. */
bool batches_shrink(struct batches *, struct error *);
/* Did a batch need the space of the reserve (reserve.h)? If so, the process must at once end in order. From any
 * thread. */
bool batches_gave_up(const struct batches *);
/* Does another process lead the journal? If so, this process must end, and batches whose acknowledgement it has not
 * received are not acknowledged. From any thread. */
bool batches_deposed(const struct batches *);
/* Returns how many servers have each acknowledged batch; 0: unknown. The store asks its database again every few
 * seconds, reports changes to its watch, and finds out whether another process has taken the lead. Each call asks
 * only one thing, so that appends are not delayed. `*more`: the next call has more to ask. */
unsigned batches_copies(struct batches *, bool *more);
/* Has batches_copies found that the database cannot archive its log, so that the log grows? */
bool batches_archive_fails(struct batches *);
/* Would the next start find the files that are written now? False: a file of the store was removed, moved away or
 * replaced while it was in use. Keeps nobody waiting. */
bool batches_there(const struct batches *, struct error *);

/* ---- a store that another process leads, and that this one may take over ---- */

/* The leader's signs of life as last read by batches_look: any change here shows that the leader lives. */
struct batches_sign {
    uint64_t term, seen, last;
    uint64_t lease_us; /* the leader's lease, during which it gives four signs; 0: an earlier version, which does not
                        * report it */
    bool left;         /* nobody leads: the last leader has ended in order */
    bool ours;         /* this store leads, although the answer to its batches_take was lost: call batches_take again */
    uint64_t first; /* how many other followers lead fewer journals in that database, and so may take this one first */
};
void batches_sign(struct batches *, struct batches_sign *);
/* Tells the store at which batch its follower begins: the batch of its snapshot. The store has read no batch yet. */
void batches_stands(struct batches *, uint64_t number);
/* Waits until the leader may have written something, or the time has passed. */
void batches_hear(struct batches *, unsigned within_ms);
/* Appends the batch as the first of the next term: from then on this process leads and appends. APPEND_DEPOSED:
 * another process has written meanwhile; APPEND_UNKNOWN: there was no answer. After both results the store is
 * followed as before, and a later batches_look says whether the batch was appended (struct batches_sign, `ours`). */
enum append_result batches_take(struct batches *, uint64_t number, struct span batch, struct error *);
/* Gives the leader's sign of life, or a part of a file that the next leader needs, and finds out whether another
 * process leads. Call this every quarter of the lease. False: this store needs no signs. */
bool batches_beat(struct batches *);
/* Ends the leadership in order, so that the next process may take over at once; a follower is removed from the list
 * of nodes. Nothing more is written. */
bool batches_leave(struct batches *, struct error *);

/* Lists the processes that lead or follow, as they last described themselves. May be called from any thread; does
 * not wait for an append. */
struct batches_node {
    char name[128]; /* name of the machine and the process */
    bool leads;
    uint64_t term, batch, age_us; /* age: time since the process's last sign of life */
};
enum { BATCHES_NODES = 16 };
size_t batches_nodes(struct batches *, struct batches_node nodes[BATCHES_NODES]);
/* Returns how long ago the database last answered; 0: the store has no database. May be called from any thread; does
 * not wait. */
uint64_t batches_silent_us(const struct batches *);
/* Returns until when no other process can take the lead, on the monotonic clock: the last sign of life that the
 * database accepted, plus the lease. 0: no other process can ever lead. May be called from any thread; does not
 * wait. */
uint64_t batches_led_until_us(const struct batches *);

/* Copies all of a followed store, as it is at one moment: makes a durable journal with its end mark in that folder. */
bool batches_copy(struct batches *, const char *folder, struct error *);
/* Writes all batches and images of `from`, encrypted as they are, to `to`, which has the same keys. `to` is empty,
 * or has the first ones already and the copying continues after them. False: `to` has other rows, or one of the
 * stores failed. */
bool batches_pour(struct batches *from, struct batches *to, struct error *);
/* Sets the size of the journal's files, and how many of these bytes are free for reuse; 0: unknown. */
void batches_size(struct batches *, uint64_t *bytes, uint64_t *free);

/* An event or timer of a batch that every replay skips, because it has crashed a core twice. So a replay differs
 * from the run that wrote the batches up to `until`, and the digests in those batches cannot be compared. In later
 * batches the leader's core has skipped it, too. */
struct batches_pass {
    uint64_t batch, until;
    uint32_t place; /* the position in the batch, as in struct batch.passed */
};
enum { BATCHES_PASSES_MAX = 64 };
/* Stores a struct batches_pass durably, with the present last batch as its `until`. Storing it a second time changes
 * nothing. */
bool batches_pass(struct batches *, uint64_t batch, uint32_t place, struct error *);
/* Returns the positions in the batch that replays skip; borrowed until the next batches_pass or batches_look. NULL:
 * there are none. */
const uint32_t *batches_passes(struct batches *, uint64_t batch, uint32_t *count);
/* Was the digest of the core in that batch made by a run that did not skip what a replay skips? */
bool batches_digest_unsure(struct batches *, uint64_t batch);

bool batches_put_image(struct batches *, const uint8_t hash[32], struct span bytes, struct error *);
bool batches_get_image(struct batches *, const uint8_t hash[32], struct span *bytes, struct error *);
/* Gets the hash of the image that was stored as number `index`, from 0. False: past the last, or it cannot be read.
 * Must not be called for a followed store. */
bool batches_image_at(struct batches *, uint64_t index, uint8_t hash[32]);
