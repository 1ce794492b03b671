/* runtime/adapters/cti/call.h - Calls: who is in them, what is known about them, and where they wait.
 *
 * A call has a ConnID of this system and a CallID of the switch. A call has its parties (at most one for each DN:
 * extensions, queues, routing points, ports), a copy of the interaction's user data, its visit to a routing point, and
 * a memory of the effects performed on it. The table owns the calls; a call owns everything that it points to. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/index.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"

enum {
    CALL_WHISPER = 256, /* most bytes of the text that only the agent hears */
    CALL_WHY = 256,     /* most bytes of the core's reason to end or default a call */
    NAME_SIZE = 65,     /* size of a name, with its terminating zero */
    ADDRESS_SIZE = 257, /* size of an address, with its terminating zero */
    CALL_PARTIES_MAX = 32,
    CALL_TRIED_MAX = 32, /* destinations that a call may try: after so many it is rejected */
    CALL_ALSO = 7,       /* most telephones that ring together with the destination of a route */
    CALL_DONE_MAX = 32,  /* effects that a call remembers: no more are unanswered at once */
};

enum party_state {
    PARTY_DIALING,
    PARTY_ROUTING,
    PARTY_QUEUED,
    PARTY_RINGING,
    PARTY_ESTABLISHED,
    PARTY_HELD,
    PARTY_FAILED,
};

struct call_party {
    char dn[NAME_SIZE];
    char queue[NAME_SIZE]; /* the queue that distributed the call to this party; "": none */
    enum party_state state;
    int64_t since_us;
    bool seen;            /* the party is in the snapshot that is being read */
    bool muted;           /* the other parties do not hear this one */
    const char *monitors; /* how a supervisor takes part; NULL: an ordinary party */
    /* of a supervisor: the name, and the DN of the agent */
    char watcher[NAME_SIZE], of[NAME_SIZE];
    uint32_t shown; /* of what this party's clients know of the others in the call (notify_parties()); 0: nothing */
};

/* An effect that was performed, and the frame that answered it: if the effect comes again only the answer is sent. */
struct done {
    uint64_t ixn, ref;
    uint8_t *answer;
    uint32_t length;
};

/* A call's stay at a routing point. */
struct call_visit {
    char dn[NAME_SIZE]; /* the routing point; empty: the call is at none */
    char id[NAME_SIZE]; /* the switch's name for this stay */
    int64_t since_us;
    uint64_t posted; /* number of the event that told the core of the stay; 0: it waits for credit, or was not posted */
    bool defaulting; /* the default destinations are being tried, for this effect and cause: */
    uint64_t default_ixn, default_ref;
    enum cause cause;
    bool at_ivr; /* an IVR handles the call, and not the core (ports.h) */
};

