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

/* Calls to whoever opens a store: `note` brings a sentence when the store waits for such a lock or its database, and
 * when that is over, on the thread that waits. */
struct batches_watch {
    void (*note)(void *self, const char *text);
    void *self;
    void (*beat)(void *self); /* an append is still waiting, for a bounded time; NULL: nobody wants to know */
};

/* Opens the folder's own journal in WAL mode with synchronous FULL, which is asserted. A folder that has keys has its
 * batches and images encrypted. Refused where batches that were acknowledged are missing at its end (end_mark.h).
 * `watch` is copied; NULL: nobody wants to know. */
struct batches *batches_open_sqlite(const char *directory, const struct batches_watch *watch, struct error *);
/* Opens it to read only, beside the process that writes: takes no lock and keeps nobody waiting. batches_append and
 * batches_put_image are not for such a store. */
struct batches *batches_follow_sqlite(const char *directory, struct error *);
/* Looks how far a store that is followed has come: batches_last is the last batch that is there now. False: its file
 * was removed or replaced, or cannot be read; the batches that were there before can still be read. */
bool batches_look(struct batches *, struct error *);
/* place_open() knows whether a folder has its batches here or in PostgreSQL, and opens them. */

/* Returns the keys of the store's folder (keys.h); NULL: nothing is encrypted. */
struct keys *batches_keys(struct batches *);
/* Refuses all later writes to the store for the reason `why`: they could not be as they must be. */
void batches_fail(struct batches *, const struct error *why);
struct batches *batches_open_memory(void);
void batches_close(struct batches *);

/* Appends the batch and blocks until it is durable. `number` follows the last one. A sync that failed is
 * APPEND_UNKNOWN: it is never tried again on the same connection. APPEND_UNKNOWN is also a batch whose file was removed
 * or replaced by another one of its name: the next start would not find the batch. */
enum append_result batches_append(struct batches *, uint64_t number, struct span batch, struct error *);
/* Reads the batch of that number, valid until the next batches_read; false where there is none. */
bool batches_read(struct batches *, uint64_t number, struct span *batch, struct error *);
uint64_t batches_last(struct batches *);  /* the number of the last batch; 0: there is none */
uint64_t batches_first(struct batches *); /* the number of the oldest batch that was not pruned; 0: there is none */
/* Removes batches below `below`, oldest first, until all are gone or `within_us` have passed; the last batch of all
 * always stays. False: that failed; then as many batches are there as before, or all are gone and the keys of their
 * secrets may not be: prune them again. Pruned batches may be there again after a loss of power. */
bool batches_prune(struct batches *, uint64_t below, uint64_t within_us, struct error *);
/* Gives the space of what was pruned back to the file system: the whole journal is written anew. */
bool batches_shrink(struct batches *, struct error *);
/* Did a batch find no room but that of the reserve (reserve.h)? The process has to end in order, at once, then. From
 * any thread. */
bool batches_gave_up(const struct batches *);
/* Does another process lead the journal? This one must end then, and whatever it has not heard of as acknowledged is
 * not. From any thread. */
bool batches_deposed(const struct batches *);
/* Returns how many servers have each batch that is acknowledged; 0: not known. The store asks its database anew every
 * few seconds, tells its watch of a change, and finds out whether it was deposed. It asks one thing per call, so that
 * appends come between. `*more`: there is more to ask, by the next call. */
unsigned batches_copies(struct batches *, bool *more);
/* Has batches_copies found that the database cannot archive its log, so that the log grows? */
bool batches_archive_fails(struct batches *);
/* Would the next start find what is written now? False: a file of the store was removed, moved away or replaced while
 * it was in use. Keeps nobody waiting. */
bool batches_there(const struct batches *, struct error *);

/* ---- a store that another process leads, and that this one may take ---- */

