/* tests/unit/core_campaign.c - Records of calling lists: taken once, dialled once and only where the list allows it and
 * has noted it, and told to the list until it has answered, whatever breaks. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/read/read.h"
#include "runtime/core/links/call_result.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_campaign, .timeout = 30);

enum { LIST = 17, HOUR_S = 3600 };
#define NUMBER "+33145550101"
#define OTHERS "+33145550102"
#define THIRD  "+33145550103"

static const char *const dialling[] = {"calls", "treatments", "pull_back", "set_agent", "dial", NULL};

/* What the strategy does with its record: it dials; where that succeeds, and where it fails. */
struct does {
    unsigned reached, unreached; /* steps; 0: none */
    unsigned dials;              /* how often it dials while that fails; 0: not at all */
    unsigned then;               /* step after `unreached`, however that ended, which blocks THIRD; 0: none */
    unsigned blocks;             /* so many numbers are blocked first, of three digits from 100 on */
};

static void wait_step(struct image_writer *w, unsigned step, uint32_t failed, const char *number)
{
    writer_wait_begin(w, NULL);
    if (step == STEP_ID_outbound_close)
        writer_wait_argument(w, PARAMETER_outbound_close_result,
                             CONSTANT(writer_constant(w, TYPE_INT, cause_wrong_number)));
    if (step == STEP_ID_outbound_do_not_call)
        writer_wait_argument(w, PARAMETER_outbound_do_not_call_number, program_text(w, number));
    if (step == STEP_ID_outbound_retry) {
        writer_wait_argument(w, PARAMETER_outbound_retry_in, SECONDS(w, HOUR_S));
        writer_wait_argument(w, PARAMETER_outbound_retry_at_most, CONSTANT(writer_constant(w, TYPE_INT, 3)));
    }
    if (step == STEP_ID_outbound_next) writer_wait_argument(w, PARAMETER_outbound_next_in, SECONDS(w, HOUR_S));
    if (step == STEP_ID_outbound_dial) writer_wait_argument(w, PARAMETER_outbound_dial_number, program_text(w, number));
    writer_wait_timeout(w, SECONDS(w, step == STEP_ID_outbound_dial ? 35 : 10));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, (uint16_t)step, REGISTER_NONE);
}

/* The strategy bound to the campaign 1800: outbound.dial(NUMBER) else goto unreached; delay 5s; does.reached; stop. */
static struct image *serves(const struct does *does)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    /* Tokyo is nine hours ahead of the wall clock of these tests, which begins at midnight. */
    (void)writer_zone(w, "Asia/Tokyo", (const int64_t[]){INT64_MIN}, (const int32_t[]){9 * HOUR_S}, 1);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t unreached = writer_label(w), failed = writer_label(w);
    for (unsigned at = 0; at < does->blocks; at++) {
        uint32_t next = writer_label(w);
        char number[8];
        snprintf(number, sizeof number, "%u", 100 + at);
        wait_step(w, STEP_ID_outbound_do_not_call, next, number);
        writer_place(w, next);
    }
    for (unsigned time = 1; time <= does->dials; time++) {
        uint32_t again = time < does->dials ? writer_label(w) : unreached;
        wait_step(w, STEP_ID_outbound_dial, again, NUMBER);
        program_delay(w, 5);
        if (does->reached != 0) wait_step(w, does->reached, failed, NUMBER);
        program_stop(w, program_text(w, "reached"));
        if (time < does->dials) writer_place(w, again);
    }
    if (does->dials != 0) writer_place(w, unreached);
    uint32_t then = does->then != 0 ? writer_label(w) : failed;
    if (does->unreached != 0) wait_step(w, does->unreached, then, NUMBER);
    if (does->then != 0) writer_place(w, then);
    if (does->then != 0) wait_step(w, does->then, failed, THIRD);
    program_delay(w, 1);
    program_stop(w, program_text(w, "not reached"));
    writer_place(w, failed);
    program_stop(w, program_text(w, "not told"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static void list_up_for(struct core_world *world, int64_t grace_us)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LIST);
    writer_text(writer, LinkUp_name, "lists");
    writer_i(writer, LinkUp_grace, grace_us);
    world_post(world);
    world_event(world, LIST, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, LIST, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static void list_up(struct core_world *world)
{
    list_up_for(world, 0); /* the usual one */
}

static void list_down(struct core_world *world)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LIST);
    world_post(world);
}

static struct core_world *begun(const struct does *does)
{
    struct core_world *world = world_new();
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    list_up(world);
    world_run(world, serves(does));
    world_forget(world);
    return world;
}

