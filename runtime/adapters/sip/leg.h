/* runtime/adapters/sip/leg.h - One session of SIP and its stream: a caller's, or an agent's telephone.
 *
 *     calls us:   OFFERED -- answered by us --> TALKING --> GONE
 *     is called:  CALLING -- 18x --> RINGING -- 200 --> TALKING --> GONE
 *
 * A talk owns its legs. leg_free() ends the session in any state: by CANCEL, BYE, or the refusal that was set. */
#pragma once

#include "runtime/adapters/sip/body.h"
#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/prack.h"
#include "runtime/adapters/sip/refresh.h"

enum { LEG_TAG = 64 };

enum leg_state { LEG_OFFERED, LEG_CALLING, LEG_RINGING, LEG_TALKING, LEG_GONE };

struct leg {
    struct talk *talk;
    struct talk *consult; /* the consultation that this leg's agent has about the call; NULL: none */
    struct session *session;
    struct stream *stream;
    enum leg_state state;
    /* the telephone's number; "": the leg of a caller from outside or of a number outside */
    char dn[NAME_SIZE];
    char outside[ADDRESS_SIZE]; /* the number outside that the leg dials; "": the leg dials none */
    char from[ADDRESS_SIZE];    /* the caller's number that is shown to the number outside */
    enum law preferred;
    unsigned outlet; /* the outlet that is asked; then the outlets that were asked, a bit for each */
    uint32_t outlets_tried;
    struct alarm silent; /* runs until the outlet that is asked answers anything */
    bool heard;          /* the outlet that is asked has answered something */
    struct sa peer;      /* the SIP address of the leg's peer: a caller, a trunk or a telephone */
    struct leg *next_guest;
    /* it is a supervisor's leg; `mode`: how they take part; `of`: the DN of the agent who is supervised */
    bool monitors;
    enum party_ask mode;
    char of[NAME_SIZE];
    int seat;  /* the leg's seat in the mix of its conference; -1: none */
    bool held; /* the leg is on hold, by the agent's desktop or by the telephone itself */
    uint64_t sdp_session;
    unsigned sdp_version;
    struct refresh refresh;
    struct prack prack;
    char own_tag[LEG_TAG], peer_tag[LEG_TAG]; /* the tags of the early dialog while the leg rings; "": none */
    struct alarm timer;     /* runs for one of these: PRACK has not come; a supervisor's telephone rings; the telephone
                             * is not called yet (leg_await), or is to answer by itself (answer.c) */
    uint64_t answer_ask;    /* the desktop's request to answer, which the telephone has not done yet; 0: none */
    bool refers;            /* the telephone waits to hear how its REFER ends */
    uint64_t vain_until_ms; /* until then (loop_ms) hanging up hands the call on, because a transfer of this agent
                             * has failed; 0: it does not */
    bool secure;            /* our offers are of encrypted sound */
    bool offered_secure;    /* our last offer was of encrypted sound */
    struct sdp offer;       /* the peer's last offer; law_count 0: none */
};

/* A leg reports to its talk by these functions, which the exchange has in a table. After closed() the leg is gone. */
struct leg_ops {
    void (*rings)(struct leg *);
    void (*early)(struct leg *); /* the leg has sound before its answer */
    void (*answered)(struct leg *);
    void (*closed)(struct leg *,
                   uint16_t status); /* status of the last answer; 0: nothing was heard, or the session ended by BYE */
    void (*held)(struct leg *, bool held); /* the telephone has put the call on hold, or retrieved it */
    void (*digit)(struct leg *, char digit);
    void (*played)(struct leg *); /* a sound that is played once has ended */
};
#define leg_tells(leg) (leg)->talk->exchange->leg_ops

/* Makes a leg without session and stream. */
struct leg *leg_blank(struct talk *);
/* Makes the leg of a caller, or of an agent if `dn` is not "", for that INVITE, and sends 180. NULL: `status` is the
 * answer that the INVITE must get. */
struct leg *leg_accept(struct talk *, const struct sip_msg *invite, const char *dn, uint16_t *status);
/* Calls a telephone, with `from` as the caller's number and those further headers. NULL: the telephone cannot be
 * called. */
struct leg *leg_invite(struct talk *, const struct telephone *, const char *from, enum law preferred,
                       const char *headers);
/* Makes the leg of a telephone that is not called yet; to the caller it seems to ring. */
struct leg *leg_await(struct talk *, const struct telephone *);
/* Calls a number outside, through the outlets of the talk, one after another until one takes the call. NULL: no
 * outlet can be asked. */
struct leg *leg_dial(struct talk *, const char *number, const char *from, enum law preferred);
const char *leg_name(const struct leg *); /* the leg's DN, or its number outside; "" for a caller from outside */
/* Answers an UPDATE within the leg's session (RFC 3311). */
void leg_update(struct leg *, const struct sip_msg *);
/* Answers a PRACK within the leg's session (RFC 3262). */
void leg_prack(struct leg *, const struct sip_msg *);
/* Sends 183 to a caller who has not been answered, so that the caller hears us from now on. False: that is not
 * possible. False: they cannot. */
bool leg_begin_early(struct leg *);
/* does the leg's peer hear us, because it is answered or leg_begin_early() was called? */
bool leg_hears(const struct leg *);
bool leg_answer(struct leg *);      /* answers the caller, who pays from now on: sends 200, or waits for PRACK first */
bool leg_send_answer(struct leg *); /* sends 200 now */
/* sets the status by which an INVITE that is not answered yet is refused */
void leg_refuse(struct leg *, enum cause);
void leg_answer_failed(struct leg *, const char *why); /* refuses the desktop's request to answer, if there is one */
bool leg_is_borrowed(const struct leg *);              /* is it a leg of the main call that a consultation uses now? */
void leg_music(const struct leg *);                    /* plays the music on hold to the leg */
void leg_free(struct leg *);

/* --- leg_sdp.c --- */

/* Finds the session description of a message. */
enum body_kind leg_described(const struct sip_msg *, struct raw_text *found);
bool leg_describes(const struct sip_msg *); /* has the message one? */
/* Could the INVITE be accepted: has it no session description, or one that we can agree to? Called before another call
 * is ended to make room for this INVITE. */
bool leg_could_accept(const struct sip_msg *invite);
/* Reads the description of the message. False: the message has no description that can be read, which is logged. */
bool leg_read_sdp(struct leg *, const struct sip_msg *, struct sdp *);
/* Writes our description: the answer to `offer`, or if that is NULL an offer with the preferred law first. */
struct mbuf *leg_sdp(struct leg *, const struct sdp *offer, enum law preferred);
struct mbuf *leg_offer(struct leg *);
void leg_offer_again(struct leg *); /* offers the same description as before, so that the session timer begins anew */
/* Reads the peer's answer to our offer; false: the answer is unreadable or does not fit our offer. */
bool leg_takes(struct leg *, const struct sip_msg *, struct sdp *answer);
bool leg_is_noise(struct leg *,
                  const struct sip_msg *answer); /* is the answer encrypted and our offer not, or the reverse? */
bool leg_agrees(struct leg *, const struct sip_msg *answer);
bool leg_holds(const struct leg *); /* has the peer put us on hold by its last description? */
