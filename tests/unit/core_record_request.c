/* tests/unit/core_record_request.c - Agents and the records that they call: flow O1 from its sixth step on. What they
 * say is answered at once, told to the list when the record is processed, and lost with no call, desktop or list. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"
#include "vm/memory.h"
#include "tests/unit/drawn.h"

TestSuite(core_record_request, .timeout = 30);

enum { LIST = 17, GRACE_S = 600 };
#define NUMBER "+33145550101"
#define OTHERS "+33145550102"

static const char *const dialling[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", "dial", NULL};

/* Dials the record's number, and gives who answers to the DN 7001. */
static struct image *serves(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    (void)writer_zone(w, "Asia/Tokyo", (const int64_t[]){INT64_MIN}, (const int32_t[]){9 * 3600}, 1);
    uint16_t to = program_name(w, TYPE_DN, "7001");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_dial_number, program_text(w, NUMBER));
    writer_wait_timeout(w, SECONDS(w, 35));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_outbound_dial, REGISTER_NONE);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, CONSTANT(writer_constant(w, TYPE_DN, to)));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_answer(w, SECONDS(w, 15));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
    writer_place(w, failed);
    program_stop(w, program_text(w, "not reached"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static void list_up(struct world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LIST);
    writer_text(writer, LinkUp_name, "lists");
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("records"));
    writer_list_end(writer);
    world_post(world);
    world_event(world, LIST, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, LIST, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static void list_down(struct world *world)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LIST);
    world_post(world);
}

/* The list hands over the record; it may be called from 9 to 17 hours in Tokyo, where it is 9 now. */
static void hand_over(struct world *world, uint64_t record, const char *number, int64_t due_s)
{
    struct writer *writer = world_event(world, LIST, KIND_EventRecord, 0, 0, 0);
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "name", span_of("Dupont"));
    kv_put_text(&data, "product", span_of("car"));
    writer_u(writer, EventRecord_record, record);
    writer_text(writer, EventRecord_campaign, "1800");
    writer_u(writer, EventRecord_chain, 3);
    writer_text(writer, EventRecord_number, number);
    writer_u(writer, EventRecord_type, record_type_general);
    writer_i(writer, EventRecord_due, due_s * 1000000);
    writer_i(writer, EventRecord_from, INT64_C(9) * 3600 * 1000000);
    writer_i(writer, EventRecord_till, INT64_C(17) * 3600 * 1000000);
    writer_text(writer, EventRecord_zone, "Asia/Tokyo");
    writer_kv(writer, EventRecord_data, &data);
    writer_u(writer, EventRecord_version, 1);
    kv_free(&data);
    world_post(world);
}

/* The list answers what it was told or asked last. */
static void answers(struct world *world, enum outcome outcome, enum code code)
{
    uint32_t at = world->sent_count;
    const struct sent *sent;
    do sent = &world->sent[--at % 16];
    while (sent->link != LIST && at > 0 && world->sent_count - at < 16);
    struct writer *writer = world_event(world, LIST, KIND_EventDone, sent->ixn, sent->ref, 0);
    writer_u(writer, EventDone_outcome, outcome);
    writer_u(writer, EventDone_code, code);
    world_post(world);
}

static void agrees(struct world *world)
{
    answers(world, outcome_ok, code_ok);
}

static void seconds(struct world *world, unsigned count)
{
    world_advance(world, (uint64_t)count * 1000000);
}

static uint32_t records_held(const struct world *world)
{
    return world->core->list_records->taken;
}

/* What an agent says of a record. */
struct says {
    enum record_op op;
    enum cause result;
    const char *key, *value; /* a field; NULL: none */
    int64_t due_s;
    enum callback_type callback;
    enum record_scope scope;
    const char *number, *campaign;
};

