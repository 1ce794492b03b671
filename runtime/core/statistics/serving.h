/* runtime/core/statistics/serving.h - Serving: the agents who could serve each virtual queue, and how many of them are
 * in each state.
 *
 * An agent could serve a virtual queue if a line that belongs to this queue takes the agent. The line may be in a
 * selection of any image in force, if its values are in the image, or in a selection that has waited since. Only the
 * skills, groups and places in the line count, not conditions on an agent's figures, nor when the line opens. Lines
 * that take queues take no agents. */
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

enum { SERVING_STATES = 8, SERVING_ASKED_MAX = 64 }; /* lines with values from calls, per virtual queue */

/* The agent's states by medium, a bit for each state; the first row is for all media together. */
struct agent_now {
    uint8_t states[MEDIA_KINDS];
};

struct serving {
    uint32_t vq; /* name of the virtual queue */
    struct serving_line {
        uint16_t program;
        bool asked; /* true: the values of the line come from a call */
        uint8_t clause_count;
        struct vm_line line;
        struct demand_clause clauses[DEMAND_CLAUSES];
    } * lines;
    uint32_t line_count, line_capacity, asked;
    struct media_set counted; /* media for which a program has read this row; for these the agents are counted */
    uint8_t *of;              /* array by the agent's slot; 1: the agent could serve the virtual queue */
    uint32_t of_capacity;
    /* how many of the agents who could serve the virtual queue are in each state */
    uint32_t counts[MEDIA_KINDS][SERVING_STATES];
};

/* Returns the agent's states as last counted. */
typedef struct agent_now serving_states(const struct statistics *, uint32_t agent);

struct servings {
    const struct agents *agents;
    struct vqs *vqs; /* used to find which agents a line takes (queues/match.h) */
    const struct directory *directory;
    const struct strategies *strategies;
    const struct statistics *statistics; /* used to read the agents' states as last counted */
    serving_states *states_of;
    struct serving *all;
    uint32_t count, capacity;
    struct lookup by_vq;
    uint32_t activated; /* `activated` of struct directory at the time when the images were read */
    bool wanted;        /* true: a program reads how many agents could serve a virtual queue */
};

void servings_init(struct servings *);
void servings_free(struct servings *);
/* Reads the selections of the images in force, if these have changed since the last call. True: they were read. */
bool servings_read(struct servings *);
/* Takes a line of a selection that has begun to wait; the line may be new. True: the line changes the figures of its
 * virtual queue. */
bool serving_asked(struct servings *, const struct selector *, uint32_t line);
/* The agent's states have changed, or the agent's skills, groups or place: counts the agent anew. True: the figures
 * of the row have changed. */
bool serving_agent_changed(struct servings *, struct serving *, uint32_t agent, const struct agent_now *before,
                           const struct agent_now *after);
/* Returns how many of the agents who could serve the virtual queue are in the given state. */
uint32_t serving_count(struct servings *, uint32_t vq, unsigned medium, unsigned state);
/* True: each count agrees with a new count over all agents. Slow. */
bool serving_check(const struct servings *, const struct serving *);
