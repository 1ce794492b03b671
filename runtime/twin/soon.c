/* runtime/twin/soon.c - gcxtwin soon: what a change by hand would do to the next two hours. Command line, the
 * simulation, and the result.
 *
 * gcxc simulate plays the last eight same weekdays, each with the callers of today's last hour before it, once as
 * things are and once with the change. Days that a calendar of the directory names, and days without a call, are left
 * out. A day is one value, so the interval says how much days differ. */
#include "config.h" /* strptime, timegm */

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "runtime/daemon/directory/kept.h"
#include "runtime/sql/lite.h"
#include "runtime/twin/day.h"
#include "runtime/twin/doors.h"
#include "runtime/twin/exits.h"
#include "runtime/twin/load.h"
#include "runtime/twin/soon_state.h"
#include "base/memory.h"
#include "base/out.h"
#include "base/shown.h"
#include "base/usage.h"
#include "base/written.h"

enum {
    HOUR_S = 3600,
    AHEAD_MOST_S = 12 * HOUR_S,
    WEEKS = 8,
    SEEDS = 3, /* how often each day is played */
    MOMENT = 20,
    ARGUMENTS = 32 + 2 * LOAD_ANSWERS,
    SCOPES_MOST = 40, /* virtual queues and groups of agents that are told */
};

struct soon_line {
    const char *config, *socket, *state, *records;
    int64_t lasts_us, ahead_us;
    time_t now_s;
    const char *answers[LOAD_ANSWERS];
    size_t answer_count;
    bool remove, unset, adds, json;
};

#define OPTIONS_DEF  "runtime/twin/soon_options.def"
#define OPTIONS_LINE struct soon_line
#define EXITS_DEF    "runtime/twin/exits.def"
#include "base/usage_rows.h"

static const char *soon_moment(const char *text, time_t *at)
{
    struct tm date = {0};
    const char *end = strptime(text, "%Y-%m-%d %H:%M", &date);
    if (!end || *end) return "takes a moment in UTC, as \"2026-03-02 14:00\"";
    *at = timegm(&date);
    return NULL;
}

static const char *soon_read(void *into, int option, const char *text)
{
    struct soon_line *line = into;
    if (option == OPTION_at) return soon_moment(text, &line->now_s);
    if (option == OPTION_answers) {
        if (line->answer_count == LOAD_ANSWERS) return "is given too often";
        line->answers[line->answer_count++] = text;
        return NULL;
    }
    int64_t *us = option == OPTION_for ? &line->lasts_us : &line->ahead_us;
    const bool good = written_duration(text, strlen(text), us) && *us >= 60000000;
    if (option == OPTION_for) return good ? NULL : "takes a duration, as 30m";
    return good && *us <= AHEAD_MOST_S * INT64_C(1000000) ? NULL : "takes a duration from 1m to 12h";
}

static const struct usage usage = {
    .program = "gcxtwin soon",
    .head = "Usage: gcxtwin soon [OPTION...] NAME=VALUE\n"
            "       gcxtwin soon [OPTION...] TABLE KEY FIELD=VALUE...\n"
            "\n"
            "Simulates the next two hours from how things stand now, with the callers of the same weekdays, once as "
            "it is\n"
            "and once with the change. Nothing is changed. The journal is only read, also while gcxvm writes it.\n\n",
    .options = usage_options,
    .exits = usage_exits,
    .read = soon_read,
};

/* ---- days ---- */

struct soon_days {
    char now[MOMENT], lead_in[MOMENT];      /* UTC */
    char list[WEEKS * MOMENT];              /* moments, with commas: an hour before the present time of those days */
    char dates[WEEKS][sizeof "2026-03-02"]; /* local time */
    unsigned count, holidays;               /* holidays: how many days were left out for that */
};

/* Does a calendar of the directory name the day? */
static bool soon_is_holiday(sqlite3 *kept, const char *date)
{
    return kept && lite_has(kept, NULL, "select 1 from holiday where date = %Q", date);
}

static void soon_utc(time_t at, char text[MOMENT])
{
    struct tm utc;
    (void)strftime(text, MOMENT, "%Y-%m-%d %H:%M", gmtime_r(&at, &utc));
}

