/* tests/unit/core_vq.c - Ranks: priority before age; places kept. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/selector.h"
#include "runtime/core/queues/vq.h"

TestSuite(core_vq, .timeout = 20);

static uint64_t slot_is_id(const void *owner, uint32_t slot)
{
    (void)owner;
    return slot;
}

/* Joins those who want the line of that function, with an age that began before. */
static uint32_t enter_aged(struct vqs *vqs, uint32_t vq, uint16_t function, uint32_t ixn, int64_t priority,
                           uint64_t now_us, uint64_t age_us)
{
    struct vm_line line = {.kind = LINE_LEAF, .function = function};
    uint32_t visit = vq_enter(vqs, vq, ixn, priority, now_us, age_us);
    vq_join(vqs, visit, vq_want(vqs, &(struct wanted){.vq = (uint16_t)vq, .link = 16, .count = 1, .lines = &line}));
    return visit;
}

static uint32_t enter(struct vqs *vqs, uint32_t vq, uint16_t function, uint32_t ixn, int64_t priority, uint64_t now_us)
{
    return enter_aged(vqs, vq, function, ixn, priority, now_us, now_us);
}

static uint32_t first_of(const struct vqs *vqs, uint32_t visit)
{
    return selector_at(&vqs->wants, visit_at(vqs, visit)->want)->first;
}

Test(core_vq, priority_comes_before_age_and_age_before_number)
{
    struct vqs vqs;
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1);
    uint32_t old = enter(&vqs, vq, 1, 1, 0, 10), young = enter(&vqs, vq, 1, 2, 0, 20);
    uint32_t gold = enter(&vqs, vq, 1, 4, 50, 30), twin = enter(&vqs, vq, 1, 3, 0, 20);
    cr_assert_eq(first_of(&vqs, old), gold);
    struct vq_walk walk;
    vq_walk_begin(&walk, &vqs, visit_at(&vqs, old)->want);
    cr_assert_eq(vq_walk_next(&walk), gold);
    cr_assert_eq(vq_walk_next(&walk), old);
    cr_assert_eq(vq_walk_next(&walk), young);
    cr_assert_eq(vq_walk_next(&walk), twin);
    cr_assert_eq(vq_walk_next(&walk), VISIT_NONE);
    vq_rerank(&vqs, twin, 51);
    cr_assert_eq(first_of(&vqs, old), twin);
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}

Test(core_vq, the_age_goes_before_when_the_visit_began)
{
    struct vqs vqs;
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1);
    uint32_t came = enter(&vqs, vq, 1, 1, 0, 60), back = enter_aged(&vqs, vq, 1, 2, 0, 90, 10);
    cr_assert_eq(first_of(&vqs, came), back);
    cr_assert_eq(vq_position(&vqs, came), 2);
    cr_assert_eq(vq_position_of_new(&vqs, vq, 3, 0, 40), 2);
    cr_assert_eq(vq_oldest_us(&vqs, vq), 10);
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}

Test(core_vq, a_position_counts_all_who_wait_whatever_they_want)
{
    struct vqs vqs;
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1);
    enter(&vqs, vq, 1, 1, 0, 10);
    enter(&vqs, vq, 2, 2, 50, 20);
    uint32_t last = enter(&vqs, vq, 2, 3, 0, 30);
    enter(&vqs, vq_open(&vqs, 2), 2, 4, 99, 5); /* of another queue */
    cr_assert_eq(vq_position(&vqs, last), 3u);
    vqs_free(&vqs);
}

Test(core_vq, those_who_want_the_same_stand_together_and_a_want_of_nobody_is_forgotten)
{
    struct vqs vqs;
    struct vm_line line = {.kind = LINE_LEAF, .function = 1};
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1);
    uint32_t one = enter(&vqs, vq, 1, 1, 0, 10), two = enter(&vqs, vq, 1, 2, 0, 20),
             other = enter(&vqs, vq, 2, 3, 0, 5);
    cr_assert_eq(visit_at(&vqs, one)->want, visit_at(&vqs, two)->want);
    cr_assert_neq(visit_at(&vqs, one)->want, visit_at(&vqs, other)->want);
    vq_join(&vqs, other,
            vq_want(&vqs, &(struct wanted){
                              .vq = (uint16_t)vq, .link = 16, .count = 1, .lines = &line})); /* its line has opened */
    cr_assert_eq(first_of(&vqs, one), other);
    cr_assert_eq(vqs.wants.by_key.count, 1u);
    vq_leave(&vqs, one, VISIT_CLEARED, 40);
    vq_leave(&vqs, two, VISIT_CLEARED, 40);
    vq_leave(&vqs, other, VISIT_CLEARED, 40);
    cr_assert_eq(vqs.wants.by_key.count, 0u);
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}

