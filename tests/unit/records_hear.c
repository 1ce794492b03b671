/* tests/unit/records_hear.c - What a recorder makes of facts: who waited for how long, who was offered and answered
 * what, how the time of an agent falls into quarters of an hour, and that secrets stay so. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/check.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/judged.h"
#include "runtime/records/recorder.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/core_open_fixture.h"
#include "vm/image_writer.h"
#include "vm/steps.h"

enum { SECOND = 1000000, MINUTE = 60 * SECOND, ROWS = 256 };

TestSuite(records_hear, .timeout = 20);

/* Rows as text: "offers agent=marie outcome=answered ...". */
static char rows[ROWS][1024];
static unsigned row_count;

static void on_row(void *self, enum table_name name, const struct record_value *values)
{
    const struct record_table *table = &record_tables[name];
    char *row = rows[row_count++];
    size_t length = (size_t)snprintf(row, sizeof rows[0], "%s", table->name);
    (void)self;
    cr_assert_lt(row_count, ROWS);
    for (unsigned at = 0; at < table->count; at++) {
        const struct record_value *value = &values[at];
        char *to = row + length;
        size_t room = sizeof rows[0] - length;
        if (value->kind == VALUE_IS_TEXT)
            length += (size_t)snprintf(to, room, " %s=%.*s", table->columns[at].name, (int)value->text.length,
                                       (const char *)value->text.bytes);
        else if (value->kind == VALUE_IS_NUMBER)
            length += (size_t)snprintf(to, room, " %s=%ld", table->columns[at].name, (long)value->number);
        else if (value->kind == VALUE_IS_MOMENT)
            length += (size_t)snprintf(to, room, " %s=@%ld", table->columns[at].name, (long)(value->number / 1000));
    }
}

/* Time goes on, to an event that changes nothing. */
static void later(struct core_world *world, uint64_t us)
{
    world_advance(world, us);
    agent(world, "olga", "7009", agent_state_not_ready);
}

/* The row of the table with that text, counted from 0; "" where there is none. */
static const char *row_with(const char *table, const char *text, unsigned nth)
{
    for (unsigned at = 0; at < row_count; at++)
        if (strncmp(rows[at], table, strlen(table)) == 0 && rows[at][strlen(table)] == ' ' && strstr(rows[at], text) &&
            nth-- == 0)
            return rows[at];
    return "";
}

static long number_of(const char *row, const char *column)
{
    char key[40];
    snprintf(key, sizeof key, " %s=", column);
    const char *at = strstr(row, key);
    return !at ? -1 : strtol(at + strlen(key) + (at[strlen(key)] == '@'), NULL, 10);
}

#define expect_in(row, text) cr_expect(strstr(row, text), "%s: %s", text, row)

/* She is in two groups: the first one by name is her team. */
static void marie_has_a_team(struct core_world *world)
{
    directory(world, table_group_member, "overflow/marie",
              (const char *const[]){"group", "overflow", "agent", "marie", NULL});
    directory(world, table_group_member, "abroad/marie",
              (const char *const[]){"group", "abroad", "agent", "marie", NULL});
    commit(world, false);
}

