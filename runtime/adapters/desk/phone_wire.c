/* runtime/adapters/desk/phone_wire.c - A telephone's connection to the T-Server, and the requests that it carries.
 *
 *     to the T-Server   {"Message": "RequestAnswerCall", "ThisDN": "2001", "ConnID": "...", "ReferenceID": 12}
 *     back              {"Message": "EventEstablished", "ThisDN": "2001", ..., "ReferenceID": 12}
 *
 * `asked` has the browser's id of each request under its ReferenceID, by which an answer finds the browser's
 * message. Each request gets one answer: from the T-Server, or from phone_give_up() when the connection is lost. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/resolver.h"
#include "runtime/adapters/desk/phone.h"

enum { UNSENT_MAX = 1 << 20 };

const char *phone_text_of(const json_t *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event, key));
    return text ? text : "";
}

void phone_reply(struct phone *phone, json_int_t id, const char *code, const char *text)
{
    if (id != 0) agent_reply(phone->agent, phone->agent->ticket, id, code, text, NULL);
}

void phone_page_gone(struct desk_agent *agent)
{
    if (!agent->phone) return;
    agent->phone->login = 0;
    json_object_clear(agent->phone->asked);
}

bool phone_is_there(const struct desk_agent *agent)
{
    return agent->phone && strcmp(agent->phone->state, "logged_out") != 0;
}

bool phone_has_call(const struct desk_agent *agent, const char *conn)
{
    return agent->phone && json_object_get(agent->phone->calls, conn);
}

/* Counts the agent's own calls at the telephone; one that a supervisor only listens to does not count. */
unsigned phone_calls(const struct desk_agent *agent)
{
    const char *conn;
    json_t *call;
    unsigned count = 0;
    if (agent->phone)
        json_object_foreach(agent->phone->calls, conn, call) count += !json_object_get(call, "monitoring");
    return count;
}

/* Sends a line, and takes ownership of the object. A T-Server that leaves too many bytes unread counts as lost: each
 * open request gets an answer, and the log-in is tried again. */
static void phone_send_line(struct phone *phone, json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    struct evbuffer *out = phone->stream ? bufferevent_get_output(phone->stream) : NULL;
    bool taken = out && evbuffer_get_length(out) < UNSENT_MAX;
    if (text && taken) evbuffer_add_printf(out, "%s\n", text);
    if (out && !taken) bufferevent_trigger_event(phone->stream, BEV_EVENT_TIMEOUT, BEV_TRIG_DEFER_CALLBACKS);
    if (text) sodium_memzero(text, strlen(text)); /* the text may hold a password */
    free(text);
    json_decref(line);
}

/* Sends a request to the T-Server; `id` 0: nobody waits for the answer. `more` is taken. */
json_int_t phone_ask_switch(struct phone *phone, const char *message, json_t *more, json_int_t id)
{
    char key[24];
    json_int_t ref = ++phone->refs;
    snprintf(key, sizeof key, "%lld", (long long)ref);
    if (id != 0) json_object_set_new(phone->asked, key, json_integer(id));
    json_object_set_new(more, "Message", json_string(message));
    json_object_set_new(more, "ReferenceID", json_integer(ref));
    phone_send_line(phone, more);
    return ref;
}

json_t *phone_at_dn(const struct phone *phone)
{
    return json_pack("{s:s}", "ThisDN", phone->dn);
}

/* Registers for the DN and logs the agent in: the T-Server takes requests only for a DN for which the client is
 * registered. Both requests are sent without waiting, as the T-Server reads them in order. */
void phone_log_in(struct phone *phone)
{
    if (phone->fetches) phone_fetched(phone, false);
    if (phone->ready || phone->fetches) return;
    phone->ready = true;
    phone_ask_switch(phone, "RequestRegisterAddress", phone_at_dn(phone), 0);
    json_t *more = phone_at_dn(phone);
    json_object_set_new(more, "AgentID", json_string(phone->agent->name));
    if (*phone->queue) json_object_set_new(more, "ThisQueue", json_string(phone->queue));
    phone->login_ref = phone_ask_switch(phone, "RequestAgentLogin", more, phone->login);
    phone->login = 0;
}

void phone_attach(struct desk_agent *agent, const char *conn, json_t *data)
{
    if (!agent->phone || !agent->phone->ready) {
        json_decref(data);
        return;
    }
    json_t *more = phone_at_dn(agent->phone);
    json_object_set_new(more, "ConnID", json_string(conn));
    json_object_set_new(more, "UserData", data);
    phone_ask_switch(agent->phone, "RequestUpdateUserData", more, 0);
}

const char *phone_user_event(struct desk_agent *agent, json_t *data, json_int_t id)
{
    if (!agent->phone || !agent->phone->ready) {
        json_decref(data);
        return "The telephone is not logged in, or the T-Server is away.";
    }
    json_t *more = phone_at_dn(agent->phone);
    json_object_set_new(more, "UserData", data);
    phone_ask_switch(agent->phone, "RequestDistributeUserEvent", more, id);
    return NULL;
}

/* ---- a connection ends ---- */

/* Answers all open requests, as the T-Server will not: each message of the browser gets exactly one answer. */
void phone_give_up(struct phone *phone, const char *login, const char *others)
{
    const char *key;
    json_t *id;
    phone_reply(phone, phone->login, "away", login);
    phone->login = 0;
    json_object_foreach(phone->asked, key, id) phone_reply(phone, json_integer_value(id), "away", others);
    json_object_clear(phone->asked);
}

/* Forgets the calls; the T-Server reports them again when the connection is back. */
static void phone_forget_calls(struct phone *phone)
{
    json_object_clear(phone->calls);
    json_object_clear(phone->own);
    json_object_clear(phone->parted);
    json_object_clear(phone->mutes);
    json_decref(phone->question); /* the T-Server asks again if the question is still open */
    phone->question = NULL;
}

/* Closes the connection. `login` is the sentence for the browser that waits for a log-in, `others` for all other
 * open requests. */
void phone_close(struct phone *phone, const char *login, const char *others)
{
    if (phone->stream) bufferevent_free(phone->stream);
    phone->stream = NULL;
    phone->ready = false;
    phone->login_ref = 0;
    phone->wait_s = 0;
    phone_give_up(phone, login, others);
    phone_forget_calls(phone);
}

void phone_ends(struct phone *phone)
{
    phone_close(phone, "The telephone is not yours.", "The telephone is not yours any more.");
}

void phone_fetched(struct phone *phone, bool refused)
{
    struct desk *desk = phone->agent->desk;
    phone_ends(phone);
    phone->fetched = true; /* phone_tick() frees it */
    if (!refused) return;
    desk->fetches_from_us = desk_now_us(desk) + UINT64_C(3600) * SECOND_US;
    desk->services->log(desk->link, GCX_LOG_INFO, 0, 0,
                        "tserver: %s: another user or password than here: agents get no token until they are at a "
                        "telephone",
                        phone->agent->name);
}

void phone_free(struct phone *phone)
{
    if (!phone) return;
    if (phone->stream) bufferevent_free(phone->stream);
    resolver_free(phone->resolver);
    json_decref(phone->asked);
    json_decref(phone->calls);
    json_decref(phone->lost);
    json_decref(phone->own);
    json_decref(phone->parted);
    json_decref(phone->mutes);
    json_decref(phone->question);
    free(phone);
}
