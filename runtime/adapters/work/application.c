/* runtime/adapters/work/application.c - HTTP requests of applications that submit work.
 *
 *     POST /work        {"id", "queue", "from", "to", "subject", "due", "data"}: answered when the core has it
 *     DELETE /work/ID   it is done with, or no longer wanted
 *
 * Work is submitted once for each id, however often the request comes. */
#include <event2/http.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/work/work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/web/reply.h"

enum { BODY_MAX = 48 * 1024, ID_MAX = 100, TEXT_MAX = 250 };
#define TICK_US UINT64_C(1000000)
static const char unknown_work[] = "there is no such work, or it is over";

struct work_request { /* an HTTP request that waits for the core's answer */
    struct asker asker;
    struct submit submit;
};

/* ---- answers ---- */

static void work_refuse(void *self, struct evhttp_request *http, int code, const char *why)
{
    struct work *work = self;
    work->services->count(work->link, code == HTTP_SERVUNAVAIL ? "put_off" : "refused", 1);
    reply_error(http, code, why);
}

/* Frees the struct and returns its HTTP request; NULL: the application has gone. */
static struct evhttp_request *work_request_end(struct work_request *request)
{
    struct evhttp_request *http = asker_end(&request->asker);
    free(request);
    return http;
}

/* Answers 200: the core has taken the work; 503: the same request may be repeated; 409: the work is refused. */
void work_application_answered(void *self, void *owner, const struct submit_answer *answer)
{
    struct work *work = self;
    struct evhttp_request *http = work_request_end(owner);
    char id[IXN_TEXT] = "";
    if (!http) return;
    if (answer->ixn != 0) ident_print_ixn(answer->ixn, id);
    if (answer->fate == SUBMIT_TAKEN) {
        work->services->count(work->link, "taken", 1);
        reply_json(http, HTTP_OK, json_pack("{s:s}", "interaction", id));
    } else if (answer->code == code_invalid_dn)
        work_refuse(work, http, HTTP_NOTFOUND, "queue: there is no such queue");
    else if (answer->code == code_gone)
        work_refuse(work, http, HTTP_NOTFOUND, unknown_work);
    else if (answer->fate == SUBMIT_LATER)
        work_refuse(work, http, HTTP_SERVUNAVAIL, "it is not taken now; ask again");
    else
        work_refuse(work, http, 409, enum_name_code(answer->code));
}

/* ---- requests ---- */

static void work_ask(struct work *work, struct evhttp_request *http, uint64_t number)
{
    if (!work->services->up(work->link) || !work->services->post(work->link, writer_end(&work->writer))) {
        work_refuse(work, http, HTTP_SERVUNAVAIL, "it is not taken now; ask again");
        return;
    }
    struct work_request *request = memory_zeroed(1, sizeof *request);
    request->submit.number = number;
    asker_begin(&request->asker, http);
    submits_put(&work->asking, &request->submit, request, work->services->now_us(work->link));
}

static uint64_t work_begin_event(struct work *work, unsigned kind)
{
    uint64_t number = submits_number(&work->asking);
    writer_clear(&work->writer);
    writer_begin(&work->writer, kind);
    writer_i(&work->writer, ENVELOPE_at, (int64_t)work->services->wall_us(work->link));
    writer_u(&work->writer, ENVELOPE_req, number);
    /* The tenant is the adapter's name, so that another adapter or a strategy may submit other work with the same
     * id. */
    if (work->name) writer_text(&work->writer, ENVELOPE_tenant, work->name);
    return number;
}

/* Returns the text of that member; "": it is missing. NULL: the member is no text, or too long. */
static const char *work_text(const json_t *body, const char *key)
{
    const json_t *value = json_object_get(body, key);
    if (!value || json_is_null(value)) return "";
    return json_is_string(value) && json_string_length(value) <= TEXT_MAX ? json_string_value(value) : NULL;
}

struct work_body { /* texts are not copied from the request's JSON */
    const char *id, *queue, *from, *to, *subject;
    int64_t due_us; /* 0: none */
    struct kv data;
};

/* Reads the body; returns what is wrong with it, or NULL; the caller calls kv_free() for the data in either case.
 * Only the data are copied: the texts are valid as long as the JSON. */
