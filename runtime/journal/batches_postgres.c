/* runtime/journal/batches_postgres.c - The journal in PostgreSQL: one row per batch, one statement per append.
 *
 * The primary key (domain, batch) is the fence: if two processes append the same number, one is refused, whatever
 * each believes. The row of gcx_domain says who leads (postgres_statements.def): its term, which every opening and
 * every take raises, the session of the store that did so, and the time of the leader's last sign of life. A
 * statement with an older term or another session changes nothing, so a deposed leader learns of it at the next
 * append. If an answer was lost, reading that row decides: a store that finds its own session there leads.
 *
 *     sent --1 row--> durable            --0 rows, or a row of another's nonce--> deposed
 *       |--a warning, or our own row is there already--> it is committed; durable once a later commit of ours has
 *       |                                                reached the copies, which then have the row, too
 *       '--no answer, or the server is away--> a new connection, and the same row again, until the wait is over
 *
 * No batch is written twice and no acknowledged one is missing: a row is only written after its predecessor, and after
 * each new connection the last row must be there with its nonce. This shows a server that was promoted without the last
 * row, and tables restored from a backup. Every row has the hash of the row before it. Rows are stored as batches.c
 * passes them: encrypted if the folder has keys. */
#include "runtime/journal/batches_postgres.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/journal/postgres_rows.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

/* Columns that tables of an earlier version lack. */
#define ROWS_DOMAIN_LEVEL                                                                                              \
    "ALTER TABLE gcx_domain ADD COLUMN IF NOT EXISTS session bytea NOT NULL DEFAULT '', ADD COLUMN IF NOT EXISTS"      \
    " session_term bigint NOT NULL DEFAULT 0, ADD COLUMN IF NOT EXISTS lease_ms bigint NOT NULL DEFAULT 0;"

enum {
    APPEND_MOST_MS = 16000, /* the longest wait of an append; each one given up leaves a process at the server */
    PAUSE_MS = 5,
    PAUSE_MOST_MS = 1000,
    OPEN_MS = 10000,
    LOOK_US = 5000000,
    TOLD_US = 1000000, /* least time between two log lines that give different reasons for the wait */
    PRUNE_MOST = 1024,
    AHEAD_MOST = 256, /* at most so many rows in one answer of the server */
};

/* clang-format off */
static const char tables[] =
    "BEGIN;"
    "SET LOCAL lock_timeout = '1s';" /* locks on tables are not waited for long, as the wait would block all others */
    "SELECT pg_advisory_xact_lock(hashtext('gcx_domain'));" /* two that begin at once make the tables one after the other */
    "CREATE TABLE IF NOT EXISTS gcx_domain(domain bigint PRIMARY KEY, id bytea NOT NULL, format bigint NOT NULL, term bigint NOT NULL,"
    " node text NOT NULL, seen timestamptz NOT NULL);"
    ROWS_DOMAIN_LEVEL
    "CREATE TABLE IF NOT EXISTS gcx_batch(domain bigint NOT NULL, batch bigint NOT NULL, term bigint NOT NULL,"
    " nonce bytea NOT NULL, prev bytea NOT NULL, bytes bytea NOT NULL, PRIMARY KEY(domain, batch));"
    "ALTER TABLE gcx_batch ALTER COLUMN bytes SET STORAGE EXTERNAL;"
    "CREATE TABLE IF NOT EXISTS gcx_image(domain bigint NOT NULL, hash bytea NOT NULL, place bigint GENERATED ALWAYS AS IDENTITY,"
    " bytes bytea NOT NULL, PRIMARY KEY(domain, hash));"
    "CREATE TABLE IF NOT EXISTS gcx_passed(domain bigint NOT NULL, batch bigint NOT NULL, place bigint NOT NULL, until bigint NOT NULL,"
    " PRIMARY KEY(domain, batch, place));"
    ROWS_STANDBY_TABLES
    "COMMIT";
/* clang-format on */

void rows_hash(const struct batches_rows *store, uint64_t number, const uint8_t *prev, struct span row,
               uint8_t hash[ROW_HASH])
{
    crypto_generichash_state state;
    uint8_t place[16];
    bytes_put_eight(place, store->domain);
    bytes_put_eight(place + 8, number);
    crypto_generichash_init(&state, NULL, 0, ROW_HASH);
    crypto_generichash_update(&state, place, sizeof place);
    crypto_generichash_update(&state, prev, ROW_HASH);
    crypto_generichash_update(&state, row.bytes, row.length);
    crypto_generichash_final(&state, hash, ROW_HASH);
}

/* Sleeps `*ms` and doubles it for the next pause, so that a refusing server is not asked hundreds of times. A store
 * with followers gives its sign of life again before their lease is over. */
static void rows_pause(const struct batches_rows *store, unsigned *ms)
{
    uint64_t quarter_ms = store->standby.lease_ms / 4,
             most_ms = quarter_ms < PAUSE_MOST_MS ? quarter_ms : PAUSE_MOST_MS;
    nanosleep(&(struct timespec){(time_t)(*ms / 1000), (long)(*ms % 1000) * 1000000}, NULL);
    if (*ms < most_ms) *ms *= 2;
}

enum line_outcome rows_up(struct batches_rows *store, struct error *error)
{
    bool fresh;
    enum line_outcome outcome = postgres_line_up(store->line, &fresh, error);
    if (fresh) store->checked = store->locked = store->answering = store->listens = false;
    return outcome;
}

struct line_values rows_values(const struct batches_rows *store)
{
    struct line_values values = {0};
    line_number(&values, store->domain);
    return values;
}

void rows_session(const struct batches_rows *store, struct line_values *values)
{
    line_bytes(values, (struct span){store->session, ROW_SESSION});
}

enum line_outcome rows_ask(struct batches_rows *store, enum line_ask ask, struct line_values *values,
                           struct error *error)
{
    return postgres_line_ask(store->line, ask, values, ROWS_ASK_MS, error);
}

