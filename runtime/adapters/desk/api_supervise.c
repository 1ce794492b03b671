/* runtime/adapters/desk/api_supervise.c - What supervisors look at and change by gcxvm's admin socket: /api/supervisor/
 * with the lists, agents, assignments, interactions, callbacks, parameters and settings. */
#include <event2/http.h>
#include <string.h>

#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/past.h"

static void api_on_look(struct api_asked *call)
{
    look_at(call->desk, call->http, call->session->agent, call->params);
}

static void on_look_why(struct api_asked *call)
{
    look_why(call->desk, call->http, call->session->agent, call->params);
}

static void on_setting(struct api_asked *call)
{
    desk_look_setting(call->desk, call->http, call->params);
}

static void on_try_setting(struct api_asked *call)
{
    desk_look_soon(call->desk, call->http, call->params, call->body, past_soon);
}

static void on_assign_agents(struct api_asked *call)
{
    desk_look_assign(call->desk, call->http, call->session->agent, call->body);
}

/* Ends all sessions of the agent. */
static void api_sessions_end(struct desk *desk, const char *agent)
{
    GList *all = g_hash_table_get_values(desk->sessions);
    for (GList *one = all; one; one = one->next)
        if (strcmp(((struct desk_session *)one->data)->agent, agent) == 0) session_end(desk, one->data);
    g_list_free(all);
}

/* Tells the agent who has logged them out and why, ends all sessions of the agent here, and logs the agent out. */
static bool api_agent_ends(struct desk *desk, const char *name, const char *by, const char *why)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, name);
    bool there = agent != NULL;
    if (agent) shown_logged_out(agent, by, why);
    api_sessions_end(desk, name);
    agent = g_hash_table_lookup(desk->agents, name);
    if (agent) agent_logs_out(agent);
    return there;
}

/* A supervisor logs out an agent who has gone home and left the page open. */
static void on_log_out_agent(struct api_asked *call)
{
    if (strcmp(json_string_value(json_object_get(call->params, "agent")), call->session->agent) == 0)
        api_error(call->http, HTTP_NOTFOUND, "unknown", "You log yourself out by the button at the head.");
    else
        desk_look_log_out(call->desk, call->http, call->session->agent, call->params, call->body, api_agent_ends);
}

const struct api_call api_supervise_calls[] = {
    {"look", .on = api_on_look},
    {"look_why", .on = on_look_why},
    {"set_parameter", .acts = desk_look_set},
    {"setting", .on = on_setting},
    {"change_setting", .acts = desk_look_change},
    {"try_setting", .on = on_try_setting},
    {"set_agent_state", .acts = desk_look_state},
    {"listen", .acts = desk_look_listen},
    {"cancel_callback", .acts = desk_look_cancel},
    {"assign_agents", .on = on_assign_agents},
    {"change_interaction", .acts = desk_look_interaction},
    {"log_out_agent", .on = on_log_out_agent},
    {.id = NULL},
};
