/* runtime/lists/dial.c - The last check before a number is dialled, the attempt's row in the history, and the end of
 * a session with its chains. */
#include <assert.h>
#include <string.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"

/* ---- one record ---- */

enum lists_answer dial_revision_check(const struct loaded *loaded, const char *session, int64_t revision,
                                      struct error *error)
{
    if (loaded->version < revision) return LISTS_done;
    if (strcmp(loaded->writer, session) == 0) return LISTS_before;
    return lists_refuses(error, LISTS_changed, "the record has version %lld, of '%.64s'", (long long)loaded->version,
                         loaded->writer);
}

/* ---- may it be dialled? ---- */

/* Checks the windows of the dialled number in the lists of the tenant, if it is not the record's own number. The
 * clock of that number in the record's list says when the person's day begins. */
static enum lists_answer dialled_window_check(struct lists *lists, const struct loaded *loaded, int64_t now,
                                              struct zone_clock *clock, struct error *error)
{
    static const char text[] = "SELECT CASE WHEN r.list = $1 THEN 1 ELSE 0 END, r.day_from, r.day_till, r.again_from,"
                               " r.again_till, r.zone"
                               " FROM records r JOIN lists l ON l.id = r.list WHERE l.tenant = $2 AND r.number = $3";
    char zone[LISTS_WORD_MAX + 1];
    struct zone_clock its;
    bool open = true;
    if (strcmp(loaded->dialled, loaded->number) == 0) return LISTS_done;
    struct sql_rows *rows =
        sql_ask(lists->sql, error, text,
                SQL_WITH(sql_number(loaded->list), sql_text(loaded->tenant), sql_text(loaded->dialled)));
    while (open && sql_next(rows)) {
        text_set_span(zone, sizeof zone, sql_string(rows, 5));
        struct zone_windows windows = {sql_int(rows, 1), sql_int(rows, 2), sql_int(rows, 3), sql_int(rows, 4)};
        open = zones_clock(lists->zones, zone, now, &its) && zone_is_open(&windows, zone_second(&its, now));
        if (open && sql_int(rows, 0) == 1) *clock = its;
    }
    if (!sql_end(rows, error)) return LISTS_failed;
    return open ? LISTS_done : lists_refuses(error, LISTS_window, "it is outside a daily window of the number");
}

static enum lists_answer may_dial(struct lists *lists, const struct loaded *loaded, const struct lists_terms *terms,
                                  int64_t now, struct error *error)
{
    struct zone_clock clock;
    if (loaded->cancelled != 0) return lists_refuses(error, LISTS_cancelled, "%s", lists_answer_text(LISTS_cancelled));
    if (strcmp(loaded->status, "ready") != 0 && strcmp(loaded->status, "retrieved") != 0)
        return lists_refuses(error, LISTS_closed, "the record is closed: %s", loaded->status);
    if (loaded->due > now) return lists_refuses(error, LISTS_early, "%s", lists_answer_text(LISTS_early));
    if (!zones_clock(lists->zones, loaded->zone, now, &clock))
        return lists_refuses(error, LISTS_window, "the time zone '%.64s' is not known", loaded->zone);
    if (!zone_is_open(&loaded->windows, zone_second(&clock, now)))
        return lists_refuses(error, LISTS_window, "%s", lists_answer_text(LISTS_window));
    enum lists_answer given = dialled_window_check(lists, loaded, now, &clock, error);
    if (given != LISTS_done) return given;
    return person_check(lists, loaded, terms, clock.midnight, now, error);
}

/* Takes the number that is dialled for the record, which need not be its own: that number is written down, and the
 * rules for the persons of both numbers are checked. */
static void record_number_take(struct loaded *loaded, const char *number)
{
    text_set(loaded->dialled, sizeof loaded->dialled, number ? number : loaded->number);
}

