/* runtime/core/campaigns/campaign.c - The table of campaigns: loading, starting, stopping and unloading them. */
#include "runtime/core/campaigns/campaign.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/site/directory.h"

static uint64_t row_name(const void *owner, uint32_t slot)
{
    return ((const struct campaigns *)owner)->all[slot]->name;
}

static void init(struct core *core)
{
    *core->campaigns = (struct campaigns){.count = 0};
    lookup_init(&core->campaigns->by_name, core->campaigns, row_name);
}

static void campaign_free(struct campaign *campaign)
{
    if (!campaign) return;
    free(campaign->after);
    free(campaign->members);
    free((void *)(uintptr_t)campaign->filter.bytes);
    free((void *)(uintptr_t)campaign->order.bytes);
    free(campaign);
}

static void release(struct core *core)
{
    for (uint32_t at = 0; at < core->campaigns->count; at++) campaign_free(core->campaigns->all[at]);
    free(core->campaigns->all);
    free(core->campaigns->groups);
    free(core->campaigns->dirty.all);
    free(core->campaigns->unhashed.all);
    lookup_free(&core->campaigns->by_name);
}

struct campaign *campaign_of(const struct core *core, uint32_t name)
{
    uint32_t slot;
    bool found = name != 0 && lookup_find(&core->campaigns->by_name, name, &slot);
    return found ? core->campaigns->all[slot] : NULL;
}

static struct campaign *campaign_new(struct core *core, uint32_t name)
{
    struct campaigns *campaigns = core->campaigns;
    uint32_t slot = 0;
    while (slot < campaigns->count && campaigns->all[slot]) slot++;
    if (slot == campaigns->count) {
        uint32_t count = ++campaigns->count;
        campaigns->all = memory_grow(campaigns->all, &campaigns->capacity, count, sizeof(struct campaign *));
        campaigns->groups =
            memory_grow(campaigns->groups, &campaigns->group_capacity, count, sizeof *campaigns->groups);
    }
    struct campaign *campaign = campaigns->all[slot] = memory_zeroed(1, sizeof *campaign);
    const struct record_queue none = {.first = LIST_RECORD_NONE, .last = LIST_RECORD_NONE};
    *campaign = (struct campaign){.name = name, .slot = slot, .due = none, .begun = none, .waits = none};
    lookup_add(&campaigns->by_name, slot);
    return campaign;
}

void campaign_gone(struct core *core, struct campaign *campaign)
{
    assert(campaign->buffered == 0 && campaign->under_way == 0);
    timer_cancel(core->timers, &campaign->timer);
    core_tell(core, &(struct fact){.what = FACT_campaign_unloaded, .name = campaign->name});
    core->campaigns->content -= campaign->hash;
    lookup_remove(&core->campaigns->by_name, campaign->name);
    core->campaigns->all[campaign->slot] = NULL;
    core->campaigns->groups[campaign->slot] = 0;
    campaign_free(campaign);
}

static void slots_add(struct campaign_slots *slots, uint32_t slot, bool *is_there)
{
    if (*is_there) return;
    *is_there = true;
    slots->all = memory_grow(slots->all, &slots->capacity, slots->count + 1, sizeof *slots->all);
    slots->all[slots->count++] = slot;
}

void campaign_touch(struct core *core, struct campaign *campaign)
{
    slots_add(&core->campaigns->dirty, campaign->slot, &campaign->dirty);
    slots_add(&core->campaigns->unhashed, campaign->slot, &campaign->unhashed);
}

void campaign_stops(struct core *core, struct campaign *campaign, enum campaign_reason why)
{
    if (campaign->state != CAMPAIGN_RUNNING) return;
    campaign->state = CAMPAIGN_LOADED;
    campaign->why = (uint8_t)why;
    core_tell(core, &(struct fact){.what = FACT_campaign_stopped, .name = campaign->name});
    campaign_touch(core, campaign);
}

