/* runtime/core/campaigns/campaign_keep.c - Campaigns as bytes. */
#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/people/agent.h"

static void keep_terms(struct core *core, struct keeper *keeper, struct campaign *campaign)
{
    campaign->name = name_keep(core->names, keeper, campaign->name);
    campaign->agents = name_keep(core->names, keeper, campaign->agents);
    campaign->list = name_keep(core->names, keeper, campaign->list);
    campaign->consent = name_keep(core->names, keeper, campaign->consent);
    campaign->schedule = name_keep(core->names, keeper, campaign->schedule);
    campaign->zone = name_keep(core->names, keeper, campaign->zone);
    campaign->filter = text_keep(keeper, campaign->filter, KV_BYTES_MAX);
    campaign->order = text_keep(keeper, campaign->order, KV_BYTES_MAX);
    campaign->refusal = text_keep(keeper, campaign->refusal, MESSAGE_FRAME_MAX);
    campaign->mode = (uint8_t)keep_index(keeper, campaign->mode, campaign_mode_power + 1, campaign_mode_none);
    campaign->link = keep_u16(keeper, campaign->link);
    campaign_rules_keep(campaign->rules, keeper);
}

static void keep_queue(struct core *core, struct keeper *keeper, struct record_queue *queue, uint32_t *count)
{
    queue->first = keep_index(keeper, queue->first, core->list_records->count, LIST_RECORD_NONE);
    queue->last = keep_index(keeper, queue->last, core->list_records->count, LIST_RECORD_NONE);
    *count = keep_u32(keeper, *count);
}

/* Snapshots have the sums of the records in the buffer and of those that are under way. */
static void keep_counts(struct keeper *keeper, struct campaign *campaign)
{
    struct campaign_counts *counts = &campaign->counts;
    uint32_t *records = counts->records, *chosen = counts->chosen;
    counts->due_own = keep_u32(keeper, counts->due_own);
    records[RECORD_ahead] = keep_u32(keeper, campaign_buffered(campaign)) - records[RECORD_due];
    uint32_t under_way = keep_u32(keeper, campaign_under_way(campaign));
    records[RECORD_ringing] = keep_u32(keeper, records[RECORD_ringing]);
    records[RECORD_connected] = keep_u32(keeper, records[RECORD_connected]);
    records[RECORD_over] = under_way - records[RECORD_checking] - records[RECORD_ringing] - records[RECORD_waiting] -
                           records[RECORD_connected];
    (void)keep_u32(keeper, 0); /* no agent is claimed for a record in the buffer */
    for (unsigned state = RECORD_checking; state <= RECORD_over; state++)
        chosen[state] = keep_u32(keeper, chosen[state]);
    counts->in_vain = keep_u32(keeper, counts->in_vain);
}

/* Its records, and those that it asks for. */
static void keep_records(struct core *core, struct keeper *keeper, struct campaign *campaign)
{
    campaign->checked = keep_u32(keeper, campaign->checked);
    campaign->ref = keep_u32(keeper, campaign->ref);
    campaign->asked = keep_u32(keeper, campaign->asked);
    campaign->came = keep_u32(keeper, campaign->came);
    campaign->sent_us = keep_u64(keeper, campaign->sent_us);
    campaign->again_us = keep_u64(keeper, campaign->again_us);
    campaign->pause_us = keep_u64(keeper, campaign->pause_us);
    uint32_t *records = campaign->counts.records;
    keep_queue(core, keeper, &campaign->due, &records[RECORD_due]);
    keep_queue(core, keeper, &campaign->checking, &records[RECORD_checking]);
    keep_queue(core, keeper, &campaign->waiting, &records[RECORD_waiting]);
    keep_counts(keeper, campaign);
    campaign->failed_in_row = keep_u32(keeper, campaign->failed_in_row);
}

static void keep_agents(struct keeper *keeper, struct campaign *campaign)
{
    campaign->after = keep_rows(keeper, campaign->after, &campaign->after_count, &campaign->after_capacity, UINT32_MAX,
                                sizeof *campaign->after);
    for (uint32_t at = 0; at < campaign->after_count; at++) {
        campaign->after[at].since_us = keep_u64(keeper, campaign->after[at].since_us);
        campaign->after[at].agent = keep_u32(keeper, campaign->after[at].agent);
    }
    campaign->members = keep_rows(keeper, campaign->members, &campaign->member_count, &campaign->member_capacity,
                                  AGENTS_MAX, sizeof *campaign->members);
    for (uint32_t at = 0; at < campaign->member_count; at++)
        campaign->members[at] = keep_u32(keeper, campaign->members[at]);
}

static void keep_pacing(struct core *core, struct keeper *keeper, struct campaign *campaign)
{
    pacer_keep(&campaign->pacer, keeper, core->now->time_us);
    campaign->found.ready = keep_u32(keeper, campaign->found.ready);
    campaign->found.busy = keep_u32(keeper, campaign->found.busy);
    campaign->answer.dial = keep_u32(keeper, campaign->answer.dial);
    campaign->answer.why =
        (enum pacer_reason)keep_index(keeper, campaign->answer.why, PACER_REASONS, PACER_WHY_agents_dial);
    campaign->answer.lost = keep_u32(keeper, campaign->answer.lost);
    campaign->answer.allowed = keep_u32(keeper, campaign->answer.allowed);
    campaign->answer.credit = keep_i64(keeper, campaign->answer.credit);
    campaign->dialled = keep_u64(keeper, campaign->dialled);
    campaign->answered = keep_u64(keeper, campaign->answered);
    campaign->abandoned = keep_u64(keeper, campaign->abandoned);
    campaign->failed = keep_u64(keeper, campaign->failed);
}

