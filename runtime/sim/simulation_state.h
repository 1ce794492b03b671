/* runtime/sim/simulation_state.h - The state of a simulation, shared by its files. Files call only files below them
 * in this list:
 *
 *     simulation.c                                    the clock
 *     simulation_core.c  simulation_result.c          batches, effects, what the site lacks; what was found
 *     simulation_media.c  simulation_campaign.c       e-mails and chats; lists
 *     simulation_calls.c                              callers and agents
 *     simulation_answers.c                            what callers and sources answer
 *     simulation_found.c                              what is measured
 *     simulation_state.c                              events; who is who
 *
 * A slot of `calls` is in use while its `number` is not 0; slots are reused, numbers never are. Planned actions
 * contain the call's turn (call_turn), which changes whenever the call moves, and tables find slots by ConnID and
 * interaction. Times are microseconds since the beginning, as integers if the core gets them; rates and random draws
 * are doubles. */
#pragma once

#include "runtime/core/base/batch.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/table.h"
#include "runtime/sim/agenda.h"
#include "runtime/sim/histogram.h"
#include "runtime/sim/refusing.h"
#include "runtime/sim/simulation.h"
#include "runtime/vocabulary/message.h"

enum { SIMULATION_LINK = SOURCE_LINKS };
#define NOBODY                UINT32_MAX
#define SIMULATION_LAST_QUEUE "queue" /* the default destination of all routing points; see post_dn */

/* The purposes of random draws: each flow has a stream per purpose. */
enum purpose {
    PURPOSE_ARRIVAL,
    PURPOSE_HANDLING,
    PURPOSE_PATIENCE,
    PURPOSE_WRAP_UP,
    PURPOSE_RINGING,
    PURPOSE_PART,
    PURPOSES
};

/* Kinds of planned actions; `who` is a flow, call or agent. `what` is the call's number or turn, or the agent's
 * turn: if it has changed meanwhile, nothing is done. */
enum deed {
    DEED_ARRIVE,
    DEED_HANG_UP,
    DEED_ANSWER,
    DEED_RELEASE,
    DEED_READY,
    DEED_SHIFT,    /* a shift or break of the agent begins or ends */
    DEED_ACCEPT,   /* the agent accepts the offer whose claim number is `what` */
    DEED_PICK_UP,  /* the person who is called back answers */
    DEED_RING_OUT, /* or does not */
    DEED_TREATED,  /* the call's treatment ends; `what` has the call's number and the treatment's ref */
    DEED_ANSWERED, /* a data source gives the late answer with the number `who` */
    DEED_PULL,     /* free agents look for parked interactions */
    DEED_CHANGE,   /* settings are changed by hand */
    DEED_DUE       /* the campaign's list counts the due records, and announces them */
};

/* AWAY: the caller has hung up and kept the place; DIALLED: and is being called back. */
enum place { AT_POINT, RINGING, TALKING, ELSEWHERE, AWAY, DIALLED };

/* How a treatment ends. */
struct treated {
    bool refused, hangs;
    bool secret; /* the keys pressed are secret */
    enum cause cause;
    uint64_t after_us;
    const struct scenario_outcome *outcome; /* the keys, the speech or the application's result; NULL: none */
};

/* A data source's answer that is still to come. */
struct simulation_late {
    uint64_t ixn, ref; /* ixn 0: the answer is no longer wanted */
    uint8_t *frame;    /* the event, owned; NULL: the slot is free */
    uint32_t length, next_free;
};

struct simulated_call {
    uint64_t number; /* counts all calls from 1; 0: the slot is free */
    uint64_t index;  /* the call's index among those of its flow */
    uint64_t offers; /* how many times the call was offered to agents */
    uint64_t conn, ixn, arrived_us;
    uint32_t flow, agent; /* agent: NOBODY */
    uint32_t treatment;   /* ref of the treatment that plays; 0: none */
    uint32_t dial;        /* if DIALLED: ref of the effect that dials the call */
    uint8_t place;
    bool counted, impatient, told; /* impatient: the caller's patience has begun; told: the call's end was counted */
    bool kept;                     /* the caller has kept the place, so patience no longer counts */
    bool record;                   /* the person is called by a campaign */
    bool submitted;                /* an e-mail or chat; `conn` is 0 or that of its session */
    bool closed;                   /* its session is closed */
    bool served;                   /* an agent has answered */
    uint8_t fate;                  /* if DIALLED: the cause with which the call ends if nobody answers */
    struct treated treated;
    const struct scenario_test *test; /* test whose caller the call follows; NULL: none */
    uint32_t *used;                   /* per item of the test, then of its arrival: how many outcomes were used */
    uint8_t turns;                    /* counts the call's moves: actions planned before a move are cancelled */
    uint32_t next_free;
};

