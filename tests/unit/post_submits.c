/* tests/unit/post_submits.c - What was submitted is answered once, in its order, also where who hears an answer submits
 * more. */
#include <criterion/criterion.h>

#include "runtime/post/submits.h"

TestSuite(post_submits, .timeout = 10);

enum { FIRST = 12, MORE = 20, ALL = FIRST * (MORE + 1) };

static struct submits submits;
static struct submit all[ALL];
static unsigned put, answered, posted;
static uint64_t last;

static void put_one(uint64_t now_us)
{
    cr_assert_lt(put, ALL, "one that was put meanwhile was answered, too");
    all[put].number = submits_number(&submits);
    submits_put(&submits, &all[put], &all[put], now_us);
    put++;
}

/* Many more than the table has room for. */
static void on_answered(void *self, void *owner, const struct submit_answer *answer)
{
    const struct submit *submit = owner;
    (void)self;
    cr_assert_eq(answer->fate, SUBMIT_LATER);
    cr_assert_gt(submit->number, last, "%llu after %llu", (unsigned long long)submit->number, (unsigned long long)last);
    last = submit->number;
    answered++;
    for (unsigned i = 0; i < MORE; i++) put_one(200);
}

static bool is_not_posted(void *self, void *owner)
{
    const struct submit *submit = owner;
    (void)self;
    return ++posted && submit->number % 2 == 0;
}

static void begin(void)
{
    submits_init(&submits, 1000, on_answered, NULL);
    while (put < FIRST) put_one(100);
}

static void no_owner(void *owner)
{
    (void)owner;
}

Test(post_submits, those_that_have_waited_are_put_off_and_none_that_came_meanwhile, .init = begin)
{
    submits_put_off(&submits, 300, 200);
    cr_expect_eq(answered, FIRST, "%u", answered);
    cr_expect_eq(g_hash_table_size(submits.all), FIRST * MORE);
    submits_free(&submits, no_owner);
}

Test(post_submits, each_that_was_there_is_posted_again_once, .init = begin)
{
    submits_again(&submits, is_not_posted);
    cr_expect_eq(posted, FIRST, "%u", posted);
    cr_expect_eq(answered, FIRST / 2, "%u", answered);
    submits_free(&submits, no_owner);
}

Test(post_submits, those_that_have_not_waited_so_long_go_on_waiting, .init = begin)
{
    submits_put_off(&submits, 299, 200);
    submits_put_off(&submits, 199, 200);
    cr_expect_eq(answered, 0, "%u", answered);
    cr_expect_eq(g_hash_table_size(submits.all), FIRST);
    submits_free(&submits, no_owner);
}
