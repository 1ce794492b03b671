/* runtime/twin/tell.h - Tells a tally to people and to tools: sums, the lines at which the versions part, examples with
 * the command that opens each in gcxdb, and times. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "runtime/twin/tally.h"

/* What was compared; all texts are borrowed. */
struct tell_head {
    const char *door;    /* "shadow" or "what-if" */
    const char *point;   /* NULL: all routing points */
    const char *image;   /* the candidate, as gcxdb's --with takes it */
    const char *state;   /* the folder of the journal */
    const char *present; /* what runs, as NAME of HASH; NULL: not told */
    uint64_t took_us;    /* how long arrivals were taken from the journal, or how long ago the first one was */
    const char *ended;   /* why the comparison ended early; NULL: it did not */
};

/* How both doors end: 0 nothing differs, 1 something differs or fails, 3 nothing was compared (exits.def). */
int tell_exit(const struct rival_tally *);
/* One sentence: how many were compared, with which results. */
void tell_counts(const struct rival_tally *, char *text, size_t size);
void tell_print(const struct rival_tally *, const struct tell_head *, FILE *);
json_t *tell_json(const struct rival_tally *, const struct tell_head *); /* the caller owns it */
/* Writes the text as one word of a shell, in quotes. */
void tell_quoted(const char *text, char *out, size_t size);
