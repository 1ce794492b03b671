/* runtime/core/people/ability.h - Abilities (skills and groups): for each, lists of the ready agents who have it,
 * one list per level, longest idle first.
 *
 * With these lists the core finds the ready agents of a selection without looking at other agents. The agents' table
 * owns the lists; the links are in the agents' skills and groups. The lists are built anew after the directory has
 * changed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct agents;

enum { ABILITY_NONE = UINT32_MAX };
/* ABILITY_PROFILE: the ready agents of a profile; its name is the place of the profile (`prefers` of struct agent). */
enum ability_kind { ABILITY_SKILL, ABILITY_GROUP, ABILITY_PROFILE };

/* One skill or group of one agent, or the profile. */
struct agent_ability {
    uint32_t name;
    uint32_t level;          /* level of the skill, 1 to 100; 1 for a group */
    uint32_t row;            /* row of struct abilities, as long as the lists contain the agent */
    uint32_t previous, next; /* neighbours in the list of this level: places of other agents */
    bool itself, by_place;   /* of a group: the directory, or the place where the agent sits, puts the agent into it */
};

struct abilities {
    struct ability {
        uint64_t key; /* kind and name */
        struct ability_level {
            uint32_t first, last; /* places: first and last of the list; ABILITY_NONE: no agent is ready */
            uint32_t ready;       /* how many ready agents are in the list */
            uint32_t agents;      /* how many agents have this level, ready or not */
        } * levels;               /* from level 1 on */
        uint32_t level_count;
    } * all;
    uint32_t count, capacity;
    struct lookup by_key;
    bool stale; /* true: skills or groups have changed since the lists were built */
};

void abilities_init(struct abilities *);
void abilities_free(struct abilities *);

/* Called before skills or groups of agents change: marks the lists as stale; they are built anew at the next use. */
void abilities_change(struct agents *);
/* Two functions: they put an agent who enters the ready list into the lists of the agent's abilities; and take the
 * agent out again. */
void ability_in(struct agents *, uint32_t agent);
void ability_out(struct agents *, uint32_t agent);
/* Called before (ability_leave) and after (ability_enter) a change of the given agent's groups. */
void ability_leave(struct agents *, uint32_t agent);
void ability_enter(struct agents *, uint32_t agent);

/* Returns the levels of a skill or group, from 1 on, and their number in `count`; NULL: no agent has the skill or is
 * in the group. Borrowed until the directory changes an ability. */
const struct ability_level *ability_levels(struct agents *, enum ability_kind, uint32_t name, uint32_t *count);
/* Returns how many ready agents have at least the given level of the ability. */
uint32_t ability_ready(struct agents *, enum ability_kind, uint32_t name, uint32_t least);
/* ability_agent returns the agent of a place in a list; ability_next the next place in the list. */
uint32_t ability_agent(uint32_t place);
uint32_t ability_next(const struct agents *, uint32_t place);

/* True: the lists contain exactly the ready agents, in idle order. Slow. */
bool abilities_check(const struct agents *);
