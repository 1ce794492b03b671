/* runtime/adapters/cti/cti.h - The call model that the plugins for voice share.
 *
 *     switch --- facts (facts.c) --> calls, DNs, agents --- events --> core
 *        ^                              |        ^                      |
 *        '--- struct cti_switch (ops) --'        '----- effects --------'
 *                                       '--- clients (desktops): notify.c; their requests: requests.c
 *
 * A plugin reports facts of its switch to the model; the model keeps calls, DNs and agents by these facts, posts
 * them to the core, tells them to the clients (desktops), and performs the core's effects and the clients' requests
 * by asking the plugin. Nothing becomes true by a request: an ask (asks.h) waits for the fact that shows the result.
 * The default destinations are here too: they must work while the core is away.
 *
 * The model has no sockets and no clock of its own: bytes of clients come by client_feed(), time by cti_tick(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/cti/agents.h"
#include "runtime/adapters/cti/asks.h"
#include "runtime/adapters/cti/call.h"
#include "runtime/adapters/cti/dn.h"
#include "runtime/adapters/cti/invites.h"
#include "runtime/adapters/cti/limits.h"
#include "runtime/adapters/cti/tokens.h"
#include "runtime/adapters/cti/users.h"
#include "runtime/vocabulary/message.h"

enum party_ask {
    ASK_ANSWER,
    ASK_HOLD,
    ASK_RETRIEVE,
    ASK_RELEASE,
    ASK_TRANSFER,
    ASK_CONSULT,    /* calls another party while the call is on hold */
    ASK_COMPLETE,   /* transfers the call to the party of its consultation */
    ASK_CONFERENCE, /* brings the party of the consultation into the call */
    ASK_RECONNECT,  /* ends the consultation, and retrieves the call */
    ASK_SWAP,       /* talks to the call while the party of its consultation is on hold, or the other way round */
    ASK_MUTE,       /* mutes the agent; cti_answered() answers this and ASK_UNMUTE */
    ASK_UNMUTE,
    ASK_DIGITS, /* sends the keys in `to` to the other party; cti_answered() answers it */
    /* Calls a supervisor's telephone into the call of the agent at `to`, or changes its mode: the supervisor
     * listens; speaks to the agent alone; speaks to all; takes the agent's place once the telephone is answered. */
    ASK_LISTEN,
    ASK_COACH,
    ASK_BARGE_IN,
    ASK_TAKE_OVER
};

struct treatment_ask {
    uint64_t ref;
    enum treatment type;
    const char *dn, *language;
    struct span params;
    bool secret;
};

/* A call that the core has the switch dial, and which comes to the routing point `origin` once it is answered. */
struct dial_ask {
    const char *origin, *number, *caller_id;
    const char *correlator; /* our ConnID, which the switch has from the first moment */
    int64_t ring_us;
    bool predictive;  /* only a person counts as an answer: the switch detects machines */
    bool back;        /* the call is a call-back; `origin` is the routing point or DN where it was booked */
    struct span data; /* the user data of the call that is dialled */
};

struct agent_ask {
    const char *agent, *dn, *queue;
    enum agent_state state; /* one of logged_in, logged_out, ready, not_ready, after_call_work */
    enum work_mode work_mode;
    struct span reasons;
};

/* What the plugin can ask of its switch. If the switch refuses, the plugin calls cti_refused() with `ask`; any other
 * result arrives as a fact. A function that is NULL: this switch cannot do it. */
