/* runtime/core/campaigns/campaign_pace.c - How many records of a campaign begin, and when.
 *
 * A campaign decides when something of it has changed (campaign_touch), and each second when its timer fires:
 *
 *     a record, a claim, an agent, the list --> touched --> settle --> campaign_decide --> timer, the next second
 *                                                  ^                                          |
 *                                                  `------------------------------------------'
 *
 * First it reports to the pacer what only time has changed: people who have waited too long are abandoned, and
 * agents whose after-call work is over are free. Then the pacer says how many more numbers may be dialled, and so
 * many due records begin. Last it asks its list for the records that are missing. Ready agents are found at each
 * decision from the levels of their group; busy agents only each second, because all members are looked at for that.
 *
 * An agent is kept (promised) for one number only. Several campaigns may have the same agents: each pacer hears what
 * the other campaigns have dialled, so a ready agent is counted for one number, whichever campaign has dialled it.
 * Campaigns that have changed decide one after another; the one with the fewest agents at its calls decides first. If
 * nobody answers the number, no agent is kept for it any longer; then the other campaigns, too, decide anew how many
 * numbers they dial. While an agent is kept for a number, selection gives the agent to nobody else (agents_promise). An
 * agent who has just become ready is not counted yet: selection first looks whether an interaction waits, and then the
 * campaign looks again. */
#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"

/* ---- agents promised to the numbers of other campaigns ---- */

/* Returns how many ready agents of one group are also in the other group. */
static uint32_t ready_in_both(const struct campaigns *campaigns, uint32_t group, uint32_t other)
{
    uint32_t count, both = 0;
    const struct ability_level *levels = ability_levels(campaigns->agents, ABILITY_GROUP, group, &count);
    for (uint32_t at = levels ? levels->first : ABILITY_NONE; at != ABILITY_NONE;
         at = ability_next(campaigns->agents, at)) {
        const struct agent *agent = agent_at(campaigns->agents, ability_agent(at));
        both += agent_in_group(agent, other) && agent_takes(agent, media_voice);
    }
    return both;
}

/* True: people who answer the campaign's calls may be lost because of what another campaign dials now. */
static bool campaign_risks(const struct campaign *campaign)
{
    const uint32_t *records = campaign->counts.records;
    bool dials = campaign->state == CAMPAIGN_RUNNING && campaign->why == CAMPAIGN_WHY_pacer && records[RECORD_due] != 0;
    return campaign_dials_for_agents(campaign) &&
           (dials || records[RECORD_checking] + records[RECORD_ringing] + records[RECORD_waiting] != 0);
}

/* Counts the records that belong to one agent and wait for this agent before anything is dialled: such records take no
 * other agent of the group, since their own agents may be away for long. When an agent is chosen for a record it has a
 * claim and is not counted here. */
static uint32_t records_wait_for_own(const struct campaigns *campaigns, const struct campaign *campaign)
{
    uint32_t count = 0, at = campaign->checking.first;
    if (campaign->counts.records[RECORD_checking] == campaign->counts.chosen[RECORD_checking]) return 0;
    while (at != LIST_RECORD_NONE) {
        const struct list_record *row = list_record_at(campaigns->records, at);
        const struct interaction *ix = row->agent != 0 && row->claims == 0 && !row->passed_over
                                           ? interaction_by_id(campaigns->interactions, row->ixn)
                                           : NULL;
        count += ix && ix->visit != VISIT_NONE;
        at = row->next;
    }
    return count;
}

/* Adds another campaign's calls to what the pacer knows. If the two have nearly the same agents, the forecast includes
 * the other campaign; if they share only some, each number that the other has dialled takes one shared agent. A person
 * who waits for an agent takes one agent, whether the campaigns share all agents or some. */
