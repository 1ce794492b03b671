/* runtime/core/sessions/session.c - Changes the states, DNs and claims of agents as events come in. */
#include "runtime/core/sessions/session.h"

#include <assert.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/reason.h"

enum { STATE_ANSWER_US = 5000000 };

uint32_t session_who(const struct core *core, struct span agent, struct span dn)
{
    uint32_t who;
    if (agent_find(core->agents, names_find(core->names, agent), &who)) return who;
    if (agent_on_dn(core->agents, names_find(core->names, dn), &who)) return who;
    return AGENT_NONE;
}

/* Tells the parts when the agent can no longer be reached, so that a step that asks this agent asks another one. */
static void look(struct core *core, uint32_t agent)
{
    if (!agent_reachable(agent_at(core->agents, agent))) parts_agent_lost(core, agent);
}

/* A report of a state, with what it brings besides. */
struct report {
    struct span reason;
    unsigned work_mode;
};

static void tell_state(struct core *core, uint32_t agent, enum media medium, enum agent_state state,
                       const struct report *report)
{
    const struct agent *who = agent_at(core->agents, agent);
    struct fact fact = {.what = FACT_agent_state, .value = (uint16_t)state, .name = who->name};
    fact.reason = report->reason;
    fact.place = who->place;
    fact.dn = agent_dn_for(core->agents, agent, medium);
    fact.work_mode = (uint8_t)report->work_mode;
    fact.medium = (uint8_t)medium;
    core_tell(core, &fact);
}

static void set_state(struct core *core, uint32_t agent, enum agent_state state, const struct report *report)
{
    struct agent *who = agent_at(core->agents, agent);
    /* The same state told again without a reason has the one that it had. */
    if (report->reason.length != 0 || who->state != state) who->reason = names_pass(core->names, report->reason);
    agent_set_state(core->agents, agent, state, core->time_us);
    tell_state(core, agent, media_voice, state, report);
}

static void set_medium(struct core *core, uint32_t agent, enum media medium, enum agent_state state,
                       const struct report *report)
{
    agent_at(core->agents, agent)->after[medium] = 0; /* this state is newer than the one asked for */
    agent_set_medium(core->agents, agent, medium, state);
    agent_settle(core->agents, agent, core->time_us, false);
    tell_state(core, agent, medium, state, report);
}

/* The state of voice is that of all media which have none of their own. */
static bool is_main(enum media medium)
{
    return medium == media_none || medium == media_voice;
}

/* The states that a medium may have by itself. */
static bool is_of_medium(enum agent_state state)
{
    return state == agent_state_ready || state == agent_state_not_ready || state == agent_state_after_call_work ||
           state == agent_state_logged_out;
}

static const struct report no_reason = {.work_mode = work_mode_unknown};

/* Do-not-disturb is not a state of its own: it can be on in any state. True: `state` was one of its two words. */
static bool do_not_disturb(struct core *core, uint32_t agent, enum agent_state state)
{
    if (state != agent_state_dnd_on && state != agent_state_dnd_off) return false;
    agent_at(core->agents, agent)->dnd = state == agent_state_dnd_on;
    agent_settle(core->agents, agent, core->time_us, false);
    look(core, agent);
    return true;
}

/* The agent will be asked through the link `source`: what it was asked through another one ends. */
static void asked_through(struct core *core, uint32_t agent, unsigned source)
{
    struct agent *who = agent_at(core->agents, agent);
    if (who->source == source) return;
    parts_agent_lost(core, agent);
    if (who->listed) agent_dirty(core->agents, agent); /* an agent who is not listed is looked at when it is ready */
}

/* The agent's main DN is this one from now on, or it is at none, as the link `source` says. */
static void is_at(struct core *core, uint32_t agent, uint32_t dn, unsigned source)
{
    struct agent *who = agent_at(core->agents, agent);
    bool elsewhere = who->source != source;
    asked_through(core, agent, source);
    agent_set_dn(core->agents, agent, dn, source);
    bool several = who->lines != LINE_NONE && line_at(core->agents, who->lines)->next != LINE_NONE;
    if (elsewhere && !several) agent_forget_login(core->agents, agent); /* the new link's session is another login */
}

/* The agent has logged out of all. */
static void is_nowhere(struct core *core, uint32_t agent)
{
    agent_set_dn(core->agents, agent, 0, agent_at(core->agents, agent)->source);
}

/* Is the agent logged in at the DN? `medium`: for that one; media_none: for whatever. */
static bool is_there(const struct core *core, uint32_t agent, uint32_t dn, enum media medium)
{
    uint32_t at = line_on(core->agents, dn);
    if (at == LINE_NONE || line_at(core->agents, at)->agent != agent) return false;
    return medium == media_none || line_at(core->agents, at)->medium == medium;
}

/* The link that reports about the agent at the DN; where it is not there, about the agent. */
static unsigned link_there(const struct core *core, uint32_t agent, uint32_t dn)
{
    if (!is_there(core, agent, dn, media_none)) return agent_at(core->agents, agent)->source;
    return line_at(core->agents, line_on(core->agents, dn))->source;
}

