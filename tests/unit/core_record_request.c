/* tests/unit/core_record_request.c - Agents and the records that they call: flow O1 from its sixth step on. What they
 * say is answered at once, told to the list when the record is processed, and lost with no call, desktop or list. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/migration.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_host.h"
#include "tests/unit/core_fixture.h"
#include "vm/memory.h"
#include "tests/unit/drawn.h"
#include "tests/unit/record_world.h"

TestSuite(core_record_request, .timeout = 30);

enum { GRACE_S = 600 };

Test(core_record_request, a_call_has_the_names_of_its_record_with_it)
{
    struct core_world *world = talking();
    cr_assert(data_is(world, world->ixn, "GSW_CAMPAIGN_NAME", "1800"));
    cr_assert(data_is(world, world->ixn, "GSW_PHONE", NUMBER));
    cr_assert(data_is(world, world->ixn, "name", "Dupont"));
    world_end(world);
}

Test(core_record_request, the_list_hears_which_number_is_truly_dialled)
{
    struct core_world *world = world_new();
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    list_up(world);
    world_run(world, serves());
    world_forget(world);
    hand_over(world, 7, OTHERS, 0); /* its strategy dials another number */
    seconds(world, 1);
    agrees(world);
    expect(world, "CheckRecord " NUMBER "\nUpdateRecord retrieved other 2 " NUMBER "\n");
    list_down(world);
    world_forget(world);
    list_up(world);
    cr_assert(strstr(world->trace, "UpdateRecord retrieved other 2 " NUMBER), "again: %s", world->trace);
    world_end(world);
}

Test(core_record_request, updates_are_kept_until_the_record_is_processed)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_update, .result = cause_wrong_number, .key = "product", .value = "bicycle");
    SAYS(.op = record_op_update, .key = "colour", .value = "red");
    hangs_up(world);
    expect(world, "Reply ok\nReply ok\n");
    SAYS(.op = record_op_update, .result = cause_ok, .key = "colour", .value = "green");
    seconds(world, 3 * GRACE_S);
    expect(world, "Reply ok\n"); /* it is open as long as she is logged in */
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord updated ok 3 marie product=bicycle colour=green\nReply ok\n");
    ends(world);
}

Test(core_record_request, a_record_is_processed_while_the_call_goes_on)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_processed, .result = cause_ok);
    expect(world, "UpdateRecord updated ok 3 marie talks\nReply ok\n");
    SAYS(.op = record_op_update, .result = cause_busy);
    SAYS(.op = record_op_processed);
    expect(world, "Reply error closed\nReply ok\n");
    agrees(world);
    hangs_up(world);
    expect(world, "UpdateRecord none other 4\n");
    ends(world);
}

/* The list hears that the person is engaged, and then that they are not, also if it was away meanwhile. */
Test(core_record_request, the_end_of_the_call_of_a_record_that_is_closed_is_told_until_the_list_has_it)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_processed, .result = cause_ok);
    agrees(world);
    list_down(world);
    hangs_up(world);
    seconds(world, 3000);
    cr_assert_eq(records_held(world), 1u);
    world_forget(world);
    list_up(world);
    cr_assert(strstr(world->trace, "UpdateRecord none other 4\n"), "%s", world->trace);
    answers(world, outcome_error, code_unavailable);
    world_forget(world);
    seconds(world, 31);
    expect(world, "UpdateRecord none other 4\n");
    ends(world);
}

/* The list has not answered when the call ends: the same word, which says now that it is over, is enough. */
Test(core_record_request, a_list_that_has_not_answered_hears_of_both_at_once)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_processed, .result = cause_ok);
    hangs_up(world);
    expect(world, "UpdateRecord updated ok 3 marie talks\nReply ok\nUpdateRecord updated ok 3 marie\n");
    ends(world);
}

/* The agent was there, so nobody has abandoned the person: the result of the call stays. */
Test(core_record_request, who_has_hung_up_early_is_not_abandoned_by_the_agents_word)
{
    struct core_world *world = talking();
    hangs_up(world);
    SAYS(.op = record_op_update, .result = cause_abandoned);
    SAYS(.op = record_op_processed, .result = cause_abandoned, .key = "colour", .value = "red");
    expect(world, "Reply ok\nUpdateRecord updated ok 3 marie colour=red\nReply ok\n");
    ends(world);
}

