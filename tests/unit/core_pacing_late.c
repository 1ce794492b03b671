/* tests/unit/core_pacing_late.c - Agents who come too late for those who have answered: when nothing is dialled ahead
 * any more, what is tried then, and when it is tried again. */
#include <criterion/criterion.h>

#include "tests/unit/pacer_made.h"

TestSuite(core_pacing_late, .timeout = 120);

Test(core_pacing_late, agents_show_first_that_they_come_in_time)
{
    struct pacer pacer;
    struct pacer_rules set = rules(PACER_progressive);
    pacer_init(&pacer, &set);
    struct pacer_answer answer = asked(&pacer, SECOND_US, 20, 0);
    cr_assert_eq(answer.dial, 1);
    cr_assert_eq(answer.why, PACER_WHY_first_calls);
    pacer_dialled(&pacer, SECOND_US);
    cr_assert_eq(asked(&pacer, SECOND_US, 20, 0).dial, 0);
    pacer_failed(&pacer, 2 * SECOND_US, SECOND_US);
    cr_assert_eq(asked(&pacer, 2 * SECOND_US, 20, 0).dial, 1, "nobody has shown anything");
    for (unsigned n = 1; n < 40; n++) {
        cr_assert_eq(asked(&pacer, 2 * SECOND_US, 20, 0).dial, 1 + n / 4, "hardly anybody answers: %u", n);
        pacer_dialled(&pacer, 2 * SECOND_US);
        pacer_failed(&pacer, 2 * SECOND_US, 2 * SECOND_US);
    }
    for (unsigned n = 0; n < 2; n++) {
        pacer_dialled(&pacer, 2 * SECOND_US);
        pacer_answered(&pacer, 2 * SECOND_US, 2 * SECOND_US);
        pacer_connected(&pacer, 2 * SECOND_US, 2 * SECOND_US);
        cr_assert_eq(asked(&pacer, 2 * SECOND_US, 20, n + 1).dial, 4 + 2 * n);
    }
}

/* A list that nobody answers would keep those beside it from their first number for ever; a person who has answered
 * shows within seconds whether agents come in time. */
Test(core_pacing_late, the_first_number_waits_for_who_has_answered_beside_and_not_for_what_rings)
{
    struct pacer pacer, other;
    struct pacer_rules set = rules(PACER_progressive);
    pacer_init(&pacer, &set);
    pacer_init(&other, &set);
    const struct pacer *beside = &other;
    struct pacer_agents agents = {
        .ready = 20, .beside = &beside, .beside_count = 1, .bound = pacer_bound(&other, SECOND_US)};
    pacer_dialled(&other, SECOND_US);
    cr_expect_eq(pacer_ask(&pacer, SECOND_US, &agents).dial, 1);
    pacer_answered(&other, 2 * SECOND_US, SECOND_US);
    cr_expect_eq(pacer_ask(&pacer, 2 * SECOND_US, &agents).dial, 0);
    cr_expect_eq(pacer_ask(&pacer, 2 * SECOND_US, &agents).why, PACER_WHY_first_calls);
    pacer_connected(&other, 3 * SECOND_US, 2 * SECOND_US);
    pacer_sees(&pacer, 3 * SECOND_US, false);
    cr_expect_eq(pacer_ask(&pacer, 3 * SECOND_US, &agents).dial, 2);
}

