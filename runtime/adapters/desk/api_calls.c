/* runtime/adapters/desk/api_calls.c - An agent's own calls, what came of them, and numbers that the agent keeps:
 * /api/calls, /api/favourites. */
#include <event2/http.h>
#include <stdlib.h>

#include "base/memory.h"
#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/over.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/web/origins.h"

static void on_favourite(struct api_asked *call)
{
    json_object_update(call->params, call->body);
    api_from_store(call, desk_keep_favourite, api_answer_job);
}

/* ---- wrap-ups ---- */

static void answer_wrapup(struct desk *desk, struct desk_job *job)
{
    phone_wrapped(desk, job);
    api_answer_job(desk, job);
}

struct wrapping { /* a wrap-up that the core has not noted yet */
    struct asker asker;
    struct desk *desk;
    json_t *params;
    char agent[NAME_SIZE], called[NAME_SIZE];
};

/* The core was away before it had noted the wrap-up, so the agent is not done with the call. */
static void wrapping_free(void *self)
{
    struct wrapping *wrapping = self;
    struct evhttp_request *http = asker_end(&wrapping->asker);
    if (http) api_error(http, HTTP_SERVUNAVAIL, "away", "The router has not noted it: press Done again in a moment.");
    json_decref(wrapping->params);
    free(wrapping);
}

/* The core has noted the wrap-up: the agent is done with the call. Or it has refused it, and the agent reads why. */
static void wrapping_noted(struct desk_request *request, const struct message *reply, bool good)
{
    struct wrapping *wrapping = request->given;
    struct evhttp_request *http = asker_end(&wrapping->asker);
    if (!good) {
        api_refused(http, reply);
        return;
    }
    struct desk_job *job = desk_job_new(wrapping->desk, json_incref(wrapping->params));
    json_object_set_new(job->params, "noted", json_true());
    job->work = desk_keep_wrapup;
    job->done = answer_wrapup;
    text_set(job->agent, sizeof job->agent, wrapping->agent);
    text_set(job->called, sizeof job->called, wrapping->called);
    if (http) asker_begin(&job->asker, http);
    desk_job_give(wrapping->desk, job);
}

/* Has the core note a wrap-up that the store keeps already. */
static void wrapping_note(struct desk_agent *agent, struct desk_job *job, uint64_t conn)
{
    struct wrapping *wrapping = memory_zeroed(1, sizeof *wrapping);
    struct evhttp_request *http = asker_end(&job->asker);
    const char *code = json_string_value(json_object_get(job->params, "wrapup"));
    const char *note = json_string_value(json_object_get(job->params, "note"));
    if (http) asker_begin(&wrapping->asker, http);
    wrapping->desk = agent->desk;
    wrapping->params = json_incref(job->params);
    text_set(wrapping->agent, sizeof wrapping->agent, job->agent);
    text_set(wrapping->called, sizeof wrapping->called, job->called);
    struct desk_request *request = over_ask_wrap_up(agent, 0, conn, code, note);
    request->after = wrapping_noted;
    request->given = wrapping;
    request->given_free = wrapping_free;
    core_send(request);
}

static void wrapup_kept(struct desk *desk, struct desk_job *job)
{
    uint64_t conn = 0;
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, job->agent);
    bool noted = !job->good || !ident_read_conn(json_string_value(json_object_get(job->out, "conn")), &conn);
    if (!noted && agent) {
        wrapping_note(agent, job, conn);
        return;
    }
    if (noted) {
        answer_wrapup(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    if (http) api_error(http, HTTP_SERVUNAVAIL, "away", "Your desk is not connected: press Done again once it is.");
}

/* Keeps the code and the note of a call that is over; an agent who is done with it says so to the core, too. */
static void on_wrapup(struct api_asked *call)
{
    const char *wrapup = json_string_value(json_object_get(call->body, "wrapup"));
    if (wrapup && *wrapup && !web_words_have(call->desk->setting.all_wrapups, wrapup)) {
        api_error(call->http, HTTP_BADREQUEST, "invalid", "wrapup: it is none of `wrapups`");
        return;
    }
    json_object_update(call->params, call->body);
    api_from_store(call, desk_keep_wrapup, wrapup_kept);
}

const struct api_call api_call_calls[] = {
    {"calls", .keep = desk_keep_calls},
    {"favourites", .keep = desk_keep_favourites},
    {"favourite", .on = on_favourite},
    {"wrapup", .on = on_wrapup},
    {.id = NULL},
};