/* 23 noted it only of records that a campaign paces. */
Test(core_record_request, whom_an_agent_serves_at_the_upgrade_has_not_been_abandoned)
{
    struct core_world *world = talking();
    struct error error = {0};
    struct core *core = world->core;
    struct list_record *row = list_record_find(core->list_records, names_find(core->names, span_of("1800")), 7);
    struct claim *claim = claim_at(core->claims, interaction_by_id(core->interactions, row->ixn)->claims);
    cr_assert(row->judged && claim->state == CLAIM_ACTIVE);
    for (unsigned served = 0; served < 2; served++) {
        list_record_edit(core->list_records, row)->judged = false;
        claim->state = served ? CLAIM_ACTIVE : CLAIM_CONFIRMED;
        cr_assert(migrations_take(&migrations_here, 23, core, &error));
        cr_assert_eq(row->judged, served);
    }
    world_end(world);
}

Test(core_record_request, processed_again_is_no_error)
{
    struct core_world *world = talking();
    hangs_up(world);
    SAYS(.op = record_op_processed);
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord updated ok 3 marie\nReply ok\nReply ok\n");
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    SAYS(.op = record_op_processed);
    SAYS(.op = record_op_update);
    tells_of(world, "olga", 7, &(struct record_words){.op = record_op_processed});
    expect(world, "Reply ok\nReply error gone\nReply error gone\n");
    world_end(world);
}

Test(core_record_request, who_vanishes_has_ten_minutes_to_come_back)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_update, .result = cause_machine, .key = "colour", .value = "red");
    hangs_up(world);
    logs_out(world);
    seconds(world, GRACE_S - 10);
    expect(world, "Reply ok\n");
    seconds(world, 11);
    expect(world, "UpdateRecord updated machine 3 marie colour=red\n");
    ends(world);
}

Test(core_record_request, the_record_of_a_desktop_that_knows_of_none_is_closed_with_its_call)
{
    struct core_world *world = talking();
    agent(world, "marie", "7001", agent_state_logged_out);
    agent(world, "marie", "7001", agent_state_ready);
    hangs_up(world);
    expect(world, "UpdateRecord updated ok 3 marie\n");
    ends(world);
}

Test(core_record_request, who_comes_back_in_time_goes_on)
{
    struct core_world *world = talking();
    hangs_up(world);
    logs_out(world);
    seconds(world, GRACE_S - 10);
    agent(world, "marie", "7001", agent_state_ready);
    seconds(world, 2 * GRACE_S);
    expect(world, "");
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord updated ok 3 marie\nReply ok\n");
    ends(world);
}

Test(core_record_request, a_call_back_is_the_agents_own_or_the_campaigns)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_reschedule, .due_s = 7200, .callback = callback_type_personal);
    SAYS(.op = record_op_reschedule, .due_s = -5);
    SAYS(.op = record_op_reschedule, .due_s = 9 * 3600); /* it is 18 hours there */
    hangs_up(world);
    expect(world, "Reply ok\nReply error past\nReply error outside_hours\n");
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord ready ok 3 due 7200 marie\nReply ok\n");
    ends(world);
    world = talking();
    SAYS(.op = record_op_reschedule, .due_s = 7200, .callback = callback_type_campaign);
    SAYS(.op = record_op_processed);
    expect(world, "Reply ok\nUpdateRecord ready ok 3 due 7200 talks\nReply ok\n");
    world_end(world);
}

Test(core_record_request, a_call_back_that_the_list_refuses_stands_there_as_missed)
{
    struct core_world *world = talking();
    hangs_up(world);
    SAYS(.op = record_op_reschedule, .due_s = 7200);
    SAYS(.op = record_op_processed, .result = cause_ok, .key = "colour", .value = "red");
    expect(world, "Reply ok\nUpdateRecord ready ok 3 due 7200 colour=red\nReply ok\n");
    answers(world, outcome_error, code_refused); /* it has no such field */
    expect(world, "UpdateRecord ready ok 4 due 7200\n");
    answers(world, outcome_error, code_outside_hours);
    expect(world, "UpdateRecord missed_callback ok 5 marie\n");
    answers(world, outcome_error, code_refused);
    expect(world, "UpdateRecord updated ok 6 marie\n");
    ends(world);
}

