/* runtime/debugger/lanes.h - The timeline as a picture: a lane per interaction with its steps, and one per agent.
 *
 *     1-00a7  |== ivr.digits ==|   |====== select ======|=== route ===|
 *     beside                           |= ivr.play =|                        a fiber beside the wait
 *     anna    |        ready          |ringing|      talks            |
 *
 * Bars come from the places that were taken (taken.h), agents' states from the lines of the timeline. The first bar of
 * a lane is open until the next one begins. */
#pragma once

#include <stddef.h>

#include "runtime/debugger/debugger.h"

/* SVG of what has happened so far, malloc'ed. */
char *lanes_draw(struct debugger *, size_t *length);
