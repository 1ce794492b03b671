/* runtime/sim/draw.c - Random streams by splitmix64 from a mixed start; times by inversion, gamma by rejection.
 *
 * A stream is identified by seed, purpose and number, and is independent of all others: one caller more leaves the
 * talk times of all others unchanged, and two plans with the same seed can be compared call by call. Most
 * distributions are given by their mean, so that another shape changes the spread but not the load. */
#include "runtime/sim/draw.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/core/base/table.h"
#include "base/inside.h"
#include "base/memory.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)
#define SECOND 1e6
enum { DRAWN_LINES_MAX = 5 * 1000 * 1000 };
#define TIME_MAX_US (400.0 * 86400 * SECOND) /* a longer draw means that its arguments are wrong */

/* Returns a stream; each part is mixed before the next is added, so that neighbouring numbers give unrelated
 * streams. */
struct draws draws_of(uint64_t seed, uint32_t purpose, uint64_t number)
{
    return (struct draws){
        table_mix64(table_mix64(table_mix64(seed + GOLDEN) + purpose * GOLDEN + GOLDEN) + number * GOLDEN + GOLDEN)};
}

static uint64_t draw_next(struct draws *draws)
{
    draws->state += GOLDEN;
    return table_mix64(draws->state);
}

/* Returns a number above 0 and below 1, so that its logarithm is finite. */
double draws_unit(struct draws *draws)
{
    /* 52 bits, so that the sum is exact: with one more bit the largest number would round to 1 */
    return ((double)(draw_next(draws) >> 12) + 0.5) * 0x1p-52;
}

double draws_exponential(struct draws *draws)
{
    return -log(draws_unit(draws));
}

/* Box and Muller, 1958. Draws a normal value; of the two computed only one is used, so that each draw always takes
 * two numbers of the stream. */
static double draw_normal(struct draws *draws)
{
    double radius = sqrt(2 * draws_exponential(draws));
    return radius * cos(2 * 3.14159265358979323846 * draws_unit(draws));
}

/* Draws a gamma value with mean `shape`, by Marsaglia and Tsang, 2000. */
static double gamma_of(struct draws *draws, double shape)
{
    assert(shape > 0);
    double boost = shape < 1 ? pow(draws_unit(draws), 1 / shape) : 1;
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = draw_normal(draws), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (log(draws_unit(draws)) < 0.5 * x * x + d - d * v + d * log(v)) return boost * d * v;
    }
}

/* ---- one function per row of spreads.def ---- */

static double draw_constant(const struct spread *s, struct draws *draws)
{
    (void)draws;
    return s->a;
}

static double draw_exponential(const struct spread *s, struct draws *draws)
{
    return s->a * draws_exponential(draws);
}

static double draw_uniform(const struct spread *s, struct draws *draws)
{
    return s->a + (s->b - s->a) * draws_unit(draws);
}

/* Draws a lognormal value; `a` is the mean and `b` the standard deviation of the value itself, not of its logarithm. */
static double draw_lognormal(const struct spread *s, struct draws *draws)
{
    double variance = log(1 + s->b / s->a * (s->b / s->a));
    return s->a * exp(sqrt(variance) * draw_normal(draws) - variance / 2);
}

static double draw_gamma(const struct spread *s, struct draws *draws)
{
    return s->a / s->b * gamma_of(draws, s->b);
}

static double draw_erlang(const struct spread *s, struct draws *draws)
{
    return draw_gamma(s, draws);
}

static double draw_weibull(const struct spread *s, struct draws *draws)
{
    return s->a / tgamma(1 + 1 / s->b) * pow(draws_exponential(draws), 1 / s->b);
}

static const struct {
    const char *name, *arguments;
    unsigned parameters;
    double (*draw)(const struct spread *, struct draws *);
} rows[] = {
    [SPREAD_never] = {"never", "", 0, NULL},
#define SPREAD(name, parameters, arguments, doc) [SPREAD_##name] = {#name, arguments, parameters, draw_##name},
#include "runtime/sim/spreads.def"
};
enum { ROWS = sizeof rows / sizeof *rows };

/* Draws a time: rounded to whole microseconds, never negative, and at most TIME_MAX_US; SPREAD_NEVER: without end. */
uint64_t spread_draw(const struct spread *s, struct draws *draws)
{
    if (s->kind == SPREAD_never) return SPREAD_NEVER;
    assert(s->kind != SPREAD_empirical || s->count > 0); /* as it was read */
    double us = s->kind == SPREAD_empirical ? s->values[(size_t)(draws_unit(draws) * (double)s->count)]
                                            : rows[s->kind].draw(s, draws);
    if (isinf(us)) return SPREAD_NEVER;
    return us < 0 ? 0 : us > TIME_MAX_US ? (uint64_t)TIME_MAX_US : (uint64_t)(us + 0.5);
}

