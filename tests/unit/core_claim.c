/* tests/unit/core_claim.c - Claims are debited once and credited once, and ids never come again. */
#include <criterion/criterion.h>

#include "runtime/core/people/capacity.h"
#include "runtime/core/people/claim.h"

TestSuite(core_claim, .timeout = 10);

Test(core_claim, it_stands_in_both_lists_until_it_ends)
{
    struct claims claims;
    uint32_t agents[2] = {CLAIM_NONE, CLAIM_NONE}, interaction = CLAIM_NONE, found;
    struct media_load load = {.media = {{0}}}, other = {.media = {{0}}};
    claims_init(&claims, 1);
    uint32_t first = claim_make(&claims, 0, &agents[0], &load, media_voice, 5, &interaction);
    uint32_t second = claim_make(&claims, 1, &agents[1], &other, media_chat, 5, &interaction);
    uint64_t id = claim_at(&claims, first)->id;
    cr_assert_eq(interaction, second);
    cr_assert_eq(claim_at(&claims, second)->next_of_interaction, first);
    cr_assert(claim_find(&claims, id, &found) && found == first);
    claim_end(&claims, first, &agents[0], &load, &interaction);
    cr_assert_not(claim_find(&claims, id, &found));
    cr_assert_eq(agents[0], CLAIM_NONE);
    cr_assert_eq(claims_outstanding(&claims), 1u);
    claim_end(&claims, second, &agents[1], &other, &interaction);
    cr_assert_eq(claims.debited, 2u);
    cr_assert_eq(claims.credited, 2u);
    claims_free(&claims);
}

Test(core_claim, a_slot_is_used_again_but_never_an_id)
{
    struct claims claims;
    uint32_t agent = CLAIM_NONE, interaction = CLAIM_NONE;
    struct media_load load = {.media = {{0}}};
    claims_init(&claims, 1);
    uint32_t slot = claim_make(&claims, 0, &agent, &load, media_voice, 0, &interaction);
    uint64_t id = claim_at(&claims, slot)->id;
    claim_end(&claims, slot, &agent, &load, &interaction);
    uint32_t again = claim_make(&claims, 0, &agent, &load, media_voice, 0, &interaction);
    cr_assert_eq(again, slot);
    cr_assert_gt(claim_at(&claims, again)->id, id);
    claims_free(&claims);
}

Test(core_claim, it_takes_a_unit_of_its_medium_until_it_ends_and_no_more_than_can_be_counted)
{
    struct claims claims;
    uint32_t agent = CLAIM_NONE, interaction = CLAIM_NONE;
    struct media_load load = {.media = {{0}}};
    claims_init(&claims, 1);
    uint32_t call = claim_make(&claims, 0, &agent, &load, media_voice, 0, &interaction);
    uint32_t chat = claim_make(&claims, 0, &agent, &load, media_chat, 1, &interaction);
    cr_assert(load.units[media_voice] == 1 && load.units[media_chat] == 1);
    claim_end(&claims, call, &agent, &load, &interaction);
    cr_assert(load.units[media_voice] == 0 && load.units[media_chat] == 1);
    cr_assert(media_set_equal(load.media, media_set_one(media_chat)));
    claim_end(&claims, chat, &agent, &load, &interaction);
    cr_assert_eq(load.units[media_chat], 0);
    cr_assert(media_set_is_empty(load.media));
    for (unsigned at = 0; at < UINT8_MAX; at++)
        cr_assert_neq(claim_make(&claims, 0, &agent, &load, media_email, at, &interaction), CLAIM_NONE);
    cr_assert_eq(claim_make(&claims, 0, &agent, &load, media_email, 300, &interaction), CLAIM_NONE);
    cr_assert_eq(claims_outstanding(&claims), (uint32_t)UINT8_MAX);
    claims_free(&claims);
}
