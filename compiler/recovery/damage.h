/* compiler/recovery/damage.h - The errors of a program that does not parse, without those that its syntax errors may
 * have caused. */
#pragma once

#include "compiler/base/diag.h"
#include "compiler/syntax/program.h"

/* Are all errors so far errors of words or syntax, so that the rest of the program can be checked? */
bool damage_is_local(const struct program *);

/* Moves the errors that no damaged declaration can have caused from `found` to the program's diagnostics. The passes
 * reported into `found` while it replaced the program's own diagnostics. */
void damage_tell(struct program *, struct diags *found);

/* Is it an error only because the site gives no default? */
bool damage_is_of_defaults(enum diag_code);
