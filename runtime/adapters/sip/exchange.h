/* runtime/adapters/sip/exchange.h - The plugin `sip`: a telephone exchange, and the call model joined to it.
 *
 *     trunks, telephones --- SIP --> front.c --> leg.c ---> talk.c --- facts --> cti --- events --> core
 *                                 telephones.c    stream.c      ^                  |
 *                                                              '---- orders.c <---'  struct cti_switch
 *
 * A talk is one call: the leg of the caller, and the leg of the party who is called. A leg is one session of SIP
 * with its stream. All of it runs in the adapter's loop (ua/loop.h), so there are no locks. A file calls only files
 * further down in this list:
 *
 *     plugin.c  look.c                           what gcxvm asks for
 *     front.c  orders.c  replaces.c              who may say what; what the call model asks; another session instead
 *     talk_legs.c                                what becomes of a call by what its legs tell (struct leg_ops)
 *     control.c  monitor.c  dial.c  consult.c    what agents and supervisors do; calls that begin here
 *     arrival.c  route.c  redirect.c  farewell_play.c
 *     members.c                                  who comes in, leaves, takes another one's place
 *     reach.c  answer.c                          how a call comes to a telephone, and is answered from the desktop
 *     talk.c  consult_tie.c                      a call ends
 *     talk_sound.c  treatment.c  recorder.c  dictate.c  detect.c  farewell.c
 *     leg.c  leg_sdp.c  prack.c  refresh.c  refer.c
 *     talks.c  order_queue.c                     the calls as they are; what is done once the loop is back
 *     fork.c  guard.c  refuse.c  peer.c  telephone_proof.c  telephone_register.c
 *     reread.c                                   files that change under way are read again
 *     keep.c  alive.c                            what outlives this process; which telephones are in service
 *     telephones.c  trunk.c  trunk_answer.c  brought.c  redirect_kept.c  transport.c  number.c  setting.c
 *     ua/                                        the user agent
 *
 * What the call model asks for becomes an order, which is done once the running handler is over: an order may free
 * the very leg whose handler has led to the request. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/cti.h"
#include "runtime/adapters/cti/server.h"
#include "runtime/adapters/sip/guard.h"
#include "runtime/adapter/watched.h"
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
struct leg_ops;
struct speeches;
struct exchange_order;
struct recorder;
struct redirect_kept;
struct redirects;
struct treating;

/* The fields of a call that is redirected here and not answered (redirect.h). */
struct redirecting {
    bool only;
    /* the kept INVITE of a redirected call; NULL: it is answered, or the call is not redirected */
    struct redirect_kept *kept;
    struct sa proxy; /* the proxy that sent the INVITE, and gets the answer with the destination */
    enum sip_transp transport;
};

/* The headers that a call has brought, and takes along when it is dialled on (passing.h). */
struct passing {
    unsigned hops;       /* Max-Forwards of the call's INVITE; 0: the call has begun here */
    char *lines, *index; /* the header lines that are sent on; the index of the last History-Info among them; NULL:
                          * the call has brought none */
};

struct talk {
    struct exchange *exchange;
    char id[NAME_SIZE];           /* CallID of the call model */
    char wants[ADDRESS_SIZE];     /* the destination of a call that begins here; "": a call from outside */
    bool from_point;              /* the call was dialled from a routing point, which `wants` names */
    char caller_id[ADDRESS_SIZE]; /* the caller's number shown to numbers outside; "": the caller's own */
    char outlets[ADDRESS_SIZE];   /* the names of the trunks through which the call may be dialled; "": any */
    char point[NAME_SIZE];        /* the routing point where the call is, or was last; "": it was at none */
    unsigned visits;
    struct leg *caller; /* the caller; in a consultation the agent who asks, by the main call's leg or a second leg */
    struct leg *called; /* the leg that rings or talks with the caller; NULL: nobody */
    struct leg *along;  /* legs that ring together with `called`; the first to answer takes its place (along.h) */
    /* the destination of a route to several telephones; "": the route was to one, or somebody has answered */
    char together[NAME_SIZE];
    struct leg *guests; /* the further members of a conference, and supervisors */
    struct conference *conference;
    struct leg *towards; /* the leg that rings to replace `leaver`, the agent who hands the call on; NULL: none */
    struct leg *leaver;
    struct talk *main, *consult; /* the main call of this consultation; the consultation about this call; NULL: none */
    struct leg *asker;           /* in a consultation: the agent's leg in the main call */
    bool emergency;              /* a consultation with an emergency: no other call replaces it */
    bool holds;                  /* in a consultation: the main call is on hold only because of it */
    bool aside;                  /* in a consultation: who asks talks to the main call, and the asked one is on hold */
    bool completes;              /* in a consultation: it is completed once the telephone rings */
    uint64_t reach_ask;          /* the request for the route or transfer, answered once the telephone rings; 0: none */
    uint64_t complete_ask;       /* the request to complete the consultation; 0: the telephone asks */
    struct treating *treating;   /* the treatment that runs; NULL: none */
    char late_end;               /* the end key still expected after a number that was complete without it; 0: none */
    /* until when (loop_ms) that end key still belongs to the completed number, and not to the next one */
    uint64_t late_until_ms;
    struct sound *music;         /* the music that the caller has heard last; NULL: none */
    struct detecting *detecting; /* finds out whether a person or a machine has answered; NULL: not needed */
    /* the message for a person whom no agent takes in time, or for a machine; NULL: none */
    struct farewell *farewell;
    struct recorder *recorder; /* the recording of the call; NULL: it is not recorded */
    struct redirecting redirecting;
    struct passing passing;
    struct alarm timer; /* runs while a telephone gives no answer, or a caller was left alone */
    struct talk *next, *previous;
};