Test(core_record_request, a_number_is_blocked_at_once_and_the_record_cancelled_in_the_end)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_do_not_call);
    expect(world, "UpdateRecord none other 3 block number=" NUMBER "\nReply ok\n");
    hangs_up(world);
    expect(world, "UpdateRecord none other 3 block number=" NUMBER "\n"); /* the list has not answered */
    agrees(world);
    cr_assert_eq(records_held(world), 1u);
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord cancelled do_not_call 4 marie\nReply ok\n");
    ends(world);
}

/* Whoever says "never again" has the telephone in the hand that was dialled. */
Test(core_record_request, the_number_that_was_dialled_is_blocked_with_that_of_the_record)
{
    struct core_world *world = talking_for(OTHERS);
    SAYS(.op = record_op_do_not_call);
    expect(world, "UpdateRecord none other 3 block number=" OTHERS "\n"
                  "UpdateRecord none other 4 block number=" OTHERS " number=" NUMBER "\nReply ok\n");
    for (unsigned more = 0; more < LIST_RECORD_BLOCKED_MAX - 3; more++) {
        char number[16];
        snprintf(number, sizeof number, "+3314555%04u", more);
        SAYS(.op = record_op_do_not_call, .number = number);
    }
    world_forget(world);
    SAYS(.op = record_op_do_not_call); /* there is room for one */
    expect(world, "Reply error full\n");
    SAYS(.op = record_op_do_not_call, .number = "+33145559999");
    cr_assert(strstr(world->trace, "Reply ok\n"), "%s", world->trace);
    world_end(world);
}

Test(core_record_request, a_customer_is_blocked_or_another_number)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_do_not_call, .number = "by the river");
    SAYS(.op = record_op_do_not_call, .number = OTHERS);
    expect(world, "Reply error invalid_number\nUpdateRecord none other 3 block number=" OTHERS "\nReply ok\n");
    SAYS(.op = record_op_do_not_call, .scope = record_scope_customer);
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord none other 4 block number=" OTHERS " number=" NUMBER "\nReply ok\n"
                  "UpdateRecord cancelled do_not_call 5 marie all of the customer talks block number=" OTHERS
                  " number=" NUMBER "\nReply ok\n");
    world_end(world);
}

/* The list would refuse them, when the agent has been told already that they are blocked. */
Test(core_record_request, a_number_that_no_list_could_block_is_refused)
{
    static const char *const wrong[] = {"0309999", "garbage",           "+garbage",
                                        "+331455", "+3314555010112345", "+0331455501"};
    struct core_world *world = talking();
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        SAYS(.op = record_op_do_not_call, .number = wrong[i]);
        expect(world, "Reply error invalid_number\n");
    }
    SAYS(.op = record_op_do_not_call, .number = "+3314555");
    expect(world, "UpdateRecord none other 3 block number=+3314555\nReply ok\n");
    world_end(world);
}

Test(core_record_request, a_record_or_its_chain_is_cancelled)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_cancel);
    SAYS(.op = record_op_cancel_chain);
    SAYS(.op = record_op_processed);
    expect(world, "Reply ok\nReply ok\nUpdateRecord cancelled ok 3 marie all of the chain talks\nReply ok\n");
    world_end(world);
}

Test(core_record_request, what_is_wrong_is_refused_and_changes_nothing)
{
    struct core_world *world = talking();
    static char large[HOLDER_FIELDS_BYTES_MAX + 1];
    memset(large, 'x', sizeof large - 1);
    SAYS(.op = record_op_update, .result = cause_busy, .key = "number", .value = "1");
    SAYS(.op = record_op_update, .result = cause_stale);
    SAYS(.op = record_op_update, .result = cause_busy, .key = "large", .value = large);
    SAYS(.op = record_op_add);
    expect(world, "Reply error invalid_attribute\nReply error invalid_attribute\nReply error too_large\n"
                  "Reply unsupported unsupported\n");
    tells_of(world, "olga", 7, &(struct record_words){.op = record_op_update});
    tells_of(world, "nobody", 7, &(struct record_words){.op = record_op_update});
    tells_of(world, "marie", 8, &(struct record_words){.op = record_op_update});
    expect(world, "Reply error no_privilege\nReply error not_logged_in\nReply error gone\n");
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord updated ok 3 marie talks\nReply ok\n");
    world_end(world);
}

