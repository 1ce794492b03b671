/* runtime/adapters/sip/leg.h - One session of SIP and its stream: a caller's, or an agent's telephone.
 *
 *     calls us:   OFFERED -- answered by us --> TALKING --> GONE
 *     is called:  CALLING -- 18x --> RINGING -- 200 --> TALKING --> GONE
 *
 * A talk owns its legs. leg_free() ends what goes on: by CANCEL, BYE, or the refusal that was set. */
#pragma once

#include "runtime/adapters/sip/body.h"
#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/prack.h"
#include "runtime/adapters/sip/refresh.h"

enum { LEG_TAG = 64 };

enum leg_state { LEG_OFFERED, LEG_CALLING, LEG_RINGING, LEG_TALKING, LEG_GONE };

struct leg {
    struct talk *talk;
    struct talk *consult; /* that its agent has begun about this call; NULL: none */
    struct session *session;
    struct stream *stream;
    enum leg_state state;
    char dn[NAME_SIZE];         /* "": the caller's, or outside */
    char outside[ADDRESS_SIZE]; /* the number that is dialled there; "": none */
    char from[ADDRESS_SIZE];    /* and the number that is told there */
    enum law preferred;
    unsigned outlet; /* through which, and those that were tried, a bit each */
    uint32_t outlets_tried;
    struct alarm silent; /* runs until that outlet says anything */
    bool heard;          /* it has said something */
    struct sa peer;      /* where its peer speaks from: who called, the trunk or the telephone that is called */
    struct leg *next_guest;
    bool monitors; /* a supervisor's: how, and whose call */
    enum party_ask mode;
    char of[NAME_SIZE];
    int seat;  /* in the mix of its conference; -1: none */
    bool held; /* by the agent's desktop, or the telephone itself */
    uint64_t sdp_session;
    unsigned sdp_version;
    struct refresh refresh;
    struct prack prack;
    char own_tag[LEG_TAG], peer_tag[LEG_TAG]; /* of its dialog while it rings, which no answer has established yet */
    struct alarm timer;     /* one of: PRACK has not come, a supervisor's telephone rings, ours is not called yet
                             * (leg_await), or is to answer by itself (answer.c) */
    uint64_t answer_ask;    /* its desktop has answered, and the telephone ought to; 0: not */
    bool refers;            /* its telephone waits to hear how its REFER ends */
    uint64_t vain_until_ms; /* its transfer was in vain, and it has asked for nothing since: put down until then
                             * (loop_ms) it hands the call on; 0: not */
    bool secure;            /* our offers are of encrypted sound */
    bool offered_secure;    /* our last one was */
    struct sdp offer;       /* the peer's last one; law_count 0: none */
};

/* A leg tells its call what happens, by the table that the exchange has. The leg of closed() is gone afterwards. */
struct leg_ops {
    void (*rings)(struct leg *);
    void (*early)(struct leg *); /* it has sound before its answer */
    void (*answered)(struct leg *);
    void (*closed)(struct leg *, uint16_t status); /* 0: nothing was heard, or it ended by BYE */
    void (*held)(struct leg *, bool held);         /* by its telephone */
    void (*digit)(struct leg *, char digit);
    void (*played)(struct leg *); /* the sound that does not loop has ended */
};
#define leg_tells(leg) (leg)->talk->exchange->leg_ops

/* Without session and stream. */
struct leg *leg_blank(struct talk *);
/* The caller's leg, an agent's where it has a DN: 180 is sent. NULL with the status that the INVITE is owed. */
struct leg *leg_accept(struct talk *, const struct sip_msg *invite, const char *dn, uint16_t *status);
/* Rings a telephone, from that number, with those headers besides. NULL: it cannot be done. */
struct leg *leg_invite(struct talk *, const struct telephone *, const char *from, enum law preferred,
                       const char *headers);
/* A telephone that is not called yet, and seems to ring. */
struct leg *leg_await(struct talk *, const struct telephone *);
/* Calls a number outside, through the outlets of the talk, one after another until one takes it. NULL: it cannot be
 * done. */
struct leg *leg_dial(struct talk *, const char *number, const char *from, enum law preferred);
const char *leg_name(const struct leg *); /* its DN, or the number outside; "" for a caller who came */
/* UPDATE within its session (RFC 3311): it is answered. */
void leg_update(struct leg *, const struct sip_msg *);
/* PRACK within its session (RFC 3262): it is answered. */
void leg_prack(struct leg *, const struct sip_msg *);
/* The caller's, which has not been answered: it can hear us from now on, by a 183. False: it cannot. */
bool leg_begin_early(struct leg *);
bool leg_hears(const struct leg *);        /* it is answered, or that has been done */
bool leg_answer(struct leg *);             /* the caller's, who pays from now on: 200, or once PRACK has come */
bool leg_send_answer(struct leg *);        /* 200 now */
void leg_refuse(struct leg *, enum cause); /* the caller's, if it is not answered: what it is told */
void leg_answer_failed(struct leg *, const char *why); /* its desktop asked it to answer: in vain; if it did */
bool leg_is_borrowed(const struct leg *);              /* a consultation goes by this leg, which is the main call's */
void leg_music(const struct leg *);                    /* it hears that it waits */
void leg_free(struct leg *);

/* --- leg_sdp.c --- */

/* Finds the session description of a message. */
enum body_kind leg_described(const struct sip_msg *, struct raw_text *found);
bool leg_describes(const struct sip_msg *); /* does it? */
/* Has that INVITE a session description with which we could talk? Whoever ends another call to make room asks first. */
bool leg_could_accept(const struct sip_msg *invite);
/* Reads the description of the message. False: it has none that can be read, which is told to the log. */
bool leg_read_sdp(struct leg *, const struct sip_msg *, struct sdp *);
/* Our description: the answer to that offer, or an offer where it is NULL, the preferred law first. */
struct mbuf *leg_sdp(struct leg *, const struct sdp *offer, enum law preferred);
struct mbuf *leg_offer(struct leg *);
void leg_offer_again(struct leg *); /* the same, so that a session timer begins anew */
/* Its peer answers our offer; false: that cannot be. */
bool leg_takes(struct leg *, const struct sip_msg *, struct sdp *answer);
bool leg_is_noise(struct leg *, const struct sip_msg *answer); /* it is encrypted and our offer is not, or reverse */
bool leg_agrees(struct leg *, const struct sip_msg *answer);
bool leg_holds(const struct leg *); /* its peer has said so last */
