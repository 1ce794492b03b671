/* runtime/adapters/sip/prack.h - Provisional answers that are sent until they are acknowledged (RFC 3262), as the one
 * who is called.
 *
 *     INVITE, Supported or Require: 100rel --> 180, Require: 100rel, RSeq        again and again, 64 T1 at most
 *                                          <-- PRACK, RAck                       200; one that fits nothing: 481
 *
 * An INVITE without an offer that requires it gets ours with the 183; then PRACK says what is agreed on, and the call
 * is not answered before. A caller who is to hear something before the answer gets ours to their offer with a 183; it
 * needs no PRACK where they know of none. A leg owns its struct prack. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/sip/ua/ua.h"

enum { PRACK_HEADERS = 64 };

struct leg;

struct prack {
    uint32_t sequence;       /* of the provisional answer; 0: it need not be acknowledged */
    uint32_t invite;         /* CSeq */
    bool acknowledged, over; /* PRACK has come; and has agreed to what was offered */
    bool answers;            /* 200 waits for what PRACK agrees to */
    unsigned sent;           /* so often */
    struct mbuf *offered;    /* our offer in it; NULL: none */
    struct mbuf *early;      /* our answer, which goes out before the call's; NULL: none does */
    bool early_sent;         /* it has; else a PRACK has not come yet */
};

/* How the INVITE is answered provisionally. */
void prack_begin(struct leg *, const struct sip_msg *invite);
void prack_put(struct leg *);   /* sends that answer, 180 or 183 */
void prack_early(struct leg *); /* `early` is to go out */
/* Have they got our session description with an answer that they acknowledge? */
bool prack_has_told(const struct leg *);
/* The call is to be answered. False: only once PRACK has come. */
bool prack_lets_answer(struct leg *);
/* PRACK: it is answered. True: the call is to be answered now. */
bool prack_heard(struct leg *, const struct sip_msg *);
void prack_end(struct leg *);