Test(core_vq, the_pace_is_of_times_while_somebody_waits)
{
    struct vqs vqs;
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1);
    vq_leave(&vqs, enter(&vqs, vq, 1, 1, 0, 1000), VISIT_DISTRIBUTED, 1000);
    uint64_t low_us, high_us;
    cr_assert_eq(vq_expected_us(&vqs, vq, 1), UINT64_MAX);
    cr_assert_not(vq_range_us(&vqs, vq, 1, &low_us, &high_us));
    uint32_t one = enter(&vqs, vq, 1, 2, 0, 9000), two = enter(&vqs, vq, 1, 3, 0, 9000);
    uint32_t three = enter(&vqs, vq, 1, 4, 0, 9000), four = enter(&vqs, vq, 1, 5, 0, 9000);
    vq_leave(&vqs, one, VISIT_DISTRIBUTED, 9000);
    cr_assert_eq(vq_expected_us(&vqs, vq, 1), 8000u, "a guess: how often they come");
    vq_leave(&vqs, two, VISIT_DISTRIBUTED, 9100);
    cr_assert_eq(vq_expected_us(&vqs, vq, 1), 100u, "the guess is forgotten");
    vq_leave(&vqs, three, VISIT_ABANDONED, 9400);
    cr_assert_eq(vq_expected_us(&vqs, vq, 3), 600u, "who hangs up counts too");
    cr_assert(vq_range_us(&vqs, vq, 3, &low_us, &high_us));
    cr_assert_eq(low_us, 600u * 313 / 1000, "a third below: two times were measured");
    cr_assert_eq(high_us, 600u * 3525 / 1000);
    vq_leave(&vqs, four, VISIT_CLEARED, 9900);
    cr_assert_eq(vq_expected_us(&vqs, vq, 1), 200u, "who is taken away by the strategy does not");
    vq_leave(&vqs, enter(&vqs, vq, 1, 6, 0, 50000), VISIT_DISTRIBUTED, 50000);
    cr_assert_eq(vq_expected_us(&vqs, vq, 1), 200u, "nor who comes when nobody waits");
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}

Test(core_vq, who_waits_in_two_queues_has_the_position_and_the_pace_of_each)
{
    enum { QUEUES = 2 };
    struct vqs vqs;
    uint32_t leaves[QUEUES][3];
    vqs_init(&vqs, NULL, slot_is_id);
    for (uint32_t vq = 0; vq < QUEUES; vq++) {
        vq_open(&vqs, vq + 1);
        for (uint32_t i = 0; i < 3; i++) leaves[vq][i] = enter(&vqs, vq, 1, 10 * vq + i, 0, 1000);
    }
    enter(&vqs, 1, 1, 30, 9, 1000); /* stays, and has the better rank */
    uint32_t both = enter(&vqs, 0, 1, 31, 0, 2000);
    uint32_t further = vq_enter_further(&vqs, both, 1, 2000);
    for (uint32_t vq = 0; vq < QUEUES; vq++)
        for (uint32_t i = 0; i < 3; i++)
            vq_leave(&vqs, leaves[vq][i], VISIT_DISTRIBUTED, 3000 + i * (vq == 0 ? 100 : 700));
    cr_assert_eq(vq_position(&vqs, both), 1u);
    cr_assert_eq(vq_position(&vqs, further), 2u);
    cr_assert_eq(vq_expected_us(&vqs, 0, vq_position(&vqs, both)), 100u);
    cr_assert_eq(vq_expected_us(&vqs, 1, vq_position(&vqs, further)), 1400u);
    vq_leave(&vqs, further, VISIT_CLEARED, 5000);
    vq_leave(&vqs, both, VISIT_DISTRIBUTED, 5000);
    cr_assert_eq(vq_expected_us(&vqs, 1, 1), 700u, "who is served in the other queue has not moved this one");
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}

