/* runtime/core/campaigns/campaign_life.c - The life of a campaign's record, as its pacer hears of it: from the
 * buffer to the end of its interaction.
 *
 *     checking --dialled--> ringing --answered--> waiting --connected--> connected --over--> over
 *                              |                     |                                        ^
 *                              |                     |--hung up, abandoned------------------->|
 *                              `--failed-----------------------------------------------------'
 *
 * The words on the arrows are functions of the pacer. The campaign counts its records by their states and links
 * those of three states in queues; list_record_becomes counts a record out of one state and into the next. Facts
 * report what claims and agents do: an agent is chosen for a record, takes its call, passes the record over, or
 * leaves its call. */
#include <assert.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"

static struct list_record *record_edit(struct campaigns *campaigns, uint32_t slot)
{
    return list_record_edit(campaigns->records, list_record_at(campaigns->records, slot));
}

/* ---- calls of the record, told to the pacer ---- */

/* Begins the agent's after-call work, or reports the agent as free at once. */
static void work_begins(struct campaigns *campaigns, struct campaign *campaign, uint32_t agent)
{
    uint32_t at = campaign->after_count++;
    campaign->after = memory_grow(campaign->after, &campaign->after_capacity, at + 1, sizeof *campaign->after);
    campaign->after[at] = (struct campaign_after){.since_us = campaigns->now->time_us, .agent = agent};
}

/* Makes the campaigns of the group ask their pacers again. False: there is none. */
static bool group_changed(struct campaigns *campaigns, uint32_t group, bool members)
{
    bool any = false;
    for (uint32_t at = 0; group != 0 && at < campaigns->count; at++) {
        if (campaigns->groups[at] != group) continue;
        struct campaign *campaign = campaigns->all[at];
        campaign->members_stale |= members;
        campaign_touch(campaigns, campaign);
        any = true;
    }
    return any;
}

static void number_tell(struct campaigns *campaigns, const struct campaign *campaign, uint16_t what, uint64_t took_us)
{
    fact_tell(campaigns->facts, &(struct fact){.what = what, .name = campaign->name, .took_us = took_us});
}

