/* compiler/cli/simulate_told.c - The results of a simulation as text for people, CSV and JSON.
 *
 * All three forms show the same figures in the same order. A figure is a mean over replications with half the width
 * of its confidence interval; with two versions, CSV and JSON have the difference, too. The text form rounds for
 * people, the others have ten digits. */
#include <stdlib.h>
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "compiler/cli/simulate.h"
#include "base/shown.h"
#include "base/memory.h"

/* Writes a measure; "-" where no replication has a value. */
void simulate_figure(char out[SIMULATE_FIGURE], enum measure measure, double value)
{
    static const struct {
        const char *format;
        double factor;
    } units[] = {[UNIT_COUNT] = {"%.1f", 1}, [UNIT_SHARE] = {"%.2f %%", 100}, [UNIT_TIME] = {"%.2f s", 1}};
    if (isnan(value))
        (void)snprintf(out, SIMULATE_FIGURE, "-");
    else
        (void)snprintf(out, SIMULATE_FIGURE, units[measure_rows[measure].unit].format,
                       value * units[measure_rows[measure].unit].factor);
}

static bool has_media(const struct simulate_results *results)
{
    for (uint32_t i = 0; i < results->found_count; i++)
        if (results->found[i].kind == SCOPE_MEDIUM) return true;
    return false;
}

const char *simulate_all(const struct simulate_results *results)
{
    return has_media(results) ? "all media" : "all calls";
}

const char *simulate_counted(const struct simulate_results *results)
{
    return has_media(results) ? "interactions" : "calls";
}

void simulate_duration(FILE *out, uint64_t us)
{
    uint64_t seconds = us / 1000000;
    if (seconds >= 3600 && seconds % 3600 == 0)
        fprintf(out, "%" PRIu64 " h", seconds / 3600);
    else if (seconds >= 60 && seconds % 60 == 0)
        fprintf(out, "%" PRIu64 " min", seconds / 60);
    else
        fprintf(out, "%.10g s", (double)us / 1e6);
}

/* ---- text ---- */

/* 81.30 % +- 0.42 */
static void put_interval(FILE *out, enum measure measure, struct interval interval)
{
    char mean[SIMULATE_FIGURE], half[SIMULATE_FIGURE];
    simulate_figure(mean, measure, interval.mean);
    simulate_figure(half, measure, interval.half);
    half[strcspn(half, " ")] = '\0';
    fprintf(out, "  %11s", mean);
    if (isnan(interval.mean))
        fprintf(out, "   %-8s", "");
    else
        fprintf(out, " ± %-8s", isnan(interval.half) ? "?" : half);
}

/* `differs`: the interval of the difference does not contain 0. */
static void text_scope(const struct simulate_results *results, const struct simulate_found *found, FILE *out)
{
    shown_print(out, "\n%s%s%s\n", found->kind == SCOPE_ALL ? simulate_all(results) : scope_words[found->kind],
                found->kind == SCOPE_ALL ? "" : " ", found->name);
    for (unsigned m = 0; m < MEASURES; m++) {
        if (!scope_has((enum scope_kind)found->kind, (enum measure)m)) continue;
        struct interval now = simulate_interval(results, found, 0, (enum measure)m);
        fprintf(out, "  %-24s", measure_rows[m].title);
        put_interval(out, (enum measure)m, now);
        if (results->versions > 1) {
            struct interval differs = simulate_difference(results, found, (enum measure)m);
            put_interval(out, (enum measure)m, simulate_interval(results, found, 1, (enum measure)m));
            put_interval(out, (enum measure)m, differs);
            bool sure = !isnan(differs.half) && fabs(differs.mean) > differs.half;
            fputs(sure ? "  differs" : "", out);
        }
        fputc('\n', out);
    }
}

const char *simulate_old(const struct simulate_results *results)
{
    return results->options->against ? results->options->against : "the present settings";
}

void simulate_tell_text(const struct simulate_results *results, FILE *out)
{
    const struct simulation_plan *plan = results->plan;
    fprintf(out, "%" PRIu32 " replications of ", results->replications);
    simulate_duration(out, plan->until_us - plan->warm_up_us);
    if (plan->warm_up_us > 0) {
        fputs(" after ", out);
        simulate_duration(out, plan->warm_up_us);
        fputs(" of warm-up", out);
    }
    fprintf(out, "; seeds %" PRIu64 " to %" PRIu64 "; service level within ", results->seed,
            results->seed + results->replications - 1);
    simulate_duration(out, plan->within_us);
    if (results->days > 1) fprintf(out, "; %" PRIu32 " days, each of which is one value", results->days);
    fputs(results->replications > 1 ? "; mean of the replications ± half of its 95 % confidence interval\n"
                                    : "; one replication has no confidence interval\n",
          out);
    if (results->versions > 1)
        shown_print(out, "three columns: this version, %s, and what this one has more on the same callers\n",
                    simulate_old(results));
    uint32_t strategies = 0;
    for (uint32_t i = 0; i < results->found_count; i++) strategies += results->found[i].kind == SCOPE_STRATEGY;
    /* with one strategy, the row "all calls" would only repeat that strategy's row */
    for (uint32_t i = 0; i < results->found_count; i++)
        if (results->found[i].kind != SCOPE_ALL || strategies > 1) text_scope(results, &results->found[i], out);
    const char *counted = simulate_counted(results);
    fprintf(stderr, "%" PRIu64 " %s simulated in %.1f s: %.0f %s/s\n", results->calls, counted,
            (double)results->took_us / 1e6, (double)results->calls * 1e6 / (double)(results->took_us + 1), counted);
}

