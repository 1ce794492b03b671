/* tests/unit/core_campaigns.c - Campaigns: loaded, started, stopped and unloaded; their lists asked for records ahead
 * of time; their schedules. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/campaign_play.h"

TestSuite(core_campaigns, .timeout = 60);

Test(core_campaigns, a_campaign_is_loaded_started_stopped_and_unloaded)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    request(world, campaign_op_start);
    expect(world, "Reply error invalid_state\n");
    request(world, campaign_op_load);
    request(world, campaign_op_load);
    expect(world, "Reply ok\nReply ok\n");
    request(world, campaign_op_stop);
    expect(world, "Reply ok\n");
    is(play, "loaded", "not_started");
    request(world, campaign_op_start);
    expect(world, "Reply ok\nFetchRecords 200\n");
    is(play, "running", "no_agent_ready");
    request(world, campaign_op_start);
    request(world, campaign_op_stop);
    request(world, campaign_op_stop);
    expect(world, "Reply ok\nReply ok\nReply ok\n");
    is(play, "loaded", "stopped");
    struct core_status status;
    core_status(world->core, &status);
    cr_assert_eq(status.campaigns_stopped, 1u, "who stops one that does not run changes nothing");
    request(world, campaign_op_unload);
    request(world, campaign_op_unload);
    expect(world, "FetchRecords 0\nReply ok\nReply ok\n");
    request(world, campaign_op_load);
    expect(world, "Reply error invalid_state\n");
    is(play, "unloading", "unloading");
    answer_of(world, LIST, 0, fetch_ref(play), code_ok);
    cr_assert_null(campaign(play));
    request(world, campaign_op_unload);
    expect(world, "Reply error invalid_state\n");
    request(world, campaign_op_load);
    expect(world, "Reply ok\n");
    over(play);
}

/* Zeros would be a list that is used up, and a team that has gone home. */
Test(core_campaigns, a_campaign_that_was_not_started_shows_its_team_and_no_list)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct campaign_row row;
    log_in(play, 3);
    request(play->world, campaign_op_load);
    agent(play->world, names[0], dns[0], agent_state_not_ready);
    cr_assert(core_campaign(play->world->core, 0, &row));
    struct campaign_team team = core_campaign_team(play->world->core, 0);
    cr_expect(team.agents == 3 && team.ready == 2 && team.busy == 0, "%u ready of %u", team.ready, team.agents);
    cr_expect_not(row.listed);
    over(play);
}

Test(core_campaigns, what_cannot_be_loaded_is_refused_with_the_reason)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    request_with(world, "nothing", campaign_op_load, campaign_mode_none, NULL, 0);
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "linse", 4);
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 0);
    expect(world, "Reply error invalid_attribute\nReply error invalid_attribute\nReply error invalid_attribute\n");
    directory(world, table_campaign, "1801", (const char *const[]){"name", "1801", "mode", "power", NULL});
    directory(world, table_campaign, "1800",
              (const char *const[]){"name", "1800", "agents", "nobody", "mode", "progressive", NULL});
    commit(world, false);
    world_forget(world);
    request_with(world, "1801", campaign_op_load, campaign_mode_none, NULL, 0);
    expect(world, "Reply error invalid_dn\n");
    request(world, campaign_op_load);
    expect(world, "Reply error invalid_attribute\n");
    request_with(world, "1800", campaign_op_load, campaign_mode_power, NULL, 0);
    expect(world, "Reply ok\n");
    list_down(world);
    seconds(play, 100);
    request_with(world, "1800", campaign_op_load, campaign_mode_power, NULL, 0);
    expect(world, "Reply error link_down\n");
    over(play);
}

