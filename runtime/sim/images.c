/* runtime/sim/images.c - Opening an image for its tests. */
#include "runtime/sim/gcxsim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/declared.h"
#include "base/file.h"
#include "base/memory.h"
#include "vm/image.h"

struct tests {
    struct image *image;
    struct scenario *scenario;
    struct world_declared names;
};

static struct image *sim_image_load(const char *path, struct error *error)
{
    size_t length;
    const char *why;
    char *bytes = file_read(path, IMAGE_BYTES_MAX, &length, &why);
    if (!bytes) {
        error_set(error, ERROR_UNAVAILABLE, "cannot read %s: %s", path, why);
        return NULL;
    }
    struct image *image = image_load(bytes, length, error);
    free(bytes);
    return image;
}

struct tests *tests_open(const char *path, struct error *error)
{
    struct image *image = sim_image_load(path, error);
    if (!image) return NULL;
    struct tests *t = memory_zeroed(1, sizeof *t);
    t->image = image;
    declared_read(&t->names, image);
    struct text text = image_scenario(image);
    t->scenario = scenario_read(text.bytes, text.length, error);
    if (!t->scenario) {
        tests_close(t);
        return NULL;
    }
    return t;
}

void tests_close(struct tests *t)
{
    if (t) {
        scenario_free(t->scenario);
        declared_free(&t->names);
        image_free(t->image);
        free(t);
    }
}

const struct scenario *tests_all(const struct tests *t)
{
    return t->scenario;
}

const struct image *tests_image(const struct tests *t)
{
    return t->image;
}

const struct scenario_test *tests_find(const struct tests *t, const char *name, struct error *error)
{
    if (!name && t->scenario->count == 1) return &t->scenario->tests[0];
    for (size_t i = 0; name && i < t->scenario->count; i++)
        if (strcmp(t->scenario->tests[i].name, name) == 0) return &t->scenario->tests[i];
    if (name)
        error_set(error, ERROR_UNKNOWN, "the image has no test \"%s\"; gcxsim list shows them", name);
    else
        error_set(error, ERROR_UNKNOWN, "the image has %zu tests: say which by --test", t->scenario->count);
    return NULL;
}

struct plan *tests_plan(const struct tests *t, const struct scenario_test *test, struct error *error)
{
    return plan_new(test, &t->names.lists, error);
}