/* Counts the reason why nobody has answered a number, by kinds. */
static void number_fails(struct campaigns *campaigns, struct campaign *campaign, enum cause cause)
{
    static const uint16_t facts[] = {
#define CAMPAIGN_RESULT(name, doc) FACT_number_##name,
#include "runtime/vocabulary/campaign_results.def"
    };
    enum campaign_result result = CAMPAIGN_RESULT_unreached;
#define CAMPAIGN_RESULT_OF(of, name)                                                                                   \
    if (cause == cause_##of) result = CAMPAIGN_RESULT_##name;
#include "runtime/vocabulary/campaign_results.def"
    campaign->failed++;
    campaign->results[result]++;
    number_tell(campaigns, campaign, facts[result], 0);
}

/* Reports to the pacer that a record leaves its state, unless the next state is reported anyway. */
static void state_ends(struct campaigns *campaigns, struct campaign *campaign, const struct list_record *row)
{
    assert(campaign->name == row->campaign);
    uint64_t now_us = campaigns->now->time_us;
    switch (row->state) {
    case RECORD_ringing:
        pacer_failed(&campaign->pacer, now_us, row->since_us);
        number_fails(campaigns, campaign, (enum cause)row->result);
        /* the agent who was kept for this number is free for any campaign again */
        campaign_group_looks(campaigns, campaign, false);
        break;
    case RECORD_waiting:
        pacer_hung_up(&campaign->pacer, now_us);
        break;
    case RECORD_connected:
        pacer_over(&campaign->pacer, now_us, row->since_us);
        work_begins(campaigns, campaign, row->talker);
        break;
    default:
        break;
    }
}

static void call_ends(struct campaigns *campaigns, uint32_t slot)
{
    state_ends(campaigns, campaign_at(campaigns, slot), list_record_at(campaigns->records, slot));
    list_record_becomes(campaigns->records, slot, RECORD_over);
}

void campaign_rings(struct campaigns *campaigns, uint32_t slot)
{
    struct campaign *campaign = campaign_at(campaigns, slot);
    if (!campaign) return;
    state_ends(campaigns, campaign, list_record_at(campaigns->records, slot));
    pacer_dialled(&campaign->pacer, campaigns->now->time_us);
    campaign->dialled++;
    number_tell(campaigns, campaign, FACT_number_dialled, 0);
    list_record_becomes(campaigns->records, slot, RECORD_ringing);
}

/* Returns the claim of the agent who talks on the record's call; NULL: nobody talks. */
static const struct claim *record_talk_claim(const struct campaigns *campaigns, const struct list_record *row)
{
    const struct interaction *ix = interaction_by_id(campaigns->interactions, row->ixn);
    for (uint32_t at = ix ? ix->claims : CLAIM_NONE; at != CLAIM_NONE;
         at = claim_at(campaigns->claims, at)->next_of_interaction)
        if (claim_at(campaigns->claims, at)->state == CLAIM_ACTIVE) return claim_at(campaigns->claims, at);
    return NULL;
}

/* Counts how long the agent had been ready when the call came: the wait between two calls. */
static void agent_waited(struct campaigns *campaigns, struct campaign *campaign, uint32_t agent, uint64_t until_us)
{
    const struct window_rule rule = {.span_us = CAMPAIGN_WAITED_US};
    uint64_t ready_us = agent_at(campaigns->agents, agent)->idle_us;
    uint64_t waited_us = until_us > ready_us ? until_us - ready_us : 0;
    window_add(&campaign->waited, &rule, campaigns->now->time_us, (int64_t)waited_us);
    window_add(&campaign->connected, &rule, campaigns->now->time_us, 1);
    number_tell(campaigns, campaign, FACT_number_connected, waited_us);
}

/* True: the agent belongs to the other campaign's group, too; if no agent was chosen, the two groups share agents.
 * `agent` AGENT_NONE: no agent was chosen, though some were ready. */
static bool concerns_group(const struct campaigns *campaigns, uint32_t group, uint32_t other, uint32_t agent)
{
    if (group == 0 || other == 0) return false;
    if (group == other) return true;
    if (agent != AGENT_NONE) return agent_in_group(agent_at(campaigns->agents, agent), other);
    return campaign_groups_share(campaigns->agents, other, group);
}

/* Reports to the pacers of other campaigns that share agents whether an agent came in time; unloaded campaigns are
 * included, since they may be loaded again. */
static void others_see(struct campaigns *campaigns, const struct campaign *campaign, uint32_t agent, bool late)
{
    uint64_t now_us = campaigns->now->time_us;
    for (uint32_t at = 0; at < campaigns->count; at++) {
        struct campaign *other = campaigns->all[at];
        if (!other || other == campaign || !concerns_group(campaigns, campaign->agents, other->agents, agent)) continue;
        pacer_sees(&other->pacer, now_us, late);
        campaign_touch(campaigns, other);
    }
    for (uint32_t at = 0; at < campaigns->counted_count; at++) {
        struct campaign_counted *row = &campaigns->counted[at];
        if (!concerns_group(campaigns, campaign->agents, row->agents, agent)) continue;
        pacer_sees(&row->pacer, now_us, late);
        campaign_counted_changed(campaigns, row);
    }
}

void campaign_joins(struct campaigns *campaigns, struct campaign *campaign)
{
    uint64_t now_us = campaigns->now->time_us;
    for (uint32_t at = 0; at < campaigns->count; at++) {
        const struct campaign *other = campaigns->all[at];
        if (other && other != campaign && campaign_groups_share(campaigns->agents, campaign->agents, other->agents))
            pacer_joins(&campaign->pacer, now_us, &other->pacer);
    }
    for (uint32_t at = 0; at < campaigns->counted_count; at++) {
        const struct campaign_counted *row = &campaigns->counted[at];
        if (campaign_groups_share(campaigns->agents, campaign->agents, row->agents))
            pacer_joins(&campaign->pacer, now_us, &row->pacer);
    }
}

/* A person who has answered is now connected to an agent, or to the IVR. */
static void agent_comes(struct campaigns *campaigns, uint32_t slot, uint32_t agent)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    const struct claim *claim = record_talk_claim(campaigns, row);
    uint64_t chosen_us = claim && claim->made_us > row->since_us ? claim->made_us : row->since_us;
    assert(row->state == RECORD_waiting);
    pacer_kept(&campaign_at(campaigns, slot)->pacer, chosen_us - row->since_us);
    pacer_connected(&campaign_at(campaigns, slot)->pacer, campaigns->now->time_us, chosen_us);
    list_record_becomes(campaigns->records, slot, RECORD_connected);
    record_edit(campaigns, slot)->talker = agent;
    if (agent != AGENT_NONE) others_see(campaigns, campaign_at(campaigns, slot), agent, false);
    if (agent != AGENT_NONE) agent_waited(campaigns, campaign_at(campaigns, slot), agent, chosen_us);
}

