/* runtime/sim/modes.c - What gcxsim does in each of its modes. */
#include "runtime/sim/gcxsim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/provision.h"
#include "runtime/vocabulary/shown.h"

static int problem(const char *text)
{
    fputs("gcxsim: ", stderr);
    shown_write(stderr, text);
    putc('\n', stderr);
    return EXIT_PROBLEM;
}

/* ---- people and calls from the options ---- */

static struct rig *rig_of_cast(const struct sim_args *args, const struct cast *cast, struct error *error)
{
    struct rig *rig = rig_new(cast_test(cast), cast_plan(cast), &args->rig, error);
    if (rig != NULL) {
        cast_equip(cast, rig);
    }
    return rig;
}

/* Plays the cast and shows what `show` has to say; its answer is the exit code where the play ended as it should. */
static int play_cast(const struct sim_args *args, int (*show)(const struct sim_args *, const struct rig *))
{
    struct error error = {0};
    struct cast *cast = cast_new(args, &error);
    if (cast == NULL) {
        return problem(error.text);
    }
    struct rig *rig = rig_of_cast(args, cast, &error);
    bool played = rig != NULL && rig_play(rig, &error);
    int code = played ? EXIT_GOOD : problem(error.text);
    if (rig != NULL) {
        int shown = show(args, rig);
        code = code == EXIT_GOOD ? shown : code;
    }
    rig_free(rig);
    cast_free(cast);
    return code;
}

static int show_nothing(const struct sim_args *args, const struct rig *rig)
{
    (void)args;
    (void)rig;
    return EXIT_GOOD;
}

static int show_call(const struct sim_args *args, const struct rig *rig)
{
    (void)args;
    bool routed = tally_count(rig_tally(rig), TALLY_ROUTED) == 1;
    if (!routed) {
        fprintf(stderr, "gcxsim: the call did not reach an agent\n");
    }
    return routed ? EXIT_GOOD : EXIT_PROBLEM;
}

/* Good where every call came to a known end, and none was lost or refused. */
static int show_load(const struct sim_args *args, const struct rig *rig)
{
    const struct tally *tally = rig_tally(rig);
    if (args->json) {
        json_t *all = tally_json(tally);
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
        putchar('\n');
        json_decref(all);
    } else {
        tally_print(tally, stdout);
    }
    uint32_t bad =
        tally_count(tally, TALLY_LOST) + tally_count(tally, TALLY_REFUSED) + tally_count(tally, TALLY_LIVING);
    return bad == 0 ? EXIT_GOOD : EXIT_PROBLEM;
}

int mode_call(struct sim_args *args)
{
    args->calls = 1;
    args->rig.log = !args->quiet;
    return play_cast(args, show_call);
}

int mode_load(struct sim_args *args)
{
    return play_cast(args, show_load);
}

int mode_switch(struct sim_args *args)
{
    if (args->image != NULL) {
        return mode_play(args);
    }
    args->calls = 0;
    args->rig.log = !args->quiet;
    args->rig.forever = true;
    return play_cast(args, show_nothing);
}

/* ---- tests of an image ---- */

struct failures {
    const struct scenario_test *test;
};

static void print_failure(void *self, uint32_t line, const char *text)
{
    const struct failures *f = self;
    shown_print(stdout, "%s:%u: ", f->test->file, line == 0 ? f->test->line : line);
    shown_write(stdout, text);
    putchar('\n');
}

static int play_test(struct sim_args *args, const struct scenario_test *test, struct plan *plan)
{
    struct error error = {0};
    struct failures failures = {test};
    args->rig.hurry = true;
    args->rig.directory = args->directory;
    args->rig.log = !args->quiet;
    struct rig *rig = rig_new(test, plan, &args->rig, &error);
    if (rig == NULL) {
        return problem(error.text);
    }
    bool played = rig_play(rig, &error);
    unsigned count = rig_check(rig, print_failure, &failures);
    if (!played) {
        problem(error.text);
    }
    if (count > 0) {
        printf("%s", trace_timeline(rig_trace(rig)));
    }
    shown_print(stdout, "%s: %s\n", test->name, played && count == 0 ? "passed" : "failed");
    rig_free(rig);
    return played && count == 0 ? EXIT_GOOD : EXIT_PROBLEM;
}

