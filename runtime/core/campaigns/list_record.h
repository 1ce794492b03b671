/* runtime/core/campaigns/list_record.h - Records of calling lists: from EventRecord until the list has confirmed the
 * result of the record.
 *
 * The table owns one row per record. The record stays in the buffer until it is due and, if its campaign is loaded,
 * until the campaign begins it (campaign.h); then it has an interaction of the medium outbound, on which the
 * strategy that is bound to the campaign's name runs. UpdateRecord tells the list the result of the record. The core
 * sends it with the key (record, revision), again and again, until the list has answered: after a temporary failure,
 * after the link was lost, and also when the interaction has ended meanwhile. If an interaction ends without having
 * closed its record, the record is closed with its last result. Nothing is written to disk: after a restart the rows
 * are made again from the batches of the journal. */
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
    /* how long the core waits for the list to allow a dial; then it does not dial */
    LIST_RECORD_CHECK_US = 2000000,
    LIST_RECORDS_MAX = 1000000,                 /* most records that the core holds at once */
    LIST_RECORDS_BYTES_MAX = 256 * 1024 * 1024, /* most bytes of the numbers and data of all records */
    /* most numbers of one record that wait until the list has blocked them */
    LIST_RECORD_BLOCKED_MAX = 16,
};

/* The states of a record (record_states.def). */
enum record_state {
#define RECORD_STATE(name, place, phase, meaning) RECORD_##name,
#include "runtime/core/campaigns/record_states.def"
    RECORD_STATES
};

/* Where a record is: nowhere in the core; in the buffer, until it begins; with its interaction; with the agent who
 * holds it; with the list, which the core is telling the result. */
enum record_place { RECORD_AT_nobody, RECORD_AT_buffer, RECORD_AT_interaction, RECORD_AT_holder, RECORD_AT_list };

/* Whether the strategy has spoken to the person who has answered, by a treatment within wait_ms of the answer: no;
 * the treatment was asked for; the treatment has begun. */
enum record_speech { SPEECH_NONE, SPEECH_ASKED, SPEECH_BEGUN };
/* Who decides when a record begins: the core, when it is due; the campaign that paces it; the agent who has asked
 * for it (preview.h). */
enum record_beginner { RECORD_BY_core, RECORD_BY_campaign, RECORD_BY_agent };

/* A record's newest attempt: there is none; the list has refused the attempt; the list knows of it, and the number
 * was not dialled yet; the number was dialled. */
enum record_attempt { ATTEMPT_NONE, ATTEMPT_WITHDRAWN, ATTEMPT_NOTED, ATTEMPT_DIALLED };

/* The content of an UpdateRecord, without the record's key and fields. */
struct record_update {
    uint8_t status, type, result; /* enum record_status, record_type, cause; none: unchanged */
    uint8_t scope;                /* enum record_scope: how many records are cancelled together with this one */
    bool closes;                  /* true: the core has finished with the record after this update */
    int64_t due_us;               /* wall clock: when the record is to be called again; 0: unchanged */
    /* name of the agent for whom the call-back is, or who has given the result; 0: none */
    uint32_t agent;
    /* Borrowed: a number that must not be called any more; empty: none; rows keep such numbers in `blocked`. */
    struct span number;
};