enum line_outcome rows_copies_answer(struct batches_rows *store, struct error *error)
{
    if (store->answering) return LINE_DONE;
    enum line_outcome outcome = rows_ask(store, ASK_copies_stall, NULL, error);
    store->answering = outcome == LINE_DONE && postgres_line_number(store->line, 0, 0) == 0;
    if (outcome != LINE_DONE || store->answering) return outcome;
    error_set(error, ERROR_SYSTEM, "the database waits for its copies, which do not answer");
    return LINE_LOST;
}

/* ---- opening ---- */

/* Does the SQLSTATE show that another gcxvm is creating the tables at this moment? The SQLSTATE shows that if a name
 * exists already, a row of the catalogue was changed, or a lock was not available in time. A gcxvm of an earlier
 * version creates them without the lock. */
static bool made_meanwhile(const char *code)
{
    static const char *const passing[] = {"23", "42P07", "42701", "42710", "XX000", "55P03"};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (strncmp(code, passing[i], strlen(passing[i])) == 0) return true;
    return false;
}

/* Updates the tables to this version; if there are none, `make` creates them. */
static enum line_outcome tables_level(struct batches_rows *store, bool make, struct error *error)
{
    enum { NONE, OLDER, THERE };
    if (store->levelled || !store->writes) return LINE_DONE;
    enum line_outcome outcome = rows_ask(store, ASK_tables_there, NULL, error);
    if (outcome != LINE_DONE) return outcome;
    uint64_t found = postgres_line_number(store->line, 0, 0);
    store->levelled = found == THERE;
    if (found == THERE || (found == NONE && !make)) return LINE_DONE;
    outcome = postgres_line_run(store->line, tables, ROWS_ASK_MS, error);
    store->levelled = outcome == LINE_DONE;
    if (outcome != LINE_REFUSED) return outcome;
    char code[6]; /* a copy of the SQLSTATE: the next answer overwrites it */
    snprintf(code, sizeof code, "%s", postgres_line_code(store->line));
    postgres_line_run(store->line, "ROLLBACK", ROWS_ASK_MS, NULL);
    if (made_meanwhile(code)) return LINE_LOST;
    if (found == OLDER && strcmp(code, "42501") == 0)
        error_set(error, ERROR_UNAVAILABLE,
                  "the journal's tables are of an earlier version, and this role does not own them; their owner has to "
                  "run once: %s",
                  ROWS_DOMAIN_LEVEL);
    return LINE_REFUSED;
}

enum line_outcome batches_know_domain(struct batches_rows *store, struct span *node, struct error *error)
{
    struct line_values values = rows_values(store);
    enum line_outcome outcome = tables_level(store, false, error);
    if (outcome == LINE_DONE) outcome = rows_ask(store, ASK_domain_read, &values, error);
    if (outcome == LINE_REFUSED && postgres_line_lacks_table(store->line))
        error_set(error, ERROR_UNKNOWN, "the database has no journal: no gcxvm has begun one there");
    if (outcome != LINE_DONE) return outcome;
    if (postgres_line_rows(store->line) == 0) {
        error_set(error, ERROR_UNKNOWN, "the database has no journal of partition %" PRIu64, store->domain);
        return LINE_REFUSED;
    }
    struct span id = postgres_line_bytes(store->line, 0, 0);
    if (postgres_line_number(store->line, 0, 1) != 1 || id.length != POSTGRES_ID) {
        error_set(error, ERROR_VERSION, "the journal in the database is of another version of gcxvm");
        return LINE_REFUSED;
    }
    if (sodium_is_zero(store->id, POSTGRES_ID)) memcpy(store->id, id.bytes, POSTGRES_ID);
    *node = postgres_line_bytes(store->line, 0, 3);
    if (memcmp(store->id, id.bytes, POSTGRES_ID) == 0) return LINE_DONE;
    error_set(error, ERROR_INPUT,
              "the journal of partition %" PRIu64 " in the database is another one than this state folder's: name the "
              "right database in `journal`, or put the right one back",
              store->domain);
    return LINE_REFUSED;
}

/* Takes the advisory lock, for the sake of gcxvm of earlier versions, which look at it. */
static enum line_outcome domain_hold(struct batches_rows *store, struct error *error)
{
    struct line_values values = rows_values(store);
    enum line_outcome outcome = rows_ask(store, ASK_domain_lock, &values, error);
    store->locked = outcome == LINE_DONE && postgres_line_number(store->line, 0, 0) == 1;
    return outcome;
}

enum line_outcome rows_ends(struct batches_rows *store, uint64_t *first, uint64_t *last, struct error *error)
{
    struct line_values values = rows_values(store);
    enum line_outcome outcome = rows_ask(store, ASK_ends, &values, error);
    if (outcome != LINE_DONE) return outcome;
    *first = postgres_line_number(store->line, 0, 0);
    *last = postgres_line_number(store->line, 0, 1);
    return outcome;
}

enum line_outcome batches_know_last(struct batches_rows *store, struct error *error)
{
    struct line_values values = rows_values(store);
    if (store->last == 0) return LINE_DONE;
    line_number(&values, store->last);
    enum line_outcome outcome = rows_ask(store, ASK_row_read, &values, error);
    if (outcome != LINE_DONE) return outcome;
    if (postgres_line_rows(store->line) != 1) {
        error_set(error, ERROR_SYSTEM, "the database has no batch %" PRIu64 " at this moment, as while it is put back",
                  store->last);
        return LINE_LOST;
    }
    struct span prev = postgres_line_bytes(store->line, 0, 0), nonce = postgres_line_bytes(store->line, 0, 2);
    if (prev.length != ROW_HASH || nonce.length != ROW_NONCE) {
        error_set(error, ERROR_INPUT, "batch %" PRIu64 " in the database was altered", store->last);
        return LINE_REFUSED;
    }
    memcpy(store->nonce, nonce.bytes, ROW_NONCE);
    rows_hash(store, store->last, prev.bytes, postgres_line_bytes(store->line, 0, 1), store->hash);
    return LINE_DONE;
}

