/* runtime/sim/draw.h - Random times: streams of draws by seed, and the distributions from which times are drawn.
 *
 * A stream is computed from the seed, its purpose, and a number such as the caller's. So the tenth caller's patience
 * is the same whatever other callers and agents do: two versions of a strategy meet the same callers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct draws {
    uint64_t state;
};

/* Returns the stream of `number` for this purpose. Different arguments give independent streams. */
struct draws draws_of(uint64_t seed, uint32_t purpose, uint64_t number);
double draws_unit(struct draws *);        /* above 0, below 1 */
double draws_exponential(struct draws *); /* mean 1 */

enum spread_kind {
    SPREAD_never, /* no time: the event never happens */
#define SPREAD(name, parameters, arguments, doc) SPREAD_##name,
#include "runtime/sim/spreads.def"
    SPREAD_empirical, /* draws one of a list of values */
};

#define SPREAD_NEVER UINT64_MAX

struct spread {
    enum spread_kind kind;
    double a, b;    /* arguments of the distribution; times in microseconds */
    double *values; /* list of SPREAD_empirical: owned, in microseconds */
    size_t count;
};

/* Reads "exponential(3m)", "90s", "file(PATH)", "values(20s, 30s, 90s)" or "never". False with a sentence. */
bool spread_read(struct spread *, const char *text, struct error *);
/* Adds a value to the list of equally likely ones; INFINITY: never. */
void spread_add(struct spread *, double us);
void spread_free(struct spread *);
uint64_t spread_draw(const struct spread *, struct draws *); /* microseconds; SPREAD_NEVER */
double spread_mean(const struct spread *);                   /* microseconds; INFINITY of never */

/* Takes the unit at the beginning of the text and returns its microseconds; 0: there is no unit. */
double draw_unit(const char **text, size_t *length);
/* Reads "1m30s", "250ms", "2h", "90" (seconds). The text may have blanks around it. */
bool draw_duration(const char *text, size_t length, double *us);

/* Reads a time of day, "07:15", "07:15:30.5", or a duration since the beginning. */
bool draw_moment(const char *text, double *us);

/* Reads a CSV file line by line and calls `each` with a line's cells. `each` returns false to stop, with the error
 * that it has set. The first line may be a heading without numbers; `each` has to skip it itself. */
enum { DRAW_CELLS = 8, DRAW_CELL = 80 };
bool draw_csv(const char *path,
              bool (*each)(void *self, uint32_t line, char cells[DRAW_CELLS][DRAW_CELL], uint32_t count,
                           struct error *),
              void *self, struct error *);
