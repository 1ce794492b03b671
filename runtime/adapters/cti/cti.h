/* runtime/adapters/cti/cti.h - The call model that voice plugins share.
 *
 *     switch --- facts (facts.c) --> calls, DNs, agents --- events --> core
 *        ^                              |        ^                      |
 *        '--- struct cti_switch (ops) --'        '----- effects --------'
 *                                       '--- clients (desktops): notify.c; their requests: requests.c
 *
 * A plugin tells it facts of its switch; it keeps calls, DNs and agents by them, posts them to the core, tells them
 * to the clients (desktops), and performs the core's effects and the clients' requests by asking the plugin. Nothing
 * becomes true by being asked for: an ask (asks.h) waits for the fact that shows it. The default destinations are here
 * too: they must work while the core is away.
 *
 * It has no sockets and no clock of its own: bytes of clients come by client_feed(), time by cti_tick(). */
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
    ASK_CONSULT,    /* the call is held meanwhile */
    ASK_COMPLETE,   /* the call goes where its consultation is */
    ASK_CONFERENCE, /* whom the consultation has comes into the call */
    ASK_RECONNECT,  /* the consultation ends, the call is retrieved */
    ASK_MUTE,       /* nobody hears the agent; both are answered by cti_answered() */
    ASK_UNMUTE,
    /* A supervisor's telephone is called, or does so from now on: hears the call of the agent at `to`; speaks to that
     * agent alone, too; speaks to all. */
    ASK_LISTEN,
    ASK_COACH,
    ASK_BARGE_IN
};

struct treatment_ask {
    uint64_t ref;
    enum treatment type;
    const char *dn, *language;
    struct span params;
    bool secret;
};

/* From a routing point, where the call stands once it is answered. */
struct dial_ask {
    const char *origin, *number, *caller_id;
    const char *correlator; /* our ConnID, from its first moment */
    int64_t ring_us;
    bool predictive;  /* only a person is an answer: the switch listens who is there */
    bool back;        /* a call-back: `origin` is where it was booked, at any place */
    struct span data; /* the user data of whoever is dialled */
};

struct agent_ask {
    const char *agent, *dn, *queue;
    enum agent_state state; /* logged_in, logged_out, ready, not_ready, after_call_work */
    enum work_mode work_mode;
    struct span reasons;
};

/* The plugin asks the switch for these. If the switch refuses, cti_refused() names `ask`; any other result arrives as a
 * fact. A NULL in place of a function: this switch cannot do it. */
struct cti_switch {
    void (*created)(void *self, const struct call *); /* it has its ConnID: the correlator */
    void (*route)(void *self, uint64_t ask, const struct call *, const char *destination);
    void (*reject)(void *self, uint64_t ask, const struct call *, enum cause);
    void (*treat)(void *self, const struct call *, const struct treatment_ask *); /* refused: cti_not_applied() */
    void (*stop_treatment)(void *self, const struct call *, uint64_t ref);
    void (*party)(void *self, uint64_t ask, const struct call *, const char *dn, enum party_ask, const char *to);
    void (*deflect)(void *self, uint64_t ask, const struct call *, const char *dn, const char *to);
    void (*clear)(void *self, uint64_t ask, const struct call *, enum cause);
    void (*agent)(void *self, uint64_t ask, const struct agent_ask *);
    void (*make_call)(void *self, uint64_t ask, const char *dn, const char *to);
    void (*dial)(void *self, uint64_t ask, const struct dial_ask *);
    /* Answered by cti_answered(): no fact tells of it. */
    void (*record)(void *self, uint64_t ask, const struct call *, enum call_op);
    bool judges_hand_overs; /* the switch itself refuses a transfer, completion or conference that cannot be now, as of
                               a call on hold; else it is refused before it is asked */
};

struct cti_settings {
    const char *name;
    const char *defaults; /* destinations that follow those of every routing point */
    int64_t answer_timeout_us, router_grace_us, no_answer_us, desktop_grace_us;
    int64_t wrap_up_us;          /* after-call work after each routed call; 0: none */
    const struct limits *limits; /* NULL: the defaults */
};

