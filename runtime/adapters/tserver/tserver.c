/* runtime/adapters/tserver/tserver.c - Joins the call model and the link to the switch: settings, timers, start and
 * end.
 *
 *     switch --> tserver_feed() --> swlink --> tserver_event() --> cti --> core
 *     core   --> cti            --> swlink --> send()          --> switch
 *
 * `cti` knows calls, agents and desktops, but no protocol of a switch. `swlink` knows the protocol, but no calls.
 * When bytes come from the socket the clock of `cti` is set first, so that all that follows from them has one time. */
#include "runtime/adapters/tserver/tserver.h"

#include <stdlib.h>

static const char *tserver_setting(const struct gcx_services *services, struct gcx_link *link, const char *key,
                                   const char *otherwise)
{
    const char *value = services->setting(link, key);
    return value ? value : otherwise;
}

/* Returns a setting in seconds as microseconds: "2.5" becomes 2500000. Zero is allowed only if it is the default. */
static int64_t tserver_seconds(const struct gcx_services *services, struct gcx_link *link, const char *key,
                               long otherwise)
{
    const char *value = services->setting(link, key);
    char *end = NULL;
    double given = !value ? 0 : strtod(value, &end);
    bool good = value && end != value && *end == 0 && given < 86400 &&
                (given > 0 || (given == 0 && otherwise == 0)); /* if the default is 0, zero may be set too */
    if (value && !good) {
        services->log(link, GCX_LOG_WARNING, 0, 0, "%s: `%s` is not a number of seconds; %ld is used", key, value,
                      otherwise);
    }
    return good ? (int64_t)(given * 1000000) : otherwise * INT64_C(1000000);
}

/* --- Functions that the link calls --- */

static void on_unread(void *self, const char *call_id)
{
    struct tserver *tserver = self;
    cti_snapshot_unread(&tserver->cti, call_id);
}

static void on_answered(void *self, const struct service *service)
{
    struct tserver *tserver = self;
    cti_answered(&tserver->cti, service->ask);
}

/* Sets up model and link; wrong settings are logged, and their defaults used. */
void tserver_init(struct tserver *tserver, struct gcx_link *link, const struct gcx_services *services,
                  void (*send)(void *, const char *, size_t), void (*drop)(void *, const char *))
{
    struct cti_settings settings = {
        .name = tserver_setting(services, link, "name", "tserver"),
        .defaults = tserver_setting(services, link, "defaults", ""),
        .answer_timeout_us = tserver_seconds(services, link, "answer_timeout", 10),
        .router_grace_us = tserver_seconds(services, link, "router_grace", 60),
        .no_answer_us = tserver_seconds(services, link, "no_answer", 30),
        .desktop_grace_us = tserver_seconds(services, link, "desktop_grace", 60),
        .wrap_up_us = tserver_seconds(services, link, "wrap_up", 0),
    };
    struct swlink_calls calls = {
        .self = tserver,
        .send = send,
        .drop = drop,
        .snapshot = tserver_snapshot,
        .event = tserver_event,
        .odd = tserver_odd,
        .unread = on_unread,
        .answered = on_answered,
        .refused = tserver_refused,
    };
    cti_init(&tserver->cti, link, services, &tserver_services, tserver, &settings);
    tserver->lag_us = tserver_seconds(services, link, "lag", 3);
    swlink_init(&tserver->link, settings.name, &calls);
}

void tserver_free(struct tserver *tserver)
{
    swlink_free(&tserver->link);
    cti_free(&tserver->cti);
}

/* While the T-Server cannot keep up, new calls are refused for the sake of calls in progress. The refusals begin when
 * the lag reaches the limit, and end at half of the limit. With one limit for both, a switch near it would be reported
 * as busy and not busy in turns. */
static void watch_lag(struct tserver *tserver)
{
    struct cti *cti = &tserver->cti;
    int64_t lag_us = swlink_lag(&tserver->link);
    cti->switch_lag_us = lag_us;
    bool behind = lag_us >= (tserver->behind ? tserver->lag_us / 2 : tserver->lag_us);
    if (behind == tserver->behind) return;
    tserver->behind = behind;
    cti->services->log(cti->link, behind ? GCX_LOG_WARNING : GCX_LOG_INFO, 0, 0,
                       "switch: %s, arrivals are %s (%lld ms)", behind ? "behind with what it says" : "caught up",
                       behind ? "refused" : "let in again", (long long)(lag_us / 1000));
    cti->services->busy(cti->link, behind);
}

void tserver_tick(struct tserver *tserver)
{
    cti_tick(&tserver->cti);
    swlink_tick(&tserver->link, tserver->cti.now_us);
    watch_lag(tserver);
    tserver_odd_tick(tserver);
}

void tserver_connected(struct tserver *tserver)
{
    cti_clock(&tserver->cti);
    swlink_connected(&tserver->link, tserver->cti.now_us);
}

void tserver_feed(struct tserver *tserver, const char *bytes, size_t length)
{
    cti_clock(&tserver->cti);
    swlink_feed(&tserver->link, bytes, length, tserver->cti.now_us);
}

/* The link is lost: the model first decides which asks wait for the link; then the services are refused. */
void tserver_lost(struct tserver *tserver)
{
    cti_clock(&tserver->cti);
    cti_switch_down(&tserver->cti);
    swlink_lost(&tserver->link);
}