/* Returns a mark that distinguishes two processes of one machine. The process id is not sufficient: it is reused, in
 * a container at once. */
static unsigned process_mark(void)
{
    static atomic_uint mark;
    unsigned none = 0;
    atomic_compare_exchange_strong(&mark, &none, randombytes_random() | 1);
    return atomic_load(&mark);
}

void rows_node(const struct batches_rows *store, char node[ROWS_NODE])
{
    snprintf(node, ROWS_NODE, "%s, process %d-%08x", store->machine, (int)getpid(), process_mark());
}

/* Takes the lead by raising `term`, as read from the row. When this commit has reached the copies, they have every
 * earlier batch, too. */
static enum line_outcome domain_take(struct batches_rows *store, uint64_t term, struct error *error)
{
    char node[ROWS_NODE];
    struct line_values values = rows_values(store);
    rows_node(store, node);
    line_number(&values, term);
    line_bytes(&values, span_of(node));
    rows_session(store, &values);
    line_number(&values, store->standby.lease_ms);
    uint64_t sent_us = host_monotonic_us();
    enum line_outcome outcome = rows_ask(store, ASK_domain_lead, &values, error);
    if (outcome != LINE_DONE) return outcome;
    store->leads = postgres_line_rows(store->line) == 1;
    if (store->leads) {
        store->term = postgres_line_number(store->line, 0, 0);
        rows_signed(store, sent_us);
        return outcome;
    }
    error_set(error, ERROR_STATE, "another gcxvm takes the journal of partition %" PRIu64 " at this moment",
              store->domain);
    return LINE_LOST;
}

enum line_outcome rows_led(struct batches_rows *store, struct rows_led *led, struct error *error)
{
    struct line_values values = rows_values(store);
    rows_session(store, &values);
    enum line_outcome outcome = rows_ask(store, ASK_domain_led, &values, error);
    *led = (struct rows_led){0};
    if (outcome != LINE_DONE || postgres_line_rows(store->line) != 1) return outcome;
    *led = (struct rows_led){.term = postgres_line_number(store->line, 0, 0),
                             .led = postgres_line_number(store->line, 0, 1) == 1,
                             .older = postgres_line_number(store->line, 0, 2) == 0,
                             .seen = postgres_line_number(store->line, 0, 3)};
    return outcome;
}

/* Called when the row says that another gcxvm leads. Returns LINE_REFUSED if that gcxvm is known to live, such as by
 * a sign since the last look; else LINE_LOST: it may be dead, and its lease will run out. */
static enum line_outcome rival_wait(struct batches_rows *store, const struct rows_led *led, const char *node,
                                    struct error *error)
{
    bool lives = led->older || (store->rival_seen > 0 && store->rival_seen != led->seen);
    store->rival_seen = led->seen;
    error_set(error, ERROR_STATE, "another gcxvm has the journal of partition %" PRIu64 " (%s); --depose takes it",
              store->domain, node);
    return lives ? LINE_REFUSED : LINE_LOST;
}

static enum line_outcome rows_lead(struct batches_rows *store, bool depose, uint64_t *first, struct error *error)
{
    uint8_t id[POSTGRES_ID];
    char name[2 * ROWS_NODE] = "";
    struct rows_led led;
    struct span node;
    enum line_outcome outcome = rows_up(store, error);
    if (outcome == LINE_DONE) outcome = tables_level(store, true, error);
    if (outcome == LINE_DONE && sodium_is_zero(store->id, POSTGRES_ID)) {
        struct line_values values = rows_values(store);
        randombytes_buf(id, sizeof id);
        line_bytes(&values, (struct span){id, sizeof id});
        outcome = rows_ask(store, ASK_domain_make, &values, error);
    }
    if (outcome == LINE_DONE) outcome = batches_know_domain(store, &node, error);
    if (outcome == LINE_DONE) snprintf(name, sizeof name, "%.*s", (int)node.length, (const char *)node.bytes);
    if (outcome == LINE_DONE) outcome = rows_led(store, &led, error);
    if (outcome == LINE_DONE && led.led && !depose) outcome = rival_wait(store, &led, name, error);
    if (outcome == LINE_DONE) outcome = rows_copies_answer(store, error);
    if (outcome == LINE_DONE) outcome = domain_take(store, led.term, error);
    if (outcome == LINE_DONE) outcome = domain_hold(store, error);
    if (outcome == LINE_DONE) outcome = rows_ends(store, first, &store->last, error);
    if (outcome == LINE_DONE) outcome = batches_know_last(store, error);
    store->checked = outcome == LINE_DONE;
    return outcome;
}

/* ---- appending ---- */

/* May a statement that has failed succeed when it is repeated? A statement may succeed later if the database is
 * unreachable, or lacks a table while it is being restored. */
static bool rows_away(const struct batches_rows *store, enum line_outcome outcome)
{
    return outcome == LINE_LOST || outcome == LINE_WARNED ||
           (outcome == LINE_REFUSED && postgres_line_lacks_table(store->line));
}

enum line_outcome rows_found(const struct batches_rows *store, int column, struct error *error)
{
    const char *lacks = postgres_line_rows(store->line) != 1                                   ? "row in gcx_domain"
                        : store->last > 0 && postgres_line_number(store->line, 0, column) == 0 ? "batch"
                                                                                               : NULL;
    if (lacks) {
        error_set(error, ERROR_SYSTEM,
                  "the database has no %s of partition %" PRIu64 " at this moment, as while it is put back", lacks,
                  store->domain);
        return LINE_LOST;
    }
    struct span id = postgres_line_bytes(store->line, 0, 0);
    if (id.length == POSTGRES_ID && memcmp(id.bytes, store->id, POSTGRES_ID) == 0) return LINE_DONE;
    error_set(error, ERROR_INPUT, "the database is another one now: it has not this journal");
    return LINE_REFUSED;
}

