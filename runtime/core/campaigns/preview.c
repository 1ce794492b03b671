/* runtime/core/campaigns/preview.c - Records in the hands of agents before they are dialled. */
#include "runtime/core/campaigns/preview.h"

#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/held.h"
#include "runtime/core/campaigns/hours.h"
#include "runtime/core/campaigns/preview_call.h"
#include "runtime/core/campaigns/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"

/* ---- which campaigns ---- */

/* NULL: agents of that one do not ask for records, or it is not this agent's. */
static const struct campaign *open_to(const struct core *core, const struct campaign *campaign, uint32_t agent)
{
    bool runs = campaign && campaign->state == CAMPAIGN_RUNNING && campaign->mode == campaign_mode_preview;
    bool member = runs && agent_in_group(agent_at(core->agents, agent), campaign->agents);
    return member ? campaign : NULL;
}

/* The next record of the campaign, or of the first that has one; `*any`: there is one that the agent may ask. */
static uint32_t next_of(const struct core *core, uint32_t agent, uint32_t name, bool *any)
{
    const struct campaigns *all = core->campaigns;
    uint32_t whose = agent_at(core->agents, agent)->name, found = LIST_RECORD_NONE;
    *any = false;
    for (uint32_t at = 0; at < all->count && found == LIST_RECORD_NONE; at++) {
        const struct campaign *campaign = open_to(core, all->all[at], agent);
        if (!campaign || (name != 0 && campaign->name != name)) continue;
        *any = true;
        found = campaign_next(core, campaign, whose);
    }
    return found;
}

enum code preview_may(const struct core *core, uint32_t agent, uint32_t campaign)
{
    bool any;
    (void)next_of(core, agent, campaign, &any);
    return any ? code_ok : code_invalid_state;
}

/* ---- given, and given back ---- */

uint32_t preview_get(struct core *core, uint32_t agent, uint32_t campaign)
{
    bool any;
    uint32_t slot = next_of(core, agent, campaign, &any);
    if (slot == LIST_RECORD_NONE) return slot;
    list_record_becomes(core, slot, RECORD_preview);
    held_take(core, slot, agent_at(core->agents, agent)->name);
    held_look(core, slot);
    return slot;
}

/* The list, where the campaign takes no records any more. */
static void give_to_list(struct core *core, uint32_t slot)
{
    held_say(core, slot,
             &(struct record_update){.status = record_status_ready, .type = core->list_records->all[slot].type});
    held_close(core, slot);
}

enum code preview_reject(struct core *core, uint32_t slot)
{
    struct list_record *row = &core->list_records->all[slot];
    if (row->state != RECORD_preview) return code_invalid_state; /* it was dialled, or it is to be processed */
    if (row->untold || !campaign_of(core, row->campaign) || campaign_refusal(core, row->campaign) != code_ok) {
        give_to_list(core, slot);
        return code_ok;
    }
    held_say(core, slot, &(struct record_update){.status = record_status_none});
    held_forget_fields(core, slot);
    held_drop(core, slot);
    list_record_becomes(core, slot, RECORD_ahead);
    list_record_timer(core, slot, 0);
    return code_ok;
}

/* ---- dialled ---- */

static void asks(struct core *core, struct list_record *row, const struct message *message)
{
    (void)list_record_edit(core->list_records, row);
    row->asked_client = message ? message_u(message, ENVELOPE_client) : 0;
    row->asked_req = message ? message_u(message, ENVELOPE_req) : 0;
    row->asked_link = message ? (uint16_t)message_u(message, ENVELOPE_source) : 0;
}

enum code preview_dial(struct core *core, uint32_t slot, uint32_t agent, const struct message *message)
{
    struct list_record *row = &core->list_records->all[slot];
    bool unknown = list_record_attempted(row) && row->result == cause_other; /* nobody knows whether it was dialled */
    bool held = list_record_place(row) == RECORD_AT_holder && row->begun_by == RECORD_BY_agent;
    if (!held || unknown || core->now->time_us < row->dials_again_us) return code_invalid_state;
    enum code may = preview_call_may(core, agent);
    if (may != code_ok) return may;
    if (!record_may_become(row->state, RECORD_asking)) return code_busy; /* the list is being asked */
    if (!link_usable(core, row->link)) return code_unavailable;
    const struct campaign *campaign = campaign_of(core, row->campaign);
    if (campaign && hours_of_campaign(core, campaign) != CAMPAIGN_WHY_pacer) return code_invalid_state;
    list_record_becomes(core, slot, RECORD_asking);
    asks(core, row, message);
    /* A dialer that has begun again learns the terms from it; the note, which is answered, is checked by them. */
    if (campaign) (void)list_record_checks(core, row, NULL, list_record_number(row));
    list_record_notes(core, slot, list_record_number(row));
    return code_ok;
}

/* Answers the request to dial. */
static void answer(struct core *core, struct list_record *row, unsigned code, const char *text)
{
    struct effect reply = {
        .kind = KIND_Reply, .link = row->asked_link, .client = row->asked_client, .req = row->asked_req};
    asks(core, row, NULL);
    if (!link_usable(core, reply.link)) return;
    effect_begin(core, &reply);
    writer_u(&core->effects->writer, Reply_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(&core->effects->writer, Reply_code, code);
    writer_text(&core->effects->writer, Reply_text, text);
    effect_end(core);
}

/* The list is not asked any more; the record is its holder's as before, or has been dialled. */
static void asking_ends(struct core *core, uint32_t slot)
{
    bool dialled = list_record_attempted(&core->list_records->all[slot]);
    list_record_becomes(core, slot, dialled ? RECORD_open : RECORD_preview);
}

void preview_noted(struct core *core, uint32_t slot, unsigned code)
{
    struct list_record *row = &core->list_records->all[slot];
    if (row->state != RECORD_asking || code == code_ok) return;
    answer(core, row, code, "the list does not allow the call now");
    if (!list_record_may_pass(code)) { /* else the list may have the attempt */
        row->attempts--;
        row->result = row->update.result;
        row->attempt = row->result != cause_other ? ATTEMPT_NOTED : ATTEMPT_WITHDRAWN;
    }
    asking_ends(core, slot);
}

bool preview_goes_on(struct core *core, uint32_t slot, unsigned code)
{
    struct list_record *row = &core->list_records->all[slot];
    if (row->state != RECORD_asking || code != code_ok) return false;
    bool cancelled = row->holder_update.status == record_status_cancelled; /* the holder has said so meanwhile */
    enum code called = cancelled ? code_closed : preview_call(core, slot);
    if (called != code_ok) {
        list_record_edit(core->list_records, row)->result = cause_dial_error; /* the list has the attempt */
        asking_ends(core, slot);
    }
    answer(core, row, called, called == code_ok ? NULL : "the call could not be made");
    return called == code_ok;
}

void preview_withdrawn(struct core *core, struct list_record *row)
{
    if (row->asked_link == 0) return;
    answer(core, row, code_closed, "the record was processed before the list had allowed it");
    if (row->state == RECORD_asking) asking_ends(core, list_record_slot(core, row));
}
