/* runtime/core/sessions/login.c - Logs agents in and out at DNs. */
#include "runtime/core/sessions/login.h"

#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/status.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"

bool login_is_there(const struct core *core, uint32_t agent, uint32_t dn, enum media medium)
{
    uint32_t at = line_on(core->agents, dn);
    if (at == LINE_NONE || line_at(core->agents, at)->agent != agent) return false;
    return medium == media_none || line_at(core->agents, at)->medium == medium;
}

unsigned login_link(const struct core *core, uint32_t agent, uint32_t dn)
{
    if (!login_is_there(core, agent, dn, media_none)) return agent_at(core->agents, agent)->source;
    return line_at(core->agents, line_on(core->agents, dn))->source;
}

void login_seen(struct core *core, uint32_t agent, uint32_t dn)
{
    if (dn == 0) dn = agent_dn(core->agents, agent);
    agent_at(core->agents, agent)->seen = true;
    if (login_is_there(core, agent, dn, media_none)) line_at(core->agents, line_on(core->agents, dn))->seen = true;
}

bool login_is_one_more(const struct core *core, uint32_t agent, uint32_t dn, uint32_t told)
{
    const struct agent *who = agent_at(core->agents, agent);
    uint32_t main = agent_dn(core->agents, agent);
    if (dn == 0 || main == 0 || dn == main || who->place == 0 || !agent_logged_in(who)) return false;
    return (told != 0 && told != dn ? told : places_of_dn(&core->directory->places, dn)) == who->place;
}

/* The agent will be asked through the link `source`: what it was asked through another one ends. */
static void asked_through(struct core *core, uint32_t agent, unsigned source)
{
    struct agent *who = agent_at(core->agents, agent);
    if (who->source == source) return;
    parts_agent_lost(core, agent);
    if (who->listed) agent_dirty(core->agents, agent); /* an agent who is not listed is looked at when it is ready */
}

void login_at(struct core *core, uint32_t agent, uint32_t dn, unsigned source)
{
    struct agent *who = agent_at(core->agents, agent);
    bool elsewhere = who->source != source;
    asked_through(core, agent, source);
    agent_set_dn(core->agents, agent, dn, source);
    bool several = who->lines != LINE_NONE && line_at(core->agents, who->lines)->next != LINE_NONE;
    if (elsewhere && !several) agent_forget_login(core->agents, agent); /* the new link's session is another login */
}

void login_ends(struct core *core, uint32_t agent)
{
    agent_set_dn(core->agents, agent, 0, agent_at(core->agents, agent)->source);
}

/* Is the agent logged in anywhere for that medium? */
static bool has_line(const struct core *core, uint32_t agent, enum media medium)
{
    uint32_t at = agent_at(core->agents, agent)->lines;
    while (at != LINE_NONE && line_at(core->agents, at)->medium != medium) at = line_at(core->agents, at)->next;
    return at != LINE_NONE;
}

bool login_leaves(struct core *core, uint32_t agent, uint32_t dn)
{
    struct agent *who = agent_at(core->agents, agent);
    uint32_t line = line_on(core->agents, dn);
    if (!login_is_there(core, agent, dn, media_none)) return false;
    uint32_t main = line_main_without(core->agents, agent, line);
    if (main == LINE_NONE) return false;
    enum media medium = (enum media)line_at(core->agents, line)->medium;
    asked_through(core, agent, line_at(core->agents, main)->source);
    if (!login_is_there(core, agent, dn, media_none))
        return true; /* with what it was asked a wait to log out has ended */
    line_end(core->agents, line);
    who->held = link_held(core, who->source);
    if (!has_line(core, agent, medium)) {
        if (status_is_main(medium))
            status_set(core, agent, agent_state_not_ready, &status_no_reason); /* nothing of voice is left */
        else
            status_set_medium(core, agent, medium, agent_state_logged_out, &status_no_reason);
    }
    agent_settle(core->agents, agent, core->time_us, false);
    status_look(core, agent);
    return true;
}

void login_takes(struct core *core, uint32_t agent, uint32_t dn)
{
    uint32_t other;
    if (!agent_on_dn(core->agents, dn, &other) || other == agent || login_leaves(core, other, dn)) return;
    status_set(core, other, agent_state_logged_out, &status_no_reason);
    login_ends(core, other);
    agent_settle(core->agents, other, core->time_us, false);
    status_look(core, other);
}

void login_joins(struct core *core, uint32_t agent, uint32_t dn, enum media medium, unsigned source)
{
    login_takes(core, agent, dn);
    if (status_is_main(medium) && !has_line(core, agent, media_voice)) asked_through(core, agent, source);
    if (login_is_there(core, agent, dn, media_none))
        line_is_of(core->agents, line_on(core->agents, dn), (uint16_t)source);
    else
        line_add(core->agents, agent, dn, medium, (uint16_t)source);
    login_seen(core, agent, dn);
}
