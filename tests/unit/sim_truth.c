/* tests/unit/sim_truth.c - A simulation agrees with theory where theory has an answer, and is the same each time. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/sim/histogram.h"
#include "runtime/sim/histogram.h"
#include "runtime/sim/simulation.h"
#include "vm/image.h"

static const char *from_environment(const char *name, const char *absent)
{
    const char *value = getenv(name);
    return !value ? absent : value;
}

static struct image *image_of(const char *source)
{
    const char *src = from_environment("top_srcdir", ".."), *build = from_environment("top_builddir", ".");
    char path[64] = "/tmp/gcx-sim-XXXXXX", command[2000];
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    (void)snprintf(command, sizeof command, "'%s/gcxc' build '%s/tests/unit/%s' -o '%s'", build, src, source, path);
    cr_assert_eq(system(command), 0, "%s", command);
    FILE *in = fopen(path, "rb");
    uint8_t *bytes = malloc(1024 * 1024);
    cr_assert(in && bytes);
    size_t length = fread(bytes, 1, 1024 * 1024, in);
    fclose(in);
    close(fd);
    unlink(path);
    struct error error = {0};
    struct image *image = image_load(bytes, length, &error);
    cr_assert(image, "%s", error.text);
    free(bytes);
    return image;
}

/* ---- a plan with one flow per strategy ---- */

enum { FLOWS_MAX = 6, REPLICATIONS = 8 };

struct site {
    struct simulation_plan plan;
    struct simulation_flow flows[FLOWS_MAX];
    struct simulation_agents agents[FLOWS_MAX];
    struct simulation_skill skills[FLOWS_MAX][FLOWS_MAX];
    char teams[1][SIMULATION_NAME + 1];
};

static void add_flow(struct site *site, const char *strategy, const char *arrivals, const char *handling,
                     const char *patience)
{
    struct simulation_flow *flow = &site->flows[site->plan.flow_count++];
    struct error error = {0};
    (void)snprintf(flow->strategy, sizeof flow->strategy, "%s", strategy);
    cr_assert(arrivals_read(&flow->arrivals, arrivals, &error), "%s", error.text);
    cr_assert(spread_read(&flow->handling, handling, &error), "%s", error.text);
    cr_assert(spread_read(&flow->patience, patience, &error), "%s", error.text);
}

static void add_agents(struct site *site, uint32_t count, const char *const *skills, uint32_t skill_count)
{
    uint32_t at = site->plan.agents_count++;
    struct simulation_agents *agents = &site->agents[at];
    *agents = (struct simulation_agents){.count = count, .skills = site->skills[at], .skill_count = skill_count};
    (void)snprintf(agents->name, sizeof agents->name, "%s", "");
    for (uint32_t i = 0; i < skill_count; i++) {
        (void)snprintf(agents->skills[i].name, sizeof agents->skills[i].name, "%s", skills[i]);
        agents->skills[i].level = 5;
    }
}

static void begin(struct site *site, double warm_up_s, double counted_s)
{
    struct error error = {0};
    *site = (struct site){0};
    site->plan = (struct simulation_plan){.flows = site->flows,
                                          .agents = site->agents,
                                          .teams = site->teams,
                                          .team_count = 1,
                                          .switching = {.kind = SPREAD_constant},
                                          .warm_up_us = (uint64_t)(warm_up_s * 1e6),
                                          .until_us = (uint64_t)((warm_up_s + counted_s) * 1e6),
                                          .within_us = 20000000,
                                          .start_us = 1704103200000000};
    cr_assert(spread_read(&site->plan.wrap_up, "0s", &error) && spread_read(&site->plan.ringing, "0s", &error));
}

static void end(struct site *site)
{
    for (uint32_t i = 0; i < site->plan.flow_count; i++) arrivals_free(&site->flows[i].arrivals);
}

static const struct simulation_scope *scope_of(const struct simulation_result *result, enum scope_kind kind,
                                               const char *name)
{
    for (uint32_t i = 0; i < result->count; i++)
        if (result->scopes[i].kind == kind && strcmp(result->scopes[i].name, name) == 0) return &result->scopes[i];
    cr_assert_fail("there is no %s %s", scope_words[kind], name);
    return NULL;
}

