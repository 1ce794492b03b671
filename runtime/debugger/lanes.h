/* runtime/debugger/lanes.h - The timeline as a picture: a lane per interaction with its steps, and one per agent. */
#ifndef DEBUGGER_LANES_H
#define DEBUGGER_LANES_H

#include <stddef.h>

#include "runtime/debugger/debugger.h"

/* SVG of what has happened so far, malloc'ed. */
char *lanes_draw(struct debugger *, size_t *length);

#endif