struct handed { /* what a list hands over */
    uint64_t record, version;
    const char *campaign, *number;
    int64_t due_s;
    unsigned from_h, till_h, again_from_h, again_till_h, attempt;
    const char *zone;
};
static const struct handed usual = {.record = 7, .version = 1, .campaign = "1800", .number = NUMBER};

static void hand_over(struct core_world *world, const struct handed *handed)
{
    world->req = handed->record;
    struct writer *writer = world_event(world, LIST, KIND_EventRecord, 0, 0, 0);
    world->req = 0;
    writer_u(writer, EventRecord_record, handed->record);
    writer_text(writer, EventRecord_campaign, handed->campaign);
    writer_text(writer, EventRecord_number, handed->number);
    writer_u(writer, EventRecord_attempt, handed->attempt);
    writer_i(writer, EventRecord_due, handed->due_s * 1000000);
    writer_i(writer, EventRecord_from, (int64_t)handed->from_h * HOUR_S * 1000000);
    writer_i(writer, EventRecord_till, (int64_t)handed->till_h * HOUR_S * 1000000);
    writer_text(writer, EventRecord_zone, handed->zone);
    writer_u(writer, EventRecord_version, handed->version);
    writer_i(writer, EventRecord_again_from, (int64_t)handed->again_from_h * HOUR_S * 1000000);
    writer_i(writer, EventRecord_again_till, (int64_t)handed->again_till_h * HOUR_S * 1000000);
    world_post(world);
}

/* The list answers the newest effect. */
static void answers(struct core_world *world, enum outcome outcome, enum code code)
{
    const struct sent *sent = &world->sent[(world->sent_count - 1) % 16];
    struct writer *writer = world_event(world, LIST, KIND_EventDone, sent->ixn, sent->ref, 0);
    writer_u(writer, EventDone_outcome, outcome);
    writer_u(writer, EventDone_code, code);
    world_post(world);
}

static void agrees(struct core_world *world)
{
    answers(world, outcome_ok, code_ok);
}

static void seconds(struct core_world *world, unsigned count)
{
    world_advance(world, (uint64_t)count * 1000000);
}

static void is_made(struct core_world *world, uint64_t conn)
{
    struct writer *writer =
        world_event(world, LINK, KIND_EventCallCreated, world->ixn, world->last_ref[KIND_RequestMakeCall], conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(world);
}

static void progresses(struct core_world *world, uint64_t conn, enum cause result)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallProgress, 0, 0, conn);
    writer_u(writer, EventCallProgress_result, result);
    world_post(world);
}

static uint32_t records_held(const struct core_world *world)
{
    return world->core->list_records->taken;
}

/* A record that is dialled: the list has allowed it and noted it. */
static struct core_world *dialled(const struct does *does)
{
    struct core_world *world = begun(does);
    hand_over(world, &usual);
    expect(world, "Reply ok\n");
    seconds(world, 1);
    expect(world, "CheckRecord " NUMBER "\n");
    agrees(world);
    expect(world, "UpdateRecord retrieved other 2\n");
    agrees(world);
    expect(world, "RequestMakeCall\n");
    return world;
}

static const struct does closing = {.dials = 1, .reached = STEP_ID_outbound_close, .unreached = STEP_ID_outbound_retry};
static const struct does silent = {.dials = 1};

Test(core_campaign, a_record_is_allowed_noted_dialled_and_closed)
{
    struct core_world *world = dialled(&closing);
    is_made(world, OTHER);
    route_request(world, OTHER, 0);
    expect(world, "");
    seconds(world, 6);
    expect(world, "UpdateRecord updated wrong_number 3 talks\n");
    agrees(world);
    expect(world, "RequestCallControl disconnect 1800\n");
    deleted(world, OTHER);
    expect(world, "UpdateRecord none abandoned 4\n"); /* the call is over, in which nobody has said anything */
    agrees(world);
    seconds(world, 10000);
    expect(world, "");
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, a_list_that_has_not_answered_hears_at_once_that_the_person_has_abandoned)
{
    struct core_world *world = dialled(&closing);
    is_made(world, OTHER);
    route_request(world, OTHER, 0);
    seconds(world, 6);
    expect(world, "UpdateRecord updated wrong_number 3 talks\n");
    deleted(world, OTHER);
    expect(world, "UpdateRecord updated abandoned 4\n");
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, a_record_that_is_busy_is_put_off)
{
    struct core_world *world = dialled(&closing);
    is_made(world, OTHER);
    progresses(world, OTHER, cause_busy);
    deleted(world, OTHER);
    expect(world, "UpdateRecord ready busy 3 due 3602\n");
    agrees(world);
    seconds(world, 10000);
    expect(world, "");
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, a_chain_goes_on_with_its_next_number)
{
    static const struct does next = {.dials = 1, .unreached = STEP_ID_outbound_next};
    struct core_world *world = dialled(&next);
    is_made(world, OTHER);
    progresses(world, OTHER, cause_no_answer);
    deleted(world, OTHER);
    expect(world, "UpdateRecord updated no_answer 3 due 3602\n");
    agrees(world);
    seconds(world, 10000);
    expect(world, "");
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, past_its_attempts_a_record_is_closed_with_its_last_result)
{
    struct core_world *world = begun(&closing);
    struct handed third = usual;
    third.attempt = 2;
    hand_over(world, &third);
    seconds(world, 1);
    agrees(world);
    agrees(world);
    world_forget(world);
    is_made(world, OTHER);
    progresses(world, OTHER, cause_machine);
    deleted(world, OTHER);
    expect(world, "UpdateRecord updated machine 3\n");
    agrees(world);
    world_end(world);
}

