/* tests/unit/core_campaign_pace.c - Records of campaigns begin as the mode and the pacer say, whatever happens to
 * calls, agents and links. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/campaign_play.h"

TestSuite(core_campaign_pace, .timeout = 60);

static void drain(struct core_world *world, bool begins)
{
    struct writer *writer = world_event(world, ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, begins ? admin_op_drain : admin_op_serve);
    world_post(world);
}

Test(core_campaign_pace, progressive_never_rings_more_than_agents_are_ready)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    play->answers_percent = 50;
    play->talk_s = 40;
    play->wrap_s = 10;
    log_in(play, 1);
    run_for(play, "lines", 10, 300); /* the first agent shows that they come in time */
    log_in(play, AGENTS);
    play_for(play, 600);
    cr_assert_eq(play->most_rings, (unsigned)AGENTS);
    cr_assert_eq(campaign(play)->abandoned, 0u);
    cr_assert_gt(campaign(play)->answered, 20u);
    cr_assert_eq(play->most_over, 0u, "%u", play->most_over);
    over(play);
}

Test(core_campaign_pace, lines_and_reserve_hold)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    play->answers_percent = 50;
    play->talk_s = 40;
    log_in(play, AGENTS);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "reserve", 4);
    request(play->world, campaign_op_start);
    play_for(play, 300);
    cr_assert_eq(play->most_rings, AGENTS - 4u);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "lines", 1);
    play_for(play, 60);
    play->most_rings = 0;
    play_for(play, 100);
    cr_assert_eq(play->most_rings, 1u);
    over(play);
}

Test(core_campaign_pace, what_is_stopped_begins_nothing_more)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    play->answers_percent = 50;
    play->talk_s = 20;
    log_in(play, AGENTS);
    run_for(play, "lines", 10, 60);
    request(play->world, campaign_op_stop);
    uint64_t dialled_before = campaign(play)->dialled + campaign(play)->counts.records[RECORD_checking];
    play_for(play, 120);
    cr_assert_eq(campaign(play)->dialled, dialled_before);
    cr_assert_eq(campaign_under_way(campaign(play)), 0u);
    request(play->world, campaign_op_start);
    play_for(play, 30);
    cr_assert_gt(campaign(play)->dialled, dialled_before);
    request(play->world, campaign_op_unload); /* in the middle */
    cr_assert_eq(campaign_buffered(campaign(play)), 0u);
    for (unsigned at = 0; campaign(play) && at < 200; at++) {
        if (campaign(play)->ref != 0) answer_of(play->world, LIST, 0, campaign(play)->ref, code_ok);
        if (campaign(play)) play_for(play, 1);
    }
    cr_assert_null(campaign(play));
    for (unsigned at = 0; at < AGENTS; at++) agent(play->world, names[at], dns[at], agent_state_logged_out);
    play_for(play, 601); /* agents who have gone keep no record */
    cr_assert_eq(play->world->core->list_records->taken, 0u);
    over(play);
}

Test(core_campaign_pace, a_switch_that_is_away_is_no_failure_of_the_strategy)
{
    struct campaign_play *play = begun("progressive", NO_ELSE);
    play->answers_percent = 100;
    play->talk_s = 100;
    log_in(play, 1);
    run_for(play, "failures", 1, 1);
    while (campaign(play)->counts.records[RECORD_ringing] == 0) play_for(play, 1);
    agent(play->world, names[0], dns[0], agent_state_not_ready);
    while (campaign(play)->counts.records[RECORD_waiting] == 0) play_for(play, 1);
    link_down(play->world);
    collect(play);
    for (unsigned at = 0; at < CALLS; at++) play->calls[at].state = CALL_FREE;
    play_for(play, 60);
    is(play, "running", "no_agent_ready");
    uint64_t before = campaign(play)->dialled;
    link_up(play->world, dialling);
    resync(play->world, true);
    resync(play->world, false);
    log_in(play, AGENTS);
    play_for(play, 10);
    cr_assert_gt(campaign(play)->dialled, before);
    over(play);
}