/* The leader's signs of life as batches_look has read them last: whatever changes here shows that the leader lives. */
struct batches_sign {
    uint64_t term, seen, last;
    uint64_t lease_us; /* the leader's lease, in which it gives four signs; 0: a leader of an earlier version, which
                          does not say it */
    bool left;         /* nobody leads: the last leader has ended in order */
    bool ours;         /* this store leads, though the answer to its batches_take was lost: call batches_take again */
    uint64_t first; /* how many other followers lead fewer journals of that database, and so may take this one first */
};
void batches_sign(struct batches *, struct batches_sign *);
/* Tells the store at which batch its follower begins: that of its snapshot. It has read none yet. */
void batches_stands(struct batches *, uint64_t number);
/* Waits until the leader may have written something, or the time is over. */
void batches_hear(struct batches *, unsigned within_ms);
/* Appends the batch as the first of the next term: this process leads from then on, and appends. APPEND_DEPOSED:
 * somebody has written meanwhile; APPEND_UNKNOWN: there is no answer. After these two the store is followed as before,
 * and a later batches_look tells whether the batch was appended (struct batches_sign, `ours`). */
enum append_result batches_take(struct batches *, uint64_t number, struct span batch, struct error *);
/* Gives the leader's sign of life, or a part of a file that the next leader needs, and finds out whether it was
 * deposed. To be called each quarter of the lease. False: this store needs no signs. */
bool batches_beat(struct batches *);
/* Ends the leadership in order, so that the next process may take the journal at once; a follower leaves the list of
 * nodes. Nothing more is written. */
bool batches_leave(struct batches *, struct error *);

/* Lists the processes that lead or follow, as they have last described themselves. From any thread; it does not wait
 * for an append. */
struct batches_node {
    char name[128]; /* its machine and its process */
    bool leads;
    uint64_t term, batch, age_us; /* age: how long ago it gave its last sign */
};
enum { BATCHES_NODES = 16 };
size_t batches_nodes(struct batches *, struct batches_node nodes[BATCHES_NODES]);
/* Returns how long ago the database has answered last; 0: the store has no database. From any thread; it does not wait.
 */
uint64_t batches_silent_us(const struct batches *);
/* Returns the monotonic moment until which no other process takes the lead: that of the last sign of life that the
 * database has taken, and the lease. 0: nobody else can lead. From any thread; it does not wait. */
uint64_t batches_led_until_us(const struct batches *);

/* Copies all of a store that is followed, as it is at one moment: makes a durable journal with its end mark in that
 * folder. */
bool batches_copy(struct batches *, const char *folder, struct error *);
/* Writes all batches and images of `from`, encrypted as they are, to `to`, which has the same keys. `to` is empty, or
 * has the first of them and goes on from there. False: `to` has something else, or one of the stores failed. */
bool batches_pour(struct batches *from, struct batches *to, struct error *);
/* Tells the size of the journal's files, and how many bytes of them are free to be used again; 0: not known. */
void batches_size(struct batches *, uint64_t *bytes, uint64_t *free);

/* An event or timer of a batch that every replay passes over, because it has crashed a core twice. So a replay differs
 * from the run that wrote the batches up to `until`, and the digests in these say nothing about it. From there on the
 * leader's core has passed it over, too. */
struct batches_pass {
    uint64_t batch, until;
    uint32_t place; /* as struct batch.passed has it */
};
enum { BATCHES_PASSES_MAX = 64 };
/* Makes a struct batches_pass durable, with the last batch of now as its `until`. A second time changes nothing. */
bool batches_pass(struct batches *, uint64_t batch, uint32_t place, struct error *);
/* Returns the places of the batch that replays pass over; borrowed until the next batches_pass or batches_look. NULL:
 * there are none. */
const uint32_t *batches_passes(struct batches *, uint64_t batch, uint32_t *count);
/* Was the digest in that batch made by a run that has not passed over what a replay passes over? */
bool batches_digest_unsure(struct batches *, uint64_t batch);

bool batches_put_image(struct batches *, const uint8_t hash[32], struct span bytes, struct error *);
bool batches_get_image(struct batches *, const uint8_t hash[32], struct span *bytes, struct error *);
/* The hash of the image that was put as number `index`, from 0. False: past the last, or it cannot be read. Not for a
 * store that is followed. */
bool batches_image_at(struct batches *, uint64_t index, uint8_t hash[32]);
