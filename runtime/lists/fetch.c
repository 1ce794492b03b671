/* runtime/lists/fetch.c - Fetches chains for a session: those that may be dialled now, by the site's filter and
 * order, and that no other session has.
 *
 * A session gets a chain by one statement that finds it free and writes the session's name: in PostgreSQL rows that
 * another session is about to take are skipped (FOR UPDATE SKIP LOCKED), in SQLite transactions that write come one
 * after another. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

struct lists_selection {
    struct lists *lists;
    int64_t list;
    unsigned takes;
    struct out take[3], due, show, any; /* how many statements are kept under the addresses of their texts */
};

/* ---- statements ---- */

/* The kinds of records that a statement selects: promised calls come first, in this order. An agent's own callback
 * comes before other callbacks and the retries of numbers; fresh records are last. If the site's own order names
 * `due`, it alone ranks all records. For each condition on `due` an index has the records in order: with one
 * more condition SQLite would sort all records. */
enum turn { TURN_OWN, TURN_DUE, TURN_FRESH, TURN_ALL, TURNS = TURN_ALL };
static const char *const turn_where[] = {
    [TURN_OWN] = " AND k.due > 0 AND k.due <= $2 AND k.type IN ('personal_callback', 'personal_rescheduled')",
    [TURN_DUE] = " AND k.due > 0 AND k.due <= $2",
    [TURN_FRESH] = " AND k.due = 0",
    [TURN_ALL] = " AND k.due <= $2",
};
#define TURN_OF                                                                                                        \
    "CASE WHEN k.due = 0 THEN 2 WHEN k.type IN ('personal_callback', 'personal_rescheduled') THEN 0 ELSE 1 END, "

/* $1 list, $2 now, $3 tenant, $4 attempts in all, $5 of a day, $6 of a week, $7 of a chain's day, then of a take $8
 * purpose, $9 count, $10 session, $11 campaign, $12 ref, of a count $8 the moment before which a record is overdue: in
 * the order of their first appearance, by which SQLite numbers them. */
#define BLOCKED(what, value)                                                                                           \
    "EXISTS (SELECT 1 FROM do_not_call b WHERE b.tenant = $3 AND b.kind = '" what "' AND b.value = " value             \
    " AND b.since <= $2 AND (b.until IS NULL OR b.until > $2))"
#define OWN_TRIED                                                                                                      \
    "(SELECT count(*) FROM attempts a JOIN lists m ON m.id = a.list WHERE m.tenant = $3 AND a.number = k.number"
/* SQL: there were fewer attempts than the parameter `most`, or `most` is 0. `tried` is the beginning of a query that
 * counts attempts, and `since` the query's last condition. */
#define LIMIT(most, tried, since) " AND (CAST(" most " AS BIGINT) = 0 OR " tried since ") < " most ")"
#define SQL_OF(number)            SQL_OF_(number)
#define SQL_OF_(number)           #number
#define LIMITS(tried, midnight, end)                                                                                   \
    LIMIT("$4", tried, end)                                                                                            \
    LIMIT("$5", tried, " AND a.begun >= " midnight end)                                                                \
    LIMIT("$6", tried, " AND a.begun >= " midnight " - " SQL_OF(LISTS_WEEK_US) end)
/* Selects records that may be dialled by what is known of the record and its number alone. CROSS JOIN: SQLite joins
 * in the order of the text, so the index of `k` orders the rows. */