/* Sets the ends of the interval, cut to the measure's possible values: none is below 0, and no share above 1. A
 * difference may be below 0. */
void simulate_bounds(struct interval interval, enum measure measure, bool difference, double *low, double *high)
{
    *low = interval.mean - interval.half;
    *high = interval.mean + interval.half;
    if (difference) return;
    if (*low < 0) *low = 0;
    if (measure_rows[measure].unit == UNIT_SHARE && *high > 1) *high = 1;
}

/* ---- CSV ---- */

static void csv_number(FILE *out, double value)
{
    fputc(',', out);
    if (!isnan(value)) fprintf(out, "%.10g", value);
}

static void csv_interval(FILE *out, enum measure measure, bool difference, struct interval interval)
{
    double low, high;
    simulate_bounds(interval, measure, difference, &low, &high);
    csv_number(out, interval.mean);
    csv_number(out, low);
    csv_number(out, high);
}

/* Writes one row per scope and measure; an empty field is a measure without a value. */
void simulate_tell_csv(const struct simulate_results *results, FILE *out)
{
    static const char *const units[] = {"count", "share", "seconds"};
    fputs("what,name,measure,unit,mean,low,high", out);
    if (results->versions > 1) fputs(",old_mean,old_low,old_high,difference,difference_low,difference_high", out);
    fputc('\n', out);
    for (uint32_t i = 0; i < results->found_count; i++) {
        const struct simulate_found *found = &results->found[i];
        for (unsigned m = 0; m < MEASURES; m++) {
            if (!scope_has((enum scope_kind)found->kind, (enum measure)m)) continue;
            fprintf(out, "%s,\"", scope_words[found->kind]);
            for (const char *at = found->name; *at != '\0'; at++) fprintf(out, *at == '"' ? "\"\"" : "%c", *at);
            fprintf(out, "\",%s,%s", measure_rows[m].name, units[measure_rows[m].unit]);
            csv_interval(out, (enum measure)m, false, simulate_interval(results, found, 0, (enum measure)m));
            if (results->versions > 1) {
                csv_interval(out, (enum measure)m, false, simulate_interval(results, found, 1, (enum measure)m));
                csv_interval(out, (enum measure)m, true, simulate_difference(results, found, (enum measure)m));
            }
            fputc('\n', out);
        }
    }
}

/* ---- JSON ---- */

static void json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at == '"' || *at == '\\' || *at < 0x20)
            fprintf(out, "\\u%04x", *at);
        else
            fputc(*at, out);
    fputc('"', out);
}

static void json_number(FILE *out, double value)
{
    if (isnan(value))
        fputs("null", out);
    else
        fprintf(out, "%.10g", value);
}

static void json_interval(FILE *out, const char *name, enum measure measure, bool difference, struct interval interval)
{
    double low, high;
    simulate_bounds(interval, measure, difference, &low, &high);
    fprintf(out, "\"%s\": {\"mean\": ", name);
    json_number(out, interval.mean);
    fputs(", \"low\": ", out);
    json_number(out, low);
    fputs(", \"high\": ", out);
    json_number(out, high);
    fputc('}', out);
}

/* The values of the single replications are written after the mean, so that others can compute with them. */
static void json_measure(const struct simulate_results *results, const struct simulate_found *found, enum measure m,
                         FILE *out)
{
    fprintf(out, "      \"%s\": {", measure_rows[m].name);
    json_interval(out, "value", m, false, simulate_interval(results, found, 0, m));
    if (results->versions > 1) {
        fputs(", ", out);
        json_interval(out, "old", m, false, simulate_interval(results, found, 1, m));
        fputs(", ", out);
        json_interval(out, "difference", m, true, simulate_difference(results, found, m));
    }
    fputs(", \"replications\": [", out);
    for (uint32_t r = 0; r < results->replications; r++) {
        if (r > 0) fputs(", ", out);
        json_number(out, found->values[0][m][r]);
    }
    fputs("]}", out);
}

