/* runtime/reports/report.c - The reports of reports.def, and the question that gets one from a database.
 *
 * The database adds up by quarter of an hour and thing, and its rows are then put into the periods of the zone:
 *
 *     quarter (UTC)   queue   offered ...          row "sales"   2026-11-29   2026-11-30
 *     1795317300      sales   3            ->      offered       41           3
 */
#include "runtime/reports/report.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/reports/open.h"
#include "base/memory.h"
#include "base/out.h"

enum { VALUES_MAX = 16000000 };

/* The numbers of figures, of counted figures and of the columns to divide by, in each report. */
/* clang-format off */
#define REPORT(name, doc, sql)                         enum {
#define FIGURE(report, figure, kind, doc)              FIGURE_##report##_##figure,
#define RATE(report, figure, kind, over, under, doc)   FIGURE_##report##_##figure,
#define END_REPORT(report)                             FIGURES_OF_##report };
#include "runtime/reports/reports.def"
#define REPORT(name, doc, sql)                         enum {
#define FIGURE(report, figure, kind, doc)              COUNTED_##report##_##figure,
#define END_REPORT(report)                             COUNTED_OF_##report };
#include "runtime/reports/reports.def"
#define REPORT(name, doc, sql)                         enum {
#define PER(report, column, doc)                       PER_##report##_##column,
#define END_REPORT(report)                             PER_OF_##report };
#include "runtime/reports/reports.def"