static void beside_add(struct campaigns *campaigns, struct campaign *campaign, struct campaign *other,
                       struct pacer_agents *agents)
{
    const uint32_t *records = other->counts.records, *chosen = other->counts.chosen;
    uint32_t waits = records[RECORD_waiting] - chosen[RECORD_waiting];
    uint32_t begun = records[RECORD_checking] - chosen[RECORD_checking] - records_wait_for_own(campaigns, other);
    uint32_t rings = records[RECORD_ringing];
    if (campaign_shares(campaigns, campaign, other) != SHARES_ALL) {
        uint32_t takes = waits + begun + rings;
        if (takes == 0) return;
        uint32_t both = ready_in_both(campaigns, campaign->agents, other->agents);
        agents->taken += takes < both ? takes : both;
        return;
    }
    if (campaign_risks(other))
        agents->bound = pacer_bound_least(agents->bound, pacer_bound(&other->pacer, campaigns->now->time_us));
    agents->taken += waits;
    agents->ready += chosen[RECORD_ringing];
    agents->begun += begun;
    if (pacer_promises(&other->pacer, &other->found)) agents->promised += begun + rings;
    campaigns->beside = memory_grow(campaigns->beside, &campaigns->beside_capacity, agents->beside_count + 1,
                                    sizeof *campaigns->beside);
    campaigns->beside[agents->beside_count++] = &other->pacer;
    agents->beside = campaigns->beside;
}

static void find_beside(struct campaigns *campaigns, struct campaign *campaign, struct pacer_agents *agents)
{
    agents->bound = pacer_bound(&campaign->pacer, campaigns->now->time_us);
    for (uint32_t at = 0; at < campaigns->count; at++)
        if (campaigns->groups[at] != 0 && campaigns->all[at] != campaign &&
            campaigns->all[at]->mode != campaign_mode_power)
            beside_add(campaigns, campaign, campaigns->all[at], agents);
}

/* Reports to the pacer the agents whose after-call work is over, or who have logged out in the middle of it. */
static void work_ends(struct campaigns *campaigns, struct campaign *campaign)
{
    uint32_t kept = 0;
    for (uint32_t at = 0; at < campaign->after_count; at++) {
        struct campaign_after after = campaign->after[at];
        const struct agent *agent = after.agent != AGENT_NONE ? agent_at(campaigns->agents, after.agent) : NULL;
        if (agent && agent_logged_in(agent) && has_medium(agent->wrap, media_voice))
            campaign->after[kept++] = after;
        else
            pacer_ready(&campaign->pacer, campaigns->now->time_us, after.since_us);
    }
    campaign->after_count = kept;
}

/* ---- how many records begin ---- */

static uint64_t answer_wait_us(const struct campaign *campaign)
{
    return campaign->rules[CAMPAIGN_RULE_wait_ms] * UINT64_C(1000);
}

/* Reports to the pacer when a person in a queue will be let go by the strategy's timeout: the first such person
 * shows this before anybody is lost. */
static void patience_show(const struct campaigns *campaigns, struct campaign *campaign, const struct list_record *row)
{
    const struct interaction *ix = interaction_by_id(campaigns->interactions, row->ixn);
    if (ix && ix->visit != VISIT_NONE && !ix->forked && ix->until_us > row->since_us)
        pacer_lets_go(&campaign->pacer, ix->until_us - row->since_us);
}

/* Counts people who have waited longer than the rule wait_ms as abandoned; an agent who comes at the very end of
 * wait_ms is in time. Switches report answers with different delays, so the first record in the queue may not be the
 * one that waits longest. */
static void abandon_late(struct campaigns *campaigns, struct campaign *campaign)
{
    for (uint32_t at = campaign->waiting.first, next; at != LIST_RECORD_NONE; at = next) {
        const struct list_record *row = list_record_at(campaigns->records, at);
        next = row->next;
        if (campaign->pacer.kept_us == 0) patience_show(campaigns, campaign, row);
        if (campaigns->now->time_us - row->since_us > answer_wait_us(campaign))
            campaign_abandons(campaigns, campaign, at);
    }
}

/* Returns how many more records may begin in the mode push_preview. Each record takes a ready agent until one is chosen
 * for it, or an agent has passed it over. A record takes a line while it rings, and before that while no agent looks at
 * it. */
