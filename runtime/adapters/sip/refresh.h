/* runtime/adapters/sip/refresh.h - Session timers (RFC 4028): a call whose peer vanished ends, whatever was lost.
 *
 *     the peer refreshes:  INVITE, or UPDATE, within the interval; else the call is taken for dead
 *     we refresh:          an INVITE at half of the interval; without an answer the call is dead
 *
 * The peer asks for it in its INVITE and says who refreshes; where it leaves that open, it does. An INVITE or UPDATE
 * within the call changes that from then on. A peer that knows no timers has one of a proxy's: we refresh.
 * libre has no room for these headers, but prints a Contact into each message that wants them: behind ours stands a
 * mark of its leg, and refresh_speak() says which leg's message is printed now (--wrap=sip_contact_print). */
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

/* True: the interval that the message asks for is too short. */
bool refresh_too_often(const struct sip_msg *);
/* Agrees to what the message asks for; a message that asks for nothing changes nothing. */
void refresh_agree(struct leg *, const struct sip_msg *);
/* The messages of the leg with this contact can have these headers. */
void refresh_mark(const struct leg *, char contact[CONTACT_SIZE]);
/* The next messages of this leg have the headers: our request, or our answer. NULL: none has. */
void refresh_speak(const struct leg *, bool asks);
/* Something that refreshes was heard of the peer, or the call is answered. */
void refresh_heard(struct leg *);
void refresh_end(struct leg *);
/* The headers of our request, or of our answer; "" where there is no timer. */
void refresh_headers(const struct leg *, bool asks, char text[REFRESH_SIZE]);

#endif
