/* runtime/core/effect.c - Effects: building, awaiting, cancelling. */
#include "runtime/core/effect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/core/memory.h"
#include "runtime/core/session.h"
#include "runtime/core/state.h"
#include "runtime/core/step.h"

enum { PAIRS_MAX = 1000 }; /* of any list on the wire */

void effects_init(struct effects *effects)
{
    *effects = (struct effects){.free = PENDING_NONE, .partition = PENDING_NONE};
    writer_init(&effects->writer);
}

void effects_free(struct effects *effects)
{
    free(effects->pending);
    writer_free(&effects->writer);
}

uint32_t effect_begin(struct core *core, const struct effect *effect)
{
    struct interaction *ix = effect->interaction;
    struct writer *writer = &core->effects.writer;
    uint32_t ref = effect->ref;
    if (ref == 0) ref = ix != NULL ? ++ix->ref : ++core->effects.last_ref;
    writer_clear(writer);
    writer_begin(writer, effect->kind);
    writer_u(writer, ENVELOPE_source, effect->link);
    writer_u(writer, ENVELOPE_ixn, ix != NULL ? ix->id : 0);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, effect->conn != 0 ? effect->conn : ix != NULL ? ix->conn : 0);
    writer_u(writer, ENVELOPE_client, effect->client);
    writer_u(writer, ENVELOPE_req, effect->req);
    writer_u(writer, ENVELOPE_epoch, core->epoch);
    writer_i(writer, ENVELOPE_timeout, effect->timeout_us);
    return ref;
}

void effect_kv(struct core *core, unsigned field)
{
    struct kv *kv = &core->scratch;
    struct span pairs = kv_span(kv);
    struct kv_pair pair;
    uint32_t count = 0, fits = 0;
    for (uint32_t at = 0, from = 0; count < PAIRS_MAX && kv_next(pairs, &at, &pair); from = at) {
        uint32_t length = at - from;
        if (length > KV_BYTES_MAX - fits || !kv_check((struct span){pairs.bytes + from, length}, NULL)) continue;
        memmove(kv->bytes + fits, kv->bytes + from, length);
        fits += length;
        count++;
    }
    kv->length = fits;
    writer_kv(&core->effects.writer, field, kv);
}

void effect_end(struct core *core)
{
    struct span frame = writer_end(&core->effects.writer);
    core->effects.sent++;
    core->effects.digest = XXH3_64bits_withSeed(frame.bytes, frame.length, core->effects.digest);
    if (core->sink != NULL) core->sink->effect(core->sink->self, frame);
}

static uint32_t *list_of(struct core *core, const struct interaction *ix)
{
    return ix != NULL ? &interaction_at(core, ix->slot)->effects : &core->effects.partition;
}

void effect_await(struct core *core, struct interaction *ix, unsigned kind, uint32_t ref, unsigned link, uint8_t fiber,
                  uint32_t subject, uint64_t deadline_us)
{
    struct effects *effects = &core->effects;
    uint32_t slot = effects->free;
    if (slot != PENDING_NONE) {
        effects->free = effects->pending[slot].next;
    } else {
        slot = effects->count++;
        effects->pending = memory_grow(effects->pending, &effects->capacity, effects->count, sizeof *effects->pending);
    }
    uint32_t *head = list_of(core, ix);
    effects->pending[slot] = (struct pending){
        .ref = ref,
        .next = *head,
        .owner = ix != NULL ? ix->slot : subject,
        .of_partition = ix == NULL,
        .link = (uint16_t)link,
        .kind = (uint16_t)kind,
        .fiber = fiber,
    };
    *head = slot;
    effects->outstanding++;
    if (deadline_us == 0) return;
    struct timer timer = {.deadline_us = core->time_us + deadline_us, .data = slot};
    if (ix != NULL) {
        timer.kind = TIMER_EFFECT;
        timer.object = interaction_number(ix);
        timer.part = (uint8_t)ref;
    } else {
        timer.kind = TIMER_REQUEST; /* there may be any number at once: each is an object of its own */
        timer.object = ref;
    }
    effects->pending[slot].timer = timer_set(core->timers, &timer);
}

struct pending *effect_pending(struct core *core, const struct interaction *ix, uint64_t ref)
{
    struct effects *effects = &core->effects;
    for (uint32_t at = *list_of(core, ix); at != PENDING_NONE; at = effects->pending[at].next)
        if (effects->pending[at].ref == ref) return &effects->pending[at];
    return NULL;
}

struct pending *effect_of_fiber(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    struct effects *effects = &core->effects;
    for (uint32_t at = *list_of(core, ix); at != PENDING_NONE; at = effects->pending[at].next)
        if (effects->pending[at].fiber == fiber) return &effects->pending[at];
    return NULL;
}

void effect_settled(struct core *core, struct interaction *ix, uint32_t ref)
{
    struct effects *effects = &core->effects;
    for (uint32_t *at = list_of(core, ix); *at != PENDING_NONE; at = &effects->pending[*at].next) {
        struct pending *pending = &effects->pending[*at];
        if (pending->ref != ref) continue;
        uint32_t slot = *at;
        timer_cancel(core->timers, &pending->timer);
        *at = pending->next;
        *pending = (struct pending){.next = effects->free};
        effects->free = slot;
        effects->outstanding--;
        return;
    }
}

void effect_cancel(struct core *core, struct interaction *ix, uint32_t ref, bool tell)
{
    const struct pending *pending = effect_pending(core, ix, ref);
    if (pending == NULL) return;
    unsigned link = pending->link;
    effect_settled(core, ix, ref);
    if (!tell) return;
    effect_begin(core, &(struct effect){.kind = KIND_Cancel, .link = link, .interaction = ix});
    writer_u(&core->effects.writer, Cancel_of, ref);
    effect_end(core);
}

void effects_forget(struct core *core, struct interaction *ix)
{
    while (ix->effects != PENDING_NONE) effect_settled(core, ix, core->effects.pending[ix->effects].ref);
}

void effect_on_timer(struct core *core, const struct timer *timer)
{
    struct pending pending = core->effects.pending[timer->data];
    core->effects.pending[timer->data].timer = 0;
    struct interaction *ix = pending.of_partition ? NULL : interaction_at(core, pending.owner);
    if (ix == NULL) {
        effect_settled(core, NULL, pending.ref);
        if (pending.kind == KIND_SetAgentState) session_state_answered(core, pending.owner, pending.ref);
        return;
    }
    if (link_held_for(core, ix))
        core->effects.pending[timer->data].timer = timer_freeze(core->timers, timer);
    else
        step_effect_lapsed(core, ix, &pending);
}

void effect_reply(struct core *core, const struct message *message, enum outcome outcome, enum code code,
                  const char *text, const struct kv *state)
{
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    if (source == SOURCE_HOST || source == SOURCE_PARTITIONS ||
        (source >= SOURCE_LINKS && message_u(message, ENVELOPE_client) == 0 && message_u(message, ENVELOPE_req) == 0))
        return;
    struct interaction *ix = interaction_of(core, message);
    effect_begin(core, &(struct effect){
                           .kind = KIND_Reply,
                           .link = source,
                           .interaction = ix,
                           .conn = message_u(message, ENVELOPE_conn),
                           .client = message_u(message, ENVELOPE_client),
                           .req = message_u(message, ENVELOPE_req),
                       });
    struct writer *writer = &core->effects.writer;
    writer_u(writer, Reply_outcome, outcome);
    writer_u(writer, Reply_code, code);
    writer_text(writer, Reply_text, text);
    if (state != NULL) writer_kv(writer, Reply_state, state);
    effect_end(core);
}
