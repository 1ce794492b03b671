/* runtime/core/queues/profile.c - Profiles: found by a hash of skills and groups, then compared as a whole. */
#include "runtime/core/queues/profile.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"

static uint64_t profile_key(const void *owner, uint32_t slot)
{
    const struct profiles *profiles = owner;
    return profiles->all[slot].key;
}

static void profiles_init(struct profiles *profiles)
{
    *profiles = (struct profiles){0};
    lookup_init(&profiles->by_key, profiles, profile_key);
}

static void profiles_free(struct profiles *profiles)
{
    for (uint32_t at = 0; at < profiles->count; at++) free(profiles->all[at].entries);
    free(profiles->all);
    lookup_free(&profiles->by_key);
}

void profiles_clear(struct core *core)
{
    profiles_free(core->profiles);
    profiles_init(core->profiles);
    for (uint32_t at = 0; at < core->agents->count; at++) core->agents->all[at].profile = 0;
}

/* The hash does not depend on the order in which skills and groups stand. */
static uint64_t hash_of(const struct agent *agent)
{
    uint64_t hash = 0;
    for (uint16_t at = 0; at < agent->skill_count; at++)
        hash += mix64((uint64_t)agent->skills[at].skill << 32 | agent->skills[at].level);
    for (uint16_t at = 0; at < agent->group_count; at++) hash += mix64(~(uint64_t)agent->groups[at]);
    return hash;
}

static bool can_the_same(const struct agent *a, const struct agent *b)
{
    if (a->skill_count != b->skill_count || a->group_count != b->group_count) return false;
    for (uint16_t at = 0; at < a->skill_count; at++)
        if (agent_level(b, a->skills[at].skill) != a->skills[at].level) return false;
    for (uint16_t at = 0; at < a->group_count; at++)
        if (!agent_in_group(b, a->groups[at])) return false;
    return true;
}

static struct profile *profile_of(struct core *core, uint32_t number)
{
    struct profiles *profiles = core->profiles;
    struct agent *agent = agent_at(core->agents, number);
    uint32_t slot;
    if (profiles->entries > PROFILE_ENTRIES_MAX) profiles_clear(core);
    assert(agent->profile <= profiles->count);
    if (agent->profile != 0) return &profiles->all[agent->profile - 1];
    uint64_t key = hash_of(agent);
    for (; lookup_find(&profiles->by_key, key, &slot); key++) {
        if (!can_the_same(agent, agent_at(core->agents, profiles->all[slot].agent))) continue;
        agent->profile = slot + 1;
        return &profiles->all[slot];
    }
    slot = profiles->count++;
    profiles->all = memory_grow(profiles->all, &profiles->capacity, profiles->count, sizeof *profiles->all);
    profiles->all[slot] = (struct profile){.key = key, .agent = number};
    lookup_add(&profiles->by_key, slot);
    agent->profile = slot + 1;
    return &profiles->all[slot];
}

/* Looks at the selectors that were made since the profile looked last. */
static void catch_up(struct core *core, struct profile *profile)
{
    const struct selectors *wants = &core->vqs->wants;
    for (uint32_t at = wants->newest; at != SELECTOR_NONE; at = wants->all[at].older) {
        const struct selector *want = &wants->all[at];
        if (want->number <= profile->looked) break;
        if (!want->personal && match_line(core, want, profile->agent) < 0) continue;
        profile->entries =
            memory_grow(profile->entries, &profile->capacity, profile->count + 1, sizeof *profile->entries);
        profile->entries[profile->count++] = (struct profile_entry){.number = want->number, .want = at};
        core->profiles->entries++;
    }
    profile->looked = wants->last_number;
}

uint32_t profile_best(struct core *core, uint32_t agent)
{
    if (core->vqs->wants.newest == SELECTOR_NONE) return VISIT_NONE;
    struct profile *profile = profile_of(core, agent);
    uint32_t best = VISIT_NONE;
    catch_up(core, profile);
    for (uint32_t at = 0; at < profile->count;) {
        const struct profile_entry *entry = &profile->entries[at];
        assert(entry->number != 0);
        const struct selector *want = selector_at(&core->vqs->wants, entry->want);
        if (want->number != entry->number) {
            profile->entries[at] = profile->entries[--profile->count];
            assert(core->profiles->entries > 0);
            core->profiles->entries--; /* the selector is gone */
            continue;
        }
        at++;
        uint32_t first = vq_first(core->vqs, entry->want);
        if (first == VISIT_NONE || link_held(core, want->link)) continue;
        if (best != VISIT_NONE && visit_before(core->vqs, visit_at(core->vqs, best), visit_at(core->vqs, first)))
            continue;
        if (!want->personal || match_line(core, want, agent) >= 0) best = first;
    }
    return best;
}

static void part_init(struct core *core)
{
    profiles_init(core->profiles);
}

static void part_free(struct core *core)
{
    profiles_free(core->profiles);
}

const struct part_ops part_ops_profiles = {.size = sizeof(struct profiles), .init = part_init, .free = part_free};
