/* runtime/adapters/sip/refresh.h - Session timers (RFC 4028): a call whose peer vanished ends, whatever was lost.
 *
 *     the peer refreshes:  INVITE, or UPDATE, within the interval; else the call is taken for dead
 *     we refresh:          an INVITE at half of the interval; without an answer the call is dead
 *
 * The peer asks for it in its INVITE and says who refreshes; where it leaves that open, it does. libre has no room for
 * these headers, but prints a Contact into each message that wants them: theirs stand behind it
 * (--wrap=sip_contact_print). */
#ifndef SIP_REFRESH_H
#define SIP_REFRESH_H

#include <stdbool.h>

#include "runtime/adapters/sip/libre.h"
#include "runtime/adapters/sip/transport.h"

enum { REFRESH_LEAST = 90, REFRESH_SIZE = 128 };

struct leg;

struct refresh {
    uint32_t seconds; /* 0: none */
    bool ours;        /* we refresh */
    struct tmr timer;
};

/* Is the interval that it asks for too short? */
bool refresh_too_often(const struct sip_msg *invite);
/* Reads what the caller wants; its contact says it from now on. */
void refresh_begin(struct leg *, const struct sip_msg *invite, char contact[CONTACT_SIZE]);
/* Something that refreshes was heard of the peer, or the call is answered. */
void refresh_heard(struct leg *);
void refresh_end(struct leg *);
/* The headers of an answer of ours to UPDATE; "" where there is no timer. */
void refresh_headers(const struct leg *, char text[REFRESH_SIZE]);
/* While true, messages are printed without these headers: a call that only rings has no timer. */
void refresh_keep_quiet(bool quiet);

#endif
