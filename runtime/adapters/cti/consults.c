/* runtime/adapters/cti/consults.c - An agent who consults somebody about a call has that call on hold, and is no
 * party of the consultation: so the agent's desktop gets the event EventConsultation of the held call. */
#include "runtime/adapters/cti/consults.h"

#include <string.h>

#include "runtime/adapters/cti/internal.h"

static void consult_send(struct cti *cti, const struct call *consult, const char *over, const struct cti_asker *asker)
{
    const struct call *main = consult->prev_conn != 0 ? calls_by_conn(&cti->calls, consult->prev_conn) : NULL;
    const struct call_party *party = main ? consult_asker(main, consult) : NULL;
    if (!party) return;
    char dn[NAME_SIZE];
    memcpy(dn, party->dn, sizeof dn);
    json_t *event = notify_call(cti, CLIENT_EventConsultation, main, dn, asker);
    if (event && over) {
        json_t *state = json_pack("{s:s, s:s, s:s}", "State", "Released", "OtherDN", consult->dnis, "CallState", over);
        json_object_set_new(event, "Consultation", state);
    }
    notify_send(cti, dn, event, asker);
}

void consult_tell_state(struct cti *cti, const struct call *call)
{
    consult_send(cti, call, NULL, NULL);
}

void consult_tell_over(struct cti *cti, const struct call *call, enum cause cause, const struct cti_asker *asker)
{
    consult_send(cti, call, enum_name_cause(cause), asker);
}
