/* runtime/core/sessions/status.c - Sets the states of agents and of their media, at once or after their last claim,
 * and tells the switch.
 *
 *     status_begin()       now, or by
 *     status_after()       when the medium's last claim is over: status_afterwards()
 *     status_tell_switch() SetAgentState, if the link can; `not_ready_ref` awaits the answer
 *
 * The core's state changes at once and does not wait for the switch. If the switch reports
 * another state later, that report is newer and counts. */
#include "runtime/core/sessions/status.h"

#include <assert.h>

#include "base/utf8.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/effects_call.h"

enum { STATE_ANSWER_US = 5000000 };

static void forget_after(struct agent *who, enum media medium)
{
    if (agent_noted(who, medium).after != agent_state_unknown) agent_note(who, medium)->after = agent_state_unknown;
}

static void tell_state(struct sessions *sessions, uint32_t agent, enum media medium, enum agent_state state,
                       const struct report *report)
{
    const struct agent *who = agent_at(sessions->agents, agent);
    struct fact fact = {.what = FACT_agent_state, .value = (uint16_t)state, .name = who->name};
    fact.reason = report->reason;
    fact.place = who->place;
    fact.dn = line_dn_for_agent(sessions->agents, agent, medium);
    fact.work_mode = (uint8_t)report->work_mode;
    fact.medium = (uint8_t)medium;
    fact_tell(sessions->facts, &fact);
    parts_agent_told(sessions->rows, agent);
}

/* Notes who has set the state instead of the agent, and why. `same`: the report repeats the state, as a switch does
 * that answers, so the earlier note stays. */
static void note_setter(struct sessions *sessions, struct agent *who, enum media medium, bool same,
                        const struct report *report)
{
    if (report->by.length == 0 && (same || agent_noted(who, medium).by == 0)) return;
    struct span by = report->by;
    by.length = utf8_cut((const char *)by.bytes, by.length, NAME_BYTES_MAX);
    agent_note_setter(who, medium, names_pass(sessions->names, by), report->why);
}

/* True: the report has no reason, or the one that the state has already. */
static bool brings_no_reason(const struct sessions *sessions, const struct report *report, uint32_t reason)
{
    return report->reason.length == 0 || span_equal(report->reason, names_text(sessions->names, reason));
}

void status_set(struct sessions *sessions, uint32_t agent, enum agent_state state, const struct report *report)
{
    struct agent *who = agent_at(sessions->agents, agent);
    bool same = who->state == state;
    note_setter(sessions, who, media_none, same && brings_no_reason(sessions, report, who->reason), report);
    /* If the same state is reported again without a reason, the earlier reason stays. */
    if (report->reason.length != 0 || report->by.length != 0 || !same)
        who->reason = names_pass(sessions->names, report->reason);
    agent_set_state(sessions->agents, agent, state, sessions->now->time_us);
    tell_state(sessions, agent, media_voice, state, report);
}

void status_look(struct sessions *sessions, uint32_t agent)
{
    parts_agent_moves(sessions->rows, agent);
}

/* Sets the state of a medium. The reason of a repeated state stays, so that a repetition does not erase it. */
void status_set_medium(struct sessions *sessions, uint32_t agent, enum media medium, enum agent_state state,
                       const struct report *report)
{
    struct agent *who = agent_at(sessions->agents, agent);
    bool same = has_medium(who->own, medium) && session_state(who, medium) == state;
    forget_after(who, medium); /* this state is newer than the one that was requested for later */
    bool told = report->reason.length != 0 || report->by.length != 0 || !same;
    note_setter(sessions, who, medium, same && brings_no_reason(sessions, report, agent_noted(who, medium).reason),
                report);
    uint32_t reason = told ? names_pass(sessions->names, report->reason) : 0;
    if (told && reason != agent_noted(who, medium).reason) agent_note(who, medium)->reason = reason;
    agent_set_medium(sessions->agents, agent, medium, state);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    tell_state(sessions, agent, medium, state, report);
    if (state == agent_state_logged_out) status_look(sessions, agent);
}

bool status_is_main(enum media medium)
{
    return medium == media_none || medium == media_voice;
}

bool status_is_of_medium(enum agent_state state)
{
    return state == agent_state_ready || state == agent_state_not_ready || state == agent_state_after_call_work ||
           state == agent_state_logged_out;
}

const struct report status_no_reason = {.work_mode = work_mode_unknown};

bool status_do_not_disturb(struct sessions *sessions, uint32_t agent, enum agent_state state)
{
    if (state != agent_state_dnd_on && state != agent_state_dnd_off) return false;
    agent_at(sessions->agents, agent)->dnd = state == agent_state_dnd_on;
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    status_look(sessions, agent);
    return true;
}

