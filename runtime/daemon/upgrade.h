/* runtime/daemon/upgrade.h - The parts of a state folder that this gcxvm would carry over: gcxvm --upgrade-check. */
#pragma once

#include <stdbool.h>

struct conf;

/* Comes to the state as a start would, beside the gcxvm that works on the folder or without one, and says on standard
 * output how much of what was promised carries over. Changes nothing. False: it would not start, and it says why and
 * what to do. */
bool upgrade_check(const struct conf *);
