/* runtime/daemon/service/drain.c - Asks the core to route arrivals by default, and checks which calls are left. */
#include "runtime/daemon/service/drain.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/daemon/service/lead.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/events_site.h"

enum {
    LOOKED_EVERY_US = 200000,
    HANDED_EVERY_US = 20000,
    RINGS_S = 30, /* seconds that a dialled number rings, if its strategy sets no other time */
};

/* Posts a request of an administrator, and returns the number of its event. */
static uint64_t drain_request_post(struct daemon *daemon, const struct activation_asker *asker, enum admin_op op)
{
    struct writer writer;
    uint64_t seq;
    writer_init(&writer);
    writer_begin(&writer, KIND_AdminRequest);
    writer_text(&writer, ENVELOPE_actor, asker->actor);
    writer_u(&writer, AdminRequest_op, op);
    writer_text(&writer, AdminRequest_why, asker->why);
    seq = engine_post(daemon->engine, SOURCE_ADMIN, writer_end(&writer));
    writer_free(&writer);
    return seq;
}

struct drain_look {
    bool known; /* the core has got the request */
    uint64_t left;
    bool hands_over;
};

/* On the core's thread. */
static void drain_look_read(void *self, struct core *core)
{
    struct drain_look *look = self;
    struct core_status status;
    if (look->hands_over) {
        look->left = core_dialling(core, &look->known);
        return;
    }
    core_status(core, &status);
    look->left = status.running;
    look->known = status.draining;
}

/* From now on the timer checks the drain every `every_us`. */
static void drain_looks(struct daemon *daemon, long every_us)
{
    struct drain *drain = &daemon->drain;
    if (event_add(drain->tick, &(struct timeval){.tv_usec = every_us}) != 0) abort();
}

static uint64_t drain_serve(struct daemon *daemon, const struct activation_asker *asker)
{
    drain_clear(&daemon->drain);
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "serves arrivals again, for %s", asker->actor);
    notify_say(daemon->notify, "STATUS=Serving");
    return drain_request_post(daemon, asker, admin_op_serve);
}

/* The follower may have gone meanwhile. The asker is told the outcome: from then on no other follower is looked for,
 * and the answer is sent before the next check. */
static void drain_hands_over(struct daemon *daemon, const char *why)
{
    struct error error;
    daemon->drain.handed = lead_has_successor(daemon, &error);
    if (daemon->drain.handed) {
        log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "hands the lead over: %s", why);
        daemon->tells->handed(daemon, NULL);
        drain_looks(daemon, HANDED_EVERY_US);
        return;
    }
    log_line(daemon->log, LOG_LEVEL_WARNING, "gcxvm", 0, 0, "keeps the lead: %s", error.text);
    drain_serve(daemon, &(struct activation_asker){.actor = "handover"});
    daemon->tells->handed(daemon, &error);
}

/* The drain is over: ends the process if that was requested. */
static void drain_finish(struct daemon *daemon, const char *why)
{
    assert(daemon->drain.tick && !daemon->drain.over);
    struct drain *drain = &daemon->drain;
    drain->over = true;
    event_del(drain->tick);
    if (drain->hands_over) {
        drain_hands_over(daemon, why);
        return;
    }
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "drained: %s", why);
    notify_say(daemon->notify, "STATUS=Drained: %s", why);
    if (drain->stop) daemon->tells->stop(daemon, why);
}

/* Writes in words what the drain waits for. */
static const char *drain_waits_for(const struct drain *drain)
{
    return drain->hands_over ? "numbers that ring" : "interactions";
}

static void drain_time_up(struct daemon *daemon)
{
    char text[96];
    snprintf(text, sizeof text, "the time is up, %llu %s stay in the journal", (unsigned long long)daemon->drain.left,
             drain_waits_for(&daemon->drain));
    drain_finish(daemon, text);
}