Test(core_campaign, what_is_handed_over_again_is_one_record)
{
    struct core_world *world = begun(&closing);
    struct handed later = usual, newer = usual;
    later.due_s = 100;
    newer.due_s = 50;
    newer.version = 2;
    hand_over(world, &later);
    hand_over(world, &later);
    expect(world, "Reply ok\nReply duplicate duplicate\n");
    hand_over(world, &newer);
    expect(world, "Reply ok\n");
    cr_assert_eq(records_held(world), 1u);
    seconds(world, 47);
    expect(world, "");
    seconds(world, 3);
    expect(world, "CheckRecord " NUMBER "\n");
    newer.version = 3;
    hand_over(world, &newer);
    expect(world, "Reply duplicate duplicate\n");
    world_end(world);
}

Test(core_campaign, a_record_that_comes_again_before_its_strategy_has_ended_goes_back)
{
    struct handed again = usual;
    struct core_world *world = dialled(&closing);
    is_made(world, OTHER);
    progresses(world, OTHER, cause_busy);
    deleted(world, OTHER);
    agrees(world); /* it is put off, and the strategy goes on for a second */
    world_forget(world);
    hand_over(world, &again);
    again.version = 4;
    hand_over(world, &again);
    expect(world, "Reply duplicate duplicate\nReply error overload\n");
    seconds(world, 2);
    hand_over(world, &again);
    cr_assert(strstr(world->trace, "Reply ok"), "%s", world->trace);
    world_end(world);
}

Test(core_campaign, what_cannot_be_taken_is_refused_with_the_reason)
{
    struct core_world *world = begun(&closing);
    struct handed unknown = usual, bad = usual;
    unknown.campaign = "nothing";
    bad.number = "by the river";
    hand_over(world, &unknown);
    expect(world, "Reply error invalid_dn\n");
    hand_over(world, &bad);
    expect(world, "Reply error invalid_number\n");
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, nobody_is_dialled_whom_the_list_does_not_allow)
{
    struct core_world *world = begun(&closing);
    hand_over(world, &usual);
    seconds(world, 1);
    answers(world, outcome_error, code_do_not_call);
    expect(world, "Reply ok\nCheckRecord " NUMBER "\nUpdateRecord ready do_not_call 2 due 3602\n");
    agrees(world);
    world_end(world);
}

Test(core_campaign, nobody_is_dialled_whom_nobody_can_check)
{
    struct core_world *world = begun(&closing);
    hand_over(world, &usual);
    seconds(world, 4);
    expect(world, "Reply ok\nCheckRecord " NUMBER "\nCancel\nUpdateRecord ready other 2 due 3603\n");
    agrees(world);
    world_end(world);
}

Test(core_campaign, nobody_is_dialled_without_a_note)
{
    struct core_world *world = begun(&closing);
    hand_over(world, &usual);
    seconds(world, 1);
    agrees(world);
    answers(world, outcome_error, code_unavailable);
    expect(world, "Reply ok\nCheckRecord " NUMBER "\nUpdateRecord retrieved other 2\n"
                  "UpdateRecord ready other 3 due 3602\n");
    agrees(world);
    world_end(world);
}

