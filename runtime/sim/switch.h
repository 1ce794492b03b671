/* runtime/sim/switch.h - A telephone switch as a pure model: DNs, calls, treatment devices, agents on extensions.
 *
 *     service (of the T-Server), act (of a caller or a telephone), time --> switch --> code, and reports in order
 *
 * No socket and no clock: time is given, what happened is taken out as reports. Both players of a scenario use it: the
 * virtual one in memory, gcxsim behind the switch link; a simulation of days has a smaller one (simulation.h). Services
 * (from the T-Server) answer at once by a code, and the reports that they cause follow. Owns everything; texts in
 * reports are copies. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/dialled.h"
#include "runtime/vocabulary/vocabulary.h"

enum {
    SWITCH_DN = 64,
    SWITCH_ADDRESS = 256,
    SWITCH_DIGITS = KEYED_MAX,
    SWITCH_CALLS_MAX = 1000000,
    SWITCH_RESULT = 32000,
    SWITCH_WHISPER = 256
};
/* A call's identifier modulo this is a small number that no other living call has. */
enum { SWITCH_SLOTS = 1 << 20 };

enum switch_report_kind {
    SWITCH_ROUTE_REQUEST, /* the call stands at routing point `dn`; `visit` names it */
    SWITCH_ROUTE_USED,    /* the call has left the routing point: it went `to`, `how` */
    SWITCH_TREATMENT_STARTED,
    SWITCH_TREATMENT_ENDED, /* `digits`, `cause` */
    SWITCH_QUEUED,          /* at queue `dn` */
    SWITCH_DIVERTED,        /* from `dn` `to` elsewhere */
    SWITCH_DELIVERED,       /* alerts at `dn`; `queue`: that distributed it */
    SWITCH_ESTABLISHED,     /* `dn` has answered */
    SWITCH_PUT_ON_HOLD,     /* `dn` has put it on hold */
    SWITCH_RETRIEVED,       /* `dn` has it back from hold */
    SWITCH_CLEARED,         /* `dn` has lost the call, `cause` */
    SWITCH_CALL_CLEARED,    /* it is gone, `cause` */
    SWITCH_AGENT,           /* `agent` at `dn` is in `state` */
    SWITCH_ORIGINATED,      /* `dn` dials */
    SWITCH_TRANSFERRED,     /* its agent at `dn` has left it to the place of the consultation `other`, which is gone */
};

struct switch_report {
    enum switch_report_kind kind;
    uint64_t at_us, call, other;
    uint64_t invoke; /* the service that caused it, 0: none */
    uint32_t visit, treatment;
    enum route_how how;
    enum cause cause;
    enum agent_state state;
    enum work_mode work_mode;
    bool secret; /* of a treatment: its digits are */
    char dn[SWITCH_DN + 1], to[SWITCH_DN + 1], queue[SWITCH_DN + 1], agent[SWITCH_DN + 1];
    char digits[SWITCH_DIGITS + 1];
    uint64_t spoken_us;  /* of a treatment that recorded: so long the caller spoke */
    uint32_t recording;  /* the recording's number, from 1 */
    const char *whisper; /* borrowed: what who has it hears first, before the caller; NULL: nothing */
    bool whisper_prompt; /* it is a prompt's name */
};

struct json_t;
struct switch_treatment {
    enum treatment type;
    uint32_t number;           /* the T-Server's number of the treatment */
    const char *prompt, *text; /* borrowed, may be NULL */
    const char *keys;          /* of a menu, else NULL */
    unsigned min, max;         /* digits; max 0: KEYED_MAX */
    char end;                  /* the key that ends the digits; 0: none */
    uint64_t gap_us;           /* 0: the switch's own */
    uint64_t duration_us;
    struct json_t *choices;   /* what is read out, for which the keys stand; borrowed; NULL: nothing */
    struct json_t *values;    /* what is read out in a prompt's gaps; borrowed; NULL: nothing */
    bool secret;              /* what is keyed is for nobody's eyes */
    const char *name;         /* of an application, or where a recording lies, else NULL */
    struct json_t *arguments; /* its own, borrowed; NULL: none */
};

