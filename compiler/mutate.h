/* compiler/mutate.h - Small changes of a checked program, each of which a good test should notice.
 *
 * A comparison is reversed, a constant changed by one, a duration halved, a name replaced by another of its kind, an
 * arm, a line, an else or a handler left out. The tree is changed in place and stays changed: the compiler's caller
 * makes each change in a process of its own. A change that gives no valid program is noticed when it is lowered and
 * verified. */
#pragma once

#include "compiler/check/typed.h"
#include "compiler/compilation.h"
#include "compiler/syntax/program.h"

/* Calls `each` for every mutant in the order of the sources; they are numbered from 0. */
void mutate_each(struct program *, struct checked *, void (*each)(void *self, const struct mutant *), void *self);

/* Changes the program into the mutant of that number; false where there is none. */
bool mutate_apply(struct program *, struct checked *, uint32_t number);
