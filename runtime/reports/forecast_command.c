/* runtime/reports/forecast_command.c - gcxrecords forecast: reads a queue's past, and prints what will come.
 *
 *     quarter  calls  low  high      the day, by quarters of the zone's clocks, without those before and after work;
 *     08:00      3.1    1     6      with --staff also how many agents each needs
 *     ...                            then the error of the method and of its rivals in the last weeks
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/reports/command.h"
#include "runtime/reports/open.h"
#include "runtime/reports/outlook.h"
#include "runtime/reports/show.h"
#include "runtime/reports/staffing.h"
#include "base/memory.h"
#include "base/shown.h"
#include "base/usage.h"

enum { OFFERED = 0, WAIT_MS = 1, ABANDONED = 1 }; /* figures of the reports service_level, waits and abandonment */
enum { WEEKS_ELSE = 8, WEEK_DAYS = 7, DAY_SECONDS = 86400, WHOLE_SLOTS = 8 };
/* A quarter with fewer calls than this, in the mean, is not of the working day. */
static const double OPEN_LEAST = 0.005;

struct forecast_day {
    const char *queue;
    int64_t day; /* days since 1970 */
    struct outlook forecast;
    struct outlook_trial trial;
    struct periods quarters;        /* of the day */
    uint32_t first, behind;         /* those of the working day */
    double calls, low, high;        /* of the whole day */
    struct staffing_asked staffing; /* percent 0: nobody asks for the staff */
    double handle_ms;               /* how long an agent has one call, on average */
    uint32_t *agents;               /* of each quarter */
};

static unsigned forecast_slot(int64_t at)
{
    time_t seconds = at;
    struct tm local;
    localtime_r(&seconds, &local);
    return (unsigned)(local.tm_hour * 4 + local.tm_min / 15);
}

/* Counts what came on each day and quarter of the clock. */
static void past_fill(struct outlook_past *past, const struct report_answer *answer)
{
    const unsigned counted = answer->report->counted;
    int64_t day_ends = 0;
    uint32_t day = 0;
    for (uint32_t i = 0; i < answer->periods->count; i++) {
        int64_t at = answer->periods->starts[i];
        if (i == 0) day_ends = period_day_begins(past->first_day + 1);
        if (at >= day_ends) day_ends = period_day_begins(past->first_day + ++day + 1);
        size_t cell = (size_t)day * OUTLOOK_SLOTS + forecast_slot(at);
        past->times[cell]++;
        for (uint32_t row = 0; row < answer->count; row++)
            past->counts[cell] += (double)answer->rows[row].values[(size_t)i * counted + OFFERED];
        if (past->counts[cell] > 0 && past->begins > day) past->begins = day;
    }
}

/* The last day before `day` that may be known as a whole: the last one of which there are records, or yesterday, as
 * records of today often begin later than the forecast is made. */
static int64_t past_last_day(const struct report_span *span, int64_t day)
{
    int64_t last = period_today() - 1 < day - 1 ? period_today() - 1 : day - 1;
    char text[PERIOD_LABEL];
    if (!span->any || span->last_day >= last) return last;
    report_day(span->last_day, text);
    shown_refuse("gcxrecords: the records end on %s: later days are not known, and not used\n", text);
    return span->last_day;
}

/* The last slot of the day in which somebody came; -1: nobody did. */
static int past_last_slot(const struct outlook_past *past, uint32_t day)
{
    int slot = OUTLOOK_SLOTS - 1;
    while (slot >= 0 && past->counts[(size_t)day * OUTLOOK_SLOTS + (size_t)slot] <= 0) slot--;
    return slot;
}

/* Leaves out the last day if the records end in the middle of it: on the same weekday before, somebody came hours after
 * the last one here. A Friday evening with a weekend behind it is whole. */
static void past_cut(struct outlook_past *past)
{
    if (past->days <= WEEK_DAYS) return;
    uint32_t last = past->days - 1;
    if (past_last_slot(past, last) + WHOLE_SLOTS < past_last_slot(past, last - WEEK_DAYS)) past->days--;
}

