/* runtime/adapters/cti/facts_party.c - Reports of the switch on the parties of a call. Each report has its effects
 * in the order that facts.c describes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/consults.h"
#include "runtime/adapters/cti/facts.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_call.h"

bool facts_is_queue(const struct cti *cti, const char *number)
{
    const struct cti_dn *dn = dns_find(&cti->dns, number);
    return dn && dn->type == dn_type_queue;
}

void facts_result(struct cti *cti, struct call *call, enum cause result)
{
    cti_log(cti, GCX_LOG_INFO, call, "EventCallProgress result=%s", enum_name_cause(result));
    if (call->announced) {
        struct writer *writer = post_begin(cti, KIND_EventCallProgress, call, NULL);
        writer_u(writer, EventCallProgress_result, result);
        writer_u(writer, EventCallProgress_by, progress_by_switch);
        writer_u(writer, EventCallProgress_final, 1);
        post_end(cti, call, NULL);
    }
}

void facts_progress(struct cti *cti, struct call *call, enum cause result)
{
    if (!call->dials) return;
    call->dials = false;
    facts_result(cti, call, result);
}

/* Returns which asks this change answers; -1: none. */
static int expected_by(enum party_change change)
{
    switch (change) {
    case party_change_Dialing:
        return EXPECT_DIALING;
    case party_change_Established:
        return EXPECT_ESTABLISHED;
    case party_change_Held:
        return EXPECT_HELD;
    case party_change_Retrieved:
        return EXPECT_RETRIEVED;
    case party_change_Released:
    case party_change_Abandoned:
        return EXPECT_RELEASED;
    default:
        return -1;
    }
}

/* Sets the state that the party has after the change; false: the party is gone then. */
static bool state_after(enum party_change change, enum party_state *state)
{
    switch (change) {
    case party_change_Queued:
        *state = PARTY_QUEUED;
        return true;
    case party_change_Dialing:
    case party_change_NetworkReached:
        *state = PARTY_DIALING;
        return true;
    case party_change_Ringing:
        *state = PARTY_RINGING;
        return true;
    case party_change_Established:
    case party_change_Retrieved:
    case party_change_PartyAdded:
        *state = PARTY_ESTABLISHED;
        return true;
    case party_change_Held:
        *state = PARTY_HELD;
        return true;
    case party_change_DestinationBusy:
        *state = PARTY_FAILED;
        return true;
    default:
        return false;
    }
}

static void post_party(struct cti *cti, struct call *call, enum party_change change, const char *dn,
                       const struct party_facts *facts, const char *queue, const struct cti_asker *asker)
{
    const struct agent_session *session = agents_at(&cti->agents, dn);
    struct writer *writer = post_begin(cti, KIND_EventParty, call, asker);
    writer_text(writer, EventParty_dn, dn);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, cti_party_role_of(cti, call, dn));
    writer_text(writer, EventParty_agent, session ? session->agent : NULL);
    writer_text(writer, EventParty_other_dn, facts->other);
    writer_text(writer, EventParty_to, facts->to);
    writer_text(writer, EventParty_queue, queue);
    writer_u(writer, EventParty_cause, facts->cause);
    post_end(cti, call, asker);
}

static const char *const watch_modes[] = {
    [ASK_LISTEN] = "Listen", [ASK_COACH] = "Coach", [ASK_BARGE_IN] = "BargeIn", [ASK_TAKE_OVER] = "TakeOver"};

/* A telephone by which a supervisor hears the call has changed. If it is gone, the core's request to hang up is done.
 */
static void watcher_changes(struct cti *cti, struct call *call, const struct call_party *party,
                            enum party_change change, const struct ask *ask)
{
    bool asked = ask && ask->asker.client == 0;
    post_watcher(cti, call, party, change);
    if (asked && ask->expect == EXPECT_RELEASED) post_done(cti, call, &ask->asker, outcome_ok, code_ok, NULL);
}

static void notify_party(struct cti *cti, const struct call *call, enum party_change change, const char *dn,
                         const struct party_facts *facts, const struct cti_asker *asker)
{
    json_t *event = notify_call(cti, cti_event_of_party(change), call, dn, asker);
    if (facts->to) json_object_set_new(event, "ThirdPartyDN", json_string(facts->to));
    if (facts->cause != cause_other)
        json_object_set_new(event, "CallState", json_string(enum_name_cause(facts->cause)));
    notify_send(cti, dn, event, asker);
}

static void party_log(struct cti *cti, const struct call *call, enum party_change change, const char *dn,
                      const struct party_facts *facts)
{
    char at[NUMBER_MASKED], to[NUMBER_MASKED];
    bool why = facts->cause != cause_other;
    cti_log(cti, call_level(call), call, "Event%s dn=%s%s%s%s%s data=%u bytes", enum_name_party_change(change),
            name_mask(dn, at), facts->to ? " to=" : "", facts->to ? name_mask(facts->to, to) : "", why ? " cause=" : "",
            why ? enum_name_cause(facts->cause) : "", (unsigned)call->data.length);
}

/* A party of a call changes, or leaves the call. After-call work begins before the core is told that the agent has
 * left the call. */