#define NOT_BLOCKED " AND NOT " BLOCKED("number", "k.number") " AND NOT " BLOCKED("customer", "c.customer")
#define OPEN_NOW    WINDOW_OPEN("k", "z", "$2")
// clang-format off
static const char candidates[] =
    "SELECT c.id AS chain, k.n AS n, k.due AS due, k.number AS number, k.type AS type, c.customer AS customer,"
    " z.midnight AS midnight FROM records k CROSS JOIN chains c CROSS JOIN zones z WHERE c.id = k.chain AND c.at = k.n"
    " AND z.name = k.zone AND k.list = $1 AND k.status = 'ready' AND c.owner IS NULL AND z.since <= $2 AND $2 < z.until"
    " AND " OPEN_NOW
    " AND NOT EXISTS (SELECT 1 FROM rests q WHERE q.tenant = $3 AND q.number = k.number"
    " AND " REST_HOLDS("q", "$2", "k.type") ")"
    " AND NOT EXISTS (SELECT 1 FROM " ATTEMPTS_TO("k.number", "$3") ")"
    NOT_BLOCKED
    " AND (CAST($4 AS BIGINT) = 0 OR k.attempt < $4)"
    LIMITS(OWN_TRIED, "z.midnight", "")
    LIMIT("$7", "(SELECT count(*) FROM attempts a WHERE a.chain = k.chain", " AND a.begun >= z.midnight");
// clang-format on

/* Checks that a candidate `f` may be dialled by the rules for all of the person's numbers. Each candidate needs many
 * look-ups for that, so they are made for one candidate after another, until enough were found. */
#define FETCHED_PERSON PERSON_OF("f.number", "f.customer", "$3")
#define TRIED                                                                                                          \
    "(SELECT count(*) FROM (SELECT DISTINCT a.record, a.n FROM " FETCHED_PERSON                                        \
    " p JOIN attempts a ON a.number = p.number"                                                                        \
    " JOIN lists m ON m.id = a.list LEFT JOIN chains x ON x.id = a.chain WHERE m.tenant = $3"                          \
    " AND " PERSON_MEANT("f.number")
#define PERSON_OPEN WINDOW_OPEN("q", "w", "$2")
#define AGREED_NOW  " AND s.since <= $2 AND (s.until IS NULL OR s.until > $2)"
// clang-format off
static const char person_may[] =
    " NOT EXISTS (SELECT 1 FROM " FETCHED_PERSON " p LEFT JOIN rests r ON r.tenant = $3 AND r.number = p.number"
    " AND " REST_HOLDS("r", "$2", "f.type")
    " LEFT JOIN persons q ON q.tenant = $3 AND q.number = p.number AND q.day_from IS NOT NULL"
    " LEFT JOIN zones w ON w.name = q.zone AND w.since <= $2 AND $2 < w.until"
    " LEFT JOIN do_not_call b ON b.tenant = $3 AND b.kind = 'customer' AND b.value = p.customer"
    " AND b.since <= $2 AND (b.until IS NULL OR b.until > $2)"
    " WHERE r.number IS NOT NULL OR b.value IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM " ATTEMPTS_TO("p.number", "$3") ")"
    " OR EXISTS (SELECT 1 FROM " ATTEMPTS_FOR("p.number", "$3") ")"
    " OR (q.number IS NOT NULL AND (w.name IS NULL OR NOT " PERSON_OPEN ")))"
    LIMITS(TRIED, "f.midnight", ") t")
    " AND (CAST($8 AS TEXT) = '' OR EXISTS (SELECT 1 FROM " FETCHED_PERSON " p JOIN consents s ON " PERSON_HAS("s")
    " WHERE s.tenant = $3 AND s.purpose = $8" AGREED_NOW "))";
// clang-format on

/* The columns for struct lists_record. */
#define SHOWN                                                                                                          \
    "SELECT r.id, r.chain, r.n, r.attempt, r.due, r.last_try, r.begun, r.version, r.day_from, r.day_till,"             \
    " CASE WHEN r.n = c.at THEN 1 ELSE 0 END, r.number, r.number_type, r.type, r.status, r.result, r.zone, r.agent,"   \
    " r.treatment, c.customer, c.campaign, c.owner, r.fields, r.again_from, r.again_till,"                             \
    " r.cancelled, r.cancelled_by, r.cancelled_why "

static const char show_head[] =
    SHOWN "FROM chains c JOIN records k ON k.chain = c.id AND k.n = c.at JOIN records r ON r.chain = c.id"
          " WHERE c.owner = $1 AND c.ref = $2 ORDER BY ";

static void candidates_put(struct out *text, enum turn turn, const char *where)
{
    out_text(text, candidates);
    out_text(text, turn_where[turn]);
    out_text(text, " AND (");
    out_text(text, where);
    out_text(text, ")");
}

