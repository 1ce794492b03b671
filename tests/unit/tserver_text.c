/* tests/unit/tserver_text.c - What is no text, or no event that anybody understands, costs nobody but its own call
 * anything. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/tserver_rig.h"

TestSuite(tserver_text, .timeout = 20);

#define MARK "\xef\xbf\xbd"

static void arrives(struct tserver_rig *rig, const char *call_id, const char *members)
{
    char line[4096];
    snprintf(line, sizeof line,
             "{\"event\":\"RouteRequest\",\"callID\":\"%s\",\"device\":\"1800\",\"routeID\":\"r%s\",%s}", call_id,
             call_id, members);
    rig_event(rig, line);
    rig_result(rig, "AssociateData");
}

/* The call beside it is served as ever. */
static void bystander_goes_on(struct tserver_rig *rig)
{
    cr_assert_eq(rig->dropped, 0);
    cr_assert_neq(rig_conn(rig, "beside"), 0);
    rig_forget(rig);
    rig_event(rig, "{\"event\":\"Queued\",\"callID\":\"beside\",\"device\":\"5000\"}");
    rig_event(rig, "{\"event\":\"Diverted\",\"callID\":\"beside\",\"device\":\"5000\"}");
    cr_assert_str_eq(rig_posted(rig), "EventQueued EventDiverted");
    rig_forget(rig);
}

static void begin(struct tserver_rig *rig)
{
    rig_open(rig);
    rig_ring(rig, "beside");
    rig_forget(rig);
}

Test(tserver_text, what_is_no_text_is_replaced_and_the_call_is_served)
{
    static const char *const names[][3] = {
        {"Du\\u0000pont", "Du" MARK "pont", "\\u0000"},
        {"\\ud800", MARK, "\\ud800"},
        {"a\\uDFFFb", "a" MARK "b", "\\uDFFF"},
        {"\\ud83d\\ud83d\\ude00", MARK "\xf0\x9f\x98\x80", "\\ud83d"},
        {"\xff\xfe", MARK MARK, "ff fe"},
        {"caf\xe9", "caf" MARK, "e9"},
        {"\xc0\xaf", MARK MARK, "c0 af"},
        {"a\tb", "a" MARK "b", "09"},
        {"\\\\u0000\xff", "\\u0000" MARK, "ff"}, /* a backslash, and no escape */
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct tserver_rig rig = {0};
        struct message message;
        struct kv_value name;
        char members[300];
        begin(&rig);
        snprintf(members, sizeof members, "\"callingDevice\":\"%s\",\"userData\":{\"k%s\":1,\"name\":\"%s\"}",
                 names[i][0], names[i][0], names[i][0]);
        arrives(&rig, "17", members);
        cr_assert_str_eq(rig_posted(&rig), "EventCallCreated EventRouteRequest");
        cr_assert(rig_find(&rig, "EventCallCreated", &message));
        cr_expect(span_is(message_text(&message, EventCallCreated_ani), names[i][1]), "%s", names[i][0]);
        cr_assert(kv_get(message_text(&message, EventCallCreated_data), "name", &name));
        cr_expect(span_is(name.span, names[i][1]), "%s", names[i][0]);
        cr_expect_eq(rig.warnings, 1);
        cr_expect_not_null(strstr(rig.warned, "callID=17"), "%s", rig.warned);
        cr_expect_not_null(strstr(rig.warned, names[i][2]), "%s", rig.warned);
        bystander_goes_on(&rig);
        rig_free(&rig);
    }
}

Test(tserver_text, a_zero_byte_is_replaced_too)
{
    static const char line[] = "{\"event\":\"RouteRequest\",\"callID\":\"17\",\"device\":\"1800\",\"routeID\":\"r17\","
                               "\"callingDevice\":\"a\0b\"}\n";
    struct tserver_rig rig = {0};
    struct message message;
    begin(&rig);
    tserver_feed(&rig.tserver, line, sizeof line - 1);
    cr_assert(rig_find(&rig, "EventCallCreated", &message));
    cr_expect(span_is(message_text(&message, EventCallCreated_ani), "a" MARK "b"));
    bystander_goes_on(&rig);
    rig_free(&rig);
}

