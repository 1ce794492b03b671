/* runtime/adapter/server.c - The core's end of a link.
 *
 *     Hello --> checked --> Welcome with credit --> events, effects --> Bye, silence, a breach
 *
 *     event:   number in order? --> credit? --> given to the core --> outstanding --> committed --> credit back
 *     effect:  credit? --> sent          no: it waits (waiting.c), until the adapter gives credit
 *
 * Credit lets the adapter feel an overload, since an adapter can refuse a call, and the core cannot. An adapter that
 * sends without credit, or with a gap in its numbers, breaks the protocol and the link ends. If the core cannot take
 * an event, the link is `blocked`: the frame stays in the buffer, later frames are not handled, and the adapter's
 * silence does not count. */
#include "runtime/adapter/protocol.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/told.h"
#include "runtime/adapter/waiting.h"
#include "runtime/adapter/wire.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/events_link.h"
#include "base/memory.h"

/* An event that was handed on and is not yet committed, with the credit that the adapter paid for it. */
struct outstanding {
    uint64_t seq;
    uint32_t weight;
    uint8_t class;
};

enum server_state { SERVER_HELLO, SERVER_UP, SERVER_OVER };

struct link_server {
    struct link_server_calls calls;
    struct wire wire;
    enum server_state state;
    uint64_t opened_us;
    struct link_welcome welcome;
    uint8_t *hello; /* the whole frame */
    uint32_t hello_length;
    struct span name;
    uint64_t last_seq;  /* last event handed on */
    uint64_t moment_us; /* when the next event happened, as the adapter says; 0: the adapter has not said it */
    bool blocked;
    bool spent;                      /* the waiting event has already paid its credit */
    struct outstanding *outstanding; /* a ring */
    size_t first, count, capacity, bytes;
    int64_t credit_continue, credit_arrive, credit_bytes; /* credit that the adapter still has */
    int64_t debt_continue, debt_arrive; /* credit for events from before this connection, beyond the credit given now */
    int64_t owed_continue, owed_arrive, owed_bytes; /* credit of durable events that was not given back yet */
    struct link_allowance allowance;
    uint32_t arrivals_given; /* since link_server_allow() */
    enum gate told;          /* the adapter */
    uint64_t led_told_us;    /* the `led_until_us` of the allowance that the adapter was last told */
    uint64_t effect_seq;
    int64_t effect_credit, effect_bytes; /* effects, and bytes of effects, that this core may still send */
    struct waiting waiting;              /* effects without credit */
    struct link_counts reported;         /* what the adapter reports of itself */
    struct told told_of;                 /* the adapter's neighbours and figures as it last reported them */
};

struct link_server *link_server_new(const struct link_server_calls *calls, uint64_t now_us)
{
    assert(calls->hello && calls->event && calls->down);
    struct link_server *server = memory_zeroed(1, sizeof *server);
    server->calls = *calls;
    server->opened_us = now_us;
    server->allowance = (struct link_allowance){.arrivals = UINT32_MAX, .gate = gate_open};
    wire_open(&server->wire, now_us);
    return server;
}

void link_server_free(struct link_server *server)
{
    if (!server) return;
    wire_free(&server->wire);
    waiting_free(&server->waiting);
    free(server->outstanding);
    free(server->hello);
    free(server);
}

static bool link_server_end(struct link_server *server, enum down_reason reason, const char *why)
{
    if (server->state == SERVER_OVER) return false;
    server->state = SERVER_OVER;
    server->wire.over = true;
    server->calls.down(server->calls.self, reason, why);
    return false;
}

/* The peer broke the protocol: ends the link with a Bye. */
static bool link_server_broken(struct link_server *server, const char *why)
{
    if (server->state == SERVER_UP) wire_bye(&server->wire, down_reason_protocol);
    return link_server_end(server, down_reason_protocol, why);
}

