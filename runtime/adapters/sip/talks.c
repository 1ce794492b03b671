/* runtime/adapters/sip/talks.c - The list of calls in the exchange: finds them and their legs, counts the ports that
 * they need, and reports their changes to the call model. */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/sip/orders.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

struct talk *talk_find(const struct exchange *exchange, const char *id)
{
    struct talk *talk = exchange->first;
    while (talk && strcmp(talk->id, id) != 0) talk = talk->next;
    return talk;
}

/* The next leg of a talk, in the order caller, called, along, guests. The result after the last guest is NULL. */
struct leg *talk_next_leg(const struct talk *talk, const struct leg *leg)
{
    if (!leg && talk->caller) return talk->caller;
    if ((!leg || leg == talk->caller) && talk->called) return talk->called;
    if (!leg || leg == talk->caller || leg == talk->called) return talk->along ? talk->along : talk->guests;
    const struct leg *last = talk->along;
    while (last && last->next_guest) last = last->next_guest;
    return leg == last ? talk->guests : leg->next_guest;
}

struct leg *talk_leg_at(const struct talk *talk, const char *dn)
{
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));)
        if (*dn && strcmp(leg->dn, dn) == 0 && leg->talk == talk) return leg;
    return NULL;
}

struct leg *talk_other(const struct talk *talk, const struct leg *leg)
{
    return leg == talk->called ? talk->caller : talk->called;
}

static bool talk_is_at(const struct talk *talk, const char *dn)
{
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));)
        if (strcmp(leg->dn, dn) == 0) return true;
    return talk->towards && strcmp(talk->towards->dn, dn) == 0;
}

struct talk *talk_of_dn(const struct exchange *exchange, const char *dn)
{
    struct talk *talk = exchange->first;
    while (talk && !talk_is_at(talk, dn)) talk = talk->next;
    return talk;
}

bool talks_reach(const struct exchange *exchange, const struct sa *at)
{
    for (const struct talk *talk = exchange->first; talk; talk = talk->next)
        for (const struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));)
            if (sa_cmp(&leg->peer, at, SA_ALL)) return true;
    return false;
}

struct call *talk_call(const struct talk *talk)
{
    return calls_by_id(&talk->exchange->cti.calls, talk->id);
}

/* Tells gcxvm how many calls this process holds, since they would end with the process: their sound passes through
 * it. */
static void talks_counted(struct exchange *exchange)
{
    exchange->cti.services->holds(exchange->cti.link, exchange->talk_count);
}

/* Makes a talk. The talk's id is unique over restarts: a random number of this process and a counter. */
struct talk *talk_new(struct exchange *exchange)
{
    struct talk *talk = memory_zeroed(1, sizeof *talk);
    talk->exchange = exchange;
    snprintf(talk->id, sizeof talk->id, "%08x-%llu", exchange->born, (unsigned long long)++exchange->talks);
    talk->next = exchange->first;
    if (talk->next) talk->next->previous = talk;
    exchange->first = talk;
    exchange->talk_count++;
    talks_counted(exchange);
    return talk;
}

void talks_forget(struct talk *talk)
{
    struct exchange *exchange = talk->exchange;
    assert(exchange->talk_count > 0 && !talk->consult);
    *(talk->previous ? &talk->previous->next : &exchange->first) = talk->next;
    if (talk->next) talk->next->previous = talk->previous;
    exchange->talk_count--;
    talks_counted(exchange);
}

bool talk_faulty(const struct talk *talk, const char *what, const char *where)
{
    const struct gcx_services *services = talk->exchange->cti.services;
    exchange_log(talk->exchange, GCX_LOG_ERROR,
                 "sip: call=%s: a fault of the exchange, which ends this call: %s does not hold in %s", talk->id, what,
                 where);
    services->count(talk->exchange->cti.link, "faults", 1);
    order_clear(talk, cause_dropped);
    return false;
}

/* --- Reports to the call model --- */