static uint32_t pace_may_push(const struct campaign *campaign, uint32_t wait_for_own)
{
    const uint32_t *rules = campaign->rules, *records = campaign->counts.records, *chosen = campaign->counts.chosen;
    assert(chosen[RECORD_checking] + campaign->counts.in_vain <= records[RECORD_checking]);
    uint32_t alone = records[RECORD_checking] + records[RECORD_ringing] + records[RECORD_waiting] -
                     chosen[RECORD_checking] - chosen[RECORD_ringing] - chosen[RECORD_waiting] -
                     campaign->counts.in_vain - wait_for_own;
    uint64_t taken = (uint64_t)alone + rules[CAMPAIGN_RULE_reserve];
    uint32_t ready = campaign->found.ready > taken ? campaign->found.ready - (uint32_t)taken : 0;
    uint32_t used = records[RECORD_checking] - chosen[RECORD_checking] + records[RECORD_ringing];
    uint32_t lines = rules[CAMPAIGN_RULE_lines];
    uint32_t free_lines = lines > used ? lines - used : 0;
    return ready < free_lines ? ready : free_lines;
}

/* Returns how many more records may begin. A record that has begun counts as dialled, even if it is not dialled yet.
 * The pacer takes one agent away for each record that rings or waits; so an agent who is already chosen for such a
 * record is added to the ready agents. */
static uint32_t pace_may_begin(struct campaigns *campaigns, struct campaign *campaign)
{
    if (campaign->busy_stale) campaign_find_busy(campaigns, campaign);
    campaign_see_ready(campaigns, campaign);
    struct pacer_agents agents = campaign->found;
    agents.ready += campaign->counts.chosen[RECORD_ringing] + campaign->counts.chosen[RECORD_waiting];
    if (campaign->agents != 0) find_beside(campaigns, campaign, &agents);
    campaign->answer = pacer_ask(&campaign->pacer, campaigns->now->time_us, &agents);
    uint32_t wait_for_own = records_wait_for_own(campaigns, campaign), may = campaign->answer.dial;
    if (campaign->mode == campaign_mode_push_preview) return pace_may_push(campaign, wait_for_own);
    const uint32_t *records = campaign->counts.records;
    uint32_t begun = records[RECORD_checking] - wait_for_own, lines = campaign->rules[CAMPAIGN_RULE_lines];
    /* records that wait for their own agents will ring, too */
    uint32_t used = records[RECORD_checking] + records[RECORD_ringing];
    uint32_t more = may > begun ? may - begun : 0, free_lines = lines > used ? lines - used : 0;
    return more < free_lines ? more : free_lines;
}

/* Keeps as many ready agents of the group free as its campaigns have dialled numbers for, less the reserve. A number
 * for which an agent is chosen already has a claim, and needs no agent kept. */
void campaign_promises(struct campaigns *campaigns, uint32_t group)
{
    uint32_t numbers = 0, reserve = 0;
    for (uint32_t at = 0; at < campaigns->count; at++) {
        const struct campaign *campaign = campaigns->all[at];
        if (campaigns->groups[at] != group || !campaign_dials_for_agents(campaign)) continue;
        const uint32_t *records = campaign->counts.records, *chosen = campaign->counts.chosen;
        for (unsigned state = RECORD_checking; state <= RECORD_waiting; state++)
            numbers += records[state] - chosen[state];
        numbers -= records_wait_for_own(campaigns, campaign);
        if (campaign->rules[CAMPAIGN_RULE_reserve] > reserve) reserve = campaign->rules[CAMPAIGN_RULE_reserve];
    }
    uint32_t count, ready = ability_ready(campaigns->agents, ABILITY_GROUP, group, 1);
    count = ready > reserve ? ready - reserve : 0;
    agents_promise(campaigns->agents, group, numbers < count ? numbers : count);
}

/* Looks at the campaign's schedule, once in a second. */
static void find_hours(const struct campaigns *campaigns, struct campaign *campaign)
{
    int64_t now_s = now_wall_us(campaigns->now) / (int64_t)SECOND_US;
    if (campaign->hours_s == now_s) return;
    campaign->hours_s = now_s;
    campaign->hours = (uint8_t)campaign_hours_state(campaigns, campaign);
}

