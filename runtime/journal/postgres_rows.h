/* runtime/journal/postgres_rows.h - The rows of a journal in PostgreSQL, as its files share them. Internal to the room.
 *
 * batches_postgres.c opens, appends and reads; postgres_keys.c brings keys from machine to machine; postgres_standby.c
 * follows a leader and takes the lead; postgres_files.c moves the files that the next leader needs. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "runtime/journal/batches_kind.h"
#include "runtime/journal/batches_postgres.h"
#include "runtime/journal/folder.h"
#include "runtime/journal/postgres_line.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/message.h"

enum {
    ROW_HASH = 32,
    ROW_NONCE = 16,
    ROW_SESSION = 16,
    ROWS_ASK_MS = 10000,   /* bound of a statement that reads */
    ROWS_APPEND_MS = 2000, /* the first try of an append; each next one waits twice as long */
    ROWS_LOOK_MS = 2000,   /* bound of a follower's look, as it answers its administrator between two looks */
    ROWS_LEASE_MS = 10000, /* lease of a store that gives no signs: it works on the journal for a moment */
    ROWS_NODE = 128,
    ROWS_FILES = 3 + PLACE_FILES,
};

struct batches_rows {
    struct postgres_line *line;
    struct journal_folder own;
    struct keys *keys; /* the folder's keys, borrowed; NULL: nothing is encrypted */
    char *state;       /* the state folder; NULL: the store is opened for one task */
    char machine[64];  /* this machine's name */
    uint64_t domain, term, last;
    uint8_t id[POSTGRES_ID];
    uint8_t session[ROW_SESSION]; /* this store's mark, which the row of gcx_domain has while this store leads */
    bool leads, writes, levelled; /* levelled: the tables are of this version */
    uint64_t rival_seen; /* the last sign of another leader, seen while this store wants to lead; 0: there is none */
    unsigned wait_ms;
    bool away;         /* the watch was told that the database is away */
    struct error told; /* the reason that the watch was told last */
    uint64_t told_us;
    bool checked, locked; /* on this connection: the journal was found to be ours still; the advisory lock is held */
    bool answering;       /* the copies were found not to be stalled when this connection began */
    bool listens;         /* this connection listens: each append of the leader wakes it */
    uint8_t nonce[ROW_NONCE], hash[ROW_HASH]; /* nonce and hash of the last row */
    /* The number and hash of the row that was read last: if the next row is read then, its `previous` must be that
     * hash. */
    uint64_t read;
    uint8_t read_hash[ROW_HASH];
    uint64_t looked_us, size, appended_us;
    unsigned look_step; /* the step of a look at the copies; 0: no look is under way */
    unsigned copies;
    bool counted;        /* this process has counted the copies */
    bool archive_fails;  /* the watch was told that archiving fails */
    struct error unread; /* why the name of an image or a struct batches_pass could not be read (rows_whole) */
    struct rows_room {
        uint8_t *bytes;
        size_t capacity;
    } image;
    struct rows_ahead { /* rows that were read together, each as a struct row_head and the row's bytes */
        uint8_t *bytes;
        size_t capacity, at;
        uint64_t next, end; /* the row at `at`, and the one behind the last */
        uint64_t portion;   /* how many rows the last statement asked for */
    } ahead;
    struct rows_keys {  /* postgres_keys.c */
        uint64_t *told; /* by slot: the key's id that the database has; 0: none */
        uint32_t count;
        bool known, head;
        struct writer blob; /* the slots that go with the append under way */
    } shared;
    struct rows_standby {         /* postgres_standby.c */
        bool follows;             /* true: this store does not lead yet */
        bool signs;               /* true: it gives signs and is listed; false: it works on the journal for a moment */
        bool followed;            /* somebody follows this leader */
        bool alone;               /* true: it leads, and nobody is meant to follow it */
        uint64_t lease_ms, taken; /* taken: the batch up to which it has taken the leader's keys */
        uint64_t stands;          /* the batch of the snapshot from which it began; 0: it began without one */
        atomic_uint_fast64_t signed_us; /* when the last accepted sign of life was sent; 0: none was */
        struct batches_sign sign;
        const char *names[ROWS_FILES];     /* the small files that the next leader needs; NULL ends the list */
        struct timespec files[ROWS_FILES]; /* by file: its time when the database got it */
        size_t first;         /* the file to look at first, as one that always changes must keep no other back */
        struct rows_putting { /* the file that goes to the database in parts; sealed NULL: none does */
            uint8_t *sealed;
            size_t which, length, at;
            struct timespec of;
        } putting;
        uint64_t files_us;    /* a file could not be put: none is tried before this moment */
        pthread_mutex_t lock; /* protects the nodes, which other threads read */
        struct batches_node nodes[BATCHES_NODES];
        size_t node_count;
        uint64_t nodes_us; /* when they were read */
    } standby;
};