/* Checks whether nothing is left, or the time is over. */
static void drain_on_tick(evutil_socket_t fd, short what, void *self)
{
    struct daemon *daemon = self;
    struct drain *drain = &daemon->drain;
    struct drain_look look = {.hands_over = drain->hands_over};
    uint64_t now_us = host_monotonic_us();
    (void)fd;
    (void)what;
    if (drain->handed) {
        daemon->result = EXIT_deposed;
        daemon->tells->stop(daemon, "the lead is given up");
        return;
    }
    /* If no number is known, the core hangs or has not got the event yet: the time limit runs all the same. */
    bool known = engine_read_within(daemon->engine, ENGINE_PATIENCE_US, drain_look_read, &look) && look.known;
    if (drain->hands_over && daemon->durable_seq < drain->seq && now_us < drain->until_us) return;
    if (known) drain->left = look.left;
    if (known && look.left == 0)
        drain_finish(daemon, drain->hands_over ? "no number rings" : "nothing is left to do");
    else if (drain->until_us != 0 && now_us >= drain->until_us)
        drain_time_up(daemon);
    else if (known && drain->until_us != 0)
        notify_say(daemon->notify, "STATUS=Draining: %llu %s, %llu s at most", (unsigned long long)look.left,
                   drain_waits_for(drain), (unsigned long long)(drain->until_us - now_us + 999999) / 1000000);
    else if (known)
        notify_say(daemon->notify, "STATUS=Draining: %llu interactions", (unsigned long long)look.left);
}

static struct drain *drain_of(struct daemon *daemon)
{
    struct drain *drain = &daemon->drain;
    if (!drain->tick) drain->tick = event_new(daemon->base, -1, EV_PERSIST, drain_on_tick, daemon);
    if (!drain->tick) abort();
    return drain;
}

uint64_t drain_begin(struct daemon *daemon, const struct activation_asker *asker, uint64_t limit_s, bool stop)
{
    assert(daemon && asker && asker->actor);
    struct drain *drain = drain_of(daemon);
    /* A process that has to end anyway is not kept running by another drain without a time limit. */
    if (stop || !drain->stop) drain->until_us = limit_s != 0 ? host_monotonic_us() + limit_s * 1000000 : 0;
    drain->stop = drain->stop || stop;
    drain->over = false;
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "drains for %s: no more arrivals%s", asker->actor,
             drain->stop ? ", then it ends" : "");
    drain_looks(daemon, LOOKED_EVERY_US);
    event_active(drain->tick, EV_TIMEOUT, 0); /* checks at once, but not within the caller's call */
    return drain_request_post(daemon, asker, admin_op_drain);
}

void drain_hand_over(struct daemon *daemon, const struct activation_asker *asker)
{
    assert(daemon && asker && asker->actor);
    struct drain *drain = drain_of(daemon);
    drain->until_us = host_monotonic_us() + RINGS_S * UINT64_C(1000000);
    drain->stop = drain->hands_over = true;
    drain->over = false;
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0,
             "hands the lead over for %s: nothing more is dialled, and what rings has %d s", asker->actor, RINGS_S);
    drain_looks(daemon, HANDED_EVERY_US);
    drain->seq = drain_request_post(daemon, asker, admin_op_hold_dials);
}

uint64_t drain_cancel(struct daemon *daemon, const struct activation_asker *asker)
{
    assert(asker && asker->actor && !daemon->drain.handed);
    struct error error;
    bool keeps_lead = daemon->drain.hands_over;
    uint64_t seq = drain_serve(daemon, asker);
    error_set(&error, ERROR_STATE, "%.80s has cancelled the handover: this gcxvm goes on", asker->actor);
    if (keeps_lead) daemon->tells->handed(daemon, &error);
    return seq;
}

bool drain_under_way(const struct daemon *daemon)
{
    return daemon->drain.tick && !daemon->drain.over;
}

void drain_clear(struct drain *drain)
{
    if (drain->tick) event_free(drain->tick);
    *drain = (struct drain){0};
}
