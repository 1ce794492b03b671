/* runtime/adapters/sms/application.c - Applications that send short messages by HTTP.
 *
 *     POST /messages        {"id", "to", "text", "from", "agent"}: answered when the book has it
 *     GET /messages/ID      its state
 *
 * Each request has the token, `Authorization: Bearer TOKEN`. An id is sent once, however often it is asked for: a
 * request without an answer is asked again. It goes also while the core is away. */
#include <event2/http.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapters/sms/sms.h"
#include "base/memory.h"
#include "base/why.h"
#include "runtime/web/authorization.h"
#include "runtime/web/door.h"
#include "runtime/web/opening.h"
#include "runtime/web/reply.h"

enum { BODY_MAX = 64 * 1024, BODIES_MAX = 64 * BODY_MAX, ID_MAX = 60, CONNECTIONS = 200 };
#define MESSAGES "/messages"

/* Takes the asker. */
static void asker_answer(struct asker *asker, int code, json_t *answer)
{
    struct evhttp_request *http = asker_over(asker);
    if (http)
        reply_json(http, code, answer);
    else
        json_decref(answer);
}

void application_ordered(void *asker, bool good, unsigned going, unsigned parts)
{
    if (!good)
        asker_answer(asker, 503, json_pack("{s:s}", "error", "the contact store does not take it; ask again"));
    else if (going == POST_STOPPED)
        asker_answer(asker, 409, json_pack("{s:s}", "error", "the customer wants no messages"));
    else if (going == POST_OTHER)
        asker_answer(asker, 409, json_pack("{s:s}", "error", "id: another message was sent under it"));
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
        asker_answer(asker, 503, json_pack("{s:s}", "error", "the contact store is away; ask again"));
    else if (!*state)
        asker_answer(asker, 404,
                     json_pack("{s:s}", "error", "there is no such message, or it is older than eight days"));
    else
        asker_answer(asker, 200, json_pack("{s:s}", "state", state));
}

/* ---- requests ---- */

static bool is_id(const char *id)
{
    size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    return length > 0 && length <= ID_MAX && id[length] == 0;
}

static bool application_is_known(void *self, const char *authorization)
{
    return authorization_is(authorization, "Bearer", secret_text(&((const struct sms *)self)->setting.token));
}

static const char *application_text(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));
    return text ? text : "";
}

/* Why it cannot go; NULL: it can, and the asker is answered. An id that was asked for before
 * gets its answer again; `again` is true while the first one is still under way. */
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

static void application_send(struct sms *sms, struct evhttp_request *http, const json_t *body)
{
    const char *id = application_text(body, "id");
    const char *why = !is_id(id)                         ? "id: up to 60 letters, digits, -, _ and ."
                      : !*application_text(body, "text") ? "text: it is missing"
                                                         : NULL;
    char *name = g_strconcat("app-", id, NULL);
    struct asker *asker = asker_new(http);
    if (!why) why = application_order(sms, body, name, asker);
    if (why) asker_answer(asker, 400, json_pack("{s:s}", "error", why));
    g_free(name);
}

static void application_post(struct sms *sms, struct evhttp_request *http)
{
    json_t *body = reply_to_json(http);
    if (body)
        application_send(sms, http, body);
    else
        reply_error(http, 400, "the body is no JSON object");
    json_decref(body);
}

static void application_get(struct sms *sms, struct evhttp_request *http, const char *id)
{
    if (!is_id(id)) {
        reply_error(http, 404, "there is no such message");
        return;
    }
    char *name = g_strconcat("app-", id, NULL);
    office_ask(sms->office, name, asker_new(http));
    g_free(name);
}

/* The token is checked before anything of the request is looked at. */
static void application_request(void *self, struct evhttp_request *http)
{
    struct sms *sms = self;
    enum evhttp_cmd_type method = evhttp_request_get_command(http);
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(http));
    if (!application_is_known(sms, door_header(http, "Authorization")))
        reply_error(http, 401, "the token is missing or wrong");
    else if (method == EVHTTP_REQ_POST && g_strcmp0(path, MESSAGES) == 0)
        application_post(sms, http);
    else if (method == EVHTTP_REQ_GET && path && g_str_has_prefix(path, MESSAGES "/"))
        application_get(sms, http, path + strlen(MESSAGES "/"));
    else
        reply_error(http, 404, "there is nothing here: POST /messages, GET /messages/ID");
}

/* ---- a life ---- */

static struct opening opening_of_applications(const struct sms_setting *setting)
{
    return (struct opening){setting->http, setting->http_port_file, setting->insecure, setting->certificate,
                            setting->key};
}

bool application_open(struct sms *sms, struct event_base *base, char *why, size_t why_size)
{
    struct opening opening = opening_of_applications(&sms->setting);
    struct address address;
    if (!*sms->setting.http) return true;
    if (sodium_init() < 0) return why_set(why, why_size, "http: no random numbers can be had");
    if (!opening_read(&opening, &address, &sms->tls, why, why_size)) return false;
    struct door_calls calls = {.self = sms, .request = application_request, .known = application_is_known};
    struct door_options options = {.message_max = BODY_MAX,
                                   .body_max = BODY_MAX,
                                   .unknown_max = BODY_MAX,
                                   .bodies_max = BODIES_MAX,
                                   .known_by = "Authorization",
                                   .connections = CONNECTIONS,
                                   .per_address = CONNECTIONS,
                                   .tls = sms->tls};
    sms->door = door_new(base, &options, &calls);
    return opening_listen(&opening, &address, sms->door, sms->link, sms->services, why, why_size);
}

void application_tick(struct sms *sms)
{
    if (sms->door) door_tick(sms->door);
}

void application_free(struct sms *sms)
{
    door_free(sms->door);
    tls_free(sms->tls);
}
