/* runtime/adapters/cti/client.c - A client's connection: lines in and out, its rate, and its end. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/lines.h"
#include "runtime/vocabulary/memory.h"

enum { REQUESTS_A_SECOND = 20 };

struct client {
    struct cti *cti;
    struct client_wire wire;
    uint64_t id;
    struct lines lines;
    int64_t tokens_us; /* time saved up for requests: a second's worth at most */
    int64_t refilled_us;
    bool feeding; /* inside client_feed(): freed when that ends */
    bool ended;
};

uint64_t client_id(const struct client *client)
{
    return client->id;
}

struct client *client_find(struct cti *cti, uint64_t id)
{
    for (unsigned i = 0; i < cti->client_count; i++) {
        if (cti->clients[i]->id == id) {
            return cti->clients[i];
        }
    }
    return NULL;
}

static void leave_agents(struct cti *cti, uint64_t id);

static void client_free(struct client *client)
{
    lines_free(&client->lines);
    free(client);
}

/* Its DNs, its agents and its asks forget it. Calls stay. */
static void client_end(struct client *client)
{
    struct cti *cti = client->cti;
    if (client->ended) {
        return;
    }
    client->ended = true;
    for (unsigned i = 0; i < cti->client_count; i++) {
        if (cti->clients[i] == client) {
            cti->client_count--;
            memmove(cti->clients + i, cti->clients + i + 1, (cti->client_count - i) * sizeof(struct client *));
            break;
        }
    }
    for (unsigned i = 0; i < cti->dns.count; i++) {
        dn_remove_client(cti->dns.all[i], client->id);
    }
    asks_forget_client(&cti->asks, client->id);
    leave_agents(cti, client->id);
    if (!client->feeding) {
        client_free(client);
    }
}

static void post_client(struct cti *cti, const struct agent_session *session, uint64_t id, bool up)
{
    struct asker asker = {.client = id};
    struct writer *writer = post_begin(cti, KIND_EventClient, NULL, &asker);
    writer_u(writer, EventClient_up, up);
    writer_text(writer, EventClient_agent, session->agent);
    writer_text(writer, EventClient_place, session->dn);
    writer_list_begin(writer, EventClient_media);
    writer_list_u(writer, media_voice);
    writer_list_end(writer);
    post_end(cti, NULL, NULL);
}

void client_join(struct cti *cti, struct agent_session *session, uint64_t id)
{
    bool first = session->client_count == 0;
    session_join(session, id);
    if (first) {
        post_client(cti, session, id, true);
    }
}

static void ask_not_ready(struct cti *cti, const struct agent_session *session)
{
    struct kv reasons;
    kv_init(&reasons);
    kv_put_bool(&reasons, "desktop_lost", true);
    struct agent_ask change = {.agent = session->agent,
                               .dn = session->dn,
                               .queue = session->queue,
                               .state = agent_state_not_ready,
                               .reasons = kv_span(&reasons)};
    cti->ops->agent(cti->self, 0, &change);
    kv_free(&reasons);
}

/* The agent whose last desktop is lost takes no calls at once, and is logged out if it does not come back. */
static void leave_agents(struct cti *cti, uint64_t id)
{
    for (struct agent_session *session = cti->agents.first; session != NULL; session = session->next) {
        if (!session_leave(session, id)) {
            continue;
        }
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "EventClient agent=%s dn=%s desktop lost", session->agent, session->dn);
        session->logout_at_us = cti->now_us + cti->desktop_grace_us;
        post_client(cti, session, id, false);
        if (session->state != agent_state_not_ready && cti->switch_up) {
            ask_not_ready(cti, session);
        }
    }
}

void clients_settle(struct cti *cti)
{
    for (struct agent_session *session = cti->agents.first; session != NULL; session = session->next) {
        if (session->logout_at_us != 0 && session->state != agent_state_not_ready) {
            ask_not_ready(cti, session);
        }
    }
}

static void client_close(struct client *client)
{
    if (!client->ended) {
        client->wire.close(client->wire.self);
        client_end(client);
    }
}

