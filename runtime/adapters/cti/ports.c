/* runtime/adapters/cti/ports.c - Calls at IVR ports: whether the IVR has them, and what is played to the callers.
 *
 *     IVR                    adapter                       switch
 *     RequestApplyTreatment  port_treat() -------------->  treat
 *                            asks_add(EXPECT_TREATMENT)
 *     EventTreatmentApplied  <-- port_treatment(Applied)   it plays; the asker is answered
 *     EventTreatmentEnd      <-- port_treatment(other)     digits, or why it ended
 *
 * A treatment that the switch neither begins nor refuses within ASK_US has failed. When a treatment begins, ends or
 * is refused, `since_us` of the visit is set anew: the IVR has its full time for the next request. */
#include "runtime/adapters/cti/ports.h"

#include <stdlib.h>

#include "runtime/adapters/cti/json_kv.h"

/* --- Whether the IVR has the call --- */

bool port_is_possible(const struct cti_dn *dn)
{
    return dn->type == dn_type_routing_point || dn->type == dn_type_ivr_port;
}

/* Is an IVR registered at the number? Clients leave without notice here, so the client is looked up each time. */
bool port_is_served(struct cti *cti, const char *number)
{
    const struct cti_dn *dn = dns_find(&cti->dns, number);
    return dn && dn->ivr != 0 && dn_has_client(dn, dn->ivr) && client_find(cti, dn->ivr);
}

void port_treatment_over(struct call *call)
{
    call->treatment_deadline_us = 0;
    call->treatment_running = 0;
    call->treatment_started = false;
}

/* --- Requests of the IVR --- */

/* Starts a treatment for the IVR. The IVR's treatments have references above PORT_TREATMENTS, so that none equals one
 * of the core's. The ask waits longer than the treatment: so the treatment's own timeout answers the asker, and not the
 * ask's. */
enum code port_treat(struct cti *cti, struct call *call, const struct cti_asker *asker, const json_t *request,
                     const char **why)
{
    const char *type = json_string_value(json_object_get(request, "TreatmentType"));
    const char *language = json_string_value(json_object_get(request, "Language"));
    const json_t *given = json_object_get(request, "Parameters");
    int kind = !type ? -1 : enum_value_treatment(type, (uint32_t)strlen(type));
    struct kv params;
    struct error error;
    *why = kind < 0 ? "TreatmentType is missing, or none" : "Parameters are no object, or too much";
    kv_init(&params);
    if (kind < 0 || (given && !json_to_kv(given, &params, &error))) {
        kv_free(&params);
        return code_invalid_attribute;
    }
    call->treatment = PORT_TREATMENTS + ++call->port_treatments;
    struct treatment_ask treatment = {.ref = call->treatment,
                                      .type = (enum treatment)kind,
                                      .dn = call->visit.dn,
                                      .language = !language || strlen(language) >= NAME_SIZE ? "" : language,
                                      .params = kv_span(&params),
                                      .secret = json_is_true(json_object_get(request, "Secret"))};
    call->treatment_type = treatment.type;
    call->treatment_secret = treatment.secret;
    call->treatment_running = treatment.ref;
    call->treatment_started = false;
    call->treatment_deadline_us = cti->now_us + ASK_US;
    cti_log(cti, GCX_LOG_INFO, call, "RequestApplyTreatment dn=%s type=%s by the IVR", call->visit.dn, type);
    asks_add(&cti->asks, EXPECT_TREATMENT, asker, call->conn, call->visit.dn, cti->now_us + 2 * ASK_US);
    cti->ops->treat(cti->self, call, &treatment);
    kv_free(&params);
    return code_ok;
}

bool port_party(struct cti *cti, const struct ask *ask, const struct call *call, enum party_ask what, const char *to)
{
    if (what == ASK_TRANSFER)
        cti->ops->route(cti->self, ask->id, call, to);
    else if (what == ASK_RELEASE)
        cti->ops->clear(cti->self, ask->id, call, cause_ok);
    return what == ASK_TRANSFER || what == ASK_RELEASE;
}

/* --- Results of a treatment --- */

static const struct cti_asker no_asker;

void port_treatment(struct cti *cti, struct call *call, enum treatment_change change, const char *digits,
                    enum cause cause)
{
    bool begins = change == treatment_change_Applied;
    struct ask *ask = begins ? asks_take(&cti->asks, EXPECT_TREATMENT, call->conn, NULL) : NULL;
    const struct cti_asker *asker = ask ? &ask->asker : &no_asker;
    if (!call->visit.at_ivr) { /* the call is no longer the IVR's */
        free(ask);
        return;
    }
    json_t *event =
        notify_call(cti, begins ? CLIENT_EventTreatmentApplied : CLIENT_EventTreatmentEnd, call, call->visit.dn, asker);
    call->visit.since_us = cti->now_us;
    if (event) {
        json_object_set_new(event, "TreatmentType", json_string(enum_name_treatment(call->treatment_type)));
        if (digits) json_object_set_new(event, "CollectedDigits", json_string(digits));
        if (!begins) json_object_set_new(event, "CallState", json_string(enum_name_cause(cause)));
    }
    notify_send(cti, call->visit.dn, event, asker);
    free(ask);
}

/* A treatment was refused. An older treatment may be refused after a newer one has begun: only the refusal of the
 * newest ends the treatment. */
void port_not_applied(struct cti *cti, struct call *call, uint64_t ref, enum code code, const char *text)
{
    struct ask *ask = asks_take(&cti->asks, EXPECT_TREATMENT, call->conn, NULL);
    call->visit.since_us = cti->now_us;
    if (ref == call->treatment) port_treatment_over(call);
    if (ask) ask_failed(cti, ask, code, text);
}
