/* runtime/core/campaigns/campaign_table.c - The rows of campaigns: how they are found by name, made and freed, and
 * why a campaign does not dial, for people to read. The other files of this folder that handle records call this
 * one; it calls none of them. */
#include <assert.h>
#include <stdlib.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"

uint64_t campaign_row_name(const void *owner, uint32_t slot)
{
    return ((const struct campaigns *)owner)->all[slot]->name;
}

void campaign_free(struct campaign *campaign)
{
    if (!campaign) return;
    free(campaign->after);
    free(campaign->members);
    free(campaign->shares);
    span_free(&campaign->filter);
    span_free(&campaign->order);
    span_free(&campaign->refusal);
    window_free(&campaign->waited);
    window_free(&campaign->connected);
    free(campaign);
}

struct campaign *campaign_of(const struct campaigns *campaigns, uint32_t name)
{
    uint32_t slot;
    bool found = name != 0 && lookup_find(&campaigns->by_name, name, &slot);
    return found ? campaigns->all[slot] : NULL;
}

bool campaign_dials_ahead(const struct campaigns *campaigns, uint32_t name)
{
    const struct campaign *campaign = campaign_of(campaigns, name);
    return campaign && (campaign->mode == campaign_mode_progressive || campaign->mode == campaign_mode_predictive ||
                        campaign->mode == campaign_mode_power);
}

uint32_t campaign_buffered(const struct campaign *campaign)
{
    return campaign->counts.records[RECORD_ahead] + campaign->counts.records[RECORD_due];
}

uint32_t campaign_under_way(const struct campaign *campaign)
{
    const uint32_t *records = campaign->counts.records;
    return records[RECORD_checking] + records[RECORD_ringing] + records[RECORD_waiting] + records[RECORD_connected] +
           records[RECORD_over];
}

/* Makes a campaign in the first free slot. The array holds pointers, so a campaign does not move when the array
 * grows. */
struct campaign *campaign_new(struct campaigns *campaigns, uint32_t name)
{
    assert(name != 0 && !campaign_of(campaigns, name));
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
    *campaign = (struct campaign){.name = name, .slot = slot, .due = none, .checking = none, .waiting = none};
    ceiling_init(&campaign->recent, CAMPAIGN_RECENT_US);
    lookup_add(&campaigns->by_name, slot);
    return campaign;
}

/* ---- what unloaded campaigns have counted ---- */

/* Returns the hash of what an unloaded campaign has counted. Of its pacer only values that may still change are
 * hashed, and sums of the others, because this is done at each call of other campaigns. */
uint64_t campaign_counted_hash(const struct campaign_counted *row)
{
    const struct ceiling *recent = &row->recent, *window = &row->pacer.ceiling;
    const uint64_t words[] = {row->name + ((uint64_t)row->agents << 32),
                              window->part + ((uint64_t)window->all_answered << 32),
                              window->all_abandoned + ((uint64_t)row->pacer.quarter.all_abandoned << 32),
                              row->pacer.late + ((uint64_t)row->pacer.proved << 32),
                              row->pacer.tardy + ((uint64_t)row->pacer.prompt << 32),
                              row->pacer.again_us,
                              row->pacer.pause_us,
                              row->pacer.served_us,
                              recent->all_answered + ((uint64_t)recent->all_abandoned << 32),
                              (uint64_t)row->waited.total,
                              (uint64_t)row->connected.total};
    uint64_t hash = 0;
    for (size_t at = 0; at < sizeof words / sizeof *words; at++) hash = table_mix64(hash + words[at]);
    return hash;
}

void campaign_counted_changed(struct campaigns *campaigns, struct campaign_counted *row)
{
    campaigns->content -= row->hash;
    row->hash = campaign_counted_hash(row);
    campaigns->content += row->hash;
}

void campaign_counted_free(struct campaign_counted *counted, uint32_t count)
{
    for (uint32_t at = 0; at < count; at++) {
        window_free(&counted[at].waited);
        window_free(&counted[at].connected);
    }
}

/* Drops a row; the last row moves into the gap. */
static void counted_drop(struct campaigns *campaigns, uint32_t at)
{
    assert(at < campaigns->counted_count);
    campaigns->content -= campaigns->counted[at].hash;
    campaign_counted_free(&campaigns->counted[at], 1);
    campaigns->counted[at] = campaigns->counted[--campaigns->counted_count];
}

/* Moves the windows of an unloaded campaign into a row. Rows with nothing left in their window are dropped first. A
 * campaign that is loaded again within the window goes on with what it has counted (campaign_remembers). */