Test(core_record_request, agents_see_their_records)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_update, .key = "colour", .value = "red");
    SAYS(.op = record_op_status);
    cr_assert_str_eq(world->reply, "record=7 campaign=1800 number=" NUMBER " attempts=1 result=ok state=with_agent "
                                   "fields=(name=Dupont product=car colour=red)");
    tells_of(world, "marie", 0, &(struct record_words){.op = record_op_status});
    cr_assert_str_eq(world->reply,
                     "record=(record=7 campaign=1800 number=" NUMBER " attempts=1 result=ok state=with_agent)");
    hangs_up(world);
    world_forget(world);
    tells_of(world, "marie", 0, &(struct record_words){.op = record_op_logout});
    expect(world, "Reply error busy\n");
    tells_of(world, "marie", 0, &(struct record_words){.op = record_op_status});
    cr_assert_str_eq(world->reply, "record=(record=7 campaign=1800 number=" NUMBER " attempts=1 result=ok state=open)");
    tells_of(world, "olga", 0, &(struct record_words){.op = record_op_logout});
    expect(world, "Reply ok\nReply ok\n");
    world_end(world);
}

Test(core_record_request, the_list_shows_an_agent_the_other_numbers_of_the_customer)
{
    struct core_world *world = talking();
    SAYS(.op = record_op_chained);
    expect(world, "ShowChain 7\n");
    struct kv shown;
    kv_init(&shown);
    kv_list_begin(&shown, span_of("record"));
    kv_put_text(&shown, "number", span_of(OTHERS));
    kv_list_end(&shown);
    struct writer *writer = world_event(world, LIST, KIND_EventDone, 0, world->last_ref[KIND_ShowChain], 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_kv(writer, EventDone_value, &shown);
    world_post(world);
    kv_free(&shown);
    expect(world, "Reply ok\n");
    cr_assert_str_eq(world->reply, "record=(number=" OTHERS ")");
    SAYS(.op = record_op_chained);
    answers(world, outcome_error, code_unavailable);
    SAYS(.op = record_op_chained);
    seconds(world, 3);
    agrees(world); /* late */
    expect(world, "ShowChain 7\nReply error unavailable\nShowChain 7\nReply timeout timeout\n");
    list_down(world);
    seconds(world, 100);
    world_forget(world);
    SAYS(.op = record_op_chained);
    tells_of(world, "olga", 7, &(struct record_words){.op = record_op_chained});
    expect(world, "Reply error unavailable\nReply error no_privilege\n");
    world_end(world);
}

Test(core_record_request, a_list_that_is_away_hears_it_later)
{
    struct core_world *world = talking();
    list_down(world);
    seconds(world, 100);
    world_forget(world);
    SAYS(.op = record_op_do_not_call, .number = OTHERS);
    hangs_up(world);
    SAYS(.op = record_op_processed, .result = cause_ok, .key = "colour", .value = "red");
    seconds(world, 10000);
    expect(world, "Reply ok\nReply ok\n");
    list_up(world);
    const char *told = "UpdateRecord updated ok 3 marie block number=" OTHERS " colour=red\n";
    cr_assert(strstr(world->trace, told), "%s", world->trace);
    ends(world);
}

Test(core_record_request, a_call_back_whose_time_has_come_before_the_record_is_processed_is_due_at_once)
{
    struct core_world *world = talking();
    hangs_up(world);
    SAYS(.op = record_op_reschedule, .due_s = 60, .callback = callback_type_campaign);
    seconds(world, 100);
    world_forget(world);
    SAYS(.op = record_op_processed);
    cr_assert_null(strstr(world->trace, "due 60"), "%s", world->trace);
    ends(world);
}

/* ---- whatever happens ---- */

Test(core_record_request, every_record_comes_to_its_end_whatever_happens)
{
    const uint64_t from = drawn_from();
    for (uint64_t seed = from + 1; seed <= from + 60; seed++) {
        uint64_t random = seed;
        struct core_world *world = talking();
        for (unsigned step = 0; step < 40; step++) happens(world, &random);
        hangs_up(world);
        logs_out(world);
        list_up(world);
        seconds(world, GRACE_S + 120);
        for (unsigned step = 0; step < 10 && records_held(world) > 0; step++) {
            list_down(world);
            list_up(world);
            agrees(world);
        }
        cr_assert_eq(records_held(world), 0u, "seed %u", (unsigned)seed);
        world_end(world);
    }
}

/* ---- states ---- */

/* The record goes the shortest way there; `from`: the state before, on that way. */
static void goes_to(struct core_world *world, const enum record_state from[RECORD_STATES], enum record_state state)
{
    if (state == RECORD_ahead) return;
    goes_to(world, from, from[state]);
    list_record_becomes(world->core->list_records, 0, state);
}

/* From `ahead` all states can be reached. */
static void find_ways(enum record_state from[RECORD_STATES])
{
    enum record_state reached[RECORD_STATES] = {RECORD_ahead};
    bool is_reached[RECORD_STATES] = {[RECORD_ahead] = true};
    unsigned count = 1;
    for (unsigned at = 0; at < count; at++)
        for (enum record_state to = 0; to < RECORD_STATES; to++) {
            if (is_reached[to] || !record_may_become(reached[at], to)) continue;
            from[to] = reached[at];
            is_reached[to] = true;
            reached[count++] = to;
        }
    cr_assert_eq(count, RECORD_STATES);
}

/* True: the change has been made; false: the core has stopped at it. */
static bool is_made(struct core_world *world, const enum record_state ways[RECORD_STATES], enum record_state from,
                    enum record_state to)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        goes_to(world, ways, from);
        cr_assert_not_null(freopen("/dev/null", "w", stderr));
        list_record_becomes(world->core->list_records, 0, to);
        _exit(world->core->list_records->all[0].state == to ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) ? WTERMSIG(status) == SIGABRT : WEXITSTATUS(status) == 0);
    return !WIFSIGNALED(status);
}

