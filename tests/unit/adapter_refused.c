/* tests/unit/adapter_refused.c - What a plugin refuses is counted from zero and told by its kind; the table agrees with
 * itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/plugin.h"
#include "runtime/adapter/protocol.h"
#include "runtime/adapter/refused.h"
#include "runtime/adapter/told.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/kv.h"
#include "tests/unit/adapter_memory.h"

struct stage { /* a plugin that calls itself sip, its core, and its log */
    struct gcx_link *link;
    struct link_server *server;
    uint64_t now_us;
    unsigned lines;
    char log[8192];
    int level;
};

static const struct gcx_services *services;
static struct gcx_link *opened;

static void *stage_open(struct gcx_link *link, const struct gcx_services *given, char *why, size_t why_size)
{
    (void)why, (void)why_size;
    services = given;
    return opened = link;
}
static void stage_close(void *self)
{
    (void)self;
}
static void stage_perform(void *self, const struct message *effect)
{
    (void)self, (void)effect;
}
static void stage_core_up(void *self, bool up)
{
    (void)self, (void)up;
}
static const char *const none[] = {NULL};
static const struct gcx_adapter adapter = {.interface = GCX_ADAPTER_INTERFACE,
                                           .name = "sip",
                                           .media = none,
                                           .caps = none,
                                           .settings = none,
                                           .open = stage_open,
                                           .close = stage_close,
                                           .perform = stage_perform,
                                           .core_up = stage_core_up};

static uint64_t stage_now(void *self)
{
    return ((struct stage *)self)->now_us;
}
static const char *stage_setting(void *self, const char *key)
{
    (void)self, (void)key;
    return NULL;
}
static void stage_log(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    struct stage *stage = self;
    (void)ixn, (void)conn;
    if (strstr(text, "refused") || strstr(text, "it is ")) {
        stage->lines++;
        stage->level = level;
        snprintf(stage->log, sizeof stage->log, "%s", text);
    }
}
static bool stage_hello(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                        struct error *error)
{
    (void)self, (void)hello, (void)why, (void)error;
    *welcome = (struct link_welcome){.link = 16, .epoch = 1};
    return true;
}
static void stage_up(void *self)
{
    (void)self;
}
static void stage_over(void *self, const char *why)
{
    (void)self, (void)why;
}
static bool stage_event(void *self, const struct message *event)
{
    (void)self, (void)event;
    return true;
}
static void stage_down(void *self, enum down_reason reason, const char *why)
{
    (void)self, (void)reason, (void)why;
}

static const struct told *stage_told(struct stage *stage)
{
    stage->now_us += LINK_REPORT_US;
    link_client_tick(plugin_client(stage->link), stage->now_us);
    cr_assert(memory_pump(plugin_client(stage->link), stage->server, 0, stage->now_us));
    return link_server_told(stage->server);
}

static void stage_begin(struct stage *stage)
{
    struct error error;
    struct plugin_host host = {.self = stage,
                               .now_us = stage_now,
                               .wall_us = stage_now,
                               .setting = stage_setting,
                               .log = stage_log,
                               .over = stage_over};
    *stage = (struct stage){.now_us = 1000000};
    stage->link = plugin_new(&adapter, "west", 1, (struct span){0}, &host, &error);
    cr_assert(stage->link);
    struct link_server_calls calls = {
        .self = stage, .hello = stage_hello, .up = stage_up, .event = stage_event, .down = stage_down};
    stage->server = link_server_new(&calls, stage->now_us);
    link_client_connected(plugin_client(stage->link), stage->now_us);
    cr_assert(memory_pump(plugin_client(stage->link), stage->server, 0, stage->now_us));
    cr_assert(opened == stage->link);
}

static void stage_end(struct stage *stage)
{
    link_server_free(stage->server);
    plugin_free(stage->link);
}

/* Prometheus's increase() sees nothing of a counter that begins with its first refusal. */
Test(adapter_refused, every_counter_of_a_plugin_is_there_at_zero_before_anything_happened)
{
    struct stage stage;
    stage_begin(&stage);
    const struct told *told = stage_told(&stage);
    unsigned refusals = 0;
    for (unsigned i = 0; i < REFUSED_KINDS; i++) {
        char name[TOLD_NAME];
        bool own = strcmp(refusal_rows[i].adapter, "sip") == 0;
        snprintf(name, sizeof name, TOLD_REFUSED "%s", refusal_rows[i].reason);
        const struct told_figure *figure = told_find(told, name);
        if (own) cr_assert(figure && figure->value == 0, "%s", name);
        refusals += own;
    }
    cr_assert_gt(refusals, 20);
    cr_assert(told_find(told, "events_refused") && told_find(told, "events_refused")->value == 0);
    cr_assert_null(told_find(told, "mails_refused"), "it is another plugin's");
    stage_end(&stage);
}

