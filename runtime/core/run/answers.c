/* runtime/core/run/answers.c - Answers from the tables of agents and of virtual queues.
 *
 * This file answers those questions of a strategy that are not about its own interaction. Answering changes nothing, so
 * a debugger's condition may ask them, too. */
#include "runtime/core/run/answers.h"

#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/vq.h"

bool answer_named(const struct core *core, struct text name, uint64_t *agent)
{
    uint32_t known = names_find(core->names, (struct span){(const uint8_t *)name.bytes, name.length}), number;
    if (known == 0 || !agent_find(core->agents, known, &number) || !agent_at(core->agents, number)->known) return false;
    *agent = number + UINT64_C(1);
    return true;
}

bool answer_agent(const struct core *core, const struct interaction *ix, uint32_t question, uint64_t agent,
                  uint32_t skill, uint64_t *word)
{
    if (agent == 0 || agent > core->agents->count) return false;
    const struct agent *who = agent_at(core->agents, (uint32_t)(agent - 1));
    switch (question) {
    case QUESTION_agent_ready:
        *word = agent_takes(who, core->media[ix->media]->capacity(ix));
        return true;
    case QUESTION_agent_logged_in:
        *word = agent_logged_in(who);
        return true;
    case QUESTION_agent_state: /* the compiler's words for agents' states */
        *word = who->state <= agent_state_after_call_work ? who->state : agent_state_not_ready;
        return true;
    case QUESTION_agent_level:
        *word = agent_level(who, skill);
        return true;
    default:
        return false;
    }
}

static uint64_t age_began_us(const struct core *core, const struct interaction *ix)
{
    if (ix->visit != VISIT_NONE) return visit_at(core->vqs, ix->visit)->age_us;
    return ix->has_waited ? interaction_extra(core->interactions, ix)->age_us : core->now->time_us;
}

/* A low end of 0 is returned as 1 microsecond, since 0 means unknown. */
uint64_t answer_wait(const struct vqs *vqs, uint32_t vq, uint32_t position, uint32_t question)
{
    uint64_t low_us, high_us, wait_us = vq_expected_us(vqs, vq, position);
    if (wait_us == UINT64_MAX || !vq_range_us(vqs, vq, position, &low_us, &high_us)) return 0;
    if (question == QUESTION_ewt_high_there) return high_us;
    if (question == QUESTION_ewt_low_there) return low_us > 0 ? low_us : 1;
    return wait_us;
}

/* Answers a question about a virtual queue. If the interaction does not wait there, the answer is the position or
 * wait that it would have if it came now. A queue that does not exist is empty: position 1, no expected wait. If the
 * expected wait is unknown the answer is 0, because the type has no other value for this. */
uint64_t answer_vq(const struct core *core, const struct interaction *ix, uint32_t question, uint32_t name)
{
    const struct vqs *vqs = core->vqs;
    uint32_t vq = vq_find(vqs, name), position;
    if (vq == VQS_MAX) return question == QUESTION_position_there;
    uint32_t visit = vq_visit_in(vqs, ix->visit, vq);
    if (visit != VISIT_NONE)
        position = vq_position(vqs, visit);
    else
        position =
            vq_position_of_new(vqs, vq, ix->slot, block_at(core->slab, ix->block)->priority, age_began_us(core, ix));
    if (question == QUESTION_position_there) return position;
    return answer_wait(vqs, vq, position, question);
}