/* The agent was observed at the DN; 0: at its main one. */
static void is_seen(struct core *core, uint32_t agent, uint32_t dn)
{
    if (dn == 0) dn = agent_dn(core->agents, agent);
    agent_at(core->agents, agent)->seen = true;
    if (is_there(core, agent, dn, media_none)) line_at(core->agents, line_on(core->agents, dn))->seen = true;
}

/* What was to come after the calls comes no more. States of other media that are to come do. */
static void forget_after(struct agent *who)
{
    who->after[media_none] = who->after[media_voice] = 0;
}

/* Is the agent logged in anywhere for that medium? */
static bool has_line(const struct core *core, uint32_t agent, enum media medium)
{
    uint32_t at = agent_at(core->agents, agent)->lines;
    while (at != LINE_NONE && line_at(core->agents, at)->medium != medium) at = line_at(core->agents, at)->next;
    return at != LINE_NONE;
}

/* The agent leaves one of several DNs. A medium that has no other DN is over. False: it is at no other one, or not
 * there. */
static bool leaves_one(struct core *core, uint32_t agent, uint32_t dn)
{
    struct agent *who = agent_at(core->agents, agent);
    uint32_t line = line_on(core->agents, dn);
    if (!is_there(core, agent, dn, media_none)) return false;
    uint32_t main = line_main_without(core->agents, agent, line);
    if (main == LINE_NONE) return false;
    enum media medium = (enum media)line_at(core->agents, line)->medium;
    asked_through(core, agent, line_at(core->agents, main)->source);
    if (!is_there(core, agent, dn, media_none)) return true; /* with what it was asked a wait to log out has ended */
    line_end(core->agents, line);
    who->held = link_held(core, who->source);
    if (!has_line(core, agent, medium)) {
        if (is_main(medium))
            set_state(core, agent, agent_state_not_ready, &no_reason); /* nothing of voice is left */
        else
            set_medium(core, agent, medium, agent_state_logged_out, &no_reason);
    }
    agent_settle(core->agents, agent, core->time_us, false);
    look(core, agent);
    return true;
}

/* A DN has one agent: another one who was logged in there no longer is. */
static void takes_dn(struct core *core, uint32_t agent, uint32_t dn)
{
    uint32_t other;
    if (!agent_on_dn(core->agents, dn, &other) || other == agent || leaves_one(core, other, dn)) return;
    set_state(core, other, agent_state_logged_out, &no_reason);
    is_nowhere(core, other);
    agent_settle(core->agents, other, core->time_us, false);
    look(core, other);
}

/* Is the DN one more at the place where the agent is logged in? `told` is the place that the link reports. */
static bool is_one_more(const struct core *core, uint32_t agent, uint32_t dn, uint32_t told)
{
    const struct agent *who = agent_at(core->agents, agent);
    uint32_t main = agent_dn(core->agents, agent);
    if (dn == 0 || main == 0 || dn == main || who->place == 0 || !agent_logged_in(who)) return false;
    return (told != 0 && told != dn ? told : places_of_dn(&core->directory->places, dn)) == who->place;
}

/* The agent is logged in at one more DN of its place, for that medium. A telephone becomes the main DN even where the
 * agent came for chats first. */
static void joins_dn(struct core *core, uint32_t agent, uint32_t dn, enum media medium, unsigned source)
{
    takes_dn(core, agent, dn);
    if (is_main(medium) && !has_line(core, agent, media_voice)) asked_through(core, agent, source);
    if (is_there(core, agent, dn, media_none))
        line_is_of(core->agents, line_on(core->agents, dn), (uint16_t)source);
    else
        line_add(core->agents, agent, dn, medium, (uint16_t)source);
    is_seen(core, agent, dn);
}

/* Takes over the state that a link reports. */
static void apply_state(struct core *core, uint32_t agent, enum agent_state state, uint32_t dn, uint32_t place,
                        unsigned source, const struct report *report)
{
    struct agent *who = agent_at(core->agents, agent);
    if (do_not_disturb(core, agent, state)) return;
    if (place == dn) place = 0; /* a link without places reports the DN as place */
    forget_after(who);          /* this report is newer than the state asked for */
    if (state == agent_state_logged_out && leaves_one(core, agent, dn)) return;
    if (state == agent_state_logged_out && dn != 0 && agent_dn(core->agents, agent) != 0 &&
        dn != agent_dn(core->agents, agent))
        return; /* it has moved to another DN, and leaves this one */
    bool joins = state != agent_state_logged_out && is_one_more(core, agent, dn, place);
    if (joins) joins_dn(core, agent, dn, media_voice, source);
    if (state == agent_state_logged_out)
        dn = 0;
    else if (joins || dn == 0)
        dn = agent_dn(core->agents, agent);
    takes_dn(core, agent, dn);
    places_agent_at(core, agent, dn, place);
    if (!joins) is_at(core, agent, dn, source);
    who->held = link_held(core, who->source);
    set_state(core, agent, state, report);
    agent_settle(core->agents, agent, core->time_us, false);
    look(core, agent);
}