struct cti_switch {
    void (*created)(void *self,
                    const struct call *); /* tells the switch the ConnID of the call, which is its correlator */
    void (*route)(void *self, uint64_t ask, const struct call *, const char *destination);
    void (*reject)(void *self, uint64_t ask, const struct call *, enum cause);
    void (*treat)(void *self, const struct call *,
                  const struct treatment_ask *); /* the plugin reports a refusal by cti_not_applied() */
    void (*stop_treatment)(void *self, const struct call *, uint64_t ref);
    void (*party)(void *self, uint64_t ask, const struct call *, const char *dn, enum party_ask, const char *to);
    void (*deflect)(void *self, uint64_t ask, const struct call *, const char *dn, const char *to);
    void (*clear)(void *self, uint64_t ask, const struct call *, enum cause);
    void (*agent)(void *self, uint64_t ask, const struct agent_ask *);
    void (*make_call)(void *self, uint64_t ask, const char *dn, const char *to);
    void (*dial)(void *self, uint64_t ask, const struct dial_ask *);
    /* Begins, pauses or ends a recording. The plugin answers by cti_answered(), as no fact shows the result. */
    void (*record)(void *self, uint64_t ask, const struct call *, enum call_op);
    bool rings_together;    /* a route to several telephones rings them at once (call.h, `also`) */
    bool takes_over;        /* it can do ASK_TAKE_OVER; false: the model refuses it, and tells clients before */
    bool judges_hand_overs; /* the switch itself refuses a transfer, completion or conference that is impossible now;
                             * false: the model refuses it first */
};

struct cti_settings {
    const char *name;
    const char *defaults; /* destinations that are tried after those of every routing point */
    int64_t answer_timeout_us, router_grace_us, no_answer_us, desktop_grace_us;
    int64_t wrap_up_us;          /* length of the after-call work after each routed call; 0: none */
    const struct limits *limits; /* NULL: the defaults */
};

struct cti {
    struct gcx_link *link;
    const struct gcx_services *services;
    const struct cti_switch *ops; /* the plugin's functions, with their `self` */
    void *self;
    char name[NAME_SIZE];
    int64_t answer_timeout_us, router_grace_us, no_answer_us, desktop_grace_us, wrap_up_us;
    struct destinations defaults;
    struct calls calls;
    struct dns dns;
    struct switch_agents agents;
    struct asks asks;
    struct invites invites;
    struct limits limits;
    struct users *users;   /* the users who may log in; NULL: everybody may do everything */
    struct tokens *tokens; /* makes the tokens by which clients come back, owned; NULL: none are given */
    int64_t tokens_looked_us;
    struct client **clients;
    unsigned client_count;
    struct kv reasons; /* the reasons for not ready that clients are offered: name, display text */
    uint64_t next_client;
    int64_t now_us;         /* the monotonic time of the last tick or input, which all timers use */
    int64_t wall_less_us;   /* the wall clock minus now_us */
    bool switch_up;         /* the link to the switch is up, and its snapshot has been read */
    bool unread;            /* something in that snapshot could not be read, and may be about any call */
    unsigned met;           /* dialled people who answered before that snapshot, of whom the core was not told */
    unsigned met_late;      /* those of `met` of whom the switch does not say since when they wait */
    int64_t switch_lag_us;  /* delay of the switch's answers, as the plugin reports: asks get twice that more time */
    int64_t switch_lost_us; /* earliest time at which the switch's link may have been lost: the time when the loss was
                             * seen, less the lag */
    bool core_up;
    uint64_t journal;           /* the journal's number, as the core said last; 0: not known */
    bool aside;                 /* another core may lead at this time, so the calls are left to it */
    int64_t core_lost_us;       /* when the core went away, or when this process began without it */
    uint64_t posted, committed; /* events that the library took, and how many of them the core has stored */
    bool resync_wanted;         /* the core asked for a resync while the switch was away, by the following effect: */
    uint64_t resync_ixn, resync_ref;
    struct writer writer;
    uint8_t *held; /* frames that wait for credit, in their order */
    size_t held_length, held_capacity;
    unsigned held_count;
    bool lost_track;                /* too many frames waited and were dropped: a resync follows when there is credit */
    uint64_t refused, refused_said; /* arrivals for which the core had no room; how many of them are logged */
    int64_t refused_said_us;
};

void cti_init(struct cti *, struct gcx_link *, const struct gcx_services *, const struct cti_switch *, void *self,
              const struct cti_settings *);
