/* compiler/lint/allowances.h - The remarks `// gcx:allow RULE reason`, which allow a finding on their line. */
#pragma once

#include "compiler/lint/lint.h"

struct allowed_rules { /* the judge's answers about rules */
    void *self;
    bool (*knows)(void *self, const char *name);                   /* is it a rule, by code or name? */
    bool (*off)(void *self, const char *name, struct source_span); /* is that rule off there? */
};

/* Drops the findings that remarks allow: of rules of lint and of the site, and of warnings of the checker, never of an
 * error. With `linted` a remark without a reason and one that allows nothing are reported; not where its rule is off.
 */
void allowances_apply(struct program *, bool linted, const struct allowed_rules *);

/* Gives each finding in the named files the edit that allows it: a remark with that reason on a line above. A finding
 * within a text of several lines gets none. mend_files() then makes the edits. */
void allowances_add(struct program *, const char *reason);

/* Returns the place of a remark that allows the finding, and sets its text, with `// gcx:allow WORD REST` on a line of
 * its own; UINT32_MAX: nothing can allow it there. */
uint32_t allowances_remark(struct program *, const struct diag *, const char *word, const char *rest,
                           const char **text);