Test(records_hear, a_call_that_waits_is_offered_and_answered)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    marie_has_a_team(world);
    call_until_selection(world, CALL, "2", "gold");
    world_advance(world, 7 * SECOND);
    agent(world, "marie", "7001", agent_state_ready);
    world_advance(world, SECOND);
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    world_advance(world, 2 * SECOND);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing); /* a switch may say it again */
    world_advance(world, SECOND);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    world_advance(world, 10 * SECOND);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Held);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Retrieved);
    world_advance(world, 20 * SECOND);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    deleted(world, CALL);
    const char *visit = row_with("vq_visits", "", 0), *offer = row_with("offers", "", 0);
    expect_in(visit, "outcome=distributed");
    expect_in(visit, "agent=marie");
    cr_expect_geq(number_of(visit, "waited_ms"), 7000, "%s", visit);
    expect_in(offer, "outcome=answered");
    expect_in(offer, "vq=service");
    expect_in(visit, "team=abroad");
    expect_in(offer, "team=abroad");
    expect_in(row_with("parties", "agent=marie", 0), "team=abroad");
    cr_expect_eq(number_of(offer, "ring_ms"), 3000, "%s", offer);
    cr_expect_eq(number_of(offer, "handle_ms"), 30000, "%s", offer);
    const char *interaction = row_with("interactions", "", 0);
    expect_in(interaction, "outcome=routed");
    cr_expect_eq(number_of(interaction, "ended_ms") - number_of(interaction, "answered_ms"), 30000, "%s", interaction);
    cr_expect_eq(number_of(row_with("parties", "agent=marie", 0), "talk_ms"), 30000);
    expect_in(row_with("steps", "step=select", 0), "exit=done");
    expect_in(row_with("owners", "kind=agent", 0), "name=marie ");
    expect_in(row_with("decisions", "chosen=marie", 0), "vq=service");
    expect_in(row_with("data_changes", "", 0), "by_whom=strategy");
    recorder_free(recorder);
    world_end(world);
}

/* Routes to 7001; then another strategy asks how it was, and switches to a third one. */
static struct image *followed(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), survey = program_strategy(w, "survey");
    uint16_t thanks = program_strategy(w, "thanks");
    uint16_t to = program_name(w, TYPE_DN, "7001");
    uint16_t body = writer_function_begin(w, "thanks", FUNCTION_STRATEGY, thanks, 0, TYPE_VOID);
    program_stop(w, program_text(w, "asked"));
    writer_function_end(w);
    writer_strategy_functions(w, thanks, body, IMAGE_NONE, IMAGE_NONE);
    body = writer_function_begin(w, "survey", FUNCTION_STRATEGY, survey, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_switch_strategy, CONSTANT(writer_constant(w, TYPE_INT, thanks)));
    writer_step(w, STEP_ID_switch, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, survey, body, IMAGE_NONE, IMAGE_NONE);
    body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, CONSTANT(writer_constant(w, TYPE_DN, to)));
    writer_wait_argument(w, PARAMETER_route_then, CONSTANT(writer_constant(w, TYPE_INT, survey)));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_answer(w, SECONDS(w, 15));
    writer_step(w, STEP_ID_route, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

Test(records_hear, what_follows_the_service_is_not_the_strategy_that_served)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    world_run(world, followed());
    agent(world, "marie", "7001", agent_state_ready);
    created(world, CALL);
    route_request(world, CALL, 0);
    talk(world, CALL, "7001", "marie");
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    deleted(world, CALL);
    expect_in(row_with("steps", "function=survey", 0), "step=switch");
    expect_in(row_with("steps", "function=thanks", 0), "step=stop");
    expect_in(row_with("interactions", "", 0), "strategy=enterprise");
    expect_in(row_with("interactions", "", 0), " version=");
    recorder_free(recorder);
    world_end(world);
}

/* What the agent says came of the work, in the user data with which it ends. */
static void stops_with_code(struct core_world *world, const char *actor, uint64_t ixn, const char *code)
{
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "wrapup", span_of(code));
    writer_bytes(asks(world, actor, KIND_RequestStop, ixn), RequestStop_data, kv_span(&data));
    world_post(world);
    world->client = 0;
    kv_free(&data);
}

/* A mail rings at no telephone: the agent has it from when they accept it. A colleague who is asked about it looks on,
 * and does not have it. What came of it is a row of its wrap-ups. */
