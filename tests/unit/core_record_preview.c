/* tests/unit/core_record_preview.c - Records that agents look at before they are dialled: flow O2, and push preview. */
#include <criterion/criterion.h>
#include <string.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/migration.h"
#include "runtime/core/people/agent.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"
#include "tests/unit/record_world.h"

TestSuite(core_record_preview, .timeout = 30);

enum { GRACE_S = 600 };

static void asks_of_campaign(struct core_world *world, enum campaign_op op)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_RequestCampaign, 0, 0, 0);
    writer_text(writer, RequestCampaign_campaign, "1800");
    writer_u(writer, RequestCampaign_op, op);
    world_post(world);
}

/* An agent of the campaign who has logged out may come back for so long. */
static void grace_is(struct core_world *world, int64_t processed_s)
{
    struct kv row;
    kv_init(&row);
    kv_put_int(&row, "processed_s", processed_s);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_rule_set);
    writer_text(writer, DirectoryRow_key, "ours");
    writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(world);
}

/* The campaign runs in preview, and has the records 7 and 8; Olga is of its group, and Marie is not. */
static struct core_world *previewing_with(int64_t processed_s)
{
    static const char *const pairs[] = {"name", "1800",    "list",     "spring", "agents", "overflow",
                                        "mode", "preview", "rule_set", "ours",   NULL};
    struct core_world *world = world_new();
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    list_up(world);
    world_run(world, serves());
    grace_is(world, processed_s);
    directory(world, table_campaign, "1800", pairs);
    commit(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "olga", "7003", agent_state_ready);
    asks_of_campaign(world, campaign_op_load);
    asks_of_campaign(world, campaign_op_start);
    hand_over(world, 7, NUMBER, 0);
    hand_over(world, 8, OTHERS, 0);
    seconds(world, 1);
    world_forget(world);
    return world;
}

static struct core_world *previewing(void)
{
    return previewing_with(GRACE_S);
}

/* Before each attempt the list hears the terms again: its dialer may have begun anew. */
#define CHECKED           "CheckRecord " NUMBER " list=spring\n"
#define OLGA(record, ...) tells_of(world, "olga", record, &(struct record_words){__VA_ARGS__})

/* The link tells of the call that it was asked for last. */
static void created_for(struct core_world *world)
{
    struct writer *writer =
        world_event(world, LINK, KIND_EventCallCreated, world->ixn, world->last_ref[KIND_RequestMakeCall], CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(world);
}

/* Olga has the record 7, and its number rings. */
static struct core_world *calling_in(struct core_world *world)
{
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    agrees(world);
    created_for(world);
    party(world, CALL, "7003", "olga", party_role_agent, party_change_Dialing);
    world_forget(world);
    return world;
}

static struct core_world *calling(void)
{
    return calling_in(previewing());
}

static void talks_with_olga(struct core_world *world)
{
    party(world, CALL, "7003", "olga", party_role_agent, party_change_Established);
}

static void ends_as(struct core_world *world, enum cause result)
{
    writer_u(world_event(world, LINK, KIND_EventCallProgress, 0, 0, CALL), EventCallProgress_result, result);
    world_post(world);
    deleted(world, CALL);
    world_forget(world);
}

/* The link refuses to make the call. */
static void agrees_not(struct core_world *world, enum code code)
{
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code);
    world_forget(world);
}

static const struct sent *newest(const struct core_world *world)
{
    uint32_t at = world->sent_count;
    while (world->sent[(at - 1) % 16].kind != KIND_RequestMakeCall) at--;
    return &world->sent[(at - 1) % 16];
}

Test(core_record_preview, a_record_is_asked_for_dialled_and_processed)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_preview_start);
    OLGA(0, .op = record_op_get);
    expect(world, "Reply ok\nReply ok\n");
    cr_assert(strstr(world->reply, "record=7 campaign=1800 number=" NUMBER " attempts=0 result=other state=preview"),
              "%s", world->reply);
    OLGA(0, .op = record_op_get);
    tells_of(world, "marie", 0, &(struct record_words){.op = record_op_get});
    expect(world, "Reply error busy\nReply error invalid_state\n");
    OLGA(0, .op = record_op_get, .campaign = "springs");
    OLGA(0, .op = record_op_preview_start, .campaign = "springs");
    expect(world, "Reply error gone\nReply error gone\n");
    OLGA(7, .op = record_op_dial);
    expect(world, CHECKED "UpdateRecord retrieved other 2\n");
    agrees(world);
    expect(world, "RequestMakeCall\nReply ok\n");
    OLGA(7, .op = record_op_reject);
    OLGA(7, .op = record_op_processed, .result = cause_ok, .key = "colour", .value = "red");
    expect(world, "Reply error invalid_state\nUpdateRecord updated ok 3 olga colour=red\nReply ok\n");
    agrees(world);
    OLGA(0, .op = record_op_get);
    cr_assert(strstr(world->reply, "record=8"), "%s", world->reply);
    world_end(world);
}

