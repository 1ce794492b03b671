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
    uint32_t level;          /* 1 to 100; 1 for a group */
    uint32_t row;            /* row of struct abilities, while the agent is in the lists */
    uint32_t previous, next; /* places of other agents' abilities, in the list of this level */
    bool itself, by_place;   /* group: the agent is in it by the directory; by the place where the agent sits */
};

struct abilities {
    struct ability {
        uint64_t key; /* kind and name */
        struct ability_level {
            uint32_t first, last; /* places; ABILITY_NONE: no agent is ready */
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

/* To be called before agents' skills or groups change: marks the lists, which are then made anew at the next use. */
void abilities_change(struct agents *);
/* Put the agent, who enters the ready list, into the lists of the agent's abilities; take the agent out of them. */
void ability_in(struct agents *, uint32_t agent);
void ability_out(struct agents *, uint32_t agent);
/* To be called before (ability_leave) and after (ability_enter) the groups of this one agent change. */
void ability_leave(struct agents *, uint32_t agent);
void ability_enter(struct agents *, uint32_t agent);

/* Returns the levels of a skill or group, from 1 on, and their number in `count`; NULL: no agent has the skill or is in
 * the group. Borrowed until the directory changes. */
const struct ability_level *ability_levels(struct agents *, enum ability_kind, uint32_t name, uint32_t *count);
/* How many ready agents have at least this level. */
uint32_t ability_ready(struct agents *, enum ability_kind, uint32_t name, uint32_t least);
/* ability_agent: the agent whose ability is at this place of a list; ability_next: the next place in the list. */
uint32_t ability_agent(uint32_t place);
uint32_t ability_next(const struct agents *, uint32_t place);

/* True: the lists hold the ready agents, each by its idle rank. Slow. */
bool abilities_check(const struct agents *);
