/* runtime/sim/simulation_state.h - Shared by the files of a simulation. Calls run down these floors only:
 *
 *     simulation.c                                    the clock
 *     simulation_core.c  simulation_result.c          batches, effects, what the site lacks; what was found
 *     simulation_media.c  simulation_campaign.c       e-mails and chats; lists
 *     simulation_calls.c                              callers and agents
 *     simulation_answers.c                            what callers and sources answer
 *     simulation_found.c                              what is measured
 *     simulation_state.c                              events; who is who
 *
 * A slot of `calls` is a call while its `number` is not 0; slots are used again, numbers never. Deeds name the
 * call's turn (call_turn), which changes whenever the call moves, and lookups find slots by ConnID and interaction.
 * Times are microseconds since the beginning, in integers wherever the core sees them; rates and draws are doubles. */
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

/* The purposes of draws: each flow has a stream per purpose. */
enum purpose {
    PURPOSE_ARRIVAL,
    PURPOSE_HANDLING,
    PURPOSE_PATIENCE,
    PURPOSE_WRAP_UP,
    PURPOSE_RINGING,
    PURPOSE_PART,
    PURPOSES
};

/* Things to come; `who` is a flow, call or agent. `what` is the number of the call or of the agent's turn: when it is
 * no longer theirs, nothing happens. */
enum deed {
    DEED_ARRIVE,
    DEED_HANG_UP,
    DEED_ANSWER,
    DEED_RELEASE,
    DEED_READY,
    DEED_SHIFT,    /* the agent's shift or break begins or ends */
    DEED_ACCEPT,   /* the agent accepts the claim of that number */
    DEED_PICK_UP,  /* a caller who is called back answers */
    DEED_RING_OUT, /* or does not */
    DEED_TREATED,  /* the call's treatment of that ref is over */
    DEED_ANSWERED, /* a data source gives the late answer of that number */
    DEED_PULL,     /* agents who are free look for what is parked */
    DEED_DUE       /* the list of that campaign counts what is due, and tells it */
};

/* AWAY: the caller has hung up and kept the place; DIALLED: and it rings there. */
enum place { AT_POINT, RINGING, TALKING, ELSEWHERE, AWAY, DIALLED };

/* How a treatment ends. */
struct treated {
    bool refused, hangs;
    bool secret; /* what is keyed is for nobody's eyes */
    enum cause cause;
    uint64_t after_us;
    const struct scenario_outcome *outcome; /* what is keyed, spoken or found out; NULL: nothing */
};

/* An answer of a data source that is still to come. */
struct simulation_late {
    uint64_t ixn, ref; /* ixn 0: it is no longer wanted */
    uint8_t *frame;    /* owned; NULL: the slot is free */
    uint32_t length, next_free;
};

struct simulated_call {
    uint64_t number; /* from 1, of all calls; 0: the slot is free */
    uint64_t index;  /* among the callers of its flow */
    uint64_t offers; /* how often it was offered to agents */
    uint64_t conn, ixn, arrived_us;
    uint32_t flow, agent; /* agent: NOBODY */
    uint32_t treatment;   /* its ref; 0: none plays */
    uint32_t dial;        /* DIALLED: ref of the effect that dials it */
    uint8_t place;
    bool counted, impatient, told; /* impatient: its patience runs; told: its end is counted */
    bool kept;                     /* it has kept the place: its patience is over */
    bool record;                   /* a campaign calls this person */
    bool submitted;                /* it is an e-mail or chat, `conn` 0 or its session's */
    bool closed;                   /* its session is closed */
    bool served;                   /* an agent has answered */
    uint8_t fate;                  /* of DIALLED: the cause with which it is over, where nobody answers */
    struct treated treated;
    const struct scenario_test *test; /* whose caller's part it plays; NULL: none */
    uint32_t *used;                   /* by item of the test, then of its arrival: outcomes that were used */
    uint8_t turns;                    /* how often it was somewhere: what was to happen before is void */
    uint32_t next_free;
};

enum presence { AT_HOME, ON_BREAK, AT_WORK };

