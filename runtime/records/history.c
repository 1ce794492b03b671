/* runtime/records/history.c - gcxrecords find, way and judged. See history.h. */
#include "runtime/records/history.h"

#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/records/judged.h"
#include "runtime/records/table.h"
#include "runtime/reports/open.h"
#include "runtime/reports/period.h"
#include "runtime/sql/sql.h"
#include "runtime/vocabulary/found.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "base/out.h"
#include "base/shown.h"
#include "base/usage.h"

struct history_line {
    const char *from, *to, *of, *among, *next, *key, *agent, *queue, *media, *after, *zone;
    char *within; /* owned */
    bool json;
};

#define OPTIONS_DEF  "runtime/records/history_options.def"
#define OPTIONS_LINE struct history_line
#define EXITS_DEF    "runtime/records/exits.def"
#include "base/usage_rows.h"

enum {
    HISTORY_ok = 0,
    HISTORY_unwritten = 1,
    HISTORY_database = 4,
    HISTORY_unknown = 6,
    FOUND_MAX = 200,
    WITHIN_MAX = 4000, /* names of agents and queues */
    VALUES_MAX = WITHIN_MAX + FOUND_AMONG_MAX + 3 * FOUND_NAMES_MAX + 20,
    ROWS_MAX = 2000, /* of one table, about one interaction */
    DIGITS_LEAST = 4,
    DIGITS_MAX = 32,
};

void history_within_add(char **names, const char *more)
{
    char *all = memory_format("%s%s%s", *names ? *names : "", *names ? "\n" : "", more);
    free(*names);
    *names = all;
}

/* --within is the only option that is read so. */
static const char *history_option(void *line, int option, const char *text)
{
    (void)option;
    history_within_add(&((struct history_line *)line)->within, text);
    return NULL;
}

static const struct usage usage = {
    .program = "gcxrecords",
    .head = "Usage: gcxrecords find DATABASE [--of NUMBER] [--key KEY=VALUE] [--from DATE] [--to DATE]\n"
            "       gcxrecords way INTERACTION DATABASE\n"
            "       gcxrecords judged DATABASE [--after TIME]\n"
            "\n"
            "Prints as JSON which interactions have ended, all that DATABASE tells of one of them, or the marks that\n"
            "customers have given.\n\n",
    .options = usage_options,
    .exits = usage_exits,
    .read = history_option,
};

bool history_asked(const char *word)
{
    return word && (strcmp(word, "find") == 0 || strcmp(word, "way") == 0 || strcmp(word, "judged") == 0);
}

/* ---- rows as JSON ---- */

/* Times as the database's own text would depend on its zone: they are asked for as text of UTC. */
static void history_column(struct out *sql, const struct record_column *column, enum sql_dialect dialect)
{
    bool time = column->type == COLUMN_TIME || column->type == COLUMN_QUARTER;
    if (time && dialect == SQL_POSTGRES)
        out_format(sql, "to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')", column->name);
    else
        out_format(sql, "CAST(%s AS text)", column->name);
}

static void history_columns(struct out *sql, const struct record_table *table, enum sql_dialect dialect)
{
    for (unsigned at = 0; at < table->count; at++) {
        if (at > 0) out_text(sql, ", ");
        history_column(sql, &table->columns[at], dialect);
    }
}

/* "2026-11-30 10:15:00.123" becomes "2026-11-30T10:15:00.123Z". */
static void history_time(struct out *out, struct span text)
{
    char time[40];
    snprintf(time, sizeof time, "%.*sZ", (int)(text.length < 30 ? text.length : 30), (const char *)text.bytes);
    if (strlen(time) > 10) time[10] = 'T';
    out_json(out, span_of(time));
}

static bool history_is_number(struct span text)
{
    if (text.length == 0) return false;
    for (uint32_t i = 0; i < text.length; i++)
        if (!isdigit(text.bytes[i]) && !(i == 0 && text.length > 1 && text.bytes[i] == '-')) return false;
    return true;
}

/* A row of the table as an object, without columns that are null. A column of JSON becomes a text, since nobody
 * has checked what stands there. */