/* Reads the days until the last one that is known before `day`. */
static bool past_read(struct outlook_past *past, const char *database, const char *queue, int64_t day, uint32_t weeks,
                      struct error *error)
{
    struct report_span span;
    if (!report_span_ask(database, &span, error)) return false;
    int64_t last = past_last_day(&span, day);
    past->days = (uint32_t)((weeks + 1) * WEEK_DAYS + OUTLOOK_TRIED_DAYS + (day - last));
    past->first_day = last - past->days + 1;
    past->begins = past->days;
    past->counts = memory_zeroed((size_t)past->days * OUTLOOK_SLOTS, sizeof *past->counts);
    past->times = memory_zeroed((size_t)past->days * OUTLOOK_SLOTS, sizeof *past->times);
    struct periods periods;
    if (!periods_make(&periods, PERIOD_quarter, past->first_day, last, error)) return false;
    struct report_answer answer = {
        .report = &reports[REPORT_service_level], .of = "queue", .only = queue, .periods = &periods};
    bool good = report_ask(database, &answer, error);
    if (good) past_fill(past, &answer);
    /* Yesterday is taken for whole. */
    if (good && span.any && span.last_day == last && last < period_today() - 1 && last < day - 1) past_cut(past);
    report_free(&answer);
    periods_free(&periods);
    return good;
}

/* Computes the day from the past. False: nothing of the queue, or no such weekday, is known. */
static bool forecast_day_make(struct forecast_day *made, const struct outlook_past *past, uint32_t weeks,
                              struct error *error)
{
    uint32_t ahead = (uint32_t)(made->day - past->first_day) - (past->days - 1);
    if (!outlook_make(past, past->days - 1 + ahead, past->days - 1, weeks, &made->forecast))
        return error_set(error, ERROR_LIMIT,
                         "the records have no same weekday before that on which somebody came into the queue '%.60s': "
                         "see gcxrecords report service_level --of queue",
                         made->queue);
    outlook_try(past, ahead, weeks, &made->trial);
    if (!periods_make(&made->quarters, PERIOD_quarter, made->day, made->day, error)) return false;
    made->first = made->quarters.count;
    for (uint32_t i = 0; i < made->quarters.count; i++) {
        double mean = made->forecast.means[forecast_slot(made->quarters.starts[i])];
        made->calls += mean;
        if (mean < OPEN_LEAST) continue;
        if (made->first > i) made->first = i;
        made->behind = i + 1;
    }
    /* The mean of a few days is itself uncertain. */
    double excess = made->forecast.excess, calls = made->calls;
    double wide = 1.2816 * sqrt((calls + excess * calls * calls) * (1 + 1.0 / made->forecast.weekdays));
    made->low = fmax(0, floor(calls - wide));
    made->high = ceil(calls + wide);
    return true;
}

/* ---- the staff ---- */

/* Reads how long agents had each of the queue's newest calls, which the caller frees: none where nobody has answered
 * anything of the queue yet. NULL: the records cannot be read. */
static int64_t *handled_read(const char *database, const char *queue, uint32_t *count, struct error *error)
{
    static const char *const asked =
        "SELECT handle_ms FROM offers WHERE vq = $1 AND outcome = 'answered' AND handle_ms > 0"
        " ORDER BY quarter DESC, handle_ms LIMIT $2";
    struct sql *sql = reports_open(database, error);
    struct sql_rows *rows =
        sql ? sql_ask(sql, error, asked, SQL_WITH(sql_text(queue), sql_number(STAFFING_TIMES_MAX))) : NULL;
    int64_t *times = memory_zeroed(STAFFING_TIMES_MAX, sizeof *times);
    for (*count = 0; *count < STAFFING_TIMES_MAX && sql_next(rows);) times[(*count)++] = sql_int(rows, 0);
    bool good = rows && sql_end(rows, error);
    sql_close(sql);
    if (good) return times;
    free(times);
    return NULL;
}

