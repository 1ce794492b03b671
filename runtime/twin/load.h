/* runtime/twin/load.h - Waits, abandonments and the agents' load of a day, simulated by gcxc with both versions. */
#pragma once

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "runtime/twin/day.h"

enum { LOAD_COMMAND = 8192, LOAD_WHY = 400, LOAD_ANSWERS = 16 };

struct load {
    struct day_found day;
    const char *answers[LOAD_ANSWERS]; /* tests that say what callers key, as gcxc simulate takes them; borrowed */
    size_t answer_count;
    unsigned replications;
    json_t *said;               /* what gcxc simulate has said; owned; NULL: it was not simulated */
    char why[LOAD_WHY];         /* then the reason; one sentence without a full stop */
    char command[LOAD_COMMAND]; /* the commands that do it by hand, as a shell takes them */
};

struct load_names { /* what a person types; all borrowed */
    const char *config, *state, *image;
    const char *present;   /* a file of the version that ran; NULL: not known */
    const char *directory; /* a file of agents */
};

/* Plays both versions on the day of the folder (day.h), with the least priority of the machine and some minutes of a
 * processor for each replication at most. `image`: the file of the other version; NULL: new.gcxb of the folder. */
void load_play(struct load *, const char *folder, const char *image, const volatile sig_atomic_t *stop);
/* Runs gcxc with the arguments, the first of which is its own to fill, and with files of the folder for what it says.
 * The caller owns what is returned. NULL: `why` has the reason. */
json_t *load_simulate(const char **arguments, const char *folder, const volatile sig_atomic_t *stop,
                      char why[LOAD_WHY]);
/* Does somebody get an agent in the simulation, by either version? */
bool load_answered(const json_t *said);
void load_by_hand(struct load *, const struct load_names *);
void load_print(const struct load *, FILE *);
json_t *load_json(const struct load *); /* the caller owns it */
void load_free(struct load *);
