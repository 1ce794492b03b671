/* runtime/core/interactions/interaction.h - Interactions: found by id and by ConnID, with owner, parties and state,
 * from arrival to end.
 *
 * The table owns the interactions. The table keeps interactions in chunks, so an interaction has the same address from
 * arrival to end. The strategy's own data are in the interaction's block; this struct holds the rest that the core
 * needs to find and to serve the interaction. The number of its row is also the handle of its block. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/vocabulary/message.h"

struct claims;
struct core_options;
struct part_rows;
struct records;
struct submissions;

/* Values that mean: no program; no visit to a virtual queue. */
enum { PROGRAM_NONE = 65535, VISIT_NONE = UINT32_MAX };
enum { INTERACTION_NONE = UINT32_MAX, PARTY_NONE = UINT32_MAX, EXTRA_NONE = UINT32_MAX, PARTIES_MAX = 64 };

/* IX_ENDED: the present event has ended the interaction. Lookups no longer find the interaction and it holds
 * nothing, but its row is not freed before the event is over. */
enum interaction_state { IX_FREE, IX_OBSERVED, IX_QUEUED, IX_ROUTING, IX_HANDLING, IX_CLOSING, IX_ENDED };
enum owner_kind { OWNER_NONE, OWNER_DEVICE, OWNER_QUEUE, OWNER_STRATEGY, OWNER_AGENT, OWNER_WORKBIN };
/* How far the strategy's call is on its way to a destination. */
enum route_phase { ROUTE_IDLE, ROUTE_ASKED, ROUTE_OUT, ROUTE_PULLING, ROUTE_DEFAULTING, ROUTE_STOPPING };

struct interaction {
    uint64_t id, conn; /* id of the interaction; conn: ConnID of its present or last leg, 0: it never had a leg */
    uint64_t changed_us;
    /* logical time at which the lifetime of the interaction's strategy or handler ends, or its time in a workbin */
    uint64_t ends_us;
    union {
        uint64_t until_us; /* logical time at which the wait of the interaction's selection ends */
        uint32_t fork;     /* number of the interaction's fork (fiber.h) */
    };
    uint64_t content; /* the interaction's interaction_content() as it is contained in the sum of contents */
    union {
        uint32_t slot;      /* number of the interaction's row */
        block_handle block; /* handle of its block, which is the same number; 0: no interaction's */
    };
    uint32_t previous, next;  /* previous and next interaction in the order of arrival */
    uint32_t claims, parties; /* first claim and first party of the interaction */
    uint32_t visit;
    uint32_t ref, revision;
    /* [0]: timer for what the strategy waits for, else for the strategy's lifetime; [1]: timer of the busy block */
    uint32_t timer[2];
    struct pending pending; /* the awaited effect; further ones are in the fork (fiber.h) */
    /* Names share a word with flags here: three words, each with one name. */
    unsigned owner : NAME_BITS, state : 3, owner_kind : 3, route_phase : 3;
    unsigned dn : NAME_BITS; /* the routing point where the interaction is, or was last */
    unsigned media : 8;
    unsigned route_to : NAME_BITS; /* the destination to which the core asked the link to route the call */
    unsigned outcome : 4;
    bool leg : 1;     /* true: the interaction has a leg that has not ended */
    bool running : 1; /* true: a strategy works on the interaction */
    bool gone : 1;    /* true: the customer has left; `on abandoned` runs or has run */
    bool child_waited : 1;
    bool instructed : 1; /* the link was sent a RouteCall or a treatment */
    bool signalled : 1;  /* true: the core keeps signals for the interaction (signal.h) */
    bool mandatory : 1;  /* true: the selection takes no agent until the mandatory part of the busy block is over */
    bool grows : 1;      /* true: the interaction's priority grows with time (ageing.h) */
    bool followed : 1;   /* true: the interaction has a follow-up strategy (follow_up.h) */
    bool excludes : 1;   /* it has exclusions (exclude.h) */
    bool switches : 1;   /* true: the strategy has ended and the next strategy begins, as `route_code` says */
    bool forked : 1;     /* true: the interaction is at a race or parallel (fiber.h) */
    bool keeps : 1;      /* true: the interaction has a row in the table of kept places (kept_place.h) */
    /* true: the interaction's place was kept once: the caller had hung up and was to be called back */
    bool kept : 1;
    bool booked : 1;    /* true: the interaction began as a call-back (booking.h) */
    bool submitted : 1; /* true: the interaction was submitted and exists without a leg (submitted.h) */
    /* true: the interaction's link has reported it since the resync began; for a dial: sent after the last Resync */
    bool observed : 1;
    bool extra : 1;    /* true: the interaction has a row of struct extra */
    bool touched : 1;  /* true: `content` is computed anew at the end of the batch */
    bool debugged : 1; /* true: a debugger has the interaction (debug.h) */
    /* true: a debugger has stopped the interaction: its strategy does not run, its timers are frozen */
    bool stands : 1;
    bool has_waited : 1; /* true: the interaction was in a virtual queue, and keeps its age for the next one */
    uint16_t program;
    uint16_t route_code; /* exit that the route step takes when the call was pulled back */
    uint8_t link;        /* link of its leg */
    uint8_t child;       /* number of the busy block's fiber; 0: none */
};

