/* runtime/sim/arrivals.c - Reads when callers arrive: rates, profiles of a day, lists of times.
 *
 * Every input becomes one of three kinds: rates valid until the next row, random times between two callers, or a
 * list of times. Profiles begin at the time of day in their first row; later rows are relative to it. The file is
 * not trusted: each cell is checked, and an error names the line. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/arrivals.h"
#include "base/memory.h"

#define PER_US_MAX 0.1 /* 100,000 callers per second must be a typing error */

static void add_rate(struct arrivals *a, double from_us, double per_us)
{
    a->rates = memory_grown(a->rates, a->count + 1, sizeof *a->rates);
    a->rates[a->count++] = (struct arrivals_rate){from_us, per_us};
}

/* ---- profile: a time, and the calls from then until the next row's time ---- */

static bool profile_row(void *self, uint32_t line, char cells[DRAW_CELLS][DRAW_CELL], uint32_t count,
                        struct error *error)
{
    struct arrivals *a = self;
    double from_us, calls;
    char *end;
    if (count < 2 || !draw_moment(cells[0], &from_us)) {
        if (line == 1) return true; /* the head */
        return error_set(error, ERROR_INPUT, "line %u: a row is a moment such as 07:15 and the calls from then on",
                         (unsigned)line);
    }
    calls = strtod(cells[1], &end);
    if (*end != '\0' || !(calls >= 0) || !isfinite(calls))
        return error_set(error, ERROR_INPUT, "line %u: '%s' is no number of calls", (unsigned)line, cells[1]);
    if (a->count == 0) a->first_us = from_us;
    from_us -= a->first_us;
    if (a->count > 0 && from_us <= a->rates[a->count - 1].from_us)
        return error_set(error, ERROR_INPUT, "line %u: %s does not come after the row before", (unsigned)line,
                         cells[0]);
    add_rate(a, from_us, calls); /* the calls per row, until all lengths are known */
    return true;
}

/* Divides the rows' calls by their lengths; the last row is as long as the one before, a single row lasts a quarter
 * of an hour. */
static bool profile_lengths(struct arrivals *a, struct error *error)
{
    assert(a->count > 0);
    double last_us = a->count > 1 ? a->rates[a->count - 1].from_us - a->rates[a->count - 2].from_us : 900e6;
    a->until_us = a->rates[a->count - 1].from_us + last_us;
    for (size_t i = 0; i < a->count; i++) {
        a->rates[i].per_us /= (i + 1 < a->count ? a->rates[i + 1].from_us : a->until_us) - a->rates[i].from_us;
        if (a->rates[i].per_us <= PER_US_MAX) continue;
        return error_set(error, ERROR_LIMIT, "row %zu lets more than 100,000 callers come in a second", i + 1);
    }
    return true;
}

/* ---- a list of times ---- */

void arrivals_add(struct arrivals *a, struct arrivals_call call)
{
    a->calls = memory_more(a->calls, a->count, sizeof *a->calls);
    a->kind = ARRIVALS_LISTED;
    a->calls[a->count++] = call;
}

static bool listed_row(void *self, uint32_t line, char cells[DRAW_CELLS][DRAW_CELL], uint32_t count,
                       struct error *error)
{
    struct arrivals *a = self;
    struct arrivals_call call = {0, -1};
    if (!draw_moment(cells[0], &call.at_us)) {
        if (line == 1) return true; /* the head */
        return error_set(error, ERROR_INPUT, "line %u: '%s' is no moment such as 07:15:30", (unsigned)line, cells[0]);
    }
    if (count > 1 && cells[1][0] != '\0' && !draw_duration(cells[1], strlen(cells[1]), &call.talk_us))
        return error_set(error, ERROR_INPUT, "line %u: '%s' is no time that a call took", (unsigned)line, cells[1]);
    arrivals_add(a, call);
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct arrivals_call *left = a, *right = b;
    if (left->at_us != right->at_us) return left->at_us < right->at_us ? -1 : 1;
    return (left->talk_us > right->talk_us) - (left->talk_us < right->talk_us);
}

