/* runtime/adapters/desk/strategies.c - Requests of the page Strategies: given to a thread, in which runtime/studio
 * answers them. See strategies.h. */
#include "runtime/adapters/desk/strategies.h"

#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/why.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/editors.h"
#include "runtime/studio/check.h"
#include "runtime/studio/studio.h"
#include "runtime/vocabulary/bytes.h"

enum { STRATEGIES_WAITING = 50 };

struct strategies_job {
    struct studio studio;
    struct asker asker;
    uint64_t ticket; /* of a page that waits for its language server; 0: it is a request */
    char *folder;    /* its, with the draft */
    char name[NAME_SIZE], shown[NAME_SIZE], operation[NAME_SIZE];
    bool reads; /* it changes nothing: where nobody waits for the answer any more it is not done */
    json_t *params, *answer;
    struct error error;
};

bool strategies_good(const struct desk_setting *setting, char *why, size_t why_size)
{
    struct error error;
    if (!*setting->strategies) return true;
    git_repository *repository = studio_open(setting->strategies, &error);
    git_repository_free(repository);
    return repository || why_set(why, why_size, "%s", error.text);
}

static void strategies_work(void *self, void *given)
{
    struct strategies_job *job = given;
    const struct studio_person person = {job->name, job->shown};
    (void)self;
    if (job->ticket != 0)
        job->folder = studio_draft_folder(&job->studio, &person, &job->error);
    else if (!job->reads || asker_waits(&job->asker)) /* the page asks anew at each pause of typing */
        job->answer = studio_ask(&job->studio, job->operation, &person, job->params, &job->error);
}

static void strategies_job_free(void *self, void *given)
{
    struct strategies_job *job = given;
    (void)self;
    (void)asker_end(&job->asker);
    studio_folder_end(job->folder);
    json_decref(job->params);
    json_decref(job->answer);
    free(job);
}

static void strategies_refuse(struct evhttp_request *http, const struct error *error)
{
    if (error->code == ERROR_DENIED)
        api_error(http, 403, "role", error->text);
    else if (error->code == ERROR_STATE)
        api_error(http, 409, "changed", error->text);
    else if (error->code == ERROR_UNKNOWN)
        api_error(http, HTTP_NOTFOUND, "unknown", error->text);
    else if (error->code == ERROR_INPUT || error->code == ERROR_LIMIT)
        api_error(http, HTTP_BADREQUEST, "invalid", error->text);
    else
        api_error(http, HTTP_SERVUNAVAIL, "store", error->text);
}

static void strategies_done(void *self, void *given)
{
    struct strategies_job *job = given;
    struct desk *desk = self;
    struct evhttp_request *http = asker_end(&job->asker);
    if (!job->answer && !job->folder && (job->error.code == ERROR_UNAVAILABLE || job->error.code == ERROR_SYSTEM))
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "strategies: %s", job->error.text);
    if (job->answer && json_is_true(json_object_get(job->params, "approve")))
        desk->services->log(desk->link, GCX_LOG_INFO, 0, 0, "%s has published the strategies of %s: commit %s",
                            job->name, desk_text(job->params, "by"), desk_text(job->answer, "commit"));
    if (job->answer && strcmp(job->operation, "propose_strategies") == 0)
        desk->services->log(desk->link, GCX_LOG_INFO, 0, 0, "%s %s", job->name,
                            json_is_true(json_object_get(job->params, "on")) ? "asks for approval of strategies"
                                                                             : "asks for no approval any more");
    if (job->answer && json_is_false(json_object_get(job->params, "approve")))
        desk->services->log(desk->link, GCX_LOG_INFO, 0, 0, "%s has declined the strategies of %s", job->name,
                            desk_text(job->params, "by"));
    if (job->ticket != 0) {
        editors_begins(desk, job->ticket, job->folder, desk->services->base(desk->link));
        job->folder = NULL;
    }
    if (http && job->answer)
        api_answer(http, HTTP_OK, json_incref(job->answer));
    else if (http)
        strategies_refuse(http, &job->error);
    strategies_job_free(self, job);
}

struct worker *strategies_worker(struct desk *desk, struct event_base *base)
{
    struct worker_calls calls = {desk, strategies_work, strategies_done, strategies_job_free, NULL};
    return worker_new(base, &calls);
}

static struct strategies_job *strategies_job_new(const struct desk *desk, const struct desk_session *session)
{
    const struct desk_agent *agent = g_hash_table_lookup(desk->agents, session->agent);
    struct strategies_job *job = memory_zeroed(1, sizeof *job);
    job->studio = (struct studio){.folder = desk->setting.strategies,
                                  .admin = desk->setting.admin,
                                  .stop = desk->studio_stop,
                                  .four_eyes = setting_yes(desk->setting.four_eyes)};
    text_set(job->name, sizeof job->name, session->name);
    text_set(job->shown, sizeof job->shown, agent ? agent_shown_as(agent) : session->name);
    return job;
}

void strategies_connects(struct desk *desk, struct desk_session *session, struct evhttp_request *http)
{
    if (!editors_may(desk, session, http)) return;
    uint64_t ticket = door_upgrade(desk->door, http);
    if (ticket == 0) return;
    editors_joins(desk, session, ticket);
    struct strategies_job *job = strategies_job_new(desk, session);
    job->ticket = ticket;
    worker_give(desk->studio, job);
}

void strategies_ask(struct desk *desk, struct evhttp_request *http, const struct desk_session *session,
                    const char *operation, json_t *params, json_t *body)
{
    static const char *const reads[] = {"check_strategies", "draw_strategies", "play_strategies",
                                        "simulate_strategies"};
    /* What yesterday would have been, a shadow, a simulation and tests take long: nobody who saves waits for them. */
    bool shadows = strcmp(operation, "shadow_strategies") == 0;
    bool long_work = strcmp(operation, "what_if_strategies") == 0 || strcmp(operation, "simulate_strategies") == 0 ||
                     strcmp(operation, "play_strategies") == 0 ||
                     (strcmp(operation, "draw_strategies") == 0 && json_is_true(json_object_get(body, "play")));
    struct worker *worker = shadows ? desk->shadows : long_work ? desk->what_ifs : desk->studio;
    if (!worker || worker_waiting(worker) >= (shadows ? 1 : STRATEGIES_WAITING)) {
        api_error(http, HTTP_SERVUNAVAIL, "store", "Too many ask at once; again in a moment.");
        return;
    }
    struct strategies_job *job = strategies_job_new(desk, session);
    job->params = json_incref(params);
    json_object_update(job->params, body);
    text_set(job->operation, sizeof job->operation, operation);
    for (size_t at = 0; at < sizeof reads / sizeof *reads; at++)
        job->reads = job->reads || strcmp(operation, reads[at]) == 0;
    asker_begin(&job->asker, http);
    worker_give(worker, job);
}