void status_forget_after(struct agent *who)
{
    forget_after(who, media_none);
    forget_after(who, media_voice);
}

enum agent_state session_state(const struct agent *who, enum media medium)
{
    if (status_is_main(medium) || !has_medium(who->own, medium)) return (enum agent_state)who->state;
    if (has_medium(who->own_ready, medium)) return agent_state_ready;
    if (has_medium(who->own_out, medium)) return agent_state_logged_out;
    return has_medium(who->wrap, medium) ? agent_state_after_call_work : agent_state_not_ready;
}

uint32_t session_reason(const struct agent *who, enum media medium)
{
    return status_is_main(medium) || !has_medium(who->own, medium) ? who->reason : agent_noted(who, medium).reason;
}

void status_logged_out(struct agents *agents, uint32_t agent)
{
    agent_set_dn(agents, agent, 0, agent_at(agents, agent)->source, media_set_all());
}

/* Changes only the state; the caller updates the agent's place in the ready list. */
static void status_becomes(struct sessions *sessions, uint32_t agent, enum agent_state state,
                           const struct report *report)
{
    if (status_do_not_disturb(sessions, agent, state)) return;
    status_set(sessions, agent, state, report);
    if (state == agent_state_logged_out) status_logged_out(sessions->agents, agent);
}

static struct served_at served_at(const struct agents *agents, uint32_t agent, enum media medium)
{
    return (struct served_at){line_dn_for_agent(agents, agent, medium), line_link_for_agent(agents, agent, medium)};
}

/* Writes the reasons for the switch. The reason of the state stands first, since the first text of a report is read as
 * the reason; it is empty where only `by` and `why` are told. */
static void status_put_reasons(struct sessions *sessions, struct writer *writer, const struct report *report)
{
    if (report->reason.length == 0 && report->by.length == 0) return;
    kv_clear(sessions->scratch);
    kv_put_text(sessions->scratch, "reason", report->reason);
    if (report->by.length != 0) kv_put_text(sessions->scratch, "by", report->by);
    if (report->why.length != 0) kv_put_text(sessions->scratch, "why", report->why);
    writer_kv(writer, SetAgentState_reasons, sessions->scratch);
}

/* Sends SetAgentState. If an earlier SetAgentState is not answered, the wait for it ends: its answer no longer
 * matters. */
void status_tell_switch(struct sessions *sessions, uint32_t agent, struct served_at at, enum media medium,
                        enum agent_state state, const struct report *report)
{
    struct agent *who = agent_at(sessions->agents, agent);
    if (!link_can(sessions->links, at.link, CAP_SET_AGENT)) return;
    if (who->not_ready_ref != 0) effect_request_settled(sessions->effects, who->not_ready_ref);
    struct effect effect = {.kind = KIND_SetAgentState, .link = at.link, .timeout_us = STATE_ANSWER_US};
    who->not_ready_ref = effect_begin(sessions->effects, &effect);
    struct writer *writer = &sessions->effects->writer;
    writer_bytes(writer, SetAgentState_agent, names_text(sessions->names, who->name));
    writer_bytes(writer, SetAgentState_place, names_text(sessions->names, who->place));
    writer_bytes(writer, SetAgentState_dn, names_text(sessions->names, at.dn));
    writer_u(writer, SetAgentState_media, medium);
    writer_u(writer, SetAgentState_state, state);
    status_put_reasons(sessions, writer, report);
    writer_u(writer, SetAgentState_origin, state_origin_core);
    effect_end(sessions->effects);
    effect_await_agent(sessions->effects, agent, KIND_SetAgentState, who->not_ready_ref, at.link, STATE_ANSWER_US);
}

/* Puts an agent into a state. The DN is looked up before the state changes: after a log-out the agent has none. */
static void status_put(struct sessions *sessions, uint32_t agent, enum agent_state state, const struct report *report)
{
    struct agent *who = agent_at(sessions->agents, agent);
    struct served_at at = served_at(sessions->agents, agent, media_voice);
    if (!agent_logged_in(who)) return; /* the agent has logged out meanwhile */
    if (state != agent_state_dnd_on && state != agent_state_dnd_off) {
        status_forget_after(who);
        who->readies = false;
    }
    status_becomes(sessions, agent, state, report);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    status_tell_switch(sessions, agent, at, media_voice, state, report);
    if (state == agent_state_logged_out) status_look(sessions, agent);
}

void session_put(struct sessions *sessions, uint32_t agent, enum agent_state state, const char *why)
{
    status_put(sessions, agent, state, &(struct report){.reason = span_of(why ? why : "")});
}

