/* tests/unit/core_pacing.c - The pacer: histories, chances against simulation, the ceiling, each mode's rule, and days
 * of the model. The whole table of days is tests/bench/pacing.sh. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "runtime/core/pacing/forecast.h"
#include "tests/unit/pacer_made.h"

TestSuite(core_pacing, .timeout = 120);

Test(core_pacing, a_history_tells_shares_quantiles_and_what_is_left)
{
    struct durations durations = {{0}};
    for (unsigned n = 0; n < 4000; n++) durations_add(&durations, (uint64_t)(-100e6 * log(uniform())));
    cr_assert_float_eq((double)durations_mean_us(&durations) / 1e6, 100, 5);
    cr_assert_float_eq((double)durations_quantile_us(&durations, CHANCE_ONE / 2) / 1e6, 69.3, 4);
    for (uint64_t age_s = 0; age_s < 200; age_s += 50) /* it has no memory */
        cr_assert_float_eq(part(durations_ends(&durations, age_s * SECOND_US, 20 * SECOND_US)), 0.181, 0.04);
    cr_assert_eq(durations_ends(&durations, 20 * HOUR_US, HOUR_US), 0, "nothing ever lasted so long");
    durations_halve(&durations);
    cr_assert_float_eq((double)durations_quantile_us(&durations, CHANCE_ONE / 2) / 1e6, 69.3, 4);
}

/* Demand and supply of so many things each, with chances of their own, against 20,000 draws. */
static void agrees(unsigned demand_count, unsigned supply_count, double tolerance)
{
    double demand_chances[400], supply_chances[400];
    struct chances demand, supply;
    unsigned differences[801] = {0}, draws = 20000;
    chances_init(&demand);
    chances_init(&supply);
    for (unsigned n = 0; n < demand_count; n++) {
        demand_chances[n] = 0.4 * uniform();
        chances_add(&demand, (uint32_t)(demand_chances[n] * CHANCE_ONE), 1);
    }
    for (unsigned n = 0; n < supply_count; n++) {
        supply_chances[n] = 0.3 * uniform();
        chances_add(&supply, (uint32_t)(supply_chances[n] * CHANCE_ONE), 1);
    }
    for (unsigned draw = 0; draw < draws; draw++) {
        unsigned difference = supply_count;
        for (unsigned n = 0; n < demand_count; n++) difference += uniform() < demand_chances[n];
        for (unsigned n = 0; n < supply_count; n++) difference -= uniform() < supply_chances[n];
        differences[difference]++;
    }
    for (int spare = -5; spare <= 10; spare++) {
        unsigned beyond = 0;
        for (int at = (int)supply_count + spare + 1; at <= (int)(supply_count + demand_count); at++)
            if (at >= 0) beyond += differences[at];
        double is = (double)beyond / draws, told = part(chances_exceed(&demand, &supply, spare));
        cr_assert_float_eq(told, is, tolerance, "%u, %u, %d: %f, not %f", demand_count, supply_count, spare, told, is);
    }
}

Test(core_pacing, small_groups_are_enumerated)
{
    agrees(1, 0, 0.015);
    agrees(12, 5, 0.015);
    agrees(CHANCES_EXACT, CHANCES_EXACT, 0.015);
    /* Against the binomial itself: 3 or more of 10 with one half. */
    struct chances demand, supply;
    chances_init(&demand);
    chances_init(&supply);
    chances_add(&demand, CHANCE_ONE / 2, 10);
    cr_assert_float_eq(part(chances_exceed(&demand, &supply, 2)), 968.0 / 1024, 1e-6);
}

Test(core_pacing, large_groups_are_normal)
{
    agrees(CHANCES_EXACT + 1, CHANCES_EXACT + 1, 0.02);
    agrees(150, 100, 0.02);
    agrees(400, 400, 0.02);
}

Test(core_pacing, the_window_slides_and_credit_is_of_what_stays)
{
    struct ceiling ceiling;
    ceiling_init(&ceiling, HOUR_US);
    ceiling_limit(&ceiling, 30);
    for (unsigned n = 0; n < 100; n++) ceiling_answered(&ceiling, 10 * 60 * SECOND_US);
    cr_assert_eq(ceiling_credit(&ceiling, 10 * 60 * SECOND_US), 3000);
    for (unsigned n = 0; n < 100; n++) ceiling_answered(&ceiling, 30 * 60 * SECOND_US);
    ceiling_abandoned(&ceiling, 30 * 60 * SECOND_US);
    cr_assert_eq(ceiling_credit(&ceiling, 40 * 60 * SECOND_US), 5000);
    cr_assert_eq(ceiling_credit(&ceiling, 70 * 60 * SECOND_US), 2000, "the first hundred are the next to go");
    cr_assert_eq(ceiling_credit(&ceiling, 71 * 60 * SECOND_US), 2000);
    cr_assert_eq(ceiling_credit(&ceiling, 200 * HOUR_US), 0);
}

Test(core_pacing, another_window_keeps_what_lies_within_it)
{
    struct ceiling ceiling;
    ceiling_init(&ceiling, DAY_US);
    ceiling_limit(&ceiling, 30);
    for (unsigned n = 0; n < 100; n++) ceiling_answered(&ceiling, HOUR_US);
    for (unsigned n = 0; n < 200; n++) ceiling_answered(&ceiling, 19 * HOUR_US);
    ceiling_abandoned(&ceiling, 20 * HOUR_US);
    ceiling_window(&ceiling, 30 * DAY_US, 20 * HOUR_US);
    cr_assert_eq(ceiling_credit(&ceiling, 20 * HOUR_US), 8000);
    cr_assert_eq(ceiling_credit(&ceiling, 20 * DAY_US), 8000);
    ceiling_window(&ceiling, 60 * DAY_US, 21 * DAY_US);
    cr_assert_eq(ceiling_credit(&ceiling, 59 * DAY_US), 8000);
    cr_assert(!ceiling_is_empty(&ceiling, 60 * DAY_US));
    cr_assert(ceiling_is_empty(&ceiling, 64 * DAY_US));

    ceiling_init(&ceiling, DAY_US);
    ceiling_limit(&ceiling, 30);
    for (unsigned n = 0; n < 100; n++) ceiling_answered(&ceiling, HOUR_US);
    ceiling_answered(&ceiling, 19 * HOUR_US);
    ceiling_abandoned(&ceiling, 19 * HOUR_US);
    ceiling_window(&ceiling, 2 * HOUR_US, 20 * HOUR_US);
    cr_assert_eq(ceiling_credit(&ceiling, 20 * HOUR_US), -970);
    cr_assert(ceiling_is_empty(&ceiling, 22 * HOUR_US));
}