static void tells_of(struct world *world, const char *who, uint64_t record, const struct says *says)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_RequestRecord, 0, 0, 0);
    struct kv fields;
    kv_init(&fields);
    if (says->key) kv_put_text(&fields, says->key, span_of(says->value));
    writer_text(writer, ENVELOPE_actor, who);
    writer_u(writer, RequestRecord_op, says->op);
    writer_u(writer, RequestRecord_record, record);
    writer_text(writer, RequestRecord_campaign, record != 0 ? "1800" : says->campaign);
    writer_u(writer, RequestRecord_result, says->result);
    if (says->key) writer_kv(writer, RequestRecord_fields, &fields);
    writer_text(writer, RequestRecord_number, says->number);
    writer_i(writer, RequestRecord_due, says->due_s * 1000000);
    writer_u(writer, RequestRecord_callback, says->callback);
    writer_u(writer, RequestRecord_scope, says->scope);
    kv_free(&fields);
    world_post(world);
    world->client = world->req = 0;
}

static void tells(struct world *world, const struct says *says)
{
    tells_of(world, "marie", 7, says);
}

#define SAYS(...) tells(world, &(struct says){__VA_ARGS__})

/* Marie talks with the person of the record 7. */
static struct world *talking(void)
{
    struct world *world = world_new();
    link_up(world, dialling);
    resync(world, true);
    resync(world, false);
    list_up(world);
    world_run(world, serves());
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "olga", "7003", agent_state_ready);
    hand_over(world, 7, NUMBER, 0);
    seconds(world, 1);
    agrees(world);
    agrees(world);
    struct writer *writer =
        world_event(world, LINK, KIND_EventCallCreated, world->ixn, world->last_ref[KIND_RequestMakeCall], CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(world);
    route_request(world, CALL, 0);
    world_forget(world);
    talk(world, CALL, "7001", "marie");
    expect(world, "");
    tells_of(world, "marie", 0, &(struct says){.op = record_op_status}); /* her desktop knows of records */
    world_forget(world);
    return world;
}

static void hangs_up(struct world *world)
{
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    deleted(world, CALL);
}

static void logs_out(struct world *world)
{
    agent(world, "marie", "7001", agent_state_logged_out);
}

static void ends(struct world *world)
{
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    world_forget(world);
    seconds(world, 10000);
    expect(world, "");
    world_end(world);
}

Test(core_record_request, a_call_has_the_names_of_its_record_with_it)
{
    struct world *world = talking();
    cr_assert(data_is(world, world->ixn, "GSW_CAMPAIGN_NAME", "1800"));
    cr_assert(data_is(world, world->ixn, "GSW_PHONE", NUMBER));
    cr_assert(data_is(world, world->ixn, "name", "Dupont"));
    world_end(world);
}

Test(core_record_request, the_list_hears_which_number_is_truly_dialled)
{
    struct world *world = world_new();
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
    struct world *world = talking();
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
    struct world *world = talking();
    SAYS(.op = record_op_processed, .result = cause_ok);
    expect(world, "UpdateRecord updated ok 3 marie\nReply ok\n");
    SAYS(.op = record_op_update, .result = cause_busy);
    SAYS(.op = record_op_processed);
    expect(world, "Reply error closed\nReply ok\n");
    agrees(world);
    hangs_up(world);
    expect(world, "");
    cr_assert_eq(records_held(world), 0u);
    world_end(world);
}

Test(core_record_request, processed_again_is_no_error)
{
    struct world *world = talking();
    hangs_up(world);
    SAYS(.op = record_op_processed);
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord updated ok 3 marie\nReply ok\nReply ok\n");
    agrees(world);
    cr_assert_eq(records_held(world), 0u);
    SAYS(.op = record_op_processed);
    SAYS(.op = record_op_update);
    tells_of(world, "olga", 7, &(struct says){.op = record_op_processed});
    expect(world, "Reply ok\nReply error gone\nReply error gone\n");
    world_end(world);
}

