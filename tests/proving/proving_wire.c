/* tests/proving/proving_wire.c - The connections of the adapters to the core that leads.
 *
 * An adapter outlives cores. An adapter keeps each event until it hears that the event is durable; after a new
 * connection it hears the number of the last durable event, and sends all later events again, numbered from there.
 * When a connection is lost, the messages on their way in both directions are lost, too. The core may notice the
 * loss later than the adapter, which may even have a new connection by then. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/events.h"
#include "tests/proving/proving_state.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/events_link.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"

enum { LATENCY_US = 15000, RECONNECTS_US = 400000, NOTICED_US = 3000000, SILENT_US = 3000000 };

static struct proving_wire *wire_at(struct proving *world, unsigned link)
{
    assert(link >= PROVING_SWITCH && link < PROVING_SWITCH + PROVING_LINKS);
    return &world->wires[link - PROVING_SWITCH];
}

/* Returns the node at the other end; NULL: the node is dead. */
static struct proving_node *wire_node(struct proving *world, const struct proving_wire *wire)
{
    struct proving_node *node = &world->nodes[wire->node];
    return node->partition && node->life == wire->life && !node->silent ? node : NULL;
}

/* ---- messages on their way ---- */

static struct proving_message *message_taken(struct proving *world, unsigned link, uint32_t *at)
{
    *at = world->free_message;
    if (*at == PROVING_NOBODY) {
        world->messages = memory_more(world->messages, world->message_count, sizeof *world->messages);
        *at = world->message_count++;
    } else {
        world->free_message = world->messages[*at].next_free;
    }
    world->messages[*at] = (struct proving_message){.link = link};
    return &world->messages[*at];
}

static void message_dropped(struct proving *world, uint32_t at, uint64_t session)
{
    struct proving_wire *wire = wire_at(world, world->messages[at].link);
    wire->under_way -= wire->session == session;
    free(world->messages[at].frame);
    world->messages[at] = (struct proving_message){.next_free = world->free_message};
    world->free_message = at;
}

/* Plans the arrival of a message; messages of one direction keep their order. */
static void message_sent(struct proving *world, uint32_t at, uint64_t *last_us, enum proving_due due)
{
    struct proving_wire *wire = wire_at(world, world->messages[at].link);
    uint64_t at_us =
        world->now_us + 200 + proving_drawn(world, PROVING_DELAY, world->now_us << 2 | (uint64_t)due % 4, LATENCY_US);
    *last_us = at_us > *last_us ? at_us : *last_us;
    wire->under_way++;
    proving_plan(world, *last_us - world->now_us, due, at, wire->session);
}

static void message_framed(struct proving_message *message, struct span frame)
{
    message->frame = memory_grown(NULL, frame.length, 1);
    message->length = frame.length;
    memcpy(message->frame, frame.bytes, frame.length);
}

static void wire_tells(struct proving *world, unsigned link, uint64_t seq, bool welcome)
{
    uint32_t at;
    struct proving_message *message = message_taken(world, link, &at);
    message->number = seq;
    message->welcome = welcome;
    message_sent(world, at, &wire_at(world, link)->down_at_us, DUE_DOWN);
}

/* ---- the adapter's side ---- */

static struct span event_stamped(struct proving *world, unsigned link, size_t at)
{
    const struct proving_wire *wire = wire_at(world, link);
    writer_clear(&world->stamped);
    return writer_stamp(&world->stamped, (struct span){wire->kept[at].frame, wire->kept[at].length}, link,
                        wire->next_seq + at);
}

static void wire_sends(struct proving *world, unsigned link)
{
    struct proving_wire *wire = wire_at(world, link);
    while (wire->up && wire->greeted && wire->sent < wire->kept_count) {
        uint32_t at;
        struct span frame = event_stamped(world, link, wire->sent);
        struct proving_message *message = message_taken(world, link, &at);
        message_framed(message, frame);
        message->number = wire->next_seq + wire->sent++;
        message_sent(world, at, &wire->up_at_us, DUE_UP);
    }
}

struct writer *proving_event(struct proving *world, unsigned link, unsigned kind, uint64_t ixn, uint64_t ref,
                             uint64_t conn)
{
    writer_clear(&world->writer);
    writer_begin(&world->writer, kind);
    writer_u(&world->writer, ENVELOPE_source, link);
    writer_u(&world->writer, ENVELOPE_ixn, ixn);
    writer_u(&world->writer, ENVELOPE_ref, ref);
    writer_conn(&world->writer, ENVELOPE_conn, conn);
    return &world->writer;
}