Test(tserver_text, the_log_hears_of_one_call_only_so_often)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    for (int i = 0; i < 100; i++) arrives(&rig, "17", "\"callingDevice\":\"\\u0000\"");
    cr_expect_leq(rig.warnings, COMPLAINTS_MAX);
    rig.warnings = 0;
    arrives(&rig, "18", "\"callingDevice\":\"\\u0000\"");
    cr_expect_eq(rig.warnings, 1, "another call's is news");
    rig_wait(&rig, COMPLAINTS_US);
    /* The first time something was no text, and every other time the stay had been told of, too. */
    cr_expect_not_null(strstr(rig.warned, "callID=17: and 194 more like it"), "%s", rig.warned);
    rig.warnings = 0;
    arrives(&rig, "17", "\"callingDevice\":\"\\u0000\"");
    cr_expect_eq(rig.warnings, 2);
    cr_expect_null(strstr(rig.warned, "more like it"), "%s", rig.warned);
    bystander_goes_on(&rig);
    rig_free(&rig);
}

Test(tserver_text, an_event_that_is_not_known_is_told_with_its_name_and_call)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    rig_event(&rig, "{\"event\":\"TreatmentEndet\",\"callID\":\"beside\",\"device\":\"1800\",\"digits\":\"4711\"}");
    cr_assert_eq(rig.warnings, 1);
    cr_expect_not_null(strstr(rig.warned, "callID=beside"), "%s", rig.warned);
    cr_expect_not_null(strstr(rig.warned, "TreatmentEndet"), "%s", rig.warned);
    cr_expect_null(strstr(rig.warned, "4711"), "%s", rig.warned);
    for (int i = 0; i < 100; i++) rig_event(&rig, "{\"event\":\"Nonsense\",\"callID\":\"beside\",\"device\":\"1800\"}");
    cr_expect_eq(rig.warnings, COMPLAINTS_MAX);
    bystander_goes_on(&rig);
    rig_free(&rig);
}

Test(tserver_text, lines_of_no_call_do_not_silence_those_of_another_kind)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    for (int i = 0; i < 100; i++) rig_event(&rig, "{\"event\":\"AgentReady\"}");
    cr_expect_eq(rig.warnings, COMPLAINTS_MAX);
    rig.warnings = 0;
    rig_event(&rig, "{\"event\":\"SnapshotDevice\"}");
    cr_expect_eq(rig.warnings, 1);
    cr_expect_not_null(strstr(rig.warned, "SnapshotDevice"), "%s", rig.warned);
    rig.warnings = 0;
    rig_event(&rig, "[1]");
    cr_expect_eq(rig.warnings, 1);
    bystander_goes_on(&rig);
    rig_free(&rig);
}

Test(tserver_text, the_log_hears_of_many_calls_only_so_often)
{
    enum { CALLS = 1000, TIMES = 10 };
    struct tserver_rig rig = {0};
    begin(&rig);
    for (int i = 0; i < CALLS * TIMES; i++) {
        char line[64];
        snprintf(line, sizeof line, "{\"event\":\"Delivered\",\"callID\":\"%d\"}", i % CALLS);
        rig_event(&rig, line);
    }
    cr_expect_leq(rig.warnings, COMPLAINTS * COMPLAINTS_MAX);
    bystander_goes_on(&rig);
    rig_free(&rig);
}

