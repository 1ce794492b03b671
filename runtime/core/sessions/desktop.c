/* runtime/core/sessions/desktop.c - Desktops and DNs of agents come and go; the time after which an agent can be chosen
 * again. */
#include "runtime/core/sessions/desktop.h"

#include <assert.h>

#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/sessions/status.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"

/* Sets the agent's timer to the earliest time at which something ends at one of its lines: the time after a failed
 * destination, or the wait for the desktop. */
static void set_timer(struct core *core, uint32_t agent)
{
    struct agent *who = agent_at(core->agents, agent);
    uint64_t due_us = UINT64_MAX;
    for (uint32_t at = who->lines; at != LINE_NONE; at = line_at(core->agents, at)->next) {
        const struct line *line = line_at(core->agents, at);
        if (line->deskless && line->desktop_until_us > core->now->time_us && line->desktop_until_us < due_us)
            due_us = line->desktop_until_us;
        if (line->failed_until_us != 0 && line->failed_until_us < due_us) due_us = line->failed_until_us;
    }
    timer_cancel(core->timers, &who->timer);
    if (due_us != UINT64_MAX)
        timer_set(core->timers, &(struct timer){.deadline_us = due_us, .kind = TIMER_AGENT, .data = agent});
}

void session_dn(struct core *core, unsigned source, struct span dn, unsigned state)
{
    uint32_t line = line_on(core->agents, source, names_find(core->names, dn));
    if (line == LINE_NONE) return;
    uint32_t agent = line_at(core->agents, line)->agent;
    line_out(core->agents, line, state != dn_state_in);
    if (state == dn_state_in) {
        line_failed(core->agents, line, 0);
        set_timer(core, agent);
    }
    agent_settle(core->agents, agent, core->now->time_us, false);
    if (state != dn_state_in) status_look(core, agent);
}

void session_on_dn(struct core *core, const struct message *message)
{
    session_dn(core, (unsigned)message_u(message, ENVELOPE_source), message_text(message, EventDN_dn),
               (unsigned)message_u(message, EventDN_state));
}

/* Sets what the agent's lines of that link have. `ever`: the agent is one who works with a desktop. `until_us`: it is
 * awaited until then; 0: until the link says more. */
static void lines_desktop(struct core *core, uint32_t agent, unsigned source, bool ever, bool there, uint64_t until_us)
{
    for (uint32_t at = agent_at(core->agents, agent)->lines; at != LINE_NONE; at = line_at(core->agents, at)->next) {
        if (line_at(core->agents, at)->source != source) continue;
        bool had = line_at(core->agents, at)->desktop || there || ever;
        line_desktop(core->agents, at, had, had && !there, had && !there ? until_us : 0);
    }
    set_timer(core, agent);
    agent_settle(core->agents, agent, core->now->time_us, false);
}

void desktop_is(struct core *core, uint32_t agent, unsigned source, bool there, uint64_t grace_us)
{
    if (agent_logged_in(agent_at(core->agents, agent)))
        lines_desktop(core, agent, source, false, there, grace_us != 0 ? core->now->time_us + grace_us : 0);
}

void session_unreached(struct core *core, uint32_t claim)
{
    const struct claim *asked = claim_at(core->claims, claim);
    if (link_is_desk(core->links, asked->link)) lines_desktop(core, asked->agent, asked->link, true, false, 0);
}

void session_desktops_asked(struct core *core, unsigned desk)
{
    for (uint32_t at = 0; at < core->agents->count; at++) desktop_is(core, at, desk, false, 0);
}

/* No grace here: the T-Server that lost the desktop logs the agent out after its own grace. */
void session_on_client(struct core *core, const struct message *message)
{
    uint32_t agent, name = names_find(core->names, message_text(message, EventClient_agent));
    if (agent_find(core->agents, name, &agent))
        desktop_is(core, agent, (unsigned)message_u(message, ENVELOPE_source), message_u(message, EventClient_up) != 0,
                   0);
}

void session_out(struct core *core, uint32_t claim, uint64_t for_us)
{
    const struct claim *over = claim_at(core->claims, claim);
    uint32_t agent = over->agent;
    enum media medium = (enum media)over->medium;
    const struct line *line = NULL; /* a call has rung at the telephone of its own link */
    if (medium == media_voice)
        line = agent_line_of(core->agents, agent, medium, interaction_at(core->interactions, over->interaction)->link);
    if (!line) line = agent_line_for(core->agents, agent, medium);
    if (!line) return; /* it has logged out meanwhile */
    line_failed(core->agents, line_on(core->agents, line->source, line->dn), core->now->time_us + for_us);
    set_timer(core, agent);
    agent_settle(core->agents, agent, core->now->time_us, false);
}

/* The line of a desktop that did not come back in time. While its link is held nothing happens: the resync will report
 * the agent and the desktop anew. LINE_NONE: there is none. */
static uint32_t late_line(const struct core *core, uint32_t agent)
{
    uint32_t at = agent_at(core->agents, agent)->lines;
    for (; at != LINE_NONE; at = line_at(core->agents, at)->next) {
        const struct line *line = line_at(core->agents, at);
        bool late = line->deskless && line->desktop_until_us != 0 && line->desktop_until_us <= core->now->time_us;
        if (late && !link_held(core->links, line->source)) break;
    }
    return at;
}

/* Opens the lines where a destination failed long enough ago. */
static void reopen_lines(struct core *core, uint32_t agent)
{
    for (uint32_t at = agent_at(core->agents, agent)->lines; at != LINE_NONE; at = line_at(core->agents, at)->next)
        if (line_at(core->agents, at)->failed_until_us <= core->now->time_us) line_failed(core->agents, at, 0);
}

/* Opens lines again, and logs the agent out at the links of desktops that did not come back in time. */
static void timer_fired(void *self, const struct timer *timer)
{
    struct core *core = self;
    uint32_t agent = timer->data;
    assert(timer->kind == TIMER_AGENT && agent_at(core->agents, agent)->timer == 0);
    reopen_lines(core, agent);
    for (uint32_t line; (line = late_line(core, agent)) != LINE_NONE;) status_leave(core, agent, line, "desktop_lost");
    agent_settle(core->agents, agent, core->now->time_us, false);
    set_timer(core, agent);
}

static uint32_t *timer_handle(void *self, const struct timer *timer)
{
    struct core *core = self;
    return &agent_at(core->agents, timer->data)->timer;
}

static uint64_t timer_number(const void *self, const struct timer *timer)
{
    (void)self;
    return timer->data;
}

const struct timer_ops timer_ops_agent = {timer_handle, timer_number, timer_fired};
