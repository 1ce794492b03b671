/* tests/unit/core_campaign_promises.c - Agents whom campaigns promise to the people they dial, and the book of those
 * who were abandoned. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/campaign_table.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "vm/keep.h"
#include "vm/steps.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/campaign_play.h"

TestSuite(core_campaign_promises, .timeout = 60);

extern const struct part_ops part_ops_campaigns;

/* Dials, and closes the record as abandoned where somebody has answered. */
static struct image *closes_abandoned(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    dial_step(w, NULL);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_close_result, CONSTANT(writer_constant(w, TYPE_INT, cause_abandoned)));
    writer_wait_timeout(w, SECONDS(w, 10));
    writer_step(w, STEP_ID_outbound_close, REGISTER_NONE);
    program_stop(w, program_text(w, "abandoned"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* Chooses an agent before anybody is dialled. */
static struct image *chooses_first(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, ORDER_longest_idle);
    writer_step(w, STEP_ID_select, who);
    dial_step(w, NULL);
    program_stop(w, program_text(w, "chosen"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

Test(core_campaign_promises, who_answers_and_finds_no_agent_in_time_has_abandoned)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    play->answers_percent = 100;
    play->talk_s = 20;
    log_in(play, 1);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
    request(play->world, campaign_op_start);
    while (campaign(play)->counts.records[RECORD_ringing] == 0) play_for(play, 1);
    agent(play->world, names[0], dns[0], agent_state_not_ready);
    while (campaign(play)->counts.records[RECORD_waiting] == 0) play_for(play, 1);
    uint64_t since_us = play->world->core->list_records->all[campaign(play)->waiting.first].since_us;
    world_advance(play->world, since_us + 2 * SECOND - play->world->time_us);
    cr_assert_eq(campaign(play)->abandoned, 0u, "within two seconds");
    world_advance(play->world, 1);
    cr_assert_eq(campaign(play)->abandoned, 1u);
    cr_assert_eq(campaign(play)->counts.records[RECORD_waiting], 0u);
    world_forget(play->world);
    world_advance(play->world, UINT64_C(62) * SECOND); /* the selection ends, and the strategy puts the record off */
    unsigned long due = 0;
    const char *told = strstr(play->world->trace, "UpdateRecord ready abandoned ");
    cr_assert(told && sscanf(told, "UpdateRecord ready abandoned %*u due %lu", &due) == 1, "%s", play->world->trace);
    cr_assert_geq(due, 259200u);
    over(play);
}

/* The record of somebody who has answered and whom nobody has served; NONE: there is none. */
static uint32_t at_first_answered(const struct campaign_play *play)
{
    const struct list_records *records = play->world->core->list_records;
    for (uint32_t at = 0; at < records->count; at++)
        if (records->all[at].state == RECORD_waiting || records->all[at].state == RECORD_connected) return at;
    return LIST_RECORD_NONE;
}

/* Plays until the first who answers is there, and nobody is for them. */
static void nobody_is_there(struct campaign_play *play)
{
    play->answers_percent = 100;
    play->talk_s = 20;
    log_in(play, 1);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "ports", 1);
    request(play->world, campaign_op_start);
    while (campaign(play)->counts.records[RECORD_ringing] == 0) play_for(play, 1);
    agent(play->world, names[0], dns[0], agent_state_not_ready);
    while (at_first_answered(play) == LIST_RECORD_NONE) play_a_tenth(play);
}

Test(core_campaign_promises, whom_an_agent_reaches_late_is_abandoned_in_every_book)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    nobody_is_there(play);
    play_for(play, 3);
    const struct list_record *row = &play->world->core->list_records->all[0];
    cr_assert_eq(row->result, cause_abandoned);
    cr_assert_gt(row->dials_again_us, play->world->core->now->time_us);
    cr_assert(row->revision == 3 && !row->closed, "the list hears of the attempt, and at once that nobody came");
    log_in(play, 1);
    play_for(play, 2);
    struct campaign_row shown;
    cr_assert(core_campaign(play->world->core, 0, &shown));
    struct campaign_team team = core_campaign_team(play->world->core, 0);
    cr_expect(team.agents == 1 && team.ready + team.busy == 1, "%u ready, %u busy", team.ready, team.busy);
    cr_expect(shown.answered_15m == 1 && shown.abandoned_15m == 1 && shown.abandoned_30m == 1);
    cr_assert(row->judged);
    cr_assert_eq(row->result, cause_abandoned);
    cr_assert_eq(campaign(play)->abandoned, 1u);
    seconds(play, 1000);
    cr_assert(core_campaign(play->world->core, 0, &shown));
    cr_expect(shown.abandoned_15m == 0 && shown.abandoned_30m == 1);
    over(play);
}

/* Another campaign, on the agents of that group. */
static struct campaign *loaded_on(struct campaign_play *play, const char *name, const char *group)
{
    struct core_world *world = play->world;
    activate(world, name);
    directory(world, table_campaign, name,
              (const char *const[]){"name", name, "agents", group, "mode", "progressive", NULL});
    commit(world, false);
    request_with(world, name, campaign_op_load, campaign_mode_none, "lines", 10);
    struct campaign *loaded = campaign_of(world->core->campaigns, name_of(world, name));
    cr_assert(loaded, "%s", name);
    return loaded;
}

static void group_has(struct campaign_play *play, const char *group, const char *agent)
{
    char key[64];
    snprintf(key, sizeof key, "%s/%s", group, agent);
    directory(play->world, table_group_member, key, (const char *const[]){"group", group, "agent", agent, NULL});
    commit(play->world, false);
}

/* An agent who is there comes too late for two people, and later in time: campaigns on the same agents hear of it. */
Test(core_campaign_promises, whether_agents_come_in_time_is_told_to_the_campaign_beside)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
    const struct campaign *other = beside(play, "progressive", NULL, "lines", 10);
    group_has(play, "helpers", names[0]);
    group_has(play, "others", names[5]);
    const struct campaign *shares = loaded_on(play, "1802", "helpers"), *alone = loaded_on(play, "1803", "others");
    play->answers_percent = 100;
    play->talk_s = 5;
    log_in(play, 1);
    request(play->world, campaign_op_start);
    play_for(play, 1);
    for (unsigned lost = 1; lost <= 2; lost++) {
        while (campaign(play)->counts.records[RECORD_waiting] == 0) play_a_tenth(play);
        for (unsigned tenths = 0; tenths < 30; tenths++, collect(play)) world_advance(play->world, SECOND / 10);
        cr_assert_eq(campaign(play)->abandoned, lost);
    }
    uint32_t late = other->pacer.late;
    cr_assert(late > 0 && campaign(play)->pacer.late <= late, "%u, %u", late, campaign(play)->pacer.late);
    play_for(play, 1500);
    cr_assert_lt(campaign(play)->pacer.late, other->pacer.late, "what one lost tells, each disproves by its own calls");
    cr_assert_lt(other->pacer.late, late / 4 * 3);
    cr_expect(shares->pacer.late == other->pacer.late && shares->pacer.prompt == other->pacer.prompt);
    cr_expect(alone->pacer.late == 0 && alone->pacer.prompt == 0);
    over(play);
}