Test(core_pacing, agents_dial_in_preview)
{
    struct pacer pacer = made(rules(PACER_preview)), push = made(rules(PACER_push_preview));
    struct pacer_answer answer = asked(&pacer, SECOND_US, 10, 0);
    cr_assert_eq(answer.dial, 0);
    cr_assert_eq(answer.why, PACER_WHY_agents_dial);
    cr_assert_eq(asked(&push, SECOND_US, 10, 0).why, PACER_WHY_agents_dial);
}

Test(core_pacing, progressive_calls_for_agents_who_are_ready)
{
    struct pacer pacer = made(rules(PACER_progressive));
    cr_assert_eq(asked(&pacer, 0, 4, 6).dial, 4);
    for (unsigned n = 0; n < 4; n++) pacer_dialled(&pacer, SECOND_US);
    struct pacer_answer answer = asked(&pacer, SECOND_US, 4, 6);
    cr_assert_eq(answer.dial, 0);
    cr_assert_eq(answer.why, PACER_WHY_enough_ringing);
    pacer_failed(&pacer, 2 * SECOND_US, SECOND_US);
    cr_assert_eq(asked(&pacer, 2 * SECOND_US, 4, 6).dial, 1);
    pacer_answered(&pacer, 3 * SECOND_US, SECOND_US);
    cr_assert_eq(asked(&pacer, 3 * SECOND_US, 4, 6).dial, 1, "who waits takes one of the agents");
    cr_assert_eq(asked(&pacer, 3 * SECOND_US, 0, 10).why, PACER_WHY_no_agent_ready);

    struct pacer_rules set = rules(PACER_progressive); /* fewer lines than agents; as vendors reckon it */
    set.per_agent = 700;
    pacer = made(set);
    pacer_dialled(&pacer, 0);
    cr_assert_eq(asked(&pacer, 0, 4, 0).dial, 1);
    set.per_agent = 1000, set.reserve = 3;
    pacer_set(&pacer, 0, &set);
    cr_assert_eq(asked(&pacer, 0, 5, 0).dial, 1);
    answer = asked(&pacer, 0, 3, 0);
    cr_assert_eq(answer.dial, 0);
    cr_assert_eq(answer.why, PACER_WHY_reserve);
    set.reserve = 0, set.lines = 2;
    pacer_set(&pacer, 0, &set);
    answer = asked(&pacer, 0, 5, 0);
    cr_assert_eq(answer.dial, 1);
    cr_assert_eq(answer.why, PACER_WHY_lines);
}

Test(core_pacing, more_lines_than_agents_only_where_few_enough_answer)
{
    struct pacer_rules set = rules(PACER_progressive);
    set.per_agent = 2000;
    struct pacer pacer = made(set);
    struct pacer_answer answer = asked(&pacer, 0, 5, 0);
    cr_assert_eq(answer.dial, 5);
    cr_assert_eq(answer.why, PACER_WHY_limit);
    for (unsigned n = 0; n < 100; n++) {
        pacer_dialled(&pacer, n * SECOND_US);
        pacer_answered(&pacer, n * SECOND_US, n * SECOND_US);
        pacer_connected(&pacer, n * SECOND_US, n * SECOND_US);
    }
    cr_assert_eq(asked(&pacer, 100 * SECOND_US, 5, 100).dial, 5, "each who is called has answered");
    for (unsigned n = 0; n < 900; n++) pacer_dialled(&pacer, 200 * SECOND_US);
    for (unsigned n = 0; n < 900; n++) pacer_failed(&pacer, 220 * SECOND_US, 200 * SECOND_US);
    cr_assert_eq(asked(&pacer, 220 * SECOND_US, 5, 100).dial, 7, "few answer now, and all may again at once");
    pacer.highest = 0;
    cr_assert_eq(asked(&pacer, 220 * SECOND_US, 5, 100).dial, 10, "few answer now, as ever");
}

/* One attempt and its call, answered after 5 s; then talk of 100 s and after-call work of 20 s. */
static uint64_t one_call(struct pacer *pacer, uint64_t now_us, bool abandoned)
{
    pacer_dialled(pacer, now_us);
    pacer_answered(pacer, now_us + 5 * SECOND_US, now_us);
    if (abandoned) {
        pacer_abandoned(pacer, now_us + 7 * SECOND_US, false);
        return now_us + 7 * SECOND_US;
    }
    pacer_connected(pacer, now_us + 5 * SECOND_US, now_us + 5 * SECOND_US);
    pacer_over(pacer, now_us + 105 * SECOND_US, now_us + 5 * SECOND_US);
    pacer_ready(pacer, now_us + 125 * SECOND_US, now_us + 105 * SECOND_US);
    return now_us + 125 * SECOND_US;
}

/* Nobody may be lost: each number stands for an agent who is ready, also where the mode or lines per agent say more. */
Test(core_pacing, with_a_limit_of_nobody_no_number_is_dialled_ahead)
{
    struct pacer_rules set = rules(PACER_progressive);
    set.limit = 0, set.per_agent = 2000;
    struct pacer pacer = made(set);
    cr_assert_eq(asked(&pacer, 0, 5, 0).dial, 5);
    set.mode = PACER_predictive;
    pacer = made(set);
    uint64_t now_us = SECOND_US;
    for (unsigned n = 0; n < 200; n++) now_us = one_call(&pacer, now_us, false);
    for (unsigned n = 0; n < 20; n++) {
        pacer_dialled(&pacer, now_us);
        pacer_answered(&pacer, now_us, now_us);
        pacer_connected(&pacer, now_us, now_us);
    }
    struct pacer_answer answer = asked(&pacer, now_us + 97 * SECOND_US, 2, 20);
    cr_assert_eq(answer.dial, 2, "though 20 agents are about to be free");
    cr_assert_eq(answer.why, PACER_WHY_enough_ringing);
}

