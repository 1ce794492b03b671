/* tests/unit/sim_world.c - Callers and agents around a switch, with a router as simple as can be. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/sim/switch_state.h"
#include "runtime/sim/world.h"
#include "tests/unit/scenario_json.h"

/* Sends every call to the first agent, pulls it back after 15 s, then sends it to the queue. */
struct play {
    struct world *world;
    struct sim_switch *sw;
    struct plan *plan;
    struct scenario *scenario;
    struct trace *trace;
    uint64_t now_us, ringing, ringing_until;
};

static void set_state(void *self, uint32_t agent, enum agent_state state)
{
    struct play *p = self;
    switch_set_agent(p->sw, p->plan->agents[agent].dn, p->plan->agents[agent].name, state, work_mode_manual_in, 0,
                     p->now_us);
}

static void answer(void *self, uint32_t agent, uint64_t call)
{
    struct play *p = self;
    switch_answer(p->sw, call, p->plan->agents[agent].dn, p->now_us);
}

static void release(void *self, uint32_t agent, uint64_t call)
{
    struct play *p = self;
    switch_release(p->sw, call, p->plan->agents[agent].dn, p->now_us);
}

static enum switch_device device(void *self, uint64_t call, const struct switch_treatment *t, uint64_t now_us)
{
    struct play *p = self;
    return world_device(p->world, call, t, now_us);
}

static void router(struct play *p, const struct switch_report *r)
{
    if (r->kind == SWITCH_ROUTE_REQUEST) {
        struct switch_treatment ask = {.type = treatment_PlayAnnouncementAndDigits,
                                       .number = 1,
                                       .prompt = "account",
                                       .min = 4,
                                       .max = 12,
                                       .end = '#'};
        if (r->visit == 1)
            switch_treat(p->sw, r->call, &ask, r->at_us);
        else
            switch_route(p->sw, r->call, p->plan->queues[0].dn, 1, r->at_us);
    } else if (r->kind == SWITCH_TREATMENT_ENDED && r->cause != cause_interrupted) {
        trace_say(p->trace, r->at_us, "switch", 0, "digits %s cause=%s", r->digits, enum_name_cause(r->cause));
        switch_route(p->sw, r->call, "7001", 1, r->at_us);
    } else if (r->kind == SWITCH_DELIVERED) {
        p->ringing = r->call;
        p->ringing_until = r->at_us + 15000000;
    } else if (r->kind == SWITCH_ESTABLISHED || r->kind == SWITCH_CLEARED || r->kind == SWITCH_DIVERTED) {
        trace_say(p->trace, r->at_us, "switch", 0, "report %d at %s", (int)r->kind, r->dn);
        p->ringing = 0;
    }
}

static void drain(struct play *p)
{
    struct switch_report r;
    while (switch_report(p->sw, &r)) {
        world_hear(p->world, &r);
        router(p, &r);
    }
}

static struct play *play_with(const char *items, const struct world_options *options)
{
    static struct play p;
    char text[2048];
    struct error error = {0};
    const char *queues[] = {"desk"};
    (void)snprintf(text, sizeof text, "{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[%s]}]}", items);
    p = (struct play){0};
    p.scenario = scenario_of_text(text, &error);
    cr_assert_not_null(p.scenario, "%s", error.text);
    p.plan = plan_new(&p.scenario->tests[0], &(struct plan_names){.queues = queues, .queue_count = 1}, &error);
    cr_assert_not_null(p.plan, "%s", error.text);
    p.trace = trace_new(NULL);
    struct world_hands hands = {.self = &p, .set_state = set_state, .answer = answer, .release = release};
    p.world = world_new(&p.scenario->tests[0], p.plan, p.trace, &hands, options);
    p.sw = switch_new(&(struct switch_options){.self = &p, .device = device});
    plan_equip(p.plan, p.sw);
    world_begin(p.world, p.sw);
    for (int steps = 0; !world_done(p.world) && steps < 10000; steps++) {
        uint64_t next = world_next(p.world), other = switch_next(p.sw);
        next = other < next ? other : next;
        next = p.ringing != 0 && p.ringing_until < next ? p.ringing_until : next;
        cr_assert_neq(next, UINT64_MAX, "nothing more happens, and it is not done:\n%s", trace_timeline(p.trace));
        p.now_us = next;
        if (p.ringing != 0 && p.ringing_until == next) switch_deflect(p.sw, p.ringing, "7001", "1800", 1, next);
        switch_advance(p.sw, next);
        drain(&p);
        world_advance(p.world, next);
        drain(&p);
    }
    cr_assert(world_done(p.world));
    return &p;
}

static struct play *play(const char *items)
{
    return play_with(items, &(struct world_options){0});
}

static void finish(struct play *p)
{
    world_free(p->world);
    switch_free(p->sw);
    plan_free(p->plan);
    scenario_free(p->scenario);
    trace_free(p->trace);
}

#define MARIE "{\"do\":\"agent\",\"name\":\"marie\",\"state\":\"ready\",\"handles_us\":60000000"
#define DIGITS                                                                                                         \
    "{\"do\":\"answer\",\"step\":\"ivr.digits\",\"args\":{\"0\":{\"kind\":\"prompt\",\"name\":\"account\"}},"          \
    "\"outcomes\":"
#define CALL "{\"do\":\"arrive\",\"strategy\":\"e\",\"from\":\"+33\",\"to\":\"1800\""

/* How many problems the world has; the last one's text. */
static char problem_told[500];

