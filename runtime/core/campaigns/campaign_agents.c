/* runtime/core/campaigns/campaign_agents.c - The agents of a campaign's group: who could take a call now, and who has
 * one. */
#include "runtime/core/base/memory.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/people/agent.h"

/* Groups have the same agents where nine tenths of each are in the other one. */
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

/* True: so many of `parts` of the agents of the group are in the other one, too. */
static bool groups_have(const struct agents *agents, uint32_t group, uint32_t other, uint32_t of, uint32_t parts)
{
    uint32_t all = 0, both = 0;
    if (group == 0 || group == other) return group != 0;
    for (uint32_t at = 0; at < agents->count; at++) {
        const struct agent *agent = agent_at(agents, at);
        bool in_group = agent_in_group(agent, group);
        all += in_group;
        both += in_group && agent_in_group(agent, other);
    }
    return both * parts >= all * of && both != 0;
}

bool campaign_groups_share(const struct agents *agents, uint32_t group, uint32_t other)
{
    return groups_have(agents, group, other, 1, SHARED_PARTS);
}

static enum campaign_share groups_overlap(const struct agents *agents, uint32_t group, uint32_t other)
{
    bool same = groups_have(agents, group, other, SAME_OF, SAME_PARTS) &&
                groups_have(agents, other, group, SAME_OF, SAME_PARTS);
    if (same) return SHARES_ALL;
    bool some = campaign_groups_share(agents, group, other) || campaign_groups_share(agents, other, group);
    return some ? SHARES_SOME : SHARES_NONE;
}

enum campaign_share campaign_shares(struct campaigns *campaigns, struct campaign *campaign, uint32_t group)
{
    if (campaign->agents == 0 || group == 0) return SHARES_NONE;
    if (group == campaign->agents) return SHARES_ALL;
    for (uint32_t at = 0; at < campaign->share_count; at++)
        if (campaign->shares[at].group == group) return (enum campaign_share)campaign->shares[at].share;
    enum campaign_share share = groups_overlap(campaigns->agents, campaign->agents, group);
    uint32_t count = ++campaign->share_count;
    campaign->shares = memory_grow(campaign->shares, &campaign->share_capacity, count, sizeof *campaign->shares);
    campaign->shares[count - 1] = (struct group_share){group, (uint8_t)share};
    return share;
}

void campaign_group_looks(struct campaigns *campaigns, struct campaign *campaign, bool second)
{
    for (uint32_t at = 0; at < campaigns->count; at++) {
        struct campaign *other = campaigns->all[at];
        if (!other || (other != campaign && campaign_shares(campaigns, campaign, other->agents) == SHARES_NONE))
            continue;
        other->busy_stale |= second;
        campaign_touch(campaigns, other);
    }
}

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