Test(records_hear, a_mail_is_answered_by_who_accepts_it)
{
    struct core_world *world = begin_with(
        program_serving(&(struct serving_program){.media = 1u << media_email, .queue = "desk", .answer_s = 30}));
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    agent(world, "marie", "7001", agent_state_ready);
    comes(world, "<1@example.com>", "mail");
    uint64_t ixn = world->ixn;
    world_advance(world, 4 * SECOND);
    answers(world, 1, true);
    agent(world, "paul", "7002", agent_state_ready);
    moves(world, "marie", ixn, move_Consult, move_to_agent, "paul");
    answers(world, 2, true);
    world_advance(world, 90 * SECOND);
    stops_with_code(world, "paul", ixn, "stolen"); /* the core refuses it: the mail is not his */
    stops_with_code(world, "marie", ixn, "sold");
    const char *offer = row_with("offers", "agent=marie", 0), *interaction = row_with("interactions", "", 0);
    expect_in(offer, "outcome=answered");
    cr_expect_eq(number_of(offer, "answered") - number_of(offer, "made"), 4000, "%s", offer);
    cr_expect_eq(number_of(offer, "handle_ms"), 90000, "%s", offer);
    cr_expect_eq(number_of(interaction, "answered_ms"), 4000, "%s", interaction);
    expect_in(row_with("offers", "agent=paul", 0), "outcome=answered");
    cr_expect_eq(number_of(row_with("offers", "agent=paul", 0), "handle_ms"), -1);
    expect_in(row_with("wrapups", "", 0), " agent=marie code=sold");
    cr_expect_str_eq(row_with("wrapups", "", 1), "");
    recorder_free(recorder);
    world_end(world);
}

Test(records_hear, a_caller_who_gives_up_leaves_no_step_open)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    call_until_selection(world, CALL, "2", "gold");
    world_advance(world, 3 * SECOND);
    party(world, CALL, "+33145550101", NULL, party_role_customer, party_change_Abandoned);
    deleted(world, CALL);
    expect_in(row_with("vq_visits", "", 0), "outcome=abandoned");
    expect_in(row_with("interactions", "", 0), "outcome=abandoned");
    expect_in(row_with("steps", "step=select", 0), "exit=left");
    cr_expect_str_eq(row_with("offers", "", 0), "");
    recorder_free(recorder);
    world_end(world);
}

/* What an agent says of a call, on the phone and long after; or of the interaction `ixn`, which was no call. */
static void wraps_up_of(struct core_world *world, uint64_t ixn, uint64_t conn, const char *who, const char *code,
                        const char *note)
{
    world->client = world->req = 1;
    struct writer *writer = world_event(world, LINK, KIND_RequestWrapUp, ixn, 0, 0);
    if (who) writer_text(writer, ENVELOPE_actor, who);
    writer_conn(writer, RequestWrapUp_call, conn);
    writer_text(writer, RequestWrapUp_code, code);
    writer_text(writer, RequestWrapUp_note, note);
    world_post(world);
}

static void wraps_up(struct core_world *world, uint64_t conn, const char *who, const char *code, const char *note)
{
    wraps_up_of(world, 0, conn, who, code, note);
}

Test(records_hear, a_wrap_up_is_a_row_of_its_call_whenever_it_is_said)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    directory(world, table_agent, "marie", (const char *const[]){"name", "marie", NULL});
    marie_has_a_team(world);
    call_until_selection(world, CALL, "2", "gold");
    uint64_t row_ixn = interaction_by_conn(world->core->interactions, CALL)->id;
    wraps_up(world, CALL, "stranger", "notyet", "the core does not know them");
    wraps_up(world, CALL, "marie", "sold", "wants a letter");
    party(world, CALL, "+33145550101", NULL, party_role_customer, party_change_Abandoned);
    deleted(world, CALL);
    wraps_up(world, CALL, "marie", "", "a call that has ended");
    wraps_up(world, CALL + 7, "marie", "lost", "of whom nobody knows");
    wraps_up(world, CALL, NULL, "nobody", "");
    wraps_up(world, 0, "marie", "nothing", "");
    const char *row = row_with("wrapups", "code=sold", 0);
    cr_expect(strstr(row, " ixn=1-000000000001 ") && strstr(row, " agent=marie ") && strstr(row, "wants a letter"),
              "%s", row);
    expect_in(row, "team=abroad");
    expect_in(row_with("wrapups", "a call that has ended", 0), " ixn=1-000000000001 ");
    cr_expect(!strstr(row_with("wrapups", "code=lost", 0), " ixn=1"), "%s", row_with("wrapups", "code=lost", 0));
    cr_expect_eq(row_with("wrapups", "of whom nobody knows", 0)[0], '\0');
    wraps_up_of(world, row_ixn, 0, "marie", "written", "a conversation that its customer has ended");
    row = row_with("wrapups", "code=written", 0);
    cr_expect(strstr(row, " ixn=1-000000000001 ") && !strstr(row, "conn=0"), "%s", row);
    cr_expect_eq(row_with("wrapups", "code=no", 0)[0], '\0'); /* neither nobody's, nor a stranger's */
    recorder_free(recorder);
    world_end(world);
}

