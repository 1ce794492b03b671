/* runtime/core/people/ability.c - Lists of ready agents by skill, group and profile. A place in a list is made of an
 * agent's number and of the skill, group or profile of this agent, so that a list needs no memory of its own.
 *
 *     place (32 bits) = agent << 10 | 0 (skill), 256 (group) or 512 (profile) | index in the agent's own array
 *
 *     skill French --- level 3:  first -> place -> place -> last        one list per level,
 *                 \--- level 5:  first -> last                          in idle order
 *
 * The links between places are in the agent's own rows (struct agent_ability). Lists of ready agents follow from the
 * agents, so all of them are discarded when abilities change (`stale`), and built anew when they are needed. Between
 * two such changes only the agent who changes is put in or taken out. */
#include "runtime/core/people/ability.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/people/agent.h"

enum { PLACE_BITS = 10, PLACE_GROUP = AGENT_SKILLS_MAX, PLACE_PROFILE = 2 * PLACE_GROUP };

static_assert(AGENT_SKILLS_MAX == 256 && AGENT_GROUPS_MAX == 256,
              "a place has nine bits for skills and groups, and one for the profile");
static_assert(AGENTS_MAX <= UINT32_MAX >> PLACE_BITS, "a place holds an agent's number");

static uint64_t ability_key(const void *owner, uint32_t slot)
{
    const struct abilities *abilities = owner;
    return abilities->all[slot].key;
}

static uint64_t ability_key_for(enum ability_kind kind, uint32_t name)
{
    return (uint64_t)kind << 32 | name;
}

void abilities_init(struct abilities *abilities)
{
    *abilities = (struct abilities){0};
    lookup_init(&abilities->by_key, abilities, ability_key);
}

void abilities_free(struct abilities *abilities)
{
    for (uint32_t at = 0; at < abilities->count; at++) free(abilities->all[at].levels);
    free(abilities->all);
    lookup_free(&abilities->by_key);
}

void abilities_change(struct agents *agents)
{
    agents->abilities.stale = true;
}

uint32_t ability_agent(uint32_t place)
{
    return place >> PLACE_BITS;
}

/* Returns the row for a place; the assertion finds a place that is older than a change of the agent's abilities. */
static struct agent_ability *ability_at_place(const struct agents *agents, uint32_t place)
{
    struct agent *who = agent_at(agents, ability_agent(place));
    uint32_t at = place & (PLACE_GROUP - 1);
    if (place & PLACE_PROFILE) return &who->of_profile;
    assert(at < (place & PLACE_GROUP ? who->group_count : who->skill_count));
    return place & PLACE_GROUP ? &who->groups[at] : &who->skills[at];
}

uint32_t ability_next(const struct agents *agents, uint32_t place)
{
    return ability_at_place(agents, place)->next;
}

static struct ability_level *level_of(const struct agents *agents, const struct agent_ability *one)
{
    assert(one->row < agents->abilities.count && one->level > 0);
    assert(one->level <= agents->abilities.all[one->row].level_count);
    return &agents->abilities.all[one->row].levels[one->level - 1];
}

static uint64_t rank_at(const struct agents *agents, uint32_t place)
{
    return agent_at(agents, ability_agent(place))->idle_rank;
}

/* Puts a place into its list. An agent who becomes ready is nearly always the last in idle order, so the search
 * begins at the end. */
static void link_in(struct agents *agents, uint32_t place)
{
    struct agent_ability *one = ability_at_place(agents, place);
    struct ability_level *level = level_of(agents, one);
    uint64_t rank = rank_at(agents, place);
    uint32_t after = level->last;
    if (after != ABILITY_NONE && rank < rank_at(agents, level->first)) after = ABILITY_NONE;
    while (after != ABILITY_NONE && rank < rank_at(agents, after)) after = ability_at_place(agents, after)->previous;
    one->previous = after;
    one->next = after == ABILITY_NONE ? level->first : ability_at_place(agents, after)->next;
    *(one->previous == ABILITY_NONE ? &level->first : &ability_at_place(agents, one->previous)->next) = place;
    *(one->next == ABILITY_NONE ? &level->last : &ability_at_place(agents, one->next)->previous) = place;
    level->ready++;
}

/* Takes a place out of its list; if it has no neighbour on a side, the list's end is changed instead. */
static void link_out(struct agents *agents, uint32_t place)
{
    const struct agent_ability *one = ability_at_place(agents, place);
    struct ability_level *level = level_of(agents, one);
    assert(level->ready > 0);
    *(one->previous == ABILITY_NONE ? &level->first : &ability_at_place(agents, one->previous)->next) = one->next;
    *(one->next == ABILITY_NONE ? &level->last : &ability_at_place(agents, one->next)->previous) = one->previous;
    level->ready--;
}

static inline void each_place(struct agents *agents, uint32_t agent, void (*act)(struct agents *, uint32_t place))
{
    const struct agent *who = agent_at(agents, agent);
    for (uint32_t at = 0; at < who->skill_count; at++) act(agents, agent << PLACE_BITS | at);
    for (uint32_t at = 0; at < who->group_count; at++) act(agents, agent << PLACE_BITS | PLACE_GROUP | at);
    if (agents->profiled && who->name != 0) act(agents, agent << PLACE_BITS | PLACE_PROFILE);
}

/* Puts the agent into the lists; while these are stale nothing is done, as they will be built from the agents. */
void ability_in(struct agents *agents, uint32_t agent)
{
    if (!agents->abilities.stale) each_place(agents, agent, link_in);
}

void ability_out(struct agents *agents, uint32_t agent)
{
    if (!agents->abilities.stale) each_place(agents, agent, link_out);
}

