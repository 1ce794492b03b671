/* runtime/twin/what_if_play.h - Plays the last hours of a journal in two cores, the second with another version of the
 * strategies, with changed settings, or with both.
 *
 * The journal is only read, without a lock, whether or not a gcxvm writes it: the play ends where the journal ended
 * when it began. */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/twin/day.h"
#include "runtime/twin/tally.h"
#include "base/error.h"

enum { WHAT_IF_CHANGES = 64, WHAT_IF_WORDS = 64 };

/* A changed setting, as a person has typed it: NAME=VALUE, or the words of a table's row. */
struct what_if_change {
    const char *text;
    bool row; /* `text` is a table's row: NAME KEY FIELD=VALUE... */
};

struct what_if_terms { /* all borrowed */
    const struct conf *conf;
    const char *state, *image, *point; /* image NULL: the present version; point NULL: all */
    uint64_t since_us;                 /* 0: all that the journal has */
    const struct what_if_change *changes;
    size_t change_count;
    const char *directory; /* NULL: the present one */
    /* A folder into which the last 24 hours of the play are written for a simulation (day.h); NULL: not. */
    const char *day;
    bool file; /* `image` is a file */
    const volatile sig_atomic_t *stop;
    /* called now and then: how many parts of a thousand of the batches are played. May be NULL. */
    void (*progress)(void *self, unsigned thousandth);
    void *self;
};

struct what_if_found {
    struct rival_tally tally;
    uint64_t took_us;  /* logical time between the first arrival that could be compared and the end of the journal */
    uint64_t batches;  /* played */
    uint64_t hidden;   /* erased keys of secrets: what was decided by those secrets may differ */
    uint64_t before;   /* interactions that had arrived earlier, and were not compared */
    char nothing[128]; /* why nothing could be compared; empty: something was */
    char ended[512];   /* why the play ended early; empty: it did not */
    struct day_found day;
    char day_failed[256]; /* why the day could not be written; empty: it was, or was not asked for */
};

/* False with the reason: the play could not begin. */
bool what_if_play(const struct what_if_terms *, struct what_if_found *, struct error *);
