/* tests/unit/sim_scenario.c - The scenario section is read whole or refused with a reason. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/sim/scenario.h"

#define GOOD                                                                                                           \
    "{\"tests\":[{\"name\":\"t\",\"file\":\"t.gcx\",\"line\":3,\"start_us\":1772442000000000,\"fixed_date\":true,"     \
    "\"seed\":7,\"items\":["                                                                                           \
    "{\"do\":\"agent\",\"at_us\":0,\"line\":5,\"name\":\"marie\",\"skills\":{\"French\":9},\"groups\":[\"people\"],"   \
    "\"state\":\"ready\",\"state_for_us\":null,\"no_answer\":1,\"declines\":0,\"handles_us\":1,\"answers_us\":2},"     \
    "{\"do\":\"answer\",\"line\":7,\"step\":\"query\",\"source\":\"customers\",\"args\":{\"account\":\"4711\"},"       \
    "\"outcomes\":[{\"value\":null,\"after_us\":0},{\"fail\":\"timeout\",\"after_us\":5}]},"                           \
    "{\"do\":\"arrive\",\"at_us\":0,\"line\":12,\"as\":\"calls\",\"media\":\"voice\",\"strategy\":\"e\","              \
    "\"from\":\"+33\",\"to\":\"1800\",\"data\":{},\"times\":3,\"every_us\":10,\"hangs_up_us\":null,"                   \
    "\"items\":[{\"do\":\"caller\",\"at_us\":5,\"of\":null,\"what\":\"hangs_up\"}]},"                                  \
    "{\"do\":\"expect\",\"line\":13,\"of\":null,\"never\":false,\"events\":[{\"name\":\"routed\",\"to\":"              \
    "{\"kind\":\"agent\",\"name\":\"marie\"}}],\"within_us\":1000000,\"times\":null,\"share\":null}]}]}"

static void refused(const char *text, const char *says)
{
    struct error error = {0};
    struct scenario *s = scenario_read(text, strlen(text), &error);
    cr_assert_null(s, "accepted: %s", text);
    cr_assert_neq(error.code, ERROR_NONE);
    cr_assert_not_null(strstr(error.text, says), "%s", error.text);
}

Test(sim_scenario, reads_what_the_compiler_writes, .timeout = 10)
{
    struct error error = {0};
    struct scenario *s = scenario_read(GOOD, strlen(GOOD), &error);
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
    scenario_free(s);
}

Test(sim_scenario, hostile_text_is_refused_with_a_reason, .timeout = 10)
{
    refused("", "not JSON");
    refused("{", "not JSON");
    refused("[]", "not one object");
    refused("{\"tests\":{}}", "'tests'");
    refused("{\"tests\":[1]}", "not an object");
    refused("{\"tests\":[{\"file\":\"f\"}]}", "'name' is missing");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[7]}]}", "not an object");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"dance\"}]}]}", "'dance'");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"seed\",\"value\":-1}]}]}", "'value'");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"agent\"}]}]}", "'name' is missing");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"agent\",\"name\":\"a\",\"skills\":"
            "{\"x\":101}}]}]}",
            "1 to 100");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"answer\",\"step\":\"query\"}]}]}",
            "no outcome");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"arrive\",\"strategy\":\"e\","
            "\"times\":999999999}]}]}",
            "'times'");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"arrive\",\"strategy\":\"e\","
            "\"items\":[{\"do\":\"arrive\",\"strategy\":\"e\"}]}]}]}",
            "may not stand within");
    refused("{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"expect\",\"events\":[]}]}]}",
            "nothing is expected");
}

/* Everything that must have a name has one: players compare names without asking. */
Test(sim_scenario, empty_names_are_refused, .timeout = 10)
{
    static const char *const items[] = {
        "{\"do\":\"agent\",\"name\":\"\"}",
        "{\"do\":\"queue\",\"name\":\"\",\"state\":\"reachable\"}",
        "{\"do\":\"answer\",\"step\":\"\",\"outcomes\":[{\"value\":1}]}",
        "{\"do\":\"arrive\",\"strategy\":\"\"}",
        "{\"do\":\"caller\",\"what\":\"enters\",\"digits\":\"\"}",
        "{\"do\":\"caller\",\"what\":\"signal\",\"name\":\"\"}",
        "{\"do\":\"source\",\"name\":\"\"}",
        "{\"do\":\"parameter\",\"name\":\"\",\"value\":1}",
        "{\"do\":\"expect\",\"events\":[{\"name\":\"step\",\"step\":\"\"}]}",
        "{\"do\":\"expect\",\"events\":[{\"name\":\"routed\",\"to\":{\"kind\":\"agent\",\"name\":\"\"}}]}",
    };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[%s]}]}", items[i]);
        refused(text, "is empty");
    }
}

Test(sim_scenario, deep_nesting_is_refused, .timeout = 10)
{
    char text[4096] = "{\"tests\":[{\"name\":\"t\",\"file\":\"f\",\"items\":[{\"do\":\"expect\",\"expr\":";
    size_t at = strlen(text);
    for (int i = 0; i < 200; i++) {
        at += (size_t)sprintf(text + at, "{\"a\":");
    }
    at += (size_t)sprintf(text + at, "1");
    for (int i = 0; i < 200; i++) {
        text[at++] = '}';
    }
    memcpy(text + at, "}]}]}", 6);
    refused(text, "nested too deeply");
}

/* Every byte of a good section altered: read or refused, but nothing else. */
Test(sim_scenario, no_altered_byte_does_harm, .timeout = 60)
{
    char text[] = GOOD;
    for (size_t i = 0; i < sizeof text - 1; i++) {
        char was = text[i];
        for (int n = 0; n < 4; n++) {
            text[i] = "\"0}\x80"[n];
            struct error error = {0};
            scenario_free(scenario_read(text, sizeof text - 1, &error));
        }
        text[i] = was;
    }
    for (size_t i = 0; i < sizeof text - 1; i++) {
        struct error error = {0};
        cr_assert_null(scenario_read(text, i, &error));
    }
}
