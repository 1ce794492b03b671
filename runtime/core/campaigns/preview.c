/* runtime/core/campaigns/preview.c - Records that agents look at before they are dialled, and the calls of such
 * records. */
#include "runtime/core/campaigns/preview.h"

#include <assert.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/links/call_result.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/people/line.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_host.h"

#define RING_US   UINT64_C(60000000) /* how long the number may ring; the agent hears it and may hang up earlier */
#define ANSWER_US UINT64_C(5000000)  /* how much longer the core waits for the link to report the result */
#define TALK_US   UINT64_C(86400000000)

/* ---- which campaigns ---- */

/* Returns the campaign if this agent may ask it for records; NULL: its agents do not ask for records, or it is not
 * the agent's campaign. */
static const struct campaign *preview_open_to(const struct list_records *records, const struct campaign *campaign,
                                              uint32_t agent)
{
    bool runs = campaign && campaign->state == CAMPAIGN_RUNNING && campaign->mode == campaign_mode_preview;
    bool member = runs && agent_in_group(agent_at(records->agents, agent), campaign->agents);
    return member ? campaign : NULL;
}

/* Returns the next record of the campaign, or of the first campaign that has one; `*any`: the agent may ask at least
 * one campaign. */
static uint32_t preview_next(const struct list_records *records, uint32_t agent, uint32_t name, bool *any)
{
    const struct campaigns *all = records->campaigns;
    uint32_t whose = agent_at(records->agents, agent)->name, found = LIST_RECORD_NONE;
    *any = false;
    for (uint32_t at = 0; at < all->count && found == LIST_RECORD_NONE; at++) {
        const struct campaign *campaign = preview_open_to(records, all->all[at], agent);
        if (!campaign || (name != 0 && campaign->name != name)) continue;
        *any = true;
        found = campaign_next(records->campaigns, campaign, whose);
    }
    return found;
}

enum code preview_may(const struct list_records *records, uint32_t agent, uint32_t campaign)
{
    bool any;
    (void)preview_next(records, agent, campaign, &any);
    return any ? code_ok : code_invalid_state;
}

uint32_t preview_get(struct list_records *records, uint32_t agent, uint32_t campaign)
{
    bool any;
    uint32_t slot = preview_next(records, agent, campaign, &any);
    if (slot == LIST_RECORD_NONE) return slot;
    assert(records->all[slot].state == RECORD_due && records->all[slot].holder == 0);
    list_record_becomes(records, slot, RECORD_preview);
    list_record_edit(records, &records->all[slot])->since_us = records->now->time_us;
    holder_takes(records, slot, agent_at(records->agents, agent)->name);
    holder_await(records, slot);
    return slot;
}

void previews_begin(struct list_records *records)
{
    for (uint32_t slot = 0; slot < records->count; slot++)
        if (records->all[slot].id != 0 && records->all[slot].state == RECORD_preview)
            list_record_edit(records, &records->all[slot])->since_us = records->now->time_us;
}

/* ---- its call ---- */

/* Tells whether the agent (its slot) has a telephone from which a call can be made now. code_ok: yes. */
static enum code preview_call_may(const struct list_records *records, uint32_t agent)
{
    unsigned link = line_link_for_agent(records->agents, agent, media_voice);
    if (line_dn_for_agent(records->agents, agent, media_voice) == 0) return code_not_logged_in;
    if (!link_usable(records->links, link)) return code_link_down;
    return link_can(records->links, link, CAP_DIAL) ? code_ok : code_invalid_dn;
}

/* The dialling has ended; puts the record into the state that the result gives. */
static void preview_call_becomes(struct list_records *records, struct list_record *row, enum record_state state,
                                 enum cause result)
{
    list_record_edit(records, row)->dial_ref = 0;
    list_record_becomes(records, list_record_slot(records, row), state);
    list_record_dialled(records, interaction_by_id(records->interactions, row->ixn), result);
}

