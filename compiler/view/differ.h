/* compiler/view/differ.h - The changes for callers between two programs: exits, queues, prompts, timeouts, conditions,
 * keys, steps; not which lines. Code that moved or was laid out anew has not changed. */
#pragma once

#include "compiler/syntax/program.h"

struct differ_change {
    const char *in;    /* "strategy enterprise", "strategy enterprise, on abandoned", "site" */
    const char *step;  /* the step that has the change: "select in vq service"; "": none */
    const char *about; /* "exit", "timeout", "condition", "queue", "key", "step", ... */
    /* The text before and after the change, as written; NULL: there was none, there is none. */
    const char *before, *after;
    struct source_span old, new; /* in the old and the new program; nowhere where there is none */
    struct differ_change *next;
};

/* The changes in the order of the new text, a removed item at its place in the old one; NULL where there are none. Both
 * programs have been checked without errors. The changes are in the new program's arena and point into both programs.
 */
const struct differ_change *differ_find(struct program *old, struct program *new);
