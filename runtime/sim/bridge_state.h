/* runtime/sim/bridge_state.h - The state of the bridge, shared by bridge.c (events), perform.c (effects), asked.c
 * (sources) and bridge_*.c.
 *
 * Arrays by arrival (conns, ixns, told, records) have an element per arrival of the test; `legs` is indexed by slot
 * of the switch. Times are microseconds since the beginning, except those for the core (`due_us`, ENVELOPE_at):
 * these are wall-clock times, which begin at the test's start_us. */
#pragma once

#include "runtime/sim/agenda.h"
#include "runtime/sim/bridge.h"
#include "runtime/sim/refusing.h"
#include "runtime/vocabulary/message.h"

struct bridge_leg {
    uint64_t call, conn, ixn;
    uint64_t dialled; /* ref of the effect that dialled the call; 0: an incoming call */
    bool created, dials;
    bool stopped; /* the core has stopped the interaction, and has given the reason */
};

/* A data source's answer that is not yet due. */
struct late_answer {
    uint64_t ixn, ref;
    uint8_t *frame; /* owned */
    uint32_t length;
    bool cancelled;
};

/* A booked call-back, and the interaction that it has become. */
struct booked {
    uint64_t id, ixn; /* ixn 0: the call-back is not due yet, so it has no interaction */
    uint32_t arrival; /* the arrival that booked it */
};

/* A call-back that an arrival has submitted from outside. */
struct handed_callback {
    const char *number;
    uint32_t arrival; /* NO_ARRIVAL: the row of the call-back has been found */
};

/* The chain of numbers of an arrival on a calling list: the record that is dialled next. */
struct handed_over {
    uint32_t n;       /* the record's place in the chain, from 0 */
    uint64_t version; /* raised at each delivery and each update */
    int64_t due_us;   /* when the record is due again after a postponement, by the wall clock */
    bool in_list;     /* the record waits in the list for its campaign to fetch it */
    bool listed;      /* the record has come into the list */
    bool begun;       /* an attempt of it was noted since it was delivered */
    bool cancelled;   /* the person has called in and settled the matter, so the record is not dialled any more */
    uint32_t attempts;
};

/* A submitted interaction: the bridge asks the core for its owner. */
struct submission {
    uint32_t arrival;
    enum media media;
    char owner[SWITCH_DN + 1], kind[16]; /* as seen last */
    const char *author;                  /* of a reply; NULL: nobody who could be reached */
    uint64_t said_us;                    /* when the customer last wrote */
    uint32_t said;                       /* messages in the session */
    uint64_t back_us;                    /* when the interaction leaves its workbin by itself; 0: never */
    /* counts the interaction's owners; an end planned for an earlier owner is ignored */
    uint32_t turn;
    bool over, closed; /* closed: the interaction's session is closed */
};

/* An interaction that the core has stopped. */
struct stop {
    uint64_t ixn;
    char why[200];
    bool told; /* the core's request to end the call is in the trace */
};

enum { SOURCES_DOWN_MAX = 16 };
/* Time limits that a T-Server applies while the core is unreachable. */
enum { ANSWER_TIMEOUT_US = ROWS_ANSWER_TIMEOUT_S * 1000000, ROUTER_GRACE_US = ROWS_ROUTER_GRACE_S * 1000000 };
/* Kinds of entries on the agenda: a source's answer; a call not routed while the core is unreachable, with the
 * number of that absence; the end of an owner's work on a submission; a postponed record that is due; the start of a
 * campaign; an agent looking for a piece of work, by its id; an agent writing to the customer of a submission. */
enum { LATE_ANSWER, LATE_DEFAULT, LATE_STOP, LATE_RECORD, LATE_CAMPAIGN, LATE_WORK, LATE_REPLY };

/* Which decisions about an arrival are already in the trace. */
struct told_decisions {
    uint64_t cursor;        /* the core's cursor after the decisions that are already in the trace */
    uint64_t last, last_us; /* number of the newest decision in the trace, and its time */
    bool any;
};