double spread_mean(const struct spread *s)
{
    double sum = 0;
    if (s->kind == SPREAD_never) return INFINITY;
    if (s->kind == SPREAD_uniform) return (s->a + s->b) / 2;
    if (s->kind != SPREAD_empirical) return s->a;
    for (size_t i = 0; i < s->count; i++) sum += s->values[i];
    return sum / (double)s->count;
}

/* ---- reading ---- */

static void draw_trim(const char **text, size_t *length)
{
    while (*length > 0 && isspace((unsigned char)**text)) ++*text, --*length;
    while (*length > 0 && isspace((unsigned char)(*text)[*length - 1])) --*length;
}

/* Reads a number without a sign that is the whole text, but for blanks around it. */
static bool draw_read_number(const char *text, size_t length, double *number)
{
    char room[40], *end;
    draw_trim(&text, &length);
    if (length == 0 || length >= sizeof room || !(isdigit((unsigned char)*text) || *text == '.')) return false;
    memcpy(room, text, length);
    room[length] = '\0';
    *number = strtod(room, &end);
    return *end == '\0' && isfinite(*number);
}

double draw_unit(const char **text, size_t *length)
{
    static const struct {
        const char *name;
        double us;
    } units[] = {{"us", 1}, {"ms", 1e3}, {"min", 60e6}, {"h", 3600e6}, {"m", 60e6}, {"s", 1e6}, {"d", 86400e6}};
    for (size_t at = 0; at < sizeof units / sizeof *units; at++) {
        size_t size = strlen(units[at].name);
        if (*length < size || memcmp(*text, units[at].name, size) != 0) continue;
        *text += size, *length -= size;
        return units[at].us;
    }
    return 0;
}

/* Reads a duration; several units may follow each other, as in 1h30m. A number without a unit means seconds. */
bool draw_duration(const char *text, size_t length, double *us)
{
    double sum = 0, number;
    draw_trim(&text, &length);
    if (draw_read_number(text, length, &number)) {
        *us = number * SECOND;
        return *us <= TIME_MAX_US;
    }
    if (length == 0) return false;
    while (length > 0) {
        size_t digits = 0;
        while (digits < length && (isdigit((unsigned char)text[digits]) || text[digits] == '.')) digits++;
        if (!draw_read_number(text, digits, &number)) return false;
        text += digits, length -= digits;
        double unit_us = draw_unit(&text, &length);
        if (unit_us <= 0) return false;
        sum += number * unit_us;
    }
    *us = sum;
    return sum <= TIME_MAX_US;
}

/* Reads a time of day, 9:30 or 09:30:00.5, or a duration since the beginning. */
bool draw_moment(const char *text, double *us)
{
    unsigned hours, minutes;
    double seconds = 0;
    int at = 0;
    if (sscanf(text, "%2u:%2u%n", &hours, &minutes, &at) == 2 && minutes < 60) {
        if (text[at] == ':') {
            char *end;
            seconds = strtod(text + at + 1, &end);
            if (*end != '\0' || !(seconds >= 0 && seconds < 60)) return false;
        } else if (text[at] != '\0') {
            return false;
        }
        *us = (hours * 3600.0 + minutes * 60.0 + seconds) * 1e6;
        return true;
    }
    return draw_duration(text, strlen(text), us);
}

/* Calls `each` with the cells of a row. Commas, semicolons and tabs separate cells; empty lines and lines with # are
 * skipped. Folders and devices are refused, as reading them might never end. */
bool draw_csv(const char *path, bool (*each)(void *, uint32_t, char[DRAW_CELLS][DRAW_CELL], uint32_t, struct error *),
              void *self, struct error *error)
{
    char line[1000], cells[DRAW_CELLS][DRAW_CELL];
    struct stat status;
    FILE *file = inside_open(path, "r");
    bool good = false;
    if (!file || fstat(fileno(file), &status) != 0)
        error_set(error, ERROR_SYSTEM, "%.150s cannot be read: %s", path, strerror(errno));
    else if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
        error_set(error, ERROR_INPUT, "%.150s is no file of rows", path);
    else
        good = true;
    for (uint32_t number = 1; good && fgets(line, sizeof line, file); number++) {
        uint32_t count = 0;
        if (number > DRAWN_LINES_MAX || (strlen(line) + 1 == sizeof line && !strchr(line, '\n'))) {
            good = error_set(error, ERROR_LIMIT, "%.150s, line %u: a row has at most %zu bytes, a file %d rows", path,
                             (unsigned)number, sizeof line - 2, DRAWN_LINES_MAX);
            break;
        }
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#') continue;
        for (char *at = line; at && count < DRAW_CELLS; count++) {
            size_t length = strcspn(at, ",;\t");
            const char *cell = at;
            at = at[length] == '\0' ? NULL : at + length + 1;
            draw_trim(&cell, &length);
            if (length > 1 && *cell == '"' && cell[length - 1] == '"') cell++, length -= 2;
            (void)snprintf(cells[count], DRAW_CELL, "%.*s", (int)length, cell);
        }
        good = each(self, number, cells, count, error);
    }
    if (file) fclose(file);
    return good;
}

