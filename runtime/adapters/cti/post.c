/* runtime/adapters/cti/post.c - Events to the core: their common fields, waiting for credit, and the answers to
 * repeated effects.
 *
 * An event is sent at once while the library has credit. Without credit the event waits in `held`, and so do all later
 * events, so that the core gets the events of each call in order; only events that free resources (ends, releases) may
 * overtake. Arrivals do not wait: such calls are refused, and go to the default destinations. When too many events
 * wait, all are dropped (`lost_track`), and a resync reports the present state when there is credit. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/ports.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"

enum { HELD_MAX = 16 * 1024 * 1024, HELD_COUNT = 65536 };

struct writer *post_begin(struct cti *cti, unsigned kind, const struct call *call, const struct cti_asker *asker)
{
    struct writer *writer = &cti->writer;
    uint64_t ixn = asker && asker->ixn != 0 ? asker->ixn : call ? call->ixn : 0;
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_u(writer, ENVELOPE_ref, asker ? asker->ref : 0);
    writer_conn(writer, ENVELOPE_conn, call ? call->conn : 0);
    writer_i(writer, ENVELOPE_at, cti_wall(cti, cti->now_us));
    if (asker && asker->client != 0) {
        writer_u(writer, ENVELOPE_client, asker->client);
        writer_u(writer, ENVELOPE_req, asker->reference);
        const struct client *client = client_find(cti, asker->client);
        if (client && client_user(client)) writer_text(writer, ENVELOPE_actor, client_user(client)->name);
    }
    return writer;
}

/* Drops all events that wait: the resync reports their content anew. */
static void forget_held(struct cti *cti)
{
    cti->held_length = 0;
    cti->held_count = 0;
    for (struct call *call = cti->calls.first; call; call = call->next) call->held = 0;
}

void post_forget(struct cti *cti)
{
    forget_held(cti);
    cti->lost_track = false;
}

/* Puts the event among those that wait for credit. False: too many bytes or events wait, and all of them are
 * dropped. */
static bool post_hold(struct cti *cti, struct span frame, struct call *call)
{
    assert(cti->held_count <= HELD_COUNT && cti->held_length <= cti->held_capacity);
    if (cti->held_length + frame.length > HELD_MAX || cti->held_count == HELD_COUNT) {
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "%u events waited for credit: they are told anew when there is some",
                cti->held_count);
        forget_held(cti);
        cti->lost_track = true;
        return false;
    }
    if (cti->held_length + frame.length > cti->held_capacity) {
        cti->held_capacity = (cti->held_length + frame.length) * 2;
        cti->held = memory_grown(cti->held, cti->held_capacity, 1);
    }
    memcpy(cti->held + cti->held_length, frame.bytes, frame.length);
    cti->held_length += frame.length;
    cti->held_count++;
    if (call) call->held++;
    return true;
}

/* May the event be sent before those that wait? Ends and releases may, unless an event of the same call waits: the
 * core gets the events of each call in order. When a call is gone, no other event about it matters. */
static bool post_passes(const struct message *message, const struct call *call)
{
    return message_class(message) == CLASS_RELIEVE &&
           (!call || call->held == 0 || message->kind == KIND_EventCallDeleted);
}

/* Hands the event to the library. While the core is away an event that the library cannot keep is dropped, as the
 * resync will report the result. */
static bool post_send(struct cti *cti, struct span frame)
{
    struct message message;
    struct call *call;
    if (cti->held_length == 0 && cti->services->post(cti->link, frame)) {
        cti->posted++;
        return true;
    }
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return false;
    call = calls_by_conn(&cti->calls, message_u(&message, ENVELOPE_conn));
    if (cti->held_length != 0 && post_passes(&message, call) && cti->services->post(cti->link, frame)) {
        cti->posted++;
        return true;
    }
    return cti->core_up && message_class(&message) != CLASS_ARRIVE && !cti->lost_track && post_hold(cti, frame, call);
}

/* Sends the event. Before it is sent, the event is remembered as the answer to its effect, even if it cannot be
 * sent. */
bool post_end(struct cti *cti, struct call *call, const struct cti_asker *asker)
{
    struct span frame = writer_end(&cti->writer);
    if (call && asker && asker->ref != 0) call_answered(call, asker->ixn, asker->ref, frame);
    return post_send(cti, frame);
}

