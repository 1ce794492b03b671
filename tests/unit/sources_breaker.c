/* tests/unit/sources_breaker.c - The circuit opens after failures in a row, lets one try, and pauses longer each
 * time. */
#include <criterion/criterion.h>

#include "runtime/sources/breaker.h"

Test(sources_breaker, pauses_double_up_to_the_highest_and_chance_takes_less_than_half, .timeout = 10)
{
    struct backoff backoff;
    backoff_init(&backoff, 100, 350);
    cr_expect_eq(backoff_next(&backoff, UINT32_MAX), 100);
    cr_expect_eq(backoff_next(&backoff, UINT32_MAX), 200);
    cr_expect_eq(backoff_next(&backoff, 0), 175);
    cr_expect_eq(backoff_next(&backoff, UINT32_MAX), 350);
    backoff_reset(&backoff);
    cr_expect_eq(backoff_next(&backoff, 0), 50);
}

Test(sources_breaker, it_opens_at_its_limit_and_one_probe_decides, .timeout = 10)
{
    struct breaker breaker;
    breaker_init(&breaker, 3, 100, 1000);
    cr_expect_not(breaker_bad(&breaker, 0, 0));
    cr_expect_not(breaker_bad(&breaker, 0, 0));
    cr_expect_not(breaker_good(&breaker), "it was not open");
    cr_expect_not(breaker_bad(&breaker, 0, 0));
    cr_expect_not(breaker_bad(&breaker, 0, 0));
    cr_expect(breaker_bad(&breaker, 0, UINT32_MAX));
    cr_expect_eq(breaker_state(&breaker, 99), BREAKER_OPEN);
    cr_expect_eq(breaker_state(&breaker, 100), BREAKER_DUE);
    breaker_probe(&breaker);
    cr_expect_eq(breaker_state(&breaker, 100), BREAKER_PROBING);
    cr_expect_not(breaker_bad(&breaker, 100, UINT32_MAX), "it was open already");
    cr_expect_eq(breaker_state(&breaker, 299), BREAKER_OPEN);
    cr_expect_eq(breaker_state(&breaker, 300), BREAKER_DUE);
    breaker_probe(&breaker);
    cr_expect(breaker_good(&breaker));
    cr_expect_eq(breaker_state(&breaker, 300), BREAKER_CLOSED);
    cr_expect_eq(breaker.failures, 0);
}

Test(sources_breaker, without_a_limit_it_stays_closed, .timeout = 10)
{
    struct breaker breaker;
    breaker_init(&breaker, 0, 100, 1000);
    for (unsigned i = 0; i < 100; i++) cr_expect_not(breaker_bad(&breaker, i, 0));
    cr_expect_eq(breaker_state(&breaker, 100), BREAKER_CLOSED);
}
