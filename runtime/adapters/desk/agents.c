/* runtime/adapters/desk/agents.c - The agents of the desk: making, freeing and describing them.
 *
 * The table's key is the name in the agent's struct, so an agent is removed from the table before it is freed.
 * `client` is the number by which the core knows the agent's page; this process never uses a number twice. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

struct desk_agent *agent_new(struct desk *desk, const char *name)
{
    struct desk_agent *agent = memory_zeroed(1, sizeof *agent);
    agent->desk = desk;
    text_set(agent->name, sizeof agent->name, name);
    agent->client = ++desk->clients;
    agent->gone_us = desk_now_us(desk);
    agent->states = json_object();
    agent->reasons = json_object();
    agent->talks = json_object();
    agent->items = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, item_free);
    g_hash_table_insert(desk->agents, agent->name, agent);
    return agent;
}

/* Frees an agent; the answers to its open requests are dropped. */
void agent_free(gpointer data)
{
    struct desk_agent *agent = data;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, agent->desk->asked);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct desk_request *request = value;
        if (request->agent == agent) request->agent = NULL;
    }
    phone_free(agent->phone);
    json_decref(agent->states);
    json_decref(agent->reasons);
    json_decref(agent->told);
    json_decref(agent->notices);
    json_decref(agent->merged);
    json_decref(agent->talks);
    g_hash_table_destroy(agent->items);
    free(agent);
}

json_t *agent_states_json(const struct desk_agent *agent)
{
    if (agent->told) return json_incref(agent->told);
    return json_pack("{s:s, s:s, s:O}", "type", "states", "agent", agent->name, "states", agent->states);
}

const char *agent_shown_as(const struct desk_agent *agent)
{
    return *agent->display ? agent->display : agent->name;
}

/* May the agent sit at this place? A change of place needs a logout from all media. */
bool agent_may_sit(const struct desk_agent *agent, const char *place)
{
    const char *media;
    json_t *state;
    if (strcmp(place, agent->place) == 0) return true;
    json_object_foreach(agent->states, media,
                        state) if (strcmp(json_string_value(state), "logged_out") != 0) return false;
    return true;
}