void proving_post_again(struct proving *world, unsigned link, struct span frame)
{
    struct proving_wire *wire = wire_at(world, link);
    wire->kept = memory_more(wire->kept, wire->kept_count, sizeof *wire->kept);
    struct proving_event *event = &wire->kept[wire->kept_count++];
    event->frame = memory_grown(NULL, frame.length, 1);
    event->length = frame.length;
    memcpy(event->frame, frame.bytes, frame.length);
    world->result->events++;
    wire_sends(world, link);
}

void proving_post(struct proving *world, unsigned link)
{
    proving_post_again(world, link, writer_end(&world->writer));
}

/* Drops the events up to that number: they are durable, and need not be kept. */
static void wire_hears(struct proving *world, unsigned link, uint64_t seq)
{
    struct proving_wire *wire = wire_at(world, link);
    size_t count = 0;
    if (seq >= wire->next_seq + wire->kept_count)
        proving_fail(world, "link %u: the core has %" PRIu64 " events, and only %" PRIu64 " were sent", link, seq,
                     wire->next_seq + wire->kept_count - 1);
    for (; count < wire->kept_count && wire->next_seq + count <= seq; count++) {
        proving_acknowledged(world, link, wire->next_seq + count, event_stamped(world, link, count));
        free(wire->kept[count].frame);
    }
    wire->kept_count -= count;
    if (wire->kept_count > 0) memmove(wire->kept, wire->kept + count, wire->kept_count * sizeof *wire->kept);
    wire->sent -= count < wire->sent ? count : wire->sent;
    wire->next_seq += count;
}

/* Sends the kept events again from the number on that the core names: a new process does not know which ones came
 * before, and a restarted core may lack some that were not durable. */
static void wire_welcomed(struct proving *world, unsigned link, uint64_t seq)
{
    struct proving_wire *wire = wire_at(world, link);
    size_t acknowledged = world->ledger.acknowledged_count[link - PROVING_SWITCH];
    if (seq < acknowledged)
        proving_fail(world, "link %u: %zu events were acknowledged, and the core has %" PRIu64, link, acknowledged,
                     seq);
    if (!wire->forgot) wire_hears(world, link, seq);
    wire->forgot = false;
    wire->next_seq = seq + 1;
    wire->greeted = true;
    wire->sent = 0;
    wire_sends(world, link);
    if (world->adapters[link - PROVING_SWITCH].up) world->adapters[link - PROVING_SWITCH].up(world);
}

void proving_wire_down(struct proving *world, uint32_t at, uint64_t session)
{
    const struct proving_message *message = &world->messages[at];
    unsigned link = message->link;
    const struct proving_wire *wire = wire_at(world, link);
    struct message effect;
    struct error error = {0};
    if (wire->up && wire->session == session) {
        if (!message->frame && message->welcome)
            wire_welcomed(world, link, message->number);
        else if (!message->frame)
            wire_hears(world, link, message->number);
        else if (!message_read(&effect, message->frame, message->length, &error))
            proving_fail(world, "an effect that is none: %s", error.text);
        else
            world->adapters[link - PROVING_SWITCH].effect(world, &effect);
    }
    message_dropped(world, at, session);
}

/* ---- the core's side ---- */

static void wire_posts(struct proving *world, struct proving_node *node, struct span frame)
{
    if (!partition_post(node->partition, frame)) proving_fail(world, "the ring of node %u is full", node->number);
}

static void wire_says_down(struct proving *world, struct proving_node *node, unsigned link)
{
    struct writer *writer = &world->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_LinkDown);
    writer_u(writer, ENVELOPE_source, SOURCE_HOST);
    writer_u(writer, LinkDown_link, link);
    writer_u(writer, LinkDown_reason, down_reason_silent);
    wire_posts(world, node, writer_end(writer));
    wire_at(world, link)->core_has = false;
}