static void counted_add(struct campaigns *campaigns, struct campaign *campaign)
{
    for (uint32_t at = campaigns->counted_count; at-- > 0;)
        if (!pacer_knows(&campaigns->counted[at].pacer, campaigns->now->time_us)) counted_drop(campaigns, at);
    if (!pacer_knows(&campaign->pacer, campaigns->now->time_us)) return;
    uint32_t at = campaigns->counted_count++;
    campaigns->counted =
        memory_grow(campaigns->counted, &campaigns->counted_capacity, at + 1, sizeof *campaigns->counted);
    campaigns->counted[at] = (struct campaign_counted){.name = campaign->name,
                                                       .agents = campaign->agents,
                                                       .pacer = campaign->pacer,
                                                       .recent = campaign->recent,
                                                       .waited = campaign->waited,
                                                       .connected = campaign->connected};
    campaign->waited = campaign->connected = (struct window){.parts = NULL};
    campaign_counted_changed(campaigns, &campaigns->counted[at]);
}

void campaign_remembers(struct campaigns *campaigns, struct campaign *campaign)
{
    uint32_t at = 0;
    while (at < campaigns->counted_count && campaigns->counted[at].name != campaign->name) at++;
    if (at == campaigns->counted_count) return;
    struct campaign_counted *row = &campaigns->counted[at];
    pacer_continues(&campaign->pacer, campaigns->now->time_us, &row->pacer);
    campaign->recent = row->recent;
    campaign->waited = row->waited;
    campaign->connected = row->connected;
    row->waited = row->connected = (struct window){.parts = NULL};
    counted_drop(campaigns, at);
}

/* Makes all campaigns forget how far this group overlaps with others; the overlap of two groups is remembered at the
 * campaigns of both. */
void campaign_shares_forget(struct campaigns *campaigns, uint32_t group)
{
    for (uint32_t at = 0; at < campaigns->count; at++) {
        struct campaign *campaign = campaigns->all[at];
        if (!campaign) continue;
        if (campaign->agents == group) campaign->share_count = 0;
        for (uint32_t row = campaign->share_count; row-- > 0;)
            if (campaign->shares[row].group == group) campaign->shares[row] = campaign->shares[--campaign->share_count];
    }
}

/* Frees the campaign. Called only when no record is in the buffer, none is under way, and the list has taken back
 * all that it had sent. */
void campaign_gone(struct campaigns *campaigns, struct campaign *campaign)
{
    counted_add(campaigns, campaign);
    assert(campaign_buffered(campaign) == 0 && campaign_under_way(campaign) == 0);
    assert(campaign->state == CAMPAIGN_UNLOADING && campaign->given_back);
    timer_cancel(campaigns->timers, &campaign->timer);
    fact_tell(campaigns->facts, &(struct fact){.what = FACT_campaign_unloaded, .name = campaign->name});
    campaigns->content -= campaign->hash;
    lookup_remove(&campaigns->by_name, campaign->name);
    campaigns->all[campaign->slot] = NULL;
    campaigns->groups[campaign->slot] = 0;
    campaign_shares_forget(campaigns, campaign->agents);
    campaign_free(campaign);
}

/* ---- changes of campaigns, and questions about them ---- */

static void slots_add(struct campaign_slots *slots, uint32_t slot, bool *is_there)
{
    if (*is_there) return;
    *is_there = true;
    slots->all = memory_grow(slots->all, &slots->capacity, slots->count + 1, sizeof *slots->all);
    slots->all[slots->count++] = slot;
}

/* Marks the campaign as changed; each of the two lists has it at most once. */
void campaign_touch(struct campaigns *campaigns, struct campaign *campaign)
{
    assert(campaigns->all[campaign->slot] == campaign);
    slots_add(&campaigns->dirty, campaign->slot, &campaign->dirty);
    slots_add(&campaigns->unhashed, campaign->slot, &campaign->unhashed);
}

/* Stops the campaign. A campaign that has stopped by itself is in the state LOADED already; if an administrator stops
 * it, only its reason changes, which shows that somebody has noticed. */
void campaign_stops(struct campaigns *campaigns, struct campaign *campaign, enum campaign_reason why)
{
    bool seen = why == CAMPAIGN_WHY_stopped && campaign_halted(campaign);
    if (campaign->state != CAMPAIGN_RUNNING && !seen) return;
    campaign->state = CAMPAIGN_LOADED;
    campaign->why = (uint8_t)why;
    if (!seen) fact_tell(campaigns->facts, &(struct fact){.what = FACT_campaign_stopped, .name = campaign->name});
    campaign_touch(campaigns, campaign);
}