void campaign_rung(struct campaigns *campaigns, uint32_t slot, bool answered)
{
    struct campaign *campaign = campaign_at(campaigns, slot);
    const struct list_record *row = list_record_at(campaigns->records, slot);
    if (!campaign || row->state != RECORD_ringing) return;
    if (!answered) {
        call_ends(campaigns, slot);
        return;
    }
    pacer_answered(&campaign->pacer, campaigns->now->time_us, row->since_us);
    campaign->answered++;
    ceiling_answered(&campaign->recent, campaigns->now->time_us);
    number_tell(campaigns, campaign, FACT_number_answered, campaigns->now->time_us - row->since_us);
    list_record_becomes(campaigns->records, slot, RECORD_waiting);
    const struct claim *claim = record_talk_claim(campaigns, row);
    if (claim || campaign->mode == campaign_mode_power) agent_comes(campaigns, slot, claim ? claim->agent : AGENT_NONE);
}

static void abandonment_tell(struct campaigns *campaigns, struct campaign *campaign, const struct list_record *row)
{
    assert(row->ixn != 0);
    campaign->abandoned++;
    ceiling_abandoned(&campaign->recent, campaigns->now->time_us);
    campaign_touch(campaigns, campaign);
    interaction_tell(campaigns->interactions, interaction_by_id(campaigns->interactions, row->ixn),
                     FACT_record_abandoned, 0, row->campaign);
}

/* Returns the agent who was chosen in the first half of the person's wait; AGENT_NONE: none was. */
static uint32_t chosen_early(const struct campaigns *campaigns, const struct campaign *campaign,
                             const struct list_record *row)
{
    const struct interaction *ix = interaction_by_id(campaigns->interactions, row->ixn);
    uint64_t half_us = row->since_us + campaign->rules[CAMPAIGN_RULE_wait_ms] * UINT64_C(500);
    for (uint32_t at = ix ? ix->claims : CLAIM_NONE; at != CLAIM_NONE;
         at = claim_at(campaigns->claims, at)->next_of_interaction)
        if (claim_at(campaigns->claims, at)->made_us <= half_us) return claim_at(campaigns->claims, at)->agent;
    return AGENT_NONE;
}

/* True: agents were there, though none came: one was chosen early, or a quarter of the group is ready. */
static bool agent_was_there(struct campaigns *campaigns, struct campaign *campaign, const struct list_record *row)
{
    if (chosen_early(campaigns, campaign, row) != AGENT_NONE) return true;
    campaign_find_ready(campaigns, campaign);
    return row->claims == 0 && campaign->found.ready > (campaign->found.ready + campaign->found.busy) / 4;
}

/* How a wait ended without an agent: an agent was there but came too late; no agent was there until the strategy let
 * the person go; or a person or the exchange ended the wait, which does not show how long people are kept. */
enum abandoned_how { AGENT_LATE, NO_AGENT, WAIT_ENDED };

static enum abandoned_how how_nobody_came(struct campaigns *campaigns, uint32_t slot)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    bool waits = row->state == RECORD_waiting;
    return waits && agent_was_there(campaigns, campaign_at(campaigns, slot), row) ? AGENT_LATE : NO_AGENT;
}

/* Counts a person who has answered and was not served; only this function changes all counts that depend on it. The
 * number is not called again for as long as the rules say. */