Test(records_hear, a_supervisor_who_takes_a_call_over_is_in_the_audit_and_has_the_call)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    call_until_selection(world, CALL, "2", "gold");
    agent(world, "marie", "7001", agent_state_ready);
    talk(world, CALL, "7001", "marie");
    agent(world, "olga", "7002", agent_state_not_ready);
    world_advance(world, 10 * SECOND);
    party(world, CALL, "7002", "olga", party_role_agent, party_change_Established);
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, CALL);
    writer_text(writer, EventParty_dn, "7001");
    writer_u(writer, EventParty_change, party_change_Released);
    writer_u(writer, EventParty_role, party_role_agent);
    writer_text(writer, EventParty_agent, "marie");
    writer_text(writer, EventParty_to, "7002");
    writer_u(writer, EventParty_cause, cause_taken);
    world_post(world);
    const char *note = row_with("audit", "what=take_over", 0);
    cr_expect(strstr(note, " actor=olga ") && strstr(note, " name=1-000000000001 ") && strstr(note, "marie"), "%s",
              note);
    world_advance(world, 20 * SECOND);
    deleted(world, CALL);
    cr_expect_eq(number_of(row_with("owners", "name=marie", 0), "ms"), 10000, "%s",
                 row_with("owners", "name=marie", 0));
    cr_expect_eq(number_of(row_with("owners", "name=olga", 0), "ms"), 20000);
    recorder_free(recorder);
    world_end(world);
}

static void supervisor(struct core_world *world, enum party_change change, enum party_op how)
{
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, CALL);
    writer_text(writer, EventParty_dn, "7009");
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_supervisor);
    writer_text(writer, EventParty_agent, "lead");
    writer_text(writer, EventParty_other_dn, "7001");
    writer_u(writer, EventParty_watches, how);
    world_post(world);
}

Test(records_hear, each_way_in_which_a_supervisor_hears_a_call_is_in_the_audit_once)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    call_until_selection(world, CALL, "2", "gold");
    agent(world, "marie", "7001", agent_state_ready);
    talk(world, CALL, "7001", "marie");
    supervisor(world, party_change_Ringing, party_op_listen);
    cr_expect_eq(row_with("audit", "what=listen", 0)[0], '\0', "the telephone only rings");
    supervisor(world, party_change_Established, party_op_listen);
    supervisor(world, party_change_Held, party_op_listen);
    supervisor(world, party_change_Retrieved, party_op_listen);
    supervisor(world, party_change_Established, party_op_whisper);
    supervisor(world, party_change_Established, party_op_listen);
    supervisor(world, party_change_Released, party_op_listen);
    const char *note = row_with("audit", "what=listen", 0);
    cr_expect(strstr(note, " actor=lead ") && strstr(note, " object=interaction ") &&
                  strstr(note, " name=1-000000000001 ") && strstr(note, "key=7009"),
              "%s", note);
    cr_expect_neq(row_with("audit", "what=listen", 1)[0], '\0', "again, after the whisper");
    cr_expect_eq(row_with("audit", "what=listen", 2)[0], '\0', "%s", row_with("audit", "what=listen", 2));
    cr_expect(strstr(row_with("audit", "what=whisper", 0), " actor=lead "));
    cr_expect_eq(row_with("audit", "what=whisper", 1)[0], '\0');
    cr_expect(strstr(row_with("parties", "role=supervisor", 0), "dn=7009"));
    recorder_free(recorder);
    world_end(world);
}