void cti_party(struct cti *cti, struct call *call, enum party_change change, const char *dn,
               const struct party_facts *facts)
{
    enum party_state state;
    int expected = expected_by(change);
    uint64_t conn =
        change == party_change_Dialing ? 0 : call->conn; /* the ask of a party that dials has no ConnID yet */
    struct ask *ask = expected < 0 ? NULL : asks_take(&cti->asks, (enum expect)expected, conn, dn);
    bool stays = state_after(change, &state);
    /* the other telephones of the route have stopped ringing */
    if (change == party_change_Established) call->also_count = 0;
    struct call_party *party = stays ? call_set_party(call, dn, state, cti->now_us) : call_party(call, dn);
    if (party && change == party_change_Held) party->muted = false; /* holding the call has ended the mute */
    if (party && facts->queue)
        text_set(party->queue, sizeof party->queue, facts->queue);
    else if (party && change == party_change_Ringing && facts_is_queue(cti, call->last_point))
        text_set(party->queue, sizeof party->queue, call->last_point);
    const char *queue = change == party_change_Queued ? dn : party ? party->queue : facts->queue;
    party_log(cti, call, change, dn, facts);
    bool monitors = party && party->monitors != NULL;
    if (!stays && !monitors) facts_wrap_up(cti, call, dn);
    /* the dialled party has answered */
    if (change == party_change_Established && !monitors) facts_progress(cti, call, cause_ok);
    if (monitors) {
        assert(!facts->queue); /* no queue has distributed the call to the dialling party */
        watcher_changes(cti, call, party, change, ask);
    } else if (call->announced) {
        post_party(cti, call, change, dn, facts, queue, fact_asker(ask));
    } else if (call->refused && stays && cti->core_up && agents_at(&cti->agents, dn)) {
        /* a default destination has led the call to an agent, who is busy now: the core must know */
        call->refused = false;
        resync_call(cti, call, NULL);
    }
    notify_party(cti, call, change, dn, facts, fact_asker(ask));
    if (stays) consult_tell_state(cti, call);
    if (!stays) {
        if (strcmp(call->visit.dn, dn) == 0) call_end_visit(call);
        call_remove_party(call, dn);
    }
    notify_parties(cti, call, dn, NULL);
    free(ask);
}

void cti_monitors(struct cti *cti, struct call *call, const char *dn, const char *of, enum party_ask mode)
{
    assert(mode >= ASK_LISTEN && mode <= ASK_TAKE_OVER);
    struct ask *ask = asks_take(&cti->asks, EXPECT_MONITORS, call->conn, dn);
    struct call_party *party = call_party(call, dn);
    if (!party) party = call_set_party(call, dn, PARTY_DIALING, cti->now_us);
    if (party) {
        party->monitors = watch_modes[mode];
        if (ask) memcpy(party->watcher, ask->destination, sizeof party->watcher);
        text_set(party->of, sizeof party->of, of);
        post_watcher(cti, call, party, resync_change_of(party->state));
    }
    if (ask && ask->asker.client == 0) post_done(cti, call, &ask->asker, outcome_ok, code_ok, NULL);
    cti_log(cti, GCX_LOG_INFO, call, "EventMonitoring dn=%s of=%s mode=%s", dn, of, watch_modes[mode]);
    json_t *event = notify_call(cti, CLIENT_EventMonitoring, call, dn, fact_asker(ask));
    if (event) json_object_set_new(event, "OtherDN", json_string(of));
    notify_send(cti, dn, event, fact_asker(ask));
    notify_parties(cti, call, dn, NULL);
    free(ask);
}

void cti_takes_over(struct cti *cti, struct call *call, const char *dn)
{
    struct call_party *party = call_party(call, dn);
    if (party && party->monitors) post_watcher(cti, call, party, party_change_Released);
    if (party) party->monitors = NULL;
    cti_log(cti, GCX_LOG_INFO, call, "the supervisor at dn=%s takes the call over", dn);
    notify_parties(cti, call, NULL, NULL);
}

/* Makes the consultation's parties those of the main call; the end of the consultation is a fact of its own
 * (cti_call_gone). */
void cti_merged(struct cti *cti, struct call *main, struct call *consult, const char *visit, enum party_how how)
{
    assert(main != consult); /* the plugin reports two different calls */
    char conn[CONN_TEXT];
    ident_print_conn(consult->conn, conn);
    call_take_over(main, consult, cti->now_us);
    consult->prev_conn = 0; /* the consultation's agent consults nobody any more */
    if (visit && main->visit.dn[0] != 0) text_set(main->visit.id, sizeof main->visit.id, visit);
    cti_log(cti, call_level(main), main, "EventPartyChanged previous=%s", conn);
    if (main->announced) {
        struct writer *writer = post_begin(cti, KIND_EventPartyChanged, main, NULL);
        writer_conn(writer, EventPartyChanged_prev_conn, consult->conn);
        writer_u(writer, EventPartyChanged_how, how);
        post_end(cti, main, NULL);
    }
    notify_parties(cti, main, NULL, conn);
}