/* Makes the store, which is not connected yet. NULL: the connection string is wrong. */
struct batches_rows *rows_new(const struct journal_place *, bool writes, const uint8_t id[POSTGRES_ID], struct error *);
void postgres_close(void *self);
/* Forgets the rows that were read ahead: a look may find that another server leads. */
void rows_ahead_forget(struct batches_rows *);

enum line_outcome rows_up(struct batches_rows *, struct error *);
/* Do the copies answer? To be asked before something is committed over a new connection: LINE_LOST where an earlier
 * statement still waits for copies. One more would wait, too, and each statement that is given up leaves its process at
 * the server until the copies answer. */
enum line_outcome rows_copies_answer(struct batches_rows *, struct error *);
struct line_values rows_values(const struct batches_rows *); /* begins a statement's values: $1 is the domain */
void rows_session(const struct batches_rows *, struct line_values *); /* adds the session, a fence beside the term */
enum line_outcome rows_ask(struct batches_rows *, enum line_ask, struct line_values *, struct error *);
/* Does the database still have the journal that it had? This is read from an answer that has come: its first column is
 * the journal's id, and `column` has 0 if there is no batch. LINE_LOST: the row of gcx_domain is missing, or there is
 * no batch at all, as while somebody puts the database back. */
enum line_outcome rows_found(const struct batches_rows *, int column, struct error *);
/* Asks the database the same. `ours`: this store leads. `last`: the last row is there. LINE_LOST is the answer, too,
 * while a table is missing. */
struct rows_still {
    bool ours, last;
};
enum line_outcome rows_still(struct batches_rows *, struct rows_still *, struct error *);
/* Is the database there, and does this store still lead its journal? A store that was deposed tells its watch. */
bool rows_ours(struct batches_rows *, bool *deposed);
/* Finds out why a statement of the leader has changed nothing: another one leads, or the row of gcx_domain is missing
 * for a moment. */
void rows_unchanged(struct batches_rows *, bool *deposed);
void rows_hash(const struct batches_rows *, uint64_t number, const uint8_t *prev, struct span row,
               uint8_t hash[ROW_HASH]);
/* The leadership as the row of gcx_domain has it. `led`: another one than this store has given a sign within its lease.
 * `older`: that leader is of an earlier version and gives no signs that count; it lives while it is connected. */
struct rows_led {
    uint64_t term, seen;
    bool led, older;
};
enum line_outcome rows_led(struct batches_rows *, struct rows_led *, struct error *);
/* Is the database's journal the one that the folder knows? LINE_REFUSED: no, or the database has none. `node`: its
 * leader's name. */
enum line_outcome batches_know_domain(struct batches_rows *, struct span *node, struct error *);
enum line_outcome rows_ends(struct batches_rows *, uint64_t *first, uint64_t *last, struct error *);
/* Reads nonce and hash of the last row. */
enum line_outcome batches_know_last(struct batches_rows *, struct error *);
void rows_node(const struct batches_rows *, char node[ROWS_NODE]); /* the name of this process */

/* ---- keys (postgres_keys.c) ---- */