struct exchange {
    struct cti cti;
    struct server *server;
    struct event *timer;
    struct sip_setting setting;
    struct ua ua;
    struct sip_guard guard;
    struct watched_files files;
    int64_t tls_ends_s; /* when the certificate of `tls_address` expires; 0: there is none */
    struct stream_clock clock;
    struct sounds *sounds;
    struct speeches *speeches;
    struct telephones telephones;
    struct redirects *redirects; /* INVITEs of calls that are redirected and not answered (redirect.h) */
    struct providers providers;
    struct talk *first;
    unsigned talk_count;
    uint64_t talks;    /* counted */
    uint64_t short_ms; /* when the ports last did not suffice for a call (loop_ms); 0: never */
    uint32_t dropped;  /* packets that the kernel has dropped, as of the last log line */
    uint64_t drops_told_ms;
    uint32_t born; /* a random number in the CallIDs of this process, so that no other one has the same */
    /* how legs report to their talk (leg_ops) and who does an order (on_order); both are set by files further up in the
     * list */
    const struct leg_ops *leg_ops;
    void (*on_order)(struct exchange *, const struct exchange_order *);
    struct exchange_order *first_order, *last_order;
    struct alarm orders;
    struct hashing *first_hashing; /* recordings that have ended */
    char *kept_path;               /* NULL: nothing is kept */
    bool kept;                     /* the file at kept_path exists, as far as is known */
    bool keep_due;                 /* the state has changed, and the file must be written */
    bool keep_fails;               /* the last write of the file failed, and this was logged */
    uint64_t kept_ms;              /* when the file was last written (loop_ms) */
};

#define exchange_log(exchange, level, ...) (exchange)->cti.services->log((exchange)->cti.link, level, 0, 0, __VA_ARGS__)

/* true: the process ends, and no call begins any more */
#define exchange_ends(exchange) (exchange)->cti.services->ends((exchange)->cti.link)

/* --- front.c --- */

/* Binds the address, and opens the sockets of SIP. False with the reason. */
bool front_open(struct exchange *, char *why, size_t why_size);
void front_close(struct exchange *);

/* --- talks.c --- */

struct talk *talk_find(const struct exchange *, const char *id);
struct call *talk_call(const struct talk *); /* the call in the call model; NULL: it is gone there */
/* the talk in which that telephone takes part; NULL: none */
struct talk *talk_of_dn(const struct exchange *, const char *dn);
/* Is the peer of a leg of any call at that address and port? Every leg is looked at. */
bool talks_reach(const struct exchange *, const struct sa *at);

/* --- talk.c --- */

void talks_end(struct exchange *);

/* --- talk_legs.c --- */

void talks_tick(struct exchange *);

/* --- recorder.c: recordings of calls --- */

void recorder_order(void *exchange, uint64_t ask, const struct call *, enum call_op);
void recorder_end(struct talk *); /* where there is one */
/* Marks in the recording, where there is one, that a supervisor hears the call from now on, or with `over` no longer.
 */
void recorder_mark(struct talk *, const struct leg *supervisor, bool over);
void recorder_follow(struct talk *); /* goes on recording after another leg has become the caller */
void recorders_close(struct exchange *);
/* Opens a recording of that name in the folder of recordings. NULL with the reason; else `path` is set, and the
 * caller of this function frees it. */
struct recording *recorder_file(struct exchange *, const char *name, unsigned channels, uint64_t most_ms, char **path,
                                char *why, size_t why_size);

/* --- dictate.c: a caller speaks, and is recorded --- */

/* Records the caller until they are silent, or for `most_ms` at most; then over() is called. NULL with the reason. */
struct dictation *dictate_begin(struct exchange *, struct stream *, const char *name, uint64_t most_ms,
                                void (*over)(void *self), void *self, char *why, size_t why_size);
/* Returns the path of the recording "recordings/CONNID-said-REF.wav" of a caller's words; the caller of this
 * function frees it. NULL: the name is not of this form. */
char *dictate_path(const struct exchange *, const char *recording);
/* Ends the dictation. True: something was said, and `facts` describes the file, with `key` as its name. False:
 * nothing was said, and the file is removed. */
bool dictate_end(struct dictation *, bool keep, struct recording_facts *, char *key, size_t key_size);

/* --- keep.c --- */

void keep_read(struct exchange *);  /* reads the file of the kept state, and tells the call model which telephones
                                     * are registered and which agents are logged in */
void keep_write(struct exchange *); /* writes the kept state to its file if it has changed */
void keep_tick(struct exchange *);  /* like keep_write(), but after a failure only once a second; also logs that the
                                     * file was removed */
/* Writes the kept state before anybody is told of its change. If there are many telephones, the function writes at most
 * ten times a second: when all register at once, each write would repeat the whole file. */
void keep_now(struct exchange *);