/* The same time of day, by the clock on the wall, on the same weekdays of the last weeks. */
static void soon_find_days(struct soon_days *days, time_t now, const char *state)
{
    sqlite3 *kept = kept_open(state);
    *days = (struct soon_days){0};
    soon_utc(now, days->now);
    soon_utc(now - HOUR_S, days->lead_in);
    for (int week = 1; week <= WEEKS; week++) {
        struct tm local;
        char moment[MOMENT];
        localtime_r(&now, &local);
        local.tm_mday -= 7 * week;
        local.tm_isdst = -1;
        const time_t then = mktime(&local);
        (void)strftime(days->dates[days->count], sizeof *days->dates, "%Y-%m-%d", &local);
        if (soon_is_holiday(kept, days->dates[days->count])) {
            days->holidays++;
            continue;
        }
        soon_utc(then - HOUR_S, moment);
        if (days->count > 0) (void)strcat(days->list, ",");
        (void)strcat(days->list, moment);
        days->count++;
    }
    sqlite3_close(kept);
}

/* ---- the simulation ---- */

/* Why nothing was simulated, or only who is there: a word for programs, and a sentence for people, who are told no word
 * of another program: that may name files and servers, and goes to standard error. */
enum soon_why { SOON_good, SOON_agents, SOON_nobody, SOON_keys, SOON_failed, SOON_records, SOON_holidays, SOON_quiet };
static const struct {
    const char *word, *text;
} soon_whys[] = {
    [SOON_agents] = {"agents", "no agent is logged in"},
    [SOON_nobody] = {"nobody",
                     "nobody is there, and nobody is expected in these hours, in the strategies of this setting"},
    [SOON_keys] = {"keys", "nobody gets an agent there, where callers key nothing and databases do not answer; "
                           "--answers names a test that says what they key"},
    [SOON_failed] = {"failed", "the simulation has failed; the log says why"},
    [SOON_records] = {"records", "there are no records of earlier weeks; gcxrecords makes them, and --records names "
                                 "them"},
    [SOON_holidays] = {"holidays", "the last 8 same weekdays were all holidays"},
    [SOON_quiet] = {"quiet", "nobody came at these hours on the last 8 same weekdays"},
};

static json_t *soon_why_json(enum soon_why why, bool text)
{
    return why == SOON_good ? json_null() : json_string(text ? soon_whys[why].text : soon_whys[why].word);
}

/* Of the whole, how many came. */
static double soon_offered(const json_t *said)
{
    const json_t *scope;
    double most = 0;
    size_t i;
    json_array_foreach(json_object_get(said, "results"), i, scope)
    {
        const json_t *old = json_object_get(json_object_get(json_object_get(scope, "measures"), "offered"), "old");
        const double mean = json_number_value(json_object_get(old, "mean"));
        if (mean > most) most = mean;
    }
    return most;
}

/* days NULL: only who is there is simulated. */
static json_t *soon_simulate(const struct soon_line *line, const struct soon_days *now, const struct soon_days *days,
                             const char *folder, enum soon_why *why)
{
    char again[12], ahead[24], complaint[LOAD_WHY];
    char *agents = memory_format("%s/agents.sql", folder), *shifts = memory_format("%s/shifts.csv", folder);
    char *image = memory_format("%s/old.gcxb", folder);
    (void)snprintf(again, sizeof again, "%u", SEEDS * WEEKS);
    (void)snprintf(ahead, sizeof ahead, "%" PRId64 "s", line->ahead_us / 1000000);
    const char *arguments[ARGUMENTS] = {"",         "simulate",   "--warm-up",      "1h",   "--for",       ahead,
                                        "--start",  now->lead_in, "--situation",    folder, "--directory", agents,
                                        "--shifts", shifts,       "--replications", again,  "--format",    "json"};
    size_t count = 18;
    if (days) {
        const char *const past[] = {"--records", line->records, "--day", days->list, "--lead-in", days->lead_in};
        for (size_t i = 0; i < sizeof past / sizeof *past; i++) arguments[count++] = past[i];
    }
    for (size_t i = 0; i < line->answer_count; i++) {
        arguments[count++] = "--answers";
        arguments[count++] = line->answers[i];
    }
    arguments[count++] = "--";
    arguments[count++] = image;
    assert(count < ARGUMENTS); /* the last one stays NULL */
    json_t *said = load_simulate(arguments, folder, &door_stops, complaint);
    *why = said                                                    ? SOON_good
           : strstr(complaint, "nobody is there, and nobody came") ? SOON_nobody
           : strstr(complaint, "--records")                        ? SOON_records
                                                                   : SOON_failed;
    if (*why == SOON_failed || *why == SOON_records) shown_print(stderr, "gcxtwin: %s\n", complaint);
    if (said && !load_answered(said)) {
        *why = soon_offered(said) > 0 ? SOON_keys : SOON_nobody;
        json_decref(said);
        said = NULL;
    }
    free(agents), free(shifts), free(image);
    return said;
}

