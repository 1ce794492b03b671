/* runtime/adapters/desk/core_post.c - Events and requests to the core, posted in order.
 *
 * Requests have a number (`req`) and wait in desk->asked for their Reply, or until the core goes away (core.c);
 * core_ask() begins the event, the caller writes its fields, core_send() posts it. No other event may be begun
 * between these calls, as there is one writer. Events that need no answer are begun and posted. */
#include <assert.h>
#include <stdlib.h>

#include "runtime/adapters/desk/desk.h"
#include "base/memory.h"

uint64_t desk_now_us(const struct desk *desk)
{
    return desk->services->now_us(desk->link);
}

struct writer *desk_core_begin(struct desk *desk, unsigned kind)
{
    writer_clear(&desk->writer);
    writer_begin(&desk->writer, kind);
    return &desk->writer;
}

void desk_core_post(struct desk *desk)
{
    outbox_post(&desk->asks.outbox, writer_end(&desk->writer));
}

void desk_request_free(gpointer data)
{
    struct desk_request *request = data;
    json_decref(request->more);
    if (request->given) request->given_free(request->given);
    free(request);
}

/* Makes a request; it is put into the table before it is sent, so that its answer finds it however fast it comes. */
struct desk_request *core_ask(struct desk_agent *agent, unsigned kind, uint64_t ixn, json_int_t id)
{
    struct desk *desk = agent->desk;
    struct desk_request *request = memory_zeroed(1, sizeof *request);
    request->req = ++desk->requests;
    request->ticket = agent->ticket;
    request->agent = agent;
    request->ixn = ixn;
    request->id = id;
    g_hash_table_insert(desk->asked, &request->req, request);
    struct writer *writer = desk_core_begin(desk, kind);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_i(writer, ENVELOPE_at, (int64_t)desk->services->wall_us(desk->link));
    writer_u(writer, ENVELOPE_client, agent->client);
    writer_u(writer, ENVELOPE_req, request->req);
    writer_text(writer, ENVELOPE_actor, agent->name);
    return request;
}

/* Posts the request; one that is invalid or too long is not posted, and the browser gets an error at once. */
void core_send(struct desk_request *request)
{
    assert(request->agent); /* core_ask() has just set the agent */
    struct desk *desk = request->agent->desk;
    struct span frame = writer_end(&desk->writer);
    struct message message;
    struct error error;
    if (message_read(&message, frame.bytes, frame.length, &error) && frame.length <= MESSAGE_EVENT_MAX) {
        outbox_post(&desk->asks.outbox, frame);
        return;
    }
    agent_reply(request->agent, request->ticket, request->id, "invalid", "It is more than the router takes.", NULL);
    g_hash_table_remove(desk->asked, &request->req);
}
