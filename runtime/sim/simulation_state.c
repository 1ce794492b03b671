/* runtime/sim/simulation_state.c - The basic functions of a simulation: begin and post events, and find calls,
 * agents, flows and parked interactions.
 *
 *     simulation_event()        begins an event: source, number, call
 *     event_put_...()           its fields
 *     simulation_post()         the event is complete, and counted
 *
 * The writer holds one event at a time: no other event may begin before it is posted. Agents and queues are found by
 * the number in their DN: "a000123" is agent 123, "q4" is queue 4; by name they are found through a hash table. */
#include "runtime/sim/simulation_state.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/sim/events.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/rows.h"

enum { LOOKS_AFTER_US = 1000000 };

/* ---- events ---- */

/* Notes a failure; only the first one, as later ones are usually its consequences. */
void simulation_fail(struct simulation *s, const char *format, ...)
{
    va_list arguments;
    char text[sizeof s->error->text];
    if (s->failed) return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    s->failed = true;
    error_set(s->error, ERROR_STATE, "%s", text);
}

/* Begins an event of that source, with the source's next number: the core refuses gaps and repetitions. */
struct writer *simulation_event_of(struct simulation *s, unsigned source, unsigned kind)
{
    uint64_t *seq = source == SOURCE_ADMIN ? &s->admin_seq : source == SOURCE_HOST ? &s->host_seq : &s->seq;
    writer_begin(s->writer, kind);
    writer_u(s->writer, ENVELOPE_source, source);
    writer_u(s->writer, ENVELOPE_seq, ++*seq);
    return s->writer;
}

struct writer *simulation_event(struct simulation *s, unsigned kind, const struct simulated_call *call, uint64_t ref)
{
    struct writer *w = simulation_event_of(s, SIMULATION_LINK, kind);
    if (call) writer_u(w, ENVELOPE_ixn, call->ixn);
    writer_u(w, ENVELOPE_ref, ref);
    if (call) writer_conn(w, ENVELOPE_conn, call->conn);
    return w;
}

void simulation_post(struct simulation *s)
{
    writer_end(s->writer);
    s->events++;
    s->posted++;
}

bool simulation_takes(struct span frames)
{
    struct message message;
    for (uint32_t at = 0, size = 0; at < frames.length; at += size) {
        const uint32_t left = frames.length - at;
        size = (uint32_t)message_frame_size(frames.bytes + at, left);
        if (size == 0 || size > left || !message_read(&message, frames.bytes + at, size, NULL)) return false;
        if (message.kind != KIND_DirectoryRow && message.kind != KIND_DirectoryCommit) return false;
    }
    return true;
}

void simulation_post_frames(struct simulation *s, struct span frames)
{
    struct message message;
    for (uint32_t at = 0, size = 0; at < frames.length; at += size) {
        size = (uint32_t)message_frame_size(frames.bytes + at, frames.length - at);
        bool read = size > 0 && message_read(&message, frames.bytes + at, size, NULL);
        assert(read);
        struct writer *w = simulation_event_of(s, SOURCE_ADMIN, message.kind);
        for (unsigned i = 0; i < message.count; i++)
            if (message.fields[i].number != ENVELOPE_source && message.fields[i].number != ENVELOPE_seq)
                writer_field(w, &message.fields[i]);
        simulation_post(s);
    }
}

/* Answers an effect, with its interaction and number. */
void simulation_done(struct simulation *s, const struct message *effect, enum code code)
{
    struct writer *w = simulation_event_of(s, SIMULATION_LINK, KIND_EventDone);
    event_put_asked(w, effect);
    event_put_done(w, code, NULL);
    simulation_post(s);
}

static uint64_t name_hash(struct span name)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < name.length; i++) hash = table_mix64(hash + name.bytes[i] + 1);
    return hash;
}

uint64_t simulation_agent_key(const void *owner, uint32_t agent)
{
    const struct simulation *s = owner;
    return name_hash(span_of(s->agents[agent].name));
}

uint32_t simulation_agent(const struct simulation *s, struct span name)
{
    uint32_t agent;
    return lookup_find(&s->by_name, name_hash(name), &agent) && span_is(name, s->agents[agent].name) ? agent : NOBODY;
}

/* ---- calls ---- */

/* Returns a call's number combined with its count of moves: a planned action with an older value is cancelled. */
uint64_t call_turn(const struct simulated_call *call)
{
    return call->number << 8 | call->turns;
}

void call_moves(struct simulated_call *call, enum place place)
{
    call->place = (uint8_t)place;
    call->turns++;
}

const struct simulation_flow *call_flow(const struct simulation *s, const struct simulated_call *call)
{
    return &s->plan->flows[call->flow];
}

enum media call_medium(const struct simulation *s, const struct simulated_call *call)
{
    enum media medium = call_flow(s, call)->medium;
    return medium == media_none ? media_voice : medium;
}

void sim_queue_dn_of(uint32_t queue, char dn[QUEUE_DN])
{
    (void)snprintf(dn, QUEUE_DN, "q%u", (unsigned)queue);
}

/* Returns the number after the letter of a DN; NOBODY: something other than digits is there. At most six digits are
 * accepted, so that the number fits. */
static uint32_t dn_ordinal(struct span dn)
{
    uint32_t ordinal = 0;
    if (dn.length < 2 || dn.length > 7) return NOBODY;
    for (uint32_t i = 1; i < dn.length; i++) {
        if (dn.bytes[i] < '0' || dn.bytes[i] > '9') return NOBODY;
        ordinal = ordinal * 10 + (uint32_t)(dn.bytes[i] - '0');
    }
    return ordinal;
}

/* Returns the queue with this DN; the DN is made again from the number and compared: "q04" has a number, but is not
 * a queue's DN. */
uint32_t sim_queue_of_dn(struct span dn)
{
    char at[QUEUE_DN];
    uint32_t queue = dn_ordinal(dn);
    sim_queue_dn_of(queue, at);
    return span_is(dn, at) ? queue : NOBODY;
}

/* Returns the agent with this DN; in "a000123" the number is the agent's index (name_agents), so no lookup is needed
 * for each route. */
uint32_t agent_of_dn(const struct simulation *s, struct span dn)
{
    uint32_t agent = dn.length == 7 && dn.bytes[0] == 'a' ? dn_ordinal(dn) : NOBODY;
    return agent < s->agent_count ? agent : NOBODY;
}

uint32_t sim_flow_of_dn(const struct simulation *s, struct span dn)
{
    for (uint32_t i = 0; i < s->plan->flow_count; i++)
        if (span_is(dn, s->sources[i].dn)) return i;
    return NOBODY;
}

/* ---- parked interactions ---- */

/* Plans a look at the parked interactions, if none is planned: `looks` is set until it is done. */
void sim_media_look(struct simulation *s)
{
    if (s->parked_count == 0 || s->looks) return;
    s->looks = true;
    agenda_add(&s->agenda, s->now_us + LOOKS_AFTER_US, DEED_PULL, 0, 0);
}

/* Removes a slot from the parked ones; the others keep their order. */
void sim_media_unpark(struct simulation *s, uint32_t slot)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->parked_count; i++)
        if (s->parked[i] != slot) s->parked[kept++] = s->parked[i];
    s->parked_count = kept;
}