struct list_record {
    uint64_t id;       /* number that the core gives the record, from 1, ascending */
    uint64_t record;   /* number that the list gives the record, unique within the campaign */
    uint64_t version;  /* version of the record when the list handed it over */
    uint64_t revision; /* the version that the record gets by the newest UpdateRecord */
    uint64_t ixn;      /* id of the record's interaction; 0: the record is buffered, or the interaction has ended */
    int64_t due_us;    /* wall clock: when the record is due; 0: at once */
    /* Hours of the day in which the person may be called, by the clocks of the record's zone; equal: at any time. */
    uint32_t from_s, till_s;
    uint32_t again_from_s, again_till_s; /* a second window of the day; equal: there is none */
    /* Logical time before which the number is not dialled again, since the outcome of the last dial is unknown. */
    uint64_t dials_again_us;
    uint64_t hash;            /* hash of `number_and_data` */
    uint8_t *number_and_data; /* owned: the number, then the fields, as the list has given them */
    uint32_t number_length, data_length;
    uint32_t campaign, zone, agent; /* names; 0: none */
    uint32_t attempts;              /* how often the record was dialled, including dials before this core had it */
    uint32_t ref;                   /* ref of the UpdateRecord that carries `update`; 0: none was sent */
    uint32_t timer;
    uint32_t next, previous;       /* neighbours in a queue of the campaign; free row: next is the next free row */
    enum record_state state;       /* changed only by list_record_becomes; RECORD_elsewhere: the row is free */
    enum record_beginner begun_by; /* who begins or has begun the record */
    enum record_attempt attempt;
    uint32_t talker;      /* in the state connected: slot of the agent on the call; AGENT_NONE: no agent */
    uint64_t since_us;    /* if a campaign paces the record: when its state began, or when the last paced state ended;
                           * else: when a person answered, or in preview since when the agent looks at it */
    uint16_t link;        /* link of the list */
    uint8_t type, result; /* enum record_type; enum cause: how the record's last dial ended */
    uint16_t claims;      /* how many claims on agents the record's interaction has */
    bool judged;          /* true: it is decided whether the answered call was served or counts as abandoned */
    uint8_t speech;       /* enum record_speech */
    bool passed_over;     /* true: in this state an agent was asked about the record and has not taken it */
    bool dial_refused;    /* true: the list has refused the last dial, or could not be asked */
    bool closed;          /* true: the last update closes the record at the list */
    bool untold;          /* true: the list has not answered `update` */
    bool talks;           /* true: the list knows that the call of the closed record still goes on */
    struct record_update update;
    uint32_t holder; /* name of the agent who holds the record (holder.c); 0: nobody */
    /* neighbours in the list of its holder's records; `by_holder` finds the first */
    uint32_t holder_previous, holder_next;
    uint32_t dial_ref; /* ref of the effect that dials the number for the holder; 0: none */
    /* state asking: the client that has asked to dial, and its request's number */
    uint64_t asked_client, asked_req;
    uint16_t asked_link;
    bool processed;                     /* true: the holder has closed the record, or the holder's time was over */
    struct record_update holder_update; /* the result that the holder has given; status none: no result */
    /* owned: fields that the holder has changed; sent with the update that closes the record */
    struct span holder_fields;
    /* owned: the number that was dialled, as `update` says; empty: the record's own number */
    struct span dials;
    /* owned: numbers that `update` asks the list to block, a kv list of texts under "number" */
    struct span blocked;
    uint64_t share; /* the row's hash as it is contained in the digest's sum */
    bool unhashed;  /* true: `share` must be computed anew */
};

/* Operations of the code that runs strategies (media/outbound.c), which the records call. `self` is passed to the
 * operations. */
struct list_record_calls {
    void *self;
    /* Makes the interaction of a due record and begins its strategy. Returns why the interaction could not begin
     * (enum campaign_reason); CAMPAIGN_WHY_pacer: it has begun, and may have ended at once. */
    unsigned (*begin)(void *self, uint32_t slot);
    /* Ends the record's interaction; its strategy, if one runs, is stopped and runs no handler. */
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
    struct record_holders *holders; /* the part that knows which agents give results of records */
    struct campaigns *campaigns;    /* they count their records */
    struct list_record_calls calls;
    struct list_record *all;
    uint32_t count, capacity, free, taken;
    struct lookup by_holder;              /* finds the first record of each holder, by the agent's name */
    struct lookup by_key, by_ixn, by_ref; /* by_ref: for unanswered updates of records without an interaction */
    uint64_t last_id, bytes, content;
    uint32_t *unhashed; /* owned: slots of the rows whose share must be computed anew, each once */
    uint32_t unhashed_count, unhashed_capacity;
};

void list_records_skip(struct list_records *, uint64_t least); /* makes the next `id` greater than `least` */
/* Returns the record on which the interaction runs; NULL: none. */
struct list_record *list_record_of(const struct list_records *, const struct interaction *);
/* Marks each record whose person talks with an agent as served: the call cannot count as abandoned any more. */
void list_records_served(struct list_records *);
enum record_place list_record_place(const struct list_record *);
/* Does a loaded campaign decide when the record begins, and count it among its records? */
bool list_record_is_counted(const struct list_record *);
/* True: the list was told of an attempt, by this interaction or by the holder, and has not refused it. */
bool list_record_attempted(const struct list_record *);
/* Returns the word for the state that people read, and in `meaning` a sentence. */
const char *record_state_name(enum record_state, const char **meaning);
/* True: record_states.def allows the change. */
bool record_may_become(enum record_state from, enum record_state to);
struct span list_record_number(const struct list_record *);
struct span list_record_data(const struct list_record *); /* returns the record's fields as the list has sent them */
/* Returns the record of the given number; NULL: the core does not have it. */
struct list_record *list_record_find(const struct list_records *, uint32_t campaign, uint64_t record);
/* Does the core hold a record from a list of the given link? */
bool list_records_of_link(const struct list_records *, unsigned link);
/* Returns the number of records whose attempt a list has not written down yet; each is dialled when its list has
 * done so. */