/* Changes the state only; the caller settles the agent's place in the ready list. */
static void turn_into(struct core *core, uint32_t agent, enum agent_state state, const char *why)
{
    if (do_not_disturb(core, agent, state)) return;
    set_state(core, agent, state, &(struct report){.reason = span_of(why ? why : "")});
    if (state == agent_state_logged_out) is_nowhere(core, agent);
}

/* Puts the medium into a state of its own. `told`: the core tells the switch. */
static void put_medium(struct core *, uint32_t agent, enum media, enum agent_state, const char *why, bool told);

/* Has the agent something of the medium? media_none: of any. */
static bool has_any(const struct agent *who, enum media medium)
{
    return medium == media_none ? who->claimed != 0 : who->load[medium] != 0;
}

/* The state of the medium begins. `asked`: the core has to tell the switch. */
static void begin_state(struct core *core, uint32_t agent, enum media medium, enum agent_state state, bool asked)
{
    if (!is_main(medium)) {
        put_medium(core, agent, medium, state, NULL, asked);
    } else if (asked) {
        session_put(core, agent, state, NULL);
    } else {
        turn_into(core, agent, state, NULL);
        agent_settle(core->agents, agent, core->time_us, false);
    }
}

/* Keeps the state for the moment when the agent's last claim of the medium ends, so that the core cannot choose the
 * agent in between. Without such claims the state begins at once. */
static void state_after(struct core *core, uint32_t agent, enum media medium, enum agent_state state, bool asked)
{
    struct agent *who = agent_at(core->agents, agent);
    assert(state != agent_state_unknown);
    if (!has_any(who, medium)) {
        begin_state(core, agent, medium, state, asked);
        return;
    }
    who->after[medium] = (uint8_t)state;
    who->after_asked = (uint16_t)((who->after_asked & ~(1u << medium)) | (unsigned)asked << medium);
}

/* The agent's last claim of the medium is over: a state that was asked for meanwhile begins. The caller settles the
 * agent. */
static void afterwards(struct core *core, uint32_t agent, enum media medium)
{
    struct agent *who = agent_at(core->agents, agent);
    enum agent_state state = (enum agent_state)who->after[medium];
    bool asked = ((unsigned)who->after_asked >> medium & 1u) != 0;
    if (has_any(who, medium)) return;
    who->after[medium] = 0;
    if (state == agent_state_unknown || !agent_logged_in(who)) return;
    begin_state(core, agent, medium, state, asked);
}

/* The label of the state, or else the first reason that is a text. */
static struct span reason_of(const struct message *message)
{
    struct span label = message_text(message, EventAgentState_label);
    struct kv_pair pair;
    if (label.length != 0) return label;
    struct span reasons = message_text(message, EventAgentState_reasons);
    for (uint32_t at = 0; kv_next(reasons, &at, &pair);)
        if (pair.value.tag == KV_TEXT && !pair.value.secret) return pair.value.span;
    return label;
}

/* What a report of the agent's state brings besides. A reason that the directory does not have is counted, unless the
 * report answers the core's own request. */
static struct report report_of(struct core *core, uint32_t agent, const struct message *message)
{
    struct span reason = reason_of(message);
    if (message_u(message, ENVELOPE_ref) == 0)
        reasons_given(core, agent_at(core->agents, agent)->name, names_pass(core->names, reason));
    return (struct report){reason, (unsigned)message_u(message, EventAgentState_work_mode)};
}

/* Where a report says that the agent is. */
struct told_at {
    uint32_t dn, place; /* names */
    unsigned source;
};

/* A report about a medium logs the agent in at its DN, or out of it. False: it has done all that was to be done. */
static bool medium_at(struct core *core, uint32_t agent, enum media medium, enum agent_state state,
                      const struct told_at *at)
{
    struct agent *who = agent_at(core->agents, agent);
    if (state == agent_state_logged_out) {
        uint32_t dn = at->dn != 0 ? at->dn : agent_dn_for(core->agents, agent, medium);
        if (!is_there(core, agent, dn, medium)) return agent_logged_in(who);
        if (!leaves_one(core, agent, dn)) apply_state(core, agent, state, dn, at->place, at->source, &no_reason);
        return false;
    }
    if (is_one_more(core, agent, at->dn, at->place)) joins_dn(core, agent, at->dn, medium, at->source);
    if (is_there(core, agent, at->dn, media_none)) is_seen(core, agent, at->dn);
    if (agent_logged_in(who) || at->dn == 0) return agent_logged_in(who);
    apply_state(core, agent, agent_state_not_ready, at->dn, at->place, at->source, &no_reason);
    line_is_for(core->agents, who->lines, medium);
    return true;
}

/* A report about one medium other than voice. It changes no other one. Without a DN it means nothing of an agent who is
 * not logged in; with one the agent is logged in there for this medium, and not ready for the others. */
