/* runtime/adapters/desk/api_session.c - Logging in and out, and what the person who is logged in has chosen:
 * /api/login, /api/logout, /api/me, /api/chosen. */
#include <event2/http.h>

#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/chosen.h"

static void on_login(struct api_asked *call)
{
    const char *wrong = login_origin_wrong(call->desk, call->http);
    if (wrong)
        api_error(call->http, 403, "origin", wrong);
    else
        login_begin(call->desk, call->http, call->body);
}

/* Returns the agent of the session, unless another session of that agent is connected; NULL: none. */
static struct desk_agent *api_agent_of(const struct api_asked *call)
{
    struct desk_agent *agent = g_hash_table_lookup(call->desk->agents, call->session->agent);
    return agent && (agent->session == call->session || agent->ticket == 0) ? agent : NULL;
}

/* Returns a sentence about all that the agent would give back; NULL: nothing. */
static char *api_left(const struct desk *desk, const struct desk_agent *agent)
{
    unsigned has = agent ? agent_has(agent, NULL) : 0, calls = agent ? phone_calls(agent) : 0;
    const char *after = *desk->setting.softphone ? "it ends" : "it goes on at the telephone";
    if (calls > 0)
        return g_strdup_printf("You have a call: end it, or hand it on; if you log out all the same, %s%s.", after,
                               has > 0 ? ", and what else you have goes back to its queue" : "");
    if (has == 0) return NULL;
    return g_strdup_printf("You still have %u of your customers' interactions: finish them or hand them on; if you "
                           "log out all the same, they go back to their queues.",
                           has);
}

/* Logs out: all open interactions go back to their queues at once, so that no customer waits for an agent who has gone
 * home. An agent who has any must confirm the logout. */
static void on_logout(struct api_asked *call)
{
    struct desk_agent *agent = api_agent_of(call);
    /* A person who logs out of the console leaves the desk of the same session, and no other desk. */
    if (agent && json_object_get(call->params, "page") && agent->session != call->session) agent = NULL;
    char *left = json_object_get(call->params, "force") ? NULL : api_left(call->desk, agent);
    if (left) {
        api_error(call->http, 409, "open", left);
        g_free(left);
        return;
    }
    session_end(call->desk, call->session);
    if (agent) agent_logs_out(agent);
    session_cookie(call->desk, call->http, "", 0);
    api_done(call->http);
}

static void on_me(struct api_asked *call)
{
    api_answer(call->http, HTTP_OK, session_shown(call->desk, call->session));
}

static void on_chosen(struct api_asked *call)
{
    api_answer(call->http, HTTP_OK, json_pack("{s:o}", "chosen", chosen_of(call->desk, call->session->name)));
}

static void on_choose(struct api_asked *call)
{
    const char *name = json_string_value(json_object_get(call->params, "name"));
    if (chosen_set(call->desk, call->session->name, name, json_object_get(call->body, "value")))
        api_done(call->http);
    else
        api_error(call->http, HTTP_BADREQUEST, "invalid", "This is too much to keep of one person.");
}

const struct api_call api_session_calls[] = {
    {"login", .on = on_login},   {"logout", .on = on_logout}, {"me", .on = on_me},
    {"chosen", .on = on_chosen}, {"choose", .on = on_choose}, {.id = NULL},
};