enum code campaign_refusal(const struct core *core, uint32_t name)
{
    const struct campaign *campaign = campaign_of(core, name);
    bool defined = campaign_definition(&core->directory->campaigns, name) != NULL;
    if (campaign) return campaign->state == CAMPAIGN_UNLOADING ? code_invalid_state : code_ok;
    return defined ? code_invalid_state : code_ok;
}

uint32_t campaign_rule_of(const struct core *core, uint32_t name, enum campaign_rule rule)
{
    static const uint32_t otherwise[] = {
#define RULE(name, least, most, otherwise, doc) [CAMPAIGN_RULE_##name] = otherwise,
#define TERM(name, least, most, otherwise, doc) [CAMPAIGN_RULE_##name] = otherwise,
#include "runtime/core/site/campaign_rules.def"
    };
    const struct campaign *campaign = campaign_of(core, name);
    return campaign ? campaign->rules[rule] : otherwise[rule];
}

void campaign_terms_of(struct core *core, uint32_t name)
{
    const struct campaign *campaign = campaign_of(core, name);
    kv_clear(&core->scratch);
    if (campaign)
        campaign_terms(&core->scratch, core_name(core, campaign->list), core_name(core, campaign->consent),
                       campaign->rules);
}

/* ---- what people read ---- */

const char *campaign_state_name(enum campaign_state state)
{
    static const char *const names[] = {[CAMPAIGN_GONE] = "gone",
                                        [CAMPAIGN_LOADED] = "loaded",
                                        [CAMPAIGN_RUNNING] = "running",
                                        [CAMPAIGN_UNLOADING] = "unloading"};
    return names[state];
}

const char *campaign_why(const struct campaign *campaign, const char **meaning)
{
    static const struct {
        const char *name, *meaning;
    } reasons[] = {
#define CAMPAIGN_REASON(name, meaning) {#name, meaning},
#include "runtime/core/campaigns/campaign_reasons.def"
#undef CAMPAIGN_REASON
    };
    bool of_pacer = campaign->why == CAMPAIGN_WHY_pacer;
    *meaning = of_pacer ? pacer_reason_meaning(campaign->answer.why) : reasons[campaign->why].meaning;
    return of_pacer ? pacer_reason_name(campaign->answer.why) : reasons[campaign->why].name;
}

/* ---- RequestCampaign ---- */

/* Why a request is refused; `text` NULL: it is not. */
struct refused {
    enum code code;
    const char *text;
};

static enum pacer_mode pacer_mode_of(enum campaign_mode mode)
{
    switch (mode) {
    case campaign_mode_progressive:
        return PACER_progressive;
    case campaign_mode_predictive:
        return PACER_predictive;
    case campaign_mode_push_preview:
        return PACER_push_preview;
    case campaign_mode_power:
        return PACER_power;
    default:
        return PACER_preview;
    }
}

void campaign_pacer_rules(const struct campaign *campaign, struct pacer_rules *rules)
{
    *rules = (struct pacer_rules){
        .window_us = campaign_rule_us(campaign, CAMPAIGN_RULE_window_s),
        .wait_us = campaign->rules[CAMPAIGN_RULE_wait_ms] * UINT64_C(1000),
        .agent_wait_us = campaign_rule_us(campaign, CAMPAIGN_RULE_agent_wait_s),
        .busy = campaign->rules[CAMPAIGN_RULE_busy_permille],
        .limit = campaign->rules[CAMPAIGN_RULE_abandoned_permille],
        .mode = pacer_mode_of((enum campaign_mode)campaign->mode),
        .learn = campaign->rules[CAMPAIGN_RULE_learn],
        .per_agent = campaign->rules[CAMPAIGN_RULE_per_agent_permille],
        .reserve = campaign->rules[CAMPAIGN_RULE_reserve],
        .lines = campaign->rules[CAMPAIGN_RULE_lines],
        .ports = campaign->rules[CAMPAIGN_RULE_ports],
    };
}