Test(core_campaign, a_number_whose_note_came_too_late_goes_back_as_not_called)
{
    struct core_world *world = begun(&silent);
    hand_over(world, &usual);
    seconds(world, 1);
    agrees(world);
    expect(world, "Reply ok\nCheckRecord " NUMBER "\nUpdateRecord retrieved other 2\n");
    seconds(world, 7);
    expect(world, "UpdateRecord ready other 3\n");
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, a_second_dial_tells_the_list_how_the_first_has_ended)
{
    static const struct does twice = {.dials = 2, .unreached = STEP_ID_outbound_retry};
    struct core_world *world = dialled(&twice);
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_busy);
    expect(world, "CheckRecord " NUMBER "\n");
    agrees(world);
    expect(world, "UpdateRecord retrieved busy 3\n");
    agrees(world);
    expect(world, "RequestMakeCall\n");
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_no_answer);
    expect(world, "UpdateRecord ready no_answer 4 due 3602\n");
    agrees(world);
    world_end(world);
}

/* Each cause with which the switch may end a call that nobody has answered. */
Test(core_campaign, the_list_hears_the_result_of_the_call_itself)
{
    static const struct {
        enum cause ends, told;
    } results[] = {
        {cause_other, cause_remote_release}, /* the end of the call tells it */
        {cause_ok, cause_remote_release},
        {cause_abandoned, cause_no_answer},
        {cause_timeout, cause_no_answer},
        {cause_remote_release, cause_remote_release},
        {cause_redirected, cause_redirected},
        {cause_dropped, cause_dropped},
        {cause_fax, cause_fax},
        {cause_silence, cause_silence},
        {cause_no_circuit, cause_no_circuit},
        {cause_no_progress, cause_no_progress},
        {cause_dial_error, cause_dial_error},
        {cause_overload, cause_no_circuit},
        {cause_invalid_number, cause_invalid_number},
        {cause_wrong_number, cause_wrong_number},
        {cause_invalid_destination, cause_invalid_number},
        {cause_do_not_call, cause_do_not_call},
        {cause_refused, cause_refused},
        {cause_lost, cause_stale},
    };
    for (unsigned i = 0; i < sizeof results / sizeof *results; i++) {
        char line[80];
        struct core_world *world = dialled(&closing);
        is_made(world, OTHER);
        progresses(world, OTHER, results[i].ends);
        deleted(world, OTHER);
        snprintf(line, sizeof line, "UpdateRecord ready %s 3 due 3602\n", enum_name_cause(results[i].told));
        expect(world, line);
        world_end(world);
    }
}

Test(core_campaign, every_cause_is_a_result_and_an_exit)
{
    for (unsigned cause = 0; strcmp(enum_name_cause(cause), "other") != 0 || cause == 0; cause++) {
        cr_expect_neq(call_result_of_cause(cause).exit, code_other, "%s", enum_name_cause(cause));
        cr_expect_neq(call_result_of_cause(cause).told, cause_other, "%s", enum_name_cause(cause));
    }
    cr_expect_eq(call_result_of_cause(250).exit, code_no_answer, "a cause of a later version");
}

Test(core_campaign, every_code_of_a_link_that_does_not_dial_is_a_result_and_an_exit)
{
    for (unsigned code = 0; code < 250; code++) {
        cr_expect_neq(call_result_of_code(code).exit, code_other, "%u", code);
        cr_expect_neq(call_result_of_code(code).told, cause_other, "%u", code);
    }
    cr_expect_eq(call_result_of_code(code_rejected).exit, code_no_circuit);
    cr_expect_eq(call_result_of_code(code_overload).told, cause_dial_error);
    cr_expect_eq(call_result_of_code(code_invalid_dn).of, DIAL_OF_exchange, "the routing point is no number");
}

/* The switch has not answered in time, and may have dialled. */
Test(core_campaign, a_dial_that_the_switch_has_not_answered_is_not_made_again)
{
    static const struct does twice = {.dials = 2, .unreached = STEP_ID_outbound_retry};
    struct core_world *world = dialled(&twice);
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_timeout, code_timeout);
    expect(world, "UpdateRecord ready stale 3 due 3602\n");
    world_end(world);
}

Test(core_campaign, an_unknown_outcome_is_not_dialled_again)
{
    static const struct does twice = {.dials = 2, .unreached = STEP_ID_outbound_retry};
    struct core_world *world = dialled(&twice);
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_unknown, code_outcome_unknown);
    expect(world, "UpdateRecord ready stale 3 due 3602\n");
    agrees(world);
    seconds(world, 10000);
    expect(world, "");
    world_end(world);
}

/* What a link reports has all dials in it that went out before the Resync; others only by chance. */
Test(core_campaign, a_dial_on_its_way_while_a_resync_begins_goes_on)
{
    struct core_world *world = dialled(&silent);
    resync(world, true);
    resync(world, false);
    expect(world, "");
    agrees(world);
    link_up(world, dialling); /* the core asks now */
    world_forget(world);
    resync(world, true);
    resync(world, false);
    seconds(world, 2);
    cr_expect(strstr(world->trace, "UpdateRecord stale stale 3 due 302\n"), "%s", world->trace);
    world_end(world);
}