Test(core_pacing_late, at_last_nothing_is_dialled_where_agents_come_too_late)
{
    struct pacer pacer = made(rules(PACER_progressive));
    for (unsigned n = 0; n < 2; n++) {
        pacer_dialled(&pacer, 4 * n * SECOND_US);
        pacer_answered(&pacer, 4 * n * SECOND_US, 4 * n * SECOND_US);
        pacer_abandoned(&pacer, (4 * n + 2) * SECOND_US, true);
        struct pacer_answer answer = asked(&pacer, (4 * n + 2) * SECOND_US, 20, 0);
        cr_assert_eq(answer.dial, 0, "the quarter of an hour bears no second one");
        cr_assert_eq(answer.why, PACER_WHY_late);
    }
    cr_assert_eq(asked(&pacer, 5 * 60 * SECOND_US, 20, 0).dial, 0);
    cr_assert_eq(asked(&pacer, HOUR_US / 2, 20, 0).dial, 1, "it is tried again");
    for (unsigned n = 0; n < 200; n++) {
        pacer_dialled(&pacer, HOUR_US);
        pacer_answered(&pacer, HOUR_US, HOUR_US);
        pacer_connected(&pacer, HOUR_US, HOUR_US);
    }
    struct pacer_answer answer = asked(&pacer, HOUR_US, 20, 0);
    cr_assert(answer.dial > 1 && answer.dial < 10, "%u", answer.dial);
    cr_assert_eq(answer.why, PACER_WHY_some_late);
    for (uint64_t now_us = HOUR_US; now_us < 4 * HOUR_US; now_us += 60 * SECOND_US) asked(&pacer, now_us, 20, 0);
    cr_assert_eq(asked(&pacer, 4 * HOUR_US, 20, 0).dial, 20, "it is forgotten");
}

/* Where agents never come in time few people are lost, and a switch that is mended is soon seen to be. */
Test(core_pacing_late, each_try_in_vain_doubles_the_pause)
{
    struct pacer pacer = made(rules(PACER_progressive));
    uint64_t now_us = HOUR_US;
    for (unsigned n = 0; n < 7; n++) tried(&pacer, now_us, true); /* as many as rang when it began: one pause */
    for (unsigned minutes = 10; minutes <= 160; minutes *= 2) {
        uint64_t of_quarter = minutes == 10 ? 20 : minutes; /* which is over later; meanwhile a pause fades somewhat */
        uint64_t again_us = now_us + minutes * 54 * SECOND_US, latest_us = now_us + of_quarter * 60 * SECOND_US;
        for (; now_us < again_us; now_us += 10 * SECOND_US) cr_assert_eq(asked(&pacer, now_us, 20, 0).dial, 0);
        for (; asked(&pacer, now_us, 20, 0).dial == 0; now_us += 10 * SECOND_US) cr_assert_lt(now_us, latest_us);
        cr_assert_eq(asked(&pacer, now_us, 20, 0).dial, 1, "after %u minutes", minutes);
        if (minutes < 160) tried(&pacer, now_us, true);
    }
    unsigned calls = 0;
    for (; calls < 1000 && asked(&pacer, now_us, 20, 0).dial == 1; calls++) tried(&pacer, now_us, false);
    int64_t credit = ceiling_credit(&pacer.ceiling, now_us);
    cr_assert(credit >= 1000 && credit < 1100, "until the window has room for one: %u, %ld", calls, (long)credit);
}

/* One who comes too late is borne by a window with room for one more; two in a row are a switch that is slow, whatever
 * room there is. */
Test(core_pacing_late, the_pause_begins_with_the_second_who_is_late_or_without_room_for_one)
{
    for (unsigned answers = 39; answers <= 40; answers++) {
        struct pacer_rules set = rules(PACER_progressive);
        set.limit = 50;
        struct pacer pacer = made(set);
        for (unsigned n = 1; n < answers; n++) tried(&pacer, HOUR_US, false);
        tried(&pacer, HOUR_US, true);
        cr_assert_eq(ceiling_credit(&pacer.ceiling, HOUR_US), 50 * (int64_t)answers - 1000);
        cr_expect_eq(pacer.again_us > HOUR_US, answers == 39, "%u", answers);
    }
    struct pacer pacer = made(rules(PACER_progressive));
    for (unsigned n = 0; n < 1000; n++) tried(&pacer, HOUR_US, false);
    tried(&pacer, HOUR_US, true);
    cr_expect_leq(pacer.again_us, HOUR_US);
    tried(&pacer, HOUR_US, true);
    cr_expect_gt(pacer.again_us, HOUR_US);
    cr_expect_gt(ceiling_credit(&pacer.ceiling, HOUR_US), 10000);
}