/* The intervals of all measures of a scope over the replications. */
static void play(const struct site *site, const struct image *image, uint64_t seed, enum scope_kind kind,
                 const char *name, struct interval out[MEASURES])
{
    double values[MEASURES][REPLICATIONS];
    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        struct simulation_result result = {0};
        struct error error = {0};
        cr_assert(simulation_play(&site->plan, image, seed + r, NULL, &result, &error), "%s", error.text);
        const struct simulation_scope *scope = scope_of(&result, kind, name);
        for (unsigned m = 0; m < MEASURES; m++) values[m][r] = scope->value[m];
        simulation_result_free(&result);
    }
    for (unsigned m = 0; m < MEASURES; m++) out[m] = interval_of(values[m], REPLICATIONS);
}

#define EXPECT_IN(found, measure, theory, what)                                                                        \
    cr_expect(fabs((found)[measure].mean - (theory)) <= (found)[measure].half,                                         \
              "%s: %s is %.5f +- %.5f, and theory says %.5f", what, measure_rows[measure].name, (found)[measure].mean, \
              (found)[measure].half, theory)

/* ---- Erlang C: nobody hangs up ---- */

static double erlang_c(unsigned agents, double load)
{
    double blocked = 1;
    for (unsigned k = 1; k <= agents; k++) blocked = load * blocked / (k + load * blocked);
    return agents * blocked / (agents - load * (1 - blocked));
}

Test(sim_truth, erlang_c_holds_at_several_loads)
{
    static const char *const skill[] = {"any_call"};
    static const struct {
        const char *rate;
        double load; /* calls an hour * 180 s */
        unsigned agents;
    } cases[] = {{"60/h", 3, 5}, {"180/h", 9, 11}, {"800/h", 40, 44}};
    struct image *image = image_of("sim_truth.gcx");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct site site;
        struct interval found[MEASURES];
        unsigned agents = cases[i].agents;
        double load = cases[i].load, waits = erlang_c(agents, load);
        begin(&site, 3600, 3600 * 3000 / (load * 20));
        add_flow(&site, "one", cases[i].rate, "exponential(3m)", "never");
        add_agents(&site, agents, skill, 1);
        play(&site, image, 100, SCOPE_QUEUE, "service", found);
        EXPECT_IN(found, MEASURE_delayed, waits, cases[i].rate);
        EXPECT_IN(found, MEASURE_asa, waits * 180 / (agents - load), cases[i].rate);
        EXPECT_IN(found, MEASURE_sl, 1 - waits * exp(-(agents - load) * 20 / 180), cases[i].rate);
        if (i == 0) {
            play(&site, image, 100, SCOPE_TEAM, "", found);
            EXPECT_IN(found, MEASURE_occupancy, load / agents, cases[i].rate);
        }
        end(&site);
    }
    image_free(image);
}

/* ---- Erlang A: callers have exponential patience; the stationary birth-and-death process by its recursion ---- */

struct erlang_a {
    double abandoned, delayed, asa_all_s;
};

static struct erlang_a erlang_a(unsigned agents, double load, double handling_s, double patience_s)
{
    enum { STATES = 2000 };
    double *p = calloc(STATES, sizeof *p), sum = 0, delayed = 0, waiting = 0;
    double arrivals = load / handling_s;
    p[0] = 1e-200;
    for (unsigned n = 1; n < STATES; n++) {
        double leaves = (n < agents ? n : agents) / handling_s + (n > agents ? n - agents : 0) / patience_s;
        p[n] = p[n - 1] * arrivals / leaves;
    }
    for (unsigned n = 0; n < STATES; n++) sum += p[n];
    for (unsigned n = agents; n < STATES; n++) {
        delayed += p[n] / sum;
        waiting += (n - agents) * p[n] / sum;
    }
    free(p);
    return (struct erlang_a){waiting / patience_s / arrivals, delayed, waiting / arrivals};
}