/* Brings the leader's STATE/keys into the database, where the two differ. */
bool rows_keys_level(struct batches_rows *, struct error *);
/* Returns the slots that were given since the last append, as row_append_told takes them; empty: there are none. */
struct span rows_keys_new(struct batches_rows *);
/* Brings the keys that the database got since that batch into a follower's STATE/keys. */
bool rows_keys_take(struct batches_rows *, uint64_t since, struct error *);
/* Makes STATE/keys, where there is none, with the head of the leader's file, if the site's key opens that. */
bool rows_keys_begin(struct batches_rows *, const char *state, const char *key_file, struct error *);

/* ---- who follows, and is followed (postgres_standby.c) ---- */

#define ROWS_STANDBY_TABLES                                                                                            \
    "CREATE TABLE IF NOT EXISTS gcx_key(domain bigint NOT NULL, slot bigint NOT NULL, id bytea NOT NULL,"              \
    " batch bigint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY(domain, slot));"                                        \
    "CREATE INDEX IF NOT EXISTS gcx_key_batch ON gcx_key(domain, batch);"                                              \
    "CREATE TABLE IF NOT EXISTS gcx_file(domain bigint NOT NULL, name text NOT NULL, part bigint NOT NULL,"            \
    " bytes bytea NOT NULL, PRIMARY KEY(domain, name, part));"                                                         \
    "ALTER TABLE gcx_file ALTER COLUMN bytes SET STORAGE EXTERNAL;"                                                    \
    "CREATE TABLE IF NOT EXISTS gcx_member(domain bigint NOT NULL, node text NOT NULL, role text NOT NULL,"            \
    " term bigint NOT NULL, batch bigint NOT NULL, lease_ms bigint NOT NULL, seen timestamptz NOT NULL,"               \
    " PRIMARY KEY(domain, node));"

/* The operations of a follower's store, for its struct batches_kind. */
bool postgres_standby_look(void *self, uint64_t *first, uint64_t *last, struct error *);
enum append_result postgres_take(void *self, uint64_t number, struct span row, struct error *);
void postgres_sign(void *self, struct batches_sign *);
void postgres_hear(void *self, unsigned within_ms);
void postgres_stands(void *self, uint64_t number);
bool postgres_beat(void *self, bool *deposed);
bool postgres_leave(void *self, struct error *);
size_t postgres_nodes(void *self, struct batches_node *nodes);
uint64_t postgres_silent_us(void *self);
uint64_t postgres_led_until_us(void *self);
/* Notes a sign of life: a row, a beat, a part of a file or the take of the lead that was sent at `sent_us` is
 * committed. */
void rows_signed(struct batches_rows *, uint64_t sent_us);
/* Give a sign of life, the first at once, the second when it is due: a leader whose append waits lives all the same,
 * and so does one that reads for long. */
void rows_sign_give(struct batches_rows *);
void rows_sign_due(struct batches_rows *);
/* Ends the leadership of this store: nobody leads then. */
bool rows_leave(struct batches_rows *, unsigned within_ms, struct error *);
/* Reads the list of the processes that lead and follow. */
void rows_members(struct batches_rows *, unsigned within_ms);
void rows_members_forget(struct batches_rows *); /* deletes the processes of long ago from the list */

/* ---- files (postgres_files.c) ---- */

/* Notes the names of the small files; `further` are borrowed, NULL ends them. */
void rows_files_name(struct batches_rows *, const char *const *further);
/* Puts a part of a small file that has changed into the database, which is a sign of life, too. False: no file has
 * changed. `*deposed`: another process leads. */
bool rows_files_put(struct batches_rows *, bool *deposed);
void rows_files_end(struct batches_rows *);
bool rows_files_take(struct batches_rows *, struct error *);
/* Removes the database's snapshots that are older than the newest one of the folder. */
bool rows_snapshots_forget(struct batches_rows *, const char *state, struct error *);
/* Fetches the newest snapshot, where the folder has an older one or none. False: the database has none either, and the
 * journal, whose first batch is `first`, needs one. */
bool rows_snapshot_fetch(struct batches_rows *, const char *state, uint64_t first, struct error *);
