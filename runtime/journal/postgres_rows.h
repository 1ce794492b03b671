/* runtime/journal/postgres_rows.h - The rows of a journal in PostgreSQL, as its files share them. Internal to the room.
 *
 * batches_postgres.c opens, appends and reads; postgres_keys.c brings keys from machine to machine; postgres_standby.c
 * has what one does who follows, and takes the lead; postgres_files.c files that come with it. */
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
    ROWS_ASK_MS = 10000,   /* a statement that reads */
    ROWS_APPEND_MS = 2000, /* the first try of an append; each next one waits twice as long */
    ROWS_LOOK_MS = 2000,   /* a look of one that follows, which answers its administrator between two */
    ROWS_LEASE_MS = 10000, /* of one that gives no signs: it works on the journal for a moment */
    ROWS_NODE = 128,
    ROWS_FILES = 3 + PLACE_FILES,
};

struct batches_rows {
    struct postgres_line *line;
    struct journal_folder own;
    struct keys *keys; /* of the folder; borrowed. NULL: nothing is encrypted */
    char *state;       /* the folder; NULL: it is opened for one task */
    char machine[64];  /* this one's name */
    uint64_t domain, term, last;
    uint8_t id[POSTGRES_ID];
    uint8_t session[ROW_SESSION]; /* of this store: the row of gcx_domain has it while this one leads */
    bool leads, writes, levelled; /* levelled: the tables are of this version */
    uint64_t rival_seen; /* the last sign of another one that leads, when this one wants to; 0: there is none */
    unsigned wait_ms;
    bool away;         /* that the database is away was told */
    struct error told; /* the reason of it, as it was told last */
    uint64_t told_us;
    bool checked, locked; /* on this connection: the journal is ours still, and the advisory lock is held */
    bool answering;       /* on this connection: the copies were not stalled when it began */
    bool listens;         /* on this connection: each append of the leader wakes it */
    uint8_t nonce[ROW_NONCE], hash[ROW_HASH]; /* of the last row */
    /* A row whose predecessor was read just before is held against it. */
    uint64_t read;
    uint8_t read_hash[ROW_HASH];
    uint64_t looked_us, size, appended_us;
    unsigned look_step; /* of a look at the copies; 0: none is under way */
    unsigned copies;
    bool counted;        /* the copies, by this process */
    bool archive_fails;  /* as it was told */
    struct error unread; /* an image's name, or what is passed over, could not be read (rows_whole) */
    struct rows_room {
        uint8_t *bytes;
        size_t capacity;
    } image;
    struct rows_ahead { /* rows that were read together, one behind the other: struct row_head, and its bytes */
        uint8_t *bytes;
        size_t capacity, at;
        uint64_t next, end; /* the row at `at`, and the one behind the last */
        uint64_t portion;   /* of the last question */
    } ahead;
    struct rows_keys {  /* postgres_keys.c */
        uint64_t *told; /* the id that the database has of each slot; 0: none */
        uint32_t count;
        bool known, head;
        struct writer blob; /* of the slots that the append under way brings */
    } shared;
    struct rows_standby {               /* postgres_standby.c */
        bool follows;                   /* it does not lead yet */
        bool signs;                     /* it tells of itself: else it works on the journal for a moment */
        bool followed;                  /* somebody listens */
        bool alone;                     /* it leads, and nobody is meant to follow it */
        uint64_t lease_ms, taken;       /* taken: keys up to this batch */
        uint64_t stands;                /* the batch of the snapshot from which it began; 0: it has none */
        atomic_uint_fast64_t signed_us; /* the last sign of life that was taken was sent then; 0: none was */
        struct batches_sign sign;
        const char *names[ROWS_FILES];     /* of the small files that go with the lead; NULL is the last */
        struct timespec files[ROWS_FILES]; /* as the database has them */
        size_t first;                      /* is looked at first: one that always changes keeps no other back */
        struct rows_putting {              /* the one that goes there; sealed NULL: none */
            uint8_t *sealed;
            size_t which, length, at;
            struct timespec of;
        } putting;
        uint64_t files_us;    /* one was not put there: not before this again */
        pthread_mutex_t lock; /* of the nodes, which other threads ask for */
        struct batches_node nodes[BATCHES_NODES];
        size_t node_count;
        uint64_t nodes_us; /* when they were read */
    } standby;
};

