/* runtime/core/steps/workbin.c - The steps that put an interaction into a workbin: route workbin, and
 * email.return_to_author, which gives a reply back to the agent who has written it. */
#include "vm/steps.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/steps/target.h"
#include "runtime/vocabulary/authority.h"

/* Puts the interaction into the workbin. False: there are too many bins. */
static bool workbin_into(struct core *core, struct interaction *ix, uint32_t bin, uint32_t whose)
{
    if (submitted_bins_full(core->submissions) && !submitted_bin(core->submissions, bin, whose)) return false;
    select_leave(core, ix, VISIT_CLEARED);
    interaction_tell(core->interactions, ix, FACT_routed, 0, 0);
    ix->outcome = ENDED_QUEUED;
    submitted_put(core->submissions, ix, bin, whose);
    return true;
}

/* ---- route workbin ---- */

/* Returns the agent whom the word means, or who is logged in at the place that it means. AGENT_NONE: there is none. */
static uint32_t agent_meant(const struct core *core, const struct interaction *ix, uint16_t type, uint64_t word)
{
    uint32_t agent, number;
    if (type == TYPE_AGENT) return word == 0 || word > core->agents->count ? AGENT_NONE : (uint32_t)(word - 1);
    if (type == TYPE_TARGET && target_is_claim(word, &agent, &number)) return agent;
    return type == TYPE_PLACE ? places_agent(core->directory, ix->link, strategy_name(core->strategies, ix, word))
                              : AGENT_NONE;
}

/* Returns the owner given after `of`; WORKBIN_OF_ALL if the step names none. 0: the step names an owner who does not
 * exist. */
static uint32_t steps_owner(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    uint64_t word;
    uint16_t type;
    if (!vm_arg(core->slab, block_at(core->slab, ix->block), fiber, PARAMETER_route_workbin_whose, &word, &type))
        return workbin_owner(core->interactions, span_of(WORKBIN_OF_ALL));
    if (value_is_none(type, word)) return 0;
    if (type_base(type) == TYPE_GROUP) return strategy_name(core->strategies, ix, word);
    uint32_t agent = agent_meant(core, ix, type_base(type), word);
    return agent == AGENT_NONE ? 0 : agent_at(core->agents, agent)->name;
}

static struct step_outcome workbin_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t bin;
    uint16_t type;
    if (!ix->submitted || ix->gone) return step_fails(code_gone);
    if (!vm_arg(core->slab, block, fiber, PARAMETER_route_workbin_workbin, &bin, &type))
        return step_fails(code_invalid_destination);
    int64_t timeout_us = vm_timeout(core->slab, block, fiber);
    uint32_t whose = steps_owner(core, ix, fiber);
    if (whose == 0 || !workbin_into(core, ix, strategy_name(core->strategies, ix, bin), whose))
        return step_fails(code_invalid_destination);
    if (timeout_us >= 0) submitted_park(core->submissions, ix, core->now->time_us + (uint64_t)timeout_us);
    return step_done(0);
}

const struct step_ops step_ops_workbin = {.begin = workbin_begin};

/* ---- email.return_to_author ---- */

/* Attaches the reason for the return, for the agent who opens the interaction. */
static void attach_reason(struct core *core, struct interaction *ix, uint8_t fiber)
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    char inlined[8];
    if (!vm_arg(core->slab, block, fiber, PARAMETER_email_return_to_author_text, &word, &type)) return;
    struct text text = block_text(block_image(core->slab, block), block, word, inlined);
    struct kv pairs;
    kv_init(&pairs);
    kv_put_text(&pairs, "return_reason", (struct span){(const uint8_t *)text.bytes, text.length});
    /* if there is no room, the interaction is returned without the reason */
    (void)userdata_attach(core->interactions, ix, kv_span(&pairs));
    kv_free(&pairs);
    interaction_touch(core->interactions, ix);
}

/* Returns the reply to its author; refused if no agent has written it. */
static struct step_outcome author_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    uint32_t bin = names_pass(core->names, span_of(WORKBIN_RETURNED));
    const struct submitted *row = submitted_of(core->submissions, ix);
    if (!row || row->author == 0 || bin == 0) return step_fails(code_refused);
    uint32_t author = row->author;
    attach_reason(core, ix, fiber);
    return workbin_into(core, ix, bin, author) ? step_done(0) : step_fails(code_refused);
}

const struct step_ops step_ops_author = {.begin = author_begin};