/* Agents whom an interaction notes by their slots. */
enum noted_agent {
    NOTED_readies,   /* who becomes ready when the call has ended */
    NOTED_unreached, /* whom the last offer did not reach */
    NOTED_AGENTS,
};

/* Fields that only few interactions need. An interaction has such a row as long as one of these fields is set. */
struct extra {
    uint64_t alias;             /* id of an interaction that was merged into the one that has the row; 0: none */
    uint64_t tries_until_us[2]; /* end of all tries of a step (tries.h); same index as `timer`; 0: not set */
    /* with `has_waited`, outside of queues: when the interaction's age began; in a queue its visit has that */
    uint64_t age_us;
    uint64_t hurry_us;    /* time up to which failed steps are charged: if far ahead, the next step pauses (tries.c);
                           * 0: none */
    uint64_t switched_us; /* time up to which switches are charged (tries.c); 0: none */
    /* how long the interaction waited before the core heard of it; 0: no such wait, or its queue counts it */
    uint64_t late_us;
    uint32_t slot;       /* slot of the interaction; free row: the next free row */
    uint32_t walks;      /* number of the interaction's first table cursor, + 1; 0: none (table_cursor.h) */
    uint32_t treatment;  /* ref of a treatment that may still play although no fiber waits for it; 0: none */
    uint32_t books;      /* number of call-backs that the interaction has booked (steps/booking.h) */
    uint32_t notes;      /* number of notes that the interaction's strategies have written (steps/note.c) */
    uint16_t due_events; /* bit n: enum image_event n has happened, and the handler for it has not run yet */
    uint8_t submits;     /* how many pieces of work the interaction has submitted (steps/work.c) */
    uint8_t generation;  /* for submitted work: 1, or the generation of the submitting work + 1; else 0 */
    /* link of the telephone `origin` */
    uint16_t origin_link;
    /* DN of the telephone of this site that has made the call, while nobody else can be at its end; 0: the call is from
     * elsewhere */
    uint32_t origin;
    uint32_t agents[NOTED_AGENTS]; /* slot + 1 of each agent that is noted; 0: none */
    /* slots. main: main interaction of a consultation; consults: first consultation of a main interaction;
     * consult_next: the next one */
    uint32_t main, consults, consult_next;
};

struct extras {
    struct extra *all;
    uint32_t count, capacity, free;
    struct lookup by_slot;
};

struct party {
    uint64_t dn;          /* hash of the DN's number; a caller's number does not become a name of the core */
    uint32_t agent, next; /* agent: slot or AGENT_NONE; next: the next party of the interaction, or the next free row */
    uint8_t role, state;  /* enum party_role, enum party_change */
    uint8_t length;       /* bytes of `number` */
    uint8_t number[NAME_BYTES_MAX];
};