struct simulated_agent {
    char name[SIMULATION_NAME + 1], dn[12];
    uint32_t team, like; /* like: index into the plan's agents */
    uint32_t calls;      /* interactions of all media that the agent has */
    uint64_t busy_since_us, works_since_us;
    uint64_t turn[MEDIA_KINDS]; /* by medium: when one is over, what was to happen in it is void */
    uint32_t has[MEDIA_KINDS];  /* of `calls`, by medium */
    uint64_t has_since_us[MEDIA_KINDS];
    struct media_set wraps, own; /* media in after-call work; with a state of their own */
    bool busy;
    uint8_t is, wants; /* enum presence; who is busy becomes what is wanted later */
};

struct team {
    double busy_us, works_us;
};

/* The counts of all calls, of a strategy, or of a virtual queue. */
struct counted {
    uint64_t offered, answered, abandoned, cleared, within, delayed, defaulted, failures, handled, longest_us;
    double waited_us; /* sum of the waits of all who have gone */
    struct simulated_histogram waits;
    struct simulation_part series[SERIES_PARTS];
};

/* The stay of an interaction in a virtual queue; its call may have gone before it ends. */
struct stay {
    uint64_t ixn, arrived_us; /* arrived_us: its call */
    uint32_t queues;          /* number of queues in which it waits */
    bool counted, submitted;
    uint32_t next_free;
};

struct simulated_vq {
    char name[SIMULATION_NAME + 1];
    struct counted counted;
};

/* The core's counts of a campaign, and its ceiling. */
struct campaigned {
    uint64_t dialled, answered, abandoned, permille;
};

/* Shares of the abandoned; NAN: nobody has answered. And whether they were above the ceiling, ever. */
struct campaigned_worst {
    struct campaigned begin, quarter; /* as it was when the count began, and this quarter of an hour */
    double since_begin, of_quarter;
    bool above, above_quarter;
};

/* A record that is to be called again, with the number that its last update has made of it. */
struct simulated_due {
    uint64_t record, revision, attempts, due_us;
    uint32_t campaign;
    bool handed; /* the core has it */
};

/* How late records that were due were dialled, in seconds. */
struct simulated_lateness {
    double *all;
    uint32_t count;
};

struct simulated_source {
    struct draws draws;
    size_t row;
    double at_us;   /* moment of the last arrival */
    uint64_t count; /* number of arrivals */
    char dn[SIMULATION_NAME + 1];
};

struct simulation {
    const struct simulation_plan *plan;
    const struct simulation_watch *watch; /* NULL: nobody */
    const struct image *image;
    uint64_t seed, now_us, number; /* number: of calls */
    struct core *core;
    struct writer writers[2], *writer; /* one collects events while the core reads the other */
    uint32_t events;                   /* in `writer` */
    bool twin;                         /* each batch is applied twice (runtime/core/twin.h) */
    uint64_t batches, posted, dialled, seq, admin_seq, host_seq, first_conn;
    struct agenda agenda;
    struct simulated_call *calls;
    uint32_t call_count, free_call, living; /* living: calls that are counted and still there */
    struct lookup by_conn, by_ixn;
    uint32_t *unknown; /* slots of calls whose interactions are not known yet */
    uint32_t unknown_count;
    struct simulated_agent *agents;
    uint32_t agent_count;
    struct lookup by_name; /* agents, by the hash of their names */
    struct team *teams;
    struct simulated_source *sources; /* one per flow: where its callers come from */
    struct counted *counted;          /* all, then one per flow's strategy */
    struct counted *of_medium;        /* by medium */
    double busy_us[MEDIA_KINDS];      /* of all agents: how long they had something of the medium */
    bool submits;                     /* a flow submits e-mails or chats */
    uint32_t *parked;                 /* slots of what waits in queues for somebody who pulls it, the oldest first */
    uint32_t parked_count, puller;    /* puller: the agent who is asked next */
    bool looks;                       /* a DEED_PULL is on the agenda */
    uint32_t *strategy;               /* by flow: index into `counted` */
    uint32_t strategy_count;
    struct simulated_vq *vqs; /* by the core's number of each */
    uint32_t vq_count;
    struct stay *stays;
    uint32_t stay_count, free_stay;
    struct lookup stay_of; /* by interaction */
    struct core_listener listener;
    uint64_t part_us; /* length of a part of the series */
    struct kv kv;     /* room */
    struct refusing refusing;
    struct writer late_writer;
    struct simulation_late *late;
    uint32_t late_count, free_late, recordings;
    uint64_t records;               /* number of records that lists have handed over */
    struct campaigned *paced;       /* by campaign, at each bound of the series' parts: SERIES_PARTS + 1 times */
    uint32_t bounds;                /* number of bounds of the series' parts that were reached */
    struct campaigned_worst *worst; /* by campaign */
    struct simulated_due *due;      /* records that are to be called again, and have not been */
    uint32_t due_count;
    struct simulated_lateness *lateness; /* by campaign */
    uint64_t seconds;                    /* so many seconds of the time that is counted were looked at for `worst` */
    bool failed;
    struct error *error;
};