static void record_is_abandoned(struct campaigns *campaigns, uint32_t slot, enum abandoned_how how)
{
    struct campaign *campaign = campaign_at(campaigns, slot);
    struct list_record *row = record_edit(campaigns, slot);
    bool waits = row->state == RECORD_waiting;
    row->result = cause_abandoned;
    row->judged = true;
    row->dials_again_us = campaigns->now->time_us +
                          SECOND_US * campaign_rule_of(campaigns, row->campaign, CAMPAIGN_RULE_abandoned_pause_s);
    if (!campaign) return; /* no campaign paces the record, and none counts it */
    if (waits) pacer_abandoned(&campaign->pacer, campaigns->now->time_us, how == AGENT_LATE);
    if (waits && how == NO_AGENT) pacer_lets_go(&campaign->pacer, campaigns->now->time_us - row->since_us);
    if (waits && how == AGENT_LATE) others_see(campaigns, campaign, chosen_early(campaigns, campaign, row), true);
    if (!waits) pacer_unserved(&campaign->pacer, campaigns->now->time_us);
    if (waits) list_record_becomes(campaigns->records, slot, RECORD_over);
    abandonment_tell(campaigns, campaign, row);
}

/* The list hears at once that the person must not be called for a while, whatever becomes of the call. */
void campaign_abandons(struct campaigns *campaigns, struct campaign *campaign, uint32_t slot)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    assert(row->state == RECORD_waiting && row->campaign == campaign->name);
    record_is_abandoned(campaigns, slot, how_nobody_came(campaigns, slot));
    list_record_abandoned(campaigns->records, slot);
}

/* Returns how long a person who has answered may wait for an agent. */
static uint64_t record_wait_us(const struct campaigns *campaigns, const struct list_record *row)
{
    return UINT64_C(1000) * campaign_rule_of(campaigns, row->campaign, CAMPAIGN_RULE_wait_ms);
}

static bool waits_too_long(const struct campaigns *campaigns, const struct list_record *row)
{
    return campaigns->now->time_us - row->since_us > record_wait_us(campaigns, row);
}

/* True: the person has answered and no agent has talked to them yet. In the mode power, and for records that no
 * campaign paces, the strategy has the person, who does not wait. */
static bool record_is_alone(const struct campaigns *campaigns, const struct list_record *row)
{
    if (row->judged) return false;
    if (!list_record_is_counted(row)) return row->result == cause_ok && row->holder == 0;
    assert(campaign_of(campaigns, row->campaign));
    return row->state == RECORD_waiting || (row->state == RECORD_connected && row->talker == AGENT_NONE);
}

/* The person waits from the moment of the answer, as the law counts; the switch reports it later, when it knows that
 * a person has answered. */
void campaign_waits(struct campaigns *campaigns, uint32_t slot, uint64_t ago_us)
{
    struct campaign *campaign = campaign_at(campaigns, slot);
    struct list_record *row = list_record_at(campaigns->records, slot);
    if (!campaign || !record_is_alone(campaigns, row) || ago_us > row->since_us) return;
    if (row->state == RECORD_connected) /* in the mode power the IVR takes the call */
        pacer_talks_longer(&campaign->pacer, campaigns->now->time_us, row->since_us, ago_us);
    else
        pacer_told_late(&campaign->pacer, ago_us);
    record_edit(campaigns, slot)->since_us -= ago_us;
    campaign_touch(campaigns, campaign);
}

/* A strategy says that nobody will serve the person, or a switch has said goodbye to the person by itself: the call
 * counts as abandoned, however short the wait was. */
bool campaign_unserved(struct campaigns *campaigns, uint32_t slot)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    if (row->result == cause_abandoned) return true;
    if (!record_is_alone(campaigns, row)) return false;
    if (row->state == RECORD_waiting)
        campaign_abandons(campaigns, campaign_at(campaigns, slot), slot);
    else
        record_is_abandoned(campaigns, slot, NO_AGENT);
    return true;
}

/* True: a strategy has spoken to the person from the first moment on, as was intended: no agent was to come. Where
 * records are dialled for agents, no speech of a strategy counts as service. */
static bool record_was_spoken_to(const struct list_record *row)
{
    return row->speech == SPEECH_BEGUN && row->state != RECORD_waiting;
}

