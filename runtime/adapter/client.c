/* runtime/adapter/client.c - The adapter's end of a link.
 *
 * An event is kept, in one array, from its post until the core has confirmed that it is durable:
 *
 *      entries:   gone | sent, not durable | posted, not sent
 *                      first               unsent             end
 *
 * Only an event that is sent gets a number (seq). So an event after `unsent` may be dropped without a gap: an older
 * state of the same object (link_client_merge), or all of the unsent events, which the resync of the next connection
 * tells again (forget_unsent). The events before `unsent` are sent again on the next connection, under the same
 * numbers as long as the core has the same journal (renumber).
 *
 * Credit is what the core grants: a number of events that continue a call, a number of arrivals, and a number of
 * bytes. A post without credit is refused and remembered (`starved`), and the adapter is called when credit has come
 * back. Relief (CLASS_RELIEVE: the end of a call, an agent who leaves) needs no credit, because refusing it would
 * keep the core full. */
#include "runtime/adapter/protocol.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/told.h"
#include "runtime/adapter/wire.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "base/memory.h"

enum {
    SETTLE_EFFECTS = LINK_CREDIT_EFFECTS / 8,
    SETTLE_BYTES = LINK_CREDIT_BYTES / 8,
    OUT_ENOUGH = 1024 * 1024, /* bytes in the output buffer above which no more events are written */
    STAMP_ROOM = 32,          /* bytes for source and number, which a posted event does not have yet */
    MOMENT_US = 10000,        /* an event's time is sent if it is so far from the time sent last */
};

/* An event that is posted and not yet committed. */
struct entry {
    uint8_t *frame;
    uint32_t length, weight;
    uint8_t class;
    uint64_t seq;    /* 0: never sent */
    uint64_t posted; /* number of successful posts up to this event, including it */
    uint64_t at_us;  /* when the event was posted; 0: the time is not known */
};

enum client_state { CLIENT_DOWN, CLIENT_HELLO, CLIENT_UP, CLIENT_OVER };

struct link_client {
    struct link_client_options options;
    struct link_client_calls calls;
    struct wire wire;
    enum client_state state;
    uint64_t opened_us;
    unsigned link;
    uint64_t epoch; /* highest that was seen */
    uint64_t last_conn, journal;
    uint64_t born; /* the number of the last core's journal; 0: no core has named its journal */
    unsigned domain;
    bool dated;         /* the core wants to know when events happened */
    uint64_t ahead_us;  /* the core's clock minus ours, modulo 2^64 */
    uint64_t moment_us; /* the time that was sent last, by the core's clock; 0: none on this connection */
    uint64_t next_seq;
    struct entry *entries; /* the kept events in order; those before `first` are gone */
    size_t first, unsent, end, capacity;
    size_t bytes;
    uint64_t posted, told;
    int64_t credit_continue, credit_arrive, credit_bytes;
    bool starved;          /* a post was refused */
    bool busy;             /* the adapter accepts no arrivals */
    enum gate gate;        /* which events the core takes, whatever credit there is */
    uint64_t led_until_us; /* the time until which no other core leads; 0: no other core can ever lead */
    bool unasked;          /* the core is an older one, whose Pong does not say how long it leads */
    /* events were forgotten: this connection ends, and the resync of the next tells all */
    bool overflowed;
    uint64_t refused, defaulted, forgotten; /* counts of arrivals, calls and events since the process started */
    uint64_t reported, reported_us; /* the sum of the three counters at the last report, and the time of that report */
    struct told shown;              /* neighbours and figures */
    bool shown_new;                 /* neighbours or figures have changed and are not yet reported on this connection */
    /* effects and bytes done, their credit not given back; number of the last effect */
    uint64_t effects, effect_bytes, effect_seq;
};

struct link_client *link_client_new(const struct link_client_options *options, const struct link_client_calls *calls)
{
    assert(calls->up && calls->down && calls->effect && calls->committed);
    struct link_client *client = memory_zeroed(1, sizeof *client);
    client->options = *options;
    client->calls = *calls;
    return client;
}

