/* tests/unit/cti_json.c - User data to JSON and back, and the cutting of lines. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/cti/lines.h"

TestSuite(cti_json, .timeout = 20);

static void assert_round(const char *given, const char *expected)
{
    json_t *json = json_loads(given, JSON_DECODE_ANY, NULL);
    struct kv kv;
    struct error error = {0};
    kv_init(&kv);
    cr_assert(json_to_kv(json, &kv, &error), "%s: %s", given, error.text);
    json_t *again = json_from_kv(kv_span(&kv));
    char *text = json_dumps(again, JSON_COMPACT);
    cr_assert_str_eq(text, expected);
    free(text);
    json_decref(again);
    json_decref(json);
    kv_free(&kv);
}

static void assert_refused(const char *given, enum error_code code)
{
    json_t *json = json_loads(given, JSON_DECODE_ANY, NULL);
    struct kv kv;
    struct error error = {0};
    cr_assert_not_null(json, "%s", given);
    kv_init(&kv);
    cr_assert_not(json_to_kv(json, &kv, &error), "%s", given);
    cr_assert_eq(error.code, code, "%s: %s", given, error.text);
    json_decref(json);
    kv_free(&kv);
}

Test(cti_json, every_kind_of_value_comes_back)
{
    assert_round("{}", "{}");
    assert_round("{\"b\":\"text\",\"a\":-5,\"c\":true,\"d\":false,\"e\":null,\"f\":1.5}",
                 "{\"b\":\"text\",\"a\":-5,\"c\":true,\"d\":false,\"e\":null,\"f\":1.5}");
    assert_round("{\"when\":{\"$time_us\":1772442000000000},\"bytes\":{\"$binary\":\"AP8=\"}}",
                 "{\"when\":{\"$time_us\":1772442000000000},\"bytes\":{\"$binary\":\"AP8=\"}}");
    assert_round("{\"customer\":{\"name\":\"Dupont\",\"more\":{\"x\":1}}}",
                 "{\"customer\":{\"name\":\"Dupont\",\"more\":{\"x\":1}}}");
}

Test(cti_json, a_key_that_is_there_twice_makes_a_list_of_pairs_at_its_level)
{
    assert_round("[[\"k\",1],[\"k\",2]]", "[[\"k\",1],[\"k\",2]]");
    assert_round("[[\"k\",1],[\"l\",[[\"x\",1],[\"x\",2]]]]", "{\"k\":1,\"l\":[[\"x\",1],[\"x\",2]]}");
}

Test(cti_json, what_is_no_list_of_pairs_is_refused)
{
    assert_refused("3", ERROR_INPUT);
    assert_refused("[1,2]", ERROR_INPUT);
    assert_refused("[[\"k\"]]", ERROR_INPUT);
    assert_refused("[[1,2]]", ERROR_INPUT);
    assert_refused("{\"k\":[1]}", ERROR_INPUT);
    assert_refused("{\"k\":{\"$binary\":\"!\"}}", ERROR_INPUT);
}

Test(cti_json, what_is_too_large_or_too_deep_is_refused)
{
    char *text = malloc(50000);
    cr_assert_not_null(text);
    memset(text, 'x', 50000);
    memcpy(text, "{\"k\":\"", 6);
    memcpy(text + 40000, "\"}", 3);
    assert_refused(text, ERROR_LIMIT);
    free(text);
    char deep[1024] = "";
    for (int i = 0; i < 40; i++) strcat(deep, "{\"k\":");
    strcat(deep, "1");
    for (int i = 0; i < 40; i++) strcat(deep, "}");
    assert_refused(deep, ERROR_LIMIT);
}

Test(cti_json, a_secret_goes_out_masked)
{
    struct kv kv;
    kv_init(&kv);
    kv_put(&kv, span_of("pin"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of("1234")});
    json_t *json = json_from_kv(kv_span(&kv));
    char *text = json_dumps(json, JSON_COMPACT);
    cr_assert_str_eq(text, "{\"pin\":{\"$secret\":true}}");
    free(text);
    json_decref(json);
    kv_free(&kv);
}

struct heard {
    char text[256];
    unsigned count;
};

static bool hear(void *self, char *text, size_t length)
{
    struct heard *heard = self;
    cr_assert_eq(strlen(text), length);
    strcat(heard->text, text);
    strcat(heard->text, "|");
    return ++heard->count < 4;
}

Test(cti_json, lines_are_the_same_however_the_bytes_come)
{
    const char *bytes = "one\n\r\n\ntwo\r\nthree\nhal";
    for (size_t chunk = 1; chunk <= strlen(bytes); chunk++) {
        struct switch_lines lines = {0};
        struct heard heard = {0};
        for (size_t at = 0; at < strlen(bytes); at += chunk) {
            size_t rest = strlen(bytes) - at;
            cr_assert(lines_feed(&lines, bytes + at, rest < chunk ? rest : chunk, hear, &heard));
        }
        cr_assert_str_eq(heard.text, "one|two|three|");
        cti_lines_free(&lines);
    }
}

Test(cti_json, a_line_that_is_too_long_is_refused_before_it_is_kept)
{
    static char bytes[64 * 1024];
    struct switch_lines lines = {0};
    struct heard heard = {0};
    bool good = true;
    memset(bytes, 'x', sizeof bytes);
    for (int i = 0; i < 160 && good; i++) /* 10 MB */
        good = lines_feed(&lines, bytes, sizeof bytes, hear, &heard);
    cr_assert_not(good);
    cr_assert_leq(lines.capacity, 4 * LINE_BYTES_MAX);
    cti_lines_free(&lines);
}