Test(sim_truth, erlang_a_holds_also_where_more_call_than_can_be_served)
{
    static const char *const skill[] = {"any_call"};
    static const struct {
        const char *rate, *patience;
        double load, patience_s;
        unsigned agents;
    } cases[] = {{"180/h", "exponential(2m)", 9, 120, 10}, {"300/h", "exponential(1m)", 15, 60, 12}};
    struct image *image = image_of("sim_truth.gcx");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct site site;
        struct interval found[MEASURES];
        struct erlang_a theory = erlang_a(cases[i].agents, cases[i].load, 180, cases[i].patience_s);
        begin(&site, 3600, 3600 * 3000 / (cases[i].load * 20));
        add_flow(&site, "one", cases[i].rate, "exponential(3m)", cases[i].patience);
        add_agents(&site, cases[i].agents, skill, 1);
        play(&site, image, 200, SCOPE_QUEUE, "service", found);
        EXPECT_IN(found, MEASURE_abandonment, theory.abandoned, cases[i].rate);
        EXPECT_IN(found, MEASURE_delayed, theory.delayed, cases[i].rate);
        end(&site);
    }
    image_free(image);
}

/* ---- Wallace and Whitt: two skills are nearly as good as all ---- */

Test(sim_truth, two_skills_of_six_are_nearly_as_good_as_all)
{
    static const char *const colours[] = {"red", "orange", "yellow", "green", "blue", "violet"};
    struct image *image = image_of("sim_truth.gcx");
    double asa_s[3];
    static const unsigned skills[3] = {1, 2, 6};
    for (unsigned i = 0; i < 3; i++) {
        struct site site;
        struct interval found[MEASURES];
        begin(&site, 3600, 3600 * 6);
        for (unsigned c = 0; c < 6; c++) {
            char strategy[40];
            const char *has[6];
            (void)snprintf(strategy, sizeof strategy, "%s_calls", colours[c]);
            add_flow(&site, strategy, "80/h", "exponential(3m)", "never"); /* 4 Erlang for 5 agents */
            for (unsigned k = 0; k < skills[i]; k++) has[k] = colours[(c + k) % 6];
            add_agents(&site, 5, has, skills[i]);
        }
        play(&site, image, 300, SCOPE_ALL, "", found);
        asa_s[i] = found[MEASURE_asa].mean;
        /* Six houses of their own, and one house for all: Erlang C has both. */
        if (skills[i] == 1) EXPECT_IN(found, MEASURE_asa, erlang_c(5, 4) * 180 / (5 - 4), "one skill");
        if (skills[i] == 6) EXPECT_IN(found, MEASURE_asa, erlang_c(30, 24) * 180 / (30 - 24), "all skills");
        end(&site);
    }
    cr_expect_gt(asa_s[0], 4 * asa_s[1], "one skill %.2f s, two %.2f s, all %.2f s", asa_s[0], asa_s[1], asa_s[2]);
    cr_expect_lt(asa_s[1] - asa_s[2], 0.1 * (asa_s[0] - asa_s[2]), "one skill %.2f s, two %.2f s, all %.2f s", asa_s[0],
                 asa_s[1], asa_s[2]);
    image_free(image);
}

/* ---- the simulation itself ---- */

Test(sim_truth, the_same_seed_is_the_same_day_and_another_seed_another)
{
    static const char *const skill[] = {"any_call"};
    struct image *image = image_of("sim_truth.gcx");
    struct simulation_result results[3] = {{0}};
    struct error error = {0};
    struct site site;
    begin(&site, 0, 7200);
    add_flow(&site, "one", "180/h", "lognormal(3m, 2m)", "weibull(2m, 1.5)");
    add_agents(&site, 9, skill, 1);
    for (unsigned i = 0; i < 3; i++)
        cr_assert(simulation_play(&site.plan, image, i < 2 ? 5 : 6, NULL, &results[i], &error), "%s", error.text);
    cr_expect_eq(results[0].digest, results[1].digest);
    cr_expect_eq(results[0].events, results[1].events);
    cr_expect_neq(results[0].digest, results[2].digest);
    for (unsigned i = 0; i < 3; i++) simulation_result_free(&results[i]);
    end(&site);
    image_free(image);
}

