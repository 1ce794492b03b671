/* compiler/view/renamed.h - Names that only another word stands for: no caller hears of them.
 *
 * Variables, labels, functions, subroutines, constants, records and enums. The old program's tree takes the names of
 * the new one where a name is in the one program only, another in the other only, and what they stand for is alike. It
 * is changed in place, by words of the new one's arena: nothing but the comparison reads it afterwards. */
#pragma once

#include "compiler/syntax/program.h"

void renamed_align(struct program *old, const struct program *new);