Test(adapter_refused, a_refusal_is_counted_and_a_line_of_its_kind_once_in_ten_seconds)
{
    struct stage stage;
    stage_begin(&stage);
    for (unsigned i = 0; i < 7; i++) refused_tell(opened, services, REFUSED_sip_calls, "from %u", i);
    cr_assert_eq(stage.lines, 1);
    cr_assert_eq(stage.level, GCX_LOG_WARNING);
    cr_assert_str_eq(stage.log, "calls: refused by 503 Service Unavailable, as many calls are there as `calls` "
                                "allows: from 0");
    refused_tell(opened, services, REFUSED_sip_method, "FOO");
    cr_assert_eq(stage.lines, 2, "another kind has a line of its own");
    cr_assert_eq(stage.level, GCX_LOG_INFO, "the peer's own affair");
    cr_assert_eq(told_find(stage_told(&stage), TOLD_REFUSED "calls")->value, 7);
    stage.now_us += 10000000;
    refused_tell(opened, services, REFUSED_sip_calls, "from 8");
    cr_assert_eq(stage.lines, 3);
    cr_assert(strstr(stage.log, "from 8; 6 more since the last such line"), "%s", stage.log);
    services->refused(opened, "of_ones_own", "x");
    cr_assert_str_eq(stage.log, "of_ones_own: refused: x");
    cr_assert_eq(told_find(stage_told(&stage), TOLD_REFUSED "of_ones_own")->value, 1);
    services->refused(opened, "a_reason_of_more_characters_than_a_label_may_have", "x");
    cr_assert_eq(stage.lines, 4, "a name that is too long is no reason");
    stage_end(&stage);
}

Test(adapter_refused, the_log_remembers_as_many_kinds_as_there_are)
{
    struct stage stage;
    char reason[16];
    stage_begin(&stage);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 64; i++) {
            stage.now_us++;
            snprintf(reason, sizeof reason, "r%u", i);
            services->refused(opened, reason, "");
        }
    cr_assert_eq(stage.lines, 64);
    for (unsigned i = 0; i < 3; i++) services->refused(opened, "one_more", "");
    cr_assert_eq(stage.lines, 65, "it has the place of the one that is silent longest");
    stage_end(&stage);
}

Test(adapter_refused, a_neighbour_is_a_line_when_it_goes_and_when_it_comes_back)
{
    struct stage stage;
    stage_begin(&stage);
    services->neighbour(opened, "store", true, NULL);
    cr_assert_eq(stage.lines, 0, "it has always been there");
    for (unsigned i = 0; i < 2; i++) services->neighbour(opened, "store", false, "locked");
    cr_assert_eq(stage.lines, 1);
    cr_assert_eq(stage.level, GCX_LOG_WARNING);
    cr_assert_str_eq(stage.log, "store: it is away: locked");
    for (unsigned i = 0; i < 2; i++) services->neighbour(opened, "store", true, NULL);
    cr_assert_eq(stage.lines, 2);
    cr_assert_eq(stage.level, GCX_LOG_INFO);
    cr_assert_str_eq(stage.log, "store: it is there again");
    stage_end(&stage);
}

Test(adapter_refused, another_reason_why_a_neighbour_is_away_is_a_line_and_one_that_comes_again_is_none)
{
    struct stage stage;
    stage_begin(&stage);
    services->neighbour(opened, "submission", false, "127.0.0.1: Connection refused");
    cr_assert_eq(stage.lines, 1);
    services->neighbour(opened, "submission", false, "certificate has expired");
    cr_assert_eq(stage.lines, 2);
    cr_assert_eq(stage.level, GCX_LOG_WARNING);
    cr_assert_str_eq(stage.log, "submission: it is still away: certificate has expired");
    services->neighbour(opened, "submission", false, "no answer for 5000 ms");
    for (unsigned i = 0; i < 5; i++) {
        services->neighbour(opened, "submission", false, "certificate has expired");
        services->neighbour(opened, "submission", false, "127.0.0.1: Connection refused");
        services->neighbour(opened, "submission", false, i % 2 == 0 ? "no answer for 5001 ms" : "no answer for 900 ms");
    }
    cr_assert_eq(stage.lines, 3, "they take turns: %u", stage.lines);
    services->neighbour(opened, "collection", false, "certificate has expired");
    cr_assert_eq(stage.lines, 4, "another neighbour");
    services->neighbour(opened, "submission", false, "certificate has expired");
    cr_assert_eq(stage.lines, 4, "it says nothing about this one");
    services->neighbour(opened, "submission", true, NULL);
    services->neighbour(opened, "submission", false, "certificate has expired");
    cr_assert_eq(stage.lines, 6);
    cr_assert_str_eq(stage.log, "submission: it is away: certificate has expired", "it has come back meanwhile");
    services->neighbour(opened, "collection", false, "certificate has expired");
    cr_assert_eq(stage.lines, 6, "the other one has not");
    stage_end(&stage);
}