static void tells_problem(void *self, uint32_t line, const char *text)
{
    (void)self;
    (void)line;
    (void)snprintf(problem_told, sizeof problem_told, "%s", text);
}

static unsigned problems_of(const struct play *p)
{
    return world_judge(p->world, &(struct expect_view){.trace = p->trace}, tells_problem, NULL);
}

Test(sim_world, a_caller_keys_what_the_test_answers, .timeout = 10)
{
    struct play *p = play(MARIE "}," DIGITS "[{\"value\":\"4711\"}]}," CALL "}");
    const char *said = trace_timeline(p->trace);
    cr_assert_not_null(strstr(said, "digits 4711 cause=ok"), "%s", said);
    cr_assert_eq(p->now_us, 62000000, "answered after 2 s, handled for 60 s");
    cr_assert_eq(problems_of(p), 0);
    finish(p);
}

Test(sim_world, an_agent_who_does_not_answer_loses_the_call, .timeout = 10)
{
    struct play *p = play(MARIE ",\"no_answer\":1}," DIGITS "[{\"value\":\"4711\"}]}," CALL "}");
    const char *said = trace_timeline(p->trace);
    cr_assert_eq(p->now_us, 50000000, "15 s of ringing, 5 s in the queue, 30 s there\n%s", said);
    finish(p);
}

Test(sim_world, after_call_work_is_asked_for_before_the_release, .timeout = 10)
{
    struct play *p = play_with(MARIE "}," DIGITS "[{\"value\":\"4711\"}]}," CALL "}",
                               &(struct world_options){.after_call_work_us = 10000000});
    char cleared[32];
    (void)snprintf(cleared, sizeof cleared, "report %d at 7001", (int)SWITCH_CLEARED);
    const char *said = trace_timeline(p->trace), *work = strstr(said, "SetState agent=marie state=after_call_work");
    cr_assert_not_null(work, "%s", said);
    cr_assert_not_null(strstr(work, cleared), "%s", said);
    cr_assert_null(strstr(strstr(work, cleared), "state=after_call_work"), "once:\n%s", said);
    while (world_next(p->world) <= 72000000) world_advance(p->world, world_next(p->world));
    cr_assert_not_null(strstr(trace_timeline(p->trace), "72.000s     desktop  SetState agent=marie state=ready"));
    finish(p);
}

/* How long an agent talks is drawn for the call, by the seed, where that is asked for. */
Test(sim_world, an_agent_talks_as_long_as_is_drawn, .timeout = 10)
{
    struct error error = {0};
    struct spread handles = {0};
    cr_assert(spread_read(&handles, "uniform(3m, 4m)", &error), "%s", error.text);
    uint64_t ends[3];
    for (unsigned i = 0; i < 3; i++) {
        struct play *p = play_with(MARIE "}," DIGITS "[{\"value\":\"4711\"}]}," CALL "}",
                                   &(struct world_options){.handles = &handles, .seed = i / 2});
        ends[i] = p->now_us;
        cr_assert(ends[i] >= 182000000 && ends[i] <= 242000000, "%llu", (unsigned long long)ends[i]);
        finish(p);
    }
    cr_assert_eq(ends[0], ends[1], "the same seed");
    cr_assert_neq(ends[1], ends[2], "another seed");
}

Test(sim_world, a_caller_hangs_up, .timeout = 10)
{
    struct play *p =
        play(MARIE ",\"answers_us\":30000000}," DIGITS "[{\"value\":\"4711\"}]}," CALL ",\"hangs_up_us\":5000000}");
    cr_assert_eq(p->now_us, 5000000);
    cr_assert_eq(p->sw->live, 0);
    finish(p);
}

Test(sim_world, a_step_without_an_answer_is_a_problem, .timeout = 10)
{
    struct play *p = play(MARIE "}," CALL ",\"hangs_up_us\":1000}");
    cr_assert_eq(problems_of(p), 1);
    cr_assert_not_null(strstr(problem_told, "ivr.digits(prompt account"), "%s", problem_told);
    finish(p);
}

Test(sim_world, failures_are_played_by_the_device, .timeout = 10)
{
    struct play *p = play(MARIE "}," DIGITS "[{\"fail\":\"no_input\"}]}," CALL ",\"hangs_up_us\":30000000}");
    cr_assert_not_null(strstr(trace_timeline(p->trace), "8.000s   1 switch   digits  cause=no_input"), "%s",
                       trace_timeline(p->trace));
    finish(p);
    p = play(MARIE "}," DIGITS "[{\"fail\":\"invalid\"}]}," CALL ",\"hangs_up_us\":30000000}");
    cr_assert_not_null(strstr(trace_timeline(p->trace), "digits 1 cause=invalid_input"), "%s",
                       trace_timeline(p->trace));
    finish(p);
}

Test(sim_world, the_same_test_is_the_same_play, .timeout = 20)
{
    const char *items =
        MARIE ",\"no_answer\":3}," DIGITS "[{\"value\":\"4711\"},{\"fail\":\"invalid\"},{\"value\":\"12345\"}]}," CALL
              ",\"times\":40,\"every_us\":1700000,\"hangs_up_us\":41000000,\"items\":[{\"do\":\"caller\",\"at_us\":100,"
              "\"digits\":\"9\"}]}";
    struct play *p = play(items);
    char *first = strdup(trace_timeline(p->trace));
    finish(p);
    p = play(items);
    cr_assert_str_eq(trace_timeline(p->trace), first);
    cr_assert_gt(strlen(first), 1000);
    finish(p);
    free(first);
}
