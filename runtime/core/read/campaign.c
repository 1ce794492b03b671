/* runtime/core/read/campaign.c - Reads the loaded campaigns and the records of lists, for people.
 *
 * Rows are read by index from 0; false means that there is no such row. A free row gives an empty result, so an
 * index means the same campaign or record in two reads. */
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"

bool core_campaign_halted(const struct core *core, uint32_t index, bool *halted)
{
    if (index >= core->campaigns->count) return false;
    const struct campaign *campaign = core->campaigns->all[index];
    *halted = campaign && (campaign_halted(campaign) || campaign_stands(campaign));
    return true;
}

/* Reads how many may be abandoned now; the pacer is asked only while the campaign runs. */
static void campaign_window(const struct core *core, const struct campaign *campaign, struct campaign_row *row)
{
    uint64_t now_us = core->now->time_us;
    const struct pacer_bound bound = pacer_bound(&campaign->pacer, now_us);
    row->credit = bound.credit < bound.quarter ? bound.credit : bound.quarter;
    row->ceiling = campaign->rules[CAMPAIGN_RULE_abandoned_permille];
    ceiling_last(&campaign->pacer.ceiling, now_us, CEILING_PARTS, &row->window_answered, &row->window_abandoned);
    ceiling_last(&campaign->recent, now_us, 15, &row->answered_15m, &row->abandoned_15m);
    ceiling_last(&campaign->recent, now_us, 30, &row->answered_30m, &row->abandoned_30m);
}

static void team_counts(struct campaign_team *team, const struct agent *agent)
{
    bool works = agent->claimed != 0 || has_medium(agent->wrap, media_voice), takes = agent_takes(agent, media_voice);
    if (!agent_is_of_here(agent) || !agent_logged_in(agent)) return;
    team->agents++;
    team->ready += takes;
    team->busy += works && !takes;
}

/* Counts the campaign's agents: from its own list of members while that is up to date, otherwise from all agents. */
struct campaign_team core_campaign_team(const struct core *core, uint32_t index)
{
    struct campaign_team team = {.agents = 0};
    const struct campaign *campaign = index < core->campaigns->count ? core->campaigns->all[index] : NULL;
    if (!campaign) return team;
    bool known = !campaign->members_stale;
    for (uint32_t at = 0; known && at < campaign->member_count; at++)
        team_counts(&team, agent_at(core->agents, campaign->members[at]));
    for (uint32_t at = 0; !known && at < core->agents->count; at++)
        if (agent_in_group(agent_at(core->agents, at), campaign->agents))
            team_counts(&team, agent_at(core->agents, at));
    return team;
}

/* Reads everything that is shown of a campaign into one row. Texts are borrowed from the core until the next batch. */
bool core_campaign(const struct core *core, uint32_t index, struct campaign_row *row)
{
    if (index >= core->campaigns->count) return false;
    const struct campaign *campaign = core->campaigns->all[index];
    *row = (struct campaign_row){.rules = NULL};
    if (!campaign) return true;
    const uint32_t *records = campaign->counts.records;
    row->name = core_name(core, campaign->name);
    row->state = campaign_state_name((enum campaign_state)campaign->state);
    row->halt = campaign_stands(campaign) ? "hardly dials" : "has stopped";
    row->mode = campaign->mode;
    row->why = campaign_why(campaign, &row->meaning);
    row->reason = campaign->refusal;
    row->asking = campaign->ref != 0 || campaign->checked != 0;
    int64_t opens_us;
    bool closed = campaign->why == CAMPAIGN_WHY_closed;
    if (closed && campaign_hours_open_next(core->campaigns, campaign, &opens_us)) row->opens_us = opens_us;
    row->buffered = campaign_buffered(campaign);
    row->due = records[RECORD_due];
    row->ringing = records[RECORD_ringing];
    row->waiting = records[RECORD_waiting];
    row->connected = records[RECORD_connected];
    row->dialled = campaign->dialled;
    row->answered = campaign->answered;
    row->abandoned = campaign->abandoned;
    row->failed = campaign->failed;
    row->lost = campaign->answer.lost;
    row->allowed = campaign->answer.allowed;
    row->rules = campaign->rules;
    campaign_window(core, campaign, row);
    campaign_agents_waited(campaign, core->now->time_us, &row->waited_us, &row->waits);
#define CAMPAIGN_RESULT(name, doc) row->name = campaign->results[CAMPAIGN_RESULT_##name];
#include "runtime/vocabulary/campaign_results.def"
    row->left = campaign->listed.left + row->buffered;
    row->list_due = campaign->listed.due;
    row->overdue = campaign->listed.overdue;
    row->exhausted = campaign->listed.exhausted;
    row->listed = campaign->listed.told;
    return true;
}

/* ---- records ---- */

static void record_read(const struct core *core, const struct list_record *from, struct list_record_row *row)
{
    /* a record without a campaign waits when no link can dial */
    bool due = from->state == RECORD_ahead && from->due_us <= now_wall_us(core->now);
    *row = (struct list_record_row){.id = from->id};
    row->state = record_state_name(due ? RECORD_due : from->state, &row->meaning);
    if (from->id == 0) return;
    row->record = from->record;
    row->ixn = from->ixn;
    row->due_us = from->due_us;
    row->attempts = from->attempts;
    row->campaign = core_name(core, from->campaign);
    row->number = list_record_number(from);
    row->agent = core_name(core, from->holder != 0 ? from->holder : from->agent);
}

bool core_list_record(const struct core *core, uint32_t index, struct list_record_row *row)
{
    if (index >= core->list_records->count) return false;
    record_read(core, &core->list_records->all[index], row);
    return true;
}

uint32_t core_list_records_called(const struct core *core)
{
    return core->list_records->by_ixn.count;
}

bool core_list_record_called(const struct core *core, uint32_t *at, struct list_record_row *row)
{
    const struct list_records *records = core->list_records;
    while (*at < records->count) {
        const struct list_record *record = &records->all[(*at)++];
        if (record->id == 0 || record->ixn == 0) continue;
        record_read(core, record, row);
        return true;
    }
    return false;
}

void core_list_record_named(const struct core *core, struct span campaign, uint64_t record, struct list_record_row *row)
{
    uint32_t name = names_find(core->names, campaign);
    const struct list_record *from = name == 0 ? NULL : list_record_find(core->list_records, name, record);
    record_read(core, from ? from : &(struct list_record){.id = 0}, row);
}