Test(core_campaigns, limits_and_mode_take_the_place_of_the_rules)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 7);
    cr_assert_eq(campaign(play)->rules[CAMPAIGN_RULE_lines], 7u);
    request_with(world, "1800", campaign_op_mode, campaign_mode_predictive, "learn", 5);
    cr_assert_eq(campaign(play)->pacer.rules.lines, 7u);
    cr_assert_eq(campaign(play)->pacer.rules.learn, 5u);
    cr_assert_eq(campaign(play)->pacer.rules.mode, (uint32_t)PACER_predictive);
    request(world, campaign_op_load); /* as the directory says */
    cr_assert_eq(campaign(play)->rules[CAMPAIGN_RULE_lines], 100u);
    cr_assert_eq(campaign(play)->mode, (unsigned)campaign_mode_progressive);
    over(play);
}

Test(core_campaigns, a_defined_campaign_takes_records_only_while_it_is_loaded)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    hand_over(play, 5);
    expect(world, "Reply error invalid_state\n");
    request(world, campaign_op_load);
    hand_over(play, 5);
    expect(world, "Reply ok\nReply ok\n");
    seconds(play, 10);
    expect(world, ""); /* it does not run */
    cr_assert_eq(campaign(play)->counts.records[RECORD_due], 1u);
    request(world, campaign_op_unload);
    hand_over(play, 5);
    expect(world, "FetchRecords 0\nReply ok\nReply error invalid_state\n");
    cr_assert_eq(world->core->list_records->taken, 0u);
    over(play);
}

Test(core_campaigns, a_list_is_asked_ahead_and_again_after_a_pause)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
    request(world, campaign_op_start);
    expect(world, "Reply ok\nReply ok\nFetchRecords 20\n");
    uint32_t ref = fetch_ref(play);
    seconds(play, 50);
    expect(world, "");
    seconds(play, 11); /* no answer */
    expect(world, "FetchRecords 20\n");
    cr_assert_eq(fetch_ref(play), ref);
    fetched(play, ref, 0);
    seconds(play, 29);
    expect(world, "");
    seconds(play, 2);
    expect(world, "FetchRecords 20\n");
    cr_assert_neq(fetch_ref(play), ref);
    fetched(play, fetch_ref(play), 0);
    seconds(play, 55);
    expect(world, "");
    seconds(play, 6);
    expect(world, "FetchRecords 20\n");
    fetched(play, fetch_ref(play), 20);
    world_forget(world);
    seconds(play, 1000);
    expect(world, ""); /* there are enough */
    request(world, campaign_op_stop);
    request(world, campaign_op_unload);
    expect(world, "Reply ok\nFetchRecords 0\nReply ok\n");
    cr_assert_eq(world->core->list_records->taken, 0u);
    over(play);
}

/* The numbers of the records that are due, in the order in which they are taken. */
static const char *due_queue(const struct campaign_play *play, char text[64])
{
    const struct list_record *all = play->world->core->list_records->all;
    text[0] = '\0';
    for (uint32_t at = campaign(play)->due.first; at != LIST_RECORD_NONE; at = all[at].next)
        sprintf(text + strlen(text), "%u ", (unsigned)all[at].record);
    return text;
}

/* The campaign has as many fresh records ahead as it wants when four are due in the list. */
Test(core_campaigns, what_was_promised_goes_before_what_is_fetched_already)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    char text[64];
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 2);
    request(world, campaign_op_start);
    fetched(play, fetch_ref(play), 10);
    world_forget(world);
    struct writer *writer = world_event(world, LIST, KIND_ListChanged, 0, 0, 0);
    writer_text(writer, ListChanged_campaign, "1800");
    writer_u(writer, ListChanged_left, 100), writer_u(writer, ListChanged_due, 4);
    writer_u(writer, ListChanged_overdue, 2), writer_u(writer, ListChanged_exhausted, 1);
    world_post(world);
    expect(world, "FetchRecords 4\n");
    seconds(play, 2);
    expect(world, ""); /* until it hears of more */
    uint32_t ref = fetch_ref(play);
    hand_over_for(play, ref, NULL, 7);
    hand_over_for(play, ref, "a1", 8);
    hand_over_for(play, ref, NULL, 9);
    hand_over_for(play, ref, "a2", 6);
    answer_of(world, LIST, 0, ref, code_ok);
    cr_expect_str_eq(due_queue(play, text), "12 14 11 13 1 2 3 4 5 6 7 8 9 10 ");
    struct campaign_row row;
    cr_assert(core_campaign(world->core, 0, &row));
    cr_expect(row.listed && row.left == 114 && row.list_due == 4 && row.overdue == 2 && row.exhausted == 1);
    over(play);
}