/* Agents who often do not answer in time, and callers who often do not wait. */
static void play_restless(const char *strategy, struct simulation_result *result)
{
    static const char *const skill[] = {"any_call"};
    struct image *image = image_of("sim_truth.gcx");
    struct error error = {0};
    struct site site;
    begin(&site, 0, 7200);
    add_flow(&site, strategy, "400/h", "exponential(3m)", "exponential(1m)");
    add_agents(&site, 9, skill, 1);
    cr_assert(spread_read(&site.plan.ringing, "uniform(5s, 20s)", &error));
    cr_assert(spread_read(&site.plan.wrap_up, "erlang(20s, 3)", &error));
    cr_assert(simulation_play(&site.plan, image, 1, NULL, result, &error), "%s", error.text);
    end(&site);
    image_free(image);
}

Test(sim_truth, everybody_who_is_offered_is_answered_abandons_or_leaves_the_queue)
{
    struct simulation_result result = {0};
    play_restless("patient", &result);
    const struct simulation_scope *scopes[] = {scope_of(&result, SCOPE_QUEUE, "short"),
                                               scope_of(&result, SCOPE_STRATEGY, "patient"),
                                               scope_of(&result, SCOPE_ALL, "")};
    for (unsigned i = 0; i < 3; i++) {
        const double *value = scopes[i]->value;
        cr_expect_eq(value[MEASURE_offered],
                     value[MEASURE_answered] + value[MEASURE_abandoned] + value[MEASURE_cleared]);
        cr_expect_gt(value[MEASURE_answered], 100);
        cr_expect_gt(value[MEASURE_abandoned], 100);
        cr_expect_gt(value[MEASURE_cleared], 10);
        cr_expect(value[MEASURE_mean] > 0 && value[MEASURE_mean] < value[MEASURE_longest], "%g", value[MEASURE_mean]);
    }
    cr_expect_leq(scopes[0]->value[MEASURE_longest], 50.001); /* half a minute to wait, and twenty seconds to ring */
    const struct simulation_scope *team = scope_of(&result, SCOPE_TEAM, "");
    cr_expect(team->value[MEASURE_occupancy] > 0.9 && team->value[MEASURE_occupancy] <= 1);
    simulation_result_free(&result);
}

/* A call each 20 s, an agent who talks 30 s, nobody who would wait for a second. Where those who keep the place answer
 * when they are dialled, all are served; where they never do, only the first is, who need not wait: the agent is always
 * kept for one who is dialled. */
Test(sim_truth, who_keeps_the_place_is_dialled_when_the_turn_comes)
{
    static const char *const skill[] = {"any_call"};
    static const char *const answers[] = {"5s", "never"};
    struct image *image = image_of("sim_truth.gcx");
    for (unsigned i = 0; i < 2; i++) {
        struct simulation_result result = {0};
        struct error error = {0};
        struct site site;
        begin(&site, 0, 600);
        site.plan.checked = true;
        add_flow(&site, "keeping", "every(20s)", "30s", "1s");
        add_agents(&site, 1, skill, 1);
        cr_assert(spread_read(&site.plan.called_back, answers[i], &error));
        cr_assert(simulation_play(&site.plan, image, 1, NULL, &result, &error), "%s", error.text);
        const double *value = scope_of(&result, SCOPE_QUEUE, "short")->value;
        cr_expect_eq(value[MEASURE_offered], 29);
        cr_expect_eq(value[MEASURE_abandoned], 0);
        cr_expect_eq(value[MEASURE_answered] + value[MEASURE_cleared], 29);
        cr_expect_eq(value[MEASURE_answered], i == 0 ? 29 : 1);
        cr_expect(result.agrees);
        simulation_result_free(&result);
        end(&site);
    }
    image_free(image);
}

Test(sim_truth, the_core_counts_the_visits_of_virtual_queues_alike)
{
    static const char *const strategies[] = {"patient", "connected"};
    for (unsigned i = 0; i < 2; i++) {
        struct simulation_result result = {0};
        play_restless(strategies[i], &result);
        cr_expect(result.agrees, "%s", strategies[i]);
        cr_expect_gt(scope_of(&result, SCOPE_QUEUE, "short")->value[MEASURE_offered], 100);
        simulation_result_free(&result);
    }
}

/* ---- what it is made of ---- */