static const char *work_body_read(const struct work *work, const json_t *json, struct work_body *body)
{
    const json_t *due = json_object_get(json, "due"), *data = json_object_get(json, "data");
    struct error error;
    GDateTime *moment = NULL;
    *body = (struct work_body){work_text(json, "id"),
                               work_text(json, "queue"),
                               work_text(json, "from"),
                               work_text(json, "to"),
                               work_text(json, "subject"),
                               0,
                               {0}};
    kv_init(&body->data);
    if (!body->id || !applications_id(&work->applications, body->id))
        return "id: up to 100 letters, digits, -, _ and .";
    if (!body->queue || strlen(body->queue) > NAME_MAX_BYTES) return "queue: a text of up to 64 bytes";
    if (!body->from || !body->to || !body->subject) return "from, to, subject: each is a text of up to 250 bytes";
    if (!*body->queue) body->queue = work->setting.queue;
    if (!*body->queue) return "queue: it is missing";
    if (due && !(moment = g_date_time_new_from_iso8601(json_is_string(due) ? json_string_value(due) : "", NULL)))
        return "due: it is no time such as 2026-03-02T10:00:00Z";
    if (moment) {
        body->due_us = g_date_time_to_unix(moment) * 1000000;
        g_date_time_unref(moment);
        if (body->due_us <= 0) return "due: it is before 1970";
    }
    if (data && (!json_is_object(data) || !json_to_kv(data, &body->data, &error)))
        return "data: an object of texts, numbers, booleans and objects, of 32,000 bytes at most";
    return body->data.length <= KV_BYTES_MAX && kv_check(kv_span(&body->data), NULL) ? NULL
                                                                                     : "data: they are too large";
}

static void work_submit(struct work *work, struct evhttp_request *http, const struct work_body *body)
{
    struct writer *writer = &work->writer;
    uint64_t req = work_begin_event(work, KIND_Submit);
    writer_u(writer, Submit_media, work->setting.medium);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_text(writer, Submit_external_id, body->id);
    writer_text(writer, Submit_queue, body->queue);
    if (*body->from) writer_text(writer, Submit_from, body->from);
    if (*body->to) {
        writer_list_begin(writer, Submit_to);
        writer_list_text(writer, span_of(body->to));
        writer_list_end(writer);
    }
    if (*body->subject) writer_text(writer, Submit_subject, body->subject);
    writer_i(writer, Submit_received, (int64_t)work->services->wall_us(work->link));
    if (body->due_us != 0) writer_i(writer, Submit_due, body->due_us);
    writer_kv(writer, Submit_data, &body->data);
    work_ask(work, http, req);
}

static void work_bring(void *self, struct evhttp_request *http, const json_t *json)
{
    struct work *work = self;
    struct work_body body = {0};
    const char *why = work_body_read(work, json, &body);
    if (why)
        work_refuse(work, http, HTTP_BADREQUEST, why);
    else
        work_submit(work, http, &body);
    kv_free(&body.data);
}

static void work_withdraw(void *self, struct evhttp_request *http, const char *id)
{
    struct work *work = self;
    uint64_t req = work_begin_event(work, KIND_RequestStop);
    writer_text(&work->writer, RequestStop_external_id, id);
    writer_text(&work->writer, RequestStop_reason, "withdrawn");
    work_ask(work, http, req);
}

/* ---- a life ---- */

bool work_application_check(const struct work_setting *setting, char *why, size_t why_size)
{
    struct opening opening = OPENING_OF(setting);
    return opening_good(&opening, why, why_size);
}

bool work_application_open(struct work *work, char *why, size_t why_size)
{
    struct opening opening = OPENING_OF(&work->setting);
    work->applications = (struct applications){.self = work,
                                               .token = &work->setting.token,
                                               .path = "/work",
                                               .there = "there is nothing here: POST /work, DELETE /work/ID",
                                               .method = EVHTTP_REQ_DELETE,
                                               .body_max = BODY_MAX,
                                               .id_max = ID_MAX,
                                               .connections = work->setting.connections,
                                               .bring = work_bring,
                                               .about = work_withdraw,
                                               .unknown = unknown_work,
                                               .refuse = work_refuse};
    work->door = applications_door(&work->applications, &opening, work->link, work->services, why, why_size);
    return work->door != NULL;
}

void work_application_put_off(struct work *work)
{
    submits_put_off(&work->asking, work->services->now_us(work->link), 0);
}

void work_application_tick(struct work *work)
{
    submits_put_off(&work->asking, work->services->now_us(work->link), work->setting.submit_timeout * TICK_US);
    if (work->door) door_tick(work->door);
}

static void work_request_forget(void *request)
{
    (void)work_request_end(request); /* the HTTP server ends the request's connection */
}

void work_application_close(struct work *work)
{
    submits_free(&work->asking, work_request_forget);
    door_free(work->door);
}
