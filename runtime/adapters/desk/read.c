/* runtime/adapters/desk/read.c - Reads from the core without its journal: the contents of queues and workbins, the
 * agents who are present. A request waits until the answer comes, or the core goes away.
 *
 *     browser -- GET --> read_begin() -- Read, token 9 --> core
 *     browser <-- JSON -- read_answered() <-- ReadReply, token 9 --
 *
 * Reads change nothing, so the journal does not contain them. Times from the core are in microseconds, those for the
 * page in milliseconds. If a browser has gone, its row stays, with `http` NULL, until the answer has come. */
#include <assert.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/adapters/cti/json_kv.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/controls.h"
#include "base/memory.h"

enum { READINGS_MAX = 1000, READING_ROWS = 50, UNNAMED_US = 10 * SECOND_US, JOBS_WAIT_MAX = 100 };

struct store_reading {
    struct desk *desk;
    uint64_t token;
    enum object what;
    bool view;             /* a view of the site is asked for: the answer says of which queue or workbin it is */
    bool shown;            /* the asker may see every queue and workbin */
    char agent[NAME_SIZE]; /* who asks */
    struct asker asker;
};

void desk_reading_free(gpointer data)
{
    struct store_reading *reading = data;
    (void)asker_end(&reading->asker);
    free(reading);
}

/* Asks for a reader's order, and for what matches alone. */
static void reading_ask_view(struct writer *writer, const json_t *params)
{
    static const char *const columns[] = {"from", "to", "subject", "author", "media", "find"};
    struct kv filter;
    kv_init(&filter);
    for (size_t at = 0; at < sizeof columns / sizeof *columns; at++)
        if (*desk_text(params, columns[at])) kv_put_text(&filter, columns[at], span_of(desk_text(params, columns[at])));
    writer_text(writer, Read_order, desk_text(params, "order"));
    writer_kv(writer, Read_filter, &filter);
    kv_free(&filter);
}

/* Asks the core. An agent gets the rows of workbins that are open to the agent, a supervisor those of all. */
static bool reading_ask(struct store_reading *reading, const json_t *params, const struct desk_session *session,
                        uint64_t after)
{
    const char *whose = reading->what == object_workbin ? desk_text(params, "whose") : "";
    struct desk *desk = reading->desk;
    struct writer *writer = desk_core_begin(desk, KIND_Read);
    writer_u(writer, Read_token, reading->token);
    writer_u(writer, Read_what, reading->what);
    writer_text(writer, Read_name, reading->view ? "" : desk_text(params, "name"));
    writer_text(writer, Read_whose, reading->what == object_workbin && !*whose ? session->agent : whose);
    writer_u(writer, Read_after, after);
    json_int_t limit = json_integer_value(json_object_get(params, "limit"));
    writer_u(writer, Read_count, limit > 0 ? (uint64_t)limit : READING_ROWS);
    writer_text(writer, Read_asker, reading->shown ? "" : session->agent);
    reading_ask_view(writer, params);
    writer_text(writer, Read_view, reading->view ? desk_text(params, "name") : "");
    return desk->services->read(desk->link, writer_end(writer));
}

static void reading_begin(struct desk *desk, struct evhttp_request *http, const struct store_reading *asked,
                          const json_t *params, const struct desk_session *session)
{
    assert(session);
    uint64_t after = 0;
    const json_t *from = json_object_get(params, "after");
    if (json_is_string(from) && !ident_read_ixn(json_string_value(from), &after)) {
        api_error(http, HTTP_BADREQUEST, "invalid", "after: it is no interaction");
        return;
    }
    if (json_is_integer(from)) after = (uint64_t)json_integer_value(from);
    struct store_reading *reading = memory_zeroed(1, sizeof *reading);
    *reading = *asked;
    reading->desk = desk;
    reading->token = ++desk->requests;
    text_set(reading->agent, sizeof reading->agent, session->agent);
    if (g_hash_table_size(desk->readings) >= READINGS_MAX || !reading_ask(reading, params, session, after)) {
        free(reading);
        api_error(http, HTTP_SERVUNAVAIL, "core", "The router is away or behind: again in a moment.");
        return;
    }
    asker_begin(&reading->asker, http);
    g_hash_table_insert(desk->readings, &reading->token, reading);
}

