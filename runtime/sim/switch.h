/* runtime/sim/switch.h - A telephone switch as a model: DNs, calls, treatment devices, agents at extensions.
 *
 *     service (of the T-Server), act (of a caller or a telephone), time --> switch --> code, and reports in order
 *
 * The switch has no socket and no clock: the time is passed to it, and what happened is read as reports. Both players
 * of a scenario use this switch: the virtual one in memory, gcxsim with the switch link; a simulation of days has a
 * smaller switch (simulation.h). Services (from the T-Server) are answered at once with a code, and the reports that
 * they cause follow. The switch owns everything; texts in reports are copies. */
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
    SWITCH_ALONG = 7, /* where a call may ring besides one DN */
    SWITCH_WHISPER = 256
};
/* A call's identifier modulo this is a small number that no other existing call has. */
enum { SWITCH_SLOTS = 1 << 20 };

enum switch_report_kind {
    SWITCH_ROUTE_REQUEST, /* the call requests a route at routing point `dn`; `visit` is the number of the visit */
    SWITCH_ROUTE_USED,    /* the call has left the routing point: it went `to`, `how` */
    SWITCH_TREATMENT_STARTED,
    SWITCH_TREATMENT_ENDED, /* `digits`, `cause` */
    SWITCH_QUEUED,          /* at queue `dn` */
    SWITCH_DIVERTED,        /* from `dn` `to` elsewhere */
    SWITCH_DELIVERED,       /* the call rings at `dn`; `queue`: the queue it came from */
    SWITCH_ESTABLISHED,     /* `dn` has answered */
    SWITCH_PUT_ON_HOLD,     /* `dn` has put the call on hold */
    SWITCH_RETRIEVED,       /* `dn` has retrieved the call from hold */
    SWITCH_CLEARED,         /* the call has left `dn`, with `cause` */
    SWITCH_CALL_CLEARED,    /* it is gone, `cause` */
    SWITCH_AGENT,           /* `agent` at `dn` is now in `state` */
    SWITCH_ORIGINATED,      /* `dn` dials */
    SWITCH_TRANSFERRED,     /* the agent at `dn` has left the call to the party of the consultation `other`, now gone */
};

struct switch_report {
    enum switch_report_kind kind;
    uint64_t at_us, call, other;
    uint64_t invoke; /* the service that caused the report, 0: none */
    uint32_t visit, treatment;
    enum route_how how;
    enum cause cause;
    enum agent_state state;
    enum work_mode work_mode;
    bool secret;   /* of a treatment: the digits are secret */
    bool together; /* of a route: several telephones ring */
    char dn[SWITCH_DN + 1], to[SWITCH_DN + 1], queue[SWITCH_DN + 1], agent[SWITCH_DN + 1];
    char digits[SWITCH_DIGITS + 1];
    uint64_t spoken_us;  /* of a treatment that recorded: how long the caller spoke */
    uint32_t recording;  /* the recording's number, from 1 */
    const char *whisper; /* borrowed text that the answering party hears before the caller; NULL: none */
    bool whisper_prompt; /* `whisper` is a prompt's name */
};

struct json_t;
struct switch_treatment {
    enum treatment type;
    uint32_t number;           /* the T-Server's number for the treatment */
    const char *prompt, *text; /* borrowed, may be NULL */
    const char *keys;          /* keys of a menu, else NULL */
    unsigned min, max;         /* digits; max 0: KEYED_MAX */
    char end;                  /* the key that ends the input; 0: none */
    char abort, clear;         /* the keys that end the step without a number, and that take all digits back; 0: none */
    uint64_t gap_us, first_us; /* first: the time for the first key. 0: the switch's own */
    uint64_t duration_us;
    struct json_t *choices;   /* the choices read out, to which the keys belong; borrowed; NULL: none */
    struct json_t *values;    /* values spoken in the gaps of a prompt; borrowed; NULL: none */
    bool secret;              /* the keys pressed are secret */
    const char *name;         /* name of an application, or place of a recording, else NULL */
    struct json_t *arguments; /* the application's arguments, borrowed; NULL: none */
};

/* What the device does with a treatment: it plays it, refuses it, or never ends it. */
enum switch_device { SWITCH_PLAYS, SWITCH_REFUSES, SWITCH_HANGS };

