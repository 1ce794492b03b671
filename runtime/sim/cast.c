/* runtime/sim/cast.c - Agents from files and calls from the command line, as a scenario like any other.
 *
 * A line of an agents' file is `name dn`; what they do comes from the options. Which DNs there are says the
 * directory. */
#include "runtime/sim/gcxsim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/provision.h"
#include "runtime/vocabulary/file.h"

enum { PEOPLE_MAX = 20000 };

struct device {
    char dn[SWITCH_DN + 1], name[SWITCH_DN + 1]; /* name: of a queue */
    enum dn_type type;
};

struct cast {
    struct scenario *scenario;
    struct plan *plan;
    json_t *items, *places; /* places: agent -> DN */
    struct device *devices, *queues;
    size_t device_count, queue_count;
};

static struct device *one_more(struct device **rows, size_t *count)
{
    *rows = realloc(*rows, (*count + 1) * sizeof **rows);
    assert(*rows != NULL);
    memset(&(*rows)[*count], 0, sizeof **rows);
    return &(*rows)[(*count)++];
}

static void add_device(void *self, const char *dn, enum dn_type type)
{
    struct cast *c = self;
    struct device *row = one_more(&c->devices, &c->device_count);
    (void)snprintf(row->dn, sizeof row->dn, "%s", dn);
    row->type = type;
}

static void add_queue(void *self, const char *name, const char *dn)
{
    struct cast *c = self;
    struct device *row = one_more(&c->queues, &c->queue_count);
    (void)snprintf(row->dn, sizeof row->dn, "%s", dn);
    (void)snprintf(row->name, sizeof row->name, "%s", name);
}

static bool read_people(struct cast *c, const char *path, const struct sim_args *args, struct error *error)
{
    const char *why;
    FILE *in = file_reader(path, &why);
    char line[400], name[SWITCH_DN + 1], dn[SWITCH_DN + 1], rest[2];
    unsigned number = 0;
    if (in == NULL) {
        error_set(error, ERROR_UNAVAILABLE, "cannot read %s: %s", path, why);
        return false;
    }
    while (error->code == ERROR_NONE && fgets(line, sizeof line, in) != NULL) {
        number++;
        int fields = sscanf(line, " %64s %64s %1s", name, dn, rest);
        if (fields <= 0 || name[0] == '#') {
            continue;
        }
        if (fields != 2 || json_array_size(c->items) >= PEOPLE_MAX) {
            error_set(error, ERROR_INPUT, "%s:%u: a line is an agent's name and a DN", path, number);
            break;
        }
        json_array_append_new(c->items,
                              json_pack("{s:s, s:s, s:I, s:I}", "do", "agent", "name", name, "answers_us",
                                        (json_int_t)args->answers_us, "handles_us", (json_int_t)args->handles_us));
        json_object_set_new(c->places, name, json_string(dn));
    }
    fclose(in);
    return error->code == ERROR_NONE;
}

/* "4711,2" as what a caller answers, one after another. */
static json_t *outcomes_of(const char *digits, uint64_t pause_us)
{
    json_t *outcomes = json_array();
    while (*digits != '\0') {
        size_t length = strcspn(digits, ",");
        json_array_append_new(outcomes,
                              json_pack("{s:s%, s:I}", "value", digits, length, "after_us", (json_int_t)pause_us));
        digits += length + (digits[length] == ',');
    }
    return outcomes;
}