Test(core_campaigns, a_list_whose_records_are_refused_is_asked_again_after_a_pause)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
    request(world, campaign_op_start);
    directory(world, table_routing_point, "1800", (const char *const[]){NULL});
    commit(world, false);
    world_forget(world);
    fetched(play, fetch_ref(play), 20);
    cr_assert_null(strstr(world->trace, "FetchRecords"), "%s", world->trace);
    seconds(play, 29);
    cr_assert_null(strstr(world->trace, "FetchRecords"), "%s", world->trace);
    over(play);
}

Test(core_campaigns, the_list_hears_what_the_campaign_demands)
{
    struct campaign_play *play = begun("power", NOTHING);
    struct core_world *world = play->world;
    directory(world, table_campaign, "1800",
              (const char *const[]){"name", "1800", "mode", "power", "list", "spring", "consent", "offers", "filter",
                                    "n = 1", "order", "due", NULL});
    commit(world, false);
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "of_day", 2);
    request_with(world, "1800", campaign_op_mode, campaign_mode_none, "ports", 1);
    world_forget(world);
    request(world, campaign_op_start);
    expect(world, "Reply ok\nFetchRecords 200 n = 1 due list=spring consent=offers of_day=2\n");
    hand_over(play, fetch_ref(play));
    world_forget(world);
    seconds(play, 1);
    expect(world, "CheckRecord " NUMBER " list=spring consent=offers of_day=2\n");
    over(play);
}

Test(core_campaigns, a_list_that_was_away_is_asked_again_with_the_same_ref)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    request(world, campaign_op_load);
    request(world, campaign_op_start);
    uint32_t ref = fetch_ref(play);
    world_forget(world);
    list_down(world);
    seconds(play, 300);
    expect(world, "");
    is(play, "running", "no_agent_ready");
    list_up(world);
    cr_assert(strstr(world->trace, "FetchRecords 200\n"), "%s", world->trace);
    cr_assert_eq(fetch_ref(play), ref);
    fetched(play, ref, 3);
    cr_assert_eq(campaign(play)->ref, 0u);
    request(world, campaign_op_unload);
    cr_assert_neq(campaign(play)->ref, 0u);
    list_down(world); /* who had its records is dead when the grace is over */
    seconds(play, 100);
    cr_assert_null(campaign(play));
    over(play);
}

/* A list that has begun anew does not know which campaigns to count for, so it would tell nobody what is due. */
Test(core_campaigns, a_list_that_comes_again_hears_of_the_campaign_at_once)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    request(world, campaign_op_load);
    request(world, campaign_op_start);
    fetched(play, fetch_ref(play), 200);
    seconds(play, 1);
    world_forget(world);
    list_down(world);
    list_up(world);
    cr_assert(strstr(world->trace, "FetchRecords 1\n"), "what is due goes first: %s", world->trace);
    over(play);
}

Test(core_campaigns, a_list_that_refuses_stops_the_campaign)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    request(play->world, campaign_op_load);
    request(play->world, campaign_op_start);
    answer_of(play->world, LIST, 0, fetch_ref(play), code_invalid_attribute);
    is(play, "loaded", "list_refuses");
    over(play);
}

/* The word of which mix64 makes this one. */
static uint64_t unmixed(uint64_t word)
{
    word = (word ^ word >> 31 ^ word >> 62) * UINT64_C(0x319642b2d24d8ec3);
    word = (word ^ word >> 27 ^ word >> 54) * UINT64_C(0x96de1b173f119089);
    return word ^ word >> 30 ^ word >> 60;
}

