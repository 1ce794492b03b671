/* tests/unit/sim_scenario.c - The scenario section is read whole or refused with a reason. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/scenario_json.h"

#define GOOD                                                                                                           \
    "{\"tests\":[{\"name\":\"t\",\"file\":\"t.gcx\",\"line\":3,\"start_us\":1772442000000000,\"fixed_date\":true,"     \
    "\"seed\":7,\"items\":["                                                                                           \
    "{\"do\":\"agent\",\"line\":5,\"name\":\"marie\",\"skills\":{\"French\":9},\"groups\":[\"people\"],"               \
    "\"no_answer\":1,\"handles_us\":1,\"answers_us\":2},"                                                              \
    "{\"do\":\"answer\",\"line\":7,\"step\":\"query\",\"source\":\"customers\",\"args\":{\"account\":\"4711\"},"       \
    "\"outcomes\":[{\"value\":null},{\"fail\":\"timeout\",\"after_us\":5}]},"                                          \
    "{\"do\":\"arrive\",\"line\":12,\"as\":\"calls\",\"strategy\":\"e\","                                              \
    "\"from\":\"+33\",\"data\":{\"b\":[1,-2.5,{\"us\":3}],\"a\":false},\"times\":3,\"every_us\":10,"                   \
    "\"items\":[{\"do\":\"caller\",\"at_us\":5,\"hangs_up\":true}]},"                                                  \
    "{\"do\":\"expect\",\"line\":13,\"events\":[{\"name\":\"routed\",\"kind\":\"agent\",\"to\":\"marie\"}],"           \
    "\"within_us\":1000000,\"share\":true,\"share_from\":0.45,\"share_to\":0.55}]}]}"

static struct scenario_section section_of(const char *text)
{
    json_t *root = json_loads(text, 0, NULL);
    cr_assert_not_null(root, "%s", text);
    struct scenario_section section = section_of_json(root);
    json_decref(root);
    return section;
}

static void refused_bytes(const void *bytes, size_t length, const char *says)
{
    struct error error = {0};
    struct scenario *s = scenario_read(bytes, length, &error);
    cr_assert_null(s, "accepted; %s", says);
    cr_assert_neq(error.code, ERROR_NONE);
    cr_assert_not_null(strstr(error.text, says), "%s", error.text);
}

static void refused(const char *text, const char *says)
{
    struct scenario_section section = section_of(text);
    refused_bytes(section.bytes, section.length, says);
    free(section.bytes);
}

Test(sim_scenario, reads_what_the_compiler_writes, .timeout = 10)
{
    struct error error = {0};
    struct scenario *s = scenario_of_text(GOOD, &error);
    cr_assert_not_null(s, "%s", error.text);
    cr_assert_eq(s->count, 1);
    const struct scenario_test *t = &s->tests[0];
    cr_assert_eq(t->count, 4);
    cr_assert_eq(t->seed, 7);
    cr_assert(t->fixed_date);
    cr_assert_eq(t->items[0].agent.no_answer, 1);
    cr_assert_eq(t->items[0].agent.state_for_us, SCENARIO_NEVER);
    cr_assert_eq(t->items[1].answer.count, 2);
    cr_assert_not_null(t->items[1].answer.outcomes[0].value, "none is a value");
    cr_assert_str_eq(t->items[1].answer.outcomes[1].fail, "timeout");
    cr_assert_eq(t->items[2].arrival.times, 3);
    cr_assert(t->items[2].arrival.items[0].caller.hangs_up);
    cr_assert_str_eq(t->items[3].expect.events[0].to, "marie");
    cr_assert_eq(t->items[2].arrival.items[0].at_us, 5);
    cr_assert_str_eq(t->items[2].arrival.to, "1800", "the table says what is absent");
    json_t *said = json_of_scenario(s), *wrote = json_loads(GOOD, 0, NULL);
    cr_assert(json_equal(said, wrote), "%s", json_dumps(said, JSON_COMPACT));
    json_decref(said);
    json_decref(wrote);
    scenario_free(s);
}

Test(sim_scenario, no_bytes_are_no_tests, .timeout = 10)
{
    struct error error = {0};
    struct scenario *s = scenario_read(NULL, 0, &error);
    cr_assert_not_null(s);
    cr_assert_eq(s->count, 0);
    scenario_free(s);
}

/* An image of before, whose tests are JSON, or of rows that differ. */
Test(sim_scenario, another_layout_is_refused, .timeout = 10)
{
    static const char before[] = "{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[]}]}";
    struct scenario_section section = section_of(GOOD);
    refused_bytes(before, sizeof before - 1, "compile the strategies again");
    section.bytes[0] ^= 1;
    refused_bytes(section.bytes, section.length, "compile the strategies again");
    refused_bytes(section.bytes, 3, "compile the strategies again");
    free(section.bytes);
}

#define ITEM(text) "{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[" text "]}]}"