static void preview_call_dial(struct list_records *records, struct list_record *row, struct interaction *ix,
                              uint32_t agent)
{
    assert(row->ixn == ix->id); /* a call that was ended by hand may leave its `dial_ref` in the row */
    kv_clear(records->scratch);
    userdata_all(records->interactions, ix, records->scratch);
    list_record_edit(records, row)->dial_ref =
        effect_begin(records->effects, &(struct effect){.kind = KIND_RequestMakeCall,
                                                        .link = ix->link,
                                                        .interaction = ix,
                                                        .timeout_us = (int64_t)(RING_US + ANSWER_US)});
    struct writer *writer = &records->effects->writer;
    writer_bytes(writer, RequestMakeCall_number, list_record_number(row));
    writer_bytes(writer, RequestMakeCall_origin,
                 names_text(records->names, line_dn_for_agent(records->agents, agent, media_voice)));
    writer_u(writer, RequestMakeCall_record, row->record);
    writer_i(writer, RequestMakeCall_ring, (int64_t)RING_US);
    writer_u(writer, RequestMakeCall_detect, detect_none);
    effect_kv(records->effects, RequestMakeCall_data);
    effect_end(records->effects);
    interaction_timer(records->interactions, ix, TIMER_LIFETIME, 0, records->now->time_us + RING_US + ANSWER_US);
    interaction_tell(records->interactions, ix, FACT_dialled, 0, ix->dn);
}

/* Makes the interaction for the call of an open row. The agent is claimed for it from the beginning. */
static enum code preview_call(struct list_records *records, uint32_t slot)
{
    uint32_t agent;
    struct list_record *row = &records->all[slot];
    assert(row->state == RECORD_asking && row->holder != 0);
    if (!agent_find(records->agents, row->holder, &agent)) return code_not_logged_in;
    enum code may = preview_call_may(records, agent);
    if (may != code_ok) return may;
    unsigned link = line_link_for_agent(records->agents, agent, media_voice);
    struct interaction *ix = interaction_new(records->interactions, media_outbound, 0, link);
    if (!ix) return code_overload;
    list_record_runs(records, slot, ix, RECORD_ringing);
    interaction_own(records->interactions, ix, IX_HANDLING, OWNER_AGENT, row->holder);
    uint32_t claim = session_claim(records->sessions, agent, ix, 0);
    /* the claim is confirmed at once: the agent has chosen the record */
    if (claim != CLAIM_NONE) claim_at(records->claims, claim)->state = CLAIM_CONFIRMED;
    preview_call_dial(records, row, ix, agent);
    interaction_touch(records->interactions, ix);
    return code_ok;
}

/* Returns the row while the call of its holder is dialled; otherwise NULL. */
static struct list_record *preview_call_of(const struct list_records *records, const struct interaction *ix)
{
    struct list_record *row = list_record_of(records, ix);
    return row && row->dial_ref != 0 ? row : NULL;
}

bool preview_call_created(struct list_records *records, struct interaction *ix, const struct message *message)
{
    const struct list_record *row = preview_call_of(records, ix);
    if (!row || row->dial_ref != message_u(message, ENVELOPE_ref) || ix->leg ||
        ix->link != message_u(message, ENVELOPE_source))
        return false;
    interaction_conn(records->interactions, ix, message_u(message, ENVELOPE_conn));
    ix->observed = true;
    interaction_tell(records->interactions, ix, FACT_arrived, 0, ix->dn);
    interaction_touch(records->interactions, ix);
    return true;
}

void preview_call_answered(struct list_records *records, struct interaction *ix)
{
    struct list_record *row = preview_call_of(records, ix);
    if (!row) return;
    preview_call_becomes(records, row, RECORD_connected, cause_ok);
    interaction_timer(records->interactions, ix, TIMER_LIFETIME, 0, records->now->time_us + TALK_US);
    interaction_tell(records->interactions, ix, FACT_answered, 0, ix->dn);
}

void preview_call_progress(struct list_records *records, struct interaction *ix, unsigned result)
{
    struct list_record *row = preview_call_of(records, ix);
    if (!row) return;
    if (result == cause_ok) {
        preview_call_answered(records, ix);
        return;
    }
    list_record_edit(records, row)->result = call_result_of_cause(result).told;
}