/* Who is chosen later than that could hardly be in time. */
Test(core_campaign_promises, who_was_chosen_in_the_first_half_of_the_wait_was_there)
{
    for (unsigned after_us = 0; after_us < 2; after_us++) {
        struct campaign_play *play = begun("progressive", NOTHING);
        nobody_is_there(play);
        uint64_t since_us = play->world->core->list_records->all[campaign(play)->waiting.first].since_us;
        world_advance(play->world, since_us + SECOND + after_us - play->world->time_us);
        log_in(play, 1);
        world_advance(play->world, UINT64_C(2) * SECOND);
        cr_expect_eq(campaign(play)->abandoned, 1u);
        cr_expect_eq(campaign(play)->pacer.late != 0, after_us == 0, "%u", after_us);
        over(play);
    }
}

/* The switch tells of an answer when it knows that it was a person, and its adapter may have kept that back while the
 * core was away; the law counts from the answer. */
Test(core_campaign_promises, the_time_of_who_answers_begins_with_the_answer)
{
    for (int64_t known_us = 0; known_us <= 1800000; known_us += 600000) {
        struct campaign_play *play = begun("progressive", NOTHING);
        play->known_us = known_us;
        play->kept_back_us = 1800000 - known_us;
        nobody_is_there(play);
        uint64_t since_us = play->world->core->list_records->all[campaign(play)->waiting.first].since_us;
        cr_assert_leq(since_us + 1800000, play->world->time_us);
        world_advance(play->world, since_us + 2 * SECOND - play->world->time_us);
        cr_assert_eq(campaign(play)->abandoned, 0u);
        world_advance(play->world, 1);
        cr_assert_eq(campaign(play)->abandoned, 1u);
        over(play);
    }
}

/* They have answered while the link to the switch was down, and the switch has given them to an agent by itself: its
 * adapter tells of their stay as if it had seen it, and they are abandoned where that may have come too late. */
Test(core_campaign_promises, whom_the_switch_has_given_to_an_agent_unheard_is_counted)
{
    for (unsigned late = 0; late < 2; late++) {
        struct campaign_play *play = begun("progressive", NOTHING);
        play->talk_s = 20;
        log_in(play, 1);
        request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "ports", 1);
        request(play->world, campaign_op_start);
        while (campaign(play)->counts.records[RECORD_ringing] == 0) play_for(play, 1);
        uint64_t conn = play->calls[0].conn;
        world_advance(play->world, UINT64_C(6) * SECOND);
        world_event(play->world, LINK, KIND_EventRouteRequest, 0, 0, conn);
        writer_text(&play->world->writer, EventRouteRequest_dn, "1800");
        writer_i(&play->world->writer, EventRouteRequest_answered, late ? 5000000 : 0);
        world_post(play->world);
        route_used(play->world, conn, dns[0], route_how_other);
        party(play->world, conn, dns[0], names[0], party_role_agent, party_change_Established);
        world_advance(play->world, UINT64_C(3) * SECOND);
        cr_expect(campaign(play)->answered == 1 && campaign(play)->abandoned == late, "%u", late);
        world_forget(play->world);
        party(play->world, conn, dns[0], names[0], party_role_agent, party_change_Released);
        deleted(play->world, conn);
        cr_expect(campaign(play)->answered == 1 && campaign(play)->abandoned == late, "%u", late);
        cr_expect(strstr(play->world->trace, late ? "UpdateRecord updated abandoned" : "UpdateRecord updated ok"), "%s",
                  play->world->trace);
        over(play);
    }
}

/* Or the telephone rings there as the link comes back, or they are on hold, or in a queue first: at the agent whom the
 * core would have chosen, or at another. They are counted once, and nobody has them a second time. */
Test(core_campaign_promises, whom_the_switch_has_sent_on_unheard_is_counted_once)
{
    static const enum party_change all[] = {party_change_Ringing, party_change_Held, party_change_Queued};
    for (unsigned i = 0; i < 12; i++) {
        enum party_change first = all[i / 4];
        unsigned late = i & 1, to = i >> 1 & 1;
        const char *where = first == party_change_Queued ? "5001" : dns[to];
        struct campaign_play *play = begun("progressive", NOTHING);
        play->talk_s = 20;
        log_in(play, 2);
        request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "ports", 1);
        request(play->world, campaign_op_start);
        while (campaign(play)->counts.records[RECORD_ringing] == 0) play_for(play, 1);
        uint64_t conn = play->calls[0].conn;
        world_advance(play->world, UINT64_C(6) * SECOND);
        world_forget(play->world);
        world_event(play->world, LINK, KIND_EventRouteRequest, 0, 0, conn);
        writer_text(&play->world->writer, EventRouteRequest_dn, "1800");
        writer_i(&play->world->writer, EventRouteRequest_answered, late ? 5000000 : 0);
        world_post(play->world);
        route_used(play->world, conn, where, route_how_other);
        if (first == party_change_Queued)
            party(play->world, conn, where, NULL, party_role_device, first);
        else
            party(play->world, conn, where, names[to], party_role_agent, first);
        world_advance(play->world, UINT64_C(1) * SECOND);
        party(play->world, conn, dns[to], names[to], party_role_agent, party_change_Established);
        world_advance(play->world, UINT64_C(3) * SECOND);
        cr_expect(campaign(play)->answered == 1 && campaign(play)->abandoned == late, "%u", i);
        const char *route = strstr(play->world->trace, "RequestRouteCall");
        cr_expect(!route || !strstr(route + 1, "RequestRouteCall"), "%u: %s", i, play->world->trace);
        party(play->world, conn, dns[to], names[to], party_role_agent, party_change_Released);
        deleted(play->world, conn);
        world_advance(play->world, UINT64_C(1) * SECOND);
        cr_expect(campaign(play)->answered == 1 && campaign(play)->abandoned == late, "%u", i);
        cr_expect(strstr(play->world->trace, late ? "UpdateRecord updated abandoned" : "UpdateRecord updated ok"),
                  "%u: %s", i, play->world->trace);
        for (unsigned who = 0; who < 2; who++)
            cr_expect_eq(play->world->core->agents->all[who].claimed, 0, "%u: %u", i, who);
        over(play);
    }
}