static void medium_is(struct core *core, const struct message *message, enum media medium)
{
    enum agent_state state = (enum agent_state)message_u(message, EventAgentState_state);
    enum agent_state after = (enum agent_state)message_u(message, EventAgentState_after);
    uint32_t agent, name = names_find(core->names, message_text(message, EventAgentState_agent));
    struct told_at at = {names_pass(core->names, message_text(message, EventAgentState_dn)),
                         names_pass(core->names, message_text(message, EventAgentState_place)),
                         (unsigned)message_u(message, ENVELOPE_source)};
    if (!agent_find(core->agents, name, &agent)) return;
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (ref != 0) session_state_answered(core, agent, ref);
    if (is_of_medium(state) && !medium_at(core, agent, medium, state, &at)) return;
    if (!agent_logged_in(agent_at(core->agents, agent))) return;
    struct report report = report_of(core, agent, message);
    if (is_of_medium(state)) set_medium(core, agent, medium, state, &report);
    if (is_of_medium(after)) state_after(core, agent, medium, after, false);
}

static void tell_odd(struct core *core, uint32_t agent, enum fact_name what)
{
    core_tell(core, &(struct fact){.what = (uint16_t)what, .name = agent_at(core->agents, agent)->name});
}

/* Counts a report that repeats the last one or contradicts it. An answer to the core's own request is neither. */
static void look_odd(struct core *core, uint32_t agent, enum agent_state state, uint32_t dn,
                     const struct message *message)
{
    const struct agent *who = agent_at(core->agents, agent);
    int64_t since = message_i(message, EventAgentState_since);
    uint32_t other, place = names_find(core->names, message_text(message, EventAgentState_place));
    bool in = agent_logged_in(who),
         joins = is_one_more(core, agent, dn, place) && !is_there(core, agent, dn, media_none);
    bool elsewhere = !joins && link_there(core, agent, dn) != message_u(message, ENVELOPE_source);
    if (message_u(message, ENVELOPE_ref) != 0 || state == agent_state_unknown || state == agent_state_dnd_on ||
        state == agent_state_dnd_off)
        return;
    if (state == agent_state_logged_out) dn = 0;
    bool taken = dn != 0 && agent_on_dn(core->agents, dn, &other) && other != agent;
    if (taken || (in && elsewhere && state != agent_state_logged_out) ||
        (who->state == agent_state_logged_out && state != agent_state_logged_out && state != agent_state_logged_in))
        tell_odd(core, agent, FACT_agent_contradicting);
    else if (state == who->state && !elsewhere && (dn == 0 || is_there(core, agent, dn, media_voice)) &&
             (since == 0 || since == who->switch_since_us))
        tell_odd(core, agent, FACT_agent_repeated);
}

void session_on_state(struct core *core, const struct message *message)
{
    enum media media = (enum media)message_u(message, EventAgentState_media);
    enum agent_state state = (enum agent_state)message_u(message, EventAgentState_state);
    enum agent_state after = (enum agent_state)message_u(message, EventAgentState_after);
    uint32_t name = names_pass(core->names, message_text(message, EventAgentState_agent));
    uint32_t dn = names_pass(core->names, message_text(message, EventAgentState_dn));
    uint32_t agent;
    if (!is_main(media)) {
        medium_is(core, message, media);
        return;
    }
    if (state == agent_state_unknown && after == state) return;
    if (!agent_find(core->agents, name, &agent) && (name != 0 || !agent_on_dn(core->agents, dn, &agent))) {
        agent = state <= agent_state_logged_out ? AGENT_NONE : agent_add(core->agents, name);
        if (agent == AGENT_NONE) return;
    }
    struct agent *who = agent_at(core->agents, agent);
    is_seen(core, agent, dn);
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (ref != 0) session_state_answered(core, agent, ref);
    int64_t since = message_i(message, EventAgentState_since);
    /* One link reports in order, even when its clock is set back. Between two links the newer report counts. */
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    if (since != 0 && since < who->switch_since_us && link_there(core, agent, dn) != source) {
        tell_odd(core, agent, FACT_agent_late);
        return;
    }
    look_odd(core, agent, state, dn, message);
    if (since != 0) who->switch_since_us = since;
    uint32_t place = names_pass(core->names, message_text(message, EventAgentState_place));
    struct report report = report_of(core, agent, message);
    if (state != agent_state_unknown) apply_state(core, agent, state, dn, place, source, &report);
    if (after != agent_state_unknown && agent_logged_in(who)) state_after(core, agent, media, after, false);
}

/* Sets the agent's timer to the earlier of two times: the agent can be chosen again, or the wait for its desktop ends.
 */
static void set_timer(struct core *core, uint32_t agent)
{
    struct agent *who = agent_at(core->agents, agent);
    uint64_t due_us = who->out_until_us > core->time_us ? who->out_until_us : UINT64_MAX;
    if (who->deskless && who->desktop_until_us > core->time_us && who->desktop_until_us < due_us)
        due_us = who->desktop_until_us;
    timer_cancel(core->timers, &who->timer);
    if (due_us != UINT64_MAX)
        timer_set(core->timers, &(struct timer){.deadline_us = due_us, .kind = TIMER_AGENT, .data = agent});
}

