/* runtime/journal/postgres_standby.c - Following a journal in PostgreSQL, and taking it.
 *
 * A follower reads the leader's rows by their keys; a notification only wakes it. The leader gives a sign of life by
 * each row, and else by a beat, which changes `seen` of gcx_domain. The lead is taken by the row that comes next: one
 * statement raises the term and inserts that row, so of two who write the same number one is refused, whichever of them
 * believes to lead. Table gcx_member is for people only: what each node has told, and when. */
#include "config.h"
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/postgres_rows.h"

enum { FOLLOWED_S = 60, MEMBER_DAYS = 7, TELL_MS = 1000, TELLS = 2 /* in a lease */ };

/* As rows_node has it. */
#define MACHINE(node) "split_part(" node ", ', process ', 1)"

/* clang-format off */
static const char standby_look[] =
    "WITH led AS (SELECT " MACHINE("m.node") " AS machine, count(*) AS journals FROM gcx_member m JOIN gcx_domain o"
    " ON o.domain = m.domain AND o.term = m.term WHERE m.domain <> $1 AND m.role = 'leader' AND o.node <> '' GROUP BY 1)"
    " SELECT d.id, d.term, (extract(epoch FROM d.seen) * 1000000)::bigint, (d.node = '')::int::bigint,"
    " coalesce((SELECT min(batch) FROM gcx_batch WHERE domain = $1), 0),"
    " coalesce((SELECT max(batch) FROM gcx_batch WHERE domain = $1), 0),"
    " coalesce((SELECT max(lease_ms) FROM gcx_member m WHERE m.domain = $1 AND m.term = d.term AND m.role = 'leader'), 0),"
    " (SELECT count(*) FROM gcx_member f LEFT JOIN led l ON l.machine = " MACHINE("f.node") " WHERE f.domain = $1"
    " AND f.role = 'follower' AND f.seen > clock_timestamp() - interval '3 s' AND " MACHINE("f.node") " <> convert_from($2, 'UTF8')"
    " AND coalesce(l.journals, 0) < (SELECT coalesce(sum(journals), 0) FROM led WHERE machine = convert_from($2, 'UTF8')))"
    " FROM gcx_domain d WHERE d.domain = $1";
static const char row_take[] =
    "WITH l AS (UPDATE gcx_domain SET term = term + 1, node = convert_from($7, 'UTF8'), seen = now()"
    " WHERE domain = $1::bigint AND term = $3::bigint RETURNING domain, term, node), m AS ("
    "INSERT INTO gcx_member SELECT domain, node, 'leader', term, $2::bigint, $8::bigint, now() FROM l"
    " ON CONFLICT (domain, node) DO UPDATE SET role = excluded.role, term = excluded.term, batch = excluded.batch,"
    " lease_ms = excluded.lease_ms, seen = excluded.seen)"
    " INSERT INTO gcx_batch(domain, batch, term, nonce, prev, bytes)"
    " SELECT domain, $2::bigint, term, $4::bytea, $5::bytea, $6::bytea FROM l";
static const char leader_beat[] =
    "WITH l AS (UPDATE gcx_domain SET seen = clock_timestamp() WHERE domain = $1::bigint AND term = $3::bigint"
    " RETURNING domain, term), n AS (SELECT pg_notify('gcx_journal', domain::text)::text || " ROWS_NO_COPIES " AS told, term FROM l)"
    " INSERT INTO gcx_member SELECT $1, convert_from($2, 'UTF8'), 'leader', term, $4, $5, clock_timestamp() FROM n"
    " WHERE told IS NOT NULL ON CONFLICT (domain, node) DO UPDATE SET role = excluded.role, term = excluded.term,"
    " batch = excluded.batch, lease_ms = excluded.lease_ms, seen = excluded.seen";
static const char leader_leave[] =
    "WITH l AS (UPDATE gcx_domain SET node = '' WHERE domain = $1::bigint AND term = $2::bigint RETURNING domain)"
    " SELECT pg_notify('gcx_journal', domain::text)::text FROM l";