/* A dial to an outside number from `origin`: a routing point, or a telephone. */
struct switch_dial {
    const char *origin, *number, *caller_id, *correlator;
    uint64_t ring_us; /* how long the dialled number may ring; 0: no limit */
    bool detects;     /* the switch detects machines, which then do not count as an answer */
};

struct switch_options {
    uint64_t last_default_us; /* how long a call may wait without a T-Server; 0: no limit */
    const char *last_default; /* the DN to which a call is routed that has waited so long without a T-Server */
    void *self;
    /* Called before a treatment begins; NULL: all treatments are played. */
    enum switch_device (*device)(void *self, uint64_t call, const struct switch_treatment *, uint64_t now_us);
    /* Returns how dialling a number ends, and after how long; cause_ok: it is answered, with `detects` by a person.
     * NULL: every number answers at once. */
    enum cause (*dialled)(void *self, uint64_t call, const struct switch_dial *, uint64_t now_us, uint64_t *after_us);
};

/* SWITCH_LEFT: the agent at `dn` has released the call, and the caller stays for a few seconds. */
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

/* A call's present state; read only. */
struct switch_call {
    uint64_t id, main; /* main: for a consultation, the call that it is about */
    char ani[SWITCH_ADDRESS + 1], dnis[SWITCH_DN + 1], correlator[SWITCH_DN + 1];
    char origin[SWITCH_DN + 1]; /* the extension that has made the call; "": it comes from outside */
    enum switch_place place;
    const char *dn;            /* the DN where the call is now */
    const char *routing_point; /* where the call last requested a route; NULL: nowhere */
    uint32_t visit;            /* how many times the call has requested a route */
    uint32_t treatment;        /* number of the running treatment, 0: none */
    enum switch_recording recording;
    bool outbound;                     /* dialled by the switch: `dnis` is the number */
    const char *result;                /* JSON result of the last treatment, if that was an application; else NULL */
    const struct switch_report *ended; /* the last ended treatment of this visit to a routing point; NULL: none */
};

struct switch_device_row {
    const char *dn, *agent; /* agent: "" if nobody is logged in */
    enum dn_type type;
    enum agent_state state;
    enum work_mode work_mode;
};

struct sim_switch;

struct sim_switch *switch_new(const struct switch_options *);
void switch_free(struct sim_switch *);

/* Adds a DN; a DN that is there already keeps its state. */
void switch_add_dn(struct sim_switch *, const char *dn, enum dn_type);
/* sets how many calls the DN may have at once; 1 by default */
void switch_set_lines(struct sim_switch *, const char *dn, uint32_t lines);
void switch_set_reachable(struct sim_switch *, const char *dn, bool); /* unreachable: an invalid destination */
void switch_served(struct sim_switch *, bool, uint64_t now_us);       /* is a T-Server there? From the start: yes */

/* Callers. Lets a call arrive and returns it; 0: the DN does not exist, or there are too many calls. */
uint64_t switch_arrive(struct sim_switch *, const char *ani, const char *dnis, uint64_t now_us);
/* Lets an extension of the switch make a call, and returns it; 0: the extension or the DN does not exist, or there are
 * too many calls. */
uint64_t switch_arrive_from(struct sim_switch *, const char *extension, const char *dnis, uint64_t now_us);
void switch_key(struct sim_switch *, uint64_t call, const char *digits, uint64_t now_us);
/* The caller presses a key that the treatment does not accept. */
void switch_key_wrong(struct sim_switch *, uint64_t call, uint32_t treatment, uint64_t now_us);
/* The caller speaks for so long after the prompt; a treatment that records keeps it. */
void switch_speak(struct sim_switch *, uint64_t call, uint32_t treatment, uint64_t spoken_us, uint64_t now_us);
/* An application has ended: `result` is a JSON object; NULL: it was interrupted. */
void switch_application(struct sim_switch *, uint64_t call, uint32_t treatment, const char *result, uint64_t now_us);
void switch_hang_up(struct sim_switch *, uint64_t call, uint64_t now_us);
/* Begins a consultation about that call, which is held meanwhile; returns 0 as switch_arrive() does. Makes a call
 * that is already talking, without a route. */