Test(tserver_text, an_event_that_cannot_be_understood_is_refused_with_its_call)
{
    static const char *const lines[][2] = {
        {"{\"event\":\"Delivered\",\"device\":\"7001\"}", "callID="},
        {"{\"event\":\"Delivered\",\"callID\":\"17\"}", "callID=17"},
        {"{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":{}}", "callID=17"},
        {"{\"event\":\"Delivered\",\"callID\":17,\"device\":\"7001\"}", "Delivered"},
        {"{\"event\":\"Delivered\",\"callID\":99999999999999999999,\"device\":\"7001\"}", "Delivered"},
        {"{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":"
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
         "callID=17"},
        {"{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"7001\"", "callID=17"},
        {"{\"event\":4,\"callID\":\"17\",\"device\":\"7001\"}", "callID=17"},
        {"GET / HTTP/1.1", "a line of 14 bytes was passed over"},
        {"[1]", "a line of 3 bytes was passed over"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct tserver_rig rig = {0};
        begin(&rig);
        rig_event(&rig, lines[i][0]);
        cr_expect_str_eq(rig_posted(&rig), "", "%s", lines[i][0]);
        cr_expect_geq(rig.warnings, 1, "%s", lines[i][0]);
        cr_expect_not_null(strstr(rig.warned, lines[i][1]), "%s", rig.warned);
        bystander_goes_on(&rig);
        rig_free(&rig);
    }
}

Test(tserver_text, the_log_shows_nothing_of_a_line_but_its_call_its_length_and_why)
{
    static const char *const lines[][2] = {
        {"{\"event\":\"TreatmentEnded\",\"digits\":\"99887\",\"callID\":\"17\",\"secret\":true,", "callID=17:"},
        {"{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"digits\":\"99887", "callID=17:"},
        {"{\"event\":\"TreatmentEnded\",\"callID\":\"17\",\"digits\":99887x}", "callID=17:"},
        {"{\"event\":\"TreatmentEnded\",\"callID\":17,\"99887\":", "callID=:"},
        {"{\"event\":\"TreatmentEnded\",\"callID\":\"99887", "callID=:"},
        {"{\"digits\":\"99887\",\"callID\":\"17\"}", "callID=17:"},
        {"{\"event\":\"Delivered\",\"callID\":\"17\",\"device\":\"+4930123499887\",\"hops\":-1}", "dn=..87"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct tserver_rig rig = {0};
        begin(&rig);
        rig_event(&rig, lines[i][0]);
        cr_expect_eq(rig.warnings, 1, "%s", lines[i][0]);
        cr_expect_null(strstr(rig.warned, "99887"), "%s", rig.warned);
        cr_expect_not_null(strstr(rig.warned, lines[i][1]), "%s", rig.warned);
        bystander_goes_on(&rig);
        rig_free(&rig);
    }
}

Test(tserver_text, what_is_wrong_beside_what_an_event_needs_is_taken_as_absent)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    arrives(&rig, "17", "\"queue\":7,\"hops\":-1,\"digits\":[],\"userData\":{\"a\":{\"$binary\":\"?\"}}");
    cr_assert_str_eq(rig_posted(&rig), "EventCallCreated EventRouteRequest");
    cr_expect_geq(rig.warnings, 3);
    bystander_goes_on(&rig);
    rig_free(&rig);
}

Test(tserver_text, too_deep_or_too_long_a_line_is_passed_over)
{
    const size_t size = 2 * LINE_BYTES_MAX;
    char *line = malloc(size);
    struct tserver_rig rig = {0};
    cr_assert_not_null(line);
    begin(&rig);
    for (int deep = 0; deep < 2; deep++) {
        size_t at = (size_t)snprintf(line, size, "{\"event\":\"Delivered\",\"callID\":\"17\",\"x\":");
        memset(line + at, deep ? '[' : '1', size - at);
        tserver_feed(&rig.tserver, line, deep ? at + 5000 : size);
        tserver_feed(&rig.tserver, "\n", 1);
        cr_expect_eq(rig.warnings, (unsigned)deep + 1);
        cr_expect_not_null(strstr(rig.warned, "callID=17"), "%s", rig.warned);
        bystander_goes_on(&rig);
    }
    free(line);
    rig_free(&rig);
}

Test(tserver_text, a_request_that_holds_no_text_is_answered_and_no_other)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk = {0}, other = {0};
    json_t *line;
    begin(&rig);
    desk_open(&rig, &desk);
    desk_open(&rig, &other);
    desk_say(&other, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":1,\"ThisDN\":\"7002\"}");
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":9,\"ThisDN\":\"70\\u000001\"}");
    line = desk_heard(&desk, "EventError");
    cr_assert_eq(desk_reference(line), 9);
    cr_expect_not_null(strstr(desk_text(line, "ErrorMessage"), "\\u0000"), "%s", desk_text(line, "ErrorMessage"));
    json_decref(line);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":10,\"ThisDN\":\"\xff\"}");
    line = desk_heard(&desk, "EventError");
    cr_assert_eq(desk_reference(line), 10);
    json_decref(line);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":11,\"ThisDN\":\"7001\"}");
    cr_assert_eq(desk_count(&desk, "EventRegistered"), 1);
    cr_assert_eq(desk_count(&other, "EventError"), 0);
    cr_assert(!desk.closed && !other.closed);
    bystander_goes_on(&rig);
    desk_close(&desk);
    desk_close(&other);
    rig_free(&rig);
}