void link_client_free(struct link_client *client)
{
    if (!client) return;
    for (size_t i = client->first; i < client->end; i++) free(client->entries[i].frame);
    free(client->entries);
    wire_free(&client->wire);
    free(client);
}

/* Counts the kept events of a class: they are sent again before anything new. */
static uint64_t client_uncommitted(const struct link_client *client, enum event_class class)
{
    uint64_t count = 0;
    for (size_t i = client->first; i < client->end; i++) count += client->entries[i].class == class;
    return count;
}

static void write_hello(struct link_client *client)
{
    const struct link_client_options *options = &client->options;
    struct writer *out = &client->wire.out;
    writer_begin(out, KIND_Hello);
    writer_u(out, Hello_protocol, PROTOCOL_VERSION);
    writer_u(out, Hello_vocabulary, VOCABULARY_VERSION);
    writer_text(out, Hello_name, options->name);
    writer_u(out, Hello_instance, options->instance);
    writer_list_begin(out, Hello_media);
    for (const unsigned *media = options->media; media && *media != media_none; media++) writer_list_u(out, *media);
    writer_list_end(out);
    writer_list_begin(out, Hello_caps);
    for (const char *const *cap = options->caps; cap && *cap; cap++) writer_list_text(out, span_of(*cap));
    writer_list_end(out);
    writer_bytes(out, Hello_credential, options->credential);
    writer_u(out, Hello_version, options->version);
    writer_u(out, Hello_arrivals, client_uncommitted(client, CLASS_ARRIVE));
    writer_u(out, Hello_continues, client_uncommitted(client, CLASS_CONTINUE));
    writer_end(out);
}

/* Begins a connection: the counts of effects are zero on both ends. Events that are kept stay where they are in the
 * array. */
void link_client_connected(struct link_client *client, uint64_t now_us)
{
    assert(client->state == CLIENT_DOWN);
    wire_open(&client->wire, now_us);
    client->state = CLIENT_HELLO;
    client->opened_us = now_us;
    client->effects = client->effect_bytes = client->effect_seq = 0;
    client->overflowed = false;
    client->gate = gate_open;
    client->unasked = false;
    write_hello(client);
}

static bool link_client_end(struct link_client *client, enum down_reason reason, const char *why)
{
    if (client->state == CLIENT_DOWN || client->state == CLIENT_OVER) return false;
    client->state = CLIENT_OVER;
    client->wire.over = true;
    client->calls.down(client->calls.self, reason, why);
    return false;
}

void link_client_lost(struct link_client *client, const char *why)
{
    link_client_end(client, down_reason_closed, why);
    client->state = CLIENT_DOWN;
}

static bool link_client_broken(struct link_client *client, const char *why)
{
    wire_bye(&client->wire, down_reason_protocol);
    return link_client_end(client, down_reason_protocol, why);
}

/* Forgets the events up to `seq`, which the core has durably. `told` goes up with the events that are forgotten
 * here; the caller reports the change to the adapter once for all of them. */
static void link_client_commit(struct link_client *client, uint64_t seq)
{
    while (client->first < client->end) {
        struct entry *entry = &client->entries[client->first];
        if (entry->seq == 0 || entry->seq > seq) break;
        /* the count of confirmed events, which the adapter hears, only grows */
        assert(client->bytes >= entry->length && client->told <= entry->posted);
        client->first++;
        client->bytes -= entry->length;
        client->told = entry->posted;
        free(entry->frame);
    }
    if (client->unsent < client->first) client->unsent = client->first;
    if (client->first == client->end) client->first = client->unsent = client->end = 0;
}

/* Tells the core when the event that is sent next has happened, if the core asks for times. */
static void send_moment(struct link_client *client, const struct entry *entry)
{
    uint64_t at_us = entry->at_us + client->ahead_us;
    uint64_t since_us = at_us > client->moment_us ? at_us - client->moment_us : client->moment_us - at_us;
    if (!client->dated || entry->at_us == 0 || since_us < MOMENT_US) return;
    writer_begin(&client->wire.out, KIND_Moment);
    writer_u(&client->wire.out, Moment_at, at_us);
    writer_end(&client->wire.out);
    client->moment_us = at_us;
}