static void history_row(struct out *out, const struct record_table *table, const struct sql_rows *rows)
{
    const char *before = "{";
    for (unsigned at = 0; at < table->count; at++) {
        const struct record_column *column = &table->columns[at];
        if (sql_is_null(rows, (int)at)) continue;
        struct span text = sql_string(rows, (int)at);
        out_format(out, "%s\"%s\":", before, column->name);
        before = ",";
        if (column->type == COLUMN_TIME || column->type == COLUMN_QUARTER)
            history_time(out, text);
        else if ((column->type == COLUMN_INT || column->type == COLUMN_MS) && history_is_number(text))
            out_format(out, "%.*s", (int)text.length, (const char *)text.bytes);
        else
            out_json(out, text);
    }
    out_text(out, *before == '{' ? "{}" : "}");
}

/* ---- find ---- */

struct history_query {
    struct out sql;
    struct sql_value values[VALUES_MAX];
    char *owned[VALUES_MAX];
    size_t count;
    enum sql_dialect dialect;
};

static void query_free(struct history_query *query)
{
    for (size_t i = 0; i < query->count; i++) free(query->owned[i]);
    out_free(&query->sql);
}

/* Takes the text, and returns the number of its parameter. */
static size_t query_value(struct history_query *query, char *text)
{
    query->owned[query->count] = text;
    query->values[query->count] = sql_text(text);
    return ++query->count;
}

static char *query_lower(const char *text)
{
    char *lower = memory_text(text);
    for (char *at = lower; *at; at++) *at = (char)tolower((unsigned char)*at);
    return lower;
}

/* A pattern of LIKE that has the text in it literally. */
static char *query_pattern(const char *before, const char *text, const char *after)
{
    struct out out = {0};
    out_text(&out, before);
    for (; *text; text++) {
        if (strchr("%_!", *text)) out_text(&out, "!");
        out_put(&out, text, 1);
    }
    out_text(&out, after);
    return out.bytes;
}

/* The digits behind which a number written nationally and one written internationally are the same: without what
 * stands between, and without the zeros or the + in front. False: it is no number, or too short for it. */
static bool query_digits(const char *text, char digits[DIGITS_MAX])
{
    size_t length = 0;
    for (; *text; text++) {
        if (strchr(" -/().+", *text)) continue;
        if (!isdigit((unsigned char)*text) || length + 1 >= DIGITS_MAX) return false;
        if (length > 0 || *text != '0') digits[length++] = *text;
    }
    digits[length] = '\0';
    return length >= DIGITS_LEAST;
}

/* Is it the interaction, or somebody's in it? */
static void query_name(struct history_query *query, const char *name)
{
    char digits[DIGITS_MAX];
    size_t own = query_value(query, memory_text(name)), lower = query_value(query, query_lower(name));
    out_format(&query->sql,
               "i.ixn = $%zu OR i.external = $%zu OR i.conn = $%zu OR lower(i.ani) = $%zu OR lower(i.dnis) = $%zu", own,
               own, lower, lower, lower);
    if (!query_digits(name, digits)) return;
    size_t ends = query_value(query, query_pattern("%", digits, ""));
    out_format(&query->sql, " OR i.ani LIKE $%zu ESCAPE '!' OR i.dnis LIKE $%zu ESCAPE '!'", ends, ends);
}

/* One of the names, each on a line of its own. Without one it is anything. */
static bool query_names(struct history_query *query, const char *names, struct error *error)
{
    const char *before = "(";
    unsigned count = 0;
    while (names && *names) {
        size_t length = strcspn(names, "\n");
        char *name = memory_format("%.*s", (int)length, names);
        names += length + (names[length] == '\n');
        if (*name && ++count > FOUND_NAMES_MAX) {
            free(name);
            return error_set(error, ERROR_INPUT, "--of takes %d names at most", FOUND_NAMES_MAX);
        }
        if (*name) {
            out_text(&query->sql, before);
            query_name(query, name);
            before = " OR ";
        }
        free(name);
    }
    out_text(&query->sql, *before == ' ' ? ")" : "(1 = 1)");
    return true;
}

static void query_part(struct history_query *query, const char *table, const char *condition, const char *value)
{
    if (!value) return;
    size_t number = query_value(query, memory_text(value));
    out_format(&query->sql,
               " AND EXISTS (SELECT 1 FROM %s AS o WHERE o.ixn = i.ixn AND o.journal = i.journal AND o.%s = $%zu)",
               table, condition, number);
}

/* Adds the names of one kind, which stand behind `before` on lines of their own, as a list in parentheses. False: the
 * query would have more values than `most`. */