static const char follower_tell[] =
    "INSERT INTO gcx_member SELECT $1::bigint, convert_from($2, 'UTF8'), 'follower', $3::bigint, $4::bigint,"
    " $5::bigint, clock_timestamp() WHERE " ROWS_NO_COPIES " = 'off' ON CONFLICT (domain, node) DO UPDATE SET role = excluded.role,"
    " term = excluded.term, batch = excluded.batch, lease_ms = excluded.lease_ms, seen = excluded.seen";
static const char follower_leave[] = "DELETE FROM gcx_member WHERE domain = $1 AND node = convert_from($2, 'UTF8')";
static const char members_forget[] =
    "DELETE FROM gcx_member WHERE domain = $1 AND seen < clock_timestamp() - $2::bigint * interval '1 day'"
    " AND " ROWS_NO_COPIES " = 'off'";
static const char members_read[] =
    "SELECT convert_to(m.node, 'UTF8'), (m.role = 'leader' AND m.term = d.term)::int::bigint, m.term, m.batch,"
    " greatest((extract(epoch FROM clock_timestamp() - m.seen) * 1000000)::bigint, 0)"
    " FROM gcx_member m JOIN gcx_domain d ON d.domain = m.domain WHERE m.domain = $1 AND m.seen > clock_timestamp()"
    " - interval '1 hour' AND (m.role = 'follower' OR m.term = d.term) ORDER BY 2 DESC, m.seen DESC LIMIT 16";
/* clang-format on */

/* ---- the nodes ---- */

/* The name of this node, its place and its lease. Without a term it looks for what it lacks, and is nowhere yet. */
static struct line_values member_values(const struct batches_rows *store, const char *node)
{
    struct line_values values = rows_values(store);
    line_bytes(&values, span_of(node));
    line_number(&values, store->term);
    line_number(&values, store->term > 0 ? store->last : 0);
    line_number(&values, store->standby.lease_ms);
    return values;
}

static bool member_tell(struct batches_rows *store)
{
    char node[ROWS_NODE];
    rows_node(store, node);
    struct line_values values = member_values(store, node);
    return postgres_line_ask(store->line, follower_tell, &values, ROWS_LOOK_MS, NULL) == LINE_DONE;
}

static void nodes_take(struct batches_rows *store)
{
    struct rows_standby *standby = &store->standby;
    char self[ROWS_NODE];
    rows_node(store, self);
    pthread_mutex_lock(&standby->lock);
    standby->followed = false;
    standby->node_count = 0;
    standby->nodes_us = clock_monotonic_us();
    for (int i = 0; i < postgres_line_rows(store->line) && i < BATCHES_NODES; i++) {
        struct batches_node *node = &standby->nodes[standby->node_count++];
        struct span name = postgres_line_bytes(store->line, i, 0);
        *node = (struct batches_node){.leads = postgres_line_number(store->line, i, 1) == 1,
                                      .term = postgres_line_number(store->line, i, 2),
                                      .batch = postgres_line_number(store->line, i, 3),
                                      .age_us = postgres_line_number(store->line, i, 4)};
        snprintf(node->name, sizeof node->name, "%.*s", (int)name.length, (const char *)name.bytes);
        if (strcmp(node->name, self) != 0 && node->age_us < FOLLOWED_S * UINT64_C(1000000)) standby->followed = true;
    }
    pthread_mutex_unlock(&standby->lock);
}

/* It stood among them as one that follows, to which a lead could be handed. */
static void nodes_forget(struct batches_rows *store)
{
    pthread_mutex_lock(&store->standby.lock);
    store->standby.node_count = 0;
    pthread_mutex_unlock(&store->standby.lock);
}

