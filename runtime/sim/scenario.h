/* runtime/sim/scenario.h - The tests of an image, read from its scenario section: bounded and checked.
 *
 * The section is JSON that the compiler wrote, but an image may come from anywhere: whatever it holds gives a
 * scenario or an error. A scenario owns everything below it; `json_t` members are borrowed from it. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/scenario_limits.h"
#include "vm/error.h"

/* No time given. */
#define SCENARIO_NEVER UINT64_MAX

enum item_kind {
    ITEM_AGENT,
    ITEM_QUEUE,
    ITEM_ANSWER,
    ITEM_ARRIVE,
    ITEM_CALLER,
    ITEM_LINK,
    ITEM_SOURCE,
    ITEM_SEED,
    ITEM_EXPECT,
    ITEM_PARAMETER,
    ITEM_TABLE,
};

struct scenario_agent {
    const char *name, *state; /* ready, busy, not_ready, logged_out */
    json_t *skills;           /* {"French": 9}; NULL: not said */
    json_t *groups;           /* ["overflow"]; NULL: not said */
    const char *place;        /* its DN belongs there; NULL: not said */
    uint64_t state_for_us;    /* then ready again; SCENARIO_NEVER: for good */
    const char *transfers_to; /* the next call, to that number, instead of releasing it; NULL: none */
    const char *transfers_strategy; /* whose number that is, where the test says no more; or NULL */
    uint32_t no_answer;       /* so many offers are not answered */
    uint32_t declines;        /* and so many before them declined */
    uint64_t handles_us, answers_us;
};

struct scenario_queue {
    const char *name;
    bool reachable;
};

struct scenario_outcome {
    json_t *value;    /* NULL where it fails */
    const char *fail; /* "timeout", "unavailable", ... */
    uint64_t after_us;
};

struct scenario_answer {
    const char *step, *source; /* source: of a query, else NULL */
    json_t *args;              /* as written; never NULL */
    struct scenario_outcome *outcomes;
    size_t count; /* >= 1; one after another, the last stays */
};

struct scenario_arrival {
    const char *as; /* NULL: no name */
    const char *media, *strategy, *from, *to;
    const char *number; /* of a call-back: whom it is for; "" where nothing is said */
    const char *main; /* who calls in the call about which it is a consultation; NULL: it is none */
    json_t *data;  /* object, or NULL */
    json_t *given; /* what its strategy is given, likewise */
    uint32_t times;
    uint64_t every_us, hangs_up_us; /* hangs_up: since its arrival; of a call-back, since it was answered */
    uint64_t answers_us;            /* who is rung answers after so long */
    struct scenario_item *items;    /* its own answers, and what happens of its own */
    size_t count;
};

struct scenario_caller {
    const char *of; /* an arrival's name; NULL: all that have arrived */
    bool hangs_up;  /* else enters `digits` */
    bool transfers; /* a consultation's: the main call goes there, and they leave */
    bool main_hangs_up;
    const char *digits;
    const char *signal; /* or somebody sends a signal about the caller, with what it brings; NULL: none */
    json_t *data;
};

struct scenario_fault {
    const char *name; /* of a link or source that is down */
    uint64_t for_us;
};

struct scenario_setting {
    const char *name;
    json_t *value;   /* of a table an object: rows by their keys */
    uint64_t for_us; /* SCENARIO_NEVER: for good */
};

struct scenario_event {
    const char *name;      /* routed, ..., or "step" */
    const char *kind, *to; /* NULL: any */
    const char *step, *source;
    json_t *args; /* of a step; NULL else */
};

struct scenario_expect {
    const char *of;
    bool never;
    struct scenario_event *events; /* in this order */
    size_t count;
    json_t *expr;       /* instead of events */
    uint64_t within_us; /* SCENARIO_NEVER: no limit */
    int64_t times;      /* -1: not said */
    bool share;
    double share_from, share_to;
};

struct scenario_item {
    enum item_kind kind;
    uint64_t at_us; /* since the beginning; of an arrival's own: since it arrived */
    uint32_t line;
    union {
        struct scenario_agent agent;
        struct scenario_queue queue;
        struct scenario_answer answer;
        struct scenario_arrival arrival;
        struct scenario_caller caller;
        struct scenario_fault fault;
        uint64_t seed;
        struct scenario_setting setting;
        struct scenario_expect expect;
    };
};

struct scenario_test {
    const char *name, *file;
    uint32_t line;
    int64_t start_us; /* since the epoch */
    bool fixed_date;  /* the test says `at` */
    uint64_t seed;
    struct scenario_item *items;
    size_t count;
};

struct scenario {
    json_t *root;
    struct scenario_test *tests;
    size_t count;
};

/* NULL with the reason, which names the test and the item. */
struct scenario *scenario_read(const char *text, size_t length, struct error *);
void scenario_free(struct scenario *);

#endif