Test(core_record_preview, the_record_of_who_has_vanished_is_closed_at_its_time)
{
    struct core_world *world = calling_in(previewing_with(20));
    talks_with_olga(world);
    party(world, CALL, "7003", "olga", party_role_agent, party_change_Released);
    deleted(world, CALL);
    seconds(world, 30);
    agent(world, "olga", "7003", agent_state_logged_out);
    world_forget(world);
    seconds(world, 19);
    expect(world, "");
    seconds(world, 1);
    expect(world, "UpdateRecord updated ok 3 olga\n");
    world_end(world);
}

Test(core_record_preview, who_has_vanished_with_a_record_is_not_swept_away_before_its_time)
{
    struct core_world *world = calling_in(previewing_with(20));
    talks_with_olga(world);
    party(world, CALL, "7003", "olga", party_role_agent, party_change_Released);
    deleted(world, CALL);
    uint32_t olga;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("olga")), &olga));
    cr_expect_not(holder_agent_goes(world->core->list_records, olga));
    world_end(world);
}

Test(core_record_preview, a_record_that_is_skipped_comes_again_and_none_is_told)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_update, .key = "colour", .value = "red");
    OLGA(7, .op = record_op_cancel);
    OLGA(7, .op = record_op_reject); /* and all that was said of it is taken back */
    OLGA(0, .op = record_op_get);
    cr_assert(strstr(world->reply, "record=8"), "%s", world->reply);
    OLGA(8, .op = record_op_cancel);
    OLGA(8, .op = record_op_processed);
    agrees(world);
    seconds(world, 1);
    OLGA(0, .op = record_op_get);
    cr_assert(strstr(world->reply, "record=7"), "%s", world->reply);
    cr_assert_null(strstr(world->reply, "colour"), "%s", world->reply);
    world_forget(world);
    OLGA(7, .op = record_op_processed);
    expect(world, "UpdateRecord updated other 2 olga\nReply ok\n");
    agrees(world);
    OLGA(0, .op = record_op_get);
    expect(world, "Reply ok\n");
    cr_assert_str_eq(world->reply, "");
    world_end(world);
}

/* The campaign takes no record back of which its list has not heard everything yet. */
Test(core_record_preview, a_record_that_is_skipped_before_the_list_has_heard_of_a_block_goes_to_the_list)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_do_not_call, .number = OTHERS);
    OLGA(7, .op = record_op_reject);
    expect(world, "Reply ok\nUpdateRecord none other 2 block number=" OTHERS
                  "\nReply ok\nUpdateRecord ready other 3 block number=" OTHERS "\nReply ok\n");
    agrees(world);
    cr_assert_eq(records_held(world), 1u, "the other one");
    world_end(world);
}

Test(core_record_preview, nobody_is_dialled_whom_the_list_does_not_allow)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    answers(world, outcome_error, code_do_not_call);
    expect(world, "Reply ok\n" CHECKED "UpdateRecord retrieved other 2\nReply error do_not_call\n");
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=0"), "%s", world->reply);
    list_down(world);
    seconds(world, 100);
    world_forget(world);
    OLGA(7, .op = record_op_dial);
    expect(world, "Reply error unavailable\n");
    world_end(world);
}

Test(core_record_preview, an_attempt_that_may_have_been_noted_counts)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    answers(world, outcome_error, code_timeout);
    expect(world, "Reply ok\n" CHECKED "UpdateRecord retrieved other 2\nReply error timeout\n");
    OLGA(7, .op = record_op_reject);
    expect(world, "Reply error invalid_state\n"); /* its list may have the attempt under way */
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=1"), "%s", world->reply);
    world_end(world);
}