enum line_outcome rows_still(struct batches_rows *store, struct rows_still *still, struct error *error)
{
    struct line_values values = rows_values(store);
    line_number(&values, store->last);
    line_number(&values, store->term);
    rows_session(store, &values);
    enum line_outcome outcome = rows_ask(store, ASK_still_there, &values, error);
    if (outcome != LINE_DONE) return rows_away(store, outcome) ? LINE_LOST : outcome;
    outcome = rows_found(store, 3, error);
    if (outcome != LINE_DONE) return outcome;
    struct span nonce = postgres_line_bytes(store->line, 0, 2);
    still->ours = postgres_line_number(store->line, 0, 1) == 1;
    still->last = store->last == 0 || (nonce.length == ROW_NONCE && memcmp(nonce.bytes, store->nonce, ROW_NONCE) == 0);
    return LINE_DONE;
}

/* Checks after a new connection: does the database still have the folder's journal, with all acknowledged batches? */
static enum append_result still_ours(struct batches_rows *store, bool *again, struct error *error)
{
    struct rows_still still;
    enum line_outcome outcome = rows_still(store, &still, error);
    *again = outcome == LINE_LOST;
    store->checked = outcome == LINE_DONE && still.ours && still.last;
    if (outcome != LINE_DONE) return APPEND_UNKNOWN;
    if (!still.ours) {
        error_set(error, ERROR_STATE, "another gcxvm has taken the journal");
        return APPEND_DEPOSED;
    }
    if (store->checked) return APPEND_OK;
    error_set(error, ERROR_INPUT,
              "the database has lost batch %" PRIu64 ", which was acknowledged: it was put back, or a server without a "
              "copy leads; put the right one back, or start gcxvm once with --accept-loss and without --follow",
              store->last);
    return APPEND_UNKNOWN;
}

bool rows_ours(struct batches_rows *store, bool *deposed)
{
    bool again;
    if (rows_up(store, NULL) != LINE_DONE) return false;
    if (!store->checked && still_ours(store, &again, NULL) == APPEND_DEPOSED) *deposed = true;
    return store->checked;
}

void rows_unchanged(struct batches_rows *store, bool *deposed)
{
    store->checked = false;
    rows_ours(store, deposed);
}

/* The append has written no row. Finds out why: this store no longer leads, or an earlier row of the journal is
 * missing. */
static enum append_result append_refused(struct batches_rows *store, bool *again, struct error *error)
{
    enum append_result result = still_ours(store, again, error);
    if (result != APPEND_OK) return result;
    *again = true; /* the missing row has been restored meanwhile */
    error_set(error, ERROR_SYSTEM, "the database had lost a row of the journal for a moment");
    return APPEND_UNKNOWN;
}

/* Checks whether the copies have a committed row. Makes a later commit; when that has reached the copies, they have
 * the row, too. */
static enum append_result row_prove(struct batches_rows *store, unsigned within_ms, bool *again, struct error *error)
{
    struct line_values values = rows_values(store);
    line_number(&values, store->term);
    rows_session(store, &values);
    enum line_outcome outcome = postgres_line_ask(store->line, ASK_domain_prove, &values, within_ms, error);
    *again = rows_away(store, outcome);
    if (outcome != LINE_DONE) return APPEND_UNKNOWN;
    return postgres_line_rows(store->line) == 1 ? APPEND_OK : append_refused(store, again, error);
}

/* A row with the batch's number exists already. Finds out who wrote it. */
static enum append_result row_settle(struct batches_rows *store, uint64_t number, const uint8_t nonce[ROW_NONCE],
                                     unsigned within_ms, bool *again, struct error *error)
{
    struct line_values values = rows_values(store);
    line_number(&values, number);
    enum line_outcome outcome = rows_ask(store, ASK_row_nonce, &values, error);
    *again = rows_away(store, outcome);
    if (outcome != LINE_DONE && outcome != LINE_WARNED) return APPEND_UNKNOWN;
    if (postgres_line_rows(store->line) != 1) return append_refused(store, again, error);
    struct span found = postgres_line_bytes(store->line, 0, 0);
    if (found.length == ROW_NONCE && memcmp(found.bytes, nonce, ROW_NONCE) == 0)
        return row_prove(store, within_ms, again, error);
    error_set(error, ERROR_STATE, "another gcxvm has written batch %" PRIu64, number);
    return APPEND_DEPOSED;
}

struct row_sent {
    uint64_t number;
    struct span row, keys; /* keys: slots of keys that are sent with the row; empty: none */
    uint8_t nonce[ROW_NONCE];
};

/* Tries once to append the row. `*again`: try again, because the outcome is unknown or the server is unreachable. */
static enum append_result row_try(struct batches_rows *store, const struct row_sent *sent, unsigned within_ms,
                                  bool *again, struct error *error)
{
    enum line_outcome outcome = rows_up(store, error);
    *again = rows_away(store, outcome);
    if (outcome != LINE_DONE) return APPEND_UNKNOWN;
    if (!store->checked) {
        enum append_result ours = still_ours(store, again, error);
        if (ours != APPEND_OK) return ours;
    }
    outcome = rows_copies_answer(store, error);
    *again = rows_away(store, outcome);
    if (outcome != LINE_DONE) return APPEND_UNKNOWN;
    struct line_values values = rows_values(store);
    line_number(&values, sent->number);
    line_number(&values, store->term);
    line_bytes(&values, (struct span){sent->nonce, ROW_NONCE});
    line_bytes(&values, (struct span){store->hash, ROW_HASH});
    line_bytes(&values, sent->row);
    bool told = sent->keys.length > 0 || store->standby.followed;
    if (told) line_bytes(&values, sent->keys);
    rows_session(store, &values);
    line_bytes(&values, (struct span){store->nonce, store->last > 0 ? ROW_NONCE : 0});
    outcome = postgres_line_ask(store->line, told ? ASK_row_append_told : ASK_row_append, &values, within_ms, error);
    *again = rows_away(store, outcome);
    if (outcome == LINE_LOST) return APPEND_UNKNOWN;
    if (outcome == LINE_REFUSED && strcmp(postgres_line_code(store->line), "23505") == 0)
        return row_settle(store, sent->number, sent->nonce, within_ms, again, error);
    if (outcome == LINE_REFUSED) return APPEND_UNKNOWN;
    if (postgres_line_rows(store->line) == 1)
        return outcome == LINE_DONE ? APPEND_OK : row_prove(store, within_ms, again, error);
    return append_refused(store, again, error);
}

