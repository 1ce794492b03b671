/* runtime/sim/expect.h - Checks the expectations of a test, and says for a failed one what happened instead.
 *
 * Events are searched in the trace; other expressions are computed from the data of an interaction at its end, and
 * from the measures of virtual queues. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/scenario/scenario.h"
#include "runtime/sim/trace.h"

/* One interaction of the play, as expectations see it. */
struct expect_arrival {
    const char *as; /* the name that the test gave the interaction, or NULL */
    uint64_t at_us; /* when it arrived */
    bool absent;    /* the interaction never arrived: a consultation that no agent made; nothing is expected of it */
};

struct expect_view {
    const struct trace *trace;
    const struct expect_arrival *arrivals;
    size_t count;
    void *self;
    /* Returns attributes and user data of an arrival at its end: a new reference; NULL: nothing is known. */
    json_t *(*data)(void *self, uint32_t arrival);
    /* Returns a measure of a virtual queue (abandoned, waiting, ...): a new reference; NULL: it does not exist. */
    json_t *(*measure)(void *self, const char *vq, const char *name);
    /* Returns a counter's count, for a key ("": for all), as a new reference. NULL: nothing is known of counters. */
    json_t *(*counter)(void *self, const char *name, const char *key);
    const struct scenario_test *test; /* the test, for the parameters that it sets; NULL: none */
    uint64_t now_us;                  /* when expectations are checked, since the play's beginning */
    uint64_t grace_us;                /* how much later than `within` an event may be, as messages take time */
    /* Returns how many of a campaign were dialled, answered and so on: a new reference; NULL: it does not exist. */
    json_t *(*campaign)(void *self, const char *campaign, const char *name);
    /* Returns a view's column as a list, in the view's order, or the number of its items for `count`: a new reference;
     * NULL: there is no such view. `whose`: the owner of the view's workbin, or NULL. */
    json_t *(*shown)(void *self, const char *view, const char *whose, const char *column);
};

/* True where it holds. Else `why` says in one sentence what was expected and what happened instead. */
bool expect_holds(const struct scenario_expect *, const struct expect_view *, char *why, size_t size);

/* Writes what became of an arrival in a few words: "routed to queue desk after 3s"; "": nothing happened. */
void expect_became(const struct expect_view *, uint32_t arrival, char *text, size_t size);

/* Returns the core's name of a measure: the tests' `offered` is `entered` there; the others have the same name. */
const char *expect_measure_name(const char *measure);

/* Returns the value of an expression (a new reference); NULL with the reason: it has none. Exposed for tests. */
json_t *expect_value(const struct scenario_expr *, const struct expect_view *, uint32_t arrival, struct error *);
