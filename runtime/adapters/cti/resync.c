/* runtime/adapters/cti/resync.c - The present state: read from the switch's snapshot, told to the core as Observed.
 *
 * Two directions. The switch's snapshot comes as facts between cti_snapshot_begin() and cti_snapshot_end(): each
 * object that it names is `seen`; at the end those that were not seen are gone, unless a line of the snapshot could
 * not be read. The core's resync goes the other way: ResyncBegin, one Observed per DN, agent and call, ResyncEnd
 * with their count.
 *
 *     link lost      cti_switch_down()       asks fail, but for the core's routes and pull-backs, which wait
 *     link back      cti_snapshot_...()      model and switch agree again; changes are told as if they happened now
 *                    cti_snapshot_end()      switch_up; waiting routes and defaults go on; the core's resync
 *
 * While `switch_up` is false the model may lag behind the switch: a resync that the core asks for waits
 * (`resync_wanted`). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/bytes.h"

/* --- To the core --- */

static struct writer *observed(struct cti *cti, const struct call *call, const struct asker *asker, enum object what)
{
    struct writer *writer = post_begin(cti, KIND_Observed, call, asker);
    writer_u(writer, Observed_what, what);
    return writer;
}

static enum party_change resync_change_of(enum party_state state)
{
    switch (state) {
    case PARTY_DIALING:
        return party_change_Dialing;
    case PARTY_ROUTING:
    case PARTY_QUEUED:
        return party_change_Queued;
    case PARTY_RINGING:
        return party_change_Ringing;
    case PARTY_ESTABLISHED:
        return party_change_Established;
    case PARTY_HELD:
        return party_change_Held;
    case PARTY_FAILED:
        return party_change_DestinationBusy;
    }
    return party_change_other;
}

static void write_parties(struct cti *cti, struct writer *writer, const struct call *call)
{
    writer_list_begin(writer, Observed_parties);
    for (unsigned i = 0; i < call->party_count; i++) {
        const struct party *party = &call->parties[i];
        const struct agent_session *session = agents_at(&cti->agents, party->dn);
        if (party->monitors) continue;
        writer_record_begin(writer);
        writer_text(writer, Party_dn, party->dn);
        writer_u(writer, Party_role, party_role_of(cti, call, party->dn));
        writer_u(writer, Party_change, resync_change_of(party->state));
        writer_text(writer, Party_agent, session ? session->agent : NULL);
        writer_i(writer, Party_since, cti_wall(cti, party->since_us));
        writer_record_end(writer);
    }
    writer_list_end(writer);
}

/* The visit counts as told with this event: it has the same effect as an EventRouteRequest. */
void resync_call(struct cti *cti, struct call *call, const struct asker *asker)
{
    bool stands = call->visit.dn[0] != 0 && !call->visit.at_ivr;
    struct writer *writer = observed(cti, call, asker, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_u(writer, Observed_call_type, call->type);
    writer_text(writer, Observed_call_id, call->id);
    writer_text(writer, Observed_ani, call->ani);
    writer_text(writer, Observed_dnis, call->dnis);
    writer_text(writer, Observed_dn, stands ? call->visit.dn : NULL);
    write_parties(cti, writer, call);
    writer_u(writer, Observed_correlator, call->correlator);
    writer_kv(writer, Observed_data, &call->data);
    writer_u(writer, Observed_revision, call->revision);
    writer_u(writer, Observed_last_ref, call->last_ref);
    writer_u(writer, Observed_instructed, call->instructed);
    writer_i(writer, Observed_since, cti_wall(cti, call->since_us));
    writer_u(writer, Observed_hops, call->hops);
    writer_u(writer, Observed_at_routing_point, stands);
    uint64_t before = cti->posted;
    if (post_end(cti, call, asker)) call->announced = true;
    if (cti->posted > before && stands) call->visit.posted = cti->posted;
    if (call->unsaid && call->announced) {
        post_again(cti, (struct span){call->unsaid, call->unsaid_length});
        free(call->unsaid);
        call->unsaid = NULL;
    }
}

/* So long the core is to wait for the agent's desktop, if there was one before this process was; 0: it is there. */
static int64_t desktop_grace(const struct cti *cti, const struct agent_session *session)
{
    int64_t grace_us = session->logout_at_us == 0 ? cti->desktop_grace_us : session->logout_at_us - cti->now_us;
    if (agents_have_desktop(&cti->agents, session->agent)) return 0;
    return grace_us > 0 ? grace_us : 1;
}

/* An agent of several DNs has one state: that which changed last. */
void resync_agent(struct cti *cti, const struct agent_session *session, const struct asker *asker)
{
    const struct agent_session *latest = agents_of(&cti->agents, session->agent);
    assert(latest); /* it has this session, at least */
    struct writer *writer = observed(cti, NULL, asker, object_agent);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, session->dn);
    writer_text(writer, Observed_agent, session->agent);
    writer_text(writer, Observed_place, session->dn);
    writer_text(writer, Observed_queue, session->queue);
    writer_u(writer, Observed_state, latest->state);
    writer_u(writer, Observed_up, agents_have_desktop(&cti->agents, session->agent));
    writer_i(writer, Observed_since, cti_wall(cti, latest->since_us));
    writer_u(writer, Observed_work_mode, latest->work_mode);
    writer_kv(writer, Observed_reasons, &latest->reasons);
    writer_i(writer, Observed_desktop_grace, desktop_grace(cti, session));
    post_end(cti, NULL, NULL);
}

