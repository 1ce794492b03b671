/* runtime/core/campaigns/campaign.c - The table of campaigns, their share of the digest, and how campaigns are
 * written to snapshots.
 *
 * A campaign that has changed in an event is dirty. When the event is over, all dirty campaigns decide:
 *
 *     campaigns_settle()   each catches up with what has happened
 *                          agents promised for numbers that nobody answered are free
 *                          sorted: who asks first for an agent (asks_before)
 *                          each decides how many numbers to dial
 *                          agents are promised to the campaigns that dialled
 *
 * Hashing a campaign takes long, and most events touch no campaign: it is hashed anew only when the digest is asked
 * for, and only if it was touched (`unhashed`). */
#include "runtime/core/campaigns/campaign.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/owned.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"

static void campaigns_part_init(void *self, const struct parts *parts)
{
    struct campaigns *campaigns = self;
    *campaigns = (struct campaigns){
        .now = parts->now,
        .facts = parts->facts,
        .names = parts->names,
        .timers = parts->timers,
        .scratch = parts->scratch,
        .agents = parts->agents,
        .directory = parts->directory,
        .strategies = parts->strategies,
        .rollouts = parts->rollouts,
        .claims = parts->claims,
        .links = parts->links,
        .effects = parts->effects,
        .interactions = parts->interactions,
        .records = parts->list_records,
    };
    lookup_init(&campaigns->by_name, campaigns, campaign_row_name);
}

static void campaigns_release(void *self)
{
    struct campaigns *campaigns = self;
    for (uint32_t at = 0; at < campaigns->count; at++) campaign_free(campaigns->all[at]);
    free(campaigns->all);
    free(campaigns->groups);
    campaign_counted_free(campaigns->counted, campaigns->counted_count);
    free(campaigns->counted);
    free(campaigns->beside);
    free(campaigns->dirty.all);
    free(campaigns->unhashed.all);
    lookup_free(&campaigns->by_name);
}

/* ---- the part ---- */

/* True: campaign `slot` asks before `other`. An agent whom several campaigns want goes to the one that asks first: the
 * one of higher priority, then the one that has fewer agents at its calls in proportion to its weight. The two
 * fractions (agents used, by weight) are compared without a division. If the fractions are equal the lower slot asks
 * first, so that the result does not depend on the order of the array. */
static bool asks_before(const struct campaigns *campaigns, uint32_t slot, uint32_t other)
{
    const struct campaign *one = campaigns->all[slot], *two = campaigns->all[other];
    if (!one || !two) return one != NULL;
    const uint32_t *rules = one->rules, *others = two->rules;
    if (rules[CAMPAIGN_RULE_priority] != others[CAMPAIGN_RULE_priority])
        return rules[CAMPAIGN_RULE_priority] > others[CAMPAIGN_RULE_priority];
    uint64_t uses = (uint64_t)pacer_uses(&one->pacer) * others[CAMPAIGN_RULE_weight];
    uint64_t used = (uint64_t)pacer_uses(&two->pacer) * rules[CAMPAIGN_RULE_weight];
    return uses != used ? uses < used : slot < other;
}

/* Sorts the slots with Shell's sort; the result depends on the campaigns alone. */
static void dirty_sort(const struct campaigns *campaigns, uint32_t *slots, uint32_t count)
{
    uint32_t gap = 1;
    while (gap < count / 3) gap = 3 * gap + 1;
    for (; gap > 0; gap /= 3)
        for (uint32_t from = gap; from < count; from++) {
            uint32_t slot = slots[from], to = from;
            for (; to >= gap && asks_before(campaigns, slot, slots[to - gap]); to -= gap) slots[to] = slots[to - gap];
            slots[to] = slot;
        }
}

/* Counts anew which agents are promised to calls: agents whose numbers nobody answered become free before the
 * campaigns decide, and others are promised afterwards. */