/* Begins a read; the browser is answered by read_answered(), by read_away(), or here. */
void read_begin(struct desk *desk, struct evhttp_request *http, enum object what, const json_t *params,
                const struct desk_session *session, bool all)
{
    reading_begin(desk, http, &(struct store_reading){.what = what, .shown = all}, params, session);
}

void read_view_begin(struct desk *desk, struct evhttp_request *http, const json_t *params,
                     const struct desk_session *session, bool all)
{
    reading_begin(desk, http, &(struct store_reading){.what = object_workbin, .view = true, .shown = all}, params,
                  session);
}

/* ---- answers ---- */

static json_t *pair_value_json(const struct kv_pair *pair)
{
    switch (pair->value.tag) {
    case KV_INT:
        return json_integer(pair->value.word);
    case KV_TIME:
        return json_integer(pair->value.word / MS);
    case KV_BOOL:
        return json_boolean(pair->value.word != 0);
    case KV_TEXT:
        return json_stringn((const char *)pair->value.span.bytes, pair->value.span.length);
    default:
        return NULL;
    }
}

static void reading_put_pair(json_t *row, const struct kv_pair *pair)
{
    json_t *value = pair_value_json(pair);
    if (value) json_object_setn_new(row, (const char *)pair->key.bytes, pair->key.length, value);
}

/* Turns the row's value into milliseconds if `us`: it came as a plain number. The keys `received` and `due` are
 * times in either form. */
static void to_ms(json_t *row, const char *key, bool us)
{
    json_t *value = json_object_get(row, key);
    if (us && value) json_object_set_new(row, key, json_integer(json_integer_value(value) / MS));
}

/* Returns the values of user data that a view shows. */
static json_t *reading_data_json(struct span list)
{
    json_t *data = json_object();
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(list, &at, &pair)) reading_put_pair(data, &pair);
    return data;
}

static json_t *item_json(struct span list)
{
    json_t *row = json_object();
    struct kv_pair pair;
    uint32_t at = 0;
    bool received = false, due = false;
    while (kv_next(list, &at, &pair)) {
        if (span_is(pair.key, "data") && pair.value.tag == KV_LIST)
            json_object_set_new(row, "data", reading_data_json(pair.value.span));
        reading_put_pair(row, &pair);
        received |= span_is(pair.key, "received") && pair.value.tag == KV_INT;
        due |= span_is(pair.key, "due") && pair.value.tag == KV_INT;
    }
    to_ms(row, "received", received);
    to_ms(row, "due", due);
    return row;
}

/* Returns an agent as JSON: states by medium, and a list of groups, which come as one pair for each. Example:
 * {"agent": "ann", "states": {"email": "ready"}, "groups": ["sales"]}. */
static json_t *reading_agent_json(struct span list)
{
    json_t *row = json_pack("{s:s, s:{}}", "agent", "", "states"), *states = json_object_get(row, "states");
    json_t *groups = json_array();
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(list, &at, &pair))
        if (span_is(pair.key, "name"))
            json_object_set_new(row, "agent", pair_value_json(&pair));
        else if (span_is(pair.key, "group"))
            json_array_append_new(groups, pair_value_json(&pair));
        else if (span_is(pair.key, "takes") && pair.value.tag == KV_LIST)
            json_object_set_new(row, "takes", json_from_kv(pair.value.span));
        else
            reading_put_pair(enum_value_media((const char *)pair.key.bytes, pair.key.length) > 0 ? states : row, &pair);
    if (json_array_size(groups) > 0) json_object_set(row, "groups", groups);
    json_decref(groups);
    return row;
}

static json_t *content_json(struct span value)
{
    json_t *items = json_array(), *whole = json_pack("{s:i, s:o}", "count", 0, "items", items), *columns = json_array();
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(value, &at, &pair))
        if (span_is(pair.key, "item") && pair.value.tag == KV_LIST)
            json_array_append_new(items, item_json(pair.value.span));
        else if (span_is(pair.key, "column"))
            json_array_append_new(columns, pair_value_json(&pair));
        else
            reading_put_pair(whole, &pair);
    if (json_object_get(whole, "object")) json_object_set(whole, "columns", columns);
    json_decref(columns);
    return whole;
}

/* ---- naming the rows ----
 *
 * The store's thread names a copy of the rows. Where the store is away, many jobs wait, or it is slow, the browser gets
 * the rows with addresses only: who takes an interaction needs the router alone. */

struct unnamed { /* the errand of a job that names rows */
    json_t *content;
    uint64_t since_us;
};

