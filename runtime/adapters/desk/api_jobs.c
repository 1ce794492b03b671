/* runtime/adapters/desk/api_jobs.c - Requests that the contact store answers: gives its thread a job, and answers the
 * browser when the job is done. Where too many jobs wait, the browser is told so at once. */
#include <assert.h>
#include <event2/http.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/api.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"

enum { API_JOBS_MAX = 2000 };

void api_answer_job(struct desk *desk, struct desk_job *job)
{
    struct evhttp_request *http = asker_end(&job->asker);
    (void)desk;
    if (!http) return;
    if (job->good)
        api_answer(http, HTTP_OK, json_incref(job->out));
    else if (job->error.code == ERROR_DENIED)
        api_error(http, 403, "unverified", job->error.text);
    else if (job->error.code == ERROR_STATE)
        api_error(http, 409, "changed", job->error.text);
    else if (store_again(&job->error))
        api_error(http, HTTP_SERVUNAVAIL, "store", "The contact store is away or full; again in a moment.");
    else if (job->error.code == ERROR_UNKNOWN)
        api_error(http, HTTP_NOTFOUND, "unknown", job->error.text);
    else
        api_error(http, HTTP_BADREQUEST, "invalid", job->error.text);
}

/* False: too many jobs wait, and the browser got an error. */
static bool api_store_takes(const struct desk *desk, struct evhttp_request *http)
{
    if (worker_waiting(desk->worker) <= API_JOBS_MAX) return true;
    return api_error(http, HTTP_SERVUNAVAIL, "store", "The contact store is behind; again in a moment.");
}

struct desk_job *api_job_of(struct api_asked *call, desk_work *work, desk_done *done)
{
    assert(call->session); /* operations at the store need a session */
    if (!api_store_takes(call->desk, call->http)) return NULL;
    struct desk_job *job = desk_job_new(call->desk, json_incref(call->params));
    job->work = work;
    job->done = done;
    const struct desk_agent *agent = g_hash_table_lookup(call->desk->agents, call->session->agent);
    text_set(job->agent, sizeof job->agent, call->session->agent);
    text_set(job->called, sizeof job->called, agent ? agent_shown_as(agent) : call->session->agent);
    asker_begin(&job->asker, call->http);
    return job;
}

void api_from_store(struct api_asked *call, desk_work *work, desk_done *done)
{
    struct desk_job *job = api_job_of(call, work, done);
    if (job) desk_job_give(call->desk, job);
}

void api_params_give(struct desk *desk, struct evhttp_request *http, json_t *params, desk_work *work, desk_done *done)
{
    if (!api_store_takes(desk, http)) return;
    struct desk_job *job = desk_job_new(desk, json_incref(params));
    text_set(job->agent, sizeof job->agent, desk_text(params, "asked_by"));
    job->work = work;
    job->done = done;
    asker_begin(&job->asker, http);
    desk_job_give(desk, job);
}
