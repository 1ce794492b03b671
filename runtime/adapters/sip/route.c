/* runtime/adapters/sip/route.c - The core routes a call that is at a routing point, or takes a call back there. */
#include <string.h>

#include "runtime/adapters/sip/along.h"
#include "runtime/adapters/sip/redirect.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"

/* The code for a telephone that could not be called: if no port of sound is left, the fault is not the telephone's. */
static enum code reach_lacks(const struct talk *talk)
{
    return stream_ports_left(&talk->exchange->clock) == 0 ? code_no_circuit : code_out_of_service;
}

static void reach_point(struct talk *talk, struct call *call, const char *point)
{
    struct cti *cti = &talk->exchange->cti;
    treatment_stop(talk, 0);
    cti_route_used(cti, call, point, route_how_instructed, cause_other);
    talk_stands(talk, point);
}

/* Calls the further telephones that can be called, unless too few ports for sound are free: some are reserved for calls
 * in progress. */
static void route_rings_along(struct talk *talk, const char *destination, struct span also)
{
    struct exchange *exchange = talk->exchange;
    const char *why;
    text_set(talk->together, sizeof talk->together, destination);
    for (uint32_t at = 0; at < also.length;) {
        const char *dn = (const char *)also.bytes + at;
        bool able = telephones_find(&exchange->telephones, dn) && reach_check(exchange, dn, &why) == code_ok;
        struct leg *leg = able && (!talk->called || talks_have_ports(exchange, 1)) ? reach_call(talk, dn) : NULL;
        if (leg) along_add(talk, leg);
        at += (uint32_t)strlen(dn) + 1;
    }
}

/* Does a route. The order of the conditions matters: a call that is redirected gets its 302 unless it goes to
 * another routing point whose calls are redirected; a routing point comes before a telephone of the same name. */
void route_talk(struct talk *talk, uint64_t ask, const char *destination, struct span also)
{
    struct exchange *exchange = talk->exchange;
    struct call *call = talk_call(talk);
    const char *why;
    enum code code = code_ok;
    cti_clock(&exchange->cti);
    if (!call || call->visit.dn[0] == '\0' || talk->called) {
        cti_refused(&exchange->cti, ask, code_invalid_state, "the call does not stand at a routing point");
    } else if (talk->redirecting.only && !setting_redirects(&exchange->setting, destination)) {
        redirect_route(talk, ask, destination);
    } else if (setting_is_point(&exchange->setting, destination)) {
        reach_point(talk, call, destination);
    } else if ((code = reach_check(exchange, destination, &why)) != code_ok && also.length == 0) {
        cti_refused(&exchange->cti, ask, code, why);
    } else {
        if (code == code_ok) talk->called = reach_call(talk, destination);
        if (also.length != 0) route_rings_along(talk, destination, also);
        if (!talk->called && code != code_ok) { /* neither the destination nor any of the further telephones can be
                                                 * called */
            *talk->together = '\0';
            cti_refused(&exchange->cti, ask, code, why);
            return;
        }
        talk->reach_ask = ask;
        if (!talk->called) reach_failed(talk, reach_lacks(talk), cause_no_answer, "the telephone cannot be called");
    }
}

/* Takes a call back to its routing point: while its telephone still rings, or after the agent has left and the
 * caller is alone. */
void route_back(struct talk *talk, uint64_t ask, const char *dn, const char *to)
{
    struct exchange *exchange = talk->exchange;
    const char *point = setting_is_point(&exchange->setting, to) ? to : talk->point;
    const struct call *call = talk_call(talk);
    bool begins = talk->caller && (talk->caller->state == LEG_CALLING || talk->caller->state == LEG_RINGING);
    bool there = talk->called && (strcmp(talk->called->dn, dn) == 0 || *talk->together);
    if (*point && there && talk->called->state != LEG_TALKING)
        reach_returns(talk, point, cause_no_answer);
    else if (!talk->called && !begins && *point && call && call->visit.dn[0] == '\0')
        talk_stands(talk, point); /* the agent who had the call has left */
    else
        cti_refused(&exchange->cti, ask, code_invalid_state, "it does not ring there");
}
