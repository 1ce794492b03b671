/* runtime/core/campaigns/campaign_life.c - The life of a campaign's record, as its pacer is told of it: from the buffer
 * to the end of its interaction. */
#include <assert.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"

static struct list_record *row_at(const struct core *core, uint32_t slot)
{
    return &core->list_records->all[slot];
}

/* The campaign to which the record belongs; NULL: none. */
static struct campaign *campaign_at(const struct core *core, uint32_t slot)
{
    const struct list_record *row = row_at(core, slot);
    struct campaign *campaign = row->paced ? campaign_of(core, row->campaign) : NULL;
    assert(campaign || !row->paced);
    return campaign;
}

/* ---- queues of records ---- */

static void push(struct core *core, struct record_queue *queue, uint32_t slot)
{
    struct list_record *row = row_at(core, slot);
    row->next = LIST_RECORD_NONE;
    row->previous = queue->last;
    if (queue->last != LIST_RECORD_NONE)
        row_at(core, queue->last)->next = slot;
    else
        queue->first = slot;
    queue->last = slot;
    queue->count++;
}

static void pull(struct core *core, struct record_queue *queue, uint32_t slot)
{
    struct list_record *row = row_at(core, slot);
    if (row->previous != LIST_RECORD_NONE)
        row_at(core, row->previous)->next = row->next;
    else
        queue->first = row->next;
    if (row->next != LIST_RECORD_NONE)
        row_at(core, row->next)->previous = row->previous;
    else
        queue->last = row->previous;
    row->next = row->previous = LIST_RECORD_NONE;
    assert(queue->count > 0);
    queue->count--;
}

/* ---- before it begins ---- */

void campaign_takes(struct core *core, uint32_t slot)
{
    struct list_record *row = row_at(core, slot);
    struct campaign *campaign = campaign_of(core, row->campaign);
    if (!campaign) return;
    (void)list_record_edit(core->list_records, row);
    row->paced = true;
    row->phase = RECORD_BUFFERED;
    campaign->buffered++;
    campaign_touch(core, campaign);
}

static void set_due(struct core *core, uint32_t slot, bool is_due)
{
    struct campaign *campaign = campaign_at(core, slot);
    struct list_record *row = row_at(core, slot);
    (void)list_record_edit(core->list_records, row);
    row->is_due = is_due;
    if (is_due)
        push(core, &campaign->due, slot);
    else
        pull(core, &campaign->due, slot);
    if (row->agent != 0 && is_due) campaign->due_own++;
    if (row->agent != 0 && !is_due) campaign->due_own--;
    campaign_touch(core, campaign);
}

void campaign_due(struct core *core, uint32_t slot)
{
    if (!row_at(core, slot)->is_due) set_due(core, slot, true);
}

void campaign_not_due(struct core *core, uint32_t slot)
{
    if (row_at(core, slot)->is_due) set_due(core, slot, false);
}

void campaign_drops(struct core *core, uint32_t slot)
{
    struct list_record *row = row_at(core, slot);
    struct campaign *campaign = campaign_at(core, slot);
    if (!campaign) return;
    assert(row->phase == RECORD_BUFFERED && campaign->buffered > 0);
    campaign_not_due(core, slot);
    (void)list_record_edit(core->list_records, row);
    row->paced = false;
    campaign->buffered--;
    campaign_touch(core, campaign);
}

/* ---- its life, told to the pacer ---- */

/* The agent has after-call work from now on, or is free at once. */
static void work_begins(struct core *core, struct campaign *campaign, uint32_t agent)
{
    uint32_t at = campaign->after_count++;
    campaign->after = memory_grow(campaign->after, &campaign->after_capacity, at + 1, sizeof *campaign->after);
    campaign->after[at] = (struct campaign_after){.since_us = core->time_us, .agent = agent};
}

/* The phase that the record is in is over. */
static void leave(struct core *core, struct campaign *campaign, uint32_t slot)
{
    struct list_record *row = row_at(core, slot);
    uint64_t now_us = core->time_us;
    switch ((enum record_phase)row->phase) {
    case RECORD_BEGUN:
        pull(core, &campaign->begun, slot);
        break;
    case RECORD_RINGS:
        pacer_failed(&campaign->pacer, now_us, row->since_us);
        campaign->rings--;
        campaign->failed++;
        break;
    case RECORD_WAITS:
        pacer_hung_up(&campaign->pacer, now_us);
        pull(core, &campaign->waits, slot);
        break;
    case RECORD_TALKS:
        pacer_over(&campaign->pacer, now_us, row->since_us);
        work_begins(core, campaign, row->talker);
        campaign->talks--;
        break;
    case RECORD_BUFFERED:
    case RECORD_RESTS:
    case RECORD_PHASES:
        break;
    }
}