Test(core_record_request, who_vanishes_has_ten_minutes_to_come_back)
{
    struct world *world = talking();
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
    struct world *world = talking();
    agent(world, "marie", "7001", agent_state_logged_out);
    agent(world, "marie", "7001", agent_state_ready);
    hangs_up(world);
    expect(world, "UpdateRecord updated ok 3 marie\n");
    ends(world);
}

Test(core_record_request, who_comes_back_in_time_goes_on)
{
    struct world *world = talking();
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
    struct world *world = talking();
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
    expect(world, "Reply ok\nUpdateRecord ready ok 3 due 7200\nReply ok\n");
    world_end(world);
}

Test(core_record_request, a_call_back_that_the_list_refuses_stands_there_as_missed)
{
    struct world *world = talking();
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
    struct world *world = talking();
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

Test(core_record_request, a_customer_is_blocked_or_another_number)
{
    struct world *world = talking();
    SAYS(.op = record_op_do_not_call, .number = "by the river");
    SAYS(.op = record_op_do_not_call, .number = OTHERS);
    expect(world, "Reply error invalid_number\nUpdateRecord none other 3 block number=" OTHERS "\nReply ok\n");
    SAYS(.op = record_op_do_not_call, .scope = record_scope_customer);
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord none other 4 block number=" OTHERS " number=" NUMBER "\nReply ok\n"
                  "UpdateRecord cancelled do_not_call 5 marie all of the customer block number=" OTHERS
                  " number=" NUMBER "\nReply ok\n");
    world_end(world);
}

/* The list would refuse them, when the agent has been told already that they are blocked. */
Test(core_record_request, a_number_that_no_list_could_block_is_refused)
{
    static const char *const wrong[] = {"0309999", "garbage",           "+garbage",
                                        "+331455", "+3314555010112345", "+0331455501"};
    struct world *world = talking();
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
    struct world *world = talking();
    SAYS(.op = record_op_cancel);
    SAYS(.op = record_op_cancel_chain);
    SAYS(.op = record_op_processed);
    expect(world, "Reply ok\nReply ok\nUpdateRecord cancelled ok 3 marie all of the chain\nReply ok\n");
    world_end(world);
}

Test(core_record_request, what_is_wrong_is_refused_and_changes_nothing)
{
    struct world *world = talking();
    static char large[HOLDER_FIELDS_BYTES_MAX + 1];
    memset(large, 'x', sizeof large - 1);
    SAYS(.op = record_op_update, .result = cause_busy, .key = "number", .value = "1");
    SAYS(.op = record_op_update, .result = cause_stale);
    SAYS(.op = record_op_update, .result = cause_busy, .key = "large", .value = large);
    SAYS(.op = record_op_add);
    expect(world, "Reply error invalid_attribute\nReply error invalid_attribute\nReply error too_large\n"
                  "Reply unsupported unsupported\n");
    tells_of(world, "olga", 7, &(struct says){.op = record_op_update});
    tells_of(world, "nobody", 7, &(struct says){.op = record_op_update});
    tells_of(world, "marie", 8, &(struct says){.op = record_op_update});
    expect(world, "Reply error no_privilege\nReply error not_logged_in\nReply error gone\n");
    SAYS(.op = record_op_processed);
    expect(world, "UpdateRecord updated ok 3 marie\nReply ok\n");
    world_end(world);
}

Test(core_record_request, agents_see_their_records)
{
    struct world *world = talking();
    SAYS(.op = record_op_update, .key = "colour", .value = "red");
    SAYS(.op = record_op_status);
    cr_assert_str_eq(world->reply, "record=7 campaign=1800 number=" NUMBER " attempts=1 result=ok state=with_agent "
                                   "fields=(name=Dupont product=car colour=red)");
    tells_of(world, "marie", 0, &(struct says){.op = record_op_status});
    cr_assert_str_eq(world->reply,
                     "record=(record=7 campaign=1800 number=" NUMBER " attempts=1 result=ok state=with_agent)");
    hangs_up(world);
    world_forget(world);
    tells_of(world, "marie", 0, &(struct says){.op = record_op_logout});
    expect(world, "Reply error busy\n");
    tells_of(world, "marie", 0, &(struct says){.op = record_op_status});
    cr_assert_str_eq(world->reply, "record=(record=7 campaign=1800 number=" NUMBER " attempts=1 result=ok state=open)");
    tells_of(world, "olga", 0, &(struct says){.op = record_op_logout});
    expect(world, "Reply ok\nReply ok\n");
    world_end(world);
}