/* The value of the pair, as text, that call 17 brought. */
static void brings(struct tserver_rig *rig, const char *data, const char *key, const char *text)
{
    struct message message;
    struct kv_value value;
    char members[512];
    begin(rig);
    snprintf(members, sizeof members, "\"userData\":%s", data);
    arrives(rig, "17", members);
    cr_assert_str_eq(rig_posted(rig), "EventCallCreated EventRouteRequest", "%s", data);
    cr_assert(rig_find(rig, "EventCallCreated", &message));
    cr_assert(kv_get(message_text(&message, EventCallCreated_data), key, &value), "%s", data);
    cr_expect_eq(value.tag, KV_TEXT, "%s", data);
    cr_expect(span_is(value.span, text), "%s", data);
    bystander_goes_on(rig);
    rig_free(rig);
}

Test(tserver_text, a_number_beyond_64_bits_is_its_digits_in_user_data)
{
    static const char *const data[][2] = {
        {"{\"k\":12345678901234567890}", "12345678901234567890"},
        {"{\"k\":-9223372036854775809}", "-9223372036854775809"},
        {"{\"a\":9223372036854775807,\"k\":9223372036854775808}", "9223372036854775808"},
        {"{\"k\":1e400}", "1e400"},
        {"{\"k\":-1.5E+400}", "-1.5E+400"},
        {"{\"a\":{},\"k\":12345678901234567890}", "12345678901234567890"},
        {"{\"s\":\"\\\"12345678901234567890\",\"k\" : 1000000000000000000000000000000 }",
         "1000000000000000000000000000000"},
        {"{\"n\":12345678901234567890,\"k\":\"a\xff 12345678901234567890\"}", "a" MARK " 12345678901234567890"},
    };
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        struct tserver_rig rig = {0};
        brings(&rig, data[i][0], "k", data[i][1]);
    }
}

Test(tserver_text, a_doubled_key_is_kept_in_a_list_of_pairs_and_told_of_in_an_object)
{
    struct tserver_rig rig = {0};
    struct message message;
    struct kv_value value;
    brings(&rig, "[[\"k\",\"pre\"],[\"a\",1],[\"k\",\"pre2\"]]", "k", "pre");
    begin(&rig);
    arrives(&rig, "17", "\"userData\":{\"k\":\"pre\",\"k\":\"pre2\"}");
    cr_assert(rig_find(&rig, "EventCallCreated", &message));
    cr_assert(kv_get(message_text(&message, EventCallCreated_data), "k", &value));
    cr_expect(span_is(value.span, "pre2"));
    cr_expect_eq(rig.warnings, 1);
    cr_expect_not_null(strstr(rig.warned, "callID=17"), "%s", rig.warned);
    cr_expect_not_null(strstr(rig.warned, "twice"), "%s", rig.warned);
    bystander_goes_on(&rig);
    rig_free(&rig);
}

