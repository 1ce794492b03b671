/* compiler/scenario/scenario.h - Turns the test blocks into the scenario that simulators play (runtime/scenario).
 *
 * It checks names against the site, the strategies and the steps, makes one test per row of `for each`, and turns
 * times of day into instants. It reports every mistake. */
#pragma once

#include "compiler/syntax/program.h"

/* Sets program->scenario; NULL where there are no tests or something was reported. Tests of imported files are not
 * made here: they are played when those files are named. */
void scenario_make(struct program *);
