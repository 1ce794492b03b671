/* runtime/debugger/displays.h - Expressions that are shown whenever a play stops: the commands display and
 * undisplay. */
#pragma once

#include "runtime/debugger/debugger.h"

void displays_add(struct debugger *, const char *expression); /* "": shows them all now */
void displays_remove(struct debugger *, const char *number);  /* "": all */
void displays_show(struct debugger *);
void displays_put(const struct debugger *, FILE *); /* writes the commands that add the expressions */
void displays_free(struct debugger *);
