/* runtime/core/steps/block.c - The step `agents.block`: an agent gets no interactions for a time, whatever waits.
 *
 * An exclusion (`exclude`) belongs to one interaction; a block belongs to the agent, and goes on when the
 * interaction has ended. The table of agents has it (people/agent.h), so the remaining time is kept with the agent. */
#include "vm/steps.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/steps/target.h"

enum { BLOCK_MAX_S = 86400 };

/* Returns the agent whom the step names; AGENT_NONE: it names a queue, a DN, or an empty target. */
static uint32_t block_whom(const struct core *core, uint16_t type, uint64_t word)
{
    uint32_t agent, claim;
    if (type_base(type) == TYPE_AGENT && word > 0 && word <= core->agents->count) return (uint32_t)(word - 1);
    return type_base(type) == TYPE_TARGET && target_is_claim(word, &agent, &claim) ? agent : AGENT_NONE;
}

static struct step_outcome block_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word, lasts_us;
    uint16_t type, ignored;
    if (!vm_arg(core->slab, block, fiber, PARAMETER_agents_block_who, &word, &type) || value_is_none(type, word) ||
        !vm_arg(core->slab, block, fiber, PARAMETER_agents_block_duration, &lasts_us, &ignored))
        return step_fails(code_invalid_destination);
    uint32_t agent = block_whom(core, type, word);
    if (agent == AGENT_NONE) return step_fails(code_invalid_destination);
    if ((int64_t)lasts_us < 0) lasts_us = 0; /* a moment in the past ends the block */
    if (lasts_us > BLOCK_MAX_S * UINT64_C(1000000)) lasts_us = BLOCK_MAX_S * UINT64_C(1000000);
    session_block(core->sessions, agent, lasts_us);
    interaction_tell(core->interactions, ix, FACT_agent_blocked, 0, agent_at(core->agents, agent)->name);
    return step_done(0);
}

const struct step_ops step_ops_block = {.begin = block_begin};
