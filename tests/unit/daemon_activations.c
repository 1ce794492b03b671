/* tests/unit/daemon_activations.c - What is activated by hand is on disk at once, and is taken back where the core will
 * not have it. */
#include "config.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/site/activations.h"

TestSuite(daemon_activations, .timeout = 10);

static char folder[64];

static struct activations *opened(void)
{
    struct error error = {0};
    struct activations *activations = activations_open(folder, &error);
    cr_assert_not_null(activations, "%s", error.text);
    return activations;
}

static void make_folder(void)
{
    strcpy(folder, "/tmp/gcx-activations-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    static const char *const names[] = {"activations.json", "activations.json.new"};
    char path[96];
    chmod(folder, 0700);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
        rmdir(path);
    }
    rmdir(folder);
}

static bool set(struct activations *activations, const char *strategy, uint64_t req)
{
    struct activation activation = {.strategy = strategy, .actor = "anne", .at_us = req};
    return activations_set(activations, "1800", strategy ? &activation : NULL, (struct activation_ask){7, req}, NULL);
}

/* That the core has, or refuses: has it changed what is activated? */
static bool settle(struct activations *activations, uint64_t req, bool good)
{
    struct error error = {0};
    char *point = activations_settle(activations, (struct activation_ask){7, req}, good, &error);
    bool changed = point != NULL;
    cr_assert_eq(error.code, ERROR_NONE, "%s", error.text);
    cr_assert(!changed || strcmp(point, "1800") == 0);
    free(point);
    return changed;
}

/* In memory, and in the file. */
static void expect(const struct activations *activations, const char *strategy)
{
    struct activations *again = opened();
    const struct activations *both[] = {activations, again};
    for (size_t i = 0; i < 2; i++) {
        struct activation found;
        bool there = activations_get(both[i], "1800", &found);
        cr_assert_eq(there, strategy != NULL);
        if (there) cr_assert_str_eq(found.strategy, strategy);
    }
    activations_free(again);
}

Test(daemon_activations, what_the_core_has_stays, .init = make_folder, .fini = remove_folder)
{
    struct activations *activations = opened();
    cr_assert(set(activations, "a", 1));
    expect(activations, "a");
    cr_assert_not(settle(activations, 1, true));
    cr_assert_not(settle(activations, 1, false), "it has been settled");
    expect(activations, "a");
    activations_free(activations);
}

Test(daemon_activations, what_it_refuses_is_taken_back, .init = make_folder, .fini = remove_folder)
{
    struct activations *activations = opened();
    cr_assert(set(activations, "a", 1));
    cr_assert(settle(activations, 1, false));
    expect(activations, NULL);
    cr_assert(set(activations, "a", 2));
    settle(activations, 2, true);
    cr_assert(set(activations, "b", 3));
    expect(activations, "b");
    cr_assert(settle(activations, 3, false));
    expect(activations, "a");
    cr_assert(set(activations, NULL, 4));
    expect(activations, NULL);
    cr_assert(settle(activations, 4, false));
    expect(activations, "a");
    activations_free(activations);
}

Test(daemon_activations, of_several_each_is_taken_back_to_what_was_in_force, .init = make_folder, .fini = remove_folder)
{
    struct activations *activations = opened();
    cr_assert(set(activations, "a", 1) && set(activations, "b", 2) && set(activations, "c", 3));
    cr_assert_not(settle(activations, 1, true));
    cr_assert_not(settle(activations, 2, false), "the third is what counts");
    expect(activations, "c");
    cr_assert(settle(activations, 3, false));
    expect(activations, "a");
    activations_free(activations);
}

Test(daemon_activations, what_cannot_be_written_changes_nothing, .init = make_folder, .fini = remove_folder)
{
    struct activations *activations = opened();
    char path[96];
    cr_assert(set(activations, "a", 1));
    snprintf(path, sizeof path, "%s/activations.json.new", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_not(set(activations, "b", 2));
    expect(activations, "a");
    cr_assert_not(settle(activations, 2, false), "it never was");
    activations_free(activations);
}