/* The limits of the request in place of the rules. */
static struct refused limits(const struct message *message, uint32_t rules[CAMPAIGN_RULES])
{
    uint32_t at = 0;
    struct kv_pair pair;
    struct span given = message_text(message, RequestCampaign_limits);
    while (kv_next(given, &at, &pair))
        if (pair.value.tag != KV_INT || !campaign_rule_set(rules, pair.key, (int64_t)pair.value.word))
            return (struct refused){code_invalid_attribute,
                                    "a limit has no rule's name, or its number is out of the rule's range"};
    return (struct refused){code_ok, NULL};
}

static bool has_agents(struct core *core, uint32_t group)
{
    uint32_t levels;
    return group != 0 && ability_levels(core->agents, ABILITY_GROUP, group, &levels) != NULL;
}

static bool needs_agents(unsigned mode)
{
    return mode != campaign_mode_power;
}

static struct span copy_of(struct span text)
{
    if (text.length == 0) return (struct span){NULL, 0};
    uint8_t *copy = memory_zeroed(text.length, 1);
    memcpy(copy, text.bytes, text.length);
    return (struct span){copy, text.length};
}

static uint8_t mode_asked(const struct message *message, uint8_t otherwise)
{
    uint64_t mode = message_u(message, RequestCampaign_mode);
    return mode == campaign_mode_none ? otherwise : (uint8_t)mode;
}

/* Takes the definition and its rules as they are now. One that is loaded keeps its state and what its pacer has
 * learnt. */
static void take(struct core *core, const struct campaign_definition *definition, unsigned mode,
                 const uint32_t rules[CAMPAIGN_RULES], unsigned link)
{
    struct campaign *campaign = campaign_of(core, definition->name);
    bool fresh = !campaign;
    if (fresh) campaign = campaign_new(core, definition->name);
    free((void *)(uintptr_t)campaign->filter.bytes);
    free((void *)(uintptr_t)campaign->order.bytes);
    campaign->filter = copy_of(definition->filter);
    campaign->order = copy_of(definition->order);
    campaign->agents = definition->agents;
    campaign->list = definition->list;
    campaign->consent = definition->consent;
    campaign->mode = (uint8_t)mode;
    campaign->members_stale = campaign->busy_stale = true;
    core->campaigns->groups[campaign->slot] = campaign->agents;
    memcpy(campaign->rules, rules, sizeof campaign->rules);
    struct pacer_rules paced;
    campaign_pacer_rules(campaign, &paced);
    if (fresh) {
        campaign->state = CAMPAIGN_LOADED;
        campaign->why = CAMPAIGN_WHY_not_started;
        pacer_init(&campaign->pacer, &paced);
    } else {
        pacer_set(&campaign->pacer, &paced);
    }
    if (campaign->ref == 0) campaign->link = (uint16_t)link;
    core_tell(core, &(struct fact){.what = FACT_campaign_loaded, .name = campaign->name});
    campaign_touch(core, campaign);
}

static struct refused load(struct core *core, uint32_t name, const struct message *message)
{
    const struct campaign_definition *definition = campaign_definition(&core->directory->campaigns, name);
    const struct campaign *campaign = campaign_of(core, name);
    uint32_t rules[CAMPAIGN_RULES];
    unsigned link = link_that_can(core, campaign ? campaign->link : 0, CAP_RECORDS);
    if (!definition) return (struct refused){code_invalid_attribute, "the directory has no such campaign"};
    if (campaign && campaign->state == CAMPAIGN_UNLOADING)
        return (struct refused){code_invalid_state, "the campaign is being unloaded; load it when it is gone"};
    campaign_rules(&core->directory->campaigns, definition, rules);
    struct refused refused = limits(message, rules);
    uint8_t mode = mode_asked(message, definition->mode);
    if (refused.text) return refused;
    if (!list_record_has_strategy(core, name))
        return (struct refused){code_invalid_dn, "no strategy on outbound is bound to the campaign"};
    if (needs_agents(mode) && !has_agents(core, definition->agents))
        return (struct refused){code_invalid_attribute,
                                "the campaign's mode needs agents, and nobody is in the group of its agents"};
    if (link == 0) return (struct refused){code_link_down, "no link hands over records"};
    take(core, definition, mode, rules, link);
    return (struct refused){code_ok, NULL};
}

