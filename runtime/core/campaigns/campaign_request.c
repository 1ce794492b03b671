/* runtime/core/campaigns/campaign_request.c - RequestCampaign: loads, starts, stops and unloads a campaign, and
 * changes its mode.
 *
 * To load a campaign takes the definition and rules that the directory has at that moment; a campaign that is loaded
 * already gets them anew, and keeps its state and what its pacer has learnt. To unload a campaign ends at once what
 * was not dialled, because the list may give these records to other cores; dialled calls go on to their end, and
 * then the campaign is freed. */
#include <assert.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/events_site.h"

/* Why a request is refused; `text` NULL: the request is not refused. */
struct refused {
    enum code code;
    const char *text;
};

static enum pacer_mode pacer_mode_of(enum campaign_mode mode)
{
    static const uint8_t modes[] = {[campaign_mode_progressive] = PACER_progressive,
                                    [campaign_mode_predictive] = PACER_predictive,
                                    [campaign_mode_push_preview] = PACER_push_preview,
                                    [campaign_mode_power] = PACER_power};
    return mode < sizeof modes / sizeof *modes && modes[mode] ? modes[mode] : PACER_preview;
}

static void pacer_rules_of(const struct campaign *campaign, struct pacer_rules *rules)
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

/* Puts the limits of the request in place of the rules. */
static struct refused limits_asked(const struct message *message, uint32_t rules[CAMPAIGN_RULES])
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

static bool has_agents(struct campaigns *campaigns, uint32_t group)
{
    uint32_t levels;
    return group != 0 && ability_levels(campaigns->agents, ABILITY_GROUP, group, &levels) != NULL;
}

static bool needs_agents(unsigned mode)
{
    return mode != campaign_mode_power;
}

/* Returns the mode in the request; without one, `otherwise`. */
static uint8_t mode_asked(const struct message *message, uint8_t otherwise)
{
    uint64_t mode = message_u(message, RequestCampaign_mode);
    return mode == campaign_mode_none ? otherwise : (uint8_t)mode;
}

/* Sets the campaign's definition and rules as the directory has them now. A campaign that is loaded keeps its state
 * and what its pacer has learnt. Hours and shares of groups are forgotten here, because both may be different now.
 * The link stays the same as long as an answer from it is awaited (`ref`). */
static void campaign_define(struct campaigns *campaigns, const struct campaign_definition *definition, unsigned mode,
                            const uint32_t rules[CAMPAIGN_RULES], unsigned link)
{
    assert(link != 0);
    struct campaign *campaign = campaign_of(campaigns, definition->name);
    bool fresh = !campaign;
    if (fresh) campaign = campaign_new(campaigns, definition->name);
    span_free(&campaign->filter);
    span_free(&campaign->order);
    campaign->filter = span_copy(definition->filter);
    campaign->order = span_copy(definition->order);
    uint32_t before = campaign->agents;
    campaign->agents = definition->agents;
    campaign->list = definition->list;
    campaign->consent = definition->consent;
    campaign->schedule = definition->schedule;
    campaign->zone = definition->zone;
    campaign->hours_s = INT64_MIN;
    campaign->mode = (uint8_t)mode;
    campaign->members_stale = campaign->busy_stale = true;
    campaigns->groups[campaign->slot] = campaign->agents;
    campaign->share_count = 0;
    if (before != 0 && before != campaign->agents) {
        campaign_shares_forget(campaigns, before);
        campaign_promises(campaigns, before);
    }
    memcpy(campaign->rules, rules, sizeof campaign->rules);
    struct pacer_rules paced;
    pacer_rules_of(campaign, &paced);
    if (fresh) {
        campaign->state = CAMPAIGN_LOADED;
        campaign->why = CAMPAIGN_WHY_not_started;
        pacer_init(&campaign->pacer, &paced);
        campaign_remembers(campaigns, campaign);
    } else {
        pacer_set(&campaign->pacer, campaigns->now->time_us, &paced);
    }
    if (before != campaign->agents) campaign_joins(campaigns, campaign);
    if (campaign->ref == 0) campaign->link = (uint16_t)link;
    fact_tell(campaigns->facts, &(struct fact){.what = FACT_campaign_loaded, .name = campaign->name});
    campaign_touch(campaigns, campaign);
}

