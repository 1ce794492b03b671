/* runtime/adapters/sip/exchange.h - The plugin `sip`: a telephone exchange, and the call model joined to it.
 *
 *     trunks, telephones --- SIP --> front.c --> leg.c ---> talk.c --- facts --> cti --- events --> core
 *                                 telephones.c    stream.c      ^                  |
 *                                                              '---- orders.c <---'  struct cti_switch
 *
 * A talk is a call: the caller's leg, and the leg of who is called. A leg is one session of SIP with its stream. All
 * of it runs in the adapter's loop (ua/loop.h), so there are no locks. Calls run down these floors only:
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
 * The call model's wishes become orders, which are done once the loop is back: a leg may be gone afterwards, whose
 * callback the wish comes from. */
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

/* A call that is only decided here (redirect.h). */
struct redirecting {
    bool only;
    struct redirect_kept *kept; /* the call's INVITE; NULL: the call has a session, or is answered */
    struct sa proxy;            /* the proxy that brought the INVITE, and is told where the call goes on */
    enum sip_transp transport;
};

/* The headers that a call has brought, and carries on (passing.h). */
struct passing {
    unsigned hops;       /* Max-Forwards of the call's INVITE; 0: the call has begun here */
    char *lines, *index; /* the lines that go on; the index of the last History-Info among them; NULL: the call has
                            brought none */
};

struct talk {
    struct exchange *exchange;
    char id[NAME_SIZE];           /* CallID of the call model */
    char wants[ADDRESS_SIZE];     /* where a call that begins here is to go; "": the call has come to us */
    bool from_point;              /* `wants` is the routing point from which it is dialled */
    char caller_id[ADDRESS_SIZE]; /* the number that numbers outside are shown; "": the caller's own */
    char outlets[ADDRESS_SIZE];   /* the names of the trunks through which the call may be dialled; "": any */
    char point[NAME_SIZE];        /* the routing point where the call is, or was last; "": it was at none */
    unsigned visits;
    struct leg *caller; /* who called; in a consultation the agent who asks, by the main call's leg or a second leg */
    struct leg *called; /* rings, or talks with the caller; NULL: nobody */
    struct leg *guests; /* the further members of a conference, and supervisors */
    struct conference *conference;
    struct leg *towards; /* the leg that is called in the place of `leaver`, who hands the call on; NULL: nobody */
    struct leg *leaver;
    struct talk *main, *consult; /* a consultation, and the call that it is about; NULL: none */
    struct leg *asker;           /* for a consultation: the agent's leg in the main call */
    bool emergency;              /* a consultation with an emergency: nothing takes its place */
    bool holds;                  /* for a consultation: it alone has put the main call on hold */
    bool completes;              /* for a consultation: it is to be completed once the telephone rings */
    uint64_t reach_ask;          /* the ask for the route or transfer, answered once the telephone rings; 0: none */
    uint64_t complete_ask;       /* the ask for that completion; 0: the telephone itself wants it */
    struct treating *treating;   /* the treatment that runs; NULL: none */
    char late_end;               /* the end key that may still come for a number that was full before; 0: none */
    uint64_t late_until_ms;      /* until then that key belongs to that number */
    struct sound *music;         /* the music that the caller has heard last; NULL: none */
    struct detecting *detecting; /* finds out whether a person or a machine has answered; NULL: nobody listens */
    struct farewell *farewell;   /* the message for a person to whom nobody comes, or for a machine; NULL: none */
    struct recorder *recorder;   /* NULL: the call is not recorded */
    struct redirecting redirecting;
    struct passing passing;
    struct alarm timer; /* runs while a telephone says nothing or is not answered, or a caller was left alone */
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
    uint64_t short_ms; /* when too few ports were left last; 0: never */
    uint32_t dropped;  /* messages that the kernel had no room for, as far as they were told */
    uint64_t drops_told_ms;
    uint32_t born; /* a random number in the CallIDs of this process, so that no other one has the same */
    const struct leg_ops *leg_ops; /* what legs tell; with on_order, which does an order, set by the floors above */
    void (*on_order)(struct exchange *, const struct exchange_order *);
    struct exchange_order *first_order, *last_order;
    struct alarm orders;
    struct hashing *first_hashing; /* recordings that have ended */
    char *kept_path;               /* NULL: nothing is kept */
    bool kept;                     /* the file at kept_path is there, as far as is known */
    bool keep_due;                 /* what is kept has changed */
    bool keep_fails;               /* the file could not be written, which the log was told */
    uint64_t kept_ms;              /* when that file was written last */
};

#define exchange_log(exchange, level, ...) (exchange)->cti.services->log((exchange)->cti.link, level, 0, 0, __VA_ARGS__)

#define exchange_ends(exchange) (exchange)->cti.services->ends((exchange)->cti.link) /* no call begins any more */

/* --- front.c --- */

/* Binds the address, and the sockets of SIP. False with the reason. */
bool front_open(struct exchange *, char *why, size_t why_size);
void front_close(struct exchange *);

/* --- talks.c --- */

struct talk *talk_find(const struct exchange *, const char *id);
struct call *talk_call(const struct talk *); /* the call model's call of the talk; NULL: it has it no more */
struct talk *talk_of_dn(const struct exchange *, const char *dn); /* the talk in which that telephone has a part */
/* Is a leg of any call at that address and port? Every leg is looked at. */
bool talks_reach(const struct exchange *, const struct sa *at);

/* --- talk.c --- */

void talks_end(struct exchange *);

/* --- talk_legs.c --- */

void talks_tick(struct exchange *);

/* --- recorder.c: recordings of calls --- */

void recorder_order(void *exchange, uint64_t ask, const struct call *, enum call_op);
void recorder_end(struct talk *);    /* where there is one */
void recorder_follow(struct talk *); /* records on, as another leg is the caller now */
void recorders_close(struct exchange *);
/* Opens a recording of that name in the folder of recordings. NULL with the reason; else the caller frees its path. */
struct recording *recorder_file(struct exchange *, const char *name, unsigned channels, uint64_t most_ms, char **path,
                                char *why, size_t why_size);

/* --- dictate.c: a caller speaks, and is recorded --- */

/* Listens to the stream until the caller is silent, or so long at most; then over() is called. NULL with the reason. */
struct dictation *dictate_begin(struct exchange *, struct stream *, const char *name, uint64_t most_ms,
                                void (*over)(void *self), void *self, char *why, size_t why_size);
/* Returns the path of a recording of a caller's words, for "recordings/CONNID-said-REF.wav", which the caller frees.
 * NULL: the name is none of such a recording. */
char *dictate_path(const struct exchange *, const char *recording);
/* Ends the dictation. True: something was said, and the facts tell where its file is, with `key` as its name. Else no
 * file is left. */
bool dictate_end(struct dictation *, bool keep, struct recording_facts *, char *key, size_t key_size);

/* --- keep.c --- */

void keep_read(struct exchange *);  /* reads the file of what was kept, and tells the call model of telephones and of
                                       agents who are logged in */
void keep_write(struct exchange *); /* writes that file if it is due */
void keep_tick(struct exchange *);  /* like keep_write(), but after a failure not before a second has passed; tells the
                                       log of a lost file */
/* Writes the file before somebody is told of a change. With many telephones it is written ten times a second at most: a
 * crowd that comes back would have all of it written for each. */
void keep_now(struct exchange *);
