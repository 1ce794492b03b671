/* runtime/reports/command.c - The command lines of gcxrecords report and gcxrecords forecast. */
#include "runtime/reports/command.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/reports/show.h"
#include "base/memory.h"
#include "base/near.h"
#include "base/shown.h"
#include "base/usage.h"

#define OPTIONS_DEF  "runtime/reports/options.def"
#define OPTIONS_LINE struct report_line
#define EXITS_DEF    "runtime/reports/exits.def"
#include "base/usage_rows.h"

enum {
    REPORTS_ok = 0,
    REPORTS_unwritten = 1,
    REPORTS_database = 4,
    REPORTS_unknown = 6,
    REPORT_DAYS = 7,
    WITHIN_MAX_S = 86400
};

static void reports_help(void)
{
    puts("\nReports, and the columns by which their figures can be divided:");
    for (unsigned i = 0; i < REPORTS; i++) {
        printf("  %-14s %s", reports[i].name, reports[i].doc);
        for (unsigned at = 0; reports[i].per[at]; at++) printf("%s%s", at == 0 ? "; by " : ", ", reports[i].per[at]);
        puts("");
    }
}

/* --only is the only option that is read so: Linux takes 128 KiB as one argument, and who leads thousands has more
 * names. */
static const char *reports_option(void *line, int option, const char *text)
{
    (void)option;
    char **only = &((struct report_line *)line)->only;
    char *all = memory_format("%s%s%s", *only ? *only : "", *only ? "\n" : "", text);
    free(*only);
    *only = all;
    return NULL;
}

static const struct usage usage = {
    .program = "gcxrecords",
    .head =
        "Usage: gcxrecords report NAME DATABASE [--from DATE] [--to DATE] [--by LENGTH] [--of COLUMN] [--csv|--json]\n"
        "       gcxrecords reports   lists all reports and their figures as JSON\n"
        "\n"
        "Prints a report of what gcxrecords has written to DATABASE: sqlite:FILE, postgresql://..., or a connection "
        "string of libpq.\n\n",
    .options = usage_options,
    .exits = usage_exits,
    .read = reports_option,
    .more = reports_help,
};

bool reports_asked(const char *word)
{
    static const char *const words[] = {"report", "reports", "forecast"};
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0) return true;
    return false;
}

/* The report's name that was meant; NULL: none is near. */
static const char *report_near(const char *name)
{
    const char *near = NULL;
    uint32_t least = UINT32_MAX;
    for (unsigned i = 0; i < REPORTS; i++)
        if (near_is_nearer(name, reports[i].name, &least)) near = reports[i].name;
    return near;
}

static int report_wrong_name(const char *name)
{
    const char *near = report_near(name);
    if (near) return usage_wrong(&usage, "there is no report '%.60s'; did you mean '%s'?", name, near);
    return usage_wrong(&usage, "there is no report '%.60s'", name);
}

static int report_wrong_column(const struct report_def *report, const char *column)
{
    char columns[200] = "";
    for (const char *const *per = report->per; *per; per++) {
        size_t length = strlen(columns);
        snprintf(columns + length, sizeof columns - length, "%s%s", length > 0 ? ", " : "", *per);
    }
    return usage_wrong(&usage, "%s cannot be divided by '%.60s'; --of takes %s", report->name, column, columns);
}

static bool reports_complain(const struct error *error)
{
    return shown_refuse("gcxrecords: %s\n", error->text);
}

/* The days that are asked for; else the seven days before today. */
static const char *reports_days(const struct report_line *line, int64_t *first, int64_t *last)
{
    *last = period_today() - 1;
    if (line->to && !period_day_read(line->to, last)) return "--to takes a day since 1971, as 2026-11-29";
    *first = *last - (REPORT_DAYS - 1);
    if (line->from && !period_day_read(line->from, first)) return "--from takes a day since 1971, as 2026-11-23";
    return NULL;
}

/* Says where the records begin and end, if days before or behind are asked for: their figures are zeros, but nothing is
 * known of them. */
static void report_span_tell(const struct report_span *span, int64_t from, int64_t to)
{
    char day[PERIOD_LABEL];
    report_day(span->first_day, day);
    if (span->any && span->first_day > from)
        shown_refuse("gcxrecords: the records begin on %s: days before it are not known\n", day);
    report_day(span->last_day, day);
    if (span->any && span->last_day < to)
        shown_refuse("gcxrecords: the records end on %s: days behind it are not known\n", day);
}

