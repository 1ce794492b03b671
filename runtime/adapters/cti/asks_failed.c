/* runtime/adapters/cti/asks_failed.c - Requests that have failed: whoever made the request is told. */
#include <assert.h>
#include <stdlib.h>

#include "runtime/adapters/cti/internal.h"

static bool is_own_default(const struct ask *ask, const struct call *call)
{
    return ask->expect == EXPECT_ROUTE_USED && ask->asker.ref == 0 && call && call->visit.defaulting;
}

static void default_failed(struct cti *cti, struct call *call, enum code code)
{
    assert(call->visit.defaulting);
    if (code == code_gone || code == code_unknown_conn_id) return; /* the end of the call will be reported soon */
    if (code == code_link_down) {
        call->visit.defaulting = false; /* routing_again() sends the route when the switch is back */
        return;
    }
    routing_next(cti, call);
}

/* Notes that a logout has failed: the agent stays logged in, and is made not ready now if the desktop has gone
 * meanwhile. */
static void logout_failed(struct cti *cti, const char *dn)
{
    struct agent_session *session = agents_at(&cti->agents, dn);
    if (session) session->leaving = false;
    if (session && cti->switch_up) clients_settle(cti);
}

/* Tells the one who made the request that it has failed: a client by EventError, the core by EventDone. A route to a
 * default destination was requested by nobody: the next default destination is tried. */
void ask_failed(struct cti *cti, struct ask *ask, enum code code, const char *text)
{
    struct call *call = calls_by_conn(&cti->calls, ask->conn);
    if (ask->expect == EXPECT_AGENT && ask->state == agent_state_logged_out) logout_failed(cti, ask->dn);
    if (ask->expect == EXPECT_DATA && call) {
        notify_send(cti, "", notify_call(cti, CLIENT_EventAttachedDataChanged, call, ask->dn, &ask->asker),
                    &ask->asker);
    } else if (is_own_default(ask, call)) {
        cti_log(cti, GCX_LOG_WARNING, call, "RouteDefault dest=%s code=%s %s", ask->destination, enum_name_code(code),
                text);
        default_failed(cti, call, code);
    } else if (ask->asker.client != 0) {
        notify_error(cti, &ask->asker, ask->dn, ask->conn, code, text);
    } else if (ask->asker.ref != 0) {
        cti_log(cti, GCX_LOG_WARNING, call, "EventError dn=%s dest=%s code=%s %s", ask->dn, ask->destination,
                enum_name_code(code), text);
        post_done(cti, call, &ask->asker, code == code_timeout ? outcome_timeout : outcome_error, code, text);
    }
    free(ask);
}

void asks_fail_call(struct cti *cti, uint64_t conn, enum code code, const char *text)
{
    struct ask *ask;
    while ((ask = asks_take_conn(&cti->asks, conn))) ask_failed(cti, ask, code, text);
}