void session_dn(struct core *core, struct span dn, unsigned state)
{
    uint32_t line = line_on(core->agents, names_find(core->names, dn));
    if (line == LINE_NONE) return;
    uint32_t agent = line_at(core->agents, line)->agent;
    struct agent *who = agent_at(core->agents, agent);
    line_out(core->agents, line, state != dn_state_in);
    if (line == who->lines && state == dn_state_in) {
        who->out_until_us = 0;
        set_timer(core, agent);
    }
    agent_settle(core->agents, agent, core->time_us, false);
    if (line == who->lines && state != dn_state_in) parts_agent_lost(core, agent);
}

void session_on_dn(struct core *core, const struct message *message)
{
    session_dn(core, message_text(message, EventDN_dn), (unsigned)message_u(message, EventDN_state));
}

/* A desktop comes or goes. When it goes, its agent's calls stay, but the core offers no other call until it is back. An
 * agent who never had a desktop works with the telephone alone. */
static void desktop_is(struct core *core, uint32_t agent, bool there, uint64_t grace_us)
{
    struct agent *who = agent_at(core->agents, agent);
    if (!agent_logged_in(who)) return;
    bool had = who->desktop || there, away = had && !there;
    agent_set_desktop(core->agents, agent, had, away, away && grace_us != 0 ? core->time_us + grace_us : 0);
    set_timer(core, agent);
    agent_settle(core->agents, agent, core->time_us, false);
}

/* No grace here: the T-Server that lost the desktop logs the agent out after its own grace. */
void session_on_client(struct core *core, const struct message *message)
{
    uint32_t agent, name = names_find(core->names, message_text(message, EventClient_agent));
    if (!agent_find(core->agents, name, &agent) ||
        agent_at(core->agents, agent)->source != message_u(message, ENVELOPE_source))
        return;
    desktop_is(core, agent, message_u(message, EventClient_up) != 0, 0);
}

/* Of a medium: a state of it, or none. */
static bool may_ask(enum agent_state state)
{
    return state == agent_state_unknown || is_of_medium(state);
}

void session_on_request(struct core *core, const struct message *message)
{
    uint32_t agent;
    uint32_t name = names_find(core->names, message_text(message, RequestAgentState_agent));
    enum agent_state state = (enum agent_state)message_u(message, RequestAgentState_state);
    enum agent_state after = (enum agent_state)message_u(message, RequestAgentState_after);
    enum media medium = (enum media)message_u(message, RequestAgentState_media);
    if (!agent_find(core->agents, name, &agent)) {
        effect_reply(core, message, outcome_error, code_invalid_attribute, "there is no such agent", NULL);
        return;
    }
    if ((state == agent_state_unknown && after == state) || !agent_logged_in(agent_at(core->agents, agent))) {
        effect_reply(core, message, outcome_error, code_not_logged_in, "the agent is not logged in", NULL);
        return;
    }
    if (!is_main(medium) && !(may_ask(state) && may_ask(after))) {
        effect_reply(core, message, outcome_error, code_invalid_attribute,
                     "a medium is ready, not_ready, in after_call_work or logged_out", NULL);
        return;
    }
    if (state != agent_state_unknown) begin_state(core, agent, medium, state, true);
    if (after != agent_state_unknown) state_after(core, agent, medium, after, true);
    effect_reply(core, message, outcome_ok, code_ok, NULL, NULL);
}

/* Tells the agent's link the state of one medium, if the link can set states. `dn`: where the agent is logged in. */
static void tell_switch(struct core *core, uint32_t agent, uint32_t dn, enum media medium, enum agent_state state,
                        const char *why)
{
    struct agent *who = agent_at(core->agents, agent);
    if (!link_can(core, who->source, CAP_SET_AGENT)) return;
    if (who->not_ready_ref != 0) effect_request_settled(core, who->not_ready_ref);
    struct effect effect = {.kind = KIND_SetAgentState, .link = who->source, .timeout_us = STATE_ANSWER_US};
    who->not_ready_ref = effect_begin(core, &effect);
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, SetAgentState_agent, core_name(core, who->name));
    writer_bytes(writer, SetAgentState_place, core_name(core, who->place));
    writer_bytes(writer, SetAgentState_dn, core_name(core, dn));
    writer_u(writer, SetAgentState_media, medium);
    writer_u(writer, SetAgentState_state, state);
    if (why) {
        kv_clear(&core->scratch);
        kv_put_text(&core->scratch, "reason", span_of(why));
        writer_kv(writer, SetAgentState_reasons, &core->scratch);
    }
    writer_u(writer, SetAgentState_origin, state_origin_core);
    effect_end(core);
    effect_await_agent(core, agent, KIND_SetAgentState, who->not_ready_ref, who->source, STATE_ANSWER_US);
}

