/* runtime/lists/person.c - The rules for a person in all lists of a tenant: the do-not-call list, pauses, hours of
 * their own, consent, limits on attempts, and one call at a time.
 *
 * PERSON_OF finds all data of a person from one of their numbers. The statement of fetch.c checks the same rules
 * when a record is fetched; person_check checks them once more when the number is dialled. */
#include <string.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/denied.h"
#include "runtime/vocabulary/person.h"

/* $1 is the number to dial, $2 the customer, $3 the record's number, $4 the tenant: in each statement below they
 * first appear in this order. */
#define THEM THEM_FIRST(PERSON_ROWS)
#define THEM_FIRST(most)                                                                                               \
    "FROM " PERSON_FIRST("SELECT CAST($1 AS TEXT), CAST($2 AS TEXT) UNION SELECT CAST($3 AS TEXT), CAST($2 AS TEXT)",  \
                         "CAST($4 AS TEXT)", most) " p"
#define OF_PERSON(loaded)                                                                                              \
    sql_text((loaded)->dialled), sql_text_or_null(span_of((loaded)->customer)), sql_text((loaded)->number),            \
        sql_text((loaded)->tenant)

bool person_lock(struct lists *lists, const struct loaded *loaded, struct error *error)
{
    return sql_dialect(lists->sql) == SQL_SQLITE ||
           sql_do(lists->sql, error,
                  "SELECT pg_advisory_xact_lock(hashtext(CAST($4 AS TEXT)), h.hash) FROM (SELECT DISTINCT"
                  " " PERSON_LOCK("p.number") " AS hash " THEM " ORDER BY 1) h",
                  SQL_WITH(OF_PERSON(loaded)));
}

/* ---- the do-not-call list ---- */

/* Finds out whether the dialled number or the customer is on the do-not-call list. A blocked number blocks no other
 * number of the person, because other people may share those. A blocked customer is not called by any number. */
static enum lists_answer person_blocked_check(struct lists *lists, const struct loaded *loaded, int64_t now,
                                              struct error *error)
{
    static const char text[] =
        "SELECT 1 FROM (SELECT 'customer' AS kind, p.customer AS value " THEM
        " UNION SELECT 'number', CAST($1 AS TEXT)) v JOIN do_not_call b ON b.tenant = $4 AND b.kind = v.kind"
        " AND b.value = v.value WHERE b.since <= $5 AND (b.until IS NULL OR b.until > $5) LIMIT 1";
    int64_t one;
    bool there;
    if (!sql_find(lists->sql, error, &one, &there, text, SQL_WITH(OF_PERSON(loaded), sql_number(now))))
        return LISTS_failed;
    return there ? lists_refuses(error, LISTS_do_not_call, "%s", lists_answer_text(LISTS_do_not_call)) : LISTS_done;
}

/* ---- rest and hours ---- */

static enum lists_answer person_rest_check(struct lists *lists, const struct loaded *loaded, int64_t now,
                                           struct error *error)
{
    static const char text[] = "SELECT q.why " THEM " JOIN rests q ON q.number = p.number AND q.tenant = $4"
                               " WHERE " REST_HOLDS("q", "$5", "CAST($6 AS TEXT)") " ORDER BY q.until DESC";
    enum lists_answer given = LISTS_done;
    struct error why = {0};
    struct sql_rows *rows =
        sql_ask(lists->sql, error, text, SQL_WITH(OF_PERSON(loaded), sql_number(now), sql_text(loaded->type)));
    if (sql_next(rows)) {
        struct span result = sql_string(rows, 0);
        given = lists_refuses(&why, LISTS_rests, "the person rests after a call with the result %.*s",
                              (int)result.length, (const char *)result.bytes);
    }
    if (!sql_end(rows, error)) return LISTS_failed;
    if (given != LISTS_done) *error = why;
    return given;
}

bool person_puts_off(struct lists *lists, const struct loaded *loaded, int64_t *due, struct error *error)
{
    static const char text[] = "SELECT max(q.until) " THEM " JOIN rests q ON q.number = p.number AND q.tenant = $4"
                               " WHERE " REST_IS_FIRM("q");
    struct sql_rows *rows = sql_ask(lists->sql, error, text, SQL_WITH(OF_PERSON(loaded)));
    if (sql_next(rows) && sql_int(rows, 0) > *due) *due = sql_int(rows, 0);
    return sql_end(rows, error);
}

