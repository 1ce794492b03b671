/* runtime/records/judged.c - gcxrecords judged. See judged.h.
 *
 *     {"judged": [{"at": "2026-11-30T10:15:00.123Z", "mark": 4, "media": "chat", "external": "..."}, ...]}
 *
 * `at` is when the mark was given, or when its interaction ended if that was later: whoever asks again after the last
 * `at` gets what is new. A partition's rows may be written late, so it is well to ask for some time before it, too.
 * `more` where there are JUDGED_MAX and may be more. A call has no `external` but `conn` and `journal`. */
#include "runtime/records/judged.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/reports/open.h"
#include "runtime/sql/sql.h"

enum { JUDGED_MAX = 1000, JUDGED_DAY_S = 86400, JUDGED_TIME = 40 };

#define JUDGED_OF(time)                                                                                                \
    "SELECT " time ", j.mark, coalesce(i.media, ''), coalesce(i.external, ''), coalesce(i.conn, ''), i.journal"        \
    " FROM judgements j JOIN interactions i ON i.journal = j.journal AND i.ixn = j.ixn"                                \
    " WHERE (j.at > $1 OR i.ended > $1) AND j.quarter > $2 ORDER BY 1, j.journal, j.ixn LIMIT $3"
#define JUDGED_LATER "CASE WHEN i.ended > j.at THEN i.ended ELSE j.at END"

static const char *const judged_sql[SQL_DIALECTS] = {
    [SQL_SQLITE] = JUDGED_OF("CAST(" JUDGED_LATER " AS text)"),
    [SQL_POSTGRES] = JUDGED_OF("to_char(" JUDGED_LATER " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')"),
};

/* `fraction`: of the second, with its dot; its `length` may be 0. */
static void judged_time(time_t at, const char *fraction, size_t length, char text[JUDGED_TIME])
{
    struct tm tm;
    size_t room = strftime(text, JUDGED_TIME, "%Y-%m-%d %H:%M:%S", gmtime_r(&at, &tm));
    snprintf(text + room, JUDGED_TIME - room, "%.*s+00", (int)length, fraction);
}

/* Reads the moment, for the database into `from`; without one it is a day ago. */
static bool judged_after(const char *after, time_t *at, char from[JUDGED_TIME], struct error *error)
{
    enum { FRACTION_MAX = 7 };
    struct tm tm = {0};
    const char *end = after ? strptime(after, "%Y-%m-%dT%H:%M:%S", &tm) : NULL, *fraction = end ? end : "";
    if (end && *end == '.') end += 1 + strspn(end + 1, "0123456789");
    size_t length = end ? (size_t)(end - fraction) : 0;
    *at = after ? timegm(&tm) : time(NULL) - JUDGED_DAY_S;
    judged_time(*at, fraction, length < FRACTION_MAX ? length : FRACTION_MAX, from);
    if (!after || (end && strcmp(end, "Z") == 0)) return true;
    return error_set(error, ERROR_INPUT, "--after: '%.40s' is no time: expected one as 2026-11-30T10:15:00Z", after);
}

/* "2026-11-30 10:15:00.123" becomes "2026-11-30T10:15:00.123Z". */
static void judged_put_time(struct out *out, struct span text)
{
    char time[JUDGED_TIME + 2];
    snprintf(time, sizeof time, "%.*sZ", (int)(text.length < JUDGED_TIME ? text.length : JUDGED_TIME),
             (const char *)text.bytes);
    if (strlen(time) > 10) time[10] = 'T';
    out_json(out, span_of(time));
}

static void judged_row(struct out *out, const struct sql_rows *rows, bool first)
{
    static const char *const texts[] = {"media", "external", "conn"};
    out_text(out, first ? "{\"at\":" : ",\n{\"at\":");
    judged_put_time(out, sql_string(rows, 0));
    out_format(out, ",\"mark\":%" PRId64 ",\"journal\":%" PRId64, sql_int(rows, 1), sql_int(rows, 5));
    for (int i = 0; i < 3; i++) {
        struct span text = sql_string(rows, 2 + i);
        if (text.length == 0) continue;
        out_format(out, ",\"%s\":", texts[i]);
        out_json(out, text);
    }
    out_text(out, "}");
}

bool judged_write(const char *database, const char *after, struct out *out, struct error *error)
{
    char from[JUDGED_TIME], quarter[JUDGED_TIME];
    time_t at;
    int count = 0;
    if (!judged_after(after, &at, from, error)) return false;
    struct sql *sql = reports_open(database, error);
    if (!sql) return false;
    judged_time(at - JUDGED_DAY_S, "", 0, quarter); /* an interaction may end a day after its mark */
    struct sql_rows *rows = sql_ask(sql, error, judged_sql[sql_dialect(sql)],
                                    SQL_WITH(sql_text(from), sql_text(quarter), sql_number(JUDGED_MAX)));
    out_text(out, "{\"judged\":[");
    for (; rows && sql_next(rows); count++) judged_row(out, rows, count == 0);
    out_format(out, "],\"more\":%s}\n", count == JUDGED_MAX ? "true" : "false");
    bool good = rows && sql_end(rows, error);
    sql_close(sql);
    return good;
}
