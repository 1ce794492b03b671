/* runtime/daemon/watch/pulse.c - A timer that asks both threads for a sign of life, and checks whether they have
 * answered. */
#include "runtime/daemon/watch/pulse.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

#include "runtime/host/real.h"
#include "base/memory.h"

enum { ASKED_EVERY_US = 1000000, ASKED_IN_PERIOD = 4 };

struct pulse {
    struct engine *engine;
    const struct notify_socket *notify;
    const struct log *log;
    struct event *tick;
    uint64_t beat_us, told_us, watchdog_us;
    bool lost; /* and said so */
};

/* Both threads have answered: asks them again, and feeds the watchdog when a part of its period is over. */
static void pulse_beat(struct pulse *pulse, uint64_t now_us)
{
    if (pulse->lost) log_line(pulse->log, LOG_LEVEL_WARNING, "gcxvm", 0, 0, "core and journal turn again");
    pulse->lost = false;
    pulse->beat_us = now_us;
    engine_ask(pulse->engine);
    if (pulse->watchdog_us == 0 || now_us - pulse->told_us < pulse->watchdog_us / ASKED_IN_PERIOD) return;
    pulse->told_us = now_us;
    notify_say(pulse->notify, "WATCHDOG=1");
}

/* Checks whether both threads have answered the last request. */
static void pulse_on_tick(evutil_socket_t fd, short what, void *self)
{
    struct pulse *pulse = self;
    uint64_t now_us = host_monotonic_us();
    const char *hangs = engine_hangs(pulse->engine);
    (void)fd;
    (void)what;
    if (!hangs) {
        pulse_beat(pulse, now_us);
    } else if (!pulse->lost && now_us - pulse->beat_us >= PULSE_LOST_US) {
        pulse->lost = true;
        log_line(pulse->log, LOG_LEVEL_ERROR, "gcxvm", 0, 0, "the %s has not turned for %llu s", hangs,
                 (unsigned long long)(now_us - pulse->beat_us) / 1000000);
        notify_say(pulse->notify, "STATUS=The %s hangs", hangs);
    }
}

struct pulse *pulse_new(struct event_base *base, struct engine *engine, const struct notify_socket *notify,
                        const struct log *log)
{
    assert(base && engine && notify && log);
    struct pulse *pulse = memory_zeroed(1, sizeof *pulse);
    uint64_t every_us = ASKED_EVERY_US;
    struct timeval every;
    *pulse = (struct pulse){.engine = engine, .notify = notify, .log = log, .beat_us = host_monotonic_us()};
    pulse->watchdog_us = notify_watchdog_us(notify);
    if (pulse->watchdog_us != 0 && pulse->watchdog_us / ASKED_IN_PERIOD < every_us)
        every_us = pulse->watchdog_us / ASKED_IN_PERIOD + 1;
    every = (struct timeval){(time_t)(every_us / 1000000), (suseconds_t)(every_us % 1000000)};
    pulse->tick = event_new(base, -1, EV_PERSIST, pulse_on_tick, pulse);
    if (!pulse->tick || event_add(pulse->tick, &every) != 0) abort();
    engine_ask(engine);
    return pulse;
}

void pulse_free(struct pulse *pulse)
{
    if (!pulse) return;
    event_free(pulse->tick);
    free(pulse);
}

uint64_t pulse_silent_us(const struct pulse *pulse)
{
    assert(pulse);
    return host_monotonic_us() - pulse->beat_us;
}
