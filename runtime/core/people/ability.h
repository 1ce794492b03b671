/* runtime/core/people/ability.h - Abilities: skills and groups, and for each the ready agents who have it: a list per
 * level, longest idle first.
 *
 * So the core finds the ready agents of a selection without looking at the others. The agents' table owns the lists;
 * the links lie in the agents' skills and groups. The lists are made anew after the directory has changed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct agents;

enum { ABILITY_NONE = UINT32_MAX };
enum ability_kind { ABILITY_SKILL, ABILITY_GROUP };

/* One skill or group of one agent. */
struct agent_ability {
    uint32_t name;
    uint32_t level;          /* 1 to 100; of a group 1 */
    uint32_t row;            /* of struct abilities, while the agent is in the lists */
    uint32_t previous, next; /* places of other agents' abilities, in the list of this level */
    bool itself, by_place;   /* of a group: the directory puts the agent into it, or the place where the agent sits */
};

struct abilities {
    struct ability {
        uint64_t key; /* kind and name */
        struct ability_level {
            uint32_t first, last; /* places; ABILITY_NONE: nobody is ready */
            uint32_t ready;       /* how many are in the list */
            uint32_t agents;      /* how many agents have this level, ready or not */
        } * levels;               /* from level 1 on */
        uint32_t level_count;
    } * all;
    uint32_t count, capacity;
    struct lookup by_key;
    bool stale; /* skills or groups have changed since the lists were made */
};

void abilities_init(struct abilities *);
void abilities_free(struct abilities *);

/* The agents' skills or groups are about to change. */
void abilities_change(struct agents *);
/* The agent enters or leaves the ready list. */
void ability_in(struct agents *, uint32_t agent);
void ability_out(struct agents *, uint32_t agent);
/* The groups of this one agent are about to change (leave), and have changed (enter). */
void ability_leave(struct agents *, uint32_t agent);
void ability_enter(struct agents *, uint32_t agent);

/* The levels from 1 on and their number; NULL: no agent has the skill, or is in the group. Borrowed until the
 * directory changes. */
const struct ability_level *ability_levels(struct agents *, enum ability_kind, uint32_t name, uint32_t *count);
/* How many ready agents have at least this level. */
uint32_t ability_ready(struct agents *, enum ability_kind, uint32_t name, uint32_t least);
/* The agent whose ability is at this place of a list, and the next place. */
uint32_t ability_agent(uint32_t place);
uint32_t ability_next(const struct agents *, uint32_t place);

/* True: the lists hold the ready agents, each by its idle rank. Slow. */
bool abilities_check(const struct agents *);