static void unnamed_free(void *self)
{
    struct unnamed *unnamed = self;
    json_decref(unnamed->content);
    free(unnamed);
}

static void reading_answer_rows(struct desk_job *job, json_t *content)
{
    struct evhttp_request *http = asker_end(&job->asker);
    if (http) api_answer(http, HTTP_OK, json_incref(content));
}

/* Answers with the rows as far as they are named. */
static void reading_answer_named(struct desk *desk, struct desk_job *job)
{
    g_queue_remove(&desk->unnamed, job);
    reading_answer_rows(job, job->params);
}

void read_tick(struct desk *desk)
{
    struct desk_job *job;
    uint64_t now = desk_now_us(desk);
    while ((job = g_queue_peek_head(&desk->unnamed))) {
        const struct unnamed *unnamed = job->errand.self;
        if (now - unnamed->since_us < UNNAMED_US) break;
        g_queue_pop_head(&desk->unnamed);
        reading_answer_rows(job, unnamed->content);
    }
}

/* Answers once the store has named whom the rows are from; takes the reference. */
static void reading_name(const struct store_reading *reading, struct evhttp_request *http, json_t *content)
{
    struct desk *desk = reading->desk;
    if (json_array_size(json_object_get(content, "items")) == 0 || probe_is_away(desk->probe) ||
        worker_waiting(desk->worker) >= JOBS_WAIT_MAX) {
        api_answer(http, HTTP_OK, content);
        return;
    }
    struct desk_job *job = desk_job_new(desk, json_deep_copy(content));
    struct unnamed *unnamed = memory_zeroed(1, sizeof *unnamed);
    *unnamed = (struct unnamed){content, desk_now_us(desk)};
    job->errand = (struct post_errand){.self = unnamed, .free = unnamed_free};
    text_set(job->agent, sizeof job->agent, reading->agent);
    job->work = desk_keep_names;
    job->done = reading_answer_named;
    asker_begin(&job->asker, http);
    g_queue_push_tail(&desk->unnamed, job);
    desk_job_give(desk, job);
}

/* Answers the browser that asked for a view; the view must be of a queue or workbin that the desk shows. */
static void view_answer(const struct store_reading *reading, struct evhttp_request *http, json_t *content)
{
    const char *object = json_string_value(json_object_get(content, "object"));
    const char *name = json_string_value(json_object_get(content, "name"));
    bool queue = object && strcmp(object, "queue") == 0;
    if (!object || !name)
        api_error(http, HTTP_NOTFOUND, "unknown", "The site has no view of this name.");
    else if (!reading->shown && !(queue ? desk_shows_queue : desk_shows_workbin)(reading->desk, name))
        api_error(http, 403, "role", "It is a view of a queue or workbin that is not one of the desk's.");
    else {
        reading_name(reading, http, content);
        return;
    }
    json_decref(content);
}

static json_t *agents_json(struct span value)
{
    json_t *agents = json_array(), *whole = json_pack("{s:o}", "agents", agents);
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(value, &at, &pair))
        if (span_is(pair.key, "agent") && pair.value.tag == KV_LIST)
            json_array_append_new(agents, reading_agent_json(pair.value.span));
        else
            reading_put_pair(whole, &pair);
    return whole;
}

static void reading_answer(struct store_reading *reading, struct span value)
{
    struct evhttp_request *http = asker_end(&reading->asker);
    if (http && reading->view)
        view_answer(reading, http, content_json(value));
    else if (http && reading->what == object_agent)
        api_answer(http, HTTP_OK, agents_json(value));
    else if (http)
        reading_name(reading, http, content_json(value));
}

void read_answered(struct desk *desk, const struct message *reply)
{
    uint64_t token = message_u(reply, ReadReply_token);
    struct store_reading *reading = g_hash_table_lookup(desk->readings, &token);
    if (!reading) return;
    reading_answer(reading, message_text(reply, ReadReply_value));
    g_hash_table_remove(desk->readings, &token);
}

void read_away(struct desk *desk)
{
    GList *all = g_hash_table_get_values(desk->readings);
    for (GList *one = all; one; one = one->next) {
        struct evhttp_request *http = asker_end(&((struct store_reading *)one->data)->asker);
        if (http) api_error(http, HTTP_SERVUNAVAIL, "core", "The router is away: again in a moment.");
    }
    g_list_free(all);
    g_hash_table_remove_all(desk->readings);
}
