/* runtime/adapters/sip/exchange.h - The plugin `sip`: a telephone exchange, and the call model joined to it.
 *
 *     trunks, telephones --- SIP --> front.c --> leg.c ---> talk.c --- facts --> cti --- events --> core
 *                                 telephones.c    stream.c      ^                  |
 *                                                              '---- orders.c <---'  struct cti_switch
 *
 * A talk is a call: the caller's leg, and the leg of who is called. front.c decides who may say what, telephones.c
 * knows the agents' telephones, alive.c keeps the ways to them open, leg.c is one session of SIP with its stream,
 * prack.c its answers before the answer, replaces.c how another session takes its place, talk.c a call's life, reach.c
 * how it comes to a telephone, answer.c how that is answered from the desktop, redirect.c calls that are only decided
 * here, control.c and consult.c what agents do with it, dial.c, detect.c and farewell.c calls that begin here,
 * treatment.c what callers hear and key, recorder.c and dictate.c what is recorded, orders.c what the call model asks,
 * keep.c what outlives this process. Beneath all of them is the user agent (ua/ua.h). All of it runs in the adapter's
 * loop (ua/loop.h), so there are no locks.
 *
 * The call model's wishes become orders, which are done once the loop is back: a leg may be gone afterwards, whose
 * callback the wish comes from. */
#ifndef SIP_EXCHANGE_H
#define SIP_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/cti.h"
#include "runtime/adapters/cti/server.h"
#include "runtime/adapters/sip/guard.h"
#include "runtime/adapters/sip/ua/session.h"
#include "runtime/adapters/sip/stream.h"
#include "runtime/adapters/sip/setting.h"
#include "runtime/adapters/sip/telephones.h"
#include "runtime/adapters/sip/trunk.h"

struct conference;
struct detecting;
struct dictation;
struct farewell;
struct hashing;
struct leg;
struct speeches;
struct order;
struct recorder;
struct redirect_kept;
struct redirects;
struct treating;

/* A call that is only decided here (redirect.h). */
struct redirecting {
    bool only;
    struct redirect_kept *kept; /* its INVITE; NULL: it has a session, or is answered */
    struct sa proxy;            /* which brought it, and where it is told to go on */
    enum sip_transp transport;
};

/* The headers that a call has brought, and carries on (passing.h). */
struct passing {
    unsigned hops;       /* Max-Forwards; 0: the call has begun here */
    char *lines, *index; /* NULL: it has brought none */
};

struct talk {
    struct exchange *exchange;
    char id[NAME_SIZE];           /* CallID of the call model */
    char wants[ADDRESS_SIZE];     /* of a call that begins here: where its caller goes; "": it has come to us */
    char caller_id[ADDRESS_SIZE]; /* the number that is told outside; "": the caller's own */
    char outlets[ADDRESS_SIZE];   /* the names of those through which it is dialled; "": any */
    char point[NAME_SIZE];        /* the routing point where it stands, or stood last; "": it was at none */
    unsigned visits;
    struct leg *caller; /* who called; of a consultation: the agent who asks, by the main call's leg or a second one */
    struct leg *called; /* rings, or talks with the caller; NULL: nobody */
    struct leg *guests; /* who are in it besides: of a conference, and supervisors */
    struct conference *conference;
    struct leg *towards; /* is called in the place of `leaver`, who hands the call on; NULL: nobody */
    struct leg *leaver;
    struct talk *main, *consult; /* a consultation, and the call that it is about; NULL: none */
    struct leg *asker;           /* of a consultation: the agent's leg in the main call */
    bool holds;                  /* of a consultation: it alone has put the main call on hold */
    bool completes;              /* of a consultation: it is to be completed once the telephone rings */
    uint64_t reach_ask;          /* the route or transfer that is answered once the telephone rings; 0: none */
    uint64_t complete_ask;       /* who wants that; 0: the telephone itself */
    struct treating *treating;   /* NULL: none runs */
    char late_end;               /* the end key of the number before, which its last digit has ended; 0: none */
    uint64_t late_until_ms;      /* until then it is of that number */
    struct sound *music;         /* that its caller has heard last; NULL: none */
    struct detecting *detecting; /* who is there, a person or a machine; NULL: nobody listens */
    struct farewell *farewell;   /* a message, where nobody comes or a machine answers; NULL: none */
    struct recorder *recorder;   /* NULL: the call is not recorded */
    struct redirecting redirecting;
    struct passing passing;
    struct alarm timer; /* a telephone that says nothing or is not answered; a caller who was left */
    struct talk *next, *previous;
};

