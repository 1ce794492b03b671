/* compiler/carried.h - Is all that is written carried out by this version? */
#ifndef COMPILER_CARRIED_H
#define COMPILER_CARRIED_H

#include "compiler/program.h"

/* Reports what is not. Afterwards, without errors, checking meets only what it knows. */
void carried_check(struct program *);

#endif