/* The switch has sent them to a telephone where nobody is logged in: no agent has them in time. */
Test(core_campaign_promises, whom_the_switch_has_sent_to_nobody_unheard_is_abandoned)
{
    for (unsigned late = 0; late < 2; late++) {
        struct campaign_play *play = begun("progressive", NOTHING);
        play->talk_s = 20;
        log_in(play, 1);
        request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "ports", 1);
        request(play->world, campaign_op_start);
        while (campaign(play)->counts.records[RECORD_ringing] == 0) play_for(play, 1);
        uint64_t conn = play->calls[0].conn;
        world_advance(play->world, UINT64_C(6) * SECOND);
        world_forget(play->world);
        world_event(play->world, LINK, KIND_EventRouteRequest, 0, 0, conn);
        writer_text(&play->world->writer, EventRouteRequest_dn, "1800");
        writer_i(&play->world->writer, EventRouteRequest_answered, late ? 5000000 : 0);
        world_post(play->world);
        route_used(play->world, conn, "7099", route_how_other);
        party(play->world, conn, "7099", NULL, party_role_device, party_change_Ringing);
        world_advance(play->world, UINT64_C(1) * SECOND);
        party(play->world, conn, "7099", NULL, party_role_device, party_change_Established);
        world_advance(play->world, UINT64_C(3) * SECOND);
        party(play->world, conn, "7099", NULL, party_role_device, party_change_Released);
        deleted(play->world, conn);
        world_advance(play->world, UINT64_C(1) * SECOND);
        cr_expect(campaign(play)->answered == 1 && campaign(play)->abandoned == 1, "%u", late);
        cr_expect(strstr(play->world->trace, "UpdateRecord updated abandoned"), "%s", play->world->trace);
        over(play);
    }
}

/* Dials, and has a queue look for an agent; who hangs up meanwhile is called again in an hour. */
static struct image *calls_again_who_leaves(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    dial_step(w, NULL);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, ORDER_longest_idle);
    writer_step(w, STEP_ID_select, who);
    program_stop(w, program_text(w, "nobody"));
    writer_function_end(w);
    uint16_t leaves = writer_function_begin(w, "abandoned", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_retry_in, SECONDS(w, 3600));
    writer_wait_timeout(w, SECONDS(w, 10));
    writer_step(w, STEP_ID_outbound_retry, REGISTER_NONE);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, leaves, IMAGE_NONE);
    return program_loaded(w);
}

/* Nobody serves who has answered: they hang up in time, or after three seconds; the switch has said goodbye to them,
 * and says so twice; the exchange loses the call. Each book has the same of it, also when their record is put off. */
Test(core_campaign_promises, who_is_served_by_nobody_is_the_same_in_every_book)
{
    enum { HANGS_UP, WAITS, HEARS_GOODBYE, IS_LOST, WAYS };
    for (unsigned at = 0; at < 2 * WAYS; at++) {
        unsigned way = at % WAYS, counts = way != HANGS_UP;
        struct campaign_play *play = begun_by(at < WAYS ? "progressive" : "power", calls_again_who_leaves(), dialling);
        nobody_is_there(play);
        struct list_record *row = list_record_at(play->world->core->list_records, at_first_answered(play));
        uint64_t conn = interaction_by_id(play->world->core->interactions, row->ixn)->conn;
        for (unsigned twice = 0; way == HEARS_GOODBYE && twice < 2; twice++) {
            writer_u(world_event(play->world, LINK, KIND_EventCallProgress, 0, 0, conn), EventCallProgress_result,
                     cause_abandoned);
            world_post(play->world);
        }
        if (way == WAITS) world_advance(play->world, UINT64_C(3) * SECOND);
        world_forget(play->world);
        if (way == IS_LOST) {
            writer_u(world_event(play->world, LINK, KIND_EventCallDeleted, 0, 0, conn), EventCallDeleted_cause,
                     cause_lost);
            world_post(play->world);
        } else {
            party(play->world, conn, "1800", NULL, party_role_device, party_change_Abandoned);
        }
        cr_expect_eq(campaign(play)->abandoned, counts, "%u", at);
        cr_expect_eq(campaign(play)->pacer.ceiling.all_abandoned, counts, "%u", at);
        cr_expect_eq(campaign(play)->pacer.kept_us != 0, at == HEARS_GOODBYE, "%u: so long people are kept", at);
        cr_expect(strstr(play->world->trace, counts ? "UpdateRecord ready abandoned " : "UpdateRecord ready ok "),
                  "%u: %s", at, play->world->trace);
        cr_expect_null(strstr(play->world->trace, counts ? " ok " : " abandoned "), "%u: %s", at, play->world->trace);
        over(play);
    }
}

/* What the strategy does with who has answered before it hangs up. */
struct hangs_up {
    unsigned waits_s; /* first; 0: not */
    bool closes;      /* it has closed the record before, as one who was reached */
    unsigned says;    /* STEP_ID_ivr_say or STEP_ID_ivr_music; 0: nothing */
    bool divides;     /* it fails, and says nothing of that */
    int64_t known_us; /* the answer is told so long after it */
};

