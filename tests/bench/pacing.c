/* tests/bench/pacing.c - The pacer beside other policies on the same seeded days, and what its decisions cost.
 *
 * pacing table AGENTS SHARE DAYS SEARCHED: one line per policy: its name; the share of those who answered that was
 * abandoned, mean of the days and the highest of the best 95 in 100; how many of the days kept 3 %, of how many; how
 * busy agents were; all in percent. The pacer has played one day before each, on which it learnt; `first` are those
 * days. The best policies are searched for on SEARCHED of the days. pacing asks CAMPAIGNS AGENTS: ns of a decision,
 * mean and 99th percentile, and the bytes of a pacer; campaigns in turn, all agents together.
 *
 * progressive: the pacer's mode. textbook: open-source dialers' rule: so many lines per agent at work, calls included,
 * as a level; the level rises while agents wait, falls towards 1 as the share of the abandoned comes near the limit,
 * and is 1 beyond it. fixed: the same with the best level that never changes, which is searched for. oracle: the best
 * chance that never changes, searched for, with which one more who answers may find no agent; it knows the
 * distributions of the model and when everything began, and computes by floating point. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/pacing/pacer.h"
#include "tests/unit/core_pacing_model.h"

enum { DAYS_MAX = 1000 };
#define LIMIT 0.03

struct result {
    double abandoned, high, busy;
    unsigned kept, days;
};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct result sum_up(const struct day *days, unsigned count)
{
    struct result result = {.days = count};
    double shares[DAYS_MAX];
    for (unsigned at = 0; at < count; at++) {
        shares[at] = days[at].answered == 0 ? 0 : (double)days[at].abandoned / days[at].answered;
        result.abandoned += shares[at] / count;
        result.busy += days[at].busy / count;
        if (shares[at] <= LIMIT) result.kept++;
    }
    qsort(shares, count, sizeof *shares, by_size);
    result.high = shares[(count * 95 + 99) / 100 - 1];
    return result;
}

static void show(const char *name, const struct result *result)
{
    printf("%s %.2f %.2f %u/%u %.1f\n", name, 100 * result->abandoned, 100 * result->high, result->kept, result->days,
           100 * result->busy);
    fflush(stdout);
}

struct knob {
    double value;                /* level, or chance */
    double level, waited, asked; /* of the textbook's rule */
    const struct truth *truth;
};

static unsigned lines(double level, const struct pacing_world *world)
{
    double more = level * world->model->agents - world->ringing - world->waiting - world->talking - world->wrapping;
    return more >= 1 ? (unsigned)more : 0;
}

static unsigned ask_fixed(void *self, const struct pacing_world *world)
{
    return lines(((struct knob *)self)->value, world);
}

/* Every 15 s. */
static unsigned ask_textbook(void *self, const struct pacing_world *world)
{
    struct knob *knob = self;
    knob->waited += world->ready;
    if (++knob->asked == 30) {
        double idle = knob->waited / knob->asked / world->model->agents;
        double lost = world->answered == 0 ? 0 : (double)world->abandoned / world->answered;
        knob->level *= 1 + 0.5 * (idle - 0.02) - (lost > 0.7 * LIMIT ? 0.2 * (lost - 0.7 * LIMIT) / LIMIT : 0);
        if (knob->level > 4) knob->level = 4;
        if (knob->level < 1 || lost > LIMIT) knob->level = 1;
        knob->waited = knob->asked = 0;
    }
    return lines(knob->level, world);
}

/* What the oracle knows. */
enum { TIMES = 6, AGE_S = 1200, DRAWS = 200000, TENTHS = 300 };

struct truth {
    double answers[TIMES][TENTHS], free[TIMES][AGE_S], wraps[TIMES][AGE_S], one[TIMES]; /* by age in 0.1 s, s, s */
};

static double lasting(const double *sorted, unsigned count, double s)
{
    unsigned low = 0, high = count; /* how many are at most s */
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (sorted[middle] <= s)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)(count - low);
}

