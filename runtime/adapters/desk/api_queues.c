/* runtime/adapters/desk/api_queues.c - What the core has in its queues, workbins and views, and its agents:
 * /api/queues, /api/workbins, /api/views, /api/agents. */
#include "runtime/adapters/desk/api.h"
#include "runtime/vocabulary/authority.h"

static bool api_supervises(const struct desk_session *session)
{
    return authority_allows(ACT_look, claim_kind_none, desk_role_of_session(session));
}

/* The session of the request, if it may read what `params` name: what `names` allows, or everything. `*all` says
 * whether the person would read everything as a supervisor, and gets whether the person does. NULL: the browser got an
 * error. */
static const struct desk_session *api_reader(struct desk *desk, struct evhttp_request *http, const json_t *params,
                                             bool *all, bool (*names)(const struct desk *, const char *),
                                             const char *setting)
{
    const struct desk_session *session = session_of(desk, http);
    if (!session) {
        api_error(http, 401, "session", "No agent is logged in here.");
        return NULL;
    }
    *all = *all && api_supervises(session);
    if (*all || names(desk, desk_text(params, "name"))) return session;
    char *text = g_strdup_printf("It is not one of the desk's: its setting `%s` names them.", setting);
    api_error(http, 403, "role", text);
    g_free(text);
    return NULL;
}

static void api_queue_read(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    bool all = api_sees_queue(params);
    const struct desk_session *session = api_reader(desk, http, params, &all, desk_shows_queue, "queues");
    if (session) read_begin(desk, http, object_queue, params, session, all);
}

static void api_workbin_read(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    bool all = api_sees_workbin(params);
    const struct desk_session *session = api_reader(desk, http, params, &all, desk_shows_workbin, "workbins");
    if (session) read_begin(desk, http, object_workbin, params, session, all);
}

/* The core's answer says which queue or workbin a view belongs to; only then is a user who may not see that one
 * refused. */
static void api_view_read(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    bool all = !json_object_get(params, "within");
    const struct desk_session *session = api_reader(desk, http, params, &all, desk_shows_view, "views");
    if (session) read_view_begin(desk, http, params, session, all);
}

/* Reads for the session; of a supervisor gcxvm is asked first whom they lead, where the desk can ask it. */
static void api_read(struct api_asked *call, look_led *read)
{
    if (api_supervises(call->session) && *call->desk->setting.admin)
        desk_look_led(call->desk, call->http, call->session->agent, call->params, read);
    else
        read(call->desk, call->http, call->params);
}

static void on_queue(struct api_asked *call)
{
    api_read(call, api_queue_read);
}

static void on_workbin(struct api_asked *call)
{
    api_read(call, api_workbin_read);
}

static void on_view(struct api_asked *call)
{
    api_read(call, api_view_read);
}

static void on_agents(struct api_asked *call)
{
    read_begin(call->desk, call->http, object_agent, call->params, call->session, true);
}

const struct api_call api_queue_calls[] = {
    {"queue", .on = on_queue},
    {"workbin", .on = on_workbin},
    {"view", .on = on_view},
    {"agents", .on = on_agents},
    {.id = NULL},
};