struct exchange {
    struct cti cti;
    struct server *server;
    struct event *timer;
    struct setting setting;
    struct ua ua;
    struct guard guard;
    int64_t tls_ends_s; /* when the certificate of `tls_address` ends; 0: there is none */
    struct stream_clock clock;
    struct sounds *sounds;
    struct speeches *speeches;
    struct telephones telephones;
    struct redirects *redirects; /* INVITEs of calls that are only decided here (redirect.h) */
    struct providers providers;
    struct talk *first;
    unsigned talk_count;
    uint64_t talks;    /* counted */
    uint64_t short_ms; /* when no port was left last; 0: never */
    uint32_t born;     /* of CallIDs: other ones than those of the process before */
    struct order *first_order, *last_order;
    struct alarm orders;
    struct hashing *first_hashing; /* recordings that have ended */
    char *kept_path;               /* NULL: nothing is kept */
    bool keep_due;                 /* what is kept has changed */
};

#define exchange_log(exchange, level, ...) (exchange)->cti.services->log((exchange)->cti.link, level, 0, 0, __VA_ARGS__)

#define exchange_ends(exchange) (exchange)->cti.services->ends((exchange)->cti.link) /* no call begins any more */

/* --- front.c --- */

/* Binds the address, and the sockets of SIP. False with the reason. */
bool front_open(struct exchange *, char *why, size_t why_size);
void front_close(struct exchange *);

/* --- replaces.c --- */

/* An INVITE with Replaces, of that telephone, or of a trunk where it is "": it is answered. */
void replaces_take(struct exchange *, const struct sip_msg *invite, const char *dn);
/* The call whose telephone has sent REFER goes where the call of that dialog is. */
void talk_joins(struct talk *, const char *dn, const struct pl *replaces);

/* --- talk.c --- */

/* A trunk brings a call to that point, by that number. */
void talk_begin(struct exchange *, const struct sip_msg *invite, const char *point, const char *number);
struct talk *talk_find(const struct exchange *, const char *id);
struct call *talk_call(const struct talk *);                      /* NULL: the call model has it no more */
struct talk *talk_of_dn(const struct exchange *, const char *dn); /* in which that telephone has a part */
bool talk_answer(struct talk *); /* the caller, who pays from now on; true also where that has been done */
void talk_clear(struct talk *, enum cause);
void talks_tick(struct exchange *);
/* Are so many ports of sound left, besides those that the calls which are here still need? Each has two, so that
 * whoever is taken is put through. False: it is told. */
bool talks_have_ports(struct exchange *, unsigned more);
/* The ports that a call to that destination leaves for emergencies; 0: it is one, or the site has no number of them. */
unsigned talk_ports_kept(const struct exchange *, const char *to);
/* The ports of sound that have to be free for a call to that destination: its own two, and those that it leaves. */
unsigned talk_ports(const struct exchange *, const char *to);
void talks_end(struct exchange *);
/* A leg tells what its peer does. The leg of talk_leg_closed() is gone afterwards. */
void talk_leg_answered(struct leg *);
void talk_leg_closed(struct leg *, uint16_t status);

/* --- dial.c: asks of orders --- */

struct dialled {
    const char *from;      /* a routing point, or an agent's telephone */
    const char *to;        /* a number outside; from a telephone also another one, or a routing point */
    const char *caller_id; /* that is told outside; "": none is asked for */
    uint64_t conn;         /* its ConnID, where the core has given it one; 0: not */
    uint64_t ring_ms;      /* it may ring so long; 0: as usual */
    bool predictive;       /* only a person is an answer */
    struct span data;      /* user data: some of it says how it is dialled (farewell.c, dialled_wishes) */
};