/* ---- the result ---- */

static const struct {
    const char *what, *measure, *title;
    bool share;
} soon_rows[] = {{"all", "offered", "calls", false},          {"all", "p50", "wait, median", false},
                 {"all", "p90", "wait, 90 %", false},         {"all", "abandonment", "abandoned", true},
                 {"all", "sl", "answered within 20 s", true}, {"vq", "p90", "wait, 90 %", false},
                 {"vq", "abandonment", "abandoned", true},    {"vq", "sl", "answered within 20 s", true},
                 {"medium", "p90", "wait, 90 %", false},      {"medium", "sl", "answered within 20 s", true},
                 {"agents", "occupancy", "agents busy", true}};

static const char *soon_word(const json_t *object, const char *member)
{
    const char *word = json_string_value(json_object_get(object, member));
    return word ? word : "";
}

static void soon_put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) abort();
}

static double soon_number(const json_t *row, const char *side, const char *which)
{
    const json_t *number = json_object_get(json_object_get(row, side), which);
    return json_is_number(number) ? json_number_value(number) : NAN;
}

/* Is the difference beyond chance, and large enough to be seen in a figure with one decimal? */
static bool soon_differs(const json_t *row)
{
    const double least = strcmp(soon_word(row, "unit"), "share") == 0 ? 0.0005 : 0.05;
    return fabs(soon_number(row, "difference", "mean")) >= least &&
           (soon_number(row, "difference", "low") > 0 || soon_number(row, "difference", "high") < 0);
}

/* Adds a row for each figure of the scope. */
static void soon_add_scope(json_t *rows, const json_t *scope)
{
    static const char *const sides[][2] = {{"old", "before"}, {"value", "after"}, {"difference", "difference"}};
    for (size_t i = 0; i < sizeof soon_rows / sizeof *soon_rows; i++) {
        const json_t *measure = json_object_get(json_object_get(scope, "measures"), soon_rows[i].measure);
        if (!measure || strcmp(soon_word(scope, "what"), soon_rows[i].what) != 0) continue;
        json_t *row =
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "what", soon_rows[i].what, "name", soon_word(scope, "name"),
                      "measure", soon_rows[i].measure, "title", soon_rows[i].title, "unit",
                      strcmp(soon_rows[i].measure, "offered") == 0 ? "count"
                      : soon_rows[i].share                         ? "share"
                                                                   : "s");
        if (!row) abort();
        for (size_t side = 0; side < 3; side++)
            soon_put(row, sides[side][1], json_deep_copy(json_object_get(measure, sides[side][0])));
        soon_put(row, "differs", json_boolean(soon_differs(row)));
        if (json_array_append_new(rows, row) != 0) abort();
    }
}

static json_t *soon_rows_of(const json_t *said)
{
    json_t *rows = json_array();
    const json_t *scope;
    size_t i, others = 0;
    json_array_foreach(json_object_get(said, "results"), i, scope) if (strcmp(soon_word(scope, "what"), "all") == 0)
        soon_add_scope(rows, scope);
    json_array_foreach(json_object_get(said, "results"), i,
                       scope) if (strcmp(soon_word(scope, "what"), "all") != 0 && others++ < SCOPES_MOST)
        soon_add_scope(rows, scope);
    return rows;
}