static void promises_follow(struct campaigns *campaigns)
{
    const struct campaign_slots *dirty = &campaigns->dirty;
    for (uint32_t at = 0; at < dirty->count; at++) {
        uint32_t group = campaigns->groups[dirty->all[at]];
        bool last = at + 1 == dirty->count || campaigns->groups[dirty->all[at + 1]] != group;
        if (group != 0 && last) campaign_promises(campaigns, group);
    }
}

/* Lets all dirty campaigns decide. The list may grow in the loop: a campaign that another campaign's decision
 * touches is added at the end and decides in the same loop. */
static void campaigns_settle(void *self)
{
    struct campaigns *campaigns = self;
    for (uint32_t at = 0; at < campaigns->dirty.count; at++) {
        struct campaign *campaign = campaigns->all[campaigns->dirty.all[at]];
        if (campaign && campaign->dirty) campaign_catches_up(campaigns, campaign);
    }
    promises_follow(campaigns);
    campaigns->ready.known = false;
    dirty_sort(campaigns, campaigns->dirty.all, campaigns->dirty.count);
    for (uint32_t at = 0; at < campaigns->dirty.count; at++) {
        struct campaign *campaign = campaigns->all[campaigns->dirty.all[at]];
        if (campaign && campaign->dirty) campaign_decide(campaigns, campaign);
    }
    promises_follow(campaigns);
    campaigns->dirty.count = 0;
}

/* On a full second the busy agents are counted anew as well. */
static void campaign_timer_fired(void *self, const struct timer *timer)
{
    struct campaigns *campaigns = self;
    assert(campaigns->all[timer->data]);
    campaign_group_looks(campaigns, campaigns->all[timer->data], timer->deadline_us % SECOND_US == 0);
}

static uint32_t *campaign_timer_handle(void *self, const struct timer *timer)
{
    struct campaigns *campaigns = self;
    return &campaigns->all[timer->data]->timer;
}

static uint64_t campaign_timer_number(const void *self, const struct timer *timer)
{
    (void)self;
    return timer->data + UINT64_C(1);
}

const struct timer_ops timer_ops_campaign = {
    .handle = campaign_timer_handle, .number = campaign_timer_number, .fired = campaign_timer_fired};

static uint64_t record_queue_hash(const struct record_queue *queue, uint32_t count)
{
    return table_mix64(count + ((uint64_t)queue->first << 32)) + table_mix64(queue->last + UINT64_C(1));
}

/* Returns the hash of everything in the campaign that a decision depends on. A value that a later version added
 * leaves the hash unchanged when it is not used, so digests of older journals still agree. */
