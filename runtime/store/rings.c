/* runtime/store/rings.c - The calls at each agent's telephone, what the agent says of a call after its end, and whom
 * the agent calls often.
 *
 *     rings   began --> answered --> ended --> done
 *
 * The history of a contact has a call once, whoever talked; an agent's list has also the calls that nobody answered
 * there, and those with colleagues. A call `wraps` where its agent is asked for a code and a note when it is over: it
 * waits for that until the agent is done, whatever is started anew meanwhile. */
#include <assert.h>
#include <string.h>

#include "runtime/store/state.h"

/* ---- a call ---- */

bool store_ring(struct store *store, const struct store_ring *ring, struct error *error)
{
    static const char put[] =
        "INSERT INTO rings(tenant, agent, external_id, direction, inside, number, address, wraps, began)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant, agent, external_id)"
        " DO UPDATE SET ended = NULL, done = NULL WHERE rings.ended IS NOT NULL";
    static const char old[] =
        "DELETE FROM rings WHERE tenant = $1 AND agent = $2 AND (wraps = 0 OR answered IS NULL OR done IS NOT NULL) AND"
        " id < (SELECT min(id) FROM (SELECT id FROM rings WHERE tenant = $1 AND agent = $2 ORDER BY id DESC LIMIT $3) "
        "AS"
        " newest)";
    char form[STORE_ADDRESS_MAX + 1] = "";
    struct texts texts = {0};
    assert(ring->tenant && ring->agent);
    bool formed = ring->number.length > 0 && store_address(STORE_phone, ring->number, store->country, form, NULL);
    bool good =
        sql_do(store->sql, error, put,
               SQL_WITH(sql_text(ring->tenant), sql_text(ring->agent),
                        sql_span(text_external(&texts, ring->external_id)), sql_text(ring->outbound ? "out" : "in"),
                        sql_number(ring->inside), sql_text_or_null(text_clean(&texts, ring->number, STORE_ADDRESS_MAX)),
                        formed ? sql_text(form) : sql_null(), sql_number(ring->wraps), sql_number(ring->at)));
    good = good && (sql_changes(store->sql) == 0 ||
                    sql_do(store->sql, error, old,
                           SQL_WITH(sql_text(ring->tenant), sql_text(ring->agent), sql_number(STORE_RINGS_MAX))));
    texts_free(&texts);
    return good;
}

bool store_ring_answered(struct store *store, const struct store_ring *ring, struct error *error)
{
    struct texts texts = {0};
    bool good = sql_do(store->sql, error,
                       "UPDATE rings SET answered = coalesce(answered, $1), wrapup = coalesce(wrapup, $2) WHERE"
                       " tenant = $3 AND agent = $4 AND external_id = $5",
                       SQL_WITH(sql_number(ring->at), sql_text_or_null(ring->wrapup), sql_text(ring->tenant),
                                sql_text(ring->agent), sql_span(text_external(&texts, ring->external_id))));
    texts_free(&texts);
    return good;
}

bool store_ring_over(struct store *store, const struct store_ring *ring, const char *outcome, struct error *error)
{
    struct texts texts = {0};
    bool good =
        sql_do(store->sql, error,
               "UPDATE rings SET ended = $1, wrapup = coalesce($2, wrapup),"
               " outcome = CASE WHEN answered IS NULL THEN $3 ELSE 'answered' END"
               " WHERE tenant = $4 AND agent = $5 AND external_id = $6 AND ended IS NULL",
               SQL_WITH(sql_number(ring->at), sql_text_or_null(ring->wrapup), sql_text(outcome), sql_text(ring->tenant),
                        sql_text(ring->agent), sql_span(text_external(&texts, ring->external_id))));
    texts_free(&texts);
    return good;
}

bool store_rings_open(struct store *store, const char *tenant, const char *agent, store_each_ring *each, void *self,
                      struct error *error)
{
    struct sql_rows *rows = sql_ask(store->sql, error,
                                    "SELECT external_id FROM rings WHERE tenant = $1 AND agent = $2 AND ended IS NULL"
                                    " ORDER BY id LIMIT $3",
                                    SQL_WITH(sql_text(tenant), sql_text(agent), sql_number(STORE_ROWS_MAX)));
    while (sql_next(rows)) each(self, &(struct store_ring_shown){.external_id = sql_string(rows, 0)});
    return sql_end(rows, error);
}

