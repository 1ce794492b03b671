/* runtime/core/steps/target.c - How a target becomes a word of the language.
 *
 *     1: 8 | the agent: 24 | the low half of the claim's id: 32          2: 8 | 0: 24 | the queue's name: 32
 */
#include "runtime/core/steps/target.h"

#include <assert.h>

#include "runtime/core/people/agent.h"

#define TARGET_CLAIM (UINT64_C(1) << 56)
#define TARGET_QUEUE (UINT64_C(2) << 56)

_Static_assert(AGENTS_MAX <= 1 << 24, "an agent's number has 24 bits of a target");

uint64_t target_of_claim(uint64_t claim_id, uint32_t agent)
{
    return TARGET_CLAIM | (uint64_t)agent << 32 | (claim_id & UINT32_MAX);
}

uint64_t target_of_queue(uint32_t queue)
{
    return TARGET_QUEUE | queue;
}

bool target_is_claim(uint64_t word, uint32_t *agent, uint32_t *claim)
{
    assert(agent && claim);
    *agent = (uint32_t)(word >> 32) & 0xffffff;
    *claim = (uint32_t)word;
    return word >> 56 == TARGET_CLAIM >> 56;
}

bool target_is_queue(uint64_t word, uint32_t *queue)
{
    *queue = (uint32_t)word;
    return word >> 32 == TARGET_QUEUE >> 32;
}
