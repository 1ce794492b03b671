/* runtime/sim/simulation.h - Plays a day of random calls and other interactions on an image under a virtual clock, for
 * `gcxc simulate`.
 *
 * The core used in production decides; switch, callers and agents around it are kept in a few arrays. The large model
 * of switch.h is deliberately not used: a day has a million calls, each a small row as long as it exists, and nobody
 * needs a trace of single calls. Treatments are read and timed as by that model (treatment.h).
 *
 *     AT_POINT --> RINGING --> TALKING --> gone        a call's place; each move makes planned deeds of before stale,
 *        |  ^         |                                since a deed names the call's turn
 *        |  '---------'  pulled back
 *        '--> ELSEWHERE (a queue of the switch)        AWAY --> DIALLED --> AT_POINT: a call-back, a record
 *
 * Arrivals are drawn one by one and results are histograms, so memory does not grow with the number of calls. No
 * journal is kept: a simulation that is interrupted can be repeated. One play is one replication; its seed
 * determines everything. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/sim/arrivals.h"
#include "runtime/sim/draw.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"
#include "base/span.h"

struct image;
struct profile;
struct sim_site;

/* ---- the input of a simulation ---- */

enum { SIMULATION_NAME = 64 };

/* Callers of a routing point that has a strategy; or interactions submitted to a queue that has one. */
struct simulation_flow {
    char strategy[SIMULATION_NAME + 1], number[SIMULATION_NAME + 1]; /* number "": the simulation chooses one */
    enum media medium;                                               /* media_none: of voice */
    /* the interactions are not calls, and come by Submit */
    bool submitted;
    struct arrivals arrivals;
    struct spread handling, patience;
};

struct simulation_skill {
    char name[SIMULATION_NAME + 1];
    int64_t level;
};

/* A time of each day at which agents work, or have a break. */
struct simulation_shift {
    double from_us, to_us; /* times of day; to_us is above from_us, and above 24 hours if it is after midnight */
    bool pause;
};

/* A number of agents who are alike, or one agent whom the directory names. */
struct simulation_agents {
    uint32_t team; /* whose occupancy theirs is */
    uint32_t count;
    char name[SIMULATION_NAME + 1];     /* name of that one agent; "": names are made up */
    char capacity[SIMULATION_NAME + 1]; /* a rule of capacity of the site; "": one interaction at a time */
    char profile[SIMULATION_NAME + 1];  /* a profile of the plan; "": none */
    struct simulation_skill *skills;
    uint32_t skill_count;
    char (*groups)[SIMULATION_NAME + 1];
    uint32_t group_count;
    struct simulation_shift *shifts; /* agents who have only breaks, and no shifts, work all the time */
    uint32_t shift_count;
};

/* A row of a profile: how agents who have it prefer a virtual queue. */
struct simulation_preference {
    char profile[SIMULATION_NAME + 1], vq[SIMULATION_NAME + 1]; /* vq: a name, or `*` for all that no row names */
    int64_t rank, delay_s;                                      /* rank: 1 is first; 0: never */
};

/* A test of an image (sim_scenario_test()), whose caller's behaviour can be used. */
struct scenario_test;
/* strategy of the test's first caller; NULL: there is none */
const char *simulation_script_strategy(const struct scenario_test *);

/* The share of the callers of a strategy who answer as the test's caller does. */
struct simulation_part_played {
    const struct scenario_test *test; /* it has a caller */
    double share;                     /* 0 to 1; 0: an equal part of what the other shares leave */
};

/* A campaign that calls people without end, in addition to its flow's arrivals. */
struct simulation_campaign {
    char name[SIMULATION_NAME + 1]; /* name of the campaign, also used as the number of its flow */
    char mode[SIMULATION_NAME + 1];
    char group[SIMULATION_NAME + 1]; /* group of the campaign's agents; "": none */
    uint32_t flow;
    struct simulation_skill *rules; /* owned: names and numbers */
    uint32_t rule_count;
};