/* Finds out whether the person's own hours permit a call now. If the time zone is unknown, no call is permitted. */
static bool person_hours_open(struct lists *lists, const struct sql_rows *rows, int64_t now)
{
    char zone[LISTS_WORD_MAX + 1] = "";
    struct zone_clock clock;
    struct zone_windows windows = {sql_int(rows, 0), sql_int(rows, 1), sql_int(rows, 2), sql_int(rows, 3)};
    text_set_span(zone, sizeof zone, sql_string(rows, 4));
    return zones_clock(lists->zones, zone, now, &clock) && zone_is_open(&windows, zone_second(&clock, now));
}

static enum lists_answer person_hours_check(struct lists *lists, const struct loaded *loaded, int64_t now,
                                            struct error *error)
{
    static const char text[] = "SELECT q.day_from, q.day_till, q.again_from, q.again_till, q.zone " THEM
                               " JOIN persons q ON q.number = p.number AND q.tenant = $4 WHERE q.day_from IS NOT NULL";
    bool open = true;
    struct sql_rows *rows = sql_ask(lists->sql, error, text, SQL_WITH(OF_PERSON(loaded)));
    while (open && sql_next(rows)) open = person_hours_open(lists, rows, now);
    if (!sql_end(rows, error)) return LISTS_failed;
    return open ? LISTS_done : lists_refuses(error, LISTS_window, "it is outside the person's own hours");
}

/* ---- consent and limits ---- */

static enum lists_answer person_consent_check(struct lists *lists, const struct loaded *loaded, const char *purpose,
                                              int64_t now, struct error *error)
{
    static const char text[] =
        "SELECT 1 " THEM
        " JOIN consents s ON " PERSON_HAS("s") " WHERE s.tenant = $4 AND s.purpose = $5"
                                               " AND s.since <= $6 AND (s.until IS NULL OR s.until > $6) LIMIT 1";
    int64_t one;
    bool there;
    if (!purpose || !*purpose) return LISTS_done;
    if (!sql_find(lists->sql, error, &one, &there, text,
                  SQL_WITH(OF_PERSON(loaded), sql_text(purpose), sql_number(now))))
        return LISTS_failed;
    return there ? LISTS_done : lists_refuses(error, LISTS_consent, "there is no consent for '%.64s'", purpose);
}

/* Counts the attempts to the person in all lists of the tenant since the time `since`. */
static bool person_attempts(struct lists *lists, const struct loaded *loaded, int64_t since, int64_t *count,
                            struct error *error)
{
    static const char text[] =
        "SELECT count(*) FROM (SELECT DISTINCT a.record, a.n " THEM " JOIN attempts a ON a.number = p.number"
        " JOIN lists l ON l.id = a.list LEFT JOIN chains x ON x.id = a.chain"
        " WHERE l.tenant = $4 AND a.begun >= $5 AND " PERSON_MEANT("CAST($1 AS TEXT), CAST($3 AS TEXT)") ") t";
    bool there;
    return sql_find(lists->sql, error, count, &there, text, SQL_WITH(OF_PERSON(loaded), sql_number(since)));
}

static enum lists_answer chain_limit_check(struct lists *lists, const struct loaded *loaded, unsigned most,
                                           int64_t midnight, struct error *error)
{
    int64_t count;
    bool there;
    if (most == 0) return LISTS_done;
    if (!sql_find(lists->sql, error, &count, &there, "SELECT count(*) FROM attempts WHERE chain = $1 AND begun >= $2",
                  SQL_WITH(sql_number(loaded->chain), sql_number(midnight))))
        return LISTS_failed;
    return count < most ? LISTS_done
                        : lists_refuses(error, LISTS_limit, "today its chain has had %lld attempts", (long long)count);
}

static enum lists_answer person_limits_check(struct lists *lists, const struct loaded *loaded,
                                             const struct lists_terms *terms, int64_t midnight, struct error *error)
{
    const struct {
        unsigned most;
        int64_t since;
        const char *when;
    } limits[] = {{terms->in_all, 0, "in all"},
                  {terms->of_day, midnight, "today"},
                  {terms->of_week, midnight - (int64_t)LISTS_WEEK_US, "in seven days"}};
    if (terms->in_all > 0 && loaded->attempt >= terms->in_all)
        return lists_refuses(error, LISTS_limit, "it has had %lld attempts", (long long)loaded->attempt);
    for (size_t at = 0; at < sizeof limits / sizeof *limits; at++) {
        int64_t count;
        if (limits[at].most == 0) continue;
        if (!person_attempts(lists, loaded, limits[at].since, &count, error)) return LISTS_failed;
        if (count >= limits[at].most)
            return lists_refuses(error, LISTS_limit, "%s the person has had %lld attempts", limits[at].when,
                                 (long long)count);
    }
    return chain_limit_check(lists, loaded, terms->of_chain, midnight, error);
}