static struct pacer_answer asked_beside(struct pacer *pacer, uint32_t ready, const struct pacer *beside,
                                        uint32_t promised)
{
    return pacer_ask(
        pacer, SECOND_US,
        &(struct pacer_agents){.ready = ready, .promised = promised, .beside = &beside, .beside_count = 1});
}

Test(core_pacing, an_agent_is_promised_once)
{
    struct pacer one = made(rules(PACER_progressive)), other = made(rules(PACER_progressive));
    for (unsigned n = 0; n < 3; n++) pacer_dialled(&one, SECOND_US);
    cr_assert_eq(asked_beside(&other, 4, &one, 3).dial, 1);
    cr_assert_eq(asked_beside(&other, 3, &one, 3).why, PACER_WHY_promised);
    cr_assert_eq(asked_beside(&other, 3, &one, 0).dial, 0, "whose agents they are to be or not, all may answer");
}

/* After so many calls nobody is ready, and the one agent who is in after-call work will be free before anybody answers.
 */
static uint64_t one_will_be_free(struct pacer *pacer, unsigned calls)
{
    uint64_t now_us = SECOND_US;
    for (unsigned n = 0; n < calls; n++) {
        pacer_dialled(pacer, now_us);
        pacer_answered(pacer, now_us + 5 * SECOND_US, now_us);
        pacer_connected(pacer, now_us + 5 * SECOND_US, now_us + 5 * SECOND_US);
        pacer_over(pacer, now_us + 105 * SECOND_US, now_us + 5 * SECOND_US);
        if (n < calls - 1) pacer_ready(pacer, now_us + 125 * SECOND_US, now_us + 105 * SECOND_US);
        now_us += 105 * SECOND_US + (n < calls - 1 ? 20 * SECOND_US : 18 * SECOND_US);
    }
    return now_us;
}

/* One who is lost of 32 is above 3 %, so after 32 answers nothing is dialled ahead of an agent; after 33 it is. */
Test(core_pacing, nothing_is_dialled_ahead_before_one_may_be_lost)
{
    for (unsigned calls = 32; calls <= 33; calls++) {
        struct pacer pacer = made(rules(PACER_predictive));
        uint64_t now_us = one_will_be_free(&pacer, calls);
        struct pacer_answer answer = asked(&pacer, now_us, 0, 1);
        cr_assert_eq(answer.dial, calls - 32);
        if (calls == 32) cr_assert_eq(answer.why, PACER_WHY_limit);
        cr_assert_eq(asked(&pacer, now_us, 1, 0).dial, calls - 31, "for who is ready it is");
    }
}

/* Who answers now may take the agent whom another one needs later: the worst of the later moments counts. */
Test(core_pacing, the_worst_of_the_later_moments_counts)
{
    for (unsigned moment = 0; moment < FORECAST_TIMES; moment += FORECAST_TIMES - 1) {
        struct forecast forecast;
        for (unsigned at = 0; at < FORECAST_TIMES; at++) {
            chances_init(&forecast.answers[at]);
            chances_init(&forecast.free[at]);
        }
        chances_add(&forecast.answers[moment], CHANCE_ONE / 8, 1);
        cr_assert_eq(forecast_lost(&forecast, 1), (uint64_t)CHANCE_ONE / 8 * 2 * (moment + 1) / FORECAST_TIMES);
    }
}

/* A person of another campaign who waits takes the next agent who is free. */
Test(core_pacing, who_waits_of_another_campaign_takes_the_next_agent)
{
    struct pacer pacer = made(rules(PACER_predictive));
    uint64_t now_us = one_will_be_free(&pacer, 200);
    struct pacer other = made(rules(PACER_predictive));
    const struct pacer *beside = &other;
    struct pacer_agents agents = {
        .busy = 1, .beside = &beside, .beside_count = 1, .bound = {.credit = 5000, .quarter = 5000, .limit = 30}};
    cr_assert_eq(pacer_ask(&pacer, now_us, &agents).dial, 1);
    agents.taken = 1;
    struct pacer_answer answer = pacer_ask(&pacer, now_us, &agents);
    cr_assert_eq(answer.dial, 0);
    cr_assert_eq(answer.why, PACER_WHY_too_likely_lost);
}

/* What one campaign dials ahead can cost another one its people: the smaller of their credits counts. */
Test(core_pacing, the_least_credit_of_campaigns_on_the_same_agents_counts)
{
    struct pacer pacer = made(rules(PACER_predictive)), other = made(rules(PACER_predictive));
    uint64_t now_us = SECOND_US;
    for (unsigned n = 0; n < 2000; n++) {
        if (n % 10 == 0) now_us = one_call(&pacer, now_us, false);
        pacer_dialled(&pacer, now_us);
        now_us += 8 * SECOND_US;
        pacer_failed(&pacer, now_us, now_us - 8 * SECOND_US);
    }
    const struct pacer *beside = &other;
    struct pacer_agents agents = {.ready = 6, .busy = 12};
    uint32_t alone = pacer_ask(&pacer, now_us, &agents).dial;
    agents.beside = &beside, agents.beside_count = 1;
    agents.bound = pacer_bound(&pacer, now_us);
    cr_assert_eq(pacer_ask(&pacer, now_us, &agents).dial, alone);
    agents.bound.credit = 0;
    struct pacer_answer answer = pacer_ask(&pacer, now_us, &agents);
    cr_assert_lt(answer.dial, alone, "%u, %u", answer.dial, alone);
    cr_assert_eq(answer.allowed, may_lose(agents.bound));
    agents.bound = pacer_bound_least((struct pacer_bound){-20, 8, 50}, (struct pacer_bound){10, 9, 30});
    cr_assert(agents.bound.credit == -20 && agents.bound.quarter == 8 && agents.bound.limit == 30);
}

