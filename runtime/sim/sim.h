/* runtime/sim/sim.h - Plays the tests of an image with a virtual clock, for `gcxc test`.
 *
 * The core used in production runs with callers, agents and a switch simulated in memory; an hour of waiting takes
 * microseconds. gcxsim plays the same scenarios over the wire. Nothing is kept after the call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/sim/cover.h"
#include "runtime/vocabulary/reserved.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"
#include "vm/media_set.h"

/* An observer of a play, such as a debugger. The play's time does not advance during these callbacks. */
struct core;
struct profile;
struct vm_watch;
struct sim_onlooker {
    void *self;
    const struct vm_watch *watch;              /* observes the strategies in the VM */
    void (*begins)(void *self, struct core *); /* gives the play's core, valid until the report's `result` was called */
    void (*line)(void *self, uint64_t at_us, const char *component, uint32_t arrival, const char *text);
    /* Called before time advances to `next_us` (UINT64_MAX: no event is due); false: the play ends without a
     * judgement. */
    bool (*goes_on)(void *self, uint64_t next_us);
    /* See world.h. If `asked` is set, the play goes on even if the test has no further events. */
    void (*asked)(void *self, const char *asked, const char *written);
};

/* A site, as described by its gcxvm.conf and directory: a play with a site fails if it needs something that the site
 * does not have. Everything is borrowed. */
/* The longest text of a medium, in characters; 0: no limit. */
struct sim_texts {
    uint32_t sms, social;
};
/* the usual limits of texts, as in contract.def: short messages are sent by SMPP */
extern const struct sim_texts sim_texts_usual;

/* An adapter of a site. An interaction's link is determined by the queue or routing point to which it comes. */
struct sim_link {
    const char *adapter;    /* its name there */
    struct media_set media; /* the media that the adapter brings */
    /* further media that the adapter offers to agents, separated by commas; NULL: none; "": any */
    const char *offers;
    const char *said;      /* the adapter's setting `media`: of the media that the site defines it brings only this
                            * one; NULL: no such setting is known, and it may bring any of them */
    uint32_t caps;         /* the adapter's abilities with its settings */
    char **places;         /* the queues and routing points that the adapter's settings name */
    size_t place_count;    /* 0: the adapter may bring interactions to any place */
    const char *places_of; /* the setting that names the adapter's queues and routing points */
    char *leads;    /* a text containing, among other words, the queues to which the adapter moves interactions of
                     * other links; NULL: none */
    bool leads_any; /* the adapter may move interactions of other links to any queue */
    char **reaches; /* the inside numbers that the adapter can call, if known, and emergency numbers */
    size_t reach_count;
    bool reaches_known;
    struct reserved_rules words; /* the words that the adapter's short messages reserve */
    const char *numbers;         /* NUMBER=QUEUE of the adapter's short messages, separated by commas; NULL: unknown */
    bool helps;
    uint64_t lacks; /* steps that the adapter does not support with its settings (contract_lacks()) */
    uint32_t text;  /* longest text in characters; 0: no limit */
    /* seconds after a customer's last message during which the adapter accepts answers; 0: no limit */
    uint64_t window_s;
    const char *plugin;
    uint32_t answers; /* automatic messages to one address in ten minutes; 0: not limited, or unknown */
    char **own;       /* our own addresses, in the form that denied_is_ours() reads */
    size_t own_count;
    const char *decides; /* routing points for whose calls the adapter only makes the routing decision */
    const char *dials;   /* the numbers that the adapter may dial; NULL: any, or unknown */
    const char *outlets; /* NAME=ADDRESS of the adapter's trunks, separated by commas; NULL: unknown */
    bool lists;          /* the adapter has calling lists */
    bool wordless;       /* the adapter's folder of prompts has no parts for speaking values */
    const char *country; /* the country by whose rules the adapter reads numbers; NULL: none */
    char **responses;    /* the adapter's standard responses, if known */
    size_t response_count;
    bool responses_known;
};

struct sim_site {
    const char *file, *adapters; /* path of gcxvm.conf; names of the site's adapters for people: "tserver, desk" */
    bool any;                    /* some adapter is not part of this source tree: it may bring and do everything */
    uint32_t caps;               /* the abilities of all adapters together */
    /* languages of the words that the site's short messages reserve; English words always are reserved */
    const char *languages;
    bool helps;             /* the site's adapter for short messages answers HELP itself */
    struct sim_texts texts; /* limits set by the site's adapters and their networks' files */
    struct sim_link *links; /* the adapters, if all are part of this source tree; else none */
    size_t link_count;
    const char *directory; /* path of the directory; NULL: the members below are unknown */
    struct sim_site_point {
        char *dn, *strategy;
    } * points;
    const char **unwritten; /* sources that statements may not change */
    size_t unwritten_count;
    struct sim_site_queue {
        char *name, *dn; /* dn NULL: unknown */
    } * queues;
    char **routed;      /* queues that the site's strategies name: they may route or submit to these */
    bool routed_to_any; /* the site's strategies may route to any queue */
    size_t point_count, queue_count, routed_count;
    bool lists_known; /* `lists` are all calling lists of the site's dialers */
    struct sim_list {
        char *name;
        struct sim_field {
            char *name;
            bool number;
        } * fields;
        size_t field_count;
    } * lists;
    size_t list_count;
};