static uint64_t campaign_row_hash(const struct campaigns *campaigns, const struct campaign *campaign)
{
    const uint32_t *records = campaign->counts.records;
    uint64_t hash =
        table_text_hash(campaigns->names, (struct span){(const uint8_t *)&campaign->pacer, sizeof campaign->pacer});
    hash += table_text_hash(campaigns->names, (struct span){(const uint8_t *)campaign->rules,
                                                            CAMPAIGN_RULES_OF_8 * sizeof *campaign->rules});
    for (int rule = CAMPAIGN_RULES_OF_8; rule < CAMPAIGN_RULES; rule++)
        if (campaign->rules[rule] != campaign_numbers[rule].otherwise) hash = table_mix64(hash + campaign->rules[rule]);
    hash = table_mix64(hash + campaign->name) + table_mix64(hash + campaign->agents + ((uint64_t)campaign->link << 32));
    hash = table_mix64(hash + campaign->list + ((uint64_t)campaign->consent << 32));
    hash =
        table_mix64(hash + campaign->schedule + ((uint64_t)campaign->zone << 32)) + table_mix64(hash + campaign->hours);
    hash = table_mix64(hash + campaign->state + ((uint64_t)campaign->mode << 8) + ((uint64_t)campaign->why << 16) +
                       (campaign->given_back ? 1u << 24 : 0));
    hash = table_mix64(hash + table_text_hash(campaigns->names, campaign->filter)) +
           table_text_hash(campaigns->names, campaign->order);
    hash = table_mix64(hash + campaign->ref + ((uint64_t)campaign->asked << 32)) + table_mix64(hash + campaign->came);
    hash = table_mix64(hash + table_text_hash(campaigns->names, campaign->refusal)) + campaign->checked;
    hash = table_mix64(hash + campaign->sent_us) + table_mix64(hash + campaign->again_us + campaign->pause_us);
    hash = table_mix64(hash + record_queue_hash(&campaign->due, records[RECORD_due]) +
                       record_queue_hash(&campaign->checking, records[RECORD_checking]) * 3 +
                       record_queue_hash(&campaign->waiting, records[RECORD_waiting]) * 5);
    hash = table_mix64(hash + campaign->failed_in_row + ((uint64_t)campaign->after_count << 32));
    for (uint32_t at = 0; at < campaign->after_count; at++)
        hash = table_mix64(hash + campaign->after[at].since_us + ((uint64_t)campaign->after[at].agent << 40));
    const struct campaign_listed *listed = &campaign->listed;
    uint64_t lists =
        table_mix64(listed->left) + table_mix64(listed->due) * 3 + table_mix64(listed->overdue) * 5 +
        table_mix64(listed->exhausted) * 7 + table_mix64(campaign->promised) * 11 +
        table_mix64(campaign->recent.all_answered + ((uint64_t)campaign->recent.all_abandoned << 32)) * 13 +
        table_mix64((uint64_t)campaign->waited.total) * 17 + table_mix64((uint64_t)campaign->connected.total) * 19;
    lists += listed->told;
    /* a campaign without a count of its list has the hash of earlier versions */
    return hash + (lists - table_mix64(0) * 76);
}

/* Hashes anew the campaigns that were touched, and returns the hash of all. */
static uint64_t campaigns_hash(const void *self)
{
    struct campaigns *campaigns = (struct campaigns *)(uintptr_t)self;
    for (uint32_t at = 0; at < campaigns->unhashed.count; at++) {
        struct campaign *campaign = campaigns->all[campaigns->unhashed.all[at]];
        if (!campaign || !campaign->unhashed) continue;
        campaigns->content -= campaign->hash;
        campaign->hash = table_mix64(campaign_row_hash(campaigns, campaign) + campaign->slot);
        campaigns->content += campaign->hash;
        campaign->unhashed = false;
    }
    campaigns->unhashed.count = 0;
    return campaigns->content;
}

static bool campaigns_check(const void *self)
{
    const struct campaigns *campaigns = self;
    for (uint32_t at = 0; at < campaigns->count; at++) {
        const struct campaign *campaign = campaigns->all[at];
        if (!campaign) continue;
        if (campaign->slot != at || !campaign_lives_hold(campaigns, campaign)) return false;
        if (!campaign->unhashed && campaign->hash != table_mix64(campaign_row_hash(campaigns, campaign) + at))
            return false;
    }
    return true;
}

/* ---- bytes ---- */

static void campaign_terms_keep(struct campaigns *campaigns, struct keeper *keeper, struct campaign *campaign)
{
    campaign->name = name_keep(campaigns->names, keeper, campaign->name);
    campaign->agents = name_keep(campaigns->names, keeper, campaign->agents);
    campaign->list = name_keep(campaigns->names, keeper, campaign->list);
    campaign->consent = name_keep(campaigns->names, keeper, campaign->consent);
    campaign->schedule = name_keep(campaigns->names, keeper, campaign->schedule);
    campaign->zone = name_keep(campaigns->names, keeper, campaign->zone);
    campaign->filter = owned_text_keep(keeper, campaign->filter, KV_BYTES_MAX);
    campaign->order = owned_text_keep(keeper, campaign->order, KV_BYTES_MAX);
    campaign->refusal = owned_text_keep(keeper, campaign->refusal, MESSAGE_FRAME_MAX);
    campaign->mode = (uint8_t)keep_index(keeper, campaign->mode, campaign_mode_power + 1, campaign_mode_none);
    campaign->link = keep_u16(keeper, campaign->link);
    campaign_rules_keep(campaign->rules, keeper);
}