/* One number is dialled each second. Every tenth is answered, after 2 to 11 s; the others fail after 20 s. */
static uint64_t one_in_ten_answers(struct pacer *pacer)
{
    enum { DIALLED = 1000, FAILS_S = 20, ANSWERS_S = 12 };
    for (uint64_t second = FAILS_S; second < DIALLED + 2 * FAILS_S; second++) {
        uint64_t now_us = second * SECOND_US;
        if (second < DIALLED + FAILS_S) pacer_dialled(pacer, now_us);
        for (uint64_t rang = 2; rang < ANSWERS_S; rang++) {
            uint64_t since = second - rang;
            if (since < FAILS_S || since >= DIALLED + FAILS_S || since % 10 != 5 || since / 10 % 10 + 2 != rang)
                continue;
            pacer_answered(pacer, now_us, since * SECOND_US);
            pacer_hung_up(pacer, now_us);
        }
        bool fails = second >= 2 * FAILS_S && (second - FAILS_S) % 10 != 5;
        if (fails) pacer_failed(pacer, now_us, now_us - FAILS_S * SECOND_US);
    }
    return (DIALLED + 2 * FAILS_S) * SECOND_US;
}

/* The first of many numbers to end are the ones that are answered. That is no reason to expect more answers, nor
 * to forget the others. */
Test(core_pacing, who_answers_first_of_many_changes_nothing)
{
    for (unsigned times = 1; times <= 3; times += 2) {
        struct pacer pacer = made(rules(PACER_predictive));
        uint64_t begun_us = one_in_ten_answers(&pacer);
        asked(&pacer, begun_us, 300, 0);
        uint32_t known = durations_count(&pacer.ended);
        for (unsigned n = 0; n < 300; n++) pacer_dialled(&pacer, begun_us);
        for (uint64_t rang = 2; rang < 12; rang++) {
            uint64_t now_us = begun_us + rang * SECOND_US;
            for (unsigned n = 0; n < 3 * times; n++) {
                pacer_answered(&pacer, now_us, begun_us);
                pacer_hung_up(&pacer, now_us);
            }
            asked(&pacer, now_us, 300, 0);
        }
        cr_assert_eq(durations_count(&pacer.ended), known + 30 * times);
        double more = ((double)pacer.came + ANSWER_ONE) / ((double)pacer.expected + ANSWER_ONE);
        cr_assert(times == 1 ? more >= 1 && more < 1.2 : more > 1.7, "%u times: %f", times, more);
    }
}

/* Fewer answers than were expected hide none that come later: when more people answer, the next few show it. */
Test(core_pacing, answers_that_did_not_come_hide_none_that_come)
{
    struct pacer pacer = made(rules(PACER_predictive));
    uint64_t begun_us = one_in_ten_answers(&pacer), now_us = begun_us + 15 * SECOND_US;
    for (unsigned n = 0; n < 300; n++) pacer_dialled(&pacer, begun_us);
    asked(&pacer, now_us, 300, 0);
    for (unsigned n = 0; n < 3; n++) pacer_answered(&pacer, now_us, begun_us);
    cr_assert_gt(pacer.came, pacer.expected, "thirty should have answered before, and none has");
}

/* After a loss nothing is dialled ahead in a quarter of an hour in which too few answer for a second one; where many
 * answer it is, for else too few would. */
Test(core_pacing, after_a_loss_numbers_are_dialled_ahead_where_many_answer)
{
    static const struct {
        unsigned answers, lost, dial;
    } quarters[] = {{60, 1, 0}, {80, 2, 1}, {80, 3, 1}}; /* the third is above the limit by itself */
    for (unsigned at = 0; at < sizeof quarters / sizeof *quarters; at++) {
        struct pacer pacer = made(rules(PACER_predictive));
        uint64_t now_us = one_will_be_free(&pacer, 100);
        for (unsigned n = 0; n < quarters[at].answers; n++) {
            ceiling_answered(&pacer.ceiling, now_us);
            ceiling_answered(&pacer.quarter, now_us);
        }
        for (unsigned n = 0; n < quarters[at].lost; n++) {
            ceiling_abandoned(&pacer.ceiling, now_us);
            ceiling_abandoned(&pacer.quarter, now_us);
        }
        struct pacer_answer answer = asked(&pacer, now_us, 0, 1);
        cr_assert_eq(answer.dial, quarters[at].dial, "%u: %u, %s", at, answer.dial, pacer_reason_name(answer.why));
    }
}

/* A quarter of an hour with room for fewer than three who are lost allows half as much as one with room for three. */
Test(core_pacing, a_quarter_with_little_room_allows_less)
{
    struct pacer_bound few = {.credit = 1000000, .quarter = 2999, .limit = 30}, room = few;
    room.quarter = 3000;
    cr_assert_gt(may_lose(room), may_lose(few) * 19 / 10, "%u, %u", may_lose(room), may_lose(few));
    room.quarter = 1000000, few.quarter = 900000;
    cr_assert_lt(may_lose(room), may_lose(few) * 11 / 10, "%u, %u", may_lose(room), may_lose(few));
}

/* All have answered, and one in ten answers now: if all answered at once again, no more may be lost than the credit has
 * room for. */
Test(core_pacing, people_may_answer_at_once_as_often_as_they_did)
{
    struct pacer pacer = made(rules(PACER_predictive));
    uint64_t now_us = one_will_be_free(&pacer, 40);
    for (unsigned n = 0; n < 360; n++) pacer_dialled(&pacer, now_us);
    for (unsigned n = 0; n < 360; n++) pacer_failed(&pacer, now_us + 20 * SECOND_US, now_us);
    struct pacer never = pacer;
    never.highest = 0;
    struct pacer_answer answer = asked(&pacer, now_us + 20 * SECOND_US, 4, 1);
    cr_assert_eq(answer.dial, 4u + 1u, "four are ready, and one may be lost: not %u", answer.dial);
    answer = asked(&never, now_us + 20 * SECOND_US, 4, 1);
    cr_assert_gt(answer.dial, 6u, "%u", answer.dial);
}

/* Numbers that ring, and those that other campaigns have begun, may all be answered at once, too. Other calls take
 * agents besides. */