Test(core_record_preview, fields_of_the_list_that_are_too_many_for_an_answer_are_left_out)
{
    static char long_text[4001];
    struct core_world *world = previewing();
    struct kv data;
    kv_init(&data);
    memset(long_text, 'x', sizeof long_text - 1);
    for (char name[] = "field0"; name[5] < '7'; name[5]++) kv_put_text(&data, name, span_of(long_text));
    struct writer *writer = world_event(world, LIST, KIND_EventRecord, 0, 0, 0);
    writer_u(writer, EventRecord_record, 6);
    writer_text(writer, EventRecord_campaign, "1800");
    writer_text(writer, EventRecord_number, NUMBER);
    writer_text(writer, EventRecord_agent, "olga");
    writer_kv(writer, EventRecord_data, &data);
    world_post(world);
    kv_free(&data);
    seconds(world, 1);
    OLGA(0, .op = record_op_get);
    for (char name[] = "note0"; name[4] < '4'; name[4]++)
        OLGA(6, .op = record_op_update, .key = name, .value = long_text);
    OLGA(6, .op = record_op_status);
    cr_assert(strstr(world->reply, "record=6"), "%s", world->reply); /* it came, and could be read */
    world_end(world);
}

Test(core_record_preview, who_is_done_with_a_record_does_not_dial_it)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    expect(world, "Reply ok\n" CHECKED "UpdateRecord retrieved other 2\n");
    OLGA(7, .op = record_op_processed);
    expect(world, "Reply error closed\nUpdateRecord updated other 3 olga\nReply ok\n");
    agrees(world);
    expect(world, "");
    world_end(world);
}

Test(core_record_preview, a_record_that_was_dialled_stays_so_when_it_may_not_be_dialled_again)
{
    struct core_world *world = calling();
    OLGA(7, .op = record_op_dial); /* said twice */
    OLGA(7, .op = record_op_reject);
    expect(world, "Reply error invalid_state\nReply error invalid_state\n");
    ends_as(world, cause_busy);
    OLGA(7, .op = record_op_dial);
    answers(world, outcome_error, code_refused);
    OLGA(7, .op = record_op_reject);
    expect(world, CHECKED "UpdateRecord retrieved busy 3\nReply error refused\nReply error invalid_state\n");
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=1 result=busy"), "%s", world->reply);
    world_end(world);
}

Test(core_record_preview, what_is_dialled_in_preview_is_a_call_of_its_record_from_the_agents_telephone)
{
    struct core_world *world = calling();
    cr_assert_str_eq(newest(world)->dest, "7003 " NUMBER);
    cr_assert(data_is(world, world->ixn, "GSW_PHONE", NUMBER));
    cr_assert(data_is(world, world->ixn, "name", "Dupont"));
    cr_assert_eq(world->core->claims->debited, 1u, "she is taken while it rings");
    talks_with_olga(world);
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=1 result=ok state=with_agent"), "%s", world->reply);
    OLGA(7, .op = record_op_update, .key = "colour", .value = "red");
    party(world, CALL, "7003", "olga", party_role_agent, party_change_Released);
    deleted(world, CALL);
    world_forget(world);
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "state=dialled"), "%s", world->reply);
    OLGA(7, .op = record_op_processed);
    expect(world, "Reply ok\nUpdateRecord updated ok 3 olga colour=red\nReply ok\n");
    agrees(world);
    cr_assert_eq(claims_outstanding(world->core->claims), 0u);
    world_end(world);
}

Test(core_record_preview, a_preview_call_that_nobody_answers_has_its_result_and_may_be_dialled_again)
{
    struct core_world *world = calling();
    ends_as(world, cause_busy);
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=1 result=busy state=dialled"), "%s", world->reply);
    OLGA(7, .op = record_op_dial);
    agrees(world);
    agrees_not(world, code_no_circuit);
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=2 result=dial_error state=dialled"), "%s", world->reply);
    world_end(world);
}

Test(core_record_preview, a_preview_call_whose_fate_is_unknown_is_given_up_and_left_alone)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    agrees(world);
    world_forget(world);
    seconds(world, 66); /* the link says nothing */
    OLGA(7, .op = record_op_dial);
    expect(world, "FetchRecords 200 list=spring\nCancel\nReply error invalid_state\n");
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=1 result=stale state=dialled"), "%s", world->reply);
    created_for(world);
    cr_assert(strstr(world->trace, "Cancel"), "its call comes late: %s", world->trace);
    world_end(world);
}