/* Makes the answer, with the reason where nothing was simulated; alone: why only who is there was. */
static json_t *soon_answer(const struct soon_line *line, const struct soon_found *found, const struct soon_days *days,
                           const json_t *said, enum soon_why why, enum soon_why alone)
{
    json_t *dates = json_array();
    for (unsigned i = 0; i < days->count; i++)
        if (json_array_append_new(dates, json_string(days->dates[i])) != 0) abort();
    json_t *answer = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:i, s:o}", "setting", found->setting, "key",
                               found->item, "before", found->before, "after", found->after, "at", days->now, "ahead_s",
                               (json_int_t)(line->ahead_us / 1000000), "agents", (json_int_t)found->agents, "calls_now",
                               (json_int_t)found->calls, "holidays", (int)days->holidays, "dates", dates);
    if (!answer) abort();
    soon_put(answer, "why_not", soon_why_json(why, true));
    soon_put(answer, "why_not_word", soon_why_json(why, false));
    soon_put(answer, "alone", said ? soon_why_json(alone, true) : json_null());
    soon_put(answer, "alone_word", said ? soon_why_json(alone, false) : json_null());
    soon_put(answer, "days", said ? json_deep_copy(json_object_get(said, "days")) : json_integer(0));
    soon_put(answer, "replications", said ? json_deep_copy(json_object_get(said, "replications")) : json_integer(0));
    soon_put(answer, "calls", said ? json_deep_copy(json_object_get(said, "calls")) : json_integer(0));
    soon_put(answer, "rows", said ? soon_rows_of(said) : json_array());
    return answer;
}

static void soon_figure(char out[24], double value, const char *unit, bool sign)
{
    const bool share = strcmp(unit, "share") == 0;
    if (isnan(value))
        (void)snprintf(out, 24, "-");
    else
        (void)snprintf(out, 24, sign ? "%+.1f%s" : "%.1f%s", share ? value * 100 : value,
                       share                    ? " %"
                       : strcmp(unit, "s") == 0 ? " s"
                                                : "");
}

static void soon_print(const json_t *answer, FILE *out)
{
    const json_t *row;
    size_t i;
    shown_print(out, "%s%s%s: %s -> %s\n", soon_word(answer, "setting"), *soon_word(answer, "key") ? " " : "",
                soon_word(answer, "key"), soon_word(answer, "before"), soon_word(answer, "after"));
    shown_print(out,
                "Simulated from %s UTC on for %" JSON_INTEGER_FORMAT " minutes, %" JSON_INTEGER_FORMAT
                " times each way: %" JSON_INTEGER_FORMAT " of the last %d same weekdays,\n%" JSON_INTEGER_FORMAT
                " agents who are logged in, %" JSON_INTEGER_FORMAT " calls and other contacts that are there.\n",
                soon_word(answer, "at"), json_integer_value(json_object_get(answer, "ahead_s")) / 60,
                json_integer_value(json_object_get(answer, "replications")),
                json_integer_value(json_object_get(answer, "days")), (int)WEEKS,
                json_integer_value(json_object_get(answer, "agents")),
                json_integer_value(json_object_get(answer, "calls_now")));
    if (!json_is_null(json_object_get(answer, "alone")))
        shown_print(out, "Only who is there is simulated: %s.\n", soon_word(answer, "alone"));
    fprintf(out, "  %-40s %10s %10s %10s   with 95 %% between\n", "", "as it is", "changed", "more");
    json_array_foreach(json_object_get(answer, "rows"), i, row)
    {
        char title[120], was[24], is[24], more[24], low[24], high[24];
        const char *unit = soon_word(row, "unit");
        const bool all = strcmp(soon_word(row, "what"), "all") == 0;
        (void)snprintf(title, sizeof title, "%s%s%.60s", soon_word(row, "title"), all ? "" : ", ",
                       all ? "" : soon_word(row, "name"));
        soon_figure(was, soon_number(row, "before", "mean"), unit, false);
        soon_figure(is, soon_number(row, "after", "mean"), unit, false);
        soon_figure(more, soon_number(row, "difference", "mean"), unit, true);
        soon_figure(low, soon_number(row, "difference", "low"), unit, true);
        soon_figure(high, soon_number(row, "difference", "high"), unit, true);
        shown_print(out, "  %-40.40s %10s %10s %10s   %s to %s%s\n", title, was, is, more, low, high,
                    json_is_true(json_object_get(row, "differs")) ? "  differs" : "");
    }
}