static void wire_says_up(struct proving *world, struct proving_node *node, unsigned link)
{
    static const uint32_t caps[PROVING_LINKS] = {CAP_CALLS | CAP_TREATMENTS | CAP_PULL_BACK | CAP_SET_AGENT |
                                                     CAP_DESKTOPS | CAP_PREVIEW | CAP_PROBE,
                                                 CAP_MAIL | CAP_ENDS, CAP_STATELESS | CAP_KEYED | CAP_DOMAINS};
    static const char *const names[PROVING_LINKS] = {"switch", "mail", "domains"};
    struct writer *writer = &world->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_LinkUp);
    writer_u(writer, ENVELOPE_source, SOURCE_HOST);
    event_put_link(writer, link, names[link - PROVING_SWITCH], 1, caps[link - PROVING_SWITCH],
                   /* the desktops at the switch's link take e-mails, too */
                   link == PROVING_MAIL ? media_email : media_none);
    wire_posts(world, node, writer_end(writer));
    wire_at(world, link)->core_has = true;
}

void proving_wire_up(struct proving *world, uint32_t at, uint64_t session)
{
    const struct proving_message *message = &world->messages[at];
    const struct proving_wire *wire = wire_at(world, message->link);
    struct proving_node *node = wire_node(world, wire);
    if (wire->up && wire->session == session && node) {
        uint64_t *taken = &node->taken[message->link - PROVING_SWITCH];
        wire_posts(world, node, (struct span){message->frame, message->length});
        if (message->number > *taken) *taken = message->number;
        if (world->options->lie == LIES_UNHEARD && !node->paused)
            wire_tells(world, message->link, wire->next_seq + wire->sent - 1, false);
    }
    message_dropped(world, at, session);
}

void proving_wire_effect(struct proving_node *node, unsigned link, struct span frame)
{
    struct proving *world = node->world;
    uint32_t at;
    if (link < PROVING_SWITCH) return; /* an effect for an administrator, whom this world does not have */
    struct proving_wire *wire = wire_at(world, link);
    if (!wire->up || wire_node(world, wire) != node) return;
    message_framed(message_taken(world, link, &at), frame);
    message_sent(world, at, &wire->down_at_us, DUE_DOWN);
}

void proving_wire_committed(struct proving_node *node, unsigned link, uint64_t seq)
{
    struct proving *world = node->world;
    if (link < PROVING_SWITCH) return;
    const struct proving_wire *wire = wire_at(world, link);
    uint64_t *committed = &node->committed[link - PROVING_SWITCH];
    if (seq > *committed) *committed = seq;
    if (wire->up && wire_node(world, wire) == node) wire_tells(world, link, seq, false);
}

/* ---- connections ---- */

static void wire_again(struct proving *world, unsigned link, uint64_t after_us)
{
    proving_plan(world, after_us, DUE_CONNECT, link, 0);
}

/* Connects an adapter; one that has seen a later leader refuses an earlier one. */
void proving_wire_connect(struct proving *world, unsigned link)
{
    struct proving_wire *wire = wire_at(world, link);
    struct proving_node *node =
        &world->nodes[proving_drawn(world, PROVING_CONNECTS, world->now_us << 1 | (link & 1), world->node_count)];
    if (wire->up) return;
    if (world->now_us < wire->cut_until_us) {
        wire_again(world, link, wire->cut_until_us - world->now_us);
        return;
    }
    if (!node->partition || !node->leads || node->paused || node->silent ||
        proving_node_apart(world, node->number) != proving_link_apart(world, link) ||
        (partition_epoch(node->partition) < wire->epoch && world->options->lie != LIES_TERMLESS)) {
        wire_again(world, link, RECONNECTS_US);
        return;
    }
    struct proving_node *before = wire_node(world, wire);
    if (wire->core_has && before) wire_says_down(world, before, link); /* the core had not noticed the loss yet */
    wire->up = true;
    wire->greeted = false;
    wire->session++;
    wire->under_way = 0;
    wire->node = node->number;
    wire->life = node->life;
    wire->epoch = partition_epoch(node->partition);
    wire_says_up(world, node, link);
    uint64_t *began = &node->began[link - PROVING_SWITCH], committed = node->committed[link - PROVING_SWITCH];
    if (node->process[link - PROVING_SWITCH] != wire->process) *began = node->taken[link - PROVING_SWITCH];
    node->process[link - PROVING_SWITCH] = wire->process;
    wire_tells(world, link, committed > *began ? committed : *began, true);
}

