/* runtime/core/steps/preview.c - The step preview: asks one agent before the call goes to this agent. */
#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/invite_claim.h"

/* Asks the target's agent; done at once if the target is no agent, or the agent has accepted before. The checks in
 * order: does the call exist, is the target an agent, has the agent answered, can the agent be asked. */
static struct step_outcome preview_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct slab *slab = core->slab;
    uint64_t word;
    uint16_t type;
    uint32_t claim = CLAIM_NONE;
    if (!interaction_stays(ix) || ix->gone) return step_fails(code_gone);
    if (ix->leg && !link_usable(core->links, ix->link)) return step_fails(code_link_down);
    if (!vm_arg(slab, block_at(slab, ix->block), fiber, PARAMETER_preview_target, &word, &type) ||
        value_is_none(type, word))
        return step_fails(code_invalid_destination);
    struct step_outcome outcome = route_claim(core, ix, type_base(type), word, &claim);
    if (outcome.status == STEP_WAITS && claim == CLAIM_NONE)
        return step_done(0); /* the target is not an agent who could be asked */
    if (outcome.status == STEP_WAITS && invite_has_answered(claim_at(core->claims, claim))) return step_done(0);
    if (outcome.status == STEP_WAITS && claim_at(core->claims, claim)->state > CLAIM_INVITED)
        return step_fails(code_busy); /* the agent is already on this call */
    if (outcome.status == STEP_WAITS && !invite_claim_possible(core, claim_at(core->claims, claim)))
        outcome = step_fails(code_unsupported);
    if (outcome.status == STEP_FAILS) {
        if (claim != CLAIM_NONE) session_release(core->sessions, claim, false);
        return outcome;
    }
    uint64_t in_us = invite_countdown_us(core, ix, fiber, PARAMETER_preview_countdown);
    int64_t timeout_us = vm_timeout(slab, block_at(slab, ix->block), fiber);
    return invite_asks_alone(core, ix, fiber, claim,
                             timeout_us > 0 && (uint64_t)timeout_us < in_us ? (uint64_t)timeout_us : in_us);
}

static void preview_cancel(struct core *core, struct interaction *ix, uint8_t fiber)
{
    (void)fiber;
    invite_withdraw(core, ix);
}

const struct step_ops step_ops_preview = {.begin = preview_begin, .cancel = preview_cancel};
