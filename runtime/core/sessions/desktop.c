/* runtime/core/sessions/desktop.c - Desktops and DNs of agents that come and go, and when an agent can be chosen
 * again whose destination failed or whom a strategy has blocked.
 *
 * One timer per agent serves three purposes: the end of a block, the end of the pause after a failed destination, and
 * the end of the wait for a desktop. The agent's timer is set to the earliest of these times, anew after each
 * change. */
#include "runtime/core/sessions/desktop.h"

#include <assert.h>

#include "runtime/core/base/now.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/login.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/sessions/status.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"

/* Sets the agent's timer to the earliest time at which the agent is no longer blocked, or something ends at one of
 * the agent's lines: the pause after a failed destination, or the wait for the desktop. */
static void desktop_set_timer(struct sessions *sessions, uint32_t agent)
{
    struct agent *who = agent_at(sessions->agents, agent);
    uint64_t due_us = who->blocked_until_us != 0 ? who->blocked_until_us : UINT64_MAX;
    for (uint32_t at = who->lines; at != LINE_NONE; at = line_at(sessions->agents, at)->next) {
        const struct line *line = line_at(sessions->agents, at);
        if (line->deskless && line->desktop_until_us > sessions->now->time_us && line->desktop_until_us < due_us)
            due_us = line->desktop_until_us;
        if (line->failed_until_us != 0 && line->failed_until_us < due_us) due_us = line->failed_until_us;
    }
    timer_cancel(sessions->timers, &who->timer);
    if (due_us != UINT64_MAX)
        timer_set(sessions->timers, &(struct timer){.deadline_us = due_us, .kind = TIMER_AGENT, .data = agent});
}

/* Notes whether the DN is in service; when it is in service again its failures are forgotten. */
void session_dn(struct sessions *sessions, unsigned source, struct span dn, unsigned state)
{
    uint32_t line = line_on(sessions->agents, source, names_find(sessions->names, dn));
    if (line == LINE_NONE) return;
    uint32_t agent = line_at(sessions->agents, line)->agent;
    line_out(sessions->agents, line, state != dn_state_in);
    if (state == dn_state_in) {
        line_works(sessions->agents, line);
        desktop_set_timer(sessions, agent);
    }
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    if (state != dn_state_in) status_look(sessions, agent);
}

void session_on_dn(struct sessions *sessions, const struct message *message)
{
    session_dn(sessions, (unsigned)message_u(message, ENVELOPE_source), message_text(message, EventDN_dn),
               (unsigned)message_u(message, EventDN_state));
}

/* Sets the state of the desktop in the agent's lines of the given link. `ever`: the agent works with a desktop.
 * `until_us`: the core waits for the desktop until then; 0: until the link reports more. */
static void lines_desktop(struct sessions *sessions, uint32_t agent, unsigned source, bool ever, bool there,
                          uint64_t until_us)
{
    for (uint32_t at = agent_at(sessions->agents, agent)->lines; at != LINE_NONE;
         at = line_at(sessions->agents, at)->next) {
        if (line_at(sessions->agents, at)->source != source) continue;
        bool had = line_at(sessions->agents, at)->desktop || there || ever;
        line_desktop(sessions->agents, at, had, had && !there, had && !there ? until_us : 0);
    }
    desktop_set_timer(sessions, agent);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    parts_agent_told(sessions->rows, agent);
}

/* A desktop comes or goes; `grace_us` 0 means that the link itself will report when the agent must be logged out. */
void desktop_is(struct sessions *sessions, uint32_t agent, unsigned source, bool there, uint64_t grace_us)
{
    if (agent_logged_in(agent_at(sessions->agents, agent)))
        lines_desktop(sessions, agent, source, false, there, grace_us != 0 ? sessions->now->time_us + grace_us : 0);
}

/* The agent's desk did not show an offer: the desktop counts as away until the desk says otherwise. */
void session_unreached(struct sessions *sessions, uint32_t claim)
{
    const struct claim *asked = claim_at(sessions->claims, claim);
    if (link_is_desk(sessions->links, asked->link)) lines_desktop(sessions, asked->agent, asked->link, true, false, 0);
}

/* Notes whether the agent's page at that desk is there. The page is also the desktop for those of the agent's lines at
 * other links that serve one of the media: without the page nothing is given to these lines. `there`: the page is back
 * for all lines that lacked this page. */
static void page_is(struct sessions *sessions, uint32_t agent, unsigned desk, struct media_set media, bool there)
{
    bool any = false;
    for (uint32_t at = agent_at(sessions->agents, agent)->lines; at != LINE_NONE;
         at = line_at(sessions->agents, at)->next) {
        const struct line *line = line_at(sessions->agents, at);
        bool its = there ? line->pageless == desk
                         : line->source != desk && !media_set_is_empty(media_set_and(line->media, media));
        if (!its) continue;
        line_page(sessions->agents, at, there ? 0 : (uint16_t)desk);
        any = true;
    }
    if (!any) return;
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    parts_agent_told(sessions->rows, agent);
}

void session_pages_forgotten(struct sessions *sessions, unsigned desk)
{
    for (uint32_t at = 0; at < sessions->agents->count; at++)
        page_is(sessions, at, desk, (struct media_set){{0}}, true);
}

void session_desktops_asked(struct sessions *sessions, unsigned desk)
{
    for (uint32_t at = 0; at < sessions->agents->count; at++) desktop_is(sessions, at, desk, false, 0);
    session_pages_forgotten(sessions, desk);
}

