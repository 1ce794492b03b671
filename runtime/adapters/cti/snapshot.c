/* runtime/adapters/cti/snapshot.c - Sets the present state from the switch's snapshot.
 *
 * The snapshot comes as facts between cti_snapshot_begin() and cti_snapshot_end(): each object in it becomes `seen`;
 * at the end objects that are not `seen` are gone, unless a line of the snapshot could not be read.
 *
 *     link lost      cti_switch_down()       asks fail, but for the core's routes and pull-backs, which wait
 *     link back      cti_snapshot_...()      model and switch agree again; changes are told as if they happened now
 *                    cti_snapshot_end()      switch_up; waiting routes and defaults go on; the core's resync
 */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/bytes.h"

/* The link is lost: open requests to the switch fail; for treatments that had not begun, the next snapshot shows the
 * result. */
void cti_switch_down(struct cti *cti)
{
    struct ask *ask;
    if (!cti->switch_up) return;
    cti->switch_up = false;
    cti->switch_lost_us = cti->now_us - cti->switch_lag_us;
    while ((ask = asks_take_switch(&cti->asks))) {
        bool may_ring = ask->expect == EXPECT_DIALLED; /* the loss of the link hides whether the switch dials the
                                                        * requested call */
        ask_failed(cti, ask, may_ring ? code_outcome_unknown : code_link_down, "the link to the switch is down");
    }
    for (ask = cti->asks.all.first; ask; ask = ask->next[ASK_ALL])
        if (ask_outlives_link(ask)) ask->deadline_us = cti->now_us + LINK_GRACE_US;
    for (struct call *call = cti->calls.first; call; call = call->next) call->treatment_deadline_us = 0;
    cti->services->peer(cti->link, cti->name, false);
    cti_log(cti, GCX_LOG_WARNING, NO_CALL, "EventLinkDisconnected");
    notify_link(cti);
}

void cti_snapshot_begin(struct cti *cti)
{
    cti_clock(cti);
    cti->unread = false;
    cti->met = cti->met_late = 0;
    for (struct call *call = cti->calls.first; call; call = call->next) {
        call->seen = call->unread = false;
        call->treatment_seen = 0;
        for (unsigned i = 0; i < call->party_count; i++) call->parties[i].seen = false;
    }
    for (struct agent_session *session = cti->agents.first; session; session = session->next) session->seen = false;
}

/* Is it the call that had this CallID before? A switch keeps our ConnID with the call; if the ConnID was lost, the
 * caller's number decides. */
static bool same_call(const struct call *call, const struct call_facts *facts)
{
    if (facts->correlator != 0 && facts->correlator != call->correlator) return facts->correlator == call->conn;
    return !facts->ani || strcmp(facts_number_told(facts->ani), call->ani) == 0;
}

/* Returns the call of the snapshot. A CallID that belongs to another call than before is a new call: the old call is
 * gone. */
struct call *cti_snapshot_call(struct cti *cti, const struct call_facts *facts)
{
    struct call *call = !facts->call_id ? NULL : calls_by_id(&cti->calls, facts->call_id);
    if (call && !same_call(call, facts)) { /* the switch has numbered its calls anew */
        cti_call_gone(cti, call, cause_lost);
        call = NULL;
    }
    if (!call)
        call = facts_make_call(cti, facts); /* the resync tells the core about the call */
    else if (facts->correlator != call->conn)
        facts_tell_conn(cti, call); /* otherwise a later process of this adapter would not know the ConnID */
    if (call) call->seen = true;
    return call;
}

/* The call has come to a routing point while the link was down. If the call was dialled, somebody has answered; if the
 * switch does not say when, nobody knows whether that person waited too long, and the dialler must assume so. */
static void visit_missed(struct cti *cti, struct call *call, const char *dn, const char *visit, int64_t waited_us)
{
    int64_t unsaid_us = call->unmet ? cti->switch_lost_us : cti->now_us;
    int64_t since_us = waited_us >= 0 ? cti->now_us - waited_us : unsaid_us;
    if (since_us < call->since_us) since_us = call->since_us;
    if (call->unmet) {
        call->answered_us = since_us;
        cti->met++;
        cti->met_late += waited_us < 0;
    }
    cti_route_request(cti, call, dn, visit, NULL, NULL);
    call->since_us = since_us;
}

/* Has the switch sent a dialled call, which was answered, to this DN? A telephone that rings may be the dialled one,
 * if the dialled number is not known. */