enum lists_answer lists_check(struct lists *lists, int64_t record, const char *number, const struct lists_terms *terms,
                              int64_t now, struct error *error)
{
    struct loaded loaded;
    if (!sql_begin(lists->sql, error)) return LISTS_failed;
    enum lists_answer given = lists_record_load(lists, record, &loaded, error);
    if (given == LISTS_done) record_number_take(&loaded, number);
    if (given == LISTS_done) given = may_dial(lists, &loaded, terms, now, error);
    sql_rollback(lists->sql);
    return given;
}

/* ---- the attempt ---- */

static enum lists_answer owned_check(const struct loaded *loaded, const struct lists_dial *dial, struct error *error)
{
    assert(*dial->session);
    if (loaded->cancelled != 0 && loaded->begun == 0)
        return lists_refuses(error, LISTS_cancelled, "%s", lists_answer_text(LISTS_cancelled));
    enum lists_answer given = dial_revision_check(loaded, dial->session, dial->revision, error);
    /* The attempt in progress was written by this request only if the record still has the request's revision as its
     * version. The session may have let the record go meanwhile, and have fetched it again. */
    if (given == LISTS_before && (loaded->version != dial->revision || loaded->begun == 0))
        return lists_refuses(error, LISTS_changed, "the record has version %lld since", (long long)loaded->version);
    if (given != LISTS_done) return given;
    if (strcmp(loaded->owner, dial->session) != 0)
        return lists_refuses(error, LISTS_foreign, "the chain is of '%.64s'", loaded->owner);
    if (loaded->begun != 0 && dial->ended == cause_other)
        return lists_refuses(error, LISTS_dialled, "%s", lists_answer_text(LISTS_dialled));
    if (loaded->n != loaded->at)
        return lists_refuses(error, LISTS_wrong, "the current record of its chain is the one at %lld",
                             (long long)loaded->at);
    return LISTS_done;
}

/* Ends the attempt in progress, whether the next attempt may be made or not. */
static bool attempt_end(struct lists *lists, const struct loaded *loaded, const struct lists_dial *dial,
                        struct error *error)
{
    const char *result = enum_name_cause(dial->ended);
    return loaded->begun == 0 ||
           (sql_do(lists->sql, error, "UPDATE attempts SET result = $1, ended = $2 WHERE record = $3 AND n = $4",
                   SQL_WITH(sql_text(result), sql_number(dial->now), sql_number(loaded->record),
                            sql_number(loaded->attempt))) &&
            sql_do(lists->sql, error, "UPDATE records SET result = $1 WHERE id = $2",
                   SQL_WITH(sql_text(result), sql_number(loaded->record))));
}

static bool attempt_put(struct lists *lists, const struct loaded *loaded, const struct lists_dial *dial, int64_t n,
                        struct error *error)
{
    assert(n == loaded->attempt + 1); /* attempts have numbers without gaps */
    return sql_do(lists->sql, error,
                  "INSERT INTO attempts(record, n, list, chain, campaign, session, number, begun, pause)"
                  " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  SQL_WITH(sql_number(loaded->record), sql_number(n), sql_number(loaded->list),
                           sql_number(loaded->chain), sql_text(dial->campaign), sql_text(dial->session),
                           sql_text(loaded->dialled), sql_number(dial->now), sql_number(dial->terms.pause_us))) &&
           sql_do(
               lists->sql, error,
               "UPDATE records SET attempt = $1, begun = $2, last_try = $2, result = NULL, version = $3, writer = $4,"
               " changed = $2 WHERE id = $5",
               SQL_WITH(sql_number(n), sql_number(dial->now), sql_number(dial->revision), sql_text(dial->session),
                        sql_number(loaded->record)));
}

