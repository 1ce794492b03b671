/* runtime/core/sessions/login.c - Logs agents in and out at DNs.
 *
 * A login means that an agent works at a DN of a link, for some media. Lines (line.h) are the rows of logins. An agent
 * may have several logins at once: telephones at one place, and DNs that roam, such as those of a desk. A report of a
 * DN at another place means that the agent has moved, unless login_is_one_more() says that the agent may be at both. */
#include "runtime/core/sessions/login.h"

#include "runtime/core/base/now.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/report.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/sessions/status.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"

bool login_is_there(const struct agents *agents, uint32_t agent, unsigned source, uint32_t dn, enum media medium)
{
    uint32_t at = line_on(agents, source, dn);
    if (at == LINE_NONE || line_at(agents, at)->agent != agent) return false;
    return medium == media_none || has_medium(line_at(agents, at)->media, medium);
}

bool login_is_of(const struct agents *agents, uint32_t agent, unsigned source, uint32_t dn)
{
    return login_is_there(agents, agent, source, dn, media_none) || agent_at(agents, agent)->source == source;
}

void login_seen(struct agents *agents, uint32_t agent, unsigned source, uint32_t dn)
{
    if (dn == 0) dn = line_agent_dn(agents, agent);
    agent_at(agents, agent)->seen = true;
    if (login_is_there(agents, agent, source, dn, media_none))
        line_at(agents, line_on(agents, source, dn))->seen = true;
}

/* Returns the place of the DN, as its link reports it or the directory has it; 0: none. */
static uint32_t login_place(const struct directory *directory, uint32_t dn, uint32_t told)
{
    return told != 0 && told != dn ? told : places_of_dn(&directory->places, dn);
}

/* True: the DN belongs to no place: it is no telephone, and the directory has no place for it; or it is at a desk. */
static bool login_roams(const struct sessions *sessions, uint32_t dn, enum media medium, unsigned source)
{
    if (status_is_main(medium)) return false;
    return places_of_dn(&sessions->directory->places, dn) == 0 || link_is_desk(sessions->links, source);
}

static bool all_roam(const struct agents *agents, uint32_t agent)
{
    uint32_t at = agent_at(agents, agent)->lines;
    while (at != LINE_NONE && line_at(agents, at)->roams) at = line_at(agents, at)->next;
    return at == LINE_NONE;
}

/* True: the DN is a further one for the agent. False also if it is already the agent's main DN. */
bool login_is_one_more(const struct sessions *sessions, uint32_t agent, enum media medium, const struct told_at *at)
{
    const struct agent *who = agent_at(sessions->agents, agent);
    if (at->dn == 0 || who->lines == LINE_NONE || !agent_logged_in(who)) return false;
    if (line_on(sessions->agents, at->source, at->dn) == who->lines) return false;
    if (login_roams(sessions, at->dn, medium, at->source) || all_roam(sessions->agents, agent)) return true;
    uint32_t place = login_place(sessions->directory, at->dn, at->place);
    /* If the site has no places, all telephones of one switch count as one place. */
    return place == who->place && (place != 0 || at->source == who->source);
}

/* Holds the lines of the agent as their links are held. `others`: the agent's links have changed, so the agent may
 * be asked now what could not be asked before; an agent who is not in the ready list is considered when ready. */
static void look_at_links(struct sessions *sessions, uint32_t agent, bool others)
{
    const struct agent *who = agent_at(sessions->agents, agent);
    for (uint32_t at = who->lines; at != LINE_NONE; at = line_at(sessions->agents, at)->next) {
        unsigned source = line_at(sessions->agents, at)->source;
        line_link(sessions->agents, at, link_held(sessions->links, source), link_serves(sessions->links, source));
    }
    if (others && who->listed) agent_dirty(sessions->agents, agent);
}

/* Sets the agent's main DN. A session at another link is a new login, so states of the old one are forgotten. */
void login_at(struct sessions *sessions, uint32_t agent, uint32_t dn, unsigned source)
{
    struct agent *who = agent_at(sessions->agents, agent);
    bool elsewhere = who->source != source;
    agent_set_dn(sessions->agents, agent, dn, source, link_serves(sessions->links, source));
    bool several = who->lines != LINE_NONE && line_at(sessions->agents, who->lines)->next != LINE_NONE;
    if (elsewhere && !several)
        agent_forget_login(sessions->agents, agent); /* a session at the new link is a new login */
    look_at_links(sessions, agent, elsewhere);
}

/* Logs the agent out of the media that none of the agent's lines serve any more. */
static void leaves_media(struct sessions *sessions, uint32_t agent, struct media_set media)
{
    EACH_MEDIUM(medium, media)
    {
        if (line_exists_for_agent(sessions->agents, agent, (enum media)medium)) continue;
        if (status_is_main((enum media)medium) && agent_noted(agent_at(sessions->agents, agent), media_none).by != 0)
            agent_note_setter(agent_at(sessions->agents, agent), media_none, 0, (struct span){NULL, 0});
        if (status_is_main((enum media)medium))
            status_set(sessions, agent, agent_state_not_ready, &status_no_reason); /* the agent has no line for voice
                                                                                    * any more */
        else
            status_set_medium(sessions, agent, (enum media)medium, agent_state_logged_out, &status_no_reason);
    }
    if (agent_at(sessions->agents, agent)->listed) agent_dirty(sessions->agents, agent);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    status_look(sessions, agent);
}

