/* runtime/core/check.c - The invariants of the core, each checked slowly and simply.
 *
 * The core updates its counts and links with each change. Here the same values are computed from nothing, by a loop
 * over everything, and compared:
 *
 *     claims of each interaction  ==  claims of all agents  ==  debited - credited
 *     places of all interactions  ==  the sum of `waiting` over all queues
 *     content of all interactions ==  the sum that the digest is made of
 *
 * Nothing is changed. core_check_loaded() leaves out slow checks. core_check_migrated() leaves out what a core that
 * an earlier semantics number has saved need not fulfil. */
#include "runtime/core/check.h"

#include <assert.h>
#include <string.h>

#include "vm/steps.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/core/steps/select.h"

static bool check_wrong(struct error *error, const char *what, uint64_t id)
{
    return error_set(error, ERROR_STATE, "%s: %llx", what, (unsigned long long)id);
}

/* True: the state and the owner of the interaction agree, since each follows from the other. */
static bool owner_holds(const struct core *core, const struct interaction *ix, struct error *error)
{
    static const uint8_t owner_of[] = {
        [IX_OBSERVED] = OWNER_DEVICE, [IX_QUEUED] = OWNER_QUEUE,     [IX_ROUTING] = OWNER_STRATEGY,
        [IX_HANDLING] = OWNER_AGENT,  [IX_CLOSING] = OWNER_STRATEGY,
    };
    bool in_workbin = ix->state == IX_QUEUED && ix->owner_kind == OWNER_WORKBIN;
    bool ends = ix->state == IX_CLOSING && !ix->running && ix->submitted && ix->owner_kind == OWNER_DEVICE;
    if (ix->state == IX_FREE || interaction_has_ended(ix) ||
        (ix->owner_kind != owner_of[ix->state] && !in_workbin && !ends))
        return check_wrong(error, "its owner does not go with its state", ix->id);
    if (ix->running != (ix->state == IX_ROUTING || (ix->state == IX_CLOSING && ix->running)))
        return check_wrong(error, "a strategy runs, but does not own it, or the other way round", ix->id);
    if (ix->visit != VISIT_NONE && !ix->running) return check_wrong(error, "it waits without a strategy", ix->id);
    if (ix->visit != VISIT_NONE && visit_at(core->vqs, ix->visit)->slot != ix->slot)
        return check_wrong(error, "its place in a queue is another's", ix->id);
    if (!ix->leg && !ix->running && ix->media == media_voice)
        return check_wrong(error, "it lives without a leg", ix->id);
    return true;
}

/* True: if the call is on its way to a destination, its strategy is at the route step that sent it there. */
static bool route_holds(const struct core *core, const struct interaction *ix, struct error *error)
{
    bool out = ix->route_phase >= ROUTE_ASKED && ix->route_phase <= ROUTE_PULLING;
    if (out && (!ix->running || step_of(core, ix, 0) != STEP_ID_route))
        return check_wrong(error, "it is being routed by nobody", ix->id);
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        if (core->claims->all[at].state == CLAIM_ROUTED && !out)
            return check_wrong(error, "an agent is claimed for a routing that is over", ix->id);
    return true;
}

/* True: only interactions of a held link and those that a debugger has stopped have frozen timers; no event would
 * ever thaw the timers of others. */
static bool timers_move(const struct core *core, const struct interaction *ix, struct error *error)
{
    bool frozen = timer_frozen(core->timers, ix->pending.timer);
    for (unsigned at = 0; at < 2; at++) frozen = frozen || timer_frozen(core->timers, ix->timer[at]);
    const struct fork *fork = fork_of(core->forks, ix);
    for (unsigned at = 0; fork && at < STRANDS; at++)
        frozen = frozen || timer_frozen(core->timers, fork->strands[at].timer) ||
                 timer_frozen(core->timers, fork->strands[at].pending.timer);
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        frozen = frozen || timer_frozen(core->timers, core->claims->all[at].timer);
    return !frozen || interaction_held(core->forks, ix) || check_wrong(error, "a timer is frozen for good", ix->id);
}

static bool is_party(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    for (uint32_t at = ix->parties; at != PARTY_NONE; at = core->interactions->parties[at].next)
        if (core->interactions->parties[at].agent == agent) return true;
    return false;
}

/* True: each agent who has answered the call has a leg of it: an agent who has left the call has no claim on it. */
static bool talkers_hold(const struct core *core, const struct interaction *ix, struct error *error)
{
    if (ix->submitted) return true;
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction) {
        const struct claim *claim = &core->claims->all[at];
        if (claim->state == CLAIM_ACTIVE && !is_party(core, ix, claim->agent))
            return check_wrong(error, "an agent is claimed for a call that they have left", ix->id);
    }
    return true;
}

