/* runtime/core/base/fact.h - Facts: each says what has happened, and is reported once by the code that makes it
 * happen.
 *
 * facts.def has one row per fact; the lines under the row name its readers. A reader is a part with the operation
 * `hear` (part.h). The core passes every fact to the readers in the order of parts.def. A reader only keeps what
 * people want to see: it makes no decision, sends no effect and reports no fact. A part whose decisions depend on
 * facts that it takes hashes its state like any other part.
 *
 * A lower folder of the core reports to a higher one by a fact, and never calls it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct core;
struct decision;
struct ended;
struct image;
struct message;

enum { FACTS_MAX = 256 }; /* most rows of facts.def */
enum { NOTE_BYTES_MAX = 255 };
/* The lists of the audit; setting_changed has in `value` the one whose newest note it is about. */
/* How a strategy has begun: by what came; behind the service, as the `then` of the strategy before says; or in the
 * place of the running one, which has switched to it. */
enum begun { BEGUN_SERVING, BEGUN_FOLLOWING, BEGUN_SWITCHED };
enum note_list { NOTES_OF_CHANGES, NOTES_OF_HELPER, NOTES_OF_AGENTS, NOTES_OF_WORK, NOTE_LISTS };

struct fact {
    uint16_t what;  /* FACT_name (facts.def) */
    uint16_t value; /* change, cause or code as the fact's row says, a value of the enumeration that the row names */
    uint32_t name;  /* name of the person or thing that the fact is about; 0: none */
    uint64_t ixn;   /* 0: no interaction */
    /* Details. Details of some facts; each comment says which facts have the detail. */
    union {
        struct {                /* facts of virtual queues */
            uint32_t queue;     /* slot of the virtual queue */
            uint64_t waited_us; /* how long the interaction has been in the queue; judged: since the question */
            uint64_t about;     /* judged: the interaction about which the customer was asked */
        };
        struct {            /* member_changed */
            uint32_t agent; /* slot of the agent */
            bool joined;
        };
        const struct decision *decision; /* decided */
        struct {                         /* ended */
            const struct ended *ended;
            struct span data; /* attributes and user data of the interaction */
        };
        uint64_t other;       /* merged: id of the interaction that goes on; consults: id of the main interaction */
        struct {              /* claimed, claim_over (its value is the claim's last state, claim.h), OFFERED facts,
                               * number_connected (no claim here) */
            uint64_t claim;   /* id of the claim */
            uint64_t took_us; /* offer_answered: time since the claim was made; served: time since the answer;
                               * number_connected: how long the agent had been ready; number_answered: time since the
                               * number was dialled; any other fact: 0 */
            uint32_t whose,
                vq; /* the agent's slot; the name of the virtual queue, 0: the agent was not chosen in one */
        };
        struct {                /* party_told, party_gone */
            struct span number; /* telephone number of the party's DN */
            uint8_t role;       /* enum party_role */
            uint32_t whom;      /* slot of the agent at the DN; AGENT_NONE: the party is no agent */
        };
        struct {                /* agent_state */
            struct span reason; /* reason as the switch or the desktop gave it; empty: none */
            uint32_t place, dn; /* names */
            uint8_t work_mode;
            uint8_t medium; /* enum media: medium to which the state belongs; media without a state of their own have
                             * that of voice */
        };
        /* agent_corrected: the state that the core knew; `value` is the state that the link has reported */
        uint16_t was;
        struct { /* data_attached */
            struct span changed, deleted, by;
            uint32_t revision;
        };
        struct span note; /* noted: text of the note, at most NOTE_BYTES_MAX bytes */
        /* administered: AdminRequest; campaign_asked: RequestCampaign; wrapped_up: RequestWrapUp; taken_over:
         * EventParty; stop_asked: RequestStop, NULL where a call-back is withdrawn */
        const struct message *message;
        struct { /* condition_failed; `value` is an enum vm_fault */
            const struct image *image;
            uint32_t function, pc; /* where the fault happened */
        };
    };
};

/* Somebody outside of the core who gets the facts that have a RECORDED line, after all parts. The listener may only
 * read, with the functions of read.h, and only during the call. */
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

/* Adds a reader: from now on `hear` gets each fact, after the readers that were added before. */
void facts_read_by(struct facts *, void *self, void (*hear)(void *self, const struct fact *));
void facts_free(struct facts *);
/* Passes the fact to every reader. The fact is borrowed during the call. Nothing is allocated or formatted for the
 * fact. */
void fact_tell(const struct facts *, const struct fact *);