Test(sim_truth, distributions_have_the_mean_that_is_said)
{
    static const struct {
        const char *text;
        double mean_s, deviation_s;
    } cases[] = {{"90s", 90, 0},
                 {"1m30s", 90, 0},
                 {"constant(90)", 90, 0},
                 {"exponential(90s)", 90, 90},
                 {"uniform(1m, 2m)", 90, 17.3205},
                 {"lognormal(90s, 45s)", 90, 45},
                 {"erlang(90s, 4)", 90, 45},
                 {"gamma(90s, 0.25)", 90, 180},
                 {"weibull(90s, 2)", 90, 47.0446},
                 {"values(30s, 90s, 150s)", 90, 48.9898}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum { DRAWS = 40000 };
        struct spread spread;
        struct error error = {0};
        double sum = 0, squares = 0;
        cr_assert(spread_read(&spread, cases[i].text, &error), "%s", error.text);
        cr_expect_float_eq(spread_mean(&spread) / 1e6, cases[i].mean_s, 0.001, "%s", cases[i].text);
        for (unsigned n = 0; n < DRAWS; n++) {
            struct draws draws = draws_of(7, (uint32_t)i, n);
            double seconds = (double)spread_draw(&spread, &draws) / 1e6;
            sum += seconds;
            squares += (seconds - cases[i].mean_s) * (seconds - cases[i].mean_s);
        }
        cr_expect_float_eq(sum / DRAWS, cases[i].mean_s, 4 * cases[i].deviation_s / sqrt(DRAWS) + 0.001, "%s: %f",
                           cases[i].text, sum / DRAWS);
        cr_expect_float_eq(sqrt(squares / DRAWS), cases[i].deviation_s, 0.06 * cases[i].deviation_s + 0.001, "%s: %f",
                           cases[i].text, sqrt(squares / DRAWS));
        spread_free(&spread);
    }
}

Test(sim_truth, what_is_no_distribution_is_refused_with_a_sentence)
{
    static const char *const cases[] = {"",
                                        "soon",
                                        "exponential",
                                        "exponential()",
                                        "exponential(3m, 2)",
                                        "exponential(-3m)",
                                        "uniform(2m, 1m)",
                                        "erlang(3m, 2.5)",
                                        "gamma(3m, 0)",
                                        "gauss(3m, 1m)",
                                        "values()",
                                        "file(/nowhere/at.all)",
                                        "9999999999h"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct spread spread;
        struct error error = {0};
        cr_expect(!spread_read(&spread, cases[i], &error), "%s", cases[i]);
        cr_expect_gt(strlen(error.text), 10, "%s", cases[i]);
        spread_free(&spread);
    }
}

Test(sim_truth, arrivals_without_end_and_random_texts_are_refused)
{
    static const char *const endless[] = {"1e300/h", "nan/h", "-3/h", "every(0s)", "every(values(0, 0))"};
    static const char letters[] = "0123456789.eE+-/hms(), every values uniform gamma lognormal";
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        struct arrivals arrivals;
        struct error error = {0};
        cr_expect(!arrivals_read(&arrivals, endless[i], &error), "%s", endless[i]);
        arrivals_free(&arrivals);
    }
    for (unsigned n = 0; n < 20000; n++) {
        static const char *const begin[] = {"", "every(", "uniform(", "gamma(3m,", "values(", "lognormal("};
        struct draws draws = draws_of(13, 0, n);
        char text[80] = "";
        struct arrivals arrivals;
        struct spread spread;
        struct error error = {0};
        strcat(text, begin[(unsigned)(6 * draws_unit(&draws))]);
        for (unsigned length = (unsigned)(20 * draws_unit(&draws)); length > 0; length--)
            strncat(text, &letters[(size_t)((sizeof letters - 1) * draws_unit(&draws))], 1);
        if (draws_unit(&draws) < 0.7) strcat(text, ")");
        if (spread_read(&spread, text, &error)) (void)spread_draw(&spread, &draws);
        spread_free(&spread);
        (void)arrivals_read(&arrivals, text, &error);
        arrivals_free(&arrivals);
    }
}