Test(core_campaign, a_record_whose_fate_is_unknown_rests_as_long_as_the_rules_say)
{
    struct core_world *world = dialled(&silent);
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_unknown, code_outcome_unknown);
    seconds(world, 2);
    expect(world, "UpdateRecord stale stale 3 due 302\n");
    agrees(world);
    world_end(world);
}

Test(core_campaign, an_end_without_a_word_closes_the_record_with_its_last_result)
{
    struct core_world *world = dialled(&silent);
    is_made(world, OTHER);
    route_request(world, OTHER, 0);
    seconds(world, 6);
    world_forget(world);
    deleted(world, OTHER);
    expect(world, "UpdateRecord updated abandoned 3\n");
    cr_assert_eq(records_held(world), 1u);
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

/* The strategy says nothing: only what says something of the number, or of who is there, closes the record. */
Test(core_campaign, what_the_exchange_or_the_carrier_cannot_do_leaves_the_record_due)
{
    for (unsigned cause = 0; strcmp(enum_name_cause(cause), "other") != 0 || cause == 0; cause++) {
        struct call_result result = call_result_of_cause(cause);
        bool closes = result.of == DIAL_OF_person || result.of == DIAL_OF_number;
        struct core_world *world = dialled(&silent);
        is_made(world, OTHER);
        progresses(world, OTHER, (enum cause)cause);
        deleted(world, OTHER);
        seconds(world, 2);
        cr_expect(result.told == cause_stale || !strstr(world->trace, "ready") == closes, "%s: %s",
                  enum_name_cause(cause), world->trace);
        cr_expect(result.told == cause_stale || !strstr(world->trace, " due 30") == (result.of != DIAL_OF_network),
                  "%s: it is ready in five minutes, or at once: %s", enum_name_cause(cause), world->trace);
        world_end(world);
    }
    struct core_world *world = dialled(&silent);
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code_invalid_dn);
    seconds(world, 6);
    expect(world, "UpdateRecord ready dial_error 3\n");
    world_end(world);
}

Test(core_campaign, a_customer_who_leaves_before_the_time_is_over_was_reached)
{
    struct core_world *world = dialled(&silent);
    is_made(world, OTHER);
    route_request(world, OTHER, 0);
    deleted(world, OTHER);
    expect(world, "UpdateRecord updated ok 3\n");
    world_end(world);
}

Test(core_campaign, a_result_is_told_until_the_list_has_it)
{
    struct core_world *world = dialled(&silent);
    is_made(world, OTHER);
    progresses(world, OTHER, cause_no_answer);
    deleted(world, OTHER);
    seconds(world, 2);
    expect(world, "UpdateRecord updated no_answer 3\n");
    answers(world, outcome_error, code_unavailable);
    seconds(world, 31);
    expect(world, "UpdateRecord updated no_answer 3\n");
    seconds(world, 31); /* no answer at all */
    expect(world, "UpdateRecord updated no_answer 3\n");
    list_down(world);
    seconds(world, 3000); /* long after its grace */
    world_forget(world);
    list_up(world);
    cr_assert(strstr(world->trace, "UpdateRecord updated no_answer 3\n"), "%s", world->trace);
    world_forget(world);
    struct sent *sent = &world->sent[(world->sent_count - 1) % 16];
    cr_assert_eq(sent->kind, (unsigned)KIND_UpdateRecord);
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    seconds(world, 10000);
    expect(world, "");
    world_end(world);
}

