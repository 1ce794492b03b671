/* runtime/sim/world_state.h - The state of a world, shared by world.c (agenda), arrival.c, agent.c and caller.c
 * (callers, answers).
 *
 * The agenda contains all planned actions, each with the person or call concerned (`who`) and a number (`what`: the
 * call, treatment, claim or turn for which it was planned). An action that is due is only done if that number is
 * still the current one. `scripted` counts what the test has yet to begin, `living` the arrivals that are there: the
 * play may end when both are 0. */
#pragma once

#include "runtime/sim/agenda.h"
#include "runtime/sim/world.h"

enum action {
    ACT_ITEM,     /* who: item of the test, which is due */
    ACT_ARRIVE,   /* who: arrival */
    ACT_OWN,      /* who: arrival; what: index of an item in its braces */
    ACT_KEY,      /* who: arrival; what: treatment */
    ACT_RESULT,   /* who: arrival; what: treatment, an application that ends */
    ACT_SPEAK,    /* who: arrival; what: treatment into which the caller speaks */
    ACT_HANG_UP,  /* who: arrival; what: call to hang up, 0: any */
    ACT_ANSWER,   /* who: agent; what: call */
    ACT_RELEASE,  /* who: agent; what: call */
    ACT_READY,    /* who: agent who becomes ready; what: the agent's turn */
    ACT_LIFT,     /* who: place; what: call that somebody there answers */
    ACT_TAKE,     /* what: call that is taken from a queue of the switch, or rings outside */
    ACT_LEAVE,    /* what: call taken from a queue of the switch, or answered outside, which now ends */
    ACT_TRANSFER, /* who: arrival, a consultation */
    ACT_ACCEPT,   /* who: agent; what: claim */
    ACT_DECLINE,  /* the same */
    ACT_RECOVER,  /* who: item of the test whose fault or setting ends */
};

/* no agent has so many keys, calls or invitations at once */
enum { KEYS_MAX = 80, AGENT_CALLS_MAX = 255, INVITATIONS = 64, ASKED_LATELY = 64 };

struct world_agent {
    const struct scenario_agent *says;        /* the test's last statement about the agent */
    const struct scenario_agent *skills;      /* the test's last statement about the agent's skills */
    const char *place;                        /* place of the agent; NULL: not given */
    const char *capacity;                     /* the capacity last given; NULL: none */
    const char *profile;                      /* the profile last given; NULL: none */
    uint32_t no_answer, declines;             /* how many further offers the agent does not answer, or declines */
    uint64_t asked[ASKED_LATELY], asked_next; /* claims of the latest invitations */
    uint64_t invitations[INVITATIONS];        /* claims of the invitations that are open now */
    uint32_t invited;
    uint64_t calls[AGENT_CALLS_MAX]; /* calls that ring or talk, each on a separate line; 0: free line */
    const char *transfers_to;        /* where the agent still has to transfer the call; NULL: nowhere */
    uint32_t turn;                   /* a planned ACT_READY with another turn has no effect */
    bool known, logged_in, wants_ready;
    bool wraps_up;       /* has requested after-call work */
    uint64_t wrap_up_us; /* how long that lasts */
};

struct world_place {
    const struct scenario_place *says; /* the test's last statement about the place */
    uint32_t no_answer;                /* how many further calls ring in vain */
    uint64_t lifts_us;                 /* when somebody answers the call that rings now */
};

struct arrival {
    const struct scenario_item *item;
    uint64_t call;
    uint64_t main;     /* the call that a consultation is about; 0: no consultation */
    bool alone;        /* a consultation without a main call in the test: nobody else ends it */
    uint32_t consults; /* number of the consulting agent, plus 1; 0: none */
    uint32_t *used;    /* per answer within the arrival's braces: how many outcomes were used */
    bool arrived, gone;
    bool wraps_up; /* its user data say how long its agent works after the call: `wrap_up_us` */
    uint64_t wrap_up_us;
    bool submitted;                /* the arrival came by Submit, and is not a call */
    char kept[SWITCH_ADDRESS + 1]; /* the number at which a caller with a kept place is called; "": no place is kept */
    char keys[KEYS_MAX];
    bool keys_secret;   /* the keys to be pressed are secret */
    uint64_t spoken_us; /* how long the caller speaks */
    json_t *result;     /* the result of the caller's application, borrowed */
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
    uint32_t scripted; /* items and arrivals that have not come yet */
    struct world_agent *agents;
    struct world_place *places;
    struct arrival *arrivals;
    struct expect_arrival *expected;
    struct scenario_item *made; /* the consultations that agents may make; they are numbered last */
    uint32_t count, made_count;
    bool hurried;
    uint32_t dials;    /* arrival + 1 that is dialled next; 0: found by the number */
    bool dials_booked; /* by callback.dial */
    uint32_t drawn;    /* how many random draws there were about who answers */
    uint32_t living;   /* arrived and not gone */
    uint32_t *of_call; /* by slot of the switch: arrival + 1; 0: none */
    uint32_t of_call_size;
    uint32_t *used;    /* per answer of the test: how many outcomes were used */
    uint32_t *answers; /* items of the test that answer steps or press keys, in its order */
    uint32_t answer_count;
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
/* notes that the person dialled will answer at that time */
void arrival_answers(struct world *, uint32_t arrival, uint64_t at_us);
void arrival_transferred(struct world *, const struct switch_report *);
/* place.c */
void place_says(struct world *, const struct scenario_place *);
void place_offered(struct world *, uint32_t place, const struct switch_report *);
void place_lifts(struct world *, const struct agenda_entry *);
/* agent.c */
void agent_says(struct world *, const struct scenario_item *);
void agent_becomes_ready(struct world *, uint32_t agent, uint64_t turn);
void agent_telephones(struct world *, const struct agenda_entry *);
void agent_answers(struct world *, const struct agenda_entry *);
bool agents_ask(const struct world *);
void agent_offered(struct world *, uint32_t agent, const struct switch_report *);
void agent_has_call(struct world *, uint32_t agent, uint64_t call);
void agent_lost_call(struct world *, uint32_t agent, uint64_t call, bool talked);
/* agents who have `call` now have `other` instead */
void agents_calls_become(struct world *, uint64_t call, uint64_t other);
void world_agent_changed(struct world *, const struct switch_report *);
/* caller.c */
/* Returns the best matching answer without using it up; NULL: none. */
const struct scenario_outcome *world_ahead(struct world *, uint32_t arrival, const struct step_call *);
void caller_keys(struct world *, const struct agenda_entry *);
void caller_speaks(struct world *, const struct agenda_entry *);
void caller_result(struct world *, const struct agenda_entry *);
void caller_does(struct world *, uint32_t arrival, const struct scenario_caller *);