const struct report_def reports[REPORTS] = {
#define REPORT(name, doc, sql)              {#name, doc, "report_" #name,
#define THING(report, column, doc)          .thing = #column,
#define PER(report, column, doc)            .per[PER_##report##_##column] = #column,
#define FIGURE(report, figure, kind, doc)   .figures[FIGURE_##report##_##figure] = {#figure, doc, FIGURE_##kind, 0, 0},
#define RATE(report, figure, kind, over, under, doc)                                                                   \
    .figures[FIGURE_##report##_##figure] = {#figure, doc, FIGURE_##kind, FIGURE_##report##_##over,                          \
                                            FIGURE_##report##_##under},
#define END_REPORT(report) .counted = COUNTED_OF_##report, .figure_count = FIGURES_OF_##report},
#include "runtime/reports/reports.def"
};
#define END_REPORT(report)                                                                                             \
    _Static_assert((int)FIGURES_OF_##report <= (int)REPORT_FIGURES_MAX && (int)PER_OF_##report <= (int)REPORT_PER_MAX, \
                   "too many figures or columns: " #report);
#include "runtime/reports/reports.def"
/* clang-format on */

const struct report_def *report_find(const char *name)
{
    for (unsigned i = 0; i < REPORTS; i++)
        if (strcmp(reports[i].name, name) == 0) return &reports[i];
    return NULL;
}

const char *report_per(const struct report_def *report, const char *column)
{
    for (const char *const *per = report->per; *per; per++)
        if (strcmp(*per, column) == 0) return *per;
    return NULL;
}

void report_figures_add(const struct report_def *report, int64_t *to, const int64_t *values)
{
    for (unsigned i = 0; i < report->counted; i++)
        if (report->figures[i].kind != FIGURE_MOST)
            to[i] += values[i];
        else if (values[i] > to[i])
            to[i] = values[i];
}

bool report_value(const struct report_def *report, unsigned number, const int64_t *values, int64_t *value)
{
    assert(number < report->figure_count);
    const struct report_figure *figure = &report->figures[number];
    if (number < report->counted) {
        *value = values[number];
        return true;
    }
    int64_t over = values[figure->over], under = values[figure->under];
    if (under <= 0) return false;
    *value = figure->kind == FIGURE_PERCENT   ? (2000 * over + under) / (2 * under)
             : figure->kind == FIGURE_AVERAGE ? (200 * over + under) / (2 * under)
                                              : over / under;
    return true;
}

/* ---- a bound of one's own ---- */

/* The views of the reports, as they are made. */
static const char *const report_sqls[REPORTS] = {
#define REPORT(name, doc, sql) [REPORT_##name] = sql,
#include "runtime/reports/reports.def"
};

bool report_within(uint32_t seconds, struct report_def *made)
{
    const struct report_def *report = &reports[REPORT_service_level];
    const char *sql = report_sqls[REPORT_service_level], *from = strstr(sql, " FROM vq_visits");
    char *within = memory_format("within_%" PRIu32 "s", seconds), *level = memory_format("level_%" PRIu32 "s", seconds);
    unsigned counted = report->counted, rate = counted + 1;
    assert(from && report->figure_count + 2 <= REPORT_FIGURES_MAX);
    *made = *report;
    for (unsigned i = 0; i < counted; i++)
        if (strcmp(report->figures[i].name, within) == 0) {
            free(within);
            free(level);
            return false;
        }
    made->view = memory_format("(%.*s, sum(CASE WHEN v.outcome = 'distributed' AND v.waited_ms <= %" PRIu64
                               " THEN 1 ELSE 0 END) AS %s%s) AS visits",
                               (int)(from - sql), sql, (uint64_t)seconds * 1000, within, from);
    made->figures[counted] =
        (struct report_figure){within, "after as many seconds at most as were asked for", FIGURE_COUNT, 0, 0};
    for (unsigned i = counted; i < report->figure_count; i++) made->figures[rate++] = report->figures[i];
    made->figures[rate] = (struct report_figure){level, "these, of those offered", FIGURE_PERCENT, counted, 0};
    made->counted++;
    made->figure_count += 2;
    return true;
}

void report_within_free(struct report_def *made)
{
    if (made->view == reports[REPORT_service_level].view) return;
    free((char *)made->figures[made->counted - 1].name);
    free((char *)made->figures[made->figure_count - 1].name);
    free((char *)made->view);
}

/* ---- asking ---- */

/* A column that groups, as text that is never null. */
static void report_column_sql(struct out *sql, const char *column)
{
    if (column)
        out_format(sql, ", coalesce(CAST(%s AS text), '')", column);
    else
        out_text(sql, ", ''");
}

static void report_sql(struct out *sql, const struct report_answer *answer, enum sql_dialect dialect)
{
    const struct report_def *report = answer->report;
    out_format(sql, "SELECT %s",
               dialect == SQL_SQLITE ? "CAST(strftime('%s', quarter) AS INTEGER)"
                                     : "CAST(extract(epoch FROM quarter) AS bigint)");
    report_column_sql(sql, report->thing);
    report_column_sql(sql, answer->of);
    for (unsigned i = 0; i < report->counted; i++)
        out_format(sql, ", %s(%s)", report->figures[i].kind == FIGURE_MOST ? "max" : "sum", report->figures[i].name);
    out_text(sql, " FROM ");
    out_text(sql, report->view);
    out_text(sql, " WHERE quarter >= $1 AND quarter < $2");
    if (answer->only && strchr(answer->only, '\n'))
        out_format(sql,
                   " AND replace('\n' || CAST($3 AS TEXT) || '\n', '\n' || %s || '\n', '') <> '\n' || CAST($3 AS TEXT)"
                   " || '\n'",
                   answer->of);
    else if (answer->only)
        out_format(sql, " AND %s = $3", answer->of);
    out_text(sql, " GROUP BY 1, 2, 3 ORDER BY 2, 3");
}

static char *report_copy(struct span text)
{
    return memory_format("%.*s", (int)text.length, (const char *)text.bytes);
}

/* The row of the thing, which is that of the row before or a new one, since the database sends the rows of one thing
 * after each other. NULL: there would be too many values. */
static struct report_row *report_row_of(struct report_answer *answer, struct span thing, struct span of)
{
    struct report_row *last = answer->count > 0 ? &answer->rows[answer->count - 1] : NULL;
    if (last && span_is(thing, last->thing) && span_is(of, last->of)) return last;
    size_t values = (size_t)answer->periods->count * answer->report->counted;
    if (values * (answer->count + 1) > VALUES_MAX) return NULL;
    answer->rows = memory_more(answer->rows, answer->count, sizeof *answer->rows);
    struct report_row *row = &answer->rows[answer->count++];
    *row = (struct report_row){.thing = report_copy(thing), .of = report_copy(of)};
    row->values = memory_zeroed(values, sizeof *row->values);
    return row;
}

static bool answer_take(struct report_answer *answer, struct sql_rows *rows, struct error *error)
{
    int64_t values[REPORT_FIGURES_MAX];
    const unsigned counted = answer->report->counted;
    uint32_t period;
    if (!periods_find(answer->periods, sql_int(rows, 0), &period)) return true;
    struct report_row *row = report_row_of(answer, sql_string(rows, 1), sql_string(rows, 2));
    if (!row)
        return error_set(error, ERROR_LIMIT, "that is more than %d figures: ask for fewer days, or longer periods",
                         VALUES_MAX);
    for (unsigned i = 0; i < counted; i++) values[i] = sql_int(rows, 3 + (int)i);
    report_figures_add(answer->report, row->values + (size_t)period * counted, values);
    return true;
}

static int report_row_compare(const void *a, const void *b)
{
    const struct report_row *left = a, *right = b;
    int first = strcmp(left->thing, right->thing);
    return first != 0 ? first : strcmp(left->of, right->of);
}

bool report_span_ask(const char *target, struct report_span *span, struct error *error)
{
    static const char *const asked[] = {
        [SQL_SQLITE] = "SELECT CAST(strftime('%s', begins) AS INTEGER), CAST(strftime('%s', ends) AS INTEGER)"
                       " FROM report_span WHERE begins IS NOT NULL",
        [SQL_POSTGRES] = "SELECT CAST(extract(epoch FROM begins) AS bigint), CAST(extract(epoch FROM ends) AS bigint)"
                         " FROM report_span WHERE begins IS NOT NULL"};
    struct sql *sql = reports_open(target, error);
    struct sql_rows *rows = sql ? sql_ask(sql, error, asked[sql_dialect(sql)], SQL_NONE) : NULL;
    *span = (struct report_span){.any = sql_next(rows)};
    if (span->any) {
        span->first_day = period_day_of(sql_int(rows, 0));
        span->last_day = period_day_of(sql_int(rows, 1));
    }
    bool good = rows && sql_end(rows, error);
    sql_close(sql);
    return good;
}

bool report_ask(const char *target, struct report_answer *answer, struct error *error)
{
    struct sql *sql = reports_open(target, error);
    struct out text = {0}, from = {0}, to = {0};
    bool good = sql != NULL;
    if (good) {
        report_sql(&text, answer, sql_dialect(sql));
        out_moment(&from, answer->periods->from * 1000000, ' ');
        out_moment(&to, answer->periods->to * 1000000, ' ');
        const struct sql_value values[] = {sql_text(from.bytes), sql_text(to.bytes), sql_text(answer->only)};
        struct sql_rows *rows = sql_ask(sql, error, text.bytes, values, answer->only ? 3 : 2);
        while (good && sql_next(rows)) good = answer_take(answer, rows, error);
        good = rows && sql_end(rows, good ? error : NULL) && good;
    }
    if (answer->count > 0) qsort(answer->rows, answer->count, sizeof *answer->rows, report_row_compare);
    sql_close(sql);
    out_free(&text);
    out_free(&from);
    out_free(&to);
    return good;
}

void report_free(struct report_answer *answer)
{
    for (uint32_t i = 0; i < answer->count; i++) {
        free(answer->rows[i].thing);
        free(answer->rows[i].of);
        free(answer->rows[i].values);
    }
    free(answer->rows);
    *answer = (struct report_answer){0};
}