static void rows_wait_note(struct batches_rows *store, const struct error *why)
{
    /* After a broken connection the reason why none can be made is reported, such as a changed password. */
    uint64_t now_us = host_monotonic_us();
    bool another = now_us - store->told_us >= TOLD_US && strcmp(store->told.text, why->text) != 0;
    if (!store->away || another) {
        folder_note(&store->own, "waits for the database, %u s at most: %s", store->wait_ms / 1000, why->text);
        store->told_us = now_us;
        store->told = *why;
    }
    store->away = true;
    if (store->own.watch.beat) store->own.watch.beat(store->own.watch.self);
}

static void rows_there_again(struct batches_rows *store, uint64_t began_us)
{
    if (store->away)
        folder_note(&store->own, "the database is there again; that took about %u ms",
                    (unsigned)((host_monotonic_us() - began_us) / 1000));
    store->away = false;
}

static enum append_result postgres_append(void *self, uint64_t number, struct span row, bool *gave_up,
                                          struct error *error)
{
    struct batches_rows *store = self;
    struct row_sent sent = {.number = number, .row = row, .keys = rows_keys_new(store)};
    uint64_t began_us = host_monotonic_us(), until_us = began_us + store->wait_ms * UINT64_C(1000);
    unsigned within_ms = ROWS_APPEND_MS, pause_ms = PAUSE_MS;
    struct error why = {0};
    bool again;
    uint64_t sent_us = began_us;
    (void)gave_up;
    assert(number == store->last + 1 ||
           store->last == 0); /* a journal moved into this database begins with the oldest batch it still has */
    randombytes_buf(sent.nonce, sizeof sent.nonce);
    enum append_result result = row_try(store, &sent, within_ms, &again, &why);
    while (result == APPEND_UNKNOWN && again && host_monotonic_us() < until_us) {
        rows_wait_note(store, &why);
        rows_sign_give(store);
        rows_pause(store, &pause_ms);
        if (within_ms < APPEND_MOST_MS) within_ms *= 2;
        sent_us = host_monotonic_us();
        result = row_try(store, &sent, within_ms, &again, &why);
    }
    if (result != APPEND_OK) {
        if (error) *error = why;
        return result;
    }
    rows_there_again(store, began_us);
    rows_signed(store, sent_us);
    uint8_t hash[ROW_HASH];
    rows_hash(store, number, store->hash, row, hash);
    memcpy(store->hash, hash, ROW_HASH);
    memcpy(store->nonce, sent.nonce, ROW_NONCE);
    store->last = number;
    store->appended_us = host_monotonic_us();
    folder_mark(&store->own, number);
    return APPEND_OK;
}

/* ---- statements that may run twice ---- */

/* Repeats a statement that may run twice until there is an answer or the time has passed. */
static bool rows_ask_on(struct batches_rows *store, enum line_ask ask, const struct line_values *values,
                        unsigned bound_ms, struct error *error)
{
    uint64_t began_us = host_monotonic_us(), until_us = began_us + bound_ms * UINT64_C(1000);
    unsigned pause_ms = PAUSE_MS;
    for (;;) {
        struct error why = {0};
        struct line_values sent = *values;
        enum line_outcome outcome = rows_up(store, &why);
        if (outcome == LINE_DONE && pause_ms > PAUSE_MS) outcome = rows_copies_answer(store, &why);
        if (outcome == LINE_DONE) outcome = rows_ask(store, ask, &sent, &why);
        if (outcome == LINE_DONE || outcome == LINE_WARNED) {
            rows_there_again(store, began_us);
            return true;
        }
        if (outcome == LINE_REFUSED || host_monotonic_us() >= until_us) {
            if (error) *error = why;
            return false;
        }
        rows_wait_note(store, &why);
        rows_pause(store, &pause_ms);
    }
}

static struct span rows_keep(struct rows_room *room, struct span bytes)
{
    uint8_t *to = bytes_room(&room->bytes, &room->capacity, 0, bytes.length);
    if (bytes.length) memcpy(to, bytes.bytes, bytes.length);
    return (struct span){to, bytes.length};
}

/* ---- reading: a reader that continues after the row before gets more rows with each answer, since each answer
 * costs a round trip ---- */

struct row_head {
    uint8_t prev[ROW_HASH];
    uint32_t length;
};

void rows_ahead_forget(struct batches_rows *store)
{
    store->ahead.next = store->ahead.end = 0;
}

static void rows_ahead_keep(struct rows_ahead *ahead, size_t *length, struct span prev, struct span row)
{
    struct row_head head = {.length = row.length};
    uint8_t *to = bytes_room(&ahead->bytes, &ahead->capacity, *length, sizeof head + row.length);
    memcpy(head.prev, prev.bytes, ROW_HASH);
    memcpy(to, &head, sizeof head);
    if (row.length) memcpy(to + sizeof head, row.bytes, row.length);
    *length += sizeof head + row.length;
}