struct binding campaign_bound(const struct campaigns *campaigns, uint32_t name, uint64_t record)
{
    const struct point *point = core_directory_point(campaigns->directory, name);
    return point ? rollout_binding_by(campaigns->rollouts, point, record) : (struct binding){.program = PROGRAM_NONE};
}

/* Returns the strategy for the campaign; a bound strategy that is not for the medium outbound counts as none. */
struct binding campaign_binding(const struct campaigns *campaigns, uint32_t name, uint64_t record)
{
    struct binding none = {.program = PROGRAM_NONE}, binding = campaign_bound(campaigns, name, record);
    if (binding.program == PROGRAM_NONE) return none;
    const struct image *image = campaigns->strategies->programs[binding.program].image;
    bool fits = (image_strategy(image, binding.strategy)->media & 1u << media_outbound) != 0;
    return fits ? binding : none;
}

bool campaign_has_strategy(const struct campaigns *campaigns, uint32_t name)
{
    return campaign_binding(campaigns, name, 0).program != PROGRAM_NONE;
}

/* Returns why a record is refused: a campaign of the directory gets records only while it is loaded; one that the
 * directory does not have gets them at any time. */
enum code campaign_refusal(const struct campaigns *campaigns, uint32_t name)
{
    const struct campaign *campaign = campaign_of(campaigns, name);
    bool defined = campaign_definition(&campaigns->directory->campaigns, name) != NULL;
    if (campaign) return campaign->state == CAMPAIGN_UNLOADING ? code_invalid_state : code_ok;
    return defined ? code_invalid_state : code_ok;
}

uint32_t campaign_rule_of(const struct campaigns *campaigns, uint32_t name, enum campaign_rule rule)
{
    assert(rule < CAMPAIGN_RULES);
    const struct campaign *campaign = campaign_of(campaigns, name);
    return campaign ? campaign->rules[rule] : campaign_numbers[rule].otherwise;
}

bool campaign_fails(const struct campaigns *campaigns, uint32_t name)
{
    const struct campaign *campaign = campaign_of(campaigns, name);
    return campaign && campaign->failed_in_row != 0;
}

void campaign_terms_of(struct campaigns *campaigns, uint32_t name)
{
    const struct campaign *campaign = campaign_of(campaigns, name);
    kv_clear(campaigns->scratch);
    if (campaign)
        campaign_terms(campaigns->scratch, names_text(campaigns->names, campaign->list),
                       names_text(campaigns->names, campaign->consent), campaign->rules);
}

/* ---- rows of campaigns for people to read ---- */

const char *campaign_state_name(enum campaign_state state)
{
    static const char *const names[] = {[CAMPAIGN_GONE] = "gone",
                                        [CAMPAIGN_LOADED] = "loaded",
                                        [CAMPAIGN_RUNNING] = "running",
                                        [CAMPAIGN_UNLOADING] = "unloading"};
    assert(state <= CAMPAIGN_UNLOADING);
    return names[state];
}

static const struct campaign_reason_row {
    const char *name, *meaning;
    bool halted;
} campaign_reason_rows[] = {
#define CAMPAIGN_REASON(name, halted, meaning) {#name, meaning, halted},
#include "runtime/core/campaigns/campaign_reasons.def"
};

void campaign_agents_waited(const struct campaign *campaign, uint64_t now_us, uint64_t *waited_us, uint64_t *calls)
{
    const struct window_rule rule = {.span_us = CAMPAIGN_WAITED_US};
    *waited_us = (uint64_t)window_look(&campaign->waited, &rule, now_us);
    *calls = (uint64_t)window_look(&campaign->connected, &rule, now_us);
}

bool campaign_halted(const struct campaign *campaign)
{
    assert(campaign->why < CAMPAIGN_REASONS);
    return campaign->state == CAMPAIGN_LOADED && campaign_reason_rows[campaign->why].halted;
}

bool campaign_stands(const struct campaign *campaign)
{
    bool of_pacer = campaign->state == CAMPAIGN_RUNNING && campaign->why == CAMPAIGN_WHY_pacer;
    return of_pacer && campaign->answer.why == PACER_WHY_late;
}

/* Returns why the campaign does not dial; if the pacer decides, the pacer's reason. */
const char *campaign_why(const struct campaign *campaign, const char **meaning)
{
    bool of_pacer = campaign->why == CAMPAIGN_WHY_pacer;
    assert(campaign->why < CAMPAIGN_REASONS);
    *meaning = of_pacer ? pacer_reason_meaning(campaign->answer.why) : campaign_reason_rows[campaign->why].meaning;
    return of_pacer ? pacer_reason_name(campaign->answer.why) : campaign_reason_rows[campaign->why].name;
}