/* Its link has told of no call yet: the interaction ends at once, and the record keeps the number of its dial. */
Test(core_record_preview, a_preview_call_that_was_ended_by_hand_may_be_dialled_again)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    agrees(world);
    uint64_t first = world->ixn;
    writer_u(world_event(world, SOURCE_ADMIN, KIND_AdminRequest, world->ixn, 0, 0), AdminRequest_op, admin_op_end);
    world_post(world);
    OLGA(7, .op = record_op_update, .result = cause_busy);
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=1 result=busy state=dialled"), "%s", world->reply);
    OLGA(7, .op = record_op_dial);
    agrees(world);
    cr_assert_gt(world->ixn, first, "it is dialled once more");
    agrees_not(world, code_no_circuit);
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "attempts=2 result=dial_error state=dialled"), "%s", world->reply);
    world_end(world);
}

Test(core_record_preview, nobody_dials_without_a_telephone)
{
    static const char *const deaf[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", NULL};
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    agent(world, "olga", "7003", agent_state_logged_out);
    agrees(world); /* the list has it noted, and she is gone */
    expect(world, "Reply ok\n" CHECKED "UpdateRecord retrieved other 2\nReply error not_logged_in\n");
    agent(world, "olga", "7003", agent_state_ready);
    link_up(world, deaf);
    resync(world, true);
    agent(world, "olga", "7003", agent_state_ready);
    resync(world, false);
    world_forget(world);
    OLGA(7, .op = record_op_dial);
    expect(world, "Reply error invalid_dn\n");
    world_end(world);
}

Test(core_record_preview, who_vanishes_with_a_record_leaves_it_as_it_was)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    agent(world, "olga", "7003", agent_state_logged_out);
    world_forget(world);
    seconds(world, GRACE_S + 1);
    cr_assert_null(strstr(world->trace, "UpdateRecord"), "%s", world->trace);
    agent(world, "olga", "7003", agent_state_ready);
    OLGA(0, .op = record_op_get);
    cr_assert(strstr(world->reply, "record=8"), "%s", world->reply);
    OLGA(8, .op = record_op_reject);
    OLGA(0, .op = record_op_get);
    cr_assert(strstr(world->reply, "record=7"), "%s", world->reply);
    world_end(world);
}

enum { LOOKS_S = 900 };

Test(core_record_preview, who_only_looks_at_a_record_has_it_no_longer_than_its_rules_say)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    cr_assert(strstr(world->reply, "record=7"), "%s", world->reply);
    world_forget(world);
    seconds(world, LOOKS_S - 1);
    OLGA(7, .op = record_op_update, .key = "colour", .value = "red");
    cr_expect(strstr(world->trace, "Reply ok"), "she has it; what she says gives her no more time: %s", world->trace);
    seconds(world, 1);
    world_forget(world);
    OLGA(7, .op = record_op_dial);
    expect(world, "Reply error no_privilege\n");
    OLGA(0, .op = record_op_get);
    cr_expect(strstr(world->reply, "record="), "she is free for another one: %s", world->reply);
    world_end(world);
}

/* Number 29 did not note since when an agent looks at a record. */
Test(core_record_preview, who_looks_at_a_record_when_number_30_comes_has_all_of_their_time_from_then_on)
{
    struct core_world *world = previewing();
    struct list_records *records = world->core->list_records;
    struct error error;
    OLGA(0, .op = record_op_get);
    for (uint32_t slot = 0; slot < records->count; slot++)
        if (records->all[slot].id == 7) list_record_edit(records, &records->all[slot])->since_us = 0;
    seconds(world, 10);
    cr_assert(migrations_take(&migrations_here, 29, world->core, &error));
    seconds(world, LOOKS_S - 1);
    world_forget(world);
    OLGA(7, .op = record_op_update, .key = "colour", .value = "red");
    cr_expect(strstr(world->trace, "Reply ok"), "%s", world->trace);
    seconds(world, 1);
    world_forget(world);
    OLGA(7, .op = record_op_dial);
    expect(world, "Reply error no_privilege\n");
    world_free(world); /* no batch says what was changed here, so a replay would not agree */
}

Test(core_record_preview, what_was_said_of_a_record_that_is_only_looked_at_is_kept)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_cancel);
    world_forget(world);
    seconds(world, LOOKS_S);
    cr_expect(strstr(world->trace, "UpdateRecord"), "the list hears it: %s", world->trace);
    world_end(world);
}

