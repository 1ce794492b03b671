/* runtime/adapters/cti/clock.c - The time at which something came in, and whether another core may lead at that
 * time. */
#include "runtime/adapters/cti/internal.h"

/* May another core lead now? When a core has gone away while another one might lead, the other one may still lead: that
 * core then has the calls and the agents, and this process may end next. So the answer stays true until a core that
 * leads is there, or no core has been there for router_grace. */
bool cti_is_aside(const struct cti *cti)
{
    bool alone = !cti->core_up && cti->now_us - cti->core_lost_us >= cti->router_grace_us;
    return !alone && cti->services->aside && cti->services->aside(cti->link);
}

/* Begins the time in which another core may lead: the calls are that core's, and ours is told of them but does
 * nothing with them. */
static void begin_aside(struct cti *cti)
{
    cti->aside = true;
    cti_log(cti, GCX_LOG_WARNING, NO_CALL,
            "another core may lead: the switch is asked only for what desktops want, and for defaults after "
            "answer_timeout");
}

void cti_clock(struct cti *cti)
{
    cti->now_us = (int64_t)cti->services->now_us(cti->link);
    cti->wall_less_us = (int64_t)cti->services->wall_us(cti->link) - cti->now_us;
    if (!cti->aside && cti_is_aside(cti)) begin_aside(cti);
}

int64_t cti_wall(const struct cti *cti, int64_t moment_us)
{
    return moment_us + cti->wall_less_us;
}
