/* runtime/records/sample.c - gcxrecords sample. See sample.h. */
#include "runtime/records/sample.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/quality/draw.h"
#include "runtime/records/history.h"
#include "runtime/reports/open.h"
#include "runtime/reports/period.h"
#include "runtime/sql/sql.h"
#include "base/memory.h"
#include "base/out.h"
#include "base/shown.h"
#include "base/usage.h"

struct sample_line {
    const char *from, *to, *each, *seed, *media, *queue, *agent, *team, *code, *mark, *least, *most, *zone;
    char *within; /* owned */
    bool json;
};

#define OPTIONS_DEF  "runtime/records/sample_options.def"
#define OPTIONS_LINE struct sample_line
#define EXITS_DEF    "runtime/records/exits.def"
#include "base/usage_rows.h"

enum {
    SAMPLE_ok = 0,
    SAMPLE_unwritten = 1,
    SAMPLE_database = 4,
    SAMPLE_FOUND_MAX = 200000, /* parts of agents among which is drawn */
    SAMPLE_DAYS_MAX = 92,
    SAMPLE_EACH_MAX = 100,
    SAMPLE_VALUES_MAX = 12,
};

/* --within is the only option that is read so. */
static const char *sample_option(void *line, int option, const char *text)
{
    (void)option;
    history_within_add(&((struct sample_line *)line)->within, text);
    return NULL;
}

static const struct usage usage = {
    .program = "gcxrecords",
    .head = "Usage: gcxrecords sample DATABASE --from DATE --to DATE [--each NUMBER] [--seed NUMBER]\n"
            "\n"
            "Draws by chance what agents had of interactions that have ended, so many of each agent and week, as "
            "JSON.\n\n",
    .options = usage_options,
    .exits = usage_exits,
    .read = sample_option,
};

bool sample_asked(const char *word)
{
    return word && strcmp(word, "sample") == 0;
}

/* ---- what is asked for ---- */

struct sample_wish {
    int64_t first, last; /* days since 1970 */
    uint64_t each, seed;
    int64_t mark, least, most; /* -1: any */
};

/* Reads a number that may be left out. False with the error: the text is no number, or it is too small or large. */
static bool sample_number(const char *text, const char *option, uint64_t least, uint64_t most, uint64_t *number,
                          struct error *error)
{
    char *end;
    if (!text) return true;
    uint64_t value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || value < least || value > most)
        return error_set(error, ERROR_INPUT, "--%s takes a number from %llu to %llu", option, (unsigned long long)least,
                         (unsigned long long)most);
    *number = value;
    return true;
}

static bool sample_limit(const char *text, const char *option, uint64_t least, uint64_t most, int64_t *number,
                         struct error *error)
{
    uint64_t value = 0;
    *number = -1;
    if (!sample_number(text, option, least, most, &value, error)) return false;
    if (text) *number = (int64_t)value;
    return true;
}

static bool sample_wish_read(const struct sample_line *line, struct sample_wish *wish, struct error *error)
{
    *wish = (struct sample_wish){.each = 1};
    if (!line->from || !line->to || !period_day_read(line->from, &wish->first) ||
        !period_day_read(line->to, &wish->last))
        return error_set(error, ERROR_INPUT, "--from and --to take a day since 1971, as 2026-11-29");
    if (wish->last < wish->first) return error_set(error, ERROR_INPUT, "the last day is before the first one");
    if (wish->last > period_today())
        return error_set(error, ERROR_INPUT, "the last day is still to come: the same samples are drawn once only");
    if (wish->last - wish->first >= SAMPLE_DAYS_MAX)
        return error_set(error, ERROR_INPUT, "samples are drawn of %d days at most", SAMPLE_DAYS_MAX);
    return sample_number(line->each, "each", 1, SAMPLE_EACH_MAX, &wish->each, error) &&
           sample_number(line->seed, "seed", 0, INT64_MAX, &wish->seed, error) &&
           sample_limit(line->mark, "mark", 1, 5, &wish->mark, error) &&
           sample_limit(line->least, "least", 0, 86400, &wish->least, error) &&
           sample_limit(line->most, "most", 0, 86400, &wish->most, error);
}

