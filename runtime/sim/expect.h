/* runtime/sim/expect.h - Judges the expectations of a test, and tells for a failed one what happened instead.
 *
 * Events are looked for in the trace; other expressions are computed over what is known of an interaction when it has
 * ended, and over the measures of virtual queues. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/scenario/scenario.h"
#include "runtime/sim/trace.h"

/* One interaction of the play. */
struct expect_arrival {
    const char *as; /* the name it was given, or NULL */
    uint64_t at_us; /* when it arrived */
    bool absent;    /* it never arrived: a consultation that no agent made; nothing is expected of it */
};

struct expect_view {
    const struct trace *trace;
    const struct expect_arrival *arrivals;
    size_t count;
    void *self;
    /* Attributes and user data of an arrival as they were at the end: a new reference; NULL: nothing is known. */
    json_t *(*data)(void *self, uint32_t arrival);
    /* A measure of a virtual queue (abandoned, waiting, ...): a new reference; NULL: there is no such thing. */
    json_t *(*measure)(void *self, const char *vq, const char *name);
    /* How often a counter counted, of a key ("": of all), likewise. NULL: nothing is known of counters. */
    json_t *(*counter)(void *self, const char *name, const char *key);
    const struct scenario_test *test; /* what it says of parameters; NULL: nothing */
    uint64_t now_us;                  /* when expectations are judged, since the play's beginning */
    uint64_t grace_us;                /* how much later than `within` says an event may be, as messages take time */
    /* How many of a campaign were dialled, answered and so on: a new reference; NULL: there is no such thing. */
    json_t *(*campaign)(void *self, const char *campaign, const char *name);
};

/* True where it holds. Else `why` says in one sentence what was expected and what happened instead. */
bool expect_holds(const struct scenario_expect *, const struct expect_view *, char *why, size_t size);

/* The fate of an arrival, in few words: "routed to queue desk after 3s"; "" where nothing did. */
void expect_became(const struct expect_view *, uint32_t arrival, char *text, size_t size);

/* The core's name of a measure: the tests' `offered` is its `entered`; the others have the same name. */
const char *expect_measure_name(const char *measure);

/* The value of an expression (a new reference); NULL with the reason where it has none. Exposed for tests. */
json_t *expect_value(const struct scenario_expr *, const struct expect_view *, uint32_t arrival, struct error *);
