/* runtime/sim/images.c - The image that gcxsim is given, and the test that is meant. */
#include "runtime/sim/gcxsim.h"

#include <stdlib.h>

#include "base/file.h"
#include "vm/image.h"

struct sim_tests *sim_image_open(const char *path, struct error *error)
{
    size_t length;
    const char *why;
    char *bytes = file_read(path, IMAGE_BYTES_MAX, &length, &why);
    struct sim_tests *tests = bytes ? sim_tests_open((const uint8_t *)bytes, length, NULL, error) : NULL;
    if (!bytes) error_set(error, ERROR_UNAVAILABLE, "cannot read %s: %s", path, why);
    free(bytes);
    return tests;
}

const struct scenario_test *sim_image_test(const struct sim_tests *tests, const char *name, struct error *error)
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
