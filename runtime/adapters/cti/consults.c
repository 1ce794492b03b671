/* runtime/adapters/cti/consults.c - An agent who consults somebody about a call has that call on hold, and is no
 * party of the consultation: so the agent's desktop gets the event EventConsultation of the held call. */
#include "runtime/adapters/cti/consults.h"

#include <string.h>

#include "runtime/adapters/cti/internal.h"

static void consult_send(struct cti *cti, const struct call *consult, const char *over)
{
    const struct call *main = consult->prev_conn != 0 ? calls_by_conn(&cti->calls, consult->prev_conn) : NULL;
    const struct call_party *party = main ? consult_asker(main, consult) : NULL;
    if (!party) return;
    char dn[NAME_SIZE];
    memcpy(dn, party->dn, sizeof dn);
    json_t *event = notify_call(cti, CLIENT_EventConsultation, main, dn, NULL);
    if (event && over) {
        json_t *state = json_pack("{s:s, s:s, s:s}", "State", "Released", "OtherDN", consult->dnis, "CallState", over);
        json_object_set_new(event, "Consultation", state);
    }
    notify_send(cti, dn, event, NULL);
}

void consult_tell_state(struct cti *cti, const struct call *call)
{
    consult_send(cti, call, NULL);
}

void consult_tell_over(struct cti *cti, const struct call *call, enum cause cause)
{
    consult_send(cti, call, enum_name_cause(cause));
}
