/* runtime/core/campaigns/list_record.h - Records of calling lists: from EventRecord until the list has taken what
 * became of the record.
 *
 * The table owns one row per record. A row is buffered until the record is due, and that of a loaded campaign until the
 * campaign's turn has come (campaign.h); then it has an interaction of the medium outbound, on which the strategy runs
 * that is bound to the campaign's name. UpdateRecord tells the list what became of the record. The core sends it under
 * the key (record, revision), again and again, until the list has answered: after a failure that may pass, after the
 * link was lost, and also when the interaction has ended meanwhile. An interaction that ends without having closed its
 * record closes it with its last result. Nothing is written to disk: the journal's batches make the rows again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct effects;
struct interaction;
struct interactions;
struct sessions;

enum {
    LIST_RECORD_NONE = UINT32_MAX,
    LIST_RECORD_CHECK_US = 2000000,             /* a list that has not answered by then does not allow the dial */
    LIST_RECORDS_MAX = 1000000,                 /* most records that the core holds at a time */
    LIST_RECORDS_BYTES_MAX = 256 * 1024 * 1024, /* most bytes of their numbers and data */
    LIST_RECORD_BLOCKED_MAX = 16,               /* most numbers of a record that its list is still to block */
};

/* The states of a record (record_states.def). */
enum record_state {
#define RECORD_STATE(name, place, phase, meaning) RECORD_##name,
#include "runtime/core/campaigns/record_states.def"
    RECORD_STATES
};

/* A record is with nobody in the core; with the buffer, until it begins; with its interaction; with the agent who holds
 * it; with the list, which is told what became of it. */
enum record_place { RECORD_AT_nobody, RECORD_AT_buffer, RECORD_AT_interaction, RECORD_AT_holder, RECORD_AT_list };

/* What the strategy has said to who has answered, by a treatment that was asked for within wait_ms of the answer. */
enum record_speech { SPEECH_NONE, SPEECH_ASKED, SPEECH_BEGUN };
/* A record is begun by the core, when it is due; by the campaign, which paces it while it is in the buffer or has an
 * interaction; by the agent who has asked for it (preview.h). */
enum record_beginner { RECORD_BY_core, RECORD_BY_campaign, RECORD_BY_agent };

/* Its newest attempt: there is none; the list has refused the one of which it was told; the list was told, and the
 * number was not dialled yet; it was dialled. */
enum record_attempt { ATTEMPT_NONE, ATTEMPT_WITHDRAWN, ATTEMPT_NOTED, ATTEMPT_DIALLED };

/* An UpdateRecord, but for the record and its fields. */
struct record_update {
    uint8_t status, type, result; /* enum record_status, record_type, cause; none: nothing is said of the record */
    uint8_t scope;                /* enum record_scope, of one that is cancelled */
    bool closes;                  /* with it the core is done with the record */
    int64_t due_us;               /* when it is to be called again, by the wall clock; 0: nothing is said */
    uint32_t agent;               /* name: whose call-back it is, or who has said this; 0: nobody's */
    struct span number;           /* borrowed: must not be called any more; empty: none; in a row it is in `blocked` */
};

