/* runtime/sim/bridge_state.h - Shared by bridge.c (events), perform.c (effects), asked.c (sources) and bridge_*.c.
 *
 * Arrays by arrival (conns, ixns, told, records) are as long as the test has arrivals; `legs` is by slot of the
 * switch. Times are microseconds since the beginning, but for those that go to the core (`due_us`, ENVELOPE_at):
 * they are of the wall clock, which starts at the test's start_us. */
#pragma once

#include "runtime/sim/agenda.h"
#include "runtime/sim/bridge.h"
#include "runtime/sim/refusing.h"
#include "runtime/vocabulary/message.h"

struct bridge_leg {
    uint64_t call, conn, ixn;
    uint64_t dialled; /* ref of the effect that dialled it; 0: it came by itself */
    bool created, dials;
    bool stopped; /* the core has stopped it, and has said why */
};

/* An answer of a source that is not yet due. */
struct late_answer {
    uint64_t ixn, ref;
    uint8_t *frame; /* owned */
    uint32_t length;
    bool cancelled;
};

/* A call-back that was booked, and the interaction that it has become. */
struct booked {
    uint64_t id, ixn; /* ixn 0: it is not due yet */
    uint32_t arrival; /* the arrival that booked it */
};

/* A call-back that an arrival has handed in. */
struct handed_callback {
    const char *number;
    uint32_t arrival; /* NO_ARRIVAL: its row is known */
};

/* The chain of numbers that an arrival has handed over, as its list has it: the record that is dialled next. */
struct handed_over {
    uint32_t n;       /* its place in the chain, from 0 */
    uint64_t version; /* raised when it is handed over, and by updates */
    int64_t due_us;   /* when it is due again after it was put off, by the wall clock */
    bool in_list;     /* its campaign is to fetch it from the list */
    uint32_t attempts;
};

/* An interaction that was submitted: the bridge looks at the core for its owner. */
struct submission {
    uint32_t arrival;
    enum media media;
    char owner[SWITCH_DN + 1], kind[16]; /* as seen last */
    uint64_t said_us;                    /* when the customer wrote last */
    uint64_t back_us;                    /* when it leaves its workbin by itself; 0: never */
    uint32_t turn;                       /* counts the owners; a planned end of another turn is stale */
    bool over, closed;                   /* closed: its session is closed */
};

/* An interaction that the core has stopped. */
struct stop {
    uint64_t ixn;
    char why[200];
    bool told; /* the switch, and by that the trace, was told */
};

enum { SOURCES_DOWN_MAX = 16 };
/* As a T-Server keeps them while the core is away. */
enum { ANSWER_TIMEOUT_US = ROWS_ANSWER_TIMEOUT_S * 1000000, ROUTER_GRACE_US = ROWS_ROUTER_GRACE_S * 1000000 };
/* On the agenda: an answer of a source; a call that nobody has routed while the core is away for the who-th time; a
 * submission whose owner is done with it; a record that is due again; a campaign that is started; a piece of
 * work, by its id, for which somebody looks. */
enum { LATE_ANSWER, LATE_DEFAULT, LATE_STOP, LATE_RECORD, LATE_CAMPAIGN, LATE_WORK };

/* The decisions about an arrival that the trace has. */
struct told_decisions {
    uint64_t cursor;        /* the core's cursor behind the decisions that the trace has */
    uint64_t last, last_us; /* the number of the newest, and when it was made */
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
    const struct sim_site *site; /* NULL: the play holds itself to none */
    struct writer writer;
    struct kv kv;
    uint64_t seq, last_conn, now_us;
    struct bridge_leg *legs; /* by slot of the switch */
    uint32_t leg_count;
    uint64_t *conns;             /* by arrival */
    uint64_t *ixns;              /* by arrival; 0: not known */
    struct told_decisions *told; /* by arrival */
    uint64_t *calls;             /* by ConnID less the first */
    uint64_t first_conn;
    uint32_t arrivals;
    void (*relieve)(void *self);
    void *relieve_self;
    bool down;                  /* the link is down: events are held, effects do not arrive */
    uint32_t absences;          /* how often the link was down */
    struct writer held;         /* frames one after another */
    uint64_t instance, version; /* number of the adapter's process; the directory's version */
    struct agenda agenda;
    struct late_answer *late;
    uint32_t late_count;
    struct handed_callback *handed;
    uint32_t handed_count;
    struct booked *booked; /* call-backs in the order of their booking */
    uint32_t booked_count;
    struct handed_over *records; /* by arrival */
    uint32_t records_put_off;
    struct submission *submissions;
    uint32_t submission_count, submissions_over; /* submissions_over: so many at the front are over */
    struct stop *stops;
    uint32_t stop_count;
    struct refusing refusing;
    char sources_down[SOURCES_DOWN_MAX][SCENARIO_NAME_MAX + 1];
    unsigned sources_down_count;
};

/* bridge_state.c. Begins an event of the link about a leg (NULL: none) that answers `ref` (0: none). */
void bridge_event(struct bridge *, unsigned kind, const struct bridge_leg *, uint64_t ref);
void bridge_post(struct bridge *); /* ends it and posts it */
/* Begin and post an event of another source than the link. */
void bridge_event_of(struct bridge *, unsigned source, unsigned kind);
void bridge_post_of(struct bridge *, const char *component);
/* The core would never take a message that is too large or too deep: that is a problem of the test. */
bool bridge_is_sayable(struct bridge *, struct span frame, struct message *);

