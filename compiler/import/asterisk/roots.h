/* compiler/import/asterisk/roots.h - Finds where calls come in: the contexts to which no other context leads, and their
 * numbers. */
#pragma once

#include "compiler/import/asterisk/plan.h"

enum { ROOTS_NUMBERS = 500 };

struct roots_numbers {
    struct plan_extension *extensions[ROOTS_NUMBERS];
    unsigned count;
    bool truncated;
};

/* Does the extension ring the telephone of its own number? The switch does that without a strategy, and a strategy at
 * that number would have the call again and again. */
bool roots_is_telephone(const struct plan_extension *);
/* Notes for each context whether another one leads to it by name. */
void roots_find(struct dialplan *);
/* Returns the numbers that may be dialled in the context, in the order of looking up, each once. */
struct roots_numbers *roots_numbers(struct arena *, const struct dialplan *, const struct plan_context *);