static void records_begin(struct campaigns *campaigns, struct campaign *campaign)
{
    assert(campaign->state == CAMPAIGN_RUNNING);
    uint32_t may = pace_may_begin(campaigns, campaign);
    unsigned why = campaign->hours;
    if (why == CAMPAIGN_WHY_pacer && !campaign_has_strategy(campaigns, campaign->name)) why = CAMPAIGN_WHY_no_strategy;
    /* a record that begins may claim an agent, so the count of ready agents is stale */
    if (may > 0) campaigns->ready.known = false;
    for (; may > 0 && why == CAMPAIGN_WHY_pacer && campaign->state == CAMPAIGN_RUNNING; may--)
        why = campaign->due.first == LIST_RECORD_NONE ? CAMPAIGN_WHY_no_record
                                                      : list_record_begin(campaigns->records, campaign->due.first);
    if (campaign->state == CAMPAIGN_RUNNING) campaign->why = (uint8_t)why;
}

/* Sets the timer: to the next second, or earlier when somebody will have waited too long; to now when selection must
 * look first. */
static void pace_timer_set(struct campaigns *campaigns, struct campaign *campaign)
{
    bool ticks = campaign->state != CAMPAIGN_LOADED || campaign->ref != 0 || campaign->after_count != 0;
    uint64_t at_us = ticks ? (campaigns->now->time_us / SECOND_US + 1) * SECOND_US : UINT64_MAX;
    for (uint32_t at = campaign->waiting.first; at != LIST_RECORD_NONE;
         at = list_record_at(campaigns->records, at)->next) {
        uint64_t late_us = list_record_at(campaigns->records, at)->since_us + answer_wait_us(campaign) + 1;
        if (late_us < at_us) at_us = late_us;
    }
    if (campaign->looks_again) at_us = campaigns->now->time_us;
    campaign->looks_again = false;
    timer_cancel(campaigns->timers, &campaign->timer);
    if (at_us == UINT64_MAX) return;
    timer_set(campaigns->timers, &(struct timer){.deadline_us = at_us, .kind = TIMER_CAMPAIGN, .data = campaign->slot});
}

void campaign_catches_up(struct campaigns *campaigns, struct campaign *campaign)
{
    abandon_late(campaigns, campaign);
    work_ends(campaigns, campaign);
}

void campaign_decide(struct campaigns *campaigns, struct campaign *campaign)
{
    assert(campaign->dirty && campaign->state != CAMPAIGN_GONE);
    campaign_touch(campaigns, campaign);
    /* the adapter that had the records is down: the campaign does not wait until it gives them back */
    if (!link_usable(campaigns->links, campaign->link)) campaign->given_back = true;
    find_hours(campaigns, campaign);
    if (campaign->state == CAMPAIGN_RUNNING) records_begin(campaigns, campaign);
    campaign_fetch(campaigns, campaign);
    pace_timer_set(campaigns, campaign);
    campaign->dirty = false;
    bool done = campaign->state == CAMPAIGN_UNLOADING && campaign->given_back && campaign_under_way(campaign) == 0;
    if (done) campaign_gone(campaigns, campaign);
}

/* ---- for agents who ask for records ---- */

uint32_t campaign_next(const struct campaigns *campaigns, const struct campaign *campaign, uint32_t agent)
{
    uint32_t first = LIST_RECORD_NONE;
    if (campaign->state != CAMPAIGN_RUNNING || campaign->hours != CAMPAIGN_WHY_pacer) return LIST_RECORD_NONE;
    for (uint32_t at = campaign->due.first; at != LIST_RECORD_NONE; at = list_record_at(campaigns->records, at)->next) {
        const struct list_record *row = list_record_at(campaigns->records, at);
        if (agent != 0 && row->agent == agent) return at;
        if (first == LIST_RECORD_NONE && row->agent == 0) first = at;
    }
    return first;
}