/* Reads how long people wait before they give up, on average: all waits together, divided by how many gave up. */
static bool patience_read(const char *database, const char *queue, int64_t first, int64_t last, double *patience_ms,
                          struct error *error)
{
    struct periods whole;
    if (!periods_make(&whole, PERIOD_total, first, last, error)) return false;
    struct report_answer waits = {.report = &reports[REPORT_waits], .of = "queue", .only = queue, .periods = &whole};
    struct report_answer gone = {
        .report = &reports[REPORT_abandonment], .of = "queue", .only = queue, .periods = &whole};
    bool good = report_ask(database, &waits, error) && report_ask(database, &gone, error);
    int64_t waited = good && waits.count > 0 ? waits.rows[0].values[WAIT_MS] : 0;
    int64_t gave_up = good && gone.count > 0 ? gone.rows[0].values[ABANDONED] : 0;
    *patience_ms = gave_up > 0 ? (double)waited / (double)gave_up : 0;
    report_free(&waits);
    report_free(&gone);
    periods_free(&whole);
    return good;
}

/* Finds how many agents each quarter of the working day needs. `made->agents` stays NULL where nobody knows how long a
 * call takes. */
static bool staff_find(struct forecast_day *made, const struct outlook_past *past, const char *database,
                       struct error *error)
{
    struct staffing_asked *asked = &made->staffing;
    if (asked->percent == 0) return true;
    if (!patience_read(database, made->queue, past->first_day, past->first_day + past->days - 1, &asked->patience_ms,
                       error))
        return false;
    int64_t *times = handled_read(database, made->queue, &asked->handled, error);
    if (!times || asked->handled == 0) {
        free(times);
        return times != NULL;
    }
    double *calls = memory_zeroed(made->quarters.count + 1, sizeof *calls);
    made->agents = memory_zeroed(made->quarters.count + 1, sizeof *made->agents);
    for (uint32_t i = made->first; i < made->behind; i++)
        calls[i] = made->forecast.means[forecast_slot(made->quarters.starts[i])];
    for (uint32_t i = 0; i < asked->handled; i++) made->handle_ms += (double)times[i] / asked->handled;
    asked->calls = calls;
    asked->quarters = made->behind;
    asked->excess = made->forecast.excess;
    asked->handle_ms = times;
    staffing_find(asked, made->agents);
    asked->calls = NULL;
    asked->handle_ms = NULL;
    free(calls);
    free(times);
    return true;
}

/* ---- printing ---- */

struct forecast_quarter {
    char label[PERIOD_LABEL], utc[PERIOD_LABEL];
    double calls, low, high;
    uint32_t agents;
};

static struct forecast_quarter forecast_quarter(const struct forecast_day *made, uint32_t number)
{
    struct forecast_quarter quarter;
    int64_t at = made->quarters.starts[number];
    period_label(PERIOD_quarter, at, quarter.label);
    report_utc(at, quarter.utc);
    quarter.calls = made->forecast.means[forecast_slot(at)];
    outlook_interval(quarter.calls, made->forecast.excess, &quarter.low, &quarter.high);
    quarter.agents = made->agents ? made->agents[number] : 0;
    return quarter;
}

static double trial_percent(double errors, const struct outlook_trial *trial)
{
    return trial->calls > 0 ? 100 * errors / trial->calls : 0;
}

static void trial_print(const struct forecast_day *made)
{
    static const char *const rivals[RIVALS] = {"this method", "the mean of the same weekdays",
                                               "the same day of the week before"};
    const struct outlook_trial *trial = &made->trial;
    printf("\nFrom %" PRIu32 " such weekdays; low to high is meant to hold %d of 100 quarters.\n",
           made->forecast.weekdays, OUTLOOK_INTERVAL_PERCENT);
    if (trial->days == 0 || trial->calls <= 0) {
        puts("How far such forecasts are off is not known yet: the records are too short.");
        return;
    }
    printf("On the last %" PRIu32
           " days, from what was known as long before, they were off by, of the calls that came:\n",
           trial->days);
    for (unsigned i = 0; i < RIVALS; i++)
        printf("  %-31s  %5.1f %% by quarter of an hour  %5.1f %% by day\n", rivals[i],
               trial_percent(trial->quarter_errors[i], trial), trial_percent(trial->day_errors[i], trial));
    if (trial->quarters > 0)
        printf("Low to high held %.0f of 100 quarters.\n", 100.0 * (double)trial->held / (double)trial->quarters);
}