static void learn_truth(struct truth *truth, const struct model *model)
{
    double *rings = malloc(DRAWS * sizeof(double)), *ends = malloc(DRAWS * sizeof(double));
    double *talks = malloc(DRAWS * sizeof(double)), *wraps = malloc(DRAWS * sizeof(double));
    unsigned answered = 0;
    for (unsigned at = 0; at < DRAWS; at++) {
        bool answers;
        ends[at] = (double)model_ring_us(model, 77, at, false, &answers) / 1e6;
        if (answers) rings[answered++] = ends[at];
        talks[at] = (double)model_talk_us(model, 77, at) / 1e6;
        wraps[at] = (double)model_wrap_us(model, 77, at) / 1e6;
    }
    qsort(rings, answered, sizeof(double), by_size);
    qsort(ends, DRAWS, sizeof(double), by_size);
    qsort(talks, DRAWS, sizeof(double), by_size);
    qsort(wraps, DRAWS, sizeof(double), by_size);
    for (unsigned time = 0; time < TIMES; time++) {
        double h = rings[answered * (2 * time + 1) / (2 * TIMES)], f = h + (double)model->wait_us / 1e6;
        for (unsigned at = 0; at < TENTHS; at++) {
            double left = lasting(ends, DRAWS, at * 0.1);
            truth->answers[time][at] =
                left == 0 ? 0 : (lasting(rings, answered, at * 0.1) - lasting(rings, answered, at * 0.1 + h)) / left;
        }
        truth->one[time] = truth->answers[time][0];
        for (unsigned age = 0; age < AGE_S; age++) {
            double left = lasting(wraps, DRAWS, age), talking = lasting(talks, DRAWS, age), sum = 0;
            truth->wraps[time][age] = left == 0 ? 1 : 1 - lasting(wraps, DRAWS, age + f) / left;
            for (double t = 0; t < f; t += 0.5)
                sum += (lasting(talks, DRAWS, age + t) - lasting(talks, DRAWS, age + t + 0.5)) *
                       (1 - lasting(wraps, DRAWS, f - t - 0.25) / DRAWS);
            truth->free[time][age] = talking == 0 ? 0 : sum / talking;
        }
    }
    free(rings);
    free(ends);
    free(talks);
    free(wraps);
}

enum { ENUMERATED = 40 };
struct sum {
    double each[ENUMERATED + 1], mean, variance;
    unsigned count;
};

static void sum_add(struct sum *sum, double p)
{
    if (p <= 0) return;
    sum->mean += p;
    sum->variance += p * (1 - p);
    if (sum->count++ >= ENUMERATED) return;
    for (unsigned n = sum->count; n > 0; n--)
        sum->each[n] = (n == sum->count ? 0 : sum->each[n] * (1 - p)) + sum->each[n - 1] * p;
    sum->each[0] *= 1 - p;
}

/* The chance that at least `spare` more of the first happen than of the second. */
static double exceeds(const struct sum *a, const struct sum *b, int spare)
{
    if (a->count > ENUMERATED || b->count > ENUMERATED) {
        double deviation = sqrt(a->variance + b->variance + 1e-9);
        return 0.5 * erfc((spare - 0.5 - a->mean + b->mean) / deviation / sqrt(2));
    }
    double chance = 0;
    for (int n = 0; n <= (int)b->count; n++)
        for (int m = n + spare > 0 ? n + spare : 0; m <= (int)a->count; m++) chance += a->each[m] * b->each[n];
    return chance;
}

static unsigned ask_oracle(void *self, const struct pacing_world *world)
{
    struct knob *knob = self;
    static struct sum answers[TIMES], frees[TIMES];
    for (unsigned time = 0; time < TIMES; time++) {
        struct sum *a = &answers[time], *f = &frees[time];
        a->count = f->count = 0;
        a->mean = a->variance = f->mean = f->variance = 0;
        a->each[0] = f->each[0] = 1;
        for (unsigned at = 0; at < world->ringing; at++) {
            uint64_t age = (world->now_us - world->attempts[at].since_us) / 100000;
            sum_add(a, age < TENTHS ? knob->truth->answers[time][age] : 0);
        }
        for (unsigned at = 0; at < world->model->agents; at++) {
            const struct model_agent *agent = &world->agents[at];
            if (agent->state == AGENT_READY) continue;
            bool talks = agent->state == AGENT_TALKS;
            uint64_t age = (world->now_us - (talks ? agent->since_us : agent->over_us)) / SECOND_US;
            if (age >= AGE_S) age = AGE_S - 1;
            sum_add(f, (talks ? knob->truth->free : knob->truth->wraps)[time][age]);
        }
    }
    unsigned dial = 0;
    for (int ready = (int)world->ready - (int)world->waiting;; dial++) {
        double lost = 0;
        for (unsigned time = 0; time < TIMES; time++) lost += exceeds(&answers[time], &frees[time], ready) / TIMES;
        if (lost > knob->value) return dial;
        for (unsigned time = 0; time < TIMES; time++) sum_add(&answers[time], knob->truth->one[time]);
    }
}

static struct pacer_rules rules(uint32_t mode)
{
    return (struct pacer_rules){.window_us = DAY_US,
                                .wait_us = 2 * SECOND_US,
                                .busy = 1000,
                                .limit = 30,
                                .mode = mode,
                                .learn = 20,
                                .per_agent = 1000,
                                .lines = 2000};
}