enum presence { AT_HOME, ON_BREAK, AT_WORK };

struct simulated_agent {
    char name[SIMULATION_NAME + 1], dn[12];
    uint32_t team, like; /* like: index in the plan's agents */
    uint32_t calls;      /* how many interactions of all media the agent has */
    uint64_t busy_since_us, works_since_us;
    uint64_t turn[MEDIA_KINDS]; /* per medium: increased at each end, which cancels actions planned before */
    uint32_t has[MEDIA_KINDS];  /* of `calls`, by medium */
    uint64_t has_since_us[MEDIA_KINDS];
    struct media_set wraps, own; /* media in after-call work; media with a separate state */
    bool busy;
    uint8_t is, wants; /* enum presence; a busy agent changes to `wants` later */
};

struct team {
    double busy_us, works_us;
};

/* The counts for all calls, a strategy, or a virtual queue. */
struct counted {
    uint64_t offered, answered, abandoned, cleared, within, delayed, defaulted, failures, handled, longest_us;
    double waited_us; /* sum of the waits of all ended calls */
    struct simulated_histogram waits;
    struct simulation_part series[SERIES_PARTS];
};

/* An interaction's stay in virtual queues; its call may be gone before the stay ends. */
struct stay {
    uint64_t ixn, arrived_us; /* arrived_us: its call */
    uint32_t queues;          /* number of queues in which the interaction still waits */
    bool counted, submitted;
    uint32_t next_free;
};

struct simulated_vq {
    char name[SIMULATION_NAME + 1];
    struct counted counted;
};

/* The core's counts of a campaign, and the campaign's ceiling. */
struct campaigned {
    uint64_t dialled, answered, abandoned, permille;
};

/* Worst shares of abandoned calls; NAN: nobody has answered. `above`, `above_quarter`: the share was above the
 * campaign's ceiling at some time. */
struct campaigned_worst {
    struct campaigned begin, quarter; /* counts when counting began, and when this quarter of an hour began */
    double since_begin, of_quarter;
    bool above, above_quarter;
};

/* A record to be called again, with the number that its last update gave it. */
struct simulated_due {
    uint64_t record, revision, attempts, due_us;
    uint32_t campaign;
    bool handed; /* the core has it */
};

/* How late postponed records were dialled, in seconds. */
struct simulated_lateness {
    double *all;
    uint32_t count;
};

struct simulated_source {
    struct draws draws;
    size_t row;
    double at_us;   /* time of the flow's last arrival */
    uint64_t count; /* number of arrivals */
    char dn[SIMULATION_NAME + 1];
};

struct simulation {
    const struct simulation_plan *plan;
    const struct simulation_watch *watch; /* NULL: nobody */
    const struct image *image;
    uint64_t seed, now_us, number; /* number: of calls */
    struct core *core;
    struct writer writers[2], *writer; /* one writer collects events while the core reads the other */
    uint32_t events;                   /* in `writer` */
    bool twin;                         /* each batch is also applied to a second core (runtime/core/twin.h) */
    uint64_t batches, posted, dialled, seq, admin_seq, host_seq, first_conn;
    struct agenda agenda;
    struct simulated_call *calls;
    uint32_t call_count, free_call, living; /* living: counted calls that have not ended */
    struct lookup by_conn, by_ixn;
    uint32_t *unknown; /* slots of calls whose interactions are not yet known */
    uint32_t unknown_count;
    struct simulated_agent *agents;
    uint32_t agent_count;
    struct lookup by_name; /* finds agents by the hash of their names */
    struct team *teams;
    struct simulated_source *sources; /* one per flow: draws the arrivals */
    struct counted *counted;          /* all calls, then one per flow's strategy */
    struct counted *of_medium;        /* by medium */
    double busy_us[MEDIA_KINDS];      /* for all agents together: how long they had interactions of the medium */
    bool submits;                     /* some flow submits e-mails or chats */
    uint32_t *parked;                 /* slots of interactions parked in queues, oldest first */
    uint32_t parked_count, puller;    /* puller: the next agent to be asked */
    bool looks;                       /* a DEED_PULL is planned */
    uint32_t *strategy;               /* per flow: index in `counted` */
    uint32_t strategy_count;
    struct simulated_vq *vqs; /* indexed by the core's numbers of virtual queues */
    uint32_t vq_count;
    struct stay *stays;
    uint32_t stay_count, free_stay;
    struct lookup stay_of; /* by interaction */
    struct core_listener listener;
    uint64_t part_us; /* length of one part of the series */
    struct kv kv;     /* room */
    struct refusing refusing;
    struct writer late_writer;
    struct simulation_late *late;
    uint32_t late_count, free_late, recordings;
    uint64_t records;               /* how many records the lists have delivered */
    struct campaigned *paced;       /* per campaign, at each bound of the series' parts: SERIES_PARTS + 1 times */
    uint32_t bounds;                /* how many bounds of the series' parts were reached */
    struct campaigned_worst *worst; /* by campaign */
    struct simulated_due *due;      /* postponed records that have not been called again */
    uint32_t due_count;
    struct simulated_lateness *lateness; /* by campaign */
    uint64_t seconds;                    /* how many seconds of the counted time were examined for `worst` */
    bool failed;
    struct error *error;
};