/* ---- the query ---- */

struct sample_query {
    struct out sql;
    struct sql_value values[SAMPLE_VALUES_MAX];
    char *owned[SAMPLE_VALUES_MAX];
    size_t count;
};

static size_t sample_value(struct sample_query *query, struct sql_value value, char *owned)
{
    query->values[query->count] = value;
    query->owned[query->count] = owned;
    return ++query->count;
}

static void sample_where(struct sample_query *query, const char *condition, const char *value)
{
    if (value) out_format(&query->sql, condition, sample_value(query, sql_text(value), NULL));
}

static size_t sample_day(struct sample_query *query, int64_t day)
{
    struct out out = {0};
    out_moment(&out, period_day_begins(day) * 1000000, ' ');
    return sample_value(query, sql_text(out.bytes), out.bytes);
}

enum sample_column {
    SAMPLE_ixn,
    SAMPLE_journal,
    SAMPLE_media,
    SAMPLE_external,
    SAMPLE_conn,
    SAMPLE_agent,
    SAMPLE_team,
    SAMPLE_queue,
    SAMPLE_received,
    SAMPLE_ms,
    SAMPLE_said, /* the wrap-up code that the agent said of a call */
    SAMPLE_data, /* the change of the attached data with a wrap-up code, of all that is no call */
    SAMPLE_mark,
    SAMPLE_customer,
};

/* An agent's part in an interaction; several offers of one interaction to one agent are one part. `+ 0` keeps SQLite
 * from reading the whole journal for each part. */
static void sample_query_make(struct sample_query *query, const struct sample_line *line,
                              const struct sample_wish *wish, enum sql_dialect dialect)
{
    out_format(&query->sql,
               "SELECT o.ixn, o.journal, i.media, i.external, i.conn, o.agent, min(o.team), min(o.vq), %s,"
               " sum(coalesce(o.handle_ms, 0)),"
               " (SELECT w.code FROM wrapups w WHERE w.journal + 0 = o.journal AND w.ixn = o.ixn AND"
               " w.agent = o.agent ORDER BY w.batch DESC, w.n DESC LIMIT 1),"
               " (SELECT CAST(d.changed AS text) FROM data_changes d WHERE d.journal + 0 = o.journal AND"
               " d.ixn = o.ixn AND CAST(d.changed AS text) LIKE '%%\"wrapup\":%%'"
               " ORDER BY d.batch DESC, d.n DESC LIMIT 1),"
               " (SELECT min(j.mark) FROM judgements j WHERE j.journal = o.journal AND j.ixn = o.ixn),"
               " CASE WHEN i.call_type = 'outbound' THEN i.dnis ELSE i.ani END"
               " FROM interactions i JOIN offers o ON o.journal = i.journal AND o.ixn = i.ixn"
               " WHERE o.outcome = 'answered' AND o.agent IS NOT NULL AND i.main IS NULL AND i.media IS NOT NULL",
               dialect == SQL_POSTGRES ? "to_char(i.received AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')"
                                       : "CAST(i.received AS text)");
    size_t from = sample_day(query, wish->first), to = sample_day(query, wish->last + 1);
    /* The quarters have an index. */
    out_format(&query->sql, " AND i.quarter >= $%zu AND i.quarter < $%zu", from, to);
    sample_where(query, " AND i.media = $%zu", line->media);
    sample_where(query, " AND o.vq = $%zu", line->queue);
    sample_where(query, " AND o.agent = $%zu", line->agent);
    sample_where(query, " AND o.team = $%zu", line->team);
    out_format(
        &query->sql,
        " GROUP BY o.ixn, o.journal, i.media, i.external, i.conn, o.agent, i.received, i.call_type, i.dnis, i.ani"
        " ORDER BY o.journal, o.ixn, o.agent LIMIT %d",
        SAMPLE_FOUND_MAX + 1);
}