/* The device's part in a treatment. */
enum switch_device { SWITCH_PLAYS, SWITCH_REFUSES, SWITCH_HANGS };

/* A number outside, to be dialled from `origin`: a routing point, or a telephone. */
struct switch_dial {
    const char *origin, *number, *caller_id, *correlator;
    uint64_t ring_us; /* how long it may ring; 0: any time */
    bool detects;     /* the switch tells people from machines, and a machine is no answer */
};

struct switch_options {
    uint64_t last_default_us; /* how long a call may wait while no T-Server is there; 0: for ever */
    const char *last_default; /* the DN that such a call goes to */
    void *self;
    /* Asked before a treatment begins; NULL: all are played. */
    enum switch_device (*device)(void *self, uint64_t call, const struct switch_treatment *, uint64_t now_us);
    /* How dialling a number ends, and after how long; cause_ok: it is answered; `detects`: by a person. NULL: it is
     * answered at once. */
    enum cause (*dialled)(void *self, uint64_t call, const struct switch_dial *, uint64_t now_us, uint64_t *after_us);
};

/* SWITCH_LEFT: the agent at `dn` has released it, and the caller is still there for a few seconds. */
enum switch_place {
    SWITCH_AT_ROUTING_POINT,
    SWITCH_AT_QUEUE,
    SWITCH_ALERTING,
    SWITCH_TALKING,
    SWITCH_HELD,
    SWITCH_LEFT,
    SWITCH_DIALS,
};

enum switch_recording { SWITCH_NOT_RECORDED, SWITCH_RECORDED, SWITCH_PAUSED };

/* A call as it is; read only. */
struct switch_call {
    uint64_t id, main; /* main: of a consultation, the call about which it is */
    char ani[SWITCH_ADDRESS + 1], dnis[SWITCH_DN + 1], correlator[SWITCH_DN + 1];
    enum switch_place place;
    const char *dn;            /* the DN at which the call is */
    const char *routing_point; /* where it last asked for a route; NULL: nowhere */
    uint32_t visit;            /* how often it has asked for a route */
    uint32_t treatment;        /* number of the one that runs, 0: none */
    enum switch_recording recording;
    bool outbound;      /* dialled from here: `dnis` is the number */
    const char *result; /* what the application found out that ended last, JSON; NULL: nothing, or another treatment */
    const struct switch_report *ended; /* the treatment that ended last in this stay at a routing point; NULL: none */
};

struct switch_device_row {
    const char *dn, *agent; /* agent: "" where nobody is logged in */
    enum dn_type type;
    enum agent_state state;
    enum work_mode work_mode;
};

struct sim_switch;

struct sim_switch *switch_new(const struct switch_options *);
void switch_free(struct sim_switch *);

/* The plant. A DN that is there already keeps its state. */
void switch_add_dn(struct sim_switch *, const char *dn, enum dn_type);
void switch_set_lines(struct sim_switch *, const char *dn, uint32_t lines); /* so many calls at once; 1 at first */
void switch_set_reachable(struct sim_switch *, const char *dn, bool);       /* unreachable: an invalid destination */
void switch_served(struct sim_switch *, bool, uint64_t now_us); /* is a T-Server there? From the start: yes */

