/* runtime/adapters/sip/refresh.h - Session timers (RFC 4028): a call whose peer has vanished ends, even if its BYE
 * was lost.
 *
 *     the peer refreshes:  INVITE, or UPDATE, within the interval; else the call is taken for dead
 *     we refresh:          an INVITE at half of the interval; without an answer the call is dead
 *
 * The peer asks for a timer in its INVITE and says which side refreshes; if it does not say, the peer does. An INVITE
 * or UPDATE within the call may change the interval and the side that refreshes. If the peer does not support timers, a
 * proxy has asked for the timer: we refresh. A session asks for these headers for each of its messages that may have
 * them (struct session_ops). */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/sip/ua/session.h"

enum { REFRESH_LEAST = 90 };

struct leg;

struct refresh {
    uint32_t seconds; /* 0: none */
    bool ours;        /* we refresh */
    struct alarm timer;
};

/* True: the interval that the message asks for is too short. */
bool refresh_too_often(const struct sip_msg *);
/* Takes over the interval and the refresher that the message asks for; a message without them changes nothing. */
void refresh_agree(struct leg *, const struct sip_msg *);
/* Starts the time again: the peer has sent something that refreshes, or the call is answered. */
void refresh_heard(struct leg *);
void refresh_end(struct leg *);
/* Writes the headers for our request (`asks`) or our answer; "" if there is no timer. */
void refresh_headers(const void *leg, bool asks, char text[SESSION_HEADERS]);
