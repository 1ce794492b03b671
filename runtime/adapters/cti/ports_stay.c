/* runtime/adapters/cti/ports_stay.c - A call's stay at an IVR port, which the model treats as a party that comes and
 * leaves. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/cti/ports.h"

void port_take(struct cti *cti, struct call *call)
{
    struct party_facts facts = {.other = call->ani, .cause = cause_other};
    char dn[NAME_SIZE];
    assert(call->visit.dn[0] != 0 && !call->visit.at_ivr);
    memcpy(dn, call->visit.dn, sizeof dn);
    call->visit.at_ivr = true;
    cti_party(cti, call, party_change_Established, dn, &facts);
}

void port_release(struct cti *cti, struct call *call, const char *to, enum cause cause)
{
    char dn[NAME_SIZE];
    struct party_facts facts = {.to = to, .other = call->ani, .cause = cause};
    assert(call->visit.at_ivr);
    memcpy(dn, call->visit.dn, sizeof dn);
    port_treatment_over(call);
    cti_party(cti, call, party_change_Released, dn, &facts);
}

void port_used(struct cti *cti, struct call *call, const char *to)
{
    memcpy(call->last_point, call->visit.dn, sizeof call->last_point);
    call_add_tried(call, to);
    port_release(cti, call, to, cause_transferred);
}