/* An IVR may ask for an agent at any time, and nobody has dialled for them. */
Test(core_campaign_pace, agents_whom_the_mode_power_takes_are_foreseen_by_what_it_took)
{
    const char *const modes[] = {"progressive", "power"};
    for (unsigned power = 0; power < 2; power++) {
        struct campaign_play *play = begun(modes[power], NOTHING);
        request(play->world, campaign_op_load);
        struct campaign *other = beside(play, "predictive", NULL, NULL, 0);
        play->answers_percent = 100;
        play->talk_s = 20;
        log_in(play, AGENTS);
        run_for(play, power ? "ports" : "lines", 3, 60);
        cr_assert_gt(campaign(play)->answered, 2u);
        cr_assert_eq(other->pacer.taken != 0, power != 0);
        over(play);
    }
}

Test(core_campaign_pace, a_list_that_refuses_dials_is_no_failure_of_the_strategy)
{
    struct campaign_play *play = begun("power", NO_ELSE_AT_ALL);
    play->allows = code_suppressed;
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "failures", 2);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "ports", 3);
    request(play->world, campaign_op_start);
    play->silent = true;
    fetched(play, fetch_ref(play), 6);
    play_for(play, 3);
    is(play, "running", "no_record");
    cr_assert_eq(play->world->core->list_records->taken, 0u);
    cr_assert_eq(campaign(play)->failed_in_row, 0u);
    play->silent = false;
    play->allows = code_ok; /* nobody answers, which the strategy does not treat */
    play_for(play, 200);
    is(play, "loaded", "failures");
    over(play);
}

/* A call rings first, and then the exchange refuses all. */
Test(core_campaign_pace, an_exchange_that_dials_nobody_stops_the_campaign_and_its_records_stay_due)
{
    struct campaign_play *play = begun("power", NOTHING);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "failures", 3);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "ports", 1);
    request(play->world, campaign_op_start);
    fetched(play, fetch_ref(play), 12);
    play->silent = true;
    play_for(play, 5);
    cr_assert_eq(campaign(play)->dialled, 1u);
    play->dials = code_invalid_dn;
    play_for(play, 200);
    cr_assert_leq(campaign(play)->dialled, 5u, "one may have begun when the third was refused");
    is(play, "loaded", "nobody_reached");
    bool halted = false;
    cr_assert(core_campaign_halted(play->world->core, 0, &halted) && halted);
    uint64_t dialled = campaign(play)->dialled;
    cr_assert_gt(campaign_buffered(campaign(play)), 0u);
    request(play->world, campaign_op_stop); /* whoever sees it says so */
    is(play, "loaded", "stopped");
    request(play->world, campaign_op_start);
    play->dials = code_other;
    play_for(play, 10);
    cr_assert_gt(campaign(play)->dialled, dialled);
    over(play);
}

/* Health tells of a campaign that runs and whose agents come too late, as long as that is why it dials nothing. */
Test(core_campaign_pace, a_campaign_whose_agents_come_too_late_stands)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    run_for(play, "lines", 1, 1);
    struct campaign *shown = play->world->core->campaigns->all[0];
    const struct campaign is = *shown;
    bool late = false, drains = true, alone = true;
    shown->answer.why = PACER_WHY_late;
    cr_assert(core_campaign_halted(play->world->core, 0, &late) && late);
    shown->why = CAMPAIGN_WHY_draining;
    cr_assert(core_campaign_halted(play->world->core, 0, &drains) && !drains);
    *shown = is; /* no agent is ready */
    cr_assert(core_campaign_halted(play->world->core, 0, &alone) && !alone);
    over(play);
}

/* A telephone that rings shows that the exchange and the carrier are well. */
Test(core_campaign_pace, who_is_reached_ends_the_row_of_those_who_were_not)
{
    struct campaign_play *play = begun("power", NOTHING);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "failures", 20);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "ports", 1);
    request(play->world, campaign_op_start);
    fetched(play, fetch_ref(play), 4);
    play->silent = true;
    play->dials = code_invalid_dn;
    play_for(play, 5);
    cr_assert_eq(campaign(play)->failed_in_row, 4u);
    play->silent = false;
    play->dials = code_other;
    play_for(play, 60);
    cr_assert_eq(campaign(play)->failed_in_row, 0u);
    cr_assert_gt(campaign(play)->dialled, 4u);
    over(play);
}