/* ---- one call at a time ---- */

/* Refuses an attempt while an attempt of another record to the same person is in progress. The person may be in
 * several lists, whose campaigns run at the same time, and may still be on the telephone when the record is closed.
 * An attempt of the record itself does not count: the new attempt follows it. */
static enum lists_answer person_engaged_check(struct lists *lists, const struct loaded *loaded, struct error *error)
{
    static const char text[] = "SELECT a.record FROM (SELECT DISTINCT p.number " THEM ") n CROSS JOIN " ATTEMPTS_TO(
        "n.number", "$4") " AND a.record <> $5 UNION ALL SELECT a.record FROM (SELECT DISTINCT p.number " THEM
                          ") n CROSS JOIN " ATTEMPTS_FOR("n.number", "$4") " AND a.record <> $5 LIMIT 1";
    int64_t other, own = loaded->begun != 0 ? loaded->record : 0;
    bool there;
    if (!sql_find(lists->sql, error, &other, &there, text, SQL_WITH(OF_PERSON(loaded), sql_number(own))))
        return LISTS_failed;
    return there ? lists_refuses(error, LISTS_engaged, "an attempt of the person is under way for the record %lld",
                                 (long long)other)
                 : LISTS_done;
}

enum lists_answer person_check(struct lists *lists, const struct loaded *loaded, const struct lists_terms *terms,
                               int64_t midnight, int64_t now, struct error *error)
{
    enum lists_answer given = person_blocked_check(lists, loaded, now, error);
    if (given == LISTS_done) given = person_rest_check(lists, loaded, now, error);
    if (given == LISTS_done) given = person_hours_check(lists, loaded, now, error);
    if (given == LISTS_done) given = person_consent_check(lists, loaded, terms->consent, now, error);
    if (given == LISTS_done) given = person_limits_check(lists, loaded, terms, midnight, error);
    if (given == LISTS_done) given = person_engaged_check(lists, loaded, error);
    return given;
}

/* ---- for people ---- */

static enum lists_answer person_hours_read(struct lists *lists, const struct lists_hours *hours,
                                           struct zone_windows *windows, struct error *error)
{
    const char *begin = hours->from ? hours->from : "00:00", *end = hours->till ? hours->till : "24:00";
    const char *zone = hours->zone ? hours->zone : "UTC";
    char number[PERSON_NUMBER];
    if (!person_number(span_of(hours->number), NULL, number) || strcmp(number, hours->number) != 0)
        return lists_refuses(error, LISTS_wrong, "'%.60s' is no telephone number in its normal form, as +49301234567",
                             hours->number);
    *windows = (struct zone_windows){0};
    if (!denied_clock(span_of(begin), &windows->from) || !denied_clock(span_of(end), &windows->till) ||
        windows->from == DAY || windows->from == windows->till)
        return lists_refuses(error, LISTS_wrong, "hours from '%.20s' till '%.20s': expected two times such as 08:30",
                             begin, end);
    if (!row_windows_again(span_of(hours->again_from ? hours->again_from : ""),
                           span_of(hours->again_till ? hours->again_till : ""), windows))
        return lists_refuses(error, LISTS_wrong,
                             "a second window from '%.20s' till '%.20s': expected two times such as 17:00",
                             hours->again_from ? hours->again_from : "", hours->again_till ? hours->again_till : "");
    if (!row_windows_differ(windows, error)) return LISTS_wrong;
    if (!lists_word_good(span_of(zone), LISTS_WORD_MAX, "time zone", error) || !zones_known(lists->zones, zone))
        return lists_refuses(error, LISTS_wrong, "the time zone '%.64s' is not known: expected one as Europe/Paris",
                             zone);
    return LISTS_done;
}

