/* runtime/core/read/campaign.c - Reads the campaigns that are loaded. */
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/hours.h"
#include "runtime/core/read/read.h"

bool core_campaign(const struct core *core, uint32_t index, struct campaign_row *row)
{
    if (index >= core->campaigns->count) return false;
    const struct campaign *campaign = core->campaigns->all[index];
    *row = (struct campaign_row){.rules = NULL};
    if (!campaign) return true;
    row->name = core_name(core, campaign->name);
    row->state = campaign_state_name((enum campaign_state)campaign->state);
    row->mode = campaign->mode;
    row->why = campaign_why(campaign, &row->meaning);
    int64_t opens_us;
    bool closed = campaign->why == CAMPAIGN_WHY_closed;
    if (closed && hours_open_next(core, campaign, &opens_us)) row->opens_us = opens_us;
    row->buffered = campaign->buffered;
    row->due = campaign->due.count;
    row->ringing = campaign->rings;
    row->waiting = campaign->waits.count;
    row->connected = campaign->talks;
    row->dialled = campaign->dialled;
    row->answered = campaign->answered;
    row->abandoned = campaign->abandoned;
    row->failed = campaign->failed;
    row->agents_ready = campaign->found.ready;
    row->agents_busy = campaign->found.busy;
    row->lost = campaign->answer.lost;
    row->allowed = campaign->answer.allowed;
    row->credit = campaign->answer.credit;
    row->rules = campaign->rules;
    row->window_answered = campaign->pacer.ceiling.all_answered;
    row->window_abandoned = campaign->pacer.ceiling.all_abandoned;
    return true;
}