Test(records_hear, a_judgement_is_a_row_of_the_interaction_that_was_asked_about_whichever_brings_it)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    struct span whom = span_of("marie@shop.example");
    call_until_selection(world, CALL, "2", "gold");
    call_until_selection(world, CALL + 1, "2", "gold");
    struct interactions *all = world->core->interactions;
    struct interaction *first = interaction_by_conn(all, CALL), *second = interaction_by_conn(all, CALL + 1);
    uint32_t vq = names_find(world->core->names, span_of("service"));
    cr_expect(!judged_asks(world->core, first));
    cr_assert_eq(judged_ask(world->core, first, vq, whom, UINT64_C(60) * MINUTE, 0), code_ok);
    cr_expect(judged_asks(world->core, first) && !judged_asks(world->core, second));
    cr_assert_eq(judged_ask(world->core, first, vq, span_of("another@shop.example"), SECOND, 0), code_duplicate);
    cr_assert_eq(judged_answer(world->core, second, whom, 0), code_refused);
    cr_assert_eq(judged_answer(world->core, second, whom, 6), code_refused);
    cr_assert_eq(judged_answer(world->core, second, (struct span){0}, 4), code_gone, "it was not asked about itself");
    cr_assert_eq(judged_answer(world->core, second, span_of("1-000000000002"), 4), code_gone);
    struct interaction taken = *first; /* an agent has it, and the address is the customer's */
    taken.running = false;
    cr_expect(!judged_said(world->core, &taken, span_of("2"), false) && judged_asks(world->core, first));
    cr_assert_eq(judged_answer(world->core, second, whom, 4), code_ok);
    cr_assert_eq(judged_answer(world->core, second, whom, 5), code_gone, "a question has one answer");
    cr_expect(!judged_asks(world->core, first), "it has its answer");
    cr_assert_eq(judged_ask(world->core, second, vq, (struct span){0}, SECOND, 0), code_ok);
    cr_assert_eq(judged_answer(world->core, first, span_of("1-000000000002"), 1), code_ok, "by its number");
    const char *row = row_with("judgements", "vq=service", 0);
    cr_expect(strstr(row, " ixn=1-000000000001 ") && strstr(row, " answer=1-000000000002 "), "%s", row);
    expect_in(row, "mark=4");
    expect_in(row_with("judgements", "mark=1", 0), " ixn=1-000000000002 ");
    cr_expect_eq(row_with("judgements", "", 2)[0], '\0');
    struct interaction third = {.id = 1000}, fourth = {.id = 1001};
    cr_assert_eq(judged_ask(world->core, &fourth, vq, span_of("lea@shop.example"), 0, 0), code_ok);
    cr_expect(!judged_asks(world->core, &fourth), "its time is over");
    cr_assert_eq(judged_ask(world->core, &third, vq, whom, SECOND, 0), code_ok, "asked again, about another one");
    cr_assert_eq(judged_answer(world->core, first, span_of("1-000000000001"), 1), code_gone, "no more about the first");
    recorder_free(recorder);
    world_free(world); /* no event has asked, so a replay would not */
}

Test(records_hear, who_was_asked_longest_ago_makes_room_in_a_full_table)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    struct interaction *answers = interaction_by_conn(world->core->interactions, CALL);
    uint32_t vq = names_find(world->core->names, span_of("service"));
    for (uint32_t at = 0; at <= JUDGEMENTS_MAX; at++) {
        struct interaction asked = {.id = 1000 + at};
        char whom[24];
        snprintf(whom, sizeof whom, "c%u", at);
        cr_assert_eq(judged_ask(world->core, &asked, vq, span_of(whom), SECOND, 0), code_ok);
    }
    cr_expect_eq(judged_answer(world->core, answers, span_of("c0"), 4), code_gone);
    cr_expect_eq(judged_answer(world->core, answers, span_of("c1"), 4), code_ok);
    cr_expect_eq(judged_answer(world->core, answers, span_of("c200000"), 4), code_ok);
    struct error error = {0};
    cr_expect(core_check(world->core, &error), "%s", error.text);
    world_free(world);
}