enum { SIM_SITE_WHY = 480 };
struct image;
/* Does an adapter of the site bring the medium? False: `why` says what has to be added; the medium is named as in
 * the image. */
bool sim_site_brings(const struct sim_site *, const struct image *, enum media, char why[SIM_SITE_WHY]);
/* Does the directory start the strategy for interactions of the medium, and do such interactions come there?
 * `number`: for calls the number, for others the queue, if it is one; NULL: any. False: why not. */
bool sim_site_starts(const struct sim_site *, const struct image *, enum media, const char *number,
                     const char *strategy, char why[SIM_SITE_WHY]);
/* Does the site offer the medium to agents? False: `why` says what has to be added. */
bool sim_site_offers(const struct sim_site *, const struct image *, enum media, char why[SIM_SITE_WHY]);

struct sim_options {
    uint64_t seed;               /* the seed of tests that set none */
    const struct sim_site *site; /* the site against which the play is checked; NULL: none */
    const char *journal;         /* a folder for the play's journal; NULL: it is not kept */
    bool verbose;                /* also give the timeline of tests that pass */
    bool brief;                  /* give no timeline and no reasons of failures: only `became` */
    struct cover *cover;         /* counts what the image runs; NULL: no counting */
    /* counts what the strategies spend where (vm/profile.h); not together with cover or onlooker */
    struct profile *profile;
    const struct sim_onlooker *onlooker; /* NULL: nobody looks on. an onlooker cannot be combined with `cover` */
};

/* The result of one test. All pointers are only valid during the call. */
struct sim_result {
    const char *name, *file;
    uint32_t line;
    uint32_t failures;
    uint64_t virtual_us; /* duration of the play by the virtual clock */
    uint32_t interactions;
    const char *became;   /* how the first interaction ended, or the one that met the forced event: "routed to queue
                           * desk after 3s" */
    const char *timeline; /* one line per event; NULL: the test passed and `verbose` is not set */
};

struct sim_report {
    void *self;
    /* Reports an expectation that failed, or a problem of the simulated world: `line` of `file` (0: the whole test). */
    void (*failure)(void *self, const char *file, uint32_t line, const char *text);
    void (*result)(void *self, const struct sim_result *);
};

/* Binds the library functions that the image calls (vm/native.h); false, with the reason. */
struct image;
struct sim_binding {
    void *self;
    bool (*bind)(void *self, struct image *, struct error *);
};

/* Returns the tests contained in an image; the caller frees them. NULL, with the reason: they cannot be read. */
struct scenario;
struct scenario *sim_scenario_open(const struct image *, struct error *);
void sim_scenario_close(struct scenario *);                                               /* NULL is allowed */
const struct scenario_test *sim_scenario_test(const struct scenario *, const char *name); /* NULL: none */

/* The tests of an image, in the order of their sources; it owns a copy of the image. NULL: the image cannot be
 * loaded, its scenario section cannot be read, or its native functions cannot be bound. Without a binding (NULL)
 * calls of native functions are faults. */
struct sim_tests;
struct sim_tests *sim_tests_open(const uint8_t *image, size_t length, const struct sim_binding *, struct error *);
void sim_tests_close(struct sim_tests *);
uint32_t sim_tests_count(const struct sim_tests *);
struct sim_test {
    const char *name, *file;
    uint32_t line;
    bool consults; /* one of the test's arrivals is a consultation about an existing call */
};
const struct image *sim_tests_image(const struct sim_tests *);
struct sim_test sim_tests_at(const struct sim_tests *, uint32_t index);

/* Returns counters for the image of the tests; the caller frees them. */
struct cover *sim_tests_cover(const struct sim_tests *);

/* Can the world of that test be set up? False, with the reason: two strategies at one number, or too many agents. */
bool sim_can_play(const struct sim_tests *, uint32_t index, struct error *);
/* Plays the test at the given index. True: it passed. */
bool sim_play(const struct sim_tests *, uint32_t index, const struct sim_options *, const struct sim_report *);

/* Does the name match: the filter is a shell pattern (*, ?, [a-z]) for the whole name, or a part of the name. NULL:
 * all do. */
bool sim_name_fits(const char *name, const char *filter);
