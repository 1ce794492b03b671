/* runtime/daemon/service/drain.c - Asking the core to let nobody in, and looking who is left. */
#include "config.h"
#include "runtime/daemon/service/drain.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/events_site.h"

enum { LOOKED_EVERY_US = 200000 };

/* Posts a request of an administrator, and returns the number of its event. */
static uint64_t drain_request_post(struct daemon *daemon, const struct asker *asker, enum admin_op op)
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

/* On the core's thread. */
static void drain_status_read(void *self, struct core *core)
{
    core_status(core, self);
}

/* The drain is over: ends the process if that was asked for. */
static void drain_finish(struct daemon *daemon, const char *why)
{
    assert(daemon->drain.tick && !daemon->drain.over);
    struct drain *drain = &daemon->drain;
    drain->over = true;
    event_del(drain->tick);
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "drained: %s", why);
    notify_say(daemon->notify, "STATUS=Drained: %s", why);
    if (drain->stop) daemon->tells->stop(daemon, why);
}

/* Five times a second: has everybody gone, or is the time up? */
static void drain_on_tick(evutil_socket_t fd, short what, void *self)
{
    struct daemon *daemon = self;
    struct drain *drain = &daemon->drain;
    struct core_status status = {0};
    uint64_t now_us = clock_monotonic_us();
    char text[96];
    (void)fd;
    (void)what;
    /* Else the core hangs, or the event is still on its way to it: the time runs all the same. */
    bool known = engine_read_within(daemon->engine, ENGINE_PATIENCE_US, drain_status_read, &status) && status.draining;
    if (known) drain->left = status.running;
    if (known && status.running == 0) {
        drain_finish(daemon, "nothing is left to do");
    } else if (drain->until_us != 0 && now_us >= drain->until_us) {
        snprintf(text, sizeof text, "the time is up, %llu interactions stay in the journal",
                 (unsigned long long)drain->left);
        drain_finish(daemon, text);
    } else if (!known) {
        return;
    } else if (drain->until_us != 0) {
        notify_say(daemon->notify, "STATUS=Draining: %llu interactions, %llu s at most",
                   (unsigned long long)status.running,
                   (unsigned long long)(drain->until_us - now_us + 999999) / 1000000);
    } else {
        notify_say(daemon->notify, "STATUS=Draining: %llu interactions", (unsigned long long)status.running);
    }
}

uint64_t drain_begin(struct daemon *daemon, const struct asker *asker, uint64_t limit_s, bool stop)
{
    assert(daemon && asker && asker->actor);
    const struct timeval every = {.tv_usec = LOOKED_EVERY_US};
    struct drain *drain = &daemon->drain;
    if (!drain->tick) drain->tick = event_new(daemon->base, -1, EV_PERSIST, drain_on_tick, daemon);
    if (!drain->tick) abort();
    /* A process that is to end anyway is not kept by another drain without a bound. */
    if (stop || !drain->stop) drain->until_us = limit_s != 0 ? clock_monotonic_us() + limit_s * 1000000 : 0;
    drain->stop = drain->stop || stop;
    drain->over = false;
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "drains for %s: no more arrivals%s", asker->actor,
             drain->stop ? ", then it ends" : "");
    if (event_add(drain->tick, &every) != 0) abort();
    event_active(drain->tick, EV_TIMEOUT, 0); /* looks at once, but not within whoever asks */
    return drain_request_post(daemon, asker, admin_op_drain);
}

uint64_t drain_cancel(struct daemon *daemon, const struct asker *asker)
{
    assert(asker && asker->actor);
    drain_clear(&daemon->drain);
    log_line(daemon->log, LOG_LEVEL_INFO, "gcxvm", 0, 0, "serves arrivals again, for %s", asker->actor);
    notify_say(daemon->notify, "STATUS=Serving");
    return drain_request_post(daemon, asker, admin_op_serve);
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
