/* tests/unit/compiler_scenario.c - Tests become the scenario that simulators play. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "compiler/scenario/scenario.h"
#include "compiler/recovery/parse.h"
#include "tests/unit/scenario_json.h"

static const char PROGRAM[] = "site { default zone \"Europe/Paris\"; skill French; group overflow; queue desk; "
                              "prompt hold; vq service; }\n"
                              "record Row { name: str; tier: str? }\n"
                              "strategy s on voice { attached { account: str } route queue desk; }\n";

/* The tests of PROGRAM with `text` behind it, as a simulator reads them. */
static json_t *tests_of(const char *text)
{
    struct program program = {.arena = arena_new()};
    program.tree.arena = program.arena;
    program.sources = source_set_new(program.arena);
    program.diags = diags_new(program.arena, program.sources);
    const char *whole = arena_printf(program.arena, "%s%s", PROGRAM, text);
    struct node *file = parse_source(&program, source_set_add(program.sources, "a.gcx", whole, strlen(whole)));
    nodes_add(&program.files, file);
    program.site = file->file.declarations.first;
    scenario_make(&program);
    diags_print(program.diags, stderr, DIAGS_SHOWN);
    struct error error = {0};
    struct scenario *scenario = scenario_read(program.scenario, program.scenario_length, &error);
    cr_assert_not_null(scenario, "%s", error.text);
    json_t *root = json_of_scenario(scenario), *tests = json_incref(json_object_get(root, "tests"));
    json_decref(root);
    scenario_free(scenario);
    arena_free(program.arena);
    return tests;
}

static json_t *item(json_t *tests, size_t test, size_t number)
{
    return json_array_get(json_object_get(json_array_get(tests, test), "items"), number);
}

/* Is the value as this JSON says? */
static bool value_is(json_t *value, const char *expected)
{
    json_t *other = json_loads(expected, JSON_DECODE_ANY, NULL);
    cr_assert_not_null(other, "%s", expected);
    bool same = json_equal(value, other);
    if (!same) json_dumpf(value, stderr, JSON_ENCODE_ANY | JSON_SORT_KEYS);
    json_decref(other);
    return same;
}

Test(compiler_scenario, a_date_is_an_instant_of_its_zone)
{
    json_t *tests = tests_of("test \"a\" { at 2026-03-02 10:00; }\ntest \"b\" { }\n"
                             "test \"c\" { at 2026-03-02 10:00 zone \"Asia/Tokyo\"; }");
    cr_assert(value_is(json_object_get(json_array_get(tests, 0), "start_us"), "1772442000000000"));
    cr_assert(value_is(json_object_get(json_array_get(tests, 0), "fixed_date"), "true"));
    cr_assert(value_is(json_object_get(json_array_get(tests, 1), "start_us"), "1704099600000000"),
              "2024-01-01 10:00 in Paris");
    cr_assert_null(json_object_get(json_array_get(tests, 1), "fixed_date"));
    cr_assert(value_is(json_object_get(json_array_get(tests, 2), "start_us"), "1772413200000000"));
    json_decref(tests);
}

Test(compiler_scenario, an_answer_has_outcomes_in_order)
{
    json_t *tests = tests_of("test \"a\" {\n ivr.digits(prompt hold, min: 4) -> \"1\" after 2s, fail timeout;\n"
                             " ivr.application -> none, Row(name: \"x\"), [1, -2], 3s, skill French;\n}");
    cr_assert(value_is(item(tests, 0, 0),
                       "{\"do\":\"answer\",\"line\":5,\"step\":\"ivr.digits\","
                       "\"args\":{\"0\":{\"kind\":\"prompt\",\"name\":\"hold\"},\"min\":4},"
                       "\"outcomes\":[{\"value\":\"1\",\"after_us\":2000000},{\"fail\":\"timeout\"}]}"));
    cr_assert(value_is(json_object_get(item(tests, 0, 1), "outcomes"),
                       "[{\"value\":null},{\"value\":{\"name\":\"x\",\"tier\":null}},"
                       "{\"value\":[1,-2]},{\"value\":{\"us\":3000000}},"
                       "{\"value\":{\"kind\":\"skill\",\"name\":\"French\"}}]"));
    json_decref(tests);
}