Test(records_hear, the_time_of_an_agent_is_cut_at_quarters_and_nothing_is_lost)
{
    enum { QUARTER = 15 * 60 * 1000 };
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    marie_has_a_team(world);
    agent(world, "marie", "7001", agent_state_ready);
    for (unsigned at = 0; at < 11; at++) { /* 38.5 minutes */
        later(world, 3 * MINUTE + 30 * SECOND);
        recorder_settle(recorder);
    }
    cr_expect_neq(row_with("agent_times", "agent=marie", 1)[0], '\0',
                  "quarters that are over are told while the state lasts");
    agent(world, "marie", "7001", agent_state_logged_out);
    const char *state = row_with("agent_states", "state=ready", 0);
    long sum = 0, last = -1;
    for (unsigned nth = 0;; nth++) {
        const char *row = row_with("agent_times", "agent=marie", nth);
        if (row[0] == '\0') break;
        cr_expect_eq(number_of(row, "quarter") % QUARTER, 0, "%s", row);
        expect_in(row, "team=abroad");
        cr_expect_geq(number_of(row, "quarter"), last);
        cr_expect_leq(number_of(row, "ms"), QUARTER);
        last = number_of(row, "quarter");
        sum += number_of(row, "ms");
    }
    cr_expect_eq(sum, number_of(state, "ms"), "%ld of %s", sum, state);
    cr_expect_eq(row_with("agent_times", "state=logged_out", 0)[0], '\0');
    later(world, UINT64_C(60) * MINUTE);
    recorder_settle(recorder);
    cr_expect_eq(row_with("agent_times", "state=logged_out", 0)[0], '\0', "who is not logged in has no time");
    recorder_free(recorder);
    world_end(world);
}

Test(records_hear, a_reason_makes_a_state_another_one_and_an_echo_does_not)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    agent(world, "marie", "7001", agent_state_not_ready);
    uint32_t marie = names_find(world->core->names, span_of("marie"));
    struct fact fact = {.what = FACT_agent_state, .value = agent_state_not_ready, .name = marie};
    fact.medium = media_voice;
    later(world, 5 * SECOND);
    fact.reason = span_of("lunch");
    fact_tell(world->core->facts, &fact);
    cr_expect_eq(number_of(row_with("agent_states", "agent=marie media=voice state=not_ready", 0), "ms"), 5000);
    later(world, 9 * SECOND);
    fact.reason = span_of("");
    fact_tell(world->core->facts, &fact);
    cr_expect_str_eq(row_with("agent_states", "reason=lunch", 0), "", "a report without a reason is the same state");
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_eq(number_of(row_with("agent_states", "reason=lunch", 0), "ms"), 9000);
    recorder_free(recorder);
    world->unchecked = true;
    world_free(world);
}

Test(records_hear, the_state_of_a_medium_is_a_row_of_its_own_and_ends_with_the_login)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    agent(world, "marie", "7001", agent_state_ready);
    uint32_t marie = names_find(world->core->names, span_of("marie"));
    struct fact fact = {.what = FACT_agent_state, .value = agent_state_after_call_work, .name = marie};
    fact.medium = media_chat;
    fact_tell(world->core->facts, &fact);
    later(world, 7 * SECOND);
    fact.value = agent_state_ready;
    fact_tell(world->core->facts, &fact);
    cr_expect_eq(number_of(row_with("agent_states", "media=chat state=after_call_work", 0), "ms"), 7000);
    cr_expect_str_eq(row_with("agent_states", "media=voice", 0), "", "the other media are ready still");
    later(world, 9 * SECOND);
    agent(world, "marie", "7001", agent_state_logged_out);
    cr_expect_eq(number_of(row_with("agent_states", "media=voice state=ready", 0), "ms"), 16000);
    cr_expect_eq(number_of(row_with("agent_states", "media=chat state=ready", 0), "ms"), 9000);
    recorder_free(recorder);
    world->unchecked = true;
    world_free(world);
}

/* A link at which agents log in for chats and e-mails. */
static void desk_up(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LINK);
    writer_text(writer, LinkUp_name, "desk");
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("desktops"));
    writer_list_end(writer);
    writer_list_begin(writer, LinkUp_media);
    writer_list_u(writer, media_email);
    writer_list_u(writer, media_chat);
    writer_list_end(writer);
    world_post(world);
    resync(world, true);
    resync(world, false);
}

