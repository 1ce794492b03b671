/* runtime/adapters/desk/api_quality.c - Reviews of how customers were served: /api/supervisor/quality, and /api/reviews
 * for the agents whose work was reviewed. */
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/memory.h"
#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/past.h"

static void api_samples_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_samples, api_answer_job);
}

static void api_sample_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_sample, api_answer_job);
}

/* ---- a review ---- */

/* Tells the agent's page, if the agent may see the review now. */
static void answer_review(struct desk *desk, struct desk_job *job)
{
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, desk_text(job->params, "tells"));
    if (job->good && agent) agent_notice(agent, "reviewed", "Your work was reviewed: press Reviews to read it.");
    api_answer_job(desk, job);
}

static void api_review_give(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_review, answer_review);
}

/* The audit has it: the store keeps it. */
static void api_review_noted(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    api_review_give(desk, http, (json_t *)params);
}

/* The review can be kept. gcxvm says whether the person may review this agent's work, and notes a review that is done.
 */
static void api_review_good(struct desk *desk, struct desk_job *job)
{
    if (!job->good) {
        api_answer_job(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    if (http && json_is_true(json_object_get(job->params, "done"))) {
        char why[API_WHY];
        snprintf(why, sizeof why, "review of sample %lld by the form %.64s", (long long)desk_job_number(job, "sample"),
                 desk_text(job->out, "form"));
        desk_look_reviews(desk, http, desk_text(job->params, "person"), desk_text(job->out, "agent"), why, job->params,
                          api_review_noted);
    } else if (http && !desk_acts_on(job->params, desk_text(job->out, "agent"))) {
        api_error(http, 403, "role", "You do not lead this agent.");
    } else if (http) {
        api_review_give(desk, http, job->params);
    }
}

static void api_review_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_review_good, api_review_good);
}

static void on_review(struct api_asked *call)
{
    json_object_update(call->params, call->body);
    json_object_set_new(call->params, "person", json_string(call->session->agent));
    api_ask_led(call, api_review_led);
}

static void on_answer_review(struct api_asked *call)
{
    json_object_update(call->params, call->body);
    api_from_store(call, desk_keep_review_answer, api_answer_job);
}

/* ---- forms and draws ---- */

static bool api_has_forms(struct api_asked *call)
{
    if (*call->desk->setting.forms) {
        json_object_set_new(call->params, "folder", json_string(call->desk->setting.forms));
        return true;
    }
    return api_error(call->http, HTTP_NOTFOUND, "unknown",
                     "The desk has no forms for reviews: its setting `forms` names their folder.");
}

static void on_forms(struct api_asked *call)
{
    if (api_has_forms(call)) api_from_store(call, desk_keep_forms, api_answer_job);
}

/* gcxrecords has drawn: the store keeps it. */
static void api_drawn(struct desk *desk, struct evhttp_request *http, json_t *params, const char *printed,
                      size_t length)
{
    json_error_t wrong;
    json_object_set_new(params, "drawn", json_loadb(printed, length, 0, &wrong));
    api_params_give(desk, http, params, desk_keep_drawn, api_answer_job);
}

/* Answers with the draw, if the store has it; else asks gcxrecords for one. */
static void api_draws(struct desk *desk, struct desk_job *job)
{
    if (!job->good || job->out) {
        api_answer_job(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    if (http) past_ask_then(desk, http, PAST_sample, job->params, api_drawn);
}

static void api_draw_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_draw, api_draws);
}

static void on_draw_samples(struct api_asked *call)
{
    if (!api_has_forms(call)) return;
    json_object_update(call->params, call->body);
    api_ask_led(call, api_draw_led);
}

/* ---- the report ---- */

/* Answers a report as a table for other programs. */
static void answer_quality_report(struct desk *desk, struct desk_job *job)
{
    bool csv = strcmp(desk_text(job->params, "as"), "csv") == 0;
    struct evhttp_request *http = csv && job->good ? asker_end(&job->asker) : NULL;
    if (!csv || !job->good) {
        api_answer_job(desk, job);
        return;
    }
    if (!http) return;
    char *text;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    json_t *row;
    size_t i;
    fprintf(out, "form,%s,reviews,failed,percent,objections\r\n", desk_text(job->params, "by"));
    json_array_foreach(json_object_get(job->out, "rows"), i, row)
    {
        long long hundredths = json_integer_value(json_object_get(row, "hundredths"));
        csv_show(out, desk_text(row, "form"));
        putc(',', out);
        csv_show(out, desk_text(row, "of"));
        fprintf(out, ",%lld,%lld,%lld.%02lld,%lld\r\n", (long long)json_integer_value(json_object_get(row, "reviews")),
                (long long)json_integer_value(json_object_get(row, "failed")), hundredths / 100, hundredths % 100,
                (long long)json_integer_value(json_object_get(row, "objections")));
    }
    fclose(out);
    api_sheet(http, "quality", text, length);
    free(text);
}

static void api_quality_report_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_quality_report, answer_quality_report);
}

const struct api_call api_quality_calls[] = {
    {"quality_forms", .on = on_forms},
    {"draw_samples", .on = on_draw_samples},
    {"quality_samples", .led = api_samples_led},
    {"quality_sample", .led = api_sample_led},
    {"review_sample", .on = on_review},
    {"quality_report", .led = api_quality_report_led},
    {"reviews", .keep = desk_keep_reviews},
    {"answer_review", .on = on_answer_review},
    {.id = NULL},
};