/* Makes the store, which is not connected yet. NULL: the connection string is none. */
struct batches_rows *rows_new(const struct journal_place *, bool writes, const uint8_t id[POSTGRES_ID], struct error *);
void postgres_close(void *self);
/* Forgets the rows that were read ahead: a look may find that another server leads. */
void rows_ahead_forget(struct batches_rows *);

enum line_outcome rows_up(struct batches_rows *, struct error *);
/* Before something is committed over a new connection: LINE_LOST where a statement of before still waits for copies.
 * One more would wait, too, and each that is given up leaves its process at the server until they answer. */
enum line_outcome rows_copies_answer(struct batches_rows *, struct error *);
struct line_values rows_values(const struct batches_rows *);          /* of a statement about the domain, which is $1 */
void rows_session(const struct batches_rows *, struct line_values *); /* the value that fences, beside the term */
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
/* For the leader: the database is there, and the journal is its own still; who was deposed is told. */
bool rows_ours(struct batches_rows *, bool *deposed);
/* A statement of the leader has changed nothing: another one leads, or the row of gcx_domain is away for a moment. */
void rows_unchanged(struct batches_rows *, bool *deposed);
void rows_hash(const struct batches_rows *, uint64_t number, const uint8_t *prev, struct span row,
               uint8_t hash[ROW_HASH]);
/* The leadership as the row of gcx_domain has it. `led`: another one than this store has given a sign within its lease.
 * `older`: it is of an earlier version, and gives no signs that count; it lives while it is connected. */
struct rows_led {
    uint64_t term, seen;
    bool led, older;
};
enum line_outcome rows_led(struct batches_rows *, struct rows_led *, struct error *);
/* Is it the journal that the folder knows? LINE_REFUSED: no, or there is none. */
enum line_outcome batches_know_domain(struct batches_rows *, struct span *node, struct error *);
enum line_outcome rows_ends(struct batches_rows *, uint64_t *first, uint64_t *last, struct error *);
/* Nonce and hash of the last row. */
enum line_outcome batches_know_last(struct batches_rows *, struct error *);
void rows_node(const struct batches_rows *, char node[ROWS_NODE]); /* the name of this process */

/* ---- keys (postgres_keys.c) ---- */

/* Brings the database to what STATE/keys has, where it differs. For the leader. */
bool rows_keys_level(struct batches_rows *, struct error *);
/* The slots that were given since the last append, as row_append_told has them; empty: there are none. */
struct span rows_keys_new(struct batches_rows *);
/* Brings STATE/keys to what the database has since that batch. For who follows. */
bool rows_keys_take(struct batches_rows *, uint64_t since, struct error *);
/* Makes STATE/keys, where there is none, with the head that the leader's has, if the site's key opens it. */
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

/* The operations of one that follows, for its kind. */
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
/* A row, a beat, a part of a file or the take of the lead that was sent at `sent_us` is committed. */
void rows_signed(struct batches_rows *, uint64_t sent_us);
/* A leader whose append waits lives all the same, and so does one that reads for long: that gives a sign when it is
 * due. */
void rows_sign_give(struct batches_rows *);
void rows_sign_due(struct batches_rows *);
/* Ends the leadership of this store: nobody leads then. */
bool rows_leave(struct batches_rows *, unsigned within_ms, struct error *);
/* Tells the others of this one, and learns of them. */
void rows_members(struct batches_rows *, unsigned within_ms);
void rows_members_forget(struct batches_rows *); /* those of long ago */

/* ---- files (postgres_files.c) ---- */

/* The names of the small files; `further` are borrowed, NULL is the last. */
void rows_files_name(struct batches_rows *, const char *const *further);
/* A part of one that has changed, which is a sign, too. False: there is none to be put. `*deposed`: another one leads.
 */
bool rows_files_put(struct batches_rows *, bool *deposed);
void rows_files_end(struct batches_rows *);
bool rows_files_take(struct batches_rows *, struct error *);
/* Removes those that are older than the newest one of the folder. */
bool rows_snapshots_forget(struct batches_rows *, const char *state, struct error *);
/* The newest snapshot, where the folder has an older one or none. False: there is none in the database either, and the
 * journal, which begins at that batch, needs one. */
bool rows_snapshot_fetch(struct batches_rows *, const char *state, uint64_t first, struct error *);