/* Loads a campaign. All that may be wrong is checked first; after that nothing can fail. */
static struct refused campaign_load(struct campaigns *campaigns, uint32_t name, const struct message *message)
{
    const struct campaign_definition *definition = campaign_definition(&campaigns->directory->campaigns, name);
    const struct campaign *campaign = campaign_of(campaigns, name);
    uint32_t rules[CAMPAIGN_RULES];
    unsigned link = link_that_can(campaigns->links, campaign ? campaign->link : 0, CAP_RECORDS);
    if (!definition) return (struct refused){code_invalid_attribute, "the directory has no such campaign"};
    if (campaign && campaign->state == CAMPAIGN_UNLOADING)
        return (struct refused){code_invalid_state, "the campaign is being unloaded; load it when it is gone"};
    campaign_rules(&campaigns->directory->campaigns, definition, rules);
    struct refused refused = limits_asked(message, rules);
    uint8_t mode = mode_asked(message, definition->mode);
    if (refused.text) return refused;
    if (!campaign_has_strategy(campaigns, name))
        return (struct refused){code_invalid_dn, "no strategy on outbound is bound to the campaign"};
    if (needs_agents(mode) && !has_agents(campaigns, definition->agents))
        return (struct refused){code_invalid_attribute,
                                "the campaign's mode needs agents, and nobody is in the group of its agents"};
    const struct campaign hours = {.name = name, .schedule = definition->schedule, .zone = definition->zone};
    if (campaign_hours_state(campaigns, &hours) == CAMPAIGN_WHY_no_hours)
        return (struct refused){
            code_invalid_attribute,
            "the site of the campaign's strategy does not name the zone of the campaign's schedule; "
            "write it there as default zone or by zone"};
    if (link == 0) return (struct refused){code_link_down, "no link hands over records"};
    campaign_define(campaigns, definition, mode, rules, link);
    campaign_check(campaigns, campaign_of(campaigns, name));
    return (struct refused){code_ok, NULL};
}

/* Starts the campaign; earlier failures and pauses are forgotten. */
static struct refused campaign_start(struct campaigns *campaigns, struct campaign *campaign)
{
    if (campaign->state == CAMPAIGN_RUNNING) return (struct refused){code_ok, NULL};
    assert(campaign->state == CAMPAIGN_LOADED);
    campaign->state = CAMPAIGN_RUNNING;
    campaign->why = CAMPAIGN_WHY_pacer;
    campaign->failed_in_row = 0;
    campaign->again_us = campaign->pause_us = 0;
    fact_tell(campaigns->facts, &(struct fact){.what = FACT_campaign_started, .name = campaign->name});
    campaign_touch(campaigns, campaign);
    return (struct refused){code_ok, NULL};
}

static void drop_buffered(struct campaigns *campaigns, const struct campaign *campaign)
{
    assert(campaign->state == CAMPAIGN_UNLOADING); /* in any other state the campaign's list would send more records */
    struct list_records *records = campaigns->records;
    for (uint32_t at = 0; campaign_buffered(campaign) != 0 && at < records->count; at++) {
        const struct list_record *row = &records->all[at];
        bool buffered = list_record_place(row) == RECORD_AT_buffer && list_record_is_counted(row);
        if (buffered && row->campaign == campaign->name) list_record_free(campaigns->records, at);
    }
}

/* Ends strategies that have not dialled yet, because the list takes their records back and may give them to other
 * cores at once; agents lose records that they have not dialled. The list is asked first. */
static void end_undialled(struct campaigns *campaigns, const struct campaign *campaign)
{
    for (uint32_t at = campaign->checking.first, next; at != LIST_RECORD_NONE; at = next) {
        const struct list_record *row = &campaigns->records->all[at];
        next = row->next;
        if (list_record_attempted(row)) continue; /* not ended: the list has counted the attempt and keeps the record */
        struct interaction *ix = interaction_by_id(campaigns->interactions, row->ixn);
        if (row->holder_update.status == record_status_none)
            holder_wants(campaigns->records, at,
                         &(struct record_update){.status = record_status_ready, .type = row->type});
        list_record_end(campaigns->records, ix);
    }
    for (uint32_t at = 0; at < campaigns->records->count; at++) {
        const struct list_record *row = &campaigns->records->all[at];
        bool waits = list_record_place(row) == RECORD_AT_holder && !list_record_attempted(row);
        if (row->campaign != campaign->name || !waits) continue;
        if (row->holder_update.status != record_status_none || holder_gives_back(campaigns->records, at) != code_ok)
            holder_closes(campaigns->records, at);
    }
}