/* The candidates have a limit that they never reach: without it a database would merge the two statements, and
 * examine the persons of all candidates before it sorts. */
static void take_put(const struct lists_selection *selection, struct out *take, enum turn turn, const char *where,
                     const char *by)
{
    bool server = sql_dialect(selection->lists->sql) == SQL_POSTGRES;
    out_text(take, "WITH t AS (SELECT c.id AS id FROM (");
    candidates_put(take, turn, where);
    out_text(take, " ORDER BY ");
    out_text(take, by);
    out_text(take, ", k.id LIMIT 9000000000000000000) f CROSS JOIN chains c WHERE c.id = f.chain AND c.at = f.n"
                   " AND c.owner IS NULL AND");
    out_text(take, person_may);
    out_text(take, " LIMIT $9");
    if (server) out_text(take, " FOR UPDATE OF c SKIP LOCKED");
    out_text(take,
             ") UPDATE chains SET owner = $10, campaign = $11, ref = $12, taken = $2 WHERE id IN (SELECT id FROM t)");
}

/* Writes the statement that counts the due records, up to a limit: if there are more, the count is the limit. The
 * statement runs every few seconds, so it does not check the persons' other numbers, their hours or consent. */
static void due_put(struct lists_selection *selection, const char *where)
{
    struct out *count = &selection->due;
    assert(count->length == 0);
    out_text(count, "SELECT count(*), coalesce(sum(CASE WHEN t.due < w.late THEN 1 ELSE 0 END), 0) FROM (");
    candidates_put(count, TURN_DUE, where);
    out_text(count, " LIMIT 10000) t CROSS JOIN (SELECT CAST($8 AS BIGINT) AS late) w");
}

/* $1 list, $2 now, 0: consent is not asked, $3 tenant, $4 purpose. */
static void selects_any_put(struct lists_selection *selection, const char *where)
{
    struct out *any = &selection->any;
    assert(any->length == 0);
    // clang-format off
    out_text(any,
             "SELECT 1 FROM records k CROSS JOIN chains c"
             " WHERE k.list = $1 AND k.status IN ('ready', 'retrieved') AND c.id = k.chain AND c.at = k.n"
             " AND (CAST($2 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM " PERSON_OF("k.number", "c.customer", "$3")
             " p JOIN consents s ON " PERSON_HAS("s") " WHERE s.tenant = $3 AND s.purpose = $4" AGREED_NOW "))"
             " AND (");
    // clang-format on
    out_text(any, where);
    out_text(any, ") LIMIT 1");
}

/* The site's filter and order are in the middle of the statements, so the texts are made once per selection and kept
 * at fixed addresses, by which sql_ask() finds the prepared statement again. */
static void statements_put(struct lists_selection *selection, const char *where, const char *by)
{
    assert(selection->take[0].length == 0 && selection->show.length == 0);
    bool ranks = strstr(by, "k.due ") != NULL; /* true: the order names `due`; the "k.due" at its end, which is always
                                                * there, has no blank after it */
    selection->takes = ranks ? 1 : TURNS;
    for (unsigned turn = 0; turn < selection->takes; turn++)
        take_put(selection, &selection->take[turn], ranks ? TURN_ALL : turn, where, by);
    due_put(selection, where);
    selects_any_put(selection, where);
    out_text(&selection->show, show_head);
    if (!ranks) out_text(&selection->show, TURN_OF);
    out_text(&selection->show, by);
    out_text(&selection->show, ", k.id, r.n");
}