/* Writes a figure of each part of the counted time; null: nothing came in it. */
static void json_course_row(const struct simulate_results *results, const struct simulation_part *parts,
                            const char *name, double (*of)(const struct simulation_part *, uint32_t), FILE *out)
{
    fprintf(out, "\"%s\": [", name);
    for (unsigned i = 0; i < SERIES_PARTS; i++) {
        if (i > 0) fputs(", ", out);
        json_number(out, of(&parts[i], results->replications));
    }
    fputs("]", out);
}

static double course_offered(const struct simulation_part *part, uint32_t replications)
{
    return part->offered / replications;
}

static double course_sl(const struct simulation_part *part, uint32_t replications)
{
    (void)replications;
    return part->offered > 0 ? part->within / part->offered : NAN;
}

static double course_wait(const struct simulation_part *part, uint32_t replications)
{
    (void)replications;
    return part->answered > 0 ? part->wait_us / part->answered / 1e6 : NAN;
}

/* The course of the counted time in equal parts, of `part_s` each: interactions by their arrival. */
static void json_course(const struct simulate_results *results, const struct simulate_found *found, FILE *out)
{
    static const char *const names[VERSIONS] = {"course", "old_course"};
    for (unsigned v = 0; v < results->versions; v++) {
        fprintf(out, ",\n     \"%s\": {", names[v]);
        json_course_row(results, found->series[v], "offered", course_offered, out);
        fputs(", ", out);
        json_course_row(results, found->series[v], "sl", course_sl, out);
        fputs(", ", out);
        json_course_row(results, found->series[v], "wait", course_wait, out);
        fputs("}", out);
    }
}

void simulate_tell_json(const struct simulate_results *results, FILE *out)
{
    const struct simulation_plan *plan = results->plan;
    fprintf(
        out,
        "{\n  \"seed\": %" PRIu64 ", \"days\": %" PRIu32 ", \"replications\": %" PRIu32 ", \"calls\": %" PRIu64
        ",\n  \"warm_up_s\": %.10g, \"counted_s\": %.10g, \"within_s\": %.10g, \"part_s\": %.10g,\n  \"results\": [",
        results->seed, results->alone ? 0 : results->days, results->replications, results->calls,
        (double)plan->warm_up_us / 1e6, (double)(plan->until_us - plan->warm_up_us) / 1e6,
        (double)plan->within_us / 1e6, (double)results->series_us / 1e6);
    for (uint32_t i = 0; i < results->found_count; i++) {
        const struct simulate_found *found = &results->found[i];
        bool first = true;
        fprintf(out, "%s\n    {\"what\": \"%s\", \"name\": ", i > 0 ? "," : "", scope_words[found->kind]);
        json_text(out, found->name);
        fputs(", \"measures\": {\n", out);
        for (unsigned m = 0; m < MEASURES; m++) {
            if (!scope_has((enum scope_kind)found->kind, (enum measure)m)) continue;
            if (!first) fputs(",\n", out);
            first = false;
            json_measure(results, found, (enum measure)m, out);
        }
        fputs("}", out);
        if (found->kind != SCOPE_TEAM && found->kind != SCOPE_CAMPAIGN) json_course(results, found, out);
        fputs("}", out);
    }
    fputs("\n  ]\n}\n", out);
}

/* Of several days a day is one value, the mean of its replications: these are more alike than days are, and would make
 * the interval too narrow. */
static struct interval interval_over(const struct simulate_results *results, const double *values)
{
    double days[SIMULATE_DAYS], *same = memory_zeroed(results->replications, sizeof *same);
    for (uint32_t day = 0; day < results->days; day++) {
        size_t count = 0;
        for (uint32_t r = day; r < results->replications; r += results->days) same[count++] = values[r];
        days[day] = interval_of(same, count).mean;
    }
    free(same);
    return results->days > 1 ? interval_of(days, results->days) : interval_of(values, results->replications);
}

struct interval simulate_interval(const struct simulate_results *results, const struct simulate_found *found,
                                  unsigned version, enum measure measure)
{
    assert(version < results->versions && measure < MEASURES);
    return interval_over(results, found->values[version][measure]);
}

/* The difference is taken per replication, as both versions play the same seeds: much of the randomness is the same
 * in both and cancels out (common random numbers). */
struct interval simulate_difference(const struct simulate_results *results, const struct simulate_found *found,
                                    enum measure measure)
{
    assert(results->versions > 1 && measure < MEASURES);
    double *differences = memory_zeroed(results->replications, sizeof *differences);
    for (uint32_t r = 0; r < results->replications; r++)
        differences[r] = found->values[0][measure][r] - found->values[1][measure][r];
    struct interval interval = interval_over(results, differences);
    free(differences);
    return interval;
}