Test(core_record_request, a_record_changes_its_state_as_the_table_says_and_not_otherwise)
{
    enum record_state ways[RECORD_STATES] = {0};
    struct core_world *world = world_new();
    list_up(world);
    world_run(world, serves());
    hand_over(world, 7, NUMBER, 1800100000);
    cr_assert_eq(world->core->list_records->all[0].state, RECORD_ahead);
    find_ways(ways);
    for (enum record_state from = 0; from < RECORD_STATES; from++)
        for (enum record_state to = 0; to < RECORD_STATES; to++)
            cr_expect_eq(is_made(world, ways, from, to), record_may_become(from, to), "%u to %u", from, to);
    world_free(world);
}

static bool bytes_add(void *self, const void *bytes, size_t length)
{
    buffer_put(self, bytes, length);
    return true;
}

/* The core's snapshot is one that a core can be made of. */
static bool world_is_loaded(struct core_world *world, struct error *error)
{
    struct buffer bytes = {0};
    cr_assert(core_save(world->core, bytes_add, &bytes));
    struct core *core = core_load(&world->core->options, bytes.bytes, bytes.length, error);
    core_free(core);
    buffer_free(&bytes);
    return core != NULL;
}

Test(core_record_request, a_snapshot_with_a_record_in_no_state_is_refused)
{
    struct core_world *world = world_new();
    list_up(world);
    world_run(world, serves());
    hand_over(world, 7, NUMBER, 1800100000);
    struct list_record *row = list_record_edit(world->core->list_records, &world->core->list_records->all[0]);
    cr_assert(world_is_loaded(world, &(struct error){.code = 0}));
    row->state = RECORD_due; /* no campaign is loaded whose turn it could wait for */
    struct error error;
    cr_assert_not(world_is_loaded(world, &error));
    cr_assert_not_null(strstr(error.text, "a record is in no state"), "%s", error.text);
    world_free(world);
}
