/* runtime/core/steps/control.c - Steps on the call itself that the switch does or refuses at once: answering,
 * recording.
 *
 * Such a step asks the link and waits for one answer, at most for the time that its tries have left. The core keeps no
 * state for such steps: only the switch knows whether a call is being recorded. */
#include "vm/steps.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/vocabulary/effects_call.h"

static enum call_op op_of(unsigned step)
{
    static const uint8_t ops[] = {[STEP_ID_call_answer] = call_op_answer,
                                  [STEP_ID_recording_start] = call_op_recording_start,
                                  [STEP_ID_recording_pause] = call_op_recording_pause,
                                  [STEP_ID_recording_resume] = call_op_recording_resume,
                                  [STEP_ID_recording_stop] = call_op_recording_stop};
    return step < sizeof ops / sizeof *ops && ops[step] ? ops[step] : call_op_other;
}

static struct step_outcome control_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    enum call_op op = op_of(step_of(core, ix, fiber));
    if (!ix->leg || ix->gone) return step_fails(code_gone);
    if (!link_usable(core->links, ix->link)) return step_fails(code_link_down);
    if (op != call_op_answer && !link_can(core->links, ix->link, CAP_RECORDING)) return step_fails(code_unsupported);
    int64_t timeout_us = tries_left(core, ix, fiber);
    ref = step_effect(core, ix, KIND_RequestCallControl, ix->link, ref, timeout_us);
    writer_u(&core->effects->writer, RequestCallControl_op, op);
    writer_bytes(&core->effects->writer, RequestCallControl_dn, core_name(core, ix->dn));
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_RequestCallControl, ref, ix->link, timeout_us);
    interaction_tell(core->interactions, ix, FACT_call_controlled, op, ix->dn);
    return step_waits();
}

/* Ends the step with an exit that tells the strategy whether the switch cannot do what was asked, was away, or has not
 * done it. */
static void control_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                             const struct message *message)
{
    uint8_t fiber = pending->fiber;
    unsigned code = effect_code_of(message);
    if (code == code_ok)
        strategy_step_done(core, ix, fiber, 0);
    else if (code == code_unsupported || code == code_link_down || code == code_timeout)
        strategy_step_failed(core, ix, fiber, code);
    else
        strategy_step_failed(core, ix, fiber, code_not_applied);
}

const struct step_ops step_ops_control = {
    .begin = control_begin, .answered = control_answered, .again = KIND_RequestCallControl};