void preview_call_over(struct list_records *records, struct interaction *ix, unsigned cause)
{
    struct list_record *row = preview_call_of(records, ix);
    if (!row) return;
    bool unknown = cause == cause_lost;
    if (unknown && link_usable(records->links, ix->link)) { /* the link has reported no result in time */
        effect_begin(records->effects, &(struct effect){.kind = KIND_Cancel, .link = ix->link, .interaction = ix});
        writer_u(&records->effects->writer, Cancel_of, row->dial_ref);
        effect_end(records->effects);
    }
    bool told = row->result != cause_other && !unknown;
    preview_call_becomes(records, row, RECORD_over,
                         told ? (enum cause)row->result : (enum cause)call_result_of_cause(cause).told);
}

bool preview_call_refused(struct list_records *records, struct interaction *ix, const struct message *message)
{
    struct list_record *row = preview_call_of(records, ix);
    if (!row || row->dial_ref != message_u(message, ENVELOPE_ref) || ix->link != message_u(message, ENVELOPE_source))
        return false;
    unsigned code = effect_code_of(message);
    if (code == code_ok) return true; /* the link has accepted the dial; EventCallCreated will report the call */
    if (call_result_of_code(code).of == DIAL_OF_exchange)
        campaign_dial_refused(records->campaigns, row->campaign, message_text(message, EventDone_text));
    preview_call_becomes(records, row, RECORD_over, (enum cause)call_result_of_code(code).told);
    if (!ix->leg) list_record_end(records, ix);
    return true;
}

/* ---- dialled ---- */

enum code preview_dial(struct list_records *records, uint32_t slot, uint32_t agent, const struct message *message)
{
    struct list_record *row = &records->all[slot];
    /* whether the number was dialled is unknown */
    bool unknown = list_record_attempted(row) && row->result == cause_other;
    bool has_it = list_record_place(row) == RECORD_AT_holder && row->begun_by == RECORD_BY_agent;
    if (!has_it || unknown || records->now->time_us < row->dials_again_us) return code_invalid_state;
    enum code may = preview_call_may(records, agent);
    if (may != code_ok) return may;
    /* the list is asked already whether the record may be dialled */
    if (!record_may_become(row->state, RECORD_asking)) return code_busy;
    if (!link_usable(records->links, row->link)) return code_unavailable;
    const struct campaign *campaign = campaign_of(records->campaigns, row->campaign);
    if (campaign && campaign_hours_state(records->campaigns, campaign) != CAMPAIGN_WHY_pacer) return code_invalid_state;
    list_record_becomes(records, slot, RECORD_asking);
    preview_asker_set(records, row, message);
    /* Sends the campaign's rules to a dialer that has restarted; the answered note is then checked by these rules. */
    if (campaign) (void)list_record_checks(records, row, NULL, list_record_number(row));
    list_record_notes(records, slot, list_record_number(row));
    return code_ok;
}

void preview_noted(struct list_records *records, uint32_t slot, unsigned code)
{
    struct list_record *row = &records->all[slot];
    if (row->state != RECORD_asking || code == code_ok) return;
    preview_answer(records, row, code, "the list does not allow the call now");
    /* after codes other than a lasting refusal, the list may have noted the attempt */
    if (!list_record_may_pass(code)) {
        row->attempts--;
        row->result = row->update.result;
        row->attempt = row->result != cause_other ? ATTEMPT_NOTED : ATTEMPT_WITHDRAWN;
    }
    preview_asking_ends(records, slot);
}

bool preview_goes_on(struct list_records *records, uint32_t slot, unsigned code)
{
    struct list_record *row = &records->all[slot];
    if (row->state != RECORD_asking || code != code_ok) return false;
    /* the holder has cancelled the record meanwhile */
    bool cancelled = row->holder_update.status == record_status_cancelled;
    enum code called = cancelled ? code_closed : preview_call(records, slot);
    if (called != code_ok) {
        /* the record gets a result, since the list has noted the attempt */
        list_record_edit(records, row)->result = cause_dial_error;
        preview_asking_ends(records, slot);
    }
    preview_answer(records, row, called, called == code_ok ? NULL : "the call could not be made");
    return called == code_ok;
}
