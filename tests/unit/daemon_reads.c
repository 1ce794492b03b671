/* tests/unit/daemon_reads.c - Whatever user data holds becomes JSON. */
#include "config.h"
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/daemon/admin/admin_seen.h"
#include "runtime/daemon/admin/reads_json.h"

static char *shown(const struct kv_value *value)
{
    struct kv pairs;
    kv_init(&pairs);
    kv_put(&pairs, span_of("it"), value);
    json_t *object = json_of_kv(kv_span(&pairs));
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    kv_free(&pairs);
    return text;
}

Test(daemon_reads, a_value_that_json_cannot_say_is_shown_all_the_same, .timeout = 10)
{
    static const struct {
        struct kv_value value;
        const char *text;
    } cases[] = {
        {{.tag = KV_FLOAT, .number = 1.5}, "{\"it\":1.5}"},
        {{.tag = KV_FLOAT, .number = __builtin_inf()}, "{\"it\":null}"},
        {{.tag = KV_FLOAT, .number = -__builtin_inf()}, "{\"it\":null}"},
        {{.tag = KV_FLOAT, .number = __builtin_nan("")}, "{\"it\":null}"},
        {{.tag = KV_TEXT, .span = {(const uint8_t *)"\xff", 1}}, "{\"it\":\"(not UTF-8)\"}"},
        {{.tag = KV_TEXT, .secret = true, .span = {(const uint8_t *)"4711", 4}}, "{\"it\":\"***\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = shown(&cases[i].value);
        cr_expect_str_eq(text, cases[i].text);
        free(text);
    }
}

/* As of what waits with the longest timeout. */
Test(daemon_reads, a_moment_that_the_wall_clock_cannot_say_is_its_last_one, .timeout = 10)
{
    static const struct {
        uint64_t core_us;
        int64_t offset_us;
        const char *text;
    } cases[] = {
        {0, 7, "{\"it\":null}"},
        {1000, 7, "{\"it\":1007}"},
        {1000, -7, "{\"it\":993}"},
        {INT64_MAX, 0, "{\"it\":9223372036854775807}"},
        {INT64_MAX - 6, 7, "{\"it\":9223372036854775807}"},
        {UINT64_MAX, -7, "{\"it\":9223372036854775807}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *into = json_object();
        json_put_moment(into, "it", cases[i].core_us, cases[i].offset_us);
        char *text = json_dumps(into, JSON_COMPACT);
        cr_expect_str_eq(text, cases[i].text);
        free(text);
        json_decref(into);
    }
}

/* Two clients act at the same moment: is it on one thing? The second one waits for what the first one does. */
Test(daemon_reads, two_requests_about_one_thing_are_known)
{
    static const struct {
        const char *one, *other;
        bool same;
    } rows[] = {{"{\"ixn\":\"1-1\"}", "{\"ixn\":\"1-1\"}", true},
                {"{\"ixn\":\"1-1\"}", "{\"ixn\":\"1-2\"}", false},
                {"{\"ixn\":\"1\"}", "{\"conn\":\"1\"}", false},
                {"{\"conn\":\"1\"}", "{\"conn\":\"1\"}", true},
                {"{\"agent\":\"anna\"}", "{\"agent\":\"anna\"}", true},
                {"{\"agent\":\"anna\"}", "{\"agent\":\"bea\"}", false},
                {"{\"agent\":\"anna\"}", "{\"agents\":[\"bea\",\"anna\"]}", true},
                {"{\"agents\":[\"bea\",\"anna\"]}", "{\"agent\":\"anna\"}", true},
                {"{\"agents\":[\"bea\"]}", "{\"agents\":[\"anna\"]}", false},
                {"{\"what\":[\"limit=3\"]}", "{\"what\":[\"limit=3\"]}", false}};
    for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) {
        json_t *one = json_loads(rows[at].one, 0, NULL), *other = json_loads(rows[at].other, 0, NULL);
        cr_expect_eq(admin_seen_same(one, other), rows[at].same, "%s %s", rows[at].one, rows[at].other);
        json_decref(one);
        json_decref(other);
    }
    cr_expect(admin_seen_is_of_setting(COMMAND_unset));
    cr_expect_not(admin_seen_is_of_setting(COMMAND_state));
}