Test(sim_truth, a_histogram_is_exact_to_one_part_in_a_hundred)
{
    struct simulated_histogram *h = calloc(1, sizeof *h);
    cr_expect_eq(histogram_quantile(h, 0.5), 0);
    for (uint64_t us = 1; us <= 100000; us++) sim_histogram_add(h, us * 1000);
    for (double share = 0.01; share < 1; share += 0.07) {
        cr_expect_float_eq(histogram_quantile(h, share), share * 1e8, share * 1e6, "%f", share);
        cr_expect_float_eq(histogram_share(h, (uint64_t)(share * 1e8)), share, 0.01 * share, "%f", share);
    }
    cr_expect_eq(histogram_quantile(h, 1), 1e8);
    sim_histogram_add(h, UINT64_MAX); /* the last bucket has no end */
    cr_expect_eq(h->most_us, UINT64_MAX);
    free(h);
}

Test(sim_truth, an_interval_is_students)
{
    static const double values[] = {4, NAN, 6, 8};
    struct interval interval = interval_of(values, 4);
    cr_expect_eq(interval.count, 3);
    cr_expect_float_eq(interval.mean, 6, 1e-9);
    cr_expect_float_eq(interval.half, 4.3027 * 2 / sqrt(3), 1e-3);
    cr_expect(isnan(interval_of(values, 1).half) && isnan(interval_of(values + 1, 1).mean));
    cr_expect_float_eq(interval_t(21), 2.0796, 1e-3);
    cr_expect_float_eq(interval_t(1000), 1.9623, 1e-3);
}

/* ---- e-mails and chats ---- */

static void add_submitted(struct site *site, const char *strategy, enum media medium, const char *arrivals,
                          const char *handling, const char *patience)
{
    add_flow(site, strategy, arrivals, handling, patience);
    site->flows[site->plan.flow_count - 1].medium = medium;
    site->flows[site->plan.flow_count - 1].submitted = true;
}

Test(sim_truth, theory_holds_for_mails_and_for_chats)
{
    static const char *const skill[] = {"any_call"};
    struct image *image = image_of("sim_truth.gcx");
    struct interval found[MEASURES];
    struct site site;
    double waits = erlang_c(11, 9);
    begin(&site, 3600, 3600 * 50);
    add_submitted(&site, "patient_mails", media_email, "180/h", "exponential(3m)", "1s"); /* a mail has patience */
    add_agents(&site, 11, skill, 1);
    play(&site, image, 400, SCOPE_MEDIUM, "email", found);
    EXPECT_IN(found, MEASURE_delayed, waits, "mails");
    EXPECT_IN(found, MEASURE_asa, waits * 180 / (11 - 9), "mails");
    EXPECT_IN(found, MEASURE_busy, 9.0 / 11, "mails");
    cr_expect_eq(found[MEASURE_abandoned].mean, 0);
    end(&site);
    struct erlang_a theory = erlang_a(10, 9, 180, 120);
    begin(&site, 3600, 3600 * 50);
    add_submitted(&site, "chats", media_chat, "180/h", "exponential(3m)", "exponential(2m)");
    add_agents(&site, 10, skill, 1);
    play(&site, image, 400, SCOPE_MEDIUM, "chat", found);
    EXPECT_IN(found, MEASURE_delayed, theory.delayed, "chats");
    EXPECT_IN(found, MEASURE_abandonment, theory.abandoned, "chats");
    end(&site);
    image_free(image);
}