Test(core_vq, who_was_selected_in_vain_has_the_old_place_again)
{
    struct vqs vqs;
    struct vm_line line = {.kind = LINE_LEAF, .function = 1};
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1);
    uint32_t first = enter(&vqs, vq, 1, 1, 0, 10), second = enter(&vqs, vq, 1, 2, 0, 20);
    vq_select(&vqs, first);
    cr_assert_eq(vqs.all[vq].waiting, 2u);
    cr_assert(vqs_check(&vqs));
    vq_join(&vqs, first, vq_want(&vqs, &(struct wanted){.vq = (uint16_t)vq, .link = 16, .count = 1, .lines = &line}));
    cr_assert_eq(first_of(&vqs, second), first);
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}

Test(core_vq, those_who_have_not_left_wait)
{
    enum { MANY = 600 };
    struct vqs vqs;
    static uint32_t visits[MANY];
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1), other = vq_open(&vqs, 2);
    for (uint32_t at = 0; at < MANY; at++) {
        visits[at] = enter(&vqs, at % 4 == 0 ? other : vq, (uint16_t)(at % 5), at + 1, at % 7, 100 + at % 13);
        if (at % 3 == 0) vq_select(&vqs, visits[at]);
        if (at % 2 == 0) vq_leave(&vqs, visits[at], (enum visit_end)(at / 2 % 3), 1000 + at);
    }
    cr_assert(vqs_check(&vqs));
    cr_assert_eq(vqs.all[vq].waiting + vqs.all[other].waiting, MANY / 2);
    vqs_free(&vqs);
}

Test(core_vq, an_interaction_in_several_queues_has_a_place_in_each)
{
    enum { MANY = 60, QUEUES = 4, TURNS = 3000 };
    struct vqs vqs;
    struct vm_line line = {.kind = LINE_LEAF, .function = 1};
    uint64_t seed = 7;
    uint32_t visits[MANY];
    vqs_init(&vqs, NULL, slot_is_id);
    for (uint32_t vq = 0; vq < QUEUES; vq++) cr_assert_eq(vq_open(&vqs, vq + 1), vq);
    for (uint32_t at = 0; at < MANY; at++) visits[at] = VISIT_NONE;
    for (uint32_t turn = 0; turn < TURNS; turn++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint32_t at = (uint32_t)(seed >> 33) % MANY, draw = (uint32_t)(seed >> 40), vq = draw / 8 % QUEUES;
        if (visits[at] == VISIT_NONE) {
            visits[at] = enter_aged(&vqs, vq, 1, at, draw / 64 % 3, 100 + turn, turn + draw % 100);
        } else if (draw % 8 == 0) {
            while (vq_further(&vqs, visits[at]) != VISIT_NONE)
                vq_leave(&vqs, vq_further(&vqs, visits[at]), VISIT_CLEARED, 100 + turn);
            vq_leave(&vqs, visits[at], VISIT_DISTRIBUTED, 100 + turn);
            visits[at] = VISIT_NONE;
        } else if (draw % 8 <= 2) {
            uint32_t there = vq_visit_in(&vqs, visits[at], vq);
            if (there == VISIT_NONE)
                vq_enter_further(&vqs, visits[at], vq, 100 + turn);
            else if (there != visits[at])
                vq_leave(&vqs, there, VISIT_CLEARED, 100 + turn);
        } else if (draw % 8 == 3) {
            if (visit_at(&vqs, visits[at])->state == VISIT_WAITING) vq_select(&vqs, visits[at]);
        } else if (draw % 8 == 4) {
            vq_rerank(&vqs, visits[at], draw / 64 % 5);
        } else {
            uint16_t own = visit_at(&vqs, visits[at])->vq;
            struct wanted wanted = {.vq = own, .count = 1, .lines = &line, .goal_us = draw / 64 % 3 * 500};
            vq_join(&vqs, visits[at], vq_want(&vqs, &wanted));
        }
        cr_assert(vqs_check(&vqs));
        for (vq = 0; vq < QUEUES; vq++) { /* who waits there, counted by looking at everybody */
            uint64_t waiting = 0, oldest_us = UINT64_MAX;
            for (at = 0; at < MANY; at++) {
                uint32_t visit = vq_visit_in(&vqs, visits[at], vq), better = 1;
                if (visit == VISIT_NONE) continue;
                const struct visit *who = visit_at(&vqs, visit);
                waiting++;
                if (who->age_us < oldest_us) oldest_us = who->age_us;
                cr_assert_eq(who->age_us, visit_at(&vqs, visits[at])->age_us);
                if (turn % 16 != 0 || visit_at(&vqs, visits[at])->want == SELECTOR_NONE) continue;
                for (uint32_t by = 0; by < MANY; by++) {
                    uint32_t other = vq_visit_in(&vqs, visits[by], vq);
                    better += other != VISIT_NONE && visit_at(&vqs, visits[by])->want != SELECTOR_NONE &&
                              visit_before(&vqs, visit_at(&vqs, other), who);
                }
                cr_assert_eq(vq_position(&vqs, visit), better);
            }
            cr_assert_eq(vqs.all[vq].waiting, waiting);
            cr_assert_eq(vq_oldest_us(&vqs, vq), oldest_us);
        }
    }
    vqs_free(&vqs);
}

