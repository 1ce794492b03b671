/* runtime/core/statistics/serving.h - Serving: the agents who could serve each virtual queue, and how many of them are
 * in each state.
 *
 * An agent could serve a virtual queue if a line that belongs to this queue takes the agent. The line may stand in a
 * selection of any image in force, if the image says what the line takes, or in a selection that has come to wait
 * since. Only the skills, groups and places that the line names count, not what it asks about an agent's figures, nor
 * when it opens. Lines that take queues take no agents. */
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

/* The agent's states, a bit each, by medium; the first row is for all media together. */
struct agent_now {
    uint8_t states[MEDIA_KINDS];
};

struct serving {
    uint32_t vq; /* name of the virtual queue */
    struct serving_line {
        uint16_t program;
        bool asked; /* the values of a call say what the line takes */
        uint8_t clause_count;
        struct vm_line line;
        struct demand_clause clauses[DEMAND_CLAUSES];
    } * lines;
    uint32_t line_count, line_capacity, asked;
    struct media_set
        counted; /* media for which a program has read this row; the agents are counted for these media from then on */
    uint8_t *of; /* by the agent's slot; 1: the agent could serve the virtual queue */
    uint32_t of_capacity;
    uint32_t counts[MEDIA_KINDS][SERVING_STATES]; /* how many agents who could serve it are in each state */
};

/* The agent's states as last counted. */
typedef struct agent_now serving_states(const struct statistics *, uint32_t agent);

struct servings {
    const struct agents *agents;
    struct vqs *vqs; /* finds which agents a line takes (queues/match.h) */
    const struct directory *directory;
    const struct strategies *strategies;
    const struct statistics *statistics; /* has the agents' states as last counted */
    serving_states *states_of;
    struct serving *all;
    uint32_t count, capacity;
    struct lookup by_vq;
    uint32_t activated; /* `activated` of struct directory when the images in force were read */
    bool wanted;        /* a program reads how many could serve a virtual queue */
};

void servings_init(struct servings *);
void servings_free(struct servings *);
/* Reads the selections of the images in force, if other images are in force than at the last call. True: it has read
 * them. */
bool servings_read(struct servings *);
/* Takes a line of a selection that has come to wait; the line may be a new one. True: this changes the figures of the
 * virtual queue to which the line belongs. */
bool serving_asked(struct servings *, const struct selector *, uint32_t line);
/* The agent's states have changed, or the agent's skills, groups or place: counts the agent anew. True: the figures of
 * that row have changed. */
bool serving_agent_changed(struct servings *, struct serving *, uint32_t agent, const struct agent_now *before,
                           const struct agent_now *after);
/* How many of the agents who could serve the virtual queue are in that state. */
uint32_t serving_count(struct servings *, uint32_t vq, unsigned medium, unsigned state);
/* True: each count agrees with a new count over all agents. Slow. */
bool serving_check(const struct servings *, const struct serving *);
