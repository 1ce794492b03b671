/* runtime/journal/postgres_rows.h - The store whose journal is in PostgreSQL, shared by the files that implement it.
 * Internal to the room.
 *
 * batches_postgres.c opens, appends and reads; postgres_keys.c transfers keys between machines; postgres_standby.c
 * follows a leader and takes the lead; postgres_files.c transfers files that the next leader needs. */
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
    ROWS_ASK_MS = 10000,   /* time limit of a reading statement */
    ROWS_APPEND_MS = 2000, /* time limit of an append's first try; each next try gets twice as long */
    ROWS_LOOK_MS = 2000,   /* time limit of a follower's look, as its administrator is answered only between looks */
    ROWS_LEASE_MS = 10000, /* lease of a store that gives no signs of life: it is only opened for a short task */
    ROWS_NODE = 128,
    ROWS_FILES = 3 + PLACE_FILES,
};

struct batches_rows {
    struct postgres_line *line;
    struct journal_folder own;
    struct keys *keys; /* the folder's keys, borrowed; NULL: nothing is encrypted */
    char *state;       /* the state folder; NULL: the store was opened for one task */
    char machine[64];  /* this machine's name */
    uint64_t domain, term, last;
    uint8_t id[POSTGRES_ID];
    uint8_t session[ROW_SESSION]; /* random id of this store, in the row of gcx_domain while this store leads */
    bool leads, writes, levelled; /* levelled: the tables have this version's form */
    uint64_t rival_seen;          /* last sign of another leader, while this store wants to lead; 0: there is none */
    unsigned wait_ms;
    bool away;         /* the watch was told that the database is unreachable */
    struct error told; /* the last reason reported to the watch */
    uint64_t told_us;
    /* on this connection: the journal was checked to be still ours; the advisory lock is held */
    bool checked, locked;
    bool answering; /* the copies answered when this connection began */
    bool listens;   /* this connection listens for notifications: each append of the leader wakes it */
    uint8_t nonce[ROW_NONCE], hash[ROW_HASH]; /* nonce and hash of the last row */
    /* Number and hash of the row read last: if the next row is read after it, that row's `previous` must be this
     * hash. */
    uint64_t read;
    uint8_t read_hash[ROW_HASH];
    uint64_t looked_us, size, appended_us;
    unsigned look_step; /* the next step of a look at the copies; 0: no look is in progress */
    unsigned copies;
    bool counted;        /* this process has counted the copies */
    bool archive_fails;  /* the watch was told that archiving the server's log fails */
    struct error unread; /* why the name of an image or a struct batches_pass could not be read (rows_whole) */
    struct rows_room {
        uint8_t *bytes;
        size_t capacity;
    } image;
    struct rows_ahead { /* rows read ahead in one answer, each as a struct row_head and the row's bytes */
        uint8_t *bytes;
        size_t capacity, at;
        uint64_t next, end; /* number of the row at `at`, and the number after the last row */
        uint64_t portion;   /* how many rows the last statement asked for */
    } ahead;
    struct rows_keys {  /* postgres_keys.c */
        uint64_t *told; /* for each slot: the key's id in the database; 0: none */
        uint32_t count;
        bool known, head;
        struct writer blob; /* the slots sent with the current append */
    } shared;
    struct rows_standby { /* postgres_standby.c */
        bool follows;     /* true: this store follows and does not lead yet */
        /* true: the store gives signs of life and is listed; false: it was opened for a short task */
        bool signs;
        bool followed;                  /* somebody follows this leader */
        bool alone;                     /* true: this store leads, and no follower is intended */
        uint64_t lease_ms, taken;       /* taken: the batch up to which this follower has read the leader's keys */
        uint64_t stands;                /* the batch of the snapshot from which the follower began; 0: none */
        atomic_uint_fast64_t signed_us; /* when the last accepted sign of life was sent; 0: none was accepted */
        struct batches_sign sign;
        const char *names[ROWS_FILES];     /* the small files that the next leader needs; NULL ends the list */
        struct timespec files[ROWS_FILES]; /* for each file: its modification time when the database got it */
        size_t first;         /* the file to check first, so that one that always changes does not block the others */
        struct rows_putting { /* the file being sent in parts; sealed NULL: none */
            uint8_t *sealed;
            size_t which, length, at;
            struct timespec of;
        } putting;
        uint64_t files_us;    /* a file could not be sent: no file is tried before this time */
        pthread_mutex_t lock; /* protects the list of nodes, which other threads read */
        struct batches_node nodes[BATCHES_NODES];
        size_t node_count;
        uint64_t nodes_us; /* when they were read */
    } standby;
};

/* Makes the store, which does not connect yet. NULL: the connection string is wrong. */
struct batches_rows *rows_new(const struct journal_place *, bool writes, const uint8_t id[POSTGRES_ID], struct error *);
void postgres_close(void *self);
/* Drops the rows that were read ahead, as a look may find that another server leads. */
void rows_ahead_forget(struct batches_rows *);

