/* runtime/core/interactions/effect.c - Effects: how they are built, awaited and cancelled.
 *
 *     effect_begin() -> fields by the writer -> effect_end() -> sink (leaves after the commit)
 *                                                    \-> digest of all effects, in order
 *     effect_await()       the answer is awaited by a fiber of an interaction
 *     effect_await_agent() the answer is awaited by the partition, for an agent
 *
 * One writer is shared, so an effect is ended before the next one is begun. The interaction counts the numbers of
 * its effects (refs); the partition counts those of effects without an interaction. Each awaited effect has a
 * deadline timer; the answer, the timer or effect_cancel() ends the wait, whichever comes first. */
#include "runtime/core/interactions/effect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/vocabulary/events_host.h"

#include "runtime/vocabulary/effects_link.h"

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/batch.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"

enum { ASKED_US = 30000000 }; /* how long an adapter has to find a call that the core asks for */
enum { PAIRS_MAX = 1000 };    /* most pairs of one list on the wire */
enum { REFS_SKIPPED = 1 << 16 };

static_assert(SOURCES_MAX <= UINT8_MAX, "the link of a pending effect has 8 bits");

static uint64_t request_key(const void *owner, uint32_t slot)
{
    return ((const struct effects *)owner)->all[slot].pending.ref;
}

static void effects_init(void *self, const struct parts *parts)
{
    struct effects *effects = self;
    *effects = (struct effects){.now = parts->now,
                                .names = parts->names,
                                .links = parts->links,
                                .timers = parts->timers,
                                .scratch = parts->scratch,
                                .agents = parts->agents,
                                .interactions = parts->interactions,
                                .forks = parts->forks,
                                .free = REQUEST_NONE};
    lookup_init(&effects->by_ref, effects, request_key);
    writer_init(&effects->writer);
}

static void effects_free(void *self)
{
    struct effects *effects = self;
    free(effects->all);
    lookup_free(&effects->by_ref);
    writer_free(&effects->writer);
}

/* Begins an effect and returns its ref; `ref` 0 means the next number. A given ref sends an earlier effect again, so
 * that the adapter recognizes the repetition. */
uint32_t effect_begin(struct effects *effects, const struct effect *effect)
{
    struct interaction *ix = effect->interaction;
    struct writer *writer = &effects->writer;
    uint32_t ref = effect->ref;
    assert(effect->kind != 0 && (!ix || ix->state != IX_FREE));
    if (ref == 0) ref = ix ? ++ix->ref : ++effects->last_ref;
    writer_clear(writer);
    writer_begin(writer, effect->kind);
    writer_u(writer, ENVELOPE_source, effect->link);
    writer_u(writer, ENVELOPE_ixn, ix ? ix->id : effect->about);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, effect->conn != 0 ? effect->conn : ix && ix->leg ? ix->conn : 0);
    writer_u(writer, ENVELOPE_client, effect->client);
    writer_u(writer, ENVELOPE_req, effect->req);
    writer_u(writer, ENVELOPE_epoch, effects->now->epoch);
    writer_i(writer, ENVELOPE_timeout, effect->timeout_us);
    return ref;
}

/* Writes the pairs of the scratch. Pairs that are too many, too large or malformed for the wire are left out, and the
 * others are moved together in the scratch. The caller sees from the scratch's length that pairs are missing. */
void effect_kv(struct effects *effects, unsigned field)
{
    struct kv *kv = effects->scratch;
    struct span pairs = kv_span(kv);
    struct kv_pair pair;
    uint32_t count = 0, fits = 0;
    if (kv_check(pairs, NULL)) { /* as nearly always */
        writer_kv(&effects->writer, field, kv);
        return;
    }
    for (uint32_t at = 0, from = 0; count < PAIRS_MAX && kv_next(pairs, &at, &pair); from = at) {
        uint32_t length = at - from;
        if (length > KV_BYTES_MAX - fits || !kv_check((struct span){pairs.bytes + from, length}, NULL)) continue;
        memmove(kv->bytes + fits, kv->bytes + from, length);
        fits += length;
        count++;
    }
    kv->length = fits;
    writer_kv(&effects->writer, field, kv);
}

/* Ends the effect. The digest covers the bytes as sent, and the digest after each effect is the seed for the next.
 * So two cores have the same digest only if they sent the same effects in the same order. */
void effect_end(struct effects *effects)
{
    struct span frame = writer_end(&effects->writer);
    effects->sent++;
    effects->digest = XXH3_64bits_withSeed(frame.bytes, frame.length, effects->digest);
    if (effects->sink) effects->sink->effect(effects->sink->self, frame);
}