void rows_members(struct batches_rows *store, unsigned within_ms)
{
    struct line_values values = rows_values(store);
    if (store->standby.lease_ms == 0 || !postgres_line_is_up(store->line)) return;
    if (postgres_line_ask(store->line, members_read, &values, within_ms, NULL) == LINE_DONE) nodes_take(store);
}

void rows_members_forget(struct batches_rows *store)
{
    struct line_values old = rows_values(store);
    line_number(&old, MEMBER_DAYS);
    if (store->standby.lease_ms > 0 && postgres_line_is_up(store->line)) rows_ask(store, members_forget, &old, NULL);
}

size_t postgres_nodes(void *self, struct batches_node *nodes)
{
    struct batches_rows *store = self;
    pthread_mutex_lock(&store->standby.lock);
    size_t count = store->standby.node_count;
    uint64_t since_us = clock_monotonic_us() - store->standby.nodes_us;
    memcpy(nodes, store->standby.nodes, count * sizeof *nodes);
    pthread_mutex_unlock(&store->standby.lock);
    for (size_t i = 0; i < count; i++) nodes[i].age_us += since_us;
    return count;
}

uint64_t postgres_silent_us(void *self)
{
    return postgres_line_silent_us(((const struct batches_rows *)self)->line);
}

/* ---- who leads ---- */

void rows_signed(struct batches_rows *store, uint64_t sent_us)
{
    if (sent_us > atomic_load(&store->standby.signed_us)) atomic_store(&store->standby.signed_us, sent_us);
}

/* A follower counts the lease from when it sees a sign, which is after the sign was sent. */
uint64_t postgres_led_until_us(void *self)
{
    const struct rows_standby *standby = &((const struct batches_rows *)self)->standby;
    return standby->lease_ms == 0 ? 0 : atomic_load(&standby->signed_us) + standby->lease_ms * UINT64_C(1000);
}

/* One that is not answered says nothing: the next append finds out. */
static void sign_give(struct batches_rows *store, bool *deposed)
{
    char node[ROWS_NODE];
    struct error error;
    rows_node(store, node);
    struct line_values values = member_values(store, node);
    if (!postgres_line_is_up(store->line)) return;
    uint64_t sent_us = clock_monotonic_us();
    enum line_outcome outcome =
        postgres_line_ask(store->line, leader_beat, &values, (unsigned)store->standby.lease_ms, &error);
    *deposed = outcome == LINE_DONE && postgres_line_rows(store->line) == 0;
    if (outcome == LINE_DONE && !*deposed) rows_signed(store, sent_us);
}

void rows_sign_give(struct batches_rows *store)
{
    bool deposed = false;
    if (store->standby.lease_ms > 0 && rows_ours(store, &deposed)) sign_give(store, &deposed);
}

static uint64_t lease_quarter_us(const struct batches_rows *store)
{
    return store->standby.lease_ms * UINT64_C(1000) / 4;
}

/* Small files go one behind the other, as long as an append may wait; of a large one a part goes. */
static bool files_give(struct batches_rows *store)
{
    uint64_t until_us = clock_monotonic_us() + lease_quarter_us(store) / 8;
    bool put = rows_files_put(store), more = put;
    while (more && !store->standby.putting.sealed && clock_monotonic_us() < until_us) more = rows_files_put(store);
    return put;
}

bool postgres_beat(void *self, bool *deposed)
{
    struct batches_rows *store = self;
    if (store->standby.lease_ms == 0) return false;
    if (!rows_ours(store, deposed)) return true;
    bool put = files_give(store), quiet = clock_monotonic_us() - store->appended_us >= lease_quarter_us(store);
    if (!put || quiet) sign_give(store, deposed); /* else the row is a sign, and one statement is enough */
    return true;
}