static struct image *hangs_up(const struct hangs_up *how)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w);
    dial_step(w, NULL);
    if (how->closes) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_outbound_close_result, CONSTANT(writer_constant(w, TYPE_INT, cause_ok)));
        writer_wait_timeout(w, SECONDS(w, 1));
        writer_wait_failure(w, failed, REGISTER_NONE);
        writer_step(w, STEP_ID_outbound_close, REGISTER_NONE);
    }
    if (how->waits_s != 0) program_delay(w, how->waits_s);
    if (how->divides) {
        uint8_t zero = writer_register(w, TYPE_INT);
        writer_abc(w, OP_DIV, zero, zero, zero);
    }
    if (how->says != 0) {
        writer_wait_begin(w, NULL);
        uint16_t hold = writer_constant(w, TYPE_PROMPT, program_name(w, TYPE_PROMPT, "hold"));
        bool speaks = how->says == STEP_ID_ivr_say;
        if (speaks) writer_wait_argument(w, PARAMETER_ivr_say_text, program_text(w, "We have moved."));
        if (!speaks) writer_wait_argument(w, PARAMETER_ivr_music_prompt, CONSTANT(hold));
        if (!speaks) writer_wait_argument(w, PARAMETER_ivr_music_duration, SECONDS(w, 10));
        writer_wait_timeout(w, SECONDS(w, 20));
        writer_wait_failure(w, failed, REGISTER_NONE);
        writer_step(w, (uint16_t)how->says, REGISTER_NONE);
    }
    writer_place(w, failed);
    program_stop(w, program_text(w, "told"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* Nobody hangs up but the strategy, and before wait_ms is over: a silent call. One after the other would be dialled for
 * the agent who is ready. */
Test(core_campaign_promises, whom_the_strategy_hangs_up_on_has_abandoned)
{
    static const char *const modes[] = {"progressive", "predictive", "power"};
    static const struct hangs_up ways[] = {{.says = 0}, {.waits_s = 1}, {.divides = true}};
    for (unsigned at = 0; at < 9; at++) {
        struct campaign_play *play = begun_by(modes[at % 3], hangs_up(&ways[at / 3]), dialling);
        play->answers_percent = 100;
        log_in(play, 1);
        run_for(play, at % 3 == 2 ? "ports" : "lines", 1, 120);
        cr_expect_geq(campaign(play)->answered, 1u, "%u", at);
        cr_expect_eq(campaign(play)->abandoned, campaign(play)->answered, "%u: %u of %u", at,
                     (unsigned)campaign(play)->abandoned, (unsigned)campaign(play)->answered);
        if (at % 3 != 2) cr_expect_leq(campaign(play)->dialled, 3u, "%u: it goes on", at);
        over(play);
    }
}

/* How long people are kept is no fact of one whom a person has let go, nor that an agent came too late. */
Test(core_campaign_promises, whom_a_person_ends_has_abandoned_and_shows_nothing_of_agents)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    nobody_is_there(play);
    agent(play->world, names[0], dns[0], agent_state_ready);
    uint64_t ixn = play->world->core->list_records->all[at_first_answered(play)].ixn;
    const struct pacer before = campaign(play)->pacer;
    writer_u(world_event(play->world, SOURCE_ADMIN, KIND_AdminRequest, ixn, 0, 0), AdminRequest_op, admin_op_end);
    world_post(play->world);
    play_for(play, 1);
    cr_expect_eq(campaign(play)->abandoned, 1u);
    cr_expect_eq(campaign(play)->pacer.kept_us, 0u);
    cr_expect_eq(campaign(play)->pacer.late, before.late);
    cr_expect_eq(campaign(play)->pacer.tardy, before.tardy);
    over(play);
}

/* The list would let them be called again at once. Who is dialled for an agent is told while the call goes on. */
Test(core_campaign_promises, of_a_record_that_is_closed_the_list_hears_who_has_abandoned)
{
    enum { STOPS, WAITS, WAYS };
    for (unsigned at = 0; at < 2 * WAYS; at++) {
        struct hangs_up how = {.closes = true, .waits_s = at % WAYS == STOPS ? 1 : 5};
        struct campaign_play *play = begun_by(at < WAYS ? "progressive" : "power", hangs_up(&how), dialling);
        nobody_is_there(play);
        const struct list_record *row = list_record_at(play->world->core->list_records, at_first_answered(play));
        uint64_t conn = interaction_by_id(play->world->core->interactions, row->ixn)->conn;
        world_forget(play->world);
        seconds(play, 3);
        bool told = strstr(play->world->trace, "UpdateRecord none abandoned 4 talks\n") != NULL;
        cr_expect_eq(told, at < WAYS, "%u: %s", at, play->world->trace);
        world_forget(play->world);
        deleted(play->world, conn);
        cr_expect_eq(campaign(play)->abandoned, 1u, "%u", at);
        cr_expect(strstr(play->world->trace, at < WAYS ? "UpdateRecord none abandoned 5\n" : "none abandoned 4\n"),
                  "%u: %s", at, play->world->trace);
        over(play);
    }
}

/* In the mode power the strategy may be whom the person was called for. */
Test(core_campaign_promises, who_was_spoken_to_at_once_was_not_let_go)
{
    static const struct {
        const char *mode;
        struct hangs_up how;
        enum treatment_change change; /* what the switch says of the treatment; other: nothing */
        enum { STOPS, LEAVES, LEAVES_SOON, IS_LOST } ends;
        unsigned counts;
    } ways[] = {
        {"power", {.says = STEP_ID_ivr_say}, treatment_change_End, STOPS, 0},
        {"power", {.says = STEP_ID_ivr_say}, treatment_change_Applied, LEAVES, 0},
        {"power", {.says = STEP_ID_ivr_say}, treatment_change_Applied, IS_LOST, 0},
        {"power", {.says = STEP_ID_ivr_say, .waits_s = 2}, treatment_change_End, STOPS, 0},
        {"power", {.says = STEP_ID_ivr_say}, treatment_change_NotApplied, STOPS, 1},
        {"power", {.says = STEP_ID_ivr_say}, treatment_change_other, LEAVES, 1},
        {"power", {.says = STEP_ID_ivr_say}, treatment_change_other, STOPS, 1},
        {"power", {.says = STEP_ID_ivr_music}, treatment_change_End, STOPS, 1},
        {"power", {.says = STEP_ID_ivr_say, .waits_s = 3}, treatment_change_End, STOPS, 1},
        {"power", {.says = STEP_ID_ivr_say, .waits_s = 1, .known_us = 900000}, treatment_change_End, STOPS, 0},
        {"power", {.says = STEP_ID_ivr_say, .waits_s = 1, .known_us = 1100000}, treatment_change_End, STOPS, 1},
        {"power", {.says = STEP_ID_ivr_say, .known_us = 1500000}, treatment_change_other, LEAVES_SOON, 1},
        {"power", {.says = STEP_ID_ivr_say}, treatment_change_other, LEAVES_SOON, 0},
        {"power", {.waits_s = 60}, treatment_change_other, LEAVES, 1},
        {"progressive", {.says = STEP_ID_ivr_say}, treatment_change_End, STOPS, 1},
    };
    for (unsigned at = 0; at < sizeof ways / sizeof *ways; at++) {
        struct campaign_play *play = begun_by(ways[at].mode, hangs_up(&ways[at].how), dialling);
        play->known_us = ways[at].how.known_us;
        struct core_world *world = play->world;
        nobody_is_there(play);
        struct list_record *row = list_record_at(world->core->list_records, at_first_answered(play));
        uint64_t conn = interaction_by_id(world->core->interactions, row->ixn)->conn;
        if (ways[at].how.waits_s != 0) world_advance(world, ways[at].how.waits_s * UINT64_C(1000000));
        uint32_t ref = world->last_ref[KIND_RequestApplyTreatment];
        if (ways[at].change != treatment_change_other && ways[at].change != treatment_change_End)
            treatment(world, conn, ref, ways[at].change, NULL);
        if (ways[at].change == treatment_change_End) treatment_end(world, conn, NULL);
        if (ways[at].ends == LEAVES) world_advance(world, UINT64_C(3) * SECOND);
        if (ways[at].ends == LEAVES_SOON) world_advance(world, SECOND);
        if (ways[at].ends == STOPS && ways[at].change == treatment_change_other) seconds(play, 30);
        if (ways[at].ends == LEAVES || ways[at].ends == LEAVES_SOON)
            party(world, conn, "1800", NULL, party_role_device, party_change_Abandoned);
        writer_u(world_event(world, LINK, KIND_EventCallDeleted, 0, 0, conn), EventCallDeleted_cause,
                 ways[at].ends == IS_LOST ? cause_lost : cause_other);
        world_post(world);
        cr_expect_eq(campaign(play)->abandoned, ways[at].counts, "%u", at);
        over(play);
    }
}

/* The switch has said goodbye to them: what the strategy says then is no service. */
Test(core_campaign_promises, what_is_said_to_who_was_let_go_is_not_said_to_them)
{
    static const struct hangs_up how = {.says = STEP_ID_ivr_say, .waits_s = 1};
    struct campaign_play *play = begun_by("power", hangs_up(&how), dialling);
    struct core_world *world = play->world;
    nobody_is_there(play);
    uint32_t slot = at_first_answered(play);
    uint64_t conn =
        interaction_by_id(world->core->interactions, list_record_at(world->core->list_records, slot)->ixn)->conn;
    writer_u(world_event(world, LINK, KIND_EventCallProgress, 0, 0, conn), EventCallProgress_result, cause_abandoned);
    world_post(world);
    world_forget(world);
    world_advance(world, SECOND);
    cr_assert(strstr(world->trace, "RequestApplyTreatment"), "%s", world->trace);
    cr_expect_eq(list_record_at(world->core->list_records, slot)->speech, SPEECH_NONE);
    cr_expect_eq(campaign(play)->abandoned, 1u);
    over(play);
}

/* The list takes back what has not begun, and calls end. */
static void unloaded(struct campaign_play *play)
{
    request(play->world, campaign_op_unload);
    collect(play);
    for (unsigned at = 0; campaign(play) && at < 200; at++) play_for(play, 1);
    cr_assert_null(campaign(play));
}

static void counted_is(const struct campaign_play *play, unsigned answered, unsigned abandoned)
{
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row));
    cr_assert_eq(row.window_answered, answered, "%" PRIu64 " answered", row.window_answered);
    cr_assert_eq(row.window_abandoned, abandoned, "%" PRIu64 " abandoned", row.window_abandoned);
}