Test(tserver_text, a_number_that_fits_stays_a_number)
{
    struct tserver_rig rig = {0};
    struct message message;
    struct kv_value value;
    begin(&rig);
    arrives(
        &rig, "17",
        "\"userData\":{\"big\":1e400,\"least\":-9223372036854775808,\"most\":9223372036854775807,\"real\":1.5e300}");
    cr_assert(rig_find(&rig, "EventCallCreated", &message));
    cr_assert(kv_get(message_text(&message, EventCallCreated_data), "least", &value));
    cr_expect(value.tag == KV_INT && value.word == INT64_MIN);
    cr_assert(kv_get(message_text(&message, EventCallCreated_data), "most", &value));
    cr_expect(value.tag == KV_INT && value.word == INT64_MAX);
    cr_assert(kv_get(message_text(&message, EventCallCreated_data), "real", &value));
    cr_expect(value.tag == KV_FLOAT && value.number == 1.5e300);
    rig_free(&rig);
}

Test(tserver_text, a_number_beyond_64_bits_elsewhere_is_taken_as_absent)
{
    static const char *const members[] = {
        "\"hops\":1e400",
        "\"hops\":1000000000000000000000000000000",
        "\"userData\":{\"a\":1},\"hops\":99999999999999999999",
        "\"callingDevice\":331455501010000000000",
        "\"x\":[[{\"userData\":99999999999999999999}]]",
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct tserver_rig rig = {0};
        struct message message;
        begin(&rig);
        arrives(&rig, "17", members[i]);
        cr_assert_str_eq(rig_posted(&rig), "EventCallCreated EventRouteRequest", "%s", members[i]);
        cr_assert(rig_find(&rig, "EventCallCreated", &message));
        cr_expect_eq(message_u(&message, EventCallCreated_hops), 0);
        cr_expect_eq(message_text(&message, EventCallCreated_ani).length, 0);
        cr_expect_geq(rig.warnings, 1, "%s", members[i]);
        cr_expect_not_null(strstr(rig.warned, "callID=17"), "%s", rig.warned);
        cr_expect_null(strstr(rig.warned, "999"), "%s", rig.warned);
        bystander_goes_on(&rig);
        rig_free(&rig);
    }
}

Test(tserver_text, a_call_of_the_snapshot_whose_data_has_a_large_number_lives_on)
{
    struct tserver_rig rig = {0};
    begin(&rig);
    rig_lose(&rig);
    rig_connect(&rig);
    rig_event(&rig, "{\"event\":\"SnapshotCall\",\"callID\":\"beside\",\"userData\":{\"account\":12345678901234567890},"
                    "\"hops\":1e400,\"connections\":[{\"device\":\"1800\",\"state\":\"queued\"}],"
                    "\"route\":{\"device\":\"1800\",\"routeID\":\"rbeside\"}}");
    cr_assert(rig_result(&rig, "Snapshot"));
    cr_expect_null(strstr(rig_posted(&rig), "EventCallDeleted"), "%s", rig_posted(&rig));
    bystander_goes_on(&rig);
    rig_free(&rig);
}

Test(tserver_text, a_request_with_a_large_number_is_performed_or_answered_by_its_reference)
{
    struct tserver_rig rig = {0};
    struct rig_desk desk = {0};
    json_t *line;
    begin(&rig);
    desk_open(&rig, &desk);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":9,\"ThisDN\":12345678901234567890}");
    line = desk_heard(&desk, "EventError");
    cr_assert_eq(desk_reference(line), 9);
    json_decref(line);
    desk_say(&desk, "{\"Message\":\"RequestRegisterAddress\",\"ReferenceID\":10,\"ThisDN\":\"7001\",\"Extra\":1e400}");
    cr_assert_eq(desk_count(&desk, "EventRegistered"), 1);
    cr_assert_eq(desk_count(&desk, "EventError"), 0);
    desk_close(&desk);
    rig_free(&rig);
}
