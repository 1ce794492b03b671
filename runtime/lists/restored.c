/* runtime/lists/restored.c - Whether the database was restored from a copy: until when each dialer has written into
 * it, and what happens when a user knows that calls are missing, or that a clock was ahead. */
#include "runtime/lists/state.h"

#include <string.h>

bool lists_written(struct lists *lists, const char *dialer, int64_t *until, struct error *error)
{
    bool there;
    return sql_find(lists->sql, error, until, &there,
                    "SELECT coalesce(max(written), 0) FROM dialers WHERE name = $1 OR name = ''",
                    SQL_WITH(sql_text(dialer)));
}

bool lists_writes(struct lists *lists, const char *dialer, int64_t now, struct error *error)
{
    static const char text[] = "INSERT INTO dialers(name, written) VALUES($1, $2) ON CONFLICT (name) DO UPDATE"
                               " SET written = excluded.written WHERE dialers.written < excluded.written";
    return sql_do(lists->sql, error, text, SQL_WITH(sql_text(dialer), sql_number(now)));
}

static bool everybody_rests(struct lists *lists, int64_t now, int64_t pause_us, struct error *error)
{
    static const char text[] = "INSERT INTO rests(tenant, number, why, until) SELECT DISTINCT l.tenant, n.number,"
                               " 'stale', CAST($1 AS BIGINT) FROM (SELECT list, number FROM records"
                               " UNION SELECT list, number FROM attempts) n JOIN lists l ON l.id = n.list"
                               " WHERE CAST($1 AS BIGINT) > CAST($2 AS BIGINT)" OR_REST_LONGER;
    return sql_do(lists->sql, error, text, SQL_WITH(sql_number(now + pause_us), sql_number(now)));
}

bool lists_restored(struct lists *lists, int64_t now, int64_t pause_us, int64_t *rest, struct error *error)
{
    if (!sql_begin(lists->sql, error)) return false;
    bool good = everybody_rests(lists, now, pause_us, error);
    *rest = sql_changes(lists->sql);
    return lists_transaction_end(lists, good && lists_writes(lists, "", now, error), error);
}

/* ---- a clock that was ahead ---- */

/* A dialer that has written a time more than an hour ahead had a wrong clock, since clocks agree better than that.
 * No pause is longer than LONGEST_US, so a rest that ends even later was begun with such a clock. */
#define LATE_US    INT64_C(3600000000)
#define LONGEST_US INT64_C(100000000000000)

/* SQL: the rest was begun with a clock that was ahead: the person had an attempt later than `late`, or the rest is
 * too long. */
#define REST_IS_LATE(late, longest)                                                                                    \
    "((until > " late " AND (EXISTS (SELECT 1 FROM attempts a WHERE a.number = rests.number AND a.begun > " late       \
    " AND until > a.begun)"                                                                                            \
    " OR EXISTS (SELECT 1 FROM records r JOIN attempts a ON a.record = r.id WHERE r.number = rests.number"             \
    " AND a.begun > " late " AND until > a.begun))) OR until > " longest ")"

/* SQL: the due time was computed from an attempt with a time from a clock that was ahead. An appointment does not
 * depend on the clock of the attempt, and stays. */
#define DUE_IS_LATE(late, longest)                                                                                     \
    "(due > " longest " OR (last_try > " late " AND due >= last_try AND type IN ('general', 'no_call')))"

/* Makes abandoned persons rest again: with the clock ahead all rests seemed to be over, and were deleted. The attempts
 * tell who was abandoned. */
static bool abandoned_rest_again(struct lists *lists, int64_t now, struct error *error)
{
    static const char text[] =
        "INSERT INTO rests(tenant, number, why, until) SELECT l.tenant, a.number, 'abandoned',"
        " max(coalesce(a.ended, a.begun) + a.pause) FROM attempts a JOIN lists l ON l.id = a.list"
        " WHERE a.result = 'abandoned' AND a.pause > 0 AND coalesce(a.ended, a.begun) + a.pause > $1 AND a.begun <= $2"
        " GROUP BY l.tenant, a.number" OR_REST_LONGER;
    return sql_do(lists->sql, error, text, SQL_WITH(sql_number(now), sql_number(now + LATE_US)));
}