Test(core_campaign_promises, what_was_counted_in_the_window_outlives_the_unloading)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core_world *world = play->world;
    nobody_is_there(play);
    play_for(play, 3);
    counted_is(play, 1, 1);
    unloaded(play);
    request(world, campaign_op_load);
    counted_is(play, 1, 1);
    request_with(world, "1800", campaign_op_mode, campaign_mode_none, "window_s", 30 * DAY_S);
    counted_is(play, 1, 1); /* of a longer window it knows what it has counted */
    unloaded(play);
    seconds(play, 2 * HOUR_S);
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "window_s", 20 * DAY_S);
    counted_is(play, 1, 1);
    unloaded(play);
    seconds(play, DAY_S);
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "window_s", HOUR_S);
    counted_is(play, 0, 0);
    unloaded(play);
    over(play);
}

/* An agent who is ready does not come to two people: 1800 tries none for a while. */
static struct campaign_play *agents_come_late(void)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
    play->answers_percent = 100;
    play->talk_s = 5;
    log_in(play, 1);
    request(play->world, campaign_op_start);
    play_for(play, 1);
    for (unsigned lost = 1; lost <= 2; lost++) {
        while (campaign(play)->counts.records[RECORD_waiting] == 0) play_a_tenth(play);
        for (unsigned tenths = 0; tenths < 30; tenths++, collect(play)) world_advance(play->world, SECOND / 10);
        cr_assert_eq(campaign(play)->abandoned, lost);
        if (lost == 1) play_for(play, 901); /* the next quarter of an hour */
    }
    return play;
}

/* Each unloading would cost two people more: a new pacer tries two numbers. */
Test(core_campaign_promises, what_was_learnt_of_agents_outlives_the_unloading)
{
    struct campaign_play *play = agents_come_late();
    for (unsigned times = 0; times < 3; times++) {
        unloaded(play);
        request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
        const struct pacer *pacer = &campaign(play)->pacer;
        cr_expect(pacer->again_us > play->world->time_us && pacer->pause_us != 0);
        cr_expect(pacer->late != 0 && pacer->tardy >= 1000);
        cr_expect_eq(pacer->quarter.all_abandoned, 1u);
        struct campaign_row shown;
        cr_assert(core_campaign(play->world->core, 0, &shown));
        cr_expect(shown.window_abandoned == 2 && shown.abandoned_15m == 1 && shown.answered_15m == 1,
                  "two rows of one screen count the same people");
        cr_expect_lt(shown.credit, 0, "and the third has the same");
        request(play->world, campaign_op_start);
        play_for(play, 60);
        cr_expect_eq(campaign(play)->dialled, 0, "%" PRIu64 " are dialled again", campaign(play)->dialled);
        is(play, "running", "late");
    }
    over(play);
}

/* Whoever is loaded later would else learn it anew, and on people. */
Test(core_campaign_promises, what_was_learnt_of_agents_is_known_to_who_is_loaded_later)
{
    struct campaign_play *play = agents_come_late();
    const struct pacer *first = &campaign(play)->pacer;
    group_has(play, "helpers", names[0]);
    group_has(play, "others", "h9");
    const struct campaign *same = loaded_on(play, "1801", "overflow"), *shares = loaded_on(play, "1802", "helpers"),
                          *alone = loaded_on(play, "1803", "others");
    cr_expect(same->pacer.late == first->late && same->pacer.again_us == first->again_us);
    cr_expect(same->pacer.tardy == first->tardy && same->pacer.pause_us == first->pause_us);
    cr_expect(same->pacer.served_us == first->served_us && first->served_us != 0);
    cr_expect(shares->pacer.late == first->late && shares->pacer.again_us == first->again_us);
    cr_expect(alone->pacer.late == 0 && alone->pacer.tardy == 0 && alone->pacer.again_us == 0);
    unloaded(play);
    const struct campaign *later = loaded_on(play, "1804", "overflow"); /* in the place of 1800 */
    cr_expect(later->pacer.again_us == same->pacer.again_us && later->pacer.late == same->pacer.late);
    request_with(play->world, "1804", campaign_op_start, campaign_mode_none, NULL, 0);
    play_for(play, 60);
    cr_expect_eq(later->dialled, 0);
    over(play);
}

Test(core_campaign_promises, what_an_unloaded_campaign_has_learnt_is_known_to_those_on_its_agents)
{
    struct campaign_play *play = agents_come_late();
    const struct pacer first = campaign(play)->pacer;
    group_has(play, "others", "h9");
    unloaded(play);
    const struct campaign *later = loaded_on(play, "1801", "overflow"), *alone = loaded_on(play, "1802", "others");
    cr_expect(first.again_us != 0 && later->pacer.again_us == first.again_us && later->pacer.late == first.late);
    cr_expect(alone->pacer.again_us == 0 && alone->pacer.late == 0);
    over(play);
}