static void record_queue_keep(struct campaigns *campaigns, struct keeper *keeper, struct record_queue *queue,
                              uint32_t *count)
{
    queue->first = keep_index(keeper, queue->first, campaigns->records->count, LIST_RECORD_NONE);
    queue->last = keep_index(keeper, queue->last, campaigns->records->count, LIST_RECORD_NONE);
    *count = keep_u32(keeper, *count);
}

/* Writes or reads the counts. Snapshots have two sums: the records in the buffer and the records that are under way. */
static void campaign_counts_keep(struct keeper *keeper, struct campaign *campaign)
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
    (void)keep_u32(keeper, 0); /* for the number of agents claimed for records in the buffer, which is always 0 */
    for (unsigned state = RECORD_checking; state <= RECORD_over; state++)
        chosen[state] = keep_u32(keeper, chosen[state]);
    counts->in_vain = keep_u32(keeper, counts->in_vain);
}

static void campaign_listed_keep(struct keeper *keeper, struct campaign *campaign)
{
    campaign->listed.left = keep_u64(keeper, campaign->listed.left);
    campaign->listed.due = keep_u64(keeper, campaign->listed.due);
    campaign->listed.overdue = keep_u64(keeper, campaign->listed.overdue);
    campaign->listed.exhausted = keep_u64(keeper, campaign->listed.exhausted);
    campaign->promised = keep_u32(keeper, campaign->promised);
    const struct campaign_listed *listed = &campaign->listed;
    bool counted = (listed->left | listed->due | listed->overdue | listed->exhausted) != 0;
    campaign->listed.told = keep_has(keeper, 14) ? keep_bool(keeper, listed->told) : counted;
}

/* Writes or reads the campaign's records and how many it asks for. */
static void campaign_records_keep(struct campaigns *campaigns, struct keeper *keeper, struct campaign *campaign)
{
    campaign->checked = keep_u32(keeper, campaign->checked);
    campaign->ref = keep_u32(keeper, campaign->ref);
    campaign->asked = keep_u32(keeper, campaign->asked);
    campaign->came = keep_u32(keeper, campaign->came);
    campaign->sent_us = keep_u64(keeper, campaign->sent_us);
    campaign->again_us = keep_u64(keeper, campaign->again_us);
    campaign->pause_us = keep_u64(keeper, campaign->pause_us);
    if (keep_has(keeper, 9)) campaign_listed_keep(keeper, campaign);
    uint32_t *records = campaign->counts.records;
    record_queue_keep(campaigns, keeper, &campaign->due, &records[RECORD_due]);
    record_queue_keep(campaigns, keeper, &campaign->checking, &records[RECORD_checking]);
    record_queue_keep(campaigns, keeper, &campaign->waiting, &records[RECORD_waiting]);
    campaign_counts_keep(keeper, campaign);
    campaign->failed_in_row = keep_u32(keeper, campaign->failed_in_row);
}

static void campaign_agents_keep(struct keeper *keeper, struct campaign *campaign)
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

static void campaign_pacing_keep(struct campaigns *campaigns, struct keeper *keeper, struct campaign *campaign)
{
    pacer_keep(&campaign->pacer, keeper, campaigns->now->time_us);
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
    if (!keep_has(keeper, 9)) {
        ceiling_init(&campaign->recent, CAMPAIGN_RECENT_US);
        /* an older snapshot does not say of what kind the failures were */
        campaign->results[CAMPAIGN_RESULT_unreached] = campaign->failed;
        return;
    }
    ceiling_keep(&campaign->recent, keeper, campaigns->now->time_us);
    for (unsigned result = 0; result < CAMPAIGN_RESULTS; result++)
        campaign->results[result] = keep_u64(keeper, campaign->results[result]);
    window_keep(&campaign->waited, keeper, CAMPAIGN_WAITED_US, campaigns->now->time_us);
    window_keep(&campaign->connected, keeper, CAMPAIGN_WAITED_US, campaigns->now->time_us);
}