uint32_t list_records_noted(const struct list_records *);
/* Called when a link has come back, or the host lets arrivals in again: begins due records and sends updates again.
 * `link`: the link that has come back, or 0; waiting records begin only if it can dial. */
void list_records_look_again(struct list_records *, unsigned link);

/* Asks the list whether the number may be dialled now under the campaign's rules, and returns the ref of the
 * CheckRecord. The interaction gets the answer; NULL: there is no interaction. */
uint32_t list_record_checks(struct list_records *, const struct list_record *, struct interaction *,
                            struct span number);
/* Called when the interaction is about to dial the record's number or another one: counts the attempt and tells the
 * list first. Returns the ref of the UpdateRecord. */
uint32_t list_record_dials(struct list_records *, struct interaction *, struct span number);
/* Notes that the list does not allow the dial because of hours, the do-not-call list, consent or limits, or that the
 * list cannot be asked. A refusal for one of these reasons is no failure of the strategy. All other refusals are
 * failures, unless the strategy handles them, since a list might refuse every dial. */
void list_record_refused(struct list_records *, struct interaction *);
/* Called when the effect that dials for the interaction's record is sent: the record is ringing. */
void list_record_rings(struct list_records *, struct interaction *);
/* Notes how the dial has ended; cause_ok: somebody has answered; cause_stale: the result is unknown. For an
 * interaction without a record these functions do nothing. */
void list_record_dialled(struct list_records *, struct interaction *, enum cause result);
/* Notes at the campaign, for people to read, why the exchange has refused to dial. The reason says nothing about the
 * number. */
void list_record_dial_refused(struct list_records *, const struct interaction *, struct span why);
/* Called when somebody has answered, `ago_us` microseconds before the core heard of it. */
void list_record_waits(struct list_records *, struct interaction *, uint64_t ago_us);
/* Called when the switch reports that no agent has served the person who answered; the switch itself has ended the
 * call. */
void list_record_unserved(struct list_records *, struct interaction *);
/* Called when the core has asked the link to end the leg of the person who answered; the interaction goes on without
 * a leg. */
void list_record_let_go(struct list_records *, struct interaction *);
/* Called when an agent or administrator has ended the interaction of the person who answered. */
void list_record_ended_by_person(struct list_records *, struct interaction *);
/* Sends the update to the list and returns the ref of the UpdateRecord. The new update replaces an unanswered one
 * and takes over its numbers to block and, if its own status is none, everything that the earlier update said. */
uint32_t list_record_tell(struct list_records *, struct interaction *, const struct record_update *);
/* Does the same as list_record_tell for a row whose interaction may have ended. */
void list_record_tell_row(struct list_records *, uint32_t slot, const struct record_update *);
/* Has the row room for `more` further numbers to block? */
bool list_record_may_block(const struct list_record *, uint32_t more);
/* Might the list accept the update later, after it has answered with the given code? False: the list has refused the
 * update for good. */
bool list_record_may_pass(unsigned code);
/* Returns the update that closes the record with its last result. */
struct record_update list_record_last(const struct list_records *, const struct list_record *);

/* The record's timer has fired. True: the record is due and begins now, since no campaign decides when it begins. */
bool list_record_on_timer(struct list_records *, uint32_t slot);
/* The record could not begin and is tried again after a minute; `told`: after a day, since somebody reports to the
 * core when the obstacle is gone. */
void list_record_puts_off(struct list_records *, uint32_t slot, bool told);
/* Gives the record the interaction and the state. The interaction gets the record's number, names and fields as its
 * data. */
void list_record_runs(struct list_records *, uint32_t slot, struct interaction *, enum record_state);

void list_record_on(struct list_records *, const struct message *); /* EventRecord */
/* Carries out a RequestRecord: an agent wants something for a record whose call the agent has, or had last and has
 * not processed (holder.c), or about which the agent is asked before it is dialled (push preview). Each request gets
 * a Reply in its own batch, so that what the Reply confirms is in the journal. */
void list_record_on_request(struct list_records *, const struct message *);
/* The agent (its slot) is about to be removed: forgets that the agent has sent requests about records. False: the
 * agent holds a record and must not be removed. */
bool holder_agent_goes(struct list_records *, uint32_t agent);
void list_record_on_done(struct list_records *, const struct message *); /* EventDone */
void list_record_on_time(struct list_records *, const struct message *); /* Clock, Epoch */