int mode_play(struct sim_args *args)
{
    struct error error = {0};
    struct tests *tests = tests_open(args->image, &error);
    const struct scenario_test *test = tests == NULL ? NULL : tests_find(tests, args->test, &error);
    int code = EXIT_PROBLEM;
    if (test != NULL) {
        const char *why = provision_virtual_only(test, tests_image(tests), args->any_date);
        struct plan *plan = tests_plan(tests, test, &error);
        if (why != NULL) {
            shown_print(stdout, "%s: virtual only: %s\n", test->name, why);
            code = EXIT_GOOD;
        } else {
            code = plan == NULL ? problem(error.text) : play_test(args, test, plan);
        }
        plan_free(plan);
    } else {
        problem(error.text);
    }
    tests_close(tests);
    return code;
}

int mode_list(struct sim_args *args)
{
    struct error error = {0};
    struct tests *tests = tests_open(args->image, &error);
    if (tests == NULL) {
        return problem(error.text);
    }
    const struct scenario *all = tests_all(tests);
    for (size_t i = 0; i < all->count; i++) {
        const char *why = provision_virtual_only(&all->tests[i], tests_image(tests), args->any_date);
        shown_print(stdout, "%s:%u\t%s\t%s%s\n", all->tests[i].file, all->tests[i].line, all->tests[i].name,
                    why == NULL ? "wire" : "virtual only: ", why == NULL ? "" : why);
    }
    tests_close(tests);
    return EXIT_GOOD;
}

/* ---- provisioning ---- */

/* For loads: so many people, each with the next list of skills; "French:9,Sales:2;English:9,Sales:4". */
static json_t *crowd(const struct sim_args *args)
{
    json_t *items = json_array();
    const char *list = args->skills == NULL ? "" : args->skills;
    for (uint32_t i = 0; i < args->people; i++) {
        json_t *skills = json_object();
        char name[16];
        const char *end = list + strcspn(list, ";");
        while (list < end) {
            size_t skill = strcspn(list, ":,;"), whole = strcspn(list, ",;");
            json_int_t level = list[skill] == ':' ? strtol(list + skill + 1, NULL, 10) : 1;
            char key[SCENARIO_NAME_MAX + 1];
            (void)snprintf(key, sizeof key, "%.*s", (int)(skill < SCENARIO_NAME_MAX ? skill : SCENARIO_NAME_MAX), list);
            json_object_set_new(skills, key, json_integer(level));
            list += whole + (list[whole] == ',');
        }
        list = *end == ';' && end[1] != '\0' ? end + 1 : args->skills == NULL ? "" : args->skills;
        (void)snprintf(name, sizeof name, "a%04u", i + 1);
        json_array_append_new(items, json_pack("{s:s, s:s, s:o}", "do", "agent", "name", name, "skills", skills));
    }
    return items;
}

/* The test's items and the crowd's, as one test. */
static struct scenario *with_crowd(const struct sim_args *args, const struct scenario *all,
                                   const struct scenario_test *test, struct error *error)
{
    json_t *tests = json_object_get(all->root, "tests");
    json_t *copy = json_deep_copy(json_array_get(tests, (size_t)(test - all->tests)));
    json_t *people = crowd(args), *items = json_object_get(copy, "items");
    json_array_extend(items, people);
    json_t *root = json_pack("{s:[o]}", "tests", copy);
    char *text = json_dumps(root, JSON_COMPACT);
    struct scenario *scenario = scenario_read(text, strlen(text), error);
    free(text);
    json_decref(people);
    json_decref(root);
    return scenario;
}

static bool write_agents(const struct plan *plan, const char *path, struct error *error)
{
    FILE *out = fopen(path, "w");
    for (uint32_t i = 0; out != NULL && i < plan->agent_count; i++) {
        fprintf(out, "%s %s\n", plan->agents[i].name, plan->agents[i].dn);
    }
    if (out == NULL || fclose(out) != 0) {
        error_set(error, ERROR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

int mode_provision(struct sim_args *args)
{
    struct error error = {0};
    struct scenario *scenario = NULL;
    struct plan *plan = NULL;
    bool done = false;
    struct tests *tests = tests_open(args->image, &error);
    const struct scenario_test *test = tests == NULL ? NULL : tests_find(tests, args->test, &error);
    if (test != NULL && (scenario = with_crowd(args, tests_all(tests), test, &error)) != NULL &&
        (plan = tests_plan(tests, &scenario->tests[0], &error)) != NULL) {
        done = (args->directory == NULL || provision_directory(plan, args->directory, &error)) &&
               (args->database == NULL ||
                provision_database(test, tests_image(tests), args->schema, args->database, &error)) &&
               (args->agent_files == 0 || write_agents(plan, args->agents[0], &error));
    }
    plan_free(plan);
    scenario_free(scenario);
    tests_close(tests);
    return done ? EXIT_GOOD : problem(error.text);
}