static bool query_list(struct history_query *query, const char *names, const char *before, size_t most)
{
    size_t skip = strlen(before);
    out_text(&query->sql, "(NULL");
    for (size_t length; *names; names += length + (names[length] == '\n')) {
        length = strcspn(names, "\n");
        if (length <= skip || strncmp(names, before, skip) != 0) continue;
        if (query->count >= most) return false;
        out_format(&query->sql, ", $%zu",
                   query_value(query, memory_format("%.*s", (int)(length - skip), names + skip)));
    }
    out_text(&query->sql, ")");
    return true;
}

/* Adds that an agent of the names was offered it, or that it waited in a queue of them; without names there is none. */
static bool query_within(struct history_query *query, const char *names, struct error *error)
{
    static const char *const sources[][3] = {{"offers", "agent", "agent:"}, {"vq_visits", "vq", "queue:"}};
    const size_t most = query->count + WITHIN_MAX;
    bool good = true;
    if (!names) return true;
    out_text(&query->sql, " AND (1 = 0");
    for (unsigned at = 0; good && at < 2; at++) {
        out_format(&query->sql,
                   " OR EXISTS (SELECT 1 FROM %s AS o WHERE o.ixn = i.ixn AND o.journal = i.journal AND o.%s IN ",
                   sources[at][0], sources[at][1]);
        good = query_list(query, names, sources[at][2], most);
        out_text(&query->sql, ")");
    }
    out_text(&query->sql, ")");
    return good || error_set(error, ERROR_INPUT, "--within takes %d names at most", WITHIN_MAX);
}

/* Data are kept as the text of an object, {"order":"17"} or {"order":17}. */
static bool query_key(struct history_query *query, const char *key, struct error *error)
{
    const char *equals = key ? strchr(key, '=') : NULL;
    struct out text = {0}, plain = {0};
    if (!key) return true;
    if (!equals || equals == key) return error_set(error, ERROR_INPUT, "--key takes KEY=VALUE, as order=17");
    out_json(&text, (struct span){(const uint8_t *)key, (uint32_t)(equals - key)});
    out_text(&text, ":");
    out_put(&plain, text.bytes, text.length);
    out_json(&text, span_of(equals + 1));
    out_text(&plain, equals + 1);
    size_t as_text = query_value(query, query_pattern("%", text.bytes, "%"));
    char *comma = memory_format("%s,", plain.bytes), *end = memory_format("%s}", plain.bytes);
    size_t amid = query_value(query, query_pattern("%", comma, "%")),
           last = query_value(query, query_pattern("%", end, "%"));
    out_format(&query->sql,
               " AND EXISTS (SELECT 1 FROM data_changes AS o WHERE o.ixn = i.ixn AND o.journal = i.journal AND (CAST("
               "o.changed AS text) LIKE $%zu ESCAPE '!' OR CAST(o.changed AS text) LIKE $%zu ESCAPE '!' OR CAST("
               "o.changed AS text) LIKE $%zu ESCAPE '!'))",
               as_text, amid, last);
    out_free(&text);
    out_free(&plain);
    free(comma);
    free(end);
    return true;
}

static char *query_moment(int64_t day)
{
    struct out out = {0};
    out_moment(&out, period_day_begins(day) * 1000000, ' ');
    return out.bytes;
}

static bool query_days(struct history_query *query, const struct history_line *line, struct error *error)
{
    int64_t last = period_today(), first;
    if (line->to && !period_day_read(line->to, &last))
        return error_set(error, ERROR_INPUT, "--to takes a day since 1971, as 2026-11-29");
    first = last - FOUND_DAYS;
    if (line->from && !period_day_read(line->from, &first))
        return error_set(error, ERROR_INPUT, "--from takes a day since 1971, as 2026-11-23");
    if (last < first) return error_set(error, ERROR_INPUT, "the last day is before the first one");
    size_t from = query_value(query, query_moment(first)), to = query_value(query, query_moment(last + 1));
    /* The quarters have an index. */
    out_format(&query->sql, " FROM interactions AS i WHERE i.quarter >= $%zu AND i.quarter < $%zu", from, to);
    return true;
}