Test(core_pacing, whatever_may_take_an_agent_is_in_the_jump)
{
    struct pacer pacer = made(rules(PACER_predictive));
    uint64_t now_us = one_in_ten_answers(&pacer);
    pacer.highest = CHANCE_ONE;
    struct forecast forecast;
    forecast_make(&forecast, &pacer, &(struct pacer_agents){.begun = 10}, now_us);
    cr_assert_geq(forecast_worst_jump(&forecast, 0), 9u, "begun: %u", forecast_worst_jump(&forecast, 0));
    for (unsigned n = 0; n < 10; n++) pacer_dialled(&pacer, now_us);
    forecast_make(&forecast, &pacer, &(struct pacer_agents){0}, now_us);
    cr_assert_geq(forecast_worst_jump(&forecast, 0), 9u, "ringing: %u", forecast_worst_jump(&forecast, 0));
    cr_assert_leq(forecast_worst(&forecast, 0), 5u, "without a jump: %u", forecast_worst(&forecast, 0));
    pacer = made(rules(PACER_predictive));
    pacer.taken = (uint64_t)600 * CHANCE_ONE, pacer.watched_us = 300 * SECOND_US;
    forecast_make(&forecast, &pacer, &(struct pacer_agents){0}, now_us);
    cr_assert_geq(forecast_worst_jump(&forecast, 0), 9u, "taken: %u", forecast_worst_jump(&forecast, 0));
}

/* Numbers of another campaign ring for the same agents: so one that stands for an agent who is ready is not dialled
 * either, if a jump of the answers would cost more people than may be lost. */
Test(core_pacing, a_jump_is_foreseen_for_an_agent_who_is_ready_too)
{
    for (unsigned ring = 0; ring <= 20; ring += 20) {
        struct pacer pacer = made(rules(PACER_predictive)), other = made(rules(PACER_predictive));
        uint64_t now_us = one_in_ten_answers(&pacer);
        (void)one_in_ten_answers(&other);
        for (unsigned n = 0; n < 50; n++) durations_add(&pacer.talked, HOUR_US), durations_add(&pacer.wrapped, HOUR_US);
        pacer.highest = other.highest = CHANCE_ONE / 10 * 9;
        for (unsigned n = 0; n < ring; n++) pacer_dialled(&other, now_us);
        const struct pacer *beside = &other;
        struct pacer_agents agents = {
            .ready = 10, .beside = &beside, .beside_count = 1, .bound = pacer_bound(&pacer, now_us)};
        struct pacer_answer answer = pacer_ask(&pacer, now_us, &agents);
        cr_assert_eq(answer.dial > 0, ring == 0, "%u ring: %u, %s", ring, answer.dial, pacer_reason_name(answer.why));
        if (ring != 0) cr_assert_eq(answer.why, PACER_WHY_limit, "%s", pacer_reason_name(answer.why));
    }
}

/* Where more people answer already than did before, the jump that is left is smaller: it ends at the same share. */
Test(core_pacing, a_jump_that_has_begun_is_not_counted_twice)
{
    struct pacer pacer = made(rules(PACER_predictive));
    uint64_t now_us = one_in_ten_answers(&pacer);
    pacer.highest = CHANCE_ONE / 2;
    struct forecast forecast;
    pacer.came = pacer.expected = 0;
    forecast_make(&forecast, &pacer, &(struct pacer_agents){0}, now_us);
    double before = part(forecast.one[FORECAST_TIMES - 1]), jump = part(forecast.one_jump[0]);
    pacer.came = 10 * ANSWER_ONE, pacer.expected = 4 * ANSWER_ONE;
    forecast_make(&forecast, &pacer, &(struct pacer_agents){0}, now_us);
    cr_assert_float_eq(part(forecast.one[FORECAST_TIMES - 1]), 2 * before, 0.001);
    cr_assert_float_eq(part(forecast.one_jump[0]), jump, 0.001, "%f, not %f", part(forecast.one_jump[0]), jump);
}

/* One in ten answers, within 2 to 11 s. If 95 of 100 answer at once, so do nine of ten who have rung for 7 s: of 1,000,
 * 475 will, and 50 never. Of those who have rung for 16 s nobody will, in either case. */
Test(core_pacing, who_has_rung_for_long_is_not_one_who_answers_after_a_jump)
{
    static const struct {
        uint64_t rung_s;
        double answer;
    } those[] = {{7, 0.905}, {16, 0.02}};
    for (unsigned at = 0; at < sizeof those / sizeof *those; at++) {
        struct pacer pacer = made(rules(PACER_predictive));
        uint64_t now_us = one_in_ten_answers(&pacer);
        pacer.highest = CHANCE_ONE / 100 * 95;
        pacer_dialled(&pacer, now_us);
        now_us += those[at].rung_s * SECOND_US;
        cohorts_move(&pacer.ringing, now_us);
        struct forecast forecast;
        forecast_make(&forecast, &pacer, &(struct pacer_agents){0}, now_us);
        double answers = part(forecast.jump[FORECAST_TIMES - 1].mean);
        cr_assert_float_eq(answers, those[at].answer, 0.03, "%u s: %f", (unsigned)those[at].rung_s, answers);
    }
}

/* After-call work takes 20 s. The first of those who answer do so 2 s after dialling and wait 2 s: so an agent who is
 * free 6 s from now is there for the later quarters of them only, and one who is free in 3 s for all. */
Test(core_pacing, an_agent_is_there_for_the_first_answer_of_each_quarter)
{
    static const struct {
        uint64_t worked_ms;
        double first;
    } those[] = {{14000, 0}, {17000, 1}};
    for (unsigned at = 0; at < sizeof those / sizeof *those; at++) {
        struct pacer pacer = made(rules(PACER_predictive));
        uint64_t now_us = one_in_ten_answers(&pacer);
        for (unsigned n = 0; n < 100; n++) durations_add(&pacer.wrapped, 20 * SECOND_US);
        cohorts_begin(&pacer.wrapping, now_us);
        now_us += those[at].worked_ms * 1000;
        cohorts_move(&pacer.wrapping, now_us);
        struct forecast forecast;
        forecast_make(&forecast, &pacer, &(struct pacer_agents){0}, now_us);
        cr_assert_float_eq(part(forecast.free[0].mean), those[at].first, 0.01, "%f", part(forecast.free[0].mean));
        cr_assert_float_eq(part(forecast.free[FORECAST_TIMES - 1].mean), 1, 0.01);
    }
}