/* Finds or makes the row of the ability at this place, and counts the agent. */
static void place_row(struct agents *agents, uint32_t place)
{
    struct abilities *abilities = &agents->abilities;
    struct agent_ability *one = ability_at_place(agents, place);
    enum ability_kind kind = place & PLACE_PROFILE ? ABILITY_PROFILE
                             : place & PLACE_GROUP ? ABILITY_GROUP
                                                   : ABILITY_SKILL;
    if (kind == ABILITY_PROFILE)
        *one = (struct agent_ability){.name = agent_at(agents, ability_agent(place))->prefers, .level = 1};
    uint64_t key = ability_key_for(kind, one->name);
    if (!lookup_find(&abilities->by_key, key, &one->row)) {
        one->row = abilities->count++;
        abilities->all = memory_grow(abilities->all, &abilities->capacity, abilities->count, sizeof *abilities->all);
        abilities->all[one->row] = (struct ability){.key = key};
        lookup_add(&abilities->by_key, one->row);
    }
    struct ability *row = &abilities->all[one->row];
    if (one->level > row->level_count) {
        row->levels = memory_grown(row->levels, one->level, sizeof *row->levels);
        while (row->level_count < one->level)
            row->levels[row->level_count++] = (struct ability_level){ABILITY_NONE, ABILITY_NONE, 0, 0};
    }
    row->levels[one->level - 1].agents++;
}

static void leave_row(struct agents *agents, uint32_t place)
{
    struct ability_level *level = level_of(agents, ability_at_place(agents, place));
    assert(level->agents > 0);
    level->agents--;
}

/* Takes the agent out of the lists before the agent's groups change; ability_enter() puts it in again. In between,
 * places have other meanings, since a place contains the index in the agent's array. */
void ability_leave(struct agents *agents, uint32_t agent)
{
    if (agents->abilities.stale) return;
    if (agent_at(agents, agent)->listed) each_place(agents, agent, link_out);
    each_place(agents, agent, leave_row);
}

void ability_enter(struct agents *agents, uint32_t agent)
{
    if (agents->abilities.stale) return;
    each_place(agents, agent, place_row);
    if (agent_at(agents, agent)->listed) each_place(agents, agent, link_in);
}

/* Makes the lists anew. Builds all lists anew. The ready list is in idle order, so every agent comes last in each
 * list. So each link_in() ends after one comparison, and the total time grows linearly with the number of abilities. */
static void ability_refresh(struct agents *agents)
{
    abilities_free(&agents->abilities);
    abilities_init(&agents->abilities);
    for (uint32_t agent = 0; agent < agents->count; agent++) each_place(agents, agent, place_row);
    for (uint32_t agent = agents->first; agent != AGENT_NONE; agent = agent_at(agents, agent)->next)
        each_place(agents, agent, link_in);
}

/* Returns the levels of an ability; the array is borrowed until abilities change. Level n has the index n - 1. */
const struct ability_level *ability_levels(struct agents *agents, enum ability_kind kind, uint32_t name,
                                           uint32_t *count)
{
    uint32_t row;
    if (agents->abilities.stale) ability_refresh(agents);
    if (!lookup_find(&agents->abilities.by_key, ability_key_for(kind, name), &row)) return NULL;
    *count = agents->abilities.all[row].level_count;
    return agents->abilities.all[row].levels;
}

uint32_t ability_ready(struct agents *agents, enum ability_kind kind, uint32_t name, uint32_t least)
{
    uint32_t count = 0, ready = 0;
    const struct ability_level *levels = ability_levels(agents, kind, name, &count);
    for (uint32_t level = least; levels && level <= count; level++) ready += levels[level - 1].ready;
    return ready;
}

/* True: the list is in order. The loop ends after `ready` agents, since a damaged list might be a circle. */
static bool list_holds(const struct agents *agents, uint32_t row, uint32_t number, uint32_t *listed)
{
    const struct ability_level *level = &agents->abilities.all[row].levels[number - 1];
    uint32_t count = 0, before = ABILITY_NONE;
    for (uint32_t at = level->first; at != ABILITY_NONE; before = at, at = ability_next(agents, at)) {
        const struct agent_ability *one = ability_at_place(agents, at);
        if (one->row != row || one->level != number || one->previous != before || ++count > level->ready) return false;
        if (!agent_at(agents, ability_agent(at))->listed) return false;
        if (before != ABILITY_NONE && rank_at(agents, before) >= rank_at(agents, at)) return false;
    }
    *listed += count;
    return count == level->ready && level->last == before;
}

bool abilities_check(const struct agents *agents)
{
    const struct abilities *abilities = &agents->abilities;
    uint32_t listed = 0, wanted = 0, counted = 0, known = 0;
    if (abilities->stale) return true;
    for (uint32_t row = 0; row < abilities->count; row++)
        for (uint32_t number = 1; number <= abilities->all[row].level_count; number++) {
            if (!list_holds(agents, row, number, &listed)) return false;
            counted += abilities->all[row].levels[number - 1].agents;
        }
    for (uint32_t at = agents->first; at != AGENT_NONE; at = agent_at(agents, at)->next)
        wanted += (uint32_t)agent_at(agents, at)->skill_count + agent_at(agents, at)->group_count + agents->profiled;
    for (uint32_t at = 0; at < agents->count; at++)
        known += (uint32_t)agent_at(agents, at)->skill_count + agent_at(agents, at)->group_count +
                 (agents->profiled && agent_at(agents, at)->name != 0);
    return listed == wanted && counted == known;
}
