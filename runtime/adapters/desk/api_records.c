/* runtime/adapters/desk/api_records.c - What was: /api/supervisor/reports, /api/supervisor/forecasts,
 * /api/supervisor/history, /api/supervisor/recordings. gcxrecords is asked (past.h), or the contact store, or the
 * T-Server's recordings. */
#include <event2/http.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "runtime/adapters/desk/api.h"
#include "runtime/adapters/desk/past.h"
#include "runtime/adapters/desk/recordings.h"

static void on_reports(struct api_asked *call)
{
    past_ask(call->desk, call->http, PAST_reports, call->params);
}

/* `within` is a number of seconds for gcxrecords, and whom a bounded person leads for desk_look_led(). */
static void api_seconds_aside(json_t *params)
{
    json_t *seconds = json_object_get(params, "within");
    if (seconds) json_object_set(params, "seconds", seconds);
    json_object_del(params, "within");
}

static void api_seconds_back(json_t *params)
{
    json_object_del(params, "within");
    if (json_object_get(params, "seconds")) json_object_set(params, "within", json_object_get(params, "seconds"));
}

/* May the person read figures of the name alone? `names`: those of its kind that a bounded person leads. */
static bool api_reads_figures(struct evhttp_request *http, const char *names, const char *name)
{
    char *lines = g_strdup_printf("\n%s\n", names), *line = g_strdup_printf("\n%s\n", name);
    bool may = *names != '\0' && (!*name || strstr(lines, line));
    g_free(lines);
    g_free(line);
    return may || api_error(http, 403, "role",
                            "Choose an agent, a team or a queue that you lead: you read no figures of others.");
}

static void api_forecast_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    const char *led = json_string_value(json_object_get(params, "within"));
    char *names = led ? api_led_names(params, led, "queue") : NULL;
    bool may = !led || api_reads_figures(http, names, desk_text(params, "queue"));
    g_free(names);
    if (!may) return;
    api_seconds_back(params);
    past_ask(desk, http, PAST_forecast, params);
}

static void on_forecast(struct api_asked *call)
{
    api_seconds_aside(call->params);
    desk_look_led(call->desk, call->http, call->session->agent, call->params, api_forecast_led);
}

/* Asks for a report. Figures of agents, teams and queues, one by one, are theirs who lead them: without `only` they get
 * these alone. */
static void api_report_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    const char *led = json_string_value(json_object_get(params, "within"));
    const char *of = desk_text(params, "of"), *only = desk_text(params, "only");
    if (led && (strcmp(of, "agent") == 0 || strcmp(of, "queue") == 0 || strcmp(of, "team") == 0)) {
        char *names = api_led_names(params, led, of);
        bool may = api_reads_figures(http, names, only);
        if (may && !*only) json_object_set_new(params, "only", json_string(names));
        g_free(names);
        if (!may) return;
    }
    api_seconds_back(params);
    past_ask(desk, http, PAST_report, params);
}

static void on_report(struct api_asked *call)
{
    api_seconds_aside(call->params);
    desk_look_led(call->desk, call->http, call->session->agent, call->params, api_report_led);
}

/* ---- history ---- */

static void api_way_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    past_ask(desk, http, PAST_way, params);
}

/* Reads `next`, which says where a search goes on: the place in the records, and behind a `;` the place in the contact
 * store. */
static bool api_find_place(struct evhttp_request *http, json_t *params)
{
    char **parts = g_strsplit(desk_text(params, "next"), ";", 2);
    long long received = 0, interaction = 0;
    int end = 0;
    bool stored = parts[0] && parts[1];
    bool good = !stored || (sscanf(parts[1], "%lld.%lld%n", &received, &interaction, &end) == 2 &&
                            parts[1][end] == '\0' && interaction > 0);
    json_object_set_new(params, "received", json_integer(received));
    json_object_set_new(params, "interaction", json_integer(interaction));
    if (parts[0] && *parts[0])
        json_object_set_new(params, "next", json_string(parts[0]));
    else
        json_object_del(params, "next");
    g_strfreev(parts);
    return good || api_error(http, HTTP_BADREQUEST, "invalid", "`next` is that of the answer before.");
}

