/* runtime/core/media/outbound.c - The interactions of records of calling lists: they begin here when a record is due
 * or its campaign begins it, because the folder campaigns runs no strategies. The leg that is dialled for such an
 * interaction is a call. */
#include "runtime/core/media/outbound.h"

#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/media/voice.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/strategy.h"

/* Returns why the record cannot begin now; CAMPAIGN_WHY_pacer: it can. A record begins only if a link can dial for
 * it; a record of a campaign also needs its list, which must allow the dial. */
static enum campaign_reason outbound_hindrance(const struct core *core, const struct list_record *row,
                                               struct binding binding, unsigned link)
{
    if (binding.program == PROGRAM_NONE) return CAMPAIGN_WHY_no_strategy;
    if (link == 0 || link_held(core->links, link)) return CAMPAIGN_WHY_no_dialler;
    if (list_record_is_counted(row) && !link_there(core->links, row->link)) return CAMPAIGN_WHY_no_list;
    if (core->gated) return CAMPAIGN_WHY_gated;
    if (core->dials_held) return CAMPAIGN_WHY_dials_held;
    return core->draining ? CAMPAIGN_WHY_draining : CAMPAIGN_WHY_pacer;
}

static unsigned outbound_begin(void *self, uint32_t slot)
{
    struct core *core = self;
    const struct list_record *row = &core->list_records->all[slot];
    struct binding binding = campaign_binding(core->campaigns, row->campaign, row->id);
    unsigned link = link_that_can(core->links, 0, CAP_DIAL);
    enum campaign_reason why = outbound_hindrance(core, row, binding, link);
    if (why != CAMPAIGN_WHY_pacer) return why;
    struct interaction *ix = interaction_new(core->interactions, media_outbound, 0, link);
    if (!ix) return CAMPAIGN_WHY_full;
    list_record_runs(core->list_records, slot, ix, list_record_is_counted(row) ? RECORD_checking : RECORD_running);
    strategy_start(core, ix, binding);
    if (!ix->running && !ix->leg) strategy_end_interaction(core, ix); /* the strategy could not begin */
    return CAMPAIGN_WHY_pacer;
}

static void outbound_end(void *self, struct interaction *ix)
{
    struct core *core = self;
    if (ix->running) activation_drop(core, ix, ENDED_STOPPED);
    strategy_end_interaction(core, ix);
}

struct list_record_calls outbound_calls(struct core *core)
{
    return (struct list_record_calls){core, outbound_begin, outbound_end};
}

/* A record's timer. The timer of a record has fired. If the obstacle is a missing link, a drain or a closed intake,
 * its end is reported, so the record is tried again late. */
static void list_record_timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    bool begins = list_record_on_timer(core->list_records, timer->data);
    if (!begins || outbound_begin(core, timer->data) == CAMPAIGN_WHY_pacer) return;
    bool told = link_that_can(core->links, 0, CAP_DIAL) == 0 || core_dials_nothing(core);
    list_record_puts_off(core->list_records, timer->data, told);
}

static uint32_t *list_record_timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &core->list_records->all[timer->data].timer;
}

static uint64_t list_record_timer_number(const void *self, const struct timer *timer)
{
    const struct core *core = self;
    return core->list_records->all[timer->data].id;
}

const struct timer_ops timer_ops_list_record = {
    .handle = list_record_timer_handle, .number = list_record_timer_number, .fired = list_record_timer_fired};

const struct media_ops media_ops_outbound = {
    .arrive = voice_arrive,
    .observed = voice_observed,
    .offer = voice_offer,
    .default_route = voice_default_route,
    .capacity = voice_capacity,
    .leg_ended = voice_leg_ended,
};
