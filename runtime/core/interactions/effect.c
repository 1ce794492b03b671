/* runtime/core/interactions/effect.c - Effects: building, awaiting and cancelling them. */
#include "runtime/core/interactions/effect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/vocabulary/events_link.h"

#include "runtime/vocabulary/effects.h"

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"

enum { ASKED_US = 30000000 }; /* how long an adapter may look for a call */
enum { PAIRS_MAX = 1000 };    /* most pairs of one list on the wire */
enum { REFS_SKIPPED = 1 << 16 };

static_assert(SOURCES_MAX <= UINT8_MAX, "the link of a pending effect has 8 bits");

static uint64_t request_key(const void *owner, uint32_t slot)
{
    return ((const struct effects *)owner)->requests[slot].pending.ref;
}

static void effects_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    struct effects *effects = core->effects;
    *effects = (struct effects){.free = REQUEST_NONE};
    lookup_init(&effects->by_ref, effects, request_key);
    writer_init(&effects->writer);
}

static void effects_free(void *self)
{
    struct core *core = self;
    struct effects *effects = core->effects;
    free(effects->requests);
    lookup_free(&effects->by_ref);
    writer_free(&effects->writer);
}

uint32_t effect_begin(struct core *core, const struct effect *effect)
{
    struct interaction *ix = effect->interaction;
    struct writer *writer = &core->effects->writer;
    uint32_t ref = effect->ref;
    assert(effect->kind != 0 && (!ix || ix->state != IX_FREE));
    if (ref == 0) ref = ix ? ++ix->ref : ++core->effects->last_ref;
    writer_clear(writer);
    writer_begin(writer, effect->kind);
    writer_u(writer, ENVELOPE_source, effect->link);
    writer_u(writer, ENVELOPE_ixn, ix ? ix->id : effect->about);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, effect->conn != 0 ? effect->conn : ix && ix->leg ? ix->conn : 0);
    writer_u(writer, ENVELOPE_client, effect->client);
    writer_u(writer, ENVELOPE_req, effect->req);
    writer_u(writer, ENVELOPE_epoch, core->now->epoch);
    writer_i(writer, ENVELOPE_timeout, effect->timeout_us);
    return ref;
}