struct list_record {
    uint64_t id;               /* the core's own, from 1, each above the one before */
    uint64_t record;           /* the list's number of it, unique within the campaign */
    uint64_t version;          /* of the record in the list, as that has handed it over */
    uint64_t revision;         /* the version that the newest UpdateRecord makes */
    uint64_t ixn;              /* the interaction that runs on it; 0: it is buffered, or the interaction has ended */
    int64_t due_us;            /* wall clock; 0: at once */
    uint64_t from_us, till_us; /* from when to when of a day it may be called, in its zone; equal: at any time */
    uint64_t dials_again_us;   /* logical time; not dialled before, since nobody knows what became of the last dial */
    uint64_t hash;             /* hash of `number_and_data` */
    uint8_t *number_and_data;  /* owned: as the list has given them, one behind the other */
    uint32_t number_length, data_length;
    uint32_t campaign, zone, agent; /* names; 0: none */
    uint32_t attempts;              /* how often it was dialled, the dials before this core counted */
    uint32_t ref;                   /* of that UpdateRecord; 0: it has not gone out */
    uint32_t timer;
    uint32_t next, previous;       /* in a queue of its campaign; next of a free row: the next one */
    enum record_state state;       /* changed by list_record_becomes only; elsewhere: the row is free */
    enum record_beginner begun_by; /* who begins it, or has begun it */
    enum record_attempt attempt;
    uint32_t talker;      /* slot of the agent who is there in the state connected; AGENT_NONE: none */
    uint64_t since_us;    /* when its state began, or ended the last one that its campaign paces; if none
                              paces it, when somebody answered */
    uint16_t link;        /* the list's link */
    uint8_t type, result; /* enum record_type; enum cause: how its last dial ended */
    uint16_t claims;      /* on agents, of its interaction */
    bool judged;          /* an agent was on its answered call, or that counts as abandoned */
    uint8_t speech;       /* enum record_speech */
    bool passed_over;     /* an agent was asked about it in this state and has not taken it */
    bool dial_refused;    /* the list has refused the last dial, or could not be asked */
    bool closed;          /* its last update closes it */
    bool untold;          /* the list has not answered `update` */
    bool talks;           /* the list was told last that the call of the closed record goes on */
    struct record_update update;
    uint32_t holder;                       /* name of the agent who has it (holder.c); 0: nobody */
    uint32_t holder_previous, holder_next; /* of the records of its holder; the first one is in by_holder */
    uint32_t dial_ref;                     /* of the effect that dials it for its holder; 0: none */
    uint64_t asked_client, asked_req;      /* of the request to dial it, in the state asking */
    uint16_t asked_link;
    bool processed;                     /* its holder, or the end of the holder's time, has closed it */
    struct record_update holder_update; /* what its holder wants to become of it; status none: nothing was said */
    struct span holder_fields;          /* owned: those that its holder has changed; the list hears them at the end */
    struct span dials;                  /* owned: the number that `update` notes as dialled; empty: the record's own */
    struct span blocked;                /* owned: numbers that `update` blocks, a kv list of texts under "number" */
    uint64_t share;                     /* of the digest's sum, as it was counted last */
    bool unhashed;                      /* it is to be counted anew */
};

/* Operations of the rooms above, which run strategies; media/outbound.c has them. `self`: theirs. */
struct list_record_calls {
    void *self;
    /* A record that is due gets its interaction, and its strategy begins. Why not (enum campaign_reason);
     * CAMPAIGN_WHY_pacer: it has begun, and may have ended at once. */
    unsigned (*begin)(void *self, uint32_t slot);
    /* The record's interaction ends; a strategy that has it is stopped and runs no handler. */
    void (*end)(void *self, struct interaction *);
};

struct list_records {
    const struct now *now;
    struct names *names;
    struct timers *timers;
    struct kv *scratch;
    const struct agents *agents;
    const struct claims *claims;
    struct links *links;
    struct effects *effects;
    struct interactions *interactions;
    struct sessions *sessions;
    struct record_holders *holders; /* the agents who speak of records */
    struct campaigns *campaigns;    /* which count their records */
    struct list_record_calls calls;
    struct list_record *all;
    uint32_t count, capacity, free, taken;
    struct lookup by_holder;              /* the first record of each, by its name */
    struct lookup by_key, by_ixn, by_ref; /* by_ref: the updates of records whose interaction has ended */
    uint64_t last_id, bytes, content;
    uint32_t *unhashed; /* owned: slots of rows whose share is to be counted anew, each once */
    uint32_t unhashed_count, unhashed_capacity;
};

void list_records_skip(struct list_records *, uint64_t least); /* ids go on above this one */
/* The record on which the interaction runs; NULL: none. */
struct list_record *list_record_of(const struct list_records *, const struct interaction *);
/* Notes of each record whose person an agent talks with that nobody has abandoned them, whatever comes. */
void list_records_served(struct list_records *);
enum record_place list_record_place(const struct list_record *);
/* True: a campaign that is loaded paces it, and counts it among its records. */
bool list_record_is_counted(const struct list_record *);
/* True: the list has been told of an attempt in this interaction, or by its holder, and has not refused it. */
bool list_record_attempted(const struct list_record *);
/* The word for people, and a sentence. */
const char *record_state_name(enum record_state, const char **meaning);
/* True: the change is in record_states.def. */
bool record_may_become(enum record_state from, enum record_state to);
struct span list_record_number(const struct list_record *);
struct span list_record_data(const struct list_record *); /* its fields, as the list has handed them over */
/* The record of that number; NULL: the core does not have it. */
struct list_record *list_record_find(const struct list_records *, uint32_t campaign, uint64_t record);
/* True: a record waits for the link, or is to be told to it. */
bool list_records_of_link(const struct list_records *, unsigned link);
/* The records of which the list is asked to note an attempt: they are dialled when it has. */
uint32_t list_records_noted(const struct list_records *);
/* A link is there again, or arrivals are let in again: due records may begin, and updates go out again. LINK is 0 or
 * the link that has come back; records that wait begin only where it can dial. */
