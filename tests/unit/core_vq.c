/* tests/unit/core_vq.c - Ranks: priority before age; places kept; and the counters always add up. */
#include <criterion/criterion.h>

#include "runtime/core/vq.h"

TestSuite(core_vq, .timeout = 20);

Test(core_vq, priority_comes_before_age_and_age_before_number)
{
    struct vqs vqs;
    vqs_init(&vqs);
    uint32_t vq = vq_open(&vqs, 1);
    uint32_t old = vq_enter(&vqs, vq, 1, 0, 10), young = vq_enter(&vqs, vq, 2, 0, 20);
    uint32_t gold = vq_enter(&vqs, vq, 4, 50, 30), twin = vq_enter(&vqs, vq, 3, 0, 20);
    cr_assert_eq(vq_first(&vqs, vq), gold);
    cr_assert_eq(vq_after(&vqs, gold), old);
    cr_assert_eq(vq_after(&vqs, old), young);
    cr_assert_eq(vq_after(&vqs, young), twin);
    cr_assert_eq(vq_after(&vqs, twin), VISIT_NONE);
    cr_assert_eq(vq_position(&vqs, young), 3u);
    vq_rerank(&vqs, twin, 51);
    cr_assert_eq(vq_first(&vqs, vq), twin);
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}

Test(core_vq, who_was_selected_in_vain_has_the_old_place_again)
{
    struct vqs vqs;
    vqs_init(&vqs);
    uint32_t vq = vq_open(&vqs, 1);
    uint32_t first = vq_enter(&vqs, vq, 1, 0, 10);
    vq_enter(&vqs, vq, 2, 0, 20);
    vq_select(&vqs, first);
    cr_assert_eq(vqs.all[vq].waiting, 2u);
    cr_assert(vqs_check(&vqs));
    vq_return(&vqs, first);
    cr_assert_eq(vq_first(&vqs, vq), first);
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}

Test(core_vq, entered_is_distributed_and_abandoned_and_cleared_and_waiting)
{
    enum { MANY = 600 };
    struct vqs vqs;
    static uint32_t visits[MANY];
    vqs_init(&vqs);
    uint32_t vq = vq_open(&vqs, 1), other = vq_open(&vqs, 2);
    for (uint32_t at = 0; at < MANY; at++) {
        visits[at] = vq_enter(&vqs, at % 4 == 0 ? other : vq, at + 1, at % 7, 100 + at % 13);
        if (at % 3 == 0) vq_select(&vqs, visits[at]);
        if (at % 2 == 0) vq_leave(&vqs, visits[at], (enum visit_end)(at / 2 % 3), 1000 + at);
    }
    cr_assert(vqs_check(&vqs));
    cr_assert_eq(vqs.all[vq].entered + vqs.all[other].entered, MANY);
    cr_assert_eq(vqs.all[vq].waiting + vqs.all[other].waiting, MANY / 2);
    vqs_free(&vqs);
}