static double forecast_hours(const struct forecast_day *made)
{
    double quarters = 0;
    for (uint32_t i = made->first; i < made->behind; i++) quarters += made->agents[i];
    return quarters * PERIOD_QUARTER_S / 3600;
}

static void staff_print(const struct forecast_day *made)
{
    const struct staffing_asked *asked = &made->staffing;
    printf("\n%.2f hours of agents who have one call at a time, so that %" PRIu32 " of 100 are answered within %" PRIu32
           " s; found by playing the day with calls of %.0f s on average, as %" PRIu32 " of the past were",
           forecast_hours(made), asked->percent, asked->within_s, made->handle_ms / 1000, asked->handled);
    if (asked->patience_ms > 0)
        printf(", and people who give up after %.0f s on average.\n", asked->patience_ms / 1000);
    else
        puts(", and people who never give up.");
}

static void forecast_table(const struct forecast_day *made)
{
    printf("%-16s  %7s  %5s  %5s%s\n", "quarter", "calls", "low", "high", made->agents ? "  agents" : "");
    for (uint32_t i = made->first; i < made->behind; i++) {
        struct forecast_quarter quarter = forecast_quarter(made, i);
        printf("%-16s  %7.1f  %5.0f  %5.0f", quarter.label, quarter.calls, quarter.low, quarter.high);
        if (made->agents) printf("  %6" PRIu32, quarter.agents);
        putchar('\n');
    }
    printf("%-16s  %7.1f  %5.0f  %5.0f\n", "all", made->calls, made->low, made->high);
    if (made->agents)
        staff_print(made);
    else if (made->staffing.percent > 0)
        puts("\nHow many agents are needed is not known: none has answered anything of the queue yet.");
    trial_print(made);
}

static void forecast_csv(const struct forecast_day *made)
{
    printf("quarter,utc,calls,low,high%s\r\n", made->agents ? ",agents" : "");
    for (uint32_t i = made->first; i < made->behind; i++) {
        struct forecast_quarter quarter = forecast_quarter(made, i);
        printf("%s,%s,%.2f,%.0f,%.0f", quarter.label, quarter.utc, quarter.calls, quarter.low, quarter.high);
        if (made->agents) printf(",%" PRIu32, quarter.agents);
        fputs("\r\n", stdout);
    }
}

static void staff_json(const struct forecast_day *made)
{
    const struct staffing_asked *asked = &made->staffing;
    printf("\"staff\":{\"percent\":%" PRIu32 ",\"within_s\":%" PRIu32 ",\"hours\":%.2f,\"handled\":%" PRIu32
           ",\"handle_ms\":%.0f,\"patience_ms\":",
           asked->percent, asked->within_s, forecast_hours(made), asked->handled, made->handle_ms);
    if (asked->patience_ms > 0)
        printf("%.0f},", asked->patience_ms);
    else
        fputs("null},", stdout);
}

static void forecast_json(const struct forecast_day *made)
{
    static const char *const rivals[RIVALS] = {"own", "mean_of_weekdays", "week_before"};
    const struct outlook_trial *trial = &made->trial;
    printf("{\"weekdays\":%" PRIu32 ",\"calls\":%.2f,\"low\":%.0f,\"high\":%.0f,\"tried_days\":%" PRIu32
           ",\"errors\":{",
           made->forecast.weekdays, made->calls, made->low, made->high, trial->days);
    for (unsigned i = 0; i < RIVALS; i++)
        printf("%s\"%s\":{\"quarter_percent\":%.1f,\"day_percent\":%.1f}", i > 0 ? "," : "", rivals[i],
               trial_percent(trial->quarter_errors[i], trial), trial_percent(trial->day_errors[i], trial));
    printf("},\"held_percent\":%.1f,", trial->quarters > 0 ? 100.0 * (double)trial->held / (double)trial->quarters : 0);
    if (made->agents)
        staff_json(made);
    else if (made->staffing.percent > 0)
        fputs("\"staff\":null,", stdout);
    fputs("\"rows\":[", stdout);
    for (uint32_t i = made->first; i < made->behind; i++) {
        struct forecast_quarter quarter = forecast_quarter(made, i);
        printf("%s\n{\"quarter\":\"%s\",\"utc\":\"%s\",\"calls\":%.2f,\"low\":%.0f,\"high\":%.0f",
               i > made->first ? "," : "", quarter.label, quarter.utc, quarter.calls, quarter.low, quarter.high);
        if (made->agents) printf(",\"agents\":%" PRIu32, quarter.agents);
        putchar('}');
    }
    puts("]}");
}