void bridge_push(struct bridge *, struct span frame); /* posts the frame as it is */

struct bridge_leg *bridge_leg_of_call(struct bridge *, uint64_t call); /* made where it is new */
struct bridge_leg *bridge_leg_of_conn(struct bridge *, uint64_t conn);
void bridge_done(struct bridge *, const struct message *effect, enum code, const char *text);
/* Tells which virtual queues an interaction has joined, by what the core has decided about it there. */
void bridge_joined(struct bridge *, uint32_t arrival, uint64_t ixn);

/* The test's answer to a step of this arrival; the trace gets the step. NULL: the test has none. */
const struct scenario_outcome *bridge_answer(struct bridge *, uint32_t arrival, const struct step_call *);
/* The arrival's user data, in the bridge's `kv`. */
const struct kv *bridge_data(struct bridge *, uint32_t arrival);
uint32_t bridge_leg_arrival(const struct bridge *, const struct bridge_leg *); /* NO_ARRIVAL where the leg is NULL */
uint32_t bridge_arrival_of(struct bridge *, const struct message *effect);     /* by its leg, else by its interaction */
bool bridge_is_booked(const struct bridge *, uint64_t ixn);
/* The medium of what has come. */
enum media bridge_medium(const struct bridge *, uint32_t arrival);
/* A session has a ConnID beside those of calls. */
uint64_t bridge_session_conn(uint32_t arrival);
bool bridge_is_session(struct bridge *, uint64_t conn);                  /* does the ConnID name one? */
struct submission *bridge_submission_of(struct bridge *, uint64_t conn); /* by its session; NULL: there is none */

/* Hands (world.h): `self` is the bridge. */
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

/* bridge_held.c. The first three report a problem where no adapter of the site can do what the play needs, or where
 * the site lacks the queue. */
/* An adapter that can do what the core asks for. Other than code_ok: it refuses the route, or the call, with that. */
enum code bridge_asks(struct bridge *, const struct message *effect);
/* Whoever is promised a call-back is not called where no adapter may dial the number: that is said when it is promised.
 */
enum code bridge_promises(struct bridge *, struct span number);
void bridge_needs_queue(struct bridge *, const char *name); /* a queue that the directory has */
bool bridge_reserves(struct bridge *, uint32_t arrival, enum media media,
                     const char *text); /* true: the adapter keeps the message */
/* Why the adapter refuses what the step sends or adds about the arrival, and the step's exit. */
enum contract_why bridge_refuses(struct bridge *, uint32_t arrival, const struct step_call *,
                                 const struct message *effect, enum code *exit);

/* bridge_record.c */
uint32_t bridge_arrival_of_record(const struct bridge *, uint64_t record); /* NO_ARRIVAL: there is no such record */
/* The arrival's record comes into the list: it is handed over, due at that time of the wall clock (0: at once), or its
 * campaign fetches it then. */
void bridge_list(struct bridge *, uint32_t arrival, int64_t due_us);
void bridge_record_due(struct bridge *, uint32_t arrival);                  /* what was put off is due */
bool bridge_record(struct bridge *, const struct message *effect);          /* false: the effect is for no list */
void bridge_campaign(struct bridge *, const struct scenario_campaign *);    /* it is loaded and started */
void bridge_campaign_refused(struct bridge *, const struct message *reply); /* or it is the reply to something else */

/* bridge_submitted.c */
void bridge_submitted(struct bridge *, const struct message *reply); /* the reply to a Submit, or another one */
/* Carries out an effect about a session. False: the effect is about none. */
bool bridge_session(struct bridge *, const struct message *effect);
void bridge_message(struct bridge *, const struct message *effect); /* SendMessage */
void bridge_classify(struct bridge *, const struct message *effect);
void bridge_work(struct bridge *, const struct message *effect);      /* Submitted, by a strategy */
void bridge_step_done(struct bridge *, const struct message *effect); /* that, or a Note */
void bridge_look_for_work(struct bridge *, uint64_t ixn);
void bridge_observe_sessions(struct bridge *);
void bridge_stop_submitted(struct bridge *, uint32_t which, uint64_t turn);
/* Looks who has what was submitted, since the last call. */
void bridge_look_at_submitted(struct bridge *);

/* bridge_dial.c */
/* Looks for what the core has booked and begun since the last call. */
void bridge_look_at_booked(struct bridge *);
void bridge_dial(struct bridge *, const struct message *effect);
/* Calls off the call that the effect has dialled. False: it has dialled none. */
bool bridge_dial_cancelled(struct bridge *, uint64_t ixn, uint64_t of, const struct bridge_leg *);
/* Posts how the dialling ended, before the events that follow from it. */
void bridge_dial_over(struct bridge *, struct bridge_leg *, enum cause);
void bridge_keep(struct bridge *, const struct message *effect, const struct bridge_leg *);

/* asked.c */
void bridge_source(struct bridge *, const struct message *effect); /* a query or a request */
bool bridge_answer_late(struct bridge *, uint32_t which); /* false: there is no room before the core has had its turn */
void bridge_query_cancelled(struct bridge *, uint64_t ixn, uint64_t ref);
