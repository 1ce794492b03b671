/* compiler/check/carried.h - Is all that is written carried out by this version? */
#pragma once

#include <stdbool.h>

#include "compiler/syntax/program.h"

/* Asks of a program that has been checked: does everything in it have an engine? Each thing without one is reported. */
bool carried_engines(struct program *);
