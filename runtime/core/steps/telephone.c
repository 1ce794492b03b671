/* runtime/core/steps/telephone.c - The steps `agents.log_in`, `agents.log_out`, `agents.pause` and `agents.ready`.
 *
 *     agent at a telephone --dials *71--> call of the type internal, `origin` is the DN of that telephone
 *       agents.log_in(who)   SetAgentState to the link, as a desktop's log-in; its EventAgentState ends the step
 *       agents.pause(why)    session_put(): the core changes the state at once, and tells the link
 *       agents.ready()       noted, and done when the call has ended: nobody is offered a call on a busy telephone;
 *                            not if somebody pauses the agent meanwhile (agent.h: readies)
 *
 * A call acts for the telephone that has made it, and for no other one. Only the link can say which telephone that is:
 * the number of a caller is never asked, since a caller from outside may show any number. */
#include "runtime/core/steps/telephone.h"

#include <string.h>

#include "base/utf8.h"
#include "vm/steps.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/reason.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"

void telephone_calls(struct core *core, struct interaction *ix, const struct message *message)
{
    if (message_u(message, EventCallCreated_call_type) != call_type_internal || ix->media != media_voice) return;
    interaction_origin(core->interactions, ix,
                       names_pass(core->names, message_text(message, EventCallCreated_origin_dn)), ix->link);
}

void telephone_unsure(struct core *core, struct interaction *ix)
{
    if (ix->extra) interaction_origin(core->interactions, ix, 0, 0);
}

void telephone_left(struct core *core, struct interaction *ix, uint64_t dn)
{
    uint32_t origin = interaction_extra(core->interactions, ix)->origin;
    if (origin != 0 && table_text_hash(core->names, core_name(core, origin)) == dn) telephone_unsure(core, ix);
}

/* Returns the DN, a name, of the telephone that has made the call; 0: no telephone of the site has made it, or that is
 * not certain. */
static uint32_t telephone_of(const struct core *core, const struct interaction *ix)
{
    const struct extra *extra = interaction_extra(core->interactions, ix);
    bool internal = block_at(core->slab, ix->block)->call_type == call_type_internal;
    return ix->leg && !ix->gone && internal && extra->origin_link == ix->link ? extra->origin : 0;
}

/* Returns who is logged in for calls at the DN; AGENT_NONE: nobody. */
static uint32_t telephone_agent(const struct core *core, unsigned link, uint32_t dn)
{
    uint32_t line = line_on(core->agents, link, dn);
    if (line == LINE_NONE || !has_medium(line_at(core->agents, line)->media, media_voice)) return AGENT_NONE;
    uint32_t agent = line_at(core->agents, line)->agent;
    return agent_logged_in(agent_at(core->agents, agent)) ? agent : AGENT_NONE;
}

/* True: the agent is logged in for calls at a telephone. */
static bool has_telephone(const struct core *core, uint32_t agent)
{
    uint32_t at = agent_at(core->agents, agent)->lines;
    while (at != LINE_NONE && !has_medium(line_at(core->agents, at)->media, media_voice))
        at = line_at(core->agents, at)->next;
    return at != LINE_NONE && agent_logged_in(agent_at(core->agents, agent));
}

static bool link_sets_agents(const struct core *core, const struct interaction *ix)
{
    return link_usable(core->links, ix->link) && link_can(core->links, ix->link, CAP_SET_AGENT);
}

static void telephone_tell(struct core *core, struct interaction *ix, uint32_t agent, enum agent_state state)
{
    interaction_tell(core->interactions, ix, FACT_agent_dials, state, agent_at(core->agents, agent)->name);
}