void effect_kv(struct core *core, unsigned field)
{
    struct kv *kv = &core->scratch;
    struct span pairs = kv_span(kv);
    struct kv_pair pair;
    uint32_t count = 0, fits = 0;
    if (kv_check(pairs, NULL)) { /* as nearly always */
        writer_kv(&core->effects->writer, field, kv);
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
    writer_kv(&core->effects->writer, field, kv);
}

void effect_end(struct core *core)
{
    struct span frame = writer_end(&core->effects->writer);
    core->effects->sent++;
    core->effects->digest = XXH3_64bits_withSeed(frame.bytes, frame.length, core->effects->digest);
    if (core->sink) core->sink->effect(core->sink->self, frame);
}

static struct pending pending_of(unsigned kind, uint32_t ref, unsigned link, uint8_t fiber)
{
    assert(ref != 0 && kind <= UINT16_MAX && link <= UINT8_MAX);
    return (struct pending){.ref = ref, .kind = kind & UINT16_MAX, .link = link & UINT8_MAX, .fiber = fiber};
}

void effect_await(struct core *core, struct interaction *ix, unsigned kind, uint32_t ref, unsigned link, uint8_t fiber,
                  uint64_t deadline_us)
{
    unsigned part = fiber_part(core, ix, fiber);
    struct pending *pending = part_pending(core, ix, part);
    assert(pending);
    effect_settled(core, ix, pending->ref);
    *pending = pending_of(kind, ref, link, fiber);
    core->effects->outstanding++;
    if (deadline_us == 0) return;
    struct timer timer = {.deadline_us = core->now->time_us + deadline_us, .kind = TIMER_EFFECT, .data = ix->slot};
    timer.part = (uint8_t)(part < 2 ? 0 : part);
    timer_set(core->timers, &timer);
}

static struct request *await_of_partition(struct core *core, uint32_t agent, unsigned kind, uint32_t ref, unsigned link,
                                          uint64_t deadline_us)
{
    struct effects *effects = core->effects;
    uint32_t slot = effects->free;
    if (slot != REQUEST_NONE) {
        effects->free = effects->requests[slot].next;
    } else {
        slot = effects->count++;
        effects->requests =
            memory_grow(effects->requests, &effects->capacity, effects->count, sizeof *effects->requests);
    }
    struct request *request = &effects->requests[slot];
    *request = (struct request){.pending = pending_of(kind, ref, link, 0), .agent = agent};
    agent_refer(core->agents, agent);
    lookup_add(&effects->by_ref, slot);
    effects->outstanding++;
    struct timer timer = {.deadline_us = core->now->time_us + deadline_us, .kind = TIMER_REQUEST, .data = slot};
    timer_set(core->timers, &timer);
    return request;
}

void effect_await_agent(struct core *core, uint32_t agent, unsigned kind, uint32_t ref, unsigned link,
                        uint64_t deadline_us)
{
    (void)await_of_partition(core, agent, kind, ref, link, deadline_us);
}

/* The pending effect with that ref, in the interaction or in a strand of its fork. NULL: there is none. */
static struct pending *awaited(const struct core *core, const struct interaction *ix, uint64_t ref)
{
    struct fork *fork = fork_of(core, ix);
    if (ref == 0) return NULL;
    if (ix->pending.ref == ref) return (struct pending *)(uintptr_t)(const void *)&ix->pending;
    for (unsigned at = 0; fork && at < STRANDS; at++)
        if (fork->strands[at].pending.ref == ref) return &fork->strands[at].pending;
    return NULL;
}

const struct pending *effect_pending(const struct core *core, const struct interaction *ix, uint64_t ref)
{
    return awaited(core, ix, ref);
}

const struct pending *effect_of_fiber(const struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct fork *fork = fork_of(core, ix);
    unsigned part = fiber_part(core, ix, fiber);
    const struct pending *pending = fork && part >= 2 ? &fork->strands[part - 2].pending : &ix->pending;
    return pending->ref != 0 && pending->fiber == fiber ? pending : NULL;
}

const struct request *effect_request(const struct core *core, uint64_t ref)
{
    const struct effects *effects = core->effects;
    uint32_t slot;
    return lookup_find(&effects->by_ref, ref, &slot) ? &effects->requests[slot] : NULL;
}

void effect_settled(struct core *core, struct interaction *ix, uint32_t ref)
{
    struct pending *pending = awaited(core, ix, ref);
    if (!pending) return;
    assert(core->effects->outstanding > 0);
    timer_cancel(core->timers, &pending->timer);
    *pending = (struct pending){.ref = 0};
    core->effects->outstanding--;
}

void effect_request_settled(struct core *core, uint32_t ref)
{
    struct effects *effects = core->effects;
    uint32_t slot;
    if (!lookup_find(&effects->by_ref, ref, &slot)) return;
    assert(effects->outstanding > 0);
    timer_cancel(core->timers, &effects->requests[slot].pending.timer);
    lookup_remove(&effects->by_ref, ref);
    effects->requests[slot] = (struct request){.next = effects->free};
    effects->free = slot;
    effects->outstanding--;
}

void effect_cancel(struct core *core, struct interaction *ix, uint32_t ref, bool tell)
{
    const struct pending *pending = effect_pending(core, ix, ref);
    if (!pending) return;
    unsigned link = pending->link;
    effect_settled(core, ix, ref);
    if (!tell) return;
    effect_begin(core, &(struct effect){.kind = KIND_Cancel, .link = link, .interaction = ix});
    writer_u(&core->effects->writer, Cancel_of, ref);
    effect_end(core);
}

void effects_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    struct fork *fork = fork_of(core, ix);
    effect_settled(core, ix, ix->pending.ref);
    for (unsigned at = 0; fork && at < STRANDS; at++) effect_settled(core, ix, fork->strands[at].pending.ref);
}