Test(core_record_request, the_list_shows_an_agent_the_other_numbers_of_the_customer)
{
    struct world *world = talking();
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
    tells_of(world, "olga", 7, &(struct says){.op = record_op_chained});
    expect(world, "Reply error unavailable\nReply error no_privilege\n");
    world_end(world);
}

Test(core_record_request, a_list_that_is_away_hears_it_later)
{
    struct world *world = talking();
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
    struct world *world = talking();
    hangs_up(world);
    SAYS(.op = record_op_reschedule, .due_s = 60, .callback = callback_type_campaign);
    seconds(world, 100);
    world_forget(world);
    SAYS(.op = record_op_processed);
    cr_assert_null(strstr(world->trace, "due 60"), "%s", world->trace);
    ends(world);
}

/* ---- preview: flow O2 ---- */

static void asks_of_campaign(struct world *world, enum campaign_op op)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_RequestCampaign, 0, 0, 0);
    writer_text(writer, RequestCampaign_campaign, "1800");
    writer_u(writer, RequestCampaign_op, op);
    world_post(world);
}

/* An agent of the campaign who has logged out may come back for so long. */
static void grace_is(struct world *world, int64_t processed_s)
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
static struct world *previewing_with(int64_t processed_s)
{
    static const char *const pairs[] = {"name", "1800",    "list",     "spring", "agents", "overflow",
                                        "mode", "preview", "rule_set", "ours",   NULL};
    struct world *world = world_new();
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

static struct world *previewing(void)
{
    return previewing_with(GRACE_S);
}

/* Before each attempt the list hears the terms again: its dialer may have begun anew. */
#define CHECKED           "CheckRecord " NUMBER " list=spring\n"
#define OLGA(record, ...) tells_of(world, "olga", record, &(struct says){__VA_ARGS__})

/* The link tells of the call that it was asked for last. */
static void created_for(struct world *world)
{
    struct writer *writer =
        world_event(world, LINK, KIND_EventCallCreated, world->ixn, world->last_ref[KIND_RequestMakeCall], CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(world);
}

/* Olga has the record 7, and its number rings. */
static struct world *calling_in(struct world *world)
{
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    agrees(world);
    created_for(world);
    party(world, CALL, "7003", "olga", party_role_agent, party_change_Dialing);
    world_forget(world);
    return world;
}

static struct world *calling(void)
{
    return calling_in(previewing());
}

static void talks_with_olga(struct world *world)
{
    party(world, CALL, "7003", "olga", party_role_agent, party_change_Established);
}

static void ends_as(struct world *world, enum cause result)
{
    writer_u(world_event(world, LINK, KIND_EventCallProgress, 0, 0, CALL), EventCallProgress_result, result);
    world_post(world);
    deleted(world, CALL);
    world_forget(world);
}

/* The link refuses to make the call. */
static void agrees_not(struct world *world, enum code code)
{
    done(world, world->ixn, world->last_ref[KIND_RequestMakeCall], outcome_error, code);
    world_forget(world);
}

static const struct sent *newest(const struct world *world)
{
    uint32_t at = world->sent_count;
    while (world->sent[(at - 1) % 16].kind != KIND_RequestMakeCall) at--;
    return &world->sent[(at - 1) % 16];
}

Test(core_record_request, a_record_is_asked_for_dialled_and_processed)
{
    struct world *world = previewing();
    OLGA(0, .op = record_op_preview_start);
    OLGA(0, .op = record_op_get);
    expect(world, "Reply ok\nReply ok\n");
    cr_assert(strstr(world->reply, "record=7 campaign=1800 number=" NUMBER " attempts=0 result=other state=preview"),
              "%s", world->reply);
    OLGA(0, .op = record_op_get);
    tells_of(world, "marie", 0, &(struct says){.op = record_op_get});
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

Test(core_record_request, the_record_of_who_has_vanished_is_closed_at_its_time)
{
    struct world *world = calling_in(previewing_with(20));
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

Test(core_record_request, who_has_vanished_with_a_record_is_not_swept_away_before_its_time)
{
    struct world *world = calling_in(previewing_with(20));
    talks_with_olga(world);
    party(world, CALL, "7003", "olga", party_role_agent, party_change_Released);
    deleted(world, CALL);
    uint32_t olga;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("olga")), &olga));
    cr_expect_not(holder_agent_goes(world->core->list_records, olga));
    world_end(world);
}

Test(core_record_request, a_record_that_is_skipped_comes_again_and_none_is_told)
{
    struct world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_update, .key = "colour", .value = "red");
    OLGA(7, .op = record_op_reject);
    OLGA(0, .op = record_op_get);
    cr_assert(strstr(world->reply, "record=8"), "%s", world->reply);
    OLGA(8, .op = record_op_cancel);
    OLGA(8, .op = record_op_processed);
    agrees(world);
    seconds(world, 1);
    OLGA(0, .op = record_op_get);
    cr_assert(strstr(world->reply, "record=7"), "%s", world->reply);
    cr_assert_null(strstr(world->reply, "colour"), "%s", world->reply);
    OLGA(7, .op = record_op_processed);
    agrees(world);
    world_forget(world);
    OLGA(0, .op = record_op_get);
    expect(world, "Reply ok\n");
    cr_assert_str_eq(world->reply, "");
    world_end(world);
}