struct lists_selection *lists_select(struct lists *lists, int64_t list, const char *filter, const char *order,
                                     struct error *error)
{
    struct lists_selection *selection = NULL;
    struct out where = {0}, by = {0};
    struct error why = {0};
    fields_forget(lists); /* reads the fields, since another process may have added some */
    const struct fields *fields = fields_of(lists, list, error);
    if (fields && !filter_check(fields, sql_dialect(lists->sql), filter, &where, &why))
        error_at(error, why.code, why.offset, "the filter: %.230s", why.text);
    else if (fields && !filter_order_check(fields, sql_dialect(lists->sql), order, &by, &why))
        error_at(error, why.code, why.offset, "the order: %.230s", why.text);
    else if (fields) {
        assert(where.bytes && by.bytes);
        selection = memory_zeroed(1, sizeof *selection);
        *selection = (struct lists_selection){.lists = lists, .list = list};
        statements_put(selection, where.bytes, by.bytes);
    }
    out_free(&where);
    out_free(&by);
    return selection;
}

/* The prepared statements are freed with their texts: another selection's text could get the same address, and would
 * find the prepared statement of this one. */
void lists_select_end(struct lists_selection *selection)
{
    if (!selection) return;
    struct out *const all[] = {&selection->take[0], &selection->take[1], &selection->take[2],
                               &selection->due,     &selection->show,    &selection->any};
    for (size_t at = 0; at < sizeof all / sizeof *all; at++) {
        if (all[at]->bytes) sql_forget(selection->lists->sql, all[at]->bytes);
        out_free(all[at]);
    }
    free(selection);
}

/* ---- showing ---- */

static void fetch_record_show(const struct sql_rows *rows, lists_each_record *each, void *self)
{
    each(self, &(struct lists_record){
                   .record = sql_int(rows, 0),
                   .chain = sql_int(rows, 1),
                   .n = sql_int(rows, 2),
                   .attempt = sql_int(rows, 3),
                   .due = sql_int(rows, 4),
                   .last_try = sql_int(rows, 5),
                   .begun = sql_int(rows, 6),
                   .version = sql_int(rows, 7),
                   .day_from = sql_int(rows, 8),
                   .day_till = sql_int(rows, 9),
                   .current = sql_int(rows, 10) != 0,
                   .number = sql_string(rows, 11),
                   .number_type = sql_string(rows, 12),
                   .type = sql_string(rows, 13),
                   .status = sql_string(rows, 14),
                   .result = sql_string(rows, 15),
                   .zone = sql_string(rows, 16),
                   .agent = sql_string(rows, 17),
                   .treatment = sql_string(rows, 18),
                   .customer = sql_string(rows, 19),
                   .campaign = sql_string(rows, 20),
                   .owner = sql_string(rows, 21),
                   .fields = sql_string(rows, 22),
                   .again_from = sql_int(rows, 23),
                   .again_till = sql_int(rows, 24),
                   .cancelled = sql_int(rows, 25),
                   .cancelled_by = sql_string(rows, 26),
                   .cancelled_why = sql_string(rows, 27),
               });
}

static bool rows_show(struct sql_rows *rows, lists_each_record *each, void *self, int64_t *count, struct error *error)
{
    *count = 0;
    for (; sql_next(rows); ++*count) fetch_record_show(rows, each, self);
    return sql_end(rows, error);
}

enum lists_answer lists_record(struct lists *lists, int64_t record, bool chain, lists_each_record *each, void *self,
                               struct error *error)
{
    static const char one[] = SHOWN "FROM records r JOIN chains c ON c.id = r.chain WHERE r.id = $1";
    static const char all[] = SHOWN "FROM records k JOIN chains c ON c.id = k.chain JOIN records r ON r.chain = c.id"
                                    " WHERE k.id = $1 ORDER BY r.n";
    int64_t count;
    struct sql_rows *rows = sql_ask(lists->sql, error, chain ? all : one, SQL_WITH(sql_number(record)));
    if (!rows_show(rows, each, self, &count, error)) return LISTS_failed;
    return count > 0 ? LISTS_done : lists_refuses(error, LISTS_unknown, "there is no record %lld", (long long)record);
}

bool lists_numbered(struct lists *lists, const char *tenant, const char *number, lists_each_number *each, void *self,
                    struct error *error)
{
    static const char text[] = "SELECT r.id, l.name FROM lists l JOIN records r ON r.list = l.id"
                               " WHERE l.tenant = $1 AND r.number = $2 ORDER BY r.id";
    struct sql_rows *rows = sql_ask(lists->sql, error, text, SQL_WITH(sql_text(tenant), sql_text(number)));
    while (sql_next(rows)) each(self, sql_int(rows, 0), sql_string(rows, 1));
    return sql_end(rows, error);
}

