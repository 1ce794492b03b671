/* runtime/core/interactions/interaction.h - What lives from arrival to end: by id and by ConnID, its owner, its parties, its state.
 *
 * The table owns the interactions, in chunks, so that one stays where it is while it lives. What a strategy holds lies
 * in the interaction's block; here is what the core needs to find and to serve it. */
#ifndef CORE_INTERACTION_H
#define CORE_INTERACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/vocabulary/message.h"

struct core;
struct timer;

/* Of what an interaction may lack: a program, a visit to a virtual queue. */
enum { PROGRAM_NONE = 65535, VISIT_NONE = UINT32_MAX };
enum { INTERACTION_NONE = UINT32_MAX, PARTY_NONE = UINT32_MAX, CHUNK = 256, PARTIES_MAX = 64 };

/* IX_ENDED: within the event that has ended it. Nothing finds it, it has nothing, but its row is nobody else's yet. */
enum interaction_state { IX_FREE, IX_OBSERVED, IX_QUEUED, IX_ROUTING, IX_HANDLING, IX_CLOSING, IX_ENDED };
enum owner_kind { OWNER_NONE, OWNER_DEVICE, OWNER_QUEUE, OWNER_STRATEGY, OWNER_AGENT };
/* How the strategy's call to a destination stands. */
enum route_phase { ROUTE_IDLE, ROUTE_ASKED, ROUTE_OUT, ROUTE_PULLING, ROUTE_DEFAULTING, ROUTE_STOPPING };

struct interaction {
    uint64_t id, conn; /* conn 0: no live leg */
    uint64_t alias;    /* the id of one that has become one with it; 0: none */
    uint64_t changed_us;
    uint64_t ends_us;  /* of the strategy's or handler's life */
    union {
        uint64_t until_us; /* of the selection's wait */
        uint32_t fork;     /* of the race or parallel */
    };
    uint64_t tries_until_us[2]; /* tries.h: as `timer` */
    uint64_t content;  /* interaction_content() as it is in the sum */
    uint32_t slot;
    uint32_t previous, next;  /* by arrival */
    uint32_t block;           /* 0: none */
    uint32_t claims, parties; /* lists */
    uint32_t walks;           /* table_cursor.h: the place of the first + 1 */
    uint32_t visit;
    uint32_t main, consults, consult_next; /* slots: of a consultation; of what it is about */
    uint32_t ref, revision;
    uint32_t owner;         /* a name */
    uint32_t dn;            /* the routing point it stands at, or came to last */
    uint32_t route_to;      /* a name: the destination asked for */
    uint32_t timer[2];      /* of what the strategy waits for, else of its own life; of the busy child */
    struct pending pending; /* the effect that is awaited */
    uint32_t treatment;     /* ref of the treatment that may still play without a fiber; 0: none */
    uint16_t program, strategy;
    uint16_t link; /* of its leg */
    uint8_t state, owner_kind, media, outcome;
    uint16_t route_code;        /* the exit when the call has been pulled back */
    uint8_t due_events;                 /* bit n: enum image_event n has happened, and no handler was run yet */
    uint8_t route_phase, child; /* the busy child, 0: none */
    bool running : 1;           /* a strategy works on it */
    bool gone : 1;              /* the customer is; on abandoned runs, or has run */
    bool child_waited : 1;
    bool instructed : 1; /* RouteCall or a treatment has gone out */
    bool signalled : 1;  /* signals are kept for it */
    bool mandatory : 1;  /* its selection chooses nobody: what plays beside it is not cut off */
    bool grows : 1;      /* its priority does, with the time */
    bool followed : 1;   /* another strategy has it when whoever has it now has left */
    bool excludes : 1;   /* somebody is left out of its selections */
    bool switches : 1;   /* its strategy has ended for another: `route_code` */
    bool forked : 1;     /* it stands at a race or parallel */
    bool keeps : 1;      /* its caller has hung up, or is about to, and is to be dialled: kept_place.h */
    bool kept : 1;       /* that has been so */
    bool booked : 1;     /* it began as a call-back: booking.h */
    bool observed : 1;   /* in this resync, or said to be there since it began */
};

struct party {
    uint64_t dn;          /* hash of its number: callers' numbers are no names of ours */
    uint32_t agent, next; /* agent: slot or AGENT_NONE */
    uint8_t role, state;  /* enum party_role, enum party_change */
    uint8_t length;       /* of its number */
    uint8_t number[NAME_BYTES_MAX];
};

struct interactions {
    struct interaction **chunks;
    uint32_t chunk_count, chunk_capacity, count, free;
    uint32_t first, last; /* by arrival; those that have ended in this event stand among them */
    uint32_t live;
    uint32_t *ended; /* rows that become free when the event is over */
    uint32_t ended_count, ended_capacity;
    uint64_t last_number;
    struct lookup by_id, by_conn, by_alias;
    struct party *parties;
    uint32_t party_count, party_capacity, party_free;
    uint64_t party_content; /* additive: who is on which call, and as what */
};