static struct pending pending_of(unsigned kind, uint32_t ref, unsigned link, uint8_t fiber)
{
    assert(ref != 0 && kind <= UINT16_MAX && link <= UINT8_MAX);
    return (struct pending){.ref = ref, .kind = kind & UINT16_MAX, .link = link & UINT8_MAX, .fiber = fiber};
}

/* Notes that a part waits for the effect, after ending its wait for an earlier one. Parts 0 and 1 share the
 * interaction's own row, so their timers have the part 0. */
void effect_await(struct effects *effects, struct interaction *ix, unsigned kind, uint32_t ref, unsigned link,
                  uint8_t fiber, uint64_t deadline_us)
{
    unsigned part = fiber_part(effects->forks, ix, fiber);
    struct pending *pending = fiber_part_pending(effects->forks, ix, part);
    assert(pending);
    effect_settled(effects, ix, pending->ref);
    *pending = pending_of(kind, ref, link, fiber);
    effects->outstanding++;
    if (deadline_us == 0) return;
    struct timer timer = {.deadline_us = effects->now->time_us + deadline_us, .kind = TIMER_EFFECT, .data = ix->slot};
    timer.part = (uint8_t)(part < 2 ? 0 : part);
    timer_set(effects->timers, &timer);
}

/* Makes a row for an awaited effect of the partition, and counts a reference to the agent's slot, because the answer
 * will use the slot. */
static struct request *await_of_partition(struct effects *effects, uint32_t agent, unsigned kind, uint32_t ref,
                                          unsigned link, uint64_t deadline_us)
{
    uint32_t slot = POOL_TAKE(effects, next);
    struct request *request = &effects->all[slot];
    *request = (struct request){.pending = pending_of(kind, ref, link, 0), .agent = agent};
    agent_refer(effects->agents, agent);
    lookup_add(&effects->by_ref, slot);
    effects->outstanding++;
    struct timer timer = {.deadline_us = effects->now->time_us + deadline_us, .kind = TIMER_REQUEST, .data = slot};
    timer_set(effects->timers, &timer);
    return request;
}

void effect_await_agent(struct effects *effects, uint32_t agent, unsigned kind, uint32_t ref, unsigned link,
                        uint64_t deadline_us)
{
    (void)await_of_partition(effects, agent, kind, ref, link, deadline_us);
}

/* Returns the awaited effect with the given ref, of the interaction or of a strand of its fork. NULL: there is none. */
static struct pending *effect_awaited(const struct effects *effects, const struct interaction *ix, uint64_t ref)
{
    struct fork *fork = fork_of(effects->forks, ix);
    if (ref == 0) return NULL;
    if (ix->pending.ref == ref) return (struct pending *)(uintptr_t)(const void *)&ix->pending;
    for (unsigned at = 0; fork && at < STRANDS; at++)
        if (fork->strands[at].pending.ref == ref) return &fork->strands[at].pending;
    return NULL;
}

const struct pending *effect_pending(const struct effects *effects, const struct interaction *ix, uint64_t ref)
{
    return effect_awaited(effects, ix, ref);
}

/* Returns the fiber's awaited effect; NULL also if the row is used by another fiber. */
const struct pending *effect_of_fiber(const struct effects *effects, const struct interaction *ix, uint8_t fiber)
{
    const struct fork *fork = fork_of(effects->forks, ix);
    unsigned part = fiber_part(effects->forks, ix, fiber);
    const struct pending *pending = fork && part >= 2 ? &fork->strands[part - 2].pending : &ix->pending;
    return pending->ref != 0 && pending->fiber == fiber ? pending : NULL;
}

const struct request *effect_request(const struct effects *effects, uint64_t ref)
{
    uint32_t slot;
    return lookup_find(&effects->by_ref, ref, &slot) ? &effects->all[slot] : NULL;
}

/* Returns the code of the adapter. Without a code, the outcome decides. */
unsigned effect_code_of(const struct message *done)
{
    unsigned code = (unsigned)message_u(done, EventDone_code);
    if (message_u(done, EventDone_outcome) == outcome_ok) return code_ok;
    if (code > code_ok) return code;
    switch (message_u(done, EventDone_outcome)) {
    case outcome_timeout:
        return code_timeout;
    case outcome_unsupported:
        return code_unsupported;
    case outcome_unknown:
        return code_outcome_unknown;
    default:
        return code_other;
    }
}

/* Ends the wait for the effect. Does nothing for a ref that nobody awaits: late answers are normal. */
void effect_settled(struct effects *effects, struct interaction *ix, uint32_t ref)
{
    struct pending *pending = effect_awaited(effects, ix, ref);
    if (!pending) return;
    assert(effects->outstanding > 0);
    timer_cancel(effects->timers, &pending->timer);
    *pending = (struct pending){.ref = 0};
    effects->outstanding--;
}