void talk_dial(struct exchange *, uint64_t ask, const struct dialled *);
/* An agent dials at the telephone itself; beside a call that they have, it is a consultation. */
void talk_dials(struct exchange *, const struct sip_msg *invite, const char *dn, const char *to);

/* --- reach.c: asks of orders; those that are refused are told to the call model --- */

void talk_route(struct talk *, uint64_t ask, const char *destination);
void talk_deflect(struct talk *, uint64_t ask, const char *dn, const char *to);
void talk_leg_rings(struct leg *);

/* --- control.c --- */

void talk_asks_party(struct talk *, uint64_t ask, const char *dn, enum party_ask, const char *to);
void talk_leg_held(struct leg *, bool held);

/* --- conference.c --- */

/* The legs that are in the call: the caller's first; NULL: there is no further one. */
struct leg *talk_next_leg(const struct talk *, const struct leg *);
void conference_end(struct talk *); /* where there is one: its sound */

/* --- monitor.c --- */

/* A supervisor at the telephone `dn` listens to the agent's call at `of`, speaks to that agent, or to all. */
void talk_monitors(struct talk *, uint64_t ask, const char *dn, enum party_ask mode, const char *of);

/* --- treatment.c --- */

void treatment_begin(struct talk *, const struct treatment_ask *);
/* Stops that treatment, also if it has ended and its music is still heard; 0: whichever runs. */
void treatment_stop(struct talk *, uint64_t ref);
/* While the core is away: the caller who stands at a point hears the music from before, or that of a caller on hold. */
void treatment_comfort(struct talk *);
/* The call is routed, which ends the treatment; what loops is heard until somebody answers. */
void treatment_leave(struct talk *);
void treating_free(struct talk *); /* tells nobody */
/* It goes on as the other's; that leg hears it. */
void treatment_move(struct talk *, struct talk *to, struct leg *hears);
void treatment_digit(struct talk *, char digit);
bool treatment_dictates(const struct talk *); /* what its caller says is recorded now */
void treatment_played(struct talk *);

/* --- recorder.c: recordings of calls --- */

void recorder_order(void *exchange, uint64_t ask, const struct call *, enum call_op);
void recorder_end(struct talk *);    /* where there is one */
void recorder_follow(struct talk *); /* another one is the caller now */
void recorders_close(struct exchange *);
/* A recording in the folder of recordings, of that name. NULL with the reason; else the caller frees its path. */
struct recording *recorder_file(struct exchange *, const char *name, unsigned channels, uint64_t most_ms, char **path,
                                char *why, size_t why_size);

/* --- dictate.c: a caller speaks, and is recorded --- */

/* Listens to the stream until the caller is silent, or so long at most; then over() is called. NULL with the reason. */
struct dictation *dictation_begin(struct exchange *, struct stream *, const char *name, uint64_t most_ms,
                                  void (*over)(void *self), void *self, char *why, size_t why_size);
/* The path of a recording of a caller's words, for "recordings/CONNID-said-REF.wav". NULL: it is none; the caller frees
 * it. */
char *dictation_path(const struct exchange *, const char *recording);
/* Ends it. True: something was said, and the facts tell where it lies, with `key` as its name. Else no file is left. */
bool dictation_end(struct dictation *, bool keep, struct recording_facts *, char *key, size_t key_size);

/* --- orders.c --- */

extern const struct cti_switch exchange_ops;
void orders_forget(struct exchange *);
/* The telephone of that leg has asked for a transfer, which is done outside of its session's handlers. */
void order_transfer(struct leg *, const char *to);
/* The call is to end, once the loop is back. */
void order_clear(const struct talk *, enum cause);
/* Or to join the calls that it has: the text of Replaces names the other one. */
void order_join(struct leg *, const struct pl *replaces);

/* --- keep.c --- */

void keep_read(struct exchange *);  /* tells the call model of telephones and of agents who are logged in */
void keep_write(struct exchange *); /* where it is due */

#endif
