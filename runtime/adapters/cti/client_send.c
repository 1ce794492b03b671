/* runtime/adapters/cti/client_send.c - Sending to a client, and its end: it is removed from its DNs, its agents and
 * its asks.
 *
 *     client_lost()      the connection is gone, or client_close() ends it
 *       its DNs          no event is sent there any more
 *       its asks         answers to it are dropped
 *       its agents       not ready at once; logged out after desktop_grace_us, unless
 *                        client_join() comes before
 *
 * Frees a client. A client may be lost while its own bytes are being read, as one of its lines may close it. In this
 * case (`feeding`) `ended` is set, and the reader frees the client when it returns. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/client_data.h"
#include "runtime/vocabulary/events_agent.h"

void client_free(struct client *client)
{
    cti_lines_free(&client->lines);
    free(client);
}

static void post_client(struct cti *cti, const struct agent_session *session, uint64_t id, bool up)
{
    struct cti_asker asker = {.client = id};
    struct writer *writer = post_begin(cti, KIND_EventClient, NULL, &asker);
    writer_u(writer, EventClient_up, up);
    writer_text(writer, EventClient_agent, session->agent);
    writer_text(writer, EventClient_place, session->dn);
    writer_list_begin(writer, EventClient_media);
    writer_list_u(writer, media_voice);
    writer_list_end(writer);
    post_end(cti, NULL, NULL);
}

/* Joins a desktop to the agent's sessions. The agent may be logged in at several DNs (`also`): a desktop at one of
 * them is enough for all. */
void client_join(struct cti *cti, struct agent_session *session, uint64_t id)
{
    bool first = session->client_count == 0;
    session_join(session, id);
    for (struct agent_session *also = agents_of(&cti->agents, session->agent); also; also = also->also)
        also->logout_at_us = 0;
    if (first) post_client(cti, session, id, true);
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

/* Takes the desktop from its agents. An agent whose last desktop is lost becomes not ready at once, and is logged
 * out if no desktop comes back in time. Where another desktop shows the same agent, nothing happens. */
static void leave_agents(struct cti *cti, uint64_t id)
{
    for (struct agent_session *session = cti->agents.first; session; session = session->next) {
        if (!agent_session_leave(session, id) || agents_have_desktop(&cti->agents, session->agent)) continue;
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "EventClient agent=%s dn=%s desktop lost", session->agent, session->dn);
        for (struct agent_session *also = agents_of(&cti->agents, session->agent); also; also = also->also)
            also->logout_at_us = cti->now_us + cti->desktop_grace_us;
        post_client(cti, session, id, false);
        bool stays = !session->leaving && session->state != agent_state_not_ready;
        if (stays && cti->switch_up && !cti->aside) ask_not_ready(cti, session);
    }
}

/* Removes the client from its DNs, its agents and its asks. Calls stay. */
void client_lost(struct client *client)
{
    struct cti *cti = client->cti;
    if (client->ended) return;
    client->ended = true;
    for (unsigned i = 0; i < cti->client_count; i++) {
        if (cti->clients[i] == client) {
            cti->client_count--;
            memmove(cti->clients + i, cti->clients + i + 1, (cti->client_count - i) * sizeof(struct client *));
            break;
        }
    }
    for (unsigned i = 0; i < cti->dns.count; i++) dn_remove_client(cti->dns.all[i], client->id);
    asks_forget_client(&cti->asks, client->id);
    leave_agents(cti, client->id);
    if (!client->feeding) client_free(client);
}

/* Makes agents not ready whose last desktop is lost and who may still get calls: leave_agents() could not ask the
 * switch for that while the switch was away. */
void clients_settle(struct cti *cti)
{
    for (struct agent_session *session = cti->agents.first; session; session = session->next)
        if (session->logout_at_us != 0 && session->state != agent_state_not_ready && !cti->aside)
            ask_not_ready(cti, session);
}

void client_close(struct client *client)
{
    if (!client->ended) {
        client->wire.close(client->wire.self);
        client_lost(client);
    }
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

/* Sends the event to the client, without the parts that the client may not see (access_filter_event). The reference
 * to `event` is taken. A client that does not read is closed, as events that wait for it would fill the memory. So
 * the client may be gone when this returns. */
void client_send(struct client *client, json_t *event)
{
    event = access_filter_event(client, event);
    char *text = json_dumps(event, JSON_COMPACT);
    json_decref(event);
    if (!text || client->ended) {
        free(text);
        return;
    }
    size_t length = strlen(text);
    text[length] = '\n'; /* replaces the terminating zero */
    bool sent = client->wire.send(client->wire.self, text, length + 1);
    free(text);
    if (!sent) {
        cti_log(client->cti, GCX_LOG_WARNING, NO_CALL, "client=%llx user=%s address=%s does not read: closed",
                (unsigned long long)client->id, !client->user ? "" : client->user->name, client->address);
        client_close(client);
    }
}