/* A number that is wrong at the third attempt is believed to be so. */
Test(core_campaign_pace, a_carrier_that_calls_every_number_wrong_closes_no_list)
{
    for (unsigned attempts = 0; attempts < 3; attempts++) {
        struct campaign_play *play = begun("power", NO_ELSE_AT_ALL);
        play->attempts = attempts;
        request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "failures", 4);
        request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "ports", 1);
        request(play->world, campaign_op_start);
        fetched(play, fetch_ref(play), 12);
        play->silent = true;
        play->dials = code_invalid_number;
        play_for(play, 200);
        is(play, "loaded", "nobody_reached");
        if (attempts < 2) {
            cr_assert_eq(play->wrong, 1u, "the first one may be wrong: %u", play->wrong);
            cr_assert_geq(play->doubted, 3u, "%u", play->doubted);
        } else
            cr_assert(play->wrong >= 4 && play->doubted == 0, "%u, %u", play->wrong, play->doubted);
        over(play);
    }
}

Test(core_campaign_pace, a_list_that_refuses_every_dial_stops_a_strategy_that_does_not_treat_it)
{
    struct campaign_play *play = begun("power", NO_ELSE_AT_ALL);
    play->allows = code_refused;
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "failures", 2);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "ports", 3);
    request(play->world, campaign_op_start);
    play->silent = true;
    fetched(play, fetch_ref(play), 6);
    play_for(play, 3);
    is(play, "loaded", "failures");
    over(play);
}

Test(core_campaign_pace, a_campaign_whose_routing_point_is_gone_says_so)
{
    struct campaign_play *play = begun("power", NOTHING);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "ports", 3);
    request(play->world, campaign_op_start);
    directory(play->world, table_routing_point, "1900", (const char *const[]){"dn", "1900", NULL});
    commit(play->world, true);
    seconds(play, 2);
    is(play, "running", "no_strategy");
    over(play);
}

Test(core_campaign_pace, predictive_learns_and_then_rings_more)
{
    struct campaign_play *play = begun("predictive", NOTHING);
    play->answers_percent = 30;
    play->talk_s = 60;
    play->wrap_s = 5;
    log_in(play, AGENTS);
    run_for(play, "lines", 12, 300);
    cr_assert_eq(play->most_over, 0u); /* it has not learnt yet */
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "abandoned_permille", 100);
    play_for(play, 2400);
    cr_assert(pacer_has_learnt(&campaign(play)->pacer, &campaign(play)->found));
    cr_assert_gt(play->most_over, 0u);
    cr_assert_leq(campaign(play)->abandoned * 8, campaign(play)->answered, "%lu of %lu",
                  (unsigned long)campaign(play)->abandoned, (unsigned long)campaign(play)->answered);
    over(play);
}

/* Where nobody waits at the phone, a switch that can is asked to tell a person from a machine. */
Test(core_campaign_pace, what_is_dialled_ahead_of_agents_is_a_predictive_call_where_the_link_can)
{
    static const struct {
        const char *mode, *const *caps;
        bool predictive;
    } cases[] = {
        {"progressive", detecting, true},   {"predictive", detecting, true}, {"power", detecting, true},
        {"push_preview", detecting, false}, {"predictive", dialling, false},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct campaign_play *play = begun_with(cases[i].mode, NOTHING, cases[i].caps);
        play->answers_percent = 50;
        play->talk_s = 20;
        log_in(play, AGENTS);
        run_for(play, strcmp(cases[i].mode, "power") == 0 ? "ports" : "lines", 4, 60);
        cr_assert_gt(campaign(play)->answered, 0u, "%s", cases[i].mode);
        cr_assert_gt(campaign(play)->dialled, campaign(play)->answered, "%s", cases[i].mode);
        cr_assert_eq(play->predictive, cases[i].predictive ? campaign(play)->dialled : 0u, "%s", cases[i].mode);
        over(play);
    }
}

Test(core_campaign_pace, a_predictive_call_that_is_lost_with_its_link_is_left_alone)
{
    struct campaign_play *play = begun_with("power", NOTHING, detecting);
    play->answers_percent = 100;
    run_for(play, "ports", 1, 2);
    cr_assert_eq(play->predictive, 1u);
    link_down(play->world);
    seconds(play, 60);
    const struct list_record *row = &play->world->core->list_records->all[0];
    cr_assert_eq(row->result, cause_stale);
    cr_assert_eq(row->attempts, 1u);
    cr_assert_eq(play->predictive, 1u);
    over(play);
}