void proving_wire_cut(struct proving *world, unsigned link, uint64_t for_us)
{
    struct proving_wire *wire = wire_at(world, link);
    wire->cut_until_us = world->now_us + for_us;
    if (!wire->up) return;
    wire->up = wire->greeted = false;
    world->result->cuts++;
    proving_plan(world, proving_drawn(world, PROVING_CONNECTS, world->now_us, NOTICED_US), DUE_NOTICED, link,
                 wire->session);
    wire_again(world, link, for_us);
}

void proving_wire_dies(struct proving *world, unsigned link, uint64_t for_us)
{
    struct proving_wire *wire = wire_at(world, link);
    for (size_t at = 0; at < wire->kept_count; at++) free(wire->kept[at].frame);
    wire->kept_count = wire->sent = 0;
    wire->forgot = true;
    wire->process++;
    proving_wire_cut(world, link, for_us);
    if (world->adapters[link - PROVING_SWITCH].forgets) world->adapters[link - PROVING_SWITCH].forgets(world);
}

void proving_wire_hangs(struct proving *world, unsigned link, uint64_t for_us)
{
    struct proving_wire *wire = wire_at(world, link);
    uint64_t until_us = world->now_us + for_us; /* nothing arrives before */
    if (wire->up_at_us < until_us) wire->up_at_us = until_us;
    if (wire->down_at_us < until_us) wire->down_at_us = until_us;
}

bool proving_wire_rests(const struct proving *world, unsigned link, const struct proving_node *node)
{
    const struct proving_wire *wire = &world->wires[link - PROVING_SWITCH];
    return wire->greeted && wire->node == node->number && wire->life == node->life && wire->under_way == 0 &&
           wire->kept_count == 0;
}

void proving_wire_noticed(struct proving *world, unsigned link, uint64_t session)
{
    struct proving_wire *wire = wire_at(world, link);
    struct proving_node *node = wire_node(world, wire);
    if (wire->up || wire->session != session || !wire->core_has || !node) return;
    wire_says_down(world, node, link);
}

void proving_wires_lost(struct proving *world, unsigned node)
{
    for (unsigned link = PROVING_SWITCH; link < PROVING_SWITCH + PROVING_LINKS; link++) {
        struct proving_wire *wire = wire_at(world, link);
        if (wire->node != node || wire->session == 0) continue;
        wire->core_has = false;
        if (!wire->up) continue;
        wire->up = wire->greeted = false;
        wire_again(world, link, RECONNECTS_US);
    }
}

void proving_wires_part(struct proving *world)
{
    for (unsigned link = PROVING_SWITCH; link < PROVING_SWITCH + PROVING_LINKS; link++) {
        const struct proving_wire *wire = wire_at(world, link);
        if (wire->up && proving_node_apart(world, wire->node) != proving_link_apart(world, link))
            proving_wire_cut(world, link, 0);
    }
}

void proving_wires_stand(struct proving *world, unsigned node)
{
    for (unsigned i = 0; i < PROVING_LINKS; i++)
        if (world->wires[i].up && world->wires[i].node == node)
            proving_plan(world, SILENT_US, DUE_SILENT, PROVING_SWITCH + i, world->wires[i].session);
}

void proving_wire_silent(struct proving *world, unsigned link, uint64_t session)
{
    const struct proving_wire *wire = wire_at(world, link);
    if (wire->up && wire->session == session && world->nodes[wire->node].paused) proving_wire_cut(world, link, 0);
}

void proving_wires_begin(struct proving *world)
{
    world->free_message = PROVING_NOBODY;
    for (unsigned i = 0; i < PROVING_LINKS; i++) {
        world->wires[i].next_seq = world->wires[i].process = 1;
        wire_again(world, PROVING_SWITCH + i, 100000);
    }
}

void proving_wires_mend(struct proving *world)
{
    for (unsigned i = 0; i < PROVING_LINKS; i++) {
        world->wires[i].cut_until_us = 0;
        if (!world->wires[i].up) wire_again(world, PROVING_SWITCH + i, 0);
    }
}

void proving_wires_free(struct proving *world)
{
    for (unsigned i = 0; i < PROVING_LINKS; i++) {
        for (size_t at = 0; at < world->wires[i].kept_count; at++) free(world->wires[i].kept[at].frame);
        free(world->wires[i].kept);
    }
    for (uint32_t i = 0; i < world->message_count; i++) free(world->messages[i].frame);
    free(world->messages);
    writer_free(&world->writer);
    writer_free(&world->stamped);
}