/* Push preview: an agent has passed the record over, and none is asked now. Such a record takes no ready agent. */
static uint32_t waits_in_vain(const struct list_record *row)
{
    return row->phase == RECORD_BEGUN && row->passed_over && row->claims == 0;
}

/* The record is in that phase from now on; what the pacer is told of the phase before has been told. */
static void enter(struct core *core, struct campaign *campaign, uint32_t slot, enum record_phase phase, uint32_t talker)
{
    struct list_record *row = row_at(core, slot);
    campaign->chosen[row->phase] -= row->claims != 0;
    campaign->chosen[phase] += row->claims != 0;
    campaign->in_vain -= waits_in_vain(row);
    (void)list_record_edit(core->list_records, row);
    row->phase = (uint8_t)phase;
    row->passed_over = false;
    row->since_us = core->time_us;
    row->talker = talker;
    row->judged &= phase != RECORD_RINGS;
    if (phase == RECORD_BEGUN) push(core, &campaign->begun, slot);
    if (phase == RECORD_WAITS) push(core, &campaign->waits, slot);
    campaign_touch(core, campaign);
}

void campaign_begins(struct core *core, uint32_t slot)
{
    struct campaign *campaign = campaign_at(core, slot);
    if (!campaign) return;
    campaign->buffered--;
    campaign->under_way++;
    enter(core, campaign, slot, RECORD_BEGUN, AGENT_NONE);
}

void campaign_rings(struct core *core, uint32_t slot)
{
    struct campaign *campaign = campaign_at(core, slot);
    if (!campaign) return;
    leave(core, campaign, slot);
    pacer_dialled(&campaign->pacer, core->time_us);
    campaign->dialled++;
    campaign->rings++;
    enter(core, campaign, slot, RECORD_RINGS, AGENT_NONE);
}

/* The agent who talks on the record's call; AGENT_NONE: nobody. */
static uint32_t agent_on(const struct core *core, const struct list_record *row)
{
    const struct interaction *ix = interaction_by_id(core, row->ixn);
    for (uint32_t at = ix ? ix->claims : CLAIM_NONE; at != CLAIM_NONE;
         at = claim_at(core->claims, at)->next_of_interaction)
        if (claim_at(core->claims, at)->state == CLAIM_ACTIVE) return claim_at(core->claims, at)->agent;
    return AGENT_NONE;
}

/* Somebody who has answered is with an agent, or with the IVR. */
static void connect(struct core *core, struct campaign *campaign, uint32_t slot, uint32_t agent)
{
    pacer_connected(&campaign->pacer, core->time_us);
    pull(core, &campaign->waits, slot);
    campaign->talks++;
    enter(core, campaign, slot, RECORD_TALKS, agent);
}

void campaign_rung(struct core *core, uint32_t slot, bool answered)
{
    struct campaign *campaign = campaign_at(core, slot);
    const struct list_record *row = row_at(core, slot);
    if (!campaign || row->phase != RECORD_RINGS) return;
    if (!answered) {
        leave(core, campaign, slot);
        enter(core, campaign, slot, RECORD_RESTS, AGENT_NONE);
        return;
    }
    pacer_answered(&campaign->pacer, core->time_us, row->since_us);
    campaign->rings--;
    campaign->answered++;
    enter(core, campaign, slot, RECORD_WAITS, AGENT_NONE);
    uint32_t agent = agent_on(core, row);
    if (agent != AGENT_NONE || campaign->mode == campaign_mode_power) connect(core, campaign, slot, agent);
}

/* Who has answered has waited too long for an agent. The number is left alone for as long as the rules say. */
void campaign_abandons(struct core *core, struct campaign *campaign, uint32_t slot)
{
    struct list_record *row = row_at(core, slot);
    pacer_abandoned(&campaign->pacer, core->time_us);
    pull(core, &campaign->waits, slot);
    campaign->abandoned++;
    (void)list_record_edit(core->list_records, row);
    row->result = cause_abandoned;
    row->dials_again_us = core->time_us + campaign_rule_us(campaign, CAMPAIGN_RULE_abandoned_pause_s);
    enter(core, campaign, slot, RECORD_RESTS, AGENT_NONE);
    interaction_tell(core, interaction_by_id(core, row->ixn), FACT_record_abandoned, 0, row->campaign);
}

