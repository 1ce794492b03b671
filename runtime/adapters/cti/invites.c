/* runtime/adapters/cti/invites.c - Invitations: agents' desktops are asked whether they take a call, and are sent
 * its outcome.
 *
 * An invitation ends when the core withdraws it, the agent rejects it, its time is over while the core is away
 * (LATE_US later), no desktop gets it (DEAF_US), or at the latest ACCEPTED_US after it was accepted. The event is
 * made before the invitation is freed and sent afterwards, as a send may end clients. */
#include "runtime/adapters/cti/invites.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/json_kv.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

/* Normally the core ends an invitation whose time is over, so LATE_US counts only if the core is away; DEAF_US is
 * for a desktop that is lost and comes back; ACCEPTED_US makes sure that an agent who has accepted gets an end if
 * nothing comes of it. */
enum { LATE_US = 3000000, DEAF_US = 5000000, ACCEPTED_US = 300000000 };

static void invite_free(struct invite *invite)
{
    kv_free(&invite->data);
    free(invite);
}

void invites_free(struct invites *invites)
{
    for (struct invite *next, *at = invites->first; at; at = next) {
        next = at->next;
        invite_free(at);
    }
    invites->first = NULL;
}

struct invite *invites_find(const struct invites *invites, uint64_t claim)
{
    struct invite *at = invites->first;
    while (at && at->claim != claim) at = at->next;
    return at;
}

static void invites_forget(struct invites *invites, struct invite *invite)
{
    assert(invites->first); /* the invitation is in this list */
    struct invite **at = &invites->first;
    while (*at != invite) at = &(*at)->next;
    *at = invite->next;
    invite_free(invite);
}

/* --- Events to desktops --- */

/* Makes the event about the invitation; `data`: with what the desktop shows about the call, and the time that is
 * left. */
static json_t *invites_about(struct cti *cti, enum client_event what, const struct invite *invite, bool data)
{
    char ticket[CONN_TEXT], conn[CONN_TEXT];
    const struct call *call = calls_by_conn(&cti->calls, invite->conn);
    ident_print_conn(invite->claim, ticket);
    json_t *event = json_pack("{s:s, s:s, s:s, s:s}", "Message", cti_event_name(what), "ThisDN", invite->dn, "AgentID",
                              invite->agent, "TicketID", ticket);
    if (invite->conn != 0) {
        ident_print_conn(invite->conn, conn);
        json_object_set_new(event, "ConnID", json_string(conn));
    }
    if (call) json_object_set_new(event, "CallID", json_string(call->id));
    if (data && call) {
        json_object_set_new(event, "ANI", json_string(call->ani));
        json_object_set_new(event, "DNIS", json_string(call->dnis));
    }
    if (data) {
        int64_t left_us = invite->expires_us - LATE_US - cti->now_us;
        json_object_set_new(event, "Countdown", json_integer(left_us > 0 ? left_us / 1000 : 0));
        json_object_set_new(event, "UserData", json_from_kv(kv_span(call ? &call->data : &invite->data)));
    }
    return event;
}

/* Is a desktop connected that may answer the invitation? A wallboard may not. */
static bool invites_is_heard(struct cti *cti, const struct invite *invite)
{
    const struct cti_dn *dn = dns_find(&cti->dns, invite->dn);
    for (unsigned i = 0; dn && i < dn->client_count; i++) {
        const struct client *client = client_find(cti, dn->clients[i]);
        if (client && access_is_of_agent(client, invite->agent)) return true;
    }
    return false;
}

static void invites_revoke(struct cti *cti, struct invite *invite, enum cause cause)
{
    json_t *event = invites_about(cti, CLIENT_EventRevoked, invite, false);
    json_object_set_new(event, "Reason", json_string(enum_name_cause(cause)));
    char dn[NAME_SIZE];
    memcpy(dn, invite->dn, sizeof dn);
    invites_forget(&cti->invites, invite); /* removed first: the send may close a client that does not read */
    notify_send(cti, dn, event, NULL);
}

void invites_tell(struct cti *cti, const char *dn, struct client *client)
{
    for (struct invite *at = cti->invites.first; at; at = at->next) {
        if (strcmp(at->dn, dn) == 0 && !at->accepted && access_may(client, RIGHT_Events, dn)) {
            at->deaf_us = access_is_of_agent(client, at->agent) ? 0 : at->deaf_us;
            client_send(client, invites_about(cti, CLIENT_EventInvite, at, true));
            return; /* an agent has only one invitation at a time, and the client may be gone after the send */
        }
    }
}

/* --- Effects of the core --- */

