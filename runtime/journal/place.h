/* runtime/journal/place.h - Where the batches of a state folder are: in the folder itself, or in PostgreSQL.
 *
 * The setting `journal` of gcxvm.conf decides. STATE/journal.postgres stores that setting with the mark of the
 * journal in that database: so every program that gets a state folder finds its batches, and a journal cannot be
 * continued in the other store, or in another database, by mistake. All other files, such as keys, snapshots and the
 * end mark, stay in the folder. */
#pragma once

#include "runtime/journal/batches.h"

struct journal_place {
    const char *database; /* libpq's connection string; "": the batches are in the folder */
    uint64_t domain;      /* the partition's number */
    unsigned wait_s;      /* how long an append waits for the database */
    bool depose;          /* true: begin although another gcxvm leads the journal */
    const char *node;     /* this machine's name; NULL or "": use the host name */
    uint64_t lease_ms;    /* another gcxvm may lead after so much silence of the leader; 0: the journal is opened for
                           * one task only */
    bool alone;           /* true: no follower is intended */
    const char *key_file; /* the site's key file, with which a new follower opens the journal; NULL: not needed */
    const char *const *files; /* further files of the folder that the next leader needs; NULL ends the list. Borrowed */
};
enum { PLACE_FILES = 126, PLACE_FILE_NAME = 48 }; /* limit of the number of `files`, and of the length of a name */

/* Is `database` empty, or a connection string without a password? */
bool place_database_check(const char *database, struct error *);
/* Notes in the folder where its batches are; the daemon calls this before anything else needs them. False: the
 * folder's batches are at another place. */
bool place_begin(const char *state, const struct journal_place *, struct error *);
/* Opens the store for appending, as batches_open_sqlite does. With PostgreSQL an append with an unknown outcome is
 * settled within `wait_s`: the same row is sent again, and if its number is taken, it is checked whether it was
 * written by us. */
struct batches *place_open(const char *state, const struct journal_place *, const struct batches_watch *,
                           struct error *);
/* Fetches what the folder lacks from the database; a second machine calls this before keys_make. ERROR_UNKNOWN:
 * there is no journal yet; ERROR_STATE: another machine is just creating it; ERROR_SYSTEM: the database is
 * unreachable. */
bool place_fetch(const char *state, const struct journal_place *, struct error *);
/* Moves the batches of a folder into the database, which must have no journal of that partition yet, or the first
 * part of this one from an interrupted move. No gcxvm may run. `last`: the last batch. */
bool place_move(const char *state, const struct journal_place *, uint64_t *last, struct error *);
/* Has the database a journal of that partition, and does a gcxvm lead it? A restore asks. */
bool place_taken(const struct journal_place *, bool *there, bool *led, struct error *);
/* Renumbers that journal to partition -`number`, so that place_move finds the partition free; 0: there was none. */
bool place_aside(const struct journal_place *, uint64_t *number, struct error *);
/* Copies the folder's newest snapshot into the database if the journal has a follower. True also if there is nothing
 * to do. */
bool place_share_snapshot(const char *state, struct error *);
/* Finds the term of the journal in the database, 0 if the journal is in the folder; `led`: a gcxvm leads it, here or
 * on another machine. Call this before secret keys of the folder are erased. */
bool place_term(const char *state, uint64_t *term, bool *led, struct error *);
/* Erases in the database and its copies, too, the keys that STATE/keys has erased; a follower erases them before it
 * can lead. False: it failed, call it again; ERROR_STATE: another gcxvm has taken the lead since that term. */
bool place_keys_erase(const char *state, uint64_t term, struct error *);
/* Opens a journal that another gcxvm leads, for reading it and for taking the lead (batches_take). */
struct batches *place_stand_by(const char *state, const struct journal_place *, const struct batches_watch *,
                               struct error *);
/* Opens the folder's journal for appending, for a tool that works while no gcxvm runs. */
struct batches *place_open_again(const char *state, struct error *);
/* Opens the journal for reading, while another process writes, as batches_follow_sqlite does. */
struct batches *place_follow(const char *state, struct error *);
/* As place_follow(), but NULL if the journal lacks an acknowledged batch, or one that the newest snapshot contains. */
struct batches *place_follow_whole(const char *state, struct error *);

/* Finds which batches of a folder without keys are unencrypted; the daemon calls this before keys_make. False: the
 * journal is encrypted, so its keys are lost; or it has unencrypted batches, which `accept` does not allow, or whose
 * beginning was pruned, so that a start would need an unencrypted snapshot. */
bool place_older(const char *directory, bool accept, struct keys_plain *older, struct error *);