static bool link_server_refuse(struct link_server *server, enum refusal why, const char *text)
{
    struct writer *out = &server->wire.out;
    writer_begin(out, KIND_Refuse);
    writer_u(out, Refuse_why, why);
    writer_text(out, Refuse_text, text);
    writer_end(out);
    return link_server_end(server, down_reason_protocol, text);
}

/* The credit below zero that an adapter may use: it may have had more credit before than it is given now, and sends
 * again what it posted with that credit. */
static int64_t debt_of(const struct link_server *server, unsigned field, uint32_t given)
{
    assert(server->hello);
    struct message hello;
    bool good = message_read(&hello, server->hello, server->hello_length, NULL);
    assert(good);
    uint64_t brought = message_u(&hello, field) < LINK_DEBT_MAX ? message_u(&hello, field) : LINK_DEBT_MAX;
    return brought > given ? (int64_t)(brought - given) : 0;
}

/* How long this core still leads, in us. A lease that is over is reported as 1 us, because 0 means nothing is said.
 * If no standby follows any more, no other core can lead, and the lease lasts for ever. */
static int64_t led_for_us(const struct link_server *server, uint64_t now_us)
{
    uint64_t until_us = server->allowance.led_until_us;
    return until_us == 0 ? INT64_MAX : until_us > now_us ? (int64_t)(until_us - now_us) : 1;
}

static void write_led(struct link_server *server, unsigned field, uint64_t now_us)
{
    uint64_t until_us = server->allowance.led_until_us;
    if (until_us == server->led_told_us) return;
    writer_i(&server->wire.out, field, led_for_us(server, now_us));
    server->led_told_us = until_us;
}

/* Sends Welcome. The credit in the Welcome may be less than the adapter's share; the rest is owed and comes later. */
static void server_welcome(struct link_server *server)
{
    struct writer *out = &server->wire.out;
    uint32_t arrivals = server->welcome.arrivals != 0 ? server->welcome.arrivals : LINK_CREDIT_ARRIVE;
    uint32_t now = arrivals < server->allowance.arrivals ? arrivals : server->allowance.arrivals;
    writer_begin(out, KIND_Welcome);
    writer_u(out, Welcome_protocol, PROTOCOL_VERSION);
    writer_u(out, Welcome_vocabulary, VOCABULARY_VERSION);
    writer_u(out, Welcome_link, server->welcome.link);
    writer_u(out, Welcome_epoch, server->welcome.epoch);
    writer_u(out, Welcome_last_seq, server->welcome.last_seq);
    writer_conn(out, Welcome_last_conn, server->welcome.last_conn);
    writer_u(out, Welcome_credit_continue, LINK_CREDIT_CONTINUE);
    writer_u(out, Welcome_credit_arrive, now);
    writer_u(out, Welcome_credit_bytes, LINK_CREDIT_BYTES);
    writer_u(out, Welcome_max_event, MESSAGE_EVENT_MAX);
    writer_i(out, Welcome_silent, (int64_t)server->wire.silent_us);
    writer_u(out, Welcome_journal, server->welcome.journal);
    writer_u(out, Welcome_domain, server->welcome.domain);
    write_led(server, Welcome_led, server->wire.heard_us);
    writer_u(out, Welcome_born, server->welcome.born);
    writer_u(out, Welcome_clock, server->wire.heard_us);
    writer_end(out);
    server->credit_continue = LINK_CREDIT_CONTINUE;
    server->credit_arrive = now;
    server->owed_arrive = (int64_t)arrivals - now;
    server->credit_bytes = LINK_CREDIT_BYTES;
    server->arrivals_given = now;
    server->debt_arrive = debt_of(server, Hello_arrivals, now);
    server->debt_continue = debt_of(server, Hello_continues, LINK_CREDIT_CONTINUE);
    if (server->allowance.arrivals != UINT32_MAX) server->allowance.arrivals -= now;
    server->told = gate_open;
}