/* The strategy asks for a treatment while it has the person on the line. */
static void strategy_speaks(struct campaigns *campaigns, uint64_t ixn, unsigned type)
{
    static const bool speaks[] = {[treatment_PlayAnnouncement] = true,
                                  [treatment_PlayAnnouncementAndDigits] = true,
                                  [treatment_Say] = true,
                                  [treatment_RecordUserAnnouncement] = true,
                                  [treatment_PlayApplication] = true,
                                  [treatment_VerifyDigits] = true,
                                  [treatment_PlayUserAnnouncement] = true};
    uint32_t slot;
    if (!lookup_find(&campaigns->records->by_ixn, ixn, &slot)) return;
    const struct list_record *row = list_record_at(campaigns->records, slot);
    if (type >= sizeof speaks / sizeof *speaks || !speaks[type] || row->speech == SPEECH_BEGUN) return;
    if (record_is_alone(campaigns, row) && !waits_too_long(campaigns, row))
        record_edit(campaigns, slot)->speech = SPEECH_ASKED;
}

/* The switch reports that it has begun to play the treatment, or does not play it. */
static void speech_begins(struct campaigns *campaigns, uint64_t ixn, unsigned change)
{
    uint32_t slot;
    if (!lookup_find(&campaigns->records->by_ixn, ixn, &slot)) return;
    bool plays = change == treatment_change_Applied || change == treatment_change_End;
    if (list_record_at(campaigns->records, slot)->speech == SPEECH_ASKED)
        record_edit(campaigns, slot)->speech = plays ? SPEECH_BEGUN : SPEECH_NONE;
}

static bool nobody_has_served(struct campaigns *campaigns, uint32_t slot, bool person_ends)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    if (!record_is_alone(campaigns, row) || record_was_spoken_to(row)) return false;
    enum abandoned_how how = person_ends ? WAIT_ENDED : how_nobody_came(campaigns, slot);
    bool lost = interaction_by_id(campaigns->interactions, row->ixn)->outcome == ENDED_LOST; /* by the exchange */
    record_is_abandoned(campaigns, slot, lost && how == NO_AGENT ? WAIT_ENDED : how);
    return true;
}

/* A person who has answered and had no agent is let go by gcx: the strategy stops, fails or runs out of time, or an
 * exchange loses the call. The person is not let go by gcx if the person is elsewhere now (routed, queued, merged or
 * passed on), or has hung up: customer_leaves() has decided that case. If an agent or administrator ends the call,
 * campaign_ended_by_person() is called instead. */
bool campaign_lets_go(struct campaigns *campaigns, uint32_t slot, unsigned outcome)
{
    static const bool others[] = {[ENDED_ROUTED] = true,
                                  [ENDED_QUEUED] = true,
                                  [ENDED_ABANDONED] = true,
                                  [ENDED_MERGED] = true,
                                  [ENDED_PASSED_ON] = true};
    bool elsewhere = outcome < sizeof others / sizeof *others && others[outcome];
    return !elsewhere && nobody_has_served(campaigns, slot, false);
}

bool campaign_ended_by_person(struct campaigns *campaigns, uint32_t slot)
{
    return nobody_has_served(campaigns, slot, true);
}

/* The customer leaves while the strategy has the call. A customer who hangs up in time was not abandoned; one whose
 * call an exchange has lost, or who has heard nothing for too long, was. */
static void customer_leaves(struct campaigns *campaigns, uint64_t ixn)
{
    uint32_t slot;
    if (!lookup_find(&campaigns->records->by_ixn, ixn, &slot)) return;
    unsigned outcome = interaction_by_id(campaigns->interactions, ixn)->outcome;
    bool late = waits_too_long(campaigns, list_record_at(campaigns->records, slot));
    if (outcome == ENDED_LOST || late) (void)nobody_has_served(campaigns, slot, false);
    const struct list_record *row = list_record_at(campaigns->records, slot);
    if (list_record_is_counted(row) && row->state == RECORD_waiting) call_ends(campaigns, slot);
}

/* The customer leaves a queue that has looked for an agent for `waited_us`: in the mode power this is the wait of a
 * person who has answered. */