/* Computes how far the core's clock is ahead of ours: the core read `clock_us` between our Hello and its Welcome.
 * Both ends on one machine have one clock. */
static void take_clock(struct link_client *client, uint64_t clock_us)
{
    uint64_t from_us = client->opened_us, till_us = client->wire.heard_us;
    bool same = from_us <= clock_us && clock_us <= till_us;
    client->dated = clock_us != 0;
    client->moment_us = 0;
    client->ahead_us = same ? 0 : clock_us - (from_us + (till_us - from_us) / 2);
}

static void send_some(struct link_client *client)
{
    if (client->state != CLIENT_UP) return;
    assert(client->first <= client->unsent && client->unsent <= client->end);
    while (client->unsent < client->end && client->wire.out.length - client->wire.out_start < OUT_ENOUGH) {
        struct entry *entry = &client->entries[client->unsent++];
        if (entry->seq == 0) entry->seq = client->next_seq++;
        send_moment(client, entry);
        writer_stamp(&client->wire.out, (struct span){entry->frame, entry->length}, client->link, entry->seq);
    }
}

/* Takes the credit for the events that are still kept out of the credit just given. */
static void settle_credit(struct link_client *client)
{
    for (size_t i = client->first; i < client->end; i++) {
        const struct entry *entry = &client->entries[i];
        if (entry->class == CLASS_RELIEVE) continue;
        *(entry->class == CLASS_ARRIVE ? &client->credit_arrive : &client->credit_continue) -= 1;
        client->credit_bytes -= entry->weight;
    }
}

static void link_client_grant(struct link_client *client, uint64_t effects, uint64_t bytes)
{
    struct writer *out = &client->wire.out;
    writer_begin(out, KIND_Credit);
    writer_u(out, Credit_credit_continue, effects);
    writer_u(out, Credit_bytes, bytes);
    writer_end(out);
}

/* Gives the kept events their numbers for a new connection: events that were sent and are not durable go out again,
 * under the same numbers. If the core has another journal, the kept events get new numbers, since the old numbers
 * would leave a gap. */
static void client_renumber(struct link_client *client, uint64_t last_seq)
{
    link_client_commit(client, last_seq);
    client->next_seq = last_seq + 1;
    for (size_t i = client->first; i < client->end && client->entries[i].seq != 0; i++)
        client->entries[i].seq = client->next_seq++;
    client->unsent = client->first;
}

/* Notes the core's lease: the core leads for `led_us` from a time that was not before `since_us`. */
static void take_led(struct link_client *client, uint64_t since_us, int64_t led_us)
{
    if (led_us > 0) client->led_until_us = since_us + (uint64_t)led_us;
}

/* Notes the lease that a Credit tells: since it may be read late, it can only shorten what is known; the answer to a
 * Ping can extend it, counted from the Ping. Only the first lease of a connection is taken as it is read. */
static void hear_led(struct link_client *client, int64_t led_us)
{
    uint64_t at_most_us = client->wire.heard_us + (uint64_t)led_us;
    if (led_us <= 0) return;
    if (client->led_until_us == 0 || client->unasked || at_most_us < client->led_until_us)
        client->led_until_us = at_most_us;
    wire_ping(&client->wire, client->wire.heard_us);
}

static void take_pong(struct link_client *client, const struct message *message)
{
    uint64_t asked_us = message_u(message, Pong_token);
    int64_t led_us = message_i(message, Pong_led);
    client->unasked = led_us <= 0;
    if (asked_us <= client->wire.heard_us) take_led(client, asked_us, led_us);
}

/* Drops all kept events and the epoch: a core of another journal never got the earlier events, and its resync asks
 * which calls and agents exist. */
static void forget_core(struct link_client *client)
{
    for (size_t i = client->first; i < client->end; i++) free(client->entries[i].frame);
    client->first = client->unsent = client->end = 0;
    client->bytes = 0;
    client->epoch = 0;
}