struct interaction *interaction_at(const struct core *, uint32_t slot);
struct interaction *interaction_by_id(const struct core *, uint64_t id);
struct interaction *interaction_by_conn(const struct core *, uint64_t conn);
/* The one that an event is about: by ConnID, else by id. NULL: unknown. */
struct interaction *interaction_of(const struct core *, const struct message *);
static inline uint64_t interaction_number(const struct interaction *ix)
{
    return ix->id & ((UINT64_C(1) << 48) - 1);
}

/* A new one; NULL when there are too many. */
struct interaction *interaction_new(struct core *, enum media, uint64_t conn, unsigned link);
void interaction_own(struct core *, struct interaction *, enum interaction_state, enum owner_kind, uint32_t name);
/* The one ending: claims credited, effects forgotten, its place in a queue given up. `outcome`: enum ended_how. */
enum ended_how {
    ENDED_OTHER,
    ENDED_ROUTED,
    ENDED_QUEUED,
    ENDED_STOPPED,
    ENDED_ABANDONED,
    ENDED_DEFAULTED,
    ENDED_LOST,
    ENDED_FAILED,
    ENDED_MERGED,
};
static inline bool interaction_has_ended(const struct interaction *ix)
{
    return ix->state == IX_ENDED;
}
/* The event is over: the rows of those that it has ended are free. */
void interactions_settle(struct core *);
uint64_t interaction_arrived(const struct core *, const struct interaction *);
/* Its timer of that part, instead of the one before. */
void interaction_timer(struct core *, struct interaction *, unsigned kind, unsigned part, uint64_t deadline_us);
uint32_t interaction_text(uint64_t id, char out[24]); /* as logs and people write it; the length */
/* Attributes and user data, as people and tests ask for them (read.c). */
void read_data(const struct core *, const struct interaction *, struct kv *);
void interaction_note(struct core *, const struct interaction *, unsigned kind, unsigned value, uint32_t name);

struct party *interaction_party(const struct core *, const struct interaction *, uint64_t dn); /* NULL: none */

/* NULL where there are too many parties. */
struct party *interaction_party_add(struct core *, struct interaction *, uint64_t dn, struct span number);
/* What is told of it now; nothing else changes it. */
void interaction_party_told(struct core *, const struct interaction *, struct party *, uint32_t agent, unsigned role,
                            unsigned state);
bool interaction_parties_check(const struct core *);
void interaction_party_remove(struct core *, struct interaction *, uint64_t dn);
void interaction_leave_call(struct core *, struct interaction *);          /* its leg is gone */
/* It is found by that id, too: of one that has ended in it. */
void interaction_answers_to(struct core *, struct interaction *, uint64_t id);
void interaction_conn(struct core *, struct interaction *, uint64_t conn); /* its leg is that one now: nobody else's */

/* voice.c: what switches say about calls. */
void interaction_on_created(struct core *, const struct message *);
void interaction_on_route_request(struct core *, const struct message *);
void interaction_on_route_used(struct core *, const struct message *);
void interaction_on_party(struct core *, const struct message *);
void interaction_on_party_changed(struct core *, const struct message *);
void interaction_on_progress(struct core *, const struct message *);
void interaction_on_deleted(struct core *, const struct message *);
/* The same from what a resync observes. */
struct interaction *interaction_adopt(struct core *, const struct message *); /* NULL: too many */
/* It stands at its routing point again, as was asked for: the strategy that has it afterwards begins. */
void interaction_pulled(struct core *, struct interaction *, struct span dn);
/* Those are its parties: who is none of them has left, of one that another strategy has afterwards. */
void interaction_parties_left(struct core *, struct interaction *, struct span parties);
void interaction_at_routing_point(struct core *, struct interaction *, const struct message *, struct span dn);
void interaction_party_is(struct core *, struct interaction *, struct span dn, struct span agent, unsigned role,
                          unsigned change, unsigned cause);
void interaction_gone(struct core *, struct interaction *, unsigned cause);
void interaction_on_timer(struct core *, const struct timer *);

/* The block, the fork or the exclusions have changed: keeps the sum of contents right. */
void interaction_touch(struct core *, struct interaction *);

uint64_t interaction_content(const struct core *, const struct interaction *);

struct interaction *interaction_of_block(const struct core *, block_handle);

/* Takes it out of the table at its end (ending.h). Its row stays in the list until the event is over. */
void interaction_remove(struct core *, struct interaction *);

/* "1-000000000001", or a ConnID of 16 digits; NULL: there is no such interaction. */
struct interaction *interaction_named(const struct core *, struct span name);

#endif
