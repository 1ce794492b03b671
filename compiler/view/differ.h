/* compiler/view/differ.h - The changes for callers between two programs: exits, queues, prompts, timeouts,
 * conditions, keys, steps; no changes of lines. Code that was moved or only formatted has not changed. */
#pragma once

#include "compiler/syntax/program.h"

struct differ_change {
    const char *in;    /* where the change is: "strategy enterprise, on abandoned", "site", ... */
    const char *step;  /* the changed step: "select in vq service"; "": none */
    const char *about; /* the kind of change: "exit", "timeout", "condition", "queue", "key", "step", ... */
    /* The text before and after the change, as written; NULL: the part is new, or was removed. */
    const char *before, *after;
    struct source_span old, new; /* its places in the old and the new program; length 0 where there is none */
    struct differ_change *next;
};

/* Returns the changes in the order of the new text, a removed item at its place in the old one; NULL where there are
 * none. Both programs must have been checked without errors. The changes are in the new program's arena and point
 * into both programs. */
const struct differ_change *differ_find(struct program *old, struct program *new);