enum lists_answer lists_dial(struct lists *lists, const struct lists_dial *dial, int64_t *attempt, struct error *error)
{
    struct loaded loaded;
    if (!lists_word_good(span_of(dial->session), LISTS_WORD_MAX, "session", error)) return LISTS_wrong;
    if (!sql_begin(lists->sql, error)) return LISTS_failed;
    enum lists_answer given = lists_record_load(lists, dial->record, &loaded, error);
    if (given == LISTS_done) given = owned_check(&loaded, dial, error);
    bool ours = given == LISTS_done;
    if (ours && !attempt_end(lists, &loaded, dial, error)) given = LISTS_failed;
    if (given == LISTS_done) record_number_take(&loaded, dial->number);
    if (given == LISTS_done && !person_lock(lists, &loaded, error)) given = LISTS_failed;
    if (given == LISTS_done) given = may_dial(lists, &loaded, &dial->terms, dial->now, error);
    *attempt = loaded.attempt + (given == LISTS_done);
    if (given == LISTS_done && !attempt_put(lists, &loaded, dial, *attempt, error)) given = LISTS_failed;
    if (!ours || given == LISTS_failed)
        sql_rollback(lists->sql);
    else if (!lists_transaction_end(lists, true, error))
        given = LISTS_failed;
    return given;
}

/* ---- the end of a session ---- */

/* In each statement below, $1 is the time, and the last parameter the session. */
#define CHANGED "version = version + 1, writer = '', changed = $1"
/* In SQL: the attempts `a`, their records `r`, and the numbers that rest. */
#define OF_OPEN_ATTEMPTS                                                                                               \
    " FROM attempts a LEFT JOIN records r ON r.id = a.record JOIN lists l ON l.id = a.list" REST_NUMBERS

static const char to_chain_updated[] =
    "UPDATE records SET status = 'chain_updated', " CHANGED " WHERE status = 'retrieved' AND begun IS NULL AND chain IN"
    " (SELECT r.chain FROM records r JOIN chains c ON c.id = r.chain WHERE c.owner = $2 AND r.begun IS NOT NULL"
    " AND r.result IS NOT NULL)";
static const char attempts_end[] =
    "UPDATE attempts SET ended = $1, result = coalesce(result, 'stale'), session = " SESSION_KEPT
    " WHERE ended IS NULL AND session = $2";
static const char to_updated[] =
    "UPDATE records SET status = 'updated', begun = NULL, " CHANGED " WHERE begun IS NOT NULL AND result IS NOT NULL"
    " AND chain IN (SELECT id FROM chains WHERE owner = $2)";
/* SQL: persons rest of whom it is not known whether the call is over: its result is not known, or the call went on
 * when the record was closed. */
static const char persons_rest[] =
    "INSERT INTO rests(tenant, number, why, until) SELECT DISTINCT l.tenant, " REST_NUMBER
    ", 'stale', CAST($1 AS BIGINT)" OF_OPEN_ATTEMPTS
    " WHERE a.session = $2 AND a.ended IS NULL AND (r.begun IS NULL OR r.result IS NULL) AND"
    " CAST($1 AS BIGINT) > CAST($3 AS BIGINT)" OR_REST_LONGER;
static const char to_stale[] = "UPDATE records SET status = 'ready', result = 'stale', begun = NULL, " CHANGED
                               ", due = CASE WHEN due > $2 THEN due ELSE $2 END WHERE begun IS NOT NULL"
                               " AND chain IN (SELECT id FROM chains WHERE owner = $3)";
/* Makes the session's fetched records ready again: those of a campaign, or of all campaigns if the campaign is null. */
static const char to_ready[] =
    "UPDATE records SET status = 'ready', " CHANGED
    " WHERE status = 'retrieved' AND chain IN (SELECT c.id FROM chains c"
    " WHERE c.owner = $2 AND (CAST($3 AS TEXT) IS NULL OR c.campaign = $3)"
    " AND NOT EXISTS (SELECT 1 FROM records r WHERE r.chain = c.id AND r.begun IS NOT NULL))";
/* A record that was marked as cancelled while it was dialled is cancelled now. */
static const char to_cancelled[] =
    "UPDATE records SET status = 'cancelled', result = NULL, " CHANGED " WHERE cancelled IS NOT NULL"
    " AND status NOT IN ('retrieved', 'cancelled') AND chain IN (SELECT id FROM chains WHERE owner = $2)";
