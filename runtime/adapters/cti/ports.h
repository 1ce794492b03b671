/* runtime/adapters/cti/ports.h - IVR ports: routing points at which a client, the IVR, has the calls in the core's
 * place.
 *
 *     call comes to the DN --- an IVR is registered there? --- no --> EventRouteRequest to the core
 *                                        | yes                                 ^
 *                                        v                                     |
 *                     EventEstablished to the IVR; treatments, data            |
 *                                        |                                     |
 *          released, or sent to another DN --'-- the IVR is gone, or silent ---'
 *
 * One client is the IVR of a DN: the last that registered there as one. The core sees a device that talks with the
 * caller. A call never depends on the IVR: once it is gone, the call stands at the routing point of the same DN, and
 * that one's strategy has it. */
#pragma once

#include <string.h>

#include "runtime/adapters/cti/internal.h"

/* Treatments of an IVR have numbers from here on: no effect of the core has such a one. */
#define PORT_TREATMENTS (UINT64_C(1) << 40)

/* May an IVR have calls there? Then it says so by its registration: dn->ivr. */
bool port_is_possible(const struct cti_dn *);
/* Is an IVR there to take calls? */
bool port_is_served(struct cti *, const char *dn);
/* Does the call talk with the IVR at that DN? */
static inline bool port_has(const struct call *call, const char *dn)
{
    return call->visit.at_ivr && strcmp(call->visit.dn, dn) == 0;
}

/* The call has come to the port's DN, and is the IVR's. */
void port_take(struct cti *, struct call *);
/* It is on its way to `to`: the IVR has released it. */
void port_used(struct cti *, struct call *, const char *to);
/* Its stay is over; cti_party() answers the IVR, and ends the visit. */
void port_release(struct cti *, struct call *, const char *to, enum cause);
void port_treatment_over(struct call *);

/* --- What the IVR asks --- */

/* RequestApplyTreatment. Not ok: `*why` is the reason, and nothing was asked for. */
enum code port_treat(struct cti *, struct call *, const struct cti_asker *, const json_t *request, const char **why);
/* It releases the call, or sends it to `to`. False: at a port that cannot be. */
bool port_party(struct cti *, const struct ask *, const struct call *, enum party_ask, const char *to);
/* The switch tells of its treatment; the core is told of none. */
void port_treatment(struct cti *, struct call *, enum treatment_change, const char *digits, enum cause);
void port_not_applied(struct cti *, struct call *, uint64_t ref, enum code, const char *text);