void effect_request_settled(struct effects *effects, uint32_t ref)
{
    uint32_t slot;
    if (!lookup_find(&effects->by_ref, ref, &slot)) return;
    assert(effects->outstanding > 0);
    timer_cancel(effects->timers, &effects->all[slot].pending.timer);
    lookup_remove(&effects->by_ref, ref);
    POOL_GIVE(effects, slot, next);
    effects->outstanding--;
}

/* Ends the wait; `tell`: the link gets a Cancel. The row is freed first, because the Cancel is a new effect. */
void effect_cancel(struct effects *effects, struct interaction *ix, uint32_t ref, bool tell)
{
    const struct pending *pending = effect_pending(effects, ix, ref);
    if (!pending) return;
    unsigned link = pending->link;
    effect_settled(effects, ix, ref);
    if (!tell) return;
    effect_begin(effects, &(struct effect){.kind = KIND_Cancel, .link = link, .interaction = ix});
    writer_u(&effects->writer, Cancel_of, ref);
    effect_end(effects);
}

/* The interaction ends. Ends all waits of the interaction; no Cancel is sent. */
void effects_forget(void *self, struct interaction *ix)
{
    struct effects *effects = self;
    struct fork *fork = fork_of(effects->forks, ix);
    effect_settled(effects, ix, ix->pending.ref);
    for (unsigned at = 0; fork && at < STRANDS; at++) effect_settled(effects, ix, fork->strands[at].pending.ref);
}

/* True: the sender of the event waits for a reply. */
static bool wants_reply(const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    bool asks = message_u(message, ENVELOPE_client) != 0 || message_u(message, ENVELOPE_req) != 0;
    return source != SOURCE_HOST && source != SOURCE_PARTITIONS && (source < SOURCE_LINKS || asks);
}

void effect_await_reply(struct effects *effects, const struct message *asked, uint32_t agent, unsigned kind,
                        uint32_t ref, unsigned link, uint64_t deadline_us)
{
    struct request *request = await_of_partition(effects, agent, kind, ref, link, deadline_us);
    if (!wants_reply(asked)) return;
    request->asked_link = (uint16_t)message_u(asked, ENVELOPE_source);
    request->asked_client = message_u(asked, ENVELOPE_client);
    request->asked_req = message_u(asked, ENVELOPE_req);
}

/* Sends the answer to the link that has asked; nothing is sent if that link has gone meanwhile. */
void effect_request_replies(struct effects *effects, const struct request *request, const struct message *done)
{
    struct effect reply = {
        .kind = KIND_Reply, .link = request->asked_link, .client = request->asked_client, .req = request->asked_req};
    bool link = reply.link >= SOURCE_LINKS; /* else an administrator */
    if (reply.link == 0 || (link && !link_usable(effects->links, reply.link))) return;
    effect_begin(effects, &reply);
    struct writer *writer = &effects->writer;
    writer_u(writer, Reply_outcome, done ? message_u(done, EventDone_outcome) : outcome_timeout);
    writer_u(writer, Reply_code, done ? message_u(done, EventDone_code) : code_timeout);
    writer_bytes(writer, Reply_text, done ? message_text(done, EventDone_text) : span_of("no answer came in time"));
    if (done) writer_bytes(writer, Reply_value, message_text(done, EventDone_value));
    effect_end(effects);
}

static void reply_begin(struct effects *effects, const struct message *message, struct interaction *ix, uint64_t about,
                        enum outcome outcome, enum code code, const char *text)
{
    effect_begin(effects, &(struct effect){
                              .kind = KIND_Reply,
                              .link = (unsigned)message_u(message, ENVELOPE_source),
                              .interaction = ix,
                              .about = about,
                              .conn = message_u(message, ENVELOPE_conn),
                              .client = message_u(message, ENVELOPE_client),
                              .req = message_u(message, ENVELOPE_req),
                          });
    struct writer *writer = &effects->writer;
    writer_u(writer, Reply_outcome, outcome);
    writer_u(writer, Reply_code, code);
    writer_text(writer, Reply_text, text);
}

void effect_reply(struct effects *effects, const struct message *message, enum outcome outcome, enum code code,
                  const char *text, const struct kv *state)
{
    if (!wants_reply(message)) return;
    reply_begin(effects, message, interaction_of(effects->interactions, message), 0, outcome, code, text);
    if (state) writer_kv(&effects->writer, Reply_state, state);
    effect_end(effects);
}

void effect_reply_about(struct effects *effects, const struct message *message, uint64_t ixn, enum outcome outcome,
                        enum code code, const char *text, const struct kv *value)
{
    if (!wants_reply(message)) return;
    reply_begin(effects, message, interaction_by_id(effects->interactions, ixn), ixn, outcome, code, text);
    if (value) writer_kv(&effects->writer, Reply_value, value);
    effect_end(effects);
}

static uint64_t effects_hash(const void *self)
{
    const struct effects *effects = self;
    return effects->digest;
}