void post_route_request(struct cti *cti, struct call *call, const struct cti_asker *asker)
{
    uint64_t before = cti->posted;
    post_end(cti, call, asker);
    call->visit.posted = cti->posted > before ? cti->posted : 0;
}

void post_again(struct cti *cti, struct span frame)
{
    assert(frame.length > 0);
    post_send(cti, frame);
}

/* Sends an event that has waited; its call may be gone, of which the core has been told already. False: there is no
 * credit yet. */
static bool post_one(struct cti *cti, struct span frame)
{
    struct message message;
    struct call *call = NULL;
    uint64_t conn = message_read(&message, frame.bytes, frame.length, NULL) ? message_u(&message, ENVELOPE_conn) : 0;
    if (conn != 0 && !(call = calls_by_conn(&cti->calls, conn))) return true;
    if (!cti->services->post(cti->link, frame)) return false;
    cti->posted++;
    if (call && call->held > 0) {
        call->held--;
        if (message.kind == KIND_EventRouteRequest && call->visit.dn[0] != 0) call->visit.posted = cti->posted;
    }
    return true;
}

bool post_held(struct cti *cti)
{
    size_t at = 0;
    while (at < cti->held_length) {
        size_t size = message_frame_size(cti->held + at, cti->held_length - at);
        assert(size > 0 && cti->held_count > 0); /* the held bytes are whole frames of this process */
        if (!post_one(cti, (struct span){cti->held + at, (uint32_t)size})) break;
        at += size;
        cti->held_count--;
    }
    if (at > 0) {
        cti->held_length -= at;
        memmove(cti->held, cti->held + at, cti->held_length);
    }
    bool anew = cti->lost_track && cti->core_up && cti->switch_up;
    if (anew) cti->lost_track = false;
    return anew;
}

void post_done(struct cti *cti, struct call *call, const struct cti_asker *asker, enum outcome outcome, enum code code,
               const char *text)
{
    char said[256]; /* cut off if needed: the switch's text may have any length */
    /* An effect of no interaction has a number of its own: the answer must not be taken for one of the call's. */
    struct writer *writer = post_begin(cti, KIND_EventDone, asker->ixn != 0 ? call : NULL, asker);
    snprintf(said, sizeof said, "%s", !text ? "" : text);
    bytes_clean_utf8(said);
    writer_u(writer, EventDone_outcome, outcome);
    writer_u(writer, EventDone_code, code);
    writer_text(writer, EventDone_text, said);
    post_end(cti, call, asker);
}

enum party_ask cti_ask_of(enum party_op how)
{
    static const enum party_ask asks[] = {[party_op_listen] = ASK_LISTEN,
                                          [party_op_whisper] = ASK_COACH,
                                          [party_op_join] = ASK_BARGE_IN,
                                          [party_op_take_over] = ASK_TAKE_OVER};
    assert(how >= party_op_listen && how <= party_op_take_over);
    return asks[how];
}

/* How the supervisor takes part, by the clients' word. */
static enum party_op watch_op(const char *mode)
{
    return strcmp(mode, "Coach") == 0      ? party_op_whisper
           : strcmp(mode, "BargeIn") == 0  ? party_op_join
           : strcmp(mode, "TakeOver") == 0 ? party_op_take_over
                                           : party_op_listen;
}

void post_watcher(struct cti *cti, struct call *call, const struct call_party *party, enum party_change change)
{
    assert(party->monitors);
    if (!call->announced) return;
    struct writer *writer = post_begin(cti, KIND_EventParty, call, NULL);
    writer_text(writer, EventParty_dn, party->dn);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_supervisor);
    writer_text(writer, EventParty_agent, party->watcher);
    writer_text(writer, EventParty_other_dn, party->of);
    writer_u(writer, EventParty_watches, watch_op(party->monitors));
    post_end(cti, call, NULL);
}

enum party_role cti_party_role_of(const struct cti *cti, const struct call *call, const char *number)
{
    if (port_has(call, number)) return party_role_device;
    const struct cti_dn *dn = dns_find(&cti->dns, number);
    switch (!dn ? dn_type_other : dn->type) {
    case dn_type_extension:
    case dn_type_position:
        return party_role_agent;
    case dn_type_ivr_port:
    case dn_type_treatment_port:
        return party_role_device;
    case dn_type_trunk:
        return party_role_customer;
    default:
        return party_role_other;
    }
}
