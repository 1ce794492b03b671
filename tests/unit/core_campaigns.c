/* tests/unit/core_campaigns.c - Campaigns: loaded, started, stopped and unloaded; their lists asked for records ahead
 * of time; records begun as the mode and the pacer say, whatever happens to calls, agents and links. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/campaigns/list_record_table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"
#include "vm/schedule.h"
#include "vm/steps.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_campaigns, .timeout = 60);

enum { LIST = 17, ADMIN = SOURCE_ADMIN, AGENTS = 6, CALLS = 64, SECOND = 1000000, HOUR_S = 3600, DAY_S = 24 * HOUR_S };
#define NUMBER "+33145550101"

static const char *const dialling[] = {"calls", "treatments", "pull_back", "set_agent", "dial", NULL};
static const char *const detecting[] = {"calls", "treatments", "pull_back", "set_agent", "dial", "predictive", NULL};
static const char *const listing[] = {"records", NULL};

/* A call that the core has asked for. */
struct call {
    uint64_t ixn, conn, at_us; /* at_us: when the next thing happens to it */
    uint32_t ref;
    unsigned state, agent;
};
enum call_state { CALL_FREE, CALL_DIALLED, CALL_ANSWERED, CALL_ROUTED, CALL_TALKS };

/* The world with what plays the switch, the agents and the list. */
struct play {
    struct world *world;
    struct call calls[CALLS];
    uint64_t records, conns, random;
    uint32_t seen;          /* of the world's effects */
    struct sent queue[256]; /* a ring of effects that are not answered yet */
    uint32_t queued, taken;
    uint64_t wrap_until[AGENTS]; /* after-call work; 0: none */
    unsigned answers_percent, talk_s, wrap_s;
    enum code allows;               /* what the list says of a dial */
    enum code dials;                /* what the switch says of it; other: it dials */
    bool plays;                     /* effects are answered */
    bool silent;                    /* the list hands over nothing */
    int64_t known_us;               /* an answer is told so long after it */
    unsigned predictive;            /* calls that the switch was asked to listen to */
    unsigned most_rings, most_over; /* at a time; beyond the agents who were ready */
    unsigned wrong, doubted;        /* records that were closed, or rest, since their number was called wrong */
};

/* ---- the strategy ---- */

static void dial_step(struct image_writer *w, const uint32_t *failed)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_dial_number, program_text(w, NUMBER));
    writer_wait_timeout(w, SECONDS(w, 35));
    if (failed) writer_wait_failure(w, *failed, REGISTER_NONE);
    writer_step(w, STEP_ID_outbound_dial, REGISTER_NONE);
}

/* An agent of the group overflow is selected within a minute, and the call routed to them. */
static void route_steps(struct image_writer *w, const uint32_t *failed)
{
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    uint8_t who = writer_register(w, TYPE_TARGET);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, ORDER_longest_idle);
    if (failed) writer_wait_failure(w, *failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, who);
    writer_wait_timeout(w, SECONDS(w, 30));
    if (failed) writer_wait_failure(w, *failed, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
}

/* What is wrong with it: it divides by zero; it has no else where nobody is selected, or no else at all. */
enum wrong { NOTHING, DIVIDES, NO_ELSE, NO_ELSE_AT_ALL };

/* Dials, and hands over to an agent; puts the record off by an hour where that fails. Another strategy, for lines,
 * hands over those who call. */