Test(core_campaign_pace, power_fills_the_ports)
{
    struct campaign_play *play = begun("power", NOTHING);
    play->answers_percent = 80;
    run_for(play, "ports", 5, 120);
    cr_assert_eq(play->most_rings, 5u);
    cr_assert_gt(campaign(play)->abandoned, 0u, "they hang up who have waited for an agent");
    cr_assert_leq(campaign(play)->counts.records[RECORD_ringing] + campaign(play)->counts.records[RECORD_connected],
                  5u);
    over(play);
}

Test(core_campaign_pace, push_preview_begins_one_for_each_ready_agent_and_preview_none)
{
    struct campaign_play *play = begun("preview", NOTHING);
    log_in(play, 3);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
    request(play->world, campaign_op_start);
    fetched(play, fetch_ref(play), 20);
    seconds(play, 3);
    is(play, "running", "agents_dial");
    cr_assert_eq(campaign_under_way(campaign(play)), 0u);
    uint32_t next = campaign_next(play->world->core->campaigns, campaign(play), 0);
    cr_assert_eq(play->world->core->list_records->all[next].record, 1u);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_push_preview, NULL, 0);
    cr_assert_eq(campaign(play)->counts.records[RECORD_checking], 3u);
    next = campaign_next(play->world->core->campaigns, campaign(play), 0);
    cr_assert_eq(play->world->core->list_records->all[next].record, 4u);
    over(play);
}

/* The members that its pacer has found, and the group where it has found none yet, count alike. */
Test(core_campaign_pace, the_team_is_who_is_logged_in_whether_the_campaign_runs_or_not)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    log_in(play, 4);
    agent(play->world, names[3], dns[3], agent_state_not_ready);
    request(play->world, campaign_op_load);
    struct campaign_team before = core_campaign_team(play->world->core, 0);
    cr_assert(campaign(play)->members_stale && before.agents == 4 && before.ready == 3 && before.busy == 0);
    play->answers_percent = 100;
    play->talk_s = 600;
    request(play->world, campaign_op_start);
    play_for(play, 60);
    struct campaign_team team = core_campaign_team(play->world->core, 0);
    cr_assert(!campaign(play)->members_stale && team.agents == 4 && team.ready == 0 && team.busy == 3);
    directory(play->world, table_group_member, "overflow/a0", (const char *const[]){NULL});
    commit(play->world, false);
    cr_assert_eq(core_campaign_team(play->world->core, 0).agents, 3u);
    cr_assert_eq(core_campaign_team(play->world->core, 9).agents, 0u);
    over(play);
}

Test(core_campaign_pace, push_preview_that_dials_first_rings_no_more_than_agents_are_ready)
{
    struct campaign_play *play = begun("push_preview", NOTHING);
    play->answers_percent = 50;
    play->talk_s = 20;
    log_in(play, AGENTS);
    run_for(play, "lines", 4, 60);
    cr_assert_eq(play->most_rings, 4u);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "lines", 100);
    play_for(play, 60);
    cr_assert_leq(play->most_rings, (unsigned)AGENTS);
    over(play);
}

Test(core_campaign_pace, an_agent_gets_their_own_call_backs_first_and_nobody_elses)
{
    struct campaign_play *play = begun("preview", NOTHING);
    struct core_world *world = play->world;
    request(world, campaign_op_load);
    request(world, campaign_op_start);
    hand_over_for(play, fetch_ref(play), "a1", 0);
    hand_over(play, fetch_ref(play));
    hand_over_for(play, fetch_ref(play), "a2", 0);
    seconds(play, 1);
    const struct list_record *all = world->core->list_records->all;
    cr_assert_eq(all[campaign_next(world->core->campaigns, campaign(play), name_of(world, "a2"))].record, 3u);
    cr_assert_eq(all[campaign_next(world->core->campaigns, campaign(play), name_of(world, "a3"))].record, 2u);
    request(world, campaign_op_stop);
    cr_assert_eq(campaign_next(world->core->campaigns, campaign(play), 0), (uint32_t)LIST_RECORD_NONE);
    over(play);
}

/* Call-backs that a list has: one each 20 seconds, each second one of an agent. Times are seconds of the play. */
enum { PROMISED = 90, PROMISED_EACH_S = 20 };
static struct promised {
    uint64_t record; /* 0: it is not handed over yet */
    unsigned due_s, late_s;
    bool dialled;
} promised[PROMISED];

