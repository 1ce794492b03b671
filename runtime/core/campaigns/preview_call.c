/* runtime/core/campaigns/preview_call.c - The call of a record that its holder dials in preview. */
#include "runtime/core/campaigns/preview_call.h"

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/call_result.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/campaigns/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/people/line.h"
#include "runtime/core/run/ending.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/effects.h"

#define RING_US   UINT64_C(60000000) /* the agent hears it ring, and may hang up earlier */
#define ANSWER_US UINT64_C(5000000)  /* beyond the ringing: the link tells what became of it */
#define TALK_US   UINT64_C(86400000000)

enum code preview_call_may(const struct core *core, uint32_t agent)
{
    unsigned link = agent_link_for(core->agents, agent, media_voice);
    if (agent_dn_for(core->agents, agent, media_voice) == 0) return code_not_logged_in;
    if (!link_usable(core, link)) return code_link_down;
    return link_can(core, link, CAP_DIAL) ? code_ok : code_invalid_dn;
}

/* The dialling is over, and how it ended. */
static void call_becomes(struct core *core, struct list_record *row, enum record_state state, enum cause result)
{
    list_record_edit(core->list_records, row)->dial_ref = 0;
    list_record_becomes(core, list_record_slot(core, row), state);
    list_record_dialled(core, interaction_by_id(core, row->ixn), result);
}

static void dial(struct core *core, struct list_record *row, struct interaction *ix, uint32_t agent)
{
    kv_clear(&core->scratch);
    userdata_all(core, ix, &core->scratch);
    list_record_edit(core->list_records, row)->dial_ref =
        effect_begin(core, &(struct effect){.kind = KIND_RequestMakeCall,
                                            .link = ix->link,
                                            .interaction = ix,
                                            .timeout_us = (int64_t)(RING_US + ANSWER_US)});
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, RequestMakeCall_number, list_record_number(row));
    writer_bytes(writer, RequestMakeCall_origin, core_name(core, agent_dn_for(core->agents, agent, media_voice)));
    writer_u(writer, RequestMakeCall_record, row->record);
    writer_i(writer, RequestMakeCall_ring, (int64_t)RING_US);
    writer_u(writer, RequestMakeCall_detect, detect_none);
    effect_kv(core, RequestMakeCall_data);
    effect_end(core);
    interaction_timer(core, ix, TIMER_LIFETIME, 0, core->now->time_us + RING_US + ANSWER_US);
    interaction_tell(core, ix, FACT_dialled, 0, ix->dn);
}

/* The interaction of a row that is open. The agent is taken for it from the first moment. */
enum code preview_call(struct core *core, uint32_t slot)
{
    uint32_t agent;
    struct list_record *row = &core->list_records->all[slot];
    if (!agent_find(core->agents, row->holder, &agent)) return code_not_logged_in;
    enum code may = preview_call_may(core, agent);
    if (may != code_ok) return may;
    unsigned link = agent_link_for(core->agents, agent, media_voice);
    struct interaction *ix = interaction_new(core, media_outbound, 0, link);
    if (!ix) return code_overload;
    list_record_runs(core, slot, ix, RECORD_ringing);
    interaction_own(core, ix, IX_HANDLING, OWNER_AGENT, row->holder);
    uint32_t claim = session_claim(core, agent, ix, 0);
    if (claim != CLAIM_NONE) claim_at(core->claims, claim)->state = CLAIM_CONFIRMED; /* the agent has chosen it */
    dial(core, row, ix, agent);
    interaction_touch(core, ix);
    return code_ok;
}

/* The row, while its holder's call is dialled; NULL. */
static struct list_record *dialled(const struct core *core, const struct interaction *ix)
{
    struct list_record *row = list_record_of(core, ix);
    return row && row->dial_ref != 0 ? row : NULL;
}

bool preview_call_created(struct core *core, struct interaction *ix, const struct message *message)
{
    const struct list_record *row = dialled(core, ix);
    if (!row || row->dial_ref != message_u(message, ENVELOPE_ref) || ix->leg ||
        ix->link != message_u(message, ENVELOPE_source))
        return false;
    interaction_conn(core, ix, message_u(message, ENVELOPE_conn));
    ix->observed = true;
    interaction_tell(core, ix, FACT_arrived, 0, ix->dn);
    interaction_touch(core, ix);
    return true;
}

void preview_call_answered(struct core *core, struct interaction *ix)
{
    struct list_record *row = dialled(core, ix);
    if (!row) return;
    call_becomes(core, row, RECORD_connected, cause_ok);
    interaction_timer(core, ix, TIMER_LIFETIME, 0, core->now->time_us + TALK_US);
    interaction_tell(core, ix, FACT_answered, 0, ix->dn);
}

void preview_call_progress(struct core *core, struct interaction *ix, unsigned result)
{
    struct list_record *row = dialled(core, ix);
    if (!row) return;
    if (result == cause_ok) {
        preview_call_answered(core, ix);
        return;
    }
    list_record_edit(core->list_records, row)->result = call_result_of_cause(result).told;
}

void preview_call_over(struct core *core, struct interaction *ix, unsigned cause)
{
    struct list_record *row = dialled(core, ix);
    if (!row) return;
    bool unknown = cause == cause_lost;
    if (unknown && link_usable(core, ix->link)) { /* nothing was heard in its time */
        effect_begin(core, &(struct effect){.kind = KIND_Cancel, .link = ix->link, .interaction = ix});
        writer_u(&core->effects->writer, Cancel_of, row->dial_ref);
        effect_end(core);
    }
    bool told = row->result != cause_other && !unknown;
    call_becomes(core, row, RECORD_over, told ? (enum cause)row->result : (enum cause)call_result_of_cause(cause).told);
}

bool preview_call_refused(struct core *core, struct interaction *ix, const struct message *message)
{
    struct list_record *row = dialled(core, ix);
    if (!row || row->dial_ref != message_u(message, ENVELOPE_ref) || ix->link != message_u(message, ENVELOPE_source))
        return false;
    unsigned code = step_code_of(message);
    if (code == code_ok) return true; /* accepted: EventCallCreated tells the call */
    call_becomes(core, row, RECORD_over, (enum cause)call_result_of_code(code).told);
    if (!ix->leg) interaction_end(core, ix);
    return true;
}
