/* compiler/recovery/damage.h - Errors of a program that does not parse, chosen so that no syntax error has caused them.
 */
#pragma once

#include "compiler/base/diag.h"
#include "compiler/syntax/program.h"

/* Are all errors so far of words or syntax, so that the rest of the program can be checked? */
bool damage_is_local(const struct program *);

/* Moves the errors that no damaged declaration can have caused from `found` to the program's diagnostics. The passes
 * reported into `found` while the program's own diagnostics were put aside. */
void damage_tell(struct program *, struct diags *found);