/* simulation_state.c */
void simulation_fail(struct simulation *, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct writer *simulation_event(struct simulation *, unsigned kind, const struct simulated_call *, uint64_t ref);
struct writer *simulation_event_of(struct simulation *, unsigned source, unsigned kind);
void simulation_post(struct simulation *);
void simulation_done(struct simulation *, const struct message *effect, enum code);
uint64_t simulation_agent_key(const void *simulation, uint32_t agent);  /* of `by_name` */
uint32_t simulation_agent(const struct simulation *, struct span name); /* NOBODY: there is none */
uint32_t agent_of_dn(const struct simulation *, struct span dn);        /* NOBODY: it is none's */
enum { QUEUE_DN = 12 };
void sim_queue_dn_of(uint32_t queue, char dn[QUEUE_DN]); /* where that queue of the image stands */
uint32_t sim_queue_of_dn(struct span dn);                /* NOBODY: no queue of the image stands so */
uint32_t sim_flow_of_dn(const struct simulation *, struct span dn);
const struct simulation_flow *call_flow(const struct simulation *, const struct simulated_call *);
enum media call_medium(const struct simulation *, const struct simulated_call *);
void call_moves(struct simulated_call *, enum place);
uint64_t call_turn(const struct simulated_call *);
void sim_media_unpark(struct simulation *, uint32_t slot);
void sim_media_look(struct simulation *); /* somebody is free: what is parked is pulled soon */

/* simulation_core.c */
bool simulation_open(struct simulation *); /* the core with its directory, strategies, link and agents */
void simulation_close(struct simulation *);
void simulation_settle(struct simulation *); /* until nothing is left to do at this moment */

/* simulation_campaign.c */
void campaigns_init(struct simulation *);
void campaigns_free(struct simulation *);
void campaigns_begin(struct simulation *); /* they are loaded and started */
/* Performs an effect for a calling list. False: it is for none. */
bool campaigns_effect(struct simulation *, const struct message *effect);
void campaign_due(struct simulation *, uint32_t campaign);   /* DEED_DUE */
void campaigns_count(struct simulation *, uint64_t next_us); /* before anything of that moment happens */
void campaigns_result(const struct simulation *, uint32_t campaign, struct simulation_scope *); /* all is counted */

/* simulation_media.c */
void media_free(struct simulation *);
void media_arrives(struct simulation *, uint32_t slot);
void media_replied(struct simulation *, const struct message *reply);
bool media_effect(struct simulation *, const struct message *effect); /* false: it is about a call */
void media_owned(struct simulation *, uint32_t slot);                 /* the core has given it to another owner */
void media_left(struct simulation *, uint32_t slot);                  /* the customer leaves the chat */
void media_done(struct simulation *, uint32_t slot);                  /* the agent is done with it */
void media_pull(struct simulation *);

/* simulation_calls.c */
uint64_t call_talk_us(const struct simulation *, const struct simulated_call *); /* or how long an agent works on it */
uint64_t call_rings_us(const struct simulation *,
                       struct simulated_call *); /* another time for each agent who is asked */
void call_gets_agent(struct simulation *, struct simulated_call *, uint32_t agent);
void call_loses_agent(struct simulation *, struct simulated_call *);
void calls_init(struct simulation *);
void simulation_calls_free(struct simulation *);
/* Is what the entry says still to happen to the call? */
bool call_is_due(const struct simulation *, const struct agenda_entry *);
uint32_t call_arrives(struct simulation *, uint32_t flow); /* its slot; a submitted one is not brought yet */
void call_is_over(struct simulation *, uint32_t slot, bool abandoned); /* the caller hangs up, or the core clears it */
void simulation_call_answered(struct simulation *, uint32_t slot);
void call_released(struct simulation *, uint32_t slot);
void call_treated(struct simulation *, uint32_t slot);
void sim_desk_ready_after(struct simulation *, uint32_t agent, enum media, uint64_t after_us);
void sim_desk_ready(struct simulation *, const struct agenda_entry *);
void sim_desk_shift(struct simulation *, uint32_t agent); /* as the shift says now, and again when it changes */
void sim_desk_says(struct simulation *, uint32_t agent, enum media, enum agent_state, enum work_mode, uint64_t ref);
void call_goes(struct simulation *, uint32_t slot, const struct message *effect, enum route_how);
/* Places that are kept: the caller leaves, is dialled, answers or does not; the dialling or all of it is over. */
void call_leaves(struct simulation *, uint32_t slot);
void call_dialled(struct simulation *, uint32_t slot, const struct message *effect);
/* The campaign's interaction may dial that record: its call, which is dialled then. */
void call_of_record(struct simulation *, struct span campaign, uint64_t record, uint64_t ixn);
void call_picks_up(struct simulation *, uint32_t slot);
void call_not_reached(struct simulation *, uint32_t slot, enum cause);
void call_ended(struct simulation *, uint32_t slot);
void call_pulled_back(struct simulation *, uint32_t slot, uint64_t ref);
void call_treat(struct simulation *, uint32_t slot, const struct message *effect);
void call_treatment_stops(struct simulation *, uint32_t slot);
/* The core has looked for an agent for the call, and found nobody: it waits. */
void call_waits(struct simulation *, uint32_t slot);

/* simulation_answers.c */
enum { TREATMENT_FIRST_US = 5000000 }; /* so long nobody keys or speaks, and it ends */
void answers_init(struct simulation *);
void answers_free(struct simulation *);
void answers_begin(struct simulation *, struct simulated_call *,
                   uint64_t who); /* the caller gets the part that `who` draws */
/* The number or address that it calls or writes to: that of the plan, of the test whose part it plays, or its point's.
 */
const char *answers_called(const struct simulation *, const struct simulated_call *);
/* The arrival of the test whose part the call plays, or the record's person will; NULL: none. */
const struct scenario_arrival *answers_of_call(const struct simulated_call *);
const struct scenario_arrival *answers_of_record(const struct simulation *, uint32_t flow, uint64_t record);
/* What the arrival brings along, until the next call; NULL: nothing. */
const struct kv *answers_data(struct simulation *, const struct scenario_arrival *);
/* For a call that is to answer after so long: the moment of its result, which is noted in it; and whether they
 * answer. */
bool answers_dialled(struct simulation *, struct simulated_call *, uint64_t ring_us, uint64_t *after_us);
struct treated answers_treatment(struct simulation *, struct simulated_call *, const struct message *effect);
void answers_put_treated(struct simulation *, const struct treated *);  /* fields of EventTreatment, cause excepted */
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
void sim_count_ended(struct simulation *, const struct simulated_call *); /* it is no longer there */
void sim_count_works(struct simulation *, struct simulated_agent *);      /* the time at work until now */
void stays_init(struct simulation *);
void stays_free(struct simulation *);
void stay_begins(struct simulation *, const struct simulated_call *); /* in a virtual queue */
void stay_ends(struct simulation *, const struct fact *); /* FACT_distributed, FACT_abandoned_queued, FACT_cleared */
void simulation_result_make(struct simulation *, struct simulation_result *);
