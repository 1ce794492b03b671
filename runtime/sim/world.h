/* runtime/sim/world.h - The people of a test: callers and agents, driven by an agenda, around a switch.
 *
 * Deterministic: what they do follows from the test and from the switch's reports alone. Callers act on the switch
 * itself; agents act through `struct world_hands`, which is the switch in the virtual play and a desktop of the CTI
 * wire in gcxsim. Borrows the test, the switch and the trace; owns the people. Times are since the beginning. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/sim/expect.h"
#include "runtime/sim/plan.h"
#include "runtime/scenario/scenario.h"
#include "runtime/sim/switch.h"
#include "runtime/sim/trace.h"
#include "runtime/sim/values.h"

struct world;

/* How agents reach the switch. `agent` counts as in the plan. */
struct world_hands {
    void *self;
    void (*set_state)(void *self, uint32_t agent, enum agent_state); /* logged_in, ready, ... */
    void (*answer)(void *self, uint32_t agent, uint64_t call);
    void (*release)(void *self, uint32_t agent, uint64_t call);
    /* The agent who is asked for the claim accepts or declines. */
    void (*invitation)(void *self, uint32_t agent, uint64_t claim, bool accepts);
    /* An agent's skills and groups have changed. */
    void (*learn)(void *self, uint32_t agent, const struct scenario_agent *before, const struct scenario_agent *now);
    /* A link or source goes down, or comes back; NULL: no test that is played here says so. */
    void (*fault)(void *self, enum item_kind, const char *name, bool down);
    /* Somebody sends a signal about an arrival. */
    void (*signal)(void *self, uint32_t arrival, const char *name, json_t *data);
    /* Somebody is to be called back, or stands on a calling list: an arrival of such a medium; NULL: cannot be played.
     */
    void (*call_back)(void *self, uint32_t arrival, const char *number);
    /* An arrival that is no call is submitted; NULL: cannot be played. */
    void (*submit)(void *self, uint32_t arrival, const char *media, const char *from);
    /* The customer leaves what was submitted. */
    void (*leave)(void *self, uint32_t arrival);
    /* The customer writes in a chat, or an agent takes what is parked; NULL: cannot be played. */
    void (*desk)(void *self, uint32_t arrival, const struct scenario_caller *);
    /* A parameter or a table changes, or, `over`, does so no longer. That is said where `says_over`: else it is known
     * to whom the change was said. */
    void (*setting)(void *self, enum item_kind, const struct scenario_setting *, bool over);
    bool says_over;
    /* A step asks, and the test has no answer, or all outcomes of it are used up; `written` is how a line that answers
     * it begins. It is as if nobody answered. NULL: the last outcome stays, and that there is none is a problem. */
    void (*asked)(void *asks, const char *asked, const char *written);
    void *asks;
};

struct world_options {
    uint64_t after_call_work_us;
    uint64_t queue_us, desk_us; /* so long a call waits in the switch's queue, and talks there; 0: 5 s, 30 s */
    uint64_t outside_us; /* so long a number rings that is nobody's caller, before it answers; 0: it is no number */
};

struct world *world_new(const struct scenario_test *, const struct plan *, struct trace *, const struct world_hands *,
                        const struct world_options *);
void world_free(struct world *);

/* The switch asks this of its devices: `self` is the world. */
enum switch_device world_device(void *self, uint64_t call, const struct switch_treatment *, uint64_t now_us);
/* Gives it the switch (made with world_device), with the plan's DNs in it. */
void world_begin(struct world *, struct sim_switch *);

/* Before time runs: puts one more agent or queue into its state at the beginning; false: none is left. */
bool world_prepare(struct world *);
/* Is nothing to come, and does nobody do anything but talk? */
bool world_idles(struct world *, uint64_t now_us);
/* Ends the conversations of an idle world at once, unless that was done before. */
void world_hurry(struct world *, uint64_t now_us);
/* The caller does that, if still there; NO_ARRIVAL: all callers do. */
void world_do(struct world *, uint32_t arrival, const struct scenario_caller *, uint64_t now_us);
bool world_wants_ready(const struct world *, uint32_t agent);