/* True: the core has another journal than the last core. The epoch cannot show this, since it counts the starts of one
 * journal and is equal after the first start of two journals. A core of another journal never had this process's calls.
 * An older core does not name its journal, and counts as the same. */
static bool core_is_another(const struct link_client *client, const struct message *welcome)
{
    uint64_t born = message_u(welcome, Welcome_born);
    return client->born != 0 && born != 0 && born != client->born;
}

/* Takes the core's Welcome; the order matters. First, everything that can refuse this core is checked. Then the
 * terms of the Welcome are taken, the kept events get their numbers and use up their part of the new credit, and
 * only then is anything sent. */
static bool take_welcome(struct link_client *client, const struct message *message)
{
    assert(client->state == CLIENT_HELLO);
    if (message->kind == KIND_Refuse) {
        client->calls.refused(client->calls.self, (enum refusal)message_u(message, Refuse_why),
                              message_text(message, Refuse_text));
        return link_client_end(client, down_reason_protocol, "refused");
    }
    if (message->kind != KIND_Welcome) return link_client_broken(client, "it did not answer with Welcome");
    if (message_u(message, Welcome_protocol) != PROTOCOL_VERSION) return link_client_broken(client, "another protocol");
    bool another = core_is_another(client, message);
    if (another && client->calls.another && client->calls.another(client->calls.self)) {
        forget_core(client);
    } else if (another) {
        static const char text[] = "its journal is another one than that of the core before, so it is another core";
        client->calls.refused(client->calls.self, refusal_other, span_of(text));
        return link_client_end(client, down_reason_protocol, "another core");
    }
    if (message_u(message, Welcome_epoch) < client->epoch)
        return link_client_broken(client, "a leader of the past (lower epoch)");
    if (message_u(message, Welcome_link) < SOURCE_LINKS) return link_client_broken(client, "no link number");
    if (message_u(message, Welcome_born) != 0) client->born = message_u(message, Welcome_born);
    client->epoch = message_u(message, Welcome_epoch);
    client->link = (unsigned)message_u(message, Welcome_link);
    client->journal = message_u(message, Welcome_journal);
    client->domain = (unsigned)(message_u(message, Welcome_domain) & UINT16_MAX);
    take_clock(client, message_u(message, Welcome_clock));
    client->led_until_us = 0;
    take_led(client, client->opened_us, message_i(message, Welcome_led));
    if (message_u(message, Welcome_last_conn) > client->last_conn)
        client->last_conn = message_u(message, Welcome_last_conn);
    client->credit_continue = (int64_t)(message_u(message, Welcome_credit_continue) & INT32_MAX);
    client->credit_arrive = (int64_t)(message_u(message, Welcome_credit_arrive) & INT32_MAX);
    client->credit_bytes = (int64_t)(message_u(message, Welcome_credit_bytes) & INT32_MAX);
    client->reported = 0; /* the core of this connection has not heard the counters yet */
    client->shown_new = client->shown.neighbour_count + client->shown.figure_count > 0;
    if (message_i(message, Welcome_silent) > 0) client->wire.silent_us = (uint64_t)message_i(message, Welcome_silent);
    uint64_t told = client->told;
    client_renumber(client, message_u(message, Welcome_last_seq));
    settle_credit(client);
    client->state = CLIENT_UP;
    link_client_grant(client, LINK_CREDIT_EFFECTS, LINK_CREDIT_BYTES);
    send_some(client);
    if (client->told != told) client->calls.committed(client->calls.self, client->told);
    client->calls.up(client->calls.self);
    return client->state == CLIENT_UP;
}

/* Effects of one connection are numbered from 1 without gaps. A lower epoch comes from a core that led before this
 * one and does not know that it no longer leads. */