static struct result play(const struct model *model, const struct policy *policy, unsigned days)
{
    static struct day all[DAYS_MAX];
    for (unsigned at = 0; at < days; at++) all[at] = model_play(model, policy, at + 1, 1);
    return sum_up(all, days);
}

/* The pacer's days and the first ones before each. */
static struct result play_pacer(const struct model *model, uint32_t mode, unsigned days, struct result *first)
{
    static struct day firsts[DAYS_MAX], all[DAYS_MAX];
    for (unsigned at = 0; at < days; at++) {
        struct pacer pacer;
        struct pacer_rules set = rules(mode);
        pacer_init(&pacer, &set);
        struct policy policy = policy_of_pacer(&pacer);
        if (first) firsts[at] = model_play(model, &policy, at + 1, 0);
        all[at] = model_play(model, &policy, at + 1, 1);
    }
    if (first) *first = sum_up(firsts, days);
    return sum_up(all, days);
}

/* The highest value with which 95 in 100 of some days keep the limit. */
static void best(const char *name, const struct model *model, const struct policy *policy, double low, double high,
                 unsigned days, unsigned searched)
{
    struct knob *knob = policy->self;
    for (unsigned round = 0; round < 7; round++) {
        knob->value = (low + high) / 2;
        struct result result = play(model, policy, searched);
        if (result.high <= LIMIT)
            low = knob->value;
        else
            high = knob->value;
    }
    knob->value = low;
    struct result result = play(model, policy, days);
    show(name, &result);
}

static void table(const struct model *model, unsigned days, unsigned searched)
{
    static struct truth truth;
    learn_truth(&truth, model);
    struct result first, result = play_pacer(model, PACER_progressive, days, NULL);
    show("progressive", &result);
    struct knob knob = {.level = 1, .truth = &truth};
    struct policy textbook = {ask_textbook, NULL, &knob}, fixed = {ask_fixed, NULL, &knob};
    struct policy oracle = {ask_oracle, NULL, &knob};
    result = play(model, &textbook, days);
    show("textbook", &result);
    best("fixed", model, &fixed, 1, 4, days, searched);
    best("oracle", model, &oracle, 0, 0.2, days, searched);
    result = play_pacer(model, PACER_predictive, days, &first);
    show("predictive", &result);
    show("first", &first);
}

/* A pacer in the middle of its day. */
struct campaign {
    struct pacer pacer;
    struct pacer_agents agents;
    uint64_t now_us;
};
struct half_day {
    struct pacer pacer;
    struct campaign kept;
};

static unsigned ask_half_day(void *self, const struct pacing_world *world)
{
    struct half_day *half = self;
    struct pacer_agents agents = {.ready = world->ready, .busy = world->talking + world->wrapping};
    if (world->now_us % DAY_US < 10 * HOUR_US) half->kept = (struct campaign){half->pacer, agents, world->now_us};
    return pacer_ask(&half->pacer, world->now_us, &agents).dial;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void asks(unsigned campaigns, unsigned agents)
{
    enum { PLAYED = 20, ROUNDS = 20 };
    struct model model = model_usual;
    model.agents = agents / campaigns;
    model.hours = 1.1;
    struct campaign *all = calloc(campaigns, sizeof *all);
    double *ns = calloc((size_t)campaigns * ROUNDS, sizeof *ns), sum = 0;
    for (unsigned at = 0; at < campaigns; at++) {
        if (at >= PLAYED) {
            all[at] = all[at % PLAYED];
            continue;
        }
        struct half_day half;
        struct pacer_rules set = rules(PACER_predictive);
        pacer_init(&half.pacer, &set);
        struct policy policy = policy_of_pacer(&half.pacer);
        policy.ask = ask_half_day;
        model_play(&model, &policy, at + 1, 0);
        all[at] = half.kept;
    }
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned at = 0; at < campaigns; at++) {
            uint64_t began = now_ns();
            pacer_ask(&all[at].pacer, all[at].now_us + round * 100000, &all[at].agents);
            sum += ns[round * campaigns + at] = (double)(now_ns() - began);
        }
    unsigned count = campaigns * ROUNDS;
    qsort(ns, count, sizeof *ns, by_size);
    printf("%.0f %.0f %zu\n", sum / count, ns[count / 100 * 99], sizeof(struct pacer));
    free(all);
    free(ns);
}

int main(int argc, char **argv)
{
    struct model model = model_usual;
    if (argc == 6 && strcmp(argv[1], "table") == 0) {
        model.agents = (unsigned)atoi(argv[2]);
        model.share = atof(argv[3]) / 100;
        table(&model, (unsigned)atoi(argv[4]), (unsigned)atoi(argv[5]));
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "asks") == 0) {
        asks((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]));
        return 0;
    }
    return 2;
}