/* Where one in hundreds comes too late, the quarter has room for more by all who answer in it. */
Test(core_pacing_late, a_quarter_in_which_many_answer_bears_some_who_are_late)
{
    struct pacer pacer = made(rules(PACER_progressive));
    asked(&pacer, HOUR_US, 20, 0); /* what it learns ages from then on */
    for (unsigned n = 0; n < 400; n++) tried(&pacer, HOUR_US + n * SECOND_US, n == 200);
    cr_assert_eq(asked(&pacer, HOUR_US + 400 * SECOND_US, 20, 0).dial, 20);
    for (unsigned n = 0; n < 9; n++) tried(&pacer, HOUR_US + 400 * SECOND_US, true);
    cr_assert_eq(asked(&pacer, HOUR_US + 400 * SECOND_US, 20, 0).dial, 0, "and not those of everybody");
}

/* Where more come too late than a third of the limit, many answers are no reason to go on. */
Test(core_pacing_late, a_quarter_bears_one_where_agents_come_too_late_often)
{
    struct pacer pacer = made(rules(PACER_progressive));
    asked(&pacer, HOUR_US, 20, 0);
    for (unsigned n = 0; n < 100; n++) tried(&pacer, HOUR_US + n * SECOND_US, n == 50 || n == 99);
    struct pacer_answer answer = asked(&pacer, HOUR_US + 100 * SECOND_US, 20, 0);
    cr_assert_eq(answer.dial, 0);
    cr_assert_eq(answer.why, PACER_WHY_late);
}

/* Agents who need nearly all of the wait are known as such by the first of them. */
Test(core_pacing_late, of_the_first_agents_the_slowest_counts)
{
    struct pacer pacer = made(rules(PACER_progressive));
    for (unsigned n = 0; n < 21; n++) {
        bool slow = n == 1 || n == 20;
        if (n == 20) pacer.served_us = 0;
        pacer_dialled(&pacer, HOUR_US);
        pacer_answered(&pacer, HOUR_US, HOUR_US);
        pacer_connected(&pacer, HOUR_US + 1800000, HOUR_US + (slow ? 0 : 1700000));
        if (n == 1) cr_assert_eq(pacer.served_us, 1800000);
    }
    cr_assert_eq(pacer.served_us, 450000, "later ones count by and by");
}

/* A day of twenty agents of whom each comes too late to a share of those who answer. 35 in 100 answer, after 5 s; calls
 * last for 70 s. */
struct late_day {
    unsigned answered, lost, quarters, above; /* quarters with more than one lost, and those above 3 % of them */
    double busy;
};

