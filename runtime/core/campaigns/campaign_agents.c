/* runtime/core/campaigns/campaign_agents.c - The agents of a campaign's group: how many could take a call now, and
 * how many are at work.
 *
 * The list of the group's members is kept, since a group seldom changes; ready agents are counted anew for each
 * decision. Two campaigns may use the same agents under different groups, and then each must decide again when the
 * other does:
 *
 *     of group A, group B              SHARES_ALL: both groups are nearly the same
 *     |--A--|=both=|-----B-----|       SHARES_SOME: at least a fifth of the smaller one
 */
#include "runtime/core/base/memory.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/people/agent.h"

/* Two groups count as the same agents if nine tenths of each group are in the other. */
enum { SHARED_PARTS = 5, SAME_OF = 9, SAME_PARTS = 10 };

static void find_members(struct campaigns *campaigns, struct campaign *campaign)
{
    campaign->members_stale = false;
    campaign->member_count = 0;
    for (uint32_t at = 0; at < campaigns->agents->count; at++) {
        if (!agent_in_group(agent_at(campaigns->agents, at), campaign->agents)) continue;
        uint32_t count = ++campaign->member_count;
        campaign->members =
            memory_grow(campaign->members, &campaign->member_capacity, count, sizeof *campaign->members);
        campaign->members[count - 1] = at;
    }
}

bool campaign_groups_share(const struct agents *agents, uint32_t group, uint32_t other)
{
    uint32_t all = 0, both = 0;
    if (group == 0 || group == other) return group != 0;
    for (uint32_t at = 0; at < agents->count; at++) {
        const struct agent *agent = agent_at(agents, at);
        bool in_group = agent_in_group(agent, group);
        all += in_group;
        both += in_group && agent_in_group(agent, other);
    }
    return both * SHARED_PARTS >= all && both != 0;
}

/* Returns how many agents are in the groups of both campaigns. Both arrays of members are sorted by slot. So one
 * loop over the two arrays is enough. */
static uint32_t members_of_both(const struct campaign *one, const struct campaign *other)
{
    uint32_t both = 0;
    for (uint32_t at = 0, beside = 0; at < one->member_count && beside < other->member_count;) {
        uint32_t member = one->members[at], second = other->members[beside];
        both += member == second;
        at += member <= second;
        beside += second <= member;
    }
    return both;
}

static enum campaign_share groups_overlap(struct campaigns *campaigns, struct campaign *one, struct campaign *other)
{
    if (one->members_stale) find_members(campaigns, one);
    if (other->members_stale) find_members(campaigns, other);
    uint32_t both = members_of_both(one, other), less = one->member_count, more = other->member_count;
    if (both == 0) return SHARES_NONE;
    if (less > more) less = other->member_count, more = one->member_count;
    if (both * SAME_PARTS >= more * SAME_OF) return SHARES_ALL;
    return both * SHARED_PARTS >= less ? SHARES_SOME : SHARES_NONE;
}

static const struct group_share *share_with(const struct campaign *campaign, uint32_t group)
{
    for (uint32_t at = 0; at < campaign->share_count; at++)
        if (campaign->shares[at].group == group) return &campaign->shares[at];
    return NULL;
}

/* Returns how far the groups of the two campaigns overlap; counts it once per pair and remembers it at `campaign`. */
enum campaign_share campaign_shares(struct campaigns *campaigns, struct campaign *campaign, struct campaign *other)
{
    if (campaign->agents == 0 || other->agents == 0) return SHARES_NONE;
    if (other->agents == campaign->agents) return SHARES_ALL;
    const struct group_share *found = share_with(campaign, other->agents);
    if (found) return (enum campaign_share)found->share;
    found = share_with(other, campaign->agents); /* the overlap is the same for both campaigns */
    enum campaign_share share = found ? (enum campaign_share)found->share : groups_overlap(campaigns, campaign, other);
    uint32_t count = ++campaign->share_count;
    campaign->shares = memory_grow(campaign->shares, &campaign->share_capacity, count, sizeof *campaign->shares);
    campaign->shares[count - 1] = (struct group_share){other->agents, (uint8_t)share};
    return share;
}

void campaign_group_looks(struct campaigns *campaigns, struct campaign *campaign, bool second)
{
    for (uint32_t at = 0; at < campaigns->count; at++) {
        struct campaign *other = campaigns->all[at];
        if (!other || (other != campaign && campaign_shares(campaigns, campaign, other) == SHARES_NONE)) continue;
        other->busy_stale |= second;
        campaign_touch(campaigns, other);
    }
}

/* Counts the agents of the group who are at work and can take no call. An agent who is only not ready is not
 * counted. */
void campaign_find_busy(struct campaigns *campaigns, struct campaign *campaign)
{
    campaign->busy_stale = false;
    campaign->found.busy = 0;
    if (campaign->members_stale) find_members(campaigns, campaign);
    for (uint32_t at = 0; at < campaign->member_count; at++) {
        const struct agent *agent = agent_at(campaigns->agents, campaign->members[at]);
        bool works = agent->claimed != 0 || has_medium(agent->wrap, media_voice);
        campaign->found.busy +=
            works && agent_is_of_here(agent) && agent_logged_in(agent) && !agent_takes(agent, media_voice);
    }
}

/* Counts the ready agents of a group. An agent whose change has not settled yet is not counted, but then the
 * campaign has to look again. */
static struct group_ready ready_of(struct campaigns *campaigns, uint32_t group)
{
    uint32_t count;
    const struct ability_level *levels = ability_levels(campaigns->agents, ABILITY_GROUP, group, &count);
    struct group_ready found = {.known = true, .group = group};
    for (uint32_t at = levels ? levels->first : ABILITY_NONE; at != ABILITY_NONE;
         at = ability_next(campaigns->agents, at)) {
        const struct agent *agent = agent_at(campaigns->agents, ability_agent(at));
        bool takes = agent_takes(agent, media_voice);
        found.ready += takes && !agent->dirty;
        found.dirty |= takes && agent->dirty;
    }
    return found;
}

/* Finds how many agents are ready; campaigns of one group that decide one after another share one count. */
void campaign_see_ready(struct campaigns *campaigns, struct campaign *campaign)
{
    const struct group_ready *found = &campaigns->ready;
    if (!found->known || found->group != campaign->agents) campaigns->ready = ready_of(campaigns, campaign->agents);
    campaign->found.ready = found->ready;
    campaign->looks_again = found->dirty;
}

void campaign_find_ready(struct campaigns *campaigns, struct campaign *campaign)
{
    campaigns->ready.known = false;
    campaign_see_ready(campaigns, campaign);
}