void resync_dn(struct cti *cti, const struct dn *dn, const struct asker *asker)
{
    assert(dn->known);
    struct writer *writer = observed(cti, NULL, asker, object_dn);
    writer_text(writer, Observed_dn, dn->number);
    writer_u(writer, Observed_dn_state, dn->state);
    writer_u(writer, Observed_dn_type, dn->type);
    post_end(cti, NULL, NULL);
}

/* For an agent at several DNs, the DN where something changed last comes last, for it counts where the core knows of
 * one only. */
static uint64_t agents_told(struct cti *cti)
{
    uint64_t count = 0;
    for (unsigned latest = 0; latest < 2; latest++) {
        for (struct agent_session *session = cti->agents.first; session; session = session->next) {
            if ((agents_of(&cti->agents, session->agent) == session) != (latest == 1)) continue;
            resync_agent(cti, session, NULL);
            count++;
        }
    }
    return count;
}

static void post_bound(struct cti *cti, unsigned kind, unsigned field, uint64_t count, const struct asker *asker)
{
    writer_u(post_begin(cti, kind, NULL, asker), field, count);
    post_end(cti, NULL, NULL);
}

/* DNs come before agents and agents before calls, so that each is known when another names it. */
void resync_all(struct cti *cti, uint64_t ixn, uint64_t ref)
{
    struct asker asker = {.ixn = ixn, .ref = ref};
    uint64_t count = 0;
    if (!cti->switch_up) { /* what is there is not known yet */
        cti->resync_wanted = true;
        cti->resync_ixn = ixn;
        cti->resync_ref = ref;
        return;
    }
    cti->resync_wanted = false;
    post_bound(cti, KIND_ResyncBegin, ResyncBegin_count, cti->calls.count, &asker);
    for (unsigned i = 0; i < cti->dns.count; i++) {
        if (cti->dns.all[i]->known) {
            resync_dn(cti, cti->dns.all[i], NULL);
            count++;
        }
    }
    count += agents_told(cti);
    for (struct call *call = cti->calls.first; call; call = call->next) {
        if (!call->refused) {
            resync_call(cti, call, NULL);
            count++;
        }
    }
    post_bound(cti, KIND_ResyncEnd, ResyncEnd_count, count, &asker);
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "ResyncEnd: %u calls, %llu objects in all", cti->calls.count,
            (unsigned long long)count);
}

/* Without a switch nothing is told: a resync will follow. */
void resync_agents(struct cti *cti, uint64_t ixn, uint64_t ref)
{
    struct asker asker = {.ixn = ixn, .ref = ref};
    if (!cti->switch_up || cti->resync_wanted) return;
    uint64_t count = agents_told(cti);
    post_bound(cti, KIND_ResyncEnd, ResyncEnd_count, count, &asker);
}

/* --- From the switch --- */

