/* runtime/core/steps/kept_place.c - The table of kept places: one row per interaction that waits without its caller or
 * is dialled by callback.dial or outbound.dial; and the dialling. The selection calls this file to find out whether an
 * interaction must be dialled before an agent gets it; this file never calls the selection. kept_place_dial.c calls
 * both files, and tells the selection the result of a dial. */
#include "runtime/core/steps/kept_place.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "vm/steps.h"
#include "vm/system_words.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/kept_place_row.h"
#include "runtime/vocabulary/effects_call.h"

static uint64_t keep_key(const void *owner, uint32_t slot)
{
    const struct kept_places *keeps = owner;
    return keeps->all[slot].ixn;
}

static void keeps_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    (void)parts;
    struct kept_places *keeps = core->kept_places;
    *keeps = (struct kept_places){.free = KEPT_PLACE_NONE};
    lookup_init(&keeps->by_ixn, keeps, keep_key);
}

static void keeps_free(void *self)
{
    struct core *core = self;
    struct kept_places *keeps = core->kept_places;
    free(keeps->all);
    lookup_free(&keeps->by_ixn);
}

struct kept_place *kept_place_of(const struct core *core, const struct interaction *ix)
{
    uint32_t slot;
    return ix->keeps && lookup_find(&core->kept_places->by_ixn, ix->id, &slot) ? &core->kept_places->all[slot] : NULL;
}

/* Makes a row. The row begins in the state LEAVING: the caller is still on the call. A row with `alone` is only
 * dialled, once, by a step. */
struct kept_place *kept_place_new(struct core *core, struct interaction *ix)
{
    struct kept_places *keeps = core->kept_places;
    assert(!ix->keeps && ix->state != IX_FREE && !interaction_has_ended(ix));
    uint32_t slot = POOL_TAKE(keeps, next);
    keeps->all[slot] = (struct kept_place){.ixn = ix->id, .next = KEPT_PLACE_NONE, .state = KEPT_PLACE_LEAVING};
    lookup_add(&keeps->by_ixn, slot);
    keeps->taken++;
    ix->keeps = true;
    return &keeps->all[slot];
}

void kept_place_forget(void *self, struct interaction *ix)
{
    struct core *core = self;
    struct kept_places *keeps = core->kept_places;
    uint32_t slot;
    if (!ix->keeps || !lookup_find(&keeps->by_ixn, ix->id, &slot)) return;
    lookup_remove(&keeps->by_ixn, ix->id);
    POOL_GIVE(keeps, slot, next);
    assert(keeps->taken > 0);
    keeps->taken--;
    ix->keeps = false;
    /* without a leg and a kept place the link does not hold the interaction's timers */
    if (!ix->leg) fiber_timers_thaw(core->forks, ix);
}

/* The strategy is over. A caller who was let go by a kept place, and was never rung, waits for nothing. */
static void kept_place_over(void *self, struct interaction *ix)
{
    struct core *core = self;
    const struct kept_place *keep = kept_place_of(core, ix);
    if (keep && !keep->alone && ix->kept && keep->tried == 0)
        interaction_tell(core->interactions, ix, FACT_promise_broken, 0, 0);
    kept_place_forget(core, ix);
}

void kept_place_given_up(struct core *core, const struct interaction *ix)
{
    struct kept_place *keep = kept_place_of(core, ix);
    if (keep) keep->tried = keep->tries;
}

bool kept_place_dials(const struct core *core, const struct interaction *ix)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    return keep && keep->state == KEPT_PLACE_DIALLING;
}

uint32_t kept_places_dialling(const struct kept_places *keeps)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < keeps->count; slot++)
        count += keeps->all[slot].ixn != 0 && keeps->all[slot].state == KEPT_PLACE_DIALLING;
    return count;
}

bool kept_place_at_link(const struct core *core, const struct interaction *ix, unsigned source)
{
    return ix->link == source && (ix->leg || kept_place_dials(core, ix));
}

/* True: the leg is being ended or dialled; the end of the leg is then not the end of the call. */
bool kept_place_holds(const struct core *core, const struct interaction *ix)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    return keep && (keep->state == KEPT_PLACE_LEAVING || keep->state == KEPT_PLACE_DIALLING);
}

bool kept_place_is_number(struct span text)
{
    return dialled_is_number((const char *)text.bytes, text.length);
}

void kept_place_without_leg(struct core *core, struct interaction *ix)
{
    session_talk_over(core->sessions, ix, AGENT_NONE);
    while (ix->parties != PARTY_NONE)
        interaction_party_remove(core->interactions, ix, core->interactions->parties[ix->parties].dn);
    interaction_leave_call(core->interactions, ix);
}

