/* runtime/adapters/cti/post.c - Events to the core: their envelope, what waits for credit, what answers a repeat. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"

enum { HELD_MAX = 16 * 1024 * 1024 };

struct writer *post_begin(struct cti *cti, unsigned kind, const struct call *call, const struct asker *asker)
{
    struct writer *writer = &cti->writer;
    uint64_t ixn = asker != NULL && asker->ixn != 0 ? asker->ixn : call != NULL ? call->ixn : 0;
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_u(writer, ENVELOPE_ref, asker != NULL ? asker->ref : 0);
    writer_conn(writer, ENVELOPE_conn, call != NULL ? call->conn : 0);
    writer_i(writer, ENVELOPE_at, cti_wall(cti, cti->now_us));
    if (asker != NULL && asker->client != 0) {
        writer_u(writer, ENVELOPE_client, asker->client);
        writer_u(writer, ENVELOPE_req, asker->reference);
        const struct client *client = client_find(cti, asker->client);
        if (client != NULL && client_user(client) != NULL) {
            writer_text(writer, ENVELOPE_actor, client_user(client)->name);
        }
    }
    return writer;
}

static bool may_wait(struct span frame)
{
    struct message message;
    return message_read(&message, frame.bytes, frame.length, NULL) && message_class(&message) != CLASS_ARRIVE;
}

static bool hold(struct cti *cti, struct span frame)
{
    if (cti->held_length + frame.length > HELD_MAX) {
        return false;
    }
    if (cti->held_length + frame.length > cti->held_capacity) {
        cti->held_capacity = (cti->held_length + frame.length) * 2;
        cti->held = memory_grown(cti->held, cti->held_capacity, 1);
    }
    memcpy(cti->held + cti->held_length, frame.bytes, frame.length);
    cti->held_length += frame.length;
    return true;
}

/* Events of one source keep their order: behind one that waits, all wait. While the core is away what it cannot keep
 * for us is dropped, as the resync will tell what became of it. */
static bool send(struct cti *cti, struct span frame)
{
    if (cti->held_length == 0 && cti->services->post(cti->link, frame)) {
        cti->posted++;
        return true;
    }
    return cti->core_up && may_wait(frame) && hold(cti, frame);
}

bool post_end(struct cti *cti, struct call *call, const struct asker *asker)
{
    struct span frame = writer_end(&cti->writer);
    if (call != NULL && asker != NULL && asker->ref != 0) {
        call_answered(call, asker->ixn, asker->ref, frame);
    }
    return send(cti, frame);
}

void post_route_request(struct cti *cti, struct call *call, const struct asker *asker)
{
    uint64_t before = cti->posted;
    post_end(cti, call, asker);
    call->visit.posted = cti->posted > before ? cti->posted : 0;
}

void post_again(struct cti *cti, struct span frame)
{
    send(cti, frame);
}

void post_held(struct cti *cti)
{
    size_t at = 0;
    if (cti->held_length == 0) {
        return;
    }
    while (at < cti->held_length) {
        size_t size = message_frame_size(cti->held + at, cti->held_length - at);
        bool taken = cti->services->post(cti->link, (struct span){cti->held + at, (uint32_t)size});
        if (!taken && cti->core_up) {
            break;
        }
        cti->posted += taken;
        at += size;
    }
    cti->held_length -= at;
    memmove(cti->held, cti->held + at, cti->held_length);
}

void post_done(struct cti *cti, struct call *call, const struct asker *asker, enum outcome outcome, enum code code,
               const char *text)
{
    char said[256]; /* what the switch says may be of any length */
    struct writer *writer = post_begin(cti, KIND_EventDone, call, asker);
    snprintf(said, sizeof said, "%s", text == NULL ? "" : text);
    utf8_clean(said);
    writer_u(writer, EventDone_outcome, outcome);
    writer_u(writer, EventDone_code, code);
    writer_text(writer, EventDone_text, said);
    post_end(cti, call, asker);
}