static unsigned seconds_of(const struct campaign_play *play)
{
    return (unsigned)(play->world->time_us / SECOND);
}

static const char *promised_whose(unsigned at)
{
    return at % 2 == 1 ? names[at / 2 % AGENTS] : NULL;
}

static void promised_hand_over(struct campaign_play *play, uint32_t ref)
{
    for (unsigned at = 0; at < PROMISED; at++)
        if (promised[at].record == 0 && promised[at].due_s <= seconds_of(play)) {
            promised[at].record = play->records + 1;
            hand_over_for(play, ref, promised_whose(at), (int64_t)promised[at].due_s * SECOND);
        }
}

/* Dialers count each two seconds what is due. */
static void promised_tell(struct campaign_play *play)
{
    unsigned due = 0;
    for (unsigned at = 0; at < PROMISED; at++)
        due += promised[at].record == 0 && promised[at].due_s <= seconds_of(play);
    struct writer *writer = world_event(play->world, LIST, KIND_ListChanged, 0, 0, 0);
    writer_text(writer, ListChanged_campaign, "1800");
    writer_u(writer, ListChanged_left, 1000), writer_u(writer, ListChanged_due, due);
    world_post(play->world);
    collect(play);
}

static void promised_look(const struct campaign_play *play)
{
    struct list_record_row row;
    for (unsigned at = 0; at < PROMISED; at++) {
        struct promised *one = &promised[at];
        if (one->record == 0 || one->dialled) continue;
        core_list_record_named(play->world->core, span_of("1800"), one->record, &row);
        one->dialled =
            strcmp(row.state, "ahead") != 0 && strcmp(row.state, "due") != 0 && strcmp(row.state, "checking") != 0;
        one->late_s = seconds_of(play) - one->due_s;
    }
}

static int late_first(const void *one, const void *two)
{
    return *(const int *)one - *(const int *)two;
}

/* Of each half, anybody's and agents' own: 19 in 20 were dialled no later than so many seconds after they were due. */
static unsigned promised_p95(unsigned half)
{
    int late[PROMISED / 2];
    for (unsigned at = 0; at < PROMISED / 2; at++) {
        cr_assert(promised[2 * at + half].dialled, "%u", 2 * at + half);
        late[at] = (int)promised[2 * at + half].late_s;
    }
    qsort(late, PROMISED / 2, sizeof *late, late_first);
    return (unsigned)late[(PROMISED / 2 * 19 + 19) / 20 - 1];
}

/* Half an hour beside a list of fresh records that never ends. With calls of 70 s an agent of six is free each 12 s:
 * the list tells within two seconds what is due, and of the next three agents who are free one has it. */
Test(core_campaign_pace, call_backs_are_dialled_soon_after_they_are_due)
{
    const char *const modes[] = {"progressive", "predictive"};
    for (unsigned mode = 0; mode < 2; mode++) {
        struct campaign_play *play = begun(modes[mode], NOTHING);
        play->answers_percent = 40;
        play->talk_s = 60;
        play->wrap_s = 10;
        play->promised = promised_hand_over;
        clock_is(play->world, 0);
        for (unsigned at = 0; at < PROMISED; at++)
            promised[at] = (struct promised){.due_s = seconds_of(play) + 60 + at * PROMISED_EACH_S};
        log_in(play, AGENTS);
        run_for(play, "lines", 20, 1);
        for (unsigned at = 0; at < 2400; at++) {
            if (at % 2 == 0) promised_tell(play);
            play_for(play, 1);
            promised_look(play);
        }
        cr_expect_leq(promised_p95(0), 38u, "%s: anybody's %u s", modes[mode], promised_p95(0));
        cr_expect_leq(promised_p95(1), 38u, "%s: agents' own %u s", modes[mode], promised_p95(1));
        over(play);
    }
}

Test(core_campaign_pace, call_backs_of_agents_who_are_away_keep_no_records_from_being_fetched)
{
    struct campaign_play *play = begun("preview", NOTHING);
    struct core_world *world = play->world;
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 5);
    request(world, campaign_op_start);
    for (unsigned at = 0; at < 10; at++) hand_over_for(play, fetch_ref(play), "marie", 0);
    answer_of(world, LIST, 0, fetch_ref(play), code_ok);
    world_forget(world);
    seconds(play, 60);
    cr_assert(strstr(world->trace, "FetchRecords"), "%s", world->trace);
    over(play);
}