/* ---- the turn of a kept place has come: an agent is found, the number is dialled ---- */

/* True: the selection pauses: an agent is found, or the next try is not due yet. */
bool kept_place_rests(const struct core *core, const struct interaction *ix)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    return keep && !keep->alone && ix->visit != VISIT_NONE &&
           (keep->state == KEPT_PLACE_DIALLING || keep->state == KEPT_PLACE_PAUSED);
}

void kept_place_release(struct core *core, struct interaction *ix)
{
    for (uint32_t at = ix->claims, next; at != CLAIM_NONE; at = next) {
        next = core->claims->all[at].next_of_interaction;
        if (core->claims->all[at].state == CLAIM_RESERVED) session_release(core->sessions, at, false);
    }
}

void kept_place_reserved(struct core *core, const struct interaction *ix, uint64_t deadline_us)
{
    for (uint32_t at = ix->claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_interaction)
        if (core->claims->all[at].state == CLAIM_RESERVED) session_claim_deadline(core->sessions, at, deadline_us);
}

/* Returns when the condition that ends the wait is evaluated next, or `at_us` if that is earlier. */
static uint64_t look_before(const struct core *core, const struct interaction *ix, uint64_t at_us)
{
    if (!kept_place_rests(core, ix) || !visit_at(core->vqs, ix->visit)->ends) return at_us;
    uint64_t look_us = visit_look(core->vqs, ix->visit).condition_us;
    return look_us < at_us ? look_us : at_us;
}

/* While the number is dialled, the step's timer covers only the lifetime and the condition that ends the wait. */
static void kept_place_rest(struct core *core, struct interaction *ix, uint8_t fiber)
{
    timer_cancel(core->timers, fiber_part_timer(core->forks, ix, fiber_part(core->forks, ix, fiber)));
    uint64_t wake_us = look_before(core, ix, fiber == 0 ? ix->ends_us : UINT64_MAX);
    if (wake_us != UINT64_MAX)
        step_timer(core, ix, fiber, wake_us > core->now->time_us ? wake_us - core->now->time_us : 0);
}

/* Pauses until the next try, the end of the wait, or the next evaluation of the condition that ends it, whichever is
 * first. */
void kept_place_pause(struct core *core, struct interaction *ix, struct kept_place *keep, uint64_t pause_us)
{
    assert(!keep->alone);
    uint64_t until_us = *fiber_until(core->forks, ix);
    keep->state = KEPT_PLACE_PAUSED;
    keep->next_us = core->now->time_us + pause_us;
    uint64_t wake_us = look_before(core, ix, keep->next_us < until_us ? keep->next_us : until_us);
    step_timer(core, ix, keep->fiber, wake_us > core->now->time_us ? wake_us - core->now->time_us : 0);
    interaction_touch(core->interactions, ix);
}

bool kept_place_is_dial(unsigned kind)
{
    return kind == KIND_RequestMakeCall || kind == KIND_RequestMakePredictiveCall;
}

/* True: nobody waits at the telephone for this call, so the switch is asked to tell a person from a machine. */
static bool kept_place_predicts(const struct core *core, const struct interaction *ix)
{
    const struct list_record *record = list_record_of(core->list_records, ix);
    return record && campaign_dials_ahead(core->campaigns, record->campaign) &&
           link_can(core->links, ix->link, CAP_PREDICTIVE);
}