struct call {
    uint64_t conn;
    char conn_text[CONN_TEXT];
    char id[NAME_SIZE]; /* CallID */
    enum call_type type;
    char ani[ADDRESS_SIZE], dnis[ADDRESS_SIZE];
    uint64_t correlator; /* ConnID with which the call came from elsewhere; 0: none */
    bool crosses;        /* the call is on its way to another switch, which is told our ConnID */
    uint64_t prev_conn;  /* for a consultation: the main call's ConnID */
    bool talked;         /* somebody other than the caller has answered it */
    uint64_t hops;
    int64_t since_us; /* when the call, or its stay at the routing point, began */
    struct call_party *parties;
    unsigned party_count;
    struct kv data;
    uint64_t revision;               /* revision of the user data, as the core counts */
    uint64_t ixn;                    /* the core's interaction; 0: not known yet */
    bool announced;                  /* the core knows of the call */
    bool refused;                    /* the core had no room for the call: it goes to the default destinations */
    bool unnamed;                    /* the switch gets our ConnID for the call once no other core may lead */
    unsigned held;                   /* number of the call's events that wait for credit */
    char whisper[CALL_WHISPER + 1];  /* text that only the agent hears first, from the last route; "": none */
    bool whisper_prompt;             /* `whisper` is the name of a prompt */
    char also[CALL_ALSO][NAME_SIZE]; /* telephones that ring together with the destination of the core's last route */
    unsigned also_count;
    bool stays; /* the destination of the last route leaves the caller there until the core pulls the call back */
    /* the effect that dialled the call, until the core has the call; 0: it came by itself */
    uint64_t dial_ixn, dial_ref;
    bool dials;              /* the call is dialled, and nobody has answered yet */
    bool unmet;              /* the call is dialled, and has not come to a routing point since */
    int64_t answered_us;     /* when somebody answered; 0: the core knows that, or the call was not dialled */
    char why[CALL_WHY + 1];  /* the core's reason to end or default the call; "": none is given */
    char keep[ADDRESS_SIZE]; /* the call ends so that the caller can be dialled at this number later; "": no */
    bool instructed; /* the core works on the call: it has done something for it, or has stored the route request */
    struct call_visit visit;
    char last_point[NAME_SIZE]; /* the routing point from which the call was routed last */
    char last_visit[NAME_SIZE]; /* the switch's name for the stay that ended last */
    char (*tried)[NAME_SIZE];
    unsigned tried_count;
    const char *recording; /* "on" or "paused"; NULL: the call is not recorded, so far as is known */
    uint64_t treatment;    /* number of the effect that asked for the last treatment */
    enum treatment treatment_type;
    bool treatment_secret;
    uint64_t port_treatments;   /* number of treatments that an IVR has requested */
    uint64_t treatment_running; /* the treatment that was requested and has not ended; 0: none */
    bool treatment_started;     /* the switch has reported that this treatment began */
    uint64_t treatment_seen;    /* the treatment that runs according to the snapshot that is being read */
    uint8_t *unsaid; /* the event that reports how a treatment ended before this process began: it is sent once the
                      * core knows the call by Observed */
    uint32_t unsaid_length;
    int64_t treatment_deadline_us; /* by when the treatment must have begun; 0: no begin is waited for */
    uint64_t last_ref;             /* the highest number of an effect performed on the call */
    struct done *done;
    unsigned done_next, done_count;
    bool seen;   /* the call is in the snapshot that is being read */
    bool unread; /* the snapshot's line about the call could not be read */
    struct call *previous, *next;
};

struct calls {
    struct call *first, *last; /* the oldest, the newest */
    unsigned count;
    struct index by_id, by_conn;
};

void calls_free(struct calls *);
/* Adds a call. NULL: a call with this CallID or ConnID exists already. */
struct call *calls_add(struct calls *, const char *call_id, uint64_t conn);
void calls_remove(struct calls *, struct call *);
struct call *calls_by_id(const struct calls *, const char *call_id);
struct call *calls_by_conn(const struct calls *, uint64_t conn);

struct call_party *call_party(const struct call *,
                              const char *dn); /* the party at that DN; NULL: the call has none there */
/* Adds the party or changes its state. NULL: the call has too many parties. */
struct call_party *call_set_party(struct call *, const char *dn, enum party_state, int64_t now_us);
void call_remove_party(struct call *, const char *dn);
const char *party_state_word(enum party_state);
/* Returns the DN of another party that is not a routing point or queue; the outside number if there is none. */
const char *call_other(const struct call *, const char *dn);

/* Moves the consultation's parties, stay and treatment to the main call. */
void call_take_over(struct call *main, struct call *consult, int64_t now_us);

void call_set_data(struct call *, struct span data);
/* Applies a change of user data as the core sends it: changed keys are replaced or added, deleted ones removed. */
void call_change_data(struct call *, struct span changed, struct span deleted_texts);

/* Ends the call's stay at a routing point, if there is one. */
void call_end_visit(struct call *);
bool call_tried(const struct call *, const char *dn);
void call_add_tried(struct call *, const char *dn);

/* Remembers the effect. False: the effect is known already, and `*answer` is the frame that answered it, empty if it
 * has no answer yet. */
bool call_begin(struct call *, uint64_t ixn, uint64_t ref, struct span *answer);
void call_answered(struct call *, uint64_t ixn, uint64_t ref, struct span answer);
/* Forgets what a core that is gone has said about the call; what it has changed, such as treatments, stays. */
void call_forget_core(struct call *);
/* Forgets an effect that the switch has not got: the next resync reports so, and the effect is performed if it comes
 * again. */
void call_not_done(struct call *, uint64_t ref);

/* ConnIDs as text: 16 hexadecimal digits. */