/* A place of the list is that of a row: when it came, and its place in the journal, 2026-11-30 10:15:00.123/1/17/0. */
static bool query_place(struct history_query *query, const char *place, struct error *error)
{
    char day[11] = "";
    unsigned hour = 0, minute = 0, second = 0, ms = 0;
    long long journal = 0, batch = 0, n = 0;
    int64_t number;
    int end = 0;
    if (!place) return true;
    if (sscanf(place, "%10[0-9-] %2u:%2u:%2u.%3u/%lld/%lld/%lld%n", day, &hour, &minute, &second, &ms, &journal, &batch,
               &n, &end) != 8 ||
        place[end] || !period_day_read(day, &number) || hour > 23 || minute > 59 || second > 59)
        return error_set(error, ERROR_INPUT, "--next takes what an answer told as `next`");
    size_t at = query_value(query, memory_format("%s %02u:%02u:%02u.%03u", day, hour, minute, second, ms));
    /* A row came when its quarter began or later: rows of later quarters need not be read, which the index knows. */
    out_format(&query->sql,
               " AND i.quarter <= $%zu AND (i.received, i.journal, i.batch, i.n) < ($%zu, %lld, %lld, %lld)", at, at,
               journal, batch, n);
    return true;
}

/* What a row is asked for: the columns of the table, and these. */
enum { FOUND_AGENT = interactions_COLUMNS, FOUND_JOURNAL, FOUND_BATCH, FOUND_N, FOUND_NAMED };

struct history_parts {
    struct out columns, where, names, place, among;
};

/* Moves what was written of the query so far into a part of it. */
static void query_part_take(struct history_query *query, struct out *part)
{
    *part = query->sql;
    query->sql = (struct out){0};
}

static bool query_parts(struct history_query *query, const struct history_line *line, struct history_parts *parts,
                        struct error *error)
{
    out_text(&query->sql, "SELECT ");
    history_columns(&query->sql, &record_tables[TABLE_interactions], query->dialect);
    out_text(&query->sql, ", (SELECT o.agent FROM offers AS o WHERE o.ixn = i.ixn AND o.journal + 0 = i.journal AND"
                          " o.outcome = 'answered' ORDER BY o.batch DESC, o.n DESC LIMIT 1), i.journal, i.batch, i.n");
    query_part_take(query, &parts->columns);
    if (!query_days(query, line, error) || !query_key(query, line->key, error) ||
        !query_within(query, line->within, error))
        return false;
    query_part(query, "offers", "agent", line->agent);
    query_part(query, "vq_visits", "vq", line->queue);
    if (line->media) out_format(&query->sql, " AND i.media = $%zu", query_value(query, memory_text(line->media)));
    query_part_take(query, &parts->where);
    if (!query_names(query, line->of, error)) return false;
    query_part_take(query, &parts->names);
    if (!query_place(query, line->next, error)) return false;
    query_part_take(query, &parts->place);
    if (line->among && !query_list(query, line->among, "", query->count + FOUND_AMONG_MAX))
        return error_set(error, ERROR_INPUT, "--among takes %d interactions at most", FOUND_AMONG_MAX);
    query_part_take(query, &parts->among);
    return true;
}

static void query_put(struct history_query *query, const struct out *part)
{
    out_put(&query->sql, part->bytes, part->length);
}

#define NEWEST_FIRST "i.quarter DESC, i.received DESC, i.journal DESC, i.batch DESC, i.n DESC"

/* A page has what the names find behind the place, and of the interactions beside them those that no name finds: so
 * each row is in one page. The order begins with the quarter, which has an index: the database reads no more than a
 * page. */
static void query_join(struct history_query *query, const struct history_parts *parts, bool among)
{
    out_text(&query->sql, "SELECT * FROM (");
    query_put(query, &parts->columns);
    out_text(&query->sql, ", 1");
    query_put(query, &parts->where);
    out_text(&query->sql, " AND ");
    query_put(query, &parts->names);
    query_put(query, &parts->place);
    out_format(&query->sql, " ORDER BY " NEWEST_FIRST " LIMIT %d) AS named", FOUND_MAX + 1);
    if (among) {
        out_text(&query->sql, " UNION ALL SELECT * FROM (");
        query_put(query, &parts->columns);
        out_text(&query->sql, ", 0");
        query_put(query, &parts->where);
        out_text(&query->sql, " AND i.ixn IN ");
        query_put(query, &parts->among);
        out_text(&query->sql, " AND ");
        query_put(query, &parts->names);
        out_text(&query->sql, " IS NOT TRUE) AS among");
    }
    out_format(&query->sql, " ORDER BY %d DESC, %d DESC, %d DESC, %d DESC", interactions_received + 1,
               FOUND_JOURNAL + 1, FOUND_BATCH + 1, FOUND_N + 1);
}