uint64_t world_next(const struct world *); /* UINT64_MAX: nothing is to come */
void world_advance(struct world *, uint64_t now_us);
/* Takes a report of the switch: the world must be told all of them. */
void world_hear(struct world *, const struct switch_report *);
/* The agent is asked whether to take the arrival's call; and is no longer asked. */
void world_invited(struct world *, uint32_t agent, uint64_t claim, uint32_t arrival, uint64_t now_us);
void world_withdrawn(struct world *, uint32_t agent, uint64_t claim);
/* Is a caller's place kept who is still to be rung? */
bool world_keeps(const struct world *);
/* The arrival that was submitted is done with; and so long the agent works on such a one. */
void world_submitted_over(struct world *, uint32_t arrival);
uint64_t world_handles_us(const struct world *, uint32_t agent);
/* Everyone has come and gone, and nothing of the test is left to happen. */
bool world_done(const struct world *);

/* The test's next outcome for a step. Each outcome is used once, and the last one stays. NULL where the test has no
 * answer, which is a problem. */
const struct scenario_outcome *world_answer(struct world *, uint32_t arrival, const struct step_call *);

/* Interactions, in the order in which they were planned. */
uint32_t world_arrivals(const struct world *);
uint32_t world_interactions(const struct world *); /* of them, without the consultations that no agent has made */
uint32_t world_arrival_of(const struct world *, uint64_t call); /* NO_ARRIVAL: none of ours */
/* The caller hangs up and is to be dialled under this number; cause of the step that keeps its place: code_ok, or the
 * exit with which the test has it fail. */
enum code world_keep(struct world *, uint32_t arrival, const char *number, uint64_t now_us);
/* Does the step itself end so, before anything is kept or dialled? */
bool world_step_ends(const char *step, const char *fail);
/* The switch is asked to route the arrival: code_ok, or what the test has it answer. */
enum code world_route(struct world *, uint32_t arrival);
/* Somebody is to be called back, or stands on a calling list: code_ok, or the exit with which the test has the step end
 * without dialling. */
enum code world_dial_ends(struct world *, uint32_t arrival, const char *number, uint64_t now_us);
/* A kept caller's number is dialled, or, `booked`, one that is called back or stands on a calling list. `arrival`:
 * known to be that one's; NO_ARRIVAL: whose number it is. */
void world_dials(struct world *, uint32_t arrival, bool booked);
enum cause world_dialled(void *self, uint64_t call, const struct switch_dial *, uint64_t now_us, uint64_t *after_us);
/* What the test says of it: the number or address that it comes to and from, what it brings along, ... */
const struct scenario_arrival *world_says(const struct world *, uint32_t arrival);
/* The number under which the arrival is dialled: the `n`th of its chain, from 0; NULL: it has fewer. */
const char *world_number(const struct world *, uint32_t arrival, uint32_t n);
bool world_is_record(const struct world *, uint32_t arrival);      /* is it a record of a calling list? */
const struct expect_arrival *world_expected(const struct world *); /* as expect_holds() wants them */

/* Problems of the world itself: a step without an answer, a call that the switch refused. */
void world_problem(struct world *, uint32_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Tells the problems, and which expectations of the test do not hold; how many of both. */
unsigned world_judge(const struct world *, const struct expect_view *,
                     void (*failure)(void *self, uint32_t line, const char *text), void *self);

/* Turns a switch's reports into the events of tests: routed, offered, abandoned, defaulted (happenings.c). A call is
 * routed when its target has it: an agent by answering, a queue at once; the time is that of the instruction. Borrows
 * plan, world and trace; owns what is not yet decided. */
struct happenings;

struct happenings *happenings_new(const struct plan *, const struct world *, struct trace *);
void happenings_free(struct happenings *);
/* Every report, after the world has heard it. */
void happenings_hear(struct happenings *, const struct switch_report *);