void session_put(struct core *core, uint32_t agent, enum agent_state state, const char *why)
{
    struct agent *who = agent_at(core->agents, agent);
    uint32_t dn = agent_dn_for(core->agents, agent, media_voice);
    if (!agent_logged_in(who)) return; /* the agent has logged out meanwhile */
    if (state != agent_state_dnd_on && state != agent_state_dnd_off) forget_after(who);
    turn_into(core, agent, state, why);
    agent_settle(core->agents, agent, core->time_us, false);
    tell_switch(core, agent, dn, media_voice, state, why);
    if (state == agent_state_logged_out) look(core, agent);
}

static void put_medium(struct core *core, uint32_t agent, enum media medium, enum agent_state state, const char *why,
                       bool told)
{
    const struct agent *who = agent_at(core->agents, agent);
    if (!agent_logged_in(who)) return;
    set_medium(core, agent, medium, state, &(struct report){.reason = span_of(why ? why : "")});
    if (told) tell_switch(core, agent, agent_dn_for(core->agents, agent, medium), medium, state, why);
}

void session_unanswered(struct core *core, uint32_t slot)
{
    const struct claim *claim = claim_at(core->claims, slot);
    uint32_t agent = claim->agent;
    enum media medium = (enum media)claim->medium;
    const struct agent *who = agent_at(core->agents, agent);
    if ((who->own >> medium & 1u) == 0)
        session_put(core, agent, agent_state_not_ready, "no_answer");
    else
        put_medium(core, agent, medium, agent_state_not_ready, "no_answer", true);
}

void session_state_answered(struct core *core, uint32_t agent, uint64_t ref)
{
    struct agent *who = agent_at(core->agents, agent);
    if (ref == who->not_ready_ref) {
        effect_request_settled(core, (uint32_t)ref);
        who->not_ready_ref = 0;
    }
}

void session_out(struct core *core, uint32_t agent, uint64_t for_us)
{
    struct agent *who = agent_at(core->agents, agent);
    who->out_until_us = core->time_us + for_us;
    set_timer(core, agent);
    agent_settle(core->agents, agent, core->time_us, false);
}

/* Logs out an agent whose desktop did not come back in time. While the link is held nothing happens: the resync will
 * report the agent and the desktop anew. */
static void timer_fired(struct core *core, const struct timer *timer)
{
    uint32_t agent = timer->data;
    struct agent *who = agent_at(core->agents, agent);
    assert(timer->kind == TIMER_AGENT && who->timer == 0);
    bool late = who->deskless && who->desktop_until_us != 0 && who->desktop_until_us <= core->time_us;
    if (late && !link_held(core, who->source))
        session_put(core, agent, agent_state_logged_out, "desktop_lost");
    else
        agent_settle(core->agents, agent, core->time_us, false);
    set_timer(core, agent);
}

static uint32_t *timer_handle(struct core *core, const struct timer *timer)
{
    return &agent_at(core->agents, timer->data)->timer;
}

static uint64_t timer_number(const struct core *core, const struct timer *timer)
{
    (void)core;
    return timer->data;
}

const struct timer_ops timer_ops_agent = {timer_handle, timer_number, timer_fired};

/* Observed(agent): a resync's report replaces earlier knowledge whatever its times are, since it is the present state.
 */
void session_observed(struct core *core, const struct message *message)
{
    uint32_t name = names_pass(core->names, message_text(message, Observed_agent));
    enum agent_state state = (enum agent_state)message_u(message, Observed_state);
    uint32_t agent;
    if (!agent_find(core->agents, name, &agent)) {
        agent = state <= agent_state_logged_out ? AGENT_NONE : agent_add(core->agents, name);
        if (agent == AGENT_NONE) return;
    }
    enum media medium = (enum media)message_u(message, Observed_media);
    struct told_at at = {names_pass(core->names, message_text(message, Observed_dn)),
                         names_pass(core->names, message_text(message, Observed_place)),
                         (unsigned)message_u(message, ENVELOPE_source)};
    if (!is_main(medium)) {
        if (!is_of_medium(state) || !medium_at(core, agent, medium, state, &at)) return;
        set_medium(core, agent, medium, state, &no_reason);
        return;
    }
    agent_at(core->agents, agent)->switch_since_us = message_i(message, Observed_since);
    apply_state(core, agent, state, at.dn, at.place, at.source, &no_reason);
    is_seen(core, agent, at.dn);
    bool there = message_u(message, Observed_up) != 0;
    int64_t grace_us = message_i(message, Observed_desktop_grace);
    if (there || grace_us > 0) desktop_is(core, agent, there, there ? 0 : (uint64_t)grace_us);
}

void session_resync_began(struct core *core, unsigned source)
{
    for (uint32_t at = 0; at < core->agents->count; at++)
        if (core->agents->all[at].source == source) core->agents->all[at].seen = false;
    for (uint32_t at = 0; at < core->agents->lines.count; at++)
        if (core->agents->lines.all[at].source == source) core->agents->lines.all[at].seen = false;
}

/* The core knew otherwise. */
static void corrected(struct core *core, uint32_t agent, enum agent_state was, enum agent_state state)
{
    core_tell(core, &(struct fact){.what = FACT_agent_corrected,
                                   .value = (uint16_t)state,
                                   .name = agent_at(core->agents, agent)->name,
                                   .was = (uint16_t)was});
}

