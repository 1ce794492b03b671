/* runtime/core/statistics/level.c - Determines the levels (states) of agents and counts them.
 *
 * A level is a state that an agent has or has not: logged in, ready, busy, idle, in after-call work, not ready,
 * talking, holding. An agent has a byte of such bits per medium, and states[0] for all media together. `counted`
 * stores the bits as they were last counted, so that a change is the difference. */
#include "runtime/core/statistics/level.h"

#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/definition.h"

static bool is_talking(unsigned state)
{
    return state == party_change_Established || state == party_change_Retrieved || state == party_change_PartyAdded;
}

/* Adds the states of the agent's calls: in conversation, on hold. */
static void add_calls(const struct statistics *statistics, uint32_t number, const struct agent *agent,
                      struct agent_now *now)
{
    for (uint32_t at = agent->claims; at != CLAIM_NONE; at = claim_at(statistics->claims, at)->next_of_agent) {
        const struct claim *claim = claim_at(statistics->claims, at);
        if (claim->state != CLAIM_ACTIVE) continue;
        unsigned levels = 0;
        uint32_t slot = interaction_at(statistics->interactions, claim->interaction)->parties;
        for (; slot != PARTY_NONE; slot = statistics->interactions->parties[slot].next) {
            const struct party *party = &statistics->interactions->parties[slot];
            if (party->agent != number) continue;
            if (is_talking(party->state)) levels |= 1u << LEVEL_talking;
            if (party->state == party_change_Held) levels |= 1u << LEVEL_holding;
        }
        now->states[0] |= (uint8_t)levels;
        now->states[claim->medium] |= (uint8_t)levels;
    }
}

/* Returns bits of which exactly one is set: idle, busy, wrap or not ready. */
static uint8_t levels_of(bool busy, bool ready, bool wrap)
{
    unsigned levels = 1u << LEVEL_logged_in;
    if (busy) levels |= 1u << LEVEL_busy;
    if (ready) levels |= 1u << LEVEL_ready;
    if (ready && !busy && !wrap) levels |= 1u << LEVEL_idle;
    if (wrap && !busy) levels |= 1u << LEVEL_wrap;
    if (!ready && !wrap && !busy) levels |= 1u << LEVEL_not_ready;
    return (uint8_t)levels;
}

static_assert((int)AGENT_LEVELS <= 8 && (int)AGENT_LEVELS <= (int)SERVING_STATES,
              "struct agent_now has a bit of a byte for each enum agent_level, struct serving a count");

/* Returns the agent's states now. Media without a claim or after-call work have one of only two values, so all are
 * filled at once. */
struct agent_now level_now(const struct statistics *statistics, uint32_t number)
{
    const struct agent *agent = agent_at(statistics->agents, number);
    struct agent_now now = {{0}};
    if (!agent_logged_in(agent)) return now;
    /* the agent is ready, even if selection does not take agents with failed destinations */
    struct media_set open = media_set_or(agent->open, agent->open_failed);
    const uint8_t others[] = {levels_of(false, false, false), levels_of(false, true, false)};
    for (unsigned medium = 1; medium < MEDIA_KINDS; medium++) now.states[medium] = others[has_medium(open, medium)];
    EACH_MEDIUM(medium, media_set_or(agent->load.media, agent->wrap))
    now.states[medium] =
        levels_of(agent->load.units[medium] != 0, has_medium(open, medium), has_medium(agent->wrap, medium));
    now.states[0] = levels_of(agent->claimed != 0, !media_set_is_empty(open), !media_set_is_empty(agent->wrap));
    add_calls(statistics, number, agent, &now);
    return now;
}

struct counted *level_counted(struct statistics *statistics, uint32_t agent)
{
    statistics->counted =
        memory_grow(statistics->counted, &statistics->agent_capacity, agent + 1, sizeof *statistics->counted);
    return &statistics->counted[agent];
}

/* Begins to count, when the first definition needs it. The present states of the agents are the beginning. */
void levels_count(struct statistics *statistics)
{
    if (statistics->agents->watched) return;
    statistics->agents->watched = true;
    for (uint32_t at = 0; at < statistics->agents->count; at++) {
        struct counted *counted = level_counted(statistics, at);
        counted->now = level_now(statistics, at);
        counted->place = agent_at(statistics->agents, at)->place;
    }
}

struct agent_now levels_counted(const struct statistics *statistics, uint32_t agent)
{
    static const struct agent_now nothing;
    return agent < statistics->agent_capacity ? statistics->counted[agent].now : nothing;
}

bool level_is_at(const struct statistics *statistics, uint32_t agent, unsigned medium, unsigned level)
{
    return medium < MEDIA_KINDS && ((unsigned)levels_counted(statistics, agent).states[medium] >> level & 1u) != 0;
}

/* Returns on how many interactions the strategy works. */
static int64_t works_on(const struct statistics *statistics, uint32_t strategy)
{
    int64_t count = 0;
    EACH_INTERACTION (ix, statistics->interactions) {
        count += ix->running && ix->program != PROGRAM_NONE &&
                 names_find(statistics->names, strategy_title(statistics->strategies, ix)) == strategy;
    }
    return count;
}

/* Counts slowly, over all agents, for a new figure and for the check. */
int64_t levels_add_up(const struct statistics *statistics, const struct definition *definition, uint32_t object)
{
    int level = definition_level(definition->measure);
    int64_t count = 0;
    if (definition->measure == MEASURE_ID_running) return works_on(statistics, object);
    if (level < 0 || definition_serves(definition)) return 0;
    if (definition->of == MEASURED_AGENT) return level_is_at(statistics, object, definition->medium, (unsigned)level);
    for (uint32_t at = 0; at < statistics->agents->count; at++) {
        if (!level_is_at(statistics, at, definition->medium, (unsigned)level)) continue;
        const struct counted *counted = &statistics->counted[at];
        count += definition->of == MEASURED_VQ      ? counted->vq == object
                 : definition->of == MEASURED_PLACE ? counted->place == object
                                                    : agent_in_group(agent_at(statistics->agents, at), object);
    }
    return count;
}