static void customer_leaves_queue(struct campaigns *campaigns, uint64_t ixn, uint64_t waited_us)
{
    uint32_t slot;
    if (!lookup_find(&campaigns->records->by_ixn, ixn, &slot)) return;
    const struct list_record *row = list_record_at(campaigns->records, slot);
    if (row->state == RECORD_waiting || waited_us <= record_wait_us(campaigns, row)) return;
    if (!waits_too_long(campaigns, row)) return; /* the queue may have begun to look before the person answered */
    if (record_is_alone(campaigns, row)) record_is_abandoned(campaigns, slot, NO_AGENT);
}

/* The interaction of a record is over; counts it if it is a failure. So many wrong numbers in a row are more likely a
 * fault of the exchange or carrier than of the list. A record whose dial the list has refused says nothing about such a
 * fault, and is not counted. */
void campaign_over(struct campaigns *campaigns, uint32_t slot, enum campaign_reason why)
{
    struct campaign *campaign = campaign_at(campaigns, slot);
    const struct list_record *row = list_record_at(campaigns->records, slot);
    if (!campaign) return;
    if (row->state != RECORD_over) call_ends(campaigns, slot);
    campaign_touch(campaigns, campaign);
    if (why != CAMPAIGN_WHY_pacer)
        campaign->failed_in_row++;
    else if (!row->dial_refused)
        campaign->failed_in_row = 0;
    if (campaign->failed_in_row >= campaign->rules[CAMPAIGN_RULE_failures]) campaign_stops(campaigns, campaign, why);
}

/* ---- facts that other parts report ---- */

/* Finds the campaign's record on which the interaction runs; false: there is none. */
static bool record_of_interaction(const struct campaigns *campaigns, uint64_t ixn, uint32_t *slot)
{
    return ixn != 0 && lookup_find(&campaigns->records->by_ixn, ixn, slot) &&
           list_record_is_counted(list_record_at(campaigns->records, *slot));
}

static void record_claim_begins(struct campaigns *campaigns, uint32_t slot)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    campaign_agents_asked(campaigns, slot, (uint16_t)(row->claims + 1), row->passed_over);
}

static void record_claim_ends(struct campaigns *campaigns, uint32_t slot, uint32_t agent)
{
    const struct list_record *row = list_record_at(campaigns->records, slot);
    campaign_agents_asked(campaigns, slot, (uint16_t)(row->claims - (row->claims != 0)), row->passed_over);
    if (row->state == RECORD_connected && row->talker == agent) call_ends(campaigns, slot);
}

static void agent_has_answered(struct campaigns *campaigns, uint64_t ixn, uint32_t agent)
{
    uint32_t slot;
    if (ixn == 0 || !lookup_find(&campaigns->records->by_ixn, ixn, &slot)) return;
    struct list_record *row = record_edit(campaigns, slot);
    bool in_time = list_record_is_counted(row) && row->state == RECORD_waiting;
    if (in_time) agent_comes(campaigns, slot, agent); /* an agent who comes too late is not counted */
    row->judged = true;
}

/* Something about the agent has changed: the campaigns of the agent's groups ask their pacers. */
static void agent_of_groups_changed(struct campaigns *campaigns, uint32_t slot)
{
    const struct agent *agent = agent_at(campaigns->agents, slot);
    for (uint16_t at = 0; at < agent->group_count; at++) (void)group_changed(campaigns, agent->groups[at].name, false);
}

/* True: the agent's claim is for a call; claims of other media leave the agent free for calls. */
static bool takes_call(const struct campaigns *campaigns, uint64_t ixn, uint32_t agent)
{
    const struct interaction *ix = interaction_by_id(campaigns->interactions, ixn);
    for (uint32_t at = ix ? ix->claims : CLAIM_NONE; at != CLAIM_NONE;
         at = claim_at(campaigns->claims, at)->next_of_interaction)
        if (claim_at(campaigns->claims, at)->agent == agent)
            return claim_at(campaigns->claims, at)->medium == media_voice;
    return false;
}

/* False in the mode power and in the preview modes: in power an IVR may ask for an agent at any time, in the preview
 * modes the agent asks. */