static bool take_effect(struct link_client *client, const struct message *message)
{
    if (message_u(message, ENVELOPE_seq) != client->effect_seq + 1)
        return link_client_broken(client, "a gap in its numbers");
    client->effect_seq++;
    client->effects++;
    client->effect_bytes += message->frame.length;
    uint64_t epoch = message_u(message, ENVELOPE_epoch);
    if (epoch && epoch < client->epoch)
        return link_client_broken(client, "an effect of a leader of the past (lower epoch)");
    client->calls.effect(client->calls.self, message);
    return client->state == CLIENT_UP;
}

static void take_credit(struct link_client *client, const struct message *message)
{
    client->credit_continue += (int64_t)(message_u(message, Credit_credit_continue) & INT32_MAX);
    client->credit_arrive += (int64_t)(message_u(message, Credit_credit_arrive) & INT32_MAX);
    client->credit_bytes += (int64_t)(message_u(message, Credit_bytes) & INT32_MAX);
    client->gate = (enum gate)message_u(message, Credit_gate);
    hear_led(client, message_i(message, Credit_led));
    if (!client->starved) return;
    client->starved = false;
    client->calls.credit(client->calls.self);
}

static bool link_client_take(struct link_client *client, const struct message *message)
{
    if (client->state == CLIENT_HELLO) return take_welcome(client, message);
    if (kind_is_effect(message->kind)) return take_effect(client, message);
    uint64_t told = client->told;
    switch (message->kind) {
    case KIND_Ping:
        wire_pong(&client->wire, message, 0);
        return true;
    case KIND_Pong:
        take_pong(client, message);
        return true;
    case KIND_ReadReply:
        client->calls.effect(client->calls.self, message);
        return client->state == CLIENT_UP;
    case KIND_Committed:
        link_client_commit(client, message_u(message, Committed_seq));
        if (client->told != told) client->calls.committed(client->calls.self, client->told);
        return true;
    case KIND_Credit:
        take_credit(client, message);
        return true;
    case KIND_Bye:
        return link_client_end(client, (enum down_reason)message_u(message, Bye_reason), "the core has said Bye");
    default:
        return link_client_broken(client, "a message that only an adapter sends");
    }
}

static bool link_client_take_all(struct link_client *client)
{
    struct message message;
    struct error error;
    while (client->state == CLIENT_HELLO || client->state == CLIENT_UP) {
        enum wire_result result = wire_next(&client->wire, &message, &error);
        if (result == WIRE_MORE) return true;
        if (result == WIRE_BAD) return link_client_broken(client, error.text);
        if (!link_client_take(client, &message)) return false;
        wire_took(&client->wire, &message);
    }
    return false;
}

/* The time of the next report (events refused, defaulted and forgotten; neighbours and figures); UINT64_MAX: there
 * is nothing new. */
static uint64_t report_due(const struct link_client *client)
{
    bool news = client->shown_new || client->refused + client->defaulted + client->forgotten != client->reported;
    return client->state == CLIENT_UP && news ? client->reported_us + LINK_REPORT_US : UINT64_MAX;
}

static void link_client_report(struct link_client *client, uint64_t now_us)
{
    struct writer *out = &client->wire.out;
    if (now_us < report_due(client)) return;
    client->reported = client->refused + client->defaulted + client->forgotten;
    client->reported_us = now_us;
    client->shown_new = false;
    writer_begin(out, KIND_Report);
    writer_u(out, Report_refused, client->refused);
    writer_u(out, Report_defaulted, client->defaulted);
    writer_u(out, Report_uncommitted, client->bytes);
    writer_u(out, Report_forgotten, client->forgotten);
    told_write(&client->shown, out);
    writer_end(out);
}

/* False: the connection has ended, since an event was forgotten on it; the check is made here, and not in the middle
 * of a post. */
static bool link_client_holds(struct link_client *client)
{
    return !client->overflowed || link_client_end(client, down_reason_other,
                                                  "more is uncommitted than may be kept: the core does not keep up");
}

/* Gives back the credit of effects that were performed. The core does not wait while it has credit left, so the
 * message goes out together with other bytes, or when the sum is large, or on the next tick. */