static void judge(struct core *core, struct list_record *row)
{
    (void)list_record_edit(core->list_records, row);
    row->judged = true;
}

/* In the mode power nobody waits: who has answered is with the strategy, which says whether anybody has served them. */
void campaign_unserved(struct core *core, uint32_t slot)
{
    struct campaign *campaign = campaign_at(core, slot);
    struct list_record *row = row_at(core, slot);
    if (!campaign || row->judged) return;
    if (row->phase == RECORD_WAITS) campaign_abandons(core, campaign, slot);
    if (row->phase != RECORD_TALKS || row->talker != AGENT_NONE) return;
    pacer_unserved(&campaign->pacer, core->time_us);
    campaign->abandoned++;
    judge(core, row);
    campaign_touch(core, campaign);
    interaction_tell(core, interaction_by_id(core, row->ixn), FACT_record_abandoned, 0, row->campaign);
}

void campaign_over(struct core *core, uint32_t slot, bool failed)
{
    struct campaign *campaign = campaign_at(core, slot);
    if (!campaign) return;
    struct list_record *row = row_at(core, slot);
    leave(core, campaign, slot);
    enter(core, campaign, slot, RECORD_RESTS, AGENT_NONE);
    campaign->chosen[RECORD_RESTS] -= row->claims != 0;
    (void)list_record_edit(core->list_records, row);
    row->paced = false;
    campaign->under_way--;
    campaign->failed_in_row = failed ? campaign->failed_in_row + 1 : 0;
    campaign_touch(core, campaign);
    if (campaign->failed_in_row >= campaign->rules[CAMPAIGN_RULE_failures])
        campaign_stops(core, campaign, CAMPAIGN_WHY_failures);
}

/* ---- what others tell ---- */

/* The record of a campaign on which the interaction runs; false: none. */
static bool record_of(const struct core *core, uint64_t ixn, uint32_t *slot)
{
    return ixn != 0 && lookup_find(&core->list_records->by_ixn, ixn, slot) && row_at(core, *slot)->paced;
}

/* An agent is chosen for the record, or no longer. */
static void count_claim(struct core *core, uint32_t slot, bool begins)
{
    struct campaign *campaign = campaign_at(core, slot);
    struct list_record *row = row_at(core, slot);
    campaign->chosen[row->phase] -= row->claims != 0;
    campaign->in_vain -= waits_in_vain(row);
    (void)list_record_edit(core->list_records, row);
    if (begins)
        row->claims++;
    else if (row->claims != 0)
        row->claims--;
    campaign->chosen[row->phase] += row->claims != 0;
    campaign->in_vain += waits_in_vain(row);
    campaign_touch(core, campaign);
}

static void passed_over(struct core *core, uint32_t slot)
{
    struct campaign *campaign = campaign_at(core, slot);
    struct list_record *row = row_at(core, slot);
    campaign->in_vain -= waits_in_vain(row);
    (void)list_record_edit(core->list_records, row);
    row->passed_over = true;
    campaign->in_vain += waits_in_vain(row);
    campaign_touch(core, campaign);
}

static void agent_has_answered(struct core *core, uint32_t slot, uint32_t agent)
{
    struct campaign *campaign = campaign_at(core, slot);
    struct list_record *row = row_at(core, slot);
    if (row->phase == RECORD_WAITS) connect(core, campaign, slot, agent);
    judge(core, row);
    if (row->phase != RECORD_RESTS || row->result != cause_abandoned) return;
    (void)list_record_edit(core->list_records, row); /* late, but somebody was there; it stays counted */
    row->result = cause_ok;
    row->dials_again_us = 0;
}

static void agent_has_gone(struct core *core, uint32_t slot, uint32_t agent)
{
    struct campaign *campaign = campaign_at(core, slot);
    const struct list_record *row = row_at(core, slot);
    if (row->phase != RECORD_TALKS || row->talker != agent) return;
    leave(core, campaign, slot);
    enter(core, campaign, slot, RECORD_RESTS, AGENT_NONE);
}

static void customer_has_gone(struct core *core, uint32_t slot)
{
    if (row_at(core, slot)->phase != RECORD_WAITS) return;
    leave(core, campaign_at(core, slot), slot);
    enter(core, campaign_at(core, slot), slot, RECORD_RESTS, AGENT_NONE);
}

