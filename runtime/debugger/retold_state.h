/* runtime/debugger/retold_state.h - What is known of an interaction while the journal is applied once more to make a
 * test of it.
 *
 * The teller owns everything that this header describes. Each file has its own part: the arrival (retold_arrival.c),
 * the steps (retold_steps.c), the route (retold_way.c), the agents (retold_agents.c), the places (retold_places.c). */
#pragma once

#include <stdio.h>

#include "runtime/core/read/read.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/spell.h"
#include "runtime/vocabulary/vocabulary.h"

enum { STEPS_MAX = 64, OUTCOMES_MAX = 32, RETOLD_NAME_BYTES = 260, RETOLD_LINE_BYTES = 512 };

/* A step that was done, in a test's words, with its outcomes. */
struct told_step {
    char *call;
    unsigned times;
    bool query;
    bool returns;  /* the test must give the step an answer */
    bool answered; /* some outcome is not the usual one */
    unsigned count;
    char *outcomes[OUTCOMES_MAX];
};

/* A step that is under way, found by its effect's number. */
struct retold_step {
    uint64_t ref, at_us;
    size_t step;
    unsigned outcome; /* index of the step's outcome in told_step.outcomes */
    enum { OPEN_TREATMENT, OPEN_QUERY, OPEN_WRITE, OPEN_HTTP, OPEN_CLASSIFY, OPEN_SENT, OPEN_DIAL } kind;
    bool secret, digits, application, records;
};

/* A record of a calling list, as the list delivered it. */
struct retold_record {
    uint64_t record, chain;
    char campaign[RETOLD_NAME_BYTES], number[RETOLD_NAME_BYTES], agent[RETOLD_NAME_BYTES];
    struct kv data;
};

struct queue_name {
    char dn[RETOLD_NAME_BYTES], name[RETOLD_NAME_BYTES];
};

/* The strategy active at a routing point or queue. */
struct retold_activation {
    char at[RETOLD_NAME_BYTES], strategy[RETOLD_NAME_BYTES];
    const struct image *image;
    struct kv given;
};

struct retold_teller {
    struct past *past;
    struct core *core;
    uint64_t ixn, conn;
    struct interaction_row end; /* the interaction as known at the end of the journal */
    const struct image *image;
    bool began, over;
    uint64_t now_us, began_us;
    int64_t began_wall;
    char strategy[RETOLD_NAME_BYTES], from[RETOLD_NAME_BYTES], to[RETOLD_NAME_BYTES], main[RETOLD_NAME_BYTES],
        subject[RETOLD_NAME_BYTES];
    /* the telephone of the site that has made the call, and who is logged in there, or logs in by it; "": none */
    char origin[RETOLD_NAME_BYTES], caller[RETOLD_NAME_BYTES];
    enum media media;
    struct kv data; /* the user data with which the interaction came */
    struct retold_activation *points;
    size_t point_count;
    const struct retold_activation *point; /* the routing point or queue at which it came in */
    uint64_t hangs_up_us;                  /* time since the beginning; UINT64_MAX: the caller did not hang up */
    uint64_t answered_us, used_us, became_us, dialled_us;
    char became[RETOLD_LINE_BYTES]; /* the latest end of the interaction, as an expectation without its time */
    char dest[RETOLD_NAME_BYTES];   /* DN to which the switch routes the interaction */
    char owner[RETOLD_NAME_BYTES];  /* owner of an interaction that is no call */
    uint64_t route_ref;
    bool ended_by_us; /* the strategy has hung up the call */
    bool no_test;     /* the interaction arrived in a way that tests cannot express */
    struct told_step steps[STEPS_MAX];
    size_t step_count;
    struct retold_step *open;
    size_t open_count;
    struct retold_record *records;
    size_t record_count;
    const struct retold_record *record; /* the calling list's record that the interaction dials */
    struct queue_name *queues;
    size_t queue_count;
    struct retold_agents *agents;
    struct retold_places *places;
    FILE *later; /* later lines with their times: signals, unreachable queues, settings */
    FILE *first; /* settings when the interaction began */
    FILE *lacks;
    char *later_text, *first_text, *lacks_text;
    size_t later_size, first_size, lacks_size;
};

struct retold_teller *teller_new(struct past *, uint64_t interaction);
void teller_free(struct retold_teller *);

