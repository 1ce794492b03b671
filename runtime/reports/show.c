/* runtime/reports/show.c - Writes the answer to a report.
 *
 *     table   day         queue  offered  answered  level_20s    the periods without anything, too: their figures are 0
 *             2026-11-29  sales       41        38       87.8
 *             2026-11-30  sales        0         0          -
 *             all                     41        38       87.8    a line that has all rows put together
 *     csv     all figures, durations as milliseconds, and each period's beginning in UTC; without the last line
 *     json    an object with the list of the same rows
 */
#include "runtime/reports/show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/csv.h"
#include "base/memory.h"
#include "base/out.h"
#include "base/shown.h"

enum { CELL_MAX = 200, TEXT_CELLS = 3 };

/* ---- what stands in a row ---- */

/* The row of one thing and one period; `row` NULL: that of everything together. */
struct answer_line {
    const struct report_row *row;
    uint32_t period;
    const int64_t *values;
};

static const char *const period_heads[PERIOD_LENGTHS] = {"quarter", "hour", "day", "week", "from"};

/* Writes the headings of the columns that stand before the figures: the period, the thing, and the column by which the
 * figures are divided. NULL: the report has no such column. */
static void answer_heads(const struct report_answer *answer, const char *heads[TEXT_CELLS])
{
    heads[0] = period_heads[answer->periods->length];
    heads[1] = answer->report->thing;
    heads[2] = answer->of;
}

/* Every line, by period, and in it by thing. With nothing to divide by there is one row for each period. */
static void answer_each(const struct report_answer *answer, void (*each)(void *self, const struct answer_line *),
                        void *self)
{
    static const struct report_row nothing = {.thing = NULL};
    int64_t none[REPORT_FIGURES_MAX] = {0};
    bool alone = answer->count == 0 && !answer->report->thing && !answer->of;
    for (uint32_t period = 0; period < answer->periods->count; period++) {
        if (alone) each(self, &(struct answer_line){&nothing, period, none});
        for (uint32_t i = 0; i < answer->count; i++)
            each(self, &(struct answer_line){&answer->rows[i], period,
                                             answer->rows[i].values + (size_t)period * answer->report->counted});
    }
}

static void answer_sum(const struct report_answer *answer, int64_t sum[REPORT_FIGURES_MAX])
{
    const unsigned counted = answer->report->counted;
    for (unsigned i = 0; i < REPORT_FIGURES_MAX; i++) sum[i] = 0;
    for (uint32_t i = 0; i < answer->count; i++)
        for (uint32_t period = 0; period < answer->periods->count; period++)
            report_figures_add(answer->report, sum, answer->rows[i].values + (size_t)period * counted);
}

/* ---- table ---- */

struct answer_table {
    const struct report_answer *answer;
    FILE *file;
    const char *heads[TEXT_CELLS];
    int widths[TEXT_CELLS + REPORT_FIGURES_MAX];
    bool measuring; /* true: widths are found, and nothing is written */
};

/* Characters, not bytes. */
static int answer_width(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++)
        if (((unsigned char)*text & 0xc0) != 0x80) width++;
    return width;
}

static void answer_cell(struct answer_table *table, unsigned column, const char *text, bool right)
{
    int width = answer_width(text), pad = table->widths[column] - width;
    if (table->measuring) {
        if (width > table->widths[column]) table->widths[column] = width;
        return;
    }
    if (column > 0) fputs("  ", table->file);
    fprintf(table->file, "%*s%s%*s", right ? pad : 0, "", text, right ? 0 : pad, "");
}