Test(core_campaign, a_step_whose_list_is_away_fails_and_the_list_is_told_later)
{
    struct core_world *world = dialled(&closing);
    list_down(world);
    seconds(world, 20);
    world_forget(world);
    is_made(world, OTHER);
    progresses(world, OTHER, cause_busy);
    deleted(world, OTHER);
    expect(world, "");
    list_up(world);
    cr_assert(strstr(world->trace, "UpdateRecord ready busy 3 due 3622\n"), "%s", world->trace);
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, a_record_is_put_off_to_its_own_hours)
{
    struct core_world *world = begun(&(struct does){.unreached = STEP_ID_outbound_retry});
    struct handed evening = usual, morning = usual, both = usual;
    evening.zone = morning.zone = both.zone = "Asia/Tokyo"; /* in an hour it is ten there */
    both.record = 9;
    both.from_h = 17, both.till_h = 20;
    both.again_from_h = 9, both.again_till_h = 12;
    evening.from_h = 17;
    evening.till_h = 2; /* over midnight */
    morning.record = 8;
    morning.from_h = 9;
    morning.till_h = 12;
    hand_over(world, &evening);
    seconds(world, 1);
    expect(world, "Reply ok\nUpdateRecord updated other 2\n"); /* not put off; it ends with what is known */
    agrees(world);
    hand_over(world, &morning);
    seconds(world, 1);
    expect(world, "Reply ok\nUpdateRecord ready other 2 due 3602\n");
    agrees(world);
    hand_over(world, &both);
    seconds(world, 1);
    expect(world, "Reply ok\nUpdateRecord ready other 2 due 3603\n");
    agrees(world);
    both.record = 10, both.again_till_h = 10; /* until ten only */
    hand_over(world, &both);
    seconds(world, 1);
    expect(world, "Reply ok\nUpdateRecord updated other 2\n");
    agrees(world);
    seconds(world, 2);
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, a_number_is_never_called_again)
{
    struct core_world *world = begun(&(struct does){.unreached = STEP_ID_outbound_do_not_call});
    hand_over(world, &usual);
    seconds(world, 1);
    expect(world, "Reply ok\nUpdateRecord cancelled do_not_call 2 block number=" NUMBER "\n");
    agrees(world);
    seconds(world, 2);
    expect(world, "");
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, a_record_waits_for_a_link_that_dials)
{
    struct core_world *world = begun(&closing);
    link_down(world);
    seconds(world, 60);
    world_forget(world);
    hand_over(world, &usual);
    seconds(world, 3000);
    expect(world, "Reply ok\n");
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    world_forget(world);
    seconds(world, 1);
    expect(world, "CheckRecord " NUMBER "\n");
    world_end(world);
}

static void asks_admin(struct core_world *world, enum admin_op op)
{
    writer_u(world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0), AdminRequest_op, op);
    world_post(world);
    expect(world, "Reply ok\n");
}

static uint64_t dialling_now(const struct core_world *world, bool held)
{
    bool is;
    uint64_t count = core_dialling(world->core, &is);
    cr_assert_eq(is, held);
    return count;
}