/* Asks to the switch fail; the snapshot tells what became of treatments that had not begun. */
void cti_switch_down(struct cti *cti)
{
    struct ask *ask;
    if (!cti->switch_up) return;
    cti->switch_up = false;
    while ((ask = asks_take_switch(&cti->asks))) {
        bool may_ring = ask->expect == EXPECT_DIALLED; /* the switch has been asked, and nobody hears what it does */
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
    for (struct call *call = cti->calls.first; call; call = call->next) {
        call->seen = call->unread = false;
        call->treatment_seen = 0;
        for (unsigned i = 0; i < call->party_count; i++) call->parties[i].seen = false;
    }
    for (struct agent_session *session = cti->agents.first; session; session = session->next) session->seen = false;
}

/* A switch keeps our ConnID with the call; where it was lost on its way, the caller's number tells. */
static bool same_call(const struct call *call, const struct call_facts *facts)
{
    if (facts->correlator != 0 && facts->correlator != call->correlator) return facts->correlator == call->conn;
    return !facts->ani || strcmp(call_number_told(facts->ani), call->ani) == 0;
}

/* A CallID that names another call than before is a new call: the old one is gone. */
struct call *cti_snapshot_call(struct cti *cti, const struct call_facts *facts)
{
    struct call *call = !facts->call_id ? NULL : calls_by_id(&cti->calls, facts->call_id);
    if (call && !same_call(call, facts)) { /* the switch has begun to count anew */
        cti_call_gone(cti, call, cause_lost);
        call = NULL;
    }
    if (!call)
        call = call_make(cti, facts); /* the core hears of it by the resync */
    else if (facts->correlator != call->conn)
        call_tell_conn(cti, call); /* or the next process of this adapter would not know it */
    if (call) call->seen = true;
    return call;
}

/* Changes that were missed are told as if they happened now. */
void cti_snapshot_party(struct cti *cti, struct call *call, const char *dn, enum party_state state, const char *queue)
{
    struct party *party = call_party(call, dn);
    struct party_facts facts = {.queue = queue};
    if (state == PARTY_ROUTING || (party && party->state == state) || !call->announced) {
        party = call_set_party(call, dn, state, cti->now_us);
        if (party && queue) text_set(party->queue, sizeof party->queue, queue);
        return;
    }
    bool retrieved = party && party->state == PARTY_HELD && state == PARTY_ESTABLISHED;
    cti_party(cti, call, retrieved ? party_change_Retrieved : resync_change_of(state), dn, &facts);
}

void cti_snapshot_visit(struct cti *cti, struct call *call, const char *dn, const char *visit)
{
    if (strcmp(call->visit.id, visit) == 0 && strcmp(call->visit.dn, dn) == 0) {
        call_set_party(call, dn, call->visit.at_ivr ? PARTY_ESTABLISHED : PARTY_ROUTING, cti->now_us);
    } else if (call->announced) {
        cti_route_request(cti, call, dn, visit, NULL, NULL);
    } else {
        call->visit = (struct visit){.since_us = cti->now_us};
        text_set(call->visit.dn, sizeof call->visit.dn, dn);
        text_set(call->visit.id, sizeof call->visit.id, visit);
        call_set_party(call, dn, PARTY_ROUTING, cti->now_us);
    }
}

/* A login is told before the state in which the agent is. */
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

/* Parties that left while nobody told us; a visit that ended was used by somebody else. */
static void end_unseen_parties(struct cti *cti, struct call *call)
{
    assert(call->seen);
    for (unsigned i = 0; i < call->party_count;) {
        struct party *party = &call->parties[i];
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

/* Asked for before this process was. */
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

/* A treatment that the switch reports as running or ended is settled. One that it does not report has ended if it had
 * begun, and the caller's digits are lost. Else the switch has never got it, and the core asks for it again. */
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

/* The core's routes and pull-backs that the lost link swallowed: what the snapshot showed has answered them, or they
 * are asked for again. */
static void resync_ask_again(struct cti *cti)
{
    for (struct ask *ask = cti->asks.all.first, *next; ask; ask = next) {
        next = ask->next[ASK_ALL];
        const struct call *call = calls_by_conn(&cti->calls, ask->conn);
        if (!ask_outlives_link(ask) || !call) continue;
        const struct party *party = call_party(call, ask->dn);
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

/* Agents that were not seen have logged out, calls that were not seen are gone; then all that waited for the switch
 * goes on. */
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
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "EventLinkConnected: %u calls", cti->calls.count);
    cti->services->peer(cti->link, cti->name, true);
    notify_link(cti);
    resync_ask_again(cti);
    if (!cti->aside) routing_again(cti);
    clients_settle(cti);
    if (cti->resync_wanted && cti->core_up) /* else the core asks, as it hears of the link, or when it is there */
        resync_all(cti, cti->resync_ixn, cti->resync_ref);
}
