/* compiler/lint/allowances.h - The remarks `// gcx:allow RULE reason`, which allow a finding on their line. */
#pragma once

#include "compiler/lint/lint.h"

/* Drops the findings that remarks allow: of rules of lint and of warnings of the checker, never of an error. With
 * `linted` a remark without a reason and one that allows nothing are reported; not where `off` says that its rule is
 * off there. */
void allowances_apply(struct program *, bool linted, bool (*off)(void *self, enum diag_code, struct source_span),
                      void *self);

/* Gives each finding in the named files the edit that allows it: a remark with that reason on a line above. A finding
 * within a text of several lines gets none. mend_files() then makes the edits. */
void allowances_add(struct program *, const char *reason);

/* Returns the place of a remark that allows the finding, and sets its text, with `// gcx:allow WORD REST` on a line of
 * its own; UINT32_MAX: nothing can allow it there. */
uint32_t allowances_remark(struct program *, const struct diag *, const char *word, const char *rest,
                           const char **text);
