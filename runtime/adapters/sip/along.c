/* runtime/adapters/sip/along.c - Rings several telephones for one call (along.h). */
#include "runtime/adapters/sip/along.h"

#include <string.h>

#include "runtime/adapters/sip/talk.h"

void along_add(struct talk *talk, struct leg *leg)
{
    if (!talk->called) {
        talk->called = leg;
        return;
    }
    leg->next_guest = talk->along;
    talk->along = leg;
}

bool along_is(const struct talk *talk, const struct leg *leg)
{
    if (*talk->together == '\0') return false;
    const struct leg *at = talk->along;
    while (at && at != leg) at = at->next_guest;
    return at || leg == talk->called;
}

bool along_has_others(const struct talk *talk, const struct leg *leg)
{
    return along_is(talk, leg) && talk->along != NULL;
}

struct leg **along_place(struct talk *talk, const struct leg *leg)
{
    if (leg == talk->called) return &talk->called;
    struct leg **at = &talk->along;
    while (*at && *at != leg) at = &(*at)->next_guest;
    return *at ? at : NULL;
}

bool along_rings(const struct talk *talk)
{
    const struct call *call = talk_call(talk);
    return *talk->together != '\0' && call && call->visit.dn[0] == '\0';
}

void along_tells_silent(const struct talk *talk)
{
    const struct call *call = talk_call(talk);
    char dns[1 + CALL_ALSO][NAME_SIZE];
    unsigned count = 0;
    if (*talk->together == '\0' || !call) return;
    memcpy(dns[count++], talk->together, NAME_SIZE);
    for (unsigned at = 0; at < call->also_count; at++) memcpy(dns[count++], call->also[at], NAME_SIZE);
    for (unsigned at = 0; at < count; at++)
        if (!talk_leg_at(talk, dns[at])) talk_tell(talk, party_change_Diverted, dns[at], NULL, cause_busy);
}

/* Takes the leg out of the talk. If the leg was the called one, another of the legs that ring takes its place. */
static void along_off(struct talk *talk, struct leg *leg)
{
    if (leg == talk->called) {
        talk->called = talk->along;
        if (talk->along) talk->along = talk->along->next_guest;
        if (talk->called) talk->called->next_guest = NULL;
    } else {
        *along_place(talk, leg) = leg->next_guest;
    }
    leg->next_guest = NULL;
}

void along_drops(struct talk *talk, struct leg *leg, enum cause cause)
{
    char dn[NAME_SIZE];
    bool rang = leg->state == LEG_RINGING;
    memcpy(dn, leg->dn, sizeof dn);
    along_off(talk, leg);
    leg_free(leg);
    if (rang || along_rings(talk)) talk_tell(talk, party_change_Diverted, dn, NULL, cause);
}

void along_end(struct talk *talk, bool tells, const char *to, enum cause cause)
{
    while (talk->along) {
        struct leg *leg = talk->along;
        char dn[NAME_SIZE];
        bool rang = leg->state == LEG_RINGING;
        memcpy(dn, leg->dn, sizeof dn);
        talk->along = leg->next_guest;
        leg_free(leg);
        if (tells && rang) talk_tell(talk, party_change_Diverted, dn, to, cause);
    }
    *talk->together = '\0';
}

void along_answered(struct talk *talk, struct leg *leg)
{
    char dn[NAME_SIZE];
    if (!along_is(talk, leg)) return;
    memcpy(dn, leg->dn, sizeof dn);
    if (leg != talk->called) {
        struct leg *other = talk->called;
        along_off(talk, leg);
        talk->called = leg;
        other->next_guest = talk->along;
        talk->along = other;
    }
    along_end(talk, true, dn, cause_redirected);
}
