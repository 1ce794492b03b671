/* tests/unit/sim_switch.c - What a switch does with calls, digits, agents and bad destinations. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/sim/switch.h"
#include "runtime/sim/switch_state.h"

static struct sim_switch *plant(struct switch_options options)
{
    struct sim_switch *s = switch_new(&options);
    switch_add_dn(s, "1800", dn_type_routing_point);
    switch_add_dn(s, "5000", dn_type_queue);
    switch_add_dn(s, "7001", dn_type_extension);
    switch_add_dn(s, "7002", dn_type_extension);
    return s;
}

static void expect_report(struct sim_switch *s, enum switch_report_kind kind, const char *dn, const char *to)
{
    struct switch_report r;
    cr_assert(switch_report(s, &r), "a report is missing");
    cr_assert_eq(r.kind, kind);
    cr_assert_str_eq(r.dn, dn);
    cr_assert_str_eq(r.to, to);
}

static void nothing_more(struct sim_switch *s)
{
    struct switch_report r;
    cr_assert_not(switch_report(s, &r), "an unexpected report %d", (int)r.kind);
}

Test(sim_switch, a_call_is_routed_answered_and_released, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "+33145550101", "1800", 0);
    expect_report(s, SWITCH_ROUTE_REQUEST, "1800", "");
    cr_assert_eq(switch_route(s, call, "7001", 1, 10), code_ok);
    expect_report(s, SWITCH_ROUTE_USED, "1800", "7001");
    expect_report(s, SWITCH_DELIVERED, "7001", "");
    cr_assert_eq(switch_answer(s, call, "7001", 20), code_ok);
    expect_report(s, SWITCH_ESTABLISHED, "7001", "");
    cr_assert_eq(switch_deflect(s, call, "7001", "1800", 2, 25), code_invalid_state, "it was answered");
    cr_assert_eq(switch_release(s, call, "7001", 30), code_ok);
    expect_report(s, SWITCH_CLEARED, "7001", "");
    expect_report(s, SWITCH_CALL_CLEARED, "7001", "");
    nothing_more(s);
    cr_assert_eq(s->live, 0);
    cr_assert_eq(switch_route(s, call, "7001", 1, 40), code_unknown_conn_id);
    switch_free(s);
}

Test(sim_switch, identifiers_are_never_used_again, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t first = switch_arrive(s, "1", "1800", 0);
    switch_hang_up(s, first, 1);
    uint64_t second = switch_arrive(s, "1", "1800", 2);
    cr_assert_neq(first, second);
    cr_assert_null(switch_call(s, first));
    cr_assert_not_null(switch_call(s, second));
    switch_free(s);
}

Test(sim_switch, bad_destinations_leave_the_call_where_it_is, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "1", "1800", 0), other = switch_arrive(s, "2", "1800", 0);
    cr_assert_eq(switch_route(s, call, "9999", 1, 1), code_invalid_destination);
    switch_set_reachable(s, "5000", false);
    cr_assert_eq(switch_route(s, call, "5000", 1, 1), code_invalid_destination);
    cr_assert_eq(switch_route(s, other, "7002", 1, 1), code_ok);
    cr_assert_eq(switch_route(s, call, "7002", 1, 1), code_busy);
    cr_assert_eq(switch_call(s, call)->place, SWITCH_AT_ROUTING_POINT);
    switch_free(s);
}

Test(sim_switch, a_held_call_is_retrieved_and_handed_on_by_who_has_it, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "+33145550101", "1800", 0);
    switch_route(s, call, "7001", 1, 10);
    switch_whisper(s, call, "a complaint", false);
    cr_assert_eq(switch_hold(s, call, "7001", true, 15), code_invalid_state, "it rings");
    switch_answer(s, call, "7001", 20);
    for (struct switch_report r; switch_report(s, &r);) {
    }
    cr_assert_eq(switch_hold(s, call, "7002", true, 30), code_invalid_state, "it is not there");
    cr_assert_eq(switch_hold(s, call, "7001", false, 30), code_invalid_state, "it is not held");
    cr_assert_eq(switch_hold(s, call, "7001", true, 30), code_ok);
    expect_report(s, SWITCH_PUT_ON_HOLD, "7001", "");
    cr_assert_eq(switch_hand_on(s, call, "7001", "7002", 40), code_invalid_state, "it is held");
    cr_assert_eq(switch_hold(s, call, "7001", false, 50), code_ok);
    expect_report(s, SWITCH_RETRIEVED, "7001", "");
    cr_assert_eq(switch_hand_on(s, call, "7001", "7001", 60), code_invalid_destination);
    cr_assert_eq(switch_hand_on(s, call, "7001", "9999", 60), code_invalid_destination);
    cr_assert_eq(switch_hand_on(s, call, "7001", "7002", 60), code_ok);
    expect_report(s, SWITCH_DELIVERED, "7002", "");
    expect_report(s, SWITCH_CLEARED, "7001", "");
    switch_answer(s, call, "7002", 70);
    struct switch_report r;
    cr_assert(switch_report(s, &r) && r.kind == SWITCH_ESTABLISHED);
    cr_assert_null(r.whisper, "what the first agent was told is not for the second");
    cr_assert_eq(switch_route(s, switch_arrive(s, "2", "1800", 80), "7001", 1, 80), code_ok, "7001 is free again");
    switch_free(s);
}

Test(sim_switch, an_unanswered_call_is_pulled_back, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    struct switch_report r;
    uint64_t call = switch_arrive(s, "1", "1800", 0);
    switch_route(s, call, "7001", 1, 0);
    while (switch_report(s, &r)) {
    }
    cr_assert_eq(switch_deflect(s, call, "7001", "1800", 9, 15), code_ok);
    expect_report(s, SWITCH_DIVERTED, "7001", "1800");
    cr_assert(switch_report(s, &r));
    cr_assert_eq(r.kind, SWITCH_ROUTE_REQUEST);
    cr_assert_eq(r.invoke, 9);
    cr_assert_eq(r.visit, 2, "another visit");
    cr_assert_eq(switch_route(s, switch_arrive(s, "2", "1800", 16), "7001", 1, 16), code_ok, "7001 is free again");
    switch_free(s);
}

static struct switch_treatment digits(unsigned min, unsigned max)
{
    return (struct switch_treatment){.type = treatment_PlayAnnouncementAndDigits,
                                     .number = 1,
                                     .prompt = "account",
                                     .min = min,
                                     .max = max,
                                     .end = '#'};
}

static void expect_digits(struct sim_switch *s, const char *text, enum cause cause)
{
    struct switch_report r;
    while (switch_report(s, &r)) {
        if (r.kind == SWITCH_TREATMENT_ENDED) {
            cr_assert_str_eq(r.digits, text);
            cr_assert_eq(r.cause, cause, "cause %d", (int)r.cause);
            return;
        }
    }
    cr_assert_fail("the treatment has not ended");
}

Test(sim_switch, digits_end_by_count_by_key_and_by_silence, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "1", "1800", 0);
    struct switch_treatment ask = digits(2, 4);
    switch_treat(s, call, &ask, 0);
    switch_key(s, call, "12345", 100);
    expect_digits(s, "1234", cause_ok);
    switch_treat(s, call, &ask, 200);
    switch_key(s, call, "12#", 300);
    expect_digits(s, "12", cause_ok);
    switch_treat(s, call, &ask, 400);
    switch_key(s, call, "1#", 500);
    expect_digits(s, "1", cause_invalid_input);
    switch_treat(s, call, &ask, 500);
    switch_key(s, call, "1234", 500);
    expect_digits(s, "1234", cause_ok);
    switch_treat(s, call, &ask, 500);
    switch_key(s, call, "#", 2000499); /* of the number before */
    switch_key(s, call, "#", 2000499);
    expect_digits(s, "", cause_no_input);
    switch_treat(s, call, &ask, 2000499);
    switch_key(s, call, "1234", 2000499);
    expect_digits(s, "1234", cause_ok);
    switch_treat(s, call, &ask, 2000499);
    switch_key(s, call, "#", 4000499); /* two seconds later it is not */
    expect_digits(s, "", cause_no_input);
    switch_advance(s, 4000499);
    ask.end = 0; /* nobody has told of one: # is a key like others */
    switch_treat(s, call, &ask, 4000500);
    switch_key(s, call, "12#4", 4000550);
    expect_digits(s, "12#4", cause_ok);
    ask.end = '#';
    switch_treat(s, call, &ask, 4000600);
    switch_key(s, call, "123", 4000700);
    cr_assert_eq(switch_next(s) > 4000700, true);
    switch_advance(s, 4000700 + 5000000);
    expect_digits(s, "123", cause_ok);
    switch_treat(s, call, &ask, 8000000);
    switch_advance(s, 60000000);
    expect_digits(s, "", cause_no_input);
    ask = digits(SWITCH_DIGITS + 1, 0); /* more than the device can hold */
    cr_assert_eq(switch_treat(s, call, &ask, 60000000), code_invalid_attribute);
    switch_free(s);
}

