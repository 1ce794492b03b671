/* runtime/lists/restored.c - Whether the database was put back from a copy: until when each dialer has written into it,
 * and what is done where somebody knows that calls are missing. */
#include "runtime/lists/state.h"

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