/* Of a mail each second one agent does in an hour as many as fit beside each other, again each ten minutes. */
Test(sim_truth, an_agent_has_as_many_mails_as_the_capacity_allows)
{
    static const char *const skill[] = {"any_call"};
    struct image *image = image_of("sim_truth.gcx");
    for (unsigned i = 0; i < 2; i++) {
        struct simulation_result result = {0};
        struct error error = {0};
        struct site site;
        begin(&site, 0, 3650);
        site.plan.checked = true;
        add_submitted(&site, "patient_mails", media_email, "every(10s)", "10m", "never");
        add_agents(&site, 1, skill, 1);
        if (i == 1) (void)snprintf(site.agents[0].capacity, sizeof site.agents[0].capacity, "several");
        cr_assert(simulation_play(&site.plan, image, 1, NULL, &result, &error), "%s", error.text);
        const double *value = scope_of(&result, SCOPE_MEDIUM, "email")->value;
        cr_expect_eq(value[MEASURE_offered], 364);
        cr_expect_eq(value[MEASURE_handled], i == 0 ? 6 : 18, "%g", value[MEASURE_handled]);
        cr_expect_eq(value[MEASURE_answered], i == 0 ? 7 : 21, "%g", value[MEASURE_answered]);
        cr_expect_eq(value[MEASURE_open], i == 0 ? 358 : 346);
        cr_expect_float_eq(value[MEASURE_busy], 3640.0 / 3650, 1e-4, "%g", value[MEASURE_busy]);
        simulation_result_free(&result);
        end(&site);
    }
    image_free(image);
}

/* The agent can nothing that is looked for. */
Test(sim_truth, what_is_parked_is_pulled_by_who_is_free)
{
    struct image *image = image_of("sim_truth.gcx");
    struct simulation_result result = {0};
    struct error error = {0};
    struct site site;
    begin(&site, 0, 3600);
    site.plan.checked = true;
    add_submitted(&site, "mails", media_email, "every(5m)", "2m", "never");
    add_agents(&site, 1, NULL, 0);
    cr_assert(simulation_play(&site.plan, image, 1, NULL, &result, &error), "%s", error.text);
    const double *value = scope_of(&result, SCOPE_MEDIUM, "email")->value;
    cr_expect_eq(value[MEASURE_offered], 11);
    cr_expect_eq(value[MEASURE_handled], 11);
    cr_expect_float_eq(value[MEASURE_asa], 61, 0.01, "%g", value[MEASURE_asa]); /* one minute waits, then one looks */
    cr_expect_float_eq(value[MEASURE_mean], value[MEASURE_asa], 0.01, "%g", value[MEASURE_mean]); /* all are answered */
    simulation_result_free(&result);
    end(&site);
    image_free(image);
}

Test(sim_truth, blended_days_are_the_same_by_seed_and_nobody_is_lost)
{
    static const char *const skill[] = {"any_call"};
    static const char *const media[] = {"voice", "chat", "email"};
    struct image *image = image_of("sim_truth.gcx");
    struct simulation_result results[3] = {{0}};
    struct error error = {0};
    struct site site;
    begin(&site, 0, 3600);
    site.plan.checked = true;
    add_flow(&site, "one", "90/h", "exponential(3m)", "exponential(1m)");
    add_submitted(&site, "chats", media_chat, "60/h", "exponential(5m)", "exponential(2m)");
    add_submitted(&site, "mails", media_email, "60/h", "exponential(6m)", "never");
    add_agents(&site, 7, skill, 1);
    (void)snprintf(site.agents[0].capacity, sizeof site.agents[0].capacity, "several");
    cr_assert(spread_read(&site.plan.ringing, "uniform(2s, 8s)", &error) &&
              spread_read(&site.plan.wrap_up, "erlang(20s, 3)", &error));
    for (unsigned i = 0; i < 3; i++)
        cr_assert(simulation_play(&site.plan, image, i < 2 ? 5 : 6, NULL, &results[i], &error), "%s", error.text);
    cr_expect_eq(results[0].digest, results[1].digest);
    cr_expect_neq(results[0].digest, results[2].digest);
    for (unsigned i = 0; i < 3; i++) {
        const double *value = scope_of(&results[0], SCOPE_MEDIUM, media[i])->value;
        cr_expect_gt(value[MEASURE_handled], 20, "%s: %g", media[i], value[MEASURE_handled]);
        cr_expect(value[MEASURE_busy] > 0.1 && value[MEASURE_busy] <= 1);
        cr_expect_geq(value[MEASURE_open], 0);
        if (i != 2) cr_expect_gt(value[MEASURE_abandoned], 0);
        cr_expect_leq(value[MEASURE_answered] + value[MEASURE_abandoned] + value[MEASURE_cleared],
                      value[MEASURE_offered]);
    }
    for (unsigned i = 0; i < 3; i++) simulation_result_free(&results[i]);
    end(&site);
    image_free(image);
}