void list_records_look_again(struct list_records *, unsigned link);

/* Asks the list whether the number may be dialled now, and says on which terms of the campaign; its answer is the
 * interaction's, which may be NULL. The ref of the CheckRecord. */
uint32_t list_record_checks(struct list_records *, const struct list_record *, struct interaction *,
                            struct span number);
/* The number, of the record or another one, is about to be dialled for the interaction: counts it, and tells the list
 * before it is done. The ref of the UpdateRecord. */
uint32_t list_record_dials(struct list_records *, struct interaction *, struct span number);
/* The list does not allow the dial for the record's hours, the do-not-call list, consent or limits, or cannot be asked:
 * that is no failure of the strategy. Refusals of another kind are, where it does not treat them: a list may refuse
 * every dial. */
void list_record_refused(struct list_records *, struct interaction *);
/* The effect that dials goes out for it. */
void list_record_rings(struct list_records *, struct interaction *);
/* The dial ended so; cause_ok: somebody has answered; cause_stale: nobody knows. An interaction without a record
 * changes nothing. */
void list_record_dialled(struct list_records *, struct interaction *, enum cause result);
/* The exchange has refused to dial, and says why: nothing is known of the number, and people read it at the campaign.
 */
void list_record_dial_refused(struct list_records *, const struct interaction *, struct span why);
/* Somebody has answered so long before the core heard of it. */
void list_record_waits(struct list_records *, struct interaction *, uint64_t ago_us);
/* The switch says that the person who has answered was served by nobody: it has said goodbye by itself. */
void list_record_unserved(struct list_records *, struct interaction *);
/* The core has asked the link to end the leg of who has answered, and the interaction goes on without them. */
void list_record_let_go(struct list_records *, struct interaction *);
/* The same, and a person has ended all of the interaction. */
void list_record_ended_by_person(struct list_records *, struct interaction *);
/* Tells the list; the ref of the UpdateRecord. A newer update takes the place of one that is not answered yet, and
 * tells, too, what that one said and it does not: the numbers to block, and with the status none all of the record. */
uint32_t list_record_tell(struct list_records *, struct interaction *, const struct record_update *);
/* The same of a row whose interaction may have ended. */
void list_record_tell_row(struct list_records *, uint32_t slot, const struct record_update *);
/* True: the row has room for so many more numbers to block. */
bool list_record_may_block(const struct list_record *, uint32_t more);
/* True: a try to tell the list may succeed later; false: the list has refused. `code`: of its answer. */
bool list_record_may_pass(unsigned code);
/* The update that closes the record with its last result. */
struct record_update list_record_last(const struct list_records *, const struct list_record *);

/* The record's timer has fired. True: it is due, and begins now, since no campaign paces it. */
bool list_record_on_timer(struct list_records *, uint32_t slot);
/* It could not begin. It is looked at again after a while; `told`: rather when the core is told what has kept it back.
 */
void list_record_puts_off(struct list_records *, uint32_t slot, bool told);
/* The interaction belongs to the record from now on, which gets this state. It has the record's number, names and
 * fields as its data. */
void list_record_runs(struct list_records *, uint32_t slot, struct interaction *, enum record_state);

void list_record_on(struct list_records *, const struct message *); /* EventRecord */
/* RequestRecord: an agent speaks of a record whose call the agent has, or had last and has not processed (holder.c), or
 * about which the agent is asked before it is dialled (push preview). Each request is answered by a Reply in its own
 * batch, so that what is acknowledged is in the journal. */
void list_record_on_request(struct list_records *, const struct message *);
/* The agent (its slot) is about to go: whoever has the slot next has not spoken of records. False: the agent holds one.
 */
bool holder_agent_goes(struct list_records *, uint32_t agent);
void list_record_on_done(struct list_records *, const struct message *); /* EventDone */
void list_record_on_time(struct list_records *, const struct message *); /* Clock, Epoch */
