/* compiler/view/renamed.h - Finds names that were only renamed from one program to another, which no caller notices.
 *
 * These are variables, labels, functions, subroutines, constants, records and enums. A name of the old program is
 * replaced in its tree by a name of the new program where neither program has both names and their declarations are
 * alike. The old tree is changed in place, with words in the new program's arena: only the comparison reads it
 * afterwards. */
#pragma once

#include "compiler/syntax/program.h"

void renamed_align(struct program *old, const struct program *new);