/* A number that looks like chance, the same for the same seed and call. */
static uint64_t scattered(uint64_t seed, uint64_t call)
{
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + call + 1;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Nobody's first shift has the same length; the last one is whole, so that everyone is there in the end. */
static void add_shifts(struct cast *c, const struct sim_args *args)
{
    uint64_t end_us = args->rate <= 0 ? 0 : (uint64_t)(args->calls * 1e6 / args->rate), away_us = args->shift_us / 4;
    size_t people = json_array_size(c->items);
    for (size_t i = 0; i < people && args->shift_us > 0; i++) {
        const char *name = json_string_value(json_object_get(json_array_get(c->items, i), "name"));
        uint64_t at_us = args->shift_us / 2 + scattered(args->seed, i) % args->shift_us;
        for (; at_us + away_us < end_us; at_us += args->shift_us + away_us)
            json_array_append_new(c->items,
                                  json_pack("{s:s, s:I, s:s, s:s, s:I, s:I, s:I}", "do", "agent", "at_us",
                                            (json_int_t)at_us, "name", name, "state", "logged_out", "state_for_us",
                                            (json_int_t)away_us, "answers_us", (json_int_t)args->answers_us,
                                            "handles_us", (json_int_t)args->handles_us));
    }
}

static void add_call(struct cast *c, const struct sim_args *args, uint32_t call)
{
    uint64_t at_us = args->rate <= 0 ? 0 : (uint64_t)((double)call * 1e6 / args->rate);
    json_t *item = json_pack("{s:s, s:I, s:s, s:s, s:s}", "do", "arrive", "at_us", (json_int_t)at_us, "strategy",
                             "(bound)", "from", args->from, "to", args->to);
    if (args->digit_lists > 0) {
        json_t *outcomes = outcomes_of(args->digits[call % args->digit_lists], args->pause_us);
        json_object_set_new(item, "items",
                            json_pack("[{s:s, s:s, s:o}]", "do", "answer", "step", "ivr.*", "outcomes", outcomes));
    }
    if (args->patience_us != 0) {
        /* Half of it to one and a half: people differ. */
        uint64_t patience = args->patience_us / 2 + scattered(args->seed, call) % args->patience_us;
        json_object_set_new(item, "hangs_up_us", json_integer((json_int_t)patience));
    }
    json_array_append_new(c->items, item);
}

/* Agents sit where the files say, queues are where the directory has them. */
static bool place(struct cast *c, struct error *error)
{
    const char **queues = calloc(c->queue_count + 1, sizeof(char *));
    assert(queues != NULL);
    for (size_t i = 0; i < c->queue_count; i++) {
        queues[i] = c->queues[i].name;
    }
    struct plan_names names = {.queues = queues, .queue_count = (uint32_t)c->queue_count};
    c->plan = plan_new(&c->scenario->tests[0], &names, error);
    free(queues);
    if (c->plan == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < c->plan->agent_count; i++) {
        const char *dn = json_string_value(json_object_get(c->places, c->plan->agents[i].name));
        (void)snprintf(c->plan->agents[i].dn, sizeof c->plan->agents[i].dn, "%s", dn == NULL ? "" : dn);
    }
    for (uint32_t i = 0; i < c->plan->queue_count; i++) {
        struct plan_queue *queue = &c->plan->queues[i];
        (void)snprintf(queue->dn, sizeof queue->dn, "%s", c->queues[i].dn);
        (void)snprintf(queue->desk, sizeof queue->desk, "%s-desk", c->queues[i].dn);
    }
    if (c->queue_count > 0) {
        c->plan->last = c->queues[0].dn;
    }
    return true;
}

static bool write_scenario(struct cast *c, struct error *error)
{
    json_t *root = json_pack("{s:[{s:s, s:s, s:O}]}", "tests", "name", "gcxsim", "file", "-", "items", c->items);
    char *text = json_dumps(root, JSON_COMPACT);
    assert(text != NULL);
    c->scenario = scenario_read(text, strlen(text), error);
    free(text);
    json_decref(root);
    return c->scenario != NULL;
}

struct cast *cast_new(const struct sim_args *args, struct error *error)
{
    struct cast *c = calloc(1, sizeof *c);
    assert(c != NULL);
    c->items = json_array();
    c->places = json_object();
    bool good = args->directory == NULL || (provision_dns(args->directory, add_device, c, error) &&
                                            provision_queues(args->directory, add_queue, c, error));
    for (unsigned i = 0; good && i < args->agent_files; i++) {
        good = read_people(c, args->agents[i], args, error);
    }
    add_shifts(c, args);
    for (uint32_t call = 0; good && call < args->calls; call++) {
        add_call(c, args, call);
    }
    if (!good || !write_scenario(c, error) || !place(c, error)) {
        cast_free(c);
        return NULL;
    }
    return c;
}

void cast_free(struct cast *c)
{
    if (c == NULL) {
        return;
    }
    plan_free(c->plan);
    scenario_free(c->scenario);
    json_decref(c->items);
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