/* Unloads the campaign, in this order: nothing new begins, the buffer is emptied, and then what is under way but not
 * dialled ends. */
static struct refused campaign_unload(struct campaigns *campaigns, struct campaign *campaign)
{
    assert(campaign->state != CAMPAIGN_UNLOADING);
    campaign_stops(campaigns, campaign, CAMPAIGN_WHY_unloading);
    campaign->state = CAMPAIGN_UNLOADING;
    campaign->why = CAMPAIGN_WHY_unloading;
    drop_buffered(campaigns, campaign);
    end_undialled(campaigns, campaign);
    campaign_give_back(campaigns, campaign);
    campaign_touch(campaigns, campaign);
    return (struct refused){code_ok, NULL};
}

/* Changes mode and rules. The rules are changed in a copy, which is used only if all of them are good. */
static struct refused change_mode(struct campaigns *campaigns, struct campaign *campaign, const struct message *message)
{
    uint32_t rules[CAMPAIGN_RULES];
    memcpy(rules, campaign->rules, sizeof rules);
    struct refused refused = limits_asked(message, rules);
    uint8_t mode = mode_asked(message, campaign->mode);
    if (refused.text) return refused;
    if (needs_agents(mode) && !has_agents(campaigns, campaign->agents))
        return (struct refused){code_invalid_attribute,
                                "the mode needs agents, and nobody is in the group of the campaign's agents"};
    memcpy(campaign->rules, rules, sizeof rules);
    campaign->mode = mode;
    struct pacer_rules paced;
    pacer_rules_of(campaign, &paced);
    pacer_set(&campaign->pacer, campaigns->now->time_us, &paced);
    campaign_touch(campaigns, campaign);
    return (struct refused){code_ok, NULL};
}

static struct refused campaign_request_done(struct campaigns *campaigns, uint32_t name, const struct message *message)
{
    unsigned op = (unsigned)message_u(message, RequestCampaign_op);
    struct campaign *campaign = campaign_of(campaigns, name);
    if (op == campaign_op_load) return campaign_load(campaigns, name, message);
    if (!campaign) return (struct refused){code_invalid_state, "the campaign is not loaded"};
    if (op == campaign_op_unload && campaign->state == CAMPAIGN_UNLOADING) return (struct refused){code_ok, NULL};
    if (campaign->state == CAMPAIGN_UNLOADING)
        return (struct refused){code_invalid_state, "the campaign is being unloaded"};
    switch (op) {
    case campaign_op_start:
        return campaign_start(campaigns, campaign);
    case campaign_op_stop:
        campaign_stops(campaigns, campaign, CAMPAIGN_WHY_stopped);
        return (struct refused){code_ok, NULL};
    case campaign_op_unload:
        return campaign_unload(campaigns, campaign);
    case campaign_op_mode:
        return change_mode(campaigns, campaign, message);
    default:
        return (struct refused){code_invalid_attribute, "a campaign is loaded, started, stopped, unloaded, or gets "
                                                        "another mode"};
    }
}

/* Carries out a RequestCampaign. The history shows who asked for it; a refused request is not in the history. */
void campaign_on_request(struct campaigns *campaigns, const struct message *message)
{
    uint32_t name = names_find(campaigns->names, message_text(message, RequestCampaign_campaign));
    struct refused refused = campaign_request_done(campaigns, name, message);
    const struct campaign *campaign = campaign_of(campaigns, name);
    if (!refused.text)
        fact_tell(campaigns->facts, &(struct fact){.what = FACT_campaign_asked, .name = name, .message = message});
    kv_clear(campaigns->scratch);
    kv_put_text(campaigns->scratch, "state", span_of(campaign_state_name(campaign ? campaign->state : CAMPAIGN_GONE)));
    effect_reply(campaigns->effects, message, refused.text ? outcome_error : outcome_ok, refused.code, refused.text,
                 campaigns->scratch);
}
