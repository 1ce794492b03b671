/* runtime/core/steps/deliver.c - Routes submitted interactions. An agent gets the interaction by accepting the
 * offer; a queue gets it at once, and the queue's strategy begins when this one has ended. */
#include "runtime/core/steps/invite.h"

#include "vm/steps.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/activation.h"
#include "runtime/core/run/follow_up.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/steps/select.h"

static struct step_outcome into_queue(struct core *core, struct interaction *ix, uint32_t queue)
{
    if (!core_directory_has_queue(core->directory, queue)) return step_fails(code_invalid_destination);
    /* A session with a leg needs this domain's adapter, so it cannot go to another domain. */
    if (ix->leg && core_directory_queue(core->directory, queue).elsewhere) return step_fails(code_invalid_destination);
    select_leave(core, ix, VISIT_CLEARED);
    interaction_tell(core->interactions, ix, FACT_routed, 0, 0);
    ix->outcome = ENDED_QUEUED;
    follow_up_keep(core, ix);
    submitted_put(core->submissions, ix, queue, 0);
    return step_done(0);
}

/* Sends the session to the agent, who has accepted it; its link reports when the agent has joined. */
static struct step_outcome to_place(struct core *core, struct interaction *ix, uint32_t claim, uint32_t ref)
{
    if (!link_usable(core->links, ix->link)) return step_fails(code_link_down);
    const struct claim *made = claim_at(core->claims, claim);
    route_send(core, ix, line_dn_for_agent(core->agents, made->agent, (enum media)made->medium), claim, ref);
    return step_waits();
}

/* Offers the interaction to the agent; one who was asked before, by a preview, is not asked again. */
static struct step_outcome to_agent(struct core *core, struct interaction *ix, uint32_t claim, uint32_t ref)
{
    uint32_t agent = claim_at(core->claims, claim)->agent;
    if (ref != 0) return to_place(core, ix, claim, ref); /* sent again */
    struct step_outcome outcome = invite_offer(core, ix, claim, route_answer_us(core, ix));
    if (outcome.status != STEP_IS_DONE) return outcome;
    if (ix->leg) return to_place(core, ix, claim, 0);
    session_answered(core->sessions, claim);
    route_handed(core, ix, agent);
    if (!reply_await(core, ix)) return outcome;
    activation_over(core, ix);
    return step_waits();
}

/* The agent has accepted: without a leg the step is done; with one the switch must send the session first. */
void deliver_accepted(struct core *core, struct interaction *ix, uint32_t claim)
{
    if (!ix->leg) {
        session_answered(core->sessions, claim);
        route_established(core, ix, claim_at(core->claims, claim)->agent);
    } else if (to_place(core, ix, claim, 0).status == STEP_FAILS) {
        session_release(core->sessions, claim, false);
        strategy_step_failed(core, ix, 0, code_link_down);
    }
}

/* Begins the route. A claim that cannot be used is released, otherwise the agent would stay blocked. */
struct step_outcome deliver_begin(struct core *core, struct interaction *ix, uint32_t ref)
{
    uint64_t word;
    uint16_t type;
    uint32_t claim;
    if (ix->gone) return step_fails(code_gone);
    if (!vm_arg(core->slab, block_at(core->slab, ix->block), 0, PARAMETER_route_target, &word, &type) ||
        value_is_none(type, word))
        return step_fails(code_invalid_destination);
    uint32_t queue = route_queue(core, ix, type_base(type), word);
    if (queue != 0) return into_queue(core, ix, queue);
    struct step_outcome outcome = route_claim(core, ix, type_base(type), word, &claim);
    if (outcome.status == STEP_FAILS && claim != CLAIM_NONE) session_release(core->sessions, claim, false);
    if (outcome.status == STEP_FAILS) return outcome;
    return claim == CLAIM_NONE ? step_fails(code_invalid_destination) : to_agent(core, ix, claim, ref);
}