bool postgres_leave(void *self, struct error *error)
{
    struct batches_rows *store = self;
    struct line_values values = rows_values(store);
    char node[ROWS_NODE];
    bool follows = store->standby.follows;
    if (store->standby.lease_ms == 0) return true;
    rows_node(store, node);
    if (follows)
        line_bytes(&values, span_of(node));
    else
        line_number(&values, store->term);
    if (rows_up(store, error) != LINE_DONE) return false;
    while (!follows && postgres_line_is_up(store->line) && rows_files_put(store)) continue;
    /* A key that was erased just before must not come back to this folder from the database. */
    return rows_up(store, error) == LINE_DONE && (follows || rows_keys_level(store, error)) &&
           rows_ask(store, follows ? follower_leave : leader_leave, &values, error) == LINE_DONE;
}

/* ---- who follows ---- */

static bool standby_begin(struct batches_rows *store, const char *state, const char *key_file, bool own,
                          struct error *error)
{
    struct span node;
    uint64_t first;
    if (rows_up(store, error) != LINE_DONE || domain_know(store, &node, error) != LINE_DONE ||
        rows_ends(store, &first, &store->last, error) != LINE_DONE)
        return false;
    if (store->last == 0)
        return error_set(error, own ? ERROR_UNKNOWN : ERROR_STATE, "the journal in the database has no batch yet");
    store->standby.follows = true;
    if (store->standby.lease_ms > 0) member_tell(store); /* whoever leads shares its next snapshot */
    return rows_keys_begin(store, state, key_file, error) && rows_snapshot_fetch(store, state, first, error);
}

bool postgres_fetch(const char *state, const struct journal_place *place, const uint8_t id[POSTGRES_ID],
                    struct error *error)
{
    struct batches_rows *store = rows_new(place, true, id, error);
    bool good = store && standby_begin(store, state, place->key_file, !sodium_is_zero(id, POSTGRES_ID), error);
    if (store) postgres_close(store);
    return good;
}

static enum line_outcome standby_up(struct batches_rows *store, struct error *error)
{
    enum line_outcome outcome = rows_up(store, error);
    if (outcome != LINE_DONE || store->listens) return outcome;
    outcome = postgres_line_run(store->line, "LISTEN gcx_journal", ROWS_ASK_MS, error);
    store->listens = outcome == LINE_DONE;
    return outcome;
}

static bool standby_take_look(struct batches_rows *store, uint64_t *first, uint64_t *last, struct error *error)
{
    struct batches_sign *sign = &store->standby.sign;
    struct span id = postgres_line_rows(store->line) == 1 ? postgres_line_bytes(store->line, 0, 0) : (struct span){0};
    if (id.length != POSTGRES_ID || memcmp(id.bytes, store->id, POSTGRES_ID) != 0)
        return error_set(error, ERROR_INPUT, "the database is another one now: it has not this journal");
    uint64_t term = postgres_line_number(store->line, 0, 1), to = postgres_line_number(store->line, 0, 5);
    if (term < store->term || to < store->last)
        return error_set(error, ERROR_INPUT,
                         "the database has lost what was in it: it ended at batch %llu of term %llu, and now at batch "
                         "%llu of term %llu: a server that had no copy of it leads",
                         (unsigned long long)store->last, (unsigned long long)store->term, (unsigned long long)to,
                         (unsigned long long)term);
    *sign = (struct batches_sign){.term = term,
                                  .seen = postgres_line_number(store->line, 0, 2),
                                  .last = to,
                                  .beats = postgres_line_number(store->line, 0, 6) > 0,
                                  .left = postgres_line_number(store->line, 0, 3) == 1,
                                  .first = postgres_line_number(store->line, 0, 7)};
    *first = postgres_line_number(store->line, 0, 4);
    store->term = term;
    if (to > store->standby.taken) {
        if (!rows_keys_take(store, store->standby.taken, error)) return false;
        store->standby.taken = to;
    }
    *last = store->last = to;
    return true;
}

