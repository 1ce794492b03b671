/* compiler/check/carried.h - Is all that is written carried out by this version? */
#ifndef COMPILER_CARRIED_H
#define COMPILER_CARRIED_H

#include <stdbool.h>

#include "compiler/syntax/program.h"

/* Asks of a program that has been checked: does everything in it have an engine? Each thing without one is reported, as
 * an error where an image is to be made (`building`), else as a warning. */
bool carried_engines(struct program *, bool building);

#endif