Test(sim_switch, digits_without_a_most_are_as_many_as_one_step_has, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "1", "1800", 0);
    struct switch_treatment ask = digits(0, 0);
    char keyed[KEYED_MAX + 1] = "";
    memset(keyed, '7', KEYED_MAX);
    switch_treat(s, call, &ask, 0);
    switch_key(s, call, "12345678901234567890#", 100);
    expect_digits(s, "12345678901234567890", cause_ok);
    switch_treat(s, call, &ask, 200);
    switch_key(s, call, keyed, 300);
    expect_digits(s, keyed, cause_ok);
    switch_free(s);
}

static void expect_spoken(struct sim_switch *s, uint64_t spoken_us, enum cause cause)
{
    struct switch_report r = {0};
    while (switch_report(s, &r) && r.kind != SWITCH_TREATMENT_ENDED) {
    }
    cr_assert_eq(r.kind, SWITCH_TREATMENT_ENDED, "the recording has not ended");
    cr_assert_eq(r.cause, cause);
    cr_assert_eq(r.spoken_us, spoken_us);
    cr_assert_eq(r.recording != 0, cause == cause_ok);
}

/* As gcx-sip(5) says of ivr.record. The prompt takes three seconds. */
Test(sim_switch, a_key_ends_a_recording_with_what_was_said, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "1", "1800", 0), begins = 0;
    struct switch_treatment ask = {
        .type = treatment_RecordUserAnnouncement, .number = 1, .prompt = "leave", .duration_us = 60000000};
    switch_treat(s, call, &ask, begins);
    switch_speak(s, call, 1, 20000000, begins);
    switch_key(s, call, "1", begins + 1000000); /* the prompt plays: the key is lost */
    cr_assert_eq(switch_call(s, call)->treatment, 1);
    switch_key(s, call, "#1", begins + 7000000);
    expect_spoken(s, 4000000, cause_ok);
    begins = 10000000;
    switch_treat(s, call, &ask, begins);
    switch_key(s, call, "5", begins + 4000000); /* before a word */
    expect_spoken(s, 0, cause_no_input);
    begins = 20000000;
    switch_treat(s, call, &ask, begins);
    switch_speak(s, call, 1, 20000000, begins);
    switch_key(s, call, "5", begins + 3050000); /* a click */
    expect_spoken(s, 0, cause_no_input);
    begins = 30000000;
    switch_treat(s, call, &ask, begins);
    switch_speak(s, call, 1, 2000000, begins);
    switch_advance(s, begins + 5000000);
    expect_spoken(s, 2000000, cause_ok);
    switch_free(s);
}

