/* runtime/debugger/names.h - Names that may stand behind a command: what Tab completes. */
#pragma once

#include "runtime/debugger/commands.h"

/* Returns the `index`th word that may stand at the end of `line`, whose last word begins so; it is valid until the next
 * call. NULL: no more. */
const char *names_complete(struct debugger *, const char *line, const char *begins, unsigned index);
extern const struct completion names_completion;