static bool query_make(struct history_query *query, const struct history_line *line, struct error *error)
{
    struct history_parts parts = {0};
    bool good = query_parts(query, line, &parts, error);
    if (good) query_join(query, &parts, line->among != NULL);
    out_free(&parts.columns);
    out_free(&parts.where);
    out_free(&parts.names);
    out_free(&parts.place);
    out_free(&parts.among);
    return good;
}

static void found_put(struct out *out, const struct sql_rows *rows)
{
    history_row(out, &record_tables[TABLE_interactions], rows);
    struct span agent = sql_string(rows, FOUND_AGENT);
    if (agent.length == 0) return;
    out->bytes[--out->length] = '\0'; /* the object goes on, with the agent who answered last */
    out_text(out, ",\"agent\":");
    out_json(out, agent);
    out_text(out, "}");
}

static char *found_place(const struct sql_rows *rows)
{
    struct span received = sql_string(rows, interactions_received);
    return memory_format("%.*s/%" PRId64 "/%" PRId64 "/%" PRId64, (int)received.length, (const char *)received.bytes,
                         sql_int(rows, FOUND_JOURNAL), sql_int(rows, FOUND_BATCH), sql_int(rows, FOUND_N));
}

static bool history_find(const char *database, const struct history_line *line, struct out *out, struct error *error)
{
    struct sql *sql = reports_open(database, error);
    struct history_query query = {.dialect = sql ? sql_dialect(sql) : SQL_SQLITE};
    bool good = sql && query_make(&query, line, error);
    struct sql_rows *rows = good ? sql_ask(sql, error, query.sql.bytes, query.values, query.count) : NULL;
    const char *before = "\n";
    char *place = NULL; /* of the last row that a name has found */
    unsigned named = 0;
    out_text(out, "{\"interactions\":[");
    while (rows && sql_next(rows)) {
        bool of_name = sql_int(rows, FOUND_NAMED) == 1;
        if (of_name && ++named > FOUND_MAX) continue;
        if (of_name) free(place);
        if (of_name) place = found_place(rows);
        out_text(out, before);
        before = ",\n";
        found_put(out, rows);
    }
    out_format(out, "],\"more\":%s", named > FOUND_MAX ? "true" : "false");
    if (place) out_text(out, ",\"next\":");
    if (place) out_json(out, span_of(place));
    out_text(out, "}\n");
    free(place);
    good = good && rows && sql_end(rows, error);
    sql_close(sql);
    query_free(&query);
    return good;
}

/* ---- the way of one ---- */

static bool history_has_ixn(const struct record_table *table, const char **column)
{
    for (unsigned at = 0; at < table->count; at++)
        if (strcmp(table->columns[at].name, "ixn") == 0) {
            *column = table->columns[at].name;
            return true;
        }
    return false;
}

/* Writes, as a list, the rows of the table that have this interaction in the column. Where there are more than
 * ROWS_MAX, the first ones are written, and *cut becomes true. */
static bool way_rows(struct sql *sql, const struct record_table *table, const char *column, const char *ixn,
                     int64_t journal, struct out *out, bool *cut, struct error *error)
{
    struct out text = {0};
    unsigned count = 0;
    out_text(&text, "SELECT ");
    history_columns(&text, table, sql_dialect(sql));
    out_format(&text, " FROM %s WHERE journal = $1 AND %s = $2 ORDER BY batch, n LIMIT %d", table->name, column,
               ROWS_MAX + 1);
    struct sql_rows *rows = sql_ask(sql, error, text.bytes, SQL_WITH(sql_number(journal), sql_text(ixn)));
    out_text(out, "[");
    while (rows && sql_next(rows)) {
        if (++count > ROWS_MAX) continue;
        out_text(out, count == 1 ? "\n" : ",\n");
        history_row(out, table, rows);
    }
    out_text(out, "]");
    *cut |= count > ROWS_MAX;
    bool good = rows && sql_end(rows, error);
    sql_forget(sql, text.bytes);
    out_free(&text);
    return good;
}