/* However long the rules allow a person to wait, an agent must be free before the strategy lets them go. */
Test(core_pacing, people_wait_for_no_longer_than_they_are_kept)
{
    struct forecast forecasts[3];
    memset(forecasts, 0, sizeof forecasts);
    for (unsigned at = 0; at < 3; at++) {
        struct pacer_rules set = rules(PACER_predictive);
        if (at > 0) set.wait_us = 10 * SECOND_US;
        struct pacer pacer = made(set);
        uint64_t now_us = one_in_ten_answers(&pacer);
        for (unsigned n = 0; n < 100; n++) durations_add(&pacer.wrapped, n * SECOND_US / 3);
        for (unsigned n = 0; n < 9; n++) cohorts_begin(&pacer.wrapping, now_us);
        if (at == 1) pacer_lets_go(&pacer, 2 * SECOND_US);
        pacer_told_late(&pacer, SECOND_US);
        forecast_make(&forecasts[at], &pacer, &(struct pacer_agents){0}, now_us);
    }
    cr_expect_arr_eq(forecasts[0].free, forecasts[1].free, sizeof forecasts[0].free);
    cr_expect_gt(forecasts[2].free[0].mean, forecasts[0].free[0].mean * 3 / 2);
}

/* The shortest counts at once, and a longer one by and by; nothing counts that is as long as the rules allow. */
Test(core_pacing, how_long_people_are_kept_is_learnt)
{
    struct pacer pacer = made(rules(PACER_predictive));
    pacer_kept(&pacer, SECOND_US);
    pacer_lets_go(&pacer, 2 * SECOND_US);
    cr_expect_eq(pacer.kept_us, 0u);
    pacer_lets_go(&pacer, 2 * SECOND_US - 1);
    cr_expect_eq(pacer.kept_us, 2 * SECOND_US - 1);
    pacer_lets_go(&pacer, SECOND_US);
    pacer_kept(&pacer, SECOND_US / 2);
    cr_expect_eq(pacer.kept_us, SECOND_US);
    pacer_kept(&pacer, 5 * SECOND_US);
    cr_expect_eq(pacer.kept_us, 2 * SECOND_US);
    pacer_lets_go(&pacer, 6 * SECOND_US);
    cr_expect_eq(pacer.kept_us, 3 * SECOND_US);
    pacer_lets_go(&pacer, 0);
    cr_expect_eq(pacer.kept_us, 1u, "0 would be: nobody is let go early");
}

/* All of nine are answered in one case of 512: that counts if answers jump, and not if they do not. An agent who is
 * free at another moment helps none of them. */
Test(core_pacing, a_jump_is_foreseen_in_rarer_cases)
{
    for (unsigned moment = 0; moment < FORECAST_TIMES; moment++) {
        struct forecast forecast;
        for (unsigned at = 0; at < FORECAST_TIMES; at++) {
            chances_init(&forecast.jump[at]);
            chances_init(&forecast.answers[at]);
            chances_init(&forecast.free[at]);
            if (at != moment) chances_add(&forecast.free[at], CHANCE_ONE, 9);
        }
        chances_add(&forecast.jump[moment], CHANCE_ONE / 2, 9);
        chances_add(&forecast.answers[moment], CHANCE_ONE / 2, 9);
        cr_assert_eq(forecast_worst_jump(&forecast, 0), 9u);
        cr_assert_eq(forecast_worst(&forecast, 0), moment == FORECAST_TIMES - 1 ? 8u : 0u);
    }
}

/* The highest share of those who answered is that of 32 answers, and fades while fewer answer. */
Test(core_pacing, the_highest_share_of_answers_fades)
{
    struct pacer pacer = made(rules(PACER_predictive));
    (void)one_will_be_free(&pacer, 32);
    cr_assert_eq(pacer.highest, CHANCE_ONE);
    for (unsigned times = 0; times < 2; times++) {
        uint64_t now_us = (10 + times) * 1000 * SECOND_US;
        for (unsigned n = 0; n < 64; n++) pacer_dialled(&pacer, now_us);
        for (unsigned n = 0; n < 32; n++) pacer_failed(&pacer, now_us, now_us);
        for (unsigned n = 0; n < 31; n++) pacer_answered(&pacer, now_us, now_us);
        cr_assert_eq(pacer.highest, times == 0 ? CHANCE_ONE : CHANCE_ONE / 32 * 31);
        pacer_answered(&pacer, now_us, now_us);
    }
    cr_assert_eq(pacer.highest, CHANCE_ONE / 32 * 31 - CHANCE_ONE / 32 * 15 / 16);
}

/* A credit is worth less where several are lost at once than where one is. */
Test(core_pacing, a_large_team_is_allowed_less_for_its_credit)
{
    uint32_t allowed[2];
    for (unsigned large = 0; large < 2; large++) {
        struct pacer pacer = made(rules(PACER_predictive));
        for (unsigned n = 0; n < 100; n++) pacer_dialled(&pacer, 0);
        for (unsigned n = 0; n < 100; n++) {
            pacer_answered(&pacer, 10 * SECOND_US, 0);
            pacer_connected(&pacer, 10 * SECOND_US, 10 * SECOND_US);
        }
        for (unsigned n = 0; n < 300; n++) pacer_dialled(&pacer, 10 * SECOND_US);
        for (unsigned n = 0; n < 300; n++) pacer_failed(&pacer, 20 * SECOND_US, 10 * SECOND_US);
        for (uint64_t end_us = 100 * SECOND_US; end_us < 300 * SECOND_US; end_us += 2 * SECOND_US) {
            pacer_over(&pacer, end_us, 10 * SECOND_US);
            pacer_ready(&pacer, end_us + SECOND_US, end_us);
        }
        struct pacer_answer answer = asked(&pacer, 300 * SECOND_US, large ? 60 : 4, 40);
        allowed[large] = answer.allowed;
        cr_assert_geq(answer.dial, large ? 60u : 4u, "%u", answer.dial);
        cr_assert_leq(answer.allowed, may_lose(pacer_bound(&pacer, 300 * SECOND_US)));
    }
    cr_assert_lt(allowed[1], allowed[0] / 4 * 3, "%f, %f", part(allowed[1]), part(allowed[0]));
}

