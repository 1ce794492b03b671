/* runtime/sim/arrivals.h - When callers arrive. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/sim/draw.h"
#include "base/error.h"

/* When callers arrive: at a rate that applies for some time, then the next one, as in a day's quarter hours; or at
 * random intervals; or at listed times. */
struct arrivals {
    enum { ARRIVALS_RATES, ARRIVALS_DRAWN, ARRIVALS_LISTED } kind;
    struct arrivals_rate {
        double from_us, per_us; /* from this time on the rate is so many per microsecond, until the next row */
    } * rates;                  /* owned */
    size_t count;
    double first_us; /* for a profile or a list: the time of day at which it begins; later times are relative to it */
    double until_us; /* for a profile or a list: no arrivals after this time; 0: no end */
    struct spread between;
    struct arrivals_call {
        double at_us, talk_us; /* talk_us below 0: random */
    } * calls;                 /* for ARRIVALS_LISTED: ascending, owned; there are `count` */
};

/* Reads "120/h", "2/s", "every(DISTRIBUTION)", "profile(FILE)" or "times(FILE)". */
bool arrivals_read(struct arrivals *, const char *text, struct error *);
/* Adds a call to a list, with a time of day; after at least one call, arrivals_listed is called once. */
void arrivals_add(struct arrivals *, struct arrivals_call);
void arrivals_listed(struct arrivals *);
void arrivals_free(struct arrivals *);
void arrivals_scale(struct arrivals *, double factor); /* rates only */
/* Returns the next random arrival behind this time at the rates; INFINITY: never again. `row`: the rate of now, at
 * first 0. */
double arrivals_rated(const struct arrivals *, struct draws *, size_t *row, double at_us);