/* Anybody can reckon a number whose key is that of another campaign's record. It names no record, and is not taken. */
Test(core_campaigns, a_number_with_the_key_of_another_record_is_none)
{
    struct campaign_play *play = begun("power", NOTHING);
    struct list_records *records = play->world->core->list_records;
    request(play->world, campaign_op_load);
    const struct campaign *other = beside(play, "power", NULL, NULL, 0);
    hand_over(play, 5);
    uint32_t name = campaign(play)->name;
    uint64_t twin = unmixed(table_mix64(1) + name - other->name);
    cr_assert_eq(list_record_key(other->name, twin), list_record_key(name, 1));
    cr_assert_not_null(list_record_find(records, name, 1));
    cr_assert_null(list_record_find(records, other->name, twin));
    play->records = twin - 1;
    world_forget(play->world);
    hand_over_of(play, "1801", 5, NULL, 0);
    expect(play->world, "Reply error overload\n");
    cr_assert_eq(records->taken, 1u);
    over(play);
}

/* What may pass is asked for again: where the list is away, slow or busy, or where nobody knows what it has done. */
Test(core_campaigns, a_list_that_cannot_answer_now_stops_no_campaign)
{
    static const enum code passing[] = {code_unavailable, code_timeout,         code_link_down,
                                        code_overload,    code_outcome_unknown, code_throttled};
    struct campaign_play *play = begun("progressive", NOTHING);
    request(play->world, campaign_op_load);
    request(play->world, campaign_op_start);
    for (unsigned at = 0; at < sizeof passing / sizeof *passing; at++) {
        uint32_t ref = fetch_ref(play);
        answer_of(play->world, LIST, 0, ref, passing[at]);
        is(play, "running", "no_agent_ready");
        seconds(play, 1000);
        cr_assert_neq(fetch_ref(play), ref, "it is asked again after the code %u", (unsigned)passing[at]);
    }
    over(play);
}

static void says(struct core_world *world, uint32_t ref, enum code code, const char *text)
{
    struct writer *writer = world_event(world, LIST, KIND_EventDone, 0, ref, 0);
    writer_u(writer, EventDone_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(writer, EventDone_code, code);
    writer_text(writer, EventDone_text, text);
    world_post(world);
}

static void reason_is(const struct campaign_play *play, bool asking, const char *reason)
{
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row));
    cr_assert_eq(row.asking, asking);
    cr_assert(span_is(row.reason, reason), "%.*s", (int)row.reason.length, (const char *)row.reason.bytes);
}

Test(core_campaigns, a_list_says_at_the_load_what_is_wrong_and_once_more_at_the_start)
{
    static const char *const checking[] = {"records", "lists", NULL};
    struct campaign_play *play = begun("power", NOTHING);
    struct core_world *world = play->world;
    list_down(world);
    list_up_with(world, checking);
    world_forget(world);
    request(world, campaign_op_load);
    expect(world, "CheckList\nReply ok\n");
    reason_is(play, true, "");
    says(world, world->last_ref[KIND_CheckList], code_invalid, "there is no calling list '1800'");
    reason_is(play, false, "there is no calling list '1800'");
    is(play, "loaded", "not_started");
    request(world, campaign_op_start);
    reason_is(play, true, "there is no calling list '1800'");
    says(world, fetch_ref(play), code_invalid, "the filter: at 'x': expected a value");
    is(play, "loaded", "list_refuses");
    reason_is(play, false, "the filter: at 'x': expected a value");
    request(world, campaign_op_load);
    says(world, world->last_ref[KIND_CheckList], code_ok, NULL);
    reason_is(play, false, "");
    over(play);
}