void cti_free(struct cti *);
void cti_tick(struct cti *);  /* several times a second */
void cti_clock(struct cti *); /* sets now_us; called before facts are reported, as the time of these facts */
/* Converts a moment of cti->now_us to the wall clock, for records. */
int64_t cti_wall(const struct cti *, int64_t moment_us);

/* --- Called by the adapter library --- */

void cti_perform(struct cti *, const struct message *effect);
void cti_core_up(struct cti *, bool up);
void cti_credit(struct cti *);
void cti_committed(struct cti *, uint64_t posted);
/* Defines the same functions for a plugin's descriptor (`plugin`_perform and so on), whose struct `type` has a
 * member `cti`. */
#define CTI_ENTRIES(plugin, type)                                                                                      \
    static void plugin##_perform(void *self, const struct message *effect)                                             \
    {                                                                                                                  \
        cti_perform(&((struct type *)self)->cti, effect);                                                              \
    }                                                                                                                  \
    static void plugin##_core_up(void *self, bool up)                                                                  \
    {                                                                                                                  \
        cti_core_up(&((struct type *)self)->cti, up);                                                                  \
    }                                                                                                                  \
    static void plugin##_committed(void *self, uint64_t posted)                                                        \
    {                                                                                                                  \
        cti_committed(&((struct type *)self)->cti, posted);                                                            \
    }                                                                                                                  \
    static void plugin##_credit(void *self)                                                                            \
    {                                                                                                                  \
        cti_credit(&((struct type *)self)->cti);                                                                       \
    }

/* --- Facts of the switch --- */

struct call_facts {
    const char *call_id, *ani, *dnis, *origin_dn;
    enum call_type type;
    uint64_t correlator;
    uint64_t hops;
    int64_t waited_us;         /* how long the call, or its stay at the routing point, has lasted */
    const char *main_id;       /* for a consultation: the CallID of the main call; NULL: unknown */
    const struct json_t *data; /* the user data with which the call comes, an object; NULL: none */
};

struct party_facts {
    const char *queue, *to, *other;
    enum cause cause;
};

/* Returns the call of these facts, and makes it if it is new: with the ConnID in the correlator if this link gave it
 * out. NULL: the CallID is not valid. */
struct call *cti_call(struct cti *, const struct call_facts *);
void cti_route_request(struct cti *, struct call *, const char *dn, const char *visit, const char *queue,
                       const char *digits);
void cti_route_used(struct cti *, struct call *, const char *to, enum route_how, enum cause);
/* Where the file of a recording is, in the switch's store. */
struct recording_facts {
    const char *store, *key, *media_type; /* NULL: not said */
    uint64_t length;                      /* in bytes */
    bool hashed;
    uint8_t sha256[32];
};
/* A treatment has begun or ended. `result`: what an application found out; `recording`: what was recorded; NULL: no
 * such result. */
void cti_treatment(struct cti *, struct call *, enum treatment_change, uint64_t ref, const char *digits,
                   const struct kv *result, const struct recording_facts *recording, enum cause);
void cti_party(struct cti *, struct call *, enum party_change, const char *dn, const struct party_facts *);
/* A transfer or a conference has joined the consultation to the main call, which goes on. `visit`: the name of the
 * main call's stay, if it is at a routing point. The end of the consultation itself is a fact of its own. */
void cti_merged(struct cti *, struct call *main, struct call *consult, const char *visit, enum party_how);
/* A supervisor's telephone was called into the call, which the core and the other parties are not told; or its mode
 * has changed. */
void cti_monitors(struct cti *, struct call *, const char *dn, const char *of, enum party_ask mode);
/* The supervisor at `dn` is an ordinary party of the call from now on, whose changes are facts as those of others. */
void cti_takes_over(struct cti *, struct call *, const char *dn);
/* A person who answered a dialled call, and to whom no agent came, has heard the switch's goodbye. */
void cti_call_unserved(struct cti *, struct call *);
void cti_call_gone(struct cti *, struct call *, enum cause); /* frees it */
void cti_agent(struct cti *, const char *agent, const char *dn, const char *queue, enum agent_state, enum work_mode,
               struct span reasons);
