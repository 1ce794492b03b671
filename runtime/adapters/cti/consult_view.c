/* runtime/adapters/cti/consult_view.c - A consultation as the events of the held call show it.
 *
 *     main:     +493012345 -- 2001 (held)          the asker holds the call
 *     consult:  2001 -- 2002                       and asks somebody about it
 *
 *     consult_shown(main, 2001)     {"State": "Ringing", "OtherDN": "2002"}
 *     consult_about(consult, 2002)  {"AgentID": "ann", "OtherDN": "+493012345"}
 *
 * An asker who talks to the main call meanwhile has set the consultation aside: {..., "Aside": true}.
 *
 * `prev_conn` of the consultation is the ConnID of the call that it is about. */
#include <string.h>

#include "runtime/adapters/cti/consults.h"

/* Returns the party that has dialled the consultation, on hold or with the consultation set aside; or else the first
 * that has the call on hold. NULL: nobody does. */
const struct call_party *consult_asker(const struct call *main, const struct call *consult)
{
    const struct call_party *holder = NULL;
    for (unsigned i = 0; i < main->party_count; i++) {
        const struct call_party *party = &main->parties[i];
        bool aside = party->state == PARTY_ESTABLISHED && consult->talked;
        if ((aside || party->state == PARTY_HELD) && strcmp(party->dn, consult->ani) == 0) return party;
        if (party->state != PARTY_HELD) continue;
        if (!holder) holder = party;
    }
    return holder;
}

static const struct call *consult_of(const struct cti *cti, const struct call *main, const char *dn)
{
    const struct call_party *party = call_party(main, dn);
    if (!party) return NULL;
    for (const struct call *one = cti->calls.first; one; one = one->next)
        if (one->prev_conn == main->conn && consult_asker(main, one) == party) return one;
    return NULL;
}

/* Shows the consultation's state by its party that is furthest on: that is the one who is asked. If there is no such
 * party, the consultation is being dialled, or waits at a routing point. */
static json_t *consult_state(const struct call *consult, const char *asker)
{
    const struct call_party *asked = NULL;
    for (unsigned i = 0; i < consult->party_count; i++) {
        const struct call_party *party = &consult->parties[i];
        if (strcmp(party->dn, asker) == 0) continue;
        if (!asked || party->state == PARTY_ESTABLISHED ||
            (asked->state != PARTY_ESTABLISHED && party->state == PARTY_RINGING))
            asked = party;
    }
    bool point = asked && (asked->state == PARTY_ROUTING || asked->state == PARTY_QUEUED);
    const char *state = !asked ? "Dialing" : point ? "Queued" : party_state_word(asked->state);
    return json_pack("{s:s, s:s}", "State", state, "OtherDN", asked && !point ? asked->dn : consult->dnis);
}

/* Returns NULL for the party who asks: that party's desktop shows the held call itself. */
json_t *consult_about(const struct cti *cti, const struct call *consult, const char *dn)
{
    const struct call *main = consult->prev_conn != 0 ? calls_by_conn(&cti->calls, consult->prev_conn) : NULL;
    const struct call_party *party = main ? consult_asker(main, consult) : NULL;
    const char *asker = party ? party->dn : consult->ani;
    if (!main || strcmp(asker, dn) == 0) return NULL;
    const struct agent_session *session = agents_at(&cti->agents, asker);
    return json_pack("{s:s, s:s}", "AgentID", session ? session->agent : "", "OtherDN", call_other(main, asker));
}

json_t *consult_shown(const struct cti *cti, const struct call *call, const char *dn)
{
    const struct call *consult = consult_of(cti, call, dn);
    json_t *shown = consult ? consult_state(consult, dn) : NULL;
    if (consult && consult == consult_aside(cti, call, dn)) json_object_set_new(shown, "Aside", json_true());
    return shown;
}

const struct call *consult_aside(const struct cti *cti, const struct call *main, const char *dn)
{
    const struct call_party *party = call_party(main, dn);
    return party && party->state == PARTY_ESTABLISHED ? consult_of(cti, main, dn) : NULL;
}