static struct late_day late_day_play(double late, unsigned hours)
{
    enum { AGENTS = 20, RING_S = 5, GIVES_UP_S = 20, TALK_S = 70, KEPT_S = 128 };
    static unsigned rings[KEPT_S], answers[KEPT_S], lost[KEPT_S], ends[KEPT_S];
    struct pacer_rules set = rules(PACER_progressive);
    struct late_day day = {0};
    struct pacer pacer;
    unsigned busy = 0, of_quarter[2] = {0, 0};
    pacer_init(&pacer, &set);
    for (unsigned at = 0; at < KEPT_S; at++) rings[at] = answers[at] = lost[at] = ends[at] = 0;
    for (unsigned s = 200; s < 200 + hours * 3600; s++) {
        uint64_t now_us = s * SECOND_US;
        unsigned *now = &answers[s % KEPT_S];
        for (; ends[s % KEPT_S] > 0; ends[s % KEPT_S]--, busy--) {
            pacer_over(&pacer, now_us, now_us - TALK_S * SECOND_US);
            pacer_ready(&pacer, now_us, now_us);
        }
        for (; lost[s % KEPT_S] > 0; lost[s % KEPT_S]--, busy--, day.lost++, of_quarter[1]++)
            pacer_abandoned(&pacer, now_us, true);
        for (; rings[s % KEPT_S] > 0; rings[s % KEPT_S]--)
            pacer_failed(&pacer, now_us, now_us - GIVES_UP_S * SECOND_US);
        for (; *now > 0; --*now, busy++, day.answered++, of_quarter[0]++) {
            pacer_answered(&pacer, now_us, now_us - RING_S * SECOND_US);
            bool comes_late = uniform() < late;
            if (!comes_late) pacer_connected(&pacer, now_us, now_us);
            (comes_late ? lost : ends)[(s + (comes_late ? 2 : TALK_S)) % KEPT_S]++;
        }
        for (unsigned dial = asked(&pacer, now_us, AGENTS - busy + pacer.waiting, busy - pacer.waiting).dial; dial > 0;
             dial--) {
            pacer_dialled(&pacer, now_us);
            bool answered = uniform() < 0.35;
            (answered ? answers : rings)[(s + (answered ? RING_S : GIVES_UP_S)) % KEPT_S]++;
        }
        day.busy += (double)busy / AGENTS / (hours * 3600);
        if ((s - 200) % 900 != 899) continue;
        day.quarters += of_quarter[1] > 1;
        day.above += of_quarter[1] > 1 && of_quarter[1] * 1000 > of_quarter[0] * 30;
        of_quarter[0] = of_quarter[1] = 0;
    }
    return day;
}

/* A try is nearly always in time, where one in twenty agents comes too late, and each answer costs as much as any. */
Test(core_pacing_late, where_some_agents_come_too_late_little_is_dialled)
{
    unsigned lost = 0, above = 0;
    for (unsigned n = 0; n < 20; n++) {
        struct late_day day = late_day_play(0.05, 8);
        lost += day.lost;
        above += day.above;
    }
    cr_assert_leq(lost, 20 * 10, "%u", lost);
    cr_assert_leq(above, 3, "%u", above);
}

/* Below the limit as much is dialled as each quarter of an hour bears. */
Test(core_pacing_late, where_few_agents_come_too_late_the_quarters_hold)
{
    unsigned answered = 0, lost = 0, above = 0;
    double busy = 0;
    for (unsigned n = 0; n < 20; n++) {
        struct late_day day = late_day_play(0.005, 4);
        answered += day.answered;
        lost += day.lost;
        above += day.above;
        busy += day.busy / 20;
    }
    cr_assert_leq(lost * 1000, answered * 10, "%u of %u", lost, answered);
    cr_assert_leq(above, 5, "%u", above);
    cr_assert_geq(busy, 0.4, "%f", busy);
}

/* One more who is lost uses up the credit of 970 thousandths, and does not exceed it: 30 of them come back with them.
 */
Test(core_pacing_late, the_last_of_a_credit_may_be_risked)
{
    uint32_t just = may_lose((struct pacer_bound){.credit = 970, .quarter = 1000000, .limit = 30});
    uint32_t less = may_lose((struct pacer_bound){.credit = 969, .quarter = 1000000, .limit = 30});
    cr_expect_gt(just, CHANCE_ONE / 100, "%f", part(just));
    cr_expect_lt(less, CHANCE_ONE / 1000, "%f", part(less));
}

/* Where agents have come too late, one number is dialled at a time until the window has room for one who is lost. */
Test(core_pacing_late, a_window_with_room_for_one_ends_the_tries_one_by_one)
{
    for (unsigned answered = 99; answered <= 100; answered++) {
        struct pacer pacer = made(rules(PACER_progressive));
        for (unsigned n = 0; n < answered; n++) ceiling_answered(&pacer.ceiling, HOUR_US);
        for (unsigned n = 0; n < 2; n++) ceiling_abandoned(&pacer.ceiling, HOUR_US);
        pacer.tardy = 200;
        pacer.prompt = 1000000;
        pacer.aged_us = 3 * HOUR_US;
        cr_expect_eq(asked(&pacer, 3 * HOUR_US, 20, 0).dial, answered == 100 ? 20 : 1, "%u", answered);
    }
}

