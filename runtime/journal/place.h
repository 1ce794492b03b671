/* runtime/journal/place.h - The place of the batches of a state folder: the folder itself, or PostgreSQL.
 *
 * The setting `journal` of gcxvm.conf chooses. STATE/journal.postgres keeps what the setting said, with the mark of the
 * journal in that database: so every program that is given a state folder finds its batches, and no journal goes on in
 * the other store, or in another database, unnoticed. All else of the folder, such as keys, snapshots and the end mark,
 * stays in it. */
#pragma once

#include "runtime/journal/batches.h"

struct journal_place {
    const char *database; /* libpq's connection string; "": the folder */
    uint64_t domain;      /* the partition's number */
    unsigned wait_s;      /* how long an append waits for the database */
    bool depose;          /* true: begin although another gcxvm leads the journal */
    const char *node;     /* this machine's name; NULL or "": its host name */
    uint64_t lease_ms; /* when the leader has given no sign for so long another one may lead; 0: the journal is opened
                          for a task only */
    bool alone;        /* true: nobody is meant to follow */
    const char *key_file;     /* the site's key file, which opens the journal for a new follower; NULL: not asked */
    const char *const *files; /* further files of the folder that the next leader needs; NULL ends the list. Borrowed */
};
enum { PLACE_FILES = 126, PLACE_FILE_NAME = 48 }; /* how many `files` there may be, and how long their names */

/* Is `database` empty, or a connection string without a password in it? */
bool place_database_check(const char *database, struct error *);
/* Notes the place in the folder; the daemon calls it before anything else asks for the batches. False: the folder's
 * batches are elsewhere. */
bool place_begin(const char *state, const struct journal_place *, struct error *);
/* Opens the store at its place to append, as batches_open_sqlite does. With PostgreSQL an append whose outcome is not
 * known is settled within `wait_s`: the same row is sent again, and the key of its place tells whether it was ours. */
struct batches *place_open(const char *state, const struct journal_place *, const struct batches_watch *,
                           struct error *);
/* Brings what the folder lacks and the database has; a second machine calls it before keys_make. ERROR_UNKNOWN: there
 * is no journal yet; ERROR_STATE: it is being begun; ERROR_SYSTEM: the database is away. */
bool place_fetch(const char *state, const struct journal_place *, struct error *);
/* Moves the batches of a folder that has them itself into the database, which has no journal of that partition yet, or
 * the beginning of this one from a move that was interrupted. No gcxvm may run. `last`: the last batch. */
bool place_move(const char *state, const struct journal_place *, uint64_t *last, struct error *);
/* Does the database have a journal of that partition, and does a gcxvm lead it? A restore asks. */
bool place_taken(const struct journal_place *, bool *there, bool *led, struct error *);
/* Renumbers that journal to partition -`number`, so that place_move finds its place free; 0: there was none. */
bool place_aside(const struct journal_place *, uint64_t *number, struct error *);
/* Brings the folder's newest snapshot into the database if somebody follows there. True, too, where there is nothing to
 * do. */
bool place_share_snapshot(const char *state, struct error *);
/* Finds the term of the journal in the database, 0 where the journal is in the folder; `led`: a gcxvm leads it, here or
 * elsewhere. To be asked before secret keys of the folder are erased. */
bool place_term(const char *state, uint64_t *term, bool *led, struct error *);
/* Erases from the database and its copies, too, the keys that STATE/keys has erased; a follower erases them before it
 * can lead. False: that failed, call it again; ERROR_STATE: another gcxvm leads since that term. */
bool place_keys_erase(const char *state, uint64_t term, struct error *);
/* Opens a journal that another gcxvm leads: to read it, and to take it (batches_take). */
struct batches *place_stand_by(const char *state, const struct journal_place *, const struct batches_watch *,
                               struct error *);
/* Opens to append the journal that the folder has, for a tool that works while no gcxvm runs. */
struct batches *place_open_again(const char *state, struct error *);
/* Opens the journal to read only, beside the process that writes, as batches_follow_sqlite does. */
struct batches *place_follow(const char *state, struct error *);
/* The same, but NULL where the journal lacks a batch that was acknowledged, or that the newest snapshot has. */
struct batches *place_follow_whole(const char *state, struct error *);

/* Finds which batches a folder without keys has in the clear; the daemon asks before keys_make. False: its journal is
 * encrypted, so that its keys are lost; or it has batches in the clear, and `accept` does not say that they may be, or
 * they were pruned: a start would need a snapshot in the clear. */
bool place_older(const char *directory, bool accept, struct keys_plain *older, struct error *);