struct simulation_plan {
    struct simulation_flow *flows;
    uint32_t flow_count;
    struct simulation_campaign *campaigns; /* owned */
    uint32_t campaign_count;
    /* Shares of the people called by campaigns who are busy, and who are machines; and those who answer, from a
     * given time on. */
    double busy, machines;
    struct simulation_answering {
        double from_us, share;
    } * answering; /* owned, ascending; before the first time nobody answers */
    uint32_t answering_count;
    struct simulation_agents *agents;
    uint32_t agents_count;
    struct simulation_preference *preferences; /* owned: the rows of all profiles */
    uint32_t preference_count;
    char (*teams)[SIMULATION_NAME + 1]; /* names of the teams to be reported */
    uint32_t team_count;
    struct spread wrap_up, ringing; /* after-call work; how long calls ring at an agent */
    struct spread called_back;      /* how long calls ring at people called by a campaign or called back */
    struct spread switching;        /* how long the switch needs before each dial and each route */
    uint64_t warm_up_us, until_us;  /* calls that arrive between these two times are counted */
    uint64_t within_us;             /* of the service level */
    int64_t start_us;               /* wall clock at the beginning, since 1970 */
    double origin_us;               /* time of day at the beginning, for profiles, lists and shifts */
    /* tests from which callers take their answers; none: they give no answers */
    const struct simulation_part_played *parts;
    uint32_t part_count;
    /* Borrowed frames of DirectoryRow: values of settings that are in force from the beginning, and, with
     * DirectoryCommit, those that are changed by hand when the warm-up is over. Empty: the image's own values; no
     * change. */
    struct span settings, change;
    const struct sim_site *site; /* the site whose adapters may refuse messages; NULL: the usual ones */
    bool checked;                /* for tests: check the core's invariants after every event, which is slow */
};

/* Are these bytes events of the directory, as `settings` and `change` of a plan are? */
bool simulation_takes(struct span frames);

/* ---- the results ---- */

enum measure {
#define MEASURE(name, unit, of, title, doc) MEASURE_##name,
#include "runtime/sim/measures.def"
    MEASURES
};
enum measure_unit { UNIT_COUNT, UNIT_SHARE, UNIT_TIME };
enum measure_of { OF_CALLS, OF_STRATEGIES, OF_TEAMS, OF_CAMPAIGNS, OF_MEDIA };
struct simulated_measure {
    const char *name, *title, *doc;
    enum measure_unit unit;
    enum measure_of of;
};
extern const struct simulated_measure measure_rows[MEASURES];

enum scope_kind { SCOPE_ALL, SCOPE_STRATEGY, SCOPE_QUEUE, SCOPE_TEAM, SCOPE_CAMPAIGN, SCOPE_MEDIUM, SCOPE_KINDS };
/* names of the scopes: "all", "strategy", "vq", "agents", "campaign", "medium" */
extern const char *const scope_words[SCOPE_KINDS];
bool scope_has(enum scope_kind, enum measure);

/* A campaign's series uses `offered`, `answered` and `abandoned` for the numbers dialled in that part of the time,
 * those reached, and those lost. Points of a curve: the share of the offered calls that were answered within at /
 * CURVE_PER times the service level's time. Parts of the series: calls by time of arrival, in equal parts of the
 * counted time. */
enum { CURVE_POINTS = 41, CURVE_PER = 10, SERIES_PARTS = 96 };
struct simulation_part {
    double offered, answered, within, abandoned, wait_us;
};

struct simulation_scope {
    uint32_t kind;
    char name[SIMULATION_NAME + 1];
    double value[MEASURES]; /* NAN: this scope does not have the measure, or there was nothing to measure */
    double curve[CURVE_POINTS];
    struct simulation_part series[SERIES_PARTS];
};

struct simulation_result {
    /* results for all calls, strategies, virtual queues by name, teams, campaigns, media */
    struct simulation_scope *scopes;
    uint32_t count;
    uint64_t calls, events; /* all calls, counted or not; events of the core */
    uint64_t series_us;     /* length of one part of the series */
    uint64_t digest;        /* the core's digest at the end: equal runs have equal digests */
    bool agrees; /* the core counts the visits of virtual queues alike; true also if not known (warm-up, e-mails,
                  * chats) */
};
void simulation_result_free(struct simulation_result *);

/* Plays one replication. False with a sentence: image and plan do not fit together. The image's native functions
 * must be bound (vm/native.h). `watch` is called now and then with the virtual time and the calls so far; NULL: not
 * wanted. */
struct core;
struct batch;
struct simulation_watch {
    void *self;
    void (*at)(void *self, uint64_t now_us, uint64_t calls);
    /* Called with each batch before the core applies it, for keeping a journal after all; NULL: not wanted. */
    void (*batch)(void *self, struct core *, const struct batch *);
    struct profile *profile; /* counts what the strategies spend where (vm/profile.h); NULL: no counting */
};
bool simulation_play(const struct simulation_plan *, const struct image *, uint64_t seed,
                     const struct simulation_watch *, struct simulation_result *, struct error *);