/* A group of which another has less than a fifth has hardly more late ones than the other calls show. */
Test(core_campaign_promises, groups_share_agents_from_a_fifth_of_them_on)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    const struct agents *agents = play->world->core->agents;
    char name[8];
    for (unsigned n = 0; n < 4; n++) {
        snprintf(name, sizeof name, "h%u", n);
        group_has(play, "helpers", name);
    }
    group_has(play, "helpers", names[0]);
    uint32_t helpers = name_of(play->world, "helpers"), overflow = name_of(play->world, "overflow");
    cr_expect(campaign_groups_share(agents, helpers, overflow), "one of five");
    cr_expect_not(campaign_groups_share(agents, overflow, helpers), "one of six");
    group_has(play, "helpers", "h4");
    cr_expect_not(campaign_groups_share(agents, helpers, overflow), "one of six");
    cr_expect_not(campaign_groups_share(agents, 0, 0));
    cr_expect(campaign_groups_share(agents, helpers, helpers));
    over(play);
}

static void leaves_group(struct campaign_play *play, const char *group, const char *agent)
{
    char key[64];
    snprintf(key, sizeof key, "%s/%s", group, agent);
    directory(play->world, table_group_member, key, (const char *const[]){NULL});
    commit(play->world, false);
    collect(play);
}

/* What is known of two groups is asked for after each change, from both sides. */
Test(core_campaign_promises, what_groups_share_is_found_anew_when_one_has_other_members)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct campaigns *campaigns = play->world->core->campaigns;
    uint32_t name = name_of(play->world, "1800");
    leaves_group(play, "overflow", "olga"); /* whom each world has there */
    group_has(play, "helpers", "h9");
    group_has(play, "others", "h8");
    request(play->world, campaign_op_load);
    struct campaign *first = campaign_of(campaigns, name);
    struct campaign *second = loaded_on(play, "1801", "helpers"), *third = loaded_on(play, "1802", "others");
#define SHARE_IS(share)                                                                                                \
    (campaign_shares(campaigns, first, second) == (share) && campaign_shares(campaigns, second, first) == (share))
    cr_expect(SHARE_IS(SHARES_NONE), "nobody is in both");
    cr_expect_eq(campaign_shares(campaigns, first, third), SHARES_NONE);
    cr_expect_eq(first->share_count, 2u);
    group_has(play, "strangers", names[0]);
    cr_expect_eq(first->share_count, 2u, "no campaign has that group");
    group_has(play, "helpers", names[0]);
    cr_expect_eq(first->share_count, 1u, "what is known of the others stays");
    cr_expect(SHARE_IS(SHARES_SOME), "one of two");
    collect(play);
    for (unsigned at = 1; at < AGENTS; at++) group_has(play, "helpers", names[at]);
    cr_expect(SHARE_IS(SHARES_SOME), "six of seven");
    leaves_group(play, "helpers", "h9");
    cr_expect(SHARE_IS(SHARES_ALL), "the same agents");
    for (unsigned at = 1; at < AGENTS; at++) leaves_group(play, "overflow", names[at]);
    cr_expect(SHARE_IS(SHARES_SOME), "the only one");
    leaves_group(play, "overflow", names[0]);
    group_has(play, "overflow", "h9");
    cr_expect(SHARE_IS(SHARES_NONE), "they have parted");
    group_has(play, "overflow", names[0]);
    cr_expect(SHARE_IS(SHARES_SOME), "one of two");
    unloaded(play);
    leaves_group(play, "overflow", names[0]); /* while no campaign has that group */
    request(play->world, campaign_op_load);
    first = campaign_of(campaigns, name);
    cr_expect(SHARE_IS(SHARES_NONE), "as it is now, and not as it was before the unloading");
#undef SHARE_IS
    over(play);
}

/* Dials, and lets go whoever has no agent after three seconds. */
static struct image *keeps_for_three_seconds(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t nobody = writer_label(w);
    dial_step(w, NULL);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 3));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, ORDER_longest_idle);
    writer_wait_failure(w, nobody, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    writer_place(w, nobody);
    program_stop(w, program_text(w, "kept"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* The rules allow a minute: agents who are free within it are too late for people who are gone by then. */
Test(core_campaign_promises, how_long_people_are_kept_shows_before_anybody_is_lost)
{
    struct campaign_play *play = begun_by("progressive", keeps_for_three_seconds(), dialling);
    nobody_is_there(play);
    cr_assert_eq(campaign(play)->pacer.kept_us, 0u, "the wait of the rules is shorter");
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "wait_ms", 60000);
    cr_assert_eq(campaign(play)->abandoned, 0u);
    cr_assert_eq(campaign(play)->pacer.kept_us, 3u * SECOND);
    play_for(play, 5);
    cr_assert_eq(campaign(play)->abandoned, 1u);
    cr_assert_eq(campaign(play)->pacer.kept_us, 3u * SECOND);
    over(play);
}

/* After-call work that was going on at the unloading is nobody's later. */
Test(core_campaign_promises, agents_waits_and_histories_outlive_the_unloading)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    play->answers_percent = 100;
    play->talk_s = 5;
    play->wrap_s = 300;
    log_in(play, 3);
    run_for(play, "lines", 10, 60);
    uint64_t waited_us, calls, before_us, before;
    campaign_agents_waited(campaign(play), play->world->time_us, &before_us, &before);
    cr_assert(before != 0 && campaign(play)->pacer.wrapping.total != 0);
    unloaded(play);
    request(play->world, campaign_op_load);
    const struct pacer *pacer = &campaign(play)->pacer;
    campaign_agents_waited(campaign(play), play->world->time_us, &waited_us, &calls);
    cr_assert(waited_us == before_us && calls == before);
    cr_assert_eq(durations_count(&pacer->answered), (uint32_t)calls);
    cr_assert_eq(pacer->wrapping.total, 0u);
    unloaded(play);
    seconds(play, DAY_S / 2);
    request(play->world, campaign_op_load);
    cr_assert_eq(campaign(play)->pacer.ceiling.all_answered, (uint32_t)calls);
    unloaded(play);
    seconds(play, 2 * DAY_S);
    cr_assert_eq(play->world->core->campaigns->counted_count, 1u);
    request(play->world, campaign_op_load);
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row));
    cr_assert_eq(row.window_answered, 0u, "the window moves while nobody starts it");
    unloaded(play);
    cr_assert_eq(play->world->core->campaigns->counted_count, 0u, "time has passed over all of it");
    over(play);
}

struct bytes {
    uint8_t all[4096];
    size_t length;
};

static bool bytes_add(void *self, const void *bytes, size_t length)
{
    struct bytes *kept = self;
    cr_assert_leq(kept->length + length, sizeof kept->all);
    memcpy(kept->all + kept->length, bytes, length);
    kept->length += length;
    return true;
}