void client_lost(struct client *client)
{
    client_end(client);
}

void clients_free(struct cti *cti)
{
    while (cti->client_count > 0) {
        struct client *client = cti->clients[--cti->client_count];
        client->wire.close(client->wire.self);
        client_free(client);
    }
    free(cti->clients);
    cti->clients = NULL;
}

void client_send(struct client *client, json_t *event)
{
    char *text = json_dumps(event, JSON_COMPACT);
    json_decref(event);
    if (text == NULL || client->ended) {
        free(text);
        return;
    }
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of its zero */
    bool sent = client->wire.send(client->wire.self, text, length + 1);
    free(text);
    if (!sent) {
        cti_log(client->cti, GCX_LOG_WARNING, NO_CALL, "client=%llx does not read: closed",
                (unsigned long long)client->id);
        client_close(client);
    }
}

struct client *client_new(struct cti *cti, const struct client_wire *wire)
{
    struct client *client = memory_zeroed(1, sizeof *client);
    cti_clock(cti);
    client->cti = cti;
    client->wire = *wire;
    /* Never used again, by another process of this adapter neither: the core remembers answers by it. */
    client->id = cti->next_client++;
    client->tokens_us = 1000000;
    client->refilled_us = cti->now_us;
    if ((cti->client_count & (cti->client_count - 1)) == 0) {
        cti->clients =
            memory_grown(cti->clients, cti->client_count == 0 ? 1 : cti->client_count * 2, sizeof(struct client *));
    }
    cti->clients[cti->client_count++] = client;
    json_t *hello = json_pack("{s:s,s:s,s:i}", "Message", link_message(cti), "Server", cti->name, "Protocol", 1);
    client->feeding = true;
    client_send(client, hello);
    client->feeding = false;
    if (client->ended) {
        client_free(client);
        return NULL;
    }
    return client;
}

/* One request costs a twentieth of a second of time saved. */
static bool may_ask(struct client *client)
{
    int64_t now_us = client->cti->now_us, cost = 1000000 / REQUESTS_A_SECOND;
    client->tokens_us += now_us > client->refilled_us ? now_us - client->refilled_us : 0;
    client->tokens_us = client->tokens_us > 1000000 ? 1000000 : client->tokens_us;
    client->refilled_us = now_us;
    if (client->tokens_us < cost) {
        return false;
    }
    client->tokens_us -= cost;
    return true;
}

static bool client_line(void *self, char *text, size_t length)
{
    struct client *client = self;
    struct cti *cti = client->cti;
    json_error_t why;
    json_t *request = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    struct asker asker = {.client = client->id};
    if (!json_is_object(request)) {
        char complaint[sizeof why.text + 32];
        snprintf(complaint, sizeof complaint, "not a JSON object: %s", request == NULL ? why.text : "another value");
        notify_error(cti, &asker, NULL, 0, code_invalid_attribute, complaint);
        json_decref(request);
        return !client->ended;
    }
    json_int_t reference = json_integer_value(json_object_get(request, "ReferenceID"));
    if (reference <= 0) {
        notify_error(cti, &asker, NULL, 0, code_invalid_attribute, "ReferenceID is a number above 0");
    } else if (!may_ask(client)) {
        asker.reference = (uint64_t)reference;
        notify_error(cti, &asker, NULL, 0, code_overload, "more than 20 requests in a second");
    } else {
        request_perform(client, cti, request, (uint64_t)reference);
    }
    json_decref(request);
    return !client->ended;
}

void client_feed(struct client *client, const char *bytes, size_t length)
{
    struct cti *cti = client->cti;
    cti_clock(cti);
    client->feeding = true;
    bool whole = lines_feed(&client->lines, bytes, length, client_line, client);
    if (!whole && !client->ended) {
        struct asker asker = {.client = client->id};
        notify_error(cti, &asker, NULL, 0, code_too_large, "a line has at most 1048576 bytes");
        client_close(client);
    }
    client->feeding = false;
    if (client->ended) {
        client_free(client);
    }
}
