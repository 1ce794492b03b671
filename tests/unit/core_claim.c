/* tests/unit/core_claim.c - Claims are debited once and credited once, and ids never come again. */
#include <criterion/criterion.h>

#include "runtime/core/people/claim.h"

TestSuite(core_claim, .timeout = 10);

Test(core_claim, it_stands_in_both_lists_until_it_ends)
{
    struct claims claims;
    uint32_t agents[2] = {CLAIM_NONE, CLAIM_NONE}, interaction = CLAIM_NONE, found;
    claims_init(&claims, 1);
    uint32_t first = claim_make(&claims, 0, &agents[0], 5, &interaction);
    uint32_t second = claim_make(&claims, 1, &agents[1], 5, &interaction);
    uint64_t id = claim_at(&claims, first)->id;
    cr_assert_eq(interaction, second);
    cr_assert_eq(claim_at(&claims, second)->next_of_interaction, first);
    cr_assert(claim_find(&claims, id, &found) && found == first);
    claim_end(&claims, first, &agents[0], &interaction);
    cr_assert_not(claim_find(&claims, id, &found));
    cr_assert_eq(agents[0], CLAIM_NONE);
    cr_assert_eq(claims_outstanding(&claims), 1u);
    claim_end(&claims, second, &agents[1], &interaction);
    cr_assert_eq(claims.debited, 2u);
    cr_assert_eq(claims.credited, 2u);
    claims_free(&claims);
}

Test(core_claim, a_slot_is_used_again_but_never_an_id)
{
    struct claims claims;
    uint32_t agent = CLAIM_NONE, interaction = CLAIM_NONE;
    claims_init(&claims, 1);
    uint32_t slot = claim_make(&claims, 0, &agent, 0, &interaction);
    uint64_t id = claim_at(&claims, slot)->id;
    claim_end(&claims, slot, &agent, &interaction);
    uint32_t again = claim_make(&claims, 0, &agent, 0, &interaction);
    cr_assert_eq(again, slot);
    cr_assert_gt(claim_at(&claims, again)->id, id);
    claims_free(&claims);
}