bool lists_attempts(struct lists *lists, int64_t record, lists_each_attempt *each, void *self, struct error *error)
{
    static const char text[] =
        "SELECT a.record, a.n, a.begun, a.ended, a.campaign, a.session, a.number, a.result, a.agent,"
        " a.ixn FROM records r JOIN attempts a ON a.chain = r.chain WHERE r.id = $1"
        " ORDER BY a.begun, a.record, a.n";
    struct sql_rows *rows = sql_ask(lists->sql, error, text, SQL_WITH(sql_number(record)));
    while (sql_next(rows))
        each(self, &(struct lists_attempt){
                       .record = sql_int(rows, 0),
                       .n = sql_int(rows, 1),
                       .begun = sql_int(rows, 2),
                       .ended = sql_int(rows, 3),
                       .campaign = sql_string(rows, 4),
                       .session = sql_string(rows, 5),
                       .number = sql_string(rows, 6),
                       .result = sql_string(rows, 7),
                       .agent = sql_string(rows, 8),
                       .ixn = sql_string(rows, 9),
                   });
    return sql_end(rows, error);
}

bool lists_held(struct lists *lists, const char *session, lists_each_record *each, void *self, struct error *error)
{
    static const char held[] =
        SHOWN "FROM chains c JOIN records r ON r.chain = c.id AND r.n = c.at"
              " WHERE c.owner = $1 AND r.status = 'retrieved' AND r.begun IS NULL ORDER BY r.due, r.id";
    int64_t count;
    if (!sql_begin_reading(lists->sql, error)) return false;
    struct sql_rows *rows = sql_ask(lists->sql, error, held, SQL_WITH(sql_text(session)));
    bool good = rows_show(rows, each, self, &count, error);
    sql_rollback(lists->sql);
    return good;
}

/* ---- zones ---- */

enum { ZONES_MAX = 700 }; /* room for all zones: the database of time zones has some 600 names */

/* Updates the rows of time zones whose clock has changed. */
static bool zones_refresh(struct lists *lists, int64_t now, struct error *error)
{
    char(*names)[LISTS_WORD_MAX + 1] = memory_zeroed(ZONES_MAX, sizeof *names);
    size_t count = 0;
    struct sql_rows *rows =
        sql_ask(lists->sql, error, "SELECT name FROM zones WHERE since > $1 OR until <= $1 ORDER BY 1",
                SQL_WITH(sql_number(now)));
    while (count < ZONES_MAX && sql_next(rows)) text_set_span(names[count++], sizeof *names, sql_string(rows, 0));
    bool good = sql_end(rows, error);
    assert(count <= ZONES_MAX);
    for (size_t i = 0; good && i < count; i++) {
        struct zone_clock clock;
        if (!zones_clock(lists->zones, names[i], now, &clock)) continue; /* somebody else's word */
        good = sql_do(lists->sql, error,
                      "UPDATE zones SET shift = $1, midnight = $2, since = $3, until = $4 WHERE name = $5",
                      SQL_WITH(sql_number(clock.shift), sql_number(clock.midnight), sql_number(clock.since),
                               sql_number(clock.until), sql_text(names[i])));
    }
    free(names);
    return good;
}

/* ---- fetching ---- */

static bool session_good(const char *session, struct error *error)
{
    return session && lists_word_good(span_of(session), LISTS_WORD_MAX, "session", error);
}

bool lists_alive(struct lists *lists, const char *session, int64_t now, struct error *error)
{
    return session_good(session, error) &&
           sql_do(
               lists->sql, error,
               "INSERT INTO sessions(name, seen) VALUES($1, $2) ON CONFLICT (name) DO UPDATE SET seen = excluded.seen",
               SQL_WITH(sql_text(session), sql_number(now)));
}

