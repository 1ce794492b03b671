/* runtime/core/statistics/serving.h - Serving: the agents who could serve each virtual queue, and how many of them are
 * in each state.
 *
 * They are those whom a line of a selection takes that belongs to this virtual queue: of the selections of all images
 * in force, as far as the image says what a line takes, and of the selections that have come to wait since. A line says
 * it by the agents' skills, groups and places; what it asks about an agent's figures does not count, nor when it opens.
 * Lines that take queues take no agents. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"
#include "vm/demand.h"
#include "vm/exec.h"

struct agents;
struct directory;
struct selector;
struct statistics;
struct strategies;
struct vqs;

enum { SERVING_STATES = 8, SERVING_ASKED_MAX = 64 }; /* lines with values of calls, per virtual queue */

/* The agent's states, a bit each: by medium, for all in the first row. */
struct agent_now {
    uint8_t states[MEDIA_KINDS];
};

struct serving {
    uint32_t vq; /* its name */
    struct serving_line {
        uint16_t program;
        bool asked; /* a call said what it takes */
        uint8_t clause_count;
        struct vm_line line;
        struct demand_clause clauses[DEMAND_CLAUSES];
    } * lines;
    uint32_t line_count, line_capacity, asked;
    struct media_set counted; /* of these media somebody has read it, and they are counted from then on: */
    uint8_t *of;              /* by the agent's slot; 1: the agent could serve it */
    uint32_t of_capacity;
    uint32_t counts[MEDIA_KINDS][SERVING_STATES]; /* how many of them are in each state */
};

/* The agent's states as last counted. */
typedef struct agent_now serving_states(const struct statistics *, uint32_t agent);

struct servings {
    const struct agents *agents;
    struct vqs *vqs; /* its lines are matched */
    const struct directory *directory;
    const struct strategies *strategies;
    const struct statistics *statistics; /* to it belong the states as last counted */
    serving_states *states_of;
    struct serving *all;
    uint32_t count, capacity;
    struct lookup by_vq;
    uint32_t activated; /* as in struct directory, when the images in force were read */
    bool wanted;        /* a program reads how many could serve a virtual queue */
};

void servings_init(struct servings *);
void servings_free(struct servings *);
/* Reads the selections of the images in force, where others are than the last time. True: it has read them. */
bool servings_read(struct servings *);
/* A selection has come to wait: this line of it may be a new one. True: it changes the figures of the virtual queue to
 * which the line belongs. */
bool serving_asked(struct servings *, const struct selector *, uint32_t line);
/* The agent's states have changed, or what the agent can do. True: the figures of that row have changed. */
bool serving_agent_changed(struct servings *, struct serving *, uint32_t agent, const struct agent_now *before,
                           const struct agent_now *after);
/* How many who could serve the virtual queue are in that state. */
uint32_t serving_count(struct servings *, uint32_t vq, unsigned medium, unsigned state);
/* True: each count is what all agents add up to. Slow. */
bool serving_check(const struct servings *, const struct serving *);