/* ---- what was found ---- */

struct sample_rows {
    char **rows; /* of JSON, owned */
    size_t count;
    struct draw *draw;
};

static json_t *sample_text(const struct sql_rows *rows, int column)
{
    struct span text = sql_string(rows, column);
    return text.length > 0 ? json_stringn_nocheck((const char *)text.bytes, text.length) : NULL;
}

/* The wrap-up code: of a call what the agent has said, else what the attached data say. */
static json_t *sample_code(const struct sql_rows *rows)
{
    json_t *code = sample_text(rows, SAMPLE_said);
    struct span data = sql_string(rows, SAMPLE_data);
    json_t *changed = code ? NULL : json_loadb((const char *)data.bytes, data.length, 0, NULL);
    if (changed) code = json_incref(json_object_get(changed, "wrapup"));
    json_decref(changed);
    if (json_is_string(code) && *json_string_value(code)) return code;
    json_decref(code);
    return NULL;
}

/* Which week it is, by the clocks of the zone; "2026-11-30 10:15:00" is UTC. */
static int64_t sample_week(struct span received)
{
    int64_t day = 0;
    char date[11] = "";
    unsigned hour = 0, minute = 0, second = 0;
    if (received.length >= 19) {
        memcpy(date, received.bytes, 10);
        sscanf((const char *)received.bytes + 11, "%2u:%2u:%2u", &hour, &minute, &second);
    }
    if (!period_day_read(date, &day)) return 0;
    int64_t local = period_day_of(day * 86400 + hour * 3600 + minute * 60 + second);
    return (local + 3) / 7; /* 1970 began on a Thursday */
}

/* Is the name, behind the word of its kind, a line of the names? */
static bool sample_is_within(const char *names, const char *kind, struct span name)
{
    size_t before = strlen(kind), length;
    for (; *names; names += length + (names[length] == '\n')) {
        length = strcspn(names, "\n");
        if (length == before + name.length && memcmp(names, kind, before) == 0 &&
            memcmp(names + before, name.bytes, name.length) == 0)
            return true;
    }
    return false;
}

static bool sample_fits(const struct sample_line *line, const struct sample_wish *wish, const struct sql_rows *rows,
                        const json_t *code)
{
    int64_t ms = sql_int(rows, SAMPLE_ms);
    if (line->within && !sample_is_within(line->within, "agent:", sql_string(rows, SAMPLE_agent)) &&
        !sample_is_within(line->within, "queue:", sql_string(rows, SAMPLE_queue)))
        return false;
    if (line->code && (!code || strcmp(json_string_value(code), line->code) != 0)) return false;
    if (wish->mark >= 0 && (sql_is_null(rows, SAMPLE_mark) || sql_int(rows, SAMPLE_mark) > wish->mark)) return false;
    if (wish->least >= 0 && ms < wish->least * 1000) return false;
    return wish->most < 0 || ms <= wish->most * 1000;
}

static void sample_offer(struct sample_rows *all, const struct sql_rows *rows, json_t *code)
{
    struct span received = sql_string(rows, SAMPLE_received), agent = sql_string(rows, SAMPLE_agent),
                ixn = sql_string(rows, SAMPLE_ixn);
    char *when = memory_format("%.10sT%.8sZ", received.length >= 19 ? (const char *)received.bytes : "",
                               received.length >= 19 ? (const char *)received.bytes + 11 : "");
    json_t *row = json_pack("{s:s, s:I, s:I}", "received", when, "ms", (json_int_t)sql_int(rows, SAMPLE_ms), "journal",
                            (json_int_t)sql_int(rows, SAMPLE_journal));
    static const struct {
        const char *key;
        enum sample_column column;
    } texts[] = {{"ixn", SAMPLE_ixn},   {"media", SAMPLE_media}, {"external", SAMPLE_external},
                 {"conn", SAMPLE_conn}, {"agent", SAMPLE_agent}, {"customer", SAMPLE_customer},
                 {"team", SAMPLE_team}, {"queue", SAMPLE_queue}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *text = sample_text(rows, (int)texts[i].column);
        if (text) json_object_set_new(row, texts[i].key, text);
    }
    if (code) json_object_set(row, "code", code);
    if (!sql_is_null(rows, SAMPLE_mark)) json_object_set_new(row, "mark", json_integer(sql_int(rows, SAMPLE_mark)));
    char *group =
        memory_format("%.*s\n%lld", (int)agent.length, (const char *)agent.bytes, (long long)sample_week(received));
    char *name = memory_format("%lld %.*s %.*s", (long long)sql_int(rows, SAMPLE_journal), (int)ixn.length,
                               (const char *)ixn.bytes, (int)agent.length, (const char *)agent.bytes);
    all->rows = memory_more(all->rows, all->count, sizeof *all->rows);
    all->rows[all->count] = json_dumps(row, JSON_COMPACT);
    draw_offer(all->draw, group, name, all->count++);
    json_decref(row);
    free(when), free(group), free(name);
}

