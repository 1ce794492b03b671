/* runtime/adapters/desk/api_texts.c - What helps an agent to write: prepared texts, articles, and the helper's
 * suggestions: /api/responses, /api/knowledge, /api/help. */
#include <event2/http.h>

#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/helped.h"
#include "runtime/adapters/desk/knowledge.h"

static bool api_search_articles(struct store *store, struct desk_job *job)
{
    const char *words = json_string_value(json_object_get(job->params, "q"));
    (void)store;
    job->out = json_pack("{s:o}", "articles", knowledge_search(job->errand.self, words ? words : ""));
    return true;
}

static bool api_read_article(struct store *store, struct desk_job *job)
{
    (void)store;
    job->out = knowledge_article(job->errand.self, json_string_value(json_object_get(job->params, "article")));
    return job->out || error_set(&job->error, ERROR_UNKNOWN, "There is no such article.");
}

static void from_knowledge(struct api_asked *call, desk_work *work)
{
    if (!call->desk->knowledge) {
        api_error(call->http, HTTP_NOTFOUND, "unknown",
                  "The desk has no articles: its setting `knowledge` names them.");
        return;
    }
    struct desk_job *job = api_job_of(call, work, api_answer_job);
    if (!job) return;
    job->errand.self = call->desk->knowledge;
    desk_job_give(call->desk, job);
}

static void on_articles(struct api_asked *call)
{
    from_knowledge(call, api_search_articles);
}

static void on_article(struct api_asked *call)
{
    from_knowledge(call, api_read_article);
}

static void on_help(struct api_asked *call)
{
    if (!call->desk->helper) {
        api_error(call->http, HTTP_NOTFOUND, "unknown", "The desk has no helper: its setting `helper` names it.");
        return;
    }
    json_object_update(call->params, call->body);
    api_from_store(call, desk_keep_transcript, helped_ask);
}

const struct api_call api_text_calls[] = {
    {"responses", .keep = desk_keep_responses},
    {"response", .keep = desk_keep_response},
    {"articles", .on = on_articles},
    {"article", .on = on_article},
    {"help", .on = on_help},
    {.id = NULL},
};
