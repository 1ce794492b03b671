/* tests/unit/sim_virtual.c - Flow V1 and its variants under the virtual clock, from source text to what came of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/sim_played.h"

struct heard {
    char failures[8192];
    char *timelines;
    uint32_t failed;
};

static const char *from_environment(const char *name, const char *absent)
{
    const char *value = getenv(name);
    return !value ? absent : value;
}

/* The image of the enterprise strategy with the tests of that file. */
static uint8_t *compiled(const char *tests, size_t *length)
{
    const char *src = from_environment("top_srcdir", ".."), *build = from_environment("top_builddir", ".");
    char image[64] = "/tmp/gcx-sim-XXXXXX", command[2000];
    int fd = mkstemp(image);
    cr_assert_geq(fd, 0);
    (void)snprintf(command, sizeof command,
                   "'%s/gcxc' build '%s/strategies/enterprise/enterprise.gcx' '%s/strategies/enterprise/site.gcx' '%s' "
                   "-o '%s'",
                   build, src, src, tests, image);
    cr_assert_eq(system(command), 0, "%s", command);
    FILE *in = fopen(image, "rb");
    uint8_t *bytes = malloc(4 * 1024 * 1024);
    cr_assert(in && bytes);
    *length = fread(bytes, 1, 4 * 1024 * 1024, in);
    fclose(in);
    close(fd);
    unlink(image);
    return bytes;
}

static uint8_t *variants(size_t *length)
{
    char path[1000];
    (void)snprintf(path, sizeof path, "%s/tests/unit/sim_variants.gcx", from_environment("top_srcdir", ".."));
    return compiled(path, length);
}

static uint8_t *written(const char *text, size_t *length)
{
    char path[64] = "/tmp/gcx-sim-XXXXXX.gcx";
    int fd = mkstemps(path, 4);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    uint8_t *bytes = compiled(path, length);
    unlink(path);
    return bytes;
}

static void on_failure(void *self, const char *file, uint32_t line, const char *text)
{
    struct heard *heard = self;
    size_t used = strlen(heard->failures);
    (void)snprintf(heard->failures + used, sizeof heard->failures - used, "%s:%u: %s\n", file, line, text);
}

static void on_result(void *self, const struct sim_result *result)
{
    struct heard *heard = self;
    heard->failed += result->failures > 0;
    if (result->timeline) {
        size_t before = !heard->timelines ? 0 : strlen(heard->timelines);
        heard->timelines = realloc(heard->timelines, before + strlen(result->timeline) + 1);
        memcpy(heard->timelines + before, result->timeline, strlen(result->timeline) + 1);
    }
}

static struct sim_totals play(const uint8_t *bytes, size_t length, const struct sim_options *options,
                              struct heard *heard)
{
    struct sim_totals totals;
    struct error error = {0};
    struct sim_report report = {heard, on_failure, on_result};
    cr_assert(sim_play_tests(bytes, length, options, &report, &totals, &error), "%s", error.text);
    return totals;
}

Test(sim_virtual, every_variant_of_the_flow, .timeout = 120)
{
    struct heard heard = {0};
    size_t length;
    uint8_t *bytes = variants(&length);
    struct sim_totals totals = play(bytes, length, &(struct sim_options){0}, &heard);
    cr_assert_eq(totals.failed, 0, "%s\n%s", heard.failures, heard.timelines);
    cr_assert_geq(totals.passed, 13);
    free(heard.timelines);
    free(bytes);
}

Test(sim_virtual, the_same_play_is_the_same_story, .timeout = 120)
{
    struct heard once = {0}, again = {0};
    size_t length;
    uint8_t *bytes = variants(&length);
    const struct sim_options options = {.verbose = true, .seed = 7};
    play(bytes, length, &options, &once);
    play(bytes, length, &options, &again);
    cr_assert_str_eq(once.timelines, again.timelines);
    cr_assert_gt(strlen(once.timelines), 100000);
    free(once.timelines);
    free(again.timelines);
    free(bytes);
}

#define PEOPLE                                                                                                         \
    "    agent marie (French: 9, Sales: 2) ready;\n    query customers -> none;\n"                                     \
    "    ivr.digits(prompt account_number) -> \"4711\";\n    ivr.menu(prompt language) -> \"2\";\n"                    \
    "    call enterprise from \"+33145550101\" to \"1800\";\n"