/* True: the sender of the event waits for a reply. */
static bool wants_reply(const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    bool asks = message_u(message, ENVELOPE_client) != 0 || message_u(message, ENVELOPE_req) != 0;
    return source != SOURCE_HOST && source != SOURCE_PARTITIONS && (source < SOURCE_LINKS || asks);
}

void effect_await_reply(struct core *core, const struct message *asked, uint32_t agent, unsigned kind, uint32_t ref,
                        unsigned link, uint64_t deadline_us)
{
    struct request *request = await_of_partition(core, agent, kind, ref, link, deadline_us);
    if (!wants_reply(asked)) return;
    request->asked_link = (uint16_t)message_u(asked, ENVELOPE_source);
    request->asked_client = message_u(asked, ENVELOPE_client);
    request->asked_req = message_u(asked, ENVELOPE_req);
}

void effect_request_replies(struct core *core, const struct request *request, const struct message *done)
{
    struct effect reply = {
        .kind = KIND_Reply, .link = request->asked_link, .client = request->asked_client, .req = request->asked_req};
    if (reply.link == 0 || !link_usable(core->links, reply.link)) return;
    effect_begin(core, &reply);
    struct writer *writer = &core->effects->writer;
    writer_u(writer, Reply_outcome, done ? message_u(done, EventDone_outcome) : outcome_timeout);
    writer_u(writer, Reply_code, done ? message_u(done, EventDone_code) : code_timeout);
    writer_bytes(writer, Reply_text, done ? message_text(done, EventDone_text) : span_of("no answer came in time"));
    if (done) writer_bytes(writer, Reply_value, message_text(done, EventDone_value));
    effect_end(core);
}

static void reply_begin(struct core *core, const struct message *message, struct interaction *ix, uint64_t about,
                        enum outcome outcome, enum code code, const char *text)
{
    effect_begin(core, &(struct effect){
                           .kind = KIND_Reply,
                           .link = (unsigned)message_u(message, ENVELOPE_source),
                           .interaction = ix,
                           .about = about,
                           .conn = message_u(message, ENVELOPE_conn),
                           .client = message_u(message, ENVELOPE_client),
                           .req = message_u(message, ENVELOPE_req),
                       });
    struct writer *writer = &core->effects->writer;
    writer_u(writer, Reply_outcome, outcome);
    writer_u(writer, Reply_code, code);
    writer_text(writer, Reply_text, text);
}

void effect_reply(struct core *core, const struct message *message, enum outcome outcome, enum code code,
                  const char *text, const struct kv *state)
{
    if (!wants_reply(message)) return;
    reply_begin(core, message, interaction_of(core, message), 0, outcome, code, text);
    if (state) writer_kv(&core->effects->writer, Reply_state, state);
    effect_end(core);
}

void effect_reply_about(struct core *core, const struct message *message, uint64_t ixn, enum outcome outcome,
                        enum code code, const char *text, const struct kv *value)
{
    if (!wants_reply(message)) return;
    reply_begin(core, message, interaction_by_id(core, ixn), ixn, outcome, code, text);
    if (value) writer_kv(&core->effects->writer, Reply_value, value);
    effect_end(core);
}

static uint64_t hash(const void *self)
{
    const struct core *core = self;
    return core->effects->digest;
}

void link_ask(struct core *core, const struct message *message)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    uint64_t conn = message_u(message, ENVELOPE_conn);
    if (conn == 0 || !link_at(core->links, source) || !link_gave(source, conn)) return;
    /* The ring holds the ConnIDs asked for last, so that a stream of events about one unknown call asks once. */
    uint32_t kept = core->links->asked_count < ASKED_MAX ? core->links->asked_count : ASKED_MAX;
    for (uint32_t at = 0; at < kept; at++)
        if (core->links->asked[at] == conn) return;
    core->links->asked[core->links->asked_count++ % ASKED_MAX] = conn;
    effect_begin(core,
                 &(struct effect){.kind = KIND_QueryAddress, .link = source, .conn = conn, .timeout_us = ASKED_US});
    writer_u(&core->effects->writer, QueryAddress_what, object_call);
    effect_end(core);
}

