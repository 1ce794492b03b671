/* runtime/sim/world.h - The people of a test: callers and agents around a switch, driven by an agenda.
 *
 * What the people do depends only on the test and the switch's reports. Callers act directly on the switch; agents act
 * by `struct world_hands`, that is on the switch in the virtual play, and on a desktop at the CTI wire in gcxsim. The
 * world borrows the test, the switch and the trace, and owns the people. Times are relative to the beginning. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/sim/draw.h"
#include "runtime/sim/expect.h"
#include "runtime/sim/plan.h"
#include "runtime/scenario/scenario.h"
#include "runtime/sim/switch.h"
#include "runtime/sim/trace.h"
#include "runtime/sim/values.h"

struct world;

/* The functions by which the world's people act. `agent` is the index in the plan. */
struct world_hands {
    void *self;
    void (*set_state)(void *self, uint32_t agent, enum agent_state); /* logged_in, ready, ... */
    void (*answer)(void *self, uint32_t agent, uint64_t call);
    void (*release)(void *self, uint32_t agent, uint64_t call);
    /* The agent accepts or declines the offer with the given claim. */
    void (*invitation)(void *self, uint32_t agent, uint64_t claim, bool accepts);
    /* The agent's skills, groups, place or capacity have changed. */
    void (*learn)(void *self, uint32_t agent, const struct scenario_agent *before, const struct scenario_agent *now);
    /* A link or data source fails, or works again; NULL: the tests played here have no such statements. */
    void (*fault)(void *self, enum item_kind, const char *name, bool down);
    /* Sends a signal about an arrival. */
    void (*signal)(void *self, uint32_t arrival, const char *name, json_t *data);
    /* An arrival that is to be called back, or that is on a calling list, begins; NULL: cannot be played. */
    void (*call_back)(void *self, uint32_t arrival, const char *number);
    /* An arrival that is not a call is submitted; NULL: cannot be played. */
    void (*submit)(void *self, uint32_t arrival, const char *media, const char *from);
    /* The customer leaves the submitted interaction. */
    void (*leave)(void *self, uint32_t arrival);
    /* The customer writes in a chat, or an agent takes a parked interaction; NULL: cannot be played. */
    void (*desk)(void *self, uint32_t arrival, const struct scenario_caller *);
    /* A parameter or a table changes; `over`: the change ends. The end is only reported if `says_over` is set;
     * otherwise whoever got the change knows its end. */
    void (*setting)(void *self, enum item_kind, const struct scenario_setting *, bool over);
    bool says_over;
    /* A step asks for an answer and the test has none, or all its outcomes are used up; `written` is the beginning
     * of a line that answers it. The play continues as if nobody answered. NULL: the last outcome is repeated, and a
     * missing answer is a problem of the test. */
    void (*asked)(void *asks, const char *asked, const char *written);
    void *asks;
    /* Returns how expectations see the play now, for a line that is judged at its own time; NULL: the tests played here
     * have no such lines. */
    struct expect_view (*looks)(void *looker);
    void *looker;
};

struct world_options {
    const struct spread *handles; /* how long agents talk, drawn for each call; NULL, SPREAD_never: as the test says */
    uint64_t seed;
    uint64_t after_call_work_us;
    uint64_t queue_us, desk_us; /* how long a call waits in the switch's queue, and then talks; 0: 5 s, 30 s */
    uint64_t outside_us; /* how long a number of no caller rings before it answers; 0: there are no such numbers */
};

struct world *world_new(const struct scenario_test *, const struct plan *, struct trace *, const struct world_hands *,
                        const struct world_options *);
void world_free(struct world *);

/* For the switch to ask how a treatment will end: `self` is the world. */
enum switch_device world_device(void *self, uint64_t call, const struct switch_treatment *, uint64_t now_us);
/* Sets the switch (made with world_device), which must have the plan's DNs. */
void world_begin(struct world *, struct sim_switch *);

/* Before time runs: brings one more agent or queue into its initial state; false: none is left. */
bool world_prepare(struct world *);
/* Is nothing planned but the ends of conversations? */
bool world_idles(struct world *, uint64_t now_us);
/* Ends the conversations of an idle world at once, unless this was done before. */
void world_hurry(struct world *, uint64_t now_us);
/* Lets the caller do something, if still there; NO_ARRIVAL: all callers. */
void world_do(struct world *, uint32_t arrival, const struct scenario_caller *, uint64_t now_us);
bool world_wants_ready(const struct world *, uint32_t agent);