/* The state of the medium, as a report names it. */
static enum agent_state state_of(const struct agent *who, enum media medium)
{
    if (is_main(medium) || (who->own >> medium & 1u) == 0) return (enum agent_state)who->state;
    if ((who->own_ready >> medium & 1u) != 0) return agent_state_ready;
    return (who->wrap >> medium & 1u) != 0 ? agent_state_after_call_work : agent_state_not_ready;
}

enum leaving { LEFT_LOST, LEFT_RESYNC, LEFT_AUDIT };

/* Agents leave the DNs that the link does not report any more, or of which nothing is known any more; but none its only
 * one. The main DNs come last: only those are left who are at one of another link. */
static void leave_lines(struct core *core, unsigned source, enum leaving why)
{
    for (unsigned round = 0; round < 2; round++)
        for (uint32_t at = 0; at < core->agents->lines.count; at++) {
            const struct line line = core->agents->lines.all[at];
            if (line.dn == 0 || line.source != source || (why != LEFT_LOST && line.seen)) continue;
            const struct agent *who = agent_at(core->agents, line.agent);
            if ((who->lines == at) != (round == 1) || (why == LEFT_AUDIT && who->not_ready_ref != 0)) continue;
            enum agent_state was = state_of(who, (enum media)line.medium);
            if (leaves_one(core, line.agent, line.dn) && why == LEFT_AUDIT)
                corrected(core, line.agent, was, agent_state_logged_out);
        }
}

/* True: the core knows what the message says. */
static bool is_known(const struct core *core, uint32_t agent, uint32_t dn, const struct message *message)
{
    const struct agent *who = agent_at(core->agents, agent);
    enum media medium = (enum media)message_u(message, Observed_media);
    if (state_of(who, medium) != message_u(message, Observed_state)) return false;
    return dn == agent_dn(core->agents, agent) || is_there(core, agent, dn, media_none);
}

void session_audited(struct core *core, const struct message *message)
{
    uint32_t agent, dn = names_find(core->names, message_text(message, Observed_dn));
    enum agent_state state = (enum agent_state)message_u(message, Observed_state);
    enum media medium = (enum media)message_u(message, Observed_media);
    if (agent_find(core->agents, names_find(core->names, message_text(message, Observed_agent)), &agent)) {
        struct agent *who = agent_at(core->agents, agent);
        bool here = link_there(core, agent, dn) == message_u(message, ENVELOPE_source);
        if (here) is_seen(core, agent, dn);
        if (here && is_known(core, agent, dn, message)) return;
        if (here && who->not_ready_ref != 0) return; /* the switch has yet to hear what the core asked for */
        if (!here && is_main(medium) && message_i(message, Observed_since) < who->switch_since_us) {
            tell_odd(core, agent, FACT_agent_late);
            return;
        }
        corrected(core, agent, state_of(who, medium), state);
    }
    session_observed(core, message);
}

/* Has the link, whose resync ends, reported the agent nowhere? */
static bool is_missing(const struct core *core, const struct agent *who, unsigned source)
{
    return who->source == source && !(who->lines != LINE_NONE ? line_at(core->agents, who->lines)->seen : who->seen);
}

void session_resync_ended(struct core *core, unsigned source, bool audit)
{
    leave_lines(core, source, audit ? LEFT_AUDIT : LEFT_RESYNC);
    for (uint32_t at = 0; at < core->agents->count; at++) {
        struct agent *who = &core->agents->all[at];
        if (!is_missing(core, who, source)) continue;
        if (audit && who->not_ready_ref != 0) continue;
        agent_forget_login(core->agents, at); /* also if the agent's state is unknown, since that login is over */
        if (!agent_logged_in(who)) continue;
        if (audit) corrected(core, at, (enum agent_state)who->state, agent_state_logged_out);
        set_state(core, at, agent_state_logged_out, &no_reason);
        is_nowhere(core, at);
        agent_settle(core->agents, at, core->time_us, false);
        look(core, at);
    }
}

void session_hold(struct core *core, unsigned source, bool held)
{
    for (uint32_t at = 0; at < core->agents->count; at++)
        if (core->agents->all[at].source == source) core->agents->all[at].held = held;
    agents_settle(core->agents, core->time_us);
}

void session_lost(struct core *core, unsigned source)
{
    leave_lines(core, source, LEFT_LOST);
    for (uint32_t at = 0; at < core->agents->count; at++) {
        struct agent *who = &core->agents->all[at];
        if (who->source != source || !agent_logged_in(who)) continue;
        set_state(core, at, agent_state_unknown, &no_reason);
        agent_settle(core->agents, at, core->time_us, false);
        look(core, at);
    }
}

