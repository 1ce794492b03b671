/* runtime/core/steps/kept_place_dial.c - The step callback.keep_place, and the result of a dial: the selection or
 * the step that dialled continues, or fails. */
#include <assert.h>
#include <string.h>

#include "vm/steps.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/call_result.h"
#include "runtime/core/links/link.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/steps/called.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/core/steps/kept_place_row.h"
#include "runtime/core/steps/select.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_host.h"

enum {
    RING_US = 30000000,
    PAUSE_US = 300000000,
    PAUSE_LEAST_US = 1000000,
    CLAIMED_US = 10000000, /* time to route the call after the caller has answered */
    TRIES_MOST = 100,
};

/* ---- the caller leaves ---- */

static uint64_t kept_place_dial_clause(const struct core *core, const struct interaction *ix, uint8_t fiber,
                                       uint16_t operand, uint64_t otherwise)
{
    const struct slab *slab = core->slab;
    uint64_t word;
    uint16_t type;
    bool given = vm_operand(slab, block_at(slab, ix->block), fiber, operand, &word, &type);
    return given && (int64_t)word > 0 ? word : otherwise;
}

/* Stores the number. False: the text is no number, or too long. */
static bool put_number(struct kept_place *keep, struct span text)
{
    if (!kept_place_is_number(text)) return false;
    assert(text.length <= KEPT_PLACE_NUMBER_MAX);
    memcpy(keep->number, text.bytes, text.length);
    keep->length = (uint16_t)text.length;
    return true;
}

static bool take_number(const struct core *core, const struct interaction *ix, uint8_t fiber, struct kept_place *keep,
                        enum called_judge judge)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!vm_arg(slab, block, fiber, PARAMETER_callback_keep_place_number, &word, &type)) return false;
    struct text text = block_text(block_image(slab, block), block, word, inlined);
    struct span number = {(const uint8_t *)text.bytes, text.length};
    return called_back_may_be(core, number, judge) && put_number(keep, number);
}

static bool waits_beside(const struct core *core, const struct interaction *ix, uint8_t parent)
{
    return ix->visit != VISIT_NONE && visit_at(core->vqs, ix->visit)->fiber == parent &&
           step_of(core, ix, parent) == STEP_ID_select;
}

/* Asks the link to end the leg. The request contains the number to be dialled, so that the adapter knows that the
 * interaction goes on. */
static void ask_to_end(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    int64_t timeout_us = vm_timeout(core->slab, block_at(core->slab, ix->block), fiber);
    ref = step_effect(core, ix, KIND_RequestCallControl, ix->link, ref, timeout_us);
    writer_u(&core->effects->writer, RequestCallControl_op, call_op_disconnect);
    writer_bytes(&core->effects->writer, RequestCallControl_dn, core_name(core, ix->dn));
    writer_bytes(&core->effects->writer, RequestCallControl_keep, (struct span){keep->number, keep->length});
    effect_end(core->effects);
    interaction_treatment(core->interactions, ix, 0);
    step_awaits(core, ix, fiber, KIND_RequestCallControl, ref, ix->link, timeout_us);
    interaction_tell(core->interactions, ix, FACT_call_controlled, call_op_disconnect, ix->dn);
}

/* The step callback.keep_place, which runs in the busy block of a selection: makes the row, and asks the link to end
 * the leg. If the step begins again after a lost link, it only asks again. All reasons for a refusal are checked
 * before the row is made. */
static struct step_outcome keep_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image_wait *wait = vm_step(slab, block, fiber);
    uint8_t parent = vm_parent(slab, block, fiber);
    if (!ix->leg || ix->gone || !waits_beside(core, ix, parent)) return step_fails(code_not_waiting);
    if (ref == 0) {
        struct kept_place row = {.length = 0};
        if (!link_usable(core->links, ix->link)) return step_fails(code_link_down);
        if (!link_can(core->links, ix->link, CAP_DIAL)) return step_fails(code_unsupported);
        if (ix->keeps) return step_fails(code_refused);
        enum called_judge judge = called_judge_of(core, ix, fiber, PARAMETER_callback_keep_place_judged);
        if (!take_number(core, ix, fiber, &row, judge))
            return step_fails(judge == CALLED_JUDGE_BEFORE ? code_refused : code_invalid_number);
        uint64_t tries = kept_place_dial_clause(core, ix, fiber, wait->tries, 1);
        struct kept_place *keep = kept_place_new(core, ix);
        memcpy(keep->number, row.number, sizeof row.number);
        keep->length = row.length;
        keep->answer_us = kept_place_dial_clause(core, ix, fiber, wait->answer, RING_US);
        keep->pause_us = kept_place_dial_clause(core, ix, fiber, wait->pause, PAUSE_US);
        if (keep->answer_us > INT64_MAX / 4) keep->answer_us = INT64_MAX / 4;
        if (keep->pause_us < PAUSE_LEAST_US) keep->pause_us = PAUSE_LEAST_US;
        keep->tries = (uint16_t)(tries < TRIES_MOST ? tries : (uint64_t)TRIES_MOST);
        keep->fiber = parent;
        invite_withdraw(core, ix);
        select_nobody(core, ix); /* no agent is chosen while the link ends the caller's leg */
    }
    ask_to_end(core, ix, fiber, ref);
    return step_waits();
}