uint64_t switch_consult(struct sim_switch *, uint64_t main, const char *ani, const char *dnis, uint64_t now_us);
uint64_t switch_talk(struct sim_switch *, const char *ani, uint64_t now_us);
/* Transfers the main call to the party of its consultation; the agent who asked leaves both calls. */
enum code switch_transfer(struct sim_switch *, uint64_t consult, uint64_t now_us);
/* Somebody who is not an agent takes a call from the queue in which it is. */
void switch_distribute(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);

/* The following are services; each returns code_ok, or the reason of a refusal. */
enum code switch_associate(struct sim_switch *, uint64_t call, const char *correlator);
enum code switch_route(struct sim_switch *, uint64_t call, const char *to, uint64_t invoke, uint64_t now_us);
/* Routes the call to several telephones that ring together: the first to answer has the call. */
enum code switch_route_several(struct sim_switch *, uint64_t call, const char *to, const char *const *also,
                               uint32_t count, uint64_t invoke, uint64_t now_us);
/* Sets the text that the answering party hears first, for a call already routed; "": none. */
void switch_whisper(struct sim_switch *, uint64_t call, const char *text, bool prompt);
/* Notes that the caller stays when the agent releases the call, to be deflected then; called when it is routed. */
void switch_stays(struct sim_switch *, uint64_t call);
bool switch_will_stay(const struct sim_switch *, uint64_t call);
enum code switch_route_default(struct sim_switch *, uint64_t call, const char *to, uint64_t invoke, uint64_t now_us);
enum code switch_treat(struct sim_switch *, uint64_t call, const struct switch_treatment *, uint64_t now_us);
enum code switch_stop_treatment(struct sim_switch *, uint64_t call, uint32_t number, uint64_t now_us);
/* begins or ends a recording; a repeated request changes nothing */
enum code switch_record(struct sim_switch *, uint64_t call, enum call_op);
enum code switch_deflect(struct sim_switch *, uint64_t call, const char *from, const char *to, uint64_t invoke,
                         uint64_t now_us);
enum code switch_answer(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);
enum code switch_hold(struct sim_switch *, uint64_t call, const char *dn, bool hold, uint64_t now_us);
/* The device transfers its call to another one and leaves, without a consultation. */
enum code switch_hand_on(struct sim_switch *, uint64_t call, const char *dn, const char *to, uint64_t now_us);
/* A transfer in two steps: the call is held and the device consults `to`; then it leaves the call there, or takes it
 * back, and the consultation ends. Meanwhile the two calls may be swapped: the device talks in the one, and holds the
 * other. */
enum code switch_asks_first(struct sim_switch *, uint64_t call, const char *dn, const char *to, uint64_t now_us);
enum code switch_leaves_there(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);
enum code switch_swaps(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);
enum code switch_takes_back(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us);
enum code switch_release(struct sim_switch *, uint64_t call, const char *dn, uint64_t now_us); /* that device leaves */
/* Dials from a routing point, where the call is once it is answered. */
enum code switch_dial(struct sim_switch *, const struct switch_dial *, uint64_t now_us, uint64_t *call);
enum code switch_clear(struct sim_switch *, uint64_t call, enum cause, uint64_t now_us);
enum code switch_set_agent(struct sim_switch *, const char *dn, const char *agent, enum agent_state, enum work_mode,
                           uint64_t invoke, uint64_t now_us);

/* As time passes treatments end, and calls that nobody serves go to the last default. UINT64_MAX: nothing is due. */
uint64_t switch_next(const struct sim_switch *);
void switch_advance(struct sim_switch *, uint64_t now_us);

/* Takes the oldest report; false: there is none. */
bool switch_report(struct sim_switch *, struct switch_report *);

/* The present state of the switch. A cursor begins at 0; after the last call or device, false or NULL. */
const char *switch_agent_at(const struct sim_switch *, const char *dn); /* who is logged in there; "": nobody */
const struct switch_call *switch_call(const struct sim_switch *, uint64_t call);
const struct switch_call *switch_next_call(const struct sim_switch *, uint32_t *cursor);
bool switch_next_device(const struct sim_switch *, uint32_t *cursor, struct switch_device_row *);