static struct fact fact_of(const struct core *core, uint32_t slot, enum fact_name what, unsigned value)
{
    const struct claim *claim = claim_at(core->claims, slot);
    struct fact fact = {
        .what = (uint16_t)what,
        .value = (uint16_t)value,
        .name = agent_at(core->agents, claim->agent)->name,
        .ixn = interaction_at(core, claim->interaction)->id,
    };
    fact.claim = claim->id;
    fact.took_us = 0;
    fact.whose = claim->agent;
    fact.vq = claim->vq;
    return fact;
}

void session_tell_claim(struct core *core, uint32_t claim, enum fact_name what, unsigned value)
{
    struct fact fact = fact_of(core, claim, what, value);
    core_tell(core, &fact);
}

uint32_t session_claim(struct core *core, uint32_t agent, struct interaction *ix, uint64_t deadline_us)
{
    struct agent *who = agent_at(core->agents, agent);
    assert(ix->state != IX_FREE && !interaction_has_ended(ix));
    enum media medium = core->media[ix->media]->capacity(ix);
    if (who->claimed == UINT16_MAX) return CLAIM_NONE;
    uint32_t claim = claim_make(core->claims, agent, &who->claims, who->load, medium, ix->slot, &ix->claims);
    if (claim == CLAIM_NONE) return CLAIM_NONE;
    agent_set_claimed(core->agents, agent, (uint16_t)(who->claimed + 1));
    claim_at(core->claims, claim)->made_us = core->time_us;
    session_tell_claim(core, claim, FACT_claimed, CLAIM_RESERVED);
    agent_settle(core->agents, agent, core->time_us, false);
    if (who->listed) agent_settle(core->agents, agent, core->time_us, true); /* it can take more, after the others */
    session_claim_deadline(core, claim, deadline_us);
    return claim;
}

void session_answered(struct core *core, uint32_t slot)
{
    struct claim *claim = claim_at(core->claims, slot);
    session_claim_deadline(core, slot, 0);
    if (claim->state == CLAIM_ACTIVE) return;
    claim->state = CLAIM_ACTIVE;
    claim->answered_us = core->time_us;
    struct fact fact = fact_of(core, slot, FACT_offer_answered, CLAIM_ACTIVE);
    fact.took_us = core->time_us - claim->made_us;
    core_tell(core, &fact);
}

static void tell_over(struct core *core, uint32_t slot)
{
    const struct claim *claim = claim_at(core->claims, slot);
    if (claim->state == CLAIM_ACTIVE) {
        struct fact fact = fact_of(core, slot, FACT_served, CLAIM_ACTIVE);
        fact.took_us = core->time_us - claim->answered_us;
        core_tell(core, &fact);
    }
    session_tell_claim(core, slot, FACT_claim_over, claim->state);
}

void session_claim_deadline(struct core *core, uint32_t claim, uint64_t deadline_us)
{
    struct claim *made = claim_at(core->claims, claim);
    timer_cancel(core->timers, &made->timer);
    if (deadline_us == 0) return;
    timer_set(core->timers,
              &(struct timer){.deadline_us = core->time_us + deadline_us, .kind = TIMER_CLAIM, .data = claim});
}

void session_release(struct core *core, uint32_t claim, bool served)
{
    struct claim *made = claim_at(core->claims, claim);
    uint32_t agent = made->agent;
    struct agent *who = agent_at(core->agents, agent);
    struct interaction *ix = interaction_at(core, made->interaction);
    enum media medium = (enum media)made->medium;
    assert(who->claimed > 0 && core->agents->claimed > 0);
    assert(ix->state != IX_FREE && !interaction_has_ended(ix));
    tell_over(core, claim);
    parts_claim_ends(core, claim); /* first: the parts still need the claim's row */
    timer_cancel(core->timers, &made->timer);
    claim_end(core->claims, claim, &who->claims, who->load, &ix->claims);
    if (who->ixn == ix->id) who->ixn = 0;
    agent_set_claimed(core->agents, agent, (uint16_t)(who->claimed - 1));
    afterwards(core, agent, medium);
    afterwards(core, agent, media_none);
    places_agent_capacity(core, agent); /* a tighter rule may have waited for this end */
    agent_settle(core->agents, agent, core->time_us, served);
}

static void claim_fired(struct core *core, const struct timer *timer)
{
    struct claim *claim = claim_at(core->claims, timer->data);
    assert(timer->kind == TIMER_CLAIM && claim->timer == 0);
    if (link_held_for(core, interaction_at(core, claim->interaction)))
        timer_freeze(core->timers, timer); /* the resync will tell what became of the call */
    else if (!parts_claim_lapsed(core, timer->data))
        session_release(core, timer->data, false);
}

static uint32_t *claim_handle(struct core *core, const struct timer *timer)
{
    return &claim_at(core->claims, timer->data)->timer;
}

static uint64_t claim_number(const struct core *core, const struct timer *timer)
{
    return claim_at(core->claims, timer->data)->id & ((UINT64_C(1) << 48) - 1);
}

const struct timer_ops timer_ops_claim = {claim_handle, claim_number, claim_fired};

uint32_t session_claim_of(const struct core *core, const struct interaction *ix, uint32_t agent)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        if (core->claims->all[at].agent == agent) return at;
    return CLAIM_NONE;
}
