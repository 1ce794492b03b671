/* runtime/daemon/hear.c - Passes news to the daemon: the core's thread and the sources' workers put it into the
 * handover, and the loop's thread takes it out. */
#include "runtime/daemon/hear.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <sys/time.h>

#include "runtime/daemon/admin/admin.h"
#include "runtime/daemon/service/load.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_host.h"

enum { LOOK_AGAIN_US = 1000 };

/* Counts a query under the source that it names. */
static void query_noted(struct daemon *daemon, const struct message *query)
{
    for (size_t i = 0; i < daemon->conf->source_count; i++)
        if (span_is(message_text(query, Query_source), daemon->conf->sources[i].name))
            queries_asked(daemon->queries, i, query);
}

/* Takes an effect of the core; this function and the next three run on the core's thread. */
void daemon_on_effect(void *self, unsigned link, struct span frame)
{
    assert(frame.length > 0);
    struct daemon *daemon = self;
    struct message message;
    if (link >= SOURCE_LINKS) {
        handover_put(daemon->handover,
                     &(struct handover_item){.kind = HANDOVER_EFFECT, .source = link, .frame = frame});
        return;
    }
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    if (message.kind == KIND_Reply)
        handover_put(daemon->handover, &(struct handover_item){.kind = HANDOVER_REPLY, .frame = frame});
    if (message.kind == KIND_Reply && message_u(&message, Reply_outcome) != outcome_ok) {
        struct span text = message_text(&message, Reply_text);
        const char *code = enum_name_code(message_u(&message, Reply_code));
        log_line(daemon->log, LOG_LEVEL_WARNING, "core", 0, 0, "refused: %s %.*s", code, (int)text.length,
                 (const char *)text.bytes);
    }
    if (message.kind == KIND_Query) {
        query_noted(daemon, &message);
        sources_query(daemon->sources, &message);
    } else if (message.kind == KIND_HttpRequest) {
        endpoints_request(daemon->endpoints, &message);
    } else if (message.kind == KIND_Cancel) {
        queries_cancelled(daemon->queries, message_u(&message, ENVELOPE_ixn), message_u(&message, Cancel_of));
        endpoints_cancel(daemon->endpoints, message_u(&message, ENVELOPE_ixn), message_u(&message, Cancel_of));
        sources_cancel(daemon->sources, message_u(&message, ENVELOPE_ixn), message_u(&message, Cancel_of));
    }
}

void daemon_on_committed(void *self, unsigned source, uint64_t seq)
{
    struct daemon *daemon = self;
    handover_put(daemon->handover, &(struct handover_item){.kind = HANDOVER_COMMITTED, .source = source, .seq = seq});
}

void daemon_on_room(void *self)
{
    struct daemon *daemon = self;
    handover_put(daemon->handover, &(struct handover_item){.kind = HANDOVER_RESUME});
}

static void look_again(evutil_socket_t unused, short what, void *self)
{
    (void)unused, (void)what;
    daemon_on_look(self);
}

void daemon_on_look(void *self)
{
    struct daemon *daemon = self;
    handover_put(daemon->handover, &(struct handover_item){.kind = HANDOVER_LOOK});
}

bool daemon_on_crowded(void *self)
{
    struct daemon *daemon = self;
    return handover_full(daemon->handover);
}

/* The journal cannot be written, so no further event can be acknowledged: the links end with the process, and
 * adapters route by default. */
void daemon_on_failed(void *self, const char *why)
{
    assert(why);
    struct daemon *daemon = self;
    handover_put(daemon->handover, &(struct handover_item){.kind = HANDOVER_FAILED, .frame = span_of(why)});
}

/* Takes an answer, on a worker's thread or the core's. */
void daemon_on_answer(void *self, struct span frame)
{
    struct daemon *daemon = self;
    struct message done;
    if (message_read(&done, frame.bytes, frame.length, NULL)) queries_answered(daemon->queries, &done);
    engine_post(daemon->engine, SOURCE_HOST, frame);
}

/* From here on, functions on the loop's thread: takes the core's answer to a request of an administrator or a load. */
static void on_reply(struct daemon *daemon, struct span frame)
{
    struct reload *reload = &daemon->reload;
    struct message reply;
    struct span text;
    if (!message_read(&reply, frame.bytes, frame.length, NULL)) return;
    text = message_text(&reply, Reply_text);
    if (message_u(&reply, ENVELOPE_client) != 0) {
        struct activation_ask ask = {message_u(&reply, ENVELOPE_client), message_u(&reply, ENVELOPE_req)};
        struct reload_world world = daemon_world(daemon);
        struct error error;
        if (!reload_answered(reload, &world, ask, message_u(&reply, Reply_outcome) == outcome_ok, &error))
            log_line(daemon->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0,
                     "rows that the core has refused could not be taken back: %s", error.text);
        if (daemon->admin) admin_replied(daemon->admin, frame);
        return;
    }
    if (message_u(&reply, Reply_outcome) != outcome_ok && message_u(&reply, ENVELOPE_req) == reload->req)
        snprintf(reload->refused, sizeof reload->refused, "%.*s", (int)text.length, (const char *)text.bytes);
}

void daemon_on_item(void *self, const struct handover_item *item)
{
    assert(item);
    struct daemon *daemon = self;
    switch (item->kind) {
    case HANDOVER_EFFECT:
        if (daemon->links) links_effect(daemon->links, item->source, item->frame);
        break;
    case HANDOVER_COMMITTED:
        if (item->source == SOURCE_ADMIN) {
            daemon->durable_seq = item->seq;
            load_check(daemon);
            if (daemon->admin) admin_durable(daemon->admin);
        } else if (daemon->links) {
            links_committed(daemon->links, item->source, item->seq);
        }
        break;
    case HANDOVER_RESUME:
        if (daemon->links) links_room(daemon->links);
        break;
    case HANDOVER_LOOK: /* if links may still bring older events, looks again after LOOK_AGAIN_US */
        if (daemon->links && links_unread(daemon->links))
            event_base_once(daemon->base, -1, EV_TIMEOUT, look_again, daemon, &(struct timeval){0, LOOK_AGAIN_US});
        else
            engine_looked(daemon->engine);
        break;
    case HANDOVER_FAILED:
        log_line(daemon->log, LOG_LEVEL_ERROR, "journal", 0, 0, "%.*s: this process ends", (int)item->frame.length,
                 (const char *)item->frame.bytes);
        daemon->result = batches_deposed(daemon->store) ? EXIT_deposed : EXIT_journal;
        event_base_loopbreak(daemon->base);
        break;
    case HANDOVER_REPLY:
        on_reply(daemon, item->frame);
        break;
    case HANDOVER_LOADED:
        load_ended(daemon);
        break;
    case HANDOVER_DIRECTORY:
        daemon_directory_told(daemon);
        break;
    }
}