struct cti {
    struct gcx_link *link;
    const struct gcx_services *services;
    const struct cti_switch *ops; /* the plugin's, with its self */
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
    struct users *users;   /* NULL: everybody may do everything */
    struct tokens *tokens; /* owned; NULL: none are given */
    int64_t tokens_looked_us;
    struct client **clients;
    unsigned client_count;
    struct kv reasons; /* of not ready, that clients are told: name, display */
    uint64_t next_client;
    int64_t now_us;        /* of the last tick or input, by the clock that nobody sets: all timers go by it */
    int64_t wall_less_us;  /* wall clock less that, then */
    bool switch_up;        /* and its snapshot has been read */
    bool unread;           /* something in that snapshot could not be, which may be of any call */
    unsigned met;          /* people who were dialled and answered before that snapshot, unheard until then */
    unsigned met_late;     /* of them, those who count as having waited since the link was lost */
    int64_t switch_lag_us; /* how long its answers take, as the plugin says: what is asked of it may take longer then */
    int64_t switch_lost_us; /* as early as its link may have been lost: when that was seen, less its lag then */
    bool core_up;
    uint64_t journal;           /* of the core, as it said last */
    bool aside;                 /* another core may lead: nothing is asked of the switch that nobody has asked for */
    int64_t core_lost_us;       /* when the core went, or we began without it */
    uint64_t posted, committed; /* events that the library took, and how many of them the core has made durable */
    bool resync_wanted;         /* asked for while the switch was away; answers: */
    uint64_t resync_ixn, resync_ref;
    struct writer writer;
    uint8_t *held; /* frames that wait for credit, in order */
    size_t held_length, held_capacity;
    unsigned held_count;
    bool lost_track; /* more waited than may: it was dropped, and a resync follows when there is credit */
    uint64_t refused, refused_said; /* arrivals, and how many of them the log was told of */
    int64_t refused_said_us;
};

void cti_init(struct cti *, struct gcx_link *, const struct gcx_services *, const struct cti_switch *, void *self,
              const struct cti_settings *);
void cti_free(struct cti *);
void cti_tick(struct cti *);  /* several times a second */
void cti_clock(struct cti *); /* before facts: when they happened */
/* A moment of cti->now_us as the wall clock now says it: for records. */
int64_t cti_wall(const struct cti *, int64_t moment_us);

/* --- From the adapter library --- */

void cti_perform(struct cti *, const struct message *effect);
void cti_core_up(struct cti *, bool up);
void cti_credit(struct cti *);
void cti_committed(struct cti *, uint64_t posted);
/* The same as functions of a plugin's descriptor (`plugin`_perform and so on), whose struct `type` has a `cti`. */
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
    int64_t waited_us;         /* so long it has been there, or at its routing point */
    const char *main_id;       /* of a consultation: the CallID of the main call; NULL: none is known */
    const struct json_t *data; /* what it brings along, an object; NULL: nothing */
};

struct party_facts {
    const char *queue, *to, *other;
    enum cause cause;
};

/* The call, made where it is new: with the ConnID that the correlator names if we gave it. NULL: no good CallID. */
struct call *cti_call(struct cti *, const struct call_facts *);
void cti_route_request(struct cti *, struct call *, const char *dn, const char *visit, const char *queue,
                       const char *digits);
void cti_route_used(struct cti *, struct call *, const char *to, enum route_how, enum cause);
/* The place where what was recorded lies: the switch's store has it. */
struct recording_facts {
    const char *store, *key, *media_type; /* NULL: not said */
    uint64_t length;                      /* in bytes */
    bool hashed;
    uint8_t sha256[32];
};
/* `result`: what an application found out, `recording`: what was recorded; NULL: nothing. */
void cti_treatment(struct cti *, struct call *, enum treatment_change, uint64_t ref, const char *digits,
                   const struct kv *result, const struct recording_facts *recording, enum cause);
void cti_party(struct cti *, struct call *, enum party_change, const char *dn, const struct party_facts *);
/* A transfer or a conference has joined the consultation to the main call, which goes on. `visit`: the name of that
 * call's stay, if it stands at a routing point. The event that ends the consultation is told of it besides. */