static struct image *serves(enum wrong wrong)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_outbound, INT64_C(28800000000));
    (void)writer_zone(w, "Asia/Tokyo", (const int64_t[]){INT64_MIN}, (const int32_t[]){9 * HOUR_S}, 1);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w);
    if (wrong == DIVIDES) {
        uint8_t zero = writer_register(w, TYPE_INT);
        writer_abc(w, OP_DIV, zero, zero, zero);
    }
    dial_step(w, wrong == NO_ELSE_AT_ALL ? NULL : &failed);
    route_steps(w, wrong == NO_ELSE || wrong == NO_ELSE_AT_ALL ? NULL : &failed);
    program_stop(w, program_text(w, "served"));
    writer_place(w, failed);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_outbound_retry_in, SECONDS(w, 3600));
    writer_wait_timeout(w, SECONDS(w, 10));
    writer_step(w, STEP_ID_outbound_retry, REGISTER_NONE);
    program_stop(w, program_text(w, "put off"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    strategy = writer_strategy(w, "lines", 1u << media_voice, INT64_C(28800000000));
    body = writer_function_begin(w, "lines", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    route_steps(w, NULL);
    program_stop(w, program_text(w, "served"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

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

/* ---- what is said to the core ---- */

static void list_up_with(struct world *world, const char *const *caps)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LIST);
    writer_text(writer, LinkUp_name, "lists");
    writer_list_begin(writer, LinkUp_caps);
    for (const char *const *cap = caps; *cap; cap++) writer_list_text(writer, span_of(*cap));
    writer_list_end(writer);
    world_post(world);
    world_event(world, LIST, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, LIST, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static void list_up(struct world *world)
{
    list_up_with(world, listing);
}

static void list_down(struct world *world)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LIST);
    world_post(world);
}

static void request_with(struct world *world, const char *name, enum campaign_op op, enum campaign_mode mode,
                         const char *limit, int64_t number)
{
    struct kv limits;
    kv_init(&limits);
    if (limit) kv_put_int(&limits, limit, number);
    struct writer *writer = world_event(world, ADMIN, KIND_RequestCampaign, 0, 0, 0);
    writer_text(writer, RequestCampaign_campaign, name);
    writer_u(writer, RequestCampaign_op, op);
    writer_u(writer, RequestCampaign_mode, mode);
    if (limit) writer_kv(writer, RequestCampaign_limits, &limits);
    kv_free(&limits);
    world_post(world);
}

static void request(struct world *world, enum campaign_op op)
{
    request_with(world, "1800", op, campaign_mode_none, NULL, 0);
}

static void answer_of(struct world *world, unsigned link, uint64_t ixn, uint32_t ref, enum code code)
{
    struct writer *writer = world_event(world, link, KIND_EventDone, ixn, ref, 0);
    writer_u(writer, EventDone_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(writer, EventDone_code, code);
    world_post(world);
}

/* Keeps the effects that have come since, before the world forgets them. */
static void collect(struct play *play)
{
    cr_assert_leq(play->world->sent_count - play->seen, 16u, "%s", play->world->trace);
    for (; play->seen < play->world->sent_count; play->seen++) {
        const struct sent *sent = &play->world->sent[play->seen % 16];
        if (sent->kind == KIND_Reply) continue;
        play->queue[play->queued++ % 256] = *sent;
        cr_assert_leq(play->queued - play->taken, 256u);
    }
}

static void hand_over_of(struct play *play, const char *of, uint32_t req, const char *whose, int64_t due_us)
{
    struct world *world = play->world;
    world->req = req;
    struct writer *writer = world_event(world, LIST, KIND_EventRecord, 0, 0, 0);
    world->req = 0;
    writer_u(writer, EventRecord_record, ++play->records);
    writer_text(writer, EventRecord_campaign, of);
    writer_text(writer, EventRecord_number, NUMBER);
    writer_i(writer, EventRecord_due, due_us);
    writer_text(writer, EventRecord_agent, whose);
    writer_u(writer, EventRecord_version, 1);
    world_post(world);
    if (play->plays) collect(play);
}

static void hand_over_for(struct play *play, uint32_t req, const char *whose, int64_t due_us)
{
    hand_over_of(play, "1800", req, whose, due_us);
}

static void hand_over(struct play *play, uint32_t req)
{
    hand_over_for(play, req, NULL, 0);
}

/* The list answers FetchRecords with so many records. */
static void fetched(struct play *play, uint32_t ref, uint32_t count)
{
    while (count-- > 0) hand_over(play, ref);
    answer_of(play->world, LIST, 0, ref, code_ok);
}

static void define(struct world *world, const char *mode)
{
    directory(world, table_campaign, "1800",
              (const char *const[]){"name", "1800", "agents", "overflow", "mode", mode, NULL});
    commit(world, false);
}

static char names[AGENTS][8], dns[AGENTS][8];

/* The campaign 1800 is defined, bound to this strategy, and its list and switch are there. */
static struct play *begun_by(const char *mode, struct image *image, const char *const *caps)
{
    struct play *play = calloc(1, sizeof *play);
    struct world *world = play->world = world_new();
    play->random = 88172645463325252;
    play->allows = code_ok;
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    list_up(world);
    world_run(world, image);
    for (unsigned at = 0; at < AGENTS; at++) {
        char key[32];
        snprintf(names[at], sizeof names[at], "a%u", at);
        snprintf(dns[at], sizeof dns[at], "60%02u", at);
        snprintf(key, sizeof key, "overflow/a%u", at);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", names[at], NULL});
    }
    define(world, mode);
    world_forget(world);
    return play;
}

static struct play *begun_with(const char *mode, enum wrong wrong, const char *const *caps)
{
    return begun_by(mode, serves(wrong), caps);
}

static struct play *begun(const char *mode, enum wrong wrong)
{
    return begun_with(mode, wrong, dialling);
}

static void over(struct play *play)
{
    world_end(play->world);
    free(play);
}

static const struct campaign *campaign(const struct play *play)
{
    return play->world->core->campaigns->all[0];
}

static void is(const struct play *play, const char *state, const char *why)
{
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row) && row.name.length != 0);
    cr_assert_str_eq(row.state, state);
    cr_assert_str_eq(row.why, why, "%s, not %s", row.why, why);
}

static void seconds(struct play *play, unsigned count)
{
    world_advance(play->world, (uint64_t)count * SECOND);
}

static uint32_t fetch_ref(const struct play *play)
{
    return play->world->last_ref[KIND_FetchRecords];
}

/* ---- its states ---- */

Test(core_campaigns, a_campaign_is_loaded_started_stopped_and_unloaded)
{
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
    request(world, campaign_op_start);
    expect(world, "Reply error invalid_state\n");
    request(world, campaign_op_load);
    request(world, campaign_op_load);
    expect(world, "Reply ok\nReply ok\n");
    is(play, "loaded", "not_started");
    request(world, campaign_op_start);
    expect(world, "Reply ok\nFetchRecords 200\n");
    is(play, "running", "no_agent_ready");
    request(world, campaign_op_start);
    request(world, campaign_op_stop);
    request(world, campaign_op_stop);
    expect(world, "Reply ok\nReply ok\nReply ok\n");
    is(play, "loaded", "stopped");
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

Test(core_campaigns, what_cannot_be_loaded_is_refused_with_the_reason)
{
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
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
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
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
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
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

/* ---- its list ---- */

Test(core_campaigns, a_list_is_asked_ahead_and_again_after_a_pause)
{
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
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
static const char *due_queue(const struct play *play, char text[64])
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
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
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
    cr_expect(row.left == 114 && row.list_due == 4 && row.overdue == 2 && row.exhausted == 1);
    over(play);
}

Test(core_campaigns, a_list_whose_records_are_refused_is_asked_again_after_a_pause)
{
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
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
    struct play *play = begun("power", NOTHING);
    struct world *world = play->world;
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
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
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

Test(core_campaigns, a_list_that_refuses_stops_the_campaign)
{
    struct play *play = begun("progressive", NOTHING);
    request(play->world, campaign_op_load);
    request(play->world, campaign_op_start);
    answer_of(play->world, LIST, 0, fetch_ref(play), code_invalid_attribute);
    is(play, "loaded", "list_refuses");
    over(play);
}

static void says(struct world *world, uint32_t ref, enum code code, const char *text)
{
    struct writer *writer = world_event(world, LIST, KIND_EventDone, 0, ref, 0);
    writer_u(writer, EventDone_outcome, code == code_ok ? outcome_ok : outcome_error);
    writer_u(writer, EventDone_code, code);
    writer_text(writer, EventDone_text, text);
    world_post(world);
}

static void reason_is(const struct play *play, bool asking, const char *reason)
{
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row));
    cr_assert_eq(row.asking, asking);
    cr_assert(span_is(row.reason, reason), "%.*s", (int)row.reason.length, (const char *)row.reason.bytes);
}

Test(core_campaigns, a_list_says_at_the_load_what_is_wrong_and_once_more_at_the_start)
{
    static const char *const checking[] = {"records", "lists", NULL};
    struct play *play = begun("power", NOTHING);
    struct world *world = play->world;
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
    struct play *play = begun("power", NOTHING);
    struct world *world = play->world;
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
    struct play *play = begun("power", DIVIDES);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "failures", 4);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "ports", 3);
    request(play->world, campaign_op_start);
    fetched(play, fetch_ref(play), 10);
    seconds(play, 5);
    is(play, "loaded", "failures");
    cr_assert_eq(campaign_buffered(campaign(play)), 6u);
    over(play);
}

static uint32_t name_of(const struct world *world, const char *name)
{
    return names_find(world->core->names, span_of(name));
}

static void drain(struct world *world, bool begins)
{
    struct writer *writer = world_event(world, ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, begins ? admin_op_drain : admin_op_serve);
    world_post(world);
}

static void clock_is(struct world *world, int64_t offset_s)
{
    writer_i(world_event(world, SOURCE_HOST, KIND_Clock, 0, 0, 0), Clock_offset, offset_s * SECOND);
    world_post(world);
}

/* ---- its schedule ---- */

/* The wall clock shows so many seconds since 1970 UTC. */
static void wall_is(struct play *play, int64_t wall_s)
{
    clock_is(play->world, wall_s - (int64_t)(play->world->core->now->time_us / SECOND));
}

/* The schedule `hours` is open from 10 to 18 each day but the second of 1970. */
static void hours_row(struct world *world, bool there)
{
    const int64_t numbers[] = {SCHEDULE_WEEKDAYS, 0, 6, 1, 10 * HOUR_S, 18 * HOUR_S, SCHEDULE_DATES, 1, 1, 0};
    struct kv row;
    kv_init(&row);
    if (there) {
        kv_list_begin(&row, span_of("value"));
        for (size_t at = 0; at < sizeof numbers / sizeof *numbers; at++) kv_put_int(&row, "item", numbers[at]);
        kv_list_end(&row);
    }
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_schedule);
    writer_text(writer, DirectoryRow_key, "hours");
    writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(world);
    commit(world, false);
}