/* Snapshots of version 13 had no more of it than its name and the count in its window. */
Test(core_campaign_promises, what_was_unloaded_before_an_upgrade_has_its_count)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core *core = play->world->core;
    struct campaigns *campaigns = core->campaigns;
    uint64_t now_us = core->now->time_us;
    struct bytes bytes = {.length = 0};
    struct ceiling ceiling;
    struct error error;
    ceiling_init(&ceiling, DAY_S * UINT64_C(1000000));
    for (unsigned n = 0; n < 3; n++) ceiling_answered(&ceiling, now_us);
    ceiling_abandoned(&ceiling, now_us);
    struct keeper *keeper = keep_begin_write(bytes_add, &bytes);
    keep_u32(keeper, 0); /* campaigns that are loaded, and those that have changed */
    keep_u32(keeper, 0);
    keep_u32(keeper, 1);
    name_keep(core->names, keeper, name_of(play->world, "1800"));
    keep_u64(keeper, 12345);
    ceiling_keep(&ceiling, keeper, now_us);
    keep_u64(keeper, 12345);
    cr_assert(keep_finish(keeper, &error), "%s", error.text);
    keeper = keep_begin_read(bytes.all, bytes.length);
    keep_set_version(keeper, 13);
    part_ops_campaigns.keep(campaigns, keeper);
    cr_assert(keep_finish(keeper, &error), "%s", error.text);
    cr_assert_eq(campaigns->counted_count, 1u);
    struct pacer pacer = campaigns->counted[0].pacer;
    cr_expect(pacer.ceiling.all_answered == 3 && pacer.ceiling.all_abandoned == 1 && pacer_knows(&pacer, now_us));
    cr_expect(campaigns->counted[0].hash == campaigns->content && campaigns->content != 12345);
    campaigns->counted_count = 0; /* which no event has made */
    campaigns->content = 0;
    over(play);
}

/* Both wait for the second in which their schedule opens, and one agent is ready. */
Test(core_campaign_promises, the_campaign_of_the_higher_priority_dials_first_at_each_second)
{
    struct campaign_play *play = scheduled("progressive", "Asia/Tokyo");
    wall_is(play, HOUR_S - 3);
    request(play->world, campaign_op_load);
    struct campaign *other = beside(play, "progressive", "hours", "priority", 1);
    request(play->world, campaign_op_start);
    request_with(play->world, "1801", campaign_op_start, campaign_mode_none, NULL, 0);
    hand_over(play, 5);
    hand_over_of(play, "1801", 5, NULL, 0);
    log_in(play, 1);
    seconds(play, 1);
    cr_assert_eq(other->counts.records[RECORD_due] + campaign(play)->counts.records[RECORD_due], 2u);
    seconds(play, 3);
    cr_assert_eq(other->counts.records[RECORD_due], 0u);
    cr_assert_eq(campaign(play)->counts.records[RECORD_due], 1u);
    is(play, "running", "promised");
    over(play);
}

/* The record that begins first has the only agent, and the other campaign sees it in the same moment. */
Test(core_campaign_promises, an_agent_whom_one_campaign_has_chosen_is_ready_for_no_other)
{
    struct campaign_play *play = begun_by("push_preview", chooses_first(), dialling);
    request(play->world, campaign_op_load);
    const struct campaign *other = beside(play, "push_preview", NULL, NULL, 0);
    request(play->world, campaign_op_start);
    request_with(play->world, "1801", campaign_op_start, campaign_mode_none, NULL, 0);
    hand_over(play, 5);
    hand_over_of(play, "1801", 5, NULL, 0);
    seconds(play, 1);
    cr_assert_eq(campaign_under_way(campaign(play)) + campaign_under_way(other), 0u);
    log_in(play, 1);
    seconds(play, 1);
    cr_assert_eq(campaign(play)->counts.chosen[RECORD_checking] + other->counts.chosen[RECORD_checking], 1u);
    cr_assert_eq(campaign_under_way(campaign(play)) + campaign_under_way(other), 1u);
    over(play);
}

/* Calls of the line 1900 wait for an agent of the same group. */
static void lines_in(struct campaign_play *play)
{
    struct core_world *world = play->world;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Activate, 0, 0, 0);
    writer_text(writer, Activate_at, "1900");
    writer_bytes(writer, Activate_image, (struct span){image_hash(world->image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, "lines");
    world_post(world);
}

static uint32_t agent_slot(const struct campaign_play *play, unsigned number)
{
    uint32_t slot;
    cr_assert(agent_find(play->world->core->agents, name_of(play->world, names[number]), &slot));
    return slot;
}

static const struct agent *first_agent(const struct campaign_play *play)
{
    return agent_at(play->world->core->agents, agent_slot(play, 0));
}

/* A call of that line waits for the agent, who is promised to a number that rings. */
static uint64_t call_waits(struct campaign_play *play)
{
    const uint64_t conn = UINT64_C(0x0010000030000001);
    log_in(play, 1);
    run_for(play, "lines", 3, 2);
    cr_assert_eq(first_agent(play)->promised, name_of(play->world, "overflow"));
    created(play->world, conn);
    writer_text(world_event(play->world, LINK, KIND_EventRouteRequest, 0, 0, conn), EventRouteRequest_dn, "1900");
    world_post(play->world);
    cr_assert_eq(first_agent(play)->claimed, 0u);
    return conn;
}

static void priority_is(struct campaign_play *play, uint64_t conn, int64_t priority)
{
    struct kv pairs;
    kv_init(&pairs);
    kv_put_int(&pairs, "priority", priority);
    struct writer *writer = world_event(play->world, SOURCE_ADMIN, KIND_RequestUserData, 0, 0, conn);
    writer_u(writer, RequestUserData_op, data_op_ChangeProperties);
    writer_kv(writer, RequestUserData_pairs, &pairs);
    world_post(play->world);
    kv_free(&pairs);
}

/* A call whose priority is above the campaign's has the agent at once, and the campaign counts what was taken. */
Test(core_campaign_promises, a_call_above_the_campaigns_priority_has_the_agent_who_was_promised)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    lines_in(play);
    uint64_t conn = call_waits(play);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "priority", 5);
    priority_is(play, conn, 5);
    cr_assert_eq(first_agent(play)->claimed, 0u);
    cr_assert_neq(first_agent(play)->promised, 0u);
    uint64_t taken = campaign(play)->pacer.taken;
    priority_is(play, conn, 6);
    cr_assert_eq(first_agent(play)->claimed, 1u);
    cr_assert_eq(first_agent(play)->promised, 0u);
    cr_assert_gt(campaign(play)->pacer.taken, taken);
    over(play);
}

/* A campaign that dials for no agent has no priority over calls. */
Test(core_campaign_promises, only_campaigns_that_dial_for_agents_outrank_a_call)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct campaigns *campaigns = play->world->core->campaigns;
    request(play->world, campaign_op_load);
    beside(play, "power", NULL, "priority", 9);
    cr_assert(campaigns_outranked(campaigns, 1));
    cr_assert_not(campaigns_outranked(campaigns, 0));
    over(play);
}

