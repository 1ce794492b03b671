/* runtime/journal/postgres_standby.c - Follows a journal in PostgreSQL, and takes the lead.
 *
 * A follower reads the leader's rows by their numbers; a notification only wakes it. Each row that the leader writes
 * is a sign of life, otherwise a beat, which changes `seen` of gcx_domain; every leader gives these signs, also one
 * without --follow. The lead is taken with the next row: one statement raises the term that was read, writes the
 * session of the store that takes the lead, and inserts the row, so that of two stores that write the same number
 * one is refused, even if both believe they lead.
 *
 * If the answer to taking the lead is lost, the store does not know whether it leads, and continues following. Its
 * next look finds its own session in the row if the change was committed, however late: then nobody else leads, and
 * it takes the lead again at once, from the present term and after the present last row.
 *
 * Table gcx_member has what each node last reported, and when. People read gcx_member; a leader uses it to wake
 * followers, to share snapshots and to hand over; it gives the order in which machines try to lead. It does not decide
 * who leads. */
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/postgres_rows.h"

enum { FOLLOWED_S = 60, MEMBER_DAYS = 7, TELL_MS = 1000, TELLS = 2 /* in a lease */ };

/* ---- the nodes ---- */

void postgres_stands(void *self, uint64_t number)
{
    ((struct batches_rows *)self)->standby.stands = number;
}

/* Returns the batch that a follower has reached: if nothing was written since the snapshot from which it began, it
 * has read nothing, and is at the snapshot. */
static uint64_t follower_batch(const struct batches_rows *store)
{
    return store->read > store->standby.stands ? store->read : store->standby.stands;
}

/* Returns this node's name, batch and lease as values of a statement. A node without a term still fetches the files and
 * keys that it lacks, and reports batch 0. A follower reports the batch up to which it has read: the lead is not handed
 * to one that has read much less than it knows to exist. */
static struct line_values member_values(const struct batches_rows *store, const char *node)
{
    struct line_values values = rows_values(store);
    line_bytes(&values, span_of(node));
    line_number(&values, store->term);
    line_number(&values, store->term == 0 ? 0 : store->standby.follows ? follower_batch(store) : store->last);
    line_number(&values, store->standby.lease_ms);
    return values;
}

static bool member_tell(struct batches_rows *store)
{
    char node[ROWS_NODE];
    rows_node(store, node);
    struct line_values values = member_values(store, node);
    return postgres_line_ask(store->line, ASK_follower_tell, &values, ROWS_LOOK_MS, NULL) == LINE_DONE;
}