void teller_copy(char *to, struct span text); /* `to` has RETOLD_NAME_BYTES */
/* Adds to the test, once, a comment that says what the test cannot say. */
void teller_lacks(struct retold_teller *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void teller_after(struct retold_teller *); /* writes the beginning of a later line: "after 3s: " */

/* retold_arrival.c: caller, destination, data, strategy, and the settings at the arrival and later. */
void retold_arrival_point(
    struct retold_teller *); /* called first: finds the routing point of a call, as known at the journal's end */
/* Until it has begun: */
void retold_arrival_hear(struct retold_teller *, const struct message *event);
void retold_arrival_effect(struct retold_teller *, const struct message *effect);
/* Settings: the values when the interaction begins, which is now; and a value changed later. */
void retold_settings_begin(struct retold_teller *);
void retold_settings_hear(struct retold_teller *, const struct message *row);
/* Writes the line by which the interaction arrives. */
void retold_arrival_put(const struct retold_teller *, FILE *);
/* Takes a SetAgentState of the interaction: whom its strategy logs in at the telephone that has made the call. */
void retold_arrival_logs_in(struct retold_teller *, const struct message *effect);
/* Returns the name that the test gives to the telephone of the call, if nobody is logged in there. */
const char *retold_arrival_nobody(const struct retold_teller *, char name[static RETOLD_NAME_BYTES]);
/* Is the message about the interaction or its call? */
bool retold_is_own(const struct retold_teller *, const struct message *);

/* retold_steps.c: the steps of the interaction in a test's words, and their outcomes. */
/* Notes a step if the effect begins one; notes its outcome if the event ends one. */
void retold_steps_effect(struct retold_teller *, const struct message *effect);
void retold_steps_hear(struct retold_teller *, const struct message *event);
/* Lines: their answers. */
void retold_steps_put(const struct retold_teller *, FILE *);

/* retold_way.c: how the interaction was routed and ended, the first expectations of a test. */
void retold_way_queue(struct retold_teller *,
                      const struct message *row); /* a row of the directory: notes the name of a queue's number */
void retold_way_effect(struct retold_teller *, const struct message *effect);
void retold_way_hear(struct retold_teller *, const struct message *event);
/* After a batch. Without a switch, the owner determines where the interaction went. */
void retold_way_owned(struct retold_teller *, const struct interaction_row *);

/* The agents: their states when the interaction came, later changes, and their reactions to its offers. */
struct retold_agents;

struct retold_agents *retold_agents_new(void);
void retold_agents_free(struct retold_agents *);
/* Called after each batch; the first call notes the agents' states at the arrival. `at_us`: time since the
 * interaction came, as in all of this file. */
void retold_agents_look(struct retold_agents *, struct core *, uint64_t ixn, uint64_t at_us);
/* Notes that the interaction is given to the agent at that DN, who gets nothing else meanwhile. */
void retold_agents_claimed(struct retold_agents *, const struct core *, const char *dn, uint64_t at_us);
void retold_agents_invited(struct retold_agents *, const struct core *, struct span agent, uint64_t claim,
                           uint64_t at_us);
void retold_agents_withdrawn(struct retold_agents *, uint64_t claim);
void retold_agents_answer(struct retold_agents *, uint64_t claim, bool accepts, uint64_t at_us);
void retold_agents_party(struct retold_agents *, const struct core *, struct span agent, enum party_change,
                         uint64_t at_us);
void retold_agents_done(struct retold_agents *, const struct core *, struct span agent, uint64_t at_us);
bool retold_agents_served(const struct retold_agents *); /* has an agent had the interaction? */
/* Notes that the telephone of that agent made the call: the agent's changes of state are not written, as the test's
 * call makes them itself. */
void retold_agents_calls(struct retold_agents *, const struct core *, const char *agent);
/* Write lines of the test: the agents first; later their changes. */
void retold_agents_first(const struct retold_agents *, FILE *);
void retold_agents_later(const struct retold_agents *, FILE *);

/* retold_places.c: the places without an agent to which the interaction was sent. */
struct retold_places *retold_places_new(void);
void retold_places_free(struct retold_places *);
void retold_places_hear(struct retold_teller *, const struct message *row); /* a row of the directory */
void retold_places_asked(struct retold_teller *, const struct message *route);
/* Notes that the route has failed; `busy`: because somebody speaks at the place. */
void retold_places_refuse(struct retold_teller *, uint64_t route, bool busy);
/* Notes a change of the party at a DN where no agent is. Returns the name of the place that the newest route has asked
 * there; NULL: there is none. */
const char *retold_places_party(struct retold_teller *, const char *dn, enum party_change);
void retold_places_put(const struct retold_teller *, FILE *);