/* Reports a change of a party; the agent who consults is not reported in the consultation, because that agent is a
 * party of the main call. */
void talk_tell(const struct talk *talk, enum party_change change, const char *dn, const char *to, enum cause cause)
{
    struct cti *cti = &talk->exchange->cti;
    struct call *call = talk_call(talk);
    char other[ADDRESS_SIZE]; /* copied: `other` may be a party's text, and parties move when one is added */
    if (!call || *dn == '\0' || (talk->main && strcmp(dn, talk->asker->dn) == 0)) return;
    text_set(other, sizeof other, call_other(call, dn));
    struct party_facts facts = {.to = to, .other = other, .cause = cause};
    cti_clock(cti);
    cti_party(cti, call, change, dn, &facts);
}

void talk_tell_dialler(const struct talk *talk, enum party_change change, enum cause cause)
{
    const struct call *call = talk_call(talk);
    const struct call_party *party = call && talk->caller ? call_party(call, talk->caller->dn) : NULL;
    if (party && party->state == PARTY_DIALING) talk_tell(talk, change, talk->caller->dn, NULL, cause);
}

/* Puts the call at a routing point; each stay has an id of its own, so a late answer for an earlier stay is not
 * taken for this one. */
void talk_stands(struct talk *talk, const char *point)
{
    char visit[NAME_SIZE], at[NAME_SIZE];
    struct call *call = talk_call(talk);
    if (!TALK_HOLDS(talk, !talk->called && *point)) return;
    memcpy(at, point,
           strlen(point) + 1); /* copied: the name may be the talk's own text, which the next line overwrites */
    text_set(talk->point, sizeof talk->point, at);
    snprintf(visit, sizeof visit, "%.32s.%u", talk->id, ++talk->visits);
    alarm_stop(&talk->timer);
    cti_clock(&talk->exchange->cti);
    if (call) cti_route_request(&talk->exchange->cti, call, talk->point, visit, NULL, NULL);
}

/* --- Ports of sound --- */

enum { SHORT_MS = 60000 };

/* Reports how many ports are left, and as a neighbour that fails whether calls were refused for want of ports within
 * the last minute. */
void talks_tell_ports(struct exchange *exchange)
{
    const struct gcx_services *services = exchange->cti.services;
    unsigned left = stream_ports_left(&exchange->clock);
    bool away = exchange->short_ms > 0 && loop_ms() - exchange->short_ms < SHORT_MS;
    char why[160];
    if (left == UINT_MAX) return;
    snprintf(why, sizeof why, "calls were refused within the last minute: rtp_ports has %u, and each call takes two",
             rtp_ports(exchange->clock.first_port, exchange->clock.last_port));
    services->figure(exchange->cti.link, "rtp_ports_left", left);
    services->neighbour(exchange->cti.link, "rtp_ports", !away, away ? why : "");
}

/* How many ports this call still needs: one for a missing caller's leg and one for a missing called leg. */
static unsigned talk_owes(const struct talk *talk)
{
    bool called = talk->called || talk->guests || talk->towards;
    return talk->redirecting.only ? 0 : (unsigned)!talk->caller + (unsigned)!called;
}

/* Are `more` ports left? Ports that calls in progress will still need count as used, so that a call that is accepted
 * can also be put through. */
bool talks_have_ports(struct exchange *exchange, unsigned more)
{
    unsigned left = stream_ports_left(&exchange->clock), owed = 0;
    for (const struct talk *talk = exchange->first; talk; talk = talk->next) owed += talk_owes(talk);
    if (left >= owed && left - owed >= more) return true;
    exchange->short_ms = loop_ms(); /* the next tick reports the lack of ports */
    return false;
}

unsigned talk_ports_kept(const struct exchange *exchange, const char *to)
{
    return exchange->setting.emergency_count == 0 || setting_is_emergency(&exchange->setting, to) ? 0 : 2;
}

unsigned talk_ports(const struct exchange *exchange, const char *to)
{
    return 2 + talk_ports_kept(exchange, to);
}