/* Writes or reads a campaign. `unhashed` is not written: the hash is computed before. The order is that of the
 * snapshot, and a function handles each part of it. */
static void campaign_keep(struct campaigns *campaigns, struct keeper *keeper, struct campaign *campaign)
{
    campaign->state = (uint8_t)keep_index(keeper, campaign->state, CAMPAIGN_UNLOADING + 1, CAMPAIGN_LOADED);
    campaign_terms_keep(campaigns, keeper, campaign);
    campaign->timer = timer_keep(campaigns->timers, keeper, campaign->timer, 1u << TIMER_CAMPAIGN, campaign->slot, 0);
    campaign->why = (uint8_t)keep_index(keeper, campaign->why, CAMPAIGN_REASONS, CAMPAIGN_WHY_pacer);
    campaign->hours = (uint8_t)keep_index(keeper, campaign->hours, CAMPAIGN_REASONS, CAMPAIGN_WHY_pacer);
    campaign->hours_s = keep_i64(keeper, campaign->hours_s);
    campaign_records_keep(campaigns, keeper, campaign);
    campaign_agents_keep(keeper, campaign);
    campaign->members_stale = keep_bool(keeper, campaign->members_stale);
    campaign->busy_stale = keep_bool(keeper, campaign->busy_stale);
    campaign->given_back = keep_bool(keeper, campaign->given_back);
    campaign->dirty = keep_bool(keeper, campaign->dirty);
    campaign->hash = keep_u64(keeper, campaign->hash);
    campaign_pacing_keep(campaigns, keeper, campaign);
    if (campaign->state == CAMPAIGN_GONE) keep_fail(keeper, "a campaign is gone");
}

static void campaign_slot_keep(struct campaigns *campaigns, struct keeper *keeper, uint32_t slot)
{
    bool loaded = keep_bool(keeper, campaigns->all[slot] != NULL);
    campaigns->groups[slot] = name_keep(campaigns->names, keeper, campaigns->groups[slot]);
    if (!loaded) return;
    if (keep_reading(keeper)) {
        campaigns->all[slot] = memory_zeroed(1, sizeof **campaigns->all);
        campaigns->all[slot]->slot = slot;
    }
    campaign_keep(campaigns, keeper, campaigns->all[slot]);
    lookup_restore(&campaigns->by_name, keeper, slot);
}

static void campaigns_dirty_keep(struct campaigns *campaigns, struct keeper *keeper)
{
    struct campaign_slots *dirty = &campaigns->dirty;
    dirty->all = keep_rows(keeper, dirty->all, &dirty->count, &dirty->capacity, UINT32_MAX, sizeof *dirty->all);
    for (uint32_t at = 0; at < dirty->count; at++) {
        dirty->all[at] = keep_index(keeper, dirty->all[at], campaigns->count, UINT32_MAX);
        if (dirty->all[at] == UINT32_MAX) keep_fail(keeper, "no campaign has changed");
    }
}