struct bridge {
    const struct plan *plan;
    const struct image *image;
    struct trace *trace;
    struct partition *partition;
    struct sim_switch *sw;
    struct world *world;
    struct happenings *happenings;
    const struct sim_site *site; /* the site against which the play is checked; NULL: none */
    struct writer writer;
    struct kv kv;
    uint64_t seq, last_conn, now_us;
    struct bridge_leg *legs; /* indexed by slot of the switch */
    uint32_t leg_count;
    uint64_t *conns;             /* by arrival */
    uint64_t *ixns;              /* indexed by arrival; 0: not known */
    struct told_decisions *told; /* by arrival */
    uint64_t *calls;             /* indexed by ConnID minus the first ConnID */
    uint64_t first_conn;
    /* the newest SetAgentState: its ref, the interaction whose strategy has asked for it (0: none), and the agent */
    uint64_t state_ref, state_ixn;
    char state_agent[SCENARIO_NAME_MAX + 1];
    uint32_t arrivals;
    void (*relieve)(void *self);
    void *relieve_self;
    bool down;                  /* the link is down: events are kept, effects do not arrive */
    uint32_t absences;          /* how many times the link was down */
    struct writer held;         /* frames one after another */
    uint64_t instance, version; /* number of the adapter's process; version of the directory */
    struct agenda agenda;
    struct late_answer *late;
    uint32_t late_count;
    struct handed_callback *handed;
    uint32_t handed_count;
    struct booked *booked; /* call-backs in the order of booking */
    uint32_t booked_count;
    struct handed_over *records; /* by arrival */
    uint32_t records_put_off;
    struct submission *submissions;
    uint32_t submission_count, submissions_over; /* submissions_over: so many at the front of the list are over */
    struct stop *stops;
    uint32_t stop_count;
    struct refusing refusing;
    char sources_down[SOURCES_DOWN_MAX][SCENARIO_NAME_MAX + 1];
    unsigned sources_down_count;
};

/* bridge_state.c. Begins an event of the link about a leg (NULL: none) that answers `ref` (0: none). */
void bridge_event(struct bridge *, unsigned kind, const struct bridge_leg *, uint64_t ref);
void bridge_post(struct bridge *); /* ends the begun event and posts it */
/* Begin and post an event of another source than the link. */
void bridge_event_of(struct bridge *, unsigned source, unsigned kind);
void bridge_post_of(struct bridge *, const char *component);
/* Can the message be sent? A message too large or too deep for the core is reported as a problem of the test. */
bool bridge_is_sayable(struct bridge *, struct span frame, struct message *);

void bridge_push(struct bridge *, struct span frame); /* posts the frame unchanged */

struct bridge_leg *bridge_leg_of_call(struct bridge *, uint64_t call); /* the leg of the call; a new call gets one */
struct bridge_leg *bridge_leg_of_conn(struct bridge *, uint64_t conn);
void bridge_done(struct bridge *, const struct message *effect, enum code, const char *text);
/* Adds to the trace which virtual queues an interaction has joined, according to the core's decisions. */
void bridge_joined(struct bridge *, uint32_t arrival, uint64_t ixn);

/* Returns the test's answer to a step of this arrival, and adds the step to the trace. NULL: the test has no answer. */
const struct scenario_outcome *bridge_answer(struct bridge *, uint32_t arrival, const struct step_call *);
/* Returns the arrival's user data, in the bridge's `kv`. */
const struct kv *bridge_data(struct bridge *, uint32_t arrival);
/* the leg's arrival; NO_ARRIVAL if the leg is NULL */
uint32_t bridge_leg_arrival(const struct bridge *, const struct bridge_leg *);
/* the effect's arrival, found by its leg, else by its interaction */
uint32_t bridge_arrival_of(struct bridge *, const struct message *effect);
bool bridge_is_booked(const struct bridge *, uint64_t ixn);
/* Returns the medium of the arrival. */
enum media bridge_medium(const struct bridge *, uint32_t arrival);
/* Returns the ConnID of an arrival's session, from a range separate from calls. */
uint64_t bridge_session_conn(uint32_t arrival);
bool bridge_is_session(struct bridge *, uint64_t conn); /* is it the ConnID of a session? */
/* finds a submission by the ConnID of its session; NULL: none has it */
struct submission *bridge_submission_of(struct bridge *, uint64_t conn);

/* The functions for world_hands (world.h); `self` is the bridge. */
void bridge_learn(void *self, uint32_t agent, const struct scenario_agent *before, const struct scenario_agent *now);
void bridge_setting(void *self, enum item_kind, const struct scenario_setting *, bool over);
void bridge_signal(void *self, uint32_t arrival, const char *name, json_t *data);
void bridge_fault(void *self, enum item_kind, const char *name, bool down);
void bridge_call_back(void *self, uint32_t arrival, const char *number);
void bridge_submit(void *self, uint32_t arrival, const char *media, const char *from);
void bridge_leaves(void *self, uint32_t arrival);
void bridge_desk(void *self, uint32_t arrival, const struct scenario_caller *);