static bool snapshot_sent_on(const struct cti *cti, const struct call *call, const char *dn, enum party_state state)
{
    const struct cti_dn *at = dns_find(&cti->dns, dn);
    const struct call_party *party = call_party(call, dn);
    bool point = at && (at->type == dn_type_routing_point || at->type == dn_type_external_routing_point);
    bool inside = agents_at(&cti->agents, dn) || (at && at->known && at->type != dn_type_trunk);
    bool heard = party && (party->monitors || party->state == state || party->state == PARTY_ESTABLISHED ||
                           party->state == PARTY_HELD);
    if (point || !inside || heard || strcmp(dn, call->dnis) == 0) return false;
    return state == PARTY_ESTABLISHED || state == PARTY_HELD || state == PARTY_QUEUED ||
           (state == PARTY_RINGING && call->dnis[0] != 0);
}

/* Reports that the switch itself has routed a dialled call, which was answered, from its routing point; a call that
 * the snapshot shows as dialling has no answer yet. */
static void sending_missed(struct cti *cti, struct call *call, const char *dn)
{
    char point[NAME_SIZE] = "";
    assert(call->unmet && call->announced);
    for (unsigned i = 0; i < call->party_count; i++) {
        const struct cti_dn *from = dns_find(&cti->dns, call->parties[i].dn);
        if (from && from->type == dn_type_routing_point && !call->parties[i].seen)
            memcpy(point, from->number, sizeof point);
    }
    if (!*point) return;
    visit_missed(cti, call, point, "", -1);
    cti_route_used(cti, call, dn, route_how_other, cause_lost);
}

/* Takes a party of the snapshot; changes that were missed are reported as if they happened now. */
void cti_snapshot_party(struct cti *cti, struct call *call, const char *dn, enum party_state state, const char *queue)
{
    if (call->unmet && call->announced && snapshot_sent_on(cti, call, dn, state)) sending_missed(cti, call, dn);
    struct call_party *party = call_party(call, dn);
    struct party_facts facts = {.queue = queue};
    if (state == PARTY_ROUTING || (party && party->state == state) || !call->announced) {
        party = call_set_party(call, dn, state, cti->now_us);
        if (party && queue) text_set(party->queue, sizeof party->queue, queue);
        return;
    }
    bool retrieved = party && party->state == PARTY_HELD && state == PARTY_ESTABLISHED;
    cti_party(cti, call, retrieved ? party_change_Retrieved : resync_change_of(state), dn, &facts);
}

void cti_snapshot_visit(struct cti *cti, struct call *call, const char *dn, const char *visit, int64_t waited_us)
{
    if (strcmp(call->visit.id, visit) == 0 && strcmp(call->visit.dn, dn) == 0) {
        call_set_party(call, dn, call->visit.at_ivr ? PARTY_ESTABLISHED : PARTY_ROUTING, cti->now_us);
    } else if (call->announced) {
        visit_missed(cti, call, dn, visit, waited_us);
    } else {
        call->visit = (struct call_visit){.since_us = cti->now_us};
        text_set(call->visit.dn, sizeof call->visit.dn, dn);
        text_set(call->visit.id, sizeof call->visit.id, visit);
        call_set_party(call, dn, PARTY_ROUTING, cti->now_us);
    }
}

/* Takes an agent of the snapshot; a login is reported before the agent's state. */
void cti_snapshot_agent(struct cti *cti, const char *agent, const char *dn, const char *queue, enum agent_state state,
                        enum work_mode mode, struct span reasons)
{
    struct agent_session *session = agents_at(&cti->agents, dn);
    if (!session || strcmp(session->agent, agent) != 0) {
        cti_agent(cti, agent, dn, queue, agent_state_logged_in, work_mode_unknown, (struct span){0});
        session = agents_at(&cti->agents, dn);
    }
    if (session && session->state != state) {
        cti_agent(cti, agent, dn, queue, state, mode, reasons);
        session = agents_at(&cti->agents, dn);
    }
    if (session) session->seen = true;
}

/* Ends parties that left while the link was down; a visit that ended then was routed by somebody else. */
static void end_unseen_parties(struct cti *cti, struct call *call)
{
    assert(call->seen);
    for (unsigned i = 0; i < call->party_count;) {
        struct call_party *party = &call->parties[i];
        if (party->seen) {
            i++;
            continue;
        }
        char dn[NAME_SIZE];
        memcpy(dn, party->dn, sizeof dn);
        struct party_facts facts = {.cause = cause_lost};
        if (strcmp(call->visit.dn, dn) == 0)
            cti_route_used(cti, call, "", route_how_other, cause_lost);
        else if (party->state == PARTY_QUEUED)
            cti_party(cti, call, party_change_Diverted, dn, &facts);
        else
            cti_party(cti, call, party_change_Released, dn, &facts);
    }
}