Test(core_campaigns, a_list_that_has_changed_is_asked_at_once)
{
    struct campaign_play *play = begun("power", NOTHING);
    struct core_world *world = play->world;
    request(world, campaign_op_load);
    request(world, campaign_op_start);
    fetched(play, fetch_ref(play), 0);
    seconds(play, 29);
    world_forget(world);
    writer_text(world_event(world, LIST, KIND_ListChanged, 0, 0, 0), ListChanged_list, "another");
    world_post(world);
    expect(world, "");
    writer_text(world_event(world, LIST, KIND_ListChanged, 0, 0, 0), ListChanged_list, "1800");
    world_post(world);
    cr_assert(strstr(world->trace, "FetchRecords"), "%s", world->trace);
    over(play);
}

Test(core_campaigns, so_many_failures_in_a_row_stop_the_campaign)
{
    struct campaign_play *play = begun("power", DIVIDES);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "failures", 4);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "ports", 3);
    request(play->world, campaign_op_start);
    fetched(play, fetch_ref(play), 10);
    seconds(play, 5);
    is(play, "loaded", "failures");
    cr_assert_eq(campaign_buffered(campaign(play)), 6u);
    over(play);
}

static void record_is(const struct campaign_play *play, uint64_t record, const char *state)
{
    struct list_record_row row;
    core_list_record_named(play->world->core, span_of("1800"), record, &row);
    cr_assert_str_eq(row.state, state, "%s, not %s", row.state, state);
}

static int64_t opens_s(const struct campaign_play *play)
{
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row));
    return row.opens_us / SECOND;
}

Test(core_campaigns, outside_of_its_schedule_no_record_begins_and_it_goes_on_by_itself)
{
    struct campaign_play *play = scheduled("power", "Asia/Tokyo");
    struct core_world *world = play->world;
    wall_is(play, 0); /* nine in Tokyo */
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "ports", 1);
    request(world, campaign_op_start);
    hand_over(play, 5);
    hand_over(play, 5);
    seconds(play, 10);
    expect(world, "Reply ok\nReply ok\nReply ok\nReply ok\n"); /* nothing is fetched either */
    is(play, "running", "closed");
    cr_assert_eq(opens_s(play), HOUR_S);
    record_is(play, 1, "due");
    record_is(play, 3, "elsewhere");
    wall_is(play, HOUR_S - 1);
    seconds(play, 3);
    record_is(play, 1, "checking");
    cr_assert_eq(campaign_under_way(campaign(play)), 1u);
    is(play, "running", "ports");
    cr_assert_eq(opens_s(play), 0);
    wall_is(play, 9 * HOUR_S); /* it closes; who is dialled is not hung up */
    seconds(play, 2);
    is(play, "running", "closed");
    cr_assert_eq(campaign_under_way(campaign(play)), 1u);
    seconds(play, 60); /* the switch does not answer; the strategy puts the record off */
    cr_assert_eq(campaign(play)->counts.records[RECORD_due], 1u);
    wall_is(play, DAY_S + 2 * HOUR_S); /* a holiday */
    seconds(play, 2);
    is(play, "running", "closed");
    cr_assert_eq(opens_s(play), 2 * DAY_S + HOUR_S);
    cr_assert_eq(campaign(play)->counts.records[RECORD_due], 1u);
    wall_is(play, 2 * DAY_S + HOUR_S);
    seconds(play, 2);
    cr_assert_eq(campaign(play)->counts.records[RECORD_due], 0u);
    over(play);
}

Test(core_campaigns, a_schedule_or_zone_that_the_core_does_not_know_is_told)
{
    struct campaign_play *play = scheduled("power", "Asia/Seoul");
    struct core_world *world = play->world;
    request(world, campaign_op_load);
    expect(world, "Reply error invalid_attribute\n");
    over(play);
    play = scheduled("power", "Asia/Tokyo");
    world = play->world;
    wall_is(play, 2 * HOUR_S);
    request(world, campaign_op_load);
    request(world, campaign_op_start);
    hours_row(world, false);
    world_forget(world);
    hand_over(play, 5);
    seconds(play, 2);
    expect(world, "Reply ok\n");
    is(play, "running", "no_hours");
    over(play);
}