Test(sim_switch, what_ended_last_is_known_for_as_long_as_the_stay, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "1", "1800", 0);
    struct switch_treatment ask = digits(2, 4);
    switch_treat(s, call, &ask, 0);
    cr_assert_null(switch_call(s, call)->ended);
    switch_key(s, call, "12#", 100);
    const struct switch_report *ended = switch_call(s, call)->ended;
    cr_assert_not_null(ended);
    cr_assert_eq(ended->treatment, ask.number);
    cr_assert_eq(ended->cause, cause_ok);
    cr_assert_str_eq(ended->digits, "12");
    cr_assert_eq(switch_route(s, call, "7001", 0, 200), code_ok);
    cr_assert_eq(switch_deflect(s, call, "7001", "1800", 0, 300), code_ok);
    cr_assert_null(switch_call(s, call)->ended, "this is another stay");
    switch_free(s);
}

Test(sim_switch, a_menu_takes_its_keys_only, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "1", "1800", 0);
    struct switch_treatment menu = digits(1, 1);
    menu.keys = "12";
    switch_treat(s, call, &menu, 0);
    switch_key(s, call, "2", 1);
    expect_digits(s, "2", cause_ok);
    switch_treat(s, call, &menu, 2);
    switch_key(s, call, "7", 3);
    expect_digits(s, "7", cause_invalid_input);
    switch_free(s);
}