/* An agent whom the directory takes out of the group is promised no more, and other calls may have them. */
Test(core_campaign_promises, a_promise_ends_when_the_directory_takes_the_agent_out_of_the_group)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct agents *agents = play->world->core->agents;
    lines_in(play);
    call_waits(play);
    directory(play->world, table_group_member, "overflow/a0", (const char *const[]){NULL});
    commit(play->world, false);
    cr_assert_not(agent_in_group(first_agent(play), name_of(play->world, "overflow")));
    cr_assert_eq(first_agent(play)->promised, 0u);
    cr_assert(agents_check(agents));
    over(play);
}

/* Each promise is in the digest. Selection looks first at an agent who has just become ready. Who leaves the group is
 * free at once. */
Test(core_campaign_promises, a_promise_is_in_the_digest_and_ends_with_the_group)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    struct core *core = play->world->core;
    struct agents *agents = core->agents;
    log_in(play, 1);
    uint32_t slot = agent_slot(play, 0), group = name_of(play->world, "overflow");
    uint64_t before = core_digest(core);
    agents_promise(agents, group, 1);
    uint64_t promised = core_digest(core);
    cr_assert_neq(promised, before);
    agents_promise(agents, group, 0);
    cr_assert(agent_at(agents, slot)->dirty && agent_at(agents, slot)->promised == 0);
    cr_assert_eq(core_digest(core), before);
    agents_promise(agents, group, 1);
    cr_assert_eq(agent_at(agents, slot)->promised, 0u, "who is looked at first");
    agent(play->world, names[1], dns[1], agent_state_ready);
    cr_assert_not(agent_at(agents, slot)->dirty);
    uint32_t seats = names_intern(core->names, span_of("seats"));
    cr_assert(agent_set_group_by_place(agents, slot, seats, true));
    agents_promise(agents, seats, 1);
    cr_assert_eq(agent_at(agents, slot)->promised, seats);
    cr_assert(agents_check(agents));
    cr_assert(agent_set_group_by_place(agents, slot, seats, false));
    cr_assert_eq(agent_at(agents, slot)->promised, 0u);
    cr_assert(agents_check(agents));
    agent_at(agents, slot)->promised = group;
    cr_assert_not(agents_check(agents), "nobody has counted it");
    agent_at(agents, slot)->promised = 0;
    over(play);
}

/* An agent is chosen for the person who waits: no second one is kept for them. */
Test(core_campaign_promises, who_has_an_agent_chosen_keeps_no_second_one)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    play->answers_percent = 100;
    play->talk_s = 60;
    log_in(play, 1);
    run_for(play, "lines", 1, 1);
    for (unsigned at = 0; at < 300 && campaign(play)->counts.chosen[RECORD_waiting] == 0; at++) play_a_tenth(play);
    cr_assert_eq(campaign(play)->counts.chosen[RECORD_waiting], 1u);
    request(play->world, campaign_op_stop);
    agent(play->world, names[1], dns[1], agent_state_ready);
    cr_assert_eq(campaign(play)->counts.chosen[RECORD_waiting], 1u);
    cr_assert_eq(agent_at(play->world->core->agents, agent_slot(play, 1))->promised, 0u);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "lines", 2); /* and all is decided anew */
    cr_assert_eq(campaign(play)->counts.chosen[RECORD_waiting], 1u);
    cr_assert_eq(agent_at(play->world->core->agents, agent_slot(play, 1))->promised, 0u);
    over(play);
}

/* While a number rings for the only agent a call waits. Nobody answers the number: the call has the agent before the
 * campaign dials another one. */
Test(core_campaign_promises, an_agent_who_is_promised_is_kept_until_nobody_answers)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    lines_in(play);
    play->talk_s = 60;
    call_waits(play);
    cr_assert_eq(campaign(play)->counts.records[RECORD_ringing], 1u);
    struct list_record_row called;
    uint32_t from = 0;
    cr_assert_eq(core_list_records_called(play->world->core), 1u);
    cr_assert(core_list_record_called(play->world->core, &from, &called) && called.ixn != 0);
    cr_assert(span_is(called.campaign, "1800") && !core_list_record_called(play->world->core, &from, &called));
    for (unsigned at = 0; at < 20 && first_agent(play)->claimed == 0; at++) play_for(play, 1);
    cr_assert_eq(first_agent(play)->claimed, 1u);
    cr_assert_eq(campaign(play)->dialled, 1u);
    cr_assert_eq(campaign(play)->counts.records[RECORD_checking], 0u);
    is(play, "running", "no_agent_ready");
    over(play);
}

/* The agent who is promised is for the person who answers. */
Test(core_campaign_promises, who_answers_has_the_agent_who_was_promised)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    play->answers_percent = 100;
    play->talk_s = 60;
    log_in(play, 1);
    run_for(play, "lines", 3, 2);
    cr_assert_neq(first_agent(play)->promised, 0u);
    play_for(play, 20);
    cr_assert_eq(campaign(play)->counts.records[RECORD_connected], 1u);
    cr_assert_eq(first_agent(play)->promised, 0u);
    for (unsigned at = 1; at <= 2; at++) agent(play->world, names[at], dns[at], agent_state_not_ready);
    play_for(play, 2);
    cr_assert(campaign(play)->found.busy == 1 && campaign(play)->found.ready == 0, "a break is no work");
    over(play);
}

/* Other calls have so many agents, whatever rings. */
Test(core_campaign_promises, agents_of_the_reserve_are_not_promised)
{
    struct campaign_play *play = begun("progressive", NOTHING);
    log_in(play, 1);
    run_for(play, "lines", 3, 2);
    cr_assert_neq(first_agent(play)->promised, 0u);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "reserve", 1);
    play_for(play, 1);
    cr_assert_eq(campaign(play)->counts.records[RECORD_ringing], 1u);
    cr_assert_eq(first_agent(play)->promised, 0u);
    over(play);
}

Test(core_campaign_promises, who_is_served_by_nobody_in_the_mode_power_has_abandoned_where_the_strategy_says_so)
{
    struct campaign_play *play = begun_by("power", closes_abandoned(), dialling);
    play->answers_percent = 100;
    run_for(play, "ports", 1, 60);
    cr_assert_gt(campaign(play)->answered, 1u);
    cr_assert_eq(campaign(play)->abandoned, campaign(play)->answered);
    counted_is(play, (unsigned)campaign(play)->answered, (unsigned)campaign(play)->answered);
    over(play);
    play = begun_by("progressive", closes_abandoned(), dialling); /* before wait_ms: counted once */
    play->answers_percent = 100;
    log_in(play, 1);
    run_for(play, "lines", 1, 1000); /* the quarter of an hour bears no second one */
    cr_assert_gt(campaign(play)->answered, 1u);
    cr_assert_eq(campaign(play)->abandoned, campaign(play)->answered);
    over(play);
}