static void settle_effects(struct link_client *client)
{
    if (client->effects == 0) return;
    writer_begin(&client->wire.out, KIND_Committed);
    writer_u(&client->wire.out, Committed_seq, client->effect_seq);
    writer_end(&client->wire.out);
    link_client_grant(client, client->effects, client->effect_bytes);
    client->effects = client->effect_bytes = 0;
}

/* Takes the bytes from the core: all messages are handled before credit is given back, so that one message gives
 * back the credit of many effects. */
bool link_client_feed(struct link_client *client, const void *bytes, size_t length, uint64_t now_us)
{
    if (client->state != CLIENT_HELLO && client->state != CLIENT_UP) return false;
    wire_feed(&client->wire, bytes, length, now_us);
    bool good = link_client_take_all(client);
    bool much = client->effects >= SETTLE_EFFECTS || client->effect_bytes >= SETTLE_BYTES;
    if (good && (much || client->wire.out_start < client->wire.out.length)) settle_effects(client);
    if (good) link_client_report(client, now_us);
    return good && link_client_holds(client);
}

struct span link_client_output(const struct link_client *client)
{
    return wire_output(&client->wire);
}

void link_client_sent(struct link_client *client, size_t length)
{
    wire_sent(&client->wire, length);
    send_some(client);
}

/* The time when the link leaves a core that may not lead; UINT64_MAX: the link has no reason to leave. */
static uint64_t leaves_us(const struct link_client *client)
{
    bool leaves = client->options.elsewhere && client->state == CLIENT_UP && client->led_until_us != 0;
    return leaves ? client->led_until_us + LINK_ASIDE_US : UINT64_MAX;
}

bool link_client_tick(struct link_client *client, uint64_t now_us)
{
    if (client->state == CLIENT_HELLO && now_us >= client->opened_us + LINK_HELLO_US)
        return link_client_end(client, down_reason_silent, "no Welcome");
    if (client->state == CLIENT_UP && !wire_tick(&client->wire, now_us))
        return link_client_end(client, down_reason_silent, "the core is silent");
    if (now_us >= leaves_us(client)) return link_client_end(client, down_reason_other, "another core may lead");
    link_client_report(client, now_us);
    if (client->state == CLIENT_UP) settle_effects(client);
    return (client->state == CLIENT_HELLO || client->state == CLIENT_UP) && link_client_holds(client);
}

/* The time when link_client_tick() is needed next: for a report, a ping, the end of a silent link, or leaving a core
 * that no longer leads. */
uint64_t link_client_due(const struct link_client *client)
{
    if (client->state == CLIENT_HELLO) return client->opened_us + LINK_HELLO_US;
    if (client->state != CLIENT_UP) return UINT64_MAX;
    if (client->overflowed) return 0;
    uint64_t report_us = report_due(client), wire_us = wire_due(&client->wire), until_us = leaves_us(client);
    if (report_us < until_us) until_us = report_us;
    return wire_us < until_us ? wire_us : until_us;
}

void link_client_close(struct link_client *client, enum down_reason reason)
{
    if (client->state == CLIENT_UP) wire_bye(&client->wire, reason);
    link_client_end(client, reason, "closed by the adapter");
}

/* Finds the object whose state an event tells; false: the event is no state that a later one makes needless. */
static bool state_object(const struct message *message, struct span *object)
{
    if (message->kind == KIND_EventAgentState)
        *object = message_text(message, EventAgentState_agent);
    else if (message->kind == KIND_EventDN)
        *object = message_text(message, EventDN_dn);
    else if (message->kind == KIND_EventClient)
        *object = message_text(message, EventClient_agent);
    else if (message->kind == KIND_PeerLink)
        *object = message_text(message, PeerLink_peer);
    else
        return false;
    return true;
}

static void remove_entry(struct link_client *client, size_t at)
{
    assert(at >= client->unsent &&
           at < client->end); /* an entry that was sent has a number: to remove it would leave a gap */
    struct entry *entry = &client->entries[at];
    assert(entry->seq == 0 && client->bytes >= entry->length);
    client->bytes -= entry->length;
    free(entry->frame);
    memmove(entry, entry + 1, (client->end - at - 1) * sizeof *entry);
    client->end--;
}

