/* runtime/adapters/sip/prack.h - Provisional answers to an INVITE that are repeated until PRACK acknowledges them
 * (RFC 3262).
 *
 *     INVITE, Supported or Require: 100rel --> 180, Require: 100rel, RSeq        again and again, 64 T1 at most
 *                                          <-- PRACK, RAck                       200; one that fits nothing: 481
 *
 * If an INVITE requires 100rel and has no offer, our offer goes out with the 183; PRACK brings the answer to our
 * offer, and the call is not answered before. If the caller is to hear something before the call is answered, the
 * answer to their offer goes out with a 183; it needs no PRACK if the caller does not support 100rel. A leg owns its
 * struct prack. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/sip/ua/ua.h"

enum { PRACK_HEADERS = 64 };

struct leg;

struct prack {
    uint32_t sequence;       /* the RSeq of the provisional answer; 0: it need not be acknowledged */
    uint32_t invite;         /* CSeq */
    bool acknowledged, over; /* PRACK has come; and its description, if any, fits our offer */
    bool answers;            /* the call is answered once PRACK has come */
    unsigned sent;           /* so often */
    struct mbuf *offered;    /* our offer in the provisional answer; NULL: none */
    struct mbuf *early;      /* our answer that goes out before the call is answered; NULL: none */
    bool early_sent;         /* `early` has been sent; false: it waits for a PRACK */
};

/* Decides whether the provisional answers to the INVITE need PRACK, and whether they carry our offer. */
void prack_begin(struct leg *, const struct sip_msg *invite);
void prack_put(struct leg *);   /* sends the provisional answer, 180 or 183 */
void prack_early(struct leg *); /* sends `early`, now or once PRACK has come */
/* Has the caller our description already, by a provisional answer that they acknowledge? */
bool prack_has_told(const struct leg *);
/* Begins to answer the call; true: the 200 can be sent now. False: the 200 is sent once PRACK has come. */
bool prack_lets_answer(struct leg *);
/* PRACK: it is answered. Answers a PRACK; true: the 200 of the INVITE must be sent now. */
bool prack_heard(struct leg *, const struct sip_msg *);
void prack_end(struct leg *);