/* Returns the exit code. */
static int soon_tell(const struct soon_line *line, const json_t *answer)
{
    const char *why = json_string_value(json_object_get(answer, "why_not"));
    bool differs = false;
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(answer, "rows"), i, row) differs |=
        json_is_true(json_object_get(row, "differs"));
    if (line->json) {
        (void)json_dumpf(answer, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (why) {
        shown_print(stdout, "The next hours are not simulated: %s.\n", why);
    } else {
        soon_print(answer, stdout);
    }
    if (!usage_printed(&usage, "the result")) return TWIN_EXIT_trouble;
    return why ? TWIN_EXIT_nothing : differs ? TWIN_EXIT_differs : TWIN_EXIT_same;
}

static int soon_run(const struct soon_line *line, const struct conf *conf, const char *const *words, size_t word_count)
{
    static struct soon_found found; /* too large for the stack */
    struct soon_days days;
    struct error error = {0};
    enum soon_why why = SOON_good, alone = SOON_good;
    const char *beside = getenv("TMPDIR"), *state = line->state ? line->state : conf->state;
    char *folder = memory_format("%s/gcxtwin-XXXXXX", beside && *beside ? beside : "/tmp");
    const time_t now = line->now_s != 0 ? line->now_s : time(NULL);
    const struct soon_terms terms = {.conf = conf,
                                     .state = state,
                                     .folder = folder,
                                     .words = words,
                                     .word_count = word_count,
                                     .act = line->remove  ? HAND_REMOVE
                                            : line->unset ? HAND_UNSET
                                                          : HAND_SET,
                                     .adds = line->adds,
                                     .until_us = line->lasts_us == 0 ? 0 : now * INT64_C(1000000) + line->lasts_us,
                                     .stop = &door_stops};
    int end = TWIN_EXIT_trouble;
    json_t *said = NULL;
    if (!mkdtemp(folder)) {
        shown_print(stderr, "gcxtwin: no folder can be made at %s\n", folder);
        free(folder);
        return end;
    }
    bool good = soon_write(&terms, &found, &error);
    soon_find_days(&days, now, state);
    if (!good)
        shown_print(stderr, "gcxtwin: %s\n", error.text);
    else if (found.agents == 0)
        why = SOON_agents;
    else {
        alone = !line->records ? SOON_records : days.count == 0 ? SOON_holidays : SOON_good;
        said = soon_simulate(line, &days, alone == SOON_good ? &days : NULL, folder, &why);
        if (why == SOON_records) { /* they cannot be read */
            alone = SOON_records;
            said = soon_simulate(line, &days, NULL, folder, &why);
        }
        if (alone == SOON_good && json_integer_value(json_object_get(said, "days")) == 0) alone = SOON_quiet;
    }
    if (good) {
        json_t *answer = soon_answer(line, &found, &days, said, why, alone);
        end = soon_tell(line, answer);
        json_decref(answer);
    }
    json_decref(said);
    day_remove(folder);
    free(folder);
    return end;
}

int soon_main(int argc, char **argv)
{
    struct soon_line line = {.socket = getenv("GCX_ADMIN"), .ahead_us = 2 * HOUR_S * INT64_C(1000000)};
    int end;
    if (!usage_read(&usage, &line, argc, argv, &end)) return end;
    if (argc - optind < 1) return usage_wrong(&usage, "expected NAME=VALUE, or TABLE KEY FIELD=VALUE...");
    if (line.remove && line.unset) return usage_wrong(&usage, "expected --remove or --unset, and not both");
    if (line.adds && (line.remove || line.unset || argc - optind < 2))
        return usage_wrong(&usage, "expected TABLE KEY FIELD=VALUE... with --new");
    if (sodium_init() < 0) return TWIN_EXIT_memory;
    if (!line.config && (!line.socket || !*line.socket))
        return usage_wrong(&usage, "expected --config, or --socket of a gcxvm that runs");
    struct conf *conf = door_conf(line.config, line.socket);
    if (!conf) return TWIN_EXIT_trouble;
    door_signals();
    (void)setpriority(PRIO_PROCESS, 0, 10); /* calls come first */
    end = soon_run(&line, conf, (const char *const *)argv + optind, (size_t)(argc - optind));
    conf_free(conf);
    return end;
}
