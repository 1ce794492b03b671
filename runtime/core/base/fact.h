/* runtime/core/base/fact.h - Facts: what has happened, told once by the code that makes it happen.
 *
 * facts.def has one row per fact; the lines beneath it name its readers. A reader is a part with the operation `hear`
 * (part.h). The core hands every fact to the readers in the order of parts.def. A reader keeps what it has heard for
 * people: it makes no decision, sends no effect and tells no fact. A part whose decisions depend on what it hears
 * hashes it like other state.
 *
 * A lower room tells a higher one by a fact, never by a call. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct core;
struct decision;
struct ended;
struct image;
struct message;

enum { FACTS_MAX = 256 }; /* rows of facts.def that there may be */
enum { NOTE_BYTES_MAX = 255 };

struct fact {
    uint16_t what;  /* FACT_name (facts.def) */
    uint16_t value; /* a change, cause or code: its row names the enumeration */
    uint32_t name;  /* a name of the core: whom or what it is about; 0: nobody */
    uint64_t ixn;   /* 0: no interaction */
    /* Details, each of the facts that its comment names. */
    union {
        struct {                /* of virtual queues */
            uint32_t queue;     /* slot of the virtual queue */
            uint64_t waited_us; /* since the interaction came into the queue */
        };
        struct {            /* member_changed */
            uint32_t agent; /* its slot */
            bool joined;
        };
        const struct decision *decision; /* decided */
        struct {                         /* ended */
            const struct ended *ended;
            struct span data; /* its attributes and user data */
        };
        uint64_t other;       /* merged: the one that goes on; consults: the main one */
        struct {              /* claimed, claim_over (its value is the claim's last state, claim.h), OFFERED,
                                 number_connected, which has no claim here */
            uint64_t claim;   /* its id */
            uint64_t took_us; /* offer_answered: since the claim was made; served: since the answer;
                                 number_connected: how long the agent had been ready;
                                 number_answered: since it was dialled; else 0 */
            uint32_t whose,
                vq; /* the agent's slot; the name of the virtual queue, 0: the agent was not chosen in one */
        };
        struct {                /* party_told, party_gone */
            struct span number; /* of its DN */
            uint8_t role;       /* enum party_role */
            uint32_t whom;      /* slot of its agent; AGENT_NONE: it is no agent */
        };
        struct {                /* agent_state */
            struct span reason; /* as the switch or the desktop gave it; empty: none */
            uint32_t place, dn; /* names */
            uint8_t work_mode;
            uint8_t medium; /* enum media: whose state it is; that of voice is that of media without one of their own */
        };
        uint16_t was; /* agent_corrected: the state that the core knew; its value is the one that was told */
        struct {      /* data_attached */
            struct span changed, deleted, by;
            uint32_t revision;
        };
        struct span note;              /* noted: at most NOTE_BYTES_MAX */
        const struct message *message; /* administered: AdminRequest; campaign_asked: RequestCampaign */
        struct {                       /* condition_failed; its value is an enum vm_fault */
            const struct image *image;
            uint32_t function, pc; /* where */
        };
    };
};

/* Somebody outside of the core who hears the facts that have a RECORDED line, after the readers. It only reads: with
 * the functions of read.h, during the call. */
struct core_listener {
    void *self;
    void (*hear)(void *self, const struct core *, const struct fact *);
};

/* The readers of facts: the parts that have the operation, in the order of parts.def, then the listener. */
struct facts {
    struct fact_reader {
        void *self;
        void (*hear)(void *self, const struct fact *);
    } * readers; /* owned */
    unsigned reader_count;
    const struct core_listener *listener; /* NULL: nobody outside listens */
    const struct core *core;              /* for the listener alone */
};

/* From now on `hear` gets each fact, after the readers that are there. */
void facts_read_by(struct facts *, void *self, void (*hear)(void *self, const struct fact *));
void facts_free(struct facts *);
/* Tells the readers. The fact is borrowed during the call. Nothing is allocated or formatted for it. */
void fact_tell(const struct facts *, const struct fact *);