bool lists_silent(struct lists *lists, int64_t before, void (*each)(void *self, const char *session), void *self,
                  struct error *error)
{
    struct sql_rows *rows = sql_ask(lists->sql, error, "SELECT name FROM sessions WHERE seen < $1 ORDER BY name",
                                    SQL_WITH(sql_number(before)));
    while (sql_next(rows)) each(self, (const char *)sql_string(rows, 0).bytes);
    return sql_end(rows, error);
}

static bool fetch_tenant_of(struct lists *lists, int64_t list, char tenant[LISTS_WORD_MAX + 1], struct error *error)
{
    struct sql_rows *rows =
        sql_ask(lists->sql, error, "SELECT tenant FROM lists WHERE id = $1", SQL_WITH(sql_number(list)));
    bool there = sql_next(rows);
    if (there) text_set_span(tenant, LISTS_WORD_MAX + 1, sql_string(rows, 0));
    if (!sql_end(rows, error)) return false;
    if (!there) error_set(error, ERROR_UNKNOWN, "the list %lld is gone", (long long)list);
    return there;
}

bool lists_selects_any(const struct lists_selection *selection, const char *consent, int64_t now, bool *any,
                       struct error *error)
{
    struct lists *lists = selection->lists;
    char tenant[LISTS_WORD_MAX + 1];
    int64_t one;
    return fetch_tenant_of(lists, selection->list, tenant, error) &&
           sql_find(lists->sql, error, &one, any, selection->any.bytes,
                    SQL_WITH(sql_number(selection->list), sql_number(consent ? now : 0), sql_text(tenant),
                             sql_text(consent ? consent : "")));
}

/* True: this portion was fetched before. A caller who has got no answer repeats the request. */
static bool portion_there(struct lists *lists, const struct lists_portion *portion, bool *there, struct error *error)
{
    int64_t one;
    return sql_find(lists->sql, error, &one, there, "SELECT 1 FROM chains WHERE owner = $1 AND ref = $2 LIMIT 1",
                    SQL_WITH(sql_text(portion->session), sql_number(portion->ref)));
}

/* PostgreSQL expects that few records may be dialled, and would examine and sort all of them; with the index of due
 * times it stops after as many as are wanted. With an order of the site's own, records are sorted all the same.
 * Without sorting, PostgreSQL estimates the statement as so expensive that it would compile it, which takes seconds. */
static bool plan_by_index(struct lists *lists, struct error *error)
{
    return sql_dialect(lists->sql) == SQL_SQLITE ||
           sql_run(lists->sql, "SET LOCAL enable_sort = off; SET LOCAL jit = off", error);
}

/* The first parameters of the statements that look for records. */
#define FETCH_TERMS(selection, now, tenant, terms)                                                                     \
    sql_number((selection)->list), sql_number(now), sql_text(tenant), sql_number((terms)->in_all),                     \
        sql_number((terms)->of_day), sql_number((terms)->of_week), sql_number((terms)->of_chain)

/* Takes one kind of records after another, until there are as many as are wanted. */
static bool chains_take(struct lists *lists, const struct lists_portion *portion, struct error *error)
{
    assert(*portion->session); /* the session must have a name: a chain without an owner is free */
    const struct lists_selection *selection = portion->selection;
    char tenant[LISTS_WORD_MAX + 1];
    int64_t missing = portion->count;
    bool good = fetch_tenant_of(lists, selection->list, tenant, error);
    for (unsigned turn = 0; good && missing > 0 && turn < selection->takes; turn++) {
        good = sql_do(lists->sql, error, selection->take[turn].bytes,
                      SQL_WITH(FETCH_TERMS(selection, portion->now, tenant, &portion->terms),
                               sql_text(portion->terms.consent ? portion->terms.consent : ""), sql_number(missing),
                               sql_text(portion->session), sql_text(portion->campaign), sql_number(portion->ref)));
        if (good) missing -= sql_changes(lists->sql);
    }
    return good && sql_do(lists->sql, error,
                          "UPDATE records SET status = 'retrieved', version = version + 1, writer = $1, changed = $2"
                          " WHERE status = 'ready' AND chain IN (SELECT id FROM chains WHERE owner = $1 AND ref = $3)",
                          SQL_WITH(sql_text(portion->session), sql_number(portion->now), sql_number(portion->ref)));
}

