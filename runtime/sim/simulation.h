/* runtime/sim/simulation.h - Plays a day of random calls and other interactions on an image under a virtual clock, for
 * `gcxc simulate`.
 *
 * The core of production decides; around it stand a switch, callers and agents that are kept in a few arrays. They are
 * not those of switch.h on purpose: a day has a million calls, each a row of some words for as long as it lives, and
 * nobody asks what happened to one of them. Treatments are read and timed alike in both (treatment.h).
 *
 *     AT_POINT --> RINGING --> TALKING --> gone        a call's place; each move makes planned deeds of before stale,
 *        |  ^         |                                since a deed names the call's turn
 *        |  '---------'  pulled back
 *        '--> ELSEWHERE (a queue of the switch)        AWAY --> DIALLED --> AT_POINT: a call-back, a record
 *
 * Arrivals are drawn as they are due and results are histograms, so memory does not grow with the number of calls. The
 * journal is left out: a simulation that breaks off is played again. One play is one replication; its seed decides all.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/sim/draw.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"

struct image;
struct profile;
struct sim_site;

/* ---- what is asked ---- */

/* When callers arrive: with a rate that holds for a while, then the next one, as in a day's quarter hours; or after
 * times drawn; or at moments listed. */
struct arrivals {
    enum { ARRIVALS_RATES, ARRIVALS_DRAWN, ARRIVALS_LISTED } kind;
    struct arrivals_rate {
        double from_us, per_us; /* from then on so many per microsecond, until the next row */
    } * rates;                  /* owned */
    size_t count;
    double first_us; /* of a profile or a list: the moment of the day at which it begins; what follows is since then */
    double until_us; /* of a profile or a list: nobody comes after that; 0: it goes on */
    struct spread between;
    struct arrivals_call {
        double at_us, talk_us; /* talk_us below 0: it is drawn */
    } * calls;                 /* of ARRIVALS_LISTED: ascending; owned, `count` */
};

/* Reads "120/h", "2/s", "every(DISTRIBUTION)", "profile(FILE)" or "times(FILE)". */
bool arrivals_read(struct arrivals *, const char *text, struct error *);
/* A list of calls one by one, whose moments are of the day; then, once and with one call at least, arrivals_listed. */
void arrivals_add(struct arrivals *, struct arrivals_call);
void arrivals_listed(struct arrivals *);
void arrivals_free(struct arrivals *);
void arrivals_scale(struct arrivals *, double factor); /* rates only */

enum { SIMULATION_NAME = 64 };

/* Callers of a routing point, which has a strategy; or what is submitted to a queue, which has one. */
struct simulation_flow {
    char strategy[SIMULATION_NAME + 1], number[SIMULATION_NAME + 1]; /* number: "" for one that is dealt out */
    enum media medium;                                               /* media_none: of voice */
    bool submitted;                                                  /* they are no calls, and come by Submit */
    struct arrivals arrivals;
    struct spread handling, patience;
};

struct simulation_skill {
    char name[SIMULATION_NAME + 1];
    int64_t level;
};

/* A time of each day at which agents work, or have a break. */
struct simulation_shift {
    double from_us, to_us; /* of the day; to_us is above from_us, and beyond midnight where it is above a day */
    bool pause;
};

/* Agents who are alike: so many, or one whom the directory names. */
struct simulation_agents {
    uint32_t team; /* whose occupancy theirs is */
    uint32_t count;
    char name[SIMULATION_NAME + 1];     /* of one agent; "": they get names of their own */
    char capacity[SIMULATION_NAME + 1]; /* a rule of the site; "": one at a time */
    struct simulation_skill *skills;
    uint32_t skill_count;
    char (*groups)[SIMULATION_NAME + 1];
    uint32_t group_count;
    struct simulation_shift *shifts; /* without any that is no break, they work all the time */
    uint32_t shift_count;
};

/* A test of an image (sim_scenario_test()), whose caller can be played. */
struct scenario_test;
const char *simulation_script_strategy(const struct scenario_test *); /* of its first caller; NULL: there is none */

/* So many of the callers of the test's strategy answer as its caller does. */
struct simulation_part_played {
    const struct scenario_test *test; /* it has a caller */
    double share;                     /* of 1; 0: what the others leave */
};

