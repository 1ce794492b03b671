/* runtime/adapters/desk/agent.c - Agents at desks: how they connect and leave.
 *
 * An agent exists here from the first connection until logout, or until the connection has been gone for `grace`. The
 * session and the connection of an agent may change in that time: `ticket` names the present connection, 0: none. An
 * agent has one connection; a second window takes over, and the first is closed (GONE_TAKEN). A browser that comes back
 * gets all that the agent has in one message, `welcome`: so a page never asks for it, and keeps nothing that the
 * message does not contain. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/desk/asks.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/adapters/desk/over.h"
#include "runtime/adapters/desk/who.h"
#include "runtime/vocabulary/media.h"
#include "runtime/adapters/desk/editors.h"
#include "runtime/console/console.h"

static void agent_detach(struct desk_agent *agent)
{
    assert(agent->ticket != 0);
    g_hash_table_remove(agent->desk->tickets, &agent->ticket);
    looks_away(agent);
    phone_page_gone(agent);
    agent->ticket = 0;
    agent->session = NULL;
    agent->gone_us = desk_now_us(agent->desk);
}

/* Sends the page everything that it has to show; the page drops what is not in this message. After a restart the desk
 * does not know what its agents have until the core has shown all: the page then keeps what it has, and is welcomed
 * again. */
static void agent_welcome(struct desk_agent *agent)
{
    struct desk *desk = agent->desk;
    GHashTableIter at;
    gpointer value;
    json_t *items = json_array();
    g_hash_table_iter_init(&at, agent->items);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (!((struct item *)value)->awaited) json_array_append_new(items, item_told_json(value));
    over_put_all(agent, items);
    asks_put_all(agent, items);
    agent->welcome_again = !desk->held_shown;
    agent_tell(agent, json_pack("{s:s, s:s, s:b, s:b, s:o, s:o, s:o}", "type", "welcome", "agent", agent->name, "core",
                                desk->services->up(desk->link), "partial", (int)agent->welcome_again, "states",
                                agent_states_json(agent), "items", items, "phone", phone_shown(agent)));
}

void agents_all_shown(struct desk *desk)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct desk_agent *agent = value;
        if (agent->ticket != 0 && agent->welcome_again) agent_welcome(agent);
    }
}

/* Connects an agent. The page gets everything before the core is told that the agent is there, so that no offer
 * comes first. */
void agent_connects(struct desk *desk, struct desk_session *session, struct evhttp_request *http)
{
    uint64_t ticket = door_upgrade(desk->door, http);
    if (ticket == 0) return;
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, session->agent);
    if (!agent) agent = agent_new(desk, session->agent);
    bool was_there = agent->ticket != 0;
    watch_forget(agent); /* the page gets the present states of what it watches from now on */
    if (was_there) {
        uint64_t before = agent->ticket;
        agent_detach(agent);
        door_end(desk->door, before, GONE_TAKEN, "the agent went on in another window");
    }
    assert(agent->ticket == 0); /* an agent has one connection */
    agent->session = session;
    phone_resume(agent);
    agent->ticket = ticket;
    agent->restored = false;
    g_hash_table_insert(desk->tickets, &agent->ticket, agent);
    agent_welcome(agent);
    lists_tell(agent);
    agent_notices(agent);
    phone_page_is_back(agent);
    notes_mentions(desk, agent->name);
    if (*desk->setting.tserver) phone_unwrapped(desk, agent->name);
    if (!was_there) core_client(agent, true);
    watch_set(agent, object_agent, agent->name, NULL, true, 0);
}

static void agent_leave(struct desk_agent *agent)
{
    assert(agent->ticket != 0);
    watch_forget(agent);
    agent_detach(agent);
    core_client(agent, false);
    watch_set(agent, object_agent, agent->name, NULL, true, 0); /* others may set the state meanwhile */
}

void desk_agent_gone(void *self, uint64_t ticket)
{
    struct desk *desk = self;
    struct desk_agent *agent = g_hash_table_lookup(desk->tickets, &ticket);
    console_leaves(desk->console, ticket);
    editors_gone(desk, ticket);
    if (agent) agent_leave(agent);
}

/* Is something under way that the agent's page has asked for? The store keeps it first, or more is to be done once the
 * core has answered: of an agent who is forgotten before, the answer would stay unsent, and what is done would go back
 * to its queue. */
static bool agent_is_awaited(const struct desk_agent *agent)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, agent->desk->asked);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct desk_request *request = value;
        if (request->agent == agent && request->id != 0 && request->after) return true;
    }
    return agent->kept > 0;
}

/* Logs the agent out and frees the struct; the answers to its open requests are dropped. Where the agent must wait for
 * the core, or something that the agent has asked for is under way, agent_tick() comes again. */
void agent_logs_out(struct desk_agent *agent)
{
    struct desk *desk = agent->desk;
    if (agent->ticket != 0) agent_leave(agent);
    agent->gone_us = 0;
    if (agent_is_awaited(agent) || held_keeps(agent)) return;
    held_leaves(agent, NULL);
    const struct state_wish out = {.state = agent_state_logged_out, .place = agent->place};
    phone_leaves(agent);
    for (const char *const *one = media_of_desks; *one; one++)
        if (json_object_get(agent->states, *one))
            core_state(agent, (enum media)enum_value_media(*one, (uint32_t)strlen(*one)), &out);
    remember_agent_over(agent);
    watch_forget(agent);
    g_hash_table_remove(desk->agents, agent->name);
}

void agent_tick(struct desk *desk)
{
    GList *all = g_hash_table_get_values(desk->agents);
    uint64_t now = desk_now_us(desk);
    who_tick(desk);
    marks_tick(desk);
    for (GList *one = all; one; one = one->next) {
        struct desk_agent *agent = one->data;
        phone_tick(agent);
        if (agent->ticket == 0 && now - agent->gone_us >= desk->setting.grace * SECOND_US) agent_logs_out(agent);
    }
    g_list_free(all);
}