Test(core_campaign_pace, nothing_begins_while_the_core_drains_or_the_clock_was_set_back)
{
    struct campaign_play *play = begun("power", NOTHING);
    struct core_world *world = play->world;
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 1);
    request_with(world, "1800", campaign_op_mode, campaign_mode_none, "ports", 3);
    drain(world, true);
    clock_is(world, 1000);
    request(world, campaign_op_start);
    hand_over_for(play, fetch_ref(play), NULL, INT64_C(1002) * SECOND);
    hand_over(play, fetch_ref(play));
    seconds(play, 4);
    is(play, "running", "draining");
    cr_assert_eq(campaign(play)->counts.records[RECORD_due], 2u);
    clock_is(world, 900);
    seconds(play, 1);
    cr_assert_eq(campaign(play)->counts.records[RECORD_due], 1u);
    drain(world, false);
    seconds(play, 1);
    cr_assert_eq(campaign(play)->counts.records[RECORD_checking], 1u);
    seconds(play, 90);
    cr_assert_eq(campaign_buffered(campaign(play)), 1u);
    seconds(play, 20);
    cr_assert_eq(campaign_buffered(campaign(play)), 0u);
    over(play);
}

static void intake(struct core_world *world, enum gate gate)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_Intake, 0, 0, 0), Intake_gate, gate);
    world_post(world);
}

Test(core_campaign_pace, nothing_is_dialled_while_arrivals_are_refused)
{
    struct campaign_play *play = begun("power", NOTHING);
    struct core_world *world = play->world;
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 1);
    request_with(world, "1800", campaign_op_mode, campaign_mode_none, "ports", 3);
    intake(world, gate_only_relief);
    request(world, campaign_op_start);
    hand_over(play, fetch_ref(play));
    seconds(play, 4);
    is(play, "running", "gated");
    drain(world, true);
    intake(world, gate_open);
    seconds(play, 1);
    is(play, "running", "draining");
    intake(world, gate_no_arrivals);
    drain(world, false);
    seconds(play, 1);
    is(play, "running", "gated");
    cr_assert_eq(campaign(play)->counts.records[RECORD_checking], 0u);
    intake(world, gate_open);
    seconds(play, 1);
    cr_assert_eq(campaign(play)->counts.records[RECORD_checking], 1u);
    over(play);
}

static void something(struct campaign_play *play)
{
    struct core_world *world = play->world;
    unsigned at = chance(play, AGENTS);
    static const enum agent_state states[] = {agent_state_ready, agent_state_not_ready, agent_state_after_call_work,
                                              agent_state_logged_out};
    switch (chance(play, 14)) {
    case 0:
        list_down(world);
        break;
    case 1:
        list_up(world);
        break;
    case 2:
        link_down(world);
        collect(play);
        for (unsigned call = 0; call < CALLS; call++) play->calls[call].state = CALL_FREE;
        play_for(play, 20);
        link_up(world, dialling);
        resync(world, true);
        resync(world, false);
        log_in(play, AGENTS);
        break;
    case 3:
        request(world, campaign_op_load);
        break;
    case 4:
        request(world, campaign_op_stop);
        break;
    case 5:
        request(world, campaign_op_unload);
        break;
    case 6:
        request_with(world, "1800", campaign_op_mode, (enum campaign_mode)(1 + chance(play, 5)), "lines",
                     1 + chance(play, 8));
        break;
    case 7:
    case 8:
        request(world, campaign_op_load);
        request(world, campaign_op_start);
        break;
    case 9:
        play->silent = chance(play, 2) == 0;
        break;
    case 10:
        clock_is(world, (int64_t)chance(play, 7200) - 3600);
        break;
    case 11:
        drain(world, chance(play, 2) == 0);
        break;
    default:
        agent(world, names[at], dns[at], states[chance(play, 4)]);
        break;
    }
}

Test(core_campaign_pace, whatever_happens_the_counts_hold)
{
    struct campaign_play *play = begun("predictive", NOTHING);
    play->answers_percent = 60;
    play->talk_s = 10;
    play->wrap_s = 3;
    log_in(play, AGENTS);
    run_for(play, "lines", 6, 20);
    for (unsigned round = 0; round < 150; round++) {
        something(play);
        play_for(play, 1 + chance(play, 10));
    }
    over(play);
}
