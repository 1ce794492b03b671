/* runtime/sim/cast.c - Makes a scenario from files of agents and calls on the command line.
 *
 * A line of an agents' file is `name dn`; the options say how agents behave, and the directory which DNs exist.
 *
 * The result is a scenario_test, so that the same player plays everything: the options become items as if a test
 * contained them. */
#include "runtime/sim/gcxsim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/table.h"
#include "runtime/sim/provision.h"
#include "base/file.h"
#include "base/memory.h"

enum { PEOPLE_MAX = 20000 };
static const double CAST_US_MAX = 1e15; /* 30 years; the next arrival of rates that are over is at INFINITY */

struct device {
    char dn[SWITCH_DN + 1], name[SWITCH_DN + 1]; /* name: of a queue */
    enum dn_type type;
};

struct cast {
    struct scenario *scenario;
    struct plan *plan;
    struct scenario_test test; /* the scenario so far; its texts are those of the options and of `names` */
    json_t *names, *places;    /* names of the agents, in order; DN of each agent */
    struct device *devices, *queues;
    size_t device_count, queue_count;
};

static void add_device(void *self, const char *dn, enum dn_type type)
{
    struct cast *c = self;
    c->devices = memory_more(c->devices, c->device_count, sizeof *c->devices);
    struct device *row = &c->devices[c->device_count++];
    *row = (struct device){.type = type};
    (void)snprintf(row->dn, sizeof row->dn, "%s", dn);
}

static void cast_add_queue(void *self, const char *name, const char *dn)
{
    struct cast *c = self;
    c->queues = memory_more(c->queues, c->queue_count, sizeof *c->queues);
    struct device *row = &c->queues[c->queue_count++];
    *row = (struct device){0};
    (void)snprintf(row->dn, sizeof row->dn, "%s", dn);
    (void)snprintf(row->name, sizeof row->name, "%s", name);
}

static struct scenario_item *add_item(struct cast *c, enum item_kind kind)
{
    struct scenario_item *item = scenario_add(SHAPE_item, &c->test.items, &c->test.count);
    *item = scenario_item(kind);
    return item;
}

static struct scenario_item *cast_add_agent(struct cast *c, const struct sim_args *args, const char *name)
{
    struct scenario_item *item = add_item(c, ITEM_AGENT);
    item->agent.name = name;
    item->agent.answers_us = args->answers_us;
    item->agent.handles_us = args->handles_us;
    return item;
}

/* Reads the agents' file; the first error ends the reading and names the line, as half a file would be half a
 * contact centre. */
static bool read_people(struct cast *c, const char *path, const struct sim_args *args, struct error *error)
{
    const char *why;
    FILE *in = file_reader(path, &why);
    char line[400], name[SWITCH_DN + 1], dn[SWITCH_DN + 1], rest[2];
    unsigned number = 0;
    if (!in) return error_set(error, ERROR_UNAVAILABLE, "cannot read %s: %s", path, why);
    while (error->code == ERROR_NONE && fgets(line, sizeof line, in)) {
        number++;
        int fields = sscanf(line, " %64s %64s %1s", name, dn, rest);
        if (fields <= 0 || name[0] == '#') continue;
        if (fields != 2 || json_array_size(c->names) >= PEOPLE_MAX) {
            error_set(error, ERROR_INPUT, "%s:%u: a line is an agent's name and a DN", path, number);
            break;
        }
        json_t *kept = json_string(name);
        if (!kept) {
            error_set(error, ERROR_INPUT, "%s:%u: the agent's name is not UTF-8", path, number);
            break;
        }
        json_array_append_new(c->names, kept);
        cast_add_agent(c, args, json_string_value(kept));
        json_object_set_new(c->places, name, json_string(dn));
    }
    fclose(in);
    return error->code == ERROR_NONE;
}

/* Reads "4711,2": the answers of a caller, one after another. */
static void add_outcomes(struct scenario_answer *answer, const char *digits, uint64_t pause_us)
{
    while (*digits != '\0') {
        size_t length = strcspn(digits, ",");
        struct scenario_outcome *outcome = scenario_add(SHAPE_outcome, &answer->outcomes, &answer->count);
        outcome->value = json_stringn(digits, length);
        outcome->after_us = pause_us;
        digits += length + (digits[length] == ',');
    }
}

/* Returns a random-looking number, the same for the same seed and call. */
static uint64_t cast_scattered(uint64_t seed, uint64_t call)
{
    return table_mix64(seed * UINT64_C(0x9e3779b97f4a7c15) + call + 1);
}

/* Adds the agents' working times; the first ones have different lengths, the last one has no end, so that all agents
 * are there at the end. */
static void add_shifts(struct cast *c, const struct sim_args *args)
{
    uint64_t end_us = args->arrivals.count > 0 ? (uint64_t)args->arrivals.until_us
                      : args->rate <= 0        ? 0
                                               : (uint64_t)(args->calls * 1e6 / args->rate);
    uint64_t away_us = args->shift_us / 4;
    size_t people = json_array_size(c->names);
    for (size_t i = 0; i < people && args->shift_us > 0; i++) {
        uint64_t at_us = args->shift_us / 2 + cast_scattered(args->seed, i) % args->shift_us;
        for (; at_us + away_us < end_us; at_us += args->shift_us + away_us) {
            struct scenario_item *item = cast_add_agent(c, args, json_string_value(json_array_get(c->names, i)));
            item->at_us = at_us;
            item->agent.state = "logged_out";
            item->agent.state_for_us = away_us;
        }
    }
}