void cti_device(struct cti *, const char *number, enum dn_type,
                enum dn_state); /* the type `other`: the DN keeps the type that it has */
/* Tells the core the state of a telephone again: it has spoken although the core leaves it alone. */
void cti_device_again(struct cti *, const char *number);

/* The switch has done what the ask requested. */
void cti_answered(struct cti *, uint64_t ask);
/* The requested call becomes a consultation of `main`: the ask is answered once `main` is on hold. */
void cti_is_consult(struct cti *, uint64_t ask, const struct call *main);
/* The route requested for a consultation counts for the main call from now on, as the two calls are merged. */
void cti_route_follows(struct cti *, uint64_t ask, const struct call *main);
void cti_refused(struct cti *, uint64_t ask, enum code, const char *text);
/* the recording has ended by itself: tells all clients at the call */
void cti_recording_over(struct cti *, struct call *);
void cti_not_applied(struct cti *, struct call *, uint64_t ref, enum code, const char *text);

/* The link to the switch is lost: open requests to it fail; calls stay as they were last known. */
void cti_switch_down(struct cti *);
/* A snapshot of the switch follows, as facts: the begin, each call, DN and agent, the end. A call that is missing
 * from the snapshot is gone. */
void cti_snapshot_begin(struct cti *);
struct call *cti_snapshot_call(struct cti *, const struct call_facts *);
void cti_snapshot_party(struct cti *, struct call *, const char *dn, enum party_state, const char *queue);
/* The call is at the routing point. `waited_us`: how long it has waited there; -1: unknown. */
void cti_snapshot_visit(struct cti *, struct call *, const char *dn, const char *visit, int64_t waited_us);
/* The last treatment of this stay has ended, and none runs. True: the model did not know that, and the plugin reports
 * by cti_treatment() how it ended. */
bool cti_snapshot_ended(struct call *, uint64_t ref);
void cti_snapshot_agent(struct cti *, const char *agent, const char *dn, const char *queue, enum agent_state,
                        enum work_mode, struct span reasons);
/* The snapshot's line about that call could not be read: the call stays as it was. "": the line may be about any
 * call, so no call ends. */
void cti_snapshot_unread(struct cti *, const char *call_id);
void cti_snapshot_end(struct cti *);

/* --- Clients --- */

/* Sets the users who may log in; the model owns them from now on. Clients whose user is gone or has another password
 * or certificate are closed. */
void cti_set_users(struct cti *, struct users *);

enum verdict { VERDICT_GOOD, VERDICT_WRONG, VERDICT_TOO_OFTEN };

/* How bytes are sent to a client, and its connection closed. After close() the model does not use the client's wire
 * again. */
struct client_wire {
    void *self;
    bool (*send)(void *self, const char *bytes, size_t length); /* false: the client has left too many bytes unread */
    void (*close)(void *self);
    /* Starts to check whether the password matches the hash; client_verified() gets the result. False: too many
     * checks wait already. NULL: passwords are not accepted. */
    bool (*verify)(void *self, const char *hash, const char *password);
    void (*known)(void *self); /* the client has logged in; may be NULL */
};

struct client_peer {
    const char *address;
    const struct tls_names *names; /* the names in the client's certificate; NULL: it has none */
};

/* Makes a client and greets it. NULL: the client is gone already (close() was called). `peer` may be NULL. */
struct client *client_new(struct cti *, const struct client_wire *, const struct client_peer *peer);
void client_verified(struct client *, enum verdict); /* not called within verify(); may end the client */
/* Takes bytes that the client has sent; may end the client (close() is called). */
void client_feed(struct client *, const char *bytes, size_t length);
/* Forgets the client, whose connection is gone; close() is not called. */
void client_lost(struct client *);