#define SAME_FIELD(field)                                                                                              \
    static_assert((int)RequestMakePredictiveCall_##field == (int)RequestMakeCall_##field, "written by one function")
SAME_FIELD(number);
SAME_FIELD(origin);
SAME_FIELD(caller_id);
SAME_FIELD(record);
SAME_FIELD(ring);
SAME_FIELD(detect);
SAME_FIELD(data);
#undef SAME_FIELD

/* Dials. The effect has everything that the switch shows or needs: number, origin, caller id, data of the call. */
void kept_place_ring(struct core *core, struct interaction *ix, struct kept_place *keep, uint64_t deadline_us)
{
    assert(keep->state == KEPT_PLACE_DIALLING && !ix->leg);
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct list_record *record = list_record_of(core->list_records, ix);
    unsigned kind = kept_place_predicts(core, ix) ? KIND_RequestMakePredictiveCall : KIND_RequestMakeCall;
    kv_clear(&core->scratch);
    userdata_all(core->interactions, ix, &core->scratch);
    keep->ref = effect_begin(
        core->effects,
        &(struct effect){.kind = kind, .link = ix->link, .interaction = ix, .timeout_us = (int64_t)deadline_us});
    struct writer *writer = &core->effects->writer;
    struct text dnis = block_system_text(block_image(slab, block), block, SYSTEM_dnis);
    writer_bytes(writer, RequestMakeCall_number, (struct span){keep->number, keep->length});
    writer_bytes(writer, RequestMakeCall_origin, core_name(core, ix->dn));
    writer_bytes(writer, RequestMakeCall_caller_id, (struct span){(const uint8_t *)dnis.bytes, dnis.length});
    writer_u(writer, RequestMakeCall_record, record ? record->record : 0);
    writer_i(writer, RequestMakeCall_ring, (int64_t)keep->answer_us);
    writer_u(writer, RequestMakeCall_detect, kind == KIND_RequestMakeCall ? detect_none : detect_switch);
    effect_kv(core->effects, RequestMakeCall_data);
    effect_end(core->effects);
    effect_await(core->effects, ix, kind, keep->ref, ix->link, keep->fiber, deadline_us);
    interaction_tell(core->interactions, ix, kind == KIND_RequestMakeCall ? FACT_dialled : FACT_dialled_ahead, 0,
                     ix->dn);
    list_record_rings(core->list_records, ix);
    ix->observed = true;
}

/* The selection has found an agent. True: the number is dialled first, or nothing can be dialled now and the agent
 * is released. False: the interaction needs no dialling. */
bool kept_place_turn(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t word)
{
    struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->alone || ix->leg) return false;
    keep->fiber = fiber;
    bool early = core->now->time_us < keep->next_us; /* another selection has begun before the pause after a failed dial
                                                      * was over */
    if (early || core->dials_held || !link_can(core->links, ix->link, CAP_DIAL)) {
        kept_place_release(core, ix);
        kept_place_pause(core, ix, keep, early ? keep->next_us - core->now->time_us : KEPT_PLACE_LINK_AWAY_US);
        return true;
    }
    step_cancel_children(core, ix, fiber); /* ends the round of the busy block */
    kept_place_reserved(core, ix, 0);      /* no deadline: the claim lasts as long as the number rings */
    keep->state = KEPT_PLACE_DIALLING;
    keep->word = word;
    keep->tried++;
    kept_place_ring(core, ix, keep, 2 * keep->answer_us);
    kept_place_rest(core, ix, fiber);
    interaction_touch(core->interactions, ix);
    return true;
}

/* True: the timer was for the dialling. False: the timer was for the selection. */
bool kept_place_on_timer(struct core *core, struct interaction *ix, uint8_t fiber)
{
    struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->alone || keep->state == KEPT_PLACE_WAITING) return false;
    if (keep->state != KEPT_PLACE_PAUSED) {
        kept_place_rest(core, ix, fiber);
        return true;
    }
    if (core->now->time_us >= *fiber_until(core->forks, ix)) return false;
    if (core->now->time_us < keep->next_us) {
        kept_place_pause(core, ix, keep, keep->next_us - core->now->time_us);
        return true;
    }
    keep->state = KEPT_PLACE_WAITING;
    if (ix->visit != VISIT_NONE) /* the selection looks for an agent again now */
        visit_look_set(core->vqs, ix->visit, visit_look(core->vqs, ix->visit).condition_us, core->now->time_us);
    interaction_touch(core->interactions, ix);
    return false;
}

/* The selection ends, and the kept place stays for a later selection, with its age. */
void kept_place_stop(struct core *core, struct interaction *ix)
{
    struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->alone || keep->state == KEPT_PLACE_LEAVING) return;
    bool dialling = keep->state == KEPT_PLACE_DIALLING;
    keep->state = KEPT_PLACE_WAITING; /* a later selection continues with the kept place */
    if (ix->visit != VISIT_NONE) {
        uint64_t entered_us = visit_entered_us(core->vqs, visit_at(core->vqs, ix->visit));
        keep->entered_us = entered_us != 0 ? entered_us : 1; /* 0 would mean that no visit was left */
    }
    if (!dialling) return;
    effect_cancel(core->effects, ix, keep->ref, true);
    kept_place_without_leg(core, ix);
}

bool kept_place_began(const struct core *core, const struct interaction *ix, uint64_t *began_us)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    *began_us = keep ? keep->entered_us : 0;
    return *began_us != 0;
}

/* ---- the rows' share of the digest, and their check ---- */