static void add_call(struct cast *c, const struct sim_args *args, uint32_t call, uint64_t at_us)
{
    struct scenario_item *item = add_item(c, ITEM_ARRIVE);
    struct scenario_arrival *arrival = &item->arrival;
    item->at_us = at_us;
    arrival->strategy = "(bound)";
    arrival->from = arrival->number = args->from;
    arrival->to = args->to;
    if (args->digit_lists > 0) {
        struct scenario_item *own = scenario_add(SHAPE_item, &arrival->items, &arrival->count);
        *own = scenario_item(ITEM_ANSWER);
        own->answer.step = "ivr.*";
        own->answer.args = json_object();
        add_outcomes(&own->answer, args->digits[call % args->digit_lists], args->pause_us);
    }
    if (args->patience_us != 0) /* callers hang up after half to one and a half of the given time, as people differ */
        arrival->hangs_up_us = args->patience_us / 2 + cast_scattered(args->seed, call) % args->patience_us;
}

/* Adds the calls: each so long after the one before, or by chance until the last of the rates is over. */
static void cast_add_calls(struct cast *c, const struct sim_args *args)
{
    const bool drawn = args->arrivals.count > 0;
    struct draws draws = draws_of(args->seed, 1, 0);
    size_t row = 0;
    double at_us = 0;
    for (uint32_t call = 0; call < args->calls; call++) {
        at_us = drawn             ? arrivals_rated(&args->arrivals, &draws, &row, at_us)
                : args->rate <= 0 ? 0
                                  : (double)call * 1e6 / args->rate;
        if (at_us > CAST_US_MAX) return;
        add_call(c, args, call, (uint64_t)at_us);
    }
}

/* Places the agents as the files say, and queues as the directory says. */
static bool cast_place(struct cast *c, struct error *error)
{
    const char **queues = memory_zeroed(c->queue_count + 1, sizeof(char *));
    for (size_t i = 0; i < c->queue_count; i++) queues[i] = c->queues[i].name;
    struct plan_names names = {.queues = queues, .queue_count = (uint32_t)c->queue_count};
    c->plan = plan_new(&c->scenario->tests[0], &names, error);
    free(queues);
    if (!c->plan) return false;
    for (uint32_t i = 0; i < c->plan->agent_count; i++) {
        const char *dn = json_string_value(json_object_get(c->places, c->plan->agents[i].name));
        (void)snprintf(c->plan->agents[i].dn, sizeof c->plan->agents[i].dn, "%s", !dn ? "" : dn);
    }
    for (uint32_t i = 0; i < c->plan->queue_count; i++) {
        struct plan_queue *queue = &c->plan->queues[i];
        (void)snprintf(queue->dn, sizeof queue->dn, "%s", c->queues[i].dn);
        (void)snprintf(queue->desk, sizeof queue->desk, "%s-desk", c->queues[i].dn);
    }
    if (c->queue_count > 0) c->plan->last = c->queues[0].dn;
    return true;
}

/* Passes the items through the scenario reader, which checks them as it checks those of an image. */
static bool write_scenario(struct cast *c, struct error *error)
{
    struct scenario_section section = {0};
    scenario_write(&section, &c->test);
    c->scenario = scenario_read(section.bytes, section.length, error);
    free(section.bytes);
    return c->scenario != NULL;
}

struct cast *cast_new(const struct sim_args *args, struct error *error)
{
    struct cast *c = memory_zeroed(1, sizeof *c);
    scenario_blank(SHAPE_test, &c->test);
    c->test.name = "gcxsim";
    c->test.file = "-";
    c->names = json_array();
    c->places = json_object();
    bool good = !args->directory || (provision_dns(args->directory, add_device, c, error) &&
                                     provision_queues(args->directory, cast_add_queue, c, error));
    for (unsigned i = 0; good && i < args->agent_files; i++) good = read_people(c, args->agents[i], args, error);
    add_shifts(c, args);
    if (good) cast_add_calls(c, args);
    if (!good || !write_scenario(c, error) || !cast_place(c, error)) {
        cast_free(c);
        return NULL;
    }
    return c;
}

void cast_free(struct cast *c)
{
    if (!c) return;
    plan_free(c->plan);
    scenario_free(c->scenario);
    scenario_clear(SHAPE_test, &c->test);
    json_decref(c->names);
    json_decref(c->places);
    free(c->devices);
    free(c->queues);
    free(c);
}

const struct scenario_test *cast_test(const struct cast *c)
{
    return &c->scenario->tests[0];
}

struct plan *cast_plan(const struct cast *c)
{
    return c->plan;
}

void cast_equip(const struct cast *c, struct rig *rig)
{
    for (size_t i = 0; i < c->device_count; i++) {
        char desk[SWITCH_DN + 8];
        rig_add_dn(rig, c->devices[i].dn, c->devices[i].type);
        if (c->devices[i].type == dn_type_queue && strlen(c->devices[i].dn) <= SWITCH_DN - 5) {
            (void)snprintf(desk, sizeof desk, "%s-desk", c->devices[i].dn);
            rig_add_dn(rig, desk, dn_type_other);
        }
    }
}