void effect_ask_link(struct effects *effects, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    uint64_t conn = message_u(message, ENVELOPE_conn);
    if (conn == 0 || !link_at(effects->links, source) || !link_gave(source, conn)) return;
    /* The ring holds the last ConnIDs that the core has asked about, so that many events about one unknown call make
     * it ask once. */
    uint32_t kept = effects->links->asked_count < ASKED_MAX ? effects->links->asked_count : ASKED_MAX;
    for (uint32_t at = 0; at < kept; at++)
        if (effects->links->asked[at] == conn) return;
    effects->links->asked[effects->links->asked_count++ % ASKED_MAX] = conn;
    effect_begin(effects,
                 &(struct effect){.kind = KIND_QueryAddress, .link = source, .conn = conn, .timeout_us = ASKED_US});
    writer_u(&effects->writer, QueryAddress_what, object_call);
    effect_end(effects);
}

void pending_keep(struct keeper *keeper, struct pending *pending)
{
    pending->ref = keep_u32(keeper, pending->ref);
    if (pending->ref == 0) return;
    pending->kind = keep_u16(keeper, (uint16_t)pending->kind);
    pending->link = keep_index(keeper, pending->link, SOURCES_MAX, 0) & UINT8_MAX;
    pending->fiber = keep_u8(keeper, (uint8_t)pending->fiber);
}

static void keep_request(struct effects *effects, struct keeper *keeper, uint32_t slot)
{
    struct request *request = &effects->all[slot];
    pending_keep(keeper, &request->pending);
    if (request->pending.ref == 0) {
        request->next = keep_index(keeper, request->next, effects->count, REQUEST_NONE);
        return;
    }
    request->pending.timer = timer_keep(effects->timers, keeper, request->pending.timer, 1u << TIMER_REQUEST, slot, 0);
    request->agent = keep_u32(keeper, request->agent);
    request->asked_link = keep_index(keeper, request->asked_link, SOURCES_MAX, 0) & UINT16_MAX;
    request->asked_client = keep_u64(keeper, request->asked_client);
    request->asked_req = keep_u64(keeper, request->asked_req);
    lookup_restore(&effects->by_ref, keeper, slot);
}

/* Makes the numbers of effects continue above `least`; called when the end of a journal may be lost. Refs that were
 * given in the lost part must not be given again for other effects, so the numbers jump ahead. */
void effect_refs_skip(struct effects *effects, uint32_t least)
{
    effects->last_ref = (effects->last_ref > least ? effects->last_ref : least) + REFS_SKIPPED;
    EACH_INTERACTION (ix, effects->interactions) {
        ix->ref = (ix->ref > least ? ix->ref : least) + REFS_SKIPPED;
        interaction_touch(effects->interactions, ix);
    }
}

/* True: an adapter has reported a ref above the last one that the core gave: the ref belongs to a lost part of the
 * journal, and numbering goes on above it. The bound leaves room above, so a made-up number cannot use up the
 * counter. */
bool effect_refs_go_on(struct effects *effects, struct interaction *ix, uint64_t seen)
{
    if (seen <= ix->ref || seen > UINT32_MAX - REFS_SKIPPED) return false;
    ix->ref = (uint32_t)seen + REFS_SKIPPED;
    interaction_touch(effects->interactions, ix);
    return true;
}

bool effect_is_before_skip(const struct interaction *ix, uint64_t ref)
{
    return ref + REFS_SKIPPED <= ix->ref;
}

static void effects_keep(void *self, struct keeper *keeper)
{
    struct effects *effects = self;
    POOL_KEEP(effects, keeper, UINT32_MAX);
    for (uint32_t slot = 0; slot < effects->count && keep_good(keeper); slot++) keep_request(effects, keeper, slot);
    effects->last_ref = keep_u32(keeper, effects->last_ref);
    effects->outstanding = keep_u32(keeper, effects->outstanding);
    effects->sent = keep_u64(keeper, effects->sent);
    effects->digest = keep_u64(keeper, effects->digest);
}

static bool effects_sound(void *self)
{
    struct effects *effects = self;
    struct marks marks = marks_of(effects->count);
    bool good = true;
    for (uint32_t at = 0; good && at < effects->count; at++)
        if (effects->all[at].pending.ref != 0)
            good = marks_mark(&marks, at) && effects->all[at].agent < effects->agents->count;
    POOL_MARK_FREE(effects, next, pending.ref, 0, &marks, good);
    return marks_end(&marks, effects->count) && good;
}

const struct part_ops part_ops_effects = {
    .size = sizeof(struct effects),
    .init = effects_init,
    .free = effects_free,
    .forget = effects_forget,
    .hash = effects_hash,
    .keep = effects_keep,
    .sound = effects_sound,
};