static bool rows_ahead_read(struct batches_rows *store, uint64_t number, struct error *error)
{
    struct rows_ahead *ahead = &store->ahead;
    struct line_values values = rows_values(store);
    bool goes_on = number > 1 && store->read == number - 1;
    size_t length = 0;
    rows_ahead_forget(store);
    ahead->portion = !goes_on ? 1 : ahead->portion < AHEAD_MOST ? ahead->portion * 2 : AHEAD_MOST;
    line_number(&values, number);
    line_number(&values, number + ahead->portion);
    if (!rows_ask_on(store, ASK_rows_read, &values, ROWS_ASK_MS, error)) return false;
    ahead->at = 0;
    ahead->next = ahead->end = number;
    for (int i = 0; i < postgres_line_rows(store->line); i++) {
        struct span prev = postgres_line_bytes(store->line, i, 1), row = postgres_line_bytes(store->line, i, 2);
        if (postgres_line_number(store->line, i, 0) != ahead->end || prev.length != ROW_HASH) break;
        rows_ahead_keep(ahead, &length, prev, row);
        ahead->end++;
    }
    if (ahead->end > number) return true;
    return error_set(error, ERROR_UNKNOWN, "batch %" PRIu64 " is missing", number);
}

static bool batches_postgres_read(void *self, uint64_t number, struct span *batch, struct error *error)
{
    struct batches_rows *store = self;
    struct rows_ahead *ahead = &store->ahead;
    struct row_head head;
    rows_sign_due(store); /* reading at a start may take longer than the lease */
    bool there = ahead->next == number && ahead->next < ahead->end;
    if (!there && !rows_ahead_read(store, number, error)) return false;
    memcpy(&head, ahead->bytes + ahead->at, sizeof head);
    struct span row = {ahead->bytes + ahead->at + sizeof head, head.length};
    if (store->read == number - 1 && number > 1 && memcmp(head.prev, store->read_hash, ROW_HASH) != 0)
        return error_set(error, ERROR_INPUT,
                         "the row of batch %" PRIu64 " does not follow the one before: one of both was altered",
                         number);
    rows_hash(store, number, head.prev, row, store->read_hash);
    store->read = number;
    ahead->at += sizeof head + head.length;
    ahead->next++;
    *batch = row;
    return true;
}

static bool postgres_put_image(void *self, const uint8_t hash[32], struct span bytes, struct error *error)
{
    struct batches_rows *store = self;
    struct line_values values = rows_values(store);
    line_bytes(&values, (struct span){hash, 32});
    line_bytes(&values, bytes);
    return rows_ask_on(store, ASK_image_put, &values, store->wait_ms, error);
}

static bool postgres_get_image(void *self, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    struct batches_rows *store = self;
    struct line_values values = rows_values(store);
    line_bytes(&values, (struct span){hash, 32});
    if (!rows_ask_on(store, ASK_image_get, &values, ROWS_ASK_MS, error)) return false;
    if (postgres_line_rows(store->line) != 1) return error_set(error, ERROR_UNKNOWN, "the image is missing");
    *bytes = rows_keep(&store->image, postgres_line_bytes(store->line, 0, 0));
    return true;
}

static bool postgres_image_at(void *self, uint64_t index, uint8_t hash[32])
{
    struct batches_rows *store = self;
    struct line_values values = rows_values(store);
    line_number(&values, index);
    if (!rows_ask_on(store, ASK_image_hash, &values, ROWS_ASK_MS, &store->unread) ||
        postgres_line_rows(store->line) != 1)
        return false;
    struct span found = postgres_line_bytes(store->line, 0, 0);
    if (found.length == 32) memcpy(hash, found.bytes, 32);
    return found.length == 32;
}

/* Portions that grow. Deletes rows; the commits do not wait for the disk: a later append's commit makes them
 * durable, too, and a loss of power only undoes the work. */
static bool postgres_prune(void *self, uint64_t *first, uint64_t below, uint64_t within_us, struct error *error)
{
    struct batches_rows *store = self;
    uint64_t until_us = host_monotonic_us() + within_us, portion = 1;
    bool good = rows_up(store, error) == LINE_DONE &&
                postgres_line_run(store->line, "SET synchronous_commit = off", ROWS_ASK_MS, error) == LINE_DONE;
    do {
        if (!good) break;
        uint64_t end = below - *first > portion ? *first + portion : below;
        struct line_values values = rows_values(store);
        line_number(&values, *first);
        line_number(&values, end);
        line_number(&values, store->term);
        rows_session(store, &values);
        good = rows_ask(store, ASK_rows_prune, &values, error) == LINE_DONE;
        if (good) *first = end;
        if (portion < PRUNE_MOST) portion *= 2;
    } while (*first < below && host_monotonic_us() < until_us);
    /* A lost connection is made again with its usual settings. */
    if (postgres_line_is_up(store->line) &&
        postgres_line_run(store->line, "SET synchronous_commit = on", ROWS_ASK_MS, error) != LINE_DONE)
        good = false;
    return good;
}

static bool postgres_pass(void *self, const struct batches_pass *pass, struct error *error)
{
    struct batches_rows *store = self;
    struct line_values values = rows_values(store);
    line_number(&values, pass->batch);
    line_number(&values, pass->place);
    line_number(&values, pass->until);
    line_number(&values, store->term);
    rows_session(store, &values);
    return rows_ask_on(store, ASK_pass_put, &values, ROWS_ASK_MS, error);
}

static uint32_t postgres_passes(void *self, struct batches_pass rows[BATCHES_PASSES_MAX])
{
    struct batches_rows *store = self;
    struct line_values values = rows_values(store);
    if (!rows_ask_on(store, ASK_passes_get, &values, ROWS_ASK_MS, &store->unread)) return 0;
    int count = postgres_line_rows(store->line);
    if (count > BATCHES_PASSES_MAX) count = BATCHES_PASSES_MAX;
    for (int i = 0; i < count; i++)
        rows[i] = (struct batches_pass){.batch = postgres_line_number(store->line, i, 0),
                                        .until = postgres_line_number(store->line, i, 2),
                                        .place = (uint32_t)postgres_line_number(store->line, i, 1)};
    return (uint32_t)count;
}

/* Sets the size of the tables; this is called often but rarely asks the database. */
static void postgres_size(void *self, uint64_t *bytes, uint64_t *free)
{
    *bytes = ((struct batches_rows *)self)->size;
    *free = 0;
}