Test(core_record_preview, who_has_dialled_a_record_has_it_until_they_are_done)
{
    struct core_world *world = previewing();
    OLGA(0, .op = record_op_get);
    seconds(world, LOOKS_S - 1);
    OLGA(7, .op = record_op_dial);
    agrees(world);
    world_forget(world);
    seconds(world, 30);
    OLGA(7, .op = record_op_status);
    cr_expect_null(strstr(world->trace, "error"), "%s", world->trace);
    world_end(world);
}

/* ---- push preview: an agent is asked before the record is dialled ---- */

static const char *const offering[] = {"calls",    "treatments", "pull_back", "set_agent",
                                       "desktops", "dial",       "preview",   NULL};

/* Asks somebody of the group for 20 s, dials, and gives who answers to who was asked. */
static struct image *offers(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_argument(w, PARAMETER_select_preview, SECONDS(w, 20));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, ORDER_longest_idle);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_dial_number, program_text(w, NUMBER));
    writer_wait_timeout(w, SECONDS(w, 35));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_live(w, who);
    writer_step(w, STEP_ID_outbound_dial, REGISTER_NONE);
    program_route(w, who, 20, 15, failed);
    writer_place(w, failed);
    program_stop(w, program_text(w, "not reached"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* Olga is asked about the record 7; Marie, who is of the group, too, is not ready. */
static struct core_world *asked(void)
{
    static const char *const pairs[] = {"name",     "1800", "list",         "spring", "agents",
                                        "overflow", "mode", "push_preview", NULL};
    static const char *const member[] = {"group", "overflow", "agent", "marie", NULL};
    struct core_world *world = world_new();
    link_up(world, offering);
    resync(world, true);
    resync(world, false);
    list_up(world);
    world_run(world, offers());
    directory(world, table_campaign, "1800", pairs);
    directory(world, table_group_member, "overflow/marie", member);
    commit(world, false);
    agent(world, "marie", "7001", agent_state_not_ready);
    agent(world, "olga", "7003", agent_state_ready);
    asks_of_campaign(world, campaign_op_load);
    asks_of_campaign(world, campaign_op_start);
    world_forget(world);
    hand_over(world, 7, NUMBER, 0);
    seconds(world, 1);
    expect(world, "Invite\n");
    return world;
}

/* By the first claim. */
static void olga_answers(struct core_world *world, bool accepts)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, LINK, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0, 0);
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, UINT64_C(1) << 48 | 1);
    world_post(world);
    world->client = world->req = 0;
}

Test(core_record_preview, who_is_asked_sees_the_record_and_dials_it)
{
    struct core_world *world = asked();
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "record=7 campaign=1800 number=" NUMBER " attempts=0"), "%s", world->reply);
    tells_of(world, "marie", 7, &(struct record_words){.op = record_op_status});
    OLGA(7, .op = record_op_processed);
    expect(world, "Reply ok\nReply error no_privilege\nReply error invalid_state\n");
    olga_answers(world, true);
    expect(world, "Reply ok\n" CHECKED);
    agrees(world);
    agrees(world);
    expect(world, "UpdateRecord retrieved other 2\nRequestMakeCall\n");
    cr_assert_str_eq(newest(world)->dest, "1800 " NUMBER);
    created_for(world);
    route_request(world, CALL, 0);
    expect(world, "RequestRouteCall 7003\n");
    talk(world, CALL, "7003", "olga");
    OLGA(7, .op = record_op_processed, .result = cause_ok);
    cr_assert(strstr(world->trace, "UpdateRecord updated ok 3 olga"), "%s", world->trace);
    world_end(world);
}

Test(core_record_preview, who_is_asked_puts_the_record_off_and_nobody_else_is_asked)
{
    struct core_world *world = asked();
    agent(world, "marie", "7001", agent_state_ready);
    OLGA(7, .op = record_op_reschedule, .due_s = 5000, .callback = callback_type_personal);
    expect(world,
           "UpdateRecord ready other 2 due 5000 olga\nWithdraw\n" /* and again, since its interaction has ended */
           "UpdateRecord ready other 2 due 5000 olga\nReply ok\n");
    agrees(world);
    seconds(world, 5);
    cr_assert_null(strstr(world->trace, "Invite"), "%s", world->trace);
    cr_assert_eq(records_held(world), 0u);
    cr_assert_eq(claims_outstanding(world->core->claims), 0u);
    world_end(world);
}