/* Rows are in chunks. An unused chunk gives its pages back to the system, unless only few unused
 * chunks still have pages; such pages read as free rows. */
enum { CHUNK = 512, ROWS_BYTES = 60 * 1024, CHUNKS_WARM = 16 };
struct interaction_chunk {
    struct interaction *rows;
    uint32_t taken;
    bool warm;
};

struct interactions {
    const struct core_options *options;
    const struct now *now;
    const struct facts *facts;
    const struct part_rows *parts; /* the parts, each of which adds to an interaction's content */
    const struct image *no_image;
    struct names *names;
    struct agents *agents;
    const struct claims *claims;
    const struct links *links;
    const struct submissions *submissions;
    const struct records *records;
    struct timers *timers;
    struct slab *slab;
    struct kv *scratch;
    struct forks *forks;
    struct effects *effects;
    struct interaction_chunk *chunks;
    uint32_t chunk_count, chunk_capacity;
    uint32_t chunks_warm; /* number of unused chunks that still have their pages */
    uint32_t count;       /* all row numbers are less than this; row 0 is never used */
    uint32_t first, last; /* first and last of the list by arrival, including interactions that ended in this event */
    uint32_t live;
    uint32_t live_of[MEDIA_KINDS]; /* living interactions, by medium */
    uint32_t *ended;               /* rows that are freed after the event */
    uint32_t ended_count, ended_capacity;
    uint32_t *touched; /* rows whose content is computed anew at the end of the batch */
    uint32_t touched_count, touched_capacity;
    uint64_t last_number;
    /* The site's names of its own media; "": the site has no such medium. */
    char own_media[MEDIA_OWN_MAX][MEDIUM_NAME_MAX + 1];
    struct lookup by_id, by_conn;
    struct lookup by_alias; /* finds rows of `extras` */
    struct extras extras;
    struct party *parties;
    uint32_t party_count, party_capacity, party_free;
    uint64_t party_content;     /* sum of the hashes of all parties: which party is on which call, in which role */
    uint64_t content;           /* sum of the hashes of all interactions' contents */
    struct interaction *reader; /* stands for an interaction while a latch is evaluated (latch.h); otherwise NULL */
    uint8_t *kept;              /* copy of a block while a change is tried on the block */
    uint32_t kept_capacity;
};

/* Returns the interaction of a row; the address stays valid until the interaction has ended and the event is over. */
static inline struct interaction *interaction_at(const struct interactions *interactions, uint32_t slot)
{
    assert(slot < interactions->count);
    return &interactions->chunks[slot / CHUNK].rows[slot % CHUNK];
}
static inline struct interaction *interaction_or_none(const struct interactions *interactions, uint32_t slot)
{
    return slot == INTERACTION_NONE ? NULL : interaction_at(interactions, slot);
}
/* A loop over all interactions in the order of arrival; one that ends meanwhile stays in the list until the event is
 * over. */
#define EACH_INTERACTION(ix, interactions)                                                                             \
    for (struct interaction *ix = interaction_or_none(interactions, (interactions)->first); ix;                        \
         ix = interaction_or_none(interactions, (ix)->next))
struct interaction *interaction_by_id(const struct interactions *, uint64_t id); /* finds an interaction also by its
                                                                                  * second id; NULL: the id is
                                                                                  * unknown */
uint64_t interactions_newest(const struct interactions *); /* returns the last id that was given; 0: none */
/* NULL: no interaction has the ConnID, or `conn` is 0 */
struct interaction *interaction_by_conn(const struct interactions *, uint64_t conn);
/* Returns the interaction that an event is about: found by ConnID, else by id. NULL: unknown. */
struct interaction *interaction_of(const struct interactions *, const struct message *);
/* False: no fiber of the interaction awaits an effect. Most interactions only wait for an agent, and loops over all
 * interactions skip these. */
