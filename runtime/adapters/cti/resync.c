/* runtime/adapters/cti/resync.c - Reports the present state to the core as Observed: ResyncBegin, one Observed for
 * each DN, agent and call, ResyncEnd with their count.
 *
 * While `switch_up` is false the model may not match the switch: a resync that the core requests waits
 * (`resync_wanted`). */
#include <assert.h>
#include <stdlib.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/events_link.h"

static struct writer *resync_observed(struct cti *cti, const struct call *call, const struct cti_asker *asker,
                                      enum object what)
{
    struct writer *writer = post_begin(cti, KIND_Observed, call, asker);
    writer_u(writer, Observed_what, what);
    return writer;
}

enum party_change resync_change_of(enum party_state state)
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
        const struct call_party *party = &call->parties[i];
        const struct agent_session *session = agents_at(&cti->agents, party->dn);
        writer_record_begin(writer);
        writer_text(writer, Party_dn, party->dn);
        writer_u(writer, Party_role, party->monitors ? party_role_supervisor : cti_party_role_of(cti, call, party->dn));
        writer_u(writer, Party_change, resync_change_of(party->state));
        writer_text(writer, Party_agent, session ? session->agent : NULL);
        writer_i(writer, Party_since, cti_wall(cti, party->since_us));
        writer_record_end(writer);
    }
    writer_list_end(writer);
}

/* Reports a call. For a call at a routing point, this is also the report of the visit, with the same effect as an
 * EventRouteRequest. */
void resync_call(struct cti *cti, struct call *call, const struct cti_asker *asker)
{
    bool stands = call->visit.dn[0] != 0 && !call->visit.at_ivr;
    struct writer *writer = resync_observed(cti, call, asker, object_call);
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
    for (unsigned i = 0; i < call->party_count; i++)
        if (call->parties[i].monitors)
            post_watcher(cti, call, &call->parties[i], resync_change_of(call->parties[i].state));
    if (call->unsaid && call->announced) {
        post_again(cti, (struct span){call->unsaid, call->unsaid_length});
        free(call->unsaid);
        call->unsaid = NULL;
    }
}

/* Returns how long the core is to wait for the agent's desktop, if an earlier process had one; 0: a desktop is
 * connected. */
static int64_t desktop_grace(const struct cti *cti, const struct agent_session *session)
{
    int64_t grace_us = session->logout_at_us == 0 ? cti->desktop_grace_us : session->logout_at_us - cti->now_us;
    if (agents_have_desktop(&cti->agents, session->agent)) return 0;
    return grace_us > 0 ? grace_us : 1;
}

/* Reports an agent. An agent with several DNs has one state: that of the session that changed last. */
void resync_agent(struct cti *cti, const struct agent_session *session, const struct cti_asker *asker)
{
    const struct agent_session *latest = agents_of(&cti->agents, session->agent);
    assert(latest); /* `session` itself is a session of the agent, so there is one */
    struct writer *writer = resync_observed(cti, NULL, asker, object_agent);
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

void resync_dn(struct cti *cti, const struct cti_dn *dn, const struct cti_asker *asker)
{
    assert(dn->known);
    struct writer *writer = resync_observed(cti, NULL, asker, object_dn);
    writer_text(writer, Observed_dn, dn->number);
    writer_u(writer, Observed_dn_state, dn->state);
    writer_u(writer, Observed_dn_type, dn->type);
    post_end(cti, NULL, NULL);
}

/* Reports all agents. For an agent at several DNs, the DN that changed last comes last, as it counts if the core
 * knows only one. */
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

static void post_bound(struct cti *cti, unsigned kind, unsigned field, uint64_t count, const struct cti_asker *asker)
{
    writer_u(post_begin(cti, kind, NULL, asker), field, count);
    post_end(cti, NULL, NULL);
}

/* Reports everything. DNs come before agents and agents before calls, so that each is known when another names it. */
void resync_all(struct cti *cti, uint64_t ixn, uint64_t ref)
{
    struct cti_asker asker = {.ixn = ixn, .ref = ref};
    uint64_t count = 0;
    if (!cti->switch_up) { /* the calls and agents at the switch are not known yet */
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

/* Reports all agents, but nothing while the link to the switch is down: a resync will follow then. */
void resync_agents(struct cti *cti, uint64_t ixn, uint64_t ref)
{
    struct cti_asker asker = {.ixn = ixn, .ref = ref};
    if (!cti->switch_up || cti->resync_wanted) return;
    uint64_t count = agents_told(cti);
    post_bound(cti, KIND_ResyncEnd, ResyncEnd_count, count, &asker);
}