static void pauls_medium_is(struct core_world *world, enum media medium, enum agent_state state, const char *reason)
{
    struct writer *writer = world_event(world, LINK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, "paul");
    writer_text(writer, RequestAgentState_dn, medium == media_chat ? "chat.paul" : "email.paul");
    writer_u(writer, RequestAgentState_media, medium);
    writer_u(writer, RequestAgentState_state, state);
    writer_text(writer, RequestAgentState_label, reason);
    world_post(world);
}

/* How long the agent spent so, by all rows. */
static long spent_ms(const char *so)
{
    long ms = 0;
    const char *row;
    for (unsigned nth = 0; *(row = row_with("agent_times", so, nth)); nth++) ms += number_of(row, "ms");
    return ms;
}

/* Who has no telephone is never ready at one: the time is that of the best state of a medium. */
Test(records_hear, the_time_of_who_has_no_telephone_is_that_of_their_media)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    desk_up(world);
    directory(world, table_agent, "paul", (const char *const[]){"name", "paul", NULL});
    commit(world, false);
    pauls_medium_is(world, media_chat, agent_state_ready, "");
    world_advance(world, 2 * SECOND);
    pauls_medium_is(world, media_chat, agent_state_ready, ""); /* it is told again: that is no row */
    cr_expect_eq(row_with("agent_times", "agent=paul", 0)[0], '\0');
    pauls_medium_is(world, media_email, agent_state_not_ready, "lunch");
    world_advance(world, 3 * SECOND);
    pauls_medium_is(world, media_chat, agent_state_not_ready, "lunch");
    world_advance(world, 4 * SECOND);
    pauls_medium_is(world, media_email, agent_state_ready, "");
    world_advance(world, 5 * SECOND);
    pauls_medium_is(world, media_chat, agent_state_logged_out, "");
    pauls_medium_is(world, media_email, agent_state_logged_out, "");
    cr_expect_eq(spent_ms("agent=paul state=ready"), 10000);
    cr_expect_eq(spent_ms("agent=paul state=not_ready reason=lunch"), 4000);
    cr_expect_eq(spent_ms("agent=paul"), 14000);
    recorder_free(recorder);
    world_end(world);
}

/* Who has a telephone is as ready as there, whatever they do in writing. */
Test(records_hear, the_time_of_who_has_a_telephone_is_that_of_the_telephone)
{
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    desk_up(world);
    directory(world, table_agent, "paul", (const char *const[]){"name", "paul", NULL});
    commit(world, false);
    agent(world, "paul", "7001", agent_state_not_ready);
    world_advance(world, 2 * SECOND);
    pauls_medium_is(world, media_chat, agent_state_ready, "");
    world_advance(world, 3 * SECOND);
    agent(world, "paul", "7001", agent_state_ready);
    world_advance(world, 4 * SECOND);
    agent(world, "paul", "7001", agent_state_logged_out);
    cr_expect_eq(spent_ms("agent=paul state=not_ready"), 5000);
    cr_expect_eq(spent_ms("agent=paul state=ready"), 4000);
    recorder_free(recorder);
    world_end(world);
}

/* A value of each kind, which has 471 in it where the kind has room for that. */
static void put_secrets(struct kv *data)
{
    struct kv inner;
    kv_init(&inner);
    kv_put_text(&inner, "number471", span_of("4711"));
    const struct {
        const char *key;
        struct kv_value value;
    } secrets[] = {
        {"text", {.tag = KV_TEXT, .span = span_of("4711")}},
        {"int", {.tag = KV_INT, .word = 4712}},
        {"time", {.tag = KV_TIME, .word = 4713}},
        {"flag", {.tag = KV_BOOL, .word = 1}},
        {"real", {.tag = KV_FLOAT, .number = 4714.5}},
        {"bytes", {.tag = KV_BINARY, .span = {.bytes = (const uint8_t *)"4715", .length = 4}}},
        {"list", {.tag = KV_LIST, .span = kv_span(&inner)}},
    };
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        struct kv_value value = secrets[i].value;
        value.secret = true;
        kv_put(data, span_of(secrets[i].key), &value);
    }
    kv_free(&inner);
}