/* A campaign calls people without end, who are none of its flow's arrivals. */
struct simulation_campaign {
    char name[SIMULATION_NAME + 1]; /* also the number of its flow */
    char mode[SIMULATION_NAME + 1];
    char group[SIMULATION_NAME + 1]; /* of its agents; "": none */
    uint32_t flow;
    struct simulation_skill *rules; /* owned: names and numbers */
    uint32_t rule_count;
};

struct simulation_plan {
    struct simulation_flow *flows;
    uint32_t flow_count;
    struct simulation_campaign *campaigns; /* owned */
    uint32_t campaign_count;
    /* Such shares of the people whom they call are busy, are machines; and answer, from a moment of the play on. */
    double busy, machines;
    struct simulation_answering {
        double from_us, share;
    } * answering; /* owned; ascending; before the first nobody answers */
    uint32_t answering_count;
    struct simulation_agents *agents;
    uint32_t agents_count;
    char (*teams)[SIMULATION_NAME + 1]; /* what is said of them */
    uint32_t team_count;
    struct spread wrap_up, ringing;             /* after-call work; how long it rings at an agent */
    struct spread called_back;                  /* how long it rings at whoever is called, by a campaign or back */
    struct spread switching;                    /* how long the switch takes for each dial and each route, before */
    uint64_t warm_up_us, until_us;              /* calls that arrive between the two are counted */
    uint64_t within_us;                         /* of the service level */
    int64_t start_us;                           /* wall clock at the beginning, since the epoch */
    double origin_us;                           /* moment of the day at the beginning, for profiles, lists and shifts */
    const struct simulation_part_played *parts; /* whose answers callers give; none: they give none */
    uint32_t part_count;
    const struct sim_site *site; /* whose adapters refuse what strategies send; NULL: the usual ones */
    bool checked;                /* for tests: invariants of the core are checked after every event, which is slow */
};

/* ---- what is found ---- */

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
extern const char *const scope_words[SCOPE_KINDS]; /* "all", "strategy", "vq", "agents", "campaign", "medium" */
bool scope_has(enum scope_kind, enum measure);

/* Parts of a campaign's series: the numbers that it dialled in the part of time, those reached, and those lost, as
 * `offered`, `answered` and `abandoned`. Points of a curve: the share of the offered who were answered within at /
 * CURVE_PER times the service level's time. Parts of the series: calls by when they arrived, in equal parts of the time
 * that is counted. */
enum { CURVE_POINTS = 41, CURVE_PER = 10, SERIES_PARTS = 96 };
struct simulation_part {
    double offered, answered, within, abandoned, wait_us;
};

struct simulation_scope {
    uint32_t kind;
    char name[SIMULATION_NAME + 1];
    double value[MEASURES]; /* NAN: it has no such measure, or nobody was there to be measured */
    double curve[CURVE_POINTS];
    struct simulation_part series[SERIES_PARTS];
};

struct simulation_result {
    struct simulation_scope *scopes; /* all, strategies, virtual queues by name, teams, campaigns, media */
    uint32_t count;
    uint64_t calls, events; /* all calls, counted ones or not; events of the core */
    uint64_t series_us;     /* length of a part of the series */
    uint64_t digest;        /* of the core at the end: equal runs have equal ones */
    bool agrees; /* the core counts the visits of virtual queues alike; with a warm-up or e-mails, chats: not known,
                    true */
};
void simulation_result_free(struct simulation_result *);

/* Plays one replication. False with a sentence: the image and the plan do not fit. The natives of the image have to be
 * bound (vm/native.h). `watch` is called now and then with the virtual time and the calls so far; NULL: nobody asks. */
struct core;
struct batch;
struct simulation_watch {
    void *self;
    void (*at)(void *self, uint64_t now_us, uint64_t calls);
    /* Each batch before the core applies it, for who keeps a journal after all; NULL: nobody does. */
    void (*batch)(void *self, struct core *, const struct batch *);
    struct profile *profile; /* counts what the strategies spend where (vm/profile.h); NULL: nothing is counted */
};
bool simulation_play(const struct simulation_plan *, const struct image *, uint64_t seed,
                     const struct simulation_watch *, struct simulation_result *, struct error *);