static struct play *scheduled(const char *mode, const char *zone)
{
    struct play *play = begun(mode, NOTHING);
    hours_row(play->world, true);
    directory(play->world, table_campaign, "1800",
              (const char *const[]){"name", "1800", "agents", "overflow", "mode", mode, "schedule", "hours", "zone",
                                    zone, NULL});
    commit(play->world, false);
    world_forget(play->world);
    return play;
}

static void record_is(const struct play *play, uint64_t record, const char *state)
{
    struct list_record_row row;
    core_list_record_named(play->world->core, span_of("1800"), record, &row);
    cr_assert_str_eq(row.state, state, "%s, not %s", row.state, state);
}

static int64_t opens_s(const struct play *play)
{
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row));
    return row.opens_us / SECOND;
}

Test(core_campaigns, outside_of_its_schedule_no_record_begins_and_it_goes_on_by_itself)
{
    struct play *play = scheduled("power", "Asia/Tokyo");
    struct world *world = play->world;
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
    struct play *play = scheduled("power", "Asia/Seoul");
    struct world *world = play->world;
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

/* ---- the switch, the agents and the list play ---- */

static unsigned chance(struct play *play, unsigned below)
{
    play->random ^= play->random << 13;
    play->random ^= play->random >> 7;
    play->random ^= play->random << 17;
    return (unsigned)(play->random >> 20) % below;
}

static struct call *call_of(struct play *play, uint64_t ixn)
{
    for (unsigned at = 0; at < CALLS; at++)
        if (play->calls[at].state != CALL_FREE && play->calls[at].ixn == ixn) return &play->calls[at];
    return NULL;
}

static unsigned agent_at_dn(const char *dn)
{
    unsigned at = 0;
    while (at < AGENTS && strcmp(dns[at], dn) != 0) at++;
    return at;
}

static void dialled(struct play *play, const struct sent *sent)
{
    unsigned at = 0;
    while (play->calls[at].state != CALL_FREE) cr_assert_lt(++at, (unsigned)CALLS);
    play->calls[at] = (struct call){.ixn = sent->ixn,
                                    .conn = UINT64_C(0x0010000020000000) + ++play->conns,
                                    .ref = sent->ref,
                                    .state = CALL_DIALLED,
                                    .at_us = play->world->time_us + (3 + chance(play, 15)) * UINT64_C(1000000)};
    struct writer *writer =
        world_event(play->world, LINK, KIND_EventCallCreated, sent->ixn, sent->ref, play->calls[at].conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    world_post(play->world);
}

static void call_ends(struct play *play, struct call *call)
{
    uint64_t conn = call->conn;
    if (call->state == CALL_TALKS) {
        unsigned at = call->agent;
        if (play->wrap_s != 0) {
            play->wrap_until[at] = play->world->time_us + play->wrap_s * UINT64_C(1000000);
            agent(play->world, names[at], dns[at], agent_state_after_call_work);
        }
    }
    call->state = CALL_FREE;
    deleted(play->world, conn);
}

static void routed(struct play *play, const struct sent *sent)
{
    struct call *call = call_of(play, sent->ixn);
    if (!call) return;
    call->agent = agent_at_dn(sent->dest);
    cr_assert_lt(call->agent, (unsigned)AGENTS);
    call->state = CALL_ROUTED;
    call->at_us = play->world->time_us + 300000;
    route_used(play->world, call->conn, sent->dest, route_how_instructed);
    if (call->state == CALL_ROUTED)
        party(play->world, call->conn, sent->dest, names[call->agent], party_role_agent, party_change_Ringing);
}

static void answer_effect(struct play *play, const struct sent *sent)
{
    switch (sent->kind) {
    case KIND_FetchRecords:
        if (campaign(play) && sent->ref == campaign(play)->ref)
            fetched(play, sent->ref, play->silent ? 0 : campaign(play)->asked);
        break;
    case KIND_CheckRecord:
        answer_of(play->world, LIST, sent->ixn, sent->ref, play->allows);
        break;
    case KIND_UpdateRecord:
        answer_of(play->world, LIST, sent->ixn, sent->ref, code_ok);
        break;
    case KIND_RequestMakeCall:
    case KIND_RequestMakePredictiveCall:
        play->predictive += sent->kind == KIND_RequestMakePredictiveCall;
        if (play->dials == code_other)
            dialled(play, sent);
        else
            answer_of(play->world, LINK, sent->ixn, sent->ref, play->dials);
        break;
    case KIND_RequestRouteCall:
        routed(play, sent);
        break;
    case KIND_RequestCallControl:
    case KIND_Cancel: {
        struct call *call = call_of(play, sent->ixn);
        if (call) call_ends(play, call);
        break;
    }
    default:
        break;
    }
}

static void measure(struct play *play)
{
    const struct campaign *now = campaign(play);
    if (!now) return;
    const uint32_t *chosen = now->counts.chosen, *records = now->counts.records;
    unsigned ready = now->found.ready + chosen[RECORD_ringing] + chosen[RECORD_waiting];
    unsigned called = records[RECORD_ringing] + records[RECORD_checking];
    if (records[RECORD_ringing] > play->most_rings) play->most_rings = records[RECORD_ringing];
    if (called > ready && called - ready > play->most_over) play->most_over = called - ready;
}

static unsigned lines_of(const struct play *play, const char *line)
{
    unsigned count = 0;
    for (const char *at = play->world->trace; (at = strstr(at, line)); at++) count++;
    return count;
}

static void answer_effects(struct play *play)
{
    for (collect(play); play->taken < play->queued; collect(play)) {
        const struct sent sent = play->queue[play->taken++ % 256];
        answer_effect(play, &sent);
        play->wrong += lines_of(play, "UpdateRecord updated invalid_number");
        play->doubted += lines_of(play, "UpdateRecord ready invalid_number");
        world_forget(play->world);
    }
}

static void call_moves(struct play *play, struct call *call)
{
    struct world *world = play->world;
    switch ((enum call_state)call->state) {
    case CALL_DIALLED:
        call->at_us = world->time_us + 20 * UINT64_C(1000000);
        if (chance(play, 100) >= play->answers_percent) {
            call_ends(play, call);
            break;
        }
        call->state = CALL_ANSWERED;
        writer_text(world_event(world, LINK, KIND_EventRouteRequest, 0, 0, call->conn), EventRouteRequest_dn, "1800");
        writer_i(&world->writer, EventRouteRequest_answered, play->known_us);
        world_post(world);
        break;
    case CALL_ROUTED:
        call->state = CALL_TALKS;
        call->at_us = world->time_us + (play->talk_s / 2 + chance(play, play->talk_s)) * UINT64_C(1000000);
        party(world, call->conn, dns[call->agent], names[call->agent], party_role_agent, party_change_Established);
        break;
    case CALL_ANSWERED:
    case CALL_TALKS:
        call_ends(play, call);
        break;
    case CALL_FREE:
        break;
    }
}

static void play_a_tenth(struct play *play)
{
    answer_effects(play);
    world_advance(play->world, SECOND / 10);
    answer_effects(play);
    for (unsigned at = 0; at < CALLS; at++)
        if (play->calls[at].state != CALL_FREE && play->calls[at].at_us <= play->world->time_us) {
            call_moves(play, &play->calls[at]);
            answer_effects(play);
        }
    for (unsigned at = 0; at < AGENTS; at++)
        if (play->wrap_until[at] != 0 && play->wrap_until[at] <= play->world->time_us) {
            play->wrap_until[at] = 0;
            agent(play->world, names[at], dns[at], agent_state_ready);
            answer_effects(play);
        }
    measure(play);
    world_forget(play->world);
}

/* Plays for so many seconds, in steps of a tenth. */
static void play_for(struct play *play, unsigned count)
{
    if (!play->plays) play->seen = play->world->sent_count < 16 ? 0 : play->world->sent_count - 16;
    play->plays = true;
    for (uint64_t until_us = play->world->time_us + (uint64_t)count * SECOND; play->world->time_us < until_us;)
        play_a_tenth(play);
}

static void log_in(struct play *play, unsigned count)
{
    for (unsigned at = 0; at < count; at++) {
        agent(play->world, names[at], dns[at], agent_state_ready);
        if (play->plays) collect(play);
    }
}

static void run_for(struct play *play, const char *limit, int64_t number, unsigned count)
{
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, limit, number);
    request(play->world, campaign_op_start);
    play_for(play, count);
}

Test(core_campaigns, progressive_never_rings_more_than_agents_are_ready)
{
    struct play *play = begun("progressive", NOTHING);
    play->answers_percent = 50;
    play->talk_s = 40;
    play->wrap_s = 10;
    log_in(play, AGENTS);
    run_for(play, "lines", 10, 600);
    cr_assert_eq(play->most_rings, (unsigned)AGENTS);
    cr_assert_eq(campaign(play)->abandoned, 0u);
    cr_assert_gt(campaign(play)->answered, 20u);
    cr_assert_eq(play->most_over, 0u, "%u", play->most_over);
    over(play);
}

Test(core_campaigns, lines_and_reserve_hold)
{
    struct play *play = begun("progressive", NOTHING);
    play->answers_percent = 50;
    play->talk_s = 40;
    log_in(play, AGENTS);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "lines", 10);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "reserve", 4);
    request(play->world, campaign_op_start);
    play_for(play, 100);
    cr_assert_eq(play->most_rings, AGENTS - 4u);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "lines", 1);
    play_for(play, 60);
    play->most_rings = 0;
    play_for(play, 100);
    cr_assert_eq(play->most_rings, 1u);
    over(play);
}