static bool sample_read(struct sql_rows *rows, const struct sample_line *line, const struct sample_wish *wish,
                        struct sample_rows *all, struct error *error)
{
    size_t seen = 0;
    while (rows && sql_next(rows) && seen++ < SAMPLE_FOUND_MAX) {
        json_t *code = sample_code(rows);
        if (sample_fits(line, wish, rows, code)) sample_offer(all, rows, code);
        json_decref(code);
    }
    if (!rows || !sql_end(rows, error)) return false;
    return seen <= SAMPLE_FOUND_MAX ||
           error_set(error, ERROR_INPUT,
                     "there are more than %d among which to draw: say fewer days, a queue or "
                     "a medium",
                     SAMPLE_FOUND_MAX);
}

static bool sample_draw(const char *database, const struct sample_line *line, struct out *out, struct error *error)
{
    struct sample_wish wish;
    if (!sample_wish_read(line, &wish, error)) return false;
    struct sql *sql = reports_open(database, error);
    if (!sql) return false;
    struct sample_query query = {0};
    struct sample_rows all = {.draw = draw_new(wish.seed, (unsigned)wish.each)};
    sample_query_make(&query, line, &wish, sql_dialect(sql));
    bool good = sample_read(sql_ask(sql, error, query.sql.bytes, query.values, query.count), line, &wish, &all, error);
    size_t drawn = good ? draw_end(all.draw) : 0;
    out_format(out, "{\"found\":%zu,\"samples\":[", all.count);
    for (size_t i = 0; i < drawn; i++) out_format(out, "%s\n%s", i > 0 ? "," : "", all.rows[draw_at(all.draw, i)]);
    out_text(out, "]}\n");
    sql_close(sql);
    for (size_t i = 0; i < all.count; i++) free(all.rows[i]);
    free(all.rows);
    for (size_t i = 0; i < query.count; i++) free(query.owned[i]);
    out_free(&query.sql);
    draw_free(all.draw);
    return good;
}

static int sample_run(struct sample_line *line, int argc, char **argv)
{
    struct error error = {0};
    struct out out = {0};
    int end;
    if (!usage_read(&usage, line, argc, argv, &end)) return end;
    if (argc - optind != 2) return usage_wrong(&usage, "expected a database");
    if (!period_zone(line->zone, &error)) return usage_wrong(&usage, "%s", error.text);
    bool good = sample_draw(argv[optind + 1], line, &out, &error);
    if (good) fwrite(out.bytes, 1, out.length, stdout);
    out_free(&out);
    if (good) return usage_printed(&usage, "the samples") ? SAMPLE_ok : SAMPLE_unwritten;
    if (error.code == ERROR_INPUT) return usage_wrong(&usage, "%s", error.text);
    shown_refuse("gcxrecords: %s\n", error.text);
    return SAMPLE_database;
}

int sample_main(int argc, char **argv)
{
    struct sample_line line = {0};
    int end = sample_run(&line, argc, argv);
    free(line.within);
    return end;
}