/* ---- after the call ---- */

/* Nothing is written about somebody who was erased: the call's row has a digest of its name since then. */
static bool ring_note_forget(struct store *store, const struct store_ring_wrapped *wrapped, struct span name,
                             struct error *error)
{
    struct texts texts = {0};
    bool good =
        sql_do(store->sql, error,
               "UPDATE rings SET note = NULL WHERE id = $1 AND EXISTS (SELECT 1 FROM interactions WHERE"
               " tenant = $2 AND media = 'voice' AND external_id = $3 AND erased IS NOT NULL)",
               SQL_WITH(sql_number(wrapped->ring), sql_text(wrapped->tenant), sql_span(text_digest(&texts, name))));
    texts_free(&texts);
    return good;
}

static bool ring_wrapped_put(struct store *store, const struct store_ring_wrapped *wrapped, struct span note,
                             struct store_ring_key *key, struct error *error)
{
    bool there = false;
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "UPDATE rings SET wrapup = $1, note = $2, done = $3 WHERE id = $4 AND tenant = $5 AND"
                " agent = $6 AND wraps = 1 AND ended IS NOT NULL AND done IS NULL RETURNING external_id",
                SQL_WITH(sql_text_or_null(wrapped->wrapup), sql_text_or_null(note), sql_number_or_null(wrapped->done),
                         sql_number(wrapped->ring), sql_text(wrapped->tenant), sql_text(wrapped->agent)));
    if (sql_next(rows)) {
        struct span name = sql_string(rows, 0);
        there = name.length < sizeof key->external_id;
        if (there) memcpy(key->external_id, name.bytes, name.length + 1);
    }
    if (!sql_end(rows, error)) return false;
    if (!there)
        return error_set(error, ERROR_UNKNOWN,
                         "You have no such call to finish: it was finished already, or it goes on.");
    return note.length == 0 || ring_note_forget(store, wrapped, span_of(key->external_id), error);
}

bool store_ring_wrapped(struct store *store, const struct store_ring_wrapped *wrapped, struct store_ring_key *key,
                        struct error *error)
{
    struct texts texts = {0};
    struct span note;
    bool good = text_whole(&texts, wrapped->note, STORE_RING_NOTE_MAX, "the note", &note, error) &&
                sql_begin(store->sql, error);
    if (good) good = store_transaction_end(store, ring_wrapped_put(store, wrapped, note, key, error), error);
    texts_free(&texts);
    return good;
}

/* ---- lists ---- */

#define RINGS                                                                                                          \
    "SELECT r.id, r.direction, r.inside, coalesce(r.number, ''), r.began, coalesce(r.answered, 0),"                    \
    " coalesce(r.ended, 0), coalesce(r.outcome, ''), coalesce(r.wrapup, ''), coalesce(r.note, ''),"                    \
    " coalesce(c.id, 0), coalesce(c.name, ''), r.external_id, coalesce(r.done, 0), coalesce(i.agents, '') FROM rings " \
    "r"                                                                                                                \
    " LEFT JOIN interactions i ON i.tenant = r.tenant AND i.media = 'voice' AND i.external_id = r.external_id"         \
    " LEFT JOIN addresses a ON a.tenant = r.tenant AND a.kind = 'phone' AND a.address = r.address"                     \
    " LEFT JOIN contacts c ON c.id = a.contact WHERE r.tenant = $1 AND r.agent = $2 AND "

static bool rings_list(struct sql_rows *rows, store_each_ring *each, void *self, struct error *error)
{
    while (sql_next(rows))
        each(self, &(struct store_ring_shown){.ring = sql_int(rows, 0),
                                              .direction = sql_string(rows, 1),
                                              .inside = sql_int(rows, 2) != 0,
                                              .number = sql_string(rows, 3),
                                              .began = sql_int(rows, 4),
                                              .answered = sql_int(rows, 5),
                                              .ended = sql_int(rows, 6),
                                              .outcome = sql_string(rows, 7),
                                              .wrapup = sql_string(rows, 8),
                                              .note = sql_string(rows, 9),
                                              .contact = sql_int(rows, 10),
                                              .name = sql_string(rows, 11),
                                              .external_id = sql_string(rows, 12),
                                              .done = sql_int(rows, 13),
                                              .agents = sql_string(rows, 14)});
    return sql_end(rows, error);
}