/* ---- counting ---- */

static bool count_due(struct lists *lists, const struct lists_portion *portion, int64_t late, const char *tenant,
                      struct lists_counts *counts, struct error *error)
{
    struct sql_rows *rows =
        sql_ask(lists->sql, error, portion->selection->due.bytes,
                SQL_WITH(FETCH_TERMS(portion->selection, portion->now, tenant, &portion->terms), sql_number(late)));
    if (sql_next(rows)) counts->due = sql_int(rows, 0), counts->overdue = sql_int(rows, 1);
    return sql_end(rows, error);
}

static bool counts_of_list(struct lists *lists, const struct lists_portion *portion, int64_t late,
                           struct lists_counts *counts, struct error *error)
{
    static const char left[] = "SELECT count(*) FROM records WHERE list = $1 AND status = 'ready'";
    static const char tried[] =
        "SELECT count(*) FROM records WHERE list = $1 AND status = 'ready' AND attempt > 0 AND attempt >= $2";
    static const char held[] = "SELECT count(*) FROM chains c JOIN records r ON r.chain = c.id AND r.n = c.at"
                               " WHERE c.owner = $1 AND c.campaign = $2 AND r.status = 'retrieved' AND r.begun IS NULL"
                               " AND r.due > 0 AND r.due < $3";
    int64_t list = portion->selection->list, overdue;
    bool there;
    counts->exhausted = 0;
    if (!sql_find(lists->sql, error, &counts->left, &there, left, SQL_WITH(sql_number(list))) ||
        (portion->terms.in_all > 0 && !sql_find(lists->sql, error, &counts->exhausted, &there, tried,
                                                SQL_WITH(sql_number(list), sql_number(portion->terms.in_all)))) ||
        !sql_find(lists->sql, error, &overdue, &there, held,
                  SQL_WITH(sql_text(portion->session), sql_text(portion->campaign), sql_number(late))))
        return false;
    counts->left -= counts->exhausted;
    counts->overdue += overdue;
    return true;
}

bool lists_count(struct lists *lists, const struct lists_portion *portion, int64_t late_us, struct lists_counts *counts,
                 struct error *error)
{
    char tenant[LISTS_WORD_MAX + 1];
    int64_t late = portion->now - late_us;
    *counts = (struct lists_counts){0};
    if (!sql_begin(lists->sql, error) ||
        !lists_transaction_end(lists, zones_refresh(lists, portion->now, error), error) ||
        !sql_begin_reading(lists->sql, error))
        return false;
    bool good = plan_by_index(lists, error) && fetch_tenant_of(lists, portion->selection->list, tenant, error) &&
                count_due(lists, portion, late, tenant, counts, error) &&
                counts_of_list(lists, portion, late, counts, error);
    sql_rollback(lists->sql);
    return good;
}

/* ---- a portion ---- */

bool lists_fetch(struct lists *lists, const struct lists_portion *portion, lists_each_record *each, void *self,
                 struct error *error)
{
    const struct lists_selection *selection = portion->selection;
    bool there;
    int64_t count;
    assert(selection->lists == lists);
    if (!session_good(portion->session, error)) return false;
    if (portion->count > LISTS_PORTION_MAX)
        return error_set(error, ERROR_LIMIT, "a portion has at most %d chains", LISTS_PORTION_MAX);
    if (!sql_begin(lists->sql, error)) return false;
    bool good = portion_there(lists, portion, &there, error);
    if (good && !there)
        good = lists_alive(lists, portion->session, portion->now, error) && zones_refresh(lists, portion->now, error) &&
               plan_by_index(lists, error) && chains_take(lists, portion, error);
    if (!lists_transaction_end(lists, good, error)) return false;
    struct sql_rows *rows = sql_ask(lists->sql, error, selection->show.bytes,
                                    SQL_WITH(sql_text(portion->session), sql_number(portion->ref)));
    return rows_show(rows, each, self, &count, error);
}
