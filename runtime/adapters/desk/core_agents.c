/* runtime/adapters/desk/core_agents.c - Reports agents to the core: whether their page is connected, and their
 * states.
 *
 *     page comes, goes         core_client()    ------------->  EventClient
 *     agent asks for a state   core_state()     ------------->  RequestAgentState
 *                              state_done()     <-------------  Reply; the agent's page is told
 *     core begins anew         desk_observe()   ------------->  Observed, one for each state
 *
 * An agent has a state for each medium ("chat": "ready"). For each medium the agent's number is the medium's word
 * and the agent's name: "chat.ann". `states` and `reasons` change only after the core has agreed, so a page never
 * shows a state that the core refuses. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/media.h"

/* Tells the core that the agent's page has come or gone. Without a page the core offers the agent nothing, not even
 * calls at a telephone that is used from the page. */
void core_client(struct desk_agent *agent, bool up)
{
    struct writer *writer = desk_core_begin(agent->desk, KIND_EventClient);
    writer_u(writer, ENVELOPE_client, agent->client);
    writer_text(writer, ENVELOPE_actor, agent->name);
    writer_u(writer, EventClient_up, up);
    writer_text(writer, EventClient_agent, agent->name);
    writer_text(writer, EventClient_place, agent->place);
    writer_list_begin(writer, EventClient_media);
    if (phone_is_there(agent)) writer_list_u(writer, media_voice);
    writer_list_end(writer);
    desk_core_post(agent->desk);
}

static void dn_of(const struct desk_agent *agent, enum media media, char dn[2 * NAME_SIZE])
{
    struct link_settings link = {agent->desk->link, agent->desk->services};
    char said[MEDIUM_SAID_MAX];
    setting_medium_said(setting_of_link, &link, media, said);
    snprintf(dn, 2 * NAME_SIZE, "%s.%s", said, agent->name);
}

/* Notes the agent's state at a medium; an agent who is logged out there has no entry. States and reasons are kept over
 * a restart of the desk. */
static void desk_post_state(struct desk_agent *agent, enum media media, enum agent_state state, const char *reason)
{
    assert(agent->states && agent->reasons);
    const char *name = enum_name_agent_state(state), *of = enum_name_media(media);
    if (state == agent_state_logged_out)
        json_object_del(agent->states, of);
    else
        json_object_set_new(agent->states, of, json_string(name));
    if (reason)
        json_object_set_new(agent->reasons, of, json_string(reason));
    else
        json_object_del(agent->reasons, of);
    remember_agent(agent);
}

/* The core has agreed: the state is the agent's from now on. */
static void state_agreed(struct desk_agent *agent, json_t *more)
{
    enum media medium = (enum media)json_integer_value(json_object_get(more, "media"));
    bool logs_in = !json_object_get(agent->states, enum_name_media(medium));
    const char *reason = json_string_value(json_object_get(more, "reason"));
    text_set(agent->place, sizeof agent->place, json_string_value(json_object_get(more, "place")));
    desk_post_state(agent, medium, (enum agent_state)json_integer_value(json_object_get(more, "state")), reason);
    watch_tell(agent->desk, object_agent, agent->name, NULL,
               json_pack("{s:s, s:s, s:O, s:O, s:s*, s:s*, s:s*}", "type", "states", "agent", agent->name, "states",
                         agent->states, "reasons", agent->reasons, "display", *agent->display ? agent->display : NULL,
                         "place", *agent->place ? agent->place : NULL, "reason", reason));
    if (logs_in && agent->ticket != 0) core_client(agent, true); /* the page had connected before the agent logged in */
}

static void state_done(struct desk_request *request, const struct message *reply, bool good)
{
    assert(request->more);
    if (good && request->agent) state_agreed(request->agent, request->more);
    if (request->then && request->agent) request->then(request, reply, good);
}

void core_state(struct desk_agent *agent, enum media media, const struct state_wish *wish)
{
    assert(wish->place); /* "": no place is given */
    char dn[2 * NAME_SIZE];
    struct desk_request *request = core_ask(agent, KIND_RequestAgentState, 0, wish->id);
    struct writer *writer = &agent->desk->writer;
    request->after = state_done;
    request->more = json_pack("{s:i, s:i, s:s, s:s*, s:O*}", "media", (int)media, "state", (int)wish->state, "place",
                              wish->place, "reason", wish->reason, "plan", wish->plan);
    request->then = wish->then;
    request->quiet = wish->then != NULL;
    if (wish->then) request->ticket = wish->ticket;
    dn_of(agent, media, dn);
    writer_text(writer, RequestAgentState_agent, agent->name);
    writer_text(writer, RequestAgentState_place, wish->place);
    writer_text(writer, RequestAgentState_dn, dn);
    writer_u(writer, RequestAgentState_media, media);
    writer_u(writer, RequestAgentState_state, wish->state);
    if (wish->reason) writer_text(writer, RequestAgentState_label, wish->reason);
    core_send(request);
}

/* ---- resync ---- */

/* Is the page there? Writes how long the core is to wait for the agent's page: until then the agent gets nothing, and
 * is then logged out. Only what is left of `grace` is written. If nothing is left of `grace`, 1 is written and not 0:
 * the core then ends the wait at once. */
static void write_desktop(struct writer *writer, const struct desk_agent *agent)
{
    uint64_t grace_us = agent->desk->setting.grace * SECOND_US, gone_us = desk_now_us(agent->desk) - agent->gone_us;
    assert(agent->ticket != 0 || desk_now_us(agent->desk) >= agent->gone_us);
    writer_u(writer, Observed_up, agent->ticket != 0);
    if (agent->ticket == 0)
        writer_i(writer, Observed_desktop_grace, gone_us < grace_us ? (int64_t)(grace_us - gone_us) : 1);
}

/* Reports the agent's state at one medium; a state that the core does not know is left out. */
static void core_agents_observe(struct desk_agent *agent, const char *media_name, const char *state_name)
{
    struct desk *desk = agent->desk;
    char dn[2 * NAME_SIZE];
    int media = enum_value_media(media_name, (uint32_t)strlen(media_name));
    int state = enum_value_agent_state(state_name, (uint32_t)strlen(state_name));
    if (media < 0 || !media_at_desks((enum media)media)) return;
    if (state <= 0 || state == agent_state_logged_out) return;
    struct writer *writer = desk_core_begin(desk, KIND_Observed);
    dn_of(agent, (enum media)media, dn);
    writer_u(writer, Observed_what, object_agent);
    writer_u(writer, Observed_media, (uint64_t)media);
    writer_text(writer, Observed_dn, dn);
    writer_text(writer, Observed_agent, agent->name);
    writer_text(writer, Observed_place, agent->place);
    writer_u(writer, Observed_state, (uint64_t)state);
    write_desktop(writer, agent);
    desk_core_post(desk);
}

static void observe_all(struct desk_agent *agent)
{
    const char *media;
    json_t *state;
    GHashTableIter at;
    gpointer item;
    json_object_foreach(agent->states, media, state) core_agents_observe(agent, media, json_string_value(state));
    g_hash_table_iter_init(&at, agent->items);
    while (g_hash_table_iter_next(&at, NULL, &item)) ((struct item *)item)->seen = false;
}

/* Reports all agents in a resync. Afterwards `seen` is false for each item: the core shows those again that still
 * exist. */
void desk_observe(struct desk *desk)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct desk_agent *agent = value;
        observe_all(agent);
        if (agent->ticket == 0 && phone_is_there(agent))
            core_client(agent, false); /* an agent without a medium of this desk may have a telephone */
    }
}