/* Performs an effect about an invitation; an invitation that comes again goes on with the time that is left. */
void invite_perform(struct cti *cti, const struct message *effect)
{
    struct cti_asker asker = {.ixn = message_u(effect, ENVELOPE_ixn), .ref = message_u(effect, ENVELOPE_ref)};
    uint64_t conn = message_u(effect, ENVELOPE_conn), claim = message_u(effect, Invite_claim);
    struct call *call = calls_by_conn(&cti->calls, conn);
    char agent[NAME_SIZE];
    text_set_span(agent, sizeof agent, message_text(effect, Invite_agent));
    struct invite *invite = invites_find(&cti->invites, claim);
    const struct agent_session *session = agents_of_at(&cti->agents, agent, invite ? invite->dn : "");
    if (!session || (invite && strcmp(invite->dn, session->dn) != 0)) {
        post_done(cti, call, &asker, outcome_error, code_not_logged_in, "the agent is not logged in");
        return;
    }
    if (call) call->instructed = true; /* a strategy works on the call */
    bool fresh = !invite;
    if (fresh) {
        invite = memory_zeroed(1, sizeof *invite);
        kv_init(&invite->data);
        invite->next = cti->invites.first;
        cti->invites.first = invite;
    }
    invite->claim = claim;
    invite->conn = conn;
    invite->asker = asker;
    memcpy(invite->agent, agent, sizeof invite->agent);
    text_set(invite->dn, sizeof invite->dn, session->dn);
    invite->expires_us = cti->now_us + message_i(effect, Invite_countdown) + LATE_US;
    if (!fresh) return;
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(message_text(effect, Invite_data), &at, &pair);)
        kv_put(&invite->data, pair.key, &pair.value);
    cti_log(cti, GCX_LOG_INFO, call, "EventInvite agent=%s dn=%s", invite->agent, invite->dn);
    invite->deaf_us = invites_is_heard(cti, invite) ? 0 : cti->now_us + DEAF_US;
    notify_send(cti, session->dn, invites_about(cti, CLIENT_EventInvite, invite, true), NULL);
}

void cti_invite_withdraw(struct cti *cti, const struct message *effect)
{
    struct invite *invite = invites_find(&cti->invites, message_u(effect, Withdraw_claim));
    if (!invite) return;
    enum cause cause = (enum cause)message_u(effect, Withdraw_reason);
    cti_log(cti, GCX_LOG_INFO, calls_by_conn(&cti->calls, invite->conn), "EventRevoked agent=%s cause=%s",
            invite->agent, enum_name_cause(cause));
    invites_revoke(cti, invite, cause);
}

/* The core has answered an agent's acceptance: on ok the DN's clients are told. If another agent has the call the
 * invitation is revoked. ask_failed() sends any other answer to the asker. */
void invite_answered(struct cti *cti, const struct ask *ask, enum code code)
{
    bool accepts = ask->expect == EXPECT_ACCEPTED;
    enum client_event event_of = accepts ? CLIENT_EventAccepted : CLIENT_EventRejected;
    assert(ask->expect == EXPECT_ACCEPTED || ask->expect == EXPECT_REJECTED);
    struct invite *invite = invites_find(&cti->invites, ask->claim);
    if (code == code_taken && invite) {
        invites_revoke(cti, invite, cause_redirected);
    } else if (code == code_ok && invite) {
        json_t *event = invites_about(cti, event_of, invite, false);
        if (accepts) {
            invite->accepted = true;
            invite->expires_us = cti->now_us + ACCEPTED_US;
        } else {
            invites_forget(&cti->invites, invite);
        }
        notify_send(cti, ask->dn, event, &ask->asker);
    } else if (code == code_ok) { /* the invitation was withdrawn meanwhile; the asker still needs the answer */
        char ticket[CONN_TEXT];
        ident_print_conn(ask->claim, ticket);
        notify_send(
            cti, "",
            json_pack("{s:s, s:s, s:s}", "Message", cti_event_name(event_of), "ThisDN", ask->dn, "TicketID", ticket),
            &ask->asker);
    }
}

/* --- Time --- */

void invites_tick(struct cti *cti)
{
    for (struct invite *at = cti->invites.first; at; at = at->next) {
        if (at->accepted && at->expires_us <= cti->now_us) {
            invites_forget(&cti->invites, at);
        } else if (at->expires_us <= cti->now_us) {
            invites_revoke(cti, at, cause_timeout);
        } else if (at->deaf_us != 0 && at->deaf_us <= cti->now_us && !invites_is_heard(cti, at)) {
            post_done(cti, calls_by_conn(&cti->calls, at->conn), &at->asker, outcome_error, code_unavailable,
                      "the agent has no desktop");
            invites_forget(&cti->invites, at);
        } else {
            continue;
        }
        return; /* one invitation is ended per call of this function, since ending it may change the list */
    }
}

void invites_forget_core(struct cti *cti)
{
    while (cti->invites.first) invites_revoke(cti, cti->invites.first, cause_router_gone);
}