/* Callers. An arrival at a DN that is not there, or is one too many, is refused: 0. */
uint64_t switch_arrive(struct sim_switch *, const char *ani, const char *dnis, uint64_t now_us);
void switch_key(struct sim_switch *, uint64_t call, const char *digits, uint64_t now_us);
/* The caller keys what the treatment does not take, whatever that is. */
void switch_key_wrong(struct sim_switch *, uint64_t call, uint32_t treatment, uint64_t now_us);
/* The caller speaks so long, from the prompt's end; a treatment that records keeps it. */
void switch_speak(struct sim_switch *, uint64_t call, uint32_t treatment, uint64_t spoken_us, uint64_t now_us);
/* An application is done: `result` is what it found out, JSON of an object; NULL: it broke off. */
void switch_application(struct sim_switch *, uint64_t call, uint32_t treatment, const char *result, uint64_t now_us);
void switch_hang_up(struct sim_switch *, uint64_t call, uint64_t now_us);
/* A consultation about that call, which is held meanwhile; 0 likewise. A call that nobody routes, talked already. */
uint64_t switch_consult(struct sim_switch *, uint64_t main, const char *ani, const char *dnis, uint64_t now_us);
uint64_t switch_talk(struct sim_switch *, const char *ani, uint64_t now_us);
/* The main call goes to the place of its consultation, and the agent who asked leaves both. */
enum code switch_transfer(struct sim_switch *, uint64_t consult, uint64_t now_us);
/* Somebody who is no agent takes a call out of the queue in which it is. */
void switch_distribute(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);

/* Services; code_ok, or why not. */
enum code switch_associate(struct sim_switch *, uint64_t call, const char *correlator);
enum code switch_route(struct sim_switch *, uint64_t call, const char *to, uint64_t invoke, uint64_t now_us);
/* After the call is routed, whoever answers it hears this text first; "": nothing. */
void switch_whisper(struct sim_switch *, uint64_t call, const char *text, bool prompt);
/* When it is routed: the agent who releases it leaves the caller there, to be deflected. */
void switch_stays(struct sim_switch *, uint64_t call);
bool switch_will_stay(const struct sim_switch *, uint64_t call);
enum code switch_route_default(struct sim_switch *, uint64_t call, const char *to, uint64_t invoke, uint64_t now_us);
enum code switch_treat(struct sim_switch *, uint64_t call, const struct switch_treatment *, uint64_t now_us);
enum code switch_stop_treatment(struct sim_switch *, uint64_t call, uint32_t number, uint64_t now_us);
enum code switch_record(struct sim_switch *, uint64_t call, enum call_op); /* asked for again: as before */
enum code switch_deflect(struct sim_switch *, uint64_t call, const char *from, const char *to, uint64_t invoke,
                         uint64_t now_us);
enum code switch_answer(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);
enum code switch_hold(struct sim_switch *, uint64_t call, const char *dn, bool hold, uint64_t now_us);
/* The device hands its call on to another and leaves, without a consultation. */
enum code switch_hand_on(struct sim_switch *, uint64_t call, const char *dn, const char *to, uint64_t now_us);
/* Likewise in two steps: its call is held and it asks at `to`; then it leaves the call there, or takes it back, and the
 * consultation ends. */
enum code switch_asks_first(struct sim_switch *, uint64_t call, const char *dn, const char *to, uint64_t now_us);
enum code switch_leaves_there(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);
enum code switch_takes_back(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);
enum code switch_release(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us); /* that device leaves */
/* Dials from a routing point, where the call stands once it is answered. */
enum code switch_dial(struct sim_switch *, const struct switch_dial *, uint64_t now_us, uint64_t *call);
enum code switch_clear(struct sim_switch *, uint64_t call, enum cause, uint64_t now_us);
enum code switch_set_agent(struct sim_switch *, const char *dn, const char *agent, enum agent_state, enum work_mode,
                           uint64_t invoke, uint64_t now_us);

/* Time: treatments end, calls that nobody serves go to the last default. UINT64_MAX: nothing is to come. */
uint64_t switch_next(const struct sim_switch *);
void switch_advance(struct sim_switch *, uint64_t now_us);

/* Takes the oldest report; false where there is none. */
bool switch_report(struct sim_switch *, struct switch_report *);

/* As it is. A cursor starts at 0; false, NULL past the last. */
const struct switch_call *switch_call(const struct sim_switch *, uint64_t call);
const struct switch_call *switch_next_call(const struct sim_switch *, uint32_t *cursor);
bool switch_next_device(const struct sim_switch *, uint32_t *cursor, struct switch_device_row *);