void cti_merged(struct cti *, struct call *main, struct call *consult, const char *visit, enum party_how);
/* A supervisor's telephone is called into the call, unseen by the core and by the others; or its mode has changed. */
void cti_monitors(struct cti *, struct call *, const char *dn, const char *of, enum party_ask mode);
/* A person who has answered a dialled call, and to whom nobody has come, has heard the switch's goodbye. */
void cti_call_unserved(struct cti *, struct call *);
void cti_call_gone(struct cti *, struct call *, enum cause); /* frees it */
void cti_agent(struct cti *, const char *agent, const char *dn, const char *queue, enum agent_state, enum work_mode,
               struct span reasons);
void cti_device(struct cti *, const char *number, enum dn_type, enum dn_state); /* type other: as before */
/* The same state again: a telephone that the core leaves alone has spoken. */
void cti_device_again(struct cti *, const char *number);

/* The switch has done it, or refused. */
void cti_answered(struct cti *, uint64_t ask);
/* The call that was asked for becomes a consultation of that one: it is answered once that one is held. */
void cti_is_consult(struct cti *, uint64_t ask, const struct call *main);
/* The route that was asked for a consultation is the main call's from now on: both are merged. */
void cti_route_follows(struct cti *, uint64_t ask, const struct call *main);
void cti_refused(struct cti *, uint64_t ask, enum code, const char *text);
void cti_recording_over(struct cti *, struct call *); /* it has ended by itself: all at the call are told */
void cti_not_applied(struct cti *, struct call *, uint64_t ref, enum code, const char *text);

/* The switch is gone: what was asked of it fails; calls stay as they were last known. */
void cti_switch_down(struct cti *);
/* A snapshot of the switch follows, as facts: begin, observe each, end. A call that is not observed is gone. */
void cti_snapshot_begin(struct cti *);
struct call *cti_snapshot_call(struct cti *, const struct call_facts *);
void cti_snapshot_party(struct cti *, struct call *, const char *dn, enum party_state, const char *queue);
/* It came to the routing point so long ago; -1: the switch does not say. */
void cti_snapshot_visit(struct cti *, struct call *, const char *dn, const char *visit, int64_t waited_us);
/* The last treatment of this stay has ended, none runs. True where that is news: cti_treatment() then tells how. */
bool cti_snapshot_ended(struct call *, uint64_t ref);
void cti_snapshot_agent(struct cti *, const char *agent, const char *dn, const char *queue, enum agent_state,
                        enum work_mode, struct span reasons);
/* The report on that call could not be read: the call stays as it was. "": of an unknown call, so no call ends. */
void cti_snapshot_unread(struct cti *, const char *call_id);
void cti_snapshot_end(struct cti *);

/* --- Clients --- */

/* The users who may be clients; owned from now on. Clients whose user is gone or has another credential are closed. */
void cti_set_users(struct cti *, struct users *);

enum verdict { VERDICT_GOOD, VERDICT_WRONG, VERDICT_TOO_OFTEN };

/* How a client's bytes leave. After close() nothing of the client is used again. */
struct client_wire {
    void *self;
    bool (*send)(void *self, const char *bytes, size_t length); /* false: too much waits to be read */
    void (*close)(void *self);
    /* Does the password fit the hash? client_verified() tells. False: too many are asked for. NULL: none is taken. */
    bool (*verify)(void *self, const char *hash, const char *password);
    void (*known)(void *self); /* it has said who it is; may be NULL */
};

struct client_peer {
    const char *address;
    const struct tls_names *names; /* of its certificate, or NULL */
};

/* Greets it. NULL where it is gone already (close() was called). `peer` may be NULL. */
struct client *client_new(struct cti *, const struct client_wire *, const struct client_peer *peer);
void client_verified(struct client *, enum verdict); /* not from within verify(); may end it */
/* Bytes that it sent; may end it (close() is called). */
void client_feed(struct client *, const char *bytes, size_t length);
/* Its connection is gone; close() is not called. */
void client_lost(struct client *);
