/* runtime/sim/plan.h - The switch and the directory that a test needs: DNs of agents and queues, strategies of
 * numbers.
 *
 * Both players use the plan, so that a test means the same in memory and over the wire: the virtual player posts the
 * rows as events, `gcxsim provision` writes them as directory.sql. Owns its texts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/scenario/scenario.h"
#include "runtime/sim/rows.h"
#include "runtime/sim/switch.h"

enum { DEALT = 16 }; /* bytes of a number given by the plan */

struct image;

struct plan_agent {
    char name[SCENARIO_NAME_MAX + 1], dn[SWITCH_DN + 1];
    uint32_t lines; /* calls that the agent may have at once by the rule of capacity */
};

struct plan_queue {
    char name[SCENARIO_NAME_MAX + 1], dn[SWITCH_DN + 1], desk[SWITCH_DN + 6]; /* desk: DN that gets the agent's calls */
};

struct plan_place {
    char name[SCENARIO_NAME_MAX + 1], dn[SWITCH_DN + 1];
};

struct plan_point {
    char dn[SCENARIO_NAME_MAX + 1], strategy[SCENARIO_NAME_MAX + 1];
    json_t *given; /* arguments for the strategy, borrowed from the test; or NULL */
};

struct plan {
    struct plan_agent *agents;
    struct plan_queue *queues;
    struct plan_point *points;
    struct plan_place *places;
    uint32_t agent_count, queue_count, point_count, place_count;
    const char *last; /* the default destination of every routing point: a queue without a name */
    char last_queue[DEALT];
    uint32_t next_extension, next_queue, next_place;
    const struct scenario_test *test;
    /* Names in the image; borrowed. */
    const char *const *skills, *const *groups;
    uint32_t skill_count, group_count;
};

/* The names that the image declares; each list is borrowed as long as the plan exists. */
struct plan_names {
    const char *const *skills, *const *groups, *const *queues;
    uint32_t skill_count, group_count, queue_count;
    const struct image *image; /* the image with the rules of capacity; NULL: none known */
};

/* NULL with the reason, such as a routing point with two strategies, or names that are too long. */
struct plan *plan_new(const struct scenario_test *, const struct plan_names *, struct error *);
void plan_free(struct plan *);

uint32_t plan_agent_named(const struct plan *, const char *name); /* NO_AGENT: none */
uint32_t plan_agent_at(const struct plan *, const char *dn);
uint32_t plan_queue_named(const struct plan *, const char *name);
uint32_t plan_queue_at(const struct plan *, const char *dn);
/* does the test say that the number is an outside number? */
bool plan_outside(const struct plan *, const char *number);
uint32_t plan_place_named(const struct plan *, const char *name); /* NO_PLACE: none */
uint32_t plan_place_at(const struct plan *, const char *dn);
enum { NO_AGENT = UINT32_MAX, NO_QUEUE = UINT32_MAX, NO_PLACE = UINT32_MAX };

/* Puts the plan's DNs into a switch. */
void plan_equip(const struct plan *, struct sim_switch *);

/* Calls `each` with every row of the plan's directory. */
void plan_rows(const struct plan *, void (*each)(void *self, const struct plan_row *), void *self);