/* Attempts are forgotten by half when there are 4,096 of them, if 256 were answered. */
Test(core_pacing, a_history_that_is_full_forgets_half)
{
    for (unsigned answers = 255; answers <= 256; answers++) {
        struct pacer pacer = made(rules(PACER_progressive));
        for (unsigned n = 0; n < 4095; n++) {
            pacer_dialled(&pacer, HOUR_US);
            if (n < answers) pacer_answered(&pacer, HOUR_US, HOUR_US);
            if (n >= answers) pacer_failed(&pacer, HOUR_US, HOUR_US);
        }
        cr_expect_eq(durations_count(&pacer.ended), 4095u);
        pacer_dialled(&pacer, HOUR_US);
        pacer_failed(&pacer, HOUR_US, HOUR_US);
        cr_expect_eq(durations_count(&pacer.ended), answers == 256 ? 2048u : 4096u);
    }
}

Test(core_pacing, agents_whom_other_calls_take_are_kept_back)
{
    struct pacer pacer = made(rules(PACER_progressive));
    cr_assert_eq(asked(&pacer, SECOND_US, 20, 0).dial, 20);
    for (unsigned n = 1; n < 20; n++) {
        asked(&pacer, n * 20 * SECOND_US, 20, 0);
        pacer_taken(&pacer, n * 20 * SECOND_US);
    }
    struct pacer_answer answer = asked(&pacer, 400 * SECOND_US, 20, 0);
    cr_assert_leq(answer.dial, 18);
    cr_assert_geq(answer.dial, 14);
    cr_assert_eq(answer.why, PACER_WHY_others);
}

/* Where the chance of a loss is what is allowed, each time anew, the limit is exceeded on one day in a hundred. */
Test(core_pacing, the_bound_holds_from_the_first_answer_on)
{
    unsigned above = 0, lost = 0, days = 500, answers = 1500;
    for (unsigned day = 0; day < days; day++) {
        struct pacer pacer = made(rules(PACER_predictive));
        bool exceeded = false;
        for (unsigned n = 1; n <= answers; n++) {
            uint64_t now_us = n * 1000 * SECOND_US / 30; /* no quarter of an hour has many */
            bool is_lost = uniform() < part(may_lose(pacer_bound(&pacer, now_us)));
            pacer_dialled(&pacer, now_us);
            pacer_answered(&pacer, now_us, now_us);
            if (is_lost)
                pacer_abandoned(&pacer, now_us, false);
            else
                pacer_hung_up(&pacer, now_us);
            lost += is_lost;
            exceeded = exceeded || ceiling_credit(&pacer.ceiling, now_us) < 0;
        }
        above += exceeded;
    }
    cr_assert_leq(above, days / 50, "%u of %u days", above, days);
    cr_assert_geq(lost, days * answers / 400, "and yet as much is used as may be: %u", lost);
}

/* Other campaigns ask what is allowed after moments of which the pacer has heard nothing. */
Test(core_pacing, who_is_asked_what_is_allowed_keeps_its_bytes)
{
    struct pacer pacer = made(rules(PACER_predictive)), before;
    for (unsigned second = 1; second <= 200; second++) {
        pacer_dialled(&pacer, second * SECOND_US);
        pacer_answered(&pacer, second * SECOND_US, second * SECOND_US);
        pacer_hung_up(&pacer, second * SECOND_US);
    }
    memcpy(&before, &pacer, sizeof pacer);
    uint32_t soon = may_lose(pacer_bound(&pacer, 200 * SECOND_US));
    cr_assert_lt(may_lose(pacer_bound(&pacer, 2 * DAY_US)), soon, "the windows are over");
    cr_assert_eq(memcmp(&pacer, &before, sizeof pacer), 0);
}

Test(core_pacing, power_fills_the_ports)
{
    struct pacer_rules set = rules(PACER_power);
    set.ports = 10, set.reserve = 2;
    struct pacer pacer = made(set);
    cr_assert_eq(asked(&pacer, 0, 0, 0).dial, 8);
    for (unsigned n = 0; n < 8; n++) pacer_dialled(&pacer, SECOND_US);
    pacer_answered(&pacer, 2 * SECOND_US, SECOND_US);
    pacer_connected(&pacer, 2 * SECOND_US, 2 * SECOND_US);
    cr_assert_eq(asked(&pacer, 2 * SECOND_US, 0, 0).dial, 0, "who hears the IVR has a port");
    pacer_over(&pacer, 60 * SECOND_US, 2 * SECOND_US);
    pacer_ready(&pacer, 60 * SECOND_US, 60 * SECOND_US);
    struct pacer_answer answer = asked(&pacer, 60 * SECOND_US, 0, 0);
    cr_assert_eq(answer.dial, 1);
    cr_assert_eq(answer.why, PACER_WHY_ports);
}

Test(core_pacing, predictive_learns_then_calls_for_agents_who_will_be_free)
{
    struct pacer pacer = made(rules(PACER_predictive));
    uint64_t now_us = SECOND_US;
    struct pacer_answer answer = asked(&pacer, now_us, 2, 0);
    cr_assert_eq(answer.dial, 2);
    cr_assert_eq(answer.why, PACER_WHY_learning);
    cr_assert_eq(asked(&pacer, now_us, 0, 0).why, PACER_WHY_no_agent_ready);
    for (unsigned n = 0; n < 200; n++) now_us = one_call(&pacer, now_us, false);
    pacer_dialled(&pacer, now_us);
    pacer_answered(&pacer, now_us + 5 * SECOND_US, now_us);
    uint64_t since_us = now_us += 5 * SECOND_US;
    pacer_connected(&pacer, now_us, now_us);
    answer = asked(&pacer, now_us + 20 * SECOND_US, 0, 1);
    cr_assert_eq(answer.dial, 0, "the only agent has just begun to talk");
    cr_assert_eq(answer.why, PACER_WHY_too_likely_lost);
    cr_assert_gt(answer.lost, answer.allowed);
    pacer_over(&pacer, now_us + 100 * SECOND_US, since_us);
    cr_assert_eq(asked(&pacer, now_us + 117 * SECOND_US, 0, 1).dial, 1, "the agent is free before the answer comes");
}