/* simulation_state.c */
void simulation_fail(struct simulation *, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct writer *simulation_event(struct simulation *, unsigned kind, const struct simulated_call *, uint64_t ref);
struct writer *simulation_event_of(struct simulation *, unsigned source, unsigned kind);
void simulation_post(struct simulation *);
void simulation_post_frames(struct simulation *, struct span frames); /* posts events that were read (message_read()) */
void simulation_done(struct simulation *, const struct message *effect, enum code);
uint64_t simulation_agent_key(const void *simulation, uint32_t agent);  /* of `by_name` */
uint32_t simulation_agent(const struct simulation *, struct span name); /* NOBODY: there is none */
uint32_t agent_of_dn(const struct simulation *, struct span dn);        /* NOBODY: it is none's */
enum { QUEUE_DN = 12 };
void sim_queue_dn_of(uint32_t queue, char dn[QUEUE_DN]); /* the DN given to the image's queue of this number */
/* the image's queue with the given DN; NOBODY: no queue has it */
uint32_t sim_queue_of_dn(struct span dn);
uint32_t sim_flow_of_dn(const struct simulation *, struct span dn);
const struct simulation_flow *call_flow(const struct simulation *, const struct simulated_call *);
enum media call_medium(const struct simulation *, const struct simulated_call *);
void call_moves(struct simulated_call *, enum place);
uint64_t call_turn(const struct simulated_call *);
void sim_media_unpark(struct simulation *, uint32_t slot);
void sim_media_look(struct simulation *); /* an agent is free: plans that parked interactions are pulled */

/* simulation_core.c */
bool simulation_open(struct simulation *); /* starts the core with its directory, strategies, link and agents */
void simulation_close(struct simulation *);
void simulation_settle(struct simulation *); /* lets the core work until nothing is left to do at this moment */

/* simulation_campaign.c */
void campaigns_init(struct simulation *);
void campaigns_free(struct simulation *);
void campaigns_begin(struct simulation *); /* loads and starts the campaigns */
/* Carries out an effect for a calling list. False: the effect is not for a calling list. */
bool campaigns_effect(struct simulation *, const struct message *effect);
void campaign_due(struct simulation *, uint32_t campaign); /* DEED_DUE */
/* counts up to `next_us`; called before anything else happens at that time */
void campaigns_count(struct simulation *, uint64_t next_us);
void campaigns_result(const struct simulation *, uint32_t campaign, struct simulation_scope *); /* all is counted */

/* simulation_media.c */
void media_free(struct simulation *);
void media_arrives(struct simulation *, uint32_t slot);
void media_replied(struct simulation *, const struct message *reply);
bool media_effect(struct simulation *, const struct message *effect); /* false: the effect is about a call */
/* the core has given the interaction to another owner */
void media_owned(struct simulation *, uint32_t slot);
void media_left(struct simulation *, uint32_t slot); /* the customer leaves the chat */
void media_done(struct simulation *, uint32_t slot); /* the agent has finished the interaction */
void media_pull(struct simulation *);

/* simulation_calls.c */
/* how long a call talks, or an agent works on a submitted interaction */
uint64_t call_talk_us(const struct simulation *, const struct simulated_call *);
uint64_t call_rings_us(const struct simulation *,
                       struct simulated_call *); /* how long a call rings, drawn anew for each agent */
void call_gets_agent(struct simulation *, struct simulated_call *, uint32_t agent);
void call_loses_agent(struct simulation *, struct simulated_call *);
void calls_init(struct simulation *);
void simulation_calls_free(struct simulation *);
/* Is the planned action still valid for the call? */
bool call_is_due(const struct simulation *, const struct agenda_entry *);
/* returns the new call's slot; a submitted one is not sent yet */
uint32_t call_arrives(struct simulation *, uint32_t flow);
/* ends a call, by the caller's hang-up or by the core */
void call_is_over(struct simulation *, uint32_t slot, bool abandoned);
void simulation_call_answered(struct simulation *, uint32_t slot);
void call_released(struct simulation *, uint32_t slot);
void call_treated(struct simulation *, uint32_t slot);
void sim_desk_ready_after(struct simulation *, uint32_t agent, enum media, uint64_t after_us);
void sim_desk_ready(struct simulation *, const struct agenda_entry *);
void sim_desk_shift(struct simulation *, uint32_t agent); /* applies the agent's shift, and plans the next change */
void sim_desk_says(struct simulation *, uint32_t agent, enum media, enum agent_state, enum work_mode, uint64_t ref);
void call_goes(struct simulation *, uint32_t slot, const struct message *effect, enum route_how);
/* Kept places: the caller leaves, is dialled, answers or not; the dialling ends, or the whole call. */
void call_leaves(struct simulation *, uint32_t slot);
void call_dialled(struct simulation *, uint32_t slot, const struct message *effect);
/* Notes that the campaign's interaction may dial that record: makes a call for it, to be dialled then. */
void call_of_record(struct simulation *, struct span campaign, uint64_t record, uint64_t ixn);
void call_picks_up(struct simulation *, uint32_t slot);
void call_not_reached(struct simulation *, uint32_t slot, enum cause);
void call_ended(struct simulation *, uint32_t slot);
void call_pulled_back(struct simulation *, uint32_t slot, uint64_t ref);
void call_treat(struct simulation *, uint32_t slot, const struct message *effect);
void call_treatment_stops(struct simulation *, uint32_t slot);
/* The core has found no agent for the call: it waits. */
void call_waits(struct simulation *, uint32_t slot);

/* simulation_answers.c */
enum { TREATMENT_FIRST_US = 5000000 }; /* time after which a treatment without any input ends */
void answers_init(struct simulation *);
void answers_free(struct simulation *);
void answers_begin(struct simulation *, struct simulated_call *,
                   uint64_t who); /* chooses the test that caller `who` follows */
/* Returns the number or address that the caller calls or writes to: from the plan, the test that the caller follows,
 * or the routing point. */
const char *answers_called(const struct simulation *, const struct simulated_call *);
/* Returns the arrival in the test that the call, or the record's person, follows; NULL: none. */
const struct scenario_arrival *answers_of_call(const struct simulated_call *);
const struct scenario_arrival *answers_of_record(const struct simulation *, uint32_t flow, uint64_t record);
/* Returns the data that the arrival brings, valid until the next call; NULL: none. */
const struct kv *answers_data(struct simulation *, const struct scenario_arrival *);
/* Decides whether a dialled person answers, and sets the time until the result, which is noted in the call. */
bool answers_dialled(struct simulation *, struct simulated_call *, uint64_t ring_us, uint64_t *after_us);
struct treated answers_treatment(struct simulation *, struct simulated_call *, const struct message *effect);
/* writes the fields of EventTreatment, except the cause */
void answers_put_treated(struct simulation *, const struct treated *);
void answers_source(struct simulation *, const struct message *effect); /* Query, HttpRequest */
void answers_text(struct simulation *, const struct message *effect);   /* SendMessage, Classify */
void answers_due(struct simulation *, uint32_t late);
void answers_cancelled(struct simulation *, uint64_t ixn, uint64_t ref);

/* simulation_found.c */
void sim_count_offered(struct simulation *, const struct simulated_call *);
void sim_count_call_ends(struct simulation *, struct simulated_call *, bool answered, bool abandoned);
void sim_count_defaulted(struct simulation *, const struct simulated_call *);
void sim_count_failure(struct simulation *, const struct simulated_call *);
void sim_count_busy(struct simulation *, struct simulated_agent *, bool busy);
void sim_count_has(struct simulation *, struct simulated_agent *, enum media, uint32_t count);
void sim_count_ended(struct simulation *, const struct simulated_call *); /* counts a call that has ended */
/* counts the agent's time at work until now */
void sim_count_works(struct simulation *, struct simulated_agent *);
void stays_init(struct simulation *);
void stays_free(struct simulation *);
void stay_begins(struct simulation *, const struct simulated_call *); /* in a virtual queue */
void stay_ends(struct simulation *, const struct fact *); /* FACT_distributed, FACT_abandoned_queued, FACT_cleared */
void simulation_result_make(struct simulation *, struct simulation_result *);