/* Drops an older unsent state of the same object to make room, since too much is uncommitted; false: there is none. */
static bool link_client_merge(struct link_client *client, const struct message *message)
{
    struct span object, other;
    if (!state_object(message, &object)) return false;
    for (size_t i = client->end; i-- > client->unsent;) {
        struct entry *entry = &client->entries[i];
        struct message earlier;
        if (entry->seq != 0 || !message_read(&earlier, entry->frame, entry->length, NULL)) continue;
        if (earlier.kind != message->kind || !state_object(&earlier, &other) || !span_equal(object, other)) continue;
        remove_entry(client, i);
        return true;
    }
    return false;
}

/* Forgets the events that were never sent: these have no number yet, so they leave no gap, and the resync tells
 * their content again. */
static void forget_unsent(struct link_client *client)
{
    size_t kept = client->unsent;
    while (kept < client->end && client->entries[kept].seq != 0) kept++;
    client->forgotten += client->end - kept;
    assert(kept <= client->end);
    for (size_t i = kept; i < client->end; i++) {
        client->bytes -= client->entries[i].length;
        free(client->entries[i].frame);
    }
    client->end = kept;
}

static bool link_client_full(const struct link_client *client, uint32_t length)
{
    return client->bytes + length > LINK_UNCOMMITTED_MAX || client->end - client->first >= LINK_UNCOMMITTED_COUNT;
}

/* Makes room for an event of relief, which is never refused for credit. False: the events that were sent already
 * fill the store. */
static bool link_client_make_room(struct link_client *client, const struct message *message)
{
    if (!link_client_full(client, message->frame.length) || link_client_merge(client, message)) return true;
    forget_unsent(client);
    /* only a present connection must be ended: the next one begins with a resync anyway */
    client->overflowed = client->state == CLIENT_UP;
    return !link_client_full(client, message->frame.length);
}

/* Takes the credit for an event; false: the event is refused and no credit was taken. Arrivals also need an open
 * gate and an adapter that is not busy; relief needs nothing. */
static bool link_client_spend(struct link_client *client, enum event_class class, uint32_t length, uint32_t weight)
{
    if (class == CLASS_RELIEVE) return true;
    int64_t *credit = class == CLASS_ARRIVE ? &client->credit_arrive : &client->credit_continue;
    if (*credit <= 0 || client->credit_bytes <= 0 || link_client_full(client, length)) return false;
    if (class == CLASS_ARRIVE && (client->busy || client->gate != gate_open)) return false;
    if (class == CLASS_CONTINUE && client->gate == gate_only_relief) return false;
    *credit -= 1;
    client->credit_bytes -= weight;
    return true;
}

/* Appends the event. The array is compacted only when it is full and more than half of its entries are gone, so each
 * entry is moved a bounded number of times. */
static void link_client_append(struct link_client *client, const struct entry *entry)
{
    assert(client->first <= client->unsent && client->unsent <= client->end && client->end <= client->capacity);
    if (client->end == client->capacity && client->first > client->capacity / 2) {
        memmove(client->entries, client->entries + client->first,
                (client->end - client->first) * sizeof *client->entries);
        client->end -= client->first;
        client->unsent -= client->first;
        client->first = 0;
    }
    if (client->end == client->capacity) {
        client->capacity = client->capacity ? client->capacity * 2 : 256;
        client->entries = memory_grown(client->entries, client->capacity, sizeof *client->entries);
    }
    assert(client->end < client->capacity);
    client->entries[client->end++] = *entry;
}

bool link_client_takes(struct span frame, struct message *message, struct error *error)
{
    *message = (struct message){0};
    if (!message_read(message, frame.bytes, frame.length, error)) return false;
    if (!kind_posted_by(message->kind, SOURCE_LINKS))
        return error_set(error, ERROR_DENIED, "no adapter may post %s", kind_name(message->kind));
    if (frame.length <= MESSAGE_EVENT_MAX - STAMP_ROOM) return true;
    return error_set(error, ERROR_LIMIT, "%s has %u bytes", kind_name(message->kind), frame.length);
}

