/* runtime/sim/modes.c - The modes of gcxsim: call, load, switch, play and provision.
 *
 * call, load and switch play a scenario made from the options; play and provision use the tests of an image. Each
 * mode makes its parts, plays, prints, and frees in the opposite order; its exit code is all that scripts need. */
#include "runtime/sim/gcxsim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/provision.h"
#include "base/file.h"
#include "base/inside.h"
#include "base/shown.h"
#include "vm/image.h"

static int modes_problem(const char *text)
{
    fputs("gcxsim: ", stderr);
    shown_write(stderr, text);
    putc('\n', stderr);
    return EXIT_PROBLEM;
}

/* ---- agents and calls from the options ---- */

static struct rig *rig_of_cast(const struct sim_args *args, const struct cast *cast, struct error *error)
{
    struct rig *rig = rig_new(cast_test(cast), cast_plan(cast), &args->rig, error);
    if (rig) cast_equip(cast, rig);
    return rig;
}

/* Plays the scenario and prints by `show`, whose result is the exit code if the play ended well. The output comes
 * even if the play failed, as it then shows what became of the calls. */
static int play_cast(const struct sim_args *args, int (*show)(const struct sim_args *, const struct rig *))
{
    struct error error = {0};
    struct cast *cast = cast_new(args, &error);
    if (!cast) return modes_problem(error.text);
    struct rig *rig = rig_of_cast(args, cast, &error);
    bool played = rig && rig_play(rig, &error);
    int code = played ? EXIT_GOOD : modes_problem(error.text);
    if (rig) {
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
    if (!routed) fprintf(stderr, "gcxsim: the call did not reach an agent\n");
    return routed ? EXIT_GOOD : EXIT_PROBLEM;
}

/* Prints the results; good if every call came to a known end, and none was lost or refused. */
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
    uint32_t bad = tally_count(tally, TALLY_LOST) + tally_count(tally, TALLY_LIVING);
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

/* Runs a switch without a test: it makes no calls itself, and serves those of others until it is stopped. */
int mode_switch(struct sim_args *args)
{
    if (args->image) return mode_play(args);
    args->calls = 0;
    args->rig.log = !args->quiet;
    args->rig.forever = true;
    return play_cast(args, show_nothing);
}

/* ---- tests of an image ---- */

static struct sim_tests *mode_image_open(const char *path, struct error *error)
{
    size_t length;
    const char *why;
    char *bytes = file_read(path, IMAGE_BYTES_MAX, &length, &why);
    struct sim_tests *tests = bytes ? sim_tests_open((const uint8_t *)bytes, length, NULL, error) : NULL;
    if (!bytes) error_set(error, ERROR_UNAVAILABLE, "cannot read %s: %s", path, why);
    free(bytes);
    return tests;
}

/* Returns the test with the given name; without a name, the only one. NULL with the reason. */
static const struct scenario_test *mode_image_test(const struct sim_tests *tests, const char *name, struct error *error)
{
    const struct scenario *all = tests->scenario;
    if (!name && all->count == 1) return &all->tests[0];
    const struct scenario_test *test = name ? sim_scenario_test(all, name) : NULL;
    if (name && !test)
        error_set(error, ERROR_UNKNOWN, "the image has no test \"%s\"; gcxsim list shows them", name);
    else if (!test)
        error_set(error, ERROR_UNKNOWN, "the image has %zu tests: say which by --test", all->count);
    return test;
}

static void print_failure(void *self, uint32_t line, const char *text)
{
    const struct scenario_test *test = self;
    shown_print(stdout, "%s:%u: ", test->file, line == 0 ? test->line : line);
    shown_write(stdout, text);
    putchar('\n');
}

static int mode_play_test(struct sim_args *args, const struct scenario_test *test, struct plan *plan)
{
    struct error error = {0};
    struct scenario_test told = *test; /* for print_failure() */
    args->rig.hurry = true;
    args->rig.directory = args->directory;
    args->rig.log = !args->quiet;
    struct rig *rig = rig_new(test, plan, &args->rig, &error);
    if (!rig) return modes_problem(error.text);
    bool played = rig_play(rig, &error);
    unsigned count = rig_check(rig, print_failure, &told);
    if (!played) modes_problem(error.text);
    if (count > 0) printf("%s", trace_timeline(rig_trace(rig)));
    shown_print(stdout, "%s: %s\n", test->name, played && count == 0 ? "passed" : "failed");
    rig_free(rig);
    return played && count == 0 ? EXIT_GOOD : EXIT_PROBLEM;
}

/* Plays tests; a test that needs what only a virtual world has is skipped with a message, and does not change the
 * exit code. */
int mode_play(struct sim_args *args)
{
    struct error error = {0};
    struct sim_tests *tests = mode_image_open(args->image, &error);
    const struct scenario_test *test = !tests ? NULL : mode_image_test(tests, args->test, &error);
    int code = EXIT_PROBLEM;
    if (test) {
        const char *why = provision_virtual_only(test, tests->image, args->any_date);
        struct plan *plan = sim_tests_plan(tests, test, &error);
        if (why) {
            shown_print(stdout, "%s: virtual only: %s\n", test->name, why);
            code = EXIT_GOOD;
        } else {
            code = !plan ? modes_problem(error.text) : mode_play_test(args, test, plan);
        }
        plan_free(plan);
    } else {
        modes_problem(error.text);
    }
    sim_tests_close(tests);
    return code;
}

int mode_list(struct sim_args *args)
{
    struct error error = {0};
    struct sim_tests *tests = mode_image_open(args->image, &error);
    if (!tests) return modes_problem(error.text);
    const struct scenario *all = tests->scenario;
    for (size_t i = 0; i < all->count; i++) {
        const char *why = provision_virtual_only(&all->tests[i], tests->image, args->any_date);
        shown_print(stdout, "%s:%u\t%s\t%s%s\n", all->tests[i].file, all->tests[i].line, all->tests[i].name,
                    !why ? "wire" : "virtual only: ", !why ? "" : why);
    }
    sim_tests_close(tests);
    return EXIT_GOOD;
}

/* ---- provisioning ---- */

/* For loads: the test with so many agents added, each with the next list of skills: "French:9,Sales:2;English:9". */
struct crowd {
    struct scenario_test test; /* a copy; its first items are shared with the original test */
    char (*names)[16];
};

/* Returns one agent's skills: "French:9,Sales:2" up to the next semicolon. A skill without a level has level 1. */
static json_t *skills_of(const char *list, const char *end)
{
    json_t *skills = json_object();
    while (list < end) {
        size_t skill = strcspn(list, ":,;"), whole = strcspn(list, ",;");
        json_int_t level = list[skill] == ':' ? strtol(list + skill + 1, NULL, 10) : 1;
        char key[SCENARIO_NAME_MAX + 1];
        (void)snprintf(key, sizeof key, "%.*s", (int)(skill < SCENARIO_NAME_MAX ? skill : SCENARIO_NAME_MAX), list);
        json_object_set_new(skills, key, json_integer(level));
        list += whole + (list[whole] == ',');
    }
    return skills;
}

/* Makes the crowd; the first items share their data with the original test: only the added ones are freed here. */
static struct crowd crowd_of(const struct sim_args *args, const struct scenario_test *test)
{
    const char *all = !args->skills ? "" : args->skills, *list = all;
    struct crowd crowd = {.test = *test, .names = calloc((size_t)args->people + 1, sizeof *crowd.names)};
    crowd.test.items = calloc(test->count + args->people + 1, sizeof *crowd.test.items);
    if (!crowd.names || !crowd.test.items) abort();
    if (test->count > 0) memcpy(crowd.test.items, test->items, test->count * sizeof *test->items);
    for (uint32_t i = 0; i < args->people; i++) {
        const char *end = list + strcspn(list, ";");
        struct scenario_item *item = &crowd.test.items[crowd.test.count++];
        (void)snprintf(crowd.names[i], sizeof crowd.names[i], "a%04u", i + 1);
        *item = scenario_item(ITEM_AGENT);
        item->agent.name = crowd.names[i];
        item->agent.skills = skills_of(list, end);
        list = *end == ';' && end[1] != '\0' ? end + 1 : all;
    }
    return crowd;
}

/* Frees the added items; the first ones belong to the original test. */
static void mode_crowd_free(struct crowd *crowd, const struct scenario_test *test)
{
    for (size_t i = !test ? 0 : test->count; i < crowd->test.count; i++)
        scenario_clear(SHAPE_item, &crowd->test.items[i]);
    free(crowd->test.items);
    free(crowd->names);
}

static bool write_agents(const struct plan *plan, const char *path, struct error *error)
{
    FILE *out = inside_open(path, "w");
    for (uint32_t i = 0; out && i < plan->agent_count; i++)
        fprintf(out, "%s %s\n", plan->agents[i].name, plan->agents[i].dn);
    if (!out || fclose(out) != 0) return error_set(error, ERROR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    return true;
}

/* Writes the files that were named in the options. The first failure ends this; files written before it stay. */
int mode_provision(struct sim_args *args)
{
    struct error error = {0};
    struct crowd crowd = {0};
    struct plan *plan = NULL;
    bool done = false;
    struct sim_tests *tests = mode_image_open(args->image, &error);
    const struct scenario_test *test = !tests ? NULL : mode_image_test(tests, args->test, &error);
    if (test) {
        crowd = crowd_of(args, test);
        plan = sim_tests_plan(tests, &crowd.test, &error);
    }
    if (plan) {
        done = (!args->directory || provision_directory(plan, args->directory, &error)) &&
               (!args->database || provision_database(test, tests->image, args->schema, args->database, &error)) &&
               (args->agent_files == 0 || write_agents(plan, args->agents[0], &error));
    }
    plan_free(plan);
    mode_crowd_free(&crowd, test);
    sim_tests_close(tests);
    return done ? EXIT_GOOD : modes_problem(error.text);
}