/* Takes over a treatment that an earlier process requested. */
static void adopt_treatment(struct call *call, uint64_t ref)
{
    assert(ref != 0);
    call->treatment = call->treatment_running = ref;
    call->last_ref = ref > call->last_ref ? ref : call->last_ref;
}

bool cti_snapshot_ended(struct call *call, uint64_t ref)
{
    if (ref != 0 && call->treatment == 0) adopt_treatment(call, ref);
    return ref != 0 && call->treatment_running == ref;
}

/* Settles the call's treatment: one that the snapshot shows as running or ended is settled. If the treatment had begun
 * and the snapshot does not show it, the treatment has ended, and the caller's digits are lost. A treatment that had
 * not begun and that the snapshot does not show has never reached the switch: the core requests it again. */
static void settle_treatment(struct cti *cti, struct call *call)
{
    assert(call->seen);
    uint64_t running = call->treatment_running;
    if (call->treatment_seen != 0 && call->treatment == 0) {
        adopt_treatment(call, call->treatment_seen);
        call->treatment_started = true;
    } else if (running != 0 && running == call->treatment_seen) {
        call->treatment_started = true;
    } else if (running != 0 && call->treatment_started) {
        cti_treatment(cti, call, treatment_change_End, running, NULL, NULL, NULL, cause_lost);
    } else if (running != 0) {
        call->treatment_running = 0;
        call_not_done(call, running);
    }
}

/* Requests the core's routes and pull-backs again that were lost with the link, unless the snapshot has answered
 * them. */
static void snapshot_ask_again(struct cti *cti)
{
    for (struct ask *ask = cti->asks.all.first, *next; ask; ask = next) {
        next = ask->next[ASK_ALL];
        const struct call *call = calls_by_conn(&cti->calls, ask->conn);
        if (!ask_outlives_link(ask) || !call) continue;
        const struct call_party *party = call_party(call, ask->dn);
        ask->deadline_us = cti->now_us + ASK_US;
        if (ask->expect == EXPECT_ROUTE_USED && call->visit.dn[0] != 0 && !cti->aside)
            cti->ops->route(cti->self, ask->id, call, ask->destination);
        else if (ask->expect == EXPECT_ROUTE_REQUEST && party && party->state == PARTY_RINGING)
            cti->ops->deflect(cti->self, ask->id, call, ask->dn, ask->destination);
        else
            cti_refused(cti, ask->id, code_invalid_state, "it changed while the link to the switch was down");
    }
}

void cti_snapshot_unread(struct cti *cti, const char *call_id)
{
    struct call *call = calls_by_id(&cti->calls, call_id);
    cti->unread = cti->unread || call_id[0] == 0;
    if (call) call->unread = true;
}

/* Ends a snapshot: agents that it did not show have logged out, calls that it did not show are gone; then everything
 * that waited for the switch goes on. */
void cti_snapshot_end(struct cti *cti)
{
    for (struct agent_session *session = cti->agents.first, *next; session; session = next) {
        next = session->next;
        if (!session->seen) {
            char agent[NAME_SIZE], dn[NAME_SIZE];
            memcpy(agent, session->agent, sizeof agent);
            memcpy(dn, session->dn, sizeof dn);
            cti_agent(cti, agent, dn, NULL, agent_state_logged_out, work_mode_unknown, (struct span){0});
        }
    }
    for (struct call *call = cti->calls.first, *next; call; call = next) {
        next = call->next;
        if (call->seen) {
            settle_treatment(cti, call);
            end_unseen_parties(cti, call);
        } else if (!call->unread && !cti->unread) {
            cti_call_gone(cti, call, cause_lost);
        }
    }
    cti->switch_up = true;
    cti_log(cti, GCX_LOG_INFO, NO_CALL,
            "EventLinkConnected: %u calls, %u dialled and answered meanwhile, %u of them for a time that is not known",
            cti->calls.count, cti->met, cti->met_late);
    cti->services->peer(cti->link, cti->name, true);
    notify_link(cti);
    snapshot_ask_again(cti);
    if (!cti->aside) routing_again(cti);
    clients_settle(cti);
    if (cti->resync_wanted &&
        cti->core_up) /* otherwise the core requests a resync when it hears of the link, or when it is back */
        resync_all(cti, cti->resync_ixn, cti->resync_ref);
}