Test(core_pacing, a_window_at_its_limit_stops_what_is_beyond_the_agents_who_are_ready)
{
    struct pacer pacer = made(rules(PACER_predictive));
    uint64_t now_us = SECOND_US;
    for (unsigned n = 0; n < 200; n++) now_us = one_call(&pacer, now_us, n % 25 == 0);
    struct pacer_answer answer = asked(&pacer, now_us, 3, 50);
    cr_assert_lt(answer.credit, 0);
    cr_assert_eq(answer.dial, 3);
    cr_assert_eq(answer.why, PACER_WHY_limit);
    answer = asked(&pacer, now_us + 2 * DAY_US, 3, 50);
    cr_assert_eq(answer.credit, 0, "the window has slid away");
}

Test(core_pacing, who_hangs_up_is_not_abandoned)
{
    struct pacer pacer = made(rules(PACER_predictive));
    pacer_dialled(&pacer, 0);
    pacer_answered(&pacer, SECOND_US, 0);
    pacer_hung_up(&pacer, 2 * SECOND_US);
    cr_assert_eq(asked(&pacer, 2 * SECOND_US, 0, 1).credit, 30);
}

/* Plays so many days after a first one: each keeps the limit, and agents are at least as busy, and busier than in
 * progressive by this many points. */
static void plays(unsigned agents, double share, unsigned days, double busy, double gain)
{
    struct model model = model_usual;
    model.agents = agents;
    model.share = share;
    double sums[2] = {0, 0};
    for (unsigned day = 1; day <= days; day++)
        for (unsigned mode = 0; mode < 2; mode++) {
            struct pacer pacer = made(rules(mode ? PACER_predictive : PACER_progressive));
            struct policy policy = policy_of_pacer(&pacer);
            model_play(&model, &policy, day, 0);
            struct day played = model_play(&model, &policy, day, 1);
            sums[mode] += 100 * played.busy / days;
            cr_assert_leq(played.abandoned * 1000, played.answered * 30, "%u agents, day %u: %u of %u", agents, day,
                          played.abandoned, played.answered);
            cr_assert(mode || played.abandoned == 0);
        }
    cr_assert_geq(sums[1], busy, "%u agents: %.1f %%", agents, sums[1]);
    cr_assert_geq(sums[1] - sums[0], gain, "%u agents: %.1f %%, %.1f %%", agents, sums[1], sums[0]);
}

Test(core_pacing, five_agents_keep_the_limit_and_are_busier)
{
    plays(5, 0.20, 4, 67, 3);
    plays(5, 0.60, 2, 85, 0);
}

Test(core_pacing, twenty_agents_keep_the_limit_and_are_busier)
{
    plays(20, 0.35, 2, 82, 6);
}

Test(core_pacing, a_hundred_agents_keep_the_limit_and_are_busier)
{
    plays(100, 0.60, 1, 93, 7);
}

Test(core_pacing, an_answering_share_that_changes_keeps_the_limit)
{
    struct model model = model_usual;
    model.share = 0.20;
    model.share_later = 0.60;
    struct pacer pacer = made(rules(PACER_predictive));
    struct policy policy = policy_of_pacer(&pacer);
    for (unsigned day = 0; day < 2; day++) {
        struct day played = model_play(&model, &policy, 5, day);
        cr_assert_leq(played.abandoned * 1000, played.answered * 30, "%u of %u", played.abandoned, played.answered);
        cr_assert_geq(played.busy, 0.82, "%f", played.busy);
    }
}

Test(core_pacing, goals_of_busy_share_and_of_wait_are_met)
{
    struct model model = model_usual;
    struct pacer_rules set = rules(PACER_predictive);
    set.busy = 750;
    struct pacer pacer = made(set);
    struct policy policy = policy_of_pacer(&pacer);
    double busy = model_play(&model, &policy, 1, 0).busy;
    cr_assert_float_eq(busy, 0.75, 0.03, "%f", busy);
    set.busy = 1000, set.agent_wait_us = 30 * SECOND_US; /* of 150 + 30 s */
    pacer = made(set);
    busy = model_play(&model, &policy, 1, 0).busy;
    cr_assert_float_eq(busy, 150.0 / 180, 0.03, "%f", busy);
}

Test(core_pacing, the_same_facts_make_the_same_bytes)
{
    struct model model = model_usual;
    model.hours = 1;
    struct pacer one, other;
    struct pacer_rules set = rules(PACER_predictive);
    memset(&one, 0x55, sizeof one);
    memset(&other, 0xaa, sizeof other);
    pacer_init(&one, &set);
    pacer_init(&other, &set);
    struct policy policy = policy_of_pacer(&one);
    model_play(&model, &policy, 1, 0);
    policy = policy_of_pacer(&other);
    model_play(&model, &policy, 1, 0);
    cr_assert_eq(memcmp(&one, &other, sizeof one), 0);
    uint64_t now_us = DAY_US;
    struct pacer_answer first = asked(&one, now_us, 5, 5), again = asked(&one, now_us, 5, 5);
    cr_assert_eq(first.dial, again.dial);
    asked(&other, now_us, 5, 5);
    cr_assert_eq(memcmp(&one, &other, sizeof one), 0);
}

Test(core_pacing, reasons_have_names)
{
    cr_assert_str_eq(pacer_reason_name(PACER_WHY_limit), "limit");
    for (unsigned reason = 0; reason < PACER_REASONS; reason++) cr_assert_gt(strlen(pacer_reason_meaning(reason)), 10);
}