static inline bool interaction_awaits(const struct interaction *ix)
{
    return ix->pending.ref != 0 || ix->forked;
}
static inline uint64_t interaction_number(const struct interaction *ix)
{
    return ix->id & ((UINT64_C(1) << 48) - 1);
}

/* Returns the interaction's extra fields; for an interaction without any, a row in which nothing is set. Borrowed
 * until the next interaction_extra_make. */
const struct extra *interaction_extra(const struct interactions *, const struct interaction *);
/* Returns the interaction's extra fields for writing. Makes the row if there is none. */
struct extra *interaction_extra_make(struct interactions *, struct interaction *);
/* Called when an extra field was cleared: frees the row if no field is set in it. */
void interaction_extra_spare(struct interactions *, struct interaction *);

/* Makes the numbers of new interactions greater than `least`. */
void interactions_skip(struct interactions *, uint64_t least);
/* Makes a new interaction; NULL: there are too many. */
struct interaction *interaction_new(struct interactions *, enum media, uint64_t conn, unsigned link);
/* Sets state and owner; `name` is the owner's name. */
void interaction_own(struct interactions *, struct interaction *, enum interaction_state, enum owner_kind,
                     uint32_t name);
/* How an interaction has ended: the values of its field `outcome`. */
enum ended_how {
#define OUTCOME(name, shown, told) ENDED_##name,
#include "runtime/vocabulary/outcomes.def"
#undef OUTCOME
};
/* True: the interaction's place is kept (kept_place.h) and it has no leg, so nobody can hear what the strategy plays.
 */
static inline bool interaction_is_away(const struct interaction *ix)
{
    return ix->keeps && !ix->leg;
}
/* True: the interaction stays although no strategy works on it. */
static inline bool interaction_stays(const struct interaction *ix)
{
    return ix->leg || (ix->submitted && !ix->gone && ix->outcome != ENDED_STOPPED);
}
static inline bool interaction_has_ended(const struct interaction *ix)
{
    return ix->state == IX_ENDED;
}
/* Returns the number of the interaction's strategy in the image of its program. */
uint16_t interaction_strategy(const struct interactions *, const struct interaction *);
/* Notes which treatment may still play although no fiber waits for it; 0: none. */
void interaction_treatment(struct interactions *, struct interaction *, uint32_t ref);
/* Notes the DN, a name, of the telephone that has made the call; 0: there is none, or it is not certain any more. */
void interaction_origin(struct interactions *, struct interaction *, uint32_t dn, unsigned link);
/* Notes an agent, a slot; AGENT_NONE: nobody. */
void interaction_note_agent(struct interactions *, struct interaction *, enum noted_agent, uint32_t agent);
uint32_t interaction_noted_agent(const struct interactions *, const struct interaction *, enum noted_agent);
/* Sets the events (bits of enum image_event) that have happened and whose handlers have not run yet. */
void interaction_due_events_set(struct interactions *, struct interaction *, uint16_t due);
/* Returns when the interaction arrived, in logical microseconds. */
uint64_t interaction_arrived(const struct interactions *, const struct interaction *);
/* Computes an attribute that depends on the time: now, arrived, waited. False: the attribute is none of these. */
bool interaction_clock(const struct interactions *, const struct interaction *, uint32_t attribute, uint64_t *word);
/* Notes that the interaction arrived `late_us` before the core heard of it. */
void interaction_late(struct interactions *, struct interaction *, uint64_t late_us);
/* Returns when the interaction enters its first queue: now, or earlier if it had waited before the core heard of it. */
uint64_t interaction_enters(struct interactions *, struct interaction *);
/* Returns when the age of an interaction that enters a virtual queue began: when its first wait began, or
 * `entered_us` if this is its first queue; `fresh`: the age begins anew. From then on its visit keeps the age. */
