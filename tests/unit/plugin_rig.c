/* tests/unit/plugin_rig.c - Both ends of a plugin's link in one thread, carried by adapter_memory. */
#include "tests/unit/plugin_rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/adapter_memory.h"

extern const struct gcx_adapter gcx_adapter;

uint64_t rig_real_us(void)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    return (uint64_t)now.tv_sec * RIG_SECOND_US + (uint64_t)now.tv_usec;
}

static uint64_t rig_now_us(void *self)
{
    return rig_real_us() + ((const struct plugin_rig *)self)->skew_us;
}

bool rig_hears(struct plugin_rig *rig, const struct message *event)
{
    size_t length = strlen(rig->posted);
    rig->seq = message_u(event, ENVELOPE_seq);
    if (event->kind == KIND_PeerLink) return false;
    message_print(event, rig->posted + length, sizeof rig->posted - length - 2);
    strcat(rig->posted, "\n");
    return true;
}

static bool rig_on_hello(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                         struct error *error)
{
    const struct plugin_rig *rig = self;
    (void)hello, (void)why, (void)error;
    *welcome = (struct link_welcome){.link = SOURCE_LINKS,
                                     .epoch = 1,
                                     .last_seq = rig->committed,
                                     .arrivals = rig->arrivals,
                                     .journal = rig->journal};
    return true;
}

static void rig_on_up(void *self)
{
    (void)self;
}

static void rig_on_down(void *self, enum down_reason reason, const char *why)
{
    (void)self, (void)reason;
    if (getenv("RIG_LOG")) fprintf(stderr, "down: %s\n", why);
}

void rig_core_comes(struct plugin_rig *rig)
{
    struct link_server_calls calls = {.self = rig,
                                      .hello = rig_on_hello,
                                      .up = rig_on_up,
                                      .event = rig->event,
                                      .down = rig_on_down,
                                      .read = rig->read};
    rig->server = link_server_new(&calls, rig_real_us());
    link_client_connected(plugin_client(rig->link), rig_real_us());
}

void rig_core_goes(struct plugin_rig *rig)
{
    link_client_lost(plugin_client(rig->link), "it went");
    link_server_free(rig->server);
    rig->server = NULL;
}

static void rig_log(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    struct plugin_rig *rig = self;
    size_t length = strlen(rig->log);
    (void)ixn, (void)conn;
    if (getenv("RIG_LOG")) fprintf(stderr, "%d %s\n", level, text);
    snprintf(rig->log + length, sizeof rig->log - length, "%s\n", text);
}

static void rig_on_over(void *self, const char *why)
{
    (void)self, (void)why;
}

static void rig_on_failed(void *self, bool refused, const char *why)
{
    (void)self, (void)refused;
    cr_assert_fail("the plugin failed: %s", why);
}

void rig_plugin_comes(struct plugin_rig *rig)
{
    static uint64_t instance;
    struct plugin_host host = {.self = rig,
                               .now_us = rig_now_us,
                               .wall_us = rig->wall_us,
                               .setting = rig->setting,
                               .log = rig_log,
                               .over = rig_on_over,
                               .failed = rig_on_failed,
                               .base = rig->base};
    struct error error;
    rig->link = plugin_new(&gcx_adapter, rig->name, ++instance, (struct span){0}, &host, &error);
    cr_assert_not_null(rig->link, "%s", error.text);
    rig_core_comes(rig);
    rig_run(rig);
}

void rig_plugin_goes(struct plugin_rig *rig)
{
    plugin_free(rig->link);
    link_server_free(rig->server);
}

void rig_run(struct plugin_rig *rig)
{
    event_base_loop(rig->base, EVLOOP_NONBLOCK);
    if (rig->server && rig->committed < rig->seq) {
        rig->committed = rig->seq;
        link_server_committed(rig->server, rig->seq);
    }
    if (rig->server) memory_pump(plugin_client(rig->link), rig->server, 0, rig_real_us());
    if (rig->hurries) rig->skew_us += RIG_SECOND_US;
    usleep(200);
}

void rig_await(struct plugin_rig *rig, const char *text, const char *wanted)
{
    uint64_t end_us = rig_real_us() + RIG_PATIENCE_US;
    while (!strstr(text, wanted)) {
        cr_assert_lt(rig_real_us(), end_us, "%s did not come: %.2000s", wanted, text);
        rig_run(rig);
    }
}