static bool person_hours_write(struct lists *lists, const struct lists_hours *hours, const struct zone_windows *windows,
                               struct error *error)
{
    static const char put[] =
        "INSERT INTO persons(tenant, number, rests, day_from, day_till, zone, again_from, again_till)"
        " VALUES($1, $2, 0, $3, $4, $5, $6, $7)"
        " ON CONFLICT (tenant, number) DO UPDATE SET day_from = excluded.day_from, day_till = excluded.day_till,"
        " zone = excluded.zone, again_from = excluded.again_from, again_till = excluded.again_till";
    struct sql_value tenant = sql_text(hours->tenant ? hours->tenant : ""), number = sql_text(hours->number);
    const char *zone = hours->zone ? hours->zone : "UTC";
    bool again = windows->again_from != windows->again_till;
    if (!hours->from && !hours->till && !again)
        return sql_do(lists->sql, error, "DELETE FROM persons WHERE tenant = $1 AND number = $2",
                      SQL_WITH(tenant, number));
    return lists_zone_put(lists, zone, error) &&
           sql_do(lists->sql, error, put,
                  SQL_WITH(tenant, number, sql_number(windows->from), sql_number(windows->till), sql_text(zone),
                           again ? sql_number(windows->again_from) : sql_null(),
                           again ? sql_number(windows->again_till) : sql_null()));
}

enum lists_answer lists_hours(struct lists *lists, const struct lists_hours *hours, struct error *error)
{
    struct zone_windows windows;
    enum lists_answer given = person_hours_read(lists, hours, &windows, error);
    if (given != LISTS_done) return given;
    if (!sql_begin(lists->sql, error)) return LISTS_failed;
    return lists_transaction_end(lists, person_hours_write(lists, hours, &windows, error), error) ? LISTS_done
                                                                                                  : LISTS_failed;
}

enum lists_answer lists_unrest(struct lists *lists, const char *tenant, const char *number, int64_t now, int64_t *ended,
                               struct error *error)
{
    static const char text[] =
        "DELETE FROM rests WHERE number IN (SELECT p.number " THEM ") AND tenant = $4 AND until > $5";
    if (!sql_do(
            lists->sql, error, text,
            SQL_WITH(sql_text(number), sql_null(), sql_text(number), sql_text(tenant ? tenant : ""), sql_number(now))))
        return LISTS_failed;
    *ended = sql_changes(lists->sql);
    return *ended > 0 ? LISTS_done : lists_refuses(error, LISTS_unknown, "the person does not rest");
}

bool lists_persons(struct lists *lists, int64_t record, lists_each_person *each, void *self, struct error *error)
{
    static const char text[] =
        "WITH n AS (SELECT DISTINCT p.number " THEM ") SELECT q.number, q.until, q.why, 0, 0, NULL, 0, 0 FROM n"
        " JOIN rests q ON q.number = n.number AND q.tenant = $4 UNION ALL SELECT q.number, 0, NULL, q.day_from,"
        " q.day_till, q.zone, q.again_from, q.again_till FROM n JOIN persons q ON q.number = n.number AND q.tenant = $4"
        " WHERE q.day_from IS NOT NULL ORDER BY 1, 2";
    struct loaded loaded;
    if (!sql_begin(lists->sql, error)) return false;
    bool good = lists_record_load(lists, record, &loaded, error) == LISTS_done;
    struct sql_rows *rows = good ? sql_ask(lists->sql, error, text, SQL_WITH(OF_PERSON(&loaded))) : NULL;
    while (sql_next(rows))
        each(self, &(struct lists_person){.number = sql_string(rows, 0),
                                          .rests = sql_int(rows, 1),
                                          .why = sql_string(rows, 2),
                                          .day_from = sql_int(rows, 3),
                                          .day_till = sql_int(rows, 4),
                                          .zone = sql_string(rows, 5),
                                          .again_from = sql_int(rows, 6),
                                          .again_till = sql_int(rows, 7)});
    if (good) good = sql_end(rows, error);
    sql_rollback(lists->sql);
    return good;
}

bool lists_person_cut(struct lists *lists, int64_t record, bool *cut, struct error *error)
{
    static const char text[] =
        "SELECT CASE WHEN count(*) > " PERSON_ROWS " THEN 1 ELSE 0 END " THEM_FIRST(PERSON_ROWS " + 1");
    struct loaded loaded;
    int64_t is_cut = 0;
    bool there;
    if (!sql_begin(lists->sql, error)) return false;
    bool good = lists_record_load(lists, record, &loaded, error) == LISTS_done &&
                sql_find(lists->sql, error, &is_cut, &there, text, SQL_WITH(OF_PERSON(&loaded)));
    sql_rollback(lists->sql);
    *cut = is_cut != 0;
    return good;
}