/* Gives the adapter the credit that it is owed, as far as the present allowance permits, and tells it how far the
 * gate is open. */
static void link_server_give_back(struct link_server *server)
{
    struct link_allowance *allowance = &server->allowance;
    int64_t arrivals = allowance->gate != gate_open                ? 0
                       : server->owed_arrive < allowance->arrivals ? server->owed_arrive
                                                                   : allowance->arrivals;
    int64_t continues = server->owed_continue, bytes = server->owed_bytes;
    bool news = arrivals > 0 || continues > 0 || bytes > 0 || allowance->gate != server->told ||
                allowance->led_until_us != server->led_told_us;
    if (server->state != SERVER_UP || !news) return;
    server->owed_arrive -= arrivals;
    server->owed_continue = server->owed_bytes = 0;
    server->credit_arrive += arrivals;
    server->credit_continue += continues;
    server->credit_bytes += bytes;
    server->arrivals_given += (uint32_t)arrivals;
    server->told = allowance->gate;
    assert(server->owed_arrive >= 0); /* no more credit is given back than was owed */
    if (allowance->arrivals != UINT32_MAX) allowance->arrivals -= (uint32_t)arrivals;
    struct writer *out = &server->wire.out;
    writer_begin(out, KIND_Credit);
    writer_u(out, Credit_credit_continue, (uint64_t)continues);
    writer_u(out, Credit_credit_arrive, (uint64_t)arrivals);
    writer_u(out, Credit_bytes, (uint64_t)bytes);
    writer_u(out, Credit_gate, allowance->gate);
    /* writes nothing if the adapter has already been told this lease */
    write_led(server, Credit_led, allowance->now_us);
    writer_end(out);
}

/* Keeps a copy of the Hello frame, because the buffer moves; the name points into the copy. */
static void keep_hello(struct link_server *server, const struct message *hello)
{
    assert(!server->hello); /* an adapter sends Hello once */
    server->hello = memory_grown(NULL, hello->frame.length, 1);
    memcpy(server->hello, hello->frame.bytes, hello->frame.length);
    server->hello_length = hello->frame.length;
    struct message kept;
    bool good = message_read(&kept, server->hello, server->hello_length, NULL);
    assert(good);
    server->name = message_text(&kept, Hello_name);
}

static bool take_hello(struct link_server *server, const struct message *message)
{
    assert(server->state == SERVER_HELLO);
    if (message->kind != KIND_Hello) return link_server_broken(server, "it did not begin with Hello");
    enum refusal why = refusal_other;
    struct error error = {0};
    if (message_u(message, Hello_protocol) != PROTOCOL_VERSION) {
        error_set(&error, ERROR_VERSION, "this core speaks version %d of the adapter protocol, the adapter %llu",
                  PROTOCOL_VERSION, (unsigned long long)message_u(message, Hello_protocol));
        return link_server_refuse(server, refusal_protocol, error.text);
    }
    if (message_u(message, Hello_vocabulary) == 0)
        return link_server_refuse(server, refusal_vocabulary, "the adapter names no version of the vocabulary");
    keep_hello(server, message);
    if (!server->calls.hello(server->calls.self, message, &server->welcome, &why, &error))
        return link_server_refuse(server, why, error.text);
    assert(server->welcome.link >= SOURCE_LINKS);
    server->last_seq = server->welcome.last_seq;
    if (server->welcome.silent_us != 0) server->wire.silent_us = server->welcome.silent_us;
    server_welcome(server);
    server->state = SERVER_UP;
    link_server_give_back(server); /* tells the state of the gate, too, which may be closed */
    server->calls.up(server->calls.self);
    return server->state == SERVER_UP;
}