static uint64_t kept_place_hash(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    const struct kept_place *keep = kept_place_of(core, ix);
    uint64_t hash = ix->kept ? table_mix64(2) : 0;
    if (!keep) return hash;
    hash += table_mix64(keep->ixn + table_text_hash(core->names, (struct span){keep->number, keep->length}));
    hash = table_mix64(hash + keep->answer_us) + table_mix64(hash + keep->pause_us + 1);
    hash = table_mix64(hash + keep->next_us) + table_mix64(hash + keep->word + 1);
    hash = table_mix64(hash + keep->entered_us);
    return table_mix64(hash + keep->ref + ((uint64_t)keep->tries << 32) + ((uint64_t)keep->tried << 48)) +
           table_mix64(hash + keep->state + ((uint64_t)keep->fiber << 8) + (ix->leg ? 1u << 16 : 0) +
                       (keep->alone ? 1u << 17 : 0) + ((uint64_t)keep->result << 24));
}

/* True: the interaction has no row, or its row fits. Invariants: in the state LEAVING there is a leg and a visit; in
 * DIALLING the effect that dials is awaited; otherwise there is no leg. */
static bool kept_places_hold(const void *self, const struct interaction *ix)
{
    const struct core *core = self;
    const struct kept_place *keep = kept_place_of(core, ix);
    if (!keep) return !ix->keeps;
    if (!ix->running) return false;
    if (keep->state == KEPT_PLACE_LEAVING) return ix->leg && ix->visit != VISIT_NONE;
    if (keep->state != KEPT_PLACE_DIALLING) return !ix->leg;
    const struct pending *pending = effect_pending(core->effects, ix, keep->ref);
    unsigned step = step_of(core, ix, keep->fiber);
    if (keep->alone)
        return pending && kept_place_is_dial(pending->kind) &&
               (step == STEP_ID_callback_dial || step == STEP_ID_outbound_dial);
    return ix->visit != VISIT_NONE && visit_at(core->vqs, ix->visit)->state == VISIT_SELECTED && pending &&
           kept_place_is_dial(pending->kind) && step == STEP_ID_select;
}

static void kept_place_keep(struct core *core, struct keeper *keeper, uint32_t slot)
{
    struct kept_place *row = &core->kept_places->all[slot];
    row->ixn = keep_u64(keeper, row->ixn);
    row->next = keep_index(keeper, row->next, core->kept_places->count, KEPT_PLACE_NONE);
    if (row->ixn == 0) return;
    row->answer_us = keep_u64(keeper, row->answer_us);
    row->pause_us = keep_u64(keeper, row->pause_us);
    row->next_us = keep_u64(keeper, row->next_us);
    row->word = keep_u64(keeper, row->word);
    row->entered_us = keep_u64(keeper, row->entered_us);
    row->ref = keep_u32(keeper, row->ref);
    row->tries = keep_u16(keeper, row->tries);
    row->tried = keep_u16(keeper, row->tried);
    row->length = (uint16_t)keep_count(keeper, row->length, KEPT_PLACE_NUMBER_MAX);
    keep_raw(keeper, row->number, row->length);
    row->state = (uint8_t)keep_index(keeper, row->state, KEPT_PLACE_PAUSED + 1, KEPT_PLACE_LEAVING);
    row->fiber = keep_u8(keeper, row->fiber);
    row->result = keep_u8(keeper, row->result);
    row->alone = keep_bool(keeper, row->alone);
    lookup_restore(&core->kept_places->by_ixn, keeper, slot);
}

static void kept_places_keep(void *self, struct keeper *keeper)
{
    struct core *core = self;
    struct kept_places *keeps = core->kept_places;
    POOL_KEEP(keeps, keeper, UINT32_MAX);
    for (uint32_t slot = 0; slot < keeps->count && keep_good(keeper); slot++) kept_place_keep(core, keeper, slot);
    keeps->taken = keep_u32(keeper, keeps->taken);
}

/* True: each row belongs to an interaction that has the flag, or is free. */
static bool kept_places_sound(void *self)
{
    struct core *core = self;
    const struct kept_places *keeps = core->kept_places;
    struct marks marks = marks_of(keeps->count);
    bool good = true;
    POOL_MARK_FREE(keeps, next, ixn, 0, &marks, good);
    for (uint32_t at = core->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(core->interactions, at)->next) {
        const struct kept_place *row = kept_place_of(core, interaction_at(core->interactions, at));
        if (interaction_at(core->interactions, at)->keeps)
            good = row && marks_mark(&marks, (uint32_t)(row - keeps->all));
    }
    return marks_end(&marks, keeps->count) && good;
}

const struct part_ops part_ops_kept_places = {
    .size = sizeof(struct kept_places),
    .init = keeps_init,
    .free = keeps_free,
    .forget = kept_place_forget,
    .over = kept_place_over,
    .content = kept_place_hash,
    .holds = kept_places_hold,
    .keep = kept_places_keep,
    .sound = kept_places_sound,
};
