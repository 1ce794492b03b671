/* runtime/adapters/sms/application.c - Applications that send short messages by HTTP.
 *
 *     POST /messages        {"id", "to", "text", "from", "agent"}: answered when the book has it
 *     GET /messages/ID      its state
 *
 * A message is sent once for each id, however often it is requested: an application that misses the answer repeats
 * its request. Messages are sent even while the core is away. */
#include <event2/http.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/sms.h"
#include "runtime/web/reply.h"

enum { BODY_MAX = 64 * 1024, ID_MAX = 60, CONNECTIONS = 200 };

/* The two functions below answer the request and free the asker. */
static void asker_answer(struct asker *asker, int code, json_t *answer)
{
    struct evhttp_request *http = asker_over(asker);
    if (http)
        reply_json(http, code, answer);
    else
        json_decref(answer);
}

static void asker_refuse(struct asker *asker, int code, const char *why)
{
    struct evhttp_request *http = asker_over(asker);
    if (http) reply_error(http, code, why);
}

void application_ordered(void *asker, bool good, unsigned going, unsigned parts)
{
    if (!good)
        asker_refuse(asker, 503, "the contact store does not take it; ask again");
    else if (going == POST_STOPPED)
        asker_refuse(asker, 409, "the customer wants no messages");
    else if (going == POST_OTHER)
        asker_refuse(asker, 409, "id: another message was sent under it");
    else
        asker_answer(asker, going == POST_GO ? 202 : 200,
                     json_pack("{s:s, s:i}", "state",
                               going == POST_GO     ? "going"
                               : going == POST_GONE ? "accepted"
                               : going == POST_LOST ? "unknown"
                                                    : "failed",
                               "parts", (int)parts));
}

void application_asked(void *asker, bool good, const char *state)
{
    if (!good)
        asker_refuse(asker, 503, "the contact store is away; ask again");
    else if (!*state)
        asker_refuse(asker, 404, "there is no such message, or it is older than eight days");
    else
        asker_answer(asker, 200, json_pack("{s:s}", "state", state));
}

/* ---- requests ---- */

static const char *application_text(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));
    return text ? text : "";
}

/* Sends the application's message; returns why it cannot, or NULL: the asker is answered. An id that was requested
 * before gets its answer again; `again` is true while the first message is still being sent. */
static const char *application_order(struct sms *sms, const json_t *body, const char *name, struct asker *asker)
{
    const char *text = application_text(body, "text"), *from = application_text(body, "from");
    const char *agent = application_text(body, "agent"), *why = NULL;
    struct post_sending *sending = office_sending_new(sms->office, 0, span_of(name), g_strdup(text));
    bool again = false;
    if (!text_way.address(sms, span_of(application_text(body, "to")), sending->customer))
        why = "to: it is no number";
    else if (*from && !numbers_find(&sms->setting.own_numbers, from))
        why = "from: it is none of `numbers`";
    if (why) {
        office_sending_free(sms->office, sending);
        return why;
    }
    post_order_digest(sending->customer, span_of(from), text, sending->digest);
    text_way.from(sms, span_of(from), sending->own);
    if (*agent) {
        g_free(sending->reply_to);
        sending->reply_to = g_strconcat(SESSION_BY_DESK, agent, ":", name, NULL);
    }
    why = office_order(sms->office, sending, asker, &again);
    if (again) application_ordered(asker, true, POST_GO, sms_parts_count(text, sms->setting.parts));
    return why;
}

static void application_send(void *self, struct evhttp_request *http, const json_t *body)
{
    struct sms *sms = self;
    const char *id = application_text(body, "id");
    const char *why = !applications_id(&sms->applications, id) ? "id: up to 60 letters, digits, -, _ and ."
                      : !*application_text(body, "text")       ? "text: it is missing"
                                                               : NULL;
    char *name = g_strconcat("app-", id, NULL);
    struct asker *asker = asker_new(http);
    if (!why) why = application_order(sms, body, name, asker);
    if (why) asker_refuse(asker, 400, why);
    g_free(name);
}

static void application_look(void *self, struct evhttp_request *http, const char *id)
{
    char *name = g_strconcat("app-", id, NULL);
    office_ask(((struct sms *)self)->office, name, asker_new(http));
    g_free(name);
}

/* ---- a life ---- */

#define APPLICATIONS_OPENING(setting) OPENING(setting, http, http_port_file, certificate, key)

bool application_check(const struct sms_setting *setting, char *why, size_t why_size)
{
    struct opening opening = APPLICATIONS_OPENING(setting);
    return !*setting->http || opening_good(&opening, why, why_size);
}

bool application_open(struct sms *sms, char *why, size_t why_size)
{
    struct opening opening = APPLICATIONS_OPENING(&sms->setting);
    if (!*sms->setting.http) return true;
    sms->applications = (struct applications){.self = sms,
                                              .token = &sms->setting.token,
                                              .path = "/messages",
                                              .there = "there is nothing here: POST /messages, GET /messages/ID",
                                              .method = EVHTTP_REQ_GET,
                                              .body_max = BODY_MAX,
                                              .id_max = ID_MAX,
                                              .connections = CONNECTIONS,
                                              .bring = application_send,
                                              .about = application_look,
                                              .unknown = "there is no such message"};
    sms->door = applications_door(&sms->applications, &opening, sms->link, sms->services, why, why_size);
    return sms->door != NULL;
}

void application_tick(struct sms *sms)
{
    if (sms->door) door_tick(sms->door);
}

void application_free(struct sms *sms)
{
    door_free(sms->door);
}