enum line_outcome rows_up(struct batches_rows *, struct error *);
/* Do the copies answer? Call this before a commit over a new connection. LINE_LOST: an earlier statement still waits
 * for copies. A further statement would wait, too, and each statement given up leaves its process at the server until
 * the copies answer. */
enum line_outcome rows_copies_answer(struct batches_rows *, struct error *);
struct line_values rows_values(const struct batches_rows *); /* begins the values of a statement: $1 is the domain */
/* adds the session, which together with the term fences off other leaders */
void rows_session(const struct batches_rows *, struct line_values *);
enum line_outcome rows_ask(struct batches_rows *, enum line_ask, struct line_values *, struct error *);
/* Has the database still the same journal? Asks nothing: reads the answer already received, whose first column is the
 * journal's id, and whose column number `column` is 0 if there is no batch. LINE_LOST: the row of gcx_domain is
 * missing, or there is no batch at all, as while a backup is being restored. */
enum line_outcome rows_found(const struct batches_rows *, int column, struct error *);
/* Asks the database whether it still has the same journal. `ours`: this store leads. `last`: the database still has the
 * last row that this store has written or read. LINE_LOST also if a table is missing. */
struct rows_still {
    bool ours, last;
};
enum line_outcome rows_still(struct batches_rows *, struct rows_still *, struct error *);
/* Is the database reachable, and does this store still lead its journal? A deposed store reports that to its watch. */
bool rows_ours(struct batches_rows *, bool *deposed);
/* Finds out why a statement of the leader has changed nothing: another one leads, or the row of gcx_domain is
 * missing for a while. */
void rows_unchanged(struct batches_rows *, bool *deposed);
void rows_hash(const struct batches_rows *, uint64_t number, const uint8_t *prev, struct span row,
               uint8_t hash[ROW_HASH]);
/* Who leads, according to the row of gcx_domain. `led`: another store than this one has given a sign of life within
 * its lease. `older`: that leader is of an earlier version, whose signs cannot be used; it lives as long as it is
 * connected. */
struct rows_led {
    uint64_t term, seen;
    bool led, older;
};
enum line_outcome rows_led(struct batches_rows *, struct rows_led *, struct error *);
/* Is the journal in the database the one that the folder knows? LINE_REFUSED: the database has another journal, or
 * none. `node`: its leader's name. */
enum line_outcome batches_know_domain(struct batches_rows *, struct span *node, struct error *);
enum line_outcome rows_ends(struct batches_rows *, uint64_t *first, uint64_t *last, struct error *);
/* Reads nonce and hash of the last row. */
enum line_outcome batches_know_last(struct batches_rows *, struct error *);
void rows_node(const struct batches_rows *, char node[ROWS_NODE]); /* the name of this process */

/* ---- keys (postgres_keys.c) ---- */

/* Copies the leader's STATE/keys into the database, where the two differ. */
bool rows_keys_level(struct batches_rows *, struct error *);
/* Returns the slots given since the last append, in the form for row_append_told; empty: none. */
struct span rows_keys_new(struct batches_rows *);
/* Copies the keys that the database got since that batch into a follower's STATE/keys. */
bool rows_keys_take(struct batches_rows *, uint64_t since, struct error *);
/* Makes STATE/keys, if there is none, with the head of the leader's file, provided that the site's key can decrypt
 * it. */
bool rows_keys_begin(struct batches_rows *, const char *state, const char *key_file, struct error *);

/* ---- followers and leaders (postgres_standby.c) ---- */

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
/* Notes a sign of life that was sent at `sent_us` and is now committed: a row, a beat, a part of a file or the
 * taking of the lead. */
void rows_signed(struct batches_rows *, uint64_t sent_us);
/* Give a sign of life, the first function at once, the second if it is due: a leader also lives while its append
 * waits, or while it reads for long. */
void rows_sign_give(struct batches_rows *);
void rows_sign_due(struct batches_rows *);
/* Ends the leadership of this store, so that nobody leads. */
bool rows_leave(struct batches_rows *, unsigned within_ms, struct error *);
/* Reads the list of the processes that lead and follow. */
void rows_members(struct batches_rows *, unsigned within_ms);
void rows_members_forget(struct batches_rows *); /* deletes long-gone processes from the list */

/* ---- files (postgres_files.c) ---- */

/* Stores the names of the small files; `further` are borrowed, and end with NULL. */
void rows_files_name(struct batches_rows *, const char *const *further);
/* Sends a part of a changed small file to the database, which is also a sign of life. False: no file has changed.
 * `*deposed`: another process leads. */
bool rows_files_put(struct batches_rows *, bool *deposed);
void rows_files_end(struct batches_rows *);
bool rows_files_take(struct batches_rows *, struct error *);
/* Removes snapshots from the database that are older than the folder's newest one. */
bool rows_snapshots_forget(struct batches_rows *, const char *state, struct error *);
/* Fetches the newest snapshot, if the folder has none or an older one. False: the database has none either, but the
 * journal, whose first batch is `first`, needs one. */
bool rows_snapshot_fetch(struct batches_rows *, const char *state, uint64_t first, struct error *);