bool campaign_promised(const struct campaigns *campaigns, uint64_t ixn)
{
    uint32_t slot;
    return record_of_interaction(campaigns, ixn, &slot) && campaign_dials_for_agents(campaign_at(campaigns, slot));
}

bool campaigns_outranked(const struct campaigns *campaigns, int64_t priority)
{
    uint32_t dial = 0;
    for (uint32_t at = 0; at < campaigns->count; at++) {
        const struct campaign *campaign = campaigns->all[at];
        if (!campaign || !campaign_dials_for_agents(campaign)) continue;
        if (campaign->rules[CAMPAIGN_RULE_priority] >= priority) return false;
        dial++;
    }
    return dial != 0;
}

/* A call that no campaign has expected takes an agent of the campaigns: they are touched. */
static void others_take(struct campaigns *campaigns, uint64_t ixn, uint32_t slot)
{
    if (!takes_call(campaigns, ixn, slot)) return;
    const struct agent *agent = agent_at(campaigns->agents, slot);
    for (uint32_t at = 0; at < campaigns->count; at++)
        if (campaigns->groups[at] != 0 && agent_in_group(agent, campaigns->groups[at])) {
            pacer_taken(&campaigns->all[at]->pacer, campaigns->now->time_us);
            campaign_touch(campaigns, campaigns->all[at]);
        }
}

static __attribute__((noinline)) void record_hears(struct campaigns *campaigns, const struct fact *fact)
{
    if (fact->what == FACT_offer_answered) agent_has_answered(campaigns, fact->ixn, fact->whose);
    if (fact->what == FACT_abandoned) customer_leaves(campaigns, fact->ixn);
    if (fact->what == FACT_abandoned_queued) customer_leaves_queue(campaigns, fact->ixn, fact->waited_us);
    if (fact->what == FACT_treatment_begun) strategy_speaks(campaigns, fact->ixn, fact->value);
    if (fact->what == FACT_treatment_changed) speech_begins(campaigns, fact->ixn, fact->value);
}

static __attribute__((noinline)) void campaigns_hear(struct campaigns *campaigns, const struct fact *fact)
{
    uint32_t slot, agent;
    switch (fact->what) {
    case FACT_claimed:
        if (!campaign_promised(campaigns, fact->ixn)) others_take(campaigns, fact->ixn, fact->whose);
        if (record_of_interaction(campaigns, fact->ixn, &slot)) record_claim_begins(campaigns, slot);
        agent_of_groups_changed(campaigns, fact->whose);
        break;
    case FACT_claim_over:
        if (record_of_interaction(campaigns, fact->ixn, &slot)) record_claim_ends(campaigns, slot, fact->whose);
        agent_of_groups_changed(campaigns, fact->whose);
        break;
    case FACT_agent_declined:
    case FACT_agent_silent:
        if (record_of_interaction(campaigns, fact->ixn, &slot))
            campaign_agents_asked(campaigns, slot, list_record_at(campaigns->records, slot)->claims, true);
        break;
    case FACT_agent_state:
        if (agent_find(campaigns->agents, fact->name, &agent)) agent_of_groups_changed(campaigns, agent);
        break;
    case FACT_member_changed:
        if (group_changed(campaigns, fact->name, true)) campaign_shares_forget(campaigns, fact->name);
        break;
    default:
        break;
    }
}

/* Called with every fact. Most sites have neither a campaign nor the call of a record, and then nothing is done
 * here. */
void campaign_life_hear(void *self, const struct fact *fact)
{
    struct campaigns *campaigns = self;
    if (campaigns->records->by_ixn.count != 0) record_hears(campaigns, fact);
    if (campaigns->count != 0) campaigns_hear(campaigns, fact);
}

/* ---- the check ---- */

bool campaign_lives_hold(const struct campaigns *campaigns, const struct campaign *campaign)
{
    const uint32_t *records = campaign->counts.records;
    const struct pacer *pacer = &campaign->pacer;
    return campaign_counts_hold(campaigns, campaign) && pacer->ringing.total == records[RECORD_ringing] &&
           pacer->waiting == records[RECORD_waiting] && pacer->talking.total == records[RECORD_connected] &&
           pacer->wrapping.total == campaign->after_count;
}