#define MASKED                                                                                                         \
    "\"text\":\"***\",\"int\":\"***\",\"time\":\"***\",\"flag\":\"***\",\"real\":\"***\",\"bytes\":\"***\",\"list\":"  \
    "\"***\""

/* All kinds of sinks, a hook's and files of lines, too, have the rows as they are made here. */
Test(records_hear, secrets_are_masked_at_any_depth)
{
    row_count = 0;
    struct core_world *world = world_new();
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "colour", span_of("a \"dark\" red"));
    put_secrets(&data);
    kv_list_begin(&data, span_of("card"));
    kv_put_int(&data, "valid", 12);
    put_secrets(&data);
    kv_list_end(&data);
    created(world, CALL);
    struct fact fact = {.what = FACT_data_attached, .ixn = world->ixn != 0 ? world->ixn : 1};
    fact.changed = kv_span(&data);
    fact.by = span_of("desk");
    fact.revision = 1;
    fact_tell(world->core->facts, &fact);
    const char *row = row_with("data_changes", "by_whom=desk", 0);
    expect_in(row, "{\"colour\":\"a \\\"dark\\\" red\"," MASKED ",\"card\":{\"valid\":12," MASKED "}}");
    for (unsigned at = 0; at < row_count; at++) cr_expect_not(strstr(rows[at], "471"), "%s", rows[at]);
    kv_free(&data);
    recorder_free(recorder);
    world->unchecked = true;
    world_free(world);
}

Test(records_hear, a_state_that_a_supervisor_sets_is_in_the_audit_once_with_who_and_why)
{
    struct core_world *world = world_new();
    row_count = 0;
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    agent(world, "marie", "8001", agent_state_ready);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, "anna");
    writer_u(writer, AdminRequest_op, admin_op_set_state);
    writer_text(writer, AdminRequest_name, "marie");
    writer_text(writer, AdminRequest_why, "flu");
    writer_u(writer, AdminRequest_state, agent_state_not_ready);
    writer_text(writer, AdminRequest_reason, "lunch");
    world_post(world);
    const char *row = row_with("audit", "name=marie", 0);
    cr_expect(strstr(row, "actor=anna ") && strstr(row, "what=set_state ") && strstr(row, "why=flu ") &&
                  strstr(row, "key=lunch ") && strstr(row, "new=\"not_ready\""),
              "%s", row);
    cr_expect_str_empty(row_with("audit", "name=marie", 1));
    recorder_free(recorder);
    world_free(world);
}

/* Somebody is forgotten, and with them all names that no row of the core holds any more. */
static void names_are_swept(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, admin_op_forget);
    writer_text(writer, AdminRequest_name, "1-000000000009");
    world_post(world);
}

/* The core holds the newest DN of an agent; the state began at the one before, whose number is somebody else's now. */
Test(records_hear, a_state_stands_at_the_dn_where_it_began)
{
    struct core_world *world = world_new();
    row_count = 0;
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    agent(world, "marie", "8001", agent_state_ready); /* no DN of the site's */
    agent(world, "marie", "8002", agent_state_ready);
    names_are_swept(world);
    agent(world, "paul", "+33612345678", agent_state_ready);
    agent(world, "marie", "8002", agent_state_not_ready);
    cr_expect(strstr(row_with("agent_states", "agent=marie", 0), "dn=8001"), "%s",
              row_with("agent_states", "agent=marie", 0));
    recorder_free(recorder);
    world_free(world);
}

/* The same where the number is nobody's: the core is not asked for it. */
Test(records_hear, a_state_asks_for_no_name_that_is_gone)
{
    struct core_world *world = world_new();
    row_count = 0;
    struct recorder *recorder = recorder_new(world->core, on_row, NULL);
    agent(world, "marie", "8001", agent_state_ready);
    agent(world, "marie", "7001", agent_state_ready);
    names_are_swept(world);
    agent(world, "marie", "7001", agent_state_not_ready);
    cr_expect(strstr(row_with("agent_states", "agent=marie", 0), "dn=8001"), "%s",
              row_with("agent_states", "agent=marie", 0));
    recorder_free(recorder);
    world_free(world);
}