Test(sim_switch, a_new_treatment_a_route_and_a_hang_up_interrupt, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    uint64_t call = switch_arrive(s, "1", "1800", 0);
    struct switch_treatment ask = digits(1, 4);
    switch_treat(s, call, &ask, 0);
    ask.number = 2;
    switch_treat(s, call, &ask, 1);
    expect_digits(s, "", cause_interrupted);
    switch_key(s, call, "1", 2);
    switch_hang_up(s, call, 3);
    expect_digits(s, "1", cause_interrupted);
    expect_report(s, SWITCH_CLEARED, "1800", "");
    expect_report(s, SWITCH_CALL_CLEARED, "1800", "");
    switch_advance(s, 100000000);
    nothing_more(s);
    switch_free(s);
}

Test(sim_switch, one_agent_a_dn_and_one_dn_an_agent, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){0});
    enum agent_state in = agent_state_logged_in;
    cr_assert_eq(switch_set_agent(s, "7001", "marie", agent_state_ready, 0, 0, 0), code_not_logged_in);
    cr_assert_eq(switch_set_agent(s, "7001", "marie", in, 0, 0, 0), code_ok);
    cr_assert_eq(switch_set_agent(s, "7001", "marie", in, 0, 0, 0), code_ok, "again");
    cr_assert_eq(switch_set_agent(s, "7002", "marie", in, 0, 0, 0), code_already_logged_in);
    cr_assert_eq(switch_set_agent(s, "7001", "paul", in, 0, 0, 0), code_already_logged_in);
    cr_assert_eq(switch_set_agent(s, "1800", "paul", in, 0, 0, 0), code_invalid_dn);
    cr_assert_eq(switch_set_agent(s, "7001", "marie", agent_state_logged_out, 0, 0, 0), code_ok);
    cr_assert_eq(switch_set_agent(s, "7002", "marie", in, 0, 0, 0), code_ok);
    switch_free(s);
}

Test(sim_switch, calls_that_nobody_serves_go_to_the_last_default, .timeout = 10)
{
    struct sim_switch *s = plant((struct switch_options){.last_default = "5000", .last_default_us = 20000000});
    uint64_t served = switch_arrive(s, "1", "1800", 0);
    switch_served(s, false, 1000000);
    uint64_t later = switch_arrive(s, "2", "1800", 2000000);
    switch_advance(s, 21000000);
    cr_assert_eq(switch_call(s, served)->place, SWITCH_AT_QUEUE);
    cr_assert_eq(switch_call(s, later)->place, SWITCH_AT_ROUTING_POINT);
    switch_served(s, true, 21500000);
    switch_advance(s, 90000000);
    cr_assert_eq(switch_call(s, later)->place, SWITCH_AT_ROUTING_POINT, "somebody is there again");
    switch_free(s);
}