/* A profile has moments of UTC, which go on past 24:00 where the day of the zone does. Its last row is as long as the
 * others. */
static void forecast_profile_print(const struct forecast_day *made)
{
    if (made->first >= made->behind) {
        puts("# nobody is expected on that day");
        return;
    }
    int64_t midnight = made->quarters.starts[made->first] - made->quarters.starts[made->first] % DAY_SECONDS;
    char utc[PERIOD_LABEL];
    report_utc(midnight, utc);
    printf("# gcxc simulate ... --arrivals 'STRATEGY=profile(THIS FILE)' --start %.10s\n", utc);
    for (uint32_t i = made->first; i < made->behind; i++) {
        int64_t at = made->quarters.starts[i];
        int minutes = (int)((at - midnight) / 60);
        printf("%02d:%02d,%.3f\n", minutes / 60, minutes % 60, made->forecast.means[forecast_slot(at)]);
    }
}

/* Reads what is asked for of the staff. */
static bool staff_read(const struct report_line *line, struct staffing_asked *asked, struct error *error)
{
    uint64_t percent = 0, within_s = STAFFING_WITHIN_S;
    if (line->staff && (!usage_number(line->staff, 100, &percent) || percent == 0))
        return error_set(error, ERROR_INPUT, "--staff takes a number from 1 to 100");
    if (line->staff && line->profile) return error_set(error, ERROR_INPUT, "a profile has no --staff");
    if (line->within && !usage_number(line->within, STAFFING_WITHIN_MAX_S, &within_s))
        return error_set(error, ERROR_INPUT, "--within takes seconds, %d at most", STAFFING_WITHIN_MAX_S);
    asked->percent = (uint32_t)percent;
    asked->within_s = (uint32_t)within_s;
    return true;
}

bool forecast_command(const struct report_line *line, const char *queue, const char *database, struct error *error)
{
    struct outlook_past past = {0};
    struct forecast_day made = {.queue = queue, .day = period_today() + 1};
    uint64_t weeks = WEEKS_ELSE;
    if (line->weeks && (!usage_number(line->weeks, OUTLOOK_WEEKS_MAX, &weeks) || weeks == 0))
        return error_set(error, ERROR_INPUT, "--weeks takes a number from 1 to %d", OUTLOOK_WEEKS_MAX);
    if (line->day && !period_day_read(line->day, &made.day))
        return error_set(error, ERROR_INPUT, "--day takes a day, as 2026-12-07");
    if (made.day > period_today() + (int64_t)weeks * WEEK_DAYS)
        return error_set(error, ERROR_INPUT, "that day is too far away: --weeks 8 look at most eight weeks ahead");
    if (!staff_read(line, &made.staffing, error)) return false;
    bool good = past_read(&past, database, queue, made.day, (uint32_t)weeks, error) &&
                forecast_day_make(&made, &past, (uint32_t)weeks, error) && staff_find(&made, &past, database, error);
    if (good && line->profile)
        forecast_profile_print(&made);
    else if (good && line->csv)
        forecast_csv(&made);
    else if (good && line->json)
        forecast_json(&made);
    else if (good)
        forecast_table(&made);
    periods_free(&made.quarters);
    free(made.agents);
    free(past.counts);
    free(past.times);
    return good;
}
