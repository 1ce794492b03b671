/* runtime/adapters/cti/ports.h - IVR ports: routing points at which a client, the IVR, handles the calls instead of
 * the core.
 *
 *     call comes to the DN --- an IVR is registered there? --- no --> EventRouteRequest to the core
 *                                        | yes                                 ^
 *                                        v                                     |
 *                     EventEstablished to the IVR; treatments, data            |
 *                                        |                                     |
 *          released, or sent to another DN --'-- the IVR is gone, or silent ---'
 *
 * One client is the IVR of a DN: the last one that registered there as IVR. To the core the IVR looks like a device
 * that talks with the caller. A call never depends on the IVR: if the IVR is gone, the call waits at the routing
 * point of the same DN, and the strategy of that routing point handles it. */
#pragma once

#include <string.h>

#include "runtime/adapters/cti/internal.h"

/* Treatments of an IVR have numbers from here on, which no effect of the core has. */
#define PORT_TREATMENTS (UINT64_C(1) << 40)

/* May an IVR have calls at this DN? If an IVR has registered, it is dn->ivr. */
bool port_is_possible(const struct cti_dn *);
/* Is an IVR connected that takes calls at this DN? */
bool port_is_served(struct cti *, const char *dn);
/* Does the call talk with the IVR at that DN? */
static inline bool port_has(const struct call *call, const char *dn)
{
    return call->visit.at_ivr && strcmp(call->visit.dn, dn) == 0;
}

/* The call has come to the port's DN, and the IVR gets it. */
void port_take(struct cti *, struct call *);
/* The IVR has released the call, which is on its way to `to`. */
void port_used(struct cti *, struct call *, const char *to);
/* Ends the call's stay at the port; cti_party() answers the IVR, and ends the visit. */
void port_release(struct cti *, struct call *, const char *to, enum cause);
void port_treatment_over(struct call *);

/* --- What the IVR requests --- */

/* Starts a treatment (RequestApplyTreatment). Not ok: `*why` is the reason, and nothing was requested. */
enum code port_treat(struct cti *, struct call *, const struct cti_asker *, const json_t *request, const char **why);
/* The IVR releases the call, or sends it to `to`. False: a port cannot do that. */
bool port_party(struct cti *, const struct ask *, const struct call *, enum party_ask, const char *to);
/* The switch reports on a treatment of the IVR; the core is not told. */
void port_treatment(struct cti *, struct call *, enum treatment_change, const char *digits, enum cause);
void port_not_applied(struct cti *, struct call *, uint64_t ref, enum code, const char *text);
