/* runtime/sim/tests.c - Opens an image to play its tests, and finds one of them.
 *
 *     sim_tests:  image      loaded, with its natives bound
 *                 scenario   the tests, read of the image's section
 *                 names      what the image declares: skills, groups, queues, from which a plan is made
 *
 * sim_tests_close() frees image, scenario and names together. Pointers that the functions of this file return are
 * borrowed from image, scenario and names. */
#include "runtime/sim/tests.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "vm/image.h"

struct scenario *sim_scenario_open(const struct image *image, struct error *error)
{
    struct text text = image_scenario(image);
    return scenario_read(text.bytes, text.length, error);
}

void sim_scenario_close(struct scenario *scenario)
{
    scenario_free(scenario);
}

struct sim_tests *sim_tests_open(const uint8_t *bytes, size_t length, const struct sim_binding *binding,
                                 struct error *error)
{
    struct image *image = image_load(bytes, length, error);
    bool bound = image && (!binding || binding->bind(binding->self, image, error));
    struct scenario *scenario = bound ? sim_scenario_open(image, error) : NULL;
    if (!scenario) {
        image_free(image);
        return NULL;
    }
    struct sim_tests *tests = memory_zeroed(1, sizeof *tests);
    tests->image = image;
    tests->scenario = scenario;
    declared_read(&tests->names, image);
    return tests;
}

void sim_tests_close(struct sim_tests *tests)
{
    if (tests) {
        declared_free(&tests->names);
        scenario_free(tests->scenario);
        image_free(tests->image);
        free(tests);
    }
}

uint32_t sim_tests_count(const struct sim_tests *tests)
{
    return (uint32_t)tests->scenario->count;
}

const struct image *sim_tests_image(const struct sim_tests *tests)
{
    return tests->image;
}

struct sim_test sim_tests_at(const struct sim_tests *tests, uint32_t index)
{
    assert(index < tests->scenario->count);
    const struct scenario_test *test = &tests->scenario->tests[index];
    struct sim_test one = {test->name, test->file, test->line, false};
    for (uint32_t i = 0; i < test->count; i++)
        one.consults |= test->items[i].kind == ITEM_ARRIVE && test->items[i].arrival.main;
    return one;
}

/* Makes the plan and frees it again: so whatever in a test is impossible is found here and not during a play. */
bool sim_can_play(const struct sim_tests *tests, uint32_t index, struct error *error)
{
    assert(index < tests->scenario->count);
    struct plan *plan = sim_tests_plan(tests, &tests->scenario->tests[index], error);
    plan_free(plan);
    return plan != NULL;
}

struct plan *sim_tests_plan(const struct sim_tests *tests, const struct scenario_test *test, struct error *error)
{
    return plan_new(test, &tests->names.lists, error);
}

const struct scenario_test *sim_scenario_test(const struct scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->count; i++)
        if (strcmp(scenario->tests[i].name, name) == 0) return &scenario->tests[i];
    return NULL;
}

/* Is the filter a part of the name, or a pattern with * and ? that matches it? */
bool sim_name_fits(const char *name, const char *filter)
{
    return !filter || strstr(name, filter) || fnmatch(filter, name, 0) == 0;
}