/* Before another gcxvm leads: it could not say what became of a number that rings. */
Test(core_campaign, while_dials_are_held_no_record_is_dialled)
{
    struct core_world *world = begun(&closing);
    asks_admin(world, admin_op_hold_dials);
    hand_over(world, &usual);
    expect(world, "Reply ok\n");
    seconds(world, 3000);
    expect(world, "");
    cr_assert_eq(dialling_now(world, true), 0u);
    asks_admin(world, admin_op_serve);
    seconds(world, 1);
    expect(world, "CheckRecord " NUMBER "\n");
    cr_assert_eq(dialling_now(world, false), 0u, "the list has not allowed it");
    const struct sent check = world->sent[(world->sent_count - 1) % 16];
    asks_admin(world, admin_op_hold_dials);
    struct writer *writer = world_event(world, LIST, KIND_EventDone, check.ixn, check.ref, 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_u(writer, EventDone_code, code_ok);
    world_post(world);
    seconds(world, 2);
    expect(world, "UpdateRecord ready other 2 due 6602\n"); /* the attempt is not noted, and the record goes back */
    cr_assert_eq(dialling_now(world, true), 0u);
    world_end(world);
}

Test(core_campaign, a_number_that_rings_when_dials_are_held_is_waited_for)
{
    struct core_world *world = dialled(&closing);
    cr_assert_eq(dialling_now(world, false), 1u);
    asks_admin(world, admin_op_hold_dials);
    cr_assert_eq(dialling_now(world, true), 1u);
    is_made(world, OTHER);
    cr_assert_eq(dialling_now(world, true), 1u);
    route_request(world, OTHER, 0);
    expect(world, "");
    cr_assert_eq(dialling_now(world, true), 0u, "somebody has answered");
    world_end(world);
}

Test(core_campaign, another_number_is_blocked_and_the_record_goes_on)
{
    struct core_world *world = begun(&(struct does){.unreached = STEP_ID_outbound_do_not_call});
    struct handed other = usual;
    other.number = OTHERS;
    hand_over(world, &other);
    seconds(world, 1);
    expect(world, "Reply ok\nUpdateRecord none other 2 block number=" NUMBER "\n");
    agrees(world);
    seconds(world, 2);
    expect(world, "UpdateRecord updated other 3\n");
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

/* A record that is due while its list is away, and not one effect is lost on the way. */
static struct core_world *away(const struct does *does, const char *number)
{
    struct core_world *world = begun(does);
    struct handed later = usual;
    later.number = number;
    later.due_s = 3000;
    hand_over(world, &later);
    list_down(world);
    seconds(world, 3010);
    world_forget(world);
    list_up(world);
    return world;
}

/* What the list is told once it is back; it answers, and the record is done. */
static void away_told(const struct does *does, const char *number, const char *update)
{
    struct core_world *world = away(does, number);
    cr_assert(strstr(world->trace, update), "%s", world->trace);
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    world_forget(world);
    seconds(world, 10000);
    expect(world, "");
    world_end(world);
}

Test(core_campaign, a_number_is_blocked_though_the_list_is_away_and_the_strategy_ends)
{
    away_told(&(struct does){.unreached = STEP_ID_outbound_do_not_call}, OTHERS,
              "UpdateRecord updated other 2 block number=" NUMBER "\n");
}

Test(core_campaign, a_number_is_blocked_though_the_list_is_away_and_the_record_is_closed)
{
    away_told(&(struct does){.unreached = STEP_ID_outbound_do_not_call, .then = STEP_ID_outbound_close}, OTHERS,
              "UpdateRecord updated wrong_number 2 block number=" NUMBER "\n");
}

Test(core_campaign, two_numbers_are_blocked_though_the_list_is_away)
{
    static const struct does twice = {.unreached = STEP_ID_outbound_do_not_call, .then = STEP_ID_outbound_do_not_call};
    away_told(&twice, OTHERS, "UpdateRecord updated other 2 block number=" NUMBER " number=" THIRD "\n");
    away_told(&twice, NUMBER, "UpdateRecord cancelled do_not_call 2 block number=" NUMBER " number=" THIRD "\n");
    away_told(&twice, THIRD, "UpdateRecord cancelled do_not_call 2 block number=" NUMBER " number=" THIRD "\n");
}

Test(core_campaign, a_list_that_is_away_is_told_sixteen_numbers_later_and_no_more)
{
    away_told(&(struct does){.blocks = 17}, NUMBER,
              "UpdateRecord updated other 2 block number=100 number=101 number=102 number=103 number=104 number=105"
              " number=106 number=107 number=108 number=109 number=110 number=111 number=112 number=113 number=114"
              " number=115\n");
}

Test(core_campaign, a_result_that_is_not_answered_is_told_with_the_number_that_is_blocked)
{
    struct core_world *world =
        begun(&(struct does){.unreached = STEP_ID_outbound_close, .then = STEP_ID_outbound_do_not_call});
    struct handed other = usual;
    other.number = OTHERS;
    hand_over(world, &other);
    seconds(world, 12);
    expect(world, "Reply ok\nUpdateRecord updated wrong_number 2\n"
                  "UpdateRecord updated wrong_number 3 block number=" THIRD "\n");
    agrees(world);
    seconds(world, 2);
    expect(world, "");
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_campaign, an_attempt_that_cannot_be_noted_is_not_counted)
{
    struct core_world *world = begun(&closing);
    list_up_for(world, 1000000);
    world_forget(world);
    hand_over(world, &usual);
    world_advance(world, 500000);
    expect(world, "Reply ok\nCheckRecord " NUMBER "\n");
    list_down(world);
    world_advance(world, 1100000); /* its grace is over before the check's time; the answer was under way */
    agrees(world);
    expect(world, "");
    cr_assert_eq(world->core->list_records->all[0].attempts, 0u);
    list_up(world);
    cr_assert(strstr(world->trace, "UpdateRecord ready other 2 due 3602\n"), "%s", world->trace);
    world_end(world);
}

Test(core_campaign, records_wait_for_a_link_that_dials_and_for_no_other)
{
    struct core_world *world = begun(&closing);
    link_down(world);
    seconds(world, 60);
    hand_over(world, &usual);
    seconds(world, 10);
    uint64_t next_us = timers_next(world->core->timers);
    cr_assert_gt(next_us, world->core->now->time_us + UINT64_C(3600000000), "it is looked at again and again");
    list_up(world);
    cr_assert_eq(timers_next(world->core->timers), next_us, "a list cannot dial");
    world_end(world);
}

/* ---- whatever happens ---- */

struct chaos {
    struct core_world *world;
    uint64_t random;
    uint32_t seen; /* effects that were looked at */
    struct sent open[64];
    unsigned count;       /* of `open`: what nobody has answered */
    unsigned noted, made; /* attempts that the list has noted; calls that the core has asked for */
    uint64_t conn;
};

static unsigned draw(struct chaos *c, unsigned below)
{
    c->random = table_mix64(c->random + UINT64_C(0x9e3779b97f4a7c15));
    return (unsigned)(c->random % below);
}

static void look(struct chaos *c)
{
    struct core_world *world = c->world;
    cr_assert(world->sent_count - c->seen <= 16, "more effects than are kept");
    for (; c->seen < world->sent_count; c->seen++) {
        const struct sent *sent = &world->sent[c->seen % 16];
        bool waits =
            sent->kind == KIND_CheckRecord || sent->kind == KIND_UpdateRecord || sent->kind == KIND_RequestMakeCall;
        c->made += sent->kind == KIND_RequestMakeCall;
        if (waits && c->count < 64) c->open[c->count++] = *sent;
    }
    cr_assert_leq(c->made, c->noted, "a number was dialled whose attempt the list had not noted");
}

static void list_answers(struct chaos *c, const struct sent *sent, unsigned how)
{
    struct writer *writer = world_event(c->world, LIST, KIND_EventDone, sent->ixn, sent->ref, 0);
    writer_u(writer, EventDone_outcome, how < 6 ? outcome_ok : outcome_error);
    writer_u(writer, EventDone_code, how < 6 ? code_ok : how < 8 ? code_unavailable : code_refused);
    c->noted += how < 6 && sent->kind == KIND_UpdateRecord;
    world_post(c->world);
}

static void switch_answers(struct chaos *c, const struct sent *sent, unsigned how)
{
    if (how < 2) {
        done(c->world, sent->ixn, sent->ref, outcome_error, code_no_circuit);
        return;
    }
    struct writer *writer = world_event(c->world, LINK, KIND_EventCallCreated, sent->ixn, sent->ref, ++c->conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(c->world);
    if (how < 5) progresses(c->world, c->conn, how < 4 ? cause_busy : cause_machine);
    if (how >= 5) route_request(c->world, c->conn, 0);
    seconds(c->world, how >= 7 ? 4 : 0);
    deleted(c->world, c->conn);
}

/* Answers one of what is open, or forgets it as a link does that breaks. */
static void answer_one(struct chaos *c, bool well)
{
    if (c->count == 0) return;
    unsigned at = well ? 0 : draw(c, c->count);
    struct sent sent = c->open[at];
    c->open[at] = c->open[--c->count];
    if (!well && draw(c, 6) == 0) return;
    if (sent.kind == KIND_RequestMakeCall)
        switch_answers(c, &sent, draw(c, 10));
    else
        list_answers(c, &sent, well ? 0 : draw(c, 10));
}

static void voice_up(struct core_world *world)
{
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
}

static void happens(struct chaos *c)
{
    struct handed one = usual;
    one.record = 1 + draw(c, 3);
    switch (draw(c, 12)) {
    case 0:
    case 1:
        hand_over(c->world, &one);
        break;
    case 2:
        list_down(c->world);
        break;
    case 3:
        list_up(c->world);
        break;
    case 4:
        if (draw(c, 4) == 0) link_down(c->world);
        break;
    case 5:
        voice_up(c->world);
        break;
    case 6:
        seconds(c->world, draw(c, 8));
        break;
    default:
        answer_one(c, false);
        break;
    }
    look(c);
}

Test(core_campaign, every_record_comes_to_its_end_whatever_happens)
{
    static const struct does thrice = {
        .dials = 3, .reached = STEP_ID_outbound_close, .unreached = STEP_ID_outbound_retry};
    unsigned made = 0;
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct chaos c = {.world = begun(&thrice), .random = seed, .conn = CALL};
        c.seen = c.world->sent_count;
        for (unsigned step = 0; step < 300; step++) happens(&c);
        voice_up(c.world);
        list_up(c.world);
        for (unsigned step = 0; step < 2000 && records_held(c.world) > 0; step++) {
            look(&c);
            answer_one(&c, true);
            if (c.count == 0) seconds(c.world, 5);
        }
        cr_assert_eq(records_held(c.world), 0u, "seed %u: %u records are held", seed, records_held(c.world));
        made += c.made;
        world_end(c.world);
    }
    cr_assert_gt(made, 100u, "only %u calls were made", made);
}

Test(core_campaign, after_a_restore_a_record_gets_no_id_that_was_given_before_it)
{
    struct core_world *world = begun(&(struct does){.dials = 1});
    world_restored(world, 1800000000);
    link_up(world, dialling);
    resync(world, false);
    list_up(world);
    hand_over(world, &usual);
    cr_assert_eq(records_held(world), 1u);
    cr_assert_eq(world->core->list_records->all[0].id, (UINT64_C(1800000000) << 16) + 1);
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}