static bool lists_ahead_find(struct lists *lists, int64_t now, struct lists_ahead *ahead, struct error *error)
{
    bool there;
    *ahead = (struct lists_ahead){0};
    return sql_find(lists->sql, error, &ahead->until, &there,
                    "SELECT coalesce(max(written), 0) FROM dialers WHERE written > $1",
                    SQL_WITH(sql_number(now + LATE_US))) &&
           (ahead->until == 0 ||
            (abandoned_rest_again(lists, now, error) &&
             sql_find(lists->sql, error, &ahead->rests, &there,
                      "SELECT count(*) FROM rests WHERE " REST_IS_LATE("$1", "$2"),
                      SQL_WITH(sql_number(now + LATE_US), sql_number(now + LONGEST_US))) &&
             sql_find(lists->sql, error, &ahead->records, &there,
                      "SELECT count(*) FROM records WHERE changed > $1 AND " DUE_IS_LATE("$1", "$2"),
                      SQL_WITH(sql_number(now + LATE_US), sql_number(now + LONGEST_US)))));
}

bool lists_ahead(struct lists *lists, int64_t now, struct lists_ahead *ahead, struct error *error)
{
    return sql_begin(lists->sql, error) &&
           lists_transaction_end(lists, lists_ahead_find(lists, now, ahead, error), error);
}

/* $1: by how much the clock was ahead, $2: the time after which only that clock has written, $3: the time after
 * which no rest can end; in this order, as SQLite counts parameters by their first place. The attempts show which
 * rests are wrong, so attempts are changed after the rests. */
static const char *const earlier[] = {
    "UPDATE rests SET until = until - $1 WHERE " REST_IS_LATE("$2", "$3"),
    "UPDATE records SET changed = changed - $1, last_try = CASE WHEN last_try > $2 THEN last_try - $1 ELSE last_try "
    "END,"
    " begun = CASE WHEN begun > $2 THEN begun - $1 ELSE begun END,"
    " cancelled = CASE WHEN cancelled > $2 THEN cancelled - $1 ELSE cancelled END,"
    " due = CASE WHEN " DUE_IS_LATE("$2", "$3") " THEN due - $1 ELSE due END WHERE changed > $2",
    "UPDATE attempts SET begun = begun - $1 WHERE begun > $2",
    "UPDATE attempts SET ended = ended - $1 WHERE ended > $2",
    "UPDATE do_not_call SET since = since - $1, until = until - $1 WHERE since > $2",
    "UPDATE consents SET since = since - $1, until = until - $1 WHERE since > $2",
    "UPDATE chains SET taken = taken - $1 WHERE taken > $2",
    "UPDATE sessions SET seen = seen - $1 WHERE seen > $2",
    "UPDATE lists SET made = made - $1 WHERE made > $2",
    "UPDATE dialers SET written = written - $1 WHERE written > $2",
};

bool lists_set_right(struct lists *lists, int64_t now, struct lists_ahead *ahead, struct error *error)
{
    if (!sql_begin(lists->sql, error)) return false;
    bool good = lists_ahead_find(lists, now, ahead, error);
    const struct sql_value values[] = {sql_number(ahead->until - now), sql_number(now + LATE_US),
                                       sql_number(now + LONGEST_US)};
    for (size_t at = 0; good && ahead->until != 0 && at < sizeof earlier / sizeof *earlier; at++)
        good = sql_do(lists->sql, error, earlier[at], values, strstr(earlier[at], "$3") ? 3 : 2);
    return lists_transaction_end(lists, good && (ahead->until == 0 || abandoned_rest_again(lists, now, error)), error);
}
