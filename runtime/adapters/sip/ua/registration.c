/* runtime/adapters/sip/ua/registration.c - Registers at a provider, and renews the registration by further
 * REGISTERs.
 *
 *     us                       registrar
 *      |--- REGISTER ----------->|
 *      |<-- 401, nonce ----------|
 *      |--- REGISTER, proof ---->|
 *      |<-- 200, expires=300 ----|    again after 90 % of the time that was granted
 *      |<-- anything else -------|    again after a pause that doubles, up to half an hour
 *
 * The time that the registrar grants is used, not the time that was asked for. */
#include "runtime/adapters/sip/ua/registration.h"

#include <sodium.h>
#include <stdlib.h>

#include "runtime/adapters/sip/ua/proof.h"
#include "base/memory.h"

enum { FAILED_S = 30, FAILED_MOST_S = 1800, DOUBLINGS_MOST = 6 };

struct registration {
    struct ua *ua;
    struct dialog *dialog;
    char *contact;
    uint32_t seconds;
    request_answered *told;
    void *self;
    struct proofs proofs;
    struct request *request;
    struct alarm next;
    unsigned failures;
    bool there;
};

static void registration_on_answer(int error, const struct sip_msg *answer, void *self);

static int registration_ask(struct registration *own)
{
    char params[32];
    (void)re_snprintf(params, sizeof params, ";expires=%u", own->seconds);
    const struct request_ask ask = {.method = "REGISTER",
                                    .dialog = own->dialog,
                                    .contact = own->contact,
                                    .contact_params = params,
                                    .proofs = &own->proofs,
                                    .answered = registration_on_answer,
                                    .self = own};
    return request_send(&own->request, own->ua, &ask);
}

static void registration_on_time(void *self)
{
    struct registration *own = self;
    proofs_clear(&own->proofs); /* its nonce is old */
    int error = registration_ask(own);
    if (error != 0) registration_on_answer(error, NULL, own);
}

/* How long to wait after a failure; it differs between exchanges that have lost the same provider at once. The
 * result is in milliseconds, a random time between half of the seconds and all of them. */
static uint64_t registration_pause_ms(const struct registration *own)
{
    unsigned doublings = own->failures < DOUBLINGS_MOST ? own->failures : DOUBLINGS_MOST;
    uint64_t seconds = (uint64_t)FAILED_S << doublings;
    return (seconds < FAILED_MOST_S ? seconds : FAILED_MOST_S) * (500 + randombytes_uniform(501));
}

/* The bindings in a registrar's answer. `same`: one binding has our contact exactly as we have sent it; `other`: one
 * has another contact. A binding with another contact may be ours as well, because a router or the registrar may
 * have rewritten our contact, its user included. `other_s`: the shortest time among the bindings with other
 * contacts. */
struct registered {
    const char *contact;
    bool same, other;
    uint32_t same_s, other_s;
};

static bool registered_take(const struct sip_hdr *header, const struct sip_msg *answer, void *self)
{
    struct registered *own = self;
    struct sip_addr contact;
    struct pl expires;
    uint32_t seconds = pl_isset(&answer->expires) ? pl_u32(&answer->expires) : UINT32_MAX;
    if (sip_addr_decode(&contact, &header->val) != 0) return false;
    if (msg_param_decode(&contact.params, "expires", &expires) == 0) seconds = pl_u32(&expires);
    if (pl_strcmp(&contact.auri, own->contact) == 0) {
        own->same = true;
        own->same_s = seconds;
    } else {
        own->other_s = own->other && own->other_s < seconds ? own->other_s : seconds;
        own->other = true;
    }
    return false;
}

/* Takes the time that the registrar grants: that of our binding, or, if only other contacts are named, the shortest;
 * it may be less than we have asked for. */
static void registration_holds(struct registration *own, const struct sip_msg *answer)
{
    struct registered named = {.contact = own->contact};
    (void)sip_msg_hdr_apply(answer, true, SIP_HDR_CONTACT, registered_take, &named);
    uint32_t seconds = named.same                   ? named.same_s
                       : named.other                ? named.other_s
                       : pl_isset(&answer->expires) ? pl_u32(&answer->expires)
                                                    : own->seconds;
    if (seconds == 0 || seconds > own->seconds) seconds = own->seconds;
    own->there = true;
    own->failures = 0;
    alarm_set(&own->next, (uint64_t)seconds * 900, registration_on_time, own);
}

/* Does the registrar refuse our time as too short (423)? If so, the time that the registrar wants is asked for from now
 * on. */
static bool registration_is_brief(struct registration *own, const struct sip_msg *answer)
{
    const struct sip_hdr *least = answer->scode == 423 ? sip_msg_hdr(answer, SIP_HDR_MIN_EXPIRES) : NULL;
    uint32_t seconds = least ? pl_u32(&least->val) : 0;
    if (seconds <= own->seconds) return false;
    own->seconds = seconds;
    return true;
}

/* Takes the answer to a REGISTER. A challenge and a refusal of too short a time (423) are answered at once by a new
 * REGISTER, and `told` is not called for them. */
static void registration_on_answer(int error, const struct sip_msg *answer, void *self)
{
    struct registration *own = self;
    bool answered = error == 0 && answer;
    if (answered && answer->scode < 200) return;
    if (answered && answer->scode < 300) {
        registration_holds(own, answer);
    } else if (answered && (proofs_take(&own->proofs, answer) || registration_is_brief(own, answer)) &&
               registration_ask(own) == 0) {
        return;
    } else {
        own->there = false;
        own->failures++;
        alarm_set(&own->next, registration_pause_ms(own), registration_on_time, own);
    }
    own->told(error, answer, own->self);
}

int registration_begin(struct registration **made, struct ua *ua, const struct registration_ask *ask)
{
    struct registration *own = memory_zeroed(1, sizeof *own);
    own->ua = ua;
    own->dialog = dialog_new(ask->registrar, ask->uri, NULL, ask->uri, NULL);
    own->contact = memory_text(ask->contact);
    proofs_begin(&own->proofs, ask->name, ask->password);
    own->seconds = ask->seconds;
    own->told = ask->told;
    own->self = ask->self;
    *made = own;
    int error = registration_ask(own);
    if (error != 0) alarm_set(&own->next, registration_pause_ms(own), registration_on_time, own);
    return error;
}

/* Ends a registration. `says`: a REGISTER with expires=0 is sent if we are registered; its answer is not waited for. */
void registration_end(struct registration *own, bool says)
{
    if (!own) return;
    request_let_go(&own->request);
    alarm_stop(&own->next);
    own->seconds = 0;
    if (says && own->there) (void)registration_ask(own);
    request_let_go(&own->request);
    proofs_end(&own->proofs);
    dialog_free(own->dialog);
    free(own->contact);
    free(own);
}