/* Takes an EventClient. No grace time is needed here: the T-Server that lost the desktop logs the agent out after
 * its own grace time. */
void session_on_client(struct sessions *sessions, const struct message *message)
{
    uint32_t agent, name = names_find(sessions->names, message_text(message, EventClient_agent));
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    bool up = message_u(message, EventClient_up) != 0;
    if (!agent_find(sessions->agents, name, &agent)) return;
    desktop_is(sessions, agent, source, up, 0);
    if (link_is_desk(sessions->links, source))
        page_is(sessions, agent, source, media_listed(message_text(message, EventClient_media)), up);
}

static bool line_has_failed(const struct line *line)
{
    return line->failed_until_us != 0 || line->failed_for_us != 0;
}

/* The agent was reached: all earlier failures of the agent's lines are forgotten. */
void session_works(struct sessions *sessions, uint32_t agent)
{
    bool any = false;
    for (uint32_t at = agent_at(sessions->agents, agent)->lines; at != LINE_NONE;
         at = line_at(sessions->agents, at)->next) {
        if (!line_has_failed(line_at(sessions->agents, at))) continue;
        line_works(sessions->agents, at);
        any = true;
    }
    if (!any) return;
    desktop_set_timer(sessions, agent);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
}

void session_works_at(struct sessions *sessions, unsigned source, struct span dn)
{
    uint32_t line = line_on(sessions->agents, source, names_find(sessions->names, dn));
    if (line == LINE_NONE || !line_has_failed(line_at(sessions->agents, line))) return;
    uint32_t agent = line_at(sessions->agents, line)->agent;
    line_works(sessions->agents, line);
    desktop_set_timer(sessions, agent);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
}

/* Closes the line for a while; the pause grows with each failure in a row. */
void session_out(struct sessions *sessions, uint32_t claim, uint64_t least_us, uint64_t most_us)
{
    const struct claim *over = claim_at(sessions->claims, claim);
    uint32_t agent = over->agent;
    enum media medium = (enum media)over->medium;
    /* a call has rung at the agent's line of the call's own link; any other medium was offered at the agent's line for
     * it */
    const struct line *line = NULL;
    if (medium == media_voice)
        line = line_of_agent(sessions->agents, agent, medium,
                             interaction_at(sessions->interactions, over->interaction)->link);
    if (!line) line = line_for_agent(sessions->agents, agent, medium);
    if (!line) return; /* the agent has logged out meanwhile */
    line_failed(sessions->agents, line_on(sessions->agents, line->source, line->dn), sessions->now->time_us, least_us,
                most_us);
    desktop_set_timer(sessions, agent);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
}

void session_block(struct sessions *sessions, uint32_t agent, uint64_t for_us)
{
    agent_set_blocked(sessions->agents, agent, for_us != 0 ? sessions->now->time_us + for_us : 0);
    desktop_set_timer(sessions, agent);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
}

/* Returns a line whose desktop did not come back in time. While the line's link is held, no line is returned: the
 * resync will report the agent and the desktop anew. LINE_NONE: there is none. */
static uint32_t late_line(const struct sessions *sessions, uint32_t agent)
{
    uint32_t at = agent_at(sessions->agents, agent)->lines;
    for (; at != LINE_NONE; at = line_at(sessions->agents, at)->next) {
        const struct line *line = line_at(sessions->agents, at);
        bool late = line->deskless && line->desktop_until_us != 0 && line->desktop_until_us <= sessions->now->time_us;
        if (late && !link_held(sessions->links, line->source)) break;
    }
    return at;
}

/* Opens the lines again whose pause after a failed destination is over. */
static void reopen_lines(struct sessions *sessions, uint32_t agent)
{
    for (uint32_t at = agent_at(sessions->agents, agent)->lines; at != LINE_NONE;
         at = line_at(sessions->agents, at)->next)
        if (line_at(sessions->agents, at)->failed_until_us != 0 &&
            line_at(sessions->agents, at)->failed_until_us <= sessions->now->time_us)
            line_reopens(sessions->agents, at);
}

/* The agent's timer has fired: ends the block, opens lines again, and logs the agent out at the links whose desktops
 * did not come back in time. */
static void desktop_timer_fired(void *self, const struct timer *timer)
{
    struct sessions *sessions = self;
    uint32_t agent = timer->data;
    assert(timer->kind == TIMER_AGENT && agent_at(sessions->agents, agent)->timer == 0);
    if (agent_at(sessions->agents, agent)->blocked_until_us <= sessions->now->time_us)
        agent_set_blocked(sessions->agents, agent, 0);
    reopen_lines(sessions, agent);
    for (uint32_t line; (line = late_line(sessions, agent)) != LINE_NONE;)
        login_put_out(sessions, agent, line, "desktop_lost");
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    desktop_set_timer(sessions, agent);
}

static uint32_t *desktop_timer_handle(void *self, const struct timer *timer)
{
    struct sessions *sessions = self;
    return &agent_at(sessions->agents, timer->data)->timer;
}

static uint64_t desktop_timer_number(const void *self, const struct timer *timer)
{
    (void)self;
    return timer->data;
}

const struct timer_ops timer_ops_agent = {
    .handle = desktop_timer_handle, .number = desktop_timer_number, .fired = desktop_timer_fired};