static void answer_time(int64_t ms, char text[CELL_MAX])
{
    int64_t s = (ms + 500) / 1000;
    if (s < 3600)
        snprintf(text, CELL_MAX, "%" PRId64 ":%02d", s / 60, (int)(s % 60));
    else
        snprintf(text, CELL_MAX, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
}

static void answer_figure(const struct answer_table *table, unsigned number, const int64_t *values, char text[CELL_MAX])
{
    const struct report_def *report = table->answer->report;
    int64_t value;
    if (!report_value(report, number, values, &value))
        snprintf(text, CELL_MAX, "-");
    else if (report->figures[number].kind == FIGURE_COUNT)
        snprintf(text, CELL_MAX, "%" PRId64, value);
    else if (report->figures[number].kind == FIGURE_PERCENT)
        snprintf(text, CELL_MAX, "%" PRId64 ".%d", value / 10, (int)(value % 10));
    else if (report->figures[number].kind == FIGURE_AVERAGE)
        snprintf(text, CELL_MAX, "%" PRId64 ".%02d", value / 100, (int)(value % 100));
    else
        answer_time(value, text);
}

/* The head of a figure: people see 0:12, so the unit is left out. */
static void answer_head(const struct report_figure *figure, char text[CELL_MAX])
{
    size_t length = strlen(figure->name);
    bool ms = length > 3 && strcmp(figure->name + length - 3, "_ms") == 0;
    snprintf(text, CELL_MAX, "%.*s", (int)(ms ? length - 3 : length), figure->name);
}

static void answer_texts(struct answer_table *table, const char *const texts[TEXT_CELLS])
{
    for (unsigned i = 0; i < TEXT_CELLS; i++) {
        if (!table->heads[i]) continue;
        char *text = shown_copy(texts[i] && texts[i][0] ? texts[i] : "-");
        answer_cell(table, i, text, false);
        free(text);
    }
}

static void answer_figures(struct answer_table *table, const int64_t *values)
{
    char text[CELL_MAX];
    for (unsigned i = 0; i < table->answer->report->figure_count; i++) {
        const struct report_figure *figure = &table->answer->report->figures[i];
        if (figure->kind == FIGURE_PART) continue;
        if (values)
            answer_figure(table, i, values, text);
        else
            answer_head(figure, text);
        answer_cell(table, TEXT_CELLS + i, text, true);
    }
    if (!table->measuring) putc('\n', table->file);
}

static void answer_table_line(void *self, const struct answer_line *line)
{
    struct answer_table *table = self;
    char label[PERIOD_LABEL];
    period_label(table->answer->periods->length, table->answer->periods->starts[line->period], label);
    answer_texts(table, (const char *[TEXT_CELLS]){label, line->row->thing, line->row->of});
    answer_figures(table, line->values);
}

static void answer_table(FILE *file, const struct report_answer *answer)
{
    struct answer_table table = {.answer = answer, .file = file, .measuring = true};
    int64_t sum[REPORT_FIGURES_MAX];
    answer_heads(answer, table.heads);
    answer_sum(answer, sum);
    bool several = answer->count > 1 || (answer->count == 1 && answer->periods->count > 1);
    for (unsigned pass = 0; pass < 2; pass++, table.measuring = false) {
        answer_texts(&table, table.heads);
        answer_figures(&table, NULL);
        answer_each(answer, answer_table_line, &table);
        if (!several) continue;
        answer_texts(&table, (const char *[TEXT_CELLS]){"all", " ", " "});
        answer_figures(&table, sum);
    }
    if (answer->count == 0) fputs("There is nothing of this time in the records.\n", file);
}

/* ---- CSV and JSON ---- */

void report_utc(int64_t at, char text[PERIOD_LABEL])
{
    time_t seconds = at;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(text, PERIOD_LABEL, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void report_day(int64_t day, char text[PERIOD_LABEL])
{
    time_t seconds = day * 86400;
    struct tm date;
    gmtime_r(&seconds, &date);
    strftime(text, PERIOD_LABEL, "%Y-%m-%d", &date);
}

struct answer_rows {
    const struct report_answer *answer;
    FILE *file;
    const char *heads[TEXT_CELLS];
    bool json, later; /* later: a row stands before */
};

static void answer_json_text(FILE *file, const char *text)
{
    struct out out = {0};
    out_json(&out, span_of(text));
    fputs(out.bytes, file);
    out_free(&out);
}

/* A value as a number; without one nothing in CSV, null in JSON. */
static void answer_number(const struct answer_rows *rows, unsigned number, const int64_t *values)
{
    int64_t value;
    if (!report_value(rows->answer->report, number, values, &value))
        fputs(rows->json ? "null" : "", rows->file);
    else if (rows->answer->report->figures[number].kind == FIGURE_PERCENT)
        fprintf(rows->file, "%" PRId64 ".%d", value / 10, (int)(value % 10));
    else if (rows->answer->report->figures[number].kind == FIGURE_AVERAGE)
        fprintf(rows->file, "%" PRId64 ".%02d", value / 100, (int)(value % 100));
    else
        fprintf(rows->file, "%" PRId64, value);
}

static void answer_csv_line(void *self, const struct answer_line *line)
{
    const struct answer_rows *rows = self;
    const struct report_def *report = rows->answer->report;
    char label[PERIOD_LABEL], utc[PERIOD_LABEL];
    int64_t at = rows->answer->periods->starts[line->period];
    period_label(rows->answer->periods->length, at, label);
    report_utc(at, utc);
    fprintf(rows->file, "%s,%s", label, utc);
    for (unsigned i = 1; i < TEXT_CELLS; i++) {
        if (!rows->heads[i]) continue;
        const char *text = i == 1 ? line->row->thing : line->row->of;
        putc(',', rows->file);
        csv_show(rows->file, text ? text : "");
    }
    for (unsigned i = 0; i < report->figure_count; i++) {
        putc(',', rows->file);
        answer_number(rows, i, line->values);
    }
    fputs("\r\n", rows->file);
}

static void answer_csv(FILE *file, const struct report_answer *answer)
{
    struct answer_rows rows = {.answer = answer, .file = file};
    answer_heads(answer, rows.heads);
    fprintf(file, "%s,utc", rows.heads[0]);
    for (unsigned i = 1; i < TEXT_CELLS; i++)
        if (rows.heads[i]) fprintf(file, ",%s", rows.heads[i]);
    for (unsigned i = 0; i < answer->report->figure_count; i++) fprintf(file, ",%s", answer->report->figures[i].name);
    fputs("\r\n", file);
    answer_each(answer, answer_csv_line, &rows);
}

static void answer_json_line(void *self, const struct answer_line *line)
{
    struct answer_rows *rows = self;
    const struct report_def *report = rows->answer->report;
    char label[PERIOD_LABEL], utc[PERIOD_LABEL];
    int64_t at = rows->answer->periods->starts[line->period];
    period_label(rows->answer->periods->length, at, label);
    report_utc(at, utc);
    fprintf(rows->file, "%s{\"%s\":\"%s\",\"utc\":\"%s\"", rows->later ? ",\n" : "\n", rows->heads[0], label, utc);
    rows->later = true;
    for (unsigned i = 1; i < TEXT_CELLS; i++) {
        if (!rows->heads[i]) continue;
        const char *text = i == 1 ? line->row->thing : line->row->of;
        fprintf(rows->file, ",\"%s\":", rows->heads[i]);
        if (text && *text)
            answer_json_text(rows->file, text);
        else
            fputs("null", rows->file);
    }
    for (unsigned i = 0; i < report->figure_count; i++) {
        fprintf(rows->file, ",\"%s\":", report->figures[i].name);
        answer_number(rows, i, line->values);
    }
    putc('}', rows->file);
}

static void answer_json(FILE *file, const struct report_answer *answer)
{
    struct answer_rows rows = {.answer = answer, .file = file, .json = true};
    char from[PERIOD_LABEL], to[PERIOD_LABEL], first[PERIOD_LABEL], last[PERIOD_LABEL];
    answer_heads(answer, rows.heads);
    report_utc(answer->periods->from, from);
    report_utc(answer->periods->to, to);
    fprintf(file, "{\"report\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",", answer->report->name, from, to);
    report_day(answer->span.first_day, first);
    report_day(answer->span.last_day, last);
    if (answer->span.any) fprintf(file, "\"first_record\":\"%s\",\"last_record\":\"%s\",", first, last);
    fputs("\"rows\":[", file);
    answer_each(answer, answer_json_line, &rows);
    fputs("]}\n", file);
}

/* ---- all reports ---- */

static const char *const figure_words[FIGURE_KINDS] = {"count", "ms", "most", "part", "percent", "mean", "average"};

static void report_list_one(FILE *file, const struct report_def *report)
{
    fprintf(file, "\n{\"report\":\"%s\",\"doc\":", report->name);
    answer_json_text(file, report->doc);
    if (report->thing) fprintf(file, ",\"thing\":\"%s\"", report->thing);
    fputs(",\"of\":[", file);
    for (unsigned i = 0; report->per[i]; i++) fprintf(file, "%s\"%s\"", i > 0 ? "," : "", report->per[i]);
    fputs("],\"figures\":[", file);
    for (unsigned i = 0; i < report->figure_count; i++) {
        const struct report_figure *figure = &report->figures[i];
        fprintf(file, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"doc\":", i > 0 ? "," : "", figure->name,
                figure_words[figure->kind]);
        answer_json_text(file, figure->doc);
        putc('}', file);
    }
    fputs("]}", file);
}

void report_list_show(FILE *file)
{
    fputs("{\"reports\":[", file);
    for (unsigned i = 0; i < REPORTS; i++) {
        if (i > 0) putc(',', file);
        report_list_one(file, &reports[i]);
    }
    fputs("]}\n", file);
}

void report_show(FILE *file, const struct report_answer *answer, enum show_form form)
{
    if (form == SHOW_csv)
        answer_csv(file, answer);
    else if (form == SHOW_json)
        answer_json(file, answer);
    else
        answer_table(file, answer);
}