/* Grows the ring of outstanding events; the copy begins with the first one. */
static void link_server_remember(struct link_server *server, uint64_t seq, enum event_class class, uint32_t weight)
{
    assert(server->count <= server->capacity && seq == server->last_seq);
    if (server->count == server->capacity) {
        size_t capacity = server->capacity ? server->capacity * 2 : 256;
        struct outstanding *grown = memory_grown(NULL, capacity, sizeof *grown);
        for (size_t i = 0; i < server->count; i++)
            grown[i] = server->outstanding[(server->first + i) % server->capacity];
        free(server->outstanding);
        server->outstanding = grown;
        server->capacity = capacity;
        server->first = 0;
    }
    assert(server->count < server->capacity);
    server->outstanding[(server->first + server->count++) % server->capacity] =
        (struct outstanding){seq, weight, (uint8_t) class};
    server->bytes += weight;
}

static void tell_committed(struct link_server *server, uint64_t seq)
{
    writer_begin(&server->wire.out, KIND_Committed);
    writer_u(&server->wire.out, Committed_seq, seq);
    writer_end(&server->wire.out);
}

/* Takes the credit for an event from the adapter's account; false: the adapter had none. An event from before this
 * connection may use the debt: credit below zero, as far as Hello has announced such events. */
static bool link_server_spend(struct link_server *server, enum event_class class, uint32_t weight)
{
    if (class == CLASS_RELIEVE) return true;
    int64_t *credit = class == CLASS_ARRIVE ? &server->credit_arrive : &server->credit_continue;
    int64_t debt = class == CLASS_ARRIVE ? server->debt_arrive : server->debt_continue;
    bool brought = *credit > -debt && *credit <= 0;
    if (*credit <= -debt || (server->credit_bytes <= 0 && !brought)) return false;
    *credit -= 1;
    server->credit_bytes -= weight;
    return true;
}

/* True: the adapter has its full share of events on their way; so it cannot use up the others' share by relief,
 * which needs no credit. */
static bool server_crowded(const struct link_server *server)
{
    return server->count >= LINK_OUTSTANDING_MAX || server->bytes >= LINK_OUTSTANDING_BYTES;
}

/* Takes an event. A number that was seen before is no error: the adapter sends again the events that it does not
 * know to be durable. `spent` keeps a blocked event from paying twice. */
static bool take_event(struct link_server *server, const struct message *message)
{
    uint64_t seq = message_u(message, ENVELOPE_seq);
    if (message_u(message, ENVELOPE_source) != server->welcome.link)
        return link_server_broken(server, "an event of another source");
    if (!kind_posted_by(message->kind, server->welcome.link)) {
        struct error error;
        error_set(&error, ERROR_DENIED, "no adapter may post %s", kind_name(message->kind));
        return link_server_broken(server, error.text);
    }
    if (seq <= server->last_seq) {
        if (server->count == 0) tell_committed(server, server->last_seq);
        return true;
    }
    if (seq != server->last_seq + 1) return link_server_broken(server, "a gap in its numbers");
    enum event_class class = message_class(message);
    uint32_t weight = wire_weight(message);
    if (!server->spent && !link_server_spend(server, class, weight))
        return link_server_broken(server, "an event without credit");
    server->spent = true;
    server->blocked = server_crowded(server) || !server->calls.event(server->calls.self, message);
    if (server->blocked) return true;
    server->spent = false;
    server->last_seq = seq;
    server->reported.events++;
    link_server_remember(server, seq, class, weight);
    return true;
}

static void send_effect(struct link_server *server, struct span frame)
{
    struct span sent = writer_stamp(&server->wire.out, frame, server->welcome.link, ++server->effect_seq);
    server->effect_credit--;
    server->effect_bytes -= sent.length;
    server->reported.effects++;
}

static void send_waiting(struct link_server *server)
{
    assert(server->state == SERVER_UP); /* credit comes behind Hello */
    struct span frame;
    while (server->effect_credit > 0 && server->effect_bytes > 0 && waiting_first(&server->waiting, &frame)) {
        send_effect(server, frame);
        waiting_drop_first(&server->waiting);
    }
}