Test(sim_scenario, hostile_rows_are_refused_with_a_reason, .timeout = 10)
{
    refused(ITEM("{\"do\":\"dance\"}"), "nothing is known of an item");
    refused(ITEM("{\"do\":\"seed\",\"value\":-2}"), "'value'");
    refused(ITEM("{\"do\":\"agent\"}"), "'name' is missing");
    refused(ITEM("{\"do\":\"agent\",\"name\":\"a\",\"state\":\"asleep\"}"), "'state'");
    refused(ITEM("{\"do\":\"agent\",\"name\":\"a\",\"skills\":{\"x\":101}}"), "1 to 100");
    refused(ITEM("{\"do\":\"agent\",\"name\":\"a\",\"skills\":[1]}"), "'skills' is not an object");
    refused(ITEM("{\"do\":\"agent\",\"name\":\"a\",\"groups\":[1]}"), "a group is not a name");
    refused(ITEM("{\"do\":\"answer\",\"step\":\"query\"}"), "'args' is missing");
    refused(ITEM("{\"do\":\"answer\",\"step\":\"query\",\"args\":{}}"), "no outcome");
    refused(ITEM("{\"do\":\"answer\",\"step\":\"query\",\"args\":{},\"outcomes\":[{}]}"),
            "either a value or a failure");
    refused(ITEM("{\"do\":\"arrive\",\"strategy\":\"e\",\"times\":999999999}"), "'times'");
    refused(ITEM("{\"do\":\"arrive\",\"strategy\":\"e\",\"times\":600000},"
                 "{\"do\":\"arrive\",\"strategy\":\"e\",\"times\":600000}"),
            "more than 1000000 arrivals");
    refused(ITEM("{\"do\":\"arrive\",\"strategy\":\"e\",\"items\":[{\"do\":\"arrive\",\"strategy\":\"e\"}]}"),
            "may not stand within");
    refused(ITEM("{\"do\":\"caller\"}"), "does not do one thing");
    refused(ITEM("{\"do\":\"caller\",\"writes\":\"hello\",\"hangs_up\":true}"), "does not do one thing");
    refused(ITEM("{\"do\":\"caller\",\"digits\":\"x\"}"), "are not digits");
    refused(ITEM("{\"do\":\"table\",\"name\":\"t\",\"value\":1}"), "no rows");
    refused(ITEM("{\"do\":\"parameter\",\"name\":\"p\"}"), "'value' is missing");
    refused(ITEM("{\"do\":\"expect\",\"events\":[]}"), "nothing is expected");
    refused(ITEM("{\"do\":\"expect\",\"events\":[{\"name\":\"vanished\"}]}"), "'name'");
    refused(ITEM("{\"do\":\"expect\",\"events\":[{\"name\":\"step\"}]}"), "'step' is missing");
    refused(ITEM("{\"do\":\"expect\",\"expr\":{}}"), "no meaning");
    refused(ITEM("{\"do\":\"expect\",\"expr\":{\"lit\":1,\"vq\":\"v\"}}"), "or two");
    refused(ITEM("{\"do\":\"expect\",\"expr\":{\"op\":\"%\",\"a\":{\"lit\":1},\"b\":{\"lit\":3}}}"), "'op'");
    refused(ITEM("{\"do\":\"expect\",\"expr\":{\"op\":\"not\"}}"), "missing");
    refused(ITEM("{\"do\":\"expect\",\"expr\":{\"op\":\"==\",\"a\":{\"lit\":1}}}"), "missing");
    refused(ITEM("{\"do\":\"expect\",\"expr\":{\"vq\":\"v\"}}"), "lacks a name");
}

/* Everything that must have a name has one: players compare names without asking. */
Test(sim_scenario, empty_names_are_refused, .timeout = 10)
{
    static const char *const items[] = {
        "{\"do\":\"agent\",\"name\":\"\"}",
        "{\"do\":\"queue\",\"name\":\"\"}",
        "{\"do\":\"answer\",\"step\":\"\",\"outcomes\":[{\"value\":1}]}",
        "{\"do\":\"arrive\",\"strategy\":\"\"}",
        "{\"do\":\"caller\",\"digits\":\"\"}",
        "{\"do\":\"caller\",\"signal\":\"\"}",
        "{\"do\":\"source\",\"name\":\"\"}",
        "{\"do\":\"parameter\",\"name\":\"\",\"value\":1}",
        "{\"do\":\"expect\",\"events\":[{\"name\":\"step\",\"step\":\"\"}]}",
        "{\"do\":\"expect\",\"events\":[{\"name\":\"routed\",\"kind\":\"agent\",\"to\":\"\"}]}",
    };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[%s]}]}", items[i]);
        refused(text, "is empty");
    }
}

Test(sim_scenario, deep_nesting_is_refused, .timeout = 10)
{
    char text[8192] = "{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"expect\",\"expr\":";
    size_t at = strlen(text);
    for (int i = 0; i < 200; i++) at += (size_t)sprintf(text + at, "{\"op\":\"not\",\"a\":");
    at += (size_t)sprintf(text + at, "{}");
    for (int i = 0; i < 200; i++) text[at++] = '}';
    memcpy(text + at, "}]}]}", 6);
    refused(text, "nested too deeply");
}

/* Every byte of a good section altered, or the section cut there: read or refused, but nothing else. */
Test(sim_scenario, no_altered_byte_does_harm, .timeout = 60)
{
    struct scenario_section section = section_of(GOOD);
    struct error error = {0};
    for (size_t i = 8; i < section.length; i++) {
        uint8_t was = section.bytes[i];
        for (int n = 0; n < 256; n++) {
            section.bytes[i] = (uint8_t)n;
            scenario_free(scenario_read(section.bytes, section.length, &error));
        }
        section.bytes[i] = was;
    }
    for (size_t i = 1; i < section.length; i++) {
        struct scenario *s = scenario_read(section.bytes, i, &error);
        cr_assert(!s || i == 8, "%zu bytes", i);
        scenario_free(s);
    }
    free(section.bytes);
}