/* Writes or reads what an unloaded campaign has counted. Snapshots before version 14 have only the ceiling's counts. */
static void campaign_counted_keep(struct campaigns *campaigns, struct keeper *keeper, struct campaign_counted *row)
{
    const struct pacer_rules any = {.window_us = CAMPAIGN_RECENT_US, .learn = 1};
    uint64_t now_us = campaigns->now->time_us;
    row->name = name_keep(campaigns->names, keeper, row->name);
    row->hash = keep_u64(keeper, row->hash);
    if (!keep_has(keeper, 14)) {
        pacer_init(&row->pacer, &any);
        ceiling_keep(&row->pacer.ceiling, keeper, now_us);
        ceiling_init(&row->recent, CAMPAIGN_RECENT_US);
        return;
    }
    row->agents = name_keep(campaigns->names, keeper, row->agents);
    pacer_keep(&row->pacer, keeper, now_us);
    ceiling_keep(&row->recent, keeper, now_us);
    window_keep(&row->waited, keeper, CAMPAIGN_WAITED_US, now_us);
    window_keep(&row->connected, keeper, CAMPAIGN_WAITED_US, now_us);
}

/* Computes all hashes anew, because the pacers of an earlier version had fewer bytes to hash. */
static void hash_anew(struct campaigns *campaigns)
{
    campaigns->content = 0;
    for (uint32_t at = 0; at < campaigns->counted_count; at++)
        campaigns->content += campaigns->counted[at].hash = campaign_counted_hash(&campaigns->counted[at]);
    for (uint32_t at = 0; at < campaigns->count; at++) {
        struct campaign *campaign = campaigns->all[at];
        if (!campaign) continue;
        campaign->hash = table_mix64(campaign_row_hash(campaigns, campaign) + at);
        campaigns->content += campaign->hash;
    }
}

/* Writes or reads the campaigns. Slots without a campaign are kept as well, because timers name campaigns by their
 * slots. */
static void campaigns_keep(void *self, struct keeper *keeper)
{
    struct campaigns *campaigns = self;
    /* computes all hashes first, so that no campaign is left to be hashed */
    if (!keep_reading(keeper)) (void)campaigns_hash(campaigns);
    campaigns->all = keep_rows(keeper, campaigns->all, &campaigns->count, &campaigns->capacity, CAMPAIGNS_MAX,
                               sizeof *campaigns->all);
    if (keep_reading(keeper))
        campaigns->groups = memory_grow(NULL, &campaigns->group_capacity, campaigns->count, sizeof *campaigns->groups);
    for (uint32_t slot = 0; slot < campaigns->count && keep_good(keeper); slot++)
        campaign_slot_keep(campaigns, keeper, slot);
    campaigns_dirty_keep(campaigns, keeper);
    campaigns->counted = keep_rows(keeper, campaigns->counted, &campaigns->counted_count, &campaigns->counted_capacity,
                                   UINT32_MAX, sizeof *campaigns->counted);
    for (uint32_t at = 0; at < campaigns->counted_count && keep_good(keeper); at++)
        campaign_counted_keep(campaigns, keeper, &campaigns->counted[at]);
    campaigns->content = keep_u64(keeper, campaigns->content);
    if (!keep_has(keeper, 14) && keep_good(keeper)) hash_anew(campaigns);
}

/* True: each agent that a campaign names exists. */
static bool campaigns_sound(void *self)
{
    const struct campaigns *campaigns = self;
    uint32_t agents = campaigns->agents->count;
    bool sound = true;
    for (uint32_t slot = 0; slot < campaigns->count; slot++) {
        const struct campaign *campaign = campaigns->all[slot];
        for (uint32_t at = 0; campaign && at < campaign->after_count; at++)
            sound = sound && (campaign->after[at].agent < agents || campaign->after[at].agent == AGENT_NONE);
        for (uint32_t at = 0; campaign && at < campaign->member_count; at++)
            sound = sound && campaign->members[at] < agents;
    }
    return sound;
}

const struct part_ops part_ops_campaigns = {
    .size = sizeof(struct campaigns),
    .init = campaigns_part_init,
    .free = campaigns_release,
    .settle = campaigns_settle,
    .hash = campaigns_hash,
    .check = campaigns_check,
    .hear = campaign_life_hear,
    .keep = campaigns_keep,
    .sound = campaigns_sound,
};
