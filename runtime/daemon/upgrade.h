/* runtime/daemon/upgrade.h - Which parts of a state folder this gcxvm would take over: gcxvm --upgrade-check. */
#pragma once

#include <stdbool.h>

struct conf;

/* Builds the state as a start would, whether or not a gcxvm works on the folder, and prints how much of the promised
 * data carries over. Changes nothing. False: this gcxvm would not start, and prints why and what to do. */
bool upgrade_check(const struct conf *);
