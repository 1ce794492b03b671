/* compiler/scenario/scenario.h - The test blocks as the scenario that a simulator plays: JSON with sorted keys.
 *
 * Names are checked against the site, the strategies and the steps; `for each` is laid out into one test a row; times
 * of day become instants. What is wrong is reported. */
#ifndef COMPILER_SCENARIO_H
#define COMPILER_SCENARIO_H

#include "compiler/syntax/program.h"

/* Sets program->scenario; NULL where there are no tests or something was reported. Tests of imported files stay with
 * those: they are played when these are named. */
void scenario_make(struct program *);

#endif
