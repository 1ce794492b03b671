/* runtime/sim/world_state.h - Shared by world.c (agenda), arrival.c, agent.c and caller.c (callers, answers).
 *
 * The agenda has everything that is planned, with whom it is about (`who`) and what makes it stale (`what`: the
 * call, treatment, claim or turn for which it was planned). A deed that is due looks first whether that still holds.
 * `scripted` counts what the test has still to begin, `living` those who are there: the play may end when both are
 * 0. */
#pragma once

#include "runtime/sim/agenda.h"
#include "runtime/sim/world.h"

enum action {
    ACT_ITEM,     /* who: item of the test */
    ACT_ARRIVE,   /* who: arrival */
    ACT_OWN,      /* who: arrival; what: item of its own */
    ACT_KEY,      /* who: arrival; what: treatment */
    ACT_RESULT,   /* the same: its application is done */
    ACT_SPEAK,    /* the same: the caller speaks */
    ACT_HANG_UP,  /* who: arrival; what: call, 0: whichever it has */
    ACT_ANSWER,   /* who: agent; what: call */
    ACT_RELEASE,  /* who: agent; what: call */
    ACT_READY,    /* who: agent; what: its turn */
    ACT_TAKE,     /* what: call in a queue of the switch, or that rings outside */
    ACT_LEAVE,    /* what: call that was taken there */
    ACT_TRANSFER, /* who: arrival, a consultation */
    ACT_ACCEPT,   /* who: agent; what: claim */
    ACT_DECLINE,  /* the same */
    ACT_RECOVER,  /* who: item: what was down is up again */
};

enum { KEYS_MAX = 80, AGENT_CALLS_MAX = 255, INVITATIONS = 64, ASKED_LATELY = 64 }; /* an agent has fewer at once */

struct world_agent {
    const struct scenario_agent *says;        /* what the test said last */
    const struct scenario_agent *skills;      /* what the test said last about the agent's skills */
    const char *place;                        /* where it sits; NULL: not said */
    const char *capacity;                     /* the capacity that was said last; NULL: none was */
    uint32_t no_answer, declines;             /* how many further offers the agent does not answer, or declines */
    uint64_t asked[ASKED_LATELY], asked_next; /* the claims about which the agent was asked lately */
    uint64_t invitations[INVITATIONS];        /* the claims about which the agent is being asked */
    uint32_t invited;
    uint64_t calls[AGENT_CALLS_MAX]; /* calls that alert or talk, each on its own line; 0: the line is free */
    const char *transfers_to;        /* where the agent is still to transfer the call; NULL: nowhere */
    uint32_t turn;                   /* a planned ACT_READY of another turn is stale */
    bool known, logged_in, wants_ready;
    bool wraps_up; /* has asked for after-call work */
};

struct arrival {
    const struct scenario_item *item;
    uint64_t call;
    uint64_t main;     /* the call that a consultation is about; 0: it is none */
    bool alone;        /* a consultation that nobody else ends */
    uint32_t consults; /* the agent who does, and 1; 0: none */
    uint32_t *used;    /* of each of its own answers, how many outcomes */
    bool arrived, gone;
    bool submitted;                /* it came by Submit, and is no call */
    char kept[SWITCH_ADDRESS + 1]; /* the number under which its place is kept; "": none is */
    char keys[KEYS_MAX];
    bool keys_secret;   /* they are for nobody's eyes */
    uint64_t spoken_us; /* how long the caller speaks */
    json_t *result;     /* the result of its application; borrowed */
};

struct problem {
    uint32_t line;
    char text[480];
};

struct world {
    const struct scenario_test *test;
    const struct plan *plan;
    struct trace *trace;
    struct world_hands hands;
    struct world_options options;
    struct sim_switch *sw;
    struct agenda agenda;
    uint64_t now_us;
    uint32_t scripted; /* items and arrivals that are still to come */
    struct world_agent *agents;
    struct arrival *arrivals;
    struct expect_arrival *expected;
    struct scenario_item *made; /* the consultations that agents may make: the last arrivals */
    uint32_t count, made_count;
    bool hurried;
    uint32_t dials;    /* arrival + 1 that is dialled next; 0: whose number it is */
    bool dials_booked; /* by callback.dial */
    uint32_t drawn;    /* how often it was drawn how somebody answers */
    uint32_t living;   /* arrived and not gone */
    uint32_t *of_call; /* by slot of the switch: arrival + 1 */
    uint32_t of_call_size;
    uint32_t *used; /* of each answer of the test, how many outcomes */
    struct problem *problems;
    uint32_t problem_count;
};

/* world.c */
void *world_array(size_t count, size_t size);
/* arrival.c */
void arrivals_plan(struct world *);
void world_remember_call(struct world *, uint32_t arrival, uint64_t call);
void arrival_comes(struct world *, uint32_t arrival);
void arrival_gone(struct world *, uint64_t call);
void arrival_answers(struct world *, uint32_t arrival, uint64_t at_us); /* whose number was dialled, then */
void arrival_transferred(struct world *, const struct switch_report *);
/* agent.c */
void agent_says(struct world *, const struct scenario_item *);
void agent_becomes_ready(struct world *, uint32_t agent, uint64_t turn);
void agent_telephones(struct world *, const struct agenda_entry *);
void agent_answers(struct world *, const struct agenda_entry *);
bool agents_ask(const struct world *);
void agent_offered(struct world *, uint32_t agent, const struct switch_report *);
void agent_has_call(struct world *, uint32_t agent, uint64_t call);
void agent_lost_call(struct world *, uint32_t agent, uint64_t call, bool talked);
void agents_calls_become(struct world *, uint64_t call, uint64_t other); /* whoever has the one has the other */
void world_agent_changed(struct world *, const struct switch_report *);
/* caller.c */
/* The answer that says most, without using it up; NULL: none. */
const struct scenario_outcome *world_ahead(struct world *, uint32_t arrival, const struct step_call *);
void caller_keys(struct world *, const struct agenda_entry *);
void caller_speaks(struct world *, const struct agenda_entry *);
void caller_result(struct world *, const struct agenda_entry *);
void caller_does(struct world *, uint32_t arrival, const struct scenario_caller *);