static void copies_tell(struct batches_rows *store, unsigned copies, bool hidden, bool none_named)
{
    if (copies == store->copies && store->counted) return;
    if (copies == 0 && hidden)
        folder_note(&store->own, "copies: not known: grant pg_read_all_stats to the role that `journal` names");
    else if (copies == 1)
        folder_note(&store->own, "copies: 1: %s; what is acknowledged is on one server only, and lost with its disk",
                    none_named ? "the database names no synchronous standby (synchronous_standby_names)"
                               : "no synchronous standby is connected to the database");
    else if (store->copies != 0 || copies > 1)
        folder_note(&store->own, "copies: %u", copies);
    store->copies = copies;
}

/* Reports that the database cannot archive its log, or can again: a log not archived is kept, until it fills the
 * server's disk. */
static void archive_tell(struct batches_rows *store, bool fails)
{
    if (fails != store->archive_fails)
        folder_note(&store->own, fails ? "the database cannot archive its write-ahead log, which grows: its own log "
                                         "says why, or archive_command hangs"
                                       : "the database archives its write-ahead log again");
    store->archive_fails = fails;
}

static bool postgres_archive_fails(void *self)
{
    return ((const struct batches_rows *)self)->archive_fails;
}

/* ---- the look, one step at a time: an append may come after each ---- */

static void look_copies(struct batches_rows *store, bool *deposed)
{
    struct line_values values = rows_values(store);
    line_number(&values, store->term);
    rows_session(store, &values);
    if (!rows_ours(store, deposed) || rows_ask(store, ASK_copies_see, &values, NULL) != LINE_DONE ||
        postgres_line_rows(store->line) != 1)
        return;
    if (postgres_line_number(store->line, 0, 0) != 1) {
        rows_unchanged(store, deposed);
        return;
    }
    bool hidden = postgres_line_number(store->line, 0, 2) > 0;
    bool none_named = postgres_line_number(store->line, 0, 3) == 1, no_sync = postgres_line_number(store->line, 0, 4);
    unsigned copies = hidden ? 0 : none_named ? 1 : (unsigned)postgres_line_number(store->line, 0, 1);
    copies_tell(store, copies, hidden, none_named);
    archive_tell(store, postgres_line_number(store->line, 0, 5) == 1);
    if (!store->counted && no_sync)
        folder_note(&store->own, "the database has fsync off: what is acknowledged is lost with a loss of power");
    store->counted = true;
}

static void look_size(struct batches_rows *store, bool *deposed)
{
    (void)deposed;
    if (rows_ask(store, ASK_tables_size, NULL, NULL) == LINE_DONE)
        store->size = postgres_line_number(store->line, 0, 0);
}

static void look_hold(struct batches_rows *store, bool *deposed)
{
    (void)deposed;
    if (!store->locked) domain_hold(store, NULL);
}

static void look_members_forget(struct batches_rows *store, bool *deposed)
{
    (void)deposed;
    rows_members_forget(store);
}

static void look_keys(struct batches_rows *store, bool *deposed)
{
    (void)deposed;
    rows_keys_level(store, NULL);
}

/* Looks in every call at the list of processes that lead or follow, since a new follower may be handed the lead at
 * once; a slow answer does not break the connection. The other steps are due rarely, and the first of them connects
 * if there is no connection. */
static unsigned postgres_copies(void *self, bool *deposed, bool *more)
{
    static void (*const steps[])(struct batches_rows *, bool *deposed) = {look_copies, look_size, look_hold,
                                                                          look_members_forget, look_keys};
    struct batches_rows *store = self;
    uint64_t now_us = host_monotonic_us();
    if (store->look_step == 0) {
        rows_members(store, ROWS_ASK_MS);
        if (store->looked_us == 0 || now_us - store->looked_us >= LOOK_US) store->look_step = 1;
    } else {
        steps[store->look_step++ - 1](store, deposed);
        store->looked_us = now_us;
        if (!postgres_line_is_up(store->line) || store->look_step > sizeof steps / sizeof *steps) store->look_step = 0;
    }
    *more = store->look_step > 0;
    return store->copies;
}

void postgres_close(void *self)
{
    struct batches_rows *store = self;
    if (store->leads)
        rows_leave(store, ROWS_LOOK_MS, NULL); /* nothing more will be written: nobody has to wait for the lease */
    rows_files_end(store);
    writer_free(&store->shared.blob);
    free(store->shared.told);
    free(store->state);
    pthread_mutex_destroy(&store->standby.lock);
    postgres_line_free(store->line);
    folder_close(&store->own);
    free(store->ahead.bytes);
    free(store->image.bytes);
    free(store);
}

struct batches_rows *rows_new(const struct journal_place *place, bool writes, const uint8_t id[POSTGRES_ID],
                              struct error *error)
{
    struct batches_rows *store = memory_zeroed(1, sizeof *store);
    store->own.lock = -1;
    pthread_mutex_init(&store->standby.lock, NULL);
    writer_init(&store->shared.blob);
    store->standby.signs = place->lease_ms > 0;
    store->standby.alone = place->alone;
    store->standby.lease_ms = place->lease_ms > 0 ? place->lease_ms : ROWS_LEASE_MS;
    store->writes = writes;
    randombytes_buf(store->session, sizeof store->session);
    if (place->node && place->node[0] != '\0')
        snprintf(store->machine, sizeof store->machine, "%s", place->node);
    else
        gethostname(store->machine, sizeof store->machine - 1);
    rows_files_name(store, place->files);
    store->domain = place->domain;
    store->wait_ms = place->wait_s * 1000;
    memcpy(store->id, id, POSTGRES_ID);
    store->line = postgres_line_new(place->database, writes, error);
    if (store->line) return store;
    postgres_close(store);
    return NULL;
}

/* Was everything read that the opening needs? False: something is missing only because the database could not be
 * asked. */
static bool rows_whole(const struct batches_rows *store, struct error *error)
{
    if (store->unread.code == ERROR_NONE) return true;
    *error = store->unread;
    return false;
}

/* Makes a store of the opened rows, and reads which events replays skip. The store owns the rows; NULL: reading
 * failed. */