static int report_print(const char *database, struct report_answer *answer, const struct report_line *line)
{
    struct error error = {0};
    if (!report_span_ask(database, &answer->span, &error) || !report_ask(database, answer, &error)) {
        if (error.code == ERROR_INPUT) return usage_wrong(&usage, "%s", error.text);
        reports_complain(&error);
        return REPORTS_database;
    }
    if (line->mail)
        report_letter(stdout, answer, line->mail);
    else
        report_show(stdout, answer, line->csv ? SHOW_csv : line->json ? SHOW_json : SHOW_table);
    return usage_printed(&usage, "the report") ? REPORTS_ok : REPORTS_unwritten;
}

/* Adds --within to the answer's report. NULL, or what is wrong. */
static const char *report_bound(const struct report_line *line, struct report_answer *answer, struct report_def *made)
{
    uint64_t seconds;
    if (!line->within) return NULL;
    if (answer->report != &reports[REPORT_service_level]) return "--within is of service_level, or of a forecast";
    if (!usage_number(line->within, WITHIN_MAX_S, &seconds)) return "--within takes seconds, 86400 at most";
    (void)report_within((uint32_t)seconds, made);
    answer->report = made;
    return NULL;
}

static int report_command(const struct report_line *line, const char *name, const char *database)
{
    struct report_answer answer = {.report = report_find(name)};
    struct report_def within = reports[REPORT_service_level];
    struct periods periods = {.length = PERIOD_day};
    struct error error = {0};
    enum period_length length = PERIOD_day;
    int64_t first, last;
    if (!answer.report) return report_wrong_name(name);
    if (line->by && !period_length_read(line->by, &length))
        return usage_wrong(&usage, "--by takes quarter, hour, day, week or total");
    if (line->of && !(answer.of = report_per(answer.report, line->of)))
        return report_wrong_column(answer.report, line->of);
    if (line->only && !answer.of) return usage_wrong(&usage, "--only needs --of");
    if (line->day || line->weeks || line->staff || line->profile)
        return usage_wrong(&usage, "--day, --weeks, --staff and --profile are of a forecast");
    if (line->mail && !report_address_good(line->mail))
        return usage_wrong(&usage, "--mail takes one address, as head@example.com");
    const char *wrong = reports_days(line, &first, &last);
    if (!wrong) wrong = report_bound(line, &answer, &within);
    if (wrong) return usage_wrong(&usage, "%s", wrong);
    if (!periods_make(&periods, length, first, last, &error)) {
        report_within_free(&within);
        return usage_wrong(&usage, "%s", error.text);
    }
    answer.periods = &periods;
    answer.only = line->only;
    int end = report_print(database, &answer, line);
    int64_t yesterday = period_today() - 1;
    report_span_tell(&answer.span, first, last < yesterday ? last : yesterday);
    report_free(&answer);
    report_within_free(&within);
    periods_free(&periods);
    return end;
}

/* A mistake of the command line is told with a hint at the help. */
static int forecast_run(const struct report_line *line, const char *queue, const char *database)
{
    struct error error = {0};
    if (line->from || line->to || line->by || line->of || line->only || line->mail)
        return usage_wrong(
            &usage, "a forecast takes --day, --weeks, --staff, --within and --zone, and --profile, --csv or --json");
    if (!forecast_command(line, queue, database, &error)) {
        if (error.code == ERROR_INPUT) return usage_wrong(&usage, "%s", error.text);
        reports_complain(&error);
        return error.code == ERROR_LIMIT ? REPORTS_unknown : REPORTS_database;
    }
    return usage_printed(&usage, "the forecast") ? REPORTS_ok : REPORTS_unwritten;
}

static int reports_run(struct report_line *line, int argc, char **argv)
{
    struct error error = {0};
    int end;
    if (!usage_read(&usage, line, argc, argv, &end)) return end;
    if (argc - optind == 1 && strcmp(argv[optind], "reports") == 0) {
        report_list_show(stdout);
        return usage_printed(&usage, "the list") ? REPORTS_ok : REPORTS_unwritten;
    }
    if (argc - optind != 3) return usage_wrong(&usage, "expected a report or a queue, and a database");
    if (line->csv + line->json + line->profile + (line->mail != NULL) > 1)
        return usage_wrong(&usage, "expected one form: CSV, JSON, mail or profile");
    if (!period_zone(line->zone, &error)) return usage_wrong(&usage, "%s", error.text);
    if (strcmp(argv[optind], "forecast") == 0) return forecast_run(line, argv[optind + 1], argv[optind + 2]);
    return report_command(line, argv[optind + 1], argv[optind + 2]);
}

int reports_main(int argc, char **argv)
{
    struct report_line line = {0};
    int end = reports_run(&line, argc, argv);
    free(line.only);
    return end;
}