Test(core_record_request, nobody_is_dialled_whom_the_list_does_not_allow)
{
    struct world *world = previewing();
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

Test(core_record_request, an_attempt_that_may_have_been_noted_counts)
{
    struct world *world = previewing();
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

Test(core_record_request, fields_of_the_list_that_are_too_many_for_an_answer_are_left_out)
{
    static char long_text[4001];
    struct world *world = previewing();
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

Test(core_record_request, who_is_done_with_a_record_does_not_dial_it)
{
    struct world *world = previewing();
    OLGA(0, .op = record_op_get);
    OLGA(7, .op = record_op_dial);
    expect(world, "Reply ok\n" CHECKED "UpdateRecord retrieved other 2\n");
    OLGA(7, .op = record_op_processed);
    expect(world, "Reply error closed\nUpdateRecord updated other 3 olga\nReply ok\n");
    agrees(world);
    expect(world, "");
    world_end(world);
}

Test(core_record_request, a_record_that_was_dialled_stays_so_when_it_may_not_be_dialled_again)
{
    struct world *world = calling();
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

Test(core_record_request, what_is_dialled_in_preview_is_a_call_of_its_record_from_the_agents_telephone)
{
    struct world *world = calling();
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

Test(core_record_request, a_preview_call_that_nobody_answers_has_its_result_and_may_be_dialled_again)
{
    struct world *world = calling();
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

Test(core_record_request, a_preview_call_whose_fate_is_unknown_is_given_up_and_left_alone)
{
    struct world *world = previewing();
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
Test(core_record_request, a_preview_call_that_was_ended_by_hand_may_be_dialled_again)
{
    struct world *world = previewing();
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

Test(core_record_request, nobody_dials_without_a_telephone)
{
    static const char *const deaf[] = {"calls", "treatments", "pull_back", "set_agent", "desktops", NULL};
    struct world *world = previewing();
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

Test(core_record_request, who_vanishes_with_a_record_leaves_it_as_it_was)
{
    struct world *world = previewing();
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
static struct world *asked(void)
{
    static const char *const pairs[] = {"name",     "1800", "list",         "spring", "agents",
                                        "overflow", "mode", "push_preview", NULL};
    static const char *const member[] = {"group", "overflow", "agent", "marie", NULL};
    struct world *world = world_new();
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
static void olga_answers(struct world *world, bool accepts)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, LINK, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0, 0);
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, UINT64_C(1) << 48 | 1);
    world_post(world);
    world->client = world->req = 0;
}

Test(core_record_request, who_is_asked_sees_the_record_and_dials_it)
{
    struct world *world = asked();
    OLGA(7, .op = record_op_status);
    cr_assert(strstr(world->reply, "record=7 campaign=1800 number=" NUMBER " attempts=0"), "%s", world->reply);
    tells_of(world, "marie", 7, &(struct says){.op = record_op_status});
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

Test(core_record_request, who_is_asked_puts_the_record_off_and_nobody_else_is_asked)
{
    struct world *world = asked();
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

Test(core_record_request, who_is_asked_says_never)
{
    struct world *world = asked();
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
Test(core_record_request, what_was_not_dialled_ends_when_its_campaign_is_unloaded)
{
    struct world *world = asked();
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
Test(core_record_request, who_skips_a_record_is_asked_about_the_next_one)
{
    struct world *world = asked();
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

Test(core_record_request, who_skips_or_says_nothing_leaves_the_record_to_the_next)
{
    struct world *world = asked();
    olga_answers(world, false);
    expect(world, "Reply ok\n");
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "Invite\n");
    seconds(world, 21);
    cr_assert(strstr(world->trace, "Withdraw"), "%s", world->trace);
    cr_assert_null(strstr(world->trace, "CheckRecord"), "%s", world->trace);
    world_forget(world);
    tells_of(world, "marie", 7, &(struct says){.op = record_op_cancel});
    expect(world, "Reply error no_privilege\n");
    world_end(world);
}

/* ---- whatever happens ---- */

static unsigned draw(uint64_t *random, unsigned below)
{
    *random = mix64(*random + UINT64_C(0x9e3779b97f4a7c15));
    return (unsigned)(*random % below);
}

static void happens(struct world *world, uint64_t *random)
{
    struct says says = {.op = (enum record_op)draw(random, 16),
                        .result = draw(random, 2) == 0 ? cause_ok : cause_busy,
                        .due_s = 9000,
                        .key = draw(random, 3) == 0 ? "colour" : NULL,
                        .value = "red"};
    switch (draw(random, 10)) {
    case 0:
        list_down(world);
        break;
    case 1:
        list_up(world);
        break;
    case 2:
        answers(world, outcome_error, draw(random, 2) == 0 ? code_unavailable : code_refused);
        break;
    case 3:
        agrees(world);
        break;
    case 4:
        hangs_up(world);
        break;
    case 5:
        agent(world, "marie", "7001", draw(random, 2) == 0 ? agent_state_logged_out : agent_state_ready);
        break;
    case 6:
        seconds(world, draw(random, 400));
        break;
    default:
        tells_of(world, draw(random, 2) == 0 ? "marie" : "olga", draw(random, 3) == 0 ? 0 : 7 + draw(random, 2), &says);
        break;
    }
}

Test(core_record_request, previews_hold_whatever_happens)
{
    const uint64_t from = drawn_from();
    for (uint64_t seed = from + 1; seed <= from + 60; seed++) {
        uint64_t random = seed;
        struct world *world = previewing();
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

Test(core_record_request, every_record_comes_to_its_end_whatever_happens)
{
    const uint64_t from = drawn_from();
    for (uint64_t seed = from + 1; seed <= from + 60; seed++) {
        uint64_t random = seed;
        struct world *world = talking();
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
static void goes_to(struct world *world, const enum record_state from[RECORD_STATES], enum record_state state)
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
static bool is_made(struct world *world, const enum record_state ways[RECORD_STATES], enum record_state from,
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
    struct world *world = world_new();
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
static bool world_is_loaded(struct world *world, struct error *error)
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
    struct world *world = world_new();
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