/* bridge_open.c, bridge_faults.c */
void bridge_link_up(struct bridge *);
void bridge_resync(struct bridge *);
bool bridge_observe(struct bridge *, uint64_t conn, uint64_t ref);

/* bridge_held.c. bridge_asks(), bridge_promises() and bridge_needs_queue() report a problem if no adapter of the
 * site can do what the play needs, or the site does not have the queue. */
/* Has the site an adapter that can do what the core asks for? Any result but code_ok: the adapter refuses the route,
 * or the call, with that code. */
enum code bridge_asks(struct bridge *, const struct message *effect);
/* Checks that some adapter may dial the number when a call-back is promised, as otherwise the person would never be
 * called. */
enum code bridge_promises(struct bridge *, struct span number);
void bridge_needs_queue(struct bridge *, const char *name); /* checks that the directory has the queue */
bool bridge_reserves(struct bridge *, uint32_t arrival, enum media media,
                     const char *text); /* true: the adapter does not pass the text to a strategy */
/* Does the customer of a short message ask for a person by this text? */
bool bridge_asks_person(struct bridge *, uint32_t arrival, const char *text);
/* Returns why the adapter would refuse what the step sends or adds to the arrival, and sets the step's exit. */
enum contract_why bridge_refuses(struct bridge *, uint32_t arrival, const struct step_call *,
                                 const struct message *effect, enum code *exit);

/* bridge_record.c */
/* the record's arrival; NO_ARRIVAL: there is no such record */
uint32_t bridge_arrival_of_record(const struct bridge *, uint64_t record);
/* Puts the arrival's record into the list: it is delivered at that time of the wall clock (0: at once), or its
 * campaign then fetches it. */
void bridge_list(struct bridge *, uint32_t arrival, int64_t due_us);
void bridge_record_due(struct bridge *, uint32_t arrival); /* a postponed record is due */
/* carries out an effect about lists; false: the effect is not about lists */
bool bridge_record(struct bridge *, const struct message *effect);
/* Takes the records of a number, that have come into their lists, out of the campaigns. */
void bridge_cancel_records(struct bridge *, const struct message *effect);
void bridge_campaign(struct bridge *, const struct scenario_campaign *); /* loads and starts the campaign */
/* handles the reply to a campaign request; ignores other replies */
void bridge_campaign_refused(struct bridge *, const struct message *reply);

/* bridge_submitted.c */
/* handles the reply to a Submit; ignores other replies */
void bridge_submitted(struct bridge *, const struct message *reply);
/* Carries out an effect about the session of something submitted, such as a chat: it is routed or closed. False: the
 * effect is another one. */
bool bridge_session(struct bridge *, const struct message *effect);
void bridge_message(struct bridge *, const struct message *effect); /* SendMessage */
void bridge_classify(struct bridge *, const struct message *effect);
void bridge_work(struct bridge *, const struct message *effect);      /* Submitted, by a strategy */
void bridge_step_done(struct bridge *, const struct message *effect); /* that, or a Note */
void bridge_look_for_work(struct bridge *, uint64_t ixn);
void bridge_observe_sessions(struct bridge *);
void bridge_stop_submitted(struct bridge *, uint32_t which, uint64_t turn);
/* The agent who has the submission writes to its customer, unless another one has it since. */
void bridge_reply_submitted(struct bridge *, uint32_t which, uint64_t turn);
/* Looks who owns the submitted interactions now, since the last call. */
void bridge_look_at_submitted(struct bridge *);

/* bridge_dial.c */
/* Looks which call-backs and records the core has booked and begun since the last call. */
void bridge_look_at_booked(struct bridge *);
void bridge_dial(struct bridge *, const struct message *effect);
/* Cancels the call that the effect has dialled. False: it has dialled no call. */
bool bridge_dial_cancelled(struct bridge *, uint64_t ixn, uint64_t of, const struct bridge_leg *);
/* Posts how the dialling ended, before the events that follow from it. */
void bridge_dial_over(struct bridge *, struct bridge_leg *, enum cause);
void bridge_keep(struct bridge *, const struct message *effect, const struct bridge_leg *);

/* asked.c */
void bridge_source(struct bridge *, const struct message *effect); /* answers a query or a request */
/* gives a late answer of a source; false: the ring is full until the core has had its turn */
bool bridge_answer_late(struct bridge *, uint32_t which);
void bridge_query_cancelled(struct bridge *, uint64_t ixn, uint64_t ref);
