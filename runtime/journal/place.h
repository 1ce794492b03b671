/* runtime/journal/place.h - The place of the batches of a state folder: the folder itself, or PostgreSQL.
 *
 * The setting `journal` of gcxvm.conf chooses. STATE/journal.postgres keeps what it said, with the mark of the journal
 * in that database: so every program that is given a state folder finds its batches, and a folder is never gone on with
 * in the other store, or in another database, unnoticed. All else of the folder, such as keys, snapshots and the end
 * mark, stays in it. */
#pragma once

#include "runtime/journal/batches.h"

struct journal_place {
    const char *database; /* libpq's connection string; "": the folder */
    uint64_t domain;      /* the partition */
    unsigned wait_s;      /* how long an append waits for the database */
    bool depose;          /* begin although another gcxvm has the journal */
    const char *node;     /* this machine's name; NULL or "": its host name */
    uint64_t lease_ms; /* without a sign of the leader for so long another one may lead; 0: it is opened for a task */
    bool alone;        /* nobody is meant to follow */
    const char *key_file;     /* of the site, which opens a journal that a folder begins to follow; NULL: any does */
    const char *const *files; /* further files of the folder which the next leader needs; NULL is the last. Borrowed */
};
enum { PLACE_FILES = 126, PLACE_FILE_NAME = 48 }; /* how many there may be, and how long their names */

/* Is it a connection string, without a password in it? Empty is one, too. */
bool place_database_check(const char *database, struct error *);
/* For the daemon, before anything else asks for the batches: notes the place. False: the folder's batches are
 * elsewhere. */
bool place_begin(const char *state, const struct journal_place *, struct error *);
/* As batches_open_sqlite. With PostgreSQL an append whose outcome is not known is settled within `wait_s`: the same
 * row is sent again, and the key of its place tells whether it was ours. */
struct batches *place_open(const char *state, const struct journal_place *, const struct batches_watch *,
                           struct error *);
/* For a second machine, before keys_make: brings what the folder lacks and the database has. ERROR_UNKNOWN: there is no
 * journal yet; ERROR_STATE: it is being begun; ERROR_SYSTEM: the database is away. */
bool place_fetch(const char *state, const struct journal_place *, struct error *);
/* Moves the batches of a folder that has them itself into the database, which has no journal of that partition yet, or
 * the beginning of this one from a move that was interrupted. No gcxvm may run. `last`: the last batch. */
bool place_move(const char *state, const struct journal_place *, uint64_t *last, struct error *);
/* For a restore: does the database have a journal of that partition, and does a gcxvm lead it? */
bool place_taken(const struct journal_place *, bool *there, bool *led, struct error *);
/* Sets that journal aside under the number -`number`, so that place_move finds room; 0: there was none. */
bool place_aside(const struct journal_place *, uint64_t *number, struct error *);
/* Brings the folder's newest snapshot into the database, where somebody follows; nothing to do is good. */
bool place_share_snapshot(const char *state, struct error *);
/* Before secret keys of the folder are erased: the term of the journal in the database, 0 where it is in the folder;
 * `led`: a gcxvm has it, here or elsewhere. */
bool place_term(const char *state, uint64_t *term, bool *led, struct error *);
/* After that: whatever STATE/keys has erased is gone from the database and its copies, too, and from whoever follows
 * before it can lead. False: not so, and it is to be done again; ERROR_STATE: another gcxvm leads since that term. */
bool place_keys_erase(const char *state, uint64_t term, struct error *);
/* For a journal that another gcxvm leads: reads it, and can take it (batches_take). */
struct batches *place_stand_by(const char *state, const struct journal_place *, const struct batches_watch *,
                               struct error *);
/* The same, of a folder that has its journal, for a tool that works while no gcxvm runs. */
struct batches *place_open_again(const char *state, struct error *);
/* To read only, beside the process that writes: as batches_follow_sqlite. */
struct batches *place_follow(const char *state, struct error *);
/* The same, if it has all that was acknowledged, and that the newest snapshot has. */
struct batches *place_follow_whole(const char *state, struct error *);

/* For the daemon, before keys_make: what a folder without keys has in the clear. False: its journal is encrypted, so
 * that its keys are lost; or it has batches in the clear, and `accept` does not say that they may be, or they were
 * pruned: a start would need a snapshot in the clear. */
bool place_older(const char *directory, bool accept, struct keys_plain *older, struct error *);