uint64_t world_next(const struct world *); /* when the next entry is due; UINT64_MAX: never */
void world_advance(struct world *, uint64_t now_us);
/* Handles a report of the switch: the world must get all of them. */
void world_hear(struct world *, const struct switch_report *);
/* The agent is invited to take the arrival's call; and the invitation ends. */
void world_invited(struct world *, uint32_t agent, uint64_t claim, uint32_t arrival, uint64_t now_us);
void world_withdrawn(struct world *, uint32_t agent, uint64_t claim);
/* Is there a caller with a kept place who is still to be dialled? */
bool world_keeps(const struct world *);
/* The first function notes that the submitted arrival has ended; the second returns how long the agent works on it. */
void world_submitted_over(struct world *, uint32_t arrival);
uint64_t world_handles_us(const struct world *, uint32_t agent);
/* Returns how long after accepting a conversation the agent writes to the customer; SCENARIO_NEVER: never. */
uint64_t world_replies_us(const struct world *, uint32_t agent);
/* Has everyone come and gone, and is nothing left to do in the test? */
bool world_done(const struct world *);

/* Returns the test's next outcome for a step. Each outcome is used once, and the last one is repeated. NULL: the
 * test has no answer, which is a problem of the test. */
const struct scenario_outcome *world_answer(struct world *, uint32_t arrival, const struct step_call *);

/* Returns the number of arrivals, planned consultations included. */
uint32_t world_arrivals(const struct world *);
/* number of arrivals without consultations that no agent has made */
uint32_t world_interactions(const struct world *);
uint32_t world_arrival_of(const struct world *, uint64_t call); /* NO_ARRIVAL: none of ours */
/* Keeps the caller's place: the caller hangs up and will be dialled at this number; returns code_ok, or the exit
 * with which the test lets the step fail. */
enum code world_keep(struct world *, uint32_t arrival, const char *number, uint64_t now_us);
/* Does the step itself end with `fail`, before a place is kept or a number dialled? */
bool world_step_ends(const char *step, const char *fail);
/* The switch is asked to route the arrival: returns code_ok, or the answer that the test gives. */
enum code world_route(struct world *, uint32_t arrival);
/* An arrival is to be called back, or is on a calling list: returns code_ok, or the exit with which the test ends
 * the step without dialling. */
enum code world_dial_ends(struct world *, uint32_t arrival, const char *number, uint64_t now_us);
/* Announces that a number is dialled next: that of a caller with a kept place, or with `booked` that of a call-back
 * or calling-list record. `arrival`: the person called; NO_ARRIVAL: found by the number. */
void world_dials(struct world *, uint32_t arrival, bool booked);
enum cause world_dialled(void *self, uint64_t call, const struct switch_dial *, uint64_t now_us, uint64_t *after_us);
/* Returns what the test says about the arrival: the number or address to which and from which it comes, its data,
 * ... */
const struct scenario_arrival *world_says(const struct world *, uint32_t arrival);
/* Returns the number at which the arrival is dialled: the `n`th of its chain, from 0; NULL: there are fewer. */
const char *world_number(const struct world *, uint32_t arrival, uint32_t n);
bool world_is_record(const struct world *, uint32_t arrival);      /* is the arrival a record of a calling list? */
const struct expect_arrival *world_expected(const struct world *); /* as expect_holds() wants them */

/* Notes a problem of the simulated world: a step without an answer, a call that the switch refused. */
void world_problem(struct world *, uint32_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Reports the problems, and the expectations of the test that failed; returns how many of both. */
unsigned world_judge(const struct world *, const struct expect_view *,
                     void (*failure)(void *self, uint32_t line, const char *text), void *self);

/* Turns a switch's reports into events in the language of tests: routed, offered, abandoned, defaulted (happenings.c).
 * A call counts as routed when its target has it: an agent when answering, a queue at once; the time is that of the
 * routing instruction. The struct borrows plan, world and trace, and owns the pending routes. */
struct happenings;

/* The call of the arrival is routed with the wish that its agent works so long after it. */
void world_wraps_up(struct world *, uint32_t arrival, uint64_t us);
/* Returns the agent who is logged in at the DN, or else the one whose telephone it is; NO_AGENT: it is none's. */
uint32_t world_agent_at(const struct world *, const char *dn);
struct happenings *happenings_new(const struct plan *, const struct world *, struct trace *);
void happenings_free(struct happenings *);
/* Handles every report, after the world has handled it. */
void happenings_hear(struct happenings *, const struct switch_report *);