static struct batches *rows_opened(const struct batches_kind *kind, struct batches_rows *store, uint64_t first,
                                   uint64_t last, struct error *error)
{
    store->keys = folder_keys(&store->own);
    struct batches *batches = batches_new(kind, store, first, last, store->keys);
    if (rows_whole(store, error)) return batches;
    batches_close(batches);
    return NULL;
}

#define ROWS_KIND                                                                                                      \
    .append = postgres_append, .read = batches_postgres_read, .put_image = postgres_put_image,                         \
    .get_image = postgres_get_image, .image_at = postgres_image_at, .prune = postgres_prune, .pass = postgres_pass,    \
    .passes = postgres_passes, .size = postgres_size, .copies = postgres_copies,                                       \
    .archive_fails = postgres_archive_fails, .beat = postgres_beat, .leave = postgres_leave, .nodes = postgres_nodes,  \
    .silent_us = postgres_silent_us, .led_until_us = postgres_led_until_us, .close = postgres_close

struct batches *batches_open_postgres(const char *state, const struct journal_place *place, uint8_t id[POSTGRES_ID],
                                      const struct batches_watch *watch, struct error *error)
{
    static const struct batches_kind kind = {ROWS_KIND};
    uint64_t first = 0, began_us = host_monotonic_us();
    unsigned pause_ms = PAUSE_MS;
    struct batches_rows *store = rows_new(place, true, id, error);
    if (!store) return NULL;
    store->state = memory_text(state);
    bool good = folder_own(&store->own, state, watch, error);
    enum line_outcome outcome = LINE_REFUSED;
    while (good && (outcome = rows_lead(store, place->depose, &first, error)) != LINE_DONE && outcome != LINE_REFUSED &&
           host_monotonic_us() - began_us < (OPEN_MS + store->standby.lease_ms) * UINT64_C(1000))
        rows_pause(store, &pause_ms);
    if (!good || outcome != LINE_DONE || !folder_mark_begin(&store->own, state, store->last, error)) {
        postgres_close(store);
        return NULL;
    }
    memcpy(id, store->id, POSTGRES_ID);
    struct batches *batches = rows_opened(&kind, store, first, store->last, error);
    if (batches && !rows_keys_level(store, error)) {
        batches_close(batches);
        return NULL;
    }
    if (batches) batches_beat(batches); /* followers see from now on that a leader gives signs of life */
    return batches;
}

struct batches *batches_stand_by_postgres(const char *state, const struct journal_place *place, uint8_t id[POSTGRES_ID],
                                          const struct batches_watch *watch, struct error *error)
{
    static const struct batches_kind kind = {ROWS_KIND,
                                             .look = postgres_standby_look,
                                             .take = postgres_take,
                                             .sign = postgres_sign,
                                             .hear = postgres_hear,
                                             .stands = postgres_stands};
    uint64_t first = 0;
    struct span node;
    struct batches_rows *store = rows_new(place, true, id, error);
    if (!store) return NULL;
    store->standby.follows = true;
    store->state = memory_text(state);
    bool good = rows_up(store, error) == LINE_DONE && batches_know_domain(store, &node, error) == LINE_DONE &&
                rows_ends(store, &first, &store->last, error) == LINE_DONE &&
                (store->last > 0 || error_set(error, ERROR_UNKNOWN, "the journal in the database is empty")) &&
                folder_own(&store->own, state, watch, error) &&
                folder_mark_begin(&store->own, state, store->last, error);
    if (!good) {
        postgres_close(store);
        return NULL;
    }
    memcpy(id, store->id, POSTGRES_ID);
    struct batches *batches = rows_opened(&kind, store, first, store->last, error);
    if (!batches || rows_keys_take(store, 0, error)) return batches;
    batches_close(batches);
    return NULL;
}

/* ---- following ---- */

/* Finds the first and the last batch; while the database is unreachable there is nothing new. */
static bool postgres_look(void *self, uint64_t *first, uint64_t *last, struct error *error)
{
    struct batches_rows *store = self;
    bool fresh;
    struct span node;
    enum line_outcome outcome = postgres_line_up(store->line, &fresh, error);
    rows_ahead_forget(store);
    if (outcome == LINE_DONE && fresh) outcome = batches_know_domain(store, &node, error);
    if (outcome == LINE_DONE) outcome = rows_ends(store, first, last, error);
    return outcome != LINE_REFUSED;
}

static bool postgres_copy(void *self, const char *folder, struct error *error)
{
    static const struct batches_kind rows = {.read = batches_postgres_read,
                                             .get_image = postgres_get_image,
                                             .image_at = postgres_image_at,
                                             .passes = postgres_passes};
    uint64_t first, last;
    struct batches_rows *store = self;
    if (rows_ends(store, &first, &last, error) != LINE_DONE) return false;
    store->read = 0;
    store->unread = (struct error){0};
    return batches_fill_sqlite(folder, &rows, self, first, last, error) && rows_whole(store, error);
}

struct batches *batches_follow_postgres(const char *state, const struct journal_place *place,
                                        const uint8_t id[POSTGRES_ID], struct error *error)
{
    static const struct batches_kind kind = {.read = batches_postgres_read,
                                             .get_image = postgres_get_image,
                                             .look = postgres_look,
                                             .copy = postgres_copy,
                                             .passes = postgres_passes,
                                             .size = postgres_size,
                                             .close = postgres_close};
    uint64_t first = 0, last = 0;
    struct span node;
    bool fresh;
    struct batches_rows *store = rows_new(place, false, id, error);
    if (!store) return NULL;
    if (postgres_line_up(store->line, &fresh, error) == LINE_DONE &&
        batches_know_domain(store, &node, error) == LINE_DONE && rows_ends(store, &first, &last, error) == LINE_DONE &&
        folder_follow(&store->own, state, error) && folder_older_there(&store->own, last, error))
        return rows_opened(&kind, store, first, last, error);
    postgres_close(store);
    return NULL;
}