Test(core_record_preview, who_is_asked_says_never)
{
    struct core_world *world = asked();
    OLGA(7, .op = record_op_do_not_call, .number = OTHERS); /* another number: the record is still to be answered */
    cr_assert_null(strstr(world->trace, "Withdraw"), "%s", world->trace);
    agrees(world);
    world_forget(world);
    OLGA(7, .op = record_op_do_not_call);
    cr_assert(strstr(world->trace, "UpdateRecord cancelled do_not_call"), "%s", world->trace);
    cr_assert(strstr(world->trace, "Withdraw\n"), "%s", world->trace);
    cr_assert(strstr(world->trace, "Reply ok\n"), "%s", world->trace);
    olga_answers(world, true);
    cr_assert(strstr(world->trace, "Reply error taken"), "%s", world->trace);
    cr_assert_null(strstr(world->trace, "CheckRecord"), "%s", world->trace);
    world_end(world);
}

/* The list may hand it to another dialer at once. */
Test(core_record_preview, what_was_not_dialled_ends_when_its_campaign_is_unloaded)
{
    struct core_world *world = asked();
    asks_of_campaign(world, campaign_op_unload);
    cr_assert(strstr(world->trace, "UpdateRecord ready other 2\n"), "%s", world->trace);
    cr_assert(strstr(strstr(world->trace, "UpdateRecord"), "FetchRecords 0"), "first: %s", world->trace);
    cr_assert(strstr(world->trace, "Withdraw"), "%s", world->trace);
    cr_assert_eq(claims_outstanding(world->core->claims), 0u);
    world_end(world);
    world = previewing();
    OLGA(0, .op = record_op_get);
    world_forget(world);
    asks_of_campaign(world, campaign_op_unload);
    cr_assert(strstr(world->trace, "UpdateRecord ready other 2\n"), "%s", world->trace);
    OLGA(7, .op = record_op_dial);
    cr_assert(strstr(world->trace, "Reply error closed\n"), "%s", world->trace);
    cr_assert_null(strstr(world->trace, "CheckRecord"), "%s", world->trace);
    world_end(world);
    world = calling();
    asks_of_campaign(world, campaign_op_unload);
    cr_assert_null(strstr(world->trace, "UpdateRecord"), "what was dialled goes on: %s", world->trace);
    world_end(world);
}

/* Else an agent who is alone would be asked nothing more until the strategy gives the record up. */
Test(core_record_preview, who_skips_a_record_is_asked_about_the_next_one)
{
    struct core_world *world = asked();
    hand_over(world, 8, OTHERS, 0);
    seconds(world, 1);
    expect(world, "");
    olga_answers(world, false);
    expect(world, "Reply ok\n");
    seconds(world, 0); /* selection looks first whether somebody waits for her */
    expect(world, "Invite\n");
    OLGA(8, .op = record_op_status);
    cr_assert(strstr(world->reply, "record=8"), "%s", world->reply);
    OLGA(8, .op = record_op_cancel);
    world_end(world);
}

Test(core_record_preview, who_skips_or_says_nothing_leaves_the_record_to_the_next)
{
    struct core_world *world = asked();
    olga_answers(world, false);
    expect(world, "Reply ok\n");
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "Invite\n");
    seconds(world, 21);
    cr_assert(strstr(world->trace, "Withdraw"), "%s", world->trace);
    cr_assert_null(strstr(world->trace, "CheckRecord"), "%s", world->trace);
    world_forget(world);
    tells_of(world, "marie", 7, &(struct record_words){.op = record_op_cancel});
    expect(world, "Reply error no_privilege\n");
    world_end(world);
}

/* ---- whatever happens ---- */

Test(core_record_preview, previews_hold_whatever_happens)
{
    const uint64_t from = drawn_from();
    for (uint64_t seed = from + 1; seed <= from + 60; seed++) {
        uint64_t random = seed;
        struct core_world *world = previewing();
        for (unsigned step = 0; step < 60; step++) {
            happens(world, &random);
            OLGA(0, .op = record_op_get);
            if (draw(&random, 4) == 0) agent(world, "olga", "7003", agent_state_logged_out);
            if (draw(&random, 3) == 0) agent(world, "olga", "7003", agent_state_ready);
            if (draw(&random, 9) == 0) asks_of_campaign(world, 1 + draw(&random, 4));
            if (draw(&random, 3) == 0) created_for(world);
            if (draw(&random, 3) == 0) talks_with_olga(world);
            if (draw(&random, 5) == 0) agrees_not(world, code_busy);
            if (draw(&random, 5) == 0) ends_as(world, cause_no_answer);
            world_forget(world);
        }
        world_end(world);
    }
}