void spread_add(struct spread *s, double us)
{
    s->kind = SPREAD_empirical;
    s->values = memory_more(s->values, s->count, sizeof *s->values);
    s->values[s->count++] = us;
}

static bool file_value(void *self, uint32_t line, char cells[DRAW_CELLS][DRAW_CELL], uint32_t count,
                       struct error *error)
{
    double us;
    (void)count;
    if (draw_duration(cells[0], strlen(cells[0]), &us))
        spread_add(self, us);
    else if (line > 1) /* the first line may be a heading */
        return error_set(error, ERROR_INPUT, "line %u: '%s' is no time", (unsigned)line, cells[0]);
    return true;
}

static bool draw_read_file(struct spread *s, const char *text, size_t length, struct error *error)
{
    char path[1000];
    s->kind = SPREAD_empirical;
    (void)snprintf(path, sizeof path, "%.*s", (int)length, text);
    if (!draw_csv(path, file_value, s, error)) return false;
    if (s->count == 0) error_set(error, ERROR_INPUT, "%.150s has no times", path);
    return s->count > 0;
}

/* Reads values(20s, 30s, 1m), the same list as a file of times. */
static bool read_values(struct spread *s, const char *text, size_t length, struct error *error)
{
    s->kind = SPREAD_empirical;
    for (size_t at = 0, part; at <= length; at += part + 1) {
        double us;
        for (part = 0; at + part < length && text[at + part] != ',';) part++;
        if (!draw_duration(text + at, part, &us))
            return error_set(error, ERROR_INPUT, "'%.*s' is no time", (int)part, text + at);
        spread_add(s, us);
    }
    return true;
}

/* Reads a distribution's arguments: the first is always a time, the second only for uniform and lognormal. */
static bool read_arguments(struct spread *s, const char *text, size_t length)
{
    const char *comma = memchr(text, ',', length);
    size_t first = !comma ? length : (size_t)(comma - text);
    unsigned count = !comma ? 1 : 2;
    if (count != rows[s->kind].parameters || !draw_duration(text, first, &s->a)) return false;
    if (count == 1) return true;
    const char *second = comma + 1;
    size_t rest = length - first - 1;
    if (s->kind == SPREAD_uniform || s->kind == SPREAD_lognormal)
        return draw_duration(second, rest, &s->b) && s->b >= (s->kind == SPREAD_uniform ? s->a : 0) && s->a > 0;
    return draw_read_number(second, rest, &s->b) && s->b > 0 && s->b <= 1000 &&
           (s->kind != SPREAD_erlang || s->b == floor(s->b));
}

bool spread_read(struct spread *s, const char *text, struct error *error)
{
    size_t length = strlen(text);
    *s = (struct spread){.kind = SPREAD_constant};
    draw_trim(&text, &length);
    if (length == strlen("never") && strncmp(text, "never", length) == 0) {
        s->kind = SPREAD_never;
        return true;
    }
    if (draw_duration(text, length, &s->a)) return true;
    const char *open = memchr(text, '(', length);
    if (!open || text[length - 1] != ')')
        return error_set(error, ERROR_INPUT,
                         "'%.80s' is neither a time such as 90s nor a distribution such as exponential(3m)", text);
    size_t name = (size_t)(open - text), inside = length - name - 2;
    if (name == 4 && strncmp(text, "file", name) == 0) return draw_read_file(s, open + 1, inside, error);
    if (name == 6 && strncmp(text, "values", name) == 0) return read_values(s, open + 1, inside, error);
    for (size_t i = SPREAD_constant; i < ROWS; i++) {
        if (strlen(rows[i].name) != name || strncmp(rows[i].name, text, name) != 0) continue;
        s->kind = (enum spread_kind)i;
        if (read_arguments(s, open + 1, inside)) return true;
        return error_set(error, ERROR_INPUT, "'%.80s' is not %s(%s)", text, rows[i].name, rows[i].arguments);
    }
    char known[160] = "";
    for (size_t i = SPREAD_constant; i < ROWS; i++)
        (void)snprintf(known + strlen(known), sizeof known - strlen(known), "%s, ", rows[i].name);
    return error_set(error, ERROR_UNKNOWN, "there is no distribution '%.*s': there are %sfile, values and never",
                     (int)name, text, known);
}

void spread_free(struct spread *s)
{
    free(s->values);
    *s = (struct spread){.kind = SPREAD_never};
}