/* Flow V1 as a trace: these, in this order. */
Test(sim_virtual, the_steps_of_the_flow, .timeout = 60)
{
    static const char *const steps[] = {"EventCallCreated",
                                        "EventRouteRequest",
                                        "RequestApplyTreatment",
                                        "EventTreatmentApplied",
                                        "EventTreatmentEnd",
                                        "EventAttachedDataChanged",
                                        "RequestApplyTreatment",
                                        "EventTreatmentEnd",
                                        "EventAttachedDataChanged",
                                        "Query",
                                        "EventDone",
                                        "EventAttachedDataChanged",
                                        "RequestRouteCall",
                                        "EventRouteUsed",
                                        "EventRinging",
                                        "EventEstablished",
                                        "EventReleased",
                                        "EventCallDeleted"};
    struct heard heard = {0};
    size_t length;
    uint8_t *bytes = written("test \"v1\" {\n" PEOPLE "}\n", &length);
    play(bytes, length, &(struct sim_options){.verbose = true}, &heard);
    const char *at = strstr(heard.timelines, "Arrives");
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char word[40];
        (void)snprintf(word, sizeof word, " %s ", steps[i]);
        cr_assert_not_null(at = strstr(at, word), "%s is missing in\n%s", steps[i], heard.timelines);
        at += strlen(word);
    }
    free(heard.timelines);
    free(bytes);
}

Test(sim_virtual, what_does_not_hold_is_said_with_what_happened_instead, .timeout = 60)
{
    struct heard heard = {0};
    size_t length;
    uint8_t *bytes =
        written("test \"wrong\" {\n" PEOPLE "    expect routed to queue desk;\n    expect account == \"4712\";\n"
                "    expect never routed;\n}\n",
                &length);
    struct sim_totals totals = play(bytes, length, &(struct sim_options){0}, &heard);
    cr_assert_eq(totals.failed, 1);
    cr_assert_not_null(strstr(heard.failures, ":7: expected routed to queue desk; instead: routed to agent marie"),
                       "%s", heard.failures);
    cr_assert_not_null(strstr(heard.failures, ":8: expected account == \"4712\"; account is \"4711\""), "%s",
                       heard.failures);
    cr_assert_not_null(strstr(heard.failures, ":9: expected never routed"), "%s", heard.failures);
    cr_assert_not_null(strstr(heard.timelines, "RequestRouteCall"), "the timeline is told");
    free(heard.timelines);
    free(bytes);
}

Test(sim_virtual, a_step_that_the_test_does_not_answer_fails_it, .timeout = 60)
{
    struct heard heard = {0};
    size_t length;
    uint8_t *bytes = written("test \"forgotten\" {\n    agent marie (French: 9, Sales: 2) ready;\n"
                             "    call enterprise from \"1\" to \"1800\";\n}\n",
                             &length);
    struct sim_totals totals = play(bytes, length, &(struct sim_options){0}, &heard);
    cr_assert_eq(totals.failed, 1);
    cr_assert_not_null(strstr(heard.failures, "write: ivr.digits(prompt account_number) -> ...;"), "%s",
                       heard.failures);
    free(heard.timelines);
    free(bytes);
}

/* Answered by a name of so many letters, a second after it is asked; so many calls. */
static struct sim_totals answered_long(size_t letters, unsigned calls, struct heard *heard)
{
    size_t length, room = letters + 1000;
    char *text = malloc(room), *name = malloc(letters + 1);
    cr_assert(text && name);
    memset(name, 'x', letters);
    name[letters] = '\0';
    (void)snprintf(text, room,
                   "test \"long\" {\n    ivr.digits(prompt account_number) -> \"4711\";\n"
                   "    ivr.menu(prompt language) -> \"2\";\n"
                   "    query customers -> Customer(name: \"%s\", tier: \"basic\") after 1s;\n"
                   "    call enterprise from \"1\" to \"1800\" times %u;\n    expect routed to queue desk;\n}\n",
                   name, calls);
    uint8_t *bytes = written(text, &length);
    struct sim_totals totals = play(bytes, length, &(struct sim_options){0}, heard);
    free(heard->timelines);
    free(bytes);
    free(name);
    free(text);
    return totals;
}

/* More at one moment than the core takes in one turn. */
Test(sim_virtual, what_many_are_answered_at_one_moment_waits_for_its_turn, .timeout = 120)
{
    struct heard heard = {0};
    cr_assert_eq(answered_long(30000, 2400, &heard).passed, 1, "%s", heard.failures);
}

/* It would never be taken in. */
Test(sim_virtual, what_is_too_large_for_the_core_is_a_problem_of_the_test, .timeout = 60)
{
    struct heard heard = {0};
    cr_assert_eq(answered_long(3000000, 1, &heard).failed, 1);
    cr_assert_not_null(strstr(heard.failures, "a statement of the test cannot be said to the core: "), "%s",
                       heard.failures);
}

Test(sim_virtual, an_altered_image_is_refused, .timeout = 60)
{
    struct heard heard = {0};
    struct sim_totals totals;
    struct sim_report report = {&heard, on_failure, on_result};
    size_t length;
    uint8_t *bytes = written("test \"t\" {\n" PEOPLE "}\n", &length);
    for (size_t at = 0; at < length; at += 97) {
        struct error error = {0};
        bytes[at] ^= 0x10;
        cr_assert_not(sim_play_tests(bytes, length, &(struct sim_options){0}, &report, &totals, &error), "byte %zu",
                      at);
        cr_assert_neq(error.text[0], '\0');
        bytes[at] ^= 0x10;
    }
    free(bytes);
}
