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
    struct talk *consult; /* the consultation that this leg's agent has begun about the call; NULL: none */
    struct session *session;
    struct stream *stream;
    enum leg_state state;
    char dn[NAME_SIZE];         /* the telephone's number; "": a caller who came, or a number outside */
    char outside[ADDRESS_SIZE]; /* the number outside that is dialled; "": none */
    char from[ADDRESS_SIZE];    /* the caller's number that is told there */
    enum law preferred;
    unsigned outlet; /* the outlet through which it is dialled; those that were tried, a bit each */
    uint32_t outlets_tried;
    struct alarm silent; /* runs until that outlet answers anything */
    bool heard;          /* that outlet has answered something */
    struct sa peer;      /* the address of its peer's SIP: of the caller, or of the trunk or telephone that is called */
    struct leg *next_guest;
    bool monitors; /* it is a supervisor's; `mode`: how they take part; `of`: the DN of the agent whose call it is */
    enum party_ask mode;
    char of[NAME_SIZE];
    int seat;  /* its place in the mix of its conference; -1: none */
    bool held; /* it is on hold, by the agent's desktop or by the telephone itself */
    uint64_t sdp_session;
    unsigned sdp_version;
    struct refresh refresh;
    struct prack prack;
    char own_tag[LEG_TAG],
        peer_tag[LEG_TAG]; /* the tags of its dialog while it rings and no answer has established that dialog yet */
    struct alarm timer;  /* runs for one of these: PRACK has not come; a supervisor's telephone rings; the telephone is
                            not called yet (leg_await), or is to answer by itself (answer.c) */
    uint64_t answer_ask; /* the ask of its desktop to answer, which the telephone has not done yet; 0: none */
    bool refers;         /* its telephone waits to hear how its REFER ends */
    uint64_t vain_until_ms; /* its transfer was in vain, and it has asked for nothing since: if it is put down before
                               then (loop_ms), it hands the call on; 0: not */
    bool secure;            /* our offers are of encrypted sound */
    bool offered_secure;    /* our last offer was of encrypted sound */
    struct sdp offer;       /* the peer's last offer; law_count 0: none */
};

/* A leg tells its call what happens, by the table that the exchange has. The leg of closed() is gone afterwards. */
struct leg_ops {
    void (*rings)(struct leg *);
    void (*early)(struct leg *); /* it has sound before its answer */
    void (*answered)(struct leg *);
    void (*closed)(struct leg *,
                   uint16_t status); /* status of the last answer; 0: nothing was heard, or the session ended by BYE */
    void (*held)(struct leg *, bool held); /* its telephone has put the call on hold, or retrieved it */
    void (*digit)(struct leg *, char digit);
    void (*played)(struct leg *); /* the sound that does not loop has ended */
};
#define leg_tells(leg) (leg)->talk->exchange->leg_ops

/* Makes a leg without session and stream. */
struct leg *leg_blank(struct talk *);
/* Makes the caller's leg, an agent's if `dn` is set, and sends 180. NULL with the status that the INVITE is owed. */
struct leg *leg_accept(struct talk *, const struct sip_msg *invite, const char *dn, uint16_t *status);
/* Rings a telephone, from that number, with those headers besides. NULL: it cannot be done. */
struct leg *leg_invite(struct talk *, const struct telephone *, const char *from, enum law preferred,
                       const char *headers);
/* Makes the leg of a telephone that is not called yet, and seems to ring. */
struct leg *leg_await(struct talk *, const struct telephone *);
/* Calls a number outside, through the outlets of the talk, one after another until one takes it. NULL: it cannot be
 * done. */
struct leg *leg_dial(struct talk *, const char *number, const char *from, enum law preferred);
const char *leg_name(const struct leg *); /* its DN, or the number outside; "" for a caller who came */
/* Answers an UPDATE within the leg's session (RFC 3311). */
void leg_update(struct leg *, const struct sip_msg *);
/* Answers a PRACK within the leg's session (RFC 3262). */
void leg_prack(struct leg *, const struct sip_msg *);
/* Sends 183 to a caller who has not been answered, so that they hear us from now on. False: they cannot. */
bool leg_begin_early(struct leg *);
bool leg_hears(const struct leg *); /* does it hear us, as it is answered or leg_begin_early() was called? */
bool leg_answer(struct leg *);      /* answers the caller, who pays from now on: sends 200, or waits for PRACK first */
bool leg_send_answer(struct leg *); /* sends 200 now */
void leg_refuse(struct leg *, enum cause);             /* sets what a caller is told who is not answered yet */
void leg_answer_failed(struct leg *, const char *why); /* refuses its desktop's ask to answer, if there is one */
bool leg_is_borrowed(const struct leg *); /* does a consultation go by this leg, which is the main call's? */
void leg_music(const struct leg *);       /* plays the music for those who wait */
void leg_free(struct leg *);

/* --- leg_sdp.c --- */

/* Finds the session description of a message. */
enum body_kind leg_described(const struct sip_msg *, struct raw_text *found);
bool leg_describes(const struct sip_msg *); /* has the message one? */
/* Has that INVITE a session description with which we could talk? Whoever ends another call to make room asks first. */
bool leg_could_accept(const struct sip_msg *invite);
/* Reads the description of the message. False: the message has none that can be read, which the log is told. */
bool leg_read_sdp(struct leg *, const struct sip_msg *, struct sdp *);
/* Our description: the answer to that offer, or an offer where it is NULL, the preferred law first. */
struct mbuf *leg_sdp(struct leg *, const struct sdp *offer, enum law preferred);
struct mbuf *leg_offer(struct leg *);
void leg_offer_again(struct leg *); /* offers the same as before, so that a session timer begins anew */
/* Reads the peer's answer to our offer; false: such an answer cannot be. */
bool leg_takes(struct leg *, const struct sip_msg *, struct sdp *answer);
bool leg_is_noise(struct leg *,
                  const struct sip_msg *answer); /* is the answer encrypted and our offer not, or the reverse? */
bool leg_agrees(struct leg *, const struct sip_msg *answer);
bool leg_holds(const struct leg *); /* has its peer put us on hold by its last description? */