void arrivals_listed(struct arrivals *a)
{
    assert(a->count > 0 && a->kind == ARRIVALS_LISTED);
    qsort(a->calls, a->count, sizeof *a->calls, by_time);
    a->first_us = a->calls[0].at_us;
    for (size_t i = 0; i < a->count; i++) a->calls[i].at_us -= a->first_us;
    a->until_us = a->calls[a->count - 1].at_us + 1;
}

static bool read_listed(struct arrivals *a, const char *path, struct error *error)
{
    if (!draw_csv(path, listed_row, a, error)) return false;
    if (a->count == 0) return error_set(error, ERROR_INPUT, "%.150s has no arrivals", path);
    arrivals_listed(a);
    return true;
}

static bool read_rate(struct arrivals *a, const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || !(number > 0) || !isfinite(number) || *end != '/') return false;
    const char *unit = end + 1;
    size_t length = strlen(unit);
    double unit_us = draw_unit(&unit, &length);
    if (unit_us <= 0 || length != 0) return false;
    add_rate(a, 0, number / unit_us);
    return a->rates[0].per_us <= PER_US_MAX;
}

bool arrivals_read(struct arrivals *a, const char *text, struct error *error)
{
    char inside[1000], *end;
    const char *open = strchr(text, '(');
    size_t name = !open ? 0 : (size_t)(open - text);
    *a = (struct arrivals){.kind = ARRIVALS_RATES};
    if (read_rate(a, text)) return true;
    (void)snprintf(inside, sizeof inside, "%s", !open ? "" : open + 1);
    end = strrchr(inside, ')');
    if (end && end[1] == '\0') {
        *end = '\0';
        if (name == 5 && strncmp(text, "every", name) == 0) {
            a->kind = ARRIVALS_DRAWN;
            if (!spread_read(&a->between, inside, error)) return false;
            if (spread_mean(&a->between) * PER_US_MAX >= 1) return true;
            return error_set(error, ERROR_LIMIT, "'%.80s' lets more than 100,000 callers come in a second", text);
        }
        if (name == 5 && strncmp(text, "times", name) == 0) return read_listed(a, inside, error);
        if (name == 7 && strncmp(text, "profile", name) == 0) {
            if (!draw_csv(inside, profile_row, a, error)) return false;
            if (a->count == 0) error_set(error, ERROR_INPUT, "%.150s has no rows", inside);
            return a->count > 0 && profile_lengths(a, error);
        }
    }
    return error_set(error, ERROR_INPUT,
                     "'%.80s' says no arrivals: write a rate such as 120/h, every(exponential(30s)), profile(FILE) or "
                     "times(FILE)",
                     text);
}

void arrivals_scale(struct arrivals *a, double factor)
{
    for (size_t i = 0; a->kind == ARRIVALS_RATES && i < a->count; i++) a->rates[i].per_us *= factor;
}

double arrivals_rated(const struct arrivals *a, struct draws *draws, size_t *row, double at_us)
{
    assert(*row < a->count);
    double wanted = draws_exponential(draws);
    for (;; (*row)++) {
        double per_us = a->rates[*row].per_us;
        bool last = *row + 1 == a->count;
        double end_us = !last ? a->rates[*row + 1].from_us : a->until_us > 0 ? a->until_us : INFINITY;
        if (per_us > 0 && at_us + wanted / per_us < end_us) return at_us + wanted / per_us;
        if (last) return INFINITY;
        wanted -= per_us * (end_us - at_us);
        at_us = end_us;
    }
}

void arrivals_free(struct arrivals *a)
{
    free(a->rates);
    free(a->calls);
    spread_free(&a->between);
    *a = (struct arrivals){.kind = ARRIVALS_RATES};
}