static bool interactions_hold(const struct core *core, struct error *error, uint64_t *claims, uint64_t *visits)
{
    uint32_t live = 0, running = 0, forks = 0, keeps = 0, live_of[MEDIA_KINDS] = {0};
    uint64_t content = 0;
    EACH_INTERACTION (ix, core->interactions) {
        if (!owner_holds(core, ix, error) || !route_holds(core, ix, error) || !timers_move(core, ix, error))
            return false;
        for (uint32_t claim = ix->claims; claim != CLAIM_NONE; claim = core->claims->all[claim].next_of_interaction) {
            if (core->claims->all[claim].interaction != ix->slot)
                return check_wrong(error, "a claim in its list is another's", ix->id);
            (*claims)++;
        }
        for (uint32_t visit = ix->visit; visit != VISIT_NONE; visit = vq_further(core->vqs, visit)) (*visits)++;
        content += ix->content;
        const char *part = parts_hold(core->parts, ix);
        if (part)
            return error_set(error, ERROR_STATE, "its %s do not agree with it: %llx", part, (unsigned long long)ix->id);
        keeps += ix->keeps;
        live++;
        live_of[ix->media]++;
        running += ix->running;
        forks += ix->forked;
    }
    if (keeps != core->kept_places->taken)
        return check_wrong(error, "more or fewer places are kept than there are", keeps);
    if (forks != core->forks->taken) return check_wrong(error, "more or fewer forks than stand at one", forks);
    if (running != core->running) return check_wrong(error, "more or fewer strategies run than are counted", running);
    static_assert(sizeof live_of == sizeof core->interactions->live_of, "a count for each medium");
    if (memcmp(live_of, core->interactions->live_of, sizeof live_of) != 0)
        return check_wrong(error, "more or fewer live of a medium than are counted", live);
    if (live != core->interactions->live || content != core->interactions->content)
        return check_wrong(error, "the sum over all interactions differs", live);
    return true;
}

/* True: an agent has more work than the capacity rule allows only if the rule became stricter meanwhile
 * (`overfull`). */
static bool agents_hold(const struct core *core, struct error *error, uint64_t *claims)
{
    for (uint32_t at = 0; at < core->agents->count; at++) {
        const struct agent *agent = &core->agents->all[at];
        uint32_t count = 0;
        struct media_load load = {.media = {{0}}};
        uint8_t given[MEDIA_KINDS];
        for (uint32_t slot = agent->claims; slot != CLAIM_NONE; slot = core->claims->all[slot].next_of_agent) {
            const struct claim *claim = &core->claims->all[slot];
            if (claim->agent != at) return check_wrong(error, "a claim in the agent's list is another's", at);
            load.units[claim->medium]++;
            load.media = media_set_with(load.media, claim->medium, true);
            count++;
        }
        if (count != agent->claimed) return check_wrong(error, "an agent's claims are not as many as counted", at);
        if (memcmp(&load, &agent->load, sizeof load) != 0)
            return check_wrong(error, "an agent's claims take other units than counted", at);
        claims_given(core->claims, agent->claims, given);
        if (!agent->overfull && !capacity_holds(capacity_rule(&core->agents->capacities, agent->capacity), given))
            return check_wrong(error, "an agent is claimed beyond its capacity", at);
        uint16_t place = places_capacity_of(&core->directory->places, agent->place);
        uint16_t wanted = agent->own_capacity != CAPACITY_SINGLE ? agent->own_capacity : place;
        if (count == 0 && agent->capacity != wanted)
            return check_wrong(error, "an agent without claims has another capacity than the directory says", at);
        *claims += count;
    }
    return agents_check(core->agents) || check_wrong(error, "the ready list is not right", 0);
}

static bool contents_hold(const struct core *core, struct error *error)
{
    EACH_INTERACTION (ix, core->interactions)
        if (interaction_content(core->interactions, ix) != ix->content)
            return check_wrong(error, "its block, fork or exclusions changed without being counted", ix->id);
    return true;
}

bool core_check_loaded(const struct core *core, struct error *error)
{
    uint64_t of_interactions = 0, of_agents = 0, visits = 0, waiting = 0;
    if (!interactions_hold(core, error, &of_interactions, &visits) || !agents_hold(core, error, &of_agents))
        return false;
    if (of_interactions != of_agents || of_agents != claims_outstanding(core->claims) ||
        core->claims->debited != core->claims->credited + of_agents)
        return check_wrong(error, "claims are not conserved", core->claims->debited);
    for (uint32_t vq = 0; vq < core->vqs->count; vq++) waiting += core->vqs->all[vq].waiting;
    if (waiting != visits) return check_wrong(error, "more or fewer wait than have a place", waiting);
    if (!timers_check(core->timers)) return check_wrong(error, "the timers are out of order", 0);
    const char *part = parts_check(core->parts);
    if (part) return error_set(error, ERROR_STATE, "the sum over all %s differs", part);
    return select_check((struct core *)(uintptr_t)core) || check_wrong(error, "somebody waits at no selection", 0);
}

bool core_check_migrated(const struct core *core, struct error *error)
{
    return core_check_loaded(core, error) && contents_hold(core, error) &&
           (select_passes_nobody((struct core *)(uintptr_t)core) || check_wrong(error, "somebody is passed over", 0));
}

bool core_check(const struct core *core, struct error *error)
{
    if (!core_check_migrated(core, error)) return false;
    EACH_INTERACTION (ix, core->interactions)
        if (!talkers_hold(core, ix, error)) return false;
    return true;
}