/* Ends a kept place that is no longer wanted. */
static void keep_cancel(struct core *core, struct interaction *ix)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->state != KEPT_PLACE_LEAVING) return;
    kept_place_forget(core, ix);
    select_again(core, ix);
}

/* Takes the answer to the request to end the leg. Success means accepted; an event of the leg reports its end. */
static void keep_answered_leave(struct core *core, struct interaction *ix, const struct pending *pending,
                                const struct message *message)
{
    unsigned code = effect_code_of(message);
    if (code == code_ok) return;
    keep_cancel(core, ix);
    bool known = code == code_unsupported || code == code_link_down || code == code_timeout;
    strategy_step_failed(core, ix, pending->fiber, known ? code : (unsigned)code_refused);
}

/* The caller's leg has ended: the interaction waits without a caller from now on. The present round of the busy
 * block goes on; no further round begins. */
static void kept_place_left(struct core *core, struct interaction *ix, struct kept_place *keep)
{
    assert(keep->state == KEPT_PLACE_LEAVING);
    keep->state = KEPT_PLACE_WAITING;
    ix->kept = true;
    uint8_t busy = fiber_busy(core->forks, ix, keep->fiber);
    list_record_let_go(core->list_records, ix);
    kept_place_without_leg(core, ix);
    select_again(core, ix);
    strategy_step_done(core, ix, busy, 0);
}

/* ---- the result of a dial ---- */

bool kept_place_created(struct core *core, struct interaction *ix, const struct message *message)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->state != KEPT_PLACE_DIALLING || keep->ref != message_u(message, ENVELOPE_ref) ||
        ix->link != message_u(message, ENVELOPE_source) || ix->leg)
        return false;
    interaction_conn(core->interactions, ix, message_u(message, ENVELOPE_conn));
    ix->observed = true;
    interaction_tell(core->interactions, ix, FACT_arrived, 0, ix->dn);
    interaction_touch(core->interactions, ix);
    return true;
}

/* The dialling is over: frees the row and returns the fiber that dialled. */
static uint8_t kept_place_dial_settled(struct core *core, struct interaction *ix, const struct kept_place *keep)
{
    uint8_t fiber = keep->fiber;
    effect_settled(core->effects, ix, keep->ref);
    kept_place_reserved(core, ix, CLAIMED_US);
    kept_place_forget(core, ix);
    return fiber;
}

/* The caller has answered. The claim on the agent lasts CLAIMED_US from now on: the strategy must route the call
 * within this time. */
bool kept_place_answered(struct core *core, struct interaction *ix, uint64_t ago_us)
{
    struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->state != KEPT_PLACE_DIALLING || !ix->leg) return false;
    uint64_t word = keep->word;
    bool alone = keep->alone;
    uint8_t fiber = kept_place_dial_settled(core, ix, keep);
    if (alone) select_again(core, ix); /* the step ran in a busy block next to a selection */
    if (alone) list_record_dialled(core->list_records, ix, cause_ok);
    if (alone && ago_us > 0) list_record_waits(core->list_records, ix, ago_us);
    strategy_step_done(core, ix, fiber, word);
    return true;
}

/* A dial has failed. The dial has failed: a step that dials fails; a kept place pauses before the next try, and
 * after the last one the selection fails. A dial that nobody answered uses up one try. */
static void kept_place_failed(struct core *core, struct interaction *ix, struct call_result result)
{
    struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->state != KEPT_PLACE_DIALLING) return;
    if (keep->alone) {
        kept_place_without_leg(core, ix);
        uint8_t fiber = kept_place_dial_settled(core, ix, keep);
        select_again(core, ix);
        list_record_dialled(core->list_records, ix, (enum cause)result.told);
        strategy_step_failed(core, ix, fiber, result.exit);
        return;
    }
    uint8_t fiber = keep->fiber;
    effect_settled(core->effects, ix, keep->ref);
    kept_place_release(core, ix);
    kept_place_without_leg(core, ix);
    if (keep->tried < keep->tries) {
        kept_place_pause(core, ix, keep, keep->pause_us);
        return;
    }
    kept_place_forget(core, ix);
    select_leave(core, ix, VISIT_CLEARED);
    strategy_step_failed(core, ix, fiber, code_unreached);
}

