/* runtime/adapters/cti/cti.c - The call model as a whole: its start, its timers, and the core's coming and going.
 *
 * Everything here runs in the thread of the event loop. `now_us` is set once when something comes in (a tick, an
 * effect, bytes of a client, facts) and is used for all that follows, so that one cause has one time. */
#include "runtime/adapters/cti/cti.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/bytes.h"

/* Starts the call model. `next_client` begins with the time, so that clients of an earlier process have lower
 * numbers than all of this one. */
void cti_init(struct cti *cti, struct gcx_link *link, const struct gcx_services *services, const struct cti_switch *ops,
              void *self, const struct cti_settings *settings)
{
    assert(services && ops && settings);
    *cti = (struct cti){
        .link = link,
        .services = services,
        .ops = ops,
        .self = self,
        .answer_timeout_us = settings->answer_timeout_us,
        .router_grace_us = settings->router_grace_us,
        .no_answer_us = settings->no_answer_us,
        .desktop_grace_us = settings->desktop_grace_us,
        .wrap_up_us = settings->wrap_up_us,
    };
    if (settings->limits)
        cti->limits = *settings->limits;
    else
        limits_read(&cti->limits, NULL, NULL, NULL, 0);
    text_set(cti->name, sizeof cti->name, settings->name);
    destinations_split(&cti->defaults, settings->defaults);
    writer_init(&cti->writer);
    kv_init(&cti->reasons);
    cti_clock(cti);
    cti->core_lost_us = cti->now_us;
    cti->next_client = (uint64_t)cti_wall(cti, cti->now_us); /* above every number given by earlier processes */
}

void cti_free(struct cti *cti)
{
    clients_free(cti);
    calls_free(&cti->calls);
    agents_free(&cti->agents);
    dns_free(&cti->dns);
    asks_free(&cti->asks);
    invites_free(&cti->invites);
    destinations_free(&cti->defaults);
    writer_free(&cti->writer);
    kv_free(&cti->reasons);
    free(cti->held);
    users_free(cti->users);
    tokens_free(cti->tokens);
}

void cti_committed(struct cti *cti, uint64_t posted)
{
    cti->committed = posted;
}

/* Forgets what the core has said: its journal began anew, or was restored from a backup, so nothing that the former
 * core asked for is answered. Calls stay, as the switch has them; the resync reports for each whether a higher ref
 * or revision has been seen than the core knows (resync.c). */
static void core_forget(struct cti *cti)
{
    for (struct call *call = cti->calls.first; call; call = call->next) {
        call_forget_core(call);
        if (call->visit.dn[0] != 0) call->visit.since_us = cti->now_us; /* the core has its full time to answer again */
    }
    asks_forget_core(&cti->asks);
    invites_forget_core(cti);
    cti->resync_ixn = cti->resync_ref = 0;
}

/* The core has come or gone. When the core goes, events that wait are dropped: the resync reports everything again.
 * Asks that wait for the core fail at once. */
void cti_core_up(struct cti *cti, bool up)
{
    cti_clock(cti);
    if (cti->core_up && !up) {
        struct ask *ask;
        cti->core_lost_us = cti->now_us;
        post_forget(cti);
        while ((ask = asks_take_core(&cti->asks))) ask_failed(cti, ask, code_unavailable, "the core is away");
    }
    cti->core_up = up;
    uint64_t journal = up ? cti->services->journal(cti->link) : 0;
    if (journal != 0 && cti->journal != 0 && journal != cti->journal) core_forget(cti);
    if (journal != 0) cti->journal = journal;
}

void cti_credit(struct cti *cti)
{
    if (post_held(cti)) resync_all(cti, 0, 0);
}

/* A treatment that the switch has neither begun nor refused counts as not applied. */
static void watch_treatments(struct cti *cti)
{
    for (struct call *call = cti->calls.first; call; call = call->next)
        if (call->treatment_deadline_us != 0 && call->treatment_deadline_us <= cti->now_us)
            cti_not_applied(cti, call, call->treatment, code_timeout, "the switch did not start it");
}

/* Agents whose desktop did not come back in time are logged out at the switch. */
static void watch_desktops(struct cti *cti)
{
    for (struct agent_session *session = cti->agents.first; session; session = session->next) {
        if (session->logout_at_us != 0 && session->logout_at_us <= cti->now_us && cti->switch_up) {
            struct agent_ask change = {
                .agent = session->agent, .dn = session->dn, .queue = session->queue, .state = agent_state_logged_out};
            session->leaving = true;
            /* if the switch refuses, the logout is requested again after this time */
            session->logout_at_us = cti->now_us + cti->desktop_grace_us;
            cti_log(cti, GCX_LOG_WARNING, NO_CALL, "agent=%s dn=%s: the desktop did not come back, logged out",
                    session->agent, session->dn);
            cti->ops->agent(cti->self, 0, &change);
        }
    }
}

/* Ends after-call work that this adapter has begun (facts.c) and whose time is over. */
static void watch_after_call_work(struct cti *cti)
{
    enum { AGAIN_US = 5000000 };
    for (struct agent_session *session = cti->agents.first; session; session = session->next) {
        if (session->ready_at_us != 0 && session->ready_at_us <= cti->now_us && cti->switch_up) {
            struct agent_ask change = {
                .agent = session->agent, .dn = session->dn, .queue = session->queue, .state = agent_state_ready};
            /* if the switch refuses, the change is requested again after this time */
            session->ready_at_us = cti->now_us + AGAIN_US;
            cti->ops->agent(cti->self, 0, &change);
        }
    }
}

/* Logs how many calls were refused for lack of room, now and then: a line for each call would be too many in such a
 * rush. */
static void say_refused(struct cti *cti)
{
    enum { SAY_US = 5000000 };
    uint64_t fresh = cti->refused - cti->refused_said;
    if (fresh == 0 || (cti->refused_said_us != 0 && cti->now_us - cti->refused_said_us < SAY_US)) return;
    cti->refused_said = cti->refused;
    cti->refused_said_us = cti->now_us;
    cti_log(cti, GCX_LOG_WARNING, NO_CALL, "%llu calls that arrived went to the default destinations: no room",
            (unsigned long long)fresh);
}

/* Ends the time in which another core might lead: the switch and the core now get what was held back from them. */
static void end_aside(struct cti *cti)
{
    if (!cti->aside || cti_is_aside(cti)) return;
    cti->aside = false;
    cti_log(cti, GCX_LOG_INFO, NO_CALL,
            cti->core_up ? "no other core may lead any more" : "no core is there: the switch is asked as before");
    if (cti->switch_up) routing_again(cti);
    for (struct call *call = cti->calls.first; call; call = call->next) {
        if (call->unnamed) facts_tell_conn(cti, call);
        if (cti->core_up && !call->announced && !call->refused) resync_call(cti, call, NULL);
    }
}

void cti_tick(struct cti *cti)
{
    struct ask *ask;
    cti_clock(cti);
    while ((ask = asks_take_due(&cti->asks, cti->now_us))) ask_failed(cti, ask, code_timeout, "no answer in time");
    end_aside(cti);
    watch_treatments(cti);
    if (!cti->aside) watch_desktops(cti);
    if (!cti->aside) watch_after_call_work(cti);
    clients_renew_tokens(cti);
    invites_tick(cti);
    routing_tick(cti);
    say_refused(cti);
}