static bool way_tables(struct sql *sql, const char *ixn, int64_t journal, struct out *out, struct error *error)
{
    static const char *const others[] = {"main", "merged_into"};
    const char *column;
    bool cut = false;
    for (unsigned number = 0; number < TABLES; number++) {
        if (!history_has_ixn(&record_tables[number], &column)) continue;
        out_format(out, "%s\"%s\":", number > 0 ? "," : "", record_tables[number].name);
        if (!way_rows(sql, &record_tables[number], column, ixn, journal, out, &cut, error)) return false;
    }
    out_text(out, ",\"audit\":"); /* what people have done to it */
    if (!way_rows(sql, &record_tables[TABLE_audit], "name", ixn, journal, out, &cut, error)) return false;
    for (size_t at = 0; at < sizeof others / sizeof *others; at++) {
        out_format(out, ",\"%s\":", at == 0 ? "parts" : "merged");
        if (!way_rows(sql, &record_tables[TABLE_interactions], others[at], ixn, journal, out, &cut, error))
            return false;
    }
    out_format(out, ",\"more\":%s", cut ? "true" : "false");
    return true;
}

/* Finds the journal of the interaction, if it is one of `within`. Two journals may have interactions of one number: the
 * later journal's is meant. */
static bool way_journal(struct sql *sql, const char *ixn, const char *within, int64_t *journal, bool *there,
                        struct error *error)
{
    struct history_query query = {.dialect = sql_dialect(sql)};
    size_t number = query_value(&query, memory_text(ixn));
    out_format(&query.sql, "SELECT i.journal FROM interactions AS i WHERE i.ixn = $%zu", number);
    bool good = query_within(&query, within, error);
    out_text(&query.sql, " ORDER BY i.journal DESC LIMIT 1");
    struct sql_rows *rows = good ? sql_ask(sql, error, query.sql.bytes, query.values, query.count) : NULL;
    *there = rows && sql_next(rows);
    if (*there) *journal = sql_int(rows, 0);
    good = good && rows && sql_end(rows, error);
    query_free(&query);
    return good;
}

static bool history_way(const char *database, const char *ixn, const char *within, struct out *out, bool *unknown,
                        struct error *error)
{
    int64_t journal = 0;
    bool there = false;
    struct sql *sql = reports_open(database, error);
    bool good = sql && way_journal(sql, ixn, within, &journal, &there, error);
    *unknown = good && !there;
    if (*unknown) good = error_set(error, ERROR_UNKNOWN, "the records have no interaction %.40s that has ended", ixn);
    out_text(out, "{");
    good = good && way_tables(sql, ixn, journal, out, error);
    out_text(out, "}\n");
    sql_close(sql);
    return good;
}

static int history_run(struct history_line *line, int argc, char **argv)
{
    struct error error = {0};
    struct out out = {0};
    uint64_t ixn;
    int end;
    bool unknown = false;
    if (!usage_read(&usage, line, argc, argv, &end)) return end;
    bool way = strcmp(argv[optind], "way") == 0, judged = strcmp(argv[optind], "judged") == 0;
    if (argc - optind != (way ? 3 : 2))
        return usage_wrong(&usage, way ? "expected an interaction and a database" : "expected a database");
    if (way && !ident_read_ixn(argv[optind + 1], &ixn))
        return usage_wrong(&usage, "'%.40s' is no interaction: expected one as 1-000000000001", argv[optind + 1]);
    bool finds = line->from || line->to || line->of || line->among || line->next || line->key || line->agent ||
                 line->queue || line->media;
    if (finds && (way || judged))
        return usage_wrong(&usage,
                           "--from, --to, --of, --among, --next, --key, --agent, --queue and --media are of find");
    if (line->within && judged) return usage_wrong(&usage, "--within is of find and way");
    if (line->after && !judged) return usage_wrong(&usage, "--after is of judged");
    if (!period_zone(line->zone, &error)) return usage_wrong(&usage, "%s", error.text);
    bool good = way      ? history_way(argv[optind + 2], argv[optind + 1], line->within, &out, &unknown, &error)
                : judged ? judged_write(argv[optind + 1], line->after, &out, &error)
                         : history_find(argv[optind + 1], line, &out, &error);
    if (good) fwrite(out.bytes, 1, out.length, stdout);
    out_free(&out);
    if (good) return usage_printed(&usage, "the answer") ? HISTORY_ok : HISTORY_unwritten;
    if (error.code == ERROR_INPUT) return usage_wrong(&usage, "%s", error.text);
    shown_refuse("gcxrecords: %s\n", error.text);
    return unknown ? HISTORY_unknown : HISTORY_database;
}

int history_main(int argc, char **argv)
{
    struct history_line line = {0};
    int end = history_run(&line, argc, argv);
    free(line.within);
    return end;
}