void pending_keep(struct keeper *keeper, struct pending *pending)
{
    pending->ref = keep_u32(keeper, pending->ref);
    if (pending->ref == 0) return;
    pending->kind = keep_u16(keeper, (uint16_t)pending->kind);
    pending->link = keep_index(keeper, pending->link, SOURCES_MAX, 0) & UINT8_MAX;
    pending->fiber = keep_u8(keeper, (uint8_t)pending->fiber);
}

static void keep_request(struct core *core, struct keeper *keeper, uint32_t slot)
{
    struct request *request = &core->effects->requests[slot];
    pending_keep(keeper, &request->pending);
    if (request->pending.ref == 0) {
        request->next = keep_index(keeper, request->next, core->effects->count, REQUEST_NONE);
        return;
    }
    request->pending.timer = timer_keep(core->timers, keeper, request->pending.timer, 1u << TIMER_REQUEST, slot, 0);
    request->agent = keep_u32(keeper, request->agent);
    request->asked_link = keep_index(keeper, request->asked_link, SOURCES_MAX, 0) & UINT16_MAX;
    request->asked_client = keep_u64(keeper, request->asked_client);
    request->asked_req = keep_u64(keeper, request->asked_req);
    lookup_restore(&core->effects->by_ref, keeper, slot);
}

void effect_refs_skip(struct core *core, uint32_t least)
{
    struct effects *effects = core->effects;
    effects->last_ref = (effects->last_ref > least ? effects->last_ref : least) + REFS_SKIPPED;
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE; at = interaction_at(core, at)->next) {
        struct interaction *ix = interaction_at(core, at);
        ix->ref = (ix->ref > least ? ix->ref : least) + REFS_SKIPPED;
        interaction_touch(core, ix);
    }
}

bool effect_refs_go_on(struct core *core, struct interaction *ix, uint64_t seen)
{
    if (seen <= ix->ref || seen > UINT32_MAX - REFS_SKIPPED) return false;
    ix->ref = (uint32_t)seen + REFS_SKIPPED;
    interaction_touch(core, ix);
    return true;
}

bool effect_is_before_skip(const struct interaction *ix, uint64_t ref)
{
    return ref + REFS_SKIPPED <= ix->ref;
}

static void keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct effects *effects = core->effects;
    effects->requests = keep_rows(keeper, effects->requests, &effects->count, &effects->capacity, UINT32_MAX,
                                  sizeof *effects->requests);
    effects->free = keep_index(keeper, effects->free, effects->count, REQUEST_NONE);
    for (uint32_t slot = 0; slot < effects->count && keep_good(keeper); slot++) keep_request(core, keeper, slot);
    effects->last_ref = keep_u32(keeper, effects->last_ref);
    effects->outstanding = keep_u32(keeper, effects->outstanding);
    effects->sent = keep_u64(keeper, effects->sent);
    effects->digest = keep_u64(keeper, effects->digest);
}

static bool sound(void *self)
{
    struct core *core = self;
    const struct effects *effects = core->effects;
    struct marks marks = marks_of(effects->count);
    bool good = true;
    for (uint32_t at = 0; good && at < effects->count; at++)
        if (effects->requests[at].pending.ref != 0)
            good = mark(&marks, at) && effects->requests[at].agent < core->agents->count;
    for (uint32_t at = effects->free; good && at != REQUEST_NONE; at = effects->requests[at].next)
        if (!(good = mark(&marks, at))) break;
    good = good && marks.marked == effects->count;
    marks_free(&marks);
    return good;
}

const struct part_ops part_ops_effects = {
    .size = sizeof(struct effects),
    .init = effects_init,
    .free = effects_free,
    .forget = effects_forget,
    .hash = hash,
    .keep = keep,
    .sound = sound,
};