/* A campaign that is loaded later takes over what is known by then, and has time pass over it from then on. */
Test(core_pacing_late, who_comes_later_takes_over_what_was_learnt_of_agents)
{
    struct pacer before = made(rules(PACER_progressive)), later = before, heard = before;
    asked(&before, HOUR_US, 20, 0);
    for (unsigned n = 0; n < 3; n++) {
        tried(&before, HOUR_US, true);
        pacer_sees(&heard, HOUR_US, true);
    }
    tried(&before, HOUR_US, false);
    pacer_joins(&later, HOUR_US, &before);
    cr_expect(later.late == before.late && later.again_us == before.again_us && later.pause_us == before.pause_us);
    cr_expect(later.served_us == before.served_us && later.tardy == before.tardy && later.prompt == before.prompt);
    cr_expect_eq(later.ceiling.all_answered, 0u, "the counts are of each campaign");
    uint32_t late = later.late;
    cr_expect_eq(asked(&later, HOUR_US + SECOND_US, 20, 0).dial, 0);
    cr_expect_eq(later.late, late, "nothing fades by the time before");
    late = heard.late;
    cr_expect_eq(asked(&heard, HOUR_US + SECOND_US, 20, 0).dial, 0);
    cr_expect_eq(heard.late, late);
    struct pacer last = made(rules(PACER_progressive));
    pacer_joins(&last, 4 * HOUR_US, &before); /* which nobody has asked since */
    cr_expect(last.late < before.late / 8 && before.late == later.late, "%u, %u", last.late, before.late);
    pacer_joins(&later, HOUR_US, &last);
    cr_expect_eq(later.late, before.late, "what shows more counts");
}

/* What an unloaded campaign has learnt is kept until time has passed over all of it. */
Test(core_pacing_late, a_pacer_knows_until_time_has_passed_over_all)
{
    const uint64_t step_us = UINT64_C(1) << 27; /* in which knowledge ages once */
    struct pacer_rules set = rules(PACER_progressive);
    set.window_us = HOUR_US;
    struct pacer pacer = made(set);
    cr_expect_not(pacer_knows(&pacer, 0));
    tried(&pacer, 9 * step_us, false);
    cr_expect(pacer_knows(&pacer, 9 * step_us + HOUR_US));
    cr_expect_not(pacer_knows(&pacer, 9 * step_us + 2 * HOUR_US), "nobody has asked it, so nothing is learnt");
    asked(&pacer, 10 * step_us, 1, 0);
    cr_expect(pacer_knows(&pacer, 75 * step_us - 1));
    cr_expect_not(pacer_knows(&pacer, 75 * step_us));
    pacer.again_us = 80 * step_us;
    cr_expect(pacer_knows(&pacer, 80 * step_us - 1));
    cr_expect_not(pacer_knows(&pacer, 80 * step_us));
}

/* Two campaigns on the same agents cost one person at each try, and not two. */
Test(core_pacing_late, what_another_campaign_tries_is_not_tried_twice)
{
    struct pacer pacer = made(rules(PACER_progressive)), other = made(rules(PACER_progressive));
    const struct pacer *beside = &other;
    struct pacer_agents agents = {
        .ready = 20, .beside = &beside, .beside_count = 1, .bound = {.credit = 5000, .quarter = 5000, .limit = 30}};
    for (unsigned n = 0; n < 2; n++) pacer_sees(&pacer, SECOND_US, true);
    cr_assert_eq(pacer_ask(&pacer, 60 * SECOND_US, &agents).dial, 0);
    pacer_dialled(&other, 700 * SECOND_US);
    cr_assert_eq(pacer_ask(&pacer, 700 * SECOND_US, &agents).dial, 0);
    pacer_failed(&other, 720 * SECOND_US, 700 * SECOND_US);
    cr_assert_eq(pacer_ask(&pacer, 720 * SECOND_US, &agents).dial, 1);
}
