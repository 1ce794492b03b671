/* compiler/recovery/damage.h - What can be told of a program that does not parse: each error that stands by itself. */
#ifndef COMPILER_DAMAGE_H
#define COMPILER_DAMAGE_H

#include "compiler/base/diag.h"
#include "compiler/syntax/program.h"

/* Do all errors so far say that words or syntax are wrong, so that the rest may be understood? */
bool damage_is_local(const struct program *);

/* Of what was found in the rest (`found`, made while the program's own diagnostics were put aside), reports the errors
 * that no damaged declaration can have caused. Those that are reported leave `found`. */
void damage_tell(struct program *, struct diags *found);

#endif