/* Returns the code for why the agent cannot log in at the telephone; code_ok: the agent can. */
static enum code log_in_check(const struct core *core, const struct interaction *ix, uint32_t dn, uint32_t agent)
{
    uint32_t there = telephone_agent(core, ix->link, dn);
    if (agent_at(core->agents, agent)->name == 0 || !agent_at(core->agents, agent)->known) return code_unknown_agent;
    if (there == agent) return code_ok;
    if (there != AGENT_NONE) return code_taken;
    if (has_telephone(core, agent)) return code_elsewhere;
    bool away = agent_at(core->agents, agent)->lent == AGENT_LENT_AWAY;
    return away || !link_sets_agents(core, ix) ? code_unavailable : code_ok;
}

/* Returns the agent whom the step logs in; AGENT_NONE: there is none. */
static uint32_t log_in_whom(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    uint64_t word;
    uint16_t type;
    if (!vm_arg(core->slab, block_at(core->slab, ix->block), fiber, PARAMETER_agents_log_in_who, &word, &type) ||
        type_base(type) != TYPE_AGENT || value_is_none(type, word) || word == 0 || word > core->agents->count)
        return AGENT_NONE;
    return (uint32_t)(word - 1);
}

static struct step_outcome log_in_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    uint32_t dn = telephone_of(core, ix), agent = log_in_whom(core, ix, fiber);
    if (dn == 0) return step_fails(code_no_place);
    if (agent == AGENT_NONE) return step_fails(code_unknown_agent);
    enum code code = log_in_check(core, ix, dn, agent);
    if (code != code_ok) return step_fails(code);
    if (telephone_agent(core, ix->link, dn) == agent) return step_done(0);
    int64_t timeout_us = tries_left(core, ix, fiber);
    ref = step_effect(core, ix, KIND_SetAgentState, ix->link, ref, timeout_us);
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, SetAgentState_agent, core_name(core, agent_at(core->agents, agent)->name));
    writer_bytes(writer, SetAgentState_place, core_name(core, places_of_dn(&core->directory->places, dn)));
    writer_bytes(writer, SetAgentState_dn, core_name(core, dn));
    writer_u(writer, SetAgentState_media, media_voice);
    writer_u(writer, SetAgentState_state, agent_state_logged_in);
    writer_u(writer, SetAgentState_origin, state_origin_core);
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_SetAgentState, ref, ix->link, timeout_us);
    telephone_tell(core, ix, agent, agent_state_logged_in);
    return step_waits();
}

static struct step_outcome log_out_begin(struct core *core, struct interaction *ix, uint32_t dn, uint32_t agent)
{
    session_put_out(core->sessions, agent, ix->link, dn, NULL);
    telephone_tell(core, ix, agent, agent_state_logged_out);
    return step_done(0);
}

static struct step_outcome pause_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t agent)
{
    const struct block *block = block_at(core->slab, ix->block);
    const struct reasons *reasons = &core->directory->reasons;
    char inlined[8], why[NAME_BYTES_MAX + 1] = "";
    uint64_t word;
    uint16_t type;
    if (vm_arg(core->slab, block, fiber, PARAMETER_agents_pause_reason, &word, &type) && !value_is_none(type, word)) {
        struct text text = block_text(block_image(core->slab, block), block, word, inlined);
        size_t length = utf8_cut(text.bytes, text.length, sizeof why - 1);
        memcpy(why, text.bytes, length);
        why[length] = '\0';
    }
    struct span reason = span_of(why);
    if (*why && reasons->known != 0 && reasons_display(reasons, names_find(core->names, reason)) == 0)
        return step_fails(code_unknown_reason);
    session_put(core->sessions, agent, agent_state_not_ready, *why ? why : NULL);
    telephone_tell(core, ix, agent, agent_state_not_ready);
    return step_done(0);
}

/* Notes that the agent becomes ready; until the call has ended the telephone is busy. */
static struct step_outcome ready_begin(struct core *core, struct interaction *ix, uint32_t agent)
{
    agent_refer(core->agents, agent);
    agent_at(core->agents, agent)->readies = true;
    interaction_note_agent(core->interactions, ix, NOTED_readies, agent);
    telephone_tell(core, ix, agent, agent_state_ready);
    return step_done(0);
}