Test(compiler_scenario, an_arrival_has_its_own_items)
{
    json_t *tests = tests_of("test \"a\" {\nafter 1h: let calls = call s from \"1\" to \"2\" with (account: \"3\") "
                             "times 4 every 5s hangs_up 6s { after 7s: caller enters \"8\"; }\ncalls hangs_up; }");
    cr_assert(value_is(
        item(tests, 0, 0),
        "{\"do\":\"arrive\",\"at_us\":3600000000,\"line\":5,\"as\":\"calls\","
        "\"strategy\":\"s\",\"from\":\"1\",\"number\":\"1\",\"to\":\"2\",\"data\":{\"account\":\"3\"},\"times\":4,"
        "\"every_us\":5000000,\"hangs_up_us\":6000000,\"items\":[{\"do\":\"caller\",\"at_us\":7000000,"
        "\"line\":5,\"digits\":\"8\"}]}"));
    cr_assert(value_is(item(tests, 0, 1), "{\"do\":\"caller\",\"line\":6,\"of\":\"calls\",\"hangs_up\":true}"));
    json_decref(tests);
}

Test(compiler_scenario, expectations_are_events_or_read)
{
    json_t *tests = tests_of("test \"a\" { agent marie ready;\n"
                             "expect never routed to agent marie within 1s;\n"
                             "expect ivr.play(prompt hold), abandoned share 45%..55.5% times 2;\n"
                             "expect account == \"4711\" and not (priority < 3);\n"
                             "expect vq service.abandoned == 0; }");
    cr_assert(value_is(json_object_get(item(tests, 0, 1), "events"),
                       "[{\"name\":\"routed\",\"kind\":\"agent\",\"to\":\"marie\"}]"));
    cr_assert(value_is(json_object_get(item(tests, 0, 1), "never"), "true"));
    cr_assert(value_is(json_object_get(item(tests, 0, 1), "within_us"), "1000000"));
    cr_assert(
        value_is(json_object_get(item(tests, 0, 2), "events"),
                 "[{\"name\":\"step\",\"step\":\"ivr.play\",\"args\":{\"0\":{\"kind\":\"prompt\",\"name\":\"hold\"}}},"
                 "{\"name\":\"abandoned\"}]"));
    cr_assert(value_is(json_object_get(item(tests, 0, 2), "share_from"), "0.45"));
    cr_assert(value_is(json_object_get(item(tests, 0, 2), "share_to"), "0.555"));
    cr_assert(value_is(
        json_object_get(item(tests, 0, 3), "expr"),
        "{\"op\":\"and\",\"a\":{\"op\":\"==\",\"a\":{\"get\":[{\"name\":\"account\"}]},\"b\":{\"lit\":\"4711\"}},"
        "\"b\":{\"op\":\"not\",\"a\":{\"op\":\"<\",\"a\":{\"get\":[{\"name\":\"priority\"}]},\"b\":{\"lit\":3}}}}"));
    cr_assert(value_is(json_object_get(item(tests, 0, 4), "expr"),
                       "{\"op\":\"==\",\"a\":{\"vq\":\"service\",\"measure\":\"abandoned\"},\"b\":{\"lit\":0}}"));
    json_decref(tests);
}

Test(compiler_scenario, each_row_is_a_test)
{
    json_t *tests = tests_of("test \"a\" for each later, there { 1h, agent marie; 12h, queue desk; } {\n"
                             "agent marie ready; after later: call s; expect routed to there; }");
    cr_assert_eq(json_array_size(tests), 2);
    cr_assert(value_is(json_object_get(json_array_get(tests, 1), "name"), "\"a [12h, queue desk]\""));
    cr_assert(value_is(json_object_get(item(tests, 1, 1), "at_us"), "43200000000"));
    cr_assert(value_is(json_object_get(item(tests, 1, 2), "events"),
                       "[{\"name\":\"routed\",\"kind\":\"queue\",\"to\":\"desk\"}]"));
    json_decref(tests);
}