static const char chains_free[] =
    "UPDATE chains SET owner = NULL, campaign = NULL, ref = NULL, taken = NULL WHERE owner = $1"
    " AND (CAST($2 AS TEXT) IS NULL OR campaign = $2)"
    " AND NOT EXISTS (SELECT 1 FROM records r WHERE r.chain = chains.id AND r.status = 'retrieved')";
static const char session_end[] =
    "DELETE FROM sessions WHERE name = $1 AND NOT EXISTS (SELECT 1 FROM chains c WHERE c.owner = sessions.name)"
    " AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.session = sessions.name AND a.ended IS NULL)";

static bool rows_change(struct lists *lists, const char *text, const char *session, int64_t now, int64_t *count,
                        struct error *error)
{
    if (!sql_do(lists->sql, error, text, SQL_WITH(sql_number(now), sql_text(session)))) return false;
    if (count) *count = sql_changes(lists->sql);
    return true;
}

/* Locks the persons whom the session is calling, in the same order as person_lock(), because persons_rest writes the
 * rows of these persons. */
static bool persons_lock(struct lists *lists, const char *session, struct error *error)
{
    static const char text[] =
        "SELECT pg_advisory_xact_lock(h.tenant, h.hash) FROM (SELECT DISTINCT hashtext(l.tenant) AS tenant,"
        " " PERSON_LOCK(REST_NUMBER) " AS hash" OF_OPEN_ATTEMPTS
                                     " WHERE a.session = $1 AND a.ended IS NULL ORDER BY 1, 2) h";
    return sql_dialect(lists->sql) == SQL_SQLITE || sql_do(lists->sql, error, text, SQL_WITH(sql_text(session)));
}

/* Locks the session's chains, since the session may be about to dial. The transaction that locks a chain first is
 * done first, and the other one then sees the chain as the first has left it. */
static bool chains_lock(struct lists *lists, const char *session, struct error *error)
{
    if (sql_dialect(lists->sql) == SQL_SQLITE) return true;
    return sql_do(lists->sql, error, "SELECT id FROM chains WHERE owner = $1 ORDER BY id FOR UPDATE",
                  SQL_WITH(sql_text(session)));
}

static bool chains_release(struct lists *lists, const char *session, const char *campaign, int64_t now, int64_t *back,
                           struct error *error)
{
    if (!sql_do(lists->sql, error, to_ready, SQL_WITH(sql_number(now), sql_text(session), sql_text(campaign))))
        return false;
    *back = sql_changes(lists->sql);
    return sql_do(lists->sql, error, chains_free, SQL_WITH(sql_text(session), sql_text(campaign))) &&
           sql_do(lists->sql, error, session_end, SQL_WITH(sql_text(session)));
}

bool lists_unload(struct lists *lists, const char *session, const char *campaign, int64_t now,
                  struct lists_released *released, struct error *error)
{
    *released = (struct lists_released){0};
    if (!sql_begin(lists->sql, error)) return false;
    return lists_transaction_end(lists,
                                 chains_lock(lists, session, error) &&
                                     chains_release(lists, session, campaign, now, &released->back, error),
                                 error);
}

bool lists_bury(struct lists *lists, const char *session, int64_t now, int64_t pause_us,
                struct lists_released *released, struct error *error)
{
    *released = (struct lists_released){0};
    if (!sql_begin(lists->sql, error)) return false;
    bool good =
        chains_lock(lists, session, error) && persons_lock(lists, session, error) &&
        rows_change(lists, to_chain_updated, session, now, NULL, error) &&
        sql_do(lists->sql, error, persons_rest,
               SQL_WITH(sql_number(now + pause_us), sql_text(session), sql_number(now))) &&
        rows_change(lists, attempts_end, session, now, NULL, error) &&
        rows_change(lists, to_updated, session, now, &released->closed, error) &&
        sql_do(lists->sql, error, to_stale, SQL_WITH(sql_number(now), sql_number(now + pause_us), sql_text(session)));
    if (good) released->stale = sql_changes(lists->sql);
    good = good && rows_change(lists, to_cancelled, session, now, NULL, error);
    return lists_transaction_end(lists, good && chains_release(lists, session, NULL, now, &released->back, error),
                                 error);
}