static void take_report(struct link_server *server, const struct message *message)
{
    server->reported.refused = message_u(message, Report_refused);
    server->reported.defaulted = message_u(message, Report_defaulted);
    server->reported.uncommitted = message_u(message, Report_uncommitted);
    server->reported.forgotten = message_u(message, Report_forgotten);
    told_read(&server->told_of, message, server->wire.heard_us);
}

static void server_answer_read(struct link_server *server, const struct message *message)
{
    struct kv value;
    kv_init(&value);
    if (server->calls.read) server->calls.read(server->calls.self, message, &value);
    writer_begin(&server->wire.out, KIND_ReadReply);
    writer_u(&server->wire.out, ReadReply_token, message_u(message, Read_token));
    writer_kv(&server->wire.out, ReadReply_value, &value);
    writer_end(&server->wire.out);
    kv_free(&value);
}

/* Takes an event or a control message; a message that no adapter may send ends the link. */
static bool link_server_take(struct link_server *server, const struct message *message)
{
    if (server->state == SERVER_HELLO) return take_hello(server, message);
    if (kind_is_event(message->kind)) return take_event(server, message);
    switch (message->kind) {
    case KIND_Ping:
        wire_pong(&server->wire, message, led_for_us(server, server->wire.heard_us));
        return true;
    case KIND_Moment:
        server->moment_us = message_u(message, Moment_at);
        return true;
    case KIND_Pong:
    case KIND_Committed:
        return true; /* the adapter has performed effects: nothing here waits for that */
    case KIND_Credit:
        server->effect_credit += (int64_t)(message_u(message, Credit_credit_continue) & INT32_MAX);
        server->effect_bytes += (int64_t)(message_u(message, Credit_bytes) & INT32_MAX);
        send_waiting(server);
        return true;
    case KIND_Report:
        take_report(server, message);
        return true;
    case KIND_Read:
        server_answer_read(server, message);
        return true;
    case KIND_Bye:
        return link_server_end(server, (enum down_reason)message_u(message, Bye_reason), "the adapter has said Bye");
    default:
        return link_server_broken(server, "a second Hello, or a message that only the core sends");
    }
}

static bool link_server_take_all(struct link_server *server)
{
    struct message message;
    struct error error;
    while (server->state != SERVER_OVER) {
        enum wire_result result = wire_next(&server->wire, &message, &error);
        if (result == WIRE_MORE) return true;
        if (result == WIRE_BAD) return link_server_broken(server, error.text);
        if (!link_server_take(server, &message)) return false;
        if (server->blocked) return true;
        wire_took(&server->wire, &message);
    }
    return false;
}

bool link_server_feed(struct link_server *server, const void *bytes, size_t length, uint64_t now_us)
{
    if (server->state == SERVER_OVER) return false;
    wire_feed(&server->wire, bytes, length, now_us);
    return server->blocked || link_server_take_all(server);
}

/* The core can take events again: the waiting event is tried first. */
bool link_server_resume(struct link_server *server, uint64_t now_us)
{
    if (server->state == SERVER_OVER) return false;
    if (!server->blocked) return true;
    server->wire.heard_us = now_us; /* while an event waited the adapter was not read, so it does not count as silent */
    return link_server_take_all(server);
}

uint64_t link_server_moment(const struct link_server *server)
{
    return server->moment_us < server->wire.heard_us ? server->moment_us : server->wire.heard_us;
}

bool link_server_blocked(const struct link_server *server)
{
    return server->blocked;
}
struct span link_server_output(const struct link_server *server)
{
    return wire_output(&server->wire);
}
void link_server_sent(struct link_server *server, size_t length)
{
    wire_sent(&server->wire, length);
}

