/* runtime/adapters/cti/call.h - Calls: who is in them, what is known of them, where they wait.
 *
 * A call has a ConnID of ours and a CallID of the switch's. It holds its parties (one a DN: extensions, queues, routing
 * points, ports), a copy of the interaction's user data, its visit to a routing point, and, for as long as it lives,
 * what effects were performed on it. The table owns the calls; calls own all that hangs on them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/cti/index.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/vocabulary.h"

enum {
    CALL_WHISPER = 256, /* bytes of the text that only the agent hears */
    CALL_WHY = 256,     /* bytes of the reason for which the core ends or defaults a call */
    NAME_SIZE = 65,     /* size of a name of the vocabulary, its zero included */
    ADDRESS_SIZE = 257, /* size of an address, its zero included */
    CALL_PARTIES_MAX = 32,
    CALL_TRIED_MAX = 32, /* destinations that a call has tried: one that has been to so many is rejected */
    CALL_DONE_MAX = 32,  /* effects that a call remembers: no more are outstanding at once */
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
    bool seen;            /* by the snapshot that is being read */
    bool muted;           /* the other parties do not hear this one */
    const char *monitors; /* how a supervisor takes part, whom nobody else is told of; NULL: an ordinary party */
};

/* An effect that was performed, and the frame that answered it last: a repeat is answered, not done again. */
struct done {
    uint64_t ixn, ref;
    uint8_t *answer;
    uint32_t length;
};

/* A call's stay at a routing point. */
struct call_visit {
    char dn[NAME_SIZE]; /* the routing point; empty: the call is at none */
    char id[NAME_SIZE]; /* the switch's name of the stay */
    int64_t since_us;
    uint64_t posted; /* number of the event that told the core of it; 0: it waits for credit, or was not told */
    bool defaulting; /* the default destinations are being tried, for this effect and this cause: */
    uint64_t default_ixn, default_ref;
    enum cause cause;
    bool at_ivr; /* an IVR has the call, and not the core (ports.h) */
};

struct call {
    uint64_t conn;
    char conn_text[CONN_TEXT];
    char id[NAME_SIZE]; /* CallID */
    enum call_type type;
    char ani[ADDRESS_SIZE], dnis[ADDRESS_SIZE];
    uint64_t correlator; /* ConnID that the call brought from elsewhere */
    bool crosses;        /* the call is on its way to another switch, which is to know it by our ConnID */
    uint64_t prev_conn;  /* for a consultation: the main call's ConnID */
    uint64_t hops;
    int64_t since_us; /* when the call came, or came to its routing point */
    struct call_party *parties;
    unsigned party_count;
    struct kv data;
    uint64_t revision;              /* revision of the data, as the core counts */
    uint64_t ixn;                   /* the core's interaction; 0: not known yet */
    bool announced;                 /* the core has heard of it */
    bool refused;                   /* the core had no room for the call: the default destinations serve */
    bool unnamed;                   /* the switch is to be told our ConnID once no other core may lead */
    unsigned held;                  /* events about it that wait for credit */
    char whisper[CALL_WHISPER + 1]; /* the text that the agent alone hears first, from the last route; "": none */
    bool whisper_prompt;            /* it is a prompt's name */
    bool stays; /* who has it, as it was routed last, leaves the caller there: the core pulls the call back */
    uint64_t dial_ixn, dial_ref; /* the effect that dialled it, until the core has it; 0: it came by itself */
    bool dials;                  /* the call is dialled, and nobody has answered yet */
    bool unmet;                  /* the call is dialled, and has not come to a routing point since */
    int64_t answered_us;         /* when somebody answered; 0: the core knows, or the call was not dialled */
    char why[CALL_WHY + 1];      /* the reason for which the core ends or defaults the call; "": none is said */
    char keep[ADDRESS_SIZE];     /* the number under which the caller may be dialled later, for which the call ends; "":
                                    none */
    bool instructed; /* the core works on the call: it did something for it, or has the route request durable */
    struct call_visit visit;
    char last_point[NAME_SIZE]; /* the routing point from which the call was routed last */
    char last_visit[NAME_SIZE]; /* the switch's name of the stay that ended last */
    char (*tried)[NAME_SIZE];
    unsigned tried_count;
    const char *recording; /* "on" or "paused"; NULL: the call is not recorded, as far as we know */
    uint64_t treatment;    /* number of the effect that asked for the last treatment */
    enum treatment treatment_type;
    bool treatment_secret;
    uint64_t port_treatments;   /* how many treatments an IVR has asked for */
    uint64_t treatment_running; /* the treatment that was asked for and has not ended; 0: none */
    bool treatment_started;     /* the switch has said that this treatment began */
    uint64_t treatment_seen;    /* the treatment that runs by the snapshot that is being read */
    uint8_t *unsaid; /* the event that tells how a treatment has ended before this process began: it is sent once the
                      * call was told as Observed */
    uint32_t unsaid_length;
    int64_t treatment_deadline_us; /* until then the treatment's begin must be heard of; 0: it has been */
    uint64_t last_ref;             /* the highest number of an effect that was performed */
    struct done *done;
    unsigned done_next, done_count;
    bool seen;   /* by the snapshot that is being read */
    bool unread; /* the line about the call in that snapshot could not be read */
    struct call *previous, *next;
};

struct calls {
    struct call *first, *last; /* the oldest, the newest */
    unsigned count;
    struct index by_id, by_conn;
};

void calls_free(struct calls *);
/* Adds a call. NULL: the CallID or ConnID is there already. */
struct call *calls_add(struct calls *, const char *call_id, uint64_t conn);
void calls_remove(struct calls *, struct call *);
struct call *calls_by_id(const struct calls *, const char *call_id);
struct call *calls_by_conn(const struct calls *, uint64_t conn);

struct call_party *call_party(const struct call *,
                              const char *dn); /* the party at that DN; NULL: it is not in the call */
/* Adds the party or changes its state. NULL where the call has too many. */
struct call_party *call_set_party(struct call *, const char *dn, enum party_state, int64_t now_us);
void call_remove_party(struct call *, const char *dn);
const char *party_state_word(enum party_state);
/* Returns the DN of another party, one that talks or rings; the caller's number if there is none. */
const char *call_other(const struct call *, const char *dn);

/* Moves the consultation's parties, stay and treatment to the main call. */
void call_take_over(struct call *main, struct call *consult, int64_t now_us);

void call_set_data(struct call *, struct span data);
/* Applies a change of user data as the core sends it: changed keys replace or are added, deleted ones go. */
void call_change_data(struct call *, struct span changed, struct span deleted_texts);

/* Ends the call's stay at a routing point, if there is one. */
void call_end_visit(struct call *);
bool call_tried(const struct call *, const char *dn);
void call_add_tried(struct call *, const char *dn);

/* Remembers the effect. False: it is known already, and `*answer` is the frame that answered it, empty if none has. */
bool call_begin(struct call *, uint64_t ixn, uint64_t ref, struct span *answer);
void call_answered(struct call *, uint64_t ixn, uint64_t ref, struct span answer);
/* Forgets what a core that is gone has said of the call; the treatments and the changes that it made stay. */
void call_forget_core(struct call *);
/* Forgets an effect that the switch has not got: the next resync says so, and a repeat of the effect is done. */
void call_not_done(struct call *, uint64_t ref);

/* ConnIDs as text: 16 hexadecimal digits. */