static struct refused start(struct core *core, struct campaign *campaign)
{
    if (campaign->state == CAMPAIGN_RUNNING) return (struct refused){code_ok, NULL};
    campaign->state = CAMPAIGN_RUNNING;
    campaign->why = CAMPAIGN_WHY_pacer;
    campaign->failed_in_row = 0;
    campaign->again_us = campaign->pause_us = 0;
    core_tell(core, &(struct fact){.what = FACT_campaign_started, .name = campaign->name});
    campaign_touch(core, campaign);
    return (struct refused){code_ok, NULL};
}

static void drop_buffered(struct core *core, const struct campaign *campaign)
{
    struct list_records *records = core->list_records;
    for (uint32_t at = 0; campaign->buffered != 0 && at < records->count; at++) {
        const struct list_record *row = &records->all[at];
        if (row->id != 0 && row->paced && row->phase == RECORD_BUFFERED && row->campaign == campaign->name)
            list_record_free(core, at);
    }
}

static struct refused unload(struct core *core, struct campaign *campaign)
{
    campaign_stops(core, campaign, CAMPAIGN_WHY_unloading);
    campaign->state = CAMPAIGN_UNLOADING;
    campaign->why = CAMPAIGN_WHY_unloading;
    drop_buffered(core, campaign);
    campaign_give_back(core, campaign);
    campaign_touch(core, campaign);
    return (struct refused){code_ok, NULL};
}

static struct refused change_mode(struct core *core, struct campaign *campaign, const struct message *message)
{
    uint32_t rules[CAMPAIGN_RULES];
    memcpy(rules, campaign->rules, sizeof rules);
    struct refused refused = limits(message, rules);
    uint8_t mode = mode_asked(message, campaign->mode);
    if (refused.text) return refused;
    if (needs_agents(mode) && !has_agents(core, campaign->agents))
        return (struct refused){code_invalid_attribute,
                                "the mode needs agents, and nobody is in the group of the campaign's agents"};
    memcpy(campaign->rules, rules, sizeof rules);
    campaign->mode = mode;
    struct pacer_rules paced;
    campaign_pacer_rules(campaign, &paced);
    pacer_set(&campaign->pacer, &paced);
    campaign_touch(core, campaign);
    return (struct refused){code_ok, NULL};
}

static struct refused asked(struct core *core, uint32_t name, const struct message *message)
{
    unsigned op = (unsigned)message_u(message, RequestCampaign_op);
    struct campaign *campaign = campaign_of(core, name);
    if (op == campaign_op_load) return load(core, name, message);
    if (!campaign) return (struct refused){code_invalid_state, "the campaign is not loaded"};
    if (op == campaign_op_unload && campaign->state == CAMPAIGN_UNLOADING) return (struct refused){code_ok, NULL};
    if (campaign->state == CAMPAIGN_UNLOADING)
        return (struct refused){code_invalid_state, "the campaign is being unloaded"};
    switch (op) {
    case campaign_op_start:
        return start(core, campaign);
    case campaign_op_stop:
        campaign_stops(core, campaign, CAMPAIGN_WHY_stopped);
        return (struct refused){code_ok, NULL};
    case campaign_op_unload:
        return unload(core, campaign);
    case campaign_op_mode:
        return change_mode(core, campaign, message);
    default:
        return (struct refused){code_invalid_attribute, "a campaign is loaded, started, stopped, unloaded, or gets "
                                                        "another mode"};
    }
}

void campaign_on_request(struct core *core, const struct message *message)
{
    uint32_t name = names_find(core->names, message_text(message, RequestCampaign_campaign));
    struct refused refused = asked(core, name, message);
    const struct campaign *campaign = campaign_of(core, name);
    kv_clear(&core->scratch);
    kv_put_text(&core->scratch, "state", span_of(campaign_state_name(campaign ? campaign->state : CAMPAIGN_GONE)));
    effect_reply(core, message, refused.text ? outcome_error : outcome_ok, refused.code, refused.text, &core->scratch);
}