/* True: the end of the leg was expected, or it was the leg of a dial; the interaction goes on. */
bool kept_place_gone(struct core *core, struct interaction *ix, unsigned cause)
{
    struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || (keep->state != KEPT_PLACE_LEAVING && keep->state != KEPT_PLACE_DIALLING)) return false;
    interaction_tell(core->interactions, ix, FACT_call_ended, cause, 0);
    if (keep->state == KEPT_PLACE_LEAVING)
        kept_place_left(core, ix, keep);
    else
        kept_place_failed(
            core, ix,
            call_result_of_cause(keep->result != cause_other && keep->result != cause_ok ? keep->result : cause));
    return true;
}

/* Takes the answer to the effect that dials. Success means accepted; EventCallCreated will name the call. */
void kept_place_dial_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                              const struct message *message)
{
    unsigned code = effect_code_of(message);
    (void)pending;
    struct call_result result = call_result_of_code(code);
    if (code == code_ok) return;
    if (result.of == DIAL_OF_exchange)
        list_record_dial_refused(core->list_records, ix, message_text(message, EventDone_text));
    kept_place_failed(core, ix, result);
}

void kept_place_dial_lapsed(struct core *core, struct interaction *ix, const struct pending *pending)
{
    (void)pending;
    kept_place_unknown(core, ix, code_outcome_unknown);
}

/* Stores the report until the call ends, since such reports of the switch say more than the cause of the end. */
void kept_place_progress(struct core *core, struct interaction *ix, unsigned result)
{
    struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->state != KEPT_PLACE_DIALLING) return;
    keep->result = (uint8_t)result;
    interaction_touch(core->interactions, ix);
}

/* The result of the dial is unknown: the number may still ring, so the dial is cancelled if the link is usable. */
void kept_place_unknown(struct core *core, struct interaction *ix, unsigned code)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || keep->state != KEPT_PLACE_DIALLING) return;
    effect_cancel(core->effects, ix, keep->ref, link_usable(core->links, ix->link));
    kept_place_failed(core, ix, call_result_of_code(code));
}

/* ---- steps that dial ---- */

/* Dials once, and lets the number ring as long as the rules and the step's time allow. */
struct step_outcome kept_place_dial(struct core *core, struct interaction *ix, uint8_t fiber, struct span number)
{
    const struct image_wait *wait = vm_step(core->slab, block_at(core->slab, ix->block), fiber);
    struct kept_place row = {.length = 0};
    if (ix->leg || ix->keeps) return step_fails(code_refused); /* the interaction has a leg, or will have one soon */
    if (!link_usable(core->links, ix->link)) return step_fails(code_link_down);
    if (!link_can(core->links, ix->link, CAP_DIAL)) return step_fails(code_unsupported);
    if (called_is_emergency(core, number) || !put_number(&row, number)) return step_fails(code_invalid_number);
    int64_t left_us = tries_left(core, ix, fiber);
    if (left_us <= 0) return step_fails(code_timeout);
    struct kept_place *keep = kept_place_new(core, ix);
    memcpy(keep->number, row.number, sizeof row.number);
    keep->length = row.length;
    keep->alone = true;
    keep->state = KEPT_PLACE_DIALLING;
    keep->fiber = fiber;
    keep->tries = keep->tried = 1;
    keep->answer_us = kept_place_dial_clause(core, ix, fiber, wait->answer, RING_US);
    if (keep->answer_us > INT64_MAX / 4) keep->answer_us = INT64_MAX / 4;
    uint64_t deadline_us = keep->answer_us + KEPT_PLACE_LINK_AWAY_US;
    kept_place_reserved(core, ix, 0); /* an agent chosen before stays claimed as long as the number rings */
    kept_place_ring(core, ix, keep, deadline_us < (uint64_t)left_us ? deadline_us : (uint64_t)left_us);
    return step_waits();
}

/* The step ends before anybody answered: tells the switch to stop dialling. */
void kept_place_hang_up(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct kept_place *keep = kept_place_of(core, ix);
    if (!keep || !keep->alone || keep->fiber != fiber) return;
    effect_cancel(core->effects, ix, keep->ref, link_usable(core->links, ix->link));
    kept_place_without_leg(core, ix);
    (void)kept_place_dial_settled(core, ix, keep);
    select_again(core, ix);
    list_record_dialled(core->list_records, ix,
                        cause_no_answer); /* the step's time is over, or the step is cancelled */
}

static void keep_leave_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    (void)fiber;
    keep_cancel(core, ix);
}

const struct step_ops step_ops_keep_place = {.begin = keep_begin,
                                             .cancel = keep_leave_cancel,
                                             .answered = keep_answered_leave,
                                             .again = KIND_RequestCallControl};
