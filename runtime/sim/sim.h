/* runtime/sim/sim.h - Plays the tests of an image under a virtual clock, for `gcxc test`.
 *
 * The very core that production uses is driven by a world of callers, agents and a switch in memory; an hour of
 * waiting takes microseconds. gcxsim plays the same scenarios over the wire. Owns nothing after the call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/sim/cover.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"
#include "vm/media_set.h"

/* Somebody looks on while a test is played, such as a debugger. Time stands while one of these functions works. */
struct core;
struct profile;
struct vm_watch;
struct sim_onlooker {
    void *self;
    const struct vm_watch *watch;              /* watches the strategies in the VM */
    void (*begins)(void *self, struct core *); /* the play's core, until `result` of the report was told */
    void (*line)(void *self, uint64_t at_us, const char *component, uint32_t arrival, const char *text);
    /* Time is about to pass until then (UINT64_MAX: nothing is to come); false: the play ends and is not judged. */
    bool (*goes_on)(void *self, uint64_t next_us);
    /* See world.h. Not NULL: the play goes on when nothing of the test is left to happen. */
    void (*asked)(void *self, const char *asked, const char *written);
};

/* A site, as its gcxvm.conf and its directory say: a play that is given one fails where it needs what the site lacks.
 * Everything is borrowed. */
/* The longest text that a way takes, in characters; 0: each text that the core sends. */
struct sim_texts {
    uint32_t sms, social;
};
extern const struct sim_texts sim_texts_usual; /* as contract.def has it: short messages go by SMPP */

/* An adapter of a site. The link that an interaction has is known by the queue or routing point to which it comes. */
struct sim_link {
    const char *adapter;    /* its name there */
    struct media_set media; /* the media that come by the link */
    const char *offers;     /* media that it offers to agents besides, with commas between; NULL: none; "": any */
    const char *said;       /* the adapter's setting `media`: of the site's own media the adapter brings only the one
                             * that it names; NULL: no such setting is known here, and it may bring each of them */
    uint32_t caps;          /* the adapter's abilities, by its settings */
    char **places;          /* the queues and routing points that its settings name */
    size_t place_count;     /* 0: it may bring interactions to any place */
    const char *places_of;  /* the setting that names them */
    char *leads;    /* a text with other words, too, in which those queues stand to which it moves interactions that
                     * other links have brought; NULL: none */
    bool leads_any; /* it may move them to any queue */
    char **reaches; /* the numbers that it calls inside, where they are known, and for an
                     * emergency */
    size_t reach_count;
    bool reaches_known;
    const char *languages; /* as those of the site */
    bool helps;
    uint64_t lacks;    /* which steps its settings leave undone (contract_lacks()) */
    uint32_t text;     /* characters of its texts at most; 0: it takes all */
    uint64_t window_s; /* seconds after a customer's last message in which it takes answers; 0: at any time */
    const char *plugin;
    uint32_t answers; /* messages of machines to one address in ten minutes; 0: it counts none, or nobody knows */
    char **own;       /* addresses of ours, as denied_is_ours() reads them */
    size_t own_count;
    const char *decides; /* routing points whose calls it only decides */
    const char *dials;   /* the numbers that it may dial; NULL: any, or nobody knows */
    const char *outlets; /* NAME=ADDRESS of its trunks, with commas between; NULL: nobody knows */
    bool lists;          /* the adapter has calling lists */
    bool wordless;       /* its folder of prompts has no pieces, of which it would say values */
    const char *country; /* by which it reads numbers; NULL: none */
    char **responses;    /* the standard responses that it has to send, where they are known */
    size_t response_count;
    bool responses_known;
};