/* The frame is copied. If the result is false, the adapter keeps the event and tries again when credit() is called,
 * unless the frame itself is wrong. */
bool link_client_post(struct link_client *client, struct span frame, bool counted)
{
    struct message message;
    struct error error;
    if (!link_client_takes(frame, &message, &error)) return false;
    enum event_class class = message_class(&message);
    if (class == CLASS_RELIEVE && !link_client_make_room(client, &message)) {
        client->forgotten++;
        return false;
    }
    uint32_t weight = wire_weight(&message);
    if (!link_client_spend(client, class, frame.length, weight)) {
        client->starved = true;
        client->refused += class == CLASS_ARRIVE;
        return false;
    }
    uint8_t *copy = memory_grown(NULL, frame.length, 1);
    memcpy(copy, frame.bytes, frame.length);
    if (counted) client->posted++;
    assert(client->told <= client->posted);
    uint64_t now_us = client->calls.now_us ? client->calls.now_us(client->calls.self) : 0;
    link_client_append(client, &(struct entry){copy, frame.length, weight, (uint8_t) class, 0, client->posted, now_us});
    client->bytes += frame.length;
    send_some(client);
    return true;
}

/* Sends a Read, which is not an event: it is neither kept nor numbered, and is lost with the connection. */
bool link_client_read(struct link_client *client, struct span read)
{
    struct message message;
    struct writer *out = &client->wire.out;
    if (client->state != CLIENT_UP || !message_read(&message, read.bytes, read.length, NULL)) return false;
    assert(message.kind == KIND_Read);
    writer_begin(out, KIND_Read);
    writer_u(out, Read_token, message_u(&message, Read_token));
    writer_u(out, Read_what, message_u(&message, Read_what));
    writer_bytes(out, Read_name, message_text(&message, Read_name));
    writer_bytes(out, Read_whose, message_text(&message, Read_whose));
    writer_u(out, Read_after, message_u(&message, Read_after));
    writer_u(out, Read_count, message_u(&message, Read_count));
    writer_bytes(out, Read_asker, message_text(&message, Read_asker));
    writer_u(out, Read_external, message_u(&message, Read_external));
    writer_bytes(out, Read_order, message_text(&message, Read_order));
    writer_bytes(out, Read_filter, message_text(&message, Read_filter));
    writer_bytes(out, Read_view, message_text(&message, Read_view));
    writer_end(out);
    return true;
}

void link_client_busy(struct link_client *client, bool busy)
{
    client->busy = busy;
}
void link_client_defaulted(struct link_client *client)
{
    client->defaulted++;
}
bool link_client_neighbour(struct link_client *client, const char *name, bool up, const char *why)
{
    bool changed = told_neighbour(&client->shown, name, up, why, 0);
    client->shown_new = true;
    return changed;
}
void link_client_figure(struct link_client *client, const char *name, int64_t value)
{
    if (told_figure(&client->shown, name, value)) client->shown_new = true;
}
void link_client_count(struct link_client *client, const char *name, int64_t more)
{
    unsigned count = client->shown.figure_count;
    if (told_count(&client->shown, name, more) || client->shown.figure_count > count) client->shown_new = true;
}
bool link_client_is_aside(const struct link_client *client, uint64_t now_us)
{
    return client->led_until_us != 0 && now_us >= client->led_until_us;
}
bool link_client_is_up(const struct link_client *client)
{
    return client->state == CLIENT_UP;
}
unsigned link_client_link(const struct link_client *client)
{
    return client->link;
}
uint64_t link_client_last_conn(const struct link_client *client)
{
    return client->last_conn;
}
uint64_t link_client_journal(const struct link_client *client)
{
    return client->journal;
}

unsigned link_client_domain(const struct link_client *client)
{
    return client->domain;
}
size_t link_client_uncommitted(const struct link_client *client)
{
    return client->bytes;
}
