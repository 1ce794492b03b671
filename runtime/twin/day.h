/* runtime/twin/day.h - Writes a day of a journal into a folder, for gcxc simulate: records.db as gcxrecords makes it,
 * agents.sql with the agents, their skills and groups at the journal's end, old.gcxb, and new.gcxb where the other
 * version is no file.
 *
 * The records have the calls of the strategies that both versions have; calls of others are counted and left out. What
 * agents did before the day, and what they still do at its end, is taken from the core. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/journal/replay.h"
#include "vm/image.h"

struct core;
struct images;

enum { DAY_MOMENT = 32 };
enum day_figure { DAY_p50, DAY_p90, DAY_abandonment, DAY_sl, DAY_FIGURES };

struct day_terms { /* all borrowed */
    struct batches *store;
    const struct core_options *options;
    struct images *images;
    const struct image *image; /* the other version */
    bool given;                /* `image` is a file: new.gcxb is not written */
    const char *point;         /* NULL: all routing points */
    const char *folder;
    uint64_t last; /* the batch at which the day ends */
    const volatile sig_atomic_t *stop;
    /* called now and then: how many parts of a thousand of the batches are recorded. May be NULL. */
    void (*progress)(void *self, unsigned thousandth);
    void *self;
};

struct day_found {
    uint64_t calls, others; /* calls that are in the records; calls of other strategies */
    uint64_t agents;        /* in the directory */
    /* What these calls really met: waits until an agent answered, in seconds; shares of all calls, 0 to 1. NAN: nobody
     * was answered, or there were no calls. */
    double figures[DAY_FIGURES];
    uint64_t at_work;                 /* agents who were logged in at some time of the day */
    char begins[DAY_MOMENT];          /* "2026-03-02 20:00", in UTC */
    char present[2 * IMAGE_HASH + 1]; /* hash of the version that had most of the calls, in hexadecimal digits; or "" */
    bool same;                        /* it is the other version */
};

/* `core` is at the beginning of the day, and is played to its end. False with the reason. */
bool day_write(const struct day_terms *, struct core *core, struct journal_head *, struct day_found *, struct error *);
/* Writes the agents with their skills and groups as agents.sql of the folder, all or only those who are logged in, and
 * adds how many they are to `count`. False with the reason. */
bool day_agents(const char *folder, const struct core *, bool at_work, uint64_t *count, struct error *);
/* Writes a file of the folder. False with the reason. */
bool day_put(const char *folder, const char *name, struct span bytes, struct error *);
/* Deletes the files of the folder, and the folder. */
void day_remove(const char *folder);