/* `unhashed` is not kept: the hash is counted before. */
static void keep_campaign(struct core *core, struct keeper *keeper, struct campaign *campaign)
{
    campaign->state = (uint8_t)keep_index(keeper, campaign->state, CAMPAIGN_UNLOADING + 1, CAMPAIGN_LOADED);
    keep_terms(core, keeper, campaign);
    campaign->timer = timer_keep(core->timers, keeper, campaign->timer, 1u << TIMER_CAMPAIGN, campaign->slot, 0);
    campaign->why = (uint8_t)keep_index(keeper, campaign->why, CAMPAIGN_REASONS, CAMPAIGN_WHY_pacer);
    campaign->hours = (uint8_t)keep_index(keeper, campaign->hours, CAMPAIGN_REASONS, CAMPAIGN_WHY_pacer);
    campaign->hours_s = keep_i64(keeper, campaign->hours_s);
    keep_records(core, keeper, campaign);
    keep_agents(keeper, campaign);
    campaign->members_stale = keep_bool(keeper, campaign->members_stale);
    campaign->busy_stale = keep_bool(keeper, campaign->busy_stale);
    campaign->given_back = keep_bool(keeper, campaign->given_back);
    campaign->dirty = keep_bool(keeper, campaign->dirty);
    campaign->hash = keep_u64(keeper, campaign->hash);
    keep_pacing(core, keeper, campaign);
    if (campaign->state == CAMPAIGN_GONE) keep_fail(keeper, "a campaign is gone");
}

static void keep_slot(struct core *core, struct keeper *keeper, uint32_t slot)
{
    struct campaigns *campaigns = core->campaigns;
    bool loaded = keep_bool(keeper, campaigns->all[slot] != NULL);
    campaigns->groups[slot] = name_keep(core->names, keeper, campaigns->groups[slot]);
    if (!loaded) return;
    if (keep_reading(keeper)) {
        campaigns->all[slot] = memory_zeroed(1, sizeof **campaigns->all);
        campaigns->all[slot]->slot = slot;
    }
    keep_campaign(core, keeper, campaigns->all[slot]);
    lookup_restore(&campaigns->by_name, keeper, slot);
}

static void keep_dirty(struct campaigns *campaigns, struct keeper *keeper)
{
    struct campaign_slots *dirty = &campaigns->dirty;
    dirty->all = keep_rows(keeper, dirty->all, &dirty->count, &dirty->capacity, UINT32_MAX, sizeof *dirty->all);
    for (uint32_t at = 0; at < dirty->count; at++) {
        dirty->all[at] = keep_index(keeper, dirty->all[at], campaigns->count, UINT32_MAX);
        if (dirty->all[at] == UINT32_MAX) keep_fail(keeper, "no campaign has changed");
    }
}

void campaigns_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct campaigns *campaigns = core->campaigns;
    if (!keep_reading(keeper)) (void)part_ops_campaigns.hash(core); /* no hash is left to be counted */
    campaigns->all = keep_rows(keeper, campaigns->all, &campaigns->count, &campaigns->capacity, CAMPAIGNS_MAX,
                               sizeof *campaigns->all);
    if (keep_reading(keeper))
        campaigns->groups = memory_grow(NULL, &campaigns->group_capacity, campaigns->count, sizeof *campaigns->groups);
    for (uint32_t slot = 0; slot < campaigns->count && keep_good(keeper); slot++) keep_slot(core, keeper, slot);
    keep_dirty(campaigns, keeper);
    campaigns->counted = keep_rows(keeper, campaigns->counted, &campaigns->counted_count, &campaigns->counted_capacity,
                                   UINT32_MAX, sizeof *campaigns->counted);
    for (uint32_t at = 0; at < campaigns->counted_count && keep_good(keeper); at++) {
        struct campaign_counted *counted = &campaigns->counted[at];
        counted->name = name_keep(core->names, keeper, counted->name);
        counted->hash = keep_u64(keeper, counted->hash);
        ceiling_keep(&counted->ceiling, keeper, core->now->time_us);
    }
    campaigns->content = keep_u64(keeper, campaigns->content);
}

/* Each agent of a campaign is one. */
bool campaigns_sound(void *self)
{
    struct core *core = self;
    uint32_t agents = core->agents->count;
    bool sound = true;
    for (uint32_t slot = 0; slot < core->campaigns->count; slot++) {
        const struct campaign *campaign = core->campaigns->all[slot];
        for (uint32_t at = 0; campaign && at < campaign->after_count; at++)
            sound = sound && (campaign->after[at].agent < agents || campaign->after[at].agent == AGENT_NONE);
        for (uint32_t at = 0; campaign && at < campaign->member_count; at++)
            sound = sound && campaign->members[at] < agents;
    }
    return sound;
}
