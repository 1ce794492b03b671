/* runtime/adapters/sip/refresh.h - Session timers (RFC 4028): a call whose peer vanished ends, whatever was lost.
 *
 *     the peer refreshes:  INVITE, or UPDATE, within the interval; else the call is taken for dead
 *     we refresh:          an INVITE at half of the interval; without an answer the call is dead
 *
 * The peer asks for it in its INVITE and says who refreshes; where it leaves that open, it does. An INVITE or UPDATE
 * within the call changes that from then on. A peer that knows no timers has one of a proxy's: we refresh.
 * A session asks for the headers of each of its messages that may have them (struct session_ops). */
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
/* Agrees to what the message asks for; a message that asks for nothing changes nothing. */
void refresh_agree(struct leg *, const struct sip_msg *);
/* Something that refreshes was heard of the peer, or the call is answered. */
void refresh_heard(struct leg *);
void refresh_end(struct leg *);
/* The headers of our request, or of our answer; "" where there is no timer. */
void refresh_headers(const void *leg, bool asks, char text[SESSION_HEADERS]);