bool store_rings(struct store *store, const char *tenant, const char *agent, int64_t before, unsigned limit,
                 store_each_ring *each, void *self, struct error *error)
{
    unsigned most = limit == 0 ? 50 : limit < STORE_ROWS_MAX ? limit : STORE_ROWS_MAX;
    return rings_list(sql_ask(store->sql, error, RINGS "r.id < $3 ORDER BY r.id DESC LIMIT $4",
                              SQL_WITH(sql_text(tenant), sql_text(agent), sql_number(before > 0 ? before : INT64_MAX),
                                       sql_number(most))),
                      each, self, error);
}

bool store_rings_unwrapped(struct store *store, const char *tenant, const char *agent, store_each_ring *each,
                           void *self, struct error *error)
{
    return rings_list(sql_ask(store->sql, error,
                              RINGS "r.wraps = 1 AND r.answered IS NOT NULL AND r.ended IS NOT NULL AND r.done IS NULL"
                                    " ORDER BY r.id DESC LIMIT $3",
                              SQL_WITH(sql_text(tenant), sql_text(agent), sql_number(STORE_UNWRAPPED_MAX))),
                      each, self, error);
}

bool rings_expire(struct store *store, const char *tenant, int64_t before, struct error *error)
{
    return sql_do(store->sql, error, "DELETE FROM rings WHERE tenant = $1 AND began < $2",
                  SQL_WITH(sql_text(tenant), sql_number(before)));
}

/* ---- favourites ---- */

/* Refuses one more than an agent may have; one that is there already may be named anew. */
static bool favourite_may(struct store *store, const struct store_favourite *favourite, struct error *error)
{
    int64_t count = 0;
    bool there;
    if (!sql_find(store->sql, error, &count, &there,
                  "SELECT count(*) FROM favourites WHERE tenant = $1 AND agent = $2 AND NOT (kind = $3 AND name = $4)",
                  SQL_WITH(sql_text(favourite->tenant), sql_text(favourite->agent), sql_text(favourite->kind),
                           sql_span(favourite->name))))
        return false;
    return count < STORE_FAVOURITES_MAX ||
           error_set(error, ERROR_LIMIT, "You have %d favourites already: take one away first.", STORE_FAVOURITES_MAX);
}

bool store_favourite(struct store *store, const struct store_favourite *favourite, bool on, struct error *error)
{
    static const char put[] =
        "INSERT INTO favourites(tenant, agent, kind, name, address, shown, made) VALUES($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (tenant, agent, kind, name) DO UPDATE SET shown = excluded.shown";
    static const char drop[] = "DELETE FROM favourites WHERE tenant = $1 AND agent = $2 AND kind = $3 AND name = $4";
    char form[STORE_ADDRESS_MAX + 1] = "";
    struct texts texts = {0};
    struct store_favourite clean = *favourite;
    clean.name = text_clean(&texts, favourite->name, STORE_ADDRESS_MAX);
    bool formed = span_is(span_of(favourite->kind), "number") &&
                  store_address(STORE_phone, clean.name, store->country, form, NULL);
    struct sql_value tenant = sql_text(clean.tenant), agent = sql_text(clean.agent), kind = sql_text(clean.kind);
    bool good =
        on ? favourite_may(store, &clean, error) &&
                 sql_do(store->sql, error, put,
                        SQL_WITH(tenant, agent, kind, sql_span(clean.name), formed ? sql_text(form) : sql_null(),
                                 sql_text_or_null(text_clean(&texts, clean.shown, STORE_NAME_MAX)),
                                 sql_number(clean.made)))
           : sql_do(store->sql, error, drop, SQL_WITH(tenant, agent, kind, sql_span(clean.name)));
    texts_free(&texts);
    return good;
}

bool store_favourites(struct store *store, const char *tenant, const char *agent, store_each_favourite *each,
                      void *self, struct error *error)
{
    struct sql_rows *rows = sql_ask(store->sql, error,
                                    "SELECT kind, name, coalesce(shown, '') FROM favourites WHERE tenant = $1 AND"
                                    " agent = $2 ORDER BY made, name LIMIT $3",
                                    SQL_WITH(sql_text(tenant), sql_text(agent), sql_number(STORE_FAVOURITES_MAX)));
    while (sql_next(rows)) each(self, sql_string(rows, 0), sql_string(rows, 1), sql_string(rows, 2));
    return sql_end(rows, error);
}