/* gcxrecords has found a page. There is another one if it says so, or if the contact store has further traces. */
static void api_found(struct desk *desk, struct evhttp_request *http, json_t *params, const char *printed,
                      size_t length)
{
    json_error_t wrong;
    json_t *answer = json_loadb(printed, length, 0, &wrong);
    const json_int_t interaction = json_integer_value(json_object_get(params, "interaction"));
    (void)desk;
    if (!answer) { /* bytes that are no UTF-8 */
        api_bytes(http, HTTP_OK, "application/json", false, printed, length);
        return;
    }
    bool more = json_is_true(json_object_get(answer, "more")) || json_is_true(json_object_get(params, "traced_more"));
    const char *place = desk_text(json_is_string(json_object_get(answer, "next")) ? answer : params, "next");
    char *next = interaction != 0 ? g_strdup_printf("%s;%lld.%lld", place,
                                                    (long long)json_integer_value(json_object_get(params, "received")),
                                                    (long long)interaction)
                                  : g_strdup(place);
    json_object_set_new(answer, "more", json_boolean(more));
    json_object_del(answer, "next");
    if (more) json_object_set_new(answer, "next", json_string(next));
    if (json_is_true(json_object_get(params, "customers_more")))
        json_object_set_new(answer, "customers_more", json_true());
    g_free(next);
    api_answer(http, HTTP_OK, answer);
}

/* The contact store has said which numbers and interactions are meant: the records are asked for them. */
static void api_find_traced(struct desk *desk, struct desk_job *job)
{
    if (!job->good) {
        api_answer_job(desk, job);
        return;
    }
    struct evhttp_request *http = asker_end(&job->asker);
    if (http) past_ask_then(desk, http, PAST_find, job->params, api_found);
}

static void api_find_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    if (!api_find_place(http, params)) return;
    if (*desk_text(params, "q"))
        api_params_give(desk, http, params, desk_keep_traces, api_find_traced);
    else
        past_ask_then(desk, http, PAST_find, params, api_found);
}

static void on_find(struct api_asked *call)
{
    api_ask_led(call, api_find_led);
}

/* ---- recordings, and what was said ---- */

static void on_recordings(struct api_asked *call)
{
    desk_look_opens(call->desk, call->http, call->session->agent, NULL, call->params, recordings_list);
}

static void on_recording(struct api_asked *call)
{
    char why[API_WHY];
    snprintf(why, sizeof why, "recording %lld", (long long)json_integer_value(json_object_get(call->params, "number")));
    desk_look_opens(call->desk, call->http, call->session->agent, why, call->params, recordings_send);
}

static void api_said_led(struct desk *desk, struct evhttp_request *http, json_t *params)
{
    api_params_give(desk, http, params, desk_keep_said, api_answer_job);
}

/* gcxvm has noted the act in its audit. Now the store is asked. */
static void api_said_noted(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    desk_look_led(desk, http, desk_text(params, "asked_by"), (json_t *)params, api_said_led);
}

static void on_past_transcript(struct api_asked *call)
{
    char *why = g_strdup_printf("transcript of %s %s", desk_text(call->params, "media"),
                                desk_text(call->params, "external_id"));
    why[utf8_cut(why, strlen(why), API_WHY - 1)] = '\0';
    json_object_set_new(call->params, "asked_by", json_string(call->session->agent));
    desk_look_opens(call->desk, call->http, call->session->agent, why, call->params, api_said_noted);
    g_free(why);
}

const struct api_call api_record_calls[] = {
    {"reports", .on = on_reports},     {"report", .on = on_report},        {"forecast", .on = on_forecast},
    {"find", .on = on_find},           {"way", .led = api_way_led},        {"recordings", .on = on_recordings},
    {"recording", .on = on_recording}, {"said", .on = on_past_transcript}, {.id = NULL},
};