Test(core_campaigns, what_is_stopped_begins_nothing_more)
{
    struct play *play = begun("progressive", NOTHING);
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

Test(core_campaigns, a_switch_that_is_away_is_no_failure_of_the_strategy)
{
    struct play *play = begun("progressive", NO_ELSE);
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

Test(core_campaigns, who_answers_and_finds_no_agent_in_time_has_abandoned)
{
    struct play *play = begun("progressive", NOTHING);
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

/* Plays until the first who answers waits, and nobody is there for them. */
static void nobody_is_there(struct play *play)
{
    play->answers_percent = 100;
    play->talk_s = 20;
    log_in(play, 1);
    request(play->world, campaign_op_load);
    request(play->world, campaign_op_start);
    while (campaign(play)->counts.records[RECORD_ringing] == 0) play_for(play, 1);
    agent(play->world, names[0], dns[0], agent_state_not_ready);
    while (campaign(play)->counts.records[RECORD_waiting] == 0) play_for(play, 1);
}

Test(core_campaigns, whom_an_agent_reaches_late_is_abandoned_in_every_book)
{
    struct play *play = begun("progressive", NOTHING);
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
    cr_expect(shown.agents == 1 && shown.agents_ready + shown.agents_busy == 1, "%u ready, %u busy", shown.agents_ready,
              shown.agents_busy);
    cr_expect(shown.answered_15m == 1 && shown.abandoned_15m == 1 && shown.abandoned_30m == 1);
    cr_assert(row->judged);
    cr_assert_eq(row->result, cause_abandoned);
    cr_assert_eq(campaign(play)->abandoned, 1u);
    seconds(play, 1000);
    cr_assert(core_campaign(play->world->core, 0, &shown));
    cr_expect(shown.abandoned_15m == 0 && shown.abandoned_30m == 1);
    over(play);
}

/* The switch tells of an answer when it knows that it was a person; the law counts from the answer. */
Test(core_campaigns, the_time_of_who_answers_begins_with_the_answer)
{
    struct play *play = begun("progressive", NOTHING);
    play->known_us = 1800000;
    nobody_is_there(play);
    uint64_t since_us = play->world->core->list_records->all[campaign(play)->waiting.first].since_us;
    cr_assert_leq(since_us + 1800000, play->world->time_us);
    world_advance(play->world, since_us + 2 * SECOND - play->world->time_us);
    cr_assert_eq(campaign(play)->abandoned, 0u);
    world_advance(play->world, 1);
    cr_assert_eq(campaign(play)->abandoned, 1u);
    over(play);
}

/* The switch has said goodbye to a person: they are counted, whatever time has passed, and once. One who hangs up
 * before that has not been abandoned. */
Test(core_campaigns, whom_the_switch_says_goodbye_to_has_abandoned)
{
    for (int says = 0; says < 2; says++) {
        struct play *play = begun("progressive", NOTHING);
        nobody_is_there(play);
        struct list_record *row = list_record_at(play->world->core->list_records, campaign(play)->waiting.first);
        uint64_t conn = interaction_by_id(play->world->core->interactions, row->ixn)->conn;
        for (int twice = 0; says && twice < 2; twice++) {
            writer_u(world_event(play->world, LINK, KIND_EventCallProgress, 0, 0, conn), EventCallProgress_result,
                     cause_abandoned);
            world_post(play->world);
        }
        party(play->world, conn, "1800", NULL, party_role_device, party_change_Abandoned);
        cr_expect_eq(row->result == cause_abandoned, says);
        deleted(play->world, conn);
        play_for(play, 3);
        cr_expect_eq(campaign(play)->abandoned, (unsigned)says);
        cr_expect_eq(campaign(play)->counts.records[RECORD_waiting], 0u);
        over(play);
    }
}

/* The list takes back what has not begun, and calls end. */
static void unloaded(struct play *play)
{
    request(play->world, campaign_op_unload);
    collect(play);
    for (unsigned at = 0; campaign(play) && at < 200; at++) play_for(play, 1);
    cr_assert_null(campaign(play));
}

static void counted_is(const struct play *play, unsigned answered, unsigned abandoned)
{
    struct campaign_row row;
    cr_assert(core_campaign(play->world->core, 0, &row));
    cr_assert_eq(row.window_answered, answered, "%" PRIu64 " answered", row.window_answered);
    cr_assert_eq(row.window_abandoned, abandoned, "%" PRIu64 " abandoned", row.window_abandoned);
}

Test(core_campaigns, what_was_counted_in_the_window_outlives_the_unloading)
{
    struct play *play = begun("progressive", NOTHING);
    struct world *world = play->world;
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

/* ---- campaigns on the same agents ---- */

/* Another campaign on the same agents, which is loaded. */
static struct campaign *beside(struct play *play, const char *mode, const char *schedule, const char *limit,
                               int64_t number)
{
    struct world *world = play->world;
    activate(world, "1801");
    directory(world, table_campaign, "1801",
              (const char *const[]){"name", "1801", "agents", "overflow", "mode", mode, schedule ? "schedule" : NULL,
                                    schedule, "zone", "Asia/Tokyo", NULL});
    commit(world, false);
    request_with(world, "1801", campaign_op_load, campaign_mode_none, limit, number);
    cr_assert_eq(world->core->campaigns->count, 2u);
    return world->core->campaigns->all[1];
}

/* Both wait for the second in which their schedule opens, and one agent is ready. */
Test(core_campaigns, the_campaign_of_the_higher_priority_dials_first_at_each_second)
{
    struct play *play = scheduled("progressive", "Asia/Tokyo");
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

/* Calls of the line 1900 wait for an agent of the same group. */
static void lines_in(struct play *play)
{
    struct world *world = play->world;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Activate, 0, 0, 0);
    writer_text(writer, Activate_at, "1900");
    writer_bytes(writer, Activate_image, (struct span){image_hash(world->image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, "lines");
    world_post(world);
}

static uint32_t agent_slot(const struct play *play, unsigned number)
{
    uint32_t slot;
    cr_assert(agent_find(play->world->core->agents, name_of(play->world, names[number]), &slot));
    return slot;
}

static const struct agent *first_agent(const struct play *play)
{
    return agent_at(play->world->core->agents, agent_slot(play, 0));
}

/* A call of that line waits for the agent, who is promised to a number that rings. */
static uint64_t call_waits(struct play *play)
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

static void priority_is(struct play *play, uint64_t conn, int64_t priority)
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
Test(core_campaigns, a_call_above_the_campaigns_priority_has_the_agent_who_was_promised)
{
    struct play *play = begun("progressive", NOTHING);
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
Test(core_campaigns, only_campaigns_that_dial_for_agents_outrank_a_call)
{
    struct play *play = begun("progressive", NOTHING);
    struct campaigns *campaigns = play->world->core->campaigns;
    request(play->world, campaign_op_load);
    beside(play, "power", NULL, "priority", 9);
    cr_assert(campaigns_outranked(campaigns, 1));
    cr_assert_not(campaigns_outranked(campaigns, 0));
    over(play);
}

/* An agent whom the directory takes out of the group is promised no more, and other calls may have them. */
Test(core_campaigns, a_promise_ends_when_the_directory_takes_the_agent_out_of_the_group)
{
    struct play *play = begun("progressive", NOTHING);
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
Test(core_campaigns, a_promise_is_in_the_digest_and_ends_with_the_group)
{
    struct play *play = begun("progressive", NOTHING);
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
Test(core_campaigns, who_has_an_agent_chosen_keeps_no_second_one)
{
    struct play *play = begun("progressive", NOTHING);
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
Test(core_campaigns, an_agent_who_is_promised_is_kept_until_nobody_answers)
{
    struct play *play = begun("progressive", NOTHING);
    lines_in(play);
    play->talk_s = 60;
    call_waits(play);
    cr_assert_eq(campaign(play)->counts.records[RECORD_ringing], 1u);
    for (unsigned at = 0; at < 20 && first_agent(play)->claimed == 0; at++) play_for(play, 1);
    cr_assert_eq(first_agent(play)->claimed, 1u);
    cr_assert_eq(campaign(play)->dialled, 1u);
    cr_assert_eq(campaign(play)->counts.records[RECORD_checking], 0u);
    is(play, "running", "no_agent_ready");
    over(play);
}

/* The agent who is promised is for the person who answers. */
Test(core_campaigns, who_answers_has_the_agent_who_was_promised)
{
    struct play *play = begun("progressive", NOTHING);
    play->answers_percent = 100;
    play->talk_s = 60;
    log_in(play, 1);
    run_for(play, "lines", 3, 2);
    cr_assert_neq(first_agent(play)->promised, 0u);
    play_for(play, 20);
    cr_assert_eq(campaign(play)->counts.records[RECORD_connected], 1u);
    cr_assert_eq(first_agent(play)->promised, 0u);
    over(play);
}

/* Other calls have so many agents, whatever rings. */
Test(core_campaigns, agents_of_the_reserve_are_not_promised)
{
    struct play *play = begun("progressive", NOTHING);
    log_in(play, 1);
    run_for(play, "lines", 3, 2);
    cr_assert_neq(first_agent(play)->promised, 0u);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "reserve", 1);
    play_for(play, 1);
    cr_assert_eq(campaign(play)->counts.records[RECORD_ringing], 1u);
    cr_assert_eq(first_agent(play)->promised, 0u);
    over(play);
}

/* An IVR may ask for an agent at any time, and nobody has dialled for them. */
Test(core_campaigns, agents_whom_the_mode_power_takes_are_foreseen_by_what_it_took)
{
    const char *const modes[] = {"progressive", "power"};
    for (unsigned power = 0; power < 2; power++) {
        struct play *play = begun(modes[power], NOTHING);
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

Test(core_campaigns, who_is_served_by_nobody_in_the_mode_power_has_abandoned_where_the_strategy_says_so)
{
    struct play *play = begun_by("power", closes_abandoned(), dialling);
    play->answers_percent = 100;
    run_for(play, "ports", 1, 60);
    cr_assert_gt(campaign(play)->answered, 1u);
    cr_assert_eq(campaign(play)->abandoned, campaign(play)->answered);
    counted_is(play, (unsigned)campaign(play)->answered, (unsigned)campaign(play)->answered);
    over(play);
    play = begun_by("progressive", closes_abandoned(), dialling); /* before wait_ms: counted once */
    play->answers_percent = 100;
    log_in(play, 1);
    run_for(play, "lines", 1, 60);
    cr_assert_gt(campaign(play)->answered, 1u);
    cr_assert_eq(campaign(play)->abandoned, campaign(play)->answered);
    over(play);
}

Test(core_campaigns, a_list_that_refuses_dials_is_no_failure_of_the_strategy)
{
    struct play *play = begun("power", NO_ELSE_AT_ALL);
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
Test(core_campaigns, an_exchange_that_dials_nobody_stops_the_campaign_and_its_records_stay_due)
{
    struct play *play = begun("power", NOTHING);
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

/* A telephone that rings shows that the exchange and the carrier are well. */
Test(core_campaigns, who_is_reached_ends_the_row_of_those_who_were_not)
{
    struct play *play = begun("power", NOTHING);
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

Test(core_campaigns, a_carrier_that_calls_every_number_wrong_closes_no_list)
{
    struct play *play = begun("power", NO_ELSE_AT_ALL);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "failures", 4);
    request_with(play->world, "1800", campaign_op_mode, campaign_mode_none, "ports", 1);
    request(play->world, campaign_op_start);
    fetched(play, fetch_ref(play), 12);
    play->silent = true;
    play->dials = code_invalid_number;
    play_for(play, 200);
    is(play, "loaded", "nobody_reached");
    cr_assert_eq(play->wrong, 1u, "the first one may be wrong: %u", play->wrong);
    cr_assert_geq(play->doubted, 3u, "%u", play->doubted);
    over(play);
}

Test(core_campaigns, a_list_that_refuses_every_dial_stops_a_strategy_that_does_not_treat_it)
{
    struct play *play = begun("power", NO_ELSE_AT_ALL);
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

Test(core_campaigns, a_campaign_whose_routing_point_is_gone_says_so)
{
    struct play *play = begun("power", NOTHING);
    request_with(play->world, "1800", campaign_op_load, campaign_mode_none, "ports", 3);
    request(play->world, campaign_op_start);
    directory(play->world, table_routing_point, "1900", (const char *const[]){"dn", "1900", NULL});
    commit(play->world, true);
    seconds(play, 2);
    is(play, "running", "no_strategy");
    over(play);
}

Test(core_campaigns, predictive_learns_and_then_rings_more)
{
    struct play *play = begun("predictive", NOTHING);
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
Test(core_campaigns, what_is_dialled_ahead_of_agents_is_a_predictive_call_where_the_link_can)
{
    static const struct {
        const char *mode, *const *caps;
        bool predictive;
    } cases[] = {
        {"progressive", detecting, true},   {"predictive", detecting, true}, {"power", detecting, true},
        {"push_preview", detecting, false}, {"predictive", dialling, false},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play *play = begun_with(cases[i].mode, NOTHING, cases[i].caps);
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

Test(core_campaigns, a_predictive_call_that_is_lost_with_its_link_is_left_alone)
{
    struct play *play = begun_with("power", NOTHING, detecting);
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

Test(core_campaigns, power_fills_the_ports)
{
    struct play *play = begun("power", NOTHING);
    play->answers_percent = 80;
    run_for(play, "ports", 5, 120);
    cr_assert_eq(play->most_rings, 5u);
    cr_assert_eq(campaign(play)->abandoned, 0u);
    cr_assert_leq(campaign(play)->counts.records[RECORD_ringing] + campaign(play)->counts.records[RECORD_connected],
                  5u);
    over(play);
}

Test(core_campaigns, push_preview_begins_one_for_each_ready_agent_and_preview_none)
{
    struct play *play = begun("preview", NOTHING);
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

Test(core_campaigns, push_preview_that_dials_first_rings_no_more_than_agents_are_ready)
{
    struct play *play = begun("push_preview", NOTHING);
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

Test(core_campaigns, an_agent_gets_their_own_call_backs_first_and_nobody_elses)
{
    struct play *play = begun("preview", NOTHING);
    struct world *world = play->world;
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

Test(core_campaigns, call_backs_of_agents_who_are_away_keep_no_records_from_being_fetched)
{
    struct play *play = begun("preview", NOTHING);
    struct world *world = play->world;
    request_with(world, "1800", campaign_op_load, campaign_mode_none, "lines", 5);
    request(world, campaign_op_start);
    for (unsigned at = 0; at < 10; at++) hand_over_for(play, fetch_ref(play), "marie", 0);
    answer_of(world, LIST, 0, fetch_ref(play), code_ok);
    world_forget(world);
    seconds(play, 60);
    cr_assert(strstr(world->trace, "FetchRecords"), "%s", world->trace);
    over(play);
}

Test(core_campaigns, nothing_begins_while_the_core_drains_or_the_clock_was_set_back)
{
    struct play *play = begun("power", NOTHING);
    struct world *world = play->world;
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

static void intake(struct world *world, enum gate gate)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_Intake, 0, 0, 0), Intake_gate, gate);
    world_post(world);
}

Test(core_campaigns, nothing_is_dialled_while_arrivals_are_refused)
{
    struct play *play = begun("power", NOTHING);
    struct world *world = play->world;
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

/* ---- anything may happen ---- */

static void something(struct play *play)
{
    struct world *world = play->world;
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

Test(core_campaigns, whatever_happens_the_counts_hold)
{
    struct play *play = begun("predictive", NOTHING);
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