/* A database that is away is told by ERROR_SYSTEM: nothing is known of the leader then. */
bool postgres_standby_look(void *self, uint64_t *first, uint64_t *last, struct error *error)
{
    struct batches_rows *store = self;
    struct line_values values = rows_values(store);
    struct error why = {0};
    if (!store->standby.follows) return true;
    line_bytes(&values, span_of(store->machine));
    enum line_outcome outcome = standby_up(store, &why);
    if (outcome == LINE_DONE) outcome = postgres_line_ask(store->line, standby_look, &values, ROWS_LOOK_MS, &why);
    /* A server that ends at once warns beside an answer: nothing is committed here, so it is one. */
    if (outcome == LINE_DONE || outcome == LINE_WARNED) return standby_take_look(store, first, last, error);
    if (error) *error = why;
    return false;
}

void postgres_sign(void *self, struct batches_sign *sign)
{
    *sign = ((struct batches_rows *)self)->standby.sign;
}

void postgres_hear(void *self, unsigned within_ms)
{
    struct batches_rows *store = self;
    uint64_t now_us = clock_monotonic_us(), tell_ms = store->standby.lease_ms / TELLS;
    if (tell_ms == 0 || tell_ms > TELL_MS) tell_ms = TELL_MS;
    if (postgres_line_is_up(store->line) && now_us - store->looked_us >= tell_ms * 1000) {
        store->looked_us = now_us;
        if (member_tell(store)) rows_members(store, ROWS_LOOK_MS);
    }
    postgres_line_hear(store->line, within_ms);
}

enum append_result postgres_take(void *self, uint64_t number, struct span row, struct error *error)
{
    struct batches_rows *store = self;
    char node[ROWS_NODE];
    uint8_t nonce[ROW_NONCE];
    assert(store->standby.follows && number == store->last + 1);
    enum line_outcome outcome = standby_up(store, error);
    if (outcome == LINE_DONE) outcome = rows_copies_answer(store, error);
    if (outcome == LINE_DONE) outcome = last_know(store, error);
    if (outcome != LINE_DONE) return APPEND_UNKNOWN;
    randombytes_buf(nonce, sizeof nonce);
    rows_node(store, node);
    struct line_values values = rows_values(store);
    line_number(&values, number);
    line_number(&values, store->term);
    line_bytes(&values, (struct span){nonce, ROW_NONCE});
    line_bytes(&values, (struct span){store->hash, ROW_HASH});
    line_bytes(&values, row);
    line_bytes(&values, span_of(node));
    line_number(&values, store->standby.lease_ms);
    uint64_t sent_us = clock_monotonic_us();
    outcome = postgres_line_ask(store->line, row_take, &values, ROWS_APPEND_MS, error);
    bool refused = outcome == LINE_REFUSED && strcmp(postgres_line_code(store->line), "23505") == 0;
    if (refused || (outcome == LINE_DONE && postgres_line_rows(store->line) == 0)) {
        error_set(error, ERROR_STATE, "another gcxvm has written batch %llu", (unsigned long long)number);
        return APPEND_DEPOSED;
    }
    if (outcome != LINE_DONE) return APPEND_UNKNOWN;
    /* No other one changes keys from here on. One that was erased since the last batch would be brought back otherwise.
     */
    if (!rows_keys_take(store, store->standby.taken, error)) return APPEND_UNKNOWN;
    uint8_t hash[ROW_HASH];
    rows_hash(store, number, store->hash, row, hash);
    memcpy(store->hash, hash, ROW_HASH);
    memcpy(store->nonce, nonce, ROW_NONCE);
    store->last = number;
    store->term++;
    store->checked = true;
    store->standby.follows = false;
    store->standby.followed = true;
    rows_signed(store, sent_us);
    nodes_forget(store);
    store->looked_us = 0;
    folder_mark(&store->own, number);
    if (store->keys) keys_given(store->keys, NULL, 0); /* they are noted from now on */
    postgres_line_run(store->line, "UNLISTEN *", ROWS_ASK_MS, NULL);
    struct error why = {0};
    if (!rows_files_take(store, &why)) folder_note(&store->own, "what was put in force by hand may lack: %s", why.text);
    return APPEND_OK;
}