static void put_medium(struct sessions *sessions, uint32_t agent, enum media medium, enum agent_state state,
                       const struct report *report, bool told)
{
    const struct agent *who = agent_at(sessions->agents, agent);
    if (!agent_logged_in(who)) return;
    status_set_medium(sessions, agent, medium, state, report);
    if (told) status_tell_switch(sessions, agent, served_at(sessions->agents, agent, medium), medium, state, report);
}

bool session_is_main(const struct sessions *sessions, uint32_t agent)
{
    return media_set_is_empty(agent_at(sessions->agents, agent)->own) ||
           line_exists_for_agent(sessions->agents, agent, media_voice);
}

/* The states of media are set one by one, since each medium may be served at another link. A medium from which the
 * agent has logged out stays so. */
void session_set(struct sessions *sessions, uint32_t agent, enum agent_state state, const struct state_by *by)
{
    const struct agent *who = agent_at(sessions->agents, agent);
    const struct report report = {.reason = by->reason, .by = by->by, .why = by->why};
    if (state == agent_state_logged_out || session_is_main(sessions, agent))
        status_put(sessions, agent, state, &report);
    EACH_MEDIUM(medium, who->own)
    if (!has_medium(who->own_out, medium)) put_medium(sessions, agent, (enum media)medium, state, &report, true);
}

struct state_by session_set_by(const struct sessions *sessions, uint32_t agent)
{
    const struct agent *who = agent_at(sessions->agents, agent);
    struct agent_medium noted = {.medium = media_none};
    if (session_is_main(sessions, agent)) noted = agent_noted(who, media_none);
    EACH_MEDIUM(medium, who->own)
    if (noted.by == 0) noted = agent_noted(who, (enum media)medium);
    return (struct state_by){.by = names_text(sessions->names, noted.by),
                             .why = noted.why,
                             .state = session_state(who, (enum media)noted.medium)};
}

/* True: the agent has an interaction of the medium. media_none: of any. */
static bool has_any(const struct agent *who, enum media medium)
{
    return medium == media_none ? who->claimed != 0 : who->load.units[medium] != 0;
}

void status_begin(struct sessions *sessions, uint32_t agent, enum media medium, enum agent_state state, bool asked)
{
    if (!status_is_main(medium)) {
        put_medium(sessions, agent, medium, state, &(struct report){.work_mode = 0}, asked);
    } else if (asked) {
        session_put(sessions, agent, state, NULL);
    } else {
        status_becomes(sessions, agent, state, &(struct report){.work_mode = 0});
        agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    }
}

void status_after(struct sessions *sessions, uint32_t agent, enum media medium, enum agent_state state, bool asked)
{
    struct agent *who = agent_at(sessions->agents, agent);
    assert(state != agent_state_unknown);
    if (!has_any(who, medium)) {
        status_begin(sessions, agent, medium, state, asked);
        return;
    }
    struct agent_medium *noted = agent_note(who, medium);
    noted->after = (uint8_t)state;
    noted->asked = asked;
}

/* The agent's last claim of the medium has ended: a state that was requested for this moment begins. The caller
 * updates the agent's place in the ready list. */
void status_afterwards(struct sessions *sessions, uint32_t agent, enum media medium)
{
    struct agent *who = agent_at(sessions->agents, agent);
    const struct agent_medium noted = agent_noted(who, medium);
    enum agent_state state = (enum agent_state)noted.after;
    if (has_any(who, medium)) return;
    forget_after(who, medium);
    if (state == agent_state_unknown || !agent_logged_in(who)) return;
    status_begin(sessions, agent, medium, state, noted.asked);
}

/* Sets an agent who did not answer an offer to not ready, only for that medium if it has a state of its own. */
void session_unanswered(struct sessions *sessions, uint32_t slot)
{
    const struct claim *claim = claim_at(sessions->claims, slot);
    uint32_t agent = claim->agent;
    enum media medium = (enum media)claim->medium;
    const struct agent *who = agent_at(sessions->agents, agent);
    if (!has_medium(who->own, medium))
        session_put(sessions, agent, agent_state_not_ready, "no_answer");
    else
        put_medium(sessions, agent, medium, agent_state_not_ready, &(struct report){.reason = span_of("no_answer")},
                   true);
}

void session_state_answered(struct sessions *sessions, uint32_t agent, uint64_t ref)
{
    struct agent *who = agent_at(sessions->agents, agent);
    if (ref == who->not_ready_ref) {
        effect_request_settled(sessions->effects, (uint32_t)ref);
        who->not_ready_ref = 0;
    }
}
