/* runtime/sim/rig_clock.c - The time of a play, the timer that looks again, and the admin socket that is asked. */
#include "runtime/sim/rig_state.h"

#include <time.h>

enum { POLL_US = 50000 };

uint64_t rig_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Time of the play: stands at zero until it begins, and where the clock's file says so. */
uint64_t rig_play_us(void *self)
{
    const struct rig *rig = self;
    uint64_t us = rig->began_us == 0 ? 0 : rig_monotonic_us() - rig->began_us - rig->stood_us;
    return us < rig->stands_at_us ? us : rig->stands_at_us;
}

/* Asks the admin socket: where the gcxvm that was there before has ended, its successor. NULL: nobody, or refused. */
json_t *rig_ask_core(struct rig *rig, const char *command, const char *conn)
{
    struct error why = {0};
    json_t *answer = !rig->admin ? NULL : admin_ask(rig->admin, command, conn, &why);
    if (answer || why.code == ERROR_STATE || !rig->options.admin) return answer;
    admin_close(rig->admin);
    rig->admin = admin_connect(rig->options.admin, &why);
    return !rig->admin ? NULL : admin_ask(rig->admin, command, conn, &why);
}

/* Looks again when something is due, and from time to time. The world's events arrive when they are due, but the core
 * and the clock's file give no sign: so it looks at least every POLL_US. */
void rig_arm(struct rig *rig)
{
    uint64_t pause = POLL_US;
    if (rig->stage == STAGE_PLAY) {
        uint64_t next = world_next(rig->world), other = switch_next(rig->sw), now_us = rig_play_us(rig);
        next = other < next ? other : next;
        if (now_us < rig->stands_at_us) pause = next <= now_us ? 0 : next - now_us < pause ? next - now_us : pause;
    }
    const struct timeval wait = {.tv_sec = (time_t)(pause / 1000000), .tv_usec = (suseconds_t)(pause % 1000000)};
    evtimer_add(rig->timer, &wait);
}
