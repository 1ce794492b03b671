/* runtime/adapters/cti/clock.c - The time of whatever comes in, and whether another core may lead at that time. */
#include "runtime/adapters/cti/internal.h"

/* A core that went while another one may lead is no sign that none does: that one has the calls and the agents, and
 * this process may end next. So a core has to be there that leads, or none for router_grace. */
bool cti_is_aside(const struct cti *cti)
{
    bool alone = !cti->core_up && cti->now_us - cti->core_lost_us >= cti->router_grace_us;
    return !alone && cti->services->aside && cti->services->aside(cti->link);
}

/* While another core may lead, the calls are that one's: ours learns of them, and does nothing with them. */
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