struct sim_site {
    const char *file, *adapters; /* the gcxvm.conf; "tserver, desk": its adapters, for people */
    bool any;                    /* an adapter is not of the tree: it may bring everything and do everything */
    uint32_t caps;               /* the abilities of all adapters together */
    const char *languages;       /* of the words that its short messages reserve; English words are always reserved */
    bool helps;                  /* its adapter of short messages answers HELP itself */
    struct sim_texts texts;      /* as its adapters and the files of their networks say */
    struct sim_link *links;      /* the adapters, if all of them are of the tree; else none */
    size_t link_count;
    const char *directory; /* the directory; NULL: the members below are not known */
    struct sim_site_point {
        char *dn, *strategy;
    } * points;
    const char **unwritten; /* sources that no statement may change */
    size_t unwritten_count;
    struct sim_site_queue {
        char *name, *dn; /* dn: NULL: nobody knows it */
    } * queues;
    char **routed;      /* queues that its strategies name: they may route there, or submit work */
    bool routed_to_any; /* they may route to any queue */
    size_t point_count, queue_count, routed_count;
    bool lists_known; /* `lists` are all that its dialers have */
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
/* Does the medium come by an adapter of the site? False: what is to be added; the medium is named as in the image. */
bool sim_site_brings(const struct sim_site *, const struct image *, enum media, char why[SIM_SITE_WHY]);
/* Does the directory start the strategy for what comes so, and does it come there? Calls: at that number, others to
 * that queue, if it is one; NULL: at any. False: why not. */
bool sim_site_starts(const struct sim_site *, const struct image *, enum media, const char *number,
                     const char *strategy, char why[SIM_SITE_WHY]);
/* Is the medium offered to agents there? False: what is to be added. */
bool sim_site_offers(const struct sim_site *, const struct image *, enum media, char why[SIM_SITE_WHY]);

struct sim_options {
    uint64_t seed;                       /* the seed of tests that name none */
    const struct sim_site *site;         /* the site that the play holds itself to; NULL: none */
    const char *journal;                 /* a folder that gets the journal of the play; NULL: nobody keeps it */
    bool verbose;                        /* the timeline also of tests that pass */
    bool brief;                          /* no timeline, nor why it failed: `became` is all that is asked */
    struct cover *cover;                 /* counts the runs of the tests' image; NULL: they are not counted */
    struct profile *profile;             /* counts what it spends where (vm/profile.h), with neither of the others */
    const struct sim_onlooker *onlooker; /* NULL: nobody looks on. There is no cover beside it */
};

/* The result of one test. Everything is borrowed during the call. */
struct sim_result {
    const char *name, *file;
    uint32_t line;
    uint32_t failures;
    uint64_t virtual_us; /* how long it took by the virtual clock */
    uint32_t interactions;
    const char *became;   /* the end of the first interaction, or of the one that met the forced event: "routed to queue
                             desk after 3s" */
    const char *timeline; /* one line per event; NULL where the test passed and `verbose` is not set */
};

struct sim_report {
    void *self;
    /* An expectation that does not hold, or a world that went wrong: `line` of `file` (0: of the whole test). */
    void (*failure)(void *self, const char *file, uint32_t line, const char *text);
    void (*result)(void *self, const struct sim_result *);
};

/* Binds what the image calls of libraries (vm/native.h); false, and why. */
struct image;
struct sim_binding {
    void *self;
    bool (*bind)(void *self, struct image *, struct error *);
};

/* What is written of tests in an image; the caller's. NULL, and why: it cannot be read. */
struct scenario;
struct scenario *sim_scenario_open(const struct image *, struct error *);
void sim_scenario_close(struct scenario *);                                               /* NULL is allowed */
const struct scenario_test *sim_scenario_test(const struct scenario *, const char *name); /* NULL: none */

/* The tests of an image, in the order in which they were written; owns a copy of it. NULL where it cannot be loaded or
 * its scenario section not be read, or its natives not be bound. Without a binding (NULL) natives are faults. */
struct sim_tests;
struct sim_tests *sim_tests_open(const uint8_t *image, size_t length, const struct sim_binding *, struct error *);
void sim_tests_close(struct sim_tests *);
uint32_t sim_tests_count(const struct sim_tests *);
struct sim_test {
    const char *name, *file;
    uint32_t line;
    bool consults; /* an arrival of it is a consultation about a call that is there */
};
const struct image *sim_tests_image(const struct sim_tests *);
struct sim_test sim_tests_at(const struct sim_tests *, uint32_t index);

/* Counters for its image; the caller's. */
struct cover *sim_tests_cover(const struct sim_tests *);

/* Can the world of that one be set up? False, and why: two strategies at one number, too many agents. */
bool sim_can_play(const struct sim_tests *, uint32_t index, struct error *);
/* Plays the test at this index. True: it passed. */
bool sim_play(const struct sim_tests *, uint32_t index, const struct sim_options *, const struct sim_report *);

/* Does a name fit: a pattern of the shell (*, ?, [a-z]) as a whole, or a piece of the name. NULL: all do. */
bool sim_name_fits(const char *name, const char *filter);