/* Told by their figures, but for those that only say how long it took or how much there was. */
Test(adapter_refused, reasons_with_other_figures_are_others_unless_they_measure)
{
    static const char *const reasons[] = {"status 503", "status 504", "10.0.0.1 refused", "10.0.0.2 refused"};
    static const char *const measures[] = {"after 2001 milliseconds with 0 bytes received",
                                           "after 2003 milliseconds with 17 bytes received",
                                           "after 1.5 s",
                                           "after 12.25 s",
                                           "with 3 out of 7 bytes",
                                           "with 12 out of 70 bytes",
                                           "wait 3 minutes",
                                           "wait 15 minutes",
                                           "no more than 10 kB",
                                           "no more than 64 kB"};
    struct stage stage;
    stage_begin(&stage);
    for (unsigned i = 0; i < 8; i++) services->neighbour(opened, "trunk", false, reasons[i % 4]);
    cr_assert_eq(stage.lines, 4, "%u lines", stage.lines);
    for (unsigned i = 0; i < 10; i++) services->neighbour(opened, "trunk", false, measures[i]);
    cr_assert_eq(stage.lines, 9, "%u lines", stage.lines);
    stage_end(&stage);
}

/* The plugin `sip` cuts the names of its trunks to this length. */
Test(adapter_refused, a_neighbour_of_a_long_name_is_told_again_after_it_was_there)
{
    static const char name[] = "trunk-of-a-name-that-is-as-long-as-a-name-may-b";
    struct stage stage;
    cr_assert_eq(strlen(name), 47);
    stage_begin(&stage);
    services->neighbour(opened, name, false, "status 503");
    services->neighbour(opened, name, true, NULL);
    services->neighbour(opened, name, false, "status 503");
    cr_assert_eq(stage.lines, 3, "%u lines", stage.lines);
    stage_end(&stage);
}

Test(adapter_refused, the_rows_agree_with_each_other)
{
    for (unsigned i = 0; i < REFUSED_KINDS; i++) {
        const struct refusal_row *row = &refusal_rows[i];
        const char *severity = row->severity;
        cr_assert(strcmp(severity, "page") == 0 || strcmp(severity, "ticket") == 0 || strcmp(severity, "none") == 0);
        cr_assert_str_eq(refused_severity(row->reason), severity, "%s has two severities", row->reason);
        cr_assert(refusal_row_of(row->adapter, row->reason) == row, "%s stands twice", row->reason);
        cr_assert_lt(strlen(TOLD_REFUSED) + strlen(row->reason), TOLD_NAME);
        cr_assert(*row->doc);
    }
    cr_assert_eq(refused_code(REFUSED_sip_calls), 503);
    cr_assert_str_eq(refused_words(REFUSED_sip_calls), "Service Unavailable");
    cr_assert_eq(refused_code(REFUSED_sip_guesses), 0);
    cr_assert_str_eq(refused_severity("of_a_stranger"), "ticket");
    cr_assert_null(refusal_row_of("tserver", "trunk_rate"));
}

/* What a Report says is what its reader has, and a figure that has not changed is no news. */
Test(adapter_refused, what_is_told_is_read_as_it_was)
{
    struct told told = {0}, read = {0};
    struct writer writer;
    struct message report;
    struct kv_pair pair;
    struct error error = {0};
    unsigned figures = 0;
    (void)told_neighbour(&told, "mails", true, NULL, 5);
    (void)told_neighbour(&told, "store", false, "its disk is full", 6);
    cr_expect(told_figure(&told, "sent", 3));
    cr_expect_not(told_figure(&told, "sent", 3));
    cr_expect(told_count(&told, "sent", 4) && told_figure(&told, "zero", 0));
    cr_expect_not(told_figure(&told, "zero", 0));
    writer_init(&writer);
    writer_begin(&writer, KIND_Report);
    told_write(&told, &writer);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&report, frame.bytes, frame.length, &error), "%s", error.text);
    told_read(&read, &report, 7);
    cr_assert_eq(read.neighbour_count, 2);
    cr_expect(read.neighbours[0].up && strcmp(read.neighbours[0].name, "mails") == 0);
    cr_expect(!read.neighbours[1].up && strcmp(read.neighbours[1].why, "its disk is full") == 0);
    cr_expect_eq(told_find(&read, "sent")->value, 7);
    for (uint32_t at = 0; kv_next(message_text(&report, Report_figures), &at, &pair);) figures++;
    cr_expect_eq(figures, 2, "a neighbour is no figure");
    writer_free(&writer);
}