/* Each selector has two clauses, both of which stand first under the same group. */
static void two_clauses(const void *owner, struct selector *want)
{
    (void)owner;
    want->clauses = memory_grow(want->clauses, &want->clause_capacity, 2, sizeof *want->clauses);
    for (want->clause_count = 0; want->clause_count < 2; want->clause_count++)
        want->clauses[want->clause_count] =
            (struct demand_clause){.terms = {{1, TYPE_GROUP, 1}, {2 + want->clause_count, TYPE_SKILL, 1}}, .count = 2};
}

Test(core_vq, clauses_of_one_selector_that_stand_in_one_heap_keep_it_in_order)
{
    enum { VISITS = 40, SELECTORS = 12 };
    struct vqs vqs;
    uint64_t seed = 1;
    uint32_t visits[VISITS];
    vqs_init(&vqs, NULL, slot_is_id);
    vqs.read = two_clauses;
    uint32_t vq = vq_open(&vqs, 1);
    for (uint32_t at = 0; at < VISITS; at++) visits[at] = enter(&vqs, vq, (uint16_t)(at % SELECTORS), at, 0, at);
    for (int times = 0; times < 2000; times++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        vq_rerank(&vqs, visits[(seed >> 33) % VISITS], (int64_t)(seed >> 40 & 63));
        cr_assert(vqs_check(&vqs));
    }
    vqs_free(&vqs);
}

Test(core_vq, who_leaves_first_is_no_walk_for_who_asks_how_long_the_next_has_waited)
{
    enum { MANY = 300000 };
    struct vqs vqs;
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1);
    uint32_t *visits = memory_zeroed(MANY, sizeof *visits);
    for (uint32_t at = 0; at < MANY; at++) visits[at] = vq_enter(&vqs, vq, at, 0, at, at);
    for (uint32_t at = 0; at < MANY; at++) {
        cr_assert_eq(vq_oldest_us(&vqs, vq), at);
        vq_leave(&vqs, visits[at], VISIT_DISTRIBUTED, MANY);
    }
    cr_assert_eq(vq_oldest_us(&vqs, vq), UINT64_MAX);
    free(visits);
    vqs_free(&vqs);
}

Test(core_vq, who_comes_back_with_their_age_takes_no_more_room)
{
    struct vqs vqs;
    vqs_init(&vqs, NULL, slot_is_id);
    uint32_t vq = vq_open(&vqs, 1);
    cr_assert_eq(vq_oldest_us(&vqs, vq), UINT64_MAX);
    for (uint64_t round = 1; round <= 10000; round++) {
        uint32_t visit = enter_aged(&vqs, vq, 1, 1, 0, round, 1);
        if (round < 10000) vq_leave(&vqs, visit, VISIT_CLEARED, round);
    }
    cr_assert_eq(vq_oldest_us(&vqs, vq), 1);
    cr_expect_lt(vqs.all[vq].ages.count, 1000);
    cr_assert(vqs_check(&vqs));
    vqs_free(&vqs);
}