static void nodes_take(struct batches_rows *store)
{
    struct rows_standby *standby = &store->standby;
    char self[ROWS_NODE];
    rows_node(store, self);
    pthread_mutex_lock(&standby->lock);
    standby->followed = false;
    standby->node_count = 0;
    standby->nodes_us = host_monotonic_us();
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

/* Removes the node from the list, where it was a follower to which the lead could be handed. */
static void nodes_forget(struct batches_rows *store)
{
    pthread_mutex_lock(&store->standby.lock);
    store->standby.node_count = 0;
    pthread_mutex_unlock(&store->standby.lock);
}

void rows_members(struct batches_rows *store, unsigned within_ms)
{
    struct line_values values = rows_values(store);
    if (!store->standby.signs || !postgres_line_is_up(store->line)) return;
    if (postgres_line_ask(store->line, ASK_members_read, &values, within_ms, NULL) == LINE_DONE) nodes_take(store);
}

void rows_members_forget(struct batches_rows *store)
{
    struct line_values old = rows_values(store);
    line_number(&old, MEMBER_DAYS);
    if (store->standby.signs && postgres_line_is_up(store->line)) rows_ask(store, ASK_members_forget, &old, NULL);
}

size_t postgres_nodes(void *self, struct batches_node *nodes)
{
    struct batches_rows *store = self;
    pthread_mutex_lock(&store->standby.lock);
    size_t count = store->standby.node_count;
    uint64_t since_us = host_monotonic_us() - store->standby.nodes_us;
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

/* Returns until when nobody else can lead: a follower counts the lease from when it sees a sign, which is after the
 * sign was sent. */
uint64_t postgres_led_until_us(void *self)
{
    struct rows_standby *standby = &((struct batches_rows *)self)->standby;
    pthread_mutex_lock(&standby->lock);
    bool followed = standby->signs && (!standby->alone || standby->followed);
    pthread_mutex_unlock(&standby->lock);
    return followed ? atomic_load(&standby->signed_us) + standby->lease_ms * UINT64_C(1000) : 0;
}

/* Gives a sign of life; if it is not answered, nothing is concluded: the next append finds out. */
static void sign_give(struct batches_rows *store, bool *deposed)
{
    char node[ROWS_NODE];
    struct error error;
    rows_node(store, node);
    struct line_values values = member_values(store, node);
    rows_session(store, &values);
    if (!postgres_line_is_up(store->line)) return;
    uint64_t sent_us = host_monotonic_us();
    enum line_outcome outcome =
        postgres_line_ask(store->line, ASK_leader_beat, &values, (unsigned)store->standby.lease_ms, &error);
    bool taken = outcome == LINE_DONE && postgres_line_rows(store->line) > 0;
    if (outcome == LINE_DONE && !taken) rows_unchanged(store, deposed);
    if (taken) rows_signed(store, sent_us);
}

void rows_sign_give(struct batches_rows *store)
{
    bool deposed = false;
    if (store->standby.signs && rows_ours(store, &deposed)) sign_give(store, &deposed);
}

static uint64_t lease_quarter_us(const struct batches_rows *store)
{
    return store->standby.lease_ms * UINT64_C(1000) / 4;
}

void rows_sign_due(struct batches_rows *store)
{
    if (store->leads && host_monotonic_us() - atomic_load(&store->standby.signed_us) >= lease_quarter_us(store))
        rows_sign_give(store);
}

/* Sends small files one after another, as long as an append may wait; of a large file only one part. */
static bool files_give(struct batches_rows *store, bool *deposed)
{
    uint64_t until_us = host_monotonic_us() + lease_quarter_us(store) / 8;
    bool put = rows_files_put(store, deposed), more = put;
    while (more && !store->standby.putting.sealed && host_monotonic_us() < until_us)
        more = rows_files_put(store, deposed);
    return put;
}

bool postgres_beat(void *self, bool *deposed)
{
    struct batches_rows *store = self;
    if (!store->standby.signs) return false;
    if (!rows_ours(store, deposed)) return true;
    if (!files_give(store, deposed))
        sign_give(store, deposed); /* a part of a file that was sent is itself a sign of life, so one statement is
                                    * enough */
    return true;
}

bool rows_leave(struct batches_rows *store, unsigned within_ms, struct error *error)
{
    struct line_values values = rows_values(store);
    line_number(&values, store->term);
    rows_session(store, &values);
    store->leads = false;
    return postgres_line_is_up(store->line) &&
           postgres_line_ask(store->line, ASK_leader_leave, &values, within_ms, error) == LINE_DONE;
}

static bool follower_leave(struct batches_rows *store, struct error *error)
{
    struct line_values values = rows_values(store);
    char node[ROWS_NODE];
    rows_node(store, node);
    line_bytes(&values, span_of(node));
    return rows_up(store, error) == LINE_DONE && rows_ask(store, ASK_follower_leave, &values, error) == LINE_DONE;
}

bool postgres_leave(void *self, struct error *error)
{
    struct batches_rows *store = self;
    bool deposed = false;
    if (store->standby.follows) return follower_leave(store, error);
    if (rows_up(store, error) != LINE_DONE) return false;
    while (store->standby.signs && !deposed && postgres_line_is_up(store->line) && rows_files_put(store, &deposed))
        continue;
    /* Ends the leadership; before that the keys are sent, so that a key just erased does not come back to this
     * folder from the database. */
    return rows_up(store, error) == LINE_DONE && rows_keys_level(store, error) && rows_leave(store, ROWS_ASK_MS, error);
}

/* ---- who follows ---- */

static bool standby_begin(struct batches_rows *store, const char *state, const char *key_file, bool own,
                          struct error *error)
{
    struct span node;
    struct rows_led led;
    uint64_t first;
    if (rows_up(store, error) != LINE_DONE || batches_know_domain(store, &node, error) != LINE_DONE ||
        rows_ends(store, &first, &store->last, error) != LINE_DONE)
        return false;
    if (store->last == 0) { /* the gcxvm that created the journal may have died before its first batch */
        if (rows_led(store, &led, error) != LINE_DONE) return false;
        return error_set(error, own || !led.led ? ERROR_UNKNOWN : ERROR_STATE,
                         "the journal in the database has no batch yet");
    }
    store->standby.follows = true;
    member_tell(store); /* the leader learns that there is a follower, and so shares its next snapshot */
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
    if (rows_found(store, 5, error) != LINE_DONE) return false;
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
                                  .left = postgres_line_number(store->line, 0, 3) == 1,
                                  .lease_us = postgres_line_number(store->line, 0, 6) * 1000,
                                  .ours = postgres_line_number(store->line, 0, 7) == 1,
                                  .first = postgres_line_number(store->line, 0, 8)};
    *first = postgres_line_number(store->line, 0, 4);
    store->term = term;
    if (to > store->standby.taken) {
        if (!rows_keys_take(store, store->standby.taken, error)) return false;
        store->standby.taken = to;
    }
    if (to > store->last) folder_mark(&store->own, to);
    *last = store->last = to;
    return true;
}

/* Looks for news; if the database is unreachable, or lacks tables or rows during a restore, fails with ERROR_SYSTEM:
 * then nothing is known of the leader. */
bool postgres_standby_look(void *self, uint64_t *first, uint64_t *last, struct error *error)
{
    struct batches_rows *store = self;
    struct line_values values = rows_values(store);
    struct error why = {0};
    if (!store->standby.follows) return true;
    rows_ahead_forget(store);
    line_bytes(&values, span_of(store->machine));
    rows_session(store, &values);
    enum line_outcome outcome = standby_up(store, &why);
    if (outcome == LINE_DONE) outcome = postgres_line_ask(store->line, ASK_standby_look, &values, ROWS_LOOK_MS, &why);
    /* A server that is shutting down adds a warning to its answer; as nothing is committed here, the answer is
     * valid. */
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
    uint64_t now_us = host_monotonic_us(), tell_ms = store->standby.lease_ms / TELLS;
    if (tell_ms > TELL_MS) tell_ms = TELL_MS;
    if (postgres_line_is_up(store->line) && now_us - store->looked_us >= tell_ms * 1000) {
        store->looked_us = now_us;
        if (member_tell(store)) rows_members(store, ROWS_LOOK_MS);
    }
    postgres_line_hear(store->line, within_ms);
}

/* Finds out why nothing was written: another one leads, or the row before is missing. */
static enum append_result take_refused(struct batches_rows *store, struct error *error)
{
    struct rows_still still;
    if (rows_still(store, &still, error) != LINE_DONE || batches_know_last(store, error) != LINE_DONE)
        return APPEND_UNKNOWN;
    error_set(error, ERROR_STATE, "another gcxvm has taken the journal");
    return APPEND_DEPOSED;
}

enum append_result postgres_take(void *self, uint64_t number, struct span row, struct error *error)
{
    struct batches_rows *store = self;
    char node[ROWS_NODE];
    uint8_t nonce[ROW_NONCE];
    assert(store->standby.follows && number == store->last + 1);
    enum line_outcome outcome = standby_up(store, error);
    /* do they answer now? If a take waits for copies that do not answer, it might be committed unexpectedly late */
    store->answering = false;
    if (outcome == LINE_DONE) outcome = rows_copies_answer(store, error);
    if (outcome == LINE_DONE) outcome = batches_know_last(store, error);
    if (outcome != LINE_DONE) return APPEND_UNKNOWN;
    randombytes_buf(nonce, sizeof nonce);
    rows_node(store, node);
    struct line_values values = rows_values(store);
    line_number(&values, store->term);
    line_number(&values, number);
    line_bytes(&values, (struct span){nonce, ROW_NONCE});
    line_bytes(&values, (struct span){store->hash, ROW_HASH});
    line_bytes(&values, row);
    line_bytes(&values, span_of(node));
    line_number(&values, store->standby.lease_ms);
    rows_session(store, &values);
    line_bytes(&values, (struct span){store->nonce, ROW_NONCE});
    uint64_t sent_us = host_monotonic_us();
    outcome = postgres_line_ask(store->line, ASK_row_take, &values, ROWS_APPEND_MS, error);
    bool refused = outcome == LINE_REFUSED && strcmp(postgres_line_code(store->line), "23505") == 0;
    if (outcome == LINE_DONE && postgres_line_rows(store->line) == 0) return take_refused(store, error);
    if (refused) {
        error_set(error, ERROR_STATE, "another gcxvm has written batch %llu", (unsigned long long)number);
        return APPEND_DEPOSED;
    }
    if (outcome != LINE_DONE) return APPEND_UNKNOWN;
    /* From here on no other process changes keys. Reads the keys once more, as otherwise a key erased since the last
     * batch would be restored. */
    if (!rows_keys_take(store, store->standby.taken, error)) return APPEND_UNKNOWN;
    uint8_t hash[ROW_HASH];
    rows_hash(store, number, store->hash, row, hash);
    memcpy(store->hash, hash, ROW_HASH);
    memcpy(store->nonce, nonce, ROW_NONCE);
    store->last = number;
    store->term++;
    store->checked = store->leads = true;
    store->standby.follows = false;
    store->standby.followed = true;
    rows_signed(store, sent_us);
    bool deposed = false;
    sign_give(store, &deposed); /* this sign of life ends the store's row as a follower in the list of nodes */
    nodes_forget(store);
    store->looked_us = 0;
    folder_mark(&store->own, number);
    if (store->keys) keys_given(store->keys, NULL, 0); /* slots given are noted from now on */
    postgres_line_run(store->line, "UNLISTEN *", ROWS_ASK_MS, NULL);
    struct error why = {0};
    if (!rows_files_take(store, &why)) folder_note(&store->own, "what was put in force by hand may lack: %s", why.text);
    return APPEND_OK;
}