/* The campaigns of the group ask their pacers. */
static void group_changed(struct core *core, uint32_t group, bool members)
{
    const struct campaigns *campaigns = core->campaigns;
    for (uint32_t at = 0; group != 0 && at < campaigns->count; at++) {
        if (campaigns->groups[at] != group) continue;
        struct campaign *campaign = campaigns->all[at];
        campaign->members_stale |= members;
        campaign_touch(core, campaign);
    }
}

/* Something about an agent has changed. */
static void agent_changed(struct core *core, uint32_t slot)
{
    const struct agent *agent = agent_at(core->agents, slot);
    for (uint16_t at = 0; at < agent->group_count; at++) group_changed(core, agent->groups[at].name, false);
}

void campaign_life_hear(struct core *core, const struct fact *fact)
{
    uint32_t slot, agent;
    if (core->campaigns->count == 0) return;
    switch (fact->what) {
    case FACT_offer_answered:
        if (record_of(core, fact->ixn, &slot)) agent_has_answered(core, slot, fact->whose);
        break;
    case FACT_claimed:
        if (record_of(core, fact->ixn, &slot)) count_claim(core, slot, true);
        agent_changed(core, fact->whose);
        break;
    case FACT_claim_over:
        if (record_of(core, fact->ixn, &slot)) {
            count_claim(core, slot, false);
            agent_has_gone(core, slot, fact->whose);
        }
        agent_changed(core, fact->whose);
        break;
    case FACT_agent_declined:
    case FACT_agent_silent:
        if (record_of(core, fact->ixn, &slot)) passed_over(core, slot);
        break;
    case FACT_abandoned:
        if (record_of(core, fact->ixn, &slot)) customer_has_gone(core, slot);
        break;
    case FACT_agent_state:
        if (agent_find(core->agents, fact->name, &agent)) agent_changed(core, agent);
        break;
    case FACT_member_changed:
        group_changed(core, fact->name, true);
        break;
    default:
        break;
    }
}

/* ---- the check ---- */

static bool queue_holds(const struct core *core, const struct record_queue *queue, enum record_phase phase)
{
    uint32_t count = 0, previous = LIST_RECORD_NONE;
    for (uint32_t at = queue->first; at != LIST_RECORD_NONE; previous = at, at = row_at(core, at)->next, count++) {
        const struct list_record *row = row_at(core, at);
        if (row->previous != previous || row->phase != phase || row->is_due != (phase == RECORD_BUFFERED)) return false;
    }
    return count == queue->count && queue->last == previous;
}

/* The counts are those of the records, and the pacer knows of the same lives. */
bool campaign_lives_hold(const struct core *core, const struct campaign *campaign)
{
    uint32_t of[RECORD_PHASES] = {0}, due = 0, own = 0, in_vain = 0;
    for (uint32_t at = 0; at < core->list_records->count; at++) {
        const struct list_record *row = row_at(core, at);
        if (row->id == 0 || !row->paced || row->campaign != campaign->name) continue;
        if ((row->phase == RECORD_BUFFERED) != (row->ixn == 0)) return false;
        of[row->phase]++;
        due += row->is_due;
        own += row->is_due && row->agent != 0;
        in_vain += waits_in_vain(row);
    }
    uint32_t under_way = of[RECORD_BEGUN] + of[RECORD_RINGS] + of[RECORD_WAITS] + of[RECORD_TALKS] + of[RECORD_RESTS];
    const struct pacer *pacer = &campaign->pacer;
    return queue_holds(core, &campaign->due, RECORD_BUFFERED) && queue_holds(core, &campaign->begun, RECORD_BEGUN) &&
           queue_holds(core, &campaign->waits, RECORD_WAITS) && campaign->due.count == due &&
           campaign->due_own == own && campaign->buffered == of[RECORD_BUFFERED] && campaign->under_way == under_way &&
           campaign->begun.count == of[RECORD_BEGUN] && campaign->rings == of[RECORD_RINGS] &&
           campaign->waits.count == of[RECORD_WAITS] && campaign->in_vain == in_vain &&
           campaign->talks == of[RECORD_TALKS] && pacer->ringing.total == campaign->rings &&
           pacer->waiting == campaign->waits.count && pacer->talking.total == campaign->talks &&
           pacer->wrapping.total == campaign->after_count;
}