bool link_server_tick(struct link_server *server, uint64_t now_us)
{
    if (server->state == SERVER_OVER) return false;
    if (server->blocked) server->wire.heard_us = now_us;
    if (server->state == SERVER_HELLO && now_us >= server->opened_us + LINK_HELLO_US)
        return link_server_end(server, down_reason_silent, "no Hello");
    if (server->state == SERVER_UP && !wire_tick(&server->wire, now_us))
        return link_server_end(server, down_reason_silent, "the adapter is silent");
    return true;
}

/* Sends or queues an effect, in order: if one effect waits, all later ones wait, too. */
void link_server_effect(struct link_server *server, struct span frame)
{
    if (server->state != SERVER_UP) return;
    if (server->waiting.count == 0 && server->effect_credit > 0 && server->effect_bytes > 0)
        send_effect(server, frame);
    else if (!waiting_add(&server->waiting, frame))
        link_server_broken(server, "it does not take its effects");
}

/* Gives back the credit of all events up to `seq`. Relief had cost none. */
void link_server_committed(struct link_server *server, uint64_t seq)
{
    uint64_t last = 0;
    while (server->count > 0 && server->outstanding[server->first].seq <= seq) {
        struct outstanding *done = &server->outstanding[server->first];
        assert(server->bytes >= done->weight && done->seq <= server->last_seq);
        last = done->seq;
        if (done->class == CLASS_CONTINUE) server->owed_continue++;
        if (done->class == CLASS_ARRIVE) server->owed_arrive++;
        if (done->class != CLASS_RELIEVE) server->owed_bytes += done->weight;
        server->bytes -= done->weight;
        server->first = (server->first + 1) % server->capacity;
        server->count--;
    }
    if (last == 0 || server->state != SERVER_UP) return;
    tell_committed(server, last);
    link_server_give_back(server);
}

/* Sets the allowance, and returns how many arrivals got credit since the last call, so that the caller can share out
 * the rest. */
uint32_t link_server_allow(struct link_server *server, const struct link_allowance *allowance)
{
    server->allowance = *allowance;
    link_server_give_back(server);
    uint32_t given = server->arrivals_given;
    server->arrivals_given = 0;
    return given;
}

void link_server_counts(const struct link_server *server, struct link_counts *counts)
{
    *counts = server->reported;
    counts->merged = server->waiting.merged;
    counts->outstanding = (uint32_t)server->count;
    counts->credit_arrive = server->credit_arrive;
    counts->arrive_owed = server->owed_arrive;
    counts->waiting = server->waiting.count;
    counts->waiting_bytes = server->waiting.bytes;
}

const struct told *link_server_told(const struct link_server *server)
{
    return &server->told_of;
}

void link_server_close(struct link_server *server, enum down_reason reason)
{
    if (server->state == SERVER_UP) wire_bye(&server->wire, reason);
    link_server_end(server, reason, "closed by the core");
}

void link_server_lost(struct link_server *server, const char *why)
{
    link_server_end(server, down_reason_closed, why);
}
struct span link_server_up_event(const struct link_server *server, struct writer *writer)
{
    struct message hello;
    bool good = server->hello && message_read(&hello, server->hello, server->hello_length, NULL);
    assert(good);
    writer_begin(writer, KIND_LinkUp);
    writer_u(writer, LinkUp_link, server->welcome.link);
    writer_bytes(writer, LinkUp_name, message_text(&hello, Hello_name));
    writer_u(writer, LinkUp_instance, message_u(&hello, Hello_instance));
    writer_u(writer, LinkUp_version, message_u(&hello, Hello_version));
    writer_bytes(writer, LinkUp_caps, message_text(&hello, Hello_caps));
    writer_bytes(writer, LinkUp_media, message_text(&hello, Hello_media));
    writer_i(writer, LinkUp_grace, (int64_t)server->welcome.grace_us);
    writer_i(writer, LinkUp_resync, (int64_t)server->welcome.resync_us);
    if (server->welcome.audit_us != 0) writer_i(writer, LinkUp_audit, (int64_t)server->welcome.audit_us);
    return writer_end(writer);
}