/* Ends one of several logins. False: the agent is not there, or has no other DN. The caller then ends the whole
 * login. */
bool login_leaves(struct sessions *sessions, uint32_t agent, unsigned source, uint32_t dn)
{
    uint32_t line = line_on(sessions->agents, source, dn);
    if (!login_is_there(sessions->agents, agent, source, dn, media_none)) return false;
    if (line_main_without(sessions->agents, agent, line) == LINE_NONE) return false;
    struct media_set media = line_at(sessions->agents, line)->media;
    line_end(sessions->agents, line);
    leaves_media(sessions, agent, media);
    return true;
}

/* Returns a line of the agent that is of the link, or with `of_link` false one of another link. LINE_NONE: none is. */
static uint32_t line_there(const struct agents *agents, uint32_t agent, unsigned source, bool of_link)
{
    uint32_t at = agent_at(agents, agent)->lines;
    while (at != LINE_NONE && (line_at(agents, at)->source == source) != of_link) at = line_at(agents, at)->next;
    return at;
}

bool login_leaves_link(struct sessions *sessions, uint32_t agent, unsigned source)
{
    if (line_there(sessions->agents, agent, source, false) == LINE_NONE) return false;
    for (uint32_t line; (line = line_there(sessions->agents, agent, source, true)) != LINE_NONE;)
        if (!login_leaves(sessions, agent, source, line_at(sessions->agents, line)->dn)) return false;
    return true;
}

/* Ends the login for one medium; a DN that also serves other media stays without this one. */
bool login_leaves_for(struct sessions *sessions, uint32_t agent, unsigned source, uint32_t dn, enum media medium)
{
    uint32_t line = line_on(sessions->agents, source, dn);
    struct media_set rest = media_set_with(line_at(sessions->agents, line)->media, medium, false);
    if (media_set_is_empty(rest)) return login_leaves(sessions, agent, source, dn);
    line_serves(sessions->agents, line, rest, line_at(sessions->agents, line)->roams);
    leaves_media(sessions, agent, media_set_one(medium));
    return true;
}

/* Logs out another agent who was at the DN: of this DN only, or completely. */
void login_takes(struct sessions *sessions, uint32_t agent, unsigned source, uint32_t dn)
{
    uint32_t other;
    if (!agent_on_dn(sessions->agents, source, dn, &other) || other == agent) return;
    if (login_leaves(sessions, other, source, dn)) return;
    status_set(sessions, other, agent_state_logged_out, &status_no_reason);
    status_logged_out(sessions->agents, other);
    agent_settle(sessions->agents, other, sessions->now->time_us, false);
    status_look(sessions, other);
}

void login_serves(struct sessions *sessions, unsigned source, uint32_t dn, enum media medium, bool only)
{
    uint32_t line = line_on(sessions->agents, source, dn);
    const struct line *at = line_at(sessions->agents, line);
    /* A telephone serves other media only as the main DN, so that a DN for such a medium alone has priority. */
    if (!only && has_medium(at->media, media_voice)) return;
    struct media_set media = only ? (struct media_set){{0}} : at->media;
    media = media_set_with(media, status_is_main(medium) ? media_voice : medium, true);
    line_serves(sessions->agents, line, media, login_roams(sessions, dn, medium, at->source));
}

/* Adds a login. The place is set before the line is added, because a roaming agent is wherever the DN is. */
void login_joins(struct sessions *sessions, uint32_t agent, enum media medium, const struct told_at *at)
{
    uint32_t place = login_place(sessions->directory, at->dn, at->place);
    login_takes(sessions, agent, at->source, at->dn);
    if (place != 0 && (all_roam(sessions->agents, agent) || agent_at(sessions->agents, agent)->place == 0))
        places_agent_at(sessions->directory, agent, at->source, at->dn,
                        at->place); /* before the place is set, the agent counts as being where the DN is */
    bool there = login_is_there(sessions->agents, agent, at->source, at->dn, media_none);
    if (!there)
        (void)line_add(sessions->agents, agent, at->dn, medium, (uint16_t)at->source,
                       link_serves(sessions->links, at->source));
    login_serves(sessions, at->source, at->dn, medium, !there);
    if (status_is_main(medium) && place == 0)
        line_first(sessions->agents, line_on(sessions->agents, at->source, at->dn));
    login_seen(sessions->agents, agent, at->source, at->dn);
    look_at_links(sessions, agent, !there);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    status_look(sessions, agent);
}

void session_put_out(struct sessions *sessions, uint32_t agent, unsigned source, uint32_t dn, const char *why)
{
    uint32_t line = line_on(sessions->agents, source, dn);
    if (line != LINE_NONE && line_at(sessions->agents, line)->agent == agent) login_put_out(sessions, agent, line, why);
}

/* Logs the agent out and tells the switch, because the core and not the switch has ended the login. */
void login_put_out(struct sessions *sessions, uint32_t agent, uint32_t slot, const char *why)
{
    const struct line line = *line_at(sessions->agents, slot);
    if (login_leaves(sessions, agent, line.source, line.dn))
        status_tell_switch(sessions, agent, (struct served_at){line.dn, line.source}, line_medium(&line),
                           agent_state_logged_out, &(struct report){.reason = span_of(why ? why : "")});
    else
        session_put(sessions, agent, agent_state_logged_out, why);
}