/* ---- the part ---- */

static void settle(struct core *core)
{
    struct campaigns *campaigns = core->campaigns;
    for (uint32_t at = 0; at < campaigns->dirty.count; at++) {
        struct campaign *campaign = campaigns->all[campaigns->dirty.all[at]];
        if (campaign && campaign->dirty) campaign_decide(core, campaign);
    }
    campaigns->dirty.count = 0;
}

static void timer_fired(struct core *core, const struct timer *timer)
{
    struct campaign *campaign = core->campaigns->all[timer->data];
    campaign->busy_stale = true;
    campaign_touch(core, campaign);
}

static uint32_t *timer_handle(struct core *core, const struct timer *timer)
{
    return &core->campaigns->all[timer->data]->timer;
}

static uint64_t timer_number(const struct core *core, const struct timer *timer)
{
    (void)core;
    return timer->data + UINT64_C(1);
}

const struct timer_ops timer_ops_campaign = {timer_handle, timer_number, timer_fired};

static uint64_t hash_queue(const struct record_queue *queue)
{
    return mix64(queue->count + ((uint64_t)queue->first << 32)) + mix64(queue->last + UINT64_C(1));
}

static uint64_t hash_one(const struct core *core, const struct campaign *campaign)
{
    uint64_t hash = text_hash(core->names, (struct span){(const uint8_t *)&campaign->pacer, sizeof campaign->pacer});
    hash += text_hash(core->names, (struct span){(const uint8_t *)campaign->rules, sizeof campaign->rules});
    hash = mix64(hash + campaign->name) + mix64(hash + campaign->agents + ((uint64_t)campaign->link << 32));
    hash = mix64(hash + campaign->list + ((uint64_t)campaign->consent << 32));
    hash = mix64(hash + campaign->state + ((uint64_t)campaign->mode << 8) + ((uint64_t)campaign->why << 16));
    hash = mix64(hash + text_hash(core->names, campaign->filter)) + text_hash(core->names, campaign->order);
    hash = mix64(hash + campaign->ref + ((uint64_t)campaign->asked << 32)) + mix64(hash + campaign->came);
    hash = mix64(hash + campaign->sent_us) + mix64(hash + campaign->again_us + campaign->pause_us);
    hash =
        mix64(hash + hash_queue(&campaign->due) + hash_queue(&campaign->begun) * 3 + hash_queue(&campaign->waits) * 5);
    hash = mix64(hash + campaign->failed_in_row + ((uint64_t)campaign->after_count << 32));
    for (uint32_t at = 0; at < campaign->after_count; at++)
        hash = mix64(hash + campaign->after[at].since_us + ((uint64_t)campaign->after[at].agent << 40));
    return hash;
}

/* Counts anew those that were touched. */
static uint64_t hash(const struct core *core)
{
    struct campaigns *campaigns = core->campaigns;
    for (uint32_t at = 0; at < campaigns->unhashed.count; at++) {
        struct campaign *campaign = campaigns->all[campaigns->unhashed.all[at]];
        if (!campaign || !campaign->unhashed) continue;
        campaigns->content -= campaign->hash;
        campaign->hash = mix64(hash_one(core, campaign) + campaign->slot);
        campaigns->content += campaign->hash;
        campaign->unhashed = false;
    }
    campaigns->unhashed.count = 0;
    return campaigns->content;
}

static bool check(const struct core *core)
{
    for (uint32_t at = 0; at < core->campaigns->count; at++) {
        const struct campaign *campaign = core->campaigns->all[at];
        if (!campaign) continue;
        if (campaign->slot != at || !campaign_pace_holds(core, campaign)) return false;
        if (!campaign->unhashed && campaign->hash != mix64(hash_one(core, campaign) + at)) return false;
    }
    return true;
}

const struct part_ops part_ops_campaigns = {
    .size = sizeof(struct campaigns),
    .init = init,
    .free = release,
    .settle = settle,
    .hash = hash,
    .check = check,
    .hear = campaign_pace_hear,
};