uint64_t interaction_age_enters(struct interactions *, struct interaction *, uint64_t entered_us, bool fresh);
/* Notes the age of an interaction that has left its virtual queues, for the next one. */
void interaction_age_leaves(struct interactions *, struct interaction *, uint64_t age_us);
/* Sets the timer of a part of the interaction (fiber.h), in place of the part's earlier timer. */
void interaction_timer(struct interactions *, struct interaction *, unsigned kind, unsigned part, uint64_t deadline_us);
/* Returns a system text of the interaction's block, by number; the text may be empty. Borrowed until the block
 * changes. */
struct span interaction_system(const struct interactions *, const struct interaction *, unsigned number);
/* Sets the system text, which becomes empty if the block has no room for it. */
void interaction_system_set(struct interactions *, struct interaction *, unsigned number, struct span text);
/* Sets the name of the site's own medium of the given number, from 0, as the last activated image has it. If another
 * medium had this name, it loses the name. */
void interactions_name_medium(struct interactions *, unsigned own, const char *name, uint32_t length);
/* returns the word that people read for the medium */
const char *interactions_medium(const struct interactions *, enum media);
/* Returns the medium for that word, or for own1 and the like; media_none: there is none. */
enum media interactions_medium_named(const struct interactions *, struct span);
/* Appends as `media` the names of the site's own media, each under its word of enums.def; nothing if the site has
 * none. */
void interactions_put_media(const struct interactions *, struct kv *into);
/* Appends the attributes and user data in the form that people and tests read. */
void interaction_data(const struct interactions *, const struct interaction *, struct kv *);
/* Two functions return words for people: of enum interaction_state, and of enum owner_kind. */
const char *interaction_state_word(unsigned state);
const char *interaction_owner_word(unsigned kind);
/* Reports a fact about the interaction (facts.def); `name` is a name of the core, or 0. */
void interaction_tell(struct interactions *, const struct interaction *, unsigned fact, unsigned value, uint32_t name);

/* Returns the links of the agents who have the interaction now: a bit per link, from SOURCE_LINKS on. */
uint64_t interaction_agents_links(const struct interactions *, const struct interaction *);

struct party *interaction_party(const struct interactions *, const struct interaction *, uint64_t dn); /* NULL: none */

/* Adds a party; NULL: there are too many parties. */
struct party *interaction_party_add(struct interactions *, struct interaction *, uint64_t dn, struct span number);
/* Sets the party's agent, role and state as a link has reported them; no other function changes them. */
void interaction_party_told(struct interactions *, const struct interaction *, struct party *, uint32_t agent,
                            unsigned role, unsigned state);
void interaction_party_remove(struct interactions *, struct interaction *, uint64_t dn);
/* notes that the interaction has no leg any more */
void interaction_leave_call(struct interactions *, struct interaction *);
/* Makes interaction_by_id find the interaction also by `id`, which belonged to an interaction that was merged into
 * it. */
void interaction_answers_to(struct interactions *, struct interaction *, uint64_t id);
/* Makes `conn` the ConnID of the interaction's leg. No other interaction may have this ConnID. */
void interaction_conn(struct interactions *, struct interaction *, uint64_t conn);

/* Called when the block, the fork or the exclusions of the interaction have changed: its content is hashed anew at
 * the end of the batch. The sum of contents is not read before that, so an interaction is hashed once per batch. */
void interaction_touch(struct interactions *, struct interaction *);
void interactions_count(struct interactions *);   /* hashes the contents that were touched, at the end of the batch */
void interactions_recount(struct interactions *); /* hashes all contents, after a snapshot was read */

/* Returns the hash of all that the core holds for the interaction. */
uint64_t interaction_content(const struct interactions *, const struct interaction *);

/* never NULL: the block must belong to an interaction */
struct interaction *interaction_of_block(const struct interactions *, block_handle);

/* Removes an interaction that ends (ending.h) from the table. The row of an interaction that has ended stays in the
 * list until the event is over. */
void interaction_remove(struct interactions *, struct interaction *);

/* Finds an interaction by `name`, an id such as "1-000000000001" or a ConnID of 16 digits. NULL: there is no such
 * interaction. */
struct interaction *interaction_named(const struct interactions *, struct span name);