static struct step_outcome telephone_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    unsigned step = step_of(core, ix, fiber);
    if (step == STEP_ID_agents_log_in) return log_in_begin(core, ix, fiber, ref);
    uint32_t dn = telephone_of(core, ix), agent = dn == 0 ? AGENT_NONE : telephone_agent(core, ix->link, dn);
    if (dn == 0) return step_fails(code_no_place);
    if (agent == AGENT_NONE) return step_fails(code_not_logged_in);
    if (!link_sets_agents(core, ix)) return step_fails(code_unavailable);
    if (step == STEP_ID_agents_ready) return ready_begin(core, ix, agent);
    interaction_note_agent(core->interactions, ix, NOTED_readies,
                           AGENT_NONE); /* of `ready` and these steps the last one counts */
    return step == STEP_ID_agents_log_out ? log_out_begin(core, ix, dn, agent) : pause_begin(core, ix, fiber, agent);
}

/* The link has refused the log-in, or has done it and says so by EventDone. */
static void telephone_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                               const struct message *message)
{
    uint8_t fiber = pending->fiber;
    unsigned code = effect_code_of(message);
    if (code == code_ok)
        strategy_step_done(core, ix, fiber, 0);
    else if (code == code_invalid_dn)
        strategy_step_failed(core, ix, fiber, code_no_place);
    else if (code == code_already_logged_in)
        strategy_step_failed(core, ix, fiber, code_elsewhere);
    else
        strategy_step_failed(core, ix, fiber, code == code_taken ? code_taken : code_unavailable);
}

/* The time for the answer is over. The answer may have been lost, so the step is done if the agent is logged in at the
 * telephone. */
static void log_in_late(struct core *core, struct interaction *ix, uint8_t fiber)
{
    uint32_t dn = telephone_of(core, ix), agent = log_in_whom(core, ix, fiber);
    bool there = dn != 0 && agent != AGENT_NONE && telephone_agent(core, ix->link, dn) == agent;
    step_cancel(core, ix, fiber);
    if (there)
        strategy_step_done(core, ix, fiber, 0);
    else
        strategy_step_failed(core, ix, fiber, code_timeout);
}

static void log_in_lapsed(struct core *core, struct interaction *ix, const struct pending *pending)
{
    log_in_late(core, ix, pending->fiber);
}

void telephone_on_state(struct core *core, const struct message *message)
{
    uint64_t ixn = message_u(message, ENVELOPE_ixn), ref = message_u(message, ENVELOPE_ref);
    struct interaction *ix = ixn == 0 || ref == 0 ? NULL : interaction_by_id(core->interactions, ixn);
    const struct pending *pending = ix && ix->id == ixn ? effect_pending(core->effects, ix, ref) : NULL;
    if (!pending || pending->kind != KIND_SetAgentState || pending->link != message_u(message, ENVELOPE_source)) return;
    strategy_step_done(core, ix, pending->fiber, 0);
}

void telephone_call_over(struct core *core, struct interaction *ix)
{
    const struct extra *extra = interaction_extra(core->interactions, ix);
    uint32_t agent = interaction_noted_agent(core->interactions, ix, NOTED_readies);
    if (agent >= core->agents->count) return; /* AGENT_NONE, too */
    bool there = line_of_agent(core->agents, agent, media_voice, extra->origin_link) != NULL;
    interaction_note_agent(core->interactions, ix, NOTED_readies, AGENT_NONE);
    if (there && agent_logged_in(agent_at(core->agents, agent)) && agent_at(core->agents, agent)->readies)
        session_put(core->sessions, agent, agent_state_ready, NULL);
}

const struct step_ops step_ops_telephone = {.begin = telephone_begin,
                                            .timed_out = log_in_late,
                                            .answered = telephone_answered,
                                            .lapsed = log_in_lapsed,
                                            .again = KIND_SetAgentState};
